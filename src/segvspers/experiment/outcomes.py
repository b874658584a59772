"""Read outcomes of a test: one row an assigned contact, whether simulated or seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from segvspers._checks import few
from segvspers._spark import is_spark
from segvspers.dialects import aliases
from segvspers.errors import ArgumentError, DataError, raise_all
from segvspers.tables import Column, convert_columns, open_table
from segvspers.tables.convert import number_further, rename_columns

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    *(Column(name) for name in ("contact_id", "company_id", "variant", "segment_id", "campaign_id", "reply_class")),
    *(Column(name, "time") for name in ("assigned_at", "sent_at", "replied_at")),
    *(Column(name, "flag") for name in ("delivered", "opened", "clicked", "replied", "unsubscribed")),
    *(Column(name, "flag") for name in ("spam_reported", "bounced", "machine_open")),
    *(Column(name, "number") for name in ("step", "revenue_usd", "cost_usd")),
)
AMOUNTS = ("cost_usd", "revenue_usd")
EVIDENCE = ("randomised", "simulated", "observational")
MACHINE_CLASSES = ("auto_reply",)
AFTER = (
    "delivered",
    "opened",
    "clicked",
    "replied",
    "replied_at",
    "reply_class",
    "unsubscribed",
    "spam_reported",
    "bounced",
    "revenue_usd",
    "cost_usd",
    "machine_open",
    "machine_click",
)


def read_outcomes(source: Any, *, columns: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Read outcomes, one row an assigned contact (and step).

    Parameters
    ----------
    source
        A path, a glob, a pandas, polars or Arrow table, a DuckDB relation, or a PySpark frame, which stays where it lies.
    columns
        ``{our name: their name}``, such as ``{"variant": "arm", "replied": "visit"}``.

    Returns
    -------
    pandas.DataFrame
        `contact_id, company_id, variant, segment_id, campaign_id, step, assigned_at, sent_at, delivered, opened,
        clicked, replied, replied_at, reply_class, unsubscribed, spam_reported, bounced, revenue_usd, cost_usd` as far
        as they are there, and covariates. Without `contact_id` the row number stands in for it. `replied` leaves
        automatic replies out when `reply_class` tells them. Of a PySpark frame a PySpark frame.

    Raises
    ------
    MissingFileError
        When there is no such file.
    DataError
        With every problem at once: no or one variant, unreadable values, replies before sending, negative costs.

    Examples
    --------
    >>> import segvspers as sv
    >>> outcomes = sv.read_outcomes("data/sample/outcomes.csv")
    >>> sorted(set(outcomes["variant"]))
    ['individual', 'segment']
    """
    import pandas as pd

    if is_spark(source):
        from segvspers.experiment.outcomes_on_spark import read_on_spark

        return read_on_spark(source, columns)
    reading = open_table(source, table="outcomes")
    raw = reading.raw.to_pandas()
    frame, mapping = rename_columns(raw, table="outcomes", columns=columns, aliases=aliases("outcomes"))
    frame, problems = convert_columns(number_further(frame, COLUMNS), COLUMNS)
    if "contact_id" not in frame.columns:
        frame.insert(0, "contact_id", pd.Series(range(1, len(frame) + 1), index=frame.index).astype(str))
        reading.note("There is no contact_id, so each row counts as one contact.")
    if "replied" in frame.columns and "reply_class" in frame.columns:
        machine = frame["reply_class"].isin(MACHINE_CLASSES) & frame["replied"].fillna(False)
        if machine.any():
            frame.loc[machine, "replied"] = False
            reading.note(f"{int(machine.sum())} automatic replies are not counted as replies.")
    raise_all("outcomes", [*problems, *_problems(frame)])
    for column in frame.columns[frame.dtypes.astype(str) == "boolean"]:
        if not frame[column].isna().any():
            frame[column] = frame[column].astype(bool)
    reading.mapping |= mapping
    return reading.finish(frame)


def as_rows(outcomes: Any, columns: Mapping[str, str] | None) -> pd.DataFrame:
    """Return a frame under our names as it is, and anything else by `read_outcomes`."""
    import pandas as pd

    refuse_spark(outcomes)
    if isinstance(outcomes, pd.DataFrame):
        return outcomes.rename(columns={their: our for our, their in (columns or {}).items()})
    return read_outcomes(outcomes, columns=columns)


def refuse_spark(outcomes: Any) -> None:
    """Raise `DataError` for a PySpark frame, where a method looks at single rows."""
    if is_spark(outcomes):
        raise DataError(
            "outcomes is a PySpark frame, and this method looks at single rows; give it the rows and columns that it needs "
            "in memory, such as outcomes.select('variant', 'replied').toPandas(). compare_reply_rates, compare_revenue and "
            "compare_by_segment take PySpark frames."
        )


def _problems(frame: pd.DataFrame) -> list[str]:
    """Return what is wrong with a table in memory, with the numbers of its rows."""

    def rows(wrong: pd.Series) -> str:
        return f"row {few((wrong.to_numpy(dtype=bool).nonzero()[0] + 1).tolist())}" if wrong.any() else ""

    there = set(frame.columns)
    wrong = {name: rows(frame[name] < 0) for name in AMOUNTS if name in there}
    if "variant" in there and frame["variant"].isna().any():
        wrong["variant"] = f"{int(frame['variant'].isna().sum())} rows"
    if "replied" in there:
        wrong["replied"] = rows(frame["replied"].isna())
    if {"replied_at", "sent_at"} <= there:
        wrong["replied_at"] = rows(frame["replied_at"] < frame["sent_at"])
    variants = sorted(set(frame["variant"].dropna())) if "variant" in there else []
    anybody = "replied" not in there or bool(frame["replied"].any())
    return told_problems(list(map(str, frame.columns)), variants, wrong, anybody=anybody)


def told_problems(
    columns: Sequence[str], variants: Sequence[str], wrong: Mapping[str, str], *, anybody: bool
) -> list[str]:
    """Return what is wrong with outcomes as sentences.

    Parameters
    ----------
    columns, variants
        Names that the table has.
    wrong
        Where a column is wrong: ``"row 3, 7"``, or ``"12 rows"``; left out or empty where it is not.
    anybody
        Whether anybody replied.
    """
    problems = []
    if "variant" not in columns:
        problems.append(
            f"there is no column 'variant' among {list(columns)[:40]}; "
            "name the one that tells the arms apart with columns={'variant': ...}"
        )
    else:
        if wrong.get("variant"):
            problems.append(f"{wrong['variant']} have no variant; fill or remove them")
        if len(variants) < 2:
            problems.append(f"there is only one variant, {few(variants)}; a comparison needs two")
    if wrong.get("replied"):
        problems.append(f"'replied' is empty in {wrong['replied']}; write false for contacts who did not reply")
    elif not anybody:
        problems.append("nobody replied in any variant, so reply rates can't be compared; wait or check 'replied'")
    if wrong.get("replied_at"):
        problems.append(f"'replied_at' lies before 'sent_at' in {wrong['replied_at']}; check time zones")
    problems += [
        f"{name!r} is negative in {wrong[name]}; costs and revenue are amounts from 0 up"
        for name in AMOUNTS
        if wrong.get(name)
    ]
    return problems


def check_covariates(covariates: Iterable[str]) -> None:
    """Raise `ArgumentError` when a covariate is an outcome of the emails."""
    late = [name for name in covariates if name in AFTER]
    if late:
        raise ArgumentError(
            f"covariates={late} were measured after the emails left, so adjusting for them would take part of the effect away; "
            "name columns known before the test, such as prior_revenue_usd."
        )


def pick_arms(frame: pd.DataFrame, *, control: str, treatment: str | None) -> tuple[str, str]:
    """Return the names of both arms of a table (see `choose_arms`)."""
    return choose_arms(frame["variant"].dropna().astype(str), control=control, treatment=treatment)


def choose_arms(names: Iterable[str], *, control: str, treatment: str | None) -> tuple[str, str]:
    """Return the names of both arms; the treatment may be left out when there are two.

    Raises
    ------
    DataError
        When a name is not there, there is one variant only, or the treatment must be named.
    """
    known = sorted(set(names))
    if len(known) < 2:
        raise DataError(f"outcomes hold only one variant, {few(known)}; a comparison needs two.")
    if control not in known:
        raise DataError(f"control={control!r} is not among the variants {known}.")
    others = [name for name in known if name != control]
    if treatment is None:
        if len(others) > 1:
            raise DataError(f"outcomes hold the variants {known}; name one of {others} as treatment=.")
        return control, others[0]
    if treatment not in others:
        raise DataError(f"treatment={treatment!r} must be one of {others}.")
    return control, treatment


def evidence_of(frame: pd.DataFrame, attrs: Mapping[Any, Any]) -> str:
    """Return how the outcomes came about: simulated when they say so, else randomised."""
    if "evidence" in frame.columns and len(frame):
        return one_evidence(frame["evidence"])
    return str(attrs.get("evidence", "randomised"))


def one_evidence(kinds: pd.Series) -> str:
    """Return the one kind of evidence that a column holds.

    Raises
    ------
    DataError
        When there are several, or the kind is not known.
    """
    names = sorted(set(kinds.dropna().astype(str)))
    if len(names) > 1:
        raise DataError(f"outcomes mix the evidence {names}; analyse each on its own.")
    if names and names[0] not in EVIDENCE:
        raise DataError(f"outcomes: evidence {names[0]!r} is not known; use one of {list(EVIDENCE)}.")
    return names[0] if names else "randomised"
