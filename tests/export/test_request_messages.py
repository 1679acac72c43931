"""What the providers' own clients take as messages, as parts on the wire."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import convqa_sdk as convqa
from convqa_sdk.export.request_messages import parts_of
from convqa_sdk.testing import recording
from convqa_sdk.tracing.snapshot import Snapshot


def written(key: str, **fields: Any) -> Any:
    """What stands on a generation that was given these fields."""
    with recording() as spans:
        with convqa.turn("c-1", "Hi") as turn:
            with convqa.generation(model="m") as stage:
                stage.set(**fields)
            turn.answer("x")
        return json.loads(spans.turn("c-1").stage_spans("generation")[0][key])


def text(role: str, content: str) -> dict[str, Any]:
    """A message of one text."""
    return {"role": role, "parts": [{"type": "text", "content": content}]}


def test_messages_of_langchain_become_parts() -> None:
    """Its own classes, a call in two places counted once, and a prompt that holds messages."""
    messages = pytest.importorskip("langchain_core.messages", reason="langchain-core is not installed")
    prompts = pytest.importorskip("langchain_core.prompt_values")
    block = {"type": "tool_use", "id": "1", "name": "f", "input": {"a": 1}}
    call = {"name": "f", "args": {"a": 1}, "id": "1"}
    asked = [
        messages.SystemMessage("Be kind."),
        messages.HumanMessage([{"type": "text", "text": "Hi"}], name="Jo"),
        messages.AIMessage(content=[{"type": "text", "text": "One moment."}, block], tool_calls=[call]),
        messages.ToolMessage("ok", tool_call_id="1"),
    ]
    expected = [
        text("system", "Be kind."),
        text("user", "Hi") | {"name": "Jo"},
        {
            "role": "assistant",
            "parts": [
                {"type": "text", "content": "One moment."},
                {"type": "tool_call", "id": "1", "name": "f", "arguments": {"a": 1}},
            ],
        },
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "1", "response": "ok"}]},
    ]
    assert written("gen_ai.input.messages", messages=asked) == expected
    assert written("gen_ai.input.messages", messages=messages.messages_to_dict(asked)) == expected
    assert written("gen_ai.input.messages", prompt=prompts.ChatPromptValue(messages=asked)) == expected
    assert written("gen_ai.input.messages", prompt=prompts.StringPromptValue(text="Hi")) == [text("user", "Hi")]
    assert written("gen_ai.system_instructions", system_instructions=asked[0]) == [
        {"type": "text", "content": "Be kind."}
    ]


def test_contents_of_gemini_become_parts() -> None:
    """Its own classes, one content or several, parts alone, and system instructions."""
    types = pytest.importorskip("google.genai.types", reason="google-genai is not installed")
    call = types.Part.from_function_call(name="f", args={"a": 1})
    answer = types.Part.from_function_response(name="f", response={"b": 2})
    picture = types.Part.from_bytes(data=b"123", mime_type="image/png")
    contents = [
        types.Content(role="user", parts=[types.Part(text="Hi"), picture]),
        types.Content(role="model", parts=[call]),
        types.Content(role="user", parts=[answer]),
    ]
    sent = written("gen_ai.input.messages", messages=contents)
    assert [message["role"] for message in sent] == ["user", "assistant", "user"]
    assert sent[0]["parts"][0] == {"type": "text", "content": "Hi"}
    assert sent[0]["parts"][1]["type"] == "inline_data"
    assert sent[0]["parts"][1]["inline_data"]["data"] == "<3 bytes>"
    assert sent[1]["parts"] == [{"type": "tool_call", "id": None, "name": "f", "arguments": {"a": 1}}]
    assert sent[2]["parts"] == [{"type": "tool_call_response", "id": None, "response": {"b": 2}, "name": "f"}]
    assert written("gen_ai.input.messages", messages=types.Part(text="Hi")) == [text("user", "Hi")]
    assert written("gen_ai.input.messages", messages=contents[1])[0]["parts"] == sent[1]["parts"]
    kind = types.Part(text="Be kind.")
    for said in (types.Content(parts=[kind]), kind, [{"text": "Be kind."}], "Be kind."):
        assert written("gen_ai.system_instructions", system_instructions=said) == [
            {"type": "text", "content": "Be kind."}
        ]


words = st.sampled_from(["ai", "human", "tool", "tool_use", "text", "function_call", "model"])
keys = st.sampled_from(
    ["type", "role", "content", "parts", "text", "thought", "tool_calls", "tool_call_id", "args", "data", "lc"]
) | st.sampled_from(["kwargs", "messages", "toolUse", "toolResult", "reasoningContent", "functionCall"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=15,
)


@given(values, st.booleans())
def test_nothing_that_was_captured_makes_it_raise(given_messages: Any, role: bool) -> None:
    """Whatever the bot gives as messages, in whatever shape, comes out as something that JSON can say."""
    for shape in (given_messages, [given_messages], [{"role": "user", "content": [given_messages]}]):
        json.dumps(parts_of(Snapshot(1_000).take(shape), role=role))


@given(values)
def test_messages_in_the_conventions_form_stay(given_messages: Any) -> None:
    """What was converted once is not changed by being converted again."""
    once = parts_of(Snapshot(1_000).take([given_messages]), role=True)
    assert parts_of(once, role=True) == once
