"""OpenTelemetry's span limits on our spans: the environment's and a provider's, compared with the SDK's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, TracerProvider
from opentelemetry.trace import SpanContext

import convqa_sdk as convqa
from convqa_sdk.errors import ConfigurationError
from convqa_sdk.export.destinations import otlp_exporter
from convqa_sdk.export.exporters import MemoryExporter
from convqa_sdk.export.otlp_json import request
from convqa_sdk.export.sdk import Sdk
from convqa_sdk.export.settings import read_settings
from convqa_sdk.export.span_limits import SpanLimiter

from .conftest import Kept, Start, stored
from .doubles import Keeping
from .receivers import http_receiver
from .test_otlp import rich_turn
from .test_otlp_json import parsed
from .test_same_export import boom, encoded, made_by_the_sdk

SET = pytest.MonkeyPatch
REQUIRED = {
    "gen_ai.conversation.id", "session.id", "convqa.stage", "convqa.status", "convqa.schema.version",
    "convqa.redaction.status", "convqa.answer.type", "convqa.intent.class", "convqa.intent.confidence",
    "gen_ai.data_source.id", "convqa.retrieval.document.ids", "convqa.retrieval.hit", "gen_ai.request.model",
    "convqa.cost.source", "gen_ai.tool.name", "convqa.tool.result",
}  # fmt: skip
"""The contract's, for the stages of `full_turn`."""


def importance(key: str) -> int:
    """The bot's own and companions, then what is recommended, then what is required."""
    if key.startswith("convqa.custom.") or key.endswith((".original_length", ".sha256")):
        return 0
    return 2 if key in REQUIRED else 1


def full_turn() -> None:
    """A turn with more of everything than the limits below allow."""
    rich_turn()
    previous = convqa.TurnRef("c-1", 0xA, 0xB)
    with convqa.turn("c-2", "hello " * 20_000, previous=previous) as turn:
        turn.custom(**{f"k{number}": "v" * number for number in range(12)})
        for number in range(6):
            turn.add_link(SpanContext(number + 1, number + 1, is_remote=number % 2 == 0))
            turn.event(f"e{number}", {f"a{n}": "long enough to be cut" for n in range(number)})
        with pytest.raises(LookupError), convqa.retrieval(data_source="kb"):
            boom("a message that is longer than forty characters")
        turn.answer("x")


LIMITS: list[dict[str, str]] = [
    {"OTEL_ATTRIBUTE_COUNT_LIMIT": "9"},
    {"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "14"},
    {"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "0", "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT": "0"},
    {"OTEL_ATTRIBUTE_COUNT_LIMIT": "4", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "20"},
    {"OTEL_SPAN_EVENT_COUNT_LIMIT": "3"},
    {"OTEL_SPAN_EVENT_COUNT_LIMIT": "0", "OTEL_SPAN_LINK_COUNT_LIMIT": "0"},
    {"OTEL_SPAN_LINK_COUNT_LIMIT": "2"},
    {"OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT": "2"},
    {"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "5"},
    {"OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT": "40", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "8"},
    {"OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT": "0"},
]


@pytest.mark.parametrize("variables", LIMITS, ids=str)
def test_the_limits_of_the_environment(kept: Kept, monkeypatch: SET, variables: dict[str, str]) -> None:
    """The standard variables limit our spans as they limit the SDK's, dropped counts and all.

    The SDK drops what was set first; ours counts as set in the order of importance, so a conversation keeps its id.
    """
    unlimited = kept()
    full_turn()
    for variable, text in variables.items():
        monkeypatch.setenv(variable, text)
    limits = SpanLimits()
    limited = kept()
    full_turn()
    again = [made_by_the_sdk(span, limits, lambda key: (importance(key), key)) for span in unlimited()]
    assert encoded(limited()) == encoded(again)
    assert encoded(limited()) != encoded(unlimited())


def test_the_limits_of_a_provider(start: Start, monkeypatch: SET) -> None:
    """`SpanLimits` of the application's provider count too, and reach every destination with their dropped counts."""
    limits = SpanLimits(
        max_span_attributes=12, max_events=2, max_links=3, max_event_attributes=1, max_attribute_length=10
    )
    with http_receiver() as receiver:
        memory = MemoryExporter()
        provider = TracerProvider(span_limits=limits, shutdown_on_exit=False)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        sdk = start(memory, otlp_exporter(), provider=provider, join=False)
        full_turn()
        assert sdk.flush(10)
        spans = {span.context.span_id.to_bytes(8, "big"): span for span in memory.spans}
        for request in receiver.requests:
            assert request.body == encoded([spans[span.span_id] for span in request.spans])
        (turn,) = [span for span in receiver.spans if len(span.links) == 3]
        assert (len(turn.attributes), len(turn.events)) == (12, 2)
        assert turn.dropped_attributes_count > 12
        assert (turn.dropped_events_count, turn.dropped_links_count) == (5, 4)
        assert [event.dropped_attributes_count for event in turn.events] == [4, 14]
        assert max(len(pair.value.string_value) for pair in turn.attributes) == 10
        sdk.shutdown(5)


def test_a_provider_that_is_set_later_brings_its_limits(kept: Kept, monkeypatch: SET) -> None:
    """Limits come from where the resource comes from: the application's provider, once there is one."""
    found: list[Any] = [None]
    limiter = SpanLimiter(lambda: found[0])
    unlimited = kept()
    full_turn()
    spans = list(unlimited())
    assert limiter(spans) is spans
    found[0] = TracerProvider(span_limits=SpanLimits(max_events=1), shutdown_on_exit=False)
    assert max(len(span.events) for span in limiter(spans)) == 1
    found[0] = object()  # another vendor's
    assert limiter(spans) is spans


def test_no_limit_no_cost(kept: Kept) -> None:
    """While nobody has set a limit, spans are not even copied: OpenTelemetry's defaults bound nothing of ours."""
    spans: list[ReadableSpan] = []
    assert SpanLimiter(lambda: None)(spans) is spans
    assert SpanLimiter(lambda: TracerProvider(shutdown_on_exit=False))(spans) is spans
    ours = kept()
    with convqa.turn("c-1") as turn:
        turn.custom(**{f"k{number}": number for number in range(128)})
    assert len(ours()[0].attributes) > 128


def test_a_default_that_somebody_sets_is_a_limit(kept: Kept, monkeypatch: SET) -> None:
    """OpenTelemetry's own default counts when a variable asks for it."""
    monkeypatch.setenv("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "128")
    ours = kept()
    with convqa.turn("c-1") as turn:
        turn.custom(**{f"k{number}": number for number in range(128)})
    assert len(ours()[0].attributes) == 128
    assert ours()[0].attributes["gen_ai.conversation.id"] == "c-1"


def test_a_limit_that_is_none_is_refused(monkeypatch: SET) -> None:
    """A variable that is no number is a configuration error which names it and does not quote it."""
    monkeypatch.setenv("OTEL_SPAN_LINK_COUNT_LIMIT", "hunter2")
    with pytest.raises(ConfigurationError, match="OTEL_SPAN_LINK_COUNT_LIMIT") as caught:
        Sdk(read_settings({}, {}), synchronous=True)
    assert "hunter2" not in str(caught.value)


def test_the_store_writes_dropped_counts(kept: Kept, monkeypatch: SET) -> None:
    """A line of the store is the official encoding, dropped counts included."""
    for variable in ("OTEL_ATTRIBUTE_COUNT_LIMIT", "OTEL_SPAN_EVENT_COUNT_LIMIT", "OTEL_SPAN_LINK_COUNT_LIMIT"):
        monkeypatch.setenv(variable, "3")
    limited = kept()
    full_turn()
    assert parsed(request(limited())) == encode_spans(limited())


# -------------------------------------------------------------------------------------------------- in a dialect

QUESTION = "Where is my parcel, please? " * 200


def ask() -> None:
    """A turn that asks a model with a long text."""
    with convqa.turn("c-1", QUESTION) as turn:
        turn.custom(plan="gold")
        with convqa.generation(model="m") as call:
            call.set(messages=QUESTION, output_text="On its way.", input_tokens=7)
        turn.answer("On its way.", type="generated")


def beside(start: Start, store: Path, dialect: str, **limits: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Spans by their stage: as the store got them, and as they left in a dialect, under these limits."""
    keeping = Keeping()
    provider = TracerProvider(span_limits=SpanLimits(**limits), shutdown_on_exit=False)
    sdk = start(keeping, store=store, dialect=dialect, provider=provider, join=False)
    ask()
    assert sdk.flush(10)
    return {span.stage: span for span in stored(store)}, {s.attributes["convqa.stage"]: s for s in keeping.spans}


@pytest.mark.parametrize("dialect", ["compat", "tempo"])
def test_what_a_dialect_adds_is_within_the_limits(start: Start, tmp_path: Path, dialect: str) -> None:
    """No span that leaves has more attributes, or longer values, than it may; and it says how many were left out."""
    standard, left = beside(start, tmp_path / "s", dialect, max_span_attributes=12, max_span_attribute_length=10)
    for stage, span in left.items():
        assert max(len(span.attributes), len(standard[stage].attributes)) == 12
        assert span.dropped_attributes > 0
        texts = [item for value in span.attributes.values() for item in (value if type(value) is tuple else [value])]
        assert max(len(text) for text in texts if type(text) is str) == 10


def test_a_dialect_reads_messages_before_they_are_cut(start: Start, tmp_path: Path) -> None:
    """The names of others have role and text, each of at most the length, although the JSON itself is cut by then."""
    standard, left = beside(start, tmp_path / "s", "compat", max_span_attribute_length=30)
    generation = left["generation"].attributes
    assert generation["gen_ai.input.messages"] == standard["generation"].attributes["gen_ai.input.messages"]
    assert len(generation["gen_ai.input.messages"]) == 30
    assert generation["llm.input_messages.0.message.role"] == "user"
    assert generation["llm.input_messages.0.message.content"] == QUESTION[:30]


def test_what_a_dialect_says_again_makes_room_first(start: Start, tmp_path: Path) -> None:
    """Under a count that our own attributes just reach, those stay and the names of others go."""
    whole, _ = beside(start, tmp_path / "whole", "compat")
    count = len(whole["turn"].attributes)
    _, left = beside(start, tmp_path / "s", "compat", max_span_attributes=count)
    assert left["turn"].attributes.keys() == whole["turn"].attributes.keys()
    assert left["turn"].attributes["convqa.custom.plan"] == "gold"


@pytest.mark.parametrize(("length", "left_as"), [(1_000, str), (3_000, tuple)])
def test_a_length_is_meant_of_a_text_and_not_of_its_pieces(
    start: Start, tmp_path: Path, length: int, left_as: type
) -> None:
    """In pieces or not, a text that leaves for Tempo joins to its beginning: there is no gap in it."""
    _, left = beside(start, tmp_path / "s", "tempo", max_span_attribute_length=length)
    text = left["turn"].attributes["convqa.message.text"]
    assert type(text) is left_as
    assert "".join(text) == QUESTION[:length]
