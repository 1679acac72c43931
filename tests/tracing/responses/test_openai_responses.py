"""The Responses API, checked against the openai library's own classes."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pydantic
import pytest
from hypothesis import given
from provider_payloads import (
    RESPONSE,
    RESPONSE_CUT,
    RESPONSE_FAILED,
    RESPONSE_REFUSAL,
    RESPONSE_TOOLS,
    forms,
    response_stream,
    splits,
    streamed,
)

import convqa_sdk as convqa
from convqa_sdk.testing import recording
from convqa_sdk.tracing.responses import read_response

library = pytest.importorskip("openai.types.responses", reason="openai is not installed; its classes are what is read")
EVENT = pydantic.TypeAdapter(library.ResponseStreamEvent)

FORMS = {**forms(library.Response), "constructed": lambda payload: library.Response.construct(**payload)}
form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
WHOLES = {
    "text": RESPONSE,
    "tools": RESPONSE_TOOLS,
    "cut": RESPONSE_CUT,
    "refusal": RESPONSE_REFUSAL,
    "failed": RESPONSE_FAILED,
}
whole = pytest.mark.parametrize("whole", WHOLES.values(), ids=WHOLES)


@form
def test_a_text_answer_gives_every_field_that_the_response_states(form: Any) -> None:
    """Model, id, provider, tokens (cached included in the input), reasoning, other items by type, and text are read."""
    assert read_response(form(RESPONSE)) == {
        "provider": "openai",
        "response_model": "gpt-5-2025-08-07",
        "response_id": "resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b",
        "input_tokens": 1117,
        "output_tokens": 46,
        "cache_read_tokens": 1024,
        "cache_write_tokens": 64,
        "reasoning_tokens": 12,
        "finish_reasons": ("stop",),
        "output_messages": (
            {
                "role": "assistant",
                "parts": [
                    {"type": "reasoning", "content": "The order decides.\n\nIt is recent."},
                    {"type": "web_search_call"},
                    {"type": "text", "content": "Refunds are possible "},
                    {"type": "text", "content": "within 30 days."},
                ],
                "finish_reason": "stop",
            },
        ),
        "text": "Refunds are possible within 30 days.",
    }


@form
def test_the_text_is_the_librarys_own_output_text(form: Any) -> None:
    """Our answer text is what `Response.output_text` gives."""
    assert read_response(form(RESPONSE))["text"] == library.Response.model_validate(RESPONSE).output_text


@form
def test_tool_calls_become_parts_with_decoded_arguments(form: Any) -> None:
    """A call is a part with its call id and JSON data; a custom tool's input stays text; the turn is the tools' now."""
    fields = read_response(form(RESPONSE_TOOLS))
    assert fields is not None
    assert fields["output_messages"][0]["parts"] == [
        {
            "type": "tool_call",
            "id": "call_abc123",
            "name": "get_order",
            "arguments": {"order": "A-17", "lines": [1, 2]},
        },
        {"type": "tool_call", "id": "call_def456", "name": "sql", "arguments": "[1]"},
    ]
    assert fields["finish_reasons"] == ("tool_calls",)
    assert "text" not in fields


@pytest.mark.parametrize(
    ("status", "details", "reason"),
    [
        ("completed", None, "stop"),
        ("incomplete", {"reason": "max_output_tokens"}, "length"),
        ("incomplete", {"reason": "content_filter"}, "content_filter"),
        ("incomplete", None, None),
        ("failed", None, "error"),
        ("cancelled", None, "cancelled"),
        ("in_progress", None, None),
        ("queued", None, None),
    ],
)
@form
def test_the_status_becomes_a_finish_reason(form: Any, status: str, details: Any, reason: str | None) -> None:
    """A status is told in the words of chat completions; one that is not the end is none."""
    fields = read_response(form(RESPONSE | {"status": status, "incomplete_details": details}))
    assert fields is not None
    assert fields.get("finish_reasons") == (None if reason is None else (reason,))


@form
def test_a_response_in_the_background_has_no_answer_yet(form: Any) -> None:
    """A queued response gives its id and model; message, finish reason and usage are unknown."""
    fields = read_response(form(RESPONSE | {"status": "queued", "output": [], "usage": None}))
    assert fields == {
        "provider": "openai",
        "response_model": RESPONSE["model"],
        "response_id": RESPONSE["id"],
        "output_messages": (),
    }


@form
def test_a_refusal_stands_in_for_the_answer(form: Any) -> None:
    """A refusal is a part of type refusal, and the text when there is no other."""
    fields = read_response(form(RESPONSE_REFUSAL))
    assert fields is not None
    assert fields["output_messages"][0]["parts"] == [{"type": "refusal", "content": "I cannot help with that."}]
    assert fields["text"] == "I cannot help with that."


@form
def test_reasoning_in_full_comes_before_its_summary(form: Any) -> None:
    """Where the reasoning itself is there (open models), it is taken rather than its summary."""
    item = RESPONSE["output"][0] | {"content": [{"type": "reasoning_text", "text": "In full."}]}
    fields = read_response(form(RESPONSE | {"output": [item]}))
    assert fields["output_messages"][0]["parts"] == [{"type": "reasoning", "content": "In full."}]
    bare = {"id": "rs_2", "type": "reasoning", "summary": [], "encrypted_content": "gAAAA"}
    assert read_response(form(RESPONSE | {"output": [bare]}))["output_messages"][0]["parts"] == []


@form
def test_a_cost_that_the_provider_states_is_taken_with_its_source(form: Any) -> None:
    """OpenRouter's `usage.cost` is the cost in US dollars; 0 is none."""
    for stated, known in ((0.0123, True), (0, False)):
        fields = read_response(form(RESPONSE | {"usage": RESPONSE["usage"] | {"cost": stated}}))
        assert ("cost_usd" in fields, fields.get("cost_source")) == (known, "provider" if known else None)


def test_what_was_read_does_not_change_with_the_response() -> None:
    """Fields read before the bot changes the response keep their values."""
    response = library.Response.model_validate(RESPONSE_TOOLS)
    fields = read_response(response)
    before = copy.deepcopy(fields)
    response.output.clear()
    response.usage.input_tokens = 0
    assert fields == before


# ----------------------------------------------------------------------------------------------------------- streams


@whole
@pytest.mark.parametrize("parse", [EVENT.validate_python, dict], ids=["object", "dict"])
def test_a_stream_gives_the_fields_of_the_whole_response(whole: Any, parse: Any) -> None:
    """The events give what the complete response gives, however it ended."""
    assert streamed([parse(event) for event in response_stream(whole)]) == read_response(whole)


@whole
@given(split=splits())
def test_a_stream_without_its_end_is_put_together(whole: Any, split: Any) -> None:
    """Without the last event everything but usage and finish reason is known from the pieces."""
    fields = streamed(response_stream(whole, split)[:-1])
    expected = read_response(whole | {"status": "in_progress", "usage": None})
    assert fields == expected


@pytest.mark.parametrize("done", [True, False])
def test_a_last_event_without_output_keeps_what_was_streamed(done: bool) -> None:
    """A server that ends with an empty output (some gateways) does not erase the answer."""
    events = [e for e in response_stream(RESPONSE_REFUSAL) if done or e["type"] != "response.output_item.done"]
    events[-1] = events[-1] | {"response": RESPONSE_REFUSAL | {"output": []}}
    assert streamed(events) == read_response(RESPONSE_REFUSAL)


def test_a_cancelled_stream_gives_what_was_seen() -> None:
    """A stream cut short has its text so far; finish reason and usage are unknown."""
    fields = streamed(response_stream(RESPONSE_CUT)[:5])
    assert fields == {
        "provider": "openai",
        "response_model": RESPONSE["model"],
        "response_id": RESPONSE["id"],
        "output_messages": ({"role": "assistant", "parts": [{"type": "text", "content": "Refunds ar"}]},),
        "text": "Refunds ar",
    }


def test_a_tool_call_cut_short_keeps_the_text_of_its_arguments() -> None:
    """Arguments that are no JSON yet stay the text that arrived; a custom tool's input is text anyway."""
    events = response_stream(RESPONSE_TOOLS)
    assert streamed(events[:4])["output_messages"][0]["parts"] == [
        {"type": "tool_call", "id": "call_abc123", "name": "get_order", "arguments": '{"order": '}
    ]
    custom = [event for event in events if event.get("output_index") == 1][:-1]
    assert streamed([*events[:2], *custom])["output_messages"][0]["parts"] == [
        {"type": "tool_call", "id": "call_def456", "name": "sql", "arguments": "[1]"}
    ]


def test_a_resumed_stream_is_recognised_by_its_pieces() -> None:
    """A stream that is taken up in the middle (`starting_after`) has no beginning, but an end."""
    assert streamed(response_stream(RESPONSE)[7:]) == read_response(RESPONSE)


# --------------------------------------------------------------------------------------------------- large and hostile

LARGE = '{"lines": [' + "7, " * 17_000_000 + '7], "to": "jane@example.com"}'
"""51 MB of arguments, which make 400 MB of Python's objects."""


@pytest.mark.parametrize("nested", [False, True], ids=["items", "pieces of one item"])
def test_of_very_many_parts_the_first_are_read_and_the_rest_is_told(bounded: Any, nested: bool) -> None:
    """A hundred thousand items, or pieces of one, cost no more than five thousand; the span says that it lacks some."""
    message = library.Response.model_validate(RESPONSE).output[-1]
    many = [message.model_copy(update={"content": message.content[:1] * 100_000})] if nested else [message] * 100_000
    response = library.Response.model_validate(RESPONSE).model_copy(update={"output": many})
    with bounded():
        fields = read_response(response)
    assert len(fields["output_messages"][0]["parts"]) == 5_000
    with recording() as spans, convqa.turn("c-1", "hi"), convqa.generation(model="m") as call:
        call.set(response=response)
    (generation,) = spans.turn("c-1").stage_spans("generation")
    assert "output_messages" in generation["convqa.instrumentation.violations"]
    assert generation["gen_ai.usage.input_tokens"] == RESPONSE["usage"]["input_tokens"]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_arguments_longer_than_any_text_that_is_kept_are_not_parsed(bounded: Any, stream: bool) -> None:
    """The beginning of 51 MB of arguments stays text, marked as cut."""
    call = RESPONSE_TOOLS["output"][0]
    response = library.Response.construct(**{**RESPONSE_TOOLS, "output": [{**call, "arguments": LARGE}]})
    delta = {"type": "response.function_call_arguments.delta", "output_index": 0}
    pieces = [{**delta, "delta": LARGE[at : at + 10_000]} for at in range(0, len(LARGE), 10_000)]
    events = [*response_stream(RESPONSE_TOOLS)[:3], *pieces] if stream else []
    with bounded():
        fields = streamed(events) if stream else read_response(response)
    arguments = fields["output_messages"][0]["parts"][0]["arguments"]
    assert arguments == LARGE[: len(arguments)]
    assert len(arguments) <= 131_072
    assert arguments.original_length == len(LARGE)


def test_a_stream_of_very_many_items_is_kept_within_bounds(bounded: Any) -> None:
    """Of 200 MB in twenty thousand items half a million characters are kept, and the span says that it lacks some."""
    event = EVENT.validate_python(
        {"type": "response.output_text.delta", "item_id": "i", "content_index": 0, "logprobs": [], "sequence_number": 1,
         "output_index": 0, "delta": ""}
    )  # fmt: skip

    @convqa.generation(model="m")
    def stream() -> Iterator[Any]:
        for number in range(20_000):
            event.output_index, event.delta = number, "x" * 9_990 + str(number)
            yield event

    with bounded():
        fields = streamed(stream())
    assert 500_000 < sum(len(part["content"]) for part in fields["output_messages"][0]["parts"]) < 600_000
    with recording() as spans, convqa.turn("c-1", "hi"):
        assert sum(1 for _ in stream()) == 20_000
    (generation,) = spans.turn("c-1").stage_spans("generation")
    assert "output_messages" in generation["convqa.instrumentation.violations"]


# ------------------------------------------------------------------------------------------------ what a bot records


def test_input_and_instructions_of_a_function_are_its_messages() -> None:
    """Once `fields=` says which is which, both are captured, calls and their results as parts."""
    first = library.Response.model_validate(RESPONSE_TOOLS)

    @convqa.generation(model="gpt-5", fields={"messages": "input", "system_instructions": "instructions"})
    def ask(input: list[Any], instructions: str) -> Any:  # noqa: A002 - the API's own name
        return library.Response.model_validate(RESPONSE)

    with recording() as spans, convqa.turn("c-1", "hi"):
        ask(
            [
                {"role": "user", "content": [{"type": "input_text", "text": "May I return it?"}]},
                RESPONSE["output"][0],
                *first.output,
                {"type": "function_call_output", "call_id": "call_abc123", "output": "sent"},
                {"type": "custom_tool_call_output", "call_id": "call_def456", "output": "none"},
                {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Yes."}]},
                "Thanks.",
            ],
            instructions="Be brief.",
        )
    (generation,) = spans.turn("c-1").stage_spans("generation")
    assert json.loads(generation["gen_ai.system_instructions"]) == [{"type": "text", "content": "Be brief."}]
    assert json.loads(generation["gen_ai.input.messages"]) == [
        {"role": "user", "parts": [{"type": "text", "content": "May I return it?"}]},
        {
            "role": "assistant",
            "parts": [
                {"type": "reasoning", "content": "The order decides."},
                {"type": "reasoning", "content": "It is recent."},
            ],
        },
        {
            "role": "assistant",
            "parts": [
                {
                    "type": "tool_call",
                    "id": "call_abc123",
                    "name": "get_order",
                    "arguments": {"order": "A-17", "lines": [1, 2]},
                }
            ],
        },
        {
            "role": "assistant",
            "parts": [{"type": "tool_call", "id": "call_def456", "name": "sql", "arguments": "[1]"}],
        },
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "call_abc123", "response": "sent"}]},
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "call_def456", "response": "none"}]},
        {"role": "assistant", "parts": [{"type": "text", "content": "Yes."}]},
        {"role": "user", "parts": [{"type": "text", "content": "Thanks."}]},
    ]
    assert generation["gen_ai.response.finish_reasons"] == ["stop"]
    assert generation["gen_ai.usage.input_tokens"] == 1117
    assert generation["gen_ai.provider.name"] == "openai"


def test_messages_win_over_input() -> None:
    """A function that has both names means its messages."""

    @convqa.generation(model="m")
    def ask(messages: str, input: str) -> str:  # noqa: A002 - as above
        return input

    with recording() as spans, convqa.turn("c-1", "hi"):
        ask("asked", "data")
    (generation,) = spans.turn("c-1").stage_spans("generation")
    assert "asked" in generation["gen_ai.input.messages"]
