"""A provider on the loopback interface that answers the real clients."""

from __future__ import annotations

import json
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


class Provider:
    """Answers every request with the payload: a dict as JSON, a list of dicts as server-sent events.

    A pair is the body and its content type.
    """

    def __init__(self) -> None:
        self.payload: Any = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                body, kind = provider.body()
                self.send_response(200)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                """Keep quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def body(self) -> tuple[bytes, str]:
        if isinstance(self.payload, tuple):
            return self.payload
        if isinstance(self.payload, dict):
            return json.dumps(self.payload).encode(), "application/json"
        lines = [
            (f"event: {event['type']}\n" if "type" in event else "") + f"data: {json.dumps(event)}\n\n"
            for event in self.payload
        ]
        if "type" not in self.payload[0]:
            lines.append("data: [DONE]\n\n")
        return "".join(lines).encode(), "text/event-stream"


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """A provider that is listening."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    provider = Provider()
    thread = threading.Thread(target=provider.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield provider
    provider.server.shutdown()
    provider.server.server_close()
    thread.join()


Bounded = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def bounded() -> Bounded:
    """A block that takes less than 16 MB, however much it is given."""

    @contextmanager
    def measured() -> Iterator[None]:
        tracemalloc.start()
        try:
            yield
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 16_000_000

    return measured
