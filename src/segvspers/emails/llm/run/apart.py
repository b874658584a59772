"""Run a coroutine in a thread with an event loop of its own, so that a running loop (a notebook's) is no obstacle."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")
TICK = 0.2


def run_apart(
    work: Callable[[], Coroutine[Any, Any, Result]],
    *,
    on_tick: Callable[[], None],
    on_interrupt: Callable[[], None],
) -> Result:
    """Run a coroutine to its end and return what it returns.

    Parameters
    ----------
    work
        Makes the coroutine, inside the loop that runs it.
    on_tick
        Called a few times a second in the caller's thread; draws progress.
    on_interrupt
        Called in the loop at the first Ctrl-C; the work should end soon and well. At the second it is cancelled.

    Raises
    ------
    KeyboardInterrupt
        After an interrupt, when the work has ended.
    """
    holder: dict[str, Any] = {}
    started, done = threading.Event(), threading.Event()

    async def main() -> None:
        holder["loop"], holder["task"] = asyncio.get_running_loop(), asyncio.current_task()
        started.set()
        holder["result"] = await work()

    def body() -> None:
        try:
            asyncio.run(main())
        except BaseException as problem:  # noqa: BLE001  handed to the caller's thread below
            holder["problem"] = problem
        finally:
            started.set()
            done.set()

    thread = threading.Thread(target=body, name="segvspers-writer", daemon=True)
    thread.start()
    interrupts = 0
    while not done.is_set():
        try:
            done.wait(TICK)
            on_tick()
        except KeyboardInterrupt:
            interrupts += 1
            started.wait()
            ending = on_interrupt if interrupts == 1 else holder["task"].cancel
            holder["loop"].call_soon_threadsafe(ending)
    thread.join()
    if interrupts:
        raise KeyboardInterrupt
    if "problem" in holder:
        raise holder["problem"]
    return holder["result"]
