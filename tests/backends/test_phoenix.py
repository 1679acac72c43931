"""Our traces in Phoenix, read back through its own API, and what it makes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter

import convqa_sdk as convqa

from .phoenix import Phoenix, as_kept
from .servers import wait_for
from .shipping import KEY, PROTOCOLS, ROUTES, by_exporter, ship
from .sightings import Sighting, Sightings, differences
from .turns import LONG

pytestmark = [pytest.mark.backend, pytest.mark.timeout(300)]  # it takes 12 s of CPU to start

MICROSECOND = 1_000


def found(phoenix: Phoenix, kept: Sightings, **attributes: str) -> Sightings:
    """Spans with given attributes, once as many are there as left: Phoenix takes them in a moment later."""
    return wait_for(lambda: phoenix.find(**attributes), lambda spans: len(spans) >= len(kept))


def named(spans: Sightings, name: str) -> Sighting:
    """The one span of a name."""
    (span,) = [span for span in spans.values() if span.name == name]
    return span


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("route", ROUTES)
def test_everything_that_phoenix_keeps_is_ours(phoenix: Phoenix, tmp_path: Path, protocol: str, route: str) -> None:
    """Found by conversation: each attribute with its type, event, status, parent, and each time to the microsecond.

    What it does not keep is said in `as_kept`: links, span kinds, resource and scope.
    """
    conversation = f"c-{protocol}-{route}"
    kept = ship(route, protocol, phoenix.http, phoenix.grpc, conversation, tmp_path / "s")
    seen = found(phoenix, kept, gen_ai__conversation__id=conversation)
    assert seen.keys() == kept.keys()
    wanted = {span_id: as_kept(span, seen[span_id]).without_times() for span_id, span in kept.items()}
    assert differences({span_id: span.without_times() for span_id, span in seen.items()}, wanted) == []
    for span_id, span in kept.items():
        pairs = zip(seen[span_id].times_ns, span.times_ns, strict=True)
        assert all(abs(theirs - ours) <= MICROSECOND for theirs, ours in pairs)


@pytest.fixture(scope="module")
def kept(phoenix: Phoenix) -> Sightings:
    """What left for Phoenix in one go."""
    return by_exporter("http", phoenix.http, phoenix.grpc, "c-search")


def test_a_long_text_arrives_whole(phoenix: Phoenix, kept: Sightings) -> None:
    """A text of 20 KB of UTF-8 is read back as the bot gave it."""
    turn = named(found(phoenix, kept, session__id="c-search"), "turn")
    kind, text = turn.attributes["convqa.message.text"]
    assert (kind, text) == ("string", f"Mein Geld? Jané 😀 {LONG}")
    assert len(text.encode()) > 20_000


def test_an_attribute_of_ours_finds_its_span(phoenix: Phoenix, kept: Sightings) -> None:
    """Stage, pseudonym and outcome are found by their names and values."""
    found(phoenix, kept, session__id="c-search")
    account = named(kept, "turn").attributes["convqa.account.id"][1]
    for attributes, name in (
        ({"convqa__stage": "policy_check"}, "policy_check promises"),
        ({"convqa__account__id": account, "convqa__stage": "turn"}, "turn"),
        ({"convqa__outcome__kind": "feedback"}, "outcome feedback"),
    ):
        spans = phoenix.find(session__id="c-search", **attributes)
        assert [span.name for span in spans.values()] == [name]


def test_phoenix_understands_the_standard_names(phoenix: Phoenix, kept: Sightings) -> None:
    """Without any dialect it knows the agent, the model's call with its tokens and messages, tools and retrievals."""
    seen = found(phoenix, kept, session__id="c-search")
    kinds = {span.name: span.attributes.get("openinference.span.kind", ("", ""))[1] for span in seen.values()}
    assert {name: kind for name, kind in kinds.items() if kind} == {
        "turn": "AGENT",
        "retrieval kb": "RETRIEVER",
        "rerank": "RETRIEVER",
        "chat m-7": "LLM",
        "execute_tool refund": "TOOL",
        "execute_tool lookup": "TOOL",
    }
    call = named(seen, "chat m-7").attributes
    assert call["llm.token_count.prompt"] == ("int", 2**53 + 1)
    assert call["llm.input_messages.1.message.content"] == ("string", LONG)
    assert "input.value" not in named(seen, "turn").attributes


def test_the_compat_dialect_fills_what_phoenix_leaves_empty(phoenix: Phoenix, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `dialect="compat"` a turn has input and output, and each stage a kind; the project is the one named."""
    monkeypatch.setenv("CONVQA_DIALECT", "compat")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "openinference.project.name=acme")
    kept = by_exporter("http", phoenix.http, phoenix.grpc, "c-compat")
    seen = wait_for(lambda: in_project(phoenix, "acme"), lambda spans: len(spans) >= len(kept))
    turn = named(seen, "turn").attributes
    assert turn["output.value"] == ("string", "It is on its way.")
    assert all("openinference.span.kind" in span.attributes for span in seen.values())
    for span_id, span in kept.items():
        assert span.attributes.items() <= seen[span_id].attributes.items()


def in_project(phoenix: Phoenix, project: str) -> Sightings:
    """All spans of a project, none while it does not exist."""
    try:
        return phoenix.find(project)
    except HTTPError as error:
        if error.code == 404:
            return {}
        raise


@pytest.mark.parametrize(("scope", "traces"), [("turn", 3), ("conversation", 1)])
def test_a_session_shows_each_turn_when_it_is_a_trace_of_its_own(phoenix: Phoenix, scope: Any, traces: int) -> None:
    """A session is our conversation; Phoenix shows one exchange for each of its traces."""
    exporter = HttpExporter(f"{phoenix.http}/v1/traces")
    sdk = convqa.configure("bot", exporters=(exporter,), trace_scope=scope, key=KEY)
    for number in range(3):
        with convqa.turn(f"c-session-{scope}", f"question {number}") as turn:
            turn.answer("yes", type="generated")
    assert sdk.flush(20)
    spans = wait_for(lambda: phoenix.find(session__id=f"c-session-{scope}"), lambda spans: len(spans) == 3)
    sessions = wait_for(phoenix.sessions, lambda sessions: f"c-session-{scope}" in sessions)
    assert len(sessions[f"c-session-{scope}"]) == traces
    assert set(sessions[f"c-session-{scope}"]) == {span.trace_id for span in spans.values()}
