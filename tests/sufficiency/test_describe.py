"""What is known of a list: the routing's own count, gaps valued by what fills them elsewhere, and the words for it."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

import segvspers as sv
from segvspers.errors import ArgumentError, DataError, MissingFileError

DAY = "2026-11-01"


@pytest.fixture(scope="module")
def contacts(sample):
    return sv.read_contacts(sample / "contacts.csv").head(1500)


@pytest.fixture(scope="module")
def history(sample, contacts):
    events = sv.read_history(sample / "history.csv")
    return events[events["contact_id"].isin(contacts["contact_id"])]


@pytest.fixture(scope="module")
def facts(contacts, history):
    return sv.derive_facts(contacts, history, as_of=DAY)


@pytest.fixture(scope="module")
def campaign(sample):
    return sv.read_campaign(sample / "campaign.yml")


@pytest.fixture(scope="module")
def found(contacts, facts, campaign):
    return sv.describe_contacts(contacts, facts, campaign=campaign)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"min_bits": 20},
        {"type": "newsletter", "min_bits": None},
        {"may_mention": ("tenure", "purchase")},
        {"budget_usd": 3.0},
        {"worth_per_email_usd": 0.0},
    ],
)
def test_who_can_get_an_individual_email_is_what_the_routing_says(change, contacts, facts, campaign):
    campaign = campaign.model_copy(update=change)
    routes = sv.route_contacts(contacts, facts, campaign=campaign)
    found = sv.describe_contacts(contacts, facts, campaign=campaign)
    assert found.contacts["route"].tolist() == routes["route"].tolist()
    assert found.contacts["bits"].tolist() == routes["bits"].tolist()
    assert found.share_individual == (routes["route"] == "individual").mean()
    assert found.n_individual + found.n_segment + found.n_held == found.n_contacts == len(contacts)


def test_history_or_a_file_of_facts_gives_the_same_as_the_facts(contacts, history, facts, campaign, found, tmp_path):
    from_history = sv.describe_contacts(contacts, history, campaign=campaign, as_of=DAY)
    people = pd.DataFrame(contacts)
    people.attrs = {}
    people.to_parquet(tmp_path / "contacts.parquet")
    facts.to_parquet(tmp_path / "facts.parquet")
    events = pd.DataFrame(history)
    events.attrs = {}
    events.to_parquet(tmp_path / "history.parquet")
    files = {name: tmp_path / f"{name}.parquet" for name in ("contacts", "facts", "history")}
    from_file = sv.describe_contacts(files["contacts"], files["facts"], campaign=campaign)
    from_files = sv.describe_contacts(files["contacts"], files["history"], campaign=campaign, as_of=DAY)
    for other in (from_history, from_file, from_files):
        assert other.summary() == found.summary()
        pd.testing.assert_frame_equal(other.to_frame(), found.to_frame(), check_dtype=False)
        pd.testing.assert_frame_equal(other.missing, found.missing, check_dtype=False)
        pd.testing.assert_frame_equal(other.kinds, found.kinds, check_dtype=False)


def test_facts_and_their_age_are_counted_by_contact(found, contacts, facts):
    rows = found.to_frame().set_index("contact_id")
    for contact in contacts["contact_id"].sample(40, random_state=1):
        own = facts[facts["contact_id"] == contact]
        dated = own[own["source"].str.startswith("history:") & own["occurred_on"].notna()]
        assert rows.loc[contact, "n_facts"] == len(own)
        assert (
            rows.loc[contact, "n_usable"]
            == (~own["kind"].isin(["firmographic", "peers", "plan", "clicks", "spending", "cancel", "silence"])).sum()
        )
        age = (pd.Timestamp(DAY) - dated["occurred_on"].max()).days if len(dated) else math.nan
        assert rows.loc[contact, "age_days"] == pytest.approx(age, nan_ok=True)


def brute_gain(people, values_of, bits, needed, thin):
    """Bits of a column by counting, and how many thin contacts a random known value would lift."""
    known = [one for one in people if values_of[one] is not None]
    lacking = [one for one in people if values_of[one] is None]
    gains = [-math.log2(sum(values_of[other] == values_of[one] for other in known) / len(known)) for one in known]
    lifted = sum(sum(bits[one] + gain >= needed for gain in gains) / len(gains) for one in lacking if one in thin)
    return sum(gains) / len(gains), len(lacking), lifted


def test_a_gap_is_valued_by_what_the_column_tells_where_it_is_filled(tmp_path):
    rng = np.random.default_rng(5)
    n = 60
    people = pd.DataFrame({"contact_id": [f"c{place}" for place in range(n)]})
    people["shop"] = rng.choice(np.array(["a", "b", "c", None], dtype=object), n, p=[0.4, 0.2, 0.1, 0.3])
    people["region"] = rng.choice(np.array(["Europe", "Asia", ""], dtype=object), n)
    events = pd.DataFrame(
        {
            "contact_id": people["contact_id"],
            "timestamp": "2026-10-01",
            "event": "page_view",
            "topic": rng.choice(["x", "y", "z"], n),
        }
    )
    facts = sv.derive_facts(people, events, as_of=DAY, attributes=["shop"])
    campaign = campaign_with_min_bits(facts, 3.0)
    found = sv.describe_contacts(people, facts, campaign=campaign)
    rows, each = found.missing.set_index("column"), found.contacts.set_index("contact_id")
    thin = set(each.index[(each["route"] == "segment") & (each["bits"] < 3.0)])
    assert 10 < len(thin) < n
    values = {row.contact_id: None if pd.isna(row.shop) else row.shop for row in people.itertuples()}
    mean, lacking, lifted = brute_gain(list(values), values, each["bits"].to_dict(), 3.0, thin)
    assert rows.loc["shop", "bits_each"] == pytest.approx(mean, abs=1e-9)
    assert rows.loc["shop", "bits_added"] == pytest.approx(mean * lacking / n, abs=1e-9)
    assert rows.loc["shop", "n_missing"] == lacking
    assert rows.loc["shop", "n_more_individual"] == pytest.approx(lifted, abs=1e-9)
    assert lifted > 1
    assert rows.loc["region", "n_more_individual"] == 0
    assert found.best_column == rows["bits_added"].idxmax()
    assert "not in the table" in rows.loc["industry", "note"]
    people.to_parquet(tmp_path / "people.parquet")
    again = sv.describe_contacts(tmp_path / "people.parquet", facts, campaign=campaign)
    pd.testing.assert_frame_equal(again.missing, found.missing)
    assert math.isnan(rows.loc["industry", "bits_each"])


def campaign_with_min_bits(facts, bits):
    """The campaign of the sample, with every kind allowed."""
    campaign = sv.read_campaign(sv.datasets.sample_path() / "campaign.yml")
    return campaign.model_copy(update={"min_bits": bits, "may_mention": tuple(facts["kind"].unique())})


def test_two_facts_from_one_column_tell_the_same_only_once(found, contacts):
    industries = contacts["industry"].dropna()
    shares = industries.value_counts(normalize=True)
    entropy = -(shares * np.log2(shares)).sum()
    assert found.missing.set_index("column").loc["industry", "bits_each"] == pytest.approx(entropy, abs=1e-9)


def test_the_plan_is_missing_of_customers_only(found, contacts):
    row = found.missing.set_index("column").loc["plan"]
    customers = contacts["purchase_status"] == "customer"
    assert row["n_missing"] == (customers & contacts["plan"].isna()).sum()


def test_a_list_twice_as_long_has_the_same_shares(contacts, facts, campaign, found):
    def twice(table):
        return pd.concat([table, table.assign(contact_id=table["contact_id"] + "-2")], ignore_index=True)

    double = sv.describe_contacts(twice(contacts), twice(facts), campaign=campaign)
    assert double.n_contacts == 2 * found.n_contacts
    assert double.share_individual == found.share_individual
    assert double.median_bits == found.median_bits
    columns = ["column", "bits_each", "bits_added"]
    pd.testing.assert_frame_equal(double.missing[columns], found.missing[columns])


def small(**columns):
    people = pd.DataFrame({"contact_id": ["a", "b", "c", "d"], **columns})
    events = pd.DataFrame(
        {
            "contact_id": ["a", "b"],
            "timestamp": ["2026-10-12", "2026-10-02"],
            "event": "page_view",
            "topic": ["SMS", "pricing"],
        }
    )
    return people, events


def test_the_words_for_a_list_with_gaps(sample):
    people, events = small(region=["Europe", "Asia", "Asia", None], suppressed=[False, False, False, True])
    campaign = sv.read_campaign(sample / "campaign.yml").model_copy(update={"min_bits": 2.0})
    assert sv.describe_contacts(people, events, campaign=campaign, as_of=DAY).summary() == (
        "2 of 4 contacts (50.0 %) are known well enough for an individual email (2 bits); 1 gets the segment's; 1 contact may "
        "not be written to. The middle contact has 0.5 facts to write from, worth 1.0 bits; the newest is 25 days old, "
        "and 50.0 % have none from history. Of the columns with gaps, region would add most: about 0.9 bits each for "
        "1 contact; nobody more would be known well enough by that, since it says little of one person."
    )


def test_the_words_for_a_column_that_would_lift_contacts():
    people, events = small(shop=["x", "y", None, None])
    facts = sv.derive_facts(people, events, as_of=DAY, attributes=["shop"])
    found = sv.describe_contacts(people, facts, campaign=campaign_with_min_bits(facts, 1.0))
    assert found.summary().endswith(
        "Of the columns with gaps, shop would add most: about 1.0 bits each for 2 contacts; about 2 more contacts would be "
        "known well enough."
    )


def test_the_words_for_a_list_of_which_nothing_is_known():
    people, events = small()
    found = sv.describe_contacts(people, events.head(0), as_of=DAY)
    assert found.summary() == (
        "0 of 4 contacts (0.0 %) are known well enough for an individual email (6 bits); 4 get the segment's. The middle "
        "contact has 0 facts to write from, worth 0.0 bits; nothing of them stands in history. No column of contacts has "
        "gaps that would tell more if they were filled."
    )
    found.plot()


def test_the_words_for_a_campaign_that_is_for_everybody(sample):
    people, events = small()
    campaign = sv.read_campaign(sample / "campaign.yml").model_copy(update={"type": "newsletter", "min_bits": None})
    found = sv.describe_contacts(people, events, campaign=campaign, as_of=DAY)
    assert found.summary().startswith("No contact gets an individual email: a newsletter is for everybody. The middle")
    assert found.plot().get_title(loc="left").startswith("A newsletter is for everybody")


def test_the_picture_draws_every_contact_and_the_bits_needed(found):
    ax = found.plot()
    drawn = sum(patch.get_height() for container in ax.containers for patch in container)
    assert drawn == found.n_contacts
    assert ax.get_title(loc="left").startswith(f"{found.share_individual:.0%}".replace("%", " %"))
    assert any("6 bits needed" in text.get_text() for text in ax.texts)
    assert "bits" in ax.get_xlabel()


def test_the_finding_only_reads_and_names_nobody(found, contacts):
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.n_contacts = 3
    page = found._repr_html_()
    assert page == found._repr_html_()
    assert "What is known" in page
    assert "<caption>" in page
    assert not any(name in page for name in contacts["email"].head(200))
    frame = found.to_frame()
    frame["bits"] = 0
    assert found.contacts["bits"].max() > 0


def test_inputs_stay_as_they_are(contacts, facts):
    before = contacts.copy(), facts.copy()
    sv.describe_contacts(contacts, facts)
    pd.testing.assert_frame_equal(contacts, before[0])
    pd.testing.assert_frame_equal(facts, before[1])


def test_what_can_t_be_described_is_told(contacts, history, facts, tmp_path):
    with pytest.raises(ArgumentError, match="facts holds history; name the day with as_of="):
        sv.describe_contacts(contacts, history)
    with pytest.raises(ArgumentError, match="as_of='2026-11-01' belongs to history"):
        sv.describe_contacts(contacts, facts, as_of=DAY)
    with pytest.raises(
        DataError, match="rows are of contacts that contacts lacks; derive the facts from these contacts"
    ):
        sv.describe_contacts(contacts.head(5), facts)
    with pytest.raises(DataError, match="contacts: there are no rows"):
        sv.describe_contacts(contacts.head(0), facts)
    with pytest.raises(DataError, match="contacts: some contact_ids stand in more than one row"):
        sv.describe_contacts(pd.concat([contacts, contacts]), facts)
    with pytest.raises(DataError, match=r"facts lacks \['bits'\]"):
        sv.describe_contacts(contacts, facts.drop(columns="bits"))
    with pytest.raises(DataError, match="facts: a int is no table"):
        sv.describe_contacts(contacts, 3)
    with pytest.raises(DataError, match="contacts: a int is no table"):
        sv.describe_contacts(3, facts)
    with pytest.raises(MissingFileError, match="facts: no file at"):
        sv.describe_contacts(contacts, tmp_path / "none.parquet")
