"""The file of paid answers: what is kept, what is counted, and what is gone once a person is erased."""

import sqlite3
import threading

import pytest

from segvspers.emails.run_store import RunStore, StoredAnswer
from segvspers.errors import ArgumentError, WriterError


def answer(key, text="{}", cost=3):
    return StoredAnswer(key, "answered", text, "m", 10, 5, 0, cost)


def test_what_is_kept_is_there_when_the_file_is_opened_again(tmp_path):
    store = RunStore(tmp_path / "run.sqlite")
    store.reserve(10, cap=None)
    store.keep(answer("k1"), "C1", reserved=10)
    again = RunStore(tmp_path / "run.sqlite")
    assert again.answers(["k1", "k2"]) == {"k1": answer("k1")}
    assert again.spent_nano == 3
    assert again.to_frame()[["contact_id", "status", "tokens_in"]].values.tolist() == [["C1", "answered", 10]]


def test_many_keys_are_found_at_once(tmp_path):
    store = RunStore(None)
    for place in range(1200):
        store.keep(answer(f"k{place}"), f"C{place}", reserved=0)
    assert len(store.answers([f"k{place}" for place in range(2000)])) == 1200


def test_money_is_reserved_before_it_is_spent_and_never_beyond_the_cap():
    store = RunStore(None)
    assert store.reserve(6, cap=10)
    assert not store.reserve(5, cap=10)
    store.settle(6, 2)
    assert store.reserve(8, cap=10)
    assert not store.reserve(1, cap=10)
    assert store.spent_nano == 10


def test_two_processes_share_one_cap(tmp_path):
    stores = [RunStore(tmp_path / "run.sqlite") for _ in range(4)]
    taken = []

    def take(store):
        taken.extend(store.reserve(1, cap=100) for _ in range(60))

    threads = [threading.Thread(target=take, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(taken) == 100
    assert stores[0].spent_nano == 100


def test_an_erased_contact_is_gone_from_every_byte_of_the_file(tmp_path):
    store = RunStore(tmp_path / "run.sqlite")
    for place in range(50):
        store.keep(answer(f"k{place}", text=f"Dear Unmistakable{place}, " + "x" * 3000), f"C{place}", reserved=0)
    assert b"Unmistakable7," in b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert store.erase_contact("C7") == 1
    left = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"Unmistakable7," not in left
    assert b"C7\x00" not in left
    assert b"Unmistakable8," in left
    assert store.answers(["k7"]) == {}
    assert len(store.to_frame()) == 49
    assert store.erase_contact("C7") == 0
    assert store.spent_nano == 150  # what was paid stays paid


def test_an_answer_that_two_contacts_share_goes_with_either():
    store = RunStore(None)
    store.keep(answer("k"), "A", reserved=0)
    store.own([("k", "B")])
    assert store.erase_contact("B") == 1
    assert store.answers(["k"]) == {}


def test_erasing_while_somebody_reads_says_what_to_do(tmp_path):
    store = RunStore(tmp_path / "run.sqlite")
    store.keep(answer("k"), "A", reserved=0)
    store.db.execute("PRAGMA busy_timeout = 50")
    reader = sqlite3.connect(tmp_path / "run.sqlite", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM answers").fetchone()
    with pytest.raises(WriterError, match="open elsewhere.*erase again"):
        store.erase_contact("A")
    reader.close()
    store.erase_contact("A")


@pytest.mark.parametrize("content", [b"contact_id,email\n" * 100, b""])
def test_a_file_that_is_something_else_is_refused_and_left_as_it_is(tmp_path, content):
    path = tmp_path / "other.sqlite"
    if content:
        path.write_bytes(content)
    else:
        other = sqlite3.connect(path)
        other.execute("CREATE TABLE contacts (x)")
        other.close()
    before = path.read_bytes()
    with pytest.raises(ArgumentError, match=r"other\.sqlite is no run store; name another file with store="):
        RunStore(path)
    assert path.read_bytes()[:64] == before[:64]


def test_a_repr_shows_no_folder(tmp_path):
    assert repr(RunStore(tmp_path / "run.sqlite")) == "RunStore(run.sqlite, spent $0.0000)"
