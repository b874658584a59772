"""Every paid answer in one SQLite file, committed as soon as it is there, so that a run can be killed at any moment.

An answer is kept under the hash of the request that bought it, never under a data set or a time: one changed
contact buys one new email. Money is counted in whole nano-dollars and reserved before it is spent; what was
reserved when a run was killed may have been billed and counts as spent.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from segvspers.errors import ArgumentError, WriterError

if TYPE_CHECKING:
    import pandas as pd

NANO = 1_000_000_000
VERSION = 1
AT_ONCE = 500
TABLES = """
CREATE TABLE answers (
  key TEXT PRIMARY KEY, status TEXT NOT NULL, text TEXT NOT NULL, model TEXT NOT NULL, tokens_in INTEGER NOT NULL,
  tokens_out INTEGER NOT NULL, cached INTEGER NOT NULL, cost_nano INTEGER NOT NULL, made_at TEXT NOT NULL);
CREATE TABLE owners (key TEXT NOT NULL, contact_id TEXT NOT NULL, PRIMARY KEY (contact_id, key)) WITHOUT ROWID;
CREATE INDEX owners_by_key ON owners (key);
CREATE TABLE money (id INTEGER PRIMARY KEY CHECK (id = 1), spent INTEGER NOT NULL, reserved INTEGER NOT NULL);
INSERT INTO money VALUES (1, 0, 0);
CREATE TABLE profiles (name TEXT PRIMARY KEY, profile TEXT NOT NULL);
CREATE TABLE batches (
  token TEXT PRIMARY KEY, batch_id TEXT NOT NULL, file_id TEXT NOT NULL, state TEXT NOT NULL, reserved INTEGER NOT NULL);
CREATE TABLE batch_lines (key TEXT PRIMARY KEY, token TEXT NOT NULL, contact_id TEXT NOT NULL, most INTEGER NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """One paid answer: its status, its text as it came, its tokens and its cost."""

    key: str
    status: str
    text: str
    model: str
    tokens_in: int
    tokens_out: int
    cached: int
    cost_nano: int


class RunStore:
    """The file of a run: finished answers, their owners, and the money spent.

    Parameters
    ----------
    path
        The SQLite file, made when missing; without one the store lives in memory and ends with the session.

    Raises
    ------
    ArgumentError
        When the file is something else, or its folder is not there.

    Examples
    --------
    >>> store = RunStore(None)
    >>> store.reserve(5, cap=8), store.reserve(5, cap=8)
    (True, False)
    >>> store.keep(StoredAnswer("k1", "answered", "{}", "m", 10, 5, 0, 3), "C00042", reserved=5)
    >>> store.spent_usd, len(store.answers(["k1", "k2"])), store.erase_contact("C00042")
    (3e-09, 1, 1)
    """

    def __init__(self, path: str | Path | None) -> None:
        self.path = None if path is None else Path(path)
        if self.path is not None and not self.path.parent.is_dir():
            raise ArgumentError(f"store: there is no folder {str(self.path.parent)!r}; make it, or name another file.")
        name = ":memory:" if self.path is None else str(self.path)
        self.db = sqlite3.connect(name, isolation_level=None, check_same_thread=False, timeout=20)
        try:
            self._open()
        except sqlite3.DatabaseError:
            self.db.close()
            raise ArgumentError(f"store: {name} is no run store; name another file with store=.") from None

    def _open(self) -> None:
        """Make the tables in a new file, and touch no file that is something else."""
        (version,) = self.db.execute("PRAGMA user_version").fetchone()
        (n_tables,) = self.db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if version not in {0, VERSION} or (version == 0 and n_tables):
            raise sqlite3.DatabaseError
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        self.db.execute("PRAGMA secure_delete = ON")
        with self.transaction():
            if self.db.execute("PRAGMA user_version").fetchone() == (0,):  # another process may have been quicker
                for statement in TABLES.split(";"):
                    self.db.execute(statement)
                self.db.execute(f"PRAGMA user_version = {VERSION}")

    def answers(self, keys: Sequence[str]) -> dict[str, StoredAnswer]:
        """Return the finished answers among some keys."""
        found = {}
        for start in range(0, len(keys), AT_ONCE):
            some = keys[start : start + AT_ONCE]
            marks = ",".join("?" * len(some))
            columns = "key, status, text, model, tokens_in, tokens_out, cached, cost_nano"
            rows = self.db.execute(f"SELECT {columns} FROM answers WHERE key IN ({marks})", some)
            found.update({row[0]: StoredAnswer(*row) for row in rows})
        return found

    def keep(self, answer: StoredAnswer, contact_id: str, *, reserved: int) -> None:
        """Commit a finished answer at once, and turn what was reserved for it into what it cost."""
        with self.transaction():
            self.put(answer, contact_id)
            self.settle(reserved, answer.cost_nano)

    def put(self, answer: StoredAnswer, contact_id: str) -> None:
        """Write an answer and its owner, inside a transaction of the caller."""
        values = (
            answer.key, answer.status, answer.text, answer.model, answer.tokens_in, answer.tokens_out, answer.cached,
            answer.cost_nano, datetime.now(UTC).isoformat(timespec="seconds"),
        )  # fmt: skip
        self.db.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
        self.db.execute("INSERT OR IGNORE INTO owners VALUES (?, ?)", (answer.key, contact_id))

    def own(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Note which contacts use which answers, so that erasing one of them finds all that is theirs."""
        with self.transaction():
            self.db.executemany("INSERT OR IGNORE INTO owners VALUES (?, ?)", pairs)

    def reserve(self, nano: int, *, cap: int | None) -> bool:
        """Set money aside before it is spent; nothing is set aside when the cap would be passed."""
        limit = 2**62 if cap is None else cap
        sql = "UPDATE money SET reserved = reserved + ? WHERE spent + reserved + ? <= ?"
        return bool(self.db.execute(sql, (nano, nano, limit)).rowcount)

    def settle(self, reserved: int, spent: int) -> None:
        """Turn what was reserved into what was spent (zero when nothing was sold)."""
        sql = "UPDATE money SET reserved = reserved - ?, spent = spent + ?"
        self.db.execute(sql, (reserved, spent))

    def usual(self, model: str) -> tuple[int, float, float]:
        """Return how many counted answers of a model there are, and their mean tokens in and out."""
        sql = "SELECT count(*), avg(tokens_in), avg(tokens_out) FROM answers WHERE model = ? AND tokens_in > 0"
        n, tokens_in, tokens_out = self.db.execute(sql, (model,)).fetchone()
        return int(n), tokens_in or 0.0, tokens_out or 0.0

    @property
    def spent_nano(self) -> int:
        """All that was spent or may have been billed, in nano-dollars."""
        (total,) = self.db.execute("SELECT spent + reserved FROM money").fetchone()
        return int(total)

    @property
    def spent_usd(self) -> float:
        """All that was spent or may have been billed, in US dollars."""
        return self.spent_nano / NANO

    def profile(self, name: str) -> str | None:
        """Return what a server was found to understand, or nothing when it was not asked yet."""
        row = self.db.execute("SELECT profile FROM profiles WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def keep_profile(self, name: str, profile: str) -> None:
        """Keep what a server understands."""
        self.db.execute("INSERT OR REPLACE INTO profiles VALUES (?, ?)", (name, profile))

    def erase_contact(self, contact_id: str) -> int:
        """Erase every answer of a contact from the file, its journal included, and return how many there were.

        Raises
        ------
        WriterError
            When another process keeps the file from being cleaned.
        """
        with self.transaction():
            keys = [row[0] for row in self.db.execute("SELECT key FROM owners WHERE contact_id = ?", (contact_id,))]
            keys += [
                row[0] for row in self.db.execute("SELECT key FROM batch_lines WHERE contact_id = ?", (contact_id,))
            ]
            pairs = [(key,) for key in set(keys)]
            gone = self.db.executemany("DELETE FROM answers WHERE key = ?", pairs).rowcount if pairs else 0
            self.db.executemany("DELETE FROM owners WHERE key = ?", pairs)
            self.db.executemany("DELETE FROM batch_lines WHERE key = ?", pairs)
        (busy, *_) = self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise WriterError(
                "the run store is open elsewhere, so its journal can't be cleaned; close it, erase again."
            )
        return max(gone, 0)

    def to_frame(self) -> pd.DataFrame:
        """Return one row an answer and owner: contact, status, model, tokens and cost; no text."""
        import pandas as pd

        sql = """SELECT contact_id, status, model, tokens_in, tokens_out, cached, cost_nano / 1e9 AS cost_usd, made_at, key
        FROM answers JOIN owners USING (key) ORDER BY contact_id, made_at, key"""
        with closing(self.db.execute(sql)) as rows:
            return pd.DataFrame(rows.fetchall(), columns=[column[0] for column in rows.description])

    def close(self) -> None:
        """Close the file; what was kept stays."""
        self.db.close()

    def transaction(self) -> _Transaction:
        """Return a block that is written whole or not at all."""
        return _Transaction(self.db)

    def __repr__(self) -> str:
        where = "memory" if self.path is None else self.path.name
        return f"RunStore({where}, spent ${self.spent_usd:.4f})"


class _Transaction:
    """BEGIN IMMEDIATE to COMMIT; anything raised inside rolls back."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def __enter__(self) -> None:
        self.db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, *_: object) -> None:
        self.db.execute("COMMIT" if kind is None else "ROLLBACK")
