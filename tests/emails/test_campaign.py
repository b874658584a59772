"""Campaigns from YAML and Python: every problem at once, and what follows from the values."""

import json

import pytest

import segvspers as sv
from segvspers.emails.campaign import make_campaign
from segvspers.errors import ArgumentError, MissingFileError


@pytest.fixture(scope="module")
def given(sample):
    return json.loads(sv.read_campaign(sample / "campaign.yml").model_dump_json())


def test_all_problems_of_a_campaign_come_at_once(given):
    footer = {"postal_address": "x", "unsubscribe_url": "y"}
    wrong = given | {"type": "spam", "max_words": 3, "surprise": 1, "footer": footer}
    wrong |= {"offer": "a free call.", "call_to_action": "Shall we talk {someday}", "message": "News"}
    with pytest.raises(ArgumentError) as problem:
        make_campaign(wrong)
    told = str(problem.value)
    for name in ("9 problems", "type", "max_words", "surprise", "footer.postal_address", "footer.unsubscribe_url",
                 "offer: write it as it fits", "only {weekday} and {next_weekday}", "call_to_action: end it",
                 "message: write whole sentences"):  # fmt: skip
        assert name in told


def test_a_campaign_made_in_python_tells_its_problems_the_same_way(given):
    with pytest.raises(ArgumentError, match="campaign: 2 problems"):
        sv.Campaign(**given | {"type": "spam", "offer": "a free call!"})
    assert sv.Campaign(**given) == make_campaign(given)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"claims": {"astrology": "the stars are right"}}, r"claims are made on \['astrology'\]"),
        ({"claims": {"SMS": "texts can join your flows."}}, r"claims\.SMS: leave out the mark at the end"),
        ({"call_to_action": "Is {weekday or } fine?"}, "only {weekday} and {next_weekday}"),
        ({"language": "de"}, "language: "),
        ({"products": {"Plan A": -1}}, r"products\.Plan A\.price_usd: it should be greater than or equal to 0"),
        ({"products": {"Plan A": {"price_usd": 1, "article": "le"}}}, r"products\.Plan A\.article: it should be"),
    ],
)  # fmt: skip
def test_words_that_would_not_fit_a_sentence_are_refused(given, change, message):
    with pytest.raises(ArgumentError, match=message):
        make_campaign(given | change)


def test_no_message_repeats_a_value_that_was_given(given):
    wrong = given | {"sender": given["sender"] | {"email": "maya lindqvist"}}
    with pytest.raises(ArgumentError) as problem:
        make_campaign(wrong)
    assert "maya" not in str(problem.value)


def test_a_product_is_a_price_or_a_price_with_its_article(given):
    campaign = make_campaign(given | {"products": {"Plan A": 588, "Dedicated IP": {"price_usd": 720, "article": "a"}}})
    assert campaign.products["Plan A"].price_usd == 588
    assert campaign.products["Plan A"].article is None
    assert campaign.products["Dedicated IP"].article == "a"


def test_a_call_may_end_in_a_link(given):
    asked = "Read it here: https://postwell.example/review"
    assert make_campaign(given | {"call_to_action": asked}).asked == asked


@pytest.mark.parametrize(
    ("send_on", "asked"),
    [("2026-11-03", "Thursday or Friday"), ("2026-11-02", "Wednesday or Thursday"), ("2026-11-05", "Monday or Tuesday"),
     ("2026-11-07", "Monday or Tuesday"), ("2026-11-04", "Monday or Tuesday")],
)  # fmt: skip
def test_the_two_days_asked_for_are_working_days_after_the_send_date(given, send_on, asked):
    assert asked in make_campaign(given | {"send_on": send_on}).asked


@pytest.mark.parametrize(
    ("change", "needed"),
    [({"min_bits": 4}, 4.0), ({"min_bits": None}, 6.0), ({"min_bits": None, "type": "newsletter"}, float("inf")),
     ({"min_bits": 8, "type": "announcement"}, 8.0)],
)  # fmt: skip
def test_the_bits_needed_follow_from_the_type_unless_they_are_given(given, change, needed):
    assert make_campaign(given | change).bits_needed == needed


@pytest.mark.parametrize(("language", "locale"), [("en", "en_US"), ("en-GB", "en_GB"), ("en_AU", "en_AU")])
def test_the_language_gives_the_locale_of_contacts_without_one(given, language, locale):
    assert make_campaign(given | {"language": language}).locale == locale


def test_missing_and_unreadable_campaign_files_are_told(tmp_path):
    with pytest.raises(MissingFileError, match="no file at"):
        sv.read_campaign(tmp_path / "none.yml")
    (tmp_path / "bad.yml").write_text("name: [unclosed\ntype: 'x")
    with pytest.raises(ArgumentError, match=r"bad.yml is no readable YAML near line \d"):
        sv.read_campaign(tmp_path / "bad.yml")
    (tmp_path / "list.yml").write_text("- a\n")
    with pytest.raises(ArgumentError, match="must be a mapping"):
        sv.read_campaign(tmp_path / "list.yml")
    (tmp_path / "thin.yml").write_text("name: x\n1: y\n")
    with pytest.raises(ArgumentError, match=r"thin.yml: \d+ problems"):
        sv.read_campaign(tmp_path / "thin.yml")
