"""No raw text anywhere: a value planted in any place that can hold text leaves redacted, or not at all."""

from __future__ import annotations

import dataclasses
import json
import logging
import threading
import typing
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import Link, SpanContext, TraceFlags, TraceState, get_current_span

import convqa_sdk as convqa
from convqa_sdk.export import screening
from convqa_sdk.export.screened import Screened
from convqa_sdk.redaction import RedactionPolicy, Redactor, references
from convqa_sdk.schema.events import CustomerAction
from convqa_sdk.schema.registry import EVENT_RECORDS, OUTCOME_RECORDS, STAGE_RECORDS, fields_of
from convqa_sdk.tracing import stages as kinds
from convqa_sdk.tracing.failure import Failure
from convqa_sdk.tracing.late import Late
from convqa_sdk.tracing.pieces import MAX_TEXT
from convqa_sdk.tracing.snapshot import CutText
from convqa_sdk.tracing.unit import Unit

from .conftest import Record, Recorded, Start, everything
from .doubles import Keeping

MAIL, CARD, PHONE = "jane.doe@example.com", "4111 1111 1111 1111", "+49 170 1234567"
PLANTED = f"mail {MAIL} card {CARD} phone {PHONE}"
NEEDLES = ("jane.doe", "example.com", "4111 1111", "1234567")
KINDS: dict[str, type[kinds.Stage]] = {
    cls.kind: cls
    for cls in (
        kinds.Intent,
        kinds.Retrieval,
        kinds.Rerank,
        kinds.Generation,
        kinds.Tool,
        kinds.AccessCheck,
        kinds.PolicyCheck,
        kinds.Escalation,
    )
}
SHAPES: dict[str, Any] = {
    "text": PLANTED,
    "list": [PLANTED, PLANTED],
    "mapping": {PLANTED: PLANTED, "deeper": {"list": [PLANTED]}},
    "bytes": PLANTED.encode(),
    "messages": [{"role": PLANTED, "content": PLANTED, "name": PLANTED}],
    "documents": [convqa.Document(PLANTED, PLANTED, version=PLANTED)],
    "document of bytes": [convqa.Document(PLANTED.encode(), PLANTED.encode(), version=PLANTED.encode())],  # type: ignore[arg-type] # reason: never validated in the bot
}


def clean(recorded: Recorded) -> None:
    """Nothing planted is in anything that left, nor in the counters."""
    assert recorded.all, "nothing was recorded"
    seen = recorded.text + repr(recorded.sdk.stats())
    found = [needle for needle in NEEDLES if needle in seen]
    assert not found, f"{found} in {seen}"


def test_the_needles_are_findable(record: Record) -> None:
    """The search of these tests works: with a policy that keeps everything, the planted text is found."""
    keep = dict.fromkeys(("EMAIL", "CREDIT_CARD", "PHONE"), "keep")
    recorded = record(redaction=RedactionPolicy(actions=keep))
    with convqa.turn("c-1", PLANTED):
        pass
    with pytest.raises(AssertionError):
        clean(recorded)
    assert all(needle in recorded.text for needle in NEEDLES)


@pytest.mark.parametrize("stage", KINDS)
@pytest.mark.parametrize("shape", SHAPES)
def test_every_field_of_every_stage(record: Record, stage: str, shape: str) -> None:
    """Whatever shape it has and whichever field it is given for, a planted text does not leave a stage."""
    recorded = record()
    names = list(fields_of(STAGE_RECORDS[stage]))
    with convqa.turn("c-1", "hi") as turn:
        for name in names:
            opened = KINDS[stage].begin({name: SHAPES[shape]})
            assert opened is not None
            opened.finish()
        turn.answer("x")
    clean(recorded)
    assert len(recorded.all) == len(names) + 1


@pytest.mark.parametrize("shape", SHAPES)
def test_every_field_of_a_turn(record: Record, shape: str) -> None:
    """The same for a turn, whose fields are copied to its stages as well."""
    recorded = record()
    for name in fields_of(STAGE_RECORDS["turn"]):
        with convqa.turn("c-1", "hi") as turn:
            turn.record({name: SHAPES[shape]})
            with convqa.tool(name="t"):
                pass
    clean(recorded)
    assert len(recorded.all) == 2 * len(fields_of(STAGE_RECORDS["turn"]))


@pytest.mark.parametrize("shape", SHAPES)
def test_every_version(record: Record, shape: str) -> None:
    """The same for the parts of `Versions`, which nobody validates in the bot."""
    recorded = record()
    for field in dataclasses.fields(convqa.Versions):
        versions = convqa.Versions(**{field.name: SHAPES[shape]})
        with convqa.turn("c-1", "hi", versions=versions), convqa.generation(model="m"):
            pass
    clean(recorded)
    assert len(recorded.all) == 2 * len(dataclasses.fields(convqa.Versions))


IDS = {
    "conversation": lambda v: convqa.turn(v),
    "session": lambda v: convqa.turn("c-1", session_id=v),
    "user": lambda v: convqa.turn("c-1", user_id=v),
    "account": lambda v: convqa.turn("c-1", account_id=v),
    "both": lambda v: convqa.turn(v, account_id=v, user_id=v, turn_id=v, agent_id=v, issue_key=v),
}


@pytest.mark.parametrize(
    "value", [MAIL, "+491701234567", "4111111111111111", PLANTED], ids=["mail", "phone", "card", "all"]
)
@pytest.mark.parametrize("which", IDS)
def test_ids(record: Record, which: str, value: str) -> None:
    """An id that is or holds personal data leaves as a pseudonym."""
    recorded = record()
    with IDS[which](value) as turn:
        with convqa.tool(name="t"):
            pass
        turn.answer("x")
    clean(recorded)
    assert value not in recorded.text


def test_custom_values_and_their_names(record: Record) -> None:
    """Values of the bot's own, and the names it gives them, are redacted like content."""
    recorded = record()
    with convqa.turn("c-1") as turn, convqa.tool(name="t") as stage:
        for opened in (turn, stage):
            opened.custom(
                **{MAIL: PLANTED, f"{CARD} x": [PLANTED], "map": {MAIL: {CARD: PHONE}}, "phone": 491701234567}
            )
            opened.set_attribute(f"foreign {MAIL}", PLANTED)
            opened.set_attributes({PHONE: [PLANTED], "password": "hunter2"})
    clean(recorded)
    assert "hunter2" not in recorded.text
    assert "491701234567" not in recorded.text


def test_two_names_that_become_one_marker_keep_both_values(record: Record) -> None:
    """Two custom names that are redacted to the same marker do not overwrite each other."""
    recorded = record()
    with convqa.turn("c-1") as turn:
        turn.custom(**{"a@example.com": 1, "b@example.com": 2})
    attributes = recorded.attributes("turn")
    assert sorted(v for k, v in attributes.items() if k.startswith("convqa.custom.")) == [1, 2]


def test_events_of_foreign_code(record: Record) -> None:
    """Names and attributes of events that other instrumentation adds are redacted."""
    recorded = record()
    with convqa.turn("c-1"), convqa.tool(name="t"):
        current = get_current_span()
        current.add_event(f"sent to {MAIL}", {MAIL: PLANTED, "n": 1, "list": [PLANTED]})
        current.add_event("plain", {"bytes": PLANTED.encode()})  # type: ignore[dict-item] # reason: foreign code
        current.record_exception(ValueError(PLANTED), {"exception.note": PLANTED})
        current.set_status(typing.cast("Any", None), PLANTED)
        current.update_name(PLANTED)
        current.add_link(SpanContext(1, 2, True), {"note": PLANTED})
    clean(recorded)
    events = recorded.one("tool").events
    assert [event.name for event in events] == ["sent to [EMAIL]", "plain", "exception"]
    assert events[0].attributes["n"] == 1


@pytest.mark.parametrize("name", EVENT_RECORDS)
def test_event_records(record: Record, name: str) -> None:
    """Events of the contract are screened by their own declarations."""
    kind = EVENT_RECORDS[name]
    texts = {
        field.name: (PLANTED,) if typing.get_origin(field.type) is tuple else PLANTED
        for field in fields_of(kind).values()
        if field.attribute.sensitivity != "none"
    }
    recorded = record()
    with convqa.turn("c-1") as turn:
        turn.event(name, kind.model_construct(**texts))
    clean(recorded)
    assert [event.name for event in recorded.one("turn").events] == [name]


def raising(error: BaseException) -> None:
    """Raise, with a secret around."""
    secret = PLANTED  # noqa: F841 - a local, which a trace with locals would show
    raise error from ValueError(PLANTED)


@pytest.mark.parametrize("kind", ["stage", "turn"])
def test_exceptions(record: Record, kind: str) -> None:
    """Type, message, notes, cause and stack trace of an exception leave redacted, in event and status."""
    own = type(f"Error for {MAIL}", (RuntimeError,), {"__module__": f"bot.{MAIL}"})
    recorded = record()
    fail = raising if kind == "turn" else convqa.tool(name="t")(raising)
    with pytest.raises(own), convqa.turn("c-1"):
        fail(own(PLANTED, {"card": CARD}))
    clean(recorded)
    span = recorded.one("tool" if kind == "stage" else "turn")
    (event,) = span.events
    assert "[EMAIL]" in span.status.description
    assert "[CREDIT_CARD]" in event.attributes["exception.message"]
    assert "Traceback" in event.attributes["exception.stacktrace"]
    assert "raise" in event.attributes["exception.stacktrace"]


def test_a_card_at_the_place_where_a_message_is_cut(record: Record) -> None:
    """Half a card number at the end of a message that capture had to cut does not leave."""
    for shift in range(0, 24, 5):
        recorded = record()
        with pytest.raises(ValueError, match="x"), convqa.turn("c-1"):
            raise ValueError("x " * 8_180 + " " * shift + CARD + " y" * 5_000)
        assert "4111" not in recorded.text


@pytest.mark.parametrize("size", [262_140, 262_150, 65_530, 8_000_000])
def test_a_card_at_the_place_where_a_text_is_cut(record: Record, size: int) -> None:
    """The same for messages, custom values and structures of any length."""
    text = "x " * (size // 2) + CARD + " y" * 100
    recorded = record()
    with convqa.turn("c-1", text) as turn:
        turn.custom(long=text, deep={"a": [text]})
        with convqa.generation(model="m", messages=[{"role": "user", "content": text}]):
            pass
        turn.answer(text)
    assert "4111" not in recorded.text
    attributes = recorded.attributes("turn")
    for key in ("convqa.message.text", "convqa.answer.text", "convqa.custom.long"):
        assert attributes[f"{key}.original_length"] == len(text)
        assert len(attributes[f"{key}.sha256"]) == 64
    generation = recorded.attributes("generation")
    assert generation["gen_ai.input.messages.original_length"] >= len(text)


@pytest.mark.parametrize("shift", range(0, 20, 3))
def test_a_card_where_capture_cuts_what_redaction_would_read(record: Record, shift: int) -> None:
    """A policy may read longer texts than capture keeps: what stands at the cut is withheld, also inside structures."""
    policy = RedactionPolicy(max_chars=2_000_000, budget_ms=60_000)
    recorded = record(redaction=policy, text_bytes=1_000_000, span_bytes=3_000_000)
    text = "x" * (MAX_TEXT - 19 + shift) + CARD + "y" * 100
    with convqa.turn("c-1", text) as turn, convqa.tool(name="t", arguments={"a": [text]}):
        turn.custom(long=text, deep={"a": text})
    assert "xxxx" in recorded.text
    assert "4111" not in recorded.text


def test_the_resource(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment may hold anything: names and values of the resource are screened as well."""
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", f"owner={MAIL},{MAIL}=x,host.name=h")
    recorded = record()
    with convqa.turn("c-1"):
        pass
    convqa.record_feedback("c-1", thumbs="up")
    clean(recorded)
    assert [span.resource.attributes["host.name"] for span in recorded.all] == ["h", "h"]


def test_trace_state_and_links_from_outside(record: Record) -> None:
    """A trace state that came in with a request is not exported when something is found in it; another one is."""
    bad, good = TraceState([("vendor", MAIL)]), TraceState([("vendor", "p:8448eb211c80319c")])
    recorded = record()
    for name, state in (("bad", bad), ("good", good)):
        context = SpanContext(0xA, 0xB, True, TraceFlags(1), state)
        with convqa.turn(name) as turn:
            turn.foreign_parent = context
            turn.links = [Link(context, {"note": PLANTED})]
            with convqa.tool(name="t"):
                pass
    clean(recorded)
    states = [(s.context.trace_state.to_header(), s.parent.trace_state.to_header()) for s in recorded.all]
    assert states == [("", "")] * 2 + [("vendor=p:8448eb211c80319c",) * 2] * 2


def test_span_names(record: Record) -> None:
    """Names that are built from a source, a model, a tool, a resource or a check are built from redacted values."""
    recorded = record()
    with convqa.turn("c-1"):
        with convqa.retrieval(data_source=MAIL):
            pass
        with convqa.generation(model=PLANTED):
            pass
        with convqa.tool(name=CARD):
            pass
        with convqa.access_check(resource=PHONE):
            pass
        with convqa.policy_check(name=PLANTED):
            pass
    clean(recorded)
    names = [span.name for span in recorded.all]
    assert names[2] == "execute_tool [CREDIT_CARD]"
    assert names[0].startswith("retrieval [CONVERSATION_ID:k1:")


@pytest.mark.parametrize("value", [1, [1], {"a": 1}, "text"], ids=str)
def test_unknown_fields_are_named_redacted(record: Record, value: Any) -> None:
    """A field that the contract does not know is a violation, counted under a name that quotes nothing."""
    recorded = record()
    with convqa.turn("c-1") as turn, convqa.tool(name="t") as stage:
        turn.record({MAIL: value, "colour": value})
        stage.record({CARD: value, "x" * 5_000: value})
    clean(recorded)
    assert {"[EMAIL]", "colour"} <= recorded.violations("turn")
    assert {"[CREDIT_CARD]", "[WITHHELD:too_long]"} <= recorded.violations("tool")
    assert recorded.sdk.stats().violations["colour"] == 1


def test_names_that_capture_marked_are_redacted_too(record: Record) -> None:
    """A violation noted while capturing keeps no raw name either."""
    recorded = record()
    with convqa.turn("c-1") as turn:
        turn.mark(MAIL)
        turn.mark("message")
    clean(recorded)
    assert recorded.violations("turn") >= {"[EMAIL]", "message"}


@pytest.mark.parametrize("kind", OUTCOME_RECORDS)
def test_every_text_of_every_outcome(record: Record, kind: str) -> None:
    """Comments, texts, owners and ids of outcomes are screened like everything else."""
    record_type = OUTCOME_RECORDS[kind]
    values = {
        field.name: PLANTED
        for field in fields_of(record_type).values()
        if field.type is str and field.attribute.sensitivity != "none"
    }
    values |= {"at": datetime.now(timezone.utc)}
    recorded = record()
    late = Late(record_type, values, PLANTED, None, 1, 2, 3)
    recorded.sdk.recorder.submit(Unit(None, (), 10, whole=False, late=late))
    clean(recorded)


def test_recorded_outcomes_and_changes(record: Record) -> None:
    """The public functions leave nothing raw."""
    recorded = record()
    convqa.record_feedback(MAIL, thumbs="down", comment=PLANTED, source=PLANTED, id=MAIL)
    convqa.record_agent_message(MAIL, index=0, text=PLANTED)
    convqa.record_audit(MAIL, reviewer=MAIL, true_intent=PLANTED)
    convqa.record_change("model", version=PLANTED, note=PLANTED, owner=MAIL, previous_version=PLANTED)
    convqa.record_resolution(MAIL, "ai_assisted", closed_by=MAIL)
    convqa.end_session(MAIL)
    clean(recorded)


def test_logs_quote_nothing(record: Record, caplog: pytest.LogCaptureFixture) -> None:
    """Our own diagnostics name causes and types, never what was being exported."""

    class Bad(SpanExporter):
        def export(self, spans: Any) -> SpanExportResult:
            raise RuntimeError(PLANTED)

    recorded = record(exporters=(Bad(),))
    caplog.set_level(logging.DEBUG)
    with convqa.turn(MAIL, PLANTED) as turn:
        turn.set_attribute("x", object())
        turn.record({PLANTED: {1: 2}})
    assert recorded.sdk.stats().lost == {"export_raised": 1}
    assert "export:Bad" in caplog.text
    assert not [needle for needle in NEEDLES if needle in caplog.text]


# ------------------------------------------------------------------------------------------------- fail closed


def full_turn() -> None:
    """A turn with planted text in every kind of place."""
    with convqa.turn("c-1", PLANTED, account_id="a-1", channel="web", region="emea") as turn:
        turn.custom(note=PLANTED, n=1)
        with convqa.retrieval(data_source="kb", query=PLANTED) as stage:
            stage.set(documents=[convqa.Document("d-1", PLANTED, 0.5)])
        with pytest.raises(ValueError, match="mail"), convqa.tool(name="t", arguments={"a": PLANTED}):
            raise ValueError(PLANTED)
        turn.event("note", {"text": PLANTED})
        turn.answer(PLANTED)


BROKEN: dict[str, Any] = {
    "raises": lambda *_, **__: (_ for _ in ()).throw(RuntimeError(PLANTED)),
    "none": lambda *_, **__: None,
    "raw": lambda _self, value, **__: value,
    "bytes": lambda _self, value, **__: (b"x", "clean", 0, ()),
    "status": lambda _self, value, **__: ("x", "splendid", 0, ()),
    "few": lambda _self, value, **__: ("x", "clean"),
}


@pytest.mark.parametrize(
    ("method", "how"),
    [
        *(("text", how) for how in BROKEN),
        *(("structure", how) for how in ("raises", "none")),
    ],
)
def test_a_broken_redactor_withholds_what_it_should_have_redacted(
    record: Record, monkeypatch: pytest.MonkeyPatch, method: str, how: str
) -> None:
    """A redactor that raises or returns nonsense costs the texts, which say so; numbers, ids and times stay."""
    monkeypatch.setattr(Redactor, method, BROKEN[how])
    recorded = record()
    full_turn()
    clean(recorded)
    assert len(recorded.all) == 3
    turn = recorded.attributes("turn")
    if method == "text":
        assert turn["convqa.message.text"] == turn["convqa.answer.text"] == turn["convqa.channel"] == "[WITHHELD]"
        assert turn["convqa.redaction.status"] == "failed_closed"
        (event,) = recorded.one("tool").events
        assert event.attributes["exception.message"] == "[WITHHELD]"
        assert recorded.one("tool").status.description == "[WITHHELD]"
        assert recorded.sdk.stats().faults["redaction"] > 5
    elif method == "structure":
        assert recorded.attributes("tool")["gen_ai.tool.call.arguments"] == '"[WITHHELD]"'
        assert turn["convqa.custom.note"] == turn["convqa.custom.n"] == "[WITHHELD]"
    assert turn["convqa.latency.total_ms"] >= 0
    assert turn["convqa.turn.tool_calls"] == 1
    assert recorded.attributes("retrieval")["convqa.retrieval.hit"] is True


def test_a_detector_that_fails_closes(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same when detection itself fails inside the redactor."""
    monkeypatch.setattr(Redactor, "_find", lambda *_: None)
    recorded = record()
    full_turn()
    clean(recorded)
    assert recorded.attributes("turn")["convqa.redaction.status"] == "failed_closed"


# ---------------------------------------------------------------------------------------------- what is remembered


def test_a_label_that_failed_once_is_not_remembered_as_failed(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """Labels and references repeat, so their results are kept; a failure is not."""
    recorded = record()
    with monkeypatch.context() as broken:
        broken.setattr(Redactor, "text", BROKEN["raises"])
        broken.setattr(references, "detect", BROKEN["raises"])
        with convqa.turn("c-1", channel="web"):
            pass
    with convqa.turn("c-1", channel="web"):
        pass
    first, second = (span.attributes for span in recorded.all)
    assert (first["convqa.channel"], second["convqa.channel"]) == ("[WITHHELD]", "web")
    assert first["gen_ai.conversation.id"] != second["gen_ai.conversation.id"] == "c-1"


def test_a_cut_label_is_not_taken_for_a_whole_one(record: Record) -> None:
    """A text that was cut is looked at anew, though the same text was fine when it was whole."""
    screen = record().sdk._worker._renderings.materialisers[0]._screen
    assert screen.label("support", Screened()) == "support"
    cut = CutText("support")
    cut.original_length = 10_000
    assert screen.label(cut, Screened()) == "[WITHHELD:too_long]"


def test_every_use_of_a_remembered_label_counts(record: Record) -> None:
    """A label that is redacted is counted on each span that carries it."""
    recorded = record()
    for _ in range(2):
        with convqa.turn("c-1", channel=MAIL):
            pass
    assert [span.attributes["convqa.redaction.count"] for span in recorded.all] == [1, 1]


def test_a_secret_of_the_resource(record: Record) -> None:
    """What stands under a secret's name is none of anybody's business, whatever it looks like."""
    recorded = record(provider=TracerProvider(resource=Resource({"db.password": "hunter2", "host.name": "h"})))
    with convqa.turn("c-1", "hi"):
        pass
    attributes = recorded.all[0].resource.attributes
    assert (attributes["db.password"], attributes["host.name"]) == ("[SECRET]", "h")


@pytest.mark.parametrize("given", [json.dumps, str, lambda value: json.dumps({"body": json.dumps(value)})])
def test_a_secret_in_a_text_of_json(record: Record, given: Any) -> None:
    """Tools often take and give JSON or a dictionary as text: what stands there under a secret's name is withheld."""
    secret = {"password": "hunter2", "deep": [{"client_secret": ["hunter2", 4711]}], "pin": 4711}
    text = given({"user": "visible", **secret})
    recorded = record()
    with convqa.turn("c-1", text) as turn:
        with convqa.tool(name="t", arguments=text) as stage:
            stage.set(output=text)
            stage.custom(own=text)
            stage.event("e", {"text": text})
        with pytest.raises(ValueError, match="hunter2"), convqa.tool(name="t"):
            raise ValueError(text)
        turn.answer(text)
    assert "hunter2" not in recorded.text
    assert "4711" not in recorded.text
    assert recorded.text.count("visible") >= 8


class Watching(tzinfo):
    """A time zone of the bot's that notes the threads it is asked on."""

    def __init__(self) -> None:
        self.threads: set[str] = set()

    def utcoffset(self, when: Any) -> timedelta:
        self.threads.add(threading.current_thread().name)
        return timedelta(0)


def test_no_zone_of_the_bots_is_asked_on_the_export_thread(start: Start) -> None:
    """Times are settled where the bot runs: of a document, a field, a turn's and the configured versions."""
    zone = Watching()
    when = datetime(2026, 1, 1, tzinfo=zone)
    keeping = Keeping()
    sdk = start(keeping, versions=convqa.Versions(kb_built_at=when))
    with convqa.turn("c-1", "hi", versions=convqa.Versions(kb_built_at=when)) as turn:
        convqa.retrieval(data_source="kb")(lambda: [convqa.Document("a", updated_at=when)])()
        with convqa.retrieval(data_source="kb", kb_built_at=when) as stage:
            stage.set(documents=[convqa.Document("a", updated_at=when)], kb_built_at=when)
        turn.answer("x")
    with convqa.turn("c-2"):
        pass
    assert sdk.flush(5)
    assert zone.threads == {threading.current_thread().name}
    spans = [span for span in keeping.spans if span.attributes["convqa.stage"] == "retrieval"]
    for span in spans:
        assert span.attributes["convqa.kb.built_at"] == "2026-01-01T00:00:00.000000Z"
        assert list(span.attributes["convqa.retrieval.document.updated_at"]) == ["2026-01-01T00:00:00.000000Z"]
    assert len(spans) == 2


class Pretending:
    """Facts of an event that claim to be something else, and note the threads they are asked on."""

    def __init__(self, claimed: type) -> None:
        self.claimed = claimed
        self.threads: set[str] = set()

    @property
    def __class__(self) -> type:
        self.threads.add(threading.current_thread().name)
        return self.claimed

    def __bool__(self) -> bool:
        self.threads.add(threading.current_thread().name)
        return True


class TheirAction(CustomerAction):
    """A subclass of the bot's."""


@pytest.mark.parametrize("claimed", [dict, CustomerAction, Failure, str])
def test_facts_that_lie_about_their_class_do_not_reach_the_export_thread(start: Start, claimed: type) -> None:
    """Of an event's facts only mappings, our records and exceptions are kept; their values are copies as well."""
    keeping, given = Keeping(), Pretending(claimed)
    sdk = start(keeping)
    with convqa.turn("c-1", "hi") as turn:
        turn.answer("x")
        turn.event("lying", given)
        turn.event("holding", CustomerAction.model_construct(chat_guid="c", name="n", result=given))
        turn.event("theirs", TheirAction(chat_guid="c", name="n"))
        turn.event("ours", CustomerAction(chat_guid="c", name="n", result="on"))
    assert sdk.flush(5)
    assert given.threads <= {threading.current_thread().name}
    (span,) = keeping.spans
    facts = {event.name: dict(event.attributes) for event in span.events}
    assert list(facts) == ["lying", "holding", "theirs", "ours", "convqa.grounding_outcome"]
    assert facts["lying"] == facts["theirs"] == {}
    assert facts["holding"].keys() >= {"name"}
    assert facts["ours"]["result"] == "on"
    assert list(span.attributes["convqa.instrumentation.violations"]) == ["events"]


def test_what_is_remembered_is_bounded(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many ids and labels a bot has, the memory of them stays small."""
    monkeypatch.setattr(screening, "_MEMORY", 8)
    recorded = record()
    for number in range(50):
        with convqa.turn(f"c-{number}", channel=f"web-{number}"):
            pass
    screen = recorded.sdk._worker._renderings.materialisers[0]._screen
    assert len(screen._known) <= 8
    assert len(screen._references) <= 8


# --------------------------------------------------------------------------------------------------- content off


def test_content_off_exports_no_text_that_people_or_models_wrote(record: Record) -> None:
    """With `content=False` only labels, ids, numbers, names of events and types of exceptions leave.

    Messages, answers, passages, arguments, custom values, attributes of foreign events, and messages and stack traces
    of exceptions do not.
    """
    recorded = record(content=False)
    full_turn()
    convqa.record_feedback("c-1", comment="a harmless word")
    clean(recorded)
    assert "harmless" not in recorded.text
    assert "WITHHELD" not in recorded.text
    declared = {
        field.attribute.key: field.attribute
        for kind in (*STAGE_RECORDS.values(), *OUTCOME_RECORDS.values())
        for field in fields_of(kind).values()
    }
    for span in recorded.all:
        assert not [key for key in span.attributes if key in declared and declared[key].sensitivity == "content"]
        assert not [key for key in span.attributes if key.startswith("convqa.custom.")]
        assert span.status.description is None
    assert recorded.attributes("turn")["convqa.redaction.status"] == "off"
    assert recorded.attributes("turn")["convqa.channel"] == "web"
    (event,) = recorded.one("tool").events
    assert dict(event.attributes) == {"exception.type": "ValueError"}
    assert recorded.attributes("tool")["error.type"] == "ValueError"
    note, grounding = recorded.one("turn").events
    assert (note.name, dict(note.attributes)) == ("note", {})
    assert grounding.name == "convqa.grounding_outcome"
    assert recorded.attributes("retrieval")["convqa.retrieval.document.ids"] == ["d-1"]


def test_the_policy_version_tells_content_on_from_off(record: Record) -> None:
    """Spans without content carry another policy hash than those with it."""
    versions = set()
    for content in (True, False):
        recorded = record(content=content, redaction=RedactionPolicy())
        with convqa.turn("c-1", "hi"):
            pass
        versions.add(recorded.attributes("turn")["convqa.redaction.policy_version"])
        versions.add(recorded.sdk._worker._renderings.materialisers[0]._screen.policy_version)
    assert len(versions) == 2


def test_a_redacted_label_is_graver_than_content_off(record: Record) -> None:
    """The redaction status of a span is the gravest of its texts, in whatever order they come."""
    recorded = record(content=False)
    with convqa.turn("c-1", "hi", channel=f"web {MAIL}") as turn:
        turn.answer("x")
    assert recorded.attributes("turn")["convqa.redaction.status"] == "redacted"
    assert recorded.attributes("turn")["convqa.redaction.count"] == 1


def test_everything_is_looked_at(record: Record) -> None:
    """The search of these tests looks at every part of a span that can hold text."""
    record()
    recorded = record()
    with pytest.raises(ValueError, match="y"), convqa.turn("c-1"):
        raise ValueError("y")
    assert len(everything(recorded.one("turn"))) == 7


@pytest.mark.parametrize(
    "value", [["203.0.113.9", "::1"], ["bot.py", "--mail", "jane@example.com"], 4111111111111111, [4111111111111111]]
)
def test_arrays_and_numbers_of_the_resource(record: Record, value: Any) -> None:
    """`host.ip` and `process.command_args` are arrays; they come from the environment like any text."""
    provider = TracerProvider(resource=Resource({"process.command_args": value, "n": 7}))
    recorded = record(provider=provider)
    with convqa.turn("c-1", "hi"):
        pass
    attributes = recorded.all[0].resource.attributes
    assert attributes["n"] == 7
    assert not {"203.0.113.9", "jane@example.com", "4111111111111111"} & set(str(attributes).replace("'", " ").split())
    assert "[" in str(attributes["process.command_args"])


@pytest.mark.parametrize("chat", ["14155552671", "4915112345678", "447911123456"])
def test_a_phone_number_as_conversation_id(record: Record, chat: str) -> None:
    """Chat services name a conversation by the customer's number, without its plus sign."""
    recorded = record()
    with convqa.turn(chat, "hi"), convqa.tool(name="t"):
        pass
    assert chat not in recorded.text
    assert recorded.attributes("turn")["gen_ai.conversation.id"].startswith("[CONVERSATION_ID:k1:")


def test_other_ids_of_that_many_digits_stay(record: Record) -> None:
    """A ticket's number is not a chat's: who joins by it needs it as it is."""
    recorded = record()
    convqa.record_ticket("c-1", ticket_id="14155552671", replies=1)
    assert recorded.all[0].attributes["convqa.outcome.ticket.ticket_id"] == "14155552671"


def test_no_raw_text_is_remembered_beyond_its_record(record: Record) -> None:
    """A job that imports comments for hours must not keep them."""
    recorded = record()
    for number in range(5):
        convqa.record_feedback("c-1", comment=f"comment {number}")
    with convqa.turn("c-1", "a message") as turn:
        turn.answer("an answer")
    assert recorded.sdk._worker._renderings.materialisers[0]._screen._texts_seen == {}


@pytest.mark.parametrize("chat", ["1767225600", "1767225600000", "20260101120000", "4711", "0012345678901"])
def test_other_numbers_as_conversation_id(record: Record, chat: str) -> None:
    """A time or a database key is no phone number."""
    recorded = record()
    with convqa.turn(chat, "hi"):
        pass
    assert recorded.attributes("turn")["gen_ai.conversation.id"] == chat


def test_without_a_key_two_conversations_stay_two(start: Start) -> None:
    """An id that must not leave is replaced by one that nobody can join elsewhere, never by one for all."""
    exporter = Keeping()
    sdk = start(exporter, key=None)
    for chat in ("+14155552671", "+14155552672", "+14155552671"):
        with convqa.turn(chat, "hi", account_id="a-1"):
            pass
    assert sdk.flush(5)
    first, second, third = (span.attributes["gen_ai.conversation.id"] for span in exporter.spans)
    assert first == third != second
    assert "1415555" not in first + second
    assert exporter.spans[0].attributes["convqa.account.id"] == "[WITHHELD]"


@pytest.mark.parametrize(
    "key", ["phoneNumber", "homePhone", "customerPhone", "msisdn", "mobile_number", "móvil", "komórka"]
)
def test_a_number_below_a_key_that_says_phone(record: Record, key: str) -> None:
    """However the words of a key are joined, they say what the number is."""
    recorded = record()
    with convqa.turn("c-1", "hi") as turn:
        turn.custom(d={key: "4155552671"})
        convqa.tool(name="t")(lambda **_: {key: "4155552671"})(**{key: 4155552671})
    assert "4155552671" not in recorded.text


def test_a_key_that_was_cut(record: Record) -> None:
    """Half a value at the cut of a long key is not recognised, so no such key leaves."""
    recorded = record()
    with convqa.turn("c-1", "hi") as turn:
        turn.custom(n={"x" * 990 + " 4111111111111111": 1, "y" * 985 + " jane.doe@example.com": 2})
    assert "411111" not in recorded.text
    assert "jane.doe" not in recorded.text
