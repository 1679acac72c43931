"""Telemetry never breaks the bot: whatever fails inside us is counted, and the bot goes on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import convqa_sdk as convqa
from convqa_sdk.tracing import recorder as recorders

from .conftest import Recorded, nothing_current

PARTS = ["submit", "joins", "trace_id", "span_id", "time_ns", "perf_ns"]


@convqa.tool
def lookup(order: str) -> str:
    """Find an order."""
    return order


@convqa.generation(model="m")
def draft() -> Iterator[str]:
    """Stream a text."""
    yield "a"
    yield "b"


@convqa.turn(conversation_id="conversation")
async def reply(conversation: str) -> str:
    """A turn with stages of every kind."""
    lookup("o-1")
    with convqa.retrieval(data_source="kb") as stage:
        stage.set(documents=[])
        convqa.current_stage().custom(x=1)
    async with convqa.turn("nested", "hi") as turn:
        return "".join(turn.stream(draft())) + str(turn.ref)[:3]


def failing(*_: Any, **__: Any) -> Any:
    """Raise, as any part of ours might."""
    raise RuntimeError("ours")


@pytest.mark.parametrize("times", [0, 1, 3], ids="after {}".format)
@pytest.mark.parametrize("part", PARTS)
async def test_a_failing_part_of_ours_never_reaches_the_bot(spans: Recorded, part: str, times: int) -> None:
    """When a clock, the ids, the join or the queue fail, from the start or later, the bot's result is the same."""
    recorder = recorders.active()
    assert recorder is not None
    works = getattr(recorder, part)
    calls = 0

    def part_time(*args: Any) -> Any:
        nonlocal calls
        calls += 1
        return works(*args) if calls <= times else failing()

    setattr(recorder, part, part_time)
    assert await reply("c-1") == "abcq1"
    assert lookup("o-2") == "o-2"
    assert nothing_current()
    assert "ours" not in spans.text
    if calls > times:
        assert sum(spans.stats.faults.values()) > 0


def test_the_recorder_can_be_removed_in_the_middle_of_a_turn(spans: Recorded) -> None:
    """Switching recording off while a turn runs lets that turn end as it began."""
    with convqa.turn("c-1", "hi"):
        recorders.install(None)
        lookup("o-1")
    assert spans.statuses("tool") == ["ok"]
    assert spans.statuses("turn") == ["ok"]
    lookup("o-2")
    assert len(spans.all) == 2
