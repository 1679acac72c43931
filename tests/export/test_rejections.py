"""Spans that a backend leaves out of a batch that it took are counted, and that is not told for ever."""

from __future__ import annotations

import time

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from convqa_sdk.export.exporters import MemoryExporter
from convqa_sdk.export.rejections import Listened, Rejections
from convqa_sdk.isolation import faults

from .answers import answer, rejecting
from .conftest import Kept, Ship, Start
from .doubles import wait_until
from .receivers import grpc_receiver
from .test_backend_faults import turn


def test_a_backend_that_rejects_everything_is_not_told_so_for_ever(ship: Ship) -> None:
    """The report of a rejection that is rejected as well makes no further report."""
    sdk, receiver = ship(*[answer(200, rejecting(1))] * 50, interval_s=0.01)
    turn()
    assert not sdk.flush(20)
    wait_until(lambda: len(receiver.arrivals) == 2)
    time.sleep(0.3)  # thirty intervals
    assert sdk.flush(20), "nothing was lost since"
    assert len(receiver.arrivals) == 2
    assert sdk.stats().lost_records == {"rejected": 1}


def test_rejected_spans_over_grpc(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same over gRPC."""
    with grpc_receiver(ExportTraceServiceResponse.FromString(rejecting(2))) as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
        sdk = start()
        turn()
        assert not sdk.flush(20)
        assert sdk.stats().lost_records == {"rejected": 2}
        assert sdk.stats().exported == 1
        sdk.shutdown(5)


@pytest.mark.parametrize(("said", "counted"), [(0, []), (-1, []), (1, [1]), (2, [2]), (2**63 - 1, [2])])
def test_no_more_spans_are_rejected_than_were_sent(kept: Kept, said: int, counted: list[int]) -> None:
    """Whatever number an answer says, what is counted lies between none and the spans of the batch."""
    spans = kept()
    turn()
    told: list[int] = []
    rejections = Rejections(told.append)
    exporter = Listened(MemoryExporter(), rejections)
    rejections.note(said)
    exporter.export(spans())
    assert told == counted
    assert faults().get("rejected:otlp", 0) == len(counted)
    exporter.export(spans())
    assert told == counted, "an answer is about its own batch"
