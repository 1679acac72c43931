"""Notices a guard whose rules see nothing: it is asked turn after turn, and nobody tells it how they went."""

from __future__ import annotations

from typing import Final

from convqa_sdk.isolation import once

UNFED_S: Final = 60.0
"""How long after the first question the first turn, which ends and is exported first, may take to come back."""


class Feeding:
    """Whether anything reaches the rules of a guard.

    Attributes:
        asked: Whether the guard was ever asked; set in the bot's turn, where nothing is looked at.
        fed: Whether it was ever told of a turn, or of what somebody has seen.
    """

    __slots__ = ("_since_ns", "asked", "fed")

    def __init__(self) -> None:
        self.asked = False
        self.fed = False
        self._since_ns: int | None = None

    def check(self, now_ns: int) -> None:
        """Say once when rules have seen nothing for too long; only called where there are rules."""
        if self.fed or not self.asked:
            return
        if self._since_ns is None:
            self._since_ns = now_ns
        elif now_ns - self._since_ns > UNFED_S * 1e9:
            once(
                "guard_unfed",
                effect="the plan has trips, and no rule of them ever fires",
                do="give the guard to configure(guard=...), or tell it with guard.observe(...)",
            )
