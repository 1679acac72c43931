"""Native result files of tau2-bench and tau-bench give the same telemetry as the generic format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from replayed import in_memory, of_stage, rows, value

from convqa_sdk.errors import TranscriptError
from convqa_sdk.integrations.transcripts import Transcript, read_transcripts


def answer(call: str, text: str, at: str, **more: Any) -> dict[str, Any]:
    """Return a tool's answer as tau2-bench spells it."""
    common = {"requestor": "assistant", "error": False, **more}
    return {"id": call, "role": "tool", "content": text, "timestamp": at, **common}


SIMULATION: dict[str, Any] = {
    "id": "s-1",
    "task_id": "[mobile_data_issue]secret_task",
    "start_time": "2025-08-01T10:00:00.000000",
    "end_time": "2025-08-01T10:00:09.000000",
    "termination_reason": "user_stop",
    "reward_info": {"reward": 1.0, "action_checks": [{"action": {"name": "secret_action"}}]},
    "messages": [
        {"role": "system", "content": "secret policy"},
        {"role": "assistant", "content": "Hi!", "timestamp": "2025-08-01T10:00:01", "cost": 0.0, "usage": None},
        {
            "role": "user",
            "content": "No",
            "timestamp": "2025-08-01T10:00:02",
            "cost": 1.0,
            "usage": {"prompt_tokens": 9},
        },
        {
            "role": "assistant",
            "content": None,
            "timestamp": "2025-08-01T10:00:03",
            "cost": 0.5,
            "usage": {"prompt_tokens": 100, "completion_tokens": 10},
            "raw_data": {"finish_reason": "tool_calls", "index": 0},
            "tool_calls": [
                {"id": "a", "name": "get_line", "arguments": {"id": "L1"}, "requestor": "assistant"},
                {"id": "b", "name": "get_plan", "arguments": {}, "requestor": "assistant"},
            ],
        },
        {
            "role": "tool",
            "tool_messages": [
                answer("a", "{}", "2025-08-01T10:00:04", error=False),
                answer("b", "no", "2025-08-01T10:00:05", error=True),
            ],
        },
        {
            "role": "assistant",
            "content": "Restart it",
            "timestamp": "2025-08-01T10:00:06",
            "cost": 0.0,
            "usage": {"prompt_tokens": 200, "completion_tokens": 20},
            "tool_calls": None,
        },
        {
            "role": "user",
            "content": None,
            "timestamp": "2025-08-01T10:00:07",
            "tool_calls": [{"id": "u", "name": "reboot", "arguments": {}, "requestor": "user"}],
        },
        answer("u", "done", "2025-08-01T10:00:08", requestor="user"),
    ],
}
INFO = {
    "agent_info": {"implementation": "llm_agent", "llm": "gpt-4.1", "llm_args": {"temperature": 0}},
    "environment_info": {"domain_name": "telecom", "policy": "secret policy"},
}
RESULTS = {"timestamp": "x", "info": INFO, "tasks": [{"id": "secret_task"}], "simulations": [SIMULATION]}


def read(path: Path, document: Any, form: Any = "auto") -> list[Transcript]:
    """Write a document and read it."""
    path.write_text(json.dumps(document, indent=1))
    return list(read_transcripts(path, form))


@pytest.mark.parametrize("form", ["auto", "tau2"])
def test_a_tau2_result_file_replays_like_a_transcript(form: str, tmp_path: Path) -> None:
    """Usage of the bot only, calls paired inside a multi-tool message, the customer's call an event."""
    report, spans = in_memory(*read(tmp_path / "results.json", RESULTS, form))
    assert report.complete
    assert not report.violations
    assert dict(report.spans) == {"turn": 2, "generation": 2, "tool": 2, "outcome": 1}
    assert (report.input_tokens, report.output_tokens, report.customer_actions) == (300, 30, 1)
    assert (report.cost_usd, report.costs["known"], report.costs["unknown"]) == (0.5, 1, 1)
    assert report.resolutions == {"self_resolved": 1}
    tools = {value(s, "gen_ai.tool.name"): value(s, "convqa.tool.result") for s in of_stage(spans, "tool")}
    assert tools == {"get_line": "ok", "get_plan": "error"}
    first = of_stage(spans, "generation")[0]
    assert value(first, "gen_ai.request.model") == "gpt-4.1"
    assert list(value(first, "gen_ai.response.finish_reasons")) == ["tool_calls"]
    assert not [span for span in spans if "secret" in span.to_json()]


def test_a_single_simulation_is_read_too(tmp_path: Path) -> None:
    """Runs that are stored one per file, or one per line, have no header."""
    [found] = read(tmp_path / "run.json", SIMULATION)
    assert found.id == "s-1"
    assert len(found.turns) == 8


def test_a_real_run_in_its_native_spelling_gives_the_same_telemetry(tmp_path: Path) -> None:
    """The telecom runs, spelt as tau2-bench writes them, replay to the very same counts."""
    raw = rows("conv_telecom_ab")[:20]
    simulations = [
        {
            "id": row["id"],
            "task_id": row["task_id"],
            "start_time": row["started_at"],
            "end_time": row["ended_at"],
            "reward_info": {"reward": row["outcome"]["reward"]},
            "messages": [native(turn) for turn in row["turns"]],
        }
        for row in raw
    ]
    document = {"info": {"agent_info": {"llm": raw[0]["arm"]["agent_model"]}}, "simulations": simulations}
    mine, _ = in_memory(*read(tmp_path / "results.json", document))
    theirs, _ = in_memory(*(Transcript.model_validate(row) for row in raw))
    assert mine == theirs
    assert mine.spans["tool"]


def native(turn: dict[str, Any]) -> dict[str, Any]:
    """Spell an entry as tau2-bench does."""
    message = {
        "role": turn["role"],
        "content": turn["text"],
        "timestamp": turn["ts"],
        "cost": turn.get("cost_usd"),
        "usage": turn.get("usage"),
        "raw_data": {"finish_reason": turn["finish_reason"]} if turn.get("finish_reason") else None,
        "tool_calls": [
            {"id": c["id"], "name": c["name"], "arguments": c["args"], "requestor": turn["role"]}
            for c in turn.get("tool_calls", ())
        ]
        or None,
    }
    if turn["role"] == "tool":
        message.update(id=turn["tool_call_id"], requestor=turn["requestor"], error=turn["error"])
    return message


TRAJECTORY: dict[str, Any] = {
    "task_id": 3,
    "trial": 1,
    "reward": 0.0,
    "info": {"task": {"instruction": "secret brief", "actions": [{"name": "secret_action"}]}},
    "traj": [
        {"role": "system", "content": "secret policy"},
        {"role": "user", "content": "Cancel it"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "x", "function": {"name": "get_user", "arguments": '{"id": "u"}'}}],
        },
        {"role": "tool", "tool_call_id": "x", "name": "get_user", "content": "Error: user not found"},
        {"role": "assistant", "content": "I cannot find you"},
    ],
}


def test_historical_trajectories_of_tau_bench_are_read(tmp_path: Path) -> None:
    """Ids are made from file, task and trial; arguments in JSON text are decoded; `Error` marks a failed tool."""
    report, spans = in_memory(*read(tmp_path / "gpt-4o-airline.json", [TRAJECTORY, {**TRAJECTORY, "trial": 2}]))
    assert {value(s, "gen_ai.conversation.id") for s in spans} == {"gpt-4o-airline:3:1", "gpt-4o-airline:3:2"}
    tool = of_stage(spans, "tool")[0]
    assert value(tool, "gen_ai.tool.call.arguments") == '{"id":"u"}'
    assert value(tool, "convqa.tool.result") == "error"
    assert report.resolutions == {"unresolved": 2}
    assert report.complete
    assert not [span for span in spans if "secret" in span.to_json()]


def said(text: str, **more: Any) -> dict[str, Any]:
    """Return an assistant's message in the form that both benchmarks share."""
    return {"role": "assistant", "content": text, **more}


def test_arguments_that_are_no_json_stay_text(tmp_path: Path) -> None:
    """tau-bench keeps what the model wrote, also when that is broken; other forms are kept as they are."""
    calls = [
        {"id": name, "function": {"name": name, "arguments": given}} for name, given in (("a", "{oops"), ("b", [1]))
    ]
    [found] = read(tmp_path / "x.json", [{"traj": [said("", tool_calls=calls)]}])
    assert [call.args for call in found.turns[0].tool_calls or ()] == ["{oops", [1]]


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"simulations": [17]}, "simulation 0"),
        ({"simulations": [{"messages": []}]}, "simulation 0: id: "),
        ({"simulations": [{**SIMULATION, "messages": ["x"]}]}, "turns.0: "),
        ({"simulations": [{**SIMULATION, "messages": [{"role": "user", "content": {"a": 1}}]}]}, "turns.0.text: "),
        ({"simulations": [{**SIMULATION, "messages": [{**said("x"), "tool_calls": [1]}]}]}, "turns.0.tool_calls.0: "),
        ([{"traj": ["x"]}], "item 0: turns.0: "),
        ([{"traj": [{"content": "x"}]}], "item 0: turns.0.role: "),
        ([{"traj": [{"role": "assistant", "content": "x", "tool_calls": ["y"]}]}], "item 0: turns.0.tool_calls.0: "),
        ({"something": "else"}, "tau-bench"),
    ],
)
def test_a_malformed_result_is_told_with_its_place(document: Any, told: str, tmp_path: Path) -> None:
    """The message names the simulation or item and the rule."""
    with pytest.raises(TranscriptError) as caught:
        read(tmp_path / "results.json", document)
    assert told in str(caught.value)


def test_a_voice_run_without_messages_is_left_out(tmp_path: Path) -> None:
    """Runs that store ticks instead of messages hold nothing that can be replayed, and are counted."""
    report, spans = in_memory(*read(tmp_path / "results.json", {"simulations": [{**SIMULATION, "messages": None}]}))
    assert not spans
    assert report.left_out == {"empty_conversation": 1}
