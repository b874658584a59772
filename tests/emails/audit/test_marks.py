"""Marks, links, subjects, footers, readability and names of others: what must not leave, pointed at."""

import json

import numpy as np
import pandas as pd
import pytest

import segvspers as sv
from segvspers.emails.audit import Listed
from segvspers.emails.audit.checks import Checks
from segvspers.emails.audit.frame import works
from segvspers.emails.audit.marks import link_findings, shouting_findings, subject_findings, token_findings
from segvspers.emails.audit.readability import reading_ease, syllables
from segvspers.errors import ArgumentError, DataError


@pytest.fixture(scope="module")
def few(audience, facts, campaign):
    some = audience.iloc[40:60]
    return sv.write_emails(some, facts, campaign=campaign)


@pytest.fixture(scope="module")
def one(few):
    return few[(few["variant"] == "individual") & (few["writer"] == "offline")].head(1)


def audit_of(emails, facts, contacts, campaign):
    return sv.audit_emails(emails.drop(columns="body_html"), facts, contacts=contacts, campaign=campaign).findings


TOKENS = [
    "{{ first_name }}", "{{first_name}}", "{% if x %}", "{first_name}", "{{{name}}}", "${name}", "*|FNAME|*", "[[name]]", "%%First Name%%",
    "%FIRSTNAME%", "<%= name %>", "[First Name]", "[NAME]", "[your company]", "<first name>", "##name##", "{!Contact.FirstName}", "undefined",
    "None", "NaN", "[object Object]", "{$name}", "Lorem ipsum", "{#name#}", "{{contact.firstname|default:there}}",
]  # fmt: skip


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_of_any_vendor_is_found_where_it_stands(token):
    text = f"Hi {token}, hello"
    found = list(token_findings(text, "body"))
    assert found
    assert all(3 <= finding.start < finding.end <= 3 + len(token) for finding in found)


@pytest.mark.parametrize(
    "text",
    [
        "Prices rose 5 % [sic]",
        "a < b and b > c",
        "C# or F#? Nobody minds",
        "nonetheless, 100% of it",
        "Hi -Anna-, hello",
    ],
)
def test_ordinary_marks_are_no_tokens(text):
    assert list(token_findings(text, "body")) == []


@pytest.mark.parametrize(
    ("subject", "check"),
    [
        ("", "no subject"), ("x" * 79, "subject longer than 78 characters"), ("Re: our talk", "subject pretends to be a reply"),
        ("FWD: news", "subject pretends to be a reply"), ("One\nBcc: x", "line break in the subject"), ("OPEN THIS EMAIL NOW", "shouting"),
    ],
)  # fmt: skip
def test_subjects_that_deceive_or_break_are_found(subject, check):
    assert check in {finding.check for finding in subject_findings(subject, replies=False)}


@pytest.mark.parametrize(
    "subject", ["SMS: anything I can answer?", "Your renewal", "About DKIM and SPF for you", "Reply rates"]
)
def test_ordinary_subjects_pass(subject):
    assert list(subject_findings(subject, replies=False)) == []
    assert list(subject_findings(f"Re: {subject}", replies=True)) == []


def test_links_are_the_campaigns_and_few():
    own = {"https://a.example/1", "https://a.example/2"}
    text = "https://a.example/1 https://a.example/2, https://bit.ly/x (https://evil.example). www.b.example"
    found = [(finding.check, finding.span) for finding in link_findings(text, own, "body")]
    assert found == [
        ("shortened link", "https://bit.ly/x"), ("link not allowed", "https://evil.example"), ("more than two links", "https://evil.example"),
        ("link not allowed", "www.b.example"),
    ]  # fmt: skip


@pytest.mark.parametrize(("text", "spans"), [("Act now!!", ["!!"]), ("It is FREE today", ["FREE"]), ("THIS IS VERY LOUD", ["THIS IS VERY LOUD"]),
                                             ("Our SMS and API for Portland, OR 97201", []), ("AMAZINGLY good", ["AMAZINGLY"])])  # fmt: skip
def test_shouting_is_pointed_at(text, spans):
    assert [finding.span for finding in shouting_findings(text, "body", {"SMS", "API"})] == spans


@pytest.mark.parametrize(("url", "able"), [("https://a.example/u?id=1", True), ("https://a.example/{{id}}", False), ("https:///u", False),
                                           ("https://unsubscribe", False), ("ftp://a.example", False), ("http://localhost:80/u", True)])  # fmt: skip
def test_a_way_out_must_be_one_that_can_be_followed(url, able):
    assert works(url) is able


# Published worked examples of the Flesch reading ease (Wikipedia, "Flesch-Kincaid readability tests").
PUBLISHED = [
    ("The cat sat on the mat.", 116),
    ("This sentence, taken as a reading passage unto itself, is being used to prove a point.", 69),
    ("The Australian platypus is seemingly a hybrid of a mammal and reptilian creature.", 37.5),
]


@pytest.mark.parametrize(("text", "ease"), PUBLISHED)
def test_reading_ease_is_near_the_published_value(text, ease):
    assert reading_ease(text) == pytest.approx(ease, abs=0.5)


def test_syllables_of_common_words_are_right_nine_times_in_ten():
    """Counts as in the CMU Pronouncing Dictionary."""
    known = {
        "the": 1, "email": 2, "people": 2, "because": 2, "question": 2, "company": 3, "every": 3, "idea": 3, "being": 2, "created": 3,
        "customer": 3, "deliverability": 7, "like": 1, "please": 1, "renewed": 2, "wanted": 2, "opened": 2, "minute": 2, "segment": 2,
        "integration": 4, "hour": 1, "quiet": 2, "science": 2, "little": 2, "table": 2, "used": 1, "pages": 2, "boxes": 2, "asked": 1,
        "business": 2, "review": 2, "specialist": 3, "automation": 4, "analytics": 4, "templates": 2, "pricing": 2, "usual": 3, "area": 3,
    }  # fmt: skip
    right = [syllables(word) == n for word, n in known.items()]
    assert np.mean(right) >= 0.9


def test_a_text_without_words_has_no_reading_ease():
    assert np.isnan(reading_ease("--"))
    assert syllables("42") == 1


WHOLE = [
    ("body", "Best,", "Call +1 (503) 555-0142.\n\nBest,", "another contact's phone", "+1 (503) 555-0142"),
    ("body", "Best,", "Ask other@list.example.\n\nBest,", "another contact's address", "other@list.example"),
    ("body", "Best,", "Ask who@knows.example.\n\nBest,", "address not allowed", "who@knows.example"),
    ("body", "Best,", "As Jane van Dyke did.\n\nBest,", "another contact's name", "Jane van Dyke"),
    ("body", "Best,", "We did so for Quill & Sons last.\n\nBest,", "another contact's company", "Quill & Sons"),
    ("body", "Best,", "We did so for Box before.\n\nBest,", "another contact's company", "Box"),
    ("body", "Best,", "We did so in 2019.\n\nBest,", "value not in the cited facts", "in 2019"),
    ("body", "Best,", "You canceled it.\n\nBest,", "status contradicts the fact", "canceled"),
    (
        "body",
        "Unsubscribe: ",
        "Leave: ",
        "text that no sentence accounts for",
        "Leave: https://postwell.example/unsubscribe",
    ),
    ("subject", None, "Re: {{ x }}", "unfilled token", "{{ x }}"),
]


@pytest.mark.parametrize(("part", "old", "new", "check", "span"), WHOLE, ids=[case[3] + case[4] for case in WHOLE])
def test_a_finding_points_at_its_span(part, old, new, check, span, one, facts, campaign):
    others = pd.DataFrame(
        {"contact_id": ["x1", "x2", "x3"], "first_name": ["Jane", None, "Ida"], "last_name": ["van Dyke", "B", "Box"], "company": ["Quill & Sons", "Box", "May"],
         "email": ["Other@list.example", None, None], "phone": ["503-555-0142", None, None]}
    )  # fmt: skip
    column = "subject" if part == "subject" else "body_text"
    wrong = one.assign(**{column: new if old is None else one[column].str.replace(old, new, regex=False)})
    found = audit_of(wrong, facts, others, campaign)
    row = found[
        (found["check"] == check)
        & (
            found["span"].str.strip() == span.removeprefix("in ")
            if check.startswith("value")
            else found["check"] == check
        )
    ].iloc[0]
    assert row["part"] == part
    assert wrong[column].iloc[0][row["start"] : row["end"]] == row["span"]


def test_a_word_that_is_a_company_too_is_a_leak_only_where_its_capital_tells(one, facts, campaign):
    others = pd.DataFrame({"contact_id": ["x1", "x2", "x3"], "company": ["Box", "Thursday", "Plan"]})
    body = one["body_text"].str.replace("Best,", "Box it and tell me when the box is full.\n\nBest,", regex=False)
    found = audit_of(one.assign(body_text=body), facts, others, campaign)
    leaks = found[found["check"] == "another contact's company"]
    assert leaks[["severity", "span"]].to_numpy().tolist() == [["warn", "Box"]]


def test_a_contacts_own_names_the_sender_and_the_campaign_are_no_leaks(few, facts, contacts, campaign):
    listed = pd.concat(
        [
            contacts,
            pd.DataFrame(
                {"contact_id": ["x"], "company": ["Postwell"], "first_name": ["Maya"], "last_name": ["Lindqvist"]}
            ),
        ]
    )
    assert audit_of(few, facts, listed, campaign).empty


def test_hashes_of_a_list_find_exactly_its_names():
    rng = np.random.default_rng(1)
    parts = np.array(["Pine", "O'Brien", "Mills", "3M", "A&B", "van", "Éclair", "St."])
    names = [" ".join(rng.choice(parts, int(rng.integers(1, 3)))) for _ in range(200)]
    table = pd.DataFrame({"contact_id": [str(place) for place in range(200)], "company": names})
    whole, parted = Listed.of(table), Listed.merged([Listed.of(table.iloc[:77]), Listed.of(table.iloc[77:])])
    assert len(whole.companies) == len(
        {name.replace("'", " ").replace("A&B", "A & B").replace(".", "").lower() for name in names if len(name) > 1}
    )
    np.testing.assert_array_equal(whole.companies, parted.companies)


def test_every_finding_of_the_sample_could_be_shown(few, facts, contacts, campaign):
    worst = few.assign(body_text=few["body_text"] + "\nTHIS IS BAD!! {{x}}", subject="Re: " + few["subject"])
    found = audit_of(worst, facts, contacts, campaign)
    text_of = {(row.email_id, "subject"): row.subject for row in worst.itertuples()} | {
        (row.email_id, "body"): row.body_text for row in worst.itertuples()
    }
    assert all(text_of[row.email_id, row.part][row.start : row.end] == row.span for row in found.itertuples())


def test_the_html_must_say_what_the_text_says(one, facts, campaign):
    audit = sv.audit_emails(one.assign(body_html="<p>Buy now</p>"), facts, campaign=campaign)
    assert audit.findings["check"].tolist() == ["HTML differs from the text"]
    assert sv.audit_emails(one, facts, campaign=campaign).findings.empty


def test_a_quotation_must_be_the_readers_own_words(facts, campaign):
    from segvspers.emails.audit.terms import read_terms

    checks = Checks(
        campaign,
        {
            "f": read_terms(
                "conversation", json.dumps({"quote": "We hit 40 % in 2019.", "on": "2026-10-01", "topic": "SMS"})
            )
        },
    )
    assert list(checks.grounding.sentence("Last month you told us: “We hit 40 % in 2019.”", ("f",), ())) == []
    found = checks.grounding.sentence("Last month you told us: “We hit 50 % in 2019.”", ("f",), ())
    assert [(finding.check, finding.span) for finding in found] == [
        ("quote not in the cited facts", "We hit 50 % in 2019.")
    ]


def test_a_statement_that_cites_nothing_is_a_warning_unless_the_campaign_makes_it(campaign):
    asked = "Send me your question, and I will answer it."
    checks = Checks(campaign.model_copy(update={"call_to_action": asked}), {})
    assert list(checks.grounding.sentence(asked, (), ())) == []
    found = checks.grounding.sentence("You canceled a while ago.", (), ())
    assert [(one.check, one.severity, one.span) for one in found] == [
        ("statement of the reader without a fact", "warn", "canceled")
    ]


def test_an_unknown_name_is_a_warning(one, facts, campaign):
    sentences = [dict(sentence) for sentence in one["sentences"].iloc[0]]
    sentences[1]["text"] = f"{sentences[1]['text'][:-1]}, as Zorblax Industries would."
    body = one["body_text"].iloc[0].replace(one["sentences"].iloc[0][1]["text"], sentences[1]["text"])
    found = audit_of(one.assign(body_text=body, sentences=[sentences]), facts, None, campaign)
    assert found[["check", "severity", "span"]].to_numpy().tolist() == [
        ["unknown name", "warn", "Zorblax"],
        ["unknown name", "warn", "Industries"],
    ]


def test_what_is_missing_is_told(one, facts):
    with pytest.raises(DataError, match=r"emails lacks \['identity'\]"):
        sv.audit_emails(one.drop(columns="identity"), facts)
    with pytest.raises(ArgumentError, match="carry no campaign"):
        sv.audit_emails(pd.DataFrame(one.to_dict("records")), facts)
