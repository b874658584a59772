"""The facts of small tables reckoned slowly and plainly, contact by contact, as the page on facts words them."""

import json
import math
from datetime import date, timedelta

import pandas as pd

FIRMOGRAPHIC = ("industry", "company_size", "region", "job_title")


def slow_facts(contacts, history, as_of):
    """Return one dict a fact with the columns that the fast way has, but for `fact_id` and `salience`."""
    day = date.fromisoformat(as_of)
    people = [row for row in records(contacts) if row["signup_date"] is None or row["signup_date"].date() <= day]
    events = [{**row, "row": place} for place, row in enumerate(records(history)) if row["timestamp"].date() <= day]
    facts = []
    for person in people:
        own = sorted(
            (row for row in events if row["contact_id"] == person["contact_id"]), key=lambda row: row["timestamp"]
        )
        for tell in (of_profile, of_money, of_mail, of_talk, of_visits):
            facts += [{"contact_id": person["contact_id"], **fact} for fact in tell(person, own, day)]
    facts += of_peers(people, events)
    for fact in facts:
        same = {other["contact_id"] for other in facts if statement(other) == statement(fact)}
        fact["bits"] = -math.log2(len(same) / len(people))
    return facts


def records(frame):
    """Return rows as dicts, with None for what is missing."""
    return [
        {name: None if pd.isna(value) else value for name, value in row.items()} for row in frame.to_dict("records")
    ]


def statement(fact):
    """Return what two contacts share when the fact is true of both."""
    return fact["kind"], fact["topic"], fact["value"]


def fact(kind, topic, value, fields, on, rows=None):
    """Return a fact; `rows` are those of history, in order."""
    return {"kind": kind, "topic": topic, "value": value, "fields": fields, "occurred_on": on, "rows": rows}


def numbers(rows):
    """Return the numbers of the first twenty rows."""
    return sorted(row["row"] for row in rows)[:20]


def groups(rows, *names):
    """Return rows by the values of columns."""
    found = {}
    for row in rows:
        found.setdefault(tuple(row[name] for name in names), []).append(row)
    return found


def month(day):
    """Return the month of a day."""
    return f"{day:%Y-%m}"


def iso(moment):
    """Return a day as text."""
    return None if moment is None else f"{moment:%Y-%m-%d}"


def latest(rows, name):
    """Return a column of the latest row; of several at once, the one that sorts last."""
    return max(rows, key=lambda row: (row["timestamp"], str(row[name] or "")))[name]


def year_on(day, years):
    """Return the day some years on; the 29th of February becomes the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def of_profile(person, _own, day):
    """Facts of the row of contacts."""
    for name in FIRMOGRAPHIC:
        if person[name]:
            yield fact("firmographic", name, person[name], {"level": person[name]}, None)
    if person["plan"]:
        yield fact("plan", "", person["plan"], {"plan": person["plan"]}, None)
    if person["signup_date"] is None:
        return
    signed = person["signup_date"].date()
    yield fact("tenure", "", month(signed), {"signup_on": iso(signed)}, signed)
    for years in range(1, 100):
        reached = year_on(signed, years)
        if day - timedelta(days=21) <= reached <= day:
            fields = {"on": iso(reached), "years": years}
            yield fact("milestone", "anniversary", f"{years} years {month(reached)}", fields, reached)


def of_money(person, own, day):
    """Facts of purchases, renewals, cancellations and deals."""
    bought = [row for row in own if row["event"] in {"purchase", "renewal"}]
    for (product,), rows in groups(bought, "product").items():
        if product is None:
            continue
        first, last = rows[0]["timestamp"], rows[-1]["timestamp"]
        event, amounts = latest(rows, "event"), [row["amount_usd"] for row in rows if row["amount_usd"] is not None]
        known = [row for row in rows if row["amount_usd"] is not None]
        fields = {
            "amount_usd": latest(known, "amount_usd") if known else None, "first_on": iso(first), "last_event": event,
            "last_on": iso(last), "n_purchases": len(rows), "product": product,
            "total_usd": sum(amounts) if amounts else None,
        }  # fmt: skip
        word = " renewed " if event == "renewal" else " "
        yield fact("purchase", product, f"{product}{word}{month(last)}", fields, last.date(), numbers(rows))
    if len(bought) > 1:
        yield spending(bought, day)
    for (product,), rows in groups([row for row in own if row["event"] == "cancel"], "product").items():
        last = rows[-1]["timestamp"]
        later = [row for row in bought if row["product"] == product and row["timestamp"] > last]
        if product is not None and not later:
            fields = {"on": iso(last), "product": product}
            yield fact("cancel", product, f"cancelled {month(last)}", fields, last.date(), numbers(rows))
    yield from renewal(person, own, bought, day)
    for (product,), rows in groups(
        [row for row in own if row["event"] in {"deal_won", "deal_lost"}], "product"
    ).items():
        last, outcome = rows[-1]["timestamp"], latest(rows, "event").removeprefix("deal_")
        at_last = [row for row in rows if row["timestamp"] == last]
        amounts = [row["amount_usd"] for row in at_last if row["amount_usd"] is not None]
        fields = {
            "amount_usd": max(amounts, key=str, default=None), "on": iso(last), "outcome": outcome, "product": product,
        }  # fmt: skip
        yield fact("deal", product or "", f"{outcome} {month(last)}", fields, last.date(), numbers(rows))


def spending(bought, day):
    """How spending goes."""
    days = [row["timestamp"].date() for row in bought]
    amounts = [row["amount_usd"] for row in bought]
    known = [amount for amount in amounts if amount is not None]
    this = 0.0 + round(sum(a or 0.0 for d, a in zip(days, amounts, strict=True) if (day - d).days < 365), 2)
    before = 0.0 + round(sum(a or 0.0 for d, a in zip(days, amounts, strict=True) if 365 <= (day - d).days < 730), 2)
    if len(known) < len(amounts):
        trend = None
    elif this == 0:
        trend = "stopped"
    elif (day - min(days)).days < 365:
        trend = "new"
    else:
        trend = "growing" if this > 1.1 * before else "falling" if this < 0.9 * before else "steady"
    gap = (max(days) - min(days)).days / (len(bought) - 1)
    fields = {
        "first_on": iso(min(days)), "last_on": iso(max(days)), "last_year_usd": this,
        "n_products": len({row["product"] for row in bought} - {None}), "n_purchases": len(bought),
        "total_usd": round(sum(known), 2) if known else None, "trend": trend, "usual_gap_days": math.floor(gap + 0.5),
        "year_before_usd": before,
    }  # fmt: skip
    value = f"{len(bought)} purchases" + (f", {trend}" if trend else "")
    return fact("spending", "", value, fields, max(days), numbers(bought))


def renewal(person, own, bought, day):
    """Whether the plan is due for renewal."""
    rows = [row for row in bought if row["product"] == person["plan"]]
    if not person["plan"] or not rows:
        return
    due = year_on(rows[-1]["timestamp"], 1)
    cancelled = [row["timestamp"] for row in own if row["event"] == "cancel" and row["product"] == person["plan"]]
    start = pd.Timestamp(day, tz="UTC")
    if start <= due <= start + pd.Timedelta(days=90) and not any(year_on(one, 1) >= due for one in cancelled):
        fields = {"days_left": (due.date() - day).days, "due_on": iso(due), "plan": person["plan"]}
        yield fact("milestone", "renewal_due", f"{person['plan']} {month(due)}", fields, day, numbers(rows))


def readings(own):
    """Return for each topic the emails sent, as lists of the human opens and clicks of each."""
    found = {}
    for row in own:
        if row["event"] not in {"sent", "delivered", "open", "click"}:
            continue
        key = row["message_id"]
        if key is None and row["campaign_id"] is not None:
            key = f"{row['campaign_id']}/{row['step'] or ''}"
        if key is not None:
            found.setdefault(key, []).append(row)
    by_topic = {}
    for rows in found.values():
        topics = [row["topic"] for row in rows if row["topic"] is not None]
        if topics and any(row["event"] in {"sent", "delivered"} for row in rows):
            human = [row for row in rows if row["event"] in {"open", "click"} and not row["machine_open"]]
            by_topic.setdefault(max(topics), []).append(human)
    return by_topic


def of_mail(_person, own, _day):
    """Facts of what is opened and clicked."""
    for topic, emails in readings(own).items():
        opens = [[row for row in rows if row["event"] == "open"] for rows in emails]
        clicks = [[row for row in rows if row["event"] == "click"] for rows in emails]
        n_opened, n_clicked, sent = sum(map(bool, opens)), sum(map(bool, clicks)), len(emails)
        times = sorted(row["timestamp"] for rows in opens for row in rows)
        clicked = sorted(row["timestamp"] for rows in clicks for row in rows)
        if n_opened:
            last = max(times + clicked)
            fields = {
                "clicked": n_clicked, "last_on": iso(last), "opened": n_opened, "sent": sent, "since_on": iso(times[0]),
                "topic": topic,
            }  # fmt: skip
            rows = numbers(min(rows, key=lambda row: row["row"]) for rows in opens if rows)
            yield fact("engagement", topic, f"opened {n_opened} of {sent}", fields, last.date(), rows)
        if n_clicked:
            fields = {
                "clicked": n_clicked, "last_on": iso(clicked[-1]), "sent": sent, "since_on": iso(clicked[0]), "topic": topic,
            }  # fmt: skip
            rows = numbers(min(rows, key=lambda row: row["row"]) for rows in clicks if rows)
            yield fact("clicks", topic, f"clicked {n_clicked} of {sent}", fields, clicked[-1].date(), rows)


def of_talk(_person, own, _day):
    """Facts of what was said."""
    said = [row for row in own if row["event"] == "conversation"]
    asked = [row for row in said if row["status"] in {"asked", "answered"}]
    for (topic,), rows in groups(asked, "topic").items():
        threads = [
            thread for thread in groups(rows, "message_id").values() if any(r["status"] == "asked" for r in thread)
        ]
        if threads:
            yield question(topic, threads)
    for (topic,), rows in groups([row for row in said if row["status"] not in {"asked", "answered"}], "topic").items():
        last = rows[-1]["timestamp"]
        fields = {"on": iso(last), "quote": latest(rows, "text"), "topic": topic}
        yield fact("conversation", topic or "", f"talked {month(last)}", fields, last.date(), numbers(rows))
    replies = [row for row in own if row["event"] == "reply" and row["reply_class"] not in {"auto_reply", "opt_out"}]
    for (topic,), rows in groups(replies, "topic").items():
        last = rows[-1]["timestamp"]
        fields = {
            "on": iso(last), "quote": latest(rows, "text"), "reply_class": latest(rows, "reply_class"), "topic": topic,
        }  # fmt: skip
        yield fact("reply", topic or "", month(last), fields, last.date(), numbers(rows))
    for (topic,), rows in groups([row for row in own if row["event"] == "support_ticket"], "topic").items():
        yield ticket(topic, list(groups(rows, "message_id").values()))
    for (topic,), rows in groups([row for row in own if row["event"] == "meeting"], "topic").items():
        last = rows[-1]["timestamp"]
        fields = {"n_meetings": len(rows), "on": iso(last), "topic": topic}
        yield fact("meeting", topic or "", f"met {month(last)}", fields, last.date(), numbers(rows))


def newest(threads, start):
    """Return the thread that starts last; of several at once, the one whose id sorts first."""
    latest_start = max(map(start, threads))
    return min((rows for rows in threads if start(rows) == latest_start), key=lambda rows: rows[0]["message_id"] or "~")


def question(topic, threads):
    """The latest question of a topic."""

    def asked_at(rows):
        return max(row["timestamp"] for row in rows if row["status"] == "asked")

    rows = newest(threads, asked_at)
    asked = asked_at(rows)
    answers = [row["timestamp"] for row in rows if row["status"] == "answered" and row["timestamp"] >= asked]
    answered = max(answers, default=None)
    fields = {
        "answered": bool(answers), "answered_on": iso(answered), "asked_on": iso(asked),
        "quote": latest([row for row in rows if row["status"] == "asked"], "text"), "topic": topic or "",
    }  # fmt: skip
    value = f"asked {month(asked)}" + (" answered" if answers else "")
    return fact("question", topic or "", value, fields, asked.date(), numbers(rows))


def ticket(topic, threads):
    """The latest ticket of a topic."""
    rows = newest(threads, lambda rows: rows[0]["timestamp"])
    opened = rows[0]["timestamp"]
    last = [row["status"] or "open" for row in rows if row["timestamp"] == rows[-1]["timestamp"]]
    solved = (
        max((row["timestamp"] for row in rows if row["status"] == "solved"), default=None)
        if max(last) == "solved"
        else None
    )
    fields = {
        "opened_on": iso(opened), "solved_on": iso(solved), "status": "solved" if solved else "open",
        "subject": latest(rows, "text"), "topic": topic or "",
    }  # fmt: skip
    value = f"solved {month(solved)}" if solved else f"open {month(opened)}"
    return fact("ticket", topic or "", value, fields, (solved or opened).date(), numbers(rows))


def of_visits(_person, own, day):
    """Facts of pages viewed and of silence."""
    for (topic,), rows in groups([row for row in own if row["event"] == "page_view"], "topic").items():
        if topic is not None:
            last = rows[-1]["timestamp"]
            fields = {"last_on": iso(last), "page": topic, "views": len(rows)}
            yield fact("interest", topic, f"viewed {month(last)}", fields, last.date(), numbers(rows))
    deeds = [row for row in own if is_deed(row)]
    days = (day - deeds[-1]["timestamp"].date()).days if deeds else 0
    if days >= 60:
        last = [row for row in deeds if row["timestamp"] == deeds[-1]["timestamp"]]
        event = max(row["event"] for row in last)
        fields = {"days_since": days, "last_event": event, "last_on": iso(deeds[-1]["timestamp"])}
        value = "180+ days" if days >= 180 else "90+ days" if days >= 90 else "60+ days"
        row = min(row["row"] for row in last if row["event"] == event)
        yield fact("silence", "", value, fields, deeds[-1]["timestamp"].date(), [row])


def is_deed(row):
    """Tell whether the contact did it."""
    event = row["event"]
    if event in {"open", "click"}:
        return not row["machine_open"]
    if event == "reply":
        return row["reply_class"] != "auto_reply"
    if event == "conversation":
        return row["status"] != "answered"
    if event == "support_ticket":
        return row["status"] != "solved"
    return event in {"page_view", "purchase", "renewal", "meeting"}


def of_peers(people, events):
    """What most contacts of an industry open."""
    industry_of = {person["contact_id"]: person["industry"] for person in people}
    facts = []
    for industry in set(industry_of.values()) - {None}:
        members = [one for one in industry_of if industry_of[one] == industry]
        readers = {}
        for one in members:
            own = [row for row in events if row["contact_id"] == one]
            for topic, emails in readings(own).items():
                if any(row["event"] == "open" for rows in emails for row in rows):
                    readers.setdefault(topic, set()).add(one)
        if len(members) >= 20 and readers:
            topic = min(readers, key=lambda name: (-len(readers[name]), name))
            fields = {
                "group": industry, "n_peers": len(members), "top_topic": topic,
                "top_topic_share": round(len(readers[topic]) / len(members), 3),
            }  # fmt: skip
            facts += [
                {"contact_id": one, **fact("peers", "industry", f"{industry}: {topic}", fields, None)}
                for one in members
            ]
    return facts


def comparable(facts):
    """Return facts in an order and form in which two ways of reckoning can be compared."""
    return sorted(
        (
            one["contact_id"],
            *statement(one),
            json.dumps(one["fields"], sort_keys=True),
            iso(one["occurred_on"]),
            one["rows"],
        )
        for one in facts
    )
