"""Values to plant in texts, made so that no live-looking token stands in the repository, and Hypothesis strategies.

Cards and IBANs get their check digits from formulas written here on their own, not from the code under test.
"""

from __future__ import annotations

import string

from hypothesis import strategies as st

LETTERS = string.ascii_letters
TOKEN = string.ascii_letters + string.digits


def luhn_digit(payload: str) -> str:
    """Return the digit that completes a card number, by trying all ten against the textbook sum."""
    for digit in string.digits:
        total = 0
        for index, character in enumerate(reversed(payload + digit)):
            number = int(character)
            if index % 2:
                number *= 2
                if number > 9:
                    number -= 9
            total += number
        if total % 10 == 0:
            return digit
    raise AssertionError("unreachable: one of ten digits always fits")


def iban_of(country: str, account: str) -> str:
    """Return the IBAN of an account, with the check digits as 98 minus the remainder, digit by digit (ECBS TR 201)."""
    remainder = 0
    for character in f"{account}{country}00":
        for digit in str(string.digits.find(character) if character.isdigit() else ord(character) - 55):
            remainder = (remainder * 10 + int(digit)) % 97
    return f"{country}{98 - remainder:02d}{account}"


def _grouped(digits: str, sizes: tuple[int, ...], separator: str) -> str:
    pieces, position = [], 0
    for size in sizes:
        pieces.append(digits[position : position + size])
        position += size
    return separator.join([*pieces, digits[position:]] if position < len(digits) else pieces)


def _digits(least: int, most: int | None = None) -> st.SearchStrategy[str]:
    return st.text(string.digits, min_size=least, max_size=most or least)


@st.composite
def cards(draw: st.DrawFn) -> str:
    """Card numbers of the large issuers, plain or in groups."""
    prefix, length, sizes = draw(
        st.sampled_from(
            [
                ("4", 16, (4, 4, 4, 4)),
                ("51", 16, (4, 4, 4, 4)),
                ("2221", 16, (4, 4, 4, 4)),
                ("6011", 16, (4, 4, 4, 4)),
                ("37", 15, (4, 6, 5)),
                ("34", 15, (4, 6, 5)),
                ("36", 14, (4, 6, 4)),
                ("4", 13, (4, 4, 5)),
            ]
        )
    )
    payload = prefix + draw(_digits(length - 1 - len(prefix)))
    return _grouped(payload + luhn_digit(payload), sizes, draw(st.sampled_from(["", " ", "-"])))


@st.composite
def ibans(draw: st.DrawFn) -> str:
    """IBANs of countries with numeric and with mixed accounts, plain or in groups of four."""
    country, letters, digits = draw(
        st.sampled_from([("DE", 0, 18), ("GB", 4, 14), ("NL", 4, 10), ("FR", 0, 23), ("PL", 0, 24), ("NO", 0, 11)])
    )
    bank = draw(st.text(string.ascii_uppercase, min_size=letters, max_size=letters))
    iban = iban_of(country, bank + draw(_digits(digits)))
    return _grouped(iban, (4,) * (len(iban) // 4), draw(st.sampled_from(["", " "])))


@st.composite
def emails(draw: st.DrawFn) -> str:
    """Ordinary e-mail addresses."""
    name = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=12)
    local = draw(name) + draw(st.sampled_from(["", ".", "_", "+", "-"])) + draw(name)
    top = draw(st.sampled_from(["com", "org", "co.uk", "de", "museum"]))
    return f"{local}@{draw(name)}.{top}"


@st.composite
def secrets(draw: st.DrawFn) -> str:
    """Tokens of vendors, put together at run time."""
    head, body = draw(
        st.sampled_from(
            [
                ("sk" + "-", 24),
                ("sk" + "-ant-api03-", 40),
                ("sk_" + "live_", 24),
                ("rk_" + "live_", 24),
                ("gh" + "p_", 36),
                ("gl" + "pat-", 20),
                ("xox" + "b-", 30),
                ("AI" + "za", 35),
                ("h" + "f_", 34),
                ("np" + "m_", 36),
                ("py" + "pi-", 40),
                ("dop" + "_v1_", 64),
                ("ya" + "29.", 40),
                ("github" + "_pat_", 60),
            ]
        )
    )
    return head + "1" + draw(st.text(TOKEN, min_size=body - 1, max_size=body - 1))


planted = st.one_of(emails(), cards(), ibans(), secrets())
"""Any value that must never survive."""

edges = st.sampled_from(
    [" ", "\n", "\t", ",", ";", "!", "?", '"', "'", "(", ")", "[", "]", "{", "}", "<", ">", "|", ". "]
)
"""Whitespace and punctuation that may stand around a value."""

any_text = st.text(st.characters(), max_size=80)
"""Any Unicode text, lone surrogates included."""

awkward_text = st.lists(
    st.one_of(
        any_text,
        planted,
        st.sampled_from(
            ["call ", "phone", "[PHONE]", "order ", "@", "+", "://", "a:", "555", "-", "1234567", "eyJ", "::", "\ud800"]
        ),
    ),
    max_size=8,
).map("".join)
"""Texts in which values, pieces of values and markers stand side by side."""
