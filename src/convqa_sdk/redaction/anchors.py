"""Find out cheaply which rules can match in a piece of text: those of which a literal occurs there.

Two engines give the same answer. `re` stands for Python alone: signs, long tokens and stems of words tell which of
hundreds of literals have to be looked for. `re2` looks for all of them in one pass (extra `fast`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from importlib.util import find_spec
from operator import attrgetter
from typing import Final, Literal

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.redaction.rule import LONG_RUN, Rule

Engine = Literal["re", "re2"]
VARIABLE: Final = "CONVQA_REDACTION_ENGINE"

TOKEN_SIGNS: Final = "_.-+/=~$"
"""What a token may hold besides letters and digits."""

_ALNUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_QUIET: Final = (_ALNUM[:52] + " \t\r\n,.'?!;-").encode()
_STEMS: Final = (
    "pass", "pw", "kennwort", "contrase", "senha", "mdp", "has\u0142o", "haslo", "wachtwoord", "l\u00f6senord", "losenord",
    "adgangskode", "salasana", "heslo", "jelsz", "\u015fifre", "sifre", "parola", "clave", "lozinka", "memorable",
    "security answer", "identified", "-----", "\u043f\u0430\u0440\u043e\u043b", "\u5bc6\u7801", "\u5bc6\u78bc", "\u30d1\u30b9",
    "\ube44\ubc00", " dot ", " punto ", " punkt ", " point ", " ponto ", " kropka ", " \u0442\u043e\u0447\u043a\u0430 ", "arroba", "chiocciola", "malpa", "ma\u0142pa", "arobase",
    " \u00e4t ", "\u0441\u043e\u0431\u0430\u043a\u0430", "gmail.", "googlemail.", "hotmail.", "yahoo.", "icloud.", "three", "five", "seven", "eight", "drei",
    "f\u00fcnf", "sieben", "trois", "cinq", "sept", "huit", "tres", "siete", "ocho", "sette", "otto", "tr\u00eas", "sete",
    "oito", "drie", "vijf", "zeven", "trzy", "pi\u0119\u0107", "siedem", "osiem",
)  # fmt: skip
"""What may tell something in a text without digits and signs: words for secrets, for the signs of an address, digits."""
_HEADS: Final = frozenset(
    stem.strip().split()[0][:4].encode() for stem in _STEMS if stem.isascii() and stem != "-----"
) | {b"pwd"}
_OTHER_STEMS: Final = tuple(stem for stem in _STEMS if not stem.isascii())
_WORDS: Final = bytes(ord(chr(code).lower()) if code < 128 and chr(code).isalpha() else 32 for code in range(256))
_CLASSES: Final = bytes(120 if chr(code) in _ALNUM + TOKEN_SIGNS else 32 for code in range(256))
_LONG: Final = b"x" * LONG_RUN
_LONG_TOKEN: Final = re.compile(f"[A-Za-z0-9{re.escape(TOKEN_SIGNS)}]{{{LONG_RUN},}}")
_INSIDE: Final = re.compile(f"[{re.escape(TOKEN_SIGNS)}]")


class Anchor:
    """A literal of a rule, with a number of its own that orders all of them."""

    __slots__ = ("literal", "number", "rule")

    def __init__(self, number: int, literal: str, rule: Rule) -> None:
        self.number = number
        self.literal = literal
        self.rule = rule


_number = attrgetter("number")


Quiet = Callable[[str, bytes], bool]
Present = Callable[[str, str, bytes], Sequence[Anchor]]
"""Gets a piece of text, the same in lower case, and its bytes; returns the anchors that occur in it, in order."""


def quiet_by(engine: Engine) -> Quiet:
    """Return what tells whether nothing can be found in a text: letters and a few signs, no long token, no telling word.

    It gets the text as it is read, and its bytes in ASCII with `?` for every other character.
    """
    tells = _stem_by_set() if engine == "re2" else _stem_by_heads

    def is_quiet(text: str, raw: bytes) -> bool:
        if raw.translate(None, _QUIET) or (_LONG in raw.translate(_CLASSES) and not all(map(_is_word, raw.split()))):
            return False
        return not tells(text, raw)

    return is_quiet


def _is_word(token: bytes) -> bool:
    """Tell whether a token is short, or a word however long: letters in one case, with signs around or a hyphen."""
    bare = token.replace(b"-", b"").strip(b",.?!;'")
    return len(token) < LONG_RUN or (bare.isalpha() and (bare.islower() or bare.istitle()))


def _stem_by_heads(text: str, raw: bytes) -> bool:
    """Tell by the first four letters of each word whether it may be telling."""
    if not _HEADS.isdisjoint([word[:4] for word in raw.translate(_WORDS).split()]) or b"-----" in raw:
        return True
    return not text.isascii() and any(map(text.lower().__contains__, _OTHER_STEMS))


def _stem_by_set() -> Callable[[str, bytes], bool]:
    import re2

    options = re2.Options()
    options.never_capture = True
    stems = re2.Set.SearchSet(options)
    for stem in _STEMS:
        stems.Add(re2.escape(stem))
    stems.Compile()
    match = stems.Match
    return lambda text, _: match(text.lower()) is not None


def chosen_engine() -> Engine:
    """Return the engine in use: `re2` where google-re2 is installed, unless `CONVQA_REDACTION_ENGINE` says `re`.

    Raises:
        ConfigurationError: The variable names no engine, or one that is not installed; the value is not quoted.
    """
    named = os.environ.get(VARIABLE, "").strip().lower()
    installed = named != "re" and _is_google_re2()
    if named not in ("", "re", "re2"):
        raise ConfigurationError(
            f"{VARIABLE}: expected re or re2, not what it holds; unset it to take what is installed"
        )
    if named == "re2" and not installed:
        raise ConfigurationError(f"{VARIABLE}: re2 needs google-re2: pip install 'convqa-sdk[fast]'")
    return "re2" if installed else "re"


def _is_google_re2() -> bool:
    """Tell whether `re2` is google-re2: a folder of that name in the way, another package or a broken one are not."""
    try:
        if find_spec("re2") is None:
            return False
        return hasattr(import_module("re2"), "Options") and hasattr(import_module("re2").Set, "SearchSet")
    except Exception:  # noqa: BLE001 - whatever stands in the way there, `re` finds the same
        return False


def present_by(engine: Engine, rules: Iterable[Rule]) -> Present:
    """Return the search of an engine for the literals of rules."""
    pairs = [(literal, rule) for rule in rules for literal in rule.literals]
    anchors = [Anchor(number, literal, rule) for number, (literal, rule) in enumerate(pairs)]
    return _one_pass(anchors) if engine == "re2" else _by_gates(anchors)


def _one_pass(anchors: Sequence[Anchor]) -> Present:
    import re2

    options = re2.Options()
    options.never_capture = True
    options.log_errors = False
    searched = re2.Set.SearchSet(options)
    for anchor in anchors:
        searched.Add(f"(?{'i' if anchor.rule.folded else ''}:{re2.escape(anchor.literal)})")
    searched.Compile()
    match = searched.Match

    def present(part: str, folded: str, raw: bytes) -> Sequence[Anchor]:
        found = match(part if part.isascii() else part.encode("utf-8", "replace"))
        return [anchors[number] for number in sorted(found)] if found else ()

    return present


def _by_gates(anchors: Sequence[Anchor]) -> Present:
    tokens: dict[str, list[Anchor]] = {}
    inside: list[Anchor] = []
    gates: dict[str, list[Anchor]] = {}
    stems: list[Anchor] = []
    for anchor in anchors:
        rule, literal = anchor.rule, anchor.literal
        if rule.folded:
            stems.append(anchor)
        elif rule.long and rule.alone and _LONG_TOKEN.fullmatch(literal + "x" * LONG_RUN):
            tokens.setdefault(literal[:2], []).append(anchor)
        elif rule.long:
            inside.append(anchor)
        else:
            gates.setdefault(_rarest(literal), []).append(anchor)
    rare = tuple(gates.items())

    def present(part: str, folded: str, raw: bytes) -> Sequence[Anchor]:
        found = [anchor for gate, gated in rare if gate in part for anchor in gated if anchor.literal in part]
        found += [anchor for anchor in stems if anchor.literal in folded]
        if _LONG in raw.translate(_CLASSES):
            for token in _LONG_TOKEN.findall(part):
                found += _beginning(token, tokens)
            found += [anchor for anchor in inside if anchor.literal in part]
        return sorted(set(found), key=_number) if len(found) > 1 else found

    return present


def _beginning(token: str, anchors: dict[str, list[Anchor]]) -> Iterable[Anchor]:
    """Return the anchors that stand at the begin of a token, or behind a sign inside it."""
    starts = [0, *(sign.end() for sign in _INSIDE.finditer(token))]
    for start in starts:
        for anchor in anchors.get(token[start : start + 2], ()):
            if token.startswith(anchor.literal, start):
                yield anchor


_RARE_FIRST = "~@+_/:ZQXzJKGVqx|\"'-0123456789jABCDEFGHILMNOPRSTUWYkvbpgfwymcuhdrlsionate. "


def _rarest(literal: str) -> str:
    """Return the character of a literal that support text has least often."""
    return min(literal, key=_RARE_FIRST.find)
