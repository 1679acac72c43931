"""Starts servers and other programs as operations do, asks them, and ends them in all cases."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

APPS = Path(__file__).with_name("apps")
PATIENCE_S = 60.0


def environment(**variables: str) -> dict[str, str]:
    """Return this machine's environment without its telemetry variables, and with the given ones."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("CONVQA_", "OTEL_", "COV_"))}
    return {**kept, "PYTHONPATH": str(APPS), "OTEL_EXPERIMENTAL_RESOURCE_DETECTORS": "process", **variables}


def free_port() -> int:
    """Return a loopback port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(condition: Callable[[], object], what: str, patience_s: float = PATIENCE_S) -> None:
    """Wait for a condition; fail when it does not come about."""
    end = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.02)


class Program:
    """A program that was started in a session of its own; what it prints is in `log`."""

    def __init__(self, command: list[str], folder: Path, variables: dict[str, str]) -> None:
        self.log = folder / "program.log"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=folder, env=variables, stdout=log, stderr=log, start_new_session=True
            )
        self.pid = self._process.pid

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def terminate(self) -> int:
        """Ask it to end, as an orchestrator does, and return its exit code; no end within the patience fails."""
        self._process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        """Wait for its end and return its exit code."""
        return self._process.wait(PATIENCE_S)

    def kill(self) -> None:
        """End it and everything it started, at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait(PATIENCE_S)


@contextmanager
def program(*command: str, folder: Path, **variables: str) -> Iterator[Program]:
    """Run a program with this interpreter until the block's end."""
    started = Program([sys.executable, *command], folder, environment(**variables))
    try:
        yield started
    finally:
        started.kill()


class Site:
    """A bot on a loopback port."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}/"

    def ask(self, conversation_id: str, pause_s: float = 0.0) -> int:
        """Send one message and return the id of the process that answered."""
        with urllib.request.urlopen(f"{self._url}?id={conversation_id}&pause={pause_s}", timeout=PATIENCE_S) as answer:
            return int(answer.read())

    def ask_all(self, conversations: list[str], parallel: int = 8) -> dict[str, int]:
        """Send messages in parallel; return the process that answered each."""
        with ThreadPoolExecutor(parallel) as pool:
            return dict(zip(conversations, pool.map(self.ask, conversations), strict=True))

    def answers(self) -> bool:
        """Tell whether somebody is there."""
        try:
            with urllib.request.urlopen(self._url, timeout=PATIENCE_S):
                return True
        except OSError:
            return False
