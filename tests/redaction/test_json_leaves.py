"""Leaves of a JSON document: what the standard parser sees, and where it stands."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.redaction.json_leaves import NotJsonError, leaves, place, shown
from convqa_sdk.redaction.secret_keys import is_sensitive_key

KEYS = st.text(max_size=8).filter(lambda key: not is_sensitive_key(key))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(-1e9, 1e9), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)  # fmt: skip


def walked(value: Any) -> list[str]:
    """Keys, texts and numbers in the order of the document."""
    if isinstance(value, dict):
        return [each for key, item in value.items() for each in (f"key {key}", *walked(item))]
    if isinstance(value, list):
        return [each for item in value for each in walked(item)]
    if isinstance(value, str):
        return [f"text {value}"]
    return [] if value is None or isinstance(value, bool) else [f"number {json.dumps(value)}"]


@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_the_same_as_the_parser(value: Any, plain: bool, indent: int | None) -> None:
    """Every key, text and number comes once, in order, decoded, however the document is written."""
    document = json.dumps(value, ensure_ascii=plain, indent=indent)
    assert [f"{leaf.kind} {leaf.value}" for leaf in leaves(document)] == walked(value)


@given(VALUES)
def test_places_hold_the_tokens(value: Any) -> None:
    """Between start and end of a leaf stands what the leaf was read from."""
    document = json.dumps(value)
    for leaf in leaves(document):
        token = json.loads(document[leaf.start : leaf.end])
        assert token == leaf.value or json.dumps(token) == leaf.value


@given(st.text(min_size=1, max_size=12), st.booleans())
def test_a_piece_of_a_text_is_found_in_its_token(text: str, plain: bool) -> None:
    """Also where the text is written with escapes, and for characters that take two of them."""
    token = json.dumps(text, ensure_ascii=plain)
    for index, character in enumerate(text):
        start, end = place(token, index, index + 1)
        assert json.loads(f'"{token[start:end]}"') == character
    assert place(token, 0, len(text)) == (1, len(token) - 1)


def test_what_a_secret_key_names_is_one_leaf() -> None:
    """A text, a number or a whole container; truth values say nothing."""
    document = '{"password": {"a": ["x"]}, "cvv": 123, "api_key": "k", "secret": true, "b": "y"}'
    assert [leaf.value for leaf in leaves(document) if leaf.kind == "secret"] == ['{"a": ["x"]}', "123", "k"]
    assert [leaf.value for leaf in leaves(document) if leaf.kind == "text"] == ["y"]


def test_paths() -> None:
    """Where a leaf stands, as people write it."""
    paths = [shown(leaf.path) for leaf in leaves('{"a": [{"b c": 1}, 2]}') if leaf.kind == "number"]
    assert paths == ['$.a[0]["b c"]', "$.a[1]"]


@pytest.mark.parametrize(
    "document",
    ["", " ", "{", "[1,]", '{"a" 1}', "[1 2]", "{a:1}", "[1]]", '"\\x"', '{"a":1,}', "nul", "[1}", "1 2", "NaN"],
)  # fmt: skip
def test_what_is_no_json(document: str) -> None:
    """Is said, with its place and without a word of it; the standard parser agrees."""
    with pytest.raises(NotJsonError, match=r"^no JSON at character \d+$"):
        list(leaves(document))
    if document != "NaN":
        with pytest.raises(ValueError, match=r"."):
            json.loads(document)


def test_a_deep_document() -> None:
    """Depth costs no recursion."""
    document = "[" * 100_000 + '"x"' + "]" * 100_000
    (leaf,) = leaves(document)
    assert leaf.value == "x"


def test_a_name_beside_a_value_counts_as_its_key() -> None:
    """As in lists of headers and form fields; without a name the key above both counts."""
    document = '[{"name": "password", "value": "x"}, {"name": "mode", "value": "y"}, {"password": 1, "value": 2}]'
    assert [(leaf.value, leaf.key) for leaf in leaves(document) if leaf.kind == "secret"] == [
        ("x", "password"),
        ("1", "password"),
    ]
    (inner,) = (leaf for leaf in leaves('{"ssn": {"value": "1"}}') if leaf.kind == "text")
    assert inner.key == "ssn"
