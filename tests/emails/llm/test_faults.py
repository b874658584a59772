"""What an error of a server means: ask again, give one email up, or stop; and nothing of its text is passed on."""

from datetime import UTC, datetime

import pytest

from segvspers.emails.llm.server.faults import asked_wait, fault_of

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
KEY = "sk-canary-1234567890"


@pytest.mark.parametrize(
    ("status", "code", "headers", "then", "slower"),
    [
        (429, "rate_limit_exceeded", {}, "again", True),
        (429, None, {"x-should-retry": "false"}, "give up", False),
        (429, "insufficient_quota", {"retry-after": "1"}, "stop", False),
        (429, "rate_limit_exceeded", {"retry-after": "9999"}, "stop", False),
        (408, None, {}, "again", False),
        (409, None, {}, "again", False),
        (500, None, {}, "again", False),
        (502, None, {}, "again", False),
        (503, None, {}, "again", True),
        (529, "overloaded_error", {}, "again", True),
        (400, "context_length_exceeded", {}, "give up", False),
        (400, "content_filter", {}, "filtered", False),
        (422, None, {"x-should-retry": "true"}, "again", False),
        (401, "invalid_api_key", {}, "stop", False),
        (403, None, {}, "stop", False),
        (404, "model_not_found", {}, "stop", False),
    ],
)
def test_each_status_has_its_consequence(status, code, headers, then, slower):
    fault = fault_of(status, headers, code, key_env="MY_KEY", now=NOW)
    assert (fault.then, fault.slower) == (then, slower)
    assert not fault.sold


@pytest.mark.parametrize("code", [f"Incorrect key {KEY}", f"{KEY} is wrong", "a" * 200, "drop\ntable"])
def test_a_code_that_is_no_code_is_not_repeated(code):
    assert "(" not in fault_of(500, {}, code, key_env=None, now=NOW).why


def test_a_refused_key_names_the_variable_only():
    assert fault_of(401, {}, None, key_env="MY_KEY", now=NOW).why == "the key was refused; check the variable MY_KEY"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "Wed, 25 Nov 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Wed, 25 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "-5"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_waits_are_read_as_seconds_or_dates(headers, seconds):
    assert asked_wait(headers, NOW) == seconds
