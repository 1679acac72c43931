"""The seam between tracing and export: what a recording needs, installed by `configure()`, read by every stage.

Tracing never imports the exporters; export installs a `Recorder` here. While none is installed, stages run and
nothing is recorded.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from itertools import repeat
from operator import length_hint
from typing import TYPE_CHECKING, Any

from convqa_sdk.isolation import fault
from convqa_sdk.tracing.values import Versions

if TYPE_CHECKING:
    from convqa_sdk.tracing.conversations import Conversations
    from convqa_sdk.tracing.unit import Unit


class Recorder:
    """One configuration of the SDK, as the request thread sees it.

    Attributes:
        submit: Takes a finished unit and never blocks for long nor raises.
        joins: Tells whether stages become the current OpenTelemetry span (decision 1).
        trace_id: Trace id of a conversation.
        span_id: A new span id.
        new_trace_id: A trace id for a trace of its own.
        time_ns: Wall clock in nanoseconds.
        perf_ns: Monotonic clock in nanoseconds.
        reference: What stands for a conversation outside of this process: its id, or its pseudonym.
        versions: Versions of every turn that brings none of its own.
        segments: Segment fields of every turn.
        trace_per_turn: Whether each turn gets a trace of its own.
        text_limit: Characters of a text that capture keeps.
        max_open_turns: Turns that may be open at once; beyond, the oldest is emitted as cancelled.
        sampling: Share of customers, else of conversations, whose turns are recorded; turns of neither by chance.
        measures_all: Tells whether turns of the others are measured, and so captured, although no span of them leaves.
        leave_out: Counts a turn of the others: one step of the interpreter, so that no thread's is forgotten.
        strict: Raise where production counts (test kit).
        conversations: What is known of conversations; None: nothing is.
        inherited: Whether this is, in a forked child, the parent's; the child has one of its own.
    """

    __slots__ = (
        "_uncounted",
        "conversations",
        "inherited",
        "joins",
        "leave_out",
        "max_open_turns",
        "measures_all",
        "new_trace_id",
        "open_turns",
        "perf_ns",
        "reference",
        "sampling",
        "segments",
        "span_id",
        "strict",
        "submit",
        "text_limit",
        "time_ns",
        "trace_id",
        "trace_per_turn",
        "versions",
    )

    def __init__(
        self,
        *,
        submit: Callable[[Unit], None],
        joins: Callable[[], bool],
        trace_id: Callable[[str], int],
        span_id: Callable[[], int],
        new_trace_id: Callable[[], int],
        time_ns: Callable[[], int],
        perf_ns: Callable[[], int],
        reference: Callable[[str], str],
        versions: Versions,
        segments: Mapping[str, Any],
        trace_per_turn: bool,
        text_limit: int,
        max_open_turns: int,
        sampling: float,
        measures_all: Callable[[], bool],
        strict: bool,
        conversations: Conversations | None = None,
    ) -> None:
        self.submit = submit
        self.joins = joins
        self.trace_id = trace_id
        self.span_id = span_id
        self.new_trace_id = new_trace_id
        self.time_ns = time_ns
        self.perf_ns = perf_ns
        self.reference = reference
        self.versions = versions
        self.segments = segments
        self.trace_per_turn = trace_per_turn
        self.text_limit = text_limit
        self.max_open_turns = max_open_turns
        self.sampling = sampling
        self.measures_all = measures_all
        self.strict = strict
        self.conversations = conversations
        self._uncounted = repeat(None, sys.maxsize)
        self.leave_out = self._uncounted.__next__
        self.open_turns: dict[int, Any] = {}
        self.inherited = False

    @property
    def left_out(self) -> int:
        """Turns of which no span leaves, because their customers are not drawn."""
        return sys.maxsize - length_hint(self._uncounted)


_active: Recorder | None = None
_decided = False


def active() -> Recorder | None:
    """Return the installed recorder, None when the SDK is off."""
    return _active


def install(recorder: Recorder | None) -> None:
    """Make `recorder` the one that new turns and stages use; None switches recording off."""
    global _active, _decided  # noqa: PLW0603 - one process has one configuration; this is where it lives
    _active = recorder
    _decided = True


def was_installed() -> bool:
    """Tell whether `configure()` has run in this process, if only to switch recording off."""
    return _decided


def misuse(problem: str) -> None:
    """Count a misuse of the API in production; raise it in a test."""
    if _active is None:
        return
    if _active.strict:
        raise RuntimeError(problem)
    fault("misuse")
