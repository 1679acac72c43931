"""What travels on the queue: a whole turn, or a single span that belongs to none that is still open."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convqa_sdk.tracing.late import Late
    from convqa_sdk.tracing.stage import Stage
    from convqa_sdk.tracing.turn import Turn


class Unit(NamedTuple):
    """One thing to export or to lose, never in parts.

    Attributes:
        turn: The turn that the stages belong to, None outside a turn.
        stages: Finished stages in order of their end; the turn itself is not among them.
        size: Bytes held, as far as capture counted them.
        whole: True when the turn itself is part of the unit (False: a stage that ended after its turn).
        late: An outcome, a change or a session's end, instead of stages.
        thinned: True when the turn is left out by `sampling`: it is measured, and no span of it leaves.
    """

    turn: Turn | None
    stages: Sequence[Stage]
    size: int
    whole: bool
    late: Late | None = None
    thinned: bool = False
