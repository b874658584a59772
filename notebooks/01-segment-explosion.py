# %% [markdown]
# # How many segments does a list fall into, and can anybody use them?
#
# ## How segmentation works
#
# A segment is a group of contacts who share attributes and get one template. Attributes are crossed: each one that is
# added divides every segment again. The picture shows what that does to a list.

# %% tags=["parameters"]
sample = None  # a folder with your own contacts.csv and history.csv; the sample when None
as_of = "2026-11-01"  # the day on which the emails would leave
by = ["industry", "company_size", "engagement_level", "purchase_status"]

# %%
import segvspers as sv

folder = sv.datasets.sample_path() if sample is None else sample
contacts = sv.read_contacts(f"{folder}/contacts.csv")
history = sv.read_history(f"{folder}/history.csv")
facts = sv.derive_facts(contacts, history, as_of=as_of)
explosion = sv.explode_segments(contacts, by=by, facts=facts)
_ = explosion.plot()

# %% [markdown]
# ## All the cells of the cross
#
# Few cells hold many contacts, most hold a handful. None is large enough to learn from a test inside it which email it
# answers to when its bar stays below the line in colour.

# %%
print(explosion.summary())
_ = explosion.plot(view="test")
# %%
_ = explosion.plot(view="coverage")

# %% [markdown]
# ## Where it falls short: two people, one cell
#
# These two contacts share every attribute of the cross and would get the same words. Below the grey rows stands all in
# which they differ: columns of the list and what each of them did.

# %%
_ = explosion.plot(view="pair")
# %%
print(
    f"Two people of one segment differ {explosion.difference_within / explosion.difference_list:.0%} as much as any two of "
    f"the list, and share {explosion.facts_shared_within:.0%} of what is known of them."
)

# %% [markdown]
# ## What templates cost
#
# Every template is written and approved by somebody. From S* templates on they cost as much as one email each.

# %%
_ = explosion.plot(view="costs")

# %% [markdown]
# Tick attributes and drag the number of templates: cells, coverage, cost and what is left inside move along.

# %%
explosion.explore()

# %% [markdown]
# ## What clusters do better
#
# Nobody writes hundreds of templates. Clusters find a handful of groups that differ in what people are and do.

# %%
segmentation = sv.fit_segments(contacts, history, n_segments="auto", rng=7)
_ = segmentation.plot()
# %%
segmentation

# %% [markdown]
# ## What they still miss
#
# Clusters are fewer and fuller, but the people in one of them are still people.

# %%
assigned = segmentation.assign(contacts).drop(columns=["segment_name", "membership"])
clusters = sv.explode_segments(assigned, by=["segment_id"], facts=facts)
_ = clusters.plot(view="pair")
# %%
_ = clusters.plot(view="differences")

# %% [markdown]
# ## What it comes to

# %%
print(
    f"{explosion.n_possible:,.0f} segments are possible, {explosion.n_occupied:,} hold somebody and {explosion.n_testable} could "
    f"be tested. From {explosion.n_crossing:.0f} templates on, one email each costs less. {segmentation.n_segments} clusters fit "
    f"into a plan, but two people of one cluster share only {clusters.facts_shared_within:.0%} of what is known of them "
    f"(two of one cell of the cross: {explosion.facts_shared_within:.0%}, any two: {clusters.facts_shared_list:.0%}). The cell "
    f"tells {explosion.bits:.1f} bits of a contact, the cluster {clusters.bits:.1f}."
)
