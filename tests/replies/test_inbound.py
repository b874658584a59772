"""Every published case of inbound mail gives exactly the reading that stands beside it."""

from email.message import EmailMessage

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from segvspers.dialects import inbound_formats
from segvspers.replies.inbound import BESIDE, read_inbound
from segvspers.replies.message import Message

FORMATS = {one.vendor: one for one in inbound_formats()}
NAMES = {"from_email.addr_spec": "sender", "timestamp": "moment"}


def stored(subject, text, html):
    """Return a mail as Amazon SES stores it, which the notification only names."""
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "a@b.example", subject
    mail.set_content(text)
    mail.add_alternative(html, subtype="html")
    return mail.as_bytes()


def test_every_inbound_case_gives_exactly_its_reading(inbound_cases, tmp_path):
    assert len(inbound_cases) == 8
    for esp, case in inbound_cases:
        payload, expected = case["payload"], case["expected"]
        if esp == "amazon_ses":
            path = tmp_path / payload["receipt"]["action"]["objectKey"]
            path.parent.mkdir()
            path.write_bytes(stored(expected["subject"], expected["text"], expected["html"]))
        read = read_inbound(payload, FORMATS[esp], folder=tmp_path)
        for name, value in expected.items():
            if name == "event_type":
                continue
            found = getattr(read, NAMES.get(name, name))
            wanted = pd.Timestamp(value) if name == "timestamp" else value
            assert found == wanted, (esp, case["case"], name)


def test_a_mail_that_is_only_named_is_looked_for_beside_its_log_alone(tmp_path):
    (tmp_path / "secret.eml").write_bytes(stored("Secret", "x", "x"))
    inside = tmp_path / "logs"
    inside.mkdir()
    for key in ("../secret.eml", str(tmp_path / "secret.eml"), "..", "", "a\x00b"):
        document = {"mail": {"source": "a@b.example"}, "receipt": {"action": {"objectKey": key}}}
        assert read_inbound(document, FORMATS["amazon_ses"], folder=inside) == BESIDE


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["from", "Headers", "headers", "msg", "raw_msg", "email", "to", "mail", "receipt", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=80, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            [
                "from",
                "Headers",
                "headers",
                "msg",
                "email",
                "envelope",
                "message-headers",
                "text",
                "mail",
                "receipt",
                "Date",
                "FromFull",
            ]
        ),
        JSON,
        max_size=6,
    )
)
def test_no_document_raises(document):
    for format_ in FORMATS.values():
        assert isinstance(read_inbound(document, format_), (Message, str))
