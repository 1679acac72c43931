"""Listed words are found whole, in any case, with or without diacritics, and thousands as fast as one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from convqa_sdk.redaction import RedactionPolicy, Redactor, WordList
from convqa_sdk.redaction.findings import resolve
from convqa_sdk.redaction.words import Entry, Lexicon, address_entries, folded, name_entries

from .planted import any_text


def nothing() -> None:
    """Check no time."""


def found(entries: list[Entry], text: str) -> list[str]:
    """What is found, as it stands in the text."""
    return [text[finding.start : finding.end] for finding in resolve(Lexicon(entries).find(text, nothing))]


def test_words_are_found_whole_and_in_any_spelling() -> None:
    """Case, diacritics and invisible characters do not matter; a part of a longer word is none."""
    entries = [Entry("Müller", "PERSON"), Entry("Łuk", "PERSON")]
    text = "MÜLLER, muller, Mu\u0308ller, mueller, M\u200büller; luk! Müllers Lukas"
    assert found(entries, text) == ["MÜLLER", "muller", "Mu\u0308ller", "mueller", "M\u200büller", "luk"]


def test_phrases_are_found_whatever_stands_between_their_words_and_the_longest_wins() -> None:
    """`blood pressure` over two lines is one finding, and `blood` alone is none unless it is listed."""
    entries = [Entry("blood pressure", "HEALTH"), Entry("high blood pressure", "HEALTH")]
    assert found(entries, "my blood-\npressure, high Blood  Pressure, blood") == [
        "blood-\npressure",
        "high Blood  Pressure",
    ]


def test_scripts_without_blanks_are_searched_inside_words() -> None:
    """A Chinese, Japanese, Thai or Korean name is found amid other characters; one character alone is none."""
    for name in ("王小明", "山田太郎", "สมชาย", "김민수"):
        assert found([Entry(name, "PERSON")], f"我是{name}的, {name}") == [name, name]
    assert found([Entry("王", "PERSON")], "国王的") == []


def test_a_name_is_found_by_its_parts() -> None:
    """Parts of three letters or more count on their own; shorter ones and particles only in the whole name."""
    entries = list(name_entries("Bo van der Berg"))
    assert found(entries, "Bo van der Berg; Berg; van der Bo, der") == ["Bo van der Berg", "Berg"]


def test_an_address_is_found_by_its_parts_of_several_words() -> None:
    """The street with its number is found without the town, and the town alone is not."""
    entries = list(address_entries("12 Mill Lane, Springfield"))
    text = "12 Mill Lane, Springfield. At 12 mill lane I live. Springfield, 12, Lane"
    assert found(entries, text) == ["12 Mill Lane, Springfield", "12 mill lane"]


@given(st.text(st.characters(categories=["L"]), min_size=3, max_size=12), any_text, any_text)
def test_a_word_between_blanks_is_found_in_any_text(word: str, before: str, after: str) -> None:
    """Whatever the script, and whatever stands around it; offsets are right, and nothing raises."""
    text = f"{before} . {word} . {after}"
    start = len(before) + 3
    findings = list(Lexicon([Entry(word, "PERSON")]).find(text, nothing))
    assert any(f.start <= start and f.end >= start + len(word) for f in findings) or not folded(word)
    assert all(0 <= f.start < f.end <= len(text) for f in findings)


def test_a_policy_finds_its_words_in_texts_and_structures() -> None:
    """A list is a class of the policy, in YAML too; its action holds, and secrets' classes are taken."""
    policy = RedactionPolicy(words=[WordList(label="HEALTH_TERM", words=["diabetes"])])
    assert Redactor(policy).text("My Diabetes.") == ("My [HEALTH_TERM].", "redacted", 1, ("HEALTH_TERM",))
    assert Redactor(policy).structure({"a": ["diabetes", 1]})[0] == {"a": ["[HEALTH_TERM]", 1]}
    kept = RedactionPolicy(words=policy.words, actions={"HEALTH_TERM": "keep"})
    assert Redactor(kept).text("My Diabetes.").text == "My Diabetes."
    written = RedactionPolicy.from_yaml("words:\n  - label: HEALTH_TERM\n    words: [diabetes]\n")
    assert written == policy


@pytest.mark.parametrize(
    "settings",
    [
        {"label": "SECRET", "words": ["joe"]},
        {"label": "joe", "words": ["joe"]},
        {"label": "X_Y", "words": []},
        {"label": "X_Y", "words": ["joe", "..."]},
        {"label": "X_Y", "words": ["joe" * 200]},
        {"label": "X_Y", "words": "joe"},
    ],
)
def test_a_list_that_can_find_nothing_is_refused_without_quoting_it(settings: dict[str, object]) -> None:
    """No class, no word, or what is no word; the message names the place."""
    with pytest.raises(ValidationError) as caught:
        WordList(**settings)
    assert "joe" not in str(caught.value)


def test_many_words_take_few_steps() -> None:
    """Fifty thousand listed words need one look per word of the text, whatever they are."""
    lexicon = Lexicon([Entry(f"word{number} tail", "LISTED") for number in range(50_000)])
    steps: list[int] = []
    text = "word7 tail " + "word8 nothing " * 2_560
    assert [f.end for f in lexicon.find(text, lambda: steps.append(1))] == [10]
    assert len(steps) == (2 + 2 * 2_560) // 256 + 1


def test_a_marker_is_not_a_listed_word() -> None:
    """A customer called Person, a list that names its own class: what we wrote is not redacted again, texts are."""
    policy = RedactionPolicy(words=[WordList(label="FLU", words=["flu", "birth", "k1", "person", "withheld"])])
    redactor = Redactor(policy)
    once = redactor.text("Person with flu, [FLU] [FLU:k1:aaaaaaaaaaaaaaaaaaaa] [DATE_OF_BIRTH] [WITHHELD:too_long]")
    assert once.text == "[FLU] with [FLU], [FLU] [FLU:k1:aaaaaaaaaaaaaaaaaaaa] [DATE_OF_BIRTH] [WITHHELD:too_long]"
    assert redactor.text(once.text).text == once.text
    assert redactor.text("[JANE_BIRTH] [FLU: flu").text == "[JANE_[FLU]] [[FLU]: [FLU]"
