"""SDKs for one test: synchronous ones that record in memory, and real ones with threads."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan

from convqa_sdk import isolation
from convqa_sdk.export import sdk as module
from convqa_sdk.export.exporters import MemoryExporter
from convqa_sdk.export.sdk import Sdk, configure, hold
from convqa_sdk.export.settings import read_settings
from convqa_sdk.store.segments import StoredSpan, Tally, read_spans
from convqa_sdk.testing.clock import TestClock

from .metering import Meter
from .receivers import Answer, Receiver, http_receiver

KEY = b"k" * 32
SECRET = "jane@example.com"
PREFIXES = ("CONVQA_", "OTEL_")

Record = Callable[..., "Recorded"]
Kept = Callable[..., Callable[[], tuple[ReadableSpan, ...]]]
Start = Callable[..., Sdk]
Ship = Callable[..., tuple[Sdk, Receiver]]
Run = Callable[..., subprocess.CompletedProcess[str]]


class Recorded:
    """What left a synchronous SDK."""

    def __init__(self, sdk: Sdk, exporter: MemoryExporter) -> None:
        self.sdk = sdk
        self.exporter = exporter

    @property
    def all(self) -> tuple[Any, ...]:
        return self.exporter.spans

    def one(self, stage: str) -> Any:
        (span,) = [span for span in self.all if span.attributes["convqa.stage"] == stage]
        return span

    def attributes(self, stage: str) -> dict[str, Any]:
        return dict(self.one(stage).attributes)

    def violations(self, stage: str) -> set[str]:
        return set(self.attributes(stage).get("convqa.instrumentation.violations", ()))

    @property
    def text(self) -> str:
        """Everything that left, as one text."""
        return "\n".join(repr(everything(span)) for span in self.all)


def everything(span: Any) -> tuple[Any, ...]:
    """All parts of a span that hold text."""
    contexts = (span.context, span.parent, *(link.context for link in span.links))
    return (
        span.name,
        dict(span.attributes),
        span.status.description,
        [(event.name, dict(event.attributes)) for event in span.events],
        [dict(link.attributes or {}) for link in span.links],
        [context.trace_state.to_header() for context in contexts if context is not None],
        dict(span.resource.attributes),
    )


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Run each test without telemetry variables of this machine, in a folder of its own, with nothing configured."""
    for name in [name for name in os.environ if name.startswith(PREFIXES)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    isolation.reset()
    yield
    current = module._current
    if current is not None:
        current.shutdown(0.2)
        module._current = None
    isolation.reset()


@pytest.fixture
def record() -> Iterator[Record]:
    """Put a synchronous SDK in force that records in memory; settings as for `configure()`."""
    releases: list[Callable[[], None]] = []

    def make(**settings: Any) -> Recorded:
        exporter = MemoryExporter()
        given = {"exporters": (exporter,), "key": KEY, "service_name": "bot", **settings}
        sdk = Sdk(read_settings(given, {}), synchronous=True)
        releases.append(hold(sdk))
        return Recorded(sdk, exporter)

    yield make
    for release in reversed(releases):
        release()


@pytest.fixture
def meter() -> Iterator[Meter]:
    """A meter provider of the application's."""
    made = Meter()
    yield made
    made.provider.shutdown()


@pytest.fixture
def kept() -> Iterator[Kept]:
    """Record in memory with a clock and ids that are the same every time; settings as for `configure()`."""
    releases: list[Callable[[], None]] = []

    def make(**settings: Any) -> Callable[[], tuple[ReadableSpan, ...]]:
        memory = MemoryExporter()
        given = {"exporters": (memory,), "key": KEY, "service_name": "bot", **settings}
        releases.append(hold(Sdk(read_settings(given, {}), clock=TestClock(), synchronous=True)))
        return lambda: memory.spans

    yield make
    for release in reversed(releases):
        release()


@pytest.fixture
def start() -> Iterator[Start]:
    """Call `configure()`, and shut everything down in the end."""
    started: list[Sdk] = []

    def make(*exporters: Any, **settings: Any) -> Sdk:
        given = {"key": KEY, "service_name": "bot", "interval_s": 0.02, **settings}
        if exporters:
            given["exporters"] = exporters
        started.append(configure(**given))
        return started[-1]

    yield make
    for sdk in started:
        sdk.shutdown(0.2)


@pytest.fixture
def ship(start: Start, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[Ship]:
    """Send to a receiver with these answers, then 200; in the end, the counts add up and no log quotes anything."""
    with http_receiver() as receiver:
        sdks: list[Sdk] = []

        def go(*answers: Answer, timeout: str = "5", **settings: Any) -> tuple[Sdk, Receiver]:
            receiver.answers = list(answers)
            monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
            monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", timeout)
            sdks.append(start(**settings))
            return sdks[-1], receiver

        yield go
        for sdk in sdks:
            sdk.shutdown(1)
            balanced(sdk)
    assert SECRET not in caplog.text


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a script in a new process, in the test's folder; environment variables as keywords."""

    def go(script: str, *arguments: str, timeout: float = 60, check: bool = True, **env: str) -> Any:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(PREFIXES)}
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(script), *arguments],
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            cwd=tmp_path,
            env={**clean, **env},
        )
        assert not check or done.returncode == 0, done.stderr
        return done

    return go


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate for localhost, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl on this machine to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=folder, check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    return folder / "cert.pem", folder / "key.pem"


def balanced(sdk: Sdk) -> None:
    """Every turn that ended is exported, lost, or still on its way."""
    stats = sdk.stats()
    assert stats.recorded == stats.exported + sum(stats.lost.values()) + stats.pending


def stored(store: Path) -> list[StoredSpan]:
    """Everything in a store, which must have no torn line."""
    tally = Tally()
    spans = list(read_spans(store, tally))
    assert tally.torn == 0
    return spans


def turns_in(store: Path) -> list[str]:
    """Conversation ids of the turns in a store."""
    return [span.conversation_id for span in stored(store) if span.stage == "turn"]


def lost_in(store: Path) -> int:
    """The sum of what the store's loss spans say."""
    return sum(span.attributes["convqa.loss.turns"] for span in stored(store) if span.stage == "loss")
