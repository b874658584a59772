"""What is too delicate to be written about unless the analyst allows it: topics, words and columns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from segvspers.errors import ArgumentError

TOPICS = ("health", "illness", "finances", "debt", "religion", "politics", "union")
# Special categories of personal data (GDPR, Article 9(1)), and what people owe, earn and mourn.
WORDS = (
    "abortion*", "addict*", "alcoholi*", "asylum", "atheis*", "bankrupt*", "bereave*", "biometric*", "cancer", "chemo*",
    "church*", "credit score*", "creditor*", "criminal*", "debt*", "depress*", "diabet*", "diagnos*", "disab*",
    "disease*", "divorce*", "ethnic*", "evict*", "foreclos*", "funeral*", "gay", "genetic*", "health", "health condition*",
    "hiv", "hospital", "illness*", "insolven*", "lesbian*", "medical condition*", "medication*", "mental health",
    "miscarr*", "mortgage*", "mosque*", "muslim*", "jewish", "overdue", "passed away", "pregnan*", "psychiatr*",
    "psycholog*", "religio*", "salary", "salaries", "sexual*", "sick", "sick leave", "stroke", "suicid*", "surger*",
    "synagogue*", "therap*", "trade union*", "transgender*", "union member*",
)  # fmt: skip
COLUMNS = (
    "birth_date", "birthday", "credit_score", "date_of_birth", "disability", "ethnicity", "gender", "health_status",
    "income", "marital_status", "nationality", "religion", "salary",
)  # fmt: skip
NEVER = r"[^\s\S]"


@dataclass(frozen=True, slots=True)
class Sensitive:
    """What marks a fact as sensitive.

    Attributes
    ----------
    topics
        Topics of history; a fact about one of them is sensitive. Capitals don't matter.
    words
        Words looked for in topics, products, further columns and in what contacts wrote; one that ends in ``*``
        stands for all its endings.
    columns
        Columns of contacts or history; a fact that needs one of them, or comes from a row where a column of
        history is filled, is sensitive.

    Notes
    -----
    A list finds words, not meanings: it marks too much rather than too little, and still can't be complete.
    The defaults cover the special categories of Article 9(1) of the GDPR, finances and bereavement, in English.

    Examples
    --------
    >>> from segvspers.facts import Sensitive
    >>> mine = Sensitive().with_more(topics=["layoffs"], words=["redundan*"], columns=["job_title"])
    >>> "layoffs" in mine.topics, "health" in mine.topics
    (True, True)
    """

    topics: tuple[str, ...] = TOPICS
    words: tuple[str, ...] = WORDS
    columns: tuple[str, ...] = COLUMNS

    def __post_init__(self) -> None:
        """Refuse a single string where a list belongs, and words that are empty."""
        for name in ("topics", "words", "columns"):
            given = getattr(self, name)
            if isinstance(given, str) or not all(isinstance(one, str) and one.strip(" *") for one in given):
                raise ArgumentError(f"sensitive: {name}={given!r} must be a list of words such as ['health'].")
            object.__setattr__(self, name, tuple(given))

    def with_more(
        self, *, topics: Iterable[str] = (), words: Iterable[str] = (), columns: Iterable[str] = ()
    ) -> Sensitive:
        """Return this list with more on it."""
        for name, given in (("topics", topics), ("words", words), ("columns", columns)):
            if isinstance(given, str):
                raise ArgumentError(f"sensitive: {name}={given!r} must be a list of words such as ['health'].")
        return replace(
            self,
            topics=(*self.topics, *topics),
            words=(*self.words, *words),
            columns=(*self.columns, *columns),
        )

    @property
    def small_columns(self) -> frozenset[str]:
        """Names of the columns in small letters."""
        return frozenset(column.lower() for column in self.columns)

    @property
    def pattern(self) -> str:
        """Regular expression (RE2) that finds any of the words, in small and capital letters."""
        return f"(?i)(?:{'|'.join(map(_found, sorted(set(self.words))))})" if self.words else NEVER


def _found(word: str) -> str:
    # RE2 knows the edges of ASCII words only, and classes of Unicode make it a hundred times slower; a word that
    # starts or ends with another letter is found inside longer ones too, which marks too much rather than too little.
    stem = word.strip().rstrip("*")
    start = r"\b" if stem[0].isascii() and stem[0].isalnum() else ""
    end = r"\b" if not word.endswith("*") and stem[-1].isascii() and stem[-1].isalnum() else ""
    return start + r"\s+".join(map(re.escape, stem.split())) + end
