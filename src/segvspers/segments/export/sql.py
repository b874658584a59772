"""The assignment as SQL: one SELECT that gives the same segments where the list lies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from segvspers._checks import check_choice
from segvspers.errors import ArgumentError
from segvspers.segments.codes.coding import MISSING, ColumnCode
from segvspers.segments.codes.matrix import ColumnScale
from segvspers.segments.crossing.boxes import BoxAssigner
from segvspers.segments.crossing.rules import RuleAssigner
from segvspers.segments.export.dialects import DIALECTS, Dialect, code_sql
from segvspers.segments.methods.classes import ClassAssigner
from segvspers.segments.methods.distances import CentreAssigner
from segvspers.segments.methods.scorecard import POINTS

if TYPE_CHECKING:
    from segvspers.segments.segmentation import Segmentation

MOST_CASES = 20_000


def write_sql(found: Segmentation, *, table: str = "contacts", key: str = "contact_id", dialect: str = "duckdb") -> str:
    """Return one SELECT of the key and the ``segment_id`` of every row of a table.

    Parameters
    ----------
    found
        A segmentation by latent classes, k-means or rules.
    table
        Name of the table, which has the columns that the segments were made from; those of history too.
    key
        Column that names a row.
    dialect
        ``duckdb``, ``postgres``, ``bigquery`` or ``spark``.

    Returns
    -------
    str
        The statement. Latent classes and rules add whole points and compare bins, so that every engine gives
        the segments of ``assign``; k-means adds real numbers, and may differ where two centres are as near.

    Raises
    ------
    ArgumentError
        When the dialect is unknown, or the method can't be written as one statement.

    Notes
    -----
    Times without a zone are taken to be in UTC. The dialects differ in quoting, casts and array look-ups
    only; those of DuckDB and Spark are run by tests.
    """
    check_choice("dialect", dialect, DIALECTS)
    writers: dict[type, Callable[..., str]] = {
        ClassAssigner: _classes,
        CentreAssigner: _centres,
        RuleAssigner: _rules,
        BoxAssigner: _boxes,
    }
    write = writers.get(type(found.assigner))
    if write is None:
        raise ArgumentError(
            f"A segmentation by {found.method!r} can't be written as SQL; use method='latent_class' or 'kmeans'."
        )
    how = DIALECTS[dialect]
    ids = [how.literal(str(segment)) for segment in found.segments["segment_id"]]
    return write(how, found.assigner, ids, name_source(how, table), how.name(key)) + "\n"


def name_source(how: Dialect, table: str) -> str:
    """Return the quoted name of a table, with its schema."""
    return ".".join(how.name(part) for part in table.split("."))


def select_codes(how: Dialect, plans: Sequence[ColumnCode], source: str, key: str, further: Sequence[str] = ()) -> str:
    """Return the first steps of a statement: ``coded`` has the key and a code ``c0, c1, ...`` a column."""
    pairs = [code_sql(how, plan) for plan in plans]
    place = {plan.name: position for position, plan in enumerate(plans)}
    values = [f"{value} AS v{i}" for i, (value, _) in enumerate(pairs)]
    codes = [f"{code.format(v=f'v{i}')} AS k{i}" for i, (_, code) in enumerate(pairs)]
    told = []
    for i, plan in enumerate(plans):
        before = f"k{place[plan.after]}" if plan.after in place else ""
        told.append(
            f"CASE WHEN {before} = {plan.when} THEN {MISSING} ELSE k{i} END AS c{i}" if before else f"k{i} AS c{i}"
        )
    kept = [name.rsplit(" AS ", 1)[1] for name in further]
    return (
        f"WITH wanted AS (\n{_select([f'{key} AS row_key', *values, *further], source)}\n),\n"
        f"codes AS (\n{_select(['row_key', *codes, *kept], 'wanted')}\n),\n"
        f"coded AS (\n{_select(['row_key', *told, *kept], 'codes')}\n)"
    )


def _select(expressions: Sequence[str], source: str) -> str:
    return "  SELECT\n    " + ",\n    ".join(expressions) + f"\n  FROM {source}"


def _scored(ids: Sequence[str], scores: Sequence[str], key: str) -> str:
    """Return the last steps: the segment of the highest score, of equal ones the first."""
    if len(ids) == 1:
        return f"\nSELECT row_key AS {key}, {ids[0]} AS segment_id\nFROM coded"
    body = _select(["row_key", *(f"{score} AS s{k}" for k, score in enumerate(scores))], "coded")
    picks = " ".join(f"WHEN s{k} THEN {name}" for k, name in enumerate(ids))
    best = f"CASE GREATEST({', '.join(f's{k}' for k in range(len(ids)))}) {picks} END"
    return f",\nscored AS (\n{body}\n)\nSELECT row_key AS {key}, {best} AS segment_id\nFROM scored"


def _classes(how: Dialect, assigner: ClassAssigner, ids: Sequence[str], source: str, key: str) -> str:
    card = assigner.card
    points, base = (np.rint(part * POINTS).astype(int) for part in (card.table, card.base))
    ends = np.r_[card.offsets[1:], len(points)]
    scores = []
    for k in range(card.n_segments):
        tables = [[0, *points[start:end, k]] for start, end in zip(card.offsets, ends, strict=True)]
        terms = [_looked_up(how, place, list(map(str, values))) for place, values in enumerate(tables)]
        scores.append("\n      + ".join([str(base[k]), *terms]))
    return select_codes(how, assigner.plans, source, key) + _scored(ids, scores, key)


def _looked_up(how: Dialect, place: int, values: list[str]) -> str:
    """Return the value of a code; the first of `values` is that of what says nothing."""
    return how.lookup(f"GREATEST(c{place}, {MISSING}) + 2", values)


def _centres(how: Dialect, assigner: CentreAssigner, ids: Sequence[str], source: str, key: str) -> str:
    """Return nearest centres as highest scores: x.c - c.c/2 for centre c."""
    scales, plans = assigner.matrix.scales, assigner.plans
    pairs = list(zip(scales, plans, strict=True))
    numbers = [f"{_coordinate(how, *pair)} AS x{i}" for i, pair in enumerate(pairs) if pair[0].kind == "number"]
    ends = np.cumsum([scale.width for scale in scales])
    scores = []
    for centre in assigner.centres:
        terms = [repr(float(-(centre**2).sum() / 2))]
        for i, (scale, plan, end) in enumerate(zip(scales, plans, ends, strict=True)):
            own = centre[end - scale.width : end]
            if scale.kind == "number":
                terms.append(f"x{i} * {float(own[0])!r}")
            else:
                terms.append(_looked_up(how, i, [repr(float(row @ own)) for row in _indicators(scale, plan)]))
        scores.append("\n      + ".join(terms))
    return select_codes(how, plans, source, key, numbers) + _scored(ids, scores, key)


def _indicators(scale: ColumnScale, plan: ColumnCode) -> np.ndarray:
    """Return the coordinates of a missing value and of each level."""
    if scale.kind == "levels":
        return np.vstack([scale.fill, np.eye(plan.n_levels)])
    return np.r_[scale.fill[0], (np.arange(plan.n_levels) - scale.centre) / scale.spread][:, None]


def _coordinate(how: Dialect, scale: ColumnScale, plan: ColumnCode) -> str:
    if plan.kind == "date":
        raise ArgumentError(
            f"{plan.name!r} is a date, which k-means measures in days; make it a number of days before the fit to "
            "write the segments as SQL, or use method='latent_class'."
        )
    value = how.number(plan.name)
    if scale.log:
        value = f"SIGN({value}) * LN(1 + ABS({value}))"
    return f"COALESCE((({value}) - {scale.centre!r}) / {scale.spread!r}, {scale.fill[0]!r})"


def _rules(how: Dialect, assigner: RuleAssigner, ids: Sequence[str], source: str, key: str) -> str:
    n_cases = assigner.n_cases()
    if n_cases > MOST_CASES:
        raise ArgumentError(
            f"The rules need {n_cases:,} cases, more than the {MOST_CASES:,} that fit into a statement; "
            "use merge_to(n_templates=...) or fewer columns."
        )
    told = "\n    ".join(
        f"WHEN {' AND '.join(f'c{i} = {code}' for i, code in case)} THEN {ids[segment]}"
        if case
        else f"ELSE {ids[segment]}"
        for case, segment in assigner.cases()
    )
    return f"{select_codes(how, assigner.plans, source, key)}\nSELECT row_key AS {key}, CASE\n    {told}\n  END AS segment_id\nFROM coded"


def _boxes(how: Dialect, assigner: BoxAssigner, ids: Sequence[str], source: str, key: str) -> str:
    told = []
    for box, segment in zip(assigner.boxes, assigner.segment, strict=True):
        parts = [f"c{i} BETWEEN {low} AND {high}" for i, (low, high) in enumerate(box)]
        told.append(f"WHEN {' AND '.join(parts)} THEN {ids[segment]}")
    body = "\n    ".join([*told, f"ELSE {ids[assigner.otherwise]}"])
    return f"{select_codes(how, assigner.plans, source, key)}\nSELECT row_key AS {key}, CASE\n    {body}\n  END AS segment_id\nFROM coded"
