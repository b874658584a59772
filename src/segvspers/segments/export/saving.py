"""A segmentation as JSON: numbers and text with a version, no contact and no code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from segvspers._files import write_text
from segvspers.errors import DataError, MissingFileError
from segvspers.segments.crossing.boxes import BoxAssigner
from segvspers.segments.crossing.rules import RuleAssigner
from segvspers.segments.methods.assigning import Assigner
from segvspers.segments.methods.classes import ClassAssigner
from segvspers.segments.methods.distances import CentreAssigner, CoreAssigner, MixtureAssigner
from segvspers.segments.segmentation import Segmentation
from segvspers.segments.telling.mapping import PlaneMap

FORMAT, VERSION = "segvspers segmentation", 1
ASSIGNERS: dict[str, Any] = {
    kind.kind: kind
    for kind in (ClassAssigner, RuleAssigner, BoxAssigner, CentreAssigner, MixtureAssigner, CoreAssigner)
}
FRAMES = ("segments", "profiles", "typical", "counts", "levels", "cells")


def dump_segmentation(found: Segmentation, path: str | Path | None = None) -> str:
    """Return a segmentation as JSON, and write it when a path is given.

    What contacts of the fit did stays out: give ``assign`` their history after reading it back.
    """
    told = {
        "format": FORMAT,
        "version": VERSION,
        "method": found.method,
        "n_contacts": found.n_contacts,
        "columns": list(found.columns),
        "notes": list(found.notes),
        "assigner": {"kind": found.assigner.kind, **found.assigner.state()},
        "frames": {name: _frame_state(getattr(found, name)) for name in FRAMES},
        "plane": {
            "method": found.plane.method,
            "shares": [None if np.isnan(share) else share for share in found.plane.shares],
            "points": _frame_state(found.plane.points),
        },
    }
    text = json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"
    if path is not None:
        write_text(path, text)
    return text


def read_segmentation(source: str | Path) -> Segmentation:
    """Read a segmentation that ``to_json`` wrote.

    Parameters
    ----------
    source
        A path, or the JSON itself.

    Returns
    -------
    Segmentation
        Assigns as the one that was saved; give ``assign`` a history when the segments use any.

    Raises
    ------
    MissingFileError
        When there is no such file.
    DataError
        When the file is no segmentation, is of another version, or is damaged.

    Examples
    --------
    >>> import pandas as pd
    >>> import segvspers as sv
    >>> found = sv.segment_by(pd.DataFrame({"plan": ["A", "A", "B"]}), by=["plan"])
    >>> sv.read_segmentation(found.to_json()).to_frame()["segment_name"].tolist()
    ['A', 'B']
    """
    told = _parsed(source)
    if told.get("format") != FORMAT:
        raise DataError(f"segmentation: this is no {FORMAT!r}; give a file that Segmentation.to_json wrote.")
    if told.get("version") != VERSION:
        raise DataError(
            f"segmentation: the file has version {told.get('version')!r} and this release reads {VERSION}; "
            "fit it again, or read it with the release that wrote it."
        )
    try:
        return _restored(told)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as problem:
        raise DataError(
            f"segmentation: the file is damaged ({type(problem).__name__}); write it again with to_json."
        ) from problem


def _parsed(source: str | Path) -> dict[str, Any]:
    text = str(source)
    if isinstance(source, Path) or not text.lstrip().startswith("{"):
        if not Path(source).is_file():
            raise MissingFileError(f"segmentation: no file at {source}; check the spelling and the folder.")
        text = Path(source).read_text(encoding="utf-8")
    try:
        told = json.loads(text)
    except json.JSONDecodeError as problem:
        raise DataError(
            f"segmentation: this is no JSON (line {problem.lineno}); write it again with to_json."
        ) from None
    if not isinstance(told, dict):
        raise DataError(f"segmentation: this is no {FORMAT!r}; give a file that Segmentation.to_json wrote.")
    return told


def _restored(told: dict[str, Any]) -> Segmentation:
    kind = ASSIGNERS[told["assigner"]["kind"]]
    assigner: Assigner = kind.from_state(told["assigner"])
    frames = {name: _frame_from(told["frames"][name]) for name in FRAMES}
    if len(frames["segments"]) < assigner.n_segments:
        raise ValueError("fewer rows of segments than segments")
    shares = [float("nan") if share is None else float(share) for share in told["plane"]["shares"]]
    return Segmentation(
        method=told["method"],
        n_segments=assigner.n_segments,
        n_contacts=int(told["n_contacts"]),
        columns=tuple(told["columns"]),
        notes=tuple(told["notes"]),
        plane=PlaneMap(_frame_from(told["plane"]["points"]), (shares[0], shares[1]), told["plane"]["method"]),
        assigner=assigner,
        known=pd.DataFrame(),
        **frames,
    )


def _frame_state(frame: pd.DataFrame) -> dict[str, list[Any]]:
    """Return columns as lists; a missing number is null."""
    told: dict[str, list[Any]] = {}
    for name in frame.columns:
        values = frame[name].astype(object).where(frame[name].notna(), None).tolist()
        told[str(name)] = [value.item() if isinstance(value, np.generic) else value for value in values]
    return told


def _frame_from(told: dict[str, list[Any]]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(values, dtype=_dtype(values)) for name, values in told.items()})


def _dtype(values: list[Any]) -> Any:
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, int) and not isinstance(value, bool) for value in known):
        return "int64" if len(known) == len(values) else "float64"
    if known and all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in known):
        return "float64"
    return None if known and all(isinstance(value, str) for value in values) else object
