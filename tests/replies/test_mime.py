"""A mail is read whatever it holds; nothing in it raises, runs away or gets into another header."""

import gzip
import mailbox
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segvspers.replies import mime
from segvspers.replies.mailbox import is_mail, mails_in
from segvspers.replies.message import Message
from segvspers.replies.mime import read_mime


def test_headers_and_bodies_are_read(mail):
    one = mail(In_Reply_To="<m1@x.example>", References="<m0@x.example> <m1@x.example>", Message_ID="<r1@pine.example>")
    one.add_alternative("<p>Thursday works for me.</p>", subtype="html")
    one.add_attachment(b"secret", maintype="application", subtype="pdf", filename="a.pdf")
    read = read_mime(one.as_bytes())
    assert (read.sender, read.recipients, read.subject) == (
        "ada@pine.example",
        ("maya@postwell.example",),
        "Re: Spring",
    )
    assert (read.reply_id, read.in_reply_to, read.references) == (
        "r1@pine.example",
        ("m1@x.example",),
        ("m0@x.example", "m1@x.example"),
    )
    assert read.moment.isoformat() == "2026-09-08T09:00:00+02:00"
    assert read.text.strip() == "Thursday works for me."
    assert "secret" not in read.text + read.html


@pytest.mark.parametrize(
    ("charset", "body", "text"),
    [
        ("utf-8", "Grüße".encode(), "Grüße"),
        ("iso-8859-1", "Grüße".encode("latin-1"), "Grüße"),
        ("utf-8", "Grüße".encode("latin-1"), "Grüße"),
        ("no-such-charset", "Grüße".encode(), "Grüße"),
        ("utf-16", "Grüße".encode("utf-16"), "Grüße"),
        ("rot13", b"hello", "hello"),
    ],
)
def test_a_wrong_or_unknown_charset_does_not_stop_the_reading(charset, body, text):
    head = (
        f"From: a@b.example\nContent-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n".encode()
    )
    assert read_mime(head + body).text == text


def test_encoded_words_are_read_and_a_header_stays_one_line():
    data = b"From: =?utf-8?q?J=C3=BCrgen?= <j@b.example>\nSubject: =?utf-8?q?Hi=0D=0ABcc:_evil@x.example?=\n\nx"
    read = read_mime(data)
    assert read.subject == "Hi Bcc: evil@x.example"
    assert read.sender == "j@b.example"
    assert read_mime(b"From: a@b.example\nSubject: =?bogus?q?a=ZZ?= =?utf-8?b?!!!?=\n\nx").subject


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", mime.NO_MAIL),
        (b"just a line", mime.NO_MAIL),
        (b"\x00\xff\xfe" * 100, mime.NO_MAIL),
        (b"From: a@b.example\n\n" + b"x" * (mime.LARGEST + 1), mime.TOO_LARGE),
    ],
)
def test_what_is_no_mail_is_told(data, why):
    assert read_mime(data) == why


def test_a_mail_nested_without_end_is_read_or_told():
    deep = b"From: a@b.example\n"
    for level in range(3_000):
        deep += f'Content-Type: multipart/mixed; boundary="b{level}"\n\n--b{level}\n'.encode()
    assert isinstance(read_mime(deep), (Message, str))
    wide = (
        b'From: a@b.example\nContent-Type: multipart/mixed; boundary="b"\n\n'
        + b"--b\nContent-Type: text/plain\n\nx\n" * 20_000
    )
    assert len(read_mime(wide).text) <= 2 * mime.MOST_PARTS


def test_a_report_of_a_mail_server_is_a_bounce_and_no_reply():
    for status, action, report in (
        ("5.1.1", "failed", "bounce_hard"),
        ("4.2.2", "failed", "bounce_soft"),
        ("4.0.0", "delayed", "delayed"),
    ):
        whole = MIMEMultipart("report", report_type="delivery-status")
        whole["From"], whole["Date"] = "MAILER-DAEMON@mx.example", "Mon, 07 Sep 2026 06:10:00 +0000"
        whole.attach(MIMEText("It could not be delivered."))
        fields = f"Final-Recipient: rfc822; gone@acme.example\nAction: {action}\nStatus: {status}\n"
        data = whole.as_bytes().rsplit(b"--", 2)[0] + b"--" + whole.get_boundary().encode()
        data += f"\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n{fields}\n--{whole.get_boundary()}--\n".encode()
        read = read_mime(data)
        assert (read.report, read.about) == (report, "gone@acme.example")


def test_every_kind_of_mailbox_gives_the_same_mails(mail, tmp_path):
    mails = [mail(sender=f"p{n}@pine.example", body=f"From here it is {n}.\n") for n in range(3)]
    folder = tmp_path / "folder"
    folder.mkdir()
    for number, one in enumerate(mails):
        (folder / f"{number}.eml").write_bytes(one.as_bytes())
    box, maildir = mailbox.mbox(tmp_path / "in.mbox"), mailbox.Maildir(tmp_path / "maildir")
    for one in mails:
        box.add(one)
        maildir.add(one)
    box.flush()
    (tmp_path / "in.mbox.gz").write_bytes(gzip.compress((tmp_path / "in.mbox").read_bytes()))
    wanted = sorted((f"p{n}@pine.example", f"From here it is {n}.") for n in range(3))
    for path in (folder, tmp_path / "in.mbox", tmp_path / "in.mbox.gz", tmp_path / "maildir"):
        assert is_mail(path), path.name
        read = [read_mime(data) for data in mails_in(path)]
        assert sorted((one.sender, one.text.strip()) for one in read) == wanted, path.name


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=600))
def test_no_bytes_raise(data):
    for whole in (
        data,
        b"From: a@b.example\n" + data,
        b"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n" + data,
    ):
        assert isinstance(read_mime(whole), (Message, str))
