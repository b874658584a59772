"""The variance by company against CR2 of Bell and McCaffrey (2002), written out with whole matrices."""

import numpy as np
import pytest

from segvspers.experiment.arms import Arms
from segvspers.experiment.many import compare_arms


def cr2(sizes, replies, treated):
    """Return the CR2 variance of the difference and its Satterthwaite degrees of freedom, section 4 of the paper."""
    company = np.repeat(np.arange(len(sizes)), sizes)
    y = np.concatenate([np.r_[np.ones(some), np.zeros(m - some)] for m, some in zip(sizes, replies, strict=True)])
    x = np.column_stack([np.ones(len(y)), treated[company]])
    bread = np.linalg.inv(x.T @ x)
    hat = x @ bread @ x.T
    residual, contrast = y - hat @ y, np.array([0.0, 1.0])
    meat, columns = np.zeros((2, 2)), []
    for one in range(len(sizes)):
        own = company == one
        values, vectors = np.linalg.eigh(np.eye(own.sum()) - hat[np.ix_(own, own)])
        adjusted = vectors @ np.diag(np.where(values > 1e-10, values, np.inf) ** -0.5) @ vectors.T
        score = x[own].T @ adjusted @ residual[own]
        meat += np.outer(score, score)
        columns.append((np.eye(len(y)) - hat)[:, own] @ adjusted @ x[own] @ bread @ contrast)
    spectrum = np.linalg.eigvalsh(np.column_stack(columns).T @ np.column_stack(columns))
    return (bread @ meat @ bread)[1, 1], spectrum.sum() ** 2 / (spectrum**2).sum()


def arm(sizes, replies):
    m, y = sizes.astype(float), replies.astype(float)
    parts = (m, y, y**2, m**2, m * y, m**3, m**2 * y, m * y**2)
    return Arms(np.array([float(len(m))]), *(np.array([part.sum()]) for part in parts))


def against_cr2(draw_sizes, n_companies, n_tests=20):
    """Return our variance over that of CR2, and our degrees of freedom over Satterthwaite's, a row a test."""
    rng, found = np.random.default_rng(n_companies), []
    for _ in range(n_tests):
        sizes, treated = draw_sizes(rng, 2 * n_companies), np.arange(2 * n_companies) % 2 == 1
        replies = rng.binomial(sizes, rng.beta(0.8, 3.2, len(sizes)))
        variance, freedom = cr2(sizes, replies, treated)
        ours = [arm(sizes[treated == one], replies[treated == one]) for one in (False, True)]
        lifts = compare_arms(*ours, confidence=0.95, clustered=True)
        found.append((sum(one.cluster_variance()[0] for one in ours) / variance, lifts.freedom[0] / freedom))
    return np.array(found)


@pytest.mark.parametrize("n_companies", [6, 12, 24])
def test_companies_of_one_size_have_exactly_the_variance_of_cr2(n_companies):
    variance, freedom = against_cr2(lambda _, n: np.full(n, 8), n_companies).T
    assert variance == pytest.approx(1, rel=1e-9)
    assert (freedom <= 1 + 1e-9).all()


@pytest.mark.parametrize(("n_companies", "most", "mean"), [(6, 0.3, 0.05), (12, 0.15, 0.02), (24, 0.08, 0.01)])
def test_uneven_companies_come_near_cr2_with_less_freedom_as_a_rule(n_companies, most, mean):
    drawn = (
        lambda rng, n: rng.geometric(1 / 8, n),
        lambda rng, n: np.ceil(np.exp(1.5 + rng.standard_normal(n))).astype(int),
    )
    for sizes in drawn:
        variance, freedom = against_cr2(sizes, n_companies).T
        assert np.abs(variance - 1).max() < most
        assert abs(variance.mean() - 1) < mean
        assert np.median(freedom) < 1
