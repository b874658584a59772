"""A run that is killed at any moment buys nothing twice that it had finished, and never passes the cap."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scripted_server import ScriptedServer
from segvspers.emails.run_store import RunStore

from .conftest import EACH_USD

SCRIPT = Path(__file__).with_name("run_once.py")
CONCURRENCY = 8


def start(server, store, n, cap):
    command = [sys.executable, str(SCRIPT), server.url, str(store), str(n), str(cap)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def finished(store):
    """Contacts whose email is kept, and what the store says was spent."""
    kept = RunStore(store)
    contacts = set(kept.to_frame()["contact_id"])
    spent = kept.spent_usd
    kept.close()
    return contacts, spent


@pytest.mark.parametrize("seed", [1, 2])
def test_a_killed_run_buys_no_finished_email_again_and_stays_under_the_cap(seed, tmp_path):
    draw, n, store, cap = random.Random(seed), 150, tmp_path / "run.sqlite", 0.5
    moments = sorted(draw.sample(range(2, n - 10), 3))
    with ScriptedServer(latency=0.01) as server:
        for moment in moments:
            run = start(server, store, n, cap)
            while sum(server.sold.values()) < moment and run.poll() is None:
                time.sleep(0.001)
            time.sleep(draw.random() * 0.01)
            run.kill()
            run.wait()
            time.sleep(0.05)  # what the server had in hand is sold now
            contacts, spent = finished(store)
            before = {contact: server.sold[f"Mill {contact[1:]}"] for contact in contacts}
            assert sum(server.sold.values()) * EACH_USD <= spent + 1e-9
        assert len(contacts) > 0
        run = start(server, store, n, cap)
        assert run.communicate(timeout=60)[0] == "done"
        assert {contact: server.sold[f"Mill {contact[1:]}"] for contact in contacts} == before
        everybody, spent = finished(store)
        assert everybody == {f"C{i}" for i in range(n)}
        bought = {name: times for name, times in server.sold.items() if name.startswith("Mill")}
        assert set(bought) == {f"Mill {i}" for i in range(n)}
        assert sum(bought.values()) - n <= CONCURRENCY * len(moments)  # only what was under way at a kill
        assert sum(server.sold.values()) * EACH_USD <= spent + 1e-9 <= cap


def test_kills_do_not_lift_the_cap(tmp_path):
    n, store, cap, told = 150, tmp_path / "run.sqlite", 0.06, ""
    with ScriptedServer(latency=0.01) as server:
        for moment in (20, 60, 1000):
            run = start(server, store, n, cap)
            while sum(server.sold.values()) < moment and run.poll() is None:
                time.sleep(0.001)
            run.kill()
            told = run.communicate()[0]
        assert told == "capped"
        assert finished(store)[1] <= cap
        assert 40 < sum(server.sold.values()) <= cap / EACH_USD
