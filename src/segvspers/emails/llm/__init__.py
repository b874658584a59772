"""Individual emails by a language model: what leaves, what comes back, and what it costs."""

from segvspers.emails.llm.batch import OpenAIBatchWriter
from segvspers.emails.llm.dialogue.prompt import Prompt, build_prompt
from segvspers.emails.llm.money.prices import TokenPrices
from segvspers.emails.llm.writer import OpenAIWriter

__all__ = ["OpenAIBatchWriter", "OpenAIWriter", "Prompt", "TokenPrices", "build_prompt"]
