"""Messages, checked against the anthropic library's own classes."""

from __future__ import annotations

import copy
import itertools
from typing import Any

import pytest
from provider_payloads import ANTHROPIC, anthropic_stream, forms, streamed

from convqa_sdk.tracing.responses import read_response

types = pytest.importorskip("anthropic.types", reason="anthropic is not installed; its own classes are what is read")
pydantic = pytest.importorskip("pydantic", reason="pydantic parses the anthropic library's event union")

EVENTS: Any = pydantic.TypeAdapter(types.RawMessageStreamEvent)
FORMS = forms(types.Message)
form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


def parsed(event: Any) -> Any:
    """The event as the library's own object; pings are in no union."""
    return event if event["type"] == "ping" else EVENTS.validate_python(event)


@form
def test_a_message_gives_every_field_that_the_response_states(form: Any) -> None:
    """Input tokens include the cached ones, 21 + 1024 + 188; blocks of unknown kinds keep their type."""
    assert read_response(form(ANTHROPIC)) == {
        "provider": "anthropic",
        "response_model": "claude-sonnet-4-5-20250929",
        "response_id": "msg_013Zva2CMHLNnjNjJKqJ2EF",
        "input_tokens": 1233,
        "output_tokens": 93,
        "cache_read_tokens": 1024,
        "cache_write_tokens": 188,
        "reasoning_tokens": 30,
        "finish_reasons": ("tool_use",),
        "output_messages": (
            {
                "role": "assistant",
                "parts": [
                    {"type": "reasoning", "content": "The order decides."},
                    {"type": "redacted_thinking"},
                    {"type": "text", "content": "Let me look up "},
                    {"type": "text", "content": "the order."},
                    {"type": "server_tool_use"},
                    {
                        "type": "tool_call",
                        "id": "toolu_01D7FLrfh4GYq7yT1ULFeyMV",
                        "name": "get_order",
                        "arguments": {"order": "A-17", "lines": [1, 2]},
                    },
                ],
                "finish_reason": "tool_use",
            },
        ),
        "text": "Let me look up the order.",
    }


@form
def test_without_cache_the_input_is_what_is_stated_and_the_cache_is_unknown(form: Any) -> None:
    """Cache counts that the response leaves out are absent, not 0, and add nothing."""
    fields = read_response(form(ANTHROPIC | {"usage": {"input_tokens": 21, "output_tokens": 5}}))
    assert fields is not None
    assert (fields["input_tokens"], fields["output_tokens"]) == (21, 5)
    assert not {"cache_read_tokens", "cache_write_tokens", "reasoning_tokens", "cost_usd"} & fields.keys()


def test_a_tools_input_is_copied() -> None:
    """Changing the response's tool input afterwards does not change what was read."""
    response = types.Message.model_validate(copy.deepcopy(ANTHROPIC))
    fields = read_response(response)
    before = copy.deepcopy(fields)
    response.content[-1].input["lines"].append(3)
    response.content.clear()
    assert fields == before


def test_an_output_item_of_openais_responses_api_is_not_a_message() -> None:
    """Type "message" alone, as OpenAI's output items have it, is not Anthropic's shape."""
    item = {"id": "msg_1", "type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "x"}]}
    assert read_response(item) is None


def test_input_that_is_not_json_is_left_out() -> None:
    """A tool input that cannot be JSON (a set, a cycle, an infinite number) gives a call without arguments."""
    cycle: dict[str, Any] = {}
    cycle["self"] = cycle
    for data in ({"x": {1}}, cycle, {"x": float("inf")}):
        fields = read_response(ANTHROPIC | {"content": [{"type": "tool_use", "id": "t", "name": "n", "input": data}]})
        assert fields is not None
        assert fields["output_messages"][0]["parts"] == [{"type": "tool_call", "id": "t", "name": "n"}]


@pytest.mark.parametrize("parse", [parsed, dict], ids=["object", "dict"])
def test_a_stream_gives_the_fields_of_the_whole_message(parse: Any) -> None:
    """Raw events, cumulative usage at the end, give what the complete message gives."""
    assert streamed([parse(event) for event in anthropic_stream(ANTHROPIC)]) == read_response(ANTHROPIC)


def test_cumulative_usage_replaces_and_never_adds() -> None:
    """Counts repeated in `message_delta` replace those of `message_start`; null keeps them."""
    events = anthropic_stream(ANTHROPIC)
    cached = {"cache_read_input_tokens": 1000, "cache_creation_input_tokens": None}
    events[-2] = events[-2] | {"usage": {"input_tokens": 22, "output_tokens": 94, **cached}}
    fields = streamed(events)
    assert (fields["input_tokens"], fields["output_tokens"]) == (22 + 1000 + 188, 94)


def test_a_cancelled_stream_gives_what_was_seen_and_no_output_count() -> None:
    """The output count of `message_start` is only a beginning, so a stream cut short has no output tokens."""
    events = anthropic_stream(ANTHROPIC)
    cut = next(at for at, event in enumerate(events) if event.get("delta", {}).get("type") == "text_delta") + 1
    fields = streamed(events[:cut])
    assert fields["text"] == "Let me loo"
    assert fields["input_tokens"] == 1233
    assert not {"output_tokens", "reasoning_tokens", "finish_reasons"} & fields.keys()


def test_a_tool_input_cut_short_stays_text() -> None:
    """A tool input that is no JSON yet stays the text that arrived."""
    events = [
        event for event in anthropic_stream(ANTHROPIC) if event["type"] == "message_start" or event.get("index") == 5
    ]
    fields = streamed(events[:4])
    assert fields["output_messages"][0]["parts"][0]["arguments"] == '{"order": '


def test_the_helpers_own_events_count_each_text_once() -> None:
    """Events with `text` and `snapshot`, as the stream helper adds them, change nothing."""
    events: list[Any] = []
    seen = ""
    for event in anthropic_stream(ANTHROPIC):
        events.append(event)
        delta = event.get("delta", {})
        if delta.get("type") == "text_delta":
            seen += delta["text"]
            events.append({"type": "text", "text": delta["text"], "snapshot": seen})
    assert streamed(events) == read_response(ANTHROPIC)


def test_a_stream_of_very_many_blocks_is_kept_within_bounds(bounded: Any) -> None:
    """Of 200 MB in twenty thousand blocks half a million characters are kept."""
    start = anthropic_stream(ANTHROPIC)[0]
    deltas = (
        {"type": "content_block_delta", "index": at, "delta": {"type": "text_delta", "text": "x" * 9_990 + str(at)}}
        for at in range(20_000)
    )
    with bounded():
        parts = streamed(itertools.chain([start], deltas))["output_messages"][0]["parts"]
    assert 500_000 < sum(len(part["content"]) for part in parts) < 600_000
