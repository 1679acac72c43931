"""A unit's spans for each destination: each text is searched once, and destinations with equal policies share spans."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from opentelemetry.sdk.trace import ReadableSpan

from convqa_sdk.export.evaluations import Evaluations
from convqa_sdk.export.flattening import flattened
from convqa_sdk.export.known import Lookup, prepare
from convqa_sdk.export.losses import Loss
from convqa_sdk.export.materialise import Materialiser
from convqa_sdk.export.meaning import Meaning
from convqa_sdk.export.measuring import EVENTS, MEASURED, Measuring
from convqa_sdk.export.watching import Watching
from convqa_sdk.redaction.detection import Detection
from convqa_sdk.schema.archetypes import ArchetypeMap
from convqa_sdk.tracing.unit import Unit


class Renderings:
    """Makes spans under the policy of each destination.

    Args:
        materialisers: One for each destination, in their order; the same one where policies are equal.
        detection: What all of them search with.
        key: Gives what hashes passages; None: no hashes.
        meaning: Works out the events of a turn.
        watching: Tells whoever watches.
        pause: Called between pieces of work, so that the export thread yields the interpreter.
        archetypes: Gives an archetype to intents whose stage states none; None: nobody does.
        lookup: Tells what is known of a customer; None: nobody does.
        measuring: Measures what is made; None: nobody does.
        measured: Makes the spans that are measured: the policy that no destination has changed.
        evaluations: Emits what outcomes judge as log events; None: nobody does.

    Attributes:
        materialisers: As given.
    """

    def __init__(
        self,
        materialisers: Sequence[Materialiser],
        detection: Detection,
        *,
        key: Callable[[], bytes | None],
        meaning: Meaning,
        watching: Watching,
        pause: Callable[[], None],
        archetypes: ArchetypeMap | None = None,
        lookup: Lookup | None = None,
        measuring: Measuring | None = None,
        measured: Materialiser | None = None,
        evaluations: Evaluations | None = None,
    ) -> None:
        self.materialisers = tuple(materialisers)
        self._distinct = tuple(dict.fromkeys(self.materialisers))
        self._detection = detection
        self._key = key
        self._meaning = meaning
        self._watching = watching
        self._pause = pause
        self._archetypes = archetypes
        self._lookup = lookup
        self._measuring = measuring
        self._measured = measured
        self._evaluations = evaluations

    def spans(self, unit: Unit) -> list[list[ReadableSpan]]:
        """Return a unit's spans for each destination, the turn last; the same list where policies are equal."""
        if self._detection.particular:
            self._detection.forget()  # a fork may have copied it amid a unit of the parent's
        try:
            for materialiser in self._distinct:
                materialiser.prepare()
            prepare(self._detection, unit, self._lookup)
            flat = self._meaning.told(flattened(unit, self._key(), self._pause, self._archetypes))
            self._watching.tell(flat)
            made = {materialiser: materialiser.spans(flat) for materialiser in self._distinct}
            if self._measuring is not None and self._measured is not None and self._measuring.wanted:
                spans = made.get(self._measured)
                self._measuring.measure(self._measured.spans(flat) if spans is None else spans)
            if self._evaluations is not None:
                self._evaluations.emit(flat)
            return [made[materialiser] for materialiser in self.materialisers]
        finally:
            self._detection.forget()  # no raw text outlasts its unit

    def measure(self, unit: Unit) -> None:
        """Measure a unit of which no span leaves."""
        if self._detection.particular:
            self._detection.forget()
        try:
            if self._measured is not None:
                self._measured.prepare()
            prepare(self._detection, unit, self._lookup)
            flat = self._meaning.told(flattened(unit, None, self._pause, self._archetypes))
            self._watching.tell(flat)
            if self._measuring is not None and self._measured is not None and self._measuring.wanted:
                self._measuring.measure(self._measured.outline(flat, MEASURED, EVENTS))
        finally:
            self._detection.forget()

    def missed(self, unit: Unit) -> None:
        """Note that a unit is lost before anybody could read it."""
        if unit.whole and unit.turn is not None:
            self._meaning.missed(unit.turn)

    def settle(self) -> None:
        """Hand over what was measured so far."""
        if self._measuring is not None:
            self._measuring.settle()

    def loss(self, destination: int, loss: Loss, count: int) -> ReadableSpan:
        """Return the span that tells a destination, by its place, what was lost."""
        return self.materialisers[destination].loss(loss, count)
