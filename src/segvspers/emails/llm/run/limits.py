"""How many requests are under way: additive increase and multiplicative decrease, under buckets that the server fills."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

FIRST_LIMIT = 8.0
SPREAD, SHORTEST_GAP, SMOOTHED = 0.6, 0.001, 0.1
DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def seconds_of(text: str) -> float | None:
    """Return a duration such as ``1m30s``, ``20ms`` or ``12`` in seconds, or nothing when it is none.

    Examples
    --------
    >>> seconds_of("6m0s"), seconds_of("20ms"), seconds_of("12"), seconds_of("soon")
    (360.0, 0.02, 12.0, None)
    """
    try:
        return max(float(text), 0.0)
    except ValueError:
        parts = DURATION.findall(text)
        return sum(float(value) * SECONDS[unit] for value, unit in parts) if parts else None


@dataclass(slots=True)
class Bucket:
    """A token bucket; without a size it holds nobody up."""

    size: float | None = None
    rate: float = 0.0
    level: float = 0.0
    at: float = 0.0

    @classmethod
    def per_minute(cls, size: float | None) -> Bucket:
        """Return a full bucket that refills once a minute."""
        return cls() if size is None else cls(size, size / 60, size)

    def wait(self, amount: float, now: float) -> float:
        """Return seconds until an amount is there; zero when it is there now. Nothing is taken."""
        if self.size is None:
            return 0.0
        self._refill(now)
        short = min(amount, self.size) - self.level
        return 0.0 if short <= 0 else short / self.rate if self.rate else 1.0

    def take(self, amount: float) -> None:
        """Take an amount; the level may go below zero for one that is larger than the bucket."""
        self.level -= amount

    def learn(self, limit: float, remaining: float, reset: float | None, now: float) -> None:
        """Take over what the server says it will still accept, and how soon it is full again."""
        if limit <= 0:
            return
        if self.size is None:
            self.level, self.at = remaining, now
        self._refill(now)
        self.size = limit
        self.rate = (limit - remaining) / reset if reset and remaining < limit else limit / 60
        self.level = min(self.level, remaining)

    def _refill(self, now: float) -> None:
        self.level = min(self.level + (now - self.at) * self.rate, self.size or 0.0)
        self.at = now


@dataclass(slots=True)
class Pace:
    """Lets requests through: as many at once as the server bears, and no sooner than it allows.

    The limit doubles with each clean window until the first complaint, then grows by one a window and is halved by
    a complaint, once for all the requests that were under way. Requests leave spread over the time that an answer
    takes: answers that come all at once are handled all at once, and while that goes on nothing is under way.
    """

    most: int
    clock: Callable[[], float]
    requests: Bucket = field(default_factory=Bucket)
    tokens: Bucket = field(default_factory=Bucket)
    limit: float = FIRST_LIMIT
    running: int = 0
    clean: int = 0
    starting: bool = True
    halved_at: float = float("-inf")
    paused_until: float = float("-inf")
    peak: int = 0
    latency: float = 0.0
    next_at: float = float("-inf")
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        """Start low, but never above the most that is allowed."""
        self.limit = min(FIRST_LIMIT, float(self.most))

    async def enter(self, tokens: int) -> float:
        """Wait for a place, for the end of a pause and for both buckets; return when the request may leave."""
        while self.running >= int(self.limit):
            place = asyncio.get_running_loop().create_future()
            self.waiting.append(place)
            await place
        self.running += 1
        self.peak = max(self.peak, self.running)
        try:
            while (delay := self._delay(tokens)) > 0:
                await asyncio.sleep(delay)
        except asyncio.CancelledError:
            self.leave()
            raise
        self.requests.take(1)
        self.tokens.take(tokens)
        now = self.clock()
        self.next_at = max(self.next_at, now) + self._gap()
        return now

    def begin(self) -> None:
        """Begin a run: nobody is under way or waits; what was learnt of the server before still holds."""
        self.running = 0
        self.waiting.clear()

    def leave(self) -> None:
        """Give the place back and wake whoever fits."""
        self.running -= 1
        free = int(self.limit) - self.running
        while self.waiting and free > 0:
            place = self.waiting.popleft()
            if not place.done():
                place.set_result(None)
                free -= 1

    def succeeded(self, sent_at: float) -> None:
        """Note an answer; a window without complaint raises the limit."""
        took = self.clock() - sent_at
        self.latency = took if not self.latency else (1 - SMOOTHED) * self.latency + SMOOTHED * took
        self.clean += 1
        if self.clean >= self.limit:
            self.limit = min(self.limit * 2 if self.starting else self.limit + 1, float(self.most))
            self.clean = 0

    def complained(self, sent_at: float, wait: float | None) -> None:
        """Note a 429 or an overload: halve the limit, and let nobody through before the server allows it."""
        now = self.clock()
        self.starting, self.clean = False, 0
        if sent_at >= self.halved_at:
            self.limit, self.halved_at = max(self.limit / 2, 1.0), now
        if wait is not None:
            self.paused_until = max(self.paused_until, now + wait)

    def learn(self, headers: Mapping[str, str]) -> None:
        """Read the rate-limit headers of an answer."""
        now = self.clock()
        for bucket, name in ((self.requests, "requests"), (self.tokens, "tokens")):
            try:
                limit = float(headers[f"x-ratelimit-limit-{name}"])
                remaining = float(headers[f"x-ratelimit-remaining-{name}"])
            except (KeyError, ValueError):
                continue
            bucket.learn(limit, remaining, seconds_of(headers.get(f"x-ratelimit-reset-{name}", "")), now)

    def _delay(self, tokens: int) -> float:
        now = self.clock()
        return max(
            self.paused_until - now, self.next_at - now, self.requests.wait(1, now), self.tokens.wait(tokens, now)
        )

    def _gap(self) -> float:
        """Return seconds between two requests that spread a window over most of an answer's time; none when that is short."""
        gap = SPREAD * self.latency / max(self.limit, 1.0)
        return gap if gap >= SHORTEST_GAP else 0.0
