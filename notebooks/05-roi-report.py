# %% [markdown]
# # Are individual emails worth their price, and what should leadership be told?
# From two files, the outcomes of a test and what you state of costs and funnel, to the report that leadership
# reads. Both files are yours to replace.

# %% tags=["parameters"]
outcomes_file, assumptions_file = "../data/sample/outcomes.csv", "../data/sample/assumptions.yml"
report_file, n_contacts, seed = "../reports/roi.html", 5000, 7

# %%
import segvspers as sv

outcomes = sv.read_outcomes(outcomes_file)
health = sv.check_health(outcomes, cluster="company_id")
replies = sv.compare_reply_rates(outcomes, control="segment", cluster="company_id")
groups = sv.compare_by_segment(outcomes, control="segment", group="purchase_status", cluster="company_id")
costs, funnel = sv.Costs.from_yaml(assumptions_file), sv.Funnel.from_yaml(assumptions_file)
roi = sv.estimate_roi(replies, costs=costs, funnel=funnel, groups=groups, n_contacts=n_contacts, rng=seed)
report = sv.build_report(health, replies, groups, roi)
report.to_html(report_file)
_ = roi.plot()

# %%
roi

# %% [markdown]
# ## The report
# One page and an appendix for leadership. `to_xlsx` gives a workbook with live formulas, `to_pptx` five slides
# whose charts can be edited, `to_markdown` a text to paste into an email.

# %%
report

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
from IPython.display import HTML

_ = roi.plot(view="information")
# %%
HTML(
    f"Knowing everything would be worth <b>${roi.evpi_usd:,.0f}</b> over {roi.n_campaigns} campaigns. "
    f"Decision: <b>{roi.decision}</b>, since {roi.reason}."
)
# %%
roi.assumptions[roi.assumptions["confirm"]]
