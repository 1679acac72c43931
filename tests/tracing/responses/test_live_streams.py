"""The real client libraries, talking to a provider on the loopback interface."""

from __future__ import annotations

from typing import Any

import pytest
from provider_payloads import (
    ANTHROPIC,
    OPENAI_CHOICES,
    OPENAI_REFUSAL,
    OPENAI_TEXT,
    OPENAI_TOOLS,
    RESPONSE,
    RESPONSE_CUT,
    RESPONSE_FAILED,
    RESPONSE_REFUSAL,
    RESPONSE_TOOLS,
    anthropic_stream,
    openai_stream,
    response_stream,
    streamed,
)

from convqa_sdk.tracing.responses import StreamReader, read_response, read_snapshot

CHAT: Any = {"model": "gpt-4.1", "messages": [{"role": "user", "content": "May I return it?"}]}
ASK: Any = {"model": "claude-of-the-test", "max_tokens": 99, "messages": [{"role": "user", "content": "May I?"}]}
every_completion = pytest.mark.parametrize(
    "whole", [OPENAI_TEXT, OPENAI_TOOLS, OPENAI_CHOICES, OPENAI_REFUSAL], ids=["text", "tools", "choices", "refusal"]
)


@pytest.fixture
def openai(provider: Any) -> Any:
    """The real client, and a way to make its asynchronous twin."""
    library = pytest.importorskip("openai", reason="openai is not installed; its real client is what is read")
    settings = {"api_key": "none", "base_url": f"{provider.url}/v1", "max_retries": 0}
    with library.OpenAI(**settings) as client:
        client.asynchronous = lambda: library.AsyncOpenAI(**settings)
        yield client


@pytest.fixture
def anthropic(provider: Any) -> Any:
    """The real client, and a way to make its asynchronous twin."""
    library = pytest.importorskip("anthropic", reason="anthropic is not installed; its real client is what is read")
    settings = {"api_key": "none", "base_url": provider.url, "max_retries": 0}
    with library.Anthropic(**settings) as client:
        client.asynchronous = lambda: library.AsyncAnthropic(**settings)
        yield client


@every_completion
def test_openai_complete(provider: Any, openai: Any, whole: Any) -> None:
    """`create()` returns an object that reads like the JSON that was sent."""
    provider.payload = whole
    assert read_response(openai.chat.completions.create(**CHAT)) == read_response(whole)


@every_completion
def test_openai_stream(provider: Any, openai: Any, whole: Any) -> None:
    """`create(stream=True)` with `include_usage` gives the fields of the complete response."""
    provider.payload = openai_stream(whole)
    with openai.chat.completions.create(**CHAT, stream=True, stream_options={"include_usage": True}) as stream:
        assert streamed(stream) == read_response(whole)


async def test_openai_async_stream(provider: Any, openai: Any) -> None:
    """The asynchronous client's stream gives the same."""
    provider.payload = openai_stream(OPENAI_TEXT)
    async with openai.asynchronous() as client, await client.chat.completions.create(**CHAT, stream=True) as stream:
        assert streamed([chunk async for chunk in stream]) == read_response(OPENAI_TEXT)


@every_completion
def test_openai_stream_helper_gives_the_fields_by_its_events_and_by_its_snapshot(
    provider: Any, openai: Any, whole: Any
) -> None:
    """`chat.completions.stream()` counts each text once, and its snapshot reads the same as its events."""
    provider.payload = openai_stream(whole)
    with openai.chat.completions.stream(**CHAT) as stream:
        assert read_snapshot(stream) is None
        assert streamed(stream) == read_response(whole)
        assert read_snapshot(stream) == read_response(whole)


async def test_openai_async_stream_helper(provider: Any, openai: Any) -> None:
    """The asynchronous helper's events and snapshot give the same."""
    provider.payload = openai_stream(OPENAI_TOOLS)
    async with openai.asynchronous() as client, client.chat.completions.stream(**CHAT) as stream:
        assert streamed([event async for event in stream]) == read_snapshot(stream) == read_response(OPENAI_TOOLS)


QUESTION: Any = {"model": "gpt-5", "input": "May I return it?"}
every_response = pytest.mark.parametrize(
    "whole",
    [RESPONSE, RESPONSE_TOOLS, RESPONSE_CUT, RESPONSE_REFUSAL, RESPONSE_FAILED],
    ids=["text", "tools", "cut", "refusal", "failed"],
)


@every_response
def test_openai_response(provider: Any, openai: Any, whole: Any) -> None:
    """`responses.create()` returns an object that reads like the JSON that was sent."""
    provider.payload = whole
    assert read_response(openai.responses.create(**QUESTION)) == read_response(whole)


@every_response
def test_openai_response_stream(provider: Any, openai: Any, whole: Any) -> None:
    """`responses.create(stream=True)` gives the fields of the complete response."""
    provider.payload = response_stream(whole)
    with openai.responses.create(**QUESTION, stream=True) as stream:
        assert streamed(stream) == read_response(whole)


async def test_openai_response_async_stream(provider: Any, openai: Any) -> None:
    """The asynchronous client's stream gives the same."""
    provider.payload = response_stream(RESPONSE)
    async with openai.asynchronous() as client, await client.responses.create(**QUESTION, stream=True) as stream:
        assert streamed([event async for event in stream]) == read_response(RESPONSE)


@every_response
def test_openai_response_stream_helper_counts_each_text_once(provider: Any, openai: Any, whole: Any) -> None:
    """`responses.stream()` passes events on with snapshots of its own; each text is counted once."""
    provider.payload = response_stream(whole)
    with openai.responses.stream(**QUESTION) as stream:
        assert streamed(stream) == read_response(whole)


def test_anthropic_complete(provider: Any, anthropic: Any) -> None:
    """`create()` returns an object that reads like the JSON that was sent."""
    provider.payload = ANTHROPIC
    assert read_response(anthropic.messages.create(**ASK)) == read_response(ANTHROPIC)


def test_anthropic_stream(provider: Any, anthropic: Any) -> None:
    """`create(stream=True)` gives the fields of the complete message."""
    provider.payload = anthropic_stream(ANTHROPIC)
    with anthropic.messages.create(**ASK, stream=True) as stream:
        assert streamed(stream) == read_response(ANTHROPIC)


async def test_anthropic_async_stream(provider: Any, anthropic: Any) -> None:
    """The asynchronous client's stream gives the same."""
    provider.payload = anthropic_stream(ANTHROPIC)
    async with anthropic.asynchronous() as client, await client.messages.create(**ASK, stream=True) as stream:
        assert streamed([event async for event in stream]) == read_response(ANTHROPIC)


def test_anthropic_stream_helper_counts_each_text_once(provider: Any, anthropic: Any) -> None:
    """The helper's own events repeat the raw ones; both pass by, the text is counted once."""
    provider.payload = anthropic_stream(ANTHROPIC)
    reader = StreamReader()
    with anthropic.messages.stream(**ASK) as stream:
        kinds = set()
        for event in stream:
            kinds.add(event.type)
            reader.add(event)
    assert {"text", "thinking", "content_block_delta"} <= kinds
    assert reader.fields() == read_response(ANTHROPIC)


def test_anthropic_text_that_was_consumed_as_text_is_in_the_snapshot(provider: Any, anthropic: Any) -> None:
    """After `text_stream`, of which no event passes by, the helper's snapshot has everything."""
    provider.payload = anthropic_stream(ANTHROPIC)
    with anthropic.messages.stream(**ASK) as stream:
        assert read_snapshot(stream) is None
        assert "".join(stream.text_stream) == "Let me look up the order."
        assert read_snapshot(stream) == read_response(ANTHROPIC)


async def test_anthropic_async_text_stream(provider: Any, anthropic: Any) -> None:
    """The asynchronous helper's snapshot has everything too."""
    provider.payload = anthropic_stream(ANTHROPIC)
    async with anthropic.asynchronous() as client, client.messages.stream(**ASK) as stream:
        assert [text async for text in stream.text_stream]
        assert read_snapshot(stream) == read_response(ANTHROPIC)


def test_a_snapshot_of_a_stream_left_early_has_no_output_count(provider: Any, anthropic: Any) -> None:
    """A helper left after the first text knows the input tokens, but has not counted the output."""
    provider.payload = anthropic_stream(ANTHROPIC)
    with anthropic.messages.stream(**ASK) as stream:
        first = next(iter(stream.text_stream))
        fields = read_snapshot(stream)
    assert fields is not None
    assert (fields["text"], fields["input_tokens"]) == (first, 1233)
    assert not {"output_tokens", "reasoning_tokens", "finish_reasons"} & fields.keys()
