"""Dialects: the form that leaves for a backend, made of finished attributes; the store keeps the standard one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import convqa_sdk as convqa
from convqa_sdk.errors import ConfigurationError
from convqa_sdk.export import dialects
from convqa_sdk.export.destinations import named_destinations
from convqa_sdk.export.dialects import ADDED_BYTES, compat, pieces
from convqa_sdk.export.settings import read_settings
from convqa_sdk.isolation import faults

from .conftest import Record, Start, stored
from .doubles import Keeping
from .test_otlp import rich_turn

LONG = "Grüße 😀 " * 600


def test_the_standard_dialect_costs_nothing(tmp_path: Path) -> None:
    """Without the setting no destination has anything that it would do to a span."""
    destinations, _, _ = named_destinations(read_settings({"exporters": [Keeping()], "store": tmp_path}, {}))
    assert [destination.translate for destination in destinations] == [None, None]


@given(st.text(min_size=1, max_size=40), st.integers(1, 3_000))
def test_pieces_join_to_the_text(some: str, times: int) -> None:
    """No piece is longer than 2,048 bytes, none is empty, and together they are the text."""
    text = some * times
    made = pieces(text)
    if len(text.encode()) <= 2_048:
        assert made == text
    else:
        assert isinstance(made, tuple)
        assert "".join(made) == text
        assert all(0 < len(piece.encode()) <= 2_048 for piece in made)
        assert len(made) <= len(text.encode()) / 2_045 + 1


def both(start: Start, store: Path, dialect: str, body: Callable[[], object]) -> list[tuple[dict[str, Any], Any]]:
    """Record to a store and beside it in a dialect; return each span's standard attributes and the span that left."""
    keeping = Keeping()
    sdk = start(keeping, store=store, dialect=dialect)
    body()
    assert sdk.flush(10)
    left = {f"{span.context.span_id:016x}": span for span in keeping.spans}
    return [(span.attributes, left.pop(span.span_id)) for span in stored(store)]


def long_turn() -> None:
    """Record a turn with long texts under our names and under others."""
    with convqa.turn("c-1", LONG) as turn:
        with convqa.generation(model="m") as call:
            call.set(messages=LONG)
        turn.answer("short", type="generated")


def test_tempo_changes_only_long_texts_of_ours(start: Start, tmp_path: Path) -> None:
    """Texts of `convqa.*` become arrays when Tempo would cut them; all else stays, standard keys included."""
    changed = set()
    for standard, left in both(start, tmp_path / "s", "tempo", long_turn):
        assert left.attributes.keys() == standard.keys()
        for key, value in left.attributes.items():
            if isinstance(value, tuple) and isinstance(standard[key], str):
                changed.add(key)
                assert "".join(value) == standard[key] == LONG
            else:
                assert (list(value) if isinstance(value, tuple) else value) == standard[key]
    assert changed == {"convqa.message.text"}


def test_compat_says_a_turn_in_the_names_of_others(record: Record) -> None:
    """Kinds, inputs, outputs, messages, tokens, cost and documents stand there as OpenInference and Langfuse name them.

    The names and their types are those of OpenInference's published conventions.
    """
    made = record(dialect="compat")
    with convqa.turn("c-1", "Hi") as turn:
        convqa.retrieval(data_source="kb")(lambda query: [convqa.Document("d", "text", 0.5)])("q")
        convqa.rerank(lambda query: [convqa.Document("d", "text", 0.9)])("q")
        with convqa.generation(model="m", provider="acme") as call:
            call.set(messages=[{"role": "system", "content": "Be kind."}, "Hi"], output_text="Hello", cost_usd=0.25)
            call.set(input_tokens=10, output_tokens=5, cache_write_tokens=3, cache_read_tokens=2, reasoning_tokens=1)
        with convqa.tool(name="t", arguments={"order": "o-1"}) as tool:
            tool.set(output={"open": True})
        turn.answer("Hello", type="generated")

    turn_span = made.attributes("turn")
    assert turn_span["openinference.span.kind"] == "AGENT"
    assert (turn_span["input.value"], turn_span["output.value"]) == ("Hi", "Hello")
    assert turn_span["input.mime_type"] == "text/plain"

    retrieval = made.attributes("retrieval")
    assert retrieval["openinference.span.kind"] == "RETRIEVER"
    assert retrieval["input.value"] == "q"
    assert [retrieval[f"retrieval.documents.0.document.{field}"] for field in ("id", "content", "score")] == [
        "d", "text", 0.5,
    ]  # fmt: skip
    assert made.attributes("rerank")["reranker.output_documents.0.document.score"] == 0.9

    generation = made.attributes("generation")
    expected = {
        "openinference.span.kind": "LLM",
        "llm.model_name": "m",
        "llm.provider": "acme",
        "llm.token_count.prompt": 10,
        "llm.token_count.completion": 5,
        "llm.token_count.total": 15,
        "llm.token_count.prompt_details.cache_read": 2,
        "llm.token_count.prompt_details.cache_write": 3,
        "llm.token_count.completion_details.reasoning": 1,
        "llm.cost.total": 0.25,
        "gen_ai.usage.cost": 0.25,
        "gen_ai.usage.cache_creation.input_tokens": 3,
        "llm.input_messages.0.message.role": "system",
        "llm.input_messages.0.message.content": "Be kind.",
        "llm.input_messages.1.message.role": "user",
        "llm.input_messages.1.message.content": "Hi",
        "llm.output_messages.0.message.role": "assistant",
        "llm.output_messages.0.message.content": "Hello",
        "input.mime_type": "application/json",
    }
    assert expected.items() <= generation.items()
    assert json.loads(generation["input.value"])[1]["parts"][0]["content"] == "Hi"

    tool_span = made.attributes("tool")
    assert (tool_span["tool.name"], tool_span["openinference.span.kind"]) == ("t", "TOOL")
    assert json.loads(tool_span["input.value"]) == {"order": "o-1"}
    assert json.loads(tool_span["output.value"]) == {"open": True}


_SPANS = st.fixed_dictionaries(
    {"convqa.stage": st.sampled_from([*dialects._KINDS, "loss"])},
    optional={
        **{key: st.text() for key in (*dialects._INPUT.values(), *dialects._OUTPUT.values(), "convqa.custom.llm")},
        **{key: st.integers(0) for key in dialects._SAME if key.endswith("_tokens")},
        "convqa.cost.usd": st.floats(0),
        "gen_ai.input.messages": st.sampled_from(
            ['[{"role":1},2]', '{"role":"user"}', '[{"role":"user","parts":[3]}]']
        ),
        "gen_ai.output.messages": st.just("[]"),
    },
)


@given(_SPANS)
def test_compat_only_adds(attributes: dict[str, Any]) -> None:
    """Whatever a span holds, it keeps: `compat` adds names that are not ours and replaces nothing."""
    made = compat(attributes)
    assert {key: made[key] for key in attributes} == attributes
    assert not any(key.startswith("convqa.") for key in made.keys() - attributes.keys())
    assert (made == attributes) == (attributes["convqa.stage"] == "loss")


def test_compat_adds_texts_within_a_bound() -> None:
    """Copies of texts that would make a span too large for a message of 4 MiB are left out whole."""
    text = "x" * 700_000
    attributes = {"convqa.stage": "turn", "convqa.message.text": text, "convqa.answer.text": text}
    made = compat(attributes)
    assert made["input.value"] == text
    assert "output.value" not in made
    assert sum(len(value) for key, value in made.items() if key not in attributes) <= ADDED_BYTES + 100


@pytest.mark.parametrize("cut", ['[{"role":"us', "", "[{]"])
def test_messages_that_are_no_json_have_no_other_names(cut: str) -> None:
    """Messages that somebody has cut stay as they are, and cost none of the other names."""
    made = compat({"convqa.stage": "generation", "gen_ai.input.messages": cut, "gen_ai.request.model": "m"})
    assert (made["input.value"], made["llm.model_name"]) == (cut, "m")
    assert not any(key.startswith("llm.input_messages") for key in made)


def test_the_store_stays_standard(start: Start, tmp_path: Path) -> None:
    """Beside a backend with a dialect the store holds what it always holds, so that its readers need not know."""
    for standard, left in both(start, tmp_path / "s", "compat", rich_turn):
        assert all(key.startswith(("convqa.", "gen_ai.", "session.", "error.")) for key in standard)
        assert left.attributes.keys() > standard.keys()
        for key, value in standard.items():
            assert left.attributes[key] == value


def test_a_fault_costs_the_dialect_and_not_the_span(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """A span that cannot be translated leaves in the standard form, and that is counted."""
    monkeypatch.setattr(dialects, "_other_names", lambda stage, attributes: 1 / 0)
    keeping = Keeping()
    sdk = start(keeping, dialect="compat")
    with convqa.turn("c-1", "hi") as turn:
        turn.answer("x")
    assert sdk.flush(10)
    (span,) = keeping.spans
    assert span.attributes["convqa.message.text"] == "hi"
    assert faults()["dialect"] == 1


def test_the_environment_names_a_dialect() -> None:
    """`CONVQA_DIALECT` is the setting; another word is refused."""
    assert read_settings({}, {"CONVQA_DIALECT": "tempo"}).dialect == "tempo"
    with pytest.raises(ConfigurationError, match="CONVQA_DIALECT"):
        read_settings({}, {"CONVQA_DIALECT": "klingon"})
