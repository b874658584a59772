"""Latent classes as a scikit-learn estimator."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import adjusted_rand_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from segvspers import LatentClassClusterer
from segvspers.errors import ArgumentError

# EM starts at rows that are drawn, and bins are cut at quantiles of rows: repeating a row changes both, weighting it
# neither. KMeans of scikit-learn has the same exception.
EXPECTED = {"check_sample_weight_equivalence_on_dense_data": "starts and bins are those of rows, not of weights"}


def mixed(n=900, seed=0):
    r = np.random.default_rng(seed)
    kind = r.integers(0, 3, n)
    frame = pd.DataFrame(
        {
            "spend": np.where(kind == 0, 0.0, r.lognormal(kind, 0.4)),
            "plan": pd.Categorical.from_codes(np.where(r.random(n) < 0.8, kind, r.integers(0, 3, n)), ["a", "b", "c"]),
            "text": np.array(["x", "y", "z"])[np.where(r.random(n) < 0.8, kind, r.integers(0, 3, n))],
        }
    )
    frame.loc[::7, "text"] = None
    return frame, kind


def test_the_checks_of_scikit_learn_pass_but_for_those_expected():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        told = check_estimator(
            LatentClassClusterer(n_clusters=3, n_init=4, max_iter=10), expected_failed_checks=EXPECTED, on_skip=None
        )
    states = {check["check_name"]: check["status"] for check in told}
    assert set(states.values()) <= {"passed", "xfail", "skipped"}
    assert [name for name, state in states.items() if state == "xfail"] == list(EXPECTED)
    assert sum(state == "passed" for state in states.values()) > 45


def test_mixed_columns_of_any_library_are_clustered():
    frame, kind = mixed()
    model = LatentClassClusterer(3, random_state=0).fit(frame)
    assert adjusted_rand_score(kind, model.labels_) > 0.7
    assert model.feature_names_in_.tolist() == ["spend", "plan", "text"]
    np.testing.assert_array_equal(model.labels_, model.predict(frame))
    assert (np.diff(np.bincount(model.labels_)) <= 0).all()
    for other in (
        pytest.importorskip("polars").from_pandas(frame),
        pytest.importorskip("pyarrow").Table.from_pandas(frame),
    ):
        np.testing.assert_array_equal(LatentClassClusterer(3, random_state=0).fit_predict(other), model.labels_)


def test_clones_and_pipelines_give_the_same():
    frame, kind = mixed()
    model = LatentClassClusterer(3, random_state=0)
    np.testing.assert_array_equal(clone(model).fit_predict(frame), model.fit_predict(frame))
    piped = make_pipeline(LatentClassClusterer(3, random_state=0).set_output(transform="pandas"), LogisticRegression())
    assert piped.fit(frame, kind).score(frame, kind) > 0.85
    assert piped[:-1].get_feature_names_out().tolist() == [f"latentclassclusterer{k}" for k in range(3)]
    numbers = frame[["spend"]].to_numpy()
    assert make_pipeline(StandardScaler(), LatentClassClusterer(2, random_state=0)).fit_predict(numbers).max() == 1


@pytest.mark.parametrize("seed", [3, np.random.RandomState(3), np.random.default_rng(3)])
def test_any_kind_of_seed_will_do(seed):
    frame, kind = mixed(400)
    assert adjusted_rand_score(kind, LatentClassClusterer(3, random_state=seed).fit_predict(frame)) > 0.6


def test_rows_of_no_weight_do_not_count():
    frame, _ = mixed(600)
    noise = frame.assign(plan="c", text="x", spend=99.0)
    both = pd.concat([frame.astype({"plan": str}), noise.astype({"plan": str})], ignore_index=True)
    weights = np.r_[np.ones(600), np.zeros(600)]
    model = LatentClassClusterer(3, n_bins=8, random_state=0).fit(both, sample_weight=weights)
    plain = LatentClassClusterer(3, n_bins=8, random_state=0).fit(frame.astype({"plan": str}))
    assert adjusted_rand_score(model.labels_[:600], plain.labels_) > 0.9
    np.testing.assert_array_equal(
        LatentClassClusterer(3, random_state=0).fit(frame, sample_weight=np.full(600, 2.0)).labels_,
        LatentClassClusterer(3, random_state=0).fit(frame, sample_weight=np.full(600, 2.0)).labels_,
    )


def test_the_score_is_the_likelihood_of_the_mixture():
    """By hand: the log of the mixture's density over bins, added up level by level."""
    frame, _ = mixed(300)
    model = LatentClassClusterer(2, random_state=0).fit(frame)
    card, marginal = model.assigner_.card, model.assigner_.marginal
    codes = np.stack([plan.code(frame.set_axis(["x0", "x1", "x2"], axis=1)) for plan in model.columns_], axis=1)
    by_hand = []
    for row in codes[:50]:
        density = 0.0
        for k in range(2):
            log = card.base[k]
            for column, code in enumerate(row):
                if code >= 0:
                    log += card.table[card.offsets[column] + code, k] + marginal[card.offsets[column] + code]
            density += np.exp(log)
        by_hand.append(np.log(density))
    np.testing.assert_allclose(model.score_samples(frame)[:50], by_hand, rtol=1e-5)
    assert model.score(frame) == pytest.approx(model.score_samples(frame).mean())
    assert model.bic(frame) > -2 * model.score_samples(frame).sum()


def test_more_clusters_than_rows_are_refused():
    with pytest.raises(ArgumentError, match="n_clusters=5 must be from 1 to n_samples = 3"):
        LatentClassClusterer(5).fit(np.arange(6).reshape(3, 2))
