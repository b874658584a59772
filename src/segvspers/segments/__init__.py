"""Segments: rules and clusters that name themselves and assign new contacts."""

from segvspers.segments.crossing.rules import segment_by
from segvspers.segments.export.saving import read_segmentation
from segvspers.segments.fit import fit_segments
from segvspers.segments.rfm import RFM_GROUPS, measure_rfm, score_rfm, segment_rfm
from segvspers.segments.segmentation import Segmentation
from segvspers.segments.telling.drift import SegmentDrift
from segvspers.segments.telling.tree import SegmentTree

__all__ = [
    "RFM_GROUPS",
    "SegmentDrift",
    "SegmentTree",
    "Segmentation",
    "fit_segments",
    "measure_rfm",
    "read_segmentation",
    "score_rfm",
    "segment_by",
    "segment_rfm",
]
