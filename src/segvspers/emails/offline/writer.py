"""The writer that needs no model and no key: select, plan, aggregate, refer, realise (Reiter and Dale 2000)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from segvspers.emails.brief import Brief, Draft, Sentence
from segvspers.emails.campaign import Campaign
from segvspers.emails.offline.bank import Bank, bank_of
from segvspers.emails.offline.content import select
from segvspers.emails.offline.outline import Chooser, Outline, outlines
from segvspers.emails.offline.realise import realise
from segvspers.emails.offline.slots import Reader

ATTEMPTS = 12
FORMAL = ("formal", "professional", "corporate")


class OfflineWriter:
    """Write individual emails from facts alone; the same briefs in the same order give the same emails.

    Notes
    -----
    What is said follows from the situation of the contact (an open ticket, a question without an answer, a renewal
    that is near, ...) and the type of the campaign. Of several outlines of an email, the one whose whole skeleton was
    used least in the run so far is kept, so that a run shows no pattern. Every wording takes its words from the fields
    of the facts it cites, and stands under the traits that must hold for it to be true. Of the campaign's tone the
    words "formal" and "brief" are heeded, and its length always.

    References
    ----------
    Reiter, E. and Dale, R. (2000). Building Natural Language Generation Systems. Cambridge University Press.
    """

    name = "offline"

    def write(self, briefs: Iterable[Brief]) -> list[Draft]:
        """Return one draft a brief; a brief without a fact to open on gives a short, honest email."""
        return list(self.drafts(briefs))

    def drafts(self, briefs: Iterable[Brief]) -> Iterator[Draft]:
        """Give one draft a brief as it is written."""
        used: Counter[tuple[str, ...]] = Counter()
        for brief in briefs:
            formal = is_formal(brief.campaign)
            reader = Reader(brief.campaign.send_on, brief.locale, brief.campaign)
            bank = bank_of(british=brief.locale != "en_US", formal=formal)
            content = select(brief, reader)
            if content is None:
                yield _short(brief, bank)
                continue
            outline = _rarest(outlines(brief, content, bank, reader, attempts=ATTEMPTS), used)
            used[outline.skeleton] += 1
            subject, *sentences = realise(outline, brief, content, reader, formal=formal)
            yield Draft(subject, tuple(sentences), outline.skeleton)


def is_formal(campaign: Campaign) -> bool:
    """Tell whether a campaign's tone asks for words in full."""
    return any(word in campaign.tone.lower() for word in FORMAL)


def _rarest(tried: Iterator[Outline], used: Counter[tuple[str, ...]]) -> Outline:
    """Return the outline that repeats no turn of phrase and whose skeleton was used least; the first new one will do."""
    best = next(tried)
    least = (best.repeats, used[best.skeleton])
    while least != (False, 0) and (outline := next(tried, None)) is not None:
        rank = (outline.repeats, used[outline.skeleton])
        if rank < least:
            best, least = outline, rank
    return best


def _short(brief: Brief, bank: Bank) -> Draft:
    """Return the honest short email to a contact of whom nothing can be said, marked as such."""
    from segvspers.emails.offline.offers import kind_of_offer

    campaign, none = brief.campaign, frozenset[str]()
    choose = Chooser(f"{brief.contact_id}|{campaign.campaign_id}")
    lead = choose.of(bank.fitting("short", "lead", none, company=False)).text
    about = choose.of(bank.fitting("short", "subject", none, company=False)).text
    offers = bank.fitting("offers", kind_of_offer(campaign), none, company=False)
    offer = choose.of(offers).text.format(
        offer=campaign.offer,
        Offer=campaign.offer[:1].upper() + campaign.offer[1:],
        for_company="",
        inner_offer=campaign.offer,
        Inner_offer=campaign.offer[:1].upper() + campaign.offer[1:],
    )
    message = [Sentence(campaign.message, "message", (), opens_paragraph=True)] if campaign.message else []
    sentences = [
        Sentence(lead, "lead", (), opens_paragraph=True), *message, Sentence(offer, "offer"),
        Sentence(campaign.asked, "call to action"),
    ]  # fmt: skip
    subject = Sentence(about.format(sender_company=campaign.sender.company), "subject")
    return Draft(subject, tuple(sentences), ("low context", *choose.made), notes=("low_context",))
