"""What an estimate of ROI is told by: one frozen object that holds every number of the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from segvspers._checks import check_choice
from segvspers._display import html_finding
from segvspers.errors import NotEstimableError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

VIEWS = (
    "net",
    "tornado",
    "costs",
    "funnel",
    "break_even",
    "scenarios",
    "segments",
    "payback",
    "information",
    "groups",
)


@dataclass(frozen=True, slots=True, eq=False)
class RoiEstimate:
    """Net value of the treatment over the control; amounts are in `currency`, rates proportions.

    Attributes
    ----------
    control, treatment, evidence, currency, n_contacts
        The variants, how the evidence came about (``randomised``, ``simulated``, ``observational``), and
        the contacts that the campaign is rolled out to (N).
    n_control, n_treatment, replies_control, replies_treatment, rate_control, rate_treatment
        What the test saw.
    lift, lift_low, lift_high, lift_confidence, relative_lift_used
        Lift as seen with its interval, and the median relative lift that the estimate goes by, in which
        `prior` has its say.
    net_usd, net_low_usd, net_high_usd, net_mean_usd, p_net_positive
        Median, ends of the range of level `confidence`, mean, and probability of a gain.
    benefit_usd, benefit_low_usd, benefit_high_usd, cost_difference_usd, cost_difference_low_usd,
    cost_difference_high_usd, p_dearer
        Incremental margin dB and cost dC.
    roi, roi_low, roi_high, roi_note
        Incremental ROI (dB - dC)/dC; nan with the reason where the cost difference is not clearly positive.
    verdict, quarters
        The quarter of the medians (better or worse, cheaper or dearer) and the probability of all four.
    break_even_rate, break_even_low, break_even_high, break_even_lift, p_above_break_even
        Reply rate of the treatment at which net is zero, the lift this asks for, and how probably it is met.
    crossing_segments, n_segments, cheaper_below_contacts, pays_from_contacts
        S*; the templates assumed; contacts below which individual emails cost less than the templates; and
        contacts from which net is positive. nan: there is no such number.
    cost_per_extra_reply, value_per_reply_usd, lifetime_value_usd
        Medians; the last is nan unless the funnel has a retention.
    npv_usd, npv_low_usd, npv_high_usd, p_npv_positive, payback_campaigns, p_payback, n_campaigns,
    campaigns_per_year, discount_rate
        Present value over the horizon, and campaigns until set-up is earned back (nan: probably never).
    evpi_usd, regret_adopt_usd, regret_stay_usd, next_test_n
        Over the horizon: value of perfect information, expected regrets; and contacts an arm of the
        test that pays best, 0 when none does.
    decision, reason, decision_sentence, badge
        ``adopt``, ``adopt for these groups``, ``test more`` or ``do not adopt``; why; and in words.
    funnel_dominates, funnel_share, tornado_centre_usd
        Whether the steps after the reply move net more than all else, their share of the squared swing, and
        net with every input at its median.
    value_path, seen_per_contact, net_seen_usd
        Whether margin and cost were seen per contact, then their means and the net of the contacts seen.
    quantities, costs, funnel, tornado, scenarios, segment_curve, cash_flow, choices, samples, information,
    groups, assumptions, views, prices_on, prior, confidence, adopt_above, n_draws, seed
        Tidy frames behind tables and pictures, and the settings.
    """

    control: str
    treatment: str
    evidence: str
    currency: str
    n_contacts: int
    n_control: int
    n_treatment: int
    replies_control: float
    replies_treatment: float
    rate_control: float
    rate_treatment: float
    lift: float
    lift_low: float
    lift_high: float
    lift_confidence: float
    relative_lift_used: float
    net_usd: float
    net_low_usd: float
    net_high_usd: float
    net_mean_usd: float
    p_net_positive: float
    benefit_usd: float
    benefit_low_usd: float
    benefit_high_usd: float
    cost_control_usd: float
    cost_treatment_usd: float
    cost_difference_usd: float
    cost_difference_low_usd: float
    cost_difference_high_usd: float
    p_dearer: float
    roi: float
    roi_low: float
    roi_high: float
    roi_note: str
    verdict: str
    break_even_rate: float
    break_even_low: float
    break_even_high: float
    break_even_lift: float
    p_above_break_even: float
    crossing_segments: float
    n_segments: float
    cheaper_below_contacts: float
    pays_from_contacts: float
    cost_per_extra_reply: float
    value_per_reply_usd: float
    lifetime_value_usd: float
    npv_usd: float
    npv_low_usd: float
    npv_high_usd: float
    payback_campaigns: float
    p_payback: float
    p_npv_positive: float
    n_campaigns: int
    campaigns_per_year: float
    discount_rate: float
    evpi_usd: float
    regret_adopt_usd: float
    regret_stay_usd: float
    next_test_n: int
    decision: str
    reason: str
    decision_sentence: str
    badge: str
    funnel_dominates: bool
    funnel_share: float
    tornado_centre_usd: float
    value_path: bool
    net_seen_usd: float
    seen_per_contact: Mapping[str, float]
    prices_on: str | None
    prior: str
    confidence: float
    adopt_above: float
    n_draws: int
    seed: str
    sentences: tuple[str, ...]
    views: tuple[str, ...]
    formulas: tuple[tuple[str, str], ...]
    quarters: pd.DataFrame
    quantities: pd.DataFrame
    costs: pd.DataFrame
    funnel: pd.DataFrame
    tornado: pd.DataFrame
    scenarios: pd.DataFrame
    segment_curve: pd.DataFrame
    cash_flow: pd.DataFrame
    choices: pd.DataFrame
    samples: pd.DataFrame
    information: pd.DataFrame
    groups: pd.DataFrame
    assumptions: pd.DataFrame
    histogram: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return one row a quantity: median and quantiles."""
        return self.quantities.copy()

    def summary(self) -> str:
        """Return the decision and what it rests on, net first."""
        return " ".join(self.sentences)

    def plot(self, *, view: str = "net", ax: Axes | None = None) -> Axes:
        """Draw one view.

        Parameters
        ----------
        view
            ``net`` with its range; ``tornado``; ``costs`` by item; the ``funnel``; ``break_even`` against
            what was seen; ``scenarios``; ``segments`` with S*; ``payback``; worth of ``information``;
            ``groups``. Those that this estimate has data for stand in `views`.
        ax
            Where to draw; a new figure when left out.
        """
        check_choice("view", view, VIEWS)
        if view not in self.views:
            raise NotEstimableError(f"view={view!r} has no data in this estimate; there are {list(self.views)}.")
        from segvspers.plots import roi as drawing

        draw: Any = getattr(drawing, f"draw_{view}")
        return draw(self, ax=ax)

    def _repr_html_(self) -> str:
        return html_finding("Return on individual emails", self.summary(), self.quantities)
