# %% [markdown]
# # Did individual emails get more replies, and from whom?
#
# A finished test, randomised by company, read with errors at the level of the company.

# %% tags=["parameters"]
outcomes_file = None  # your own table of outcomes; the sample when None
folder = None  # where contacts.csv, history.csv and campaign.yml of the same contacts are; the sample when None
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
# ## Has everybody had the time to reply?
# Emails left on different days. The curves count each contact for as long as it was watched.

# %%
curves = sv.compare_over_time(outcomes, control=control, cluster="company_id")
_ = curves.plot()
# %%
print(curves.summary())

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

# %% [markdown]
# ## So who should get which email?
# Groups are told apart only where the test speaks for it, and nobody leaves the control's email unless something surely gains.
# The rules leave as a table with a reason for each contact, and as SQL.

# %%
listed = outcomes.drop_duplicates("contact_id")
prices = {"reply_value_usd": 40.0, "cost_per_email_usd": 0.05}
policy = sv.recommend_variant(
    listed, outcomes, features=["engagement_level", group], default=control, cluster="company_id", **prices
)
_ = policy.plot()
# %%
print(policy.summary())
policy.to_frame()[["variant", "reason"]].value_counts().head(3)

# %% [markdown]
# ## Does a bit more of personalization bring replies?
# Whoever is known better gets more bits and replies more anyway. Only the slope by the draw is free of that.

# %%
folder = folder or sv.datasets.sample_path()
people, history = sv.read_contacts(f"{folder}/contacts.csv"), sv.read_history(f"{folder}/history.csv")
facts = sv.derive_facts(people, history, as_of=str(outcomes["assigned_at"].min().date()))
campaign = sv.read_campaign(f"{folder}/campaign.yml")
emails = sv.write_emails(people.assign(segment_id=people[group].astype(str)), facts, campaign=campaign)
dose = sv.estimate_dose_response(outcomes, emails, control=control, cluster="company_id", facts=facts)
_ = dose.plot()
# %%
print(dose.summary())
dose.checks.round(4)

# %% [markdown]
# ## And when nobody drew who got what?
# Past sends were often aimed: keen contacts got the individual email. Here the aim is made up on top of a simulated
# world in which **both emails work alike**, so that we know the truth: any lift is the aim's doing.

# %%
import numpy as np

rng, seed = np.random.default_rng(7), 7
contacts = sv.read_contacts(f"{sv.datasets.sample_path()}/contacts.csv")
keen = contacts["engagement_level"].astype(str).eq("high")
got_individual = rng.random(len(contacts)) < np.where(keen, 0.8, 0.3)
aimed = contacts.assign(variant=np.where(got_individual, "individual", "segment"))
world = sv.World(reply_rate=0.08, log_effect=0.0, wrong_fact_share=0.0, icc=0.0, contacts_per_company=1.0)
known = ["engagement_level", "purchase_status", "industry"]
past = sv.simulate_outcomes(aimed, world=world, rng=seed)[["contact_id", "variant", "replied"]]
past = past.merge(contacts[["contact_id", *known]], on="contact_id")
aimed_sends = sv.compare_historical(past, control="segment", covariates=known, rng=seed)
_ = aimed_sends.plot()
# %%
print(aimed_sends.summary())
aimed_sends.estimates[["method", "lift", "lift_low", "lift_high"]].round(4)
