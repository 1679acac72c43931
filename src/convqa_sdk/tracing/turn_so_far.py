"""What a running turn has recorded so far that an answer is checked against: documents, confidence, tools.

Unknown is not none: outside a turn, in one that is not recorded (thinned out, or not configured), and in one so full
that stages have left it, what happened is not known, and the caller has to say it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from convqa_sdk.signals.capability import HANDED_OVER
from convqa_sdk.tracing.turn import Turn
from convqa_sdk.tracing.values import Document

_RETRIEVALS = ("retrieval", "rerank")


class SoFar(NamedTuple):
    """What is known of a turn.

    Attributes:
        documents: Retrieved in this turn; None: unknown, or nothing was searched.
        confidence: Of the last retrieval or rerank that told one; None: unknown.
        tools: Names of the tools that succeeded in this turn and before it; None: unknown.
        language: Of the turn; None: unknown.
        runs: Of each tool that succeeded in this turn: its name, what it took, and what it gave.
    """

    documents: tuple[Document, ...] | None = None
    confidence: float | None = None
    tools: tuple[str, ...] | None = None
    language: str | None = None
    runs: tuple[tuple[str, Any, Any], ...] = ()


def so_far(turn: Turn) -> SoFar:
    """Return what a turn has recorded so far."""
    if turn.recorder is None or turn.end_ns or turn.spilled:
        return SoFar()
    documents: dict[tuple[str, str | None], Document] | None = None
    confidence: float | None = None
    tools: list[str] = []
    runs: list[tuple[str, Any, Any]] = []
    for stage in list(turn.stages):
        values = stage.values
        if stage.kind in _RETRIEVALS:
            found = values.get("documents")
            if found is not None:
                documents = documents if documents is not None else {}
                documents.update({(each.id, each.text): each for each in found if isinstance(each, Document)})
            told = values.get("confidence")
            confidence = told if type(told) is float or type(told) is int else confidence
        elif stage.kind == "tool" and stage.status == "ok" and values.get("result", "ok") == "ok":
            tools.append(str(values.get("name", "")))
            runs.append((tools[-1], values.get("arguments"), values.get("output")))
        elif stage.kind == "escalation" and stage.status == "ok":
            tools.append(HANDED_OVER)
    before = turn.tools_succeeded_before()
    language = turn.values.get("language")
    return SoFar(
        tuple(documents.values()) if documents is not None else None,
        confidence,
        None if before is None else (*before, *tools),
        language if isinstance(language, str) else None,
        tuple(runs),
    )
