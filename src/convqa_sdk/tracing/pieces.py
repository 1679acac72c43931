"""Text that arrives in pieces: a streamed answer, a streamed tool call."""

from __future__ import annotations

from convqa_sdk.tracing.snapshot import TOO_LARGE, CutText

MAX_TEXT = 131_072
"""Characters that are kept of any one text."""
MAX_STREAM = 4 * MAX_TEXT
"""Characters that are kept of all texts of one stream, as many as a snapshot takes."""


class Room:
    """What is left for all texts of one stream together.

    Attributes:
        left: Characters.
    """

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MAX_STREAM


class Pieces:
    """Joins pieces until they are longer than a text that is kept, and counts the rest.

    Args:
        room: What the text shares with others; None: it is the only one.
    """

    __slots__ = ("_kept", "_room", "_size")

    def __init__(self, room: Room | None = None) -> None:
        self._kept: list[str] = []
        self._room = Room() if room is None else room
        self._size = 0

    def add(self, piece: str) -> None:
        """Take one piece."""
        size = len(piece)
        if size and self._size <= MAX_TEXT and self._room.left >= 0:
            kept = piece if size <= MAX_TEXT else piece[: MAX_TEXT + 1]
            self._kept.append(kept)
            self._room.left -= len(kept)
        self._size += size

    def __bool__(self) -> bool:
        """Whether there is any text."""
        return bool(self._kept)

    def text(self) -> str:
        """Return the text so far, marked as cut where it is not all of it; a marker where there was room for none."""
        text = "".join(self._kept)
        if len(text) == self._size:
            return text
        head = CutText(text or TOO_LARGE)
        head.original_length = self._size
        return head
