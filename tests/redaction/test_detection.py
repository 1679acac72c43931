"""One search serves all policies; recognizers of the application take part in it, and what they do wrong withholds."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

from convqa_sdk.redaction import RedactionPolicy, Redactor, detection
from convqa_sdk.redaction.detection import Detection
from convqa_sdk.redaction.words import Lexicon, name_entries

POLICY = RedactionPolicy(classes=["ORGANISATION"])


class Names:
    """Finds Joe and Acme, as an engine for names would."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, text: str) -> Iterator[tuple[int, int, str]]:
        self.asked.append(text)
        for word, label in (("Joe", "PERSON"), ("Acme", "ORGANISATION")):
            start = text.find(word)
            if start >= 0:
                yield start, start + len(word), label


def with_recognizers(*recognizers: Any, faults: list[str] | None = None, remember: bool = False) -> Detection:
    """A detection with engines of the application."""
    told = faults if faults is not None else []
    return Detection(
        recognizers=recognizers,
        labels=POLICY.labels,
        on_fault=lambda cause, _: told.append(cause),
        remember=remember,
    )


def test_a_recognizer_adds_to_the_patterns() -> None:
    """Its classes are redacted like ours, in texts and in structures."""
    redactor = Redactor(POLICY, detector=with_recognizers(Names()))
    assert redactor.text("Joe of Acme, joe@acme.com").text == "[PERSON] of [ORGANISATION], [EMAIL]"
    assert redactor.structure({"from": "Joe"})[0] == {"from": "[PERSON]"}


def test_a_recognizer_may_take_our_markers_for_words() -> None:
    """What it finds inside a marker or a pseudonym of ours is no finding; around one it is."""

    def capitals(text: str) -> list[tuple[int, int, str]]:
        return [(m.start(), m.end(), "ORGANISATION") for m in re.finditer(r"[A-Z]{3,}(?: \[EMAIL\])?", text)]

    redactor = Redactor(POLICY, detector=with_recognizers(capitals))
    assert redactor.text("ACME has joe@acme.com").text == "[ORGANISATION] has [EMAIL]"
    assert redactor.text("ACME [EMAIL]").text == "[ORGANISATION]"


def _raise(text: str) -> list[Any]:
    raise ValueError(text)


def _exit(text: str) -> list[Any]:
    raise SystemExit(text)


def _endless(text: str) -> Iterator[tuple[int, int, str]]:
    while True:
        yield 0, 99, "PERSON"


class Broken:
    """Returns what it was made with."""

    def __init__(self, found: Any) -> None:
        self.found = found

    def __call__(self, text: str) -> Any:
        return self.found


@pytest.mark.parametrize(
    ("recognizer", "name"),
    [
        (_raise, "_raise"),
        (_exit, "_exit"),
        (_endless, "_endless"),
        (Broken(None), "Broken"),
        (Broken([(0, 10_000, "PERSON")]), "Broken"),
        (Broken([(3, 3, "PERSON")]), "Broken"),
        (Broken([(0, 3, "UNDECLARED")]), "Broken"),
        (Broken([("0", 3, "PERSON")]), "Broken"),
        (Broken(["PERSON"]), "Broken"),
    ],
)
def test_a_recognizer_that_fails_withholds_the_text_and_is_named(recognizer: Any, name: str) -> None:
    """Whatever it raises or returns; the fault names its class, and nothing of the text."""
    faults: list[str] = []
    redactor = Redactor(POLICY, detector=with_recognizers(recognizer, faults=faults))
    assert redactor.text("I am Joe") == ("[WITHHELD]", "failed_closed", 0, ())
    assert "Joe" not in str(redactor.structure({"a": "Joe"})[0])
    assert set(faults) == {f"recognizer {name}"}


def test_a_recognizer_works_within_the_budget_of_the_text() -> None:
    """One that takes longer has the text withheld."""

    def slow(text: str) -> list[Any]:
        sum(range(3_000_000))
        return []

    policy = RedactionPolicy(budget_ms=1)
    assert Redactor(policy, detector=with_recognizers(slow)).text("hi").status == "failed_closed"


def test_a_text_is_searched_once_for_all_policies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two redactors over one detection ask patterns and recognizers once per text, and render each its own."""
    searched: list[str] = []
    find = detection.detect

    def counted(text: str, **options: Any) -> Any:
        searched.append(text)
        return find(text, **options)

    monkeypatch.setattr(detection, "detect", counted)
    names = Names()
    shared = Detection(counted, [names], labels=POLICY.labels, remember=True)
    first, second = (
        Redactor(RedactionPolicy(classes=["ORGANISATION"], actions={"EMAIL": action}), detector=shared)
        for action in ("redact", "keep")
    )
    assert first.text("Joe: joe@acme.com").text == "[PERSON]: [EMAIL]"
    assert second.text("Joe: joe@acme.com").text == "[PERSON]: joe@acme.com"
    assert searched.count("Joe: joe@acme.com") == names.asked.count("Joe: joe@acme.com") == 1
    shared.forget()
    first.text("Joe: joe@acme.com")
    assert searched.count("Joe: joe@acme.com") == 2


def test_what_is_known_of_one_customer_is_forgotten() -> None:
    """A name is found until the customer in hand is another one."""
    shared = Detection()
    redactor = Redactor(POLICY, detector=shared)
    shared.know(Lexicon(name_entries("Jane Doe")))
    assert shared.particular
    assert redactor.text("jane here").text == "[PERSON] here"
    shared.forget()
    assert not shared.particular
    assert redactor.text("jane here").text == "jane here"


def test_content_is_withheld_where_the_customer_could_not_be_looked_up() -> None:
    """A redactor for labels goes on, because the bot's author wrote those."""
    shared = Detection()
    shared.know(None, blind=True)
    assert Redactor(POLICY, detector=shared).text("hi there").status == "failed_closed"
    assert Redactor(POLICY, detector=shared, labels=True).text("hi there").status == "clean"


def test_a_recognizer_is_asked_for_content_with_letters_only() -> None:
    """Not for a label, a key, a value without letters, or what was written for a text; our patterns search all."""
    names = Names()
    shared = with_recognizers(names)
    assert Redactor(POLICY, detector=shared, labels=True).text("Joe, joe@acme.com").text == "Joe, [EMAIL]"
    content = Redactor(POLICY, detector=shared)
    assert content.text("4111 1111 1111 1111").text == "[CREDIT_CARD]"
    card = int("4111" + "1" * 12)
    structure, _ = content.structure({"Joe": {"card": card, "paid": "12.50"}, "a@acme.com": "by Joe"})
    assert structure == {"Joe": {"card": "[CREDIT_CARD]", "paid": "12.50"}, "[EMAIL]": "by [PERSON]"}
    assert names.asked == ["a@acme.com: by Joe"]


class Sleeper:
    """A recognizer that waits instead of working, so that it takes no processor time."""

    def __init__(self) -> None:
        self.wait_s = 0.02
        self.asked = 0

    def __call__(self, text: str) -> list[tuple[int, int, str]]:
        self.asked += 1
        time.sleep(self.wait_s)
        return []


def test_a_recognizer_that_takes_too_long_is_left_out_and_its_texts_withheld() -> None:
    """Also one that only waits; after three texts in a row it is asked no more, and labels leave as before."""
    sleeper, faults = Sleeper(), list[BaseException]()
    shared = Detection(recognizers=[sleeper], on_fault=lambda _, error: faults.append(error), budget_ms=5)
    redactor = Redactor(RedactionPolicy(), detector=shared)
    assert {redactor.text(f"hi {number}").status for number in range(5)} == {"failed_closed"}
    assert sleeper.asked == 3
    assert [type(each).__name__ for each in faults] == ["RecognizerOverrunError"] * 3 + ["RecognizerLeftOutError"] * 2
    assert Redactor(RedactionPolicy(), detector=shared, labels=True).text("hi").status == "clean"


def test_a_recognizer_that_is_slow_now_and_then_stays() -> None:
    """A text that it was quick for starts the count of overruns again."""
    sleeper = Sleeper()
    redactor = Redactor(RedactionPolicy(), detector=Detection(recognizers=[sleeper], budget_ms=10))
    for number in range(8):
        sleeper.wait_s = 0 if number % 3 == 2 else 0.02
        redactor.text(f"hi {number}")
    assert sleeper.asked == 8


def test_a_detector_that_never_ends_is_stopped() -> None:
    """What stands in the place of our patterns is bounded like any recognizer; its text is withheld."""
    assert Redactor(RedactionPolicy(), None, _endless).text("hello").text == "[WITHHELD]"
