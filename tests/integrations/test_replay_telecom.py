"""The main job: 80 real conversations, every figure held against a recount of the raw JSON written here."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import datetime, timezone
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import Parse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from replayed import real, rows

from convqa_sdk.integrations.replay import ReplayReport, replay
from convqa_sdk.integrations.transcripts import read_transcripts
from convqa_sdk.store.conversations import conversations
from convqa_sdk.store.fidelity import measure
from convqa_sdk.store.segments import StoredSpan, read_spans

NAME = "conv_telecom_ab"
Raw = list[dict[str, Any]]


@pytest.fixture(scope="module")
def raw() -> Raw:
    """Return the rows of the file, read without any code of ours."""
    return rows(NAME)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ReplayReport]:
    """Replay the file once; return the store and the report."""
    path = tmp_path_factory.mktemp("telecom") / "store"
    return path, replay(read_transcripts(real(NAME)), store=path, service_name="replayed")


@pytest.fixture(scope="module")
def spans(store: tuple[Path, ReplayReport]) -> list[StoredSpan]:
    """Return what is in the store."""
    return list(read_spans(store[0]))


def entries(raw: Raw, role: str) -> list[dict[str, Any]]:
    """Return all entries of a role."""
    return [turn for row in raw for turn in row["turns"] if turn["role"] == role]


def calls(raw: Raw, role: str) -> list[dict[str, Any]]:
    """Return all calls of tools in entries of a role."""
    return [call for turn in entries(raw, role) for call in turn.get("tool_calls", ())]


def of(spans: list[StoredSpan], stage: str) -> list[StoredSpan]:
    """Return the spans of a stage."""
    return [span for span in spans if span.stage == stage]


def nanoseconds(naive: str) -> int:
    """Return Unix nanoseconds of a time that is taken as UTC."""
    moment = datetime.fromisoformat(naive).replace(tzinfo=timezone.utc)
    return int(moment.timestamp()) * 10**9 + moment.microsecond * 1000


def test_counts_are_those_of_the_contract(spans: list[StoredSpan], store: tuple[Path, ReplayReport]) -> None:
    """The store holds 1,633 generations, 863 tool calls and 902 customer actions, with 14,450,321 and 82,196 tokens."""
    generations = of(spans, "generation")
    actions = [event for span in spans for event in span.events if event.name == "convqa.customer_action"]
    tokens = [sum(g.attributes[f"gen_ai.usage.{side}_tokens"] for g in generations) for side in ("input", "output")]
    assert (len(generations), len(of(spans, "tool")), len(actions)) == (1633, 863, 902)
    assert tokens == [14_450_321, 82_196]
    report = store[1]
    assert (report.spans["generation"], report.spans["tool"], report.customer_actions) == (1633, 863, 902)
    assert [report.input_tokens, report.output_tokens] == tokens


def test_counts_equal_a_recount_of_the_raw_file(raw: Raw, spans: list[StoredSpan]) -> None:
    """Model calls are the assistant's entries with usage, tools and actions the calls by who made them."""
    used = [turn["usage"] for turn in entries(raw, "assistant") if "usage" in turn]
    generations = of(spans, "generation")
    assert len(generations) == len(used)
    for side, name in (("input", "prompt_tokens"), ("output", "completion_tokens")):
        assert sum(g.attributes[f"gen_ai.usage.{side}_tokens"] for g in generations) == sum(u[name] for u in used)
    assert Counter(s.attributes["gen_ai.tool.name"] for s in of(spans, "tool")) == Counter(
        call["name"] for call in calls(raw, "assistant")
    )
    events = [event for span in spans for event in span.events]
    acted = [event.attributes["name"] for event in events if event.name == "convqa.customer_action"]
    assert Counter(acted) == Counter(call["name"] for call in calls(raw, "user"))


def test_nothing_is_lost_and_everything_required_is_there(store: tuple[Path, ReplayReport]) -> None:
    """The doctor finds 100% of the required fields, no orphan and no loss."""
    fidelity = measure(store[0])
    assert store[1].complete
    assert fidelity.complete == 1.0
    assert (fidelity.conversations, fidelity.orphans, fidelity.lost_turns, fidelity.torn_lines) == (80, 0, 0, 0)
    assert not fidelity.violations


def test_turns_run_from_one_customer_text_to_the_next(raw: Raw, spans: list[StoredSpan]) -> None:
    """Each customer text opens a turn, the greeting is one without message, and each starts at that text's time."""
    expected: Counter[tuple[str, int, bool]] = Counter()
    for row in raw:
        assert row["turns"][0]["role"] == "assistant"
        expected[row["id"], nanoseconds(row["started_at"]), False] += 1
        for turn in row["turns"]:
            if turn["role"] == "user" and turn["text"]:
                expected[row["id"], nanoseconds(turn["ts"]), True] += 1
    found = Counter(
        (span.conversation_id, span.start_ns, "convqa.message.text" in span.attributes) for span in of(spans, "turn")
    )
    assert found == expected


def test_unanswered_messages_are_cancelled_turns(raw: Raw, spans: list[StoredSpan]) -> None:
    """A turn is cancelled exactly when the bot says nothing and hands nothing over before the next message."""
    expected = 0
    for row in raw:
        answered = True
        for turn in row["turns"]:
            if turn["role"] == "user" and turn["text"]:
                expected += not answered
                answered = False
            elif turn["role"] == "assistant":
                handed = any(call["name"] == "transfer_to_human_agents" for call in turn.get("tool_calls", ()))
                answered = answered or bool(turn["text"]) or handed
        expected += not answered
    cancelled = [span for span in of(spans, "turn") if span.attributes["convqa.status"] == "cancelled"]
    assert len(cancelled) == expected
    assert all("convqa.answer.type" not in span.attributes and not span.is_error for span in cancelled)


def test_steps_keep_their_original_times(raw: Raw, spans: list[StoredSpan]) -> None:
    """A model call or tool call lasts from the end of the entry before to the end of its own (or its result's)."""
    for stage, role in (("generation", "assistant"), ("tool", "tool")):
        expected: Counter[tuple[str, int, int]] = Counter()
        for row in raw:
            for before, turn in pairwise(row["turns"]):
                if turn["role"] == role and ("usage" in turn or turn.get("requestor") == "assistant"):
                    expected[row["id"], nanoseconds(before["ts"]), nanoseconds(turn["ts"])] += 1
        assert Counter((s.conversation_id, s.start_ns, s.end_ns) for s in of(spans, stage)) == expected


def test_stages_lie_inside_their_turn_and_turns_inside_their_conversation(raw: Raw, spans: list[StoredSpan]) -> None:
    """No span begins before or ends after what it belongs to."""
    turns = {span.span_id: span for span in of(spans, "turn")}
    bounds = {row["id"]: (nanoseconds(row["started_at"]), nanoseconds(row["ended_at"])) for row in raw}
    for span in spans:
        start, end = bounds[span.conversation_id]
        assert start <= span.start_ns <= span.end_ns <= end
        if span.parent_id:
            parent = turns[span.parent_id]
            assert parent.start_ns <= span.start_ns <= span.end_ns <= parent.end_ns
    assert {span.stage for span in spans if not span.parent_id} == {"turn", "outcome"}


def test_naive_times_are_declared_on_every_span(spans: list[StoredSpan]) -> None:
    """The assumed zone stands on turns, stages and outcomes."""
    assert {span.attributes.get("convqa.time.zone_assumed") for span in spans} == {"UTC"}


def test_cost_is_the_providers_or_unknown(raw: Raw, spans: list[StoredSpan]) -> None:
    """A cost above 0 is the provider's; 0 beside usage is unknown and no price table is asked for it."""
    costs = [turn["cost_usd"] for turn in entries(raw, "assistant") if "usage" in turn]
    found = Counter(
        (span.attributes["convqa.cost.source"], span.attributes.get("convqa.cost.usd"))
        for span in of(spans, "generation")
    )
    assert found == Counter(("provider", cost) if cost > 0 else ("unknown", None) for cost in costs)
    assert found["unknown", None] == 1013
    silent = [s for s in of(spans, "turn") if s.attributes["convqa.model.version"] == "gpt-4.1-sft"]
    assert silent
    assert not any("convqa.turn.cost_usd" in span.attributes for span in silent)


def test_tool_results_are_paired_by_call_id(raw: Raw, spans: list[StoredSpan]) -> None:
    """Each tool span has the name and arguments of its call and the verdict of the result with the same id."""
    results = {
        (row["id"], turn["tool_call_id"]): "error" if turn["error"] else "ok"
        for row in raw
        for turn in row["turns"]
        if turn["role"] == "tool" and turn["requestor"] == "assistant"
    }
    expected = {
        (row["id"], call["id"]): (call["name"], results[row["id"], call["id"]])
        for row in raw
        for turn in row["turns"]
        if turn["role"] == "assistant"
        for call in turn.get("tool_calls", ())
    }
    found = {
        (span.conversation_id, span.attributes["gen_ai.tool.call.id"]): (
            span.attributes["gen_ai.tool.name"],
            span.attributes["convqa.tool.result"],
        )
        for span in of(spans, "tool")
    }
    assert found == expected
    assert Counter(result for _, result in found.values()) == {"ok": 853, "error": 10}


def test_escalations_carry_the_bots_own_summary_redacted(raw: Raw, spans: list[StoredSpan]) -> None:
    """Each transfer is an escalation with its note; the same call is a tool span, and the turn says handoff."""
    notes = {
        row["id"]: call["args"]["summary"]
        for row in raw
        for call in calls([row], "assistant")
        if call["name"] == "transfer_to_human_agents"
    }
    escalations = {span.conversation_id: span.attributes for span in of(spans, "escalation")}
    assert escalations.keys() == notes.keys()
    assert len(notes) == 41
    for conversation, given in escalations.items():
        pattern = ".*".join(map(re.escape, re.split(r"\[[A-Z_]+\]", given["convqa.handoff.summary"])))
        assert re.fullmatch(pattern, notes[conversation], re.DOTALL)
        assert given["convqa.escalation.reason"] == "other"
        assert given["convqa.handoff.packet_fields"] == ["summary"]
    assert any("[PHONE]" in given["convqa.handoff.summary"] for given in escalations.values())
    handed = [s for s in of(spans, "turn") if s.attributes.get("convqa.escalation.flag")]
    assert {s.conversation_id for s in handed} == notes.keys()
    assert {s.attributes["convqa.answer.type"] for s in handed} == {"handoff"}


def test_outcomes_are_judged_by_a_model_at_the_end(raw: Raw, spans: list[StoredSpan]) -> None:
    """Each conversation has one resolution; handed over and judged right is unknown, as no human part is recorded."""
    expected = {}
    for row in raw:
        resolved, escalated = row["outcome"]["resolved"], row["outcome"]["escalated"]
        state = ("unknown" if escalated else "self_resolved") if resolved else "unresolved"
        expected[row["id"]] = (state, nanoseconds(row["ended_at"]))
    outcomes = of(spans, "outcome")
    found = {s.conversation_id: (s.attributes["convqa.outcome.resolution.state"], s.start_ns) for s in outcomes}
    assert found == expected
    assert {s.attributes["convqa.outcome.resolution.evidence"] for s in outcomes} == {"model_judged"}


def test_arms_fill_model_versions_and_experiment(raw: Raw, spans: list[StoredSpan]) -> None:
    """The arm's name is release and arm, its model the one asked for, its policy the policy version."""
    arms = {row["id"]: row["arm"] for row in raw}
    for span in of(spans, "turn"):
        arm = arms[span.conversation_id]
        assert span.attributes["convqa.model.version"] == span.attributes["convqa.experiment.arm"] == arm["name"]
        assert span.attributes["convqa.policy.version"] == arm["policy_id"]
        assert span.attributes["convqa.experiment.id"] == "telecom"
    for span in of(spans, "generation"):
        assert span.attributes["gen_ai.request.model"] == arms[span.conversation_id]["agent_model"]


def test_what_the_bot_should_have_done_is_nowhere(raw: Raw, store: tuple[Path, ReplayReport]) -> None:
    """Neither the expected intent nor the simulated customer's brief reaches the store."""
    written = "".join(path.read_text() for path in store[0].glob("*.jsonl"))
    for row in raw:
        assert row["expected"]["intent"] not in written
        assert row["customer"]["scenario"]["task_instructions"][:60] not in written
        assert json.dumps(row["customer"]["scenario"]["reason_for_call"])[1:60] not in written


def test_no_raw_phone_number_or_address_is_in_the_store(raw: Raw, store: tuple[Path, ReplayReport]) -> None:
    """The customers' phone numbers and e-mail addresses, which the texts are full of, do not survive."""
    original = json.dumps([row["turns"] for row in raw])
    written = "".join(path.read_text() for path in store[0].glob("*.jsonl"))
    numbers = set(re.findall(r"555-\d{3}-\d{4}", original))
    addresses = set(re.findall(r"[\w.]+@[\w.]+\w", original))
    assert len(numbers) >= 2
    assert addresses
    assert not [secret for secret in numbers | addresses if secret in written]


def test_every_line_is_an_otlp_request(store: tuple[Path, ReplayReport]) -> None:
    """Google's own parser of OTLP JSON takes each line."""
    lines = [line for path in store[0].glob("*.jsonl") for line in path.read_text().splitlines()]
    assert lines
    for line in lines:
        assert Parse(line, ExportTraceServiceRequest()).resource_spans


def test_a_conversation_is_one_trace(spans: list[StoredSpan]) -> None:
    """Turns and stages of a conversation share their trace id, and no two conversations do."""
    traces = {(span.conversation_id, span.trace_id) for span in spans if span.stage != "outcome"}
    assert len(traces) == len({trace for _, trace in traces}) == 80


def test_replaying_again_into_the_same_store_counts_nothing_twice(tmp_path: Path) -> None:
    """All ids are the same on every replay, so that readers see each turn, stage and outcome once."""
    for _ in range(2):
        replay(read_transcripts(real(NAME)), store=tmp_path / "store", service_name="replayed")
    spans = list(read_spans(tmp_path / "store"))
    ids = Counter((span.trace_id, span.span_id) for span in spans)
    assert set(ids.values()) == {2}
    fidelity = measure(tmp_path / "store")
    assert (fidelity.spans, fidelity.complete) == (3_550, 1.0)
    told = conversations(tmp_path / "store")
    assert sum(len(one.turns) for one in told.values()) == 933
    assert sum(len(one.outcomes) for one in told.values()) == 80


@pytest.mark.parametrize(
    ("name", "generations", "tools"),
    [
        ("conv_airline_ab", 454, 295),
        ("conv_airline_2models_audited", 913, 648),
        ("conv_airline_4trials", 1163, 577),
    ],
)
def test_the_other_real_files_replay_without_loss(name: str, generations: int, tools: int, tmp_path: Path) -> None:
    """All other conversations are complete too, also those without times and usage."""
    raw = rows(name)
    report = replay(read_transcripts(real(name)), store=tmp_path / "store", service_name="replayed")
    used = [t["usage"] for t in entries(raw, "assistant") if "usage" in t]
    texts = sum(1 for turn in entries(raw, "user") if turn["text"])
    greetings = sum(row["turns"][0]["role"] != "user" for row in raw)
    assert report.complete
    assert measure(tmp_path / "store").complete == 1.0
    assert report.conversations == len(raw)
    assert (report.spans["generation"], report.spans["tool"]) == (generations, tools)
    assert report.spans["tool"] == len(calls(raw, "assistant"))
    assert report.spans["turn"] == texts + greetings
    assert report.spans["escalation"] == sum(row["outcome"]["escalated"] for row in raw)
    assert report.input_tokens == sum(usage["prompt_tokens"] for usage in used)
    assert report.output_tokens == sum(usage["completion_tokens"] for usage in used)
    assert sum(report.resolutions.values()) == len(raw)
