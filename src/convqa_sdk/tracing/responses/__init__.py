"""Recognise what an LLM provider returned by its shape; nothing is imported from the providers.

Another provider is one module with a `ResponseReader`, and one entry in `READERS`.
"""

from __future__ import annotations

from convqa_sdk.tracing.responses.anthropic_messages import AnthropicMessages
from convqa_sdk.tracing.responses.bedrock_converse import BedrockConverse
from convqa_sdk.tracing.responses.gemini import Gemini
from convqa_sdk.tracing.responses.langchain import LangChain
from convqa_sdk.tracing.responses.litellm import LiteLLM
from convqa_sdk.tracing.responses.openai_chat import OpenAIChat
from convqa_sdk.tracing.responses.openai_responses import OpenAIResponses
from convqa_sdk.tracing.responses.reader import Accumulator, Fields, ResponseReader
from convqa_sdk.tracing.responses.shapes import PLAIN, is_imitation, node

__all__ = ["READERS", "Accumulator", "Fields", "ResponseReader", "StreamReader", "read_response", "read_snapshot"]

READERS: tuple[ResponseReader, ...] = (
    LiteLLM(),  # before the shapes that it borrows: one look at an attribute tells
    OpenAIChat(),
    AnthropicMessages(),
    OpenAIResponses(),
    BedrockConverse(),
    Gemini(),
    LangChain(),
)
"""The known formats, in the order in which they are tried."""

_OURS = __name__.partition(".")[0] + "."
_PATIENCE = 32  # chunks of no known shape after which a stream is taken for something else


def read_response(value: object) -> Fields | None:
    """Return the fields of a provider's complete response, leaves copied; None when it is not one. Never raises."""
    kind = type(value)
    if kind in PLAIN:
        return None
    try:
        if kind.__module__.startswith(_OURS):
            return None
        for reader in READERS:
            fields = reader.read(value)
            if fields is not None:
                return None if is_imitation(value) else fields
    except Exception:  # noqa: BLE001 - a foreign object's own code may raise anything; the bot must not see it
        return None
    return None


class StreamReader:
    """Reads one provider stream, chunk by chunk; the first recognised chunk decides on the format. Never raises."""

    __slots__ = ("_accumulator", "_patience")

    def __init__(self) -> None:
        self._accumulator: Accumulator | None = None
        self._patience = _PATIENCE

    def add(self, chunk: object) -> None:
        """Take one chunk as it passes by; a chunk of another shape is ignored."""
        try:
            if self._accumulator is not None:
                self._accumulator.add(chunk)
            elif self._patience:
                self._patience -= 1
                self._choose(chunk)
        except Exception:  # noqa: BLE001 - a foreign object's own code may raise anything; the bot must not see it
            return

    def _choose(self, chunk: object) -> None:
        if type(chunk) in PLAIN:
            return
        for reader in READERS:
            accumulator = reader.accumulator()
            if accumulator.add(chunk):
                if not is_imitation(chunk):
                    self._accumulator = accumulator
                return

    def fields(self) -> Fields | None:
        """Return what is known so far; None when no chunk was recognised."""
        try:
            return None if self._accumulator is None else self._accumulator.fields()
        except Exception:  # noqa: BLE001 - parts kept from a foreign object may raise when they are read
            return None


def read_snapshot(stream: object) -> Fields | None:
    """Return the fields of the message that a client's stream helper has put together itself. Never raises.

    For a helper whose text was consumed past the proxy (`stream.text_stream`, `get_final_message()`); None when
    the stream keeps no such message, or has not begun.
    """
    if type(stream) in PLAIN:
        return None
    try:
        found = node(stream)
        snapshots = [found.get(reader.snapshot) for reader in READERS if reader.snapshot is not None]
    except Exception:  # noqa: BLE001 - a foreign object's own code may raise anything; the bot must not see it
        return None
    for snapshot in snapshots:
        fields = read_response(snapshot)
        if fields is not None:
            if "finish_reasons" not in fields:  # cut short: the output was only counted at its beginning
                fields.pop("output_tokens", None)
                fields.pop("reasoning_tokens", None)
            return fields
    return None
