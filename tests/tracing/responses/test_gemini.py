"""Gemini's responses, checked against google-genai's own classes, and its real client on the loopback interface."""

from __future__ import annotations

import copy
import inspect
import json
import warnings
from collections.abc import Callable
from typing import Any

import pytest
from gemini_payloads import GEMINI, GEMINI_BLOCKED, GEMINI_CHOICES, GEMINI_UNSAFE, gemini_stream
from provider_payloads import by_tens, streamed

import convqa_sdk as convqa
from convqa_sdk.export.pricing import price
from convqa_sdk.testing import recording
from convqa_sdk.tracing.responses import read_response

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of its dependencies, at import
    genai = pytest.importorskip("google.genai", reason="google-genai is not installed; its classes are what is read")

types = genai.types
Response = types.GenerateContentResponse
FORMS: dict[str, Callable[[Any], Any]] = {
    "object": Response.model_validate,
    "model_dump": lambda payload: Response.model_validate(payload).model_dump(),
    "by_alias": lambda payload: Response.model_validate(payload).model_dump(by_alias=True),
    "to_json_dict": lambda payload: Response.model_validate(payload).to_json_dict(),
    "json": lambda payload: json.loads(json.dumps(payload)),
}
WHOLE = {"text": GEMINI, "choices": GEMINI_CHOICES, "blocked": GEMINI_BLOCKED, "unsafe": GEMINI_UNSAFE}
form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
every_response = pytest.mark.parametrize("whole", WHOLE.values(), ids=WHOLE)
of_its_own = pytest.mark.filterwarnings("ignore:Inheritance class:DeprecationWarning")
"""The client warns of how it uses aiohttp."""


@pytest.fixture
def client(provider: Any) -> Any:
    """The real client."""
    return genai.Client(api_key="none", http_options=types.HttpOptions(base_url=provider.url))


@form
def test_a_response_gives_every_field_that_it_states(form: Any) -> None:
    """Output tokens are the candidates' and the thoughts', 46 + 12; input tokens include the cached ones already."""
    assert read_response(form(GEMINI)) == {
        "provider": "gcp.gemini",
        "response_model": "gemini-2.5-flash",
        "response_id": "mAitaLmkHPPlz7IP9JfMkQ4",
        "input_tokens": 1117,
        "output_tokens": 58,
        "cache_read_tokens": 1024,
        "reasoning_tokens": 12,
        "finish_reasons": ("STOP",),
        "output_messages": (
            {
                "role": "assistant",
                "parts": [
                    {"type": "reasoning", "content": "The order decides."},
                    {"type": "text", "content": "Let me look up the order."},
                    {"type": "tool_call", "id": "fc-1", "name": "get_order", "arguments": {"id": "A-17"}},
                ],
                "finish_reason": "STOP",
            },
        ),
        "text": "Let me look up the order.",
    }


@form
@every_response
def test_all_forms_read_the_same(form: Any, whole: Any) -> None:
    """Objects, dumps under either names and the API's JSON give the same fields."""
    assert read_response(form(whole)) == read_response(whole) is not None


@form
def test_a_blocked_prompt_has_its_reason_and_no_answer(form: Any) -> None:
    """Without candidates the block's reason is the finish reason, and no token was generated."""
    fields = read_response(form(GEMINI_BLOCKED))
    assert fields is not None
    assert fields["finish_reasons"] == ("PROHIBITED_CONTENT",)
    assert fields["output_messages"] == ({"role": "assistant", "parts": [], "finish_reason": "PROHIBITED_CONTENT"},)
    assert (fields["input_tokens"], fields["output_tokens"]) == (11, 0)
    assert "text" not in fields


@form
def test_an_answer_that_was_stopped_says_why(form: Any) -> None:
    """A candidate without content, stopped by a safety filter, is a message without parts."""
    fields = read_response(form(GEMINI_UNSAFE))
    assert fields is not None
    assert fields["finish_reasons"] == ("SAFETY",)
    assert fields["output_messages"][0]["parts"] == []


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({}, {}),
        ({"promptTokenCount": 7}, {"input_tokens": 7}),
        ({"promptTokenCount": 7, "totalTokenCount": 7}, {"input_tokens": 7, "output_tokens": 0}),
        ({"promptTokenCount": 7, "candidatesTokenCount": 5}, {"input_tokens": 7, "output_tokens": 5}),
        (
            {"promptTokenCount": 7, "candidatesTokenCount": 5, "thoughtsTokenCount": 3, "totalTokenCount": 15},
            {"input_tokens": 7, "output_tokens": 8, "reasoning_tokens": 3},
        ),
        (  # an endpoint whose candidates include the thoughts says so by its total
            {"promptTokenCount": 7, "candidatesTokenCount": 8, "thoughtsTokenCount": 3, "totalTokenCount": 15},
            {"input_tokens": 7, "output_tokens": 8, "reasoning_tokens": 3},
        ),
        (
            {"promptTokenCount": 7, "toolUsePromptTokenCount": 4, "candidatesTokenCount": 5, "totalTokenCount": 16},
            {"input_tokens": 11, "output_tokens": 5},
        ),
    ],
    ids=str,
)
def test_tokens_are_those_of_the_total(usage: Any, expected: Any) -> None:
    """Input and output add up to the total that is stated; what is not stated is unknown."""
    fields = read_response(Response.model_validate(GEMINI | {"usageMetadata": usage}))
    assert fields is not None
    tokens = {name: value for name, value in fields.items() if name.endswith("_tokens")}
    assert tokens == expected
    if "totalTokenCount" in usage:
        assert tokens["input_tokens"] + tokens["output_tokens"] == usage["totalTokenCount"]


def test_vertex_is_told_by_what_only_vertex_says() -> None:
    """A time of creation and a kind of traffic come from Vertex AI."""
    for given in ({"createTime": "2026-05-01T10:00:00Z"}, {"usageMetadata": {"trafficType": "ON_DEMAND"}}):
        fields = read_response(Response.model_validate(GEMINI | given))
        assert fields is not None
        assert fields["provider"] == "gcp.vertex_ai"


@pytest.mark.parametrize("provider", ["gcp.gemini", "gcp.vertex_ai"])
def test_the_providers_names_are_ones_that_prices_are_listed_under(provider: str) -> None:
    """Both names find Google's prices."""
    pytest.importorskip("genai_prices", reason="genai-prices is not installed; it holds the prices")
    counts: Any = {"input_tokens": 9, "output_tokens": 9, "cache_read_tokens": None, "cache_write_tokens": None}
    assert price("gemini-2.5-flash", provider, **counts, at_ns=1764460800 * 10**9)


def test_arguments_are_copied() -> None:
    """Changing a call's arguments afterwards does not change what was read."""
    response = Response.model_validate(GEMINI)
    fields = read_response(response)
    before = copy.deepcopy(fields)
    response.candidates[0].content.parts[2].function_call.args["id"] = "B-1"
    assert fields == before


def test_parts_of_other_kinds_keep_their_type() -> None:
    """Code, data and files are parts without content."""
    parts = [
        {"executableCode": {"code": "1+1", "language": "PYTHON"}},
        {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "2"}},
        {"inlineData": {"data": "AA==", "mimeType": "image/png"}},
    ]
    said = {"content": {"parts": parts, "role": "model"}, "finishReason": "STOP"}
    fields = read_response(Response.model_validate(GEMINI | {"candidates": [said]}))
    assert fields is not None
    kinds = ("executable_code", "code_execution_result", "blob")
    assert fields["output_messages"][0]["parts"] == [{"type": kind} for kind in kinds]


@pytest.mark.parametrize("parse", [Response.model_validate, dict], ids=["object", "dict"])
@every_response
def test_a_stream_gives_the_fields_of_the_whole_response(whole: Any, parse: Any) -> None:
    """Texts add up, counts replace one another, several candidates stay apart."""
    assert streamed([parse(chunk) for chunk in gemini_stream(whole, by_tens)]) == read_response(whole)


def test_a_stream_cut_short_has_no_output_count() -> None:
    """Each chunk counts what came so far, which is no count of the answer."""
    fields = streamed(gemini_stream(GEMINI, by_tens)[:4])
    assert fields["output_messages"][0]["parts"][0]["content"] == "The order decides."
    assert fields["input_tokens"] == 1117
    assert not {"output_tokens", "reasoning_tokens", "finish_reasons"} & fields.keys()


def test_a_call_whose_arguments_are_streamed_is_one_call() -> None:
    """Vertex AI can stream arguments by their places; the call is kept by its name, its arguments are unknown."""
    pieces = [
        {"name": "get_order", "willContinue": True},
        {"partialArgs": [{"jsonPath": "$.id", "stringValue": "A-"}], "willContinue": True},
        {},
    ]
    chunks = [
        {"candidates": [{"content": {"parts": [{"functionCall": piece}], "role": "model"}}], "modelVersion": "m"}
        for piece in pieces
    ]
    fields = streamed([Response.model_validate(chunk) for chunk in chunks])
    assert fields["output_messages"][0]["parts"] == [{"type": "tool_call", "name": "get_order"}]


def test_a_list_of_candidates_of_the_bots_own_proves_nothing() -> None:
    """Candidates for an intent are no answers of a model."""
    for value in (
        {"candidates": ["refund", "return"]},
        {"candidates": [], "model_version": "m"},
        {"candidates": [{"name": "refund", "content": "x"}], "model_version": "m"},
        {"candidates": [{"finish_reason": "STOP"}]},
        {"usage_metadata": {"prompt_token_count": 1}},
    ):
        assert read_response(value) is None


@every_response
def test_the_real_client_returns_what_is_read(provider: Any, client: Any, whole: Any) -> None:
    """`generate_content()` returns an object that reads like the JSON that was sent."""
    provider.payload = whole
    response = client.models.generate_content(model="gemini-2.5-flash", contents="Hi")
    assert read_response(response) == read_response(whole)


@of_its_own
async def test_the_real_asynchronous_client_returns_what_is_read(provider: Any, client: Any) -> None:
    """The same from `client.aio`."""
    provider.payload = GEMINI
    response = await client.aio.models.generate_content(model="gemini-2.5-flash", contents="Hi")
    await client.aio.aclose()
    assert read_response(response) == read_response(GEMINI)


def events(whole: Any) -> tuple[bytes, str]:
    """The chunks as the API sends them."""
    lines = "".join(f"data: {json.dumps(chunk)}\r\n\r\n" for chunk in gemini_stream(whole, by_tens))
    return lines.encode(), "text/event-stream"


def check(generation: Any) -> None:
    """The generation is complete, with tokens and text."""
    assert generation["convqa.status"] == "ok"
    assert generation["gen_ai.provider.name"] == "gcp.gemini"
    assert generation["gen_ai.usage.output_tokens"] == 58
    assert "Let me look up the order." in generation["gen_ai.output.messages"]
    sent = [{"role": "user", "parts": [{"type": "text", "content": "Hi"}]}]
    assert json.loads(generation["gen_ai.input.messages"]) == sent


def test_a_streamed_generation_lasts_until_the_stream_is_read(provider: Any, client: Any) -> None:
    """The client's stream is a generator; its stand-in passes for one and is followed to its end."""
    provider.payload = events(GEMINI)

    @convqa.generation(model="gemini-2.5-flash", fields={"messages": "contents"})
    def draft(contents: Any) -> Any:
        return client.models.generate_content_stream(model="gemini-2.5-flash", contents=contents)

    with recording() as spans:
        with convqa.turn("c-1", "Hi"):
            stream = draft("Hi")
            assert inspect.isgenerator(stream)
            texts = [chunk.text or "" for chunk in stream]
        check(spans.turn("c-1").stage_spans("generation")[0])
    assert "".join(texts) == "Let me look up the order."


@of_its_own
async def test_an_asynchronously_streamed_generation_lasts_until_the_stream_is_read(provider: Any, client: Any) -> None:
    """The same for the asynchronous client's generator; a stream that is left early is cancelled."""
    provider.payload = events(GEMINI)

    @convqa.generation(model="gemini-2.5-flash", fields={"messages": "contents"})
    async def draft(contents: Any) -> Any:
        return await client.aio.models.generate_content_stream(model="gemini-2.5-flash", contents=contents)

    with recording() as spans:
        async with convqa.turn("c-1", "Hi"):
            stream = await draft("Hi")
            assert inspect.isasyncgen(stream)
            async for _ in stream:
                pass
            left = await draft("Hi")
            await anext(left)
            await left.aclose()
            await client.aio.aclose()
        first, second = spans.turn("c-1").stage_spans("generation")
    check(first)
    assert second["convqa.status"] == "cancelled"
    assert "gen_ai.usage.output_tokens" not in second.attributes


def test_a_generator_of_the_bots_own_is_returned_as_it_is() -> None:
    """Also one that passes the client's chunks on: only the client's own is replaced."""
    own = (chunk for chunk in [Response.model_validate(GEMINI)])
    with recording(), convqa.turn("c-1", "Hi"):
        assert convqa.generation(model="m")(lambda: own)() is own
