# %% [markdown]
# # Could this email only have been written for Sarah?
#
# Two emails for one person: her segment's template, and one written from her own record. Then the whole list, and
# what an audit finds.

# %% tags=["parameters"]
sample = None  # a folder with your own files; the sample when None
as_of = "2026-11-01"
who = "C00042"

# %%
import segvspers as sv

folder = sv.datasets.sample_path() if sample is None else sample
contacts, history = sv.read_contacts(f"{folder}/contacts.csv"), sv.read_history(f"{folder}/history.csv")
facts = sv.derive_facts(contacts, history, as_of=as_of)
audience = sv.fit_segments(contacts, history, rng=7).assign(contacts)
campaign = sv.read_campaign(f"{folder}/campaign.yml")
emails = sv.write_emails(audience, facts, campaign=campaign)
audit = sv.audit_emails(emails, facts, contacts=contacts, campaign=campaign)
_ = audit.plot()
# %% [markdown]
# ## Her segment's email, and her own

# %%
pair = emails[emails["contact_id"] == who].set_index("variant")
print(pair.loc["segment", "subject"], pair.loc["segment", "body_text"], sep="\n\n")

# %%
print(pair.loc["individual", "subject"], pair.loc["individual", "body_text"], sep="\n\n")

# %% [markdown]
# ## The facts that her email states

# %%
cited = {one for sentence in pair.loc["individual", "sentences"] for one in sentence["fact_ids"]}
facts[facts["fact_id"].isin(cited)][["kind", "topic", "value", "occurred_on", "bits"]]

# %% [markdown]
# ## Is enough known of the others?
#
# Bits known of each contact, those that an email of their own needs, and what filling a column's gaps would add.

# %%
known = sv.describe_contacts(contacts, facts, campaign=campaign)
_ = known.plot()

# %%
known

# %% [markdown]
# ## The whole list

# %%
audit

# %%
emails.groupby(["variant", "status"]).size().unstack(fill_value=0)

# %%
own = pair.loc["individual", "bits"]
thin = (emails["status"] == "fell_back").sum()
print(
    f"Her own email carries {own:.1f} bits: it is true of {pair.loc['individual', 'audience_size']} contact of {len(contacts):,}. "
    f"Her segment's carries {pair.loc['segment', 'bits']:.1f}. {thin:,} contacts are known too little and get the segment's email."
)
