"""Who gets which email: planted worlds, laws, other routes to the same numbers, and rules that run as SQL."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

import segvspers as sv
from segvspers.errors import ArgumentError, DataError, NotEstimableError
from segvspers.frontier.policy import recommend
from segvspers.frontier.policy.coding import place_rows

FEATURES = ["industry", "plan"]
MONEY = {"reply_value_usd": 25.0, "cost_per_email_usd": 0.05}


def cells(ratio):
    """Return cells of 6 industries and 2 plans, their reply rates, and what an individual email does to them."""
    rows = pd.DataFrame(list(product([f"I{k}" for k in range(6)], ["free", "pro"])), columns=FEATURES)
    number = rows["industry"].str[1:].astype(int)
    base = 0.03 * np.exp(0.2 * number) * rows["plan"].map({"free": 0.8, "pro": 1.3})
    times = {"half": np.where(number % 2 == 0, 1.8, 0.8), "alike": 1.5, "none": 1.0}[ratio]
    return rows.assign(segment=base, individual=base * times, share=1 / len(rows))


def draw(world, n, rng, *, company=1):
    """Return a randomised test of such a world; with `company` contacts of a company share variant and cell."""
    unit = np.arange(n) // company
    place = rng.choice(len(world), unit.max() + 1, p=world["share"])[unit]
    own = (rng.random(unit.max() + 1) < 0.5)[unit]
    rate = np.where(own, world["individual"].to_numpy()[place], world["segment"].to_numpy()[place])
    return world[FEATURES].iloc[place].reset_index(drop=True).assign(
        contact_id=np.arange(n).astype(str), variant=np.where(own, "individual", "segment"), replied=rng.random(n) < rate,
        company_id=unit,
    )  # fmt: skip


def people(world):
    return world[FEATURES].assign(contact_id=[f"P{k}" for k in range(len(world))])


def answer(world, outcomes, **options):
    return sv.recommend_variant(people(world), outcomes, **{"features": FEATURES, **MONEY, **options})


def watched(world, outcomes, monkeypatch):
    """Return a recommendation with what it chose before each block, and the true lift of that over the default."""
    caught = {}
    before, learner = recommend.choose_before_blocks, recommend.learn
    monkeypatch.setattr(
        recommend, "choose_before_blocks", lambda one, how: caught.setdefault("hybrid", before(one, how))
    )
    monkeypatch.setattr(recommend, "learn", lambda test: caught.setdefault("learned", learner(test)))
    found = answer(world, outcomes)
    monkeypatch.undo()
    learned, scored = caught["learned"], list(caught["learned"].scored)
    place = place_rows(people(world), found.rules.plans, found.rules.codes)[0]
    own = caught["hybrid"][:, place][scored] == learned.test.arms.index("individual")
    size = learned.sums.n.sum(axis=(1, 2))[scored]
    gain = (world["individual"] - world["segment"]).to_numpy()
    true = float(((own * (size / size.sum())[:, None]).sum(axis=0) * gain) @ world["share"])
    return found, true, true + float(world["segment"] @ world["share"])


def net(world, variant):
    value = np.where(variant == "individual", world["individual"] * 25 - 0.05, world["segment"] * 25)
    return float(value @ world["share"])


def test_the_half_that_gains_is_found_and_the_hybrid_beats_both():
    world = cells("half")
    found = answer(world, draw(world, 80_000, np.random.default_rng(1)))
    got = found.to_frame()["variant"].to_numpy()
    right = np.where(world["individual"] > world["segment"], "individual", "segment")
    assert (got == right).mean() >= 11 / 12
    assert not ((got == "individual") & (right == "segment")).any()
    assert net(world, got) > max(net(world, np.full(12, name)) for name in ("segment", "individual")) + 0.05
    assert found.verdict == "hybrid"
    assert found.net_lift_low_usd > 0
    assert (found.policies["net_lift_low_usd"].iloc[1:] > 0).all()
    assert set(found.groups["group"].str.split().str[0]) == {"industry"}
    assert found.summary().startswith("Send individual emails to")


@pytest.mark.parametrize("ratio", ["alike", "none"])
def test_groups_are_not_invented(ratio):
    world, mixed = cells(ratio), 0
    for run in range(6):
        found = answer(world, draw(world, 20_000, np.random.default_rng([run, 2])))
        mixed += found.verdict == "hybrid"
        if ratio == "none":
            assert found.verdict == "default"
            assert found.summary().startswith("Keep the segment email for all 12 contacts")
            assert found.groups["group"].tolist() == ["all contacts"]
            assert "no difference between groups is evident" in " ".join(found.contacts["reason"])
    assert mixed <= 1


def test_intervals_hold_the_true_value_of_the_hybrid_and_of_groups(monkeypatch):
    held, value, groups, runs = 0, 0, [], 40
    world = cells("half")
    gain = (world["individual"] - world["segment"]).to_numpy()
    for run in range(runs):
        found, true, total = watched(world, draw(world, 6_000, np.random.default_rng([run, 3])), monkeypatch)
        held += found.lift_low <= true <= found.lift_high
        value += found.value_low <= total <= found.value_high
        table = found.to_frame()
        groups.append(((table["lift_low"] <= gain) & (gain <= table["lift_high"])).mean())
    assert held >= 34  # binomial(40, 0.95) is below 34 once in 200
    assert value >= 34
    assert np.mean(groups) > 0.85  # intervals of groups that are drawn to each other


def test_the_gains_are_those_of_whole_matrices():
    from scipy.stats import multivariate_normal

    from segvspers.frontier.policy import gains

    rng = np.random.default_rng(4)
    levels = np.array(list(product(range(5), range(3))))
    noise, known = rng.uniform(0.005, 0.02, 15), np.arange(13)
    y = 0.4 + rng.normal(0, 0.3, 5)[levels[:, 0]] + np.sqrt(noise) * rng.standard_normal(15)
    x, group = gains.design(levels)
    spreads = np.array([[0.3, 0.1, 0.2], [0.1, 0.0, 0.4]])
    told = gains.marginal_likelihoods(x[known], group, y[known], noise[known], spreads)
    direct = []
    for spread in spreads:
        root = gains._prior(group, spread[None, :], y[known], noise[known])[0]
        joint = x @ np.diag(root**2) @ x.T + np.eye(15) * spread[-1] ** 2
        total = joint[:13, :13] + np.diag(noise[:13])
        direct.append(multivariate_normal(cov=total).logpdf(y[known]))
        part = gains.predict(x, group, y[known], noise[known], known, spread, 1.0)
        pull = joint[:, :13] @ np.linalg.inv(total)
        assert part.mean == pytest.approx(pull @ y[known], rel=1e-6)
        whole = joint - pull @ joint[:13]
        assert part.sd(x) == pytest.approx(np.sqrt(np.diag(whole)), rel=1e-4)
        shares = rng.uniform(0, 1, (2, 15))
        assert part.variances(x, shares) == pytest.approx(np.diag(shares @ whole @ shares.T), rel=1e-4)
    assert told[0] - told[1] == pytest.approx(direct[0] - direct[1], rel=1e-6)


def test_groups_that_show_no_difference_share_the_fixed_effect_mean():
    from statsmodels.stats.meta_analysis import combine_effects

    from segvspers.frontier.policy import gains

    seen, variance = np.array([0.11, 0.09, 0.10, 0.105]), np.array([0.01, 0.02, 0.015, 0.01]) / 20
    found = gains.fit_gains(np.arange(4)[:, None], seen, variance, np.arange(4), np.ones(4))
    with np.errstate(divide="ignore", invalid="ignore"):
        fixed = combine_effects(seen, variance, method_re="chi2").summary_frame().loc["fixed effect"]
    assert not found.told_apart
    assert found.mean_alike == pytest.approx(np.full(4, fixed["eff"]), rel=1e-3)
    assert found.sd_alike == pytest.approx(np.full(4, fixed["sd_eff"]), rel=1e-3)
    apart = gains.fit_gains(np.arange(4)[:, None], np.array([0.3, -0.2, 0.3, -0.2]), variance, np.arange(4), np.ones(4))
    assert apart.p_differ > 0.99
    assert apart.mean == pytest.approx([0.3, -0.2, 0.3, -0.2], abs=0.02)


def test_the_gain_seen_in_a_cell_is_the_difference_of_its_means():
    world = cells("half")
    seen = draw(world, 20_000, np.random.default_rng(5))
    found = answer(world, seen, rule="expected", confidence=0.95)
    raw = seen.groupby([*FEATURES, "variant"])["replied"].mean().unstack()  # noqa: PD010
    lift = (
        (raw["individual"] - raw["segment"]).reset_index(name="raw").merge(people(world)).set_index("contact_id")["raw"]
    )
    table = found.to_frame().set_index("contact_id")
    assert np.corrcoef(lift, table["lift"].reindex(lift.index))[0, 1] > 0.9
    assert (table["lift_low"] < lift).mean() > 0.8


def test_order_names_and_copies_change_nothing():
    world = cells("half")
    seen = draw(world, 20_000, np.random.default_rng(6))
    before = seen.copy()
    one = answer(world, seen)
    pd.testing.assert_frame_equal(seen, before)
    pd.testing.assert_frame_equal(one.contacts, answer(world, seen).contacts)
    mixed = answer(world, seen.sample(frac=1, random_state=1))
    assert (mixed.contacts["variant"] == one.contacts["variant"]).all()
    assert mixed.contacts["lift"].to_numpy() == pytest.approx(one.contacts["lift"].to_numpy(), rel=0.02, abs=1e-4)
    names = {"individual": "b", "segment": "a"}
    renamed = answer(world, seen.assign(variant=seen["variant"].map(names)), default="a", individual="b")
    assert (
        renamed.contacts["variant"].map({"a": "segment", "b": "individual"}).tolist()
        == one.contacts["variant"].tolist()
    )
    swapped = answer(world, seen, default="individual", cost_per_email_usd=0.0)
    plain = answer(world, seen, cost_per_email_usd=0.0)
    assert swapped.contacts["lift"].to_numpy() == pytest.approx(-plain.contacts["lift"].to_numpy(), rel=0.02, abs=2e-4)
    copies = pd.concat([seen, seen.assign(contact_id="x" + seen["contact_id"])])
    twice = answer(world, copies, cluster="company_id")
    same = twice.contacts["variant"].to_numpy() == one.contacts["variant"].to_numpy()
    assert same.mean() >= 11 / 12
    wide = (twice.contacts["lift_high"] - twice.contacts["lift_low"]) / (
        one.contacts["lift_high"] - one.contacts["lift_low"]
    )
    assert wide.mean() == pytest.approx(1.0, abs=0.15)


def test_more_is_asked_of_dearer_emails_and_of_companies_drawn_whole():
    world = cells("half")
    seen = draw(world, 30_000, np.random.default_rng(7), company=10)
    alone, whole = answer(world, seen), answer(world, seen, cluster="company_id")
    assert (whole.contacts["lift_high"] - whole.contacts["lift_low"]).mean() >= (
        alone.contacts["lift_high"] - alone.contacts["lift_low"]
    ).mean() * 0.95
    cheap, dear = (answer(world, seen, cost_per_email_usd=cost) for cost in (0.0, 2.0))
    assert (dear.contacts["variant"] == "segment").all()
    assert (cheap.contacts["variant"] == "individual").sum() >= 4
    assert "costs more than it gains" in " ".join(dear.contacts["reason"])


def test_the_rules_differ_where_groups_are_not_sure_alone():
    from types import SimpleNamespace

    from segvspers.frontier.policy.choosing import Rule

    mean, sd = np.array([0.03, 0.01, -0.01, -0.04]), np.array([0.01, 0.01, 0.01, 0.01])
    gains = SimpleNamespace(
        mean=mean, sd=sd, told_apart=True, average=lambda n: (n @ mean / n.sum(), np.array([0.002])),
    )  # fmt: skip
    n = np.array([500, 500, 10, 10])

    def chosen(rule, who=n, cost=0.0, one=gains):
        return Rule(rule, 1, (0,), 1.0, (cost,), 1.96, (1.0,)).choose([one], who).tolist()

    assert [chosen(rule) for rule in ("sure", "evident", "expected")] == [[0, 1, 1, 1], [0, 0, 1, 1], [0, 0, 1, 1]]
    assert chosen("expected", cost=0.02) == [0, 1, 1, 1]
    assert chosen("expected", who=n * 0) == [1, 1, 1, 1]
    vague = SimpleNamespace(
        mean=mean, sd=sd * 4, told_apart=True, average=lambda _: (np.array([0.001]), np.array([0.01]))
    )
    assert [chosen(rule, one=vague) for rule in ("evident", "expected")] == [[1, 1, 1, 1], [0, 0, 1, 1]]
    alike = SimpleNamespace(
        mean=mean, sd=sd, told_apart=False, mean_alike=np.full(4, 0.02), sd_alike=np.full(4, 0.005), average=gains.average,
    )  # fmt: skip
    assert chosen("evident", one=alike) == [0, 0, 0, 0]
    assert chosen("evident", one=alike, cost=0.05) == [1, 1, 1, 1]


def test_what_is_sure_on_average_is_told_as_the_reason():
    world = cells("alike")
    seen = draw(world, 6_000, np.random.default_rng(17))
    table = answer(world, seen, rule="evident", cost_per_email_usd=0.4).to_frame()
    followed = table["reason"].str.contains("surely gains for all on average or for other groups")
    assert (table.loc[followed, "variant"] == "individual").all()
    null = draw(cells("none"), 8_000, np.random.default_rng(18))
    assert (answer(world, null, rule="evident").to_frame()["variant"] == "segment").all()


def odd(n, seed):
    """Numbers, flags, dates, missing values and names that need quoting."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "contact_id": [f"C{k}" for k in range(n)],
            'odd "name"': rng.choice(["it's", "b\\c", "plain"], n),
            "spend": np.round(rng.lognormal(3, 1, n), 2),
            "opted_in": rng.random(n) < 0.5,
            "since": pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 400, n), unit="D"),
        }
    )
    frame.loc[rng.random(n) < 0.1, "spend"] = np.nan
    frame.loc[rng.random(n) < 0.1, 'odd "name"'] = None
    return frame


def in_duckdb(found, table):
    duckdb = pytest.importorskip("duckdb")
    con = duckdb.connect()
    con.register("contacts", table)
    told = con.execute(found.to_sql()).df().set_index("contact_id")["variant"]
    return told.reindex(table["contact_id"]).tolist()


def test_the_rules_give_in_duckdb_what_the_table_gives_row_by_row():
    rng = np.random.default_rng(8)
    test = odd(20_000, 1)
    own = rng.random(len(test)) < 0.5
    keen = (test['odd "name"'] == "it's") | (test["spend"] > 40)
    test["variant"] = np.where(own, "individual", "segment")
    test["replied"] = rng.random(len(test)) < 0.08 + 0.08 * (own & keen)
    contacts = odd(3000, 2).assign(
        consent=rng.choice([True, False, None], 3000, p=[0.9, 0.05, 0.05]), suppressed=rng.random(3000) < 0.05
    )
    contacts.loc[:40, 'odd "name"'] = "never seen"
    features = ['odd "name"', "spend", "opted_in", "since"]
    found = sv.recommend_variant(contacts, test, features=features, n_bands=3, rule="expected")
    assert found.to_frame()["variant"].nunique() == 3
    assert in_duckdb(found, contacts) == found.to_frame()["variant"].tolist()
    fresh = odd(2000, 3).assign(consent=True, suppressed=False)
    assert in_duckdb(found, fresh) == found.assign(fresh)["variant"].tolist()
    for dialect in ("postgres", "bigquery"):
        assert "CASE" in found.to_sql(dialect=dialect)
    with pytest.raises(ArgumentError, match="dialect='oracle'"):
        found.to_sql(dialect="oracle")


def test_contacts_of_whom_the_test_says_nothing_keep_the_default_and_are_told_why():
    world = cells("half")
    seen = draw(world, 20_000, np.random.default_rng(9))
    seen = seen[~((seen["industry"] == "I2") & (seen["plan"] == "pro"))]
    asked = pd.DataFrame({"contact_id": ["a", "b", "c", "d"], "industry": ["I2", "<b>new</b>", None, "I4"],
                          "plan": ["pro", "pro", "pro", "pro"], "suppressed": [False, False, False, True]})  # fmt: skip
    found = sv.recommend_variant(asked, seen, features=FEATURES, **MONEY)
    table = found.to_frame().set_index("contact_id")
    assert table["variant"].tolist() == ["segment", "segment", "segment", "hold"]
    assert table["reason"].tolist()[:3] == [
        "no evidence: nobody in the test was alike in all of these features",
        "no evidence: industry has a value that the test did not see",
        "no evidence: industry is not known, and in the test it was of everybody",
    ]
    assert table.loc["d", "reason"] == "suppressed"
    assert table["lift"].isna().tolist() == [True, True, True, False]
    assert found.n_no_evidence == 3
    assert "3 contacts without evidence get segment." in found.summary()
    assert "1 contact may not be written to." in found.summary()


def test_amounts_and_more_than_two_variants():
    rng, n = np.random.default_rng(10), 30_000
    plan = rng.choice(["free", "pro"], n)
    variant = rng.choice(["blast", "segment", "individual", "holdout"], n)
    mean = np.select(
        [(variant == "individual") & (plan == "pro"), (variant == "blast") & (plan == "free")], [9.0, 6.0], 4.0
    )
    seen = pd.DataFrame({"contact_id": np.arange(n).astype(str), "plan": plan, "variant": variant,
                         "revenue_usd": rng.exponential(mean)})  # fmt: skip
    asked = pd.DataFrame({"contact_id": ["a", "b"], "plan": ["free", "pro"]})
    found = sv.recommend_variant(
        asked, seen, features="plan", outcome="revenue_usd", cost_per_email_usd={"individual": 1.0}
    )
    assert found.to_frame()["variant"].tolist() == ["blast", "individual"]
    assert found.to_frame()["net_gain_usd"].tolist() == pytest.approx([2.0, 4.0], abs=0.6)
    assert [row.split(" ")[0] for row in found.policies["policy"]] == ["hybrid", "segment", "blast", "individual"]
    assert (found.policies["net_lift_low_usd"].iloc[1:] > 0).all()
    assert found.kind == "amount"


def test_the_email_challenge_gives_everybody_the_mens_email(shared_data):
    table = pd.read_csv(shared_data / "hillstrom" / "hillstrom.csv.gz")
    table["contact_id"] = np.arange(len(table)).astype(str)
    found = sv.recommend_variant(
        table, table, features=["mens", "womens", "newbie", "channel", "zip_code"], outcome="spend", kind="amount", default="No E-Mail",
        columns={"variant": "segment"}, cost_per_email_usd={"Mens E-Mail": 0.1, "Womens E-Mail": 0.1},
    )  # fmt: skip
    assert found.verdict == "Mens E-Mail"
    # Mean spend of the arms as published (Hillstrom 2008): 1.4226, 1.0772 and 0.6528 dollars.
    published = {"Mens E-Mail": 1.4226, "Womens E-Mail": 1.0772, "No E-Mail": 0.6528}
    rows = found.policies.set_index("policy")
    for name, value in published.items():
        low, high = rows.loc[f"{name} for everybody", ["value_low", "value_high"]]
        assert low <= value <= high


def test_one_large_purchase_makes_no_group():
    rng, n = np.random.default_rng(19), 20_000
    own = rng.random(n) < 0.5
    spent = np.where(rng.random(n) < 0.01 * (1 + own), rng.lognormal(4, 1, n), 0.0)
    seen = pd.DataFrame({"contact_id": np.arange(n).astype(str), "variant": np.where(own, "individual", "segment"), "revenue_usd": spent,
                         **{name: rng.integers(0, 6, n).astype(str) for name in ("a", "b", "c")}})  # fmt: skip
    found = sv.recommend_variant(seen, seen, features=["a", "b", "c"], outcome="revenue_usd")
    assert found.spread["sd_of_relative_gain"].iloc[-1] == 0
    assert found.verdict == "individual"


def test_the_finding_is_told_and_drawn():
    world = cells("half")
    seen = draw(world, 20_000, np.random.default_rng(11))
    found = answer(world, seen)
    assert found._repr_html_() == found._repr_html_()
    assert "groups should get another email" in found.plot().get_title(loc="left")
    assert "brings more than" in found.plot(view="policies").get_title(loc="left") or "beats" in found.plot(
        view="policies"
    ).get_title(loc="left")
    with pytest.raises(ArgumentError, match="view='pie'"):
        found.plot(view="pie")
    plain = answer(world, seen, reply_value_usd=None, cost_per_email_usd=0.0)
    assert plain.contacts["net_gain_usd"].isna().all()
    assert "points" in plain.summary()
    seen.attrs["evidence"] = "simulated"
    assert answer(world, seen).summary().startswith("SIMULATED, not seen: ")
    assert "share of the contacts" in found.summary()


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"rule": "bold"}, ArgumentError, "rule='bold'"),
        ({"default": "newsletter"}, ArgumentError, "default='newsletter' is no variant"),
        ({"features": ["opened"]}, ArgumentError, "were measured after"),
        ({"features": ["industry", "size"]}, DataError, "contacts lacks \\['size'\\]"),
        ({"cost_per_email_usd": {"letter": 1.0}}, ArgumentError, "no variants of the test"),
        ({"reply_value_usd": None}, ArgumentError, "what a reply is worth"),
        ({"reply_value_usd": -1.0}, ArgumentError, "reply_value_usd=-1.0"),
    ],
)
def test_arguments_that_cannot_be_used_are_refused(change, error, message):
    world = cells("half")
    seen = draw(world, 2_000, np.random.default_rng(12))
    with pytest.raises(error, match=message):
        answer(world, seen, **change)


def test_tests_that_cannot_tell_are_refused():
    world = cells("half")
    seen = draw(world, 4_000, np.random.default_rng(13))
    with pytest.raises(DataError, match="'name' \\(4,000 levels\\) split the test too finely"):
        names = seen["contact_id"].map("n{}".format)
        sv.recommend_variant(people(world).assign(name="n1"), seen.assign(name=names), features=["name"], **MONEY)
    with pytest.raises(DataError, match="only one variant"):
        answer(world, seen.assign(variant="segment"))
    ruled = seen.assign(variant=np.where(seen["plan"] == "pro", "individual", "segment"))
    with pytest.raises(NotEstimableError, match="rule|foretold"):
        answer(world, ruled)
    with pytest.raises(NotEstimableError, match="at least 100 are needed"):
        answer(world, seen.head(150))
    with pytest.raises(DataError, match="not the chances of this draw|chances"):
        answer(world, seen, propensities={"individual": 0.9, "segment": 0.1})
    with pytest.raises(DataError, match="contacts repeats"):
        sv.recommend_variant(pd.concat([people(world)] * 2), seen, features=FEATURES, **MONEY)
    with pytest.raises(DataError, match="hold no value of \\['industry'\\]"):
        answer(world, seen.assign(industry=None))
    with pytest.raises(DataError, match="no variant beside the default"):
        answer(world, seen.assign(variant=seen["variant"].replace("individual", "holdout")), cost_per_email_usd=0.0)
    told = draw(world, 4_000, np.random.default_rng(14)).assign(evidence="observational")
    with pytest.raises(DataError, match="observational"):
        answer(world, told)


def test_a_world_without_a_test_is_reckoned_with_and_stamped():
    asked = pd.DataFrame(
        {"contact_id": list("abcd"), "bits_known": [0.0, 3.5, 8.0, 30.0], "consent": [True, True, True, False]}
    )
    sure = sv.recommend_variant(asked, world=sv.World(), **MONEY)
    assert sure.verdict == "default"
    assert sure.summary().startswith("SIMULATED from assumptions, no test having been made: Keep the segment email")
    world = sv.World(reply_rate=0.05, log_effect=0.4, wrong_fact_share=0.04, wrong_fact_factor=0.5)
    found = sv.recommend_variant(asked, world=world, rule="expected", reply_value_usd=25, cost_per_email_usd=0.3)
    assert found.to_frame()["variant"].tolist() == ["segment", "segment", "individual", "hold"]
    # exp(N(0.4, 0.25)) has mean exp(0.4 + 0.25^2 / 2); 4 % of emails state something untrue and halve the rate.
    gain = world.rate_of(0.0) * (np.exp(0.4 + 0.25**2 / 2) * 0.98 - 1)
    assert found.to_frame()["lift"].iloc[2] == pytest.approx(gain, rel=2e-3)
    assert found.to_frame()["net_gain_usd"].iloc[2] == pytest.approx(25 * gain - 0.3, rel=5e-3)
    assert found.to_frame()["lift"].iloc[0] == 0
    assert found.lift == pytest.approx(gain / 3, rel=5e-3)  # one of the three who may be written to
    assert in_duckdb(found, asked) == found.to_frame()["variant"].tolist()
    assert "assumed, not tested" in found.to_frame()["reason"].iloc[2]
    roi = sv.estimate_roi(found, n_draws=2_000)
    assert roi.badge == "SIMULATED"
    assert found.plot().get_title(loc="left").startswith("SIMULATED.")


def test_what_a_world_cannot_tell_is_refused():
    asked = pd.DataFrame({"contact_id": list("ab"), "bits_known": [0.0, 9.0]})
    with pytest.raises(ArgumentError, match="nothing to go by"):
        sv.recommend_variant(asked)
    with pytest.raises(ArgumentError, match="bits_known"):
        sv.recommend_variant(asked[["contact_id"]], world=sv.World())
    with pytest.raises(ArgumentError, match="both given"):
        sv.recommend_variant(asked, asked, features="bits_known", world=sv.World())
    with pytest.raises(ArgumentError, match="features= is empty"):
        sv.recommend_variant(asked, asked)
    with pytest.raises(ArgumentError, match="no|knows"):
        sv.recommend_variant(asked, world=sv.World(), cost_per_email_usd={"letter": 1.0}, reply_value_usd=1.0)
    facts = pd.DataFrame(
        {"contact_id": ["a", "a", "b"], "kind": ["question", "ticket", "plan"], "bits": [5.0, 6.0, 9.0]}
    )
    found = sv.recommend_variant(asked, facts=facts, world=sv.World(log_effect=0.5), rule="expected")
    assert found.to_frame()["variant"].tolist() == ["individual", "segment"]
