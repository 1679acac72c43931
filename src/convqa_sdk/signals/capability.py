"""Claims of done actions, and which of them no tool proves: capability overreach (class 04).

What counts as a claim: the bot says that it did something (`I've cancelled your order`, `we refunded your card`), that
it has happened (`your refund has been processed`, `your order is now cancelled`), or that it is happening without its
doing (`you are being transferred`). What does not: offers, questions, conditions, plans, denials, what the customer or
another did, what the bot reports to see (`I see that your order has been cancelled`), and its own notes.

A claim is proved by a successful tool with a verb of the same action in its name (`cancel_reservation` proves
`cancelled`), or by the tools that `capabilities` names for the action. A tool that only reads proves nothing but what
others do and a bot looks up (`your order has been shipped`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from convqa_sdk.signals.capability_happened import has_happened, is_of_the_bot, is_relative
from convqa_sdk.signals.capability_objects import VAGUE, is_denied_behind, is_of_the_customer
from convqa_sdk.signals.capability_words import (
    ACTIONS,
    ADVERBS,
    BEFORE,
    BREAKS,
    CONDITIONS,
    DENIED,
    EFFECTS,
    MODALS,
    NOUNS,
    OWN_NOTES,
    OWN_THINGS,
    PROMISES,
    READS,
    SEEN,
    SEEN_TO,
    SELF,
    TOOLS,
    UNDECIDED,
)
from convqa_sdk.signals.wording import Sentence, sentences

_WEAK: Final = frozenset({"process", "confirm"})
_STATES: Final = frozenset({"cancel", "book", "rebook", "confirm", "enable", "process", "transfer", "disable"})
_SENT: Final = frozenset({"refund", "replace", "send", "credit"})
_HELPERS: Final = frozenset({"has", "have", "had"})
_FOLLOW_UPS: Final = frozenset({"is", "can", "do", "would", "anything", "what", "how", "could", "may", "shall"})
_NAME_PART: Final = re.compile(r"[A-Z]?[a-z]{1,40}|[A-Z]{1,40}|[0-9]{1,40}")
_SHORTEST_PREFIX: Final = 4

HANDED_OVER: Final = "transfer_to_human"
"""Stands among the tools that succeeded for a handover that was recorded as an escalation and not as a tool."""


class Claimed(NamedTuple):
    """An action that an answer says was done.

    Attributes:
        action: Its name, such as `cancel`; `any` where the answer does not say which.
        said: `active` (the bot says it did it) or `passive` (it says that it happened).
        words: The words of the sentence, for those who match capabilities.
        start: Offset of the claim in the answer.
        end: Offset behind it.
    """

    action: str
    said: str
    words: frozenset[str]
    start: int
    end: int


def overreach(
    answer: str, tools_succeeded: Iterable[str], capabilities: Mapping[str, str | Sequence[str]] | None = None
) -> tuple[Claimed, ...]:
    """Return the actions that an answer claims were done and no tool proves.

    Read by hand in four files of tau2 runs: 40 of 40 sentences that it takes for a claim are one (Wilson 95 %: 91 to
    100 %), about 94 % of the claims are found (85 to 98 %), and 4 of 4 overreaches, of 360 claims, were real.

    Args:
        answer: What the customer reads; English.
        tools_succeeded: Names of the tools that succeeded in the conversation so far.
        capabilities: Action (`refund`, `cancel`, …, as in `Claimed.action`) to the tools that prove it, where their
            names do not tell; an action that stands here is proved by no other.
    """
    tools = tuple(tools_succeeded)
    return tuple(claim for claim in claimed_actions(answer) if not is_proved(claim, tools, capabilities or {}))


def is_proved(claim: Claimed, tools: Sequence[str], capabilities: Mapping[str, str | Sequence[str]]) -> bool:
    """Tell whether a successful tool proves a claim."""
    named = capabilities.get(claim.action)
    if named is not None:
        return not {named}.isdisjoint(tools) if isinstance(named, str) else not set(named).isdisjoint(tools)
    ran = [parts for name in tools if (parts := tool_words(name))]
    verbs = [parts for parts in ran if parts[0] not in READS]
    if claim.said == "passive" and claim.action in SEEN_TO and len(verbs) < len(ran):
        return True
    if claim.action == "any":
        return bool(verbs)
    accepted = TOOLS.get(claim.action, frozenset())
    if claim.said == "passive":
        accepted = accepted.union(*(TOOLS.get(cause, frozenset((cause,))) for cause in EFFECTS.get(claim.action, ())))
    return any(_begins(part, stem) for parts in verbs for part in parts for stem in accepted)


def tool_words(name: str) -> tuple[str, ...]:
    """Return the words of a tool's name, in small letters: `cancelOrder` and `cancel_order` are the same."""
    return tuple(part.lower() for part in _NAME_PART.findall(name[:200]))


def does(verb: str, action: str) -> bool:
    """Tell whether a verb of a tool or capability does an action: `update` changes."""
    return any(_begins(verb, stem) for stem in (action, *TOOLS.get(action, ())))


def is_verb(word: str) -> bool:
    """Tell whether a word is a verb by which tools do something."""
    return any(does(word, action) for action in TOOLS)


def _begins(part: str, stem: str) -> bool:
    return part == stem or (len(stem) >= _SHORTEST_PREFIX and part.startswith(stem))


def claimed_actions(answer: str) -> tuple[Claimed, ...]:
    """Return the actions that an answer claims were done, in its order.

    Raises:
        TypeError: `answer` is no `str`.
    """
    if not isinstance(answer, str):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
        raise TypeError(f"an answer is a str, not {type(answer).__name__}")
    return tuple(claim for sentence in sentences(answer) for claim in claims_of(sentence))


def claims_of(sentence: Sentence) -> Iterator[Claimed]:
    """Yield the claims of one sentence."""
    yield from _underway(sentence)
    words = sentence.words
    if ACTIONS.keys().isdisjoint(words):
        return
    active_in = -1  # where the breath of the last active claim began: `I have cancelled it and refunded you`
    for at, word in enumerate(words):
        action = ACTIONS.get(word)
        if action is None:
            continue
        start = _breath(words, at)
        if start and words[start] in ("has", "have", "was", "were"):  # `Your order, no. 7, has been cancelled`
            start = _breath(words, max(0, _breath(words, start - 1) - 1))
        said = _said(words, start, at)
        if not said and active_in == start and at and words[at - 1] in ("and", ",", "also"):
            said = "active"
        if not said or _is_open(words, start, at, said) or (sentence.asks and not _answered(words, at)):
            continue
        meant = _meant(words, start, at, action, said)
        if said == "active" and meant in VAGUE and not is_of_the_customer(words, at):
            continue
        if meant is None or (said == "passive" and not is_of_the_bot(words, start, at, meant)):
            continue
        if said == "active":
            active_in = start
        yield Claimed(meant, said, frozenset(words), sentence.tokens[start].start, sentence.tokens[at].end)


def _underway(sentence: Sentence) -> Iterator[Claimed]:
    """Yield what is said to be on its way: `your refund is on its way`."""
    words = sentence.words
    if "way" not in words or sentence.asks:
        return
    at = words.index("way")
    if words[at - 2 : at] not in (("on", "its"), ("on", "the"), ("on", "their")):
        return
    start = _breath(words, at)
    action = next((NOUNS[word] for word in words[start:at] if word in NOUNS), "")
    if action in _SENT and words[at - 3] in ("is", "are", "now") and not _is_open(words, start, at, "passive"):
        yield Claimed(action, "passive", frozenset(words), sentence.tokens[start].start, sentence.tokens[at].end)


def is_promised(sentence: Sentence, at: int) -> bool:
    """Tell whether a sentence promises what it names at a place: `I can offer you a voucher`, `you are entitled to …`.

    Asking, checking and denying promise nothing; `would you like …?` does.
    """
    words = sentence.words
    start = _breath(words, at)
    before = words[start:at]
    if not DENIED.isdisjoint(words[: at + 6]) or not UNDECIDED.isdisjoint(before):
        return False
    if sentence.asks and words[:3] != ("would", "you", "like"):
        return False
    spoken = before[-3:]
    return not PROMISES.isdisjoint(before) or not {"i", "we", "will"}.isdisjoint(spoken)


def _breath(words: Sequence[str], at: int) -> int:
    """Return where the part of the sentence begins that a condition before `at` would reach over."""
    start, closed = at, 0
    while start:
        word = words[start - 1]
        closed += (word == ")") - (word == "(")
        if closed <= 0 and word in BREAKS and not (word == "," and words[start][:1].isdigit()):
            break
        start -= 1
    return start


def _said(words: Sequence[str], start: int, at: int) -> str:
    """Tell how a participle is said: by the bot of itself, as something that happened, or otherwise."""
    back = at - 1
    while back >= start and words[back] in ADVERBS:
        back -= 1
    if back < start:
        return ""
    word = words[back]
    if word in NOUNS and words[at + 1 : at + 2] == ("successfully",):  # `Upgrade completed successfully`
        return "passive"
    if word in SELF:
        return "active"
    if word == "have" and _subject(words, start, back) in SELF:
        return "active"
    if word == "been":
        helper = back - 1
        while helper >= start and words[helper] in ADVERBS:
            helper -= 1
        if helper >= start and words[helper] in OWN_THINGS and _HELPERS.isdisjoint(words[start:back]):
            return "passive"  # `your booking's been cancelled`
        planned = helper > start and words[helper - 1] in MODALS
        return "passive" if helper >= start and words[helper] in ("has", "have") and not planned else ""
    if word == "being" and words[back - 1] in ("is", "are") and ACTIONS[words[at]] == "transfer":
        return "passive"
    if word in ("is", "are") and ACTIONS[words[at]] in _STATES:
        stated = "now" in words[back:at] or "successfully" in words[back:at] or words[at] == "confirmed"
        return "passive" if stated else ""
    if word in ("was", "were"):
        return "passive" if "successfully" in words[back:at] or has_happened(words, start, back, at) else ""
    return ""


def _subject(words: Sequence[str], start: int, at: int) -> str:
    back = at - 1
    while back >= start and words[back] in ADVERBS:
        back -= 1
    return words[back] if back >= start else ""


def _is_open(words: Sequence[str], start: int, at: int, said: str) -> bool:
    """Tell whether what is said before a participle takes the claim back, or makes it another's."""
    before = words[start:at]
    if said == "active" and words[at + 1 : at + 2] == ("my",) and not OWN_NOTES.isdisjoint(words[at + 2 : at + 4]):
        return True
    if said == "passive" and start and words[start - 1] == "," and words[_breath(words, start - 1)] in CONDITIONS:
        return True  # `If you have cancelled it, you have been refunded`
    if is_denied_behind(words, at) or (said == "passive" and is_relative(words, start, at)):
        return True
    held = set(before)
    if held & DENIED or held & BEFORE or "let" in held:
        return True
    if "please" in held and held & {"confirm", "know", "check", "note"} and "note" not in held:
        return True
    if "that" in held and held & {"flight", "which"} and "confirm" not in held and said == "passive":
        return True
    return bool(said == "passive" and (held & SEEN or "according" in words[:at]))


def _answered(words: Sequence[str], at: int) -> bool:
    """Tell whether the question only follows, as in `I've refunded you, is there anything else?`."""
    rest = words[at + 1 :]
    return any(word in BREAKS and rest[i + 1 : i + 2] and rest[i + 1] in _FOLLOW_UPS for i, word in enumerate(rest))


def _meant(words: Sequence[str], start: int, at: int, action: str, said: str) -> str | None:
    """Return which action a participle claims; of one that does not tell, the noun beside it does."""
    if said == "passive" and action == "send" and {"refund", "refunds"} & set(words[start:at]):
        return "refund"
    if action not in _WEAK:
        return action
    if action == "confirm" and said == "active":
        return None
    where: Sequence[int] = range(start, at) if said == "passive" else range(at + 1, min(len(words), at + 9))
    if said == "passive" and start and words[start - 1] == ":":  # `Refund: $20 has been processed`
        where = (*where, *range(max(0, start - 3), start))
    for index in where:
        noun = NOUNS.get(words[index])
        if noun is not None:
            own = noun != "none" and (action, noun) != ("confirm", "charge")  # a payment that came in is the customer's
            return noun if own else None
        if said == "active" and words[index] in BREAKS:
            break
    return None
