"""Files: what is found in them and where, and the same files redacted; of any length, however they are read."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from convqa_sdk.errors import InputError
from convqa_sdk.redaction import RedactionPolicy, Redactor
from convqa_sdk.redaction.files import Form, Reading, decoded, explained, patient, redacted
from convqa_sdk.redaction.pieces import PIECE_CHARS

MAIL, CARD = "jane@example.com", "4111 1111 1111 1111"


def chunks(text: str, size: int = 10_000) -> Iterator[str]:
    """The text in pieces."""
    return (text[at : at + size] for at in range(0, len(text), size))


def found(text: str, form: Form = "text", size: int = 10_000) -> list[Any]:
    """What is found."""
    return list(explained(chunks(text, size), form, Redactor(RedactionPolicy()), Reading("f")))


def written(text: str, form: Form = "text", policy: RedactionPolicy | None = None, size: int = 10_000) -> str:
    """The text redacted."""
    redactor = Redactor(patient(policy or RedactionPolicy()))
    return "".join(redacted(chunks(text, size), form, redactor, Reading("f")))


def test_places_in_a_text() -> None:
    """Line and column count from 1, the offset from 0, all in characters."""
    text = f"ä\r\nof {MAIL}\n\n{CARD}"
    assert [(p.line, p.column, p.offset, p.length, p.label) for p in found(text)] == [
        (2, 4, 6, len(MAIL), "EMAIL"),
        (4, 1, 24, len(CARD), "CREDIT_CARD"),
    ]


@pytest.mark.parametrize("form", ["text", "jsonl"])
@pytest.mark.parametrize("value", [MAIL, CARD])
@pytest.mark.parametrize("shift", [-40, -17, -9, -1, 0, 5])
def test_where_pieces_meet(value: str, shift: int, form: Form) -> None:
    """A value is found once, at its place, wherever the reader has to cut."""
    lead = "word " * (PIECE_CHARS // 5)
    text = lead[: PIECE_CHARS + shift - 1] + " " + value + " end " * 20_000
    (place,) = found(text, form, 4_096)
    assert text[place.offset : place.offset + place.length] == value
    assert value not in written(text, form, size=4_096)
    assert written(text, form, size=4_096).endswith(" end " * 20_000)


def test_a_finding_longer_than_a_piece() -> None:
    """It is looked for as far as it goes."""
    block = "-----BEGIN " + "PRIVATE KEY-----\n" + "bbbb\n" * 40_000 + "-----END " + "PRIVATE KEY-----"
    assert written(f"x\n{block}\ny").startswith("x\n[SECRET]")
    assert "bbbb" not in written(f"x\n{block}\ny")


def test_a_text_without_findings_stays_as_it_is() -> None:
    """Character by character, also its line ends."""
    text = "Hello\r\n\tWörld \n" * 9_000
    assert written(text) == text
    assert found(text) == []


def test_json_stays_as_it_is_written() -> None:
    """Only what was found is written over; blanks, order and escapes stay, and it stays JSON."""
    document = '{ "a":1.50,\n "é\\u00e9": ["caf\\u00e9 jane@example.com", 2], "phone": 3348917502, "cvv": 123 }'
    left = written(document, "json")
    assert left == '{ "a":1.50,\n "é\\u00e9": ["café [EMAIL]", 2], "phone": "[PHONE]", "cvv": "[SECRET]" }'
    places = found(document, "json")
    assert [document[p.offset : p.offset + p.length] for p in places] == [MAIL, "3348917502", "123"]
    assert [p.path for p in places] == ['$["éé"][0]', "$.phone", "$.cvv"]
    assert [p.line for p in places] == [2, 2, 2]


def test_keys_that_are_personal_data() -> None:
    """They are redacted, stay apart, and stand in no path."""
    document = json.dumps({MAIL: {"x": CARD}, "joe@example.com": 1})
    assert json.loads(written(document, "json")) == {"[EMAIL]": {"x": "[CREDIT_CARD]"}, "[EMAIL]#2": 1}
    assert not [p for p in found(document, "json") if "jane" in p.path]


def test_lines_of_json() -> None:
    """Each line is a document; one that is none is read as text, and named."""
    text = f'{{"a": "{MAIL}"}}\n\nnot json {MAIL}\n{{"pin": 1234}}'
    reading = Reading("f")
    left = "".join(redacted(chunks(text, 3), "jsonl", Redactor(patient(RedactionPolicy())), reading))
    assert left == '{"a": "[EMAIL]"}\n\nnot json [EMAIL]\n{"pin": "[SECRET]"}'
    assert reading.not_json == [3]
    assert dict(reading.classes) == {"EMAIL": 2, "SECRET": 1}
    assert [p.line for p in found(text, "jsonl")] == [1, 3, 4]


def test_a_policy() -> None:
    """What it keeps stays as it was written; what it withholds takes its text with it."""
    document = json.dumps({"a": f"{MAIL} \u00e9", "b": CARD})
    policy = RedactionPolicy(actions={"EMAIL": "keep", "CREDIT_CARD": "withhold"})
    assert written(document, "json", policy) == document.replace(CARD, "[WITHHELD]")


class TestDecoded:
    """From bytes to text."""

    def test_text_in_any_pieces(self) -> None:
        """A character may lie across two of them."""
        text = "é€😀" * 50_000
        assert "".join(decoded(io.BytesIO(text.encode()), "f")) == text

    @pytest.mark.parametrize("lead", [b"", b"x" * 65_535, "é".encode() * 50_000 + b"x" * 31_071])
    def test_no_utf_8(self, lead: bytes) -> None:
        """Is said with the byte where it begins."""
        for tail in (b"\xff", b"\xc3", b"\xc3("):
            with pytest.raises(InputError, match=f"^f: not UTF-8 at byte {len(lead)};"):
                list(decoded(io.BytesIO(lead + tail), "f"))

    def test_binary(self) -> None:
        """So is a file with NUL bytes, such as UTF-16."""
        with pytest.raises(InputError, match="NUL bytes"):
            list(decoded(io.BytesIO("hello".encode("utf-16")), "f"))
