"""Requests of a batch as JSON lines, and its results read back in any order; `vllm run-batch` takes and gives the same."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from segvspers.emails.llm.dialogue.reply import Reply, read_reply
from segvspers.emails.llm.money.prices import Usage
from segvspers.emails.llm.run.orders import Order
from segvspers.emails.llm.server.faults import FILTERS, OUT_OF_MONEY

MOST_LINES, MOST_BYTES = 50_000, 200_000_000
GONE = {"batch_expired", "batch_cancelled"}


def line_of(order: Order, path: str) -> bytes:
    """Return one request as a line; its custom id is the key of its answer."""
    head = json.dumps({"custom_id": order.key, "method": "POST", "url": f"/v1{path}"})
    return head[:-1].encode() + b', "body": ' + order.encoded + b"}\n"


def files_of(
    orders: Iterable[Order], path: str, *, most_lines: int = MOST_LINES, most_bytes: int = MOST_BYTES
) -> Iterator[tuple[list[Order], bytes]]:
    """Yield orders in files that keep the limits of a batch, with the content of each file."""
    group: list[Order] = []
    content = bytearray()
    for order in orders:
        line = line_of(order, path)
        if group and (len(group) >= most_lines or len(content) + len(line) > most_bytes):
            yield group, bytes(content)
            group, content = [], bytearray()
        group.append(order)
        content += line
    if group:
        yield group, bytes(content)


@dataclass(frozen=True, slots=True)
class Result:
    """One line of a batch's output: an answer, or a reason why there is none.

    Attributes
    ----------
    key
        Whose it is.
    reply
        The answer, also one that can't be used.
    why
        Why there is none.
    again
        Whether asking again may help.
    stops
        Whether nothing more should be asked.
    """

    key: str
    reply: Reply | None
    why: str = ""
    again: bool = False
    stops: bool = False


def read_results(content: bytes, *, api: str) -> Iterator[Result]:
    """Yield the results of an output or error file, in its order; a line that is none is left out."""
    for raw in content.splitlines():
        try:
            line = json.loads(raw)
            key = str(line["custom_id"])
        except (ValueError, KeyError, TypeError):
            continue
        yield _result(key, line, api)


def _result(key: str, line: dict[str, Any], api: str) -> Result:
    response, error = line.get("response") or {}, line.get("error") or {}
    status, body = response.get("status_code"), response.get("body") or {}
    if status == 200:
        return Result(key, read_reply(json.dumps(body).encode(), api=api))
    inner = body.get("error") if isinstance(body, dict) else None
    code = str((inner or error or {}).get("code") or "")
    if code in FILTERS:
        return Result(key, Reply("filtered", "", Usage()))
    if code in OUT_OF_MONEY:
        return Result(key, None, "the account has no credit left", stops=True)
    again = status is None or status in {408, 409, 429} or status >= 500
    return Result(
        key, None, "the batch ended before it" if code in GONE else f"the server answered {status or 'nothing'}", again
    )
