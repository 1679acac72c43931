"""Customers who tell a human agent what they have told the bot: the handoff lost the context."""

from __future__ import annotations

from collections.abc import Iterable

from convqa_sdk.signals.folding import folded
from convqa_sdk.signals.phrases import DEFAULT_LANGUAGE, compiled

AGENT_TURNS = 3
"""Turns of the agent after a handoff in which it counts (KPI 9 of the metric specification)."""


def repeat_state(texts: Iterable[str], language: str = DEFAULT_LANGUAGE) -> bool:
    """Tell whether a customer says `as I told the bot already`, or the like.

    No labelled set of such turns is known: precision and recall are unmeasured, and a rate of it has to say so.

    Args:
        texts: What the customer wrote in the first `AGENT_TURNS` turns of the agent after the handoff; of each the
            first 1,000 characters are looked at.
        language: Such as `en`; in one without phrases nothing is found.
    """
    table = compiled(language)
    return table is not None and any(table.told_before.search(folded(text)) is not None for text in texts)
