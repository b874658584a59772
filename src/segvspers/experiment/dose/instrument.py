"""What the draw alone tells: replies per bit, by how much could be said, and whether its assumptions show cracks."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segvspers.errors import NotEstimableError
from segvspers.experiment.dose.curve import cut_bands
from segvspers.experiment.dose.read import DoseTable
from segvspers.experiment.dose.regress import NO_SLOPE, Slope, fit_linear, instrumented, slope_of
from segvspers.experiment.pooling import pool

LEAST_ARM, LEAST_REPLIES = 30, 5


def strata_of(table: DoseTable, n_bands: int) -> tuple[np.ndarray, list[tuple[float, float]]]:
    """Return the stratum of each contact by what could be said, and the ends of each; one stratum when unknown."""
    if not np.isfinite(table.available).all():
        return np.zeros(len(table.bits), dtype=int), []
    return cut_bands(np.maximum(table.available, 0.0), n_bands)


def pooled_slope(table: DoseTable, stratum: np.ndarray, confidence: float) -> Slope:
    """Return the slope per bit by the draw, held apart by stratum and covariates to be sharper."""
    controls = [(stratum == one).astype(float) for one in range(1, int(stratum.max()) + 1)]
    controls += list(table.features.to_numpy(dtype=float).T)
    return instrumented(table.replied, table.bits, table.treated.astype(float), controls, table.unit, confidence)


def by_stratum(
    table: DoseTable, stratum: np.ndarray, ends: list[tuple[float, float]], confidence: float
) -> pd.DataFrame:
    """Return lift, bits gained and slope of each stratum, one row each; `why` says why there is none."""
    rows = []
    for one, (low, high) in enumerate(ends):
        inside = stratum == one
        treated, replied = table.treated[inside], table.replied[inside]
        row = {"available_low": low, "available_high": high, "n_control": int((~treated).sum()),
               "n_treatment": int(treated.sum())}  # fmt: skip
        small = min(row["n_control"], row["n_treatment"]) < LEAST_ARM or replied.sum() < LEAST_REPLIES
        lift, gained, slope = NO_SLOPE, float("nan"), NO_SLOPE
        if not small:
            drawn, unit = treated.astype(float), table.unit[inside]
            lift = slope_of(fit_linear(replied, [drawn], unit), 0, confidence)
            gained = float(table.bits[inside][treated].mean() - table.bits[inside][~treated].mean())
            if np.ptp(table.bits[inside]) > 0:
                slope = instrumented(replied, table.bits[inside], drawn, [], unit, confidence)
        why = (
            "too few contacts or replies" if small else "" if np.isfinite(slope.estimate) else "the draw moved no bits"
        )
        rows.append({**row, "bits_gained": gained, "lift": lift.estimate, "lift_low": lift.low, "lift_high": lift.high,
                     "lift_se": lift.se, "slope": slope.estimate, "slope_low": slope.low, "slope_high": slope.high,
                     "slope_se": slope.se, "f_statistic": slope.strength, "why": why})  # fmt: skip
    columns = ["available_low", "available_high", "n_control", "n_treatment", "bits_gained", "lift", "lift_low",
               "lift_high", "lift_se", "slope", "slope_low", "slope_high", "slope_se", "f_statistic", "why"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def check_assumptions(table: DoseTable, strata: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Return what the data can say against the assumptions, one row a check: estimate, interval, p-value.

    Notes
    -----
    ``bits not sent``: replies of the control against the bits that the treatment's email would have had; what nobody got
    has no effect, so a slope is what kinds of contacts reply anyway. ``lift without bits``: the lift of contacts
    of whom no more could be said (the intercept of the lift against bits gained), zero if a variant acts through
    its bits only. ``same slope everywhere``: Cochran's Q of the strata's slopes.
    """
    rows = []
    if np.isfinite(table.own).all():
        mine = ~table.treated
        if np.ptp(table.own[mine]) > 0:
            fit = fit_linear(table.replied[mine], [table.own[mine]], table.unit[mine])
            rows.append(_row("bits not sent", slope_of(fit, 0, confidence), "proportion per bit"))
        drawn = table.treated.astype(float)
        if np.ptp(table.gained) > 0:
            fit = fit_linear(table.replied, [drawn, drawn * table.gained, table.gained], table.unit)
            rows.append(_row("lift without bits", slope_of(fit, 0, confidence), "proportion"))
            rows.append(_row("lift per bit gained", slope_of(fit, 1, confidence), "proportion per bit"))
    told = strata[strata["slope"].notna() & (strata["slope_se"] > 0)]
    if len(told) > 1:
        found = pool(told["slope"].to_numpy(), told["slope_se"].to_numpy())
        nan = float("nan")
        rows.append(_row("same slope everywhere", Slope(found.q, nan, nan, nan, found.q_p_value), "Cochran's Q"))
    return pd.DataFrame(rows, columns=["check", "estimate", "low", "high", "p_value", "unit"])


def _row(check: str, slope: Slope, unit: str) -> dict[str, object]:
    return {"check": check, "estimate": slope.estimate, "low": slope.low, "high": slope.high,
            "p_value": slope.p_value, "unit": unit}  # fmt: skip


def check_drawn(table: DoseTable) -> None:
    """Raise when what could be said differs between the variants by more than a draw allows."""
    if not np.isfinite(table.available).all() or np.ptp(table.available) == 0:
        return
    fit = fit_linear(table.available, [table.treated.astype(float)], table.unit)
    if fit.pvalues[0] < 1e-6:
        raise NotEstimableError(
            f"the contacts of {table.treatment!r} were known better or worse than those of {table.control!r} before anything was "
            f"sent ({fit.params[0]:+.2f} bits, p {fit.pvalues[0]:.1g}), so the variant was not drawn by chance, or contacts "
            "got lost; an instrument needs a draw. check_health looks for the reason."
        )
