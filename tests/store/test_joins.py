"""Outcomes that find their conversation, and those that find none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from convqa_sdk.store.fidelity import measure
from convqa_sdk.store.joins import Joins
from written_stores import outcome, stage, turn, write


def joins(folder: Path, *spans: dict[str, Any]) -> Joins:
    """How the outcomes of a store with these spans join."""
    return measure(write(folder / "s", *spans)).joins


def test_outcomes_of_known_conversations_join(tmp_path: Path) -> None:
    """A turn makes a conversation known, and so does a stage that lost its turn."""
    other = {"conversation": "c-2"}
    found = joins(tmp_path, turn(1), outcome(2, "csat"), stage("tool", 3, **other), outcome(4, "csat", **other))
    assert found == Joins(outcomes=2)
    assert found.rate == 1.0


def test_an_outcome_of_an_unknown_conversation_is_counted(tmp_path: Path) -> None:
    """Whatever else is said of that conversation: other outcomes, the end of its session."""
    lost = [outcome(number, "csat", conversation="nobody") for number in (5, 6, 7)]
    found = joins(tmp_path, turn(1), outcome(2, "csat"), *lost, stage("snapshot", 8, conversation="nobody"))
    assert (found.outcomes, found.unmatched) == (4, 3)
    assert found.rate == 0.25


def test_a_recontact_of_an_unknown_conversation(tmp_path: Path) -> None:
    """The earlier conversation is the one that failed; without it nothing can be counted."""
    of = "convqa.outcome.recontact.of"
    found = joins(
        tmp_path,
        turn(1),
        outcome(2, "recontact", {of: "nobody"}),
        turn(3, conversation="c-2", trace=2),
        outcome(4, "recontact", {of: "c-1"}, conversation="c-2"),
    )
    assert (found.unmatched, found.unknown_recontacts) == (0, 1)


def test_versions_count_once(tmp_path: Path) -> None:
    """Revisions and repeats are counted beside what is in force; a span that was delivered twice is not."""
    score, name = "convqa.outcome.csat.score", {"convqa.outcome.id": "s"}
    spans = [outcome(number, "csat", {**name, score: value}) for number, value in ((2, 3.0), (3, 3.0), (4, 2.0))]
    assert joins(tmp_path, turn(1), *spans, spans[0]) == Joins(outcomes=1, revisions=1, repeats=1)


def test_an_id_that_conversations_share(tmp_path: Path) -> None:
    """An id names one outcome; one that was given to several conversations is a mistake of the caller's."""
    same = {"convqa.outcome.id": "s"}
    found = joins(
        tmp_path,
        *(turn(n, conversation=f"c-{n}", trace=n) for n in (1, 2)),
        *(outcome(10 + n, "csat", same, conversation=f"c-{n}") for n in (1, 2)),
        outcome(13, "ticket", same, conversation="c-1"),
    )
    assert (found.outcomes, found.shared_ids, found.revisions) == (3, 1, 0)


def test_without_outcomes_there_is_no_rate(tmp_path: Path) -> None:
    """Nothing of nothing is not all."""
    assert joins(tmp_path, turn(1)).rate is None


@pytest.mark.parametrize("of", [7, ["c-1"], True])
def test_damaged_telemetry_does_not_stop_it(tmp_path: Path, of: Any) -> None:
    """A reference that is no text is unknown."""
    found = joins(tmp_path, turn(1), outcome(2, "recontact", {"convqa.outcome.recontact.of": of}))
    assert found.unknown_recontacts == 1
