"""Pictures of an explosion of segments: one function a view, each of a tidy frame of the finding."""

from segvspers.plots.explosion.cells import draw_anonymity, draw_coverage, draw_forecast, draw_test
from segvspers.plots.explosion.choice import draw_choice
from segvspers.plots.explosion.growth import draw_costs, draw_growth
from segvspers.plots.explosion.honest import draw_honest
from segvspers.plots.explosion.people import draw_differences, draw_overlap, draw_pair

__all__ = [
    "draw_anonymity",
    "draw_choice",
    "draw_costs",
    "draw_coverage",
    "draw_differences",
    "draw_forecast",
    "draw_growth",
    "draw_honest",
    "draw_overlap",
    "draw_pair",
    "draw_test",
]
