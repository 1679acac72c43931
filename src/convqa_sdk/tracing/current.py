"""Which stage is running: one context variable of our own, and the OpenTelemetry context when we join it."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

from opentelemetry import context as otel_context
from opentelemetry.trace import set_span_in_context

if TYPE_CHECKING:
    from contextvars import Token

    from opentelemetry.context import Context

    from convqa_sdk.tracing.stage import Stage

running: ContextVar[Stage | None] = ContextVar("convqa_running_stage", default=None)


class Attachment:
    """A stage being current, from `attach` to `detach`; detaching in another context is silent and changes nothing."""

    __slots__ = ("_previous", "_token")

    def __init__(self, stage: Stage, *, join: bool) -> None:
        self._token: Token[Stage | None] = running.set(stage)
        self._previous: Context | None = None
        if join:
            self._previous = otel_context.get_current()
            otel_context.attach(set_span_in_context(stage, self._previous))

    def detach(self) -> None:
        """Restore what was current before, or the nearest stage that is still open."""
        try:
            running.reset(self._token)
        except (ValueError, RuntimeError):
            return  # collected or closed in another context: there, nothing of ours was attached
        restored = running.get()
        if restored is not None and restored.end_ns:
            running.set(restored.open_ancestor())
        if self._previous is not None:
            otel_context.attach(self._previous)
