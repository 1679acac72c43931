"""The language model behind an interface: a scripted one that needs no network, and any OpenAI-compatible endpoint."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypedDict

from support_bot.knowledge import words_of


class Message(TypedDict):
    """One message of a prompt."""

    role: Literal["system", "user", "assistant"]
    content: str


class Model(Protocol):
    """A model that streams chat completion chunks of OpenAI's shape.

    Attributes:
        name: The model's name, as the provider knows it.
    """

    name: str

    def stream(self, messages: Sequence[Message]) -> AsyncGenerator[Any, None]:
        """Yield chunks of the answer; the last one carries the usage and no text."""
        ...


def text_of(chunk: Any) -> str:
    """Return the text of a chunk, empty for the first and the last one."""
    return (chunk.choices[0].delta.content or "") if chunk.choices else ""


class OpenAIModel:
    """A model behind any OpenAI-compatible endpoint; the client reads `OPENAI_API_KEY` and `OPENAI_BASE_URL`."""

    def __init__(self, name: str) -> None:
        from openai import AsyncOpenAI

        self.name = name
        self._client = AsyncOpenAI()

    async def stream(self, messages: Sequence[Message]) -> AsyncGenerator[Any, None]:
        """Yield the provider's own chunks."""
        request: Any = {"model": self.name, "messages": list(messages), "temperature": 0}
        async with await self._client.chat.completions.create(
            **request, stream=True, stream_options={"include_usage": True}
        ) as chunks:
            async for chunk in chunks:
                yield chunk


def model_from_environment() -> Model:
    """Return the model that `SUPPORT_BOT_MODEL` names, the scripted one when it is not set."""
    name = os.environ.get("SUPPORT_BOT_MODEL", "").strip()
    return OpenAIModel(name) if name else ScriptedModel()


# ------------------------------------------------------------------------------------------------ the scripted model


@dataclass(frozen=True)
class Delta:
    """Text of a chunk."""

    content: str | None


@dataclass(frozen=True)
class Choice:
    """The one choice of a chunk."""

    delta: Delta
    finish_reason: str | None = None
    index: int = 0


@dataclass(frozen=True)
class Usage:
    """Tokens of a completion."""

    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True)
class Chunk:
    """A chat completion chunk with the attributes of OpenAI's."""

    model: str
    choices: tuple[Choice, ...]
    usage: Usage | None = None
    id: str = "chatcmpl-scripted"
    object: str = "chat.completion.chunk"


class ScriptedModel:
    """Answers from the prompt alone: the facts in it, then the sentences closest to the question. Deterministic.

    Args:
        pause_s: Time before each chunk, in seconds, so that streaming can be watched.
    """

    name = "scripted-1"

    def __init__(self, pause_s: float = 0.002) -> None:
        self._pause_s = pause_s

    async def stream(self, messages: Sequence[Message]) -> AsyncGenerator[Any, None]:
        """Yield the answer word by word, then the usage."""
        answer = compose(messages[0]["content"], messages[-1]["content"])
        words = re.findall(r"\S+\s*", answer)
        for word in words:
            await asyncio.sleep(self._pause_s)
            yield Chunk(self.name, (Choice(Delta(word)),))
        yield Chunk(self.name, (Choice(Delta(None), "stop"),))
        prompt = sum(len(message["content"].split()) for message in messages)
        yield Chunk(self.name, (), Usage(prompt * 4 // 3, len(words) * 4 // 3))


def compose(instructions: str, question: str) -> str:
    """Return the answer to a question from the facts (`* …`) and passages (`[id] …`) of the instructions."""
    facts = re.findall(r"^\* (.+)$", instructions, re.MULTILINE)
    passages = re.findall(r"^\[[\w-]+\] (.+)$", instructions, re.MULTILINE)
    wanted = words_of(question)
    sentences = [sentence for passage in passages for sentence in re.split(r"(?<=[.!?]) ", passage)]
    ranked = sorted(sentences, key=lambda sentence: -len(wanted & words_of(sentence)))  # stable: ties keep their order
    chosen = [sentence for sentence in ranked[:2] if wanted & words_of(sentence)]
    return " ".join([*facts, *chosen]) or "I am sorry, I do not know that."
