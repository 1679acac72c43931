"""A unit's fields, made once for everything that reads them: what a turn means, its metrics, and each destination."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from convqa_sdk.export.flatten import Fields, merged_versions, stage_fields, turn_fields, version_fields
from convqa_sdk.isolation import fault, once
from convqa_sdk.schema.archetypes import ArchetypeMap
from convqa_sdk.tracing.conversation import ConversationState
from convqa_sdk.tracing.stage import Stage
from convqa_sdk.tracing.turn import Turn
from convqa_sdk.tracing.unit import Unit


class Flat(NamedTuple):
    """A unit with the fields of its stages, before redaction.

    Attributes:
        unit: The unit.
        stages: Its stages by their start, each with its fields.
        fields: Fields of the turn, empty unless the unit is a whole turn.
        versions: Those of the fields that its versions fill.
        before: The conversation before it, None: unknown.
    """

    unit: Unit
    stages: list[tuple[Stage, Fields]]
    fields: Fields
    versions: Fields
    before: ConversationState | None = None


def flattened(
    unit: Unit, key: bytes | None, pause: Callable[[], None], archetypes: ArchetypeMap | None = None
) -> Flat:
    """Return a unit with its fields.

    Args:
        unit: A turn, or stages that leave without theirs; a late fact has no fields here.
        key: What hashes passages; None: no hashes.
        pause: Called between stages, so that the export thread yields the interpreter.
        archetypes: Gives an archetype to intents whose stage states none; None: nobody does.
    """
    turn = unit.turn
    if unit.late is not None:
        return Flat(unit, [], {}, {})
    versions = _versions(turn) if turn is not None else _outside(unit)
    stages: list[tuple[Stage, Fields]] = []
    for stage in sorted(unit.stages, key=_start):
        pause()
        stages.append((stage, stage_fields(stage, versions, key, archetypes)))
    if not unit.whole or turn is None:
        return Flat(unit, stages, {}, versions)
    pause()
    return Flat(unit, stages, turn_fields(turn, stages, versions), versions)


def _start(stage: Stage) -> int:
    return stage.start_ns


def _outside(unit: Unit) -> Fields:
    """Say once that a stage ran outside any turn; return the versions that it ran on all the same."""
    once("stage_outside_a_turn", stage=unit.stages[0].kind, do="call it inside turn(), or carry() it into threads")
    recorder = unit.stages[0].recorder
    return version_fields(recorder.versions) if recorder is not None else {}


def _versions(turn: Turn) -> Fields:
    configured = turn.recorder.versions if turn.recorder is not None else turn.versions
    try:
        return merged_versions(version_fields(configured), version_fields(turn.versions))
    except BaseException as error:  # noqa: BLE001 - the bot may give anything as versions
        fault("versions", error)
        turn.mark("versions")
        return {}
