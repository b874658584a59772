"""How a fact can be said: wordings by kind, each with the slots that it asserts.

A wording may use only slots that `slots_of` takes from the fact's own fields (or the addressee's company), so
that it can't state what the fact does not hold.
"""

from __future__ import annotations

from datetime import date

from segvspers.emails.brief import Brief, Fact
from segvspers.emails.offline.words import capital, day_of, exact, number, since, when

# Sentences that open on a fact, by situation.
LEADS: dict[str, tuple[str, ...]] = {
    "open_ticket": (
        "Your support ticket about {topic}, opened {when}, is still open, and I would rather see that settled before we talk about anything new.",
        "Before anything else: the {topic} ticket that you opened {when} has not been solved yet.",
        "The {topic} problem that you reported {when} is still open on our side.",
        "I am writing with your {topic} ticket in mind: you opened it {when}, and it is not solved yet.",
    ),
    "open_question": (
        "{When} you asked us about {topic}{for_company}, and we still owe you an answer.",
        "You asked us about {topic} {when}, and nobody here has answered you yet.",
        "Your question about {topic} reached us {when} and is still waiting for an answer.",
        "We have not yet answered what you asked us about {topic} {when}.",
        "{When} a question from you about {topic} came in, and it has been left open for too long.",
    ),
    "renewal": (
        "Your {plan} is due for renewal on {due}, which makes this a good moment to see whether it still fits{company_obj}.",
        "{Plan} comes up for renewal on {due}, so I wanted to write before then.",
        "The current term of your {plan} ends on {due}.",
        "On {due} your {plan} is up for renewal, and it is worth a look at what you need next year.",
    ),
    "answered_question": (
        "We answered your question about {topic} {when}; did it settle things?",
        "Your question on {topic} arrived {when}, and I would like to know how it went from there.",
        "{When} you asked us about {topic}; I hope the answer helped, and there may be more to say.",
        "You asked us about {topic} {when}, and I wonder where you have got to with it.",
        "Your question about {topic} {when} is the reason why I am writing today.",
    ),
    "conversation": (
        "When you told us about {topic} {when}, you said: “{quote}”",
        "“{quote}” is what you told us {when}, and it stayed with me.",
        "You mentioned {topic} to us {when}, and I would like to pick that up.",
    ),
    "lapsed": (
        "You canceled {product} {when}, and I am not writing to argue with that.",
        "It was {when} that you canceled {product}, and I would like to ask what was missing.",
    ),
    "reader": (
        "What we write about {topic} seems to be worth your time: you have opened {quantity}.",
        "I noticed that {topic} gets your attention, with {quantity} opened.",
        "{Quantity} on {topic} have been opened at your end, which made me curious.",
        "You have made time for {quantity} we sent you on {topic}.",
        "When we write about {topic}, you tend to read it: {quantity} so far.",
        "You have opened {quantity} we sent you about {topic}.",
        "{Quantity} we sent you about {topic} found you reading.",
        "Going by what you open, {topic} is on your mind: {quantity} so far.",
    ),
    "visitor": (
        "I saw that our {topic} page had you as a reader {when}.",
        "You were reading about {topic} on our site {when}.",
        "{When} you visited our page on {topic}.",
        "Our page about {topic} was of interest to you {when}, it seems.",
        "You stopped by our {topic} page {when}, and a page only says so much.",
        "You looked at our page on {topic} {when}.",
        "Our {topic} page had a visit from you {when}.",
        "{When} you were on our page about {topic}, so I thought a person might be more use than a page.",
    ),
    "buyer": (
        "You {bought} {product} {when}, and by now you will have an opinion on it.",
        "I would like to hear how {product} has worked for you since you {bought} it {when}.",
        "You {bought} {product} {when}, and I wanted to ask how it is going.",
        "{When} you {bought} {product}, so you can tell me what works and what doesn't.",
        "It was {when} that you {bought} {product}.",
    ),
    "solved_ticket": (
        "The {topic} ticket you raised was closed {when}; I hope it has been quiet since.",
        "We marked your {topic} ticket as solved {when}, and I would rather ask than assume.",
        "Your ticket on {topic} has been solved since {since}.",
        "Your {topic} ticket was solved {when}, and I wanted to be sure that it stayed solved.",
        "{When} we closed your ticket about {topic}; if anything is left of it, please tell me.",
    ),
    "correspondent": (
        "You wrote back to us {when}, and I would like to return the favor.",
        "Thank you again for your reply {when}.",
    ),
    "anniversary": (
        "{When} it was {years} since you signed up with us.",
        "You have now been with us for {years}, counted from the day you signed up.",
    ),
    "newcomer": (
        "You have been on our list since you signed up {when}, and we have not spoken yet.",
        "Since you signed up {when}, nobody here has asked what you are after, so I am asking.",
        "We have had you on our list since {since}, and I would like to know what brought you here.",
        "You joined us {when}, and I would like to hear what you had in mind.",
        "Thank you for signing up {when}; I hope what we send has been of use.",
        "You came to us {when}, and a proper introduction is overdue.",
        "Having signed up {when}, you may wonder who is behind our emails: I am one of them.",
        "You signed up with us {when}, and I wanted to say hello properly.",
        "It was {when} that you signed up, so you have seen a little of what we do.",
    ),
}
# Clauses that follow "You", for the sentence that tells how things went.
CLAUSES: dict[str, tuple[str, ...]] = {
    "tenure": (
        "signed up {when}",
        "joined us {when}",
        "came to us {when}",
        "joined our list {when}",
        "got to know us {when}",
    ),
    "purchase": ("{bought} {product} {when}",),
    "cancel": ("canceled {product} {when}",),
    "engagement": ("have opened {quantity} we sent you on {topic}", "have opened {quantity} about {topic}"),
    "interest": (
        "looked at our {topic} page {when}",
        "visited our page on {topic} {when}",
        "read our {topic} page {when}",
        "were on our page about {topic} {when}",
    ),
    "reply": ("wrote back to us {when}",),
    "question": ("asked us about {topic} {when}",),
    "conversation": ("talked with us about {topic} {when}",),
    "ticket": ("had {a_topic} ticket solved {when}",),
}
SUBJECTS: dict[str, tuple[str, ...]] = {
    "open_ticket": ("Your {topic} ticket", "About your open {topic} ticket", "First things first: {topic}"),
    "open_question": (
        "Your {topic} question{for_company}",
        "You asked about {topic}",
        "An answer on {topic}{for_company}",
    ),
    "renewal": ("{Plan}{for_company} after {due}", "Before {plan} renews", "Your {plan} renewal on {due}"),
    "answered_question": ("More on {topic}{for_company}", "Your {topic} question, continued"),
    "conversation": ("What you told us about {topic}", "Picking up {topic}{for_company}"),
    "lapsed": ("What was missing in {product}?", "After {product}", "A fresh look{for_company}"),
    "reader": ("{Topic}{for_company}", "You and {topic}", "Something on {topic}{for_company}"),
    "visitor": ("Your visit to our {topic} page", "{Topic}, in person", "{Topic}{for_company}"),
    "buyer": ("How is {product} going{for_company}?", "{Product}{for_company}", "After your {product}"),
    "solved_ticket": ("Your {topic} ticket", "Is {topic} still fine?"),
    "correspondent": ("Following up on your reply", "Your reply"),
    "anniversary": ("{years} with us", "{Years} on"),
    "newcomer": ("Welcome{to_company}", "A proper hello", "Hello from {sender_company}"),
}
CLAIMS = {
    "open_question": ("In short: {claim}.", "What I can say already: {claim}.", "A first answer: {claim}."),
    "other": ("On {topic}, {claim}.", "As for {topic}: {claim}.", "What I can say about {topic}: {claim}.",
              "One thing worth knowing about {topic}: {claim}."),
}  # fmt: skip
OFFERS = (
    "I would like to offer {company_or_you} {offer}.",
    "We could go through it in {offer}{for_company}.",
    "That is what {offer} is for.",
    "My suggestion{for_company} is {offer}.",
    "{Offer} would give us time to look at that{for_company}.",
)
BRIDGES = ("", "So {topic} seems the right place to start.", "That is why I would begin with {topic}.",
           "It makes me think that {topic} is where we can help most.")  # fmt: skip


CAPITALISED = ("when", "topic", "plan", "product", "quantity", "years")


def slots_of(fact: Fact, brief: Brief) -> dict[str, str]:
    """Return the words that a fact can lend to a wording, from its own fields only."""
    send_on, fields = brief.campaign.send_on, fact.fields
    topic = fact.topic or fields.get("topic") or ""
    slots = {
        "topic": topic,
        "a_topic": f"{'an' if topic[:1] in 'aeiouAEIOUS' and topic != 'segmentation' else 'a'} {topic}",
    }
    slots["for_company"] = f" for {brief.company}" if brief.company else ""
    slots["company_obj"] = f" {brief.company}" if brief.company else " you"
    slots["to_company"] = f", {brief.company}" if brief.company else ""
    slots["sender_company"] = brief.campaign.sender.company
    happened = _day(fact, fields)
    if happened is not None:
        slots["when"] = when(happened, send_on)
        slots["since"] = since(happened, send_on)
    if "due_on" in fields:
        slots["due"] = exact(day_of(fields["due_on"]), brief.locale)
    for name in ("plan", "product"):
        if fields.get(name):
            slots[name] = fields[name] if str(fields[name]).startswith("Plan") else _the(str(fields[name]))
    if fact.kind == "purchase":
        slots["bought"] = "renewed" if fields.get("last_event") == "renewal" else "bought"
    if "years" in fields:
        slots["years"] = f"{number(fields['years'])} year{'' if fields['years'] == 1 else 's'}"
    if fact.kind == "engagement":
        slots["quantity"] = quantity(fields["opened"], fields["sent"])
    if fields.get("quote"):
        slots["quote"] = fields["quote"]
    return slots | {name.capitalize(): capital(slots[name]) for name in CAPITALISED if name in slots}


def quantity(opened: int, sent: int) -> str:
    """Return how many of how many emails, as a person would count them."""
    if sent == 1:
        return "the one email"
    if opened >= sent:
        return "both emails" if sent == 2 else f"all {number(sent)} emails"
    return f"{number(opened)} of the {number(sent)} emails"


def _the(product: str) -> str:
    article = "an" if product[:1] in "AEIOU" and not product.startswith("SMS") else "a"
    return f"the {product}" if product == "SMS add-on" else f"{article} {product}"


def _day(fact: Fact, fields: dict[str, object]) -> date | None:
    named = {
        "tenure": "signup_on", "purchase": "last_on", "engagement": "last_on", "question": "asked_on",
        "interest": "last_on", "ticket": "opened_on" if fields.get("status") == "open" else "solved_on",
    }.get(fact.kind, "on")  # fmt: skip
    return day_of(str(fields[named])) if fields.get(named) else None
