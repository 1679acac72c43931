"""What a detector found of a set, by the matching rule that all are scored with, and how much of it leaks.

A value is found when findings of any class cover half of it, and typed when those of its own class do. A finding is
right when half of it lies inside values. Classes outside `STRUCTURED`, as names and addresses, neither help nor hurt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

STRUCTURED = frozenset(
    {
        "EMAIL", "PHONE", "CREDIT_CARD", "IBAN", "US_SSN", "IP_ADDRESS", "MAC_ADDRESS", "NATIONAL_ID", "BANK_ACCOUNT",
        "PASSPORT", "DRIVER_LICENSE", "CRYPTO_WALLET", "SECRET", "DATE_OF_BIRTH", "CVV", "ACCOUNT_ID", "VIN",
        "VEHICLE_PLATE",
    }
)  # fmt: skip
SAME = {"TAX_ID": "NATIONAL_ID"}
ALL = "all"

Span = tuple[int, int, str]
Counts = dict[str, Counter[str]]
"""By class, and for all: gold, found, typed, leaked values; right, wrong findings; characters, and those left bare."""


def counted(records: Iterable[dict[str, Any]], predictions: Iterable[Iterable[Span]]) -> Counts:
    """Compare what was found in each record with what is there."""
    counts: Counts = {ALL: Counter()}
    for record, found in zip(records, predictions, strict=True):
        spans = [(span["start"], span["end"], SAME.get(span["label"], span["label"])) for span in record["spans"]]
        hits = [(start, end, SAME.get(label, label)) for start, end, label in found]
        hits = [hit for hit in hits if hit[2] in STRUCTURED]
        for label, what, number in _recalled(record, spans, hits):
            counts.setdefault(label, Counter())[what] += number
            counts[ALL][what] += number
        if record.get("recall_only"):
            continue
        counts[ALL].update(documents_without=not spans, documents_wrong=not spans and bool(hits))
        for label, what in _judged(spans, hits):
            counts.setdefault(label, Counter())[what] += 1
            counts[ALL][what] += 1
    return counts


def _recalled(record: dict[str, Any], spans: list[Span], hits: list[Span]) -> Iterable[tuple[str, str, int]]:
    text, everything = record["text"], _places(hits)
    by_form = f"form {record['form']}" if "form" in record else ""
    for start, end, label in spans:
        if label not in STRUCTURED:
            continue
        place = set(range(start, end))
        bare = [index for index in place - everything if text[index].isalnum()]
        found = 2 * len(place & everything) >= len(place)
        yield label, "gold", 1
        yield label, "found", found
        yield label, "typed", 2 * len(place & _places(hit for hit in hits if hit[2] == label)) >= len(place)
        yield label, "leaked", bool(bare)
        yield label, "characters", sum(text[index].isalnum() for index in place)
        yield label, "bare", len(bare)
        if by_form:
            yield by_form, "form_gold", 1
            yield by_form, "form_found", found


def _judged(spans: list[Span], hits: list[Span]) -> Iterable[tuple[str, str]]:
    inside = _places(span for span in spans if span[2] in STRUCTURED)
    neutral = _places(span for span in spans if span[2] not in STRUCTURED)
    for start, end, label in hits:
        place = set(range(start, end))
        if 2 * len(place & inside) >= len(place):
            yield label, "right"
        elif 2 * len(place & neutral) < len(place):
            yield label, "wrong"


def _places(spans: Iterable[Span]) -> set[int]:
    return {index for start, end, _ in spans for index in range(start, end)}


def rates(counts: Counter[str]) -> dict[str, float | None]:
    """Return the shares; None where there is nothing to take a share of."""
    recall, precision = _share(counts, "found", "gold"), _share(counts, "right", "right", "wrong")
    both = (recall or 0) + (precision or 0)
    return {
        "recall": recall,
        "precision": precision,
        "f1": 2 * precision * recall / both if recall and precision else None,
        "typed": _share(counts, "typed", "gold"),
        "leak": _share(counts, "leaked", "gold"),
        "bare": _share(counts, "bare", "characters"),
    }


def _share(counts: Counter[str], part: str, *whole: str) -> float | None:
    total = sum(counts[key] for key in whole)
    return counts[part] / total if total else None


def joined(many: Iterable[Counts]) -> Counts:
    """Return the sums over sets."""
    sums: Counts = {}
    for counts in many:
        for label, row in counts.items():
            sums.setdefault(label, Counter()).update(row)
    return sums
