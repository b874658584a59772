"""The door of the frontier: outcomes of a randomised test, checked whole and coded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from segvspers._checks import as_rng, check_choice, few, require_columns
from segvspers._levels import Attribute, code_attributes
from segvspers.errors import ArgumentError, DataError, NotEstimableError, raise_all
from segvspers.experiment.outcomes import AFTER, as_rows, evidence_of
from segvspers.frontier.cells import RandomisedTest, draw_blocks, pack_cells
from segvspers.frontier.draw_checks import check_draw, check_leak
from segvspers.frontier.propensities import find_propensities

LEAST_CONTACTS, LEAST_REPLIES, LEAST_UNITS = 100, 20, 100
CONTACTS_PER_CELL = 2.0


def read_test(
    outcomes: Any,
    *,
    features: Sequence[str] | str,
    contacts: pd.DataFrame | None = None,
    outcome: str = "replied",
    kind: str | None = None,
    segments: Sequence[str] | str | None = None,
    templates: Sequence[str] | None = None,
    individual: str | None = None,
    holdout: str | None = None,
    cluster: str | None = None,
    propensities: Mapping[str, float] | str | None = None,
    within: str | None = None,
    n_bands: int = 5,
    columns: Mapping[str, str] | None = None,
    rng: int | np.random.Generator | None = 0,
) -> RandomisedTest:
    """Return a randomised test as coded arrays; refuse what can't be valued, with the reason.

    Parameters
    ----------
    outcomes
        One row an assigned contact (and step), with `variant`, the outcome and the features; or what
        `read_outcomes` reads. Steps of one contact are added up.
    features
        Columns known before the draw. Numbers of many values are cut into bands.
    contacts
        Where features stand that `outcomes` lacks, joined by `contact_id`.
    outcome, kind
        Column valued, and whether it is a ``"rate"`` (yes or no) or an ``"amount"``; left out, a name that ends in
        ``_usd`` is an amount.
    segments
        Features that templates may be chosen by; all when left out. The best choice per person uses all.
    templates
        Variants that any contact could get; all but the two below when left out.
    individual, holdout
        The variant in which each contact got an email of its own, and the one without an email. Left out, the
        variants named ``individual`` and ``holdout``, if there are such.
    cluster
        Column of the units that were drawn, such as companies.
    propensities
        Chance of each variant, ``{variant: chance}``, or the column that holds the chance with which the contact's
        variant was drawn. Left out, each variant's share.
    within
        Column of the strata that were drawn in; propensities are then the shares within each.
    n_bands
        Bands that numbers are cut into.
    columns
        ``{our name: their name}``.
    rng
        Seed of the blocks.

    Raises
    ------
    DataError
        When columns, values or variants are missing or contradict each other.
    ArgumentError
        When a feature was measured after the draw, or an argument names no variant.
    NotEstimableError
        When an arm is too small, cells hold hardly anybody, or the variant follows from the features.
    """
    names = _feature_names(features, outcome)
    kind = kind or ("amount" if outcome.endswith("_usd") else "rate")
    check_choice("kind", kind, ("rate", "amount"))
    drawn_by = propensities if isinstance(propensities, str) else None
    extra = [name for name in (cluster, within, drawn_by) if name]
    frame = read_rows(outcomes, contacts, names, outcome, extra, columns)
    values = read_outcome(frame, outcome, kind)
    arms, arm = _arms(frame)
    roles = _roles(arms, templates, individual, holdout)
    unit, clustered = read_units(frame, cluster)
    attributes = _attributes(frame, names, n_bands)
    cell, levels = pack_cells(attributes)
    propensity, assumed = find_propensities(frame, arms, arm, propensities=propensities, within=within, unit=unit)
    test = RandomisedTest(
        arms=arms, templates=roles[0], individual=roles[1], holdout=roles[2], attributes=attributes, cell_levels=levels,
        segment_of_cell=_segments(names, segments, levels), cell=cell, arm=arm, outcome=values, propensity=propensity,
        block=draw_blocks(unit, as_rng(rng)), unit=unit, kind=kind, clustered=clustered, assumed=assumed,
    )  # fmt: skip
    _check_size(test)
    check_draw(test, given=drawn_by is not None or within is not None)
    check_leak(test)
    return test


def _feature_names(features: Sequence[str] | str, outcome: str) -> list[str]:
    """Return the names of the features, each once and known before the draw."""
    names = [features] if isinstance(features, str) else list(features)
    if not names:
        raise ArgumentError(
            "features= is empty; name columns known before the draw that templates may be chosen by, such as industry."
        )
    repeated = sorted({str(name) for name in names if names.count(name) > 1})
    if repeated:
        raise ArgumentError(f"features= names {repeated} more than once; name each column once.")
    late = [name for name in names if name in (*AFTER, "variant", outcome)]
    if late:
        raise ArgumentError(
            f"features={late} are the draw or come after it, so that nobody can be chosen by them; name columns known before."
        )
    return names


def _attributes(frame: pd.DataFrame, names: list[str], n_bands: int) -> tuple[Attribute, ...]:
    try:
        return tuple(code_attributes(frame, names, n_bands=n_bands))
    except DataError as error:
        raise DataError(str(error).replace("by=", "features=").replace("contacts: ", "outcomes: ", 1)) from None


def read_rows(
    outcomes: Any,
    contacts: pd.DataFrame | None,
    features: list[str],
    outcome: str,
    extra: list[str],
    columns: Mapping[str, str] | None,
) -> pd.DataFrame:
    """Return one row a contact with the columns named, from outcomes and, where they lack one, from contacts."""
    frame = as_rows(outcomes, columns)
    require_columns(frame, ["variant", outcome], table="outcomes")
    if evidence_of(frame, frame.attrs) == "observational":
        raise DataError(
            "outcomes say that nobody drew who got what (evidence observational); a frontier needs a randomised test. "
            "compare_historical compares two such variants."
        )
    if contacts is not None:
        require_columns(frame, ["contact_id"], table="outcomes")
        require_columns(contacts, ["contact_id"], table="contacts")
        lacking = [name for name in [*features, *extra] if name not in frame.columns and name in contacts.columns]
        frame = _joined(frame, contacts, list(dict.fromkeys(lacking)))
    require_columns(frame, [*features, *extra], table="outcomes")
    if "contact_id" in frame.columns and frame["contact_id"].duplicated().any():
        frame = _collapsed(frame, outcome, [*features, *extra])
    return frame.reset_index(drop=True)


def _joined(frame: pd.DataFrame, contacts: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    if not names:
        return frame
    if contacts["contact_id"].duplicated().any():
        n = int(contacts["contact_id"].duplicated().sum())
        raise DataError(f"contacts repeats {n:,} contact_ids; keep one row a contact.")
    known = contacts.set_index(contacts["contact_id"].astype(str))[names]
    ids = frame["contact_id"].astype(str)
    missing = int((~ids.isin(known.index)).sum())
    if missing:
        raise DataError(f"{missing:,} of {len(frame):,} rows of outcomes have a contact_id that contacts lacks.")
    return frame.assign(**{name: known[name].reindex(ids).array for name in names})


def _collapsed(frame: pd.DataFrame, outcome: str, constant: list[str]) -> pd.DataFrame:
    """Return one row a contact: steps are added up, a reply to any step is a reply."""
    pairs = frame[["contact_id", "variant"]].drop_duplicates()
    several = int(pairs["contact_id"].duplicated().sum())
    if several:
        raise DataError(f"{several:,} contacts stand in more than one variant; keep the one that was drawn.")
    if "step" not in frame.columns and "campaign_id" not in frame.columns:
        n = int(frame["contact_id"].duplicated().sum())
        raise DataError(
            f"outcomes hold {n:,} rows of contacts who stand there already; keep one row a contact, or tell the "
            "emails of a sequence apart in a column 'step'."
        )
    values = pd.to_numeric(frame[outcome].astype("object"), errors="coerce")
    amount = not values.dropna().isin([0, 1]).all()
    own = values.groupby(frame["contact_id"], sort=False)
    total = own.sum(min_count=1) if amount else own.max()
    missing = values.isna().groupby(frame["contact_id"], sort=False).any()
    first = frame.drop_duplicates("contact_id")
    kept = first[["contact_id", "variant", *dict.fromkeys(constant)]].copy()
    kept[outcome] = total.where(~missing).to_numpy()
    return kept


def read_outcome(frame: pd.DataFrame, outcome: str, kind: str) -> np.ndarray:
    """Return the outcomes as numbers; raise where they are missing or no yes or no."""
    values = pd.to_numeric(frame[outcome].astype("object"), errors="coerce").to_numpy(dtype=float)
    known = np.isfinite(values)
    problems = []
    if not known.all():
        rows = (np.flatnonzero(~known) + 1).tolist()
        problems.append(
            f"{outcome!r} is empty or neither true, false nor a number in row {few(rows)}; write 0 for contacts who did not answer, since "
            "leaving them out would undo the draw"
        )
    if kind == "rate" and not np.isin(values[known], (0.0, 1.0)).all():
        row = int(np.flatnonzero(known & ~np.isin(values, (0.0, 1.0)))[0]) + 1
        problems.append(f"{outcome!r} is neither yes nor no in row {row}; for an amount say kind='amount'")
    raise_all("outcomes", problems)
    return values


def _arms(frame: pd.DataFrame) -> tuple[tuple[str, ...], np.ndarray]:
    if frame["variant"].isna().any():
        rows = (np.flatnonzero(frame["variant"].isna()) + 1).tolist()
        raise DataError(f"'variant' is empty in row {few(rows)}; fill or remove them.")
    codes, names = pd.factorize(frame["variant"].astype(str), sort=True)
    if len(names) < 2:
        raise DataError(
            f"outcomes hold only one variant, {few(names)}; a frontier compares what several would have brought, so it "
            "needs a test with two or more, drawn by chance."
        )
    return tuple(map(str, names)), codes.astype(np.int32)


def _roles(
    arms: tuple[str, ...], templates: Sequence[str] | None, individual: str | None, holdout: str | None
) -> tuple[np.ndarray, int, int]:
    individual, holdout = (None if name is None else str(name) for name in (individual, holdout))
    templates = None if templates is None else [str(name) for name in templates]
    named = [name for name in (individual, holdout, *(templates or ())) if name is not None]
    unknown = [name for name in named if name not in arms]
    if unknown:
        raise ArgumentError(f"{unknown} are no variants of the test; it has {list(arms)}.")
    own, none = individual or "individual", holdout or "holdout"
    special = {name for name in (own, none) if name in arms}
    if individual is not None and individual == holdout:
        raise ArgumentError(f"individual= and holdout= both name {individual!r}.")
    both = sorted(special & set(templates or ()))
    if both:
        raise ArgumentError(
            f"templates= names {both}, which is no template: an individual email is another one for each contact, and a "
            "holdout gets none."
        )
    chosen = [place for place, name in enumerate(arms) if name in (templates or arms) and name not in special]
    if not chosen:
        raise ArgumentError(f"no template is left among the variants {list(arms)}; name them with templates=.")
    places = {name: place for place, name in enumerate(arms)}
    return np.array(chosen), places.get(own, -1), places.get(none, -1)


def read_units(frame: pd.DataFrame, cluster: str | None) -> tuple[np.ndarray, bool]:
    """Return the unit of each contact, and whether some unit holds several; a missing one is the contact itself."""
    if cluster is None:
        return np.arange(len(frame)), False
    codes = pd.factorize(frame[cluster])[0].astype(np.int64)
    alone = codes < 0
    codes[alone] = codes.max() + 1 + np.arange(int(alone.sum()))
    return codes, int(codes.max()) + 1 < len(codes)


def _segments(features: list[str], segments: Sequence[str] | str | None, levels: np.ndarray) -> np.ndarray:
    if segments is None:
        return np.arange(len(levels))
    listed = [segments] if isinstance(segments, str) else list(segments)
    unknown = [name for name in listed if name not in features]
    if unknown or not listed:
        raise ArgumentError(f"segments={listed} must name some of the features {features}; {unknown} are not there.")
    chosen = levels[:, [features.index(name) for name in listed]]
    return np.unique(chosen, axis=0, return_inverse=True)[1].ravel()


def _check_size(test: RandomisedTest) -> None:
    counts = np.bincount(test.arm, minlength=len(test.arms))
    problems = [
        f"variant {name!r} has {n:,} contacts, and at least {LEAST_CONTACTS} are needed; leave it out or wait"
        for name, n in zip(test.arms, counts, strict=True)
        if n < LEAST_CONTACTS
    ]
    if test.unit.max() + 1 < LEAST_UNITS:
        problems.append(
            f"only {int(test.unit.max()) + 1} units were drawn, and errors by unit can't be trusted below {LEAST_UNITS}"
        )
    n_answers = int(np.count_nonzero(test.outcome))
    if n_answers < LEAST_REPLIES:
        problems.append(f"{n_answers} contacts answered in all; at least {LEAST_REPLIES} are needed to learn from")
    elif np.ptp(test.outcome) == 0:
        problems.append("every contact has the same outcome, so no variant can be told from another")
    if test.n_contacts < CONTACTS_PER_CELL * test.n_cells:
        problems.append(
            f"{test.n_contacts:,} contacts fall into {test.n_cells:,} cells, too few a cell to learn from; name fewer "
            "features, or cut numbers into fewer bands with n_bands="
        )
    raise_all("this test", problems, error=NotEstimableError)
