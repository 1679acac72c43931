"""Cuts a text of any length into pieces that can be searched one by one, and finds the same as in the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, TypeVar

from convqa_sdk.redaction.explaining import Explained
from convqa_sdk.redaction.findings import Finding

PIECE_CHARS: Final = 32_768
AROUND_CHARS: Final = 4_096
"""What is read before and behind a piece, so that a value at its edge is judged like any other."""
MOST_CHARS: Final = 4_194_304
"""A finding that is longer than this is taken to end here."""

F = TypeVar("F", Finding, Explained)


def pieces(chunks: Iterable[str], find: Callable[[str], Sequence[F] | None]) -> Iterator[tuple[str, list[F] | None]]:
    """Yield pieces of a text with what is found in each; None when the search failed.

    A piece ends with a line where it can, and never inside a finding.
    """
    incoming = iter(chunks)
    before, buffer, wanted, ended = "", "", PIECE_CHARS + AROUND_CHARS, False
    while buffer or not ended:
        parts, size = [buffer], len(buffer)
        while size < wanted and not ended:
            chunk = next(incoming, None)
            ended = chunk is None
            parts.append(chunk or "")
            size += len(parts[-1])
        buffer = "".join(parts)
        window = buffer[: max(wanted, PIECE_CHARS + AROUND_CHARS)]
        found = find(before + window)
        own = None if found is None else moved(found, len(before))
        whole = ended and len(window) == len(buffer)
        end = len(window) if whole else _end(window, own or [])
        if not whole and end > len(window) - AROUND_CHARS // 2 and wanted < MOST_CHARS:
            wanted *= 2  # a finding goes on to where the window ends: look further
            continue
        if buffer:
            yield buffer[:end], None if own is None else [each for each in own if each[0] < end]
        before, buffer, wanted = (before + buffer[:end])[-AROUND_CHARS:], buffer[end:], PIECE_CHARS + AROUND_CHARS


def moved(found: Sequence[F], shift: int) -> list[F]:
    """Return findings of a text behind another, with their offsets in it alone."""
    return [each._replace(start=max(0, each[0] - shift), end=each[1] - shift) for each in found if each[1] > shift]


def _end(window: str, found: Sequence[Finding | Explained]) -> int:
    """Return where a piece ends that is followed by others."""
    end = window.rfind("\n", 0, PIECE_CHARS) + 1 or PIECE_CHARS
    for start, stop, *_ in found:
        if start < end < stop:
            end = stop
    return end
