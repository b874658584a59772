"""Segments: rules and clusters that name themselves and assign new contacts."""

from segvspers.segments.fit import fit_segments
from segvspers.segments.rules import segment_by
from segvspers.segments.segmentation import Segmentation

__all__ = ["Segmentation", "fit_segments", "segment_by"]
