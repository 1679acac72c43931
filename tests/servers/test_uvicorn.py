"""uvicorn in one process and in several, stopped as an orchestrator does."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from export.receivers import http_receiver

from .running import Site, free_port, program, until
from .told import assert_whole, processes, received, stored

pytest.importorskip("uvicorn", reason="uvicorn is not installed: pip install --group dev")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_bot_in_production(tmp_path: Path, workers: int) -> None:
    """Every answered message is one whole turn of the worker that answered it, also the one in flight at the end."""
    port = free_port()
    command = ("-m", "uvicorn", "asgi:application", f"--port={port}", f"--workers={workers}", "--log-level=warning")
    with http_receiver() as receiver:
        settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "CONVQA_STORE": "s", "CONVQA_INTERVAL_S": "30"}
        with program(*command, folder=tmp_path, **settings) as server, ThreadPoolExecutor(1) as pool:
            site = Site(port)
            until(site.answers, "uvicorn answers")
            answered = site.ask_all([f"busy-{n}" for n in range(60)])
            slow = pool.submit(site.ask, "slow", 1.0)
            until(lambda: "the model is slow" in server.output, "a worker is busy")
            assert server.terminate() == (0 if workers > 1 else -signal.SIGTERM)  # alone, it ends by the signal itself
            answered["slow"] = slow.result()
        for told in (received(receiver), stored(tmp_path / "s")):
            assert_whole(told, answered)
            assert processes(told) == answered
        assert "Traceback" not in server.output
