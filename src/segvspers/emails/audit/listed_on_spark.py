"""The names and addresses of a PySpark frame as hashes, which go to every worker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from segvspers.emails.audit.listed import NAMED, Listed

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

MOST_LISTED = 5_000_000  # contacts whose hashes, about 40 bytes each, every worker can hold
HASHES = ("companies", "people", "addresses", "phones", "owned")


def listed_of(contacts: DataFrame) -> Listed:
    """Return the hashes of the whole list's names and addresses: a row a partition, about 40 bytes a contact."""
    named = [name for name in NAMED if name in contacts.columns]

    def hashed(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        part = Listed.merged([Listed.of(pa.Table.from_batches([batch])) for batch in batches])
        yield pa.RecordBatch.from_pylist([{name: getattr(part, name).tobytes() for name in HASHES}])

    texts = contacts.select(*(contacts[name].cast("string").alias(name) for name in named))
    rows = texts.mapInArrow(hashed, ", ".join(f"{name} binary" for name in HASHES)).collect()
    return Listed.merged([Listed(*(np.frombuffer(row[name], np.uint64) for name in HASHES)) for row in rows])
