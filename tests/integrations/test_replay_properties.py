"""Whatever a transcript holds, its replay does not raise, and its spans lie where they belong."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from replayed import in_memory, of_stage

from convqa_sdk.integrations.timeline import timeline, zone_named
from convqa_sdk.integrations.transcripts import Transcript, read_transcripts

TEXTS = st.none() | st.text(max_size=30) | st.sampled_from(["jane@example.com", " ", "{}", "[1", "\ud800", "\x00"])
NUMBERS = st.integers(-(10**12), 10**19) | st.floats(allow_nan=False)
TIMES = st.none() | NUMBERS | st.text(max_size=12) | st.datetimes().map(str)
IDS = st.none() | st.sampled_from(["a", "b", ""])
PARTIES = st.sampled_from([None, "assistant", "user"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
CALLS = st.fixed_dictionaries(
    {"name": st.sampled_from(["find", "transfer_to_human_agents"]), "id": IDS, "args": JSON, "requestor": PARTIES}
)
TOKENS = st.integers(0, 9)
USAGE = st.none() | st.fixed_dictionaries({}, optional={"prompt_tokens": TOKENS, "completion_tokens": TOKENS})
ARMS = st.fixed_dictionaries({}, optional={"name": st.just("v2"), "agent_model": st.just("gpt-4.1")})
TURNS = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "assistant", "tool"]) | st.text(max_size=5), "text": TEXTS},
    optional={
        "ts": TIMES,
        "i": st.none() | st.integers(-1, 5),
        "tool_calls": st.none() | st.lists(CALLS, max_size=3),
        "tool_call_id": IDS,
        "requestor": PARTIES,
        "error": st.none() | st.booleans(),
        "usage": USAGE,
        "cost_usd": st.none() | st.floats(0, 9),
        "finish_reason": st.none() | st.just("stop"),
        "intent": st.none() | st.fixed_dictionaries({"name": st.just("refund")}),
    },
)
TRANSCRIPTS = st.fixed_dictionaries(
    {"id": st.text(min_size=1, max_size=20), "turns": st.lists(TURNS, max_size=12)},
    optional={
        "started_at": TIMES,
        "ended_at": TIMES,
        "arm": st.none() | ARMS,
        "outcome": st.none()
        | st.fixed_dictionaries(
            {"resolved": st.none() | st.booleans(), "escalated": st.none() | st.booleans()},
            optional={"escalation": st.fixed_dictionaries({"turn": st.none() | st.integers(-1, 12)})},
        ),
    },
)


def as_read(row: dict[str, Any]) -> Transcript:
    """Return a transcript the way it comes from a file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.jsonl"
        path.write_text(json.dumps(row))
        return next(read_transcripts(path))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TRANSCRIPTS)
def test_any_transcript_replays_and_every_span_is_inside_its_conversation(row: dict[str, Any]) -> None:
    """No transcript raises or loses a turn; stages lie inside turns, turns inside the conversation, one trace each."""
    found = as_read(row)
    report, spans = in_memory(found)
    line = timeline(found, zone_named(None))
    assert not report.faults
    assert set(report.lost) <= {"outcome_refused"}
    assert Counter(str((span.attributes or {})["convqa.stage"]) for span in spans) == report.spans
    turns = {span.context.span_id: span for span in of_stage(spans, "turn") if span.context is not None}
    for span in spans:
        assert span.start_time is not None
        assert span.end_time is not None
        assert line.start_ns <= span.start_time <= span.end_time <= line.end_ns
        if span.parent is not None:
            turn = turns[span.parent.span_id]
            assert turn.start_time is not None
            assert turn.end_time is not None
            assert turn.start_time <= span.start_time <= span.end_time <= turn.end_time
        assert "jane@example.com" not in span.to_json()
    said = sum(1 for t in found.turns if t.role == "user" and t.text is not None and t.text.strip())
    assert said <= report.spans["turn"] <= said + 1
    assert len(turns) == report.spans["turn"]


@settings(max_examples=300, deadline=None)
@given(TRANSCRIPTS)
def test_times_never_decrease(row: dict[str, Any]) -> None:
    """Whatever is stated, each entry ends no earlier than the one before, between start and end."""
    found = as_read(row)
    line = timeline(found, zone_named("Europe/Berlin"))
    moments = [line.start_ns, *line.ends_ns, line.end_ns]
    assert moments == sorted(moments)
    assert len(line.ends_ns) == len(found.turns)
    assert all(0 < moment < 2**63 for moment in moments)
