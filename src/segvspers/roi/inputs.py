"""Checks that costs and funnel share: fill in the cited defaults, and name every value that can't be."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segvspers.assumptions import Distribution, as_distribution, read_priors
from segvspers.errors import ArgumentError, MissingFileError, raise_all

if TYPE_CHECKING:
    import pandas as pd

AT_LEAST_ONE = {"n_segments", "n_steps"}
EXTREME = 1e-4

SECTIONS = frozenset({"costs", "funnel"})


@cache
def defaults() -> pd.DataFrame:
    """Return the cited defaults of costs and funnel, indexed by parameter."""
    return read_priors(Path(__file__).with_name("defaults.csv"))


def settled(owner: str, given: Mapping[str, Any], *, currency: Any) -> dict[str, Distribution]:
    """Return every value as a distribution, or one error that lists all that are wrong.

    A value left at None takes the cited default; one without a default stays out.
    """
    cited, problems = defaults(), _currency_problems(currency)
    values: dict[str, Distribution] = {}
    for name, value in given.items():
        if value is None and name not in cited.index:
            continue
        try:
            chosen: Any = cited.loc[name, "value"] if value is None else as_distribution(value, name=name)
        except ArgumentError as error:
            problems.append(str(error))
            continue
        problem = range_problem(name, chosen)
        if problem:
            problems.append(problem)
        values[name] = chosen
    raise_all(owner, problems, error=ArgumentError)
    return values


def range_problem(name: str, value: Distribution) -> str:
    """Return why a value can't be that of its parameter, or nothing."""
    low, high = value.quantile(EXTREME), value.quantile(1 - EXTREME)
    if is_share(name) and (low < 0 or high > 1):
        return f"{name}={value} leaves 0 to 1; it is a proportion: 5 % is written 0.05."
    floor = 1 if name in AT_LEAST_ONE else 0
    if low < floor:
        return f"{name}={value} goes below {floor}; give a number of at least {floor}."
    return ""


def is_share(name: str) -> bool:
    """Tell whether a parameter is a proportion."""
    cited = defaults()
    return name in {"margin", "retention"} or name in set(cited.index[cited["unit"] == "share"])


def load_yaml(path: str | Path, *, owner: str, allowed: Collection[str]) -> dict[str, Any]:
    """Return the settings of a YAML file, checked by name; the currency must stand in it.

    Costs and funnel may share one file, each in a section of its name below the currency.
    """
    import yaml

    source = Path(path)
    if not source.is_file():
        raise MissingFileError(f"no file of {owner.lower()} at {source.name}; check the path.")
    try:
        settings = yaml.safe_load(source.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        place = "" if line is None else f" near line {line + 1}"
        raise ArgumentError(f"{source.name} is no YAML{place}; check its indents and colons.") from None
    if not isinstance(settings, dict):
        raise ArgumentError(f"{source.name} must hold one `name: value` a line, such as `currency: USD`.")
    if SECTIONS & set(settings):
        settings = _section(settings, source.name, owner)
    unknown = sorted(str(name) for name in settings if name not in allowed)
    problems = [f"{unknown} are not known; choose from {sorted(allowed)}."] if unknown else []
    if "currency" not in settings:
        problems.append("no currency is stated; add a line such as `currency: USD`.")
    raise_all(source.name, problems, error=ArgumentError)
    return settings


def _section(settings: Mapping[str, Any], file: str, owner: str) -> dict[str, Any]:
    strange = sorted(map(str, set(settings) - SECTIONS - {"currency"}))
    own = settings.get(owner.lower())
    problems = [f"{strange} stand outside the sections {sorted(SECTIONS)}."] if strange else []
    if not isinstance(own, dict):
        problems.append(f"there is no section `{owner.lower()}:` with one `name: value` a line.")
    raise_all(file, problems, error=ArgumentError)
    return {name: settings[name] for name in ("currency",) if name in settings} | dict(own or {})


def _currency_problems(currency: Any) -> list[str]:
    if isinstance(currency, str) and re.fullmatch("[A-Z]{3}", currency):
        return []
    return [f"currency={currency!r} is no currency; give its three letters, such as 'USD' or 'GBP'."]
