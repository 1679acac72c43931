"""What a guard is doing now, for people and health checks."""

from __future__ import annotations

from typing import Any, NamedTuple

from convqa_sdk.guard.decision import Table
from convqa_sdk.guard.plan import AutomationTier, State
from convqa_sdk.guard.polling import SourceStatus
from convqa_sdk.guard.trips import Trips


class ArchetypeStatus(NamedTuple):
    """What holds for one archetype.

    Attributes:
        archetype: Its name; None: the default.
        state: State of the guard.
        tier: How far the bot may act alone.
        reason: Why it may not deflect, or `confident`.
        threshold: Confidence from which it may deflect; None: it may not.
    """

    archetype: str | None
    state: State
    tier: AutomationTier
    reason: str
    threshold: float | None


class RuleStatus(NamedTuple):
    """One rule at one archetype.

    Attributes:
        rule: Its name.
        archetype: Where; `*` is everywhere, empty the archetypes without an entry.
        tripped: Whether it is.
        for_s: Seconds since it turned; None: it never has.
        value: What its window showed last; None: unknown.
        samples: Observations behind that.
    """

    rule: str
    archetype: str
    tripped: bool
    for_s: float | None
    value: float | None
    samples: int


class GuardStatus(NamedTuple):
    """What a guard is doing.

    Attributes:
        plan_version: Version of the plan in force.
        owner: Who may change it.
        switch: What the kill switch says for all; the default state until it has answered.
        archetypes: What holds for each, the default last.
        rules: Every rule, at each archetype that it watches.
        sources: How the switch and the plan's file do; `stale` means that the last known state is held.
    """

    plan_version: int
    owner: str
    switch: State
    archetypes: tuple[ArchetypeStatus, ...]
    rules: tuple[RuleStatus, ...]
    sources: tuple[SourceStatus, ...]

    @property
    def normal(self) -> bool:
        """Whether nothing is stopped and nothing stale."""
        return all(each.state == "normal" for each in self.archetypes) and not any(each.stale for each in self.sources)

    def as_data(self) -> dict[str, Any]:
        """Return it as what JSON can hold."""
        lists = {name: [each._asdict() for each in getattr(self, name)] for name in ("archetypes", "rules", "sources")}
        return {**self._asdict(), "normal": self.normal, **lists}


def archetypes_in(rows: Table) -> tuple[ArchetypeStatus, ...]:
    """Return what holds for each archetype, the default last."""
    return tuple(
        ArchetypeStatus(
            name,
            row.confident.state,
            row.confident.tier,
            row.confident.reason,
            row.threshold if row.confident.may_deflect else None,
        )
        for name, row in sorted(rows.items(), key=lambda pair: (pair[0] is None, pair[0] or ""))
    )


def rules_in(trips: Trips, now_ns: int) -> tuple[RuleStatus, ...]:
    """Return how every rule stands."""
    return tuple(
        RuleStatus(
            rule.name,
            place,
            state.tripped,
            None if state.since_ns is None else (now_ns - state.since_ns) / 1e9,
            state.reading.value,
            state.reading.samples,
        )
        for rule, place, _, state in trips.all()
    )
