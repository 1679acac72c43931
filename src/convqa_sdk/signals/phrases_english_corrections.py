"""How English-speaking customers say that an answer is false, or is not about what they asked.

The first five are the ones that everyone starts with; they keep names of their own, because a rate is defined by one of
them.
"""

from __future__ import annotations

from convqa_sdk.signals.phrases import Phrase
from convqa_sdk.signals.phrases_english_parts import CLAIM, FEW, IT, SAID, START, VERY

CORRECTIONS = (
    Phrase(
        "thats_wrong",
        "correction",
        r"(?<!something )(?<!\bif )\bthats wrong\b(?! with)",
        "wrong",
        after="anything",
        unless_asked=True,
    ),
    Phrase(
        "no_thats_not_right",
        "correction",
        r"\bno,? thats not right\b(?! now| away)",
        "right",
        after="anything",
        unless_asked=True,
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
        rf"\b{CLAIM} (?!to\b)[^.?!;]{{1,80}}? (?:but|however|yet|though|although)\b",
        "but however yet though although",
        after="anything",
    ),
    Phrase(
        "wrong_claim",
        "correction",
        r"(?<!\bif )(?<!something )(?<!whats )"
        rf"\b(?:thats|its|{IT} (?:is|was|are|were|seems|sounds|looks)|what you (?:just )?{SAID} (?:is|was)) {VERY}"
        r"(?:wrong|incorrect|false|inaccurate|untrue|a lie|bs|bullshit|nonsense|rubbish|outdated|out of date|mistaken"
        r"|backwards|the opposite|no longer (?:true|correct|valid|accurate|the case))\b(?! with| of me)",
        "longer wrong incorrect false inaccurate untrue lie bs bullshit nonsense rubbish outdated date mistaken"
        " backwards opposite",
        after="anything",
        unless_asked=True,
    ),
    Phrase(
        "bare_wrong",
        "correction",
        START + r"(?:wrong|incorrect|false|untrue|wrong again|not correct|not right|thats not it)\b\W*(?:$|[.!,])",
        "wrong incorrect false untrue correct right it",
        after="anything",
        unless_asked=True,
    ),
    Phrase(
        "not_right",
        "correction",
        r"(?<!\bif )(?<!\bis )(?<!since )(?<!sure )"
        rf"(?:^\W*(?:hm+,? )?(?:doesnt|does not) (?:sound|seem|look)|\b(?:thats|its|{IT} is) not|{IT} (?:isnt|wasnt"
        rf"|arent|cant be|cannot be|couldnt be|can not be"
        r"|doesnt (?:sound|seem|look))|i dont (?:think|believe) (?:that )?"
        rf"(?:thats|that is|this is|its|that was|youre|you are)) {VERY}"
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
        r"\bi (?:still |just |really |honestly )?(?:dont|do not|am beginning to not|find it hard to) believe (?:you|u"
        r"|that|thats|this is|it|a word)\b|\bi (?:disagree|beg to differ|dont agree|do not agree)\b|\bi doubt (?:that"
        r"|it|thats)\b",
        "believe disagree differ agree doubt",
    ),
    Phrase(
        "you_are_wrong",
        "correction",
        rf"\b(?:you(?:re| are| were)|your) {VERY}(?:wrong|mistaken|incorrect|lying|misinformed|a liar"
        r"|doing (?:it|that) wrong|making (?:that|this|it|things|stuff|all that) up|contradicting yourself|mixing"
        r"|mixed up)\b(?! (?:number|item|address|card|amount))|^\W*liar\b|\byou lied\b",
        "wrong mistaken incorrect lying misinformed liar making contradicting mixing mixed lied",
        after="anything",
    ),
    Phrase(
        "you_got_it_wrong",
        "correction",
        r"\byou(?:ve| have)? (?:just |already )?(?:got|get|have|had|wrote|spelled|booked|entered|put|heard) "
        rf"(?:it|that|this|me|(?:my|the) {FEW}\w+) {VERY}(?:wrong|backwards|incorrectly|mixed up)\b"
        r"|\byou(?:ve| have)? (?:just )?(?:gave|given|told|quoted|booked|selected|chose|picked|used|updated|changed"
        r"|cancelled|canceled) (?:me )?(?:the )?wrong\b|\byou(?:ve| have)? (?:just )?(?:made"
        r"|make) an?(?:other)? (?:mistake|error)\b",
        "wrong backwards incorrectly mixed mistake error",
    ),
    Phrase(
        "you_misunderstood",
        "correction",
        r"\byou(?:ve| have| must have|re| are)? (?:completely |totally |clearly |just |may have "
        r"|might have )?(?:misunderst(?:oo|a)nd(?:ing)?|misunderstood|misread(?:ing)?|misheard|mishear"
        r"|misinterpreted)\b|\byou(?:ve| have| must have)? confused (?:me|it|this|that|my|the|him|her)\b|\b(?:thats"
        r"|that is|there(?:s| is| must be| seems to be| has been)) (?:some |a |a bit of a )?misunderstanding\b"
        r"|\bmisunderstood (?:me|my|what)\b",
        "misunderstand misunderstood misunderstanding misread misreading misheard mishear misinterpreted confused",
        after="anything",
    ),
    Phrase(
        "not_what_i_said",
        "correction",
        r"\b(?:that|this) (?:isnt|wasnt) (?:my|the) question\b|\b(?:not|isnt|wasnt) (?:at all |exactly |really |even "
        r"|quite |actually )?what i(?:m| am| was|ve| have)? (?:just |actually |really |even )?(?:asked|asking|said"
        r"|saying|meant|mean|told|talking about|referring to|inquired|requested)\b|\b(?:thats|that is"
        r"|that was) not (?:my|the) question\b",
        "what question",
        after="anything",
    ),
    Phrase(
        "i_did_not_say",
        "correction",
        r"\bi (?:didnt|did not|never|havent|wasnt|was not) (?:actually |even |ever |really )?(?:ask(?:ed|ing)?|sa(?:y"
        r"|id|ying)|mention(?:ed)?|mean|meant|talking about|told you|tell you)(?: (?:you|for|about|if|to|anything"
        r"|that|this|it|i|what|whether|a|an|the|any|my)\b| ?[.!,]| ?$)",
        "ask asked asking say said saying mention mentioned mean meant talking told tell",
        after="anything",
    ),
    Phrase(
        "i_said_not",
        "correction",
        r"\bi (?:had |have |clearly |just |already |specifically |actually |was |am )?(?:said|asked|asking|requested"
        r"|told you|meant|mean|talking about|need|want|wanted|would like) [^.?!;]{1,60}?(?:,| and| but) not (?!sure"
        r"|be|to|have|get|able|going|just|only|too|so|much|no\b)\w",
        "not",
    ),
    Phrase(
        "no_i_said",
        "correction",
        r"^\W*(?:no+|nope|wait|hey|um+)\b[,.! -]*i(?:m| am| was|d)? (?:just |actually |clearly "
        r"|specifically )?(?:said|asked|asking|meant|mean|talking about|referring to|told you)\b",
        "said asked asking meant mean talking referring told",
        after="anything",
    ),
    Phrase(
        "no_it_is",
        "correction",
        r"^\W*(?:no+|nope|nah)\b[,.! -]*(?:actually[, ]+)?(?:its|it is|it was|it isnt|it wasnt|it doesnt|it does"
        r"|they are|theyre|they arent|they dont|they were|he is|she is|hes|shes|there (?:is|are|isnt|arent|was|were)"
        r"|theres|you (?:are|do|did|have) not|you(?:re not| arent| dont| didnt| havent| cant)|thats not|that isnt"
        r"|that is not|(?:my|the|your) (?:\w+ ){1,3}(?:is|was|are))\b(?! (?:all|fine|ok|okay|good|it|alright|cool"
        r"|have|my|nothing|no|great|perfect|need|necessary|needed|a problem|an issue|right now|right away)\b)",
        "no noo nooo nope nah",
        after="statement",
    ),
    Phrase(
        "actually_it_is",
        "correction",
        r"^\W*(?:well |um+ |hmm+ )?actually[, ]+(?:its|it is|it was|it isnt|it wasnt|thats|that is|that was|they|he"
        r"|she|there (?:is|are|was|were)|you|(?:the|my|your) (?:\w+ ){1,3}(?:is|was|are|were|has|have))\b(?! can"
        r"| could| know| help| might| may| are right)|\bi think you (?:mean|meant)\b",
        "actually think",
        after="statement",
    ),
    Phrase(
        "it_is_actually",
        "correction",
        r"^\W*(?:(?:well|oh|um+|hm+|but|i think|i believe|no)[, ]+){0,2}(?:its|thats|theyre|hes|shes|(?:it|that|this"
        r"|they|he|she|there|(?:the|my) (?:\w+ ){1,3}) ?(?:is|was|are|were)) actually\b(?! (?:working|works|fine|good"
        r"|great|ok|okay|pretty|very|quite|really|nice|back|better|ready|done|the reason))",
        "actually",
        after="statement",
    ),
    Phrase(
        "i_thought_it_was",
        "correction",
        r"^\W*(?:(?:oh|but|well|hm+|wait|really|no|sorry)\b[,.!? ]*){0,2}i thought (?:that )?(?:it|its|they|he|she"
        r"|this|that|i|there|(?:the|my|your) (?:\w+ ){1,3})\b ?(?:was|were|had|is|are|would be)\b",
        "thought",
        after="statement",
    ),
    Phrase(
        "i_thought_you_said",
        "correction",
        r"\bi thought (?:that )?you (?:just |had |already |were |liked|loved|hated|didnt|did|dont|said|told|mentioned"
        r"|never|could|couldnt|worked|lived)|\bi thought youre?d? (?:said|told)\b|\bi thought we were (?:talking"
        r"|discussing)\b",
        "thought",
        after="anything",
    ),
    Phrase(
        "but_you_said",
        "correction",
        rf"\b(?:but|no|yet|hey|wait|because)[,.!? -]{{1,3}}(?:earlier |before |just now )?{CLAIM}\b(?! to\b)"
        rf"|^\W*(?:\w+ ){{0,2}}you (?:just|previously|originally|earlier|first|initially|literally) {SAID}\b(?! to\b)"
        rf"|\b{CLAIM} (?:that |it |{FEW})(?:earlier|before|a (?:minute|moment|second) ago|at first|just now"
        r"|otherwise|something (?:else|different)|the opposite)\b"
        rf"|(?:^|[.!] )(?:\w+ ){{0,2}}you {SAID} (?:that )?(?:it|its|id|you|youd|the|my|there|this|a|an|we|they|no"
        rf"|free"
        r"|yes)\b|\bdidnt you (?:just )?(?:say|tell me|mention)\b|\b(?:earlier|before|just now|a (?:minute"
        r"|moment) ago),? you "
        rf"(?:had )?{SAID}\b(?! to\b)",
        "said told say tell claimed stated mentioned promised assured mention",
        after="anything",
    ),
    Phrase(
        "contradicts_itself",
        "correction",
        r"\b(?:that|this|which|you|it) (?:just |directly |totally |completely )?contradicts?\b|\b(?:thats|this is"
        r"|that is) (?:a contradiction|contradictory|the opposite of|inconsistent|different (?:from|than|to) what)\b"
        r"|\byou (?:just )?(?:changed|keep changing|are changing) (?:your (?:answer|story|mind)|the story)\b"
        r"|\bfirst you said\b|\bnow you(?:re| are)? (?:say|saying|tell me|telling me)\b",
        "first now contradict contradicts contradiction contradictory opposite inconsistent different changed changing",
        after="anything",
    ),
    Phrase(
        "other_source",
        "correction",
        r"\b(?:says|said|states|told me|shows|lists|reads) (?:something (?:else|different)|otherwise|differently"
        r"|the opposite)\b|(?:^|[.!,] )(?:\w+ )?(?:but|no|however|yet|well)[, ]+(?:on )?(?:your"
        r"|the) (?:\w+ )?(?:website|site|page|faq|policy|policies|terms|contract|agent|colleague) (?:clearly |still "
        r"|also )?(?:says|said|states|told|shows|lists)\b|(?:^|[.!] )(?:on )?your (?:website|site|page|faq|policy"
        r"|policies|terms) (?:clearly |also )?(?:says?|states?)\b|\bi (?:\w+ )?(?:read|saw) (?:\w+ )?on (?:your"
        r"|the) (?:\w+ )?(?:website|site|page|faq)\b|(?:^|[.!] )(?:but )?actually,? i did (?!not\b)\w+",
        "says say said states state told shows lists reads read saw did",
    ),
    Phrase(
        "i_was_told",
        "correction",
        START
        + r"(?:i was (?:told|informed|promised|assured)|(?:last time|yesterday|last week|earlier)[, ]+(?:\w+ ){1,3}"
        r"(?:told|said))\b",
        "told informed promised assured said",
        after="statement",
    ),
    Phrase(
        "made_up",
        "correction",
        r"\b(?:did|are|were) you (?:just )?(?:make|making) (?:that|this|it|these|things|stuff|all of that) up\b"
        r"|\byou (?:just |totally |simply |completely )?(?:made|invented|fabricated|hallucinated|imagined) (?:this|it"
        r"|these|those|all of (?:that|this)|things|stuff|the whole thing|that|something)\b(?: up)?|\b(?:thats|that is"
        r"|this is|that was) (?:completely |totally |just |all )?(?:made up|invented|fabricated|a hallucination"
        r"|hallucinated)\b|\byou(?:re| are) (?:just )?(?:hallucinating|inventing)\b",
        "make making made invented fabricated hallucinated hallucination hallucinating imagined inventing",
        after="anything",
    ),
    Phrase(
        "no_such_thing",
        "correction",
        r"\b(?:there is|theres|i (?:dont )?(?:see|have|find|found)|there are) (?:no|any) such \w+"
        rf"|\b(?:that|this|it|the|your) {FEW}(?:does not|doesnt|do not|dont) (?:actually |even )?exist\b"
        r"|\bi (?:dont|do not|cant|cannot) (?:see|find|have) (?:that|the|any such) (?:\w+ )?(?:option|page|button"
        r"|link|tab|section)\b",
        "such exist see find have",
    ),
    Phrase(
        "must_be_mistake",
        "correction",
        r"\bthere(?:s| is)? (?:must|has to|has got to|might|may|could|seems to) (?:be|have been) "
        rf"{FEW}(?:mistake|error|mix ?up|confusion|glitch)\b|\b(?:that|this) (?:is|must be) (?:a mistake|an error)\b"
        rf"|\bmust be (?:a|some) (?:mistake|error|mix ?up)\b"
        r"|\byour (?:system|records?) (?:is|are|must be|has|have|seems?) (?:\w+ ){0,2}(?:wrong|mistaken|incorrect"
        r"|outdated|error)\b",
        "mistake error mixup mix confusion glitch wrong mistaken incorrect outdated",
    ),
    Phrase(
        "wrong_one",
        "correction",
        START
        + r"(?:thats )?(?:the )?wrong (?:person|order|account|city|date|day|flight|one|booking|reservation|name|answer"
        r"|number|product|question)\W*$",
        "wrong",
    ),
    Phrase(
        "i_am_certain",
        "correction",
        r"\bi(?:m| am| was) (?:pretty |quite |absolutely |very |fairly |100% |completely |totally |almost )?(?:sure"
        r"|certain|positive|confident) (?:that )?(?:i|im|my|we|there (?:were|are|should))\b(?!ll| can| could)"
        r"|\bi know for (?:a fact|sure|certain)\b|\bi could have sworn\b|\bi (?:definitely|specifically"
        r"|distinctly) (?:\w+ed|have|had|bought|paid|said|remember)\b",
        "sure certain positive confident fact sworn definitely specifically distinctly",
    ),
    Phrase(
        "this_not_that",
        "correction",
        r"(?:^|[.!,;] |\bno |\bbut )(?:its|it is|im|i am|that is|thats|he is|she is|they are|they were"
        r"|my (?:\w+ ){1,3}is|it was|it should be|there (?:are|were|should be)|its called) (?!fine|ok|okay|good|great"
        r"|alright)(?:\w+ ){0,4}\w+,? (?:and )?not (?:just |a |an |the |my |on |in |at |for )?(?!sure|too|so|much"
        r"|really|very|bad|doing|yet|work|able|only|even|until|because|if|as|that|to|what|any|all|going|like|some"
        r"|always|enough|something|good|great|happy|have|want|get|being|be|been|see|seeing|right|correct"
        r"|true)\w+(?: \w+)? ?(?:[.!,?]|$)",
        "not",
    ),
    Phrase(
        "not_mine",
        "correction",
        r"(?:^|[.!?,;] |\bno |\bbut |\bsorry )(?:thats|that is|this is|its|it is|those are|these are) not (?:me|mine"
        r"|my (?:\w+ )?(?:name|account|order|address|number|email|phone|booking|reservation|flight|card|plan|bill"
        r"|city|date|id))\b|(?:^|[.!?,;] |\bno |\bbut )(?:that|this) isnt (?:me|mine|my \w+)\b|\bmy name (?:isnt"
        r"|is not)\b|(?:^|[.!?,;] |\bno |\bbut )(?:thats|that is) (?:someone elses|another persons|somebody elses"
        r"|the wrong(?! (?:\w+ ){1,3}(?:you|they|we|i|was|were|got|has|have)\b))\b",
        "not isnt elses wrong persons",
        unless_asked=True,
    ),
)
