"""LiteLLM's responses and streams, made by the library itself from what a provider on the loopback interface sends."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from provider_payloads import ANTHROPIC, OPENAI_TEXT, OPENAI_TOOLS, RESPONSE, anthropic_stream, openai_stream, streamed

import convqa_sdk as convqa
from convqa_sdk.testing import recording
from convqa_sdk.tracing.responses import read_response

ASK: Any = {"messages": [{"role": "user", "content": "May I return it?"}], "api_key": "none"}
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # LiteLLM's own, of pydantic and of aiohttp
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # its clients are kept and never closed
    pytest.mark.filterwarnings("ignore::UserWarning"),  # its models serialise what they do not declare
]


@pytest.fixture
def litellm(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The library, with the price list that it brings along."""
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # else its import fetches one
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        library = pytest.importorskip("litellm", reason="litellm is not installed; its own classes are what is read")
    monkeypatch.setattr(library, "disable_aiohttp_transport", True)
    return library


def openai(provider: Any) -> dict[str, Any]:
    """A request that LiteLLM sends to OpenAI's endpoint."""
    return ASK | {"model": "openai/gpt-4.1", "api_base": f"{provider.url}/v1"}


def anthropic(provider: Any) -> dict[str, Any]:
    """A request that LiteLLM sends to Anthropic's endpoint."""
    return ASK | {"model": "anthropic/claude-sonnet-4-5", "api_base": provider.url}


def stated(response: Any) -> Any:
    """What LiteLLM says the call cost."""
    return response._hidden_params["response_cost"]


def test_a_response_reads_as_openais_with_its_provider_and_its_cost(provider: Any, litellm: Any) -> None:
    """All that the OpenAI shape says, and from beside it whose model it was and what LiteLLM computed."""
    provider.payload = OPENAI_TEXT
    response = litellm.completion(**openai(provider))
    plain = read_response(OPENAI_TEXT)
    assert plain is not None
    assert stated(response) > 0
    assert read_response(response) == plain | {"cost_usd": stated(response), "cost_source": "provider"}


def test_another_providers_response_has_that_providers_name(provider: Any, litellm: Any) -> None:
    """Of an Anthropic model, tokens include the cached ones as everywhere (21 + 1024 + 188), and none is lost."""
    provider.payload = ANTHROPIC
    response = litellm.completion(**anthropic(provider))
    fields = read_response(response)
    assert fields is not None
    assert fields["provider"] == "anthropic"
    assert fields["cost_usd"] == stated(response)
    names = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")
    assert [fields[name] for name in names] == [1233, 93, 1024, 188]
    parts = fields["output_messages"][0]["parts"]
    assert {"type": "text", "content": "Let me look up the order."} in parts
    assert {
        "type": "tool_call",
        "id": "toolu_01D7FLrfh4GYq7yT1ULFeyMV",
        "name": "get_order",
        "arguments": {"order": "A-17", "lines": [1, 2]},
    } in parts


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("bedrock", "aws.bedrock"),
        ("gemini", "gcp.gemini"),
        ("vertex_ai", "gcp.vertex_ai"),
        ("azure", "azure.ai.openai"),
        ("groq", "groq"),
    ],
)
def test_providers_have_the_names_of_the_conventions(litellm: Any, given: str, name: str) -> None:
    """LiteLLM's own names become those of OpenTelemetry; others stay."""
    response = litellm.ModelResponse(**OPENAI_TEXT)
    response._hidden_params = {"custom_llm_provider": given, "response_cost": None}
    fields = read_response(response)
    assert fields is not None
    assert fields["provider"] == name
    assert "cost_usd" not in fields
    response._hidden_params = {"litellm_model_name": f"{given}/some/model"}
    assert (read_response(response) or {})["provider"] == name
    response._hidden_params = {"litellm_model_name": "model-of-theirs"}
    assert "provider" not in (read_response(response) or {})


def test_a_response_of_the_responses_api_has_its_provider_and_cost(provider: Any, litellm: Any) -> None:
    """`litellm.responses()` returns that API's shape, with the same beside it and an id of LiteLLM's."""
    provider.payload = RESPONSE
    request = openai(provider)
    del request["messages"]
    response = litellm.responses(**request, input="May I return it?")
    plain = read_response(RESPONSE)
    assert plain is not None
    added = {"cost_usd": stated(response), "cost_source": "provider", "response_id": response.id}
    assert read_response(response) == plain | added


def test_a_response_that_nobody_has_priced_has_no_cost_and_no_provider(litellm: Any) -> None:
    """Made by hand it says neither; 0 is no cost."""
    for hidden in ({}, {"response_cost": 0.0}, {"response_cost": "much", "custom_llm_provider": 7}, None, "x"):
        response = litellm.ModelResponse(**OPENAI_TEXT)
        response._hidden_params = hidden
        fields = read_response(response)
        assert fields is not None
        assert not {"cost_usd", "cost_source"} & fields.keys()
        assert fields.get("provider", "openai") == "openai"


def test_a_dump_reads_as_openais(litellm: Any) -> None:
    """`model_dump()` has lost what stood beside, so that the shape is all there is."""
    response = litellm.ModelResponse(**OPENAI_TOOLS)
    response._hidden_params = {"custom_llm_provider": "groq", "response_cost": 0.1}
    assert read_response(response.model_dump()) == read_response(OPENAI_TOOLS)


def test_missing_usage_is_unknown(litellm: Any) -> None:
    """A stream's chunk without usage counts nothing."""
    chunk = litellm.types.utils.ModelResponseStream(
        model="m", choices=[{"index": 0, "delta": {"content": "Hi"}, "finish_reason": None}]
    )
    fields = streamed([chunk])
    assert fields["text"] == "Hi"
    assert not {name for name in fields if name.endswith("_tokens")}


def test_tokens_written_to_the_cache_are_known_by_anthropics_name_too(litellm: Any) -> None:
    """Older versions state them there alone."""
    response = litellm.ModelResponse(**OPENAI_TEXT)
    response.usage.prompt_tokens_details = None
    response.usage.cache_creation_input_tokens = 188
    fields = read_response(response)
    assert fields is not None
    assert fields["cache_write_tokens"] == 188


STREAMED: Any = {"stream": True, "stream_options": {"include_usage": True}}


def check(generation: Any, model: str, tokens: int) -> None:
    """The generation is complete, with provider, cost and counts."""
    assert generation["convqa.status"] == "ok"
    assert generation["gen_ai.provider.name"] == model
    assert generation["gen_ai.usage.input_tokens"] == tokens
    assert generation["convqa.cost.usd"] > 0
    assert generation["convqa.cost.source"] == "provider"


def test_a_streamed_generation_lasts_until_the_stream_is_read(provider: Any, litellm: Any) -> None:
    """Its stream can be read in either way; the stand-in passes for it and is read like it."""
    provider.payload = openai_stream(OPENAI_TEXT)

    @convqa.generation(model="gpt-4.1")
    def draft(messages: Any) -> Any:
        return litellm.completion(**openai(provider), **STREAMED)

    with recording() as spans:
        with convqa.turn("c-1", "Hi"):
            stream = draft(ASK["messages"])
            assert isinstance(stream, litellm.CustomStreamWrapper)
            said = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
        generation = spans.turn("c-1").stage_spans("generation")[0]
    assert said == "Refunds are possible within 30 days."
    assert said in generation["gen_ai.output.messages"]
    check(generation, "openai", 1117)


async def test_an_asynchronously_streamed_generation_lasts_until_the_stream_is_read(
    provider: Any, litellm: Any
) -> None:
    """The same with `acompletion`, of another provider; one that is left by `aclose` is cancelled."""
    provider.payload = anthropic_stream(ANTHROPIC)

    @convqa.generation(model="claude-sonnet-4-5")
    async def draft(messages: Any) -> Any:
        return await litellm.acompletion(**anthropic(provider), **STREAMED)

    with recording() as spans:
        async with convqa.turn("c-1", "Hi"):
            stream = await draft(ASK["messages"])
            assert isinstance(stream, litellm.CustomStreamWrapper)
            async for _ in stream:
                pass
            left = await draft(ASK["messages"])
            await anext(left)
            await left.aclose()
        first, second = spans.turn("c-1").stage_spans("generation")
    check(first, "anthropic", 1233)
    assert "Let me look up the order." in first["gen_ai.output.messages"]
    assert second["convqa.status"] == "cancelled"


def test_a_stream_that_is_closed_early_is_cancelled(provider: Any, litellm: Any) -> None:
    """`close()` of a stream that is read in either way is not awaited."""
    provider.payload = openai_stream(OPENAI_TEXT)

    @convqa.generation(model="gpt-4.1")
    def draft() -> Any:
        return litellm.completion(**openai(provider), **STREAMED)

    with recording() as spans:
        with convqa.turn("c-1", "Hi"):
            stream = draft()
            next(stream)
            assert stream.close() is None
        generation = spans.turn("c-1").stage_spans("generation")[0]
    assert generation["convqa.status"] == "cancelled"
