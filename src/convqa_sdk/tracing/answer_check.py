"""A ready-made policy check: an answer against the book, and for personal data, unsupported claims and risky words.

It runs in the request, because its verdict decides the answer; docs/how-to/check-answers.md tells what it costs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from convqa_sdk.isolation import fault
from convqa_sdk.tracing.answer_check_arguments import (
    Template,
    brand_terms_of,
    check_book,
    check_choice,
    check_share,
    check_template,
    classes_of,
)
from convqa_sdk.tracing.answer_check_known import known_of
from convqa_sdk.tracing.answer_check_support import Judge, judge_of
from convqa_sdk.tracing.decorators import policy_check
from convqa_sdk.tracing.turn_so_far import SoFar
from convqa_sdk.tracing.values import Document, PolicyClass, PolicyResult, Severity

if TYPE_CHECKING:
    from convqa_sdk.signals.policy_book import PolicyBook

OnViolation = Literal["block", "rewrite", "record"]

REFUSAL: Final = "I am not certain enough to answer that. I will ask a colleague to help you."
_RESULTS: Final[dict[OnViolation, Literal["block", "rewrite", "fail"]]] = {
    "block": "block",
    "rewrite": "rewrite",
    "record": "fail",
}
MOST_CHECKED: Final = 20_000
"""Characters of an answer that are checked; a longer one is the violation `too_long`, for what is beyond is unknown."""
_PIECE: Final = 2_000
_OVERLAP: Final = 200


class _Finding(NamedTuple):
    """A violation as the span carries it: its code, and how grave it is."""

    code: str
    severity: Severity
    policy_class: PolicyClass | None = None


class AnswerCheck:
    """Check answers before they are sent; call it with the answer, inside a turn.

    `check = AnswerCheck(PolicyBook.load("policy.yaml"), on_violation="block")`, and for each answer
    `verdict = check(answer)`. Each call is a `policy_check` stage. It never raises into the bot.

    Args:
        book: What the company promises; None: only the other checks.
        on_violation: `block`; `rewrite` by the template; `record`: the verdict is `fail`, and what happens is the
            bot's decision.
        template: With `rewrite`: a text with `{answer}` and `{violations}`, or a callable that gets the answer and the
            codes and returns the text to be sent. Where it raises or returns no text, the answer is blocked.
        min_confidence: Retrieval confidence, 0 to 1, below which no policy term may be quoted; None: the book's. The
            confidence is what a retrieval or rerank told (`confidence=`); scores of documents are none.
        disallowed_personal_data: Classes of the redactor, such as `("CREDIT_CARD", "IBAN")`, that no answer may
            contain; the company's own contact routes are no personal data. None: not looked for.
        unsupported_claims: True: claims are violations, once something was retrieved, that no document and no output
            of the turn's tools supports by `signals.grounding`, that the book does not say, and that no successful tool
            proves; a callable gets the answer and these documents and outputs and returns what is unsupported
            (anything true is a violation).
        brand_terms: Words, phrases or compiled patterns that no answer may contain. Words are compared as whole words
            whatever their case; a pattern is searched in overlapping pieces of 2,000 characters.
        toxicity: Gets the answer, returns whether it is toxic, or a score from 0 to 1.
        toxicity_threshold: The score from which an answer is toxic.
        require_passages: Whether an answer may quote no policy term where nothing was retrieved at all.
        refusal: Proposed as `PolicyResult.refusal` where the answer must not be sent.
        on_error: What a fault gives where no check finds a violation: `pass` or `block`; the span says `error` in
            either case. With `block`, an answer that could not be checked in all is also not rewritten or recorded
            where a check finds something, but blocked.
        name: Of the check, on its span.

    Raises:
        ConfigurationError: An argument can never work; the message names it.
    """

    def __init__(
        self,
        book: PolicyBook | None,
        *,
        on_violation: OnViolation = "block",
        template: Template | None = None,
        min_confidence: float | None = None,
        disallowed_personal_data: Iterable[str] | None = None,
        unsupported_claims: bool | Judge = False,
        brand_terms: Iterable[str | re.Pattern[str]] = (),
        toxicity: Callable[[str], float | bool] | None = None,
        toxicity_threshold: float = 0.5,
        require_passages: bool = False,
        refusal: str = REFUSAL,
        on_error: Literal["pass", "block"] = "pass",
        name: str = "policy",
    ) -> None:
        check_book(book)
        check_choice("on_violation", on_violation, ("block", "rewrite", "record"))
        check_choice("on_error", on_error, ("pass", "block"))
        check_share("min_confidence", min_confidence)
        check_share("toxicity_threshold", toxicity_threshold)
        check_template(template, on_violation)
        self._book = book
        self._on_violation: OnViolation = on_violation
        self._template = template
        self._min_confidence = min_confidence
        self._personal = classes_of(disallowed_personal_data)
        self._judge = judge_of(unsupported_claims, book)
        self._words, self._patterns = brand_terms_of(brand_terms)
        self._toxicity = toxicity
        self._toxic_from = toxicity_threshold
        self._require_passages = require_passages
        self._refusal = refusal
        self._on_error = on_error
        self._name = name
        self._load()

    def __call__(
        self,
        answer: str,
        *,
        documents: Sequence[Document] | None = None,
        retrieval_confidence: float | None = None,
        tools_succeeded: Iterable[str] | None = None,
        language: str | None = None,
    ) -> PolicyResult:
        """Check one answer. Never raises.

        Args:
            answer: What the customer would read. Its first 20,000 characters are checked; a longer one is the
                violation `too_long`.
            documents: What was retrieved; None: what the turn has recorded.
            retrieval_confidence: None: what the turn has recorded.
            tools_succeeded: Tools that succeeded in the conversation; None: what is recorded. Give all three where
                turns may be thinned out: what is not recorded is unknown, and then claims of done actions are not
                judged. An argument that cannot be read is a fault, and taken for unknown.
            language: `en`, `de`, `fr` or `es`; of the answer. None: what the turn was given, else English.
        """
        with policy_check(name=self._name, answer=answer) as stage:
            if self._book is not None:
                stage.set(policy_version=self._book.version)
            known, unread = known_of(documents, retrieval_confidence, tools_succeeded, language)
            found, failed = self._found(answer, known)
            failed = failed or unread
            if failed and not found:
                stage.set(result="error")
                return self._after_fault()
            result = self._verdict(answer, found, failed and self._on_error == "block")
            stage.fill(stage.understand(result) or {})
            return result

    def _load(self) -> None:
        """Do once what the first answer would otherwise wait for."""
        if self._book is not None:
            self._book.check("")
        if self._personal:
            import_module("convqa_sdk.redaction.detector").load()

    def _found(self, answer: str, known: SoFar) -> tuple[list[_Finding], bool]:
        """Return what all checks find, and whether one of them failed."""
        if not isinstance(answer, str):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
            fault("answer_check", TypeError(f"an answer is a str, not {type(answer).__name__}"), check="answer")
            return [], True
        found = [_Finding("too_long", "P2")] if len(answer) > MOST_CHECKED else []
        answer = answer[:MOST_CHECKED]
        failed = False
        for check in (self._by_book, self._by_detector, self._by_judge, self._by_words, self._by_toxicity):
            try:
                found.extend(check(answer, known))
            except Exception as error:  # noqa: BLE001, PERF203 - a callable of the bot's may raise anything, five times
                fault("answer_check", error, check=check.__name__.removeprefix("_by_"))
                failed = True
        return found, failed

    def _by_book(self, answer: str, known: SoFar) -> Iterable[_Finding]:
        if self._book is None:
            return
        passages = () if known.documents is None and self._require_passages else known.documents
        for violation in self._book.check(
            answer,
            tools_succeeded=known.tools,
            passages=passages,
            retrieval_confidence=known.confidence,
            min_confidence=self._min_confidence,
            language=known.language or "en",
        ):
            yield _Finding(violation.code, violation.severity, violation.policy_class)

    def _by_detector(self, answer: str, known: SoFar) -> Iterable[_Finding]:
        if not self._personal:
            return
        from convqa_sdk.redaction.detector import detect

        for start, end, label in detect(answer):
            if label in self._personal and not (self._book is not None and self._book.states(answer[start:end])):
                yield _Finding(f"personal_data.{label.lower()}", "P0")

    def _by_judge(self, answer: str, known: SoFar) -> Iterable[_Finding]:
        if self._judge is not None and known.documents is not None and self._judge(answer, known):
            yield _Finding("unsupported_claim", "P1")

    def _by_words(self, answer: str, known: SoFar) -> Iterable[_Finding]:
        lowered = answer.lower() if self._words else ""
        if any(_holds(lowered, word) for word in self._words) or any(
            pattern.search(answer[start : start + _PIECE + _OVERLAP])
            for pattern in self._patterns
            for start in range(0, len(answer), _PIECE)
        ):
            yield _Finding("brand_risk", "P2")

    def _by_toxicity(self, answer: str, known: SoFar) -> Iterable[_Finding]:
        if self._toxicity is None:
            return
        score = self._toxicity(answer)
        if math.isnan(score):
            raise ValueError("the toxicity is not a number")
        if score is True or (score is not False and score >= self._toxic_from):
            yield _Finding("toxicity", "P1")

    def _verdict(self, answer: str, found: list[_Finding], must_block: bool) -> PolicyResult:
        """Return the verdict; `must_block`: what could not be checked may not be sent."""
        if not found:
            return PolicyResult.passed()
        gravest = min(found, key=lambda each: (each.severity, each.policy_class or "99"))
        codes = tuple(dict.fromkeys(each.code for each in found))
        unsure = [code for code in codes if code.endswith("unsupported_term") or code == "unsupported_claim"]
        result = "block" if must_block else _RESULTS[self._on_violation]
        text = self._rewritten(answer, codes) if result == "rewrite" else None
        if result == "rewrite" and text is None:
            result = "block"
        held_back = result == "block" or bool(unsure)
        reason: Literal["low_confidence", "policy"] = "low_confidence" if len(unsure) == len(codes) else "policy"
        return PolicyResult(
            result,
            codes,
            gravest.severity,
            gravest.policy_class,
            text,
            reason if held_back else None,
            self._refusal if held_back else None,
        )

    def _rewritten(self, answer: str, codes: tuple[str, ...]) -> str | None:
        """Return what the template makes of an answer; None where it fails, so that the answer is not sent."""
        template = self._template
        try:
            if not callable(template):
                return str(template).format(answer=answer, violations=", ".join(codes))
            text: Any = template(answer, codes)
            if isinstance(text, str):
                return text
            raise TypeError(f"the template returned {type(text).__name__}, not str")
        except Exception as error:  # noqa: BLE001 - decision 8: the bot's template may raise anything
            fault("answer_check", error, check="template")
            return None

    def _after_fault(self) -> PolicyResult:
        if self._on_error == "pass":
            return PolicyResult.passed()
        return PolicyResult("block", escalate="policy", refusal=self._refusal)


def _holds(lowered: str, word: str) -> bool:
    """Tell whether a text holds a word or phrase as whole words."""
    at = lowered.find(word)
    while at >= 0:
        end = at + len(word)
        before, behind = lowered[at - 1 : at] if at else "", lowered[end : end + 1]
        if not (before.isalnum() and word[0].isalnum()) and not (behind.isalnum() and word[-1].isalnum()):
            return True
        at = lowered.find(word, at + 1)
    return False
