"""A source is asked in a thread of its own: one that hangs or fails is seen, and the last answer holds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from convqa_sdk import isolation
from convqa_sdk.guard import polling
from convqa_sdk.guard.polling import MAX_STUCK, Polled

WAIT_S = 10.0


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Begin and end without faults."""
    isolation.reset()
    yield
    isolation.reset()


def until(true: Callable[[], bool]) -> None:
    """Wait until something is so; it is a failure when it never is."""
    deadline = time.monotonic() + WAIT_S
    while not true():
        assert time.monotonic() < deadline, "it never was"
        time.sleep(0.002)


class Source:
    """Answers what it is told to, hangs while it is told to, and counts its questions."""

    def __init__(self) -> None:
        self.answer: Any = 1
        self.go_on = threading.Event()
        self.go_on.set()
        self.asked = 0
        self.got: list[Any] = []

    def ask(self) -> Any:
        self.asked += 1
        answer = self.answer
        self.go_on.wait(WAIT_S)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def polled(self, deadline_s: float = 0.02) -> Polled[Any]:
        return Polled("flags", self.ask, self.got.append, interval_s=0.005, deadline_s=deadline_s)


@pytest.fixture
def source() -> Iterator[Source]:
    """A source; nothing hangs in it when the test is over."""
    made = Source()
    yield made
    made.go_on.set()


def test_answers_arrive(source: Source) -> None:
    """The first is waited for, at the bot's start; the others come by themselves."""
    polled = source.polled()
    polled.start(WAIT_S)
    assert source.got[0] == 1
    source.answer = 2
    until(lambda: source.got[-1] == 2)
    status = polled.status()
    assert (status.known, status.stale, status.failures, status.overruns) == (True, False, 0, 0)
    polled.close()
    asked = source.asked
    time.sleep(0.05)
    assert source.asked <= asked + 1


@pytest.mark.parametrize("error", [ConnectionError("x"), SystemExit(1), KeyboardInterrupt(), MemoryError()])
def test_what_it_raises_is_counted(source: Source, error: BaseException) -> None:
    """The thread goes on, and the next answer is taken; the first failure ends the waiting too."""
    source.answer = error
    polled = source.polled()
    polled.start(WAIT_S)
    until(lambda: polled.status().failures > 2)
    assert source.got == []
    source.answer = 3
    until(lambda: source.got[-1:] == [3])
    assert isolation.faults()["guard_flags"] > 2
    polled.close()


def test_a_question_that_hangs_is_given_up(source: Source) -> None:
    """Another thread asks anew; the overrun is counted; nobody waits."""
    polled = source.polled()
    polled.start(WAIT_S)
    source.go_on.clear()

    def overdue() -> bool:
        polled.check()
        return polled.status().overruns >= 2

    until(overdue)
    source.answer = "late"
    source.go_on.set()
    until(lambda: source.got[-1] == "late")
    assert isolation.faults()["guard_source_slow"] >= 2
    polled.close()


def test_only_so_many_threads_hang(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    """A source that hangs for ever does not eat up the machine's threads; when it answers again, all is well."""
    monkeypatch.setattr(polling, "MAX_PAUSE_S", 0.001)
    polled = source.polled(deadline_s=0.001)
    polled.start()
    source.go_on.clear()
    before = threading.active_count()

    def all_hang() -> bool:
        polled.check()
        return len(polled._stuck) == MAX_STUCK

    until(all_hang)
    asked = source.asked
    for _ in range(100):
        polled.check()
        time.sleep(0.001)
    assert source.asked == asked
    assert threading.active_count() - before <= MAX_STUCK
    source.answer = "again"
    source.go_on.set()
    until(lambda: source.got[-1:] == ["again"])
    count = len(source.got)
    until(lambda: len(source.got) > count + 3)
    until(lambda: threading.active_count() <= before)
    assert polled._stuck == set()
    polled.close()


@pytest.mark.parametrize("hanging", [5, polling.PROMPT + 4])
def test_a_source_is_obeyed_again_although_earlier_questions_hang(source: Source, hanging: int) -> None:
    """Those that hang never come back; a new one finds out that the source is healthy, later the longer it hung."""
    polled = source.polled(deadline_s=0.002)
    source.go_on.clear()
    polled.start()

    def hang() -> bool:
        polled.check()
        return len(polled._stuck) >= hanging

    until(hang)
    assert source.got == []
    polled._ask = lambda: "killed"  # as a provider does that answers new connections while old ones are dead

    def obeyed() -> bool:
        polled.check()
        return source.got[-1:] == ["killed"]

    until(obeyed)
    assert len(polled._stuck) >= hanging
    polled.close()


def test_the_pause_grows_and_is_bounded(source: Source) -> None:
    """At once at first; then it doubles, so that threads last for hours, and nobody waits longer than the limit."""
    polled = source.polled(deadline_s=0.5)
    pauses: list[float] = []
    for number in range(1, MAX_STUCK):
        polled._stuck.add(number)
        pauses.append(polled._pause_s())
    assert pauses[: polling.PROMPT] == [0.0] * polling.PROMPT
    assert pauses[polling.PROMPT : polling.PROMPT + 3] == [1.0, 2.0, 4.0]
    assert pauses[-1] == polling.MAX_PAUSE_S
    assert sum(pauses) > 3_600


def test_a_thread_that_could_not_start_is_made_up_for(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the machine has threads again, somebody asks."""

    def none_left(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    polled = source.polled()
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", none_left)
        polled.start()
    assert source.got == []

    def answered() -> bool:
        polled.check()
        return source.got != []

    until(answered)
    polled.close()


def test_a_late_answer_does_not_undo_a_newer_one() -> None:
    """The first question is answered last; what the second has said holds."""
    gates = {1: threading.Event(), 2: threading.Event()}
    gates[2].set()
    asked = 0
    got: list[int] = []

    def ask() -> int:
        nonlocal asked
        asked += 1
        number = min(asked, 2)
        gates[number].wait(WAIT_S)
        return number

    polled = Polled("flags", ask, got.append, interval_s=0.005, deadline_s=0.01)
    polled.start()
    until(lambda: asked == 1)

    def given_up() -> bool:
        polled.check()
        return 2 in got

    until(given_up)
    gates[1].set()
    count = len(got)
    until(lambda: len(got) > count + 3)
    assert 1 not in got
    polled.close()


def test_stale_is_said_once(source: Source, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """When the answer is too old it is logged, once, and once more when it is back; the status shows it all along."""
    monkeypatch.setattr(polling, "STALE_S", 0.05)
    polled = source.polled()
    polled.start(WAIT_S)
    for _ in range(2):
        source.answer = ConnectionError("flags.example.com")
        until(lambda: (polled.check(), polled.status().stale)[1])
        source.answer = 1
        until(lambda: (polled.check(), not polled.status().stale)[1])
    polled.close()
    lines = [record.getMessage() for record in caplog.records]
    assert lines.count("event='guard_flags_stale' holds='the last known state'") == 1
    assert lines.count("event='guard_flags_answers_again'") == 1
    assert "example.com" not in caplog.text


def test_a_source_that_never_answers(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not known, and stale after a while."""
    monkeypatch.setattr(polling, "STALE_S", 0.05)
    source.answer = ConnectionError()
    polled = source.polled()
    polled.start(WAIT_S)
    until(lambda: polled.status().stale)
    assert (polled.status().known, polled.status().age_s) == (False, None)
    polled.close()


def test_no_more_threads(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has none is a fault, and no exception in the bot."""

    def none_left(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", none_left)
    source.polled().start()
    assert isolation.faults() == {"guard_thread": 1}
