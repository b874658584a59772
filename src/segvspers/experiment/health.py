"""Is the test fit to be read? Every check says Pass, Review or Fail, the figure, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from segvspers._checks import require_columns
from segvspers._display import html_finding, percent, plural
from segvspers.experiment.outcomes import MACHINE_CLASSES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

RANK = {"Pass": 0, "Review": 1, "Fail": 2}
Row = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Health:
    """Checks of one test.

    Attributes
    ----------
    status
        The worst of all checks: Pass, Review or Fail.
    checks
        One row a check: `check, status, figure, what_to_do`.
    """

    status: str
    checks: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return one row a check."""
        return self.checks.copy()

    def summary(self) -> str:
        """Return the verdict in one sentence."""
        counts = self.checks["status"].value_counts()
        told = ", ".join(f"{counts[name]} {name}" for name in RANK if name in counts)
        troubled = self.checks.loc[self.checks["status"] != "Pass", "check"].tolist()
        named = f": {'; '.join(troubled)}" if troubled else ""
        return f"{plural(len(self.checks), 'check')}, {told}{named}."

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw the checks as a list of lights."""
        from segvspers.plots.experiment import draw_health

        return draw_health(self.checks, ax=ax)

    def _repr_html_(self) -> str:
        return html_finding("Health of the test", self.summary(), self.checks)


def check_health(
    outcomes: pd.DataFrame,
    *,
    shares: Mapping[str, float] | None = None,
    cluster: str | None = None,
    follow_up_days: float = 14,
) -> Health:
    """Check whether a test is fit to be read.

    Parameters
    ----------
    outcomes
        As `read_outcomes` or `simulate_outcomes` return them.
    shares
        Planned share of each variant; equal when left out.
    cluster
        Column of the unit that was randomised, when that is not the contact.
    follow_up_days
        Days that a contact should have been watched for replies.

    Returns
    -------
    Health
        One row a check that the columns allow.

    Raises
    ------
    DataError
        When `variant` or the cluster column is missing.

    Notes
    -----
    The sample ratio is tested by chi-squared on the units that were randomised: Review below 0.01, Fail below
    0.001 (Fabijan et al. 2019 use 0.0005 to 0.01).

    Examples
    --------
    >>> import segvspers as sv
    >>> outcomes = sv.read_outcomes("data/sample/outcomes.csv")
    >>> sv.check_health(outcomes, cluster="company_id").status in {"Pass", "Review"}
    True
    """
    import pandas as pd

    require_columns(outcomes, ["variant", *([cluster] if cluster else [])], table="outcomes")
    rows = [row for row in _rows(outcomes, shares, cluster, follow_up_days) if row]
    checks = pd.DataFrame(rows, columns=["check", "status", "figure", "what_to_do"])
    return Health(max(checks["status"], key=RANK.__getitem__), checks)


def _rows(
    outcomes: pd.DataFrame, shares: Mapping[str, float] | None, cluster: str | None, days: float
) -> Iterable[Row]:
    yield _sample_ratio(outcomes, shares, cluster)
    if "contact_id" in outcomes.columns:
        yield _crossover(outcomes, "contact_id", "contacts in more than one variant")
        keys = [name for name in ("contact_id", "campaign_id", "step") if name in outcomes.columns]
        yield _share_row(
            "duplicate rows",
            float(outcomes.duplicated(keys).mean()),
            0.0,
            0.001,
            "keep one row a contact and step",
        )
    if "company_id" in outcomes.columns:
        yield _crossover(outcomes, "company_id", "companies in more than one variant")
    if {"replied_at", "sent_at"} <= set(outcomes.columns):
        yield _maturity(outcomes, days)
    if {"reply_class", "replied"} <= set(outcomes.columns):
        machine = outcomes["reply_class"].isin(MACHINE_CLASSES)
        counted = float((machine & outcomes["replied"].astype(bool)).mean())
        yield _share_row("automatic replies counted as replies", counted, 0.0, 0.001, "count human replies only")
    if {"machine_open", "opened"} <= set(outcomes.columns):
        share = float(outcomes["machine_open"].fillna(False).astype(bool).mean())
        yield _share_row("opens by machines", share, 0.2, 1.0, "judge by replies, not by opens")
    if "bounced" in outcomes.columns:
        yield _share_row(
            "bounced",
            float(outcomes["bounced"].astype(bool).mean()),
            0.02,
            0.05,
            "clean the list before the next test",
        )
    for name in ("prior_opens", "prior_clicks", "prior_revenue_usd"):
        if name in outcomes.columns:
            yield _balance(outcomes, name, cluster)


def _sample_ratio(outcomes: pd.DataFrame, shares: Mapping[str, float] | None, cluster: str | None) -> Row:
    from scipy.stats import chisquare

    if cluster is None and "contact_id" in outcomes.columns:
        units = outcomes.drop_duplicates(["contact_id", "variant"])
    else:
        units = outcomes.drop_duplicates([cluster, "variant"]) if cluster else outcomes
    seen = units["variant"].value_counts().sort_index()
    planned = np.array([1 / len(seen) if shares is None else shares[name] for name in seen.index])
    p_value = float(chisquare(seen, planned / planned.sum() * seen.sum()).pvalue)
    status = "Fail" if p_value < 0.001 else "Review" if p_value < 0.01 else "Pass"
    told = ", ".join(f"{name} {n:,}" for name, n in seen.items())
    what = "find out who is missing from which arm before reading anything" if status != "Pass" else ""
    return (f"sample ratio ({cluster or 'contacts'})", status, f"{told}; p = {p_value:.3g}", what)


def _crossover(outcomes: pd.DataFrame, unit: str, name: str) -> Row:
    arms = outcomes.dropna(subset=[unit]).groupby(unit)["variant"].nunique()
    share = float((arms > 1).mean()) if len(arms) else 0.0
    if unit == "company_id":
        status = "Pass" if share == 0 else "Review"
        what = "" if share == 0 else "colleagues may have compared emails; randomise by company next time"
    else:
        status, what = ("Pass", "") if share == 0 else ("Fail", "leave these contacts out or read by first assignment")
    return (name, status, percent(share), what)


def _maturity(outcomes: pd.DataFrame, days: float) -> Row:
    import pandas as pd

    sent = pd.to_datetime(outcomes["sent_at"], utc=True)
    last = max(pd.to_datetime(outcomes["replied_at"], utc=True).max(), sent.max())
    watched = (last - sent) / pd.Timedelta(days=1)
    mature = float((watched.dropna() >= days).mean())
    status = "Pass" if mature > 0.95 else "Review" if mature > 0.5 else "Fail"
    what = "" if status == "Pass" else f"wait until every contact has been watched for {days:g} days"
    return (
        f"watched for {days:g} days",
        status,
        f"{percent(mature)} of contacts, judged by the last reply",
        what,
    )


def _share_row(name: str, share: float, review: float, fail: float, what: str) -> Row:
    status = "Fail" if share > fail else "Review" if share > review else "Pass"
    return (name, status, percent(share, 2), "" if status == "Pass" else what)


def _balance(outcomes: pd.DataFrame, name: str, cluster: str | None) -> Row:
    """Compare a covariate from before the test between the variants, at the level of randomisation."""
    from scipy.stats import f_oneway

    frame = outcomes[[name, "variant"]].assign(unit=outcomes[cluster] if cluster else range(len(outcomes)))
    units = frame.groupby(["variant", "unit"])[name].mean()
    groups = [part.to_numpy(dtype=float) for _, part in units.groupby(level=0)]
    p_value = float(f_oneway(*groups).pvalue) if all(len(group) > 1 for group in groups) else float("nan")
    status = "Review" if p_value < 0.01 else "Pass"
    what = "the arms differed before the test; adjust for this column" if status == "Review" else ""
    return (f"balance of {name}", status, f"p = {p_value:.2g}", what)
