"""The policy book: what the company promises, as data, and the check of an answer against it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, field_validator, model_validator
from typing_extensions import Self

from convqa_sdk.signals.policy_contacts import Route, contact_value, normalised, route_agrees
from convqa_sdk.signals.policy_hours import parse_hours
from convqa_sdk.signals.policy_parsing import parse_value
from convqa_sdk.signals.policy_topics import BY_NAME, CONTACTS
from convqa_sdk.signals.policy_values import agree
from convqa_sdk.signals.policy_violations import Violation
from convqa_sdk.signals.policy_written import (
    CONTACT_EXAMPLES,
    as_text,
    is_list,
    listed,
    quoted,
    quoted_class,
    several,
    version_as_text,
)

__all__ = ["Capability", "Fact", "PolicyBook", "Violation"]

REGULATED = frozenset(
    {"banking", "energy", "finance", "healthcare", "insurance", "legal", "pharmacy", "telecom", "utilities"}
)
"""Sectors in which a wrong warranty or service level (class 02) is as grave as a wrong price (P0)."""

_NAME = "^[a-z][a-z0-9_]{0,63}$"


Texts = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=200)], ...], BeforeValidator(listed)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Fact(_Strict):
    """One thing that the company promises.

    Attributes:
        name: A fact that every book knows (`refund_window`, `refund_time`, `restocking_fee`, `price_match`,
            `delivery_fee`, `free_delivery_minimum`, `warranty_term`, `response_time`, `uptime`, `delivery_time`,
            `contact_phone`, `contact_email`, `contact_url`, `opening_hours`), or a name of your own with `class` and
            `terms`.
        value: What is promised: `30 days`, `5 to 7 business days`, `4.99 USD`, `15%`, `none`, `unlimited`.
        values: Of contact routes and opening hours: all there are.
        applies_to: Products or customers that it holds for, each a word or phrase; none: for all that no other entry
            of the same name is about.
        policy_class: `class` in YAML: `01` to `03`; needed for a name of your own.
        terms: Words or phrases by which answers speak of it, beside those that are known.
        needs: Of a fact of your own: words of which a sentence must have one as well to speak of it.
    """

    name: str = Field(pattern=_NAME)
    value: Annotated[str | None, BeforeValidator(as_text)] = None
    values: Texts = ()
    applies_to: Texts = ()
    policy_class: Annotated[Literal["01", "02", "03"] | None, BeforeValidator(quoted_class)] = Field(
        default=None, alias="class"
    )
    terms: Texts = ()
    needs: Texts = ()

    @model_validator(mode="before")
    @classmethod
    def _contacts_are_quoted(cls, given: Any) -> Any:
        fact: Any = given
        if hasattr(fact, "items") and (name := fact.get("name")) in CONTACTS:
            for each in (fact.get("value"), *several(fact.get("values"))):
                _told(name, partial(quoted, example=f'{name}: "{CONTACT_EXAMPLES[name]}"'), each)
        return fact

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.name in CONTACTS:
            self._check_contact()
        elif self.name not in BY_NAME and not (self.policy_class and self.terms):
            raise ValueError(
                f"{self.name} is no fact that every book knows ({', '.join([*BY_NAME, *CONTACTS])}); "
                "give a fact of your own its class and terms"
            )
        elif self.value is None or self.values:
            raise ValueError(f"{self.name}: give it one value, such as value: 30 days")
        else:
            kind = _told(self.name, parse_value, self.value).kind
            if self.name in BY_NAME and kind not in BY_NAME[self.name].kinds:
                raise ValueError(f"{self.name}: {self.value!r} is no {' or '.join(sorted(BY_NAME[self.name].kinds))}")
        return self

    def _check_contact(self) -> None:
        if not self.contacts:
            raise ValueError(f"{self.name}: give it values")
        for each in self.contacts:
            if self.name == "opening_hours":
                _told(self.name, parse_hours, each)
            else:
                _told(self.name, partial(normalised, self.name), each)

    @property
    def contacts(self) -> tuple[str, ...]:
        """The values of a contact route, however many were given."""
        return self.values or ((self.value,) if self.value is not None else ())


def _told(name: str, read: Any, text: str) -> Any:
    try:
        return read(text)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


class Capability(_Strict):
    """Something that the bot may do.

    Attributes:
        tool: Names of the tools whose success proves that it was done; none: nothing proves it.
        terms: Words by which answers speak of it, such as `address`; none: those of its name.
    """

    tool: Texts = ()
    terms: Texts = ()


def entries_of(name: Any, given: Any) -> Iterator[Mapping[Any, Any]]:
    """Yield the settings of facts that are written short: as a value alone, or as several under one name."""
    entries: Any = given if is_list(given) and name not in CONTACTS else [given]
    for entry in entries:
        yield entry if isinstance(entry, Mapping) else {"values" if is_list(entry) else "value": entry}


def _capability(given: Any) -> Any:
    short: Any = given
    return {"tool": short} if type(short) in (str, list, tuple) else {} if short is None else short


class PolicyBook(_Strict):
    """What a company promises, versioned: facts, what the bot may do, and what it may never promise.

    Attributes:
        version: The team's own name of this state of the policy.
        sector: Line of business, such as `retail`; in a regulated one (`REGULATED`) class 02 is P0.
        regulated: Overrides what the sector says.
        facts: The facts; a name may stand several times, for other products or customers each.
        capabilities: What the bot may do, by name.
        never: What it may never promise, by name, with the phrases that promise it.
        min_confidence: Retrieval confidence, 0 to 1, below which no term may be quoted; None: any will do.
    """

    version: Annotated[str, BeforeValidator(version_as_text), Field(min_length=1, max_length=200)]
    sector: str | None = Field(default=None, max_length=200)
    regulated: bool | None = None
    facts: tuple[Fact, ...] = ()
    capabilities: dict[str, Annotated[Capability, BeforeValidator(_capability)]] = Field(default_factory=dict)
    never: dict[str, Texts] = Field(default_factory=dict)
    min_confidence: float | None = Field(default=None, ge=0, le=1)
    _checker: Any = PrivateAttr(default=None)

    @field_validator("facts", mode="before")
    @classmethod
    def _short_form(cls, given: Any) -> Any:
        """Take `refund_window: 30 days`, and several entries under a name, as well as a list of facts."""
        short: Any = given
        if not hasattr(short, "items"):
            return short
        return [{"name": name, **entry} for name, entries in short.items() for entry in entries_of(name, entries)]

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        problems = [*_contradictions(self.facts), *_allowed_and_forbidden(self.capabilities, self.never)]
        if problems:
            raise ValueError("the book contradicts itself: " + "; ".join(problems))
        return self

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> PolicyBook:
        """Return the book in a YAML file (extra `yaml`).

        Raises:
            ConfigurationError: It cannot be read, is no policy book, or contradicts itself; names file and fact.
            ImportError: PyYAML is missing.
        """
        from convqa_sdk.signals.policy_file import read_file

        return read_file(path)

    @classmethod
    def from_yaml(cls, text: str) -> PolicyBook:
        """Return the book in a YAML text (extra `yaml`).

        Raises:
            ConfigurationError: It is no policy book, or contradicts itself.
            ImportError: PyYAML is missing.
        """
        from convqa_sdk.signals.policy_file import read_text

        return read_text(text)

    @property
    def is_regulated(self) -> bool:
        """Whether class 02 is P0."""
        if self.regulated is not None:
            return self.regulated
        return (self.sector or "").lower() in REGULATED

    def states(self, contact: str) -> bool:
        """Tell whether a telephone number or mail address is one of the company's own contact routes.

        Args:
            contact: As it stands in a text.
        """
        kind = "contact_email" if "@" in contact else "contact_phone"
        stated = [normalised(kind, each) for fact in self.facts if fact.name == kind for each in fact.contacts]
        return bool(stated) and route_agrees(stated, Route(kind, contact_value(kind, contact), 0, 0))

    def check(
        self,
        answer: str,
        *,
        tools_succeeded: Iterable[str] | None = (),
        passages: Sequence[Any] | None = None,
        retrieval_confidence: float | None = None,
        min_confidence: float | None = None,
        language: str = "en",
    ) -> list[Violation]:
        """Return where an answer disagrees with the book, in the order of the answer.

        On 113 invented sentences that nobody looked at while tuning: precision 55 of 57 (Wilson 95 %: 88 to 99 %),
        recall 55 of 56 (91 to 100 %). Sentences and checker have one author; expect less elsewhere.

        Args:
            answer: What the customer would read.
            tools_succeeded: Names of the tools that succeeded in the conversation so far; None: unknown, and claims of
                done actions are not judged.
            passages: What was retrieved (`Document`, or anything with `text` and `canonical`); None: unknown, and
                terms need no support.
            retrieval_confidence: Of the retrieval, 0 to 1; None: unknown.
            min_confidence: Overrides the book's own threshold.
            language: `en`, `de`, `fr` or `es`; of the answer.

        Raises:
            TypeError: `answer` is no `str`.
        """
        if not isinstance(answer, str):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
            raise TypeError(f"check() takes the answer as a str, not {type(answer).__name__}")
        if self._checker is None:
            from convqa_sdk.signals.policy_check import Checker

            self._checker = Checker(self)
        threshold = self.min_confidence if min_confidence is None else min_confidence
        doubtful = retrieval_confidence is not None and threshold is not None and retrieval_confidence < threshold
        found: list[Violation] = self._checker.check(
            answer, None if tools_succeeded is None else tuple(tools_succeeded), passages, doubtful, language
        )
        return found


def _contradictions(facts: tuple[Fact, ...]) -> list[str]:
    """Return pairs of entries that say something else of the same."""
    problems: list[str] = []
    for one, two in combinations(facts, 2):
        if one.name != two.name:
            continue
        shared = {_key(each) for each in one.applies_to} & {_key(each) for each in two.applies_to}
        if (shared or not (one.applies_to or two.applies_to)) and not _same(one, two):
            whom = f" for {', '.join(sorted(shared))}" if shared else ""
            stated = " and ".join(", ".join(each.contacts) for each in (one, two))
            problems.append(f"{one.name}{whom} is {stated}")
    return problems


def _same(one: Fact, two: Fact) -> bool:
    if one.name in CONTACTS:
        return set(one.contacts) == set(two.contacts)
    return agree(parse_value(one.value or ""), parse_value(two.value or ""))


def _allowed_and_forbidden(capabilities: Mapping[str, Capability], never: Mapping[str, Sequence[str]]) -> list[str]:
    forbidden = {_key(name) for name in never} | {_key(phrase) for phrases in never.values() for phrase in phrases}
    return [
        f"capability {name} is allowed under capabilities and forbidden under never"
        for name, capability in capabilities.items()
        if {_key(name), *map(_key, capability.terms)} & forbidden
    ]


def _key(phrase: str) -> str:
    return " ".join(phrase.lower().replace("_", " ").split())
