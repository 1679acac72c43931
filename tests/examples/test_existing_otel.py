"""The example of an application that is instrumented already: real requests, processes, sockets and OTLP."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from convqa_sdk.assign import conversation_trace_id
from convqa_sdk.store.segments import StoredSpan, read_spans
from export.receivers import Request, attributes, http_receiver
from served_example import CONVERSATIONS, ROOT, Services, converse, listening, served_app, served_services
from span_trees import Tree, trees

PAGE = ROOT / "docs" / "how-to" / "add-to-an-instrumented-app.md"
OURS, FASTAPI, HTTPX = "convqa_sdk", "opentelemetry.instrumentation.fastapi", "opentelemetry.instrumentation.httpx"


@dataclass
class Run:
    """One process of the application, from start to end.

    Attributes:
        answers: What the customers got.
        messages: OTLP messages as they arrived.
        seen: What the services got: (method and path, traceparent).
        store: What the local store holds.
    """

    answers: list[str]
    messages: list[Request]
    seen: list[tuple[str, str]]
    store: list[StoredSpan]

    def of(self, *scopes: str) -> list[Any]:
        """Return the spans of some instrumentation scopes."""
        return [
            span
            for message in self.messages
            for resource in message.message.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
            if scope.scope.name in scopes
        ]

    @property
    def trees(self) -> dict[str, Tree]:
        """The tree of each request, by conversation."""
        found = trees(self.of(OURS, FASTAPI, HTTPX))
        return dict(zip(CONVERSATIONS, found, strict=True))


@dataclass
class Ports:
    """Where the application and the services behind it listen: the same for one process after another."""

    listener: socket.socket
    services: Services

    def run(self, module: str, store: Path | None = None, *, counted: bool = False) -> Run:
        """Serve the application once and ask everything."""
        seen = self.services.seen = []
        arguments = (str(store or ""), "counted" if counted else "")
        env = {"OTEL_RESOURCE_ATTRIBUTES": "service.instance.id=one"} if counted else {}  # else it is random
        with (
            http_receiver() as receiver,
            served_app(module, self.listener, self.services, receiver.url, *arguments, **env) as client,
        ):
            answers = list(converse(client, self.services))
        return Run(answers, receiver.requests, seen, list(read_spans(store)) if store is not None else [])


@pytest.fixture(scope="module")
def ports() -> Iterator[Ports]:
    """Free loopback ports, and the services."""
    with listening() as listener, served_services() as services:
        yield Ports(listener, services)


@pytest.fixture(scope="module")
def joined(ports: Ports) -> Run:
    """The application with convqa_sdk, both shipping to the backend that the environment names."""
    return ports.run("app")


@pytest.fixture(scope="module")
def before(ports: Ports) -> Run:
    """The application as it was before."""
    return ports.run("before", counted=True)


@pytest.fixture(scope="module")
def apart(ports: Ports, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The application with convqa_sdk, whose only destination is the local store."""
    return ports.run("app", tmp_path_factory.mktemp("store"), counted=True)


def test_customers_get_the_same_answers(before: Run, joined: Run, apart: Run) -> None:
    """The application answers, streams, hands over, fails and breaks as it did before."""
    assert before.answers == joined.answers == apart.answers
    assert before.answers == [
        '200{"answer":"You can return any item within 30 days and get your money back."}',
        '200{"answer":"A colleague will answer you. Your ticket is T-1."}',
        "200Delivery takes two to four working days.",
        "500Internal Server Error",
        "200Delivery takes two <broken>",
    ]


# ------------------------------------------------------------------------------------ joined: one backend for both


def blocks(language: str) -> list[str]:
    """Return the blocks of the documentation's page."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_the_page_draws_the_trees(joined: Run) -> None:
    """Request, turn, stages and HTTP calls nest as the documentation draws it."""
    assert blocks("text") == [joined.trees[conversation].drawn() for conversation in ("c-answered", "c-handed-over")]


def test_the_page_quotes_the_example() -> None:
    """What the page shows of the code is the code that these tests run."""
    code = [file.read_text(encoding="utf-8") for file in (ROOT / "examples" / "existing_otel").glob("*.py")]
    own = [block for block in blocks("python") if "RedactingExporter" not in block]  # that one runs with the pages
    assert len(own) >= 2
    assert all(any(block in text for text in code) for block in own)


def test_fastapis_own_spans_can_be_left_out() -> None:
    """With `exclude_spans`, as the page writes it, the request's span is the only one that FastAPI makes."""
    assert 'FastAPIInstrumentor.instrument_app(app, exclude_spans=["receive", "send"])' in PAGE.read_text("utf-8")
    memory, provider, app = InMemorySpanExporter(), TracerProvider(), FastAPI()
    provider.add_span_processor(SimpleSpanProcessor(memory))
    app.post("/chat")(lambda text: {"answer": text})
    FastAPIInstrumentor.instrument_app(app, tracer_provider=provider, exclude_spans=["receive", "send"])
    transport = httpx.ASGITransport(app)

    async def ask() -> None:
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
            (await client.post("/chat", params={"text": "hi"})).raise_for_status()

    asyncio.run(ask())
    assert [span.name for span in memory.get_finished_spans()] == ["POST /chat"]


def test_a_stream_keeps_its_turn_open_and_out_of_the_way(joined: Run) -> None:
    """The turn lasts until the last piece, and what FastAPI sends between the pieces stays below the request."""
    request = joined.trees["c-streamed"]
    (turn,) = [tree for tree in request.children if tree.span.name == "turn"]
    sends = [tree for tree in request.children if tree.span.name.endswith("http send")]
    within = [tree for tree in sends if tree.span.end_time_unix_nano <= turn.span.end_time_unix_nano]
    assert len(within) >= 7, "words"
    assert [tree.span.name for tree in turn] == ["turn", "retrieval help-center", "GET", "chat gpt-4.1", "POST"]


def test_every_request_is_one_sound_tree(joined: Run) -> None:
    """Each request is one trace and one tree, of which every span lies within its parent's time, whatever happened."""
    assert len({tree.span.trace_id for tree in joined.trees.values()}) == len(CONVERSATIONS)
    for conversation, tree in joined.trees.items():
        tree.assert_sound()
        assert not tree.span.parent_span_id
        (turn,) = [attributes(each.span) for each in tree if each.span.name == "turn"]
        assert turn["gen_ai.conversation.id"] == conversation


def test_what_failed_is_an_error_in_the_stage_and_above(joined: Run) -> None:
    """An exception that reaches the customer fails the stage and the turn; neither repeats what the customer wrote."""
    failed = {
        conversation: [each.span.name for each in tree if each.span in joined.of(OURS) and each.span.status.code == 2]
        for conversation, tree in joined.trees.items()
    }
    assert failed == {
        "c-answered": [],
        "c-handed-over": [],
        "c-streamed": [],
        "c-failed": ["turn", "execute_tool look_up"],
        "c-broken": ["turn", "chat gpt-4.1"],
    }


def test_services_get_the_trace_of_the_request(joined: Run) -> None:
    """`traceparent` names the HTTP client's span, which is a child of the stage that made the call."""
    clients = {
        f"00-{each.span.trace_id.hex()}-{each.span.span_id.hex()}": stage.span
        for tree in joined.trees.values()
        for stage in tree
        for each in stage.children
        if each.span in joined.of(HTTPX)
    }
    stages = {"articles": "retrieval", "orders": "tool", "tickets": "escalation", "v1": "generation"}
    assert len(joined.seen) == len(clients) == 10
    for call, traceparent in joined.seen:
        stage = clients[traceparent.rpartition("-")[0]]
        assert attributes(stage)["convqa.stage"] == stages[call.split("/")[1]]
        assert int(traceparent.rpartition("-")[2], 16) & 1, "sampled"


def test_nobody_ships_a_span_of_the_other(joined: Run) -> None:
    """A message holds spans of ours or of the application's, never of both, and each span arrives once."""
    senders = [
        {scope.scope.name for resource in message.message.resource_spans for scope in resource.scope_spans}
        for message in joined.messages
    ]
    assert all(scopes == {OURS} or OURS not in scopes for scopes in senders)
    spans = [span.span_id for message in joined.messages for span in message.spans]
    assert len(set(spans)) == len(spans) == len(joined.of(OURS, FASTAPI, HTTPX))


def test_all_spans_are_of_one_service(joined: Run) -> None:
    """Our resource is the application's, so that a backend shows both as one service."""
    resources = {
        frozenset(attributes(resource.resource).items())
        for message in joined.messages
        for resource in message.message.resource_spans
    }
    (resource,) = resources
    assert {("service.name", "support"), ("service.version", "2.3.1")} <= resource


# ---------------------------------------------------------------------------------- apart: the local store of ours


def test_the_applications_traces_are_unchanged_to_the_byte(before: Run, apart: Run) -> None:
    """With the local store only, the application exports what it exported before: ids, times, order, everything.

    The stack trace of an exception that passed a decorated function has one more frame for it; nothing else differs.
    """
    (was,), (now,) = before.messages, apart.messages
    assert now.message.SerializeToString() != was.message.SerializeToString(), "the frames"
    for message in (was, now):
        for span in message.spans:
            for event in span.events:
                for pair in event.attributes:
                    if pair.key == "exception.stacktrace":
                        pair.value.string_value = without_ours(pair.value.string_value)
    assert now.message.SerializeToString() == was.message.SerializeToString()
    assert len(was.spans) > 40


def without_ours(stacktrace: str) -> str:
    """Return a stack trace without our frames, and without the places in the example, which has two versions."""
    frame = r'  File "[^"]*/convqa_sdk/[^"]*", line .*\n(?:    .*\n)*'
    place = r'"[^"]*/existing_otel/(?:before|app).py", line \d+'
    return re.sub(place, '"the application"', re.sub(frame, "", stacktrace))


def test_turns_keep_to_themselves_and_are_linked_to_their_requests(apart: Run) -> None:
    """Apart, a turn is the root of its conversation's trace, and its link leads to the span of the request."""
    requests = [span for span in apart.of(FASTAPI) if not span.parent_span_id]
    turns = {span.conversation_id: span for span in apart.store if span.stage == "turn"}
    assert list(turns) == CONVERSATIONS
    for turn, request in zip(turns.values(), requests, strict=True):
        assert turn.parent_id == ""
        assert turn.trace_id == f"{conversation_trace_id(b'k' * 32, 'support', turn.conversation_id):032x}"
        assert turn.links == ((request.trace_id.hex(), request.span_id.hex()),)
    assert {span.trace_id for span in apart.store} == {turn.trace_id for turn in turns.values()}


def test_services_get_the_applications_own_trace(before: Run, apart: Run) -> None:
    """Apart, every `traceparent` is what it was before."""
    assert apart.seen == before.seen


def test_the_store_holds_the_turns(apart: Run) -> None:
    """Every stage of every request is stored, redacted and complete; only the turn that failed has no answer."""
    in_order = sorted(apart.store, key=lambda span: span.start_ns)
    stages = {one: [span.stage for span in in_order if span.conversation_id == one] for one in CONVERSATIONS}
    assert stages == {
        "c-answered": ["turn", "tool", "retrieval", "generation"],
        "c-handed-over": ["turn", "retrieval", "escalation"],
        "c-streamed": ["turn", "retrieval", "generation"],
        "c-failed": ["turn", "tool"],
        "c-broken": ["turn", "retrieval", "generation"],
    }
    wrong = {span.conversation_id: span.attributes.get("convqa.instrumentation.violations") for span in apart.store}
    assert {conversation: names for conversation, names in wrong.items() if names} == {"c-failed": ["answer_type"]}
    assert "jane@" not in str([span.attributes for span in apart.store])
