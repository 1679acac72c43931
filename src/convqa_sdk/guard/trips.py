"""The rules of a plan at work: observations go into windows, windows into hysteresis, and what turns is told."""

from __future__ import annotations

import threading
from typing import Final, NamedTuple

from convqa_sdk.guard.hysteresis import Hysteresis, Turned
from convqa_sdk.guard.metrics import METRICS, MetricName
from convqa_sdk.guard.plan import GuardPlan, Rule, State, gravest
from convqa_sdk.guard.windows import Reading, Window
from convqa_sdk.tracing.turn_facts import TurnFacts

EVERYWHERE: Final = "*"
"""Stands for all archetypes together, in rules of scope `all`."""
OTHERS: Final = ""
"""Stands for archetypes that have no entry, and for turns without one: they share what a plan says by default."""


def observations(facts: TurnFacts) -> dict[MetricName, float]:
    """Return what each metric sees of a turn; one that it says nothing about is left out.

    A correction is none of this turn's: it is about an earlier answer, whose archetype may be another.
    """
    seen: dict[MetricName, float] = {
        "policy_violations": float(bool(facts.policy_violations)),
        "policy_violation_count": float(len(facts.policy_violations)),
        "corrections": 0.0,
    }
    if facts.status != "cancelled":
        seen["error_rate"] = float(facts.status == "error")
        if facts.latency_ms is not None:
            seen["latency_p95_ms"] = facts.latency_ms
    if facts.kb_built_at is not None:
        seen["kb_age_s"] = max(0.0, (facts.at_ns - facts.kb_built_at) / 1e9)
    return seen


class Turn(NamedTuple):
    """A rule that has tripped or reset.

    Attributes:
        rule: The rule.
        archetype: Where; `EVERYWHERE` or `OTHERS` stand for what they say.
        turned: Which way.
        reading: The value that decided, and its volume.
    """

    rule: Rule
    archetype: str
    turned: Turned
    reading: Reading


class Watched(NamedTuple):
    """One rule at one archetype.

    Attributes:
        rule: The rule.
        archetype: Where.
        window: What it watches.
        hysteresis: Whether it is tripped.
    """

    rule: Rule
    archetype: str
    window: Window
    hysteresis: Hysteresis


class Trips:
    """All rules of a plan. Times are nanoseconds of one monotonic clock.

    Args:
        plan: The plan.
        before: The rules of the plan before, by whose lock they go on: a rule keeps its windows where it has not
            changed, and by its name stays tripped however it has.
    """

    def __init__(self, plan: GuardPlan, before: Trips | None = None) -> None:
        self._lock: threading.Lock = before._lock if before is not None else threading.Lock()  # they share windows
        self._names = frozenset(plan.archetypes)
        known = {(each.rule.name, each.archetype): each for each in before.all()} if before is not None else {}
        self._watched: list[Watched] = []
        self._feeds: dict[tuple[MetricName, str], list[int]] = {}
        for rule in plan.trips:
            for archetype in self._places(rule):
                for name in self._watching(rule, archetype):
                    self._feeds.setdefault((rule.metric, name), []).append(len(self._watched))
                self._watched.append(_watched(rule, archetype, known.get((rule.name, archetype))))

    def _watching(self, rule: Rule, place: str) -> list[str]:
        """Return the archetypes whose turns count at a place."""
        return [name for name in (*self._names, OTHERS) if rule.is_about(name)] if place == EVERYWHERE else [place]

    def _places(self, rule: Rule) -> list[str]:
        if rule.scope == "all":
            return [EVERYWHERE]
        return [*rule.archetypes] or [*sorted(self._names), OTHERS]

    def observe(
        self, metric: MetricName, value: float, archetype: str | None, at_ns: int, *, counts: bool = True
    ) -> None:
        """Take an observation, or (without `counts`) what has become of one that was counted before."""
        name = archetype if archetype in self._names else OTHERS
        with self._lock:
            for index in self._feeds.get((metric, name), ()):
                self._watched[index].window.add(value, at_ns, counts=counts)

    def judge(self, now_ns: int) -> list[Turn]:
        """Judge all rules by what their windows show now, and return those that have turned."""
        turned: list[Turn] = []
        with self._lock:
            for rule, place, window, state in self._watched:
                reading = window.read(now_ns)
                turn = state.judge(reading, now_ns)
                if turn is not None:
                    turned.append(Turn(rule, place, turn, reading))
        return turned

    def lift(self, archetype: str | None, since_ns: int) -> list[Turn]:
        """Arm again what tripped before a moment, for one archetype or (None) everywhere, and return it."""
        turned: list[Turn] = []
        with self._lock:
            for index, (rule, place, _, state) in enumerate(self._watched):
                if state.tripped and archetype in (None, place) and (state.since_ns or 0) <= since_ns:
                    turned.append(Turn(rule, place, "reset", state.reading))
                    state.lift()
                    self._watched[index] = _emptied(self._watched[index])  # or it would trip at once
        return turned

    def gone(self, before: Trips) -> list[Turn]:
        """Return what was tripped under a plan before and has no rule any more."""
        here = {(each.rule.name, each.archetype) for each in self._watched}
        return [
            Turn(rule, place, "reset", state.reading)
            for rule, place, _, state in before.all()
            if state.tripped and (rule.name, place) not in here
        ]

    def state(self, archetype: str) -> tuple[State, str]:
        """Return the state that tripped rules ask for at an archetype, and the first of the rules that do."""
        gravest_yet: State = "normal"
        name = ""
        for rule, place, _, state in self._watched:
            here = place == archetype or (place == EVERYWHERE and rule.is_about(archetype))
            if here and state.tripped and gravest(gravest_yet, rule.then) != gravest_yet:
                gravest_yet, name = rule.then, rule.name
        return gravest_yet, name

    def all(self) -> list[Watched]:
        """Return every rule at every archetype."""
        return list(self._watched)

    def after_fork(self) -> None:
        """Start with empty windows in a forked child, whatever lock was held; what is tripped stays so."""
        self._lock = threading.Lock()
        self._watched = [_emptied(each) for each in self._watched]


def _watched(rule: Rule, archetype: str, before: Watched | None) -> Watched:
    if before is None:
        return Watched(rule, archetype, _window(rule), Hysteresis(rule))
    if before.rule == rule:
        return before
    return Watched(rule, archetype, _window(rule), before.hysteresis.under(rule))


def _emptied(watched: Watched) -> Watched:
    return watched._replace(window=_window(watched.rule))


def _window(rule: Rule) -> Window:
    return Window(METRICS[rule.metric].statistic, rule.window_s)
