"""One small request that finds out what a server understands; it holds nobody's data."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from segvspers.emails.llm.dialogue.prompt import Prompt
from segvspers.emails.llm.dialogue.reply import MALFORMED, Reply, has_form, read_reply
from segvspers.emails.llm.money.purse import Purse
from segvspers.emails.llm.server.faults import Fault
from segvspers.emails.llm.server.profile import Profile, next_guess
from segvspers.emails.llm.server.request import Requests
from segvspers.errors import WriterError

PROBE = Prompt(
    "You write the middle part of one short email: two plain sentences. Each names its facts in fact_ids.",
    '<contact_data>\n{"facts": [{"id": "f1", "kind": "question", "topic": "templates", "asked": "in May"}]}\n</contact_data>',
    {"f1": "probe"},
)
MOST_GUESSES, MOST_REPEATS = 8, 4
ABOUT_FORM = ("schema", "response_format", "grammar", "format", "json", "unsupported", "not supported", "unknown")


class Asks(Protocol):
    """What a probe needs of a connection."""

    async def ask(self, path: str, body: bytes) -> tuple[bytes | Fault, str]:
        """Send one request without anybody's data; with a fault comes the server's complaint."""


async def find_profile(wire: Asks, requests: Callable[[Profile], Requests], first: Profile, *, purse: Purse) -> Profile:
    """Return what a server understands.

    Raises
    ------
    WriterError
        When the server can't be used at all.
    BudgetError
        When the cap does not allow to ask.
    """
    profile = first
    for _ in range(MOST_GUESSES):
        got, complaint = await _patiently(wire, requests(profile), purse)
        if isinstance(got, Reply):
            # A server that takes the schema and answers in another form has ignored it; a weak model that keeps the
            # form and fills it badly has not.
            ignored = got.status == MALFORMED and not has_form(got.text)
            guess = next_guess(profile, "") if ignored else None
            if guess is None:
                return profile
        elif got.then == "stop":
            raise WriterError(f"{got.why}.")
        else:
            guess = next_guess(profile, complaint)
            if guess is None:
                raise WriterError(f"the server understood no form of request; the last time {got.why}.")
        profile = guess
    raise WriterError("the server understood no form of request.")


async def _patiently(wire: Asks, requests: Requests, purse: Purse) -> tuple[Reply | Fault, str]:
    """Ask, and ask again while the server is busy; an error of its own that names the form is an answer."""
    body, why = requests.encoded(requests.body(PROBE)), ""
    for attempt in range(MOST_REPEATS):
        got, complaint = await _paid(wire, requests, body, purse)
        if isinstance(got, Reply):
            return got, ""
        busy = got.then == "again" and (got.slower or not any(word in complaint for word in ABOUT_FORM))
        if not busy:
            return got, complaint
        why = got.why
        if attempt < MOST_REPEATS - 1:
            await asyncio.sleep(got.wait if got.wait is not None else 0.5 * 2**attempt)
    raise WriterError(f"{why}, {MOST_REPEATS} times; check base_url and that the server runs.")


async def _paid(wire: Asks, requests: Requests, body: bytes, purse: Purse) -> tuple[Reply | Fault, str]:
    with purse.paying(len(body)) as bill:
        got, complaint = await wire.ask(requests.path, body)
        if isinstance(got, Fault):
            bill.nano = bill.nano if got.sold else 0
            return got, complaint
        reply = read_reply(got, api=requests.profile.api)
        bill.nano = purse.cost(reply, bill.nano)
    return reply, ""
