"""The one place that speaks to a network: one method sends one request through the `openai` package.

`client.post` of the package keeps its authentication, addresses, time-outs and errors, and skips the transform of the
body and the building of response objects, which cost more than the rest together. Repeats are ours, so that every
attempt is paced and paid for.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from segvspers.emails.llm.server.endpoint import Endpoint
from segvspers.emails.llm.server.faults import FILTERS, OUT_OF_MONEY, Fault, fault_of

JSON: Any = {"headers": {"Content-Type": "application/json"}}
TRANSPORTS = ("httpx", "httpcore", "aiohttp")
# Errors of the transports that come before a request has left.
UNREACHED = {"ConnectError", "ConnectTimeout", "PoolTimeout", "ClientConnectorError", "ConnectionTimeoutError"}


class Wire:
    """A connection to one server; made and closed inside one event loop."""

    def __init__(self, endpoint: Endpoint, *, timeout_s: float, most: int) -> None:
        import openai

        self._openai, self._endpoint = openai, endpoint
        modern = int(openai.__version__.split(".", maxsplit=1)[0]) >= 3
        http = __import__("httpx2" if modern else "httpx")
        self._response = http.Response
        limits = http.Limits(max_connections=most + 8, max_keepalive_connections=most + 8)
        fast = importlib.util.find_spec("aiohttp") is not None
        make = openai.DefaultAioHttpClient if fast else openai.DefaultAsyncHttpxClient
        self._client = openai.AsyncOpenAI(
            api_key=endpoint.key(), base_url=endpoint.base_url, timeout=timeout_s, max_retries=0,
            http_client=make(limits=limits, timeout=timeout_s),
        )  # fmt: skip

    async def send(self, path: str, body: bytes) -> tuple[bytes, Mapping[str, str]] | Fault:
        """Send one encoded request and return the answer's bytes and headers, or what went wrong."""
        try:
            answer = await self._client.post(path, cast_to=self._response, content=body, options=JSON)
        except self._openai.APIStatusError as problem:
            return self._fault(problem)
        except self._openai.APIConnectionError as problem:  # a time-out is one of these
            return self._broken(problem)
        return answer.content, answer.headers

    def _fault(self, problem: Any) -> Fault:
        codes = [one for one in (problem.code, problem.type) if isinstance(one, str)]
        telling = [one for one in codes if one in OUT_OF_MONEY | FILTERS]
        code = next(iter([*telling, *codes]), None)
        now = datetime.now(UTC)
        return fault_of(problem.status_code, problem.response.headers, code, key_env=self._endpoint.key_env, now=now)

    def _broken(self, problem: Exception) -> Fault:
        names = _first_cause(problem)
        if names & UNREACHED:
            return Fault("again", "the server can't be reached")
        late = any("Timeout" in name for name in names)
        return Fault("again", "the server did not answer in time" if late else "the connection broke", sold=True)

    async def ask(self, path: str, body: bytes) -> tuple[bytes | Fault, str]:
        """Send a request that holds nobody's data; with a fault comes what the server complained of, in lower case."""
        try:
            answer = await self._client.post(path, cast_to=self._response, content=body, options=JSON)
        except self._openai.APIStatusError as problem:
            return self._fault(problem), str(problem.message).lower()
        except self._openai.APIConnectionError as problem:
            return self._broken(problem), ""
        return answer.content, ""

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


def _first_cause(problem: BaseException) -> set[str]:
    """Return the class names of the innermost error of a transport, which says more than those wrapped around it."""
    found: BaseException = problem
    inner: BaseException | None = problem
    while inner is not None:
        if type(inner).__module__.startswith(TRANSPORTS):
            found = inner
        inner = inner.__cause__ or inner.__context__
    return {kind.__name__ for kind in type(found).__mro__}
