"""Everything a bot records while a test runs, kept in memory and exported in the caller's thread."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from opentelemetry import context as otel_context
from opentelemetry.sdk.trace import ReadableSpan

from convqa_sdk import isolation
from convqa_sdk.export.exporters import MemoryExporter
from convqa_sdk.export.ledger import Stats
from convqa_sdk.export.sdk import Sdk, hold
from convqa_sdk.export.settings import read_settings
from convqa_sdk.redaction import Pseudonyms
from convqa_sdk.schema.registry import fields_of, record_for
from convqa_sdk.testing.clock import TestClock
from convqa_sdk.testing.leaks import places
from convqa_sdk.tracing.current import running

KEY = b"a key for tests, of 32 bytes ..."


class RecordedSpan:
    """A finished span; `span["convqa.escalation.reason"]` reads an attribute."""

    def __init__(self, span: ReadableSpan) -> None:
        self.span = span

    @property
    def name(self) -> str:
        """Name of the span."""
        return self.span.name

    @property
    def attributes(self) -> Mapping[str, Any]:
        """Attributes by key."""
        return self.span.attributes or {}

    @property
    def stage(self) -> str:
        """Kind of stage."""
        return str(self.attributes.get("convqa.stage", ""))

    @property
    def events(self) -> list[str]:
        """Names of the events."""
        return [event.name for event in self.span.events]

    def __getitem__(self, key: str) -> Any:
        if key not in self.attributes:
            raise KeyError(f"{self.name} has no {key}; it has {', '.join(sorted(self.attributes))}")
        return self.attributes[key]

    def __contains__(self, key: object) -> bool:
        return key in self.attributes

    def get(self, key: str, default: Any = None) -> Any:
        """Return an attribute, or `default`."""
        return self.attributes.get(key, default)

    def __repr__(self) -> str:
        return f"<{self.name} {self.attributes.get('convqa.status', '')}>"


class RecordedTurn(RecordedSpan):
    """A finished turn with the stages below it."""

    def __init__(self, span: ReadableSpan, spans: list[RecordedSpan]) -> None:
        super().__init__(span)
        self.spans = spans

    @property
    def stages(self) -> list[str]:
        """Kinds of the stages, in the order of their start."""
        return [span.stage for span in self.spans]

    def stage_spans(self, kind: str) -> list[RecordedSpan]:
        """Return the stages of one kind, in the order of their start."""
        return [span for span in self.spans if span.stage == kind]


class Recording:
    """What was recorded so far.

    Args:
        exporter: Where the spans are.
        sdk: The configuration in force.
    """

    def __init__(self, exporter: MemoryExporter, sdk: Sdk) -> None:
        self._exporter = exporter
        self._sdk = sdk
        self._pseudonyms = Pseudonyms(KEY)

    @property
    def spans(self) -> list[RecordedSpan]:
        """All spans, in the order of their start."""
        return [RecordedSpan(span) for span in sorted(self._exporter.spans, key=lambda span: span.start_time or 0)]

    def turns(self, conversation_id: str | None = None) -> list[RecordedTurn]:
        """Return finished turns, all or of one conversation, in the order of their start."""
        everything = self.spans
        wanted = None
        if conversation_id is not None:
            wanted = (conversation_id, self._pseudonyms.identifier("CONVERSATION_ID", conversation_id))
        return [
            RecordedTurn(turn.span, _below(turn, everything))
            for turn in everything
            if turn.stage == "turn" and (wanted is None or turn.get("gen_ai.conversation.id") in wanted)
        ]

    def turn(self, conversation_id: str) -> RecordedTurn:
        """Return the last turn of a conversation.

        Raises:
            AssertionError: No turn of it has finished.
        """
        turns = self.turns(conversation_id)
        if not turns:
            seen = sorted({str(turn.get("gen_ai.conversation.id")) for turn in self.turns()})
            raise AssertionError(f"no finished turn of conversation {conversation_id!r}; there are {seen}")
        return turns[-1]

    def outcomes(self, kind: str | None = None) -> list[RecordedSpan]:
        """Return outcomes, all or of one kind."""
        return [s for s in self.spans if s.stage == "outcome" and kind in (None, s.get("convqa.outcome.kind"))]

    def stats(self) -> Stats:
        """Return the counts of the configuration in force."""
        return self._sdk.stats()

    def clear(self) -> None:
        """Forget what was recorded so far."""
        self._exporter.clear()

    def assert_complete(self) -> None:
        """Assert that every span has every required field and no instrumentation violation.

        Raises:
            AssertionError: Names the spans and fields.
        """
        problems: list[str] = []
        for span in self.spans:
            record = record_for(span.stage, str(span.get("convqa.outcome.kind", "")))
            if record is None:
                continue
            status = str(span.get("convqa.status"))
            absent = [
                f.attribute.key
                for f in fields_of(record).values()
                if f.required_for(status) and f.attribute.key not in span
            ]
            violations = list(span.get("convqa.instrumentation.violations", ()))
            if absent or violations:
                problems.append(f"{span.name}: missing {absent}, violations {violations}")
        if not self.spans:
            problems.append("nothing was recorded")
        if problems:
            raise AssertionError("telemetry is not complete:\n  " + "\n  ".join(problems))

    def assert_no_leak(self, *values: str) -> None:
        """Assert that none of the values stands anywhere in what was exported, in whatever case.

        Raises:
            AssertionError: Names the place; never quotes the value.
        """
        if not values or not all(values):
            raise ValueError("assert_no_leak: give the values that must not be exported; an empty one is everywhere")
        found = places((span.span for span in self.spans), values)
        if found:
            raise AssertionError("exported telemetry contains what it must not:\n  " + "\n  ".join(found))


def _below(turn: RecordedSpan, spans: list[RecordedSpan]) -> list[RecordedSpan]:
    """Return the stages of a turn; one whose parent is another instrumentation's span belongs to the turn around it."""
    own = _ids(turn.span)
    parents = {_ids(span.span): _parent(span.span) for span in spans}

    def belongs(span: RecordedSpan) -> bool:
        ids: tuple[int, int] | None = _ids(span.span)
        while ids in parents and ids != own:
            ids = parents[ids]
        if ids is None or ids == own:
            return ids == own and span.span is not turn.span
        start = turn.span.start_time or 0
        return ids[0] == own[0] and start <= (span.span.start_time or 0) <= (turn.span.end_time or 0)

    return [span for span in spans if belongs(span)]


def _ids(span: ReadableSpan) -> tuple[int, int]:
    context = span.get_span_context()
    return (context.trace_id, context.span_id) if context is not None else (0, 0)


def _parent(span: ReadableSpan) -> tuple[int, int] | None:
    return (span.parent.trace_id, span.parent.span_id) if span.parent is not None else None


class _HeldSdk(Sdk):
    """The configuration of a test; what the bot does with its handle ends nothing."""

    def shutdown(self, timeout_s: float | None = None, *, successor: Sdk | None = None) -> None:
        """Do nothing: `close` ends the recording."""

    def close(self) -> None:
        """Emit open turns and stop."""
        super().shutdown(1.0)


@contextmanager
def recording(**settings: Any) -> Generator[Recording]:
    """Record in memory while the block runs; the bot's own `configure()` is ignored meanwhile.

    Args:
        **settings: Settings of `configure()`, such as `versions=`.
    """
    isolation.reset()
    exporter = MemoryExporter()
    given = {"key": KEY, "service_name": "bot-under-test", **settings}
    given["exporters"] = (exporter, *given.get("exporters", ()))
    sdk = _HeldSdk(read_settings(given, environ={}), clock=TestClock(), synchronous=True, strict=True)
    release = hold(sdk)
    around, outside = running.get(), otel_context.get_current()
    running.set(None)
    try:
        yield Recording(exporter, sdk)
    finally:
        release()
        sdk.close()
        running.set(around)  # a turn that the test left open must not become the parent in the next one
        if otel_context.get_current() is not outside:
            otel_context.attach(outside)
