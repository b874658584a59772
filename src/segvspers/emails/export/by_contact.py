"""A contact a row, as sequencers and customer bases want it: the steps of a sequence side by side."""

from __future__ import annotations

from itertools import zip_longest

import pandas as pd

from segvspers.emails.body import ending
from segvspers.emails.campaign import Campaign
from segvspers.emails.export.outgoing import counted
from segvspers.emails.export.tables import plain_text


def sequence_table(rows: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    """Return a contact a row with `subject_1, body_1, body_html_1, subject_2, ...`."""
    return plain_text(
        _side_by_side(rows, columns, {"subject": "subject", "body_text": "body", "body_html": "body_html"})
    )


def paragraph_table(rows: pd.DataFrame, columns: dict[str, str], campaign: Campaign) -> pd.DataFrame:
    """Return a contact a row with `subject_1, body_1_p1, body_1_p2, ...`; a paragraph is what stands between blank lines.

    The signature and the footer are the same for all and stand in the template.
    """
    paragraphs = rows["body_text"].astype(object).map(lambda text: text.removesuffix(_end(campaign)).split("\n\n"))
    columns_of = list(zip_longest(*paragraphs, fillvalue=""))
    names = [f"p{place}" for place in range(1, len(columns_of) + 1)]
    parts = rows.assign(**dict(zip(names, map(list, columns_of), strict=True)))
    table = _side_by_side(parts, columns, {"subject": "subject"} | {name: f"body.{name}" for name in names})
    table = table.rename(columns={name: _numbered(name) for name in table.columns})
    empty = [name for name in table.columns if name.startswith("body_") and not table[name].astype(bool).any()]
    return plain_text(table.drop(columns=empty))


def paragraph_problems(rows: pd.DataFrame, campaign: Campaign, vendor: str) -> list[str]:
    """Return which bodies can't be cut into paragraphs."""
    bodies, end = rows["body_text"].astype(object), _end(campaign)
    other = ~bodies.map(lambda text: text.endswith(end)).astype(bool)
    broken = bodies.map(lambda text: any("\n" in part for part in text.removesuffix(end).split("\n\n"))).astype(bool)
    ids = rows["email_id"]
    return [
        *counted(ids[other], "email ends", "emails end",
                 f"otherwise than with the campaign's signature and footer, which stand in {vendor}'s template"),
        *counted(ids[~other & broken], "email has", "emails have",
                 f"a line break inside a paragraph, which {vendor} would drop; put a blank line there"),
    ]  # fmt: skip


def _end(campaign: Campaign) -> str:
    return "\n\n" + "\n\n".join(ending(campaign))


def _side_by_side(rows: pd.DataFrame, columns: dict[str, str], texts: dict[str, str]) -> pd.DataFrame:
    first = rows.sort_values("step", kind="stable").drop_duplicates("contact_id").set_index("contact_id", drop=False)
    first = first.loc[rows["contact_id"].drop_duplicates()]
    found = first[list(columns)].rename(columns=columns)
    for step, part in rows.groupby("step", sort=True):
        one = part.set_index("contact_id")[list(texts)].rename(
            columns={name: f"{told}_{step}" for name, told in texts.items()}
        )
        found = found.join(one)
    return found.reset_index(drop=True)


def _numbered(name: str) -> str:
    """Return ``body_2_p3`` for ``body.p3_2``."""
    if not name.startswith("body."):
        return name
    paragraph, step = name.removeprefix("body.").split("_")
    return f"body_{step}_{paragraph}"
