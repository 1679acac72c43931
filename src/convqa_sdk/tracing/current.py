"""Which stage is running: one context variable of our own, and the OpenTelemetry context when we join it."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from opentelemetry import context as otel_context
from opentelemetry.context import Context
from opentelemetry.trace import INVALID_SPAN, NonRecordingSpan, set_span_in_context

if TYPE_CHECKING:
    from contextvars import Token

    from convqa_sdk.tracing.stage import Stage
    from convqa_sdk.tracing.turn import Turn

running: ContextVar[Stage | None] = ContextVar("convqa_running_stage", default=None)

_SPAN_KEY = next(iter(set_span_in_context(INVALID_SPAN, Context())))
"""Under which key OpenTelemetry's context holds the span: asked once, because its own functions cost 1 µs a stage."""
_LEFT_OUT_KEY = otel_context.create_key("convqa-left-out-turn")
"""Where a turn that is left out stands: as the span, its invalid context would make roots of foreign children."""

_runtime: Any = otel_context._RUNTIME_CONTEXT  # pyright: ignore[reportPrivateUsage] # reason: behind the public functions, which are called 19 times per turn
_variable: Any = getattr(_runtime, "_current_context", None)
_direct = issubclass(type(_variable), ContextVar)
ambient_context: Callable[[], Context] = _variable.get if _direct else _runtime.get_current
"""OpenTelemetry's current context."""
_attach: Callable[[Context], object] = _variable.set if _direct else _runtime.attach


_put: Callable[[dict[str, object], str, object], None] = dict[str, object].__setitem__
"""A context is closed to assignment, and a second copy of it would cost as much as the first."""


def span_in(context: Context) -> Any:
    """Return the span of a context of OpenTelemetry's, which may be a stage of ours; None without one."""
    return context.get(_SPAN_KEY)


def left_out_in(context: Context) -> Stage | None:
    """Return the left-out turn of a context of OpenTelemetry's; None: there is none, or a recorded one inside it."""
    turn: Any = context.get(_LEFT_OUT_KEY)
    return turn  # type: ignore[no-any-return] # reason: nobody else has the key


def clear(own: type[Stage]) -> None:
    """Make nothing of ours current; `own` tells our spans from others."""
    running.set(None)
    context = ambient_context()
    span = span_in(context)
    if _LEFT_OUT_KEY in context:
        context = _without_left_out(context)
    _attach(_with_span(None, span, context) if isinstance(span, own) else context)


Attachment = tuple["Token[Stage | None]", "Context | None"]
"""What being current has replaced: in our variable, and in OpenTelemetry's context (None: that was left alone)."""


def make_current(stage: Stage, joined: Context | None) -> Attachment:
    """Make a stage current, until `restore`.

    Args:
        stage: The stage.
        joined: OpenTelemetry's current context, where the stage becomes the span; None: not joined.
    """
    token = running.set(stage)
    if joined is not None:
        context = Context(joined)
        _put(context, _SPAN_KEY, stage)
        _attach(context)
    return token, joined


def make_turn_current(turn: Turn, ambient: Context | None) -> Attachment:
    """Make a turn current; in OpenTelemetry's context, one that is left out stands beside the span.

    Args:
        turn: The turn.
        ambient: OpenTelemetry's current context; None: recording is off, and the context is left alone.
    """
    token = running.set(turn)
    if ambient is None:
        return token, None
    if turn.recorder is None or turn.thinned:
        context = Context(ambient)
        _put(context, _LEFT_OUT_KEY, turn)
    elif _LEFT_OUT_KEY in ambient:
        context = _without_left_out(ambient)
    elif turn.joined:
        context = Context(ambient)
    else:
        return token, None
    if turn.joined:
        _put(context, _SPAN_KEY, turn)
    _attach(context)
    return token, ambient


def restore(attachment: Attachment) -> bool:
    """Restore what was current before, or the nearest stage that is still open.

    Returns:
        Whether this is the context of the attachment; in another one nothing of ours was attached.
    """
    token, previous = attachment
    try:
        running.reset(token)
    except (ValueError, RuntimeError):
        return False
    restored = running.get()
    if restored is not None and restored.status:  # blocks in interleaved generators end in any order
        nearest = restored.open_ancestor()
        running.set(nearest)
        if previous is not None and previous.get(_SPAN_KEY) is restored:
            previous = _with_span(nearest, restored, previous)
        elif previous is not None and previous.get(_LEFT_OUT_KEY) is restored:
            previous = _without_left_out(previous)
    if previous is not None:
        _attach(previous)
    return True


def _without_left_out(context: Context) -> Context:
    return Context({key: value for key, value in context.items() if key != _LEFT_OUT_KEY})


def _with_span(nearest: Stage | None, ended: Stage, context: Context) -> Context:
    """Return `context` with the nearest open stage current, else with what the ended one was started in."""
    origin = ended.origin()
    span: Any = nearest
    if span is None:
        span = INVALID_SPAN if origin is None else NonRecordingSpan(origin)
    return set_span_in_context(span, context)
