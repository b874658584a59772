"""All checks of one table of outcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from segvspers._checks import check_at_least, require_columns
from segvspers._display import count, html_finding
from segvspers.errors import ArgumentError, DataError, raise_all
from segvspers.experiment.deviations import compare_plan
from segvspers.experiment.health import draw, evidence, replies
from segvspers.experiment.health.verdict import FAIL, PASS, REVIEW, Inspected, Verdict
from segvspers.experiment.outcomes import check_covariates
from segvspers.experiment.plan import TestPlan

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CHECKS = (
    draw.sample_ratio,
    draw.crossover,
    draw.contamination,
    draw.duplicates,
    draw.missing_values,
    replies.follow_up,
    replies.reply_order,
    replies.auto_replies,
    replies.machine_opens,
    replies.click_bursts,
    evidence.balance,
    evidence.revenue,
    evidence.power_reached,
)
BEFORE = ("industry", "company_size", "engagement_level", "purchase_status", "plan", "region")


@dataclass(frozen=True, slots=True, eq=False)
class HealthReport:
    """What every check said.

    Attributes
    ----------
    status
        The worst of all: ``Pass``, ``Review`` or ``Fail``.
    n_rows, n_units, cluster, evidence
        Size of the table, units of the draw, their column, and where the outcomes come from.
    first_sent, last_sent, last_reply
        Days of the first and last email and of the last reply, ``YYYY-MM-DD``; empty where the table has no times.
    checks
        One row a check: ``check, status, figure, value, what_to_do``.
    """

    status: str
    n_rows: int
    n_units: int
    cluster: str | None
    evidence: str
    first_sent: str
    last_sent: str
    last_reply: str
    checks: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return one row a check."""
        return self.checks.copy()

    def summary(self) -> str:
        """Return the verdict, and what must be looked at first."""
        n = self.checks["status"].value_counts()
        said = ", ".join(f"{n.get(name, 0)} {name}" for name in (PASS, REVIEW, FAIL))
        bad = self.checks[self.checks["status"].isin([FAIL, REVIEW])]
        bad = bad.sort_values("status", kind="stable", key=lambda one: one.ne(FAIL))
        first = "".join(
            f" {str(row.check).capitalize()}: {row.figure}; {row.what_to_do}." for row in bad.head(3).itertuples()
        )
        return f"Health {self.status} on {count(self.n_units)} units ({said}).{first}"

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw the checks as a list of marks."""
        from segvspers.plots.health import draw_health

        return draw_health(self, ax=ax)

    def _repr_html_(self) -> str:
        return html_finding("Health of the test", self.summary(), self.checks.drop(columns="value"))


def check_health(
    outcomes: Any,
    *,
    cluster: str | None = None,
    shares: Mapping[str, float] | None = None,
    covariates: Sequence[str] | None = None,
    as_of: str | pd.Timestamp | None = None,
    follow_up_days: float = 21.0,
    relative_lift: float = 0.2,
    plan: TestPlan | None = None,
    columns: Mapping[str, str] | None = None,
) -> HealthReport:
    """Check a test before reading its result.

    Parameters
    ----------
    outcomes
        One row an assigned contact and step; needs `variant` and `replied`; or what `read_outcomes` reads.
    cluster
        Column of the unit that was drawn; left out, contacts were drawn.
    shares
        Planned share of the units by variant; equal when left out.
    covariates
        Columns known before the draw; the usual ones that are there when left out.
    as_of
        When the data end. Left out, the last reply is taken, which can only show that variants were sent
        at different times.
    follow_up_days
        Time that a reply has.
    relative_lift
        Lift that the test should be able to find.
    plan
        Plan made before the test; each deviation is a line of the report.
    columns
        ``{our name: their name}``.

    Returns
    -------
    HealthReport
        Each check with Pass, Review or Fail, its figure and what to do.

    Raises
    ------
    DataError
        When columns are missing, the table is empty or holds one variant.
    ArgumentError
        When a covariate was measured after the draw, or shares don't fit the variants.

    Notes
    -----
    The sample ratio counts units of the draw, not rows: Review below p 0.01, Fail below 0.001 (Fabijan et al.
    2019). A standardised difference is Review above 0.1 and above what chance gives 1 time in 1,000.

    References
    ----------
    Fabijan, A. et al. (2019). Diagnosing sample ratio mismatch in online controlled experiments. KDD.

    Examples
    --------
    >>> seen = pd.DataFrame({"contact_id": range(4000), "variant": ["a", "b"] * 2000,
    ...                      "replied": [k % 10 < 3 for k in range(4000)]})
    >>> check_health(seen).status
    'Pass'
    """
    table = _table(outcomes, columns)
    names = sorted(set(table["variant"].astype(str)))
    chosen = _covariates(table, covariates)
    planned = _planned(names, shares)
    check_at_least("follow_up_days", follow_up_days, 0)
    seen = Inspected(
        outcomes=table,
        cluster=cluster,
        shares=planned,
        covariates=chosen,
        as_of=_as_of(table, as_of or table.attrs.get("as_of")),
        as_of_known=bool(as_of or table.attrs.get("as_of")),
        follow_up_days=float(follow_up_days),
        relative_lift=relative_lift,
        units=_units(table, cluster),
    )
    verdicts = [check(seen) for check in CHECKS]
    if plan is not None:
        verdicts += _deviations(plan, table)
    checks = pd.DataFrame([asdict(verdict) for verdict in verdicts])
    said = set(checks["status"])
    return HealthReport(
        status=FAIL if FAIL in said else REVIEW if REVIEW in said else PASS,
        n_rows=len(table),
        n_units=len(seen.units),
        cluster=cluster,
        evidence=str(table["evidence"].iloc[0]) if "evidence" in table.columns else "randomised",
        first_sent=_day(table, ("sent_at", "assigned_at"), "min"),
        last_sent=_day(table, ("sent_at", "assigned_at"), "max"),
        last_reply=_day(table, ("replied_at",), "max"),
        checks=checks,
    )


def _day(table: pd.DataFrame, names: tuple[str, ...], which: str) -> str:
    """Return the first or last day of the first of these columns that holds times."""
    for name in names:
        if name in table.columns and table[name].notna().any():
            return str(getattr(pd.to_datetime(table[name], utc=True), which)())[:10]
    return ""


def _table(outcomes: Any, columns: Mapping[str, str] | None) -> pd.DataFrame:
    if not isinstance(outcomes, pd.DataFrame):
        from segvspers.experiment.outcomes import read_outcomes, refuse_spark

        refuse_spark(outcomes)
        outcomes, columns = read_outcomes(outcomes, columns=columns), None
    theirs = {their: our for our, their in (columns or {}).items()}
    missing = [name for name in theirs if name not in outcomes.columns]
    if missing:
        raise DataError(f"outcomes lacks {missing} named in columns=; it has {list(outcomes.columns)[:40]}.")
    taken = [our for our in theirs.values() if our in outcomes.columns and our not in theirs]
    table = outcomes.drop(columns=taken).rename(columns=theirs)
    require_columns(table, ["variant", "replied"], table="outcomes")
    problems = []
    if not len(table):
        problems.append("it has no rows.")
    elif table["variant"].isna().any():
        problems.append(f"variant is missing in {int(table['variant'].isna().sum())} rows; drop or fill them.")
    elif table["variant"].nunique() < 2:
        problems.append(f"it holds one variant only, {table['variant'].iloc[0]!r}; a test has two or more.")
    numbers = pd.to_numeric(table["replied"], errors="coerce")
    if numbers.isna().sum() > table["replied"].isna().sum():
        problems.append("replied holds text; make it True or False.")
    raise_all("outcomes", problems)
    return table


def _units(table: pd.DataFrame, cluster: str | None) -> pd.DataFrame:
    """Return one row a unit of the draw and variant."""
    if cluster is not None:
        require_columns(table, [cluster], table="outcomes")
        own = table["contact_id"].astype(str) if "contact_id" in table.columns else table.index.astype(str)
        unit = table[cluster].astype(object).where(table[cluster].notna(), "contact " + pd.Series(own, table.index))
    elif "contact_id" in table.columns:
        unit = table["contact_id"].astype(object)
    else:
        unit = pd.Series(table.index, index=table.index)
    return pd.DataFrame({"unit": unit, "variant": table["variant"].astype(str)}).drop_duplicates()


def _covariates(table: pd.DataFrame, covariates: Sequence[str] | None) -> tuple[str, ...]:
    if covariates is None:
        return tuple(name for name in BEFORE if name in table.columns and table[name].notna().any())
    check_covariates(covariates)
    require_columns(table, covariates, table="outcomes")
    return tuple(covariates)


def _planned(names: list[str], shares: Mapping[str, float] | None) -> dict[str, float]:
    if shares is None:
        return dict.fromkeys(names, 1 / len(names))
    if set(shares) != set(names) or min(shares.values()) <= 0:
        raise ArgumentError(f"shares={dict(shares)!r} must give each of {names} a number above 0.")
    total = sum(shares.values())
    return {name: share / total for name, share in shares.items()}


def _as_of(table: pd.DataFrame, as_of: str | pd.Timestamp | None) -> pd.Timestamp | None:
    if as_of is not None:
        given = pd.Timestamp(as_of)
        return given.tz_localize("UTC") if given.tzinfo is None else given.tz_convert("UTC")
    if "replied_at" in table.columns and table["replied_at"].notna().any():
        return pd.to_datetime(table["replied_at"], utc=True).max()
    return None


def _deviations(plan: TestPlan, table: pd.DataFrame) -> list[Verdict]:
    rows = compare_plan(plan, table).query("deviates")
    if rows.empty:
        return [Verdict("plan", PASS, "nothing deviates from the plan", 0.0, "")]
    return [
        Verdict(
            f"plan: {row.what}",
            REVIEW,
            f"planned {row.planned}, seen {row.seen}",
            float("nan"),
            str(row.said),
        )
        for row in rows.itertuples()
    ]
