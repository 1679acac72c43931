"""Values as programs encode them and as people disguise them, and texts that only look encoded."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from convqa_sdk.redaction import detect
from convqa_sdk.redaction.encodings import decoded
from convqa_sdk.redaction.telling import tell_by
from convqa_sdk.redaction.tokens import tokens
from convqa_sdk.redaction.views import readable

from .evasions import ADDRESSES, ENCODED, LOOKING_LIKE_DIGITS, carriers, leaked
from .planted import any_text, awkward_text, cards, emails, ibans


@pytest.mark.parametrize("form", ENCODED)
@given(carriers, st.one_of(emails(), cards(), ibans()).filter(lambda value: len(value) >= 9))
def test_nothing_of_an_encoded_value_survives(form: str, carrier: tuple[str, str], value: str) -> None:
    """What a program decodes to a value is redacted in its encoded form, to its last character."""
    assert leaked(carrier[0], ENCODED[form](value), carrier[1]) == ""


@pytest.mark.parametrize("form", ADDRESSES)
@example(("", ""), "u+20@0.com", False)  # a tag, not the code point of a blank
@given(carriers, emails(), st.booleans())
def test_nothing_of_a_disguised_address_survives(
    form: str, carrier: tuple[str, str], address: str, dotted: bool
) -> None:
    """The signs of an address may be words, in brackets or not, also the dots in front of the `@`."""
    name, _, _ = address.partition("@")
    address = f"{'jo.' if dotted else ''}{name.replace('_', '')}@example.com"
    assert leaked(carrier[0], ADDRESSES[form](address), carrier[1]) == ""


@pytest.mark.parametrize("form", LOOKING_LIKE_DIGITS)
@given(carriers, cards())
def test_letters_that_look_like_digits_are_digits_among_digits(form: str, carrier: tuple[str, str], card: str) -> None:
    """O for 0 and l for 1 in a card number leave no part of it."""
    written = LOOKING_LIKE_DIGITS[form](card)
    if sum(map(str.isalpha, written)) * 2 < len(written.replace(" ", "").replace("-", "")) and written[0].isdigit():
        assert leaked(carrier[0], written, carrier[1]) == ""


@given(any_text, emails().filter(lambda value: len(value) >= 9), st.sampled_from(sorted(ENCODED)), any_text)
def test_offsets_are_those_of_the_encoded_text(before: str, address: str, form: str, after: str) -> None:
    """Each finding covers the encoded value where it stands in the given text."""
    written = ENCODED[form](address)
    text = f"{before}\n\n{written}\n\n{after}"
    covered = {position for a, b, _ in detect(text) for position in range(a, b)}
    start = len(before) + 2
    assert {p for p in range(start, start + len(written)) if text[p].isalnum()} <= covered


@given(awkward_text | st.text("%\\u&#x;40<>=[]()at dot@aZ9\n", max_size=80))
def test_views_of_any_text_lead_back_into_it(text: str) -> None:
    """Decoding never raises; its regions lie in its view, and its spans in the given text, in order."""
    for view, regions in decoded(readable(text), tell_by("re")):
        assert all(0 <= low <= high <= len(view.text) for low, high in regions)
        spans = [view.given(position, position + 1) for position in range(len(view.text))]
        assert all(0 <= start <= end <= len(text) for start, end in spans)
        assert [start for start, _ in spans] == sorted(start for start, _ in spans)
        assert [end for _, end in spans] == sorted(end for _, end in spans)


@settings(max_examples=40)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=12, max_size=60))
def test_a_token_is_decoded_as_the_standard_library_does(plain: str) -> None:
    """Base64, with and without the safe alphabet and padding, and hexadecimal digits give back the text."""
    raw = plain.encode()
    for written in (base64.b64encode(raw), base64.urlsafe_b64encode(raw).rstrip(b"="), raw.hex().encode()):
        assert plain in [token.text for token in tokens(f"see {written.decode()} there")]


@pytest.mark.parametrize("times", [1, 2, 3])
def test_what_is_encoded_up_to_three_times_is_found(times: int) -> None:
    """A link inside a link inside a link is decoded all the way."""
    written = "joe@example.com"
    for _ in range(times):
        written = quote(written, safe="")
    assert leaked("https://shop.example/?next=", written, "&lang=en") == ""


@pytest.mark.parametrize(
    "text",
    [
        "100% sure, 50%25 off", "C:\\users\\new", "a &amp; b &lt; c", "AT&T; R&D", "&#xZZ; &#99999999; &nosuch;",
        "\\u12 \\uZZZZ \\U00110000", "look at example.com",
        "he is at home dot period",
        "x = 4111 and y = 12", "<b>bold</b> **bold** __init__ `code`",
        "aGVsbG8gd29ybGQsIGhvdyBhcmUgeW91", "deadbeefcafe",
        "Q2FuIEkgZ2V0IGEgcmVmdW5kPw==", "file_name_with_many_parts", "a - b - c - d - e - f - g - h",
    ],
)  # fmt: skip
def test_what_encodes_nothing_private_stays(text: str) -> None:
    """Signs that look like an encoding, and encodings of harmless texts, are no findings."""
    assert detect(text) == []
