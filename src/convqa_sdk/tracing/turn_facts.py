"""What is told of each turn that has ended to whoever watches the bot while it runs, such as a guard."""

from __future__ import annotations

from typing import NamedTuple, Protocol, runtime_checkable


class TurnFacts(NamedTuple):
    """A turn that has ended, in the few facts that a watcher decides by; no text of it.

    Attributes:
        conversation_id: Its conversation.
        archetype: Its archetype, None: unknown.
        status: `ok`, `error` or `cancelled`.
        latency_ms: Its duration, None: unknown.
        policy_violations: Codes of the violations that its policy checks found.
        signal_kind: Kind of the customer's signal, such as `correction`; None: none.
        kb_built_at: When the knowledge base behind it was built, Unix nanoseconds; None: unknown.
        at_ns: When it ended, Unix nanoseconds.
        signal_archetype: Archetype of the answer that the signal is about, which was an earlier turn's; None: unknown.
    """

    conversation_id: str
    archetype: str | None
    status: str
    latency_ms: float | None
    policy_violations: tuple[str, ...]
    signal_kind: str | None
    kb_built_at: int | None
    at_ns: int
    signal_archetype: str | None = None


@runtime_checkable
class Watcher(Protocol):
    """Watches turns and suggestions on the export thread; what it raises is isolated and counted."""

    def watch(self, facts: TurnFacts) -> None:
        """Take a turn that has ended, also one that is thinned out."""
        ...

    def suggested(self, accepted: bool, at_ns: int) -> None:
        """Take what a human did with a suggestion of the bot's, and when (Unix nanoseconds)."""
        ...
