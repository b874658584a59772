"""All that can go wrong, on one page.

Every error is a `SegvspersError` and also the built-in that Python users expect. A message says what was
given, what is allowed and what to do; it never holds a person's name, an address or a key.
"""

from __future__ import annotations

from collections.abc import Sequence


class SegvspersError(Exception):
    """Base of every error that the package raises on purpose."""


class DataError(SegvspersError, ValueError):
    """A table can't be used as it is."""


class ArgumentError(SegvspersError, ValueError):
    """An argument or a setting has a value that is not allowed."""


class MissingFileError(SegvspersError, FileNotFoundError):
    """A file or folder that was named is not there."""


class MissingPackageError(SegvspersError, ImportError):
    """An optional package is needed for what was asked."""


class NotEstimableError(SegvspersError, ArithmeticError):
    """The data can't tell what was asked, so no number is given."""


class BudgetError(SegvspersError, RuntimeError):
    """A run would cost more than it may."""


class WriterError(SegvspersError, RuntimeError):
    """A writer could not do its work."""


class RejectWarning(UserWarning):
    """Rows of a table were set aside; the rest was read."""


class GuessWarning(UserWarning):
    """A table can be read in two ways, and one was chosen."""


def raise_all(what: str, problems: Sequence[str], *, error: type[SegvspersError] = DataError) -> None:
    """Raise one error that lists every problem; do nothing when there is none.

    Parameters
    ----------
    what
        The thing that has the problems, as the user knows it: ``"contacts"`` or ``"campaign.yml"``.
    problems
        One sentence each, with the mend.
    error
        The class to raise.

    Raises
    ------
    SegvspersError
        An instance of `error` when `problems` is not empty.
    """
    if not problems:
        return
    if len(problems) == 1:
        raise error(f"{what}: {problems[0]}")
    lines = "\n".join(f"  {number}. {problem}" for number, problem in enumerate(problems, start=1))
    raise error(f"{what}: {len(problems)} problems\n{lines}")
