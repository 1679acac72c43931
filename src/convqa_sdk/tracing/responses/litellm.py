"""LiteLLM's responses: OpenAI's shapes, and beside them, in a private attribute, who answered and what it cost.

Their dicts have lost that attribute, and read as OpenAI's.
"""

from __future__ import annotations

from convqa_sdk.tracing.responses.messages import put_cost
from convqa_sdk.tracing.responses.openai_chat import OpenAIChat, OpenAIChatStream
from convqa_sdk.tracing.responses.openai_responses import OpenAIResponses
from convqa_sdk.tracing.responses.provider_names import provider_name
from convqa_sdk.tracing.responses.reader import Fields
from convqa_sdk.tracing.responses.shapes import Node, count, leaf, node, private, put, text

__all__ = ["LiteLLM", "LiteLLMStream"]

_HIDDEN = "_hidden_params"
_CHAT = OpenAIChat()
_RESPONSES = OpenAIResponses()


class LiteLLM:
    """Reads `ModelResponse`, and what `litellm.responses()` returns."""

    name = "litellm"
    snapshot = None

    def read(self, value: object) -> Fields | None:
        """Return the fields of a response, or None."""
        if type(value) is dict or (given := private(value, _HIDDEN)) is None:
            return None
        fields = _CHAT.read(value) or _RESPONSES.read(value)
        if fields is None:
            return None
        _refine(fields, node(given), node(value).get("usage"))
        return fields

    def accumulator(self) -> LiteLLMStream:
        """Return a fresh accumulator of chunks."""
        return LiteLLMStream()


class LiteLLMStream:
    """Joins `ModelResponseStream` chunks; the cost stands on the last one."""

    __slots__ = ("_chunks", "_hidden", "_usage")

    def __init__(self) -> None:
        self._chunks: OpenAIChatStream | None = None  # made late: the first chunk of every stream is shown to us
        self._hidden: Node = {}
        self._usage: object = None

    def add(self, chunk: object) -> bool:
        """Take one chunk."""
        given = private(chunk, _HIDDEN)
        if given is None:
            return False
        if self._chunks is None:
            self._chunks = OpenAIChatStream()
        if not self._chunks.add(chunk):
            return False
        hidden = node(given)
        if _provider(hidden) is not None:
            self._hidden = hidden
        usage = node(chunk).get("usage")
        if usage is not None:
            self._usage = usage
        return True

    def fields(self) -> Fields:
        """Return the fields of the completion as far as it arrived."""
        fields: Fields = {} if self._chunks is None else self._chunks.fields()
        _refine(fields, self._hidden, self._usage)
        return fields


def _refine(fields: Fields, hidden: Node, usage: object) -> None:
    """Say whose model it was, for the shape is everybody's, and what LiteLLM says it cost."""
    fields.pop("provider", None)
    put(fields, "provider", provider_name(_provider(hidden)))
    put_cost(fields, hidden.get("response_cost"))
    if usage is not None and "cache_write_tokens" not in fields:  # as Anthropic names it, for Anthropic and Bedrock
        put(fields, "cache_write_tokens", count(leaf(usage, "cache_creation_input_tokens")))


def _provider(hidden: Node) -> str | None:
    """Return LiteLLM's name of the provider: stated, or before the model's name as the bot asked for it."""
    stated = text(hidden.get("custom_llm_provider"))
    if stated is not None:
        return stated
    before, slash, _ = (text(hidden.get("litellm_model_name")) or "").partition("/")
    return before if slash and before else None
