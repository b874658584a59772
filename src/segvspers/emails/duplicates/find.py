"""Find the emails that say nearly the same, and say how many do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segvspers._checks import check_fraction, require_columns
from segvspers._display import count, html_finding, percent, plural
from segvspers.emails.audit.frame import without_footer
from segvspers.emails.audit.masking import mask
from segvspers.emails.duplicates.candidates import exact_pairs, minhash_pairs
from segvspers.emails.duplicates.shingles import Shingles, shingles_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

EXACT_UP_TO = 20_000
BLOCK = 50_000  # pairs compared at once


@dataclass(frozen=True, slots=True, eq=False)
class NearDuplicates:
    """Emails that share most of their wording with another one.

    Attributes
    ----------
    n_emails, n_alike, n_clusters
        Emails compared, those that are like another one, and the groups that they fall into.
    threshold
        Jaccard similarity from which two emails are alike, 0 to 1.
    masked
        Whether names, numbers and dates were masked first.
    exact
        Whether every pair was compared, or nearly every one by MinHash.
    pairs
        One row a pair of different texts: `email_id, other_id, similarity`.
    clusters
        One row an email that is like another one: `email_id, cluster, n_alike` (emails in its cluster).
    """

    n_emails: int
    n_alike: int
    n_clusters: int
    threshold: float
    masked: bool
    exact: bool
    pairs: pd.DataFrame
    clusters: pd.DataFrame

    @property
    def alike_share(self) -> float:
        """Share of emails that are like another one."""
        return self.n_alike / self.n_emails if self.n_emails else float("nan")

    def to_frame(self) -> pd.DataFrame:
        """Return one row an email that is like another one."""
        return self.clusters.copy()

    def summary(self) -> str:
        """Return the outcome in one sentence."""
        how = "once names, numbers and dates are masked" if self.masked else "as they stand"
        most = int(self.clusters["n_alike"].max()) if len(self.clusters) else 0
        groups = f", in {plural(self.n_clusters, 'group')} of up to {count(most)}" if self.n_clusters else ""
        return (
            f"{count(self.n_alike)} of {count(self.n_emails)} emails ({percent(self.alike_share)}) share at least "
            f"{self.threshold:.0%} of their runs of three words with another one {how}{groups}."
        )

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw how many groups there are of each size."""
        from segvspers.plots.emails import draw_clusters

        return draw_clusters(self.clusters, n_emails=self.n_emails, ax=ax)

    def _repr_html_(self) -> str:
        largest = self.clusters.drop_duplicates("cluster").sort_values(["n_alike", "cluster"], ascending=[False, True])
        return html_finding("Near duplicates", self.summary(), largest.head(10)[["cluster", "n_alike", "email_id"]])


def find_near_duplicates(emails: pd.DataFrame, *, masked: bool = False, threshold: float = 0.6) -> NearDuplicates:
    """Find the emails that say nearly the same as another one.

    Parameters
    ----------
    emails
        With `email_id, body_text`, and `identity` for a masked comparison, as `write_emails` returns them; usually those of
        one variant, since the emails of a segment are alike on purpose.
    masked
        Mask names, numbers and dates first: what is still alike is one mail merge.
    threshold
        Jaccard similarity of the sets of three words in a row from which two emails are alike, between 0 and 1.

    Returns
    -------
    NearDuplicates
        With pairs, clusters and shares.

    Raises
    ------
    DataError
        When a column is missing.
    ArgumentError
        When the threshold is no proportion.

    Notes
    -----
    The legal footer is not compared. Up to 20,000 emails every pair that can be alike is found by a sparse product; above, the
    candidates come from MinHash (64 permutations, 16 bands), which finds 89 % of pairs at a similarity of 0.6 and all but
    one in a thousand from 0.8. Either way every pair that is returned was compared exactly. Equal texts are one text
    with many emails: they stand in one cluster, and in no pair.

    Examples
    --------
    >>> import pandas as pd
    >>> import segvspers as sv
    >>> texts = ["Your order of shoes came in May and it is here", "Your order of shoes came in June and it is here", "Hello"]
    >>> emails = pd.DataFrame({"email_id": ["a", "b", "c"], "body_text": texts, "identity": [[], [], []]})
    >>> sv.find_near_duplicates(emails, masked=True).to_frame()["email_id"].tolist()
    ['a', 'b']
    >>> sv.find_near_duplicates(emails).n_alike
    0
    """
    require_columns(emails, ["email_id", "body_text", *(["identity"] if masked else [])], table="emails")
    check_fraction("threshold", threshold)
    texts = _texts(emails, masked=masked)
    codes, distinct = pd.factorize(np.asarray(texts, dtype=object))
    shingles = shingles_of(distinct.tolist())
    exact = len(distinct) <= EXACT_UP_TO
    candidates = exact_pairs(shingles, threshold) if exact else minhash_pairs(shingles)
    pairs, similarity = _compared(shingles, candidates, threshold)
    ids = emails["email_id"].to_numpy()
    first = pd.Series(np.arange(len(codes))).groupby(codes).first().to_numpy()
    told = pd.DataFrame(
        {"email_id": ids[first[pairs[:, 0]]], "other_id": ids[first[pairs[:, 1]]], "similarity": similarity}
    )
    clusters = _clusters(ids, codes, pairs, shingles)
    return NearDuplicates(
        len(emails), len(clusters), clusters["cluster"].nunique(), threshold, masked, exact,
        told.sort_values("similarity", ascending=False, kind="stable", ignore_index=True), clusters,
    )  # fmt: skip


def _texts(emails: pd.DataFrame, *, masked: bool) -> list[str]:
    texts = [without_footer(text) for text in emails["body_text"]]
    return [mask(text, names) for text, names in zip(texts, emails["identity"], strict=True)] if masked else texts


def _compared(shingles: Shingles, pairs: np.ndarray, threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs whose similarity, counted exactly, reaches the threshold, with it."""
    from scipy.sparse import csr_array

    kept, told = [np.zeros((0, 2), np.int64)], [np.zeros(0)]
    texts, places = np.unique(pairs, return_inverse=True)
    places = places.reshape(-1, 2)
    some = shingles.take(texts)
    sizes = some.sizes
    distinct, codes = np.unique(some.values, return_inverse=True)
    matrix = csr_array((np.ones(len(codes), np.int32), codes, some.starts), shape=(len(texts), len(distinct)))
    for low in range(0, len(pairs), BLOCK):
        first, second = places[low : low + BLOCK].T
        shared = np.asarray(matrix[first].multiply(matrix[second]).sum(axis=1)).ravel()
        similarity = shared / np.maximum(sizes[first] + sizes[second] - shared, 1)
        alike = similarity >= threshold - 1e-9
        kept.append(pairs[low : low + BLOCK][alike])
        told.append(similarity[alike])
    return np.concatenate(kept), np.concatenate(told)


def _clusters(ids: np.ndarray, codes: np.ndarray, pairs: np.ndarray, shingles: Shingles) -> pd.DataFrame:
    """Return the emails of every group of texts that are linked by pairs, and of every text that stands more than once."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n_texts = len(shingles.sizes)
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n_texts, n_texts))
    _, label = connected_components(links, directed=False)
    of_email = label[codes] if len(codes) else np.zeros(0, np.int64)
    sizes = np.bincount(of_email, minlength=1)[of_email] if len(codes) else of_email
    told = pd.DataFrame({"email_id": ids, "cluster": of_email, "n_alike": sizes})[sizes > 1]
    told["cluster"] = pd.factorize(told["cluster"])[0]
    return told.reset_index(drop=True)
