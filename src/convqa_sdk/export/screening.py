"""Takes raw fields and gives fields that may leave: by each attribute's declared sensitivity, redacted and bounded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any, NamedTuple

from convqa_sdk.redaction import Pseudonyms, RedactionPolicy, Redactor
from convqa_sdk.schema.attribute import Attribute
from convqa_sdk.schema.records import Record
from convqa_sdk.schema.registry import Field, fields_of
from convqa_sdk.tracing.snapshot import CutText

TOO_LONG = "[WITHHELD:too_long]"
DETECTOR_VERSION = "1"
_RANK = {"off": -1, "clean": 0, "redacted": 1, "withheld": 2, "failed_closed": 3}
_LEAF_LIMITS = (16_384, 4_096, 1_024, 256)


class Limits(NamedTuple):
    """Bounds of exported text, in bytes: of one field, and of all texts of one span."""

    text_bytes: int
    span_bytes: int


class Screened:
    """The outcome of one span's screening.

    Attributes:
        fields: Values that may leave.
        companions: `<key>.original_length` and `<key>.sha256` of texts that were cut.
        wrong: Names of fields that were dropped because they could not be screened.
        seen: Whether there was any text.
        status: Gravest redaction status.
        count: Values redacted.
        classes: Classes found.
    """

    __slots__ = ("classes", "companions", "count", "fields", "seen", "status", "wrong")

    def __init__(self) -> None:
        self.fields: dict[str, Any] = {}
        self.companions: dict[str, Any] = {}
        self.wrong: list[str] = []
        self.seen = False
        self.status = "clean"
        self.count = 0
        self.classes: set[str] = set()

    def note(self, status: str, count: int, classes: tuple[str, ...]) -> None:
        """Add one text's summary."""
        self.seen = True
        self.count += count
        self.classes.update(classes)
        if self.status == "off" or _RANK.get(status, 3) > _RANK[self.status]:
            self.status = status


class Screen:
    """Screens the fields of spans under one policy."""

    def __init__(
        self, policy: RedactionPolicy, pseudonyms: Pseudonyms, limits: Limits, pause: Callable[[], None] | None = None
    ) -> None:
        self._policy = policy
        self._pseudonyms = pseudonyms
        self._limits = limits
        self._content = Redactor(policy, pseudonyms, pause=pause)
        always = policy if policy.content else policy.model_copy(update={"content": True})
        self._labels = Redactor(always, pseudonyms, pause=pause)

    @property
    def policy_version(self) -> str:
        """Version and hash of the policy, as stamped on spans."""
        return f"{self._policy.version}:{self._policy.hash[:8]}"

    def reference(self, value: str) -> str:
        """Return an id that others join on: itself, or its pseudonym when it holds personal data or cannot travel."""
        findings = self._labels.find(value) if len(value) <= 200 else None
        travels = value.isascii() and value.isprintable() and 0 < len(value) <= 200
        return self._pseudonyms.reference(value, findings if travels else None)

    def identifier(self, attribute: Attribute, value: str) -> str:
        """Return a person's or account's id as a pseudonym, or as it is where the policy allows it."""
        name = attribute.key.removeprefix("convqa.")
        if name in self._policy.allow_identifiers:
            return self.reference(value)
        return self._pseudonyms.identifier(name.upper().replace(".", "_"), value)

    def label(self, value: str, into: Screened) -> str:
        """Return a short text with what was found in it redacted."""
        redacted = self._labels.text(value, cut=isinstance(value, CutText))
        into.note(redacted.status, redacted.count, redacted.classes)
        return redacted.text

    def fields(self, record: type[Record], raw: dict[str, Any]) -> Screened:
        """Screen the fields of one span; a field that fails is dropped and named, never passed on."""
        into = Screened()
        declared = fields_of(record)
        for name, value in raw.items():
            field = declared.get(name)
            if value is None:
                continue
            if field is None:
                into.wrong.append(self.label(str(name)[:200], into))
                continue
            try:
                screened = self._field(field, value, into)
            except Exception:  # noqa: BLE001 - fail closed: what cannot be screened does not leave
                into.wrong.append(name)
                into.note("failed_closed", 0, ())
                continue
            if screened is not None:
                into.fields[name] = screened
        self._bound_span(declared, into)
        return into

    def _field(self, field: Field, value: Any, into: Screened) -> Any:
        sensitivity = field.attribute.sensitivity
        if sensitivity == "none":
            return value
        if sensitivity == "content":
            return self._content_field(field.attribute, value, into)
        if field.attribute.encoding == "json":
            structure, summary = self._labels.structure(value)
            into.note(*summary)
            return structure
        if isinstance(value, str):
            return self._scalar(field.attribute, value, into)
        if isinstance(value, (tuple, list, set, frozenset)):
            return tuple(self._scalar(field.attribute, item, into) if isinstance(item, str) else item for item in value)
        return value

    def _scalar(self, attribute: Attribute, value: str, into: Screened) -> str:
        if attribute.sensitivity == "identifier":
            return self.identifier(attribute, value)
        if attribute.sensitivity == "reference":
            return self.reference(value)
        return self.label(value, into)

    # -------------------------------------------------------------------------------------------------- content

    def _content_field(self, attribute: Attribute, value: Any, into: Screened) -> Any:
        if not self._policy.content:
            into.seen = True
            if not into.count and into.status == "clean":
                into.status = "off"
            return None
        if attribute.encoding == "prefix":
            return self._prefixed(attribute, value, into)
        if attribute.encoding == "json":
            return self._structure(attribute.key, value, into)
        if isinstance(value, str):
            return self._text(attribute.key, value, self._limits.text_bytes, into)
        if isinstance(value, (tuple, list)):
            share = max(256, self._limits.text_bytes // max(1, len(value)))
            return tuple(
                self._text(f"{attribute.key}.{index}", item, share, into) if isinstance(item, str) else item
                for index, item in enumerate(value)
            )
        return value

    def _text(self, key: str, value: str, limit: int, into: Screened) -> str:
        redacted = self._content.text(value, cut=isinstance(value, CutText))
        into.note(redacted.status, redacted.count, redacted.classes)
        return bounded(key, redacted.text, getattr(value, "original_length", len(value)), limit, into)

    def _structure(self, key: str, value: Any, into: Screened) -> Any:
        structure, summary = self._content.structure(self._without_cuts(value))
        into.note(*summary)
        text = json.dumps(structure, ensure_ascii=False)
        if len(text.encode()) <= self._limits.text_bytes:
            return structure
        into.companions[f"{key}.original_length"] = len(text)
        into.companions[f"{key}.sha256"] = hashlib.sha256(text.encode()).hexdigest()
        for leaf in _LEAF_LIMITS:
            shortened = _shorten(structure, leaf)
            if len(json.dumps(shortened, ensure_ascii=False).encode()) <= self._limits.text_bytes:
                return shortened
        return TOO_LONG

    def _without_cuts(self, value: Any) -> Any:
        """Withhold the tails of leaves that capture had to cut."""
        if isinstance(value, CutText):
            return self._content.text(value, cut=True).text
        if isinstance(value, dict):
            return {key: self._without_cuts(item) for key, item in value.items()}
        if isinstance(value, (tuple, list)):
            return [self._without_cuts(item) for item in value]
        return value

    def _prefixed(self, attribute: Attribute, values: dict[str, Any], into: Screened) -> dict[str, Any]:
        """Screen the bot's own values: scalars stay scalars, structures become JSON text."""
        result: dict[str, Any] = {}
        for name, value in values.items():
            safe = self.label(name[:200], into)
            pair, summary = self._content.structure({safe: self._without_cuts(value)})
            into.note(*summary)
            item = next(iter(pair.values())) if isinstance(pair, dict) and pair else TOO_LONG
            if not isinstance(item, (str, bool, int, float)):
                item = json.dumps(item, ensure_ascii=False)
            if isinstance(item, int) and not isinstance(item, bool) and not -(2**63) <= item < 2**63:
                item = str(item)
            if isinstance(item, str):
                item = bounded(attribute.key + safe, item, len(item), self._limits.text_bytes, into)
            result[safe] = item
        return result

    def _bound_span(self, declared: dict[str, Field], into: Screened) -> None:
        """Cut the longest texts further when a span as a whole is too large."""
        sizes = {name: _size(value) for name, value in into.fields.items()}
        while sum(sizes.values()) > self._limits.span_bytes:
            longest = max(sizes, key=lambda name: sizes[name])
            if sizes[longest] <= len(TOO_LONG):
                return
            value = into.fields[longest]
            key = declared[longest].attribute.key
            room = max(0, sizes[longest] - (sum(sizes.values()) - self._limits.span_bytes) - 64)
            if isinstance(value, str):
                into.fields[longest] = bounded(key, value, len(value), room, into)
            elif isinstance(value, dict) and declared[longest].attribute.encoding == "prefix":
                into.fields[longest] = {}
                into.companions[f"{key}original_length"] = sizes[longest]
            else:
                into.fields[longest] = TOO_LONG if declared[longest].attribute.encoding == "json" else ()
                into.companions[f"{key}.original_length"] = sizes[longest]
            smaller = _size(into.fields[longest])
            if smaller >= sizes[longest]:
                return
            sizes[longest] = smaller


def bounded(key: str, text: str, original_length: int, limit: int, into: Screened) -> str:
    """Return `text` within `limit` UTF-8 bytes; a cut text keeps its length and the hash of what was redacted."""
    raw = text.encode()
    if len(raw) <= limit:
        if original_length > len(text) and text.endswith(TOO_LONG):
            into.companions[f"{key}.original_length"] = original_length
            into.companions[f"{key}.sha256"] = hashlib.sha256(raw).hexdigest()
        return text
    into.companions[f"{key}.original_length"] = original_length
    into.companions[f"{key}.sha256"] = hashlib.sha256(raw).hexdigest()
    return raw[: max(0, limit - len(TOO_LONG))].decode(errors="ignore") + TOO_LONG


def _shorten(value: Any, limit: int) -> Any:
    if isinstance(value, str):
        return value if len(value) <= limit else value[:limit] + TOO_LONG
    if isinstance(value, dict):
        return {key: _shorten(item, limit) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_shorten(item, limit) for item in value]
    return value


def _size(value: Any) -> int:
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, (list, tuple)):
        return sum(_size(item) for item in value) + 8 * len(value)
    if isinstance(value, dict):
        return sum(len(str(key)) + _size(item) for key, item in value.items())
    return 8
