"""The example bot, with its real parts: every script is played once recorded and once with the SDK off."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import convqa_sdk as convqa
from convqa_sdk.testing import Recording
from convqa_sdk.tracing import recorder
from support_bot.bot import SupportBot
from support_bot.conversations import SCRIPTS, play
from support_bot.model import ScriptedModel

LOOK_UP = ["intent_detection", "access_check", "tool"]
ANSWER = ["retrieval", "rerank", "generation", "policy_check"]


def converse(tickets: Path) -> dict[str, list[str]]:
    """Play all scripts with a fresh bot; return the answers by conversation."""
    bot = SupportBot(ScriptedModel(pause_s=0.0), tickets=tickets)

    async def all_of_them() -> dict[str, list[str]]:
        return {script.id: await play(bot, script) for script in SCRIPTS}

    return asyncio.run(all_of_them())


@pytest.fixture
def recorded(convqa_spans: Recording, tmp_path: Path) -> Recording:
    """All scripts, recorded in memory."""
    converse(tmp_path / "tickets.jsonl")
    return convqa_spans


@pytest.mark.parametrize(
    ("conversation", "stages"),
    [
        ("demo-faq", [["intent_detection", *ANSWER]] * 2),
        ("demo-order", [LOOK_UP + ANSWER, ["intent_detection", "access_check"]]),
        ("demo-refund", [LOOK_UP + ANSWER]),
        ("demo-late-refund", [[*LOOK_UP, *ANSWER, "escalation"]]),
        ("demo-card", [["intent_detection", *ANSWER]]),
        ("demo-correction", [["intent_detection", *ANSWER]] * 2),
        ("demo-outage", [[*LOOK_UP, "escalation"]]),
        ("demo-back-again", [["intent_detection"], ["intent_detection", "retrieval", "rerank", "generation"]]),
    ],
)
def test_stages_are_recorded_in_order(recorded: Recording, conversation: str, stages: list[list[str]]) -> None:
    """Each turn of each script has the stages that the pipeline went through, in that order."""
    assert [turn.stages for turn in recorded.turns(conversation)] == stages


def test_every_span_is_complete(recorded: Recording) -> None:
    """Every required field of every span is there, and no instrumentation violation."""
    recorded.assert_complete()


def test_personal_data_never_leaves(recorded: Recording) -> None:
    """E-mail addresses, the card number and the telephone number of the scripts stand nowhere in the telemetry."""
    recorded.assert_no_leak(
        "mira.holm@example.com", "anna.berg@example.org", "4242 4242", "4242424242424242", "901820", "a-1007"
    )


def test_personal_data_never_reaches_the_store(tmp_path: Path) -> None:
    """The same holds for the bytes of the store; the shop's own ticket file has what the colleague needs."""
    with convqa.configure(service_name="shop", store=tmp_path / "store") as sdk:
        converse(tmp_path / "tickets.jsonl")
        assert sdk.flush()
    written = b"".join(file.read_bytes() for file in (tmp_path / "store").iterdir())
    for value in (b"mira.holm", b"anna.berg", b"4242 4242", b"901820", b"a-1042"):
        assert value not in written
    assert written.count(b"[CREDIT_CARD]") >= 2
    assert "mira.holm@example.com" in (tmp_path / "tickets.jsonl").read_text()


def test_answers_are_the_same_with_the_sdk_off(convqa_spans: Recording, tmp_path: Path) -> None:
    """Recording changes no answer; without configuration nothing is recorded and nothing is written."""
    recorded = converse(tmp_path / "with.jsonl")
    assert convqa_spans.spans
    convqa_spans.clear()
    with convqa_off():
        assert converse(tmp_path / "without.jsonl") == recorded
    assert not convqa_spans.spans
    assert {file.name for file in tmp_path.iterdir()} == {"with.jsonl", "without.jsonl"}


@contextmanager
def convqa_off() -> Iterator[None]:
    """Take the configuration away for a moment, as if `configure()` had never been called."""
    active = recorder.active()
    recorder.install(None)
    try:
        yield
    finally:
        recorder.install(active)


def test_policy_stops_a_late_refund(recorded: Recording, tmp_path: Path) -> None:
    """An answer that promises a refund after two months never leaves; a person gets a filled packet instead."""
    turn = recorded.turn("demo-late-refund")
    check, escalation = turn.spans[-2:]
    assert check["convqa.policy.check.result"] == "fail"
    assert list(check["convqa.policy.violations"]) == ["refund_window"]
    assert turn["convqa.answer.type"] == "handoff"
    assert "money back" not in turn["convqa.answer.text"]
    assert turn["convqa.escalation.reason"] == "policy"
    assert escalation["convqa.handoff.id"] == "t-001"
    ticket = json.loads((tmp_path / "tickets.jsonl").read_text().splitlines()[0])
    assert ticket["conversation"] == "demo-late-refund"
    assert ticket["account_state"]["order"] == "LL-20105"
    assert convqa.TurnRef.parse(ticket["turn"]) is not None


def test_somebody_elses_order_is_not_read(recorded: Recording) -> None:
    """The access check denies it, the tool is not called, and no field is exposed."""
    _, second = recorded.turns("demo-order")
    access = second.stage_spans("access_check")[0]
    assert access["convqa.access.decision"] == "deny"
    assert "convqa.access.fields_exposed" not in access
    assert second["convqa.answer.type"] == "refusal"


def test_a_broken_tool_is_an_error_and_a_handoff(recorded: Recording) -> None:
    """The tool's exception is recorded where it was raised; the turn itself answers."""
    turn = recorded.turn("demo-outage")
    tool = turn.stage_spans("tool")[0]
    assert (tool["convqa.status"], tool["convqa.tool.result"]) == ("error", "error")
    assert tool["error.type"].endswith("OrderSystemDown")
    assert (turn["convqa.status"], turn["convqa.escalation.reason"]) == ("ok", "tool_failure")


def test_an_abandoned_stream_is_cancelled(recorded: Recording) -> None:
    """Turn and generation are cancelled, not failed; what was read of the answer is kept, tokens are unknown."""
    turn = recorded.turn("demo-back-again")
    generation = turn.stage_spans("generation")[0]
    assert turn["convqa.status"] == generation["convqa.status"] == "cancelled"
    assert turn["convqa.answer.text"] == "Delivery to Norway "
    assert "gen_ai.usage.output_tokens" not in generation


def test_streams_carry_usage(recorded: Recording) -> None:
    """Tokens, finish reason and time to the first chunk come from the model's chunks."""
    generation = recorded.turn("demo-refund").stage_spans("generation")[0]
    assert generation.name == "chat scripted-1"
    assert generation["gen_ai.usage.input_tokens"] > generation["gen_ai.usage.output_tokens"] > 0
    assert list(generation["gen_ai.response.finish_reasons"]) == ["stop"]
    assert generation["gen_ai.response.time_to_first_chunk"] > 0
    assert generation["convqa.cost.source"] == "unknown"


def test_outcomes_follow(recorded: Recording) -> None:
    """Each kind of outcome that the scripts record is there, with its conversation."""
    kinds = {span["convqa.outcome.kind"] for span in recorded.outcomes()}
    assert kinds >= {"feedback", "csat", "ticket", "resolution", "recontact", "business", "agent_message"}
    assert recorded.outcomes("recontact")[0]["gen_ai.conversation.id"] == "demo-back-again"


def test_an_unclear_customer_meets_a_person(tmp_path: Path, convqa_spans: Recording) -> None:
    """The first time the bot asks, the second time it hands over because it is not sure."""
    bot = SupportBot(ScriptedModel(pause_s=0.0), tickets=tmp_path / "tickets.jsonl")
    first = asyncio.run(bot.reply("c-1", "Hmm hmm hmm."))
    second = asyncio.run(bot.reply("c-1", "Hrmpf."))
    assert first.endswith("?")
    assert "t-001" in second
    assert convqa_spans.turn("c-1")["convqa.escalation.reason"] == "low_confidence"


def test_a_customer_may_ask_for_a_person(tmp_path: Path, convqa_spans: Recording) -> None:
    """Asking for a human is enough."""
    bot = SupportBot(ScriptedModel(pause_s=0.0), tickets=tmp_path / "tickets.jsonl")
    asyncio.run(bot.reply("c-1", "Let me talk to a human please"))
    assert convqa_spans.turn("c-1")["convqa.escalation.reason"] == "customer_request"
    assert convqa_spans.turn("c-1").stages == ["intent_detection", "escalation"]


def test_a_guard_stops_the_model(convqa_spans: Recording, tmp_path: Path) -> None:
    """While the state is not normal, a colleague answers; what the guard does not stop goes on."""
    plan = convqa.GuardPlan.model_validate({"owner": "ops", "archetypes": {"order_status": {"state": "fallback"}}})
    guard = convqa.Guard(plan, threads=False)
    bot = SupportBot(ScriptedModel(pause_s=0.0), tickets=tmp_path / "tickets.jsonl", guard=guard)
    assert "handing you to a colleague" in asyncio.run(bot.reply("c-1", "Where is my order LL-20417?", "a-1007"))
    assert "colleague" not in asyncio.run(bot.reply("c-2", "How long does the battery last?"))
    stopped, answered = convqa_spans.turn("c-1"), convqa_spans.turn("c-2")
    assert stopped.stages == ["intent_detection", "escalation"]
    assert (stopped["convqa.guard.state"], stopped["convqa.escalation.reason"]) == ("fallback", "guard")
    assert (answered["convqa.guard.state"], answered["convqa.answer.type"]) == ("normal", "grounded")
    convqa_spans.assert_complete()
