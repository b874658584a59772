"""The columns of contacts, and how the headers of a file fit them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from segvspers.dialects.exports import find_export, own_export
from segvspers.errors import DataError
from segvspers.tables.columns import Column, Fit, match_columns

COMPANY_SIZES = ("1-10", "11-50", "51-200", "201-1000", "1000+")
COLUMNS = (
    *(Column(name) for name in ("contact_id", "email", "first_name", "last_name", "name", "company", "company_id")),
    *(Column(name) for name in ("job_title", "industry", "region", "plan", "locale", "currency")),
    Column("company_size", levels=COMPANY_SIZES, ordered=True),
    Column("n_employees", "number"),
    Column("purchase_status", levels=("prospect", "trial", "customer", "lapsed"), ordered=True),
    Column("engagement_level", levels=("low", "medium", "high"), ordered=True),
    Column("signup_date", "day"),
    Column("suppressed_at", "time"),
    # Whoever asked for no email must not get one because the cell that says so can't be read.
    Column("consent", "flag", needed=True),
    Column("suppressed", "flag", needed=True),
)


def fit_contacts(names: Sequence[str], *, columns: Mapping[str, str | None] | None) -> Fit:
    """Return how a table of contacts with these headers fits: the vendor's names first, then names in common use.

    Raises
    ------
    DataError
        When the table is one of the vendor's that holds no contacts, or `columns` names what it lacks.
    """
    export = find_export(names)
    plain = {name.strip().lower() for name in names}
    for kind, headers in export.others.items():
        if plain >= {header.lower() for header in headers}:
            raise DataError(
                f"contacts: these are {kind} of {export.vendor}, by the columns {list(headers)}; give the export of its "
                "contacts or leads."
            )
    aliases = dict(export.aliases)
    for name, ours in own_export().aliases.items():
        aliases.setdefault(name, ours)
    known = [replace(one, words=export.words.get(one.name, {})) for one in COLUMNS]
    return Fit(match_columns(names, table="contacts", columns=columns, aliases=aliases), known, export.vendor)


def known_names() -> frozenset[str]:
    """Return the headers, in lower case, that alone make a table of one column a table of contacts."""
    return frozenset(name for name, ours in own_export().aliases.items() if ours in {"contact_id", "email"})
