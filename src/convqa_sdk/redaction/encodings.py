r"""Texts as a machine would decode them: `%40`, `\u0040`, `&#64;` and ` [at] ` are read as `@`.

A second view beside the readable one: what is encoded is replaced by what it stands for, and only the surroundings of
such places are searched again. Whole tokens of Base64 or hexadecimal digits are decoded apart.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from convqa_sdk.redaction.spelling import digit_words, groups_apart
from convqa_sdk.redaction.views import PIECE, View, edited, readable

Span = tuple[int, int]
Place = tuple[int, int, str]
Pause = Callable[[], None] | None
Search = Callable[[str, Pause], Iterator[Place]]

AROUND: Final = 160
"""Characters searched before and behind a decoded place."""
LONGEST_TOKEN: Final = 4_096

_REACH = 512
_ROUNDS = 3  # of texts that are encoded more than once
_AT = "at|AT|At|@|arroba|chiocciola|malpa"
_DOT = "dot|DOT|Dot|\\.|punkt|punto|point|ponto"
_SIGN_CLASSES: Final = bytes(
    48
    if code in b"0123456789"
    else 120
    if chr(code).isalnum() and code < 128
    else 115
    if code in b"*|+~#^,_\t)>?"
    else 10
    if code == 10
    else 32
    for code in range(256)
)
_GROUPS_APART: Final = (
    b"0s0",
    b"0ss0",
    b"0 s 0",
    b"0s 0",
    b"0s",
    b"x s x",
    b"0 s x",
    b"x s 0",
    b"0\n",
    b"0  ",
    b"0   ",
)
_APART_CLASSES: Final = bytes(
    120 if chr(code).isalnum() and code < 128 or code in b"@._+" else 32 if code in b" \t-" else 0
    for code in range(256)
)
_LETTERS_APART: Final = b"x x x x x x "
_DIGIT_STEMS: Final = (
    "three five seven eight drei f\u00fcnf sieben trois cinq sept huit tres siete ocho sette otto tr\u00eas sete oito "
    "drie vijf zeven trzy pi\u0119\u0107 siedem osiem"
).split()
_NO_MARKS: Final = bytes(set(range(128)) - set(b"%\\&<({*_`[+"))
_LIKE_CLASSES: Final = bytes(48 if code in b"0123456789" else 111 if code in b"OoIl|" else 32 for code in range(256))
_MARK: Final = re.compile("[%\\\\&<({*_`\\[+]")
_BRACKETED = re.compile(rf"[\[({{<*_]{{1,2}}[ \t]?(?:({_AT})|{_DOT})[ \t]?[\])}}>*_]{{1,2}}[ \t]{{0,3}}")
_EMPHASIS = re.compile(r"\*\*|__|``?")
_TAG = re.compile("</?[A-Za-z][^<>]{0,200}>|<!--[^<>]{0,200}-->")
_PERCENT = re.compile("(?:%[0-9A-Fa-f]{2}){1,64}")
_QUOTED = re.compile("=(?:([2-7][0-9A-F])|\r?\n)")
_ENTITY = re.compile("&(?:#([0-9]{1,7});?|#[xX]([0-9A-Fa-f]{1,6});?|([A-Za-z]{2,24};))")
_ESCAPE = re.compile(
    r"\\0{2,4}([0-9A-Fa-f]{2}) ?|\\{1,16}(?:u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{2})|([01][0-7]{2}))"
    r"|\\{1,64}([nrtbfv/\"'@.\-_])"
)
_CODE_POINT = re.compile(r"(?:U\+(?:0000|00)?|u\+(?:0000|00))([0-9A-Fa-f]{2})(?: (?=[Uu]\+))?")

_DOT_WORDS = (" dot ", " punkt ", " punto ", " point ", " ponto ")
_AT_APART = (" @", "@ ", '"@', '@"', "'@", "@'", "@\t")
_NEAR_AT = 64
_WORD_DOT = f"[ \t]{{1,3}}(?:{_DOT})[ \t]{{1,3}}"
_SPELLED: Final = re.compile(
    rf"(?P<name>[A-Za-z0-9._+\-]{{1,64}}(?:{_WORD_DOT}[A-Za-z0-9_+\-]{{1,32}}){{0,3}})"
    rf"[ \t\"']{{0,3}}(?:(?:{_AT})[ \t]{{1,3}}|@[ \t\"']{{0,3}})"
    rf"(?P<host>[A-Za-z0-9\-]{{1,63}}(?:(?:{_WORD_DOT}| \. ?|\.|,)[A-Za-z0-9\-]{{2,63}}){{1,4}})"
)
_ENDINGS: Final = frozenset(
    "com org net edu gov mil int info biz name pro mobi app dev blog shop store online site email cloud tech xyz academy "
    "agency support company solutions services digital systems network group global world life live media news example test".split()
)
"""Top-level domains of more than two letters under which people have addresses."""
_HOST_DOT: Final = re.compile(rf"{_WORD_DOT}| ?\.[ \t]?|,")
_ADDRESS_WORDS: Final = re.compile(rf"[0-9]{{1,3}}(?:{_WORD_DOT}[0-9]{{1,3}}){{3}}")
_LETTER_BY_LETTER: Final = re.compile(
    r"[A-Za-z0-9@._\-+](?:[ \t][A-Za-z0-9@._\-+]){5,120}|[A-Za-z0-9](?:-[A-Za-z0-9]){9,60}"
)

_LIKE_DIGITS: Final = re.compile(r"[0-9OoIl](?:[ .\-/_]{0,2}[0-9OoIl]|\|[0-9OoIl]){6,40}\|?")
_LIKE_WORD: Final = re.compile("[OoIl|]+")
_DIGIT_OF: Final = str.maketrans("OoIl|", "00111")

_TOKEN: Final = re.compile(r"[A-Za-z0-9+/_\-]{12,4096}(?:\r?\n[A-Za-z0-9+/_\-]{4,4096}){0,64}={0,2}")
_HEX_PAIRS: Final = re.compile("(?:0x)?[0-9A-Fa-f]{2}(?:[ :,]{1,2}(?:0x)?[0-9A-Fa-f]{2}){5,512}")
_HEX_CLASSES: Final = bytes(
    104 if code in b"0123456789abcdefABCDEF" else 32 if code in b" :," else 0 for code in range(256)
)
_HEX_APART: Final = b"hh hh hh hh hh hh"
_HEXADECIMAL: Final = re.compile("(?:[0-9A-Fa-f]{2}){8,}")
_SHORTEST_TOKEN: Final = 12
_LONG: Final = b"x" * _SHORTEST_TOKEN
_TOKEN_CLASS: Final = bytes(120 if chr(code).isalnum() and code < 128 or code in b"+/_-" else 32 for code in range(256))
_NO_TOKEN: Final = re.compile("[^0-9A-Fa-f]")
_BLANKS: Final = str.maketrans("\n\t\r", "   ")
_SAFE: Final = str.maketrans("-_", "+/")


class Token(NamedTuple):
    """A token that was decoded: its offsets, and its plain text."""

    start: int
    end: int
    text: str


def decoded(view: View, pause: Pause = None) -> Iterator[tuple[View, list[Span]]]:
    """Give views of a view: with everything decoded, and with letters read as digits where they stand among digits.

    Each comes with its regions around what differs; none comes where nothing does.
    """
    plain = view
    raw = view.text.encode("ascii", "replace")
    if raw.translate(None, _NO_MARKS) or _may_be_spelled(view.text):
        plain, regions = _changed(view, (_encoded, _spelled), pause)
        if plain is not view:
            yield plain, regions
            raw = plain.text.encode("ascii", "replace")
    if "=" in view.text:
        printable, regions = _changed(view, (_quoted_printable,), pause)
        if printable is not view:
            yield printable, regions
    searches: list[Search] = []
    if _LETTERS_APART in raw.translate(_APART_CLASSES):
        searches.append(_letter_by_letter)
    if any(map(view.text.lower().__contains__, _DIGIT_STEMS)):
        searches.append(_in_pieces(digit_words))
    signs = raw.translate(_SIGN_CLASSES)
    if any(map(signs.__contains__, _GROUPS_APART)):
        searches.append(_in_pieces(groups_apart))
    if searches:
        apart, regions = _changed(plain, searches, pause)
        if apart is not plain:
            yield apart, regions
            plain = apart
            raw = plain.text.encode("ascii", "replace")
    classes = raw.translate(_LIKE_CLASSES)
    if b"0o" in classes or b"o0" in classes:
        digits, regions = _changed(plain, (_digits_like,), pause)
        if digits is not plain:
            yield digits, regions


def _in_pieces(search: Callable[[str, int, int], Iterator[Place]]) -> Search:
    """Return a search that goes through a text in pieces that overlap."""

    def places(text: str, pause: Pause) -> Iterator[Place]:
        resume = 0
        for low in range(0, len(text), PIECE):
            if low and pause is not None:
                pause()
            for place in search(text, low, min(len(text), low + PIECE + _REACH)):
                if place[0] >= resume:
                    resume = place[1]
                    yield place

    return places


def _changed(view: View, searches: Iterable[Search], pause: Pause) -> tuple[View, list[Span]]:
    regions: list[Span] = []
    for search in searches:
        for _ in range(_ROUNDS if search is _encoded else 1):
            places = list(search(view.text, pause))
            if not places:
                break
            view = edited(view, places)
            regions = [(view.over(start), view.over(end)) for start, end in regions]
            regions += [(edit.start, edit.end) for edit in view.edits]
    return view, _joined(regions, len(view.text))


def _joined(regions: Iterable[Span], length: int) -> list[Span]:
    """Return regions widened by their surroundings, those that meet as one."""
    joined: list[Span] = []
    for start, end in sorted(regions):
        low, high = max(0, start - AROUND), min(length, end + AROUND)
        if joined and low <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(high, joined[-1][1])
        else:
            joined.append((low, high))
    return joined


def _sweep(pattern: re.Pattern[str], text: str, pause: Pause) -> Iterator[re.Match[str]]:
    """Find all matches of a pattern that reads at most `_REACH` characters, in short calls."""
    resume = 0
    for low in range(0, len(text), PIECE):
        if low and pause is not None:
            pause()
        high = low + PIECE
        for match in pattern.finditer(text, max(low, resume), high + _REACH):
            if match.start() >= high:
                break
            resume = match.end()
            yield match


def _may_be_spelled(text: str) -> bool:
    """Tell whether a sign of an address may be written as a word, or be set apart."""
    if "@" in text:
        at = text.find("@")
        return any(map(text.__contains__, _AT_APART)) or "," in text[at : at + _NEAR_AT]
    return any(map(text.lower().__contains__, _DOT_WORDS))


def _encoded(text: str, pause: Pause) -> Iterator[Place]:
    """Find what is encoded character by character."""
    resume = 0
    for mark in _sweep(_MARK, text, pause):
        start = mark.start()
        if start < resume:
            continue
        for decode in _DECODERS[mark.group()]:
            place = decode(text, start)
            if place is not None:
                begin, end, plain = place
                begin, resume = max(begin, resume), end
                yield begin, end, plain if plain.isascii() else readable(plain).text
                break


def _percent(text: str, start: int) -> Place | None:
    match = _PERCENT.match(text, start)
    return match and (start, match.end(), bytes.fromhex(match.group().replace("%", "")).decode("utf-8", "replace"))


def _quoted_printable(text: str, pause: Pause) -> Iterator[Place]:
    """Find characters as mail writes them, `=40`; apart from other encodings, because `q=4111` is no such thing."""
    for match in _sweep(_QUOTED, text, pause):
        yield match.start(), match.end(), chr(int(match[1], 16)) if match[1] else ""


def _entity(text: str, start: int) -> Place | None:
    match = _ENTITY.match(text, start)
    if match is None:
        return None
    if match[3]:
        from html import entities  # on first need: a table of two thousand names

        plain = entities.html5.get(match[3])
    else:
        plain = _character(match[1], 10) if match[1] else _character(match[2], 16)
    return None if plain is None else (start, match.end(), plain)


def _escape(text: str, start: int) -> Place | None:
    match = _ESCAPE.match(text, start)
    if match is None:
        return None
    if match[7]:
        plain: str | None = " " if match[7] in "nrtbfv" else match[7]
    else:
        plain = _character(match[6], 8) if match[6] else _character(match[match.lastindex or 0], 16)
    return None if plain is None else (start, match.end(), plain)


def _code_point(text: str, start: int) -> Place | None:
    match = _CODE_POINT.match(text, start - 1) if start else None
    return match and (start - 1, match.end(), chr(int(match[1], 16)))


def _tag(text: str, start: int) -> Place | None:
    match = _TAG.match(text, start)
    return match and (start, match.end(), "")


def _bracketed(text: str, start: int) -> Place | None:
    match = _BRACKETED.match(text, start)
    if match is None:
        return None
    before = text[max(0, start - 3) : start]
    return start - len(before) + len(before.rstrip(" \t")), match.end(), "@" if match[1] else "."


def _emphasis(text: str, start: int) -> Place | None:
    match = _EMPHASIS.match(text, start)
    return match and (start, match.end(), "")


def _character(number: str, base: int) -> str | None:
    code = int(number, base)
    return chr(code) if code < 0x110000 else None


_DECODERS: Final[dict[str, tuple[Callable[[str, int], Place | None], ...]]] = {
    "%": (_percent,),
    "&": (_entity,),
    "\\": (_escape,),
    "+": (_code_point,),
    "<": (_bracketed, _tag),
    "(": (_bracketed,),
    "[": (_bracketed,),
    "{": (_bracketed,),
    "*": (_bracketed, _emphasis),
    "_": (_bracketed, _emphasis),
    "`": (_emphasis,),
}


def _spelled(text: str, pause: Pause) -> Iterator[Place]:
    """Find addresses whose signs are written as words or set apart, and what is written letter by letter."""
    if not _may_be_spelled(text):
        return
    for match in _sweep(_SPELLED, text, pause):
        host = _HOST_DOT.sub(".", match["host"])
        if "@" not in match.group() and " " not in match["host"]:
            continue  # "meet me at example.com"
        plain = f"{_HOST_DOT.sub('.', match['name'])}@{host}"
        ending = host.rpartition(".")[2].lower()
        if (ending in _ENDINGS or (len(ending) == 2 and ending.isalpha())) and plain != match.group():
            yield match.start(), match.end(), plain
    for match in _sweep(_ADDRESS_WORDS, text, pause):
        yield match.start(), match.end(), _HOST_DOT.sub(".", match.group())


def _letter_by_letter(text: str, pause: Pause) -> Iterator[Place]:
    """Find what is written letter by letter."""
    for match in _sweep(_LETTER_BY_LETTER, text, pause):
        yield _run_together(text, match)


def _run_together(text: str, match: re.Match[str]) -> Place:
    start, end = match.span()
    if text[end : end + 1].isalnum():
        end -= 2
    if text[start - 1 : start].isalnum():
        start += 2
    joint = "-" if text[start + 1 : start + 2] == "-" else " "
    return start, end, text[start:end].replace(joint, "").replace("\t", "")


def _digits_like(text: str, pause: Pause) -> Iterator[Place]:
    """Find numbers in which letters stand for digits: O for 0, l for 1."""
    for match in _sweep(_LIKE_DIGITS, text, pause):
        written = match.group()
        if not written[0].isdigit() and text[match.start() - 1 : match.start()].isalnum():
            head = _LIKE_WORD.match(written)
            written = " " * head.end() + written[head.end() :] if head is not None else written
        plain = written.translate(_DIGIT_OF)
        like = sum(a != b for a, b in zip(written, plain, strict=True))
        if 0 < like <= sum(map(str.isdigit, written)):
            for offset, (character, digit) in enumerate(zip(written, plain, strict=True), match.start()):
                if character != digit:
                    yield offset, offset + 1, digit


def tokens(text: str, pause: Pause = None) -> Iterator[Token]:
    """Decode tokens of Base64 or hexadecimal digits, also in pairs and over lines, that hold readable text."""
    for low in range(0, len(text), PIECE):
        high = low + PIECE
        raw = text[low : high + _REACH].encode("ascii", "replace")
        if pause is not None and low:
            pause()
        if _LONG in raw.translate(_TOKEN_CLASS):
            yield from _decoded_tokens(_TOKEN, text, low, high)
        if _HEX_APART in raw.translate(_HEX_CLASSES):
            yield from _decoded_tokens(_HEX_PAIRS, text, low, high)


def _decoded_tokens(pattern: re.Pattern[str], text: str, low: int, high: int) -> Iterator[Token]:
    resume = low
    while (match := pattern.search(text, resume, high + LONGEST_TOKEN)) is not None and match.start() < high:
        resume = match.end()
        plain = _plain(match.group())
        if plain is None and "\n" in match.group():
            resume = match.start() + match.group().index("\n") + 1
            plain = _plain(match.group().partition("\n")[0])
        if plain is not None:
            yield Token(match.start(), resume, plain)


def _plain(token: str) -> str | None:
    """Return the text that a token encodes, None when it encodes none."""
    bare = _NO_TOKEN.sub("", token.replace("0x", "")) if " " in token or ":" in token or "," in token else token
    if _HEXADECIMAL.fullmatch(bare):
        return _text(bytes.fromhex(bare))
    bare = "".join(token.split()).rstrip("=").translate(_SAFE)
    if len(bare) % 4 == 1 or len(bare) < _SHORTEST_TOKEN:
        return None
    try:
        return _text(base64.b64decode(bare + "=" * (-len(bare) % 4)))
    except binascii.Error:
        return None


def _text(raw: bytes) -> str | None:
    try:
        text = raw.decode("utf-16-le" if raw[1:2] == b"\0" and raw[3:4] == b"\0" else "utf-8")
    except UnicodeDecodeError:
        return None
    return text if text.translate(_BLANKS).isprintable() else None
