"""The door of the dose: outcomes with the bits that each contact got, and could have got; all problems at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from segvspers._checks import few, require_columns
from segvspers.errors import DataError, NotEstimableError, raise_all
from segvspers.experiment.outcomes import as_rows, check_covariates, evidence_of, pick_arms
from segvspers.experiment.propensity import design

LEAST_CONTACTS, LEAST_REPLIES, LEAST_UNITS = 50, 10, 20


@dataclass(frozen=True, slots=True, eq=False)
class DoseTable:
    """Contacts of two variants; arrays have one entry a contact.

    Attributes
    ----------
    control, treatment, evidence
        The variants, and how the outcomes came about.
    replied, treated, bits, unit
        0 or 1; whether the contact got the treatment; bits of the email it got; the unit that was drawn.
    own, other
        Bits of the email that the contact got or would have got in the treatment and in the control; nan when
        only the email received is known.
    available
        What could be said of the contact, known before the draw: bits gained by the treatment's email, or the
        column that was named; nan when neither is known.
    features
        Covariates as numbers.
    n_held
        Contacts left out, since they may not be written to in either variant.
    """

    control: str
    treatment: str
    evidence: str
    replied: np.ndarray
    treated: np.ndarray
    bits: np.ndarray
    unit: np.ndarray
    own: np.ndarray
    other: np.ndarray
    available: np.ndarray
    features: pd.DataFrame
    n_held: int

    @property
    def gained(self) -> np.ndarray:
        """Bits that the treatment's email has more than the control's, for each contact."""
        return self.own - self.other

    @property
    def n_units(self) -> int:
        """Count the units that were drawn."""
        return int(self.unit.max()) + 1


def read_doses(
    outcomes: Any,
    emails: pd.DataFrame | None,
    *,
    control: str,
    treatment: str | None,
    outcome: str,
    bits: str,
    available: str | None,
    covariates: Sequence[str],
    facts: pd.DataFrame | None,
    cluster: str | None,
    columns: Mapping[str, str] | None,
) -> DoseTable:
    """Return outcomes and bits as arrays, one entry a contact; refuse what can't be judged.

    Raises
    ------
    DataError
        When columns, bits or variants are missing or can't be read.
    ArgumentError
        When a covariate was measured after the draw.
    NotEstimableError
        When a variant is too small.
    """
    check_covariates([*covariates, *([available] if available else [])])
    frame = as_rows(outcomes, columns)
    needed = ["variant", outcome, *covariates, *(name for name in (available, cluster) if name)]
    require_columns(
        frame, [*needed, *(["contact_id"] if emails is not None or facts is not None else [])], table="outcomes"
    )
    evidence = evidence_of(frame, frame.attrs)
    control, treatment = pick_arms(frame, control=control, treatment=treatment)
    frame = frame.set_axis(range(1, len(frame) + 1))
    frame = _one_a_contact(frame[frame["variant"].astype(str).isin([control, treatment])], outcome, bits)
    n_assigned, frame = len(frame), _written_to(frame, emails)
    rows, frame = frame.index.to_numpy(), frame.reset_index(drop=True)
    treated = (frame["variant"].astype(str) == treatment).to_numpy()
    own, other, got = _potential(frame, emails, treated, control=control, treatment=treatment, bits=bits)
    replied = pd.to_numeric(frame[outcome].astype("object"), errors="coerce").to_numpy(dtype=float)
    spare = np.full(len(frame), np.nan)
    table = DoseTable(
        control, treatment, evidence, replied, treated, got, _units(frame, cluster), own, other,
        own - other if available is None else _numbers(frame, available, spare), _features(frame, covariates, facts),
        n_assigned - len(frame),
    )  # fmt: skip
    _check(table, rows, outcome, bits, available)
    return table


def _one_a_contact(frame: pd.DataFrame, outcome: str, bits: str) -> pd.DataFrame:
    """Return one row a contact: a reply to any step is a reply, and the dose is that of the richest step."""
    if "contact_id" not in frame.columns or not frame["contact_id"].duplicated().any():
        return frame
    several = int(frame[["contact_id", "variant"]].drop_duplicates()["contact_id"].duplicated().sum())
    if several:
        raise DataError(f"{several:,} contacts stand in more than one variant; keep the one that was drawn.")
    if "step" not in frame.columns and "campaign_id" not in frame.columns:
        n = int(frame["contact_id"].duplicated().sum())
        raise DataError(
            f"outcomes hold {n:,} rows of contacts who stand there already; keep one row a contact, or tell the emails of a "
            "sequence apart in a column 'step'."
        )
    kept = frame.drop_duplicates("contact_id").copy()
    for name in (outcome, bits):
        if name in frame.columns:
            values = pd.to_numeric(frame[name].astype("object"), errors="coerce")
            kept[name] = values.groupby(frame["contact_id"], sort=False).max().to_numpy()
    return kept


def _written_to(frame: pd.DataFrame, emails: pd.DataFrame | None) -> pd.DataFrame:
    """Leave out contacts all of whose emails were held: they get nothing in any variant, which is known before."""
    if emails is None or "status" not in emails.columns:
        return frame
    sent = emails.loc[emails["status"].ne("held"), "contact_id"].astype(str)
    held = emails.loc[emails["status"].eq("held"), "contact_id"].astype(str)
    ids = frame["contact_id"].astype(str)
    return frame[ids.isin(sent) | ~ids.isin(held)]


def _potential(
    frame: pd.DataFrame, emails: pd.DataFrame | None, treated: np.ndarray, *, control: str, treatment: str, bits: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the bits of the treatment's email, of the control's, and of the one that each contact got."""
    unknown = np.full(len(frame), np.nan)
    if emails is None:
        require_columns(frame, [bits], table="outcomes, left without emails,")
        return unknown, unknown, _numbers(frame, bits, unknown)
    require_columns(emails, ["contact_id", "variant", bits], table="emails")
    both = [_of_variant(emails, frame, name, bits) for name in (treatment, control)]
    got = np.where(treated, *both)
    if np.isnan(both[0]).any() or np.isnan(both[1]).any():
        return unknown, unknown, got
    return both[0], both[1], got


def _of_variant(emails: pd.DataFrame, frame: pd.DataFrame, variant: str, bits: str) -> np.ndarray:
    """Return the bits of each contact's email of a variant, nan where there is none."""
    mine = emails[emails["variant"].astype(str) == variant]
    values = pd.to_numeric(mine[bits].astype("object"), errors="coerce")
    best = values.groupby(mine["contact_id"].astype(str)).max()
    return best.reindex(frame["contact_id"].astype(str)).to_numpy(dtype=float)


def _numbers(frame: pd.DataFrame, name: str, spare: np.ndarray) -> np.ndarray:
    if name not in frame.columns:
        return spare
    return pd.to_numeric(frame[name].astype("object"), errors="coerce").to_numpy(dtype=float)


def _units(frame: pd.DataFrame, cluster: str | None) -> np.ndarray:
    if cluster is None:
        return np.arange(len(frame))
    codes = pd.factorize(frame[cluster])[0].astype(np.int64)
    alone = codes < 0
    codes[alone] = codes.max() + 1 + np.arange(int(alone.sum()))
    return codes


def _features(frame: pd.DataFrame, covariates: Sequence[str], facts: pd.DataFrame | None) -> pd.DataFrame:
    named = frame[list(covariates)].copy()
    if facts is not None:
        require_columns(facts, ["contact_id", "bits"], table="facts")
        _check_known_before(facts, frame)
        known = facts.groupby(facts["contact_id"].astype(str))["bits"].agg(["size", "sum"])
        known = known.reindex(frame["contact_id"].astype(str)).fillna(0.0)
        named["facts known"], named["bits known"] = known["size"].to_numpy(float), known["sum"].to_numpy(float)
    return design(named, tuple(named.columns))


def _check_known_before(facts: pd.DataFrame, frame: pd.DataFrame) -> None:
    """Raise when facts tell of days after the draw: who replied is known better by that."""
    if "occurred_on" not in facts.columns or "assigned_at" not in frame.columns:
        return
    drawn = pd.to_datetime(frame["assigned_at"], utc=True).set_axis(frame["contact_id"].astype(str))
    known = pd.to_datetime(facts["occurred_on"], utc=True).dt.floor("D").to_numpy()
    own = facts["contact_id"].astype(str).map(drawn[~drawn.index.duplicated()]).dt.floor("D").to_numpy()
    late = int((known > own).sum())
    if late:
        raise DataError(
            f"facts: {late:,} tell of days after the draw, and whoever replied is known better by that; derive facts, and write the "
            f"emails from them, with as_of={str(drawn.min().date())!r} or earlier."
        )


def _check(table: DoseTable, rows: np.ndarray, outcome: str, bits: str, available: str | None) -> None:
    problems = []
    if not np.isin(table.replied, (0.0, 1.0)).all():
        row = rows[~np.isin(table.replied, (0.0, 1.0))][0]
        problems.append(f"{outcome!r} is empty or neither yes nor no in row {row}; write false for who did not reply")
    bad = ~(np.isfinite(table.bits) & (table.bits >= 0))
    if bad.any():
        problems.append(
            f"{bits!r} is missing or below 0 for {bad.sum():,} of {len(bad):,} contacts (row {few(rows[bad])}); give the emails "
            "that were sent, as write_emails or audit_emails returns them, or 0 for a contact who got none"
        )
    elif table.bits[table.treated].size and np.ptp(table.bits) == 0:
        problems.append(f"{bits!r} is {table.bits[0]:g} for every contact, so there is no dose to compare")
    if available and not np.isfinite(table.available).all():
        problems.append(f"{available!r} is empty or no number for some contacts; write 0 where nothing is known")
    raise_all("outcomes", problems)
    small = [
        f"variant {name!r} has {mask.sum():,} contacts and {table.replied[mask].sum():.0f} replies; at least "
        f"{LEAST_CONTACTS} and {LEAST_REPLIES} are needed"
        for name, mask in ((table.control, ~table.treated), (table.treatment, table.treated))
        if mask.sum() < LEAST_CONTACTS or table.replied[mask].sum() < LEAST_REPLIES
    ]
    if table.n_units < LEAST_UNITS:
        small.append(f"only {table.n_units} units were drawn; errors can't be told from fewer than {LEAST_UNITS}")
    raise_all("this test", small, error=NotEstimableError)
