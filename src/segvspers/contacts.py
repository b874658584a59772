"""Read the table of contacts: one row a person who may get an email."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from segvspers._checks import few
from segvspers.dialects import aliases
from segvspers.errors import raise_all
from segvspers.tables import Column, ReadReport, convert_columns, open_table
from segvspers.tables.convert import number_further, rename_columns, without_address

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
        they are. How it was read stands in ``.attrs["read_report"]``, a `ReadReport`.

    Raises
    ------
    MissingFileError
        When there is no such file.
    DataError
        With every problem of the table at once: no `contact_id`, missing or repeated ids, unreadable dates.

    Examples
    --------
    >>> import segvspers as sv
    >>> contacts = sv.read_contacts("data/sample/contacts.csv")
    >>> len(contacts), contacts["company_id"].nunique()
    (5000, 2900)
    """
    raw, notes = open_table(source, table="contacts")
    frame, mapping = rename_columns(raw, table="contacts", columns=columns, aliases=aliases("contacts"))
    problems = _id_problems(frame)
    frame, unreadable = convert_columns(number_further(frame, COLUMNS), COLUMNS)
    raise_all("contacts", [*problems, *unreadable])
    frame.attrs["read_report"] = ReadReport("contacts", len(frame), mapping, tuple(notes))
    return frame


def _id_problems(frame: pd.DataFrame) -> list[str]:
    if "contact_id" not in frame.columns:
        told = (
            f"there is no column 'contact_id' among {list(map(str, frame.columns))[:40]}; "
            "name the one that identifies a person with columns={'contact_id': ...}"
        )
        return [told]
    if not len(frame):
        return ["there are no rows below the header"]
    ids = frame["contact_id"].astype("string").str.strip()
    problems = []
    empty = ids.isna() | (ids == "")
    if empty.any():
        rows = (empty.to_numpy().nonzero()[0] + 1).tolist()
        problems.append(f"{int(empty.sum())} rows have no contact_id (row {few(rows)}); fill or remove them")
    repeated = ids[~empty].duplicated(keep=False)
    if repeated.any():
        twice = ids[~empty][repeated]
        problems.append(
            f"{twice.nunique()} values of contact_id stand in more than one row ({few(sorted(set(map(without_address, twice))))}); "
            "keep one row a contact"
        )
    return problems
