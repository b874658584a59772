"""All names, companies and addresses of a list as hashes: a few megabytes for a million contacts, looked up by arrays.

A name is the sequence of its words in small letters; punctuation parts words, so that O'Brien's and O'Brien agree.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

NAMED = ("contact_id", "email", "phone", "first_name", "last_name", "company")
LONGEST = 6  # words of a name; of a longer one the first six are looked up
WORD = re.compile(r"[^\W_]+|&")
_BASE = np.uint64(0x9E3779B97F4A7C15)
Hashes = np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Listed:
    """Hashes of what names the contacts of a list, each sorted.

    Attributes
    ----------
    companies, people
        Companies, and first names with last names.
    addresses, phones
        E-mail addresses, and the last nine digits of phone numbers.
    owned
        Contact ids joined with their own address and with their own phone.
    """

    companies: Hashes
    people: Hashes
    addresses: Hashes
    phones: Hashes
    owned: Hashes

    @classmethod
    def of(cls, contacts: pd.DataFrame | pa.Table) -> Listed:
        """Return the hashes of a table of contacts; columns that it lacks lend nothing."""
        import pyarrow as pa

        columns = _columns(contacts.to_arrow() if hasattr(contacts, "to_arrow") else contacts)
        addresses = _texts(columns.get("email"), lower=True)
        phones = _digits(columns.get("phone"))
        ids = _texts(columns.get("contact_id"))
        owned = [_hashed(_joined(ids, told)) for told in (addresses, phones) if ids is not None and told is not None]
        people = _names(_joined(_texts(columns.get("first_name")), _texts(columns.get("last_name"))))
        none = pa.array([], pa.string())
        return cls(
            np.unique(_names(_texts(columns.get("company")))), np.unique(people),
            np.unique(_hashed(none if addresses is None else addresses)),
            np.unique(_hashed(none if phones is None else phones)),
            np.unique(np.concatenate([*owned, np.empty(0, np.uint64)])),
        )  # fmt: skip

    @classmethod
    def merged(cls, parts: Sequence[Listed]) -> Listed:
        """Return several parts of a list as one."""
        return cls(*(
            np.unique(np.concatenate([getattr(part, name) for part in parts] or [np.empty(0, np.uint64)]))
            for name in ("companies", "people", "addresses", "phones", "owned")
        ))  # fmt: skip


def is_in(hashes: Hashes, known: Hashes) -> np.ndarray:
    """Tell which hashes are among sorted ones."""
    if not len(known):
        return np.zeros(len(hashes), dtype=bool)
    places = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
    return np.asarray(known[places] == hashes)


def hash_texts(texts: Sequence[str]) -> Hashes:
    """Return a hash of each text as it stands."""
    from pandas.util import hash_array

    return hash_array(np.asarray(texts, dtype=object), categorize=False) if len(texts) else np.empty(0, np.uint64)


def extended(so_far: Hashes, word: Hashes) -> Hashes:
    """Return the hash of a sequence with one word more."""
    return so_far * _BASE + (word ^ (word >> np.uint64(29)))


def _columns(contacts: Any) -> dict[str, pa.Array]:
    import pyarrow as pa

    wanted = [name for name in NAMED if name in _header(contacts)]
    if isinstance(contacts, pa.Table):
        return {name: contacts[name].combine_chunks().cast(pa.string()) for name in wanted}
    return {
        name: pa.array(
            [
                None if told is None else str(told)
                for told in contacts[name].astype(object).where(contacts[name].notna(), None)
            ],
            pa.string(),
        )
        for name in wanted
    }


def _header(contacts: Any) -> list[str]:
    return list(contacts.column_names if hasattr(contacts, "column_names") else contacts.columns)


def _texts(column: pa.Array | None, *, lower: bool = False) -> pa.Array | None:
    import pyarrow.compute as pc

    if column is None:
        return None
    told = pc.utf8_trim_whitespace(pc.utf8_normalize(column, form="NFKC"))
    return pc.utf8_lower(told) if lower else told


def _digits(column: pa.Array | None) -> pa.Array | None:
    import pyarrow.compute as pc

    if column is None:
        return None
    digits = pc.utf8_slice_codeunits(pc.utf8_reverse(pc.replace_substring_regex(column, r"\D+", "")), 0, 9)
    return pc.if_else(pc.greater_equal(pc.utf8_length(digits), 7), digits, None)


def _joined(first: pa.Array | None, second: pa.Array | None) -> pa.Array | None:
    import pyarrow.compute as pc

    return None if first is None or second is None else pc.binary_join_element_wise(first, second, " ")


def _hashed(texts: pa.Array | None) -> Hashes:
    return np.empty(0, np.uint64) if texts is None else hash_texts(texts.drop_null().to_pylist())


def _names(texts: pa.Array | None) -> Hashes:
    """Return the hash of each name as a sequence of words; names of one letter are left out."""
    import pyarrow.compute as pc

    if texts is None:
        return np.empty(0, np.uint64)
    apart = pc.replace_substring(pc.utf8_lower(texts.drop_null().unique()), "&", " & ")
    plain = pc.utf8_trim_whitespace(pc.replace_substring_regex(apart, r"[^\p{L}\p{N}&]+", " "))
    plain = plain.filter(pc.greater(pc.utf8_length(plain), 1))
    if not len(plain):
        return np.empty(0, np.uint64)
    words = pc.split_pattern(plain, " ")
    coded = words.flatten().dictionary_encode()
    of_word = hash_texts(coded.dictionary.to_pylist())[coded.indices.to_numpy()]
    starts, sizes = words.offsets.to_numpy()[:-1] - words.offsets[0].as_py(), pc.list_value_length(words).to_numpy()
    made = np.zeros(len(plain), np.uint64)
    for place in range(LONGEST):
        some = sizes > place
        made[some] = extended(made[some], of_word[starts[some] + place])
    return made
