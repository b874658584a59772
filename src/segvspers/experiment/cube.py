"""The few sums of a test that every comparison needs, taken from the rows once and sliced at will."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from segvspers._display import html_finding
from segvspers.engine import ROWS, Moments, Table, Value
from segvspers.errors import ArgumentError
from segvspers.experiment.arms import Arms
from segvspers.experiment.outcomes import MACHINE_CLASSES

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class OutcomeCube:
    """Sums of a test by variant and group; every comparison takes it in place of the table.

    Attributes
    ----------
    rates, amounts, covariates
        Columns summed: yes or no, amounts, and what was known before the test.
    by
        Columns that the sums can be sliced by.
    cluster
        Column of the unit that was drawn; None when that is the contact.
    evidence
        ``"randomised"``, ``"simulated"`` or ``"observational"``.
    origin
        A value near each column's data, taken off so that no digit is lost.
    """

    rates: tuple[str, ...]
    amounts: tuple[str, ...]
    covariates: tuple[str, ...]
    by: tuple[str, ...]
    cluster: str | None
    evidence: str
    origin: Mapping[str, float]
    rows: Table = field(repr=False)
    several: bool = field(repr=False)
    held: dict[Any, Any] = field(repr=False, default_factory=dict)

    @property
    def variants(self) -> list[str]:
        """Names of the variants."""
        return [str(name) for name in self.moments().keys["variant"]]

    def moments(self, *by: str) -> Moments:
        """Return the moments by variant and by these columns: of contacts, or of clusters' sums.

        With a cluster each unit is one cluster and its numbers are sums; `ROWS` counts its contacts.
        """
        keys = tuple(name for name in self.by if name in by)
        unknown = [name for name in by if name not in self.by]
        if unknown:
            raise ArgumentError(f"the cube is not held by {unknown}; it is by {list(self.by)}.")
        if keys not in self.held:
            self.held[keys] = self._moments(keys)
        return self.held[keys]

    def arm(self, variant: str, *by: str) -> Moments:
        """Return the moments of one variant."""
        key = ("arm", variant, *sorted(by))
        if key not in self.held:
            found = self.moments(*by)
            own = [str(name) == variant for name in found.keys["variant"].tolist()]
            self.held[key] = found.take(np.flatnonzero(own))
        return self.held[key]

    def arms_of(self, found: Moments, rate: str) -> Arms:
        """Return the sums of a rate, one entry a group of the moments."""
        if self.cluster is None:
            n, x = found.n.astype(float), np.rint(found.total(rate))
            return Arms(n, n, x, x, n, x, n, x, x)
        return Arms(
            companies=found.n.astype(float),
            contacts=self.contacts_of(found),
            replies=np.rint(found.total(rate)),
            replies_squared=found.products(rate),
            contacts_squared=found.products(ROWS),
            contacts_replies=found.products(ROWS, rate),
            contacts_cubed=found.products(ROWS, "squared"),
            contacts_squared_replies=found.products("squared", rate),
            contacts_replies_squared=found.products(rate, f"{rate} times"),
        )

    def contacts_of(self, found: Moments) -> np.ndarray:
        """Return the contacts of each group of the moments."""
        return found.n.astype(float) if self.cluster is None else np.rint(found.total(ROWS))

    def shared(self, control: str, treatment: str) -> pd.DataFrame:
        """Return the clusters that stand in both arms, one row each: their contacts and sums of either arm."""
        import pandas as pd

        units, cluster = self.units(()), self.cluster
        assert cluster is not None
        if "crossed" not in self.held:
            known = units.where(cluster, missing=False)
            self.held["crossed"] = known.n_rows() > known.n_distinct([cluster])
        names = [ROWS, *self._names]
        if not self.held["crossed"]:
            return pd.DataFrame(columns=[f"{name}_{arm}" for arm in ("control", "treatment") for name in names])
        rows = units.frame_of(["variant", cluster, *names]).dropna(subset=[cluster])
        arms = [rows[rows["variant"].astype(str) == name].drop(columns="variant") for name in (control, treatment)]
        return arms[0].merge(arms[1], on=cluster, suffixes=("_control", "_treatment"))

    def units(self, keys: tuple[str, ...]) -> Table:
        """Return a table of one row a unit and group, on the rows' own engine."""
        if ("units", keys) not in self.held:
            self.held["units", keys] = self._units(keys)
        return self.held["units", keys]

    def distinct(self, amount: str) -> pd.DataFrame:
        """Return the distinct units of each variant: `amount` (and `ROWS` with a cluster), and `n`, how many."""
        if ("distinct", amount) not in self.held:
            if self.cluster is None:
                table, values = self._contacts(()), [one for one in self._values() if one.name == amount]
            else:
                table, values = self.units(()), [Value(ROWS), Value(amount)]
            self.held["distinct", amount] = table.counts(["variant"], values)
        return self.held["distinct", amount]

    def to_frame(self) -> pd.DataFrame:
        """Return one row a variant and group: contacts, and total of each column."""
        found = self.moments(*self.by)
        contacts = self.contacts_of(found).astype(int)
        made = {"n_contacts": contacts} | ({} if self.cluster is None else {"n_clusters": found.n})
        for name in self._names:
            made[f"{name}_total"] = found.total(name) + (self.origin[name] * contacts if self.cluster else 0.0)
        return found.keys.assign(**made)

    def _repr_html_(self) -> str:
        frame = self.to_frame()
        return html_finding("Sums of a test", f"{len(frame):,} groups, by {self.cluster or 'contact'}.", frame)

    @property
    def _names(self) -> tuple[str, ...]:
        return (*self.rates, *self.amounts, *self.covariates)

    def _read(self) -> list[Value]:
        """Return the columns as they are taken from the rows; automatic replies are none."""
        machines = Value("replied", how="unless", argument=("reply_class", *MACHINE_CLASSES))
        human = "reply_class" in self.rows.columns
        return [machines if human and name == "replied" and name in self.rates else Value(name) for name in self._names]

    def _values(self) -> list[Value]:
        """Return the numbers of one contact; less their origin where they are summed over a cluster."""
        made = [Value(name) for name in self._names] if self.several else self._read()
        if self.cluster is not None:
            made = [
                Value(one.name, how="less", argument=(self.origin[one.name],)) if self.origin[one.name] else one
                for one in made
            ]
        return [*made, *(Value(f"{name} nonzero", name, "nonzero") for name in self.amounts)]

    def _moments(self, keys: tuple[str, ...]) -> Moments:
        grouped = ["variant", *keys]
        if self.cluster is None:
            if keys != self.by and not self.several:
                return self.moments(*self.by).by(*grouped)
            values = self._values()
            origin = np.array([self.origin.get(value.name, 0.0) for value in values])
            found = self._contacts(keys).moments(grouped, values, pairs=self._pairs(), origin=origin)
            return self._told_apart(found)
        values = [Value(ROWS), Value("squared", ROWS, "square"), *(Value(one.name) for one in self._values())]
        values += [Value(f"{name} times", ROWS, "times", (name,)) for name in (*self.rates, *self.amounts)]
        return self.units(keys).moments(grouped, values, pairs=self._unit_pairs())

    def _told_apart(self, found: Moments) -> Moments:
        """Fill in the products of an amount with whether there is one, which follow from sums."""
        for name in self.amounts:
            amount, some = found.names.index(name), found.names.index(f"{name} nonzero")
            share = found.mean(f"{name} nonzero")
            found.comoment[:, some, some] = found.n * share * (1 - share)
            found.comoment[:, amount, some] = found.comoment[:, some, amount] = found.total(name) * (1 - share)
        return found

    def _pairs(self) -> list[tuple[str, str]]:
        squares = [(name, name) for name in (*self.amounts, *self.covariates)]
        crossed = [(one, two) for one in self.amounts for two in self.covariates]
        among = [(one, two) for place, one in enumerate(self.covariates) for two in self.covariates[place + 1 :]]
        return squares + crossed + among

    def _unit_pairs(self) -> list[tuple[str, str]]:
        nonzero = [f"{name} nonzero" for name in self.amounts]
        pairs = [(ROWS, ROWS), (ROWS, "squared")]
        for name in (*self._names, *nonzero):
            pairs += [(name, name), (ROWS, name), ("squared", name)]
        pairs += [(name, f"{name} times") for name in (*self.rates, *self.amounts)]
        pairs += list(zip(self.amounts, nonzero, strict=True))
        return pairs + [(one, two) for place, one in enumerate(self._names) for two in self._names[place + 1 :]]

    def _contacts(self, keys: tuple[str, ...]) -> Table:
        """Return one row a contact; the steps of one contact become one row."""
        if not self.several:
            return self.rows
        cluster = [self.cluster] if self.cluster else []
        how = dict.fromkeys((*self.rates, *self.covariates), "max")
        return self.rows.collapse(["variant", *keys, "contact_id", *cluster], self._read(), how)

    def _units(self, keys: tuple[str, ...]) -> Table:
        """Return one row a cluster; a contact without one is a cluster of its own."""
        assert self.cluster is not None
        grouped = ["variant", *keys, self.cluster]
        rows, values = self._contacts(keys), self._values()
        if keys != self.by and not self.several:
            rows, values = self.units(self.by), [Value(value.name) for value in values]
        units = rows.collapse(grouped, values)
        if not units.where(self.cluster, missing=True).n_rows():
            return units
        alone = rows.where(self.cluster, missing=True).lined(grouped, values)
        return units.where(self.cluster, missing=False).stacked(alone)
