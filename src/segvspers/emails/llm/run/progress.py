"""A progress bar that shows money: emails, cost so far, and what the run will come to."""

from __future__ import annotations

from typing import Any

from segvspers._display import money
from segvspers.emails.llm.run.pool import Tally


class Progress:
    """A tqdm bar over a tally; silent where nobody watches unless it is asked for."""

    def __init__(self, n_wanted: int, *, shown: bool | None) -> None:
        from tqdm.auto import tqdm

        disable = None if shown is None else not shown
        self._bar: Any = tqdm(total=n_wanted, desc="write emails", unit="email", disable=disable)
        self._shown = 0

    def show(self, tally: Tally) -> None:
        """Draw what was done since the last time."""
        done = tally.n_done
        if done != self._shown:
            self._bar.set_postfix_str(told_cost(tally), refresh=False)
            self._bar.update(done - self._shown)
            self._shown = done

    def close(self) -> None:
        """Leave the bar as it stands."""
        self._bar.close()


def told_cost(tally: Tally) -> str:
    """Return the cost so far, and of the whole run at this rate."""
    so_far = money(tally.cost_usd, digits=_digits(tally.cost_usd))
    whole = tally.cost_usd / tally.n_done * tally.n_wanted if tally.n_done else 0.0
    return f"{so_far}, {money(whole, digits=_digits(whole))} in all"


def _digits(value: float) -> int:
    return 2 if value >= 1 or value == 0 else 4
