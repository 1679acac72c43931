"""The ArchetypeMap: which intents make which archetype, of which tier, and the one rule that gives a conversation one.

Tiers say how far a bot may go: 1 repetitive, 2 FAQ-bounded, 3 account-specific, and the tail, where nothing is known.
The map is versioned data of the team's; both wings read it, the bot to name archetypes and a job to check them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final, NamedTuple, cast, get_args

from annotated_types import Ge, Le
from pydantic import BaseModel, BeforeValidator, ConfigDict, PrivateAttr, ValidationError, model_validator
from typing_extensions import Self

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.schema import archetypes_yaml
from convqa_sdk.schema.complaints import plainly
from convqa_sdk.schema.vocabulary import Identifier, TierValue

BANDS: Final[Mapping[str, tuple[float, float]]] = {"1": (0.40, 0.60), "2": (0.15, 0.30), "3": (0.03, 0.10)}
"""Share of deflected conversations to expect, by tier (metrics.md, KPI 1); the tail has none."""
OPTIMISED: Final = frozenset({"1", "2"})
"""Tiers that may be given a deflection target; tier 3 never, and the tail has no band to judge one by."""
_ORDER: Final[Mapping[str | None, int]] = {"3": 4, "2": 3, "1": 2, None: 1, "tail": 0}
"""How much a tier decides over others: the most account-specific most, and what is known more than the tail."""
_TIERS: Final = get_args(TierValue)


class Assigned(NamedTuple):
    """What a conversation, or one intent, counts as.

    Attributes:
        archetype: Name of the archetype.
        tier: Its tier, None where a bot named an archetype without one.
    """

    archetype: str
    tier: TierValue | None


TAIL: Final = Assigned("tail", "tail")


def hardest(assigned: Iterable[Assigned]) -> Assigned:
    """Return the one archetype of a conversation, from those of its intents: the rule, for every reader.

    The most account-specific tier wins (3, then 2, then 1, then a tier that is not known, then the tail), within a tier
    the name that is first in the alphabet. So the order of the turns does not matter, a repeat changes nothing, and
    partial views of a conversation can be merged in any order: it is the greatest element of a total order. One
    account-specific question makes the whole conversation one that is never optimised for deflection.

    Args:
        assigned: Of each intent that was found; none: the tail.
    """
    return min(assigned, key=lambda one: (-_ORDER.get(one.tier, 1), one.archetype), default=TAIL)


def _tier(given: object) -> object:
    """Take the 1 of YAML for a name of a tier; refuse several."""
    if isinstance(given, (list, tuple)):
        raise ValueError("an archetype has one tier; give one of 1, 2, 3, tail")
    named = str(given) if type(given) is int else given
    if named not in _TIERS:
        raise ValueError("give one of 1 (repetitive), 2 (FAQ-bounded), 3 (account-specific), tail")
    return named


def _one_or_several(given: object) -> object:
    return (given,) if isinstance(given, str) else given


class Archetype(BaseModel):
    """One archetype of issues.

    Attributes:
        name: Its id, such as `order_status`.
        tier: `1`, `2`, `3` or `tail`.
        intents: Classes of the team's taxonomy; `order_*` means every class that begins so.
        deflection_target: Share of deflected conversations to aim at, None without one; only in tiers 1 and 2.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Identifier
    tier: Annotated[TierValue, BeforeValidator(_tier)]
    intents: Annotated[tuple[Identifier, ...], BeforeValidator(_one_or_several)] = ()
    deflection_target: Annotated[float, Ge(0.0), Le(1.0)] | None = None

    @model_validator(mode="after")
    def _may_have_its_target(self) -> Self:
        if self.deflection_target is not None and self.tier not in OPTIMISED:
            why = "tier 3 is never optimised for deflection" if self.tier == "3" else "the tail has no band to judge it"
            raise ValueError(f"deflection_target: {why}; take it out, or give the archetype another tier")
        for intent in self.intents:
            if "*" in intent[:-1] or intent == "*":
                raise ValueError(
                    "intents: an asterisk stands at the end, behind the beginning of a class, as in order_*; "
                    "a class that nothing names is in the tail anyway"
                )
        return self


def _by_name(given: object) -> object:
    """Take a mapping of names for a sequence."""
    if not isinstance(given, Mapping):
        return given
    named = cast("Mapping[object, object]", given)
    if not all(isinstance(rest, Mapping) for rest in named.values()):
        raise ValueError("each archetype is a mapping such as order_status: {tier: 1, intents: [order_*]}")
    return [{"name": name, **cast("Mapping[str, object]", rest)} for name, rest in named.items()]


class ArchetypeMap(BaseModel):
    """From intents to archetypes, under a version.

    An exact class counts before a beginning, and a longer beginning before a shorter one; what nothing names is `TAIL`.

    Attributes:
        version: The team's own name of this state of the map.
        archetypes: The archetypes; a mapping of names is taken as well.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Identifier
    archetypes: Annotated[tuple[Archetype, ...], BeforeValidator(_by_name)]

    _exact: dict[str, Assigned] = PrivateAttr(default_factory=dict)
    _beginnings: tuple[tuple[str, Assigned], ...] = PrivateAttr(())

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        tiers: dict[str, TierValue] = {}
        owners: dict[str, str] = {}
        for one in self.archetypes:
            if one.name in tiers:
                other = tiers[one.name]
                how = f"has two tiers, {other} and {one.tier}" if other != one.tier else "stands here twice"
                raise ValueError(f"archetypes: {one.name} {how}")
            if one.name == TAIL.archetype and one.tier != TAIL.tier:
                raise ValueError("archetypes: tail is what nothing names; its tier is tail")
            tiers[one.name] = one.tier
            for intent in one.intents:
                if owners.setdefault(intent, one.name) != one.name:
                    raise ValueError(f"archetypes: the intent {intent} is in two, {owners[intent]} and {one.name}")
        assigned = {intent: Assigned(name, tiers[name]) for intent, name in owners.items()}
        beginnings = [(intent[:-1], one) for intent, one in assigned.items() if intent.endswith("*")]
        self._exact = {intent: one for intent, one in assigned.items() if not intent.endswith("*")}
        self._beginnings = tuple(sorted(beginnings, key=lambda pair: -len(pair[0])))
        return self

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Return the map in a YAML file (extra `yaml`).

        Raises:
            ConfigurationError: It cannot be read, or contradicts itself; names file, place and rule.
            ImportError: PyYAML is not installed.
        """
        try:
            return cls.model_validate(archetypes_yaml.read(Path(path)))
        except ValidationError as error:
            problems = error.errors(include_url=False, include_input=False, include_context=False)
            told = "; ".join(_told(each["loc"], plainly(each["type"], each["msg"])) for each in problems[:5])
            raise ConfigurationError(f"{path}: {told}") from None

    def of(self, intent: str | None) -> Assigned:
        """Return what one intent counts as; None, and what nothing names, is the tail."""
        if intent is None:
            return TAIL
        exact = self._exact.get(intent)
        if exact is not None:
            return exact
        return next((one for beginning, one in self._beginnings if intent.startswith(beginning)), TAIL)

    def added(self, intent: object, archetype: object, tier: object) -> Assigned | None:
        """Return what the map adds to what a bot states of an intent; None: nothing.

        What is stated counts: the map gives an archetype to an intent that states neither that nor a tier, and a tier
        to an archetype that states none.

        Args:
            intent: Its class.
            archetype: The archetype that the bot states, None: none.
            tier: The tier that it states, None: none.
        """
        if tier is not None:
            return None
        if archetype is None:
            return self.of(intent) if isinstance(intent, str) else None
        known = self.tier_of(archetype) if isinstance(archetype, str) else None
        return Assigned(str(archetype), known) if known is not None else None

    def archetype_of(self, intents: Iterable[str | None]) -> Assigned:
        """Return the one archetype of a conversation with these intents, by the rule of `hardest`."""
        return hardest(map(self.of, intents))

    def tier_of(self, archetype: str) -> TierValue | None:
        """Return an archetype's tier, None where the map has no such archetype."""
        if archetype == TAIL.archetype:
            return TAIL.tier
        return next((one.tier for one in self.archetypes if one.name == archetype), None)

    def may_optimise_deflection(self, archetype: str) -> bool:
        """Tell whether an archetype may be given a deflection target; tier 3, the tail and unknown ones never."""
        return self.tier_of(archetype) in OPTIMISED


def _told(place: Sequence[int | str], message: str) -> str:
    """Return a complaint with its place; a name that the file has made up is shown only where it looks like one."""
    names = [str(step) for step in place if isinstance(step, int) or re.fullmatch(r"\w{1,64}", step)]
    return f"{'.'.join(names)}{': ' if names else ''}{message}"
