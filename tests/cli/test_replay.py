"""`convqa replay` as people and scripts call it: output, messages and exit codes."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from convqa_sdk.cli import main
from convqa_sdk.integrations.report import ReplayReport
from convqa_sdk.store.segments import read_spans

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
SECRET = "jane@example.com"
GOOD: dict[str, Any] = {
    "id": "c-1",
    "turns": [{"role": "user", "text": f"I am {SECRET}"}, {"role": "assistant", "text": "Hello"}],
    "outcome": {"resolved": True},
}


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Run in an empty folder, with nothing in the environment that names a destination."""
    for name in ("CONVQA_STORE", "CONVQA_DISABLED", "OTEL_SERVICE_NAME", "OTEL_EXPORTER_OTLP_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def written(name: str, *lines: Any) -> str:
    """Write a file of lines."""
    Path(name).write_text("".join((x if isinstance(x, str) else json.dumps(x)) + "\n" for x in lines))
    return name


def test_a_file_becomes_a_store(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 0, a summary for people on stdout, the telemetry in the folder that was named."""
    assert main(["replay", written("a.jsonl", GOOD), "--store", "s", "--service-name", "shop"]) == 0
    told = capsys.readouterr()
    assert "1 conversations replayed into s" in told.out
    assert "1 self_resolved" in told.out
    spans = list(read_spans(Path("s")))
    assert [span.stage for span in spans] == ["turn", "outcome"]
    assert {span.resource["service.name"] for span in spans} == {"shop"}
    assert SECRET not in "".join(path.read_text() for path in Path("s").glob("*.jsonl"))


def test_json_is_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    """Standard output holds one JSON object and nothing else; notes stand on standard error."""
    assert main(["replay", written("a.jsonl", GOOD), "--store", "s", "--json"]) == 0
    told = capsys.readouterr()
    summary = json.loads(told.out)
    assert summary["conversations"] == summary["turns"] == summary["outcomes"] == 1
    assert summary["spans"] == {"turn": 1, "outcome": 1}
    assert summary["warnings"] == {"time_missing": 2}
    assert summary["cost_usd"] == {"sum": 0.0, "known": 0, "unknown": 0, "unstated": 0}
    assert "2 entries without a time" in told.err


def test_the_main_job_counts_what_the_file_holds(capsys: pytest.CaptureFixture[str]) -> None:
    """The command the issue ends with: 80 conversations, exit 0, the contract's figures, and nothing on stderr."""
    path = DATA / "conv_telecom_ab.jsonl.gz"
    if not path.exists():
        pytest.skip("third-party data conv_telecom_ab.jsonl.gz is not on this machine (../shared/data)")
    assert main(["replay", str(path), "--store", "s", "--json"]) == 0
    told = capsys.readouterr()
    summary = json.loads(told.out)
    assert (summary["conversations"], summary["spans"]["generation"], summary["spans"]["tool"]) == (80, 1633, 863)
    assert (summary["input_tokens"], summary["output_tokens"]) == (14_450_321, 82_196)
    assert summary["customer_actions"] == 902
    assert told.err == ""


def test_the_environment_names_store_and_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without options, CONVQA_STORE and OTEL_SERVICE_NAME count, as for a bot."""
    monkeypatch.setenv("CONVQA_STORE", "from-env")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "env-bot")
    assert main(["replay", written("a.jsonl", GOOD)]) == 0
    assert {span.resource["service.name"] for span in read_spans(Path("from-env"))} == {"env-bot"}


def test_with_nothing_named_the_default_store_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    """The same default as `configure()`, under the command's own service name."""
    assert main(["replay", written("a.jsonl", GOOD)]) == 0
    assert "replayed into convqa-telemetry" in capsys.readouterr().out
    assert {span.resource["service.name"] for span in read_spans(Path("convqa-telemetry"))} == {"convqa-replay"}


def test_a_broken_line_stops_before_anything_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    """Line 7 is broken: exit 2, file and line are named, no content, no traceback, and no half-filled store."""
    lines = [{**GOOD, "id": f"c-{n}"} for n in range(6)]
    broken = written("a.jsonl", *lines, '{"id": "' + SECRET + '", oops', GOOD)
    assert main(["replay", written("good.jsonl", GOOD), broken, "--store", "s"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == "convqa replay: a.jsonl: broken JSON in line 7, column 28\n"
    assert not Path("s").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["missing.jsonl"], "missing.jsonl: cannot be read"),
        (["a.jsonl", "--timezone", "Mars/Olympus"], "IANA name"),
        (["a.jsonl", "--format", "tau2"], "expected a tau2-bench result"),
        (["a.jsonl", "--store", "a.jsonl"], "is not a folder"),
    ],
)
def test_what_cannot_work_exits_2_with_a_sentence(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A usage error is one line on stderr."""
    written("a.jsonl", GOOD)
    assert main(["replay", "--store", "s", *arguments]) == 2
    message = capsys.readouterr().err
    assert told in message
    assert "Traceback" not in message
    assert SECRET not in message


def test_unknown_options_exit_2(capsys: pytest.CaptureFixture[str]) -> None:
    """As argparse does."""
    with pytest.raises(SystemExit) as caught:
        main(["replay", "a.jsonl", "--format", "xml"])
    assert caught.value.code == 2
    assert "tau2" in capsys.readouterr().err


def test_what_was_left_out_exits_1_and_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """Unknown roles, a repeated id, an empty conversation: the rest is written, each is told with its number."""
    strange = {**GOOD, "id": "c-2", "turns": [*GOOD["turns"], {"role": "observer", "text": SECRET}]}
    empty = {"id": "c-3", "turns": []}
    assert main(["replay", written("a.jsonl", GOOD, strange, GOOD, empty), "--store", "s", "--json"]) == 1
    told = capsys.readouterr()
    summary = json.loads(told.out)
    assert summary["conversations"] == 2
    assert summary["left_out"] == {"duplicate_id": 1, "unknown_role": 1, "empty_conversation": 1}
    assert "left out: 1 entries of another role" in told.err
    assert SECRET not in told.err
    assert "observer" not in told.err


def test_ids_may_not_repeat_across_files() -> None:
    """Several files are one replay."""
    assert main(["replay", written("a.jsonl", GOOD), written("b.jsonl", {**GOOD, "id": "c-2"}), "--store", "s"]) == 0
    assert main(["replay", "a.jsonl", "a.jsonl", "--store", "t"]) == 1


def test_telemetry_that_cannot_be_written_exits_1(capsys: pytest.CaptureFixture[str]) -> None:
    """A destination that fails is loss, said with number and cause."""
    Path("file").write_text("x")
    assert main(["replay", written("a.jsonl", GOOD), "--store", "file/below", "--json"]) == 1
    told = capsys.readouterr()
    assert json.loads(told.out)["lost"] == {"export_failed": 1}
    assert "lost: 1 turns that could not be written" in told.err


def test_files_without_any_transcript_exit_1(capsys: pytest.CaptureFixture[str]) -> None:
    """An empty file is no error of the format, and no success."""
    assert main(["replay", written("a.jsonl", ""), "--store", "s"]) == 1
    assert "no transcript" in capsys.readouterr().err


def test_times_are_in_the_zone_that_is_told() -> None:
    """`--timezone` reads naive times, and every span says so."""
    dated = {**GOOD, "turns": [{**turn, "ts": "2025-07-01T12:00:00"} for turn in GOOD["turns"]]}
    assert main(["replay", written("a.jsonl", dated), "--store", "s", "--timezone", "Europe/Berlin"]) == 0
    spans = list(read_spans(Path("s")))
    assert {span.start_ns for span in spans} == {1_751_364_000 * 10**9}
    assert {span.attributes["convqa.time.zone_assumed"] for span in spans} == {"Europe/Berlin"}


def test_a_terminal_sees_progress_and_a_pipe_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bar goes to standard error and only where somebody watches."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for stream, shown in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr("sys.stderr", stream)
        assert main(["replay", written("a.jsonl", GOOD), "--store", f"s{shown}", "--json"]) == 0
        assert ("100%" in stream.getvalue()) is shown


def test_the_report_is_json_and_its_default_is_complete() -> None:
    """Every value of the report survives JSON."""
    report = ReplayReport()
    assert report.complete
    assert json.loads(json.dumps(report.as_json())) == report.as_json()
    report.faults["too_many_events"] = 1
    assert not report.complete
