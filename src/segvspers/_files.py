"""Files that are whole or not there: a write that is cut short leaves what stood before."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a path beside `path` to write to, and move it into place when the block ends well.

    An error or Ctrl-C in the block removes what was written and leaves `path` as it was.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.stem}-{secrets.token_hex(4)}{target.suffix}")
    try:
        yield draft
        os.replace(draft, target)  # noqa: PTH105  Path.replace is the same call, os names the atomic one
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: str | Path) -> Iterator[Path]:
    """Give a folder beside `path` to fill, and move it into place when the block ends well; what stood there goes then.

    An error or Ctrl-C in the block removes what was written and leaves `path` as it was.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft, old = (target.with_name(f".{target.name}-{secrets.token_hex(4)}") for _ in range(2))
    draft.mkdir()
    try:
        yield draft
        if target.exists():
            os.replace(target, old)  # noqa: PTH105
        try:
            os.replace(draft, target)  # noqa: PTH105
        except OSError:
            if old.exists():
                os.replace(old, target)  # noqa: PTH105
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        if target.exists():
            shutil.rmtree(old, ignore_errors=True)


def write_text(path: str | Path, text: str) -> Path:
    """Write a whole text file in UTF-8 with plain line ends, or leave what stood before; return its path."""
    with replacing(path) as draft:
        draft.write_text(text, encoding="utf-8", newline="\n")
    return Path(path)
