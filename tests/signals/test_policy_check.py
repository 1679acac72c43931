"""An answer against the book: what is found, what is left alone, and what each finding says."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import convqa_sdk as convqa
from convqa_sdk.signals.policy_book import PolicyBook
from convqa_sdk.signals.policy_confirmed import Confirmer
from convqa_sdk.signals.policy_violations import Violation
from convqa_sdk.signals.wording import MAX_TOKENS
from convqa_sdk.signals.wording import sentences as read
from convqa_sdk.stats.intervals import wilson

from .books import codes, larkspur, sentences


@pytest.mark.parametrize("row", sentences("dev"), ids=lambda row: str(row["id"]))
def test_sentences_that_it_was_tuned_on(row: dict[str, Any]) -> None:
    """Each right sentence passes, and each wrong one is found with its code."""
    found = dict.fromkeys(codes(row["answer"], language=row["language"]))
    assert list(found) == row["violations"], row["answer"]


def test_sentences_that_it_was_not_tuned_on() -> None:
    """Of the part that nobody looked at while tuning, the lower ends of precision and recall hold."""
    found = [set(codes(row["answer"], language=row["language"])) for row in sentences("sealed")]
    wanted = [set(row["violations"]) for row in sentences("sealed")]
    hits = sum(bool(one & other) for one, other in zip(found, wanted, strict=True))
    assert wilson(hits, sum(map(bool, found))).low > 0.85
    assert wilson(hits, sum(map(bool, wanted))).low > 0.85


def test_what_a_violation_says() -> None:
    """Class, severity, fact, both values and the place; the values are normalised, not the customer's wording."""
    answer = "Of course! You may return it for up to sixty days."
    (violation,) = larkspur().check(answer)
    said = ("01.refund_window", "01", "P0", "refund_window", "30 days", "60 days")
    assert violation == Violation(*said, span=(39, 49))
    assert answer[slice(*violation.span)] == "sixty days"


def test_what_is_denied_and_what_lies_beyond_is_told_as_such() -> None:
    """The found value of a denial and of a longer window says so, so that it never looks like the expected one."""
    found = [each.found for each in larkspur().check("The refund window is 60 days, not 30.")]
    assert found == ["60 days", "not 30 days"]
    assert [each.found for each in larkspur().check("You can still return it after 30 days.")] == ["after 30 days"]


def test_what_is_not_offered() -> None:
    """A book that says `none` of a window disagrees with an answer that offers it, with or without a time."""
    book = PolicyBook.from_yaml("{version: 1, facts: {price_match: none}}")
    answers = ("We price match any competitor.", "We match lower prices for 14 days.", "We do not price match.",
               "Do we price match?")  # fmt: skip
    assert [[each.found for each in book.check(answer)] for answer in answers] == [["offered"], ["14 days"], [], []]


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("We offer a 60-day money-back guarantee.", ["60 days"]),
        ("Our 30-day money-back guarantee applies.", []),
        ("Items can be returned at any time.", ["unlimited"]),
        ("Ask for a refund at any time within 30 days.", []),
        ("Refunds must be asked for within sixty (60) days.", ["60 days"]),
        ("- Returns: 60 days\n- Warranty: 2 years", ["60 days"]),
        ("| Returns | 60 days |", ["60 days"]),
        ("We can't refund purchases older than 90 days.", ["90 days"]),
    ],
)
def test_more_ways_to_say_it(answer: str, found: list[str]) -> None:
    """Guarantees, lists, tables and numbers that are written twice."""
    assert [each.found for each in larkspur().check(answer)] == found


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("You get your refund in 5-7 business days.", []),
        ("Refunds are made within 5 to 7 business days.", []),
        ("The refund is on your account within 7 business days.", []),
        ("Return it within 30 days and get your refund within 7 business days.", []),
        ("You get your refund in 10 business days.", ["01.refund_time"]),
        ("Refunds are paid within 30 days.", ["01.refund_time"]),
        ("You can get a refund within 60 days.", ["01.refund_window"]),
    ],
)
def test_when_a_refund_is_paid_is_not_how_long_it_may_be_asked_for(answer: str, found: list[str]) -> None:
    """Business days, the account and `get your refund` tell the one, what the customer can do the other."""
    assert codes(answer) == found


def test_a_book_that_counts_its_window_in_business_days_is_read_so() -> None:
    """Where both times are in business days, these do not tell them apart."""
    facts = "{refund_window: 10 business days, refund_time: 3 business days}"
    book = PolicyBook.from_yaml(f"{{version: 1, facts: {facts}}}")
    assert book.check("You can ask for a refund within 10 business days.") == []
    (violation,) = book.check("You can ask for a refund within 9 business days.")
    assert violation.code == "01.refund_window"


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("You have 4 days left to return it.", []),
        ("Sorry, returns are only possible for 30 days, so after two months it is too late.", []),
        ("Returns are possible for 30 days. After two months it is too late to return it.", []),
        ("After two months it is too late to return it.", ["after 2 months"]),
        ("Our warranty of 2 years does not cover the battery, which is covered for 6 months.", []),
        ("Our warranty, which lasts 3 years, covers the battery.", ["3 years"]),
        ("Our warranty of 3 years does not cover the battery, which is covered for 6 months.", ["3 years"]),
        ("We open on Sundays.", ["Sun"]),
        ("Our store is open Monday to Sunday.", ["Mon-Sun"]),
        ("We are open on Saturdays.", []),
        ("We are not open on Sundays.", []),
        ("Are you open on Sundays?", []),
        ("Delivery takes 3 to 5 business days.", []),
        ("Delivery takes about 4 business days.", []),
        ("Delivery takes 4 business days.", ["4 business days"]),
    ],
)
def test_the_case_at_hand_is_no_policy(answer: str, found: list[str]) -> None:
    """What is left, what is too late, what another thing has; open days; and a part of a range, which is not all."""
    assert [each.found for each in larkspur().check(answer)] == found


@pytest.mark.parametrize("verb", ["zurückgegeben", "zurueckgegeben", "zurückgesendet", "umgetauscht"])
def test_german_may_be_passive_and_typed_without_its_letters(verb: str) -> None:
    """`können zurückgegeben werden` is a window, with `ü` or `ue`."""
    answer = f"Laptops können innerhalb von 30 Tagen {verb} werden."
    assert [each.expected for each in larkspur().check(answer, language="de")] == ["14 days"]


def test_a_thing_alone_is_no_capability() -> None:
    """An order that was shipped is not one that was cancelled, though both are orders."""
    assert codes("Your order has been shipped.") == ["04.ship"]
    assert codes("Your order has been shipped.", tools_succeeded=["lookup_order"]) == []


@pytest.mark.parametrize(
    ("answer", "severity"),
    [
        ("Refunds are possible for 90 days.", "P0"),
        ("The warranty lasts five years.", "P1"),
        ("Call us on 1 800 555 9999.", "P2"),
        ("I have refunded you.", "P1"),
    ],
)
def test_severity_follows_the_class(answer: str, severity: str) -> None:
    """Refund and pricing P0, warranty P1, contact P2, overreach P1."""
    assert [each.severity for each in larkspur().check(answer)] == [severity]


@pytest.mark.parametrize(
    ("answer", "tools", "found"),
    [
        ("I've cancelled your order.", (), ["04.cancel_order"]),
        ("I've cancelled your order.", ("cancel_order",), []),
        ("I've cancelled your order.", ("get_order", "issue_refund"), ["04.cancel_order"]),
        ("Your refund has been processed.", ("issue_refund",), []),
        ("Your refund has been processed.", ("cancel_order",), ["04.refund"]),
        ("I've reset your password.", (), ["04.reset"]),
        ("I've reset your password.", ("reset_password",), []),
        ("I've reset your password.", None, []),
    ],
)
def test_a_claim_needs_the_tool_of_its_capability(answer: str, tools: Any, found: list[str]) -> None:
    """What the book names proves it; without a capability the tool's name does; unknown tools judge nothing."""
    assert codes(answer, tools_succeeded=tools) == found


def test_terms_need_a_canonical_passage() -> None:
    """A right term that no canonical passage supports is unsupported; a wrong one stays what it is."""
    answer = "You can return it within 30 days."
    canonical = convqa.Document("p-1", "Customers may return goods for 30 days.", canonical=True)
    other = convqa.Document("p-2", "Customers may return goods for 30 days.")
    longer = convqa.Document("p-3", "Customers may return goods for 45 days.", canonical=True)
    assert codes(answer, passages=[canonical]) == []
    assert codes(answer, passages=[longer, canonical]) == []
    assert codes(answer) == []
    for passages in ([other], [longer], []):
        assert codes(answer, passages=passages) == ["01.unsupported_term"]
    assert codes("You can return it within 45 days.", passages=[longer]) == ["01.refund_window"]
    (violation,) = larkspur().check(answer, passages=[])
    assert (violation.fact, violation.expected, violation.found) == ("refund_window", "30 days", "30 days")


def test_a_term_that_the_book_does_not_know_needs_a_passage_too() -> None:
    """What the book says nothing of is no disagreement, but it may not be quoted from nowhere."""
    book = PolicyBook(version="1")
    answer = "The warranty is two years."
    assert book.check(answer) == []
    (violation,) = book.check(answer, passages=[])
    assert (violation.code, violation.expected, violation.found) == ("02.unsupported_term", None, "2 years")
    assert book.check(answer, passages=[convqa.Document("w", "Warranty: 24 months", canonical=True)]) == []


@pytest.mark.parametrize(
    ("confidence", "threshold", "found"),
    [
        (0.4, 0.5, ["01.unsupported_term"]),
        (0.5, 0.5, []),
        (0.9, 0.5, []),
        (None, 0.5, []),
        (0.1, None, []),
    ],
)
def test_an_unsure_retrieval_supports_nothing(
    confidence: float | None, threshold: float | None, found: list[str]
) -> None:
    """Below the threshold no term may be quoted, also not one that a passage supports."""
    passage = convqa.Document("p-1", "Return it within 30 days.", canonical=True)
    answer = "You can return it within 30 days."
    given = {"retrieval_confidence": confidence, "min_confidence": threshold, "passages": [passage]}
    assert codes(answer, **given) == found


def test_the_book_may_hold_the_threshold() -> None:
    """`min_confidence` of the book holds unless the caller gives one."""
    book = PolicyBook.from_yaml("{version: 1, min_confidence: 0.5, facts: {refund_window: 30 days}}")
    answer = "Returns are possible for 30 days."
    assert [each.code for each in book.check(answer, retrieval_confidence=0.4)] == ["01.unsupported_term"]
    assert book.check(answer, retrieval_confidence=0.4, min_confidence=0.3) == []


def test_a_term_without_its_topic_belongs_to_the_sentence_before() -> None:
    """`It is 60 days.` speaks of what the sentence before was about; of another product it may be right."""
    assert codes("Our return window is generous. It is 60 days.") == ["01.refund_window"]
    assert codes("You asked about a laptop. You can return it within 14 days.") == []
    assert codes("You can return it within 14 days.") == ["01.refund_window"]


@pytest.mark.parametrize(
    "answer",
    [
        "Write to help@larkspur.example.",
        "I will send the label to joe@mail.example.",
        "We have your e-mail joe@mail.example on file.",
        "See https://www.larkspur.example/help/returns-abroad?x=1 for more.",
        "Is 555-123-2002 your phone number?",
        "Your order 4471-2203-88 was sent on 2026-05-12.",
        "The flight leaves at 9:00 and arrives at 17:00.",
    ],
)
def test_routes_that_are_no_contact_routes(answer: str) -> None:
    """The customer's own address, order numbers, dates and other times are nobody's contact route."""
    assert codes(answer) == []


@given(st.text(max_size=400))
def test_any_text_is_checked(text: str) -> None:
    """No text makes it raise, and every place lies in the text."""
    for violation in larkspur().check(text, passages=[], language="de"):
        start, end = violation.span
        assert 0 <= start < end <= len(text)


KNOWN = (
    "refund return within 30 days 60 not no never free shipping $5 5% warranty two years I've have cancelled your "
    "order been refunded has we offer up to and but , . ? ; : - at least business a@b.co open mon-fri 9-5 from call "
    "800 555 0142 30-day 5\u20137 next gift card expire half a hundred"
)
WORDS = st.sampled_from(KNOWN.split())


@given(st.lists(WORDS, max_size=60).map(" ".join))
def test_any_order_of_the_words_it_knows_is_checked(text: str) -> None:
    """Nor does a text of the words that rules look for; found values never repeat the answer's wording."""
    for violation in larkspur().check(text, passages=[convqa.Document("d", text, canonical=True)]):
        assert 0 <= violation.span[0] < violation.span[1] <= len(text)
        assert re.fullmatch(r"0[1-4]\.[a-z_]+", violation.code)


@given(st.lists(WORDS, max_size=40).map(" ".join), st.lists(st.sampled_from(["50", "issue_refund 60", "x"])))
def test_no_claim_is_confirmed_that_disagrees(text: str, given_by_tools: list[str]) -> None:
    """What violates the book is never confirmed, no text makes it raise, and less known never confirms more."""
    confirmer = Confirmer(larkspur())
    confirmed = confirmer.confirms(text, ("issue_refund",), given_by_tools, "en")
    assert not (confirmed and larkspur().check(text, tools_succeeded=("issue_refund",)))
    assert confirmed or not confirmer.confirms(text, ("issue_refund",), [], "en")


@given(st.lists(WORDS, max_size=60).map(" ".join))
def test_case_does_not_matter(text: str) -> None:
    """A shouted answer says the same."""
    assert [each[:] for each in map(str, codes(text))] == codes(text.upper())


def test_no_text_is_refused() -> None:
    """What is no `str` is told at the caller's boundary."""
    with pytest.raises(TypeError, match="takes the answer as a str, not bytes"):
        larkspur().check(b"x")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "piece", ["refund within 30 days ", "x.", "call +1 ", "gift card gift wrap never expire ", " \t", "a@"]
)
def test_work_grows_with_the_text_and_no_faster(piece: str) -> None:
    """A sentence is cut at a fixed number of words, so that twice the text is twice the sentences, each bounded."""
    text = piece * (20_000 // len(piece))
    assert max((len(each.tokens) for each in read(text)), default=0) <= MAX_TOKENS
    larkspur().check(text)
