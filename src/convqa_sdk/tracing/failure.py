"""What is kept of an exception: its type, its message and where it came from; never the object or its locals."""

from __future__ import annotations

import traceback
from typing import NamedTuple

from convqa_sdk.tracing.snapshot import CutText, cut

MAX_FRAMES = 64
MAX_MESSAGE = 16_384


class Failure(NamedTuple):
    """An exception as text.

    Attributes:
        type: Class name, with its module unless it is a builtin.
        message: `str(exception)`, empty when that raises.
        frames: Where it was raised; source lines are read on the export thread.
    """

    type: str
    message: str
    frames: traceback.StackSummary

    @classmethod
    def of(cls, error: BaseException) -> Failure:
        """Describe `error` without keeping it alive."""
        try:
            message = cut(str.__str__(str(error)), MAX_MESSAGE)
        except Exception:  # noqa: BLE001 - the bot's own __str__ may raise anything; an interrupt is meant for the bot
            message = ""
        try:
            trace = error.__traceback__  # without the exception, which may run code of the bot's when it is described
            described = traceback.TracebackException(Exception, None, trace, limit=MAX_FRAMES, lookup_lines=False)  # type: ignore[arg-type] # reason: only the frames are used
            frames = described.stack
        except BaseException:  # noqa: BLE001 - the bot's exception class may hide its traceback
            frames = traceback.StackSummary()
        try:
            kind = class_name(type(error))
        except Exception:  # noqa: BLE001 - a metaclass of the bot's may raise anything
            kind = "Exception"
        return cls(kind, message, frames)

    @property
    def size(self) -> int:
        """Bytes held, about."""
        return 200 + len(self.message) + 100 * len(self.frames)

    def stacktrace(self) -> str:
        """Return the trace as Python prints it; it ends with the message, and is cut where that was cut."""
        last = f"{self.type}: {self.message}" if self.message else self.type
        lines = ["Traceback (most recent call last):\n", *self.frames.format(), last]
        text = "".join(lines)
        if not isinstance(self.message, CutText):
            return text + "\n"
        shortened = CutText(text)
        shortened.original_length = len(text) - len(self.message) + self.message.original_length
        return shortened


def class_name(kind: type) -> str:
    """Return a class's name as `error.type` carries it."""
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def is_cancellation(error: BaseException) -> bool:
    """Tell whether `error` means that nobody waits for the result any more.

    Cancellation is recognised by name, so that neither asyncio nor trio is imported for it.
    """
    return issubclass(type(error), (GeneratorExit, KeyboardInterrupt)) or any(
        base.__name__ in ("CancelledError", "Cancelled") for base in type(error).__mro__
    )
