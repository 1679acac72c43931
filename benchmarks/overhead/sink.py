"""Takes OTLP over HTTP in a process of its own; counts whole and torn turns when it is asked, and then forgets them.

The spans of a turn are its root and the root's children.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from exporters import SINK
from workload import SPANS


@contextmanager
def running() -> Iterator[None]:
    """Run a sink for as long as the block, and name it in the environment."""
    command = [sys.executable, str(Path(__file__))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            os.environ[SINK] = process.stdout.readline().strip()
            yield
        finally:
            process.terminate()


def collect() -> dict[str, int]:
    """Return how many turns came since the last call, `whole` and `torn`."""
    with urllib.request.urlopen(os.environ[SINK], timeout=60) as answer:
        counted: dict[str, int] = json.load(answer)
    return counted


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    bodies: list[bytes] = []  # noqa: RUF012 - one server, one list

    def do_POST(self) -> None:
        """Keep a message; it is read when somebody asks, so that reading costs the measured process nothing."""
        self.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self._reply(b"", "application/x-protobuf")

    def do_GET(self) -> None:
        """Count."""
        spans = spans_by_turn(self.bodies)
        self.bodies.clear()
        whole = sum(1 for count in spans.values() if count == SPANS)
        self._reply(json.dumps({"whole": whole, "torn": len(spans) - whole}).encode(), "application/json")

    def _reply(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def spans_by_turn(bodies: list[bytes]) -> Counter[bytes]:
    """Return how many spans came of each turn, by the id of its root."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    spans: Counter[bytes] = Counter()
    for body in bodies:
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope in resource.scope_spans:
                spans.update(span.parent_span_id or span.span_id for span in scope.spans if span.name != "loss")
    return spans


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
