"""How the policy checks do: the term checker on invented sentences, claims of done actions on real runs, and the cost.

`policy/dev.jsonl` and `policy/sealed.jsonl` were written before the checker. While tuning, the first was read, and of
the second only the totals. `policy/read_by_hand.jsonl` says of 40 sentences that were found to claim a done action, and
of 40 that speak of one and were not, what a person read in them; it holds places, and no text.

    python benchmarks/signals/policy.py        the counts by file, and what a check costs beside a turn
"""

from __future__ import annotations

import json
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import datasets
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from rows import Row, row

import convqa_sdk as convqa
from convqa_sdk.signals.capability import claimed_actions, claims_of, overreach
from convqa_sdk.signals.capability_words import ACTIONS
from convqa_sdk.signals.policy_book import PolicyBook
from convqa_sdk.signals.wording import sentences

HERE = Path(__file__).parent
BOOK = HERE.parents[1] / "examples" / "policy" / "larkspur.yaml"
SPOKEN = frozenset({"i", "we", "been", "now", "successfully", "confirmed", "completed", "done"})
"""A sentence with one of these and with a participle of an action is one in which a claim could have been missed."""

_AMOUNT = re.compile(r"(?:[$€£] ?)?\d+(?:[.,]\d+)*(?: ?%|[ -](?:business )?(?:hour|day|week|month|year|percent)s?)?")


def measure() -> list[Row]:
    """Return precision and recall of the checks, part by part and source by source."""
    return [*_terms(), *_claims(), *_overreach()]


def _terms() -> Iterator[Row]:
    book = PolicyBook.load(BOOK)
    stated = set(_AMOUNT.findall(BOOK.read_text(encoding="utf-8")))
    for part in ("dev", "sealed"):
        told = [json.loads(line) for line in (HERE / "policy" / f"{part}.jsonl").read_text("utf-8").splitlines()]
        ours = _outcomes(told, lambda each: {one.code for one in book.check(each["answer"], language=each["language"])})
        plain = _outcomes(told, lambda each: _other_amounts(each, stated))
        source = f"invented sentences, {part}"
        yield row("PolicyBook.check", source, "precision", ours["hit"], ours["found"], (plain["hit"], plain["found"]))
        yield row("PolicyBook.check", source, "recall", ours["hit"], ours["wrong"], (plain["hit"], plain["wrong"]))


def _other_amounts(told: dict[str, Any], stated: set[str]) -> set[str]:
    """Return what the rule that everyone starts with finds: an amount that does not stand in the book is wrong."""
    wrong = set(_AMOUNT.findall(told["answer"])) - stated
    return set(told["violations"] or ["any"]) if wrong else set()


def _outcomes(told: list[dict[str, Any]], check: Callable[[dict[str, Any]], set[str]]) -> Mapping[str, int]:
    """Count sentences: found at all, wrong by their label, and found with the right code."""
    counts: Counter[str] = Counter()
    for each in told:
        found = check(each)
        wanted = set(each["violations"])
        counts["found"] += bool(found)
        counts["wrong"] += bool(wanted)
        counts["hit"] += bool(found & wanted)
    return counts


def _claims() -> Iterator[Row]:
    """What was read by hand, of sentences that are found to claim a done action, and of those that are not."""
    labels = [json.loads(line) for line in (HERE / "policy" / "read_by_hand.jsonl").read_text("utf-8").splitlines()]
    found: Counter[bool] = Counter()
    true: Counter[bool] = Counter()
    texts = {(name, each["id"], turn["i"]): turn.get("text") or "" for name, each, turn in _turns("assistant")}
    for label in labels:
        text = texts[label["file"], label["conversation"], label["turn"]]
        sentence = next(one for one in sentences(text) if one.tokens[0].start == label["start"])
        claims = bool(list(claims_of(sentence)))
        found[claims] += 1
        true[claims] += label["claim"]
    source = "tau2 runs, read by hand"
    yield row("claimed_actions", source, "precision", true[True], found[True])
    yield row("claimed_actions", source, "not found in the rest", true[False], found[False])


def _overreach() -> Iterator[Row]:
    for name in datasets.CONVERSATIONS:
        claims = unproved = 0
        for each in datasets.records(name):
            for text, tools in answers(each):
                claims += len(claimed_actions(text))
                unproved += len(overreach(text, tools))
        yield row("overreach", name, "of claims", unproved, claims)


def answers(conversation: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the bot's answers, each with the names of its own tools that succeeded before it."""
    names: dict[str, str] = {}
    tools: list[str] = []
    for turn in conversation["turns"]:
        if turn["role"] == "assistant":
            if turn.get("text"):
                yield turn["text"], tuple(tools)
            names.update({call["id"]: call["name"] for call in turn.get("tool_calls") or []})
        elif turn.get("tool_call_id") in names and not _failed(turn):
            tools.append(names[turn["tool_call_id"]])


def _failed(result: Mapping[str, Any]) -> bool:
    """Tell whether a tool failed: some say so in their text alone."""
    return bool(result.get("error")) or (result.get("text") or "").startswith("Error")


def _turns(role: str) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    for name in datasets.CONVERSATIONS:
        for each in datasets.records(name):
            for turn in each["turns"]:
                if turn["role"] == role:
                    yield name, each, turn


def candidates() -> Iterator[tuple[str, bool]]:
    """Yield the sentences that could claim a done action, with whether they are found to."""
    for _, _, turn in _turns("assistant"):
        for sentence in sentences(turn.get("text") or ""):
            claims = bool(list(claims_of(sentence)))
            words = set(sentence.words)
            if claims or (words & ACTIONS.keys() and words & SPOKEN):
                yield " ".join(sentence.words), claims


def cost() -> None:
    """Print what one check takes beside one recorded turn without it, by the median of interleaved rounds.

    Processor time of the request thread; the passages are drawn from fifty, as those of a knowledge base are.
    """
    texts = [turn["text"] for _, _, turn in _turns("assistant") if turn.get("text")][:500]
    check = convqa.AnswerCheck(PolicyBook.load(BOOK), on_violation="record")
    full = convqa.AnswerCheck(
        PolicyBook.load(BOOK), on_violation="record", disallowed_personal_data=("CREDIT_CARD", "IBAN", "EMAIL")
    )
    sdk = convqa.configure(service_name="bench", exporters=[_Nowhere()])
    rounds: dict[str, list[float]] = {"turn": [], "check": [], "with personal data": []}
    for _ in range(9):
        for name, run in (("turn", None), ("check", check), ("with personal data", full)):
            start = time.thread_time()
            for number, text in enumerate(texts):
                with convqa.turn(f"c-{number}", "hi") as turn:
                    with convqa.retrieval(data_source="kb") as search:
                        search.set(documents=[convqa.Document(f"kb-{number % 50}", texts[number % 50], canonical=True)])
                    with convqa.generation(model="m") as draft:
                        draft.set(output_messages=text)
                    if run is not None:
                        run(text)
                    turn.answer(text)
            rounds[name].append((time.thread_time() - start) / len(texts))
            sdk.flush()
    sdk.shutdown()
    plain = statistics.median(rounds.pop("turn"))
    length = statistics.mean(map(len, texts))
    for name, taken in rounds.items():
        own = statistics.median(taken) - plain
        print(f"{name}: {own * 1e6:.0f} µs for an answer of {length:.0f} characters, {own / plain:.1f} recorded turns, "
              f"{own:.3%} of a generation of one second")  # fmt: skip


class _Nowhere(SpanExporter):
    """An exporter that drops what it gets: the request thread is what is measured."""

    def export(self, spans: Any) -> SpanExportResult:
        """Drop spans."""
        return SpanExportResult.SUCCESS


if __name__ == "__main__":
    told = list(candidates())
    print(f"{sum(claims for _, claims in told)} sentences claim a done action, {sum(not c for _, c in told)} might")
    for line in _overreach():
        print(
            f"{line.source}: {line.trials} claims, {line.trials - line.successes} covered, {line.successes} overreach"
        )
    cost()
