"""Our traces in Jaeger, read back through its own API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from .jaeger import WARNINGS, Jaeger, as_kept, without_warnings
from .shipping import PROTOCOLS, ROUTES, by_exporter, ship
from .sightings import Sighting, Sightings, differences
from .turns import LONG

pytestmark = pytest.mark.backend

SECOND = timedelta(seconds=1)


def named(kept: Sightings, name: str) -> Sighting:
    """The one span of a name."""
    (span,) = [span for span in kept.values() if span.name == name]
    return span


def of_trace(spans: Sightings, trace_id: str) -> Sightings:
    """Those of the spans that are in a trace."""
    return {span_id: span for span_id, span in spans.items() if span.trace_id == trace_id}


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("route", ROUTES)
def test_everything_of_a_turn_is_found(jaeger: Jaeger, tmp_path: Path, protocol: str, route: str) -> None:
    """Each attribute with its type, each event, link, status, time and parent is there as it left, by trace id."""
    conversation = f"c-{protocol}-{route}"
    kept = ship(route, protocol, jaeger.http, jaeger.grpc, conversation, tmp_path / "s")
    assert len(kept) == 11
    found = jaeger.traces_of(kept)
    assert differences(without_warnings(found), as_kept(kept)) == []
    assert {span.name for span in found.values() if WARNINGS in span.attributes} == {"outcome feedback"}


@pytest.fixture(scope="module")
def kept(jaeger: Jaeger) -> Sightings:
    """What left for Jaeger in one go."""
    return by_exporter("http", jaeger.http, jaeger.grpc, "c-search")


def test_a_long_text_arrives_whole(jaeger: Jaeger, kept: Sightings) -> None:
    """A text of 20 KB of UTF-8 is read back as the bot gave it."""
    turn = named(kept, "turn")
    kind, text = jaeger.trace(turn.trace_id)[turn.span_id].attributes["convqa.message.text"]
    assert (kind, text) == ("string", f"Mein Geld? Jané 😀 {LONG}")
    assert len(text.encode()) > 20_000


def test_a_late_outcome_is_a_short_trace_of_its_own_linked_to_the_turn(jaeger: Jaeger, kept: Sightings) -> None:
    """The turn's trace does not change when the outcome arrives; the outcome's link leads to the turn."""
    turn, outcome = named(kept, "turn"), named(kept, "outcome feedback")
    assert outcome.trace_id != turn.trace_id
    (found,) = jaeger.trace(outcome.trace_id).values()
    assert found.links == [(turn.trace_id, turn.span_id, {})]
    assert found.parent_id == ""
    assert "outcome feedback" not in {span.name for span in jaeger.trace(turn.trace_id).values()}


def test_a_search_by_time_and_name_finds_the_turn(jaeger: Jaeger, kept: Sightings) -> None:
    """Jaeger's search by service, operation and time finds the whole trace, and nothing outside the time."""
    turn = named(kept, "turn")
    start = datetime.fromtimestamp(turn.start_ns / 1e9, timezone.utc)
    found = jaeger.find("bot", start - SECOND, start + SECOND, operation_name="turn")
    assert differences(of_trace(found, turn.trace_id), of_trace(kept, turn.trace_id)) == []
    assert jaeger.find("bot", start - 60 * SECOND, start - 30 * SECOND) == {}


@pytest.mark.parametrize(
    "tags",
    [
        lambda kept: {"gen_ai.conversation.id": "c-search", "convqa.stage": "turn"},
        lambda kept: {"convqa.account.id": named(kept, "turn").attributes["convqa.account.id"][1]},
        lambda kept: {"convqa.turn.index": "3", "gen_ai.conversation.id": "c-search"},
        lambda kept: {"error.type": "ValueError", "gen_ai.conversation.id": "c-search"},
    ],
    ids=["conversation", "pseudonym", "number", "error"],
)
def test_a_search_by_attribute_finds_the_turn(
    jaeger: Jaeger, kept: Sightings, tags: Callable[[Sightings], dict[str, str]]
) -> None:
    """Conversation, pseudonym, number and failure are what people search for; each leads to the trace."""
    assert named(kept, "turn").trace_id in jaeger.tagged("bot", **tags(kept))
    assert jaeger.tagged("bot", **{**tags(kept), "convqa.channel": "carrier-pigeon"}) == set()
