"""From a finished turn to every destination: whole, once, bounded, counted, and within every deadline."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.context import _SUPPRESS_HTTP_INSTRUMENTATION_KEY, _SUPPRESS_INSTRUMENTATION_KEY
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import convqa_sdk as convqa
from convqa_sdk.export import worker as worker_module
from convqa_sdk.export.flattening import Flat
from convqa_sdk.export.sdk import Sdk
from convqa_sdk.store.fidelity import measure
from convqa_sdk.tracing.unit import Unit

from .conftest import KEY, Start, lost_in, turns_in
from .doubles import (
    Failing,
    Hanging,
    HangingEverywhere,
    Keeping,
    Raising,
    Slow,
    attributes,
    lost,
    stage,
    wait_until,
)

SLACK_S = 0.2
"""What the contract allows `flush(t)` and `shutdown(t)` beyond `t`; tests on a busy machine add as much again."""


def turns(count: int, prefix: str = "c", stages: int = 0) -> None:
    """Record turns."""
    for number in range(count):
        with convqa.turn(f"{prefix}-{number}", "hi") as turn:
            for _ in range(stages):
                with convqa.tool(name="t"):
                    pass
            turn.answer("x")


def settled(sdk: Sdk) -> bool:
    """Whether every turn is exported or lost."""
    stats = sdk.stats()
    return stats.recorded == stats.exported + sum(stats.lost.values())


# ---------------------------------------------------------------------------------------------------- several at once


def test_eight_threads_of_turns_arrive_once_each(start: Start) -> None:
    """Of 8 times 500 turns every one is exported exactly once, with its stages in the same batch as itself."""
    exporter = Keeping()
    sdk = start(exporter)
    threads = [threading.Thread(target=turns, args=(500, f"t{n}", 2)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sdk.flush(60)
    assert sorted(exporter.turns) == sorted(f"t{n}-{m}" for n in range(8) for m in range(500))
    stats = sdk.stats()
    assert (stats.recorded, stats.exported, stats.lost, stats.pending, stats.open) == (4_000, 4_000, {}, 0, 0)
    for batch in exporter.batches:
        below = [span.parent.span_id for span in batch if span.parent is not None]
        assert {span.context.span_id for span in batch if stage(span) == "turn"} == set(below)


def test_threads_against_a_full_queue_lose_whole_turns_and_count_them(start: Start, tmp_path: Path) -> None:
    """When more comes than fits, turns are lost whole, and the store's loss spans add up to what was lost."""
    slow = Slow()
    sdk = start(slow, store=tmp_path / "s", queue_bytes=65_536)
    text = "x" * 5_000

    def work(name: str) -> None:
        for number in range(50):
            with convqa.turn(f"{name}-{number}", text) as turn:
                with convqa.tool(name="t"):
                    pass
                turn.answer(text)

    threads = [threading.Thread(target=work, args=(f"t{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sdk.flush(30)
    sdk.shutdown(10)
    stats = sdk.stats()
    assert stats.lost
    assert stats.recorded == 400 == stats.exported + sum(stats.lost.values())
    assert lost_in(tmp_path / "s") == lost(slow.spans) == sum(stats.lost.values())
    whole = {s.parent.span_id for s in slow.spans if stage(s) == "tool" and s.parent is not None}
    assert whole == {s.context.span_id for s in slow.spans if stage(s) == "turn" and s.context is not None}
    assert len(set(turns_in(tmp_path / "s"))) == len(turns_in(tmp_path / "s"))


def test_a_turn_is_exported_only_when_every_destination_took_it(start: Start, tmp_path: Path) -> None:
    """`exported` and `lost` count turns, not deliveries: one failing destination makes a turn lost, once."""
    good, bad, worse = Keeping(), Failing(), Raising()
    sdk = start(good, bad, worse, store=tmp_path / "s")
    turns(3)
    assert not sdk.flush(10)
    stats = sdk.stats()
    assert (stats.recorded, stats.exported, sum(stats.lost.values()), stats.pending) == (3, 0, 3, 0)
    assert sorted(good.turns) == sorted(turns_in(tmp_path / "s")) == ["c-0", "c-1", "c-2"]
    assert sdk.flush(10), "nothing was lost since the flush before"


def test_what_an_exporter_does_to_its_spans_stays_with_it(start: Start, tmp_path: Path) -> None:
    """Each destination has spans of its own: one that changes them changes nobody else's."""

    class Changing(Keeping):
        def export(self, spans):
            for span in spans:
                span._attributes.clear()
                for event in span.events:
                    event.attributes.clear()
            return super().export(spans)

    for order in (0, 1):
        good = Keeping()
        sdk = start(*[(Changing(), good), (good, Changing())][order])
        with convqa.turn("c-1", "hi") as turn:
            turn.event("e", {"n": 1})
        assert sdk.flush(10)
        (span,) = good.spans
        assert attributes(span)["gen_ai.conversation.id"] == "c-1"
        assert dict(span.events[0].attributes or {}) == {"n": 1}


@pytest.mark.parametrize("error", [RuntimeError, SystemExit, KeyboardInterrupt])
def test_a_raising_exporter_disturbs_nobody(
    start: Start, error: type[BaseException], caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """Whatever an exporter raises, the bot, its own thread and other destinations go on; the log quotes nothing."""
    sdk = start(Raising(error), store=tmp_path / "s")
    for number in range(3):
        turns(1, f"c{number}")
        assert not sdk.flush(10)
    assert sdk.stats().lost == {"export_raised": 3}
    assert len(turns_in(tmp_path / "s")) == 3
    sdk.shutdown(2)
    assert lost_in(tmp_path / "s") == 3
    messages = [record.getMessage() for record in caplog.records if "export:Raising" in record.getMessage()]
    assert len(messages) == 1
    assert error.__name__ in messages[0]
    assert "cannot export" not in caplog.text


def test_a_loss_reaches_a_destination_once_it_works_again(start: Start) -> None:
    """A destination that failed learns of its losses when it recovers, so that its readers know what is missing."""
    exporter = Failing()
    sdk = start(exporter)
    turns(2)
    sdk.flush(10)
    turns(1, "d")
    sdk.flush(10)
    exporter.broken = False
    turns(1, "e")
    sdk.flush(10)
    sdk.shutdown(2)
    assert lost(exporter.spans) == sum(sdk.stats().lost.values()) == 3
    assert exporter.turns == ["e-0"]
    assert {attributes(s)["convqa.loss.cause"] for s in exporter.spans if stage(s) == "loss"} == {"export_failed"}


def test_a_late_outcome_that_is_lost_makes_flush_say_so(start: Start) -> None:
    """`flush()` tells of everything that did not leave; a lost outcome is a counted fault, not a lost turn."""
    sdk = start(Failing())
    convqa.record_feedback("c-1", thumbs="up")
    assert not sdk.flush(10)
    assert sdk.stats().lost == {}
    assert sdk.stats().recorded == 0


def test_a_flush_tells_of_losses_since_the_flush_before(start: Start) -> None:
    """A loss that happened before `flush()` was called is told by it as well."""
    exporter = Failing()
    sdk = start(exporter)
    turns(1)
    wait_until(lambda: sdk.stats().lost)
    assert not sdk.flush(10)


# ------------------------------------------------------------------------------------------------------ hanging


def test_flush_and_shutdown_keep_their_deadlines_with_a_hanging_exporter(start: Start, tmp_path: Path) -> None:
    """With an exporter that never returns, `flush(t)` and `shutdown(t)` end by t + 0.2 s; the store has everything."""
    hanging = HangingEverywhere()
    sdk = start(hanging, store=tmp_path / "s")
    turns(3)
    hanging.entered.wait(10)
    began = time.monotonic()
    assert not sdk.flush(0.3)
    flushed = time.monotonic()
    sdk.shutdown(0.3)
    ended = time.monotonic()
    assert 0.25 < flushed - began < 0.3 + 2 * SLACK_S
    assert ended - flushed < 0.3 + 2 * SLACK_S
    stats = sdk.stats()
    assert (stats.recorded, stats.exported, stats.lost, stats.pending) == (3, 0, {"shutdown": 3}, 0)
    assert sorted(turns_in(tmp_path / "s")) == ["c-0", "c-1", "c-2"]
    assert lost_in(tmp_path / "s") == 3
    hanging.release.set()


def test_what_an_exporter_takes_after_it_was_given_up_is_not_counted_twice(start: Start) -> None:
    """When a hanging exporter returns after `shutdown`, its turns stay lost: no count changes any more."""
    hanging = Hanging()
    sdk = start(hanging)
    turns(2)
    hanging.entered.wait(10)
    turns(2, "d")
    sdk.shutdown(0.1)
    before = sdk.stats()
    assert (before.recorded, sum(before.lost.values()), before.pending) == (4, 4, 0)
    hanging.release.set()
    wait_until(lambda: hanging.batches)
    time.sleep(0.1)
    after = sdk.stats()
    assert (after.exported, after.lost, after.pending) == (before.exported, before.lost, 0)
    assert sdk._worker._destinations[0]._bytes == 0


def test_a_hanging_destination_delays_no_other(start: Start) -> None:
    """Beside a destination that hangs, others get every turn."""
    hanging, good = Hanging(), Keeping()
    sdk = start(hanging, good)
    turns(500)
    wait_until(lambda: len(good.turns) == 500)
    assert sdk.stats().exported == 0
    hanging.release.set()
    assert sdk.flush(20)
    assert sorted(hanging.turns) == sorted(good.turns)


def test_a_full_destination_loses_whole_turns_and_is_bounded(start: Start) -> None:
    """The queue of a hanging destination is bounded in bytes; what does not fit is lost for its own cause."""
    hanging, good = Hanging(), Keeping()
    sdk = start(hanging, good, queue_bytes=65_536)
    for number in range(100):
        with convqa.turn(f"c-{number}", "y" * 4_000) as turn:
            turn.answer("x")
        sdk.flush(0.01)
    wait_until(lambda: len(good.turns) == 100)
    stats = sdk.stats()
    assert set(stats.lost) == {"destination_full"}
    (destination, _) = sdk._worker._destinations
    assert destination._bytes <= 65_536
    hanging.release.set()
    sdk.flush(10)
    sdk.shutdown(5)
    assert lost(good.spans) == lost(hanging.spans) == stats.lost["destination_full"] == 100 - len(hanging.turns)


def test_memory_stays_bounded_with_a_hanging_exporter(run) -> None:
    """With an exporter that hangs, memory grows by no more than twice the configured bytes, however many turns come."""
    done = run(
        """
        import gc, threading, tracemalloc
        import convqa_sdk as convqa
        from opentelemetry.sdk.trace.export import SpanExporter

        class Hanging(SpanExporter):
            def export(self, spans):
                threading.Event().wait()

        sdk = convqa.configure("bot", exporters=[Hanging()], key=b"k" * 32, queue_bytes=4_000_000)
        def one(n):
            with convqa.turn(f"c-{n % 50}", "where is my order " * 4, account_id="a-1", channel="web") as turn:
                with convqa.retrieval(data_source="kb", query="order") as stage:
                    stage.set(documents=[convqa.Document(f"d-{i}", "passage " * 10, 0.5) for i in range(4)])
                with convqa.generation(model="m", messages=[{"role": "user", "content": "hi"}]) as stage:
                    stage.set(input_tokens=10, output_tokens=10)
                turn.answer("it comes tomorrow")
        for n in range(50):
            one(n)
        sdk.flush(0.5)
        gc.collect()
        tracemalloc.start()
        for n in range(4_000):
            one(n)
            if n % 100 == 0:
                sdk.flush(0.01)
        sdk.flush(0.5)
        gc.collect()
        print(tracemalloc.get_traced_memory()[0], sum(sdk.stats().lost.values()))
        import os; os._exit(0)
        """,
        timeout=110,
    )
    grown, lost_turns = map(int, done.stdout.split())
    assert lost_turns > 1_000
    assert grown < 2 * 4_000_000


# ---------------------------------------------------------------------------------------------------------- shutdown


def test_shutdown_twice_and_flush_after_it_are_harmless(start: Start) -> None:
    """A second shutdown does nothing, a flush after it returns at once, and the exporter is shut down once."""
    exporter = Keeping()
    sdk = start(exporter)
    turns(1)
    sdk.shutdown(5)
    sdk.shutdown(5)
    assert sdk.flush(5)
    assert exporter.shutdowns == 1
    assert exporter.turns == ["c-0"]


def test_what_ends_after_shutdown_is_counted_as_lost(start: Start) -> None:
    """A unit that comes to a stopped worker is lost for that cause; the bot notices nothing."""
    sdk = start(Keeping())
    recorder = sdk.recorder
    assert recorder is not None
    turn = convqa.turn("c-1").__enter__()
    sdk.shutdown(5)
    recorder.submit(Unit(turn, (), 10, whole=True))
    assert sdk.stats().lost == {"stopped": 1}
    assert settled(sdk)


def test_a_turn_open_at_shutdown_is_emitted_as_cancelled(start: Start) -> None:
    """Shutdown emits what is open as cancelled; its block's end later changes nothing."""
    exporter = Keeping()
    sdk = start(exporter)
    with convqa.turn("c-1", "hi") as turn:
        with convqa.tool(name="t"):
            pass
        assert sdk.stats().open == 1
        sdk.shutdown(5)
        turn.answer("too late")
    (span,) = [span for span in exporter.spans if stage(span) == "turn"]
    assert attributes(span)["convqa.status"] == "cancelled"
    assert "convqa.answer.text" not in attributes(span)
    assert len(exporter.spans) == 2
    assert (sdk.stats().recorded, sdk.stats().exported, sdk.stats().open) == (1, 1, 0)


def test_many_open_turns_do_not_delay_shutdown(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shutdown gives way to the worker for none of the turns that it closes, and counts what it cannot deliver."""
    sdk = start(Keeping(), queue_bytes=65_536)
    made, go = sdk._worker._renderings.materialisers[0].spans, threading.Event()
    monkeypatch.setattr(sdk._worker._renderings.materialisers[0], "spans", lambda unit: go.wait(30) and made(unit))
    held = [convqa.turn(f"c-{n}", "x" * 1_000).__enter__() for n in range(2_000)]
    began = time.monotonic()
    sdk.shutdown(0.5)
    assert time.monotonic() - began < 0.5 + 1.0
    assert len(held) == 2_000
    assert sdk.stats().open == 0
    assert sdk.stats().lost.keys() == {"queue_full", "shutdown"}
    go.set()
    wait_until(lambda: settled(sdk))
    wait_until(lambda: sdk._worker.queued_bytes == 0)


def test_a_full_queue_loses_whole_turns_and_is_bounded(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """When spans are made too slowly, what does not fit into the queue is lost for its own cause, and reported."""
    exporter = Keeping()
    sdk = start(exporter, queue_bytes=65_536)
    made, go = sdk._worker._renderings.materialisers[0].spans, threading.Event()
    monkeypatch.setattr(sdk._worker._renderings.materialisers[0], "spans", lambda unit: go.wait(30) and made(unit))
    for number in range(60):
        with convqa.turn(f"c-{number}", "x" * 5_000) as turn:
            turn.answer("x")
    assert sdk._worker.queued_bytes <= 65_536
    assert set(sdk.stats().lost) == {"queue_full"}
    go.set()
    sdk.flush(20)
    sdk.shutdown(5)
    assert settled(sdk)
    assert lost(exporter.spans) == sdk.stats().lost["queue_full"] == 60 - len(exporter.turns)


def test_an_exporter_that_is_configured_again_stays_open() -> None:
    """A module-level exporter goes on working; one that is not carried over is shut down."""
    kept, left = InMemorySpanExporter(), InMemorySpanExporter()
    convqa.configure(exporters=[kept, left], key=KEY, interval_s=0.02)
    with convqa.turn("c-1", "hi"):
        pass
    sdk = convqa.configure(exporters=[kept], key=KEY, interval_s=0.02)
    with convqa.turn("c-2", "hi"):
        pass
    assert sdk.flush(5)
    assert [s.attributes["gen_ai.conversation.id"] for s in kept.get_finished_spans()] == ["c-1", "c-2"]
    assert left.export([]) is SpanExportResult.FAILURE


def test_without_a_key_a_process_has_one_for_its_trace_ids() -> None:
    """Configuring again does not tear a conversation apart."""
    kept = InMemorySpanExporter()
    for _ in range(2):
        sdk = convqa.configure(service_name="bot", exporters=[kept], interval_s=0.02)
        with convqa.turn("c-1", "hi"):
            pass
        sdk.flush(5)
    assert len({span.context.trace_id for span in kept.get_finished_spans()}) == 1


def test_configure_again_replaces_after_a_flush(start: Start, tmp_path: Path) -> None:
    """A second `configure()` delivers what the first one holds; nothing is lost, nothing comes twice."""
    first, second = Slow(), Keeping()
    one = start(first)
    turns(50, "a")
    two = start(second)
    turns(50, "b")
    assert two.flush(10)
    assert first.turns == [f"a-{n}" for n in range(50)]
    assert second.turns == [f"b-{n}" for n in range(50)]
    assert first.shutdowns == 1
    assert settled(one)
    assert settled(two)


def test_configure_from_many_threads_leaves_one_in_force(start: Start) -> None:
    """Of several simultaneous `configure()` calls all but one are shut down: no turn is left in an orphan."""
    exporters = [Keeping() for _ in range(8)]
    threads = [threading.Thread(target=start, args=(exporter,)) for exporter in exporters]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(exporter.shutdowns for exporter in exporters) == 7


# ------------------------------------------------------------------------------------------- hostile circumstances


def test_the_worker_may_be_reentered_from_the_collector(start: Start) -> None:
    """A turn that the garbage collector ends while the same thread holds a lock of ours deadlocks nothing."""
    exporter = Keeping()
    sdk = start(exporter)
    worker = sdk._worker
    done = threading.Event()

    def collected_at_the_worst_moment() -> None:
        with worker._lock, sdk._ledger._lock, worker._destinations[0]._changed:
            turns(1, "inner")
        done.set()

    threading.Thread(target=collected_at_the_worst_moment, daemon=True).start()
    assert done.wait(10)
    assert sdk.flush(10)
    assert exporter.turns == ["inner-0"]


def test_without_threads_the_loss_is_counted(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no thread can be started, turns are lost and counted; when it can again, they are delivered."""
    exporter = Keeping()
    sdk = start(exporter)
    sdk._worker.after_fork()  # without threads, like a child

    class NoThread(threading.Thread):
        def start(self) -> None:
            raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading, "Thread", NoThread)
        turns(2)
    assert sdk.stats().lost == {"no_thread": 2}
    turns(1, "d")
    sdk.flush(10)
    assert exporter.turns == ["d-0"]


def test_a_signal_while_the_threads_start_leaves_one_of_each(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """A time limit that ends the first turns of a forked worker: no thread is doubled."""
    sdk = start(Keeping())
    sdk._worker.after_fork()  # without threads, like a child
    begin, begun = threading.Thread.start, list[str]()

    def interrupted(thread: threading.Thread) -> None:
        begin(thread)
        if thread.name.startswith("convqa-"):
            begun.append(thread.name)
            if begun.count(thread.name) == 1:
                raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "start", interrupted)
    for number in range(4):
        with suppress(KeyboardInterrupt):
            turns(1, f"c-{number}")
    assert begun == ["convqa-Keeping", "convqa-export"]
    assert sdk.flush(10)
    sdk.shutdown(1)


def test_a_unit_that_cannot_be_made_costs_itself_only(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours while spans are made loses that turn for that cause, and the next one is exported."""
    exporter = Keeping()
    sdk = start(exporter)
    made = sdk._worker._renderings.materialisers[0].spans

    def faulty(flat: Flat):
        if flat.unit.turn is not None and flat.unit.turn.conversation_id == "c-0":
            raise RuntimeError("a fault of ours")
        return made(flat)

    monkeypatch.setattr(sdk._worker._renderings.materialisers[0], "spans", faulty)
    turns(3)
    assert not sdk.flush(10)
    assert sdk.stats().lost == {"materialise": 1}
    assert exporter.turns == ["c-1", "c-2"]
    sdk.shutdown(5)
    assert lost(exporter.spans) == 1


def test_the_bytes_of_the_queue_return_to_zero(start: Start) -> None:
    """What the queues say they hold is what they hold: nothing once everything has left, however it left."""
    failing, good = Failing(), Keeping()
    sdk = start(failing, good)
    turns(200, stages=2)
    sdk.flush(20)
    worker = sdk._worker
    assert worker.queued_bytes == 0
    wait_until(lambda: worker.idle)
    assert [destination._bytes for destination in worker._destinations] == [0, 0]


def test_a_producer_wakes_the_worker_before_its_interval(start: Start) -> None:
    """Many waiting turns do not wait for the interval."""
    exporter = Keeping()
    start(exporter, interval_s=60.0)
    turns(worker_module.WAKE_UNITS + 1)
    time.sleep(0.2)
    turns(worker_module.WAKE_UNITS + 1, "d")
    wait_until(lambda: len(exporter.turns) >= 2 * worker_module.WAKE_UNITS)


# ------------------------------------------------------------------------------------ the application's telemetry


def test_exports_are_not_observed_by_the_applications_instrumentation(start: Start) -> None:
    """While we export, instrumentation of HTTP clients is suppressed: our requests make no spans."""
    seen: list[tuple[object, object]] = []

    class Looking(Keeping):
        def export(self, spans):
            seen.append(
                (
                    otel_context.get_value(_SUPPRESS_INSTRUMENTATION_KEY),
                    otel_context.get_value(_SUPPRESS_HTTP_INSTRUMENTATION_KEY),
                )
            )
            return super().export(spans)

    sdk = start(Looking())
    turns(1)
    sdk.flush(10)
    assert seen == [(True, True)]


@pytest.mark.parametrize("processor", [SimpleSpanProcessor, BatchSpanProcessor])
def test_forwarded_spans_are_flushed_with_us(start: Start, processor) -> None:
    """`forward_to=` hands our finished spans to a processor; `flush()` waits until that has sent them too."""
    memory = InMemorySpanExporter()
    forwarded = processor(memory)
    sdk = start(forward_to=forwarded)
    turns(1, stages=1)
    assert sdk.flush(10)
    assert [span.name for span in memory.get_finished_spans()] == ["execute_tool t", "turn"]
    forwarded.shutdown()


def test_configure_touches_no_provider(start: Start) -> None:
    """Recording installs no global provider, and adds nothing to the application's."""
    provider = TracerProvider()
    before = trace.get_tracer_provider()
    sdk = start(Keeping(), provider=provider)
    turns(1)
    sdk.flush(10)
    assert trace.get_tracer_provider() is before
    assert provider._active_span_processor._span_processors == ()


def test_an_exporter_that_only_looks_like_one_breaks_nothing(start: Start) -> None:
    """A mock has no `force_flush` on its class; a handler that is flushed after gets its answer all the same."""
    sdk = start(MagicMock(spec=SpanExporter))
    assert convqa.flush_after(lambda: "answer")() == "answer"
    sdk.shutdown(1)


def test_a_turn_that_lasts_for_ever_does_not_keep_its_stages(start: Start) -> None:
    """Stages beyond a turn's room leave at once on their own, and the turn states no sums over a part of them."""
    exporter = Keeping()
    sdk = start(exporter)
    with convqa.turn("c-1", "hi") as turn:
        for _ in range(300):
            convqa.tool(name="t")(lambda: "x" * 20_000)()
        convqa.escalation(lambda reason: None)("policy")
        turn.answer("x")
        kept = len(turn.stages) - 1
        assert 150 < kept < 200
        assert sdk.flush(10)
        assert len(exporter.spans) == 300 - kept
    assert sdk.flush(10)
    assert len(exporter.spans) == 302
    whole = next(span for span in exporter.spans if stage(span) == "turn")
    assert "convqa.turn.tool_calls" not in attributes(whole)
    assert attributes(whole)["convqa.escalation.reason"] == "policy"
    assert list(attributes(whole)["convqa.instrumentation.violations"]) == ["stages"]
    assert {span.context.trace_id for span in exporter.spans} == {whole.context.trace_id}


def test_what_others_record_counts_into_the_queue(start: Start) -> None:
    """128 exceptions of 16 KB each on one span weigh what they weigh."""
    hanging = Hanging()
    sdk = start(hanging, queue_bytes=1_000_000)
    for _ in range(10):
        with convqa.turn("c-1", "hi") as turn:
            for _ in range(128):
                turn.record_exception(ValueError("x" * 16_000))
    assert sdk.stats().lost["queue_full"] >= 9
    hanging.release.set()


def test_lost_outcomes_are_counted_and_written_down(start: Start, tmp_path: Path) -> None:
    """What is no turn is not lost silently either: by cause in `stats`, and in the store for whoever reads it."""
    store = tmp_path / "store"
    sdk = start(Failing(), store=store)
    convqa.record_feedback("c-1", thumbs="up")
    convqa.tool(name="t")(lambda: None)()
    assert not sdk.flush(5)
    assert sdk.stats().lost == {}
    assert sdk.stats().lost_records == {"export_failed": 2}
    sdk.shutdown(2)
    assert measure(store).lost_records == {"export_failed": 2}


def test_a_turn_that_a_recognizer_keeps_is_lost_at_shutdown(start: Start) -> None:
    """It is counted once, also when the recognizer comes back later; the shutdown does not wait for it."""
    asked, back = threading.Event(), threading.Event()

    def endless(text: str) -> list[tuple[int, int, str]]:
        asked.set()
        back.wait(30)
        return []

    keeping = Keeping()
    sdk = start(keeping, recognizers=[endless])
    with convqa.turn("c-1", "hi"):
        pass
    assert asked.wait(10)
    sdk.shutdown(0.05)
    stats = sdk.stats()
    assert (stats.lost, stats.pending) == ({"shutdown": 1}, 0)
    back.set()
    wait_until(lambda: sdk._worker.idle)
    assert sdk.stats().lost == {"shutdown": 1}
    assert not [span for span in keeping.spans if stage(span) == "turn"]
