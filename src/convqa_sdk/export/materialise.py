"""Makes finished OpenTelemetry spans of a unit: flattened, screened, validated, one fault costing one field."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Any, cast, get_args

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode

from convqa_sdk.export.attributes import NOTHING, Writer, Written
from convqa_sdk.export.environment import Environment
from convqa_sdk.export.flatten import Fields, shared_fields
from convqa_sdk.export.flattening import Flat
from convqa_sdk.export.losses import Loss
from convqa_sdk.export.screened import Screened
from convqa_sdk.export.screening import Screen
from convqa_sdk.export.sealing import Flattened, Sealer, Where
from convqa_sdk.isolation import fault, log
from convqa_sdk.redaction.secret_keys import is_sensitive_key
from convqa_sdk.schema import SCHEMA_URL, SCOPE_NAME
from convqa_sdk.schema.changes import LossSpan
from convqa_sdk.schema.events import EventRecord
from convqa_sdk.schema.records import Record
from convqa_sdk.schema.registry import STAGE_RECORDS, fields_of
from convqa_sdk.schema.vocabulary import AnswerTypeValue
from convqa_sdk.tracing.failure import Failure
from convqa_sdk.tracing.late import Late
from convqa_sdk.tracing.snapshot import type_of
from convqa_sdk.tracing.stage import SAMPLED, Stage
from convqa_sdk.tracing.turn import Turn

_KINDS = {"INTERNAL": SpanKind.INTERNAL, "CLIENT": SpanKind.CLIENT}
_UNSET = Status(StatusCode.UNSET)
EVENTS_SHARE = 4
"""A span's events together may take one in so many bytes of the span, and of what is searched for them."""

MAX_MET = 100
"""Names of missing or invalid fields that are looked at for the log; the bot may make up names as it runs."""
LIKENESS = 0.8
"""How alike a name must be to one of ours to count as misspelt: `nam` and `name` are."""
OTHER = "[OTHER]"
ACCEPTED = {
    "answer_type": f"{', '.join(get_args(AnswerTypeValue))}, by turn.answer(text, type=...), turn.fallback(text) "
    "or the text that a decorated function returns; a turn without an answer has none",
    "claims": "texts of 1 to 2,000 characters, or Claim(text, source), at most 64",
    "conversation_state": "the store of states did not answer; the turn has no signals that need the turns before",
    "evidence": "required=, grounded= and missing=, each a count or at most 64 names of 1 to 200 characters",
    "fields_exposed": "names of 1 to 200 characters, at most 128; what is no name among them was left out",
    "handoff": "fields of convqa_sdk.Handoff, such as summary= and promises=",
    "known": "name=, address= and other=, each a text or several; at most 64 values of 500 characters",
    "seal": "one reason, which the vault declares",
    "self_confidence": "turn.self_score(confidence=), 0 to 1",
    "self_quality": "turn.self_score(quality=), 0 to 1",
    "self_score": "confidence= and quality=, each 0 to 1",
    "state": "what turn.state was after the turn before of the same conversation, or an empty text for the first",
}
"""What is accepted where the pages on stages and keys do not say it."""
MARKS = frozenset(
    {
        "claims",
        "conversation_state",
        "end_time",
        "events",
        "evidence",
        "fields_exposed",
        "handle",
        "handoff",
        "known",
        "previous",
        "record",
        "response",
        "seal",
        "self_score",
        "stages",
        "start_time",
        "state",
        "turn",
        "versions",
    }
)
"""What stages name as wrong besides the fields of the schema."""
SEE = "docs/reference/stages.md says what each stage takes, docs/reference/telemetry.md what is required"


class Materialiser:
    """Makes spans; also counts instrumentation violations by field name, and logs each name once.

    Args:
        screen: Redacts and bounds.
        environment: Knows the resource.
        sealer: Seals the turns that have a reason to be; None: somebody else does, before.
        version: Version of this package, for the instrumentation scope.
        pause: Called between spans, so that the export thread yields the interpreter.
        on_violation: Told the name of each field that was missing or invalid; None: somebody else tells of them.
        span_id: Makes span ids.
        time_ns: Wall clock in nanoseconds.
    """

    def __init__(
        self,
        screen: Screen,
        environment: Environment,
        *,
        sealer: Sealer | None,
        version: str,
        pause: Callable[[], None],
        on_violation: Callable[[str], None] | None,
        span_id: Callable[[], int],
        time_ns: Callable[[], int],
    ) -> None:
        self._screen = screen
        self._writer = Writer(screen)
        self._environment = environment
        self._sealer = sealer
        self._scope = InstrumentationScope(SCOPE_NAME, version, SCHEMA_URL)
        self._pause = pause
        self._on_violation = on_violation
        self._span_id = span_id
        self._time_ns = time_ns
        self._screened: tuple[Resource, Resource] | None = None
        self._met: set[str] = set()

    def prepare(self) -> None:
        """Screen what is nobody's in particular, before something is known of a customer."""
        self.resource()

    def resource(self) -> Resource:
        """Return the resource with its texts screened; it comes from the environment, which may hold anything."""
        given = self._environment.resource()
        if self._screened is None or self._screened[0] is not given:
            into = Screened()
            safe: dict[str, Any] = {
                self._screen.label(key, into): "[SECRET]" if is_sensitive_key(key) else self._own_value(value, into)
                for key, value in given.attributes.items()
            }
            self._screened = (given, Resource(safe, given.schema_url))
        return self._screened[1]

    def _own_value(self, value: Any, into: Screened) -> Any:
        if isinstance(value, (tuple, list)):
            return tuple(self._own_value(item, into) for item in cast("list[object]", value))
        text = value if isinstance(value, str) else str(value)
        safe = self._screen.label(text, into)
        return value if safe == text else safe

    def spans(self, flat: Flat) -> list[ReadableSpan]:
        """Return the spans of a unit, the turn last. A stage that cannot be made is counted and left out."""
        late = flat.unit.late
        try:
            return [self._late(late)] if late is not None else self._spans(flat)
        finally:
            self._screen.forget()  # no raw text outlasts its unit, labels and ids apart

    def _spans(self, flat: Flat) -> list[ReadableSpan]:
        turn = flat.unit.turn
        shared = self._shared(shared_fields(turn)) if turn is not None else None
        spans: list[ReadableSpan] = []
        for stage, fields in flat.stages:
            self._pause()
            span = self._isolated(stage, fields, shared)
            if span is not None:
                spans.append(span)
        if flat.unit.whole and turn is not None and shared is not None:
            self._pause()
            if self._sealer is not None:
                turn.vault_ref = self._sealed(self._sealer, turn, flat.fields, flat.stages, shared)
            spans.append(self._span(turn, STAGE_RECORDS["turn"], flat.fields, shared, frozenset(flat.versions)))
        return spans

    def outline(self, flat: Flat, keys: frozenset[str], events: frozenset[str]) -> list[ReadableSpan]:
        """Return the spans of a unit that is only measured: what is named, screened like all, and no text.

        Args:
            flat: A turn that is left out, or a stage of one.
            keys: Keys of the attributes.
            events: Names of the events of the turn.
        """
        turn = flat.unit.turn
        if turn is None:
            return []
        try:
            shared = _named(STAGE_RECORDS["turn"], shared_fields(turn), keys)
            spans = [self._outlined(stage, fields, shared, keys) for stage, fields in flat.stages]
            if flat.unit.whole:
                turn.events = [event for event in turn.events or () if event[0] in events]
                turn.meant = tuple(event for event in turn.meant if event[0] in events)
                spans.append(self._outlined(turn, flat.fields, shared, keys))
            return spans
        finally:
            self._screen.forget()

    def _outlined(self, stage: Stage, fields: Fields, shared: Fields, keys: frozenset[str]) -> ReadableSpan:
        self._pause()
        record = STAGE_RECORDS[stage.kind]
        into = Screened()
        given = {**shared, **_named(record, fields, keys)}
        own = self._writer.write(record, given, into, self._screen.span_bytes)
        events, _ = self._events(stage, into) if isinstance(stage, Turn) else ((), 0)
        name, attributes, _ = self._writer.finish(record, own, NOTHING, (), frozenset())
        end_ns = max(stage.end_ns, stage.start_ns)
        return ReadableSpan(
            name,
            resource=self.resource(),  # else each span would make one, with threads
            attributes=attributes,
            events=events,
            start_time=stage.start_ns,
            end_time=end_ns,
        )

    def _sealed(self, sealer: Sealer, turn: Turn, fields: Fields, made: Flattened, shared: Written) -> str | None:
        """Seal the turn if there is a reason to; return the reference of the record."""
        try:
            reasons = sealer.reasons(turn, made)
        except BaseException as error:  # noqa: BLE001 - the turn goes on without its record
            fault("vault_seal", error)
            return None
        if not reasons:
            return None
        where = Where(
            reasons=reasons,
            conversation_id=str(shared.attributes.get("gen_ai.conversation.id", "")),
            trace_id=f"{turn.trace_id:032x}",
            span_id=f"{turn.span_id:016x}",
            policy_version=self._screen.policy_version,
        )
        return sealer.seal(turn, fields, made, where=where, at_ns=self._time_ns())

    def _shared(self, fields: Fields) -> Written:
        """Write what all spans of a turn have in common, once."""
        shared = self._writer.write(STAGE_RECORDS["turn"], fields, Screened(), self._screen.span_bytes // EVENTS_SHARE)
        return shared._replace(size=sum(len(v.encode()) for v in shared.attributes.values() if isinstance(v, str)))

    def loss(self, loss: Loss, count: int) -> ReadableSpan:
        """Return the span that says how many turns, or records besides turns, were lost."""
        trace_id = self._span_id() << 64 | self._span_id()
        values: Fields = {"lost_turns": 0, f"lost_{loss.kind}": count, "cause": loss.cause}
        values["destinations"] = loss.destinations
        return self._late(Late(LossSpan, values, None, None, self._time_ns(), trace_id, self._span_id()))

    def _isolated(self, stage: Stage, fields: Fields, shared: Written | None) -> ReadableSpan | None:
        try:
            if shared is None:
                stage.mark("turn")
                unknown = f"unknown-{stage.span_id:016x}"
                thinned = stage.recorder is not None and stage.recorder.sampling < 1.0  # then it cannot be told
                ids = {
                    "conversation_id": unknown,
                    "session_id": unknown,
                    "sampling_probability": None if thinned else 1.0,
                }
                shared = self._shared(ids)
            return self._span(stage, STAGE_RECORDS[stage.kind], fields, shared, frozenset())
        except BaseException as error:  # noqa: BLE001 - one span's fault costs one span
            fault("materialise", error)
            if self._on_violation is not None:
                self._on_violation(stage.kind)
            return None

    def _span(
        self, stage: Stage, record: type[Record], fields: Fields, shared: Written, configured: frozenset[str]
    ) -> ReadableSpan:
        if stage.extra:
            fields["custom"] = stage.extra
        if stage.failure is not None:
            fields["error_type"] = stage.failure.type
        elif stage.status == "cancelled":
            fields["error_type"] = "cancelled"
        into = Screened()
        into.add(shared.into)
        status = self._status(stage, into)
        events, taken = self._events(stage, into)
        own = self._writer.write(record, fields, into, self._screen.span_bytes - taken - shared.size, shared)
        wrong = self._wrong(record, stage.wrong, into) if stage.wrong else ()
        context = self._context(stage.get_span_context(), into)
        parent = self._parent(stage, into)
        links = tuple([Link(self._context(link.context, into)) for link in stage.links or () if link.context.is_valid])
        name, attributes = self._finished(record, own, shared, wrong, configured)
        if isinstance(stage, Turn) and stage.vault_ref is not None:
            attributes[fields_of(record)["vault_ref"].attribute.key] = stage.vault_ref
        return ReadableSpan(
            name=name,
            context=context,
            parent=parent,
            resource=self.resource(),
            attributes=attributes,
            events=events,
            links=links,
            kind=_KINDS[getattr(record, "kind", "INTERNAL")],
            status=status,
            start_time=stage.start_ns,
            end_time=max(stage.end_ns, stage.start_ns),
            instrumentation_scope=self._scope,
        )

    def _wrong(self, record: type[Record], names: Sequence[str], into: Screened) -> Sequence[str]:
        """Return the names of fields that were not captured; one that is no field's is the bot's own, and screened."""
        declared = fields_of(record)
        return [name if name in declared else self._screen.name(name, into) for name in names]

    def _finished(
        self,
        record: type[Record],
        own: Written,
        shared: Written,
        wrong: Sequence[str] = (),
        configured: frozenset[str] = frozenset(),
    ) -> tuple[str, dict[str, Any]]:
        name, attributes, violations = self._writer.finish(record, own, shared, wrong, configured)
        if self._on_violation is None:
            return name, attributes
        for violation in violations:
            self._on_violation(violation)
            if violation not in self._met and len(self._met) < MAX_MET:
                self._met.add(violation)
                self._tell(violation, str(attributes.get("convqa.stage")))
        return name, attributes

    def _tell(self, violation: str, stage: str) -> None:
        """Log a missing, invalid or misspelt field; a name that is like none of ours may be content, and stays here."""
        if violation not in _names() and not get_close_matches(violation, _names(), 1, LIKENESS):
            if OTHER in self._met:
                return
            violation = OTHER
            self._met.add(OTHER)
        accepted = {"accepted": ACCEPTED[violation]} if violation in ACCEPTED else {}
        log("warning", "instrumentation_violation", field=violation, stage=stage, **accepted, see=SEE)

    def _late(self, late: Late) -> ReadableSpan:
        fields = dict(late.values)
        fields["status"] = "ok"
        if late.conversation_id is not None:
            fields["conversation_id"] = fields["session_id"] = late.conversation_id
            fields["sampling_probability"] = 1.0
        into = Screened()
        room = self._screen.span_bytes // EVENTS_SHARE
        events = [self._isolated_event(name, at_ns, facts, into, room)[0] for name, at_ns, facts in late.events]
        own = self._writer.write(late.record, fields, into, self._screen.span_bytes)
        name, attributes = self._finished(late.record, own, NOTHING)
        about = SpanContext(*late.link, is_remote=True, trace_flags=SAMPLED) if late.link is not None else None
        return ReadableSpan(
            name=name,
            context=SpanContext(late.trace_id, late.span_id, is_remote=False, trace_flags=SAMPLED),
            resource=self.resource(),
            attributes=attributes,
            events=events,
            links=(Link(about),) if about is not None and about.is_valid else (),
            kind=SpanKind.INTERNAL,
            status=_UNSET,
            start_time=late.at_ns,
            end_time=late.at_ns,
            instrumentation_scope=self._scope,
        )

    # ------------------------------------------------------------------------------------- what is no field

    def _status(self, stage: Stage, into: Screened) -> Status:
        if stage.status != "error":
            return _UNSET
        message = stage.failure.message if stage.failure is not None else ""
        return Status(StatusCode.ERROR, self._screen.message(message, 1_000, into) or None)

    def _events(self, stage: Stage, into: Screened) -> tuple[tuple[Event, ...], int]:
        """Return a span's events and the bytes of their texts.

        What the turn means has room before all others, and the exception that ended the stage before the bot's own.
        What was searched takes room as well: facts of which nothing leaves are not free.
        """
        room = self._screen.span_bytes // EVENTS_SHARE
        given: list[tuple[str, int, Any]] = list(stage.events or ())
        if stage.failure is not None and stage.status == "error":
            if given and _is_same(given[-1][2], stage.failure):
                given.pop()  # recorded by somebody else too, on its way out
            given.insert(0, ("exception", stage.end_ns, stage.failure))
        events: list[Event] = []
        meant: Sequence[tuple[str, int, Any]] = stage.meant if isinstance(stage, Turn) else ()
        taken = spent = 0
        for name, at_ns, facts in (*meant, *given):
            moment = at_ns if 0 < at_ns < 2**63 else stage.end_ns
            searched = self._screen.searched
            event, size = self._isolated_event(name, moment, facts, into, room - spent)
            taken += size
            spent += max(size, self._screen.searched - searched)
            events.append(event)
        told, own, end = events[: len(meant)], events[len(meant) :], list[Event]()
        if own and stage.failure is not None and stage.status == "error":
            end.append(own.pop(0))
        return (*own, *told, *end), taken  # a provider's limit drops the first ones

    def _isolated_event(self, name: object, at_ns: int, facts: Any, into: Screened, room: int) -> tuple[Event, int]:
        """Return an event and the bytes of its texts; when its facts fail or have no room, it stays without them."""
        title = self._screen.name(name, into) if isinstance(name, str) else "event"
        attributes: dict[str, Any] = {}
        try:
            if room > 0:
                attributes = self._event(facts, into, room)
            elif facts:
                into.wrong.append("events")
        except BaseException as error:  # noqa: BLE001 - one event's fault costs its facts
            fault("event", error)
            into.wrong.append("events")
        size = sum(len(key) + (len(item.encode()) if isinstance(item, str) else 8) for key, item in attributes.items())
        if size > room:
            into.wrong.append("events")
            attributes, size = {}, 0
        return Event(title or "event", attributes, at_ns), size

    def _event(self, facts: Any, into: Screened, room: int) -> dict[str, Any]:
        kind = type_of(facts)  # one of those that capture keeps
        if kind is Failure:
            return self._exception(facts, into, room)
        own = Screened()  # an event has no companions of its own on the span
        if issubclass(kind, EventRecord):
            given = {name: getattr(facts, name) for name in kind.model_fields}
            attributes = self._writer.write(kind, given, own, room).attributes
        else:
            given = {"custom": facts}
            attributes = self._screen.fields(STAGE_RECORDS["turn"], given, own, room).get("custom", {})
        if own.seen:
            into.note(own.status, own.count, tuple(own.classes))
        if "custom" in own.wrong:
            into.wrong.append("events")
        return attributes

    def _exception(self, failure: Failure, into: Screened, room: int) -> dict[str, Any]:
        """Return an exception's attributes; with content off its type alone: message and trace may quote anything."""
        texts = {
            "exception.type": self._screen.name(failure.type, into),
            "exception.message": self._screen.message(failure.message, min(4_096, room // 4), into),
            "exception.stacktrace": self._screen.message(
                failure.stacktrace(), min(16_384, room // 2), into, "exception.stacktrace"
            ),
        }
        return {key: text for key, text in texts.items() if text is not None}

    def _parent(self, stage: Stage, into: Screened) -> SpanContext | None:
        if stage.foreign_parent is not None:
            return self._context(stage.foreign_parent, into)
        parent = stage.parent
        if parent is None or (isinstance(stage, Turn) and parent is stage):
            return None
        return self._context(parent.get_span_context(), into)

    def _context(self, context: SpanContext, into: Screened) -> SpanContext:
        """Return a span's context, without its trace state when something is found in that: it came from outside."""
        if not context.trace_state:
            return context
        header = context.trace_state.to_header()
        if self._screen.label(header, into) == header:
            return context
        return SpanContext(context.trace_id, context.span_id, context.is_remote, context.trace_flags)


def _named(record: type[Record], fields: Fields, keys: frozenset[str]) -> Fields:
    """Return the fields whose attributes have one of the keys."""
    declared = fields_of(record)
    return {
        name: value for name, value in fields.items() if name in declared and declared[name].attribute.key in keys
    }


@cache
def _names() -> frozenset[str]:
    """Return the names that a violation may have unless the bot made it up."""
    return MARKS.union(*map(fields_of, STAGE_RECORDS.values()))


def _is_same(facts: Any, failure: Failure) -> bool:
    return type(facts) is Failure and (facts.type, facts.message) == (failure.type, failure.message)
