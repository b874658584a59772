"""Count the segments that a cross of attributes makes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from segvspers._checks import as_rng, check_at_least, check_fraction
from segvspers.errors import ArgumentError
from segvspers.explosion.finding import Explosion
from segvspers.explosion.frames import (
    anonymity_frame,
    cells_for,
    cells_frame,
    coverage_frame,
    curves_frame,
    growth_frame,
    levels_frame,
)
from segvspers.explosion.honest import score_subsets
from segvspers.explosion.inside import explained_by_contact
from segvspers.explosion.source import Source, read_source
from segvspers.explosion.subsets import tally_subsets
from segvspers.explosion.testable import contacts_per_test
from segvspers.explosion.unlike import difference_of_pairs, unlike_pair
from segvspers.explosion.unseen import chao1, forecast_frame, unseen_share

MOST_ATTRIBUTES = 20
EXPLORED = 8


def explode_segments(
    contacts: Any,
    *,
    by: Sequence[str],
    outcome: str | None = None,
    minimum_size: int = 30,
    base_rate: float | None = None,
    relative_lift: float = 0.30,
    power: float = 0.8,
    alpha: float = 0.05,
    template_cost_usd: float = 37.5,
    email_cost_usd: float = 0.187,
    n_bands: int = 5,
    largest_subset: int | None = None,
    rng: int | np.random.Generator = 0,
) -> Explosion:
    """Count the segments that crossing the attributes of `by` makes, and what each list can do with them.

    Parameters
    ----------
    contacts
        One row a contact: a pandas, polars or Arrow table. A DuckDB relation, a PySpark frame or the path of
        Parquet files is grouped where it lies, so that its rows need not fit in memory.
    by
        Columns to cross. Categories, text and truth values are taken as they are; numbers and dates of more
        than 20 values are cut into `n_bands` bands of equal size. A contact whose level is unknown stands
        in no cell of a segmentation by that column.
    outcome
        A column of numbers or truth values, such as ``replied``; every segmentation is then scored on
        contacts that it has not seen.
    minimum_size
        Contacts that a cell should hold.
    base_rate
        Reply rate without the lift; the mean of `outcome`, or 3 %, when left out.
    relative_lift, power, alpha
        The lift that a test inside one cell should show, and its two error rates.
    template_cost_usd, email_cost_usd
        Cost of one template and of one individual email; the defaults are 45 minutes at $50 an hour, and
        $0.02 a draft with a tenth of them read for two minutes.
    n_bands
        Bands of a number or date.
    largest_subset
        Most attributes of a subset that is counted; all of them up to 12 attributes, else 4.
    rng
        Seed of the folds and of the pairs compared.

    Returns
    -------
    Explosion
        Cells possible, occupied, empty, single, too small and testable, for the cross and all subsets.

    Raises
    ------
    DataError
        When a column is unknown, empty or an identifier.
    ArgumentError
        When an option is out of range.

    Notes
    -----
    Cells are counted once and rolled up to all subsets. Cells not seen: Good (1953), Good and Toulmin
    (1956), Chao (1984). Contacts per test: normal approximation, two sides, equal arms.

    References
    ----------
    Good, I. J. (1953). The population frequencies of species. Biometrika 40, 237-264.
    Chao, A. (1984). Nonparametric estimation of the number of classes. Scand. J. Statistics 11, 265-270.

    Examples
    --------
    >>> import pandas as pd
    >>> import segvspers as sv
    >>> contacts = pd.DataFrame({"plan": list("AABBBC"), "size": ["small", "large"] * 3})
    >>> explosion = sv.explode_segments(contacts, by=["plan", "size"])
    >>> explosion.n_possible, explosion.n_occupied, explosion.n_single
    (6.0, 5, 4)
    """
    _check_options(
        minimum_size=minimum_size,
        relative_lift=relative_lift,
        template_cost_usd=template_cost_usd,
        email_cost_usd=email_cost_usd,
    )
    check_fraction("power", power)
    check_fraction("alpha", alpha)
    if base_rate is not None:
        check_fraction("base_rate", base_rate)
    generator = as_rng(rng)
    source = read_source(contacts, by, outcome=outcome, n_bands=n_bands, rng=generator)
    attributes, finest = source.attributes, source.finest
    d = len(attributes)
    if d > MOST_ATTRIBUTES:
        raise ArgumentError(f"by= names {d} columns; at most {MOST_ATTRIBUTES} can be crossed.")
    rate = next(value for value in (base_rate, source.base_rate, 0.03) if value is not None)
    per_test = contacts_per_test(rate, relative_lift, power=power, alpha=alpha)
    most = min(d, largest_subset or (d if d <= 12 else 4))
    names = [attribute.name for attribute in attributes]
    subsets = tally_subsets(finest, minimum_size=minimum_size, per_test=per_test, largest_subset=most)
    if source.scored is not None:
        scores = score_subsets(source.scored, largest_subset=most)
        subsets = subsets.merge(scores, on="attributes", how="left")
    subsets = _arranged(subsets, names)
    growth = growth_frame(finest, attributes, minimum_size=minimum_size, per_test=per_test)
    cells, counts = cells_frame(finest, attributes)
    full = growth.iloc[-1]
    n_placed, n_single = int(counts.sum()), int((counts == 1).sum())
    within, between = difference_of_pairs(source.rows, source.row_attributes, rng=generator)
    best = _best(subsets)
    last = subsets.iloc[-1]
    whole = len(last["attributes"]) == d and source.scored is not None
    return Explosion(
        by=tuple(names),
        n_contacts=source.n_contacts,
        n_placed=n_placed,
        n_possible=float(full["n_possible"]),
        n_occupied=len(counts),
        n_empty=float(full["n_possible"] - len(counts)),
        n_single=n_single,
        n_below_minimum=int((counts < minimum_size).sum()),
        minimum_size=minimum_size,
        median_contacts=float(np.median(counts)) if len(counts) else float("nan"),
        n_cells_50=cells_for(counts, 0.50),
        n_cells_80=cells_for(counts, 0.80),
        n_cells_95=cells_for(counts, 0.95),
        n_testable=int(full["n_testable"]),
        share_testable=float(full["contacts_testable"] / max(1, n_placed)),
        contacts_per_test=per_test,
        base_rate=rate,
        relative_lift=relative_lift,
        unseen_share=unseen_share(n_placed, n_single),
        chao1=min(float(full["n_possible"]), chao1(len(counts), n_single, int((counts == 2).sum()))),
        template_cost_usd=template_cost_usd,
        email_cost_usd=email_cost_usd,
        n_crossing=source.n_contacts * email_cost_usd / template_cost_usd if template_cost_usd else float("inf"),
        difference_within=within,
        difference_list=between,
        outcome=outcome,
        best_attributes=() if best is None else best["attributes"],
        explained_best=0.0 if best is None else float(best["explained"]),
        explained_full=float(last["explained"]) if whole else float("nan"),
        explained_full_in_sample=float(last["explained_in_sample"]) if whole else float("nan"),
        explained_by_contact=_by_contact(source, outcome, generator),
        largest_subset=most,
        notes=tuple(attribute.note for attribute in attributes if attribute.note),
        growth=growth,
        subsets=subsets,
        cells=cells,
        coverage=coverage_frame(counts),
        curves=curves_frame(finest, names) if d <= EXPLORED else coverage_frame(counts)[["n_cells", "share"]],
        forecast=forecast_frame(counts, float(full["n_possible"])),
        anonymity=anonymity_frame(counts),
        levels=levels_frame(finest, attributes),
        pair=unlike_pair(source.rows, source.row_attributes, rng=generator),
    )


def _check_options(**options: float) -> None:
    for name, value in options.items():
        check_at_least(name, value, 1 if name == "minimum_size" else 0)
    if options["relative_lift"] == 0:
        raise ArgumentError("relative_lift=0 can't be tested; 30 % is written 0.30.")


def _arranged(subsets: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return subsets from small to large, with attributes in the order of `by`."""
    place = {name: position for position, name in enumerate(names)}
    listed = [tuple(sorted(attributes, key=place.__getitem__)) for attributes in subsets["attributes"]]
    order = sorted(range(len(listed)), key=lambda row: (len(listed[row]), [place[name] for name in listed[row]]))
    arranged = subsets.assign(attributes=listed).iloc[order].reset_index(drop=True)
    for column in ("explained_in_sample", "explained", "explained_se"):
        if column not in arranged.columns:
            arranged[column] = float("nan")
    return arranged


def _best(subsets: pd.DataFrame) -> pd.Series | None:
    """Return the segmentation that explains most on contacts not seen, if any explains more than nothing."""
    known = subsets[subsets["explained"] > subsets["explained_se"]]
    return None if known.empty else known.loc[known["explained"].idxmax()]


def _by_contact(source: Source, outcome: str | None, rng: np.random.Generator) -> float:
    if outcome is None or source.outcome is None:
        return float("nan")
    return explained_by_contact(source.rows, source.attributes, source.outcome, name=outcome, rng=rng)
