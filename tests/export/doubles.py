"""Exporters that misbehave."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

SUCCESS, FAILURE = SpanExportResult.SUCCESS, SpanExportResult.FAILURE


class Keeping(SpanExporter):
    """Keeps batches; subclasses misbehave first."""

    def __init__(self) -> None:
        self.batches: list[list[ReadableSpan]] = []
        self.shutdowns = 0

    @property
    def spans(self) -> list[ReadableSpan]:
        return [span for batch in self.batches for span in batch]

    @property
    def turns(self) -> list[str]:
        return [str(attributes(s)["gen_ai.conversation.id"]) for s in self.spans if stage(s) == "turn"]

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.batches.append(list(spans))
        return SUCCESS

    def shutdown(self) -> None:
        self.shutdowns += 1


class Failing(Keeping):
    """Says that it failed while `broken`."""

    broken = True

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return FAILURE if self.broken else super().export(spans)


class Raising(Keeping):
    """Raises, and quotes what it got."""

    def __init__(self, error: type[BaseException] = RuntimeError) -> None:
        super().__init__()
        self.error = error

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        raise self.error(f"cannot export {[dict(attributes(span)) for span in spans]}")

    def shutdown(self) -> None:
        raise self.error("cannot stop")


class Hanging(Keeping):
    """Does not return until it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.entered = threading.Event()
        self.release = threading.Event()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.entered.set()
        self.release.wait(60)
        return super().export(spans)


class HangingEverywhere(Hanging):
    """Does not return from flush and shutdown either."""

    def shutdown(self) -> None:
        self.release.wait(60)

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        self.release.wait(60)
        return True


class Slow(Keeping):
    """Takes its time over each batch."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        time.sleep(0.02)
        return super().export(spans)


def attributes(span: ReadableSpan) -> dict[str, Any]:
    """Attributes of a span."""
    return dict(span.attributes or {})


def stage(span: ReadableSpan) -> Any:
    """Which stage a span records."""
    return attributes(span).get("convqa.stage")


def lost(spans: Sequence[ReadableSpan]) -> int:
    """The sum of what loss spans say."""
    return sum(int(attributes(span)["convqa.loss.turns"]) for span in spans if stage(span) == "loss")


def wait_until(condition: Any, timeout: float = 10.0) -> None:
    """Wait for a condition, with a generous deadline."""
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.005)
