"""Interrupts a turn at the start of each call of ours, one at a time, by a real signal; prints what went wrong as JSON.

`python signals.py exception` has the handler raise an ordinary exception, as Celery's soft time limit does, and
`python signals.py interrupt` a KeyboardInterrupt. A program of its own, because it needs the trace function.
"""

from __future__ import annotations

import json
import logging
import signal
import sys
from types import FrameType
from typing import Any

from opentelemetry import context

import convqa_sdk as convqa
from convqa_sdk.export.exporters import MemoryExporter
from convqa_sdk.export.sdk import Sdk, hold
from convqa_sdk.export.settings import read_settings
from convqa_sdk.tracing.current import running


class TooSlow(Exception):
    """What the handler raises."""


RAISED: type[BaseException] = TooSlow if sys.argv[1] == "exception" else KeyboardInterrupt


def handler(*_: Any) -> None:
    """End what runs."""
    raise RAISED


@convqa.retrieval(data_source="kb")
def search(question: str) -> list[convqa.Document]:
    """Find a document."""
    return [convqa.Document("kb-1", "text", score=0.5)]


@convqa.turn(conversation_id="conversation", message="message")
def decorated(conversation: str, message: str) -> str:
    """Answer."""
    search(message)
    return "x"


def bot() -> None:
    """Answer in a block and in a decorated function."""
    with convqa.turn("c-1", "hi") as turn:
        search("q")
        with convqa.generation(model="m") as generation:
            generation.set(text="x")
        turn.answer("x")
    decorated("c-2", "hi")


def _is_collecting(frame: FrameType | None) -> bool:
    """Tell whether a frame runs on behalf of `__del__`, where Python swallows what is raised."""
    while frame is not None and frame.f_code.co_name != "__del__":
        frame = frame.f_back
    return frame is not None


def interrupted_at(number: int) -> tuple[str, bool]:
    """Run the bot with a signal at the n-th call in tracing; return where (empty: nowhere), and if the bot saw it."""
    events = 0
    where = ""

    def tracer(frame: FrameType, _event: str, _argument: Any) -> None:
        nonlocal events, where
        if "convqa_sdk/tracing" not in frame.f_code.co_filename:
            return
        events += 1
        if events == number:
            sys.settrace(None)
            where = "__del__" if _is_collecting(frame) else frame.f_code.co_name
            signal.raise_signal(signal.SIGALRM)

    sys.settrace(tracer)
    try:
        bot()
    except RAISED:
        return where, True
    finally:
        sys.settrace(None)
    return where, False


def main() -> None:
    """Try every place."""
    logging.disable(logging.CRITICAL)
    signal.signal(signal.SIGALRM, handler)
    exporter = MemoryExporter()
    sdk = Sdk(read_settings({"exporters": (exporter,), "key": b"k" * 32}, {}), synchronous=True)
    hold(sdk)
    bot()
    found: dict[str, list[str]] = {"swallowed": [], "left current": []}
    places = 0
    while True:
        where, seen = interrupted_at(places + 1)
        if not where:
            break
        places += 1
        if not seen:
            found["swallowed"].append(where)
        if running.get() is not None:
            found["left current"].append(where)
            running.set(None)
            context.attach(context.Context())
    ids = [span.context.span_id for span in exporter.spans if span.context is not None]
    print(json.dumps({"places": places, "twice": len(ids) - len(set(ids)), **found}))


main()
