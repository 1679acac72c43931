"""Which version of an outcome is in force: the same for every reader, whoever recorded what in which order."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import convqa_sdk as convqa
from convqa_sdk.export.otlp_json import request
from convqa_sdk.store.conversations import Conversation, conversations, find
from convqa_sdk.store.versions import in_force
from convqa_sdk.testing import recording
from written_stores import outcome, write

START = datetime(2026, 1, 2, tzinfo=timezone.utc)


def conversation(folder: Path, *spans: dict[str, Any]) -> Conversation:
    """A conversation of outcomes written by hand."""
    return find(write(folder / "s", *spans), "c-1")


def csat(number: int, score: float, observed: int, at: int | None = None, **more: Any) -> dict[str, Any]:
    """A survey that was observed so many seconds after the start, and happened then unless told."""
    given = {
        "convqa.outcome.id": "s-1",
        "convqa.outcome.csat.score": score,
        "convqa.outcome.observed_at": f"2026-01-01T00:00:{observed:02}.000000Z",
        "convqa.outcome.at": f"2026-01-01T00:00:{observed if at is None else at:02}.000000Z",
        **more,
    }
    return outcome(number, "csat", given, at=float(observed if at is None else at))


def in_force_of(found: Conversation) -> tuple[list[int], int, int]:
    """Span numbers in force, revisions, repeats."""
    return [int(span.span_id, 16) for span in found.outcomes], found.revisions, found.repeats


class TestVersions:
    """What counts as a revision, what as a repeat."""

    def test_a_changed_repeat_is_a_revision(self, tmp_path: Path) -> None:
        """The newest observation is in force."""
        assert in_force_of(conversation(tmp_path, csat(1, 3.0, 1), csat(2, 2.0, 2))) == ([2], 1, 0)

    def test_the_same_again_changes_nothing(self, tmp_path: Path) -> None:
        """Not even when it happened: a retry without `at` would otherwise move the survey to another week."""
        assert in_force_of(conversation(tmp_path, csat(1, 3.0, 1), csat(2, 3.0, 50))) == ([1], 0, 1)

    def test_another_event_time_is_a_revision(self, tmp_path: Path) -> None:
        """A time that was given is part of what is said."""
        assert in_force_of(conversation(tmp_path, csat(1, 3.0, 9, at=2), csat(2, 3.0, 10, at=3))) == ([2], 1, 0)

    def test_back_and_forth_are_two_revisions(self, tmp_path: Path) -> None:
        """What was said first and is said again at last is in force as it was said last."""
        assert in_force_of(conversation(tmp_path, csat(1, 3.0, 1), csat(2, 2.0, 2), csat(3, 3.0, 3))) == ([3], 2, 0)

    def test_the_same_id_of_another_kind_is_another_outcome(self, tmp_path: Path) -> None:
        """A ticket's number given to its survey as well must not lose either."""
        ticket = outcome(9, "ticket", {"convqa.outcome.id": "s-1"}, at=90)
        assert in_force_of(conversation(tmp_path, csat(1, 3.0, 1), ticket)) == ([1, 9], 0, 0)

    def test_two_of_one_microsecond_are_decided_by_what_they_say(self, tmp_path: Path) -> None:
        """Whichever was written first: every reader has to come to the same."""
        a, b = csat(1, 3.0, 1), csat(2, 2.0, 1)
        (tmp_path / "x").mkdir()
        assert in_force_of(conversation(tmp_path, a, b)) == in_force_of(conversation(tmp_path / "x", b, a))

    def test_none(self) -> None:
        """Nothing is in force of nothing."""
        assert in_force([]).outcomes == []


Call = tuple[str, str, str, Any, int]
ids, states = st.sampled_from(["c-1", "c-2"]), st.sampled_from(["pending", "unresolved", "self_resolved"])
calls = st.lists(
    st.one_of(
        st.tuples(ids, st.just("csat"), st.sampled_from("xy"), st.integers(1, 3), st.integers(0, 3)),
        st.tuples(ids, st.just("resolution"), st.sampled_from("xy"), states, st.integers(0, 3)),
    ),
    max_size=8,
)


def record(call: Call) -> None:
    """Make one call, as an import of an export does: with the time of the export."""
    conversation_id, kind, name, content, observed = call
    common: Any = {"id": name, "at": START, "observed_at": START + timedelta(hours=observed)}
    if kind == "csat":
        convqa.record_csat(conversation_id, score=content, **common)
    else:
        convqa.record_resolution(conversation_id, content, **common)


def expected(made: list[Call]) -> dict[tuple[str, str, str], Any]:
    """What is in force by a second, simpler account: the greatest observation, then the greater text."""
    newest: dict[tuple[str, str, str], tuple[int, str, Any]] = {}
    for conversation_id, kind, name, content, observed in made:
        said = (observed, json.dumps(float(content) if kind == "csat" else content), content)
        newest[conversation_id, kind, name] = max(newest.get((conversation_id, kind, name), said), said)
    return {key: said[2] for key, said in newest.items()}


def found_in(store: Path) -> dict[tuple[str, str, str], Any]:
    """What is in force by the store."""
    result: dict[tuple[str, str, str], Any] = {}
    for name, each in conversations(store).items():
        for span in each.outcomes:
            a = span.attributes
            said = a.get("convqa.outcome.csat.score", a.get("convqa.outcome.resolution.state"))
            result[name, a["convqa.outcome.kind"], a["convqa.outcome.id"]] = said
    return result


@settings(max_examples=60)
@given(calls, st.data())
def test_order_and_duplicates_do_not_matter(made: list[Call], data: st.DataObject) -> None:
    """Any permutation of the calls, any of them made again, spread over the segments of several writers."""
    again = data.draw(st.lists(st.sampled_from(made), max_size=4)) if made else []
    order = data.draw(st.permutations([*made, *again]))
    with tempfile.TemporaryDirectory() as folder, recording() as spans:
        store = Path(folder)
        for call in order:
            record(call)
        for span in spans.spans:
            with (store / f"{data.draw(st.sampled_from('abc'))}.jsonl").open("a") as segment:
                segment.write(request([span.span]) + "\n")
        assert found_in(store) == expected(made)


WRITER = """
import sys
sys.path[:0] = {tests!r}
import convqa_sdk as convqa
from test_versions import CALLS, record
import random
made = CALLS * 2
random.Random(int(sys.argv[2])).shuffle(made)
with convqa.configure(service_name="job", store=sys.argv[1]):
    for call in made:
        record(call)
"""
CALLS: list[Call] = [
    (name, "csat", each, score, observed)
    for name in ("c-1", "c-2")
    for each, score, observed in (("x", 1, 0), ("x", 2, 1), ("x", 3, 1), ("y", 2, 3), ("y", 1, 0))
]


def test_several_processes_write_one_store(tmp_path: Path) -> None:
    """Three processes at once, each in an order of its own and each call twice: the store says one thing."""
    folders = [str(Path(__file__).parent), str(Path(__file__).parents[1])]
    script = WRITER.format(tests=folders)
    command = [sys.executable, "-c", script, str(tmp_path / "store")]
    writers = [subprocess.Popen([*command, str(seed)], stderr=subprocess.PIPE, text=True) for seed in range(3)]
    for writer in writers:
        assert writer.wait(60) == 0, writer.communicate()[1]
    assert found_in(tmp_path / "store") == expected(random.Random(7).sample(CALLS, len(CALLS)))
    found = find(tmp_path / "store", "c-1")
    assert len(list((tmp_path / "store").glob("*.jsonl"))) == 3
    assert (len(found.outcomes), found.revisions, found.repeats) == (2, 3, 25)
