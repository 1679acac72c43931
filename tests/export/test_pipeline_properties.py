"""Whatever a bot passes in whichever field, its turn leaves, and an OTLP encoder takes it as it is."""

from __future__ import annotations

import json
from types import FunctionType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import ReadableSpan

import convqa_sdk as convqa
from convqa_sdk.export.otlp_json import request
from convqa_sdk.export.worker import estimate
from convqa_sdk.schema.registry import STAGE_RECORDS, fields_of
from convqa_sdk.tracing import stages as kinds
from convqa_sdk.tracing.late import Late
from convqa_sdk.tracing.stage import Stage
from convqa_sdk.tracing.unit import Unit
from strategies import HOSTILE, any_text, anything, plain

from .conftest import Record, Recorded

KINDS: tuple[type[Stage], ...] = (
    kinds.Intent,
    kinds.Retrieval,
    kinds.Rerank,
    kinds.Generation,
    kinds.Tool,
    kinds.AccessCheck,
    kinds.PolicyCheck,
    kinds.Escalation,
)
NEVER = {"materialise", "event", "encode", "submit", "report_losses"}
"""Faults that no input may cause: they would cost a span, an event, or a turn."""

documents = st.lists(
    st.builds(convqa.Document, anything, anything, anything, anything, anything, anything, anything), max_size=3
)
captured = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3), max_leaves=6
)
"""Anything without a method of the bot's: what capture keeps, and more."""
names = st.one_of(any_text.filter(bool), st.sampled_from(["custom", "status", "stage", "conversation_id"]))


def fields(kind: str, values: st.SearchStrategy[Any] = anything | documents) -> st.SearchStrategy[dict[str, Any]]:
    """Fields of a stage, known and unknown, with anything in them."""
    known = st.sampled_from(list(fields_of(STAGE_RECORDS[kind])))
    return st.dictionaries(known | names, values, max_size=6)


def valid(span: ReadableSpan) -> None:
    """Assert that a span is what OTLP can carry: official and own encoding take it, every value has a legal type."""
    for attributes in (span.attributes, *(event.attributes for event in span.events)):
        for key, value in (attributes or {}).items():
            assert isinstance(key, str)
            key.encode()
            items = value if isinstance(value, (list, tuple)) else [value]
            assert len({type(item) for item in items}) <= 1, key
            for item in items:
                assert type(item) in (str, bool, int, float), key
                if type(item) is str:
                    item.encode()
                if type(item) is int:
                    assert -(2**63) <= item < 2**63, key
    assert span.start_time <= span.end_time < 2**63
    assert len(encode_spans([span]).SerializeToString()) <= estimate(span) + 2_000
    json.loads(request([span]))


def whole(recorded: Recorded, count: int) -> None:
    """Assert that all spans left, that each can be sent, and that no fault cost anything."""
    assert len(recorded.all) == count
    for span in recorded.all:
        valid(span)
    stats = recorded.sdk.stats()
    assert stats.lost == {}
    assert stats.recorded == stats.exported
    assert not NEVER & set(stats.faults), stats.faults


quick = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
@quick
@given(data=st.data())
def test_any_value_in_any_field_of_a_stage(record: Record, kind: type[Stage], data: st.DataObject) -> None:
    """The public way: values go through capture."""
    recorded = record()
    with convqa.turn("c-1", "hi") as turn:
        stage = kind.begin(data.draw(fields(kind.kind)))
        assert stage is not None
        stage.record(data.draw(fields(kind.kind)))
        stage.finish(data.draw(st.none() | st.builds(ValueError, any_text)))
        turn.answer("x")
    whole(recorded, 2)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
@quick
@given(data=st.data())
def test_any_value_behind_capture(record: Record, kind: type[Stage], data: st.DataObject) -> None:
    """The way below it: the export thread does not rely on what capture promises."""
    recorded = record()
    with convqa.turn("c-1", "hi") as turn:
        stage = kind.begin({})
        assert stage is not None
        stage.values.update(data.draw(fields(kind.kind, captured)))
        stage.extra = data.draw(st.none() | st.dictionaries(any_text, captured, max_size=4))
        stage.finish()
        turn.values.update(data.draw(fields("turn", captured)))
        turn.session_id = data.draw(captured)
        turn.versions = data.draw(st.builds(convqa.Versions, *[captured] * 12))
    whole(recorded, 2)


@quick
@given(
    conversation=anything.filter(lambda given: type(given) is not FunctionType),  # which means a bare decorator
    values=fields("turn"),
    extra=st.dictionaries(any_text, anything, max_size=4),
    text=any_text,
    versions=st.builds(convqa.Versions, model=anything, kb_built_at=anything, feature_flags=anything),
)
def test_any_turn(
    record: Record,
    conversation: Any,
    values: dict[str, Any],
    extra: dict[str, Any],
    text: str,
    versions: convqa.Versions,
) -> None:
    """Any conversation id, any fields, any versions, any custom values, any event, any exception."""
    recorded = record()
    try:
        with convqa.turn(conversation, text, versions=versions) as turn:
            turn.record(values)
            turn.set_attributes(extra)
            turn.add_event(text, extra)
            turn.event(text, extra, 5)
            raise ValueError(text)
    except ValueError:
        pass
    whole(recorded, 1)
    assert len(recorded.all[0].events) == 3


@quick
@given(
    values=st.dictionaries(names, captured, max_size=5),
    conversation=any_text,
    link=st.tuples(st.integers(), st.integers()),
)
def test_any_late_fact(record: Record, values: dict[str, Any], conversation: str, link: tuple[int, int]) -> None:
    """An outcome's values are validated when they are recorded; here anything in their place costs itself."""
    recorded = record()
    late = Late(STAGE_RECORDS["snapshot"], values, conversation, link, 5, 6, 7)
    assert recorded.sdk.recorder is not None
    recorded.sdk.recorder.submit(Unit(None, (), 10, whole=False, late=late))
    whole(recorded, 1)


@pytest.mark.parametrize(
    "name", [name for name in HOSTILE if name.startswith("8 MB")] + ["lying class", "bad metaclass"]
)
def test_the_worst_values(record: Record, name: str) -> None:
    """Large ones, and those that Hypothesis does not survive."""
    recorded = record()
    hostile = HOSTILE[name]()
    with convqa.turn("c-1", hostile, session_id=hostile, versions=hostile) as turn:
        turn.custom(x=HOSTILE[name]())
        convqa.tool(name="t")(lambda **_: HOSTILE[name]())(argument=HOSTILE[name]())
        turn.add_event("e", {"x": HOSTILE[name]()})
    whole(recorded, 2)


@quick
@given(text=any_text, limit=st.integers(256, 2_000), factor=st.integers(1, 400), room=st.integers(4_096, 20_000))
def test_any_text_within_any_bounds(record: Record, text: str, limit: int, factor: int, room: int) -> None:
    """Whatever is written, a text keeps its bound, its span keeps its own, and what was cut says so."""
    recorded = record(text_bytes=limit, span_bytes=room)
    long = text * factor
    with convqa.turn("c-1", long) as turn:
        turn.answer(long)
        turn.custom(a=long, b=[long])
        convqa.tool(name="t", arguments={"x": long})(lambda: [long])()
    whole(recorded, 2)
    for span in recorded.all:
        texts = {k: v for k, v in span.attributes.items() if isinstance(v, str) and not k.endswith(".sha256")}
        assert max(len(v.encode()) for v in texts.values()) <= limit + 40
        assert sum(len(v.encode()) for v in texts.values()) <= room + 1_500
        for key, value in texts.items():
            if value.endswith("[WITHHELD:too_long]") and key + ".sha256" in span.attributes:
                assert span.attributes[f"{key}.original_length"] >= 0
