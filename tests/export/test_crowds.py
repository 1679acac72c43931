"""Many at once: every turn is whole and of one conversation, and what does not fit is lost whole and counted."""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import convqa_sdk as convqa

from .conftest import Start, lost_in, stored
from .doubles import Hanging, Keeping, attributes, lost, wait_until

THREADS, EACH = 64, 25
TASKS = 1_000


def thread_turns(name: str, text: str = "hi") -> None:
    """Turns of four spans, the names of which say where they belong."""
    for number in range(EACH):
        own = f"{name}-{number}"
        with convqa.turn(own, f"{own} {text}") as turn:
            with convqa.tool(name="outer", arguments={"of": own}), convqa.tool(name="inner", arguments={"of": own}):
                pass
            with convqa.tool(name="next", arguments={"of": own}):
                pass
            turn.answer(own)


def in_threads(text: str = "hi") -> list[str]:
    """Run all threads, from one signal on; return the conversations."""
    barrier = threading.Barrier(THREADS)

    def work(name: str) -> None:
        barrier.wait()
        thread_turns(name, text)

    threads = [threading.Thread(target=work, args=(f"t{n}",)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [f"t{n}-{m}" for n in range(THREADS) for m in range(EACH)]


async def task_turn(own: str, gate: asyncio.Event) -> None:
    """The same as a task that is interrupted between any two steps."""
    await gate.wait()
    async with convqa.turn(own, own) as turn:
        await asyncio.sleep(0)
        async with convqa.tool(name="outer", arguments={"of": own}):
            await asyncio.sleep(0)
            async with convqa.tool(name="inner", arguments={"of": own}):
                await asyncio.sleep(0)

        @convqa.tool(name="next")
        async def following(of: str) -> None:
            await asyncio.sleep(0)

        await asyncio.gather(following(own))
        turn.answer(own)


def in_tasks() -> list[str]:
    """Run all tasks, interleaved; return the conversations."""

    async def main() -> None:
        gate = asyncio.Event()
        tasks = [asyncio.create_task(task_turn(f"a{n}", gate)) for n in range(TASKS)]
        await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(*tasks)

    asyncio.run(main())
    return [f"a{n}" for n in range(TASKS)]


def check_whole(spans: list[Any], expected: list[str] | None = None) -> set[str]:
    """Assert that each turn has its own four spans, once, below each other as they ran; return the conversations."""
    by_conversation: dict[str, dict[str, Any]] = defaultdict(dict)
    for span in spans:
        own = by_conversation[attributes(span)["gen_ai.conversation.id"]]
        assert span.name not in own, "twice"
        own[span.name] = span
    for name, own in by_conversation.items():
        assert set(own) == {"turn", "execute_tool outer", "execute_tool inner", "execute_tool next"}
        turn = own["turn"]
        tools = [outer, inner, following] = [own[f"execute_tool {tool}"] for tool in ("outer", "inner", "next")]
        assert turn.parent is None
        assert outer.parent.span_id == following.parent.span_id == turn.context.span_id
        assert inner.parent.span_id == outer.context.span_id
        assert len({span.context.trace_id for span in own.values()}) == 1
        assert attributes(turn)["convqa.answer.text"] == name
        assert {attributes(tool)["gen_ai.tool.call.arguments"] for tool in tools} == {f'{{"of":"{name}"}}'}
    assert len({span.context.span_id for span in spans}) == len(spans)
    assert expected is None or sorted(by_conversation) == sorted(expected)
    return set(by_conversation)


@pytest.mark.parametrize("crowd", [in_threads, in_tasks])
def test_a_crowd_is_recorded_whole_and_apart(start: Start, crowd: Callable[[], list[str]]) -> None:
    """64 threads, or 1,000 tasks at once: with room in the queue nothing is lost, and nobody sees another's turn."""
    exporter = Keeping()
    sdk = start(exporter, queue_bytes=256_000_000)
    expected = crowd()
    assert sdk.flush(60)
    check_whole(exporter.spans, expected)
    stats = sdk.stats()
    assert (stats.recorded, stats.exported, stats.lost, stats.open) == (len(expected), len(expected), {}, 0)
    assert stats.violations == stats.faults == {}


def test_a_crowd_that_does_not_fit_loses_whole_turns_and_says_how_many(
    start: Start, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Beside a backend that hangs, with a small queue: what is there is whole, and the rest is counted everywhere."""
    hanging, good = Hanging(), Keeping()
    sdk = start(hanging, good, store=tmp_path / "s", queue_bytes=400_000)
    expected = in_threads("y" * 2_000)
    hanging.release.set()
    sdk.flush(60)
    sdk.shutdown(10)
    stats = sdk.stats()
    lost_turns = sum(stats.lost.values())
    assert stats.recorded == len(expected) == stats.exported + lost_turns
    assert lost_turns > 0
    assert set(stats.lost) <= {"queue_full", "destination_full"}
    for exporter in (hanging, good):
        arrived = check_whole([span for span in exporter.spans if attributes(span)["convqa.stage"] != "loss"])
        assert len(expected) - len(arrived) <= lost_turns
        assert lost(exporter.spans) == lost_turns
    assert lost_in(tmp_path / "s") == lost_turns
    in_store = [span.conversation_id for span in stored(tmp_path / "s") if span.stage != "loss"]
    assert {in_store.count(name) for name in set(in_store)} == {4}
    for cause in stats.lost:
        lines = [r for r in caplog.records if r.name == "convqa_sdk" and f"cause='{cause}'" in r.getMessage()]
        assert 1 <= len(lines) <= 7, "once for those destinations that missed the same turns"
    assert "yyy" not in caplog.text


@pytest.mark.parametrize("timeout_s", [0.0, 5.0])
def test_a_crowd_in_the_middle_of_which_recording_stops(start: Start, timeout_s: float) -> None:
    """Shutdown while 64 threads record: every turn is exported, lost or never counted, and none stays open."""
    exporter = Keeping()
    sdk = start(exporter)
    threads = [threading.Thread(target=thread_turns, args=(f"t{n}",)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    wait_until(lambda: sdk.stats().recorded > 20)
    sdk.shutdown(timeout_s)
    for thread in threads:
        thread.join()
    wait_until(lambda: not sdk.stats().pending)
    stats = sdk.stats()
    assert stats.recorded == stats.exported + sum(stats.lost.values())
    assert stats.open == 0
    turns = [attributes(span)["gen_ai.conversation.id"] for span in exporter.spans if span.name == "turn"]
    assert len(turns) == len(set(turns)) == stats.exported
