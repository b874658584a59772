# %% [markdown]
# # How large a test finds the lift of individual emails, and what would fool us?
# Everything here is **simulated**: the truth is known, so that we can see how often an analysis finds it.

# %% tags=["parameters"]
contacts_file = None  # your own list of contacts; the sample when None
reply_rate, relative_lift, icc = 0.034, 0.20, 0.05
seed = 7

# %% [markdown]
# ## Plan
# Replies are rare, and colleagues answer alike: both make a test larger than one expects.

# %%
from dataclasses import replace
from math import log

from IPython.display import Markdown

import segvspers as sv

design = {"cluster": "company_id", "contacts_per_company": 1.7, "icc": icc, "size_cv": 0.64}
plan = sv.plan_test(reply_rate=reply_rate, relative_lift=relative_lift, contacts_per_day=2000, **design)
ax = plan.plot()
# %%
Markdown(plan.summary())

# %% [markdown]
# ## Does the formula hold? Thousands of whole tests of that size
# Tests that find a lift overstate it, the more so the smaller they are.

# %%
world = sv.World(reply_rate=reply_rate, log_effect=log(1 + relative_lift), icc=icc)
planned = sv.simulate_tests(world, n_per_arm=plan.n_per_arm, rng=seed)
small = sv.simulate_tests(world, n_per_arm=2_500, rng=seed)
ax = small.plot()
# %%
Markdown(f"As planned: {planned.summary()}\n\nWith the 5,000 contacts of this list: {small.summary()}")

# %% [markdown]
# ## Two ways to be fooled: ignoring companies, and stopping at the first good day
# In an A/A world both variants are the same email. A sound analysis cries wolf in 5 % of tests.

# %%
same = replace(world, log_effect=0.0, icc=0.2, contacts_per_company=10.0)
ignored = sv.simulate_tests(same, n_per_arm=10_000, clustered=False, rng=seed)
known = sv.simulate_tests(same, n_per_arm=10_000, rng=seed)
peeked = sv.simulate_tests(replace(world, log_effect=0.0), n_per_arm=20_000, n_looks=20, rng=seed)
Markdown(
    f"False alarms by contact: **{ignored.rejected_share:.1%}**; by company: **{known.rejected_share:.1%}**; "
    f"looking {peeked.n_looks} times: **{peeked.rejected_at_any_look:.1%}**."
)

# %% [markdown]
# ## Watch a test while it runs, and stay right
# The wide band may be looked at every day; the dotted one only once, on the day that was planned.

# %%
contacts = sv.read_contacts(contacts_file or sv.datasets.sample_path() / "contacts.csv")
audience = sv.assign_variants(contacts, cluster="company_id", rng=seed)
running = sv.simulate_outcomes(audience, world=replace(world, log_effect=0.0), rng=seed)
watched = sv.monitor_reply_rates(running, control="segment", cluster="company_id", window_days=3, every_days=0.25)
ax = watched.plot()
# %%
Markdown(watched.summary())

# %% [markdown]
# ## One test, row by row
# Draw whole companies, send, wait three weeks, and check the table before reading any result.

# %%
outcomes = sv.simulate_outcomes(audience, world=world, rng=seed)
health = sv.check_health(outcomes, cluster="company_id", plan=plan)
ax = health.plot()
# %%
outcomes.groupby("variant")[["delivered", "opened", "clicked", "replied", "unsubscribed"]].mean().round(4)

# %% [markdown]
# ## What this list could tell at best

# %%
truth = sv.reveal_truth(audience, world=world, rng=seed)
fitted = sv.World.fit(outcomes, control="segment")
Markdown(
    f"True lift {truth['lift'].mean():.2%}; a world fitted to this one test would say "
    f"{fitted.rate_of(1) - fitted.rate_of(0):.2%}. A list of 5,000 finds such a lift in "
    f"{small.rejected_share:.0%} of tests: plan {plan.n_contacts:,} contacts, or pool several campaigns."
)
