"""Read the table of contacts: one row a person who may get an email."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from segvspers.dialects import aliases
from segvspers.errors import raise_all
from segvspers.tables import Column, Reading, convert_columns, open_table
from segvspers.tables.convert import number_further, rename_columns

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    *(Column(name) for name in ("contact_id", "email", "first_name", "last_name", "company", "company_id")),
    *(Column(name) for name in ("job_title", "industry", "region", "plan")),
    Column("company_size", levels=("1-10", "11-50", "51-200", "201-1000", "1000+"), ordered=True),
    Column("purchase_status", levels=("prospect", "trial", "customer", "lapsed"), ordered=True),
    Column("engagement_level", levels=("low", "medium", "high"), ordered=True),
    Column("signup_date", "day"),
    Column("consent", "flag"),
    Column("suppressed", "flag"),
)


def read_contacts(source: Any, *, columns: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Read contacts, one row a person.

    Parameters
    ----------
    source
        A path (CSV, TSV, XLSX, Parquet, JSON), a glob, a pandas, polars or Arrow table, or a DuckDB relation.
    columns
        ``{our name: their name}``; names of HubSpot, Salesforce, Mailchimp, Klaviyo and Apollo exports are known.

    Returns
    -------
    pandas.DataFrame
        `contact_id` (str, unique, the only required column), `email, first_name, last_name, company,
        company_id, job_title, industry, company_size` (ordered), `region, plan, purchase_status` (ordered),
        `engagement_level` (ordered), `signup_date` (day), `consent, suppressed` (bool), and all further columns as
        they are. `read_report` tells how it was read.

    Raises
    ------
    MissingFileError
        When there is no such file.
    DataError
        With every problem of the table at once: no `contact_id`, unreadable dates.

    Warns
    -----
    RejectWarning
        When rows were set aside: no or a repeated `contact_id`. `read_report` has them.

    Examples
    --------
    >>> import segvspers as sv
    >>> contacts = sv.read_contacts("data/sample/contacts.csv")
    >>> len(contacts), contacts["company_id"].nunique()
    (5000, 2900)
    """
    reading = open_table(source, table="contacts")
    raw = reading.raw.to_pandas()
    frame, mapping = rename_columns(raw, table="contacts", columns=columns, aliases=aliases("contacts"))
    problems = _problems(frame)
    frame, unreadable = convert_columns(number_further(frame, COLUMNS), COLUMNS)
    raise_all("contacts", [*problems, *unreadable])
    reading.mapping |= mapping
    _check_ids(reading, frame)
    return reading.finish(frame)


def _problems(frame: pd.DataFrame) -> list[str]:
    if "contact_id" not in frame.columns:
        told = (
            f"there is no column 'contact_id' among {list(map(str, frame.columns))[:40]}; "
            "name the one that identifies a person with columns={'contact_id': ...}"
        )
        return [told]
    return [] if len(frame) else ["there are no rows below the header"]


def _check_ids(reading: Reading, frame: pd.DataFrame) -> None:
    """Set aside rows without an id, and all but the first of those that share one."""
    import numpy as np

    ids = frame["contact_id"]
    reading.reject(ids.isna(), "contact_id is empty")
    repeated = ids.notna() & ids.duplicated()
    if repeated.any():
        first = ids.reset_index(drop=True).groupby(ids.to_numpy()).transform(lambda same: same.index[0])
        rows = reading.row[first.fillna(0).to_numpy(dtype=np.int64)]
        reading.reject(repeated, [f"contact_id is repeated: row {row} has it and is kept" for row in rows])
    if not reading.kept.any():
        raise_all("contacts", [f"no row can be used: {reason}" for reason in reading.report().reasons()["reason"]])
