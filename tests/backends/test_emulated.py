"""What of our traces survives the rules of Tempo and Honeycomb, and which settings help."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

import convqa_sdk as convqa
from export.receivers import Receiver, attributes, grpc_receiver, http_receiver

from .emulated import HONEYCOMB_FIELD_BYTES, TEMPO_MESSAGE_BYTES, TEMPO_STRING_BYTES, Row, honeycomb, tempo
from .shipping import KEY
from .turns import LONG, rich_turn


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver of OTLP over HTTP that the environment names."""
    with http_receiver() as running:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", running.url)
        yield running


def configured(**settings: Any) -> convqa.Sdk:
    """Start recording to the receiver."""
    return convqa.configure("bot", key=KEY, **settings)


def record(**settings: Any) -> None:
    """Ship a rich turn."""
    sdk = configured(**settings)
    rich_turn("c-1")
    assert sdk.flush(20)


def named(rows: list[tuple[str, Row]], name: str) -> Row:
    """Attributes of the one span of a name."""
    (found,) = [row for title, row in rows if title == name]
    return found


# ------------------------------------------------------------------------------------------------------------ Tempo


def test_tempo_keeps_the_head_of_long_texts(receiver: Receiver) -> None:
    """In the standard dialect Tempo keeps 2,048 bytes of a text; short values and the elements of arrays stay whole."""
    record()
    kept = tempo(receiver.requests)
    turn = named(kept, "turn")
    assert f"Mein Geld? Jané 😀 {LONG}".startswith(turn["convqa.message.text"])
    assert TEMPO_STRING_BYTES - 4 < len(turn["convqa.message.text"].encode()) <= TEMPO_STRING_BYTES
    assert named(kept, "retrieval kb")["convqa.retrieval.document.passages"][0] == LONG
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        json.loads(named(kept, "chat m-7")["gen_ai.input.messages"])
    sent = {span.name: span for span in receiver.spans}
    changed = {key for name, row in kept for key in row if row[key] != attributes(sent[name])[key]}
    assert changed == {"convqa.message.text", "gen_ai.input.messages", "gen_ai.output.messages"}


def test_the_tempo_dialect_brings_our_texts_whole(receiver: Receiver) -> None:
    """With `dialect="tempo"` the pieces of a text join to all of it."""
    record(dialect="tempo")
    turn = named(tempo(receiver.requests), "turn")
    assert "".join(turn["convqa.message.text"]) == f"Mein Geld? Jané 😀 {LONG}"
    assert turn["convqa.answer.text"] == "It is on its way."


@pytest.mark.parametrize(("scope", "kept_turns"), [("conversation", 8), ("turn", 12)])
def test_tempo_drops_what_a_trace_has_no_room_for(receiver: Receiver, scope: Any, kept_turns: int) -> None:
    """Of a conversation of 7 MB Tempo keeps 5 MB and says nothing; with `trace_scope="turn"` it keeps all of it."""
    sdk = configured(trace_scope=scope, text_bytes=1_000_000, span_bytes=600_000)
    for _ in range(12):
        with convqa.turn("c-1", "hi") as turn:
            turn.custom(**{f"part{number}": "x" * 100_000 for number in range(10)})
            turn.answer("yes", type="generated")
    assert sdk.flush(20)
    assert sdk.stats().exported == 12
    assert sum(request.size for request in receiver.requests) > 7_000_000
    assert len(tempo(receiver.requests)) == kept_turns


@pytest.mark.parametrize("dialect", ["standard", "tempo", "compat"])
def test_no_message_is_too_large_for_grpc(monkeypatch: pytest.MonkeyPatch, dialect: Any) -> None:
    """At the widest bounds that may be set, in each dialect, no message reaches the 4 MiB that gRPC servers take.

    The receiver is a gRPC server with that limit, which refuses what is larger.
    """
    with grpc_receiver() as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
        bounds = {"batch_bytes": 3_500_000, "span_bytes": 3_000_000, "text_bytes": 1_000_000, "batch_spans": 128}
        sdk = configured(dialect=dialect, **bounds)
        with convqa.turn("c-1", "hi") as turn:
            for _ in range(9):
                with convqa.generation(model="m") as call:
                    call.set(messages="x" * 130_000, output_text="x" * 130_000)
                    call.custom(first="x" * 130_000, second="x" * 20_000)
            turn.answer("yes", type="generated")
        assert sdk.flush(60)
        assert (sdk.stats().lost, sdk.stats().lost_records) == ({}, {})
        sizes = [request.size for request in receiver.requests]
        assert 2_700_000 < max(sizes) < TEMPO_MESSAGE_BYTES


# -------------------------------------------------------------------------------------------------------- Honeycomb


def test_honeycomb_cuts_no_text_at_the_default_bound(receiver: Receiver) -> None:
    """A text leaves with at most 64 KB, which is what a field of Honeycomb's holds: our mark of a cut text survives."""
    sdk = configured()
    with convqa.turn("c-1", "ü" * 100_000) as turn:
        turn.answer("x" * 100_000, type="generated")
    assert sdk.flush(20)
    (row,) = honeycomb(receiver.requests)
    for key in ("convqa.message.text", "convqa.answer.text"):
        assert HONEYCOMB_FIELD_BYTES - 100 < len(row[key].encode()) <= HONEYCOMB_FIELD_BYTES
        assert row[key].endswith("[WITHHELD:too_long]")
        assert row[f"{key}.original_length"] == 100_000


def test_honeycomb_cuts_a_full_array_at_the_default_bound(receiver: Receiver) -> None:
    """An array may hold 64 KB as well; as JSON it is longer, and its end is cut, unless `text_bytes` leaves room."""
    documents = [convqa.Document(f"kb-{number}", "Returns take 14 days. " * 2_000) for number in range(4)]
    for settings, whole in (({}, False), ({"text_bytes": 60_000}, True)):
        receiver.requests.clear()
        sdk = configured(**settings)
        with convqa.turn("c-1", "hi") as turn:
            convqa.retrieval(data_source="kb")(lambda query: documents)("refund")
            turn.answer("yes", type="generated")
        assert sdk.flush(20)
        (row,) = [row for row in honeycomb(receiver.requests) if row["convqa.stage"] == "retrieval"]
        assert row["convqa.retrieval.document.passages"].endswith('"]') == whole


def test_honeycomb_cuts_no_messages(receiver: Receiver) -> None:
    """Messages are one JSON text, which keeps within the bound of a text, so that Honeycomb's copy is JSON still."""
    sdk = configured()
    with convqa.turn("c-1", "hi") as turn:
        with convqa.generation(model="m") as call:
            call.set(messages=["Returns take 14 days. " * 2_000] * 6)
        turn.answer("yes", type="generated")
    assert sdk.flush(20)
    (row,) = [row for row in honeycomb(receiver.requests) if row["convqa.stage"] == "generation"]
    assert len(json.loads(row["gen_ai.input.messages"])) == 6


def test_honeycomb_writes_arrays_as_text(receiver: Receiver) -> None:
    """Arrays become JSON; parallel arrays stay parallel when they are read as such."""
    record()
    (row,) = [row for row in honeycomb(receiver.requests) if row["convqa.stage"] == "retrieval"]
    ids, scores, passages = (
        json.loads(row[f"convqa.retrieval.document.{name}"]) for name in ("ids", "scores", "passages")
    )
    assert list(zip(ids, scores, passages, strict=True)) == [
        ("kb-1", 0.75, LONG), ("kb-2", 1.0, "Returns take 14 days."),
    ]  # fmt: skip


def test_honeycomb_does_not_take_a_sample_rate_from_us(receiver: Receiver) -> None:
    """A `sampleRate` of the bot's own stands under `convqa.custom.`, where Honeycomb leaves it alone."""
    sdk = configured()
    with convqa.turn("c-1", "hi") as turn:
        turn.custom(sampleRate=4)
        turn.set_attribute("sampleRate", 5)
        turn.answer("yes", type="generated")
    assert sdk.flush(20)
    (row,) = honeycomb(receiver.requests)
    assert row["convqa.custom.sampleRate"] == 5
    assert row["convqa.sampling.probability"] == 1.0
