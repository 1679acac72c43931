"""The example of an application that is instrumented already, as Jaeger shows it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from served_example import CONVERSATIONS, converse, listening, served_app, served_services
from span_trees import trees

pytestmark = pytest.mark.backend
pytest.importorskip("backends.jaeger", reason="tests/backends does not know Jaeger")

ANSWERED = """\
POST /chat
├─ POST /chat http receive
├─ turn
│  ├─ execute_tool look_up
│  │  └─ GET
│  ├─ retrieval help-center
│  │  └─ GET
│  └─ chat gpt-4.1
│     └─ POST
├─ POST /chat http send
└─ POST /chat http send
"""


def test_each_request_is_one_tree_in_jaeger(jaeger: Any) -> None:
    """Found by its conversation, a request, its turn, the stages and their HTTP calls are one tree of one service."""
    with (
        listening() as listener,
        served_services() as services,
        served_app("app", listener, services, jaeger.http) as client,
    ):
        list(converse(client, services))
    for conversation in CONVERSATIONS:
        (trace_id,) = jaeger.tagged("support", **{"gen_ai.conversation.id": conversation, "convqa.stage": "turn"})
        (tree,) = trees([as_received(span) for span in jaeger.trace(trace_id).values()])
        tree.assert_sound()
        if conversation == "c-answered":
            assert tree.drawn() == ANSWERED


def as_received(span: Any) -> Any:
    """Return a span as an OTLP receiver names its parts."""
    return SimpleNamespace(
        name=span.name,
        trace_id=span.trace_id,
        span_id=span.span_id,
        parent_span_id=span.parent_id,
        start_time_unix_nano=span.start_ns,
        end_time_unix_nano=span.end_ns,
    )
