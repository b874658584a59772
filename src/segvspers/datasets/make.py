"""Write the sample: the same seed gives the same bytes on every machine."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from segvspers._files import write_text
from segvspers.datasets.ab_test import run_test
from segvspers.datasets.events import Event, left_at, tell, without_mail_after_leaving
from segvspers.datasets.people import Person, make_companies, make_people
from segvspers.errors import MissingFileError

SEED = 20261101
CONTACTS = [
    "contact_id", "email", "first_name", "last_name", "company", "company_id", "job_title", "industry", "company_size",
    "region", "plan", "purchase_status", "engagement_level", "signup_date", "locale", "currency", "consent",
    "suppressed",
]  # fmt: skip
HISTORY = [
    "contact_id", "timestamp", "event", "topic", "product", "amount_usd", "text", "campaign_id", "message_id", "step",
    "machine_open", "reply_class", "status", "source",
]  # fmt: skip
SHIPPED = (
    ("segvspers.datasets", "campaign.yml"),
    ("segvspers.datasets", "assumptions.yml"),
    ("segvspers", "priors.csv"),
)


def make_sample(out: str | Path, *, seed: int = SEED) -> Path:
    """Write contacts, history, a finished test with its truth, a campaign and the cited priors to a folder.

    Parameters
    ----------
    out
        Folder; made when missing.
    seed
        The same seed gives the same bytes.

    Returns
    -------
    pathlib.Path
        The folder, with `contacts.csv`, `history.csv`, `outcomes.csv`, `truth.csv`, `truth.json`,
        `campaign.yml`, `assumptions.yml` and `priors.csv`.
    """
    folder = Path(out)
    people = make_people(make_companies(seed), seed)
    stories = {person.contact_id: tell(person, seed) for person in people}
    outcomes, truths, caused = run_test(people, stories, seed)
    for event in caused:
        stories[event["contact_id"]].append(event)
    stories = {contact: without_mail_after_leaving(story) for contact, story in stories.items()}
    for person in people:
        _note_leaving(person, stories[person.contact_id])
    events = sorted(
        [event for story in stories.values() for event in story],
        key=lambda event: (event["timestamp"], event["contact_id"], event["event"]),
    )
    _write(folder / "contacts.csv", CONTACTS, map(_contact, people))
    _write(folder / "history.csv", HISTORY, events)
    _write(folder / "outcomes.csv", list(outcomes[0]), outcomes)
    _write(folder / "truth.csv", list(truths[0]), truths)
    write_text(folder / "truth.json", json.dumps(_summary(truths), indent=1) + "\n")
    for source, name in SHIPPED:
        write_text(folder / name, files(source).joinpath(name).read_text(encoding="utf-8"))
    return folder


def sample_path() -> Path:
    """Return the folder of the sample that comes with the package.

    Raises
    ------
    MissingFileError
        When the installation lost it.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_shipped" / "sample", package.parents[1] / "data" / "sample"):
        if (folder / "contacts.csv").is_file():
            return folder
    raise MissingFileError("the sample is not there; make it with: python -m segvspers.datasets --out data/sample")


def copy_sample(out: str | Path) -> Path:
    """Copy the sample to a folder to work on, and return the folder."""
    return Path(shutil.copytree(sample_path(), out, dirs_exist_ok=True))


def _note_leaving(person: Person, events: list[Event]) -> None:
    """Record that an address bounced or that its owner wants no more email."""
    bounced = any(event["event"] == "bounce_hard" for event in events)
    person.suppressed = person.suppressed or bounced
    person.consent = bounced or left_at(events) is None


def _contact(person: Person) -> dict[str, Any]:
    british = person.company.region == "United Kingdom"
    row = {
        "contact_id": person.contact_id,
        "email": person.email,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "company": person.company.name,
        "company_id": person.company.company_id,
        "job_title": person.job_title,
        "industry": person.company.industry,
        "company_size": person.company.size,
        "region": person.company.region,
        "plan": person.plan if person.status == "customer" else "",
        "purchase_status": person.status,
        "engagement_level": person.engagement,
        "signup_date": person.signup,
        "locale": "en_GB" if british else "en_US",
        "currency": "GBP" if british else "USD",
        "consent": person.consent,
        "suppressed": person.suppressed,
    }
    return {name: "" if name in person.forgotten else value for name, value in row.items()}


def _summary(truths: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    n = len(truths)
    rates = {arm: sum(truth[f"p_{arm}"] for truth in truths) / n for arm in ("segment", "individual")}
    return {
        "n_contacts": n,
        "true_rate_segment": round(rates["segment"], 6),
        "true_rate_individual": round(rates["individual"], 6),
        "true_lift": round(rates["individual"] - rates["segment"], 6),
        "true_relative_lift": round(rates["individual"] / rates["segment"] - 1, 6),
    }


def _write(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    lines = [",".join(columns)]
    lines += [",".join(_cell(row.get(name)) for name in columns) for row in rows]
    write_text(path, "\n".join(lines) + "\n")


def _cell(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.5f}".rstrip("0").rstrip(".")
    text = str(value)
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\n') else text
