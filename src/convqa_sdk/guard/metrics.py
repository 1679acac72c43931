"""What a guard can watch: the metrics, what each counts, and which way is bad."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

MetricName = Literal[
    "policy_violations",
    "policy_violation_count",
    "corrections",
    "suggestion_acceptance",
    "error_rate",
    "latency_p95_ms",
    "kb_age_s",
]
Statistic = Literal["share", "sum", "p95", "age"]


class Metric(NamedTuple):
    """One metric.

    Attributes:
        statistic: How a window's observations become one value.
        falls: Whether low values are bad.
        brief: What is observed, for people.
    """

    statistic: Statistic
    falls: bool
    brief: str

    @property
    def share(self) -> bool:
        """Whether the value is a share, of observations that are 0 or 1."""
        return self.statistic == "share"


METRICS: Final[Mapping[MetricName, Metric]] = MappingProxyType(
    {
        "policy_violations": Metric("share", False, "turns with a policy violation, of all turns"),
        "policy_violation_count": Metric("sum", False, "policy violations in the window"),
        "corrections": Metric("share", False, "answers that the customer corrects, of all turns"),
        "suggestion_acceptance": Metric("share", True, "accepted suggestions, of all that a human has decided on"),
        "error_rate": Metric("share", False, "turns that ended with an error, of all that were not cancelled"),
        "latency_p95_ms": Metric("p95", False, "95th percentile of the turns' duration, in ms"),
        "kb_age_s": Metric("age", False, "age of the knowledge base that was used last, in seconds"),
    }
)
