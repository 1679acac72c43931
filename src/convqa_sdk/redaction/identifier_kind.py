"""One kind of identifier as data: what it looks like, what names it, what its check digits prove."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Final, Literal

Proof = Literal["none", "weak", "strong"]
Alone = Literal["always", "written", "message", "never"]

_LONGEST_ACCENTED = 3
_ASCENDING = "0123456789" * 3
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "å": "aa", "ø": "oe", "æ": "ae"})
_WITHOUT_STROKE = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "æ": "ae", "đ": "d", "ð": "d", "\u0131": "i"})


@dataclass(frozen=True, kw_only=True)
class Identifier:
    """What is known about one kind of identifier.

    Attributes:
        name: Names the kind in explanations and tests, such as `pl_pesel`.
        label: The class it reports.
        shape: Expression in the RE2 subset that the whole compact value matches: upper-case ASCII letters and digits,
            separators removed.
        layout: Expression in the RE2 subset that the value as written matches, upper-cased, every dash as `-` and
            every space as a blank: its customary grouping. Empty when it has none.
        words: Lower-case words and phrases (words joined by one blank) that name it before or right after the value.
        valid: Verifies a compact value that has the shape; never raises. None when there is nothing to verify.
        check: How much shape and `valid` prove together: `weak` is one check digit, which every tenth number has;
            `strong` needs more than that, such as a date and a check digit, or letters in their places and a check.
        alone: Where it is accepted without a word: `always` anywhere, `written` where it is written in its layout,
            `message` where it is the whole message, `never` nowhere. `stands_alone` decides.
    """

    name: str
    label: str
    shape: str
    layout: str = ""
    words: frozenset[str]
    valid: Callable[[str], bool] | None = None
    check: Proof
    alone: Alone

    @cached_property
    def shape_pattern(self) -> re.Pattern[str]:
        """The compiled shape."""
        return re.compile(self.shape)

    @cached_property
    def layout_pattern(self) -> re.Pattern[str] | None:
        """The compiled layout; None when the kind has none."""
        return re.compile(self.layout) if self.layout else None

    def matches(self, compact: str) -> bool:
        """Tell whether a compact value has the shape, passes the check, and is no placeholder like 123456789."""
        if self.shape_pattern.fullmatch(compact) is None or (self.valid is not None and not self.valid(compact)):
            return False
        return self.check == "none" or not _is_placeholder(compact)

    def laid_out(self, written: str) -> bool:
        """Tell whether a value is written in the customary grouping."""
        return self.layout_pattern is not None and self.layout_pattern.fullmatch(written) is not None

    def stands_alone(self, written: str, compact: str, *, whole: bool) -> bool:
        """Tell whether a value that matches is accepted without a word that names it.

        Args:
            written: The value as it stands, upper-cased, dashes and spaces normalised.
            compact: Its letters and digits.
            whole: Whether it is the whole message.

        Returns:
            Whether the place and the way of writing suffice: in its layout, or without separators where the kind is
            accepted `always` or has no layout.
        """
        if self.alone == "never" or (self.alone == "message" and not whole):
            return False
        if written == compact and (self.alone == "always" or not self.layout):
            return True
        return self.laid_out(written)


def _is_placeholder(compact: str) -> bool:
    return compact in _ASCENDING or (compact.isdigit() and len(set(compact)) == 1)


def named(words: str) -> frozenset[str]:
    """Return comma-separated words and phrases as a set, each also as people type it without accents.

    Words of up to three letters keep theirs: without it, the French for born is the French for not.
    """
    spellings: set[str] = set()
    for word in (word.strip() for word in words.split(",") if word.strip()):
        spellings.add(word)
        if len(word) > _LONGEST_ACCENTED:
            spellings |= {word.translate(_SPELT_OUT), without_accents(word)}
    return frozenset(spellings)


def without_accents(word: str) -> str:
    """Return a lower-case word without accents; scripts that do not use them stay as they are."""
    if word.isascii():
        return word
    parts = unicodedata.normalize("NFD", word.translate(_WITHOUT_STROKE))
    plain = "".join(part for part in parts if not "\u0300" <= part <= "\u036f")
    return unicodedata.normalize("NFC", plain)


def kind(
    label: str,
    name: str,
    shape: str,
    words: str | frozenset[str],
    *,
    layout: str = "",
    valid: Callable[[str], bool] | None = None,
    check: Proof = "none",
    alone: Alone = "never",
) -> Identifier:
    """Return an `Identifier`; the tables are rows of this."""
    return Identifier(
        name=name,
        label=label,
        shape=shape,
        layout=layout,
        words=named(words) if isinstance(words, str) else words,
        valid=valid,
        check=check,
        alone=alone,
    )


national: Final = partial(kind, "NATIONAL_ID")
