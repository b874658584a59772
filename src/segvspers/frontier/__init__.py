"""The value frontier: from one blast through k templates to one email per person."""

from segvspers.frontier.draw import draw_frontier
from segvspers.frontier.finding import Frontier
from segvspers.frontier.law import FrontierLaw
from segvspers.frontier.ranking import Ranking, evaluate_ranking
from segvspers.frontier.read import read_test
from segvspers.frontier.scores import learn, score_contacts, value_policies
from segvspers.frontier.simulated_finding import SimulatedFrontier
from segvspers.frontier.tastes import Tastes
from segvspers.frontier.template_test import simulate_template_test

__all__ = [
    "Frontier",
    "FrontierLaw",
    "Ranking",
    "SimulatedFrontier",
    "Tastes",
    "draw_frontier",
    "evaluate_ranking",
    "learn",
    "read_test",
    "score_contacts",
    "simulate_template_test",
    "value_policies",
]
