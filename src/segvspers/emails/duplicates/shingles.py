"""Texts as sets of three words in a row, each a number of 64 bits; made by arrays, not by a loop over texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SIZE = 3
CHUNK = 20_000  # texts cut into words at once
_MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True, eq=False)
class Shingles:
    """The shingles of texts, each text's sorted and without repeats.

    Attributes
    ----------
    starts
        Where each text's shingles start in `values`, shape ``(n_texts + 1,)``.
    values
        Hashes, shape ``(n,)``.
    """

    starts: np.ndarray
    values: np.ndarray

    @property
    def sizes(self) -> np.ndarray:
        """Shingles of each text."""
        return np.diff(self.starts)

    def take(self, texts: np.ndarray) -> Shingles:
        """Return the shingles of some texts, in the order given."""
        sizes = self.sizes[texts]
        starts = np.concatenate([[0], np.cumsum(sizes)])
        places = np.repeat(self.starts[texts] - starts[:-1], sizes) + np.arange(starts[-1])
        return Shingles(starts, self.values[places])


def shingles_of(texts: Sequence[str]) -> Shingles:
    """Return the sets of three words in a row; a text of fewer words is one shingle, an empty text none."""
    parts = [_chunk(texts[low : low + CHUNK]) for low in range(0, len(texts), CHUNK)]
    sizes = np.concatenate([part.sizes for part in parts] or [np.zeros(0, np.int64)])
    values = np.concatenate([part.values for part in parts] or [np.zeros(0, np.uint64)])
    return Shingles(np.concatenate([[0], np.cumsum(sizes)]), values)


def _chunk(texts: Sequence[str]) -> Shingles:
    words, sizes = _words(texts)
    owner = np.repeat(np.arange(len(sizes)), sizes)
    last = np.cumsum(sizes)[owner]  # the place after the last word of a word's text
    made = words.copy()
    for shift in range(1, SIZE):
        following = np.minimum(np.arange(len(words)) + shift, max(len(words) - 1, 0))
        inside = np.arange(len(words)) + shift < last
        made = (made * _MIX) ^ (np.where(inside, words[following], np.uint64(0)) + (made >> np.uint64(32)))
    first = last - sizes[owner]
    whole = np.arange(len(words)) + SIZE <= last
    kept = whole | (np.arange(len(words)) == first) & (sizes[owner] < SIZE)
    return _distinct(made[kept], owner[kept], len(texts))


def _words(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the hash of every word, in small letters and without marks, and the number of words of each text."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pandas.util import hash_array

    plain = pc.replace_substring_regex(pc.utf8_lower(pa.array(texts, pa.large_string())), r"[^\p{L}\p{N}]+", " ")
    cut = pc.split_pattern(pc.utf8_trim_whitespace(plain), " ")
    coded = pc.list_flatten(cut).dictionary_encode()
    hashes = hash_array(np.asarray(coded.dictionary.to_pylist(), dtype=object), categorize=False)
    sizes = pc.list_value_length(cut).to_numpy(zero_copy_only=False).astype(np.int64)
    codes = coded.indices.to_numpy(zero_copy_only=False)
    return _without_empty(hashes[codes] if len(hashes) else np.zeros(0, np.uint64), sizes, texts)


def _without_empty(words: np.ndarray, sizes: np.ndarray, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return words without the one empty word that cutting an empty text gives."""
    empty = np.array([not any(mark.isalnum() for mark in text) for text in texts]) if len(texts) else np.zeros(0, bool)
    if not empty.any():
        return words, sizes
    owner = np.repeat(np.arange(len(sizes)), sizes)
    return words[~empty[owner]], np.where(empty, 0, sizes)


def _distinct(values: np.ndarray, owner: np.ndarray, n_texts: int) -> Shingles:
    order = np.lexsort((values, owner))
    values, owner = values[order], owner[order]
    new = np.ones(len(values), dtype=bool)
    new[1:] = (values[1:] != values[:-1]) | (owner[1:] != owner[:-1])
    sizes = np.bincount(owner[new], minlength=n_texts)
    return Shingles(np.concatenate([[0], np.cumsum(sizes)]), values[new])
