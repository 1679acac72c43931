"""All spellings of a value become one, so that equal values meet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.redaction.canonical import canonical
from convqa_sdk.redaction.classes import CLASSES

from .planted import any_text


@pytest.mark.parametrize(
    ("label", "spellings", "one"),
    [
        ("EMAIL", ["Joe@Example.com", " joe@example.com", "joe [at] example [dot] com"], "joe@example.com"),
        ("EMAIL", ["joe%40example.com", "joe&#64;example&#46;com", "joe(at)example(dot)com"], "joe@example.com"),
        ("EMAIL", ["joe@münchen.de", "JOE@MÜNCHEN.DE", "joe@xn--mnchen-3ya.de"], "joe@xn--mnchen-3ya.de"),
        ("EMAIL", ["joe+shop@example.com"], "joe+shop@example.com"),
        ("CREDIT_CARD", ["4111 1111-1111 1111", "٤١١١١١١١١١١١١١١١", "\uff14111111111111111"], "4111111111111111"),
        ("US_SSN", ["123-45-6789", "123 45 6789"], "123456789"),
        ("NATIONAL_ID", ["ab 12 34 56 c", "AB123456C"], "AB123456C"),
        ("IBAN", ["gb82 west 1234", "GB82WEST1234"], "GB82WEST1234"),
        ("MAC_ADDRESS", ["00:1a:2B:3c:4d:5e", "00-1A-2B-3C-4D-5E"], "001A2B3C4D5E"),
        ("IP_ADDRESS", ["2001:DB8:0:0::1", "2001:db8::1"], "2001:db8::1"),
        ("PHONE", ["+44 (0)20 7946 0958", "0044 20 7946 0958", "+442079460958"], "+442079460958"),
        ("PHONE", ["(415) 555-2671", "415.555.2671"], "4155552671"),
        ("PERSON", ["José  Müller", "jose muller"], "jose muller"),
        ("ACCOUNT_ID", ["a-88320"], "a-88320"),
        ("CRYPTO_WALLET", ["1BoatSLRHtKNngkdXEeobR76b53LETtpyT"], "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"),
    ],
)
def test_spellings_become_one(label: str, spellings: list[str], one: str) -> None:
    """Case, separators, scripts of digits, and the two forms of an international domain."""
    assert {canonical(label, spelling) for spelling in spellings} == {one}


def test_a_region_completes_national_numbers() -> None:
    """With a region, a number without its country's code is the same as one with it; nonsense stays its digits."""
    assert canonical("PHONE", "(415) 555-2671", "US") == canonical("PHONE", "+1 415 555 2671", "US") == "+14155552671"
    assert canonical("PHONE", "020 7946 0958", "GB") == "+442079460958"
    assert canonical("PHONE", "1", "US") == "1"


@given(st.sampled_from(sorted(CLASSES)), any_text)
def test_any_text_has_one_spelling(label: str, text: str) -> None:
    """Nothing raises, surrogates included, and the one spelling of the one spelling is itself."""
    one = canonical(label, text)
    assert canonical(label, one) == one
