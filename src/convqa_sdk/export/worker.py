"""The export thread: takes whole turns, makes spans of them, hands them to every destination.

Ours because the standard one queues single spans, waits for locks without a deadline and loses a batch for one bad
string (decision 5). Waiting turns are bounded in bytes; a turn that does not fit is lost whole, and counted.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from typing import Any, cast

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter

from convqa_sdk.export.destination import Bundle, Destination, Done
from convqa_sdk.export.dialects import Limit
from convqa_sdk.export.exporters import copied
from convqa_sdk.export.ledger import Delivery, Ledger
from convqa_sdk.export.losses import Loss, LossLog
from convqa_sdk.export.renderings import Renderings
from convqa_sdk.isolation import fault
from convqa_sdk.tracing.unit import Unit

Losses = Counter[Loss]
WAKE_UNITS = 64
"""Waiting units at which a producer wakes the worker; fewer wait for the interval."""
GIVE_WAY_S = 0.0005
"""How long a producer yields when the queue is more than half full."""
GRACE_S = 0.07
"""How long `stop` waits, after its deadline, for the unit in hand, and again for the report of the loss to be written.

Twice this and `CLOSE_S` stay below the 0.2 s that a shutdown may take beyond its deadline.
"""
POLL_S, LONGEST_POLL_S = 0.002, 0.01
"""How often `flush` looks whether it is done, at first and later; each look costs as much as a stage."""
CLOSE_S = 0.05
"""How long `stop` waits, after its deadline, for exporters to close."""

MEASURED_ONLY = ("metrics",)
"""What misses a unit that is thinned out, when that is lost."""


class Worker:
    """Queue and thread between recording and the destinations.

    Args:
        renderings: Make spans.
        destinations: Where they go.
        ledger: Counts.
        limit: Applies OpenTelemetry's span limits, to what a destination gets.
        queue_bytes: Most bytes of turns waiting to be made into spans.
        interval_s: Longest time a unit waits for company.
        synchronous: Do everything in the caller's thread (test kit).
    """

    def __init__(
        self,
        renderings: Renderings,
        destinations: Sequence[Destination],
        ledger: Ledger,
        *,
        limit: Limit,
        queue_bytes: int,
        interval_s: float,
        synchronous: bool = False,
    ) -> None:
        self._renderings = renderings
        self._limit = limit
        self._destinations = tuple(destinations)
        self._everywhere = tuple(sorted({destination.name for destination in destinations}))
        self._ledger = ledger
        self._queue_bytes = queue_bytes
        self._interval_s = interval_s
        self._synchronous = synchronous
        self._reset()

    def _reset(self) -> None:
        self._queue: deque[Unit] = deque()
        self._lock = threading.RLock()  # reentrant: the collector may end a turn while this thread queues another
        self._wake = threading.Condition(self._lock)
        self._asleep = False
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._busy = False
        self._in_hand: dict[int, Unit] = {}  # who takes a unit out, by its id, says what became of it
        self._closing = False
        self._stopping = False
        self._bytes = 0
        self._seen_lost: Losses = Counter()
        self._owed: tuple[Losses, ...] = tuple(Counter() for _ in self._destinations)
        self._doubts_at_flush = 0
        self._loss_log = LossLog(self._destinations)

    def after_fork(self) -> None:
        """Start empty in a forked child, without a thread."""
        self._reset()
        for destination in self._destinations:
            destination.after_fork()

    @property
    def queued_bytes(self) -> int:
        """Bytes of units that wait or are being made into spans."""
        return self._bytes

    @property
    def idle(self) -> bool:
        """Whether nothing waits anywhere."""
        with self._lock:
            working = bool(self._queue) or self._busy
        return not working and all(destination.idle for destination in self._destinations)

    # ----------------------------------------------------------------------------------------- the bot's threads

    def submit(self, unit: Unit) -> None:
        """Queue a unit; called by the bot's threads, never raises, never blocks for long."""
        try:
            if unit.whole and not unit.thinned:
                self._ledger.record()
            elif not unit.thinned:
                self._ledger.record_other()
            if self._synchronous:
                self._process(unit)
                self._renderings.settle()
                self._report_losses()
                return
            self._enqueue(unit)
        except Exception as error:  # noqa: BLE001 - decision 8
            fault("submit", error)

    def _enqueue(self, unit: Unit) -> None:
        started = self._start_thread()
        with self._lock:
            refusal = self._refusal(unit) if started else "no_thread"
            if not refusal:
                self._queue.append(unit)
                self._bytes += unit.size
                if self._asleep and len(self._queue) >= WAKE_UNITS:
                    self._wake.notify()
        if refusal:
            self._lose(unit, refusal)
            if refusal != "queue_full":
                self._tell_losses()  # there is no export thread that would
        if self._bytes * 2 > self._queue_bytes and not self._closing:
            with self._lock:
                self._wake.notify()
            time.sleep(GIVE_WAY_S)  # a CPU-bound loop would otherwise starve the worker

    def _refusal(self, unit: Unit) -> str:
        """Return why a unit cannot be queued, empty when it can."""
        if self._stopping:
            return "stopped"
        if self._bytes + unit.size > self._queue_bytes:
            return "queue_full"
        return ""

    def start(self) -> None:
        """Start all threads now: an interpreter that is ending starts none any more (Python 3.12)."""
        if not self._synchronous:
            self._start_thread()

    def _start_thread(self) -> bool:
        """Start the export thread where there is none; tell whether there is one.

        Outside the queue's lock, and without waiting for whoever is starting it already: the collector may end a turn
        inside the new thread, before `start` returns.
        """
        if self._thread is not None:  # it says itself when it ends; `is_alive` costs as much as a stage
            return True
        if self._stopping or not self._starting.acquire(blocking=False):
            return True
        try:
            for destination in self._destinations:  # first, or the export thread starts them at the same time
                destination.start()
            thread = threading.Thread(target=self._run, name="convqa-export", daemon=True)
            self._thread = thread  # before it starts: a signal of the bot's may end the waiting for that
            thread.start()
        except RuntimeError:  # no more threads on this machine, or an interpreter that is ending
            self._thread = None
            return False
        finally:
            self._starting.release()
        return True

    def _lose(self, unit: Unit, cause: str) -> None:
        self._renderings.missed(unit)
        if unit.thinned:
            self._ledger.lose_record(cause, MEASURED_ONLY)
        elif unit.whole:
            self._ledger.settle(cause, self._everywhere)
        else:
            self._ledger.lose_record(cause, self._everywhere)

    def _tell_losses(self) -> None:
        self._loss_log.tell(self._ledger.lost())

    # ----------------------------------------------------------------------------------------- the export thread

    def _run(self) -> None:
        try:
            while not self._stopping:
                self._work()
        finally:
            self._thread = None

    def _work(self) -> None:
        """Wait for units and process them; what is thrown into this thread does not end it."""
        try:
            with self._lock:
                if not self._queue:
                    self._asleep = True
                    self._wake.wait(self._interval_s)
                    self._asleep = False
            self._drain()
        except BaseException as error:  # noqa: BLE001 - out of memory, or somebody who kills threads
            fault("worker", error)

    def _drain(self) -> None:
        worked = False
        self._busy = True  # also while it reports: `stop` waits for that before it refuses everything
        try:
            while (unit := self._next()) is not None:
                worked = True
                try:
                    self._process(unit)
                finally:
                    with self._lock:
                        self._bytes -= unit.size
            self._renderings.settle()
            self._report_losses(again=worked)
        finally:
            for destination in self._destinations:
                destination.release()
            self._busy = False

    def _next(self) -> Unit | None:
        with self._lock:
            return self._queue.popleft() if self._queue else None

    def _process(self, unit: Unit) -> None:
        bundles: list[Bundle] | None = None
        self._in_hand[id(unit)] = unit
        try:
            if unit.thinned:
                self._renderings.measure(unit)
                bundles = []
            else:
                bundles = self._bundles(unit)
        except BaseException as error:  # noqa: BLE001 - values of the bot's may raise even SystemExit; this thread goes on
            fault("materialise", error)
        if self._in_hand.pop(id(unit), None) is None:
            return  # it took longer than a shutdown waits, and is counted as lost
        if bundles is None:
            self._lose(unit, "materialise")
            return
        for destination, bundle in zip(self._destinations, bundles, strict=not unit.thinned):
            self._hand_over(destination, bundle)

    def _bundles(self, unit: Unit) -> list[Bundle]:
        """Return a unit's spans for each destination; all of them or none, so that a unit is lost once."""
        rendered = self._renderings.spans(unit)
        done = Delivery(self._ledger, len(self._destinations), whole=unit.whole).done
        bundles: list[Bundle] = []
        standard: dict[int, Bundle] = {}
        for destination, spans in zip(self._destinations, rendered, strict=True):
            shared = standard.get(id(spans)) if destination.translate is None else None
            if shared is not None:
                bundle = shared._replace(spans=[copied(span) for span in shared.spans])
            else:
                bundle = self._bundle(destination, spans, done)
                if destination.translate is None:
                    standard[id(spans)] = bundle
            bundles.append(bundle)
        return bundles

    def _bundle(self, destination: Destination, spans: list[ReadableSpan], done: Done) -> Bundle:
        """Return spans in a destination's dialect, within the span limits."""
        translate = destination.translate
        made = self._limit(spans) if translate is None else translate(spans, self._limit)
        sizes = [estimate(span) for span in made]
        return Bundle(made, sizes, sum(sizes), done)

    def _hand_over(self, destination: Destination, bundle: Bundle) -> None:
        if self._synchronous:
            destination.send_now(bundle)
        else:
            destination.send(bundle)

    def _report_losses(self, *, again: bool = True) -> None:
        """Write what was lost into the stream of spans: readers of a store never see our counters.

        Each destination is owed each count until it has taken it, so a full disk learns of the loss when it has room.

        Args:
            again: Also try what an earlier report could not deliver; only beside other work, never on its own.
        """
        with self._lock:
            lost = self._ledger.lost()
            fresh = lost - self._seen_lost
            self._seen_lost = lost
            for owed in self._owed:
                owed.update(fresh)
            reports: list[dict[Loss, int]] = []
            if fresh or again:
                reports = [dict(owed) for owed in self._owed]
                for owed in self._owed:
                    owed.clear()
        self._loss_log.tell(lost)  # before the reports: their delivery is what ends an outage
        for place, (owed, report) in enumerate(zip(self._owed, reports, strict=False)):
            for loss, count in report.items():
                self._report(place, owed, loss, count)

    def _report(self, place: int, owed: Losses, loss: Loss, count: int) -> None:
        destination = self._destinations[place]

        def done(failure: str, _: str) -> None:
            if failure:
                with self._lock:
                    owed[loss] += count

        try:
            bundle = self._bundle(destination, [self._renderings.loss(place, loss, count)], done)
        except Exception as error:  # noqa: BLE001 - the loss stays in `stats()`
            fault("report_losses", error)
            done("materialise", destination.name)
            return
        self._hand_over(destination, bundle)

    # -------------------------------------------------------------------------------------------- flush and stop

    def flush(self, deadline: float) -> bool:
        """Wait until everything has left, at most until `deadline` (monotonic seconds).

        Returns:
            Whether everything has left that was recorded since the last flush, and no answer leaves doubt about it.
        """
        moment = POLL_S
        while not self.idle:
            with self._lock:
                self._wake.notify()
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(moment, left))
            moment = min(LONGEST_POLL_S, 1.5 * moment)
        flushed = [destination.flush(deadline) for destination in self._destinations]
        self._tell_losses()  # now: a function that is frozen after its flush has no later
        doubts = self._ledger.losses + sum(destination.unconfirmed for destination in self._destinations)
        before, self._doubts_at_flush = self._doubts_at_flush, doubts
        return doubts == before and all(flushed)

    def hasten(self) -> None:
        """Stop giving way to the worker: the bot's threads are ending."""
        self._closing = True

    def stop(self, deadline: float, leave_open: Sequence[SpanExporter] = ()) -> None:
        """Flush, count what remains as lost, write that down where it is still possible, and end the threads."""
        self.flush(deadline)
        with self._lock:
            self._stopping = True
            left = list(self._queue)
            self._queue.clear()
            self._bytes -= sum(unit.size for unit in left)
            self._wake.notify()
        for unit in left:
            self._lose(unit, "shutdown")
        moment = time.monotonic() + GRACE_S
        while self._busy and time.monotonic() < moment:  # the unit in hand still reaches its destinations
            time.sleep(0.002)
        for place in list(self._in_hand):
            late = self._in_hand.pop(place, None)  # a recognizer of the application's may never come back
            if late is not None:
                self._lose(late, "shutdown")
        for destination in self._destinations:
            destination.abandon("shutdown")
        self._report_losses()
        closing = [each for each in self._destinations if not any(each.exporter is kept for kept in leave_open)]
        for destination in self._destinations:
            destination.stop(close=destination in closing)
        grace = time.monotonic() + GRACE_S
        while time.monotonic() < grace and not all(destination.idle for destination in self._destinations):
            time.sleep(0.002)
        self._close(closing, max(deadline, time.monotonic() + CLOSE_S))

    def _close(self, closing: Sequence[Destination], deadline: float) -> None:
        """Have the exporters closed, also those whose threads are busy: that ends the waiting of one that retries."""
        try:
            for destination in closing:
                threading.Thread(target=destination.close, daemon=True).start()
        except RuntimeError:  # no new thread in an interpreter that is ending: their own close them
            closing = [destination for destination in closing if destination.has_thread]
        for destination in closing:
            destination.closed.wait(max(0.0, deadline - time.monotonic()))


def estimate(span: ReadableSpan) -> int:
    """Return about how many bytes a span takes on the wire; never less than its texts."""
    size = 300 + len(span.name.encode()) + len((span.status.description or "").encode()) + 80 * len(span.links)
    size += _attributes_size(span.attributes)
    for event in span.events:
        size += 40 + len(event.name.encode()) + _attributes_size(event.attributes)
    return size


def _attributes_size(attributes: Mapping[str, Any] | None) -> int:
    """Return the bytes of keys and texts, and something for each attribute and value."""
    if not attributes:
        return 0
    size = 32 * len(attributes)
    for key, value in attributes.items():
        size += len(key) if key.isascii() else len(key.encode())
        if type(value) is str:
            size += len(value) if value.isascii() else len(value.encode())
        elif not isinstance(value, (bool, int, float)):  # texts or numbers in a row
            size += sum([16 + len(str(item).encode()) for item in cast("Sequence[object]", value)])
    return size
