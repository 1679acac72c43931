"""Intervals for shares, from integer counts."""

from __future__ import annotations

from statistics import NormalDist
from typing import NamedTuple


class Share(NamedTuple):
    """A share with its interval.

    Attributes:
        successes: Numerator.
        trials: Denominator.
        low: Lower end, 0 to 1.
        high: Upper end, 0 to 1.
    """

    successes: int
    trials: int
    low: float
    high: float

    @property
    def value(self) -> float | None:
        """The share itself; None of no trials: unknown is not zero."""
        return self.successes / self.trials if self.trials else None


def wilson(successes: int, trials: int, confidence: float = 0.95) -> Share:
    """Return a share with its Wilson score interval (Newcombe, Statistics in Medicine 17:857-872, 1998, method 3).

    Args:
        successes: How many of the trials.
        trials: How many at all; of none, the interval is from 0 to 1.
        confidence: Two-sided, between 0 and 1.

    Raises:
        ValueError: The counts are no counts of a share, or the confidence is none.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"got {successes} of {trials}; give counts with 0 <= successes <= trials")
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"got a confidence of {confidence}; give one between 0 and 1, such as 0.95")
    if not trials:
        return Share(0, 0, 0.0, 1.0)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = successes / trials
    middle = share + z * z / (2 * trials)
    reach = z * (share * (1 - share) / trials + z * z / (4 * trials * trials)) ** 0.5
    scale = 1 + z * z / trials
    return Share(successes, trials, max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale))
