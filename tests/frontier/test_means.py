"""Ridge regressions on cells against scikit-learn and statsmodels, and what their shrinkage does."""

import numpy as np
import pytest
import statsmodels.api as sm
from sklearn.linear_model import LogisticRegression, Ridge

from segvspers.frontier.means import Design, fit_ridge


@pytest.fixture
def cells():
    rng = np.random.default_rng(3)
    codes = rng.integers(0, 4, (60, 2))
    columns = np.hstack([np.ones((60, 1)), np.eye(4)[codes[:, 0]], np.eye(4)[codes[:, 1]]])
    n = rng.integers(5, 400, (2, 60)).astype(float)
    y = rng.binomial(n.astype(int), 1 / (1 + np.exp(2 - codes[:, 0] * 0.4))).astype(float)
    return Design(columns, np.repeat([0, 1, 2], [1, 4, 4])), n, y


def test_a_logistic_fit_is_that_of_scikit_learn_with_sample_weights(cells):
    design, n, y = cells
    beta, _ = fit_ridge(design, n, y, np.zeros(n.shape), spread=np.array([1e9, 0.25, 0.25]))
    x = np.vstack([design.columns[:, 1:]] * 2)
    for arm in range(2):
        answers, weights = np.repeat([1, 0], 60), np.r_[y[arm], n[arm] - y[arm]]
        theirs = LogisticRegression(C=0.25, tol=1e-10, max_iter=10_000).fit(x, answers, sample_weight=weights)
        assert beta[arm, 1:] == pytest.approx(theirs.coef_[0], abs=1e-5)
        assert beta[arm, 0] == pytest.approx(theirs.intercept_[0], abs=1e-5)


def test_the_offset_is_that_of_statsmodels(cells):
    design, n, y = cells
    offset = np.linspace(-1, 1, 60)[None, :].repeat(2, axis=0)
    beta, _ = fit_ridge(design, n, y, offset, spread=np.full(3, 1e7))
    ours = offset[0] + beta[0] @ design.columns.T
    counts = np.column_stack([y[0], n[0] - y[0]])
    model = sm.GLM(counts, design.columns[:, [0, 2, 3, 4, 6, 7, 8]], family=sm.families.Binomial(), offset=offset[0])
    theirs = model.fit().predict(which="linear")
    assert ours == pytest.approx(theirs, abs=1e-5)


def test_a_linear_fit_is_that_of_scikit_learn(cells):
    design, n, y = cells
    beta, _ = fit_ridge(design, n, y, np.zeros(n.shape), kind="amount", noise=2.0, spread=np.array([1e9, 0.5, 0.5]))
    theirs = Ridge(alpha=4.0, tol=1e-12).fit(design.columns[:, 1:], y[0] / n[0], sample_weight=n[0])
    assert beta[0, 1:] == pytest.approx(theirs.coef_, abs=1e-6)


def test_variances_go_to_nothing_where_nothing_differs_and_stay_where_something_does():
    rng = np.random.default_rng(5)
    codes = np.arange(400) % 20
    design = Design(np.hstack([np.ones((400, 1)), np.eye(20)[codes]]), np.repeat([0, 1], [1, 20]))
    n = np.full((3, 400), 200.0)
    same = rng.binomial(200, 0.1, (3, 400)).astype(float)
    true = rng.normal(0, 0.5, (3, 20))
    apart = rng.binomial(200, 1 / (1 + np.exp(2.2 - true[:, codes]))).astype(float)
    offset = np.full(n.shape, -2.2)
    assert fit_ridge(design, n, same, offset)[1][1] < 0.002
    assert np.sqrt(fit_ridge(design, n, apart, offset)[1][1]) == pytest.approx(0.5, rel=0.2)
