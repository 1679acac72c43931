"""Responses of the Gemini API in its real JSON, and the same as the chunks of its stream."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

JSON = dict[str, Any]

GEMINI: JSON = {
    "candidates": [
        {
            "content": {
                "parts": [
                    {"text": "The order decides.", "thought": True},
                    {"text": "Let me look up the order.", "thoughtSignature": "c2ln"},
                    {"functionCall": {"id": "fc-1", "name": "get_order", "args": {"id": "A-17"}}},
                ],
                "role": "model",
            },
            "finishReason": "STOP",
            "index": 0,
        }
    ],
    "usageMetadata": {
        "promptTokenCount": 1117,
        "candidatesTokenCount": 46,
        "totalTokenCount": 1175,
        "cachedContentTokenCount": 1024,
        "thoughtsTokenCount": 12,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 1117}],
    },
    "modelVersion": "gemini-2.5-flash",
    "responseId": "mAitaLmkHPPlz7IP9JfMkQ4",
}

GEMINI_CHOICES: JSON = {
    "candidates": [
        {"content": {"parts": [{"text": "One."}], "role": "model"}, "finishReason": "STOP", "index": 0},
        {"content": {"parts": [{"text": "Two and"}], "role": "model"}, "finishReason": "MAX_TOKENS", "index": 1},
    ],
    "usageMetadata": {"promptTokenCount": 7, "candidatesTokenCount": 5, "totalTokenCount": 12},
    "modelVersion": "gemini-2.5-flash",
}

GEMINI_BLOCKED: JSON = {
    "promptFeedback": {"blockReason": "PROHIBITED_CONTENT"},
    "usageMetadata": {"promptTokenCount": 11, "totalTokenCount": 11},
    "modelVersion": "gemini-2.5-flash",
}

GEMINI_UNSAFE: JSON = {
    "candidates": [
        {
            "finishReason": "SAFETY",
            "index": 0,
            "safetyRatings": [{"category": "HARM_CATEGORY_HARASSMENT", "probability": "HIGH", "blocked": True}],
        }
    ],
    "usageMetadata": {"promptTokenCount": 11, "totalTokenCount": 11},
    "modelVersion": "gemini-2.5-flash",
}


def gemini_stream(whole: JSON, split: Callable[[str], list[str]]) -> list[JSON]:
    """The chunks in which the API would stream this response: each with the counts so far, the last with them all."""
    head = {key: whole[key] for key in ("modelVersion", "responseId") if key in whole}
    counted = whole["usageMetadata"]
    so_far = {key: counted[key] for key in ("promptTokenCount", "totalTokenCount")} | {"candidatesTokenCount": 1}
    chunks: list[JSON] = []
    for candidate in whole.get("candidates", ()):
        for part in candidate.get("content", {}).get("parts", ()):
            pieces = [part | {"text": piece} for piece in split(part["text"])] if "text" in part else [part]
            for piece in pieces:
                said = {"content": {"parts": [piece], "role": "model"}, "index": candidate["index"]}
                chunks.append(head | {"candidates": [said], "usageMetadata": so_far})
        ended = {key: candidate[key] for key in candidate if key != "content"}
        chunks.append(head | {"candidates": [ended], "usageMetadata": so_far})
    last = {key: whole[key] for key in whole if key != "candidates"}
    return [*chunks[:-1], *[chunk | last for chunk in chunks[-1:] or [{}]]]
