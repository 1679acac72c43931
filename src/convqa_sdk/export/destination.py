"""One place that spans go to: a bounded queue and a thread of its own, so that a slow one delays no other."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from convqa_sdk.isolation import fault

Done = Callable[[str], None]


class Bundle(NamedTuple):
    """The spans of one unit, kept together.

    Attributes:
        spans: Finished spans.
        sizes: Their estimated sizes on the wire, in bytes.
        size: The sum of these.
        done: Told once whether they left: empty when they did, else the cause of the loss.
    """

    spans: Sequence[ReadableSpan]
    sizes: Sequence[int]
    size: int
    done: Done


class Destination:
    """Sends bundles through one exporter, in batches bounded by bytes and count.

    Args:
        name: For diagnostics.
        exporter: An OpenTelemetry span exporter; anything it does is isolated.
        batch_spans: Most spans per call.
        batch_bytes: Most bytes per call, by estimate.
        queue_bytes: Most bytes waiting; beyond, whole bundles are lost and counted.
    """

    def __init__(
        self, name: str, exporter: SpanExporter, *, batch_spans: int, batch_bytes: int, queue_bytes: int
    ) -> None:
        self.name = name
        self.exporter = exporter
        self._batch_spans = batch_spans
        self._batch_bytes = batch_bytes
        self._queue_bytes = queue_bytes
        self.reset()

    def reset(self) -> None:
        """Start empty, without a thread: at first, and in a forked child."""
        self._queue: deque[Bundle] = deque()
        self._bytes = 0
        self._busy = False
        self._stopping = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing waits and nothing is being sent."""
        return not self._queue and not self._busy

    def send(self, bundle: Bundle) -> None:
        """Queue a bundle for the thread, or lose it when the queue is full."""
        with self._changed:
            full = self._bytes + bundle.size > self._queue_bytes and self._bytes > 0
            if not full and not self._stopping:
                self._queue.append(bundle)
                self._bytes += bundle.size
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name=f"convqa-{self.name}", daemon=True)
                    self._thread.start()
                self._changed.notify()
                return
        bundle.done("stopped" if self._stopping else "destination_full")

    def send_now(self, bundles: Sequence[Bundle]) -> None:
        """Send in the caller's thread (test kit)."""
        self._send(list(bundles))

    def _run(self) -> None:
        queue = self._queue  # a forked child has another one
        while True:
            with self._changed:
                while not self._queue and not self._stopping:
                    self._changed.wait()
                if self._stopping and not self._queue:
                    return
                taken = self._take()
                self._busy = True
            try:
                self._send(taken)
            finally:
                with self._changed:
                    if queue is self._queue:
                        self._bytes -= sum(bundle.size for bundle in taken)
                        self._busy = False

    def _take(self) -> list[Bundle]:
        """Take what fits into one call; always at least one bundle."""
        taken: list[Bundle] = []
        spans = size = 0
        while self._queue:
            head = self._queue[0]
            if taken and (spans + len(head.spans) > self._batch_spans or size + head.size > self._batch_bytes):
                break
            taken.append(self._queue.popleft())
            spans += len(head.spans)
            size += head.size
        return taken

    def _send(self, bundles: list[Bundle]) -> None:
        cause = ""
        for chunk in self._chunks(bundles):
            cause = self._export(chunk) or cause
        for bundle in bundles:
            bundle.done(cause)

    def _chunks(self, bundles: list[Bundle]) -> Iterator[list[ReadableSpan]]:
        """Split spans into calls within both bounds; a single span is always sent."""
        chunk: list[ReadableSpan] = []
        size = 0
        for bundle in bundles:
            for span, weight in zip(bundle.spans, bundle.sizes):
                if chunk and (len(chunk) >= self._batch_spans or size + weight > self._batch_bytes):
                    yield chunk
                    chunk, size = [], 0
                chunk.append(span)
                size += weight
        if chunk:
            yield chunk

    def _export(self, spans: list[ReadableSpan]) -> str:
        try:
            result = self.exporter.export(spans)
        except Exception as error:  # noqa: BLE001 - whatever an exporter raises, the bot and other destinations go on
            fault(f"export:{self.name}", error)
            return "export_raised"
        if result is SpanExportResult.SUCCESS:
            return ""
        fault(f"export:{self.name}")
        return "export_failed"

    def abandon(self, cause: str) -> None:
        """Give up what still waits."""
        with self._changed:
            waiting, self._queue = list(self._queue), deque()
            self._bytes = 0
        for bundle in waiting:
            bundle.done(cause)

    def stop(self) -> None:
        """Let the thread end when its queue is empty."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def close(self) -> None:
        """Shut the exporter down, from a thread that nobody waits for longer than he wants to."""
        try:
            self.exporter.shutdown()
        except Exception as error:  # noqa: BLE001 - as for export
            fault(f"shutdown:{self.name}", error)
