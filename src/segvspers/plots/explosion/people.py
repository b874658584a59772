"""People of one cell: two of them side by side, what differs within cells, and how levels overlap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from segvspers._display import percent, spoken
from segvspers.errors import NotEstimableError
from segvspers.plots.style import FAINT, INK, REFERENCE, SERIES, label, new_axes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MOST_ROWS = 26
MOST_COLUMNS = 14
MOST_LEVELS = 16
WIDTH = 34


def draw_pair(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw two contacts of one cell side by side; what differs is in colour."""
    pair = found.pair[found.pair["column"] != "contact_id"]
    if pair.empty:
        raise NotEstimableError("view='pair' needs two contacts in one cell and columns beside those of by=.")
    own = pair["column"].isin(found.by)
    rest = pair[~own]
    ordered = [pair[own], rest[rest["differs"]], rest[~rest["differs"]]]
    rows = [row for part in ordered for row in part.itertuples()]
    hidden, rows = len(rows) - MOST_ROWS, rows[:MOST_ROWS]
    ax = new_axes(ax, width=9.0, height=0.9 + 0.26 * (len(rows) + 2))
    _bare(ax)
    n_differ = int(rest["differs"].sum())
    for place, (name, x) in enumerate((("", 0.0), ("contact A", 0.32), ("contact B", 0.66))):
        ax.text(x, -1, name, fontsize=10, weight="bold", color=SERIES[place - 1] if place else INK, va="center")
    for line, row in enumerate(rows):
        shared = row.column in found.by
        if shared:
            ax.axhspan(line - 0.5, line + 0.5, color=FAINT, alpha=0.6, linewidth=0)
        ax.text(
            0.0,
            line,
            _cut(spoken(row.column), 30),
            fontsize=9,
            color=INK,
            va="center",
            weight="bold" if shared else "normal",
        )
        for x, text, colour in ((0.32, row.first, SERIES[0]), (0.66, row.second, SERIES[1])):
            ax.text(x, line, _cut(text, WIDTH), fontsize=9, va="center", color=colour if row.differs else REFERENCE)
    if hidden > 0:
        ax.text(
            0.0, len(rows), f"... and {hidden} more rows in explosion.pair", fontsize=9, color=REFERENCE, va="center"
        )
    ax.set_xlim(-0.01, 1.0)
    ax.set_ylim(len(rows) + (0.6 if hidden > 0 else -0.4), -1.7)
    title = (
        f"Two people of one segment: the same template, though they differ in {n_differ} of {len(rest)} things known"
    )
    return label(ax, title=title)


def draw_differences(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw how far two contacts of one cell differ, column by column, against two of the list."""
    table = found.differences.dropna().sort_values("list", ascending=False).head(MOST_COLUMNS).iloc[::-1]
    if table.empty:
        raise NotEstimableError("view='differences' needs two contacts in one cell and columns beside those of by=.")
    ax = new_axes(ax, height=1.4 + 0.3 * len(table))
    places = np.arange(len(table))
    ax.hlines(places, table["within"], table["list"], color=FAINT, linewidth=4)
    ax.plot(table["list"], places, "o", color=REFERENCE, markersize=8, label="two of the list")
    ax.plot(table["within"], places, "o", color=SERIES[0], markersize=8, label="two of one segment")
    ax.set_yticks(places, [_cut(spoken(name), 28) for name in table["column"]])
    ax.set_xlim(0, 1.02 * max(0.2, float(table[["within", "list"]].max().max())))
    ax.xaxis.set_major_formatter(lambda value, _: percent(value, 0))
    ax.legend(frameon=False, fontsize=9, loc="lower right")
    left = found.difference_within / found.difference_list if found.difference_list else float("nan")
    title = f"Two people of one segment still differ {percent(left, 0)} as much as any two of the list"
    return label(ax, title=title, x="mean difference of two contacts (0: alike, 100 %: always another value)")


def draw_overlap(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw what share of the contacts of one level (row) also have another (column)."""
    levels = found.levels.sort_values("n_contacts", ascending=False).head(MOST_LEVELS)
    if found.overlap.empty or levels["attribute"].nunique() < 2:
        raise NotEstimableError("view='overlap' needs two attributes of by= whose levels overlap.")
    order = {name: place for place, name in enumerate(found.by)}
    levels = levels.sort_values("attribute", key=lambda column: column.map(order), kind="stable")
    keys = list(zip(levels["attribute"], levels["level"], strict=True))
    ax = new_axes(ax, width=8.4, height=1.6 + 0.36 * len(keys))
    shares = _matrix(found.overlap, keys)
    shown = ax.imshow(shares, cmap="Blues", vmin=0, vmax=max(0.5, float(np.nanmax(shares))), aspect="auto")
    names = [_cut(f"{level} ({spoken(attribute)})", 30) for attribute, level in keys]
    ax.set_yticks(range(len(keys)), names, fontsize=8)
    ax.set_xticks(range(len(keys)), [_cut(level, 16) for _, level in keys], rotation=40, ha="right", fontsize=8)
    for row, column in np.argwhere(~np.isnan(shares)):
        dark = shares[row, column] > 0.6 * shown.get_clim()[1]
        ax.text(
            column,
            row,
            f"{shares[row, column]:.0%}"[:-1],
            ha="center",
            va="center",
            fontsize=7.5,
            color="white" if dark else INK,
        )
    ax.grid(visible=False)
    title = _strongest(found)
    return label(ax, title=title, x="per cent of the contacts of the row who are also in the column")


def _matrix(overlap: pd.DataFrame, keys: list[tuple[str, str]]) -> np.ndarray:
    place = {key: number for number, key in enumerate(keys)}
    shares = np.full((len(keys), len(keys)), np.nan)
    for row in overlap.itertuples():
        one, other = place.get((row.attribute, row.level)), place.get((row.other_attribute, row.other_level))
        if one is not None and other is not None:
            shares[one, other] = row.share
    return shares


def _strongest(found: Any) -> str:
    """Return the pair of levels that overlap most beyond what two unrelated ones would."""
    table = found.overlap[found.overlap["n_both"] >= found.minimum_size]
    if table.empty:
        return "No two levels share enough contacts to tell"
    row = table.loc[(table["share"] - table["expected"]).idxmax()]
    return (
        f"{percent(row['share'], 0)} of {row['level']} ({spoken(row['attribute'])}) are {row['other_level']} "
        f"({spoken(row['other_attribute'])}), {percent(row['expected'], 0)} of the list"
    )


def _bare(ax: Axes) -> None:
    ax.grid(visible=False)
    ax.set_xticks([])
    ax.set_yticks([])
    for side in ax.spines.values():
        side.set_visible(False)


def _cut(text: object, width: int) -> str:
    told = " ".join(str(text).split())
    told = told if len(told) <= width else told[: width - 1].rstrip() + "\u2026"
    return told.replace("$", r"\$")  # a dollar sign would start a formula
