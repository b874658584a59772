"""The patterns that decide what can be seen, what is an address and what a spreadsheet would carry out."""

import sys
import unicodedata

import pytest

from segvspers.emails.export.unsafe import could_be_formula, fault_of, is_address
from segvspers.emails.unseen import UNSEEN

LINKS = {"https://postwell.example/unsubscribe"}


def test_every_control_format_private_and_surrogate_character_counts_as_unseen():
    hidden = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
    missed = [
        hex(code)
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in hidden and code != 10 and not UNSEEN.search(chr(code))
    ]
    assert missed == []


def test_letters_marks_numbers_and_signs_that_can_be_seen_do_not():
    seen = {"Lu", "Ll", "Lt", "Nd", "Nl", "No", "Pd", "Ps", "Pe", "Po", "Sm", "Sc", "So", "Zs"}
    taken = [
        chr(code) for code in range(0x2FFFF) if unicodedata.category(chr(code)) in seen and UNSEEN.search(chr(code))
    ]
    assert taken == ["\u2800"]  # the empty pattern of Braille
    assert not UNSEEN.search("l'été ☀️ “ok” – 10 % €\n")
    assert UNSEEN.search("a\ufe0f")


@pytest.mark.parametrize(
    ("subject", "body", "fault"),
    [
        ("Hi", "See https://postwell.example/unsubscribe.", ""), ("Hi", "5 < 10 and a/b, 24/7; C# [sic]", ""),
        ("Hi", "see //evil.example", "a link"), ("Hi", "www.evil.example", "a link"), ("Hi", "HTTP://EVIL.example", "a link"),
        ("Hi", "https://postwell.example/unsubscribe?x=1", "a link"), ("Hi\x0bBcc: a", "x", "line break"), ("Hi\u2028a", "x", "line break"),
        ("=?utf-8?q?Bcc=3A?=", "x", "template"), ("Hi", "${7*7}", "template"), ("*|FNAME|*", "x", "template"), ("Hi", "%FIRSTNAME%", "template"),
        ("Hi", "a\u200bb", "characters that can't be seen"), ("Hi", "<b>x</b>", "mark-up"), ("Hi", "JavaScript:alert(1)", "mark-up"),
        ("Hi", "[x](y)", "mark-up"), (" ", "x", "empty"), ("Hi", "", "empty"),
    ],
)  # fmt: skip
def test_what_keeps_a_text_from_being_approved(subject, body, fault):
    found = fault_of(subject, body, LINKS)
    assert found.startswith(fault)
    assert bool(found) == bool(fault)


def test_plain_addresses_only():
    for good in ("a@b.example", "o'neil+news@sub.b-c.example", "A_1.b@x.io"):
        assert is_address(good)
    for bad in (
        None, 4, "", "a", "a@b", "-a@b.example", "=a@b.example", "a@b.example,c@d.example", "a@b.example\nBcc: c@d.example", "Ada <a@b.example>",
        "a b@c.example", "a@b..example", "{{x}}@b.example", "ä@b.example", "a@bücher.example", "a" * 250 + "@b.example", "a@b.example\u200b",
    ):  # fmt: skip
        assert not is_address(bad)


@pytest.mark.parametrize(
    "text",
    [
        "=1",
        "+1",
        "-1",
        "@x",
        "\t=1",
        "\r=1",
        "\n=1",
        "\x00",
        " =1",
        "'=1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        "|calc",
        "%0A=1",
    ],
)
def test_a_spreadsheet_would_carry_out(text):
    assert could_be_formula(text)


@pytest.mark.parametrize("text", ["", "Ada", "a=b", "1+1", "(1)", "“=1”"])
def test_a_spreadsheet_leaves_alone(text):
    assert not could_be_formula(text)
