"""The handoff packet: filled by its turn, written into a ticket, read back out of it, redacted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import convqa_sdk as convqa
from convqa_sdk import Handoff, isolation
from convqa_sdk.redaction import RedactionPolicy
from convqa_sdk.testing import Recording, recording

BEGIN = "----- BEGIN CONVQA HANDOFF 1 -----"
FULL = Handoff(
    summary="Wants a refund.\nThe lantern arrived broken.",
    queue="billing",
    id="t-981",
    intent="billing_refund",
    account_state={"order": "LL-20105", "days": 61, "paid": True, "coupon": None, "plan": None},
    history="c-10492",
    promises=("A colleague calls back today.",),
    tried=("lookup_order", "search of help-center"),
    trace="cq1.00",
)
SECTION = """\
----- BEGIN CONVQA HANDOFF 1 -----
Summary: Wants a refund.
| The lantern arrived broken.
Intent: billing_refund
Account state:
- order: "LL-20105"
- days: 61
- paid: true
- coupon
- plan
Promises:
- A colleague calls back today.
Tried:
- lookup_order
- search of help-center
History: c-10492
Trace: cq1.00
Queue: billing
Handoff: t-981
"""


@pytest.fixture
def spans() -> Iterator[Recording]:
    """Record in memory."""
    with recording() as recorded:
        yield recorded


class TestFromTheTurn:
    """What the running turn knows, nobody has to say."""

    def test_everything_that_it_knows(self, spans: Recording) -> None:
        """Intent, tools and sources, names of what was shown, conversation and reference."""
        with convqa.turn("c-1", "my money, please") as turn:
            convqa.intent_detection(lambda message: convqa.Intent("smalltalk"))("hi")
            convqa.intent_detection(lambda message: convqa.Intent("refund"))("my money")
            with convqa.access_check(resource="order") as check:
                check.set(decision="allow", fields_exposed=["item", "status"])
            convqa.tool(name="lookup")(lambda: {"item": "lantern"})()
            convqa.tool(name="lookup")(lambda: {"item": "lantern"})()
            with pytest.raises(ZeroDivisionError):
                convqa.tool(name="refund")(lambda: 1 / 0)()
            with convqa.tool(name="fly") as stage:
                stage.set(result="unsupported")
            convqa.retrieval(data_source="kb")(lambda query: [])("x")
            convqa.expose(["plan"])
            packet = Handoff.from_turn(summary="Wants his money.")
            turn.answer("A colleague takes over.", type="handoff")
        assert packet == Handoff(
            summary="Wants his money.",
            intent="refund",
            account_state={"plan": None, "item": None, "status": None},
            history="c-1",
            tried=("lookup", "refund (error)", "fly (unsupported)", "search of kb"),
            trace=str(turn.ref),
        )
        assert convqa.TurnRef.parse(packet.trace or "") == turn.ref

    def test_what_is_given_counts(self, spans: Recording) -> None:
        """Also a list that is empty on purpose."""
        with convqa.turn("c-1", "hi"):
            convqa.tool(name="lookup")(lambda: 1)()
            packet = Handoff.from_turn(tried=(), intent="mine", promises=(), account_state={"order": "o-1"})
        assert (packet.tried, packet.intent, packet.promises) == ((), "mine", ())
        assert packet.account_state == {"order": "o-1"}

    def test_nothing_that_it_does_not_know(self, spans: Recording) -> None:
        """No intent, no tools, nothing shown: unknown, not none."""
        with convqa.turn("c-1", "hi") as turn:
            assert Handoff.from_turn() == Handoff(history="c-1", trace=str(turn.ref))

    def test_inside_the_escalation_it_is_the_same(self, spans: Recording) -> None:
        """The stage that hands over is where it is usually made, and it is recorded as complete as it is."""

        @convqa.escalation
        def hand_over(reason: str) -> Handoff:
            return Handoff.from_turn(summary="s", promises=())

        with convqa.turn("c-1", "hi") as turn:
            convqa.intent_detection(lambda message: convqa.Intent("refund", 0.9))("x")
            packet = hand_over("policy")
            turn.answer("bye", type="handoff")
        assert packet.filled == ("summary", "intent", "history", "promises", "trace")
        (stage,) = spans.turn("c-1").stage_spans("escalation")
        assert stage["convqa.handoff.completeness"] == pytest.approx(5 / 7)
        assert list(stage["convqa.handoff.packet_fields"]) == list(packet.filled)

    def test_the_queue_is_that_of_the_escalation_around(self, spans: Recording) -> None:
        """As the decorator names it, unless the bot names another; outside of one there is none."""
        hand_over = convqa.escalation(queue="billing")(lambda **given: Handoff.from_turn(**given))
        with convqa.turn("c-1", "hi") as turn:
            assert hand_over().queue == "billing"
            assert hand_over(queue="legal").queue == "legal"
            assert Handoff.from_turn().queue is None
            turn.answer("bye", type="handoff")

    def test_a_misspelt_field_is_a_violation(self, spans: Recording) -> None:
        """A packet without it is better than none: the customer waits."""
        with convqa.turn("c-1", "hi") as turn:
            packet = Handoff.from_turn(sumary="x", promises=())  # type: ignore[call-arg] # pyright: ignore[reportCallIssue] # reason: wrong on purpose
            turn.answer("bye", type="handoff")
        assert (packet.summary, packet.promises) == (None, ())
        assert spans.turn("c-1")["convqa.instrumentation.violations"] == ["handoff"]

    def test_another_turn_can_be_named(self, spans: Recording) -> None:
        """A turn that has ended keeps its conversation and its reference; its stages have left."""
        with convqa.turn("c-1", "hi") as turn:
            pass
        assert Handoff.from_turn(turn).trace == str(turn.ref)

    def test_a_turn_that_is_not_recorded_knows_its_conversation(self) -> None:
        """Without `configure()`, and for customers who are left out; outside any turn it knows nothing."""
        with convqa.turn("c-1", "hi"):
            assert Handoff.from_turn(summary="s") == Handoff(summary="s", history="c-1")
        with recording(sampling=0.0), convqa.turn("c-1", "hi"):
            assert Handoff.from_turn() == Handoff(history="c-1")
        with recording():
            assert Handoff.from_turn() == Handoff()

    def test_it_never_raises(self, spans: Recording) -> None:
        """A defect of ours costs what the turn would have filled, and is counted."""
        with convqa.turn("c-1", "hi") as turn:
            turn.stages.append(7)  # type: ignore[arg-type] # reason: wrong on purpose
            packet = Handoff.from_turn(summary="s")
            turn.stages.clear()
        assert packet.summary == "s"
        assert spans.stats().faults == {"handoff": 1}


class TestCompleteness:
    """Seven fields of context, each worth the same."""

    def test_nothing_and_everything(self) -> None:
        """Queue and id are addresses."""
        assert Handoff(queue="q", id="t").completeness == 0
        assert FULL.completeness == 1
        assert Handoff("summary", intent="refund").completeness == pytest.approx(2 / 7)

    def test_to_know_that_there_was_nothing_is_worth_as_much(self) -> None:
        """An empty list was given, an empty text was not."""
        assert Handoff(summary="", promises=(), account_state={}).filled == ("account_state", "promises")


class TestFields:
    """Flat JSON with stable keys."""

    KEYS = ["summary", "intent", "account_state", "promises", "tried", "history", "trace", "queue", "id"]

    def test_all_of_them(self) -> None:
        """Texts, lists of texts, a number."""
        fields = FULL.to_fields()
        assert list(fields) == [*self.KEYS, "completeness"]
        assert fields["account_state"] == ['order: "LL-20105"', "days: 61", "paid: true", "coupon", "plan"]
        assert (fields["promises"], fields["completeness"]) == (["A colleague calls back today."], 1.0)

    def test_the_keys_are_always_there(self) -> None:
        """What is not known is null; none at all is an empty list."""
        fields = Handoff(promises=()).to_fields()
        assert list(fields) == [*self.KEYS, "completeness"]
        assert {key: value for key, value in fields.items() if value is not None} == {
            "promises": [],
            "completeness": 1 / 7,
        }

    @given(st.builds(Handoff, account_state=st.dictionaries(st.text(), st.from_type(type))))
    def test_anything_becomes_json(self, packet: Handoff) -> None:
        """Also what is read of an account and is no JSON."""
        json.dumps(packet.to_fields())


class TestText:
    """A section that people read and `from_text` finds."""

    def test_how_it_looks(self) -> None:
        """Labels, items, lines that go on, and a check of all that at the end."""
        text = FULL.to_text()
        assert text.startswith(SECTION)
        assert re.fullmatch("----- END CONVQA HANDOFF [0-9a-f]{8} -----", text.removeprefix(SECTION))
        assert Handoff.from_text(text) == FULL

    def test_what_is_not_known_is_left_out(self) -> None:
        """And what is known to be nothing is said."""
        assert Handoff(promises=(), summary="s").to_text().splitlines()[1:-1] == ["Summary: s", "Promises: none"]
        assert Handoff.from_text(Handoff(promises=()).to_text()) == Handoff(promises=())
        assert Handoff.from_text(Handoff(promises=("none",)).to_text()) == Handoff(promises=("none",))

    @pytest.mark.parametrize(
        "changed",
        [
            lambda text: f"Hello,\n\n{text}\n\nBest regards",
            lambda text: text.replace("\n", "\r\n"),
            lambda text: "\n".join(f"> > {line}" for line in text.split("\n")),
            lambda text: "\n".join(f"    {line}" for line in text.split("\n")),
            lambda text: "\n".join(f"{line}   " for line in text.split("\n")),
            lambda text: text.replace("\n", "\n\n"),
            lambda text: text.replace("Trace: ", "Trace:\n").replace("calls back", "calls\nback"),
            lambda text: text.replace("lantern", "lan\ntern").replace("cq1.00", "cq1.\n00"),
            lambda text: f"{text}\n{text}",
            lambda text: f"{BEGIN}\nSummary: cut short\n{text}",
        ],
        ids=[
            *("inside a text", "CRLF", "quoted", "indented", "trailing spaces", "double line ends"),
            *("wrapped at blanks", "wrapped anywhere", "twice", "behind one that was cut"),
        ],
    )
    def test_what_ticket_systems_do_to_it(self, changed: Any) -> None:
        """Surroundings, line ends, quotes, spaces and wrapping do no harm."""
        assert Handoff.from_text(changed(FULL.to_text())) == FULL

    def test_blanks_at_the_end_of_a_value_are_its_own(self) -> None:
        """Also after a ticket system has taken away, or added, what stands at the end of lines."""
        packet = Handoff(summary="a \nb\t", promises=("soon ",), tried=("\\. ",))
        lines = packet.to_text().split("\n")
        for text in ("\n".join(map(str.rstrip, lines)), "\n".join(f"{line} \t" for line in lines)):
            assert Handoff.from_text(text) == packet

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            (FULL.to_text().replace("refund", "voucher", 1), "check"),
            (f"{FULL.to_text()}\n{Handoff('another').to_text()}", "differ"),
        ],
    )
    def test_the_log_says_why_a_section_is_none(self, text: str, why: str, caplog: pytest.LogCaptureFixture) -> None:
        """Without a word of it."""
        isolation.reset()
        assert Handoff.from_text(text) is None
        assert why in caplog.text
        assert "lantern" not in caplog.text

    @pytest.mark.parametrize(
        "changed",
        [
            lambda text: "",
            lambda text: text.replace("refund", "voucher", 1),
            lambda text: text[: text.rindex("\n")],
            lambda text: text.replace("Tried:\n", ""),
            lambda text: text.replace("HANDOFF 1", "HANDOFF 2"),
            lambda text: f"{text}\n{Handoff('another').to_text()}",
        ],
        ids=["nothing", "edited", "without its end", "a line less", "another version", "two that differ"],
    )
    def test_what_is_no_whole_packet_is_none(self, changed: Any) -> None:
        """A packet that was cut or edited would tell half of the story; of two, nobody knows which one holds."""
        assert Handoff.from_text(changed(FULL.to_text())) is None

    @pytest.mark.parametrize("line", ["Colour: red", "no label", "- item", "| more", "Account state:\n- a: {no json"])
    def test_what_something_else_has_written_is_none(self, line: str) -> None:
        """Even with the right check: an unknown label, or a state that is no JSON."""
        from convqa_sdk.tracing.handoff_text import _check

        lines = line.split("\n")
        section = "\n".join([BEGIN, *lines, f"----- END CONVQA HANDOFF {_check(lines)} -----"])
        assert Handoff.from_text(section) in (None, Handoff())

    def test_values_that_are_no_json_come_back_as_text(self) -> None:
        """And fields of a wrong type as their text: a packet is never refused in the bot."""
        circle: dict[str, Any] = {}
        circle["again"] = circle
        state = {"x": 1j, "keys": {(1, 2): 3}, "circle": circle}
        texts = {"x": "1j", "keys": "{(1, 2): 3}", "circle": "{'again': {...}}"}
        assert Handoff.from_text(Handoff(account_state=state).to_text()) == Handoff(account_state=texts)
        odd: Any = Handoff(summary=7, promises="soon", tried=[1])  # type: ignore[arg-type] # reason: wrong on purpose
        assert Handoff.from_text(odd.to_text()) == Handoff(summary="7", promises=("soon",), tried=("1",))


MARKERS = st.sampled_from(
    [
        BEGIN,
        "----- END CONVQA HANDOFF deadbeef -----",
        "----- END CONVQA HANDOFF",
        FULL.to_text(),
        FULL.to_text().splitlines()[-1],
        "| ",
        "- ",
        "Summary: ",
        "Tried:",
        "none",
        "> ",
        "\r",
        "\\r",
        "\\",
        '"',
        "\u2028",
        "\x85",
        "\x1c",
        " ",
        "\n",
    ]
)
hostile = st.lists(st.one_of(MARKERS, st.text(max_size=5)), max_size=5).map("".join)
names = st.one_of(st.none(), hostile)
leaves = st.one_of(st.none(), st.booleans(), st.integers(), hostile, st.floats(allow_nan=False))
states = st.dictionaries(hostile, st.recursive(leaves, lambda inner: st.lists(inner, max_size=2), max_leaves=3))
lists = st.one_of(st.none(), st.lists(hostile, max_size=3).map(tuple))
packets = st.builds(
    Handoff,
    summary=names,
    queue=names,
    id=names,
    intent=names,
    history=names,
    trace=names,
    promises=lists,
    tried=lists,
    account_state=st.one_of(st.none(), states),
)
around = st.lists(
    st.sampled_from([BEGIN, "----- END CONVQA HANDOFF deadbeef -----", "| Summary: x", "Summary: x", "hi", "", "- y"]),
    max_size=4,
).map("\n".join)


@given(packets, around, around)
@example(Handoff(summary=FULL.to_text()), "", "")
@example(Handoff(account_state={"": "", " a": None, "a: b": {"c": ["\r\n"]}}), "", "")
def test_it_comes_back_as_it_was(packet: Handoff, before: str, after: str) -> None:
    """Whatever a customer has written into it, markers and whole sections among that, and whatever stands around it."""
    assert Handoff.from_text(f"{before}\n{packet.to_text()}\n{after}") == packet


@given(hostile)
def test_reading_never_raises(text: str) -> None:
    """Any text is a ticket."""
    found = Handoff.from_text(text)
    assert found is None or found == FULL


class TestRedacted:
    """For a ticket system that may not hold personal data."""

    def test_texts_are_redacted_everywhere(self) -> None:
        """In summary, lists, state and history; what was clean stays as it was."""
        packet = Handoff(
            summary="I am jane@example.com",
            intent="refund",
            account_state={"mail": "jane@example.com", "days": 61},
            promises=("We write to jane@example.com.",),
            tried=("lookup_order",),
            history="c-1",
            trace="cq1.x",
            queue="billing",
            id="t-1",
        )
        assert packet.redacted() == Handoff(
            summary="I am [EMAIL]",
            intent="refund",
            account_state={"mail": "[EMAIL]", "days": 61},
            promises=("We write to [EMAIL].",),
            tried=("lookup_order",),
            history="c-1",
            trace="cq1.x",
            queue="billing",
            id="t-1",
        )

    def test_a_conversation_that_is_a_phone_number(self) -> None:
        """The reference spells it as well, so it goes."""
        ref = str(convqa.TurnRef("+49 170 5551234", 1, 2))
        safe = Handoff(history="+49 170 5551234", trace=ref).redacted()
        assert (safe.history, safe.trace) == ("[PHONE]", None)

    def test_a_reference_is_dropped_for_the_id_that_it_holds(self) -> None:
        """Also where the packet's history is another; what is no reference is searched as a text."""
        held = str(convqa.TurnRef("anna@example.com", 1, 2))
        assert Handoff(history="H-1", trace=held).redacted().trace is None
        assert Handoff(trace="see anna@example.com").redacted().trace == "see [EMAIL]"
        plain = str(convqa.TurnRef("c-1", 1, 2))
        assert Handoff(trace=plain).redacted().trace == plain

    def test_by_the_policy_that_is_given(self) -> None:
        """A policy may withhold whole texts, or keep the addresses of the house."""
        withhold = RedactionPolicy(actions={"EMAIL": "withhold"})
        assert "jane" not in (Handoff("mail jane@example.com").redacted(withhold).summary or "")
        assert Handoff("mail jane@example.com").redacted(RedactionPolicy(content=False)).summary == ""

    def test_an_empty_packet(self) -> None:
        """What is not known stays unknown, and what was none stays none."""
        assert Handoff().redacted() == Handoff()
        assert Handoff(promises=(), account_state={}).redacted() == Handoff(promises=(), account_state={})
