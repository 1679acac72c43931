"""Detectors of the application's, held to a budget of time, so that a slow one does not hold up all telemetry."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any, Final

from convqa_sdk.isolation import fault

BUDGET_S: Final = 0.25
"""What one call of a detector may take by the clock, as a recognizer may."""
STRIKES: Final = 3
"""Calls in a row over the budget after which a detector is asked no more."""


class NotAskedError(Exception):
    """The detector was too slow too often; it is not asked any more."""


class Budgeted:
    """Calls a detector, and stops asking it when it is too slow three times in a row.

    Nobody can interrupt a call: one that never returns ends the export. What it returns late still counts.

    Args:
        detector: The application's.
        name: Name of the detector, for the count of faults.
    """

    def __init__(self, detector: Callable[..., Any], name: str) -> None:
        self._detector = detector
        self._name = name
        self._strikes = 0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return what the detector returns.

        Raises:
            NotAskedError: It was too slow too often.
        """
        if self._strikes >= STRIKES:
            raise NotAskedError
        started = monotonic()
        try:
            return self._detector(*args, **kwargs)
        finally:
            if monotonic() - started <= BUDGET_S:
                self._strikes = 0
            else:
                self._strikes += 1
                fault(f"detector.{self._name}.slow", limit=f"{BUDGET_S} s; not asked any more after {STRIKES} in a row")
