"""What English-speaking customers say of an answer.

The first five corrections are the ones that everyone starts with; they keep names of their own, because a rate is
defined by one of them. The others were written from one half of the labelled rows, and measured on the other half as
well. Expressions are over folded text: lower case, no apostrophes, a full stop for a line break.
"""

from __future__ import annotations

from convqa_sdk.signals.phrases import Phrase, Table

_VERY = (
    r"(?:(?:just|simply|all|completely|totally|entirely|absolutely|quite|really|so|also|still|clearly|definitely|plain"
    r"|actually|probably|very|even|factually|a bit|a little|kind of|kinda|pretty) )?"
)
_SAID = r"(?:said|told me|claimed|stated|promised|mentioned|assured me)"
_CLAIM = rf"you(?:ve| have| had)? (?:just |already |previously |first |originally |earlier |literally )?{_SAID}"
_IT = (
    r"(?:that|this|it|these|those|(?:that|this|the|your) (?:\w+ )?(?:answer|part|statement|info|information|number|date"
    r"|amount|price|one|response|summary|quote)(?: you (?:just )?(?:gave|sent|quoted)(?: me)?)?)"
)
_FEW = r"(?:\w+ ){0,2}"
_NEVER = (
    r"(?:didnt|did not|never|havent|have not|wasnt|was not|dont|do not|doesnt|does not|hasnt|arent|are not|not"
    r"|cant|cannot)"
)
_START = r"^\W*(?:(?:no+|nope|um+|uh+|well|hmm+|sorry|but|wait|hey|ok|okay|yes|yeah|oh|so|hold on)\b[,.!? ]*){0,2}"
_BEFORE = r"(?:already|before|earlier|twice|above|\w+ times)"

_CORRECTIONS = (
    Phrase(
        "thats_wrong",
        "correction",
        r"(?<!something )(?<!\bif )\bthats wrong\b(?! with)",
        "wrong",
        after="anything",
        unless_asked=True,
    ),
    Phrase(
        "no_thats_not_right", "correction", r"\bno,? thats not right\b", "right", after="anything", unless_asked=True
    ),
    Phrase("you_made_that_up", "correction", r"\byou made that up\b", "made", after="anything"),
    Phrase(
        "not_true",
        "correction",
        r"(?<!is it )(?<!is that )(?<!if thats )(?<!if its )\bnot true\b",
        "true",
        after="anything",
        unless_asked=True,
    ),
    Phrase(
        "you_said_x_but",
        "correction",
        r"(?<!what )(?<!that )(?<!thing )(?<!things )(?<!steps )(?<!all )(?<!way )(?<!where )"
        rf"\b{_CLAIM} (?!to\b)[^.?!;]{{1,80}}? (?:but|however|yet|though|although)\b",
        "but however yet though although",
        after="anything",
    ),
    Phrase(
        "wrong_claim",
        "correction",
        r"(?<!\bif )(?<!something )(?<!whats )"
        rf"\b(?:thats|its|{_IT} (?:is|was|are|were|seems|sounds|looks)|what you (?:just )?{_SAID} (?:is|was)) {_VERY}"
        r"(?:wrong|incorrect|false|inaccurate|untrue|a lie|bs|bullshit|nonsense|rubbish|outdated|out of date|mistaken"
        r"|backwards|the opposite|no longer (?:true|correct|valid|accurate|the case))\b(?! with| of me)",
        "longer wrong incorrect false inaccurate untrue lie bs bullshit nonsense rubbish outdated date mistaken"
        " backwards"
        " opposite",
        after="anything",
        unless_asked=True,
    ),
    Phrase(
        "bare_wrong",
        "correction",
        _START + r"(?:wrong|incorrect|false|untrue|wrong again|not correct|not right|thats not it)\b\W*(?:$|[.!,])",
        "wrong incorrect false untrue correct right it",
        after="anything",
        unless_asked=True,
    ),
    Phrase(
        "not_right",
        "correction",
        r"(?<!\bif )(?<!\bis )(?<!since )(?<!sure )"
        rf"(?:^\W*(?:hm+,? )?(?:doesnt|does not) (?:sound|seem|look)|\b(?:thats|its|{_IT} is) not|{_IT} (?:isnt|wasnt"
        rf"|arent|cant be|cannot be|couldnt be|can not be"
        r"|doesnt (?:sound|seem|look))|i dont (?:think|believe) (?:that )?"
        rf"(?:thats|that is|this is|its|that was|youre|you are)) {_VERY}"
        r"(?:right|correct|accurate|the case|how (?:it|that) works)\b(?! now| away)",
        "right correct accurate case works",
        after="anything",
        unless_asked=True,
    ),
    Phrase(
        "cannot_be",
        "correction",
        r"\b(?:that|this|it) (?:cant|cannot|can not|couldnt) be (?:right|true|correct|possible|accurate)\b"
        r"|^\W*(?:thats|that is) (?:impossible|not possible)\b",
        "right true correct possible impossible accurate",
    ),
    Phrase(
        "not_believed",
        "correction",
        r"\bi (?:still |just |really |honestly )?(?:dont|do not|am beginning to not|find it hard to) believe "
        r"(?:you|u|that|thats|this is|it|a word)\b|\bi (?:disagree|beg to differ|dont agree|do not agree)\b"
        r"|\bi doubt (?:that|it|thats)\b",
        "believe disagree differ agree doubt",
    ),
    Phrase(
        "you_are_wrong",
        "correction",
        rf"\b(?:you(?:re| are| were)|your) {_VERY}(?:wrong|mistaken|incorrect|lying|misinformed|a liar"
        r"|doing (?:it|that) wrong|making (?:that|this|it|things|stuff|all that) up|contradicting yourself|mixing"
        r"|mixed up)\b(?! (?:number|item|address|card|amount))|^\W*liar\b|\byou lied\b",
        "wrong mistaken incorrect lying misinformed liar making contradicting mixing mixed lied",
        after="anything",
    ),
    Phrase(
        "you_got_it_wrong",
        "correction",
        r"\byou(?:ve| have)? (?:just |already )?(?:got|get|have|had|wrote|spelled|booked|entered|put|heard) "
        rf"(?:it|that|this|me|(?:my|the) {_FEW}\w+) {_VERY}(?:wrong|backwards|incorrectly|mixed up)\b"
        r"|\byou(?:ve| have)? (?:just )?(?:gave|given|told|quoted|booked|selected|chose|picked|used|updated|changed"
        r"|cancelled|canceled) (?:me )?(?:the )?wrong\b|\byou(?:ve| have)? (?:just )?(?:made|make) an?(?:other)? "
        r"(?:mistake|error)\b",
        "wrong backwards incorrectly mixed mistake error",
    ),
    Phrase(
        "you_misunderstood",
        "correction",
        r"\byou(?:ve| have| must have|re| are)? (?:completely |totally |clearly |just |may have |might have )?"
        r"(?:misunderst(?:oo|a)nd(?:ing)?|misunderstood|misread(?:ing)?|misheard|mishear|misinterpreted)\b"
        r"|\byou(?:ve| have| must have)? confused (?:me|it|this|that|my|the|him|her)\b"
        r"|\b(?:thats|that is|there(?:s| is| must be| seems to be| has been)) (?:some |a |a bit of a )?"
        r"misunderstanding\b|\bmisunderstood (?:me|my|what)\b",
        "misunderstand misunderstood misunderstanding misread misreading misheard mishear misinterpreted confused",
        after="anything",
    ),
    Phrase(
        "not_what_i_said",
        "correction",
        r"\b(?:that|this) (?:isnt|wasnt) (?:my|the) question\b|\b(?:not|isnt|wasnt) (?:at all |exactly |really |even "
        r"|quite |actually )?what i(?:m| am| was|ve| have)? "
        r"(?:just |actually |really |even )?(?:asked|asking|said|saying|meant|mean|told|talking about|referring to"
        r"|inquired|requested)\b|\b(?:thats|that is|that was) not (?:my|the) question\b",
        "what question",
        after="anything",
    ),
    Phrase(
        "i_did_not_say",
        "correction",
        r"\bi (?:didnt|did not|never|havent|wasnt|was not) (?:actually |even |ever |really )?"
        r"(?:ask(?:ed|ing)?|sa(?:y|id|ying)|mention(?:ed)?|mean|meant|talking about|told you|tell you)"
        r"(?: (?:you|for|about|if|to|anything|that|this|it|i|what|whether|a|an|the|any|my)\b| ?[.!,]| ?$)",
        "ask asked asking say said saying mention mentioned mean meant talking told tell",
    ),
    Phrase(
        "i_said_not",
        "correction",
        r"\bi (?:had |have |clearly |just |already |specifically |actually |was |am )?(?:said|asked|asking|requested"
        r"|told you|meant|mean|talking about|need|want|wanted|would like) [^.?!;]{1,60}?(?:,| and| but) not "
        r"(?!sure|be|to|have|get|able|going|just|only|too|so|much)\w",
        "not",
    ),
    Phrase(
        "no_i_said",
        "correction",
        r"^\W*(?:no+|nope|wait|hey|um+)\b[,.! -]*i(?:m| am| was|d)? (?:just |actually |clearly |specifically )?"
        r"(?:said|asked|asking|meant|mean|talking about|referring to|told you)\b",
        "said asked asking meant mean talking referring told",
    ),
    Phrase(
        "no_it_is",
        "correction",
        r"^\W*(?:no+|nope|nah)\b[,.! -]*(?:actually[, ]+)?(?:its|it is|it was|it isnt|it wasnt|it doesnt|it does"
        r"|they are"
        r"|theyre|they arent|they dont|they were|he is|she is|hes|shes|there (?:is|are|isnt|arent|was|were)|theres"
        r"|you are|youre|you arent|you do|you dont|you did|you didnt|thats not|that isnt|that is not|that was"
        r"|(?:my|the|your) (?:\w+ ){1,3}(?:is|was|are))\b(?! (?:all|fine|ok|okay|good|it|alright|cool|have))",
        "no noo nooo nope nah",
        after="statement",
    ),
    Phrase(
        "actually_it_is",
        "correction",
        r"^\W*(?:well |um+ |hmm+ )?actually[, ]+(?:its|it is|it was|it isnt|it wasnt|thats|that is|that was|they|he|she"
        r"|there (?:is|are|was|were)|you|(?:the|my|your) (?:\w+ ){1,3}(?:is|was|are|were|has|have))\b(?! can| could"
        r"| know| help| might| may| are right)"
        r"|\bi think you (?:mean|meant)\b",
        "actually think",
        after="statement",
    ),
    Phrase(
        "i_thought_you_said",
        "correction",
        r"\bi thought (?:that )?you (?:just |had |already |were |liked|loved|hated|didnt|did|dont|said|told|mentioned"
        r"|never|could|couldnt|worked|lived)|\bi thought youre?d? (?:said|told)\b"
        r"|\bi thought we were (?:talking|discussing)\b",
        "thought",
    ),
    Phrase(
        "but_you_said",
        "correction",
        rf"\b(?:but|no|yet|hey|wait|because)[,.!? -]{{1,3}}(?:earlier |before |just now )?{_CLAIM}\b(?! to\b)"
        rf"|^\W*(?:\w+ ){{0,2}}you (?:just|previously|originally|earlier|first|initially|literally) {_SAID}\b(?! to\b)"
        rf"|\b{_CLAIM} (?:that |it |{_FEW})(?:earlier|before|a (?:minute|moment|second) ago|at first|just now"
        r"|otherwise|something (?:else|different)|the opposite)\b"
        rf"|(?:^|[.!] )(?:\w+ ){{0,2}}you {_SAID} (?:that )?(?:it|its|id|you|youd|the|my|there|this|a|an|we|they|no"
        rf"|free"
        r"|yes)\b|\bdidnt you (?:just )?(?:say|tell me|mention)\b|\b(?:earlier|before|just now|a (?:minute"
        r"|moment) ago),? you "
        rf"(?:had )?{_SAID}\b(?! to\b)",
        "said told say tell claimed stated mentioned promised assured mention",
    ),
    Phrase(
        "contradicts_itself",
        "correction",
        r"\b(?:that|this|which|you|it) (?:just |directly |totally |completely )?contradicts?\b"
        r"|\b(?:thats|this is|that is) (?:a contradiction|contradictory|the opposite of|inconsistent"
        r"|different (?:from|than|to) what)\b|\byou (?:just )?(?:changed|keep changing|are changing) (?:your "
        r"(?:answer|story|mind)|the story)\b|\bfirst you said\b|\bnow you(?:re| are)? (?:say|saying|tell me"
        r"|telling me)\b",
        "first now contradict contradicts contradiction contradictory opposite inconsistent different changed changing",
    ),
    Phrase(
        "other_source",
        "correction",
        r"\b(?:says|said|states|told me|shows|lists|reads) (?:something (?:else|different)|otherwise|differently"
        r"|the opposite)\b"
        r"|(?:^|[.!,] )(?:\w+ )?(?:but|no|however|yet|well)[, ]+(?:on )?(?:your|the) (?:\w+ )?(?:website|site|page"
        r"|faq|policy"
        r"|policies|terms|contract|agent|colleague) (?:clearly |still |also )?(?:says|said"
        r"|states|told|shows|lists)\b",
        "says said states told shows lists reads",
    ),
    Phrase(
        "i_was_told",
        "correction",
        _START
        + r"(?:i was (?:told|informed|promised|assured)|(?:last time|yesterday|last week|earlier)[, ]+(?:\w+ ){1,3}"
        r"(?:told|said))\b",
        "told informed promised assured said",
        after="statement",
    ),
    Phrase(
        "made_up",
        "correction",
        r"\b(?:did|are|were) you (?:just )?(?:make|making) (?:that|this|it|these|things|stuff|all of that) up\b"
        r"|\byou (?:just |totally |simply |completely )?(?:made|invented|fabricated|hallucinated|imagined) "
        r"(?:this|it|these|those|all of (?:that|this)|things|stuff|the whole thing|that|something)\b(?: up)?"
        r"|\b(?:thats|that is|this is|that was) (?:completely |totally |just |all )?(?:made up|invented|fabricated"
        r"|a hallucination|hallucinated)\b|\byou(?:re| are) (?:just )?(?:hallucinating|inventing)\b",
        "make making made invented fabricated hallucinated hallucination hallucinating imagined inventing",
    ),
    Phrase(
        "no_such_thing",
        "correction",
        r"\b(?:there is|theres|i (?:dont )?(?:see|have|find|found)|there are) (?:no|any) such \w+"
        rf"|\b(?:that|this|it|the|your) {_FEW}(?:does not|doesnt|do not|dont) (?:actually |even )?exist\b"
        r"|\bi (?:dont|do not|cant|cannot) (?:see|find|have) (?:that|the|any such) (?:\w+ )?(?:option|page|button"
        r"|link|tab"
        r"|section)\b",
        "such exist see find have",
    ),
    Phrase(
        "must_be_mistake",
        "correction",
        r"\bthere(?:s| is)? (?:must|has to|has got to|might|may|could|seems to) (?:be|have been) "
        rf"{_FEW}(?:mistake|error|mix ?up|confusion|glitch)\b|\b(?:that|this) (?:is|must be) (?:a mistake|an error)\b"
        rf"|\bmust be (?:a|some) (?:mistake|error|mix ?up)\b"
        r"|\byour (?:system|records?) (?:is|are|must be|has|have|seems?) (?:\w+ ){0,2}(?:wrong|mistaken|incorrect"
        r"|outdated|error)\b",
        "mistake error mixup mix confusion glitch wrong mistaken incorrect outdated",
    ),
    Phrase(
        "wrong_one",
        "correction",
        _START
        + r"(?:thats )?(?:the )?wrong (?:person|order|account|city|date|day|flight|one|booking|reservation|name|answer"
        r"|number|product|question)\W*$",
        "wrong",
    ),
    Phrase(
        "i_am_certain",
        "correction",
        r"\bi(?:m| am| was) (?:pretty |quite |absolutely |very |fairly |100% |completely |totally |almost )?"
        r"(?:sure|certain|positive|confident) (?:that )?(?:i|im|my|we|there (?:were|are|should))\b(?!ll| can| could)"
        r"|\bi know for (?:a fact|sure|certain)\b|\bi could have sworn\b|\bi (?:definitely|specifically|distinctly) "
        r"(?:\w+ed|have|had|bought|paid|said|remember)\b",
        "sure certain positive confident fact sworn definitely specifically distinctly",
    ),
    Phrase(
        "this_not_that",
        "correction",
        r"(?:^|[.!,;] |\bno |\bbut )(?:its|it is|im|i am|that is|thats|he is|she is|they are|they were"
        r"|my (?:\w+ ){1,3}is|it was|it should be|there (?:are|were|should be)|its called) (?!fine|ok|okay|good|great"
        r"|alright)(?:\w+ ){0,4}\w+,? (?:and )?not "
        r"(?:just |a |an |the |my |on |in |at |for )?"
        r"(?!sure|too|so|much|really|very|bad|doing|yet|work|able|only|even|until|because|if|as|that|to|what|any|all"
        r"|going"
        r"|like|some|always|enough|something|good|great|happy|have|want|get|being|be|been|see|seeing|right|correct"
        r"|true)"
        r"\w+(?: \w+)? ?(?:[.!,?]|$)",
        "not",
    ),
    Phrase(
        "not_mine",
        "correction",
        r"(?:^|[.!?,;] |\bno |\bbut |\bsorry )(?:thats|that is|this is|its|it is|those are|these are) not (?:me|mine"
        r"|my (?:\w+ )?(?:name|account|order|address|number|email|phone|booking|reservation|flight|card|plan|bill|city"
        r"|date|id))\b|(?:^|[.!?,;] |\bno |\bbut )(?:that|this) isnt (?:me|mine|my \w+)\b|\bmy name (?:isnt|is not)\b"
        r"|(?:^|[.!?,;] |\bno |\bbut )(?:thats|that is) (?:someone elses|the wrong|another persons|somebody elses)\b",
        "not isnt elses wrong persons",
        unless_asked=True,
    ),
)

_COMPLAINTS = (
    Phrase(
        "makes_no_sense",
        "complaint",
        rf"\b(?:not|doesnt|dont|didnt|isnt|arent|wasnt) {_FEW}mak(?:e|es|ing) {_FEW}sense\b"
        r"|\bmak(?:es|e|ing|ed) (?:absolutely |zero |literally |very )?(?:no|zero|little) sense\b"
        r"|\b(?:gibberish|nonsensical|incoherent|word salad)\b|^\W*(?:that is |thats )?nonsense\b",
        "sense gibberish nonsensical incoherent salad nonsense",
        after="anything",
    ),
    Phrase(
        "no_idea_what_you_mean",
        "complaint",
        r"\b(?:no idea|no clue|idk|dunno|dont (?:even )?know|do not know|dont have a clue) (?:what|why|how) "
        r"(?:on earth |the (?:hell|heck) )?(?:you(?:re| are| were)?|u|that|this) (?:are |is |even |just )?"
        r"(?:talking|saying|said|say|on about|mean|means|meant|trying|referring|asking|has to do|has anything)\b",
        "idea clue idk dunno know",
    ),
    Phrase(
        "off_topic",
        "complaint",
        r"\b(?:has|have|had|got|is|was) (?:absolutely |literally )?nothing to do with\b"
        r"|\b(?:thats|that is|this is|that was|that seems|how|its|you(?:re| are)) "
        rf"{_VERY}(?:random|irrelevant|off topic|off-topic|unrelated|beside the point|not relevant|out of context"
        r"|not related|out of nowhere|out of left field|a non sequitur)\b"
        r"|\byou(?:re| are)? (?:just |keep )?(?:chang(?:e|ed|ing)|switch(?:ed|ing)) (?:the |your )?(?:subject"
        r"|topic)s?\b"
        r"|\b(?:stay|keep|stick|get back) (?:on|to) (?:the )?(?:topic|subject|point)\b"
        r"|\bwe (?:were|are|werent|arent) (?:not )?(?:talking|discussing) about\b|\bnot (?:what )?we were talking\b",
        "nothing random irrelevant topic topics unrelated point relevant context related nowhere field sequitur subject"
        " subjects talking discussing off",
    ),
    Phrase(
        "did_not_answer",
        "complaint",
        rf"\b(?:you|u|that|this|it|which)(?:re|ve| have| are| still| really)? {_FEW}{_NEVER} {_FEW}"
        r"(?:answer(?:ed|ing)?|address(?:ed|ing)?|respond(?:ed|ing)?|repl(?:y|ied))\b"
        r"|\byou(?:re|ve| are| have)? (?:keep |kept |just |completely |totally |still )?(?:avoid|dodg|ignor|evad"
        r"|overlook|skipp)(?:e|ed|ing)? (?:me|my|the|what|everything|half|that)\b|\bstop (?:avoiding|dodging"
        r"|ignoring)\b"
        r"|\b(?:just|please|still) (?:answer|address) (?:my|the) (?:\w+ )?question|\b(?:my|the) question (?:was"
        r"|is still)\b"
        r"|\b(?:thats|that is) not an answer\b|\byou (?:completely |totally |just )?(?:forgot|missed) (?:my|what i"
        r"|the (?:part|question|second|first|point)|to answer)\b",
        "answer answered answering address addressed addressing respond responded responding reply replied avoid"
        " avoided"
        " avoiding dodge dodged dodging ignore ignored ignoring evade evaded evading skipped skipping overlook"
        " overlooked overlooking question forgot missed",
    ),
    Phrase(
        "i_asked",
        "complaint",
        _START + r"i(?:m| am| was)? (?:just |only |actually |already |had |still )?(?:asked|asking) (?:you )?"
        r"(?:about|if|what|how|where|when|who|why|whether|which|a question|for)\b(?![^.?!]{0,60}\b(?:ago|yesterday"
        r"|last)\b)"
        r"|\bwhat i (?:asked|meant|said|am asking|was asking|want to know) (?:was|is)\b"
        r"|\b(?:read|look at) (?:again )?what i (?:said|wrote|asked|just|typed)\b",
        "asked asking meant said wrote just typed know",
    ),
    Phrase(
        "not_listening",
        "complaint",
        rf"\byou(?:re|ve| are| have| really| clearly| obviously| just| still)? {_NEVER} (?:even |really |actually "
        rf"|properly "
        r")?(?:listen(?:ed|ing)?|read(?:ing)? (?:my|what|anything)|pay(?:ing)? attention|hear(?:d|ing)? (?:me|what)"
        r"|follow(?:ing)?|understand(?:ing)?|understood|get(?:ting)? (?:it|me|what)|helping|being (?:very |any )?"
        r"(?:helpful|clear|useful|consistent)|helpful)\b"
        r"|\b(?:are|were) you (?:even |really |actually )?(?:listening|reading|paying attention)\b|\b(?:do|did"
        r"|can) you even\b"
        r"|\bdid you (?:really |actually |just )?(?:read|hear) (?:what|my message|me|anything)\b|\blisten to me\b"
        r"|^\W*(?:pay attention|listen)\b",
        "listen listened listening read reading attention hear heard hearing follow following understand understanding"
        " understood get getting helping helpful clear useful consistent even",
    ),
    Phrase(
        "keeps_repeating",
        "complaint",
        r"\byou(?:re|ve| are| have)? (?:just |still |always )?(?:keep|keeps|kept|continue to|repeatedly"
        r"|constantly) (?:on )?"
        r"(?:saying|say|repeat(?:ing)?|ask(?:ing)?|telling|giving|sending|changing|talking|bringing|referring)\b"
        r"|\bstop (?:saying|repeating|asking|telling|sending|talking)\b|\byou(?:re| are|ve)? (?:just |literally )?"
        r"repeat(?:ed|ing) (?:yourself|the same|that|it|what)\b|\byou(?:ve| have)? (?:already|just) (?:asked|said"
        r"|told me|"
        r"mentioned|answered) (?:me )?(?:that|this|it)\b(?! (?:is|was|i|it|you|my|the|there|would|could|they))"
        r"|\byou (?:gave|sent|told|asked) me (?:exactly )?the same\b|\b(?:same|identical) (?:answer|response|reply"
        r"|message|sentence|thing) (?:again|over and over|every time"
        r"|as before|repeatedly|each time)\b|\bgoing (?:a?round )?in circles\b|\byou(?:ve| have)? (?:asked|said"
        r"|told me)"
        r" (?:me )?(?:that|this|the same thing|it) (?:already|before|twice|again|\w+ times)\b",
        "keep keeps kept continue repeatedly constantly stop repeated repeating already just same identical circles"
        " twice again before times",
    ),
    Phrase(
        "useless_bot",
        "complaint",
        r"\b(?:you(?:re| are)|this (?:chat ?bot|bot|chat|assistant|robot|ai|machine|conversation)(?: is| was)?"
        rf"|the (?:chat ?bot|bot|assistant)(?: is| was)?|what an?) {_VERY}(?:an? |being |such an? |no |of no |not "
        rf"|not being )?"
        r"(?:\w+ )?(?:useless|worthless|stupid|dumb|idiot|idiotic|terrible|unhelpful|hopeless|incompetent|annoying|nuts"
        r"|insane|moron|a joke|pathetic|waste of time|weird|rude|ridiculous|crazy|confusing|going nowhere"
        r"|not working)\b"
        r"|\byou(?:re| are| were) (?:no|of no|not (?:any|much|a lot of)) help\b"
        r"|\b(?:bad|stupid|dumb|useless|terrible|crappy|silly|annoying|broken|lousy) (?:chat ?bot|bot|robot|assistant"
        r"|machine)\b|\bthanks for nothing\b|\byou suck\b|\byou(?:ve| have)? lost me\b",
        "useless worthless stupid dumb idiot idiotic terrible unhelpful hopeless incompetent annoying nuts insane"
        " moron joke"
        " pathetic waste help weird rude ridiculous crazy confusing nowhere working bot robot chatbot assistant"
        " machine nothing suck lost",
    ),
    Phrase(
        "unhelpful_answer",
        "complaint",
        r"^\W*(?:not (?:very |really |at all )?(?:helpful|useful)|unhelpful|useless|no help)(?: at all)?\W*$"
        rf"|\b(?:thats|that is|that was|this is|that answer (?:is|was)|this (?:answer|response) (?:is|was)) {_VERY}"
        r"(?:not (?:very |really |at all |particularly |that |so |an? )?(?:helpful|useful|answer|explanation"
        r"|good answer)"
        r"|unhelpful|no help|of no help|useless|too vague|no use)\b"
        r"|\b(?:that|this) (?:isnt|wasnt|doesnt|does not|didnt) (?:really |even |actually |at all |very )?(?:helpful"
        r"|useful"
        r"|an answer|helping|help me|tell me (?:anything|much|what|how))\b"
        r"|\b(?:bad|terrible|wrong|useless|stupid|weird|strange|odd|awful|horrible|random|ridiculous|poor|irrelevant"
        r"|inappropriate|rude|vague|generic|canned|silly|dumb|confusing|unhelpful) (?:answer|response|reply"
        r"|advice|thing to say|comment|topic|statement)\b",
        "helpful useful answer explanation unhelpful help helping useless vague use tell response reply advice say"
        " comment topic"
        " statement",
    ),
    Phrase(
        "are_you_broken",
        "complaint",
        r"\bare you (?:just |even |really |ok |okay |all |being |a |still |feeling )?(?:drunk|broken|confused|lost|high"
        r"|crazy|kidding|joking|serious|stupid|dumb|deaf|malfunctioning|insane|nuts|blind|sarcastic|ok\?|okay\?"
        r"|alright\?)"
        r"|\byou(?:re| are| sound| seem| must be| look) (?:very |so |a bit |a little |really |quite "
        r"|completely )?(?:confused"
        r"|all over the place|malfunctioning|glitching|rambling|drunk|broken|a robot)\b"
        r"|^\W*(?:um+[,. ]*)?(?:wtf|what the (?:hell|heck|fuck)|what on earth)\b",
        "drunk broken confused lost high crazy kidding joking serious stupid dumb deaf malfunctioning insane nuts blind"
        " sarcastic ok okay alright place glitching rambling robot wtf hell heck fuck earth",
    ),
    Phrase(
        "dead_link",
        "complaint",
        r"\b(?:the|that|this|your) (?:link|url|page|phone number|email address) (?:you (?:sent|gave|provided"
        r"|shared) ?(?:me )?)?"
        rf"{_FEW}(?:doesnt|does not|isnt|is not|didnt|is) (?:work|working|open|opening|load|loading|broken|dead"
        rf"|invalid)\b",
        "link url page number address",
    ),
)

_CLARIFICATIONS = (
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
)

_DOUBTS = (
    Phrase(
        "but_is_it_not",
        "clarification_request",
        r"(?:^|[.!?] )(?:wait|but|hm+|no)[,.! ]+(?:arent|werent|isnt|wasnt|doesnt) (?:you|it|that|this)\b",
        "arent werent isnt wasnt doesnt",
    ),
)

_REPEATS = (
    Phrase(
        "already_told_you",
        "repeat",
        r"\bi(?:ve| have| did| had)? (?:already|literally just|just|clearly|previously|literally) (?:told|gave|given"
        r"|provided"
        r"|explained|mentioned|sent|answered|shared|stated|said|asked|wrote|typed|confirmed|entered|specified)\b"
        r"(?! (?:goodbye|bye|him|her|them|my (?:friend|wife|husband|boss|mom|sister|brother)))"
        rf"|\bi(?:ve| have)? (?:told|gave|given|sent|asked|said|answered|explained|provided"
        rf"|mentioned) (?:\w+ ){{0,4}}{_BEFORE}\b"
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

_ECHOES = (
    r"\b(?:exactly |just )?(?:like|as|than|the way|per what) (?:you|u|youve|we)(?: have| just| already| previously"
    r"| both"
    r"| kindly){0,2} (?:said|mentioned|suggested|asked|told|explained|instructed|recommended|described|advised"
    r"|requested"
    r"|wanted|noted|stated|indicated|directed|outlined|discussed|promised)\b(?: me)?(?: to)?"
    r'|"[^"\n]{1,200}"'
)
_SLIP = (
    r"(?:misspoke|misspelled|misspelt|mis-?typed|misread|misheard|misunderstood|misremembered|messed (?:that |it "
    r"|this )?up"
    r"|mixed (?:\w+ ){0,4}up|made a (?:\w+ )?(?:mistake|typo|error|mess)|got (?:\w+ ){1,3}(?:wrong|mixed up|confused)"
    r"|got (?:confused|mixed up)|was (?:wrong|mistaken|incorrect|confused|mixing|thinking of)|stand corrected"
    r"|(?:typed|wrote|said|spelled|put|entered|gave|told) (?:you |it |that |in )?(?:the |my )?(?:\w+ )?wrong(?:ly)?)"
)
_OWN_MISTAKES = (
    r"\bmy (?:own )?(?:mistake|bad|apologies|fault|error|typo)\b"
    rf"|\bi(?:ve| have|mightve| may have| might have| must have| think i| just| accidentally| totally| clearly"
    rf"| probably){{0,2}}"
    rf" {_SLIP}\b"
    r"|\b(?:sorry|oops|apologies|pardon me|whoops|excuse me|ahh?|oh|actually|wait)\b[^.?!]{0,24}\bi (?:just "
    r"|actually |really )?"
    r"(?:meant|mean)\b|\bi meant to (?:say|write|type|ask|put)\b|\bi mean(?:t)? to say\b"
    r"|\b(?:no|oh|ah|oops)[,.]? (?:no[,.]? )?wait\b[^?!]{0,30}\b(?:i|its|my|sorry|make that|scratch)\b"
    r"|\b(?:scratch that|strike that|let me correct (?:that|myself)|i correct myself|correction:|i take that back)\b"
    r"|\byou(?:re| are) (?:absolutely |totally |completely |quite |probably )?right\b"
    r"|\b(?:sorry|apologies)(?: about| for) (?:that|the (?:confusion|mistake|typo|mix ?up|error|wrong))\b"
)
_REPORTS = (
    r"\b(?:it|phone|screen|icon|which|app|message|bar|display|page|site|website|email|letter|statement|status|card) "
    r"(?:still |now |just |also )?(?:says|said|shows|showed|showing|reads|displays|saying)\b|\bi (?:just |now "
    r"|also )?(?:see|checked)\b"
    r"|\bwhen it says\b"
)
_BOT = r"(?:bot|chat ?bot|assistant|robot|ai|machine|chat|system|virtual \w+|automated \w+)"
_TOLD_BEFORE = (
    r"\b(?:like|as) i(?:ve| have)? (?:already |just |previously )?(?:said|told|mentioned|explained|stated|wrote|asked"
    r"|described)\b"
    r"|\bi(?:ve| have| did| had)? (?:already|just|previously|literally just) (?:been through|gone through|told|gave"
    r"|given"
    r"|provided|explained|mentioned|sent|answered|shared|stated|said|wrote|typed|confirmed|entered|specified"
    r"|went (?:through"
    r"|over)|did (?:this|that|all))\b"
    r"|\bi(?:ve| have)? (?:told|gave|given|explained|said|sent|typed|went over|answered|provided"
    r"|described) (?:\w+ ){0,6}?(?:the"
    rf"|your|that|a|an) (?:\w+ )?(?:{_BOT}|agent|person|guy|colleague|lady|rep)\b"
    r"|\bi told you\b|\balready (?:told|said|gave|given|provided|answered|explained|mentioned|asked|been asked)\b"
    r"|\b(?:the|your) (?:\w+ )?(?:bot|chat ?bot|assistant|robot|ai) (?:already |just )?(?:has|have|had|knows|asked"
    r"|got|took)\b"
    r"|\b(?:do|must|should|why (?:do|must|should)|can|to|will) i? ?(?:really |seriously |not )*(?:have to |need to "
    r"|be )?"
    r"(?:repeat(?:ing)?|explain|tell|say|go through|go over|start|type)(?: \w+){0,5} (?:again|over|twice|once more"
    r"|from the "
    r"(?:start|beginning))\b"
    r"|\b(?:its|it is|thats|that is|everything is|all of (?:it|this|that) is|should be) (?:all )?(?:already )?(?:in"
    r"|on|up in|there in)"
    r" (?:the|this|my|your) (?:chat|conversation|ticket|transcript|history|messages?)\b"
    r"|\b(?:scroll up|see above|read (?:the|our|my) (?:\w+ )?(?:chat|conversation|transcript|history|messages?)"
    r"|read what i"
    r"|(?:didnt|did not|havent|havent) you (?:read|see|receive|get (?:my|the|that|any)|seen|got)|did(?:nt)? (?:the"
    r"|your)"
    r" (?:bot|chat ?bot|assistant|ai)|cant you see)\b"
    r"|\bfor the (?:second|third|fourth|fifth|2nd|3rd|4th|nth|umpteenth) time\b|\bhow many times\b|\b(?:repeat"
    r"|repeating|explain"
    r"|explaining) (?:myself|everything|all (?:of )?(?:this|that)|the same)\b|\bkeep (?:repeating|explaining"
    r"|having to)\b"
    rf"|\bi(?:ve| have| was|ve been| have been|m being)? (?:been )?asked (?:me |you )?(?:for )?(?:that|this|it"
    rf"|the same \w+) {_BEFORE}\b"
    r"|\byou(?: guys)? (?:already|should) (?:already )?(?:have|know|got|asked)\b|\b(?:previously"
    r"|already) (?:mentioned|stated"
    r"|explained|said|noted|described|provided)\b"
)
_FILLERS = frozenset(
    "a an the i im ive id me my we our you your u it its this that these those is are was were be been am do does did"
    " to of"
    " for in on at and or but so if with from by as about please pls can could would will shall should may might have"
    " has had"
    " hi hello hey thanks thank ok okay yes no just also there here want need like know help get".split()
)

TABLES = {
    "en": Table(
        (*_CORRECTIONS, *_COMPLAINTS, *_CLARIFICATIONS, *_DOUBTS, *_REPEATS),
        _ECHOES,
        _OWN_MISTAKES,
        _REPORTS,
        _TOLD_BEFORE,
        _FILLERS,
    )
}
