"""A campaign: what an email is for, what it may say, and what it must carry."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from segvspers.errors import ArgumentError, MissingFileError, raise_all

CampaignType = Literal[
    "announcement", "newsletter", "promotion", "outreach", "renewal", "re-engagement", "customer success"
]
FORBID = ConfigDict(extra="forbid", frozen=True)


class Sender(BaseModel):
    """Who signs the emails."""

    model_config = FORBID
    name: str = Field(min_length=1)
    title: str = ""
    company: str = Field(min_length=1)
    email: str = Field(pattern=r"^[^@\s]+@[^@\s]+$")


class Footer(BaseModel):
    """What the law asks every commercial email to carry: a postal address and a way out."""

    model_config = FORBID
    postal_address: str = Field(min_length=5)
    unsubscribe_url: str = Field(pattern=r"^https?://\S+$")


class Campaign(BaseModel):
    """What an email is for and what it may say.

    Attributes
    ----------
    name, campaign_id, type
        What it is called, and its kind: announcement, newsletter, promotion, outreach, renewal, re-engagement or
        customer success.
    goal, offer, call_to_action
        What is wanted, what is offered, and the question at the end; ``{weekday}`` and ``{next_weekday}`` stand
        for two working days after the send date.
    sender, footer
        Who signs, and what the law asks for.
    topics, products, claims
        Topics, products with their prices, and for a topic the one thing that may be claimed of it.
    may_mention
        Kinds of facts that may be stated.
    send_on
        Day of sending; relative dates are worded from here.
    min_bits
        Bits of usable facts from which a contact gets an individual email.
    cost_per_email_usd
        Expected cost of one individual email.
    """

    model_config = FORBID
    name: str = Field(min_length=1)
    campaign_id: str = Field(pattern=r"^[A-Za-z0-9._-]+$")
    type: CampaignType
    goal: str
    offer: str = Field(min_length=5)
    call_to_action: str = Field(min_length=5)
    sender: Sender
    footer: Footer
    send_on: date
    language: Literal["en"] = "en"
    tone: str = "friendly, plain, brief"
    max_words: int = Field(default=150, ge=30, le=1000)
    topics: tuple[str, ...] = ()
    products: dict[str, float] = Field(default_factory=dict)
    claims: dict[str, str] = Field(default_factory=dict)
    may_mention: tuple[str, ...] = (
        "question",
        "ticket",
        "purchase",
        "tenure",
        "conversation",
        "reply",
        "milestone",
    )
    links: tuple[str, ...] = ()
    min_bits: float = Field(default=6.0, ge=0)
    cost_per_email_usd: float = Field(default=0.0, ge=0)

    @property
    def day_before_send(self) -> str:
        """Last day whose history can be known when the emails are written."""
        return (self.send_on - timedelta(days=1)).isoformat()

    @property
    def asked(self) -> str:
        """The call to action with its weekdays filled in."""
        day = self.send_on + timedelta(days=2)
        while day.weekday() > 3:
            day += timedelta(days=1)
        names = {"weekday": f"{day:%A}", "next_weekday": f"{day + timedelta(days=1):%A}"}
        return self.call_to_action.format(**names)


@lru_cache(maxsize=64)
def _asked(call_to_action: str, send_on: date) -> str:
    day = send_on + timedelta(days=2)
    while day.weekday() > 3:
        day += timedelta(days=1)
    names = {"weekday": f"{day:%A}", "next_weekday": f"{day + timedelta(days=1):%A}"}
    return call_to_action.format(**names)


def read_campaign(path: str | Path) -> Campaign:
    """Read a campaign from YAML.

    Raises
    ------
    MissingFileError
        When there is no such file.
    ArgumentError
        With every problem of the campaign at once.

    Examples
    --------
    >>> import segvspers as sv
    >>> sv.read_campaign("data/sample/campaign.yml").asked
    'Would Thursday or Friday suit you for a short call?'
    """
    import yaml

    source = Path(path)
    if not source.is_file():
        raise MissingFileError(f"campaign: no file at {path}; check the spelling and the folder.")
    try:
        given = yaml.safe_load(source.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        where = getattr(problem, "problem_mark", None)
        line = f" near line {where.line + 1}" if where is not None else ""
        raise ArgumentError(f"{source.name} is no readable YAML{line}; check quotes and indents.") from None
    if not isinstance(given, dict):
        raise ArgumentError(f"{source.name} must be a mapping of names to values, such as 'name: November outreach'.")
    return make_campaign(given, what=source.name)


def make_campaign(given: dict[str, Any], *, what: str = "campaign") -> Campaign:
    """Return a campaign from plain values; all problems come in one `ArgumentError`."""
    try:
        campaign = Campaign(**given)
    except ValidationError as problem:
        told = [
            f"{'.'.join(map(str, error['loc']))}: {error['msg'].lower().replace('input should', 'it should')}"
            for error in problem.errors()
        ]
        raise_all(what, told, error=ArgumentError)
        raise
    strange = sorted(set(campaign.claims) - set(campaign.topics))
    if strange:
        raise ArgumentError(f"{what}: claims are made on {strange}, which are not among the topics; add them there.")
    return campaign
