"""A streamed answer: chunks pass through, the turn is current while one is made, and their text becomes the answer."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable
from contextvars import Token
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from convqa_sdk.isolation import fault
from convqa_sdk.tracing.current import running
from convqa_sdk.tracing.pieces import Pieces
from convqa_sdk.tracing.snapshot import is_a

if TYPE_CHECKING:
    from convqa_sdk.tracing.turn import Turn

T = TypeVar("T")


class AsyncChunks(Generic[T]):
    """The iterator of an asynchronous `Turn.stream`.

    Not a generator: one that is left by `break` is finalised later and elsewhere, and until then the rest of the
    turn's block would run outside the turn.
    """

    __slots__ = ("_chunks", "_collected", "_pause", "_paused", "_resume")

    def __init__(
        self,
        chunks: AsyncIterable[T],
        collected: Collected,
        pause: Callable[[], None],
        resume: Callable[[], None],
    ) -> None:
        self._paused: Token[Any] | None = None
        self._collected = collected
        self._pause = pause
        self._resume = resume
        self._chunks = chunks.__aiter__()

    def __aiter__(self) -> AsyncIterator[T]:
        """Return itself."""
        return self

    async def __anext__(self) -> T:
        """Make the turn current for one step."""
        self._paused = None
        self._resume()
        try:
            chunk = await self._chunks.__anext__()
        except BaseException:
            self._collected.done()
            raise
        self._collected.add(chunk)
        self._pause()
        self._paused = running.set(running.get())
        return chunk

    async def aclose(self) -> None:
        """Close the bot's iterator too."""
        self._paused = None
        self._resume()
        try:
            close = getattr(self._chunks, "aclose", None)
            if close is not None:
                await close()
        finally:
            self._collected.done()

    def __del__(self) -> None:
        """Give the block that left the loop its turn back, if this is its context."""
        if self._paused is None:
            return
        try:
            self._collected.done()
            running.reset(self._paused)
            self._resume()
        except ValueError:
            return  # collected in another context, which has nothing to do with the turn
        except Exception as error:  # noqa: BLE001 - also runs while the interpreter shuts down
            fault("collect", error)


class Collected:
    """The text of a streamed answer, which becomes the turn's answer."""

    __slots__ = ("_texts", "_turn")

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._texts = Pieces()

    def add(self, chunk: object) -> None:
        """Take one chunk."""
        self._turn.first_chunk()
        if is_a(chunk, str):  # LangChain's texts are a subclass
            self._texts.add(str.__str__(cast("str", chunk)))

    def done(self) -> None:
        """Make the text the turn's answer, unless the bot said what the answer is."""
        if self._texts and "answer" not in self._turn.values:
            given = {"answer": self._texts.text()}
            if "answer_type" not in self._turn.values:
                given["answer_type"] = "generated"
            self._turn.record(given)
