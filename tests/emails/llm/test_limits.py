"""How many requests are under way: slow start, halving, pauses and buckets, on a clock of the test's own."""

import asyncio

import pytest

from segvspers.emails.llm.run.limits import Bucket, Pace, seconds_of


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_the_limit_doubles_while_nobody_complains_and_then_creeps(clock):
    pace = Pace(64, clock)
    limits = []
    for _ in range(8 + 16 + 32):
        pace.succeeded(clock())
        limits.append(pace.limit)
    assert sorted(set(limits)) == [8, 16, 32, 64]
    pace.complained(clock.now, None)
    assert pace.limit == 32
    for _ in range(32):
        pace.succeeded(clock())
    assert pace.limit == 33


def test_complaints_about_one_burst_halve_once(clock):
    pace = Pace(64, clock, limit=40)
    pace.limit = 40
    sent_at = clock.now
    clock.now += 1
    for _ in range(10):
        pace.complained(sent_at, None)
    assert pace.limit == 20
    clock.now += 1
    pace.complained(clock.now, None)
    assert pace.limit == 10
    for _ in range(10):
        clock.now += 1
        pace.complained(clock.now, None)
    assert pace.limit == 1


def test_nobody_leaves_before_the_pause_is_over(clock):
    pace = Pace(4, clock)
    pace.complained(clock.now, 7.5)
    assert pace._delay(1) == pytest.approx(7.5)
    clock.now += 8
    assert pace._delay(1) <= 0


def test_no_more_than_the_limit_are_under_way(clock):
    async def main():
        pace, most, running = Pace(3, clock), 0, 0

        async def one():
            nonlocal most, running
            await pace.enter(1)
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.001)
            running -= 1
            pace.leave()

        await asyncio.gather(*[one() for _ in range(30)])
        return most, pace.running

    assert asyncio.run(main()) == (3, 0)


def test_a_waiter_that_is_cancelled_takes_no_place(clock):
    async def main():
        pace = Pace(1, clock)
        await pace.enter(1)
        waiting = [asyncio.ensure_future(pace.enter(1)) for _ in range(2)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        await asyncio.sleep(0)
        pace.leave()
        await asyncio.wait_for(waiting[1], 1)
        return pace.running

    assert asyncio.run(main()) == 1


def test_a_bucket_lets_through_its_size_and_then_its_rate():
    bucket = Bucket.per_minute(60)
    for _ in range(60):
        assert bucket.wait(1, 0.0) == 0
        bucket.take(1)
    assert bucket.wait(1, 0.0) == pytest.approx(1.0)
    assert bucket.wait(3, 1.0) == pytest.approx(2.0)
    assert bucket.wait(1, 1.01) == 0


def test_a_bucket_without_a_size_holds_nobody_up():
    bucket = Bucket()
    bucket.take(1e9)
    assert bucket.wait(1e9, 0.0) == 0


def test_a_request_larger_than_the_bucket_waits_until_it_is_full():
    bucket = Bucket.per_minute(100)
    assert bucket.wait(500, 0.0) == 0
    bucket.take(500)
    assert bucket.wait(100, 0.0) == pytest.approx(500 / (100 / 60))


def test_what_the_server_says_replaces_what_we_thought(clock):
    pace = Pace(8, clock)
    told = {"x-ratelimit-limit-tokens": "1000", "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "10s"}
    pace.learn(told)
    assert pace._delay(500) == pytest.approx(5.0)
    clock.now += 5
    assert pace._delay(500) <= 1e-9
    pace.learn({"x-ratelimit-limit-tokens": "soon"})
    pace.learn({})
    assert pace.tokens.size == 1000


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1s", 1), ("6m0s", 360), ("20ms", 0.02), ("1h1m1s", 3661), ("12.5", 12.5), ("", None), ("x", None)],
)
def test_durations_are_read(text, seconds):
    assert seconds_of(text) == seconds


def test_requests_leave_spread_over_the_time_that_an_answer_takes():
    clock = Clock()
    pace = Pace(10, clock)
    pace.limit = 10.0

    async def waits():
        for _ in range(3):
            await pace.enter(1)
            pace.leave()
        pace.latency = 2.0
        await pace.enter(1)  # the first after the latency is known leaves at once and holds up the next
        return pace._delay(1)

    assert asyncio.run(waits()) == pytest.approx(0.6 * 2.0 / 10)
    clock.now += 0.12
    assert pace._delay(1) == pytest.approx(0)
    pace.latency = 0.001
    assert pace._gap() == 0
