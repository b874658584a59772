# %% [markdown]
# # Is it worth the money?
#
# From a finished test to the report that leadership reads.

# %% tags=["parameters"]
outcomes_file = None  # your own table of outcomes; the sample when None
n_segments = 12
deal_value_usd = (2_000, 4_000, 8_000)

# %%
import segvspers as sv

outcomes = sv.read_outcomes(outcomes_file or f"{sv.datasets.sample_path()}/outcomes.csv")
replies = sv.compare_reply_rates(outcomes, control="segment", cluster="company_id")
costs = sv.Costs(n_segments=n_segments)
funnel = sv.Funnel(value_usd=sv.triangular(*deal_value_usd))
roi = sv.estimate_roi(replies, costs=costs, funnel=funnel, rng=7)
roi.plot()
# %%
print(roi.summary())

# %% [markdown]
# ## What moves the result

# %%
roi.plot(view="tornado")
# %% [markdown]
# ## What would have to be true

# %%
roi.plot(view="break_even")
# %%
roi.plot(view="segments")
# %% [markdown]
# ## The report

# %%
report = sv.build_report(
    replies, sv.check_health(outcomes, cluster="company_id"), roi, title="Individual against segment email"
)
report

# %%
print(f"{roi.decision_sentence} To keep it: report.to_html('roi.html'), report.to_xlsx('roi.xlsx').")
