"""A plan is data: it is validated whole, refuses what contradicts itself, and says where."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from pydantic import ValidationError

from convqa_sdk.guard import Entry, GuardPlan, Pins, PlanDecision, Rule
from convqa_sdk.guard.plan import MAX_DECISIONS, gravest
from convqa_sdk.tracing.values import Versions
from strategies_guard import plans

RULE: dict[str, Any] = {"name": "A", "metric": "corrections", "threshold": 0.2, "reset_at": 0.1}


@given(plans())
def test_a_plan_is_its_data(plan: GuardPlan) -> None:
    """What a plan says of itself as data makes the same plan again."""
    assert GuardPlan.model_validate(plan.as_data()) == plan


def test_only_the_owner_has_to_be_said() -> None:
    """By default the bot drafts for a human, deflects nothing, and nothing trips."""
    plan = GuardPlan(owner="ops")
    assert (plan.version, plan.state, plan.default.tier, plan.default.deflect) == (1, "normal", "recommend", False)
    assert (dict(plan.archetypes), plan.trips) == ({}, ())
    assert plan.as_data() == {"version": 1, "owner": "ops"}


@pytest.mark.parametrize(
    ("settings", "place", "told"),
    [
        ({}, ("owner",), "required"),
        ({"owner": "o", "onwer": "o"}, ("onwer",), "not permitted"),
        ({"owner": "o", "version": 0}, ("version",), "greater than or equal to 1"),
        ({"owner": "o", "state": "off"}, ("state",), "'normal', 'fallback' or 'killed'"),
        ({"owner": "o", "archetypes": {"a": {"tier": "full"}}}, ("archetypes", "a", "tier"), "'recommend'"),
        ({"owner": "o", "archetypes": {"a": {"threshold": 80}}}, ("archetypes", "a", "threshold"), "less than or"),
        ({"owner": "o", "archetypes": {"a": {"threshold": float("nan")}}}, ("archetypes", "a", "threshold"), "finite"),
        (
            {"owner": "o", "archetypes": {"a": {"archetype_tier": "3", "deflect": True}}},
            ("archetypes", "a"),
            "tier 3 is account-specific and never on the deflection list",
        ),
        ({"owner": "o", "default": {"deflect": True}}, (), "the default is on no deflection list"),
        ({"owner": "o", "trips": [RULE, RULE]}, (), "A is the name of several rules"),
        ({"owner": "o", "trips": [{**RULE, "archetypes": ["x"]}]}, (), "A is about x, which has no entry"),
        ({"owner": "o", "trips": [{**RULE, "reset_at": 0.2}]}, ("trips", 0), "below the threshold"),
        ({"owner": "o", "trips": [{**RULE, "threshold": 5}]}, ("trips", 0), "corrections is a share"),
        (
            {"owner": "o", "trips": [{**RULE, "metric": "suggestion_acceptance"}]},
            ("trips", 0),
            "above the threshold, as suggestion_acceptance is bad when it falls",
        ),
        (
            {"owner": "o", "trips": [{**RULE, "metric": "suggestion_acceptance", "reset_at": 7}]},
            ("trips", 0),
            "from 0 to 1",
        ),
        ({"owner": "o", "trips": [{**RULE, "metric": "sales"}]}, ("trips", 0, "metric"), "'policy_violations'"),
        ({"owner": "o", "trips": [{**RULE, "min_count": 0}]}, ("trips", 0, "min_count"), "greater than or equal to 1"),
        ({"owner": "o", "trips": [{**RULE, "window_s": 0}]}, ("trips", 0, "window_s"), "greater than 0"),
        ({"owner": "o", "lifted_at": "2026-05-01T00:00:00"}, ("lifted_at",), "timezone"),
    ],
)
def test_what_is_no_plan_is_refused(settings: dict[str, Any], place: tuple[Any, ...], told: str) -> None:
    """The place and the rule are named."""
    with pytest.raises(ValidationError) as caught:
        GuardPlan.model_validate(settings)
    (problem,) = caught.value.errors()
    assert problem["loc"] == place
    assert told in problem["msg"]


def test_an_archetype_without_an_entry_has_the_default() -> None:
    """So has a question of which the archetype is not known."""
    plan = GuardPlan(owner="o", default=Entry(threshold=0.9), archetypes={"a": Entry(threshold=0.5)})
    assert [plan.entry(name).threshold for name in ("a", "b", None)] == [0.5, 0.9, 0.9]


def test_pinned_versions_are_versions_of_the_bot() -> None:
    """What is not pinned is left to the bot."""
    assert Pins(model="v2", index="i").versions() == Versions(model="v2", index="i")
    assert Pins().versions() is None


def test_a_rule_is_about_the_archetypes_it_names() -> None:
    """None named: about all."""
    assert [Rule(**RULE).is_about(name) for name in ("a", "")] == [True, True]
    assert [Rule(**RULE, archetypes=("a",)).is_about(name) for name in ("a", "b", "")] == [True, False, False]


def test_a_plan_remembers_the_newest_decisions() -> None:
    """Older ones are in the telemetry, and the file does not grow for ever."""
    made = [
        PlanDecision.model_validate(
            {"version": n, "at": "2026-05-01T00:00:00Z", "owner": "o", "what": ["x"], "reason": "r"}
        )
        for n in range(1, MAX_DECISIONS + 11)
    ]
    plan = GuardPlan(owner="o", decisions=tuple(made))
    assert [each.version for each in plan.decisions] == list(range(11, MAX_DECISIONS + 11))


def test_the_gravest_state_wins() -> None:
    """Nothing stopped is normal."""
    assert (gravest("normal", "killed", "fallback"), gravest("fallback", "normal"), gravest()) == (
        "killed",
        "fallback",
        "normal",
    )


def test_a_plan_cannot_change() -> None:
    """Neither can what it consists of."""
    plan = GuardPlan(owner="o", archetypes={"a": Entry()})
    with pytest.raises(ValidationError):
        plan.owner = "x"  # type: ignore[misc]
    with pytest.raises(TypeError):
        plan.archetypes["b"] = Entry()  # type: ignore[index]
