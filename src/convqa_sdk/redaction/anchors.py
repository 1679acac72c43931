"""Find out cheaply which rules can match in a piece of text: those of which a literal occurs there.

Two engines give the same answer. `re` stands for Python alone: rare signs, and the tokens as long as keys, tell which
of hundreds of literals have to be looked for. `re2` looks for all of them in one pass (extra `fast`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from importlib.util import find_spec
from operator import attrgetter
from typing import Final

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.redaction.literal_set import occurring
from convqa_sdk.redaction.rule import LONG_RUN, Engine, Rule
from convqa_sdk.redaction.telling import SECRET_STEMS, SIGNS, TOKEN, TOKEN_SIGNS, has_long_token, secret_stems

VARIABLE: Final = "CONVQA_REDACTION_ENGINE"

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


Present = Callable[[str, str, bytes, int], Sequence[Anchor]]
"""Gets a piece of text, the same in lower case, its bytes, and what it tells; returns the anchors in it, in order."""


def chosen_engine() -> Engine:
    """Return the engine in use: `re2` where google-re2 is installed, unless `CONVQA_REDACTION_ENGINE` says `re`.

    Raises:
        ConfigurationError: The variable names no engine, or one that is not installed.
    """
    named = os.environ.get(VARIABLE, "").strip().lower()
    installed = find_spec("re2") is not None
    if named not in ("", "re", "re2"):
        raise ConfigurationError(f"{VARIABLE}: expected re or re2, not {named[:20]!r}")
    if named == "re2" and not installed:
        raise ConfigurationError(f"{VARIABLE}: re2 needs google-re2: pip install 'convqa-sdk[fast]'")
    return "re2" if installed and named != "re" else "re"


def present_by(engine: Engine, rules: Iterable[Rule]) -> Present:
    """Return the search of an engine for the literals of rules."""
    pairs = [(literal, rule) for rule in rules for literal in rule.literals]
    anchors = [Anchor(number, literal, rule) for number, (literal, rule) in enumerate(pairs)]
    return _one_pass(anchors) if engine == "re2" else _by_gates(anchors)


def _one_pass(anchors: Sequence[Anchor]) -> Present:
    match = occurring((anchor.literal, anchor.rule.folded) for anchor in anchors)

    def present(part: str, folded: str, raw: bytes, bits: int) -> Sequence[Anchor]:
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
    by_stem = {stem: [anchor for anchor in stems if stem in anchor.literal] for stem in SECRET_STEMS}

    def present(part: str, folded: str, raw: bytes, bits: int) -> Sequence[Anchor]:
        if not bits & (SIGNS | TOKEN):
            told = {anchor for stem in secret_stems(bits) for anchor in by_stem[stem] if anchor.literal in folded}
            return sorted(told, key=_number)
        found = [anchor for gate, gated in rare if gate in part for anchor in gated if anchor.literal in part]
        found += [anchor for anchor in stems if anchor.literal in folded]
        if has_long_token(raw):
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
