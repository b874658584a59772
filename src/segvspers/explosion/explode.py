"""Count the segments that a cross of attributes makes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from segvspers._checks import as_rng, check_at_least, check_choice, check_fraction
from segvspers.errors import ArgumentError
from segvspers.explosion.cube import Cube
from segvspers.explosion.difference import differences_frame
from segvspers.explosion.finding import Explosion
from segvspers.explosion.frames import (
    anonymity_frame,
    cells_for,
    cells_frame,
    costs_frame,
    coverage_frame,
    growth_frame,
    levels_frame,
    lifts_frame,
    mean_bits,
    overlap_frame,
)
from segvspers.explosion.honest import score_subsets
from segvspers.explosion.inside import explained_by_contact
from segvspers.explosion.people import N_COMPARED, cells_of, comparable
from segvspers.explosion.source import Source, read_source
from segvspers.explosion.subsets import Tallies, largest_within, tally_subsets
from segvspers.explosion.testable import contacts_per_test
from segvspers.explosion.unlike import facts_matrix, facts_of, facts_shared, pairs_of_list, pairs_within, unlike_pair
from segvspers.explosion.unseen import chao1, forecast_frame, unseen_interval, unseen_share

MOST_ATTRIBUTES = 20
RECORDED = 0.8
MISSING = ("leave_out", "level")


def explode_segments(
    contacts: Any,
    *,
    by: Sequence[str],
    outcome: str | None = None,
    facts: pd.DataFrame | None = None,
    missing: str = "leave_out",
    minimum_size: int = 30,
    base_rate: float | None = None,
    relative_lift: float = 0.30,
    power: float = 0.8,
    alpha: float = 0.05,
    template_cost_usd: float = 37.5,
    email_cost_usd: float = 0.187,
    n_bands: int = 5,
    list_sizes: Sequence[int] = (),
    largest_subset: int | None = None,
    rng: int | np.random.Generator = 0,
) -> Explosion:
    """Count the segments that crossing the attributes of `by` makes, and what each list can do with them.

    Parameters
    ----------
    contacts
        One row a contact: a pandas, polars or Arrow table. A DuckDB relation, a PySpark frame or the path of
        Parquet, CSV or JSON files is grouped where it lies, so that its rows need not fit in memory.
    by
        Columns to cross, at most 20. Categories, text and truth values are taken as they are; numbers and dates
        of more than 20 values are cut into `n_bands` bands of equal size.
    outcome
        A column of numbers or truth values, such as ``replied``; every segmentation is then scored on
        contacts that it has not seen.
    facts
        As `derive_facts` returns them: two contacts of one cell are then compared by what they did, too.
    missing
        ``leave_out``: a contact whose level is missing stands in no cell of a segmentation by that column;
        ``level``: missing values are a level of their own.
    minimum_size
        Contacts that a cell should hold.
    base_rate
        Reply rate without the lift; the mean of `outcome` if that is 0 or 1, or 3 %, when left out.
    relative_lift, power, alpha
        The lift that a test inside one cell should show, and its two error rates.
    template_cost_usd, email_cost_usd
        Cost of one template and of one individual email; the defaults are 45 minutes at $50 an hour, and
        $0.02 a draft with a tenth of them read for two minutes.
    n_bands
        Bands of a number or date.
    list_sizes
        Further numbers of contacts to forecast the occupied cells for.
    largest_subset
        Most attributes of a subset that is counted. When left out, as many as take some seconds: all of them
        for most crosses of up to 12 attributes. All 2^d subsets of any cross are counted when it is `len(by)`.
    rng
        Seed of the folds, the sample and the pairs compared.

    Returns
    -------
    Explosion
        Cells possible, occupied, empty, single, too small and testable, for the cross and all subsets.

    Raises
    ------
    DataError
        When a column is unknown, empty or an identifier, or a contact stands on the list twice.
    ArgumentError
        When an option is out of range.

    Notes
    -----
    Contacts are counted once by their finest cell; every subset is rolled up from those. Cells not seen: Good
    (1953), Good and Toulmin (1956), Chao (1984). Contacts per test: normal approximation, two sides, equal
    arms. Scores: two-fold, cell means shrunken by empirical Bayes. `docs/explosion.md` has the formulas.

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
    listed = [by] if isinstance(by, str) else list(by)
    _check_options(
        minimum_size=minimum_size,
        relative_lift=relative_lift,
        template_cost_usd=template_cost_usd,
        email_cost_usd=email_cost_usd,
        n_bands=n_bands,
        largest_subset=largest_subset,
    )
    for name, value in {"power": power, "alpha": alpha, "base_rate": base_rate}.items():
        if value is not None:
            check_fraction(name, value)
    check_choice("missing", missing, MISSING)
    if len(listed) > MOST_ATTRIBUTES:
        raise ArgumentError(f"by= names {len(listed)} columns; at most {MOST_ATTRIBUTES} can be crossed.")
    generator = as_rng(rng)
    source = read_source(contacts, listed, outcome=outcome, n_bands=n_bands, missing=missing, rng=generator)
    rate = next(value for value in (base_rate, source.base_rate, 0.03) if value is not None)
    needed = contacts_per_test(rate, relative_lift, power=power, alpha=alpha)
    names = [attribute.name for attribute in source.attributes]
    most = min(len(names), largest_subset or largest_within(source.finest, scored=source.scored is not None))
    tallies = tally_subsets(source.finest, minimum_size=minimum_size, per_test=needed, largest_subset=most)
    subsets = _scored(tallies.frame, source, names, most)
    growth = growth_frame(source.finest, source.attributes, minimum_size=minimum_size, per_test=needed)
    cells, counts = cells_frame(source.finest, source.attributes)
    possible = float(growth["n_possible"].iloc[-1])
    crossing = source.n_contacts * email_cost_usd / template_cost_usd if template_cost_usd else float("inf")
    people = _of_people(source, facts, outcome, generator)
    scores = _of_scores(subsets, len(names), people["explained_by_contact"])
    return Explosion(
        by=tuple(names),
        outcome=None if outcome is None else str(outcome),
        n_contacts=source.n_contacts,
        base_rate=rate,
        relative_lift=relative_lift,
        contacts_per_test=needed,
        minimum_size=minimum_size,
        template_cost_usd=template_cost_usd,
        email_cost_usd=email_cost_usd,
        n_crossing=crossing,
        largest_subset=most,
        notes=(*_notes(source, most, len(names)), *scores.pop("notes")),
        growth=growth,
        subsets=subsets,
        cells=cells,
        lifts=lifts_frame(counts, base_rate=rate, relative_lift=relative_lift, power=power, alpha=alpha),
        costs=costs_frame(
            len(counts), crossing, template_cost_usd=template_cost_usd, emails_usd=source.n_contacts * email_cost_usd
        ),
        forecast=forecast_frame(counts, possible, list_sizes),
        **_of_cells(counts, possible, minimum_size=minimum_size, needed=needed),
        **_of_levels(tallies, source),
        **scores,
        **people,
    )


def _check_options(**options: float | None) -> None:
    lowest = {"minimum_size": 1, "n_bands": 2, "largest_subset": 1}
    for name, value in options.items():
        if value is not None:
            check_at_least(name, value, lowest.get(name, 0))
    if options["relative_lift"] == 0:
        raise ArgumentError("relative_lift=0 can't be tested; 30 % is written 0.30.")


def _scored(frame: pd.DataFrame, source: Source, names: Sequence[str], most: int) -> pd.DataFrame:
    """Return subsets from small to large, attributes in the order of `by`, with what each explains."""
    if source.scored is not None:
        frame = frame.merge(score_subsets(source.scored, largest_subset=most), on="attributes", how="left")
    else:
        frame = frame.assign(explained_in_sample=np.nan, explained=np.nan, explained_se=np.nan)
    place = {name: position for position, name in enumerate(names)}
    listed = [tuple(sorted(attributes, key=place.__getitem__)) for attributes in frame["attributes"]]
    order = sorted(range(len(listed)), key=lambda row: (len(listed[row]), [place[name] for name in listed[row]]))
    return frame.assign(attributes=listed).iloc[order].reset_index(drop=True)


def _of_cells(counts: np.ndarray, possible: float, *, minimum_size: int, needed: float) -> dict[str, Any]:
    """Return what the counts of the full cross tell."""
    n_placed, n_single, n_double = int(counts.sum()), int((counts == 1).sum()), int((counts == 2).sum())
    low, high = unseen_interval(n_placed, n_single, n_double)
    return {
        "n_placed": n_placed,
        "n_possible": possible,
        "n_occupied": len(counts),
        "n_empty": possible - len(counts),
        "n_single": n_single,
        "n_below_minimum": int((counts < minimum_size).sum()),
        "median_contacts": float(np.median(counts)) if len(counts) else float("nan"),
        "n_cells_50": cells_for(counts, 0.50),
        "n_cells_80": cells_for(counts, 0.80),
        "n_cells_95": cells_for(counts, 0.95),
        "n_testable": int((counts >= needed).sum()),
        "share_testable": float(counts[counts >= needed].sum() / max(1, n_placed)),
        "bits": mean_bits(counts),
        "unseen_share": unseen_share(n_placed, n_single),
        "unseen_share_low": low,
        "unseen_share_high": high,
        "chao1": min(possible, chao1(len(counts), n_single, n_double)),
        "coverage": coverage_frame(counts),
        "anonymity": anonymity_frame(counts),
    }


def _of_levels(tallies: Tallies, source: Source) -> dict[str, Any]:
    return {
        "levels": levels_frame(tallies.small, source.attributes),
        "overlap": overlap_frame(tallies.small, source.attributes),
    }


def _of_scores(subsets: pd.DataFrame, n_attributes: int, by_contact: float) -> dict[str, Any]:
    """Return the segmentation that explains most on contacts not seen, the simplest as good, and the full cross."""
    known = subsets[subsets["explained"].notna()]
    last = subsets.iloc[-1]
    whole = len(last["attributes"]) == n_attributes
    told: dict[str, Any] = {
        "best_attributes": (), "simplest_attributes": (), "explained_best": float("nan"),
        "explained_best_low": float("nan"), "explained_left": float("nan"),
        "explained_full": float(last["explained"]) if whole else float("nan"),
        "explained_full_in_sample": float(last["explained_in_sample"]) if whole else float("nan"),
        "notes": (),
    }  # fmt: skip
    if known.empty:
        return told
    best = known.loc[known["explained"].idxmax()]
    # The best of many scores is high by luck as well; so its error is widened to hold for all of them at once.
    low = float(best["explained"] - norm.isf(0.05 / len(known)) * best["explained_se"])
    told |= {"explained_best": float(best["explained"]), "explained_best_low": low}
    told["explained_left"] = max(0.0, by_contact - max(0.0, float(best["explained"])))
    if low > 0:
        as_good = known[known["explained"] >= best["explained"] - best["explained_se"]]
        told["best_attributes"] = best["attributes"]
        told["simplest_attributes"] = as_good.loc[as_good["n_occupied"].idxmin(), "attributes"]
    if by_contact > RECORDED:
        told["notes"] = (
            "some column of contacts probably records the outcome itself: a model explains nearly all of it",
        )
    return told


def _of_people(
    source: Source, facts: pd.DataFrame | None, outcome: str | None, rng: np.random.Generator
) -> dict[str, Any]:
    """Return what contacts looked at one by one tell: how different two of one cell are."""
    by = [attribute.name for attribute in source.attributes]
    people, beside = source.people, source.neighbours
    without = by if outcome is None else [*by, str(outcome)]
    few, cells = people.head(N_COMPARED), cells_of(beside.codes)
    others, of_few = comparable(beside.frame, without), comparable(few.frame, without)
    differences = differences_frame(others, cells, of_few)
    kept = facts_of(beside, facts)
    known, pairs = facts_matrix(beside, kept), pairs_within(cells, rng=rng)
    by_contact = float("nan")
    if source.outcome is not None and outcome is not None:
        by_contact = explained_by_contact(people.codes, comparable(people.frame, without), source.outcome, rng=rng)
    return {
        "difference_within": float(differences["within"].mean()),
        "difference_list": float(differences["list"].mean()),
        "facts_shared_within": facts_shared(known, *pairs),
        "facts_shared_list": facts_shared(facts_matrix(few, facts_of(few, facts)), *pairs_of_list(len(few), rng=rng)),
        "explained_by_contact": by_contact,
        "differences": differences,
        "pair": unlike_pair(beside, source.attributes, others=others, pairs=pairs, known=known, facts=kept),
        "cube": Cube(tuple(by), source.finest, source.scored, few.codes, of_few),
    }


def _notes(source: Source, most: int, n_attributes: int) -> tuple[str, ...]:
    notes = [attribute.note for attribute in source.attributes if attribute.note]
    if most < n_attributes:
        notes.append(f"subsets of up to {most} of the {n_attributes} attributes were counted")
    return tuple(notes)
