"""What went wrong with a request, and what to do: ask again, give this email up, or stop the run.

Nothing that a server says is passed on but its status and short codes: a message may hold a key or a prompt.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

OUT_OF_MONEY = {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"}
FILTERS = {"content_filter", "content_policy_violation", "invalid_prompt"}
CODE = re.compile(r"^[A-Za-z0-9_.\[\]-]{1,60}$")
LONGEST_WAIT = 600.0
STOPPING = {
    401: "the key was refused; check the variable {key_env}",
    403: "the key may not use this model or server",
    404: "there is no such model or address; check model= and base_url=",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A request that brought no answer.

    Attributes
    ----------
    then
        ``again``, ``give up`` (this email only), ``filtered`` or ``stop`` (the whole run).
    why
        For the analyst; holds no key, no name and no text of the server.
    wait
        Seconds that the server asked for.
    slower
        Whether fewer requests should be under way.
    sold
        Whether the server may have written, and billed, an answer that never came.
    """

    then: Literal["again", "give up", "filtered", "stop"]
    why: str
    wait: float | None = None
    slower: bool = False
    sold: bool = False


def fault_of(status: int, headers: Mapping[str, str], code: str | None, *, key_env: str | None, now: datetime) -> Fault:
    """Return what a response with an error status means."""
    named = f" ({code})" if code and CODE.match(code) else ""
    if code in OUT_OF_MONEY:
        return Fault("stop", f"the account has no credit left{named}; add credit and run again")
    if status in STOPPING:
        return Fault("stop", STOPPING[status].format(key_env=key_env or "of the key") + named)
    if code in FILTERS:
        return Fault("filtered", f"a content filter stopped the request{named}")
    wait = asked_wait(headers, now)
    told = headers.get("x-should-retry")
    again = told == "true" or (told != "false" and (status in {408, 409, 429} or status >= 500))
    if wait is not None and wait > LONGEST_WAIT:
        return Fault("stop", f"the server asks to wait {wait / 60:.0f} minutes{named}; run again then")
    if again:
        slower = status in {429, 503, 529}
        return Fault("again", f"the server answered {status}{named}", wait, slower=slower)
    return Fault("give up", f"the server refused the request with {status}{named}")


def asked_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that a server asks to wait, from `retry-after-ms` or `retry-after` (seconds or a date)."""
    exact, plain = headers.get("retry-after-ms"), headers.get("retry-after")
    try:
        if exact is not None:
            return max(float(exact) / 1000, 0.0)
        return None if plain is None else max(float(plain), 0.0)
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(plain or "")
    except (TypeError, ValueError):
        return None
    return max((moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds(), 0.0)
