"""A campaign: what an email is for, what it may say, and what it must carry."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from segvspers.emails.campaign_problems import problems_between, problems_of
from segvspers.errors import ArgumentError, MissingFileError, raise_all

CampaignType = Literal[
    "announcement", "newsletter", "promotion", "outreach", "renewal", "re-engagement", "customer success"
]
OfferKind = Literal["session", "deal", "content", "access", "thing"]
FORBID = ConfigDict(extra="forbid", frozen=True)
# Types that say one thing to everybody; their emails are individual only when `min_bits` asks for it.
BROAD = {"announcement", "newsletter"}
DEFAULT_MIN_BITS = 6.0


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


class Product(BaseModel):
    """A product: its price, and the article that goes before its name when the name alone does not tell."""

    model_config = FORBID
    price_usd: float = Field(ge=0)
    article: Literal["a", "an", "the", ""] | None = None


class Campaign(BaseModel):
    """What an email is for and what it may say.

    Attributes
    ----------
    name, campaign_id, type
        What it is called, and its kind: announcement, newsletter, promotion, outreach, renewal, re-engagement or
        customer success.
    goal
        What is wanted of the reader; never printed.
    offer, offer_kind
        What is offered, as words that fit after "I can offer you": ``a 20-minute review of your setup``, without a
        full stop. Its kind (session, deal, content, access or thing) decides how it is introduced; it is read off
        the words when left out.
    message
        Whole sentences that every email says as they stand: the news of an announcement, the terms of a promotion.
    call_to_action
        The sentence at the end; ``{weekday}`` and ``{next_weekday}`` stand for two working days after the send date.
    sender, footer
        Who signs, and what the law asks for.
    topics, claims, products
        Topics; for a topic the one thing that may be claimed of it, as a clause that starts with a small letter and
        has no full stop; products with their price, or with ``{price_usd, article}``.
    may_mention, may_mention_sensitive
        Kinds of facts that may be stated; opens and page views are not among them unless you add them. Facts marked
        sensitive are never used unless the second is true.
    language, tone, max_words
        English, ``en`` or with its country (``en-GB``), for contacts whose own locale is not known; the tone in words
        (formal, friendly, plain, brief); words that a body may have.
    merge_fields
        What a template says where a contact's field is empty.
    links
        Links that may stand in an email besides the unsubscribe link.
    send_on
        Day of sending; relative dates are worded from here.
    min_bits
        Bits of usable facts from which a contact gets an individual email; when left out, 6, and none for an
        announcement or a newsletter.
    cost_per_email_usd, worth_per_email_usd, budget_usd
        Expected cost of one individual email; what it is expected to bring beyond the segment's; and what all of
        them may cost, the best-known contacts first.

    Raises
    ------
    ArgumentError
        With every problem of the campaign at once.
    """

    model_config = FORBID
    name: str = Field(min_length=1)
    campaign_id: str = Field(pattern=r"^[A-Za-z0-9._-]+$")
    type: CampaignType
    goal: str
    offer: str = Field(min_length=5)
    offer_kind: OfferKind | None = None
    message: str = ""
    call_to_action: str = Field(min_length=5)
    sender: Sender
    footer: Footer
    send_on: date
    language: str = Field(default="en", pattern=r"^en([-_][A-Z]{2})?$")
    tone: str = "friendly, plain, brief"
    max_words: int = Field(default=150, ge=30, le=1000)
    topics: tuple[str, ...] = ()
    products: dict[str, Product] = Field(default_factory=dict)
    claims: dict[str, str] = Field(default_factory=dict)
    may_mention: tuple[str, ...] = (
        "question",
        "ticket",
        "purchase",
        "tenure",
        "conversation",
        "reply",
        "milestone",
        "meeting",
        "deal",
    )
    may_mention_sensitive: bool = False
    merge_fields: dict[str, str] = Field(default={"first_name": "there", "company": "your team"})
    links: tuple[str, ...] = ()
    min_bits: float | None = Field(default=None, ge=0)
    cost_per_email_usd: float = Field(default=0.0, ge=0)
    worth_per_email_usd: float | None = Field(default=None, ge=0)
    budget_usd: float | None = Field(default=None, ge=0)

    def __init__(self, **given: Any) -> None:
        try:
            super().__init__(**given)
        except ValidationError as problem:
            raise_all("campaign", [*problems_of(problem), *problems_between(given)], error=ArgumentError)
        raise_all("campaign", problems_between(given), error=ArgumentError)

    @field_validator("products", mode="before")
    @classmethod
    def _priced(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return {name: {"price_usd": told} if isinstance(told, (int, float)) else told for name, told in given.items()}

    @property
    def day_before_send(self) -> str:
        """Last day whose history can be known when the emails are written."""
        return (self.send_on - timedelta(days=1)).isoformat()

    @property
    def asked(self) -> str:
        """The call to action with its weekdays filled in."""
        return _asked(self.call_to_action, self.send_on)

    @property
    def locale(self) -> str:
        """The English of contacts whose own locale is not known, such as ``en_US``."""
        return "en_US" if self.language == "en" else self.language.replace("-", "_")

    @property
    def bits_needed(self) -> float:
        """Bits of usable facts from which a contact gets an individual email; infinite when nobody does."""
        if self.min_bits is not None:
            return self.min_bits
        return float("inf") if self.type in BROAD else DEFAULT_MIN_BITS


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
        return Campaign(**{str(name): value for name, value in given.items()})
    except ArgumentError as problem:
        raise ArgumentError(str(problem).replace("campaign", what, 1)) from None
