"""Checks of the draw: sample ratio on units, crossover, contamination, duplicates."""

from __future__ import annotations

from segvspers._display import count, percent
from segvspers.experiment.health.verdict import FAIL, PASS, REVIEW, Inspected, Verdict, graded, unchecked

REVIEW_BELOW, FAIL_BELOW = 0.01, 0.001


def sample_ratio(seen: Inspected) -> Verdict:
    """Compare units per variant with the planned shares, by chi-square (Fabijan et al. 2019)."""
    from scipy.special import chdtrc

    n = seen.units.groupby("variant", sort=True).size()
    expected = n.sum() * n.index.to_series().map(seen.shares)
    statistic = float(((n - expected) ** 2 / expected).sum())
    p = float(chdtrc(len(n) - 1, statistic))
    status = FAIL if p < FAIL_BELOW else REVIEW if p < REVIEW_BELOW else PASS
    unit = seen.cluster or "contact"
    parts = ", ".join(f"{count(float(k))} in {name}" for name, k in n.items())
    todo = "" if status == PASS else "find where units were lost or added before reading any result"
    return Verdict("sample ratio", status, f"{unit}: {parts}; chi2 {statistic:.2f}, p {p:.3g}", p, todo)


def crossover(seen: Inspected) -> Verdict:
    """Look for contacts that are in more than one variant."""
    if not seen.has("contact_id"):
        return unchecked("crossover", "contact_id")
    pairs = seen.outcomes[["contact_id", "variant"]].drop_duplicates()
    n = int(pairs["contact_id"].duplicated(keep=False).groupby(pairs["contact_id"]).any().sum())
    todo = "" if n == 0 else "find which variant was assigned, keep that one, and mend the sending"
    return Verdict("crossover", FAIL if n else PASS, f"{count(n)} contacts in several variants", n, todo)


def contamination(seen: Inspected) -> Verdict:
    """Look for companies with contacts in several variants: colleagues talk."""
    name = seen.cluster or "company_id"
    if not seen.has(name):
        return unchecked("company contamination", name)
    by_company = seen.outcomes.groupby(name)["variant"].nunique()
    share = float(by_company.gt(1).mean())
    figure = f"{count(int(by_company.gt(1).sum()))} companies ({percent(share)}) in several variants"
    if share == 0:
        return Verdict("company contamination", PASS, figure, share, "")
    if seen.cluster:
        todo = "the draw was not by this column; find why, and leave these companies out as a second look"
        return Verdict("company contamination", FAIL, figure, share, todo)
    todo = "assign by company next time; compare with these companies left out"
    return Verdict("company contamination", REVIEW, figure, share, todo)


def duplicates(seen: Inspected) -> Verdict:
    """Look for a contact and step that stands there twice."""
    if not seen.has("contact_id"):
        return unchecked("duplicates", "contact_id")
    keys = ["contact_id", "variant", *[name for name in ("campaign_id", "step") if seen.has(name)]]
    n = int(seen.outcomes.duplicated(keys).sum())
    share = n / len(seen.outcomes)
    status = FAIL if share > 0.001 else REVIEW if n else PASS
    todo = "" if n == 0 else "drop the copies; each counts as one more contact and narrows the interval"
    return Verdict("duplicates", status, f"{count(n)} rows repeat a contact and step", n, todo)


def missing_values(seen: Inspected) -> Verdict:
    """Look for outcomes that are missing, and whether more so in one variant."""
    by_variant = seen.outcomes["replied"].isna().groupby(seen.outcomes["variant"].astype(str)).mean()
    worst, gap = float(by_variant.max()), float(by_variant.max() - by_variant.min())
    status = FAIL if gap > 0.005 else graded(worst, review=0.0, fail=0.05)
    todo = "" if status == PASS else "a contact without a reply is False, not missing; fill or mend the join"
    return Verdict("missing outcomes", status, f"{percent(worst)} missing at most, {percent(gap)} apart", worst, todo)
