"""Sentences of an estimate, from its numbers alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from segvspers._display import count, interval, money, percent, plural

BADGES = {
    "randomised": "RANDOMISED TEST",
    "simulated": "SIMULATED",
    "observational": "OBSERVATIONAL, NOT RANDOMISED",
}
OPENINGS = {
    "randomised": "",
    "simulated": "In the simulated world only, no real contact having been emailed: ",
    "observational": "From past sends that were not randomised: ",
}
FORMULAS = (
    ("value per contact", "v = r q m w V g"),
    ("incremental benefit", "dB = N (v_B - v_A)"),
    ("token cost", "N k (1 + retry) (t_in P_in + t_cached P_cached + t_out P_out) / 1e6"),
    ("template cost", "S k h_template W"),
    ("review and prompt cost", "N k review share x minutes/60 W + prompt hours W"),
    ("list harm", "(u_B - u_A) N x value of a subscriber"),
    ("net", "dB - dC"),
    ("incremental ROI", "(dB - dC)/dC"),
    (
        "break-even reply rate",
        "r_A + dC/(N q m w V g); with h the cost of answering a reply, f its relative worth and dC' the cost "  # noqa: ISC004
        "without answering, (r_A (q m w V g - h) + dC'/N)/(f q m w V g - h)",
    ),
    ("crossing", "S* = N c_email / c_template"),
    ("cost per incremental reply", "dC/(x_B - x_A)"),
    ("present value", "sum of (B_t - C_t)/(1 + i)^t"),
    ("lifetime value", "margin x retention/(1 + discount - retention)"),
)


def decision_sentence(e: Mapping[str, Any], gaining: list[str]) -> str:
    """Return the sentence that leadership reads first."""
    net, low, high = (_money(e, name) for name in ("net_usd", "net_low_usd", "net_high_usd"))
    treatment, control, n = e["treatment"], e["control"], count(e["n_contacts"])
    odds = f"{percent(e['confidence'], 0)} range {interval(low, high)}, "
    odds += f"probability of a gain {_odds(e['p_net_positive'])}"
    rolled = f"for {n} contacts {treatment} emails are worth {net} net against {control} ({odds})"
    unsure = e["reason"].startswith("this test can't tell")
    if e["decision"] == "adopt":
        text = f"Adopt {treatment} emails: {rolled}."
        text += _unsure(e) if unsure else ""
    elif e["decision"] == "adopt for these groups":
        text = f"Adopt {treatment} emails for {_listed(gaining)} only: for all, {rolled.removeprefix('for ')}."
        if treatment == "hybrid":
            text = f"Adopt the hybrid, another email than {control} for {_listed(gaining)} only: {rolled}."
    elif e["decision"] == "test more":
        because = "these sends were not randomised" if e["evidence"] == "observational" else "this test can't tell"
        text = f"Test more before adopting {treatment} emails: {because}; {rolled}."
        if e["next_test_n"]:
            text += f" The test that pays best has {count(e['next_test_n'])} contacts an arm."
        elif e["evidence"] == "observational":
            text += " Randomise even a small test before money is moved."
    else:
        text = f"Do not adopt {treatment} emails: {rolled}."
        text += _unsure(e) if unsure else ""
    opening = OPENINGS.get(e["evidence"], "")
    return opening + (text[0].lower() + text[1:] if opening else text)


def story(e: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the sentences of the summary, the decision first."""
    parts = [e["decision_sentence"], _verdict(e)]
    if not e["value_path"]:
        parts.append(_break_even(e))
    if e["funnel_dominates"]:
        parts.insert(
            1,
            "What follows a reply is the least certain part: it makes "
            f"{percent(e['funnel_share'], 0)} of the swing, so confirm those shares first.",
        )
    return tuple(parts)


def _unsure(e: Mapping[str, Any]) -> str:
    return (
        " This test can't tell for one campaign; over "
        f"{plural(e['n_campaigns'], 'campaign')} the probability of a gain is {_odds(e['p_npv_positive'])}, "
        "and testing further would cost more than it can save."
    )


def _verdict(e: Mapping[str, Any]) -> str:
    better, dearer = e["verdict"].split(" and ")
    extra = f"{money(abs(e['benefit_usd']), currency=e['currency'])} of margin"
    spent = f"{money(abs(e['cost_difference_usd']), currency=e['currency'])} of cost"
    extra += " gained" if better == "better" else " lost"
    told = f"{extra} and {spent} {'added' if dearer == 'dearer' else 'saved'}"
    text = f"The verdict is {better} and {dearer}: {told} in the middle case"
    if e["roi_note"]:
        return f"{text}; {e['roi_note']}."
    found = f"{e['roi']:.2f} on each extra {e['currency']} (range {e['roi_low']:.2f} to {e['roi_high']:.2f})"
    return f"{text}, a return of {found}."


def _break_even(e: Mapping[str, Any]) -> str:
    seen = f"{percent(e['rate_treatment'], 2)} was seen against {percent(e['rate_control'], 2)}"
    if e["break_even_rate"] != e["break_even_rate"]:  # nan
        return f"No reply rate breaks even, since a reply earns less than it costs to answer; {seen}."
    if e["break_even_rate"] <= 0:
        return f"Any reply rate breaks even, since the cost saved is worth more than all replies; {seen}."
    if e["break_even_rate"] > 1:
        return f"No reply rate breaks even at this price; {seen}."
    met = _odds(e["p_above_break_even"])
    needed = percent(e["break_even_rate"], 2)
    return f"Break-even is a reply rate of {needed}; {seen}, and it is met with probability {met}."


def roi_note(p_dearer: float) -> str:
    """Return why a return on investment is not given, or nothing."""
    if p_dearer >= 0.95:
        return ""
    if p_dearer <= 0.05:
        return "it costs less, so there is no investment for a return to be reckoned on"
    return "the cost difference may have either sign, so read the net and not a ratio"


def _odds(p: float) -> str:
    if p > 0.99:
        return "above 99 %"
    return "below 1 %" if p < 0.01 else percent(p, 0)


def _money(e: Mapping[str, Any], name: str) -> str:
    return whole_money(e[name], e)


def whole_money(value: float, e: Mapping[str, Any]) -> str:
    """Return an amount of the campaign, without decimals where its range is wide."""
    wide = abs(e["net_high_usd"] - e["net_low_usd"]) >= 1000
    return money(value, digits=0 if wide else None, currency=e["currency"])


def _listed(names: list[str]) -> str:
    shown = names[:3] + ([plural(len(names) - 3, "more group")] if len(names) > 3 else [])
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
