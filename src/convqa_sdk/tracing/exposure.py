"""Which fields of a customer's data were shown to the model: their names, at the place where a prompt is built.

What was exposed stands as an event on the stage that was running, with its moment, and as a list on the access check
around it and on the turn, so that an investigation finds the turns first and the prompts then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, KeysView
from itertools import islice
from typing import Any

from convqa_sdk.isolation import fault
from convqa_sdk.tracing import recorder as recorders
from convqa_sdk.tracing.capture import MAX_NAME
from convqa_sdk.tracing.current import running
from convqa_sdk.tracing.snapshot import is_a, items_of
from convqa_sdk.tracing.stage import Stage, carried

FIELD = "fields_exposed"
MAX_NAMES = 128
"""Names that one call, and one stage, takes."""


def expose(fields: Collection[str], *, resource: str | None = None) -> None:
    """Record which fields of account data are put into a prompt, where that is done. Never raises.

    Args:
        fields: Their names, such as `["email", "balance"]`, never their values; of a dictionary the keys are taken, and
            a single text is one name. What is no name is an instrumentation violation; the others are kept.
        resource: Where they come from, such as `crm.account`.
    """
    try:
        stage = running.get() or carried()
        if stage is None or (stage.end_ns and stage.recorder is not None):
            if recorders.active() is not None:
                fault("expose_outside_a_turn")
        elif stage.recorder is not None:
            _expose(stage, fields, resource)
    except Exception as error:  # noqa: BLE001 - decision 8: telemetry never breaks the bot
        fault("capture", error)


def _expose(stage: Stage, fields: Any, resource: Any) -> None:
    names = _names(stage, fields)
    if resource is not None and not _is_name(resource):
        stage.mark("resource")
        resource = None
    if not names:
        return
    turn = stage.turn
    for holder in (_access_check(stage), turn):
        if holder is not None and not holder.end_ns:
            holder.exposed = _together(holder.exposed, names)
    from convqa_sdk.schema.events import AccessExposed  # `configure()` has loaded it

    guid = turn.conversation_id if turn is not None else f"unknown-{stage.span_id:016x}"
    persona = turn.values.get("agent_id") if turn is not None else None
    facts = AccessExposed.model_construct(chat_guid=guid, persona_id=persona, resource=resource, fields_exposed=names)
    stage.event(AccessExposed.event_name, facts)


def _names(stage: Stage, given: Any) -> tuple[str, ...]:
    """Return the names among what was given, each once; anything else is a violation of the stage."""
    items: list[Any]
    if is_a(given, dict, KeysView):
        items = list(islice(given, MAX_NAMES + 1))
    elif is_a(given, list, tuple, set, frozenset):
        items = items_of(given, MAX_NAMES + 1)
    else:
        items = [given]  # a text is one name, and not its letters
    names = tuple(dict.fromkeys(str.__str__(item) for item in items[:MAX_NAMES] if _is_name(item)))
    if not names or len(items) > MAX_NAMES or not all(map(_is_name, items)):
        stage.mark(FIELD)
    return names


def _is_name(value: Any) -> bool:
    return is_a(value, str) and 0 < str.__len__(value) <= MAX_NAME


def _access_check(stage: Stage) -> Stage | None:
    """Return the nearest access check around, None without one."""
    nearest: Stage | None = stage
    while nearest is not None and nearest.kind != "access_check":
        nearest = nearest.parent
    return nearest


def _together(earlier: Iterable[str], names: Iterable[str]) -> tuple[str, ...]:
    return tuple(islice(dict.fromkeys((*earlier, *names)), MAX_NAMES))
