"""Messages of LangChain as it dumps them, and the same as the chunks of its stream."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

JSON = dict[str, Any]

LANGCHAIN: JSON = {
    "content": "Let me look up the order.",
    "additional_kwargs": {"reasoning_content": "The order decides."},
    "response_metadata": {
        "finish_reason": "tool_calls",
        "model_name": "deepseek-reasoner",
        "model_provider": "deepseek",
        "id": "d3fc12-1",
    },
    "type": "ai",
    "name": None,
    "id": "run--0b1f3c6e-0",
    "tool_calls": [{"name": "get_order", "args": {"id": "A-17"}, "id": "call_1", "type": "tool_call"}],
    "invalid_tool_calls": [],
    "usage_metadata": {
        "input_tokens": 1117,
        "output_tokens": 58,
        "total_tokens": 1175,
        "input_token_details": {"cache_read": 1024, "cache_creation": 64},
        "output_token_details": {"reasoning": 12},
    },
}

LANGCHAIN_TEXT: JSON = {
    "content": "Refunds are possible within 30 days.",
    "additional_kwargs": {},
    "response_metadata": {},
    "type": "ai",
    "id": None,
    "tool_calls": [],
    "invalid_tool_calls": [],
    "usage_metadata": None,
}


def langchain_stream(whole: JSON, split: Callable[[str], list[str]]) -> list[JSON]:
    """The chunks in which LangChain would stream this message; the last has the counts and why it ended."""

    def chunk(**said: Any) -> JSON:
        known = {"type": "AIMessageChunk", "id": whole["id"], "content": "", "additional_kwargs": {}}
        known |= {"response_metadata": {}, "usage_metadata": None, "tool_call_chunks": [], "chunk_position": None}
        return known | said

    chunks = [
        chunk(additional_kwargs={"reasoning_content": piece})
        for piece in split(whole["additional_kwargs"].get("reasoning_content", ""))
    ]
    chunks += [chunk(content=piece) for piece in split(whole["content"])]
    for index, call in enumerate(whole["tool_calls"]):
        named = {"name": call["name"], "args": "", "id": call["id"], "index": index}
        chunks.append(chunk(tool_call_chunks=[named]))
        for piece in split(json.dumps(call["args"])):
            chunks.append(chunk(tool_call_chunks=[{"name": None, "args": piece, "id": None, "index": index}]))
    ended = {"response_metadata": whole["response_metadata"], "usage_metadata": whole["usage_metadata"]}
    return [*chunks, chunk(**ended, chunk_position="last")]
