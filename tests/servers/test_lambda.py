"""A function whose process is frozen the moment its handler has returned, and thawed for the next event or never."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from export.receivers import Receiver, http_receiver

from .running import APPS, PATIENCE_S, environment, until
from .told import assert_whole, received, stored, turns

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="this system cannot freeze a process")


class Function:
    """A deployed function."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def handle(self, event: str) -> None:
        """Thaw it, have it handle one event, and return when it is frozen again."""
        assert self._process.stdin is not None
        self._process.send_signal(signal.SIGCONT)
        self._process.stdin.write(event + "\n")
        self._process.stdin.flush()
        _, status = os.waitpid(self._process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)

    def answers(self) -> list[str]:
        """End it in peace; return what it answered."""
        self._process.send_signal(signal.SIGCONT)
        answered, _ = self._process.communicate(timeout=PATIENCE_S)
        assert self._process.returncode == 0
        return answered.splitlines()


@contextmanager
def function(kind: str, receiver: Receiver, folder: Path) -> Iterator[Function]:
    """Deploy a function; in the end it is reclaimed, frozen as it is."""
    settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "CONVQA_STORE": "s", "CONVQA_INTERVAL_S": "30"}
    process = subprocess.Popen(
        [sys.executable, str(APPS / "function.py"), kind],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=environment(**settings),
    )
    try:
        yield Function(process)
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE_S)


@pytest.mark.parametrize("kind", ["plain", "coroutine"])
def test_nothing_is_left_unsent_at_the_freeze(tmp_path: Path, kind: str) -> None:
    """Each event's turns have arrived when the process freezes; it is reclaimed frozen, and nothing is missing."""
    with http_receiver() as receiver:
        expected: list[str] = []
        with function(kind, receiver, tmp_path) as deployed:
            for event in ("c-1", "c-2", "c-3"):
                deployed.handle(event)
                expected += [event] if kind == "plain" else [event, *(f"{event}-{n}" for n in range(3))]
                assert sorted(turns(received(receiver))) == sorted(expected)
        for told in (received(receiver), stored(tmp_path / "s")):
            assert_whole(told, expected)


def test_a_handler_that_raises(tmp_path: Path) -> None:
    """Its exception is the runtime's to handle, and its turn has arrived at the freeze."""
    with http_receiver() as receiver, function("plain", receiver, tmp_path) as deployed:
        deployed.handle("bad-1")
        (turn,) = received(receiver)
        assert (turn.conversation_id, turn.attributes["convqa.status"]) == ("bad-1", "error")
        assert deployed.answers() == ["failed"]


def test_a_backend_that_is_slower_than_the_handler_may_wait(tmp_path: Path) -> None:
    """The freeze comes in the middle of an export; with the next event everything arrives, once."""
    with http_receiver() as receiver, function("plain", receiver, tmp_path) as deployed:
        deployed.handle("c-1")
        receiver.delay_s = PATIENCE_S
        deployed.handle("c-2")
        assert turns(received(receiver)) == ["c-1"]
        assert turns(stored(tmp_path / "s")) == ["c-1", "c-2"]
        receiver.wait.set()
        deployed.handle("c-3")
        until(lambda: len(turns(received(receiver))) == 3, "the delayed turn arrives")
        assert deployed.answers() == ["c-1", "c-2", "c-3"]
        for told in (received(receiver), stored(tmp_path / "s")):
            assert_whole(told, ["c-1", "c-2", "c-3"])


def test_a_backend_that_refuses_at_first(tmp_path: Path) -> None:
    """What waits for another try when the process freezes is tried again after the thaw, and arrives once."""
    with http_receiver() as receiver, function("plain", receiver, tmp_path) as deployed:
        receiver.statuses.extend([503] * 2)
        deployed.handle("c-1")
        deployed.handle("c-2")
        deployed.handle("c-3")
        assert deployed.answers() == ["c-1", "c-2", "c-3"]
        assert receiver.refused == 2
        for told in (received(receiver), stored(tmp_path / "s")):
            assert_whole(told, ["c-1", "c-2", "c-3"])
