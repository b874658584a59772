"""What a frontier says, in plain sentences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from segvspers._display import count, interval, money, percent, plural, points

if TYPE_CHECKING:
    from segvspers.frontier.finding import Frontier


def tell_frontier(found: Frontier) -> str:
    """Return the verdict, what it rests on, the number of templates, and what flatters."""
    parts = [_verdict(found), _values(found), _stopping(found), _law(found), _naive(found)]
    text = " ".join(part for part in parts if part)
    if found.notes:
        text += " " + " ".join(found.notes)
    return f"SIMULATED. {text}" if found.evidence == "simulated" else text


def headline(found: Frontier) -> str:
    """Return the verdict in few words, for the title of a picture."""
    at = plural(found.k_compared, "template")
    if _alike(found):
        return "No segment is expected to answer another template better"
    text = {
        "individual": f"Individual email beats any number of templates: {amount(found, found.gain)} a contact over {found.k_compared}",
        "segments": f"Segments are enough: individual email loses {amount(found, -found.gain, signed=False)} a contact",
        "hybrid": "Individual email where it is expected to pay beats templates and individual email for all",
        "templates": f"{at} beat one blast by {amount(found, found.gain)} a contact",
        "blast": "One blast is enough: further templates cost more than they bring",
        "open": "Can't tell individual email from templates"
        if found.individual
        else "Can't tell templates from one blast",
    }[found.verdict]
    return f"SIMULATED: {text}" if found.evidence == "simulated" else text


def amount(found: Frontier, value: float, *, signed: bool = True) -> str:
    """Return a difference in the finding's units: dollars when priced, else points or the amount."""
    if found.priced or found.kind == "amount":
        text = money(value, digits=3 if abs(value) < 0.1 else 2)
        return f"+{text}" if signed and value > 0 else text
    return points(value) if signed else points(value).lstrip("+")


def _verdict(found: Frontier) -> str:
    span = _span(found, found.gain, found.gain_low, found.gain_high)
    net = " net of costs" if found.priced and (found.cost_per_template_usd or found.cost_per_email_usd) else ""
    at = plural(found.k_compared, "template")
    if found.verdict == "hybrid":
        parts = [
            f"{_span(found, row.gain, row.gain_low, row.gain_high)} over {row.against}"
            for row in found.hybrid.itertuples()
        ]
        return (
            "Individual email where it is expected to pay, templates elsewhere, is worth more than any number of templates and "
            f"than individual email for all: {' and '.join(parts)}{net}."
        )
    if _alike(found):
        return (
            "One blast is as good as any number of templates: no segment is expected to answer another template better."
        )
    return {
        "individual": f"Individual email is worth more than any number of templates: {span}{net} over {at}.",
        "segments": f"Segments are enough: against {at} individual email brings {span}{net}.",
        "templates": f"{at} chosen by segment are worth more than one blast: {span}{net}.",
        "blast": f"One blast is enough: further templates cost more than they bring; {at} against one: {span}{net}.",
        "open": (
            f"This test can't tell whether individual email is worth more than templates: {span}{net} against {at}."
            if found.individual
            else f"This test can't tell whether templates by segment are worth more than one blast: {span}{net} for {at}."
        ),
    }[found.verdict]


def _alike(found: Frontier) -> bool:
    """Tell whether templates by segment came out as the blast itself."""
    return not found.individual and found.n_templates > 1 and found.gain_low == found.gain_high == 0


def _span(found: Frontier, gain: float, low: float, high: float) -> str:
    return f"{amount(found, gain)} a contact ({interval(amount(found, low), amount(found, high))})"


def _values(found: Frontier) -> str:
    rows = found.policies
    said = [f"one blast ({found.best_blast}) {_shown(found, rows['value'].iloc[0])}"]
    last = rows[rows["policy"] == "templates"].iloc[-1]
    if last["k"] > 1:
        said.append(f"{last['k']} templates {_shown(found, last['value'])}")
    own = rows[rows["policy"] == "individual"]
    if len(own):
        said.append(f"individual {_shown(found, own['value'].iloc[0])}")
    return f"Per contact: {', '.join(said)}, on {count(found.n_scored)} contacts that had taught nothing of what they value."


def _shown(found: Frontier, value: float) -> str:
    return percent(value, 2) if found.kind == "rate" else money(value, digits=2)


def _stopping(found: Frontier) -> str:
    if found.n_templates == 1:
        return "The test has one template only, so it tells nothing of segments."
    what = "net of costs " if found.priced else ""
    if found.k_best_low == found.k_best_high:
        return f"The best number of templates {what}is {found.k_best}."
    if (
        found.k_best_low == 1
        and found.k_best_high == found.policies.loc[found.policies["policy"] == "templates", "k"].max()
    ):
        return f"Which number of templates is best {what}can't be told."
    return f"The best number of templates {what}is {found.k_best}; {found.k_best_low} to {found.k_best_high} can't be told from it."


def _law(found: Frontier) -> str:
    law = found.law
    if not law.estimable:
        return f"Preference dimension: not estimable ({law.reason})." if found.n_templates > 1 else ""
    span = interval(f"{law.n_dimensions_low:.1f}", f"{law.n_dimensions_high:.1f}")
    text = (
        f"By the law V(k) = V_inf - A k^(-2/d) templates gain as if what contacts answer to had {law.n_dimensions:.1f} "
        f"dimensions ({span}), an upper bound when better templates could be written"
    )
    if math.isfinite(law.k_best):
        text += f", and one more template stops paying at {law.k_best:.0f} ({interval(f'{law.k_best_low:.0f}', f'{law.k_best_high:.0f}')})"
    return text + "."


def _naive(found: Frontier) -> str:
    rows = found.policies[found.policies["policy"] == "raw cells"]
    if not len(rows):
        return ""
    row = rows.iloc[0]
    return (
        f"The best template of each of {count(found.n_segments)} segments seems to be worth {_shown(found, row['naive'])} when valued on "
        f"the contacts that chose it; on others it is worth {_shown(found, row['value'])}."
    )
