"""Which plan takes the place of the one in force."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from convqa_sdk import isolation
from convqa_sdk.errors import ConfigurationError
from convqa_sdk.guard import Entry, GuardPlan
from convqa_sdk.guard.succession import owned, successor

IN_FORCE = GuardPlan(owner="ops", version=5, archetypes={"a": Entry(state="fallback"), "b": Entry()})


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Begin and end with nothing logged."""
    isolation.reset()
    yield
    isolation.reset()


@pytest.mark.parametrize("version", [5, 6, 100])
def test_a_plan_that_is_not_older_is_taken(version: int) -> None:
    """Also one of the same version, which somebody has edited by hand."""
    plan = IN_FORCE.changed(version=version, state="fallback")
    assert successor(plan, IN_FORCE) is plan


@pytest.mark.parametrize("plan", [IN_FORCE.changed(version=4), GuardPlan(owner="ops", archetypes={"a": Entry()})])
def test_an_older_plan_is_refused(plan: GuardPlan) -> None:
    """What it lifts stays stopped."""
    with pytest.raises(ConfigurationError, match="and 5 is in force already"):
        successor(plan, IN_FORCE)


def test_a_stop_is_obeyed_whatever_its_version() -> None:
    """Of everything, of one archetype, of the default; the rest is as it was, and the second time nothing is new."""
    older = GuardPlan(
        owner="ops",
        state="killed",
        default=Entry(state="fallback"),
        archetypes={"a": Entry(tier="automate"), "b": Entry(state="killed"), "c": Entry()},
    )
    after = successor(older, IN_FORCE)
    assert (after.version, after.state, after.default.state) == (5, "killed", "fallback")
    assert dict(after.archetypes) == {"a": Entry(state="fallback"), "b": Entry(state="killed")}
    with pytest.raises(ConfigurationError, match="in force already"):
        successor(older, after)


def test_another_owners_plan_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever its version and its stops; it is told once."""
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="another owner than 'ops'"):
            successor(GuardPlan(owner="mallory", version=9, state="killed"), IN_FORCE)
    (record,) = caplog.records
    assert "guard_plan_of_another_owner" in record.getMessage()
    assert "mallory" not in record.getMessage()
    assert owned(IN_FORCE, "ops") is IN_FORCE
