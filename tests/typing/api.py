"""The public API as two strict type checkers see it; nothing here runs.

`mypy` warns about an ignore that is not needed and `pyright` about one that is not, so each ignore below asserts that
its line is an error.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SpanExporter, SpanExportResult
from typing_extensions import assert_type

import convqa_sdk as convqa
from convqa_sdk.redaction import RedactionPolicy
from convqa_sdk.signals import Claimed, overreach
from convqa_sdk.testing import RecordedSpan, RecordedTurn, Recording, recording

# ------------------------------------------------------------------------------------------- functions of each kind


@convqa.intent_detection
def classify(message: str, /, *, strict: bool = False) -> convqa.Intent:
    return convqa.Intent("refund", 0.9)


@convqa.retrieval(data_source="kb")
async def search(question: str, k: int = 3) -> list[convqa.Document]:
    return []


@convqa.generation(model="m")
def draft(messages: list[dict[str, str]]) -> Iterator[str]:
    yield "x"


@convqa.generation
async def adraft(messages: str) -> AsyncIterator[bytes]:
    yield b"x"


@convqa.tool(name="talk")
def talk(order: str) -> Generator[int, str, float]:
    yield 1
    return 1.0


@convqa.tool
def generic(*args: int, **kwargs: str) -> dict[str, int]:
    return {}


assert_type(classify("x", strict=True), convqa.Intent)
assert_type(draft([{}]), Iterator[str])
assert_type(adraft("x"), AsyncIterator[bytes])
assert_type(talk("o"), Generator[int, str, float])
assert_type(generic(1, 2, a="b"), dict[str, int])

kept: Callable[[str, int], Awaitable[list[convqa.Document]]] = search

classify(message="x")  # type: ignore[call-arg] # pyright: ignore[reportCallIssue] # reason: positional-only
classify(1)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] # reason: the parameter is a str
talk()  # type: ignore[call-arg] # pyright: ignore[reportCallIssue] # reason: an argument is missing


async def awaited() -> None:
    assert_type(await search("q", k=1), list[convqa.Document])
    await search(1)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] # reason: the parameter is a str
    async for chunk in adraft("x"):
        assert_type(chunk, bytes)


# ----------------------------------------------------------------------------------------------------------- methods


class Bot:
    @convqa.tool
    def method(self, order: str) -> int:
        return 1

    @convqa.tool(name="lookup")
    async def amethod(self, order: str) -> int:
        return 1

    @classmethod
    @convqa.tool
    def inner_class(cls, order: str) -> Bot:
        return cls()

    @staticmethod
    @convqa.policy_check(name="refunds")
    def inner_static(answer: str) -> convqa.PolicyResult:
        return convqa.PolicyResult.passed()

    @convqa.tool
    @classmethod
    def outer_class(cls, order: str) -> Bot:
        return cls()

    @convqa.access_check(resource="order")
    @staticmethod
    def outer_static(action: str) -> bool:
        return True

    @convqa.turn(conversation_id="conversation", message="text", channel="web")
    def reply(self, conversation: str, text: str) -> str:
        return text


bot = Bot()
assert_type(bot.method("o"), int)
assert_type(Bot.method(bot, "o"), int)
assert_type(Bot.inner_class("o"), Bot)
assert_type(bot.inner_class("o"), Bot)
assert_type(Bot.inner_static("a"), convqa.PolicyResult)
assert_type(Bot.outer_class("o"), Bot)
assert_type(bot.outer_class("o"), Bot)
assert_type(Bot.outer_static("read"), bool)
assert_type(bot.outer_static("read"), bool)
assert_type(bot.reply("c-1", text="hi"), str)

bot.method(1)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] # reason: the parameter is a str
Bot.outer_class(1)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] # reason: the parameter is a str
bot.reply("c-1")  # type: ignore[call-arg] # pyright: ignore[reportCallIssue] # reason: an argument is missing


# ------------------------------------------------------------------------------------------------------------ blocks


def blocks() -> None:
    with convqa.turn("c-1", "hi", account_id="a-1", versions=convqa.Versions(model="m")) as turn:
        assert_type(turn, convqa.stages.Turn)
        assert_type(turn.answer("x", type="grounded"), str)
        assert_type(turn.ref, convqa.TurnRef)
        assert_type(turn.set(channel="web"), convqa.stages.Turn)
        turn.answer("x", type="great")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] # reason: no such type
        with convqa.intent_detection(message="hi") as intent:
            assert_type(intent, convqa.stages.Intent)
            assert_type(intent.set(confidence=0.5, risk="low"), convqa.stages.Intent)
            intent.set(confidense=0.5)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue] # reason: misspelt
            intent.set(confidence="high")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] # reason: a number
            intent.set(risk="huge")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] # reason: no such level
        with convqa.retrieval(data_source="kb", start_time=1, end_time=datetime.now()) as found:
            assert_type(found, convqa.stages.Retrieval)
            found.set(documents=[convqa.Document("kb-1", "text", 0.8)], hit=True)
        with convqa.rerank() as reranked, convqa.generation(model="m") as generated, convqa.tool(name="t") as tool:
            assert_type(reranked, convqa.stages.Rerank)
            assert_type(generated, convqa.stages.Generation)
            assert_type(tool, convqa.stages.Tool)
            tool.custom(anything=object())
        with convqa.access_check() as access, convqa.policy_check() as policy, convqa.escalation() as escalation:
            assert_type(access, convqa.stages.AccessCheck)
            convqa.expose(fields=["email"], resource="crm")
            convqa.expose({"email": 1})
            convqa.expose([7])  # type: ignore[list-item] # pyright: ignore[reportArgumentType] # reason: names are texts
            assert_type(turn.seal("incident"), convqa.stages.Turn)
            assert_type(policy, convqa.stages.PolicyCheck)
            assert_type(escalation, convqa.stages.Escalation)
    convqa.retrieval(data_sauce="kb")  # type: ignore[call-overload] # pyright: ignore[reportCallIssue] # reason: misspelt
    convqa.turn("c-1", "hi", chanel="web")  # type: ignore[call-arg] # pyright: ignore[reportCallIssue] # reason: misspelt


async def async_blocks() -> None:
    async with convqa.turn("c-1", "hi") as turn, convqa.retrieval() as found:
        assert_type(turn, convqa.stages.Turn)
        assert_type(found, convqa.stages.Retrieval)
        async for chunk in turn.stream(adraft("x")):
            assert_type(chunk, bytes)
        for part in turn.stream(["a", "b"]):
            assert_type(part, str)


# ---------------------------------------------------------------------------------------- outcomes, packets, archetypes


def handed_over(text: str) -> None:
    packet = convqa.Handoff.from_turn(summary="s", promises=(), account_state={"order": 1})
    assert_type(packet, convqa.Handoff)
    assert_type(packet.to_fields(), dict[str, Any])
    assert_type(packet.to_text(), str)
    assert_type(convqa.Handoff.from_text(text), convqa.Handoff | None)
    assert_type(packet.redacted(RedactionPolicy()).completeness, float)
    convqa.Handoff.from_turn(sumary="s")  # type: ignore[call-arg] # pyright: ignore[reportCallIssue] # reason: misspelt
    packet.summary = "x"  # type: ignore[misc] # pyright: ignore[reportAttributeAccessIssue] # reason: frozen


def judged(ref: convqa.TurnRef, when: datetime) -> None:
    assert_type(convqa.record_csat(ref, 4, kind="delayed", asked_at=when, observed_at=when, id="s-1"), str)
    convqa.record_csat(ref, 4, kind="late")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] # reason: no such kind
    convqa.record_reopen(ref, observed="x")  # type: ignore[call-arg] # pyright: ignore[reportCallIssue] # reason: misspelt


def archetypes(intents: list[str | None]) -> None:
    known = convqa.ArchetypeMap.load("archetypes.yaml")
    assert_type(known, convqa.ArchetypeMap)
    found = known.archetype_of(intents)
    assert_type(found.archetype, str)
    assert_type(known.may_optimise_deflection(found.archetype), bool)
    assert_type(convqa.configure(archetypes=known), convqa.Sdk)
    convqa.configure(archetypes="archetypes.yaml")
    convqa.configure(archetypes=7)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] # reason: no map


# ------------------------------------------------------------------------------------------------------- current ones

assert_type(convqa.current_stage(convqa.stages.Intent), convqa.stages.Intent)
assert_type(convqa.current_stage(), Any)
assert_type(convqa.current_turn(), convqa.stages.Turn)
convqa.current_stage(convqa.stages.Intent).set(hit=True)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue] # reason: a field of another stage
convqa.current_stage().set(anything=1)


# ------------------------------------------------------------------------------------------------- around and after it

carried = convqa.carry(classify)
assert_type(carried("x", strict=False), convqa.Intent)
carried(1)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] # reason: the parameter is a str

with convqa.Executor(2) as pool:
    assert_type(pool.submit(classify, "x").result(), convqa.Intent)

headers: dict[str, str] = {}
convqa.inject(headers)
with convqa.extract(headers):
    pass

assert_type(convqa.record_feedback("c-1", thumbs="up"), str)
convqa.record_feedback("c-1", thumbs="sideways")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] # reason: no such thumb
assert_type(convqa.TurnRef.parse("x"), convqa.TurnRef | None)
assert_type(convqa.PolicyResult.failed("P-1", severity="P1").ok, bool)

guard = convqa.Guard(convqa.GuardPlan(owner="ops"), flags=lambda: False, archetypes="archetypes.yaml", threads=False)
decision = guard.decide("order_status", confidence=0.9)
assert_type(decision.may_deflect, bool)
guard.decide(convqa.Intent("order_late"))
guard.decide(7)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] # reason: no issue
assert_type(guard.answer(decision, "draft", rules=lambda: None, human="a colleague"), str)
guard.observe("sales", 1)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] # reason: no such metric
convqa.record_change("guard", version="7", state="off")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] # reason: no such state

exporter: SpanExporter = convqa.RedactingExporter(ConsoleSpanExporter(), RedactionPolicy(), key="k" * 32)
assert_type(exporter.export([]), SpanExportResult)
convqa.RedactingExporter("otlp")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] # reason: no exporter


# ------------------------------------------------------------------------------------------------------ a bot's tests


def test_with_the_fixture(convqa_spans: Recording) -> None:
    assert_type(convqa_spans.turn("c-1"), RecordedTurn)
    assert_type(convqa_spans.turn("c-1").stage_spans("tool"), list[RecordedSpan])
    assert_type(convqa_spans.outcomes("feedback"), list[RecordedSpan])
    assert_type(convqa_spans.turn("c-1").stages, list[str])
    convqa_spans.turn(1)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] # reason: an id is a str


with recording() as spans:
    assert_type(spans, Recording)

# ------------------------------------------------------------------------------------------------ checks of answers


def judge(answer: str, documents: Sequence[convqa.Document]) -> list[str]:
    return []


book = convqa.PolicyBook.load("policy.yaml")
assert_type(book, convqa.PolicyBook)
for violation in book.check("x", tools_succeeded=["issue_refund"], passages=[convqa.Document("kb-1")], language="de"):
    assert_type(violation.span, tuple[int, int])
    assert_type(violation.expected, str | None)

answer_check = convqa.AnswerCheck(
    book,
    on_violation="rewrite",
    template=lambda answer, codes: f"{answer}{codes}",
    disallowed_personal_data=("EMAIL",),
    unsupported_claims=judge,
    brand_terms=("x", re.compile("y")),
    toxicity=lambda answer: 0.5,
    min_confidence=0.5,
)
verdict = answer_check("x")
assert_type(verdict, convqa.PolicyResult)
assert_type(verdict.escalate, Literal["low_confidence", "policy"] | None)
assert_type(overreach("x", ["t"], {"refund": "t"}), tuple[Claimed, ...])
convqa.AnswerCheck(None, on_error="block", on_violation="record", unsupported_claims=True)

convqa.AnswerCheck()  # type: ignore[call-arg] # pyright: ignore[reportCallIssue] # reason: it says whether there is a book
convqa.AnswerCheck(None, on_violation="drop")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] # reason: block, rewrite or record
convqa.AnswerCheck("policy.yaml")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] # reason: load it
answer_check(5)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] # reason: an answer is a str
