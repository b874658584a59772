"""Each value is bound to a field of a fact that its sentence cites, or to a declared derivation of one."""

from datetime import date

import pytest

from segvspers.emails.audit.binding import unbound
from segvspers.emails.audit.lexicon import EMAILS
from segvspers.emails.audit.status import status_findings
from segvspers.emails.audit.terms import terms_of
from segvspers.emails.audit.values import find_values

TODAY = date(2026, 11, 3)
READ = terms_of(
    "engagement",
    {"opened": 4, "sent": 9, "clicked": 2, "last_on": "2026-09-20", "since_on": "2026-01-08", "topic": "SMS"},
)
MORE = terms_of(
    "engagement",
    {"opened": 3, "sent": 3, "clicked": 0, "last_on": "2026-08-02", "since_on": "2026-08-01", "topic": "pricing"},
)
BOUGHT = terms_of("purchase", {"product": "Plan B", "amount_usd": 1788.0, "first_on": "2024-05-12", "last_on": "2026-05-12", "n_purchases": 3,
                               "last_event": "renewal", "total_usd": 5364.5})  # fmt: skip
ASKED = terms_of("question", {"asked_on": "2026-10-09", "answered_on": "2026-09-01", "answered": True, "topic": "SMS"})
TICKET = terms_of("ticket", {"status": "open", "opened_on": "2026-09-07", "solved_on": None, "topic": "SMS"})
TENURE = terms_of("tenure", {"signup_on": "2024-10-17"})
DUE = terms_of("milestone", {"due_on": "2026-12-14", "days_left": 43, "plan": "Plan B"})
YEARS = terms_of("milestone", {"years": 3, "on": "2026-10-20"})


def wrong(text, *facts):
    return [
        text[value.start : value.end]
        for value in unbound(text, find_values(text, TODAY), facts, lexicon=EMAILS, today=TODAY)
    ]


RIGHT = [
    ("You opened four of our nine emails.", [READ]), ("You clicked in two of our 9 emails.", [READ]),
    ("You bought it three times, most recently in May.", [BOUGHT]), ("That was your third order.", [BOUGHT]), ("Your second order.", [BOUGHT]),
    ("You paid $1,788 of $5,364.50 in all.", [BOUGHT]), ("You paid about $5,364.", [BOUGHT]), ("It was $7,152.50.", [BOUGHT, terms_of("deal", {"total_usd": 1788.0})]),
    ("You opened 44 % of them.", [READ]), ("You joined us two years ago.", [TENURE]), ("You've been with us for two years.", [TENURE]),
    ("That is 747 days.", [TENURE]), ("More than a year has passed.", [TENURE]), ("Your plan renews on December 14, in six weeks.", [DUE]),
    ("In six weeks, on 14 December.", [DUE]), ("Three years ago you came to us.", [YEARS]), ("Three years with us.", [YEARS]),
    ("You asked us last month.", [ASKED]), ("We answered in September.", [ASKED]), ("Both topics matter to you.", [READ, MORE]),
    ("You opened four of nine emails in September and all three in August.", [READ, MORE]), ("You opened seven emails of ours.", [READ, MORE]),
    ("You signed up in October 2024, in Q4 2024.", [TENURE]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "facts"), RIGHT)
def test_values_of_the_facts_and_what_follows_from_them_are_bound(text, facts):
    assert wrong(text, *facts) == []


WRONG = [
    ("You opened five of our nine emails.", [READ], ["five"]), ("You opened nine of our four emails.", [READ], ["nine", "four"]),
    ("You opened two of our nine emails.", [READ], ["two"]), ("You bought it four times.", [BOUGHT], ["four"]), ("You paid $1,789.", [BOUGHT], ["$1,789"]),
    ("You paid £1,788.", [BOUGHT], ["£1,788"]), ("You opened 45 % of them.", [READ], ["45 %"]), ("You joined us three years ago.", [TENURE], ["three years ago"]),
    ("More than three years have passed.", [TENURE], ["three"]), ("It renews on December 15.", [DUE], ["December 15"]),
    ("It renews on February 30.", [DUE], ["February 30"]), ("You asked us in September.", [ASKED], ["September"]), ("We answered in October.", [ASKED], ["October"]),
    ("You joined us in May and bought it in May.", [TENURE, BOUGHT], ["May"]), ("You signed up in May 2026.", [TENURE, BOUGHT], ["May 2026"]),
    ("Your fifth order.", [BOUGHT], ["fifth"]), ("Three topics matter to you.", [READ, TICKET], ["Three"]), ("In 2019 you joined.", [TENURE], ["2019"]),
    ("Anything at 10:30 or a@b.example.", [READ], ["10:30", "a@b.example"]), ("Four emails.", [], ["Four"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "facts", "expected"), WRONG)
def test_what_no_fact_lends_is_pointed_at(text, facts, expected):
    assert wrong(text, *facts) == expected


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("Your ticket is still open.", [TICKET], []), ("Your ticket was solved.", [TICKET], ["was solved"]),
        ("We haven't closed your ticket.", [TICKET], []), ("If the problem that we solved came back, tell me.", [TICKET], ["we solved"]),
        ("Tell me if it is still open.", [ASKED], []), ("You never got an answer.", [ASKED], ["never got an answer"]),
        ("We answered your question.", [ASKED], []), ("You renewed Plan B.", [BOUGHT], []), ("You canceled Plan B.", [BOUGHT], ["canceled"]),
        ("Your Plan B has expired.", [DUE], ["expired"]), ("Your Plan B renews soon.", [DUE], []), ("You never opened our emails.", [READ], ["never opened"]),
        ("You clicked our links.", [MORE], ["you clicked"]), ("You opened all of our emails.", [READ], ["all of our emails"]),
        ("You opened all of our emails.", [MORE], []), ("You told us about SMS.", [ASKED], ["you told"]), ("You asked us about SMS.", [READ], ["you asked"]),
        ("You asked us about SMS.", [ASKED], []), ("You haven't bought anything.", [BOUGHT], ["n't bought"]),
    ],
)  # fmt: skip
def test_words_on_how_a_matter_stands_need_a_fact_that_says_so(text, facts, expected):
    assert [finding.span.lower() for finding in status_findings(text, facts)] == expected
