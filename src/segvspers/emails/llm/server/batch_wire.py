"""Files and batches on a server, through the `openai` package."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from segvspers.emails.llm.server.endpoint import Endpoint
from segvspers.emails.llm.server.faults import CODE, fault_of
from segvspers.errors import WriterError

ENDED = {"completed", "failed", "expired", "cancelled"}
MARK = "segvspers"


@dataclass(frozen=True, slots=True)
class BatchState:
    """How far a batch is, and where its results lie."""

    status: str
    n_done: int
    files: tuple[str, ...]
    codes: tuple[str, ...] = field(default=())

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.status in ENDED


class BatchWire:
    """A connection for files and batches."""

    def __init__(self, endpoint: Endpoint, *, timeout_s: float) -> None:
        import openai

        self._openai, self._endpoint = openai, endpoint
        self._client = openai.AsyncOpenAI(
            api_key=endpoint.key(), base_url=endpoint.base_url, timeout=timeout_s, max_retries=5
        )

    async def upload(self, token: str, content: bytes) -> str:
        """Upload the requests of a batch and return the file's id."""
        async with self._told():
            file = await self._client.files.create(file=(f"{MARK}-{token[:16]}.jsonl", content), purpose="batch")
        return str(file.id)

    async def create(self, token: str, file_id: str, path: str) -> str:
        """Start a batch that bears a token and return its id."""
        url: Any = f"/v1{path}"
        async with self._told():
            batch = await self._client.batches.create(
                input_file_id=file_id, endpoint=url, completion_window="24h", metadata={MARK: token}
            )
        return str(batch.id)

    async def find(self, token: str) -> tuple[str, str] | None:
        """Return the id and the file of the batch that bears a token, or nothing when it was never started."""
        async with self._told():
            async for batch in self._client.batches.list(limit=100):
                if (batch.metadata or {}).get(MARK) == token:
                    return str(batch.id), str(batch.input_file_id)
        return None

    async def state(self, batch_id: str) -> BatchState:
        """Return how far a batch is."""
        async with self._told():
            batch = await self._client.batches.retrieve(batch_id)
        files = tuple(one for one in (batch.output_file_id, batch.error_file_id) if one)
        codes = [str(one.code) for one in ((batch.errors.data or []) if batch.errors else [])]
        counts = batch.request_counts
        done = (counts.completed + counts.failed) if counts else 0
        return BatchState(batch.status, done, files, tuple(code for code in codes if CODE.match(code)))

    async def content(self, file_id: str) -> bytes:
        """Return what stands in a file."""
        async with self._told():
            answer = await self._client.files.content(file_id)
        return bytes(answer.content)

    async def delete(self, file_id: str) -> None:
        """Delete a file; one that is gone already is no error."""
        try:
            await self._client.files.delete(file_id)
        except self._openai.OpenAIError:
            return

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    @asynccontextmanager
    async def _told(self) -> AsyncIterator[None]:
        """Turn errors of the package into ours, which hold nothing of the server's text."""
        try:
            yield
        except self._openai.APIStatusError as problem:
            code = problem.code if isinstance(problem.code, str) else None
            now = datetime.now(UTC)
            fault = fault_of(
                problem.status_code, problem.response.headers, code, key_env=self._endpoint.key_env, now=now
            )
            raise WriterError(f"{fault.why}. What was sent goes on at the server; run again to collect it.") from None
        except self._openai.APIConnectionError:
            raise WriterError(
                f"{self._endpoint.host} can't be reached. What was sent goes on at the server; run again to collect it."
            ) from None
