"""What a backend answers over gRPC, of which OpenTelemetry's exporter leaves out how many spans were rejected."""

from __future__ import annotations

from typing import Any, cast

from grpc import RpcError  # type: ignore[import-untyped] # reason: theirs has no types
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace.export import SpanExporter

from convqa_sdk.export.reasons import of_grpc
from convqa_sdk.export.rejections import Listened, OnRejected, Rejections


def grpc_exporter(on_rejected: OnRejected) -> SpanExporter:
    """Return the official exporter over gRPC, listened to."""
    rejections = Rejections(on_rejected)
    return Listened(_Listening(rejections), rejections)


class _Listening(OTLPSpanExporter):
    def __init__(self, rejections: Rejections) -> None:
        self._rejections = rejections
        super().__init__()

    def _initialize_channel_and_stub(self) -> None:
        """Listen to the stub that was made; it is made again when a connection was lost."""
        super()._initialize_channel_and_stub()  # type: ignore[no-untyped-call] # reason: theirs has no types
        stub = cast("Any", self)._client
        send = stub.Export

        def listening(*args: Any, **kwargs: Any) -> Any:
            try:
                answer = send(*args, **kwargs)
            except RpcError as error:
                self._rejections.reason = of_grpc(cast("Any", error).code().name)
                raise
            self._rejections.reason = None
            self._rejections.note(answer.partial_success.rejected_spans)
            return answer

        stub.Export = listening
