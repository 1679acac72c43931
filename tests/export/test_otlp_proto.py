"""Our OTLP encoding: the official encoding's bytes, and the official exporter's way of sending them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags
from opentelemetry.trace.span import TraceState

from convqa_sdk.export.otlp_http import exporting
from convqa_sdk.export.otlp_proto import encoded

from .receivers import attributes as attributes_of
from .receivers import http_receiver

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
scalar = text | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats()
value = scalar | st.lists(text, max_size=3) | st.lists(st.integers(-(2**63), 2**63 - 1), max_size=3).map(tuple)
attributes = st.dictionaries(text, value, max_size=6)
state = st.sampled_from([TraceState(), TraceState([("a", "1"), ("b", "2")])])
context = st.builds(
    SpanContext,
    st.integers(1, 2**128 - 1),
    st.integers(1, 2**64 - 1),
    st.booleans(),
    st.sampled_from([TraceFlags(0), TraceFlags(1)]),
    state,
)
time = st.integers(0, 2**63 - 1)
resources = [Resource({}), Resource({"service.name": "bot", "process.tags": ("a", "b")}, "https://example.com/1")]
scopes = [None, InstrumentationScope("one"), InstrumentationScope("two", "1.0", "https://example.com/2", {"k": 1})]
status = st.sampled_from([Status(StatusCode.UNSET), Status(StatusCode.OK)]) | text.map(
    lambda message: Status(StatusCode.ERROR, message)
)


@st.composite
def spans(draw: Any) -> ReadableSpan:
    """Any span that OpenTelemetry can make."""
    return ReadableSpan(
        name=draw(text),
        context=draw(context),
        parent=draw(st.none() | context),
        resource=draw(st.sampled_from(resources)),
        attributes=draw(attributes),
        events=draw(st.lists(st.builds(Event, text, attributes, time), max_size=2)),
        links=draw(st.lists(st.builds(Link, context, attributes), max_size=2)),
        kind=draw(st.sampled_from(SpanKind)),
        status=draw(status),
        start_time=draw(time),
        end_time=draw(time),
        instrumentation_scope=draw(st.sampled_from(scopes)),
    )


@given(st.lists(spans(), max_size=4))
def test_the_bytes_are_those_of_the_official_encoding(given_spans: list[ReadableSpan]) -> None:
    """Ids, times, attributes of all types, events, links, status, resources and scopes."""
    assert encoded(given_spans) == encode_spans(given_spans).SerializeToString()


def test_texts_and_requests_of_every_length_of_length_are_written_alike() -> None:
    """Lengths take one byte more at each of these."""
    for size in (0, 1, 63, 64, 65, 127, 128, 2_047, 2_048, 16_383, 16_384, 2_100_000):
        span = _span({"text": "é" * size})
        assert encoded([span]) == encode_spans([span]).SerializeToString(), size


def test_an_attribute_that_cannot_be_written_costs_itself_alone() -> None:
    """A batch does not depend on what one attribute holds."""
    spans = [_span({"a": 1, "bad": "\ud800", "huge": 2**64, "odd": object(), "z": 2})]
    assert encoded(spans) == encode_spans([_span({"a": 1, "z": 2})]).SerializeToString()


def test_a_span_that_cannot_be_written_costs_itself_alone() -> None:
    """The others of its batch leave."""
    broken = _span({"a": 2})
    broken._name = "\ud800"
    assert encoded([_span({"a": 1}), broken]) == encode_spans([_span({"a": 1})]).SerializeToString()


def test_the_official_exporter_of_the_installed_version_sends_what_we_encode(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new version that does its encoding elsewhere fails here, and ships with its own meanwhile."""
    monkeypatch.setattr("convqa_sdk.export.otlp_http.encoded", lambda spans, pause: encoded([*spans, *spans], pause))
    with http_receiver() as receiver:
        exporter = OTLPSpanExporter(endpoint=f"{receiver.url}/v1/traces")
        assert exporting(exporter)([_span({"a": 1})]) is SpanExportResult.SUCCESS
        assert [attributes_of(span) for span in receiver.spans] == [{"a": 1}, {"a": 1}]
        assert exporter.export([_span({"a": 2})]) is SpanExportResult.SUCCESS
        assert attributes_of(receiver.spans[-1]) == {"a": 2}
        assert len(receiver.spans) == 3
        exporter.shutdown()


def test_an_exporter_that_is_not_the_official_one_keeps_its_own_export() -> None:
    """Whoever derives from it or replaces its method means what he does."""

    class Theirs(OTLPSpanExporter):
        def export(self, spans: Any) -> SpanExportResult:
            return super().export(spans)

    theirs = Theirs(endpoint="http://127.0.0.1:9/v1/traces")
    assert exporting(theirs) == theirs.export
    patched = OTLPSpanExporter(endpoint="http://127.0.0.1:9/v1/traces")
    patched.export = print
    assert exporting(patched) is print


def _span(attributes: dict[str, Any]) -> ReadableSpan:
    return ReadableSpan(
        name="turn",
        context=SpanContext(1, 2, is_remote=False),
        attributes=attributes,
        resource=resources[1],
        start_time=1,
        end_time=2,
        instrumentation_scope=scopes[1],
    )
