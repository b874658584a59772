"""Mails out of files and folders: EML, mbox, Maildir, and folders of EML files."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

from segvspers.replies.mime import LARGEST

MAIL = (".eml", ".mbox", ".mbx", ".mail")
FOLDERS = ("cur", "new")


def is_mail(path: Path) -> bool:
    """Tell whether a path holds mails: by its ending, as a Maildir, as a folder with mails, or by its first line."""
    if path.is_dir():
        return _is_maildir(path) or any(path.glob("*.eml")) or any(path.glob("*.mbox"))
    name = path.name.lower().removesuffix(".gz")
    if name.endswith(MAIL):
        return True
    return (
        "." not in name
        and path.is_file()
        and _head(path).startswith((b"From ", b"Return-Path:", b"Received:", b"Delivered-To:"))
    )


def mails_in(path: Path) -> Iterator[bytes]:
    """Give the mails of a file or folder in order of names, each as it stands."""
    if path.is_dir():
        folders = [path / name for name in FOLDERS] if _is_maildir(path) else [path]
        for folder in folders:
            for one in sorted(folder.iterdir()) if folder.is_dir() else []:
                if one.is_file() and (folder != path or is_mail(one)):
                    yield from mails_in(one) if folder == path else iter([_read(one)])
        return
    if _head(path).startswith(b"From "):
        yield from _split(path)
    else:
        yield _read(path)


def _is_maildir(path: Path) -> bool:
    return all((path / name).is_dir() for name in FOLDERS)


def _head(path: Path) -> bytes:
    with _opened(path) as stream:
        return bytes(stream.read(16))


def _read(path: Path) -> bytes:
    with _opened(path) as stream:
        return bytes(stream.read(LARGEST + 1))


def _opened(path: Path) -> gzip.GzipFile:
    return gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb")  # type: ignore[return-value]


def _split(path: Path) -> Iterator[bytes]:
    """Split an mbox at its lines ``From ...`` after an empty line; ``>From`` inside a mail is read back as ``From``.

    What is larger than a mail may be is not kept, so that a file without such lines can't fill the memory.
    """
    lines: list[bytes] = []
    size, blank, started = 0, True, False
    with _opened(path) as stream:
        while line := stream.readline(1 << 20):
            if line.startswith(b"From ") and blank:
                if started:
                    yield b"".join(lines)
                lines, size, started = [], 0, True
            else:
                if line.startswith(b">") and line.lstrip(b">").startswith(b"From "):
                    line = line[1:]
                size += len(line)
                if size <= LARGEST + (1 << 20):
                    lines.append(line)
            blank = not line.strip()
    if started:
        yield b"".join(lines)
