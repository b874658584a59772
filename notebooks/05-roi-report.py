# %% [markdown]
# # Are individual emails worth their price, and what should leadership be told?
# From the outcomes of a test to the report that leadership reads. State your own costs in `costs`, or read
# them from a file with `sv.Costs.from_yaml`.

# %% tags=["parameters"]
outcomes_file = "../data/sample/outcomes.csv"
report_file = "../reports/roi.html"
n_contacts, seed = 5000, 7

# %%
from IPython.display import Markdown

import segvspers as sv

outcomes = sv.read_outcomes(outcomes_file)
replies = sv.compare_reply_rates(outcomes, control="segment", cluster="company_id")
costs = sv.Costs(n_segments=12, template_hours=sv.triangular(0.5, 0.75, 1.5), writer_rate_usd=50)
funnel = sv.Funnel(value_usd=sv.triangular(2000, 4000, 8000), margin=0.7)
roi = sv.estimate_roi(replies, costs=costs, funnel=funnel, n_contacts=n_contacts, rng=seed)
_ = roi.plot()
# %%
Markdown(f"**{roi.badge}.** {roi.summary()}")

# %% [markdown]
# ## The report
# One page and an appendix for leadership; the same figures as a table are one call away.

# %%
sv.build_report(sv.check_health(outcomes, cluster="company_id"), replies, roi).to_html(report_file)
roi

# %% [markdown]
# ## What does it cost, and how many segments would cost as much?

# %%
_ = roi.plot(view="costs")
# %%
_ = roi.plot(view="segments")

# %% [markdown]
# ## What would change the answer?
# Net at the 10th and 90th percentile of each input. `switch_value` is where the gain turns into a loss.

# %%
_ = roi.plot(view="tornado")
# %%
roi.tornado[["parameter", "input_low", "switch_value", "input_high", "swing_usd"]].head(8)
# %%
_ = roi.plot(view="scenarios")

# %% [markdown]
# ## Your own costs
# Move a slider: break-even and tornado are drawn anew. An input that you leave keeps its range.

# %%
sv.edit_costs(replies, costs=costs, funnel=funnel, n_contacts=n_contacts)

# %% [markdown]
# ## Is it worth testing more before deciding?
# Expected value of a further test of each size, over the year's campaigns, against what it costs.

# %%
_ = roi.plot(view="information")
# %%
Markdown(
    f"Knowing everything would be worth **${roi.evpi_usd:,.0f}** over {roi.n_campaigns} campaigns. "
    f"Decision: **{roi.decision}**, since {roi.reason}."
)
# %%
roi.assumptions[roi.assumptions["confirm"]]
