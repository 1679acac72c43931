"""A stage that lasts as long as a stream: current around each step, ended exactly once, whatever ends the stream."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from convqa_sdk.isolation import fault
from convqa_sdk.tracing.pieces import Pieces
from convqa_sdk.tracing.responses import StreamReader, read_snapshot
from convqa_sdk.tracing.snapshot import is_a
from convqa_sdk.tracing.stage import Stage

if TYPE_CHECKING:
    from convqa_sdk.tracing.wrapping import Plan

R = TypeVar("R")


class Following:
    """Follows one stream on behalf of a stage; without a stage it only passes steps through."""

    __slots__ = ("_plan", "_reader", "_stage", "_texts")

    def __init__(self, plan: Plan, stage: Stage | None) -> None:
        self._plan = plan
        self._stage = stage
        self._reader: StreamReader | None = None
        self._texts = Pieces()

    def step(self, call: Callable[..., R], *args: Any, **kwargs: Any) -> R:
        """Run one step of the bot's with the stage current."""
        stage = self._stage
        if stage is None:
            return call(*args, **kwargs)
        stage.attach()
        try:
            return call(*args, **kwargs)
        finally:
            stage.detach()

    async def step_async(self, step: Awaitable[R]) -> R:
        """Await one step of the bot's with the stage current."""
        stage = self._stage
        if stage is None:
            return await step
        stage.attach()
        try:
            return await step
        finally:
            stage.detach()

    def chunk(self, item: object) -> None:
        """Look at a chunk as it passes by; never raises."""
        stage = self._stage
        if stage is None or stage.recorder is None:
            return
        try:
            stage.first_chunk()
            if is_a(item, str):  # LangChain's texts are a subclass
                self._texts.add(str.__str__(cast("str", item)))
            elif stage.kind == "generation":
                if self._reader is None:
                    self._reader = StreamReader()
                self._reader.add(item)
        except Exception as error:  # noqa: BLE001 - decision 8
            fault("stream", error)

    def done(self, result: object) -> None:
        """End the stage after exhaustion."""
        if self._stage is not None:
            self._collect(result)
            self._stage.finish(end=self._plan.end_time)

    def failed(self, error: BaseException) -> None:
        """End the stage after an exception, a cancellation or an early close; what was seen is kept."""
        if self._stage is not None:
            self._collect(None)
            self._stage.finish(error)

    def closed(self, source: object = None) -> None:
        """End the stage of a stream that was closed before its end."""
        stage = self._stage
        if stage is not None and not stage.end_ns:
            self._collect(None, source)
            complete = "finish_reasons" in stage.values  # read to its end by a method of the provider's own
            stage.finish(status="ok" if complete else "cancelled", end=self._plan.end_time)

    def exhausted(self, source: object) -> None:
        """End the stage of a provider's stream object after its last chunk."""
        if self._stage is not None and not self._stage.end_ns:
            self._collect(None, source)
            self._stage.finish(end=self._plan.end_time)

    def _collect(self, result: object, source: object = None) -> None:
        stage = self._stage
        if stage is None or stage.recorder is None or stage.end_ns:
            return
        try:
            seen = self._reader.fields() if self._reader is not None else None
            if seen is None and source is not None:
                seen = read_snapshot(source)
            if seen is not None and self._plan.record is None:
                seen.pop("text", None)
                stage.record(seen)
            elif self._texts:
                self._plan.fill(stage, self._texts.text())
            elif result is not None:
                self._plan.fill(stage, result)
        except Exception as error:  # noqa: BLE001 - decision 8
            fault("stream", error)
