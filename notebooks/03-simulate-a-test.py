# %% [markdown]
# # What could a test of this size find?
#
# Before anything is sent, a simulated world with a known truth says how a test would come out, and how often it would
# mislead.

# %% tags=["parameters"]
n_contacts = 5_000
reply_rate = 0.05
log_effect = 0.20
n_tests = 2_000

# %%
import segvspers as sv

world = sv.World(reply_rate=reply_rate, log_effect=log_effect)
tests = sv.simulate_tests(world, n_per_arm=n_contacts // 2, n_tests=n_tests, rng=7)
tests.plot()
# %%
print(tests.summary())

# %% [markdown]
# ## No effect at all: how often would we cry wolf?

# %%
nothing = sv.World(reply_rate=reply_rate, log_effect=0.0)
print(sv.simulate_tests(nothing, n_per_arm=n_contacts // 2, n_tests=n_tests, rng=7).summary())

# %% [markdown]
# ## One test, row by row

# %%
contacts = sv.read_contacts(f"{sv.datasets.sample_path()}/contacts.csv")
audience = sv.assign_variants(contacts, cluster="company_id", rng=7)
outcomes = sv.simulate_outcomes(audience, world=world, rng=7)
replies = sv.compare_reply_rates(outcomes, control="segment", cluster="company_id")
replies.plot()
# %%
sv.check_health(outcomes, cluster="company_id")

# %%
truth = outcomes.attrs["truth"]
print(
    f"In this world individual emails reach {truth['individual']:.2%} and segment emails {truth['segment']:.2%}. "
    f"This test saw {replies.rate_treatment:.2%} and {replies.rate_control:.2%}, p = {replies.p_value:.2f}."
)
