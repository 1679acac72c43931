"""`convqa doctor`: is the instrumentation complete? Figures for people, JSON and exit codes for machines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import convqa_sdk as convqa
from convqa_sdk.cli import main
from convqa_sdk.cli.text import WIDTH, columns
from written_stores import BASE, outcome, span, stage, turn, write


def doctor(store: Path, *words: str) -> int:
    """Run the command on a store."""
    return main(["doctor", "--store", str(store), *words])


@pytest.fixture
def nearly(tmp_path: Path) -> Path:
    """One value of fourteen is missing."""
    return write(tmp_path / "s", turn(1), turn(2, {"convqa.answer.type": None}, at=5))


class TestThreshold:
    """Exit codes for cron and CI."""

    @pytest.mark.parametrize(
        ("threshold", "status"), [("1.0", 1), ("0.93", 1), ("0.92", 0), ("0.9285714285714286", 0), ("0", 0)]
    )
    def test_exit_code(self, nearly: Path, threshold: str, status: int) -> None:
        """13 of 14 is 0.92857…: at the threshold is good, below it is exit code 1."""
        assert doctor(nearly, "--threshold", threshold) == status
        assert doctor(nearly, "--threshold", threshold, "--json") == status

    def test_complete(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """All there: exit code 0, and it says so."""
        assert doctor(write(tmp_path / "s", turn(1))) == 0
        assert (
            "complete: 7 of 7 required values present (100.0%) on 1 spans of 1 conversation\n"
            in capsys.readouterr().out
        )

    @pytest.mark.parametrize("threshold", ["1.1", "-0.1", "nan", "inf"])
    def test_a_threshold_is_a_share(self, nearly: Path, threshold: str, capsys: pytest.CaptureFixture[str]) -> None:
        """Anything else is exit code 2."""
        assert doctor(nearly, f"--threshold={threshold}") == 2
        assert "share between 0 and 1" in capsys.readouterr().err

    def test_an_empty_store_is_bad_news(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A bot that records nothing is not completely instrumented."""
        assert doctor(tmp_path) == 1
        assert "No telemetry in" in capsys.readouterr().out

    def test_a_missing_store(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Exit code 2, on standard error, with what to do."""
        assert doctor(tmp_path / "nowhere", "--json") == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("convqa doctor: no telemetry store at ")

    def test_the_store_of_the_environment(self, nearly: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """CONVQA_STORE names the store where --store does not."""
        monkeypatch.setenv("CONVQA_STORE", str(nearly))
        assert main(["doctor", "--threshold", "0.9"]) == 0


class TestSkipped:
    """Segments that cannot be read here."""

    @pytest.mark.parametrize("form", [[], ["--json"]])
    def test_the_rest_is_judged(self, mixed: Path, form: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        """What can be read is complete; that something was skipped is said, and is exit code 1."""
        assert doctor(mixed, *form) == 1
        out, err = capsys.readouterr()
        assert "7 of 7 required values" in out or json.loads(out)["complete"] == 1.0
        assert err.startswith("convqa doctor: 1 segment was skipped, because it is compressed: pip install")

    def test_nothing_can_be_read(self, mixed: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A store that is compressed as a whole is not called empty."""
        (mixed / "a.jsonl").unlink()
        assert doctor(mixed) == 1
        out, err = capsys.readouterr()
        assert "that can be read" in out
        assert "1 segment was skipped" in err


class TestOutput:
    """What is printed."""

    def test_json_is_the_contract(self, nearly: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Exactly the contract's keys, also when the answer is bad news."""
        assert doctor(nearly, "--json") == 1
        out, err = capsys.readouterr()
        given = json.loads(out)
        fields = given.pop("fields")
        assert given == {
            "complete": 13 / 14,
            "spans": 2,
            "conversations": 1,
            "lost_turns": 0,
            "orphans": 0,
            "torn_lines": 0,
        }
        assert fields["turn"]["convqa.answer.type"] == {"required": True, "present": 1, "missing": 1, "invalid": 0}
        assert err == ""

    def test_names_what_is_missing(self, nearly: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Complete fields take one line together, each incomplete one a line of its own."""
        doctor(nearly)
        out = capsys.readouterr().out
        rows = [line.split() for line in out.splitlines()]
        assert ["turn", "2", "6", "required", "fields", "all", "✓"] in rows
        assert ["convqa.answer.type", "1", "1", "✗"] in rows
        assert "INCOMPLETE: 13 of 14 required values present (92.9%)" in out

    def test_full_profile_lists_recommended_fields(self, nearly: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """`--profile full` shows every field; an optional one is absent, only a required one can be missing."""
        doctor(nearly, "--profile", "full")
        table = capsys.readouterr().out.splitlines()
        (optional,), (required,) = (
            [line for line in table if words in line] for words in ("convqa.answer.text ", "convqa.answer.type ")
        )
        head = table[0]

        def ends(line: str, count: str) -> int:
            return line.rindex(count) + len(count)

        assert ends(optional, "2") == ends(head, "absent")
        assert ends(required.replace("✗", ""), "1") == ends(head, "missing")

    def test_incomplete_never_reads_as_all(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """One of thousands missing is 99.9%, not 100.0%."""
        made = [turn(number, at=number) for number in range(1, 1000)]
        doctor(write(tmp_path / "s", *made, turn(1000, {"session.id": None}, at=1000)))
        assert "INCOMPLETE: 6,999 of 7,000 required values present (99.9%)" in capsys.readouterr().out

    def test_remarks(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Losses by cause and destination, orphans, torn lines, violations, unknown versions, spans of others."""
        loss = {"convqa.stage": "loss", **BASE, "convqa.loss.turns": 3, "convqa.loss.cause": "queue_full"}
        loss["convqa.loss.destinations"] = ["otlp", "store"]
        store = write(
            tmp_path / "s",
            turn(1, {"convqa.instrumentation.violations": ["confidence"]}),
            stage("rerank", 2, parent=77, at=50),
            span("loss", 3, loss, trace=9),
            span("GET /", 4),
        )
        with (store / "a.jsonl").open("a") as segment:
            segment.write("torn")
        doctor(store)
        out = capsys.readouterr().out
        for words in (
            "instrumentation violations: 1 confidence",
            "lost turns: 3 (3 queue_full)",
            "of these 3 did not reach otlp, 3 did not reach store\n",
            "turns of unknown version: 1 convqa.model.version, ",
            "orphans: 1 stages",
            "torn lines: 1 skipped",
            "spans of other instrumentations: 1, not judged",
            "redaction: 1 clean, 2 without texts",
        ):
            assert words in out

    def test_what_did_not_reach_another_destination(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """What a backend did not get may well stand in the store that is judged."""
        loss = {"convqa.stage": "loss", **BASE, "convqa.loss.turns": 5, "convqa.loss.cause": "timeout"}
        doctor(write(tmp_path / "s", span("loss", 3, {**loss, "convqa.loss.destinations": ["otlp"]})))
        assert "of these 5 did not reach otlp; they may still be here\n" in capsys.readouterr().out

    def test_a_bot_without_retrieval_needs_no_knowledge_base(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The version of a knowledge base is unknown only where one is searched."""
        store = write(tmp_path / "s", turn(1))
        doctor(store)
        assert "convqa.kb.snapshot" not in capsys.readouterr().out
        write(store, stage("retrieval", 2, parent=1))
        doctor(store)
        assert "turns of unknown version: 1 convqa.kb.snapshot, " in capsys.readouterr().out

    def test_a_pipe_gets_lines_whole(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A list that is longer than a terminal is wide is not cut where no terminal is."""
        names = [f"a_field_of_the_bots_{number}" for number in range(10)]
        doctor(write(tmp_path / "s", turn(1, {"convqa.instrumentation.violations": names})))
        out = capsys.readouterr().out
        assert all(name in out for name in names)

    def test_says_which_outcomes_join(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Those of unknown conversations, what was recorded again, ids that are not one outcome's; also as JSON."""
        score, same = "convqa.outcome.csat.score", {"convqa.outcome.id": "s"}
        store = write(
            tmp_path / "s",
            turn(1),
            *(outcome(number, "csat", {**same, score: value}) for number, value in ((2, 3.0), (3, 3.0), (4, 2.0))),
            outcome(5, "csat", same, conversation="nobody"),
            outcome(7, "feedback", same),
            outcome(6, "recontact", {"convqa.outcome.recontact.of": "nobody"}),
        )
        doctor(store)
        out = capsys.readouterr().out
        assert "outcomes: 1 of 4 are about conversations that are not in this store; 75.0% joined" in out
        assert "recontacts of conversations that are not in this store: 1" in out
        assert "outcomes that were recorded again: 1 revision and 1 repeat" in out
        assert "outcome ids that several conversations share: 1" in out
        assert "outcome ids that several kinds of outcome share: 1" in out
        doctor(store, "--json")
        assert json.loads(capsys.readouterr().out)["outcomes"] == {
            "outcomes": 4,
            "unmatched": 1,
            "revisions": 1,
            "repeats": 1,
            "shared_ids": 1,
            "mixed_ids": 1,
            "unknown_recontacts": 1,
            "join_rate": pytest.approx(3 / 4),
        }

    def test_says_nothing_where_all_join(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """No line is needed for what is as it should be."""
        doctor(write(tmp_path / "s", turn(1), outcome(2, "csat")))
        assert "outcomes" not in capsys.readouterr().out

    def test_says_when_customers_were_left_out(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """The probability that turns carry, and an estimate of the turns that are not here because of it."""
        share = {"convqa.sampling.probability": 0.25}
        doctor(write(tmp_path / "s", turn(1, share), turn(2, share), turn(3, {"convqa.sampling.probability": 1.0})))
        out = capsys.readouterr().out
        assert "turns recorded with a probability: 2 with 0.25; so about 6 were left out\n" in out
        doctor(write(tmp_path / "s", outcome(4, "feedback"), outcome(5, "feedback", conversation="c-2")))
        out = capsys.readouterr().out
        assert "so about 6 were left out; 1 conversation has outcomes only\n" in out
        assert "1 of 2 are about conversations that are not in this store; sampling leaves conversations out" in out
        assert "joined" not in out
        doctor(tmp_path / "s", "--json")
        told = json.loads(capsys.readouterr().out)["outcomes"]
        assert (told["unmatched"], told["join_rate"]) == (1, None)
        doctor(write(tmp_path / "all", turn(1), outcome(5, "feedback", conversation="c-2")))
        out = capsys.readouterr().out
        assert "probability" not in out
        assert "outcomes only" not in out

    @pytest.mark.usefixtures("terminal")
    def test_no_control_characters_and_no_wide_lines(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Names in a store may have been written by anyone."""
        attack = "\x1b[2J\x9b31m\r\n" + "x" * 300
        loss = {"convqa.stage": "loss", **BASE, "convqa.loss.turns": 3, "convqa.loss.cause": attack}
        given = {"convqa.instrumentation.violations": [attack], "convqa.redaction.status": attack}
        doctor(write(tmp_path / "s", turn(1, given), span("loss", 3, loss)))
        out = capsys.readouterr().out
        assert "\x1b" not in out
        assert "\x9b" not in out
        assert "\r" not in out
        assert max(columns(line) for line in out.splitlines()) <= WIDTH

    def test_what_the_sdk_records_is_complete(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A turn, an outcome and a change by the SDK: every required field is there."""
        sdk = convqa.configure(service_name="bot", store=tmp_path, versions=convqa.Versions(model="m", policy="p"))
        with convqa.turn("c-1", "hello") as running:
            running.answer("hi", type="template")
        convqa.record_feedback(running.ref, thumbs="up")
        convqa.record_change("model", version="v2")
        convqa.end_session("c-1")
        sdk.shutdown(5.0)
        assert doctor(tmp_path) == 0, capsys.readouterr().out


class TestLeaks:
    """What should have been redacted."""

    MAIL = "jane.doe@example.com"

    @pytest.fixture
    def leaky(self, tmp_path: Path) -> Path:
        """A complete turn with an address in it."""
        return write(tmp_path / "s", turn(1, {"convqa.message.text": f"I am {self.MAIL}"}))

    def test_a_leak_is_bad_news(self, leaky: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Exit code 1; it is told where, and never what."""
        assert doctor(leaky) == 1
        out, err = capsys.readouterr()
        assert "LEAKS: 1 found in" in out
        row = next(line.split() for line in out.splitlines() if line.startswith("EMAIL"))
        assert row[2:] == ["a.jsonl:1", "0000000000000001", "5", "convqa.message.text"]
        assert "jane" not in out + err

    def test_json(self, leaky: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """The same for machines."""
        assert doctor(leaky, "--json") == 1
        out = capsys.readouterr().out
        (leak,) = json.loads(out)["leaks"]
        assert (leak["segment"], leak["line"], leak["place"]) == ("a.jsonl", 1, "convqa.message.text")
        assert "jane" not in out

    def test_nobody_has_to_look(self, leaky: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """`--no-leaks` judges completeness alone."""
        assert doctor(leaky, "--no-leaks") == 0
        assert "leaks" not in capsys.readouterr().out.lower()

    def test_no_leak(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Is said too, with how much was searched."""
        assert doctor(write(tmp_path / "s", turn(1))) == 0
        assert "leaks: none found in" in capsys.readouterr().out

    def test_many(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Twenty are listed, all are counted."""
        store = write(tmp_path / "s", *(turn(n, {"convqa.message.text": f"a{n}@example.com"}) for n in range(25)))
        assert doctor(store) == 1
        out = capsys.readouterr().out
        assert "LEAKS: 25 found" in out
        assert "… and 5 more" in out
