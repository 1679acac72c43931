"""Responses in the providers' real JSON, the same in other forms and as streams, and strategies that break them."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from bedrock_payloads import BEDROCK, BEDROCK_BLOCKED, bedrock_stream
from gemini_payloads import GEMINI, GEMINI_BLOCKED, GEMINI_CHOICES, GEMINI_UNSAFE, gemini_stream
from hypothesis import strategies as st
from langchain_payloads import LANGCHAIN, LANGCHAIN_TEXT, langchain_stream

from convqa_sdk.tracing.responses import StreamReader

JSON = dict[str, Any]
Split = Callable[[str], list[str]]

OPENAI_TEXT: JSON = {
    "id": "chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG",
    "object": "chat.completion",
    "created": 1741570283,
    "model": "gpt-4.1-2025-04-14",
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": "Refunds are possible within 30 days.",
                "refusal": None,
                "annotations": [],
            },
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": {
        "prompt_tokens": 1117,
        "completion_tokens": 46,
        "total_tokens": 1163,
        "prompt_tokens_details": {"cached_tokens": 1024, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 12,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    },
    "service_tier": "default",
    "system_fingerprint": "fp_fc9f1d7035",
}

OPENAI_TOOLS: JSON = {
    "id": "chatcmpl-abc123",
    "object": "chat.completion",
    "created": 1699896916,
    "model": "gpt-4o-mini",
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {
                        "id": "call_abc123",
                        "type": "function",
                        "function": {"name": "get_order", "arguments": '{\n"order": "A-17",\n"lines": [1, 2]\n}'},
                    },
                    {
                        "id": "call_def456",
                        "type": "function",
                        "function": {"name": "get_plan", "arguments": "{}"},
                    },
                ],
            },
            "logprobs": None,
            "finish_reason": "tool_calls",
        }
    ],
    "usage": {"prompt_tokens": 82, "completion_tokens": 17, "total_tokens": 99},
}

OPENAI_CHOICES: JSON = {
    "id": "chatcmpl-n2",
    "object": "chat.completion",
    "created": 1699896916,
    "model": "gpt-4o-mini",
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "One."}, "finish_reason": "stop"},
        {"index": 1, "message": {"role": "assistant", "content": "Two and"}, "finish_reason": "length"},
    ],
    "usage": None,
}

OPENAI_REFUSAL: JSON = {
    "id": "chatcmpl-no",
    "object": "chat.completion",
    "created": 1699896916,
    "model": "gpt-4o-2024-08-06",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": None, "refusal": "I cannot help with that."},
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 81, "completion_tokens": 11, "total_tokens": 92},
}

ANTHROPIC: JSON = {
    "id": "msg_013Zva2CMHLNnjNjJKqJ2EF",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-5-20250929",
    "content": [
        {"type": "thinking", "thinking": "The order decides.", "signature": "EqQBCgIYAhIM1gbcDa9GJwZA2b3h"},
        {"type": "redacted_thinking", "data": "EmwKAhgBEgy3va3pzix/LafPsn4aDFIT2Xlxh0L5L8rLVyIwxtE3rAFBa8cr3qpP"},
        {"type": "text", "text": "Let me look up ", "citations": None},
        {"type": "text", "text": "the order."},
        {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "returns"}},
        {
            "type": "tool_use",
            "id": "toolu_01D7FLrfh4GYq7yT1ULFeyMV",
            "name": "get_order",
            "input": {"order": "A-17", "lines": [1, 2]},
        },
    ],
    "stop_reason": "tool_use",
    "stop_sequence": None,
    "usage": {
        "input_tokens": 21,
        "cache_creation_input_tokens": 188,
        "cache_read_input_tokens": 1024,
        "output_tokens": 93,
        "output_tokens_details": {"thinking_tokens": 30},
        "service_tier": "standard",
    },
}

RESPONSE: JSON = {
    "id": "resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b",
    "object": "response",
    "created_at": 1741476542,
    "status": "completed",
    "error": None,
    "incomplete_details": None,
    "instructions": "Be brief.",
    "model": "gpt-5-2025-08-07",
    "output": [
        {
            "id": "rs_1",
            "type": "reasoning",
            "summary": [
                {"type": "summary_text", "text": "The order decides."},
                {"type": "summary_text", "text": "It is recent."},
            ],
        },
        {"id": "ws_1", "type": "web_search_call", "status": "completed", "action": {"type": "search"}},
        {
            "id": "msg_1",
            "type": "message",
            "status": "completed",
            "role": "assistant",
            "content": [
                {"type": "output_text", "text": "Refunds are possible ", "annotations": []},
                {"type": "output_text", "text": "within 30 days.", "annotations": []},
            ],
        },
    ],
    "parallel_tool_calls": True,
    "temperature": 1.0,
    "tool_choice": "auto",
    "tools": [],
    "top_p": 1.0,
    "usage": {
        "input_tokens": 1117,
        "input_tokens_details": {"cached_tokens": 1024, "cache_write_tokens": 64},
        "output_tokens": 46,
        "output_tokens_details": {"reasoning_tokens": 12},
        "total_tokens": 1163,
    },
}

RESPONSE_TOOLS: JSON = RESPONSE | {
    "output": [
        {
            "id": "fc_1",
            "type": "function_call",
            "status": "completed",
            "call_id": "call_abc123",
            "name": "get_order",
            "arguments": '{"order": "A-17", "lines": [1, 2]}',
        },
        {"id": "ct_1", "type": "custom_tool_call", "call_id": "call_def456", "name": "sql", "input": "[1]"},
    ],
}

RESPONSE_CUT: JSON = RESPONSE | {
    "status": "incomplete",
    "incomplete_details": {"reason": "max_output_tokens"},
    "output": [
        {
            "id": "msg_1",
            "type": "message",
            "status": "incomplete",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "Refunds are", "annotations": []}],
        }
    ],
}

RESPONSE_REFUSAL: JSON = RESPONSE | {
    "output": [
        {
            "id": "msg_1",
            "type": "message",
            "status": "completed",
            "role": "assistant",
            "content": [{"type": "refusal", "refusal": "I cannot help with that."}],
        }
    ],
}

RESPONSE_FAILED: JSON = RESPONSE | {
    "status": "failed",
    "error": {"code": "server_error", "message": "The model failed to generate a response."},
    "output": [],
    "usage": None,
}

WHOLE = {
    "openai text": OPENAI_TEXT,
    "openai tools": OPENAI_TOOLS,
    "openai choices": OPENAI_CHOICES,
    "openai refusal": OPENAI_REFUSAL,
    "anthropic": ANTHROPIC,
    "response text": RESPONSE,
    "response tools": RESPONSE_TOOLS,
    "response cut": RESPONSE_CUT,
    "response refusal": RESPONSE_REFUSAL,
    "response failed": RESPONSE_FAILED,
    "bedrock": BEDROCK,
    "bedrock blocked": BEDROCK_BLOCKED,
    "gemini": GEMINI,
    "gemini choices": GEMINI_CHOICES,
    "gemini blocked": GEMINI_BLOCKED,
    "gemini unsafe": GEMINI_UNSAFE,
    "langchain": LANGCHAIN,
    "langchain text": LANGCHAIN_TEXT,
}


def forms(model: Any) -> dict[str, Callable[[JSON], Any]]:
    """Ways in which a bot may hold a response that a client library has a pydantic model for."""
    return {
        "object": model.model_validate,
        "model_dump": lambda payload: model.model_validate(payload).model_dump(),
        "json": lambda payload: json.loads(json.dumps(payload)),
    }


def streamed(chunks: Iterable[Any]) -> Any:
    """The fields of a stream of these chunks."""
    reader = StreamReader()
    for chunk in chunks:
        reader.add(chunk)
    return reader.fields()


def by_tens(text: str) -> list[str]:
    """Cut a text into pieces of ten characters."""
    return [text[at : at + 10] for at in range(0, len(text), 10)]


def openai_stream(whole: JSON, split: Split = by_tens) -> list[JSON]:
    """The chunks in which OpenAI would stream this completion, `include_usage` on, several choices interleaved."""
    head = {key: whole[key] for key in ("id", "created", "model")} | {"object": "chat.completion.chunk"}
    turns = itertools.zip_longest(*[list(_choice_chunks(choice, split)) for choice in whole["choices"]])
    chunks = [head | {"choices": [piece], "usage": None} for turn in turns for piece in turn if piece is not None]
    return [*chunks, head | {"choices": [], "usage": whole.get("usage")}]


def _choice_chunks(choice: JSON, split: Split) -> Iterator[JSON]:
    said = choice["message"]

    def piece(finish_reason: str | None = None, **delta: Any) -> JSON:
        return {"index": choice["index"], "delta": delta, "logprobs": None, "finish_reason": finish_reason}

    yield piece(role="assistant", content=None if said.get("content") is None else "", refusal=None)
    for name in ("reasoning_content", "content", "refusal"):
        for text in split(said.get(name) or ""):
            yield piece(**{name: text})
    for index, call in enumerate(said.get("tool_calls") or []):
        function = call["function"]
        first = {"index": index, "id": call["id"], "type": "function"}
        yield piece(tool_calls=[first | {"function": {"name": function["name"], "arguments": ""}}])
        for text in split(function["arguments"]):
            yield piece(tool_calls=[{"index": index, "function": {"arguments": text}}])
    yield piece(choice["finish_reason"])


def anthropic_stream(whole: JSON, split: Split = by_tens) -> list[JSON]:
    """The raw events in which Anthropic would stream this message."""
    usage = whole["usage"]
    started = whole | {"content": [], "stop_reason": None, "usage": usage | {"output_tokens": 1}}
    started["usage"].pop("output_tokens_details", None)
    events: list[JSON] = [{"type": "message_start", "message": started}, {"type": "ping"}]
    for index, block in enumerate(whole["content"]):
        events += _block_events(index, block, split)
    counted = {key: usage[key] for key in ("output_tokens", "output_tokens_details") if key in usage}
    closed = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
    return [*events, {"type": "message_delta", "delta": closed, "usage": counted}, {"type": "message_stop"}]


def _block_events(index: int, block: JSON, split: Split) -> Iterator[JSON]:
    kind = block["type"]
    began, deltas = block, list[JSON]()
    if kind == "text":
        began = block | {"text": ""}
        deltas = [{"type": "text_delta", "text": text} for text in split(block["text"])]
    elif kind == "thinking":
        began = block | {"thinking": "", "signature": ""}
        deltas = [{"type": "thinking_delta", "thinking": text} for text in split(block["thinking"])]
        deltas.append({"type": "signature_delta", "signature": block["signature"]})
    elif kind in ("tool_use", "server_tool_use"):
        began = block | {"input": {}}
        written = json.dumps(block["input"])
        deltas = [{"type": "input_json_delta", "partial_json": text} for text in ["", *split(written)]]
    yield {"type": "content_block_start", "index": index, "content_block": began}
    for delta in deltas:
        yield {"type": "content_block_delta", "index": index, "delta": delta}
    yield {"type": "content_block_stop", "index": index}


def response_stream(whole: JSON, split: Split = by_tens) -> list[JSON]:
    """The events in which the Responses API would stream this response."""
    begun = whole | {"status": "in_progress", "output": [], "usage": None, "error": None, "incomplete_details": None}
    events: list[JSON] = [{"type": f"response.{kind}", "response": begun} for kind in ("created", "in_progress")]
    for index, item in enumerate(whole["output"]):
        events += [event | {"output_index": index, "item_id": item.get("id")} for event in _item_events(item, split)]
    events.append({"type": f"response.{whole['status']}", "response": whole})
    return [event | {"sequence_number": number} for number, event in enumerate(events)]


def _item_events(item: JSON, split: Split) -> Iterator[JSON]:
    empty = {"message": {"content": []}, "reasoning": {"summary": []}}.get(item["type"], {})
    empty |= {name: "" for name in ("arguments", "input") if name in item}
    yield {"type": "response.output_item.added", "item": item | empty | {"status": "in_progress"}}
    for at, part in enumerate(item.get("content") or ()):
        name = "refusal" if part["type"] == "refusal" else "text"
        where = {"content_index": at, "logprobs": []}
        yield where | {"type": "response.content_part.added", "part": part | {name: ""}}
        kind = "refusal" if name == "refusal" else "output_text"
        for piece in split(part[name]):
            yield where | {"type": f"response.{kind}.delta", "delta": piece}
        yield where | {"type": f"response.{kind}.done", name: part[name]}
        yield where | {"type": "response.content_part.done", "part": part}
    for at, part in enumerate(item.get("summary") or ()):
        where = {"summary_index": at}
        yield where | {"type": "response.reasoning_summary_part.added", "part": part | {"text": ""}}
        for piece in split(part["text"]):
            yield where | {"type": "response.reasoning_summary_text.delta", "delta": piece}
        yield where | {"type": "response.reasoning_summary_text.done", "text": part["text"]}
    for name, kind in (("arguments", "function_call_arguments"), ("input", "custom_tool_call_input")):
        for piece in split(item.get(name) or ""):
            yield {"type": f"response.{kind}.delta", "delta": piece}
        if name in item:
            yield {"type": f"response.{kind}.done", name: item[name], "name": item["name"]}
    yield {"type": "response.output_item.done", "item": item}


def stream_of(whole: JSON, split: Split = by_tens) -> list[JSON]:
    """The events in which its provider would stream this response."""
    if "stopReason" in whole:
        return bedrock_stream(whole, split)
    if "usageMetadata" in whole:
        return gemini_stream(whole, split)
    if whole.get("type") == "ai":
        return langchain_stream(whole, split)
    if whole.get("object") == "response":
        return response_stream(whole, split)
    return openai_stream(whole, split) if "object" in whole else anthropic_stream(whole, split)


class Raises:
    """Raises whatever name is asked for."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)


class RaisingDict(dict[str, Any]):
    """A dict whose own methods raise."""

    def __getitem__(self, key: str) -> Any:
        raise RuntimeError(key)

    def get(self, *key: Any) -> Any:
        raise RuntimeError(key)

    def keys(self) -> Any:
        raise RuntimeError

    def __iter__(self) -> Any:
        raise RuntimeError


class RaisingList(list[Any]):
    """A list that cannot be iterated."""

    def __iter__(self) -> Any:
        raise RuntimeError

    def __len__(self) -> Any:
        raise RuntimeError


class Equal:
    """Is equal to everything, and answers every name with itself."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash("object")

    def __getattr__(self, name: str) -> Any:
        return self


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["chat.completion", "chat.completion.chunk", "message", "message_start", "chunk", "assistant"]),
    st.sampled_from(["response", "response.created", "response.output_item.added", "response.output_text.delta"]),
    st.sampled_from(["ai", "AIMessageChunk", "model", "constructor", "end_turn"]),
)
names = st.one_of(
    st.sampled_from(["object", "choices", "type", "content", "role", "model", "delta", "usage", "index", "message"]),
    st.sampled_from(["output", "stopReason", "candidates", "usageMetadata", "usage_metadata", "parts", "generations"]),
    st.text(max_size=4),
)
nested = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=5),
    max_leaves=12,
)
hostile = st.builds(lambda make: make(), st.sampled_from([Raises, RaisingDict, RaisingList, Equal, object]))


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if type(value) is dict else enumerate(value) if type(value) is list else ()
    for key, child in inner:
        yield (*path, key)
        yield from _places(child, (*path, key))


@st.composite
def mutated(draw: st.DrawFn, payload: Any) -> Any:
    """The payload with one to four places replaced by anything, or removed."""
    broken = copy.deepcopy(payload)
    for _ in range(draw(st.integers(1, 4))):
        places = list(_places(broken))
        if not places:
            break
        *path, last = draw(st.sampled_from(places))
        parent = broken
        for key in path:
            parent = parent[key]
        if draw(st.booleans()):
            del parent[last]
        else:
            parent[last] = draw(nested | hostile)
    return broken


@st.composite
def splits(draw: st.DrawFn) -> Split:
    """A way of cutting texts into pieces, empty ones among them."""
    cuts = draw(st.lists(st.integers(0, 12), min_size=1, max_size=5))

    def split(text: str) -> list[str]:
        pieces, at = list[str](), 0
        for size in itertools.cycle([*cuts, 1]):
            if at >= len(text):
                return pieces
            pieces.append(text[at : at + size])
            at += size
        return pieces

    return split


words = st.text(min_size=1, max_size=30)
arguments = st.dictionaries(st.text(max_size=5), st.integers(-9, 9) | st.text(max_size=9), max_size=3)


@st.composite
def openai_completions(draw: st.DrawFn) -> JSON:
    """Complete chat completions with text, refusals, reasoning and tool calls in any combination."""
    choices: list[JSON] = []
    for index in range(draw(st.integers(1, 3))):
        said: JSON = {"role": "assistant", "content": draw(st.none() | words), "refusal": draw(st.none() | words)}
        if draw(st.booleans()):
            said["reasoning_content"] = draw(words)
        calls = [
            {
                "id": f"call_{index}_{number}",
                "type": "function",
                "function": {"name": draw(words), "arguments": draw(arguments.map(json.dumps) | words)},
            }
            for number in range(draw(st.integers(0, 2)))
        ]
        if calls:
            said["tool_calls"] = calls
        choices.append({"index": index, "message": said, "finish_reason": draw(st.sampled_from(["stop", "length"]))})
    usage = draw(st.sampled_from([None, OPENAI_TEXT["usage"], OPENAI_TOOLS["usage"]]))
    return OPENAI_TEXT | {"choices": choices, "usage": usage}


@st.composite
def anthropic_messages(draw: st.DrawFn) -> JSON:
    """Complete messages with any sequence of content blocks."""
    block = st.one_of(
        st.builds(lambda text: {"type": "text", "text": text}, words),
        st.builds(lambda text: {"type": "thinking", "thinking": text, "signature": "sig"}, words),
        st.builds(lambda data: {"type": "tool_use", "id": "toolu_1", "name": "find", "input": data}, arguments),
        st.just({"type": "redacted_thinking", "data": "Em"}),
    )
    return ANTHROPIC | {"content": draw(st.lists(block, max_size=5))}
