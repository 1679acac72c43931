"""Structures: keys, texts and numbers are looked at, limits hold, nothing raises."""

from __future__ import annotations

import json
from collections import OrderedDict
from enum import Enum

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from convqa_sdk.redaction import RedactionPolicy, Redactor
from convqa_sdk.redaction.secret_keys import is_sensitive_key
from convqa_sdk.redaction.structures import MAX_DEPTH, MAX_NODES

from .planted import any_text, planted

redactor = Redactor(RedactionPolicy())

leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), any_text, st.binary(max_size=4), planted)
structures = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.tuples(inner, inner),
        st.dictionaries(st.one_of(any_text, st.integers(), st.floats(), st.none(), st.booleans()), inner, max_size=4),
    ),
    max_leaves=12,
)


class Rude:
    """Raises whenever it is touched."""

    def __str__(self) -> str:
        raise RuntimeError("joe@example.com")

    __repr__ = __str__


class RudeDict(dict[str, object]):
    """Lies about its items."""

    def items(self) -> object:  # type: ignore[override] - that is the point
        raise RuntimeError("joe@example.com")


@given(structures)
def test_any_structure_becomes_json_that_utf8_can_hold(value: object) -> None:
    """Nothing raises, and strict JSON accepts the copy."""
    copy, summary = redactor.structure(value)
    json.dumps(copy, allow_nan=False, ensure_ascii=False).encode("utf-8")
    assert summary.status in ("clean", "redacted", "withheld")


@given(planted, structures)
def test_a_planted_value_survives_neither_as_text_nor_as_key(value: str, other: object) -> None:
    """Wherever it hangs in the structure, it is gone."""
    copy, _ = redactor.structure({"a": [value, other], f"k {value}": {"b": (f"say {value} now",)}, value: 1})
    assert value not in json.dumps(copy, ensure_ascii=False)


def test_keys_texts_and_numbers() -> None:
    """One example with everything: markers for values, numbers read with their key, special keys dropped."""
    value = {
        "a@b.co": 1, "c@d.co": 2, "card": 4111111111111111, "float_card": 4111111111111111.0, "phone": 3348917502,
        "order": 3348917502, "total": 129.9, "nan": float("nan"), "inf": float("-inf"), "list": [1, (2, "x@y.org")],
        "password": "hunter2", "clientSecret": {"deep": "x"}, "X-Api-Key": 5, "token": None, "max_tokens": 55,
        "token_count": 4, "lat": 45.1234567890123, "at": 1763692435123, "none": None, "yes": True,
    }  # fmt: skip
    copy, summary = redactor.structure(value)
    assert copy == {
        "[EMAIL]": 1, "[EMAIL]#2": 2, "card": "[CREDIT_CARD]", "float_card": "[CREDIT_CARD]", "phone": "[PHONE]",
        "order": 3348917502, "total": 129.9, "nan": None, "inf": None, "list": [1, [2, "[EMAIL]"]],
        "password": "[SECRET]", "clientSecret": "[SECRET]", "X-Api-Key": "[SECRET]", "token": None, "max_tokens": 55,
        "token_count": 4, "lat": 45.1234567890123, "at": 1763692435123, "none": None, "yes": True,
    }  # fmt: skip
    assert summary == ("redacted", 9, ("CREDIT_CARD", "EMAIL", "PHONE", "SECRET"))


@given(st.floats(0, 1, exclude_max=True))
@example(0.39335362306983956)
@example(0.4111111111111111)
def test_a_score_stays_a_number(share: float) -> None:
    """The digits of a fraction are not taken for a card's: a share or score keeps its type."""
    assert redactor.structure({"score": share, "scores": [share + 3]})[0] == {"score": share, "scores": [share + 3]}


@pytest.mark.parametrize(
    ("key", "sensitive"),
    [
        ("password", True),
        ("userPassword", True),
        ("PASSWD", True),
        ("api_key", True),
        ("apiKey", True),
        ("apikey", True),
        ("Authorization", True),
        ("access_token", True),
        ("refreshToken", True),
        ("cvv", True),
        ("CVC2", True),
        ("pin", True),
        ("secret", True),
        ("private-key", True),
        ("prompt_tokens", False),
        ("tokens", False),
        ("token_count", False),
        ("shipping", False),
        ("opinion", False),
        ("pinned", False),
        ("secretary", False),
        ("key", False),
        ("author", False),
    ],
)
def test_keys_that_name_a_secret(key: str, sensitive: bool) -> None:
    """Words decide, not substrings, whatever the style of the name."""
    assert is_sensitive_key(key) is sensitive


def test_cycles_and_shared_parts() -> None:
    """A cycle is withheld where it closes; a part that merely occurs twice is not."""
    loop: list[object] = ["a"]
    loop.append(loop)
    assert redactor.structure(loop)[0] == ["a", "[WITHHELD]"]
    shared = {"x": 1}
    assert redactor.structure([shared, shared])[0] == [shared, shared]


def test_depth_and_size_are_bounded() -> None:
    """What lies too deep, comes too late or is too long in sum is withheld."""
    deep: object = "a@b.co"
    for _ in range(5_000):
        deep = [deep]
    copy, summary = redactor.structure(deep)
    assert json.dumps(copy).count("[") == MAX_DEPTH + 2
    assert summary.status == "withheld"
    many, summary = redactor.structure(list(range(MAX_NODES + 50)))
    assert isinstance(many, list)
    assert many[MAX_NODES - 2] == MAX_NODES - 2
    assert many[MAX_NODES] == "[WITHHELD]"
    small = Redactor(RedactionPolicy(max_chars=200))
    long = "word " * 30
    assert small.structure([{"role": "user", "text": long}, {"role": "bot", "text": long}])[0] == [
        {"role": "user", "text": long},
        {"role": "bot", "text": "[WITHHELD:too_long]"},  # names and short words stay: the form survives
    ]


def test_what_json_cannot_hold_is_withheld() -> None:
    """Objects, bytes, sets and huge integers leave no trace; a raising `__str__` is never called."""
    copy, summary = redactor.structure([Rude(), b"joe", {1, 2}, 10**400, {Rude: 1}])
    assert copy == ["[WITHHELD]"] * 4 + [{"[WITHHELD]": 1}]
    assert summary.status == "withheld"


def test_subclasses_are_read_as_what_they_are() -> None:
    """Overridden methods of subclasses are not asked."""
    mail = Enum("Mail", {"A": "joe@example.com"}, type=str)
    copy, _ = redactor.structure([RudeDict(a="joe@example.com"), OrderedDict(b=mail.A)])
    assert copy == [{"a": "[EMAIL]"}, {"b": "[EMAIL]"}]


def test_the_value_itself_is_not_changed() -> None:
    """The bot keeps what it passed."""
    value = {"a": ["joe@example.com"]}
    redactor.structure(value)
    assert value == {"a": ["joe@example.com"]}


def test_policies_reach_into_structures() -> None:
    """Content off gives nothing; kept classes pass; withheld secrets do not even get their marker."""
    assert Redactor(RedactionPolicy(content=False)).structure({"a": 1}) == (None, ("off", 0, ()))
    assert Redactor(RedactionPolicy(actions={"EMAIL": "keep"})).structure(["a@b.co"])[0] == ["a@b.co"]
    strict = Redactor(RedactionPolicy(actions={"SECRET": "withhold"}))
    assert strict.structure({"password": "x"})[0] == {"password": "[WITHHELD]"}


def test_the_budget_covers_the_whole_structure() -> None:
    """Many small texts cannot take longer than one text may."""
    copy, summary = Redactor(RedactionPolicy(budget_ms=1)).structure(["word"] * 9_000)
    assert (copy, summary) == ("[WITHHELD]", ("failed_closed", 0, ()))


def test_a_name_that_stands_beside_a_value_counts_as_its_key() -> None:
    """Lists of headers, form fields and environment variables, as pairs or as objects, hide what their names say."""
    given = {
        "headers": [["authorization", "abcd 1234"], ("accept", "text/html")],
        "env": [{"name": "DB_PASSWORD", "value": "hunter 22"}, {"name": "MODE", "value": "fast"}],
        "fields": [{"Key": "ssn", "Value": "536904399"}],
        "ssn": {"value": "536904399", "verified": True},
        "password": None,
    }
    copy, summary = redactor.structure(given)
    assert copy == {
        "headers": [["authorization", "[SECRET]"], ["accept", "text/html"]],
        "env": [{"name": "DB_PASSWORD", "value": "[SECRET]"}, {"name": "MODE", "value": "fast"}],
        "fields": [{"Key": "ssn", "Value": "[US_SSN]"}],
        "ssn": {"value": "[US_SSN]", "verified": True},
        "password": None,
    }
    assert summary.classes == ("SECRET", "US_SSN")


@pytest.mark.parametrize(
    "tags", [["password", "reset"], [["a", "b", "c"]], [["password"], ["reset"]], [[1, 2], [3, 4]]]
)
def test_other_lists_stay(tags: object) -> None:
    """Only a list of nothing but pairs holds names and values."""
    assert redactor.structure(tags)[0] == tags
