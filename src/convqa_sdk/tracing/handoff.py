"""Making a handoff packet from what a turn knows, and handing it on: as fields, or with personal data redacted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from convqa_sdk.isolation import fault, once
from convqa_sdk.redaction import RedactionPolicy, Redactor
from convqa_sdk.signals.capability import HANDED_OVER
from convqa_sdk.tracing.current import running
from convqa_sdk.tracing.handoff_text import items, listed
from convqa_sdk.tracing.reference import TurnRef
from convqa_sdk.tracing.stage import Stage
from convqa_sdk.tracing.values import Handoff, HandoffFields

if TYPE_CHECKING:
    from convqa_sdk.tracing.turn import Turn


def known_to(turn: Turn) -> dict[str, Any]:
    """Return the fields of a packet that a running turn fills; what it does not know is left out. Never raises."""
    known: dict[str, Any] = {}
    try:
        if turn.conversation_id:
            known["history"] = turn.conversation_id
        if turn.recorder is None:  # nothing else is kept of a turn that nobody records
            return known
        known["trace"] = str(turn.ref)
        known["queue"] = _queue(turn)
        intents = [stage.values.get("intent") for stage in turn.stages if stage.kind == "intent_detection"]
        tried = [tool for tool in turn.tools_succeeded_before() or () if tool != HANDED_OVER]
        tried += [_tried(stage) for stage in turn.stages if stage.kind in ("tool", "retrieval")]
        known["intent"] = next((intent for intent in reversed(intents) if isinstance(intent, str)), None)
        known["tried"] = tuple(dict.fromkeys(filter(None, tried))) or None
        known["account_state"] = dict.fromkeys(_shown(turn)) or None
    except Exception as error:  # noqa: BLE001 - decision 8: telemetry never breaks the bot
        fault("handoff", error)
    return known


def fitting(turn: Turn, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that a packet has; any other is a violation of the turn. Never raises."""
    names = HandoffFields.__annotations__
    fit = {name: value for name, value in given.items() if name in names}
    try:
        if len(fit) < len(given):
            turn.mark("handoff")
            once("handoff_field_unknown", effect="it is left out", accepted=", ".join(names))
    except Exception as error:  # noqa: BLE001 - decision 8
        fault("handoff", error)
    return fit


def _queue(turn: Turn) -> str | None:
    """Return the queue of the escalation that runs, None outside of one: packets are made in what it decorates."""
    stage = running.get()
    while stage is not None and stage is not turn:
        queue = stage.values.get("queue") if stage.kind == "escalation" else None
        if isinstance(queue, str):
            return queue
        stage = stage.parent
    return None


def _tried(stage: Stage) -> str:
    """Return what a stage tried, and how it ended if not well."""
    if stage.kind == "retrieval":
        source = stage.values.get("data_source")
        what = f"search of {source}" if isinstance(source, str) else ""
    else:
        name = stage.values.get("name")
        what = name if isinstance(name, str) else ""
    result = stage.values.get("result", "ok") if stage.status == "ok" else stage.status
    return what if result == "ok" or not what else f"{what} ({result})"


def _shown(turn: Turn) -> list[str]:
    """Return the names of the account's fields that were shown to the model in this turn."""
    names: list[Any] = [*turn.exposed]
    for stage in turn.stages:
        given: Any = stage.values.get("fields_exposed")
        names += [*stage.exposed, *(cast("list[Any]", given) if isinstance(given, (list, tuple)) else ())]
    return list(dict.fromkeys(name for name in names if isinstance(name, str)))


def as_fields(packet: Handoff) -> dict[str, Any]:
    """Return a packet as flat JSON: see `Handoff.to_fields`."""
    return {
        "summary": packet.summary,
        "intent": packet.intent,
        "account_state": None if packet.account_state is None else listed(packet.account_state),
        "promises": None if packet.promises is None else items(packet.promises),
        "tried": None if packet.tried is None else items(packet.tried),
        "history": packet.history,
        "trace": packet.trace,
        "queue": packet.queue,
        "id": packet.id,
        "completeness": packet.completeness,
    }


def redacted(packet: Handoff, policy: RedactionPolicy) -> Handoff:
    """Return a packet with what a policy finds redacted: see `Handoff.redacted`."""
    redactor = Redactor(policy)

    def safe(text: str | None) -> str | None:
        return None if text is None else redactor.text(text).text

    def each_safe(texts: Any) -> tuple[str, ...] | None:
        return None if texts is None else tuple(redactor.text(text).text for text in items(texts))

    state: Any = None if packet.account_state is None else redactor.structure(dict(packet.account_state))[0]
    history = safe(packet.history)
    return replace(
        packet,
        summary=safe(packet.summary),
        intent=safe(packet.intent),
        account_state=cast("dict[str, Any]", state) if isinstance(state, dict) else None,
        promises=each_safe(packet.promises),
        tried=each_safe(packet.tried),
        history=history,
        trace=_trace_without(packet.trace, safe) if history == packet.history else None,
    )


def _trace_without(trace: str | None, safe: Callable[[str | None], str | None]) -> str | None:
    """Return a reference unless it holds a conversation's id in which something is found; any other text made safe."""
    parsed = TurnRef.parse(trace) if trace is not None else None
    if parsed is None:
        return safe(trace)
    return trace if safe(parsed.conversation_id) == parsed.conversation_id else None
