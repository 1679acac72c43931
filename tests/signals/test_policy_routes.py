"""Opening hours and contact routes: as books write them, and as answers quote them."""

from __future__ import annotations

import pytest

from convqa_sdk.signals.policy_contacts import Route, normalised, numbers, route_agrees, written_routes
from convqa_sdk.signals.policy_hours import Hours, agreeing, parse_hours, quoted_hours
from convqa_sdk.signals.wording import sentences


def quoted(text: str) -> list[str]:
    """Return the hours that a text quotes, as a book would state them."""
    return [str(hours) for sentence in sentences(text) for hours in quoted_hours(sentence)]


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("We are open Monday to Friday from 8am to 8pm.", ["Mon-Fri 08:00-20:00"]),
        ("We're open from 8 a.m. to 8 p.m., Monday through Friday.", ["Mon-Fri 08:00-20:00"]),
        ("Our hours are Mon-Fri 9-5.", ["Mon-Fri 09:00-17:00"]),
        ("We are open 1 to 5 pm.", ["13:00-17:00"]),
        ("Our lines are open Sat and Sun 10:30-16:00.", ["Sat,Sun 10:30-16:00"]),
        ("We are open weekdays 8:00-18:00 and Saturday 9:00-13:00.", ["Mon-Fri 08:00-18:00", "Sat 09:00-13:00"]),
        ("Wir haben montags bis freitags von 9 bis 17 Uhr geöffnet.", ["Mon-Fri 09:00-17:00"]),
        ("Our support is available 24/7.", ["Mon-Sun 00:00-24:00"]),
        ("The flight is open for check-in on 2024-05-24.", []),
        ("Flights are available from 9:00 to 17:00.", []),
        ("We are open for 2 to 3 days.", []),
    ],
)
def test_hours_are_read(text: str, hours: list[str]) -> None:
    """Twelve or twenty-four hours, days before or behind; dates and durations are no hours."""
    assert quoted(text) == hours


def test_hours_agree_on_every_day_that_they_are_said_of() -> None:
    """One wrong or missing day disagrees; without a day, any stretch of the book will do."""
    book = [parse_hours("Mon-Fri 08:00-20:00"), parse_hours("Sat 09:00-17:00")]
    assert agreeing(book, parse_hours("Tue 8am-8pm"))
    assert agreeing(book, Hours(frozenset(), 540, 1020))
    assert not agreeing(book, parse_hours("Mon-Sat 08:00-20:00"))
    assert not agreeing(book, parse_hours("Sun 09:00-17:00"))
    assert parse_hours(str(book[0]))[:3] == book[0][:3]


def test_addresses_are_read_where_they_stand() -> None:
    """Brackets, full stops and links of Markdown are no part of an address; prose without a space is none."""
    text = (
        "Write to (Help@Acme.example). See [here](https://www.acme.example/a/b?x=1), or acme.example. It ends.Then not."
    )
    routes = [(route.value, text[route.first : route.last]) for route in written_routes(text)]
    assert routes == [
        ("help@acme.example", "Help@Acme.example"),
        ("acme.example/a/b", "https://www.acme.example/a/b?x=1"),
        ("acme.example", "acme.example"),
    ]


@pytest.mark.parametrize(
    ("stated", "quoted_number", "agrees"),
    [
        ("+1 800 555 0142", "18005550142", True),
        ("+1 800 555 0142", "8005550142", True),
        ("+49 30 901820", "030901820", True),
        ("+1 800 555 0142", "8005550143", False),
        ("0800 123 456", "123456", False),
        ("+49 (0)30 901820", "4930901820", True),
    ],
)
def test_numbers_agree_up_to_their_country_code(stated: str, quoted_number: str, agrees: bool) -> None:
    """A number is the same with the country code, without it, and with a 0 in its place."""
    route = Route("contact_phone", quoted_number, 0, 1)
    assert route_agrees([normalised("contact_phone", stated)], route) is agrees


@pytest.mark.parametrize(
    ("stated", "page", "agrees"),
    [
        ("acme.example/help", "acme.example/help", True),
        ("acme.example/help", "acme.example/help/returns", True),
        ("acme.example/help", "acme.example", True),
        ("acme.example/help", "acme.example/helpful", False),
        ("acme.example/*", "acme.example/anything", True),
        ("acme.example/help", "acme-help.example/help", False),
    ],
)
def test_a_page_stands_for_those_below_it(stated: str, page: str, agrees: bool) -> None:
    """A site is known by its pages; another site or another page is not."""
    assert route_agrees([normalised("contact_url", stated)], Route("contact_url", page, 0, 1)) is agrees


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Call (800) 555-0142 or +49 30 901820.", ["8005550142", "4930901820"]),
        ("Our number is 1-800-555-0142.", ["18005550142"]),
        ("Call +49 (0)30 901820.", ["4930901820"]),
        ("Call us about order 4471 2203 88.", []),
        ("The flight number is 2024-05-24.", []),
        ("Call me on 2024-05-24.", []),
    ],
)
def test_numbers_to_call_are_read(text: str, found: list[str]) -> None:
    """Only numbers that the customer is told to call; an order or a date is none."""
    assert [route.value for sentence in sentences(text) for route in numbers(sentence)] == found
