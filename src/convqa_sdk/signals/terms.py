"""What a sentence states, as terms that can be compared: words with their polarity, figures with units, names."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from convqa_sdk.signals.word_forms import WordForms

FUNCTION_WEIGHT: Final = 0.25
LIGHT_WEIGHT: Final = 0.5
AFFIRMED: Final = 1
NEGATED: Final = 2
SPEAKER: Final = "(speaker)"
"""The term for all words by which a bot speaks of itself."""
NEGATION: Final = "(negation)"
"""The term for all words that negate."""

_TOKEN = re.compile(r"[$\u20ac\u00a3\u00a5\u20b9%]|\d+(?:[.,]\d+)*(?![^\W_])|[^\W_]+(?:'[^\W_]+)?|[,;:()]")
_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)-([01]\d)-([0-3]\d)(?!\d)")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?$")
_GLUED = re.compile(r"(\d+(?:[.,]\d+)*)([^\W\d_]{1,3})")
_MONTH: Final = "mm"
_FIGURE: Final = "0"
_LETTERS: Final = {
    code: chr(code) if chr(code).isalpha() or chr(code) == "'" else _FIGURE if chr(code) in "0123456789$%" else " "
    for code in range(128)
}
"""Letters and apostrophes as they are, what makes figures as a zero, all else as a blank."""
_CLAUSE_ENDS: Final = frozenset(",;:()")
_CURRENCIES: Final = frozenset("$\u20ac\u00a3\u00a5\u20b9")
_MOST_DIGITS: Final = 15

Figure = tuple[float, str]
"""A number and the name of its unit, empty if it has none."""


@dataclass(slots=True)
class Terms:
    """The terms of one sentence.

    Attributes:
        weights: Weight of each word's stem, summed over its occurrences.
        polarity: Of each stem that carries meaning, `AFFIRMED`, `NEGATED` or both.
        figures: Numbers with their units, those of time in minutes or in months; and each number as it was written.
        exact: What no other word can stand for: names, codes, months, and the bot itself.
    """

    weights: dict[str, float] = field(default_factory=dict[str, float])
    polarity: dict[str, int] = field(default_factory=dict[str, int])
    figures: dict[Figure, float] = field(default_factory=dict[Figure, float])
    exact: set[str] = field(default_factory=set[str])

    @property
    def content_weight(self) -> float:
        """Weight of the words that carry meaning."""
        return sum(self.weights[stem] for stem in self.polarity)


def terms(sentence: str, forms: WordForms) -> Terms:
    """Return the terms of a sentence of bounded length."""
    words = plain_words(sentence, forms)
    return _Reading(sentence, forms).terms if words is None else _counted(words, sentence, forms)


def plain_words(sentence: str, forms: WordForms) -> list[str] | None:
    """Return the words of a sentence whose order tells nothing, in lower case; None: it has to be walked over.

    Nothing depends on the order where there is no figure, no negation, and no word that is more than a word.
    """
    if not sentence.isascii():
        return None
    letters = sentence.lower().translate(_LETTERS)
    if _FIGURE in letters:
        return None
    words = letters.split()
    if not forms.telling.isdisjoint(words):
        return None
    if "'" in letters and not all(_is_whole(word) and not word.endswith(forms.contracted) for word in words):
        return None
    return words


def _is_whole(word: str) -> bool:
    """Tell whether a word has no apostrophe but one between letters."""
    return word.isalpha() or (word.count("'") == 1 and word[0] != "'" != word[-1])


def _counted(words: list[str], sentence: str, forms: WordForms) -> Terms:
    """Return the terms of a sentence of plain words, which a walk would find as well."""
    found = Terms()
    weights, polarity, function, light, stem_of = found.weights, found.polarity, forms.function, forms.light, forms.stem
    for word in words:
        if word in function:
            weights[word] = weights.get(word, 0.0) + FUNCTION_WEIGHT
        else:
            stem = stem_of(word)
            weights[stem] = weights.get(stem, 0.0) + (LIGHT_WEIGHT if word in light else 1.0)
            polarity[stem] = AFFIRMED
    if not forms.speaker.isdisjoint(words):
        found.exact.add(SPEAKER)
    if not sentence[1:].islower():
        found.exact.update(map(stem_of, _names(words, sentence, forms)))
    return found


def _names(words: list[str], sentence: str, forms: WordForms) -> list[str]:
    """Return the words of a plain sentence that capitals tell to be names."""
    tokens = sentence.translate(_LETTERS).split()[1:]
    meaning = [(word, token) for word, token in zip(words[1:], tokens, strict=True) if word not in forms.function]
    capitals = [token[0].isupper() for word, token in meaning if word.isalpha()]
    return [] if _is_title(sum(capitals), len(capitals)) else [word for word, token in meaning if token[0].isupper()]


def _is_title(capitals: int, words: int) -> bool:
    """Return whether so many words behind the first one are in capitals that these do not tell names."""
    return 2 * capitals > words + 1


class _Reading:
    """One walk over the tokens of a sentence."""

    def __init__(self, sentence: str, forms: WordForms) -> None:
        self.forms = forms
        self.terms = Terms()
        self.tokens = _tokens(sentence, forms)
        self.words = list(map(str.lower, self.tokens))
        self.units: set[int] = set()
        self.denied = False
        self._walk()

    def _walk(self) -> None:
        words, units, weights = self.words, self.units, self.terms.weights
        special, function = self.forms.special, self.forms.function
        position = 0
        while position < len(words):
            word = words[position]
            if position in units:
                position += 1
            elif word in special or not word.isalpha():
                position += self._special(position)
            elif word in function:
                weights[word] = weights.get(word, 0.0) + FUNCTION_WEIGHT
                position += 1
            else:
                self._word(word, position)
                position += 1

    def _special(self, position: int) -> int:
        """Take in what is more, or less, than a word; return how many tokens that were."""
        word = self.words[position]
        if word in _CLAUSE_ENDS or word in self.forms.pivots:
            self.denied = False
        if not word[0].isalnum():
            return 1
        if word[0].isdigit() or word in self.forms.numbers or word in self.forms.one:
            taken = self._figure(position)
            if taken:
                return taken
        if self._denies(position):
            self.denied = True
            weights = self.terms.weights
            weights[NEGATION] = weights.get(NEGATION, 0.0) + FUNCTION_WEIGHT
            return 1
        if word in self.forms.speaker:
            self.terms.exact.add(SPEAKER)
        if word in self.forms.months and (word not in self.forms.ambiguous or self._beside_figure(position)):
            word = f"{_MONTH}{self.forms.months[word]}"
        if word in self.forms.negative:
            self.denied = not self.denied
            word = self.forms.negative[word]
        self._word(word, position)
        return 1

    @cached_property
    def _titled(self) -> bool:
        """Return whether the sentence capitalises most of its words, so that capitals do not tell names."""
        meaning = [
            token
            for token, word in zip(self.tokens[1:], self.words[1:], strict=True)
            if word.isalpha() and word not in self.forms.function
        ]
        return _is_title(sum(token[0].isupper() for token in meaning), len(meaning))

    def _denies(self, position: int) -> bool:
        word = self.words[position]
        if word not in self.forms.negations and not (self.forms.contracted and word.endswith(self.forms.contracted)):
            return False
        return position + 1 == len(self.words) or self.words[position + 1] not in self.forms.widening

    def _word(self, word: str, position: int) -> None:
        """Take in a word with the polarity that is in force; one that carries meaning ends a negation."""
        weights, polarity = self.terms.weights, self.terms.polarity
        if word in self.forms.function:
            weights[word] = weights.get(word, 0.0) + FUNCTION_WEIGHT
            return
        stem = self.forms.stem(word)
        named = position > 0 and self.tokens[position][0].isupper() and not self._titled
        if named or (not word.isalpha() and any(map(str.isdigit, word))):
            self.terms.exact.add(stem)
        polarity[stem] = polarity.get(stem, 0) | (NEGATED if self.denied else AFFIRMED)
        if word in self.forms.light:
            weights[stem] = weights.get(stem, 0.0) + LIGHT_WEIGHT
        else:
            weights[stem] = weights.get(stem, 0.0) + 1.0
            self.denied = False

    def _beside_figure(self, position: int) -> bool:
        around = self.words[max(0, position - 1) : position] + self.words[position + 1 : position + 2]
        return any(word[0].isdigit() for word in around)

    def _figure(self, position: int) -> int:
        """Take in a number with its unit; return how many tokens it takes, 0 where none stands."""
        value, taken = self._value(position)
        if value is None:
            return 0
        unit = self._unit_after(position + taken)
        if position and self.words[position - 1] in _CURRENCIES:
            unit = self.words[position - 1]
        name, size = self.forms.units.get(unit, ("", 1))
        self.terms.figures[value * size, name] = value
        return taken

    def _value(self, position: int) -> tuple[float | None, int]:
        """Return the number that stands at a position, and how many tokens it takes."""
        word, numbers = self.words[position], self.forms.numbers
        following = self.words[position + 1] if position + 1 < len(self.words) else ""
        if word in numbers:
            ones = numbers.get(following, 0)
            return (numbers[word] + ones, 2) if numbers[word] >= 20 and 0 < ones < 10 else (numbers[word], 1)
        if word in self.forms.one and following in self.forms.units:
            return 1, 1
        if word.endswith(self.forms.ordinals or ("\0",)):
            word = word[:-2]
        if not word[:1].isdigit() or not word.isascii() or not word[-1].isdigit() or len(word) > _MOST_DIGITS:
            return None, 0
        plain = word.replace(",", "") if _THOUSANDS.match(word) else word.replace(",", ".")
        try:
            return float(plain), 1
        except ValueError:  # 1.2.3: a version, which is compared as a word
            return None, 0

    def _unit_after(self, position: int) -> str:
        """Return the unit that follows a number, also past `business`, or past a second number: `5 to 7 days`."""
        for place in range(position, min(position + 4, len(self.words))):
            word = self.words[place]
            if word in self.forms.units and word not in _CURRENCIES:
                self.units.add(place)
                return word
            if word not in self.forms.fillers and word not in self.forms.joiners and self._value(place)[0] is None:
                break
        return ""


def _spelled_date(date: re.Match[str]) -> str:
    """Return an ISO date as its parts, so that it compares with one that is spelled out."""
    return f" {_MONTH}{int(date[2])} {int(date[3])}, {date[1]} "


def _tokens(sentence: str, forms: WordForms) -> list[str]:
    """Return words, numbers, signs of units and the signs that end a clause; `9am` is two tokens."""
    if "-" in sentence:
        sentence = _DATE.sub(_spelled_date, sentence)
    tokens: list[str] = []
    for token in _TOKEN.findall(sentence):
        glued = _GLUED.fullmatch(token) if token[0].isdigit() else None
        if glued and glued[2].lower() in forms.units:
            tokens += glued.groups()
        else:
            tokens.append(token)
    return tokens
