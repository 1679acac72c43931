"""`convqa signals`: shares with intervals for people, all of it for machines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import convqa_sdk as convqa
from convqa_sdk.cli import main
from convqa_sdk.stats.intervals import wilson


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Two conversations: one with a correction and an overreach, one without anything."""
    folder = tmp_path / "s"
    sdk = convqa.configure("bot", store=folder)
    for conversation, messages in (("c-1", ("Refund me", "That's wrong.")), ("c-2", ("hello",))):
        for message in messages:
            with convqa.turn(conversation, message) as turn:
                turn.answer("I have refunded you." if conversation == "c-1" else "Hello!")
    sdk.shutdown()
    return folder


def test_a_table_of_shares_and_a_list_of_findings(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each share with its interval, each finding with its turn; nothing is quoted."""
    assert main(["signals", "--store", str(store)]) == 0
    text = capsys.readouterr().out
    assert "2 conversations, 3 turns, 3 answers" in text
    assert "100.0 %" in text
    assert "thats_wrong" in text
    assert "refunded you" not in text


def test_json_holds_all(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Counts, shares with Wilson intervals, events by name, findings."""
    assert main(["signals", "--store", str(store), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    overreach = told["signals"]["overreach"]
    share = wilson(2, 3)
    assert (overreach["successes"], overreach["trials"]) == (2, 3)
    assert (overreach["low"], overreach["high"]) == (share.low, share.high)
    assert told["events"]["convqa.grounding_outcome"] == 3
    assert told["signals"]["ungrounded"]["share"] is None
    assert {finding["signal"] for finding in told["findings"]} == {"correction", "overreach"}


def test_turns_are_numbered_as_show_numbers_them(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The second message corrects, so both commands say turn 2."""
    assert main(["show", "c-1", "--store", str(store)]) == 0
    shown = capsys.readouterr().out
    assert shown.index("turn 2") < shown.index("That's wrong.")
    assert main(["signals", "--store", str(store), "--signal", "correction"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split()[:3] == ["c-1", "2", "correction"]
    assert main(["signals", "--store", str(store), "--signal", "correction", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["findings"]
    assert found["turn_number"] == 2
    assert "turn" not in found


def test_a_sampled_store_is_said_to_be_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Shares are of the customers who were drawn."""
    sdk = convqa.configure("bot", store=tmp_path / "s", sampling=0.3)
    for number in range(20):
        with convqa.turn(f"c-{number}", "hello") as turn:
            turn.answer("Hello!")
    sdk.shutdown()
    assert main(["signals", "--store", str(tmp_path / "s")]) == 0
    assert "sampled: recorded with probability 0.3; others are not here" in capsys.readouterr().out
    assert main(["signals", "--store", str(tmp_path / "s"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sampling"] == [0.3]


def test_one_signal_alone(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For a script that looks for one kind."""
    assert main(["signals", "--store", str(store), "--json", "--signal", "correction"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [finding["detail"] for finding in told["findings"]] == ["thats_wrong"]


def test_the_queue_of_a_reviewer(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What should be read first, in order, and the same for machines."""
    assert main(["signals", "--store", str(store), "--queue"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].split() == ["c-1", "1", "overreach,", "correction"]
    assert main(["signals", "--store", str(store), "--json"]) == 0
    queue = json.loads(capsys.readouterr().out)["queue"]
    assert [(each["turn_number"], each["signals"]) for each in queue] == [
        (1, ["overreach", "correction"]),
        (2, ["overreach"]),
    ]


def test_a_store_that_is_not_there_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With what to do, and exit code 2."""
    assert main(["signals", "--store", str(tmp_path / "none")]) == 2
    assert "no telemetry store" in capsys.readouterr().err


def test_a_store_without_turns_is_bad_news(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1, so that a cron job notices."""
    sdk = convqa.configure("bot", store=tmp_path / "s")
    convqa.record_change("model", version="m-2")
    sdk.shutdown()
    assert main(["signals", "--store", str(tmp_path / "s")]) == 1
    assert "No turns" in capsys.readouterr().out
