"""Whose event it is: from an address, or from a platform's own number of a person, to our `contact_id`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segvspers._checks import require_columns

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pyarrow as pa

UNKNOWN = "the address is not among the contacts"
SHARED = "the address belongs to several contacts"
NOBODY = "contact_id is empty, and no address stands in for it"


def find_people(
    db: duckdb.DuckDBPyConnection, events: pa.Table, *, contacts: pd.DataFrame | None, known: pa.Table | None
) -> tuple[pa.Array, pa.Array]:
    """Return `contact_id` and a fault (or NULL) for each event.

    What the source names as `contact_id` is kept. Else an address is looked up among the contacts; a platform's own
    number of a person is looked up as a `contact_id`, as an address that another table gives for it (`known`, with
    `person` and `email`), and as the MD5 of an address, which is how Mailchimp numbers people. Without contacts the
    address, or else the number, is the contact.
    """
    import numpy as np
    import pyarrow as pa

    listed = events.select(["contact_id", "_email", "_person"])
    db.register("who", listed.append_column("_place", pa.array(np.arange(events.num_rows))))
    db.execute(f"CREATE OR REPLACE TEMP TABLE known AS {_known(db, known)}")
    query = _with_contacts(db, contacts) if contacts is not None else _without_contacts()
    made = db.sql(f"SELECT contact_id, fault FROM ({query}) ORDER BY _place").to_arrow_table()
    db.unregister("who")
    db.execute("DROP TABLE IF EXISTS known; DROP TABLE IF EXISTS people")
    return made["contact_id"], made["fault"]


def _known(db: duckdb.DuckDBPyConnection, known: pa.Table | None) -> str:
    if known is None:
        return "SELECT NULL::VARCHAR AS person, NULL::VARCHAR AS email WHERE false"
    db.register("known_rows", known)
    return (
        "SELECT person, any_value(lower(trim(email))) AS email FROM known_rows WHERE person IS NOT NULL GROUP BY person"
    )


def _without_contacts() -> str:
    return f"""
        SELECT _place, coalesce(contact_id, _email, known.email, _person) AS contact_id,
            CASE WHEN coalesce(contact_id, _email, known.email, _person) IS NULL THEN '{NOBODY}' END AS fault
        FROM who LEFT JOIN known ON known.person = who._person
    """


def _with_contacts(db: duckdb.DuckDBPyConnection, contacts: pd.DataFrame) -> str:
    require_columns(contacts, ["contact_id", "email"], table="contacts")
    db.register("contact_rows", contacts[["contact_id", "email"]].astype("string"))
    db.execute(
        "CREATE OR REPLACE TEMP TABLE people AS SELECT lower(trim(email)) AS email, any_value(contact_id) AS contact, "
        "count(DISTINCT contact_id) AS n, md5(lower(trim(email))) AS hash FROM contact_rows WHERE trim(email) <> '' GROUP BY ALL"
    )
    db.unregister("contact_rows")
    return f"""
        SELECT _place,
            coalesce(who.contact_id, CASE WHEN a.n = 1 THEN a.contact END, b.contact, c.contact, d.contact) AS contact_id,
            CASE WHEN coalesce(who.contact_id, CASE WHEN a.n = 1 THEN a.contact END, b.contact, c.contact, d.contact) IS NOT NULL
                THEN NULL WHEN a.n > 1 THEN '{SHARED}' WHEN coalesce(_email, _person) IS NULL THEN '{NOBODY}'
                ELSE '{UNKNOWN}' END AS fault
        FROM who
        LEFT JOIN people a ON a.email = who._email
        LEFT JOIN known ON known.person = who._person
        LEFT JOIN (SELECT email, contact FROM people WHERE n = 1) b ON b.email = known.email
        LEFT JOIN (SELECT DISTINCT contact FROM people) c ON c.contact = who._person
        LEFT JOIN (SELECT hash, contact FROM people WHERE n = 1) d ON d.hash = who._person
    """
