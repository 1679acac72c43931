"""Words by which answers state values, by language; English is always known beside the language that is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, cached_property
from typing import Final


def _counted(listed: str, first: int = 0, step: int = 1) -> dict[str, Decimal]:
    """Return number words that are listed in order."""
    return {word: Decimal(first + step * n) for n, word in enumerate(listed.split())}


_NUMBERS_EN: Final = {
    **_counted(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen"
    ),
    **_counted("twenty thirty forty fifty sixty seventy eighty ninety", first=20, step=10),
    "half": Decimal("0.5"),
}
_UNITS_EN: Final = {
    "minute": "minute", "minutes": "minute", "min": "minute", "mins": "minute",
    "hour": "hour", "hours": "hour", "hr": "hour", "hrs": "hour",
    "day": "day", "days": "day", "week": "week", "weeks": "week", "fortnight": "fortnight",
    "month": "month", "months": "month", "year": "year", "years": "year", "yr": "year", "yrs": "year",
}  # fmt: skip
CURRENCIES: Final = {
    "$": "$", "€": "EUR", "£": "GBP", "¥": "JPY", "usd": "USD", "eur": "EUR", "gbp": "GBP", "jpy": "JPY", "chf": "CHF",
    "cad": "CAD", "aud": "AUD", "nzd": "NZD", "sgd": "SGD", "hkd": "HKD", "inr": "INR", "sek": "SEK", "nok": "NOK",
    "dkk": "DKK", "pln": "PLN", "czk": "CZK", "dollar": "$", "dollars": "$", "euro": "EUR", "euros": "EUR",
    "pound": "GBP", "pounds": "GBP", "francs": "CHF", "zł": "PLN", "buck": "$", "bucks": "$",
}  # fmt: skip


@dataclass(frozen=True)
class Words:
    """What a language calls things.

    Attributes:
        numbers: Number words below a hundred.
        units: Units of time.
        business: Words that make a day a business day, before or behind it.
        percent: Words for `%`, as their first and, if any, second word.
        denials: Words that deny, such as `not`.
        nothing: Words for `none of`, such as `no`.
        free: Words for `costs nothing`.
        most: Words before an upper bound, `least` before a lower one, `beyond` before what lies behind a limit.
        ranges: Words between the ends of a range.
        breaks: Words that begin another statement in a sentence.
    """

    numbers: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])
    units: Mapping[str, str] = field(default_factory=dict[str, str])
    business: frozenset[str] = frozenset()
    percent: frozenset[tuple[str, ...]] = frozenset()
    denials: frozenset[str] = frozenset()
    nothing: frozenset[str] = frozenset()
    free: frozenset[str] = frozenset()
    most: frozenset[str] = frozenset()
    least: frozenset[str] = frozenset()
    beyond: frozenset[str] = frozenset()
    ranges: frozenset[str] = frozenset()
    breaks: frozenset[str] = frozenset()

    @cached_property
    def begins(self) -> frozenset[str]:
        """Words with which a quantity may begin."""
        return frozenset({*self.numbers, *CURRENCIES, "a", "an", "next"})

    def joined(self, other: Words) -> Words:
        """Return the words of both languages."""
        return Words(
            {**other.numbers, **self.numbers},
            {**other.units, **self.units},
            self.business | other.business,
            self.percent | other.percent,
            self.denials | other.denials,
            self.nothing | other.nothing,
            self.free | other.free,
            self.most | other.most,
            self.least | other.least,
            self.beyond | other.beyond,
            self.ranges | other.ranges,
            self.breaks | other.breaks,
        )


ENGLISH: Final = Words(
    _NUMBERS_EN,
    _UNITS_EN,
    frozenset({"business", "working", "work"}),
    frozenset({("%",), ("percent",), ("per", "cent"), ("pct",)}),
    frozenset({"not", "never", "no", "nor", "unable", "without", "longer"}),
    frozenset({"no", "without", "zero"}),
    frozenset({"free", "complimentary", "gratis"}),
    frozenset({"within", "under", "inside", "to", "most", "maximum", "max", "below"}),
    frozenset({"least", "minimum", "from"}),
    frozenset({"after", "beyond", "past", "over", "once", "above", "exceeding"}),
    frozenset({"to", "through", "until"}),
    frozenset({"but", "while", "whereas", "although", "though", "however", "and", "except", "yet"}),
)
GERMAN: Final = Words(
    _counted("null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn")
    | {"ein": Decimal(1), "eine": Decimal(1), "einen": Decimal(1), "einem": Decimal(1), "zwanzig": Decimal(20),
       "dreißig": Decimal(30), "sechzig": Decimal(60)},
    {"minute": "minute", "minuten": "minute", "stunde": "hour", "stunden": "hour", "tag": "day", "tage": "day",
     "tagen": "day", "werktag": "business day", "werktage": "business day", "werktagen": "business day",
     "arbeitstage": "business day", "arbeitstagen": "business day", "woche": "week", "wochen": "week",
     "monat": "month", "monate": "month", "monaten": "month", "jahr": "year", "jahre": "year", "jahren": "year"},
    frozenset(),
    frozenset({("prozent",)}),
    frozenset({"nicht", "kein", "keine", "keinen", "keiner", "nie", "niemals", "ohne"}),
    frozenset({"kein", "keine", "keinen", "keiner", "ohne"}),
    frozenset({"kostenlos", "kostenfrei", "gratis", "versandkostenfrei"}),
    frozenset({"innerhalb", "binnen", "höchstens", "maximal", "unter"}),
    frozenset({"mindestens", "ab"}),
    frozenset({"nach", "über"}),
    frozenset({"bis"}),
    frozenset({"aber", "und", "während", "jedoch"}),
)  # fmt: skip
FRENCH: Final = Words(
    _counted("zéro un deux trois quatre cinq six sept huit neuf dix onze douze")
    | {"une": Decimal(1), "quatorze": Decimal(14), "quinze": Decimal(15), "vingt": Decimal(20), "trente": Decimal(30)},
    {"minute": "minute", "minutes": "minute", "heure": "hour", "heures": "hour", "jour": "day", "jours": "day",
     "semaine": "week", "semaines": "week", "mois": "month", "an": "year", "ans": "year", "année": "year",
     "années": "year"},
    frozenset({"ouvré", "ouvrés", "ouvrable", "ouvrables"}),
    frozenset({("pour", "cent")}),
    frozenset({"pas", "jamais", "aucun", "aucune", "sans", "ne"}),
    frozenset({"aucun", "aucune", "sans"}),
    frozenset({"gratuit", "gratuite", "gratuits", "gratuitement", "offerte", "offert"}),
    frozenset({"sous", "maximum", "jusqu'à"}),
    frozenset({"minimum"}),
    frozenset({"après"}),
    frozenset({"à"}),
    frozenset({"mais", "et", "tandis"}),
)  # fmt: skip
SPANISH: Final = Words(
    _counted("cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce")
    | {"un": Decimal(1), "una": Decimal(1), "catorce": Decimal(14), "quince": Decimal(15), "treinta": Decimal(30)},
    {"minuto": "minute", "minutos": "minute", "hora": "hour", "horas": "hour", "día": "day", "días": "day",
     "dia": "day", "dias": "day", "semana": "week", "semanas": "week", "mes": "month", "meses": "month",
     "año": "year", "años": "year"},
    frozenset({"hábil", "hábiles", "laborable", "laborables"}),
    frozenset({("por", "ciento")}),
    frozenset({"no", "nunca", "sin", "ningún", "ninguna"}),
    frozenset({"sin", "ningún", "ninguna"}),
    frozenset({"gratis", "gratuito", "gratuita"}),
    frozenset({"hasta", "máximo"}),
    frozenset({"mínimo", "desde"}),
    frozenset({"después", "tras"}),
    frozenset({"a"}),
    frozenset({"pero", "y", "mientras"}),
)  # fmt: skip

_TYPED: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def typed(word: str) -> str:
    """Return a word of German as it is typed where keys for its letters are missing: `zurueck`."""
    return word.translate(_TYPED)


_LANGUAGES: Final = {"en": ENGLISH, "de": GERMAN, "fr": FRENCH, "es": SPANISH}
LANGUAGES: Final = tuple(_LANGUAGES)


@cache
def words_of(language: str) -> Words:
    """Return the words of a language and of English; of English alone where the language has none."""
    own = _LANGUAGES.get(language[:2].lower(), ENGLISH)
    return own if own is ENGLISH else own.joined(ENGLISH)
