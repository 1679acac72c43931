"""Whatever is given, the result is defined, with every part of the redactor at work: nothing raises, nothing leaks."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.redaction import Allow, Pseudonyms, RedactionPolicy, Redactor
from convqa_sdk.redaction.detection import Detection
from convqa_sdk.redaction.words import Lexicon, name_entries

from .planted import awkward_text

POLICY = RedactionPolicy(
    words=[{"label": "ILLNESS", "words": ["flu", "high blood pressure"]}],
    actions={"EMAIL": "pseudonymise", "PERSON": "pseudonymise", "ILLNESS": "pseudonymise"},
    allow=[Allow(cls="EMAIL", value="support@acme.com"), Allow(cls="*", shape="ORD-[0-9]{8}")],
)


def everything() -> Redactor:
    """A redactor with word lists, an allow-list, pseudonyms, a recognizer and a known customer."""
    detection = Detection(recognizers=[lambda _: ()], labels=POLICY.labels)
    detection.know(Lexicon(name_entries("Jane Doe")))
    return Redactor(POLICY, Pseudonyms(b"k" * 32), detection)


class Rude:
    """Raises whenever it is touched."""

    def __str__(self) -> str:
        raise RuntimeError("Jane")

    __repr__ = __hash__ = __eq__ = __len__ = __iter__ = __str__  # type: ignore[assignment] # reason: that is the point


def deep(depth: int) -> Any:
    """Lists within lists, around a name."""
    value: Any = "Jane"
    for _ in range(depth):
        value = [value]
    return value


def circular() -> Any:
    """A dictionary that holds itself."""
    value: dict[str, Any] = {"name": "Jane"}
    value["self"] = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        "\ud800 Jane \udfff",
        b"Jane",
        bytearray(b"Jane"),
        {"a": b"Jane"},
        deep(31),
        deep(40),
        deep(5_000),
        circular(),
        {math.nan: "Jane", math.inf: "Jane", -0.0: "Jane"},
        {("Jane",): 1, b"Jane": 2, frozenset({"Jane"}): 3},
        Rude(),
        {"a": Rude(), "b": [Rude()]},
        {"Jane", "Doe"},
        {"x": 10**5_000},
        {"cvv": 737, "password": "Jane", "pin": b"Jane"},
        ["Jane"] * 20_000,
        "Jane " * 2_000_000,
        {"a": "Jane " * 2_000_000},
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_structure_of_any_kind_becomes_json_without_what_is_known(value: object) -> None:
    """Surrogates, bytes, depth, circles, keys that are no text, objects that raise, ten megabytes."""
    copy, summary = everything().structure(value)
    text = json.dumps(copy, allow_nan=False, ensure_ascii=False)
    text.encode()
    assert "Jane" not in text
    assert summary.status in ("redacted", "withheld", "failed_closed")


@pytest.mark.parametrize("length", [131_072, 131_073, 10_000_000])
def test_a_text_of_any_length_is_redacted_or_withheld(length: int) -> None:
    """Up to the limit of the policy it is searched, beyond it is withheld unread."""
    result = everything().text("Jane flu ".ljust(length, "x"))
    assert "Jane" not in result.text
    assert result.status == ("redacted" if length <= POLICY.max_chars else "withheld")


@given(st.lists(st.one_of(awkward_text, st.sampled_from(["Jane", "DOE ", "flu", "high blood ", "pressure"]))))
def test_with_everything_at_work_nothing_that_is_found_survives(pieces: list[str]) -> None:
    """Redaction is idempotent, finds nothing in what it wrote, and UTF-8 can hold the result."""
    redactor = everything()
    once = redactor.text("".join(pieces))
    once.text.encode()
    if once.status in ("clean", "redacted"):
        assert redactor.text(once.text).text == once.text
        again = redactor.find(once.text)
        assert again is not None
        assert [f for f in again if once.text[f.start : f.end].lower() != "support@acme.com"] == []
