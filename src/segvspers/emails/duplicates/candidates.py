"""Pairs of texts that may be alike: all of them by a sparse product, or nearly all by MinHash."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from segvspers.emails.duplicates.shingles import Shingles

N_PERMUTATIONS, N_BANDS = 64, 16
BLOCK = 20_000_000  # products made at once
FEW = 50  # texts that may share a shingle without its being common
LARGEST_BUCKET = 64


def exact_pairs(shingles: Shingles, threshold: float) -> np.ndarray:
    """Return every pair that can reach the threshold, shape ``(n, 2)``, first text before second.

    Notes
    -----
    A product of the sparse matrix of texts by shingles with its transpose counts what two texts share. The shingles that many
    texts have, such as those of a common last sentence, would fill it; they are left out, m of them in a text, but fewer than
    ``threshold`` of its shingles. Two texts of a and b shingles with a Jaccard similarity of t share ``t / (1 + t) (a + b)``, so of
    the others at least that less the larger m, which is at least one: no pair is lost.

    References
    ----------
    Chaudhuri, S., Ganti, V. and Kaushik, R. (2006). A primitive operator for similarity joins in data cleaning. ICDE.
    Bayardo, R. J., Ma, Y. and Srikant, R. (2007). Scaling up all pairs similarity search. WWW, 131-140.
    """
    from scipy.sparse import csr_array

    sizes = shingles.sizes
    owner = np.repeat(np.arange(len(sizes)), sizes)
    _, codes, counts = np.unique(shingles.values, return_inverse=True, return_counts=True)
    kept, left_out = _rare(shingles, codes, counts, threshold)
    columns = codes[kept]
    ones = np.ones(len(columns), np.int32)
    matrix = csr_array((ones, (owner[kept], columns)), shape=(len(sizes), len(counts)))
    turned = matrix.T.tocsr()
    held = np.bincount(columns, minlength=len(counts))
    cost = np.cumsum(np.bincount(owner[kept], weights=held[columns], minlength=len(sizes)))
    found, low = [np.zeros((0, 2), np.int64)], 0
    while low < len(sizes):
        high = max(low + 1, int(np.searchsorted(cost, (cost[low - 1] if low else 0) + BLOCK, side="right")))
        product = (matrix[low:high] @ turned).tocoo()
        first, second = product.coords[0].astype(np.int64) + low, product.coords[1].astype(np.int64)
        shared = threshold / (1 + threshold) * (sizes[first] + sizes[second])
        needed = shared - np.maximum(left_out[first], left_out[second]) - 1e-6
        found.append(np.stack([first, second], axis=1)[(first < second) & (product.data >= needed)])
        low = high
    return np.concatenate(found)


def _rare(shingles: Shingles, codes: np.ndarray, counts: np.ndarray, threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of the shingles that are kept, and how many of each text are left out: its most common ones."""
    sizes = shingles.sizes
    owner = np.repeat(np.arange(len(sizes)), sizes)
    order = np.lexsort((codes, -counts[codes], owner))
    rank = np.arange(len(owner)) - np.repeat(shingles.starts[:-1], sizes)
    common = counts[codes[order]] > max(FEW, len(sizes) // 50)
    out = common & (rank < np.ceil(threshold * sizes - 1e-9)[owner] - 1)
    return np.sort(order[~out]), np.bincount(owner[out], minlength=len(sizes))


def minhash_pairs(shingles: Shingles, *, seed: int = 7) -> np.ndarray:
    """Return pairs that agree in a band of their MinHash signatures, shape ``(n, 2)``, first text before second.

    Notes
    -----
    64 permutations in 16 bands of 4: a pair with a Jaccard similarity of s is found with probability 1 - (1 - s^4)^16, which is
    0.89 at 0.6, 0.99 at 0.7 and 1.00 at 0.8. In a bucket of more than 64 texts each text is paired with the 64 after it.

    References
    ----------
    Broder, A. Z. (1997). On the resemblance and containment of documents. SEQUENCES, 21-29.
    """
    signatures = _signatures(shingles, seed)
    filled = np.flatnonzero(shingles.sizes)
    rows = N_PERMUTATIONS // N_BANDS
    keys = [_pairs_of(signatures[band * rows : (band + 1) * rows, filled]) for band in range(N_BANDS)]
    coded = np.unique(np.concatenate(keys)) if keys else np.zeros(0, np.uint64)
    first, second = coded >> np.uint64(32), coded & np.uint64(0xFFFFFFFF)
    return filled[np.stack([first, second], axis=1).astype(np.int64)].reshape(-1, 2)


def _signatures(shingles: Shingles, seed: int) -> np.ndarray:
    """Return the smallest hash of each text under each permutation, shape ``(64, n_texts)``."""
    rng = np.random.default_rng(seed)
    factors = rng.integers(0, 2**32, N_PERMUTATIONS, dtype=np.uint32) | np.uint32(1)
    shifts = rng.integers(0, 2**32, N_PERMUTATIONS, dtype=np.uint32)
    mixed = (shingles.values ^ (shingles.values >> np.uint64(31))).astype(np.uint32)
    made = np.full((N_PERMUTATIONS, len(shingles.sizes)), np.iinfo(np.uint32).max, np.uint32)
    filled = np.flatnonzero(shingles.sizes)
    starts = shingles.starts[:-1][filled]
    step = 65_536  # shingles that stay in the cache of a core
    cuts = np.unique(np.searchsorted(starts, np.arange(0, len(mixed) + step, step)))
    for low, high in pairwise(cuts):
        begin, end = starts[low], starts[high] if high < len(starts) else len(mixed)
        block, places = mixed[begin:end], starts[low:high] - begin
        buffer = np.empty_like(block)
        for one in range(N_PERMUTATIONS):
            np.multiply(block, factors[one], out=buffer)
            np.add(buffer, shifts[one], out=buffer)
            np.bitwise_xor(buffer, buffer >> np.uint32(15), out=buffer)
            made[one, filled[low:high]] = np.minimum.reduceat(buffer, places)
    return made


def _pairs_of(band: np.ndarray) -> np.ndarray:
    """Return the pairs of texts that agree in a band, two places in one number."""
    key = np.zeros(band.shape[1], np.uint64)
    for row in band:
        key = (key * np.uint64(0x9E3779B97F4A7C15)) ^ (row.astype(np.uint64) + (key >> np.uint64(29)))
    order = np.argsort(key, kind="stable").astype(np.uint64)
    sorted_key = key[order.astype(np.int64)]
    found = []
    for shift in range(1, LARGEST_BUCKET + 1):
        same = sorted_key[shift:] == sorted_key[:-shift]
        if not same.any():
            break
        found.append((order[:-shift][same] << np.uint64(32)) | order[shift:][same])
    return np.concatenate(found) if found else np.zeros(0, np.uint64)
