"""The finding: what k templates and one email per person are worth, with errors, costs and a verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from segvspers._checks import check_choice
from segvspers._display import html_finding
from segvspers.frontier.law import FrontierLaw

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from segvspers.frontier.ranking import Ranking

VIEWS = ("value", "net", "lift", "ranking")


@dataclass(frozen=True, slots=True, eq=False)
class Frontier:
    """Value per contact from one blast through k templates to one email per person.

    Values are mean outcomes a contact: reply rates, proportions 0 to 1, or dollars. A `lift` is a value less that of
    the best single blast.

    Attributes
    ----------
    evidence, outcome, kind, cluster
        ``randomised`` or ``simulated``; the column valued; ``rate`` or ``amount``; the unit of the errors.
    individual, best_blast
        The variant of individual emails, and the template that would be sent to everybody.
    n_contacts, n_scored, n_units, n_cells, n_segments, n_templates
        Contacts, those in blocks that policies are valued on, units drawn, cells of the features, segments, templates.
    confidence, critical
        Level; how many standard errors the band of the lifts is wide.
    reply_value_usd, cost_per_template_usd, cost_per_email_usd, n_rolled_out
        Prices behind the net values (nan without a value), and the list that templates are shared by.
    verdict
        ``individual``, ``segments``, ``hybrid`` (individual email where it is expected to pay) or, without individual
        emails, ``templates`` or ``blast``; ``open`` when the test can't tell.
    gain, gain_low, gain_high, k_compared
        Individual emails less `k_compared` templates, those of the largest net value (without individual emails: that many
        templates less one blast), in dollars a contact net of costs when a value was given, else in units of the outcome.
        The interval holds for all k at once.
    hybrid
        One row a rival (`k_compared` templates, individual email for all): what the hybrid brings more, as `gain`.
    k_best, k_best_low, k_best_high
        Templates with the largest net value, and the range that can't be told from it.
    law
        Fit of V(k) = V_inf - A k^(-2/d).
    policies
        One row a policy: ``policy, k``, ``value`` and ``lift`` with ``_se``, ``_low``, ``_high`` (each alone),
        ``_band_low``, ``_band_high`` (all at once), ``naive`` (as it seems in-sample), ``cost_usd``, ``net_usd`` and
        ``net_lift_usd`` with their ends.
    templates
        One row a k and template: the order of choice and the share of contacts who would get it.
    steps
        One row a further template: what it adds, net of its cost.
    ranking
        How well contacts are ranked by their gain from an individual email; nothing without individual emails.
    notes
        What the reader should know.
    """

    evidence: str
    outcome: str
    kind: str
    cluster: str | None
    individual: str | None
    best_blast: str
    n_contacts: int
    n_scored: int
    n_units: int
    n_cells: int
    n_segments: int
    n_templates: int
    confidence: float
    critical: float
    reply_value_usd: float
    cost_per_template_usd: float
    cost_per_email_usd: float
    n_rolled_out: int
    verdict: str
    gain: float
    gain_low: float
    gain_high: float
    k_compared: int
    hybrid: pd.DataFrame
    k_best: int
    k_best_low: int
    k_best_high: int
    law: FrontierLaw
    policies: pd.DataFrame
    templates: pd.DataFrame
    steps: pd.DataFrame
    ranking: Ranking | None
    notes: tuple[str, ...]

    @property
    def priced(self) -> bool:
        """Tell whether net values are known."""
        return math.isfinite(self.reply_value_usd)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a policy."""
        return self.policies.copy()

    def summary(self) -> str:
        """Return the finding in plain sentences, the verdict first."""
        from segvspers.frontier.wording import tell_frontier

        return tell_frontier(self)

    def plot(self, *, view: str = "value", ax: Axes | None = None) -> Axes:
        """Draw the frontier.

        Parameters
        ----------
        view
            ``"value"``: outcome per contact against k, individual emails at the right end. ``"net"``: the same in
            dollars less costs. ``"lift"``: gains over the best blast. ``"ranking"``: gain by share of contacts mailed
            individually.
        ax
            Axes to draw on.
        """
        from segvspers.frontier.wording import headline
        from segvspers.plots.frontier import draw_curve, draw_ranking

        check_choice("view", view, VIEWS)
        if view == "ranking":
            return draw_ranking(self.ranking, ax=ax)
        return draw_curve(self, title=headline(self), view=view, ax=ax)

    def _repr_html_(self) -> str:
        shown = self.policies[
            ["policy", "k", "value", "value_low", "value_high", "lift", "lift_low", "lift_high", "naive"]
        ]
        blank = {"naive": shown["naive"].isna(), "k": shown["k"].eq(0)}  # not asked of these policies
        shown = shown.assign(**{name: shown[name].astype(object).mask(empty, "") for name, empty in blank.items()})
        formats = dict.fromkeys(
            ("value", "value_low", "value_high", "naive"), "percent" if self.kind == "rate" else "money"
        )
        formats |= dict.fromkeys(("lift", "lift_low", "lift_high"), "points" if self.kind == "rate" else "money")
        if self.priced:
            shown = shown.assign(net_usd=self.policies["net_usd"])
            formats["net_usd"] = "money"
        return html_finding("Value frontier", self.summary(), shown, **formats)
