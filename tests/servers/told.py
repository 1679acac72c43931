"""What a receiver and a store tell of turns, in one form; and what it has to be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from convqa_sdk.store.segments import Tally, read_spans
from export.receivers import Receiver, attributes

STAGES = Counter({"intent_detection": 1, "retrieval": 1, "generation": 1, "turn": 1})
"""The spans that one message of the bot in `apps/support.py` makes."""


class Told(NamedTuple):
    """One span: which stage of which conversation, its ids as hexadecimal digits, and whose it is."""

    stage: str
    conversation_id: str
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, Any]
    resource: dict[str, Any]


def received(receiver: Receiver) -> list[Told]:
    """Everything that came over OTLP."""
    told: list[Told] = []
    for request in list(receiver.requests):
        for group in request.message.resource_spans:
            for span in (span for scope in group.scope_spans for span in scope.spans):
                own = attributes(span)
                ids = (span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex())
                resource = attributes(group.resource)
                told.append(Told(own["convqa.stage"], own.get("gen_ai.conversation.id", ""), *ids, own, resource))
    return told


def stored(store: Path) -> list[Told]:
    """Everything in a store, which must have no torn line."""
    tally = Tally()
    told = [
        Told(s.stage, s.conversation_id, s.trace_id, s.span_id, s.parent_id, s.attributes, s.resource)
        for s in read_spans(store, tally)
    ]
    assert tally.torn == 0
    return told


def turns(told: Iterable[Told]) -> list[str]:
    """Conversation ids of turns."""
    return [span.conversation_id for span in told if span.stage == "turn"]


def processes(told: Iterable[Told]) -> dict[str, int]:
    """Which process handled each conversation, as the resource says."""
    return {span.conversation_id: span.resource["process.pid"] for span in told if span.stage == "turn"}


def assert_whole(told: list[Told], conversations: Iterable[str], stages: Counter[str] = STAGES) -> None:
    """Check that each conversation is one turn with exactly its stages below it, nothing twice, nothing more."""
    expected = sorted(conversations)
    assert not [span for span in told if span.stage == "loss"]
    assert sorted(turns(told)) == expected
    found: dict[str, list[Told]] = {name: [] for name in expected}
    for span in told:
        found[span.conversation_id].append(span)
    for name, spans in found.items():
        assert Counter(span.stage for span in spans) == stages, name
        (turn,) = [span for span in spans if span.stage == "turn"]
        assert {span.parent_id for span in spans if span is not turn} <= {turn.span_id}
        assert {span.trace_id for span in spans} == {turn.trace_id}
    assert len({span.span_id for span in told}) == len(told)
    assert len({span.trace_id for span in told}) == len(expected)
