"""Mails as they travel, made by the standard library."""

import json
from email.message import EmailMessage

import pytest


@pytest.fixture
def mail():
    def made(
        sender="Ada <ada@pine.example>",
        body="Thursday works for me.\n",
        date="Tue, 08 Sep 2026 09:00:00 +0200",
        **headers,
    ):
        one = EmailMessage()
        one["From"], one["To"], one["Subject"] = sender, "maya@postwell.example", headers.pop("subject", "Re: Spring")
        if date:
            one["Date"] = date
        for name, value in headers.items():
            one[name.replace("_", "-")] = value
        one.set_content(body)
        return one

    return made


@pytest.fixture
def inbound_cases(shared_data):
    return [
        (path.stem.removeprefix("webhooks_"), case)
        for path in sorted(shared_data.glob("esp_formats/webhooks_*.json"))
        for case in json.loads(path.read_text())["inbound"]
    ]
