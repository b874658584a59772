"""Merge fields: what a template takes from a contact, what it says instead, and how often it has to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from segvspers._checks import require_columns
from segvspers.emails.campaign import Campaign
from segvspers.emails.names import clean_name
from segvspers.emails.templates import Template, write_templates
from segvspers.errors import DataError

if TYPE_CHECKING:
    import pandas as pd


def merge_values(audience: pd.DataFrame, *, campaign: Campaign) -> list[dict[str, str]]:
    """Return the merge fields of each contact: the cleaned cell, or the campaign's fallback where it is empty.

    A cell that holds mark-up, a link, a template or anything that can't be seen counts as empty.
    """
    columns = {
        name: [clean_name(value) or fallback for value in _column(audience, name)]
        for name, fallback in campaign.merge_fields.items()
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def check_merge_fields(
    audience: pd.DataFrame,
    facts: pd.DataFrame,
    *,
    campaign: Campaign,
    templates: Mapping[str, Template] | None = None,
) -> pd.DataFrame:
    """Tell before anything is rendered how many members of each segment have each merge field.

    Parameters
    ----------
    audience
        Contacts with `segment_id`.
    facts
        As `derive_facts` returns them.
    campaign
        Its `merge_fields` are the fallbacks.
    templates
        By segment; those that would be written when left out.

    Returns
    -------
    pandas.DataFrame
        One row a segment and merge field that its template uses: `segment_id, field, n_contacts, n_filled,
        filled_share` (0 to 1) and `fallback`, which the others get.

    Raises
    ------
    DataError
        When a template uses a field without a fallback, with every such field.

    Examples
    --------
    >>> import segvspers as sv
    >>> contacts = sv.read_contacts("data/sample/contacts.csv").assign(segment_id="all")
    >>> facts = sv.derive_facts(contacts, sv.read_history("data/sample/history.csv"), as_of="2026-11-01")
    >>> campaign = sv.read_campaign("data/sample/campaign.yml")
    >>> covered = sv.check_merge_fields(contacts, facts, campaign=campaign)
    >>> covered.query("field == 'first_name'")[["n_contacts", "fallback"]].values.tolist()
    [[5000, 'there']]
    """
    import pandas as pd

    require_columns(audience, ["contact_id", "segment_id"], table="contacts")
    used = write_templates(audience, facts, campaign=campaign) if templates is None else templates
    check_fallbacks(used, campaign=campaign)
    rows = []
    for segment, members in audience.groupby(audience["segment_id"].astype(str), sort=True):
        for name in used[str(segment)].fields if str(segment) in used else ():
            filled = sum(bool(clean_name(value)) for value in _column(members, name))
            rows.append((segment, name, len(members), filled, filled / len(members), campaign.merge_fields[name]))
    return pd.DataFrame(rows, columns=["segment_id", "field", "n_contacts", "n_filled", "filled_share", "fallback"])


def check_fallbacks(templates: Mapping[str, Template], *, campaign: Campaign) -> None:
    """Raise `DataError` that names every merge field of the templates for which the campaign has no fallback."""
    lacking = sorted({name for template in templates.values() for name in template.fields} - set(campaign.merge_fields))
    if lacking:
        raise DataError(
            f"templates use {lacking}, for which the campaign has no fallback; it has {sorted(campaign.merge_fields)}. "
            "Add what to say where a cell is empty to merge_fields of the campaign."
        )


def _column(audience: pd.DataFrame, name: str) -> list[object]:
    if name not in audience.columns:
        return [None] * len(audience)
    return audience[name].astype(object).where(audience[name].notna(), None).tolist()
