"""The policy: which contact gets which variant, what that is worth, and its rules as a table and as SQL."""

from segvspers.frontier.policy.finding import Recommendation
from segvspers.frontier.policy.recommend import recommend_variant

__all__ = ["Recommendation", "recommend_variant"]
