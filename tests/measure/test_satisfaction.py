"""Surveys at three latencies, and whether a delayed one was delayed as agreed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from convqa_sdk.measure.satisfaction import Survey, resolved_at_ns, surveys
from convqa_sdk.store.conversations import find
from written_stores import SECOND, START, outcome, turn, write

HOUR = 3600.0


def moment(hours: float) -> str:
    """A time so many hours after the start, as it stands on the wire."""
    days, rest = divmod(round(hours * 3600), 86_400)
    return f"2026-01-{1 + days:02}T{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}.000000Z"


def csat(number: int, kind: str, asked: float | None, score: float | None = 4.0) -> dict[str, Any]:
    """A survey that was asked so many hours after the start."""
    prefix = "convqa.outcome.csat."
    at = {f"{prefix}asked_at": moment(asked)} if asked is not None else {}
    return outcome(
        number, "csat", {f"{prefix}kind": kind, f"{prefix}scale": 5, f"{prefix}score": score, **at}, at=number
    )


def resolution(number: int, hours: float, state: str = "self_resolved") -> dict[str, Any]:
    """A resolution so many hours after the start."""
    return outcome(number, "resolution", {"convqa.outcome.resolution.state": state}, at=hours * HOUR)


def of(folder: Path, *outcomes: dict[str, Any]) -> list[Survey]:
    """The surveys of a conversation with these outcomes."""
    return surveys(find(write(folder / "s", turn(1), *outcomes), "c-1"))


@pytest.mark.parametrize(
    ("asked", "on_time"), [(11.9, False), (49.9, False), (50.0, True), (74.0, True), (74.1, False), (0.5, False)]
)
def test_a_delayed_survey_is_asked_two_to_three_days_after(tmp_path: Path, asked: float, on_time: bool) -> None:
    """48 to 72 hours after the resolution, both ends included; the issue was resolved two hours after the start."""
    (found,) = of(tmp_path, resolution(2, 2), csat(3, "delayed", asked))
    assert found.latency_h == pytest.approx(asked - 2)
    assert found.on_time is on_time


def test_the_others_have_a_latency_and_no_window(tmp_path: Path) -> None:
    """Only the delayed one is agreed to come later."""
    found = of(tmp_path, resolution(2, 1), csat(3, "resolution", 1.5), csat(4, "model", None))
    assert found == [Survey("resolution", 4.0, 5, 0.5, None), Survey("model", 4.0, 5, None, None)]


def test_what_is_not_known_is_unknown(tmp_path: Path) -> None:
    """No resolution, or no time of asking: nobody can say whether it was on time. Not answered is not zero."""
    assert of(tmp_path, csat(3, "delayed", 50, None)) == [Survey("delayed", None, 5, None, None)]
    (tmp_path / "x").mkdir()
    assert of(tmp_path / "x", resolution(2, 1), csat(3, "delayed", None))[0].on_time is None


def test_when_the_issue_was_resolved(tmp_path: Path) -> None:
    """The last resolution that is one; pending ones are not; a ticket counts where nobody says more."""
    store = write(tmp_path / "s", turn(1), resolution(2, 1, "pending"))
    assert resolved_at_ns(find(store, "c-1")) is None
    times = {"convqa.outcome.ticket.solved_at": moment(3), "convqa.outcome.ticket.closed_at": moment(9)}
    write(store, outcome(5, "ticket", times))
    assert resolved_at_ns(find(store, "c-1")) == START + 3 * 3600 * SECOND
    write(store, resolution(3, 2, "unresolved"), resolution(4, 7))
    assert resolved_at_ns(find(store, "c-1")) == START + 7 * 3600 * SECOND


@pytest.mark.parametrize(("score", "scale"), [("x", ["y"]), (float("inf"), float("nan")), ([], "5")])
def test_scores_that_are_none_are_unknown(tmp_path: Path, score: Any, scale: Any) -> None:
    """Whoever wrote the store, reading it raises nothing."""
    prefix = "convqa.outcome.csat."
    asked = outcome(3, "csat", {f"{prefix}kind": "model", f"{prefix}score": score, f"{prefix}scale": scale})
    assert of(tmp_path, asked) == [Survey("model", None, None, None, None)]


@pytest.mark.parametrize("text", ["", "yesterday", "2026-01-01T00:00:00", 7])
def test_a_time_that_is_none_is_unknown(tmp_path: Path, text: Any) -> None:
    """Damaged telemetry gives no latency, and no error."""
    asked = outcome(3, "csat", {"convqa.outcome.csat.kind": "delayed", "convqa.outcome.csat.asked_at": text})
    assert of(tmp_path, resolution(2, 1), asked)[0].latency_h is None
