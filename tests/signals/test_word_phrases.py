"""Phrases with alternatives, found among words."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.signals.word_phrases import NO_PHRASES, WordPhrases


def test_alternatives_and_optional_words() -> None:
    """A bar separates alternatives, an empty one makes a word optional; the longest phrase counts."""
    phrases = WordPhrases("do|does not allow any|", "do not allow any refunds")
    assert phrases.at(["we", "do", "not", "allow"], 1) == 3
    assert phrases.at(["we", "do", "not", "allow", "any", "refunds"], 1) == 5
    assert phrases.at(["we", "do", "allow"], 1) == 0
    assert list(phrases.found(["does", "not", "allow", "do", "not", "allow", "any"])) == [(0, 3), (3, 7)]


def test_an_optional_word_leaves_room_for_the_same_word() -> None:
    """Where a required word follows that is the optional one, one of it is enough."""
    phrases = WordPhrases("say no| no")
    assert phrases.at(["say", "no"], 0) == 2
    assert phrases.at(["say", "no", "no"], 0) == 3


def test_no_phrases_stand_nowhere() -> None:
    """A language without a table finds nothing."""
    assert not NO_PHRASES.within(["a", "b"])
    assert not NO_PHRASES.within([])


@given(
    st.lists(st.lists(st.sampled_from(["a", "b", ""]), min_size=1, max_size=3), min_size=1, max_size=4),
    st.lists(st.sampled_from(["a", "b", "c"]), max_size=8),
)
def test_a_phrase_is_found_where_one_of_its_spellings_stands(slots: list[list[str]], words: list[str]) -> None:
    """As long as the longest spelling that stands at the first place, compared with all spellings written out."""
    slots[0] = ["a"]
    line = " ".join("|".join([*slot, ""] if slot == [""] else slot) for slot in slots)
    spellings = [[word for word in spelled if word] for spelled in product(*slots)]
    lengths = {len(spelled) for spelled in spellings if words[: len(spelled)] == spelled and spelled}
    if words:
        assert WordPhrases(line).at(words, 0) in (lengths or {0})
        assert (WordPhrases(line).at(words, 0) > 0) == bool(lengths)


@given(
    st.lists(st.lists(st.sampled_from(["a", "b", "c", ""]), min_size=1, max_size=3), min_size=1, max_size=4),
    st.lists(st.sampled_from(["a", "b", "c"]), max_size=8),
    st.frozensets(st.sampled_from(["a", "b"])),
)
def test_a_phrase_stands_only_where_an_anchor_does(
    slots: list[list[str]], words: list[str], common: frozenset[str]
) -> None:
    """Whichever words count as common."""
    slots[0] = ["a", "c"]
    phrases = WordPhrases(" ".join("|".join([*slot, ""] if slot == [""] else slot) for slot in slots))
    assert not phrases.within(words) or not phrases.anchors(common).isdisjoint(words)


def test_anchors_are_the_words_that_are_rarest() -> None:
    """Of each phrase those words that are not common, and the fewest."""
    phrases = WordPhrases("is|are illegal", "must|to decline|refuse", "not a good|safe|valid idea")
    assert phrases.anchors({"is", "are", "must", "to", "a", "good"}) == {"illegal", "decline", "refuse", "not"}
