"""Reply curves: a published life table, laws, and the trap of staggered sends."""

import numpy as np
import pandas as pd
import pytest

import segvspers as sv
from segvspers.errors import DataError, NotEstimableError

START = pd.Timestamp("2026-01-01", tz="UTC")


def table(arms, *, as_of_day):
    """Outcomes from (sent day, reply day or None) of each contact by variant."""
    rows = []
    for variant, contacts in arms.items():
        for sent, reply in contacts:
            rows.append((variant, START + pd.Timedelta(days=sent), reply is not None,
                         pd.NaT if reply is None else START + pd.Timedelta(days=sent + reply)))  # fmt: skip
    frame = pd.DataFrame(rows, columns=["variant", "sent_at", "replied", "replied_at"])
    frame["contact_id"] = [f"C{number}" for number in range(len(frame))]
    return frame, START + pd.Timedelta(days=as_of_day)


def drawn(rng, n, *, rate=0.08, delay=2.0, days=10.0, late=(0.0, 0.0), companies=None):
    """Two equal variants; the second is sent later by `late`."""
    parts = []
    for variant, shift in zip(("a", "b"), late, strict=True):
        sent = START + pd.to_timedelta(rng.uniform(0, days, n) + shift, unit="D")
        replied = rng.random(n) < rate
        wait = pd.to_timedelta(rng.exponential(delay, n), unit="D")
        parts.append(
            pd.DataFrame(
                {"variant": variant, "sent_at": sent, "replied": replied, "replied_at": (sent + wait).where(replied)}
            )
        )
    frame = pd.concat(parts, ignore_index=True)
    frame["contact_id"] = [f"C{number}" for number in range(len(frame))]
    return frame


def seen_by(frame, as_of):
    frame = frame[frame["sent_at"] <= as_of].copy()
    late = frame["replied_at"] > as_of
    frame["replied"] &= ~late
    frame["replied_at"] = frame["replied_at"].where(~late)
    return frame


def test_the_curve_is_that_of_the_remission_data():
    # Freireich et al. (1963), Blood 21, 699; the table as in Collett, Modelling Survival Data, example 2.
    gone = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    as_of = 40
    contacts = [(as_of - 39.5, time) for time in gone] + [(as_of - time, None) for time in censored]
    frame, end = table({"6-MP": contacts, "same": contacts}, as_of_day=as_of)
    curves = sv.compare_over_time(frame, control="6-MP", as_of=end, horizon_days=24).curves
    one = curves[curves["variant"] == "6-MP"]
    kept = [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
    assert (1 - one["reply_rate"]).tolist() == pytest.approx(kept, abs=6e-5)
    assert one["n_at_risk"].tolist() == [21, 17, 15, 12, 11, 7, 6]


def test_without_clusters_the_error_is_greenwoods():
    frame = seen_by(drawn(np.random.default_rng(1), 4000), START + pd.Timedelta(days=9))
    found = sv.compare_over_time(frame, control="a", as_of=START + pd.Timedelta(days=9), horizon_days=5)
    from statsmodels.duration.survfunc import SurvfuncRight

    variance = 0.0
    for variant in ("a", "b"):
        rows = frame[frame["variant"] == variant]
        watched = (START + pd.Timedelta(days=9) - rows["sent_at"]).dt.total_seconds() / 86400
        waited = (rows["replied_at"] - rows["sent_at"]).dt.total_seconds().div(86400).fillna(watched)
        curve = SurvfuncRight(np.minimum(waited, 5), rows["replied"] & (waited <= 5))
        variance += float(curve.surv_prob_se[np.flatnonzero(np.asarray(curve.n_events) > 0)[-1]]) ** 2
    assert (found.lift_high - found.lift_low) / (2 * 1.959964) == pytest.approx(variance**0.5, rel=0.01)


def test_when_everybody_was_watched_it_is_the_plain_comparison():
    frame = drawn(np.random.default_rng(2), 3000)
    found = sv.compare_over_time(frame, control="a", as_of=START + pd.Timedelta(days=200), horizon_days=150)
    plain = sv.compare_reply_rates(frame, control="a")
    assert found.rate_control == pytest.approx(plain.rate_control)
    assert found.lift == pytest.approx(plain.lift)
    assert found.matured_control == 1
    assert found.lift_low == pytest.approx(plain.lift_low, abs=5e-4)


def test_staggered_sends_read_too_early_fool_a_count_and_not_the_curve():
    rng, as_of = np.random.default_rng(3), START + pd.Timedelta(days=8)
    naive = curve = 0
    for _ in range(60):
        frame = seen_by(drawn(rng, 6000, delay=3.0, days=1.0, late=(0.0, 5.0)), as_of)
        naive += sv.compare_reply_rates(frame, control="a").p_value < 0.05
        curve += sv.compare_over_time(frame, control="a", as_of=as_of, horizon_days=2).p_value < 0.05
    assert naive >= 50
    assert curve <= 8  # binomial(60, 0.05) is above 8 once in 1,000


def test_colleagues_who_answer_alike_widen_the_interval():
    rng, companies = np.random.default_rng(4), 300
    rows = []
    for variant in ("a", "b"):
        for company in range(companies):
            share, sent = rng.beta(0.08 * 4, 0.92 * 4), rng.uniform(0, 5)
            for _ in range(10):
                replied = rng.random() < share
                rows.append(
                    (variant, f"{variant}{company}", START + pd.Timedelta(days=sent), replied, rng.exponential(1.0))
                )
    frame = pd.DataFrame(rows, columns=["variant", "company_id", "sent_at", "replied", "wait"])
    frame["replied_at"] = (frame["sent_at"] + pd.to_timedelta(frame.pop("wait"), unit="D")).where(frame["replied"])
    frame["contact_id"] = frame.index.astype(str)
    frame = seen_by(frame, START + pd.Timedelta(days=12))
    settings = {"control": "a", "as_of": START + pd.Timedelta(days=12), "horizon_days": 7}
    wide, narrow = (
        sv.compare_over_time(frame, cluster="company_id", **settings),
        sv.compare_over_time(frame, **settings),
    )
    design = ((wide.lift_high - wide.lift_low) / (narrow.lift_high - narrow.lift_low)) ** 2
    assert design == pytest.approx(1 + 9 * 0.2, rel=0.25)  # 1 + (m - 1) icc, icc = 1 / (1 + 4)


def test_swapping_reordering_and_steps_leave_the_answer():
    frame = seen_by(drawn(np.random.default_rng(5), 2000), START + pd.Timedelta(days=9))
    settings = {"as_of": START + pd.Timedelta(days=9), "horizon_days": 5}
    one, two = (
        sv.compare_over_time(frame, control="a", **settings),
        sv.compare_over_time(frame, control="b", **settings),
    )
    assert (two.lift, two.lift_low, two.lift_high) == pytest.approx((-one.lift, -one.lift_high, -one.lift_low))
    again = sv.compare_over_time(frame.sample(frac=1, random_state=1), control="a", **settings)
    assert again.lift == pytest.approx(one.lift)
    second = frame.assign(sent_at=frame["sent_at"] + pd.Timedelta(days=1), replied=False, replied_at=pd.NaT)
    steps = pd.concat([frame, second[second["sent_at"] <= settings["as_of"]]])
    assert sv.compare_over_time(steps, control="a", **settings).lift == pytest.approx(one.lift)


def test_the_delay_is_that_of_the_replies_within_the_horizon():
    frame = drawn(np.random.default_rng(6), 40_000, rate=0.2, delay=2.0)
    found = sv.compare_over_time(frame, control="a", as_of=START + pd.Timedelta(days=90), horizon_days=60)
    assert found.median_delay_control == pytest.approx(2 * np.log(2), rel=0.05)
    assert found.delays["by_day_3"].iloc[0] == pytest.approx(1 - np.exp(-1.5), abs=0.02)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.assign(replied_at=pd.NaT), "replied but have no 'replied_at'"),
        (
            lambda frame: frame.assign(replied_at=frame["replied_at"] - pd.Timedelta(days=50)),
            "replied before their email was sent",
        ),
        (lambda frame: frame.assign(sent_at=pd.NaT), "have neither 'sent_at' nor 'assigned_at'"),
        (lambda frame: frame.drop(columns="sent_at"), "sent_at"),
        (
            lambda frame: pd.concat([frame, frame.assign(variant=frame["variant"].map({"a": "b", "b": "a"}))]),
            "stand in both variants",
        ),
    ],
)
def test_times_that_contradict_each_other_are_refused(change, message):
    frame = drawn(np.random.default_rng(7), 300)
    with pytest.raises(DataError, match=message):
        sv.compare_over_time(change(frame), control="a")


def test_what_was_not_watched_long_enough_is_not_told():
    frame = seen_by(drawn(np.random.default_rng(8), 500), START + pd.Timedelta(days=9))
    with pytest.raises(NotEstimableError, match="were watched longer than"):
        sv.compare_over_time(frame, control="a", as_of=START + pd.Timedelta(days=9), horizon_days=30)
    silent = frame.assign(replied=False, replied_at=pd.NaT)
    with pytest.raises(NotEstimableError, match="nobody replied to either variant"):
        sv.compare_over_time(silent, control="a", as_of=START + pd.Timedelta(days=9))
    with pytest.raises(DataError, match="give a later as_of"):
        sv.compare_over_time(drawn(np.random.default_rng(8), 500), control="a", as_of=START + pd.Timedelta(days=10))


def test_the_story_and_the_picture(sample):
    outcomes = sv.read_outcomes(sample / "outcomes.csv")
    found = sv.compare_over_time(outcomes, control="segment", cluster="company_id", horizon_days=7)
    assert found.summary().startswith("By day 7 after the email ")
    assert "The data were taken to end with the last time in them" in found.summary()
    assert found.plot().get_xlabel() == "days after the email"
    assert "Replies over time" in found._repr_html_()
    assert set(found.to_frame().columns) >= {"variant", "day", "reply_rate", "rate_low", "rate_high", "n_at_risk"}
