"""Copies of text files in the one form that the parser reads: UTF-8, unpacked, one kind of line end."""

from __future__ import annotations

import codecs
import gzip
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from segvspers.errors import DataError
from segvspers.tables.text import is_packed, seems_utf8

BLOCK_BYTES = 8 << 20


def needs_copy(path: Path, encoding: str) -> bool:
    """Tell whether a file can't be parsed where it lies: packed, not UTF-8, or a name that reads as a pattern."""
    return is_packed(path) or encoding not in {"utf-8", "utf-8-sig"} or any(mark in str(path) for mark in "*?[]{}")


def copy_as_utf8(path: Path, target: Path, *, encoding: str, table: str) -> None:
    """Write a file as UTF-8; bytes that the encoding can't read stay in it as they are, for the parser to reject.

    Raises
    ------
    DataError
        When the file can't be unpacked.
    """
    try:
        with gzip.open(path) if is_packed(path) else path.open("rb") as opened, target.open("wb") as copied:
            for block in _recoded(iter(lambda: opened.read(BLOCK_BYTES), b""), encoding):
                copied.write(block)
    except (OSError, EOFError) as problem:
        raise DataError(f"{table}: {path.name} can't be unpacked ({type(problem).__name__}); save it again.") from None


def _recoded(blocks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    if encoding in {"utf-8", "utf-8-sig"}:
        yield from blocks
        return
    # An unreadable byte, or half of a pair of UTF-16, becomes a code that UTF-8 has not, and goes on as it is.
    keep = "surrogatepass" if encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"
    decoder = codecs.getincrementaldecoder(encoding)(keep)
    for block in blocks:
        yield decoder.decode(block).encode("utf-8", keep)
    rest, _ = decoder.getstate()
    if rest:
        yield b"\xff"


def join_line_ends(source: Path, target: Path) -> None:
    """Write a copy in which every line ends with a line feed alone."""
    _rewrite(source, target, lambda block: re.sub(rb"\r\n?", b"\n", block))


def _rewrite(source: Path, target: Path, change: Callable[[bytes], bytes]) -> None:
    held = b""
    with source.open("rb") as opened, target.open("wb") as copied:
        while block := opened.read(BLOCK_BYTES):
            block = held + block
            held = block[-1:] if block.endswith(b"\r") else b""
            copied.write(change(block[: len(block) - len(held)]))
        copied.write(change(held))


def is_mostly_utf8(path: Path) -> bool:
    """Tell whether the characters beyond ASCII of a whole file are UTF-8 for the most part."""
    with path.open("rb") as opened:
        return seems_utf8(iter(lambda: opened.read(BLOCK_BYTES), b""))
