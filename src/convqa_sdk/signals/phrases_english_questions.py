"""How English-speaking customers ask what an answer means, and say that they have asked before."""

from __future__ import annotations

from convqa_sdk.signals.phrases import Phrase
from convqa_sdk.signals.phrases_english_parts import BEFORE

CLARIFICATIONS = (
    Phrase(
        "what_are_you_talking_about",
        "clarification_request",
        r"(?<!understand )(?<!hear )(?<!get )(?<!see )(?<!appreciate )(?<!know )(?<!with )(?<!to )\bwhat(?:s"
        r"| (?:exactly|the (?:hell|heck|fuck)|on earth|in the world))? ?(?:are|r|is|were|re)? ?(?:you|u|ya|youre"
        r"|ur|that|this|we) (?:even |just |still )?(?:are )?(?:talking|talkin|rambling|referring|saying|getting at"
        r"|on about"
        r"|trying to (?:say|tell|ask))\b",
        "talking talkin rambling referring saying getting on trying",
        after="anything",
    ),
    Phrase(
        "what_do_you_mean",
        "clarification_request",
        r"\bwhat (?:exactly |the (?:hell|heck) |on earth )?(?:do|did) (?:you|u|ya) (?:even |really |exactly "
        r"|actually )?mean\b"
        r"|^\W*(?:\w+ ){0,2}what (?:you|u|ya) mean\b|\bwdym\b|\bmeaning what\b|\bhow do you mean\b|^\W*meaning\?"
        r"|\b(?:do|did) you mean\b|^\W*(?:so )?you mean\b|\bare you (?:saying|telling me|asking (?:me )?(?:if|about"
        r"|for))\b",
        "mean meaning wdym saying telling asking",
        after="anything",
    ),
    Phrase(
        "what_does_that_mean",
        "clarification_request",
        r"\bwhat (?:do|does|is|did|would) (?:you|that|this|it|those|these|all that|any of that|the (?:\w+ ){1,3}|\w+ )"
        r"(?: (?:even|really|exactly|actually))? ?mean\b|\bwhat(?:s| is) (?:that|this) supposed to mean\b"
        r"|\bnot (?:really )?sure what (?:that|this|it|you) means?\b",
        "mean means",
        unless_reported=True,
    ),
    Phrase(
        "bare_what",
        "clarification_request",
        r"^\W*(?:(?:um+|uh+|hm+|oh|wait|so|ok|okay|and|lol|haha|no|i|yes|yeah|sorry)\b[,.! ]*)?(?:(?:what+|wat|huh+"
        r"|eh|wut"
        r"|say what|pardon(?: me)?|come again|sorry|excuse me|what was that|i beg your pardon) ?\?|(?:what+|huh+|wut"
        r"|say what|come again)[.!, ]*$|(?:huh+|wut)\b)",
        "what whatt whattt wat huh huhh eh wut pardon again sorry excuse",
        after="anything",
    ),
    Phrase(
        "i_do_not_understand",
        "clarification_request",
        r"\b(?:i|im|i am) (?:really |still |just |honestly |truly )?(?:dont|do not|didnt|did not|cant|cannot"
        r"|not sure i|not"
        r"|am not sure i) (?:really |quite |even |fully |know if i |think i )?(?:understand(?:ing)?|understood"
        r"|follow(?:ing)?"
        r"|comprehend|catch)(?: (?:this|that|it|you|your|the (?:question|answer|point|instructions?|connection"
        r"|relevance)"
        r"|what|how (?:that|this|it)|any of)\b| ?[.!?,]| ?$)"
        r"|\bi (?:really |still |just )?(?:dont|do not) (?:really |quite )?(?:get (?:it|this|that|what|you"
        r"|the (?:point|joke))"
        r"|see (?:how (?:that|this)|what (?:that|this)|the (?:point|connection|relevance)))\b"
        r"|\bi(?:m| am) (?:so |really |a bit |a little |kind of |very |just |totally |completely |now |even more "
        r"|still )?"
        r"(?:confused|lost|not following|puzzled)\b(?! (?:my|it|the|a))"
        r"|\bnot sure (?:if )?(?:i (?:understand|follow|know what)|what (?:you|to make))\b"
        r"|\b(?:thats|that is|this is|its) (?:so |really |a bit |very |too )?confusing\b|^\W*(?:dont"
        r"|do not) (?:understand"
        r"|get it)\b",
        "understand understanding understood follow following comprehend get catch see confused lost puzzled"
        " confusing sure",
    ),
    Phrase(
        "please_explain",
        "clarification_request",
        r"\b(?:can|could|would|will) (?:you|u) (?:please |pls |kindly |just |maybe |possibly )?(?:explain (?:that"
        r"|this|it|what"
        r"|further|more|yourself|again|a bit)|clarify|elaborate|rephrase|reword|paraphrase|be (?:a (?:bit"
        r"|little) )?(?:more "
        r"(?:specific|clear|precise)|clearer)|say (?:that|it) (?:again|differently|another)|repeat|restate|explain ?\?"
        r"|expand on)|\b(?:please|pls) (?:explain (?:that|this|what|again|yourself)|clarify|elaborate|rephrase|repeat"
        r"|be (?:more )?(?:specific|clear))\b|\bcome again\b|\bsay (?:that|it) again\b|\bin (?:plain"
        r"|simple) (?:english|words"
        r"|terms)\b|\bneed (?:more |some )?clarification\b",
        "explain clarify elaborate rephrase reword paraphrase specific clear clearer precise say repeat restate"
        " expand again"
        " plain simple clarification",
    ),
    Phrase(
        "are_you_sure",
        "clarification_request",
        r"\b(?:are|r) (?:you|u) (?:\w+ )?(?:sure|certain|positive)\b(?! (?:theres|there (?:is|are|isnt|arent)"
        r"|you (?:cant"
        r"|cannot|can not)|we cant|nothing))|\bis (?:that|this) (?:really|actually|even) (?:right|correct|true|so"
        r"|a thing)\b"
        r"|^\W*(?:really|seriously) ?\?+\W*$",
        "sure certain positive right correct true so thing really seriously",
    ),
    Phrase(
        "please_check_again",
        "clarification_request",
        r"\b(?:can|could|would|will|please|pls) (?:you |u )?(?:please |kindly |just |perhaps )?(?:double ?-?check"
        r"|recheck"
        r"|re-check|check (?:again|that again|once more|on that again)|check again|look again|verify (?:that|this|it)"
        r"|check(?: \w+){0,3} again)\b(?! (?:if|whether) (?:theres|there (?:is|are|might)|any))",
        "double doublecheck recheck re check look verify",
    ),
    Phrase(
        "why_say_that",
        "clarification_request",
        r"\bwhy (?:are|did|do|would|is|were) (?:you|u) (?:even |just )?(?:say|saying|said|ask|asking|asked|tell"
        r"|telling|bring"
        r"|bringing|think|mention|mentioning|talking)\b|\bwhat(?:s| is| does| do| has)? (?:that|this|it|your point"
        r"|the (?:point"
        r"|relevance)|any of (?:that|this))(?: (?:have|has|got))? ?(?:to do with|relate)\b|\bwhat(?:s| is) (?:your"
        r"|the) point\b"
        r"|\bhow (?:is|does|are) (?:that|this|it|those) (?:even |in any way |at all )?(?:related?|relevant"
        r"|connect(?:ed)?"
        r"|answer|an answer)\b|\bwhere (?:did|do|are) you (?:get|getting|got) (?:that|this)\b|^\W*who said\b",
        "why point relevance do relate related relevant connected connect answer where said",
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
        r"|provided"
        r"|explained|mentioned|sent|answered|shared|stated|said|asked|wrote|typed|confirmed|entered|specified)\b"
        r"(?! (?:goodbye|bye|him|her|them|my (?:friend|wife|husband|boss|mom|sister|brother)))"
        rf"|\bi(?:ve| have)? (?:told|gave|given|sent|asked|said|answered|explained|provided"
        rf"|mentioned) (?:\w+ ){{0,4}}{BEFORE}\b"
        rf"|\bi told (?:you|u)\b(?! (?:about|a) )|\balready (?:told|said|gave|given|provided|answered|explained"
        rf"|mentioned)"
        r" (?:you|u|that|this|it|above|earlier)\b|\byou already (?:have|know|got) (?:my|that|this|it|the)\b",
        "already literally just clearly previously told gave given sent asked said answered explained provided"
        " mentioned",
    ),
    Phrase(
        "as_i_said",
        "repeat",
        r"\b(?:like|as) i(?:ve| have)? (?:already |just |previously |clearly )?(?:said|told|mentioned|explained"
        r"|stated|wrote"
        r"|asked|noted|described|indicated)\b|\bas (?:already |previously )?(?:mentioned|stated|explained|said|noted"
        r"|described)"
        r"(?: (?:before|above|earlier|already|previously)\b|,)",
        "like as",
    ),
    Phrase(
        "again_from_me",
        "repeat",
        r"(?:^|[.!?] )(?:once )?again[,:] |\bfor the (?:second|third|fourth|fifth|sixth|tenth|2nd|3rd|4th|5th|hundredth"
        r"|millionth|umpteenth|nth) time\b|\bhow many times\b|^\W*i repeat\b|\b(?:let me|i(?:ll| will| have to"
        r"| need to| must)) (?:say it "
        r"again|repeat|rephrase|restate|re-?ask|ask (?:you )?again|reword)\b|\bi(?:m| am) repeating myself\b"
        r"|\b(?:asking|asked) (?:you )?(?:this |that |the same (?:thing|question) |it )?(?:again|twice)\b"
        r"|\bsame question (?:as before|again|as i)\b",
        "again time times repeat rephrase restate reask reword repeating twice same re",
    ),
)
