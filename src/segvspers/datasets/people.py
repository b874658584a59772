"""Companies and contacts of the sample, skewed and correlated as in life, with what is not known left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from segvspers.datasets.chance import Chance
from segvspers.datasets.words import (
    COMPANY_HEADS,
    COMPANY_TAILS,
    FIRST_NAMES,
    INDUSTRY_SHARES,
    JOB_TITLES,
    LARGER_INDUSTRIES,
    LAST_NAMES,
    PLANS,
    REGION_SHARES,
    REGIONS,
    SIZE_SHARES,
    SIZES,
    TITLE_SHARES,
)

N_CONTACTS, N_COMPANIES = 5000, 2900
FIRST_DAY, LAST_DAY = date(2025, 5, 1), date(2026, 10, 31)
SARAH = 42


@dataclass(slots=True)
class Company:
    """An invented company; `pull` is what its people have in common."""

    company_id: str
    name: str
    industry: str
    size: str
    region: str
    pull: float


@dataclass(slots=True)
class Person:
    """A contact as it is, before the record forgets some of it."""

    contact_id: str
    first_name: str
    last_name: str
    company: Company
    job_title: str
    status: str
    engagement: str
    thin: bool
    signup: date
    plan: str = ""
    bought: date | None = None
    apple: bool = False
    forgotten: set[str] = field(default_factory=set)
    consent: bool = True
    suppressed: bool = False
    addresses: int = 0

    @property
    def email(self) -> str:
        """An address in a domain that no one can own."""
        domain = "".join(ch for ch in self.company.name.lower() if ch.isascii() and ch.isalnum())
        names = f"{self.first_name}.{self.last_name}".lower()
        local = "".join(ch for ch in names if ch.isascii() and (ch.isalnum() or ch == "."))
        return f"{local}{self.addresses or ''}@{domain}.example"


def make_companies(seed: int) -> list[Company]:
    """Return the companies; the first is the one of the contact whom the documentation follows."""
    chance = Chance(seed, "companies")
    companies = [
        Company("A0001", "FreshThreads", "fashion ecommerce", "11-50", "North America", 0.3),
    ]
    taken = {"FreshThreads"}
    while len(companies) < N_COMPANIES:
        industry = chance.pick(list(COMPANY_TAILS), INDUSTRY_SHARES)
        tail = chance.pick(COMPANY_TAILS[industry])
        name = f"{chance.pick(COMPANY_HEADS)} {tail}"
        if name in taken:
            name = f"{chance.pick(COMPANY_HEADS)} & {chance.pick(COMPANY_HEADS)} {tail}"
        if name in taken:
            continue
        taken.add(name)
        shares = [0.18, 0.27, 0.25, 0.19, 0.11] if industry in LARGER_INDUSTRIES else SIZE_SHARES
        companies.append(
            Company(
                f"A{len(companies) + 1:04d}",
                name,
                industry,
                chance.pick(SIZES, shares),
                chance.pick(REGIONS, REGION_SHARES),
                chance.normal(0, 0.45),
            )
        )
    return companies


def make_people(companies: list[Company], seed: int) -> list[Person]:
    """Return the contacts in the order of their ids; larger companies have more of them."""
    chance = Chance(seed, "employers")
    weights = [(1, 1.6, 3, 5, 9)[SIZES.index(company.size)] for company in companies]
    employers = [
        *companies[1:],
        *(chance.pick(companies[1:], weights[1:]) for _ in range(N_CONTACTS - N_COMPANIES)),
    ]
    order = sorted(range(len(employers)), key=lambda _: chance.share())
    people = [_person(seed, number + 1, employers[place]) for number, place in enumerate(order)]
    people.insert(SARAH - 1, _sarah(companies[0]))
    for number, person in enumerate(people, start=1):
        person.contact_id = f"C{number:05d}"
    seen: dict[str, int] = {}
    for person in people:
        person.addresses = seen.get(person.email, 0)
        seen[person.email] = person.addresses + 1
    return people


def _sarah(company: Company) -> Person:
    return Person(
        "C00042", "Sarah", "Chen", company, "Email Marketing Manager", "customer", "high", thin=False,
        signup=date(2025, 10, 14), plan="Plan B", bought=date(2026, 5, 12),
    )  # fmt: skip


def _person(seed: int, number: int, company: Company) -> Person:
    chance = Chance(seed, f"person {number}")
    thin = chance.happens(0.31)
    status_shares = (0.80, 0.10, 0.04, 0.06) if thin else (0.26, 0.12, 0.46, 0.16)
    status = chance.pick(["prospect", "trial", "customer", "lapsed"], status_shares)
    active = {"prospect": 0, "trial": 0.5, "customer": 0.8, "lapsed": -0.5}[status] + company.pull
    level = chance.normal(active - (1.6 if thin else 0), 0.9)
    engagement = "high" if level > 1.05 else "medium" if level > 0 else "low"
    newest = LAST_DAY - timedelta(days=20)
    oldest = date(2026, 7, 1) if thin else date(2023, 1, 10)
    days = (newest - oldest).days
    signup = oldest + timedelta(days=int(days * chance.share() ** 0.7))
    person = Person(
        "", chance.pick(FIRST_NAMES), chance.pick(LAST_NAMES), company, chance.pick(JOB_TITLES, TITLE_SHARES),
        status, engagement, thin, signup, apple=chance.happens(0.42),
    )  # fmt: skip
    _give_plan(person, chance)
    _forget(person, chance)
    person.suppressed = chance.happens(0.012)
    return person


def _give_plan(person: Person, chance: Chance) -> None:
    if person.status not in {"customer", "lapsed"}:
        return
    large = SIZES.index(person.company.size)
    shares = ((0.7, 0.26, 0.04), (0.5, 0.42, 0.08), (0.25, 0.55, 0.2), (0.1, 0.5, 0.4), (0.05, 0.3, 0.65))[large]
    person.plan = chance.pick(list(PLANS), shares)
    latest = LAST_DAY - timedelta(days=6 if person.status == "customer" else 380)
    person.signup = min(person.signup, latest - timedelta(days=30))
    earliest = person.signup + timedelta(days=7)
    person.bought = earliest + timedelta(days=int((latest - earliest).days * chance.share() ** 1.3))


def _forget(person: Person, chance: Chance) -> None:
    shares = {"job_title": 0.14, "industry": 0.06, "company_size": 0.09, "region": 0.05, "last_name": 0.02}
    factor = 3.5 if person.thin else 1.0
    person.forgotten = {name for name, share in shares.items() if chance.happens(share * factor)}
    if person.thin and chance.happens(0.25):
        person.forgotten.add("first_name")
