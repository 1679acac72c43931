"""A unit's spans for each destination: each text is searched once, and destinations with equal policies share spans."""

from __future__ import annotations

from collections.abc import Sequence

from opentelemetry.sdk.trace import ReadableSpan

from convqa_sdk.export.evaluations import Evaluations
from convqa_sdk.export.known import Lookup, prepare
from convqa_sdk.export.losses import Loss
from convqa_sdk.export.materialise import Materialiser
from convqa_sdk.redaction.detection import Detection
from convqa_sdk.tracing.unit import Unit


class Renderings:
    """Makes spans under the policy of each destination.

    Args:
        materialisers: One for each destination, in their order; the same one where policies are equal.
        detection: What all of them search with.
        lookup: Tells what is known of a customer; None: nobody does.
        evaluations: Emits what outcomes judge as log events; None: nobody does.

    Attributes:
        materialisers: As given.
    """

    def __init__(
        self,
        materialisers: Sequence[Materialiser],
        detection: Detection,
        lookup: Lookup | None = None,
        evaluations: Evaluations | None = None,
    ) -> None:
        self.materialisers = tuple(materialisers)
        self._distinct = tuple(dict.fromkeys(self.materialisers))
        self._detection = detection
        self._lookup = lookup
        self._evaluations = evaluations

    def spans(self, unit: Unit) -> list[list[ReadableSpan]]:
        """Return a unit's spans for each destination, the turn last; the same list where policies are equal."""
        if self._detection.particular:
            self._detection.forget()  # a fork may have copied it amid a unit of the parent's
        try:
            for materialiser in self._distinct:
                materialiser.prepare()
            prepare(self._detection, unit, self._lookup)
            made = {materialiser: materialiser.spans(unit) for materialiser in self._distinct}
            if self._evaluations is not None:
                self._evaluations.emit(unit)
            return [made[materialiser] for materialiser in self.materialisers]
        finally:
            self._detection.forget()  # no raw text outlasts its unit

    def loss(self, destination: int, loss: Loss, count: int) -> ReadableSpan:
        """Return the span that tells a destination, by its place, what was lost."""
        return self.materialisers[destination].loss(loss, count)
