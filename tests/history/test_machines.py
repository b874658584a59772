"""Opens and clicks by machines are flagged: by the platform's word, else by a rule; none is dropped."""

import numpy as np
import pandas as pd
import pytest

import segvspers as sv

START = pd.Timestamp("2026-09-08T06:00:00Z")


def acts(*rows, **more):
    """Make events of one contact and one email from (event, seconds after the sending)."""
    frame = pd.DataFrame(
        {
            "contact_id": "C1",
            "event": [event for event, _ in rows],
            "timestamp": [START + pd.Timedelta(seconds=second) for _, second in rows],
            "message_id": "m1",
        }
    )
    return frame.assign(**more)


def flagged(frame, name):
    read = sv.read_history(frame)
    return read.loc[read["event"] == name.removeprefix("machine_"), name].tolist()


@pytest.mark.parametrize(
    ("rows", "flags"),
    [
        ([("sent", 0), ("open", 9)], [True]),
        ([("sent", 0), ("open", 10)], [False]),
        ([("sent", 0), ("delivered", 100), ("open", 105)], [True]),
        ([("sent", 0), ("delivered", 100), ("open", 50)], [False]),
        ([("open", 3)], [False]),
    ],
)
def test_an_open_within_ten_seconds_of_the_delivery_is_by_a_machine(rows, flags):
    assert flagged(acts(*rows), "machine_open") == flags


@pytest.mark.parametrize(
    ("seconds", "flags"),
    [
        ([3600, 3600, 3601, 3601], [True] * 4),
        ([3600, 3603, 3605, 3608, 3610], [True] * 5),
        ([3600, 3603, 3605, 3608], [False] * 4),
        ([3600, 3603, 3605, 3608, 3611], [False] * 5),
        ([100, 3600, 3600, 3601, 3601, 9000], [False, True, True, True, True, False]),
    ],
)
def test_four_clicks_in_a_second_or_five_in_ten_are_a_burst(seconds, flags):
    assert flagged(acts(("sent", 0), *[("click", second) for second in seconds]), "machine_click") == flags


def test_bursts_are_counted_by_contact_and_by_email():
    rows = [("click", 3600)] * 4
    several = acts(*rows).assign(contact_id=["C1", "C2", "C3", "C4"])
    assert flagged(several, "machine_click") == [False] * 4
    assert flagged(acts(*rows).assign(message_id=["m1", "m2", "m3", "m4"]), "machine_click") == [False] * 4


def test_bursts_agree_with_a_slow_count():
    rng = np.random.default_rng(3)
    seconds = np.sort(rng.integers(1000, 1400, 120))
    found = flagged(acts(("sent", 0), *[("click", int(second)) for second in seconds]), "machine_click")

    def in_burst(second):
        return any(
            sum(start <= other <= start + span for other in seconds) >= count and start <= second <= start + span
            for count, span in ((4, 1), (5, 10))
            for start in seconds
        )

    assert found == [in_burst(second) for second in seconds]
    assert 0 < sum(found) < len(found)


def test_the_word_of_the_platform_goes_before_the_rule():
    frame = acts(("sent", 0), ("open", 1), ("open", 5000), machine_open=[None, "false", "true"])
    assert flagged(frame, "machine_open") == [False, True]


def test_programs_that_name_themselves_are_known_and_counted():
    events = [
        {
            "email": "a@b.example",
            "event": "open",
            "timestamp": 1_780_000_000 + n,
            "sg_event_id": str(n),
            "sg_message_id": "m",
            "useragent": agent,
        }
        for n, agent in enumerate(
            ["Mozilla/5.0", "Mozilla/5.0 (Windows NT 10.0)", "BarracudaCentral", "python-requests/2.31"]
        )
    ]
    read = sv.read_history(pd.DataFrame(events))
    assert read["machine_open"].tolist() == [True, False, True, True]
    assert "3 opens by machines found by the rule" in sv.read_report(read).summary()


def test_events_without_an_email_are_not_judged_together():
    frame = acts(*[("click", 3600)] * 6).assign(message_id=None)
    assert flagged(frame, "machine_click") == [False] * 6
