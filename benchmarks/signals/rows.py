"""One measured share: of which detector, on which source, beside what the baseline does there."""

from __future__ import annotations

from typing import NamedTuple

from convqa_sdk.stats.intervals import wilson


class Row(NamedTuple):
    """A share with its 95 % Wilson interval; of two sources, two rows: sources are never pooled.

    Attributes:
        detector: Name in `convqa_sdk.signals`, and the kind it finds, such as `user_signal.correction`.
        source: Data set and part, such as `correction_labels, SelfFeeding`.
        measure: `precision`, `recall`, `false alarms`, or what else the share is of.
        successes: Numerator.
        trials: Denominator.
        low: Lower end of the interval.
        high: Upper end.
        baseline: The same share for the rule that everyone starts with; None where it has none.
    """

    detector: str
    source: str
    measure: str
    successes: int
    trials: int
    low: float
    high: float
    baseline: float | None = None

    @property
    def value(self) -> float | None:
        """The share; None of no trials."""
        return self.successes / self.trials if self.trials else None


def row(
    detector: str, source: str, measure: str, successes: int, trials: int, baseline: tuple[int, int] | None = None
) -> Row:
    """Return a row with its interval; the baseline as successes and trials of its own."""
    share = wilson(successes, trials)
    before = baseline[0] / baseline[1] if baseline is not None and baseline[1] else None
    return Row(detector, source, measure, successes, trials, share.low, share.high, before)


def table(rows: list[Row]) -> str:
    """Return rows as a Markdown table."""
    lines = ["| detector | source | measure | share | 95 % interval | baseline |", "|---|---|---|---|---|---|"]
    for one in rows:
        share = "-" if one.value is None else f"{one.value:.3f} ({one.successes}/{one.trials})"
        before = "-" if one.baseline is None else f"{one.baseline:.3f}"
        lines.append(
            f"| {one.detector} | {one.source} | {one.measure} | {share} | {one.low:.3f} to {one.high:.3f} | {before} |"
        )
    return "\n".join(lines)
