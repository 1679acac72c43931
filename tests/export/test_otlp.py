"""OTLP for real: over HTTP, TLS and gRPC to a receiver of our own, by the standard environment variables."""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path
from typing import Any

import pytest

import convqa_sdk as convqa
from convqa_sdk.errors import ConfigurationError
from convqa_sdk.export.exporters import MemoryExporter
from convqa_sdk.schema.events import CustomerAction
from convqa_sdk.store.segments import read_spans

from .conftest import Run, Start, turns_in
from .doubles import wait_until
from .receivers import Receiver, attributes, grpc_receiver, http_receiver

SET = pytest.MonkeyPatch


def rich_turn(conversation: str = "c-1") -> None:
    """A turn with everything that a span can have."""
    previous = convqa.TurnRef("c-1", 0xA, 0xB)
    with convqa.turn(conversation, "ich bin Jané 😀", account_id="a-1", channel="web", previous=previous) as turn:
        turn.custom(text="x", number=7, share=0.5, flag=True, map={"a": [1, None]})
        convqa.intent_detection(lambda message: convqa.Intent("i", 0.9, "high", candidates=("a", "b")))("hi")
        convqa.retrieval(data_source="kb")(lambda query: [convqa.Document("d", "text", 0.5, canonical=True)])("q")
        with convqa.generation(model="m") as stage:
            stage.set(messages="hi", input_tokens=10, output_tokens=5, cost_usd=0.25)
        with pytest.raises(ValueError, match="boom"), convqa.tool(name="t", arguments={"order": "o-1"}):
            raise ValueError("boom")
        turn.event("convqa.customer_action", CustomerAction(chat_guid="c-1", name="reboot", is_error=False))
        turn.answer("y", type="grounded", citations=("d",))


def turn(conversation: str, text: str = "hi") -> None:
    """Record a plain turn."""
    with convqa.turn(conversation, text) as opened:
        opened.answer("x")


def same(received: Any, kept: Any) -> None:
    """Assert that a span that was received is the one that was kept."""
    assert received.name == kept.name
    assert received.trace_id == kept.context.trace_id.to_bytes(16, "big")
    assert received.span_id == kept.context.span_id.to_bytes(8, "big")
    assert received.parent_span_id == (kept.parent.span_id.to_bytes(8, "big") if kept.parent else b"")
    assert received.kind == kept.kind.value + 1
    assert (received.start_time_unix_nano, received.end_time_unix_nano) == (kept.start_time, kept.end_time)
    assert attributes(received) == {
        k: list(v) if isinstance(v, (list, tuple)) else v for k, v in kept.attributes.items()
    }
    assert [(e.name, e.time_unix_nano, attributes(e)) for e in received.events] == [
        (e.name, e.timestamp, dict(e.attributes)) for e in kept.events
    ]
    assert [(link.trace_id, link.span_id) for link in received.links] == [
        (link.context.trace_id.to_bytes(16, "big"), link.context.span_id.to_bytes(8, "big")) for link in kept.links
    ]
    assert received.status.code == kept.status.status_code.value
    assert received.status.message == (kept.status.description or "")


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
def test_everything_of_a_rich_turn_arrives(start: Start, protocol: str) -> None:
    """Every attribute, event, link, id, time and status of a turn arrives as it was made, beside its resource."""
    with grpc_receiver() if protocol == "grpc" else http_receiver() as receiver:
        memory = MemoryExporter()
        with pytest.MonkeyPatch.context() as env:
            env.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
            env.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)
            env.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-team=support,x-other=a%20b")
            from convqa_sdk.export.destinations import otlp_exporter

            sdk = start(memory, otlp_exporter())
        rich_turn()
        convqa.record_feedback(convqa.TurnRef("c-1", 1, 2), thumbs="down", comment="no")
        assert sdk.flush(20)
        kept = {span.context.span_id.to_bytes(8, "big"): span for span in memory.spans}
        assert len(receiver.spans) == len(kept) == 6
        for span in receiver.spans:
            same(span, kept[span.span_id])
        assert {"x-team": "support", "x-other": "a b"}.items() <= receiver.requests[0].headers.items()
        (resource,) = {r.resource.SerializeToString() for q in receiver.requests for r in q.message.resource_spans}
        assert b"service.name" in resource
        scope = receiver.requests[0].message.resource_spans[0].scope_spans[0]
        assert (scope.scope.name, scope.scope.version) == ("convqa_sdk", convqa.__version__)
        assert scope.schema_url.startswith("https://")
        sdk.shutdown(5)


@pytest.mark.parametrize(
    ("variable", "suffix", "path"),
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "", "/v1/traces"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "/base/", "/base/v1/traces"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "/mine", "/mine"),
    ],
)
def test_endpoints(start: Start, monkeypatch: SET, tmp_path: Path, variable: str, suffix: str, path: str) -> None:
    """The general endpoint gets the signal's path, the one for traces is taken as it is; no store is made beside it."""
    with http_receiver() as receiver:
        monkeypatch.setenv(variable, receiver.url + suffix)
        sdk = start()
        turn("c-1")
        assert sdk.flush(10)
        assert [request.path for request in receiver.requests] == [path]
        assert list(tmp_path.iterdir()) == []
        sdk.shutdown(5)


def test_compression(start: Start, monkeypatch: SET) -> None:
    """`OTEL_EXPORTER_OTLP_COMPRESSION=gzip` compresses."""
    with http_receiver() as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
        sdk = start()
        turn("c-1", "hello " * 1_000)
        assert sdk.flush(10)
        assert receiver.requests[0].headers["content-encoding"] == "gzip"
        assert receiver.turns == ["c-1"]
        sdk.shutdown(5)


def test_timeout(start: Start, monkeypatch: SET, tmp_path: Path) -> None:
    """`OTEL_EXPORTER_OTLP_TIMEOUT` bounds a backend that does not answer; the store beside it is not delayed."""
    with http_receiver() as receiver:
        receiver.delay_s = 60
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
        monkeypatch.setenv("CONVQA_STORE", str(tmp_path / "s"))
        sdk = start()
        turn("c-1")
        began = time.monotonic()
        wait_until(lambda: (tmp_path / "s").exists() and turns_in(tmp_path / "s") == ["c-1"])
        assert time.monotonic() - began < 0.9
        assert not sdk.flush(20)
        assert time.monotonic() - began < 10
        assert sdk.stats().lost == {"export_failed": 1}


def test_shutdown_ends_the_waiting_of_an_exporter_that_retries(start: Start, monkeypatch: SET) -> None:
    """A backend that says 503 is retried, but not beyond `shutdown`; a thread that waits to retry is woken."""
    with http_receiver() as receiver:
        receiver.statuses = [503] * 1_000
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        sdk = start()
        turn("c-1")
        wait_until(lambda: receiver.refused >= 1)
        began = time.monotonic()
        sdk.shutdown(0.1)
        assert time.monotonic() - began < 0.1 + 0.4
        assert sdk.stats().lost == {"shutdown": 1}
        thread = sdk._worker._destinations[0]._thread
        assert thread is not None
        thread.join(5)
        assert not thread.is_alive()


def test_a_transient_error_loses_nothing(start: Start, monkeypatch: SET) -> None:
    """After 503 the batch is sent again."""
    with http_receiver() as receiver:
        receiver.statuses = [503]
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        sdk = start()
        turn("c-1")
        assert sdk.flush(10)
        assert receiver.refused == 1
        assert receiver.turns == ["c-1"]
        sdk.shutdown(5)


def test_an_error_that_is_final_is_a_counted_loss(start: Start, monkeypatch: SET) -> None:
    """After 400 the batch is lost, and later ones tell the backend how many turns."""
    with http_receiver() as receiver:
        receiver.statuses = [400]
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        sdk = start()
        turn("c-1")
        assert not sdk.flush(10)
        turn("c-2")
        sdk.flush(10)
        sdk.shutdown(5)
        assert receiver.turns == ["c-2"]
        losses = [attributes(s) for s in receiver.spans if attributes(s)["convqa.stage"] == "loss"]
        assert [(loss["convqa.loss.turns"], loss["convqa.loss.cause"]) for loss in losses] == [(1, "export_failed")]


def test_batches_are_bounded_in_spans_and_bytes(start: Start, monkeypatch: SET) -> None:
    """No message has more than `batch_spans` spans or reaches 4 MB, whatever the turns hold; nothing is lost."""
    with http_receiver() as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        bounds = {"batch_bytes": 3_500_000, "span_bytes": 3_000_000, "text_bytes": 1_000_000}
        sdk = start(batch_spans=128, queue_bytes=128_000_000, **bounds)
        for number in range(12):
            with convqa.turn(f"big-{number}", "ü" * 65_000) as opened:
                opened.custom(**{f"k{n}": "😀" * 60_000 for n in range(12)})
                opened.answer("ü" * 65_000)
        with convqa.turn("many", "hi") as opened:
            for _ in range(500):
                with convqa.tool(name="t"):
                    pass
            opened.answer("x")
        for number in range(200):
            turn(f"small-{number}")
        assert sdk.flush(60)
        assert len(receiver.turns) == 213
        assert max(len(request.spans) for request in receiver.requests) == 128
        assert max(request.size for request in receiver.requests) < 4_000_000
        assert sum(request.size for request in receiver.requests) > 12 * 2_000_000
        sdk.shutdown(5)


def test_tls(start: Start, monkeypatch: SET, certificate: tuple[Path, Path]) -> None:
    """`OTEL_EXPORTER_OTLP_CERTIFICATE` names whom to trust; without it a self-signed backend gets nothing."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):  # `requests` would prefer these of the machine's
        monkeypatch.delenv(name, raising=False)
    with http_receiver(certificate) as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "2")
        sdk = start()
        turn("c-1")
        assert not sdk.flush(10)
        assert receiver.requests == []
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_CERTIFICATE", str(certificate[0]))
        sdk = start()
        turn("c-2")
        assert sdk.flush(10)
        assert receiver.turns == ["c-2"]
        sdk.shutdown(5)


def test_a_refused_environment_is_an_error_that_says_where_to_look(start: Start, monkeypatch: SET) -> None:
    """What OpenTelemetry's exporter refuses at construction is a configuration error, without the value."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:1")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "hunter2")
    with pytest.raises(ConfigurationError, match=r"OTEL_EXPORTER_OTLP_\*") as caught:
        start()
    assert "hunter2" not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("variable", ["OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"])
def test_headers_that_are_none_are_refused_before_anybody_quotes_them(
    start: Start, monkeypatch: SET, caplog: pytest.LogCaptureFixture, variable: str
) -> None:
    """A header without a name is probably a key: it is neither sent nor logged."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:1")
    monkeypatch.setenv(variable, "team=a,hunter2")
    with pytest.raises(ConfigurationError, match=variable) as caught:
        start()
    assert "hunter2" not in str(caught.value) + caplog.text


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
def test_a_dead_backend_is_logged_once_by_us(
    start: Start, monkeypatch: SET, protocol: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody listens: every batch is a counted loss, our log says so once, and nothing quotes a turn."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    sdk = start()
    for number in range(2):
        turn(f"c-{number}", "jane@example.com")
        assert not sdk.flush(10)
    assert sdk.stats().lost == {"export_failed": 2}
    ours = [r.getMessage() for r in caplog.records if r.name == "convqa_sdk"]
    assert len([message for message in ours if "cause='export_failed'" in message]) == 1
    assert "jane" not in caplog.text


def test_a_forked_child_has_a_connection_of_its_own(run: Run) -> None:
    """After a fork the child does not send on its parent's connection: everything of both arrives once."""
    with http_receiver() as receiver:
        run(
            """
            import os
            import convqa_sdk as convqa
            sdk = convqa.configure("bot", key=b"k" * 32)
            def turns(name):
                for n in range(20):
                    with convqa.turn(f"{name}-{n}", "hi") as t:
                        t.answer("x")
                    assert sdk.flush(10)
            turns("before")
            child = os.fork()
            turns("child" if child == 0 else "parent")
            if child == 0:
                os._exit(0)
            assert os.waitpid(child, 0)[1] == 0
            """,
            OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url,
        )
        assert sorted(receiver.turns) == sorted(
            f"{who}-{n}" for who in ("before", "child", "parent") for n in range(20)
        )


def test_store_and_backend_get_the_same(start: Start, monkeypatch: SET, tmp_path: Path) -> None:
    """What the environment's backend gets is what the store holds."""
    with http_receiver() as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        monkeypatch.setenv("CONVQA_STORE", str(tmp_path / "s"))
        sdk = start()
        rich_turn()
        assert sdk.flush(10)
        sdk.shutdown(5)
        stored = {span.span_id: span for span in read_spans(tmp_path / "s")}
        assert len(stored) == len(receiver.spans) == 5
        for span in receiver.spans:
            twin = stored[span.span_id.hex()]
            assert twin.attributes == attributes(span)
            assert (twin.name, twin.trace_id, twin.start_ns) == (
                span.name,
                span.trace_id.hex(),
                span.start_time_unix_nano,
            )
            assert [(e.name, e.time_ns, e.attributes) for e in twin.events] == [
                (e.name, e.time_unix_nano, attributes(e)) for e in span.events
            ]
            assert json.dumps(twin.attributes)


def test_the_receiver_tells_what_it_got() -> None:
    """The receiver of these tests starts empty."""
    with http_receiver() as receiver:
        assert isinstance(receiver, Receiver)
        assert receiver.spans == receiver.turns == []
