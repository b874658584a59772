"""Read the table of contacts: one row a person who may get an email."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from segvspers._checks import check_choice
from segvspers._display import plural
from segvspers.contacts.columns import COLUMNS, fit_contacts, known_names
from segvspers.contacts.fill import fill_in, sort_out_sizes
from segvspers.contacts.identify import identify
from segvspers.errors import raise_all
from segvspers.tables import Given, Reading, open_table, settle_columns
from segvspers.tables.convert import to_pandas, with_own_values

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def read_contacts(
    source: Any,
    *,
    columns: Mapping[str, str | None] | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    decimal: str | None = None,
    day_first: bool | None = None,
    sheet: str | int | None = None,
) -> pd.DataFrame:
    """Read contacts, one row a person.

    Parameters
    ----------
    source
        A path (CSV, TSV, XLSX, Parquet, JSON, JSON lines; text also packed with gzip), a glob, a list of these, an SQL query
        for DuckDB, a pandas, polars or Arrow table, or a DuckDB relation.
    columns
        ``{our name: their name}``; headers of HubSpot, Salesforce, Mailchimp, Klaviyo, Apollo, Pipedrive, Instantly and
        Smartlead are known. `None` in place of their name leaves one of our columns out.
    encoding, delimiter
        Of text files; else they are found: UTF-8, UTF-16 or cp1252; comma, semicolon, tab or bar.
    decimal
        ``"."`` or ``","``; else it is found in the values.
    day_first
        Whether 03/04/2026 is 3 April; else it is found in the values, and noted when they leave it open.
    sheet
        Name or number (from 1) of a sheet in a workbook; else the first that holds something.

    Returns
    -------
    pandas.DataFrame
        `contact_id` (str, unique; the email address in lower case where there is none), `email, first_name,
        last_name, company, company_id, job_title, industry, company_size` (ordered), `n_employees, region, plan,
        purchase_status` (ordered), `engagement_level` (ordered), `signup_date` (day), `consent, suppressed` (bool) as far as
        they are there, and all further columns, those of plain numbers as numbers. `read_report` tells how it was read.

    Raises
    ------
    MissingFileError
        When there is no such file.
    DataError
        With every problem of the table at once: no column that tells contacts apart, a column most of whose values can't
        be read, no row that can be used.

    Warns
    -----
    RejectWarning
        When rows were set aside: a wrong number of fields, unreadable bytes, no or a repeated `contact_id`, an unreadable
        `consent` or `suppressed`. `read_report` has them with their reasons. Other cells that can't be read are left empty
        and stand in its `unread`.
    GuessWarning
        When the values leave open where the decimals begin, or whether day or month stands first.

    Examples
    --------
    >>> import segvspers as sv
    >>> contacts = sv.read_contacts("data/sample/contacts.csv")
    >>> len(contacts), contacts["company_id"].nunique()
    (5000, 2900)
    """
    if decimal is not None:
        check_choice("decimal", decimal, (".", ","))
    given = Given(encoding=encoding, delimiter=delimiter, sheet=sheet, known=known_names())
    reading = open_table(source, table="contacts", given=given)
    rows, problems = settle_columns(
        reading,
        lambda names: fit_contacts(names, columns=columns),
        decimal=decimal,
        day_first=day_first,
        before=sort_out_sizes,
        after=fill_in,
    )
    raise_all("contacts", [*_missing(reading, rows), *problems])
    rows = identify(reading, rows)
    _check_some_are_used(reading)
    frame = to_pandas(rows)
    if len(reading.parts) == 1:
        done = {one.column for one in reading.conversions} | {column.name for column in COLUMNS}
        frame = with_own_values(frame, reading.parts[0].original, [name for name in frame.columns if name not in done])
    return reading.finish(frame)


def _missing(reading: Reading, rows: pa.Table) -> list[str]:
    if not {"contact_id", "email"} & set(rows.column_names):
        told = (
            f"there is no column 'contact_id' or 'email' among {reading.raw.column_names[:40]}; "
            "name the one that identifies a person with columns={'contact_id': ...}"
        )
        return [told]
    return [] if reading.n_rows or len(reading.unsplit) else ["there are no rows below the header"]


def _check_some_are_used(reading: Reading) -> None:
    if not reading.kept.any():
        reasons = reading.report().reasons()
        problems = [
            f"no row can be used: {reason} ({plural(count, 'row')})"
            for reason, count in zip(reasons["reason"], reasons["n_rows"], strict=True)
        ]
        raise_all("contacts", problems)
