"""The transcript format and its reader: what is accepted, and how a fault is told."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from replayed import DATA, in_memory, of_stage, rows, value

from convqa_sdk.errors import TranscriptError
from convqa_sdk.integrations.transcripts import Transcript, TranscriptFormat, read_transcripts, transcript_schema

SECRET = "jane@example.com"
GOOD = {"id": "c-1", "turns": [{"role": "user", "text": "Hi"}]}


def written(path: Path, *lines: Any) -> Path:
    """Write lines; what is no text is written as JSON."""
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def problem(path: Path, form: TranscriptFormat = "auto") -> str:
    """Return what the reader says of a file; it never quotes the content and always names the file."""
    with pytest.raises(TranscriptError) as caught:
        list(read_transcripts(path, form))
    message = str(caught.value)
    assert SECRET not in message
    assert path.name in message
    return message


def numbered(count: int) -> list[dict[str, Any]]:
    """Return good transcripts with ids of their own."""
    return [{**GOOD, "id": f"c-{number}"} for number in range(count)]


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.ndjson", "a.txt"])
def test_lines_are_read_plain_and_compressed(name: str, tmp_path: Path) -> None:
    """One object per line; empty lines and a byte order mark do not matter."""
    path = written(tmp_path / name, "\ufeff" + json.dumps(GOOD), "", *numbered(2))
    assert [found.id for found in read_transcripts(path)] == ["c-1", "c-0", "c-1"]


@pytest.mark.parametrize("document", [GOOD, [GOOD], [GOOD, {**GOOD, "id": "c-2"}]])
def test_a_json_document_is_one_or_several_transcripts(document: Any, tmp_path: Path) -> None:
    """A file ending in `.json` may spread over lines."""
    path = tmp_path / "a.json"
    path.write_text(json.dumps(document, indent=2))
    assert len(list(read_transcripts(path))) == (len(document) if isinstance(document, list) else 1)


def test_broken_json_is_told_with_its_line(tmp_path: Path) -> None:
    """The seventh line is broken: the message says so and nothing of it."""
    path = written(tmp_path / "a.jsonl", *numbered(6), '{"id": "' + SECRET + '", oops}', GOOD)
    assert "broken JSON in line 7" in problem(path)


def test_what_comes_before_a_broken_line_is_read(tmp_path: Path) -> None:
    """The reader is lazy: six transcripts, then the error."""
    reader = read_transcripts(written(tmp_path / "a.jsonl", *numbered(6), "{"))
    assert [next(reader).id for _ in range(6)] == [f"c-{n}" for n in range(6)]
    with pytest.raises(TranscriptError, match="line 7"):
        next(reader)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"id": None}, "id: "),
        ({"id": ""}, "id: "),
        ({"turns": None}, "turns: "),
        ({"turns": [{"text": SECRET}]}, "turns.0.role: Field required"),
        ({"turns": [{"role": "user"}]}, "turns.0.text: Field required"),
        ({"turns": [{"role": "user", "text": [SECRET]}]}, "turns.0.text: "),
        ({"turns": [{"role": "user", "text": "x", "cost_usd": -1}]}, "turns.0.cost_usd: "),
        ({"turns": [{"role": "user", "text": "x", "cost_usd": float("nan")}]}, "turns.0.cost_usd: "),
        ({"turns": [{"role": "user", "text": "x", "usage": {"prompt_tokens": SECRET}}]}, ".usage.prompt_tokens: "),
        ({"turns": [{"role": "user", "text": "x", "ts": {"at": SECRET}}]}, "turns.0.ts"),
        ({"turns": [{"role": "user", "text": "x", "tool_calls": [{"name": ""}]}]}, "turns.0.tool_calls.0.name: "),
        ({"turns": [SECRET]}, "turns.0: "),
        ({"turns": [{"x": SECRET}] * 9}, "and 15 more"),
        ({"outcome": {"resolved": SECRET}}, "outcome.resolved: "),
    ],
)
def test_a_broken_rule_is_told_with_its_place(change: dict[str, Any], rule: str, tmp_path: Path) -> None:
    """Line, field and rule, never the value."""
    message = problem(written(tmp_path / "a.jsonl", GOOD, {**GOOD, **change}))
    assert "line 2" in message
    assert rule in message


@pytest.mark.parametrize("line", ["null", "17", '"text"', "true", "[1]", "{}", '{"a": 1}'])
@pytest.mark.parametrize("form", ["auto", "transcript", "tau2"])
def test_json_that_is_no_transcript_is_told(line: str, form: TranscriptFormat, tmp_path: Path) -> None:
    """The message says what was expected."""
    assert "line 1" in problem(written(tmp_path / "a.jsonl", line), form)


def test_unreadable_files_are_told(tmp_path: Path) -> None:
    """Missing, a folder, not gzip, cut off, not UTF-8, too deep, a number without end."""
    assert "cannot be read" in problem(tmp_path / "missing.jsonl")
    (tmp_path / "folder.jsonl").mkdir()
    assert "cannot be read" in problem(tmp_path / "folder.jsonl")
    fake = tmp_path / "fake.jsonl.gz"
    fake.write_text(json.dumps(GOOD))
    assert "gzip" in problem(fake)
    whole = written(tmp_path / "cut.jsonl.gz", *numbered(500)).read_bytes()
    (tmp_path / "cut.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    assert "gzip" in problem(tmp_path / "cut.jsonl.gz")
    (tmp_path / "latin.jsonl").write_bytes(json.dumps(GOOD).encode() + b"\n\xe9\n")
    assert "line 2 is not UTF-8" in problem(tmp_path / "latin.jsonl")
    assert "too deeply" in problem(written(tmp_path / "deep.jsonl", "[" * 200_000))
    digits = '{"id": "a", "turns": [], "n": ' + "9" * 10_000 + "}"
    assert "a number is too long" in problem(written(tmp_path / "digits.jsonl", digits))


def test_half_surrogate_pairs_are_replaced(tmp_path: Path) -> None:
    """JSON can spell what UTF-8 cannot; the text around it is kept."""
    turns = '[{"role": "user", "text": "x\\uD800y \\ud83d\\ude00"}]'
    path = written(tmp_path / "a.jsonl", '{"id": "a\\ud83d", "turns": ' + turns + "}")
    [found] = read_transcripts(path)
    assert found.id == "a?"
    assert found.turns[0].text == "x?y \U0001f600"


def test_unknown_keys_are_not_read() -> None:
    """What the format does not name cannot reach a stage."""
    found = Transcript.model_validate({**GOOD, "expected": {"intent": "refund"}, "customer": {"scenario": "angry"}})
    assert not {"expected", "customer"} & set(found.model_dump())


def test_the_schema_is_valid_and_every_field_has_a_sentence() -> None:
    """The JSON Schema is one of draft 2020-12, and explains each field."""
    schema = transcript_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    objects = [schema, *schema["$defs"].values()]
    assert len(objects) >= 8
    for part in objects:
        assert part["description"]
        for name, field in part["properties"].items():
            assert field["description"].endswith("."), name
    assert schema["required"] == ["id", "turns"]
    assert schema["$defs"]["TranscriptTurn"]["required"] == ["role", "text"]


@pytest.mark.parametrize("path", sorted(DATA.glob("conv_*.jsonl.gz")), ids=lambda path: path.name.split(".")[0])
def test_the_schema_accepts_the_real_files(path: Path) -> None:
    """The published format is that of the real conversations."""
    validator = jsonschema.Draft202012Validator(transcript_schema())
    for row in rows(path.name.split(".")[0])[:10]:
        validator.validate(row)


def test_a_minimal_line_goes_all_the_way(tmp_path: Path) -> None:
    """Numbers as ids and texts are taken as their spelling."""
    turns = [{"role": "user", "text": 42}, {"role": "assistant", "text": "7"}]
    path = written(tmp_path / "a.jsonl", {"id": 17, "turns": turns})
    _, spans = in_memory(*read_transcripts(path))
    [turn] = of_stage(spans, "turn")
    assert value(turn, "gen_ai.conversation.id") == "17"
    assert value(turn, "convqa.message.text") == "42"
