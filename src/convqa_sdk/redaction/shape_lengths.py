"""How long the matches of a simple expression can be: literals, classes, groups, alternatives and counted repeats."""

from __future__ import annotations

_NOTHING = frozenset((0,))


def lengths(shape: str) -> frozenset[int]:
    """Return every length that a full match can have.

    Args:
        shape: An expression without `*`, `+`, anchors and escapes; groups are `(?:…)`.

    Returns:
        Counts of characters.

    Raises:
        ValueError: A group is not closed, or one is closed that was never opened.
    """
    found, end = _alternatives(shape, 0)
    if end != len(shape):
        raise ValueError(f"shape {shape!r} closes a group at {end} that it did not open")
    return found


def _alternatives(shape: str, position: int) -> tuple[frozenset[int], int]:
    every: frozenset[int] = frozenset()
    sequence = _NOTHING
    while position < len(shape) and shape[position] != ")":
        if shape[position] == "|":
            every, sequence, position = every | sequence, _NOTHING, position + 1
            continue
        item = frozenset((1,))
        if shape[position] == "(":
            item, position = _alternatives(shape, position + len("(?:"))
            if position >= len(shape):
                raise ValueError(f"shape {shape!r} leaves a group open")
        elif shape[position] == "[":
            position = shape.index("]", position)
        least, most, position = _repeat(shape, position + 1)
        sequence = _sums(sequence, _times(item, least, most))
    return every | sequence, position


def _repeat(shape: str, position: int) -> tuple[int, int, int]:
    if shape[position : position + 1] == "?":
        return 0, 1, position + 1
    if shape[position : position + 1] != "{":
        return 1, 1, position
    end = shape.index("}", position)
    least, _, most = shape[position + 1 : end].partition(",")
    return int(least), int(most or least), end + 1


def _times(item: frozenset[int], least: int, most: int) -> frozenset[int]:
    found: frozenset[int] = frozenset()
    power = _NOTHING
    for count in range(most + 1):
        if count >= least:
            found |= power
        power = _sums(power, item)
    return found


def _sums(left: frozenset[int], right: frozenset[int]) -> frozenset[int]:
    return frozenset(one + other for one in left for other in right)
