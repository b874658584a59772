"""Find the form of a text file from its first part: encoding, delimiter, escape, and where the header is."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from segvspers.errors import ArgumentError, DataError

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
HEAD_BYTES, HEAD_ROWS = 262_144, 400
NOT_ASCII = bytes(range(128, 256))
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with BOM",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "utf-32": "UTF-32",
    "cp1252": "cp1252",
}


@dataclass(frozen=True, slots=True)
class TextForm:
    """How a text file is written; `n_above` lines stand above its header."""

    encoding: str
    delimiter: str
    escape: str
    names: tuple[str, ...]
    n_above: int = 0
    note: str = ""


def is_packed(path: Path) -> bool:
    """Tell whether a file is compressed with gzip, by its ending."""
    return path.suffix.lower() == ".gz"


def read_head(path: Path, *, table: str) -> bytes:
    """Return the first part of a file, unpacked.

    Raises
    ------
    DataError
        When it is empty or can't be unpacked.
    """
    try:
        with gzip.open(path) if is_packed(path) else path.open("rb") as opened:
            head = opened.read(HEAD_BYTES)
    except (OSError, EOFError) as problem:
        raise DataError(f"{table}: {path.name} can't be unpacked ({type(problem).__name__}); save it again.") from None
    if not head.strip(b"\xef\xbb\xbf\xff\xfe\r\n\t \x00"):
        raise DataError(f"{table}: {path.name} is empty; it needs a header line and rows.")
    return head


def find_encoding(head: bytes) -> str:
    """Return the codec of a text from its first bytes: a byte order mark, zeros of UTF-16, UTF-8, else cp1252.

    Bytes that are no UTF-8 among at least as many characters that are leave it at UTF-8.
    """
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return encoding
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) > len(head) / 8 and min(even, odd) < max(even, odd) / 4:
        return "utf-16-le" if odd > even else "utf-16-be"
    whole = head if len(head) < HEAD_BYTES else head.rstrip(NOT_ASCII)
    return "utf-8" if seems_utf8([whole]) else "cp1252"


def seems_utf8(blocks: Iterable[bytes]) -> bool:
    """Tell whether the characters beyond ASCII are UTF-8 for the most part."""
    decoder = codecs.getincrementaldecoder("utf-8")("ignore")
    right = wrong = 0
    for block in blocks:
        if not block.isascii():
            decoded = decoder.decode(block)
            right += len(decoded) - len(block.translate(None, NOT_ASCII))
            wrong += len(block) - len(decoded.encode("utf-8"))
    return right >= wrong


def check_encoding(encoding: str) -> str:
    """Return the name that Python has for an encoding, or raise `ArgumentError`."""
    try:
        "".encode(encoding)
        return codecs.lookup(encoding).name
    except LookupError:
        raise ArgumentError(
            f"encoding={encoding!r} is not known; use one such as {list(ENCODINGS)[:6]} or 'cp1252'."
        ) from None


def check_delimiter(delimiter: str) -> str:
    """Return a delimiter that can be one, or raise `ArgumentError`."""
    if len(delimiter) != 1 or delimiter in '"\r\n\\':
        raise ArgumentError(f"delimiter={delimiter!r} must be one character, such as ',', ';', '|' or a tab.")
    return delimiter


def find_form(
    path: Path, *, table: str, known: Collection[str] = (), encoding: str | None = None, delimiter: str | None = None
) -> TextForm:
    """Return the form of a delimited text file.

    Parameters
    ----------
    known
        Column names in lower case that make a file of one column a table.
    encoding, delimiter
        What the user says goes before what is found.

    Raises
    ------
    DataError
        When the file is empty or no delimiter is found.
    """
    head = read_head(path, table=table)
    codec = check_encoding(encoding) if encoding else find_encoding(head)
    text = head.decode(codec, errors="replace").lstrip("\ufeff")
    whole = text if len(head) < HEAD_BYTES else text[: text.rfind("\n") + 1] or text
    chosen, escape = _delimiter(whole, check_delimiter(delimiter) if delimiter else None)
    rows = _rows(whole, chosen, escape)
    if delimiter is None and max(map(len, rows)) == 1 and rows[0][0].strip().lower() not in known:
        raise DataError(
            f"{table}: {path.name} seems to have one column only; its first line holds none of the delimiters "
            f"{list(DELIMITERS.values())}. Save it with one of them, or say which one with delimiter=."
        )
    place, names, note = header_of(rows, known)
    above = _lines_above(whole, place, chosen, escape)
    if place:
        note = " ".join(part for part in (f"{above} lines above the header were passed over", note) if part)
    return TextForm(codec, chosen, escape, tuple(names), above, note)


def _delimiter(text: str, given: str | None) -> tuple[str, str]:
    """Return the delimiter and escape under which most rows have one and the same number of fields."""
    escapes = ["\\", '"'] if re.search(r'\\"(?![",;\t|\r\n]|$)', text) else ['"']
    tried = [(given or delimiter, escape) for delimiter in ([given] if given else DELIMITERS) for escape in escapes]
    return max(tried, key=lambda one: _agreement(_rows(text, *one)))


def _agreement(rows: list[list[str]]) -> tuple[float, int]:
    lengths = [len(row) for row in rows]
    usual = _usual(lengths)
    return (round(lengths.count(usual) / len(lengths), 1), usual) if usual > 1 else (0.0, 1)


def _usual(lengths: list[int]) -> int:
    """Return the most frequent length; the longer one of two that are equally frequent."""
    return max(Counter(lengths).items(), key=lambda item: (item[1], item[0]))[0] if lengths else 0


def _rows(text: str, delimiter: str, escape: str) -> list[list[str]]:
    """Return the first rows as a reader of delimited text sees them, blank lines left out."""
    doubled = escape == '"'
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter,
        doublequote=doubled,
        escapechar=None if doubled else escape,
    )
    rows: list[list[str]] = []
    try:
        for row in reader:
            if row:
                rows.append(row)
            if len(rows) == HEAD_ROWS:
                break
    except csv.Error:  # a field longer than the reader takes, such as one that a stray quote opens
        rows = rows or [line.split(delimiter) for line in re.split(r"[\r\n]+", text)[:HEAD_ROWS] if line]
    return rows or [[""]]


def header_of(rows: Sequence[Sequence[str | None]], known: Collection[str] = ()) -> tuple[int, list[str], str]:
    """Return the place of the header among the first rows, the names of the columns, and what was done to them.

    A first row with one of the `known` names, which are in lower case, is the header.
    """
    first = {(name or "").strip().lower() for name in rows[0]}
    place = 0 if first & set(known) else _header_place(rows[:HEAD_ROWS])
    usual = _usual([len(row) for row in rows[place + 1 : HEAD_ROWS]])
    names, note = _names([name or "" for name in rows[place]], usual)
    return place, names, note


def _header_place(rows: Sequence[Sequence[str | None]]) -> int:
    """Return the place of the header: titles above it have fewer fields, and it alone holds names."""
    usual = _usual([len(row) for row in rows])
    for place, row in enumerate(rows[:20]):
        if len(row) == usual:
            names = [(name or "").strip() for name in row]
            named = (
                all(names) and len(set(names)) == len(names) and not any(re.search(r"@|^[\d.,/:-]+$", n) for n in names)
            )
            short = all(
                sum(1 for cell in above if (cell or "").strip()) <= max(1, usual // 3) for above in rows[:place]
            )
            return place if named and short and usual > 1 else 0
    return 0


def _lines_above(text: str, place: int, delimiter: str, escape: str) -> int:
    """Count the lines above the header, blank ones too."""
    lines = re.split(r"\r\n|\r|\n", text)
    filled = [number for number, line in enumerate(lines) if line]
    if not place:
        return filled[0] if filled else 0
    first = _rows(text, delimiter, escape)[place][0]
    return next((number for number in filled[place:] if lines[number].lstrip('"').startswith(first)), filled[place])


def _names(header: list[str], usual: int) -> tuple[list[str], str]:
    """Return the names of the columns, and what was done to them."""
    names = [re.sub(r"\s+", " ", name.replace("\ufeff", "").replace("\x00", "")).strip() for name in header]
    while len(names) > max(1, usual) and not names[-1]:
        names.pop()
    n_named = len(names)
    names += [""] * (usual - n_named)
    empty = [place for place, name in enumerate(names, start=1) if not name]
    note = f"{len(empty)} columns without a name are called unnamed_{empty[0]} and so on" if empty else ""
    return [name or f"unnamed_{place}" for place, name in enumerate(names, start=1)], note
