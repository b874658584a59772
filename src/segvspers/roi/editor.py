"""Sliders for costs and funnel in a notebook; without widgets the pictures are shown as they are."""

from __future__ import annotations

import dataclasses
from io import BytesIO
from typing import Any

from segvspers.roi.costs import Costs
from segvspers.roi.estimate import estimate_roi
from segvspers.roi.finding import RoiEstimate
from segvspers.roi.funnel import Funnel

SLIDERS = {
    "n_segments": (1, 600, 1, "templates"),
    "template_hours": (0.1, 4, 0.1, "hours a template"),
    "writer_rate_usd": (10, 200, 5, "writer, an hour"),
    "review_share": (0, 1, 0.01, "emails reviewed"),
    "setup_usd": (0, 20_000, 250, "set-up, once"),
    "positive_share": (0.01, 1, 0.01, "positive replies"),
    "win_share": (0.01, 1, 0.01, "meetings won"),
    "value_usd": (0, 50_000, 500, "value of a deal"),
    "margin": (0, 1, 0.01, "margin"),
}
N_DRAWS = 20_000


def with_values(costs: Costs, funnel: Funnel, changes: dict[str, float]) -> tuple[Costs, Funnel]:
    """Return costs and funnel with some inputs set to known numbers.

    Examples
    --------
    >>> costs, funnel = with_values(Costs(), Funnel(), {"n_segments": 600, "margin": 0.5})
    >>> costs.n_segments.mean, funnel.margin.mean
    (600.0, 0.5)
    """
    own = {item.name for item in dataclasses.fields(Costs)}
    of_costs: dict[str, Any] = {name: value for name, value in changes.items() if name in own}
    of_funnel: dict[str, Any] = {name: value for name, value in changes.items() if name not in own}
    return dataclasses.replace(costs, **of_costs), dataclasses.replace(funnel, **of_funnel)


def edit_costs(
    comparison: Any,
    *,
    costs: Costs | None = None,
    funnel: Funnel | None = None,
    n_contacts: int | None = None,
) -> Any:
    """Show sliders that redraw break-even and tornado at once.

    Parameters
    ----------
    comparison
        A comparison of reply rates.
    costs, funnel, n_contacts
        Where the sliders start, as in `estimate_roi`. An input keeps its distribution until it is moved.

    Returns
    -------
    ipywidgets.Widget or RoiEstimate
        The estimate itself where ipywidgets is not installed.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> test = SimpleNamespace(control="segment", treatment="individual", n_control=2500, n_treatment=2500,
    ...     rate_control=0.034, rate_treatment=0.046, lift=0.012, lift_low=0.001, lift_high=0.023,
    ...     confidence=0.95, cluster=None, evidence="randomised")
    >>> len(edit_costs(test).children) >= 2
    True
    """
    start, rest = costs or Costs(), funnel or Funnel()
    try:
        import ipywidgets
    except ImportError:
        return estimate_roi(comparison, costs=start, funnel=rest, n_contacts=n_contacts, n_draws=N_DRAWS)
    known = start.values() | rest.values()
    sliders = {
        name: ipywidgets.FloatSlider(
            value=known[name].quantile(0.5), min=low, max=high, step=step, description=text,
            continuous_update=False, style={"description_width": "10em"}, layout={"width": "26em"},
        )
        for name, (low, high, step, text) in SLIDERS.items()
    }  # fmt: skip
    shown, moved = ipywidgets.Image(format="png"), dict[str, float]()

    def redraw() -> None:
        shown.value = picture(estimate_at(comparison, start, rest, moved, n_contacts=n_contacts))

    def follow(name: str) -> Any:
        def changed(change: dict[str, Any]) -> None:
            moved[name] = float(change["new"])
            redraw()

        return changed

    for name, slider in sliders.items():
        slider.observe(follow(name), names="value")
    redraw()
    beside = ipywidgets.VBox(list(sliders.values()), layout={"flex": "0 0 27em"})
    shown.layout = ipywidgets.Layout(max_width="44em", width="100%", object_fit="contain")
    return ipywidgets.HBox([beside, shown], layout={"flex_flow": "row wrap"})


def estimate_at(
    comparison: Any, costs: Costs, funnel: Funnel, moved: dict[str, float], *, n_contacts: int | None
) -> RoiEstimate:
    """Return the estimate with the sliders where they are."""
    chosen, rest = with_values(costs, funnel, moved)
    return estimate_roi(comparison, costs=chosen, funnel=rest, n_contacts=n_contacts, n_draws=N_DRAWS)


def picture(found: RoiEstimate) -> bytes:
    """Return break-even above the tornado as one PNG picture."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 6.5), layout="constrained")
    above, below = figure.subplots(2, 1, height_ratios=[1, 2])
    found.plot(view="break_even", ax=above)
    found.plot(view="tornado", ax=below)
    with BytesIO() as file:
        figure.savefig(file, format="png", dpi=90)
        return file.getvalue()
