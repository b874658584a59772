"""The one look of all pictures: colours, a fresh Axes, and the parts that every picture shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito (2008), safe for colour-blind readers; a variant has one colour in every picture.
VARIANT_COLOURS = {
    "segment": "#0072B2",
    "individual": "#D55E00",
    "blast": "#7F7F7F",
    "holdout": "#BBBBBB",
    "control": "#0072B2",
    "treatment": "#D55E00",
}
SERIES = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#7F7F7F", "#000000"]
INK, FAINT, REFERENCE = "#222222", "#D9D9D9", "#888888"


def variant_colour(variant: str, *, role: str = "treatment") -> str:
    """Return the colour of a variant; one of another name takes the colour of its role."""
    return VARIANT_COLOURS.get(variant, VARIANT_COLOURS[role])


def as_text(name: str) -> str:
    """Return a name from the data as Matplotlib draws it letter by letter; two dollar signs would mean a formula."""
    return str(name).replace("$", r"\$")


def new_axes(ax: Axes | None, *, width: float = 7.0, height: float = 4.0) -> Axes:
    """Return `ax`, or the Axes of a new figure that a notebook shows, dressed in the house style."""
    if ax is None:
        from matplotlib import pyplot as plt

        ax = plt.subplots(figsize=(width, height), layout="constrained")[1]
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(REFERENCE)
    ax.tick_params(colors=INK, labelsize=9)
    ax.grid(visible=True, axis="both", color=FAINT, linewidth=0.6)
    ax.set_axisbelow(True)
    return ax


def label(ax: Axes, *, title: str, x: str = "", y: str = "") -> Axes:
    """Set the finding as title and the axis labels with their units."""
    ax.set_title(title, loc="left", fontsize=11, color=INK, wrap=True)
    ax.set_xlabel(x, fontsize=9, color=INK)
    ax.set_ylabel(y, fontsize=9, color=INK)
    return ax


def reference_line(ax: Axes, value: float, *, text: str, axis: str = "x") -> None:
    """Draw the line that a reader compares with, such as zero lift or break-even, and name it."""
    if axis == "x":
        ax.axvline(value, color=REFERENCE, linewidth=1.2, linestyle="--")
        ax.annotate(
            text,
            (value, 1.0),
            xycoords=("data", "axes fraction"),
            fontsize=8,
            color=INK,
            xytext=(3, -10),
            textcoords="offset points",
        )
    else:
        ax.axhline(value, color=REFERENCE, linewidth=1.2, linestyle="--")
        ax.annotate(
            text,
            (0.0, value),
            xycoords=("axes fraction", "data"),
            fontsize=8,
            color=INK,
            xytext=(3, 3),
            textcoords="offset points",
        )
