"""What a measure is: cases that are run in processes of their own, interleaved, and the figures that each run gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from environments import OWN
from variants import SOURCES

Figures = dict[str, float]


@dataclass(frozen=True)
class Case:
    """One row of a table.

    Attributes:
        label: Name of the row.
        variant: What records the turns, a key of `SOURCES`; empty: nothing does.
        mode: `on`, `off`, `unconfigured` or `thinned`.
        settings: What the measure varies besides.
    """

    label: str
    variant: str = ""
    mode: str = "on"
    settings: Mapping[str, float | str] = field(default_factory=dict[str, float | str])

    @property
    def environment(self) -> str:
        """Name of the environment that it runs in."""
        return SOURCES[self.variant].environment if self.variant else OWN


def beside_by_hand(loads: Mapping[str, Mapping[str, float | str]]) -> tuple[Case, ...]:
    """Return the rows of loads: of each, OpenTelemetry by hand, this package, and that with google-re2.

    Args:
        loads: Their settings by their names.
    """
    recorders = (
        ("OpenTelemetry by hand", "by_hand"),
        ("**convqa-sdk**", "convqa"),
        ("**convqa-sdk**, google-re2", "convqa_re2"),
    )
    return tuple(
        Case(f"{label}, {load}", variant, settings=settings)
        for load, settings in loads.items()
        for label, variant in recorders
    )


@dataclass(frozen=True)
class Column:
    """One figure of a table.

    Attributes:
        key: Its key in the figures of a run.
        heading: What it is, with its unit.
        digits: Decimals shown.
        ratio: Whether its ratio to the first row is shown as well.
    """

    key: str
    heading: str
    digits: int = 1
    ratio: bool = False


@dataclass(frozen=True)
class Target:
    """What a figure must reach.

    Attributes:
        label: Row.
        column: Column.
        limit: Most that it may be.
        ratio: Whether the ratio to the first row is meant.
        at_least: Whether it is the least instead.
    """

    label: str
    column: str
    limit: float
    ratio: bool = False
    at_least: bool = False


@dataclass(frozen=True)
class Measure:
    """One table.

    Attributes:
        title: What is measured.
        explanation: How, in sentences, one per line.
        cases: Its rows; the first is what ratios refer to.
        columns: Its figures.
        run: Measures one case in this process; it gets the seconds or turns that `effort` says.
        effort: How much of it, and how much with `--quick`.
        repeat: Interleaved runs.
        targets: What must be reached.
        together: Whether all cases may run at once, because they mostly wait.
    """

    title: str
    explanation: str
    cases: tuple[Case, ...]
    columns: tuple[Column, ...]
    run: Callable[[Case, float], Figures]
    effort: tuple[float, float]
    repeat: int = 5
    targets: tuple[Target, ...] = ()
    together: bool = False
