"""A stage while it runs: its begin, its end and its place, on top of what it holds; also an OpenTelemetry span.

Every method that the bot can reach is isolated: it counts a fault of ours and goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, ClassVar

from opentelemetry.context import Context
from opentelemetry.trace import (
    INVALID_SPAN_CONTEXT,
    Link,
    Span,
    SpanContext,
    TraceFlags,
)
from typing_extensions import Self

from convqa_sdk.isolation import fault
from convqa_sdk.tracing import recorder as recorders
from convqa_sdk.tracing.capture import PLAIN, Capture
from convqa_sdk.tracing.current import Attachment, ambient_context, left_out_in, make_current, restore, running, span_in
from convqa_sdk.tracing.failure import Failure, is_cancellation
from convqa_sdk.tracing.recorder import Recorder
from convqa_sdk.tracing.snapshot import is_a, type_of
from convqa_sdk.tracing.unit import Unit

SAMPLED = TraceFlags(TraceFlags.SAMPLED)
_ON_THE_TURN = ("intent_detection", "escalation")
"""Kinds of stage that a turn speaks of itself; they stay with it, however full it is."""
OWN_SIZE = 1_000
"""Bytes that a stage takes without its values, about."""

Times = datetime | int


class Stage(Capture):
    """One stage of a turn, open or ended.

    Attributes:
        turn: The turn it belongs to, None outside any turn.
        parent: The stage it was started in, None for a turn or outside one.
        foreign_parent: Context of another instrumentation's span that is the parent on the wire, else None.
        span_id: Random, not zero.
        status: `ok`, `error` or `cancelled`; empty while open.
        failure: The exception that ended it, None for a return or a cancellation without one.
        links: Links to other spans.
    """

    kind: ClassVar[str] = "stage"

    # What most stages never have stands here once, so that starting one sets little.
    turn: Any = None
    foreign_parent: SpanContext | None = None
    links: list[Link] | None = None
    failure: Failure | None = None
    status: str = ""
    span_id: int = 0
    chunk_ns: int = 0
    _attachment: Attachment | None = None

    def __init__(self, recorder: Recorder | None, parent: Stage | None = None) -> None:
        self.recorder = recorder
        self.parent = parent
        self.values: dict[str, Any] = {}
        if parent is not None:
            self.turn = parent.turn
        if recorder is not None:
            self.span_id = recorder.span_id()

    # ------------------------------------------------------------------------------------------------ lifecycle

    @classmethod
    def begin(
        cls,
        values: dict[str, Any],
        start: Times | None = None,
        attach: bool = True,
    ) -> Self | None:
        """Start a stage under the running one; None when recording is off. Never raises.

        Args:
            values: Fields as the bot gives them, in a dictionary that becomes the stage's.
            start: When it began; None: now.
            attach: Make it the running stage.
        """
        try:
            parent = running.get()
            if parent is None:
                recorder = recorders.active()
                if recorder is None:
                    return None
                parent = carried()
                if parent is not None:
                    recorder = parent.recorder
            else:
                recorder = parent.recorder
            if recorder is not None and recorder.inherited:
                recorder = recorders.active()
            if recorder is None:  # inside a turn that is left out, or began while recording was off
                return None
        except Exception as error:  # noqa: BLE001 - decision 8: telemetry never breaks the bot
            fault("capture", error)
            return None
        return cls.begin_under(parent, recorder, values, start, attach)

    @classmethod
    def begin_under(
        cls,
        parent: Stage | None,
        recorder: Recorder,
        values: dict[str, Any],
        start: Times | None = None,
        attach: bool = True,
    ) -> Self | None:
        """Start a stage under the one that is known to be running. Never raises."""
        try:
            stage = cls(recorder, parent)
            turn = stage.turn
            joined = ambient_context() if (turn.joined if turn is not None else recorder.joins()) else None
            if start is None and turn is not None and turn._live and (joined is None or span_in(joined) is parent):
                perf_ns = stage._perf_ns = recorder.perf_ns()
                stage.start_ns = turn.start_ns + perf_ns - turn._perf_ns
            else:
                stage._start(recorder, start, turn, joined)
            if PLAIN.issuperset(map(type_of, values.values())):
                stage.values = values
            else:
                stage._capture(values, recorder)
            if attach:
                stage._attachment = make_current(stage, joined)
        except Exception as error:  # noqa: BLE001 - decision 8: telemetry never breaks the bot
            fault("capture", error)
            return None
        return stage

    def _start(self, recorder: Recorder, start: Times | None, turn: Any, joined: Context | None) -> None:
        """Take the start's time, by the clock of `turn` when there is one, and the span of `joined` as parent."""
        perf_ns = self._perf_ns = recorder.perf_ns()
        if start is not None:
            self.start_ns = self._unix_ns("start_time", start) or recorder.time_ns()
        elif turn is not None and turn._live:
            self.start_ns = turn.start_ns + perf_ns - turn._perf_ns
        else:
            self.start_ns = recorder.time_ns()
        if joined is not None:
            ambient = span_in(joined)
            if ambient is not None and not isinstance(ambient, Stage):
                context = ambient.get_span_context()
                self.foreign_parent = context if context.is_valid else None

    def attach(self) -> None:
        """Make this the running stage of the current context. Never raises."""
        try:
            turn = self.turn
            join = turn.joined if turn is not None else self.recorder is not None and self.recorder.joins()
            self._attachment = make_current(self, ambient_context() if join else None)
        except Exception as error:  # noqa: BLE001 - decision 8
            fault("attach", error)

    def detach(self) -> None:
        """Undo `attach`; silent when the context is another one by now."""
        attachment = self._attachment
        if attachment is not None:
            self._attachment = None
            restore(attachment)

    def finish(self, error: BaseException | None = None, end: Times | None = None, status: str = "") -> None:
        """End the stage, once; later calls change nothing. Never raises."""
        recorder = self.recorder
        if recorder is None or self.end_ns:
            self.end_ns = self.end_ns or 1
            if recorder is None and self._attachment is not None:
                self.status = "ok"  # a turn that is left out: it has ended, and is not made current again
            self.detach()
            return
        try:
            self.status = status or "ok"
            attachment = self._attachment
            if attachment is not None and restore(attachment):
                self._attachment = None  # else another thread ends it: its own block still has to detach it
            if error is not None:
                self.status = status or ("cancelled" if is_cancellation(error) else "error")
                failure = self.failure = Failure.of(error)
                self.size += failure.size
            self.end_ns = (end is not None and self._end_ns(end)) or self._now(recorder)
            self._settle(recorder)
        except Exception as problem:  # noqa: BLE001 - decision 8: telemetry never breaks the bot
            fault("finish", problem)
        finally:  # an interrupt, which passes through, costs what is not known yet and not the stage
            self.end_ns = self.end_ns or self.start_ns
            try:
                self._submit(recorder)
            except Exception as problem:  # noqa: BLE001 - decision 8
                fault("submit", problem)

    def _end_ns(self, end: Times) -> int:
        ns = self._unix_ns("end_time", end)
        if ns and ns < self.start_ns:
            self.mark("end_time")
            return self.start_ns
        return ns

    def _submit(self, recorder: Recorder) -> None:
        """Hand over to the turn, or to the export when the turn has left already."""
        turn = self.turn
        if turn is not None and turn.recorder is recorder:  # not so in a forked child: the turn is its parent's
            stages = turn.stages  # read first: when the turn ends meanwhile, this very list leaves with it
            if not turn.end_ns:
                room = turn.room - self.size - OWN_SIZE
                if room > 0 or self.kind in _ON_THE_TURN:
                    turn.room = room
                    stages.append(self)
                    return
                turn.spill()
        recorder.submit(Unit(turn, (self,), self.size, whole=False, thinned=self.is_thinned))

    def __del__(self) -> None:
        """Emit a stage that was never closed as cancelled."""
        try:
            if self.start_ns and not self.end_ns:
                self._attachment = None  # nothing holds it, so it is current nowhere
                self.finish(status="cancelled")
        except Exception as error:  # noqa: BLE001 - also runs while the interpreter shuts down
            fault("collect", error)

    def open_ancestor(self) -> Stage | None:
        """Return the nearest stage above that is recorded and still open."""
        stage = self.parent
        while stage is not None and (stage.status or stage.recorder is None):
            stage = stage.parent
        return stage

    def understand(self, result: Any) -> Mapping[str, Any] | None:
        """Return the fields that a result of the bot's fills, None when it is not understood."""
        return None

    def first_chunk(self) -> None:
        """Note the arrival of a stream's first chunk."""
        if not self.chunk_ns and self.recorder is not None:
            self.chunk_ns = self._now(self.recorder)

    def _unix_ns(self, name: str, when: Times) -> int:
        """Return Unix nanoseconds; a naive or nonsensical time is a violation and gives 0."""
        try:
            ns = when if type(when) is int else unix_ns(when)  # type: ignore[arg-type] # reason: bots are not type-checked
        except Exception:  # noqa: BLE001 - naive, no time at all, or a time zone of the bot's that raises
            ns = 0
        if 0 < ns < 2**63:
            return ns
        self.mark(name)
        return 0

    # ------------------------------------------------------------------------------------ OpenTelemetry's Span API

    @property
    def trace_id(self) -> int:
        """Trace id on the wire."""
        if self.foreign_parent is not None:
            return self.foreign_parent.trace_id
        if self.parent is not None:
            return self.parent.trace_id
        return self.span_id  # a stage outside any turn and any span: a trace of its own

    @property
    def is_thinned(self) -> bool:
        """Whether it is measured only: it, or its turn, is left out by `sampling`."""
        return self.turn is not None and self.turn.thinned

    def get_span_context(self) -> SpanContext:
        """Return the context that is propagated."""
        if self.recorder is None or self.is_thinned:
            return INVALID_SPAN_CONTEXT
        origin = self.origin()
        if origin is None:
            return SpanContext(self.trace_id, self.span_id, is_remote=False, trace_flags=SAMPLED)
        return SpanContext(self.trace_id, self.span_id, False, origin.trace_flags, origin.trace_state)

    def origin(self) -> SpanContext | None:
        """Return the ambient context that this stage, or one above it, was started in."""
        stage: Stage | None = self
        while stage is not None:
            if stage.foreign_parent is not None:
                return stage.foreign_parent
            stage = stage.parent
        return None

    def is_recording(self) -> bool:
        """Tell whether values are still taken."""
        return self.recorder is not None and not self.end_ns

    def add_event(self, name: str, attributes: Mapping[str, Any] | None = None, timestamp: int | None = None) -> None:
        """Take an event that other instrumentation adds to the current span."""
        self.event(name, {} if attributes is None else attributes, timestamp)

    def add_link(self, context: SpanContext, attributes: Any = None) -> None:
        """Take a link; its attributes are left out, because nothing vouches for free text on a link."""
        if self.is_recording() and is_a(context, SpanContext) and context.is_valid:
            self.links = [*(self.links or ())[-31:], Link(context)]

    def record_exception(
        self, exception: BaseException, attributes: Any = None, timestamp: int | None = None, escaped: bool = False
    ) -> None:
        """Take an exception that other instrumentation records on the current span."""
        try:
            self.event("exception", Failure.of(exception), timestamp)
        except Exception as error:  # noqa: BLE001 - decision 8
            fault("capture", error)

    def update_name(self, name: str) -> None:
        """Keep the name: it is part of the telemetry contract."""

    def set_status(self, status: Any, description: str | None = None) -> None:
        """Keep the status: only the stage itself knows how it ended."""

    def end(self, end_time: int | None = None) -> None:
        """Keep the stage open: only its own block or function ends it."""

    def __enter__(self) -> Self:
        """Return the span, as OpenTelemetry's `Span` does."""
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Leave the span open (see `end`)."""


def carried() -> Stage | None:
    """Return the stage that a thread has from OpenTelemetry's context alone: a turn left out, or a span of ours."""
    context = ambient_context()
    ambient = left_out_in(context) or span_in(context)
    return ambient if isinstance(ambient, Stage) else None


Span.register(Stage)


def unix_ns(when: datetime) -> int:
    """Return Unix nanoseconds of an aware datetime, exact to the microsecond; a naive one raises TypeError."""
    delta = when - datetime(1970, 1, 1, tzinfo=timezone.utc)
    return ((delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds) * 1000
