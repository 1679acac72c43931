"""What a backend answers beyond yes: which spans of a batch it left out (partial success), or why it took none."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from convqa_sdk.export.otlp_http import exporting
from convqa_sdk.export.reasons import Explaining, Reason
from convqa_sdk.isolation import fault

OnRejected = Callable[[int], None]


class Rejections:
    """What the answer to the batch in hand says; used by one exporter, in its own thread.

    Args:
        on_rejected: Told how many spans of a batch were left out; no backend says which.

    Attributes:
        reason: Why the last attempt failed; None: it did not, or nobody knows.
        unconfirmed: How many answers were a success by their status, and otherwise none.
    """

    def __init__(self, on_rejected: OnRejected) -> None:
        self._on_rejected = on_rejected
        self._spans = 0
        self.reason: Reason | None = None
        self.unconfirmed = 0

    def note(self, spans: int) -> None:
        """Note how many spans an answer says were left out."""
        self._spans = max(0, spans)

    def settle(self, batch: Sequence[ReadableSpan]) -> None:
        """Tell what was noted of `batch`, but for reports of losses: they would be followed by others without end."""
        noted, self._spans = self._spans, 0
        if noted:
            fault("rejected:otlp")
            counted = sum((span.attributes or {}).get("convqa.stage") != "loss" for span in batch)
            self._on_rejected(min(noted, counted))


class Listened(Explaining):
    """An exporter whose backend's answers are noted while it sends.

    Args:
        exporter: Sends.
        rejections: What the answers say.
    """

    def __init__(self, exporter: SpanExporter, rejections: Rejections) -> None:
        self._exporter = exporter
        self._rejections = rejections

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send spans, and tell how many of them were rejected."""
        self._rejections.reason = None
        result = exporting(self._exporter)(spans)
        self._rejections.settle(spans)
        self.unconfirmed = self._rejections.unconfirmed
        if result is not SpanExportResult.SUCCESS:
            self.reason = self._rejections.reason
        return result

    def shutdown(self) -> None:
        """Close the exporter."""
        self._exporter.shutdown()
