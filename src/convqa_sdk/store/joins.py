"""Do outcomes find their conversation? Whoever records one cannot know; only who reads all of a store can."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from convqa_sdk.store.segments import StoredSpan
from convqa_sdk.store.versions import identity, in_force

RECONTACT_OF = "convqa.outcome.recontact.of"


@dataclass
class Joins:
    """How the outcomes of a store join its conversations.

    Attributes:
        outcomes: Outcomes in force.
        unmatched: Of these, such as are about a conversation of which the store has no turn and no stage.
        revisions: Versions that said something else than the one before.
        repeats: Versions that said the same again.
        shared_ids: Ids that outcomes of several conversations carry; each should be one outcome's.
        mixed_ids: Ids that outcomes of several kinds carry; each kind is counted as an outcome of its own.
        unknown_recontacts: Recontacts of a conversation that is not in the store.
    """

    outcomes: int = 0
    unmatched: int = 0
    revisions: int = 0
    repeats: int = 0
    shared_ids: int = 0
    mixed_ids: int = 0
    unknown_recontacts: int = 0

    @property
    def rate(self) -> float | None:
        """Share of the outcomes that belong to a known conversation (R-20 wants 0.98), None without any outcome."""
        return 1 - self.unmatched / self.outcomes if self.outcomes else None

    def as_json(self) -> dict[str, Any]:
        """Return the counts and the rate."""
        return {**vars(self), "join_rate": self.rate}


def join(outcomes: Mapping[str, Iterable[StoredSpan]], known: set[str]) -> Joins:
    """Count how outcomes join.

    Args:
        outcomes: Spans of outcomes by conversation, each once, in the order of writing.
        known: Conversations of which there is a turn or a stage.
    """
    result = Joins()
    owners: dict[tuple[str, str], set[str]] = {}
    kinds: dict[str, set[str]] = {}
    for conversation, versions in outcomes.items():
        found = in_force(versions)
        result.outcomes += len(found.outcomes)
        result.revisions += found.revisions
        result.repeats += found.repeats
        if conversation not in known:
            result.unmatched += len(found.outcomes)
        for outcome in found.outcomes:
            kind, name = identity(outcome)
            owners.setdefault((kind, name), set()).add(conversation)
            kinds.setdefault(name, set()).add(kind)
            earlier = outcome.attributes.get(RECONTACT_OF)
            result.unknown_recontacts += earlier is not None and str(earlier) not in known
    result.shared_ids = sum(len(conversations) > 1 for conversations in owners.values())
    result.mixed_ids = sum(len(shared) > 1 for shared in kinds.values())
    return result
