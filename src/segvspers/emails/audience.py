"""Of how many contacts all that an email says is true, and the bits of personalization that follow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


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
    statements, contacts = _codes(facts)
    place = dict(zip(facts["fact_id"], range(len(facts)), strict=True))
    order = np.lexsort((contacts, statements))
    sorted_contacts = contacts[order]
    starts = np.searchsorted(statements[order], np.arange(statements.max(initial=-1) + 2))
    sizes = np.empty(len(cited), dtype=np.int64)
    for number, ids in enumerate(cited):
        wanted = sorted({int(statements[place[one]]) for one in ids}, key=lambda code: starts[code + 1] - starts[code])
        sizes[number] = _intersected(wanted, starts, sorted_contacts, n_contacts)
    return sizes


def bits_of(sizes: np.ndarray, n_contacts: int) -> np.ndarray:
    """Return -log2 of the share of the list that each audience is."""
    return np.log2(n_contacts / np.maximum(sizes, 1)) + 0.0


def _codes(facts: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    statements = facts.groupby(["kind", "topic", "value"], sort=False, dropna=False).ngroup().to_numpy()
    contacts = facts["contact_id"].factorize()[0]
    return statements, contacts


def _intersected(wanted: list[int], starts: np.ndarray, contacts: np.ndarray, n_contacts: int) -> int:
    if not wanted:
        return n_contacts
    left = contacts[starts[wanted[0]] : starts[wanted[0] + 1]]
    for code in wanted[1:]:
        if len(left) <= 1:
            break
        left = np.intersect1d(left, contacts[starts[code] : starts[code + 1]], assume_unique=True)
    return len(left)
