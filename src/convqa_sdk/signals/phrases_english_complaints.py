"""How English-speaking customers say that an answer is none, and that the bot is no help."""

from __future__ import annotations

from convqa_sdk.signals.phrases import Phrase
from convqa_sdk.signals.phrases_english_parts import FEW, NEVER, START, VERY

COMPLAINTS = (
    Phrase(
        "makes_no_sense",
        "complaint",
        rf"\b(?:not|doesnt|dont|didnt|isnt|arent|wasnt) {FEW}mak(?:e|es|ing) {FEW}sense\b"
        r"|\bmak(?:es|e|ing|ed) (?:absolutely |zero |literally |very )?(?:no|zero|little) sense\b|\b(?:gibberish"
        r"|nonsensical|incoherent|word salad)\b|^\W*(?:that is |thats )?nonsense\b",
        "sense gibberish nonsensical incoherent salad nonsense",
        after="anything",
    ),
    Phrase(
        "no_idea_what_you_mean",
        "complaint",
        r"\b(?:no idea|no clue|idk|dunno|dont (?:even )?know|do not know|dont have a clue) (?:what|why"
        r"|how) (?:on earth |the (?:hell|heck) )?(?:you(?:re| are| were)?|u|that|this) (?:are |is |even "
        r"|just )?(?:talking|saying|said|say|on about|mean|means|meant|trying|referring|asking|has to do"
        r"|has anything)\b",
        "idea clue idk dunno know",
        after="anything",
    ),
    Phrase(
        "off_topic",
        "complaint",
        r"\b(?:has|have|had|got|is|was) (?:absolutely |literally )?nothing to do with\b|\b(?:thats|that is|this is"
        r"|that was|that seems|how|its|you(?:re| are)) "
        rf"{VERY}(?:random|irrelevant|off topic|off-topic|unrelated|beside the point|not relevant|out of context"
        r"|not related|out of nowhere|out of left field|a non sequitur)\b|\byou(?:re| are)? (?:just "
        r"|keep )?(?:chang(?:e|ed|ing)|switch(?:ed|ing)) (?:the |your )?(?:subject|topic)s?\b|\b(?:stay|keep|stick"
        r"|get back) (?:on|to) (?:the )?(?:topic|subject|point)\b|\bwe (?:were|are|werent|arent) (?:not )?(?:talking"
        r"|discussing) about\b|\bnot (?:what )?we were talking\b",
        "nothing random irrelevant topic topics unrelated point relevant context related nowhere field sequitur"
        " subject subjects talking discussing off",
    ),
    Phrase(
        "did_not_answer",
        "complaint",
        rf"\b(?:you|u|that|this|it|which)(?:re|ve| have| are| still| really)? {FEW}{NEVER} {FEW}"
        r"(?:answer(?:ed|ing)?|address(?:ed|ing)?|respond(?:ed|ing)?|repl(?:y|ied))\b|\byou(?:re|ve| are"
        r"| have)? (?:keep |kept |just |completely |totally |still )?(?:avoid|dodg|ignor|evad|overlook|skipp)(?:e|ed"
        r"|ing)? (?:me|my|the|what|everything|half|that)\b|\bstop (?:avoiding|dodging|ignoring)\b|\b(?:just|please"
        r"|still) (?:answer|address) (?:my|the) (?:\w+ )?question|\b(?:my|the) question (?:was|is still)\b|\b(?:thats"
        r"|that is) not an answer\b|\byou (?:completely |totally |just )?(?:forgot|missed) (?:my|what i|the (?:part"
        r"|question|second|first|point)|to answer)\b",
        "answer answered answering address addressed addressing respond responded responding reply replied avoid"
        " avoided avoiding dodge dodged dodging ignore ignored ignoring evade evaded evading skipped skipping"
        " overlook overlooked overlooking question forgot missed",
        after="anything",
    ),
    Phrase(
        "i_asked",
        "complaint",
        START + r"i(?:m| am| was)? (?:just |only |actually |already |had |still )?(?:asked|asking) (?:you )?"
        r"(?:about|if|what|how|where|when|who|why|whether|which|a question|for)\b(?![^.?!]{0,60}\b(?:ago|yesterday"
        r"|last)\b)|\bwhat i (?:asked|meant|said|am asking|was asking|want to know) (?:was|is)\b|\b(?:read"
        r"|look at) (?:again )?what i (?:said|wrote|asked|just|typed)\b",
        "asked asking meant said wrote just typed know",
    ),
    Phrase(
        "not_listening",
        "complaint",
        rf"\byou(?:re|ve| are| have| really| clearly| obviously| just| still)? {NEVER} (?:even |really |actually "
        rf"|properly "
        r")?(?:listen(?:ed|ing)?|read(?:ing)? (?:my|what|anything)|pay(?:ing)? attention|hear(?:d|ing)? (?:me|what)"
        r"|follow(?:ing)?|understand(?:ing)?|understood|get(?:ting)? (?:it|me|what)|helping|being (?:very "
        r"|any )?(?:helpful|clear|useful|consistent)|helpful)\b|\b(?:are|were) you (?:even |really "
        r"|actually )?(?:listening|reading|paying attention)\b|\b(?:do|did|can) you even\b|\bdid you (?:really "
        r"|actually |just )?(?:read|hear) (?:what|my message|me|anything)\b|\blisten to me\b|^\W*(?:pay attention"
        r"|listen)\b",
        "listen listened listening read reading attention hear heard hearing follow following understand"
        " understanding understood get getting helping helpful clear useful consistent even",
        after="anything",
    ),
    Phrase(
        "keeps_repeating",
        "complaint",
        r"\byou(?:re|ve| are| have)? (?:just |still |always )?(?:keep|keeps|kept|continue to|repeatedly"
        r"|constantly) (?:on )?(?:saying|say|repeat(?:ing)?|ask(?:ing)?|telling|giving|sending|changing|talking"
        r"|bringing|referring)\b|\bstop (?:saying|repeating|asking|telling|sending|talking)\b|\byou(?:re| are"
        r"|ve)? (?:just |literally )?repeat(?:ed|ing) (?:yourself|the same|that|it|what)\b|\byou(?:ve"
        r"| have)? (?:already|just) (?:asked|said|told me|mentioned|answered) (?:me )?(?:that|this|it)\b(?! (?:is|was"
        r"|i|it|you|my|the|there|would|could|they))|\byou (?:gave|sent|told|asked) me (?:exactly )?the same\b"
        r"|\b(?:same|identical) (?:answer|response|reply|message|sentence|thing) (?:again|over and over|every time"
        r"|as before|repeatedly|each time)\b|\bgoing (?:a?round )?in circles\b|\byou(?:ve| have)? (?:asked|said"
        r"|told me) (?:me )?(?:that|this|the same thing|it) (?:already|before|twice|again|\w+ times)\b",
        "keep keeps kept continue repeatedly constantly stop repeated repeating already just same identical circles"
        " twice again before times",
        after="anything",
    ),
    Phrase(
        "useless_bot",
        "complaint",
        r"\b(?:you(?:re| are)|this (?:chat ?bot|bot|chat|assistant|robot|ai|machine|conversation)(?: is| was)?"
        rf"|the (?:chat ?bot|bot|assistant)(?: is| was)?|what an?) {VERY}(?:an? |being |such an? |no |of no |not "
        rf"|not being )?"
        r"(?:\w+ )?(?:useless|worthless|stupid|dumb|idiot|idiotic|terrible|unhelpful|hopeless|incompetent|annoying"
        r"|nuts|insane|moron|a joke|pathetic|waste of time|weird|rude|ridiculous|crazy|confusing|going nowhere"
        r"|not working)\b|\byou(?:re| are| were) (?:no|of no|not (?:any|much|a lot of)) help\b|\b(?:bad|stupid|dumb"
        r"|useless|terrible|crappy|silly|annoying|broken|lousy) (?:chat ?bot|bot|robot|assistant|machine)\b"
        r"|\bthanks for nothing\b|\byou suck\b|\byou(?:ve| have)? lost me\b",
        "useless worthless stupid dumb idiot idiotic terrible unhelpful hopeless incompetent annoying nuts insane"
        " moron joke pathetic waste help weird rude ridiculous crazy confusing nowhere working bot robot chatbot"
        " assistant machine nothing suck lost",
        after="anything",
    ),
    Phrase(
        "unhelpful_answer",
        "complaint",
        r"^\W*(?:not (?:very |really |at all )?(?:helpful|useful)|unhelpful|useless|no help)(?: at all)?\W*$"
        rf"|\b(?:thats|that is|that was|this is|that answer (?:is|was)|this (?:answer|response) (?:is|was)) {VERY}"
        r"(?:not (?:very |really |at all |particularly |that |so |an? )?(?:helpful|useful|answer|explanation"
        r"|good answer)|unhelpful|no help|of no help|useless|too vague|no use)\b|\b(?:that|this) (?:isnt|wasnt|doesnt"
        r"|does not|didnt) (?:really |even |actually |at all |very )?(?:helpful|useful|an answer|helping|help me"
        r"|tell me (?:anything|much|what|how))\b|\b(?:bad|terrible|wrong|useless|stupid|weird|strange|odd|awful"
        r"|horrible|random|ridiculous|poor|irrelevant|inappropriate|rude|vague|generic|canned|silly|dumb|confusing"
        r"|unhelpful) (?:answer|response|reply|advice|thing to say|comment|topic|statement)\b",
        "helpful useful answer explanation unhelpful help helping useless vague use tell response reply advice say"
        " comment topic statement",
        after="anything",
    ),
    Phrase(
        "are_you_broken",
        "complaint",
        r"\bare you (?:just |even |really |ok |okay |all |being |a |still |feeling )?(?:drunk|broken|confused|lost"
        r"|high|crazy|kidding|joking|serious|stupid|dumb|deaf|malfunctioning|insane|nuts|blind|sarcastic|ok\?|okay\?"
        r"|alright\?)|\byou(?:re| are| sound| seem| must be| look) (?:very |so |a bit |a little |really |quite "
        r"|completely )?(?:confused|all over the place|malfunctioning|glitching|rambling|drunk|broken|a robot)\b"
        r"|^\W*(?:um+[,. ]*)?(?:wtf|what the (?:hell|heck|fuck)|what on earth)\b(?! (?:are|r|do|did|is|does|you))",
        "drunk broken confused lost high crazy kidding joking serious stupid dumb deaf malfunctioning insane nuts"
        " blind sarcastic ok okay alright place glitching rambling robot wtf hell heck fuck earth",
    ),
    Phrase(
        "dead_link",
        "complaint",
        r"\b(?:the|that|this|your) (?:link|url|page|phone number|email address) (?:you (?:sent|gave|provided"
        r"|shared) ?(?:me )?)?"
        rf"{FEW}(?:doesnt|does not|isnt|is not|didnt|is) (?:work|working|open|opening|load|loading|broken|dead"
        rf"|invalid)\b",
        "link url page number address",
    ),
)
