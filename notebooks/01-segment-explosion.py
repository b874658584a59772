# %% [markdown]
# # How many segments does a list fall into, and can anybody use them?
#
# A segment is a group of contacts who share attributes and get one template. Attributes multiply. This notebook
# counts what that does to a list, and what clusters do better.

# %% tags=["parameters"]
sample = None  # a folder with your own contacts.csv and history.csv; the sample when None
by = ["industry", "company_size", "engagement_level", "purchase_status"]

# %%
import segvspers as sv

folder = sv.datasets.sample_path() if sample is None else sample
contacts = sv.read_contacts(f"{folder}/contacts.csv")
history = sv.read_history(f"{folder}/history.csv")
explosion = sv.explode_segments(contacts, by=by)
_ = explosion.plot()
# %%
print(explosion.summary())

# %% [markdown]
# ## Where it falls short: two people, one cell
#
# The two contacts below stand in the same segment and would get the same words.

# %%
explosion.pair

# %% [markdown]
# ## A few broad segments instead
#
# Nobody writes hundreds of templates. Clusters find a handful of groups that differ in what people are and do.

# %%
segmentation = sv.fit_segments(contacts, history, n_segments="auto", rng=7)
_ = segmentation.plot()
# %%
segmentation

# %% [markdown]
# ## What it comes to

# %%
print(
    f"{explosion.n_possible:,.0f} segments are possible and {explosion.n_occupied:,} hold somebody; "
    f"{explosion.n_testable} of them could be tested. Templates cost as much as one email a person from "
    f"{explosion.n_crossing:.0f} segments on. {segmentation.n_segments} clusters fit into a plan, "
    "and still put people with different records into one group."
)
