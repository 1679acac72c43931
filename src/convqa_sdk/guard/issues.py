"""What a question is about, as the guard takes it: an intent by the map, an assigned archetype, or a name."""

from __future__ import annotations

import os
from typing import Any

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.isolation import once
from convqa_sdk.schema.archetypes import ArchetypeMap, Assigned
from convqa_sdk.tracing.values import Intent


class Issues:
    """Names the archetype of an issue.

    Args:
        archetypes: Gives an archetype to intents that state none: an `ArchetypeMap`, or its YAML file; None: nobody.

    Raises:
        ConfigurationError: It is neither.
        ImportError: PyYAML is not installed.
    """

    def __init__(self, archetypes: ArchetypeMap | str | os.PathLike[str] | None = None) -> None:
        if isinstance(archetypes, (str, os.PathLike)):
            archetypes = ArchetypeMap.load(archetypes)
        given: object = archetypes
        if given is not None and not isinstance(given, ArchetypeMap):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
            raise ConfigurationError(
                f"Guard: archetypes is {type(given).__name__}; give an ArchetypeMap, or the path of one in YAML"
            )
        self._map = archetypes

    def of(self, issue: object, confidence: Any) -> tuple[str | None, Any]:
        """Return an issue's archetype, None where nobody knows it, and the confidence, else the intent's own.

        Raises:
            TypeError: It is no issue.
        """
        if issue is None or isinstance(issue, str):
            return issue, confidence
        if isinstance(issue, Intent):
            return self._of_intent(issue), issue.confidence if confidence is None else confidence
        if isinstance(issue, Assigned):
            return issue.archetype, confidence
        raise TypeError

    def _of_intent(self, intent: Intent) -> str | None:
        if intent.archetype is not None or intent.tier is not None:
            return intent.archetype
        if self._map is None:
            once(
                "guard_without_archetypes",
                effect="an intent that states no archetype is decided by the plan's default",
                do="give Guard(archetypes=...) the map that configure(archetypes=...) has",
            )
            return None
        return self._map.of(intent.name).archetype
