"""Whatever the bot passes, its results and exceptions stay, its span leaves, and what was lost is named."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import MagicMock

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans

import convqa_sdk as convqa
from convqa_sdk.tracing import stages as kinds
from strategies import HOSTILE, Raising, any_text, anything, circular

from .conftest import Make, Recorded, nothing_current

MAKERS: dict[str, Any] = {
    name: getattr(convqa, name)
    for name in (
        "intent_detection",
        "retrieval",
        "rerank",
        "generation",
        "tool",
        "access_check",
        "policy_check",
        "escalation",
    )
}
FIELDS: dict[str, tuple[str, ...]] = {
    "intent_detection": ("message", "intent", "confidence", "candidates", "risk", "archetype", "model"),
    "retrieval": ("query", "documents", "top_k", "hit", "data_source", "kb_built_at", "index_version"),
    "rerank": ("query", "documents", "confidence"),
    "generation": ("model", "messages", "prompt", "output_messages", "response", "input_tokens", "finish_reasons",
                   "cost_usd", "usage", "provider", "response_model", "time_to_first_chunk"),
    "tool": ("name", "result", "call_id", "arguments", "output"),
    "access_check": ("resource", "action", "decision", "fields_exposed"),
    "policy_check": ("name", "answer", "result", "violations", "severity"),
    "escalation": ("reason", "queue", "handoff_id", "summary", "packet_fields", "completeness"),
}  # fmt: skip
TURN_FIELDS = ("message", "account_id", "turn_index", "channel", "answer", "answer_type", "citations", "is_group")
NEVER_FAULTS = {"materialise", "finish", "submit", "attach", "log"}


def complete(spans: Recorded, *stages: str) -> None:
    """One span per stage left, each encodable by the official exporter, in a trace that is whole; nothing raw."""
    assert sorted(span.attributes["convqa.stage"] for span in spans.all) == sorted(stages)
    assert spans.stats.lost == {}
    assert not NEVER_FAULTS & set(spans.stats.faults), spans.stats.faults
    for span in spans.all:
        encode_spans([span])
        json.dumps(dict(span.attributes or {})).encode()
    assert "jane@" not in spans.text
    assert nothing_current()


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("kind", MAKERS)
def test_any_result_is_returned_unchanged(spans: Recorded, kind: str, name: str) -> None:
    """A stage returns the very object that the bot's function returned, whatever it is."""
    value = HOSTILE[name]()
    decorated = MAKERS[kind](lambda: value)
    assert decorated() is value
    complete(spans, kind)
    assert spans.status(kind) == "ok"


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("kind", [*MAKERS, "turn"])
def test_any_value_of_any_field(spans: Recorded, kind: str, name: str) -> None:
    """Every field of every stage takes every value: given at once, by `set`, and as a value of the bot's own."""
    make = MAKERS[kind] if kind != "turn" else lambda **given: convqa.turn("c-1", **given)
    fields = FIELDS[kind] if kind != "turn" else TURN_FIELDS
    value = HOSTILE[name]()
    for field in fields:
        spans.exporter.clear()
        with make(**{field: value}) as stage:
            stage.set(**{field: value})
        complete(spans, kind)
    spans.exporter.clear()
    with make() as stage:
        stage.custom(value=value)
        stage.set_attribute("other", value)
        stage.add_event("event", {"value": value})
    complete(spans, kind)


@pytest.mark.parametrize("name", HOSTILE)
def test_any_argument_of_a_tool(spans: Recorded, name: str) -> None:
    """A tool's arguments of any kind reach the function as they are."""
    value = HOSTILE[name]()
    seen: list[Any] = []
    convqa.tool(lambda *args, **kwargs: seen.append((args, kwargs)))(value, key=value)
    assert seen[0][0][0] is value
    assert seen[0][1]["key"] is value
    complete(spans, "tool")


@pytest.mark.parametrize("name", [name for name in HOSTILE if name != "lambda"])  # a function: a bare `@turn`
@pytest.mark.parametrize("where", ["conversation_id", "message", "session_id", "versions", "previous", "answer"])
def test_any_value_for_a_turn(spans: Recorded, where: str, name: str) -> None:
    """A turn takes anything for its ids, versions and texts; the answer comes back as the same object."""
    value = HOSTILE[name]()
    given = {"conversation_id": "c-1"} if where == "answer" else {"conversation_id": "c-1", where: value}
    with convqa.turn(**given) as turn:
        answer = value if where == "answer" else "x"
        assert turn.answer(answer) is answer
        assert isinstance(str(turn.ref), str)
        with convqa.tool(name="t"):
            pass
    complete(spans, "turn", "tool")
    assert spans.one("tool").parent.span_id == spans.one("turn").context.span_id


@pytest.mark.parametrize("name", HOSTILE)
def test_any_part_of_our_results(spans: Recorded, name: str) -> None:
    """Results of ours validate nothing in the bot, whatever they are made of."""
    value = HOSTILE[name]()
    results: dict[str, Any] = {
        "intent_detection": convqa.Intent(value, confidence=value, candidates=value),
        "retrieval": [convqa.Document(value, text=value, score=value, updated_at=value, version=value)],
        "rerank": (convqa.Document("kb-1", approval=value, canonical=value),),
        "policy_check": convqa.PolicyResult("fail", violations=value, severity=value, text=value),
        "escalation": convqa.Handoff(summary=value, queue=value, id=value, promises=value, account_state=value),
    }
    for kind, result in results.items():
        assert MAKERS[kind](lambda result=result: result)() is result
    complete(spans, *results)


HOSTILE_ERRORS: dict[str, Callable[[], BaseException]] = {
    "raising str": lambda: type("E", (Exception,), {"__str__": lambda self: 1 / 0})(),
    "str that is none": lambda: type("E", (Exception,), {"__str__": lambda self: 5})(),
    "raising repr": lambda: type("E", (Exception,), {"__repr__": lambda self: 1 / 0})(),
    "raising traceback": lambda: type("E", (Exception,), {"__traceback__": property(lambda self: 1 / 0)})(),
    "surrogates": lambda: ValueError("a\ud800b jane@example.com"),
    "8 MB": lambda: ValueError("jane@example.com " * 500_000),
    "module with surrogates": lambda: type("E", (Exception,), {"__module__": "m\udfff"})("x"),
    "name with an address": lambda: type("jane@example.com", (Exception,), {})("x"),
    "odd module": lambda: type("E", (Exception,), {"__module__": 5})("x"),
    "hostile argument": lambda: ValueError(Raising()),
    "system exit": lambda: SystemExit(Raising()),
    "control characters": lambda: ValueError("\x00\x1b[31m\r\n"),
}


@pytest.mark.parametrize("name", HOSTILE_ERRORS)
@pytest.mark.parametrize("way", ["block", "function", "coroutine", "generator"])
def test_any_exception_passes_as_the_same_object(spans: Recorded, name: str, way: str) -> None:
    """A hostile exception passes as the same object; stage and turn are errors, and nothing stays current."""
    error = HOSTILE_ERRORS[name]()

    def fail() -> Any:
        raise error

    async def afail() -> Any:
        raise error

    def stream() -> Iterator[int]:
        yield 1
        raise error

    caught: BaseException | None = None
    try:
        with convqa.turn("c-1", "hi"):
            if way == "block":
                with convqa.tool(name="t"):
                    raise error
            elif way == "function":
                convqa.tool(fail)()
            elif way == "coroutine":
                convqa.tool(afail)().send(None)
            else:
                list(convqa.tool(stream)())
    except BaseException as problem:  # noqa: BLE001 - the hostile one
        caught = problem
    assert caught is error
    complete(spans, "turn", "tool")
    assert spans.status("tool") == spans.status("turn") == "error"
    assert len(spans.one("tool").events) == 1


@pytest.mark.parametrize(
    ("mapper", "named"),
    [
        (lambda result: 1 / 0, "record"),
        (lambda result: result.nothing, "record"),
        (lambda result: 5, "record"),
        (lambda result: None, "record"),
        (lambda result: Raising(), "record"),
        (lambda result: {"no_such_field": 1}, "no_such_field"),
        (lambda result: {"confidence": "high"}, "confidence"),
        (lambda result: {7: 1}, "[WITHHELD]"),
        (lambda result: HOSTILE["hostile dict"](), "record"),
        (lambda result: HOSTILE["endless mapping"](), "k1"),
    ],
)
def test_a_failing_mapper_costs_its_fields_and_is_named(spans: Recorded, mapper: Any, named: str) -> None:
    """A `record=` mapper that raises or returns nonsense costs what it should have filled, by name."""
    assert convqa.intent_detection(record=mapper)(lambda: "x")() == "x"
    complete(spans, "intent_detection")
    assert named in spans.violations("intent_detection")
    assert spans.stats.violations[named] >= 1


def test_unknown_and_invalid_fields_are_named_and_the_rest_leaves(spans: Recorded) -> None:
    """`set` with a misspelt or invalid field: the field is named on the span and counted; the others are kept."""
    with convqa.turn("c-1", "hi") as turn:
        turn.answer("x")
        with convqa.intent_detection() as stage:
            stage.set(confidense=1.0, confidence=7.0, intent="refund")  # type: ignore[call-arg] # reason: on purpose
    attributes = spans.attributes("intent_detection")
    assert attributes["convqa.intent.class"] == "refund"
    assert "convqa.intent.confidence" not in attributes
    assert set(spans.violations("intent_detection")) == {"confidense", "confidence"}
    assert spans.stats.violations == {"confidense": 1, "confidence": 1}


def test_calls_that_python_would_refuse_are_violations(spans: Recorded) -> None:
    """`seal` without a reason or with a misspelt one, `custom` without a name: the bot goes on."""
    with convqa.turn("c-1", "hi") as turn:
        turn.answer("x")
        assert turn.seal() is turn
        turn.seal("incident", "audit").seal(raeson="incident")  # type: ignore[arg-type] # reason: on purpose
        assert turn.custom("x", y=1) is None  # type: ignore[arg-type, func-returns-value] # reason: on purpose
    assert spans.violations("turn") == ("seal", "custom")
    assert spans.value("turn", "convqa.custom.y") == 1


LOSSES: dict[str, tuple[str, Callable[[], Any]]] = {
    "circular": ("output", circular),
    "deep": ("output", HOSTILE["deep"]),
    "8 MB list": ("output", HOSTILE["8 MB list"]),
    "raising class": ("output", HOSTILE["bad metaclass"]),
}


@pytest.mark.parametrize("name", LOSSES)
def test_what_capture_leaves_out_is_named(spans: Recorded, name: str) -> None:
    """Parts that cannot be kept are marked in their place, and the field is named as a violation."""
    field, make = LOSSES[name]
    value = make()
    assert convqa.tool(lambda: value)() is value
    complete(spans, "tool")
    assert field in spans.violations("tool")


def test_a_long_text_keeps_its_length_and_hash(spans: Recorded) -> None:
    """A cut text says how long it was, keeps no half of a secret, and is bounded."""
    text = "word " * 1_600_000 + "jane@example.com"
    with convqa.turn("c-1", text) as turn:
        turn.answer("x")
    attributes = spans.attributes("turn")
    assert attributes["convqa.message.text.original_length"] == len(text)
    assert len(attributes["convqa.message.text"].encode()) <= 65_536
    assert len(attributes["convqa.message.text.sha256"]) == 64


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf], ids=str)
def test_numbers_that_are_none_are_named(spans: Recorded, value: float) -> None:
    """NaN and infinity are no confidence, and no JSON."""
    with convqa.intent_detection(intent="x", confidence=value):
        pass
    assert "confidence" in spans.violations("intent_detection")
    spans.exporter.clear()
    convqa.tool(lambda: {"value": value})()
    json.loads(spans.value("tool", "gen_ai.tool.call.result"), parse_constant=pytest.fail)


IDS = ["", " ", "\x00", "line\nbreak", "\u202e", "x" * 10_000, "\ud800", None, 7, b"c-1", object(), MagicMock()]


def id_of(value: object) -> str:
    """A test id that is the same in every process."""
    return ascii(value)[:12] if isinstance(value, str) else type(value).__name__


@pytest.mark.parametrize("given", IDS, ids=id_of)
def test_any_conversation_id(spans: Recorded, given: Any) -> None:
    """An id that cannot travel becomes a pseudonym, one that is none a violation; stages share it with their turn."""
    with convqa.turn(given, "hi") as turn:
        turn.answer("x")
        with convqa.tool(name="t", result="ok"):
            pass
    complete(spans, "turn", "tool")
    ids = {span.attributes["gen_ai.conversation.id"] for span in spans.all}
    (conversation,) = ids
    assert conversation.isascii()
    assert conversation.isprintable()
    assert 0 < len(conversation) <= 200
    assert ("conversation_id" in spans.violations("turn")) == (not isinstance(given, (str, int)) or not given)
    assert len({span.context.trace_id for span in spans.all}) == 1


@pytest.mark.parametrize("given", ["\x00", "x" * 10_000, "\ud800", "jane@example.com"], ids=id_of)
@pytest.mark.parametrize("field", ["session_id", "account_id", "user_id", "turn_id"])
def test_any_other_id(spans: Recorded, field: str, given: str) -> None:
    """Other ids with control characters, of any length, or personal, leave in a safe form or not at all."""
    with convqa.turn("c-1", "hi", **{field: given}):
        pass
    complete(spans, "turn")
    for value in spans.attributes("turn").values():
        assert given != value


@given(any_text, st.integers(0, 2**128 - 1), st.integers(0, 2**64 - 1))
@example("", 0, 0)
@example("cq1.0.0.x", 1, 1)
def test_a_turn_ref_survives_its_string(conversation: str, trace_id: int, span_id: int) -> None:
    """Every reference is read back from its string, which is safe in URLs, files and columns."""
    ref = convqa.TurnRef(conversation, trace_id, span_id)
    text = str(ref)
    assert convqa.TurnRef.parse(text) == ref
    assert all(letter.isascii() and (letter.isalnum() or letter in "._~%-") for letter in text)


@given(any_text)
def test_no_text_is_a_turn_ref_by_accident(text: str) -> None:
    """A conversation id that is not written like a reference is not taken for one."""
    assert convqa.TurnRef.parse(text) is None
    assert convqa.TurnRef.parse(f"cq1.{text}") is None


# ------------------------------------------------------------------------------------ the pipeline never raises

UNLUCKY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@UNLUCKY
@given(data=st.data())
@pytest.mark.parametrize("kind", [*MAKERS, "turn"])
def test_the_pipeline_never_raises(record: Make, kind: str, data: Any) -> None:
    """Any values in any fields, results, mappers, events and custom values: every span leaves, whole and encodable."""
    spans = record()
    if kind == "turn":
        given_fields = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(TURN_FIELDS, anything)))
        with convqa.turn(data.draw(anything), **given_fields) as turn:
            turn.set(**data.draw(st.dictionaries(any_text, anything, max_size=3)))
            turn.answer(data.draw(anything), type=data.draw(anything))
            turn.custom(**data.draw(st.dictionaries(any_text, anything, max_size=3)))
    else:
        fields = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS[kind], anything)))
        result, more, mapped = data.draw(anything), data.draw(st.dictionaries(any_text, anything)), data.draw(anything)

        def bot() -> Any:
            stage = convqa.current_stage()
            stage.set(**more)
            stage.custom(**more)
            stage.add_event(more and next(iter(more)), more)
            return result

        record_as = data.draw(st.sampled_from([None, lambda _: mapped]))
        options = {} if record_as is None else {"record": record_as}
        assert MAKERS[kind](**fields, **options)(bot)() is result
    complete(spans, kind)


def test_every_field_is_tried() -> None:
    """The lists above name real fields."""
    from convqa_sdk.tracing import fields as declared

    names = {"turn": TURN_FIELDS, **FIELDS}
    classes = {
        "intent_detection": "IntentFields",
        "access_check": "AccessCheckFields",
        "policy_check": "PolicyCheckFields",
    }
    for kind, tried in names.items():
        known = getattr(declared, classes.get(kind, f"{kind.title()}Fields"))
        assert set(tried) <= set(known.__annotations__) | set(declared.DocumentsFields.__annotations__) | set(
            declared.SegmentFields.__annotations__
        )
    assert set(MAKERS) == {kind.kind for kind in (getattr(kinds, name) for name in kinds.__all__)} - {"stage", "turn"}
