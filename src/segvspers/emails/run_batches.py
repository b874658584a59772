"""Batches under way, in the file of a run: noted before they are sent, so that a killed run finds them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from segvspers.emails.run_store import AT_ONCE, RunStore, StoredAnswer


@dataclass(frozen=True, slots=True)
class Line:
    """One request of a batch: its key, whose it is, and what is reserved for it."""

    key: str
    contact_id: str
    most_nano: int


@dataclass(frozen=True, slots=True)
class OpenBatch:
    """A batch whose results are not collected; without an id it was noted but perhaps never sent."""

    token: str
    batch_id: str
    file_id: str


class BatchBook:
    """The batches of a store."""

    def __init__(self, store: RunStore) -> None:
        self._store, self._db = store, store.db

    def note(self, token: str, lines: Sequence[Line], *, cap: int | None) -> bool:
        """Reserve the money of a batch and note its lines, before anything is sent; not when the cap would be passed."""
        most = sum(line.most_nano for line in lines)
        with self._store.transaction():
            if not self._store.reserve(most, cap=cap):
                return False
            self._db.execute("INSERT INTO batches VALUES (?, '', '', 'open', ?)", (token, most))
            rows = [(line.key, token, line.contact_id, line.most_nano) for line in lines]
            self._db.executemany("INSERT OR REPLACE INTO batch_lines VALUES (?, ?, ?, ?)", rows)
        return True

    def sent(self, token: str, *, batch_id: str, file_id: str) -> None:
        """Note under which ids a batch is known to the server."""
        sql = "UPDATE batches SET batch_id = ?, file_id = ? WHERE token = ?"
        self._db.execute(sql, (batch_id, file_id, token))

    def open(self) -> list[OpenBatch]:
        """Return the batches whose results are not collected."""
        rows = self._db.execute("SELECT token, batch_id, file_id FROM batches ORDER BY rowid")
        return [OpenBatch(*row) for row in rows]

    def lines(self, token: str) -> dict[str, Line]:
        """Return the lines of a batch by key, without those of erased contacts."""
        rows = self._db.execute("SELECT key, contact_id, most FROM batch_lines WHERE token = ?", (token,))
        return {row[0]: Line(*row) for row in rows}

    def waiting(self, keys: Sequence[str]) -> set[str]:
        """Return which of some keys are in a batch that is not collected."""
        found: set[str] = set()
        for start in range(0, len(keys), AT_ONCE):
            some = keys[start : start + AT_ONCE]
            marks = ",".join("?" * len(some))
            found |= {row[0] for row in self._db.execute(f"SELECT key FROM batch_lines WHERE key IN ({marks})", some)}
        return found

    def close(self, token: str, answers: Sequence[tuple[StoredAnswer, str]], *, also_spent: int = 0) -> None:
        """Keep the answers of a batch with their owners, settle its money and forget its lines, all at once.

        Parameters
        ----------
        token
            The batch.
        answers
            Each with the contact whose it is.
        also_spent
            Cost of answers that nobody owns any more.
        """
        with self._store.transaction():
            for answer, contact_id in answers:
                self._store.put(answer, contact_id)
            row = self._db.execute("SELECT reserved FROM batches WHERE token = ?", (token,)).fetchone()
            spent = also_spent + sum(answer.cost_nano for answer, _ in answers)
            self._store.settle(0 if row is None else row[0], spent)
            self._db.execute("DELETE FROM batch_lines WHERE token = ?", (token,))
            self._db.execute("DELETE FROM batches WHERE token = ?", (token,))
