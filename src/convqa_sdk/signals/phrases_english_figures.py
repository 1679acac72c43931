"""How English-speaking customers set another figure against an answer's: `No, the box says 3 years`.

Each needs a figure with a unit, or money: without, `no 5 gateway road` and `no, my screen says 2G` are replies.
"""

from __future__ import annotations

from convqa_sdk.signals.phrases import Phrase
from convqa_sdk.signals.phrases_english_parts import SAID

_NUMBER = (
    r"(?:\d[\d.,]{0,9}|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fourteen|fifteen|twenty|thirty"
    r"|sixty|ninety)"
)
_UNIT = (
    r"(?:(?:(?:business|working) )?(?:minute|hour|day|week|month|year)s?|percent|dollars?|euros?|pounds?|bucks|eur|usd"
    r"|gbp)\b"
)
_FIGURE = (
    rf"(?:{_NUMBER} ?{_UNIT}|\d[\d.,]{{0,9}} ?(?:[%$\u20ac\u00a3]|[ap]\.?m\b)|[$\u20ac\u00a3] ?\d[\d.,]{{0,9}}"
    r"|\d{1,6}[.,]\d\d\b)"
)
_NO = r"^\W*(?:no+|nope|nah)\b[,.! -]*"

FIGURES = (
    Phrase(
        "no_figure",
        "correction",
        rf"{_NO}(?:actually[, ]+)?(?:only |just )?{_FIGURE}[.! ]*$",
        "no noo nooo nope nah",
        after="statement",
    ),
    Phrase(
        "no_source_says_figure",
        "correction",
        rf"{_NO}(?:but )?(?:on )?(?:the|your|my) (?:\w+ ){{1,3}}?(?:says?|said|states?|stated|lists?|reads) "
        rf"[^.?!]{{0,30}}?\b{_FIGURE}",
        "says say said states state stated lists list reads",
        after="statement",
        unless_reported=True,
    ),
    Phrase(
        "you_told_me_figure",
        "correction",
        rf"^\W*(?:(?:no+|nope|but|hey|wait|well|hm+)\b[,.! -]*){{0,2}}you (?:just |originally |first )?{SAID} (?:me )?"
        rf"(?:it (?:is|was|takes) |its )?{_FIGURE},? "
        r"(?:yesterday|earlier|before|last (?:time|week|month|night)|this morning|the other day|at first|on the phone)"
        r"\b[.! ]*$",
        "told said claimed stated promised mentioned assured",
    ),
)
