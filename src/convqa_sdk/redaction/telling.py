"""What a piece of text can hold, told at once: most texts of support chats hold nothing that any rule could find.

Signs and digits, long tokens and a few words decide. Two engines tell the same, as far as rules can tell: `re` stands
for Python alone and looks at the first letters of each word, `re2` searches all words in one pass (extra `fast`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from convqa_sdk.redaction.literal_set import occurring
from convqa_sdk.redaction.rule import LONG_RUN, Engine

SIGNS, TOKEN, POINTS, DIGITS = 1, 2, 4, 8
"""Bits: digits or signs that prose has none of; a long token; words for signs of an address; words for digits."""

SECRET_STEMS: Final = (
    "pass", "pw", "pwd", "kennwort", "contrase", "senha", "mdp", "has\u0142o", "haslo", "wachtwoord", "l\u00f6senord",
    "losenord", "adgangskode", "salasana", "heslo", "jelsz", "\u015fifre", "sifre", "parola", "clave", "lozinka",
    "memorable", "security answer", "identified", "-----", "\u043f\u0430\u0440\u043e\u043b", "\u5bc6\u7801",
    "\u5bc6\u78bc", "\u30d1\u30b9", "\ube44\ubc00",
)  # fmt: skip
"""What the words for secrets that stand in prose begin with; each has a bit of its own."""
_FIRST_SECRET = 8
SECRETS: Final = ((1 << len(SECRET_STEMS)) - 1) << _FIRST_SECRET
"""The bits of all words for secrets."""

TOKEN_SIGNS: Final = "_.-+/=~$"  # noqa: S105 - signs, no secret
"""What a token may hold besides letters and digits."""

Tell = Callable[[str, bytes], int]
"""Gets a text as it is read, and its bytes in ASCII with `?` for other characters; returns the bits, 0 for nothing."""

_ALNUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_PROSE: Final = (_ALNUM[:52] + " \t\r\n,.'?!;-").encode()
_STEMS: Final = (
    *((stem, 1 << number) for number, stem in enumerate(SECRET_STEMS, _FIRST_SECRET)),
    *((stem, POINTS) for stem in (" dot ", " punto ", " punkt ", " point ", " ponto ")),
    *(
        (stem, DIGITS)
        for stem in (
            "three", "five", "seven", "eight", "drei", "f\u00fcnf", "sieben", "trois", "cinq", "sept", "huit", "tres",
            "siete", "ocho", "sette", "otto", "tr\u00eas", "sete", "oito", "drie", "vijf", "zeven", "trzy",
            "pi\u0119\u0107", "siedem", "osiem", "\u00fc\u00e7", "be\u015f", "yedi", "sekiz", "kolme", "viisi",
        )
    ),
)  # fmt: skip
_TOKENS: Final = bytes(120 if chr(code) in _ALNUM + TOKEN_SIGNS else 32 for code in range(256))
_LONG: Final = b"x" * LONG_RUN
_WORDS: Final = bytes(ord(chr(code).lower()) if code < 128 and chr(code).isalpha() else 32 for code in range(256))
_HEAD: Final = 4
_HEADS: Final[dict[bytes, int]] = {}
for _stem, _bit in _STEMS:
    if _stem.isascii() and _stem != "-----":
        _head = _stem.split()[0][:_HEAD].encode()
        _HEADS[_head] = _HEADS.get(_head, 0) | _bit
_DASHES: Final = 1 << (_FIRST_SECRET + SECRET_STEMS.index("-----"))
_OTHERS: Final = tuple(pair for pair in _STEMS if not pair[0].isascii())


def secret_stems(bits: int) -> list[str]:
    """Return the stems of words for secrets that were told."""
    bits >>= _FIRST_SECRET
    return [stem for number, stem in enumerate(SECRET_STEMS) if bits >> number & 1]


def tell_by(engine: Engine) -> Tell:
    """Return what tells the bits of a text."""
    words = _by_set() if engine == "re2" else _by_heads

    def tell(text: str, raw: bytes) -> int:
        bits = words(text, raw)
        if raw.translate(None, _PROSE):
            bits |= SIGNS
        if _LONG in raw.translate(_TOKENS) and not all(map(_is_word, raw.split())):
            bits |= TOKEN
        return bits

    return tell


def has_long_token(raw: bytes) -> bool:
    """Tell whether a text holds a run of characters of tokens that is as long as keys are."""
    return _LONG in raw.translate(_TOKENS)


def _is_word(token: bytes) -> bool:
    """Tell whether a token is short, or a word however long: letters in one case, with signs around or a hyphen."""
    bare = token.replace(b"-", b"").strip(b",.?!;'")
    return len(token) < LONG_RUN or (bare.isalpha() and (bare.islower() or bare.istitle()))


def _by_heads(text: str, raw: bytes) -> int:
    """Tell by the first four letters of each word."""
    bits = _DASHES if b"-----" in raw else 0
    for head in _HEADS.keys() & {word[:_HEAD] for word in raw.translate(_WORDS).split()}:
        bits |= _HEADS[head]
    if not text.isascii():
        lowered = text.lower()
        for stem, bit in _OTHERS:
            if stem in lowered:
                bits |= bit
    return bits


def _by_set() -> Tell:
    match = occurring((stem, False) for stem, _ in _STEMS)
    bits_of = [bit for _, bit in _STEMS]

    def tell(text: str, raw: bytes) -> int:
        bits = 0
        lowered = text.lower()
        for number in match(lowered if lowered.isascii() else lowered.encode("utf-8", "replace")) or ():
            bits |= bits_of[number]
        return bits

    return tell
