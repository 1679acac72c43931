"""What an answer is checked against, as the caller says it or the turn has recorded it, each part for itself."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

from convqa_sdk.isolation import fault
from convqa_sdk.tracing.decorators import current_turn
from convqa_sdk.tracing.turn_so_far import SoFar, so_far

_Read = TypeVar("_Read")


def known_of(documents: Any, confidence: Any, tools: Any, language: Any) -> tuple[SoFar, bool]:
    """Return what is known, and whether a part could not be read.

    A part that cannot be read is unknown, and a fault: the caller meant to say something else than the turn did. Only
    the language is then that of the turn.

    Args:
        documents: What the caller gave, as the other three; None: what the turn has recorded.
        confidence: A number.
        tools: Names.
        language: A tag.
    """
    failed = False

    def read(name: str, how: Callable[[], _Read]) -> _Read | None:
        nonlocal failed
        try:
            return how()
        except Exception as error:  # noqa: BLE001 - decision 8: whatever was given, the checks run
            fault("answer_check", error, check=name)
            failed = True
            return None

    turn = read("turn", lambda: so_far(current_turn())) or SoFar()
    known = SoFar(
        turn.documents if documents is None else read("documents", lambda: _listed(documents)),
        turn.confidence if confidence is None else read("retrieval_confidence", lambda: _number(confidence)),
        turn.tools if tools is None else read("tools_succeeded", lambda: _names(tools)),
        (None if language is None else read("language", lambda: _text(language))) or turn.language,
        turn.runs,
    )
    return known, failed


def _listed(given: Any) -> tuple[Any, ...]:
    if isinstance(given, (str, bytes)):
        raise TypeError(f"give a sequence, not {type(given).__name__}")
    return tuple(given)


def _names(given: Any) -> tuple[str, ...]:
    return tuple(map(_text, _listed(given)))


def _text(given: Any) -> str:
    if not isinstance(given, str):
        raise TypeError(f"give a str, not {type(given).__name__}")
    return given


def _number(given: Any) -> float:
    number = float(given)
    if math.isnan(number):
        raise ValueError("give a number from 0 to 1, not NaN")
    return number
