"""Sum the rows of a test once, and refuse rows that no comparison could trust."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from segvspers.engine import Table, Value, open_source
from segvspers.errors import ArgumentError, DataError, raise_all
from segvspers.experiment.cube import OutcomeCube
from segvspers.experiment.outcomes import one_evidence

CHECKED_ROWS = 1_000_000
STEPS = ("step", "campaign_id")


def aggregate_outcomes(
    outcomes: Any,
    *,
    rates: Sequence[str] = ("replied",),
    amounts: Sequence[str] = (),
    covariates: Sequence[str] = (),
    by: Sequence[str] = (),
    cluster: str | None = None,
    columns: Mapping[str, str] | None = None,
) -> OutcomeCube:
    """Sum a test once, on the table's own engine, so that many comparisons need no further reading.

    Parameters
    ----------
    outcomes
        One row an assigned contact (and step): a table of pandas, polars, Arrow or PySpark, a DuckDB relation, a path,
        a folder or a glob.
    rates, amounts, covariates
        Columns of yes or no; of amounts; and of numbers known before the test.
    by
        Columns to slice by, such as ``segment_id`` or ``step``.
    cluster
        Column of the unit that was drawn, when that is not the contact.
    columns
        ``{our name: their name}``.

    Returns
    -------
    OutcomeCube
        What `compare_reply_rates`, `compare_revenue` and `compare_by_segment` take in place of the table.

    Raises
    ------
    DataError
        When a column is missing, a value is empty or no number, a contact stands in several variants, or rows repeat.

    Notes
    -----
    Steps of one contact count once: yes happened once, amounts add up. Whether rows repeat is looked up in tables of
    up to a million rows; `check_health` looks at any. Automatic replies, told by `reply_class`, are no replies.

    Examples
    --------
    >>> import segvspers as sv
    >>> cube = sv.aggregate_outcomes("data/sample/outcomes.csv", by=["purchase_status"], cluster="company_id")
    >>> sv.compare_reply_rates(cube, control="segment").treatment
    'individual'
    """
    names = (*rates, *amounts, *covariates)
    table = open_source(outcomes, table="outcomes", columns=columns)
    table.require(["variant", *names, *by, *([cluster] if cluster else [])])
    origin = dict(zip(names, table.origins([Value(name) for name in names]).tolist(), strict=True))
    several = _steps(table, by)
    cube = OutcomeCube(
        rates=tuple(rates),
        amounts=tuple(amounts),
        covariates=tuple(covariates),
        by=tuple(by),
        cluster=cluster,
        evidence=_evidence(table, getattr(outcomes, "attrs", None) or {}),
        origin=origin | dict.fromkeys(rates, 0.0),
        rows=table,
        several=several,
    )
    _check_values(cube)
    return cube


def as_cube(
    outcomes: Any,
    *,
    rates: Sequence[str] = (),
    amounts: Sequence[str] = (),
    covariates: Sequence[str] = (),
    by: Sequence[str] = (),
    cluster: str | None = None,
    columns: Mapping[str, str] | None = None,
) -> OutcomeCube:
    """Return a cube as it is when it holds what is asked, or sum the table."""
    if not isinstance(outcomes, OutcomeCube):
        return aggregate_outcomes(
            outcomes, rates=rates, amounts=amounts, covariates=covariates, by=by, cluster=cluster, columns=columns
        )
    asked = {"rates": rates, "amounts": amounts, "covariates": covariates, "by": by}
    problems = [
        f"the cube holds {kind}={list(getattr(outcomes, kind))}, not {name!r}; name it in aggregate_outcomes()"
        for kind, names in asked.items()
        for name in names
        if name not in getattr(outcomes, kind)
    ]
    if cluster not in {None, outcomes.cluster}:
        problems.append(f"the cube is summed by {outcomes.cluster or 'contact'}, not by cluster={cluster!r}")
    if columns:
        problems.append("columns= belongs to aggregate_outcomes(), which read the table")
    raise_all("outcomes", problems, error=ArgumentError)
    return outcomes


def _steps(table: Table, by: Sequence[str]) -> bool:
    """Tell whether contacts have several rows, and refuse copies and contacts in several variants."""
    if "contact_id" not in table.columns:
        return False
    steps = [name for name in STEPS if name in table.columns]
    n = table.n_rows()
    if not steps and n > CHECKED_ROWS:
        return False
    contacts = table.n_distinct(["contact_id"])
    if contacts == n:
        return False
    arms = table.n_distinct(["contact_id", "variant"]) - contacts
    if arms:
        raise DataError(f"outcomes: {arms:,} contacts stand in more than one variant; a contact belongs to one arm.")
    copies = n - table.n_distinct(["contact_id", *steps, *(name for name in by if name not in steps)])
    if copies:
        what = " and ".join(["contact_id", *steps])
        raise DataError(
            f"outcomes: {copies:,} rows repeat a {what}; drop the copies, or give the column that tells such rows apart "
            "the name 'step'."
        )
    return True


def _evidence(table: Table, attrs: Mapping[Any, Any]) -> str:
    if "evidence" not in table.columns:
        return str(attrs.get("evidence", "randomised"))
    return one_evidence(table.counts(["evidence"])["evidence"])


def _check_values(cube: OutcomeCube) -> None:
    """Read the rows, and refuse a rate that is more than yes or no, and rows without a variant."""
    loose = [name for name in cube.rates if not cube.rows.is_flag(name)]
    if loose:
        odd = cube.rows.moments([], [Value(name, how="odd") for name in loose], pairs=[])
        wrong = [name for name in loose if odd.total(name)[0]]
        raise_all(
            "outcomes", [f"{name!r} holds more than 0 and 1; a rate needs yes or no per contact" for name in wrong]
        )
    variants = cube.moments(*cube.by).by("variant")
    missing = variants.keys["variant"].isna().to_numpy()
    if missing.any():
        n = int(variants.n[missing].sum())
        raise DataError(
            f"outcomes: {n:,} {'clusters' if cube.cluster else 'rows'} have no variant; fill or remove them."
        )
