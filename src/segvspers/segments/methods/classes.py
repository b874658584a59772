"""Latent classes as a way to find segments, and as a way to assign contacts to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from segvspers.segments.codes.coding import ColumnCode, code_table
from segvspers.segments.codes.cutting import sample_rows
from segvspers.segments.methods.assigning import plans_from, plans_state
from segvspers.segments.methods.latent_class import bic_of_part, fit_classes, level_shares, log_likelihood
from segvspers.segments.methods.scorecard import POINTS, Scorecard, log_sum, memberships

UNUSUAL_SHARE = 0.01
N_JUDGED = 20_000
EFFORTS: dict[str, dict[str, int]] = {
    "full": {},
    "study": {"n_starts": 16, "start_rows": 2_000, "n_steps": 40},
    "refit": {"n_starts": 6, "start_rows": 1_000, "n_steps": 25},
}


@dataclass(frozen=True, slots=True, eq=False)
class ClassAssigner:
    """Segments by the class of highest probability.

    `marginal` holds the log share of each level in the list of the fit; a row whose mean log-likelihood a
    known value is below `usual_from` is like no class.
    """

    plans: tuple[ColumnCode, ...]
    card: Scorecard
    marginal: np.ndarray
    usual_from: float
    kind: ClassVar[str] = "latent_class"

    @property
    def n_segments(self) -> int:
        """Count the classes."""
        return self.card.n_segments

    def place(self, table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Return the most probable class of each row and its probability."""
        return self.place_codes(code_table(self.plans, table))

    def place_codes(self, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the most probable class of each coded row and its probability."""
        scores = self.card.add(codes)
        place = scores.argmax(axis=1)
        scores -= scores[np.arange(len(place)), place][:, None]
        np.exp(scores, out=scores)
        return place, 1 / scores.sum(axis=1)

    def probabilities(self, table: pd.DataFrame) -> np.ndarray:
        """Return the probability of each class for each row."""
        return memberships(self.card.add(code_table(self.plans, table)).astype(float))

    def unusual(self, table: pd.DataFrame) -> np.ndarray:
        """Tell which rows are less likely than 99 % of the list of the fit, whatever their class."""
        likelihood, n_known = self.log_likelihood(code_table(self.plans, table))
        return likelihood < self.usual_from * np.maximum(n_known, 1)

    def log_likelihood(self, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the log-likelihood of each coded row and how many of its values are known."""
        return _log_likelihood(self.card, self.marginal, codes)

    def in_order(self, order: np.ndarray) -> ClassAssigner:
        """Return the assigner with its classes in another order, or some of them."""
        return replace(self, card=self.card.in_order(order))

    def state(self) -> dict[str, Any]:
        """Return the state as lists, numbers and text; points are whole numbers."""
        return {
            "plans": plans_state(self.plans),
            "base": np.rint(self.card.base * POINTS).astype(int).tolist(),
            "points": np.rint(self.card.table * POINTS).astype(int).tolist(),
            "marginal": self.marginal.round(6).tolist(),
            "usual_from": self.usual_from,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> ClassAssigner:
        """Return the assigner of a state."""
        plans = plans_from(state["plans"])
        base, points = (np.array(state[name], dtype=float) / POINTS for name in ("base", "points"))
        card = Scorecard(base, points.reshape(-1, len(base)), offsets_of(plans))
        return cls(plans, card, np.array(state["marginal"], dtype=float), float(state["usual_from"]))


def offsets_of(plans: tuple[ColumnCode, ...]) -> np.ndarray:
    """Return where the table of each column starts."""
    return np.r_[0, np.cumsum([plan.n_levels for plan in plans])[:-1]].astype(int)


def _log_likelihood(card: Scorecard, marginal: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    alone = Scorecard(np.zeros(1), marginal[:, None], card.offsets).add(codes)[:, 0]
    return log_sum(card.add(codes).astype(float)) + alone, (codes >= 0).sum(axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class ClassLearner:
    """Find latent classes in coded rows."""

    plans: tuple[ColumnCode, ...]
    codes: np.ndarray
    weights: np.ndarray | None = None
    kind: ClassVar[str] = "latent_class"

    @property
    def n_rows(self) -> int:
        """Count the rows."""
        return len(self.codes)

    @property
    def sizes(self) -> np.ndarray:
        """Return the levels of each column."""
        return np.array([plan.n_levels for plan in self.plans])

    def fit(
        self, k: int, *, rng: np.random.Generator, rows: np.ndarray | None = None, effort: str = "full"
    ) -> Scorecard:
        """Return the classes of all rows, or of some; `effort` as in `Learner`."""
        codes, weights = self._rows(rows)
        return fit_classes(codes, self.sizes, k, rng=rng, weights=weights, **EFFORTS[effort]).card.rounded()

    def _rows(self, rows: np.ndarray | None) -> tuple[np.ndarray, np.ndarray | None]:
        if rows is None:
            return self.codes, self.weights
        return self.codes[rows], None if self.weights is None else self.weights[rows]

    def labels(self, model: Scorecard, rows: np.ndarray | None = None) -> np.ndarray:
        """Return the class of each row."""
        return model.add(self._rows(rows)[0]).argmax(axis=1)

    def judge(self, model: Scorecard, train: np.ndarray, held: np.ndarray) -> dict[str, Any]:
        """Return BIC, ICL and the log-likelihood of each row held out.

        BIC (Schwarz 1978) and ICL (Biernacki, Celeux and Govaert 2000) are on the scale of -2 log-likelihood.
        """
        k, n_train = model.n_segments, len(train)
        likelihood = log_likelihood(model, self.codes[train])
        shares = memberships(model.add(self.codes[train]).astype(float))
        doubt = float(-(shares * np.log(np.maximum(shares, 1e-12))).sum())
        n_free = (k - 1) + k * int(np.sum(self.sizes - 1))
        bic = -2 * likelihood + n_free * np.log(n_train)
        smaller = bic_of_part(bic, n_free, n_train)
        return {
            "bic": bic,
            "icl": bic + 2 * doubt,
            "bic_of_half": smaller,
            "ahead": log_sum(model.add(self.codes[held]).astype(float)),
        }

    def assigner(self, model: Scorecard, *, rng: np.random.Generator) -> ClassAssigner:
        """Return the assigner of the classes."""
        marginal = np.log(level_shares(self.codes, self.sizes, self.weights))
        rows = sample_rows(self.n_rows, N_JUDGED, rng)
        codes = self.codes if rows is None else self.codes[rows]
        likelihood, n_known = _log_likelihood(model, marginal, codes)
        usual = float(np.quantile(likelihood / np.maximum(n_known, 1), UNUSUAL_SHARE))
        return ClassAssigner(self.plans, model, marginal, usual)

    def place(self, assigner: ClassAssigner) -> tuple[np.ndarray, np.ndarray]:
        """Return the segment of each row of the list and its membership."""
        return assigner.place_codes(self.codes)
