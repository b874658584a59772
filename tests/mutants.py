"""Emails with one thing changed each: a date, an amount, a count, a product, a company, a name, or how a matter stands.

The changes are made by patterns of their own, not by what the audit finds values with.
"""

import re

import numpy as np
import pandas as pd

MONTHS = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
]  # fmt: skip
NUMBERS = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
# How a matter stands, and the opposite or another matter.
STANDS = [
    ("is still open", "was solved"), ("it's still open", "it was solved"), ("isn't solved yet", "was solved"),
    ("it still isn't solved", "it was solved"), ("we haven't solved", "we solved"), ("isn't solved", "was solved"),
    ("has been open since", "was solved in"), ("still waiting for a fix", "solved"), ("was solved", "is still open"),
    ("we solved", "we haven't solved"), ("marked as solved", "still open"), ("We closed your ticket", "We haven't closed your ticket"),
    ("never got an answer", "got our answer"), ("we haven't answered yet", "we answered"), ("we didn't answer", "we answered"),
    ("nobody got back to you", "we answered"), ("went unanswered", "was answered"), ("without a reply", "that was answered"),
    ("We answered your question", "We haven't answered your question"), ("did our answer", "why didn't we answer, and did nobody"),
    ("our answer was any help", "nobody answered"), ("bought", "canceled"), ("renewed", "canceled"), ("renews on", "expired on"),
    ("canceled", "renewed"), ("asked us about", "never asked us about"), ("asked about", "told us about"), ("opened our", "clicked our"),
    ("opened", "never opened"), ("decided on", "decided against"), ("decided against", "decided on"), ("looked at", "never visited"),
    ("signed up", "canceled"), ("joined us", "left us, expired,"), ("wrote back to us", "never replied to us"), ("replied", "never replied"),
    ("is up for renewal", "has lapsed"), ("talked with us", "met with us"), ("We talked", "You asked and we met to talk"),
]  # fmt: skip


def mutants_of(kind, emails, contacts, products, *, rng):
    """Return a mutant of every email that has something of a kind to change, and what was changed to what."""
    change = Changes(contacts, products, np.random.default_rng(rng))
    rows, said = [], []
    for row in emails.itertuples(index=False):
        found = change.name_of(row) if kind == "name" else change.in_a_sentence(kind, row)
        if found is not None:
            rows.append(found[0])
            said.append(found[1])
    return pd.DataFrame(rows, columns=emails.columns), said


class Changes:
    def __init__(self, contacts, products, rng):
        self.rng, self.products = rng, list(products)
        self.companies = sorted(contacts["company"].dropna().unique())
        self.first_names = sorted(contacts["first_name"].dropna().unique())

    def other(self, values, than):
        left = [value for value in values if value != than]
        return left[int(self.rng.integers(len(left)))]

    def name_of(self, row):
        greeted = re.match(r"Hi ([^,\n]+),", row.body_text)
        if greeted is None or greeted.group(1) == "there":
            return None
        new = self.other(self.first_names, greeted.group(1))
        return row._replace(body_text=f"Hi {new},{row.body_text[greeted.end() :]}", body_html=None), (
            greeted.group(1),
            new,
        )

    def in_a_sentence(self, kind, row):
        places = [place for place, one in enumerate(row.sentences) if one["fact_ids"] or kind == "company"]
        for place in self.rng.permutation(places):
            text = row.sentences[place]["text"]
            if "“" in text:
                continue
            new = getattr(self, kind)(text, row)
            if new is not None and new != text:
                return self.put(row, place, new), (text, new)
        return None

    def put(self, row, place, new):
        sentences = [dict(one) for one in row.sentences]
        old, sentences[place]["text"] = sentences[place]["text"], new
        body = row.body_text if place == 0 else row.body_text.replace(old, new, 1)
        return row._replace(
            subject=new if place == 0 else row.subject, body_text=body, sentences=sentences, body_html=None
        )

    def swapped(self, pattern, text, new_of):
        found = list(re.finditer(pattern, text))
        if not found:
            return None
        one = found[int(self.rng.integers(len(found)))]
        return text[: one.start()] + new_of(one.group()) + text[one.end() :]

    def date(self, text, _row):
        def new_of(old):
            if old in MONTHS:
                return self.other(MONTHS, old)
            if old.isdigit():
                return str(int(self.other(range(1, 29), int(old))))
            return self.other(["last year", "in 2019", "six months ago", "three years ago", "next month"], old.lower())

        months = "|".join(MONTHS)
        return self.swapped(
            rf"\b(?:{months})\b|(?<=[a-z] )\d{{1,2}}(?=[.,]|$)|\b[Ll]ast (?:month|year)\b|\b[Ee]arlier this month\b",
            text,
            new_of,
        )

    def amount(self, text, _row):
        def new_of(old):
            value = float(old[1:].replace(",", ""))
            return f"${value + self.other([-100, -10, -1, 1, 10, 100, 1000], 0):,.0f}"

        return self.swapped(r"\$\d[\d,]*(?:\.\d\d)?(?!\d)", text, new_of)

    def count(self, text, _row):
        words = "|".join(NUMBERS)
        return self.swapped(
            rf"\b(?:{words})\b(?= (?:of (?:our|the|them)|emails|times|years)\b)|\b(?:twice)\b|\b\d+\b(?= (?:of (?:our|the)|emails|times|years)\b)",
            text, lambda old: "seven times" if old == "twice" else self.other(NUMBERS, old.lower()),
        )  # fmt: skip

    def product(self, text, _row):
        names = "|".join(sorted(map(re.escape, self.products), key=len, reverse=True))
        return self.swapped(rf"\b(?:{names})\b", text, lambda old: self.other(self.products, old))

    def company(self, text, row):
        own = [name for name in row.identity if name in self.companies and name in text]
        return text.replace(own[0], self.other(self.companies, own[0]), 1) if own else None

    def status(self, text, _row):
        fitting = [(old, new) for old, new in STANDS if re.search(rf"\b{re.escape(old)}\b", text)]
        if not fitting:
            return None
        old, new = fitting[int(self.rng.integers(len(fitting)))]
        return text.replace(old, new, 1)
