"""The lint finds every slip that is seeded into emails, and none in those that are written."""

import re

import pandas as pd
import pytest

from segvspers.emails.lint import lint_emails, lint_text
from segvspers.errors import DataError

CLEAN = [
    "You opened one of our two emails about SMS, and a European user bought an SMS add-on an hour ago.",
    "In May you asked us: “Can it be done?” Did our answer do the job?",
    "“Budget is set in January.” That's what you told us in June.",
    "Read it here: https://postwell.example/november",
    "Analytics is fine. News is good. This is a 20-minute review of a two-day event.",
    "Both emails were opened, and all three of our emails about templates were of use.",
    "It had had its day. You asked an FAQ, a FAQ and an SQL question.",
    "Plan A is up for renewal. Would Thursday or Friday suit you?\n\nIf it's easier, just reply.",
]
FAULTS = {
    "article": ("You bought a SMS add-on.", "It was an useful hour.", "A hour is enough.", "We sent an plan."),
    "doubled word": ("You asked us about about SMS.", "We we owe you an answer."),
    "number agreement": ("You opened one emails.", "You opened three email about SMS.", "All three of our email were opened.",
                         "It took 2 day.", "This emails are yours.", "Templates is what you read.", "You was right.",
                         "Two of our five email were opened."),
    "space": ("You asked  us.", "You asked us .", "You asked us ,and we answered.", " You asked us.", "You asked us.We answered."),
    "capital": ("you asked us.", "You asked us. we answered.", "You asked us, and i answered.", "You and Our team met."),
    "punctuation": ("You asked us..", "You asked us,, and we answered.", "Did you ask?.", "You asked us,."),
    "no end": ("You asked us about SMS", "You asked us about SMS\n\nWe answered."),
    "pair": ("You said: “yes.", "You asked (us."),
    "unfilled token": ("You asked about {topic}.", "Hi {{ first_name }}, thank you.", "You asked in None.", "It cost nan.",
                       "Dear [First Name], hello.", "Hi *|FNAME|*, hello."),
    "empty place": ("You asked us about, and we answered.", "You bought the.", "This is for your."),
}  # fmt: skip


@pytest.mark.parametrize("text", CLEAN)
def test_good_english_has_no_slip(text):
    assert lint_text(text) == []


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule, texts in FAULTS.items() for text in texts])
def test_each_fault_is_found_under_its_name_and_at_its_place(rule, text):
    slips = [slip for slip in lint_text(text) if slip.rule == rule]
    assert slips, lint_text(text)
    assert all(text[slip.start :].lstrip().startswith(slip.span) for slip in slips)


def test_a_subject_need_not_end_like_a_sentence():
    assert lint_text("Your question about SMS", subject=True) == []
    assert [slip.rule for slip in lint_text("Your  question", subject=True)] == ["space"]


def test_no_email_of_the_sample_has_a_slip(emails):
    slips = lint_emails(emails)
    assert slips.empty, slips.head(20).to_string()


def _other_article(text):
    return re.sub(r"\b(a|an) (?=[a-z])", lambda found: {"a": "an ", "an": "a "}[found.group(1)], text, count=1)


def _doubled(text):
    words = list(re.finditer(r"\b[a-z]{3,}\b", text))
    found = words[len(words) // 2]
    return f"{text[: found.end()]} {found.group()}{text[found.end() :]}"


MUTATIONS = {
    "article": _other_article,
    "doubled word": _doubled,
    "number": lambda text: re.sub(r"(?<=of our )emails|(?<=of our \w{3} )emails", "email", text, count=1),
    "space": lambda text: text.replace(" ", "  ", 1),
    "space before a mark": lambda text: re.sub(r"([,.?])(?=\s|$)", r" \1", text, count=1),
    "small letter": lambda text: text[0].lower() + text[1:],
    "two marks": lambda text: re.sub(r"([.?])$", r"\1.", text),
    "no mark": lambda text: re.sub(r"[.?]$", "", text),
    "empty place": lambda text: re.sub(r"\babout \w+", "about ", text, count=1),
    "token": lambda text: re.sub(r"\b(?:you|your|You|Your)\b", "{first_name}", text, count=1),
    "nothing": lambda text: re.sub(r"\b(?:January|May|June|August|last month)\b", "None", text, count=1),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_slip_seeded_into_an_email_of_the_sample_is_found(emails, name):
    own = emails[emails["writer"] == "offline"].sample(500, random_state=3)
    texts = {one["text"] for row in own["sentences"] for one in row if one["role"] in {"lead", "story"}}
    changed = [(text, MUTATIONS[name](text)) for text in sorted(texts) if not text.startswith("“")]
    mutants = [after for before, after in changed if before != after]
    assert len(mutants) > 30
    missed = [text for text in mutants if not lint_text(text)]
    assert len(missed) <= 0.02 * len(mutants), missed[:5]


def test_the_table_of_slips_names_the_email_and_not_its_reader(emails):
    bad = emails.head(2).copy()
    bad["sentences"] = [[{"text": "You opened one emails.", "role": "lead", "fact_ids": []}]] * 2
    slips = lint_emails(bad)
    assert slips["rule"].tolist() == ["number agreement"] * 2
    assert slips["email_id"].tolist() == bad["email_id"].tolist()
    assert list(slips.columns) == ["email_id", "variant", "rule", "span"]
    with pytest.raises(DataError, match=r"emails lacks \['sentences'\]"):
        lint_emails(pd.DataFrame({"email_id": [], "variant": [], "subject": []}))
