"""Numbers that are not known exactly: distributions to state them with, and the cited table of defaults.

Use these for the inputs of costs, funnels and simulated worlds. A plain number is one that is known. They
are no modelling language: inputs are drawn independently of each other.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segvspers.errors import ArgumentError, DataError, MissingFileError, raise_all

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

KINDS = {
    "point": ("value",),
    "triangular": ("low", "mode", "high"),
    "normal": ("mean", "sd"),
    "lognormal": ("median", "sigma"),
    "beta": ("a", "b"),
    "uniform": ("low", "high"),
    "frozen": (),
}
COLUMNS = ("parameter", "distribution", "p1", "p2", "p3", "unit", "source", "year", "n", "grade", "note")


@dataclass(frozen=True, slots=True)
class Distribution:
    """One uncertain number; made by `triangular`, `normal`, `lognormal`, `beta`, `uniform` or a SciPy object.

    Attributes
    ----------
    kind
        Name of the family; ``frozen`` holds a SciPy frozen distribution.
    parameters
        Its parameters, in the order of the function that made it.
    frozen
        The SciPy object, otherwise None.
    """

    kind: str
    parameters: tuple[float, ...]
    frozen: Any = None

    def __post_init__(self) -> None:
        """Refuse parameters that are no distribution."""
        problem = _problem(self.kind, self.parameters)
        if problem:
            raise ArgumentError(f"{self}: {problem}.")

    def __str__(self) -> str:
        """Return the distribution as it is written."""
        if self.kind == "frozen":
            given = [f"{value:g}" if isinstance(value, (int, float)) else str(value) for value in _given(self)]
            return f"scipy {self.frozen.dist.name}({', '.join(given)})"
        inside = ", ".join(f"{value:g}" for value in self.parameters)
        return inside if self.kind == "point" else f"{self.kind}({inside})"

    @property
    def known(self) -> bool:
        """Tell whether the number has no spread."""
        return self.kind == "point"

    def draw(self, n_draws: int, rng: np.random.Generator) -> np.ndarray:
        """Return `n_draws` independent draws."""
        import numpy as np

        p = self.parameters
        if self.kind == "point":
            return np.full(n_draws, p[0])
        if self.kind == "frozen":
            return np.asarray(self.frozen.rvs(size=n_draws, random_state=rng), dtype=float)
        if self.kind == "lognormal":
            return p[0] * np.exp(p[1] * rng.standard_normal(n_draws))
        return getattr(rng, self.kind)(*p, n_draws)

    def quantile(self, level: float) -> float:
        """Return the value below which a share `level` of the draws lies."""
        p = self.parameters
        if self.kind == "point":
            return p[0]
        if self.kind == "frozen":
            return float(self.frozen.ppf(level))
        if self.kind == "uniform":
            return p[0] + level * (p[1] - p[0])
        if self.kind == "triangular":
            return _triangular_quantile(level, *p)
        from scipy.special import betaincinv, ndtri

        if self.kind == "beta":
            return float(betaincinv(*p, level))
        if self.kind == "normal":
            return float(p[0] + p[1] * ndtri(level))
        return float(p[0] * math.exp(p[1] * ndtri(level)))

    @property
    def mean(self) -> float:
        """Expected value."""
        p = self.parameters
        if self.kind == "frozen":
            return float(self.frozen.mean())
        formula = {
            "triangular": lambda: sum(p) / 3,
            "uniform": lambda: sum(p) / 2,
            "beta": lambda: p[0] / (p[0] + p[1]),
            "lognormal": lambda: p[0] * math.exp(p[1] ** 2 / 2),
        }
        return formula.get(self.kind, lambda: p[0])()

    @property
    def sd(self) -> float:
        """Standard deviation."""
        p = self.parameters
        if self.kind == "frozen":
            return float(self.frozen.std())
        formula = {
            "triangular": lambda: math.sqrt(sum((p[i] - p[j]) ** 2 for i, j in ((0, 1), (0, 2), (1, 2))) / 36),
            "uniform": lambda: (p[1] - p[0]) / math.sqrt(12),
            "beta": lambda: math.sqrt(p[0] * p[1] / (p[0] + p[1] + 1)) / (p[0] + p[1]),
            "lognormal": lambda: self.mean * math.sqrt(math.expm1(p[1] ** 2)),
            "normal": lambda: p[1],
        }
        return formula.get(self.kind, lambda: 0.0)()


def triangular(low: float, mode: float, high: float) -> Distribution:
    """State a number by its lowest, most likely and highest value.

    Examples
    --------
    >>> triangular(10, 12, 15).quantile(0.5)
    12.261387212474169
    """
    return Distribution("triangular", (float(low), float(mode), float(high)))


def normal(mean: float, sd: float) -> Distribution:
    """State a number by its mean and standard deviation.

    Examples
    --------
    >>> round(normal(0.10, 0.25).quantile(0.95), 3)
    0.511
    """
    return Distribution("normal", (float(mean), float(sd)))


def lognormal(median: float, sigma: float) -> Distribution:
    """State a positive number by its median and the standard deviation of its logarithm.

    Examples
    --------
    >>> lognormal(0.026, 1.1).quantile(0.5)
    0.026
    """
    return Distribution("lognormal", (float(median), float(sigma)))


def beta(a: float, b: float) -> Distribution:
    """State a proportion as if `a` of `a + b` had been seen.

    Examples
    --------
    >>> beta(6, 14).mean
    0.3
    """
    return Distribution("beta", (float(a), float(b)))


def uniform(low: float, high: float) -> Distribution:
    """State a number by its two ends only.

    Examples
    --------
    >>> uniform(0, 10).quantile(0.9)
    9.0
    """
    return Distribution("uniform", (float(low), float(high)))


def as_distribution(value: object, *, name: str = "value") -> Distribution:
    """Return a number, a distribution, a SciPy frozen distribution or a mapping from YAML as `Distribution`.

    Parameters
    ----------
    value
        A mapping is ``{"triangular": [10, 12, 15]}``.
    name
        What the value is called in an error.

    Raises
    ------
    ArgumentError
        When it is none of these or its parameters don't make a distribution.

    Examples
    --------
    >>> as_distribution({"beta": [6, 14]}).kind
    'beta'
    """
    if isinstance(value, Distribution):
        return value
    if isinstance(value, Mapping) and len(value) == 1:
        kind, parameters = next(iter(value.items()))
        if kind in KINDS and kind != "frozen" and isinstance(parameters, (list, tuple)):
            return _made(name, str(kind), parameters)
    if all(hasattr(value, part) for part in ("rvs", "ppf", "dist")):
        return Distribution("frozen", (), value)
    if not isinstance(value, (bool, str, bytes, Mapping)):
        try:
            number = float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            number = math.nan
        if math.isfinite(number):
            return Distribution("point", (number,))
    families = ", ".join(kind for kind in KINDS if kind not in {"frozen", "point"})
    raise ArgumentError(
        f"{name}={value!r} is neither a finite number nor a distribution; "
        f"use one of {families}, a SciPy frozen distribution, or in YAML {{triangular: [10, 12, 15]}}."
    )


def read_priors(path: str | Path | None = None) -> pd.DataFrame:
    """Read a table of assumptions with their sources; the cited defaults when no path is given.

    Parameters
    ----------
    path
        CSV file with the columns `parameter, distribution, p1, p2, p3, unit, source, year, n, grade, note`.

    Returns
    -------
    pandas.DataFrame
        Indexed by `parameter`, with a further column `value` of `Distribution` objects. Grades: A randomised
        and reviewed, A- randomised, B large academic observational, C vendor data with n, D vendor or blog,
        S survey.

    Raises
    ------
    DataError
        With every row that can't be read, at once.
    """
    import pandas as pd

    source = Path(__file__).with_name("priors.csv") if path is None else Path(path)
    if not source.is_file():
        raise MissingFileError(f"no table of assumptions at {source.name}; check the path.")
    table = pd.read_csv(source, dtype={"parameter": str, "note": str, "source": str, "grade": str})
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise DataError(f"{source.name} lacks the columns {missing}; it has {list(table.columns)}.")
    values: list[Distribution] = []
    problems: list[str] = []
    row: Any
    for row in table.itertuples(index=False):
        parameters = [value for value in (row.p1, row.p2, row.p3) if pd.notna(value)]
        try:
            values.append(_made(str(row.parameter), str(row.distribution), parameters))
        except ArgumentError as error:
            problems.append(str(error))
    twice = sorted(set(table.loc[table["parameter"].duplicated(), "parameter"]))
    if twice:
        problems.append(f"{twice} stand there twice; keep one row each.")
    raise_all(source.name, problems)
    return table.assign(value=pd.Series(values, index=table.index, dtype=object)).set_index("parameter")


def _made(name: str, kind: str, parameters: Any) -> Distribution:
    if kind not in KINDS or kind == "frozen":
        allowed = [one for one in KINDS if one != "frozen"]
        raise ArgumentError(f"{name}: distribution {kind!r} is not known; choose one of {allowed}.")
    try:
        return Distribution(kind, tuple(float(value) for value in parameters))
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"{name}: {error}") from None


def _problem(kind: str, parameters: tuple[float, ...]) -> str:
    names = KINDS.get(kind)
    if names is None:
        return f"the family {kind!r} is not known"
    if len(parameters) != len(names):
        return f"it takes {len(names)} parameters ({', '.join(names)}), not {len(parameters)}"
    if not all(math.isfinite(value) for value in parameters):
        return "its parameters must be finite numbers"
    if kind in {"triangular", "uniform"}:
        rising = all(a <= b for a, b in itertools.pairwise(parameters))
        return "" if rising and parameters[0] < parameters[-1] else f"{' <= '.join(names)} must hold"
    if kind == "beta" and min(parameters) <= 0:
        return "a and b must be above 0"
    if kind == "lognormal" and parameters[0] <= 0:
        return "the median must be above 0"
    if kind in {"normal", "lognormal"} and parameters[1] <= 0:
        return f"{names[1]} must be above 0; a number that is known is written as it is"
    return ""


def _triangular_quantile(level: float, low: float, mode: float, high: float) -> float:
    split = (mode - low) / (high - low)
    if level < split:
        return low + math.sqrt(level * (high - low) * (mode - low))
    return high - math.sqrt((1 - level) * (high - low) * (high - mode))


def _given(distribution: Distribution) -> list[Any]:
    return [*distribution.frozen.args, *distribution.frozen.kwds.values()]
