"""Stand-ins for what a support application calls: a help centre, a language model, an order system, a ticket system.

The language model speaks the wire format of OpenAI's chat completions, whole or streamed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI, HTTPException, Response
from fastapi.responses import StreamingResponse

ARTICLES = {
    "returns": "You can return any item within 30 days and get your money back.",
    "delivery": "Delivery takes two to four working days.",
}
ORDERS = {"LL-20417": {"id": "LL-20417", "item": "Ridge lantern", "status": "delivered"}}

services = FastAPI()


@services.get("/articles")
async def articles(question: str) -> list[dict[str, Any]]:
    """Return the articles that share a longer word with the question."""
    words = {word.strip("?.,!").lower() for word in question.split() if len(word) > 4}
    found = {key: text for key, text in ARTICLES.items() if any(word in text.lower() for word in words)}
    return [{"id": key, "text": text, "score": 1.0} for key, text in found.items()]


@services.get("/orders/{order_id}")
async def orders(order_id: str) -> dict[str, str]:
    """Return an order."""
    if order_id not in ORDERS:
        raise HTTPException(404)
    return ORDERS[order_id]


@services.post("/tickets")
async def tickets(ticket: dict[str, Any]) -> dict[str, str]:
    """Open a ticket."""
    return {"id": "T-1", "queue": "support"}


@services.post("/v1/chat/completions")
async def completions(request: dict[str, Any]) -> Response:
    """Answer with the last sentence of the instructions."""
    text = str(request["messages"][0]["content"]).rpartition("\n")[2]
    usage = {"prompt_tokens": 40, "completion_tokens": 12, "total_tokens": 52}
    head = {"id": "chatcmpl-1", "created": 0, "model": request["model"]}
    if request.get("stream"):
        return StreamingResponse(_events(head, text, usage), media_type="text/event-stream")
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    whole = {**head, "object": "chat.completion", "choices": [choice], "usage": usage}
    return Response(json.dumps(whole), media_type="application/json")


def _events(head: dict[str, Any], text: str, usage: dict[str, int]) -> Iterator[str]:
    chunk = {**head, "object": "chat.completion.chunk"}
    for word in text.split(" "):
        yield _event({**chunk, "choices": [{"index": 0, "delta": {"content": f"{word} "}, "finish_reason": None}]})
    yield _event({**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    yield _event({**chunk, "choices": [], "usage": usage})
    yield "data: [DONE]\n\n"


def _event(data: dict[str, Any]) -> str:
    return f"data: {json.dumps(data)}\n\n"
