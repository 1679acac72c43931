"""The four events of a turn as people read them: one line each, and none where there is nothing to say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from convqa_sdk.cli.text import clean

Facts = Mapping[str, Any]
BETWEEN: Final = " · "


def told(name: str, facts: Facts) -> str | None:
    """Return an event as a line of text: empty if it says nothing worth a line, None if it is none of the four."""
    line = _LINES.get(name)
    return None if line is None else line(facts)


def _grounding(facts: Facts) -> str:
    required, grounded = facts.get("required_evidence_count", 0), facts.get("grounded_evidence_count", 0)
    parts = [f"grounded {grounded} of {required}"] if required else []
    for label, key in (
        ("missing", "missing_evidence"),
        ("tools that failed", "failed_tools"),
        ("tools that do not exist", "unsupported_tools"),
    ):
        if names := _names(facts.get(key)):
            parts.append(f"{label}: {names}")
    if facts.get("claim_rewrites"):
        parts.append(f"rewritten: {facts['claim_rewrites']}")
    return BETWEEN.join(parts)


def _correction(facts: Facts) -> str:
    since = facts.get("turns_since_assistant_reply")
    after = f"{since} message{'s' * (since != 1)} after the answer"
    pattern = clean(str(facts.get("matched_pattern", "")), 60)
    kind = clean(str(facts.get("signal_kind", "")).replace("_", " "), 40)
    return f"customer: {kind} ({pattern}), {after}"


def _refusal(facts: Facts) -> str:
    hard, unsure = facts.get("is_hard_refusal"), facts.get("is_uncertainty_fallback")
    parts = ["hard refusal" if hard else "uncertain" if unsure else "partial refusal"]
    parts.append("next step" if facts.get("has_next_step") else "no next step")
    if facts.get("has_followup_question"):
        parts.append("asks back")
    return BETWEEN.join(parts)


def _snapshot(facts: Facts) -> str:
    parts = [f"{facts.get('turn_depth', 0)} messages so far"]
    if facts.get("rephrase_loop_count"):
        parts.append(f"{facts['rephrase_loop_count']} rephrase loops")
    if (bubbles := _number(facts.get("avg_bubbles_per_reply"))) is not None:
        parts.append(f"{bubbles:.1f} per reply")
    if (seconds := _number(facts.get("session_duration_seconds"))) is not None:
        parts.append(f"{seconds:.0f} s")
    return BETWEEN.join(parts)


def _names(given: object) -> str:
    return clean(", ".join(map(str, given)) if isinstance(given, list) else str(given or ""), 80)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] # reason: whatever a store holds


def _number(given: object) -> float | None:
    return float(given) if isinstance(given, (int, float)) else None


_LINES: Final[Mapping[str, Callable[[Facts], str]]] = {
    "convqa.grounding_outcome": _grounding,
    "convqa.user_correction_signal": _correction,
    "convqa.refusal_or_uncertainty_style": _refusal,
    "convqa.conversation_quality_snapshot": _snapshot,
}
