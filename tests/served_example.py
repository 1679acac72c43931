"""Runs `examples/existing_otel` as it runs for a user: the application in a process of its own, on a real port.

Run as a script, it is that process. The listening socket is the test's: connections wait in it until the application
accepts them, so nothing has to be polled, and one port can serve one process after another.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import uvicorn

ROOT = Path(__file__).parents[1]
CLEAN = ("CONVQA_", "OTEL_", "PYTHON")
DEADLINE_S = 60
CONVERSATIONS = ["c-answered", "c-handed-over", "c-streamed", "c-failed", "c-broken"]


@dataclass
class Services:
    """The services behind the application.

    Attributes:
        url: Where they listen.
        seen: What came in: (method and path, W3C traceparent).
        break_after: Of the next streamed answer, how many pieces leave before the connection breaks; None: all.
    """

    url: str = ""
    seen: list[tuple[str, str]] = field(default_factory=list)
    break_after: int | None = None


def listening() -> socket.socket:
    """Return a socket that listens on a free loopback port."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    return listener


@contextmanager
def served_services() -> Iterator[Services]:
    """Serve the stand-ins of the example in a thread of this process, which is not instrumented."""
    from existing_otel.services import services as app

    services = Services()

    async def noting(scope: Any, receive: Any, send: Any) -> None:
        headers = dict(scope["headers"])
        services.seen.append((f"{scope['method']} {scope['path']}", headers.get(b"traceparent", b"").decode()))
        await app(scope, receive, partial(breaking, send))

    async def breaking(send: Any, message: Any) -> None:
        if services.break_after is not None and message.get("more_body"):
            if services.break_after == 0:
                services.break_after = None
                raise ConnectionError("the model's server is gone")
            services.break_after -= 1
        await send(message)

    with listening() as listener:
        services.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(noting, log_level="critical", ws="none", lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        try:
            yield services
        finally:
            server.should_exit = True
            thread.join(DEADLINE_S)


@contextmanager
def served_app(
    module: str, listener: socket.socket, services: Services, endpoint: str, *arguments: str, **env: str
) -> Iterator[httpx.Client]:
    """Serve `existing_otel.<module>` in a new process; at the end it has flushed everything and ended by itself."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(CLEAN)}
    process = subprocess.Popen(
        [sys.executable, __file__, module, str(listener.fileno()), *arguments],
        pass_fds=[listener.fileno()],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={
            **clean,
            "PYTHONPATH": os.pathsep.join([str(ROOT / "examples"), str(ROOT / "src")]),
            "SERVICES_URL": services.url,
            "OTEL_SERVICE_NAME": "support",
            "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
            "OTEL_BSP_SCHEDULE_DELAY": "600000",  # everything leaves at the end, in one message
            **env,
        },
    )
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    # uvicorn takes the customer's address from this header, so that no port of this client stands in a span
    headers = {"X-Forwarded-For": "192.0.2.7"}
    try:
        with httpx.Client(base_url=url, headers=headers, timeout=DEADLINE_S, trust_env=False) as client:
            yield client
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=DEADLINE_S)
        assert process.returncode == 0, output
    finally:
        process.kill()
        process.communicate(timeout=DEADLINE_S)


def converse(client: httpx.Client, services: Services) -> Iterator[str]:
    """Ask everything that the application treats differently; return what the customer gets."""

    def ask(path: str, conversation: str, text: str, order: str | None = None) -> str:
        question = {"conversation_id": conversation, "text": text, "order_id": order}
        pieces = []
        try:
            with client.stream("POST", path, json=question) as response:
                pieces.append(str(response.status_code))
                pieces.extend(response.iter_text())
        except httpx.RemoteProtocolError:
            pieces.append("<broken>")
        return " ".join("".join(pieces).split())

    yield ask("/chat", "c-answered", "Where is my money? I am jane@example.com", "LL-20417")
    yield ask("/chat", "c-handed-over", "Sing me a song")
    yield ask("/chat/stream", "c-streamed", "How long does delivery take?")
    yield ask("/chat", "c-failed", "Where is my money?", "LL-00000")
    services.break_after = 3
    yield ask("/chat/stream", "c-broken", "How long does delivery take?")


def main(module: str, descriptor: str, store: str = "", counted: str = "") -> None:
    """Serve an application that was instrumented before, with convqa_sdk added when the module is `app`.

    Args:
        module: Of the example: `before` or `app`.
        descriptor: Of the socket.
        store: Folder of the local store and only destination; empty: what the environment names.
        counted: Not empty: the application's ids come from a seed and its clock counts.
    """
    from importlib import import_module
    from itertools import count

    from existing_otel import telemetry

    app = import_module(f"existing_otel.{module}").app
    if counted:
        import random

        from opentelemetry.sdk import trace

        random.seed(7)  # OpenTelemetry draws ids from the shared generator
        trace.time_ns = count(1_800_000_000_000_000_000, 1_000_000).__next__
    telemetry.instrument(app)
    if module == "app":
        import convqa_sdk as convqa

        convqa.configure(service_name="support", key=b"k" * 32, store=store or None)
    uvicorn.run(app, fd=int(descriptor), log_level="critical", ws="none")


if __name__ == "__main__":
    main(*sys.argv[1:])
