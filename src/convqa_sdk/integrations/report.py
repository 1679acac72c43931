"""What a replay wrote, and what it could not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class ReplayReport:
    """Counts of one replay.

    Attributes:
        conversations: Conversations replayed.
        spans: Spans by stage; `turn` and `outcome` are among them.
        cancelled: Turns that no answer ended.
        input_tokens: Sum over the generations.
        output_tokens: Sum over the generations.
        customer_actions: Events for what customers did themselves.
        resolutions: Recorded outcomes by state.
        cost_usd: Sum of the known costs.
        costs: Generations whose cost is `known`, `unknown`, or `unstated` (a price table may tell).
        warnings: What was assumed or is missing in the transcripts, by rule; nothing was lost by it.
        left_out: Conversations and entries that were not replayed, by rule.
        lost: Turns and outcomes that did not reach their destination, by cause.
        faults: Faults of ours that were isolated, by cause; they name what `lost` counts, and more.
        violations: Fields that are missing or invalid, by name.
    """

    conversations: int = 0
    spans: Counter[str] = field(default_factory=Counter[str])
    cancelled: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    customer_actions: int = 0
    resolutions: Counter[str] = field(default_factory=Counter[str])
    cost_usd: float = 0.0
    costs: Counter[str] = field(default_factory=Counter[str])
    warnings: Counter[str] = field(default_factory=Counter[str])
    left_out: Counter[str] = field(default_factory=Counter[str])
    lost: dict[str, int] = field(default_factory=dict[str, int])
    faults: dict[str, int] = field(default_factory=dict[str, int])
    violations: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def complete(self) -> bool:
        """Whether everything in the transcripts arrived."""
        return not (self.left_out or self.lost or self.faults)

    def as_json(self) -> dict[str, Any]:
        """Return the form of `convqa replay --json`."""
        return {
            "conversations": self.conversations,
            "turns": self.spans["turn"],
            "cancelled_turns": self.cancelled,
            "spans": dict(self.spans),
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "customer_actions": self.customer_actions,
            "outcomes": self.spans["outcome"],
            "resolutions": dict(self.resolutions),
            "cost_usd": {"sum": self.cost_usd, **{name: self.costs[name] for name in ("known", "unknown", "unstated")}},
            "warnings": dict(self.warnings),
            "left_out": dict(self.left_out),
            "lost": self.lost,
            "faults": self.faults,
            "violations": self.violations,
        }
