"""Tells a watcher, such as a guard, of each turn and of each suggestion that was judged."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from convqa_sdk.export.flatten import Fields
from convqa_sdk.export.flattening import Flat
from convqa_sdk.isolation import fault
from convqa_sdk.schema.events import UserCorrectionSignal
from convqa_sdk.schema.outcomes import SuggestionOutcome
from convqa_sdk.tracing.late import Late
from convqa_sdk.tracing.snapshot import is_a
from convqa_sdk.tracing.stage import unix_ns
from convqa_sdk.tracing.turn import Turn
from convqa_sdk.tracing.turn_facts import TurnFacts, Watcher

MAX_TOLD = 10_000
"""Suggestions whose ids are remembered."""


class Watching:
    """Tells a watcher what the export has at hand.

    Args:
        watcher: Who is told; None: nobody.
    """

    def __init__(self, watcher: Watcher | None) -> None:
        self._watcher = watcher
        self._told: dict[object, None] = {}

    @property
    def wanted(self) -> bool:
        """Whether anybody watches."""
        return self._watcher is not None

    def tell(self, flat: Flat) -> None:
        """Tell of a unit; never raises."""
        watcher, turn, late = self._watcher, flat.unit.turn, flat.unit.late
        if watcher is None:
            return
        try:
            if turn is not None and flat.unit.whole:
                watcher.watch(turn_facts(turn, flat))
            elif late is not None and late.record is SuggestionOutcome:
                self._suggested(watcher, late)
        except BaseException as error:  # noqa: BLE001 - the watcher may be the application's own
            fault("watcher", error)


    def _suggested(self, watcher: Watcher, late: Late) -> None:
        """Tell of a suggestion once: what is recorded again under its id is a repeat or a revision."""
        outcome_id = late.values.get("outcome_id")
        if outcome_id in self._told:
            return
        self._told[outcome_id] = None
        if len(self._told) > MAX_TOLD:
            del self._told[next(iter(self._told))]
        watcher.suggested(late.values.get("accepted") is True, late.at_ns)


def turn_facts(turn: Turn, flat: Flat) -> TurnFacts:
    """Return the facts of a turn that has ended."""
    violations = [code for stage, fields in flat.stages if stage.kind == "policy_check" for code in _codes(fields)]
    events = (*(turn.events or ()), *turn.meant)  # the bot's own count as well as ours
    signals = [facts.signal_kind for _, _, facts in events if type(facts) is UserCorrectionSignal]
    archetype: Any = flat.fields.get("archetype")
    built_at: Any = flat.fields.get("kb_built_at")
    return TurnFacts(
        conversation_id=turn.conversation_id,
        archetype=archetype if is_a(archetype, str) else None,
        status=turn.status,
        latency_ms=max(0, turn.end_ns - turn.start_ns) / 1e6,
        policy_violations=tuple(violations),
        signal_kind=signals[0] if signals else None,
        kb_built_at=unix_ns(built_at) if is_a(built_at, datetime) and built_at.utcoffset() is not None else None,
        at_ns=turn.end_ns,
        signal_archetype=flat.before.archetype if signals and flat.before is not None else None,
    )


def _codes(fields: Fields) -> list[str]:
    """Return the codes of a check that found something; one without a code counts as its result."""
    codes: Any = fields.get("violations")
    named = [code for code in codes if is_a(code, str)] if is_a(codes, tuple, list) else []
    result = fields.get("result")
    return named or ([str(result)] if result in ("fail", "block", "rewrite") else [])
