"""The backends as fixtures: started once per module where they are installed, else skipped with the reason."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from convqa_sdk import isolation
from convqa_sdk.export import sdk as module

from . import collector as collectors
from . import jaeger as jaegers
from . import phoenix as phoenixes

TOOL = Path(__file__).parents[2] / "tools" / "backends"
Program = Callable[[str], str]


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Run each test without telemetry variables of this machine, in a folder of its own, with nothing configured."""
    for name in [name for name in os.environ if name.startswith(("CONVQA_", "OTEL_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    isolation.reset()
    yield
    if module._current is not None:
        module._current.shutdown(0.2)
        module._current = None
    isolation.reset()


@pytest.fixture(scope="session")
def program() -> Program:
    """Return a backend's program, or skip the test."""
    done = subprocess.run(
        [sys.executable, str(TOOL), "--status"], capture_output=True, text=True, check=True, timeout=60
    )
    installed = json.loads(done.stdout)

    def find(name: str) -> str:
        if installed[name] is None:
            pytest.skip(f"{name} is not installed; `make backends` installs it")
        return str(installed[name])

    return find


@pytest.fixture(scope="module")
def jaeger(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Iterator[jaegers.Jaeger]:
    """A Jaeger of this module's own."""
    with jaegers.started(program("jaeger"), tmp_path_factory.mktemp("jaeger")) as running:
        yield running


@pytest.fixture(scope="module")
def phoenix(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Iterator[phoenixes.Phoenix]:
    """A Phoenix of this module's own."""
    with phoenixes.started(program("phoenix"), tmp_path_factory.mktemp("phoenix")) as running:
        yield running


@pytest.fixture(scope="module")
def collector(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Iterator[collectors.Collector]:
    """A Collector of this module's own that writes a file."""
    with collectors.writing(program("collector"), tmp_path_factory.mktemp("collector")) as running:
        yield running
