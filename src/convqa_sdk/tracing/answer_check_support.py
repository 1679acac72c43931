"""Which claims of an answer nothing supports: no document, no tool of the turn, and not the book."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from convqa_sdk.tracing.turn_so_far import SoFar
from convqa_sdk.tracing.values import Document

if TYPE_CHECKING:
    from convqa_sdk.signals.policy_book import PolicyBook

Judge = Callable[[str, Sequence[Document]], Any]

_MOST_READ: Final = 8_192
"""Characters of what a tool took or gave that claims are looked for in."""


def judge_of(asked: bool | Judge, book: PolicyBook | None) -> Callable[[str, SoFar], Any] | None:
    """Return what tells the unsupported claims of an answer.

    Args:
        asked: True: the built-in floor; a callable gets the answer and what was retrieved or given by tools; False:
            nobody asks.
        book: What it says needs no passage.
    """
    if callable(asked):
        return lambda answer, known: asked(answer, _passages(known))
    return _floor(book) if asked else None


def _floor(book: PolicyBook | None) -> Callable[[str, SoFar], Any]:
    confirmer: Any = import_module("convqa_sdk.signals.policy_confirmed").Confirmer(book)

    def unsupported(answer: str, known: SoFar) -> list[str]:
        grounding: Any = import_module("convqa_sdk.signals").grounding
        language = known.language or "en"
        lacking: tuple[str, ...] = grounding(answer, _passages(known), language=language).unsupported
        if not lacking:
            return []
        given = [_as_text(each) for _, took, gave in known.runs for each in (took, gave)]
        return [claim for claim in lacking if not confirmer.confirms(claim, known.tools, given, language)]

    return unsupported


def _passages(known: SoFar) -> tuple[Document, ...]:
    """Return what claims may rest on: the documents, and what tools of the turn gave."""
    gave = [(name, text) for name, _, output in known.runs if (text := _as_text(output))]
    outputs = (Document(f"tool:{name}:{number}", text) for number, (name, text) in enumerate(gave))
    return (*(known.documents or ()), *outputs)


def _as_text(given: Any) -> str:
    """Return what a tool took or gave, as the turn has kept it, as a text; an empty one for nothing."""
    if given is None or isinstance(given, str):
        return (given or "")[:_MOST_READ]
    return json.dumps(given, ensure_ascii=False, default=str)[:_MOST_READ]
