"""Words that sentences are compared by: which carry meaning, which negate, which count; a table for each language."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from convqa_sdk.signals.word_phrases import word_set


@dataclass(frozen=True)
class WordForms:
    """The closed classes of words of a language, and its endings.

    Attributes:
        function: Words that carry no meaning of their own.
        light: Words that carry little: verbs of naming and saying, adverbs of degree.
        speaker: Words by which the bot speaks of itself; what it does is in no passage that does not say so.
        negations: Words that negate what follows.
        contracted: Endings that negate (`n't`), each with an apostrophe.
        negative: Words that deny another one: `unavailable` is `not available`.
        pivots: Words that end what a negation reaches.
        widening: Words after which a negation denies nothing: `not only`.
        numbers: Spelled-out numbers.
        one: Words that are a number only before a unit.
        ordinals: Endings of two letters that make a number an ordinal.
        units: Units of figures; a unit of time with its length in minutes, or, as `months`, in months.
        fillers: Words between a figure and its unit: `5 business days`.
        joiners: Words between two figures that share a unit: `5 to 7 days`.
        months: Names of months, by their number.
        ambiguous: Those that are other words as well, and name a month only beside a figure.
        endings: Pairs of an ending and what replaces it, in the order in which they are tried, by their last letter.
        doubled: Letters that stay double at the end of a stem.
        silent: Letters that a stem does not keep at its end.
    """

    function: frozenset[str]
    light: frozenset[str]
    speaker: frozenset[str]
    negations: frozenset[str]
    contracted: tuple[str, ...]
    negative: dict[str, str]
    pivots: frozenset[str]
    widening: frozenset[str]
    numbers: dict[str, int]
    one: frozenset[str]
    ordinals: tuple[str, ...]
    units: dict[str, tuple[str, int]]
    fillers: frozenset[str]
    joiners: frozenset[str]
    months: dict[str, int]
    ambiguous: frozenset[str]
    endings: dict[str, tuple[tuple[str, str], ...]]
    doubled: str
    silent: str

    @cached_property
    def special(self) -> frozenset[str]:
        """Words that are more than words: they count, negate, name a month or the bot, or end a negation."""
        return self.speaker.union(
            self.negations, self.negative, self.pivots, self.numbers, self.one, self.months
        )

    @cached_property
    def telling(self) -> frozenset[str]:
        """Those of them without which a sentence that has no figure reads as plain words."""
        months = self.months.keys() - self.ambiguous
        return self.negations.union(self.negative, self.numbers, self.one, months)

    @cached_property
    def _endings(self) -> dict[str, tuple[tuple[str, str], ...]]:
        """The endings that a word can have, by its last two letters, and by its last where none has those two."""
        found = {last: tuple(pair for pair in pairs if pair[0] == last) for last, pairs in self.endings.items()}
        for last, pairs in self.endings.items():
            for two in {ending[-2:] for ending, _ in pairs if len(ending) > 1 and ending[-1] == last}:
                found[two] = tuple(pair for pair in pairs if pair[0] == last or pair[0].endswith(two))
        return found

    def stem(self, word: str) -> str:
        """Return a word without the endings of inflection, good enough to compare: `cancelled` is `cancelling`."""
        for ending, replacement in self._endings.get(word[-2:]) or self._endings.get(word[-1], ()):
            kept = len(word) - len(ending)
            if kept >= 3 and word.endswith(ending):
                word = word[:kept] + replacement
                break
        if len(word) > 3:
            if word[-1] == word[-2] and word[-1] not in self.doubled:
                word = word[:-1]
            if word[-1] in self.silent and len(word) > 3:
                word = word[:-1]
        return word


def _counted(line: str, times: int = 1) -> dict[str, int]:
    """Return words by their position in a line, from 0; several forms of one are separated by a slash."""
    forms = enumerate(line.split())
    return {word: times * value for value, spelled in forms for word in spelled.split("/") if word != "-"}


def _units(**forms: str) -> dict[str, tuple[str, int]]:
    known = {"minute": 1, "hour": 60, "day": 1_440, "week": 10_080}
    months = {"month": 1, "quarter": 3, "year": 12}
    return {
        form: ("minutes", known[name]) if name in known else ("months", months[name]) if name in months else (name, 1)
        for name, spelled in forms.items()
        for form in spelled.split()
    }


_ENGLISH: Final = WordForms(
    function=word_set(
        "a an the of to in on at by for with from as into onto upon about over under between during through per via"
        " and or but so if than then though although because while since until"
        " this that these those it its itself it's that's there there's here here's who whom whose which what when"
        " where why how is are was were be been being am isn't aren't wasn't weren't"
        " do does did done doing has have had having will would can could should may might must shall"
        " he she they them their theirs his her hers him you your yours yours we us our ours we're we've we'll you're"
        " you've you'll they're also too very just really quite well still yet even already only own same such some any"
        " each all both more most other another one ones let's i i'm i've i'll i'd me my mine myself"
        " yes yeah no not oh please"
    ),
    light=word_set(
        "call called known know named name consider considered refer referred say said use used using usually often"
        " generally typically commonly actually indeed certainly absolutely definitely sometimes currently like make"
        " makes made get gets got go goes great good lot lots thing things way kind type sort part many much people"
        " time first seem seems movie film book show game song story"
    ),
    speaker=word_set("i i'm i've i'll i'd me my mine myself"),
    negations=word_set("not no never none nothing nobody neither nor without cannot non"),
    contracted=("n't",),
    negative={
        "unavailable": "available",
        "ineligible": "eligible",
        "unable": "able",
        "impossible": "possible",
        "invalid": "valid",
        "nonrefundable": "refundable",
        "prohibited": "allowed",
        "forbidden": "allowed",
        "excluded": "included",
        "excludes": "includes",
        "exclude": "include",
    },
    pivots=word_set("but however although though unless except because while and"),
    widening=word_set("only just later more less earlier fewer"),
    numbers=_counted(
        "zero - two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
        " eighteen nineteen"
    )
    | _counted("- - twenty thirty forty fifty sixty seventy eighty ninety", times=10),
    one=word_set("one"),
    ordinals=("st", "nd", "rd", "th"),
    units=_units(
        minute="minute minutes min mins",
        hour="hour hours hr hrs",
        day="day days",
        week="week weeks",
        month="month months",
        quarter="quarter quarters",
        year="year years yr yrs",
        dollar="$ dollar dollars usd",
        euro="\u20ac euro euros eur",
        pound="\u00a3 pound pounds gbp",
        yen="\u00a5 yen jpy",
        rupee="\u20b9 rupee rupees inr",
        percent="% percent pct",
        cent="cent cents",
        gigabyte="gb gigabyte gigabytes",
        megabyte="mb megabyte megabytes",
        kilogram="kg kilogram kilograms kilo kilos",
        pounds="lb lbs",
        kilometre="km kilometer kilometers kilometre kilometres",
        mile="mile miles mi",
        am="am a.m",
        pm="pm p.m",
    ),
    fillers=word_set("business calendar working full consecutive more additional us u.s"),
    joiners=word_set("to or and"),
    months=_counted(
        "- january/jan february/feb march/mar april/apr may june/jun july/jul august/aug september/sep/sept october/oct"
        " november/nov december/dec"
    ),
    ambiguous=word_set("may march mar jan jun dec sep"),
    endings={
        "s": (
            ("'s", ""),
            ("s'", ""),
            ("ies", "y"),
            ("sses", "ss"),
            ("ations", "at"),
            ("ings", ""),
            ("es", ""),
            ("ss", "ss"),
            ("us", "us"),
            ("is", "is"),
            ("s", ""),
        ),
        "d": (("ied", "y"), ("ed", "")),
        "n": (("ation", "at"),),
        "g": (("ing", ""),),
        "y": (("ly", ""),),
    },
    doubled="aeios",
    silent="e",
)

FORMS: Final[dict[str, WordForms]] = {"en": _ENGLISH}
"""The tables by language (ISO 639-1)."""

NO_FORMS: Final = WordForms(
    function=frozenset(),
    light=frozenset(),
    speaker=frozenset(),
    negations=frozenset(),
    contracted=(),
    negative={},
    pivots=frozenset(),
    widening=frozenset(),
    numbers={},
    one=frozenset(),
    ordinals=(),
    units=_units(dollar="$", euro="\u20ac", pound="\u00a3", yen="\u00a5", rupee="\u20b9", percent="%"),
    fillers=frozenset(),
    joiners=frozenset(),
    months={},
    ambiguous=frozenset(),
    endings={},
    doubled="",
    silent="",
)
"""For a language without a table: words are compared as they are."""
