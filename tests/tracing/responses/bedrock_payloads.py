"""Responses of Bedrock's Converse API in its real JSON, and the same as the events of its stream."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
from typing import Any
from zlib import crc32

JSON = dict[str, Any]

BEDROCK: JSON = {
    "output": {
        "message": {
            "role": "assistant",
            "content": [
                {"reasoningContent": {"reasoningText": {"text": "The order decides.", "signature": "c2ln"}}},
                {"text": "Let me look up the order."},
                {"toolUse": {"toolUseId": "tooluse_kZJMlvQmRJ6eAyJE5G", "name": "get_order", "input": {"id": "A-17"}}},
            ],
        }
    },
    "stopReason": "tool_use",
    "usage": {
        "inputTokens": 21,
        "outputTokens": 93,
        "totalTokens": 1326,
        "cacheReadInputTokens": 1024,
        "cacheWriteInputTokens": 188,
    },
    "metrics": {"latencyMs": 1275},
}

BEDROCK_BLOCKED: JSON = {
    "output": {"message": {"role": "assistant", "content": [{"text": "Sorry, I cannot discuss that."}]}},
    "stopReason": "guardrail_intervened",
    "usage": {"inputTokens": 0, "outputTokens": 0, "totalTokens": 0},
    "metrics": {"latencyMs": 301},
    "trace": {"guardrail": {"actionReason": "Guardrail blocked."}},
}


def encoded(events: list[JSON]) -> bytes:
    """Events in the bytes of Amazon's event stream: lengths, their checksum, headers, payload, checksum of it all."""
    return b"".join(_frame(kind, json.dumps(content).encode()) for event in events for kind, content in event.items())


def _frame(kind: str, payload: bytes) -> bytes:
    failed = kind.endswith("Exception")
    named = {":exception-type" if failed else ":event-type": kind, ":content-type": "application/json"}
    named[":message-type"] = "exception" if failed else "event"
    headers = b"".join(
        struct.pack("!B", len(name)) + name.encode() + struct.pack("!BH", 7, len(value)) + value.encode()
        for name, value in named.items()
    )
    prelude = struct.pack("!II", 16 + len(headers) + len(payload), len(headers))
    message = prelude + struct.pack("!I", crc32(prelude)) + headers + payload
    return message + struct.pack("!I", crc32(message))


def bedrock_stream(whole: JSON, split: Callable[[str], list[str]]) -> list[JSON]:
    """The events in which Bedrock would stream this response."""
    events: list[JSON] = [{"messageStart": {"role": whole["output"]["message"]["role"]}}]
    for index, block in enumerate(whole["output"]["message"]["content"]):
        for event, content in _block_events(block, split):
            events.append({event: {**content, "contentBlockIndex": index}})
        events.append({"contentBlockStop": {"contentBlockIndex": index}})
    counted = {key: whole[key] for key in ("usage", "metrics", "trace") if key in whole}
    return [*events, {"messageStop": {"stopReason": whole["stopReason"]}}, {"metadata": counted}]


def _block_events(block: JSON, split: Callable[[str], list[str]]) -> Iterator[tuple[str, JSON]]:
    if "text" in block:
        for piece in split(block["text"]):
            yield "contentBlockDelta", {"delta": {"text": piece}}
    elif "reasoningContent" in block:
        thought = block["reasoningContent"]["reasoningText"]
        for piece in split(thought["text"]):
            yield "contentBlockDelta", {"delta": {"reasoningContent": {"text": piece}}}
        yield "contentBlockDelta", {"delta": {"reasoningContent": {"signature": thought["signature"]}}}
    elif "toolUse" in block:
        named = {key: block["toolUse"][key] for key in ("toolUseId", "name")}
        yield "contentBlockStart", {"start": {"toolUse": named}}
        for piece in split(json.dumps(block["toolUse"]["input"])):
            yield "contentBlockDelta", {"delta": {"toolUse": {"input": piece}}}
