"""What the guard says of itself: on the turn that asked, and as `change` spans. Nothing here ever raises."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, Final

from convqa_sdk.guard.decision import Decision, Row, Table
from convqa_sdk.guard.flags import Switch
from convqa_sdk.guard.plan import GuardPlan, State, gravest
from convqa_sdk.guard.trips import EVERYWHERE, OTHERS, Turn
from convqa_sdk.isolation import fault, log
from convqa_sdk.tracing import recorder as recorders
from convqa_sdk.tracing import turn as turns
from convqa_sdk.tracing.outcomes import record_change
from convqa_sdk.tracing.values import Versions

MAX_TOLD: Final = 20
"""Archetypes that a switch flips at once, from which on one change tells of all: one that flaps floods nobody."""


def tell_turn(turn: turns.Turn, decision: Decision) -> None:
    """Write tier and state on the turn, and the pinned versions, which the bot is expected to use."""
    try:
        turn.set(automation_tier=decision.tier, guard_state=decision.state)
        if decision.versions is not None and turn.recorder is not None and not turn.end_ns:
            turn.versions = pinned(turn.versions, decision.versions)
    except Exception as error:  # noqa: BLE001 - decision 8: telemetry never breaks the bot
        fault("guard_turn", error)


def pinned(versions: Versions, pins: Versions) -> Versions:
    """Return versions with the pinned ones in their place."""
    given = {field.name: getattr(pins, field.name) for field in fields(Versions)}
    return replace(versions, **{name: value for name, value in given.items() if value is not None})


def tell_trip(turn: Turn, plan: GuardPlan, before: Table, now: Table, *, owner: str | None = None) -> None:
    """Say that a rule has tripped or reset, with what it saw.

    Args:
        turn: The rule, and where it has turned.
        plan: The plan in force.
        before: The decisions before.
        now: The decisions since.
        owner: Who has lifted it; None: it has turned by itself.
    """
    rule, reading = turn.rule, turn.reading
    _log(turn.turned, rule=rule.name, metric=rule.metric)
    here: dict[str, list[str | None]] = {EVERYWHERE: [*rule.archetypes] or [*now], OTHERS: [None]}
    _record(
        plan,
        here.get(turn.archetype, [turn.archetype]),
        before,
        now,
        archetype=None if turn.archetype in here else turn.archetype,
        rule=rule.name,
        metric=rule.metric,
        value=reading.value,
        threshold=rule.threshold if turn.turned == "tripped" else rule.reset_at,
        window_s=rule.window_s,
        samples=reading.samples,
        owner=owner,
    )


def tell_switch(before: Switch, switch: Switch, plan: GuardPlan, known: Table, now: Table) -> None:
    """Say that the kill switch has flipped, for all or for some archetypes; of many it says how many.

    Rule and archetypes are in the words of whoever threw it: they go on record, where they are redacted, and into no
    log; and other words alone are no flip.
    """
    names = [
        name
        for name in sorted({*before.archetypes, *switch.archetypes})
        if before.archetypes.get(name, "normal") != switch.archetypes.get(name, "normal")
    ]
    if before.state != switch.state:
        _record(plan, [*now], known, now, rule=switch.rule)
    elif len(names) > MAX_TOLD:
        _record(plan, [*names], known, now, rule=switch.rule, note=f"{len(names)} archetypes at once")
    else:
        for name in names:
            _record(plan, [name], known, now, archetype=name, rule=switch.rule)
    if names or before.state != switch.state:
        _log("switched", state=switch.state)


def _log(turned: str, **facts: str) -> None:
    log("warning", f"guard_{turned}", **facts)


def _record(plan: GuardPlan, names: list[str | None], before: Table, now: Table, **facts: Any) -> None:
    """Record a change that is about some archetypes; of several, the gravest state is told."""
    try:
        recorder = recorders.active()
        versions = recorder.versions if recorder is not None else Versions()
        pins = _row(names[0], now).low.versions if len(names) == 1 else None
        record_change(
            "guard",
            version=str(plan.version),
            state=_state(names, now),
            previous_state=_state(names, before),
            versions=pinned(versions, pins) if pins is not None else versions,
            **facts,
        )
    except Exception as error:  # noqa: BLE001 - decision 8
        fault("guard_record", error)


def _state(names: list[str | None], rows: Table) -> State:
    states: list[State] = [_row(name, rows).low.state for name in names]
    return gravest(*states)


def _row(name: str | None, rows: Table) -> Row:
    return rows.get(name) or rows[None]
