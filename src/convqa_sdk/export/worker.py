"""The export thread: takes whole turns, makes spans of them, hands them to every destination.

Ours because the standard one queues single spans, waits for locks without a deadline and loses a batch for one bad
string (decision 5). Waiting turns are bounded in bytes; a turn that does not fit is lost whole, and counted.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan

from convqa_sdk.export.destination import Bundle, Destination
from convqa_sdk.export.ledger import Delivery, Ledger
from convqa_sdk.export.materialise import Materialiser
from convqa_sdk.isolation import fault
from convqa_sdk.schema.changes import LossSpan
from convqa_sdk.tracing.late import Late
from convqa_sdk.tracing.unit import Unit

WAKE_UNITS = 16
"""Waiting units at which a producer wakes the worker; fewer wait for the interval."""
GIVE_WAY_S = 0.0005
"""How long a producer yields when the queue is more than half full."""
SLICE_NS = 150_000
"""Work after which the worker gives the interpreter away."""


class Pacer:
    """Gives the interpreter away between pieces of work, so that no request waits long for it."""

    __slots__ = ("_since",)

    def __init__(self) -> None:
        self._since = 0

    def pause(self) -> None:
        """Yield if the last yield is too long ago."""
        if time.perf_counter_ns() - self._since > SLICE_NS:
            time.sleep(0)
            self._since = time.perf_counter_ns()


class Worker:
    """Queue and thread between recording and the destinations.

    Args:
        materialiser: Makes spans.
        destinations: Where they go.
        ledger: Counts.
        queue_bytes: Most bytes of turns waiting to be made into spans.
        interval_s: Longest time a unit waits for company.
        synchronous: Do everything in the caller's thread (test kit).
    """

    def __init__(
        self,
        materialiser: Materialiser,
        destinations: Sequence[Destination],
        ledger: Ledger,
        *,
        queue_bytes: int,
        interval_s: float,
        synchronous: bool = False,
    ) -> None:
        self._materialiser = materialiser
        self._destinations = tuple(destinations)
        self._ledger = ledger
        self._queue_bytes = queue_bytes
        self._interval_s = interval_s
        self._synchronous = synchronous
        self.reset()

    def reset(self) -> None:
        """Start empty, without a thread: at first, and in a forked child."""
        self._queue: deque[Unit] = deque()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._busy = False
        self._stopping = False
        self._bytes = 0
        for destination in self._destinations:
            destination.reset()

    @property
    def queued_bytes(self) -> int:
        """Bytes of units that wait."""
        return self._bytes

    @property
    def idle(self) -> bool:
        """Whether nothing waits anywhere."""
        return not self._queue and not self._busy and all(d.idle for d in self._destinations)

    # ----------------------------------------------------------------------------------------- the bot's threads

    def submit(self, unit: Unit) -> None:
        """Queue a unit; called by the bot's threads, never raises, never blocks for long."""
        try:
            if unit.whole:
                self._ledger.record()
            if self._synchronous:
                self._process(unit, now=True)
                self._report_losses(now=True)
                return
            self._enqueue(unit)
        except Exception as error:  # noqa: BLE001 - decision 8
            fault("submit", error)

    def _enqueue(self, unit: Unit) -> None:
        with self._lock:
            full = self._stopping or (self._bytes + unit.size > self._queue_bytes)
            if not full:
                self._queue.append(unit)
                self._bytes += unit.size
                if self._thread is None:
                    self._start()
        if full:
            self._lose(unit, "stopped" if self._stopping else "queue_full")
        elif len(self._queue) >= WAKE_UNITS and not self._wake.is_set():
            self._wake.set()
        if self._bytes * 2 > self._queue_bytes:
            self._wake.set()
            time.sleep(GIVE_WAY_S)  # a CPU-bound loop would otherwise starve the worker

    def _lose(self, unit: Unit, cause: str) -> None:
        fault(f"lost:{cause}")
        if unit.whole:
            self._ledger.settle(cause)

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="convqa-export", daemon=True)
        self._thread.start()

    # ----------------------------------------------------------------------------------------- the export thread

    def _run(self) -> None:
        queue = self._queue  # a forked child has another one
        while queue is self._queue:
            if not queue:
                if self._stopping:
                    return
                self._wake.wait(self._interval_s)
                self._wake.clear()
            self._drain()

    def _drain(self) -> None:
        while self._queue:
            with self._lock:
                self._busy = True
                unit = self._queue.popleft()
            try:
                self._process(unit)
            finally:
                with self._lock:
                    self._bytes -= unit.size
                    self._busy = False
        self._report_losses()

    def _process(self, unit: Unit, *, now: bool = False) -> None:
        try:
            spans = self._materialiser.spans(unit)
        except Exception as error:  # noqa: BLE001 - a unit that cannot be made is lost and counted
            fault("materialise", error)
            self._lose(unit, "materialise")
            return
        if unit.whole:
            self._send(spans, Delivery(self._ledger, len(self._destinations)), now=now)
        else:
            self._send(spans, None, now=now)

    def _send(self, spans: list[ReadableSpan], delivery: Delivery | None, *, now: bool) -> None:
        done = delivery.done if delivery is not None else _ignore
        if not spans or not self._destinations:
            for _ in self._destinations or (None,):
                done("" if self._destinations else "no_destination")
            return
        sizes = [estimate(span) for span in spans]
        bundle = Bundle(spans, sizes, sum(sizes), done)
        for destination in self._destinations:
            if now:
                destination.send_now([bundle])
            else:
                destination.send(bundle)

    def _report_losses(self, *, now: bool = False) -> None:
        """Write losses into the stream of spans: readers of a store never see our counters."""
        for cause, count in self._ledger.unreported().items():
            values: dict[str, Any] = {"lost_turns": count, "cause": cause}
            trace_id, span_id = self._materialiser.ids()
            late = Late(LossSpan, values, None, None, time.time_ns(), trace_id, span_id)
            try:
                self._send(self._materialiser.spans(Unit(None, (), 0, whole=False, late=late)), None, now=now)
            except Exception as error:  # noqa: BLE001 - the loss stays in `stats()`
                fault("report_losses", error)

    # -------------------------------------------------------------------------------------------- flush and stop

    def flush(self, deadline: float) -> bool:
        """Wait until everything has left, at most until `deadline` (monotonic seconds); tell whether it has."""
        lost = self._ledger.lost_total
        while not self.idle:
            self._wake.set()
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.002)
        return self._ledger.lost_total == lost

    def stop(self, deadline: float) -> None:
        """Flush, count what remains as lost, write that down where it is still possible, and end the threads."""
        self.flush(deadline)
        with self._lock:
            self._stopping = True
            left, self._queue = list(self._queue), deque()
        for unit in left:
            self._lose(unit, "shutdown")
        for destination in self._destinations:
            destination.abandon("shutdown")
        for _ in range(self._ledger.pending):  # in the hands of an exporter that does not return
            self._ledger.settle("shutdown")
        self._report_losses()
        grace = time.monotonic() + 0.1
        for destination in self._destinations:
            destination.stop()
        while time.monotonic() < grace and not all(d.idle for d in self._destinations):
            time.sleep(0.002)
        closers = [threading.Thread(target=d.close, daemon=True) for d in self._destinations if d.idle]
        for closer in closers:
            closer.start()
        for closer in closers:
            closer.join(max(0.05, deadline - time.monotonic()))
        self._wake.set()


def estimate(span: ReadableSpan) -> int:
    """Return about how many bytes a span takes on the wire; never less than its texts."""
    size = 300
    for attributes in (span.attributes or {}, *(event.attributes or {} for event in span.events)):
        for key, value in attributes.items():
            size += len(key) + 16
            if isinstance(value, str):
                size += len(value) * (1 if value.isascii() else 3)
            elif isinstance(value, (tuple, list)):
                size += sum(len(item) * 3 if isinstance(item, str) else 10 for item in value)
    return size


def _ignore(cause: str) -> None:
    """Take no note: only turns are counted."""
