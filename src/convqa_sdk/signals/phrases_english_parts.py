"""Pieces that English phrases share."""

from __future__ import annotations

VERY = (
    r"(?:(?:just|simply|all|completely|totally|entirely|absolutely|quite|really|so|also|still|clearly|definitely"
    r"|plain|actually|probably|very|even|factually|a bit|a little|kind of|kinda|pretty) )?"
)
SAID = r"(?:said|told me|claimed|stated|promised|mentioned|assured me)"
CLAIM = rf"you(?:ve| have| had)? (?:just |already |previously |first |originally |earlier |literally )?{SAID}"
IT = (
    r"(?:that|this|it|these|those|(?:that|this|the|your) (?:\w+ )?(?:answer|part|statement|info|information|number"
    r"|date|amount|price|one|response|summary|quote)(?: you (?:just )?(?:gave|sent|quoted)(?: me)?)?)"
)
FEW = r"(?:\w+ ){0,2}"
NEVER = (
    r"(?:didnt|did not|never|havent|have not|wasnt|was not|dont|do not|doesnt|does not|hasnt|arent|are not|not|cant"
    r"|cannot)"
)
START = r"^\W*(?:(?:no+|nope|um+|uh+|well|hmm+|sorry|but|wait|hey|ok|okay|yes|yeah|oh|so|hold on)\b[,.!? ]*){0,2}"
BEFORE = r"(?:already|before|earlier|twice|above|\w+ times)"
