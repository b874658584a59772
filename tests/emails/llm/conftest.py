"""Briefs that every test of a model can write from, and writers of a scripted server."""

from dataclasses import replace

import pytest

import segvspers as sv
from segvspers.emails.brief import Brief, Fact
from segvspers.emails.llm.money.prices import TokenPrices
from segvspers.emails.llm.writer import OpenAIWriter

# What the scripted server counts costs 200 x 0.4 + 500 x 0.1 + 250 x 1.6 = 530 millionths of a dollar.
PRICES = TokenPrices(input_usd=0.4, output_usd=1.6, cached_usd=0.1)
EACH_USD = 0.00053


@pytest.fixture(scope="session")
def campaign(sample):
    return sv.read_campaign(sample / "campaign.yml")


def facts_of(number):
    return (
        Fact(f"q{number}", "question", "SMS", "asked", {"answered": False, "asked_on": "2026-10-05", "topic": "SMS"}, 9.0, 0.9),
        Fact(f"p{number}", "purchase", "Plan B", "Plan B", {"last_on": "2026-05-02", "last_event": "purchase", "product": "Plan B"}, 7.0, 0.6),
        Fact(f"e{number}", "engagement", "deliverability", "", {"opened": number % 9 + 2, "sent": 12, "topic": "deliverability"}, 6.0, 0.5),
    )  # fmt: skip


def briefs_of(campaign, n, start=0):
    brief = Brief("", campaign, (), "Sarah")
    places = range(start, start + n)
    return [replace(brief, contact_id=f"C{i}", company=f"Mill {i}", facts=facts_of(i)) for i in places]


@pytest.fixture(scope="session")
def make_briefs(campaign):
    return lambda n, start=0: briefs_of(campaign, n, start)


@pytest.fixture
def make_writer():
    made = []

    def make(server, **changes):
        settings = {"model": "scripted", "base_url": server.url, "store": None, "prices": PRICES, "progress": False}
        made.append(OpenAIWriter(**settings | changes))
        return made[-1]

    yield make
    for writer in made:
        writer.store.close()
