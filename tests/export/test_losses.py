"""A loss is told to readers and in the log: how much, who did not get it, why, and what to do."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

import convqa_sdk as convqa
from convqa_sdk.export.losses import CAUSES
from convqa_sdk.store.fidelity import measure

from .conftest import Start, stored
from .doubles import Failing, Keeping, Raising
from .test_worker import turns


def test_a_loss_names_the_destinations_that_missed_it(start: Start, tmp_path: Path) -> None:
    """Every destination learns who did not get a turn: one of them, some, or all when no spans could be made."""
    sdk = start(Failing(), Raising(RuntimeError), store=tmp_path / "s")
    turns(2)
    convqa.record_feedback("c-0", thumbs="up")
    sdk.flush(10)
    sdk.shutdown(2)
    told = [span.attributes for span in stored(tmp_path / "s") if span.stage == "loss"]
    assert sum(a["convqa.loss.turns"] for a in told) == 2
    assert {(*a["convqa.loss.destinations"],) for a in told if a["convqa.loss.turns"]} == {("Failing", "Raising")}
    records = [a["convqa.loss.destinations"] for a in told if "convqa.loss.records" in a]
    assert sorted(records) == [["Failing"], ["Raising"]]
    assert measure(tmp_path / "s").missing_in == {"Failing": 3, "Raising": 3}


def test_what_no_destination_got_names_them_all(start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A turn of which no spans could be made is missing everywhere."""
    sdk = start(Keeping(), store=tmp_path / "s")
    monkeypatch.setattr(sdk._worker._materialiser, "spans", lambda unit: 1 / 0)
    turns(1)
    sdk.shutdown(2)
    (loss,) = [span.attributes for span in stored(tmp_path / "s") if span.stage == "loss"]
    assert loss["convqa.loss.destinations"] == ["Keeping", "store"]


def loss_lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the log says about losses."""
    return [r.getMessage() for r in caplog.records if "event='telemetry_lost'" in r.getMessage()]


def test_the_log_says_plainly_what_was_lost_where_and_why(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    """One line for each cause and destination: how much so far, where to, why, what to do, and nothing that is None."""
    sdk = start(Failing(), Keeping())
    for number in range(3):
        turns(1, f"c{number}")
        sdk.flush(10)
    (line,) = loss_lines(caplog)
    why, do = CAUSES["export_failed"]
    told = f"destination='Failing' cause='export_failed' why={why!r} do={do!r}"
    assert line == f"event='telemetry_lost' turns_so_far=1 {told}"
    sdk.shutdown(2)
    assert "None" not in caplog.text


def test_what_is_lost_after_the_end_is_told_all_the_same(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    """No export thread is left to tell of turns that end after `shutdown()`; the one who ends them does."""
    sdk = start(Keeping())
    with convqa.turn("c-1", "hi"), convqa.turn("c-2", "hi"):
        sdk._worker.stop(time.monotonic() + 1)
    (line,) = loss_lines(caplog)
    assert "turns_so_far=1 destination='Keeping' cause='stopped'" in line


def test_every_cause_is_explained_in_the_log_and_on_the_page() -> None:
    """The page about losses has a row for each cause, and no others."""
    page = (Path(__file__).parents[2] / "docs/explanation/when-things-break.md").read_text()
    rows = re.findall(r"^\| `(\w+)`", page.partition("## Causes")[2].partition("\n## ")[0], re.MULTILINE)
    assert rows == list(CAUSES)
