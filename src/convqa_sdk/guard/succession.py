"""Which plan may take the place of the one in force: the same owner's, and none that is older. A stop always may."""

from __future__ import annotations

from typing import Final

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.guard.plan import Entry, GuardPlan, gravest
from convqa_sdk.isolation import once

_EFFECT: Final = "the plan in force holds on"


def owned(plan: GuardPlan, owner: str) -> GuardPlan:
    """Return a plan that an owner has.

    Raises:
        ConfigurationError: Somebody else has.
    """
    if plan.owner != owner:
        raise ConfigurationError(f"the plan names another owner than {owner!r}, whose plan this guard takes")
    return plan


def successor(plan: GuardPlan, in_force: GuardPlan) -> GuardPlan:
    """Return what holds after a plan was read again; why it is not taken is logged once.

    Of an older plan, such as one that was deployed anew over a rollback, only what it stops is taken.

    Raises:
        ConfigurationError: It has another owner, or is older and stops nothing more.
    """
    if plan.owner != in_force.owner:
        once("guard_plan_of_another_owner", effect=_EFFECT, do="start the bot anew where the owner has really changed")
        return owned(plan, in_force.owner)
    if plan.version >= in_force.version:
        return plan
    do = f"deploy the newest plan, or give this one version {in_force.version + 1}"
    once("guard_plan_older", effect=_EFFECT, do=do)
    stopped = _stopped(in_force, plan)
    if stopped == in_force:
        raise ConfigurationError(f"the plan has version {plan.version}, and {in_force.version} is in force already")
    return stopped


def _stopped(in_force: GuardPlan, older: GuardPlan) -> GuardPlan:
    """Return the plan in force with the stops of an older one."""

    def stricter(entry: Entry, other: Entry | None) -> Entry:
        return entry.model_copy(update={"state": gravest(entry.state, other.state)}) if other is not None else entry

    return in_force.changed(
        state=gravest(in_force.state, older.state),
        default=stricter(in_force.default, older.default),
        archetypes={name: stricter(entry, older.archetypes.get(name)) for name, entry in in_force.archetypes.items()},
    )
