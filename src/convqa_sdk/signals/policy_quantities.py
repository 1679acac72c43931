"""Find the quantities of a sentence: amounts with a unit, ranges, bounds, and what is said around them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Final, NamedTuple

from convqa_sdk.signals.policy_values import Value
from convqa_sdk.signals.policy_words import CURRENCIES, Words
from convqa_sdk.signals.wording import Token

_CUTS: Final = frozenset({"ago", "old", "left", "remaining"})
_FILLERS: Final = frozenset({"full", "calendar", "whole", "entire", "consecutive", "-", "\u2011", "more"})
_DASHES: Final = frozenset({"-", "\u2013", "\u2014", "\u2011"})
_LAST: Final = frozenset({"last", "previous"})
_REACH: Final = 4


class Quantity(NamedTuple):
    """An amount that a sentence names.

    Attributes:
        value: What it says.
        bound: `max`, `min`, `beyond` (what lies behind it), `not` (it is denied by name), `about` or empty.
        first: Index of its first token.
        last: Index behind its last token.
    """

    value: Value
    bound: str
    first: int
    last: int


class _Number(NamedTuple):
    amount: Decimal
    raw: str
    last: int


def quantities(tokens: Sequence[Token], words: Sequence[str], known: Words, *, comma_decimals: bool) -> list[Quantity]:
    """Return the quantities that a sentence states, without those that tell of a case (`45 days ago`).

    Args:
        tokens: The sentence.
        words: Their texts.
        known: Words of its language.
        comma_decimals: Whether `1.299` is a thousand and `1,5` one and a half, as in most languages but English.
    """
    found: list[Quantity] = []
    index = 0
    while index < len(tokens):
        if tokens[index].kind != "n" and words[index] not in known.begins:
            index += 1
            continue
        quantity = _at(tokens, words, index, known, comma_decimals=comma_decimals, before=found[-1] if found else None)
        if quantity is None:
            index += 1
            continue
        if not _tells_of_a_case(words, quantity):
            found.append(quantity)
        index = quantity.last
    return found


def _at(
    tokens: Sequence[Token],
    words: Sequence[str],
    index: int,
    known: Words,
    *,
    comma_decimals: bool,
    before: Quantity | None,
) -> Quantity | None:
    currency = CURRENCIES.get(words[index], "")
    start = index + 1 if currency else index
    number = _number(tokens, words, start, known)
    if number is None:
        return None if currency else _unnumbered(words, index, known)
    low = high = number
    last = number.last
    upper, after = _upper(tokens, words, last, known, index)
    if upper is not None:
        high, last = upper, after
    unit, end = _unit(words, last, known)
    if unit and upper is None:  # `5 days to 7 days`
        upper, after = _upper(tokens, words, end, known, index)
        if upper is not None:
            other, behind = _unit(words, upper.last, known)
            if other == unit:
                high, end = upper, behind
    if not unit and currency:
        unit, end = currency, last
    if not unit:
        return _elided(words, index, number, before)
    money = unit in _CODES
    one, two = (_amount(each.raw, each.amount, money, comma_decimals) for each in (low, high))
    if unit == "fortnight":
        one, two, unit = 14 * one, 14 * two, "day"
    if unit == "%":
        value = Value("percent", one, two)
    elif money:
        cents, end = _cents(tokens, words, end, known)
        value = Value("money", one + cents, two + cents, unit)
    else:
        value = Value("duration", one, two, unit)
    if value.low > value.high:
        return None
    return Quantity(value, _bound(words, index, known), index, end)


_CODES: Final = frozenset(CURRENCIES.values())


def _number(tokens: Sequence[Token], words: Sequence[str], index: int, known: Words) -> _Number | None:
    if index >= len(tokens):
        return None
    word = words[index]
    if tokens[index].kind == "n":
        if ":" in word:
            return None
        amount = _amount(word, None, False, False)
        return _Number(amount, word, index + 1)
    hundred = _hundred(words, index, known)
    if hundred is not None:
        return hundred
    amount_or_none = known.numbers.get(word)
    if amount_or_none is None:
        return None
    index += 1
    if amount_or_none >= 20 and amount_or_none % 10 == 0 and index < len(words):
        unit_at = index + 1 if words[index] in _DASHES and index + 1 < len(words) else index
        ones = known.numbers.get(words[unit_at])
        if ones is not None and 1 <= ones <= 9:
            return _Number(amount_or_none + ones, "", unit_at + 1)
    if tuple(words[index : index + 1]) == ("(",) and words[index + 2 : index + 3] == (")",):  # `thirty (30) days`
        index += 3
    if word == "half" and index < len(words) and words[index] in ("a", "an"):
        index += 1
    return _Number(amount_or_none, "", index)


def _hundred(words: Sequence[str], index: int, known: Words) -> _Number | None:
    if index + 1 < len(words) and words[index + 1] == "hundred":
        times = Decimal(1) if words[index] == "a" else known.numbers.get(words[index])
        if times is not None:
            return _Number(100 * times, "", index + 2)
    return None


def _unnumbered(words: Sequence[str], index: int, known: Words) -> Quantity | None:
    """Read `a week` and `the next business day`."""
    if words[index] not in ("a", "an", "next"):
        return None
    unit, last = _unit(words, index + 1, known)
    if not unit or unit in _CODES or unit == "%":
        return None
    if words[index] == "next" and unit not in ("business day", "day"):
        return None
    amount = Decimal(14) if unit == "fortnight" else Decimal(1)
    return Quantity(
        Value("duration", amount, amount, "day" if unit == "fortnight" else unit),
        _bound(words, index, known),
        index,
        last,
    )


def _upper(
    tokens: Sequence[Token], words: Sequence[str], index: int, known: Words, first: int
) -> tuple[_Number | None, int]:
    if index >= len(words):
        return None, index
    between = words[index] == "and" and first and words[first - 1] == "between"
    if not (between or words[index] in _DASHES or words[index] in known.ranges):
        return None, index
    at = index + 1
    if at < len(words) and words[at] in CURRENCIES:
        at += 1
    number = _number(tokens, words, at, known)
    return (number, number.last) if number is not None else (None, index)


def _unit(words: Sequence[str], index: int, known: Words) -> tuple[str, int]:
    """Return the unit that stands at a place, and where it ends; an empty one where there is none."""
    skipped = 0
    while index < len(words) and words[index] in _FILLERS and skipped < 2:
        index, skipped = index + 1, skipped + 1
    if index >= len(words):
        return "", index
    word = words[index]
    following = words[index + 1] if index + 1 < len(words) else ""
    if word in known.business and known.units.get(following) in ("day", "hour"):
        return f"business {known.units[following]}", index + 2
    unit = known.units.get(word)
    if unit is not None:
        if unit in ("day", "hour") and following in known.business and following not in ("work", "working"):
            return f"business {unit}", index + 2
        return unit, index + 1
    if (word, following) in known.percent:
        return "%", index + 2
    if (word,) in known.percent:
        return "%", index + 1
    code = CURRENCIES.get(word)
    return (code, index + 1) if code is not None else ("", index)


def _elided(words: Sequence[str], index: int, number: _Number, before: Quantity | None) -> Quantity | None:
    """Read `not 60` and `within 14` behind a quantity that has the unit."""
    if before is None or not index or before.value.kind not in ("duration", "percent"):
        return None
    leading = words[index - 1]
    if leading not in ("not", "within", "for", "only", "to"):
        return None
    following = words[number.last] if number.last < len(words) else ""
    if following and following.isalpha() and following not in ("for", "if", "on", "but", "and", "as"):
        return None
    value = Value(before.value.kind, number.amount, number.amount, before.value.unit)
    return Quantity(value, "not" if leading == "not" else "", index, number.last)


def _cents(tokens: Sequence[Token], words: Sequence[str], index: int, known: Words) -> tuple[Decimal, int]:
    at = index + 1 if index < len(words) and words[index] == "and" else index
    number = _number(tokens, words, at, known)
    if number is not None and number.last < len(words) and words[number.last] in ("cent", "cents"):
        return number.amount / 100, number.last + 1
    return Decimal(0), index


def _amount(raw: str, amount: Decimal | None, money: bool, comma_decimals: bool) -> Decimal:
    """Return a written number; of one sign, what it separates is told by the digits behind it and the language."""
    if not raw:
        return amount if amount is not None else Decimal(0)
    digits = raw.replace(" ", "").replace("\u00a0", "").replace("\u202f", "").replace("'", "").replace("\u2019", "")
    dot, comma = digits.rfind("."), digits.rfind(",")
    decimal = "," if comma > dot else "."
    if dot >= 0 and comma >= 0:
        thousands = "." if decimal == "," else ","
    elif dot < 0 and comma < 0:
        thousands = ""
    else:
        tail = len(digits) - 1 - max(dot, comma)
        grouped = tail == 3 and (digits.count(decimal) > 1 or money or (decimal == ",") != comma_decimals)
        thousands = decimal if grouped or digits.count(decimal) > 1 else ""
        decimal = "" if thousands else decimal
    plain = digits.replace(thousands, "") if thousands else digits
    try:
        return Decimal(plain.replace(decimal, ".") if decimal else plain)
    except InvalidOperation:  # `1.2.3,4`: no number that means anything
        return Decimal(-1)


def _bound(words: Sequence[str], index: int, known: Words) -> str:
    """Return what the words before an amount make of it."""
    before = tuple(words[max(0, index - _REACH) : index])
    while before and before[-1] in ("a", "an", "the", "of", "only", "just", "full", "first", "your", "your"):
        before = before[:-1]
    if not before:
        return ""
    last = before[-1]
    phrase = before[-3:]
    if last == "than":
        less = len(before) > 1 and before[-2] in ("less", "fewer", "sooner", "faster")
        denied = len(phrase) == 3 and phrase[0] in ("no", "not")
        return "max" if less != denied else "min" if less else "beyond"
    if last == "not" or phrase[-2:] in (("rather", "than"), ("instead", "of")):
        return "not"
    if last in ("about", "around", "approximately", "roughly", "some", "circa"):
        return "about"
    if last in known.most and not (last == "to" and (len(before) < 2 or before[-2] not in ("up", "down"))):
        return "max"
    if last in known.least:
        return "min"
    return "beyond" if last in known.beyond else ""


def _tells_of_a_case(words: Sequence[str], quantity: Quantity) -> bool:
    """Tell whether a quantity tells of this customer's case, such as `45 days ago`, and states no policy."""
    after = words[quantity.last : quantity.last + 3]
    before = words[max(0, quantity.first - 3) : quantity.first]
    if quantity.value.kind != "duration":
        return False
    if after[:1] and after[0] in _CUTS and tuple(before[-2:]) != ("older", "than"):
        return True
    if any(word in _LAST for word in before[-2:]) or tuple(before[-2:]) == ("the", "past"):
        return True
    if tuple(before[-2:]) == ("has", "been") or tuple(before[-2:]) == ("is", "been"):
        return True
    return tuple(after[:3]) == ("have", "passed", "since")
