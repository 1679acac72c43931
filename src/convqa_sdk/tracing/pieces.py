"""Text that arrives in pieces: a streamed answer, a streamed tool call."""

from __future__ import annotations

MAX_TEXT = 131_072
"""Characters that are kept of any one text."""


class Pieces:
    """Joins pieces until they are longer than a text that is kept; then capture sees that it has to cut."""

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

    def __str__(self) -> str:
        """The text so far."""
        return "".join(self._kept)
