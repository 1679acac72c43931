"""What is told of texts without reading them is what reading them would tell."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from convqa_sdk.signals import Claim, Passage, grounding
from convqa_sdk.signals import glance as glance_module
from convqa_sdk.signals.glance import Glances, glances
from convqa_sdk.signals.groundedness import held
from convqa_sdk.signals.sentences import MOST_CHARACTERS, is_cut_between_words, sentences, spelled
from convqa_sdk.signals.terms import terms
from convqa_sdk.signals.word_forms import FORMS, NO_FORMS
from convqa_sdk.signals.word_phrases import word_set

WORDS = sorted(
    word_set(
        "refund Refunds refunded cancel cancelled cancellation policy policies address addresses available unavailable"
        " able unable allowed forbidden not never don't isn't no only and but the a of you your I we it's customer's"
        " James's o'clock rock'n'roll 'quoted' Aurora XJ-900 HAT271 9am $10 15% 30 days two twenty five 3rd 1,000 1.2.3"
        " 2026-01-05 May 5 march non-refundable *bold* `code` re*fund caf\u00e9 \u0130stanbul \u212aelvin \u2019tis"
        " [1] [kb-2] , . ! ? ; e.g. \u2014 stripes stripe's class classes boss's fees fee"
    )
)
GAPS = st.sampled_from([" ", " ", " ", " ", "\n", "\t", "\u00a0", ""])
TEXTS = st.lists(st.tuples(st.sampled_from(WORDS), GAPS), max_size=60).map(lambda parts: "".join(map("".join, parts)))


def go_on() -> None:
    """Do not pause."""


@given(TEXTS, st.lists(TEXTS, max_size=3), st.sampled_from(["en", "de"]), st.booleans())
@example("The refund is for stripe's.", ["stripes is the refund for"], "en", False)
@example("It is available for refunds.", ["the refund is unavailable, it is not for it"], "en", False)
@example("x" * 250 + " refund fee", ["y" * 395 + "refund fee"], "en", False)
def test_claims_that_are_held_are_those_that_are_supported(
    answer: str, passages: list[str], language: str, given_claims: bool
) -> None:
    """`held` tells of each claim and citation what `grounding` tells, which reads every passage."""
    retrieved = [Passage(f"kb-{place}", text) for place, text in enumerate(passages, 1)]
    claims = [Claim(text, source) for text, source in zip(passages, ("1", ("kb-2", "7"), None), strict=False)]
    more = {"claims": [*claims, answer] if given_claims else None, "citations": ("kb-9",), "language": language}
    whole = grounding(answer, retrieved, **more)  # type: ignore[arg-type]
    found = held(answer, retrieved, **more)  # type: ignore[arg-type]
    assert found.claims == tuple((claim.text, claim.supported) for claim in whole.claims)
    assert found.citation_problems == whole.citation_problems


def test_a_judge_decides_what_is_held_as_well() -> None:
    """And where it fails, the floor does, and that is counted."""
    text = "Gift cards are non-refundable."

    def judge(claim: str, passages: object) -> float:
        if "drone" in claim:
            return 0.7
        raise RuntimeError

    found = held(f"We deliver by drone. {text}", [text], judge=judge)
    assert found.claims == (("We deliver by drone.", True), (text, True))
    assert found.judge_failures == 1


@pytest.mark.parametrize("forms", [*FORMS.values(), NO_FORMS])
@given(text=TEXTS)
def test_no_stem_of_a_sentence_is_missing_from_a_glance(forms: object, text: str) -> None:
    """Every stem of letters that reading a text finds has its mark there, or nothing is told of the text."""
    marks = Glances(forms).held(text, go_on)  # type: ignore[arg-type]
    stems = {stem for sentence in sentences(text) for stem in terms(sentence, forms).polarity}  # type: ignore[arg-type]
    assert marks is None or {hash(stem) for stem in stems if stem.isascii() and stem.isalpha()} <= marks


@given(st.text(st.sampled_from("ab \n.*\u00a0"), max_size=2_000) | TEXTS)
def test_what_is_cut_between_words_spells_the_same_in_sentences(text: str) -> None:
    """Else nothing is told: a word may be cut in two where no blank is near."""
    if is_cut_between_words(text):
        assert set().union(*map(spelled, sentences(text))) <= spelled(text)


def test_a_text_that_is_cut_within_a_word_is_not_looked_at() -> None:
    """A long line without a blank is cut anywhere."""
    assert not is_cut_between_words("y" * MOST_CHARACTERS)
    assert glances("en").held("y" * MOST_CHARACTERS, go_on) is None


def test_no_text_is_remembered() -> None:
    """Numbers stand for words and passages, and for what they say."""
    look = Glances(FORMS["en"])
    look.held("Zaphod's refund is unavailable.", go_on)
    look.wanted_words(["zaphod", "refunds"])
    kept = vars(look) | {"forms": None}
    assert set(map(type, kept["_words"])) == set(map(type, kept["_words"].values())) == {int}
    assert set(map(type, kept["_texts"])) == {int}
    assert {type(mark) for marks in kept["_texts"].values() for mark in marks} == {int}


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """All is forgotten when there is too much, and told anew."""
    monkeypatch.setattr(glance_module, "MOST_WORDS", 20)
    monkeypatch.setattr(glance_module, "MOST_MARKS", 30)
    look = Glances(FORMS["en"])
    look._room = 30
    texts = [f"{chr(97 + number)}lpha {chr(97 + number)}eta {chr(97 + number)}amma" for number in range(26)]
    first = [look.held(text, go_on) for text in texts]
    assert len(look._words) <= 20 + 3
    assert sum(len(marks or ()) for marks in look._texts.values()) <= 30
    assert [look.held(text, go_on) for text in texts] == first


def test_a_language_is_looked_at_with_its_own_tables() -> None:
    """Tags of one language share what is remembered; all languages without tables do as well."""
    assert glances("en-GB") is glances("EN") is not glances("de")
    assert glances("de") is glances("pl")


def test_a_new_text_is_looked_at_with_pauses() -> None:
    """And one that comes again without: nothing is left to do."""
    calls: list[None] = []
    look = Glances(FORMS["en"])
    text = " ".join(f"{first}{second}" for first in WORDS if first.isalpha() for second in WORDS if second.isalpha())
    look.held(text, lambda: calls.append(None))
    assert len(calls) >= 5
    calls.clear()
    look.held(text, lambda: calls.append(None))
    assert not calls
