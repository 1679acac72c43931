"""Small OTLP receivers on free loopback ports: HTTP (also TLS) and gRPC."""

from __future__ import annotations

import gzip
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import grpc
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2_grpc import (
    MetricsServiceServicer,
    add_MetricsServiceServicer_to_server,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import (
    TraceServiceServicer,
    add_TraceServiceServicer_to_server,
)

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Request:
    """One export as it came in."""

    path: str
    headers: dict[str, str]
    size: int
    message: ExportTraceServiceRequest
    body: bytes = b""

    @property
    def spans(self) -> list[Any]:
        return [span for r in self.message.resource_spans for s in r.scope_spans for span in s.spans]


@dataclass
class Receiver:
    """What a receiver got, and how it answers: `answers` and `statuses` are used up first, then 200.

    Metrics go to `metrics`, and are always taken unless `metrics_status` says otherwise.
    `arrivals` has the time of every request, also of those that were not taken, `clients` the ports they came from.
    """

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    arrivals: list[float] = field(default_factory=list)
    clients: set[int] = field(default_factory=set)
    answers: list[Answer] = field(default_factory=list)
    statuses: list[Any] = field(default_factory=list)
    metrics: list[ExportMetricsServiceRequest] = field(default_factory=list)
    metrics_status: Any = None
    metrics_asked: int = 0
    resource: dict[str, Any] = field(default_factory=dict)
    refused: int = 0
    delay_s: float = 0.0
    wait: threading.Event = field(default_factory=threading.Event)

    @property
    def spans(self) -> list[Any]:
        return [span for request in self.requests for span in request.spans]

    def take(self, message: ExportMetricsServiceRequest) -> None:
        """Take metrics; each message has everything that was counted so far."""
        self.metrics.append(message)
        self.resource = attributes(message.resource_metrics[0].resource)

    @property
    def points(self) -> dict[tuple[str, tuple[tuple[str, Any], ...]], Any]:
        """The points of the last message, by name and attributes."""
        return {
            (metric.name, tuple(sorted(attributes(point).items()))): point
            for resource in (self.metrics[-1].resource_metrics if self.metrics else ())
            for scope in resource.scope_metrics
            for metric in scope.metrics
            for point in getattr(metric, metric.WhichOneof("data")).data_points
        }

    @property
    def turns(self) -> list[str]:
        return [attributes(s)["gen_ai.conversation.id"] for s in self.spans if attributes(s)["convqa.stage"] == "turn"]


def value(given: Any) -> Any:
    """An OTLP value as Python has it."""
    kind = given.WhichOneof("value")
    if kind == "array_value":
        return [value(item) for item in given.array_value.values]
    return getattr(given, kind) if kind else None


def attributes(holder: Any) -> dict[str, Any]:
    """Attributes of a span, event, link or resource."""
    return {pair.key: value(pair.value) for pair in holder.attributes}


@contextmanager
def http_receiver(
    certificate: tuple[Path, Path] | None = None, request: Any = ExportTraceServiceRequest
) -> Iterator[Receiver]:
    """Receive OTLP over HTTP, or over TLS with a certificate and its key: traces, or another signal's `request`."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path.endswith("/v1/metrics"):
                self.take_metrics(body)
                return
            receiver.arrivals.append(time.monotonic())
            receiver.clients.add(self.client_address[1])
            receiver.wait.wait(receiver.delay_s)
            if receiver.answers:
                receiver.answers.pop(0)(self)
                return
            status = receiver.statuses.pop(0) if receiver.statuses else 200
            if status == 200:
                plain = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
                message = request.FromString(plain)
                headers = {name.lower(): text for name, text in self.headers.items()}
                receiver.requests.append(Request(self.path, headers, len(plain), message, plain))
            else:
                receiver.refused += 1
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def take_metrics(self, body: bytes) -> None:
            receiver.metrics_asked += 1
            receiver.wait.wait(receiver.delay_s)
            status = receiver.metrics_status or 200
            if status == 200:
                plain = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
                receiver.take(ExportMetricsServiceRequest.FromString(plain))
            self.send_response(status)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Print nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """A client that goes away is part of these tests."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    scheme = "http"
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    receiver.url = f"{scheme}://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.wait.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def grpc_receiver(
    answer: ExportTraceServiceResponse | None = None, certificate: tuple[Path, Path] | None = None
) -> Iterator[Receiver]:
    """Receive OTLP over gRPC, or over TLS with a certificate and its key; `statuses` are gRPC's codes here.

    Without `answer`, take everything.
    """
    receiver = Receiver()

    class Servicer(TraceServiceServicer):
        def Export(self, request: Any, context: grpc.ServicerContext) -> Any:
            receiver.wait.wait(receiver.delay_s)
            if receiver.statuses:
                receiver.refused += 1
                context.abort(receiver.statuses.pop(0), "refused")
            headers = {item.key: item.value for item in context.invocation_metadata()}
            receiver.requests.append(Request("grpc", headers, request.ByteSize(), request))
            return answer or ExportTraceServiceResponse()

    class Metrics(MetricsServiceServicer):
        def Export(self, request: Any, context: grpc.ServicerContext) -> Any:
            receiver.metrics_asked += 1
            receiver.wait.wait(receiver.delay_s)
            if receiver.metrics_status is not None:
                context.abort(receiver.metrics_status, "refused")
            receiver.take(request)
            return ExportMetricsServiceResponse()

    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))  # refuses messages beyond gRPC's own 4 MiB
    add_TraceServiceServicer_to_server(Servicer(), server)
    add_MetricsServiceServicer_to_server(Metrics(), server)
    if certificate is None:
        port = server.add_insecure_port("127.0.0.1:0")
        receiver.url = f"http://localhost:{port}"
    else:
        chain, key = (path.read_bytes() for path in certificate)
        port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([(key, chain)]))
        receiver.url = f"https://localhost:{port}"
    server.start()
    try:
        yield receiver
    finally:
        receiver.wait.set()
        server.stop(None).wait()
