# %% [markdown]
# # Did individual emails get more replies, and from whom?
#
# A finished test, randomised by company, read with errors at the level of the company.

# %% tags=["parameters"]
outcomes_file = None  # your own table of outcomes; the sample when None
control = "segment"
group = "purchase_status"

# %%
import segvspers as sv

source = outcomes_file or f"{sv.datasets.sample_path()}/outcomes.csv"
outcomes = sv.read_outcomes(source)
replies = sv.compare_reply_rates(outcomes, control=control, cluster="company_id")
_ = replies.plot()
# %%
print(replies.summary())

# %% [markdown]
# ## Is the test fit to be read?

# %%
_ = sv.check_health(outcomes, cluster="company_id").plot()
# %% [markdown]
# ## Who gains
#
# The dark points are shrunken to the common mean: the largest of several raw lifts is too large on average.

# %%
groups = sv.compare_by_segment(outcomes, control=control, group=group, cluster="company_id")
_ = groups.plot()
# %%
print(groups.summary())

# %% [markdown]
# ## Revenue

# %%
revenue = sv.compare_revenue(outcomes, control=control, cluster="company_id")
_ = revenue.plot()
# %%
told = "can be told from zero" if replies.significant else "can't be told from zero"
print(
    f"The lift of {replies.lift * 100:+.2f} points {told}. Revenue differs by {revenue.lift:+.2f} dollars a contact "
    f"({revenue.lift_low:+.2f} to {revenue.lift_high:+.2f})."
)
