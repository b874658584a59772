"""Of how many contacts all that an email says is true, and the bits of personalization that follow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class AudienceIndex:
    """An inverted index from what is said to contacts.

    Attributes
    ----------
    starts
        Where the contacts of each statement start in `contacts`, shape ``(n_statements + 1,)``.
    contacts
        Places of contacts on the list, sorted within a statement.
    n_contacts
        Contacts on the list.
    """

    starts: np.ndarray
    contacts: np.ndarray
    n_contacts: int

    @classmethod
    def of(cls, statements: np.ndarray, contacts: np.ndarray, n_contacts: int) -> AudienceIndex:
        """Return the index of facts, given the code of what each says and the place of its contact."""
        order = np.lexsort((contacts, statements))
        counts = np.bincount(statements, minlength=int(statements.max(initial=-1)) + 1)
        starts = np.concatenate([[0], np.cumsum(counts)])
        return cls(starts, np.ascontiguousarray(contacts[order]), n_contacts)

    @classmethod
    def ordered(cls, batches: Iterable[tuple[np.ndarray, np.ndarray]], n_facts: int, n_contacts: int) -> AudienceIndex:
        """Return the index of facts that come in batches, ordered by statement and then by place."""
        contacts, counts, filled = np.empty(n_facts, dtype=np.int32), np.zeros(0, dtype=np.int64), 0
        for statements, places in batches:
            contacts[filled : filled + len(places)] = places
            filled += len(places)
            more = np.bincount(statements, minlength=len(counts))
            more[: len(counts)] += counts
            counts = more
        return cls(np.concatenate([[0], np.cumsum(counts)]), contacts, n_contacts)

    def sizes(self, cited: Sequence[Sequence[int]]) -> np.ndarray:
        """Return for each email, given the codes of what it says, how many contacts all of it is true of."""
        lengths = np.diff(self.starts)
        found = np.empty(len(cited), dtype=np.int64)
        for place, codes in enumerate(cited):
            found[place] = self._size(sorted(set(codes), key=lengths.__getitem__))
        return found

    def _size(self, codes: list[int]) -> int:
        """Return the size of an intersection, the rarest statement first, so that most are settled by it."""
        if not codes:
            return self.n_contacts
        left = self._true_of(codes[0])
        for code in codes[1:]:
            if len(left) <= 1:
                break
            others = self._true_of(code)
            places = np.minimum(np.searchsorted(others, left), len(others) - 1)
            left = left[others[places] == left]
        return len(left)

    def _true_of(self, code: int) -> np.ndarray:
        return self.contacts[self.starts[code] : self.starts[code + 1]]


def audience_sizes(cited: Sequence[Sequence[str]], facts: pd.DataFrame, n_contacts: int) -> np.ndarray:
    """Return for each email the number of contacts of whom every cited fact is true.

    Parameters
    ----------
    cited
        Fact ids that each email cites; an email without any is true of everybody.
    facts
        The fact table of the whole list.
    n_contacts
        Contacts on the list.

    Returns
    -------
    numpy.ndarray
        Counts, shape ``(len(cited),)``.

    Notes
    -----
    An inverted index from what is said (`kind, topic, value`) to contacts; the rarest fact of an email is looked
    up first, so that most emails are settled by their first list.
    """
    codes = statement_codes(facts)
    index = AudienceIndex.of(codes, facts["contact_id"].factorize()[0], n_contacts)
    code_of = dict(zip(facts["fact_id"], codes.tolist(), strict=True))
    return index.sizes([[code_of[one] for one in ids] for ids in cited])


def statement_codes(facts: pd.DataFrame) -> np.ndarray:
    """Return a code of what each fact says; two facts that say the same have the same code."""
    return facts.groupby(["kind", "topic", "value"], sort=False, dropna=False).ngroup().to_numpy()


def bits_of(sizes: np.ndarray, n_contacts: int) -> np.ndarray:
    """Return -log2 of the share of the list that each audience is."""
    return np.log2(n_contacts / np.maximum(sizes, 1)) + 0.0
