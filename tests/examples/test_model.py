"""The example's models: the scripted one, and a real client against a local endpoint."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from convqa_sdk.testing import Recording
from support_bot.bot import SupportBot
from support_bot.model import ScriptedModel, compose, model_from_environment, text_of

PROMPT = "Be brief.\n\n* Your order is on its way.\n[a] Lanterns float. Batteries sink.\n[b] Batteries take five hours."


def test_the_scripted_model_answers_from_the_prompt() -> None:
    """Facts come first, then the sentences that share words with the question; the same prompt, the same answer."""
    assert compose(PROMPT, "How long do batteries take?") == (
        "Your order is on its way. Batteries take five hours. Batteries sink."
    )


def test_the_scripted_model_does_not_invent() -> None:
    """Without a fact or a matching sentence it says that it does not know."""
    assert compose("[a] Lanterns float.", "Who won the election?") == "I am sorry, I do not know that."


def test_the_scripted_model_streams_openai_chunks() -> None:
    """Chunks carry the text, then the finish reason, then the usage without a choice."""

    async def chunks() -> list[Any]:
        messages = [{"role": "system", "content": PROMPT}, {"role": "user", "content": "batteries"}]
        return [chunk async for chunk in ScriptedModel(pause_s=0.0).stream(messages)]  # type: ignore[arg-type] # reason: plain dicts

    *text, finish, usage = asyncio.run(chunks())
    assert "".join(map(text_of, text)).startswith("Your order is on its way. ")
    assert finish.choices[0].finish_reason == "stop"
    assert usage.choices == ()
    assert usage.usage.completion_tokens > 0


class Endpoint(BaseHTTPRequestHandler):
    """Streams three chunks in OpenAI's wire format."""

    def do_POST(self) -> None:
        """Answer any request."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        common = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "tiny-2026"}
        for piece in (
            {"choices": [{"index": 0, "delta": {"role": "assistant", "content": "Six to "}, "finish_reason": None}]},
            {"choices": [{"index": 0, "delta": {"content": "nine days."}, "finish_reason": "stop"}]},
            {"choices": [], "usage": {"prompt_tokens": 210, "completion_tokens": 5, "total_tokens": 215}},
        ):
            self.wfile.write(f"data: {json.dumps({**common, **piece})}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture
def endpoint() -> Iterator[str]:
    """Address of a local OpenAI-compatible endpoint."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()
    thread.join()


def test_any_openai_endpoint_by_environment(
    endpoint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, convqa_spans: Recording
) -> None:
    """With SUPPORT_BOT_MODEL set, the real client's own stream is read: text, model, tokens."""
    pytest.importorskip("openai")
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint)
    monkeypatch.setenv("SUPPORT_BOT_MODEL", "tiny")
    bot = SupportBot(model_from_environment(), tickets=tmp_path / "tickets.jsonl")
    assert asyncio.run(bot.reply("c-1", "How long does delivery to Norway take?")) == "Six to nine days."
    generation = convqa_spans.turn("c-1").stage_spans("generation")[0]
    assert generation["gen_ai.request.model"] == "tiny"
    assert generation["gen_ai.response.model"] == "tiny-2026"
    assert generation["gen_ai.usage.input_tokens"] == 210


def test_the_scripted_model_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """An API key alone never makes the example spend money."""
    monkeypatch.delenv("SUPPORT_BOT_MODEL", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    assert isinstance(model_from_environment(), ScriptedModel)
