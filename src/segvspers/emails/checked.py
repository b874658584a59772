"""Call any writer and let nothing ungrounded through: check each draft, have it repaired once, or give it up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from segvspers.emails.brief import Brief, Draft, Writer
from segvspers.errors import WriterError

# Returns what is wrong with each draft, by contact; a draft without an entry may leave.
Judge = Callable[[Sequence[tuple[Brief, Draft]]], dict[str, tuple[str, ...]]]
BEYOND_REPAIR = {"refused", "filtered", "failed"}
MOST_TOLD = 6


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one brief: a draft that may leave, or the reason why there is none; and what it cost."""

    draft: Draft | None
    reason: str
    tokens_in: int
    tokens_out: int
    cost_usd: float


def write_checked(writer: Writer, briefs: Sequence[Brief], judge: Judge) -> dict[str, Written]:
    """Return what became of each brief, by contact.

    Parameters
    ----------
    writer
        Writes drafts; one whose `trial` is not zero is tried on that many briefs first.
    briefs
        One a contact.
    judge
        Tells what is wrong with drafts.

    Raises
    ------
    WriterError
        When no draft of the trial may leave; nothing more is asked for then.
    """
    n_trial = getattr(writer, "trial", 0)
    if not 0 < n_trial < len(briefs):
        return _round(writer, briefs, judge)
    tried = _round(writer, briefs[:n_trial], judge)
    if all(one.draft is None for one in tried.values()):
        reasons = Counter(one.reason for one in tried.values()).most_common(3)
        told = "; ".join(f"{n} x {reason}" for reason, n in reasons)
        raise WriterError(
            f"none of the first {n_trial} emails may leave, so no more were asked for: {told}. Choose a stronger model, "
            "or write all of them with trial=0 and let those that fail fall back to the segment's email."
        )
    return tried | _round(writer, briefs[n_trial:], judge)


def _round(writer: Writer, briefs: Sequence[Brief], judge: Judge) -> dict[str, Written]:
    """Write, judge, and repair once."""
    first = _judged(writer, briefs, judge)
    bad = [
        replace(brief, problems=problems[:MOST_TOLD])
        for brief, draft, problems in first
        if problems and draft.status not in BEYOND_REPAIR
    ]
    second = (
        {brief.contact_id: (draft, problems) for brief, draft, problems in _judged(writer, bad, judge)} if bad else {}
    )
    return {
        brief.contact_id: _outcome(draft, problems, second.get(brief.contact_id)) for brief, draft, problems in first
    }


def _judged(writer: Writer, briefs: Sequence[Brief], judge: Judge) -> list[tuple[Brief, Draft, tuple[str, ...]]]:
    drafts = writer.write(briefs)
    pairs = list(zip(briefs, drafts, strict=True))
    found = judge([pair for pair in pairs if pair[1].status == "written"])
    return [(brief, draft, draft.problems + found.get(brief.contact_id, ())) for brief, draft in pairs]


def _outcome(draft: Draft, problems: tuple[str, ...], repaired: tuple[Draft, tuple[str, ...]] | None) -> Written:
    tries = [draft] if repaired is None else [draft, repaired[0]]
    last, wrong = (draft, problems) if repaired is None else repaired
    paid = (
        sum(one.tokens_in for one in tries), sum(one.tokens_out for one in tries), sum(one.cost_usd for one in tries),
    )  # fmt: skip
    return Written(None, told_problems(wrong), *paid) if wrong else Written(last, "", *paid)


def told_problems(problems: Sequence[str]) -> str:
    """Return problems as a reason to read: each kind once, without the words of the text."""
    kinds = dict.fromkeys(problem.split(":", 1)[0] for problem in problems)
    return ", ".join(list(kinds)[:3])
