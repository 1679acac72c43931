"""What may leave although it is found: the company's own support address, numbers in the shape of its orders."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.redaction.canonical import canonical
from convqa_sdk.redaction.classes import DROPPED, LABEL
from convqa_sdk.redaction.pseudonyms import Pseudonyms

LONGEST: Final = 64
"""Characters of a value that a shape may match."""
_MAX_SHAPE = 200
_MAX_OPEN = 3  # quantifiers of variable length: how often a match may have to be tried grows by a power with them

_CLASS = r"\[(?:[A-Za-z0-9_ ./:#@+](?:-[A-Za-z0-9])?|\\[-.\]\[\\^$*+?(){}|/])+-?\]"
_PIECE = re.compile(
    rf"(?:{_CLASS}|[A-Za-z0-9_ /:#@,;=~%&!'\"<>-]|\\[-.\]\[\\^$*+?(){{}}|/])(\{{[0-9]{{1,3}}(?:,[0-9]{{1,3}})?\}}|\?)?"
)
_HMAC = re.compile("[a-z0-9]{1,16}:[a-z]{20}")
_AROUND = re.compile("[A-Za-z0-9_./#-]")
_ENDS = "._/#-"


def _checked_class(name: str) -> str:
    if name != "*" and not LABEL.fullmatch(name):
        raise ConfigurationError("cls: name a class in capital letters, such as EMAIL, or * for all")
    if name in DROPPED:
        raise ConfigurationError(
            f"cls: {name} cannot be allowed; values of {' and '.join(sorted(DROPPED))} never leave"
        )
    return name


def _checked_shape(shape: str) -> str:
    """Return a shape that is one expression of the subset, whose match takes bounded time and says the whole value."""
    reason = _problem(shape)
    if reason:
        raise ConfigurationError(
            f"shape: {reason}; give characters and classes such as [0-9], each followed by {{8}}, {{2,8}} or ? if it "
            "is repeated, and | between alternatives, as in ORD-[0-9]{8}"
        )
    return shape


def _problem(shape: str) -> str:
    if not shape or len(shape) > _MAX_SHAPE:
        return f"it has to have 1 to {_MAX_SHAPE} characters"
    longest = least = variable = position = 0
    while position <= len(shape):
        if position == len(shape) or shape[position] == "|":
            if not least:
                return "an alternative can be empty"
            if longest > LONGEST:
                return f"an alternative matches more than {LONGEST} characters"
            longest = least = 0
            position += 1
            continue
        piece = _PIECE.match(shape, position)
        if piece is None:
            return f"what stands at character {position + 1} is not accepted"
        low, high = _counts(piece.group(1))
        if high < low or not high:
            return f"the repetition before character {piece.end() + 1} is not accepted"
        longest, least, variable, position = longest + high, least + low, variable + (low != high), piece.end()
    return f"more than {_MAX_OPEN} repetitions are of variable length" if variable > _MAX_OPEN else ""


def _counts(quantifier: str | None) -> tuple[int, int]:
    if quantifier is None:
        return 1, 1
    if quantifier == "?":
        return 0, 1
    low, _, high = quantifier[1:-1].partition(",")
    return int(low), int(high or low)


class Allow(BaseModel):
    """One entry of an allow-list: a class, and one of `value`, `hmac` and `shape`.

    Attributes:
        cls: The class that it holds for, such as `EMAIL`; `*` for all. SECRET and CVV are never allowed.
        value: The value, in any spelling of it.
        hmac: The value as `Allow.hashed` writes it, for a policy that must not show it.
        shape: An expression that the value matches whole, or the word that it stands in: `ORD-[0-9]{8}`.
        field: The key of the attribute that it holds for, such as `convqa.answer.text`; None: all.

    Raises:
        pydantic.ValidationError: (a `ValueError`) It says too much, too little, or nothing that is accepted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    cls: Annotated[str, AfterValidator(_checked_class)]
    value: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    hmac: Annotated[str, Field(pattern=f"^{_HMAC.pattern}$")] | None = None
    shape: Annotated[str, AfterValidator(_checked_shape)] | None = None
    field: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.\-]{1,200}$")] | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Allow:
        if sum(given is not None for given in (self.value, self.hmac, self.shape)) != 1:
            raise ConfigurationError("allow: give exactly one of value, hmac and shape")
        if self.hmac is not None and self.cls == "*":
            raise ConfigurationError("allow: an hmac holds for one class; name it in cls")
        return self

    @classmethod
    def hashed(cls, label: str, value: str, pseudonyms: Pseudonyms, field: str | None = None) -> Allow:
        """Return the entry for a value that the policy does not show.

        Args:
            label: Its class, such as `PHONE`.
            value: The value, in any spelling.
            pseudonyms: Hold the key; the entry works where the same key is in use, or an old one.
            field: As in `Allow`.

        Raises:
            ConfigurationError: There is no key.
        """
        tokens = pseudonyms.all_tokens(label, value)
        if not tokens:
            raise ConfigurationError("allow: a keyed hash needs a key; set key= or CONVQA_KEY")
        return cls(cls=label, hmac=tokens[0].strip("[]").partition(":")[2], field=field)


_Place = tuple[str, str | None]
"""A class and a field; None: all fields."""


class AllowList:
    """Tells whether a value that was found may leave all the same.

    Args:
        entries: What is allowed.
        pseudonyms: Compare hashed entries; without a key these allow nothing.

    Attributes:
        by_field: Whether it depends on the field.
    """

    __slots__ = ("_anything", "_complete", "_hashed", "_pseudonyms", "_shapes", "_values", "by_field")

    def __init__(self, entries: Iterable[Allow], pseudonyms: Pseudonyms | None) -> None:
        self._pseudonyms = pseudonyms
        self._values: dict[_Place, set[str]] = {}
        self._anything: dict[str | None, set[str]] = {}
        self._complete: set[_Place] = set()
        self._hashed: dict[_Place, set[str]] = {}
        self._shapes: list[tuple[str, str | None, re.Pattern[str]]] = []
        self.by_field = False
        for entry in entries:
            label, field = entry.cls, entry.field
            self.by_field |= field is not None
            if entry.shape is not None:
                self._shapes.append((label, field, re.compile(entry.shape)))
            elif entry.hmac is not None:
                self._hashed.setdefault((label, field), set()).add(entry.hmac)
            elif label == "*":
                self._anything.setdefault(field, set()).add(str(entry.value))
            else:
                self._values.setdefault((label, field), set()).add(canonical(label, str(entry.value)))

    def allows(self, text: str, start: int, end: int, label: str, field: str | None) -> bool:
        """Tell whether what was found between two offsets of a text may leave.

        Args:
            text: The text.
            start: Of the finding.
            end: Of the finding.
            label: Its class.
            field: Key of the attribute that holds the text, None: unknown.
        """
        if label in DROPPED:
            return False
        value = text[start:end]
        return (
            (bool(self._values or self._anything) and self._is_listed(label, value, field))
            or (bool(self._shapes) and self._has_shape(text, start, end, label, field))
            or (bool(self._hashed) and self._is_hashed(label, value, field))
        )

    def _is_listed(self, label: str, value: str, field: str | None) -> bool:
        wanted = canonical(label, value)
        return wanted in self._listed(label, None) or (field is not None and wanted in self._listed(label, field))

    def _listed(self, label: str, field: str | None) -> set[str]:
        """Return the values of a class, with those that hold for all classes in the spelling of this one."""
        listed = self._values.get((label, field))
        anything = self._anything.get(field)
        if anything and (label, field) not in self._complete:
            listed = self._values.setdefault((label, field), set())
            listed.update(canonical(label, value) for value in anything)
            self._complete.add((label, field))
        return listed or set()

    def _has_shape(self, text: str, start: int, end: int, label: str, field: str | None) -> bool:
        candidates = {text[start:end], _word_around(text, start, end)}
        return any(
            shape.fullmatch(candidate)
            for cls, where, shape in self._shapes
            if cls in ("*", label) and where in (None, field)
            for candidate in candidates
            if len(candidate) <= LONGEST
        )

    def _is_hashed(self, label: str, value: str, field: str | None) -> bool:
        if self._pseudonyms is None:
            return False
        listed = self._hashed.get((label, None), set()) | self._hashed.get((label, field), set())
        tokens = self._pseudonyms.all_tokens(label, value) if listed else ()
        return any(token.strip("[]").partition(":")[2] in listed for token in tokens)


def _word_around(text: str, start: int, end: int) -> str:
    """Return a finding with what is glued to it: of `ORD-12345678` a detector may have taken the digits alone."""
    begin, last = start, end
    while begin and start - begin < LONGEST and _AROUND.match(text, begin - 1):
        begin -= 1
    while last - end < LONGEST and _AROUND.match(text, last):
        last += 1
    return text[begin:last].strip(_ENDS)
