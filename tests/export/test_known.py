"""What is known of a customer is found in all texts of the turn, in no other turn, and is never exported itself."""

from __future__ import annotations

from typing import Any

import pytest

import convqa_sdk as convqa
from convqa_sdk.export.known import Customer
from convqa_sdk.redaction.words import Lexicon, name_entries

from .conftest import Record

JANE = {"name": "Jane Müller", "address": "12 Mill Lane, Springfield"}


def test_known_values_are_found_everywhere_in_the_turn(record: Record) -> None:
    """In content, labels, structures, passages, exceptions and events, by their parts, whatever the spelling."""
    recorded = record()
    with convqa.turn("c-1", "jane here, JANE MULLER of 12 mill lane", known=JANE, channel="jane") as turn:
        with convqa.retrieval(query="Mueller", data_source="kb") as stage:
            stage.set(documents=[convqa.Document("d", "Frau Müller")])
        with pytest.raises(ValueError, match="Jane"), convqa.tool(name="t"):
            raise ValueError("no Jane")
        turn.custom(note={"for": "Jane"})
        turn.event("seen", {"who": "Jane"})
        turn.answer("Dear Jane")
    span = recorded.attributes("turn")
    assert span["convqa.message.text"] == "[PERSON] here, [PERSON] of [ADDRESS]"
    assert (span["convqa.answer.text"], span["convqa.channel"]) == ("Dear [PERSON]", "[PERSON]")
    assert list(span["convqa.redaction.classes"]) == ["ADDRESS", "PERSON"]
    for part in ("jane", "müller", "mueller", "mill lane"):
        assert part not in recorded.text.lower()


def test_known_values_hold_for_their_turn_only(record: Record) -> None:
    """What was remembered before is not believed, and what was found is not remembered."""
    recorded = record()
    for known in (None, JANE, None):
        with convqa.turn("c-1", "Jane", channel="jane", known=known) as turn:
            turn.answer("x")
    found = [(s.attributes["convqa.message.text"], s.attributes["convqa.channel"]) for s in recorded.all]
    assert found == [("Jane", "jane"), ("[PERSON]", "[PERSON]"), ("Jane", "jane")]


def test_known_values_come_by_method_parameter_and_lookup(record: Record) -> None:
    """They add up; the lookup is told whose they are, once per turn, and of late outcomes the conversation."""
    asked: list[Any] = []

    def lookup(customer: Customer) -> Any:
        asked.append(customer)
        return {"other": ["Rex"]}

    recorded = record(known_values=lookup)
    with convqa.turn("c-1", "Jane Bob Rex", account_id="a-1", user_id="u-1", known={"name": "Jane"}) as turn:
        assert turn.known(name=["Bob"], address=None, other="") is turn
        with convqa.tool(name="t"):
            pass
        turn.answer("Rex")
    convqa.record_feedback("c-1", thumbs="down", comment="Rex bit me")
    assert recorded.attributes("turn")["convqa.message.text"] == "[PERSON] [PERSON] [KNOWN]"
    assert asked == [("c-1", "a-1", "u-1"), ("c-1", None, None)]
    assert recorded.all[-1].attributes["convqa.outcome.feedback.comment"] == "[KNOWN] bit me"


def _raise(customer: Customer) -> Any:
    raise LookupError("Jane Doe")


def _exit(customer: Customer) -> Any:
    raise SystemExit("Jane Doe")


@pytest.mark.parametrize(
    "lookup",
    [_raise, _exit, lambda _: 7, lambda _: {"nickname": "Jane"}, lambda _: {"name": 7}, lambda _: {"name": ["x" * 501]},
     lambda _: {"name": ["Jane"] * 65}, lambda _: {7: "Jane"}, lambda _: [("name", "Jane")]],
)  # fmt: skip
def test_a_lookup_that_fails_withholds_the_content_of_the_turn(
    record: Record, lookup: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody can tell what stands in it; labels, numbers and ids stay, and nothing that was raised is quoted."""
    recorded = record(known_values=lookup)
    for _ in range(2):
        with convqa.turn("c-1", "Jane here", channel="web") as turn:
            turn.answer("x y")
    span = recorded.attributes("turn") if len(recorded.all) == 1 else dict(recorded.all[-1].attributes)
    assert span["convqa.message.text"] == span["convqa.answer.text"] == "[WITHHELD]"
    assert (span["convqa.channel"], span["convqa.redaction.status"]) == ("web", "failed_closed")
    assert "Jane" not in caplog.text + repr(recorded.sdk.stats())


def test_nothing_known_is_no_failure(record: Record) -> None:
    """A lookup that finds nobody, and fields that are empty."""
    for nothing in (None, {}, {"name": None, "address": "", "other": []}):
        recorded = record(known_values=lambda _, nothing=nothing: nothing)
        with convqa.turn("c-1", "Jane here"):
            pass
        assert recorded.attributes("turn")["convqa.message.text"] == "Jane here"


@pytest.mark.parametrize(
    "known",
    [7, "Jane", {"nickname": "Jane"}, {"name": object()}, {"name": ["a"] * 65}],
    ids=["number", "text", "name", "object", "many"],
)
def test_known_values_that_cannot_be_used_are_a_violation_and_withhold(record: Record, known: Any) -> None:
    """The bot goes on; the field is named, and the texts of the turn stay inside."""
    recorded = record()
    with convqa.turn("c-1", "Jane here", known=known) as turn:
        assert turn.answer("Hello Jane") == "Hello Jane"
    span = recorded.attributes("turn")
    assert "known" in span["convqa.instrumentation.violations"]
    assert span["convqa.message.text"] == "[WITHHELD]"
    assert "Jane" not in recorded.text


def test_a_name_in_a_conversation_id_stays_for_joins(record: Record) -> None:
    """An id leaves as it does in every other turn, outcome and import, whoever knows the name."""
    recorded = record()
    with convqa.turn("chat-jane", "Jane", known=JANE):
        pass
    assert recorded.attributes("turn")["gen_ai.conversation.id"] == "chat-jane"


def test_what_is_nobodys_in_particular_is_not_searched_for_a_customer(record: Record) -> None:
    """A customer who is called like the service changes neither his spans' resource nor those of others."""
    recorded = record(service_name="Acme Bot")
    for known in ({"name": "Acme"}, None):
        with convqa.turn("c-1", "Acme", known=known):
            pass
    assert {span.resource.attributes["service.name"] for span in recorded.all} == {"Acme Bot"}
    assert [span.attributes["convqa.message.text"] for span in recorded.all] == ["[PERSON]", "Acme"]


def test_a_customer_in_hand_at_a_fork_is_nobody_in_the_child(record: Record) -> None:
    """What a copied process knew of its parent's customer is forgotten before its first turn."""
    recorded = record()
    recorded.sdk._worker._renderings._detection.know(Lexicon(name_entries("Jane")))
    with convqa.turn("c-1", "Jane"):
        pass
    assert recorded.attributes("turn")["convqa.message.text"] == "Jane"


def test_a_stage_that_ends_after_its_turn_knows_too(record: Record) -> None:
    """It leaves on its own, under what its turn knew."""
    recorded = record()
    with convqa.turn("c-1", "x", known=JANE):
        stage = convqa.stages.Tool.begin({"name": "t", "input": "Jane"})
    assert stage is not None
    stage.finish()
    assert "Jane" not in recorded.text


def test_outside_a_turn_nothing_is_known() -> None:
    """The handle that records nothing takes them too."""
    assert convqa.current_turn().known(name="Jane") is convqa.current_turn()


class Names:
    """A recognizer that finds Joe, or fails."""

    def __init__(self, broken: bool = False) -> None:
        self.broken = broken

    def __call__(self, text: str) -> list[tuple[int, int, str]]:
        if self.broken:
            raise ValueError(text)
        start = text.find("Joe")
        return [(start, start + 3, "PERSON")] if start >= 0 else []


def test_a_recognizer_takes_part(record: Record) -> None:
    """Its findings are redacted and counted like ours."""
    recorded = record(recognizers=Names())
    with convqa.turn("c-1", "I am Joe, joe@example.com") as turn:
        turn.answer("Dear Joe")
    assert recorded.attributes("turn")["convqa.message.text"] == "I am [PERSON], [EMAIL]"


def test_a_recognizer_that_fails_is_counted_and_logged_once_by_its_class(
    record: Record, caplog: pytest.LogCaptureFixture
) -> None:
    """All texts are withheld meanwhile; nothing that it raised is quoted."""
    recorded = record(recognizers=[Names(broken=True)])
    with convqa.turn("c-1", "I am Joe") as turn:
        turn.answer("Dear Joe")
    assert recorded.attributes("turn")["convqa.message.text"] == "[WITHHELD]"
    assert recorded.attributes("turn")["convqa.redaction.status"] == "failed_closed"
    assert recorded.sdk.stats().faults["recognizer Names"] >= 2
    assert caplog.text.count("cause='recognizer Names'") == 1
    assert "Joe" not in caplog.text


@pytest.mark.parametrize("given", [((), {"nmae": "Jane"}), (("Jane",), {}), (("Jane",), {"name": "Jane"})])
def test_known_with_a_misspelt_or_no_name_is_a_violation_and_withholds(record: Record, given: Any) -> None:
    """The method takes any call, as `known=` takes any mapping."""
    recorded = record()
    with convqa.turn("c-1", "Jane here") as turn:
        assert turn.known(*given[0], **given[1]) is turn
        turn.answer("Hello Jane")
    assert "known" in recorded.violations("turn")
    assert "Jane" not in recorded.text


@pytest.mark.parametrize(
    ("returned", "cause", "told"),
    [
        ("Jane", "known_values", "a mapping of name, address, other"),
        ({"nickname": "Jane"}, "known_values.unknown", "field='nickname'"),
        ({"Jane Doe": "Jane"}, "known_values.unknown", "field='[?]'"),
        ({"other": "x", "name": object()}, "known_values.name", "cause='known_values.name'"),
    ],
    ids=["text", "unknown field", "no field", "no text"],
)
def test_a_lookup_that_returns_nonsense_is_counted_and_logged_once(
    record: Record, caplog: pytest.LogCaptureFixture, returned: Any, cause: str, told: str
) -> None:
    """By the field that cannot be used, and with what is accepted; the texts stay inside, also of the log."""
    recorded = record(known_values=lambda _: returned)
    for _ in range(2):
        with convqa.turn("c-1", "Jane here") as turn:
            turn.answer("Hello Jane")
    assert recorded.sdk.stats().faults == {cause: 2}
    assert caplog.text.count(told) == 1
    assert "Jane" not in recorded.text + caplog.text
