"""Makes finished OpenTelemetry spans of a unit: flattened, screened, validated, one fault costing one field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from convqa_sdk.export.environment import Environment
from convqa_sdk.export.flatten import Fields, shared_fields, stage_fields, turn_fields, version_fields
from convqa_sdk.export.screening import DETECTOR_VERSION, Screen, Screened
from convqa_sdk.isolation import fault
from convqa_sdk.schema import SCHEMA_URL, SCOPE_NAME
from convqa_sdk.schema.events import EventRecord
from convqa_sdk.schema.records import Record
from convqa_sdk.schema.registry import STAGE_RECORDS, fields_of
from convqa_sdk.schema.wire import attributes_of, missing, validate
from convqa_sdk.tracing.failure import Failure
from convqa_sdk.tracing.late import Late
from convqa_sdk.tracing.stage import SAMPLED, Stage
from convqa_sdk.tracing.turn import Turn
from convqa_sdk.tracing.unit import Unit

_KINDS = {"INTERNAL": SpanKind.INTERNAL, "CLIENT": SpanKind.CLIENT}
_UNSET = Status(StatusCode.UNSET)
MAX_VIOLATIONS = 64


class Materialiser:
    """Makes spans; also counts instrumentation violations by field name.

    Args:
        screen: Redacts and bounds.
        environment: Knows the resource.
        key: Hashes passages; None: no hashes.
        version: Version of this package, for the instrumentation scope.
        pause: Called between spans, so that the export thread yields the interpreter.
        on_violation: Told the name of each field that was missing or invalid.
        span_id: Makes span ids.
    """

    def __init__(
        self,
        screen: Screen,
        environment: Environment,
        key: bytes | None,
        version: str,
        pause: Callable[[], None],
        on_violation: Callable[[str], None],
        span_id: Callable[[], int],
    ) -> None:
        self._screen = screen
        self._environment = environment
        self._key = key
        self._scope = InstrumentationScope(SCOPE_NAME, version, SCHEMA_URL)
        self._pause = pause
        self._on_violation = on_violation
        self._span_id = span_id

    def ids(self) -> tuple[int, int]:
        """Return a fresh trace id and span id."""
        return self._span_id() << 64 | self._span_id(), self._span_id()

    def spans(self, unit: Unit) -> list[ReadableSpan]:
        """Return the spans of a unit, the turn last. One that cannot be made is counted and left out."""
        if unit.late is not None:
            return [self._late(unit.late)]
        turn = unit.turn
        versions = version_fields(turn.versions) if turn is not None else {}
        shared = shared_fields(turn) if turn is not None else None
        made: list[tuple[Stage, Fields]] = []
        spans: list[ReadableSpan] = []
        for stage in sorted(unit.stages, key=lambda stage: stage.start_ns):
            self._pause()
            try:
                fields = stage_fields(stage, versions, self._key)
                made.append((stage, fields))
                spans.append(self._stage(stage, fields, shared))
            except Exception as error:  # noqa: BLE001 - one span's fault costs one span
                fault("materialise", error)
        if unit.whole and turn is not None:
            self._pause()
            fields = {**turn_fields(turn, made, versions), **(shared or {})}
            spans.append(self._span(turn, STAGE_RECORDS["turn"], fields, frozenset(versions)))
        return spans

    def _stage(self, stage: Stage, fields: Fields, shared: Fields | None) -> ReadableSpan:
        if shared is None:
            stage.mark("turn")
            unknown = f"unknown-{stage.span_id:016x}"
            shared = {"conversation_id": unknown, "session_id": unknown, "sampling_probability": 1.0}
        return self._span(stage, STAGE_RECORDS[stage.kind], {**fields, **shared}, frozenset())

    def _span(
        self, stage: Stage, record: type[Record], fields: Fields, configured: frozenset[str]
    ) -> ReadableSpan:
        if stage.extra:
            fields["custom"] = stage.extra
        if stage.failure is not None:
            fields["error_type"] = stage.failure.type
        elif stage.status == "cancelled":
            fields["error_type"] = "cancelled"
        screened = self._screen.fields(record, fields)
        events = self._events(stage, screened)
        status = self._status(stage, screened)
        name, attributes = self._attributes(record, screened, list(stage.wrong or ()), configured)
        return ReadableSpan(
            name=name,
            context=stage.get_span_context(),
            parent=_parent(stage),
            resource=self._environment.resource(),
            attributes=attributes,
            events=events,
            links=tuple(stage.links or ()),
            kind=_KINDS[getattr(record, "kind", "INTERNAL")],
            status=status,
            start_time=stage.start_ns,
            end_time=max(stage.end_ns, stage.start_ns),
            instrumentation_scope=self._scope,
        )

    def _late(self, late: Late) -> ReadableSpan:
        fields = dict(late.values)
        fields["status"] = "ok"
        if late.conversation_id is not None:
            fields["conversation_id"] = fields["session_id"] = late.conversation_id
            fields["sampling_probability"] = 1.0
        screened = self._screen.fields(late.record, fields)
        name, attributes = self._attributes(late.record, screened, [], frozenset())
        links = () if late.link is None else (Link(SpanContext(*late.link, is_remote=True, trace_flags=SAMPLED)),)
        return ReadableSpan(
            name=name,
            context=SpanContext(late.trace_id, late.span_id, is_remote=False, trace_flags=TraceFlags(1)),
            resource=self._environment.resource(),
            attributes=attributes,
            links=links,
            kind=SpanKind.INTERNAL,
            status=_UNSET,
            start_time=late.at_ns,
            end_time=late.at_ns,
            instrumentation_scope=self._scope,
        )

    def _attributes(
        self, record: type[Record], screened: Screened, wrong: list[str], configured: frozenset[str]
    ) -> tuple[str, dict[str, Any]]:
        """Validate screened fields, add constants and governance, and return the span's name and attributes."""
        declared = fields_of(record)
        constants = {
            name: info.default
            for name, info in record.model_fields.items()
            if name in ("stage", "outcome_kind", "schema_version", "operation_name") and info.default is not None
        }
        if record is STAGE_RECORDS["intent_detection"] and "model" in screened.fields:
            constants["operation_name"] = "chat"
        valid, invalid = validate(record, {**constants, **screened.fields})
        wrong = [*wrong, *screened.wrong, *invalid]
        if screened.seen or "redaction_status" in _required(record):
            valid["redaction_status"] = screened.status
            valid["redaction_policy_version"] = self._screen.policy_version
            valid["redaction_detector_version"] = DETECTOR_VERSION
            if screened.count:
                valid["redaction_count"] = screened.count
                valid["redaction_classes"] = tuple(sorted(screened.classes))
        wrong += [name for name in missing(record, valid, configured) if name in declared]
        if wrong:
            names = tuple(dict.fromkeys(wrong))[:MAX_VIOLATIONS]
            valid["instrumentation_violations"] = names
            for name in names:
                self._on_violation(name)
        attributes: dict[str, Any] = attributes_of(record, valid)
        attributes.update(screened.companions)
        span_name = record.span_name(valid) if hasattr(record, "span_name") else str(valid.get("stage"))
        return span_name[:200], attributes

    def _status(self, stage: Stage, into: Screened) -> Status:
        if stage.status != "error":
            return _UNSET
        message = stage.failure.message if stage.failure is not None else ""
        return Status(StatusCode.ERROR, self._free_text(message, 1_000, into) or None)

    def _events(self, stage: Stage, into: Screened) -> tuple[Event, ...]:
        events: list[Event] = []
        for name, at_ns, given in stage.events or ():
            try:
                events.append(Event(self._free_text(name, 200, into) or "event", self._event(given, into), at_ns))
            except Exception as error:  # noqa: BLE001 - one event's fault costs one event
                fault("event", error)
        if stage.failure is not None and stage.status == "error":
            events.append(Event("exception", self._exception(stage.failure, into), stage.end_ns))
        return tuple(events)

    def _event(self, given: Any, into: Screened) -> dict[str, Any]:
        if isinstance(given, Failure):
            return self._exception(given, into)
        if isinstance(given, EventRecord):
            kind = type(given)
            screened = self._screen.fields(kind, {name: getattr(given, name) for name in kind.model_fields})
            if screened.seen:
                into.note(screened.status, screened.count, tuple(screened.classes))
            valid, _ = validate(kind, screened.fields)
            return attributes_of(kind, valid)
        if isinstance(given, Mapping):
            record = STAGE_RECORDS["turn"]
            screened = self._screen.fields(record, {"custom": dict(given)})
            if screened.seen:
                into.note(screened.status, screened.count, tuple(screened.classes))
            return dict(screened.fields.get("custom", {}))
        return {}

    def _exception(self, failure: Failure, into: Screened) -> dict[str, Any]:
        return {
            "exception.type": self._free_text(failure.type, 200, into),
            "exception.message": self._free_text(failure.message, 4_096, into),
            "exception.stacktrace": self._free_text(failure.stacktrace(), 16_384, into),
        }

    def _free_text(self, text: str, limit: int, into: Screened) -> str:
        """Redact text that no attribute declares: messages of exceptions and names chosen by others."""
        return self._screen.label(text, into)[:limit]


def _required(record: type[Record]) -> frozenset[str]:
    return frozenset(name for name, field in fields_of(record).items() if field.level == "required")


def _parent(stage: Stage) -> SpanContext | None:
    if stage.foreign_parent is not None:
        return stage.foreign_parent
    parent = stage.parent
    if parent is None or (isinstance(stage, Turn) and parent is stage):
        return None
    return parent.get_span_context()
