"""What invented people write: short questions, tickets and replies, by topic and class."""

ASKED = {
    "deliverability": [
        "Half of our {thing} campaign landed in spam at Outlook last week. Where should we start looking?",
        "Do you have a checklist for warming up a new sending domain before {season}?",
        "Our open rate dropped after we moved to {tool}. Could that be an authentication issue?",
    ],
    "automation": [
        "Can the welcome series branch on what somebody bought first?",
        "We want to stop the {thing} flow as soon as a person replies. Is that possible on {plan}?",
        "How many automations can run at the same time before things slow down?",
    ],
    "SMS": [
        "Is it possible to add SMS to the flows we already have, and what would it cost for about {count} messages a month?",
        "Can a contact get a text only when they haven't opened the email within a day?",
        "Do you handle SMS consent separately from email consent?",
    ],
    "templates": [
        "Is there a way to lock the header of a template so that {team} can't break it?",
        "Our logo looks blurry in dark mode. Do your templates handle that?",
        "Can we import the {thing} templates we built in {tool}?",
    ],
    "analytics": [
        "Why do your open numbers differ from what {tool} shows us?",
        "Can I get revenue per email by week rather than by campaign?",
        "Is there an export of click data that {team} could load into a spreadsheet?",
    ],
    "integrations": [
        "Does the {tool} integration sync order lines or only totals?",
        "We're moving to {tool} in {season}. Will our contact history come along?",
        "Is there a webhook when somebody unsubscribes?",
    ],
    "segmentation": [
        "What's the best way to find people who bought twice but not since {season}?",
        "Can a segment look at both pages viewed and plan?",
        "We have {count} tags by now. Is there a sensible way to clean them up?",
    ],
    "pricing": [
        "What would we pay if our list grows to {count} contacts?",
        "Is there a discount if we pay for {plan} yearly?",
        "Could we change to {plan} in the middle of the term?",
    ],
}
TOLD = {
    "deliverability": [
        "We finally have DMARC set to reject.",
        "Authentication is done on our side, thanks to {team}.",
    ],
    "automation": ["The {thing} flow is live and runs well.", "We rebuilt the onboarding series this month."],
    "SMS": ["Texts are on our list for next quarter.", "Our legal team has approved text messages."],
    "templates": ["We are redesigning our {thing} emails.", "New brand colours arrive in {season}."],
    "analytics": [
        "Our board asks for revenue per email now.",
        "We report on Mondays, so numbers by then would be great.",
    ],
    "integrations": ["We moved our shop to a new system in {season}.", "The CRM is our source of truth from now on."],
    "segmentation": ["We cut our segments from forty to twelve.", "We are starting with purchase history."],
    "pricing": ["Budget is set in {season}.", "{team} signs off anything above a thousand."],
}
ANSWERED = ["Answered with a short guide and two examples.", "Answered on the phone; notes sent by email.",
            "Answered: yes, with steps for {plan}.", "Sent the help article and offered a call."]  # fmt: skip
TICKETS = {
    "deliverability": ["Bounces went up on the {thing} send", "DKIM check fails on our second domain"],
    "automation": ["The {thing} flow sent twice", "A delay step was skipped over the weekend"],
    "SMS": ["Number not verified yet", "Texts arrive without the link"],
    "templates": ["The editor drops line breaks", "Images are cut off in Outlook"],
    "analytics": ["Clicks are missing from Tuesday's report", "The weekly report never arrived"],
    "integrations": ["The {tool} sync stopped overnight", "Contacts are doubled after the {tool} import"],
    "segmentation": ["A segment shows nobody", "Tags vanish after an import"],
    "pricing": ["The invoice shows the old address", "Charged for one seat too many"],
}
REPLIES = {
    "positive": ["Yes, that sounds useful. Could you do {day}?", "Good timing. Tell me more about {topic}.",
                 "Happy to talk, {day} after two works.", "Please send details, we look at {topic} this quarter."],
    "neutral": ["Thanks, I'll have a look.", "Can you send this again in {season}?", "What exactly do you mean by that?",
                "Noted, not sure it fits us."],
    "negative": ["Not for us, thanks.", "We are happy with what we have.", "No budget this year."],
    "referral": ["Please talk to {team}, they own this.", "I've moved on to another role; {team} can help."],
    "auto_reply": ["I am out of the office until {day} with no access to email.",
                   "Automatic reply: I'm on leave and back on {day}.", "Thank you for your message. I am away at a fair."],
    "opt_out": ["Please take me off this list.", "Unsubscribe me.", "Stop emailing me, please."],
}  # fmt: skip
SLOTS = {
    "thing": [
        "spring",
        "welcome",
        "abandoned cart",
        "newsletter",
        "win-back",
        "launch",
        "holiday",
        "birthday",
    ],
    "tool": ["our shop system", "the CRM", "our booking system", "the data warehouse", "our help desk"],
    "season": ["the spring", "the summer", "the autumn", "the holiday season", "January"],
    "team": ["our sales team", "finance", "our agency", "the data team", "my colleague"],
    "count": ["5,000", "12,000", "25,000", "40,000", "80,000", "150,000"],
    "day": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"],
}
