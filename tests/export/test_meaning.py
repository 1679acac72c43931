"""The events of a turn, worked out by the export: which, when, and with what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import convqa_sdk as convqa
from convqa_sdk import isolation, signals
from convqa_sdk.export import budgeted
from convqa_sdk.export.exporters import MemoryExporter
from convqa_sdk.redaction import RedactionPolicy
from convqa_sdk.schema.events import (
    EVENTS,
    ConversationQualitySnapshot,
    GroundingOutcome,
    RefusalOrUncertaintyStyle,
    UserCorrectionSignal,
)
from convqa_sdk.schema.registry import fields_of
from convqa_sdk.testing import Recording, recording
from convqa_sdk.testing.recording import KEY
from convqa_sdk.tracing.conversation import ConversationState
from convqa_sdk.tracing.conversation_store import MemoryState, Step

CORRECTION, GROUNDING = UserCorrectionSignal.event_name, GroundingOutcome.event_name
STYLE, SNAPSHOT = RefusalOrUncertaintyStyle.event_name, ConversationQualitySnapshot.event_name
OURS = {kind.event_name: kind for kind in EVENTS}


@pytest.fixture
def recorded() -> Iterator[Recording]:
    """A recording in memory."""
    with recording() as made:
        yield made


def say(message: str | None, answer: str | None = "Refunds take five days.", **more: Any) -> None:
    """One turn."""
    with convqa.turn("c-1", message, **more) as turn:
        if answer is not None:
            turn.answer(answer)


def events(recorded: Recording, name: str) -> list[dict[str, Any]]:
    """Properties of all events of a name, in the order of their turns."""
    found = [event for span in recorded.spans for event in span.span.events if event.name == name]
    return [
        {key: tuple(value) if isinstance(value, list) else value for key, value in (event.attributes or {}).items()}
        for event in found
    ]


# ------------------------------------------------------------------------------------------------------- grounding


def test_each_answer_has_one_grounding_outcome(recorded: Recording) -> None:
    """With every property of the contract; a turn without an answer has none."""
    with convqa.turn("c-1", "Where is it?", agent_id="bot-7") as turn:
        with convqa.intent_detection() as stage:
            stage.set(intent="order_status", confidence=0.9, risk="high")
        with convqa.generation(model="m", cost_usd=0.25) as generation:
            call = {"type": "tool_call", "name": "look_up", "arguments": {}}
            generation.set(output_messages=[{"role": "assistant", "parts": [call]}])
        for name, result in (("look_up", "ok"), ("refund", "error"), ("teleport", "unsupported")):
            with convqa.tool(name=name) as tool:
                tool.set(result=result)  # type: ignore[arg-type] # reason: one of the three
        turn.answer("It ships tomorrow.", bubble_count=2, structured_output=True)
    say("and then?", answer=None)
    (outcome,) = events(recorded, GROUNDING)
    assert outcome == {
        "chat_guid": "c-1",
        "persona_id": "bot-7",
        "intent": "order_status",
        "risk_level": "high",
        "required_evidence_count": 0,
        "grounded_evidence_count": 0,
        "missing_evidence_count": 0,
        "missing_evidence": (),
        "requested_tools": ("look_up", "refund", "teleport"),
        "executed_tools": ("look_up",),
        "unsupported_tools": ("teleport",),
        "failed_tools": ("refund",),
        "claim_rewrites": 0,
        "response_bubble_count": 2,
        "structured_output_used": True,
        "latency_ms_total": outcome["latency_ms_total"],
        "llm_cost_usd": 0.25,
    }
    assert set(outcome) == {field.attribute.key for field in fields_of(GroundingOutcome).values()}


def retrieved(*texts: str) -> tuple[convqa.Document, ...]:
    """Passages by number."""
    return tuple(convqa.Document(f"kb-{place}", text) for place, text in enumerate(texts, 1))


def answered(recorded: Recording, answer: str, *texts: str, **more: Any) -> dict[str, Any]:
    """The grounding outcome of an answer to passages."""
    with convqa.turn("c-1", "How long do I have?") as turn:
        with convqa.retrieval(data_source="kb") as stage:
            stage.set(documents=retrieved(*texts))
        turn.answer(answer, **more)
    return events(recorded, GROUNDING)[-1]


def counts(outcome: dict[str, Any]) -> tuple[Any, ...]:
    """Required, grounded and missing, and names of the last."""
    return (
        outcome["required_evidence_count"],
        outcome["grounded_evidence_count"],
        outcome["missing_evidence_count"],
        outcome["missing_evidence"],
    )


def test_claims_are_looked_for_in_the_passages_of_the_turn(recorded: Recording) -> None:
    """A claim that no passage supports is evidence that is missing, by its place in the answer."""
    answer = "You can return items within 30 days. Shipping costs 12 dollars."
    outcome = answered(recorded, answer, "Items can be returned within 30 days of delivery.")
    assert counts(outcome) == (2, 1, 1, ("claim:2",))


def test_a_citation_of_what_was_not_retrieved_is_missing_evidence(recorded: Recording) -> None:
    """By the id that was cited."""
    text = "Items can be returned within 30 days of delivery."
    outcome = answered(recorded, "You can return items within 30 days.", text, citations=("kb-1", "kb-9"))
    assert counts(outcome) == (2, 1, 1, ("citation:kb-9",))


def test_an_answer_to_a_search_that_found_nothing_lacks_its_evidence(recorded: Recording) -> None:
    """It is made up as far as anybody can tell."""
    assert counts(answered(recorded, "You can return items within 30 days.")) == (1, 0, 1, ("claim:1",))


@pytest.mark.parametrize("kind", ["template", "clarification", "fallback", "refusal", "handoff"])
def test_an_answer_that_states_nothing_of_its_own_needs_no_evidence(recorded: Recording, kind: Any) -> None:
    """Templates were approved as they are; the others make no claims."""
    assert counts(answered(recorded, "You can return items within 30 days.", type=kind)) == (0, 0, 0, ())


def test_what_a_tool_gave_supports_a_claim(recorded: Recording) -> None:
    """Beside what was retrieved."""
    with convqa.turn("c-1", "Where is it?") as turn:
        with convqa.retrieval(data_source="kb") as stage:
            stage.set(documents=retrieved("Orders ship from Leipzig."))
        with convqa.tool(name="look_up") as tool:
            tool.set(output={"order": "o-17", "status": "delivered", "date": "4 May"})
        turn.answer("The order was delivered on 4 May.")
    assert counts(events(recorded, GROUNDING)[0]) == (1, 1, 0, ())


@pytest.mark.parametrize(
    ("tool", "took", "fails", "grounded"),
    [
        ("issue_refund", {"amount": 50}, False, 1),
        ("issue_refund", {"amount": 60}, False, 0),
        ("get_order", {"amount": 50}, False, 0),
        ("issue_refund", {"amount": 50}, True, 0),
    ],
)
def test_a_claim_that_a_tool_of_the_turn_proves_needs_no_passage(
    recorded: Recording, tool: str, took: dict[str, Any], fails: bool, grounded: int
) -> None:
    """The tool has the verb, succeeded, and took the numbers of the claim."""
    with convqa.turn("c-1", "Where is it?") as turn:
        with convqa.retrieval(data_source="kb") as stage:
            stage.set(documents=retrieved("Orders ship from Leipzig."))
        with convqa.tool(name=tool) as ran:
            ran.set(arguments=took, result="error" if fails else "ok")
        turn.answer("I have refunded 50 EUR to your card.")
    lacking = () if grounded else ("claim:1",)
    assert counts(events(recorded, GROUNDING)[0]) == (1, grounded, 1 - grounded, lacking)


def test_a_claim_of_a_handover_that_was_recorded_needs_no_passage(recorded: Recording) -> None:
    """An escalation proves it as a tool does."""
    with convqa.turn("c-1", "Where is it?") as turn:
        with convqa.retrieval(data_source="kb") as stage:
            stage.set(documents=retrieved("Orders ship from Leipzig."))
        with convqa.escalation(reason="asked"):
            pass
        turn.answer("You are being transferred to a human agent.")
    assert counts(events(recorded, GROUNDING)[0]) == (1, 1, 0, ())


def test_claims_that_the_bot_names_are_those_that_count(recorded: Recording) -> None:
    """Also with the passage that each one cites."""
    with convqa.turn("c-1", "How long do I have?") as turn:
        with convqa.retrieval(data_source="kb") as stage:
            stage.set(documents=retrieved("Returns are accepted within 30 days.", "Gift cards never expire."))
        turn.claims(["Gift cards never expire.", convqa.Claim("Returns are accepted within 30 days.", "kb-2")])
        turn.answer("30 days; and gift cards never expire.")
    assert counts(events(recorded, GROUNDING)[0]) == (2, 1, 1, ("claim:2",))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"required": ["a", "b"], "grounded": ["a"]}, (2, 1, 1, ("b",))),
        ({"required": ["a", "b"], "missing": ["b"]}, (2, 1, 1, ("b",))),
        ({"required": 3, "grounded": 1}, (3, 1, 2, ())),
        ({"grounded": ["a"], "missing": ["b", "c"]}, (3, 1, 2, ("b", "c"))),
        ({"required": 1, "grounded": 1, "missing": 0}, (1, 1, 0, ())),
    ],
)
def test_evidence_that_the_bot_states_counts_as_it_says(
    recorded: Recording, said: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    """What it leaves out follows from the rest, and the passages are not asked."""
    with convqa.turn("c-1", "hi") as turn:
        turn.evidence(**said)
        turn.answer("You can return items within 30 days.")
    assert counts(events(recorded, GROUNDING)[0]) == expected


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda turn: turn.claims("one text"), "claims"),
        (lambda turn: turn.claims(["", 7]), "claims"),
        (lambda turn: turn.claims(["x"] * 65), "claims"),
        (lambda turn: turn.evidence(required=-1), "evidence"),
        (lambda turn: turn.evidence(missing="a"), "evidence"),
        (lambda turn: turn.evidence(grounded=[object()]), "evidence"),
        (lambda turn: turn.evidence(3), "evidence"),
        (lambda turn: turn.evidence(needed=3), "evidence"),
        (lambda turn: turn.evidence(required=2, grounded=3), "evidence"),
        (lambda turn: turn.evidence(required=2, grounded=1, missing=2), "evidence"),
        (lambda turn: turn.evidence(required=3, grounded=1, missing=1), "evidence"),
        (lambda turn: turn.evidence(required=["a", "b"], grounded=["c"]), "evidence"),
        (lambda turn: turn.evidence(required=["a", "b"], missing=["c"]), "evidence"),
        (lambda turn: turn.evidence(grounded=["a"], missing=["a"]), "evidence"),
        (lambda turn: turn.evidence(required=2).evidence(missing=3), "evidence"),
        (lambda turn: turn.self_score(0.5), "self_score"),
        (lambda turn: turn.self_score(confidence=2), "self_confidence"),
    ],
)
def test_what_cannot_be_evidence_is_a_violation(recorded: Recording, call: Any, field: str) -> None:
    """Named by its field; the bot goes on."""
    with convqa.turn("c-1", "hi") as turn:
        call(turn)
        turn.answer("x")
    assert field in recorded.turn("c-1")["convqa.instrumentation.violations"]
    assert len(events(recorded, GROUNDING)) == 1


@pytest.mark.parametrize(
    ("call", "accepted"),
    [
        (lambda turn: turn.self_score(confidence=2), "turn.self_score(confidence=), 0 to 1"),
        (lambda turn: turn.self_score(quality="high"), "turn.self_score(quality=), 0 to 1"),
        (lambda turn: None, "grounded, generated, template"),
    ],
)
def test_the_log_says_what_is_accepted(
    recorded: Recording, caplog: pytest.LogCaptureFixture, call: Any, accepted: str
) -> None:
    """For a score of the model's own that is none, and for a turn that ends without an answer."""
    with caplog.at_level("WARNING", "convqa_sdk"), convqa.turn("c-1", "hi") as turn:
        call(turn)
    assert any(accepted in record.getMessage() for record in caplog.records)


def test_a_models_score_of_its_answer_stands_on_the_turn(recorded: Recording) -> None:
    """Confidence and quality, as given."""
    with convqa.turn("c-1", "hi") as turn:
        turn.self_score(confidence=0.25, quality=0.5)
        turn.answer("x")
    turn_span = recorded.turn("c-1")
    assert (turn_span["convqa.answer.self_confidence"], turn_span["convqa.answer.self_quality"]) == (0.25, 0.5)


def test_an_outcome_that_the_bot_states_itself_is_the_only_one(recorded: Recording) -> None:
    """Also when it states two: the first counts, and the second is a violation."""
    for count in (1, 2):
        with convqa.turn("c-1", "hi") as turn:
            for number in range(count):
                turn.event(
                    GROUNDING,
                    GroundingOutcome(
                        chat_guid="c-1",
                        required_evidence_count=7 + number,
                        grounded_evidence_count=7,
                        missing_evidence_count=number,
                        latency_ms_total=1,
                    ),
                )
            turn.answer("x")
    assert [outcome["required_evidence_count"] for outcome in events(recorded, GROUNDING)] == [7, 7]
    assert "events" in recorded.turn("c-1")["convqa.instrumentation.violations"]


def test_nobody_else_adds_an_event_of_these_names(recorded: Recording) -> None:
    """Other instrumentation may add events to the current span; under our names only our records leave."""
    with convqa.turn("c-1", "hi") as turn:
        turn.add_event(GROUNDING, {"x": 1})
        turn.answer("x")
    (outcome,) = events(recorded, GROUNDING)
    assert "x" not in outcome
    assert recorded.turn("c-1")["convqa.instrumentation.violations"] == ["events"]


# ------------------------------------------------------------------------------------------------------ corrections


def test_a_correction_speaks_of_the_answer_before(recorded: Recording) -> None:
    """With what was known of that turn, and the name of the pattern instead of words."""
    with convqa.turn("c-1", "How long do refunds take?") as turn:
        with convqa.intent_detection() as stage:
            stage.set(intent="refund", confidence=0.9, risk="high")
        with convqa.policy_check(name="p") as check:
            check.set(result="rewrite")
        turn.evidence(required=2, grounded=1)
        turn.answer("Five days.")
    say("That's wrong, it took two weeks.")
    (signal,) = events(recorded, CORRECTION)
    assert signal == {
        "chat_guid": "c-1",
        "persona_id": "bot-under-test",
        "prior_intent": "refund",
        "prior_risk_level": "high",
        "prior_missing_evidence_count": 1,
        "prior_claim_rewrites": 1,
        "turns_since_assistant_reply": 1,
        "matched_pattern": "thats_wrong",
        "signal_kind": "correction",
    }


def test_the_first_message_corrects_nobody(recorded: Recording) -> None:
    """There is no answer yet that it could be about."""
    say("That's wrong!")
    assert not events(recorded, CORRECTION)


def test_a_correction_counts_within_two_messages(recorded: Recording) -> None:
    """The second message after an answer may still be about it, the third not."""
    say("hello")
    say("hm", answer=None)
    say("That's wrong.", answer=None)
    say("That's wrong.", answer=None)
    assert [signal["turns_since_assistant_reply"] for signal in events(recorded, CORRECTION)] == [2]


def test_the_same_request_again_is_a_repeat(recorded: Recording) -> None:
    """Recognised by hashes of its words; a short yes is none."""
    say("Cancel the hotel booking in Lisbon", answer="I have noted that.")
    say("Please cancel the hotel booking in Lisbon!")
    say("yes")
    say("yes")
    assert [signal["signal_kind"] for signal in events(recorded, CORRECTION)] == ["repeat"]


# ---------------------------------------------------------------------------------------------------------- refusals


def test_a_refusal_tells_its_style(recorded: Recording) -> None:
    """Also when the bot does not declare it."""
    say("Refund me", answer="I'm sorry, but I can't refund this order. Please contact billing. Shall I connect you?")
    (style,) = events(recorded, STYLE)
    assert style["is_hard_refusal"]
    assert not style["is_uncertainty_fallback"]
    assert style["has_next_step"]
    assert style["has_followup_question"]


def test_a_declared_fallback_is_one_whatever_its_words(recorded: Recording) -> None:
    """The bot knows why it said that."""
    with convqa.turn("c-1", "hi") as turn:
        turn.fallback("Here are our opening hours.")
    (style,) = events(recorded, STYLE)
    assert style["is_uncertainty_fallback"]
    assert not style["is_hard_refusal"]


def test_an_ordinary_answer_has_no_style(recorded: Recording) -> None:
    """The event is for fallbacks and refusals."""
    say("hi")
    assert not events(recorded, STYLE)


# --------------------------------------------------------------------------------------------------------- snapshots


def test_every_ten_turns_there_is_a_snapshot(recorded: Recording) -> None:
    """Depth counts messages and answers; the mean counts bubbles per answer."""
    for number in range(20):
        with convqa.turn("c-1", f"question {number}") as turn:
            turn.answer("x", bubble_count=1 + number % 2)
    first, second = events(recorded, SNAPSHOT)
    assert (first["turn_depth"], second["turn_depth"]) == (20, 40)
    assert first["avg_bubbles_per_reply"] == second["avg_bubbles_per_reply"] == 1.5
    assert 0 < first["session_duration_seconds"] < second["session_duration_seconds"]
    assert "returned_within_7d" not in first


def test_the_end_of_a_session_carries_the_last_snapshot(recorded: Recording) -> None:
    """In a trace of its own, linked to the last turn, with the loops that were closed."""
    with convqa.turn("c-1", "Cancel my hotel in Lisbon") as turn:
        turn.fallback("I did not understand that.")
    for _ in range(2):
        say("I want to cancel my hotel in Lisbon", answer="Noted.")
    convqa.end_session("c-1")
    (snapshot,) = events(recorded, SNAPSHOT)
    assert (snapshot["turn_depth"], snapshot["rephrase_loop_count"]) == (6, 1)
    end = next(span.span for span in recorded.spans if span.stage == "snapshot")
    last = recorded.turn("c-1").span
    assert end.context is not None
    assert last.context is not None
    assert end.context.trace_id != last.context.trace_id
    (link,) = end.links
    assert (link.context.trace_id, link.context.span_id) == (last.context.trace_id, last.context.span_id)


def test_the_end_of_a_session_that_nobody_knows_has_no_snapshot(recorded: Recording) -> None:
    """Another process may know it; nothing is made up here."""
    convqa.end_session("c-unknown")
    assert not events(recorded, SNAPSHOT)


# ------------------------------------------------------------------------------------------------ index and state


def test_turns_are_numbered_unless_the_bot_does_it(recorded: Recording) -> None:
    """On the turn and on each of its stages."""
    for _ in range(2):
        with convqa.turn("c-1", "hi") as turn:
            with convqa.tool(name="t"):
                pass
            turn.answer("x")
    say("hi", turn_index=7)
    say("hi")
    assert [turn["convqa.turn.index"] for turn in recorded.turns("c-1")] == [0, 1, 7, 8]
    assert [span["convqa.turn.index"] for span in recorded.spans if span.stage == "tool"] == [0, 1]


def test_a_carried_state_goes_on_in_another_process(recorded: Recording) -> None:
    """What `turn.state` is after one turn, the next one begins with; the configured store is not asked."""
    with convqa.turn("c-1", "How long?", state="") as turn:
        with convqa.tool(name="look_up"):
            pass
        turn.answer("Five days.")
    carried = turn.state
    assert carried
    with recording() as elsewhere:
        with convqa.turn("c-1", "That's wrong", state=carried) as turn:
            assert turn.tools_succeeded_before() == ("look_up",)
            turn.answer("Sorry.")
        assert elsewhere.turn("c-1")["convqa.turn.index"] == 1
        assert len(events(elsewhere, CORRECTION)) == 1
    state = ConversationState.parse(turn.state or "", "c-1", KEY)
    assert state is not None
    assert state.turns == 2


@pytest.mark.parametrize("damaged", ["cs1.x.y", "something", 7])
def test_a_damaged_state_costs_the_signals_and_says_so(recorded: Recording, damaged: Any) -> None:
    """The turn is whole, and the next state is one whose beginning is not known."""
    say("That's wrong", state=damaged)
    turn = recorded.turn("c-1")
    assert turn["convqa.instrumentation.violations"] == ["state"]
    assert len(events(recorded, GROUNDING)) == 1
    assert not events(recorded, CORRECTION)


def test_the_state_of_another_conversation_counts_as_lost(recorded: Recording) -> None:
    """A session that was mixed up makes no correction of one customer's answer out of another's first message."""
    with convqa.turn("c-a", "How long?", state="") as turn:
        turn.answer("Five days.")
    with convqa.turn("c-b", "That's wrong", state=turn.state) as other:
        other.answer("Sorry.")
    assert recorded.turn("c-b")["convqa.instrumentation.violations"] == ["state"]
    assert not events(recorded, CORRECTION)
    assert "convqa.turn.index" not in recorded.turn("c-b")


def test_evidence_that_contradicts_itself_is_not_taken(recorded: Recording) -> None:
    """What was said before stays, and no more is grounded than was needed."""
    with convqa.turn("c-1", "hi") as turn:
        turn.evidence(required=2, grounded=1)
        turn.evidence(grounded=3)
        turn.answer("x")
    (event,) = events(recorded, GROUNDING)
    counts = [event[f"{name}_evidence_count"] for name in ("required", "grounded", "missing")]
    assert counts == [2, 1, 1]
    assert recorded.turn("c-1")["convqa.instrumentation.violations"] == ["evidence"]


def test_a_state_that_a_client_made_himself_counts_as_lost(recorded: Recording) -> None:
    """It is signed with the key, which he does not have, and holds for its own conversation alone."""
    forged = ConversationState(turns=9, answers=9).text_for("c-1")
    say("That's wrong", state=forged)
    with convqa.turn("c-2", "hi", state="") as turn:
        turn.answer("x")
    say("That's wrong", state=turn.state)
    for span in recorded.turns("c-1"):
        assert span["convqa.instrumentation.violations"] == ["state"]
    assert not events(recorded, CORRECTION)


def test_a_state_passes_through_where_nothing_is_recorded() -> None:
    """So that a bot can always hand on what it gets."""
    with convqa.turn("c-1", "hi", state="cs1.x") as turn:
        pass
    assert turn.state == "cs1.x"


class Broken:
    """A store of the application's that fails."""

    def read(self, name: str) -> ConversationState | None:
        """Raise."""
        raise OSError(name)

    def advance(self, name: str, step: Step) -> ConversationState | None:
        """Raise."""
        raise OSError(name)


def test_a_store_of_states_that_fails_costs_what_it_would_have_told() -> None:
    """The turn leaves, says so, and is not numbered; it is counted."""
    with recording(state=Broken()) as recorded:
        with convqa.turn("c-1", "That's wrong") as turn:
            assert turn.tools_succeeded_before() is None
            turn.answer("x")
        convqa.end_session("c-1")
        span = recorded.turn("c-1")
        assert span["convqa.instrumentation.violations"] == ["conversation_state"]
        assert "convqa.turn.index" not in span
        assert span.events == [GROUNDING]
        assert isolation.faults()["state_store"] == 3


# -------------------------------------------------------------------------------------------- detectors of one's own


def test_detectors_of_the_application_take_the_place_of_ours() -> None:
    """Each of the four."""
    own = convqa.Detectors(
        user_signal=lambda message, **_: signals.UserSignal("complaint", "own"),
        refusal=lambda answer, **_: signals.refusal("I can't do that."),
        judge=lambda claim, passages: True,
        similarity=lambda a, b: 1.0,
    )
    with recording(detectors=own) as recorded:
        outcome = answered(recorded, "Elephants fly.", "Something else.")
        say("anything")
        assert counts(outcome) == (1, 1, 0, ())
        assert [signal["matched_pattern"] for signal in events(recorded, CORRECTION)] == ["own"]
        assert len(events(recorded, STYLE)) == 2


def test_a_bot_may_leave_grounding_to_the_store() -> None:
    """Nothing is derived from passages then; what the bot states counts all the same."""
    with recording(detectors=convqa.Detectors(grounds_answers=False)) as recorded:
        assert counts(answered(recorded, "Elephants fly.", "Something else.")) == (0, 0, 0, ())
        with convqa.turn("c-1", "hi") as turn:
            turn.evidence(required=1, grounded=1)
            turn.claims(["Elephants fly."])
            turn.answer("Elephants fly.")
        assert counts(events(recorded, GROUNDING)[-1]) == (1, 1, 0, ())


def test_a_detector_that_fails_is_replaced_by_ours() -> None:
    """Each failure is counted, and the turn has what it would have without it."""

    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("a detector of the application's")

    own = convqa.Detectors(user_signal=broken, refusal=broken, judge=broken, similarity=broken)
    with recording(detectors=own) as recorded:
        answered(recorded, "Items can be returned within 30 days.", "Items can be returned within 30 days.")
        say("That's wrong", answer="I can't help with that.")
        assert recorded.turn("c-1").events == [CORRECTION, STYLE, GROUNDING]
        assert counts(events(recorded, GROUNDING)[0]) == (1, 1, 0, ())
        assert isolation.faults()["detector"] == 3
        assert isolation.faults()["detector.judge"] == 1


# -------------------------------------------------------------------------------------------------------- properties

kinds = st.sampled_from([None, "grounded", "generated", "fallback", "refusal", "template"])
texts = st.none() | st.sampled_from(
    ["That's wrong", "I can't help with that.", "Returns take 30 days.", "You made that up", "I don't know", "yes?"]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(texts, texts, kinds, st.booleans()), min_size=1, max_size=12))
def test_no_event_lacks_a_required_property(turns: list[tuple[Any, Any, Any, bool]]) -> None:
    """Whatever a conversation is like; and a turn has at most one grounding outcome, if it answered exactly one."""
    with recording() as recorded:
        for message, answer, kind, search in turns:
            with convqa.turn("c-1", message) as turn:
                if search:
                    with convqa.retrieval(data_source="kb") as stage:
                        stage.set(documents=retrieved("Returns take 30 days."))
                if answer is not None:
                    turn.answer(answer, **({} if kind is None else {"type": kind}))
        spans = recorded.turns("c-1")
        for span, (_, answer, _, _) in zip(spans, turns, strict=True):
            assert span.events.count(GROUNDING) == (answer is not None)
            for event in span.span.events:
                needed = {f.attribute.key for f in fields_of(OURS[event.name]).values() if f.level == "required"}
                assert needed <= set(event.attributes or {})


# --------------------------------------------------------------------------------------------- what may not leave


def test_what_stands_in_brackets_of_an_answer_does_not_leave_as_a_name(recorded: Recording) -> None:
    """A number in brackets may be a citation or a customer's; only ids that the bot names leave."""
    answer = "Your PESEL is [44051401359], born [1985.03.04], mail [jan@example.com]. See [order-77A] and [kb-9]."
    outcome = answered(recorded, answer, "Something else.", citations=("kb-9",))
    assert "citation:kb-9" in outcome["missing_evidence"]
    told = str([event.attributes for span in recorded.spans for event in span.span.events])
    for secret in ("44051401359", "1985", "jan@", "77A"):
        assert secret not in told


def test_a_name_that_was_known_in_one_turn_does_not_come_back_in_the_next(recorded: Recording) -> None:
    """The state outlasts the turn, and those who knew the customer then: labels are searched before they are kept."""
    with convqa.turn("c-1", "hi", known={"name": "Zyta Kowalska"}) as turn:
        with convqa.intent_detection() as stage:
            stage.set(intent="vip Zyta Kowalska", confidence=0.9)
        turn.answer("x")
    say("That's wrong")
    (signal,) = events(recorded, CORRECTION)
    assert signal["prior_intent"] == "vip [PERSON]"


def test_a_carried_state_holds_no_free_text(recorded: Recording) -> None:
    """Names of intents and tools are kept where they are identifiers, and nothing else is."""
    with convqa.turn("c-1", "hi", state="") as turn:
        with convqa.intent_detection() as stage:
            stage.set(intent="refund for anna@example.com", confidence=0.9)
        for name in ("look_up", "crm:anna@example.com", "lookup 4111 1111 1111 1111"):
            with convqa.tool(name=name):
                pass
        turn.answer("x")
    state = ConversationState.parse(turn.state or "", "c-1", KEY)
    assert state is not None
    assert (state.intent, state.tools) == (None, ("look_up",))


def test_a_correction_of_an_answer_that_nobody_saw_is_none(recorded: Recording) -> None:
    """It was stopped, so the customer speaks of the one before, or of none."""
    with convqa.turn("c-1", "hi") as turn:
        turn.answer("Five days.", delivered=False)
    say("That's wrong")
    assert not events(recorded, CORRECTION)
    assert len(events(recorded, GROUNDING)) == 2


def test_what_a_detector_makes_up_leaves_nowhere() -> None:
    """Another kind, or the customer's own words as a pattern, is a fault, and ours tells."""
    for made_up in (signals.UserSignal("anger", "p"), signals.UserSignal("complaint", "That's wrong"), object()):
        with recording(detectors=convqa.Detectors(user_signal=lambda *_, _made=made_up, **__: _made)) as recorded:
            say("hi")
            say("That's wrong")
            assert [signal["matched_pattern"] for signal in events(recorded, CORRECTION)] == ["thats_wrong"]
            assert isolation.faults()["detector"] == 1


def test_a_detector_that_wants_to_end_the_process_does_not() -> None:
    """Ours take its place."""

    def leave(*_: Any, **__: Any) -> Any:
        raise SystemExit

    with recording(detectors=convqa.Detectors(user_signal=leave, refusal=leave, similarity=leave)) as recorded:
        say("hi")
        say("That's wrong", answer="I can't do that.")
        assert recorded.turn("c-1").events == [CORRECTION, STYLE, GROUNDING]


def test_a_detector_that_is_slow_is_asked_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """After three calls in a row over the budget; each is counted."""
    monkeypatch.setattr(budgeted, "BUDGET_S", 0.0)
    asked: list[str] = []

    def slow(answer: str, **_: Any) -> signals.Refusal:
        asked.append(answer)
        return signals.refusal(answer)

    with recording(detectors=convqa.Detectors(refusal=slow)) as recorded:
        for _ in range(6):
            say("hi", answer="I'm sorry, but I can't help with that.")
        assert len(asked) == 3
        assert isolation.faults()["detector.refusal.slow"] == 3
        assert len(events(recorded, STYLE)) == 6


class Odd(Broken):
    """A store that gives what is no state."""

    def read(self, name: str) -> Any:
        """Return a number."""
        return 5

    def advance(self, name: str, step: Step) -> Any:
        """Return a text."""
        return "x"


def test_a_store_that_gives_what_is_no_state_is_one_that_failed() -> None:
    """The bot's own call does not raise either."""
    with recording(state=Odd()) as recorded:
        with convqa.turn("c-1", "hi") as turn:
            assert turn.tools_succeeded_before() is None
            turn.answer("x")
        assert recorded.turn("c-1")["convqa.instrumentation.violations"] == ["conversation_state"]


def test_a_turn_whose_stages_left_before_it_claims_nothing_of_its_evidence(
    recorded: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Passages may be among them; and what the conversation's tools are is unknown from then on."""
    monkeypatch.setattr("convqa_sdk.tracing.turn.Turn.room", 3_000)
    with convqa.turn("c-1", "How long?") as turn:
        with convqa.retrieval(data_source="kb") as stage:
            stage.set(documents=retrieved("Something else."))
        for _ in range(4):
            with convqa.tool(name="t"):
                pass
        turn.answer("You can return items within 30 days.")
    assert counts(events(recorded, GROUNDING)[0]) == (0, 0, 0, ())
    with convqa.turn("c-1", "hi") as turn:
        assert turn.tools_succeeded_before() is None


def test_a_check_does_not_trust_a_state_that_is_behind() -> None:
    """While the turn before waits to be exported, its tools are unknown, and not none."""
    keeping = MemoryExporter()
    sdk = convqa.configure("bot", exporters=[keeping], key=b"k" * 32, interval_s=30)
    with convqa.turn("c-1", "hi") as turn:
        with convqa.tool(name="s3_upload"):
            pass
        turn.answer("x")
    with convqa.turn("c-1", "hi") as turn:
        assert turn.tools_succeeded_before() is None
        assert sdk.flush(10)
        assert turn.tools_succeeded_before() == ("s3_upload",)
    sdk.shutdown()


def test_a_handover_is_remembered_in_the_turns_after_it(recorded: Recording) -> None:
    """So that `I have transferred you` is no overreach then."""
    with convqa.turn("c-1", "hi") as turn:
        with convqa.escalation(reason="policy"):
            pass
        turn.answer("x")
    with convqa.turn("c-1", "hi") as turn:
        assert turn.tools_succeeded_before() == ("transfer_to_human",)
        assert convqa.Handoff.from_turn().tried is None


def test_a_tool_whose_name_may_not_be_kept_makes_the_tools_unknown(recorded: Recording) -> None:
    """Not knowing one of them is not knowing them."""
    with convqa.turn("c-1", "hi", state="") as turn:
        with convqa.tool(name="crm:anna@example.com"):
            pass
        turn.answer("x")
    with convqa.turn("c-1", "hi", state=turn.state) as turn:
        assert turn.tools_succeeded_before() is None


class Failing(MemoryState):
    """A store that fails for a while."""

    fails = False

    def advance(self, name: str, step: Step) -> ConversationState | None:
        """Raise while it fails."""
        if self.fails:
            raise OSError
        return super().advance(name, step)


def test_after_turns_that_were_missed_nothing_is_said_of_the_answer_before() -> None:
    """It was another one than the state knows; and nothing counts from the beginning any more."""
    store = Failing()
    with recording(state=store) as recorded:
        say("hi")
        store.fails = True
        say("hi again")
        store.fails = False
        say("That's wrong")
        assert not events(recorded, CORRECTION)
        assert "convqa.turn.index" not in recorded.turn("c-1")


def test_pieces_of_one_document_are_passages_each(recorded: Recording) -> None:
    """A retriever returns chunks; each may support a claim."""
    with convqa.turn("c-1", "How long?") as turn:
        with convqa.retrieval(data_source="kb") as stage:
            pieces = ("Items can be returned within 30 days.", "Gift cards never expire.")
            stage.set(documents=[convqa.Document("kb-9", text) for text in pieces])
        turn.answer("Items can be returned within 30 days. Gift cards never expire.")
    assert counts(events(recorded, GROUNDING)[0]) == (2, 2, 0, ())


def test_passages_without_text_are_unknown_beside_a_search_that_found_nothing(recorded: Recording) -> None:
    """Nobody can tell then what the answer rests on."""
    with convqa.turn("c-1", "How long?") as turn:
        for documents in ([], [convqa.Document("o-1")]):
            with convqa.retrieval(data_source="kb") as stage:
                stage.set(documents=documents)
        turn.answer("Items can be returned within 30 days.")
    assert counts(events(recorded, GROUNDING)[0]) == (0, 0, 0, ())


def test_a_tool_with_a_result_that_is_none_costs_no_event(recorded: Recording) -> None:
    """It counts as failed."""
    with convqa.turn("c-1", "hi") as turn:
        with convqa.tool(name="t") as tool:
            tool.set(result={"a": 1})  # type: ignore[arg-type] # reason: wrong on purpose
        turn.answer("x")
    assert events(recorded, GROUNDING)[0]["failed_tools"] == ("t",)


def test_the_last_snapshot_names_the_bot_of_the_turns(recorded: Recording) -> None:
    """As their own events do."""
    say("hi", agent_id="persona-A")
    convqa.end_session("c-1")
    assert [snapshot["persona_id"] for snapshot in events(recorded, SNAPSHOT)] == ["persona-A"]


def test_what_a_policy_keeps_on_spans_is_not_kept_in_a_state() -> None:
    """A state outlasts its turn, so everything that is found in a label is replaced there."""
    with recording(redaction=RedactionPolicy(actions={"EMAIL": "keep"})) as recorded:
        with convqa.turn("c-1", "hi") as turn:
            with convqa.intent_detection() as stage:
                stage.set(intent="mail to jane@example.com", confidence=0.9)
            turn.answer("x")
        say("That's wrong")
        (signal,) = events(recorded, CORRECTION)
        assert signal["prior_intent"] == "mail to [EMAIL]"
