"""An exporter that hangs, lies or dies, and threads of ours that are killed: bounded, counted, and then as before."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from opentelemetry.sdk.trace.export import SpanExporter

import convqa_sdk as convqa
from convqa_sdk.export import worker as worker_module
from convqa_sdk.export.sdk import Sdk

from .conftest import Run, Start
from .doubles import Hanging, HangingEverywhere, Keeping, attributes, lost, wait_until

SLACK_S = 0.4
"""Twice what `flush(t)` and `shutdown(t)` may take beyond `t`: the machine is busy with other tests."""
SECRET = "jane@example.com"


def turns(count: int, prefix: str = "c") -> None:
    """Record turns of two spans."""
    for number in range(count):
        with convqa.turn(f"{prefix}-{number}", f"I am {SECRET}") as turn:
            with convqa.tool(name="t"):
                pass
            turn.answer("x")


def balanced(sdk: Sdk) -> bool:
    """Whether every turn that ended is exported or lost, and none is on its way any more."""
    stats = sdk.stats()
    return stats.recorded == stats.exported + sum(stats.lost.values()) and stats.pending == 0


def told(caplog: pytest.LogCaptureFixture, cause: str) -> int:
    """How many lines of our log name a cause."""
    return sum(f"cause='{cause}'" in record.getMessage() for record in caplog.records)


# ----------------------------------------------------------------------------------------------------- it hangs


class HoldingTheInterpreter(Hanging):
    """Does not return, and gives the interpreter away every 20 ms or so only."""

    def export(self, spans: Any) -> Any:
        self.entered.set()
        while not self.release.is_set():
            sum(range(1_000_000))  # one call: no other thread runs meanwhile
        return Keeping.export(self, spans)


class InFlush(Hanging):
    """Takes everything, and does not return from `force_flush`."""

    def export(self, spans: Any) -> Any:
        return Keeping.export(self, spans)

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        self.entered.set()
        return self.release.wait(60)


class InShutdown(InFlush):
    """Takes everything, and does not return from `shutdown`."""

    force_flush = SpanExporter.force_flush

    def shutdown(self) -> None:
        self.release.wait(60)


@pytest.mark.parametrize("kind", [Hanging, HangingEverywhere, HoldingTheInterpreter, InFlush, InShutdown])
def test_deadlines_hold_wherever_an_exporter_hangs(start: Start, kind: type[Hanging]) -> None:
    """`flush(t)` and `shutdown(t)` end by t + 0.2 s, also when no thread of ours gets to run, and the counts add up."""
    exporter = kind()
    sdk = start(exporter)
    turns(5)
    if kind is not InShutdown:
        wait_until(lambda: exporter.entered.is_set() or sdk.flush(0.01))
    for end in (sdk.flush, sdk.shutdown):
        began = time.monotonic()
        end(0.2)
        assert time.monotonic() - began < 0.2 + SLACK_S
    assert balanced(sdk)
    assert sdk.stats().lost == ({} if issubclass(kind, InFlush) else {"shutdown": 5})
    exporter.release.set()


def test_shutdown_keeps_its_deadline_while_a_turn_is_being_redacted(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker being in the middle of a turn, and an exporter that hangs, are not waited for one after the other."""
    exporter = HangingEverywhere()
    sdk = start(exporter)
    turns(1)
    assert exporter.entered.wait(10)
    inside, go = threading.Event(), threading.Event()

    def slow(unit: Any) -> Any:
        inside.set()
        go.wait(30)
        raise RuntimeError

    monkeypatch.setattr(sdk._worker._renderings.materialisers[0], "spans", slow)
    turns(3, "d")
    assert inside.wait(10)
    began = time.monotonic()
    sdk.shutdown(0.1)
    assert time.monotonic() - began < 0.1 + SLACK_S
    assert 2 * worker_module.GRACE_S + worker_module.CLOSE_S < 0.2
    go.set()
    wait_until(lambda: balanced(sdk))
    assert sum(sdk.stats().lost.values()) == 4
    exporter.release.set()


def test_a_flush_that_hangs_is_not_started_again_beside_itself(start: Start) -> None:
    """A handler that flushes after each call leaves one waiting thread behind an exporter that hangs, not hundreds."""
    exporter = InFlush()
    sdk = start(exporter)
    turns(1)
    before = threading.active_count()
    for _ in range(20):
        assert not sdk.flush(0.02)
    assert threading.active_count() <= before + 1
    exporter.release.set()
    assert sdk.flush(10), "and once it returns, flushing works again"


def test_a_lock_that_exporter_and_bot_share_delays_the_bot_by_the_deadline_only(start: Start) -> None:
    """A bot that flushes while it holds what its exporter waits for gets its thread back."""
    shared = threading.Lock()

    class Locking(Keeping):
        def export(self, spans: Any) -> Any:
            with shared:
                return super().export(spans)

    exporter = Locking()
    sdk = start(exporter)
    with shared:
        turns(3)
        began = time.monotonic()
        assert not sdk.flush(0.2)
        assert time.monotonic() - began < 0.2 + SLACK_S
    assert sdk.flush(10)
    assert sorted(exporter.turns) == ["c-0", "c-1", "c-2"]


def test_an_exporter_that_flushes_or_stops_us_deadlocks_nothing(start: Start) -> None:
    """Calling back into the SDK from inside `export` waits for itself no longer than its deadline."""
    sdks: list[Sdk] = []

    class Calling(Keeping):
        def export(self, spans: Any) -> Any:
            sdks[0].flush(0.1)
            sdks[0].shutdown(0.1)
            return super().export(spans)

    sdks.append(start(Calling()))
    turns(2)
    wait_until(lambda: balanced(sdks[0]))
    assert sdks[0].stats().recorded == 2


# ------------------------------------------------------------------------------------------------------ it lies


@pytest.mark.parametrize(
    "result", [None, True, 0, "SUCCESS", object(), NotImplemented], ids=lambda result: type(result).__name__
)
def test_only_success_is_success(start: Start, result: object) -> None:
    """Whatever else an exporter returns is a counted loss: nobody knows whether it has sent anything."""

    class Lying(Keeping):
        def export(self, spans: Any) -> Any:
            spans.clear()
            return result

    sdk = start(Lying())
    turns(2)
    assert not sdk.flush(10)
    assert sdk.stats().lost == {"export_failed": 2}
    assert balanced(sdk)


@pytest.mark.parametrize("error", [MemoryError, RecursionError, GeneratorExit, SystemExit])
def test_an_exporter_that_raises_for_a_while(
    start: Start, error: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    """What it raises costs the batches of that while; then all arrives again, with the report of the loss."""

    class Passing(Keeping):
        ill = True

        def export(self, spans: Any) -> Any:
            if self.ill:
                raise error(f"cannot export {[dict(attributes(span)) for span in spans]}")
            return super().export(spans)

    exporter = Passing()
    sdk = start(exporter)
    turns(2)
    assert not sdk.flush(10)
    exporter.ill = False
    turns(2, "d")
    sdk.flush(10)
    sdk.shutdown(5)
    assert sorted(exporter.turns) == ["d-0", "d-1"]
    assert lost(exporter.spans) == sdk.stats().lost["export_raised"] == 2
    assert told(caplog, "export:Passing") == 1
    assert SECRET not in caplog.text
    assert balanced(sdk)


# ------------------------------------------------------------------------------------------ our threads are killed


KILLED = """
    import ctypes, sys, threading, time
    import convqa_sdk as convqa
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    def is_waiting(thread):  # in `Condition.wait`, where no lock is torn
        frame = sys._current_frames().get(thread.ident)
        return frame and frame.f_code is threading.Condition.wait.__code__ and frame.f_locals.get("gotit") is False

    def kill(thread):
        while not all(map(is_waiting, threads.values())):
            time.sleep(0.005)
        ident, error = ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit)
        assert ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, error) == 1

    exporter = InMemorySpanExporter()
    sdk = convqa.configure("bot", exporters=[exporter], key=b"k" * 32, interval_s=60.0)
    for round in range(4):
        if round:
            threads = {t.name: t for t in threading.enumerate() if t.name.startswith("convqa-")}
            assert len(threads) == 2, threads
            kill(threads[sys.argv[1]])
        for number in range(20):
            with convqa.turn(f"c-{round}-{number}", "hello") as turn:
                turn.answer("x")
        assert sdk.flush(10)
    stats = sdk.stats()
    assert len(exporter.get_finished_spans()) == stats.recorded == stats.exported == 80, stats
    assert stats.lost == {} and stats.pending == 0, stats
    assert stats.faults == {sys.argv[2]: 3}, stats
"""


@pytest.mark.parametrize(
    ("thread", "cause"), [("convqa-export", "worker"), ("convqa-InMemorySpanExporter", "thread:InMemorySpanExporter")]
)
def test_a_thread_of_ours_that_is_killed_goes_on(run: Run, thread: str, cause: str) -> None:
    """SystemExit thrown into it, as debuggers and watchdogs do, is counted, logged once, and costs no turn.

    In a process of its own: Python 3.11 hangs when it is traced while such an exception waits for a thread that waits.
    """
    done = run(KILLED, thread, cause)
    assert done.stderr.count(cause) == 1


@pytest.mark.parametrize("error", [MemoryError, RecursionError, SystemExit])
@pytest.mark.parametrize("step", ["estimate", "copied"])
def test_the_worker_survives_what_it_meets_after_the_spans_were_made(
    start: Start, monkeypatch: pytest.MonkeyPatch, step: str, error: type[BaseException]
) -> None:
    """Out of memory or stack while spans are handed on: those turns are lost, once and counted, the others arrive."""
    one, two = Keeping(), Keeping()
    sdk = start(one, two)
    right = getattr(worker_module, step)

    def failing(span: Any) -> Any:
        if attributes(span).get("gen_ai.conversation.id") in ("c-1", "c-3"):
            raise error
        return right(span)

    monkeypatch.setattr(worker_module, step, failing)
    turns(5)
    assert not sdk.flush(10)
    monkeypatch.undo()
    sdk.shutdown(5)
    assert sdk.stats().lost == {"materialise": 2}
    assert balanced(sdk)
    assert one.turns == two.turns == ["c-0", "c-2", "c-4"]
    assert lost(one.spans) == lost(two.spans) == 2


def test_the_destination_survives_what_it_meets_between_two_calls(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours while a batch is cut costs that batch; the thread goes on, and `flush` still ends."""
    exporter = Keeping()
    sdk = start(exporter)
    (destination,) = sdk._worker._destinations

    def failing(_bundles: Any) -> Any:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(destination, "_chunks", failing)
        turns(2)
        assert not sdk.flush(10)
    assert sdk.stats().lost == {"export_raised": 2}
    assert destination._bytes == 0
    turns(1, "d")
    sdk.flush(10)
    assert exporter.turns == ["d-0"]
    assert balanced(sdk)


# ---------------------------------------------------------------------------------------------------- memory


def test_the_processs_memory_stays_bounded_with_exporters_that_hang(run: Run) -> None:
    """Resident memory grows by at most twice the configured bytes, however many turns come and are lost."""
    done = run(
        """
        import gc, os, threading
        import convqa_sdk as convqa
        from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

        class Hanging(SpanExporter):
            hangs = False
            def export(self, spans):
                if self.hangs:
                    threading.Event().wait()
                return SpanExportResult.SUCCESS

        def resident():
            with open("/proc/self/statm") as file:
                return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")

        exporter = Hanging()
        sdk = convqa.configure("bot", exporters=[exporter], key=b"k" * 32, queue_bytes=4_000_000)
        def one(n):
            with convqa.turn(f"c-{n % 500}", "where is my order " * 20, account_id="a-1", channel="web") as turn:
                with convqa.tool(name="t", arguments={"order": n}):
                    pass
                turn.answer("it comes tomorrow " * 20)
        for n in range(500):
            one(n)
        assert sdk.flush(30)
        exporter.hangs = True
        gc.collect()
        before, most = resident(), 0
        for n in range(3_500):
            one(n)
            if n % 100 == 0:
                sdk.flush(0.005)
                most = max(most, resident())
        stats = sdk.stats()
        assert stats.recorded == stats.exported + sum(stats.lost.values()) + stats.pending, stats
        print(most - before, sum(stats.lost.values()))
        os._exit(0)
        """,
        timeout=110,
    )
    grown, lost_turns = map(int, done.stdout.split())
    assert lost_turns > 500
    assert grown <= 2 * 4_000_000
