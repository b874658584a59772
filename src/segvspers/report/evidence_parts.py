"""Parts of the report about the test: its evidence, reply rates, who gains, guardrails, health, and the appendix."""

from __future__ import annotations

from segvspers._display import count, money, percent, plural
from segvspers.experiment import HistoricalComparison
from segvspers.frontier.policy import Recommendation
from segvspers.report.blocks import Letter, Part, Picture, Table, Tile
from segvspers.report.found import Found, evidence_of, pick_pairs

LABELS = {
    "randomised": "Randomised test.",
    "simulated": "SIMULATED.",
    "observational": "Historical, not randomised.",
    "none": "No test.",
}
EXPLAINED = {
    "randomised": "Who got which email was drawn by chance, so the difference is the emails' doing.",
    "simulated": "The outcomes were drawn from an assumed world. They show what a test could find, not what was found.",
    "observational": "Who got which email was somebody's choice, so part of the difference may be theirs.",
    "none": "No comparison of variants was handed to the report.",
}
WARN_COMPLAINTS, STOP_COMPLAINTS = 0.001, 0.003
NO_EVIDENCE = (
    "No published randomised test compares individual emails written by a model with good segment emails on replies; "
    "defaults lean on studies of personalisation that point both ways."
)


def evidence(found: Found) -> Part:
    """3: how the numbers came about."""
    kind = evidence_kind(found)
    sentences = [f"{LABELS[kind]} {EXPLAINED[kind]}", NO_EVIDENCE]
    if found.replies is not None:
        replies = found.replies
        unit = f"drawn by {replies.cluster}" if replies.cluster else "drawn by contact"
        sentences.insert(1, f"{count(replies.n_control)} contacts with {replies.control}, {count(replies.n_treatment)} with "
                            f"{replies.treatment}; {unit}.")  # fmt: skip
    return Part("evidence", "Evidence", tuple(sentences))


def dates(found: Found) -> str:
    """Return when the emails left and until when replies were counted, to follow a clause; nothing when not known."""
    health = found.health
    if health is None or not health.first_sent:
        return ""
    sent = health.first_sent if health.first_sent == health.last_sent else f"{health.first_sent} to {health.last_sent}"
    return f"; sent {sent}" + (f", replies until {health.last_reply}" if health.last_reply else "")


def evidence_kind(found: Found) -> str:
    """Return the evidence of the findings: it follows from them and can't be set."""
    told = evidence_of(found)
    return str(told[0].evidence) if told else "none"


def reply_rates(found: Found) -> Part:
    """4: counts, rates and the interval."""
    title = "Reply rates"
    if found.replies is None and found.historical is not None:
        return _past_sends(found.historical, title)
    if found.replies is None:
        return Part("replies", title, missing="A comparison of reply rates was not handed to the report.")
    replies = found.replies
    tables = [
        Table(
            "Contacts assigned and who replied",
            replies.to_frame(),
            {"n_contacts": "count", "replies": "count", "reply_rate": "percent"},
        )
    ]
    sentences = [replies.summary(), f"Method: {replies.method}; p = {replies.p_value:.3g}."]
    if found.revenue is not None:
        sentences.append(found.revenue.summary())
        formats = {"n_contacts": "count", "revenue_usd": "money", "revenue_per_contact_usd": "money"}
        tables.append(Table("Revenue of the same contacts, as entered", found.revenue.to_frame(), formats))
        total = found.revenue.total_control + found.revenue.total_treatment
        sentences.append(f"Revenue of both arms adds up to {money(total, digits=2)}, the total of the input.")
    picture = Picture(
        lambda ax: replies.plot(ax=ax), "Difference in reply rate with its interval against zero", height=2.4
    )
    pictures = [picture]
    if found.over_time is not None:
        curves = found.over_time
        sentences.append(curves.summary())
        alt = "Share of contacts who had replied by each day after the email, for both variants"
        pictures.append(Picture(lambda ax: curves.plot(ax=ax), alt))
    return Part("replies", title, tuple(sentences), tables=tuple(tables), pictures=tuple(pictures))


def _past_sends(past: HistoricalComparison, title: str) -> Part:
    columns = ["method", "lift", "lift_low", "lift_high", "p_value"]
    table = Table("The lift, as it stands and adjusted", past.estimates[columns], dict.fromkeys(columns[1:4], "points"))
    alt = "Difference of both groups in each recorded attribute, before and after weighting"
    picture = Picture(lambda ax: past.plot(ax=ax), alt, height=1.6 + 0.28 * min(15, len(past.balance)))
    return Part("replies", title, (past.summary(), f"Method: {past.method}."), tables=(table,), pictures=(picture,))


def who_gains(found: Found) -> Part:
    """11: group by group, shrunken."""
    title = "Who gains"
    if found.policy is not None:
        return _policy(found.policy, title)
    if found.groups is None:
        return Part("who-gains", title, missing="A comparison by group was not handed to the report.")
    groups = found.groups
    columns = [
        "group",
        "n_control",
        "n_treatment",
        "rate_control",
        "rate_treatment",
        "lift",
        "lift_shrunk",
        "shrunk_low",
        "shrunk_high",
    ]
    formats = dict.fromkeys(("rate_control", "rate_treatment"), "percent")
    formats |= dict.fromkeys(("lift", "lift_shrunk", "shrunk_low", "shrunk_high"), "points")
    formats |= dict.fromkeys(("n_control", "n_treatment"), "count")
    table = Table(f"Lift by {groups.group}, as seen and shrunken", groups.groups[columns], formats)
    picture = Picture(
        lambda ax: groups.plot(ax=ax),
        "Lift of each group as seen and shrunken",
        height=1.6 + 0.34 * len(groups.groups),
    )
    note = "Judge by the shrunken lifts: the largest of many raw lifts is too large on average."
    return Part("who-gains", title, (groups.summary(), note), tables=(table,), pictures=(picture,))


def _policy(policy: Recommendation, title: str) -> Part:
    """Return who should get which variant; a comparison by group, if any, stands behind it."""
    columns = ["group", "variant", "n_test", "n_contacts", "lift", "lift_low", "lift_high"]
    said = "points" if policy.kind == "rate" else "money"
    formats = dict.fromkeys(columns[4:], said) | dict.fromkeys(columns[2:4], "count")
    table = Table(f"Lift over {policy.default} by group, and the variant recommended", policy.groups[columns], formats)
    groups = Picture(
        lambda ax: policy.plot(ax=ax),
        "Net gain of each group with its interval",
        height=1.7 + 0.36 * min(14, len(policy.groups)),
    )
    whole = Picture(
        lambda ax: policy.plot(view="policies", ax=ax), "The hybrid against each variant for everybody", height=2.6
    )
    return Part("who-gains", title, (policy.summary(),), tables=(table,), pictures=(groups, whole))


def guardrails(found: Found) -> Part:
    """12: what must not get worse."""
    title = "Guardrails"
    if not found.guardrails and found.audit is None:
        return Part(
            "guardrails",
            title,
            missing="Neither unsubscribes and complaints nor an audit of the emails was there.",
        )
    sentences, tiles = [], []
    for one in found.guardrails:
        name = one.outcome.replace("_", " ")
        sentences.append(f"{name.capitalize()}: {one.summary()}")
        tiles.append(
            Tile(
                f"{name}, {one.treatment}",
                one.rate_treatment,
                percent(one.rate_treatment, 2),
                f"{one.control} {percent(one.rate_control, 2)}",
            )
        )
        if one.outcome == "spam_reported":
            worst = max(one.rate_control, one.rate_treatment)
            level = "above the 0.3 % at which mailbox providers block" if worst > STOP_COMPLAINTS else (
                "above the 0.1 % that is worth a warning" if worst > WARN_COMPLAINTS else "below the 0.1 % that is worth a warning")  # fmt: skip
            sentences.append(f"Complaints are {level}.")
    tables: tuple[Table, ...] = ()
    if found.audit is not None:
        sentences.append(found.audit.summary())
        columns = ["variant", "n_emails", "n_passed", "n_fell_back", "n_held", "median_bits", "median_words"]
        tables = (Table("Audit of the emails", found.audit.variants[columns]),)
    return Part("guardrails", title, tuple(sentences), tuple(tiles), tables)


def health(found: Found) -> Part:
    """14: whether the test is fit to be read."""
    title = "Health of the test"
    if found.health is None:
        return Part("health", title, missing="Health checks were not handed to the report.")
    checks = Table("Checks", found.health.checks.drop(columns="value"))
    if found.monitoring is None:
        return Part("health", title, (found.health.summary(),), tables=(checks,))
    watched = found.monitoring
    picture = Picture(lambda ax: watched.plot(ax=ax), "Lift at each look with the interval that may be watched")
    return Part("health", title, (found.health.summary(), watched.summary()), tables=(checks,), pictures=(picture,))


def appendix(found: Found, *, named: bool, hashed: str, version: str) -> Part:
    """17: formulas, two pairs of emails, seed, versions."""
    sentences: list[str] = []
    tables: list[Table] = []
    pairs: tuple[tuple[Letter, ...], ...] = ()
    if found.roi is not None:
        import pandas as pd

        formulas = pd.DataFrame(list(found.roi.formulas), columns=["quantity", "formula"])
        tables.append(Table("Formulas; symbols as in the documentation", formulas))
        sentences.append(
            f"Draws: {found.roi.n_draws:,}; seed {found.roi.seed}; prior on the effect: {found.roi.prior}."
        )
    if found.emails is not None:
        pairs = pick_pairs(found.emails, named=named)
        ready = int((found.emails["status"] == "ready").sum())
        masked = "" if named else ", names masked"
        sentences.append(f"{plural(ready, 'email')} ready to send; two contacts' emails side by side{masked}:")
    sentences.insert(0, f"segvspers {version}; digest of the findings {hashed}.")
    return Part("appendix", "Appendix", tuple(sentences), tables=tuple(tables), pairs=pairs)
