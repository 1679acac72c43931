"""Texts that leave hold nothing that was detected; whatever goes wrong withholds them."""

from __future__ import annotations

import logging
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convqa_sdk.redaction import Finding, Pseudonyms, Redacted, RedactionPolicy, Redactor, detect, redact

from .planted import any_text, awkward_text, edges, planted

KEY = bytes(range(32))
CARD = "4111 1111 1111 1111"


@given(any_text, edges, planted, edges, any_text)
def test_a_planted_value_does_not_survive(before: str, left: str, value: str, right: str, after: str) -> None:
    """Wherever it stands, the value is gone, and the status says so."""
    result = redact(before + left + value + right + after)
    assert value not in result.text
    assert result.status == "redacted"
    assert result.count >= 1
    result.text.encode("utf-8")


@settings(max_examples=300)
@given(awkward_text)
def test_redaction_is_idempotent_and_leaves_nothing_to_find(text: str) -> None:
    """A second pass changes nothing, a detector finds nothing, and UTF-8 can hold the result."""
    once = redact(text)
    assert redact(once.text).text == once.text
    assert detect(once.text) == []
    once.text.encode("utf-8")


@given(awkward_text)
def test_clean_means_unchanged(text: str) -> None:
    """A text without finding comes back as it was, but for lone surrogates."""
    result = redact(text)
    if result.status == "clean":
        assert result.text == "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
        assert (result.count, result.classes) == (0, ())
    else:
        assert detect(text)


def test_the_summary_counts_and_names_classes() -> None:
    """Two cards and a mail are three findings of two classes, sorted."""
    result = redact(f"{CARD} and {CARD}, a@b.co")
    assert result == Redacted("[CREDIT_CARD] and [CREDIT_CARD], [EMAIL]", "redacted", 3, ("CREDIT_CARD", "EMAIL"))
    assert result.summary == ("redacted", 3, ("CREDIT_CARD", "EMAIL"))


def test_a_marker_does_not_bring_a_telling_word_nearer() -> None:
    """`call` comes into reach of the second number only when the mail shrinks to its marker: it is redacted too."""
    text = f"call {'x' * 50}@example.com 3348917502"
    assert redact(text).text == "call [EMAIL] [PHONE]"
    assert redact("555-123-2002 33489175021").text == "[PHONE] 33489175021"


def test_each_action_does_what_it_says() -> None:
    """Keep, pseudonymise and withhold act per class; a pseudonym without key is a plain marker."""
    text = f"a@b.co {CARD} 192.0.2.17"
    policy = RedactionPolicy(actions={"EMAIL": "pseudonymise", "IP_ADDRESS": "keep"})
    token = Pseudonyms(KEY).token("EMAIL", "a@b.co")
    assert Redactor(policy, Pseudonyms(KEY)).text(text).text == f"{token} [CREDIT_CARD] 192.0.2.17"
    assert Redactor(policy, Pseudonyms(None)).text(text).text == "[EMAIL] [CREDIT_CARD] 192.0.2.17"
    assert Redactor(policy).text(text).text == "[EMAIL] [CREDIT_CARD] 192.0.2.17"
    withheld = Redactor(RedactionPolicy(actions={"CREDIT_CARD": "withhold"})).text(text)
    assert withheld == ("[WITHHELD]", "withheld", 3, ("CREDIT_CARD", "EMAIL", "IP_ADDRESS"))


def test_content_off_gives_no_text_and_never_detects() -> None:
    """The detector is not even asked."""

    def detector(text: str) -> list[Finding]:
        raise AssertionError(text)

    redactor = Redactor(RedactionPolicy(content=False), detector=detector)
    assert redactor.text("a@b.co") == ("", "off", 0, ())
    assert redactor.render("a@b.co", []) == ("", "off", 0, ())


def test_one_detection_serves_policies_that_differ() -> None:
    """Findings of one redactor are rendered by another."""
    text = "a@b.co"
    findings = Redactor(RedactionPolicy()).find(text)
    assert Redactor(RedactionPolicy(actions={"EMAIL": "keep"})).render(text, findings).text == text
    assert Redactor(RedactionPolicy(actions={"EMAIL": "withhold"})).render(text, findings).text == "[WITHHELD]"


def _raise(text: str) -> list[Finding]:
    raise ValueError(text)


@pytest.mark.parametrize(
    "detector",
    [
        _raise,
        lambda text: None,
        lambda text: [(0, 10_000, "EMAIL")],
        lambda text: [(-3, 2, "EMAIL")],
        lambda text: [(0, 2, text)],
        lambda text: [(0, 2)],
        lambda text: [object()],
        lambda text: (_ for _ in [1 / 0]),
        lambda text: [(0, len(text), "EMAIL")] if "[EMAIL]" not in text else _raise(text),
    ],
)
def test_a_broken_detector_withholds_the_text(
    detector: object, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exceptions and nonsense fail closed, in texts and structures, and nothing is logged or printed."""
    caplog.set_level(logging.DEBUG)
    redactor = Redactor(RedactionPolicy(), detector=detector)
    assert redactor.text("password hunter2")[:2] == ("[WITHHELD]", "failed_closed")
    copy, summary = redactor.structure({"note": "my hunter2"})
    assert "hunter2" not in str(copy)
    assert summary.status == "failed_closed"
    assert caplog.text == ""
    assert capsys.readouterr() == ("", "")


def test_a_detector_that_never_settles_is_stopped() -> None:
    """When each look finds something new, the text is withheld after a few rounds."""
    redactor = Redactor(RedactionPolicy(), detector=lambda text: [(0, 1, "EMAIL")])
    assert redactor.text("abc") == ("[WITHHELD]", "withheld", 1, ("EMAIL",))


def test_an_overrun_withholds_the_text() -> None:
    """A detector that works too long fails closed, and so does a long text under a tiny budget."""

    def slow(text: str) -> list[Finding]:
        until = time.thread_time() + 0.02
        while time.thread_time() < until:
            pass
        return []

    assert Redactor(RedactionPolicy(budget_ms=5), detector=slow).text("hi") == ("[WITHHELD]", "failed_closed", 0, ())
    assert Redactor(RedactionPolicy(budget_ms=0.05)).text("word " * 10_000).status == "failed_closed"


def test_pauses_are_offered_and_do_not_count_against_the_budget() -> None:
    """Sleeping in the hook gives the interpreter away without using up the text's time."""
    pauses: list[int] = []

    def pause() -> None:
        pauses.append(1)
        time.sleep(0.03)

    result = Redactor(RedactionPolicy(budget_ms=60), pause=pause).text("word " * 5_000)
    assert result.status == "clean"
    assert len(pauses) >= 6


def test_a_busy_machine_withholds_nothing() -> None:
    """Time in which the processor worked for somebody else does not count."""

    def waiting(text: str) -> list[Finding]:
        time.sleep(0.02)
        return []

    assert Redactor(RedactionPolicy(budget_ms=5), detector=waiting).text("hi").status == "clean"


def test_a_text_at_the_limit_may_grow_by_its_markers() -> None:
    """The limit is for what comes in: a pseudonym longer than its value does not withhold the text."""
    policy = RedactionPolicy(max_chars=6, actions={"EMAIL": "pseudonymise"})
    assert Redactor(policy, Pseudonyms(KEY)).text("a@b.co").text.startswith("[EMAIL:k1:")


def test_a_text_over_the_limit_is_withheld_without_looking() -> None:
    """The limit is inclusive, and the marker says why."""
    redactor = Redactor(RedactionPolicy(max_chars=5))
    assert redactor.text("12345").text == "12345"
    assert redactor.text("123456") == ("[WITHHELD:too_long]", "withheld", 0, ())
    assert redactor.find("123456") is None
    assert Redactor(RedactionPolicy()).render("a@b.co", redactor.find("a@b.co")).text == "[WITHHELD]"


@given(any_text, planted, st.integers(1, 40))
def test_what_stands_at_a_cut_is_withheld(before: str, value: str, kept: int) -> None:
    """A value that capture cut in two leaves nothing, because the last 512 characters go."""
    text = f"{before} {value[:kept]}"
    result = Redactor(RedactionPolicy()).text(text, cut=True)
    assert result.text == "[WITHHELD:too_long]"
    assert result.status == "withheld"


def test_a_cut_keeps_the_head_and_never_splits_a_finding() -> None:
    """Text far from the cut stays; a value that reaches into the tail goes whole."""
    redactor = Redactor(RedactionPolicy())
    assert redactor.text("a@b.co " + "y" * 600, cut=True).text == "[EMAIL] " + "y" * 88 + "[WITHHELD:too_long]"
    across = "before " + CARD + "z" * 505
    assert redactor.text(across, cut=True).text == "before [WITHHELD:too_long]"


def test_an_open_private_key_is_withheld_up_to_the_cut() -> None:
    """A block without its end is no marker in the middle of a text: everything from its beginning goes."""
    text = "my key: -----BEGIN PRIVATE" + " KEY-----\n" + "MIIEvQ" * 300
    assert Redactor(RedactionPolicy()).text(text, cut=True).text == "my key: [WITHHELD:too_long]"
    assert redact(text).text == "my key: [SECRET]"


def test_lone_surrogates_become_replacement_characters() -> None:
    """Astral characters stay, half of one is replaced."""
    assert redact("\ud83d joe \U0001f600").text == "\ufffd joe \U0001f600"


@pytest.mark.parametrize("value", [None, b"a@b.co", 7, ["a@b.co"]])
def test_redact_takes_text_only(value: object) -> None:
    """The error names the type that was given."""
    with pytest.raises(TypeError, match=type(value).__name__):
        redact(value)


def test_a_class_of_ones_own_needs_a_place_in_the_policy() -> None:
    """A plug-in's label is refused unless the policy lists it."""
    plug_in = lambda text: [(a, a + 3, "NAME") for a in [text.find("Joe")] if a >= 0]  # noqa: E731 - one line
    assert Redactor(RedactionPolicy(), detector=plug_in).text("I am Joe").status == "failed_closed"
    assert Redactor(RedactionPolicy(classes=["NAME"]), detector=plug_in).text("I am Joe").text == "I am [NAME]"
