"""Spans of other instrumentations: what `RedactingExporter` hands on is redacted, whole, and somebody's own copy."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, Status, StatusCode, TraceFlags, TraceState

import convqa_sdk as convqa
from convqa_sdk import isolation
from convqa_sdk.errors import ConfigurationError
from convqa_sdk.export.exporters import MemoryExporter
from convqa_sdk.redaction import Allow, RedactionPolicy, Redactor

from .conftest import KEY, Record, everything
from .doubles import Keeping

MAIL, CARD = "jane.doe@example.com", "4111 1111 1111 1111"
TOKEN = "Zq" + "8" * 30
NEEDLES = ("jane.doe", "jane%2Edoe", "4111 1111", "4111%20", TOKEN, "hunter2", "Jane Doe")
QUERY = f"email=jane.doe%40example.com&token={TOKEN}"

Spans = Callable[..., Any]


def export(*spans: ReadableSpan, policy: Any = None, key: Any = KEY) -> tuple[Any, ...]:
    """What leaves."""
    memory = MemoryExporter()
    convqa.RedactingExporter(memory, policy, key=key).export(spans)
    return memory.spans


def span(name: str = "x", attributes: dict[str, Any] | None = None, **more: Any) -> ReadableSpan:
    """A finished span as another instrumentation makes it."""
    given = {"resource": Resource({"service.name": "shop"}), "start_time": 1, "end_time": 2, **more}
    return ReadableSpan(name, SpanContext(1, 2, False, TraceFlags(1)), attributes=attributes or {}, **given)


def redacted(name: str, value: Any, **options: Any) -> Any:
    """What becomes of one attribute."""
    (left,) = export(span(attributes={name: value}), **options)
    return left.attributes.get(name)


def clean(spans: Any) -> None:
    """Nothing planted is in any part of what left."""
    text = "\n".join(repr(everything(each)) for each in spans)
    assert not [needle for needle in NEEDLES if needle in text], text


@pytest.mark.parametrize(
    ("key", "value", "left"),
    [
        ("url.full", f"https://h.io/a?{QUERY}&page=2", "https://h.io/a?email=[EMAIL]&token=[SECRET]&page=2"),
        ("http.url", f"h.io/?{QUERY}#access_token={TOKEN}", "h.io/?email=[EMAIL]&token=[SECRET]#access_token=[SECRET]"),
        ("http.target", f"/u/jane.doe%40example.com/o?{QUERY}", "/u/[EMAIL]/o?email=[EMAIL]&token=[SECRET]"),
        ("url.query", QUERY, "email=[EMAIL]&token=[SECRET]"),
        ("url.query", "q=jane.doe%2540example.com", "q=[EMAIL]"),
        ("url.full", "https://bob:hunter2@h.io/x", "https://[SECRET]@h.io/x"),
        ("url.full", "https://h.io/a?page=2&order=20260101", "https://h.io/a?page=2&order=20260101"),
        ("db.statement", "SELECT 1 WHERE name = 'Jane Doe' AND id=42", "SELECT ? WHERE name = ? AND id=?"),
        ("db.query.text", '{"find": "u", "name": "Jane Doe"}', '{"find": "?", "name": "?"}'),
        ("db.query.text", "UPDATE u SET note = 'it''s Jane Doe'", "UPDATE u SET note = ?"),
        ("db.query.text", "SET user 'Jane Doe", "SET user ?"),
        ("db.query.parameter.name", "Jane Doe", "?"),
        ("db.statement.parameters", ("Jane Doe", 1), "?"),
        ("http.request.header.authorization", ("Basic hunter2",), ("[SECRET]",)),
        ("http.request.header.cookie", ("sid=hunter2",), ("[SECRET]",)),
        ("http.response.header.set_cookie", ("sid=hunter2",), ("[SECRET]",)),
        ("password", "hunter2", "[SECRET]"),
        ("gen_ai.input.messages", json.dumps([{"content": MAIL}]), '[{"content":"[EMAIL]"}]'),
        ("llm.input_messages.0.message.content", f"card {CARD}", "card [CREDIT_CARD]"),
        ("input.value", json.dumps({"password": "hunter2", "q": "hi"}), '{"password":"[SECRET]","q":"hi"}'),
        ("output.value", '{"a": 1, "b":  [true]}', '{"a": 1, "b":  [true]}'),
        ("llm.token_count.prompt", 1_200, 1_200),
        ("gen_ai.usage.input_tokens", 12_345_678, 12_345_678),
        ("customer.phone", 3348917502, "[PHONE]"),
        ("tags", (MAIL, "vip"), ("[EMAIL]", "vip")),
        ("numbers", (1, 4111111111111111), ("1", "[CREDIT_CARD]")),
        ("http.route", "/users/{id}", "/users/{id}"),
        ("http.request.method", "GET", "GET"),
        ("flag", True, True),
    ],
)  # fmt: skip
def test_attributes(key: str, value: Any, left: Any) -> None:
    """By its key and by what stands in it, also encoded, an attribute leaves redacted; what is harmless stays."""
    found = redacted(key, value)
    assert (tuple(found) if isinstance(found, list) else found) == left


def test_every_part_of_a_span() -> None:
    """Name, keys, events, links, status, trace state and resource: what was planted leaves nowhere."""
    state = TraceState([("vendor", MAIL)])
    context = SpanContext(1, 2, False, TraceFlags(1), state)
    foreign = ReadableSpan(
        f"GET /users/{MAIL}",
        context,
        parent=SpanContext(1, 3, True, TraceFlags(1), state),
        resource=Resource(
            {"service.name": "shop", "owner": MAIL, "process.command_args": ("--password=hunter2", MAIL)}
        ),
        attributes={f"for {MAIL}": 1, f"for {MAIL.upper()}": 2},
        links=[Link(context, {"note": MAIL})],
        status=Status(StatusCode.ERROR, f"no such customer: {MAIL}"),
        start_time=1,
        end_time=2,
    )
    left = export(foreign)
    clean(left)
    (one,) = left
    assert one.name == "GET /users/[EMAIL]"
    assert sorted(value for key, value in one.attributes.items() if key.startswith("for ")) == [1, 2]
    assert one.status.status_code is StatusCode.ERROR
    assert (one.context.trace_id, one.context.span_id, one.parent.span_id) == (1, 2, 3)
    assert one.resource.attributes["service.name"] == "shop"


def test_exceptions_with_their_causes() -> None:
    """Messages and stack traces, with causes, notes and source lines, leave redacted."""
    memory = MemoryExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(convqa.RedactingExporter(memory)))

    def work() -> None:
        try:
            raise KeyError(f"no {MAIL}")  # the line itself says jane.doe@example.com
        except KeyError as error:
            raise ValueError(f"card {CARD}") from error

    with pytest.raises(ValueError, match="card"), provider.get_tracer("t").start_as_current_span("work"):
        work()
    clean(memory.spans)
    (event,) = memory.spans[0].events
    assert event.attributes["exception.message"] == "card [CREDIT_CARD]"
    assert "direct cause" in event.attributes["exception.stacktrace"]


async def test_real_http_instrumentation(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call of an instrumented client to an instrumented server leaves without address, token and cookies."""
    for side in ("CLIENT", "SERVER"):
        for kind in ("REQUEST", "RESPONSE"):
            monkeypatch.setenv(f"OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_{side}_{kind}", ".*")
    raw, safe = MemoryExporter(), MemoryExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(raw))
    provider.add_span_processor(SimpleSpanProcessor(convqa.RedactingExporter(safe)))
    app = FastAPI()

    @app.get("/customers/{mail}")
    def customer(mail: str) -> dict[str, str]:
        return {"mail": mail}

    FastAPIInstrumentor.instrument_app(app, tracer_provider=provider)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop.example") as client:
        HTTPXClientInstrumentor.instrument_client(client, tracer_provider=provider)
        headers = {"authorization": f"Bearer {TOKEN}", "cookie": "sid=hunter2", "x-customer": MAIL}
        answer = await client.get(f"/customers/jane.doe%40example.com?{QUERY}", headers=headers)
    assert answer.status_code == 200
    assert len(safe.spans) == len(raw.spans) >= 2
    with pytest.raises(AssertionError):
        clean(raw.spans)
    clean(safe.spans)
    server = next(s for s in safe.spans if (s.attributes or {}).get("http.route") == "/customers/{mail}")
    assert server.attributes["convqa.redaction.status"] == "redacted"


def test_what_was_done_stands_on_the_span() -> None:
    """Status, count and classes are those of the whole span; a clean one says that it is clean."""
    found, fine = export(span(MAIL, {"a": CARD}), span("fine", {"a": "hello"}))
    assert found.attributes["convqa.redaction.status"] == "redacted"
    assert found.attributes["convqa.redaction.count"] == 2
    assert list(found.attributes["convqa.redaction.classes"]) == ["CREDIT_CARD", "EMAIL"]
    assert fine.attributes["convqa.redaction.status"] == "clean"
    assert "convqa.redaction.count" not in fine.attributes


def test_the_span_of_others_stays_as_it_was() -> None:
    """Another processor of the application still sees what was recorded."""
    foreign = span(MAIL, {"a": [MAIL]}, status=Status(StatusCode.ERROR, MAIL))
    before = foreign.to_json()
    export(foreign)
    assert foreign.to_json() == before


def test_persons_are_pseudonyms_as_in_turns(record: Record) -> None:
    """`user.id` gets the pseudonym that turns have for it; names of people, which no pattern finds, one as well."""
    recorded = record()
    with convqa.turn("c-1", user_id="u-1"):
        pass
    pseudonym = recorded.attributes("turn")["user.id"]
    assert redacted("user.id", "u-1") == redacted("enduser.id", "u-1") == pseudonym
    assert redacted("user.id", pseudonym) == pseudonym
    assert "Jane" not in redacted("user.full_name", "Jane Doe")
    assert redacted("user.id", "u-1", key=None) == "[WITHHELD]"
    assert redacted("user.id", "u-1", policy=RedactionPolicy(allow_identifiers=True)) == "u-1"


def test_our_own_spans_pass_through(record: Record) -> None:
    """A span that was redacted already leaves as it came, with the counts it had."""
    recorded = record()
    with convqa.turn(MAIL, f"mail {MAIL}", user_id="u-1") as turn:
        turn.answer("x")
    (ours,) = recorded.all
    (left,) = export(ours)
    assert dict(left.attributes) == dict(ours.attributes)


def test_content_can_be_off() -> None:
    """With `content=False`, what people and models wrote is left out, and names, numbers and models stay."""
    given = {
        "gen_ai.input.messages": "hello",
        "input.value": "hello",
        "gen_ai.request.model": "m",
        "exception.message": "x",
    }
    (left,) = export(
        span("chat m", given, status=Status(StatusCode.ERROR, "hello")), policy=RedactionPolicy(content=False)
    )
    assert left.name == "chat m"
    assert "hello" not in repr(everything(left))
    assert left.attributes["gen_ai.request.model"] == "m"
    assert left.attributes["convqa.redaction.status"] == "off"


def test_a_policy_that_keeps_a_class() -> None:
    """What the policy keeps stays, also inside a URL."""
    policy = RedactionPolicy(actions={"EMAIL": "keep"})
    assert redacted("url.full", f"https://h.io/?{QUERY}", policy=policy).startswith("https://h.io/?email=jane.doe%40")
    assert TOKEN not in redacted("url.full", f"https://h.io/?{QUERY}", policy=policy)


class TestFailures:
    """Nothing that could not be redacted leaves."""

    def test_a_span_that_fails_leaves_as_a_frame(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Ids, times and status code stay, so that the trace is whole; it is counted, and logged once."""
        monkeypatch.setattr(Redactor, "render", lambda *_, **__: (_ for _ in ()).throw(RuntimeError(MAIL)))
        caplog.set_level(logging.DEBUG)
        memory = MemoryExporter()
        exporter = convqa.RedactingExporter(memory)
        exporter.export([span(MAIL, {"a": MAIL}, status=Status(StatusCode.ERROR, MAIL))] * 2)
        clean(memory.spans)
        left: Any = memory.spans[0]
        assert (left.name, left.context.span_id, left.end_time) == ("[WITHHELD]", 2, 2)
        assert left.status.status_code is StatusCode.ERROR
        assert left.attributes["convqa.redaction.status"] == "failed_closed"
        assert (exporter.withheld, exporter.dropped) == (2, 0)
        assert isolation.faults()["redacting_exporter"] == 2
        assert caplog.text.count("cause='redacting_exporter'") == 1
        assert MAIL not in caplog.text

    def test_what_is_no_span_is_dropped(self) -> None:
        """One of which not even the frame can be made does not leave; the others do."""
        memory = MemoryExporter()
        exporter = convqa.RedactingExporter(memory)
        exporter.export([object(), span("fine")])  # type: ignore[list-item]
        assert [each.name for each in memory.spans] == ["fine"]
        assert exporter.dropped == 1

    def test_a_detector_that_fails(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Texts are withheld, and the span says so."""
        monkeypatch.setattr(Redactor, "find", lambda *_: None)
        (left,) = export(span("x", {"a": MAIL, "url.full": f"http://h.io?{QUERY}"}))
        clean([left])
        assert left.attributes["convqa.redaction.status"] == "failed_closed"

    @pytest.mark.parametrize(
        "value", [b"\xff" + MAIL.encode(), {"a": {"b": MAIL}}, float("nan"), 10**30, "\ud800" + MAIL]
    )
    def test_values_that_no_attribute_should_have(self, value: Any) -> None:
        """Bytes, mappings, surrogates and huge numbers are redacted or withheld like everything else."""
        foreign = span()
        foreign._attributes = {"a": value}
        clean(export(foreign))

    def test_a_huge_span_is_bounded(self) -> None:
        """Of more text than may be searched for one span, the rest is withheld."""
        (left,) = export(span(attributes={f"a{n}": f"{n} " + "word " * 20_000 for n in range(8)} | {"z": MAIL}))
        clean([left])
        assert left.attributes["a0"].startswith("0 word")
        assert left.attributes["a7"] == "[WITHHELD:too_long]"
        assert left.attributes["z"] == "[EMAIL]"

    @given(
        st.dictionaries(
            st.text(max_size=20), st.one_of(st.text(max_size=60), st.integers(), st.lists(st.text(max_size=9)))
        )
    )
    def test_never_raises(self, attributes: dict[str, Any]) -> None:
        """Whatever stands in a span, something leaves, and all of it can be written."""
        foreign = span()
        foreign._attributes = attributes
        (left,) = export(foreign)
        repr(everything(left)).encode("utf-8", "backslashreplace")
        assert left.attributes["convqa.redaction.status"] != "failed_closed"


class TestForwarding:
    """The wrapped exporter is in charge of the rest."""

    def test_shutdown_and_flush(self) -> None:
        """Both reach it, and so does its answer."""

        class Told(Keeping):
            flushed = 0

            def force_flush(self, timeout_millis: int = 30000) -> bool:
                self.flushed = timeout_millis
                return False

        inner = Told()
        exporter = convqa.RedactingExporter(inner)
        assert exporter.force_flush(7) is False
        exporter.shutdown()
        assert (inner.flushed, inner.shutdowns) == (7, 1)

    def test_in_a_batch_processor(self) -> None:
        """From many threads through OpenTelemetry's own processor, each span arrives once, redacted."""
        memory = MemoryExporter()
        provider = TracerProvider()
        provider.add_span_processor(BatchSpanProcessor(convqa.RedactingExporter(memory)))
        tracer = provider.get_tracer("t")

        def work() -> None:
            for _ in range(50):
                with tracer.start_as_current_span(MAIL) as current:
                    current.set_attribute("url.full", f"http://h.io?{QUERY}")

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        provider.shutdown()
        assert len(memory.spans) == 200
        clean(memory.spans)


@pytest.mark.parametrize(
    ("value", "left"),
    [
        (("app", "--password", "hunter2", "--verbose"), ("app", "--password", "[SECRET]", "--verbose")),
        (tuple(CARD.split()), ("[CREDIT_CARD]",) * 4),
        (("pay", CARD[:9], f"{CARD[10:]} exp"), ("pay", "[CREDIT_CARD]", "[CREDIT_CARD]")),
        ((f"{CARD} is mine", "yes"), ("[CREDIT_CARD] is mine", "yes")),
        (("order", "2024", "of", "1234"), ("order", "2024", "of", "1234")),
    ],
)
def test_what_only_the_items_of_an_array_together_show_does_not_leave(value: Any, left: Any) -> None:
    """The value behind an option, and a card in four items, are found although no item shows them alone."""
    assert tuple(redacted("process.command_args", value)) == left


def test_what_the_policy_keeps_stays_across_items() -> None:
    """As it does in one text."""
    groups = tuple(CARD.split())
    assert (
        tuple(redacted("process.command_args", groups, policy=RedactionPolicy(actions={"CREDIT_CARD": "keep"})))
        == groups
    )


def test_the_scope_of_a_span_is_redacted() -> None:
    """Name, version, schema and attributes of a tracer are texts like others; a plain name stays."""
    scope = InstrumentationScope(f"for {MAIL}", MAIL, f"https://h.io/?{QUERY}", {"note": CARD})
    plain = InstrumentationScope(
        "opentelemetry.instrumentation.httpx", "0.5", "https://opentelemetry.io/schemas/1.11.0"
    )
    left = export(span(instrumentation_scope=scope), span(instrumentation_scope=plain))
    clean(left)
    kept = left[1].instrumentation_scope
    assert (kept.name, kept.version, kept.schema_url) == (plain.name, plain.version, plain.schema_url)


@pytest.mark.parametrize("value", ["a-1", 42, 12345678])
@pytest.mark.parametrize("key", ["account.id", "customer_id", "http.request.header.x-customer-id"])
def test_ids_of_customers_by_their_keys(key: str, value: Any, record: Record) -> None:
    """Whatever the key's spelling, such an id leaves as the pseudonym that `convqa.account.id` has, or not at all."""
    recorded = record()
    with convqa.turn("c-1", account_id=str(value)):
        pass
    assert redacted(key, value) == recorded.attributes("turn")["convqa.account.id"]
    assert redacted(key, value, key=None) == "[WITHHELD]"
    assert redacted(key, value, policy=RedactionPolicy(allow_identifiers=True)) == str(value)
    assert redacted("cloud.account.id", "acme-prod") == "acme-prod"


def test_a_value_that_is_allowed_in_a_field() -> None:
    """Leaves there alone, also inside JSON."""
    policy = RedactionPolicy(allow=(Allow(cls="EMAIL", value=MAIL, field="note"),))
    assert redacted("note", f"to {MAIL}", policy=policy) == f"to {MAIL}"
    assert redacted("note", json.dumps({"a": MAIL}), policy=policy) == json.dumps({"a": MAIL})
    assert redacted("other", f"to {MAIL}", policy=policy) == "to [EMAIL]"


class TestOptions:
    """The exporter takes what `configure()` takes."""

    def test_a_policy_in_a_file(self, tmp_path: Path) -> None:
        """By its path, or as its text; what cannot be read, or is none, is told at once."""
        path = tmp_path / "policy.yaml"
        path.write_text("version: ours-1\nactions: {EMAIL: keep}\n")
        for policy in (str(path), path, path.read_text()):
            assert redacted("a", MAIL, policy=policy) == MAIL
        with pytest.raises(ConfigurationError, match="cannot read the policy"):
            redacted("a", MAIL, policy=str(tmp_path / "none.yaml"))
        with pytest.raises(ConfigurationError, match="give a RedactionPolicy"):
            redacted("a", MAIL, policy=7)

    def test_keys_of_all_forms(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Text, bytes, mapping, callable, and the variable, which may hold several; the first makes pseudonyms."""
        text = KEY.decode()
        wanted = redacted("user.id", "u-1")
        for key in (text, {"k1": KEY, "k0": b"old" * 9}, {"k1": text}, lambda: text):
            assert redacted("user.id", "u-1", key=key) == wanted
        monkeypatch.setenv("CONVQA_KEY", json.dumps({"k1": text, "k0": "old" * 9}))
        assert redacted("user.id", "u-1", key=None) == wanted
        with pytest.raises(ConfigurationError):
            redacted("user.id", "u-1", key={})

    def test_the_policy_of_the_wrapped_exporter(self) -> None:
        """Is what `destinations` says of its class."""
        policy = RedactionPolicy.model_validate({"destinations": {"MemoryExporter": {"actions": {"EMAIL": "keep"}}}})
        assert redacted("a", MAIL, policy=policy) == MAIL

    def test_fields(self) -> None:
        """Content leaves as the policy says per field; what is no content is untouched by a pattern for all."""
        policy = RedactionPolicy(fields={"*": "none", "gen_ai.*": "hash_only"})
        given = {"gen_ai.input.messages": f"hi {MAIL}", "exception.message": "x", "http.request.method": "GET"}
        (left,) = export(span(attributes=given, status=Status(StatusCode.ERROR, "hello")), policy=policy)
        assert left.attributes["gen_ai.input.messages"].startswith("[TEXT:k1:")
        assert left.attributes["gen_ai.input.messages.original_length"] == len(f"hi {MAIL}")
        assert left.attributes["http.request.method"] == "GET"
        assert "exception.message" not in left.attributes
        assert left.status.description is None


def test_what_an_earlier_redaction_said_stays(record: Record) -> None:
    """Of a span that was redacted before, policy and detector stay, counts add up, and the graver status counts."""
    recorded = record()
    with convqa.turn("c-1", f"mail {MAIL}") as turn:
        turn.answer("x")
    (ours,) = recorded.all
    (left,) = export(ours, policy=RedactionPolicy(version="another-1"))
    assert dict(left.attributes) == dict(ours.attributes)
    stamps = {
        "convqa.redaction.status": "withheld",
        "convqa.redaction.count": 2,
        "convqa.redaction.classes": ("PHONE",),
        "convqa.redaction.policy_version": f"for {MAIL}",
        "convqa.redaction.detector_version": "7",
    }
    (left,) = export(span(attributes={"a": MAIL, **stamps}))
    told = {key.rpartition(".")[2]: value for key, value in left.attributes.items() if key in stamps}
    assert (told["status"], told["count"], told["detector_version"]) == ("withheld", 3, "7")
    assert list(told["classes"]) == ["EMAIL", "PHONE"]
    assert MAIL not in told["policy_version"]
