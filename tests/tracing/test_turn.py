"""Turns: tasks, threads, nesting, many at once; stages that outlive them; turns that are never closed."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import hashlib
import hmac
import subprocess
import sys
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from opentelemetry import trace

import convqa_sdk as convqa
from convqa_sdk.tracing.current import running

from .conftest import KEY, Make, Recorded, is_child, nothing_current


@convqa.tool
async def alookup(order: str) -> str:
    """A tool with a stage inside."""
    await asyncio.sleep(0)
    async with convqa.access_check(resource="order", decision="allow"):
        await asyncio.sleep(0)
    return order


def parent_of(span: Any) -> int | None:
    """Span id of the parent."""
    return span.parent.span_id if span.parent is not None else None


async def test_tasks_and_gather_belong_to_their_turn(spans: Recorded) -> None:
    """Stages in tasks and in `gather` are children of the stage that started the task, siblings of each other."""
    async with convqa.turn("c-1", "hi") as turn:
        turn.answer("x")
        task = asyncio.create_task(alookup("a"))
        await asyncio.gather(alookup("b"), alookup("c"))
        await task
        assert convqa.current_stage() is turn
    root = spans.one("turn")
    tools = spans.of("tool")
    assert [is_child(span, root) for span in tools] == [True] * 3
    assert sorted(parent_of(span) for span in spans.of("access_check")) == sorted(s.context.span_id for s in tools)
    assert spans.stats.violations == {}


@pytest.mark.skipif(sys.version_info < (3, 11), reason="asyncio.TaskGroup is new in Python 3.11")
async def test_a_task_group_belongs_to_its_turn(spans: Recorded) -> None:
    """When one task of a group fails, the others are cancelled, and every stage says which of the two it was."""

    @convqa.tool
    async def fail() -> None:
        await asyncio.sleep(0.01)
        raise ValueError("bad")

    @convqa.retrieval(data_source="kb")
    async def wait() -> list[convqa.Document]:
        await asyncio.sleep(60)
        return []

    async def bot() -> None:
        async with convqa.turn("c-1", "hi"), asyncio.TaskGroup() as group:
            group.create_task(fail())
            group.create_task(wait())

    with pytest.raises(BaseException, match="unhandled errors"):
        await bot()
    assert spans.status("tool") == "error"
    assert spans.status("retrieval") == "cancelled"
    assert spans.status("turn") == "error"
    assert all(is_child(spans.one(kind), spans.one("turn")) for kind in ("tool", "retrieval"))


async def test_fifty_turns_of_one_conversation_at_once(spans: Recorded) -> None:
    """Concurrent turns of one conversation share a trace and nothing else."""

    async def bot(index: int) -> None:
        async with convqa.turn("c-1", f"message {index}", turn_index=index) as turn:
            await asyncio.gather(alookup(f"{index}"), alookup(f"{index}"))
            assert convqa.current_turn() is turn
            turn.answer(f"answer {index}")

    await asyncio.gather(*(bot(index) for index in range(50)))
    turns = {span.context.span_id: span for span in spans.of("turn")}
    assert len(turns) == 50
    assert len({span.context.trace_id for span in spans.all}) == 1
    assert spans.stats.recorded == spans.stats.exported == 50
    assert spans.stats.open == 0
    for span in turns.values():
        index = span.attributes["convqa.turn.index"]
        assert span.attributes["convqa.answer.text"] == f"answer {index}"
        mine = [tool for tool in spans.of("tool") if parent_of(tool) == span.context.span_id]
        assert len(mine) == 2
        assert all(f'"{index}"' in tool.attributes["gen_ai.tool.call.arguments"] for tool in mine)


def test_turns_in_threads_keep_apart(spans: Recorded) -> None:
    """Turns in threads of their own never see each other."""

    def bot(index: int) -> bool:
        with convqa.turn(f"c-{index}", "hi") as turn, convqa.tool(name="t"):
            same = convqa.current_turn() is turn
        return same and nothing_current()

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(bot, range(64)))
    turns = {span.context.span_id: span for span in spans.of("turn")}
    assert len(turns) == 64
    for tool in spans.of("tool"):
        assert tool.context.trace_id == turns[parent_of(tool)].context.trace_id


def test_a_nested_turn_is_a_child_with_its_own_conversation(spans: Recorded) -> None:
    """A turn inside a turn (an agent that asks another) is a child span; each keeps its conversation and stages."""
    with convqa.turn("outer", "hi") as outer:
        with convqa.turn("inner", "hi") as inner, convqa.tool(name="t"):
            assert convqa.current_turn() is inner
        assert convqa.current_turn() is outer
    inner_span, outer_span = spans.of("turn")
    assert inner_span.attributes["gen_ai.conversation.id"] == "inner"
    assert is_child(inner_span, outer_span)
    assert is_child(spans.one("tool"), inner_span)
    assert spans.value("tool", "gen_ai.conversation.id") == "inner"
    assert spans.stats.recorded == 2


async def test_a_stage_that_ends_after_its_turn_leaves_on_its_own(spans: Recorded) -> None:
    """A stage that outlives its turn is emitted by itself, with the turn's ids and segment fields."""
    go_on = asyncio.Event()

    @convqa.tool
    async def slow() -> str:
        await go_on.wait()
        return "done"

    async with convqa.turn("c-1", "hi", channel="web", account_id="a-1") as turn:
        task = asyncio.create_task(slow())
        await asyncio.sleep(0)
    assert spans.of("tool") == []
    go_on.set()
    assert await task == "done"
    tool = spans.one("tool")
    assert is_child(tool, spans.one("turn"))
    for key in ("gen_ai.conversation.id", "session.id", "convqa.channel", "convqa.account.id"):
        assert tool.attributes[key] == spans.value("turn", key)
    assert spans.stats.recorded == spans.stats.exported == 1
    assert turn.stages == []


async def test_a_task_may_start_a_stage_after_the_turn_ended(spans: Recorded) -> None:
    """A fire-and-forget task of a turn that has ended still belongs to it, and nothing stays current."""
    ended = asyncio.Event()

    async def later() -> bool:
        await ended.wait()
        await alookup("a")
        return convqa.current_stage().kind == "turn"

    async with convqa.turn("c-1", "hi") as turn:
        turn.answer("x")
        task = asyncio.create_task(later())
    ended.set()
    await task
    assert is_child(spans.one("tool"), spans.one("turn"))
    assert is_child(spans.one("access_check"), spans.one("tool"))
    assert spans.value("tool", "session.id") == "c-1"
    assert spans.stats.violations == {}
    assert nothing_current()


async def test_a_worker_started_inside_a_turn_does_not_stay_in_it(spans: Recorded) -> None:
    """A long-lived worker that the first turn started: its later turns are roots of their own conversations."""
    queue: asyncio.Queue[str | None] = asyncio.Queue()

    async def worker() -> None:
        while (conversation := await queue.get()) is not None:
            async with convqa.turn(conversation, "hi"):
                pass

    async with convqa.turn("c-1", "hi"):
        task = asyncio.create_task(worker())
    queue.put_nowait("c-2")
    queue.put_nowait("c-1")
    queue.put_nowait(None)
    await task
    first, second, third = spans.of("turn")
    assert [span.parent for span in (first, second, third)] == [None] * 3
    assert first.context.trace_id == third.context.trace_id != second.context.trace_id


def test_a_turn_inside_one_that_is_not_recorded_is_a_root(off: None, record: Make) -> None:
    """When recording is switched on during a turn, the next turn is whole, in its own conversation's trace."""
    with convqa.turn("c-0", "hi"):
        spans = record()
        with convqa.turn("c-1", "hi"), convqa.tool(name="t"):
            pass
    turn = spans.one("turn")
    assert turn.parent is None
    assert turn.context.trace_id == hmac_trace_id("c-1")
    assert is_child(spans.one("tool"), turn)
    assert nothing_current()


def test_a_stage_that_ends_while_its_turn_ends_is_not_lost(spans: Recorded) -> None:
    """Stages of threads that race with the end of their turn all leave, with the turn or after it."""
    for _ in range(30):
        spans.exporter.clear()
        barrier = threading.Barrier(5)

        def work(barrier: threading.Barrier = barrier) -> None:
            with convqa.tool(name="t"):
                barrier.wait(5)

        with convqa.turn("c-1", "hi"):
            threads = [threading.Thread(target=convqa.carry(work)) for _ in range(4)]
            for thread in threads:
                thread.start()
            barrier.wait(5)
        for thread in threads:
            thread.join()
        assert len(spans.of("tool")) == 4


def test_a_turn_that_is_never_closed_is_cancelled_when_collected(spans: Recorded) -> None:
    """A turn that nobody closes is emitted as cancelled, with its stages, once its context is gone."""

    def forget() -> None:
        convqa.turn("c-1", "hi").__enter__()
        with convqa.tool(name="t"):
            pass

    contextvars.copy_context().run(forget)
    gc.collect()
    assert spans.statuses("turn") == ["cancelled"]
    assert is_child(spans.one("tool"), spans.one("turn"))
    assert spans.stats.recorded == 1
    assert spans.stats.open == 0


def test_shutdown_emits_open_turns_as_cancelled(spans: Recorded) -> None:
    """At shutdown a turn that is open is emitted as cancelled, once; its end comes to nothing, twice is harmless."""
    with convqa.turn("c-1", "hi") as turn:
        with convqa.tool(name="t"):
            pass
        assert spans.stats.open == 1
        spans.sdk.shutdown()
        spans.sdk.shutdown()
        assert spans.statuses("turn") == ["cancelled"]
        assert turn.answer("late") == "late"
        with convqa.tool(name="late"):
            pass
    assert len(spans.of("turn")) == 1
    assert nothing_current()
    with convqa.turn("c-2", "hi"):
        pass
    assert len(spans.of("turn")) == 1


def test_beyond_the_limit_the_oldest_open_turn_is_cancelled(record: Make) -> None:
    """At most `max_open_turns` stay open: the oldest is emitted as cancelled, and counted."""
    spans = record(max_open_turns=2)
    contexts = [contextvars.copy_context() for _ in range(3)]
    handles = [convqa.turn(f"c-{index}", "hi") for index in range(3)]
    turns = [context.run(handle.__enter__) for context, handle in zip(contexts, handles, strict=True)]
    assert [span.attributes["gen_ai.conversation.id"] for span in spans.of("turn")] == ["c-0"]
    assert spans.statuses("turn") == ["cancelled"]
    assert spans.stats.open == 2
    assert spans.stats.faults["too_many_open_turns"] == 1
    for context, handle in zip(contexts, handles, strict=True):
        context.run(handle.__exit__, None, None, None)
    assert spans.statuses("turn") == ["cancelled", "ok", "ok"]
    assert turns[0].status == "cancelled"


def test_a_turn_evicted_in_its_own_context_leaves_it_clean(record: Make) -> None:
    """Also when all the turns were opened one after the other in one context and never closed."""
    spans = record(max_open_turns=1)

    def forget() -> bool:
        for index in range(5):
            convqa.turn(f"c-{index}", "hi").__enter__()
        return convqa.current_turn().conversation_id == "c-4"

    assert contextvars.copy_context().run(forget)
    gc.collect()
    assert spans.statuses("turn") == ["cancelled"] * 5


# --------------------------------------------------------------------------------------------------- identity


def hmac_trace_id(conversation: str, service: str = "bot", key: bytes = KEY) -> int:
    """The contract's trace id: the first 16 bytes of HMAC-SHA256(key, service NUL conversation)."""
    digest = hmac.new(key, service.encode() + b"\0" + conversation.encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:16], "big")


def test_the_trace_id_is_the_contracts_hmac(spans: Recorded) -> None:
    """Every turn of a conversation is a root in one trace whose id the key gives."""
    for _ in range(2):
        with convqa.turn("c-1", "hi"), convqa.tool(name="t"):
            pass
    assert {span.context.trace_id for span in spans.all} == {hmac_trace_id("c-1")}
    assert [span.parent for span in spans.of("turn")] == [None, None]


def test_another_process_with_the_same_key_gives_the_same_trace_id() -> None:
    """Turns that different processes handle meet under one trace id, whatever the hash seed."""
    code = (
        "import convqa_sdk as convqa\n"
        "from convqa_sdk.export.exporters import MemoryExporter\n"
        "convqa.configure('shop', exporters=[MemoryExporter()], key='another key of the team')\n"
        "with convqa.turn('c-Ä-1', 'hi') as turn: print(turn.ref.trace_id)\n"
    )
    found = {
        int(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout)
        for _ in range(2)
    }
    assert found == {hmac_trace_id("c-Ä-1", "shop", b"another key of the team")}


def test_another_key_or_service_gives_another_trace_id(record: Make) -> None:
    """The trace id tells nothing without the key, and services do not mix."""
    ids = set()
    for settings in ({}, {"key": b"x" * 32}, {"service_name": "other"}):
        record(**settings)
        with convqa.turn("c-1", "hi") as turn:
            ids.add(turn.ref.trace_id)
    assert len(ids) == 3


def test_trace_scope_turn_gives_each_turn_its_own_trace(record: Make) -> None:
    """With `trace_scope="turn"` the conversation stays on every span and the trace is the turn's."""
    spans = record(trace_scope="turn")
    for _ in range(2):
        with convqa.turn("c-1", "hi") as turn, convqa.tool(name="t"):
            assert turn.ref.trace_id == turn.get_span_context().trace_id
    first, second = spans.of("turn")
    assert first.context.trace_id != second.context.trace_id
    assert is_child(spans.of("tool")[0], first)
    assert is_child(spans.of("tool")[1], second)
    assert {span.attributes["gen_ai.conversation.id"] for span in spans.all} == {"c-1"}


def test_a_turn_links_to_the_previous_one(spans: Recorded) -> None:
    """`previous=` links to the turn before; what is no TurnRef is a violation."""
    with convqa.turn("c-1", "hi") as first:
        pass
    with convqa.turn("c-1", "hi", previous=first.ref):
        pass
    with convqa.turn("c-1", "hi", previous=str(first.ref)):  # type: ignore[arg-type] # reason: wrong on purpose
        pass
    spans_of = spans.of("turn")
    (link,) = spans_of[1].links
    assert (link.context.trace_id, link.context.span_id) == (first.ref.trace_id, first.ref.span_id)
    assert "previous" in spans_of[2].attributes["convqa.instrumentation.violations"]


def test_turns_that_are_never_closed_do_not_keep_each_other(record: Make) -> None:
    """A bot that enters turns and never leaves them gets them as cancelled, and its memory back."""
    spans = record(max_open_turns=10)
    outside = contextvars.copy_context()
    turns = outside.run(lambda: [weakref.ref(convqa.turn(f"c-{n}", "hi").__enter__()) for n in range(1_000)])
    gc.collect()
    assert sum(turn() is not None for turn in turns) < 100
    assert spans.stats.open == 10
    assert spans.stats.recorded == 990
    del outside
    gc.collect()
    assert not any(turn() for turn in turns)
    assert set(spans.statuses("turn")) == {"cancelled"}


def test_versions_and_segments(record: Make) -> None:
    """`configure`'s versions and segments hold for every turn and its stages; a turn's own win."""
    spans = record(versions=convqa.Versions(model="m1", policy="p1"), segments={"region": "eu", "channel": "web"})
    with convqa.turn("c-1", "hi") as turn:
        turn.answer("x")
        with convqa.policy_check(name="p", result="pass"):
            pass
    with convqa.turn("c-1", "hi", channel="app", versions=convqa.Versions(model="canary")) as turn:
        turn.answer("x")
    first, second = spans.of("turn")
    assert first.attributes["convqa.model.version"] == "m1"
    assert first.attributes["convqa.channel"] == "web"
    assert spans.value("policy_check", "convqa.policy.version") == "p1"
    assert spans.value("policy_check", "convqa.region") == "eu"
    assert second.attributes["convqa.model.version"] == "canary"
    assert second.attributes["convqa.channel"] == "app"
    assert second.attributes["convqa.region"] == "eu"
    assert spans.stats.violations == {}


def test_flags_are_those_of_the_turns_start(record: Make) -> None:
    """What the bot changes in its flags afterwards does not rewrite the turn."""
    spans = record()
    flags = {"tone": "warm"}
    with convqa.turn("c-1", "hi", versions=convqa.Versions(feature_flags=flags)):
        flags["tone"] = "cold"
    assert list(spans.value("turn", "convqa.feature_flags")) == ["tone=warm"]


def test_wrong_versions_are_a_violation_and_the_turn_leaves(record: Make) -> None:
    """Versions that are none do not cost the turn."""
    spans = record(versions=convqa.Versions(model="m1"))
    with convqa.turn("c-1", "hi", versions="m2"):  # type: ignore[arg-type] # reason: wrong on purpose
        pass
    assert spans.value("turn", "convqa.model.version") == "m1"
    assert "versions" in spans.violations("turn")


def test_answers(spans: Recorded) -> None:
    """`answer` and `fallback` return the text, and what is said about the answer stands on the turn."""
    with convqa.turn("c-1", "hi") as turn:
        assert turn.answer("first", type="grounded", template="t-1", citations=["kb-1"]) == "first"
    assert spans.value("turn", "convqa.answer.type") == "grounded"
    assert spans.value("turn", "convqa.answer.template_id") == "t-1"
    assert spans.stats.violations == {}
    spans.exporter.clear()
    with convqa.turn("c-1", "hi") as turn:
        assert turn.fallback("sorry") == "sorry"
    assert spans.value("turn", "convqa.answer.type") == "fallback"


def test_outside_a_turn_the_handles_do_nothing() -> None:
    """`current_turn()` and `current_stage()` outside give handles that take everything and record nothing."""
    turn, stage = convqa.current_turn(), convqa.current_stage()
    assert turn.answer("x") == "x"
    assert turn.set(channel="web") is turn
    assert list(turn.stream(["a"])) == ["a"]
    assert not turn.is_recording()
    assert not turn.get_span_context().is_valid
    stage.set(anything=1).custom(more=2)
    stage.add_event("e")
    typed = convqa.current_stage(convqa.stages.Intent)
    assert isinstance(typed, convqa.stages.Intent)
    typed.set(confidence=0.5)
    assert nothing_current()


def test_switched_off_everything_works_and_nothing_is_recorded(off: None) -> None:
    """Without a recorder turns, stages, handles and `current_stage()` work."""

    @convqa.intent_detection
    def classify(message: str) -> convqa.Intent:
        convqa.current_stage().set(confidence=1.0)
        convqa.current_stage(convqa.stages.Intent).set(confidence=1.0)
        convqa.current_turn().set(channel="web")
        return convqa.Intent("x")

    with convqa.turn("c-1", "hi") as turn:
        assert classify("hi").name == "x"
        with convqa.retrieval(data_source="kb") as stage:
            stage.set(documents=[])
        assert convqa.TurnRef.parse(str(turn.ref)) == convqa.TurnRef("c-1")
    assert nothing_current()


def test_current_stage_finds_the_nearest_of_a_kind(spans: Recorded) -> None:
    """`current_stage(kind)` climbs over other kinds; with none of that kind it is a no-op handle."""
    block = convqa.turn("c-1", "hi"), convqa.retrieval(data_source="kb"), convqa.tool(name="t")
    with block[0] as turn, block[1] as search, block[2] as tool:
        assert convqa.current_stage() is tool
        assert convqa.current_stage(convqa.stages.Retrieval) is search
        assert convqa.current_stage(convqa.stages.Turn) is turn
        assert not convqa.current_stage(convqa.stages.Generation).is_recording()


async def test_switched_off_a_turn_still_names_its_conversation(off: None) -> None:
    """In blocks, functions and streams `current_turn().ref` names the conversation, for outcomes."""

    @convqa.turn(conversation_id="cid")
    def whole(cid: str) -> convqa.TurnRef:
        with convqa.tool(name="t"):
            return convqa.current_turn().ref

    @convqa.turn(conversation_id="cid")
    async def streamed(cid: str) -> Any:
        yield convqa.current_turn().ref

    with convqa.turn("c-1"):
        assert convqa.current_turn().ref == convqa.TurnRef("c-1")
    assert whole("c-2") == convqa.TurnRef("c-2")
    assert [ref async for ref in streamed("c-3")] == [convqa.TurnRef("c-3")]
    assert convqa.record_feedback(whole("c-4"), thumbs="up")
    assert nothing_current()


def test_a_turn_that_another_thread_ends_is_left_by_its_own_block(record: Make) -> None:
    """Whoever ends it, a shutdown or too many others: the thread it ran in is free for the next customer."""
    spans = record(max_open_turns=1)
    with convqa.turn("customer-a") as first:
        thread = threading.Thread(target=lambda: convqa.turn("customer-b").__enter__())
        thread.start()
        thread.join()
        assert first.status == "cancelled"
    assert running.get() is None
    assert trace.get_current_span() is trace.INVALID_SPAN
    with convqa.tool(name="t"):
        pass
    assert spans.value("tool", "gen_ai.conversation.id").startswith("unknown-")


@pytest.mark.parametrize("setting", ["answer", "custom"])
def test_a_value_that_is_set_again_takes_its_bytes_once(spans: Recorded, setting: str) -> None:
    """A bot may set the answer so far with every chunk."""
    with convqa.turn("c-1") as turn:
        for number in range(1, 500):
            text = "x" * number
            if setting == "answer":
                turn.answer(text)
            else:
                turn.set_attributes({"so_far": text})
    assert 500 < turn.size < 3_000
