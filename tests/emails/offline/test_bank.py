"""The bank of wordings: each states only what its kind of fact declares, and holds no value of its own."""

import re
from datetime import date

from segvspers.emails.audit.values import find_values
from segvspers.emails.offline.bank import LENT_BY_THE_EMAIL, bank_of
from segvspers.emails.offline.kinds import LENT
from segvspers.emails.offline.words import BRITISH, FULL

BANKS = {
    (british, formal): bank_of(british=british, formal=formal) for british in (False, True) for formal in (False, True)
}
WORDINGS = [(place, one) for place, wordings in BANKS[False, False].entries().items() for one in wordings]
ABOUT_THE_EMAIL = {"first", "later", "alone"}


def test_there_are_wordings_for_every_kind_of_fact_that_can_lend():
    entries = {entry for entry, _ in BANKS[False, False].entries()}
    assert set(LENT) <= entries
    for entry in set(LENT) - {"peers"}:
        roles = {role for one, role in BANKS[False, False].entries() if one == entry}
        assert {"lead", "subject"} <= roles, entry


def test_a_wording_names_only_what_is_lent():
    around = LENT_BY_THE_EMAIL | {"brief_offer", "Brief_offer", "inner_offer", "Inner_offer"}
    for (entry, _), wording in WORDINGS:
        lent = LENT.get(entry)
        assert wording.slots <= (set(lent.slots) if lent else set()) | around, wording.key
        context = {trait for trait in wording.traits if trait in ABOUT_THE_EMAIL or trait.startswith("for ")}
        assert wording.traits - context <= (set(lent.traits) if lent else set()), wording.key


STATED_BY_TRAIT = {
    "both": r"\b[Bb]oth\b", "often": r"\bmore than once\b", "growing": r"\bpast year\b", "falling": r"\bpast year\b",
    "stopped": r"\bmore than a year\b",
}  # fmt: skip


def test_a_wording_holds_no_value_of_its_own():
    for _, wording in WORDINGS:
        text = re.sub(r"\{\w+\}", "", wording.text)
        for trait in wording.traits & STATED_BY_TRAIT.keys():
            text = re.sub(STATED_BY_TRAIT[trait], "", text)
        assert not find_values(text, date(2026, 11, 3)), wording.key
        assert not re.search(r"\d|http|@", text), wording.key


def test_a_wording_is_whole_sentences_a_clause_or_a_subject():
    for (entry, role), wording in WORDINGS:
        text = wording.text
        assert text == text.strip(), wording.key
        assert not re.search(r"  | [,.;?!]|\b(\w+) \1\b", text), wording.key
        if role == "clause":
            assert text[0].islower(), wording.key
            assert text[-1] not in ".!?", wording.key
        elif not role.endswith("subject") and entry != "subjects":
            assert text[-1] in ".?!”", wording.key


STATUS_WORDS = {
    "open": r"still open|isn't solved|haven't solved|waiting for a fix|ticket .* open with us",
    "unanswered": r"haven't answered|didn't answer|never got an answer|without (?:a reply|an answer)|nobody (?:got back|answered)|went unanswered|waiting since",
    "solved": r"(?:was|were|we|that we) solved|closed your ticket|marked as solved",
    "answered": r"[Oo]ur answer|[Ww]e answered",
    "renewed": r"renew(?:ed|ing)",
    "won": r"decided on|choosing",
    "lost": r"decided against|win you over",
}


def test_words_of_a_status_stand_only_under_the_trait_that_states_it():
    for (entry, _), wording in WORDINGS:
        for trait, words in STATUS_WORDS.items() if entry in {"question", "ticket", "purchase", "deal"} else ():
            if trait in LENT[entry].traits and re.search(words, wording.text):
                assert trait in wording.traits, f"{wording.key} says {trait!r} without asking for it"


def test_the_british_bank_differs_in_spelling_only_and_the_formal_one_draws_nothing_together():
    for place, wordings in BANKS[False, False].entries().items():
        for register, bank in BANKS.items():
            others = bank.entries()[place]
            assert [one.slots for one in others] == [one.slots for one in wordings], register
            assert [one.traits for one in others] == [one.traits for one in wordings], register
    british = " ".join(one.text for wordings in BANKS[True, False].entries().values() for one in wordings)
    assert "cancelled" in british
    assert not re.search(rf"\b(?:{'|'.join(BRITISH)})\b", british)
    formal = " ".join(one.text for wordings in BANKS[False, True].entries().values() for one in wordings)
    drawn = "|".join(re.escape(word) for word in FULL)
    assert not re.search(rf"\b(?:{drawn})\b", formal, flags=re.IGNORECASE)
    assert not re.findall(r"\b\w+'(?:ve|re|ll|d|m|t)\b", formal)
