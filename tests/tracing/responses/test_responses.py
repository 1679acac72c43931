"""What is recognised, what is not, and that nothing raises."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import OrderedDict, UserDict, defaultdict, namedtuple
from collections.abc import Callable
from dataclasses import make_dataclass
from enum import Enum
from types import MappingProxyType, SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, MagicMock, Mock, create_autospec

import pytest
from hypothesis import given
from hypothesis import strategies as st
from provider_payloads import (
    ANTHROPIC,
    OPENAI_TEXT,
    WHOLE,
    Equal,
    Raises,
    RaisingDict,
    RaisingList,
    anthropic_messages,
    hostile,
    mutated,
    nested,
    openai_completions,
    splits,
    stream_of,
)

from convqa_sdk.tracing.responses import READERS, StreamReader, read_response, read_snapshot

TYPES = {
    "input_tokens": int,
    "output_tokens": int,
    "cache_read_tokens": int,
    "cache_write_tokens": int,
    "reasoning_tokens": int,
    "response_model": str,
    "response_id": str,
    "provider": str,
    "text": str,
    "cost_source": str,
    "cost_usd": float,
    "finish_reasons": tuple,
    "output_messages": tuple,
}


class Answers:
    """Answers the names of a response as a response does, and all others too."""

    def __getattr__(self, name: str) -> Any:
        return {
            "object": "chat.completion",
            "choices": [],
            "type": "message",
            "role": "assistant",
            "content": [],
            "model": "m",
        }.get(name)


class Chatty(Answers):
    """The same, with a value for all others."""

    def __getattr__(self, name: str) -> Any:
        return super().__getattr__(name) if name in LEAVES else self


class Unequal:
    """Raises when compared, and collides with the names that are looked for."""

    def __eq__(self, other: object) -> bool:
        raise RuntimeError

    def __hash__(self) -> int:
        return hash("current_completion_snapshot")


class Properties:
    """Has every name as a property that raises."""

    @property
    def object(self) -> Any:
        raise RuntimeError

    @property
    def type(self) -> Any:
        raise ValueError

    @property
    def current_message_snapshot(self) -> Any:
        raise AssertionError


class Liar:
    """Raises when its class is asked for."""

    @property
    def __class__(self) -> Any:
        raise RuntimeError


LEAVES: dict[str, Any] = {
    "object": "chat.completion",
    "choices": [MagicMock()],
    "model": "m",
    "type": "message",
    "role": "assistant",
    "content": [],
}


NOT_RESPONSES: dict[str, Any] = {
    "None": None,
    "str": "x",
    "bytes": b"x",
    "int": 1,
    "bool": True,
    "float": 1.0,
    "list": [OPENAI_TEXT],
    "tuple": (),
    "object": object(),
    "class": SimpleNamespace,
    "function": len,
    "empty dict": {},
    "dict": {"answer": "x"},
    "MagicMock": MagicMock(),
    "Mock": Mock(),
    "AsyncMock": AsyncMock(),
    "autospec": create_autospec(Answers),
    "mock with a response's leaves": MagicMock(**LEAVES),
    "the same with a spec": MagicMock(spec=SimpleNamespace(**LEAVES), **LEAVES),
    "answers every name": Chatty(),
    "with nothing": Answers(),
    "equals everything": Equal(),
    "raises": Raises(),
    "properties": Properties(),
    "class raises": Liar(),
    "raising dict": RaisingDict(OPENAI_TEXT | {"choices": RaisingList([1])}),
    "equal in place of a word": OPENAI_TEXT | {"object": Equal()},
    "choices of another type": OPENAI_TEXT | {"choices": "text"},
    "choices missing": {"object": "chat.completion"},
    "chunk": {"object": "chat.completion.chunk", "choices": []},
    "key that equals everything": {Equal(): 1},
    "keys that raise": {Unequal(): 1},
    "bot's own message": {"type": "message", "role": "assistant", "content": "Hi", "model": "m"},
}


ARGUMENTS = ("input", "args")


def rebuilt(value: Any, make: Callable[[dict[str, Any]], Any]) -> Any:
    """Turn nested dicts into something else, but for a tool's input, which is plain data in every client."""
    if type(value) is dict:
        return make({key: child if key in ARGUMENTS else rebuilt(child, make) for key, child in value.items()})
    return [rebuilt(child, make) for child in value] if type(value) is list else value


def as_object(value: Any) -> Any:
    """Objects with attributes."""
    return rebuilt(value, lambda children: SimpleNamespace(**children))


def as_slotted(value: Any) -> Any:
    """Named tuples, which have attributes and no instance dictionary."""
    return rebuilt(value, lambda children: namedtuple("Slotted", children)(**children))


def as_mapping(value: Any) -> Any:
    """Mappings that are no dicts."""
    return rebuilt(value, MappingProxyType)


def check(fields: Any) -> None:
    """Every field has its declared type, tokens fit the wire, and the messages are JSON."""
    if fields is None:
        return
    for name, value in fields.items():
        assert type(value) is TYPES[name], name
        if name.endswith("_tokens"):
            assert 0 <= value < 2**63
    assert all(type(reason) is str for reason in fields.get("finish_reasons", ()))
    assert json.loads(json.dumps(fields["output_messages"], allow_nan=False)) == list(fields["output_messages"])
    assert ("cost_usd" in fields) == ("cost_source" in fields)
    assert fields.get("cost_usd", 1.0) > 0


@pytest.mark.parametrize("name", NOT_RESPONSES)
def test_what_is_not_a_response_is_not_recognised(name: str) -> None:
    """Plain values, mocks, objects that answer or raise everything are None everywhere, and nothing raises."""
    value = NOT_RESPONSES[name]  # by name, because pytest itself cannot hold some of them
    assert read_response(value) is None
    assert read_snapshot(value) is None


@pytest.mark.parametrize("name", [name for name in NOT_RESPONSES if name != "chunk"])
def test_what_is_not_a_chunk_is_not_recognised(name: str) -> None:
    """A stream of anything else has no fields, nor has one of mocks with a chunk's leaves."""
    reader = StreamReader()
    reader.add(NOT_RESPONSES[name])
    reader.add(MagicMock(object="chat.completion.chunk", choices=[]))
    assert reader.fields() is None


@pytest.mark.parametrize("whole", WHOLE.values(), ids=WHOLE)
@pytest.mark.parametrize("form", [as_object, as_slotted, as_mapping, UserDict], ids=lambda form: form.__name__)
def test_any_kind_of_attributes_and_mapping_reads_the_same(whole: Any, form: Any) -> None:
    """Namespaces, slotted objects, mappings that are no dicts: the same names, the same fields."""
    assert read_response(form(whole)) == read_response(whole) is not None


@pytest.mark.parametrize("whole", WHOLE.values(), ids=WHOLE)
def test_words_of_an_enum_are_copied_as_plain_text(whole: Any) -> None:
    """A `str` enum, in which some clients parse, reads as its text."""
    word = Enum("Word", {"object": whole.get("object", "-"), "type": whole.get("type", "-")}, type=str)
    assert read_response({**whole, **{key: word[key] for key in ("object", "type") if key in whole}}) == read_response(
        whole
    )


@pytest.mark.parametrize("whole", WHOLE.values(), ids=WHOLE)
@pytest.mark.parametrize("kind", [RaisingDict, OrderedDict, lambda value: defaultdict(MagicMock, value)])
def test_a_subclass_of_dict_reads_as_the_dict_that_it_is(whole: Any, kind: Any) -> None:
    """What a subclass overrides (even to raise, or to invent missing keys) is not run."""
    assert read_response(rebuilt(whole, kind)) == read_response(whole) is not None


def test_a_list_that_cannot_be_iterated_is_no_list_of_choices() -> None:
    """Code of a foreign object that raises while a chunk or a response is read does not reach the bot."""
    assert read_response(OPENAI_TEXT | {"choices": RaisingList([1])}) is None
    reader = StreamReader()
    chunks = stream_of(OPENAI_TEXT)
    reader.add(chunks[0] | {"choices": RaisingList([1])})
    for chunk in chunks:
        reader.add(chunk)
        reader.add(chunk | {"choices": RaisingList([1])})
    assert reader.fields() == read_response(OPENAI_TEXT)


def test_our_own_types_are_rejected_by_their_module() -> None:
    """A type of this package is no provider's, whatever its fields are called."""
    ours = make_dataclass("Ours", OPENAI_TEXT)(**OPENAI_TEXT)
    assert read_response(ours) is not None
    type(ours).__module__ = "convqa_sdk.tracing.values"
    assert read_response(ours) is None


@pytest.mark.parametrize("leaf", [True, -1, 2**63, 1.5, "12", None, MagicMock(), float("nan")])
def test_a_token_count_of_another_type_is_unknown(leaf: Any) -> None:
    """Only an integer that fits the wire is a count; a bool is none."""
    fields = read_response(OPENAI_TEXT | {"usage": {"prompt_tokens": leaf, "completion_tokens": 3}})
    assert fields is not None
    assert "input_tokens" not in fields
    assert fields["output_tokens"] == 3


def test_a_stream_of_something_else_is_given_up() -> None:
    """After many chunks of no known shape a stream is no longer looked at."""
    reader = StreamReader()
    for _ in range(100):
        reader.add("text")
    for chunk in stream_of(OPENAI_TEXT):
        reader.add(chunk)
    assert reader.fields() is None


def test_keyboard_interrupts_are_not_swallowed() -> None:
    """What is no `Exception` passes through."""

    class Interrupting:
        @property
        def object(self) -> Any:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_response(Interrupting())


def test_every_reader_is_named_once() -> None:
    """The readers' names are distinct."""
    assert len({reader.name for reader in READERS}) == len(READERS)


@pytest.mark.parametrize("name", WHOLE)
def test_every_shape_is_known_by_one_reader_alone(name: str) -> None:
    """No reader takes another's response or chunk for its own, whatever the order in which they are asked."""
    readers = [reader.name for reader in READERS if reader.read(WHOLE[name]) is not None]
    assert len(readers) == 1
    for chunk in stream_of(WHOLE[name]):
        takers = {reader.name for reader in READERS if reader.accumulator().add(chunk)}
        assert takers <= set(readers)


@given(st.sampled_from(sorted(WHOLE)), splits(), st.booleans())
def test_however_a_known_response_is_cut_its_fields_are_the_same(name: str, split: Any, attributes: bool) -> None:
    """Of every provider: a stream cut anywhere, dicts or objects, gives the fields of the complete response."""
    whole = WHOLE[name]
    reader = StreamReader()
    for chunk in stream_of(whole, split):
        reader.add(as_object(chunk) if attributes else chunk)
    assert reader.fields() == read_response(whole)


def test_reading_imports_no_provider_and_no_heavy_library() -> None:
    """Reading a response loads no provider and none of pydantic, OpenTelemetry, structlog and json."""
    paths = [list(sys.modules[name].__path__) for name in ("convqa_sdk", "convqa_sdk.tracing")]
    code = f"""
import sys, types
for name, path in zip(("convqa_sdk", "convqa_sdk.tracing"), {paths!r}):  # without what the parents import
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = path
for name in ("json", "openai", "anthropic", "pydantic", "opentelemetry", "structlog"):
    sys.modules[name] = None
from convqa_sdk.tracing.responses import read_response
assert read_response({OPENAI_TEXT!r})["text"]
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@given(nested | hostile)
def test_no_value_makes_reading_raise(value: Any) -> None:
    """Nested JSON-like values and hostile objects give None or well-formed fields."""
    check(read_response(value))
    check(read_snapshot(value))


@given(st.sampled_from(sorted(WHOLE)).flatmap(lambda name: mutated(WHOLE[name])), st.booleans())
def test_a_damaged_response_never_raises_and_keeps_the_types(payload: Any, as_attributes: bool) -> None:
    """A response with any places replaced or removed gives None or well-formed fields, as a dict or an object."""
    if as_attributes:
        payload = as_object(payload)
    check(read_response(payload))
    check(read_snapshot(SimpleNamespace(current_completion_snapshot=payload, current_message_snapshot=payload)))


@given(st.sampled_from(sorted(WHOLE)).flatmap(lambda name: mutated(stream_of(WHOLE[name]))))
def test_a_damaged_stream_never_raises_and_keeps_the_types(chunks: Any) -> None:
    """A stream with any places of any chunks replaced or removed gives None or well-formed fields."""
    reader = StreamReader()
    for chunk in chunks:
        reader.add(chunk)
    check(reader.fields())


@given(st.lists(nested | hostile, max_size=6))
def test_no_chunk_makes_a_stream_raise(chunks: Any) -> None:
    """Any values as chunks give None or well-formed fields."""
    reader = StreamReader()
    for chunk in chunks:
        reader.add(chunk)
    check(reader.fields())


@given(openai_completions() | anthropic_messages(), splits(), st.booleans())
def test_however_a_response_is_cut_its_fields_are_the_same(whole: Any, split: Any, attributes: bool) -> None:
    """A stream cut anywhere, dicts or objects, gives the fields of the complete response."""
    reader = StreamReader()
    for chunk in stream_of(whole, split):
        reader.add(as_object(chunk) if attributes else chunk)
    assert reader.fields() == read_response(whole)


@given(openai_completions() | anthropic_messages(), splits(), st.integers(0, 40))
def test_a_stream_cut_short_has_a_beginning_of_the_answer(whole: Any, split: Any, length: int) -> None:
    """Whatever number of chunks arrived, the text is a prefix of the complete text."""
    reader = StreamReader()
    for chunk in stream_of(whole, split)[:length]:
        reader.add(chunk)
    fields, complete = reader.fields() or {}, read_response(whole) or {}
    check(reader.fields())
    assert str(complete.get("text", "")).startswith(str(fields.get("text", "")))


@pytest.mark.parametrize("form", [dict, as_object], ids=lambda form: form.__name__)
@pytest.mark.parametrize("whole", [OPENAI_TEXT, ANTHROPIC], ids=["openai", "anthropic"])
def test_a_response_without_the_words_that_name_it_is_known_by_its_leaves(whole: Any, form: Any) -> None:
    """Gateways and stand-ins leave `object`, `type` and `role` out; text, model and tokens prove what it is."""
    unnamed = {key: value for key, value in whole.items() if key not in ("object", "type", "role")}
    fields = read_response(whole)
    assert fields is not None
    del fields["provider"]  # nobody has stated it
    assert read_response(form(unnamed)) == fields


def test_chunks_without_the_word_that_names_them_are_put_together() -> None:
    """The last one carries the usage alone."""
    reader = StreamReader()
    for chunk in (
        {"model": "m", "choices": [{"delta": {"role": "assistant", "content": "Good "}}]},
        {"model": "m", "choices": [{"delta": {"content": "day."}, "finish_reason": "stop"}]},
        {"model": "m", "choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}},
    ):
        reader.add(chunk)
    fields = reader.fields()
    assert fields is not None
    assert (fields["text"], fields["input_tokens"], fields["output_tokens"]) == ("Good day.", 3, 2)
    assert "provider" not in fields


def test_a_usage_alone_does_not_make_a_stream_a_providers() -> None:
    """A bot that ends its own stream of text with a dictionary of tokens keeps its text."""
    reader = StreamReader()
    reader.add({"model": "m", "usage": {"prompt_tokens": 3, "completion_tokens": 5}})
    assert reader.fields() is None


@pytest.mark.parametrize(
    "value",
    [
        {"choices": [{"message": {"content": "Hi"}}]},
        {"model": "m", "choices": ["Hi"]},
        {"model": "m", "choices": []},
        {"model": "m", "content": [{"type": "text", "text": "Hi"}]},
        {"model": "m", "content": ["Hi"], "usage": {"input_tokens": 1}},
        {"model": "m", "content": [], "usage": {"input_tokens": 1}},
    ],
    ids=str,
)
def test_too_few_leaves_prove_nothing(value: Any) -> None:
    """A bot's own dictionary that shares a word with a provider's stays the bot's."""
    assert read_response(value) is None
