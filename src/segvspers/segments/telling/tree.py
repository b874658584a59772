"""A short decision tree that describes segments, and how often it agrees with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segvspers._checks import as_rng, check_at_least
from segvspers._display import html_finding, percent, plural
from segvspers.segments.codes.coding import ColumnCode, code_table, level_text, span_text
from segvspers.segments.features import as_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from segvspers.segments.segmentation import Segmentation

N_GROWN = 20_000
ALL_BUT = 3


@dataclass(frozen=True, slots=True, eq=False)
class SegmentTree:
    """Rules that come near to the segments; a description, not the assignment.

    Attributes
    ----------
    agreement, agreement_low, agreement_high
        Share of contacts, not used to grow the tree, whose leaf names their segment, with its 95 % interval.
    leaves
        One row a leaf, in the order of the tree: ``rule, segment_id, segment_name, share, agreement``.
    text
        The tree, indented.
    """

    agreement: float
    agreement_low: float
    agreement_high: float
    leaves: pd.DataFrame
    text: str

    def to_frame(self) -> pd.DataFrame:
        """Return one row a leaf."""
        return self.leaves.copy()

    def summary(self) -> str:
        """Return how many rules there are and how often they agree."""
        return (
            f"{plural(len(self.leaves), 'rule')} describe the segments and name the right one for "
            f"{percent(self.agreement, 0)} of contacts ({percent(self.agreement_low, 0)} to "
            f"{percent(self.agreement_high, 0)}); assign() decides, not this tree."
        )

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw the leaves: their sizes, and what share of each is of the segment that it names."""
        from segvspers.plots.segments import draw_tree

        return draw_tree(self, ax=ax)

    def _repr_html_(self) -> str:
        return html_finding("Tree", self.summary(), self.leaves, share="percent", agreement="percent")

    def __str__(self) -> str:
        return f"{self.text}\n{self.summary()}"


def fit_tree(
    found: Segmentation, contacts: Any, *, history: Any = None, n_leaves: int = 8, rng: int | np.random.Generator = 0
) -> SegmentTree:
    """Return a decision tree of at most `n_leaves` leaves that describes the segments of a list.

    Parameters
    ----------
    found
        The segmentation.
    contacts, history
        A list with the columns of the fit.
    n_leaves
        Most leaves, 2 or more.
    rng
        Seed of the halves that the tree is grown and judged on.

    Raises
    ------
    ArgumentError
        When `n_leaves` is below 2.

    Notes
    -----
    A classification tree (Breiman et al. 1984, scikit-learn) of the bins and levels, grown on at most 20,000
    contacts and judged on the others; Wilson interval.
    """
    check_at_least("n_leaves", n_leaves, 2)
    from sklearn.tree import DecisionTreeClassifier
    from statsmodels.stats.proportion import proportion_confint

    table = found.with_features(as_table(contacts, "contacts"), history)
    plans = found.assigner.plans
    place, _ = found.assigner.place(table)
    features = _Features.of(plans)
    rows = as_rng(rng).permutation(len(table))[: 2 * N_GROWN]
    codes, place = code_table(plans, table)[rows], place[rows]
    shown = features.encode(codes)
    half = max(1, len(rows) // 2)
    model = DecisionTreeClassifier(max_leaf_nodes=int(n_leaves), min_samples_leaf=max(1, half // 200), random_state=0)
    model.fit(shown[:half], place[:half])
    judged, told = place[half:], model.predict(shown[half:])
    n_right, n_judged = int((judged == told).sum()), max(1, len(judged))
    low, high = proportion_confint(n_right, n_judged, method="wilson")
    leaves, text = _read(model.tree_, model.classes_, features, found)
    at = model.apply(shown)
    frame = pd.DataFrame(leaves, columns=["leaf", "rule", "place"])
    ids, names = (found.segments[column].to_numpy() for column in ("segment_id", "segment_name"))
    frame = frame.assign(
        segment_id=ids[frame["place"]],
        segment_name=names[frame["place"]],
        share=[float((at == leaf).mean()) for leaf in frame["leaf"]],
        agreement=[
            float((place[at == leaf] == one).mean()) for leaf, one in zip(frame["leaf"], frame["place"], strict=True)
        ],
    )
    return SegmentTree(n_right / n_judged, float(low), float(high), frame.drop(columns=["leaf", "place"]), text)


@dataclass(frozen=True, slots=True, eq=False)
class _Features:
    """What a tree splits on: the bins of ordered columns, an indicator for each level of the others.

    `what` holds a column and a level a feature; the level is -1 for ordered columns.
    """

    plans: tuple[ColumnCode, ...]
    what: list[tuple[int, int]]

    @classmethod
    def of(cls, plans: tuple[ColumnCode, ...]) -> _Features:
        what: list[tuple[int, int]] = []
        for column, plan in enumerate(plans):
            if plan.kind in ("number", "date") or plan.ordered:
                what.append((column, -1))
            elif plan.n_levels == 2:
                what.append((column, 1))
            else:
                what += [(column, level) for level in range(plan.n_levels)]
        return cls(plans, what)

    def encode(self, codes: np.ndarray) -> np.ndarray:
        return np.stack([codes[:, c] if level < 0 else codes[:, c] == level for c, level in self.what], axis=1).astype(
            np.float32
        )

    def condition(self, feature: int, threshold: float, *, above: bool) -> str:
        """Return one side of a split in words; what is not known lies below all bins."""
        column, level = self.what[feature]
        plan = self.plans[column]
        name = plan.label.replace("_", " ")
        if level >= 0:
            return f"{name} is {'' if above else 'not '}{level_text(plan, level)}"
        first = int(np.floor(threshold)) + 1
        if first <= 0:
            return f"{name} is {'' if above else 'not '}known"
        if plan.kind in ("number", "date"):
            text = span_text(plan, first, plan.n_levels - 1) if above else span_text(plan, 0, first - 1)
            return f"{name} {text}"
        levels = plan.levels[first:] if above else plan.levels[:first]
        return f"{name} is {' or '.join(levels) if len(levels) <= ALL_BUT else f'{levels[0]} to {levels[-1]}'}"


def _read(
    tree: Any, classes: np.ndarray, features: _Features, found: Segmentation
) -> tuple[list[tuple[int, str, int]], str]:
    """Return the leaves (node, rule, segment) and the indented text of a grown tree."""
    leaves: list[tuple[int, str, int]] = []
    lines: list[str] = []
    stack: list[tuple[int, list[str]]] = [(0, [])]
    while stack:
        node, path = stack.pop()
        if path:
            lines.append("  " * (len(path) - 1) + path[-1])
        if tree.children_left[node] < 0:
            place = int(classes[int(tree.value[node][0].argmax())])
            leaves.append((node, " and ".join(path) or "everybody", place))
            row = found.segments.iloc[place]
            lines.append("  " * len(path) + f"-> {row['segment_id']}: {row['segment_name']}")
            continue
        for above in (True, False):
            child = tree.children_right[node] if above else tree.children_left[node]
            words = features.condition(tree.feature[node], float(tree.threshold[node]), above=above)
            stack.append((int(child), [*path, words]))
    return leaves, "\n".join(lines)
