"""Client cost of a request beside peers, and the rate held against a slow server; the server runs in a process of its own.

.venv/bin/python benchmarks/openai_writer.py                      ours and plain `create` of the package openai
PEER_PYTHON=peers/bin/python .venv/bin/python benchmarks/openai_writer.py      litellm and curator too, from an environment
                                                                  that has them
CPU is the client process's own, from the first request to the last draft: prompts, hashing, the store's commits and
checks are in ours, and are not in the peers'.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SERVER = """
import asyncio, json, sys
latency = float(sys.argv[1])
sentence = {"role": "story", "fact_ids": ["f1"], "text": "You asked us about SMS last month.", "opens_paragraph": True}
offer = {"role": "offer", "fact_ids": [], "text": "x" * 250, "opens_paragraph": False}
text = json.dumps({"subject": {"text": "SMS", "fact_ids": []}, "sentences": [sentence, offer, offer, offer]})
told = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [{"index": 0, "finish_reason": "stop",
  "message": {"role": "assistant", "content": text}}],
  "usage": {"prompt_tokens": 700, "completion_tokens": 250, "total_tokens": 950}}
body = json.dumps(told).encode()
answer = b"HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body) + body
class Connection(asyncio.Protocol):
    def connection_made(self, transport): self.transport, self.buffer = transport, b""
    def data_received(self, data):
        self.buffer += data
        while (end := self.buffer.find(b"\\r\\n\\r\\n")) >= 0:
            length = int(self.buffer[:end].lower().split(b"content-length:")[1].split(b"\\r\\n")[0])
            if len(self.buffer) < end + 4 + length: return
            self.buffer = self.buffer[end + 4 + length:]
            if latency: asyncio.get_running_loop().call_later(latency, self.transport.write, answer)
            else: self.transport.write(answer)
async def main():
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""
MESSAGES = [{"role": "system", "content": "a" * 1900}, {"role": "user", "content": "b" * 500}]


class Server:
    """The answering process for one block."""

    def __init__(self, latency: float) -> None:
        self.latency = latency

    def __enter__(self) -> str:
        command = [sys.executable, "-c", SERVER, str(self.latency)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        return f"http://127.0.0.1:{self.process.stdout.readline().strip()}/v1"

    def __exit__(self, *_: object) -> None:
        self.process.terminate()


def told(name: str, n: int, cpu: float, wall: float, *, ideal: float | None = None) -> float:
    """Print one line of figures and return CPU milliseconds a request."""
    rate = n / wall
    share = f", {rate / ideal:.0%} of the ideal {ideal:.0f}/s" if ideal else ""
    print(f"{name:<34} {cpu / n * 1e3:6.2f} ms CPU a request, {rate:6.0f} requests/s{share}", flush=True)
    return cpu / n * 1e3


def briefs(n: int) -> list:
    """Return briefs of a usual size."""
    sys.path.insert(0, str(ROOT / "tests"))
    import segvspers as sv
    from emails.llm.conftest import briefs_of

    return briefs_of(sv.read_campaign(ROOT / "data" / "sample" / "campaign.yml"), n)


def ours(url: str, n: int, concurrency: int, *, warm: int = 200) -> tuple[float, float]:
    """Return CPU and wall seconds of a run that keeps its answers in a file."""
    import segvspers as sv

    wanted = briefs(n + warm)
    with tempfile.TemporaryDirectory() as folder:
        writer = sv.OpenAIWriter(
            model="m", base_url=url, store=Path(folder) / "run.sqlite", concurrency=concurrency, progress=False
        )
        writer.write(wanted[:warm])
        cpu, wall = time.process_time(), time.perf_counter()
        drafts = writer.write(wanted[warm:])
        spent = time.process_time() - cpu, time.perf_counter() - wall
        assert all(draft.status == "written" for draft in drafts)
        writer.store.close()
    return spent


def plain_create(url: str, n: int, concurrency: int) -> tuple[float, float]:
    """Return CPU and wall seconds of `chat.completions.create` in a pool of workers, nothing kept."""
    import openai

    from segvspers.emails.llm.dialogue.schema import SCHEMA

    form = {"type": "json_schema", "json_schema": {"name": "Email", "strict": True, "schema": SCHEMA}}

    async def main() -> tuple[float, float]:
        client = openai.AsyncOpenAI(api_key="k", base_url=url)
        left = iter(range(n))

        async def work() -> None:
            for _ in left:
                await client.chat.completions.create(model="m", messages=MESSAGES, response_format=form)

        cpu, wall = time.process_time(), time.perf_counter()
        await asyncio.gather(*[work() for _ in range(concurrency)])
        spent = time.process_time() - cpu, time.perf_counter() - wall
        await client.close()
        return spent

    return asyncio.run(main())


LITELLM = """
import asyncio, json, sys, time, litellm
url, n, concurrency = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
messages = json.loads(sys.argv[4])
async def main():
    left = iter(range(n))
    async def work():
        for _ in left:
            await litellm.acompletion(model="openai/m", messages=messages, api_base=url, api_key="k")
    for _ in range(20): await litellm.acompletion(model="openai/m", messages=messages, api_base=url, api_key="k")
    cpu, wall = time.process_time(), time.perf_counter()
    await asyncio.gather(*[work() for _ in range(concurrency)])
    print(time.process_time() - cpu, time.perf_counter() - wall)
asyncio.run(main())
"""
CURATOR = """
import json, os, sys, tempfile, time
os.environ["CURATOR_DISABLE_CACHE"], os.environ["TELEMETRY_ENABLED"], os.environ["OPENAI_API_KEY"] = "1", "0", "k"
url, n, concurrency = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
from bespokelabs import curator
class Writes(curator.LLM):
    def prompt(self, row): return row["text"]
    def parse(self, row, response): return {"text": str(response)}
limits = {"max_requests_per_minute": 10**7, "max_tokens_per_minute": 10**10, "max_concurrent_requests": concurrency}
llm = Writes(model_name="openai/m", backend="litellm", backend_params={"base_url": url, "api_key": "k", **limits})
rows = [{"text": "b" * 2400 + str(i)} for i in range(n)]
cpu, wall = time.process_time(), time.perf_counter()
llm(rows, working_dir=tempfile.mkdtemp())
print(time.process_time() - cpu, time.perf_counter() - wall)
"""


def peer(code: str, url: str, n: int, concurrency: int) -> tuple[float, float] | None:
    """Return what a peer measured of itself, or nothing where it does not run."""
    python = os.environ.get("PEER_PYTHON")
    if not python:
        return None
    command = [python, "-c", code, url, str(n), str(concurrency), json.dumps(MESSAGES)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    try:
        cpu, wall = map(float, done.stdout.strip().splitlines()[-1].split())
    except (IndexError, ValueError):
        print(f"  did not run: {(done.stderr.strip().splitlines() or ['no output'])[-1][:160]}")
        return None
    return cpu, wall


def main() -> None:
    n = int(os.environ.get("N_REQUESTS", "2000"))
    concurrency = 64
    with Server(0.0) as url:
        print(f"server answers at once, concurrency {concurrency}")
        mine = told("OpenAIWriter", n, *ours(url, n, concurrency))
        others = {"openai create": plain_create(url, n, concurrency)}
        for name, code in (("litellm acompletion", LITELLM), ("curator", CURATOR)):
            found = peer(code, url, min(n, 1000), concurrency)
            if found is not None:
                others[name] = tuple(part * n / min(n, 1000) for part in found)
        for name, spent in others.items():
            print(f"  {told(name, n, *spent) / mine:.1f} times ours")
    with Server(0.2) as url:
        print("server answers after 200 ms")
        ideal = concurrency / 0.2
        told("OpenAIWriter", n, *ours(url, n, concurrency, warm=600), ideal=ideal)
        told("openai create", n, *plain_create(url, n, concurrency), ideal=ideal)
        found = peer(LITELLM, url, 1000, concurrency)
        if found is not None:
            told("litellm acompletion", 1000, *found, ideal=ideal)


if __name__ == "__main__":
    main()
