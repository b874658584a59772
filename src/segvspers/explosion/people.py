"""The contacts that are looked at one by one: a sample of the list, and neighbours from whole cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segvspers._levels import Attribute, is_amount
from segvspers.explosion.cells import pack

N_SAMPLED = 50_000
N_COMPARED = 20_000
PRIVATE = re.compile(
    r"((first|last|full|middle|given|family|sur|user|nick|contact|customer)[_ ]?)?name|e[_-]?mail.*|company(_id)?|"
    r".*phone.*|mobile.*|.*address.*|street.*|ip|(twitter|linkedin).*|website",
    re.IGNORECASE,
)
IDENTITY = "contact_id"


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """Contacts with all that is known of them, and their level of each attribute (-1 where it is missing).

    `rows` are their places in the table that they were taken from.
    """

    frame: pd.DataFrame
    codes: np.ndarray
    rows: np.ndarray

    def __len__(self) -> int:
        return len(self.frame)

    def take(self, places: np.ndarray) -> People:
        """Return some of the contacts, in the order of `places`."""
        return People(self.frame.iloc[places].reset_index(drop=True), self.codes[places], self.rows[places])

    def head(self, n: int) -> People:
        """Return the first contacts, which are a sample themselves."""
        return self.take(np.arange(min(n, len(self))))


@dataclass(frozen=True, slots=True, eq=False)
class Comparable:
    """Columns in which contacts are compared: ranks from 0 to 1, or codes of names; nan where missing."""

    names: tuple[str, ...]
    values: np.ndarray
    named: np.ndarray


def people_of(frame: pd.DataFrame, attributes: Sequence[Attribute], *, rng: np.random.Generator) -> People:
    """Return a sample of at most 50,000 contacts of a list, in random order."""
    kept = np.arange(len(frame)) if len(frame) <= N_COMPARED else rng.permutation(len(frame))[:N_SAMPLED]
    return _chosen(frame, attributes, kept)


def neighbours_of(frame: pd.DataFrame, attributes: Sequence[Attribute]) -> People:
    """Return the contacts of cells drawn at random, about 20,000 of them: so that each has its companions."""
    n_parts = max(1, len(frame) // N_COMPARED)
    # A key that overflows still tells cells apart well enough to draw some of them.
    mixed = pack([attribute.codes for attribute in attributes], [a.n_levels + 1 for a in attributes]).view(np.uint64)
    mixed *= np.uint64(0x9E3779B97F4A7C15)
    mixed >>= np.uint64(32)
    return _chosen(frame, attributes, np.flatnonzero(mixed % np.uint64(n_parts) == 0)[: 2 * N_COMPARED])


def _chosen(frame: pd.DataFrame, attributes: Sequence[Attribute], kept: np.ndarray) -> People:
    codes = np.stack([attribute.codes[kept] for attribute in attributes], axis=1)
    return People(frame.iloc[kept].reset_index(drop=True), codes, kept)


def cells_of(codes: np.ndarray) -> np.ndarray:
    """Return the cell of each contact as a number, and -1 for those without a level of some attribute."""
    if not len(codes):
        return np.empty(0, dtype=np.int64)
    cell = np.unique(codes, axis=0, return_inverse=True)[1].reshape(-1) if codes.shape[1] else np.zeros(len(codes), int)
    return np.where((codes >= 0).all(axis=1), cell, -1)


def n_with_company(cells: np.ndarray) -> int:
    """Count contacts who share their cell with another."""
    sizes = np.unique(cells[cells >= 0], return_counts=True)[1]
    return int(sizes[sizes > 1].sum())


def comparable(frame: pd.DataFrame, without: Sequence[str]) -> Comparable:
    """Return all columns but those of `without` as numbers that can be compared.

    Names, addresses and identifiers are left out, and so are columns of one value.
    """
    names, columns, named = [], [], []
    for name in frame.columns:
        if str(name) in without or is_private(name):
            continue
        values, of_names = _compared(frame[name])
        if values is not None:
            names.append(str(name))
            columns.append(values)
            named.append(of_names)
    values = np.stack(columns, axis=1) if columns else np.empty((len(frame), 0))
    return Comparable(tuple(names), values, np.array(named, dtype=bool))


def is_private(name: object) -> bool:
    """Tell whether a column names a person or says where to reach one."""
    return str(name) == IDENTITY or PRIVATE.fullmatch(str(name)) is not None


def is_key(column: pd.Series) -> bool:
    """Tell whether a column holds another word for nearly each contact, as a key of another system does."""
    known = column.dropna()
    if len(known) < 20 or is_amount(column) or not isinstance(known.iloc[0], str):
        return False
    words = known.astype(str)
    return bool(words.nunique() > 0.9 * len(words) and (~words.str.contains(" ", regex=False)).mean() > 0.9)


def _compared(column: pd.Series) -> tuple[np.ndarray | None, bool]:
    if isinstance(column, pd.DataFrame) or column.isna().all():
        return None, False
    if is_amount(column):
        ranks = column.rank(pct=True).to_numpy(dtype=float, na_value=np.nan)
        return (ranks if np.nanmin(ranks) < np.nanmax(ranks) else None), False
    try:
        codes, levels = pd.factorize(column)
    except TypeError:
        return None, True
    n_known = int((codes >= 0).sum())
    if len(levels) < 2 or (n_known > 50 and len(levels) > 0.5 * n_known):
        return None, True
    return np.where(codes < 0, np.nan, codes.astype(float)), True
