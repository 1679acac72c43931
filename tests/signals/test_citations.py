"""What is wrong with an answer's citations."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.signals import CitationProblem, Claim, Passage, citation_problems, grounding

PASSAGES = [
    Passage("kb-22", "Sale items cannot be returned."),
    Passage("kb-7", "Standard shipping costs $4.99."),
]


def test_a_passage_that_was_not_retrieved_is_told() -> None:
    """A mark with the id of no passage points at nothing."""
    problems = citation_problems("Express shipping costs $20 [kb-99].", PASSAGES)
    assert problems == (CitationProblem("kb-99", "not_retrieved", "Express shipping costs $20."),)


def test_a_passage_that_does_not_support_its_claim_is_told() -> None:
    """The claim may be supported by another passage: the citation is wrong all the same."""
    answer = "Standard shipping costs $4.99 [kb-22]."
    assert citation_problems(answer, PASSAGES) == (
        CitationProblem("kb-22", "not_supported", "Standard shipping costs $4.99."),
    )
    assert grounding(answer, PASSAGES).grounded


def test_right_citations_have_no_problem() -> None:
    """By id and by position, one or several, as long as one of them supports the claim."""
    answer = "Sale items cannot be returned [kb-22]. Shipping costs $4.99 [2]. Sale items cannot be returned [1][2]."
    assert citation_problems(answer, PASSAGES) == ()


def test_a_number_beyond_the_passages_was_not_retrieved() -> None:
    """Marks by position end with the last passage."""
    assert citation_problems("Sale items cannot be returned [3].", PASSAGES)[0].problem == "not_retrieved"


def test_marks_at_no_claim_count() -> None:
    """A mark in a question or a courtesy cites as well."""
    assert citation_problems("How can I help [kb-99]?", PASSAGES) == (CitationProblem("kb-99", "not_retrieved", None),)


def test_a_mark_without_a_digit_is_a_citation_only_of_a_known_passage() -> None:
    """Text in brackets may be anything; the id of a passage is a citation."""
    assert citation_problems("Enter [name] here.", PASSAGES) == ()
    named = [Passage("shipping", "Standard shipping costs $4.99.")]
    assert citation_problems("Sale items cannot be returned [shipping].", named)[0].problem == "not_supported"


def test_ids_that_the_bot_gives_are_compared() -> None:
    """For the whole answer, or for a claim of the bot's own."""
    assert citation_problems("", PASSAGES, citations=["kb-7", "kb-1"]) == (
        CitationProblem("kb-1", "not_retrieved", None),
    )
    claims = [Claim("Standard shipping costs $4.99.", "kb-7"), Claim("Shipping is fast.", "faq"), "Anything."]
    assert citation_problems("", PASSAGES, claims=claims) == (
        CitationProblem("faq", "not_retrieved", "Shipping is fast."),
    )


def test_grounding_tells_the_same_problems() -> None:
    """One call gives verdicts and citations."""
    answer = "Sale items can be returned [kb-7] [kb-3]."
    assert grounding(answer, PASSAGES).citation_problems == citation_problems(answer, PASSAGES)


@given(st.text(alphabet="[]\u3010\u3011()1kb-,;: aA.", max_size=400))
def test_no_brackets_raise(answer: str) -> None:
    """Any mix of brackets is read."""
    citation_problems(answer, PASSAGES)
