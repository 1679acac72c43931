"""Beside other instrumentation: joined, our stages are current OpenTelemetry spans; apart, nobody notices them."""

from __future__ import annotations

import contextvars
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from opentelemetry import context as otel_context
from opentelemetry import propagate, trace
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, TraceState

import convqa_sdk as convqa

from .conftest import Make, Recorded, events, is_child, nothing_current
from .test_turn import hmac_trace_id


class App:
    """An instrumented application: a provider of its own, never set globally, and what it exported."""

    def __init__(self, **given: Any) -> None:
        self.provider = TracerProvider(**given)
        self.exporter = InMemorySpanExporter()
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.tracer = self.provider.get_tracer("app")

    def one(self, name: str) -> ReadableSpan:
        (span,) = [span for span in self.exporter.get_finished_spans() if span.name == name]
        return span


@pytest.fixture
def app() -> App:
    """An instrumented application."""
    return App()


class Forwarded(SpanProcessor):
    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def on_end(self, span: ReadableSpan) -> None:
        self.spans.append(span)


def bot(app: App) -> None:
    """A turn with a stage that calls an instrumented client."""
    with convqa.turn("c-1", "hi") as turn:
        turn.answer("x")
        with convqa.retrieval(data_source="kb") as stage:
            stage.set(documents=[])
            http, db = (app.tracer.start_as_current_span(name) for name in ("http", "db"))
            with http, convqa.tool(name="inner", result="ok"), db:
                pass


def test_joined_every_span_has_its_natural_parent(record: Make, app: App) -> None:
    """Joined, the turn is a child of the ambient span, and ours and foreign spans nest as they are written."""
    spans = record(join=True)
    with app.tracer.start_as_current_span("request") as request:
        bot(app)
        assert trace.get_current_span() is request
    turn, retrieval, tool = (spans.one(kind) for kind in ("turn", "retrieval", "tool"))
    http, db = app.one("http"), app.one("db")
    chain = [app.one("request"), turn, retrieval, http, tool, db]
    for parent, child in pairwise(chain):
        assert is_child(child, parent), (child.name, parent.name)
    assert not turn.links
    assert spans.stats.violations == {}


def test_apart_foreign_spans_are_untouched(record: Make, app: App) -> None:
    """Apart, the turn is a root of the conversation's trace, linked to the ambient span; foreign spans keep parents."""
    spans = record(join=False)
    with app.tracer.start_as_current_span("request") as request:
        bot(app)
        assert trace.get_current_span() is request
    turn, retrieval, tool = (spans.one(kind) for kind in ("turn", "retrieval", "tool"))
    assert turn.parent is None
    assert turn.context.trace_id == hmac_trace_id("c-1")
    (link,) = turn.links
    assert link.context.span_id == request.get_span_context().span_id
    assert is_child(retrieval, turn)
    assert is_child(tool, retrieval)
    assert is_child(app.one("http"), app.one("request"))
    assert is_child(app.one("db"), app.one("http"))
    assert spans.stats.violations == {}


def test_apart_a_stage_is_never_the_current_span(record: Make, app: App) -> None:
    """Apart, `set_attribute` of foreign code goes to the foreign span and not to ours."""
    spans = record(join=False)
    with app.tracer.start_as_current_span("request"), convqa.turn("c-1", "hi"), convqa.tool(name="t"):
        trace.get_current_span().set_attribute("user.mail", "jane@example.com")
    assert app.one("request").attributes["user.mail"] == "jane@example.com"
    assert all("convqa.custom.user.mail" not in span.attributes for span in spans.all)


@pytest.mark.parametrize(
    ("settings", "joined"),
    [
        ({}, True),
        ({"provider": True}, False),
        ({"provider": True, "forward_to": True}, True),
        ({"provider": True, "join": True}, True),
        ({"join": False}, False),
        ({"provider": True, "forward_to": True, "join": False}, False),
    ],
    ids=["no provider", "a provider", "forwarding to it", "told to", "told not to", "told not to, forwarding"],
)
def test_auto_joins_where_our_spans_go_with_the_applications(
    record: Make, app: App, settings: dict[str, Any], joined: bool
) -> None:
    """`join="auto"`: without a provider of the application's, or when it gets our spans; else apart."""
    given = dict(settings)
    if "provider" in given:
        given["provider"] = app.provider
    if "forward_to" in given:
        given["forward_to"] = (Forwarded(),)
    spans = record(**given)
    with app.tracer.start_as_current_span("request"), convqa.turn("c-1", "hi") as turn:
        assert (trace.get_current_span() is turn) == joined
    assert is_child(spans.one("turn"), app.one("request")) == joined


def test_outside_an_ambient_span_joined_turns_share_the_conversations_trace(spans: Recorded, app: App) -> None:
    """Joined but with nothing to join, the turn is a root of the conversation's trace; foreign spans are below it."""
    bot(app)
    assert spans.one("turn").parent is None
    assert app.one("db").context.trace_id == hmac_trace_id("c-1")


def test_forwarding_hands_over_finished_redacted_spans(record: Make, app: App) -> None:
    """`forward_to` gets each finished span once, under the application's resource, already redacted."""
    processor = Forwarded()
    spans = record(forward_to=(processor,), provider=app.provider)
    with convqa.turn("c-1", "mail jane@example.com"), convqa.tool(name="t"):
        pass
    assert [(s.name, s.context, s.attributes) for s in processor.spans] == [
        (s.name, s.context, s.attributes) for s in spans.all
    ]
    assert "jane@" not in spans.text
    assert app.exporter.get_finished_spans() == ()


def test_the_applications_provider_is_never_changed(record: Make, app: App) -> None:
    """No processor is added and no foreign span is exported by us."""
    before = list(app.provider._active_span_processor._span_processors)
    spans = record(provider=app.provider)
    with app.tracer.start_as_current_span("request"):
        bot(app)
    assert list(app.provider._active_span_processor._span_processors) == before
    assert {span.instrumentation_scope.name for span in spans.all} == {"convqa_sdk"}


FOREIGN = SpanContext(0xABC, 0xDEF, is_remote=True, trace_flags=TraceFlags(0), trace_state=TraceState([("a", "b")]))


@pytest.mark.parametrize("flag", [0, 1])
def test_the_sampled_flag_is_the_ambient_decision_and_everything_is_recorded(spans: Recorded, flag: int) -> None:
    """Inside an unsampled request our spans propagate "not sampled", with the trace state, and are recorded."""
    ambient = SpanContext(0xABC, 0xDEF, True, TraceFlags(flag), TraceState([("a", "b")]))
    token = otel_context.attach(trace.set_span_in_context(NonRecordingSpan(ambient)))
    with convqa.turn("c-1", "hi"), convqa.tool(name="t") as stage:
        context = stage.get_span_context()
        assert context.trace_flags == flag
        assert context.trace_state.get("a") == "b"
    otel_context.detach(token)
    assert spans.one("tool").context.trace_id == 0xABC
    assert spans.one("turn").parent.span_id == 0xDEF
    assert spans.stats.exported == 1


def test_foreign_children_follow_the_ambient_decision(spans: Recorded) -> None:
    """A parent-based sampler below our stage sees the ambient decision, not ours."""
    app = App(sampler=ParentBased(ALWAYS_OFF))
    for flag, recorded in ((0, 0), (1, 1)):
        ambient = SpanContext(0xABC, 0xDEF, True, TraceFlags(flag))
        token = otel_context.attach(trace.set_span_in_context(NonRecordingSpan(ambient)))
        with convqa.turn("c-1", "hi"), app.tracer.start_as_current_span("http"):
            pass
        otel_context.detach(token)
        assert len(app.exporter.get_finished_spans()) == recorded


def test_foreign_attributes_become_custom_values_and_are_redacted(spans: Recorded) -> None:
    """`set_attribute(s)` on the current span lands under `convqa.custom.*`, redacted like content."""
    with convqa.turn("c-1", "hi"), convqa.tool(name="t"):
        span = trace.get_current_span()
        span.set_attribute("http.url", "https://x/?mail=jane@example.com")
        span.set_attributes({"retries": 3, "ratio": 0.5, "flag": True, "tags": ["a", "4111 1111 1111 1111"]})
        span.set_attribute("convqa.status", "hacked")
    attributes = spans.attributes("tool")
    assert attributes["convqa.custom.http.url"] == "https://x/?mail=[EMAIL]"
    assert attributes["convqa.custom.retries"] == 3
    assert attributes["convqa.custom.ratio"] == 0.5
    assert attributes["convqa.custom.flag"] is True
    assert json.loads(attributes["convqa.custom.tags"]) == ["a", "[CREDIT_CARD]"]
    assert attributes["convqa.status"] == "ok"
    assert "jane@" not in spans.text
    assert "4111" not in spans.text


def test_foreign_events_and_exceptions_are_redacted(spans: Recorded) -> None:
    """`add_event` and `record_exception` on the current span keep names and times and lose personal data."""
    with convqa.turn("c-1", "hi"), convqa.tool(name="t", result="ok"):
        span = trace.get_current_span()
        event = {"mail": "jane@example.com", "attempt": 2}
        span.add_event("retry of jane@example.com", event, 1_700_000_000_000_000_000)
        span.record_exception(ValueError("jane@example.com"), attributes={"who": "jane@example.com"})
    first, second = events(spans.one("tool"))
    assert first == ("retry of [EMAIL]", {"mail": "[EMAIL]", "attempt": 2})
    assert spans.one("tool").events[0].timestamp == 1_700_000_000_000_000_000
    assert second[0] == "exception"
    assert second[1]["exception.message"] == "[EMAIL]"
    assert spans.status("tool") == "ok"
    assert "jane@" not in spans.text


def test_foreign_links_are_kept_without_their_attributes(spans: Recorded) -> None:
    """`add_link` keeps where it points to; an invalid one is ignored."""
    with convqa.tool(name="t"):
        trace.get_current_span().add_link(FOREIGN, {"mail": "jane@example.com"})
        trace.get_current_span().add_link(trace.INVALID_SPAN_CONTEXT)
    (link,) = spans.one("tool").links
    assert link.context == FOREIGN
    assert not link.attributes


def test_a_span_of_another_library_between_stages_stays_the_parent(spans: Recorded, app: App) -> None:
    """A foreign span that is current when a stage starts is the stage's parent, and is current again after it."""
    with convqa.turn("c-1", "hi"):
        with app.tracer.start_as_current_span("agent") as agent:
            with convqa.tool(name="t"):
                pass
            assert trace.get_current_span() is agent
        assert trace.get_current_span() is convqa.current_turn()
    assert is_child(spans.one("tool"), app.one("agent"))
    assert spans.value("tool", "gen_ai.conversation.id") == "c-1"


def test_a_block_closed_in_another_context_leaves_that_context_alone(spans: Recorded, app: App) -> None:
    """A generator's block that is closed elsewhere changes neither the current span nor the stage there."""

    def search() -> Iterator[int]:
        with convqa.turn("c-1", "hi"):
            yield 1

    stream = search()
    contextvars.copy_context().run(next, stream)
    with app.tracer.start_as_current_span("other") as other, convqa.tool(name="t") as stage:
        stream.close()
        assert trace.get_current_span() is stage
        assert convqa.current_stage() is stage
    assert spans.status("turn") == "cancelled"
    assert is_child(spans.one("tool"), app.one("other"))
    assert other.get_span_context().is_valid


def test_use_span_leaves_the_stage_open(spans: Recorded) -> None:
    """Other libraries may make our span current again, even with `end_on_exit`."""
    with convqa.turn("c-1", "hi") as turn:
        with trace.use_span(turn, end_on_exit=True, record_exception=True):
            pass
        assert turn.is_recording()
    assert spans.statuses("turn") == ["ok"]


# --------------------------------------------------------------------------------------------------- propagation


def test_w3c_round_trip_through_opentelemetry(spans: Recorded, app: App) -> None:
    """Joined, OpenTelemetry's propagators send our span along, and a service behind continues under it."""
    carrier: dict[str, str] = {}
    with convqa.turn("c-1", "hi"), convqa.tool(name="t") as stage:
        propagate.inject(carrier)
    assert carrier["traceparent"] == f"00-{stage.trace_id:032x}-{stage.span_id:016x}-01"
    behind = app.tracer.start_as_current_span("service", context=propagate.extract(carrier))
    with behind, convqa.tool(name="behind"):
        pass
    assert is_child(app.one("service"), spans.of("tool")[0])
    assert is_child(spans.of("tool")[1], app.one("service"))


IDS = ["c-1", "c 1, ü; =", "a" * 300, "\ud800", "line\nbreak"]


@pytest.mark.parametrize("join", [True, False])
@pytest.mark.parametrize("conversation", IDS, ids=ascii)
def test_inject_and_extract_continue_a_turn(record: Make, join: bool, conversation: str) -> None:
    """`inject` and `extract` carry span and conversation to a service: all stages there are children of ours."""
    spans = record(join=join)
    carrier = {"baggage": "tenant=7"}
    with convqa.turn(conversation, "hi"), convqa.tool(name="here"):
        convqa.inject(carrier)
    assert carrier["baggage"].startswith("tenant=7,convqa.conversation=")
    assert all(part.isascii() and "\n" not in part for part in carrier.values())
    with convqa.extract({name.title(): value for name, value in carrier.items()}):
        assert convqa.current_turn().conversation_id == conversation
        for name in ("first", "second"):
            with convqa.tool(name=name, result="ok"):
                pass
    assert nothing_current()
    here, *there = spans.of("tool")
    assert [is_child(span, here) for span in there] == [True, True]
    assert {span.attributes["session.id"] for span in there} == {here.attributes["session.id"]}
    assert "turn" not in spans.stats.violations
    assert spans.stats.recorded == 1


def test_a_turn_inside_extract_is_a_child(spans: Recorded) -> None:
    """A turn of the service behind is a child of the stage that called it."""
    carrier: dict[str, str] = {}
    with convqa.turn("c-1", "hi"), convqa.tool(name="t"):
        convqa.inject(carrier)
    with convqa.extract(carrier), convqa.turn("inner", "hi"):
        pass
    assert is_child(spans.of("turn")[1], spans.one("tool"))


def test_inject_outside_a_turn_writes_nothing(spans: Recorded) -> None:
    """Outside a turn, and for a stage without one, headers stay as they are."""
    carrier: dict[str, str] = {}
    convqa.inject(carrier)
    with convqa.tool(name="t"):
        convqa.inject(carrier)
    assert carrier == {}


BROKEN = [
    {},
    {"traceparent": "00-00000000000000000000000000000000-0000000000000000-01", "baggage": "convqa.conversation=c"},
    {"traceparent": "nonsense", "baggage": "convqa.conversation=c"},
    {"traceparent": "00-0000000000000000000000000000abcd-00000000000000ef-01"},
    {"traceparent": "00-0000000000000000000000000000abcd-00000000000000ef-01", "baggage": "=;,%ff,convqa.conversation"},
    {"traceparent": "00-0000000000000000000000000000abcd-00000000000000ef-01", "baggage": "convqa.conversation=%ff"},
    {"traceparent": 7, 8: None},
    None,
]


@pytest.mark.parametrize("carrier", BROKEN, ids=repr)
def test_broken_headers_continue_nothing(spans: Recorded, carrier: Any) -> None:
    """Headers come from outside: whatever they hold, the block runs and nothing is raised."""
    ran = False
    with convqa.extract(carrier), convqa.tool(name="t"):
        ran = True
    assert ran
    assert spans.statuses("tool") == ["ok"]
    assert nothing_current()


def test_inject_sends_the_pseudonym_of_a_conversation(record: Make) -> None:
    """An id with personal data leaves as the pseudonym that it is stored under, and stays one conversation."""
    mail = "jane@example.com"
    for conversation in (mail, "+49 170 1234567", "491701234567", f"{mail} ü", "a" * 300 + f" {mail}"):
        spans = record()
        carrier: dict[str, str] = {}
        with convqa.turn(conversation, "hi"):
            convqa.inject(carrier)
        assert carrier["baggage"].startswith("convqa.conversation=%5BCONVERSATION_ID%3A")
        with convqa.extract(carrier), convqa.tool(name="there"):
            assert convqa.current_turn().conversation_id.startswith("[CONVERSATION_ID:")
        ids = {span.attributes["gen_ai.conversation.id"] for span in spans.all}
        assert len(ids) == 1, conversation


def test_inject_without_the_sdk_sends_no_personal_data(off: None) -> None:
    """Nothing is there that makes pseudonyms; a plain id goes along, one with personal data stays."""
    for conversation, sent in (("c-1", True), ("jane@example.com", False)):
        carrier: dict[str, str] = {}
        with convqa.turn(conversation, "hi"):
            convqa.inject(carrier)
        assert ("baggage" in carrier) == sent


PARENT = "00-0000000000000000000000000000abcd-00000000000000ef-01"


def test_inject_keeps_to_the_limits_of_baggage(spans: Recorded) -> None:
    """At most 8,192 characters and 64 members: beyond, the conversation stays behind, and that is counted."""
    others = ",".join(f"m{number}=1" for number in range(64))
    fitting = others.removesuffix(",m63=1")
    for given, conversation, fits in (
        ("", "c" * (8_192 - len("convqa.conversation=")), True),
        ("", "c" * (8_193 - len("convqa.conversation=")), False),
        ("", "\ud800" * 1_000, False),
        ("", "c" * 10_000_000, False),
        (fitting, "c-1", True),
        (others, "c-1", False),
        ("shop=" + "x" * 9_000, "c-1", False),
        ("shop=berlin,convqa.conversation=c-0", "c" * 9_000, False),
    ):
        carrier = {"baggage": given} if given else {}
        before = spans.stats.faults.get("inject_too_long", 0)
        with convqa.turn(conversation, "hi"):
            convqa.inject(carrier)
        assert "traceparent" in carrier
        assert ("convqa.conversation" in carrier.get("baggage", "")) == fits
        assert spans.stats.faults.get("inject_too_long", 0) - before == (not fits)
        if fits:
            assert len(carrier["baggage"]) <= 8_192
        else:
            assert carrier.get("baggage", "") == given.removesuffix(",convqa.conversation=c-0")


def test_extract_ignores_a_header_that_is_too_long(spans: Recorded) -> None:
    """More than 8,192 characters are not looked at, and counted; other headers hold."""
    conversation = "convqa.conversation=c-1"
    fitting = conversation + "," * (8_192 - len(conversation))
    for header, text, continued in (
        ("baggage", fitting, True),
        ("baggage", fitting + ",", False),
        ("tracestate", "a=b" + "," * 8_190, True),
        ("traceparent", PARENT + " " * 9_000, False),
    ):
        before = spans.stats.faults.get("extract_too_long", 0)
        with convqa.extract({"traceparent": PARENT, "baggage": conversation, header: text}):
            assert (convqa.current_turn().conversation_id == "c-1") == continued
        assert spans.stats.faults.get("extract_too_long", 0) - before == (len(text) > 8_192)


@pytest.mark.parametrize("header", ["baggage", "tracestate", "traceparent"])
@pytest.mark.parametrize("piece", [" ", "\t", ",", "=", ";", "%", "%ff", "a=b,", " ,", "convqa.conversation=c,", "-"])
def test_hostile_headers_take_no_time(spans: Recorded, header: str, piece: str) -> None:
    """However a header repeats itself, below the limit or far beyond it, it costs milliseconds."""
    for length in (8_192, 10_000_000):
        carrier = {"traceparent": PARENT, "baggage": "convqa.conversation=c-1"}
        carrier[header] = (carrier.get(header, "") + piece * (length // len(piece)))[:length]
        start = time.thread_time()
        with convqa.extract(carrier):
            pass
        assert time.thread_time() - start < 0.5


def test_extract_passes_exceptions(spans: Recorded) -> None:
    """The block's exception passes as the same object."""
    error = ValueError("bad")
    with pytest.raises(ValueError, match="bad") as caught, convqa.extract({}):
        raise error
    assert caught.value is error


# ------------------------------------------------------------------------------------------- the global provider

GLOBAL = """
import json, sys
import convqa_sdk as convqa
from opentelemetry import trace
assert "opentelemetry.sdk" not in sys.modules, "importing the package loads no SDK"
from convqa_sdk.export.exporters import MemoryExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
memory = MemoryExporter()
sdk = convqa.configure(exporters=[memory], key=b"k" * 32)
assert isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider), "configure() set a provider"
provider = TracerProvider(resource=Resource.create({"service.name": "shop"}))
trace.set_tracer_provider(provider)
with trace.get_tracer("app").start_as_current_span("request") as request:
    with convqa.turn("c-1", "hi") as turn:
        joined = trace.get_current_span() is turn
assert sdk.flush()
assert trace.get_tracer_provider() is provider
(span,) = memory.spans
print(json.dumps([joined, span.parent is None, len(span.links), span.resource.attributes["service.name"]]))
"""


def test_a_provider_that_the_application_sets_after_configure_is_seen() -> None:
    """In a process of its own: the provider is looked up at the first stage, and never set or replaced by us."""
    done = subprocess.run([sys.executable, "-c", GLOBAL], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [False, True, 1, "shop"]
