"""`estimate_dose_response`: one door to the curve, the instrument and their checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from segvspers._checks import check_fraction
from segvspers._display import plural
from segvspers.errors import ArgumentError
from segvspers.experiment.dose.curve import binned_rates, count_doses, fit_curves
from segvspers.experiment.dose.finding import DoseResponse
from segvspers.experiment.dose.instrument import by_stratum, check_assumptions, check_drawn, pooled_slope, strata_of
from segvspers.experiment.dose.read import DoseTable, read_doses
from segvspers.experiment.dose.regress import NO_SLOPE, Slope, fit_linear, slope_of
from segvspers.experiment.dose.wording import tell

SAME = 1e-3
STANDS, WITHIN, ADJUSTED, DRAWN = "as it stands", "within the treatment", "within, adjusted", "by the draw"


def estimate_dose_response(
    outcomes: Any,
    emails: pd.DataFrame | None = None,
    *,
    control: str,
    treatment: str | None = None,
    outcome: str = "replied",
    bits: str = "bits",
    available: str | None = None,
    covariates: Sequence[str] = (),
    facts: pd.DataFrame | None = None,
    cluster: str | None = None,
    n_bands: int = 5,
    confidence: float = 0.95,
    columns: Mapping[str, str] | None = None,
) -> DoseResponse:
    """Estimate how the reply rate moves with the bits of personalization of the email received.

    Parameters
    ----------
    outcomes
        A randomised test, one row an assigned contact (and step), with `variant` and the outcome; or what `read_outcomes`
        reads. Without `emails` it needs the bits of the email that each contact got.
    emails
        Emails of both variants, as `write_emails` returns them, from facts as of the draw: then the bits that each contact would have got in the
        other variant are known too, and the assumptions can be checked. Contacts whose emails were held are left out.
    control, treatment
        Names of the variants; the treatment may be left out when there are two.
    outcome, bits
        Column of truth values or 0/1; column of bits.
    available
        Column known before the draw that tells how much could be said of a contact, for strata; the bits that the
        treatment's email adds when left out and `emails` holds both.
    covariates, facts
        Columns known before the draw; and facts, as `derive_facts` returns them, whose number and bits are
        covariates too. The curve within the treatment is adjusted for them, and the slope by the draw is sharpened.
    cluster
        Column of the units that were drawn, such as ``company_id``.
    n_bands
        Bands of bits; 0 bits is one more.
    confidence, columns
        Level of the intervals; ``{our name: their name}``.

    Returns
    -------
    DoseResponse
        Slopes are proportions per bit: 0.002 is 0.2 points more replies for each bit.

    Raises
    ------
    DataError
        When columns, bits or variants are missing or can't be read.
    ArgumentError
        When a covariate was measured after the draw.
    NotEstimableError
        When a variant is too small, or what was known before the draw differs between the variants as no draw lets it.

    Notes
    -----
    Contacts of whom more is known get more bits and reply more often anyway, so replies against bits are confounded. Two ways
    out. *Within the treatment*, contacts alike in the covariates are compared: logistic regression on a spline of
    bits, standardised over all contacts; right only if nothing else goes with both bits and replies.
    *By the draw*, the variant is the instrument for bits: lift over bits gained (two-stage least squares with
    strata and covariates), with the Anderson-Rubin interval, and none when the first-stage F is below 10. It takes the variant
    to act through bits alone (exclusion) and each bit alike (linearity); where bits count unequally it is a
    weighted mean of their effects (Angrist and Imbens 1995). `checks` holds what the data say against that.

    References
    ----------
    Wald, A. (1940). Annals of Mathematical Statistics 11, 284-300. Anderson, T. W. and Rubin, H. (1949). Annals of
    Mathematical Statistics 20, 46-63. Staiger, D. and Stock, J. H. (1997). Econometrica 65, 557-586. Angrist, J. D. and
    Imbens, G. W. (1995). Journal of the American Statistical Association 90, 431-442.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> rng = np.random.default_rng(3)
    >>> known = rng.uniform(0, 8, 20_000)  # bits that could be said of each contact, who replies more the better known
    >>> own = rng.random(20_000) < 0.5
    >>> replied = rng.random(20_000) < 0.02 + 0.01 * known + 0.005 * known * own
    >>> seen = pd.DataFrame({"variant": np.where(own, "individual", "segment"), "replied": replied,
    ...                      "bits": known * own, "known": known})
    >>> found = estimate_dose_response(seen, control="segment", available="known")
    >>> found.slope_low < 0.005 < found.slope_high, found.naive_low > 0.005
    (True, True)
    """
    check_fraction("confidence", confidence)
    if isinstance(n_bands, bool) or not isinstance(n_bands, (int, np.integer)) or not 1 <= n_bands <= 50:
        raise ArgumentError(f"n_bands={n_bands!r} must be a whole number from 1 to 50.")
    table = read_doses(
        outcomes, emails, control=control, treatment=treatment, outcome=outcome, bits=bits, available=available,
        covariates=covariates, facts=facts, cluster=cluster, columns=columns,
    )  # fmt: skip
    if table.evidence != "observational":
        check_drawn(table)
    stratum, ends = strata_of(table, n_bands)
    strata = by_stratum(table, stratum, ends, confidence)
    checks = check_assumptions(table, strata, confidence)
    slopes = _slopes(table, stratum, confidence)
    told = {**_seen(table), **_named(slopes)}
    return DoseResponse(
        **told, outcome=outcome, cluster=cluster, confidence=confidence, covariates=_adjusted_for(covariates, facts),
        slopes=_frame(slopes), curves=_curves(table, slopes, confidence), bands=binned_rates(table, n_bands, confidence),
        doses=count_doses(table), strata=strata, checks=checks, sentences=tell(told, checks), note=_note(table, slopes),
    )  # fmt: skip


def _slopes(table: DoseTable, stratum: np.ndarray, confidence: float) -> dict[str, Slope]:
    mine, y, bits = table.treated, table.replied, table.bits
    within = table.bits[mine]
    varies = np.ptp(within) > 0
    covariates = list(table.features.to_numpy(dtype=float)[mine].T)
    found = {STANDS: slope_of(fit_linear(y, [bits], table.unit), 0, confidence)}
    found[WITHIN] = slope_of(fit_linear(y[mine], [within], table.unit[mine]), 0, confidence) if varies else NO_SLOPE
    adjusted = covariates and not _follows(within, covariates)
    found[ADJUSTED] = (
        slope_of(fit_linear(y[mine], [within, *covariates], table.unit[mine]), 0, confidence) if adjusted else NO_SLOPE
    )
    drawn = table.evidence != "observational"
    found[DRAWN] = pooled_slope(table, stratum, confidence) if drawn else NO_SLOPE
    return found


def _follows(bits: np.ndarray, covariates: list[np.ndarray]) -> bool:
    """Tell whether contacts alike in the covariates all got alike bits, so that there is nothing to compare."""
    if np.ptp(bits) == 0:
        return True
    x = np.column_stack([np.ones(len(bits)), *covariates])
    left = bits - x @ np.linalg.lstsq(x, bits, rcond=None)[0]
    return bool(left.var() < SAME * bits.var())


def _frame(slopes: Mapping[str, Slope]) -> pd.DataFrame:
    kinds = {STANDS: "observational", WITHIN: "observational", ADJUSTED: "observational", DRAWN: "randomised"}
    return pd.DataFrame(
        [
            {"method": name, "estimate": one.estimate, "low": one.low, "high": one.high, "se": one.se,
             "p_value": one.p_value, "kind": kinds[name]}
            for name, one in slopes.items()
        ]
    )  # fmt: skip


def _named(slopes: Mapping[str, Slope]) -> dict[str, float]:
    drawn, naive, adjusted = slopes[DRAWN], slopes[STANDS], slopes[ADJUSTED]
    return {
        "f_statistic": drawn.strength, "slope": drawn.estimate, "slope_low": drawn.low, "slope_high": drawn.high,
        "p_value": drawn.p_value, "naive_slope": naive.estimate, "naive_low": naive.low, "naive_high": naive.high,
        "adjusted_slope": adjusted.estimate, "adjusted_low": adjusted.low, "adjusted_high": adjusted.high,
    }  # fmt: skip


def _seen(table: DoseTable) -> dict[str, Any]:
    arms = {"control": ~table.treated, "treatment": table.treated}
    found: dict[str, Any] = {"control": table.control, "treatment": table.treatment, "evidence": table.evidence}
    for name, mask in arms.items():
        found[f"n_{name}"] = int(mask.sum())
        found[f"rate_{name}"] = float(table.replied[mask].mean())
        found[f"bits_{name}"] = float(table.bits[mask].mean())
    return found


def _curves(table: DoseTable, slopes: Mapping[str, Slope], confidence: float) -> pd.DataFrame:
    """Return the curves, and the line by the draw through the control's rate at its mean bits."""
    curves = fit_curves(table, confidence, adjust=bool(np.isfinite(slopes[ADJUSTED].estimate)))
    mine = ~table.treated
    away = curves["bits"] - table.bits[mine].mean()
    curves["by_the_draw"] = table.replied[mine].mean() + slopes[DRAWN].estimate * away
    return curves


def _adjusted_for(covariates: Sequence[str], facts: pd.DataFrame | None) -> tuple[str, ...]:
    return (*covariates, *(("facts known", "bits known") if facts is not None else ()))


def _note(table: DoseTable, slopes: Mapping[str, Slope]) -> str:
    notes = []
    if not table.features.shape[1]:
        notes.append("Nothing was named to adjust the curve for; give covariates= or facts=.")
    elif np.isnan(slopes[ADJUSTED].estimate):
        notes.append(
            "Contacts alike in the covariates got alike bits, so that nothing is left to compare within the treatment."
        )
    if table.n_held:
        notes.append(f"{plural(table.n_held, 'contact')} whose emails were held are left out.")
    if not np.isfinite(table.own).all():
        notes.append("Only the email received is known; with emails of both variants the assumptions can be checked.")
    return " ".join(notes)
