"""What happens to what was found: data, for each class, each field and each destination."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, cast

from annotated_types import Ge, Gt, MaxLen, MinLen
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    field_validator,
    model_validator,
)

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.redaction.allow import Allow
from convqa_sdk.redaction.classes import CLASSES, DROPPED, LABEL
from convqa_sdk.redaction.policy_errors import PlacedError
from convqa_sdk.redaction.words import WordList

Action = Literal["redact", "pseudonymise", "keep", "withhold"]
Capture = Literal["full", "hash_only", "none"]
IdentifierName = Literal["user.id", "account.id"]

IDENTIFIERS: Final[frozenset[IdentifierName]] = frozenset(("user.id", "account.id"))
BESIDES: Final = ("convqa.custom.", "exception.message", "exception.stacktrace")
"""Texts that a capture mode may name besides the content that the schema declares."""

MAX_SHAPES: Final = 64
_DROPPED_ACTIONS = ("redact", "withhold")
_DESTINATION = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?::(?:[A-Za-z0-9_]+|\*))?")
_MERGED = ("actions", "fields")


def _checked_actions(actions: Mapping[str, Action]) -> Mapping[str, Action]:
    """Return the actions as a mapping that cannot change, after checking class names and the rule for secrets."""
    for label in actions:
        if not LABEL.fullmatch(label):
            raise PlacedError(
                "actions: a class is named in capital letters and underscores, such as EMAIL (at most 40)", label
            )
    for label in sorted(DROPPED):
        if actions.get(label, "redact") not in _DROPPED_ACTIONS:
            raise PlacedError(
                f"actions: {label} is set to {actions[label]!r}, but such a value may only be 'redact' or 'withhold'",
                label,
            )
    return MappingProxyType(dict(actions))


def _checked_classes(classes: frozenset[str]) -> frozenset[str]:
    for label in classes:
        if not LABEL.fullmatch(label):
            raise ConfigurationError(
                "classes: a class is named in capital letters and underscores, such as ORGANISATION (at most 40)"
            )
    return classes


def _checked_fields(fields: Mapping[str, Capture]) -> Mapping[str, Capture]:
    """Return capture modes as a mapping that cannot change, after checking that each names a text there is."""
    known = _content_keys() if fields else ()
    for pattern in fields:
        if pattern.startswith(BESIDES) or pattern == "*":
            continue
        stem = pattern.removesuffix("*")
        if not any(key == pattern or (stem != pattern and key.startswith(stem)) for key in (*known, *BESIDES)):
            raise PlacedError(
                "fields: name attributes that hold content, such as convqa.answer.text, or a pattern that ends in *, "
                "such as gen_ai.*; docs/reference/telemetry.md lists them",
                pattern,
            )
    return MappingProxyType(dict(fields))


def _checked_allow(entries: tuple[Allow, ...]) -> tuple[Allow, ...]:
    if sum(entry.shape is not None for entry in entries) > MAX_SHAPES:
        raise ConfigurationError(f"allow: at most {MAX_SHAPES} entries have a shape, because each is tried; use |")
    return entries


def _content_keys() -> tuple[str, ...]:
    from convqa_sdk.schema.registry import EVENT_RECORDS, all_attributes, fields_of

    events = (field.attribute for record in EVENT_RECORDS.values() for field in fields_of(record).values())
    return tuple(each.key for each in (*all_attributes().values(), *events) if each.sensitivity == "content")


def _checked_destinations(policies: Mapping[str, RedactionPolicy]) -> Mapping[str, RedactionPolicy]:
    for name in policies:
        if not _DESTINATION.fullmatch(name):
            raise PlacedError(
                "destinations: name store, otlp, console, vault, an exporter's class, forward:CLASS or forward:*", name
            )
    return MappingProxyType(dict(policies))


class RedactionPolicy(BaseModel):
    """Say per class of finding, per field and per destination what may leave.

    Attributes:
        version: Your name for this policy; stamped on every span.
        classes: Further classes, which recognizers of yours report.
        words: Words and phrases that are found as a class of yours.
        actions: What to do with each class; a class that is not listed is redacted. `redact` writes a marker,
            `pseudonymise` a keyed token, `keep` lets the value pass, `withhold` withholds the whole text. SECRET and
            CVV are never kept and never get a pseudonym.
        allow: What may leave although it is found.
        fields: How content leaves, by attribute key or a pattern that ends in `*`: `full` (redacted text), `hash_only`
            (a keyed hash of the redacted text, and its length) or `none`. The longest that fits counts.
        content: Whether content texts are exported at all.
        max_chars: A longer text is withheld, in characters.
        budget_ms: Processor time that detection in one text may take, in milliseconds; overrun withholds it.
        allow_identifiers: Which identifiers may leave as they are; True for all, False for none.
        destinations: What is different for a destination: `store`, `otlp`, `console`, `vault`, the class of an
            exporter, `forward:CLASS` or `forward:*`. What is left out there is as in this policy; `actions` and
            `fields` are merged.

    Raises:
        pydantic.ValidationError: (a `ValueError`) A setting is invalid; the message never quotes values given.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True)

    version: Annotated[str, MinLen(1)] = "default-1"
    classes: Annotated[frozenset[str], AfterValidator(_checked_classes)] = frozenset()
    words: tuple[WordList, ...] = ()
    actions: Annotated[
        Mapping[str, Action], AfterValidator(_checked_actions), PlainSerializer(dict, return_type=dict[str, str])
    ] = Field(default_factory=dict[str, Action])
    allow: Annotated[tuple[Allow, ...], MaxLen(10_000), AfterValidator(_checked_allow)] = ()
    fields: Annotated[
        Mapping[str, Capture], AfterValidator(_checked_fields), PlainSerializer(dict, return_type=dict[str, str])
    ] = Field(default_factory=dict[str, Capture])
    content: bool = True
    max_chars: Annotated[int, Ge(1)] = 131_072
    budget_ms: Annotated[float, Gt(0.0), Field(allow_inf_nan=False)] = 250.0
    allow_identifiers: frozenset[IdentifierName] = frozenset()
    destinations: Annotated[
        Mapping[str, RedactionPolicy],
        AfterValidator(_checked_destinations),
        PlainSerializer(lambda policies: {name: each.model_dump() for name, each in policies.items()}),
    ] = Field(default_factory=dict[str, "RedactionPolicy"])

    @classmethod
    def from_yaml(cls, source: str | os.PathLike[str]) -> RedactionPolicy:
        """Return a policy that is written in YAML.

        Args:
            source: The path of a file, or the text itself: what has more than one line, or a colon and a blank.

        Raises:
            ConfigurationError: It cannot be read, is no YAML, or no policy; says the place, and quotes nothing.
            ImportError: PyYAML is not installed; the message names the extra.
        """
        from convqa_sdk.redaction.policy_yaml import read

        return read(source)

    @model_validator(mode="before")
    @classmethod
    def _complete_destinations(cls, given: Any) -> Any:
        """Give each destination what it leaves out."""
        if not isinstance(given, Mapping) or not isinstance(given.get("destinations"), Mapping):  # pyright: ignore[reportUnknownMemberType] - anything may be given
            return given  # pyright: ignore[reportUnknownVariableType] - anything may be given
        settings = dict(cast("Mapping[str, Any]", given))
        own = settings.pop("destinations")
        settings["destinations"] = {name: _completed(settings, policy) for name, policy in own.items()}
        return settings

    @field_validator("allow_identifiers", mode="before")
    @classmethod
    def _all_or_none(cls, value: Any) -> Any:
        if isinstance(value, bool):
            return IDENTIFIERS if value else frozenset[IdentifierName]()
        return value

    @model_validator(mode="after")
    def _knows_its_classes(self) -> RedactionPolicy:
        unknown = sorted(self.actions.keys() - self.labels)
        if unknown:
            raise PlacedError(
                f"actions: {', '.join(unknown)} is no class; there are {', '.join(sorted(self.labels))}; "
                "declare your own in classes or words",
                "actions",
                unknown[0],
            )
        return self

    def action(self, label: str) -> Action:
        """Return what happens to findings of a class.

        Args:
            label: The class, such as `EMAIL`.
        """
        return self.actions.get(label, "redact")

    def capture(self, key: str) -> Capture:
        """Return how a field's content leaves.

        Args:
            key: The attribute's key.
        """
        exact = self.fields.get(key)
        if exact is not None:
            return exact
        fitting = [pattern for pattern in self.fields if pattern.endswith("*") and key.startswith(pattern[:-1])]
        return self.fields[max(fitting, key=len)] if fitting else "full"

    def allows_identifier(self, name: IdentifierName) -> bool:
        """Return whether an identifier may leave as it is.

        Args:
            name: `user.id` or `account.id`.
        """
        return name in self.allow_identifiers

    def at(self, destination: str) -> RedactionPolicy:
        """Return the policy of a destination.

        Args:
            destination: Its name, such as `store`.
        """
        special = self.destinations.get(destination)
        if special is None and destination.startswith("forward:"):
            special = self.destinations.get("forward:*")
        if special is not None:
            return special
        return self._with(destinations={}) if self.destinations else self

    def without_content(self) -> RedactionPolicy:
        """Return the same policy that exports no content."""
        return self._with(content=False) if self.content else self

    def with_content(self) -> RedactionPolicy:
        """Return the same policy that exports content."""
        return self if self.content else self._with(content=True)

    def _with(self, **changes: Any) -> RedactionPolicy:
        settings = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self).model_validate({**settings, **changes})

    @cached_property
    def labels(self) -> frozenset[str]:
        """The classes that may be found under this policy."""
        return CLASSES.union(self.classes, (words.label for words in self.words))

    @cached_property
    def hash(self) -> str:
        """Sixteen hexadecimal digits that are equal exactly when two policies are; the same in every process."""
        settings = {
            "version": self.version,
            "classes": sorted(self.classes),
            "words": [(words.label, words.words) for words in self.words],
            "actions": {label: action for label, action in self.actions.items() if action != "redact"},
            "allow": [entry.model_dump() for entry in self.allow],
            "fields": dict(self.fields),
            "content": self.content,
            "max_chars": self.max_chars,
            "budget_ms": self.budget_ms,
            "allow_identifiers": sorted(self.allow_identifiers),
            "destinations": {name: policy.hash for name, policy in self.destinations.items()},
        }
        canonical = json.dumps(settings, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode("utf-8", "replace")).hexdigest()[:16]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RedactionPolicy) and self.hash == other.hash

    def __hash__(self) -> int:
        return hash(self.hash)

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> RedactionPolicy:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).model_validate, (self.model_dump(),)


def _completed(settings: Mapping[str, Any], special: Any) -> Any:
    """Return a destination's settings over those of the policy around it; what is no policy stays, to be refused."""
    if isinstance(special, RedactionPolicy):
        special = {name: getattr(special, name) for name in special.model_fields_set}
    if not isinstance(special, Mapping):
        return special
    own = dict(cast("Mapping[str, Any]", special))
    if own.pop("destinations", None):
        raise ConfigurationError("destinations: a destination's policy has no destinations of its own")
    merged = {**settings, **own}
    for name in _MERGED:
        if isinstance(settings.get(name), Mapping) and isinstance(own.get(name), Mapping):
            merged[name] = {**settings[name], **own[name]}
    return merged
