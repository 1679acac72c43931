"""`convqa schema`: the contract in other forms, and what has changed of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from convqa_sdk.cli import main
from convqa_sdk.schema.semconv import semconv

Out = pytest.CaptureFixture[str]


def snapshot(capsys: Out) -> dict:
    """The contract as the command prints it."""
    assert main(["schema", "snapshot"]) == 0
    return json.loads(capsys.readouterr().out)


def test_semconv_prints_yaml(capsys: Out) -> None:
    """`semconv` prints the document, and nothing else."""
    assert main(["schema", "semconv"]) == 0
    out = capsys.readouterr().out
    assert out == semconv()
    assert yaml.safe_load(out)["groups"]


def test_nothing_has_changed(capsys: Out, tmp_path: Path) -> None:
    """Against the accepted snapshot, and against one just written, there is no change."""
    (tmp_path / "s.json").write_text(json.dumps(snapshot(capsys)))
    for against in ([], ["--against", str(tmp_path / "s.json")]):
        assert main(["schema", "diff", *against]) == 0
        assert capsys.readouterr().out == "No change.\n"


def test_a_breaking_change_is_named_and_exits_1(capsys: Out, tmp_path: Path) -> None:
    """A stable key that the snapshot has and the contract does not is bad news, for people and for machines."""
    old = snapshot(capsys)
    old["records"]["ToolSpan"]["convqa.tool.gone"] = {"type": "int", "level": "recommended", "stability": "stable"}
    del old["records"]["ToolSpan"]["convqa.channel"]
    (tmp_path / "s.json").write_text(json.dumps(old))
    assert main(["schema", "diff", "--against", str(tmp_path / "s.json")]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert any("BREAKING" in line and "convqa.tool.gone" in line and "removed" in line for line in lines)
    assert any("BREAKING" not in line and "convqa.channel" in line and "added" in line for line in lines)
    assert main(["schema", "diff", "--against", str(tmp_path / "s.json"), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["breaking"] == 1
    assert {change["key"] for change in found["changes"]} == {"convqa.tool.gone", "convqa.channel"}


def test_additions_alone_exit_0(capsys: Out, tmp_path: Path) -> None:
    """What was added is shown and breaks nobody."""
    old = snapshot(capsys)
    del old["records"]["ToolSpan"]["convqa.channel"]
    (tmp_path / "s.json").write_text(json.dumps(old))
    assert main(["schema", "diff", "--against", str(tmp_path / "s.json")]) == 0
    assert "convqa.channel" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "problem"),
    [(None, "s.json cannot be read (No such file or directory): "), ("{}", "s.json holds no snapshot: ")],
)
def test_a_file_that_is_none_exits_2(capsys: Out, tmp_path: Path, content: str | None, problem: str) -> None:
    """A snapshot that is missing or is none is an error that names the file, what is accepted, and what to do."""
    if content is not None:
        (tmp_path / "s.json").write_text(content)
    assert main(["schema", "diff", "--against", str(tmp_path / "s.json")]) == 2
    err = capsys.readouterr().err
    assert problem in err
    assert "give a file that `convqa schema snapshot` has written" in err
    assert "without one, the snapshot that this version carries is taken" in err
