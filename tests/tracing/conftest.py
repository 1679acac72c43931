"""A synchronous SDK that records in memory, put in force for one test."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider

from convqa_sdk import isolation
from convqa_sdk.export.exporters import MemoryExporter
from convqa_sdk.export.sdk import Sdk, hold
from convqa_sdk.export.settings import read_settings
from convqa_sdk.tracing.current import running

KEY = b"k" * 32


class Recorded:
    """What left the SDK, with the questions that tests ask."""

    def __init__(self, sdk: Sdk, exporter: MemoryExporter) -> None:
        self.sdk = sdk
        self.exporter = exporter

    @property
    def all(self) -> tuple[ReadableSpan, ...]:
        return self.exporter.spans

    def of(self, stage: str) -> list[ReadableSpan]:
        """Spans of one kind of stage, in the order of export."""
        return [span for span in self.all if (span.attributes or {}).get("convqa.stage") == stage]

    def one(self, stage: str) -> ReadableSpan:
        found = self.of(stage)
        assert len(found) == 1, f"{len(found)} spans of {stage}: {[span.name for span in self.all]}"
        return found[0]

    def attributes(self, stage: str) -> dict[str, Any]:
        return dict(self.one(stage).attributes or {})

    def value(self, stage: str, key: str) -> Any:
        return self.attributes(stage).get(key)

    def status(self, stage: str) -> Any:
        return self.value(stage, "convqa.status")

    def statuses(self, stage: str) -> list[Any]:
        return [(span.attributes or {})["convqa.status"] for span in self.of(stage)]

    def violations(self, stage: str) -> tuple[str, ...]:
        return tuple(self.value(stage, "convqa.instrumentation.violations") or ())

    @property
    def stats(self) -> Any:
        return self.sdk.stats()

    @property
    def text(self) -> str:
        """Everything that left, as one text: for leaks."""
        return "\n".join(
            json.dumps([span.name, dict(span.attributes or {}), span.status.description, *events(span)], default=str)
            for span in self.all
        )


def events(span: ReadableSpan) -> list[tuple[str, dict[str, Any]]]:
    """A span's events as pairs of name and attributes."""
    return [(event.name, dict(event.attributes or {})) for event in span.events]


def is_child(child: ReadableSpan, parent: ReadableSpan) -> bool:
    """Tell whether one span is the other's direct child, in one trace."""
    return (
        child.parent is not None
        and child.parent.span_id == parent.context.span_id
        and child.context.trace_id == parent.context.trace_id
    )


Make = Callable[..., Recorded]


@pytest.fixture
def record() -> Iterator[Make]:
    """Put a synchronous SDK in force; settings as for `configure()`, `strict=True` raises where production counts."""
    releases: list[Callable[[], None]] = []

    def make(*, strict: bool = False, **settings: Any) -> Recorded:
        exporter = MemoryExporter()
        given = {"exporters": (exporter,), "key": KEY, "service_name": "bot", **settings}
        sdk = Sdk(read_settings(given, {}), synchronous=True, strict=strict)
        releases.append(hold(sdk))
        return Recorded(sdk, exporter)

    isolation.reset()
    yield make
    for release in reversed(releases):
        release()
    isolation.reset()
    assert running.get() is None, "the test left a stage running"
    assert trace.get_current_span() is trace.INVALID_SPAN, "the test left a span current"


@pytest.fixture
def spans(record: Make) -> Recorded:
    """What a bot records when it joins OpenTelemetry, which is so without a provider of the application's."""
    return record()


@pytest.fixture
def off() -> Iterator[None]:
    """An SDK that is switched off."""
    release = hold(Sdk(read_settings({"disabled": True}, {})))
    yield
    release()


@pytest.fixture
def no_detach_errors(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail when OpenTelemetry complains about its context."""
    yield
    gc.collect()
    assert [r.getMessage() for r in caplog.records if r.name.startswith("opentelemetry")] == []


@pytest.fixture
def clean_context() -> Iterator[None]:
    """Run with an empty OpenTelemetry context, and leave it so."""
    token = otel_context.attach(otel_context.Context())
    yield
    otel_context.detach(token)


@pytest.fixture
def app() -> TracerProvider:
    """The application's own tracer provider, never set globally."""
    return TracerProvider()


def nothing_current() -> bool:
    """Tell whether neither a stage of ours nor any OpenTelemetry span is current."""
    return running.get() is None and not trace.get_current_span().get_span_context().is_valid
