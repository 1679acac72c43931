"""Chat completions, checked against the openai library's own classes."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from provider_payloads import (
    OPENAI_CHOICES,
    OPENAI_REFUSAL,
    OPENAI_TEXT,
    OPENAI_TOOLS,
    forms,
    openai_stream,
    streamed,
)

from convqa_sdk.tracing.responses import read_response

chat = pytest.importorskip("openai.types.chat", reason="openai is not installed; its own classes are what is read")

FORMS = forms(chat.ChatCompletion)
form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


@form
def test_a_text_answer_gives_every_field_that_the_response_states(form: Any) -> None:
    """Model, id, provider, tokens (cached included in the input), finish reason, message and text are read."""
    assert read_response(form(OPENAI_TEXT)) == {
        "provider": "openai",
        "response_model": "gpt-4.1-2025-04-14",
        "response_id": "chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG",
        "input_tokens": 1117,
        "output_tokens": 46,
        "cache_read_tokens": 1024,
        "reasoning_tokens": 12,
        "finish_reasons": ("stop",),
        "output_messages": (
            {
                "role": "assistant",
                "parts": [{"type": "text", "content": "Refunds are possible within 30 days."}],
                "finish_reason": "stop",
            },
        ),
        "text": "Refunds are possible within 30 days.",
    }


@form
def test_tool_calls_become_parts_with_decoded_arguments(form: Any) -> None:
    """Each tool call is a part with id, name and its arguments as JSON data; there is no answer text."""
    fields = read_response(form(OPENAI_TOOLS))
    assert fields is not None
    assert fields["output_messages"][0]["parts"] == [
        {
            "type": "tool_call",
            "id": "call_abc123",
            "name": "get_order",
            "arguments": {"order": "A-17", "lines": [1, 2]},
        },
        {"type": "tool_call", "id": "call_def456", "name": "get_plan", "arguments": {}},
    ]
    assert fields["finish_reasons"] == ("tool_calls",)
    assert "text" not in fields
    assert "cache_read_tokens" not in fields
    assert "reasoning_tokens" not in fields


@form
def test_several_choices_are_several_messages_and_the_first_is_the_text(form: Any) -> None:
    """Every choice is a message and has its finish reason; the answer's text is the first choice's."""
    fields = read_response(form(OPENAI_CHOICES))
    assert fields is not None
    assert [message["parts"][0]["content"] for message in fields["output_messages"]] == ["One.", "Two and"]
    assert fields["finish_reasons"] == ("stop", "length")
    assert fields["text"] == "One."


@form
def test_unknown_usage_is_absent_not_zero(form: Any) -> None:
    """Without usage no token field is there at all."""
    fields = read_response(form(OPENAI_CHOICES))
    assert fields is not None
    assert not [name for name in fields if "tokens" in name or "cost" in name]


@form
def test_a_refusal_is_its_own_part_and_stands_in_for_the_answer(form: Any) -> None:
    """A refusal is a part of type refusal, and the text when there is no other."""
    fields = read_response(form(OPENAI_REFUSAL))
    assert fields is not None
    assert fields["output_messages"][0]["parts"] == [{"type": "refusal", "content": "I cannot help with that."}]
    assert fields["text"] == "I cannot help with that."


@pytest.mark.parametrize("stated", [0, 0.0, -0.01, True, "0.1", float("nan"), float("inf"), None])
@form
def test_a_cost_that_is_not_above_zero_is_unknown(form: Any, stated: Any) -> None:
    """Zero, a negative, infinite or non-numeric cost is no cost."""
    fields = read_response(form(OPENAI_TEXT | {"usage": OPENAI_TEXT["usage"] | {"cost": stated}}))
    assert fields is not None
    assert "cost_usd" not in fields
    assert "cost_source" not in fields


@form
def test_a_cost_that_the_provider_states_is_taken_with_its_source(form: Any) -> None:
    """OpenRouter's `usage.cost`, which the openai classes do not declare, is the cost in US dollars."""
    fields = read_response(form(OPENAI_TEXT | {"usage": OPENAI_TEXT["usage"] | {"cost": 0.0123}}))
    assert fields is not None
    assert (fields["cost_usd"], fields["cost_source"]) == (0.0123, "provider")


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
@form
def test_reasoning_under_either_name_is_a_reasoning_part(form: Any, name: str) -> None:
    """What vLLM and DeepSeek, or OpenRouter, add to the message is a reasoning part and not answer text."""
    payload = copy.deepcopy(OPENAI_TEXT)
    payload["choices"][0]["message"][name] = "The order decides."
    fields = read_response(form(payload))
    assert fields is not None
    assert fields["output_messages"][0]["parts"][0] == {"type": "reasoning", "content": "The order decides."}
    assert fields["text"] == "Refunds are possible within 30 days."


@form
def test_written_cache_tokens_are_read(form: Any) -> None:
    """`prompt_tokens_details.cache_write_tokens` is the number of tokens written to the cache."""
    details = {"cached_tokens": 0, "cache_write_tokens": 512}
    fields = read_response(form(OPENAI_TEXT | {"usage": OPENAI_TEXT["usage"] | {"prompt_tokens_details": details}}))
    assert fields is not None
    assert (fields["cache_read_tokens"], fields["cache_write_tokens"]) == (0, 512)


@form
def test_a_custom_tool_gets_its_input_as_text(form: Any) -> None:
    """The input of a custom tool is text, even when it looks like JSON."""
    call = {"id": "call_1", "type": "custom", "custom": {"name": "sql", "input": "[1]"}}
    payload = copy.deepcopy(OPENAI_TOOLS)
    payload["choices"][0]["message"]["tool_calls"] = [call]
    fields = read_response(form(payload))
    assert fields is not None
    assert fields["output_messages"][0]["parts"] == [
        {"type": "tool_call", "id": "call_1", "name": "sql", "arguments": "[1]"}
    ]


def test_the_old_function_call_is_a_tool_call_whole_and_streamed() -> None:
    """The format before tool calls gives a tool call part without an id."""
    call = {"name": "get_order", "arguments": '{"order": "A-17"}'}
    choice = {"index": 0, "message": {"role": "assistant", "function_call": call}, "finish_reason": "function_call"}
    fields = read_response(OPENAI_TEXT | {"choices": [choice]})
    assert fields is not None
    assert fields["output_messages"][0]["parts"] == [
        {"type": "tool_call", "name": "get_order", "arguments": {"order": "A-17"}}
    ]
    pieces = [{"name": "get_order", "arguments": ""}, {"arguments": '{"order"'}, {"arguments": ': "A-17"}'}]
    chunks = [
        {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"function_call": piece}}]}
        for piece in pieces
    ]
    again = streamed(chunks)
    assert again["output_messages"][0]["parts"] == fields["output_messages"][0]["parts"]


def test_content_in_text_parts_is_joined() -> None:
    """A content list (Mistral) gives the text of its text parts."""
    content = [{"type": "text", "text": "One "}, {"type": "image_url"}, {"type": "text", "text": "two"}]
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
    fields = read_response(OPENAI_TEXT | {"choices": [choice]})
    assert fields is not None
    assert fields["text"] == "One two"


def test_what_was_read_does_not_change_with_the_response() -> None:
    """Fields read before the bot changes the response keep their values."""
    response = chat.ChatCompletion.model_validate(OPENAI_TOOLS)
    fields = read_response(response)
    before = copy.deepcopy(fields)
    response.choices[0].message.content = "changed"
    response.choices[0].message.tool_calls.clear()
    response.usage.prompt_tokens = 0
    assert fields == before


@pytest.mark.parametrize("whole", [OPENAI_TEXT, OPENAI_TOOLS, OPENAI_CHOICES, OPENAI_REFUSAL])
@pytest.mark.parametrize("parse", [chat.ChatCompletionChunk.model_validate, dict], ids=["object", "dict"])
def test_a_stream_gives_the_fields_of_the_whole_response(whole: Any, parse: Any) -> None:
    """Chunks, usage in the last one without choices, give what the complete response gives."""
    assert streamed([parse(chunk) for chunk in openai_stream(whole)]) == read_response(whole)


def test_a_cancelled_stream_gives_what_was_seen() -> None:
    """A stream cut short has its text so far; finish reason and usage are unknown."""
    fields = streamed(openai_stream(OPENAI_TEXT)[:3])
    assert fields == {
        "provider": "openai",
        "response_model": "gpt-4.1-2025-04-14",
        "response_id": "chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG",
        "output_messages": ({"role": "assistant", "parts": [{"type": "text", "content": "Refunds are possible"}]},),
        "text": "Refunds are possible",
    }


def test_a_tool_call_cut_short_keeps_the_text_of_its_arguments() -> None:
    """Arguments that are no JSON yet stay the text that arrived."""
    fields = streamed(openai_stream(OPENAI_TOOLS)[:3])
    assert fields["output_messages"][0]["parts"] == [
        {"type": "tool_call", "id": "call_abc123", "name": "get_order", "arguments": '{\n"order":'}
    ]


def test_parallel_calls_that_share_an_index_are_kept_apart_by_id() -> None:
    """Gemini's endpoint gives every call index 0; another id is another call."""
    calls = [
        {"index": 0, "id": name, "type": "function", "function": {"name": name, "arguments": "{}"}}
        for name in ("first", "second")
    ]
    chunks = [
        {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"tool_calls": [call]}}]}
        for call in calls
    ]
    parts = streamed(chunks)["output_messages"][0]["parts"]
    assert [part["name"] for part in parts] == ["first", "second"]


def test_azure_filter_chunks_do_not_disturb_a_stream() -> None:
    """Azure's filter results (no model, empty object or empty choices) before the first chunk are ignored."""
    filtered = [
        {"id": "", "object": "", "model": "", "created": 0, "choices": [], "prompt_filter_results": []},
        {"id": "", "object": "chat.completion.chunk", "model": "", "created": 0, "choices": []},
    ]
    assert streamed([*filtered, *openai_stream(OPENAI_TEXT)]) == read_response(OPENAI_TEXT)


def test_cumulative_usage_replaces_and_a_null_after_it_keeps_it() -> None:
    """Where each chunk states the usage so far the last stated counts, even with a null behind it."""
    chunks = openai_stream(OPENAI_TEXT)
    chunks[1] = chunks[1] | {"usage": {"prompt_tokens": 1117, "completion_tokens": 1}}
    fields = streamed([*chunks, chunks[0] | {"choices": []}])
    assert fields == read_response(OPENAI_TEXT)


# --------------------------------------------------------------------------------------------------- large and hostile


def with_calls(calls: Any) -> Any:
    """A completion that calls these tools, as the library has it."""
    response = chat.ChatCompletion.model_validate(OPENAI_TOOLS)
    response.choices[0].message.tool_calls = calls
    return response


def test_of_very_many_calls_or_choices_the_first_are_read(bounded: Any) -> None:
    """A hundred thousand calls cost no more than five thousand, and as many choices no more than may be asked for."""
    (call, *_) = chat.ChatCompletion.model_validate(OPENAI_TOOLS).choices[0].message.tool_calls
    response = chat.ChatCompletion.model_validate(OPENAI_TEXT)
    with bounded():
        calls = read_response(with_calls([call] * 100_000))["output_messages"][0]["parts"]
        choices = read_response(response.model_copy(update={"choices": response.choices * 100_000}))["finish_reasons"]
    assert (len(calls), len(choices)) == (5_000, 128)


def test_arguments_longer_than_any_text_that_is_kept_are_not_parsed(bounded: Any) -> None:
    """The beginning of 51 MB of arguments stays text, marked as cut, whether they come whole or in one chunk."""
    large = '{"lines": [' + "7, " * 17_000_000 + "7]}"
    (call, *_) = chat.ChatCompletion.model_validate(OPENAI_TOOLS).choices[0].message.tool_calls
    call.function.arguments = large
    chunk = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "n", "arguments": large}}
    delta = {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"tool_calls": [chunk]}}]}
    with bounded():
        fields = [read_response(with_calls([call])), streamed([delta])]
    for messages in (one["output_messages"] for one in fields):
        arguments = messages[0]["parts"][0]["arguments"]
        assert arguments == large[:131_072]
        assert arguments.original_length == len(large)


def test_a_stream_of_very_many_choices_and_calls_is_kept_within_bounds(bounded: Any) -> None:
    """Twenty thousand choices, or calls of one, with 10 KB each leave half a million characters."""

    def chunks(part: str) -> Iterator[Any]:
        for number in range(20_000):
            text = "x" * 9_990 + str(number)
            call = {"index": number, "id": f"c{number}", "function": {"name": "n", "arguments": text}}
            delta = {"content": text} if part == "choices" else {"tool_calls": [call]}
            index = number if part == "choices" else 0
            yield {"object": "chat.completion.chunk", "choices": [{"index": index, "delta": delta}]}

    with bounded():
        choices, calls = [streamed(chunks(part))["output_messages"] for part in ("choices", "calls")]
    assert len(choices) == 128
    assert 500_000 < sum(len(part["content"]) for choice in choices for part in choice["parts"]) < 600_000
    assert len(calls[0]["parts"]) == 5_000
    assert 500_000 < sum(len(part.get("arguments", "")) for part in calls[0]["parts"]) < 600_000
