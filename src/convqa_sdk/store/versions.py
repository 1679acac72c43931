"""Versions of outcomes: append-only, the newest observation is in force, whoever wrote it where and in which order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from convqa_sdk.store.segments import StoredSpan

_PREFIX = "convqa.outcome."
_OBSERVED, _AT = f"{_PREFIX}observed_at", f"{_PREFIX}at"


@dataclass
class InForce:
    """What holds of the versions of outcomes.

    Attributes:
        outcomes: Of each outcome, the version in force, by event time.
        revisions: Versions that said something else than the one before.
        repeats: Versions that said the same again.
    """

    outcomes: list[StoredSpan] = field(default_factory=list[StoredSpan])
    revisions: int = 0
    repeats: int = 0


def in_force(versions: Iterable[StoredSpan]) -> InForce:
    """Return what holds of versions of outcomes of one conversation.

    The same id under the same kind is the same outcome. A version that says the same as the one before it is a repeat
    and changes nothing, not even the event time that a retry would set to now. Of two that were observed in the same
    microsecond the greater text decides, so that every reader decides alike; without any observation time (not of
    ours), the order of writing does.

    Args:
        versions: Spans of outcomes in the order of writing, each once.
    """
    result = InForce()
    newest: dict[tuple[str, str], tuple[StoredSpan, str]] = {}
    said = [(version, _said(version)) for version in versions]
    for version, text in sorted(said, key=_order):
        before = newest.get(key := identity(version))
        if before is not None and before[1] == text:
            result.repeats += 1
            continue
        result.revisions += before is not None
        newest[key] = (version, text)
    result.outcomes = sorted((version for version, _ in newest.values()), key=_happened)
    return result


def identity(version: StoredSpan) -> tuple[str, str]:
    """Return an outcome's kind and id; one without id stands for itself."""
    return (
        str(version.attributes.get(f"{_PREFIX}kind", "")),
        str(version.attributes.get(f"{_PREFIX}id", version.span_id)),
    )


def _order(one: tuple[StoredSpan, str]) -> tuple[str, str]:
    """Return by what versions are ordered: the time of observation, which sorts as text (RFC 3339), then the text."""
    version, text = one
    observed = str(version.attributes.get(_OBSERVED, ""))
    return (observed, text if observed else "")


def _said(version: StoredSpan) -> str:
    """Return what a version says, as text; an event time that is the observation's was not given, and says nothing."""
    a: Mapping[str, object] = version.attributes
    left_out = {_OBSERVED, _AT} if a.get(_AT) == a.get(_OBSERVED) else {_OBSERVED}
    said = {key: value for key, value in a.items() if key.startswith(_PREFIX) and key not in left_out}
    return json.dumps(said, sort_keys=True, default=str)


def _happened(version: StoredSpan) -> tuple[int, str]:
    return (version.start_ns, version.span_id)
