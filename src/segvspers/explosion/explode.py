"""Count the segments that a cross of attributes makes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segvspers._checks import check_at_least, check_fraction
from segvspers._levels import Attribute, code_attributes
from segvspers.errors import ArgumentError
from segvspers.explosion.cells import FinestCells, count_cells
from segvspers.explosion.finding import Explosion
from segvspers.explosion.subsets import tally_subsets
from segvspers.explosion.testable import contacts_per_test
from segvspers.explosion.unlike import difference_of_pairs, unlike_pair
from segvspers.explosion.unseen import chao1, forecast_frame, unseen_share

MOST_ATTRIBUTES = 20
CELLS_KEPT = 10_000


def explode_segments(
    contacts: pd.DataFrame,
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
        One row a contact.
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
    attributes = code_attributes(contacts, by, n_bands=n_bands)
    if len(attributes) > MOST_ATTRIBUTES:
        raise ArgumentError(f"by= names {len(attributes)} columns; at most {MOST_ATTRIBUTES} can be crossed.")
    generator = np.random.default_rng(rng) if isinstance(rng, int) else rng
    rate = _base_rate(contacts, outcome, base_rate)
    per_test = contacts_per_test(rate, relative_lift, power=power, alpha=alpha)
    d = len(attributes)
    most = min(d, largest_subset or (d if d <= 12 else 4))
    finest = count_cells(attributes)
    subsets = tally_subsets(finest, minimum_size=minimum_size, per_test=per_test, largest_subset=most)
    growth = _growth(attributes, minimum_size=minimum_size, per_test=per_test)
    cells = _occupied_cells(finest, attributes)
    counts = cells["n_contacts"].to_numpy()
    full = growth.iloc[-1]
    within, between = difference_of_pairs(contacts, attributes, rng=generator)
    return Explosion(
        by=tuple(attribute.name for attribute in attributes),
        n_contacts=len(contacts),
        n_placed=int(counts.sum()),
        n_possible=float(full["n_possible"]),
        n_occupied=len(counts),
        n_empty=float(full["n_possible"] - len(counts)),
        n_single=int((counts == 1).sum()),
        n_below_minimum=int((counts < minimum_size).sum()),
        minimum_size=minimum_size,
        median_contacts=float(np.median(counts)) if len(counts) else float("nan"),
        n_cells_50=_cells_for(counts, 0.50),
        n_cells_80=_cells_for(counts, 0.80),
        n_cells_95=_cells_for(counts, 0.95),
        n_testable=int(full["n_testable"]),
        share_testable=float(full["contacts_testable"] / max(1, counts.sum())),
        contacts_per_test=per_test,
        base_rate=rate,
        relative_lift=relative_lift,
        unseen_share=unseen_share(int(counts.sum()), int((counts == 1).sum())),
        chao1=min(
            float(full["n_possible"]),
            chao1(len(counts), int((counts == 1).sum()), int((counts == 2).sum())),
        ),
        template_cost_usd=template_cost_usd,
        email_cost_usd=email_cost_usd,
        n_crossing=len(contacts) * email_cost_usd / template_cost_usd if template_cost_usd else float("inf"),
        difference_within=within,
        difference_list=between,
        outcome=outcome,
        best_attributes=(),
        explained_best=float("nan"),
        explained_full=float("nan"),
        explained_full_in_sample=float("nan"),
        largest_subset=most,
        notes=tuple(attribute.note for attribute in attributes if attribute.note),
        growth=growth,
        subsets=subsets,
        cells=cells.head(CELLS_KEPT),
        coverage=_coverage(counts),
        forecast=forecast_frame(counts, float(full["n_possible"])),
        anonymity=_anonymity(counts),
        levels=_levels(attributes),
        pair=unlike_pair(contacts, attributes, rng=generator),
    )


def _check_options(**options: float) -> None:
    for name, value in options.items():
        check_at_least(name, value, 1 if name == "minimum_size" else 0)
    if options["relative_lift"] == 0:
        raise ArgumentError("relative_lift=0 can't be tested; 30 % is written 0.30.")


def _base_rate(contacts: pd.DataFrame, outcome: str | None, base_rate: float | None) -> float:
    if base_rate is not None:
        check_fraction("base_rate", base_rate)
        return base_rate
    if outcome is not None and outcome in contacts.columns:
        values = pd.to_numeric(contacts[outcome], errors="coerce")
        mean = float(values.mean())
        if values.dropna().isin([0, 1]).all() and 0 < mean < 1:
            return mean
    return 0.03


def _growth(attributes: Sequence[Attribute], *, minimum_size: int, per_test: float) -> pd.DataFrame:
    """Return the cells after each attribute is added, in the order of `by`, and in the best and worst order."""
    rows = []
    by_levels = sorted(attributes, key=lambda attribute: attribute.n_levels)
    orders = {"given": list(attributes), "slowest": by_levels, "fastest": by_levels[::-1]}
    for order, listed in orders.items():
        for step in range(1, len(listed) + 1):
            cells = _occupied_cells(count_cells(listed[:step]), listed[:step])["n_contacts"].to_numpy()
            rows.append(
                {
                    "order": order,
                    "n_attributes": step,
                    "added": listed[step - 1].name,
                    "n_possible": float(np.prod([float(a.n_levels) for a in listed[:step]])),
                    "n_occupied": len(cells),
                    "n_single": int((cells == 1).sum()),
                    "n_at_minimum": int((cells >= minimum_size).sum()),
                    "n_testable": int((cells >= per_test).sum()),
                    "contacts_testable": int(cells[cells >= per_test].sum()),
                    "median_contacts": float(np.median(cells)) if len(cells) else float("nan"),
                }
            )
    frame = pd.DataFrame(rows)
    # The frame ends with the order of `by`, so that its last row is the full cross.
    return pd.concat([frame[frame["order"] != "given"], frame[frame["order"] == "given"]], ignore_index=True)


def _occupied_cells(finest: FinestCells, attributes: Sequence[Attribute]) -> pd.DataFrame:
    """Return one row a cell that holds somebody, the largest first, with its levels by name."""
    if finest.dense is not None:
        known = finest.dense[tuple(slice(n) for n in finest.n_levels)]
        codes = np.stack(np.nonzero(known), axis=1)
        counts = known[tuple(codes.T)]
    else:
        assert finest.codes is not None
        assert finest.counts is not None
        inside = (finest.codes < np.array(finest.n_levels)).all(axis=1)
        codes, counts = finest.codes[inside], finest.counts[inside]
    order = np.argsort(-counts, kind="stable")
    place = {name: axis for axis, name in enumerate(finest.names)}
    frame = {
        a.name: np.array(a.levels, dtype=object)[codes[order[:CELLS_KEPT], place[a.name]]] for a in attributes
    }
    shown = pd.DataFrame(frame).reindex(range(len(order)))
    shown["n_contacts"] = counts[order]
    return shown


def _cells_for(counts: np.ndarray, share: float) -> int:
    """Return how many of the largest cells hold that share of the contacts placed."""
    if not len(counts):
        return 0
    reached = np.cumsum(counts)
    return int(np.searchsorted(reached, share * reached[-1] - 1e-9) + 1)


def _coverage(counts: np.ndarray) -> pd.DataFrame:
    reached = np.cumsum(counts) / max(1, counts.sum())
    keep = np.unique(np.rint(np.geomspace(1, len(counts), min(len(counts), 400))).astype(int)) - 1
    if not len(counts):
        keep = np.array([], dtype=int)
    return pd.DataFrame({"n_cells": keep + 1, "n_contacts": counts[keep], "share": reached[keep]})


def _anonymity(counts: np.ndarray) -> pd.DataFrame:
    """Return the share of contacts who stand in cells of fewer than k contacts (Sweeney 2002)."""
    sizes = np.array([2, 3, 5, 10, 20, 50, 100, 1000])
    total = max(1, counts.sum())
    return pd.DataFrame({"k": sizes, "share_below": [counts[counts < k].sum() / total for k in sizes]})


def _levels(attributes: Sequence[Attribute]) -> pd.DataFrame:
    rows = []
    for attribute in attributes:
        times = np.bincount(attribute.codes[attribute.codes >= 0], minlength=attribute.n_levels)
        rows += [
            {"attribute": attribute.name, "level": level, "n_contacts": int(n)}
            for level, n in zip(attribute.levels, times, strict=True)
        ]
    return pd.DataFrame(rows)
