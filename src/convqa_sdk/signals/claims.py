"""What an answer claims: its sentences that assert something, without greetings, questions, offers and thanks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from convqa_sdk.signals.citations import behind, marks
from convqa_sdk.signals.sentences import after_words, sentences, words
from convqa_sdk.signals.word_forms import FORMS, NO_FORMS, WordForms
from convqa_sdk.signals.word_phrases import NO_PHRASES, WordPhrases, word_set

MOST_CHARACTERS: Final = 20_000
"""Of an answer, so much is read."""

MOST_CLAIMS: Final = 50
"""Of an answer, so many claims are checked."""


class Passage(NamedTuple):
    """A passage that was retrieved.

    Attributes:
        id: Its identifier, as the bot cites it.
        text: What it says.
    """

    id: str
    text: str


class Claim(NamedTuple):
    """Something that an answer asserts.

    Attributes:
        text: The assertion.
        source: Id of the passage, or ids of the passages, that the bot cites for it.
    """

    text: str
    source: str | tuple[str, ...] | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """The ids of all passages that are cited."""
        return (self.source,) if isinstance(self.source, str) else self.source or ()

_LEAST_WORDS: Final = 2
_NO_CLAIM: Final = ("?", "\uff1f", ":")  # a question, or the heading of what follows
_BREAK = re.compile(r"[;\u2014,]\s(?:(?<=[;\u2014]\s)|(?=([^\W\d_]{2,9})\b))")  # one set of signs first: see `_END`


@dataclass(frozen=True)
class ClaimCues:
    """What tells a claim from politeness, in one language.

    Attributes:
        greetings: Words that open a greeting, which goes on to a comma.
        openings: Words of a beginning that say nothing: `yes, well`.
        reports: Phrases that only report: `I can confirm that`.
        courtesies: Phrases that make a whole sentence politeness, an offer, or a request for information.
        breaks: Words that begin another claim within a sentence, behind a comma.
    """

    greetings: frozenset[str]
    openings: frozenset[str]
    reports: WordPhrases
    courtesies: WordPhrases
    breaks: frozenset[str]


_ENGLISH: Final = ClaimCues(
    greetings=word_set("hi hello hey dear"),
    openings=word_set(
        "yes yeah yep no nope sure ok okay oh wow well thanks absolutely certainly exactly right haha ah great good"
        " perfect awesome wonderful excellent fantastic and so but also indeed actually unfortunately sorry however"
    ),
    reports=WordPhrases(
        "i|we can|could|do|did| confirm|see|find|found|checked|verified|know|believe|think that|",
        "i've|we've checked|found|reviewed|verified|confirmed that|and",
        "i|we can|must|should| tell|inform|assure you that|",
        "i'm|we're very|truly|so|really| sorry|afraid|happy|glad to| say|inform|tell|confirm| you| that|but|",
        "i|we am|are very|truly|so|really| sorry|afraid|happy|glad to| say|inform|tell|confirm| you| that|but|",
        "i|we sincerely|do| apologize|apologise but|that|",
        "i|we need|have|want to inform|tell|let|clarify you| that|",
        "thank you",
        "please note|remember|be aware|advised| that|",
        "it looks|seems|appears like|that|",
        "according to our|the policy|policies|records|system|",
        "as you may|can| know|see",
        "of course",
        "you know",
        "good|great news",
    ),
    courtesies=WordPhrases(
        "thank you for|so|very",
        "thanks for|so|a",
        "you're welcome",
        "you are welcome",
        "let me|us know",
        "let me|us|me check|look|see|help|pull",
        "feel free",
        "don't|do not| hesitate",
        "happy|glad|here|pleased to help|assist|hear",
        "sorry|apologies to|for|about|if",
        "i'm|we're very|truly|so|really| sorry|happy|glad|here|pleased for|about|if",
        "i'm|we're very|truly|so|really| sorry|happy|glad|here|pleased to hear|help|assist",
        "i|we am|are very|truly|so|really| sorry|happy|glad|here|pleased for|about|if",
        "i|we am|are very|truly|so|really| sorry|happy|glad|here|pleased to hear|help|assist",
        "i|we sincerely|do| apologize|apologise for|if",
        "i|we can|could|will|would|am|are be|able|happy|glad|| to| help|assist",
        "i'll|we'll|i'd be|do|| happy|glad|my|our|| to|best|| help|assist|to|check|look",
        "i|we completely|fully|truly|totally|do| understand|appreciate|hope your|the|how|that|this|you",
        "anything else",
        "how can|may i|we",
        "have a great|nice|good|wonderful|lovely",
        "please provide|share|confirm|tell|send|hold|wait|bear|let",
        "would you like",
        "if you'd like",
        "if you would like",
        "if you're not sure",
        "if you're unsure",
        "safe travels",
        "if you need any|further|more|help|assistance|anything",
        "if you have any other|further|more|additional|questions|question|concerns",
        "good morning|afternoon|evening|luck",
        "nice|good|great|lovely to meet|talk|chat|hear|see",
        "talk|see you later|soon",
    ),
    breaks=word_set("but so however although though which because"),
)

CUES: Final[dict[str, ClaimCues]] = {"en": _ENGLISH}
"""The cues by language (ISO 639-1)."""
_NONE: Final = ClaimCues(frozenset(), frozenset(), NO_PHRASES, NO_PHRASES, frozenset())


def claims_of(answer: str, *, language: str = "en", pause: Callable[[], None] | None = None) -> tuple[Claim, ...]:
    """Return the sentences and clauses of an answer that assert something, in their order, with what they cite.

    Questions, greetings, thanks, apologies, offers of help and requests for information assert nothing. What a sentence
    only reports with ("I can confirm that ...") and the interjections before it are left out.

    Args:
        answer: What the bot said; the first `MOST_CHARACTERS` are read, until `MOST_CLAIMS` are exceeded.
        language: ISO 639-1, or a tag that begins with it; of a language without cues, every sentence but a question.
        pause: Called behind each sentence, so that a thread that shares its interpreter can yield.
    """
    code = language[:2].lower()
    claims: list[Claim] = []
    for written in sentences(answer[:MOST_CHARACTERS]):
        before, sentence = behind(written)
        if before and claims:
            claims[-1] = claims[-1]._replace(source=claims[-1].sources + before)
        plain, cited = marks(sentence)
        stated = _stated_in(plain, CUES.get(code, _NONE), FORMS.get(code, NO_FORMS))
        claims += [Claim(text, cited or None) for text in stated]
        if len(claims) > MOST_CLAIMS:
            break
        if pause is not None:
            pause()
    return tuple(claims)


def _stated_in(sentence: str, cues: ClaimCues, forms: WordForms) -> Iterator[str]:
    if sentence.rstrip(" \"')\u201d").endswith(_NO_CLAIM):
        return
    for clause in _clauses(sentence, cues):
        stated = _stated(clause, cues, forms)
        if stated:
            yield stated


def _clauses(sentence: str, cues: ClaimCues) -> Iterator[str]:
    """Cut a sentence where another claim begins; a piece of one word stays with what is before it."""
    start = 0
    for found in _BREAK.finditer(sentence):
        if found[1] and found[1].lower() not in cues.breaks:
            continue
        before, after = sentence[start : found.start()], sentence[found.end() :]
        if len(words(before)) > _LEAST_WORDS and len(words(after)) > _LEAST_WORDS:
            yield before
            start = found.end()
    yield sentence[start:]


def _stated(clause: str, cues: ClaimCues, forms: WordForms) -> str:
    """Return a clause without what says nothing at its beginning; empty if nothing is left."""
    spoken = words(clause)
    if spoken and spoken[0] in cues.greetings:
        clause = clause.partition(",")[2] or after_words(clause, 1)
        spoken = words(clause)
    begin = 0
    while begin < len(spoken):
        if cues.courtesies.at(spoken, begin):
            return ""
        step = 1 if spoken[begin] in cues.openings else cues.reports.at(spoken, begin)
        if not step:
            break
        begin += step
    meaning = any(word not in forms.function and word not in forms.light for word in spoken[begin:])
    return after_words(clause, begin) if meaning else ""
