"""A support application, as it was: FastAPI and httpx. `diff before.py app.py` shows what convqa_sdk adds."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

MODEL = "gpt-4.1"

app = FastAPI()
services = httpx.AsyncClient(base_url=os.environ.get("SERVICES_URL", "http://127.0.0.1:8001"))


class Question(BaseModel):
    """What a customer asks.

    Attributes:
        conversation_id: Id of the conversation.
        text: The customer's words.
        order_id: The order that it is about, None when it is about none.
    """

    conversation_id: str
    text: str
    order_id: str | None = None


@app.post("/chat")
async def chat(question: Question) -> dict[str, str]:
    """Answer in one piece."""
    return {"answer": await answer(question.conversation_id, question.text, question.order_id)}


@app.post("/chat/stream")
async def chat_stream(question: Question) -> StreamingResponse:
    """Answer word by word."""
    return StreamingResponse(stream_answer(question.conversation_id, question.text), media_type="text/plain")


async def answer(conversation_id: str, text: str, order_id: str | None) -> str:
    """Look up, search, and let the model write; hand over when nothing is found."""
    order = await look_up(order_id) if order_id else None
    articles = await search(text)
    if not articles:
        ticket = await hand_over("out_of_scope", conversation_id, text)
        return f"A colleague will answer you. Your ticket is {ticket['id']}."
    completion = await draft(prompt(text, articles, order))
    return str(completion["choices"][0]["message"]["content"])


async def stream_answer(conversation_id: str, text: str) -> AsyncGenerator[str, None]:
    """Search, and hand on what the model writes; hand over when nothing is found."""
    articles = await search(text)
    if not articles:
        ticket = await hand_over("out_of_scope", conversation_id, text)
        yield f"A colleague will answer you. Your ticket is {ticket['id']}."
        return
    async with aclosing(draft_stream(prompt(text, articles, None))) as chunks:
        async for chunk in chunks:
            for choice in chunk["choices"]:
                yield choice["delta"].get("content", "")


async def look_up(order_id: str) -> dict[str, str]:
    """Read an order."""
    response = await services.get(f"/orders/{order_id}")
    order: dict[str, str] = response.raise_for_status().json()
    return order


async def search(question: str) -> list[dict[str, Any]]:
    """Find articles."""
    response = await services.get("/articles", params={"question": question})
    articles: list[dict[str, Any]] = response.raise_for_status().json()
    return articles


async def draft(messages: list[dict[str, str]]) -> dict[str, Any]:
    """Have the model write an answer."""
    response = await services.post("/v1/chat/completions", json={"model": MODEL, "messages": messages})
    completion: dict[str, Any] = response.raise_for_status().json()
    return completion


async def draft_stream(messages: list[dict[str, str]]) -> AsyncGenerator[dict[str, Any], None]:
    """Have the model write an answer, chunk by chunk."""
    request = {"model": MODEL, "messages": messages, "stream": True, "stream_options": {"include_usage": True}}
    async with services.stream("POST", "/v1/chat/completions", json=request) as response:
        async for line in response.raise_for_status().aiter_lines():
            if line.startswith("data: {"):
                yield json.loads(line.removeprefix("data: "))


async def hand_over(reason: str, conversation_id: str, text: str) -> dict[str, str]:
    """Open a ticket for a colleague."""
    ticket = {"reason": reason, "conversation": conversation_id, "text": text}
    response = await services.post("/tickets", json=ticket)
    opened: dict[str, str] = response.raise_for_status().json()
    return opened


def prompt(text: str, articles: list[dict[str, Any]], order: dict[str, str] | None) -> list[dict[str, str]]:
    """Return the messages for the model."""
    facts = [f"The {order['item']} is {order['status']}."] if order else []
    passages = [article["text"] for article in articles]
    return [
        {"role": "system", "content": "\n".join(["Answer from these facts.", *facts, *passages])},
        {"role": "user", "content": text},
    ]
