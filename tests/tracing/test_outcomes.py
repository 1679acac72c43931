"""Saying what happened afterwards: outcomes, changes, ends of sessions."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

import convqa_sdk as convqa
from convqa_sdk.errors import RecordError
from convqa_sdk.store.segments import read_spans
from convqa_sdk.testing import RecordedSpan, Recording, recording

SECRET = "qzx-4711-secret"
EARLIER = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=timezone.utc)
NOON = datetime(2026, 1, 2, 12, tzinfo=timezone.utc)
LONG_AGO = datetime(2020, 1, 2, tzinfo=timezone.utc)
PHONE = "+49 170 5551234"


@pytest.fixture
def spans() -> Iterator[Recording]:
    """Record in memory."""
    with recording() as recorded:
        yield recorded


def one(spans: Recording, kind: str | None = None) -> RecordedSpan:
    """Return the only outcome."""
    found = spans.outcomes(kind)
    assert len(found) == 1
    return found[0]


def fields(span: RecordedSpan) -> dict[str, Any]:
    """Fields of an outcome by their short name."""
    prefix = f"convqa.outcome.{span['convqa.outcome.kind']}."
    return {key.removeprefix(prefix): value for key, value in span.attributes.items() if key.startswith(prefix)}


def turn_ref() -> convqa.TurnRef:
    """Record a turn and return its reference."""
    with convqa.turn("c-10492", "hello") as turn:
        turn.answer("hi")
    return turn.ref


class TestCalls:
    """Every call of the API page, word for word."""

    def test_feedback(self, spans: Recording) -> None:
        """Thumbs and a comment on one turn."""
        ref = turn_ref()
        convqa.record_feedback(ref, thumbs="down", comment="that is not our plan")
        assert fields(one(spans)) == {"thumbs": "down", "comment": "that is not our plan"}

    def test_csat(self, spans: Recording) -> None:
        """A survey with its scale and times."""
        convqa.record_csat(
            "c-10492", score=4, scale=5, kind="delayed", asked_at=EARLIER, answered_at=EARLIER + timedelta(hours=1)
        )
        assert fields(one(spans)) == {
            "kind": "delayed",
            "score": 4.0,
            "scale": 5,
            "asked_at": "2026-01-02T03:04:05.678901Z",
            "answered_at": "2026-01-02T04:04:05.678901Z",
        }

    def test_an_unanswered_survey_is_an_outcome_too(self, spans: Recording) -> None:
        """Asked and not answered: no score, no answer time."""
        convqa.record_csat("c-10492", asked_at=EARLIER)
        assert fields(one(spans)) == {"kind": "resolution", "scale": 5, "asked_at": "2026-01-02T03:04:05.678901Z"}

    def test_resolution(self, spans: Recording) -> None:
        """State and evidence, at the time it happened."""
        convqa.record_resolution("c-10492", "ai_assisted", evidence="closed_by_human", at=EARLIER)
        span = one(spans)
        assert fields(span) == {"state": "ai_assisted", "evidence": "closed_by_human"}
        assert span["convqa.outcome.at"] == "2026-01-02T03:04:05.678901Z"
        assert span.span.start_time == span.span.end_time == 1767323045678901000

    def test_ticket(self, spans: Recording) -> None:
        """The life of a ticket."""
        convqa.record_ticket(
            "c-10492",
            opened_at=EARLIER,
            first_human_reply_at=EARLIER,
            closed_at=EARLIER,
            handle_time_s=412,
            asked_to_restate=False,
            packet_acknowledged=True,
        )
        given = fields(one(spans))
        assert (given["handle_time_s"], given["asked_to_restate"], given["packet_acknowledged"]) == (412.0, False, True)
        assert set(given) >= {"opened_at", "first_human_reply_at", "closed_at"}

    def test_the_rest_of_the_page(self, spans: Recording) -> None:
        """Agent messages, recontacts, reopens, suggestions, audits, flags, incidents and money."""
        ref = turn_ref()
        convqa.record_agent_message("c-10492", index=1, text="Could you say that again?")
        convqa.record_recontact("c-10511", of="c-10492", same_issue=True)
        convqa.record_reopen("c-10492", at=EARLIER)
        convqa.record_suggestion(ref, kind="draft", accepted=True, edited=True, review_s=14)
        convqa.record_audit(
            ref,
            category="policy",
            policy_class="01",
            claim_accuracy=2,
            policy_alignment=0,
            source_grounding=1,
            user_impact="major",
            reviewer="r-7",
        )
        convqa.record_agent_flag(ref, "misrouted")
        convqa.record_incident(ref, policy_class="01", severity="P0", owner="ops-lead")
        convqa.record_business("c-10492", kind="refund_avoided", amount=25, currency="USD", source="crm")
        assert {span["convqa.outcome.kind"]: fields(span) for span in spans.outcomes()} == {
            "agent_message": {"index": 1, "text": "Could you say that again?"},
            "recontact": {"of": "c-10492", "same_issue": True},
            "reopen": {},
            "suggestion": {"kind": "draft", "accepted": True, "edited": True, "review_s": 14.0},
            "audit": {
                "category": "policy",
                "policy_class": "01",
                "claim_accuracy": 2,
                "policy_alignment": 0,
                "source_grounding": 1,
                "user_impact": "major",
                "reviewer": "r-7",
            },
            "agent_flag": {"flag": "misrouted"},
            "incident": {"policy_class": "01", "severity": "P0", "owner": "ops-lead", "state": "open"},
            "business": {"kind": "refund_avoided", "amount": 25.0, "currency": "USD"},
        }
        assert one(spans, "business")["convqa.outcome.source"] == "crm"
        spans.assert_complete()

    def test_changes_and_ends_of_sessions(self, spans: Recording) -> None:
        """A change has no conversation; a session's end has one."""
        convqa.record_change("knowledge_base", version="kb-2026-05-08", note="returns article rewritten")
        convqa.end_session("c-10492")
        change, end = spans.spans
        assert (change.name, change["convqa.change.kind"], change["convqa.change.version"]) == (
            "change knowledge_base",
            "knowledge_base",
            "kb-2026-05-08",
        )
        assert change["convqa.change.note"] == "returns article rewritten"
        assert "gen_ai.conversation.id" not in change
        assert (end.stage, end["gen_ai.conversation.id"], end["session.id"]) == ("snapshot", "c-10492", "c-10492")
        spans.assert_complete()


def test_stats_say_what_was_recorded_besides_turns(spans: Recording) -> None:
    """Whoever records outcomes in a script sees that they left; turns count apart."""
    convqa.record_csat("c-1", 5)
    convqa.record_change("model", version="m-2")
    convqa.end_session("c-1")
    with convqa.turn("c-1", "hi") as turn:
        turn.answer("x")
    stats = spans.stats()
    assert (stats.recorded_records, stats.exported_records, stats.lost_records) == (3, 3, {})
    assert (stats.recorded, stats.exported) == (1, 1)


class TestReference:
    """What an outcome is about."""

    @pytest.mark.parametrize("form", [lambda ref: ref, str, lambda ref: f" {ref}\n"], ids=["object", "string", "line"])
    def test_a_turn_is_linked(self, spans: Recording, form: Callable[[convqa.TurnRef], Any]) -> None:
        """A TurnRef or its string links to that span, in a trace of the outcome's own."""
        ref = turn_ref()
        convqa.record_feedback(form(ref), thumbs="up")
        span = one(spans)
        (link,) = span.span.links
        assert (link.context.trace_id, link.context.span_id) == (ref.trace_id, ref.span_id)
        context = span.span.get_span_context()
        assert context is not None
        assert context.trace_id != ref.trace_id
        assert span.span.parent is None
        assert span["gen_ai.conversation.id"] == "c-10492"

    @pytest.mark.parametrize("ref", ["c-10492", convqa.TurnRef("c-10492"), convqa.TurnRef("c-10492", 7, 0)])
    def test_a_conversation_is_not_linked(self, spans: Recording, ref: Any) -> None:
        """A conversation id, or a turn that was not recorded, gives the id only: a link without a span is invalid."""
        convqa.record_feedback(ref, thumbs="up")
        assert one(spans).span.links == ()
        assert one(spans)["gen_ai.conversation.id"] == "c-10492"

    @pytest.mark.parametrize(
        "conversation_id", [f"wa:{PHONE}", "jane@example.com", "x" * 10_000, "c\n1\x00", "chat-ü-1", "c-\ud800"]
    )
    def test_ids_with_personal_data_join_their_turns(self, spans: Recording, conversation_id: str) -> None:
        """A phone number as chat id leaves as the same pseudonym on turn, outcome and recontact."""
        with convqa.turn(conversation_id, "hello") as turn:
            turn.answer("hi")
        convqa.record_feedback(conversation_id, thumbs="up")
        convqa.record_feedback(str(turn.ref), thumbs="up")
        convqa.record_recontact("c-2", of=conversation_id)
        stored = spans.turns()[0]["gen_ai.conversation.id"]
        assert re.fullmatch(r"\[CONVERSATION_ID:k1:[a-z]+\]", stored)
        assert {span["gen_ai.conversation.id"] for span in spans.outcomes("feedback")} == {stored}
        assert one(spans, "recontact")["convqa.outcome.recontact.of"] == stored
        assert spans.turn(conversation_id)["gen_ai.conversation.id"] == stored

    @pytest.mark.parametrize("ref", ["", "  ", "\n", convqa.TurnRef(""), convqa.TurnRef(" ", 1, 2)])
    def test_an_empty_reference_is_refused(self, ref: Any) -> None:
        """Nothing is about nothing."""
        with pytest.raises(RecordError, match="record_feedback: the reference is empty"):
            convqa.record_feedback(ref, thumbs="up")

    @pytest.mark.parametrize("ref", [None, 7, b"c-1", ["c-1"], ("c-1", 1, 2), convqa.TurnRef(7)])
    def test_a_reference_of_another_type_is_refused(self, ref: Any) -> None:
        """The message says what to give."""
        with pytest.raises(RecordError, match="give a TurnRef, its string, or a conversation id"):
            convqa.record_csat(ref, score=3)

    def test_a_damaged_reference_is_no_conversation(self, spans: Recording) -> None:
        """A cut TurnRef would be a conversation that never existed."""
        with pytest.raises(RecordError, match="damaged"):
            convqa.record_feedback(str(turn_ref())[:40], thumbs="up")
        assert spans.outcomes() == []


class TestCommon:
    """`id=`, `at=` and `source=`."""

    def test_the_id_is_returned_and_stored(self, spans: Recording) -> None:
        """A given id is kept, so that a repeat is a revision; else one is made."""
        assert convqa.record_feedback("c", thumbs="up", id="f-1") == "f-1"
        assert convqa.record_feedback("c", thumbs="down", id="f-1") == "f-1"
        made = convqa.record_feedback("c", thumbs="down")
        assert [span["convqa.outcome.id"] for span in spans.outcomes()] == ["f-1", "f-1", made]

    def test_made_ids_never_look_like_personal_data(self, spans: Recording) -> None:
        """Ids of ours are letters: digits could read as a phone number and would be replaced."""
        made = [convqa.record_reopen("c") for _ in range(50)]
        assert len(set(made)) == 50
        assert all(re.fullmatch("o-[a-p]{16}", outcome) for outcome in made)
        assert [span["convqa.outcome.id"] for span in spans.outcomes()] == made

    def test_at_as_nanoseconds(self, spans: Recording) -> None:
        """Integer nanoseconds are exact on the span, and microseconds in the attribute."""
        convqa.record_reopen("c", at=1_767_323_045_678_901_234)
        assert one(spans).span.start_time == 1_767_323_045_678_901_234
        assert one(spans)["convqa.outcome.at"] == "2026-01-02T03:04:05.678901Z"

    def test_at_in_another_zone(self, spans: Recording) -> None:
        """Times are UTC on the wire."""
        convqa.record_reopen("c", at=EARLIER.astimezone(timezone(timedelta(hours=-7))))
        assert one(spans)["convqa.outcome.at"] == "2026-01-02T03:04:05.678901Z"

    def test_without_at_it_happened_now(self, spans: Recording) -> None:
        """Event time and observation time are then the same moment or a tick apart."""
        convqa.record_reopen("c")
        span = one(spans)
        assert span["convqa.outcome.at"][:19] == span["convqa.outcome.observed_at"][:19] == "2026-01-01T00:00:00"

    def test_what_became_known_later_says_so(self, spans: Recording) -> None:
        """The observation time orders versions of an outcome, whatever its event time."""
        convqa.record_resolution("c", "pending", id="r", at=EARLIER)
        convqa.record_resolution("c", "self_resolved", id="r", at=EARLIER - timedelta(days=3))
        first, second = sorted(spans.outcomes(), key=lambda span: span["convqa.outcome.observed_at"])
        assert (fields(first)["state"], fields(second)["state"]) == ("pending", "self_resolved")

    def test_it_became_known_when_it_happened(self, spans: Recording) -> None:
        """Without `at` both are the same moment, by which a reader sees that no event time was given."""
        convqa.record_reopen("c")
        assert one(spans)["convqa.outcome.at"] == one(spans)["convqa.outcome.observed_at"]

    def test_an_export_says_when_it_knew(self, spans: Recording) -> None:
        """What is imported late, from an old export, is as old as that."""
        convqa.record_reopen("c", at=EARLIER, observed_at=EARLIER + timedelta(hours=2))
        assert one(spans)["convqa.outcome.observed_at"] == "2026-01-02T05:04:05.678901Z"
        assert one(spans)["convqa.outcome.at"] == "2026-01-02T03:04:05.678901Z"

    def test_a_survey_happened_when_it_was_answered(self, spans: Recording) -> None:
        """Else when it was asked; `at` says otherwise."""
        convqa.record_csat("c", 4, asked_at=EARLIER, answered_at=EARLIER + timedelta(hours=2), id="a")
        convqa.record_csat("c", asked_at=EARLIER, id="b")
        convqa.record_csat("c", 4, asked_at=EARLIER, at=NOON, id="c")
        times = {span["convqa.outcome.id"]: span["convqa.outcome.at"][11:16] for span in spans.outcomes()}
        assert times == {"a": "05:04", "b": "03:04", "c": "12:00"}

    def test_an_assumed_zone_is_declared(self, spans: Recording) -> None:
        """A replay of times without a zone says which one it took."""
        convqa.record_reopen("c", time_zone_assumed="UTC")
        assert one(spans)["convqa.time.zone_assumed"] == "UTC"

    def test_changes_take_an_id(self, spans: Recording) -> None:
        """A deployment hook that runs twice reports one change."""
        convqa.record_change("model", version="v2", id="deploy-77", at=EARLIER)
        assert spans.spans[0]["convqa.change.id"] == "deploy-77"
        assert spans.spans[0].span.start_time == 1767323045678901000

    def test_a_change_says_why_it_was_made(self, spans: Recording) -> None:
        """A trip or a rollback carries its rule, value, threshold and window, and the versions that it was about."""
        convqa.record_change(
            "guard",
            version="7",
            archetype="refund_status",
            state="fallback",
            previous_state="normal",
            tier="assist",
            previous_tier="automate",
            rule="A13",
            metric="corrections",
            value=0.25,
            threshold=0.05,
            window_s=600,
            samples=40,
            versions=convqa.Versions(model="support-v3", kb_built_at=EARLIER),
        )
        (change,) = spans.spans
        found = {key.removeprefix("convqa."): value for key, value in change.attributes.items()}
        expected = {
            "change.archetype": "refund_status",
            "change.state": "fallback",
            "change.previous_state": "normal",
            "change.tier": "assist",
            "change.previous_tier": "automate",
            "change.rule": "A13",
            "change.metric": "corrections",
            "change.value": 0.25,
            "change.threshold": 0.05,
            "change.window_s": 600.0,
            "change.samples": 40,
            "model.version": "support-v3",
            "kb.built_at": "2026-01-02T03:04:05.678901Z",
        }
        assert expected.items() <= found.items()
        assert "prompt.version" not in found
        spans.assert_complete()

    @pytest.mark.parametrize(
        ("facts", "told"),
        [
            ({"state": "open"}, "state: "),
            ({"tier": "4"}, "tier: "),
            ({"window_s": -1.0}, "window_s: "),
            ({"value": math.nan}, "value: "),
            ({"samples": 1.5}, "samples: "),
            ({"versions": {"model": "v"}}, "versions is dict; give convqa_sdk.Versions"),
        ],
    )
    def test_what_a_change_says_is_checked(self, facts: dict[str, Any], told: str) -> None:
        """Names and rules, never the value."""
        with pytest.raises(ValueError, match=f"record_change: {told}"):
            convqa.record_change("guard", version="7", **facts)
        with pytest.raises(TypeError, match=r"record_change\(\).*\['ruel'\]"):
            convqa.record_change("guard", version="7", ruel="A13")  # type: ignore[call-arg]

    def test_unknown_parameters_are_type_errors(self) -> None:
        """As for any Python function; the message lists the common ones."""
        with pytest.raises(TypeError, match=r"record_reopen\(\).*\['ad'\].*id, at, source"):
            convqa.record_reopen("c", ad=EARLIER)


def future() -> datetime:
    """Return a time that has not come yet."""
    return datetime.now(timezone.utc) + timedelta(hours=2)


BAD: list[tuple[str, Callable[[], object]]] = [
    ("record_csat: score must lie between 1 and the scale", lambda: convqa.record_csat("c", score=6)),
    ("record_csat: score must lie between 1 and the scale", lambda: convqa.record_csat("c", score=0)),
    ("record_csat: score: ", lambda: convqa.record_csat("c", score=math.nan)),
    ("record_csat: score: ", lambda: convqa.record_csat("c", score=math.inf)),
    ("record_csat: score: ", lambda: convqa.record_csat("c", score=SECRET)),
    ("record_csat: score: ", lambda: convqa.record_csat("c", score=True)),
    ("record_csat: kind: ", lambda: convqa.record_csat("c", kind=SECRET)),
    ("record_csat: scale: ", lambda: convqa.record_csat("c", scale=1)),
    ("record_csat: asked_at is a naive datetime", lambda: convqa.record_csat("c", asked_at=datetime(2026, 1, 1))),
    ("record_csat: answered_at lies in the future", lambda: convqa.record_csat("c", answered_at=future())),
    (
        "record_csat: answered_at lies before asked_at",
        lambda: convqa.record_csat("c", score=3, asked_at=NOON, answered_at=NOON - timedelta(1)),
    ),
    (
        "record_reopen: observed_at is a naive datetime",
        lambda: convqa.record_reopen("c", observed_at=datetime(2026, 1, 1)),
    ),
    ("record_reopen: observed_at lies in the future", lambda: convqa.record_reopen("c", observed_at=future())),
    ("record_reopen: observed_at lies before at", lambda: convqa.record_reopen("c", at=NOON, observed_at=EARLIER)),
    ("record_reopen: observed_at lies before at", lambda: convqa.record_reopen("c", observed_at=LONG_AGO)),
    ("record_feedback: thumbs: ", lambda: convqa.record_feedback("c", thumbs=SECRET)),
    ("record_feedback: comment: ", lambda: convqa.record_feedback("c", comment=[SECRET])),
    ("record_feedback: give at least one of thumbs, comment", lambda: convqa.record_feedback("c")),
    ("record_feedback: id: ", lambda: convqa.record_feedback("c", thumbs="up", id="")),
    ("record_feedback: id: ", lambda: convqa.record_feedback("c", thumbs="up", id=SECRET * 20)),
    ("record_feedback: id: ", lambda: convqa.record_feedback("c", thumbs="up", id=7)),
    ("record_feedback: source: ", lambda: convqa.record_feedback("c", thumbs="up", source=[SECRET])),
    (
        "record_feedback: at is a naive datetime",
        lambda: convqa.record_feedback("c", thumbs="up", at=datetime(2026, 1, 1)),
    ),
    ("record_feedback: at lies in the future", lambda: convqa.record_feedback("c", thumbs="up", at=future())),
    ("record_feedback: at lies in the future", lambda: convqa.record_feedback("c", thumbs="up", at=10**40)),
    ("record_feedback: at lies before 1971", lambda: convqa.record_feedback("c", thumbs="up", at=-1)),
    (
        "record_feedback: at lies before 1971",
        lambda: convqa.record_feedback("c", thumbs="up", at=datetime.min.replace(tzinfo=timezone.utc)),
    ),
    ("record_feedback: at lies before 1971", lambda: convqa.record_feedback("c", thumbs="up", at=1_767_225_600)),
    ("record_ticket: give at least one of", lambda: convqa.record_ticket("c")),
    (
        "record_ticket: closed_at lies before opened_at",
        lambda: convqa.record_ticket("c", opened_at=NOON, closed_at=NOON - timedelta(1)),
    ),
    ("record_audit: give at least one of", lambda: convqa.record_audit("c", reviewer="r-7")),
    ("record_recontact: a conversation is no recontact of itself", lambda: convqa.record_recontact("c", of="c")),
    ("end_session: id is empty", lambda: convqa.end_session("c", id="")),
    ("record_feedback: at is bool", lambda: convqa.record_feedback("c", thumbs="up", at=True)),
    ("record_feedback: at is str", lambda: convqa.record_feedback("c", thumbs="up", at=SECRET)),
    ("record_resolution: state: ", lambda: convqa.record_resolution("c", SECRET)),
    ("record_resolution: evidence: ", lambda: convqa.record_resolution("c", "pending", evidence=SECRET)),
    ("record_ticket: handle_time_s: ", lambda: convqa.record_ticket("c", handle_time_s=-1)),
    ("record_ticket: handle_time_s: ", lambda: convqa.record_ticket("c", handle_time_s=math.nan)),
    ("record_ticket: closed_at is a naive datetime", lambda: convqa.record_ticket("c", closed_at=datetime(2026, 1, 1))),
    ("record_ticket: replies: ", lambda: convqa.record_ticket("c", replies=-2)),
    ("record_ticket: asked_to_restate: ", lambda: convqa.record_ticket("c", asked_to_restate=SECRET)),
    ("record_agent_message: index: ", lambda: convqa.record_agent_message("c", index=-1)),
    ("record_recontact: of: the reference is empty", lambda: convqa.record_recontact("c", of="")),
    ("record_recontact: after_s: ", lambda: convqa.record_recontact("c", of="d", after_s=-5)),
    ("record_suggestion: kind: ", lambda: convqa.record_suggestion("c", kind=SECRET, accepted=True)),
    ("record_suggestion: accepted: ", lambda: convqa.record_suggestion("c", kind="draft", accepted="yes")),
    ("record_audit: claim_accuracy: ", lambda: convqa.record_audit("c", claim_accuracy=3)),
    (
        "record_audit: claim_accuracy: .*; user_impact: ",
        lambda: convqa.record_audit("c", claim_accuracy=-1, user_impact=SECRET),
    ),
    ("record_agent_flag: flag: ", lambda: convqa.record_agent_flag("c", SECRET)),
    ("record_incident: severity: ", lambda: convqa.record_incident("c", policy_class="01", severity=SECRET)),
    ("record_business: amount: ", lambda: convqa.record_business("c", kind="churn", amount=math.inf, currency="USD")),
    (
        "record_business: currency: give the three capital letters",
        lambda: convqa.record_business("c", kind="churn", amount=1, currency="dollars"),
    ),
    ("record_change: kind: ", lambda: convqa.record_change(SECRET, version="1")),
    ("record_change: version: ", lambda: convqa.record_change("model", version="")),
    (
        "record_change: at is a naive datetime",
        lambda: convqa.record_change("model", version="1", at=datetime(2026, 1, 1)),
    ),
    ("end_session: the reference is empty", lambda: convqa.end_session("")),
    ("end_session: at lies in the future", lambda: convqa.end_session("c", at=future())),
]


@pytest.mark.parametrize("configured", [True, False], ids=["on", "off"])
@pytest.mark.parametrize(("told", "call"), BAD, ids=[f"{i}-{told.split(':')[0]}" for i, (told, _) in enumerate(BAD)])
def test_bad_input_is_refused_by_field_and_rule(told: str, call: Callable[[], object], *, configured: bool) -> None:
    """Bad input raises before anything is recorded, configured or not; the message never quotes a value."""
    if not configured:
        with pytest.raises(RecordError, match=f"^{told}") as raised:
            call()
    else:
        with recording() as spans, pytest.raises(RecordError, match=f"^{told}") as raised:
            call()
        assert spans.spans == []
    assert SECRET not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__ or raised.value.__context__ is None


class TestPrivacy:
    """What people wrote about a conversation is as private as the conversation."""

    def test_comments_are_redacted(self, spans: Recording) -> None:
        """Personal data in comments, messages and notes leaves as markers, and the span says so."""
        convqa.record_feedback("c", comment=f"call me on {PHONE} or jane@example.com")
        convqa.record_agent_message("c", index=0, text="your card 4111 1111 1111 1111 is blocked")
        convqa.record_change("model", version="v2", note="asked by jane@example.com")
        spans.assert_no_leak(PHONE, "jane@example.com", "4111 1111 1111 1111")
        assert one(spans, "feedback")["convqa.redaction.status"] == "redacted"
        assert one(spans, "feedback")["convqa.outcome.feedback.comment"] == "call me on [PHONE] or [EMAIL]"

    def test_secrets_in_comments_are_redacted(self, spans: Recording) -> None:
        """A pasted credential does not reach the store."""
        secret = "sk-proj-" + "Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4z" * 2
        convqa.record_feedback("c", comment=f"my key is {secret}")
        spans.assert_no_leak(secret)

    def test_labels_and_ids_are_screened(self, spans: Recording) -> None:
        """Owners, sources and ids are short, and scanned all the same; who closed a ticket is a pseudonym."""
        convqa.record_incident("c", policy_class="01", severity="P1", owner="jane@example.com")
        convqa.record_resolution("c", "human_only", closed_by="agent jane", source="mail of jane@example.com")
        convqa.record_reopen("c", id=PHONE)
        spans.assert_no_leak("jane@example.com", "agent jane", PHONE)

    def test_content_can_be_switched_off(self) -> None:
        """With `content=False` comments stay away and everything else arrives."""
        with recording(content=False) as spans:
            convqa.record_feedback("c", thumbs="down", comment="private words")
            assert fields(one(spans)) == {"thumbs": "down"}
            spans.assert_complete()


class Failing(SpanExporter):
    """A transport that never works."""

    def export(self, spans: Any) -> SpanExportResult:
        raise ConnectionError("no route")


class TestTransport:
    """Recording never fails because of where it goes."""

    def test_a_failing_transport_does_not_raise(self) -> None:
        """The caller gets the outcome's id as always."""
        with recording(exporters=(Failing(),)) as spans:
            assert convqa.record_feedback("c", thumbs="up", id="f-1") == "f-1"
            convqa.record_change("model", version="v2")
            convqa.end_session("c")
            assert [span.stage for span in spans.spans if span.stage != "loss"] == ["outcome", "change", "snapshot"]
            assert spans.stats().lost_records == {"export_raised": 3}

    def test_a_worker_that_refuses_does_not_raise(self, monkeypatch: pytest.MonkeyPatch, spans: Recording) -> None:
        """Not even a defect of ours behind the queue reaches the caller."""

        def broken(*_: object, **__: object) -> None:
            raise RuntimeError("broken")

        monkeypatch.setattr("convqa_sdk.export.materialise.Materialiser.spans", broken)
        assert convqa.record_reopen("c")

    def test_not_configured_nothing_is_recorded(self) -> None:
        """Without `configure()` calls validate, return an id, and record nothing."""
        assert convqa.record_feedback("c", thumbs="up", id="f-1") == "f-1"
        assert convqa.record_csat("c", score=3).startswith("o-")
        convqa.record_change("model", version="v2")
        convqa.end_session("c")

    def test_outcomes_reach_the_store(self, tmp_path: Path) -> None:
        """An outcome is one line of the store, with its link, readable without the SDK's own reader."""
        sdk = convqa.configure(service_name="bot", store=tmp_path)
        ref = turn_ref()
        convqa.record_feedback(ref, thumbs="up", comment="odd \ud800 text \x00")
        sdk.shutdown(5.0)
        (outcome,) = [span for span in read_spans(tmp_path) if span.stage == "outcome"]
        assert outcome.links == ((f"{ref.trace_id:032x}", f"{ref.span_id:016x}"),)
        assert outcome.attributes["convqa.outcome.feedback.thumbs"] == "up"
        assert outcome.attributes["convqa.outcome.feedback.comment"].startswith("odd ")
        for line in next(tmp_path.glob("*.jsonl")).read_text(encoding="utf-8").splitlines():
            json.loads(line)


def test_money_may_be_decimal(spans: Recording) -> None:
    """Amounts come from systems that count in decimals."""
    convqa.record_business("c", kind="refund", amount=Decimal("12.50"), currency="EUR")
    assert fields(one(spans))["amount"] == 12.5


@settings(max_examples=40, deadline=None)
@given(
    ref=st.one_of(st.text(max_size=30), st.none(), st.integers(), st.builds(convqa.TurnRef, st.text(max_size=5))),
    comment=st.one_of(st.text(max_size=50), st.integers(), st.binary(max_size=5)),
    at=st.one_of(st.none(), st.integers(), st.datetimes(), st.floats(), st.datetimes(timezones=st.timezones())),
)
def test_any_input_is_recorded_or_refused(ref: Any, comment: Any, at: Any) -> None:
    """Whatever is given, the call returns an id and the span is there, or it raises a RecordError."""
    with recording() as spans:
        try:
            convqa.record_feedback(ref, comment=comment, at=at)
        except RecordError:
            assert spans.spans == []
        else:
            assert one(spans).stage == "outcome"
            assert "convqa.instrumentation.violations" not in one(spans)


def test_an_end_of_session_that_is_named_is_a_repeat(spans: Recording) -> None:
    """The same id for the same conversation has the same span id, so that a store counts it once."""
    for conversation in ("c-1", "c-1", "c-2"):
        convqa.end_session(conversation, id="e-1")
    first, again, other = (span.span.get_span_context() for span in spans.spans)
    assert (first.trace_id, first.span_id) == (again.trace_id, again.span_id)
    assert first.span_id != other.span_id
