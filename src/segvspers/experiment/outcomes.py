"""Read outcomes of a test: one row an assigned contact, whether simulated or seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from segvspers._checks import few
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
        A path, a glob, a pandas, polars or Arrow table, or a DuckDB relation.
    columns
        ``{our name: their name}``, such as ``{"variant": "arm", "replied": "visit"}``.

    Returns
    -------
    pandas.DataFrame
        `contact_id, company_id, variant, segment_id, campaign_id, step, assigned_at, sent_at, delivered, opened,
        clicked, replied, replied_at, reply_class, unsubscribed, spam_reported, bounced, revenue_usd, cost_usd` as far
        as they are there, and covariates. Without `contact_id` the row number stands in for it. `replied` leaves
        automatic replies out when `reply_class` tells them.

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

    if isinstance(outcomes, pd.DataFrame):
        return outcomes.rename(columns={their: our for our, their in (columns or {}).items()})
    return read_outcomes(outcomes, columns=columns)


def _problems(frame: pd.DataFrame) -> list[str]:
    problems = []
    if "variant" not in frame.columns:
        problems.append(
            f"there is no column 'variant' among {list(map(str, frame.columns))[:40]}; "
            "name the one that tells the arms apart with columns={'variant': ...}"
        )
    else:
        names = sorted(set(frame["variant"].dropna()))
        if frame["variant"].isna().any():
            problems.append(f"{int(frame['variant'].isna().sum())} rows have no variant; fill or remove them")
        if len(names) < 2:
            problems.append(f"there is only one variant, {few(names)}; a comparison needs two")
    if "replied" in frame.columns:
        if frame["replied"].isna().any():
            rows = (frame["replied"].isna().to_numpy().nonzero()[0] + 1).tolist()
            problems.append(f"'replied' is empty in row {few(rows)}; write false for contacts who did not reply")
        elif not frame["replied"].any():
            problems.append("nobody replied in any variant, so reply rates can't be compared; wait or check 'replied'")
    if {"replied_at", "sent_at"} <= set(frame.columns):
        early = (frame["replied_at"] < frame["sent_at"]).to_numpy().nonzero()[0] + 1
        if len(early):
            problems.append(f"'replied_at' lies before 'sent_at' in row {few(early.tolist())}; check time zones")
    for name in ("cost_usd", "revenue_usd"):
        if name in frame.columns and (frame[name] < 0).any():
            rows = (frame[name] < 0).to_numpy().nonzero()[0] + 1
            problems.append(
                f"{name!r} is negative in row {few(rows.tolist())}; costs and revenue are amounts from 0 up"
            )
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
