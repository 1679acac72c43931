"""Whether answers are grounded: precision and recall by domain and by the model that wrote the answers, and time.

The baseline is the share of an answer's words of four letters or more that stand in the knowledge, from 0.8 on.
`Fully attributable` is grounded; `Not fully attributable` and `Generic` (an answer that claims nothing) are not.
A sentence of a policy with the figure of the one beside it is in no policy, unless that says it elsewhere.
HaluEval gives no passages, so nothing can be said of grounding there; what can be counted is what `claims_of` makes of
its answers, and whether a sentence that was marked as invented is among the claims, which is where it could be found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from datasets import records
from rows import Row, row
from timing import times

from convqa_sdk.signals import Claim, claims_of, grounding
from convqa_sdk.signals.sentences import sentences
from convqa_sdk.signals.terms import terms
from convqa_sdk.signals.word_forms import FORMS

SET = "grounding_begin"
TRUE = "Fully attributable"
OVERLAP = 0.8
_LONG_WORD = re.compile(r"\b\w{4,}\b")
_SIGNS = re.compile(r"\W+")
_WRITTEN = re.compile(r"(?<![\w.])\$?\d+(?:[.,]\d+)*")


def measure() -> list[Row]:
    """Return precision, recall and ranking by domain and by model, and the time beside a count of common words."""
    return [*_labelled(), *_swapped_figures(), *_invented_sentences(), _time()]


def overlap(answer: str, knowledge: str) -> float:
    """Return the share of an answer's long words that stand in the knowledge; 0 of an answer without any."""
    said = _LONG_WORD.findall(answer.lower())
    known = set(_LONG_WORD.findall(knowledge.lower()))
    return sum(word in known for word in said) / len(said) if said else 0.0


def _labelled() -> list[Row]:
    rows = []
    for key in ("domain", "model"):
        for name in sorted({record[key] for record in records(SET)}):
            of_source = [record for record in records(SET) if record[key] == name]
            rows += _of(f"{SET}, {key} {name}", of_source)
    return rows


def _of(source: str, of_source: list[dict[str, Any]]) -> list[Row]:
    true = [record["label"] == TRUE for record in of_source]
    found = [grounding(record["answer"], [record["knowledge"]]) for record in of_source]
    common = [overlap(record["answer"], record["knowledge"]) for record in of_source]
    ours = _shares([one.grounded for one in found], true)
    plain = _shares([one >= OVERLAP for one in common], true)
    rows = [row("grounding", source, name, *ours[name], plain[name]) for name in ("precision", "recall")]
    return [*rows, _ranking(source, [one.score for one in found], common, true)]


def _shares(found: list[bool], true: list[bool]) -> dict[str, tuple[int, int]]:
    both = sum(one and other for one, other in zip(found, true, strict=True))
    return {"precision": (both, sum(found)), "recall": (both, sum(true))}


def _ranking(source: str, ours: list[float], plain: list[float], true: list[bool]) -> Row:
    """Return how many pairs of a grounded and another answer the score puts in order (the area under the curve).

    The interval is that of Hanley and McNeil, Radiology 143:29-36, 1982: pairs are not independent trials.
    """
    grounded, others = sum(true), len(true) - sum(true)
    pairs = grounded * others
    area = _area(ours, true)
    same, twice = area / (2 - area), 2 * area * area / (1 + area)
    spread = area * (1 - area) + (grounded - 1) * (same - area * area) + (others - 1) * (twice - area * area)
    reach = 1.96 * (max(spread, 0.0) / pairs) ** 0.5
    ends = max(0.0, area - reach), min(1.0, area + reach)
    return Row("grounding", source, "pairs in order", round(area * pairs), pairs, *ends, _area(plain, true))


def _area(scores: list[float], true: list[bool]) -> float:
    positive = [score for score, is_true in zip(scores, true, strict=True) if is_true]
    negative = [score for score, is_true in zip(scores, true, strict=True) if not is_true]
    order: Callable[[float, float], float] = lambda one, other: (one > other) + 0.5 * (one == other)  # noqa: E731
    return sum(order(one, other) for one in positive for other in negative) / (len(positive) * len(negative))


def _swapped_figures() -> list[Row]:
    """Return how often a sentence is called grounded in its own document with the figure of the sentence beside it."""
    rows = []
    for source in ("policies", "kb_banking"):
        swapped = [(claim, one["text"]) for one in records(source) for claim in _swapped(one["text"])]
        found = sum(grounding(claim, [text], claims=[Claim(claim)]).grounded for claim, text in swapped)
        plain = sum(overlap(claim, text) >= OVERLAP for claim, text in swapped)
        total, name = len(swapped), f"{source}, figure of the sentence beside"
        rows.append(row("grounding", name, "false alarms", found, total, (plain, total)))
    return rows


def _swapped(text: str) -> Iterator[str]:
    """Yield sentences with the figure of a neighbour, where both have one figure, of one unit, written in one way."""
    read = [(one, _WRITTEN.findall(one), [*terms(one, FORMS["en"]).figures]) for one in sentences(text)]
    for pair in pairwise(read):
        for (one, own, figure), (_, other, different) in (pair, pair[::-1]):
            is_single = len(own) == len(other) == len(figure) == len(different) == 1 and figure != different
            if is_single and figure[0][1] == different[0][1] and own[0].startswith("$") is other[0].startswith("$"):
                yield _WRITTEN.sub(other[0], one)


def _invented_sentences() -> list[Row]:
    """Return how many of the sentences that were marked as invented are claims: the others can never be found."""
    marked = [record for record in records("halluc_halueval") if record["hallucination"] and record["spans"]]
    lines = [(record, line) for record in marked for span in record["spans"] for line in span.split("\n")]
    told = [(record, _plain(line)) for record, line in lines if len(_plain(line)) >= 20]
    claimed = {record["id"]: _plain(" ".join(claim.text for claim in claims_of(record["answer"]))) for record in marked}
    found = sum(line[:60] in claimed[record["id"]] for record, line in told)
    return [row("claims_of", "halluc_halueval", "marked as invented, and a claim", found, len(told))]


def _plain(text: str) -> str:
    """Return letters and digits alone, without the number of a list's item, which no claim keeps."""
    return _SIGNS.sub("", text.lower().lstrip(" 0123456789.)-"))


def _time() -> Row:
    """Compare the time with that of counting common words."""
    calls = [(record["answer"], [record["knowledge"]]) for record in records(SET)[:300]]
    return times("grounding", SET, grounding, lambda answer, passages: overlap(answer, passages[0]), calls)
