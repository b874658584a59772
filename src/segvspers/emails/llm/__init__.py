"""Individual emails by a language model: what leaves, what comes back, and what it costs."""

from segvspers.emails.llm.prompt import Prompt, build_prompt

__all__ = ["Prompt", "build_prompt"]
