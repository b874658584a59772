"""Emails as JSON: a line each for the audit, and lead lists for an API."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from segvspers.emails.run_store import RunStore

TOLD = (
    "email_id", "contact_id", "segment_id", "campaign_id", "step", "variant", "status", "reason", "writer", "tokens_in", "tokens_out",
    "cost_usd", "audience_size", "bits", "subject", "body_text", "approved_at", "approved_by", "approval_digest",
)  # fmt: skip
FACT = ("fact_id", "kind", "topic", "value", "occurred_on", "source")
LEAD = ("email", "first_name", "last_name", "company_name")


def write_records(rows: pd.DataFrame, path: Path, *, facts: pd.DataFrame | None, store: RunStore | None) -> None:
    """Write a line of JSON an email: its text, its sentences with the facts that they state, writer, cost and approval.

    `facts` adds what the cited facts say and where they come from, `store` the requests that were bought for the contact.
    """
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for record in _records(rows, _by_id(rows, facts), _requests(store)):
            file.write(json.dumps(record, ensure_ascii=True) + "\n")


def write_leads(table: pd.DataFrame, path: Path) -> None:
    """Write a lead list as Smartlead's API takes it: everything but name and address is a custom field."""
    leads = [
        {name: row[name] for name in LEAD}
        | {"custom_fields": {name: text for name, text in row.items() if name not in LEAD}}
        for row in table.to_dict("records")
    ]
    path.write_text(
        json.dumps({"lead_list": leads}, ensure_ascii=True, indent=1) + "\n", encoding="utf-8", newline="\n"
    )


def _records(
    rows: pd.DataFrame, facts: dict[str, dict[str, Any]], requests: dict[str, list[dict[str, Any]]]
) -> Iterator[dict[str, Any]]:
    named = [name for name in TOLD if name in rows.columns]
    told = rows[named].astype(object).where(rows[named].notna(), None)
    sentences: Sequence[Any] = rows["sentences"].tolist() if "sentences" in rows.columns else [()] * len(rows)
    for record, said in zip(told.to_dict("records"), sentences, strict=True):
        listed = [
            {"text": one["text"], "role": one["role"], "fact_ids": [str(each) for each in one["fact_ids"]]}
            for one in said
        ]
        cited = dict.fromkeys(each for one in listed for each in one["fact_ids"])
        yield {
            **{str(name): _plain(value) for name, value in record.items()},
            "sentences": listed,
            "facts": [facts.get(one, {"fact_id": one}) for one in cited],
            "requests": requests.get(str(record["contact_id"]), []) if record["variant"] == "individual" else [],
        }


def _by_id(rows: pd.DataFrame, facts: pd.DataFrame | None) -> dict[str, dict[str, Any]]:
    if facts is None or "sentences" not in rows.columns:
        return {}
    cited = {each for said in rows["sentences"] for one in said for each in one["fact_ids"]}
    used = facts[facts["fact_id"].isin(cited)]
    named = [name for name in FACT if name in used.columns]
    return {
        str(one["fact_id"]): {name: _plain(value) for name, value in one.items()}
        for one in used[named].to_dict("records")
    }


def _requests(store: RunStore | None) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    if store is not None:
        for one in store.to_frame().to_dict("records"):
            found.setdefault(str(one.pop("contact_id")), []).append(
                {str(name): _plain(value) for name, value in one.items()}
            )
    return found


def _plain(value: Any) -> Any:
    if value is None or value is pd.NaT or (isinstance(value, float) and value != value):  # noqa: PLR0124  nan alone
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return (
        value.item() if hasattr(value, "item") else value if isinstance(value, (str, int, float, bool)) else str(value)
    )
