"""`convqa redact`: what leaves, what is said, and that no value is ever part of what is said."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from convqa_sdk.cli import main
from convqa_sdk.redaction import Pseudonyms, RedactionPolicy

MAIL, CARD = "jane.doe@example.com", "4111 1111 1111 1111"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A text with an address and a card."""
    path = tmp_path / "chat.txt"
    path.write_text(f"Hi, I am {MAIL}\r\nmy card is {CARD}.\n", newline="")
    return path


def test_redacted_text(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The text goes to standard output, and nothing else does."""
    assert main(["redact", str(file)]) == 0
    assert capsys.readouterr() == ("Hi, I am [EMAIL]\r\nmy card is [CREDIT_CARD].\n", "")


def test_explained_as_json(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What, where and by which rule, for machines."""
    assert main(["redact", "--explain", "--json", str(file)]) == 0
    given = json.loads(capsys.readouterr().out)
    assert given["classes"] == {"CREDIT_CARD": 1, "EMAIL": 1}
    mail = dict(given["findings"][0])
    assert mail.pop("rule")
    assert mail == {
        "file": str(file),
        "class": "EMAIL",
        "line": 1,
        "column": 10,
        "offset": 9,
        "length": 20,
        "path": "",
        "action": "redact",
    }


def test_explained_for_people(file: Path, capsys: pytest.CaptureFixture[str], terminal: None) -> None:
    """A table, and a line that counts."""
    assert main(["redact", "--explain", str(file)]) == 0
    out = capsys.readouterr().out
    rows = [line.split() for line in out.splitlines()]
    assert rows[2][:5] == ["EMAIL", "1", "10", "9", "20"]
    assert "2 found in 1 file: 1 CREDIT_CARD, 1 EMAIL" in out
    assert "\033" not in out


def test_colours_by_class(file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal classes have colours, and the table stays aligned."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    main(["redact", "--explain", str(file)])
    out = capsys.readouterr().out
    assert "\033[36mEMAIL\033[0m        " in out
    assert "\033[35mCREDIT_CARD\033[0m  " in out


@pytest.mark.parametrize("words", [["--explain"], ["--explain", "--json"]])
@pytest.mark.parametrize("suffix", [".txt", ".json", ".jsonl"])
def test_no_value_is_echoed(tmp_path: Path, suffix: str, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Nor a piece of one, whether it is a text, a key, a number, or stands in what is no JSON."""
    path = tmp_path / f"x{suffix}"
    lines = [{MAIL: CARD, "password": "hunter2", "phone": 3348917502}, {"a": {MAIL: [CARD]}}]
    path.write_text("\n".join(map(json.dumps, lines)) + f"\n{{broken {MAIL}")
    assert main(["redact", *words, str(path)]) == 0
    out, err = capsys.readouterr()
    assert "EMAIL" in out
    assert not [piece for piece in ("jane", "doe", "4111", "hunter", "334891") if piece in out + err]


def test_json_by_its_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a key says counts on top of what a value looks like."""
    path = tmp_path / "x.json"
    path.write_text('{"cvv": "123", "phone": "3348917502", "order": "3348917502"}')
    assert main(["redact", str(path)]) == 0
    assert capsys.readouterr().out == '{"cvv": "[SECRET]", "phone": "[PHONE]", "order": "3348917502"}'


def test_standard_input(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` reads it; its format is text unless said otherwise."""
    for words, left in (([], '{"pin": [EMAIL]}'), (["--format", "json"], '{"pin": "[SECRET]"}')):
        given = MAIL if not words else '"1234"'
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f'{{"pin": {given}}}'.encode())))
        assert main(["redact", *words, "-"]) == 0
        assert capsys.readouterr().out == left


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"ok \xff " + MAIL.encode(), "not UTF-8 at byte 3"),
        (b"\0\1\2" + MAIL.encode(), "binary"),
        (None, "no such file"),
    ],
)
@pytest.mark.parametrize("words", [[], ["--explain"]])
def test_what_is_no_text(
    tmp_path: Path, content: bytes | None, said: str, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, and one line that says why."""
    path = tmp_path / "x.txt"
    if content is not None:
        path.write_bytes(content)
    assert main(["redact", *words, str(path)]) == 2
    out, err = capsys.readouterr()
    assert said in err
    assert "jane" not in out + err


def test_an_empty_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Holds nothing, in any format."""
    for suffix in (".txt", ".json", ".jsonl"):
        path = tmp_path / f"x{suffix}"
        path.touch()
        assert main(["redact", str(path)]) == 0
        assert main(["redact", "--explain", str(path)]) == 0
        assert capsys.readouterr() == ("0 found in 1 file\n", "")


def test_json_without_explain(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--json belongs to --explain, and says so."""
    assert main(["redact", "--json", str(file)]) == 2
    assert "--explain" in capsys.readouterr().err


def test_progress(file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal a bar says how far it is; standard output stays clean."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    main(["redact", str(file)])
    out, err = capsys.readouterr()
    assert "redact █" in err
    assert out.startswith("Hi, I am")


@pytest.mark.skipif(not hasattr(RedactionPolicy, "from_yaml"), reason="policies are not read from YAML yet")
def test_a_policy(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--policy says what happens to each class, also in what is explained."""
    policy = tmp_path / "policy.yaml"
    policy.write_text("version: ours-1\nactions:\n  EMAIL: keep\n")
    assert main(["redact", "--policy", str(policy), str(file)]) == 0
    assert capsys.readouterr().out == f"Hi, I am {MAIL}\r\nmy card is [CREDIT_CARD].\n"
    main(["redact", "--policy", str(policy), "--explain", "--json", str(file)])
    assert [each["action"] for each in json.loads(capsys.readouterr().out)["findings"]] == ["keep", "redact"]


POLICY = """
allow:
  - {cls: EMAIL, value: jane.doe@example.com}
words:
  - {label: HEALTH_TERM, words: [diabetes]}
actions: {PHONE: keep, CREDIT_CARD: pseudonymise}
"""


@pytest.mark.parametrize("suffix", [".txt", ".json"])
def test_explained_under_a_policy(tmp_path: Path, suffix: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Says of each finding what the policy does with it: listed words are found, allowed values are kept."""
    (tmp_path / "p.yaml").write_text(POLICY)
    text = f"{MAIL}, bob@example.com, diabetes, card {CARD}"
    (tmp_path / f"a{suffix}").write_text(json.dumps({"note": text}) if suffix == ".json" else text)
    assert (
        main(["redact", "--policy", str(tmp_path / "p.yaml"), "--explain", "--json", str(tmp_path / f"a{suffix}")]) == 0
    )
    found = json.loads(capsys.readouterr().out)["findings"]
    assert [(each["class"], each["action"]) for each in found] == [
        ("EMAIL", "keep"),
        ("EMAIL", "redact"),
        ("HEALTH_TERM", "redact"),
        ("CREDIT_CARD", "pseudonymise"),
    ]
    assert found[2]["rule"] == "word_list"


def test_pseudonyms_need_the_key(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the key of the bot a file gets the bot's pseudonyms; without one that is said, once."""
    (tmp_path / "p.yaml").write_text("actions: {EMAIL: pseudonymise}\n")
    words = ["redact", "--policy", str(tmp_path / "p.yaml"), str(file), str(file)]
    monkeypatch.delenv("CONVQA_KEY", raising=False)
    assert main(words) == 0
    out, err = capsys.readouterr()
    assert "[EMAIL]" in out
    assert err == "convqa redact: no CONVQA_KEY, so what the policy pseudonymises becomes plain markers\n"
    monkeypatch.setenv("CONVQA_KEY", "a key of the bot's own")
    assert main(words) == 0
    out, err = capsys.readouterr()
    assert Pseudonyms(b"a key of the bot's own").token("EMAIL", MAIL) in out
    assert not err


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Is told in a sentence, with exit code 2."""
    assert main(["redact", str(tmp_path / "none.txt")]) == 2
    assert capsys.readouterr().err.endswith("none.txt: cannot be read: no such file or directory\n")


@pytest.mark.parametrize("command", ["redact", "doctor"])
def test_a_policy_without_the_extra(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names the extra, with exit code 2."""
    monkeypatch.setitem(sys.modules, "yaml", None)
    (tmp_path / "p.yaml").write_text("version: x\n")
    assert main([command, "--policy", str(tmp_path / "p.yaml"), *(["a.txt"] if command == "redact" else [])]) == 2
    assert "convqa-sdk[redaction]" in capsys.readouterr().err
