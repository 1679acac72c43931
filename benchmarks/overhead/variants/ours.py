"""The turn with convqa-sdk's decorators, every default on; values without a field of ours are custom ones.

Modes besides `on`: `off` (CONVQA_DISABLED), `unconfigured` (no `configure()`), `thinned` (no conversation is drawn).
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from importlib.metadata import metadata
from importlib.util import find_spec
from typing import Any

import workload as w
from opentelemetry.sdk.trace.export import SpanExporter

from variants import Variant

KEY = b"k" * 32


def unavailable(engine: str) -> str:
    """Return why there is no such variant yet; empty when there is."""
    if engine == "re2":
        if "fast" not in (metadata("convqa-sdk").get_all("Provides-Extra") or ()):
            return "google-re2 is not used yet"
        if find_spec("re2") is None:
            return "not installed: convqa-sdk[fast]"
    return ""


def make(exporter: SpanExporter, mode: str, *, engine: str = "re", measured: bool = False) -> Variant:
    """Set up in a mode, with the standard library's expressions or with google-re2, with or without metrics."""
    if engine == "re":
        sys.modules["re2"] = None  # type: ignore[assignment] # reason: makes `import re2` fail where it is installed
    if mode == "off":
        os.environ["CONVQA_DISABLED"] = "1"
    import convqa_sdk as convqa

    next_turn = w.endless()
    record = _turn()
    arecord = _aturn()
    if mode == "unconfigured":
        return Variant(lambda: record(next_turn()), lambda: arecord(next_turn()), record=record)
    versions = convqa.Versions(prompt=w.PROMPT_VERSION, policy=w.POLICY_VERSION, kb_snapshot=w.KB_SNAPSHOT)
    thinned: dict[str, Any] = {"sampling": 0.0} if mode == "thinned" else {}
    meters: dict[str, Any] = {"meter_provider": _meter_provider()} if measured else {}
    sdk = convqa.configure("bench", versions, exporters=[exporter], key=KEY, **thinned, **meters)
    return Variant(
        lambda: record(next_turn()),
        lambda: arecord(next_turn()),
        flush=sdk.flush,
        shutdown=sdk.shutdown,
        lost=lambda: sum(sdk.stats().lost.values()),
        record=record,
    )


def _meter_provider() -> Any:
    """Return a provider of the application's with the standard reader, which collects once a minute."""
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import ConsoleMetricExporter, PeriodicExportingMetricReader

    nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - as long as the process
    return MeterProvider([PeriodicExportingMetricReader(ConsoleMetricExporter(nowhere))], shutdown_on_exit=False)


def _documents() -> dict[str, list[Any]]:
    """Return what the retriever finds, by question."""
    import convqa_sdk as convqa

    documents = {passage.id: convqa.Document(passage.id, passage.content, passage.score) for passage in w.PASSAGES}
    return {now.question: [documents[passage.id] for passage in now.passages] for now in w.TURNS}


def _turn() -> Callable[[w.Turn], None]:
    import convqa_sdk as convqa

    found = _documents()
    answers = {now.prompt: now.answer for now in w.TURNS}

    @convqa.intent_detection(model="intent-clf-12")
    def classify(message: str) -> convqa.Intent:
        return convqa.Intent("refund_status", 0.91)

    @convqa.retrieval(data_source="help-center", top_k=4)
    def search(query: str) -> list[Any]:
        return found.get(query, [])

    @convqa.generation(model="support-llm-3", provider="acme", input_tokens=1210, output_tokens=148)
    def draft(prompt: str) -> str:
        return answers.get(prompt, prompt)

    @convqa.policy_check(name="refunds")
    def check(answer: str) -> convqa.PolicyResult:
        convqa.current_stage().custom(rules_checked=17, redacted=True)
        return convqa.PolicyResult.passed()

    @convqa.escalation
    def hand_over(reason: str) -> None:
        convqa.current_stage().custom(decision=False)

    def record(now: w.Turn) -> None:
        with convqa.turn(
            now.conversation, now.question, turn_index=3, channel="web-chat", customer_tier="gold"
        ) as turn:
            classify(now.question)
            search(now.question)
            answer = draft(now.prompt)
            check(answer)
            hand_over("other")
            turn.answer(answer, type="grounded")

    return record


def _aturn() -> Callable[[w.Turn], Any]:
    import convqa_sdk as convqa

    found = _documents()
    answers = {now.prompt: now.answer for now in w.TURNS}

    @convqa.intent_detection(model="intent-clf-12")
    async def classify(message: str) -> convqa.Intent:
        await asyncio.sleep(0)
        return convqa.Intent("refund_status", 0.91)

    @convqa.retrieval(data_source="help-center", top_k=4)
    async def search(query: str) -> list[Any]:
        await asyncio.sleep(0)
        return found.get(query, [])

    @convqa.generation(model="support-llm-3", provider="acme", input_tokens=1210, output_tokens=148)
    async def draft(prompt: str) -> str:
        await asyncio.sleep(0)
        return answers.get(prompt, prompt)

    @convqa.policy_check(name="refunds")
    async def check(answer: str) -> convqa.PolicyResult:
        convqa.current_stage().custom(rules_checked=17, redacted=True)
        await asyncio.sleep(0)
        return convqa.PolicyResult.passed()

    @convqa.escalation
    async def hand_over(reason: str) -> None:
        convqa.current_stage().custom(decision=False)
        await asyncio.sleep(0)

    async def record(now: w.Turn) -> None:
        async with convqa.turn(
            now.conversation, now.question, turn_index=3, channel="web-chat", customer_tier="gold"
        ) as turn:
            await classify(now.question)
            await search(now.question)
            answer = await draft(now.prompt)
            await check(answer)
            await hand_over("other")
            turn.answer(answer, type="grounded")

    return record
