"""What happens to what was found: one policy per destination, as data."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

from annotated_types import Ge, Gt, MinLen
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, field_validator

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.redaction.patterns import LABELS

Action = Literal["redact", "pseudonymise", "keep", "withhold"]
IdentifierName = Literal["user.id", "account.id"]

IDENTIFIERS: Final[frozenset[IdentifierName]] = frozenset(("user.id", "account.id"))

_LABEL = re.compile("[A-Z][A-Z_]{1,39}")
_SECRET_ACTIONS = ("redact", "withhold")


def _checked_actions(actions: Mapping[str, Action]) -> Mapping[str, Action]:
    """Return the actions as a mapping that cannot change, after checking class names and the rule for secrets."""
    for label in actions:
        if not _LABEL.fullmatch(label):
            raise ConfigurationError(
                "actions: a class is named in capital letters and underscores, such as EMAIL (at most 40)"
            )
    if actions.get("SECRET", "redact") not in _SECRET_ACTIONS:
        raise ConfigurationError(
            f"actions: SECRET is set to {actions['SECRET']!r}, but a secret may only be 'redact' or 'withhold'"
        )
    return MappingProxyType(dict(actions))


class RedactionPolicy(BaseModel):
    """Say per class of finding, and for content as a whole, what a destination may get.

    Attributes:
        version: Your name for this policy; stamped on every span.
        actions: What to do with each class; a class that is not listed is redacted. `redact` writes a marker,
            `pseudonymise` a keyed token, `keep` lets the value pass, `withhold` withholds the whole text. A detector
            of your own may report further classes only when they are listed here.
        content: Whether content texts are exported at all.
        max_chars: A longer text is withheld, in characters.
        budget_ms: Processor time that detection in one text may take, in milliseconds; overrun withholds it.
        allow_identifiers: Which identifiers may leave as they are; True for all, False for none.

    Raises:
        pydantic.ValidationError: (a `ValueError`) A setting is invalid; the message never quotes values given.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True)

    version: Annotated[str, MinLen(1)] = "default-1"
    actions: Annotated[
        Mapping[str, Action], AfterValidator(_checked_actions), PlainSerializer(dict, return_type=dict[str, str])
    ] = Field(default_factory=dict[str, Action])
    content: bool = True
    max_chars: Annotated[int, Ge(1)] = 131_072
    budget_ms: Annotated[float, Gt(0.0)] = 250.0
    allow_identifiers: frozenset[IdentifierName] = frozenset()

    @field_validator("allow_identifiers", mode="before")
    @classmethod
    def _all_or_none(cls, value: Any) -> Any:
        if isinstance(value, bool):
            return IDENTIFIERS if value else frozenset[IdentifierName]()
        return value

    def action(self, label: str) -> Action:
        """Return what happens to findings of a class.

        Args:
            label: The class, such as `EMAIL`.
        """
        return self.actions.get(label, "redact")

    def allows_identifier(self, name: IdentifierName) -> bool:
        """Return whether an identifier may leave as it is.

        Args:
            name: `user.id` or `account.id`.
        """
        return name in self.allow_identifiers

    @cached_property
    def labels(self) -> frozenset[str]:
        """The classes that a detector may report under this policy."""
        return LABELS.union(self.actions)

    @cached_property
    def hash(self) -> str:
        """Sixteen hexadecimal digits that are equal exactly when two policies are; the same in every process."""
        settings = {
            "version": self.version,
            "actions": {label: self.action(label) for label in sorted(self.labels)},
            "content": self.content,
            "max_chars": self.max_chars,
            "budget_ms": self.budget_ms,
            "allow_identifiers": sorted(self.allow_identifiers),
        }
        canonical = json.dumps(settings, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode("utf-8", "replace")).hexdigest()[:16]

    def __hash__(self) -> int:
        return hash(self.hash)

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> RedactionPolicy:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).model_validate, (self.model_dump(),)
