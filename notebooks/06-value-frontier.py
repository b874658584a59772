# %% [markdown]
# # From one blast to one email per person: where does another template stop paying?
# Value per contact against the number of templates, with one email per person at the right end. The test below is
# **simulated**, so that the truth is known; name your own table of outcomes to draw the frontier of a real one.

# %% tags=["parameters"]
outcomes_file = None  # a randomised test of several templates; a simulated one when None
features = ["industry", "company_size", "engagement_level", "purchase_status"]
prices = {"reply_value_usd": 40.0, "cost_per_template_usd": 150.0, "cost_per_email_usd": 0.20}
seed = 7

# %%
import segvspers as sv

world = sv.World(reply_rate=0.05, log_effect=0.5)
test, truth = sv.simulate_template_test(world, n_contacts=80_000, n_templates=12, rng=seed)
outcomes = sv.read_outcomes(outcomes_file or test)
found = sv.draw_frontier(outcomes, features=features, cluster="company_id", **prices)
ax = found.plot()
# %%
from IPython.display import Markdown

Markdown(found.summary())

# %% [markdown]
# The dashed line is what a table of averages seems to say: the best of many noisy cells, valued on the contacts that made it
# the best. The solid points are valued on contacts that had taught nothing of the choice.
#
# ## Net of costs

# %%
ax = found.plot(view="net")
# %% [markdown]
# ## Who would get which template
# Templates in the order in which they were chosen; any segment may use any of them.

# %%
found.templates.query(f"k == {max(found.k_best, 2)}")[["template", "share"]].round(3)

# %% [markdown]
# ## Is it known who gains most from an email of their own?
# If the ranking were of use, those ranked first would gain more than everybody does.

# %%
ax = found.plot(view="ranking")
# %%
Markdown(found.ranking.summary())

# %% [markdown]
# ## For which campaigns would segments be enough?
# True values in an assumed world: how many things people answer to, how much of them segments see, how rich the record is.
# These are assumptions, not evidence; give your own with `tastes=`.

# %%
worlds = sv.draw_frontier(sv.World(), **{**prices, "reply_value_usd": None})  # what the deals of the world bring
ax = worlds.plot()
# %%
ax = worlds.plot(campaign_type="re-engagement")
# %%
enough = worlds.verdicts.loc[worlds.verdicts["verdict"] == "segments", "campaign_type"]
low, high = found.k_best_low, found.k_best_high
Markdown(
    f"Individual email is worth {found.gain:+.2f} dollars a contact ({found.gain_low:+.2f} to {found.gain_high:+.2f}) over "
    f"{found.k_compared} templates in this test, and {low} to {high} templates can't be told from the best number. In the assumed "
    f"worlds segments are enough for {', '.join(enough) or 'no campaign'}."
)
