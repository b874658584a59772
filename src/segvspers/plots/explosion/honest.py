"""What every segmentation explains of the outcome: in the data it was read from, and on contacts not seen."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from segvspers._display import count, percent
from segvspers.errors import NotEstimableError
from segvspers.plots.style import INK, REFERENCE, SERIES, label, new_axes, reference_line

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def draw_honest(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw each segmentation by its cells: what it seems to explain, and what it does on contacts not seen."""
    if found.outcome is None:
        raise NotEstimableError("view='honest' needs an outcome; give explode_segments(..., outcome='replied').")
    scores = found.subsets[found.subsets["explained"].notna()].sort_values("n_occupied")
    if scores.empty:
        raise NotEstimableError("view='honest' needs an outcome that varies among the contacts placed.")
    ax = new_axes(ax, width=8.0, height=4.8)
    draw_scores(scores, ax)
    front = _front(scores)
    ax.step(front["n_occupied"], front["explained"], where="post", color=SERIES[0], linewidth=2)
    if math.isfinite(found.explained_by_contact) and found.explained_by_contact > 0:
        reference_line(
            ax,
            found.explained_by_contact,
            text=f"a model of each contact: {percent(found.explained_by_contact, 2)}",
            axis="y",
        )
    best = scores.loc[scores["explained"].idxmax()]
    for row, text in ((best, "best"), (scores.iloc[-1], "full cross")):
        if text == "full cross" and row["attributes"] == best["attributes"]:
            continue
        ax.errorbar(
            row["n_occupied"],
            row["explained"],
            yerr=1.96 * row["explained_se"],
            fmt="o",
            color=INK,
            markersize=7,
            capsize=3,
        )
        named = " x ".join(row["attributes"]) if text == "best" else f"full cross, {count(row['n_occupied'])} segments"
        right = row["n_occupied"] > 0.1 * scores["n_occupied"].max()
        low = row["explained"] < 0.2 * best["explained"]
        ax.annotate(
            f"{named}\n{percent(row['explained'], 2)} on contacts not seen", (row["n_occupied"], row["explained"]),
            xytext=(-9 if right else 9, 9 if low else -9), textcoords="offset points", fontsize=8.5, color=INK,
            ha="right" if right else "left", va="bottom" if low else "top", zorder=5,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1, "alpha": 0.8},
        )  # fmt: skip
    ax.legend(frameon=False, fontsize=9, loc="upper left")
    title = (
        f"{' x '.join(found.best_attributes)} explains most of {found.outcome} on contacts not seen"
        if found.best_attributes
        else f"No segmentation explains {found.outcome} beyond chance on contacts not seen"
    )
    return label(ax, title=title, x="segments that hold somebody (log scale)", y=f"share of {found.outcome} explained")


def draw_scores(scores: pd.DataFrame, ax: Axes) -> None:
    """Draw both shares of each segmentation; above the honest ones the scale turns to logarithms."""
    ax.plot(
        scores["n_occupied"],
        scores["explained_in_sample"],
        ".",
        color=REFERENCE,
        alpha=0.55,
        markersize=5,
        label="on the data it was read from",
    )
    ax.plot(
        scores["n_occupied"],
        scores["explained"],
        ".",
        color=SERIES[0],
        alpha=0.55,
        markersize=5,
        label="on contacts not seen",
    )
    honest = max(1e-5, float(scores["explained"].max()))
    high = float(scores["explained_in_sample"].max())
    low = float(scores["explained"].min())
    if high > 4 * honest:
        ax.set_yscale("symlog", linthresh=2 * honest, linscale=2.0)
        steps = [
            0.0,
            honest,
            2 * honest,
            *(tick for tick in (0.001, 0.01, 0.1, 1.0) if 2 * honest < tick <= 1.2 * high),
        ]
        ax.set_yticks(steps)
        ax.minorticks_off()
    ax.set_ylim(min(1.3 * low, -0.15 * honest), 1.6 * high if high > 4 * honest else 1.15 * max(high, honest))
    ax.set_xscale("log")
    ax.axhline(0, color=REFERENCE, linewidth=1)
    ax.yaxis.set_major_formatter(lambda value, _: percent(value, 1 if abs(value) >= 0.05 else 2))
    ax.xaxis.set_major_formatter(lambda value, _: count(value))


def _front(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the segmentations that explain more than any of fewer cells."""
    best = scores["explained"].cummax()
    return scores[(scores["explained"] >= best) & (scores["explained"] > 0)]
