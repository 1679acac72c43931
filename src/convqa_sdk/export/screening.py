"""Takes raw fields and gives fields that may leave: by each attribute's declared sensitivity, redacted and bounded.

Fails closed: a text that cannot be redacted, for whatever reason, becomes `[WITHHELD]`; a value of a type that its
attribute does not have is dropped and named. With content off, no text that people or models wrote leaves at all.
What cannot leave for its length is not searched either: a span costs by its bounds, whatever a bot puts into it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from math import isfinite
from typing import Any, Final, NamedTuple, cast

from convqa_sdk.export.bounds import bound, bounded, characters, holds_cut, shorten, text_size, written
from convqa_sdk.export.screened import Screened
from convqa_sdk.isolation import fault
from convqa_sdk.redaction import Pseudonyms, RedactionPolicy, Redactor, conversation_reference
from convqa_sdk.redaction.detection import Detection
from convqa_sdk.redaction.policy import Capture
from convqa_sdk.redaction.redactor import CUT_TAIL_CHARS
from convqa_sdk.redaction.structures import TOO_LONG
from convqa_sdk.schema.attribute import Attribute
from convqa_sdk.schema.records import Governed, Record
from convqa_sdk.schema.registry import fields_of
from convqa_sdk.schema.wire import JsonText
from convqa_sdk.tracing.snapshot import CutText, cut, type_of

WITHHELD: Final = "[WITHHELD]"
_LEFT_OUT: Final = "clean"
"""Status of a text that a policy's capture `none` leaves out: it is not searched, and says nothing of the others."""
_LEAF_LIMITS: Final = (16_384, 4_096, 1_024, 256)
_LEAST_SHARE: Final = 256
_MAX_NAME: Final = 200
_MEMORY: Final = 2_048
_CHATS: Final = frozenset({"gen_ai.conversation.id", "session.id", "chat_guid", "convqa.outcome.recontact.of"})
_OURS: Final = frozenset(
    {*Governed.model_fields, "stage", "schema_version", "operation_name", "outcome_kind"} - {"custom"}
)
"""Fields that only the export thread may fill; from the bot they are violations."""


class Limits(NamedTuple):
    """Bounds of exported text, in bytes: of one field, and of all texts of one span with its events."""

    text_bytes: int
    span_bytes: int


class _Label(NamedTuple):
    """What became of a label: a bot has few of them, so they are remembered."""

    text: str
    status: str
    count: int  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleMethodOverride] # reason: hides tuple.count
    classes: tuple[str, ...]


class Screen:
    """Screens the fields of spans under one policy.

    Args:
        policy: What may leave.
        pseudonyms: Hold the key.
        limits: Bounds of what leaves.
        pause: Called between slices of work.
        detection: Shared by the screens of all destinations; None: one of its own.
    """

    def __init__(
        self,
        policy: RedactionPolicy,
        pseudonyms: Pseudonyms,
        limits: Limits,
        pause: Callable[[], None] | None = None,
        detection: Detection | None = None,
    ) -> None:
        self._policy = policy
        self._pseudonyms = pseudonyms
        self._limits = limits
        self._detection = detection = detection or Detection()
        self._content = Redactor(policy, pseudonyms, detection, pause=pause)
        self._labels = Redactor(policy.with_content(), pseudonyms, detection, pause=pause, labels=True)
        self._captures = policy.capture if policy.fields else None
        self._by_field = self._content.by_field
        self._known: dict[object, _Label] = {}
        self._references: dict[str, str] = {}
        self._chats: dict[str, str] = {}
        self._texts_seen: dict[object, _Label] = {}
        self._labels_here: dict[object, _Label] = {}
        self._until = 0

    @property
    def particular(self) -> bool:
        """Whether what is found holds for the customer in hand only, so that nothing may be remembered for others."""
        return self._detection.particular

    def forget(self) -> None:
        """Forget the texts of the turn before: within one, a question or an answer stands on several spans."""
        self._texts_seen = {}
        self._labels_here = {}

    @property
    def policy_version(self) -> str:
        """Version and hash of the policy, as stamped on spans."""
        return f"{self._policy.version}:{self._policy.hash[:8]}"

    @property
    def span_bytes(self) -> int:
        """Most bytes of all texts of one span with its events."""
        return self._limits.span_bytes

    @property
    def searched(self) -> int:
        """Characters that were searched so far."""
        return self._content.searched + self._labels.searched

    def reference(self, value: str, *, chat: bool = False) -> str:
        """Return an id that others join on: itself, or its pseudonym when it holds personal data or cannot travel.

        Args:
            value: The id.
            chat: Whether it names a conversation: chat services take the customer's number for that.
        """
        memory = self._chats if chat else self._references
        known = memory.get(value)
        if known is not None:
            return known
        try:
            reference = conversation_reference(value, self._pseudonyms, chat=chat)
        except Exception as error:  # noqa: BLE001 - fail closed: None counts as personal data
            fault("redaction", error)
            return self._pseudonyms.reference(value, None)
        _remember(memory, value, reference)
        return reference

    def identifier(self, attribute: Attribute, value: str) -> str:
        """Return a person's or account's id as a pseudonym, or as it is where the policy allows it."""
        name = attribute.key.removeprefix("convqa.")
        if name in self._policy.allow_identifiers:
            return self.reference(value)
        return self._pseudonyms.identifier(name.upper().replace(".", "_"), value)

    def label(self, value: str, into: Screened, key: str | None = None) -> str:
        """Return a short text with what was found in it redacted; `key` is that of its attribute."""
        place = (key, value) if self._by_field else value
        memory = self._labels_here if self._detection.particular else self._known
        known = memory.get(place)
        if known is None or isinstance(value, CutText):
            one = Screened()
            known = _Label(_redacted(self._labels, value, one, key), one.status, one.count, tuple(one.classes))
            if one.status in ("clean", "redacted") and len(value) <= _MAX_NAME:
                _remember(memory, place, known)
        into.note(known.status, known.count, known.classes)
        return known.text

    def name(self, value: str, into: Screened) -> str:
        """Return a name that others chose (a field, an event, a key), redacted; a very long one is withheld."""
        text = str.__str__(value)
        return self.label(text, into) if len(text) <= _MAX_NAME else TOO_LONG

    def message(self, value: str, limit: int, into: Screened, key: str = "exception.message") -> str | None:
        """Return a text that no record declares, such as an exception's message, in at most `limit` bytes.

        None when content is off, or this text.
        """
        capture = "full" if self._captures is None else self._captures(key)
        if not self._policy.content or capture == "none":
            into.note("off" if not self._policy.content else _LEFT_OUT)
            return None
        text = _redacted(self._content, _head(value, limit), into, key)
        if capture == "hash_only":
            return self._hashed(text, into)
        return text.encode()[:limit].decode(errors="ignore")

    def _hashed(self, text: str, into: Screened) -> str:
        """Return what stands for a redacted text whose hash leaves alone: equal texts stay comparable."""
        into.note("withheld")
        return self._pseudonyms.identifier("TEXT", text)

    def fields(self, record: type[Record], raw: Mapping[str, Any], into: Screened, room: int) -> dict[str, Any]:
        """Screen fields; one that fails is dropped and named, never passed on.

        Args:
            record: Declares them.
            raw: Values as captured.
            into: Takes what was found.
            room: Most bytes of all texts together, and about as many characters are searched.

        Returns:
            Values that may leave, not validated yet.
        """
        self._until = self.searched + room
        screened: dict[str, Any] = {}
        declared = _declared(record)
        for name, value in raw.items():
            if value is None:
                continue
            attribute = declared.get(name)
            if attribute is None:
                into.wrong.append(name if name in fields_of(record) else self._unknown(name, into))
                continue
            if attribute.sensitivity == "none":
                screened[name] = value
                continue
            try:
                result = self._field(attribute, value, into)
            except Exception as error:  # noqa: BLE001 - fail closed: what cannot be screened does not leave
                into.wrong.append(name)
                if not isinstance(error, TypeError):  # a value of another type is the bot's violation, not a failure
                    fault("redaction", error)
                    into.note("failed_closed")
                continue
            if result is not None:
                screened[name] = result
        bound(fields_of(record), screened, into, room)
        return screened

    def _unknown(self, name: object, into: Screened) -> str:
        return self.name(name, into) if isinstance(name, str) else WITHHELD

    def _field(self, attribute: Attribute, value: Any, into: Screened) -> Any:
        if attribute.sensitivity == "content":
            return self._content_field(attribute, value, into)
        if attribute.encoding == "json":
            return self._labels_json(attribute, value, into)
        if isinstance(value, (tuple, list)):
            return tuple([self._scalar(attribute, item, into) for item in cast("list[object]", value)])
        return self._scalar(attribute, value, into)

    def _labels_json(self, attribute: Attribute, value: Any, into: Screened) -> JsonText:
        """Return rows of labels and numbers as JSON, each label looked up like any other."""
        if not _is_flat(value):
            return self._json(self._labels, attribute.key, value, into)
        rows = [
            {name: self._label(item, into, attribute.key) if type(item) is str else item for name, item in row.items()}
            for row in value
        ]
        text = written(rows)
        if text_size(text) > self._limits.text_bytes:
            return self._json(self._labels, attribute.key, value, into)
        return JsonText(text)

    def _scalar(self, attribute: Attribute, value: object, into: Screened) -> str:
        if not isinstance(value, str):  # also bytes, which validation would decode
            raise TypeError(attribute.key)
        if attribute.sensitivity == "identifier":
            return self.identifier(attribute, value)
        if attribute.sensitivity == "reference":
            return self.reference(value, chat=attribute.key in _CHATS)
        return self._label(value, into, attribute.key)

    def _label(self, value: str, into: Screened, key: str) -> str:
        """Return a label of a field; one for which there is no room costs the field."""
        if self.searched > self._until and ((key, value) if self._by_field else value) not in self._known:
            raise TypeError(TOO_LONG)
        return self.label(value, into, key)

    # -------------------------------------------------------------------------------------------------- content

    def _content_field(self, attribute: Attribute, value: Any, into: Screened) -> Any:
        if not self._policy.content:
            into.note("off")
            return None
        if attribute.encoding == "prefix":
            return self._prefixed(attribute, value, into)
        capture = "full" if self._captures is None else self._captures(attribute.key)
        if capture == "none":
            into.note(_LEFT_OUT)
            return None
        if attribute.encoding == "json":
            return self._json(self._content, attribute.key, value, into, capture)
        if isinstance(value, (tuple, list)):
            texts = cast("list[object]", value)
            return (
                self._texts(attribute.key, texts, into) if capture == "full" else self._hashes(attribute, texts, into)
            )
        if not isinstance(value, str):
            raise TypeError(attribute.key)
        text = self._text(value, into, attribute.key)
        if capture == "hash_only":
            into.companions[f"{attribute.key}.original_length"] = characters(value)
            return self._hashed(text, into)
        return bounded(attribute.key, text, value, self._limits.text_bytes, into)

    def _hashes(self, attribute: Attribute, values: list[object], into: Screened) -> tuple[str, ...]:
        """Return the hashes of parallel texts, with the texts' lengths."""
        if not all(isinstance(value, str) for value in values):
            raise TypeError(attribute.key)
        texts = cast("list[str]", values)
        into.companions[f"{attribute.key}.original_length"] = [characters(text) for text in texts]
        return tuple(self._hashed(self._text(text, into, attribute.key), into) for text in texts)

    def _text(self, value: str, into: Screened, key: str) -> str:
        """Redact one text, once per turn."""
        if type(value) is not str:
            return _redacted(self._content, value, into, key)
        place = (key, value) if self._by_field else value
        known = self._texts_seen.get(place)
        if known is None:
            one = Screened()
            known = _Label(_redacted(self._content, value, one, key), one.status, one.count, tuple(one.classes))
            self._texts_seen[place] = known
        into.note(known.status, known.count, known.classes)
        return known.text

    def _texts(self, key: str, values: list[object] | tuple[object, ...], into: Screened) -> tuple[str, ...]:
        """Screen parallel texts; when any is cut, its companions are parallel arrays as well."""
        share = max(_LEAST_SHARE, self._limits.text_bytes // max(1, len(values)))
        one = Screened()  # for the companions of one text at a time
        texts: list[str] = []
        lengths: list[int] = []
        hashes: list[str] = []
        for value in values:
            if not isinstance(value, str):
                raise TypeError(key)
            one.companions.clear()
            texts.append(bounded("", self._text(_head(value, share), into, key), value, share, one))
            lengths.append(one.companions.get(".original_length", len(value)))
            hashes.append(one.companions.get(".sha256", ""))
        if any(hashes):
            into.companions[f"{key}.original_length"] = lengths
            into.companions[f"{key}.sha256"] = hashes
        return tuple(texts)

    def _json(self, redactor: Redactor, key: str, value: Any, into: Screened, capture: Capture = "full") -> JsonText:
        """Return a structure as the JSON that leaves."""
        return JsonText(self._structure(redactor, key, value, into, capture)[1])

    def _structure(
        self, redactor: Redactor, key: str, value: Any, into: Screened, capture: Capture = "full"
    ) -> tuple[Any, str]:
        """Return a structure as it leaves, and its JSON."""
        try:
            structure, summary = redactor.structure(value, field=key)
            into.note(*summary)
            text = written(structure)
            size = text_size(text)
        except Exception as error:  # noqa: BLE001 - fail closed
            fault("redaction", error)
            into.note("failed_closed")
            return WITHHELD, f'"{WITHHELD}"'
        if capture == "hash_only":
            into.companions[f"{key}.original_length"] = characters(value)
            token = self._hashed(text, into)
            return token, f'"{token}"'
        if size > self._limits.text_bytes or (TOO_LONG in text and holds_cut(structure)):
            into.cut(key, characters(value), text)
        if size <= self._limits.text_bytes:
            return structure, text
        for leaf in _LEAF_LIMITS:
            shortened = shorten(structure, leaf)
            text = written(shortened)
            if text_size(text) <= self._limits.text_bytes:
                return shortened, text
        return TOO_LONG, f'"{TOO_LONG}"'

    def _prefixed(self, attribute: Attribute, values: Any, into: Screened) -> dict[str, Any]:
        """Screen the bot's own values: scalars stay scalars, structures become JSON text."""
        if not isinstance(values, dict):
            raise TypeError(attribute.key)
        result: dict[str, Any] = {}
        for name, value in cast("dict[str, Any]", values).items():
            if self.searched > self._until:
                into.wrong.append("custom")
                break
            safe = _unused(self.name(name, into), result)
            item = self._own(attribute.key + safe, safe, value, into)
            if item is not None:
                result[safe] = item
        return result

    def _own(self, key: str, name: str, value: Any, into: Screened) -> Any:
        capture = "full" if self._captures is None else self._captures(key)
        if capture == "none":
            into.note(_LEFT_OUT)
            return None
        if (
            value is True or value is False
        ) and capture == "full":  # also below `password`, where `redactor.structure` leaves them too
            into.seen = True
            return value
        pair, _ = self._structure(self._content, key, {name: value}, into, capture)
        if not isinstance(pair, dict):
            return pair
        item = next(iter(cast("dict[str, Any]", pair).values()))
        if isinstance(item, int) and not -(2**63) <= item < 2**63:
            return str(item)
        if isinstance(item, (str, bool, int, float)) or item is None:
            return item
        return written(item)


@cache
def _declared(record: type[Record]) -> dict[str, Attribute]:
    """Return the attributes of the fields that a bot may fill."""
    return {name: field.attribute for name, field in fields_of(record).items() if name not in _OURS}


def _is_flat(rows: Any) -> bool:
    """Tell whether a value is what `flatten` makes of documents, with ids and scores that JSON can hold."""
    return type_of(rows) is tuple and all(map(_is_scored_id, rows))


def _is_scored_id(row: dict[str, Any]) -> bool:
    score = row["score"]
    known = row.keys() == {"id", "score"} and type(row["id"]) is str
    return known and (score is None or (type(score) is float and isfinite(score)))


def _remember(memory: dict[Any, Any], key: object, value: object) -> None:
    """Keep a result that will be asked for again; the memory is emptied when it is full."""
    if len(memory) >= _MEMORY:
        memory.clear()
    memory[key] = value


def _redacted(redactor: Redactor, value: str, into: Screened, key: str | None = None) -> str:
    """Redact one text; whatever goes wrong with that withholds it."""
    try:
        value = cut(value, redactor.policy.max_chars)
        text, status, count, classes = redactor.text(value, cut=isinstance(value, CutText), field=key)
        if type(text) is not str:
            raise TypeError  # one way out for a redactor that raises and one that returns nonsense
        into.note(status, count, classes)
    except Exception as error:  # noqa: BLE001 - fail closed
        fault("redaction", error)
        into.note("failed_closed")
        return WITHHELD
    return text


def _head(text: str, limit: int) -> str:
    """Return as much of a text as is read when `limit` bytes may leave: redaction makes texts shorter."""
    return cut(text, 2 * limit + CUT_TAIL_CHARS)


def _unused(key: str, taken: Mapping[str, Any]) -> str:
    """Return the key, numbered when two became the same marker, so that no value is lost."""
    candidate, number = key, 1
    while candidate in taken:
        number += 1
        candidate = f"{key}#{number}"
    return candidate
