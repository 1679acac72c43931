"""Customers who say the same again because the bot did not answer."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import NamedTuple

from convqa_sdk.signals.requests import SIMILAR, Similarity, similarity

WITHIN = 4
"""Turns of the customer after a fallback or refusal in which a loop closes (R-11 of the metric specification)."""

Tokens = frozenset[Hashable]
Turn = tuple[Tokens, bool]
"""Tokens of a request, and whether the answer to it was an uncertainty fallback or a refusal."""


class LoopState(NamedTuple):
    """Rephrase loops so far, and the few turns that a next one may be made of.

    A loop is two similar requests within the `WITHIN` turns of the customer after a fallback or refusal: two that are
    like each other, or both like the request that was not answered. It closes at the second one, and counts once; the
    turn at which it closes may open the next. Requests without words of their own (`yes`) are like nothing.

    Attributes:
        loops: Loops that have closed.
        recent: The turns from the oldest fallback or refusal on that can still be part of a loop, the oldest first, at
            most `WITHIN`; empty while all is well.
    """

    loops: int = 0
    recent: tuple[Turn, ...] = ()

    def step(self, tokens: Tokens, fallback: bool, *, alike: Similarity = similarity) -> LoopState:
        """Return the state after a turn.

        Args:
            tokens: Of the customer's request (`request_tokens`), or keyed hashes of them, of the same key throughout.
            fallback: Whether the answer was an uncertainty fallback or a refusal.
            alike: How alike two requests are.
        """
        closed = any(self._closes(tokens, opening, alike) for opening, (_, failed) in enumerate(self.recent) if failed)
        turns = (() if closed else self.recent) + ((tokens, fallback),)
        turns = turns[-WITHIN:]
        oldest = next((place for place, (_, failed) in enumerate(turns) if failed), len(turns))
        return LoopState(self.loops + closed, turns[oldest:])

    def _closes(self, tokens: Tokens, opening: int, alike: Similarity) -> bool:
        refused = self.recent[opening][0]
        again = alike(tokens, refused) >= SIMILAR
        return any(
            alike(tokens, between) >= SIMILAR or (again and alike(between, refused) >= SIMILAR)
            for between, _ in self.recent[opening + 1 :]
        )


def rephrase_loops(turns: Iterable[Turn], *, alike: Similarity = similarity) -> int:
    """Return how many rephrase loops a conversation has.

    Args:
        turns: Tokens of each request, and whether the answer to it was an uncertainty fallback or a refusal.
        alike: How alike two requests are.
    """
    state = LoopState()
    for tokens, fallback in turns:
        state = state.step(tokens, fallback, alike=alike)
    return state.loops
