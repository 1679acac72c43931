"""Celery's prefork pool: children that are recycled, that run into time limits, and a warm shutdown."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from export.receivers import http_receiver
from processes import child

from .running import free_port, program, until
from .told import assert_whole, processes, received, stored

celery = pytest.importorskip("celery", reason="celery is not installed: pip install --group dev")


@contextmanager
def broker(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield URL and options of a message broker: a Redis server where there is one, else files."""
    server = shutil.which("redis-server")
    if server is None:
        queue = folder / "queue"
        queue.mkdir()
        folders = dict.fromkeys(("data_folder_in", "data_folder_out"), str(queue))
        yield "filesystem://", folders | {"control_folder": str(folder / "control")}
        return
    port = free_port()
    command = [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with (folder / "redis.log").open("wb") as log, child(command, stdout=log):
        until(lambda: b"Ready to accept" in (folder / "redis.log").read_bytes(), "Redis is ready")
        yield f"redis://127.0.0.1:{port}/0", {}


def answered(folder: Path) -> dict[str, int]:
    """Which process answered which conversation, as the application wrote it down."""
    done = folder / "answered"
    lines = done.read_text(encoding="utf-8").splitlines() if done.exists() else []
    return {name: int(process) for name, process in map(str.split, lines)}


def test_a_bot_behind_celery(tmp_path: Path) -> None:
    """Every task that ended is one whole turn of the child that ran it; one that is killed leaves nothing half."""
    command = ("-m", "celery", "-A", "tasks", "worker", "--pool=prefork", "--concurrency=2", "--max-tasks-per-child=5")
    with http_receiver() as receiver, broker(tmp_path) as (url, options):
        settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "CONVQA_STORE": "s", "CONVQA_INTERVAL_S": "30"}
        settings |= {"BROKER": url, "BROKER_OPTIONS": json.dumps(options), "OTEL_SERVICE_NAME": "bot"}
        with program(*command, folder=tmp_path, **settings) as worker, celery.Celery(broker=url) as client:
            client.conf.broker_transport_options = options
            for task, name in (("hopeless", "hopeless"), ("too_slow", "too-slow")):
                client.send_task(f"tasks.{task}", [name])
            until(lambda: "Hard time limit" in worker.output, "the hopeless one is killed")
            for n in range(30):
                client.send_task("tasks.answer", [f"busy-{n}"])
            until(lambda: len(answered(tmp_path)) == 30, "all tasks are done")
            client.send_task("tasks.answer", ["slow", 1.0])
            until(lambda: worker.output.count("the model is slow") == 2, "a child is busy once more")
            assert worker.terminate() == 0
        done = answered(tmp_path)
        assert len(set(done.values())) > 5
        assert "slow" in done
        for everything in (received(receiver), stored(tmp_path / "s")):
            assert "hopeless" not in {span.conversation_id for span in everything}
            told = [span for span in everything if span.conversation_id != "hopeless"]
            (cut,) = [span for span in told if span.conversation_id == "too-slow" and span.stage == "turn"]
            assert cut.attributes["convqa.status"] == "error"
            assert cut.attributes["error.type"] == "billiard.exceptions.SoftTimeLimitExceeded"
            assert_whole(told, [*done, "too-slow"])
            ran = processes(told)
            del ran["too-slow"]
            assert ran == done
