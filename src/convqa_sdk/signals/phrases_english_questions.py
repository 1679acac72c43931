"""How English-speaking customers ask what an answer means, and say that they have asked before."""

from __future__ import annotations

from convqa_sdk.signals.phrases import Phrase
from convqa_sdk.signals.phrases_english_parts import BEFORE

CLARIFICATIONS = (
    Phrase(
        "what_are_you_talking_about",
        "clarification_request",
        r"(?<!understand )(?<!hear )(?<!get )(?<!see )(?<!appreciate )(?<!know )(?<!with )(?<!to )\bwhat(?:s"
        r"| (?:exactly|the (?:hell|heck|fuck)|on earth|in the world))? ?(?:are|r|is|were|re)? ?(?:you|u|ya|youre|ur"
        r"|that|this|we) (?:even |just |still )?(?:are )?(?:talking|talkin|rambling|referring|saying|getting at"
        r"|on about|trying to (?:say|tell|ask))\b",
        "talking talkin rambling referring saying getting on trying",
        after="anything",
    ),
    Phrase(
        "what_do_you_mean",
        "clarification_request",
        r"\bwhat (?:exactly |the (?:hell|heck) |on earth )?(?:do|did) (?:you|u|ya) (?:even |really |exactly "
        r"|actually )?mean\b|^\W*(?:\w+ ){0,2}what (?:you|u|ya) mean\b|\bwdym\b|\bmeaning what\b|\bhow do you mean\b"
        r"|^\W*meaning\?|\b(?:do|did) you mean\b|^\W*(?:so )?you mean\b|\bare you (?:saying|telling me"
        r"|asking (?:me )?(?:if|about|for))\b",
        "mean meaning wdym saying telling asking",
        after="anything",
    ),
    Phrase(
        "what_does_that_mean",
        "clarification_request",
        r"\bwhat (?:do|does|is|did|would) (?:you|that|this|it|those|these|all that|any of that|the (?:\w+ ){1,3}"
        r"|\w+ )(?: (?:even|really|exactly|actually))? ?mean\b|\bwhat(?:s| is) (?:that|this) supposed to mean\b"
        r"|\bnot (?:really )?sure what (?:that|this|it|you) means?\b",
        "mean means",
        unless_reported=True,
    ),
    Phrase(
        "bare_what",
        "clarification_request",
        r"^\W*(?:(?:um+|uh+|hm+|oh|wait|so|ok|okay|and|lol|haha|no|i|yes|yeah|sorry)\b[,.! ]*)?(?:(?:what+|wat|huh+"
        r"|eh|wut|say what|pardon(?: me)?|come again|sorry|excuse me|what was that|i beg your pardon) ?\?|(?:what+"
        r"|huh+|wut|say what|come again)[.!, ]*$|(?:huh+|wut)\b)",
        "what whatt whattt wat huh huhh eh wut pardon again sorry excuse",
        after="anything",
    ),
    Phrase(
        "i_do_not_understand",
        "clarification_request",
        r"\b(?:i|im|i am) (?:really |still |just |honestly |truly )?(?:dont|do not|didnt|did not|cant|cannot"
        r"|not sure i|not|am not sure i) (?:really |quite |even |fully |know if i |think i )?(?:understand(?:ing)?"
        r"|understood|follow(?:ing)?|comprehend|catch)(?: (?:this|that|it|you|your|the (?:question|answer|point"
        r"|instructions?|connection|relevance)|what|how (?:that|this|it)|any of)\b| ?[.!?,]| ?$)|\bi (?:really "
        r"|still |just )?(?:dont|do not) (?:really |quite )?(?:get (?:it|this|that|what|you|the (?:point|joke))"
        r"|see (?:how (?:that|this)|what (?:that|this)|the (?:point|connection|relevance)))\b|\bi(?:m| am) (?:so "
        r"|really |a bit |a little |kind of |very |just |totally |completely |now |even more |still )?(?:confused"
        r"|lost|not following|puzzled)\b(?! (?:my|it|the|a))|\bnot sure (?:if )?(?:i (?:understand|follow|know what)"
        r"|what (?:you|to make))\b|\b(?:thats|that is|this is|its) (?:so |really |a bit |very |too )?confusing\b"
        r"|^\W*(?:dont|do not) (?:understand|get it)\b",
        "understand understanding understood follow following comprehend get catch see confused lost puzzled"
        " confusing sure",
    ),
    Phrase(
        "please_explain",
        "clarification_request",
        r"\b(?:can|could|would|will) (?:you|u) (?:please |pls |kindly |just |maybe |possibly )?(?:explain (?:that"
        r"|this|it|what|further|more|yourself|again|a bit)|clarify|elaborate|rephrase|reword|paraphrase"
        r"|be (?:a (?:bit|little) )?(?:more (?:specific|clear|precise)|clearer)|say (?:that|it) (?:again|differently"
        r"|another)|repeat|restate|explain ?\?|expand on)|\b(?:please|pls) (?:explain (?:that|this|what|again"
        r"|yourself)|clarify|elaborate|rephrase|repeat|be (?:more )?(?:specific|clear))\b|\bcome again\b"
        r"|\bsay again\b|\bsay (?:that|it) again\b|\bin (?:plain|simple) (?:english|words|terms)\b|\bneed (?:more "
        r"|some )?clarification\b",
        "explain clarify elaborate rephrase reword paraphrase specific clear clearer precise say repeat restate"
        " expand again plain simple clarification",
    ),
    Phrase(
        "are_you_sure",
        "clarification_request",
        r"\b(?:are|r) (?:you|u) (?:\w+ )?(?:sure|certain|positive)\b(?! (?:theres|there (?:is|are|isnt|arent)"
        r"|you (?:cant|cannot|can not)|we cant|nothing))|\bis (?:that|this) (?:really|actually|even) (?:right|correct"
        r"|true|so|a thing)\b|^\W*(?:really|seriously) ?\?+\W*$",
        "sure certain positive right correct true so thing really seriously",
        after="anything",
    ),
    Phrase(
        "please_check_again",
        "clarification_request",
        r"\b(?:can|could|would|will|please|pls) (?:you |u )?(?:please |kindly |just |perhaps )?(?:double ?-?check"
        r"|recheck|re-check|check (?:again|that again|once more|on that again)|check again|look again|verify (?:that"
        r"|this|it)|check(?: \w+){0,3} again)\b(?![^.?!]{0,60}\b(?:exceptions?|options?|any|supervisor|tools|way)\b)",
        "double doublecheck recheck re check look verify",
    ),
    Phrase(
        "why_say_that",
        "clarification_request",
        r"\bwhy (?:are|did|do|would|is|were) (?:you|u) (?:even |just )?(?:say|saying|said|ask|asking|asked|tell"
        r"|telling|bring|bringing|think|mention|mentioning|talking)\b|\bwhat(?:s| is| does| do| has)? (?:that|this|it"
        r"|your point|the (?:point|relevance)|any of (?:that|this))(?: (?:have|has|got))? ?(?:to do with|relate)\b"
        r"|\bwhat(?:s| is) (?:your|the) point\b|\bhow (?:is|does|are) (?:that|this|it|those) (?:even |in any way "
        r"|at all )?(?:related?|relevant|connect(?:ed)?|answer|an answer)\b|\bwhere (?:did|do|are) you (?:get|getting"
        r"|got) (?:that|this)\b|^\W*who said\b",
        "why point relevance do relate related relevant connected connect answer where said",
        after="anything",
    ),
    Phrase(
        "but_is_it_not",
        "clarification_request",
        r"(?:^|[.!?] )(?:wait|but|hm+|no)[,.! ]+(?:arent|werent|isnt|wasnt|doesnt) (?:you|it|that|this)\b",
        "arent werent isnt wasnt doesnt",
    ),
)

REPEATS = (
    Phrase(
        "already_told_you",
        "repeat",
        r"\bi(?:ve| have| did| had)? (?:already|literally just|just|clearly|previously|literally) (?:told|gave|given"
        r"|provided|explained|mentioned|sent|answered|shared|stated|said|asked|wrote|typed|confirmed|entered"
        r"|specified)\b(?! (?:goodbye|bye|him|her|them|my (?:friend|wife|husband|boss|mom|sister|brother)))"
        rf"|\bi(?:ve| have)? (?:told|gave|given|sent|asked|said|answered|explained|provided"
        rf"|mentioned) (?:\w+ ){{0,4}}{BEFORE}\b|\bi told (?:you|u)\b(?! (?:about|a) )|\balready (?:told|said|gave"
        rf"|given|provided|answered|explained|mentioned)"
        r" (?:you|u|that|this|it|above|earlier)\b|\byou already (?:have|know|got) (?:my|that|this|it|the)\b",
        "already literally just clearly previously told gave given sent asked said answered explained provided"
        " mentioned",
        after="anything",
    ),
    Phrase(
        "as_i_said",
        "repeat",
        r"\b(?:like|as) i(?:ve| have)? (?:already |just |previously |clearly )?(?:said|told|mentioned|explained"
        r"|stated|wrote|asked|noted|described|indicated)\b|\bas (?:already |previously )?(?:mentioned|stated"
        r"|explained|said|noted|described)(?: (?:before|above|earlier|already|previously)\b|,)",
        "like as",
        after="anything",
    ),
    Phrase(
        "again_from_me",
        "repeat",
        r"(?:^|[.!?] )(?:once )?again[,:] |\bfor the (?:second|third|fourth|fifth|sixth|tenth|2nd|3rd|4th|5th"
        r"|hundredth|millionth|umpteenth|nth) time\b|\bhow many times\b|^\W*i repeat\b|\b(?:let me|i(?:ll| will"
        r"| have to| need to| must)) (?:say it again|repeat|rephrase|restate|re-?ask|ask (?:you )?again|reword)\b"
        r"|\bi(?:m| am) repeating myself\b|\b(?:asking|asked) (?:you )?(?:this |that |the same (?:thing|question) "
        r"|it )?(?:again|twice)\b|\bsame question (?:as before|again|as i)\b",
        "again time times repeat rephrase restate reask reword repeating twice same re",
        after="anything",
    ),
)
