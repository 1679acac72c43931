"""Bedrock's Converse API, called with the real boto3 client, which parses real JSON and real event streams."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from bedrock_payloads import BEDROCK, BEDROCK_BLOCKED, bedrock_stream, encoded
from provider_payloads import by_tens, streamed

import convqa_sdk as convqa
from convqa_sdk.export.pricing import price
from convqa_sdk.testing import recording
from convqa_sdk.tracing.responses import read_response

boto3 = pytest.importorskip("boto3", reason="boto3 is not installed; its real client is what is read")

MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
ASK: Any = {"modelId": MODEL, "messages": [{"role": "user", "content": [{"text": "May I return it?"}]}]}
FIELDS = {
    "provider": "aws.bedrock",
    "input_tokens": 1233,
    "output_tokens": 93,
    "cache_read_tokens": 1024,
    "cache_write_tokens": 188,
    "finish_reasons": ("tool_use",),
    "output_messages": (
        {
            "role": "assistant",
            "parts": [
                {"type": "reasoning", "content": "The order decides."},
                {"type": "text", "content": "Let me look up the order."},
                {
                    "type": "tool_call",
                    "id": "tooluse_kZJMlvQmRJ6eAyJE5G",
                    "name": "get_order",
                    "arguments": {"id": "A-17"},
                },
            ],
            "finish_reason": "tool_use",
        },
    ),
    "text": "Let me look up the order.",
}
every_response = pytest.mark.parametrize("whole", [BEDROCK, BEDROCK_BLOCKED], ids=["tools", "blocked"])


@pytest.fixture
def bedrock(provider: Any) -> Iterator[Any]:
    """The real client of Bedrock's runtime."""
    client = boto3.session.Session().client(
        "bedrock-runtime",
        region_name="us-east-1",
        endpoint_url=provider.url,
        aws_access_key_id="none",
        aws_secret_access_key="none",
    )
    yield client
    client.close()


def asked(provider: Any, bedrock: Any, events: list[Any]) -> Any:
    """What `converse_stream` returns when the service sends these events."""
    provider.payload = (encoded(events), "application/vnd.amazon.eventstream")
    return bedrock.converse_stream(**ASK)


def test_a_response_gives_every_field_that_it_states(provider: Any, bedrock: Any) -> None:
    """Input tokens include the cached ones, 21 + 1024 + 188; the model is known from the request alone."""
    provider.payload = BEDROCK
    assert read_response(bedrock.converse(**ASK)) == FIELDS == read_response(BEDROCK)


@every_response
def test_a_stream_gives_the_fields_of_the_whole_response(provider: Any, bedrock: Any, whole: Any) -> None:
    """Events as botocore decodes them, texts and a tool's input in pieces, give what the complete response gives."""
    answer = asked(provider, bedrock, bedrock_stream(whole, by_tens))
    assert streamed(answer["stream"]) == read_response(whole)


def test_a_blocked_answer_says_so_and_keeps_its_text(provider: Any, bedrock: Any) -> None:
    """A guardrail's intervention is the finish reason; a 0 that is stated is a count."""
    provider.payload = BEDROCK_BLOCKED
    fields = read_response(bedrock.converse(**ASK))
    assert fields is not None
    assert fields["finish_reasons"] == ("guardrail_intervened",)
    assert fields["text"] == "Sorry, I cannot discuss that."
    assert (fields["input_tokens"], fields["output_tokens"]) == (0, 0)
    assert "cache_read_tokens" not in fields


def test_tokens_that_are_not_stated_are_unknown(provider: Any, bedrock: Any) -> None:
    """Without `usage` nothing is counted, and without cache counts the input is what is stated."""
    bare = {key: value for key, value in BEDROCK.items() if key != "usage"}
    fields = read_response(bare)
    assert fields is not None
    assert not {name for name in fields if name.endswith("_tokens")}
    uncached = read_response(bare | {"usage": {"inputTokens": 21, "outputTokens": 5, "totalTokens": 26}})
    assert uncached is not None
    assert uncached["input_tokens"] == 21


def test_the_model_that_a_prompt_router_chose_is_the_responses_model() -> None:
    """It stands in the trace; otherwise nobody but the request names a model."""
    routed = {"promptRouter": {"invokedModelId": f"arn:aws:bedrock:us-east-1::foundation-model/{MODEL}"}}
    fields = read_response(BEDROCK | {"trace": routed})
    assert fields is not None
    assert str(fields["response_model"]).endswith(MODEL)


def test_a_tools_input_is_copied() -> None:
    """Changing the response's tool input afterwards does not change what was read."""
    response = copy.deepcopy(BEDROCK)
    fields = read_response(response)
    response["output"]["message"]["content"][2]["toolUse"]["input"]["id"] = "B-1"
    assert fields == FIELDS


def test_text_with_citations_is_text_and_other_blocks_keep_their_type() -> None:
    """What an answer cites from documents is said by it; an image is a part without content."""
    said = copy.deepcopy(BEDROCK)
    said["output"]["message"]["content"] = [
        {"citationsContent": {"content": [{"text": "Within "}, {"text": "30 days."}], "citations": []}},
        {"image": {"format": "png", "source": {"bytes": b"1"}}},
        {"somethingNew": {}},
    ]
    fields = read_response(said)
    assert fields is not None
    assert fields["text"] == "Within 30 days."
    assert fields["output_messages"][0]["parts"] == [{"type": "text", "content": "Within 30 days."}, {"type": "image"}]


def test_a_stream_cut_short_has_what_was_seen_and_no_counts() -> None:
    """Tokens come with the last event; without it they are unknown, and so is why it ended."""
    fields = streamed(bedrock_stream(BEDROCK, by_tens)[:6])
    assert fields["output_messages"][0]["parts"][0]["content"] == "The order decides."
    assert not {"input_tokens", "output_tokens", "finish_reasons"} & fields.keys()


@pytest.mark.parametrize("whole_answer", [True, False], ids=["answer", "stream"])
def test_a_streamed_generation_lasts_until_the_stream_is_read(provider: Any, bedrock: Any, whole_answer: bool) -> None:
    """The bot gets its dictionary, or the stream in it, with a stand-in that passes for botocore's own class."""
    from botocore.eventstream import EventStream

    @convqa.generation(model=MODEL)
    def draft(messages: Any) -> Any:
        answer = asked(provider, bedrock, bedrock_stream(BEDROCK, by_tens))
        return answer if whole_answer else answer["stream"]

    with recording() as spans:
        with convqa.turn("c-1", "Hi"):
            answer = draft(ASK["messages"])
            stream = answer["stream"] if whole_answer else answer
            assert isinstance(stream, EventStream)
            assert not whole_answer or answer["ResponseMetadata"]["HTTPStatusCode"] == 200
            events = list(stream)
            assert {"messageStop": {"stopReason": "tool_use"}} in events
            stream.close()
        generation = spans.turn("c-1").stage_spans("generation")[0]
    assert generation["convqa.status"] == "ok"
    assert generation["gen_ai.usage.input_tokens"] == 1233
    assert generation["gen_ai.provider.name"] == "aws.bedrock"
    assert generation["gen_ai.response.time_to_first_chunk"] >= 0
    assert "Let me look up the order." in generation["gen_ai.output.messages"]
    sent = [{"role": "user", "parts": [{"type": "text", "content": "May I return it?"}]}]
    assert json.loads(generation["gen_ai.input.messages"]) == sent


def test_a_stream_may_be_read_in_two_loops(provider: Any, bedrock: Any) -> None:
    """Leaving a loop over botocore's stream does not end it: a second loop reads on, as it does without us."""

    @convqa.generation(model=MODEL)
    def draft() -> Any:
        return asked(provider, bedrock, bedrock_stream(BEDROCK, by_tens))["stream"]

    with recording() as spans:
        with convqa.turn("c-1", "Hi"):
            stream = draft()
            for _ in stream:
                break
            rest = list(stream)
        generation = spans.turn("c-1").stage_spans("generation")[0]
    assert len(rest) == len(bedrock_stream(BEDROCK, by_tens)) - 1
    assert generation["convqa.status"] == "ok"


def test_an_error_event_ends_the_stage_and_reaches_the_bot(provider: Any, bedrock: Any) -> None:
    """The service may fail in the middle of a stream; botocore raises, and what was seen is kept."""
    from botocore.exceptions import EventStreamError

    events = [*bedrock_stream(BEDROCK, by_tens)[:2], {"throttlingException": {"message": "Too many requests"}}]

    @convqa.generation(model=MODEL)
    def draft() -> Any:
        return asked(provider, bedrock, events)

    with recording() as spans:
        with convqa.turn("c-1", "Hi"), pytest.raises(EventStreamError):
            list(draft()["stream"])
        generation = spans.turn("c-1").stage_spans("generation")[0]
    assert generation["convqa.status"] == "error"
    assert "The order " in generation["gen_ai.output.messages"]


def test_another_answer_of_aws_stays_the_bots() -> None:
    """A dictionary of botocore's without an event stream is returned as it is."""
    answer = {"ResponseMetadata": {"HTTPStatusCode": 200}, "stream": "text"}
    with recording(), convqa.turn("c-1", "Hi"):
        assert convqa.generation(model="m")(lambda: answer)() is answer


def test_the_providers_name_is_one_that_prices_are_listed_under() -> None:
    """Model ids with a region before and a version behind, and ARNs, have a price under this provider."""
    pytest.importorskip("genai_prices", reason="genai-prices is not installed; it holds the prices")
    arn = f"arn:aws:bedrock:us-east-1:123456789012:inference-profile/{MODEL}"
    for model in (MODEL, arn, "amazon.nova-pro-v1:0"):
        cost = price(
            model,
            str(FIELDS["provider"]),
            input_tokens=1000,
            output_tokens=100,
            cache_read_tokens=None,
            cache_write_tokens=None,
            at_ns=1764460800 * 10**9,
        )
        assert cost is not None
        assert 0 < cost < 0.01
