"""Spans as an OTLP receiver got them, as trees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

CLOCKS_NS = 5_000_000
"""How far two clocks of one process may be apart: ours is monotonic within a turn, and may be read a moment later."""


class Tree:
    """A span and the spans below it, in order of their start."""

    def __init__(self, span: Any, children: Sequence[Tree]) -> None:
        self.span = span
        self.children = sorted(children, key=lambda child: child.span.start_time_unix_nano)

    def __iter__(self) -> Iterator[Tree]:
        """Yield this tree and all trees in it, parents first."""
        yield self
        for child in self.children:
            yield from child

    def drawn(self, before: str = "", below: str = "") -> str:
        """Return the names of the spans, one a line."""
        text = f"{before}{self.span.name}\n"
        for child in self.children:
            last = child is self.children[-1]
            text += child.drawn(f"{below}{'└─ ' if last else '├─ '}", f"{below}{'   ' if last else '│  '}")
        return text

    def assert_sound(self) -> None:
        """Assert that all spans are of one trace, and each within the time of its parent."""
        for tree in self:
            assert tree.span.trace_id == self.span.trace_id
            assert tree.span.start_time_unix_nano <= tree.span.end_time_unix_nano
            for child in tree.children:
                assert child.span.start_time_unix_nano >= tree.span.start_time_unix_nano - CLOCKS_NS
                assert child.span.end_time_unix_nano <= tree.span.end_time_unix_nano + CLOCKS_NS


def trees(spans: Sequence[Any]) -> list[Tree]:
    """Return the trees that spans make by their parents' ids; a span whose parent is not among them is a root."""
    assert len({span.span_id for span in spans}) == len(spans), "a span arrived twice"
    known = {span.span_id for span in spans}

    def tree(span: Any) -> Tree:
        return Tree(span, [tree(child) for child in spans if child.parent_span_id == span.span_id])

    roots = [span for span in spans if span.parent_span_id not in known]
    return [tree(span) for span in sorted(roots, key=lambda span: span.start_time_unix_nano)]
