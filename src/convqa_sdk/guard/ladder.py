"""The fallback ladder: the model's draft, a rule's answer, the last known good one, a human. Each rung is isolated."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, Final, Literal

from convqa_sdk.guard.decision import Decision
from convqa_sdk.guard.plan import State
from convqa_sdk.isolation import fault
from convqa_sdk.tracing.decorators import current_turn, escalation
from convqa_sdk.tracing.turn import Turn

RungName = Literal["draft", "rules", "last_known_good", "human"]
Rung = str | Callable[[], object] | None
AsyncRung = str | Callable[[], object | Awaitable[object]] | None

RUNGS: Final[tuple[RungName, ...]] = ("draft", "rules", "last_known_good", "human")
_FIRST: Final[dict[State, int]] = {"normal": 0, "fallback": 1, "killed": 3}
TEMPLATES: Final = {name: f"guard.{name}" for name in RUNGS}


def climb(decision: Decision, rungs: Sequence[Rung], human_text: str) -> str:
    """Return the answer of the first rung that has one; see `Guard.answer`."""
    turn = current_turn()
    handed_over = _handovers(turn)
    for name, rung in _allowed(decision, rungs):
        try:
            text = _text(name, rung() if callable(rung) else rung, human_text)
        except Exception as error:  # noqa: BLE001 - what fails leads to the next rung, that is what the ladder is for
            _failed(turn, name, error)
            continue
        if text:
            return _taken(turn, name, text, handed_over)
    return _taken(turn, "human", human_text, handed_over)


async def climb_async(decision: Decision, rungs: Sequence[AsyncRung], human_text: str) -> str:
    """Do what `climb` does; callables may return something to await."""
    turn = current_turn()
    handed_over = _handovers(turn)
    for name, rung in _allowed(decision, rungs):
        try:
            given = rung() if callable(rung) else rung
            if inspect.isawaitable(given):
                given = await given
            text = _text(name, given, human_text)
        except Exception as error:  # noqa: BLE001 - as in `climb`
            _failed(turn, name, error)
            continue
        if text:
            return _taken(turn, name, text, handed_over)
    return _taken(turn, "human", human_text, handed_over)


def _allowed(decision: Decision, rungs: Sequence[Any]) -> Iterator[tuple[RungName, Any]]:
    """Yield the rungs that the state allows."""
    first = _FIRST.get(decision.state, len(RUNGS) - 1)
    return ((name, rung) for name, rung in zip(RUNGS[first:], rungs[first:], strict=True) if rung is not None)


def _text(name: RungName, given: object, human_text: str) -> str:
    """Return the text of a rung, empty where it has none; a handover may return its ticket instead."""
    if isinstance(given, str):
        return text if (text := str.__str__(given)).strip() else ""  # exactly a str, whatever a subclass of it does
    return human_text if name == "human" and given is not None else ""


def _handovers(turn: Turn) -> int:
    return sum(stage.kind == "escalation" for stage in turn.stages)


def _failed(turn: Turn, name: RungName, error: Exception) -> None:
    fault(f"guard_{name}", error)
    if name == "draft":
        turn.set(failure_type=type(error).__name__)


def _taken(turn: Turn, name: RungName, text: str, handed_over: int) -> str:
    """Write on the turn which rung it was, unless that rung has said more of its answer itself."""
    if name == "human" and _handovers(turn) == handed_over:
        with escalation(reason="guard"):
            pass  # whoever hands over without a stage of its own
    if "answer" in turn.values:
        return text
    if name == "draft":
        return turn.answer(text, "generated")
    if name == "rules":
        return turn.answer(text, "template", template=TEMPLATES[name])
    return turn.answer(text, "handoff" if name == "human" else "fallback", template=TEMPLATES[name])
