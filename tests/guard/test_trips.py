"""The rules of a plan at work: which observation counts where, what turns, and what the owner lifts."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from convqa_sdk.guard import Entry, GuardPlan, Rule, TurnFacts
from convqa_sdk.guard.trips import EVERYWHERE, OTHERS, Trips, observations

S = 1_000_000_000


def rule(name: str = "A", **settings: Any) -> Rule:
    """Trips at half of two or more turns."""
    given: dict[str, Any] = {"metric": "corrections", "threshold": 0.5, "reset_at": 0.2, "window_s": 60, "hold_s": 10}
    return Rule(name=name, **{**given, "min_count": 2, **settings})


def plan(*rules: Rule, version: int = 1) -> GuardPlan:
    """A plan of two archetypes with these rules."""
    return GuardPlan(owner="o", version=version, archetypes={"a": Entry(), "b": Entry()}, trips=rules)


def facts(**given: Any) -> TurnFacts:
    """A turn that went well."""
    well: dict[str, Any] = {"conversation_id": "c", "archetype": "a", "status": "ok", "latency_ms": 900.0}
    more: dict[str, Any] = {"policy_violations": (), "signal_kind": None, "kb_built_at": None, "at_ns": 100 * S}
    return TurnFacts(**{**well, **more, **given})


def fed(trips: Trips, archetype: str | None, *values: float, at_s: int = 1) -> list[tuple[str, str, str]]:
    """Observe corrections and judge; return what has turned."""
    for value in values:
        trips.observe("corrections", value, archetype, at_s * S)
    return [(turn.rule.name, turn.archetype, turn.turned) for turn in trips.judge(at_s * S)]


def test_each_archetype_by_itself() -> None:
    """One trips, the other does not; what has no entry, or is unknown, is watched together."""
    trips = Trips(plan(rule()))
    assert fed(trips, "a", 1, 1) == [("A", "a", "tripped")]
    assert fed(trips, "b", 0, 0) == []
    assert fed(trips, "new", 1) == []
    assert fed(trips, None, 1) == [("A", OTHERS, "tripped")]
    assert [trips.state(name) for name in ("a", "b", OTHERS)] == [("fallback", "A"), ("normal", ""), ("fallback", "A")]


def test_all_together() -> None:
    """Half of everything; then it holds everywhere."""
    trips = Trips(plan(rule(scope="all", then="killed")))
    assert fed(trips, "a", 1) == []
    assert fed(trips, None, 0) == [("A", EVERYWHERE, "tripped")]
    assert {trips.state(name) for name in ("a", "b", OTHERS)} == {("killed", "A")}


def test_some_together() -> None:
    """A rule about some archetypes hears and stops no others."""
    trips = Trips(plan(rule(scope="all", archetypes=("a",))))
    assert fed(trips, "b", 1, 1, 1) == []
    assert fed(trips, "a", 1, 1) == [("A", EVERYWHERE, "tripped")]
    assert [trips.state(name)[0] for name in ("a", "b", OTHERS)] == ["fallback", "normal", "normal"]


def test_the_gravest_rule_is_named() -> None:
    """Of several that are tripped."""
    trips = Trips(plan(rule("mild"), rule("grave", then="killed"), rule("too")))
    assert len(fed(trips, "a", 1, 1)) == 3
    assert trips.state("a") == ("killed", "grave")


WELL = {"policy_violations": 0, "policy_violation_count": 0, "corrections": 0, "error_rate": 0, "latency_p95_ms": 900}
CANCELLED = {"policy_violations": 0, "policy_violation_count": 0, "corrections": 0}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, WELL),
        ({"policy_violations": ("a", "b")}, {**WELL, "policy_violations": 1, "policy_violation_count": 2}),
        ({"signal_kind": "correction", "signal_archetype": "b"}, WELL),
        ({"status": "cancelled", "signal_kind": "complaint"}, CANCELLED),
        ({"status": "error", "latency_ms": None}, {**CANCELLED, "error_rate": 1}),
        ({"status": "cancelled", "kb_built_at": 40 * S}, {**CANCELLED, "kb_age_s": 60}),
        ({"status": "cancelled", "kb_built_at": 140 * S}, {**CANCELLED, "kb_age_s": 0}),
    ],
)
def test_what_a_turn_says(given: dict[str, Any], expected: dict[str, float]) -> None:
    """A cancelled turn has no duration and no error; what is unknown is left out; a correction is an earlier turn's."""
    assert observations(facts(**given)) == expected


def test_a_new_plan_keeps_the_rules_that_it_keeps() -> None:
    """Their windows and trips go on; a rule that has changed keeps its trip, one that is gone has none any more."""
    before = Trips(plan(rule("kept"), rule("changed", then="killed"), rule("gone")))
    assert len(fed(before, "a", 1, 1)) == 3
    after = Trips(plan(rule("kept"), rule("changed", min_count=3, then="killed"), version=2), before)
    assert after.state("a") == ("killed", "changed")
    assert [(turn.rule.name, turn.archetype, turn.turned) for turn in after.gone(before)] == [("gone", "a", "reset")]
    assert fed(after, "a", at_s=2) == []
    assert {each.rule.name: each.hysteresis.reading.samples for each in after.all() if each.archetype == "a"} == {
        "kept": 2,
        "changed": 0,
    }


def test_a_trip_of_a_rule_that_has_changed_ends_as_others_do() -> None:
    """When the value was good for the whole hold by what the rule says now, or the owner lifts it."""
    for lifted in (False, True):
        before = Trips(plan(rule()))
        fed(before, "a", 1, 1)
        after = Trips(plan(rule(hold_s=20), version=2), before)
        if lifted:
            assert len(after.lift("a", 2 * S)) == 1
        else:
            assert fed(after, "a", 0, 0, at_s=3) == []
            assert fed(after, "a", at_s=22) == []
            assert fed(after, "a", at_s=23) == [("A", "a", "reset")]
        assert after.state("a")[0] == "normal"


def test_two_plans_share_windows_under_one_lock() -> None:
    """A turn that is still told to the rules of the plan before waits while those of the new one are judged."""
    before = Trips(plan(rule()))
    after = Trips(plan(rule(), version=2), before)
    told = threading.Thread(target=fed, args=(before, "a", 1, 1), daemon=True)
    with after._lock:
        told.start()
        told.join(0.1)
        assert {each.window.read(S).samples for each in after.all()} == {0}
    told.join()
    assert after.state("a") == ("fallback", "A")


def test_the_owner_lifts_what_has_tripped_until_then() -> None:
    """Of one archetype or of all; what trips later stays, and what was lifted does not trip again by old news."""
    trips = Trips(plan(rule()))
    fed(trips, "a", 1, 1)
    fed(trips, "b", 1, 1, at_s=5)
    assert trips.lift("a", 0) == []
    assert [(turn.archetype, turn.turned) for turn in trips.lift("a", 2 * S)] == [("a", "reset")]
    assert fed(trips, "a", at_s=6) == []
    assert trips.state("b")[0] == "fallback"
    assert [turn.archetype for turn in trips.lift(None, 5 * S)] == ["b"]


def test_a_forked_child_begins_with_empty_windows() -> None:
    """What the parent has counted it must not count again; what was tripped stays so, whatever lock was held."""
    trips = Trips(plan(rule()))
    fed(trips, "a", 1, 1)
    trips._lock.acquire()
    trips.after_fork()
    assert trips.state("a") == ("fallback", "A")
    assert {each.window.read(S).samples for each in trips.all()} == {0}
