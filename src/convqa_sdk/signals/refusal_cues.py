"""Words by which a bot declines, admits that it does not know, and shows a way on: a table for each language.

The tables are plain words; how they make a verdict is the same for all languages (`refusals`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from convqa_sdk.signals.word_phrases import WordPhrases


@dataclass(frozen=True)
class RefusalCues:
    """What refusals are told by, in one language.

    Attributes:
        speaker: Words that make the bot, or the company, the subject of what follows.
        others: Words that make somebody or something else the subject.
        conditions: Words that open what is only supposed: `if I cannot find it`.
        openings: Words that may stand before a refusal that leaves its subject out: `sorry, but can't`.
        inability: WordPhrases by which a subject declines what the next verb names.
        fillers: Words between those phrases and that verb.
        figurative: Verbs that do not decline: `I cannot stress enough`.
        searching: Verbs of not having found something: uncertain, not declined.
        knowing: Verbs of not being able to know: declined for want of knowledge.
        no_access: WordPhrases of not being given what the answer needs; they decline as well.
        unknowing: WordPhrases of not knowing or not having understood, with the bot as subject.
        ruled_out: WordPhrases by which a rule, and nobody in person, says no: `cannot be changed`.
        case: Words that make of such a rule the answer to this customer's request.
        condemnation: WordPhrases of a moral judgement about what was asked for.
        objection: WordPhrases that reject what a question takes for granted; only among many `values` a refusal.
        values: Words of moral argument.
        help: WordPhrases of doing a part, or something in place of it.
        handoff: Verbs of passing the customer on, which is a next step, but no help with the request itself.
        next_step: WordPhrases that say what the customer can do, or what happens, next.
        closing: WordPhrases of politeness at the end, which are neither a next step nor a question about the matter.
    """

    speaker: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()
    openings: frozenset[str] = frozenset()
    inability: WordPhrases = WordPhrases()
    fillers: frozenset[str] = frozenset()
    figurative: frozenset[str] = frozenset()
    searching: frozenset[str] = frozenset()
    knowing: frozenset[str] = frozenset()
    no_access: WordPhrases = WordPhrases()
    unknowing: WordPhrases = WordPhrases()
    ruled_out: WordPhrases = WordPhrases()
    case: WordPhrases = WordPhrases()
    condemnation: WordPhrases = WordPhrases()
    objection: WordPhrases = WordPhrases()
    values: frozenset[str] = frozenset()
    help: WordPhrases = WordPhrases()
    handoff: frozenset[str] = frozenset()
    next_step: WordPhrases = WordPhrases()
    closing: WordPhrases = WordPhrases()


def _words(line: str) -> frozenset[str]:
    return frozenset(line.split())


_ENGLISH: Final = RefusalCues(
    speaker=_words("i we i'm i've i'll i'd we're we've we'll"),
    others=_words("you you're they they're he she who which that this these those customers users people"),
    conditions=_words("wish if when whether unless once because why what"),
    openings=_words("sorry but unfortunately apologies regrettably however and no afraid so sadly"),
    inability=WordPhrases(
        "can't|cannot|couldn't|won't",
        "can|could|will not",
        "unable to",
        "not able|allowed|permitted|authorized|authorised|willing|going|programmed|designed|trained|equipped|here to",
        "not comfortable|capable",
        "not in a position to",
        "don't|not have the|any| ability|authority|permission|capability|capacity|means|tools|option to|of",
        "must|should|to decline|refuse",
        "decline|refuse to",
        "don't|not feel comfortable",
        "don't|not offer|provide|handle|support|condone|promote|encourage|endorse|tolerate",
    ),
    fillers=_words("be to simply just really actually fully directly currently also personally legally knowingly"),
    figurative=_words("wait stress emphasize emphasise overstate imagine thank wish believe recommend help-but"),
    searching=_words("find see locate retrieve pull detect identify"),
    knowing=_words("determine tell speculate predict verify access know say confirm"),
    no_access=WordPhrases("don't|not have any|direct| access", "not publicly available|shared|known", "is|are fictional|imaginary"),
    unknowing=WordPhrases(
        "don't|not know|understand|recognize|recognise",
        "not|am sure|certain|aware|familiar",
        "didn't|not quite| catch|get|understand|follow",
        "don't|not have any|that|this|the|enough| information|info|details|data|record|records|knowledge|answer",
        "no information|record|records|idea|knowledge|answer",
        "beyond my knowledge|scope|understanding|expertise",
        "outside my|of knowledge|scope|expertise",
    ),
    ruled_out=WordPhrases(
        "cannot|can't be",
        "can not be",
        "not|aren't|isn't allowed|permitted|eligible|possible|available|offered|refundable|supported|covered|valid",
        "not|doesn't|don't allow|permit|offer|cover|include|provide|accept|support|qualify|apply",
        "non-refundable|nonrefundable|ineligible|prohibits|prohibited|forbids",
        "no exceptions|refund|refunds|longer further|other| options|",
        "strictly prohibits",
    ),
    case=WordPhrases(
        "unfortunately|sorry|afraid|regret|regrettably",
        "your|our|us|i|we|policy",
        "the|this|that|these|those reservation|reservations|order|orders|request|ticket|tickets|booking|account|refund",
        "the|this|that|these|those item|items|purchase|fee|fees|payment|plan|subscription|certificate",
    ),
    condemnation=WordPhrases(
        "not|never|isn't morally|ethically|legally|"
        " appropriate|ethical|acceptable|respectful|okay|right|legal|responsible|justified|justifiable|advisable",
        "illegal|unethical and|or illegal|unethical|immoral|dangerous|harmful|morally",
        "morally wrong|reprehensible",
        "is|are illegal|unethical|immoral",
        "harmful and unethical|offensive",
        "against the law",
        "not a good idea",
        "never be condoned|allowed|encouraged|used|tolerated|justified",
    ),
    objection=WordPhrases(
        "not|isn't accurate|fair|valid|best|safe|recommended|true|necessarily|inherently|justified|right",
        "not a good|safe|valid|healthy",
        "never a",
        "no inherent|legitimate|valid|good|justifiable|one| reason|reasons|justification|excuse|benefits|basis|way|ways",
        "no scientific evidence",
        "no one|inherent should|difference",
        "everyone should",
        "shouldn't be",
        "should not|be be|allowed",
        "every right",
        "goes|go against",
        "is inappropriate|incorrect",
        "must clarify|emphasize|emphasise",
        "condemn",
        "don't|not think it's|that's",
        "don't|not have|hold personal opinions|beliefs",
        "important to respect|remember|treat|note|prioritize",
        "sorry|apologize|apologise",
        "difficult time",
        "not promote",
    ),
    values=_words(
        "respect respected respectful dignity fairness fair unfair discrimination discriminate discriminated"
        " discriminatory prejudice stereotypes equality equal equally inclusive opportunity racial ethnicity"
        " individuals regardless harm harming harmful violence violent rights unethical ethical illegal crime criminal"
        " consequences privacy private confidential confidentiality consent safety wellbeing well-being prioritize"
        " principles inherently condemn dehumanizing inappropriate assumptions generalizations professional"
        " overwhelmed struggling trusted contribute sensitive"
    ),
    help=WordPhrases(
        "i|we can|could|will",
        "i'll|we'll",
        "i|we would|am|are be|| happy|glad|able to",
        "i'd|we'd be happy|glad to",
        "i'm|we're happy|glad|able to",
        "your options",
        "successfully cancelled|canceled|refunded|updated|processed|issued|booked|changed|added",
        "been successfully",
        "you can|could still|instead",
    ),
    handoff=_words(
        "transfer transferring connect connecting escalate forward hand refer pass put need understand see tell say"
        " not only assure clarify explain confirm absolutely"
    ),
    next_step=WordPhrases(
        "please contact|call|visit|email|reach|check|try|use|log|go|restart|see|consult|provide|hold|seek|speak|ask",
        "you can|could|may|might|should|want|need|must",
        "you'll need|want|have|receive",
        "you would|will need|have|be",
        "i|we can|could|will|would recommend|suggest|advise|encourage|transfer|connect|escalate|forward|offer",
        "i|we recommend|suggest|advise|encourage",
        "i'll|we'll|i'd|we'd transfer|connect|escalate|forward|recommend|suggest|advise|need|look|check",
        "let me transfer|connect|check|look|try|escalate",
        "being|be transferred|connected|escalated",
        "would you like",
        "do you want",
        "could|can you please|",
        "instead|alternatively",
        "it is|would|may best|helpful|better to",
        "best to contact|speak|talk|consult|approach|ask|seek",
        "reach out to|for",
        "seek help|support|medical|professional|immediate|assistance",
        "options are|include|available",
        "contact|call|visit|email|consult your|our|the|a|us",
        "a|an specialist|agent|colleague|representative|human|expert will|can|agent",
        "here are",
        "if you'd like",
    ),
    closing=WordPhrases(
        "anything else",
        "any other questions|question|concerns|requests",
        "else i|we can|could|may",
        "let me|us know",
        "feel free to",
        "don't hesitate",
        "how can|may i|we",
        "if you need",
        "have a great|nice|good",
    ),
)

CUES: Final[dict[str, RefusalCues]] = {"en": _ENGLISH}
"""The tables by language (ISO 639-1)."""

NO_CUES: Final = RefusalCues()
"""For a language without a table."""
