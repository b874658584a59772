"""The policy as SQL: one SELECT that gives every contact the variant of the table."""

from __future__ import annotations

import numpy as np

from segvspers._checks import check_choice
from segvspers.errors import ArgumentError
from segvspers.frontier.policy.table import CellRules
from segvspers.segments.export.dialects import DIALECTS
from segvspers.segments.export.sql import MOST_CASES, name_source, select_codes

Box = tuple[tuple[int, ...], ...]


def write_sql(rules: CellRules, *, table: str, key: str, dialect: str) -> str:
    """Return one SELECT of the key and the ``variant`` of every row of a table.

    Raises
    ------
    ArgumentError
        When the dialect is unknown, or the rules are too many for a statement.
    """
    check_choice("dialect", dialect, DIALECTS)
    how = DIALECTS[dialect]
    variants = rules.cells["variant"].to_numpy()
    cases = [
        (box, name)
        for name in sorted(set(variants) - {rules.default})
        for box in merge_boxes(rules.codes[variants == name])
    ]
    if len(cases) > MOST_CASES:
        raise ArgumentError(
            f"The rules need {len(cases):,} cases, more than the {MOST_CASES:,} that fit into a statement; name fewer features."
        )
    held = {"suppressed": "{0} = 'true'", "consent": "{0} <> 'true'"}
    shown = [
        f"COALESCE(LOWER({how.text.format(how.name(name))}), 'false') AS f{place}"
        for place, name in enumerate(rules.flags)
    ]
    told = [f"WHEN {held[name].format(f'f{place}')} THEN 'hold'" for place, name in enumerate(rules.flags)]
    levels = [np.unique(rules.codes[:, place]) for place in range(rules.codes.shape[1])]
    told += [f"WHEN {_condition(box, levels)} THEN {how.literal(name)}" for box, name in cases]
    body = "\n    ".join(told)
    first = select_codes(how, rules.plans, name_source(how, table), how.name(key), shown)
    otherwise = how.literal(rules.default)
    chosen = f"CASE\n    {body}\n    ELSE {otherwise}\n  END" if told else otherwise
    return f"{first}\nSELECT row_key AS {how.name(key)}, {chosen} AS variant\nFROM coded\n"


def _condition(box: Box, levels: list[np.ndarray]) -> str:
    parts = []
    for place, codes in enumerate(box):
        if len(codes) == 1:
            parts.append(f"c{place} = {codes[0]}")
        elif len(codes) > 2 and len(codes) == len(levels[place]) and codes[-1] - codes[0] == len(codes) - 1:
            parts.append(f"c{place} BETWEEN {codes[0]} AND {codes[-1]}")
        else:
            parts.append(f"c{place} IN ({', '.join(map(str, codes))})")
    return " AND ".join(parts)


def merge_boxes(codes: np.ndarray) -> list[Box]:
    """Return products of levels that hold the given cells and no others.

    Cells that are equal in all features but one are put together, feature by feature from the last.

    Examples
    --------
    >>> merge_boxes(np.array([[0, 0], [0, 1], [1, 0], [1, 1], [2, 1]]))
    [((0, 1), (0, 1)), ((2,), (1,))]
    """
    boxes: list[Box] = [tuple((int(code),) for code in row) for row in codes]
    for place in range(codes.shape[1] - 1, -1, -1):
        alike: dict[Box, set[int]] = {}
        for box in boxes:
            alike.setdefault((*box[:place], *box[place + 1 :]), set()).update(box[place])
        boxes = [(*rest[:place], tuple(sorted(own)), *rest[place:]) for rest, own in alike.items()]
    return boxes
