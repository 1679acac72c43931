"""gunicorn: forked workers, with the application loaded before or after the fork; recycled, killed, stopped."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError

import pytest

from export.receivers import Receiver, grpc_receiver, http_receiver

from .running import Program, Site, free_port, program, until
from .told import assert_whole, processes, received, stored, turns

pytest.importorskip("gunicorn", reason="gunicorn is not installed: pip install --group dev")

KINDS = {"sync": [], "gthread": ["--threads=4"]}
LOADING = {"load in worker": [], "preload": ["--preload", "--max-requests=20"]}
"""Recycled workers are forked from a loaded application, where that costs no second each."""


@contextmanager
def gunicorn(folder: Path, receiver: Receiver, *options: str, **more: str) -> Iterator[tuple[Program, Site]]:
    """Run gunicorn with two workers; the bot ships to a receiver and into the store `s`."""
    port = free_port()
    bind = f"--bind=127.0.0.1:{port}"
    command = ("-m", "gunicorn", bind, "--workers=2", "--no-control-socket", *options, "wsgi:application")
    settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "CONVQA_STORE": "s", "OTEL_SERVICE_NAME": "bot"}
    with program(*command, folder=folder, **settings, **more) as server:
        site = Site(port)
        until(site.answers, "gunicorn answers")
        yield server, site


@pytest.mark.parametrize("loading", LOADING)
@pytest.mark.parametrize("kind", KINDS)
def test_a_bot_in_production(tmp_path: Path, kind: str, loading: str) -> None:
    """Every answered message is one whole turn of the worker that answered it, whatever happens to the workers."""
    options = [f"--worker-class={kind}", *KINDS[kind], *LOADING[loading]]
    with http_receiver() as receiver, gunicorn(tmp_path, receiver, *options) as (server, site):
        answered = site.ask_all([f"busy-{n}" for n in range(100)])
        until(lambda: len(turns(received(receiver))) == 100, "all turns arrive")
        with ThreadPoolExecutor(1) as pool:
            victim = site.ask("victim")
            answered["victim"] = victim
            until(lambda: "victim" in turns(received(receiver)), "the turn arrives")
            os.kill(victim, signal.SIGKILL)
            answered |= site.ask_all([f"after-{n}" for n in range(10)], parallel=1)
            slow = pool.submit(site.ask, "slow", 1.0)
            until(lambda: "the model is slow" in server.output, "the worker is busy")
            assert server.terminate() == 0
            answered["slow"] = slow.result()
        assert len(set(answered.values())) > (5 if loading == "preload" else 1)
        for told in (received(receiver), stored(tmp_path / "s")):
            assert_whole(told, answered)
            assert processes(told) == answered
            instances = {(span.resource["process.pid"], span.resource["service.instance.id"]) for span in told}
            assert len(instances) == len({instance for _, instance in instances}) == len(set(answered.values()))
        assert "Traceback" not in server.output


def test_a_loaded_application_that_ships_over_grpc(tmp_path: Path) -> None:
    """A channel that was made before the fork does no harm to the workers, which make their own."""
    options = ("--preload", "--max-requests=10", "--timeout=20")
    with (
        grpc_receiver() as receiver,
        gunicorn(tmp_path, receiver, *options, OTEL_EXPORTER_OTLP_PROTOCOL="grpc") as (server, site),
    ):
        answered = site.ask_all([f"c-{n}" for n in range(50)])
        assert server.terminate() == 0
        assert len(set(answered.values())) > 3
        for told in (received(receiver), stored(tmp_path / "s")):
            assert_whole(told, answered)
            assert processes(told) == answered


def test_greenlets(tmp_path: Path) -> None:
    """Turns that take turns in one thread, everything patched by gevent, do not mix and leave all the same."""
    pytest.importorskip("gevent", reason="gevent is not installed: pip install --group dev")
    with http_receiver() as receiver, gunicorn(tmp_path, receiver, "--worker-class=gevent") as (server, site):
        names = [f"c-{n}" for n in range(40)]
        with ThreadPoolExecutor(8) as pool:
            answered = dict(zip(names, pool.map(site.ask, names, [0.05] * len(names)), strict=True))
        assert server.terminate() == 0
        for told in (received(receiver), stored(tmp_path / "s")):
            assert_whole(told, answered)
            assert processes(told) == answered


def test_a_worker_that_takes_too_long(tmp_path: Path) -> None:
    """The turn that gunicorn aborts is delivered with what it had, as an error; the worker that follows records."""
    with http_receiver() as receiver, gunicorn(tmp_path, receiver, "--preload", "--timeout=1") as (server, site):
        with pytest.raises((HTTPError, ConnectionError)):
            site.ask("hanging", 30.0)
        assert site.ask("next") > 0
        assert server.terminate() == 0
        for told in (received(receiver), stored(tmp_path / "s")):
            assert_whole(told, ["hanging", "next"])
            (turn,) = [span for span in told if span.conversation_id == "hanging" and span.stage == "turn"]
            assert (turn.attributes["convqa.status"], turn.attributes["error.type"]) == ("error", "SystemExit")
