"""Codes that words name, codes that prove themselves, and codes that are nobody's."""

from __future__ import annotations

import random
import string
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.redaction import detect
from convqa_sdk.redaction.codes import code_at
from convqa_sdk.redaction.context import Surroundings
from convqa_sdk.redaction.identifiers import kinds
from convqa_sdk.redaction.kinds_by_form import possible

from .planted import any_text, awkward_text


def found(text: str) -> list[tuple[str, str]]:
    """Return the values and labels that are found in a text."""
    return [(text[start:end], label) for start, end, label in detect(text)]


NAMED = [
    ("passport", "PASSPORT", "925665416"),
    ("número de pasaporte", "PASSPORT", "XDB123456"),
    ("numer paszportu", "PASSPORT", "EA1234567"),
    ("driving licence", "DRIVER_LICENSE", "D1234567"),
    ("permis de conduire", "DRIVER_LICENSE", "880692310285"),
    ("Kennzeichen", "VEHICLE_PLATE", "B-AB 1234"),
    ("license plate", "VEHICLE_PLATE", "7ABC123"),
    ("VIN", "VIN", "1HGBH41JXMN109186"),
    ("account number", "BANK_ACCOUNT", "12345678"),
    ("Kontonummer", "BANK_ACCOUNT", "532013000"),
    ("customer id", "ACCOUNT_ID", "AC-493021"),
    ("Kundennummer", "ACCOUNT_ID", "4930217"),
    ("CVV", "CVV", "123"),
    ("security code", "CVV", "4321"),
    ("SSN", "US_SSN", "536-22-8743"),
]


@pytest.mark.parametrize(("word", "label", "code"), NAMED)
@pytest.mark.parametrize(
    "form", ["{} {}", "{}: {}", "{} is {}.", "my {} is {}, thanks", '{{"{}": "{}"}}', "{}\n{}", "({} {})"]
)
def test_a_word_names_the_code_behind_it(word: str, label: str, code: str, form: str) -> None:
    """In a sentence, a form, a record or a line below, exactly the code is found."""
    assert found(form.format(word, code)) == [(code, label)]


@pytest.mark.parametrize(("word", "label", "code"), NAMED)
@pytest.mark.parametrize("form", ["order {}", "ticket #{}", "invoice {} of today", "$ {}", "tracking {}"])
def test_the_same_code_behind_another_word_is_no_such_thing(word: str, label: str, code: str, form: str) -> None:
    """What has no check digit is only what words call it."""
    if label not in ("US_SSN", "VIN"):
        assert label not in [name for _, name in found(form.format(code))]


def test_the_nearest_word_decides() -> None:
    """Two codes in one sentence each get their own class, and a word of another clause names nothing."""
    assert found("passport 925665416, order 925665417") == [("925665416", "PASSPORT")]
    assert found("order 925665417, passport 925665416") == [("925665416", "PASSPORT")]
    assert found("CVV 123 for order 456") == [("123", "CVV")]
    assert found("I lost my passport. My order has 12345678 points") == []


@given(st.uuids(), st.sampled_from(["account id ", "customer number: ", "passport ", "Konto ", ""]))
def test_a_uuid_is_no_code(number: uuid.UUID, before: str) -> None:
    """Identifiers of machines are passed over whatever word stands before them."""
    assert found(f"{before}{number}") == []


@given(st.lists(st.integers(1, 999), min_size=140, max_size=140), st.sampled_from([" ", "\t", ", ", "\n"]))
def test_a_table_of_figures_is_no_row_of_codes(figures: list[int], sign: str) -> None:
    """Of a hundred short figures in a row, those that dozens of others follow number nobody."""
    head = "values: " + sign.join(map(str, figures[:40]))
    found_there = detect(head + sign + sign.join(map(str, figures[40:])))
    assert [label for start, _, label in found_there if start < len(head) and label == "NATIONAL_ID"] == []


@given(awkward_text | any_text, st.integers(0, 60), st.integers(1, 20))
def test_no_place_of_any_text_raises(text: str, start: int, length: int) -> None:
    """Wherever a group may begin, what is found lies in the text."""
    start = min(start, max(0, len(text) - 1))
    end = min(len(text), start + length)
    hit = code_at(text, start, end, Surroundings(text)) if end > start else None
    assert hit is None or 0 <= hit[0] < hit[1] <= len(text)


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.name)
def test_what_has_the_shape_of_a_kind_is_among_the_possible(kind: object) -> None:
    """The form of a value, letters and digits in their places, never excludes a kind whose shape it matches."""
    generator = random.Random(kind.name)  # type: ignore[attr-defined] # reason: pytest passes objects
    tried = 0
    for value in _values(kind.shape, generator):  # type: ignore[attr-defined] # reason: as above
        tried += 1
        kinds_of_value = possible(value)
        every = [*kinds_of_value.strong.values(), *kinds_of_value.others.values()]
        assert kind in [each for several in every for each in several], value
    assert tried


def _values(shape: str, generator: random.Random) -> list[str]:
    """Return values that an expression matches, found by changing random characters of the right length."""
    import re

    pattern = re.compile(shape)
    from hypothesis.strategies import from_regex

    found_values: list[str] = []

    @given(from_regex(pattern, fullmatch=True))
    def collect(value: str) -> None:
        if value.isascii() and value.isalnum() and value == value.upper():
            found_values.append(value)

    collect()
    return found_values


@given(st.text(string.ascii_uppercase + string.digits, max_size=60))
def test_the_possible_kinds_have_the_length_and_label_they_say(compact: str) -> None:
    """For any compact value, kinds are grouped by their own class and none is longer than it can be."""
    result = possible(compact)
    for by_label in (result.strong, result.others):
        for label, several in by_label.items():
            assert {kind.label for kind in several} == {label}
    assert set(result.standing) <= set(result.message)


def test_a_shorter_number_with_its_check_digits_does_not_cut_a_longer_named_one() -> None:
    """Part of a named number may happen to be right as another kind: all of it is covered."""
    assert found("n° de sécu 1 85 05 78 006 084 36") == [("1 85 05 78 006 084 36", "NATIONAL_ID")]


@pytest.mark.parametrize("code", ["A-883205", "AC-883205", "A883205", "883205"])
def test_an_account_number_may_begin_with_letters(code: str) -> None:
    """Banks and shops number accounts alike."""
    assert found(f"my account number is {code}") == [(code, "BANK_ACCOUNT")]


@pytest.mark.parametrize(
    ("name", "code", "label"),
    [
        ("SSN", "536-90-4399", "US_SSN"),
        ("ss", "536904399", "US_SSN"),
        ("passport", "925665416", "PASSPORT"),
        ("acct", "12345678", "BANK_ACCOUNT"),
        ("customer", "88231", "ACCOUNT_ID"),
        ("Member", "W8837261", "ACCOUNT_ID"),
    ],
)
@pytest.mark.parametrize("form", ["{}#{}", "{} #{}", "{}# {}", "{} # {}", "{}#: {}", "my {}# is {}"])
def test_the_sign_for_numbers_stands_for_the_word(name: str, code: str, label: str, form: str) -> None:
    """`SSN#` is the number of somebody; `order #` and a sign alone are not."""
    assert found(form.format(name, code)) == [(code, label)]
    assert found(form.format("order", code if label != "US_SSN" else "536904399")) == []


@pytest.mark.parametrize("text", ["see RFC 2616 for it", "Plate size 30cm", "passport photo 35 mm", "order# 12345678"])
def test_what_only_stands_behind_such_a_word_is_no_code(text: str) -> None:
    """Standards, measures and orders are nobody's."""
    assert found(text) == []
