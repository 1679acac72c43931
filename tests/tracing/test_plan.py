"""What a decorated stage takes from arguments and results, by the contract's names."""

from __future__ import annotations

import functools
import json
from typing import Any

import pytest

import convqa_sdk as convqa
from convqa_sdk.errors import InstrumentationError
from convqa_sdk.tracing import fields as declared

from .conftest import Recorded

PARAMETERS = [
    ("intent_detection", "message", "convqa.message.text"),
    ("retrieval", "query", "gen_ai.retrieval.query.text"),
    ("retrieval", "question", "gen_ai.retrieval.query.text"),
    ("rerank", "query", "gen_ai.retrieval.query.text"),
    ("access_check", "resource", "convqa.access.resource"),
    ("access_check", "action", "convqa.access.action"),
    ("policy_check", "answer", "convqa.answer.text"),
    ("escalation", "queue", "convqa.escalation.queue"),
]


@pytest.mark.parametrize(("kind", "name", "key"), PARAMETERS)
@pytest.mark.parametrize("shape", ["{n}", "other, {n}", "other, *, {n}", "other, *rest, {n}", "other=1, {n}='v'"])
def test_a_parameter_with_a_fields_name_fills_it(spans: Recorded, kind: str, name: str, key: str, shape: str) -> None:
    """Wherever the parameter stands, and whether its value is given or its default, it fills its field."""
    namespace: dict[str, Any] = {}
    exec(f"def fn({shape.format(n=name)}): pass", namespace)
    fn = getattr(convqa, kind)(namespace["fn"])
    calls = [{name: "v"}] if shape == "{n}" else [{"other": 1, name: "v"}]
    if "=" in shape:
        calls.append({})
    for given in calls:
        fn(**given)
    for span in spans.of(kind):
        assert span.attributes[key] == "v"


def test_arguments_by_position_fill_fields(spans: Recorded) -> None:
    """Positional arguments count as well, positional-only ones too."""

    @convqa.access_check
    def check(resource: str, /, action: str, other: int = 1) -> bool:
        return True

    check("order", "read")
    assert spans.value("access_check", "convqa.access.resource") == "order"
    assert spans.value("access_check", "convqa.access.action") == "read"
    assert spans.value("access_check", "convqa.access.decision") == "allow"


@pytest.mark.parametrize("name", ["messages", "prompt"])
def test_a_generation_takes_its_messages(spans: Recorded, name: str) -> None:
    """`messages` or `prompt` become the conventions' messages with parts."""
    namespace: dict[str, Any] = {}
    exec(f"def fn({name}): return 'answer'", namespace)
    decorated = convqa.generation(model="m")(namespace["fn"])
    decorated("hi")
    decorated([{"role": "user", "content": "hi"}])
    for span in spans.of("generation"):
        assert json.loads(span.attributes["gen_ai.input.messages"]) == [
            {"role": "user", "parts": [{"type": "text", "content": "hi"}]}
        ]
        assert json.loads(span.attributes["gen_ai.output.messages"]) == [
            {"role": "assistant", "parts": [{"type": "text", "content": "answer"}]}
        ]


def test_other_parameters_are_ignored(spans: Recorded) -> None:
    """A parameter that no field is named after is not recorded, whatever it holds."""

    @convqa.retrieval(data_source="kb")
    def search(query: str, password: str, message: str) -> list[convqa.Document]:
        return []

    search("q", password="hunter2", message="do not keep")
    assert "hunter2" not in spans.text
    assert "do not keep" not in spans.text


@pytest.mark.parametrize(
    ("decorator", "told"),
    [
        (convqa.tool(nam="look"), "@tool has no field 'nam'; it takes arguments, call_id, name, output, result (see"),
        (convqa.retrieval(fields={"qery": "q"}), "@retrieval has no field 'qery'; it takes confidence, "),
        (convqa.turn("q", acount_id="3"), "@turn has no field 'acount_id'; it takes account_id, "),
    ],
)
def test_a_misspelt_keyword_is_told_at_decoration(decorator: Any, told: str) -> None:
    """A keyword that the stage does not have can never work: the error names it, and those that it has."""
    with pytest.raises(InstrumentationError) as caught:

        @decorator
        def fn(q: str) -> None: ...

    assert str(caught.value).startswith(told)


KINDS = [
    ("intent_detection", declared.IntentFields),
    ("retrieval", declared.RetrievalFields),
    ("rerank", declared.RerankFields),
    ("generation", declared.GenerationFields),
    ("tool", declared.ToolFields),
    ("access_check", declared.AccessCheckFields),
    ("policy_check", declared.PolicyCheckFields),
    ("escalation", declared.EscalationFields),
]


@pytest.mark.parametrize(("kind", "own"), KINDS)
def test_a_decorator_takes_what_a_block_takes(kind: str, own: Any) -> None:
    """Every field of the stage, and every segment of the customer, is a keyword of its decorator."""
    for name in (*own.__annotations__, *declared.SegmentFields.__annotations__):
        getattr(convqa, kind)(**{name: None})(len)


def test_fields_renames_and_a_fixed_value_wins(spans: Recorded) -> None:
    """`fields=` says which parameter fills a field; a value given to the decorator is fixed."""

    @convqa.retrieval(fields={"query": "q", "data_source": "where", "top_k": "k"})
    def search(q: str, where: str, k: int = 5, query: str = "not this") -> list[convqa.Document]:
        return []

    @convqa.policy_check(name="refunds", fields={"name": "label", "answer": "text"})
    def check(text: str, label: str) -> convqa.PolicyResult:
        return convqa.PolicyResult.passed()

    search("find", "kb")
    check("the answer", "not this")
    attributes = spans.attributes("retrieval")
    assert attributes["gen_ai.retrieval.query.text"] == "find"
    assert attributes["gen_ai.data_source.id"] == "kb"
    assert attributes["gen_ai.retrieval.top_k"] == 5
    assert spans.value("policy_check", "convqa.policy.check.name") == "refunds"
    assert spans.value("policy_check", "convqa.answer.text") == "the answer"


class Shop:
    @convqa.tool
    def method(self, order: str, *rest: int, limit: int = 3, **more: Any) -> None: ...

    @convqa.tool
    @classmethod
    def kind(cls, order: str) -> None: ...


def tool_like(order: str, *rest: int, limit: int = 3, **more: Any) -> None:
    """Take every kind of argument."""


CALLS = [
    (convqa.tool(tool_like), ("o-1",), {}, {"order": "o-1", "limit": 3}),
    (convqa.tool(tool_like), ("o-1", 1, 2), {}, {"order": "o-1", "rest": [1, 2], "limit": 3}),
    (convqa.tool(tool_like), ("o-1", 1), {"limit": 5, "x": {"y": [1]}}, {
        "order": "o-1", "rest": [1], "limit": 5, "x": {"y": [1]}}),
    (Shop().method, ("o-1", 1, 2, 3), {"x": 1}, {"order": "o-1", "rest": [1, 2, 3], "limit": 3, "x": 1}),
    (Shop.kind, ("o-1",), {}, {"order": "o-1"}),
    (convqa.tool(lambda self_, cls: None), (1, 2), {}, {"self_": 1, "cls": 2}),
    (convqa.tool(lambda: None), (), {}, {}),
    (convqa.tool(functools.partial(tool_like, "o-1", limit=9)), (1,), {}, {"rest": [1], "limit": 9}),
]  # fmt: skip


@pytest.mark.parametrize(("fn", "args", "kwargs", "expected"), CALLS)
def test_a_tool_records_all_its_arguments_by_name(
    spans: Recorded, fn: Any, args: Any, kwargs: Any, expected: Any
) -> None:
    """A tool's arguments are JSON by name, with defaults and rests, without the instance or class."""
    fn(*args, **kwargs)
    assert json.loads(spans.value("tool", "gen_ai.tool.call.arguments")) == expected


def test_a_tools_arguments_and_output_are_redacted(spans: Recorded) -> None:
    """Arguments and output are content; a raised exception makes the result an error."""

    @convqa.tool
    def lookup(mail: str) -> dict[str, str]:
        if mail == "nobody":
            raise KeyError(mail)
        return {"mail": mail, "state": "open"}

    lookup("jane@example.com")
    with pytest.raises(KeyError):
        lookup("nobody")
    good, bad = (span.attributes for span in spans.of("tool"))
    assert json.loads(good["gen_ai.tool.call.arguments"]) == {"mail": "[EMAIL]"}
    assert json.loads(good["gen_ai.tool.call.result"]) == {"mail": "[EMAIL]", "state": "open"}
    assert (good["convqa.tool.result"], bad["convqa.tool.result"]) == ("ok", "error")


def test_arguments_are_taken_before_the_function_changes_them(spans: Recorded) -> None:
    """What is recorded is what was passed, not what became of it."""

    @convqa.tool
    def consume(items: list[int]) -> None:
        items.clear()

    consume([1, 2])
    assert json.loads(spans.value("tool", "gen_ai.tool.call.arguments")) == {"items": [1, 2]}


def test_results_of_ours_fill_their_stage(spans: Recorded) -> None:
    """`Intent`, documents, `PolicyResult` and `Handoff` fill the fields of their stage, and come back as they are."""
    intent = convqa.Intent("refund", 0.9, risk="high", archetype="status", tier="1", candidates=("a", "b"))
    documents = [convqa.Document("kb-1", "text", 0.8, version="v1"), convqa.Document("kb-2")]
    verdict = convqa.PolicyResult.failed("P-1", severity="P1", policy_class="02")
    handoff = convqa.Handoff("he wants his money", queue="refunds", id="h-1", promises=("soon",))
    assert convqa.intent_detection(lambda: intent)() is intent
    assert convqa.retrieval(lambda: documents)() is documents
    assert convqa.rerank(lambda: tuple(documents))() == tuple(documents)
    assert convqa.policy_check(lambda: verdict)() is verdict
    assert convqa.escalation(lambda: handoff)() is handoff
    attributes = spans.attributes("intent_detection")
    assert attributes["convqa.intent.class"] == "refund"
    assert attributes["convqa.intent.confidence"] == 0.9
    assert attributes["convqa.risk.level"] == "high"
    for kind in ("retrieval", "rerank"):
        assert list(spans.value(kind, "convqa.retrieval.document.ids")) == ["kb-1", "kb-2"]
    assert spans.value("retrieval", "convqa.retrieval.hit") is True
    attributes = spans.attributes("policy_check")
    assert attributes["convqa.policy.check.result"] == "fail"
    assert list(attributes["convqa.policy.violations"]) == ["P-1"]
    attributes = spans.attributes("escalation")
    assert attributes["convqa.escalation.queue"] == "refunds"
    assert attributes["convqa.handoff.summary"] == "he wants his money"


def test_what_is_no_result_of_ours_fills_nothing(spans: Recorded) -> None:
    """Other results leave the stage to `record=` and `set`."""
    convqa.intent_detection(lambda: "refund")()
    convqa.retrieval(lambda: ["text"])()
    convqa.access_check(lambda: 1)()
    assert "convqa.intent.class" not in spans.attributes("intent_detection")
    assert "convqa.retrieval.hit" not in spans.attributes("retrieval")
    assert "convqa.access.decision" not in spans.attributes("access_check")


def test_an_empty_result_is_no_hit(spans: Recorded) -> None:
    """A search that finds nothing says so."""

    @convqa.retrieval(data_source="kb")
    def search() -> list[convqa.Document]:
        return []

    search()
    assert spans.value("retrieval", "convqa.retrieval.hit") is False
    assert list(spans.value("retrieval", "convqa.retrieval.document.ids")) == []


async def test_record_maps_a_result(spans: Recorded) -> None:
    """`record=` maps whatever the function returns to fields, for every kind of function."""
    label = convqa.intent_detection(record=lambda label: {"intent": label["name"], "confidence": label["p"]})

    @label
    def classify() -> dict[str, Any]:
        return {"name": "refund", "p": 0.5}

    @label
    async def aclassify() -> dict[str, Any]:
        return {"name": "refund", "p": 0.5}

    assert classify() == await aclassify()
    for span in spans.of("intent_detection"):
        assert span.attributes["convqa.intent.class"] == "refund"
        assert span.attributes["convqa.intent.confidence"] == 0.5


def test_what_the_bot_sets_stays(spans: Recorded) -> None:
    """The handle's setters win over what was given at the start; `set` and `custom` chain or return nothing."""

    @convqa.tool
    def lookup() -> None:
        convqa.current_stage().set(result="unsupported", call_id="call-1")

    lookup()
    with convqa.intent_detection(intent="first") as stage:
        assert stage.set(intent="second", confidence=1.0) is stage
    assert spans.value("tool", "convqa.tool.result") == "unsupported"
    assert spans.value("intent_detection", "convqa.intent.class") == "second"
