"""Whether an answer declines, and in which style: a plain no, a part of it, or for want of knowledge.

Who cannot do what decides: the bot (or the company) as subject, or none, and a verb that is neither figurative ("I
cannot stress enough") nor one of searching. A rule that says no ("cannot be changed") is the answer to a request where
the bot applies it to the customer; of many things ("items cannot be returned") it states what holds for everybody. A
moral judgement declines in the first sentence; an objection to what the question takes for granted in the first two,
and only among many words of moral argument.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple, Protocol

from convqa_sdk.signals.refusal_cues import CUES, NO_CUES, RefusalCues
from convqa_sdk.signals.sentences import is_cut_between_words, sentences, spelled, words
from convqa_sdk.signals.word_forms import FORMS, NO_FORMS

MOST_CHARACTERS: Final = 8_000
"""Of an answer, so much is read; refusals stand at the beginning."""

_REACH: Final = 10
"""Words before an inability among which its subject is looked for."""

_MORAL_SHARE: Final = 0.025
"""Share of words of moral argument from which an objection is a refusal."""

TELLING: Final = frozenset(
    {
        "condemnation",
        "inability",
        "limits",
        "no_access",
        "no_way",
        "objection",
        "ruled_out",
        "unknowing",
    }
)
"""Phrases of `RefusalCues` without any of which nothing is declined and nothing unsure."""


class Refusal(NamedTuple):
    """The style of an answer.

    Attributes:
        is_refusal: It declines what was asked for, or a part of it, or says that it cannot know.
        is_hard_refusal: It says no to the whole request; there may be a next step all the same.
        is_partial_refusal: It declines a part and does, or offers, something else itself.
        is_uncertainty_fallback: It admits that it does not know, found nothing or did not understand.
        has_next_step: It says what the customer can do, or what happens, next; politeness is no step.
        has_followup_question: It asks something about the matter; "anything else?" is no such question.
    """

    is_refusal: bool
    is_hard_refusal: bool
    is_partial_refusal: bool
    is_uncertainty_fallback: bool
    has_next_step: bool
    has_followup_question: bool


class RefusalDetector(Protocol):
    """What stands in for `refusal`: a function, or an object that is called like it."""

    def __call__(self, answer: str, *, language: str = "en") -> Refusal:
        """Return whether and how an answer declines."""
        ...


@dataclass
class _Seen:
    """What the sentences of an answer say."""

    declined: bool = False
    unknown: bool = False
    no_access: bool = False
    ruled_out: bool = False
    condemned: bool = False
    objected: bool = False
    helped: bool = False
    next_step: bool = False
    question: bool = False
    words: int = 0
    values: int = 0


def refusal(answer: str, *, language: str = "en", pause: Callable[[], None] | None = None) -> Refusal:
    """Return whether and how an answer declines.

    Measured on XSTest (English, refusals for safety, all rows read while the cues were written), any refusal, by model:
    gpt4 precision 215 of 219, recall 215 of 220; llama2new precision 261 of 273, recall 261 of 274; mistralguard
    precision 219 of 231, recall 219 of 240. Refusals of support bots are not labelled; docs/explanation/grounding.md
    tells what was read by hand, and has hard refusals and intervals.

    Args:
        answer: What the bot said; the first `MOST_CHARACTERS` are read.
        language: ISO 639-1, or a tag that begins with it (`en-GB`); of a language without cues, only a question is
            told, and nothing is called a refusal.
        pause: Called behind each sentence, so that a thread that shares its interpreter can yield.
    """
    cues = CUES.get(language[:2].lower(), NO_CUES)
    seen = _Seen()
    for position, sentence in enumerate(sentences(answer[:MOST_CHARACTERS])):
        _read(sentence, position, cues, seen)
        if pause is not None:
            pause()
    moral = seen.condemned or (seen.objected and seen.values >= _MORAL_SHARE * seen.words)
    declined = seen.declined or seen.ruled_out or moral
    partial = declined and seen.helped and not moral
    return Refusal(
        is_refusal=declined or seen.no_access,
        is_hard_refusal=declined and not partial and not seen.no_access,
        is_partial_refusal=partial,
        is_uncertainty_fallback=seen.unknown or seen.no_access,
        has_next_step=seen.next_step,
        has_followup_question=seen.question,
    )


def may_decline(answer: str, *, language: str = "en") -> bool:
    """Tell whether `refusal` may find an answer to decline or to be unsure; of most answers a glance tells that not.

    Args:
        answer: As in `refusal`.
        language: As in `refusal`.
    """
    read = answer[:MOST_CHARACTERS]
    return not (is_cut_between_words(read) and _anchors(language[:2].lower()).isdisjoint(spelled(read)))


@cache
def _anchors(code: str) -> frozenset[str]:
    """Return what is spelled in every answer that declines or is unsure, in a language: one of these."""
    cues, forms = CUES.get(code, NO_CUES), FORMS.get(code, NO_FORMS)
    common = frozenset(filter(str.isalpha, forms.function)) - forms.negations  # `isn't` is rarer than `right`
    words = frozenset[str]().union(*(getattr(cues, name).anchors(common) for name in TELLING))
    return frozenset(min(spelled(word), key=lambda part: (part in common, part)) for word in words)


def _read(sentence: str, position: int, cues: RefusalCues, seen: _Seen) -> None:
    """Note what one sentence says."""
    spoken = words(sentence)
    seen.words += len(spoken)
    seen.values += sum(map(cues.values.__contains__, spoken))
    closing = cues.closing.within(spoken)
    if sentence.rstrip(" \"')").endswith(("?", "\uff1f")):
        seen.question |= not closing
        seen.next_step |= cues.next_step.within(spoken) and not closing
        return
    _read_inability(spoken, cues, seen)
    _read_knowledge(spoken, cues, seen)
    seen.ruled_out |= cues.no_way.within(spoken) or (cues.ruled_out.within(spoken) and cues.case.within(spoken))
    seen.helped |= _helps(spoken, cues) and not closing
    seen.next_step |= cues.next_step.within(spoken) and not closing
    if position == 0 or (position == 1 and seen.objected):
        seen.condemned |= cues.condemnation.within(spoken)
    if position <= 1:
        seen.objected |= cues.agreement.isdisjoint(spoken) and cues.objection.within(spoken)


def _read_inability(spoken: list[str], cues: RefusalCues, seen: _Seen) -> None:
    for start, end in cues.inability.found(spoken):
        if not _speaks(spoken, start, cues):
            continue
        verb = next((word for word in spoken[end:] if word not in cues.fillers), "")
        if verb in cues.figurative:
            continue
        seen.unknown |= verb in cues.searching or verb in cues.knowing
        seen.declined |= verb not in cues.searching


def _read_knowledge(spoken: list[str], cues: RefusalCues, seen: _Seen) -> None:
    seen.no_access |= any(_speaks(spoken, start, cues) for start, _ in cues.no_access.found(spoken))
    seen.unknown |= any(_speaks(spoken, start, cues) for start, _ in cues.unknowing.found(spoken))
    seen.unknown |= cues.limits.within(spoken)


def _helps(spoken: list[str], cues: RefusalCues) -> bool:
    """Return whether the bot does or offers something itself, other than passing the customer on."""
    return any(
        cues.handoff.isdisjoint(spoken[end : end + 2])
        and cues.conditions.isdisjoint(spoken[:start])
        and cues.relative.isdisjoint(spoken[max(0, start - 1) : start])
        for start, end in cues.help.found(spoken)
    )


def _speaks(spoken: list[str], position: int, cues: RefusalCues) -> bool:
    """Return whether the bot is the subject of what stands at a position, or leaves itself out, and means it."""
    if spoken[0] in cues.suppositions:
        return False
    for before in range(position - 1, max(-1, position - _REACH), -1):
        word = spoken[before]
        if word in cues.others or word in cues.conditions:
            return False
        if word in cues.speaker:
            return cues.conditions.isdisjoint(spoken[max(0, before - 2) : before])
    return spoken[position] not in cues.imperatives and cues.openings.issuperset(spoken[:position])
