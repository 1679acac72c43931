"""Whatever tree of stages a bot runs, however they end: the trace is well formed."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings

import convqa_sdk as convqa
from strategies import Node, trees

from .conftest import Make, nothing_current

STATUS = {"return": "ok", "raise": "error", "cancel": "cancelled", "close": "cancelled"}


class Bad(Exception):
    """The bot's own failure."""


class Run:
    """Runs trees and writes down, independently of the SDK, what the trace has to show."""

    def __init__(self) -> None:
        self.ids = itertools.count(1)
        self.expected: dict[int, tuple[int, str, str]] = {}
        self.leaks: list[str] = []

    def enter(self, node: Node, parent: int) -> int:
        number = next(self.ids)
        generator = node.way.endswith("generator")
        ending = node.ending if generator or node.ending != "close" else "return"
        self.expected[number] = (parent, node.kind, STATUS[ending])
        convqa.current_stage().custom(node=number)
        return number

    @staticmethod
    def leave(node: Node) -> None:
        if node.ending == "raise":
            raise Bad
        if node.ending == "cancel":
            raise asyncio.CancelledError

    def watch(self, parent: Any) -> None:
        if convqa.current_stage() is not parent:
            self.leaks.append("a stage is current in its consumer")

    # ------------------------------------------------------------------------------------------------------- sync

    def sync(self, node: Node, parent: int) -> None:
        make: Callable[..., Any] = getattr(convqa, node.kind)
        way = node.way.removeprefix("async ")
        before = convqa.current_stage()
        try:
            if way == "block":
                with make():
                    self.body(node, parent)
            elif way == "function":
                make(lambda: self.body(node, parent))()
            else:
                stream = make(self.stream)(node, parent)
                for _ in stream:
                    self.watch(before)
                    if node.ending == "close":
                        stream.close()
                        break
        except (Bad, asyncio.CancelledError):
            pass
        self.watch(before)

    def body(self, node: Node, parent: int) -> None:
        number = self.enter(node, parent)
        for child in node.children:
            self.sync(child, number)
        self.leave(node)

    def stream(self, node: Node, parent: int) -> Iterator[int]:
        number = self.enter(node, parent)
        for child in node.children[:2]:
            self.sync(child, number)
        yield 1
        for child in node.children[2:]:
            self.sync(child, number)
        self.leave(node)
        yield 2

    # ------------------------------------------------------------------------------------------------------ async

    async def any(self, node: Node, parent: int) -> None:
        if not node.way.startswith("async"):
            self.sync(node, parent)
            return
        make: Callable[..., Any] = getattr(convqa, node.kind)
        before = convqa.current_stage()
        try:
            if node.way == "async block":
                async with make():
                    await self.abody(node, parent)
            elif node.way == "async function":
                await make(self.abody)(node, parent)
            else:
                stream = make(self.astream)(node, parent)
                async for _ in stream:
                    self.watch(before)
                    await asyncio.sleep(0)
                    if node.ending == "close":
                        await stream.aclose()
                        break
        except (Bad, asyncio.CancelledError):
            pass
        self.watch(before)

    async def children(self, nodes: tuple[Node, ...], parent: int, *, together: bool) -> None:
        if together:
            await asyncio.gather(*(self.any(child, parent) for child in nodes))
            return
        for child in nodes:
            await self.any(child, parent)

    async def abody(self, node: Node, parent: int) -> None:
        number = self.enter(node, parent)
        await self.children(node.children, number, together=node.together)
        self.leave(node)

    async def astream(self, node: Node, parent: int) -> AsyncIterator[int]:
        number = self.enter(node, parent)
        await self.children(node.children[:2], number, together=node.together)
        yield 1
        await self.children(node.children[2:], number, together=node.together)
        self.leave(node)
        yield 2


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(trees)
def test_any_tree_gives_a_well_formed_trace(record: Make, nodes: tuple[Node, ...]) -> None:
    """Each stage ends once with its own status, under its parent, inside its time, in the turn's one trace."""
    spans = record()
    run = Run()

    async def bot() -> None:
        async with convqa.turn("c-1", "hi") as turn:
            turn.answer("x")
            turn.custom(node=0)
            await run.children(nodes, 0, together=False)

    asyncio.run(bot())
    assert nothing_current()
    assert run.leaks == []
    by_node = {span.attributes["convqa.custom.node"]: span for span in spans.all}
    assert len(by_node) == len(spans.all) == len(run.expected) + 1
    turn = by_node.pop(0)
    assert turn.parent is None
    assert turn.attributes["convqa.status"] == "ok"
    by_node_and_turn = {0: turn, **by_node}
    for number, span in by_node.items():
        parent_number, kind, status = run.expected[number]
        parent = by_node_and_turn[parent_number]
        assert (span.attributes["convqa.stage"], span.attributes["convqa.status"]) == (kind, status)
        assert span.context.trace_id == turn.context.trace_id
        assert span.parent.span_id == parent.context.span_id
        assert span.parent.trace_id == turn.context.trace_id
        assert parent.start_time <= span.start_time <= span.end_time <= parent.end_time
        assert span.attributes["gen_ai.conversation.id"] == "c-1"
    assert len({span.context.span_id for span in spans.all}) == len(spans.all)
    assert (spans.stats.recorded, spans.stats.exported, spans.stats.open) == (1, 1, 0)
    assert spans.stats.faults == {}
