"""Read a table that an engine holds, without its rows: codes, finest cells, and a few contacts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from segvspers._levels import check_by
from segvspers.errors import ArgumentError, DataError
from segvspers.explosion.engines.coding import Outcome, Table, plan_codings
from segvspers.explosion.people import N_COMPARED, N_SAMPLED, cells_of, n_with_company
from segvspers.explosion.source import ENOUGH_PAIRS, Source, no_outcome, repeated_contacts


def read_grouped(
    contacts: Any,
    by: Sequence[str],
    *,
    outcome: str | None,
    n_bands: int,
    missing: str,
    rng: np.random.Generator,
) -> Source:
    """Return the list behind a table that stays where it lies; only cells and a sample come back.

    Raises
    ------
    DataError
        When columns are unknown, empty or identifiers, when a contact stands there twice, or the engine fails.
    """
    table = _table(contacts)
    listed = check_by(by, table.columns)
    told = None if outcome is None else _checked(table, outcome, listed)
    n_repeated, exact = table.n_repeated()
    if n_repeated:
        raise DataError(repeated_contacts(f"{'' if exact else 'about '}{n_repeated:,}", "column contact_id"))
    codings = plan_codings(table, listed, n_bands=n_bands, missing=missing)
    finest = table.count(codings)
    scored = None if told is None or told.mean is None else table.score(codings, str(outcome), told.mean)
    people, values = table.people(codings, outcome, N_SAMPLED)
    order = rng.permutation(len(people))
    people = people.take(order)
    alone = n_with_company(cells_of(people.codes[:N_COMPARED])) < ENOUGH_PAIRS and len(people) >= N_SAMPLED
    return Source(
        attributes=[coding.attribute() for coding in codings],
        finest=finest,
        scored=scored,
        people=people,
        neighbours=table.neighbours(codings, N_COMPARED) if alone else people,
        outcome=None if values is None else values[order],
        n_contacts=int(finest.block.values[0].sum(dtype=np.int64)),
        base_rate=told.mean if told is not None and not told.n_odd else None,
    )


def _table(contacts: Any) -> Table:
    if type(contacts).__module__.startswith("pyspark"):
        from segvspers.explosion.engines.spark import SparkTable

        return SparkTable(contacts)
    from segvspers.explosion.engines.duck import DuckTable

    return DuckTable(contacts)


def _checked(table: Table, outcome: str, by: Sequence[str]) -> Outcome:
    if outcome not in table.columns:
        raise DataError(f"contacts lacks {[outcome]}; it has {table.columns[:40]}.")
    if outcome in by:
        raise ArgumentError(f"outcome={outcome!r} is one of by=; a cell can't be asked to explain what defines it.")
    told = table.outcome(outcome)
    if told.low is None or told.low == told.high:
        raise DataError(no_outcome(outcome, told.some))
    return told
