"""Who gets which variant: drawn once, by contact or by company, the same again from the same seed."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from segvspers._checks import check_choice, few, require_columns
from segvspers.errors import ArgumentError, DataError, raise_all

METHODS = ("blocks", "hash")
MOST_SLOTS = 60


def assign_variants(
    audience: pd.DataFrame,
    *,
    variants: Sequence[str] = ("segment", "individual"),
    shares: Sequence[float] | None = None,
    within: str | Sequence[str] | None = None,
    cluster: str | None = None,
    method: str = "blocks",
    rng: int | np.random.Generator = 0,
) -> pd.DataFrame:
    """Draw a variant for every contact, or for every company as a whole.

    Parameters
    ----------
    audience
        One row a contact; needs `contact_id` (str, unique).
    variants
        Names of the variants.
    shares
        Share of the units for each variant; equal when left out.
    within
        Columns whose levels each get the shares, such as ``"segment_id"``; a company that spans several
        levels counts where most of its contacts are.
    cluster
        Column of the unit that is drawn as a whole, such as ``"company_id"``; contacts without one are
        units of their own. Left out, each contact is a unit.
    method
        ``blocks`` deals balanced blocks of units that are alike in level and size; ``hash`` looks at the
        name of the unit alone, so that a contact keeps its variant when the list changes.
    rng
        Seed; the same seed gives the same variants whatever the order of the rows.

    Returns
    -------
    pandas.DataFrame
        A copy with the column `variant`.

    Raises
    ------
    ArgumentError
        When variants, shares or the method are not usable.
    DataError
        When a column is missing, ids repeat, or the audience has variants already.

    Notes
    -----
    Permuted blocks over units sorted by level, size and keyed SipHash: each unit gets each variant with
    exactly its share as probability. Draw by company whenever colleagues may talk or share an inbox, and
    then compare with ``cluster=`` too.

    References
    ----------
    Kernan, W. N. et al. (1999). Stratified randomization for clinical trials. Journal of Clinical
    Epidemiology 52, 19-26.

    Examples
    --------
    >>> contacts = pd.DataFrame({"contact_id": ["C1", "C2", "C3", "C4"]})
    >>> assign_variants(contacts, rng=1)["variant"].value_counts().to_dict()
    {'segment': 2, 'individual': 2}
    """
    check_choice("method", method, METHODS)
    weights = _shares(variants, shares)
    levels = [within] if isinstance(within, str) else list(within or [])
    _check_audience(audience, levels, cluster, method)
    key = _key(rng)
    unit = _units(audience, cluster)
    cuts = np.cumsum(weights)[:-1]
    if method == "hash":  # noqa: SIM108
        point = _hashed(unit, key + b"h") / 2.0**64
    else:
        point = _dealt(_stratum(audience, levels), unit, weights, key)
    assigned = audience.copy()
    assigned["variant"] = np.asarray(variants, dtype=object)[np.searchsorted(cuts, point, side="right")]
    return assigned


def _dealt(stratum: pd.Series, unit: pd.Series, weights: np.ndarray, key: bytes) -> np.ndarray:
    """Return a number in [0, 1) for each row: its unit's slot in a block of units alike."""
    by_unit = pd.DataFrame({"unit": unit.to_numpy(), "stratum": stratum.to_numpy()})
    sizes = by_unit.groupby(["unit", "stratum"], sort=True).size().rename("n").reset_index()
    sizes = sizes.sort_values(["unit", "n", "stratum"], ascending=[True, False, True])
    units = sizes.groupby("unit", sort=True).agg(stratum=("stratum", "first"), n=("n", "sum")).reset_index()
    units["place"] = _hashed(units["unit"], key + b"p")
    units = units.sort_values(["stratum", "n", "place", "unit"], ascending=[True, False, True, True])
    n_slots = _slots(weights)
    draws = np.random.default_rng(list(hashlib.blake2b(key, digest_size=16).digest()))
    n_blocks = -(-len(units) // n_slots)
    slots = draws.permuted(np.tile(np.arange(n_slots), (n_blocks, 1)), axis=1)
    start = draws.random((n_blocks, 1)) if not _exact(weights, n_slots) else np.full((n_blocks, 1), 0.5)
    units["point"] = ((slots + start) / n_slots).ravel()[: len(units)]
    return unit.map(units.set_index("unit")["point"]).to_numpy()


def _units(audience: pd.DataFrame, cluster: str | None) -> pd.Series:
    """Return the name of the unit of each row; a contact without a company is one by itself."""
    own = "contact " + audience["contact_id"].astype(str)
    if cluster is None:
        return own
    return own.where(audience[cluster].isna(), "cluster " + audience[cluster].astype(str))


def _stratum(audience: pd.DataFrame, levels: list[str]) -> pd.Series:
    text = pd.Series("", index=audience.index)
    for name in levels:
        text = text + "|" + audience[name].astype(str)
    return text


def _hashed(names: pd.Series, key: bytes) -> np.ndarray:
    """Return 64 bits for each name; the key makes them another draw."""
    sixteen = hashlib.blake2b(key, digest_size=8).hexdigest()
    return pd.util.hash_array(names.astype(str).to_numpy(dtype=object), hash_key=sixteen)


def _key(rng: int | np.random.Generator) -> bytes:
    if isinstance(rng, np.random.Generator):
        return str(int(rng.integers(2**62))).encode()
    if isinstance(rng, bool) or not isinstance(rng, (int, np.integer)):
        raise ArgumentError(f"rng={rng!r} must be a whole number or a numpy.random.Generator.")
    return str(int(rng)).encode()


def _slots(weights: np.ndarray) -> int:
    """Return the shortest block that holds every share exactly, or the longest one that is allowed."""
    return next((n for n in range(2, MOST_SLOTS + 1) if _exact(weights, n)), MOST_SLOTS)


def _exact(weights: np.ndarray, n_slots: int) -> bool:
    return bool(np.allclose(weights * n_slots, np.round(weights * n_slots), atol=1e-9))


def _shares(variants: Sequence[str], shares: Sequence[float] | None) -> np.ndarray:
    problems = []
    if isinstance(variants, str) or len(variants) < 2 or len(set(variants)) < len(variants):
        raise ArgumentError(f"variants={variants!r} must be at least two different names.")
    weights = np.full(len(variants), 1 / len(variants)) if shares is None else np.asarray(shares, dtype=float)
    if len(weights) != len(variants):
        problems.append(f"shares has {len(weights)} numbers for {len(variants)} variants; give one each.")
    if not all(math.isfinite(w) and w > 0 for w in weights):
        problems.append(f"shares={shares!r} must all be above 0; leave a variant out rather than give it 0.")
    elif not math.isclose(float(weights.sum()), 1.0, abs_tol=1e-9):
        problems.append(f"shares={shares!r} sum to {weights.sum():g}; they must sum to 1.")
    raise_all("assign_variants", problems, error=ArgumentError)
    return weights


def _check_audience(audience: pd.DataFrame, levels: list[str], cluster: str | None, method: str) -> None:
    require_columns(audience, ["contact_id", *levels, *([cluster] if cluster else [])], table="contacts")
    problems = []
    if not len(audience):
        problems.append("it has no rows; there is nobody to assign.")
    if "variant" in audience.columns:
        problems.append("it has a column variant already; drop it to draw again, or compare what was sent.")
    ids = audience["contact_id"]
    if ids.isna().any():
        problems.append(f"contact_id is missing in {int(ids.isna().sum())} rows; drop or fill them.")
    if ids.duplicated().any():
        problems.append(f"contact_id repeats: {few(sorted(set(ids[ids.duplicated()].astype(str))))}.")
    if method == "hash" and levels:
        problems.append("method='hash' looks at one unit alone and can't balance within=; leave one out.")
    raise_all("audience", problems, error=DataError)
