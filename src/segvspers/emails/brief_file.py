"""A brief written by hand, from YAML or plain values: to try a writer on one person before there is any table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from segvspers.emails.brief import Brief, Fact
from segvspers.emails.briefs import ENGLISH
from segvspers.emails.campaign import Campaign
from segvspers.emails.campaign_problems import problems_of
from segvspers.emails.names import clean_name
from segvspers.errors import ArgumentError, MissingFileError, raise_all
from segvspers.facts.kinds import KINDS, WEIGHTS

FORBID = ConfigDict(extra="forbid", frozen=True)


class GivenFact(BaseModel):
    """A fact as typed; `bits` when left out are not known, so that every fact counts the same."""

    model_config = FORBID
    kind: str
    topic: str = ""
    value: str = ""
    fields: dict[str, Any] = Field(default_factory=dict)
    bits: float = Field(default=0.0, ge=0)
    salience: float = Field(default=1.0, ge=0)


class GivenBrief(BaseModel):
    """A brief as typed."""

    model_config = FORBID
    contact_id: str = Field(min_length=1)
    first_name: str = ""
    company: str = ""
    status: str = ""
    locale: str = ""
    topic: str = ""
    facts: tuple[GivenFact, ...] = ()


def read_brief(source: str | Path | Mapping[str, Any], *, campaign: Campaign) -> Brief:
    """Read what a writer may know of one contact from YAML, or from plain values.

    Parameters
    ----------
    source
        A YAML file, or a mapping: `contact_id`, and if known `first_name, company, status, locale, topic` and `facts`,
        each with `kind, topic, value, fields`, as the columns of `derive_facts`.
    campaign
        What the email is for.

    Returns
    -------
    Brief
        With fact ids ``contact_id:1``, ``contact_id:2``, ...

    Raises
    ------
    MissingFileError
        When there is no such file.
    ArgumentError
        With every problem at once: unknown names, kinds of facts or their fields, or a locale that is no English.

    Examples
    --------
    >>> import segvspers as sv
    >>> campaign = sv.read_campaign("data/sample/campaign.yml")
    >>> asked = {"kind": "question", "topic": "pricing", "fields": {"asked_on": "2026-10-20", "answered": False}}
    >>> brief = sv.read_brief({"contact_id": "C1", "first_name": "Sarah", "facts": [asked]}, campaign=campaign)
    >>> (draft,) = sv.OfflineWriter().write([brief])
    >>> "pricing" in " ".join(sentence.text for sentence in draft.sentences)
    True
    """
    given, what = (dict(source), "brief") if isinstance(source, Mapping) else _from_file(Path(source))
    problems = _problems(given)
    try:
        brief = GivenBrief(**{str(name): value for name, value in given.items()})
    except ValidationError as wrong:
        problems = [*problems_of(wrong), *problems]
    raise_all(what, problems, error=ArgumentError)
    facts = tuple(
        Fact(
            f"{brief.contact_id}:{place}",
            one.kind,
            one.topic,
            one.value or one.topic,
            one.fields,
            one.bits,
            one.salience,
        )
        for place, one in enumerate(brief.facts, 1)
    )
    return Brief(
        brief.contact_id, campaign, facts, clean_name(brief.first_name), clean_name(brief.company), brief.status,
        brief.locale or campaign.locale, brief.topic,
    )  # fmt: skip


def _from_file(path: Path) -> tuple[dict[str, Any], str]:
    import yaml

    if not path.is_file():
        raise MissingFileError(f"brief: no file at {path}; check the spelling and the folder.")
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        raise ArgumentError(f"{path.name} is no readable YAML; check quotes and indents.") from None
    if not isinstance(given, dict):
        raise ArgumentError(f"{path.name} must be a mapping of names to values, such as 'contact_id: C00042'.")
    return _plain(given), path.name


def _plain(value: Any) -> Any:
    """Return YAML's values with its days as text, as the fields of facts have them."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def _problems(given: Mapping[str, Any]) -> list[str]:
    """Return what is wrong between the values; no value of a contact is repeated."""
    problems = []
    if given.get("locale") and given["locale"] not in ENGLISH:
        problems.append(f"locale: it must be one of {sorted(ENGLISH)}, whose dates and amounts are known")
    fields_of = {kind.kind: set(kind.fields) for kind in KINDS if kind.kind != "milestone"}
    facts = given.get("facts")
    for place, fact in enumerate(facts if isinstance(facts, (list, tuple)) else (), 1):
        kind = fact.get("kind") if isinstance(fact, Mapping) else None
        if not isinstance(kind, str):
            continue
        if kind not in WEIGHTS:
            problems.append(f"facts.{place}.kind: {kind!r} is no kind of fact; choose from {sorted(WEIGHTS)}")
        fields = fact.get("fields")
        strange = (
            sorted(map(str, set(fields) - fields_of[kind])) if isinstance(fields, Mapping) and kind in fields_of else []
        )
        if strange:
            problems.append(
                f"facts.{place}.fields: a {kind} has no {strange}; its fields are {sorted(fields_of[kind])}"
            )
    return problems
