"""A Lambda-style runtime: reads events from standard input, and is frozen as soon as the handler has returned.

`python function.py KIND`, `plain` or `coroutine`; an event is a conversation id, with `bad…` the handler raises.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from support import reply

import convqa_sdk as convqa

convqa.configure()


def plain(event: str) -> str:
    """Answer an event."""
    if event.startswith("bad"):
        with convqa.turn(event):
            raise ValueError(event)
    reply(event)
    return event


async def coroutine(event: str) -> str:
    """Answer an event, with others at the same time."""
    others = [asyncio.to_thread(plain, f"{event}-{n}") for n in range(3)]
    await asyncio.gather(*others)
    return plain(event)


def invoke(handler: str, event: str) -> str:
    """Call the handler as the runtime does; tell what became of it."""
    try:
        if handler == "coroutine":
            return asyncio.run(convqa.flush_after(coroutine, timeout_s=1.0)(event))
        return convqa.flush_after(plain, timeout_s=1.0)(event)
    except ValueError:
        return "failed"


for line in sys.stdin:
    answer = invoke(sys.argv[1], line.strip())
    os.kill(os.getpid(), signal.SIGSTOP)  # nothing runs between the handler's end and the freeze
    print(answer, flush=True)
