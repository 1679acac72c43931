"""What a backend answers over gRPC, of which OpenTelemetry's exporter leaves out how many spans were rejected."""

from __future__ import annotations

from typing import Any, cast

from grpc import RpcError  # type: ignore[import-untyped] # reason: theirs has no types
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics.export import MetricExporter
from opentelemetry.sdk.trace.export import SpanExporter

from convqa_sdk.export.reasons import of_grpc
from convqa_sdk.export.rejections import Listened, OnRejected, Rejections


def grpc_exporter(on_rejected: OnRejected) -> SpanExporter:
    """Return the official exporter over gRPC, listened to."""
    rejections = Rejections(on_rejected)
    return Listened(_Spans(rejections), rejections)


def grpc_metric_exporter() -> tuple[MetricExporter, Rejections]:
    """Return the official exporter of metrics over gRPC, and what hears its answers."""
    rejections = Rejections(lambda _: None)
    return _Metrics(rejections), rejections


def _listen(stub: Any, rejections: Rejections, rejected: str) -> None:
    """Listen to a stub; `rejected` names the field of an answer that counts what was left out."""
    send = stub.Export

    def listening(*args: Any, **kwargs: Any) -> Any:
        try:
            answer = send(*args, **kwargs)
        except RpcError as error:
            rejections.reason = of_grpc(cast("Any", error).code().name)
            raise
        rejections.reason = None
        rejections.note(getattr(answer.partial_success, rejected))
        return answer

    stub.Export = listening


class _Spans(OTLPSpanExporter):
    def __init__(self, rejections: Rejections) -> None:
        self._rejections = rejections
        super().__init__()

    def _initialize_channel_and_stub(self) -> None:
        """Listen to the stub that was made; it is made again when a connection was lost."""
        super()._initialize_channel_and_stub()  # type: ignore[no-untyped-call] # reason: theirs has no types
        _listen(cast("Any", self)._client, self._rejections, "rejected_spans")


class _Metrics(OTLPMetricExporter):
    def __init__(self, rejections: Rejections) -> None:
        self._rejections = rejections
        super().__init__()

    def _initialize_channel_and_stub(self) -> None:
        """Listen, as above."""
        super()._initialize_channel_and_stub()  # type: ignore[no-untyped-call] # reason: theirs has no types
        _listen(cast("Any", self)._client, self._rejections, "rejected_data_points")
