"""LangChain's messages and results, checked against langchain-core's own classes and its own way of adding chunks."""

from __future__ import annotations

import copy
import functools
import inspect
import json
import operator
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from langchain_payloads import LANGCHAIN, LANGCHAIN_TEXT, langchain_stream
from provider_payloads import by_tens, streamed

import convqa_sdk as convqa
from convqa_sdk.export.pricing import price
from convqa_sdk.testing import recording
from convqa_sdk.tracing.responses import read_response

messages = pytest.importorskip(
    "langchain_core.messages", reason="langchain-core is not installed; its own classes are what is read"
)
load = pytest.importorskip("langchain_core.load")
outputs = pytest.importorskip("langchain_core.outputs")
models = pytest.importorskip("langchain_core.language_models.chat_models")

AIMessage, AIMessageChunk = messages.AIMessage, messages.AIMessageChunk
FIELDS = {
    "provider": "deepseek",
    "response_model": "deepseek-reasoner",
    "response_id": "d3fc12-1",
    "input_tokens": 1117,
    "output_tokens": 58,
    "cache_read_tokens": 1024,
    "cache_write_tokens": 64,
    "reasoning_tokens": 12,
    "finish_reasons": ("tool_calls",),
    "output_messages": (
        {
            "role": "assistant",
            "parts": [
                {"type": "reasoning", "content": "The order decides."},
                {"type": "text", "content": "Let me look up the order."},
                {"type": "tool_call", "id": "call_1", "name": "get_order", "arguments": {"id": "A-17"}},
            ],
            "finish_reason": "tool_calls",
        },
    ),
    "text": "Let me look up the order.",
}
FORMS: dict[str, Callable[[Any], Any]] = {
    "object": lambda payload: AIMessage(**payload),
    "model_dump": lambda payload: AIMessage(**payload).model_dump(),
    "messages_to_dict": lambda payload: messages.messages_to_dict([AIMessage(**payload)])[0],
    "dumpd": lambda payload: load.dumpd(AIMessage(**payload)),
    "json": lambda payload: json.loads(json.dumps(payload)),
}
form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


def said(**changed: Any) -> Any:
    """The message with other leaves."""
    return AIMessage(**(LANGCHAIN | changed))


@form
def test_a_message_gives_every_field_that_it_states(form: Any) -> None:
    """Counts are LangChain's own sums; objects, dumps and both ways of writing a message down read alike."""
    assert read_response(form(LANGCHAIN)) == FIELDS


@form
def test_a_message_without_anything_beside_has_its_text_alone(form: Any) -> None:
    """Tokens, model, provider and reason are unknown, and no id is made up."""
    assert read_response(form(LANGCHAIN_TEXT)) == {
        "output_messages": (
            {"role": "assistant", "parts": [{"type": "text", "content": "Refunds are possible within 30 days."}]},
        ),
        "text": "Refunds are possible within 30 days.",
    }


@pytest.mark.parametrize(
    ("known", "name", "reason"),
    [
        ({"model_provider": "openai", "finish_reason": "stop"}, "openai", "stop"),
        ({"model_provider": "anthropic", "stop_reason": "end_turn"}, "anthropic", "end_turn"),
        ({"model_provider": "bedrock_converse", "stopReason": "guardrail_intervened"}, "aws.bedrock",
         "guardrail_intervened"),
        ({"model_provider": "google_genai", "finish_reason": "SAFETY"}, "gcp.gemini", "SAFETY"),
        ({"model_provider": "ollama", "done_reason": "stop"}, "ollama", "stop"),
    ],
    ids=lambda value: str(value)[:30],
)  # fmt: skip
def test_each_integrations_words_are_known(known: Any, name: str, reason: str) -> None:
    """Providers have the conventions' names, and the reason stands under the key that the integration gives it."""
    fields = read_response(said(response_metadata=known))
    assert fields is not None
    assert fields["provider"] == name
    assert fields["finish_reasons"] == (reason,)


def test_the_providers_names_are_ones_that_prices_are_listed_under() -> None:
    """What the integrations call a provider leads to its prices."""
    pytest.importorskip("genai_prices", reason="genai-prices is not installed; it holds the prices")
    counts: Any = {"input_tokens": 9, "output_tokens": 9, "cache_read_tokens": None, "cache_write_tokens": None}
    for given, model in (
        ("openai", "gpt-4o"),
        ("anthropic", "claude-sonnet-4-5"),
        ("bedrock_converse", "us.amazon.nova-pro-v1:0"),
        ("google_genai", "gemini-2.5-flash"),
        ("google_vertexai", "gemini-2.5-flash"),
        ("mistralai", "mistral-large-latest"),
        ("azure", "gpt-4o"),
        ("azure_ai", "gpt-4o"),
        ("xai", "grok-3"),
        ("groq", "llama-3.3-70b-versatile"),
    ):
        fields = read_response(said(response_metadata={"model_provider": given, "model_name": model}))
        assert fields is not None
        assert price(model, str(fields["provider"]), **counts, at_ns=1764460800 * 10**9), given


def test_tokens_written_to_the_cache_are_added_up() -> None:
    """Anthropic's integration tells them by how long they are kept, and then states 0 beside."""
    details = {"cache_creation": 0, "ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 88, "cache_read": 0}
    usage = {"input_tokens": 209, "output_tokens": 1, "total_tokens": 210, "input_token_details": details}
    fields = read_response(said(usage_metadata=usage))
    assert fields is not None
    assert (fields["input_tokens"], fields["cache_write_tokens"], fields["cache_read_tokens"]) == (209, 188, 0)
    assert "reasoning_tokens" not in fields


@pytest.mark.parametrize(("own", "known"), [("msg_1", "msg_1"), ("lc_run--1", None), ("run--1-0", None), (None, None)])
def test_an_id_that_langchain_made_up_is_not_the_responses(own: str | None, known: str | None) -> None:
    """The provider's id is; in chunks as in messages."""
    fields = read_response(said(id=own, response_metadata={"model_name": "m"}))
    assert fields is not None
    assert fields.get("response_id") == known
    chunks = [AIMessageChunk(**chunk) for chunk in langchain_stream(LANGCHAIN_TEXT | {"id": own}, by_tens)]
    assert streamed(chunks).get("response_id") == known


def test_content_in_blocks_is_read_as_each_integration_writes_it() -> None:
    """Texts, three ways of writing reasoning, and blocks of other kinds; calls stand in `tool_calls` alone."""
    blocks = [
        {"type": "thinking", "thinking": "One."},
        {"type": "reasoning", "reasoning": "Two."},
        {"type": "reasoning_content", "reasoning_content": {"text": "Three.", "signature": "x"}},
        "Plain ",
        {"type": "text", "text": "text."},
        {"type": "tool_use", "id": "call_1", "name": "get_order", "input": {"id": "A-17"}},
        {"type": "image", "url": "u"},
    ]
    fields = read_response(said(content=blocks, additional_kwargs={"refusal": "No."}))
    assert fields is not None
    assert fields["text"] == "Plain text."
    assert fields["output_messages"][0]["parts"] == [
        {"type": "reasoning", "content": "One."},
        {"type": "reasoning", "content": "Two."},
        {"type": "reasoning", "content": "Three."},
        {"type": "text", "content": "Plain text."},
        {"type": "refusal", "content": "No."},
        {"type": "image"},
        FIELDS["output_messages"][0]["parts"][2],  # type: ignore[index] # reason: a dictionary of any values
    ]


def test_an_invalid_call_keeps_its_text() -> None:
    """Arguments that are no JSON stay the text that the model wrote."""
    invalid = {"name": "f", "args": "{", "id": "1", "error": "e"}
    fields = read_response(said(tool_calls=[], invalid_tool_calls=[invalid]))
    assert fields is not None
    assert fields["output_messages"][0]["parts"][-1] == {"type": "tool_call", "id": "1", "name": "f", "arguments": "{"}


def test_arguments_are_copied() -> None:
    """Changing a call's arguments afterwards does not change what was read."""
    payload = copy.deepcopy(LANGCHAIN)
    message = AIMessage(**payload)
    fields = read_response(message)
    message.tool_calls[0]["args"]["id"] = "B-1"
    assert fields == FIELDS


def chunks(payload: Any = LANGCHAIN) -> list[Any]:
    """The message as LangChain's own chunks."""
    return [AIMessageChunk(**chunk) for chunk in langchain_stream(payload, by_tens)]


def test_a_stream_gives_what_langchain_adds_up() -> None:
    """Chunks joined by us read as those joined by LangChain, and as the whole message."""
    summed = functools.reduce(operator.add, chunks())
    assert streamed(chunks()) == read_response(summed) == FIELDS
    assert streamed([outputs.ChatGenerationChunk(message=chunk) for chunk in chunks()]) == FIELDS
    assert streamed([chunk.model_dump() for chunk in chunks()]) == FIELDS


def test_counts_of_several_chunks_add_up() -> None:
    """Input may be counted with the first chunk and output with the last, as LangChain adds them up."""
    pieces = chunks()
    first = {"input_tokens": 7, "output_tokens": 0, "total_tokens": 7, "input_token_details": {"cache_read": 3}}
    last = {"input_tokens": 0, "output_tokens": 5, "total_tokens": 5}
    pieces[0].usage_metadata, pieces[-1].usage_metadata = first, last
    fields = streamed(pieces)
    summed = functools.reduce(operator.add, pieces).usage_metadata
    assert (fields["input_tokens"], fields["output_tokens"], fields["cache_read_tokens"]) == (7, 5, 3)
    assert (summed["input_tokens"], summed["output_tokens"]) == (7, 5)


def test_a_stream_cut_short_has_no_output_count() -> None:
    """Until a chunk says that it is the last, the output is only counted at its beginning."""
    pieces = chunks()[:4]
    pieces[0].usage_metadata = {"input_tokens": 7, "output_tokens": 1, "total_tokens": 8}
    fields = streamed(pieces)
    assert fields["input_tokens"] == 7
    assert not {"output_tokens", "reasoning_tokens", "finish_reasons"} & fields.keys()


@pytest.mark.parametrize("dump", [False, True], ids=["object", "model_dump"])
def test_a_result_with_several_choices_counts_its_usage_once(dump: bool) -> None:
    """Each choice's message repeats the usage of the call; the counts of several prompts add up."""
    two = [outputs.ChatGeneration(message=said()) for _ in range(2)]
    result = outputs.LLMResult(generations=[two])
    batch = outputs.LLMResult(generations=[two, two])
    if dump:
        result, batch = result.model_dump(), batch.model_dump()
    fields, both = read_response(result), read_response(batch)
    assert fields is not None
    assert both is not None
    assert (len(fields["output_messages"]), len(both["output_messages"])) == (2, 4)
    if not dump:  # which loses what the message has beyond any message
        assert (fields["input_tokens"], fields["output_tokens"]) == (1117, 58)
        assert (both["input_tokens"], both["output_tokens"], both["cache_read_tokens"]) == (2234, 116, 2048)


def test_a_chat_result_and_a_text_models_result_are_read() -> None:
    """What a model's own `_generate` returns, and what models without messages give; usage beside is taken."""
    chat = outputs.ChatResult(generations=[outputs.ChatGeneration(message=said())])
    assert read_response(chat) == FIELDS
    used = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    text = outputs.LLMResult(
        generations=[[outputs.Generation(text="Yes.", generation_info={"finish_reason": "stop"})]],
        llm_output={"token_usage": used, "model_name": "gpt-3.5-turbo-instruct"},
    )
    assert read_response(text) == {
        "input_tokens": 3,
        "output_tokens": 2,
        "response_model": "gpt-3.5-turbo-instruct",
        "finish_reasons": ("stop",),
        "output_messages": (
            {"role": "assistant", "parts": [{"type": "text", "content": "Yes."}], "finish_reason": "stop"},
        ),
        "text": "Yes.",
    }


def test_messages_of_others_and_empty_results_are_no_responses() -> None:
    """What the customer, the system or a tool says, and results without generations."""
    for value in (
        messages.HumanMessage("Hi"),
        messages.SystemMessage("Be kind."),
        messages.ToolMessage("ok", tool_call_id="1"),
        outputs.LLMResult(generations=[]),
        outputs.LLMResult(generations=[[]]),
        {"generations": "text"},
        {"generations": [{"text": "x"}]},
        {"type": "ai", "content": "a bot's own message"},
        {"type": "ai", "data": {"content": 7}},
    ):
        assert read_response(value) is None


class Model(models.BaseChatModel):
    """A chat model that says what it is given, as LangChain's integrations do."""

    @property
    def _llm_type(self) -> str:
        return "test"

    def _generate(self, *_: Any, **__: Any) -> Any:
        return outputs.ChatResult(generations=[outputs.ChatGeneration(message=said())])

    def _stream(self, *_: Any, **__: Any) -> Iterator[Any]:
        for chunk in chunks():
            yield outputs.ChatGenerationChunk(message=chunk)

    async def _astream(self, *_: Any, **__: Any) -> AsyncIterator[Any]:
        for chunk in chunks():
            yield outputs.ChatGenerationChunk(message=chunk)


ASKED = [messages.SystemMessage("Be kind."), messages.HumanMessage("May I return it?")]


def check(generation: Any) -> None:
    """The generation is complete, with its input, output and counts."""
    assert generation["convqa.status"] == "ok"
    assert generation["gen_ai.provider.name"] == "deepseek"
    assert generation["gen_ai.usage.output_tokens"] == 58
    assert json.loads(generation["gen_ai.input.messages"]) == [
        {"role": "system", "parts": [{"type": "text", "content": "Be kind."}]},
        {"role": "user", "parts": [{"type": "text", "content": "May I return it?"}]},
    ]
    assert json.loads(generation["gen_ai.output.messages"]) == list(FIELDS["output_messages"])  # type: ignore[call-overload] # reason: a tuple


def test_a_models_answer_is_read() -> None:
    """`invoke` returns a message, which the bot gets as it is."""

    @convqa.generation(model="deepseek-reasoner")
    def draft(messages: Any) -> Any:
        return Model().invoke(messages)

    with recording() as spans:
        with convqa.turn("c-1", "Hi"):
            assert draft(ASKED).content == "Let me look up the order."
        check(spans.turn("c-1").stage_spans("generation")[0])


def test_a_streamed_generation_lasts_until_the_stream_is_read() -> None:
    """`stream` gives a generator; its stand-in passes for one."""

    @convqa.generation(model="deepseek-reasoner")
    def draft(messages: Any) -> Any:
        return Model().stream(messages)

    with recording() as spans:
        with convqa.turn("c-1", "Hi"):
            stream = draft(ASKED)
            assert inspect.isgenerator(stream)
            assert functools.reduce(operator.add, stream).content == "Let me look up the order."
        check(spans.turn("c-1").stage_spans("generation")[0])


async def test_an_asynchronously_streamed_generation_lasts_until_the_stream_is_read() -> None:
    """`astream` is called in a plain function, because it is one."""

    @convqa.generation(model="deepseek-reasoner")
    def draft(messages: Any) -> Any:
        return Model().astream(messages)

    with recording() as spans:
        async with convqa.turn("c-1", "Hi"):
            stream = draft(ASKED)
            assert inspect.isasyncgen(stream)
            async for _ in stream:
                pass
            left = draft(ASKED)
            await anext(left)
            await left.aclose()
        first, second = spans.turn("c-1").stage_spans("generation")
    check(first)
    assert second["convqa.status"] == "cancelled"


def test_a_chain_that_streams_text_is_followed() -> None:
    """A chain's last link may give plain strings, which are the answer."""
    parsers = pytest.importorskip("langchain_core.output_parsers")

    @convqa.generation(model="deepseek-reasoner")
    def draft(messages: Any) -> Any:
        return (Model() | parsers.StrOutputParser()).stream(messages)

    with recording() as spans:
        with convqa.turn("c-1", "Hi"):
            assert "".join(draft(ASKED)) == "Let me look up the order."
        generation = spans.turn("c-1").stage_spans("generation")[0]
    assert "Let me look up the order." in generation["gen_ai.output.messages"]
    assert generation["convqa.status"] == "ok"


async def test_a_stream_that_is_more_than_one_is_returned_as_it_is() -> None:
    """LangChain's event stream can be awaited and has projections, for which no stand-in can pass."""

    @convqa.generation(model="deepseek-reasoner")
    def draft(make: Any) -> Any:
        return make()

    streams = pytest.importorskip("langchain_core.language_models.chat_model_stream", reason="an older langchain-core")
    with recording(), convqa.turn("c-1", "Hi"):
        for kind in (streams.ChatModelStream, streams.AsyncChatModelStream):
            assert type(draft(kind)) is kind
