"""Threads: with `carry` and `Executor` they work for the turn, without for none, and say so."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from opentelemetry import context as otel_context
from opentelemetry.context import Context

import convqa_sdk as convqa

from .conftest import Recorded, is_child, nothing_current


@convqa.tool
def lookup(order: str) -> str:
    """Find an order."""
    return f"found {order}"


def test_carry_takes_turn_and_stage_into_a_thread(spans: Recorded) -> None:
    """A carried function's stages are children of the stage that carried it."""
    results: list[str] = []
    with convqa.turn("c-1", "hi") as turn:
        turn.answer("x")
        with convqa.retrieval(data_source="kb") as stage:
            stage.set(documents=[])
            thread = threading.Thread(target=convqa.carry(lambda: results.append(lookup("o-1"))))
            thread.start()
            thread.join()
    assert results == ["found o-1"]
    assert is_child(spans.one("tool"), spans.one("retrieval"))
    assert spans.stats.violations == {}


def test_a_carried_function_can_run_many_times_at_once(spans: Recorded) -> None:
    """One carried function may run in many threads at the same time."""
    barrier = threading.Barrier(8)

    def work(index: int) -> str:
        barrier.wait(5)
        return lookup(f"o-{index}")

    with convqa.turn("c-1", "hi") as turn:
        carried = convqa.carry(work)
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(carried, range(8))) == [f"found o-{index}" for index in range(8)]
        assert convqa.current_stage() is turn
    assert len(spans.of("tool")) == 8
    assert all(is_child(span, spans.one("turn")) for span in spans.of("tool"))


def test_carry_keeps_name_signature_result_and_exception() -> None:
    """A carried function looks and behaves like the function."""
    error = KeyError("k")

    def work(order: str, *, count: int = 1) -> str:
        """Do it."""
        if count == 0:
            raise error
        return order * count

    carried = convqa.carry(work)
    assert (carried.__name__, carried.__doc__) == ("work", "Do it.")
    assert carried("a", count=3) == "aaa"
    with pytest.raises(KeyError) as caught:
        carried("a", count=0)
    assert caught.value is error


def test_executor_carries_by_itself(spans: Recorded) -> None:
    """What `Executor` runs, by `submit` or `map`, belongs to the turn that submitted it, and no other."""
    with convqa.Executor(4) as pool:
        for conversation in ("c-1", "c-2"):
            with convqa.turn(conversation, "hi"):
                assert pool.submit(lookup, order="a").result() == "found a"
                assert list(pool.map(lookup, ["b", "c"])) == ["found b", "found c"]
        assert pool.submit(nothing_current).result() is True
    owners = {span.context.span_id: span.attributes["gen_ai.conversation.id"] for span in spans.of("turn")}
    assert sorted(owners.values()) == ["c-1", "c-2"]
    assert len(spans.of("tool")) == 6
    for span in spans.of("tool"):
        assert owners[span.parent.span_id] == span.attributes["gen_ai.conversation.id"]


def test_opentelemetrys_own_context_carries_a_joined_turn(spans: Recorded) -> None:
    """Where an application carries OpenTelemetry's context into a thread, a joined turn comes along."""

    def work(context: Context) -> bool:
        token = otel_context.attach(context)
        lookup("o-1")
        otel_context.detach(token)
        return nothing_current()

    with convqa.turn("c-1", "hi"), ThreadPoolExecutor(1) as pool:
        assert pool.submit(work, otel_context.get_current()).result()
    assert is_child(spans.one("tool"), spans.one("turn"))
    assert spans.violations("tool") == ()


def test_without_carry_a_stage_in_a_thread_is_marked(spans: Recorded) -> None:
    """A stage in a thread that nobody carried the turn into is a span of its own, with the violation `turn`."""
    with convqa.turn("c-1", "hi") as turn:
        turn.answer("x")
        thread = threading.Thread(target=partial(lookup, "o-1"))
        thread.start()
        thread.join()
    tool = spans.one("tool")
    assert tool.parent is None
    assert tool.context.trace_id != spans.one("turn").context.trace_id
    assert spans.violations("tool") == ("turn",)
    assert spans.stats.violations == {"turn": 1}
    assert spans.stats.recorded == 1
