"""SQL of one column: its code, or its number, in the words of DuckDB, Postgres, BigQuery and Spark."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from segvspers.segments.codes.coding import MISSING, UNKNOWN, ColumnCode


@dataclass(frozen=True, slots=True)
class Dialect:
    """How an engine quotes names and text, casts what may not fit, and looks up an array (from place 1)."""

    quote: str
    backslash: bool
    text: str
    real: str
    time: str
    finite: str
    pick: str
    doubles_quote: bool = True

    def name(self, name: str) -> str:
        """Return a quoted name."""
        doubled = name.replace(self.quote, self.quote * 2)
        escaped = name.replace("\\", "\\\\").replace(self.quote, "\\" + self.quote)
        return f"{self.quote}{doubled if self.doubles_quote else escaped}{self.quote}"

    def literal(self, value: str) -> str:
        """Return text as a literal."""
        if not self.backslash:
            return "'" + value.replace("'", "''") + "'"
        for mark, written in (("\\", "\\\\"), ("'", "\\'"), ("\n", "\\n"), ("\r", "\\r")):
            value = value.replace(mark, written)
        return f"'{value}'"

    def number(self, name: str) -> str:
        """Return a column as a real number, NULL where it is not finite."""
        real = self.real.format(self.name(name))
        return f"CASE WHEN {self.finite.format(real)} THEN {real} END"

    def moment(self, days: float) -> str:
        """Return a day as a timestamp literal, in UTC."""
        when = pd.Timestamp(0) + pd.Timedelta(seconds=round(days * 86_400))
        return f"TIMESTAMP '{when:%Y-%m-%d %H:%M:%S}{'+00' if self.backslash else ''}'"

    def lookup(self, key: str, values: list[str]) -> str:
        """Return the value at a place from 1."""
        return self.pick.format(key=key, values=", ".join(values))


DIALECTS = {
    "duckdb": Dialect(
        quote='"',
        backslash=False,
        text="CAST({0} AS VARCHAR)",
        real="TRY_CAST({0} AS DOUBLE)",
        time="TRY_CAST({0} AS TIMESTAMP)",
        finite="isfinite({0})",
        pick="([{values}])[{key}]",
    ),
    "postgres": Dialect(
        quote='"',
        backslash=False,
        text="CAST({0} AS TEXT)",
        real="CAST({0} AS DOUBLE PRECISION)",
        time="CAST({0} AS TIMESTAMP)",
        finite="{0} NOT IN ('NaN'::float8, 'Infinity'::float8, '-Infinity'::float8)",
        pick="(ARRAY[{values}])[{key}]",
    ),
    "bigquery": Dialect(
        quote="`",
        backslash=True,
        text="CAST({0} AS STRING)",
        real="SAFE_CAST({0} AS FLOAT64)",
        time="SAFE_CAST({0} AS TIMESTAMP)",
        finite="NOT IS_NAN({0}) AND NOT IS_INF({0})",
        pick="[{values}][ORDINAL({key})]",
        doubles_quote=False,
    ),
    "spark": Dialect(
        quote="`",
        backslash=True,
        text="CAST({0} AS STRING)",
        real="TRY_CAST({0} AS DOUBLE)",
        time="TRY_CAST({0} AS TIMESTAMP)",
        finite="NOT isnan({0}) AND abs({0}) < double('Infinity')",
        pick="element_at(array({values}), {key})",
    ),
}


def code_sql(dialect: Dialect, plan: ColumnCode) -> tuple[str, str]:
    """Return the value that is coded, as ``v``, and the code of ``v``: from 0, or below 0 where it says nothing."""
    if plan.kind in ("category", "flag"):
        shown = dialect.text.format(dialect.name(plan.name))
        flag = plan.kind == "flag"
        levels = [dialect.literal(level.lower() if flag else level) for level in plan.levels]
        bins = " ".join(f"WHEN {{v}} = {level} THEN {code}" for code, level in enumerate(levels))
        rest = f"{bins} ELSE {UNKNOWN}"
        value = f"lower({shown})" if flag else shown
    else:
        value, cuts = _amount(dialect, plan)
        bins = " ".join(f"WHEN {{v}} < {cut} THEN {code}" for code, cut in enumerate(cuts))
        rest = f"{bins} ELSE {len(cuts)}"
    return value, f"CASE WHEN {{v}} IS NULL THEN {MISSING} {rest} END"


def _amount(dialect: Dialect, plan: ColumnCode) -> tuple[str, list[str]]:
    if plan.kind == "date":
        return dialect.time.format(dialect.name(plan.name)), [dialect.moment(cut) for cut in plan.cuts]
    value = dialect.number(plan.name)
    if plan.per:
        units = dialect.number(plan.after)
        value = f"({value}) / NULLIF(CASE WHEN ({units}) > 0 THEN ({units}) END, 0)"
    return value, [repr(cut) for cut in plan.cuts]
