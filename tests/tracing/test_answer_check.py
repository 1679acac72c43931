"""The ready-made check of answers: its span, its verdicts, what it reads of the turn, and its faults."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import convqa_sdk as convqa
from convqa_sdk import isolation, signals
from convqa_sdk.errors import ConfigurationError
from convqa_sdk.signals.policy_book import PolicyBook
from convqa_sdk.tracing.answer_check import MOST_CHECKED, REFUSAL, AnswerCheck

from .conftest import Recorded

BOOK = PolicyBook.from_yaml(
    """
version: acme-7
facts:
  refund_window: 30 days
  warranty_term: 2 years
  contact_email: help@acme.example
  contact_phone: +1 800 555 0142
capabilities:
  refund: issue_refund
"""
)
RIGHT, WRONG = "You can return it within 30 days.", "You can return it within 60 days."
CANONICAL = convqa.Document("kb-1", "Returns are possible for 30 days.", canonical=True)


@convqa.retrieval(data_source="kb")
def search(*documents: convqa.Document) -> list[convqa.Document]:
    """Find these documents."""
    return list(documents)


@convqa.tool
def issue_refund(fail: bool = False) -> str:
    """Succeed or fail."""
    if fail:
        raise RuntimeError("no")
    return "done"


def test_a_right_answer_passes(spans: Recorded) -> None:
    """The verdict is `pass`, and the stage says which check and which version of the book."""
    check = AnswerCheck(BOOK, name="refunds")
    with convqa.turn("c-1", "hi"):
        verdict = check(RIGHT)
    assert verdict == convqa.PolicyResult.passed()
    attributes = spans.attributes("policy_check")
    assert attributes["convqa.policy.check.name"] == "refunds"
    assert attributes["convqa.policy.check.result"] == "pass"
    assert attributes["convqa.policy.version"] == "acme-7"
    assert spans.violations("policy_check") == ()


def test_a_wrong_answer_is_blocked(spans: Recorded) -> None:
    """The gravest violation gives severity and class; the verdict proposes a refusal and says why to escalate."""
    with convqa.turn("c-1", "hi"):
        verdict = AnswerCheck(BOOK)(f"The warranty is 5 years. {WRONG}")
    assert not verdict.ok
    assert verdict == convqa.PolicyResult(
        "block", ("02.warranty_term", "01.refund_window"), "P0", "01", None, "policy", REFUSAL
    )
    attributes = spans.attributes("policy_check")
    assert attributes["convqa.policy.check.result"] == "block"
    assert list(attributes["convqa.policy.violations"]) == ["02.warranty_term", "01.refund_window"]
    assert (attributes["convqa.policy.severity"], attributes["convqa.policy.class"]) == ("P0", "01")


def test_a_wrong_answer_is_only_recorded(spans: Recorded) -> None:
    """With `record` the verdict is `fail`, and nothing is asked of the bot."""
    with convqa.turn("c-1", "hi"):
        verdict = AnswerCheck(BOOK, on_violation="record")(WRONG)
    assert (verdict.result, verdict.escalate, verdict.refusal) == ("fail", None, None)
    assert spans.value("policy_check", "convqa.policy.check.result") == "fail"


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("Let me check that.", "Let me check that."),
        ("[{violations}] {answer}", f"[01.refund_window] {WRONG}"),
        (lambda answer, codes: f"{len(answer)} {codes}", f"{len(WRONG)} ('01.refund_window',)"),
    ],
)
def test_a_wrong_answer_is_rewritten(spans: Recorded, template: Any, text: str) -> None:
    """The template gets the answer and the codes."""
    with convqa.turn("c-1", "hi"):
        verdict = AnswerCheck(BOOK, on_violation="rewrite", template=template)(WRONG)
    assert (verdict.result, verdict.text, verdict.violations) == ("rewrite", text, ("01.refund_window",))
    assert spans.value("policy_check", "convqa.policy.check.result") == "rewrite"


def test_terms_need_what_the_turn_retrieved(spans: Recorded) -> None:
    """A right term without a canonical passage among the turn's documents is refused and escalated."""
    check = AnswerCheck(BOOK)
    with convqa.turn("c-1", "hi"):
        assert check(RIGHT).ok
        search(convqa.Document("kb-2", "Returns are possible for 30 days."))
        verdict = check(RIGHT)
        assert (verdict.violations, verdict.escalate, verdict.refusal) == (
            ("01.unsupported_term",),
            "low_confidence",
            REFUSAL,
        )
        search(CANONICAL)
        assert check(RIGHT).ok
        assert check(RIGHT, documents=[]).violations == ("01.unsupported_term",)


def test_nothing_retrieved_may_mean_nothing_to_quote(spans: Recorded) -> None:
    """With `require_passages` a turn without any retrieval supports no term."""
    with convqa.turn("c-1", "hi"):
        assert AnswerCheck(BOOK, require_passages=True)(RIGHT).violations == ("01.unsupported_term",)
        assert AnswerCheck(BOOK, require_passages=True)("Hello!").ok


def test_an_unsure_retrieval_is_escalated(spans: Recorded) -> None:
    """The confidence is the last one that a retrieval or rerank of the turn told; rewriting keeps the escalation."""
    check = AnswerCheck(BOOK, min_confidence=0.5, on_violation="rewrite", template="Let me check.")
    with convqa.turn("c-1", "hi"):
        with convqa.retrieval(data_source="kb") as stage:
            stage.set(documents=[CANONICAL], confidence=0.3)
        verdict = check(RIGHT)
        assert (verdict.result, verdict.escalate, verdict.text) == ("rewrite", "low_confidence", "Let me check.")
        assert check(RIGHT, retrieval_confidence=0.6).ok
        with convqa.rerank() as reranked:
            reranked.set(documents=[CANONICAL], confidence=0.8)
        assert check(RIGHT).ok


def test_claims_need_the_tools_of_the_turn(spans: Recorded) -> None:
    """A tool that failed, or that says it failed, proves nothing; one that succeeded does."""
    check = AnswerCheck(BOOK)
    said = "I have refunded you."
    with convqa.turn("c-1", "hi"):
        assert check(said).violations == ("04.refund",)
        with pytest.raises(RuntimeError):
            issue_refund(fail=True)
        with convqa.tool(name="issue_refund") as stage:
            stage.set(result="error")
        assert check(said).violations == ("04.refund",)
        issue_refund()
        assert check(said).ok


def test_tools_of_earlier_turns_count(spans: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the conversation's state knows of earlier turns proves claims; where it is lost, claims are not judged."""
    check = AnswerCheck(BOOK)
    with convqa.turn("c-1", "hi") as turn:
        known: list[Any] = [("issue_refund",), (), None]
        monkeypatch.setattr(type(turn), "tools_succeeded_before", lambda self: known[0], raising=False)
        assert check("I have refunded you.").ok
        known.pop(0)
        assert check("I have refunded you.").violations == ("04.refund",)
        known.pop(0)
        assert check("I have refunded you.").ok


def test_outside_a_recorded_turn_claims_are_judged_by_what_is_given() -> None:
    """What is not recorded is unknown: a claim of a done action is judged only when the caller names the tools."""
    check = AnswerCheck(BOOK)
    assert check(WRONG).violations == ("01.refund_window",)
    assert check("I have refunded you.").ok
    assert check("I have refunded you.", tools_succeeded=[]).violations == ("04.refund",)
    with convqa.turn("c-1", "hi"):
        assert check("I have refunded you.").ok


def test_personal_data(spans: Recorded) -> None:
    """A class that is not allowed is a violation; the company's own contact routes are no personal data."""
    check = AnswerCheck(BOOK, disallowed_personal_data=("EMAIL", "PHONE", "CREDIT_CARD"))
    with convqa.turn("c-1", "hi"):
        assert check("Write to help@acme.example or call +1 800 555 0142.").ok
        verdict = check("Jane's card is 4111 1111 1111 1111, and jane@mail.example her address.")
        assert verdict.violations == ("personal_data.credit_card", "personal_data.email")
        assert (verdict.severity, verdict.policy_class) == ("P0", None)
        assert AnswerCheck(BOOK, disallowed_personal_data=("IBAN",))("jane@mail.example").ok


def test_brand_terms(spans: Recorded) -> None:
    """Words are found whole and in any case; a pattern as it is, also where two pieces of the text meet."""
    check = AnswerCheck(None, brand_terms=("Rival Corp", "sue", re.compile("guarant[a-z]+ cure")))
    with convqa.turn("c-1", "hi"):
        for text in ("Go to RIVAL CORP.", "Then sue!", "x" * 1_993 + "guaranteed cure"):
            assert check(text).violations == ("brand_risk",), text
        for text in ("Pursue it.", "An issue.", "rival corporation"):
            assert check(text).ok, text


@pytest.mark.parametrize(
    ("score", "toxic"), [(True, True), (False, False), (0.5, True), (0.49, False), (0, False), (1, True)]
)
def test_toxicity(score: Any, toxic: bool) -> None:
    """A callable says whether, or how much."""
    verdict = AnswerCheck(None, toxicity=lambda answer: score)("x")
    assert verdict.violations == (("toxicity",) if toxic else ())


def test_unsupported_claims(spans: Recorded) -> None:
    """A callable gets answer and documents; what it returns is what is unsupported, and escalates."""
    seen: list[Any] = []

    def judge(answer: str, documents: Any) -> list[str]:
        seen.append((answer, tuple(documents)))
        return ["claim"] if answer == "wrong" else []

    check = AnswerCheck(None, unsupported_claims=judge)
    with convqa.turn("c-1", "hi"):
        assert check("wrong").ok
        search(CANONICAL)
        assert check("right").ok
        verdict = check("wrong")
    assert (verdict.violations, verdict.escalate, verdict.severity) == (("unsupported_claim",), "low_confidence", "P1")
    assert seen == [("right", (CANONICAL,)), ("wrong", (CANONICAL,))]


@pytest.mark.skipif(not hasattr(signals, "grounding"), reason="signals.grounding is not here yet")
def test_unsupported_claims_by_the_built_in_floor(spans: Recorded) -> None:
    """True holds the answer against the turn's documents."""
    check = AnswerCheck(None, unsupported_claims=True)
    with convqa.turn("c-1", "hi"):
        search(CANONICAL)
        assert check("Returns are possible for 30 days.").ok
        assert check("The moon is made of French cheese.").violations == ("unsupported_claim",)


PROMISING = PolicyBook.from_yaml(
    """
version: 1
facts:
  refund_window: 30 days
  opening_hours: [Mon-Fri 08:00-20:00, Sat 09:00-17:00]
  contact_email: help@acme.example
capabilities: {refund: {tool: money_out}}
never: {compensation: [compensation]}
"""
)


@pytest.mark.parametrize(
    ("answer", "supported"),
    [
        ("I've refunded you.", True),
        ("I've refunded 50 EUR to your card.", True),
        ("I've refunded 60 EUR to your card.", False),
        ("I've cancelled your order.", False),
        ("The parcel of Jane is at the depot.", True),
        ("The parcel of Jane is at the airport.", False),
        ("Unfortunately we cannot offer compensation.", True),
        ("We are open Monday to Friday from 8 am to 8 pm and Saturday 9 to 5.", True),
        ("You can return it within 30 days.", True),
        ("You can return up to 12 laptops within 30 days.", False),
        ("Write to help@acme.example for that.", True),
        ("The moon is made of French cheese.", False),
    ],
)
def test_what_the_book_says_or_a_tool_proves_is_supported(spans: Recorded, answer: str, supported: bool) -> None:
    """Documents, outputs of the turn's tools, the book and tools that succeeded support a claim, with its numbers."""
    check = AnswerCheck(PROMISING, unsupported_claims=True)
    with convqa.turn("c-1", "hi"):
        search(convqa.Document("kb-1", "Goods are sent back for 30 days.", canonical=True))
        with convqa.tool(name="money_out", arguments={"amount": 50.0}) as refund:
            refund.set(output={"ok": True})
        with convqa.tool(name="get_parcel") as parcel:
            parcel.set(output="The parcel of Jane is at the depot.")
        assert ("unsupported_claim" not in check(answer).violations) is supported


def test_a_judge_gets_what_tools_gave(spans: Recorded) -> None:
    """Outputs come behind the documents, as text; none where a tool gave nothing, and any object breaks nothing."""
    seen: list[Any] = []
    loop: list[Any] = [{(1, 2): float("nan")}]
    loop.append(loop)
    with convqa.turn("c-1", "hi"):
        search(CANONICAL)
        for output in ("done", {"a": 1}, None, object(), loop):
            with convqa.tool(name="look") as stage:
                stage.set(output=output)
        AnswerCheck(None, unsupported_claims=lambda answer, documents: seen.extend(documents))("x")
    assert len(seen) == 5
    assert [(each.id, each.text) for each in seen[:3]] == [
        ("kb-1", CANONICAL.text), ("tool:look:0", "done"), ("tool:look:1", '{"a": 1}')
    ]  # fmt: skip


@pytest.mark.parametrize("on_error", ["pass", "block"])
def test_a_fault_is_told_on_the_span_and_never_raised(spans: Recorded, on_error: Any) -> None:
    """A callable that raises gives `error` on the span, and what the caller chose as the verdict."""
    check = AnswerCheck(BOOK, toxicity=lambda answer: 1 / 0 > 0, on_error=on_error)
    with convqa.turn("c-1", "hi"):
        verdict = check(RIGHT)
    assert verdict.ok is (on_error == "pass")
    assert (verdict.refusal, verdict.escalate) == ((None, None) if verdict.ok else (REFUSAL, "policy"))
    assert spans.value("policy_check", "convqa.policy.check.result") == "error"
    assert spans.status("policy_check") == "ok"
    assert isolation.faults()["answer_check"] == 1


def test_a_fault_of_one_check_hides_no_finding_of_another(spans: Recorded) -> None:
    """What the book finds counts, although another check failed."""
    with convqa.turn("c-1", "hi"):
        assert AnswerCheck(BOOK, toxicity=lambda answer: 1 / 0 > 0)(WRONG).violations == ("01.refund_window",)


@pytest.mark.parametrize("given", [b"x", None, 5, object()])
def test_what_is_no_answer_is_a_fault(spans: Recorded, given: Any) -> None:
    """No type of answer raises."""
    with convqa.turn("c-1", "hi"):
        assert AnswerCheck(BOOK, brand_terms=("x",))(given).ok
    assert spans.value("policy_check", "convqa.policy.check.result") == "error"


@pytest.mark.parametrize("on_error", ["pass", "block"])
@pytest.mark.parametrize("options", [{}, {"toxicity": lambda answer: 0.0}])
def test_what_is_no_answer_is_checked_by_nothing(spans: Recorded, options: dict[str, Any], on_error: Any) -> None:
    """Also where no check would have minded: it is an error, and decided by `on_error`."""
    with convqa.turn("c-1", "hi"):
        verdict = AnswerCheck(None, on_error=on_error, **options)(5)  # type: ignore[arg-type]
    assert verdict.ok is (on_error == "pass")
    assert spans.value("policy_check", "convqa.policy.check.result") == "error"


@pytest.mark.parametrize(
    "wrong",
    [
        {"documents": 5},
        {"documents": "kb-1"},
        {"retrieval_confidence": "high"},
        {"retrieval_confidence": float("nan")},
        {"tools_succeeded": 5},
        {"tools_succeeded": "issue_refund"},
        {"tools_succeeded": [None]},
        {"language": 5},
        {"language": ["en"]},
    ],
)
@pytest.mark.parametrize("on_error", ["pass", "block"])
def test_one_wrong_argument_turns_no_check_off(spans: Recorded, wrong: dict[str, Any], on_error: Any) -> None:
    """All checks run, their findings count, and without any it is an error that is decided by `on_error`."""
    check = AnswerCheck(
        BOOK, brand_terms=("damn",), disallowed_personal_data=("EMAIL",), min_confidence=0.1, on_error=on_error
    )
    with convqa.turn("c-1", "hi"):
        verdict = check(f"damn {WRONG} jane@mail.example", **wrong)
        right = check("Hello!", **wrong)
    assert verdict.result == "block"
    assert set(verdict.violations) == {"01.refund_window", "personal_data.email", "brand_risk"}
    assert right.ok is (on_error == "pass")
    results = [(span.attributes or {})["convqa.policy.check.result"] for span in spans.of("policy_check")]
    assert results == ["block", "error"]


def test_a_toxicity_that_is_no_number_is_a_fault(spans: Recorded) -> None:
    """NaN is neither above nor below a threshold."""
    with convqa.turn("c-1", "hi"):
        verdict = AnswerCheck(None, toxicity=lambda answer: float("nan"), on_error="block")("x")
    assert not verdict.ok
    assert spans.value("policy_check", "convqa.policy.check.result") == "error"


@pytest.mark.parametrize("options", [{"on_violation": "record"}, {"on_violation": "rewrite", "template": "{answer}"}])
def test_what_was_found_beside_a_fault_is_blocked_where_faults_block(options: dict[str, Any]) -> None:
    """A harmless finding does not let out what another check could not judge."""
    faulty: dict[str, Any] = {"toxicity": lambda answer: 1 / 0 > 0, "brand_terms": ("x",), **options}
    verdict = AnswerCheck(None, on_error="block", **faulty)("x")
    assert (verdict.result, verdict.violations) == ("block", ("brand_risk",))
    assert AnswerCheck(None, **faulty)("x").result in ("fail", "rewrite")


def test_a_long_answer_is_checked_to_a_bound_and_told() -> None:
    """The first 20,000 characters are checked by all; that there are more is a violation, for nothing knows them."""
    seen: list[int] = []

    def toxicity(answer: str) -> float:
        seen.append(len(answer))
        return 0.0

    check = AnswerCheck(BOOK, brand_terms=("damn",), toxicity=toxicity)
    filler = "Hello there. " * 2_000
    assert check(filler[:MOST_CHECKED]).ok
    verdict = check(filler[:MOST_CHECKED] + "x")
    assert (verdict.result, verdict.violations, verdict.severity) == ("block", ("too_long",), "P2")
    assert verdict.escalate == "policy"
    assert check(f"damn {WRONG} {filler}").violations == ("too_long", "01.refund_window", "brand_risk")
    assert check(f"{filler} damn").violations == ("too_long",)
    assert max(seen) == MOST_CHECKED


def raising(answer: str, codes: tuple[str, ...]) -> str:
    """Fail as a template of the bot's may."""
    raise ValueError(answer)


@pytest.mark.parametrize("on_error", ["pass", "block"])
@pytest.mark.parametrize("template", [raising, lambda answer, codes: None, lambda answer, codes: b"x"])
def test_a_template_that_fails_lets_no_wrong_answer_pass(spans: Recorded, template: Any, on_error: Any) -> None:
    """What is known to be wrong is blocked, with its codes, whatever faults give else; the fault is counted."""
    with convqa.turn("c-1", "hi"):
        verdict = AnswerCheck(BOOK, on_violation="rewrite", template=template, on_error=on_error)(WRONG)
    assert verdict == convqa.PolicyResult("block", ("01.refund_window",), "P0", "01", None, "policy", REFUSAL)
    assert spans.value("policy_check", "convqa.policy.check.result") == "block"
    assert spans.violations("policy_check") == ()
    assert isolation.faults()["answer_check"] == 1


@pytest.mark.parametrize(
    ("given", "answer", "escalate"),
    [
        ({}, RIGHT, "low_confidence"),
        ({}, f"{RIGHT} I have refunded you.", "policy"),
        ({}, f"{RIGHT} The warranty is 5 years.", "policy"),
        ({"on_violation": "record"}, f"{RIGHT} The warranty is 5 years.", "policy"),
        ({"on_violation": "record"}, "The warranty is 5 years.", None),
    ],
)
def test_what_is_wrong_is_escalated_as_policy_also_beside_what_is_unsupported(
    given: dict[str, Any], answer: str, escalate: str | None
) -> None:
    """Low confidence is the reason only where nothing else was found."""
    verdict = AnswerCheck(BOOK, **given)(answer, documents=[], tools_succeeded=[])
    assert verdict.escalate == escalate


def test_the_language_may_be_given() -> None:
    """Outside a turn, and in a turn without one, the caller says which language the answer has."""
    said = "Die Garantie beträgt 3 Jahre."
    assert AnswerCheck(BOOK)(said).ok
    assert AnswerCheck(BOOK)(said, language="de").violations == ("02.warranty_term",)


def test_a_book_is_a_book() -> None:
    """A path, or anything else that is no book, is refused with what to give."""
    with pytest.raises(ConfigurationError, match=r"book: got str; give a PolicyBook, such as PolicyBook\.load"):
        AnswerCheck("policy.yaml")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"on_violation": "drop"}, "on_violation: got 'drop'; give one of block, rewrite, record"),
        ({"on_error": "raise"}, "on_error: got 'raise'; give one of pass, block"),
        ({"on_violation": "rewrite"}, "template: give one"),
        ({"template": "x"}, "template: give one"),
        ({"on_violation": "rewrite", "template": "{name}"}, "it may name {answer} and {violations}"),
        ({"on_violation": "rewrite", "template": "{answer.__class__}"}, "it may name {answer} and {violations}"),
        ({"on_violation": "rewrite", "template": "{"}, "it may name {answer} and {violations}"),
        ({"on_violation": "rewrite", "template": 5}, "template: got int"),
        ({"min_confidence": 50}, "min_confidence: got 50; give a number from 0 to 1"),
        ({"min_confidence": float("nan")}, "min_confidence: got nan"),
        ({"toxicity_threshold": -1}, "toxicity_threshold: got -1"),
        ({"disallowed_personal_data": ["MAIL"]}, "disallowed_personal_data: there is no class MAIL; there are ACC"),
        ({"brand_terms": [5]}, "brand_terms: got int"),
        ({"brand_terms": [" "]}, "brand_terms: got str"),
    ],
)
def test_what_can_never_work_is_told_at_once(given: dict[str, Any], told: str) -> None:
    """A wrong argument is refused when the check is made, with what is accepted."""
    with pytest.raises(ConfigurationError, match=re.escape(told)):
        AnswerCheck(BOOK, **given)


async def test_inside_a_turn_of_a_task(spans: Recorded) -> None:
    """It belongs to the turn that runs."""
    check = AnswerCheck(BOOK)
    async with convqa.turn("c-1", "hi") as turn:
        check(WRONG)
        turn.fallback("x")
    assert spans.one("policy_check").parent.span_id == spans.one("turn").context.span_id  # type: ignore[union-attr]


@given(st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    """Whatever the answer, there is a verdict."""
    check = AnswerCheck(BOOK, disallowed_personal_data=("EMAIL",), brand_terms=("x",))
    assert check(text).result in ("pass", "block")
