"""The new text of a reply is what its writer added: 21 answers of talon's tests, and those of email-reply-parser's."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segvspers.replies.mime import read_mime
from segvspers.replies.new_text import LONGEST, new_text

# What the tests of github.com/zapier/email-reply-parser demand of the reply, signatures aside.
ZAPIER = {
    "email_1_4.txt": "Awesome! I haven't had another problem with it.",
    "email_gmail.txt": "This is a test for inbox replying to a github message.",
    "email_headers_no_delimiter.txt": "And another reply!",
    "email_2_1.txt": "Outlook with a reply",
    "email_2_2.txt": "Outlook with a reply directly above line",
    "email_2_3.txt": "Outlook with a reply above headers using unusual format",
    "pathological.txt": "I think you're onto something. I will try to fix the problem as soon as I\nget back to a computer.",
}


@pytest.fixture(scope="module")
def texts(shared_data):
    return json.loads((shared_data / "reply_text_fixtures" / "reply_texts.json").read_text())


def new_of(record):
    if record["kind"] == "html":
        return new_text("", html=record["body"])
    if record["kind"] == "eml/plain":
        mail = read_mime(record["body"])
        return new_text(mail.text, html=mail.html)
    return new_text(record["body"])


def test_every_published_answer_is_given(texts):
    asked = [record for record in texts if record.get("answer") is not None]
    assert len(asked) == 21
    for record in asked:
        found, wanted = new_of(record), record["answer"]
        if record["kind"] == "html":
            found, wanted = re.sub(r"\s", "", found), re.sub(r"\s", "", wanted)
        assert found.strip() == wanted.strip(), record["name"]


def test_the_replies_of_the_other_collection_are_cut_where_its_tests_cut_them(texts):
    plain = {record["name"]: record for record in texts if record["kind"] == "plain"}
    assert len(plain) == 24
    for name, record in plain.items():
        found = new_of(record)
        assert not re.search(r"^>", found, flags=re.MULTILINE), name
        if name in ZAPIER:
            assert found == ZAPIER[name], name
    inline = new_of(plain["email_1_8.txt"])
    assert "I will reply under this one" in inline
    assert "and under this." in inline


@pytest.mark.parametrize(
    "line",
    [
        "On Mon, Apr 2, 2012 at 6:26 PM, Maya <maya@postwell.example> wrote:",
        "Am 02.04.2012 um 18:26 schrieb Maya <maya@postwell.example>:",
        "Le 2 avril 2012 18:26, Maya <maya@postwell.example> a écrit :",
        "El lun., 2 abr. 2012 a las 18:26, Maya (<maya@postwell.example>) escribió:",
        "2012年4月2日 18:26 Maya <maya@postwell.example>:",
    ],
)
def test_what_introduces_a_quotation_is_known_in_any_language(line):
    assert new_text(f"Yes, Thursday.\n\n{line}\n> Would Thursday suit you?") == "Yes, Thursday."


def test_a_time_or_an_address_alone_cuts_nothing():
    text = "Call me at 10:30 about this:\nmaya@postwell.example is in copy: she knows.\nThanks"
    assert new_text(text) == text


@pytest.mark.parametrize(
    "body",
    ["From: x\n" * 12_000, ">" * LONGEST, "a" + "\n" * 99_000 + "b", "On " * 33_000, "<a@b.c> 1:1:\n" * 5_000],
)
def test_a_body_made_to_stall_is_read_all_the_same(body):
    assert len(new_text(body)) <= LONGEST
    assert isinstance(new_text("", html=body.replace("\n", "<br>")), str)


@pytest.mark.parametrize(
    "html",
    [
        "<!-- -->",
        "<?xml version='1.0' encoding='utf-16'?><p>x</p>",
        "<div>" * 20_000,
        "<p>\ud800x",
        "a\x00b<p>",
        "<script>alert(1)</script>",
        "&" * 1000,
    ],
)
def test_broken_html_is_read_as_far_as_it_goes(html):
    assert "alert" not in new_text("", html=html)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400), st.text(max_size=400))
def test_no_text_and_no_html_raises(text, html):
    assert isinstance(new_text(text, html=html), str)
    assert isinstance(new_text("", html=html), str)
