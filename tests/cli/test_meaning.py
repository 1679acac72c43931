"""The four events of a turn as `convqa show` puts them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.cli.meaning import told

GROUNDING = "convqa.grounding_outcome"
FACTS: dict[str, dict[str, Any]] = {
    GROUNDING: {
        "required_evidence_count": 3,
        "grounded_evidence_count": 1,
        "missing_evidence": ["claim:1", "claim:2"],
        "failed_tools": ["refund"],
        "unsupported_tools": ["teleport"],
        "claim_rewrites": 1,
    },
    "convqa.user_correction_signal": {
        "turns_since_assistant_reply": 2,
        "matched_pattern": "not_true",
        "signal_kind": "clarification_request",
    },
    "convqa.refusal_or_uncertainty_style": {
        "is_hard_refusal": False,
        "is_uncertainty_fallback": True,
        "has_next_step": True,
        "has_followup_question": True,
    },
    "convqa.conversation_quality_snapshot": {
        "turn_depth": 20,
        "rephrase_loop_count": 1,
        "avg_bubbles_per_reply": 1.5,
        "session_duration_seconds": 61.2,
    },
}
LINES = {
    GROUNDING: "grounded 1 of 3 · missing: claim:1, claim:2 · tools that failed: refund · "
    "tools that do not exist: teleport · rewritten: 1",
    "convqa.user_correction_signal": "customer: clarification request (not_true), 2 messages after the answer",
    "convqa.refusal_or_uncertainty_style": "uncertain · next step · asks back",
    "convqa.conversation_quality_snapshot": "20 messages so far · 1 rephrase loops · 1.5 per reply · 61 s",
}


@pytest.mark.parametrize("name", FACTS)
def test_an_event_is_one_line(name: str) -> None:
    """In words, without ids."""
    assert told(name, FACTS[name]) == LINES[name]


def test_an_answer_that_needed_nothing_is_not_worth_a_line() -> None:
    """Most answers of a bot without retrieval are of this kind."""
    assert told(GROUNDING, {"required_evidence_count": 0, "missing_evidence": [], "claim_rewrites": 0}) == ""


def test_another_event_is_none_of_these() -> None:
    """It is shown by its name elsewhere."""
    assert told("convqa.customer_action", {}) is None


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.lists(st.text(max_size=9))


@given(st.sampled_from(sorted(FACTS)), st.data())
def test_damaged_events_stop_nothing(name: str, data: st.DataObject) -> None:
    """Whatever a store holds under these names."""
    facts = {key: data.draw(values) for key in FACTS[name] if data.draw(st.booleans())}
    line = told(name, facts)
    assert line is not None
    assert "\n" not in line
