"""What the bot may do, by plan, switch, trips and confidence."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.guard import Entry, GuardPlan, Pins
from convqa_sdk.guard.decision import table_of
from convqa_sdk.guard.flags import Switch
from convqa_sdk.guard.plan import STATES
from convqa_sdk.tracing.values import Versions
from strategies_guard import plans

NORMAL = Switch("normal")


def nothing(archetype: str) -> Any:
    """No rule is tripped."""
    return "normal", ""


def plan(**entry: Any) -> GuardPlan:
    """A plan in which `order` may be answered alone, unless told otherwise."""
    given: dict[str, Any] = {"tier": "automate", "deflect": True, "threshold": 0.8}
    return GuardPlan(owner="o", archetypes={"order": Entry(**{**given, **entry})})


@pytest.mark.parametrize(
    ("confidence", "may_deflect", "reason"),
    [
        (0.8, True, "confident"),
        (1, True, "confident"),
        (0.79, False, "low_confidence"),
        (0.0, False, "low_confidence"),
        (None, False, "confidence_unknown"),
        (80, False, "confidence_invalid"),
        (-0.1, False, "confidence_invalid"),
        (float("nan"), False, "confidence_invalid"),
        (float("inf"), False, "confidence_invalid"),
        (True, False, "confidence_invalid"),
        ("0.9", False, "confidence_invalid"),
    ],
)
def test_confidence(confidence: Any, may_deflect: bool, reason: str) -> None:
    """At the threshold it is enough; unknown is not enough, and neither is what is no confidence."""
    decision = table_of(plan(), NORMAL, nothing)["order"].decide(confidence)
    assert (decision.state, decision.may_deflect, decision.reason) == ("normal", may_deflect, reason)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [({"tier": "assist"}, "tier"), ({"tier": "recommend"}, "tier"), ({"deflect": False}, "not_on_deflection_list")],
)
def test_what_is_asked_besides_confidence(entry: dict[str, Any], reason: str) -> None:
    """Only the highest tier answers alone, and only what is on the list."""
    decision = table_of(plan(**entry), NORMAL, nothing)["order"].decide(1.0)
    assert (decision.state, decision.may_deflect, decision.reason) == ("normal", False, reason)


def test_who_has_stopped_it() -> None:
    """The gravest state holds, and the one who asks for it is named."""
    stops = MappingProxyType({"order": "killed"})
    cases = {
        "plan": table_of(plan(state="fallback"), NORMAL, nothing),
        "kill_switch": table_of(plan(state="fallback"), Switch("killed"), nothing),
        "A6": table_of(plan(), Switch("normal", stops, "A6"), lambda _: ("fallback", "A13")),
        "A13": table_of(plan(), NORMAL, lambda name: ("fallback", "A13") if name == "order" else ("normal", "")),
    }
    for reason, table in cases.items():
        decision = table["order"].decide(1.0)
        assert (decision.may_deflect, decision.reason) == (False, reason)
    assert cases["A6"][None].decide(1.0).state == "fallback"
    assert cases["A13"][None].decide(1.0).state == "normal"


def test_a_switch_stops_an_archetype_that_the_plan_does_not_know() -> None:
    """It need not have an entry to be stopped."""
    table = table_of(plan(), Switch("normal", MappingProxyType({"new": "killed"})), nothing)
    assert (table["new"].decide(1.0).state, table["order"].decide(1.0).state) == ("killed", "normal")


def test_pinned_versions_come_with_the_decision() -> None:
    """None where nothing is pinned."""
    table = table_of(plan(versions=Pins(model="v2")), NORMAL, nothing)
    assert table["order"].decide(0.9).versions == Versions(model="v2")
    assert table[None].decide(0.9).versions is None


@given(plans(), st.sampled_from(STATES), st.sampled_from(STATES), st.floats() | st.none())
def test_only_what_is_normal_automatic_listed_and_confident_deflects(
    given: GuardPlan, switch: Any, tripped: Any, confidence: float | None
) -> None:
    """For every plan, switch, trip and confidence."""
    table = table_of(given, Switch(switch), lambda _: (tripped, "A"))
    for name in (*given.archetypes, None):
        entry, decision = given.entry(name), table[name].decide(confidence)
        expected = (
            {given.state, entry.state, switch, tripped} == {"normal"}
            and entry.tier == "automate"
            and entry.deflect
            and confidence is not None
            and entry.threshold <= confidence <= 1
        )
        assert decision.may_deflect == expected
        assert decision.tier == entry.tier
        assert STATES.index(decision.state) == max(map(STATES.index, (given.state, entry.state, switch, tripped)))
