"""Precision and recall on texts of real people; the data stay outside the repository."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from convqa_sdk.redaction import detect
from convqa_sdk.redaction.validators import card_valid

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def _records(name: str) -> Iterator[dict[str, Any]]:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"shared test data are absent: {path}")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _turns(slot: str) -> Iterator[tuple[str, list[str]]]:
    for record in _records("customer_turns_multidogo.jsonl.gz"):
        for turn in record["turns"]:
            values = [value for value, name in turn["slots"] or [] if name == slot]
            if values:
                yield turn["text"], values


def _labels(text: str) -> list[str]:
    return [found.label for found in detect(text)]


def test_no_false_hit_in_the_questions_of_bank_customers() -> None:
    """2,310 real questions without personal data: nothing is found in any."""
    texts = [record["text"] for record in _records("intent_banking77.jsonl.gz")]
    assert len(texts) == 2310
    assert [text for text in texts if detect(text)] == []


def test_recall_of_phone_numbers_that_people_typed() -> None:
    """Of the turns with a number of ten digits labelled as phone, at least 88% are found (60 of 66 measured)."""
    texts = [text for text, values in _turns("phone_number") if len(re.sub("[^0-9]", "", "".join(values))) == 10]
    assert len(texts) >= 50
    assert sum("PHONE" in _labels(text) for text in texts) / len(texts) >= 0.88


def test_recall_of_card_numbers_that_people_typed() -> None:
    """Valid cards are all found; of invented ones of 13 to 19 digits, those that are called a card."""
    texts = {text: "".join(values) for text, values in _turns("card_number")}
    long = {text: digits for text, digits in texts.items() if re.fullmatch("[0-9]{13,19}", digits)}
    assert len(long) >= 40
    valid = [text for text, digits in long.items() if card_valid(digits)]
    assert len(valid) >= 8
    assert all("CREDIT_CARD" in _labels(text) for text in valid)
    named = [text for text in long if re.search("card (number|no)|credit (card|no)", text.split(long[text])[0])]
    assert sum("CREDIT_CARD" in _labels(text) for text in named) / len(named) >= 0.95  # 41 of 41 measured


def test_recall_of_mail_addresses_that_people_typed() -> None:
    """The corpus lost every `@` and dot; with those of the large providers put back, every address is found."""
    squashed = re.compile("([a-z0-9]+)(gmail|hotmail|yahoo|outlook)com")
    texts = [squashed.sub(r"\1@\2.com", text) for text, _ in _turns("email_address") if squashed.search(text)]
    assert len(texts) >= 50
    assert all("EMAIL" in _labels(text) for text in texts)


def test_few_customer_turns_without_such_values_are_touched() -> None:
    """Of the turns without any slot, at most 1 in 1,000 has a finding."""
    texts = [
        turn["text"]
        for record in _records("customer_turns_multidogo.jsonl.gz")
        for turn in record["turns"]
        if not turn["slots"]
    ]
    assert sum(bool(detect(text)) for text in texts) <= len(texts) / 1000


def test_support_texts_with_known_values() -> None:
    """In made-up support texts, every mail, card, IBAN, phone and address is covered, and nothing else is."""
    missed, wrong = [], []
    classes = {"EMAIL", "CREDIT_CARD", "IBAN", "PHONE", "IP_ADDRESS"}
    for record in _records("redaction/support_synth.jsonl.gz"):
        found = detect(record["text"])
        for span in record["spans"]:
            inside = [
                f for f in found if f.start <= span["start"] and f.end >= span["end"] and f.label == span["label"]
            ]
            if span["label"] in classes and not inside:
                missed.append(record["source"])
        wrong += [f.label for f in found if not any(s["start"] < f.end and s["end"] > f.start for s in record["spans"])]
    assert (missed, wrong) == ([], [])
