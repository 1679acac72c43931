"""A wall clock that is set back or ahead: durations, order and deadlines follow the clock that cannot be set."""

from __future__ import annotations

import itertools
import random
import time
from pathlib import Path
from typing import Any

import pytest

import convqa_sdk as convqa
from convqa_sdk.store.conversations import conversations

from .conftest import Record, Start, stored, turns_in
from .doubles import Keeping, attributes

HOUR_NS = 3_600_000_000_000
NOON_NS = 1_800_000_000_000_000_000


class Clocks:
    """A wall clock that is set at will, and one that only goes on."""

    def __init__(self, draw: random.Random) -> None:
        self.draw = draw
        self.passed = 0
        self.offset = 0

    def perf_ns(self) -> int:
        self.passed += self.draw.randrange(1, 1_000_000)
        return self.passed

    def time_ns(self) -> int:
        self.step()
        return NOON_NS + self.passed + self.offset

    def step(self) -> None:
        """Set the wall clock, as NTP and people do."""
        self.offset += self.draw.choice([0, 1, -1, 1_000, -HOUR_NS, HOUR_NS, -24 * HOUR_NS, 24 * HOUR_NS])


@pytest.mark.parametrize("seed", range(10))
def test_stages_lie_inside_their_turn_in_the_order_they_ran(record: Record, seed: int) -> None:
    """However the wall clock is set meanwhile, no duration is negative and none is longer than what has passed."""
    recorded = record()
    clocks = Clocks(random.Random(seed))
    recorder = recorded.sdk.recorder
    assert recorder is not None
    recorder.time_ns, recorder.perf_ns = clocks.time_ns, clocks.perf_ns
    for number in range(20):
        began = clocks.passed
        with convqa.turn(f"c-{number}", "hi") as turn:
            for tool in range(3):
                with convqa.tool(name=f"t{tool}") as outer:
                    clocks.step()
                    outer.add_event("e")
                    with convqa.tool(name=f"below-t{tool}"):
                        clocks.step()
            turn.answer("x")
        lasted = clocks.passed - began
        spans = {
            span.name: span for span in recorded.all if attributes(span)["gen_ai.conversation.id"] == f"c-{number}"
        }
        whole = spans["turn"]
        assert 0 < whole.end_time - whole.start_time <= lasted
        tools = [spans[f"execute_tool t{n}"] for n in range(3)]
        for before, after in itertools.pairwise(
            [whole.start_time, *(t for s in tools for t in (s.start_time, s.end_time)), whole.end_time]
        ):
            assert before < after
        for n, outer_span in enumerate(tools):
            below = spans[f"execute_tool below-t{n}"]
            (event,) = outer_span.events
            assert outer_span.start_time < event.timestamp < below.start_time < below.end_time < outer_span.end_time


def test_a_wall_clock_gone_mad_touches_neither_deadlines_nor_files(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`flush`, the interval and the age of a segment are no business of the wall clock's."""
    real, draw = time.time, random.Random(7)

    def mad() -> float:
        return real() + draw.choice([-86_400.0, 0.0, 86_400.0])

    monkeypatch.setattr(time, "time", mad)
    monkeypatch.setattr(time, "time_ns", lambda: int(mad() * 1e9))
    monkeypatch.setattr(time, "gmtime", lambda _s=None, gmtime=time.gmtime: gmtime(mad()))
    exporter = Keeping()
    sdk = start(exporter, store=tmp_path / "s", segment_age_s=3_600.0)
    recorder: Any = sdk.recorder
    recorder.time_ns = time.time_ns
    for number in range(30):
        with convqa.turn(f"c-{number}", "hi") as turn:
            turn.answer("x")
        began = time.monotonic()
        assert sdk.flush(10)
        assert time.monotonic() - began < 5
    assert exporter.turns == turns_in(tmp_path / "s") == [f"c-{n}" for n in range(30)]
    assert len(list((tmp_path / "s").iterdir())) == 1
    assert all(0 <= span.end_ns - span.start_ns < HOUR_NS for span in stored(tmp_path / "s"))


def test_segments_of_a_clock_that_was_set_back_have_names_of_their_own(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two segments of one second and one process are two files: nothing is overwritten."""
    fixed = time.gmtime(0)
    monkeypatch.setattr(time, "gmtime", lambda _s=None: fixed)
    for number in range(3):
        sdk = start(store=tmp_path / "s")
        with convqa.turn(f"c-{number}", "hi"):
            pass
        sdk.shutdown(5)
    assert len(list((tmp_path / "s").iterdir())) == 3
    assert sorted(turns_in(tmp_path / "s")) == ["c-0", "c-1", "c-2"]


def test_turns_that_are_numbered_keep_their_order(start: Start, tmp_path: Path) -> None:
    """A conversation during which the clock was set back is read in the order that `turn_index` says."""
    sdk = start(store=tmp_path / "s")
    recorder: Any = sdk.recorder
    for index, hour in enumerate((3, 1, 2)):
        recorder.time_ns = lambda hour=hour: NOON_NS + hour * HOUR_NS
        with convqa.turn("c-1", f"message {index}", turn_index=index):
            pass
    sdk.shutdown(5)
    turns = conversations(tmp_path / "s")["c-1"].turns
    assert [turn.attributes["convqa.message.text"] for turn in turns] == [f"message {n}" for n in range(3)]
