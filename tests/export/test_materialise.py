"""From a finished turn to finished spans: what is required is there, what is wrong is named, the rest stays."""

from __future__ import annotations

import hashlib
import json
import math
from datetime import datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from opentelemetry import trace
from opentelemetry.trace import Link, SpanContext

import convqa_sdk as convqa
from convqa_sdk.export import flatten
from convqa_sdk.export.materialise import EVENTS_SHARE
from convqa_sdk.export.worker import estimate
from convqa_sdk.redaction import RedactionPolicy
from convqa_sdk.redaction.structures import TOO_LONG
from convqa_sdk.schema.events import CustomerAction
from convqa_sdk.tracing.stages import Generation, Retrieval

from .conftest import Record, Recorded, everything

Attributes = dict[str, Any]
PATIENT = RedactionPolicy(budget_ms=60_000)
"""A garbage collection of the whole test run counts as time spent on a text."""


def generation(record: Record, **fields: Any) -> tuple[Attributes, Attributes]:
    """Attributes of a generation and of its turn."""
    recorded = record()
    with convqa.turn("c-1", "hi") as turn:
        with convqa.generation(model="m") as stage:
            stage.record(fields)
        turn.answer("x")
    return recorded.attributes("generation"), recorded.attributes("turn")


def retrieval(record: Record, *documents: Any, **settings: Any) -> Attributes:
    """Attributes of a retrieval that found these."""
    recorded = record(**settings)
    with convqa.turn("c-1"):
        convqa.retrieval(data_source="kb")(lambda: list(documents))()
    return recorded.attributes("retrieval")


def wrong(attributes: Attributes) -> set[str]:
    """Names of violations."""
    return set(attributes.get("convqa.instrumentation.violations", ()))


# ---------------------------------------------------------------------------------------------------- requirements


def test_a_complete_turn_has_no_violation(record: Record) -> None:
    """A bot that says what the contract requires gets spans without violations."""
    recorded = record(versions=convqa.Versions(model="m1", prompt="p1", policy="v1", kb_snapshot="kb-1"))
    with convqa.turn("c-1", "hi", account_id="a") as turn:
        convqa.intent_detection(lambda message: convqa.Intent("a", 0.9))("hi")
        convqa.retrieval(data_source="kb")(lambda query: [convqa.Document("d")])("q")
        convqa.rerank(lambda query: [convqa.Document("d")])("q")
        convqa.generation(model="m")(lambda messages: "answer")([{"role": "user", "content": "hi"}])
        convqa.tool(lambda: 1)()
        convqa.access_check(lambda resource: True)("account")
        convqa.policy_check(name="p")(lambda answer: convqa.PolicyResult.passed())("a")
        convqa.escalation(lambda reason: convqa.Handoff("summary", "queue"))("policy")
        turn.answer("x", type="grounded")
    assert recorded.sdk.stats().violations == {}
    assert [wrong(dict(span.attributes)) for span in recorded.all] == [set()] * 9


def test_what_is_missing_is_named_and_counted(record: Record) -> None:
    """A missing required field is a violation on the span and in `stats()`; the span leaves all the same."""
    recorded = record()
    with convqa.turn("c-1") as turn:
        with convqa.intent_detection():
            pass
        with convqa.retrieval():
            pass
    assert turn is not None
    assert recorded.violations("intent_detection") == {"intent", "confidence"}
    assert recorded.violations("retrieval") == {"data_source", "document_ids", "hit"}
    assert recorded.violations("turn") == {"answer_type"}
    assert recorded.sdk.stats().violations["confidence"] == 1


def test_a_turn_without_an_answer_is_told_what_to_do(record: Record, caplog: pytest.LogCaptureFixture) -> None:
    """The log names the field, and the calls that give it."""
    record()
    with convqa.turn("c-1"):
        pass
    assert "field='answer_type'" in caplog.text
    assert "turn.answer(text, type=...), turn.fallback(text)" in caplog.text


def test_a_configured_version_is_required_on_the_turn(record: Record) -> None:
    """A version that was configured and is not there is missed; one that was not configured is not."""
    recorded = record(versions=convqa.Versions(model="m", prompt="p"))
    with convqa.turn("c-1") as turn:
        turn.record({"model_version": None})
        turn.answer("x")
    assert recorded.violations("turn") == {"model_version"}
    assert recorded.attributes("turn")["gen_ai.prompt.version"] == "p"


def test_the_bot_cannot_set_what_only_the_export_knows(record: Record) -> None:
    """Stage, schema version, operation and the record of redaction are not the bot's to say."""
    recorded = record()
    with convqa.turn("c-1", "jane@example.com") as turn:
        turn.record(
            {
                "stage": "tool",
                "schema_version": "9.9.9",
                "operation_name": "chat",
                "redaction_status": "clean",
                "redaction_count": 7,
                "vault_ref": "v",
                "instrumentation_violations": ("x",),
            }
        )
        turn.answer("x")
    attributes = recorded.attributes("turn")
    assert attributes["convqa.redaction.status"] == "redacted"
    assert attributes["convqa.redaction.count"] == 1
    assert attributes["gen_ai.operation.name"] == "invoke_agent"
    assert "convqa.vault.ref" not in attributes
    assert recorded.violations("turn") >= {"stage", "schema_version", "redaction_status", "instrumentation_violations"}


def test_intent_detection_is_a_chat_only_with_a_model(record: Record) -> None:
    """`gen_ai.operation.name` stands on an intent detection only when a model was asked."""
    for fields, operation in (({}, None), ({"model": "m"}, "chat")):
        recorded = record()
        with convqa.turn("c-1"), convqa.intent_detection(intent="i", confidence=1.0, **fields):
            pass
        assert recorded.attributes("intent_detection").get("gen_ai.operation.name") == operation


def test_one_wrong_field_costs_one_field(record: Record) -> None:
    """Wrong values are dropped by name; what is right beside them stays."""
    recorded = record()
    with convqa.turn("c-1", "hi", turn_index=-1, is_group="perhaps", channel="web") as turn:  # type: ignore[arg-type] # reason: wrong on purpose
        turn.record({"turn_id": 5, "region": ["a"], "customer_tier": "", "self_confidence": 1.5, "bubble_count": 2**63})
        turn.answer("x", type="splendid")  # type: ignore[arg-type] # reason: wrong on purpose
    attributes = recorded.attributes("turn")
    assert wrong(attributes) == {
        "turn_index",
        "is_group",
        "turn_id",
        "region",
        "customer_tier",
        "self_confidence",
        "bubble_count",
        "answer_type",
    }
    assert attributes["convqa.channel"] == "web"
    assert attributes["convqa.answer.text"] == "x"


def test_a_stage_outside_any_turn_leaves_with_a_violation(record: Record) -> None:
    """It gets a conversation of its own and names the missing turn."""
    recorded = record()
    convqa.tool(lambda: 1)()
    attributes = recorded.attributes("tool")
    assert attributes["gen_ai.conversation.id"] == attributes["session.id"]
    assert attributes["gen_ai.conversation.id"].startswith("unknown-")
    assert wrong(attributes) == {"turn"}


class BrokenZone(tzinfo):
    """A time zone of the bot's that raises once capture has looked at it."""

    def utcoffset(self, _when: datetime | None) -> timedelta | None:
        raise RuntimeError("zone")

    def __repr__(self) -> str:
        return "BrokenZone()"


@pytest.mark.parametrize(
    "built_at",
    [
        datetime(2026, 1, 1),
        datetime.max.replace(tzinfo=timezone(-timedelta(hours=5))),
        datetime(2026, 1, 1, tzinfo=BrokenZone()),
        "soon",
        7.5,
    ],
    ids=["naive", "overflow", "raising", "text", "number"],
)
def test_a_time_that_cannot_be_written_is_named(record: Record, built_at: Any) -> None:
    """A build time that is naive, out of range or nonsense costs itself."""
    recorded = record(versions=convqa.Versions(kb_built_at=built_at, model="m1"))
    with convqa.turn("c-1") as turn:
        turn.answer("x")
    assert "kb_built_at" in recorded.violations("turn")
    assert "convqa.kb.built_at" not in recorded.attributes("turn")
    assert recorded.attributes("turn")["convqa.model.version"] == "m1"


@pytest.mark.parametrize("versions", ["v2", 7, {"model": "m"}, object()], ids=lambda v: type(v).__name__)
def test_versions_that_are_none_cost_themselves(record: Record, versions: Any) -> None:
    """Something else in the place of `Versions` is a violation; the turn leaves."""
    recorded = record()
    with convqa.turn("c-1", versions=versions) as turn:
        turn.answer("x")
    assert "versions" in recorded.violations("turn")


@pytest.mark.parametrize(
    ("flags", "written"),
    [
        ({"b": "on", "a": 1}, ["a=1", "b=on"]),
        ({}, None),
        ("rerank", None),
        ({1: "x", "a": "y"}, ["1=x", "a=y"]),
        ([1], None),
    ],
)
def test_feature_flags(record: Record, flags: Any, written: Any) -> None:
    """Flags are written sorted as flag=variant; something else than a mapping is refused alone."""
    recorded = record(versions=convqa.Versions(feature_flags=flags, model="m1"))
    with convqa.turn("c-1") as turn:
        turn.answer("x")
    attributes = recorded.attributes("turn")
    assert attributes.get("convqa.feature_flags") == written
    assert ("feature_flags" in wrong(attributes)) == (bool(flags) and written is None)
    assert attributes["convqa.model.version"] == "m1"


@pytest.mark.parametrize("session", ["", object()], ids=["empty", "object"])
def test_a_session_id_that_is_none_falls_back_to_the_conversation(record: Record, session: Any) -> None:
    """`session.id` is required everywhere, so a nonsensical one becomes the conversation's, and is named."""
    recorded = record()
    with convqa.turn("c-1", session_id=session) as turn, convqa.tool(name="t"):
        turn.answer("x")
    assert recorded.attributes("turn")["session.id"] == recorded.attributes("tool")["session.id"] == "c-1"
    assert "session_id" in recorded.violations("turn")


# ---------------------------------------------------------------------------------------------------------- ids


@pytest.mark.parametrize(
    "value", ["a\nb", "\x00", "x" * 10_000, "büro", "\ud800", "\u202e", "jane@example.com"], ids=ascii
)
def test_an_id_that_cannot_travel_becomes_a_pseudonym_and_still_joins(record: Record, value: str) -> None:
    """Ids with control characters, of any length or alphabet, join turns, stages and later outcomes."""
    recorded = record()
    for _ in range(2):
        with convqa.turn(value, account_id=value) as turn, convqa.tool(name="t"):
            turn.answer("x")
    convqa.record_feedback(value, thumbs="up")
    ids = {span.attributes["gen_ai.conversation.id"] for span in recorded.all}
    assert len(ids) == 1
    (conversation,) = ids
    assert conversation.startswith("[CONVERSATION_ID:k1:")
    assert len({span.attributes.get("convqa.account.id") for span in recorded.all} - {None}) == 1
    assert len({span.context.trace_id for span in recorded.all}) == 2


def test_ids_without_a_key_are_withheld(record: Record, caplog: pytest.LogCaptureFixture) -> None:
    """Without a key identifiers leave as `[WITHHELD]`, ordinary conversation ids as they are; it is said once."""
    recorded = record(key=None)
    with convqa.turn("c-1", account_id="a-1", user_id="u-1") as turn:
        turn.answer("x")
    attributes = recorded.attributes("turn")
    assert attributes["convqa.account.id"] == attributes["user.id"] == "[WITHHELD]"
    assert attributes["gen_ai.conversation.id"] == "c-1"
    assert [r.getMessage().count("no_pseudonym_key") for r in caplog.records] == [1]


# -------------------------------------------------------------------------------------------------------- documents


def test_documents_become_parallel_arrays(record: Record) -> None:
    """Each array has one entry per document, in order; what is unknown of one is empty there."""
    when = datetime(2026, 1, 1, tzinfo=timezone.utc)
    attributes = retrieval(
        record,
        convqa.Document("a", "one", 0.5, version="3", updated_at=when, approval="approved", canonical=True),
        convqa.Document("b", "two", 0.25),
    )
    assert {k.removeprefix("convqa.retrieval.document."): v for k, v in attributes.items() if ".document." in k} | {
        "passage_hashes": None
    } == {
        "ids": ["a", "b"],
        "ranks": [1, 2],
        "scores": [0.5, 0.25],
        "versions": ["3", ""],
        "updated_at": ["2026-01-01T00:00:00.000000Z", ""],
        "approval": ["approved", ""],
        "canonical": [True, False],
        "passages": ["one", "two"],
        "passage_hashes": None,
    }
    assert json.loads(attributes["gen_ai.retrieval.documents"]) == [
        {"id": "a", "score": 0.5},
        {"id": "b", "score": 0.25},
    ]
    assert attributes["convqa.retrieval.hit"] is True
    assert [len(h) for h in attributes["convqa.retrieval.document.passage_hashes"]] == [32, 32]


def test_no_document_is_no_hit(record: Record) -> None:
    """An empty result is a complete one: no ids, and no hit."""
    attributes = retrieval(record)
    assert attributes["convqa.retrieval.document.ids"] == []
    assert attributes["convqa.retrieval.hit"] is False
    assert wrong(attributes) == set()


def test_scores_are_left_out_unless_all_have_one(record: Record) -> None:
    """A missing score is unknown, not 0, so the array is absent; the JSON keeps the ones that exist."""
    attributes = retrieval(record, convqa.Document("a", score=0.0), convqa.Document("b"))
    assert "convqa.retrieval.document.scores" not in attributes
    assert json.loads(attributes["gen_ai.retrieval.documents"]) == [
        {"id": "a", "score": 0.0},
        {"id": "b", "score": None},
    ]
    assert wrong(attributes) == set()


def test_scores_of_a_numeric_library_are_numbers(record: Record) -> None:
    """Search libraries give their own float types."""
    attributes = retrieval(
        record, convqa.Document("a", score=np.float32(0.5)), convqa.Document("b", score=np.float64(1))
    )
    assert attributes["convqa.retrieval.document.scores"] == [0.5, 1.0]
    assert json.loads(attributes["gen_ai.retrieval.documents"])[0]["score"] == 0.5
    assert wrong(attributes) == set()


@pytest.mark.parametrize(
    ("change", "named", "kept"),
    [
        ({"id": 42}, "document_ids", "passages"),
        ({"id": None}, "document_ids", "passages"),
        ({"id": b"d"}, "document_ids", "passages"),
        ({"text": 7}, "document_passages", "ids"),
        ({"text": b"jane@example.com"}, "document_passages", "ids"),
        ({"text": ["x"]}, "document_passages", "ids"),
        ({"score": "high"}, "document_scores", "ids"),
        ({"score": math.nan}, "document_scores", "ids"),
        ({"score": True}, None, "ids"),
        ({"version": 3}, "document_versions", "ids"),
        ({"updated_at": datetime(2026, 1, 1)}, "document_updated_at", "ids"),
        ({"updated_at": "2026-01-01"}, "document_updated_at", "ids"),
        ({"updated_at": datetime(2026, 1, 1, tzinfo=BrokenZone())}, "document_updated_at", "ids"),
        ({"approval": "Approved"}, "document_approval", "ids"),
        ({"canonical": "perhaps"}, "document_canonical", "ids"),
    ],
    ids=str,
)
def test_wrong_types_inside_a_document_cost_one_array(
    record: Record, change: Attributes, named: str | None, kept: str
) -> None:
    """Documents are never validated in the bot; here a wrong part costs its array, and all arrays stay parallel."""
    document = convqa.Document(**{"id": "a", "text": "one", "score": 0.5, **change})
    attributes = retrieval(record, document, convqa.Document("b", "two", 0.5))
    assert (named in wrong(attributes)) == (named is not None)
    assert f"convqa.retrieval.document.{kept}" in attributes
    lengths = {len(v) for k, v in attributes.items() if ".document." in k and isinstance(v, list)}
    assert lengths == {2}
    for value in attributes.values():
        if isinstance(value, list):
            assert len({type(item) for item in value}) == 1


def test_documents_that_are_none_are_named(record: Record) -> None:
    """Something else among documents, or in their place, is a violation."""
    recorded = record()
    for given in ([convqa.Document("a"), "b", None], "not a list", 7, [b"x"]):
        with convqa.turn("c-1"), convqa.retrieval(data_source="kb") as stage:
            stage.record({"documents": given})
    violations = [wrong(dict(s.attributes)) for s in recorded.all if s.attributes["convqa.stage"] == "retrieval"]
    assert violations[0] == {"documents"}
    assert all(violations)


def test_many_documents_stay_within_the_span(record: Record) -> None:
    """Hundreds of long passages cost their text, not the span; the arrays that stay are parallel."""
    documents = [convqa.Document(f"d-{n}", "word " * 100, 0.5) for n in range(500)]
    attributes = retrieval(record, *documents, span_bytes=100_000)
    assert "convqa.retrieval.document.passages" not in attributes
    assert attributes["convqa.retrieval.document.passages.original_length"] > 100_000
    lengths = {len(v) for k, v in attributes.items() if ".document." in k and isinstance(v, list)}
    assert lengths == {500}


def test_cut_passages_have_parallel_companions(record: Record) -> None:
    """When passages are cut, length and hash are arrays beside them."""
    texts = ["word " * 20_000, "short", "word " * 20_000]
    attributes = retrieval(record, *[convqa.Document(f"d{n}", text) for n, text in enumerate(texts)])
    key = "convqa.retrieval.document.passages"
    assert attributes[f"{key}.original_length"] == [100_000, 5, 100_000]
    assert [len(h) for h in attributes[f"{key}.sha256"]] == [64, 0, 64]
    assert attributes[key][1] == "short"
    assert attributes[key][0].endswith(TOO_LONG)


# ------------------------------------------------------------------------------------------------------------- cost


@pytest.fixture
def price_list(monkeypatch: pytest.MonkeyPatch) -> list[Attributes]:
    """A price table that knows every model, and the questions it was asked."""
    asked: list[Attributes] = []

    def price(model: str | None, provider: str | None, **counts: Any) -> float | None:
        asked.append({"model": model, "provider": provider, **counts})
        return 0.25 if counts["input_tokens"] is not None and counts["output_tokens"] is not None else None

    monkeypatch.setattr(flatten, "price", price)
    return asked


USED = {"input_tokens": 10, "output_tokens": 5}


@pytest.mark.parametrize(
    ("fields", "cost", "source"),
    [
        ({"cost_usd": 0.5}, 0.5, "caller"),
        ({"cost_usd": 0.0, **USED}, 0.0, "caller"),
        ({"cost_usd": 0, **USED}, 0.0, "caller"),
        ({"cost_usd": 0.5, "cost_source": "provider"}, 0.5, "provider"),
        ({"cost_usd": 0.0, "cost_source": "provider", **USED}, None, "unknown"),
        ({"cost_usd": Decimal("0.125")}, 0.125, "caller"),
        ({**USED}, 0.25, "price_table"),
        ({"input_tokens": 10}, None, "unknown"),
        ({}, None, "unknown"),
        ({"cost_source": "unknown", **USED}, None, "unknown"),
        ({"cost_source": "provider", **USED}, None, "unknown"),
        ({"cost_source": "caller", **USED}, None, "unknown"),
        ({"cost_usd": 0.5, "cost_source": "unknown"}, None, "unknown"),
        ({"cost_usd": -1.0, **USED}, None, "unknown"),
        ({"cost_usd": math.nan, **USED}, None, "unknown"),
        ({"cost_usd": math.inf, **USED}, None, "unknown"),
        ({"cost_usd": True, **USED}, None, "unknown"),
        ({"cost_usd": "dear", **USED}, None, "unknown"),
        ({"cost_usd": 10**400, **USED}, None, "unknown"),
    ],
    ids=str,
)
@pytest.mark.usefixtures("price_list")
def test_cost_and_who_says_so(record: Record, fields: Attributes, cost: float | None, source: str) -> None:
    """Unknown is not zero: a caller's 0 is a statement, a provider's 0 or nonsense is unknown, table or not."""
    attributes, turn = generation(record, **fields)
    assert attributes.get("convqa.cost.usd") == cost
    assert attributes["convqa.cost.source"] == source
    assert turn.get("convqa.turn.cost_usd") == cost
    absurd = fields.get("cost_usd") is not None and cost is None and fields.get("cost_source") is None
    assert ("cost_usd" in wrong(attributes)) == absurd


def test_the_price_is_asked_for_the_model_that_answered(record: Record, price_list: list[Attributes]) -> None:
    """The response's model counts, with the cached tokens, at the time of the call."""
    generation(record, response_model="m-2026", provider="openai", cache_read_tokens=4, cache_write_tokens=1, **USED)
    (asked,) = price_list
    assert asked["at_ns"] > 0
    asked.pop("at_ns")
    assert asked == {"model": "m-2026", "provider": "openai", "cache_read_tokens": 4, "cache_write_tokens": 1, **USED}


@pytest.mark.parametrize("bad", [True, -1, 2**63, 1.5, "7", None], ids=str)
def test_a_turn_sums_only_what_is_known(record: Record, bad: Any, price_list: list[Attributes]) -> None:
    """A token count that is unknown or absurd makes the sum unknown, never smaller."""
    recorded = record()
    with convqa.turn("c-1") as turn:
        for tokens in (10, bad):
            with convqa.generation(model="m") as stage:
                stage.record({"input_tokens": tokens, "output_tokens": 5, "cost_usd": 0.5})
        turn.answer("x")
    attributes = recorded.attributes("turn")
    assert "convqa.turn.input_tokens" not in attributes
    assert attributes["convqa.turn.output_tokens"] == 10
    assert attributes["convqa.turn.cost_usd"] == 1.0
    assert price_list == []


def test_sums_too_large_for_the_wire_are_dropped(record: Record) -> None:
    """A sum beyond 64 bits is refused, not wrapped."""
    recorded = record()
    with convqa.turn("c-1") as turn:
        for _ in range(2):
            with convqa.generation(model="m") as stage:
                stage.set(input_tokens=2**63 - 1, output_tokens=1)
        turn.answer("x")
    assert "convqa.turn.input_tokens" not in recorded.attributes("turn")
    assert "input_tokens" in recorded.violations("turn")


def test_usage_of_a_child_is_not_counted_twice(record: Record) -> None:
    """With `usage="child"` the counts stand under names of ours, and still add up on the turn."""
    counts = {
        "input_tokens": 10,
        "output_tokens": 5,
        "cache_read_tokens": 3,
        "cache_write_tokens": 2,
        "reasoning_tokens": 1,
    }
    attributes, turn = generation(record, usage="child", **counts)
    assert not [key for key in attributes if key.startswith("gen_ai.usage.")]
    assert {k: v for k, v in attributes.items() if k.startswith("convqa.usage.")} == {
        "convqa.usage.input_tokens": 10,
        "convqa.usage.output_tokens": 5,
        "convqa.usage.cache_read.input_tokens": 3,
        "convqa.usage.cache_write.input_tokens": 2,
        "convqa.usage.reasoning.output_tokens": 1,
    }
    assert (turn["convqa.turn.input_tokens"], turn["convqa.turn.output_tokens"]) == (10, 5)


def test_a_turn_without_a_generation_has_no_sums(record: Record) -> None:
    """Nothing is not zero tokens."""
    recorded = record()
    with convqa.turn("c-1") as turn:
        turn.answer("x")
    assert not [
        key
        for key in recorded.attributes("turn").keys() - {"convqa.turn.index"}
        if key.startswith(("convqa.turn.", "convqa.latency.retrieval"))
    ]


def test_a_turn_carries_its_model_intent_and_escalation(record: Record) -> None:
    """What stages found stands on the turn as well; of several the last counts."""
    recorded = record()
    with convqa.turn("c-1") as turn:
        for name in ("a", "b"):
            convqa.intent_detection(lambda name=name: convqa.Intent(name, 0.5, risk="low"))()
            with convqa.generation(model=name, provider="p", response_model=f"{name}-1"):
                pass
        with convqa.escalation(reason="policy"):
            pass
        convqa.tool(lambda: 1)()
        turn.answer("x")
    attributes = recorded.attributes("turn")
    assert attributes["convqa.intent.class"] == "b"
    assert attributes["convqa.risk.level"] == "low"
    assert [attributes[f"gen_ai.{key}"] for key in ("request.model", "response.model", "provider.name")] == [
        "b",
        "b-1",
        "p",
    ]
    assert attributes["convqa.escalation.flag"] is True
    assert attributes["convqa.escalation.reason"] == "policy"
    assert attributes["convqa.turn.tool_calls"] == 1
    assert attributes["convqa.latency.generation_ms"] >= 0


# --------------------------------------------------------------------------------------------------- stages by kind


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("hi", [{"role": "user", "parts": [{"type": "text", "content": "hi"}]}]),
        (["a", "b"], [{"role": "user", "parts": [{"type": "text", "content": t}]} for t in "ab"]),
        ([{"role": "system", "content": "x"}], [{"role": "system", "parts": [{"type": "text", "content": "x"}]}]),
        (
            [{"role": "user", "content": [{"type": "text", "text": "a"}, "b", {"type": "image", "url": "u"}],
              "name": "n"}],
            [{"role": "user", "parts": [{"type": "text", "content": "a"}, {"type": "text", "content": "b"},
              {"type": "image", "url": "u"}], "name": "n"}],
        ),
        (
            [{"role": "tool", "tool_call_id": "t1", "content": "ok"}],
            [{"role": "tool", "parts": [{"type": "tool_call_response", "id": "t1", "response": "ok"}]}],
        ),
        (
            [{"role": "assistant", "content": None,
              "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": '{"a": 1}'}}]}],
            [{"role": "assistant", "parts": [{"type": "tool_call", "id": "1", "name": "f", "arguments": {"a": 1}}]}],
        ),
        ([{"role": "user", "parts": [1]}], [{"role": "user", "parts": [1]}]),
        ([{"role": "assistant", "tool_calls": 7}], [{"role": "assistant", "parts": []}]),
        ([{"tool_calls": ["x"]}], [{"role": "user", "parts": [{"type": "tool_call", "call": "x"}]}]),
        ([{"tool_calls": [{"function": "f"}]}], [{"role": "user", "parts": [{"type": "tool_call", "function": "f"}]}]),
        ([7], [7]),
        (  # Anthropic
            [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "ok"}]},
             {"role": "assistant", "content": [{"type": "thinking", "thinking": "So?"},
              {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}]}],
            [{"role": "user", "parts": [{"type": "tool_call_response", "id": "t", "response": "ok"}]},
             {"role": "assistant", "parts": [{"type": "reasoning", "content": "So?"},
              {"type": "tool_call", "id": "t", "name": "f", "arguments": {"a": 1}}]}],
        ),
        (  # Bedrock
            [{"role": "user", "content": [{"text": "Hi"},
              {"toolResult": {"toolUseId": "t", "content": [{"text": "ok"}]}},
              {"image": {"format": "png", "source": {"bytes": b"123"}}}]},
             {"role": "assistant", "content": [{"reasoningContent": {"reasoningText": {"text": "So?"}}},
              {"toolUse": {"toolUseId": "t", "name": "f", "input": {"a": 1}}}]}],
            [{"role": "user", "parts": [{"type": "text", "content": "Hi"},
              {"type": "tool_call_response", "id": "t", "response": [{"text": "ok"}]},
              {"type": "image", "image": {"format": "png", "source": {"bytes": "<3 bytes>"}}}]},
             {"role": "assistant", "parts": [{"type": "reasoning", "content": "So?"},
              {"type": "tool_call", "id": "t", "name": "f", "arguments": {"a": 1}}]}],
        ),
        (  # Gemini
            [{"role": "user", "parts": [{"text": "Hi"}, {"inlineData": {"mimeType": "image/png", "data": "AA=="}}]},
             {"role": "model", "parts": [{"text": "So?", "thought": True},
              {"functionCall": {"name": "f", "args": {"a": 1}}}]},
             {"role": "function", "parts": [{"functionResponse": {"name": "f", "response": {"b": 2}}}]},
             {"text": "And?"}],
            [{"role": "user", "parts": [{"type": "text", "content": "Hi"},
              {"type": "inlineData", "inlineData": {"mimeType": "image/png", "data": "AA=="}}]},
             {"role": "assistant", "parts": [{"type": "reasoning", "content": "So?"},
              {"type": "tool_call", "id": None, "name": "f", "arguments": {"a": 1}}]},
             {"role": "tool", "parts": [{"type": "tool_call_response", "id": None, "response": {"b": 2}, "name": "f"}]},
             {"role": "user", "parts": [{"type": "text", "content": "And?"}]}],
        ),
        ({"role": "user", "parts": [{"text": "Hi"}]}, [{"role": "user", "parts": [{"type": "text", "content": "Hi"}]}]),
        ({"messages": ["Hi"]}, [{"role": "user", "parts": [{"type": "text", "content": "Hi"}]}]),
        ({"text": "Hi", "type": "StringPromptValue"}, [{"role": "user", "parts": [{"type": "text", "content": "Hi"}]}]),
        (  # LangChain, written down in two ways, and as pairs
            [("system", "Be kind."), ("human", "Hi"), {"type": "human", "data": {"type": "human", "content": "Hi"}},
             {"lc": 1, "type": "constructor", "kwargs": {"type": "ai", "content": "Yes.", "tool_calls": []}}],
            [{"role": "system", "parts": [{"type": "text", "content": "Be kind."}]},
             {"role": "user", "parts": [{"type": "text", "content": "Hi"}]},
             {"role": "user", "parts": [{"type": "text", "content": "Hi"}]},
             {"role": "assistant", "parts": [{"type": "text", "content": "Yes."}]}],
        ),
        (7, 7),
        ({"role": "user"}, {"role": "user"}),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_messages_become_parts(record: Record, given: Any, written: Any) -> None:
    """Messages as providers write them take the conventions' form, arguments as data; anything else stays as it is."""
    attributes, _ = generation(record, messages=given)
    assert json.loads(attributes["gen_ai.input.messages"]) == written
    assert wrong(attributes) == set()


@pytest.mark.parametrize("reason", ["because", ["policy"], {"a": 1}, 7, b"x"], ids=str)
def test_an_unknown_reason_is_other(record: Record, reason: Any) -> None:
    """A reason outside the vocabulary is counted, and is `other` on stage and turn."""
    recorded = record()
    with convqa.turn("c-1") as turn:
        with convqa.escalation() as stage:
            stage.record({"reason": reason})
        turn.answer("x")
    assert recorded.attributes("escalation")["convqa.escalation.reason"] == "other"
    assert recorded.attributes("turn")["convqa.escalation.reason"] == "other"
    assert recorded.violations("escalation") == {"reason"}


def test_a_failed_check_denies_and_a_failed_tool_is_an_error(record: Record) -> None:
    """What a stage that raised could not say is said for it: nothing was granted, nothing passed."""
    recorded = record()
    with convqa.turn("c-1"):
        for handle in (convqa.tool(name="t"), convqa.access_check(resource="r"), convqa.policy_check(name="p")):
            with pytest.raises(ValueError, match="x"), handle:
                raise ValueError("x")
    assert recorded.attributes("tool")["convqa.tool.result"] == "error"
    assert recorded.attributes("access_check")["convqa.access.decision"] == "deny"
    assert recorded.attributes("policy_check")["convqa.policy.check.result"] == "error"


def test_a_value_that_breaks_flattening_costs_its_stage_a_violation(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault while one stage is flattened is named on it; the span, its other values and the turn leave."""
    monkeypatch.setitem(flatten._FINISHERS, "tool", lambda *_: 1 / 0)
    recorded = record()
    with convqa.turn("c-1") as turn, convqa.tool(name="t", call_id="c"):
        turn.answer("x")
    assert recorded.attributes("tool")["gen_ai.tool.call.id"] == "c"
    assert recorded.violations("tool") == {"tool", "result"}
    assert recorded.sdk.stats().faults["flatten"] == 1


def test_a_stage_that_cannot_be_made_costs_itself(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """One span's fault costs one span, and is counted under the stage's name."""
    recorded = record()
    materialiser = recorded.sdk._worker._renderings.materialisers[0]
    make = materialiser._span

    def faulty(stage: Any, *rest: Any) -> Any:
        if stage.kind == "tool":
            raise RuntimeError("a fault of ours")
        return make(stage, *rest)

    monkeypatch.setattr(materialiser, "_span", faulty)
    with convqa.turn("c-1") as turn, convqa.tool(name="t"):
        turn.answer("x")
    assert [span.name for span in recorded.all] == ["turn"]
    assert recorded.sdk.stats().violations["tool"] == 1
    assert recorded.sdk.stats().exported == 1


# --------------------------------------------------------------------------------------------------------- bounds


@pytest.mark.parametrize("size", [70_000, 120_000, 8_000_000])
def test_of_a_huge_text_the_head_leaves_with_the_length_of_the_whole(record: Record, size: int) -> None:
    """8 MB of text leave as their beginning, with how long it was and the hash of what redaction made of it."""
    text = ("jane@example.com " + "word " * (size // 5))[:size]
    recorded = record(redaction=PATIENT)
    with convqa.turn("c-1", text) as turn:
        turn.answer(text)
    attributes = recorded.attributes("turn")
    left = attributes["convqa.message.text"]
    assert left.startswith("[EMAIL] word word ")
    assert left.endswith(TOO_LONG)
    assert 60_000 < len(left) <= 65_536
    assert attributes["convqa.message.text.original_length"] == size
    if size < 131_072:  # capture kept all of it
        whole = text.replace("jane@example.com", "[EMAIL]")
        assert attributes["convqa.message.text.sha256"] == hashlib.sha256(whole.encode()).hexdigest()
    else:
        assert len(attributes["convqa.message.text.sha256"]) == 64
        assert attributes["convqa.redaction.status"] == "withheld"


def test_a_context_that_is_too_long_keeps_its_form(record: Record) -> None:
    """Of a long conversation sent to a model the texts are cut, never the messages' roles and parts."""
    recorded = record()
    messages = [{"role": "user", "content": f"jane{n}@example.com " + "word " * 1_400} for n in range(60)]
    with convqa.turn("c-1", "hi"), convqa.generation(model="m", messages=messages):
        pass
    attributes = recorded.attributes("generation")
    left = json.loads(attributes["gen_ai.input.messages"])
    assert [message["role"] for message in left] == ["user"] * 60
    assert all(part["type"] == "text" for message in left for part in message["parts"])
    assert left[0]["parts"][0]["content"].startswith("[EMAIL] word ")
    assert len(attributes["gen_ai.input.messages"]) <= 65_536
    assert "@example.com" not in recorded.text


def test_the_models_of_a_turn_are_those_of_its_last_call(record: Record) -> None:
    """The model of one call and the provider of another would be a set-up that nobody has."""
    recorded = record()
    with convqa.turn("c-1", "hi"):
        with convqa.generation(model="small", provider="openai", response_model="small-2026"):
            pass
        with convqa.generation(model="big", provider="acme"):
            pass
    attributes = recorded.attributes("turn")
    assert attributes["gen_ai.request.model"] == "big"
    assert attributes["gen_ai.provider.name"] == "acme"
    assert "gen_ai.response.model" not in attributes


def test_an_escalation_says_so_itself(record: Record) -> None:
    """The flag stands on the escalation and on its turn; a second one without a reason erases no reason."""
    recorded = record()
    with convqa.turn("c-1", "hi"):
        with convqa.escalation(reason="policy"):
            pass
        with convqa.escalation():
            pass
    turn, *escalations = sorted(recorded.all, key=lambda span: span.name != "turn")
    assert [span.attributes["convqa.escalation.flag"] for span in escalations] == [True, True]
    assert turn.attributes["convqa.escalation.flag"] is True
    assert turn.attributes["convqa.escalation.reason"] == "policy"


def test_an_exception_that_others_record_too_is_one_event(record: Record) -> None:
    """An instrumented client records the exception on the current span before it reaches us."""
    recorded = record()

    @convqa.tool
    def lookup() -> None:
        error = ValueError("no")
        trace.get_current_span().record_exception(error)
        raise error

    with convqa.turn("c-1", "hi"), pytest.raises(ValueError, match="no"):
        lookup()
    assert [event.name for event in recorded.one("tool").events] == ["exception"]


def test_a_canary_states_only_what_differs(record: Record) -> None:
    """Versions of a turn add to the configured ones."""
    recorded = record(versions=convqa.Versions(model="m1", prompt="p1"))
    with convqa.turn("c-1", "hi", versions=convqa.Versions(model="canary")):
        pass
    attributes = recorded.attributes("turn")
    assert attributes["convqa.model.version"] == "canary"
    assert attributes["gen_ai.prompt.version"] == "p1"


def test_versions_that_belong_together_come_from_one_side(record: Record) -> None:
    """An arm of another experiment, or another prompt's version, is a combination that nobody ran."""
    recorded = record(
        versions=convqa.Versions(experiment="e1", arm="a", prompt_name="refunds", prompt="12", policy="p")
    )
    with convqa.turn("c-1", "hi", versions=convqa.Versions(experiment="e2", prompt_name="returns")):
        pass
    attributes = recorded.attributes("turn")
    assert attributes["convqa.experiment.id"] == "e2"
    assert attributes["gen_ai.prompt.name"] == "returns"
    assert attributes["convqa.policy.version"] == "p"
    assert not {"convqa.experiment.arm", "gen_ai.prompt.version"} & set(attributes)


def test_scores_of_exact_arithmetic_are_numbers(record: Record) -> None:
    """Database drivers return `Decimal`."""
    attributes = retrieval(
        record, convqa.Document("a", score=Decimal("0.5")), convqa.Document("b", score=Fraction(1, 4))
    )  # type: ignore[arg-type] # reason: as drivers give it
    assert list(attributes["convqa.retrieval.document.scores"]) == [0.5, 0.25]


def test_a_long_passage_keeps_its_beginning(record: Record) -> None:
    """Also one that is longer than redaction reads; its hash is that of the whole."""
    attributes = retrieval(record, convqa.Document("a", "word " * 40_000))
    (passage,) = attributes["convqa.retrieval.document.passages"]
    assert passage.startswith("word word ")
    assert list(attributes["convqa.retrieval.document.passages.original_length"]) == [200_000]


def test_a_streams_length_is_that_of_the_whole(record: Record) -> None:
    """Capture stops keeping pieces, not counting them."""
    recorded = record()
    with convqa.turn("c-1", "hi") as turn:
        for _ in turn.stream("word " * 200 for _ in range(500)):
            pass
    assert recorded.attributes("turn")["convqa.answer.text.original_length"] == 500_000


def test_one_bad_segment_costs_itself(record: Record) -> None:
    """A value that cannot be encoded, in a field that every span has, is a violation and not the turn."""
    recorded = record()
    with convqa.turn("c-1", "hi") as turn, convqa.tool(name="t"):
        turn.set(is_group={"a": "\ud800"})  # type: ignore[arg-type] # reason: wrong on purpose
    assert "is_group" in recorded.violations("turn")
    assert "is_group" in recorded.violations("tool")


def test_a_violation_is_logged_once_by_its_name(record: Record, caplog: pytest.LogCaptureFixture) -> None:
    """A misspelt field is told when it is met: its name, the stage and where to look; a name like none of ours is not.

    A mapper may take its names from data, and no pattern finds a person's.
    """
    recorded = record()
    given: dict[str, Any] = {"nam": "secret-value", "jane@example.com": 1, "Jane Doe": 1}
    for _ in range(3):
        with convqa.turn("c-1") as turn:
            with convqa.tool(name="t", **given):
                pass
            turn.answer("x")
    told = [r.getMessage() for r in caplog.records if "instrumentation_violation" in r.getMessage()]
    assert len(told) == 2
    assert "field='nam' stage='tool' see='docs/reference/stages.md" in told[0]
    assert "field='[OTHER]' stage='tool'" in told[1]
    assert "secret-value" not in caplog.text
    assert "jane" not in caplog.text.lower()
    assert recorded.sdk.stats().violations["nam"] == 3


def test_names_that_a_bot_makes_up_do_not_fill_its_log(record: Record, caplog: pytest.LogCaptureFixture) -> None:
    """Beyond a hundred names the counts alone go on, and other causes are still logged."""
    recorded = record()
    for number in range(150):
        given: dict[str, Any] = {f"archetype_tier_{number}": 1}
        with convqa.turn("c-1") as turn:
            with convqa.tool(name="t", **given):
                pass
            turn.answer("x")
    assert caplog.text.count("instrumentation_violation") == 100
    assert len(recorded.sdk.stats().violations) == 150


def test_a_stage_outside_a_turn_has_the_configured_versions(record: Record, caplog: pytest.LogCaptureFixture) -> None:
    """It also says once, in the log, what to do."""
    recorded = record(versions=convqa.Versions(kb_snapshot="kb-1"))
    for _ in range(2):
        convqa.retrieval(data_source="kb")(lambda query: [])("q")
    assert [span.attributes["convqa.kb.snapshot"] for span in recorded.all] == ["kb-1"] * 2
    assert caplog.text.count("stage_outside_a_turn") == 1
    assert "carry" in caplog.text


def test_a_cut_text_keeps_length_and_the_hash_of_the_redacted_text(record: Record) -> None:
    """A text within what redaction reads but beyond `text_bytes` is cut behind whole characters."""
    text = "jane@example.com ü " * 100
    redacted = "[EMAIL] ü " * 100
    recorded = record(text_bytes=256)
    with convqa.turn("c-1", text):
        pass
    attributes = recorded.attributes("turn")
    assert attributes["convqa.message.text.original_length"] == len(text)
    assert attributes["convqa.message.text.sha256"] == hashlib.sha256(redacted.encode()).hexdigest()
    assert len(attributes["convqa.message.text"].encode()) <= 256
    assert attributes["convqa.message.text"].startswith("[EMAIL] ü ")
    assert attributes["convqa.message.text"].endswith(TOO_LONG)


def test_a_text_that_fits_has_no_companions(record: Record) -> None:
    """Only a text that was cut says how long it was; one that quotes the marker is not cut."""
    recorded = record()
    with convqa.turn("c-1", f"the marker is {TOO_LONG}") as turn:
        turn.custom(note=TOO_LONG)
    assert not [key for key in recorded.attributes("turn") if key.startswith("convqa.message.text.")]


def test_a_large_structure_is_shortened_and_stays_json(record: Record) -> None:
    """Long leaves of a JSON attribute are cut until the whole fits; what cannot fit becomes a marker."""
    recorded = record(text_bytes=2_000)
    with convqa.turn("c-1"):
        convqa.tool(name="t", arguments={"note": "word " * 1_000, "id": "o-1"})(
            lambda: [str(n) for n in range(2_000)]
        )()
    attributes = recorded.attributes("tool")
    arguments = json.loads(attributes["gen_ai.tool.call.arguments"])
    assert arguments["id"] == "o-1"
    assert arguments["note"].endswith(TOO_LONG)
    assert attributes["gen_ai.tool.call.arguments.original_length"] == 5_000 + 3
    assert json.loads(attributes["gen_ai.tool.call.result"]) == TOO_LONG
    assert "gen_ai.tool.call.result.sha256" in attributes


@pytest.mark.parametrize("letter", ["x", "ü", "😀", '"', "\x01"])
def test_a_span_as_a_whole_is_bounded(record: Record, letter: str) -> None:
    """All texts of a span, its custom values and its events together stay within `span_bytes`, whatever they hold."""
    recorded = record(span_bytes=10_000, text_bytes=5_000)
    with pytest.raises(ArithmeticError), convqa.turn("c-1", letter * 4_000) as turn:  # noqa: PT012 - a whole turn
        turn.answer(letter * 4_000)
        turn.custom(**{f"k{n}": letter * 1_000 for n in range(100)})
        for number in range(100):
            turn.event(f"e{number}", {"text": letter * 500})
        turn.event("convqa.customer_action", CustomerAction(chat_guid="c", name="n", arguments=letter * 3_000))
        raise ArithmeticError(letter * 10_000)
    span = recorded.one("turn")
    texts = [text for part in everything(span)[:4] for text in strings(part)]
    values = sum(len(text.encode()) for text in texts)
    assert values < 10_000 + 200 * 40  # keys and names come on top
    assert estimate(span) >= values - 4_000
    assert span.attributes["convqa.message.text.original_length"] == 4_000
    assert span.events[-1].name == "exception"
    assert "events" in recorded.violations("turn")
    assert len(span.events) == 103


def strings(value: Any) -> list[str]:
    """All strings inside a value, keys left out."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for item in value.values() for text in strings(item)]
    if isinstance(value, (list, tuple)):
        return [text for item in value for text in strings(item)]
    return []


def test_the_exception_has_room_whatever_came_before(record: Record) -> None:
    """Events of other code cannot push out the exception that ended the stage."""
    recorded = record(span_bytes=8_192)
    with pytest.raises(ValueError, match="boom"), convqa.turn("c-1") as turn:  # noqa: PT012 - a whole turn
        for _ in range(100):
            turn.event("noise", {"text": "x" * 1_000})
        raise ValueError("boom")
    event = recorded.one("turn").events[-1]
    assert event.attributes["exception.message"] == "boom"
    assert sum(len(v) for v in event.attributes.values()) <= 8_192 // EVENTS_SHARE


MAILS = "jane.doe@example.com "
"""A text of 21 characters that becomes one of 8."""


def searched(recorded: Recorded) -> int:
    """Characters that were searched for all that was recorded."""
    return recorded.sdk._worker._renderings.materialisers[0]._screen.searched


def test_of_passages_no_more_is_searched_than_can_leave(record: Record) -> None:
    """Hundreds of long passages are read as far as their share goes, and say how long they were."""
    recorded = record(text_bytes=65_536)
    documents = [convqa.Document(f"d-{n}", f"{n} {MAILS * 500}") for n in range(200)]
    with convqa.turn("c-1"):
        convqa.retrieval(data_source="kb")(lambda: documents)()
    attributes = recorded.attributes("retrieval")
    key = "convqa.retrieval.document.passages"
    assert searched(recorded) < 3 * 65_536 + 200 * 512
    assert list(attributes[f"{key}.original_length"]) == [len(document.text or "") for document in documents]
    assert len(set(attributes[f"{key}.sha256"])) == 200
    assert all(passage.endswith(TOO_LONG) and "[EMAIL]" in passage for passage in attributes[key])
    assert "jane" not in recorded.text
    assert attributes["convqa.redaction.status"] == "withheld"


def test_a_passage_within_its_share_is_read_whole(record: Record) -> None:
    """The hash of one that is cut for leaving is that of the whole, as long as it was read."""
    texts = ["word " * 8_000, "word " * 8_000]
    attributes = retrieval(record, *[convqa.Document(f"d{n}", text) for n, text in enumerate(texts)])
    digest = hashlib.sha256(texts[0].encode()).hexdigest()
    assert list(attributes["convqa.retrieval.document.passages.sha256"]) == [digest, digest]
    assert attributes["convqa.redaction.status"] == "clean"


@pytest.mark.parametrize(
    "facts",
    [
        {"text": MAILS * 2_000},
        {f"k{n}": MAILS * 30 for n in range(60)},
        {"list": [MAILS * 2] * 1_000},
        {f"k{n}": [MAILS * 30] for n in range(60)},
    ],
    ids=["a text", "many texts", "a list", "many lists"],
)
def test_facts_of_events_are_searched_as_long_as_there_is_room(record: Record, facts: dict[str, Any]) -> None:
    """Events beyond stay with name and time, without facts, and are named."""
    recorded = record(span_bytes=400_000)
    with convqa.turn("c-1", "hi") as turn:
        for number in range(128):
            turn.event(f"e{number}", facts)
    span = recorded.one("turn")
    assert searched(recorded) < 100_000 + 50_000
    assert [event.name for event in span.events] == [f"e{number}" for number in range(128)]
    assert span.events[0].attributes
    assert not span.events[-1].attributes
    assert "events" in recorded.violations("turn")
    assert "jane" not in recorded.text


def test_facts_that_fail_take_room_too(record: Record) -> None:
    """What is withheld because its search took too long was paid for: the next events are not searched for ever."""
    recorded = record(redaction=RedactionPolicy(budget_ms=0.000_001), span_bytes=400_000)
    with convqa.turn("c-1", "hi") as turn:
        for _ in range(128):
            turn.event("e", {"text": MAILS * 1_000})
    assert searched(recorded) < 100_000 + 50_000


def test_exceptions_are_searched_as_far_as_they_can_leave(record: Record) -> None:
    """The same for exceptions that others record, however long their messages."""
    recorded = record(span_bytes=400_000)
    with convqa.turn("c-1", "hi") as turn:
        for _ in range(128):
            turn.record_exception(ValueError(MAILS * 700))
    events = recorded.one("turn").events
    assert searched(recorded) < 100_000 + 50_000
    assert events[0].attributes["exception.message"].startswith("[EMAIL] [EMAIL]")
    assert len(events) == 128
    assert not events[-1].attributes
    assert "jane" not in recorded.text


def test_own_values_are_searched_as_long_as_there_is_room(record: Record) -> None:
    """A hundred values that were set one by one cost no more than the span; those beyond are left out and named."""
    recorded = record(span_bytes=100_000)
    with convqa.turn("c-1", "hi") as turn:
        for number in range(100):
            turn.custom(**{f"k{number}": [MAILS * 500]})
    assert searched(recorded) < 100_000 + 50_000
    assert "custom" in recorded.violations("turn")
    assert "convqa.custom.k0" in recorded.attributes("turn")
    assert "convqa.custom.k99" not in recorded.attributes("turn")


def test_labels_are_searched_as_long_as_there_is_room(record: Record) -> None:
    """Ids and versions of documents that are none, but long texts, cost their arrays."""
    recorded = record(span_bytes=100_000)
    documents = [convqa.Document(f"{n} {MAILS * 100}", "t", version=f"{n} {MAILS * 90}") for n in range(300)]
    with convqa.turn("c-1"):
        convqa.retrieval(data_source="kb")(lambda: documents)()
    assert searched(recorded) < 100_000 + 50_000
    assert recorded.violations("retrieval") >= {"document_ids", "document_versions"}
    assert recorded.attributes("retrieval")["convqa.retrieval.document.passages"]


@pytest.mark.parametrize("at_ns", [-1, 0, 2**70])
def test_an_event_at_an_impossible_time_is_at_the_end(record: Record, at_ns: int) -> None:
    """A timestamp that the wire cannot carry does not cost the batch."""
    recorded = record()
    with convqa.turn("c-1") as turn:
        turn.event("e", {}, at_ns)
    span = recorded.one("turn")
    assert span.events[0].timestamp == span.end_time


def test_custom_values_keep_their_types(record: Record) -> None:
    """Scalars stay scalars, structures become JSON, what JSON cannot hold becomes text or is left out."""
    recorded = record()
    with convqa.turn("c-1") as turn:
        turn.custom(s="a", b=True, i=7, f=0.5, n=None, big=2**70, nan=math.nan, list=[1, "a"], map={"a": None})
        turn.custom(**{"k" * 300: 1, "": 2})
    own = {k.removeprefix("convqa.custom."): v for k, v in recorded.attributes("turn").items() if ".custom." in k}
    assert own == {
        "s": "a",
        "b": True,
        "i": 7,
        "f": 0.5,
        "big": str(2**70),
        "list": '[1,"a"]',
        "map": '{"a":null}',
        TOO_LONG: 1,
        "": 2,
    }
    assert {type(own[k]) for k in "bif"} == {bool, int, float}


def test_links_that_are_no_links_are_left_out(record: Record) -> None:
    """A reference with impossible ids makes no link: an encoder would refuse the batch for it."""
    recorded = record()
    for ref in (convqa.TurnRef("c-1", 2**200, 5), convqa.TurnRef("c-1", 5, 2**70), convqa.TurnRef("c-1", 0, 5)):
        convqa.record_feedback(ref, thumbs="up")
        with convqa.turn("c-1", previous=ref):
            pass
    assert [len(span.links) for span in recorded.all] == [0] * 6
    with convqa.turn("c-1") as turn:
        turn.links = [Link(SpanContext(2**200, 5, True)), Link(SpanContext(5, 5, True))]
    assert len(recorded.all[-1].links) == 1


def test_a_surrogate_in_a_closed_vocabulary_costs_that_field(record: Record) -> None:
    """What is validated later is not measured before: no text, however broken, costs a span."""
    recorded = record()
    with convqa.turn("c-1"), convqa.intent_detection(intent="i", confidence=1.0) as stage:
        stage.record({"risk": "\ud800", "archetype_tier": "\udfff"})
    assert recorded.violations("intent_detection") == {"risk", "archetype_tier"}


def test_kinds_of_span(record: Record) -> None:
    """Retrieval and generation are CLIENT spans, the rest INTERNAL; the turn comes last."""
    recorded = record()
    with convqa.turn("c-1"):
        for kind in (Retrieval, Generation):
            stage = kind.begin({})
            assert stage is not None
            stage.finish()
        convqa.tool(lambda: 1)()
    assert [(span.attributes["convqa.stage"], span.kind.name) for span in recorded.all] == [
        ("retrieval", "CLIENT"),
        ("generation", "CLIENT"),
        ("tool", "INTERNAL"),
        ("turn", "INTERNAL"),
    ]


def test_every_span_names_its_scope_and_schema(record: Record) -> None:
    """Instrumentation scope and schema URL stand on every span."""
    recorded: Recorded = record()
    with convqa.turn("c-1"), convqa.tool(name="t"):
        pass
    for span in recorded.all:
        assert span.instrumentation_scope.name == "convqa_sdk"
        assert span.instrumentation_scope.schema_url.endswith(span.attributes["convqa.schema.version"])
