"""Beside other tracing SDKs, each with its own provider, exporter and client for OpenAI: nobody loses anything.

They live in an environment of their own, which `make peers` installs; nothing of them is replaced here.
"""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from convqa_sdk.assign import conversation_trace_id
from export.receivers import Receiver, attributes, http_receiver
from served_example import ROOT, served_services
from span_trees import Tree, trees

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
CONVERSATION = conversation_trace_id(b"k" * 32, "bot", "c-1").to_bytes(16, "big")
PEERS = Path(os.environ.get("CONVQA_PEERS") or CACHE / "convqa-sdk" / "peers")
PYTHON = PEERS / "bin" / "python"
INSTALLED = (PEERS / ".installed").exists()
pytestmark = pytest.mark.skipif(not INSTALLED, reason="the other SDKs are not installed; `make peers` installs them")

LLM = {
    "langfuse": "OpenAI-generation",
    "logfire": "Chat Completion with {request_data[model]!r}",
    "openinference": "ChatCompletion",
}
STREAMED = {"logfire": ["streaming response from {request_data[model]!r} took {duration:.2f}s"]}
VOLATILE = {"langfuse.observation.completion_start_time", "duration", "code.filepath", "code.function", "code.lineno"}
"""Attributes that hold a time, or the place in the code that ends a stream, which is ours when we follow it."""

ORDERS = {
    "they first": ("peer", "serve", "apart", "serve", "joined", "serve", "forwarded", "serve"),
    "we first": ("apart", "peer", "serve", "joined", "serve"),
}
ONLY_OURS = """\
turn
├─ retrieval kb
├─ chat gpt-4.1
└─ chat gpt-4.1
"""


def only_theirs(peer: str) -> str:
    """Return how their spans nest without us."""
    *most, last = ["index", LLM[peer], LLM[peer], *STREAMED.get(peer, [])]
    return "".join(["request\n", *(f"├─ {name}\n" for name in most), f"└─ {last}\n"])


def both(peer: str) -> str:
    """Return how their spans and ours nest when they are joined."""
    *most, last = [LLM[peer], *STREAMED.get(peer, [])]
    return f"""\
request
└─ turn
   ├─ retrieval kb
   │  └─ index
   ├─ chat gpt-4.1
   │  └─ {LLM[peer]}
   └─ chat gpt-4.1
""" + "".join([*(f"      ├─ {name}\n" for name in most), f"      └─ {last}\n"])


@dataclass
class Served:
    """What arrived of one request, and of the turn that was recorded in it.

    Attributes:
        request: The span of the request, as it arrived at the other SDK's backend.
        theirs: What arrived there in the request's trace.
        ours: What arrived at our own backend, in that trace or in the conversation's.
    """

    request: Any
    theirs: list[Tree]
    ours: list[Tree]


@dataclass
class Process:
    """One run of the bot.

    Attributes:
        served: Requests by the configuration that was in force, `alone` before the first.
        theirs: All that arrived at the other SDK's backend.
        ours: All that arrived at our own.
    """

    served: dict[str, Served]
    theirs: Receiver
    ours: Receiver


def run(peer: str, *steps: str) -> Process:
    """Run the bot in a process of its own."""
    with http_receiver() as theirs, http_receiver() as ours, served_services() as services:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("CONVQA_", "OTEL_"))}
        env = {
            **clean,
            "PYTHONPATH": str(ROOT / "src"),
            "OTEL_RESOURCE_ATTRIBUTES": "service.name=bot",
            "PEER_URL": theirs.url,
            "OWN_URL": ours.url,
            "MODEL_URL": f"{services.url}/v1",
        }
        script = Path(__file__).with_name("bot.py")
        done = subprocess.run(
            [PYTHON, script, peer, *steps], env=env, capture_output=True, text=True, check=False, timeout=110
        )
        assert done.returncode == 0, done.stderr
    configurations = [step for step in steps if step not in ("peer", "serve")]
    if steps[0] == "peer":
        configurations.insert(0, "alone")
    sent = trees(final(theirs))
    requests = [tree.span for tree in sent if tree.span.name == "request"]
    served = {}
    for configuration, request in zip(configurations, requests, strict=True):
        trace_id = CONVERSATION if configuration == "apart" else request.trace_id
        served[configuration] = Served(
            request,
            [tree for tree in sent if tree.span.trace_id == request.trace_id],
            [tree for tree in trees(ours.spans) if tree.span.trace_id == trace_id],
        )
    return Process(served, theirs, ours)


def final(receiver: Receiver) -> list[Any]:
    """Return what a receiver got, without Logfire's announcements of spans that are still open."""
    return [span for span in receiver.spans if attributes(span).get("logfire.span_type") != "pending_span"]


def drawn(roots: list[Tree]) -> str:
    """Return trees as text."""
    return "".join(tree.drawn() for tree in roots)


def content(roots: list[Tree], *, ours: bool) -> list[bytes]:
    """Return the spans that are ours, or all others, without ids and times: in order, for comparison."""
    found = []
    for tree in (each for root in roots for each in root):
        if ("convqa.stage" in attributes(tree.span)) == ours:
            span = type(tree.span)()
            span.CopyFrom(tree.span)
            for field in ("trace_id", "span_id", "parent_span_id", "start_time_unix_nano", "end_time_unix_nano"):
                span.ClearField(field)
            for event in span.events:
                event.ClearField("time_unix_nano")
            stable = [pair for pair in span.attributes if pair.key not in VOLATILE and " took 0." not in str(pair)]
            del span.attributes[:]
            span.attributes.extend(stable)
            found.append(span.SerializeToString())
    return found


@pytest.fixture(scope="module", params=list(LLM))
def peer(request: pytest.FixtureRequest) -> str:
    """The other SDK."""
    return str(request.param)


@pytest.fixture(scope="module")
def processes(peer: str) -> dict[str, Process]:
    """The bot beside the other SDK, by who was configured first."""
    return {order: run(peer, *steps) for order, steps in ORDERS.items()}


def test_apart_their_traces_are_what_they_were(peer: str, processes: dict[str, Process]) -> None:
    """Apart, their spans, values and parents are as without us, and their backend gets none of ours."""
    alone = processes["they first"].served["alone"]
    assert drawn(alone.theirs) == only_theirs(peer)
    for process in processes.values():
        apart = process.served["apart"]
        assert drawn(apart.theirs) == drawn(alone.theirs)
        assert content(apart.theirs, ours=False) == content(alone.theirs, ours=False)
        assert content(apart.theirs, ours=True) == []


def test_apart_our_turn_is_linked_to_their_request(processes: dict[str, Process]) -> None:
    """Apart, the turn is the root of the conversation's trace, and its link leads to their span."""
    for process in processes.values():
        apart = process.served["apart"]
        assert drawn(apart.ours) == ONLY_OURS
        turn = apart.ours[0].span
        assert not turn.parent_span_id
        assert [(link.trace_id, link.span_id) for link in turn.links] == [
            (apart.request.trace_id, apart.request.span_id)
        ]


def test_joined_both_make_one_tree(peer: str, processes: dict[str, Process]) -> None:
    """Joined, their backend gets both as one tree: our stages below their request, their calls below our stages."""
    for process in processes.values():
        joined = process.served["joined"]
        assert drawn(joined.theirs) == both(peer)
        joined.theirs[0].assert_sound()


def test_joined_nothing_but_parents_differs(processes: dict[str, Process]) -> None:
    """Joined, each of their spans is as without us, and each of ours arrives there as at our own backend."""
    alone = processes["they first"].served["alone"]
    for process in processes.values():
        joined = process.served["joined"]
        assert Counter(content(joined.theirs, ours=False)) == Counter(content(alone.theirs, ours=False))
        assert content(joined.theirs, ours=True) == content(joined.ours, ours=True) != []


def test_their_processor_takes_every_span_of_ours(peer: str, processes: dict[str, Process]) -> None:
    """`forward_to` their processor: it drops none of ours, and the tree is one.

    Logfire's replaces values with "session" in name or text; the others leave ours as they are.
    """
    forwarded = processes["they first"].served["forwarded"]
    assert drawn(forwarded.theirs) == both(peer)
    there = [attributes(tree.span) for tree in forwarded.theirs[0] if "convqa.stage" in attributes(tree.span)]
    here = [attributes(tree.span) for tree in forwarded.ours[0]]
    for got, sent in zip(there, here, strict=True):
        changed = {key for key in sent if got[key] != sent[key]}
        assert got.keys() - sent.keys() == ({"logfire.scrubbed"} if peer == "logfire" else set())
        assert all("session" in f"{key} {sent[key]}" for key in changed)
        assert peer == "logfire" or not changed


def test_their_processor_takes_outcomes(peer: str, processes: dict[str, Process]) -> None:
    """Outcomes and changes pass their processors too, but for a change in Langfuse: it has no `gen_ai.` attribute."""
    process = processes["they first"]
    stages = Counter(attributes(span).get("convqa.stage") for span in process.theirs.spans)
    ways = 2  # joined and forwarded
    assert stages["turn"] == stages["outcome"] == ways
    assert stages["change"] == (ways - 1 if peer == "langfuse" else ways)


def test_our_generations_know_what_the_model_said(processes: dict[str, Process]) -> None:
    """Whatever their instrumentation makes of the client's responses and streams, text and tokens are read."""
    for process in processes.values():
        for served in process.served.values():
            generations = [attributes(tree.span) for root in served.ours for tree in root if "chat" in tree.span.name]
            assert [each["gen_ai.usage.output_tokens"] for each in generations] == ([12, 12] if served.ours else [])
            assert all("A session lasts an hour." in each["gen_ai.output.messages"] for each in generations)


def test_none_of_theirs_reaches_our_backend(processes: dict[str, Process]) -> None:
    """Our exporters ship our spans alone, each once."""
    for process in processes.values():
        scopes = {
            scope.scope.name
            for message in process.ours.requests
            for resource in message.message.resource_spans
            for scope in resource.scope_spans
        }
        assert scopes == {"convqa_sdk"}
        assert len(process.ours.spans) == 6 * len([name for name in process.served if name != "alone"])


def test_their_provider_gives_our_resource(processes: dict[str, Process]) -> None:
    """Whoever is configured first, ours carry the resource of their provider: it is looked up at the first turn."""
    for process in processes.values():
        (own,) = resources(process.ours, ours=True)
        assert own in resources(process.theirs, ours=False)


def resources(receiver: Receiver, *, ours: bool) -> set[frozenset[tuple[str, Any]]]:
    """Return the resources under which spans of ours, or all others, arrived."""
    return {
        frozenset(attributes(resource.resource).items())
        for message in receiver.requests
        for resource in message.message.resource_spans
        if ("convqa_sdk" in {scope.scope.name for scope in resource.scope_spans}) == ours
    }
