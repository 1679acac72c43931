"""One place that spans go to: a bounded queue and a thread of its own, so that a slow one delays no other."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from opentelemetry import context as otel_context
from opentelemetry.context import (
    _SUPPRESS_HTTP_INSTRUMENTATION_KEY as SUPPRESS_HTTP,  # pyright: ignore[reportPrivateUsage] # reason: no public name
)
from opentelemetry.context import (
    _SUPPRESS_INSTRUMENTATION_KEY as SUPPRESS,  # pyright: ignore[reportPrivateUsage] # reason: no public name
)
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from convqa_sdk.export.dialects import Translate
from convqa_sdk.export.otlp_http import exporting
from convqa_sdk.export.reasons import Explaining, Reason
from convqa_sdk.isolation import fault

Done = Callable[[str, str], None]


class Bundle(NamedTuple):
    """The spans of one unit, kept together.

    Attributes:
        spans: Finished spans.
        sizes: Their estimated sizes on the wire, in bytes.
        size: The sum of these.
        done: Told once whether they left: the cause of the loss, empty when they did, and the destination's name.
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
        renew: Makes the exporter again in a forked child, which must not share sockets, files or locks with its
            parent; None: the exporter is the caller's, who knows what a fork does to it.
        translate: Makes spans of the destination's dialect, within the span limits; None: they are only limited.

    Attributes:
        deliveries: How many batches its exporter has taken, without doubt.
    """

    def __init__(
        self,
        name: str,
        exporter: SpanExporter,
        *,
        batch_spans: int,
        batch_bytes: int,
        queue_bytes: int,
        renew: Callable[[], SpanExporter] | None = None,
        translate: Translate | None = None,
    ) -> None:
        self.name = name
        self.exporter = exporter
        self.translate = translate
        self.deliveries = 0
        self._batch_spans = batch_spans
        self._batch_bytes = batch_bytes
        self._queue_bytes = queue_bytes
        self._enough_bytes = min(batch_bytes, queue_bytes // 4)  # worth a call, and far from a full queue
        self._renew = renew
        self._reset()

    def _reset(self) -> None:
        self._queue: deque[Bundle] = deque()
        self._sending: list[Bundle] = []
        self._bytes = 0
        self._spans = 0
        self._due = False
        self._busy = False
        self._stopping = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._flusher: threading.Thread | None = None
        self._errands: deque[Callable[[], object]] = deque()  # for the thread, when it has sent everything
        self._closing = False
        self.closed = threading.Event()

    def after_fork(self) -> None:
        """Start empty in a forked child, without a thread and with an exporter of its own."""
        self._reset()
        if self._renew is not None:
            self.exporter = self._renew()

    @property
    def has_thread(self) -> bool:
        """Whether its thread was started."""
        return self._thread is not None

    @property
    def reason(self) -> Reason | None:
        """Why the last export that failed did, where the exporter is ours and knows."""
        return self.exporter.reason if isinstance(self.exporter, Explaining) else None

    @property
    def unconfirmed(self) -> int:
        """How many batches went to somebody whose answer confirms nothing, where the exporter is ours and knows."""
        return self.exporter.unconfirmed if isinstance(self.exporter, Explaining) else 0

    @property
    def idle(self) -> bool:
        """Whether nothing waits and nothing is being sent."""
        with self._changed:
            return not self._queue and not self._busy

    def send(self, bundle: Bundle) -> None:
        """Queue a bundle for the thread, which waits for a full batch; lose it when the queue is full."""
        with self._changed:
            refusal = self._refusal(bundle)
            if not refusal:
                self._queue.append(bundle)
                self._bytes += bundle.size
                self._spans += len(bundle.spans)
                if self._spans >= self._batch_spans or self._bytes >= self._enough_bytes:
                    self._hurry()
        if refusal:
            bundle.done(refusal, self.name)

    def release(self) -> None:
        """Have the thread send what waits, however little that is."""
        with self._changed:
            if self._queue:
                self._hurry()

    def _hurry(self) -> None:
        self._due = True
        self._changed.notify()

    def _refusal(self, bundle: Bundle) -> str:
        """Return why a bundle cannot be queued, empty when it can."""
        if self._stopping:
            return "stopped"
        if self._bytes and self._bytes + bundle.size > self._queue_bytes:
            return "destination_full"
        return "" if self.start() else "no_thread"

    def start(self) -> bool:
        """Start the thread where there is none; tell whether there is one."""
        if self._thread is None:
            thread = threading.Thread(target=self._run, name=f"convqa-{self.name}", daemon=True)
            self._thread = thread  # before it starts: a signal of the bot's may end the waiting for that
            try:
                thread.start()
            except RuntimeError:  # no more threads on this machine, or an interpreter that is ending
                self._thread = None
                return False
        return True

    def send_now(self, bundle: Bundle) -> None:
        """Send in the caller's thread (test kit)."""
        bundle.done(self._send([bundle]), self.name)

    def _run(self) -> None:
        while True:
            cause = "export_raised"
            try:
                taken = self._next()
                if taken:
                    cause = self._send(taken)
                elif self._errands:
                    self._errands.popleft()()
                else:
                    return
            except BaseException as error:  # noqa: BLE001 - out of memory, or thrown into this thread; it goes on
                fault(f"thread:{self.name}", error)
            self._finish(cause)

    def _next(self) -> list[Bundle]:
        """Wait for work and take it; empty when there is an errand, or the thread has to end."""
        with self._changed:
            while not (self._queue and self._due) and not self._stopping and not self._errands:
                self._changed.wait()
            if self._queue:
                self._busy = True
                self._sending = self._take()
            self._due = self._due and bool(self._queue)
            return list(self._sending)

    def _finish(self, cause: str) -> None:
        with self._changed:  # whoever takes bundles out of the lists tells them what became of them
            finished, self._sending = self._sending, []
            self._bytes -= sum(bundle.size for bundle in finished)
        for bundle in finished:
            bundle.done(cause, self.name)
        with self._changed:
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
        self._spans -= spans
        return taken

    def _send(self, bundles: Sequence[Bundle]) -> str:
        cause, doubts = "", self.unconfirmed
        for chunk in self._chunks(bundles):
            cause = self._export(chunk) or cause
        if not cause and self.unconfirmed == doubts:
            self.deliveries += 1
        return cause

    def _chunks(self, bundles: Sequence[Bundle]) -> Iterator[list[ReadableSpan]]:
        """Split spans into calls within both bounds; a single span is always sent."""
        chunk: list[ReadableSpan] = []
        size = 0
        for bundle in bundles:
            for span, weight in zip(bundle.spans, bundle.sizes, strict=True):
                if chunk and (len(chunk) >= self._batch_spans or size + weight > self._batch_bytes):
                    yield chunk
                    chunk, size = [], 0
                chunk.append(span)
                size += weight
        if chunk:
            yield chunk

    def _export(self, spans: list[ReadableSpan]) -> str:
        try:
            with _unobserved():
                result = exporting(self.exporter)(spans)
        except BaseException as error:  # noqa: BLE001 - whatever an exporter raises, even SystemExit, the thread goes on
            fault(f"export:{self.name}", error)
            return "export_raised"
        return "" if result is SpanExportResult.SUCCESS else "export_failed"

    def flush(self, deadline: float) -> bool:
        """Have the exporter send what it keeps itself, as a batch processor does; tell whether it did by `deadline`."""
        if getattr(type(self.exporter), "force_flush", None) in (None, SpanExporter.force_flush):
            return True  # keeps nothing
        if self._flusher is not None:  # one that hangs is waited for again, instead of beside another one
            self._flusher.join(max(0.0, deadline - time.monotonic()))
            if self._flusher.is_alive():
                return False
        done: list[bool] = []
        over = threading.Event()

        def flush() -> None:
            done.append(self._force_flush(deadline))
            over.set()

        thread = threading.Thread(target=flush, daemon=True)
        try:
            thread.start()
            self._flusher = thread
        except RuntimeError:  # no new thread in an interpreter that is ending
            if not self.has_thread:
                return False
            with self._changed:
                self._errands.append(flush)
                self._changed.notify_all()
        over.wait(max(0.0, deadline - time.monotonic()))
        return done == [True]

    def _force_flush(self, deadline: float) -> bool:
        try:
            with _unobserved():
                return bool(self.exporter.force_flush(max(1, int(1000 * (deadline - time.monotonic())))))
        except BaseException as error:  # noqa: BLE001 - as for export
            fault(f"flush:{self.name}", error)
            return False

    def abandon(self, cause: str) -> None:
        """Give up what waits, and what is in the hands of an exporter that does not return."""
        with self._changed:
            given_up = [*self._sending, *self._queue]
            self._sending = []
            self._queue.clear()
            self._bytes = self._spans = 0
        for bundle in given_up:
            bundle.done(cause, self.name)

    def stop(self, *, close: bool) -> None:
        """Let the thread end when its queue is empty, and close the exporter before."""
        with self._changed:
            self._stopping = True
            if close:
                self._errands.append(self.close)
            self._changed.notify_all()

    def close(self) -> None:
        """Shut the exporter down, once, from a thread that nobody waits for longer than he wants to."""
        with self._changed:
            if self._closing:
                return
            self._closing = True
        try:
            with _unobserved():
                self.exporter.shutdown()
        except BaseException as error:  # noqa: BLE001 - as for export
            fault(f"shutdown:{self.name}", error)
        self.closed.set()


@contextmanager
def _unobserved() -> Generator[None]:
    """Keep the application's own instrumentation of HTTP clients and gRPC from tracing our exports."""
    token = otel_context.attach(otel_context.set_value(SUPPRESS, True, otel_context.set_value(SUPPRESS_HTTP, True)))
    try:
        yield
    finally:
        otel_context.detach(token)
