"""What the install `[redaction,fast]` must reach, and why it does not where it does not."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import scoring
from detectors import OURS

SURE = ("EMAIL", "CREDIT_CARD", "IBAN", "US_SSN", "IP_ADDRESS", "MAC_ADDRESS", "SECRET")
"""Classes whose values tell by themselves what they are."""
RE2, RE = OURS[0].label, OURS[1].label
CHATS = ("support chats", "chats, invented", "chats, held back")

Kept = dict[str, Any]


@dataclass(frozen=True)
class Target:
    """What a figure must reach.

    Attributes:
        what: The figure, with its unit.
        limit: Least that it may be, or most where `at_most`.
        figure: Takes it from what was kept; None where that has none.
        at_most: Whether less is better.
    """

    what: str
    limit: float
    figure: Callable[[Kept], float | None]
    at_most: bool = False


def _found(
    groups: tuple[str, ...], rate: str, labels: tuple[str, ...] = (scoring.ALL,)
) -> Callable[[Kept], float | None]:
    def figure(kept: Kept) -> float | None:
        run = kept["recall"]["rows"][RE2][0]
        row: Counter[str] = Counter()
        for group in groups:
            for label in labels:
                row.update(run.get(group, {}).get(label, {}))
        return row["documents_wrong"] if rate == "documents_wrong" else scoring.rates(row)[rate]

    return figure


def _median(measure: str, label: str, key: str) -> Callable[[Kept], float | None]:
    return lambda kept: statistics.median(run[key] for run in kept[measure]["rows"][label])


def _longest(measure: str, label: str) -> Callable[[Kept], float | None]:
    def figure(kept: Kept) -> float:
        runs = kept[measure]["rows"][label]
        return max(statistics.median(run[text] for run in runs) for text in runs[0])

    return figure


TARGETS = (
    *(
        target
        for group in CHATS
        for target in (
            Target(f"{group}: F1", 0.99, _found((group,), "f1")),
            Target(f"{group}: characters leaked", 0.015, _found((group,), "bare"), at_most=True),
            Target(
                f"{group}: mail, card, IBAN, SSN, IP, MAC, secret, typed recall", 0.99, _found((group,), "typed", SURE)
            ),
            Target(f"{group}: of these, precision", 0.98, _found((group,), "precision", SURE)),
            Target(f"{group}: telephone, typed recall", 0.95, _found((group,), "typed", ("PHONE",))),
            Target(f"{group}: national id, typed recall", 0.95, _found((group,), "typed", ("NATIONAL_ID",))),
        )
    ),
    Target("Polish letters: F1", 0.9, _found(("Polish letters",), "f1")),
    Target("recognizer vectors: F1", 0.85, _found(("recognizer vectors",), "f1")),
    Target("secrets: recall", 0.85, _found(("secrets",), "recall")),
    Target("evasions: recall", 0.99, _found(("evasions",), "recall")),
    Target("evasions, invented anew: recall", 0.99, _found(("evasions, invented anew",), "recall")),
    Target("evasions, new forms: recall", 0.99, _found(("evasions, new forms",), "recall")),
    Target("evasions, held back: recall", 0.99, _found(("evasions, held back",), "recall")),
    Target("banking questions: falsely hit", 0, _found(("banking questions",), "documents_wrong"), at_most=True),
    Target("ms per KB, dense, google-re2", 0.5, _median("cost", RE2, "dense"), at_most=True),
    Target("ms per KB, sparse, google-re2", 0.03, _median("cost", RE2, "sparse"), at_most=True),
    Target("ms per KB, dense, `re`", 1.0, _median("cost", RE, "dense"), at_most=True),
    Target("ms per KB, sparse, `re`", 0.05, _median("cost", RE, "sparse"), at_most=True),
    Target("longest hostile text of 50 KB, ms", 250, _longest("hostile", RE2), at_most=True),
    Target("longest call on a hostile text, ms, google-re2", 0.3, _longest("calls", RE2), at_most=True),
    Target("longest call on a hostile text, ms, `re`", 0.3, _longest("calls", RE), at_most=True),
    Target("ms added to `import convqa_sdk`", 60, _median("import", RE2, "added"), at_most=True),
)
_DENSE = (
    "each value is proved in Python: words around it, check digits, kinds of its form; "
    "google-re2 only finds where to look, because one match costs 3 µs through its wrapper and 0.2 µs with `re`"
)
_SPARSE = "a text with digits or a telling word is read word by word in Python; one without either takes 0.02 ms"
_HELD_BACK = "what is missed there was not looked at, so that these sets stay a fair judge"
SHORTFALLS: dict[str, str] = {
    "chats, held back: F1": _HELD_BACK,
    "chats, held back: characters leaked": _HELD_BACK,
    "evasions, held back: recall": _HELD_BACK,
    "ms per KB, dense, google-re2": _DENSE,
    "ms per KB, dense, `re`": _DENSE,
    "ms per KB, sparse, google-re2": _SPARSE,
    "ms per KB, sparse, `re`": _SPARSE,
    "longest call on a hostile text, ms, `re`": (
        "the bare install, which runs the same code, measured 0.14: the machine is shared"
    ),
}
"""What a target is about to why it is missed, a sentence without a full stop: shown as long as it is."""


def table(kept: Kept) -> str:
    """Return the table of what was to be reached, what was, and why not."""
    lines = ["| measure | target | measured | |", "|---|---|---|---|"]
    for target in TARGETS:
        try:
            figure = target.figure(kept)
        except (KeyError, TypeError, AttributeError):
            figure = None  # not measured, or a reason stands in its place
        bound = f"{'≤' if target.at_most else '≥'} {target.limit:g}"
        if figure is None:
            lines.append(f"| {target.what} | {bound} | not measured | - |")
            continue
        missed = figure > target.limit if target.at_most else figure < target.limit
        verdict = f"**no**: {SHORTFALLS.get(target.what, 'not looked into yet')}" if missed else "yes"
        lines.append(f"| {target.what} | {bound} | {figure:.3f} | {verdict} |")
    return "\n".join(lines)
