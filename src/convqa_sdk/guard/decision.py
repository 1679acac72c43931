"""What the bot may do with one question: looked up in a table that is made anew whenever something changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from convqa_sdk.guard.flags import Switch
from convqa_sdk.guard.plan import AutomationTier, Entry, GuardPlan, State, gravest
from convqa_sdk.guard.trips import OTHERS
from convqa_sdk.tracing.values import Versions


@dataclass(frozen=True)
class Decision:
    """What the bot may do.

    Attributes:
        state: `normal`; `fallback`: no answer of the model's; `killed`: no answer but a human's.
        tier: How far the bot may act alone.
        may_deflect: Whether it may answer alone here, which is when state, tier, deflection list and confidence allow.
        reason: Why: `confident`, `low_confidence`, `confidence_unknown`, `confidence_invalid`, `tier`,
            `not_on_deflection_list`; else who stopped it: `plan`, `default_state`, the rule, or `kill_switch`.
        archetype: Whose entry of the plan decided; None: the default.
        versions: Pinned versions, None: none.
    """

    state: State
    tier: AutomationTier
    may_deflect: bool
    reason: str
    archetype: str | None = None
    versions: Versions | None = None


class Row(NamedTuple):
    """The decisions for one archetype, by what is known of the confidence.

    Attributes:
        threshold: Confidence from which the bot may deflect; above 1 where it may not, whatever it is.
        confident: At or above it.
        low: Below it.
        unknown: Without one.
        invalid: With one that is none.
    """

    threshold: float
    confident: Decision
    low: Decision
    unknown: Decision
    invalid: Decision

    def decide(self, confidence: object) -> Decision:
        """Return the decision for a confidence."""
        if confidence is None:
            return self.unknown
        if type(confidence) is not float:
            if isinstance(confidence, (bool, str, bytes)):
                return self.invalid
            number: Any = confidence
            confidence = float(number)
        if not 0.0 <= confidence <= 1.0:
            return self.invalid
        return self.confident if confidence >= self.threshold else self.low


Table = Mapping[str | None, Row]
"""Rows by archetype; None stands for the default."""
Tripped = Callable[[str], tuple[State, str]]
"""State that tripped rules ask for at an archetype, and the rule."""

_UNREACHABLE: Final = 2.0


def table_of(plan: GuardPlan, switch: Switch, tripped: Tripped) -> Table:
    """Return the decisions of a plan under a switch and the rules that are tripped."""
    rows: dict[str | None, Row] = {
        name: _row(name, plan, entry, switch, tripped(name)) for name, entry in plan.archetypes.items()
    }
    rows |= {
        name: _row(name, plan, plan.default, switch, tripped(OTHERS))
        for name in switch.archetypes
        if name not in plan.archetypes
    }
    rows[None] = _row(None, plan, plan.default, switch, tripped(OTHERS))
    return rows


def _row(archetype: str | None, plan: GuardPlan, entry: Entry, switch: Switch, tripped: tuple[State, str]) -> Row:
    switched = gravest(switch.state, switch.archetypes.get(archetype or "", "normal"))
    planned = gravest(plan.state, entry.state)
    state = gravest(switched, planned, tripped[0])
    versions = entry.versions.versions()

    def decided(reason: str, *, may_deflect: bool = False) -> Decision:
        return Decision(state, entry.tier, may_deflect, reason, archetype, versions)

    if state != "normal":
        by = {switched: switch.rule, planned: "plan", tripped[0]: tripped[1]}  # of the gravest, a trip is told first
        same = decided(by[state])
    elif entry.tier != "automate":
        same = decided("tier")
    elif not entry.deflect:
        same = decided("not_on_deflection_list")
    else:
        return Row(
            entry.threshold,
            decided("confident", may_deflect=True),
            decided("low_confidence"),
            decided("confidence_unknown"),
            decided("confidence_invalid"),
        )
    return Row(_UNREACHABLE, same, same, same, same)
