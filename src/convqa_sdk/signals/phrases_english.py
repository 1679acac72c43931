"""The table of English phrases, and the expressions around them.

They were written from one half of the labelled rows, and measured on the other half as well. Expressions are over
folded text: lower case, no apostrophes, a full stop for a line break.
"""

from __future__ import annotations

from convqa_sdk.signals.phrases import Table
from convqa_sdk.signals.phrases_english_complaints import COMPLAINTS
from convqa_sdk.signals.phrases_english_corrections import CORRECTIONS
from convqa_sdk.signals.phrases_english_figures import FIGURES
from convqa_sdk.signals.phrases_english_parts import BEFORE
from convqa_sdk.signals.phrases_english_questions import CLARIFICATIONS, REPEATS

_ECHOES = (
    r"\b(?:exactly |just )?(?:like|as|than|the way|per what) (?:you|u|youve|we)(?: have| just| already| previously"
    r"| both| kindly){0,2} (?:said|mentioned|suggested|asked|told|explained|instructed|recommended|described|advised"
    r"|requested|wanted|noted|stated|indicated|directed|outlined|discussed|promised)\b(?: me)?(?: to)?"
    r'|"[^"\n]{1,200}"'
)
_SLIP = (
    r"(?:misspoke|misspelled|misspelt|mis-?typed|misread|misheard|misunderstood|misremembered|messed (?:that |it "
    r"|this )?up|mixed (?:\w+ ){0,4}up|made a (?:\w+ )?(?:mistake|typo|error|mess)|got (?:\w+ ){1,3}(?:wrong|mixed up"
    r"|confused)|got (?:confused|mixed up)|was (?:wrong|mistaken|incorrect|confused|mixing|thinking of)"
    r"|stand corrected|(?:typed|wrote|said|spelled|put|entered|gave|told) (?:you |it |that |in )?(?:the "
    r"|my )?(?:\w+ )?wrong(?:ly)?)"
)
_OWN_MISTAKES = (
    r"\bmy (?:own )?(?:mistake|bad|apologies|fault|error|typo)\b"
    rf"|\bi(?:ve| have|mightve| may have| might have| must have| think i| just| accidentally| totally| clearly"
    rf"| probably){{0,2}} {_SLIP}\b"
    r"|\b(?:sorry|oops|apologies|pardon me|whoops|excuse me|ahh?|oh|actually|wait)\b[^.?!]{0,24}\bi (?:just "
    r"|actually |really )?(?:meant|mean)\b|\bi meant to (?:say|write|type|ask|put)\b|\bi mean(?:t)? to say\b|\b(?:no"
    r"|oh|ah|oops)[,.]? (?:no[,.]? )?wait\b[^?!]{0,30}\b(?:i|its|my|sorry|make that|scratch)\b|\b(?:scratch that"
    r"|strike that|let me correct (?:that|myself)|i correct myself|correction:|i take that back)\b|\byou(?:re"
    r"| are) (?:absolutely |totally |completely |quite |probably )?right\b|\b(?:sorry|apologies)(?: about"
    r"| for) (?:that|the (?:confusion|mistake|typo|mix ?up|error|wrong))\b"
    r"|\bwrong (?:\w+ )?(?:address|number|email|name|order|account|city|date|day|code|one)[, ]+(?:sorry|apologies)\b"
)
_REPORTS = (
    r"\b(?:it|phone|screen|icon|which|app|message|bar|display|page|site|website|email|letter|statement|status"
    r"|card) (?:still |now |just |also )?(?:says|said|shows|showed|showing|reads|displays|saying)\b|\bi (?:just |now "
    r"|also )?(?:see|checked)\b|\bwhen it says\b"
)
_BOT = r"(?:bot|chat ?bot|assistant|robot|ai|machine|chat|system|virtual \w+|automated \w+)"
_TOLD_BEFORE = (
    r"\b(?:like|as) i(?:ve| have)? (?:already |just |previously )?(?:said|told|mentioned|explained|stated|wrote|asked"
    r"|described)\b|\bi(?:ve| have| did| had)? (?:already|just|previously|literally just) (?:been through"
    r"|gone through|told|gave|given|provided|explained|mentioned|sent|answered|shared|stated|said|wrote|typed"
    r"|confirmed|entered|specified|went (?:through|over)|did (?:this|that|all))\b|\bi(?:ve| have)? (?:told|gave|given"
    r"|explained|said|sent|typed|went over|answered|provided|described) (?:\w+ ){0,6}?(?:the"
    rf"|your|that|a|an) (?:\w+ )?(?:{_BOT}|agent|person|guy|colleague|lady|rep)\b"
    r"|\bi told you\b|\balready (?:told|said|gave|given|provided|answered|explained|mentioned|asked|been asked)\b"
    r"|\b(?:the|your) (?:\w+ )?(?:bot|chat ?bot|assistant|robot|ai) (?:already |just )?(?:has|have|had|knows|asked"
    r"|got|took)\b|\b(?:do|must|should|why (?:do|must|should)|can|to|will) i? ?(?:really |seriously "
    r"|not )*(?:have to |need to |be )?(?:repeat(?:ing)?|explain|tell|say|go through|go over|start"
    r"|type)(?: \w+){0,5} (?:again|over|twice|once more|from the (?:start|beginning))\b|\b(?:its|it is|thats|that is"
    r"|everything is|all of (?:it|this|that) is|should be) (?:all )?(?:already )?(?:in|on|up in|there in) (?:the|this"
    r"|my|your) (?:chat|conversation|ticket|transcript|history|messages?)\b|\b(?:scroll up|see above|read (?:the|our"
    r"|my) (?:\w+ )?(?:chat|conversation|transcript|history|messages?)|read what i|(?:didnt|did not|havent"
    r"|havent) you (?:read|see|receive|get (?:my|the|that|any)|seen|got)|did(?:nt)? (?:the|your) (?:bot|chat ?bot"
    r"|assistant|ai)|cant you see)\b|\bfor the (?:second|third|fourth|fifth|2nd|3rd|4th|nth|umpteenth) time\b"
    r"|\bhow many times\b|\b(?:repeat|repeating|explain|explaining) (?:myself|everything|all (?:of )?(?:this|that)"
    r"|the same)\b|\bkeep (?:repeating|explaining|having to)\b"
    rf"|\bi(?:ve| have| was|ve been| have been|m being)? (?:been )?asked (?:me |you )?(?:for )?(?:that|this|it"
    rf"|the same \w+) {BEFORE}\b"
    r"|\byou(?: guys)? (?:already|should) (?:already )?(?:have|know|got|asked)\b|\b(?:previously"
    r"|already) (?:mentioned|stated|explained|said|noted|described|provided)\b"
)
_FILLERS = (
    "a an the i im ive id me my we our you your u it its this that these those is are was were be been am do does did"
    " to of for in on at and or but so if with from by as about please pls can could would will shall should may"
    " might have has had hi hello hey thanks thank ok okay yes no just also there here want need like know help get"
)

TABLES = {
    "en": Table(
        (*CORRECTIONS, *FIGURES, *COMPLAINTS, *CLARIFICATIONS, *REPEATS),
        _ECHOES,
        _OWN_MISTAKES,
        _REPORTS,
        _TOLD_BEFORE,
        _FILLERS,
    )
}
