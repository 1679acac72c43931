"""Tool call arguments as JSON data."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from provider_payloads import nested

from convqa_sdk.tracing.responses.arguments import copied, parsed
from convqa_sdk.tracing.snapshot import CutText


@given(nested)
def test_arguments_are_json_whatever_was_given(value: Any) -> None:
    """Both forms always give something that JSON can express, and never raise."""
    for result in (copied(value), parsed(str(value))):
        json.dumps(result, allow_nan=False)


@pytest.mark.parametrize(
    "written",
    ["", "{", "12", '"x"', "null", "NaN", '{"x": NaN}', '{"x": 1e999}', "[" * 100_000, '{"x": ' + "9" * 5_000 + "}"],
    ids=["empty", "cut short", "number", "string", "null", "NaN", "NaN inside", "infinite", "deep", "long number"],
)
def test_text_that_is_no_json_object_stays_text(written: str) -> None:
    """Cut, scalar, non-finite and abusive texts are kept as they are."""
    assert parsed(written) == written


def test_escapes_are_decoded() -> None:
    """An address written with a JSON escape is plain text afterwards, so that the redactor sees it."""
    assert parsed(r'{"to": "jane\u0040example.com"}') == {"to": "jane@example.com"}


@pytest.mark.parametrize("end", ["", '"}' + " " * 200_000], ids=["cut short", "longer than what is kept"])
def test_escapes_are_decoded_in_what_stays_text(end: str) -> None:
    """What is not parsed is a text, but an address with an escape is still plain to the redactor; pairs are joined."""
    written = r'{"to": "jane\u0040example.com", "say": "\ud83d\ude00 \\' + end
    plain = parsed(written)
    assert isinstance(plain, str)
    assert plain.startswith('{"to": "jane@example.com", "say": "\N{GRINNING FACE} ')


def test_a_text_that_is_cut_stays_marked() -> None:
    """Escapes are decoded in a cut text too, and it still knows how long it was."""
    plain = parsed(r"[\u0040" * 100_000)
    assert isinstance(plain, CutText)
    assert plain.original_length == 700_000
    assert len(plain) <= 131_072
