"""Contact routes: mail addresses, web addresses and telephone numbers, as a book states and answers quote them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from convqa_sdk.signals.wording import Sentence, word_set

_CHUNK: Final = re.compile(r"\S{1,300}|\s{1,300}")
_MAIL: Final = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_HOST: Final = re.compile(r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,5}")
_ENDINGS: Final = word_set(
    "com org net io co uk de fr es it nl pl eu us ca au ch at app dev shop store help support info ai example test"
)
_OPENING, _CLOSING = "([{<\"'\u201c\u2018*_`", ".,;:!?)]}>\"'\u201d\u2019*_`"
_JOINTS: Final = frozenset({"+", "(", ")", "-", "\u2013", ".", "/", "\u2011"})
_TRUNK: Final = ("(", "0", ")")
_CALLING: Final = word_set("call ring dial hotline helpline text fax whatsapp anrufen rufen appeler llamar")
_NUMBERS: Final = word_set("phone telephone number line telefon telefonnummer téléphone teléfono")
_OURS: Final = word_set("us our unsere unser notre nous nuestro nuestra")
_NOT_OURS: Final = word_set(
    "order tracking reference account card confirmation serial case ticket booking invoice iban your reservation "
    "customer ending id member bill sim imei"
)
_WRITING: Final = frozenset({"write", "email", "e-mail", "mail", "contact", "reach", "send", "message"})
_SENDERS: Final = frozenset({"i", "we"})
_VISITING: Final = frozenset({"see", "visit", "start", "go", "at", "open", "use", "via", "under", "log", "on"})


class Route(NamedTuple):
    """A contact route in a text.

    Attributes:
        fact: Name of the fact that it is checked against.
        value: Normalised: digits of a number, a host with its path, an address in small letters.
        first: Offset of its first character.
        last: Offset behind its last.
    """

    fact: str
    value: str
    first: int
    last: int


def written_routes(text: str) -> list[Route]:
    """Return the mail and web addresses in a text, in order."""
    found: list[Route] = []
    if "@" not in text and "." not in text:
        return found
    for match in _CHUNK.finditer(text):
        chunk = match[0]
        if "." not in chunk:
            continue
        plain = chunk.lstrip(_OPENING)
        start = match.start() + len(chunk) - len(plain)
        plain = plain.rstrip(_CLOSING)
        if "](" in plain:  # a link of Markdown: the address is what counts
            start, plain = start + plain.index("](") + 2, plain[plain.index("](") + 2 :]
        route = _route(plain.lower())
        if route is not None:
            found.append(Route(*route, start, start + len(plain)))
    return found


def numbers(sentence: Sentence) -> Iterator[Route]:
    """Yield the telephone numbers that a sentence gives the customer to call."""
    words, tokens = sentence.words, sentence.tokens
    if _CALLING.isdisjoint(words) and (_NUMBERS.isdisjoint(words) or _OURS.isdisjoint(words)):
        return
    at = 0
    while at < len(words):
        if tokens[at].kind != "n" and words[at] not in ("+", "("):
            at += 1
            continue
        last, digits = at, ""
        while last < len(words) and (tokens[last].kind == "n" or words[last] in _JOINTS):
            if last > at and tokens[last].start - tokens[last - 1].end > 1:
                break
            if tokens[last].kind == "n" and not (digits and words[last - 1 : last + 2] == _TRUNK):
                digits += _digits(words[last])
            last += 1
        date = tuple(map(len, words[at:last])) in ((4, 1, 2, 1, 2), (2, 1, 2, 1, 4))
        if 7 <= len(digits) <= 15 and not date and _NOT_OURS.isdisjoint(words[max(0, at - 5) : at]):
            yield Route("contact_phone", digits, tokens[at].start, tokens[last - 1].end)
        at = max(last, at + 1)


def is_offered(route: Route, sentence: Sentence, own_hosts: frozenset[str]) -> bool:
    """Tell whether a route is one that the customer is told to use, and not, say, the customer's own address."""
    before = [word for token, word in zip(sentence.tokens, sentence.words, strict=True) if token.end <= route.first]
    if route.fact == "contact_email":
        host = route.value.partition("@")[2]
        told = "your" not in before[-3:] and _SENDERS.isdisjoint(before)
        return host in own_hosts or (told and not _WRITING.isdisjoint(before[-6:]))
    host = route.value.partition("/")[0]
    return host in own_hosts or not _VISITING.isdisjoint(before[-6:])


def route_agrees(expected: Sequence[str], route: Route) -> bool:
    """Tell whether a book has a route: a number up to its country code, a page or one below it (`host/*`)."""
    if route.fact == "contact_phone":
        return any(_same_number(each, route.value) for each in expected)
    if route.fact == "contact_email":
        return route.value in expected
    if "/" not in route.value:
        return any(each.partition("/")[0] == route.value for each in expected)
    return any(
        route.value == each or route.value.startswith(each[:-1] if each.endswith("*") else f"{each}/")
        for each in expected
    )


def normalised(fact: str, value: str) -> str:
    """Return a route as a book writes it in the form in which routes are compared.

    Raises:
        ValueError: It is no such route.
    """
    if fact == "contact_phone":
        digits = _digits(value)
        if 3 <= len(digits) <= 15:
            return digits
        raise ValueError(f"{value!r} is no telephone number; write its digits, such as +1 800 555 0142")
    route = _route(value.strip().lower())
    if route is None or route[0] != fact:
        example = "help@acme.example" if fact == "contact_email" else "acme.example/help"
        raise ValueError(f"{value!r} is no {fact.removeprefix('contact_')}; write it like {example}")
    return route[1]


def contact_value(kind: str, written: str) -> str:
    """Return a mail address or telephone number of a text in the form in which routes are compared."""
    return written.strip().lower() if kind == "contact_email" else _digits(written)


def _route(plain: str) -> tuple[str, str] | None:
    if "@" in plain:
        mail = plain.removeprefix("mailto:")
        return ("contact_email", mail) if _MAIL.fullmatch(mail) else None
    bare = plain.removeprefix("https://").removeprefix("http://")
    linked = bare != plain
    if bare.startswith("www."):
        bare, linked = bare[4:], True
    host, slash, path = bare.partition("/")
    host = host.partition("?")[0]
    if not _HOST.fullmatch(host) or host.replace(".", "").isdigit():
        return None
    if not linked and (host.rpartition(".")[2] not in _ENDINGS):
        return None
    path = path.partition("?")[0].partition("#")[0].rstrip("/")
    return "contact_url", f"{host}/{path}" if slash and path else host


def _digits(written: str) -> str:
    """Return the digits of a number; `(0)` behind a country code is dialled only where that is left out."""
    code, _, rest = written.partition("(0)")
    return "".join(filter(str.isdigit, code + rest if "+" in code else written))


def _same_number(one: str, two: str) -> bool:
    """Compare digits; one of them may lack the country code, or have a 0 in its place."""
    one, two = one.lstrip("0"), two.lstrip("0")
    short, long = sorted((one, two), key=len)
    return long == short or (len(short) >= 7 and long.endswith(short) and len(long) - len(short) <= 3)
