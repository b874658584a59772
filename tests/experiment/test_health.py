"""Each check passes on a sound table and speaks up on its fault."""

import numpy as np
import pandas as pd
import pytest

from segvspers import (
    ArgumentError,
    DataError,
    World,
    assign_variants,
    check_health,
    plan_test,
    simulate_outcomes,
)


@pytest.fixture(scope="module")
def sound():
    draws = np.random.default_rng(1)
    n = 20_000
    people = pd.DataFrame(
        {
            "contact_id": [f"C{k}" for k in range(n)],
            "company_id": draws.integers(0, 12_000, n).astype(str),
            "industry": draws.choice(["media", "retail", "travel"], n),
        }
    )
    people = assign_variants(people, cluster="company_id", rng=1)
    world = World(reply_rate=0.2, bot_open_share=0.02, deal_sigma=0.1)
    return simulate_outcomes(people, world=world, rng=1)


def status(table, check, **options):
    found = check_health(table, **options).checks.set_index("check")
    row = found.loc[check]
    assert (row["what_to_do"] == "") == (row["status"] == "Pass")
    return row["status"]


def test_a_sound_test_passes_every_check(sound):
    found = check_health(sound, cluster="company_id")
    assert set(found.checks["status"]) == {"Pass"}
    assert found.status == "Pass"
    assert found.n_units == sound["company_id"].nunique()
    assert found.evidence == "simulated"


def test_cookie_cats_warns_and_hillstrom_does_not(shared_data):
    cats = pd.read_csv(shared_data / "cookie_cats" / "cookie_cats.csv.gz")
    named = {"contact_id": "userid", "variant": "version", "replied": "retention_1"}
    ratio = check_health(cats, columns=named).checks.set_index("check").loc["sample ratio"]
    assert ratio["status"] == "Review"
    assert ratio["value"] == pytest.approx(0.0086, abs=5e-5)
    mail = pd.read_csv(shared_data / "hillstrom" / "hillstrom.csv.gz")
    named = {"variant": "segment", "replied": "visit", "revenue_usd": "spend"}
    found = check_health(mail, columns=named, covariates=["recency", "history", "channel"])
    ratio = found.checks.set_index("check").loc["sample ratio"]
    assert (ratio["status"], found.status) == ("Pass", "Pass")
    assert ratio["value"] == pytest.approx(0.903692958, abs=1e-8)


def test_sample_ratio_of_kohavi_fails():
    n = {"segment": 821_588, "individual": 815_482}  # Kohavi, Tang and Xu 2020: p 1.82e-6
    table = pd.DataFrame(
        {"variant": np.repeat(list(n), list(n.values())), "replied": np.arange(sum(n.values())) % 9 == 0}
    )
    row = check_health(table).checks.set_index("check").loc["sample ratio"]
    assert row["status"] == "Fail"
    assert row["value"] == pytest.approx(1.82e-6, rel=0.01)


def test_sample_ratio_counts_companies_not_contacts():
    company = np.r_[np.repeat(np.arange(100), 12), np.repeat(np.arange(100, 200), 8)]
    table = pd.DataFrame({"contact_id": np.arange(2000), "company_id": company, "replied": np.arange(2000) % 3 == 0})
    table["variant"] = np.where(table["company_id"] < 100, "segment", "individual")
    assert status(table, "sample ratio") == "Fail"
    assert status(table, "sample ratio", cluster="company_id") == "Pass"
    assert status(table, "sample ratio", shares={"segment": 0.6, "individual": 0.4}) == "Pass"


def test_a_contact_in_two_variants_fails(sound):
    other = sound.head(3).assign(
        variant=sound["variant"].head(3).map({"segment": "individual", "individual": "segment"})
    )
    assert status(pd.concat([sound, other]), "crossover") == "Fail"


def test_a_company_in_two_variants_is_said(sound):
    mixed = sound.assign(variant=np.resize(["segment", "individual"], len(sound)))
    assert status(mixed, "company contamination") == "Review"
    assert status(mixed, "company contamination", cluster="company_id") == "Fail"


def test_copies_of_rows_are_found(sound):
    assert status(pd.concat([sound, sound.head(5)]), "duplicates") == "Review"
    assert status(pd.concat([sound, sound.head(500)]), "duplicates") == "Fail"


def test_missing_outcomes_fail_when_one_variant_loses_more(sound):
    few = sound.assign(replied=sound["replied"].astype(object))
    few.loc[few.index[:20], "replied"] = None
    assert status(few, "missing outcomes") == "Review"
    few.loc[few["variant"].eq("segment") & (np.arange(len(few)) % 10 == 0), "replied"] = None
    assert status(few, "missing outcomes") == "Fail"


def test_replies_still_to_come_are_said(sound):
    assert status(sound, "follow-up", as_of="2026-11-10") == "Fail"
    late = sound.copy()
    late.loc[late.index[:1000], "sent_at"] += pd.Timedelta(days=5)
    assert status(late, "follow-up", as_of="2026-11-27") == "Review"
    staggered = sound.copy()
    staggered.attrs = {}
    staggered.loc[staggered["variant"].eq("segment"), "sent_at"] -= pd.Timedelta(days=30)
    assert status(staggered, "follow-up") == "Fail"


def test_the_end_of_the_data_is_not_guessed(sound):
    table = sound.copy()
    table.attrs = {}
    assert status(table, "follow-up") == "Not checked"


def test_a_reply_before_its_email_fails(sound):
    bad = sound.copy()
    bad.loc[bad["replied"].idxmax(), "replied_at"] = pd.Timestamp("2020-01-01", tz="UTC")
    assert status(bad, "reply after email") == "Fail"


def test_auto_replies_counted_as_replies_are_said(sound):
    auto = sound["reply_class"].eq("auto_reply")
    assert status(sound.assign(replied=sound["replied"] | auto), "auto-replies") == "Fail"
    some = sound["replied"] | (auto & (auto.cumsum() <= 20))
    assert status(sound.assign(replied=some), "auto-replies") == "Review"


def test_machine_opens_and_click_bursts_are_said(sound):
    assert status(sound.assign(machine_open=sound["opened"]), "machine opens") == "Review"
    assert status(sound.assign(machine_click=sound["clicked"]), "click bursts") == "Review"
    timed = sound.drop(columns=["machine_click", "clicked"]).assign(
        clicked_at=sound["sent_at"] + pd.Timedelta(seconds=2)
    )
    assert status(timed, "click bursts") == "Review"


def test_imbalance_before_the_test_is_said(sound):
    odd = sound.assign(before=np.where(sound["variant"].eq("segment"), 0.18, 0.0) + np.linspace(-1, 1, len(sound)) % 1)
    assert status(odd, "balance before the test", covariates=["before"]) == "Fail"
    slight = odd.assign(before=(odd["before"] > 1).astype(float) * 0.0 + np.random.default_rng(1).normal(size=len(odd)))
    slight["before"] += np.where(slight["variant"].eq("segment"), 0.15, 0.0)
    assert status(slight, "balance before the test", covariates=["before"]) == "Review"


def test_infinite_and_lopsided_revenue_are_said(sound):
    endless = sound.assign(revenue_usd=np.where(np.arange(len(sound)) == 3, np.inf, sound["revenue_usd"]))
    assert status(endless, "revenue") == "Fail"
    lopsided = sound.assign(revenue_usd=np.where(np.arange(len(sound)) == 3, 1e9, sound["revenue_usd"]))
    assert status(lopsided, "revenue") == "Review"


def test_power_reached_names_what_a_small_table_can_find(sound):
    assert status(sound.groupby("variant").head(150), "power reached") == "Review"
    assert status(sound.assign(replied=False), "power reached") == "Fail"


def test_deviations_from_the_plan_are_lines_of_the_report(sound):
    kept = plan_test(reply_rate=0.2, relative_lift=0.1, cluster="company_id")
    assert status(sound, "plan", plan=kept) == "Pass"
    wrong = plan_test(reply_rate=0.5, relative_lift=0.1)
    assert status(sound, "plan: reply rate of segment", plan=wrong) == "Review"


def test_a_covariate_measured_after_the_draw_is_refused(sound):
    with pytest.raises(ArgumentError, match=r"\['opened'\] were measured after the emails left"):
        check_health(sound, covariates=["industry", "opened"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.head(0), "no rows"),
        (lambda t: t[t["variant"] == "segment"], "one variant only"),
        (lambda t: t.assign(variant=None), "variant is missing"),
        (lambda t: t.assign(replied="yes"), "replied holds text"),
        (lambda t: t.drop(columns="replied"), "lacks"),
    ],
)
def test_tables_that_can_not_be_checked(sound, change, message):
    with pytest.raises(DataError, match=message):
        check_health(change(sound))


def test_options_that_are_not_allowed(sound):
    with pytest.raises(ArgumentError, match="shares="):
        check_health(sound, shares={"segment": 1.0})
    with pytest.raises(DataError, match="named in columns="):
        check_health(sound, columns={"replied": "answer"})
    with pytest.raises(DataError, match="lacks"):
        check_health(sound, cluster="household")


def test_summary_and_picture(sound):
    found = check_health(sound.assign(machine_open=sound["opened"]), cluster="company_id")
    assert found.summary().startswith("Health Review on")
    assert "(12 Pass, 1 Review, 0 Fail). Machine opens: 100.0 % of opens by machine;" in found.summary()
    assert found.plot().get_title(loc="left") == "Health Review: 1 of 13 checks need a look (SIMULATED)"
    assert "<table" in found._repr_html_()
