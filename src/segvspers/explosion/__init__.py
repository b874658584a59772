"""The growth of segments: what crossing attributes does to cells, tests and costs."""

from segvspers.explosion.explode import explode_segments
from segvspers.explosion.finding import Explosion

__all__ = ["Explosion", "explode_segments"]
