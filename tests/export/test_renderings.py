"""Each destination gets its own rendering; each text is searched once; nothing is known of the next customer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

import convqa_sdk as convqa
from convqa_sdk.errors import ConfigurationError
from convqa_sdk.export.exporters import MemoryExporter
from convqa_sdk.export.sdk import Sdk, hold
from convqa_sdk.export.settings import read_settings
from convqa_sdk.redaction import RedactionPolicy

from .conftest import KEY, Start, stored
from .doubles import Keeping

MAIL = "jane@example.com"


class Archive(MemoryExporter):
    """A second exporter, with a name of its own."""


@pytest.fixture
def both() -> Iterator[Any]:
    """Record synchronously for two exporters, `MemoryExporter` and `Archive`; settings as for `configure()`."""
    releases = []

    def make(**settings: Any) -> tuple[Sdk, MemoryExporter, Archive]:
        memory, archive = MemoryExporter(), Archive()
        given = {"exporters": (memory, archive), "key": KEY, "service_name": "bot", **settings}
        sdk = Sdk(read_settings(given, {}), synchronous=True)
        releases.append(hold(sdk))
        return sdk, memory, archive

    yield make
    for release in reversed(releases):
        release()


def attributes(exporter: MemoryExporter, stage: str = "turn") -> dict[str, Any]:
    """The attributes of the last span of a stage."""
    return [dict(span.attributes) for span in exporter.spans if span.attributes["convqa.stage"] == stage][-1]


def ask(message: str = f"I am {MAIL}") -> None:
    """Record a turn with a generation, an error and values of the bot's own."""
    with convqa.turn("c-1", message, account_id="a-1", channel="web") as turn:
        with convqa.generation(model="m") as stage:
            stage.set(messages=[{"role": "user", "content": message}])
        with pytest.raises(ValueError, match="boom"), convqa.tool(name="t"):
            raise ValueError(f"boom {message}")
        turn.custom(note=message, flag=True)
        turn.answer(f"Hello {MAIL}")


def test_each_destination_has_its_policy_and_says_which(both: Any) -> None:
    """One keeps an address, the other makes a pseudonym of it; version and hash are those of each policy."""
    policy = RedactionPolicy(
        version="acme",
        actions={"EMAIL": "pseudonymise"},
        destinations={"Archive": {"actions": {"EMAIL": "keep"}, "allow_identifiers": True}},
    )
    _, memory, archive = both(redaction=policy)
    ask()
    here, there = attributes(memory), attributes(archive)
    assert here["convqa.message.text"].startswith("I am [EMAIL:k1:")
    assert there["convqa.message.text"] == f"I am {MAIL}"
    assert (here["convqa.account.id"][:15], there["convqa.account.id"]) == ("[ACCOUNT_ID:k1:", "a-1")
    for exporter, name in ((memory, "MemoryExporter"), (archive, "Archive")):
        stamped = {span.attributes.get("convqa.redaction.policy_version") for span in exporter.spans}
        assert stamped == {f"acme:{policy.at(name).hash[:8]}"}
    assert [span.context for span in memory.spans] == [span.context for span in archive.spans]


def test_a_text_is_searched_once_for_all_destinations(both: Any) -> None:
    """Two policies search no text twice; when the turn has left, nothing of it is remembered."""
    searched: list[str] = []

    def counted(text: str) -> tuple[()]:
        searched.append(text)
        return ()

    sdk, *_ = both(
        recognizers=counted, redaction=RedactionPolicy(destinations={"Archive": {"actions": {"EMAIL": "pseudonymise"}}})
    )
    ask()
    assert searched.count(f"I am {MAIL}") == 1
    assert searched.count(f"Hello {MAIL}") == 1
    assert sdk._worker._renderings._detection._memory == {}
    ask()
    assert searched.count(f"Hello {MAIL}") == 2


def test_equal_policies_share_spans_and_different_ones_do_not_count_twice(both: Any) -> None:
    """A destination that says nothing of its own is made with the others; violations are counted once."""
    sdk, memory, archive = both(redaction=RedactionPolicy(destinations={"Archive": {}}))
    assert len(set(sdk._worker._renderings.materialisers)) == 1
    sdk, memory, archive = both(redaction=RedactionPolicy(destinations={"Archive": {"version": "x"}}))
    assert len(set(sdk._worker._renderings.materialisers)) == 2
    with convqa.turn("c-1", 7) as turn:
        turn.answer("x")
    assert attributes(memory)["convqa.instrumentation.violations"] == ["message"]
    assert attributes(archive)["convqa.instrumentation.violations"] == ["message"]
    assert sdk.stats().violations == {"message": 1}


def test_store_forwarded_and_unknown_destinations(start: Start, tmp_path: Path, caplog: Any) -> None:
    """The store, a processor that is forwarded to, and a kind that is not there, which is told once."""
    memory, forwarded = MemoryExporter(), MemoryExporter()
    policy = RedactionPolicy(
        destinations={"store": {"actions": {"EMAIL": "keep"}}, "forward:*": {"content": False}, "otlp": {}}
    )
    sdk = start(memory, store=tmp_path / "s", forward_to=SimpleSpanProcessor(forwarded), redaction=policy)
    ask()
    sdk.shutdown(5)
    assert attributes(memory)["convqa.message.text"] == "I am [EMAIL]"
    assert "convqa.message.text" not in attributes(forwarded)
    (turn,) = [span for span in stored(tmp_path / "s") if span.attributes["convqa.stage"] == "turn"]
    assert turn.attributes["convqa.message.text"] == f"I am {MAIL}"
    assert caplog.text.count("policy_without_destination") == 1
    assert "policies=['otlp']" in caplog.text


def test_content_off_holds_for_every_destination(both: Any) -> None:
    """The setting beats what a policy says for one of them."""
    _, memory, archive = both(content=False, redaction=RedactionPolicy(destinations={"Archive": {"content": True}}))
    ask()
    for exporter in (memory, archive):
        assert "convqa.message.text" not in attributes(exporter)
        assert MAIL not in str([span.attributes for span in exporter.spans])


# ----------------------------------------------------------------------------------------------- by field


def test_a_field_leaves_as_its_hash(both: Any) -> None:
    """Equal texts have equal tokens of the redacted text, under any field, with the length of the text; never more."""
    policy = RedactionPolicy(fields={"*": "hash_only", "convqa.answer.text": "full"})
    _, memory, _ = both(redaction=policy)
    with convqa.turn("c-1", f"I am {MAIL}") as turn:
        with convqa.retrieval(query="I am joe@example.com", data_source="kb") as stage:
            stage.set(documents=[convqa.Document("d", "one"), convqa.Document("e", "two")])
        with convqa.generation(model="m", prompt="hi"):
            pass
        with pytest.raises(ValueError, match="secret"), convqa.tool(name="t"):
            raise ValueError("secret plan")
        turn.custom(note="one", number=7, flag=True)
        turn.answer("An answer")
    span = attributes(memory)
    token = span["convqa.message.text"]
    assert token.startswith("[TEXT:k1:")
    assert attributes(memory, "retrieval")["gen_ai.retrieval.query.text"] == token  # both are "I am [EMAIL]"
    assert span["convqa.message.text.original_length"] == len(f"I am {MAIL}")
    assert span["convqa.answer.text"] == "An answer"
    assert span["convqa.redaction.status"] == "withheld"
    passages = attributes(memory, "retrieval")["convqa.retrieval.document.passages"]
    assert len({*passages}) == 2
    assert all(passage.startswith("[TEXT:k1:") for passage in passages)
    assert json.loads(attributes(memory, "generation")["gen_ai.input.messages"]).startswith("[TEXT:k1:")
    assert {span[f"convqa.custom.{name}"][:9] for name in ("note", "number", "flag")} == {"[TEXT:k1:"}
    (event,) = next(span for span in memory.spans if span.attributes["convqa.stage"] == "tool").events
    assert event.attributes["exception.message"].startswith("[TEXT:k1:")
    assert event.attributes["exception.stacktrace"].startswith("[TEXT:k1:")
    assert "secret" not in str([(span.attributes, span.status.description, span.events) for span in memory.spans])


def test_without_a_key_a_hash_is_withheld(both: Any) -> None:
    """Never an unkeyed hash."""
    _, memory, _ = both(key=None, redaction=RedactionPolicy(fields={"convqa.message.text": "hash_only"}))
    ask()
    assert attributes(memory)["convqa.message.text"] == "[WITHHELD]"
    assert attributes(memory)["convqa.answer.text"] == "Hello [EMAIL]"


def test_a_field_can_be_left_out(both: Any) -> None:
    """One that is named, all that a pattern names, values of the bot's own, messages of exceptions."""
    policy = RedactionPolicy(
        fields={
            "gen_ai.*": "none",
            "convqa.custom.note": "none",
            "exception.message": "none",
            "convqa.answer.*": "none",
        }
    )
    _, memory, _ = both(redaction=policy)
    ask("hello there")
    turn, generation = attributes(memory), attributes(memory, "generation")
    assert "convqa.answer.text" not in turn
    assert "convqa.custom.note" not in turn
    assert (turn["convqa.custom.flag"], turn["convqa.message.text"]) == (True, "hello there")
    assert "gen_ai.input.messages" not in generation
    assert generation["gen_ai.request.model"] == "m"
    (event,) = next(span for span in memory.spans if span.attributes["convqa.stage"] == "tool").events
    assert event.attributes.keys() == {"exception.type", "exception.stacktrace"}


def test_what_is_allowed_in_one_field_does_not_leave_in_another(both: Any) -> None:
    """Though the text is the same, and was seen before."""
    entry = {"cls": "EMAIL", "value": MAIL, "field": "convqa.answer.text"}
    _, memory, _ = both(redaction=RedactionPolicy(allow=[entry, {**entry, "field": "convqa.channel"}]))
    for _ in range(2):
        with convqa.turn("c-1", MAIL, channel=MAIL, region=MAIL) as turn:
            turn.answer(MAIL)
        span = attributes(memory)
        assert (span["convqa.message.text"], span["convqa.answer.text"]) == ("[EMAIL]", MAIL)
        assert (span["convqa.channel"], span["convqa.region"]) == (MAIL, "[EMAIL]")


def test_a_word_list_holds_in_every_text(both: Any) -> None:
    """Content, labels, values of the bot's own, exceptions; under the class of the list."""
    _, memory, _ = both(redaction=RedactionPolicy(words=[{"label": "ILLNESS", "words": ["diabetes"]}]))
    with convqa.turn("c-1", "My Diabetes", channel="diabetes", segment="x") as turn:
        turn.custom(note={"deep": ["diabetes"]})
        turn.answer("x")
    span = attributes(memory)
    assert (span["convqa.message.text"], span["convqa.channel"]) == ("My [ILLNESS]", "[ILLNESS]")
    assert "diabetes" not in str(span).lower()
    assert list(span["convqa.redaction.classes"]) == ["ILLNESS"]


@pytest.mark.parametrize("name", ["stroe", "otpl", "KeepinG", "forwards"])
def test_a_policy_for_a_misspelt_destination_is_refused(start: Start, name: str) -> None:
    """It would protect nothing: the error says what there is, and the nearest."""
    policy = RedactionPolicy(destinations={name: {"content": False}})
    with pytest.raises(ConfigurationError, match=f"there is no {name}.*Keeping, store, otlp") as caught:
        start(Keeping(), redaction=policy)
    assert name != "stroe" or "did you mean store?" in str(caught.value)


def test_a_policy_shared_by_bots_may_name_what_this_one_lacks(start: Start) -> None:
    """Kinds of destinations, any processor's class, the vault, and the class of the exporter given."""
    names = ("store", "otlp", "console", "vault", "forward:*", "forward:Elsewhere", "Keeping")
    start(Keeping(), redaction=RedactionPolicy(destinations={name: {"content": False} for name in names}))
    start(disabled=True, redaction=RedactionPolicy(destinations={"stroe": {}}))


@pytest.mark.parametrize(
    ("fields", "message", "status"),
    [
        ({"convqa.answer.text": "none"}, "hi", "clean"),
        ({"convqa.answer.text": "none"}, f"I am {MAIL}", "redacted"),
        ({"convqa.answer.text": "none", "convqa.message.text": "hash_only"}, "hi", "withheld"),
        ({"*": "none"}, "hi", "clean"),
    ],
)
def test_a_field_that_is_left_out_does_not_count_in_the_status(
    both: Any, fields: Any, message: str, status: str
) -> None:
    """The gravest of the others does; `off` is content that is off altogether."""
    _, memory, archive = both(
        redaction=RedactionPolicy(fields=fields, destinations={"Archive": {"content": False, "fields": {}}})
    )
    ask(message)
    assert attributes(memory)["convqa.redaction.status"] == status
    assert attributes(archive)["convqa.redaction.status"] == "off"
