"""The test kit: what a bot's own tests see, and what they are told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

import convqa_sdk as convqa
from convqa_sdk.errors import ConfigurationError
from convqa_sdk.export.exporters import MemoryExporter
from convqa_sdk.testing import RecordedSpan, Recording, recording
from convqa_sdk.tracing.current import running

MAIL = "jane@example.com"
CODEWORD = 'Operation Größe "7"\nnext\\line'


@pytest.fixture
def spans() -> Iterator[Recording]:
    """Record in memory."""
    with recording() as recorded:
        yield recorded


class Bot:
    """A bot as the API page shows one."""

    def __init__(self) -> None:
        self.sdk = convqa.configure(service_name="acme", versions=convqa.Versions(model="support-v3"))

    @convqa.intent_detection
    def classify(self, message: str) -> convqa.Intent:
        return convqa.Intent("billing_refund", 0.93, "high")

    @convqa.retrieval(data_source="help-center")
    def search(self, question: str) -> list[convqa.Document]:
        return [convqa.Document("kb-22", f"Refunds within 30 days, says {MAIL}.", 0.83)]

    @convqa.generation(model="gpt-4.1")
    def draft(self, messages: list[dict[str, str]]) -> str:
        return "You get your money back."

    @convqa.policy_check(name="refunds")
    def check(self, answer: str) -> convqa.PolicyResult:
        return convqa.PolicyResult.failed("refund_window", severity="P1")

    @convqa.escalation
    def hand_over(self, reason: str) -> convqa.Handoff:
        return convqa.Handoff("Wants a refund.", "billing")

    def reply(self, conversation_id: str, message: str) -> str:
        with convqa.turn(conversation_id, message, account_id="a-1", channel="web") as turn:
            self.classify(message)
            self.search(message)
            answer = self.draft([{"role": "user", "content": message}])
            if self.check(answer).ok:
                return turn.answer(answer, type="grounded")
            self.hand_over("policy")
            return turn.fallback("I am handing you to a colleague.")


class TestExample:
    """The example of the API page."""

    def test_refund_is_escalated(self, spans: Recording) -> None:
        """Stages in the order of their start, attributes of turn and stages, no leak, complete."""
        Bot().reply("c-1", f"I want my money back, {MAIL}")
        turn = spans.turn("c-1")
        assert turn.stages == ["intent_detection", "retrieval", "generation", "policy_check", "escalation"]
        assert turn["convqa.escalation.reason"] == "policy"
        spans.assert_no_leak(MAIL)
        spans.assert_complete()
        assert (turn.name, turn.stage, turn.get("no"), "convqa.answer.type" in turn) == ("turn", "turn", None, True)
        assert [span["convqa.policy.violations"] for span in turn.stage_spans("policy_check")] == [["refund_window"]]
        assert repr(turn) == "<turn ok>"

    def test_the_last_turn_of_a_conversation(self, spans: Recording) -> None:
        """`turn(id)` is the last one, `turns(id)` all, `turns()` those of everybody."""
        bot = Bot()
        bot.reply("c-1", "first")
        bot.reply("c-2", "other")
        bot.reply("c-1", "second")
        assert spans.turn("c-1")["convqa.message.text"] == "second"
        assert [turn["convqa.message.text"] for turn in spans.turns("c-1")] == ["first", "second"]
        assert len(spans.turns()) == 3
        assert spans.stats().recorded == 3

    def test_ids_that_are_pseudonymised_are_found_by_what_the_bot_calls_them(self, spans: Recording) -> None:
        """A phone number as chat id."""
        Bot().reply("+49 170 5551234", "hello")
        assert spans.turn("+49 170 5551234").stages

    def test_a_turn_that_is_not_there(self, spans: Recording) -> None:
        """The message lists the conversations there are."""
        Bot().reply("c-1", "hello")
        with pytest.raises(AssertionError, match=r"no finished turn of conversation 'c-2'; there are \['c-1'\]"):
            spans.turn("c-2")

    def test_an_attribute_that_is_not_there(self, spans: Recording) -> None:
        """The message names the span and what it has."""
        Bot().reply("c-1", "hello")
        with pytest.raises(KeyError, match=r"turn has no convqa.answer.typ; it has .*convqa.answer.type"):
            spans.turn("c-1")["convqa.answer.typ"]

    def test_outcomes_and_clearing(self, spans: Recording) -> None:
        """Outcomes by kind; `clear()` forgets."""
        convqa.record_feedback("c-1", thumbs="up")
        convqa.record_csat("c-1", score=4)
        assert [len(spans.outcomes()), len(spans.outcomes("csat"))] == [2, 1]
        spans.clear()
        assert spans.spans == []

    def test_stages_of_nested_turns_and_foreign_parents(self, spans: Recording) -> None:
        """A turn's stages include an inner turn and what hangs below it, also below another instrumentation's span."""
        tracer = TracerProvider().get_tracer("app")
        with convqa.turn("c-1", "outer") as outer:
            with tracer.start_as_current_span("http"), convqa.tool(name="a"):
                pass
            with convqa.turn("c-2", "inner") as inner, convqa.tool(name="b"):
                inner.answer("x")
            outer.answer("y")
        assert spans.turn("c-1").stages == ["tool", "turn", "tool"]
        assert spans.turn("c-2").stages == ["tool"]

    async def test_async_bots(self, spans: Recording) -> None:
        """Concurrent turns keep apart."""

        @convqa.tool
        async def work(n: int) -> int:
            await asyncio.sleep(0)
            return n

        async def reply(conversation_id: str) -> None:
            async with convqa.turn(conversation_id, "hello") as turn:
                await asyncio.gather(work(1), work(2))
                turn.answer("done")

        await asyncio.gather(reply("c-1"), reply("c-2"))
        assert spans.turn("c-1").stages == spans.turn("c-2").stages == ["tool", "tool"]
        spans.assert_complete()


class TestIsolation:
    """Nothing of a test stays, nothing of the bot's configuration gets in."""

    def test_the_bots_configuration_is_ignored(self, spans: Recording, tmp_path: Any, monkeypatch: Any) -> None:
        """`configure()`, its store, its exporters and its shutdown have no effect while a test records."""
        monkeypatch.chdir(tmp_path)
        other = MemoryExporter()
        handle = convqa.configure(service_name="bot", store=tmp_path / "store", exporters=[other])
        with convqa.turn("c-1", "hello") as turn:
            turn.answer("hi")
        assert handle.flush() is True
        handle.shutdown()
        with convqa.configure(store=tmp_path / "store"):
            pass
        with convqa.turn("c-2", "hello") as turn:
            turn.answer("hi")
        assert len(spans.turns()) == 2
        assert other.spans == ()
        assert list(tmp_path.iterdir()) == []

    def test_a_bad_configuration_is_still_an_error(self, spans: Recording) -> None:
        """A test finds a setting that would stop the bot at its start."""
        with pytest.raises(ConfigurationError):
            convqa.configure(trace_scope="galaxy")

    def test_the_configuration_around_is_back_afterwards(self) -> None:
        """A configuration that was in force before a test is in force again after it, and got nothing from it."""
        outer = MemoryExporter()
        sdk = convqa.configure(service_name="bot", exporters=[outer], key=b"k" * 32)
        with recording(), convqa.turn("c-1", "inside") as turn:
            turn.answer("x")
        with convqa.turn("c-2", "outside") as turn:
            turn.answer("y")
        sdk.flush()
        sdk.shutdown()
        assert [(s.attributes or {})["gen_ai.conversation.id"] for s in outer.spans] == ["c-2"]

    def test_what_a_test_left_open_ends_with_it(self) -> None:
        """A turn that is never closed is no parent in the next test, and no current span."""
        before = otel_context.get_current()
        with recording() as first:
            open_turn = convqa.turn("c-1", "hello")
            open_turn.__enter__()
            convqa.tool(name="t").__enter__()
        assert [turn["convqa.status"] for turn in first.turns()] == ["cancelled"]
        assert running.get() is None
        assert trace.get_current_span() is trace.get_current_span(before)
        with recording() as second:
            with convqa.turn("c-2", "hello") as turn:
                turn.answer("hi")
            assert second.turn("c-2").span.parent is None
            assert second.stats().open == 0
        assert len(first.spans) >= 1
        del open_turn

    def test_settings_of_a_recording(self) -> None:
        """`recording()` takes the settings of `configure()`."""
        with recording(versions=convqa.Versions(policy="p-1"), segments={"region": "emea"}) as spans:
            with convqa.turn("c-1", "hello") as turn:
                turn.answer("hi")
            assert spans.turn("c-1")["convqa.policy.version"] == "p-1"
            assert spans.turn("c-1")["convqa.region"] == "emea"

    def test_the_environment_of_the_machine_does_not_matter(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A developer with telemetry variables set sees the same as the build machine."""
        monkeypatch.setenv("CONVQA_DISABLED", "1")
        monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
        with recording() as spans:
            Bot().reply("c-1", "hello")
            assert spans.turn("c-1").stages


def everything(spans: Recording) -> str:
    """All that was exported, as one text."""
    return "\n".join(str(json.loads(span.span.to_json())) for span in spans.spans)


def test_two_runs_are_identical() -> None:
    """Ids, times, order, outcomes, errors: the same test gives the same spans."""

    def run() -> str:
        with recording() as spans:
            bot = Bot()
            bot.reply("c-1", f"hello {MAIL}")
            with pytest.raises(ValueError, match="no"), convqa.turn("c-2", "fails"):
                raise ValueError("no")
            convqa.record_feedback("c-1", thumbs="up")
            convqa.record_change("model", version="v2")
            convqa.end_session("c-1")
            return everything(spans)

    first = run()
    assert first == run()
    assert "2026-01-01T00:00:00" in first


class TestComplete:
    """`assert_complete` fails when it must."""

    def test_a_missing_field(self, spans: Recording) -> None:
        """The span and the field's key are named."""
        with convqa.turn("c-1", "hello") as turn, convqa.intent_detection() as intent:
            intent.set(intent="billing")
            turn.answer("hi")
        with pytest.raises(AssertionError, match=r"intent_detection: missing \['convqa.intent.confidence'\]"):
            spans.assert_complete()

    def test_a_violation(self, spans: Recording) -> None:
        """A value that the schema refuses is named by its field, never quoted."""
        with convqa.turn("c-1", "hello") as turn:
            turn.set(self_confidence=f"very {MAIL}")
            turn.answer("hi")
        with pytest.raises(AssertionError, match=r"violations \['self_confidence'\]") as raised:
            spans.assert_complete()
        assert MAIL not in str(raised.value)

    def test_a_stage_outside_any_turn(self, spans: Recording) -> None:
        """It works, and it is a violation."""
        with convqa.tool(name="t") as tool:
            tool.set(result="ok")
        with pytest.raises(AssertionError, match="turn"):
            spans.assert_complete()

    def test_a_version_that_was_configured_wrongly(self) -> None:
        """Configured versions are required."""
        with recording(versions=convqa.Versions(policy="")) as spans:
            with convqa.turn("c-1", "hello") as turn:
                turn.answer("hi")
            with pytest.raises(AssertionError, match="policy_version"):
                spans.assert_complete()

    def test_nothing(self, spans: Recording) -> None:
        """A bot that recorded nothing is not completely instrumented."""
        with pytest.raises(AssertionError, match="nothing was recorded"):
            spans.assert_complete()


class TestLeaks:
    """`assert_no_leak` finds a value however it is written down, and never repeats it."""

    def leaks(self, spans: Recording, value: str) -> str:
        with pytest.raises(AssertionError) as raised:
            spans.assert_no_leak("not there", value)
        told = str(raised.value)
        for line in value.splitlines():
            assert line.casefold() not in told.casefold()
        assert "value 2 in span" in told
        assert "value 1" not in told
        return told

    @pytest.mark.parametrize("value", [CODEWORD, "operation grösse", "OPERATION GRÖSSE", "größe"])
    def test_in_a_text(self, spans: Recording, value: str) -> None:
        """In whatever case."""
        with convqa.turn("c-1", f"this is {CODEWORD}!") as turn:
            turn.answer("hi")
        assert "span 1, turn: convqa.message.text" in self.leaks(spans, value)

    def test_in_json(self, spans: Recording) -> None:
        """Escaped inside a JSON attribute, as a leaf or as a key."""
        with convqa.turn("c-1", "hello") as turn:
            with convqa.tool(name="t") as tool:
                tool.set(arguments={"a": [{"b": CODEWORD}]}, output={CODEWORD: 1})
            turn.answer("hi")
        told = self.leaks(spans, CODEWORD)
        assert "gen_ai.tool.call.arguments" in told
        assert "gen_ai.tool.call.result" in told

    def test_in_json_inside_json(self, spans: Recording) -> None:
        """A tool that got its arguments as a JSON text."""
        with convqa.turn("c-1", "hello") as turn:
            with convqa.tool(name="t") as tool:
                tool.set(arguments=json.dumps({"inner": json.dumps([CODEWORD])}))
            turn.answer("hi")
        self.leaks(spans, CODEWORD)

    @pytest.mark.parametrize("form", [json.dumps, lambda text: json.dumps(text, ensure_ascii=False), repr])
    def test_escaped_in_a_text(self, spans: Recording, form: Any) -> None:
        """In a log line that quotes it."""
        with convqa.turn("c-1", f"got {form(CODEWORD)[1:-1]} today") as turn:
            turn.answer("hi")
        self.leaks(spans, CODEWORD)

    def test_split_in_an_array(self, spans: Recording) -> None:
        """Over the chunks of a stream or the elements of an array."""
        with convqa.turn("c-1", "hello") as turn:
            with convqa.retrieval(data_source="kb") as retrieval:
                retrieval.set(documents=[convqa.Document("1", "code", 1.0), convqa.Document("2", "word!", 1.0)])
            with convqa.tool(name="t") as tool:
                tool.set(arguments=["pass", {"x": "phra"}, "se"])
            turn.answer("hi")
        assert "convqa.retrieval.document.passages" in self.leaks(spans, "codeword!")

    def test_as_a_number(self, spans: Recording) -> None:
        """A number in a custom value or in JSON."""
        with convqa.turn("c-1", "hello") as turn:
            turn.custom(order=771_234)
            turn.answer("hi")
        assert "convqa.custom.order" in self.leaks(spans, "771234")

    def test_in_names(self, spans: Recording) -> None:
        """In a span's name, an attribute's name, an event: the place is then not named by it."""
        with convqa.turn("c-1", "hello") as turn:
            turn.custom(codeword="x")
            turn.add_event("codeword", {"a": "b"})
            with convqa.tool(name="codeword") as tool:
                tool.set(result="ok")
            turn.answer("hi")
        told = self.leaks(spans, "codeword")
        assert "name of an attribute" in told
        assert "name of an event" in told
        assert ": name" in told
        assert "a place whose name holds a value too" in told or "convqa.custom" not in told

    def test_in_an_error(self, spans: Recording) -> None:
        """In the status, the exception's message and its trace."""
        with pytest.raises(ValueError, match="codeword"), convqa.turn("c-1", "hello"):
            raise ValueError("codeword")
        told = self.leaks(spans, "codeword")
        assert "status" in told
        assert "event attribute exception.message" in told

    def test_in_the_resource(self) -> None:
        """The name of the service, for example."""
        with recording(service_name="bot of jane") as spans:
            with convqa.turn("c-1", "hello") as turn:
                turn.answer("hi")
            assert "resource attribute service.name" in self.leaks(spans, "of jane")

    def test_absent_values_are_no_leak(self, spans: Recording) -> None:
        """What was redacted is not found; a part of a word elsewhere is no whole value."""
        Bot().reply("c-1", f"my mail is {MAIL}")
        spans.assert_no_leak(MAIL, "jane@", "4111 1111 1111 1111")

    @pytest.mark.parametrize("values", [(), ("",), ("x", "")])
    def test_nothing_to_look_for_is_a_mistake(self, spans: Recording, values: tuple[str, ...]) -> None:
        """An empty value is everywhere, and no value proves nothing."""
        with pytest.raises(ValueError, match="give the values"):
            spans.assert_no_leak(*values)


class TestStrict:
    """Misuse that production counts is an error in a test."""

    def test_a_handle_entered_twice(self, spans: Recording) -> None:
        """A handle is single-use as `with`."""
        handle = convqa.tool(name="t")
        with handle:
            pass
        with pytest.raises(RuntimeError), handle:
            pass

    def test_a_handle_entered_twice_in_production(self) -> None:
        """There it is counted, and the bot goes on."""
        exporter = MemoryExporter()
        sdk = convqa.configure(service_name="bot", exporters=[exporter], key=b"k" * 32)
        handle = convqa.tool(name="t")
        for _ in range(2):
            with handle:
                pass
        sdk.flush()
        assert sdk.stats().faults["misuse"] == 1
        sdk.shutdown()


def test_recorded_spans_are_the_exporters(spans: Recording) -> None:
    """`span` is OpenTelemetry's own, for whoever needs more."""
    Bot().reply("c-1", "hello")
    recorded = spans.spans[0]
    assert isinstance(recorded, RecordedSpan)
    assert recorded.span.resource.attributes["service.name"] == "bot-under-test"
    assert recorded.events == ["convqa.refusal_or_uncertainty_style", "convqa.grounding_outcome"]
