"""What the owner may change: to take away never asks, to give asks for evidence, and all of it is written down."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.errors import ConfigurationError, RefusedError
from convqa_sdk.guard import Entry, GuardPlan, Pins
from convqa_sdk.guard.edits import Edit, Verdict, edited
from convqa_sdk.guard.plan import MAX_DECISIONS, STATES, TIERS
from strategies_guard import plans

AT = datetime(2026, 5, 1, tzinfo=timezone.utc)
SHIP = Verdict(experiment="e-12", decision="ship", archetype="order")
UNNAMED = Verdict(experiment="e-12", decision="ship")
PLAN = GuardPlan(
    owner="ops",
    version=7,
    archetypes={
        "order": Entry(archetype_tier="1", tier="assist", threshold=0.8),
        "refund": Entry(archetype_tier="3", tier="automate", threshold=0.9, versions=Pins(model="v3")),
        "hours": Entry(tier="automate", threshold=0.5, deflect=True),
    },
)


def edit(archetype: str | None = None, **changes: Any) -> Edit:
    """A change by the owner."""
    return Edit(**{"owner": "ops", "reason": "spike of corrections", "at": AT, "archetype": archetype, **changes})


@pytest.mark.parametrize(
    ("archetype", "changes", "expected", "what"),
    [
        ("hours", {"tier": "recommend"}, {"tier": "recommend"}, ("tier automate -> recommend",)),
        ("hours", {"deflect": False}, {"deflect": False}, ("deflection list on -> off",)),
        ("hours", {"threshold": 0.9}, {"threshold": 0.9}, ("threshold 0.5 -> 0.9",)),
        ("hours", {"state": "killed"}, {"state": "killed"}, ("state normal -> killed",)),
        ("order", {"pins": {"model": "v2"}}, {"versions": Pins(model="v2")}, ("pinned model none -> v2",)),
        (
            "refund",
            {"unpin": True},
            {"versions": Pins(), "pinned_before": (Pins(model="v3"),)},
            ("pinned model v3 -> none",),
        ),
        (
            "refund",
            {"pins": {"prompt": "p"}, "tier": "assist"},
            {"tier": "assist", "versions": Pins(model="v3", prompt="p"), "pinned_before": (Pins(model="v3"),)},
            ("tier automate -> assist", "pinned prompt none -> p"),
        ),
        ("order", {"lift": True}, {"lifted_at": AT}, ("lifted_at never -> 2026-05-01T00:00:00+00:00",)),
    ],
)
def test_what_takes_away_never_asks(
    archetype: str, changes: dict[str, Any], expected: dict[str, Any], what: tuple[str, ...]
) -> None:
    """One entry changes, the version goes up by one, and the decision says what and why."""
    after = edited(PLAN, edit(archetype, **changes))
    assert after.archetypes[archetype] == PLAN.archetypes[archetype].model_copy(update=expected)
    assert {name for name in PLAN.archetypes if after.archetypes[name] != PLAN.archetypes[name]} == {archetype}
    decision = after.decisions[-1]
    assert (after.version, decision.version, decision.at, decision.owner) == (8, 8, AT, "ops")
    assert (decision.archetype, decision.what, decision.reason) == (archetype, what, "spike of corrections")


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"tier": "assist"}, lambda p: [e.tier for e in p.archetypes.values()] == ["assist", "assist", "assist"]),
        ({"threshold": 0.85}, lambda p: [e.threshold for e in p.archetypes.values()] == [0.85, 0.9, 0.85]),
        ({"deflect": False}, lambda p: not any(e.deflect for e in p.archetypes.values())),
        ({"state": "killed"}, lambda p: p.state == "killed"),
        (
            {"pins": {"model": "v2"}, "tier": "assist"},
            lambda p: {e.versions.model for e in p.archetypes.values()} == {"v2"},
        ),
    ],
)
def test_for_all(changes: dict[str, Any], check: Any) -> None:
    """A tier is the highest that remains, a threshold the lowest; nobody is promoted."""
    after = edited(PLAN, edit(**changes))
    assert check(after)
    assert after.version == 8


@pytest.mark.parametrize(
    ("archetype", "changes", "told"),
    [
        (
            "order",
            {"tier": "automate"},
            r"an experiment's verdict \(ship\); an audit whose upper bound is at most 0.015",
        ),
        ("order", {"tier": "automate", "verdict": SHIP}, r"^[^;]* lacks an audit whose upper bound"),
        ("order", {"tier": "automate", "audit_bound": 0.01}, r"^[^;]* lacks an experiment's verdict"),
        ("order", {"tier": "automate", "verdict": SHIP, "audit_bound": 0.016}, "this one's is not"),
        ("order", {"tier": "automate", "verdict": SHIP, "audit_bound": float("nan")}, "this one's is not"),
        (
            "order",
            {"tier": "automate", "verdict": SHIP.model_copy(update={"decision": "stop"}), "audit_bound": 0.01},
            "a verdict that says ship: this one does not",
        ),
        ("hours", {"threshold": 0.4, "verdict": SHIP, "audit_bound": 0.01}, "this one is about another"),
        ("order", {"tier": "automate", "verdict": UNNAMED, "audit_bound": 0.01}, "this one names none"),
        ("order", {"deflect": True}, "lacks"),
        ("hours", {"pins": {"model": "new"}}, r"an experiment's verdict.*not held at while it answered alone"),
        ("hours", {"pins": {"model": "new"}, "verdict": SHIP, "audit_bound": 0.01}, "this one is about another"),
        (None, {"pins": {"model": "v3"}}, "a promotion is for one archetype; .* it is new to hours"),
        (None, {"deflect": True}, "a promotion is for one archetype"),
    ],
)
def test_a_promotion_has_to_show_that_it_is_safe(archetype: str | None, changes: dict[str, Any], told: str) -> None:
    """A tier, the list and a lower threshold; all that is missing is said."""
    with pytest.raises(RefusedError, match=told):
        edited(PLAN, edit(archetype, **changes))


def test_a_promotion_with_evidence() -> None:
    """It is done, a step at a time, and the evidence stands in the plan."""
    after = edited(PLAN, edit("order", tier="automate", deflect=True, verdict=SHIP, audit_bound=0.015))
    assert (after.archetypes["order"].tier, after.archetypes["order"].deflect) == ("automate", True)
    assert (after.decisions[-1].verdict, after.decisions[-1].audit_bound) == ("e-12", 0.015)
    low = GuardPlan(owner="ops", archetypes={"order": Entry()})
    with pytest.raises(RefusedError, match="one step at a time: assist comes after recommend"):
        edited(low, edit("order", tier="automate", verdict=SHIP, audit_bound=0.01))


def test_a_verdict_is_for_one_step_of_one_archetype() -> None:
    """Its second use is refused, however many decisions lie between; another experiment's, or archetype's, is not."""
    low = GuardPlan(owner="ops", archetypes={"order": Entry(), "hours": Entry()})
    plan = edited(low, edit("order", tier="assist", verdict=SHIP, audit_bound=0.01))
    for number in range(MAX_DECISIONS + 1):
        plan = edited(plan, edit("hours", threshold=0.8 + number / 10_000 + 0.0001))
    assert len(plan.decisions) == MAX_DECISIONS + 1
    with pytest.raises(RefusedError, match="this one was used by an earlier decision"):
        edited(plan, edit("order", tier="automate", verdict=SHIP, audit_bound=0.01))
    other = SHIP.model_copy(update={"experiment": "e-13"})
    assert edited(plan, edit("order", tier="automate", verdict=other, audit_bound=0.01)).decisions[-1].verdict == "e-13"
    hours = SHIP.model_copy(update={"archetype": "hours"})
    assert edited(plan, edit("hours", tier="assist", verdict=hours, audit_bound=0.01)).entry("hours").tier == "assist"


def test_a_new_pin_needs_evidence_and_an_earlier_one_does_not() -> None:
    """Back to what it was held at while it answered alone, for one or for all; what was tried below that is new."""
    plan = GuardPlan(owner="ops", archetypes={"order": Entry(tier="automate", versions=Pins(model="v1"))})
    plan = edited(plan, edit("order", pins={"model": "v2"}, verdict=SHIP, audit_bound=0.01))
    for archetype, version in (("order", "v1"), (None, "v2"), (None, "v1")):
        plan = edited(plan, edit(archetype, pins={"model": version}))
        assert plan.entry("order").versions == Pins(model=version)
    plan = edited(plan, edit("order", tier="assist"))
    plan = edited(plan, edit("order", pins={"model": "tried"}))
    plan = edited(plan, edit("order", pins={"model": "v2"}))
    again = SHIP.model_copy(update={"experiment": "e-13"})
    plan = edited(plan, edit("order", tier="automate", verdict=again, audit_bound=0.01))
    assert edited(plan, edit("order", pins={"model": "v1"})).entry("order").versions == Pins(model="v1")
    with pytest.raises(RefusedError, match="not held at while it answered alone"):
        edited(plan, edit("order", pins={"model": "tried"}))
    assert GuardPlan.model_validate(plan.as_data()) == plan


@pytest.mark.parametrize(
    ("archetype", "changes", "error", "told"),
    [
        (None, {"owner": "mallory", "state": "killed"}, RefusedError, "another owner"),
        (None, {}, ConfigurationError, "changes nothing"),
        ("hours", {"tier": "automate"}, ConfigurationError, "changes nothing"),
        (None, {"reason": " ", "state": "killed"}, ConfigurationError, "say why"),
        (None, {"reason": "x" * 1_001, "state": "killed"}, ConfigurationError, "say why"),
        ("ordr", {"state": "killed"}, ConfigurationError, "no entry for it; there are hours, order, refund"),
        ("refund", {"deflect": True, "verdict": SHIP, "audit_bound": 0.0}, ConfigurationError, "tier 3"),
        ("hours", {"threshold": 7.0}, ConfigurationError, "less than or equal to 1"),
    ],
)
def test_what_is_refused(archetype: str | None, changes: dict[str, Any], error: type[Exception], told: str) -> None:
    """Somebody else, nothing, no reason, no such archetype, no plan any more; names and rules are said."""
    with pytest.raises(error, match=told) as caught:
        edited(PLAN, edit(archetype, **changes))
    assert "mallory" not in str(caught.value)


@given(
    plans(),
    st.fixed_dictionaries(
        {},
        optional={
            "tier": st.sampled_from(TIERS),
            "threshold": st.floats(0, 1),
            "deflect": st.just(False),
            "state": st.sampled_from(("fallback", "killed")),
        },
    ),
    st.data(),
)
def test_without_evidence_nobody_is_promoted(plan: GuardPlan, changes: dict[str, Any], data: st.DataObject) -> None:
    """Whatever the owner asks for, for one or for all: what comes out allows no more than what went in."""
    archetype = data.draw(st.sampled_from([None, *plan.archetypes]))
    try:
        after = edited(plan, edit(archetype, owner=plan.owner, **changes))
    except (RefusedError, ConfigurationError):
        return
    for name in (*plan.archetypes, None):
        was, now = plan.entry(name), after.entry(name)
        assert TIERS.index(now.tier) <= TIERS.index(was.tier)
        assert now.threshold >= was.threshold
        assert was.deflect or not now.deflect
    assert GuardPlan.model_validate(after.as_data()) == after
    assert STATES.index(after.state) >= STATES.index(plan.state) or "state" in changes


class TestVerdict:
    def test_a_record_may_say_more(self, tmp_path: Path) -> None:
        """Only what a promotion needs is read."""
        path = tmp_path / "v.json"
        path.write_text(json.dumps({"experiment": "e", "decision": "ship", "estimate": 0.02, "archetype": "order"}))
        assert Verdict.load(path) == Verdict(experiment="e", decision="ship", archetype="order")

    @pytest.mark.parametrize("content", ["", "[]", "{}", '{"experiment": "", "decision": "ship"}', "{" * 9])
    def test_what_is_none(self, tmp_path: Path, content: str) -> None:
        """It is said what one looks like."""
        path = tmp_path / "v.json"
        path.write_text(content)
        with pytest.raises(ConfigurationError, match="this is no verdict of an experiment; give a JSON file"):
            Verdict.load(path)
        with pytest.raises(ConfigurationError, match="no such file"):
            Verdict.load(tmp_path / "w.json")
