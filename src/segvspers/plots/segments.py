"""Pictures of a segmentation."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Any

from segvspers._display import count, percent, plural
from segvspers.plots.style import FAINT, INK, REFERENCE, SERIES, label, new_axes, reference_line

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MOST_BARS, MOST_ROWS = 20, 18
# Hennig (2007): from 0.75 a segment is stable, below 0.6 it should not be trusted.
STABLE, DOUBTFUL = 0.75, 0.6
# Measures of a number of segments: what they are called, and 1 where lower is better.
SCORES = {
    "bic": ("BIC", 1),
    "icl": ("ICL", 1),
    "held_out_log_likelihood": ("held-out likelihood", -1),
    "silhouette": ("silhouette", -1),
}


def _names(frame: pd.DataFrame, *, width: int = 38) -> list[str]:
    told = zip(frame["segment_id"], frame["segment_name"], strict=True)
    return [
        "\n".join(textwrap.wrap(f"{segment}  {name}", width, max_lines=2, placeholder=" …")) for segment, name in told
    ]


def _bars(frame: pd.DataFrame, ax: Axes | None) -> tuple[Axes, range]:
    """Return Axes with a place a segment, largest on top, and the places."""
    ax = new_axes(ax, width=8.0, height=1.2 + 0.42 * len(frame))
    places = range(len(frame))
    ax.set_yticks(list(places), _names(frame))
    ax.set_ylim(len(frame) - 0.4, -0.9)
    ax.grid(visible=False, axis="y")
    return ax, places


def _note(ax: Axes, text: str, x: float, y: float) -> None:
    ax.annotate(text, (x, y), xytext=(5, 0), textcoords="offset points", va="center", fontsize=8, color=INK)


def draw_sizes(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw contacts of each segment, largest first, by name."""
    shown = found.segments.head(MOST_BARS)
    ax, places = _bars(shown, ax)
    ax.barh(places, shown["n_contacts"], color=SERIES[0], height=0.7)
    for place, n, share in zip(places, shown["n_contacts"], shown["share"], strict=True):
        _note(ax, f"{count(n)} ({percent(share, 0)})", n, place)
    ax.margins(x=0.18)
    top = found.segments.loc[found.segments["n_contacts"].idxmax()]
    first = f"; the first {MOST_BARS} are shown" if len(found.segments) > MOST_BARS else ""
    title = f"{plural(found.n_segments, 'segment')}; the largest holds {percent(top['share'], 0)} of the list{first}"
    return label(ax, title=title, x="contacts")


def draw_profiles(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw how much more or less often than in the list each segment has what tells segments apart."""
    import numpy as np
    from matplotlib.colors import TwoSlopeNorm

    shown = found.segments.head(MOST_BARS)
    table = _telling(found.profiles, list(shown["segment_id"]))
    ax = new_axes(ax, width=3.4 + 0.62 * len(shown), height=1.8 + 0.3 * len(table))
    ax.grid(visible=False)
    values = np.log2(table.clip(lower=1 / 8, upper=8).to_numpy(dtype=float))
    image = ax.imshow(values, cmap="PuOr_r", norm=TwoSlopeNorm(0, vmin=-3, vmax=3), aspect="auto")
    for (row, column), value in np.ndenumerate(table.to_numpy(dtype=float)):
        ink = "white" if abs(values[row, column]) > 2 else INK
        text = "–" if np.isnan(value) else f"{value:.1f}" if value < 10 else f"{value:.0f}"
        ax.text(column, row, text, ha="center", va="center", fontsize=8, color=ink)
    ax.set_yticks(range(len(table)), table.index)
    ax.set_xticks(range(len(shown)), shown["segment_id"])
    bar = ax.figure.colorbar(image, ax=ax, ticks=[-3, -2, -1, 0, 1, 2, 3], fraction=0.05, pad=0.02)
    bar.ax.set_yticklabels(["÷8", "÷4", "÷2", "same", "×2", "×4", "×8"], fontsize=8)
    bar.outline.set_edgecolor(REFERENCE)
    tells = table.index[0].split(":", maxsplit=1)[0]
    return label(
        ax,
        title=f"{tells[:1].upper()}{tells[1:]} tells the segments apart most",
        x="share in the segment ÷ share in the list",
    )


def _telling(profiles: pd.DataFrame, ids: list[str]) -> pd.DataFrame:
    """Return lifts, a row a statement and a column a segment: the statements that differ most, by column."""
    known = profiles[profiles["segment_id"].isin(ids)].copy()
    known["statement"] = known["column"].str.replace("_", " ") + ": " + known["level"].astype(str)
    wide = (known["level"] != known["span"]) & (known["level"] != "none")
    known.loc[wide, "statement"] += " (" + known["span"].astype(str) + ")"
    known = _one_of_two(known)
    weight = known["telling"].abs().groupby(known["statement"]).sum()
    kept = weight.sort_values(ascending=False, kind="stable").head(MOST_ROWS).index
    few = known[known["statement"].isin(kept)]
    table = few.pivot_table(index="statement", columns="segment_id", values="lift", sort=False).reindex(columns=ids)
    columns = few.drop_duplicates("statement").set_index("statement")["column"]
    best = weight[kept].groupby(columns[kept].to_numpy()).max()
    order = sorted(table.index, key=lambda name: (-best[columns[name]], columns[name], -weight[name]))
    table = table.loc[order]
    table.index = [textwrap.shorten(name, 52, placeholder=" …") for name in table.index]
    return table


def _one_of_two(profiles: pd.DataFrame) -> pd.DataFrame:
    """Return the rows without the less telling level of columns that have two, since one tells the other."""
    weight = profiles["telling"].abs().groupby([profiles["column"], profiles["level"]]).sum()
    sizes = weight.groupby(level=0).size()
    pairs = weight[weight.index.get_level_values(0).isin(sizes.index[sizes == 2])]
    less = set(pairs.groupby(level=0).idxmin()) if len(pairs) else set()
    told = zip(profiles["column"], profiles["level"], strict=True)
    return profiles[[pair not in less for pair in told]]


def draw_map(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw contacts on the two axes along which the list differs most, and the middle of each segment."""
    points, shares = found.plane.points, found.plane.shares
    ax = new_axes(ax, width=7.0, height=5.6)
    for place, segment in enumerate(found.segments["segment_id"].head(MOST_BARS)):
        own = points[points["segment_id"] == segment]
        if own.empty:
            continue
        colour = SERIES[place % len(SERIES)]
        ax.scatter(own["x"], own["y"], s=9, color=colour, alpha=0.45, linewidths=0)
        middle = own[["x", "y"]].median()
        box = {"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": colour, "linewidth": 1.6}
        ax.annotate(segment, middle, ha="center", va="center", fontsize=9, color=INK, bbox=box, zorder=5)
    names = [
        f"axis {place}" + ("" if math.isnan(share) else f", {percent(share, 0)} of what differs")
        for place, share in ((1, shares[0]), (2, shares[1]))
    ]
    both = sum(shares)
    told = (
        f"Two axes show {percent(min(1.0, both), 0)} of how contacts differ"
        if math.isfinite(both)
        else "How contacts differ"
    )
    return label(ax, title=f"{told} ({found.plane.method}, {count(len(points))} contacts)", x=names[0], y=names[1])


def draw_stability(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the mean bootstrap Jaccard of each segment, with the lowest and highest refit."""
    shown = found.segments.head(MOST_BARS)
    ax, places = _bars(shown, ax)
    mean = shown["stability"]
    colours = [SERIES[0] if value >= STABLE else SERIES[5] if value >= DOUBTFUL else SERIES[1] for value in mean]
    ax.hlines(places, shown["stability_low"], shown["stability_high"], color=REFERENCE, linewidth=1.5)
    ax.scatter(mean, places, color=colours, s=42, zorder=3)
    for place, value in zip(places, mean, strict=True):
        ax.annotate(f"{value:.2f}", (value, place), xytext=(0, 7), textcoords="offset points", ha="center", fontsize=8)
    reference_line(ax, STABLE, text="stable from here")
    ax.set_xlim(0, 1.02)
    n_stable = int((mean >= STABLE).sum())
    title = f"{n_stable} of {plural(len(shown), 'segment')} come back in refits of bootstrap samples"
    return label(ax, title=title, x="Jaccard coefficient with the most like segment of a refit")


def draw_replies(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the share of emailed contacts who replied: shrunken with its interval, and as counted."""
    shown = found.segments.head(MOST_BARS)
    ax, places = _bars(shown, ax)
    ax.hlines(places, shown["reply_rate_low"], shown["reply_rate_high"], color=SERIES[0], linewidth=2)
    ax.scatter(shown["reply_rate"], places, color=SERIES[0], s=40, zorder=3, label="shrunken, 95 % interval")
    ax.scatter(shown["reply_rate_raw"], places, marker="|", s=90, color=INK, zorder=4, label="as counted")
    for place, row in zip(places, shown.itertuples(), strict=True):
        _note(ax, f"{row.n_replied:,} of {row.n_emailed:,}", row.reply_rate_high, place)
    overall = shown["n_replied"].sum() / max(1, shown["n_emailed"].sum())
    reference_line(ax, overall, text="the list")
    ax.xaxis.set_major_formatter(lambda value, _: percent(value, 0))
    ax.set_xlim(left=0)
    ax.margins(x=0.18)
    ax.legend(
        fontsize=8, frameon=False, loc="upper right", bbox_to_anchor=(1.0, -0.12 - 0.5 / (1 + len(shown))), ncols=2
    )
    best = shown.loc[shown["reply_rate"].idxmax()]
    title = f"{best['segment_id']} replied most: {percent(best['reply_rate'])} of those emailed, {percent(overall)} of the list"
    return label(ax, title=title, x="contacts who replied, of those emailed")


def draw_counts(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw what each number of segments scores, and how far refits agree."""
    study = found.counts
    ax = new_axes(ax, width=7.5, height=4.2)
    if "explained" in study.columns:
        return _draw_explained(study, ax)
    k = study["n_segments"]
    for place, (name, (told, sign)) in enumerate(SCORES.items()):
        if name in study.columns and study[name].notna().any():
            scaled = _scaled(sign * study[name])
            best = scaled.idxmin()
            ax.plot(k, scaled, marker="o", markersize=4, color=SERIES[place], label=f"{told} (best: {k[best]})")
            ax.scatter(
                k[best], scaled[best], s=90, facecolors="none", edgecolors=SERIES[place], linewidths=1.6, zorder=4
            )
    ax.set_xticks(k)
    _draw_band(study, ax)
    reference_line(ax, found.n_segments, text=f"{found.n_segments} taken")
    ax.legend(fontsize=8, frameon=True, edgecolor=FAINT, loc="upper right", bbox_to_anchor=(0.99, 0.9))
    doubt = any("not obvious" in note for note in found.notes)
    title = f"{found.n_segments} segments were taken" + (", but the number is not obvious" if doubt else "")
    return label(ax, title=title, x="number of segments", y="score, from best (0) to worst (1)")


def _scaled(values: pd.Series) -> pd.Series:
    span = values.max() - values.min()
    return (values - values.min()) / (span if span > 0 else 1)


def _draw_band(study: pd.DataFrame, ax: Axes) -> None:
    """Draw how far refits agree, on an axis of its own."""
    if "stability" not in study.columns or study["stability"].isna().all():
        return
    side = ax.twinx()
    known = study[study["stability"].notna()]
    side.fill_between(
        known["n_segments"], known["stability_low"], known["stability_high"], color=REFERENCE, alpha=0.2, linewidth=0
    )
    side.plot(known["n_segments"], known["stability"], color=REFERENCE, linestyle=":", linewidth=1.8)
    side.set_ylim(0, 1.05)
    side.set_ylabel("refits agree (adjusted Rand index; grey: lowest to highest)", fontsize=8, color=INK)
    side.spines["top"].set_visible(False)
    side.tick_params(labelsize=8, colors=INK)


def _draw_explained(study: pd.DataFrame, ax: Axes) -> Axes:
    """Draw what each number of templates explains of the outcome."""
    ax.plot(
        study["n_segments"],
        study["explained_in_sample"],
        color=REFERENCE,
        linestyle="--",
        label="on the contacts it was made from",
    )
    ax.plot(
        study["n_segments"], study["explained"], color=SERIES[0], marker="o", markersize=4, label="on contacts held out"
    )
    reference_line(ax, 0, text="nothing", axis="y")
    ax.yaxis.set_major_formatter(lambda value, _: percent(value, 1))
    ax.legend(fontsize=8, frameon=False)
    last = study.iloc[-1]
    title = f"{plural(int(last['n_segments']), 'template')} explain {percent(last['explained'], 2)} of the outcome on contacts held out"
    return label(ax, title=title, x="templates", y="share of the outcome's variance explained")


def draw_drift(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the share of each segment then and now, with the interval of the change."""
    shown = found.segments.head(MOST_BARS)
    ax, places = _bars(shown, ax)
    ax.hlines(
        places,
        shown["share_then"] + shown["change_low"],
        shown["share_then"] + shown["change_high"],
        color=SERIES[1],
        linewidth=2,
    )
    ax.scatter(shown["share_then"], places, marker="|", s=140, color=INK, zorder=4, label="list of the fit")
    ax.scatter(
        shown["share_now"], places, color=SERIES[1], s=40, zorder=3, label="later list, 95 % interval of the change"
    )
    ax.xaxis.set_major_formatter(lambda value, _: percent(value, 0))
    ax.set_xlim(left=0)
    ax.legend(
        fontsize=8, frameon=False, loc="upper right", bbox_to_anchor=(1.0, -0.12 - 0.5 / (1 + len(shown))), ncols=2
    )
    told = {"steady": "The later list is like the one of the fit", "shifted": "The later list has shifted somewhat"}
    title = told.get(found.verdict, "The later list has shifted: fit the segments anew")
    return label(ax, title=f"{title} (index {found.stability_index:.2f})", x="share of contacts")


def draw_tree(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the leaves of a tree: their sizes, and the part that is of the segment named."""
    shown = found.leaves
    ax = new_axes(ax, width=9.0, height=1.4 + 0.5 * len(shown))
    places = range(len(shown))
    ax.barh(places, shown["share"], color=FAINT, height=0.7, label="contacts of the rule")
    ax.barh(places, shown["share"] * shown["agreement"], color=SERIES[0], height=0.7, label="in the segment named")
    told = zip(shown["segment_id"], shown["rule"], strict=True)
    ax.set_yticks(
        list(places),
        ["\n".join(textwrap.wrap(f"{s}: {rule}", 62, max_lines=2, placeholder=" …")) for s, rule in told],
        fontsize=8,
    )
    for place, share, right in zip(places, shown["share"], shown["agreement"], strict=True):
        _note(ax, f"{percent(right, 0)} right", share, place)
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    ax.margins(x=0.18)
    ax.xaxis.set_major_formatter(lambda value, _: percent(value, 0))
    ax.legend(
        fontsize=8, frameon=False, loc="upper right", bbox_to_anchor=(1.0, -0.12 - 0.5 / (1 + len(shown))), ncols=2
    )
    return label(
        ax,
        title=f"{plural(len(shown), 'rule')} name the segment of {percent(found.agreement, 0)} of contacts",
        x="share of contacts",
    )
