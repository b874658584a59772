"""Two contacts of one cell side by side, and how many facts such two share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from segvspers._checks import require_columns
from segvspers._levels import Attribute
from segvspers.errors import DataError
from segvspers.explosion.people import IDENTITY, Comparable, People, is_key, is_private

N_PAIRS = 20_000
MISSING = "not known"
FACTS = (IDENTITY, "kind", "topic", "value")


def pairs_within(cells: np.ndarray, *, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs of contacts of one cell: neighbours after the contacts of each cell are shuffled."""
    placed = np.flatnonzero(cells >= 0)
    order = placed[np.lexsort((rng.random(len(placed)), cells[placed]))]
    together = np.flatnonzero(cells[order[1:]] == cells[order[:-1]])
    if len(together) > N_PAIRS:
        together = rng.choice(together, N_PAIRS, replace=False)
    return order[together], order[together + 1]


def pairs_of_list(n: int, *, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return random pairs of `n` contacts."""
    if n < 2:
        return np.empty(0, dtype=int), np.empty(0, dtype=int)
    first, second = rng.integers(n, size=N_PAIRS), rng.integers(n, size=N_PAIRS)
    return first[first != second], second[first != second]


def facts_of(people: People, facts: pd.DataFrame | None) -> pd.DataFrame | None:
    """Return the facts of some contacts that tell more than a column of theirs; sensitive ones are left out."""
    if facts is None:
        return None
    lacking = [name for name in FACTS if name not in facts.columns]
    if lacking:
        raise DataError(
            f"facts lacks {lacking}; it has {list(map(str, facts.columns))[:40]}; give what derive_facts returns."
        )
    require_columns(people.frame, [IDENTITY], table="contacts")
    columns = list(map(str, people.frame.columns))
    kept = facts[IDENTITY].isin(people.frame[IDENTITY]) & ~facts["topic"].isin(columns) & ~facts["kind"].isin(columns)
    if "sensitivity" in facts.columns:
        kept &= facts["sensitivity"] != "sensitive"
    return facts[kept]


def facts_matrix(people: People, kept: pd.DataFrame | None) -> csr_matrix | None:
    """Return which facts are true of whom, a row a contact and a column a fact."""
    if kept is None:
        return None
    told = kept["kind"].astype(str) + "\x1f" + kept["topic"].astype(str) + "\x1f" + kept["value"].astype(str)
    codes, names = pd.factorize(told)
    rows = pd.Index(people.frame[IDENTITY]).get_indexer(kept[IDENTITY])
    found = csr_matrix((np.ones(len(kept), dtype=np.int32), (rows, codes)), shape=(len(people), max(1, len(names))))
    found.data[:] = 1
    return found


def facts_shared(known: csr_matrix | None, first: np.ndarray, second: np.ndarray) -> float:
    """Return the mean share of the facts of two contacts that are true of both (Jaccard), over pairs with any."""
    if known is None or not len(first):
        return float("nan")
    both = np.asarray(known[first].multiply(known[second]).sum(axis=1)).reshape(-1)
    either = _counts(known, first) + _counts(known, second) - both
    return float((both[either > 0] / either[either > 0]).mean()) if (either > 0).any() else float("nan")


def unlike_pair(
    people: People,
    attributes: Sequence[Attribute],
    *,
    others: Comparable,
    pairs: tuple[np.ndarray, np.ndarray],
    known: csr_matrix | None = None,
    facts: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return two contacts of one cell, the most unlike of `pairs`, side by side.

    The frame has one row a column or fact: ``column, first, second, differs``. Names and addresses are left out.
    """
    first, second = pairs
    empty = pd.DataFrame({"column": [], "first": [], "second": [], "differs": []})
    if not len(first) or (others.values.shape[1] == 0 and known is None):
        return empty
    unlike = np.nansum(np.abs(others.values[first] - others.values[second]) > 0.1, axis=1).astype(float)
    if known is not None:
        both = np.asarray(known[first].multiply(known[second]).sum(axis=1)).reshape(-1)
        # Facts that one of the two has and the other lacks; a pair of which one is a blank page is no example.
        unlike += np.minimum(_counts(known, first), _counts(known, second)) - both
    best = int(np.argmax(unlike))
    mine = people.codes[first[best]]
    rows = [(a.name, a.levels[code], a.levels[code]) for a, code in zip(attributes, mine, strict=True)]
    rows = _columns(people.frame, rows, first[best], second[best])
    rows += [] if facts is None else _facts(people.frame, facts, first[best], second[best])
    frame = pd.DataFrame(rows, columns=["column", "first", "second"])
    frame["differs"] = frame["first"] != frame["second"]
    return frame


def _columns(
    frame: pd.DataFrame, shared: Sequence[tuple[str, str, str]], first: int, second: int
) -> list[tuple[str, str, str]]:
    """Return the contacts' ids, the levels that they share, and every other column of which one is known."""
    by = {name for name, _, _ in shared}
    rest = [name for name in frame.columns if str(name) not in by and not is_private(name) and not is_key(frame[name])]
    one, two = frame.iloc[first], frame.iloc[second]
    told = [(str(name), _shown(one[name]), _shown(two[name])) for name in rest]
    ids = [(IDENTITY, _shown(one[IDENTITY]), _shown(two[IDENTITY]))] if IDENTITY in frame.columns else []
    return [*ids, *shared, *(row for row in told if (row[1], row[2]) != (MISSING, MISSING))]


def _facts(frame: pd.DataFrame, facts: pd.DataFrame, first: int, second: int) -> list[tuple[str, str, str]]:
    sides = []
    for row in (first, second):
        own = facts[facts[IDENTITY] == frame[IDENTITY].iloc[row]]
        told: dict[str, list[str]] = {}
        for fact in own.itertuples():
            told.setdefault(f"{fact.kind} {fact.topic}".strip().replace("_", " "), []).append(str(fact.value))
        sides.append({name: "; ".join(values) for name, values in told.items()})
    return [(name, sides[0].get(name, "-"), sides[1].get(name, "-")) for name in sorted({*sides[0], *sides[1]})]


def _counts(known: csr_matrix, rows: np.ndarray) -> np.ndarray:
    return np.diff(known.indptr)[rows]


def _shown(value: object) -> str:
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return MISSING
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, (float, np.floating)):
        return f"{value:,.6g}"
    text = str(value)
    return "(address)" if "@" in text else text
