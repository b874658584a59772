"""Sentences of a dose-response finding, from its numbers alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from segvspers._display import interval, points


def tell(e: Mapping[str, Any], checks: pd.DataFrame) -> tuple[str, ...]:
    """Return what was found: by the draw, as it stands, within the treatment, and what the checks say."""
    parts = [by_the_draw(e), as_it_stands(e)]
    found = checks.set_index("check") if len(checks) else checks
    if "bits not sent" in found.index and found.loc["bits not sent", "p_value"] < 0.05:
        way = "more" if found.loc["bits not sent", "estimate"] > 0 else "less"
        parts.append(
            f"Contacts of whom more could be said reply {way} often even to {e['control']}, by "
            f"{points(found.loc['bits not sent', 'estimate'])} a bit that they never got: that part of the curve is no effect."
        )
    if "lift without bits" in found.index and found.loc["lift without bits", "p_value"] < 0.05:
        parts.append(
            f"{e['treatment']} moves replies by {points(found.loc['lift without bits', 'estimate'])} where it says nothing more, so "
            "it acts by something other than bits too, and the slope by the draw is not to be read as theirs alone."
        )
    if "same slope everywhere" in found.index and found.loc["same slope everywhere", "p_value"] < 0.05:
        parts.append(
            "The slope differs between contacts of whom little and much could be said, so one number hides that."
        )
    return tuple(parts)


def by_the_draw(e: Mapping[str, Any]) -> str:
    """Return the sentence on the slope by the draw."""
    gained = e["bits_treatment"] - e["bits_control"]
    if e["evidence"] == "observational":
        return "Nobody drew who got what, so nothing here tells what a bit does."
    if e["slope"] != e["slope"]:  # nan
        return (
            f"The draw moved the bits received by {gained:+.2f} only (first-stage F {e['f_statistic']:.1f}, 10 needed), too "
            "little to tell what a bit does."
        )
    span = interval(points(e["slope_low"]), points(e["slope_high"]))
    text = (
        f"By the draw alone, each bit more moves the reply rate by {points(e['slope'])} ({span}); {e['treatment']} had "
    )
    text += f"{gained:.1f} bits more than {e['control']}."
    if e["slope_low"] <= 0 <= e["slope_high"]:
        text += " That can't be told from no effect."
    return text


def as_it_stands(e: Mapping[str, Any]) -> str:
    """Return the sentence on the slopes that are not by the draw."""
    text = f"As the table stands a bit goes with {points(e['naive_slope'])}"
    if e["adjusted_slope"] == e["adjusted_slope"]:
        span = interval(points(e["adjusted_low"]), points(e["adjusted_high"]))
        text += f", and within {e['treatment']}, among contacts alike in what was recorded, with "
        text += f"{points(e['adjusted_slope'])} ({span})"
    return text + "."
