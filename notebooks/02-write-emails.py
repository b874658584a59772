# %% [markdown]
# # Could this email only have been written for Sarah?
#
# Two very different people of one segment, the one template that both would get, and the two emails that were written
# from their own records. Then the whole list: what it cost, and what an audit finds.

# %% tags=["parameters"]
sample = None  # a folder with your own files; the sample when None
as_of, who = "2026-11-01", "C00042"

# %%
import textwrap

import segvspers as sv

folder = sv.datasets.sample_path() if sample is None else sample
contacts, history = sv.read_contacts(f"{folder}/contacts.csv"), sv.read_history(f"{folder}/history.csv")
facts = sv.derive_facts(contacts, history, as_of=as_of)
audience = sv.fit_segments(contacts, history, rng=7).assign(contacts)
campaign = sv.read_campaign(f"{folder}/campaign.yml")
emails = sv.write_emails(audience, facts, campaign=campaign, variants=["blast", "segment", "individual"])
audit = sv.audit_emails(emails, facts, contacts=contacts, campaign=campaign)
_ = audit.plot()

# %% [markdown]
# ## Two people of one segment
#
# The other one is the member of the same segment whose individual email has the fewest words in common with hers.

# %%
own = emails.query("variant == 'individual' and status == 'ready'").set_index("contact_id")
mates = own[own["segment_id"] == own.loc[who, "segment_id"]].drop(who)
hers = set(own.loc[who, "body_text"].lower().split())
shared = mates["body_text"].str.lower().str.split().map(lambda words: len(hers & set(words)) / len(hers | set(words)))
other = shared.idxmin()
columns = ["company", "industry", "company_size", "plan", "purchase_status", "engagement_level", "segment_id"]
audience.set_index("contact_id").loc[[who, other], columns].T

# %% [markdown]
# ## One template for both
#
# It is written from sums over at least 20 members, never from one member's record. Before it is rendered, the coverage of its
# merge fields says how many will read a fallback.

# %%
template = emails.query("variant == 'segment' and contact_id == @who").iloc[0]
for paragraph in [template["subject"], *template["body_text"].split("\n\n--\n")[0].split("\n\n")[:-1]]:
    print(textwrap.fill(paragraph, 100), end="\n\n")

# %%
sv.check_merge_fields(audience, facts, campaign=campaign).query("segment_id == @template.segment_id")

# %% [markdown]
# ## Her own email, sentence by sentence
#
# Every shaded sentence states facts; the notes say which, and so does the text that appears when the pointer rests on it. The
# prompt is what would leave if a language model wrote; `OfflineWriter` sends nothing.

# %%
sv.preview(who, campaign, audience=audience, facts=facts)

# %% [markdown]
# ## The other person's email
#
# Same segment, same campaign, another record.

# %%
sv.preview(other, campaign, audience=audience, facts=facts)

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
# ## The whole list: who gets what, and why

# %%
emails.groupby(["variant", "status"]).size().unstack(fill_value=0)

# %%
thin = emails.query("variant == 'individual' and status != 'ready'")
thin["reason"].str.replace(r"^[\d.]+ bits", "too few bits", regex=True).value_counts().to_frame()

# %% [markdown]
# ## What it cost, and what the audit finds

# %%
audit

# %%
slips = sv.lint_emails(emails)
cost = emails["cost_usd"].sum()
planned = campaign.cost_per_email_usd * len(own)
print(
    f"{len(own):,} individual emails cost ${cost:,.2f} with the offline writer; at ${campaign.cost_per_email_usd:.2f} each a "
    f"model's would cost about ${planned:,.2f}. The grammar lint found {len(slips):,} slips in {len(emails):,} emails."
)

# %% [markdown]
# ## Approved, and out as files
#
# Somebody reads and approves exactly these texts; one that is edited afterwards is not approved any more. Files are written for the
# program that sends, each contact with the variant that was drawn for them. Nothing is sent from here.

# %%
import tempfile

drawn = sv.assign_variants(audience, within="segment_id", cluster="company_id", rng=7)
approved = sv.approve_emails(emails, audit=audit, approver="reader of this notebook", contacts=contacts)
with tempfile.TemporaryDirectory() as there:
    export = sv.export_emails(approved, f"{there}/hubspot", form="hubspot", contacts=drawn)
export

# %% [markdown]
# ## So, could it have been written for anybody else?

# %%
pair = emails[emails["contact_id"] == who].set_index("variant")
print(
    f"Her own email carries {pair.loc['individual', 'bits']:.1f} bits: it is true of "
    f"{pair.loc['individual', 'audience_size']:,} of {len(contacts):,} contacts. Her segment's carries "
    f"{pair.loc['segment', 'bits']:.1f}, a blast {pair.loc['blast', 'bits']:.1f}. {(thin['status'] == 'fell_back').sum():,} "
    "contacts are known too little and get the segment's email: that is the right answer there."
)
