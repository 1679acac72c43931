"""Spans put together again as conversations."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convqa_sdk.errors import StoreError
from convqa_sdk.store.conversations import Conversation, conversations, find
from convqa_sdk.store.segments import StoredSpan
from written_stores import outcome, span, stage, turn, write


def numbers(spans: list[StoredSpan]) -> list[int]:
    """Return the small numbers that stand in span ids."""
    return [int(s.span_id, 16) for s in spans]


def conversation(folder: Path) -> Conversation:
    """Find the one conversation of these tests."""
    return find(folder, "c-1")


class TestTree:
    """What hangs below what."""

    def test_turns_in_order_with_their_stages(self, tmp_path: Path) -> None:
        """Turns by start time, stages below them by start time, whatever the order of writing."""
        store = write(
            tmp_path / "s",
            stage("generation", 12, parent=1, at=0.5),
            stage("retrieval", 11, parent=1, at=0.1),
            turn(2, at=10),
            turn(1, {"convqa.message.text": "hello"}, at=0),
        )
        found = conversation(store)
        assert numbers(found.turns) == [1, 2]
        assert numbers(found.children(found.turns[0])) == [11, 12]
        assert found.children(found.turns[1]) == []
        assert (found.milliseconds, found.first_message, found.loose) == (11_000.0, "hello", [])

    def test_stages_inside_stages(self, tmp_path: Path) -> None:
        """A tool inside a generation hangs below it."""
        store = write(tmp_path / "s", turn(1), stage("generation", 2, parent=1), stage("tool", 3, parent=2, at=0.2))
        found = conversation(store)
        (generation,) = found.children(found.turns[0])
        assert numbers(found.children(generation)) == [3]

    def test_a_turn_inside_a_turn_is_no_turn_of_its_own(self, tmp_path: Path) -> None:
        """A bot that calls another bot: the inner turn hangs below the outer one."""
        store = write(tmp_path / "s", turn(1), turn(2, parent=1, at=0.1), stage("tool", 3, parent=2, at=0.2))
        found = conversation(store)
        assert numbers(found.turns) == [1]
        (inner,) = found.children(found.turns[0])
        assert inner.stage == "turn"
        assert numbers(found.children(inner)) == [3]

    def test_a_late_stage_finds_its_turn(self, tmp_path: Path) -> None:
        """A stage that ended after its turn was written later, perhaps in another segment."""
        store = write(tmp_path / "s", turn(1))
        write(store, stage("tool", 2, parent=1, at=0.5, lasts=60), name="b.jsonl")
        found = conversation(store)
        assert numbers(found.children(found.turns[0])) == [2]

    def test_a_stage_below_a_foreign_span_belongs_to_the_turn_around_it(self, tmp_path: Path) -> None:
        """Another instrumentation's span between turn and stage is not in this store."""
        store = write(tmp_path / "s", turn(1), stage("tool", 2, parent=77, at=0.5))
        found = conversation(store)
        assert (numbers(found.children(found.turns[0])), found.loose) == ([2], [])

    def test_orphans_are_loose(self, tmp_path: Path) -> None:
        """A stage whose turn was lost, and one that never had a turn."""
        store = write(tmp_path / "s", stage("tool", 2, parent=77, at=50), turn(1), stage("rerank", 3, trace=9))
        assert sorted(numbers(conversation(store).loose)) == [2, 3]

    def test_a_span_delivered_twice_stands_once(self, tmp_path: Path) -> None:
        """Delivery through a collector is at least once."""
        store = write(tmp_path / "s", turn(1), stage("tool", 2, parent=1))
        write(store, turn(1), stage("tool", 2, parent=1))
        found = conversation(store)
        assert (numbers(found.turns), numbers(found.children(found.turns[0])), len(found.spans)) == ([1], [2], 2)

    def test_the_same_span_id_in_another_trace_is_another_span(self, tmp_path: Path) -> None:
        """Parents are looked up by trace and span id."""
        store = write(
            tmp_path / "s", turn(1, trace=1), turn(1, trace=2, at=5), stage("tool", 2, parent=1, trace=2, at=5.1)
        )
        found = conversation(store)
        assert [len(found.children(t)) for t in found.turns] == [0, 1]

    def test_circles_lose_nothing(self, tmp_path: Path) -> None:
        """Damaged telemetry that is its own ancestor is shown, once, and ends."""
        store = write(
            tmp_path / "s",
            turn(1),
            stage("tool", 2, parent=3, at=50),
            stage("tool", 3, parent=2, at=51),
            stage("tool", 4, parent=4, at=52),
            stage("tool", 5, parent=3, at=53),
        )
        found = conversation(store)
        assert sorted(numbers(found.loose)) == [2, 3, 4, 5]

    def test_without_turns(self, tmp_path: Path) -> None:
        """A conversation known only by an outcome has no turns, no duration and no message."""
        found = conversation(write(tmp_path / "s", outcome(1, "csat")))
        assert (found.turns, found.milliseconds, found.first_message, len(found.outcomes)) == ([], 0.0, "", 1)

    def test_ends_of_sessions(self, tmp_path: Path) -> None:
        """The end of a session is no stage."""
        found = conversation(write(tmp_path / "s", turn(1), stage("snapshot", 2, trace=5, at=9)))
        assert (numbers(found.ends), found.loose) == ([2], [])


STATES = [{"convqa.outcome.resolution.state": state} for state in ("pending", "self_resolved")]


class TestOutcomes:
    """Versions of outcomes: append-only, the newest observation is in force."""

    def test_the_version_observed_last_is_in_force(self, tmp_path: Path) -> None:
        """Whatever the event time and the place in the store."""
        late = {**STATES[1], "convqa.outcome.id": "r", "convqa.outcome.observed_at": "2026-03-02T00:00:00.000000Z"}
        early = {**STATES[0], "convqa.outcome.id": "r", "convqa.outcome.observed_at": "2026-03-01T00:00:00.000000Z"}
        store = write(tmp_path / "s", outcome(2, "resolution", late, at=1), name="a.jsonl")
        write(store, outcome(1, "resolution", early, at=500), name="b.jsonl")
        os.utime(store / "a.jsonl", ns=(0, 1))
        os.utime(store / "b.jsonl", ns=(0, 2))
        found = conversation(store)
        assert (numbers(found.outcomes), found.revisions) == ([2], 1)

    def test_without_observation_times_the_order_of_writing_decides(self, tmp_path: Path) -> None:
        """A revision with an earlier event time is still the newer version."""
        store = write(tmp_path / "s", outcome(1, "resolution", {**STATES[0], "convqa.outcome.id": "r"}, at=500))
        write(store, outcome(2, "resolution", {**STATES[1], "convqa.outcome.id": "r"}, at=1))
        write(store, outcome(3, "resolution", {**STATES[0], "convqa.outcome.id": "r"}, at=200))
        found = conversation(store)
        assert (numbers(found.outcomes), found.revisions) == ([3], 2)

    def test_different_ids_stand_beside_each_other(self, tmp_path: Path) -> None:
        """Outcomes in force are ordered by event time; one without id stands for itself."""
        store = write(
            tmp_path / "s",
            outcome(1, "csat", at=20),
            outcome(2, "csat", at=10),
            outcome(3, "csat", {"convqa.outcome.id": None}, at=30),
        )
        assert numbers(conversation(store).outcomes) == [2, 1, 3]


class TestFinding:
    """By id, or by the beginning of one."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Path:
        return write(
            tmp_path / "s",
            *(turn(number, conversation=name) for number, name in enumerate(("c-1", "c-10", "c-11", "d-200"), 1)),
            span("GET /", 9, {"gen_ai.conversation.id": "foreign-1"}),
        )

    def test_exact(self, store: Path) -> None:
        """A whole id is found although others begin with it."""
        assert find(store, "c-1").id == "c-1"

    def test_prefix(self, store: Path) -> None:
        """A beginning that only one conversation has is enough."""
        assert find(store, "d").id == "d-200"

    def test_ambiguous(self, store: Path) -> None:
        """Several are named, in order."""
        with pytest.raises(StoreError, match=r"3 conversations begin so: c-1, c-10, c-11$"):
            find(store, "c-")

    def test_many_are_cut(self, tmp_path: Path) -> None:
        """A hundred matches do not fill the screen."""
        store = write(tmp_path / "s", *(turn(number, conversation=f"x-{number:03}") for number in range(1, 101)))
        with pytest.raises(StoreError, match=r"100 conversations begin so: x-001, x-002, x-003, x-004, x-005 …$"):
            find(store, "x")

    def test_none(self, store: Path) -> None:
        """The message does not repeat what was asked, and says what to do."""
        with pytest.raises(StoreError, match=r"no conversation with this id in .*convqa show"):
            find(store, "zzz")

    def test_foreign_spans_make_no_conversation(self, store: Path) -> None:
        """A conversation id on someone else's span is no conversation of ours."""
        assert sorted(conversations(store)) == ["c-1", "c-10", "c-11", "d-200"]


parents = st.integers(0, 8)


@settings(max_examples=100, deadline=None)
@given(
    links=st.lists(parents, min_size=1, max_size=8),
    kinds=st.lists(st.sampled_from(["turn", "tool", "snapshot", "outcome"]), min_size=8, max_size=8),
)
def test_no_span_is_lost_or_shown_twice(links: list[int], kinds: list[str]) -> None:
    """However spans refer to each other, each stage and turn is reached exactly once from the top."""
    spans = []
    for number, (parent, kind) in enumerate(zip(links, kinds, strict=False), start=1):
        stored = StoredSpan(
            name=kind,
            trace_id="1",
            span_id=str(number),
            parent_id=str(parent) if parent else "",
            start_ns=number,
            end_ns=number + 3,
            is_error=False,
            message="",
            attributes={"convqa.stage": kind},
            events=(),
            links=(),
            resource={},
            scope="",
            source=("a", 1),
        )
        spans.append(stored)
    found = Conversation("c", spans)

    def below(span_: StoredSpan) -> list[StoredSpan]:
        return [span_, *(deeper for child in found.children(span_) for deeper in below(child))]

    reached = [reached.span_id for top in (*found.turns, *found.loose) for reached in below(top)]
    wanted = [stored.span_id for stored in spans if stored.stage in ("turn", "tool")]
    assert sorted(reached) == wanted
    assert len(found.outcomes) == kinds[: len(links)].count("outcome")
