"""The command as a process: exit codes, streams, terminals of any kind."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from convqa_sdk.cli import main
from convqa_sdk.cli.text import Node, as_json, clean, colour_wanted, columns, fit, pad, paint, table
from convqa_sdk.schema.documents import reference_page
from processes import child
from written_stores import turn, write

TEXT = {"convqa.message.text": "Größe: 你好 → ok"}


def convqa(*words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a process of its own."""
    kept = {
        key: item for key, item in os.environ.items() if not key.startswith(("CONVQA_", "OTEL_", "NO_COLOR", "PYTHON"))
    }
    return subprocess.run(
        [sys.executable, "-m", "convqa_sdk.cli", *words], capture_output=True, env={**kept, **environment}, timeout=60
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store to look at."""
    return write(tmp_path_factory.mktemp("cli") / "s", turn(1, TEXT))


class TestProcess:
    """`python -m convqa_sdk.cli`, which is what the script `convqa` runs."""

    def test_version(self) -> None:
        """The version on standard output."""
        done = convqa("--version")
        assert (done.returncode, done.stdout.split()[0]) == (0, b"convqa-sdk")

    def test_doctor_exits_by_threshold(self, store: Path, tmp_path: Path) -> None:
        """0, 1 and 2 reach the shell; complaints go to standard error."""
        assert convqa("doctor", "--store", str(store)).returncode == 0
        incomplete = write(tmp_path / "s", turn(1, {"session.id": None}))
        assert convqa("doctor", CONVQA_STORE=str(incomplete)).returncode == 1
        missing = convqa("doctor", "--store", str(tmp_path / "nowhere"))
        assert (missing.returncode, missing.stdout) == (2, b"")
        assert missing.stderr.startswith(b"convqa doctor: no telemetry store")
        assert convqa("doctor", "--no-such-option").returncode == 2
        assert convqa().returncode == 2

    @pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
    def test_terminals_without_unicode(self, store: Path, encoding: str) -> None:
        """The tree is drawn in ASCII where the terminal knows no lines; what cannot be shown is a question mark."""
        done = convqa("show", "c-1", "--store", str(store), PYTHONIOENCODING=encoding)
        assert (done.returncode, done.stderr) == (0, b"")
        out = done.stdout.decode(encoding)
        assert "`- turn 1" in out
        assert ("Größe: ?? > ok" if encoding != "ascii" else "Gr??e: ?? > ok") in out
        assert convqa("doctor", "--store", str(store), PYTHONIOENCODING=encoding).returncode == 0

    def test_strict_encodings_of_windows_and_posix(self, store: Path) -> None:
        """The C locale without UTF-8 mode does not crash either."""
        done = convqa("show", "c-1", "--store", str(store), LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
        assert (done.returncode, done.stderr) == (0, b"")

    def test_no_colour_in_a_pipe(self, store: Path) -> None:
        """Escape codes only where a terminal reads them."""
        assert b"\x1b" not in convqa("show", "c-1", "--store", str(store)).stdout

    def test_a_reader_that_goes_away(self, tmp_path: Path) -> None:
        """`convqa show | head -1` ends quietly."""
        many = write(tmp_path / "s", *(turn(n, {"convqa.message.text": "x " * 300}, at=n) for n in range(1, 800)))
        command = [sys.executable, "-m", "convqa_sdk.cli", "show", "c-1", "--store", str(many)]
        with child(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
            running.stdout.readline()
            running.stdout.close()
            assert running.stderr.read() == b""
            assert running.wait(timeout=60) == 0

    def test_output_that_cannot_be_written(self, store: Path) -> None:
        """A full disk behind standard output is a complaint and exit code 2."""
        if not Path("/dev/full").exists():
            pytest.skip("no /dev/full on this system")
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(
                [sys.executable, "-m", "convqa_sdk.cli", "show", "c-1", "--store", str(store)],
                stdout=full,
                stderr=subprocess.PIPE,
                timeout=60,
            )
        assert done.stderr.startswith(b"convqa show: ")
        assert done.returncode in (2, 120)


class TestSchema:
    """`convqa schema`."""

    def test_docs(self, capsys: pytest.CaptureFixture[str]) -> None:
        """The reference page, byte for byte."""
        assert main(["schema", "docs"]) == 0
        assert capsys.readouterr().out == reference_page()

    @pytest.mark.parametrize("form", ["json", "transcript"])
    def test_json_forms_are_json_schemas(self, form: str, capsys: pytest.CaptureFixture[str]) -> None:
        """Both are valid JSON Schemas."""
        assert main(["schema", form]) == 0
        Draft202012Validator.check_schema(json.loads(capsys.readouterr().out))

    def test_a_form_is_needed(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Without one, or with an unknown one, the usage is shown."""
        for words in ([], ["yaml"]):
            with pytest.raises(SystemExit) as stopped:
                main(["schema", *words])
            assert stopped.value.code == 2
        assert "transcript" in capsys.readouterr().err


class TestInterruption:
    """What ends a command early."""

    def test_an_interrupt(
        self, store: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Ctrl-C is exit code 130, without a traceback."""

        def interrupt(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("convqa_sdk.cli.show.find", interrupt)
        assert main(["show", "c-1", "--store", str(store)]) == 130
        assert capsys.readouterr().err == "convqa show: interrupted\n"

    def test_a_system_error(
        self, store: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An error of the system is a sentence and exit code 2."""

        def fail(*_: object) -> None:
            raise OSError(5, "Input/output error")

        monkeypatch.setattr("convqa_sdk.cli.show.find", fail)
        assert main(["show", "c-1", "--store", str(store)]) == 2
        assert "Input/output error" in capsys.readouterr().err


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class TestText:
    """The plain-text tools."""

    @pytest.mark.parametrize(
        ("environment", "wanted"),
        [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
    )
    def test_colour(self, environment: dict[str, str], *, wanted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
        """On a terminal, unless NO_COLOR has a value or the terminal is dumb; never elsewhere."""
        monkeypatch.delenv("NO_COLOR", raising=False)
        monkeypatch.setenv("TERM", "xterm")
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        assert colour_wanted(Terminal()) is wanted
        assert colour_wanted(io.StringIO()) is False

    def test_colour_on_a_terminal(self, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Colours are on and every one is closed on its own line."""
        from convqa_sdk.cli import show

        terminal = Terminal()
        monkeypatch.delenv("NO_COLOR", raising=False)
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setattr(sys, "stdout", terminal)
        text = show.render(store, "c-1")
        assert "\x1b[1mconversation c-1\x1b[0m" in text
        for line in text.splitlines():
            assert line.count("\x1b[0m") >= line.count("\x1b[") - line.count("\x1b[0m")

    def test_fit_counts_columns_not_codes(self) -> None:
        """Styles take no room; a cut style is closed."""
        styled = paint("x" * 30, "red", on=True)
        assert fit(styled, 30) == styled
        assert fit(styled + "tail", 32) == styled + "t…\x1b[0m"
        assert fit(styled, 10) == "\x1b[31m" + "x" * 9 + "…\x1b[0m"
        assert columns(fit("你好" * 30, 20)) == 19
        assert fit("abc", 3) == "abc"
        assert fit("abcd", 3) == "ab…"

    def test_clean(self) -> None:
        """One line, no controls, single spaces."""
        assert clean(" a\n\tb\x1b[31m c\u200b\ud800 ") == "a b [31m c"
        assert clean("x" * 100, 10) == "x" * 9 + "…"

    def test_columns(self) -> None:
        """Wide characters count two, combining ones nothing."""
        assert [columns(text) for text in ("abc", "你好", "e\u0301", "")] == [3, 4, 1, 0]
        assert pad("你", 4, right=True) == "  你"

    @pytest.mark.usefixtures("terminal")
    def test_tables_align(self) -> None:
        """Numbers to the right, wide characters in step; a last column that is too wide is cut."""
        text = table(("name", "n", "what"), [("你", "10", "a" * 300), ("bcde", "7", "b")], right=(1,))
        assert text.splitlines()[0] == "name   n  what"
        assert text.splitlines()[2].startswith("你    10  aaa")
        assert text.splitlines()[3] == "bcde   7  b"
        assert max(map(columns, text.splitlines())) == 118

    def test_trees(self) -> None:
        """Branches, last branches, and entries of several lines."""
        root = Node("root")
        first = root.add("first\nsecond line")
        first.add("leaf\nmore")
        root.add("last")
        assert root.lines() == ["root", "├─ first", "│  │  second line", "│  └─ leaf", "│     more", "└─ last"]

    def test_json_without_infinities(self) -> None:
        """What JSON cannot say becomes text."""
        assert json.loads(as_json({"a": [float("nan"), float("-inf"), 1.5]})) == {"a": ["NaN", "-Infinity", 1.5]}
