"""OTLP over gRPC for real: to a grpcio server of our own, by the environment and by an explicit exporter.

The same claims as over HTTP (test_otlp.py), and those that only gRPC makes necessary: its 4 MiB, its codes, its forks.
"""

from __future__ import annotations

import time
from pathlib import Path

import grpc
import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.trace import SpanContext

import convqa_sdk as convqa
from convqa_sdk.export.exporters import MemoryExporter
from convqa_sdk.export.sdk import Sdk

from .conftest import Run, Start, turns_in
from .doubles import wait_until
from .receivers import attributes, grpc_receiver
from .test_otlp import rich_turn, turn

SET = pytest.MonkeyPatch
Code = grpc.StatusCode
MIB = 1024 * 1024
SLACK_S = 0.6
"""Beyond a deadline, on a machine that is busy with other things."""


@pytest.fixture
def by_environment(monkeypatch: SET) -> None:
    """Speak gRPC with whatever endpoint a test names."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")


# ----------------------------------------------------------------------------------------------------- what arrives


@pytest.mark.parametrize("general", [True, False], ids=["for all signals", "for traces"])
def test_the_environment_chooses_grpc(start: Start, monkeypatch: SET, tmp_path: Path, general: bool) -> None:
    """Endpoint, protocol, headers and compression of the environment count, for all signals or for traces alone."""
    prefix = "OTEL_EXPORTER_OTLP_" if general else "OTEL_EXPORTER_OTLP_TRACES_"
    with grpc_receiver() as receiver:
        monkeypatch.setenv(f"{prefix}ENDPOINT", receiver.url)
        monkeypatch.setenv(f"{prefix}PROTOCOL", "grpc")
        monkeypatch.setenv(f"{prefix}HEADERS", "x-team=support,authorization=Bearer%20abc")
        monkeypatch.setenv(f"{prefix}COMPRESSION", "gzip")
        sdk = start()
        turn("c-1", "hello " * 1_000)
        assert sdk.flush(10)
        assert receiver.turns == ["c-1"]
        headers = receiver.requests[0].headers
        assert (headers["x-team"], headers["authorization"]) == ("support", "Bearer abc")
        assert list(tmp_path.iterdir()) == []
        sdk.shutdown(5)


def test_an_explicit_exporter_sends_the_official_bytes(start: Start, tmp_path: Path) -> None:
    """`exporters=` takes the official gRPC exporter; what arrives is the encoding of what the others got."""
    with grpc_receiver() as receiver:
        memory = MemoryExporter()
        exporter = OTLPSpanExporter(receiver.url, headers={"x-team": "support"})
        sdk = start(memory, exporter, store=tmp_path / "s")
        rich_turn()
        assert sdk.flush(10)
        spans = {span.context.span_id.to_bytes(8, "big"): span for span in memory.spans}
        assert len(receiver.spans) == len(spans) == 5
        for request in receiver.requests:
            assert request.headers["x-team"] == "support"
            assert request.message == encode_spans([spans[span.span_id] for span in request.spans])
        assert turns_in(tmp_path / "s") == ["c-1"]
        sdk.shutdown(5)


def test_tls(start: Start, monkeypatch: SET, by_environment: None, certificate: tuple[Path, Path]) -> None:
    """`OTEL_EXPORTER_OTLP_CERTIFICATE` names whom to trust; without it a self-signed backend gets nothing."""
    with grpc_receiver(certificate=certificate) as receiver:
        assert receiver.url.startswith("https://")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
        sdk = start()
        turn("c-1")
        assert not sdk.flush(10)
        assert sdk.stats().lost == {"export_failed": 1}
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_CERTIFICATE", str(certificate[0]))
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "10")
        sdk = start()
        turn("c-2")
        assert sdk.flush(10)
        assert receiver.turns == ["c-2"]
        sdk.shutdown(5)


def test_no_message_reaches_the_4_mib_that_grpc_servers_take(
    start: Start, monkeypatch: SET, by_environment: None
) -> None:
    """A server with gRPC's default limit takes all of the largest turns that there can be; it would refuse 4 MiB."""
    with grpc_receiver() as receiver:
        over = ReadableSpan("n", SpanContext(1, 2, False), attributes={"x": "x" * 4 * MIB}, start_time=1, end_time=2)
        assert OTLPSpanExporter(receiver.url, timeout=1).export([over]) is SpanExportResult.FAILURE
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        bounds = {"batch_bytes": 3_500_000, "span_bytes": 3_000_000, "text_bytes": 1_000_000}
        sdk = start(batch_spans=128, queue_bytes=64 * MIB, **bounds)
        for number in range(4):
            with convqa.turn(f"big-{number}", "ü" * 65_000) as opened:
                with convqa.tool(name="t") as stage:
                    stage.custom(**{f"k{n}": "😀" * 60_000 for n in range(12)})
                opened.custom(**{f"k{n}": "😀" * 60_000 for n in range(12)})
                opened.answer("ü" * 65_000)
        assert sdk.flush(60)
        assert (len(receiver.turns), len(receiver.spans)) == (4, 8)
        assert 2 * MIB < max(request.size for request in receiver.requests) < 4 * MIB
        sdk.shutdown(5)


# ----------------------------------------------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize("code", [Code.UNAVAILABLE, Code.RESOURCE_EXHAUSTED], ids=lambda code: code.name)
def test_a_transient_error_loses_nothing(start: Start, monkeypatch: SET, by_environment: None, code: Code) -> None:
    """After a code that may be retried the batch is sent again, and arrives once."""
    with grpc_receiver() as receiver:
        receiver.statuses = [code]
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        sdk = start()
        turn("c-1")
        assert sdk.flush(20)
        assert receiver.refused == 1
        assert receiver.turns == ["c-1"]
        assert sdk.stats().lost == {}
        sdk.shutdown(5)


@pytest.mark.parametrize(
    ("code", "tries"), [(Code.INVALID_ARGUMENT, 1), (Code.UNAUTHENTICATED, 1), (Code.RESOURCE_EXHAUSTED, 1_000)]
)
def test_an_error_that_stays_is_a_counted_loss(
    start: Start, monkeypatch: SET, by_environment: None, code: Code, tries: int
) -> None:
    """A final code, or one that lasts beyond `OTEL_EXPORTER_OTLP_TIMEOUT`, is a loss, which later batches tell of."""
    with grpc_receiver() as receiver:
        receiver.statuses = [code] * tries
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "0.5" if tries > 1 else "10")
        sdk = start()
        turn("c-1")
        assert not sdk.flush(10)
        receiver.statuses = []
        turn("c-2")
        sdk.flush(10)
        sdk.shutdown(5)
        assert receiver.turns == ["c-2"]
        losses = [attributes(s) for s in receiver.spans if attributes(s)["convqa.stage"] == "loss"]
        assert [(loss["convqa.loss.turns"], loss["convqa.loss.cause"]) for loss in losses] == [(1, "export_failed")]


def loses_its_turn(sdk: Sdk, within_s: float) -> None:
    """Shut down with a turn on its way: within the time, the turn counted as lost, and its thread ends."""
    thread = sdk._worker._destinations[0]._thread
    began = time.monotonic()
    sdk.shutdown(within_s)
    assert time.monotonic() - began < within_s + SLACK_S
    assert sdk.stats().lost == {"shutdown": 1}
    assert thread is not None
    thread.join(5)
    assert not thread.is_alive()


def test_flush_and_shutdown_keep_their_deadlines(start: Start, monkeypatch: SET, by_environment: None) -> None:
    """A server that takes a call and does not answer delays neither; its call is cancelled, the thread ends."""
    with grpc_receiver() as receiver:
        receiver.delay_s = 60
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        sdk = start()
        turn("c-1")
        began = time.monotonic()
        assert not sdk.flush(0.3)
        assert time.monotonic() - began < 0.3 + SLACK_S
        loses_its_turn(sdk, within_s=0.3)


def test_shutdown_ends_the_waiting_of_an_exporter_that_retries(
    start: Start, monkeypatch: SET, by_environment: None
) -> None:
    """UNAVAILABLE is retried, but not beyond `shutdown`; a thread that waits to retry is woken."""
    with grpc_receiver() as receiver:
        receiver.statuses = [Code.UNAVAILABLE] * 1_000
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        sdk = start()
        turn("c-1")
        wait_until(lambda: receiver.refused >= 1)
        loses_its_turn(sdk, within_s=0.1)


# ------------------------------------------------------------------------------------------------------ exit and fork


@pytest.mark.parametrize("answers", [True, False], ids=["that answers", "that does not"])
def test_a_process_ends_in_time_whatever_its_backend_does(run: Run, answers: bool) -> None:
    """A script that just ends delivers to a server that answers, and does not wait for one that does not."""
    with grpc_receiver() as receiver:
        receiver.delay_s = 0.0 if answers else 120.0
        script = """
        import convqa_sdk as convqa
        convqa.configure("bot", key=b"k" * 32)
        with convqa.turn("c-1", "hi") as turn:
            turn.answer("x")
        """
        environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
        done = run(script, timeout=30, CONVQA_EXIT_TIMEOUT_S="20" if answers else "0.5", **environment)
        assert "Traceback" not in done.stderr
        assert receiver.turns == (["c-1"] if answers else [])


FORKS = """
import os, sys
import convqa_sdk as convqa
exporters = None
if sys.argv[1] == "explicit":
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    exporters = OTLPSpanExporter()
sdk = convqa.configure("bot", key=b"k" * 32, interval_s=0.01, exporters=exporters)

def turns(name):
    for n in range(5):
        with convqa.turn(f"{name}-{n}", "hi") as t:
            t.answer("x")

children = []
for number in range(3):
    turns(f"parent{number}")
    if sys.argv[2] == "idle":
        assert sdk.flush(20)
    child = os.fork()
    if child == 0:
        turns(f"child{number}")
        delivered = sdk.flush(20)
        sdk.shutdown(5)
        os._exit(0 if delivered else 3)
    children.append(child)
assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
assert sdk.flush(20)
"""
EXPECTED = sorted(f"{who}{number}-{n}" for who in ("child", "parent") for number in range(3) for n in range(5))


@pytest.mark.parametrize("exporter", ["environment", "explicit"])
def test_forked_children_deliver_over_grpc(run: Run, exporter: str) -> None:
    """A process that has spoken gRPC forks workers, as gunicorn with a preloaded application does; all arrives once."""
    with grpc_receiver() as receiver:
        environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
        run(FORKS, exporter, "idle", **environment)
        assert sorted(receiver.turns) == EXPECTED


def test_a_fork_during_a_call_loses_nothing(run: Run) -> None:
    """Children forked while the parent waits for an answer deliver, and so does the parent, with no hang in either.

    gRPC may break the parent's call at the fork; the exporter sends that again, so a backend may see spans twice.
    """
    with grpc_receiver() as receiver:
        receiver.delay_s = 0.1
        environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
        run(FORKS, "environment", "busy", **environment)
        assert sorted(set(receiver.turns)) == EXPECTED
