"""Our OTLP-JSON is the official protobuf encoding, written as the protocol's JSON mapping says."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState

from convqa_sdk.export.otlp_json import request

from .conftest import Record
from .test_otlp import rich_turn

IDS = frozenset({"traceId", "spanId", "parentSpanId"})
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
int64 = st.integers(-(2**63), 2**63 - 1)
arrays = st.one_of(*(st.lists(kind, max_size=3) for kind in (text, int64, st.floats(), st.booleans())))
attributes = st.dictionaries(
    text, st.one_of(text, int64, st.floats(), st.booleans(), arrays, arrays.map(tuple)), max_size=5
)
moments = st.integers(0, 2**64 - 1)
states = st.dictionaries(
    st.from_regex("[a-z][a-z0-9]{0,5}", fullmatch=True), st.from_regex("[a-z0-9:;.-]{1,8}", fullmatch=True), max_size=3
).map(lambda members: TraceState(list(members.items())))
contexts = st.builds(
    SpanContext, st.integers(1, 2**128 - 1), st.integers(1, 2**64 - 1), st.booleans(), st.just(TraceFlags(1)), states
)
spans = st.builds(
    ReadableSpan,
    name=text,
    context=contexts,
    parent=st.none() | contexts,
    resource=st.sampled_from(
        [Resource({"service.name": "a"}), Resource({"x": [1, 2]}, "https://schema"), Resource({})]
    ),
    attributes=st.none() | attributes,
    events=st.lists(st.builds(Event, text, attributes, moments), max_size=3).map(tuple),
    links=st.lists(st.builds(Link, contexts, attributes), max_size=3).map(tuple),
    kind=st.sampled_from(SpanKind),
    status=st.one_of(
        st.just(Status(StatusCode.UNSET)),
        st.just(Status(StatusCode.OK)),
        st.builds(Status, st.just(StatusCode.ERROR), text),
    ),
    start_time=moments,
    end_time=moments,
    instrumentation_scope=st.sampled_from(
        [None, InstrumentationScope("s"), InstrumentationScope("s", "1", "https://s"), InstrumentationScope("t", "")]
    ),
)


def with_base64_ids(value: Any) -> Any:
    """OTLP writes ids in hexadecimal where protobuf's own JSON mapping has base64."""
    if isinstance(value, dict):
        return {
            key: base64.b64encode(bytes.fromhex(item)).decode() if key in IDS else with_base64_ids(item)
            for key, item in value.items()
        }
    return [with_base64_ids(item) for item in value] if isinstance(value, list) else value


def parsed(line: str) -> ExportTraceServiceRequest:
    """Read a line as protobuf's JSON mapping."""
    return json_format.Parse(json.dumps(with_base64_ids(json.loads(line))), ExportTraceServiceRequest())


@settings(max_examples=150, deadline=None)
@given(st.lists(spans, min_size=1, max_size=4))
def test_equal_to_the_official_encoding(given_spans: list[ReadableSpan]) -> None:
    """For any spans the message is the official encoder's."""
    line = request(given_spans)
    assert "\n" not in line
    ours, official = parsed(line), encode_spans(given_spans)
    assert str(ours) == str(official)  # NaN is not equal to itself, but is written alike


def test_equal_for_what_we_really_export(record: Record) -> None:
    """The same for the spans of a rich turn."""
    recorded = record()
    rich_turn()
    assert parsed(request(recorded.all)) == encode_spans(recorded.all)


def test_as_the_specification_writes_it() -> None:
    """Ids are lower-case hexadecimal, 64-bit integers strings, enums numbers, and numbers that are none names."""
    span = ReadableSpan(
        "n",
        SpanContext(0xABC, 0xDEF, False),
        attributes={"i": 2**53 + 1, "f": float("nan"), "g": float("-inf"), "e": [], "b": False, "s": ""},
        kind=SpanKind.CLIENT,
        status=Status(StatusCode.ERROR, "m"),
        start_time=1,
        end_time=2,
        resource=Resource({}),
    )
    written = json.loads(request([span]))["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    assert written == {
        "traceId": "00000000000000000000000000000abc",
        "spanId": "0000000000000def",
        "name": "n",
        "kind": 3,
        "startTimeUnixNano": "1",
        "endTimeUnixNano": "2",
        "attributes": [
            {"key": "i", "value": {"intValue": "9007199254740993"}},
            {"key": "f", "value": {"doubleValue": "NaN"}},
            {"key": "g", "value": {"doubleValue": "-Infinity"}},
            {"key": "e", "value": {"arrayValue": {"values": []}}},
            {"key": "b", "value": {"boolValue": False}},
            {"key": "s", "value": {"stringValue": ""}},
        ],
        "status": {"code": 2, "message": "m"},
        "flags": 256,
    }


@pytest.mark.parametrize("value", [{"a": 1}, object(), None, [None], 2**64, "\ud800"], ids=lambda v: type(v).__name__)
def test_what_an_attribute_cannot_hold_is_left_out(value: Any) -> None:
    """A batch does not depend on what one attribute holds, and nobody reads a line that he cannot."""
    span = ReadableSpan("n", SpanContext(1, 2, False), attributes={"x": value, "y": 1}, start_time=1, end_time=2)
    (written,) = json.loads(request([span]))["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert written["attributes"] == [{"key": "y", "value": {"intValue": "1"}}]


def test_a_span_that_cannot_be_written_costs_itself_alone() -> None:
    """The others of its batch leave."""
    spans = [ReadableSpan(name, SpanContext(1, 2, False), start_time=1, end_time=2) for name in ("a", "\ud800", "b")]
    found = [group.scope_spans[0].spans for group in parsed(request(spans)).resource_spans]
    assert [span.name for members in found for span in members] == ["a", "b"]
