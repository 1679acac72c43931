"""The plan of a guard: per archetype how far the bot may act alone, and when it is stopped. Data, with a version.

Everything is validated when a plan is made; what contradicts itself is refused with the place and the rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

from annotated_types import Ge, Gt, Le, MaxLen, MinLen
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    field_validator,
    model_validator,
)

from convqa_sdk.guard.metrics import METRICS, MetricName
from convqa_sdk.tracing.values import Versions

State = Literal["normal", "fallback", "killed"]
AutomationTier = Literal["recommend", "assist", "automate"]

STATES: Final[tuple[State, ...]] = ("normal", "fallback", "killed")
"""From harmless to grave."""
TIERS: Final[tuple[AutomationTier, ...]] = ("recommend", "assist", "automate")
"""In the order of promotion: the bot drafts for a human, answers under a human's eyes, answers alone."""
MAX_ARCHETYPES: Final = 1_000
MAX_RULES: Final = 50
MAX_DECISIONS: Final = 200
"""Decisions that a plan remembers, besides those with a verdict; older ones are in the telemetry."""
MAX_PINNED_BEFORE: Final = 20
HUMAN_TEXT: Final = "I am handing you to a colleague."

Name = Annotated[str, MinLen(1), MaxLen(200)]
Share = Annotated[float, Ge(0.0), Le(1.0)]
Seconds = Annotated[float, Gt(0.0), Le(90 * 86_400.0)]


def gravest(*states: State) -> State:
    """Return the gravest of states; of none, `normal`."""
    return STATES[max((STATES.index(state) for state in states), default=0)]


class PlanPart(BaseModel):
    """A frozen part of a plan; unknown settings are refused by name, a number is no text and a text no number."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Pins(PlanPart):
    """Versions that an archetype is held at; what is left out is as the bot has it."""

    model: Name | None = None
    prompt: Name | None = None
    prompt_name: Name | None = None
    policy: Name | None = None
    kb_snapshot: Name | None = None
    index: Name | None = None
    taxonomy: Name | None = None

    def versions(self) -> Versions | None:
        """Return them as the bot knows versions; None where nothing is pinned."""
        given = self.model_dump(exclude_none=True)
        return Versions(**given) if given else None


class Entry(PlanPart):
    """What holds for one archetype.

    Attributes:
        archetype_tier: Tier of the archetype; one of tier 3 is on no deflection list.
        tier: How far the bot may act alone.
        threshold: Confidence from which it may, 0 to 1.
        deflect: Whether the archetype is on the deflection list.
        versions: Pinned versions.
        state: `normal`, or where the owner has stopped it: `fallback` or `killed`.
        lifted_at: When the owner lifted a stop; trips before that are over.
        pinned_before: Versions that it was held at while it answered alone, newest last: it may go back to them.
    """

    archetype_tier: Literal["1", "2", "3", "tail"] | None = None
    tier: AutomationTier = "recommend"
    threshold: Share = 0.8
    deflect: bool = False
    versions: Pins = Pins()
    state: State = "normal"
    lifted_at: AwareDatetime | None = None
    pinned_before: tuple[Pins, ...] = ()

    @field_validator("pinned_before", mode="after")
    @classmethod
    def _newest(cls, given: tuple[Pins, ...]) -> tuple[Pins, ...]:
        return given[-MAX_PINNED_BEFORE:]

    @model_validator(mode="after")
    def _deflects_what_it_may(self) -> Entry:
        if self.deflect and self.archetype_tier == "3":
            raise ValueError("deflect: an archetype of tier 3 is account-specific and never on the deflection list")
        return self


class Rule(PlanPart):
    """When the guard trips by itself, and when it resets.

    Attributes:
        name: Its name in changes and logs.
        metric: What is watched.
        threshold: Trips when the value reaches it (for `suggestion_acceptance`: falls to it).
        reset_at: Resets when the value stays on the good side of this for `hold_s`; it lies short of the threshold.
        window_s: Seconds that the value is taken over.
        hold_s: Seconds that it must be good again before a reset; two trips are never closer.
        min_count: Observations in the window below which nothing trips and nothing resets.
        scope: `each` archetype by itself, or `all` together.
        archetypes: Only these; empty: all.
        then: State while it is tripped.
    """

    name: Name
    metric: MetricName
    threshold: Annotated[float, Ge(0.0)]
    reset_at: Annotated[float, Ge(0.0)]
    window_s: Seconds = 900.0
    hold_s: Seconds = 900.0
    min_count: Annotated[int, Ge(1), Le(1_000_000)] = 50
    scope: Literal["each", "all"] = "each"
    archetypes: tuple[Name, ...] = ()
    then: Literal["fallback", "killed"] = "fallback"

    @model_validator(mode="after")
    def _has_room_between(self) -> Rule:
        metric = METRICS[self.metric]
        if metric.share and self.threshold > 1.0:
            raise ValueError(f"threshold: {self.metric} is a share; give one from 0 to 1")
        if metric.falls and not self.reset_at > self.threshold:
            raise ValueError(f"reset_at: must lie above the threshold, as {self.metric} is bad when it falls")
        if metric.falls and self.reset_at > 1.0:
            raise ValueError(f"reset_at: {self.metric} is a share; give one from 0 to 1")
        if not metric.falls and not self.reset_at < self.threshold:
            raise ValueError("reset_at: must lie below the threshold, or the guard would flap")
        return self

    def is_about(self, archetype: str) -> bool:
        """Tell whether an archetype is watched."""
        return not self.archetypes or archetype in self.archetypes


class Promotion(PlanPart):
    """What a promotion has to show.

    Attributes:
        audit_limit: Upper bound of the audited hallucination rate that is still fine, 0 to 1.
        verdicts: Decisions of an experiment that allow one.
    """

    audit_limit: Share = 0.015
    verdicts: Annotated[tuple[Name, ...], MinLen(1)] = ("ship",)


class PlanDecision(PlanPart):
    """One decision of the owner, as the plan remembers it.

    Attributes:
        version: Version of the plan that it made.
        at: When.
        owner: Who.
        archetype: About which, None: all.
        what: What was changed, such as `tier automate -> assist`.
        reason: Why, in the owner's words.
        verdict: Experiment that a promotion rests on.
        audit_bound: Upper bound of the audited rate that it rests on.
    """

    version: Annotated[int, Ge(1)]
    at: AwareDatetime
    owner: Name
    archetype: Name | None = None
    what: Annotated[tuple[Name, ...], MinLen(1)]
    reason: Annotated[str, MinLen(1), MaxLen(1_000)]
    verdict: Name | None = None
    audit_bound: Share | None = None


Archetypes = Annotated[
    Mapping[Name, Entry],
    AfterValidator(lambda given: MappingProxyType(dict(given))),
    PlainSerializer(lambda given: {name: entry.model_dump(exclude_defaults=True) for name, entry in given.items()}),
]


class GuardPlan(PlanPart):
    """How far the bot may act alone, per archetype, and when it is stopped.

    Attributes:
        version: Counts up with each change.
        owner: The one who may change it.
        state: `normal`, or where the owner has stopped everything: `fallback` or `killed`.
        lifted_at: When the owner lifted a stop of everything; trips before that are over.
        default: Holds for archetypes that have no entry, and where the archetype is unknown.
        archetypes: Entries by archetype.
        trips: Rules by which the guard stops by itself.
        promotion: What a promotion has to show.
        human_text: What the customer reads when nothing else answers.
        decisions: Decisions of the owner, newest last.
    """

    version: Annotated[int, Ge(1)] = 1
    owner: Name
    state: State = "normal"
    lifted_at: AwareDatetime | None = None
    default: Entry = Entry()
    archetypes: Archetypes = Field(default_factory=dict[str, Entry], max_length=MAX_ARCHETYPES)
    trips: Annotated[tuple[Rule, ...], MaxLen(MAX_RULES)] = ()
    promotion: Promotion = Promotion()
    human_text: Annotated[str, MinLen(1), MaxLen(2_000)] = HUMAN_TEXT
    decisions: tuple[PlanDecision, ...] = ()

    @field_validator("decisions", mode="after")
    @classmethod
    def _newest(cls, given: tuple[PlanDecision, ...]) -> tuple[PlanDecision, ...]:
        """Keep the newest, and all that rest on a verdict, which allows one promotion and no other."""
        newest = len(given) - MAX_DECISIONS
        return tuple(each for place, each in enumerate(given) if place >= newest or each.verdict is not None)

    @model_validator(mode="after")
    def _is_consistent(self) -> GuardPlan:
        if self.default.deflect:
            raise ValueError("default: deflect names archetypes one by one; the default is on no deflection list")
        names = [rule.name for rule in self.trips]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"trips: {', '.join(twice)} is the name of several rules")
        for rule in self.trips:
            missing = [name for name in rule.archetypes if name not in self.archetypes]
            if missing:
                raise ValueError(f"trips: {rule.name} is about {', '.join(missing)}, which has no entry")
        return self

    def entry(self, archetype: str | None) -> Entry:
        """Return what holds for an archetype."""
        return self.archetypes.get(archetype, self.default) if archetype is not None else self.default

    def changed(self, **changes: Any) -> GuardPlan:
        """Return the plan with some settings changed, validated again."""
        given = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self).model_validate({**given, **changes})

    def as_data(self) -> dict[str, Any]:
        """Return it as what JSON and YAML can hold, without what is as it is anyway."""
        return {"version": self.version, **self.model_dump(mode="json", exclude_defaults=True)}

    def moments(self, archetype: str | None) -> tuple[datetime, ...]:
        """Return when the owner has lifted stops that an archetype was under."""
        found = (self.lifted_at, self.entry(archetype).lifted_at)
        return tuple(moment for moment in found if moment is not None)
