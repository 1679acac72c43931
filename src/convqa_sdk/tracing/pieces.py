"""Text that arrives in pieces: a streamed answer, a streamed tool call."""

from __future__ import annotations

from convqa_sdk.tracing.snapshot import CutText

MAX_TEXT = 131_072
"""Characters that are kept of any one text."""


class Pieces:
    """Joins pieces until they are longer than a text that is kept, and counts the rest."""

    __slots__ = ("_kept", "_size")

    def __init__(self) -> None:
        self._kept: list[str] = []
        self._size = 0

    def add(self, piece: str) -> None:
        """Take one piece."""
        if piece and self._size <= MAX_TEXT:
            self._kept.append(piece)
        self._size += len(piece)

    def __bool__(self) -> bool:
        """Whether there is any text."""
        return bool(self._kept)

    def text(self) -> str:
        """Return the text so far, marked as cut where it is not all of it."""
        text = "".join(self._kept)
        if len(text) == self._size:
            return text
        head = CutText(text)
        head.original_length = self._size
        return head
