"""The bot's own functions, for SDKs that decorate them: arguments and results are real, the rest is annotated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import workload as w

Wrap = Callable[[str], Callable[[Any], Any]]
Annotate = Callable[[str, Mapping[str, Any]], None]


def decorated(wrap: Wrap, annotate: Annotate) -> Callable[[w.Turn], None]:
    """Return a function that records one turn.

    Args:
        wrap: Returns the decorator of a span, by its name.
        annotate: Adds the values of a span to the running one.
    """
    values = {turn.question: w.values(turn) for turn in w.TURNS}
    found = {turn.question: [asdict(passage) for passage in turn.passages] for turn in w.TURNS}
    by_prompt = {turn.prompt: turn for turn in w.TURNS}
    by_answer = {turn.answer: turn for turn in w.TURNS}
    prompts = {turn.question: turn.prompt for turn in w.TURNS}

    @wrap("intent_detection")
    def classify(question: str) -> str:
        annotate("intent_detection", values[question]["intent_detection"])
        return "refund_status"

    @wrap("retrieval")
    def search(query: str, k: int) -> list[dict[str, Any]]:
        annotate("retrieval", values[query]["retrieval"])
        return found[query]

    @wrap("generation")
    def draft(prompt: str) -> str:
        now = by_prompt[prompt]
        annotate("generation", values[now.question]["generation"])
        return now.answer

    @wrap("policy_check")
    def check(answer: str) -> str:
        annotate("policy_check", values[by_answer[answer].question]["policy_check"])
        return "pass"

    @wrap("escalation")
    def hand_over(reason: str) -> bool:
        annotate("escalation", {"decision": False, "reason": reason})
        return False

    @wrap("turn")
    def turn(question: str) -> str:
        annotate("turn", values[question]["turn"])
        classify(question)
        search(question, 4)
        answer = draft(prompts[question])
        check(answer)
        hand_over("other")
        return answer

    return lambda now: turn(now.question)


def set_on_current_span(name: str, values: Mapping[str, Any]) -> None:
    """Set values one by one on OpenTelemetry's current span."""
    from opentelemetry import trace

    span = trace.get_current_span()
    for key, value in values.items():
        span.set_attribute(key, value)
