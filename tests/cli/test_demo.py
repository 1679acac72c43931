"""`convqa demo`: the README's first command ends here."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pytest

from convqa_sdk.cli import demo
from convqa_sdk.errors import StoreError


def run(*words: str) -> int:
    """Run `convqa demo` with words of a command line."""
    parser = argparse.ArgumentParser()
    demo.add(parser.add_subparsers())
    args = parser.parse_args(["demo", *words])
    return int(args.run(args))


def test_prints_a_conversation_and_the_fidelity_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One conversation as a tree with its outcomes, every required field present, and where to look next."""
    assert run("--store", str(tmp_path / "store")) == 0
    shown = capsys.readouterr().out
    for words in (
        "conversation demo-late-refund",
        "policy_check refunds",
        "[EMAIL]",
        "resolution",
        "(100.0%)",
        "8 conversations",
        f"convqa show --store {tmp_path / 'store'}",
        "bot.py",
    ):
        assert words in shown
    assert "mira.holm" not in shown
    assert list((tmp_path / "store").glob("*.jsonl"))


def test_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without --store and --keep the temporary folder is gone afterwards, and the output says how to keep it."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert run() == 0
    assert list(tmp_path.iterdir()) == []
    assert "convqa demo --store" in capsys.readouterr().out


def test_keep_keeps_the_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --keep the folder stays and is named."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert run("--keep") == 0
    (folder,) = tmp_path.iterdir()
    assert f"--store {folder}" in capsys.readouterr().out


def test_does_not_mix_with_telemetry_of_others(tmp_path: Path) -> None:
    """A store that holds telemetry is refused before anything is written to it."""
    (tmp_path / "segment.jsonl").write_text("")
    with pytest.raises(StoreError, match="already holds telemetry"):
        run("--store", str(tmp_path))
    assert [file.name for file in tmp_path.iterdir()] == ["segment.jsonl"]


def test_records_although_the_environment_switches_telemetry_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who asks for the demo wants to see telemetry; no endpoint of the environment gets any."""
    monkeypatch.setenv("CONVQA_DISABLED", "1")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    assert run("--store", str(tmp_path / "store")) == 0


def test_says_what_to_install(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without the search library: one sentence with the extra's name, exit code 2."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "support_bot"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "bm25s", None)
    assert run() == 2
    told = capsys.readouterr().err
    assert "bm25s" in told
    assert "pip install 'convqa-sdk[example]'" in told


def test_says_when_the_example_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An installation without the example's files is told apart from a missing library."""
    monkeypatch.setattr(demo, "__file__", str(tmp_path / "a" / "b" / "c.py"))
    assert run() == 2
    assert "example" in capsys.readouterr().err


def test_says_when_telemetry_was_lost(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A store that cannot be written: no tree of half the story, but the loss, and exit code 2."""
    (tmp_path / "store").write_text("a file where the folder should be")
    assert run("--store", str(tmp_path / "store")) == 2
    shown = capsys.readouterr()
    assert "not everything reached" in shown.err
    assert "conversation demo" not in shown.out
