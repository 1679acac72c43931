"""What the owner of a plan may change in it, and what a promotion has to show. Demotion never asks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

from annotated_types import MaxLen, MinLen
from pydantic import BaseModel, ConfigDict, ValidationError

from convqa_sdk.errors import ConfigurationError, RefusedError
from convqa_sdk.guard.plan import TIERS, AutomationTier, Entry, GuardPlan, Pins, PlanDecision, State

MAX_REASON: Final = 1_000
_NEW_PIN: Final = "a version that it was not held at while it answered alone is a promotion, unless the tier falls"


class Verdict(BaseModel):
    """The verdict of an experiment, as a promotion needs it; a record may say more.

    Attributes:
        experiment: Its id.
        decision: What was decided, such as `ship`.
        archetype: Archetype that it was about; None: it does not say, and promotes none.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    experiment: Annotated[str, MinLen(1), MaxLen(200)]
    decision: Annotated[str, MinLen(1), MaxLen(200)]
    archetype: str | None = None

    @classmethod
    def load(cls, path: Path) -> Verdict:
        """Read one from a JSON file.

        Raises:
            ConfigurationError: It cannot be read, or is none.
        """
        accepted = 'give a JSON file such as {"experiment": "e-12", "decision": "ship", "archetype": "order_status"}'
        try:
            return cls.model_validate(json.loads(path.read_text("utf-8")))
        except OSError as error:
            raise ConfigurationError(f"{path}: cannot read the verdict: {(error.strerror or '').lower()}") from None
        except (ValidationError, ValueError, RecursionError):
            raise ConfigurationError(f"{path}: this is no verdict of an experiment; {accepted}") from None


@dataclass(frozen=True)
class Edit:
    """One change of a plan.

    Attributes:
        owner: Who makes it.
        reason: Why.
        at: When (aware).
        archetype: For which; None: for all, which only ever takes away.
        tier: The automation tier; for all, the highest that remains.
        threshold: The confidence threshold; for all, the lowest that remains.
        deflect: Whether it is on the deflection list.
        pins: Versions to hold it at, by their names in `Pins`.
        unpin: Pin nothing any more.
        state: `fallback` or `killed` stops it.
        lift: End a stop, and what has tripped so far.
        verdict: Verdict that a promotion rests on.
        audit_bound: Upper bound of the audited hallucination rate that it rests on, 0 to 1.
    """

    owner: str
    reason: str
    at: datetime
    archetype: str | None = None
    tier: AutomationTier | None = None
    threshold: float | None = None
    deflect: bool | None = None
    pins: Mapping[str, str] = field(default_factory=dict[str, str])
    unpin: bool = False
    state: State | None = None
    lift: bool = False
    verdict: Verdict | None = None
    audit_bound: float | None = None


def edited(plan: GuardPlan, edit: Edit) -> GuardPlan:
    """Return the plan after a change, its version one higher and the decision in its list.

    Raises:
        RefusedError: Somebody else owns the plan, or a promotion lacks what it has to show; says what.
        ConfigurationError: There is no such archetype, no reason, nothing changes, or the plan would be none.
    """
    if edit.owner != plan.owner:
        raise RefusedError("this plan has another owner, who alone may change it")
    if not edit.reason.strip() or len(edit.reason) > MAX_REASON:
        raise ConfigurationError(f"reason: say why in 1 to {MAX_REASON:,} characters")
    if edit.archetype is not None and edit.archetype not in plan.archetypes:
        known = ", ".join(sorted(plan.archetypes)[:20]) or "none"
        raise ConfigurationError(f"archetype: the plan has no entry for it; there are {known}")
    try:
        after, what = _for_all(plan, edit) if edit.archetype is None else _for_one(plan, edit, edit.archetype)
        if not what:
            raise ConfigurationError("this changes nothing: the plan says so already")
        decision = PlanDecision(
            version=plan.version + 1,
            at=edit.at,
            owner=edit.owner,
            archetype=edit.archetype,
            what=tuple(what),
            reason=edit.reason.strip(),
            verdict=edit.verdict.experiment if edit.verdict is not None else None,
            audit_bound=edit.audit_bound,
        )
        return after.changed(version=plan.version + 1, decisions=(*plan.decisions, decision))
    except ValidationError as error:
        told = "; ".join(each["msg"].removeprefix("Value error, ") for each in error.errors(include_input=False))
        raise ConfigurationError(f"the plan would be none any more: {told}") from None


def differences(before: Entry, after: Entry) -> list[str]:
    """Return what differs between two entries, for people."""
    return [f"{name} {was} -> {now}" for name, was, now in _differences(before, after)]


def _differences(before: Entry, after: Entry) -> Iterator[tuple[str, str, str]]:
    for name in ("tier", "threshold", "state", "lifted_at"):
        was, now = getattr(before, name), getattr(after, name)
        if was != now:
            yield name, _shown(was), _shown(now)
    if before.deflect != after.deflect:
        yield "deflection list", _listed(before), _listed(after)
    for name in Pins.model_fields:
        was, now = getattr(before.versions, name), getattr(after.versions, name)
        if was != now:
            yield f"pinned {name}", was or "none", now or "none"


def _listed(entry: Entry) -> str:
    return "on" if entry.deflect else "off"


def _shown(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return "never" if value is None else str(value)


def _for_one(plan: GuardPlan, edit: Edit, archetype: str) -> tuple[GuardPlan, list[str]]:
    before = plan.archetypes[archetype]
    changes: dict[str, Any] = _pinned(before, edit)
    given = {"tier": edit.tier, "threshold": edit.threshold, "deflect": edit.deflect, "state": edit.state}
    changes |= {name: value for name, value in given.items() if value is not None}
    if edit.lift:
        changes |= {"state": "normal", "lifted_at": edit.at}
    after = _changed(before, changes)
    _check_promotion(plan, edit, before, after)
    return plan.changed(archetypes={**plan.archetypes, archetype: after}), differences(before, after)


def _for_all(plan: GuardPlan, edit: Edit) -> tuple[GuardPlan, list[str]]:
    if edit.deflect:
        raise RefusedError("a promotion is for one archetype; name it")
    entries = {name: _lowered(entry, edit) for name, entry in plan.archetypes.items()}
    default = _lowered(plan.default, edit)
    new = [name for name, entry in entries.items() if _is_new(plan.archetypes[name], entry)]
    if new or _is_new(plan.default, default):
        told = ", ".join(new[:20]) or "the default"
        raise RefusedError(f"a promotion is for one archetype; {_NEW_PIN}; it is new to {told}")
    changes: dict[str, Any] = {"archetypes": entries, "default": default}
    if edit.state is not None:
        changes["state"] = edit.state
    if edit.lift:
        changes |= {"state": "normal", "lifted_at": edit.at}
    after = plan.changed(**changes)
    pairs = [(plan.default, default), *((entry, entries[name]) for name, entry in plan.archetypes.items())]
    counts: dict[str, int] = {}
    for was, now in pairs:
        for name, _, to in _differences(was, now):
            counts[f"{name} -> {to}"] = counts.get(f"{name} -> {to}", 0) + 1
    what = [f"{told} in {count} entries" for told, count in counts.items()]
    if after.state != plan.state:
        what.append(f"state of all {plan.state} -> {after.state}")
    if edit.lift:
        what.append("trips lifted everywhere")
    return after, what


def _lowered(entry: Entry, edit: Edit) -> Entry:
    """Return an entry under a change for all, which only takes away."""
    changes: dict[str, Any] = _pinned(entry, edit)
    if edit.tier is not None:
        changes["tier"] = min(entry.tier, edit.tier, key=TIERS.index)
    if edit.threshold is not None:
        changes["threshold"] = max(entry.threshold, edit.threshold)
    if edit.deflect is False:
        changes["deflect"] = False
    return _changed(entry, changes)


def _pinned(entry: Entry, edit: Edit) -> dict[str, Any]:
    if not edit.pins and not edit.unpin:
        return {}
    kept = {} if edit.unpin else entry.versions.model_dump(exclude_none=True)
    return {"versions": Pins.model_validate({**kept, **edit.pins})}


def _changed(entry: Entry, changes: Mapping[str, Any]) -> Entry:
    """Return an entry after a change; what it was held at while it answered alone, it may go back to."""
    given = {**{name: getattr(entry, name) for name in Entry.model_fields}, **changes}
    leaves = entry.tier == "automate" and (given["tier"], given["versions"]) != (entry.tier, entry.versions)
    if leaves and entry.versions != Pins() and entry.versions not in entry.pinned_before[-1:]:
        given["pinned_before"] = (*entry.pinned_before, entry.versions)
    return Entry.model_validate(given)


def _is_new(before: Entry, after: Entry) -> bool:
    """Tell whether an archetype that answers alone would be held at a version that it never was while it did."""
    if after.tier != "automate":
        return False
    proven = (before.versions, *after.pinned_before)
    return any(
        all(getattr(pins, name) != version for pins in proven)
        for name, version in after.versions.model_dump(exclude_none=True).items()
    )


def _check_promotion(plan: GuardPlan, edit: Edit, before: Entry, after: Entry) -> None:
    """Refuse a promotion that lacks what it has to show, and say all that is missing."""
    steps = TIERS.index(after.tier) - TIERS.index(before.tier)
    joins = after.deflect and not before.deflect
    eases = after.threshold < before.threshold
    pins = before.tier == "automate" and _is_new(before, after)
    if steps <= 0 and not joins and not eases and not pins:
        return
    missing = list(_missing(plan, edit))
    if pins and missing:
        missing[-1] += f" ({_NEW_PIN})"
    if steps > 1:
        missing.append(f"one step at a time: {TIERS[TIERS.index(before.tier) + 1]} comes after {before.tier}")
    if missing:
        raise RefusedError(f"a promotion has to show that it is safe, and lacks {'; '.join(missing)}")


def _missing(plan: GuardPlan, edit: Edit) -> Iterator[str]:
    limit, verdict, bound = plan.promotion.audit_limit, edit.verdict, edit.audit_bound
    wanted = " or ".join(plan.promotion.verdicts)
    if verdict is None:
        yield f"an experiment's verdict ({wanted})"
    elif verdict.decision not in plan.promotion.verdicts:
        yield f"a verdict that says {wanted}: this one does not"
    elif verdict.archetype is None:
        yield "a verdict about this archetype: this one names none"
    elif verdict.archetype != edit.archetype:
        yield "a verdict about this archetype: this one is about another"
    elif any((each.verdict, each.archetype) == (verdict.experiment, edit.archetype) for each in plan.decisions):
        yield "a verdict of its own: this one was used by an earlier decision"
    if bound is None:
        yield f"an audit whose upper bound is at most {limit:g}"
    elif not 0.0 <= bound <= limit:
        yield f"an audit whose upper bound is at most {limit:g}: this one's is not"
