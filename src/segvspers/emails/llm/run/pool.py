"""A run of requests: workers over one list, paced, paid for, kept as soon as they are answered."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from segvspers.emails.llm.dialogue.reply import Reply, read_reply
from segvspers.emails.llm.money.prices import NANO, Usage
from segvspers.emails.llm.money.purse import Purse
from segvspers.emails.llm.run.limits import Pace
from segvspers.emails.llm.server.faults import Fault
from segvspers.emails.run_store import StoredAnswer

FIRST_WAIT, LONGEST_BACKOFF = 0.5, 30.0
HOPELESS = 12
GRACE, TICK = 30.0, 0.1


class Sends(Protocol):
    """What a run needs of a connection."""

    async def send(self, path: str, body: bytes) -> tuple[bytes, Mapping[str, str]] | Fault:
        """Send one request."""


@dataclass(frozen=True, slots=True)
class Job:
    """One request to buy: its key, whose it is, the most that it may cost, and the tokens that it will weigh."""

    key: str
    contact_id: str
    body: bytes
    most_nano: int
    tokens: int


@dataclass(slots=True)
class Tally:
    """What happened so far in a run; a progress bar reads it while the run goes on."""

    n_wanted: int = 0
    n_bought: int = 0
    n_attempts: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    cost_nano: int = 0
    unconfirmed_nano: int = 0
    tokens_in: int = 0
    tokens_out: int = 0

    def count(self, answer: StoredAnswer) -> None:
        """Count an answer that was bought."""
        self.n_bought += 1
        self.outcomes[answer.status] += 1
        self.cost_nano += answer.cost_nano
        self.tokens_in += answer.tokens_in
        self.tokens_out += answer.tokens_out

    @property
    def n_done(self) -> int:
        """Requests that are settled, with or without an answer."""
        return sum(self.statuses.values())

    @property
    def cost_usd(self) -> float:
        """What this run has cost, with what may have been billed."""
        return (self.cost_nano + self.unconfirmed_nano) / NANO


@dataclass(slots=True)
class Stop:
    """Why a run ended before its list did: money, server or user."""

    kind: str
    why: str


@dataclass(slots=True)
class Pool:
    """Workers that buy a list of jobs.

    Attributes
    ----------
    wire, path, api
        Connection, and how to ask and read.
    purse
        Where answers are kept, what they cost, and the most that all of them may cost.
    pace
        How many requests are under way.
    arrived
        Called with every answer; what it does overlaps with the waiting for others.
    """

    wire: Sends
    path: str
    api: str
    model: str
    purse: Purse
    pace: Pace
    max_retries: int
    arrived: Callable[[StoredAnswer], None]
    tally: Tally = field(default_factory=Tally)
    stop: Stop | None = None
    failed_in_a_row: int = 0
    reserved: int = 0
    jitter: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311  spreads repeats, no secret
    replies: dict[str, StoredAnswer] = field(default_factory=dict)
    given_up: dict[str, str] = field(default_factory=dict)

    async def run(self, jobs: Iterator[Job], *, workers: int) -> None:
        """Buy every job, or stop early and say why in `stop`; what was bought is kept either way.

        After a stop, requests under way get half a minute to end, because they are paid for.
        """
        tasks = {asyncio.ensure_future(self._work(jobs)) for _ in range(workers)}
        patience = GRACE / TICK
        try:
            while tasks and patience > 0:
                done, tasks = await asyncio.wait(tasks, timeout=TICK, return_when=asyncio.FIRST_EXCEPTION)
                for task in done:
                    task.result()
                if self.stop is not None:
                    patience = 0 if self.reserved == 0 else patience - 1
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self, jobs: Iterator[Job]) -> None:
        while self.stop is None and (job := next(jobs, None)) is not None:
            await self._buy(job)

    async def _buy(self, job: Job) -> None:
        why = ""
        for attempt in range(self.max_retries + 1):
            sent_at = await self.pace.enter(job.tokens)
            try:
                if self.stop is not None or not await self._reserved(job):
                    return
                got = await self._attempt(job, sent_at)
            finally:
                self.pace.leave()
            if not isinstance(got, Fault):
                return
            why = got.why
            self.tally.faults[why] += 1
            if got.slower:
                self.pace.complained(sent_at, got.wait)
            if got.then == "stop":
                self._end("server", why)
                return
            if got.then == "filtered":
                self._keep(job, Reply("filtered", "", Usage()))
                return
            if got.then == "give up":
                break
            if attempt < self.max_retries:
                await asyncio.sleep(self._wait(got, attempt))
        self._give_up(job, why)

    async def _attempt(self, job: Job, sent_at: float) -> Fault | None:
        """Send once; the reservation is settled whatever happens, a cancellation included."""
        self.tally.n_attempts += 1
        settled = False
        try:
            got = await self.wire.send(self.path, job.body)
            if isinstance(got, Fault):
                self._settle(job, sold=got.sold)
                settled = True
                return got
            payload, headers = got
            self._keep(job, read_reply(payload, api=self.api), reserved=job.most_nano)
            settled = True
            self.pace.learn(headers)
            self.pace.succeeded(sent_at)
            return None
        finally:
            self.reserved -= 1
            if not settled:
                self._settle(job, sold=True)

    async def _reserved(self, job: Job) -> bool:
        """Set the most that a job may cost aside; wait for others to be settled while that does not fit."""
        while not self.purse.store.reserve(job.most_nano, cap=self.purse.cap_nano):
            if self.reserved == 0 or self.stop is not None:
                self._end("money", "the money cap is reached")
                return False
            await asyncio.sleep(0.02)
        self.reserved += 1
        return True

    def _settle(self, job: Job, *, sold: bool) -> None:
        self.purse.store.settle(job.most_nano, job.most_nano if sold else 0)
        self.tally.unconfirmed_nano += job.most_nano if sold else 0

    def _keep(self, job: Job, reply: Reply, *, reserved: int = 0) -> None:
        cost = self.purse.cost(reply, reserved)
        usage = reply.usage or Usage()
        kept = StoredAnswer(
            job.key, reply.status, reply.text, self.model, usage.tokens_in, usage.tokens_out, usage.cached, cost
        )
        self.purse.store.keep(kept, job.contact_id, reserved=reserved)
        self.replies[job.key] = kept
        self.arrived(kept)
        self.tally.count(kept)
        self.tally.statuses[reply.status] += 1
        self.failed_in_a_row = 0

    def _give_up(self, job: Job, why: str) -> None:
        self.given_up[job.key] = why
        self.tally.statuses["failed"] += 1
        self.failed_in_a_row += 1
        if self.failed_in_a_row >= HOPELESS:
            self._end("server", f"{HOPELESS} requests in a row brought no answer, the last because {why}")

    def _end(self, kind: str, why: str) -> None:
        if self.stop is None:
            self.stop = Stop(kind, why)

    def _wait(self, fault: Fault, attempt: int) -> float:
        if fault.wait is not None:
            return 0.0 if fault.slower else fault.wait  # the pace holds everybody up for a complaint
        longest = min(FIRST_WAIT * 2**attempt, LONGEST_BACKOFF)
        return longest * (1 - 0.25 * self.jitter.random())
