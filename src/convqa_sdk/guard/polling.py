"""Asks something again and again in a thread of its own, so that nobody waits for it, and keeps the last answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Final, Generic, NamedTuple, TypeVar

from convqa_sdk.guard.flags import FlagError
from convqa_sdk.isolation import fault, once

T = TypeVar("T")

STALE_S: Final = 1.0
"""Age from which an answer is stale: a switch is promised to flip within this."""
MAX_STUCK: Final = 64
"""Threads that may hang in a source at once; when there are so many, the first one that comes back asks again."""
PROMPT: Final = 32
"""Threads that may hang before a new one waits: some twenty seconds of nothing but hanging."""
MAX_PAUSE_S: Final = 300.0


class SourceStatus(NamedTuple):
    """How a source does.

    Attributes:
        name: Which source.
        known: Whether it has ever answered.
        age_s: Seconds since its last answer; None: it has never answered.
        stale: Whether that is too long ago, so that the last known state is held.
        failures: Questions that ended in an error or in an answer that means nothing.
        overruns: Questions that took longer than their deadline.
    """

    name: str
    known: bool
    age_s: float | None
    stale: bool
    failures: int
    overruns: int


class Polled(Generic[T]):
    """A source that is asked again and again.

    Args:
        name: Its name in logs and in the status.
        ask: Gives the answer; may block and raise.
        on_answer: Takes each answer, in the asking thread.
        interval_s: Seconds between an answer and the next question.
        deadline_s: Seconds after which a question is given up.
    """

    def __init__(
        self,
        name: str,
        ask: Callable[[], T],
        on_answer: Callable[[T], None],
        *,
        interval_s: float,
        deadline_s: float,
    ) -> None:
        self._name = name
        self._ask = ask
        self._on_answer = on_answer
        self._interval_s = interval_s
        self._deadline_s = deadline_s
        self._failures = 0
        self._overruns = 0
        self._answered_at: float | None = None
        self._told_stale = False
        self._reset()

    def _reset(self) -> None:
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._first = threading.Event()
        self._round = 0
        self._answered_round = 0
        self._stuck: set[int] = set()
        self._unasked = False  # the newest thread was given up too, so that nobody asks
        self._asked_at: float | None = None
        self._spawned_at = 0.0
        self._since = time.monotonic()

    def start(self, wait_s: float = 0.0) -> None:
        """Begin to ask; wait for a first answer, or a first failure, so long."""
        self._spawn()
        if wait_s:
            self._first.wait(wait_s)

    def close(self) -> None:
        """Ask no more."""
        self._closed.set()

    def after_fork(self) -> None:
        """Begin anew in a forked child, which has none of its parent's threads; the last answer holds."""
        closed = self._closed.is_set()
        self._reset()
        if closed:
            self._closed.set()
        else:
            self._spawn()

    def check(self) -> None:
        """Give up a question that is overdue, ask anew when it is time, and say once when the answer is stale."""
        with self._lock:
            now = time.monotonic()
            overdue = self._asked_at is not None and now - self._asked_at > self._deadline_s
            if overdue:
                self._overruns += 1
                self._asked_at = None
                self._stuck.add(self._round)
                self._unasked = True
            due = self._unasked and len(self._stuck) < MAX_STUCK and now - self._spawned_at >= self._pause_s()
        if overdue:
            fault("guard_source_slow", source=self._name)
        if due and not self._closed.is_set():
            self._spawn()
        stale = self.status().stale
        if stale != self._told_stale:
            self._told_stale = stale
            held = "the last known state" if self._answered_at is not None else "the default state"
            once(f"guard_{self._name}_{'stale' if stale else 'answers_again'}", **({"holds": held} if stale else {}))

    def status(self) -> SourceStatus:
        """Return how it does."""
        answered_at, now = self._answered_at, time.monotonic()
        stale = now - (answered_at if answered_at is not None else self._since) > STALE_S
        age_s = None if answered_at is None else now - answered_at
        return SourceStatus(self._name, answered_at is not None, age_s, stale, self._failures, self._overruns)

    def _pause_s(self) -> float:
        """Return how far apart two threads begin: at once at first, so that a healthy source is soon obeyed again."""
        waited = len(self._stuck) - PROMPT
        return min(MAX_PAUSE_S, self._deadline_s * 2.0**waited) if waited > 0 else 0.0

    def _spawn(self) -> None:
        with self._lock:
            self._round += 1
            self._unasked = False
            self._spawned_at = time.monotonic()
            number = self._round
        try:
            threading.Thread(target=self._run, args=(number,), name=f"convqa-guard-{self._name}", daemon=True).start()
        except RuntimeError as error:  # no more threads on this machine, or an interpreter that is ending
            self._unasked = True
            fault("guard_thread", error)

    def _run(self, number: int) -> None:
        """Ask until closed, or until a question of ours was given up and another thread asks instead."""
        closed = self._closed
        while number and not closed.is_set():
            with self._lock:
                self._asked_at = time.monotonic()
            self._once(number)
            number = self._next(number)
            if number:
                closed.wait(self._interval_s)

    def _next(self, number: int) -> int:
        """Return the round of the question after this one; 0: another thread asks."""
        with self._lock:
            self._stuck.discard(number)
            if number != self._round:  # this question was given up
                if not self._unasked:
                    return 0
                self._round += 1
            self._unasked = False
            self._asked_at = None
            return self._round

    def _once(self, number: int) -> None:
        try:
            answer: Any = self._ask()
            with self._lock:
                newest = number >= self._answered_round
                if newest:
                    self._answered_round = number
                    self._answered_at = time.monotonic()
            if newest:  # an answer that comes late counts, unless a later question was answered meanwhile
                self._on_answer(answer)
        except BaseException as error:  # noqa: BLE001 - a source of the application's may raise anything, and the thread goes on
            self._failures += 1
            told = {"told": str(error)} if isinstance(error, FlagError) else {}  # which quotes nothing
            fault(f"guard_{self._name}", error, **told)
        finally:
            self._first.set()
