"""Each rule of the replay on transcripts written by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from opentelemetry.trace import StatusCode
from replayed import in_memory, of_stage, transcript, value

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.export.sdk import configure
from convqa_sdk.integrations.replay import replay
from convqa_sdk.integrations.writing import outcome_id
from convqa_sdk.redaction import RedactionPolicy
from convqa_sdk.tracing import recorder

USER: dict[str, Any] = {"role": "user", "text": "Where is my order?"}
BOT: dict[str, Any] = {"role": "assistant", "text": "On its way."}
ARM = {"name": "v2", "agent_model": "gpt-4.1", "agent_impl": "bot-1", "policy_id": "p-7"}


def test_only_id_role_and_text_are_needed() -> None:
    """A minimal transcript becomes complete turns, without model calls, as no model is known."""
    report, spans = in_memory(transcript(USER, BOT))
    [turn] = of_stage(spans, "turn")
    assert value(turn, "convqa.message.text") == "Where is my order?"
    assert value(turn, "convqa.answer.text") == "On its way."
    assert value(turn, "convqa.status") == "ok"
    assert not of_stage(spans, "generation")
    assert report.complete
    assert not report.violations


def test_all_texts_of_a_turn_are_its_answer() -> None:
    """Several texts of the bot are joined, and counted as bubbles."""
    _, spans = in_memory(transcript(USER, BOT, {"role": "assistant", "text": "Anything else?"}))
    [turn] = of_stage(spans, "turn")
    assert value(turn, "convqa.answer.text") == "On its way.\n\nAnything else?"
    assert value(turn, "convqa.answer.bubble_count") == 2


def test_opening_words_without_usage_are_a_template() -> None:
    """A greeting that costs 0.0 and used no tokens is no model call, although the model is known."""
    report, spans = in_memory(transcript({**BOT, "cost_usd": 0.0}, USER, arm=ARM))
    greeting, unanswered = of_stage(spans, "turn")
    assert value(greeting, "convqa.answer.type") == "template"
    assert "convqa.message.text" not in (greeting.attributes or {})
    assert value(unanswered, "convqa.status") == "cancelled"
    assert report.spans["generation"] == 0


def test_an_unanswered_message_is_cancelled_wherever_it_stands() -> None:
    """A message that gets no text before the next is cancelled like the last one, and is no error."""
    report, spans = in_memory(transcript(USER, {**USER, "text": "Hello?"}, BOT, {**USER, "text": "Bye"}))
    states = [value(span, "convqa.status") for span in of_stage(spans, "turn")]
    assert states == ["cancelled", "ok", "cancelled"]
    assert {span.status.status_code for span in spans} == {StatusCode.UNSET}
    assert report.cancelled == 2


def test_a_conversation_without_the_bot_is_cancelled_turns() -> None:
    """Messages that nobody answered are there, and complete."""
    report, spans = in_memory(transcript(USER, {**USER, "text": "Hello?"}))
    assert [value(span, "convqa.status") for span in spans] == ["cancelled", "cancelled"]
    assert report.complete


@pytest.mark.parametrize(
    ("cost", "source", "stored"), [(0.25, "provider", 0.25), (0.0, "unknown", None), (None, "price_table", 0.0028)]
)
def test_cost_zero_is_unknown_and_no_cost_asks_the_price_table(cost: float | None, source: str, stored: float) -> None:
    """What the provider billed counts; 0 is unknown; only a cost that is not stated may come from the table."""
    pytest.importorskip("genai_prices")
    usage = {"prompt_tokens": 1000, "completion_tokens": 100}
    answer = {**BOT, "usage": usage, "cost_usd": cost, "ts": "2025-08-01T10:00:00Z"}
    _, spans = in_memory(transcript(USER, answer, arm=ARM))
    [call] = of_stage(spans, "generation")
    assert value(call, "convqa.cost.source") == source
    assert value(call, "convqa.cost.usd") == pytest.approx(stored)


def test_a_model_without_recorded_usage_still_made_calls() -> None:
    """Tokens and cost of a known model without usage are unknown, not nothing: the span is there without them."""
    report, spans = in_memory(transcript(USER, BOT, arm={"agent_model": "gpt-oss-120b"}))
    [call] = of_stage(spans, "generation")
    assert value(call, "gen_ai.usage.input_tokens") is None
    assert value(call, "convqa.cost.source") == "unknown"
    assert "convqa.turn.input_tokens" not in (of_stage(spans, "turn")[0].attributes or {})
    assert report.costs["unstated"] == 1


def test_usage_of_the_customer_is_not_counted() -> None:
    """The tokens of a simulated customer belong to the simulation."""
    usage = {"prompt_tokens": 7, "completion_tokens": 5}
    report, _ = in_memory(transcript({**USER, "usage": usage, "cost_usd": 1.0}, {**BOT, "usage": usage}, arm=ARM))
    assert (report.input_tokens, report.output_tokens, report.cost_usd) == (7, 5, 0.0)
    assert report.spans["generation"] == 1


def test_a_model_that_is_not_named_is_a_violation_and_a_note() -> None:
    """Usage without the model's name cannot be a complete generation; nothing is invented for it."""
    report, spans = in_memory(transcript(USER, {**BOT, "usage": {"prompt_tokens": 1, "completion_tokens": 1}}))
    [call] = of_stage(spans, "generation")
    assert value(call, "gen_ai.request.model") is None
    assert report.warnings["model_not_stated"] == 1
    assert report.violations == {"model": 1}


def asks(*ids: str | None, **more: Any) -> dict[str, Any]:
    """Return an assistant's entry with calls of a tool that is named after the id."""
    return {"role": "assistant", "tool_calls": [{"id": i, "name": f"get_{i}", "args": {"q": i}} for i in ids], **more}


def answers(call: str | None, text: str = "{}", **more: Any) -> dict[str, Any]:
    """Return a tool's entry."""
    return {"role": "tool", "tool_call_id": call, "text": text, **more}


def test_parallel_results_in_another_order_find_their_calls() -> None:
    """Pairing is by id, not by position."""
    _, spans = in_memory(transcript(USER, asks("a", "b"), answers("b", error=True), answers("a"), BOT))
    results = {value(s, "gen_ai.tool.call.id"): value(s, "convqa.tool.result") for s in of_stage(spans, "tool")}
    assert results == {"a": "ok", "b": "error"}


def test_an_id_that_is_used_again_belongs_to_the_newest_call() -> None:
    """Models reuse call ids (38 times in the airline trials): the result answers the call made last."""
    _, spans = in_memory(transcript(USER, asks("a"), asks("a"), answers("a", "[1]"), BOT))
    first, second = of_stage(spans, "tool")
    assert (value(first, "convqa.status"), value(second, "convqa.status")) == ("cancelled", "ok")
    assert value(second, "gen_ai.tool.call.result") == "[1]"


def test_a_call_without_result_is_a_cancelled_tool() -> None:
    """The transcript may end before the tool answers."""
    report, spans = in_memory(transcript(USER, asks("a")))
    [tool] = of_stage(spans, "tool")
    assert value(tool, "convqa.status") == "cancelled"
    assert value(tool, "convqa.tool.result") == "error"
    assert report.warnings["tool_call_without_result"] == 1
    assert not report.violations


def test_a_result_that_nobody_asked_for_is_left_out_and_counted() -> None:
    """It has no name to be recorded under."""
    report, spans = in_memory(transcript(USER, answers("zzz"), BOT))
    assert not of_stage(spans, "tool")
    assert report.left_out == {"tool_result_without_call": 1}
    assert not report.complete


def test_what_the_customer_does_himself_is_an_event_of_the_turn() -> None:
    """Calls of the customer are events with name, id and redacted arguments, never tool spans."""
    call = {"id": "u1", "name": "set_phone", "args": {"mail": "jane@example.com"}}
    acts = {"role": "user", "tool_calls": [call], "ts": "2025-08-01T10:00:09Z"}
    done = answers("u1", requestor="user")
    report, spans = in_memory(transcript(USER, BOT, acts, done, arm=ARM))
    [turn] = of_stage(spans, "turn")
    event, meant = turn.events
    assert (event.name, meant.name) == ("convqa.customer_action", "convqa.grounding_outcome")
    assert dict(event.attributes or {}) == {
        "chat_guid": "c-1",
        "persona_id": "bot-1",
        "name": "set_phone",
        "call_id": "u1",
        "arguments": '{"mail": "[EMAIL]"}',
    }
    assert event.timestamp == 1_754_042_409 * 10**9
    assert not of_stage(spans, "tool")
    assert report.complete


def test_the_bots_latency_excludes_what_the_customer_does() -> None:
    """A turn ends with the bot's last step, although its events may be later."""
    at = [f"2025-08-01T10:00:0{second}Z" for second in range(6)]
    act = {"role": "user", "tool_calls": [{"name": "reboot"}], "ts": at[4]}
    _, spans = in_memory(transcript({**USER, "ts": at[1]}, {**BOT, "ts": at[2]}, act))
    assert value(of_stage(spans, "turn")[0], "convqa.latency.total_ms") == 1000.0


def transfer(args: Any) -> dict[str, Any]:
    """Return an assistant's entry that hands over."""
    return {"role": "assistant", "tool_calls": [{"id": "t", "name": "transfer_to_human_agents", "args": args}]}


def test_a_handover_is_a_tool_and_an_escalation_and_answers_the_turn() -> None:
    """The note is redacted, the reason not guessed, and a handover without a text is not a cancelled turn."""
    note = {"summary": "Write to jane@example.com"}
    report, spans = in_memory(transcript(USER, transfer(note), answers("t", "Transfer successful"), arm=ARM))
    [step] = of_stage(spans, "escalation")
    [turn] = of_stage(spans, "turn")
    assert value(step, "convqa.handoff.summary") == "Write to [EMAIL]"
    assert value(step, "convqa.escalation.reason") == "other"
    assert value(turn, "convqa.answer.type") == "handoff"
    assert value(turn, "convqa.status") == "ok"
    assert len(of_stage(spans, "tool")) == 1
    assert report.complete
    assert not report.violations


@pytest.mark.parametrize(
    ("args", "reason"),
    [({"reason": "policy"}, "policy"), ({"reason": "because"}, "other"), (None, "other"), (["x"], "other")],
)
def test_a_stated_reason_is_kept_when_it_is_one_of_ours(args: Any, reason: str) -> None:
    """Any form of arguments is an escalation; a foreign reason becomes `other`."""
    _, spans = in_memory(transcript(USER, transfer(args)))
    assert value(of_stage(spans, "escalation")[0], "convqa.escalation.reason") == reason


def test_a_handover_that_only_the_outcome_states_is_placed_at_its_entry() -> None:
    """A bot with another way to hand over says so in `outcome.escalation`."""
    outcome = {"resolved": True, "escalated": True, "escalation": {"turn": 1, "summary": "note"}}
    _, spans = in_memory(transcript(USER, BOT, {**USER, "text": "Thanks"}, BOT, outcome=outcome))
    first, second = of_stage(spans, "turn")
    [step] = of_stage(spans, "escalation")
    assert value(step, "convqa.handoff.summary") == "note"
    assert step.parent is not None
    assert first.context is not None
    assert step.parent.span_id == first.context.span_id
    assert value(second, "convqa.answer.type") == "generated"


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        ({"resolved": True}, "self_resolved"),
        ({"resolved": True, "escalated": True}, "unknown"),
        ({"resolved": False, "escalated": True}, "unresolved"),
        ({"resolved": False}, "unresolved"),
        ({"resolved": None}, None),
        ({}, None),
        (None, None),
    ],
)
def test_the_outcome_becomes_a_resolution(outcome: Any, state: str | None) -> None:
    """A judged end is one outcome; without a judgement there is none."""
    report, spans = in_memory(transcript(USER, BOT, outcome=outcome))
    found = [value(span, "convqa.outcome.resolution.state") for span in of_stage(spans, "outcome")]
    assert found == ([state] if state else [])
    assert sum(report.resolutions.values()) == len(found)


def test_outcome_ids_are_letters_that_differ_by_conversation() -> None:
    """They depend on the conversation alone, and hold no digits that could read as a card number."""
    ids = [outcome_id(f"c-{number}") for number in range(500)]
    assert len(set(ids)) == 500
    assert outcome_id("c-1") == ids[1]
    assert not any(character.isdigit() for text in ids for character in text)


def test_an_intent_of_the_transcript_is_a_stage() -> None:
    """The bot's own classifier is replayed; the turn carries what it found."""
    found = {"name": "order_status", "confidence": 0.8, "risk": "low"}
    report, spans = in_memory(transcript({**USER, "intent": found}, BOT))
    [stage] = of_stage(spans, "intent_detection")
    [turn] = of_stage(spans, "turn")
    assert value(stage, "convqa.intent.class") == value(turn, "convqa.intent.class") == "order_status"
    assert not report.violations


def test_a_second_transcript_with_the_same_id_is_left_out() -> None:
    """Two conversations may not merge into one trace."""
    report, spans = in_memory(transcript(USER, BOT), transcript(USER, BOT, BOT))
    assert len(of_stage(spans, "turn")) == 1
    assert report.left_out == {"duplicate_id": 1}


def test_entries_of_unknown_roles_are_left_out_and_counted() -> None:
    """Neither the role nor the text of such an entry is in the telemetry."""
    strange = {"role": "supervisor", "text": "internal note 4711"}
    report, spans = in_memory(transcript(USER, strange, BOT, {"role": "", "text": "x"}))
    assert report.left_out == {"unknown_role": 2}
    assert not [span for span in spans if "4711" in span.to_json() or "supervisor" in span.to_json()]
    assert len(of_stage(spans, "turn")) == 1


@pytest.mark.parametrize("turns", [(), ({"role": "system", "text": "x"},), ({"role": "user", "text": " "},)])
def test_a_conversation_in_which_nobody_says_anything_is_left_out(turns: tuple[dict[str, Any], ...]) -> None:
    """No span is made for it, and no outcome."""
    report, spans = in_memory(transcript(*turns, outcome={"resolved": True}))
    assert not spans
    assert report.left_out["empty_conversation"] == 1
    assert report.conversations == 0


def test_a_huge_text_is_bounded_and_withheld() -> None:
    """A text of 8 MB costs one field, not the turn, and leaves with its length only."""
    patient = RedactionPolicy(budget_ms=60_000)  # a garbage collection of the whole test run counts as time
    text = ("mail jane@example.com " + "word " * 40) * 40_000
    report, spans = in_memory(transcript({**USER, "text": text}, BOT), redaction=patient)
    [turn] = of_stage(spans, "turn")
    assert len(str(value(turn, "convqa.message.text"))) < 100_000
    assert "jane@" not in turn.to_json()
    assert value(turn, "convqa.redaction.status") == "withheld"
    assert value(turn, "convqa.answer.text") == "On its way."
    assert report.complete


def test_personal_data_of_every_text_is_redacted() -> None:
    """Messages, answers, arguments, results, notes and ids lose the address they hold."""
    leak = "jane@example.com"
    call = {"id": leak, "name": "find", "args": {"mail": leak, leak: 1}}
    note = {"role": "assistant", "tool_calls": [{"name": "transfer_to_human_agents", "args": {"summary": leak}}]}
    written = transcript(
        {"role": "user", "text": f"I am {leak}", "intent": {"name": leak, "confidence": 1}},
        {"role": "assistant", "text": leak, "tool_calls": [call], "finish_reason": leak, "usage": {"prompt_tokens": 1}},
        answers(leak, f'{{"mail": "{leak}"}}'),
        {"role": "user", "tool_calls": [call]},
        note,
        id=leak,
        source=leak,
        domain=leak,
        channel=leak,
        account_id=leak,
        arm={"name": leak, "agent_model": leak, "agent_impl": leak, "policy_id": leak},
        outcome={"resolved": True},
    )
    report, spans = in_memory(written)
    assert len(spans) == 8
    assert not [span for span in spans if leak in span.to_json()]
    assert not report.violations


@pytest.mark.parametrize("identifier", ["x" * 10_000, "a\x00b\n", "ünïcödé", "5553481234", "cq1.nonsense", "\ud800"])
def test_any_conversation_id_replays(identifier: str) -> None:
    """Ids that cannot travel become pseudonyms, the same on turn, event and outcome."""
    act = {"role": "user", "tool_calls": [{"name": "reboot"}]}
    written = transcript(USER, BOT, act, outcome={"resolved": True}).model_copy(update={"id": identifier})
    report, spans = in_memory(written)
    ids = {value(span, "gen_ai.conversation.id") for span in spans}
    assert len(spans) == 2
    assert len(ids) == 1
    assert ids == {(of_stage(spans, "turn")[0].events[0].attributes or {})["chat_guid"]}
    assert report.complete
    assert not report.violations


def test_the_applications_own_configuration_is_back_afterwards(tmp_path: Path) -> None:
    """A replay inside an application neither uses nor replaces what it configured."""
    own = configure(service_name="app", store=tmp_path / "own")
    try:
        before = recorder.active()
        replay([transcript(USER, BOT)], store=tmp_path / "replayed", service_name="other")
        assert recorder.active() is before
        assert own.stats().recorded == 0
        assert list((tmp_path / "replayed").glob("*.jsonl"))
        assert not list((tmp_path / "own").glob("*.jsonl"))
    finally:
        own.shutdown()


def test_recording_that_is_switched_off_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A replay into nothing is an error, not a success."""
    monkeypatch.setenv("CONVQA_DISABLED", "1")
    with pytest.raises(ConfigurationError, match="CONVQA_DISABLED"):
        replay([transcript(USER)], store=tmp_path)


def test_a_destination_that_takes_nothing_ends_the_replay(tmp_path: Path) -> None:
    """After the first turn is lost, no other is tried, as each may wait for a timeout; the report counts both."""
    (tmp_path / "store").write_text("a file, not a folder")
    written = [transcript(USER, BOT, USER, BOT).model_copy(update={"id": f"c-{n}"}) for n in range(3)]
    report = replay(written, store=tmp_path / "store", service_name="test")
    assert report.lost == {"export_failed": 1}
    assert report.left_out == {"destination_takes_nothing": 2}
    assert not report.complete


def test_an_outcome_in_the_future_is_refused_and_counted() -> None:
    """A clock that runs ahead costs the outcome, not the turns."""
    written = transcript({**USER, "ts": "2200-01-01T00:00:00Z"}, BOT, outcome={"resolved": True})
    report, spans = in_memory(written)
    assert len(of_stage(spans, "turn")) == 1
    assert report.lost == {"outcome_refused": 1}


def test_results_that_only_look_like_json_stay_text() -> None:
    """A tool's answer is taken as the object it spells, else as the text it is."""
    _, spans = in_memory(transcript(USER, asks("a", "b"), answers("a", "[1, 2]"), answers("b", "{oops"), BOT))
    assert [value(s, "gen_ai.tool.call.result") for s in of_stage(spans, "tool")] == ["[1,2]", '"{oops"']


def test_arguments_of_any_depth_replay() -> None:
    """What is nested deeper than JSON can be written costs that value, not the turn."""
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    call = {"id": "a", "name": "find", "args": deep}
    written = transcript(USER, {"role": "assistant", "tool_calls": [call]}, {"role": "user", "tool_calls": [call]}, BOT)
    report, spans = in_memory(written)
    [turn] = of_stage(spans, "turn")
    assert str((turn.events[0].attributes or {})["arguments"]).strip("[]") == '"[TOO_DEEP]"'
    assert len(of_stage(spans, "tool")) == 1
    assert report.complete


def test_the_same_conversation_of_two_services_stays_two() -> None:
    """Ids of a replay follow from the service as well."""
    ids = set()
    for service in ("bot-a", "bot-b"):
        _, spans = in_memory(transcript(USER, BOT, outcome={"resolved": True}), service_name=service)
        ids |= {(span.context.trace_id, span.context.span_id) for span in spans}
    assert len(ids) == 2 * len(spans)
