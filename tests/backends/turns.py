"""What the tests ship: a turn with everything a span can have, through the public API only."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

import convqa_sdk as convqa
from convqa_sdk.schema.events import CustomerAction, GroundingOutcome

LONG = "Für Rückfragen zur Rücksendung: ✓ 退款 😀. " * 400
"""Over 20 KB of UTF-8."""

BUILT = datetime(2026, 5, 8, 7, 30, tzinfo=timezone.utc)


def rich_turn(conversation: str) -> convqa.TurnRef:
    """Record a turn of all stages, with events, links, an error, a long text and each type of value."""
    documents = [
        convqa.Document("kb-1", LONG, 0.75, version="7", updated_at=BUILT, approval="approved", canonical=True),
        convqa.Document("kb-2", "Returns take 14 days.", 1.0),
    ]
    versions = convqa.Versions(
        model="m-7", prompt="12", prompt_name="answer", policy="p-3", kb_snapshot="kb-2026-05-08", kb_built_at=BUILT,
        index="i-2", taxonomy="t-4", feature_flags={"b": "on", "a": "off"}, experiment="e-1", arm="treatment",
        unit="customer",
    )  # fmt: skip
    previous = convqa.TurnRef(conversation, 0xA0B0, 0xC0D0)
    with convqa.turn(
        conversation, f"Mein Geld? Jané 😀 {LONG}", account_id="a-1", user_id="u-1", channel="web", turn_index=3,
        is_group=False, versions=versions, previous=previous,
    ) as turn:  # fmt: skip
        turn.custom(text="x", number=7, share=0.5, whole=2.0, flag=True, nothing="")
        convqa.intent_detection(lambda message: convqa.Intent("refund", 1.0, "high", candidates=("a", "b")))("hi")
        convqa.retrieval(data_source="kb")(lambda query: documents)("refund")
        convqa.rerank(lambda query: documents[:1])("refund")
        with convqa.generation(model="m-7", provider="acme") as call:
            call.set(messages=[{"role": "system", "content": "Be kind."}, {"role": "user", "content": LONG}])
            call.set(input_tokens=2**53 + 1, output_tokens=0, cost_usd=0.25, output_text=LONG)
        with pytest.raises(ValueError, match="boom"), convqa.tool(name="refund", arguments={"order": "o-1"}):
            raise ValueError("boom ☂")
        with convqa.tool(name="lookup", arguments={}) as lookup:
            lookup.set(output={"open": True})
        convqa.access_check(resource="orders", action="read")(lambda: True)()
        convqa.policy_check(name="promises")(lambda answer: convqa.PolicyResult.failed("V1", severity="P1"))("y")
        convqa.escalation(lambda reason: convqa.Handoff(summary="Wants money.", queue="billing"))("policy")
        turn.event("convqa.customer_action", CustomerAction(chat_guid=conversation, name="reboot", is_error=False))
        turn.event(
            "convqa.grounding_outcome",
            GroundingOutcome(
                chat_guid=conversation, required_evidence_count=2, grounded_evidence_count=1, missing_evidence_count=1,
                missing_evidence=("price",), latency_ms_total=12, llm_cost_usd=0.25,
            ),
        )  # fmt: skip
        turn.answer("It is on its way.", type="grounded", citations=("kb-1",))
    return turn.ref


def late_outcome(about: convqa.TurnRef) -> None:
    """Record what the customer thought of a turn, later."""
    convqa.record_feedback(about, thumbs="down", comment="Not true ☹")
