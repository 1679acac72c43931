"""Real servers for one test run: on free loopback ports, ended with the run however it ends."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from processes import child

TRIES = 3
STARTS_WITHIN_S = 180.0

_KEEPER = """
import os, subprocess, sys, threading
server = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
threading.Thread(target=lambda: os._exit(server.wait() or 0), daemon=True).start()
sys.stdin.read()
server.terminate()
try:
    server.wait(1)
except subprocess.TimeoutExpired:
    server.kill()
"""
"""Ends a server when its standard input closes, which it does when the test run ends, and if by being killed."""


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on now."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def address(port: int) -> str:
    """Return a port of this machine as servers want it."""
    return f"127.0.0.1:{port}"


def listens(port: int) -> bool:
    """Tell whether somebody listens on a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(
    command: Callable[[Sequence[int]], Sequence[str]],
    ports: int,
    ready: Callable[[Sequence[int]], bool],
    log: Path,
    env: Callable[[Sequence[int]], Mapping[str, str]] = lambda _: {},
) -> Iterator[Sequence[int]]:
    """Run a server until the block ends, and yield its ports.

    Args:
        command: Makes the command line for given ports.
        ports: How many it needs.
        ready: Tells whether it answers on them.
        log: Gets what it prints.
        env: Makes variables beside the machine's.

    A server that ends by itself before it is ready is tried again on other ports: somebody else may have taken one.
    """
    for attempt in range(1, TRIES + 1):
        chosen = free_ports(ports)
        with log.open("ab") as output, child(
            [sys.executable, "-c", _KEEPER, *command(chosen)],
            stdin=subprocess.PIPE, stdout=output, stderr=output, env={**_plain_environment(), **env(chosen)},
        ) as keeper:  # fmt: skip
            try:
                if _await(keeper, partial(ready, chosen)):
                    yield chosen
                    return
                assert attempt < TRIES, f"{log.name}: the server does not start:\n{log.read_text()[-2_000:]}"
            finally:
                keeper.stdin.close()
                keeper.wait(20)


def _plain_environment() -> dict[str, str]:
    """Return this process's environment without telemetry settings, which servers would read as theirs."""
    return {name: text for name, text in os.environ.items() if not name.startswith(("OTEL_", "CONVQA_", "PHOENIX_"))}


def _await(keeper: subprocess.Popen[bytes], ready: Callable[[], bool]) -> bool:
    """Wait until a server is ready; tell whether it is, and not at its end instead."""
    deadline = time.monotonic() + STARTS_WITHIN_S
    while keeper.poll() is None:
        try:
            if ready():
                return True
        except OSError:
            pass
        assert time.monotonic() < deadline, "the server was not ready in time"
        time.sleep(0.05)
    return False


def get(url: str) -> Any:
    """Return the JSON that a URL answers with."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.load(answer)


def answers(url: str) -> bool:
    """Tell whether a URL answers with 200."""
    with urllib.request.urlopen(url, timeout=5) as answer:
        return bool(answer.status == 200)


T = TypeVar("T")


def wait_for(ask: Callable[[], T], enough: Callable[[T], bool], seconds: float = 30.0) -> T:
    """Ask until the answer is enough or the time is over, and return the last answer."""
    deadline = time.monotonic() + seconds
    while True:
        answer = ask()
        if enough(answer) or time.monotonic() > deadline:
            return answer
        time.sleep(0.05)
