"""The finding of a simulated frontier: what would be true in a world that was assumed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from segvspers._checks import check_choice
from segvspers._display import count, html_finding, money, percent, plural

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from segvspers.experiment.world import World

VIEWS = ("types", "curve")


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedFrontier:
    """True values per contact in an assumed world, by type of campaign. SIMULATED: assumptions, no evidence.

    Attributes
    ----------
    world
        The world.
    reply_value_usd, cost_per_template_usd, cost_per_email_usd, n_contacts
        Prices behind the net values, and the list that templates are shared by.
    values
        One row a type, policy and k: ``campaign_type, policy`` (``segments``, ``hybrid``, ``individual``, ``individual,
        facts right``, ``all known``), ``k``, ``value`` (reply rate), ``share_individual``, ``record_cut`` (from which share
        of a record told on an individual email pays), ``cost_usd, net_usd`` per contact.
    verdicts
        One row a type: ``verdict`` (``segments``, ``hybrid`` or ``individual``), ``k_best`` segments, net values of
        the best of each, ``gain_usd`` of the best policy over the best segments, and what was assumed.
    """

    world: World
    reply_value_usd: float
    cost_per_template_usd: float
    cost_per_email_usd: float
    n_contacts: int
    values: pd.DataFrame
    verdicts: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return one row a type of campaign, policy and k."""
        return self.values.copy()

    def summary(self) -> str:
        """Return the verdict for each type of campaign in plain sentences."""
        told = " ".join(_told(row) for row in self.verdicts.to_dict("records"))
        return (
            f"SIMULATED, from assumptions and no evidence: {self.world}; a reply is worth {money(self.reply_value_usd)}, a "
            f"template costs {money(self.cost_per_template_usd)}, an individual email {money(self.cost_per_email_usd)}, "
            f"{count(self.n_contacts)} contacts. {told}"
        )

    def plot(self, *, view: str | None = None, campaign_type: str | None = None, ax: Axes | None = None) -> Axes:
        """Draw the frontier.

        Parameters
        ----------
        view
            ``"types"``: net gain over the best segments by type of campaign; ``"curve"``: reply rate against the number
            of segments for one type. Left out: ``"types"`` when there are several.
        campaign_type
            The type of the curve; the first when left out.
        ax
            Axes to draw on.
        """
        from segvspers.plots.frontier_simulated import draw_types, draw_world_curve

        names = list(self.verdicts["campaign_type"])
        chosen = view or ("curve" if campaign_type or len(names) == 1 else "types")
        check_choice("view", chosen, VIEWS)
        if chosen == "types":
            return draw_types(self, ax=ax)
        name = campaign_type or names[0]
        check_choice("campaign_type", name, names)
        return draw_world_curve(self, name, ax=ax)

    def _repr_html_(self) -> str:
        money_columns = [name for name in self.verdicts.columns if name.endswith("_usd")]
        formats = dict.fromkeys(money_columns, "money") | dict.fromkeys(("share_individual", "share_seen"), "percent")
        return html_finding("Simulated value frontier", self.summary(), self.verdicts, **formats)


def _told(row: dict[str, float]) -> str:
    name, k = str(row["campaign_type"]).capitalize(), plural(int(row["k_best"]), "segment")
    gain = f"{money(row['gain_usd'], digits=3)} a contact"
    if row["verdict"] == "segments":
        own = money(row["individual_gain_usd"], digits=3)
        return f"{name}: segments are enough ({k}); individual email for all would bring {own} a contact against them."
    if row["verdict"] == "individual":
        return f"{name}: individual email for all is worth {gain} more than the best {k}."
    return (
        f"{name}: individual email for the {percent(row['share_individual'], 0)} of contacts with the richest records and "
        f"{plural(int(row['k_hybrid']), 'segment')} for the rest are worth {gain} more than the best {k} for all."
    )
