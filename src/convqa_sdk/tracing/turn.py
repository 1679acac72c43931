"""A turn while it runs: whose it is, which trace it belongs to, what was answered, and the stages it collected."""

from __future__ import annotations

import weakref
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping
from typing import Any, TypeVar, overload

from opentelemetry.trace import Link, SpanContext, get_current_span
from typing_extensions import Self, Unpack

from convqa_sdk.isolation import fault
from convqa_sdk.tracing import recorder as recorders
from convqa_sdk.tracing.current import running
from convqa_sdk.tracing.fields import AnswerFields, AnswerType, TurnFields
from convqa_sdk.tracing.recorder import Recorder
from convqa_sdk.tracing.reference import TurnRef
from convqa_sdk.tracing.stage import SAMPLED, Stage, Times
from convqa_sdk.tracing.unit import Unit
from convqa_sdk.tracing.values import Versions

T = TypeVar("T")
NO_VERSIONS = Versions()
MAX_COLLECTED = 262_144


class Turn(Stage):
    """One exchange of a conversation.

    Attributes:
        conversation_id: As the bot gave it.
        session_id: As the bot gave it, None: the conversation.
        versions: What the bot ran on.
        stages: Ended stages, in order of their end.
        joined: Whether stages are current OpenTelemetry spans.
    """

    __slots__ = ("_live", "_trace_id", "conversation_id", "joined", "session_id", "stages", "versions")

    kind = "turn"

    @classmethod
    def open(
        cls,
        conversation_id: str | None,
        session_id: str | None,
        values: Mapping[str, Any],
        *,
        versions: Versions | None = None,
        start: Times | None = None,
        previous: TurnRef | None = None,
        attach: bool = True,
    ) -> Turn:
        """Start a turn; when recording is off or fails, the turn returned records nothing. Never raises."""
        recorder = recorders.active()
        turn = cls(None)
        turn.conversation_id = conversation_id if isinstance(conversation_id, str) else ""
        turn.session_id = session_id
        if recorder is None:
            return turn
        try:
            turn._begin_recording(recorder, versions, start, previous)
            if not turn.conversation_id:
                turn.conversation_id = f"unknown-{turn.span_id:016x}"
                turn.mark("conversation_id")
            turn._capture(values)
            if attach:
                turn.attach()
        except Exception as error:  # noqa: BLE001 - decision 8: telemetry never breaks the bot
            fault("capture", error)
        return turn

    @classmethod
    def elsewhere(cls, recorder: Recorder, conversation_id: str, context: SpanContext) -> Turn:
        """Return a stand-in for a turn that runs in another process; it is never emitted from here."""
        turn = cls(recorder)
        turn.conversation_id = conversation_id
        turn.foreign_parent = context  # sampling decision and trace state come from there
        turn.span_id = context.span_id
        turn.joined = recorder.joins()
        turn.end_ns = 1
        return turn

    def __init__(self, recorder: Recorder | None, parent: Stage | None = None) -> None:
        super().__init__(recorder, parent)
        self._trace_id = 0
        self._live = False
        self.turn = self
        self.conversation_id = ""
        self.session_id: str | None = None
        self.versions = NO_VERSIONS
        self.stages: list[Stage] = []
        self.joined = False

    def _begin_recording(
        self, recorder: Recorder, versions: Versions | None, start: Times | None, previous: TurnRef | None
    ) -> None:
        self.recorder = recorder
        self.span_id = recorder.span_id()
        self.versions = versions if versions is not None else recorder.versions
        self.parent = running.get()
        self.joined = recorder.joins()
        self._start(start)
        self._live = start is None
        if not self.joined:
            ambient = get_current_span().get_span_context()
            if ambient.is_valid:
                self.links = [Link(ambient)]
        if previous is not None and previous.span_id:
            self.links = [*(self.links or ()), Link(SpanContext(previous.trace_id, previous.span_id, True, SAMPLED))]
        self._register(recorder)

    def _start(self, start: Times | None) -> None:
        turn, self.turn = self.turn, None  # a turn does not take its clock from itself
        try:
            super()._start(start)
        finally:
            self.turn = turn

    def _register(self, recorder: Recorder) -> None:
        """Keep count of open turns; beyond the limit the oldest is emitted as cancelled."""
        turns = recorder.open_turns
        turns[id(self)] = weakref.ref(self)
        if len(turns) > recorder.max_open_turns:
            oldest = next(iter(turns))
            reference = turns.pop(oldest, None)
            turn = reference() if reference is not None else None
            if turn is not None:
                fault("too_many_open_turns")
                turn.finish(status="cancelled")

    def _submit(self) -> None:
        recorder = self.recorder
        assert recorder is not None
        recorder.open_turns.pop(id(self), None)
        stages = tuple(self.stages)
        size = self.size + sum(stage.size for stage in stages) + 1000 * (1 + len(stages))
        recorder.submit(Unit(self, stages, size, whole=True))

    @property
    def trace_id(self) -> int:
        """Trace id: the parent's inside a span, else the conversation's, or the turn's own."""
        if not self._trace_id:
            if self.foreign_parent is not None:
                self._trace_id = self.foreign_parent.trace_id
            elif self.parent is not None:
                self._trace_id = self.parent.trace_id
            elif self.recorder is not None:
                self._trace_id = self._root_trace_id(self.recorder)
        return self._trace_id

    def _root_trace_id(self, recorder: Recorder) -> int:
        if recorder.trace_per_turn:
            return recorder.span_id() << 64 | recorder.span_id()
        return recorder.trace_id(self.conversation_id)

    @property
    def ref(self) -> TurnRef:
        """A short reference of this turn; `str()` of it can be kept anywhere."""
        try:
            return TurnRef(self.conversation_id, self.trace_id, self.span_id)
        except Exception as error:  # noqa: BLE001 - decision 8
            fault("reference", error)
            return TurnRef(self.conversation_id)

    def set(self, **fields: Unpack[TurnFields]) -> Self:
        """Set fields of the turn."""
        self.record(fields)
        return self

    def answer(self, text: str, type: AnswerType = "generated", **more: Unpack[AnswerFields]) -> str:  # noqa: A002 - the contract's name
        """Record the answer and return it.

        Args:
            text: What the customer gets.
            type: Kind of answer.
            **more: `template`, `citations`, `bubble_count`, `structured_output`, `delivered`.
        """
        given: dict[str, Any] = dict(more)
        if "template" in given:
            given["answer_template"] = given.pop("template")
        self.record({"answer": text, "answer_type": type, **given})
        return text

    def fallback(self, text: str, **more: Unpack[AnswerFields]) -> str:
        """Record a fallback answer and return it."""
        return self.answer(text, "fallback", **more)

    @overload
    def stream(self, chunks: AsyncIterable[T]) -> AsyncIterator[T]: ...
    @overload
    def stream(self, chunks: Iterable[T]) -> Iterator[T]: ...
    def stream(self, chunks: Any) -> Any:
        """Hand on an answer chunk by chunk, keeping the turn out of the consumer's context between chunks.

        Chunks that are strings become the answer unless `answer()` is called. Use it inside the turn's block, in a
        generator of your own: `for chunk in turn.stream(draft()): yield chunk`.
        """
        if hasattr(chunks, "__aiter__"):
            return self._stream_async(chunks)
        return self._stream(chunks)

    def _stream(self, chunks: Iterable[T]) -> Iterator[T]:
        collected = Collected(self)
        iterator = iter(chunks)
        try:
            for chunk in iterator:
                collected.add(chunk)
                self._pause()
                try:
                    yield chunk
                finally:
                    self._resume()
        finally:
            close = getattr(iterator, "close", None)
            if close is not None:
                close()
            collected.done()

    async def _stream_async(self, chunks: AsyncIterable[T]) -> AsyncIterator[T]:
        collected = Collected(self)
        iterator = chunks.__aiter__()
        try:
            async for chunk in iterator:
                collected.add(chunk)
                self._pause()
                try:
                    yield chunk
                finally:
                    self._resume()
        finally:
            close = getattr(iterator, "aclose", None)
            if close is not None:
                await close()
            collected.done()

    def _pause(self) -> None:
        if self._attachment is not None:
            self.detach()

    def _resume(self) -> None:
        if self.recorder is not None and not self.end_ns:
            self.attach()


class Collected:
    """The text of a streamed answer, up to a bound."""

    __slots__ = ("_parts", "_size", "_turn")

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._parts: list[str] = []
        self._size = 0

    def add(self, chunk: object) -> None:
        """Take one chunk."""
        self._turn.first_chunk()
        if type(chunk) is str and self._size <= MAX_COLLECTED:
            self._parts.append(chunk)
            self._size += len(chunk)

    def done(self) -> None:
        """Make the text the turn's answer, unless the bot said what the answer is."""
        if self._parts and "answer" not in self._turn.values:
            given = {"answer": "".join(self._parts)}
            if "answer_type" not in self._turn.values:
                given["answer_type"] = "generated"
            self._turn.record(given)
