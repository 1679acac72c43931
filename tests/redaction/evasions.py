"""Ways in which people, programs and those who test a redactor write the same value, for tests of the views."""

from __future__ import annotations

import base64
import html
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from typing import Final
from urllib.parse import quote

from hypothesis import strategies as st

from convqa_sdk.redaction import redact

Form = Callable[[str], str]

DIGIT_WORDS: Final = {
    "en": "zero one two three four five six seven eight nine",
    "de": "null eins zwei drei vier fünf sechs sieben acht neun",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve",
    "it": "zero uno due tre quattro cinque sei sette otto nove",
    "pt": "zero um dois três quatro cinco seis sete oito nove",
    "nl": "nul een twee drie vier vijf zes zeven acht negen",
    "pl": "zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć",
}
"""The ten digits as words."""

SCRIPT_ZEROS: Final = {
    unicodedata.name(chr(code)).removesuffix(" DIGIT ZERO").lower(): code
    for code in range(0x80, 0x20000)
    if unicodedata.category(chr(code)) == "Nd" and unicodedata.digit(chr(code)) == 0
}
"""The digit zero of every script that has ten in a row."""

_HOMOGLYPHS = str.maketrans(
    "aceopxAEOPCTX", "\u0430\u0441\u0435\u043e\u0440\u0445\u0410\u0415\u041e\u0420\u0421\u0422\u0425"
)
_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def in_script(zero: int) -> Form:
    """Return the form that writes ASCII digits with those of another script."""
    table = {ord("0") + digit: zero + digit for digit in range(10)}
    return lambda value: value.translate(table)


def in_words(language: str) -> Form:
    """Return the form that spells digits as words; separators are dropped."""
    words = DIGIT_WORDS[language].split()
    return lambda value: " ".join(words[int(character)] for character in value if character.isdigit())


def parted_by(sign: str, size: int = 4) -> Form:
    """Return the form that sets a sign between groups of characters."""

    def parted(value: str) -> str:
        bare = "".join(filter(str.isalnum, value))
        return sign.join(bare[low : low + size] for low in range(0, len(bare), size))

    return parted


SEEN_ALIKE: Final[dict[str, Form]] = {
    **{
        f"U+{ord(unseen):04X} between": unseen.join
        for unseen in "\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u202e\u2060"
        "\u2066\u3164\ufe0f\ufeff\U000e0020\U000e0100\x00\x08"
    },
    "combining marks": "\u0336".join,
    "a lone surrogate between": "\ud83d".join,
    "full width": lambda value: value.translate(_FULL_WIDTH),
    "mathematical digits": in_script(0x1D7CE),
    "superscripts": lambda value: value.translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")),
    "circled digits": lambda value: value.translate(str.maketrans("123456789", "①②③④⑤⑥⑦⑧⑨")),
    "no-break spaces": lambda value: value.replace(" ", "\u00a0"),
    "thin spaces": lambda value: value.replace(" ", "\u2009"),
    "ideographic spaces": lambda value: value.replace(" ", "\u3000"),
    "en dashes": lambda value: value.replace("-", "\u2013").replace(" ", "\u2013"),
    "minus signs": lambda value: value.replace("-", "\u2212").replace(" ", "\u2212"),
    "homoglyphs": lambda value: value.translate(_HOMOGLYPHS),
}
"""What a reader sees as the same."""

ENCODED: Final[dict[str, Form]] = {
    "percent": lambda value: quote(value, safe="").replace(".", "%2E").replace("-", "%2D"),
    "percent throughout": lambda value: "".join(f"%{byte:02x}" for byte in value.encode()),
    "percent twice": lambda value: "".join(f"%25{byte:02X}" for byte in value.encode()),
    "\\u": lambda value: "".join(f"\\u{ord(character):04x}" for character in value),
    "\\\\u": lambda value: "".join(f"\\\\u{ord(character):04X}" for character in value),
    "\\x": lambda value: "".join(f"\\x{ord(character):02x}" for character in value),
    "\\u{}": lambda value: "".join(f"\\u{{{ord(character):x}}}" for character in value),
    "U+": lambda value: " ".join(f"U+{ord(character):04X}" for character in value),
    "octal": lambda value: "".join(f"\\{ord(character):03o}" for character in value),
    "decimal entities": lambda value: "".join(f"&#{ord(character)};" for character in value),
    "hexadecimal entities": lambda value: "".join(f"&#x{ord(character):X};" for character in value),
    "entities of entities": lambda value: "".join(f"&amp;#{ord(character)};" for character in value),
    "named entities": lambda value: html.escape(value).replace("@", "&commat;").replace(".", "&period;"),
    "quoted-printable": lambda value: "".join(
        f"={ord(character):02X}" if not character.isalnum() else character for character in value
    ),
    "soft line breaks": lambda value: value[:7] + "=\n" + value[7:],
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "base64 without padding": lambda value: base64.urlsafe_b64encode(value.encode()).decode().rstrip("="),
    "base64 twice": lambda value: base64.b64encode(base64.b64encode(value.encode())).decode(),
    "hexadecimal": lambda value: value.encode().hex(),
    "hexadecimal in capitals": lambda value: value.encode().hex().upper(),
    "hexadecimal pairs": lambda value: value.encode().hex(" "),
    "hexadecimal bytes of C": lambda value: ", ".join(f"0x{byte:02x}" for byte in value.encode()),
    "bold": lambda value: f"**{value[:5]}**{value[5:]}",
    "tags": lambda value: f"{value[:3]}<b>{value[3:5]}</b>{value[5:]}",
    "comments": lambda value: f"{value[:5]}<!-- -->{value[5:]}",
}
"""What a program reads as the same."""

LOOKING_LIKE_DIGITS: Final[dict[str, Form]] = {
    "O for 0": lambda value: value.replace("0", "O"),
    "o for 0": lambda value: value.replace("0", "o"),
    "l for 1": lambda value: value.replace("1", "l", 2),
    "I for 1": lambda value: value.replace("1", "I", 2),
}
"""Letters among digits, where enough digits are left."""

SPELLED: Final[dict[str, Form]] = {
    **{f"words, {language}": in_words(language) for language in DIGIT_WORDS},
    "words and commas": lambda value: in_words("en")(value).replace(" ", ", "),
    "blanks throughout": lambda value: parted_by(" ", 1)(value),
    "hyphens throughout": lambda value: parted_by("-", 1)(value),
    **{
        f"{sign!r} between groups": parted_by(sign)
        for sign in ("*", "|", " | ", "_", "~", "#", "\t", ".", "/", "  ", " - ")
    },
    "brackets": lambda value: "(" + parted_by(")(")(value) + ")",
    "two lines": parted_by("\n", 8),
    "quoted lines": parted_by("\n> "),
}
"""How people dictate or type digits."""

ADDRESSES: Final[dict[str, Form]] = {
    "[at] [dot]": lambda value: value.replace("@", " [at] ").replace(".", " [dot] "),
    "(at) (dot)": lambda value: value.replace("@", "(at)").replace(".", "(dot)"),
    "{at}": lambda value: value.replace("@", "{at}"),
    "<at>": lambda value: value.replace("@", " <at> ").replace(".", " <dot> "),
    "at dot": lambda value: value.replace("@", " at ").replace(".", " dot "),
    "AT DOT": lambda value: value.replace("@", " AT ").replace(".", " DOT "),
    "arroba punto": lambda value: value.replace("@", " arroba ").replace(".", " punto "),
    "at punkt": lambda value: value.replace("@", " at ").replace(".", " punkt "),
    "blanks around @": lambda value: value.replace("@", " @ "),
    "letter by letter": " ".join,
    "a comma for a dot": lambda value: ",com".join(value.rsplit(".com", 1)),
}
"""How people write addresses so that programs do not read them."""


carriers: Final = st.sampled_from(
    [
        ("", ""),
        ("please use ", " for it."),
        ("Hallo, hier ist es: ", "\nDanke!"),
        ("c'est «", "» merci"),
        ("to jest (", "), proszę"),
        ("\U0001f600 \u4f60\u597d ", " \u8c22\u8c22"),
        ('{"note": "', '"}'),
    ]
)
"""What stands before and behind a value."""

_MARKER = re.compile("\\[[A-Z_]+\\]")


def leaked(before: str, written: str, behind: str) -> str:
    """Return the letters and digits that redaction leaves of what stands between two texts."""
    left = Counter(filter(str.isalnum, _MARKER.sub("", redact(before + written + behind).text)))
    left.subtract(filter(str.isalnum, before + behind))
    return "".join(sorted((+left).elements()))
