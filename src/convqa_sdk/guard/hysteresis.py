"""Trips at a threshold, at once; resets only after the value was good for a while, so two trips lie a hold apart."""

from __future__ import annotations

from typing import Literal

from convqa_sdk.guard.metrics import METRICS
from convqa_sdk.guard.plan import Rule
from convqa_sdk.guard.windows import Reading

Turned = Literal["tripped", "reset"]


class Hysteresis:
    """One rule, for one archetype or for all.

    Attributes:
        tripped: Whether it is.
        since_ns: When it last turned; None: it never has.
        reading: What its window showed last.
    """

    __slots__ = ("_good_since_ns", "_rule", "reading", "since_ns", "tripped")

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._good_since_ns: int | None = None
        self.tripped = False
        self.since_ns: int | None = None
        self.reading = Reading(None, 0)

    def judge(self, reading: Reading, now_ns: int) -> Turned | None:
        """Take what the window shows, and say whether the rule has turned.

        Too few observations, or none, say nothing: what is tripped stays so, and has to be good for the whole hold
        again.
        """
        self.reading = reading
        rule = self._rule
        if reading.value is None or reading.samples < rule.min_count:
            self._good_since_ns = None
            return None
        falls = METRICS[rule.metric].falls
        if not self.tripped:
            bad = reading.value <= rule.threshold if falls else reading.value >= rule.threshold
            return self._turn("tripped", now_ns) if bad else None
        good = reading.value > rule.reset_at if falls else reading.value < rule.reset_at
        if not good:
            self._good_since_ns = None
            return None
        if self._good_since_ns is None:
            self._good_since_ns = now_ns
        held = now_ns - self._good_since_ns >= int(rule.hold_s * 1e9)
        return self._turn("reset", now_ns) if held else None

    def lift(self) -> None:
        """Arm it again, as the owner says so."""
        self.tripped = False
        self.since_ns = None
        self._good_since_ns = None

    def under(self, rule: Rule) -> Hysteresis:
        """Return it under a rule that has changed: as tripped as it was, and good for no time yet."""
        changed = Hysteresis(rule)
        changed.tripped, changed.since_ns, changed.reading = self.tripped, self.since_ns, self.reading
        return changed

    def _turn(self, turned: Turned, now_ns: int) -> Turned:
        self.tripped = turned == "tripped"
        self.since_ns = now_ns
        self._good_since_ns = None
        return turned
