"""Our export is OpenTelemetry's: the same bytes as the same spans made through its SDK, in all parts of a span.

Two independent sources of the same spans: each exported span made again by the SDK's tracer, with forced ids and times;
and a turn written by hand with the SDK, as somebody without ours would write it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import IdGenerator, ReadableSpan, SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, StatusCode, TraceFlags, TraceState

import convqa_sdk as convqa
from convqa_sdk.errors import ConfigurationError
from convqa_sdk.export.destinations import otlp_exporter
from convqa_sdk.export.exporters import MemoryExporter
from convqa_sdk.export.sdk import Sdk, hold
from convqa_sdk.export.settings import read_settings

from .conftest import KEY, Kept, Record, Start
from .receivers import http_receiver
from .test_otlp import rich_turn

SET = pytest.MonkeyPatch
NO_LIMITS = SpanLimits(**dict.fromkeys(
    ("max_attributes", "max_events", "max_links", "max_span_attributes", "max_event_attributes", "max_link_attributes",
     "max_attribute_length", "max_span_attribute_length"), SpanLimits.UNSET,
))  # fmt: skip
AMBIENT = SpanContext(
    0xABCDEF, 0x123456, is_remote=True, trace_flags=TraceFlags(1), trace_state=TraceState([("v", "x1"), ("b", "2")])
)


class Forced(IdGenerator):
    """Gives the SDK the ids of the span that it is to make again."""

    trace_id = span_id = 0

    def generate_trace_id(self) -> int:
        return self.trace_id

    def generate_span_id(self) -> int:
        return self.span_id


def made_by_the_sdk(
    span: ReadableSpan, limits: SpanLimits = NO_LIMITS, order: Callable[[str], Any] = lambda _: 0
) -> ReadableSpan:
    """Make a span again through a tracer of the SDK.

    Args:
        span: What is made again.
        limits: Of the tracer's provider.
        order: Attributes are set in this order, and in their own where it is equal.
    """
    ids = Forced()
    ids.trace_id, ids.span_id = span.context.trace_id, span.context.span_id
    kept = InMemorySpanExporter()
    provider = TracerProvider(resource=span.resource, id_generator=ids, span_limits=limits, shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(kept))
    scope = span.instrumentation_scope
    tracer = provider.get_tracer(scope.name, scope.version, scope.schema_url)
    parent = trace.set_span_in_context(NonRecordingSpan(span.parent)) if span.parent else trace.Context()
    made = tracer.start_span(span.name, parent, span.kind, start_time=span.start_time)
    for key in sorted(span.attributes, key=order):
        made.set_attribute(key, span.attributes[key])
    for event in span.events:
        made.add_event(event.name, event.attributes, event.timestamp)
    for link in span.links:
        made.add_link(link.context, link.attributes)
    made.set_status(span.status)
    made.end(span.end_time)
    (finished,) = kept.get_finished_spans()
    return finished


def encoded(spans: Sequence[ReadableSpan]) -> bytes:
    """The body of the official exporter's request."""
    return encode_spans(spans).SerializeToString()


# ------------------------------------------------------------------------------------------------ what really leaves


@pytest.mark.parametrize("ambient", [None, AMBIENT], ids=["alone", "in a request of the application's"])
@pytest.mark.parametrize("exporter", ["the environment's", "one of the caller's"])
def test_what_arrives_is_what_the_sdk_sends_for_the_same_spans(
    start: Start, monkeypatch: SET, ambient: SpanContext | None, exporter: str
) -> None:
    """Each request's body is, to the byte, the official encoding of the same spans made through the SDK."""
    with http_receiver() as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        sender = OTLPSpanExporter() if exporter == "one of the caller's" else otlp_exporter()
        memory = MemoryExporter()
        resource = Resource(
            {"service.name": "bot", "k8s.replicas": 3, "tags": ["a", "b"]}, "https://example.com/schema"
        )
        sdk = start(
            memory,
            sender,
            provider=TracerProvider(resource=resource, shutdown_on_exit=False),
            join=ambient is not None,
        )
        with trace.use_span(NonRecordingSpan(ambient)) if ambient else trace.use_span(trace.INVALID_SPAN):
            rich_turn()
            convqa.record_feedback(convqa.TurnRef("c-1", 1, 2), thumbs="down", comment="no")
        assert sdk.flush(10)
        spans = {span.context.span_id.to_bytes(8, "big"): span for span in memory.spans}
        assert len(receiver.spans) == len(spans) == 6
        for request in receiver.requests:
            assert request.body == encoded([made_by_the_sdk(spans[span.span_id]) for span in request.spans])
        sdk.shutdown(5)


GOVERNED = ("convqa.redaction.policy_version", "convqa.redaction.detector_version")
SHARED = {
    "convqa.channel": "web",
    "convqa.turn.index": 0,
    "gen_ai.conversation.id": "c-1",
    "session.id": "c-1",
    "convqa.sampling.probability": 1.0,
    "convqa.schema.version": "1.0.0",
    "convqa.redaction.status": "clean",
}


GROUNDED = {
    "chat_guid": "c-1",
    "persona_id": "bot",
    "intent": "unknown",
    "required_evidence_count": 1,
    "grounded_evidence_count": 1,
    "missing_evidence_count": 0,
    "missing_evidence": [],
    "requested_tools": ["orders"],
    "executed_tools": [],
    "unsupported_tools": [],
    "failed_tools": ["orders"],
    "claim_rewrites": 0,
    "response_bubble_count": 1,
    "structured_output_used": False,
    "latency_ms_total": 7,
}


def by_hand(tracer: trace.Tracer, root: trace.Context, previous: SpanContext) -> None:
    """The turn of the next test as somebody without our SDK writes it, step by step, against the telemetry contract."""
    with tracer.start_as_current_span("turn", root, links=[trace.Link(previous)]) as turn:
        with tracer.start_as_current_span("retrieval kb", kind=SpanKind.CLIENT) as retrieval:
            retrieval.set_attributes({
                **SHARED,
                "gen_ai.operation.name": "retrieval",
                "convqa.stage": "retrieval",
                "convqa.status": "ok",
                "gen_ai.data_source.id": "kb",
                "gen_ai.retrieval.query.text": "order",
                "convqa.retrieval.document.ids": ["d1", "d2"],
                "convqa.retrieval.document.ranks": [1, 2],
                "convqa.retrieval.document.scores": [0.5, 0.25],
                "convqa.retrieval.document.passages": ["It ships tomorrow.", "Übermorgen."],
                "gen_ai.retrieval.documents": '[{"id":"d1","score":0.5},{"id":"d2","score":0.25}]',
                "convqa.retrieval.hit": True,
            })  # fmt: skip
        with tracer.start_as_current_span("execute_tool orders", record_exception=False) as tool:
            tool.set_attributes({
                **SHARED,
                "gen_ai.operation.name": "execute_tool",
                "convqa.stage": "tool",
                "convqa.status": "error",
                "convqa.tool.result": "error",
                "error.type": "ValueError",
                "gen_ai.tool.name": "orders",
                "gen_ai.tool.call.arguments": '{"order":"o-1"}',
            })  # fmt: skip
            tool.add_event("exception", {"exception.type": "ValueError", "exception.message": "boom"})
            tool.set_status(StatusCode.ERROR, "boom")
        turn.set_attributes({
            **SHARED,
            "gen_ai.operation.name": "invoke_agent",
            "convqa.stage": "turn",
            "convqa.status": "ok",
            "convqa.model.version": "m1",
            "gen_ai.prompt.version": "p1",
            "convqa.message.text": "where is my order?",
            "convqa.answer.text": "Tomorrow.",
            "convqa.answer.type": "grounded",
            "convqa.answer.citations": ["d1"],
            "convqa.latency.total_ms": 7.0,
            "convqa.latency.retrieval_ms": 1.0,
            "convqa.turn.tool_calls": 1,
            "convqa.custom.number": 7,
            "convqa.custom.share": 0.5,
            "convqa.custom.flag": True,
        })  # fmt: skip
        turn.add_event("seen", {"n": 1})
        turn.add_event("convqa.grounding_outcome", GROUNDED)


def masked(spans: Sequence[ReadableSpan], *without: str) -> bytes:
    """The encoding without times and span ids, in the order of names, and attributes in the order of keys."""
    message = encode_spans(sorted(spans, key=lambda span: span.name))
    for span in [span for r in message.resource_spans for s in r.scope_spans for span in s.spans]:
        span.ClearField("start_time_unix_nano")
        span.ClearField("end_time_unix_nano")
        span.span_id = b"s" * 8
        span.parent_span_id = b"p" * 8 if span.parent_span_id else b""
        for event in span.events:
            event.ClearField("time_unix_nano")
        for holder in (span, *span.events):
            left = sorted((pair for pair in holder.attributes if pair.key not in without), key=lambda pair: pair.key)
            holder.ClearField("attributes")
            holder.attributes.extend(left)
    return message.SerializeToString()


def test_a_turn_is_what_one_writes_by_hand_with_the_sdk(kept: Kept) -> None:
    """Ours equals the same turn written with the SDK; hashes, versions of the redaction and the trace are masked."""
    ours = kept(versions=convqa.Versions(model="m1", prompt="p1"))
    with convqa.turn("c-1", "where is my order?", channel="web", previous=convqa.TurnRef("c-1", 0xA, 0xB)) as turn:
        turn.custom(number=7, share=0.5, flag=True)
        with convqa.retrieval(data_source="kb") as stage:
            documents = [convqa.Document("d1", "It ships tomorrow.", 0.5), convqa.Document("d2", "Übermorgen.", 0.25)]
            stage.set(query="order", documents=documents)
        with pytest.raises(ValueError, match="boom"), convqa.tool(name="orders", arguments={"order": "o-1"}):
            raise ValueError("boom")
        turn.event("seen", {"n": 1})
        turn.answer("Tomorrow.", type="grounded", citations=("d1",))
    spans = ours()

    ids, theirs = Forced(), InMemorySpanExporter()
    ids.trace_id, ids.span_id = spans[0].context.trace_id, 1
    provider = TracerProvider(resource=spans[0].resource, id_generator=ids, shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(theirs))
    scope = spans[0].instrumentation_scope
    previous = SpanContext(0xA, 0xB, is_remote=True, trace_flags=TraceFlags(1))
    by_hand(provider.get_tracer(scope.name, scope.version, scope.schema_url), trace.Context(), previous)

    hashes = ("convqa.retrieval.document.passage_hashes", "exception.stacktrace")
    assert masked(spans, *GOVERNED, *hashes) == masked(theirs.get_finished_spans())


# ------------------------------------------------------------------------------------------------ values of any type

words = st.text(st.sampled_from("abcdefgäßжü世界😀 -_.:/\n\t\"'\\"), max_size=20)
integers = st.integers(-(10**9), 10**9) | st.sampled_from([-(2**63), 2**53 + 1, 2**63 - 1])
floats = st.floats(allow_nan=False, allow_infinity=False).filter(
    lambda number: not number.is_integer() or not 1e6 < abs(number) < 1e20  # a whole one may be a card's number
)
scalars = st.one_of(words, st.booleans(), integers, floats)
names = st.text(st.sampled_from("bdfgjk_."), min_size=1, max_size=8)  # no word that names a secret


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(names, scalars, max_size=6), st.dictionaries(names, scalars, max_size=4))
@example({"a": -(2**63), "b": 2**63 - 1, "c": -0.0, "d": True, "e": ""}, {"z": 1e308})
def test_values_of_the_bots_own_are_the_sdks(own: dict[str, Any], about: dict[str, Any]) -> None:
    """Values without personal data, by `set_attribute`, `custom` and `add_event`, are encoded as the SDK's."""
    memory, theirs = MemoryExporter(), InMemorySpanExporter()
    release = hold(Sdk(read_settings({"exporters": (memory,), "key": KEY}, {}), synchronous=True))
    try:
        with convqa.turn("c-1") as turn:
            for name, value in own.items():
                turn.set_attribute(name, value)
            turn.custom(**{f"{name}2": value for name, value in own.items()})
            turn.add_event("e", about, 1)
    finally:
        release()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(theirs))
    span = provider.get_tracer("t").start_span("turn")
    span.set_attributes({f"convqa.custom.{name}": value for name, value in own.items()})
    span.set_attributes({f"convqa.custom.{name}2": value for name, value in own.items()})
    span.add_event("e", about, 1)
    span.end()

    def parts(finished: Sequence[ReadableSpan]) -> tuple[list[bytes], list[bytes]]:
        (encoded,) = encode_spans(finished).resource_spans[0].scope_spans[0].spans
        custom = [pair.SerializeToString() for pair in encoded.attributes if pair.key.startswith("convqa.custom.")]
        return custom, [event.SerializeToString() for event in encoded.events]

    assert parts(memory.spans) == parts(theirs.get_finished_spans())


def boom(text: str) -> None:
    """Raise from a frame further down."""
    raise LookupError(text)


@pytest.mark.parametrize("error", [ValueError("boom"), ConfigurationError("two\nlines: ü"), LookupError()], ids=repr)
def test_a_recorded_exception_is_the_sdks(record: Record, error: Exception) -> None:
    """Type, message and stack trace are the SDK's; it adds `exception.escaped`, deprecated by the conventions."""
    recorded, theirs = record(), InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(theirs))
    span = provider.get_tracer("t").start_span("turn")
    with convqa.turn("c-1") as turn:
        try:
            raise error
        except Exception as caught:  # noqa: BLE001 - any
            turn.record_exception(caught, timestamp=7)
            span.record_exception(caught, timestamp=7)
    span.end()
    (ours,) = recorded.one("turn").events
    (official,) = theirs.get_finished_spans()[0].events
    expected = {key: value for key, value in official.attributes.items() if key != "exception.escaped"}
    assert (ours.name, ours.timestamp, ours.attributes) == (official.name, official.timestamp, expected)


def test_the_exception_that_ends_a_stage_is_the_sdks(record: Record) -> None:
    """What a `with` block of ours records of an exception is what the SDK's records, through all frames."""
    recorded, theirs = record(), InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(theirs))
    tracer = provider.get_tracer("t")
    with pytest.raises(LookupError), convqa.turn("c-1"), tracer.start_span("turn"):
        _ = [boom("no order o-1")]  # Python 3.11 and later mark the part of the line
    (ours,) = recorded.one("turn").events
    (official,) = theirs.get_finished_spans()[0].events
    for key in ("exception.type", "exception.message", "exception.stacktrace"):
        assert ours.attributes[key] == official.attributes[key]
    assert recorded.one("turn").status.status_code is theirs.get_finished_spans()[0].status.status_code
