"""Words by which a bot declines, admits that it does not know, and shows a way on: a table for each language.

The tables are plain words; how they make a verdict is the same for all languages (`refusals`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from convqa_sdk.signals.word_phrases import NO_PHRASES, WordPhrases, word_set


@dataclass(frozen=True)
class RefusalCues:
    """What refusals are told by, in one language.

    Attributes:
        speaker: Words that make the bot, or the company, the subject of what follows.
        others: Words that make somebody or something else the subject.
        conditions: Words that open what is only supposed: `if I cannot find it`.
        suppositions: Those of them that suppose a whole sentence from its beginning: `if it has left, I can't stop it`.
        openings: Words that may stand before a refusal that leaves its subject out: `sorry, but can't`.
        imperatives: Words that, at the beginning, tell the customer to do something: `don't share it`.
        inability: Phrases by which a subject declines what the next verb names.
        fillers: Words between those phrases and that verb.
        figurative: Verbs that do not decline: `I cannot stress enough`.
        searching: Verbs of not having found something: uncertain, not declined.
        knowing: Verbs of not being able to know: declined for want of knowledge.
        no_access: Phrases of not being given what the answer needs; they decline as well.
        unknowing: Phrases of not knowing or not having understood, with the bot as subject.
        limits: Phrases that admit the same of the bot without it as subject: `beyond my knowledge`.
        ruled_out: Phrases by which a rule, and nobody in person, says no: `cannot be changed`.
        no_way: Phrases by which the bot or its rules say no whatever the case: `not something I can do`.
        case: Words that make of such a rule the answer to this customer's request: theirs, or one thing of theirs. Of
            many things (`items cannot be returned after 30 days`) a rule only states what holds for everybody.
        condemnation: Phrases of a moral judgement about what was asked for.
        objection: Phrases that reject what a question takes for granted; only among many `values` a refusal.
        agreement: Words that make an objection a reason instead: `should not be, because`.
        values: Words of moral argument.
        help: Phrases of doing a part, or something in place of it.
        relative: Words before such a phrase that make it a part of something else: `nothing I can do`.
        handoff: Verbs of passing the customer on, which is a next step, but no help with the request itself.
        next_step: Phrases that say what the customer can do, or what happens, next.
        closing: Phrases of politeness at the end, which are neither a next step nor a question about the matter.
    """

    speaker: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()
    suppositions: frozenset[str] = frozenset()
    openings: frozenset[str] = frozenset()
    imperatives: frozenset[str] = frozenset()
    inability: WordPhrases = NO_PHRASES
    fillers: frozenset[str] = frozenset()
    figurative: frozenset[str] = frozenset()
    searching: frozenset[str] = frozenset()
    knowing: frozenset[str] = frozenset()
    no_access: WordPhrases = NO_PHRASES
    unknowing: WordPhrases = NO_PHRASES
    limits: WordPhrases = NO_PHRASES
    ruled_out: WordPhrases = NO_PHRASES
    no_way: WordPhrases = NO_PHRASES
    case: WordPhrases = NO_PHRASES
    condemnation: WordPhrases = NO_PHRASES
    objection: WordPhrases = NO_PHRASES
    agreement: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    help: WordPhrases = NO_PHRASES
    relative: frozenset[str] = frozenset()
    handoff: frozenset[str] = frozenset()
    next_step: WordPhrases = NO_PHRASES
    closing: WordPhrases = NO_PHRASES


_ENGLISH: Final = RefusalCues(
    speaker=word_set("i we i'm i've i'll i'd we're we've we'll"),
    others=word_set("you you're they they're he she who which that this these those customers users people"),
    conditions=word_set("wish if when whether unless once because why what"),
    suppositions=word_set("if unless"),
    openings=word_set("sorry but unfortunately apologies regrettably however and no afraid so sadly"),
    imperatives=word_set("don't"),
    inability=WordPhrases(
        "can't|cannot|won't",
        "can|will not",
        "unable to",
        "not able|allowed|permitted|authorized|authorised|willing|going|programmed|designed|trained|equipped|here to",
        "not comfortable|capable",
        "not in a position to",
        "don't|not have the|any| ability|authority|permission|capability|capacity|means|tools|option to|of",
        "must|should|to decline|refuse",
        "decline|refuse to",
        "don't|not feel comfortable",
        "don't|not offer|provide|handle|support|condone|promote|encourage|endorse|tolerate",
        "don't|not ship|sell|accept|allow|permit|refund|deliver|cover|exchange|carry",
        "only able|allowed|permitted|authorized|authorised to",
        "would|i'd rather|prefer not",
    ),
    fillers=word_set("be to simply just really actually fully directly currently also personally legally knowingly"),
    figurative=word_set("wait stress emphasize emphasise overstate imagine thank wish believe recommend help-but"),
    searching=word_set("find see locate retrieve pull detect identify"),
    knowing=word_set("determine tell speculate predict verify access know say confirm"),
    no_access=WordPhrases(
        "don't|not have any|direct| access",
        "not publicly available|shared|known",
        "is|are fictional|imaginary",
    ),
    unknowing=WordPhrases(
        "don't|not know|understand|recognize|recognise",
        "couldn't|didn't find|locate|retrieve|identify|verify|confirm|see",
        "could|did not find|locate|retrieve|identify|verify|confirm|see",
        "not|am sure|certain|aware|familiar",
        "didn't|not quite| catch|get|understand|follow",
        "don't|not have any|that|this|the|enough| information|info|details|data|record|records|knowledge|answer",
        "no information|record|records|idea|knowledge|answer",
        "trouble|difficulty understanding|finding|locating",
    ),
    limits=WordPhrases(
        "beyond|outside my|our knowledge|understanding|expertise",
        "not|isn't something i|we know",
        "still learning",
        "rephrase that|your|the|it",
    ),
    ruled_out=WordPhrases(
        "cannot|can't be",
        "can not be",
        "would|will not be allowed|permitted|eligible|possible|refundable|covered",
        "wouldn't|won't be allowed|permitted|eligible|possible|refundable|covered",
        "not|aren't|isn't allowed|permitted|eligible|possible|available|offered|refundable|supported|covered|valid",
        "not|doesn't|don't allow|permit|offer|cover|include|provide|accept|support|qualify|apply",
        "non-refundable|nonrefundable|ineligible|prohibits|prohibited|forbids",
        "no exceptions|refund|refunds",
        "no further|other|more options",
        "no way for|to me|us|you|speed|change|get|cancel",
        "been|was|is|are denied|declined|rejected",
        "you can't|cannot return|cancel|change|modify|exchange|add|remove|combine|request|claim",
    ),
    no_way=WordPhrases(
        "strictly prohibits|prohibited",
        "not something i|we can|do|offer",
        "nothing more|else|further| i|we can",
        "outside|beyond what i|we can",
        "that's|that|this is| not possible",
        "against our|my|the policy|policies|rules|guidelines",
    ),
    case=WordPhrases(
        "unfortunately|sorry|afraid|regret|regrettably",
        "your|policy",
        "reservation|order|request|ticket|booking|account|refund|item|purchase|fee|payment|plan|subscription",
        "certificate|voucher|return|insurance|warranty|discount|delivery|shipment",
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
        "no inherent|legitimate|valid|good|justifiable|one| reason|reasons|justification|excuse",
        "no inherent|legitimate|valid|good|justifiable|one| benefits|basis|way|ways",
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
    agreement=word_set("because"),
    values=word_set(
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
    relative=word_set("something nothing anything what that more else thing way ways further"),
    handoff=word_set(
        "transfer transferring connect connecting escalate forward hand refer pass ask consult put need understand see"
        " hear tell say not only assure clarify explain confirm absolutely"
    ),
    next_step=WordPhrases(
        "please contact|call|visit|email|reach|check|try|use|log|go|restart|see|consult|provide|hold|seek|speak|ask",
        "you can|could|may|might|should|want|need|must",
        "you'll need|want|have|receive",
        "you would|will need|have|be",
        "i|we can|could|will|would recommend|suggest|advise|encourage|transfer|connect|escalate|forward|offer",
        "i|we recommend|suggest|advise|encourage",
        "i|we will|can|could pass|hand|refer|consult",
        "i|we will|can|could ask a|an|my|our|the|one|another|someone",
        "i'll|we'll ask|pass|hand|refer|consult",
        "i'm|we're passing|handing|forwarding|asking|transferring|connecting|escalating",
        "i|we am|are passing|handing|forwarding|asking|transferring|connecting|escalating",
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
        "colleague|colleagues|team|specialist|specialists|agent|agents will",
        "someone will",
        "someone from our|the",
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
