"""Screens what other instrumentations wrote: no schema says what their attributes hold, so key and value both count.

A key says that a value is a secret (`authorization`, `cookie`), a person (`user.id`), a query of a database, or
content; everything else is read for what stands in it: texts, URLs with what they encode, JSON, numbers behind their
key.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from convqa_sdk.export.screened import Screened
from convqa_sdk.export.statements import without_literals
from convqa_sdk.redaction import Pseudonyms, RedactionPolicy, Redactor, conversation_reference
from convqa_sdk.redaction.findings import Finding, resolve
from convqa_sdk.redaction.person_keys import person_kind
from convqa_sdk.redaction.policy import Capture, IdentifierName
from convqa_sdk.redaction.pseudonyms import WITHHELD
from convqa_sdk.redaction.secret_keys import is_sensitive_key
from convqa_sdk.redaction.structures import HINTED_CHARS, TOO_LONG, Summary, hint
from convqa_sdk.redaction.urls import url_findings
from convqa_sdk.tracing.snapshot import type_of

SPAN_CHARS: Final = 262_144
"""Characters that are searched for one span; what comes behind them is withheld, short texts apart."""

_MEMORY: Final = 2_048
_APART: Final = frozenset({"SECRET", "CREDIT_CARD", "IBAN"})
"""Classes that are looked for across the items of an array: `--password` and its value, a card in four groups."""
_MOST_APART: Final = 64
_LONGEST_APART: Final = 2_048
_SMALL: Final = 999_999  # no class fits into six digits
_COOKIES: Final = frozenset({"cookie", "cookies", "cookie2", "set-cookie", "set-cookie2"})
_PERSONS: Final[dict[str, tuple[str, IdentifierName | None]]] = {
    "user.id": ("USER_ID", "user.id"),
    "enduser.id": ("USER_ID", "user.id"),
    "convqa.account.id": ("ACCOUNT_ID", "account.id"),
    "user.name": ("USER_NAME", None),
    "user.full_name": ("USER_NAME", None),
    "user.email": ("EMAIL", None),
}
_REFERENCES: Final = frozenset({"gen_ai.conversation.id", "session.id"})
_STATEMENTS: Final = frozenset({"db.statement", "db.query.text"})
_PARAMETERS: Final = re.compile(r"db\.(?:(?:query|operation)\.parameter\.|statement\.parameters|params)")
_CONTENT: Final = re.compile(
    r"gen_ai\.(?:input|output|prompt|completion|system_instructions|tool\.(?:call|definitions|message)|content|event)"
    r"|(?:llm\.)?(?:input|output|prompts?|completions?|response|message|document|retrieval|reranker|embedding)\b"
    r"|llm\.(?:input_messages|output_messages|prompt)|traceloop\.entity\.|(?:tool|metadata|logfire|langfuse)\b"
    r"|exception\.(?:message|stacktrace)|db\.(?:statement|query)|http\.(?:request|response)\.body"
)
"""Keys under which instrumentations of models, tools and databases write what people or models wrote."""

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_OURS: Final = re.compile(r"\[[A-Z][A-Z_]{1,39}:[a-z0-9]{1,16}:[a-z]{20}\]|\[WITHHELD(?::[a-z_]+)?\]")


class ForeignScreen:
    """Screens the parts of one foreign span after another; for one thread.

    Args:
        policy: What happens to each class of finding.
        pseudonyms: Makes the tokens of identifiers.
        redactor: Redacts texts; its `pause` gives the interpreter away.
        names: Remembers names that were looked at already; may be shared.
    """

    def __init__(
        self, policy: RedactionPolicy, pseudonyms: Pseudonyms, redactor: Redactor, names: dict[str, str]
    ) -> None:
        self._policy = policy
        self._pseudonyms = pseudonyms
        self._redactor = redactor
        self._names = names
        self._until = 0

    def begin(self) -> None:
        """Begin another span: what is searched counts anew."""
        self._until = self._redactor.searched + SPAN_CHARS

    def attributes(self, given: Mapping[str, Any] | None, into: Screened) -> dict[str, Any]:
        """Return attributes that may leave; with content off, those that hold some are left out.

        Args:
            given: As they were set.
            into: Takes what is found.
        """
        safe: dict[str, Any] = {}
        for key, value in (given or {}).items():
            capture = self._capture(key)
            if capture == "none":
                into.note("off")
                continue
            name, left = _unused(self.name(key, into), safe), self._value(key, value, into)
            safe[name] = self._hashed(left, into) if capture == "hash_only" else left
            if capture == "hash_only" and isinstance(value, str):
                safe.setdefault(f"{name}.original_length", len(value))
        return safe

    def message(self, text: str, into: Screened) -> str | None:
        """Return a status message as it may leave, which is as exceptions' messages may; None: not at all."""
        capture = self._capture("exception.message")
        if capture == "none":
            return None
        safe = self.text(text, into, field="exception.message")
        return self._hashed(safe, into) if capture == "hash_only" else safe

    def _capture(self, key: str) -> Capture:
        """Return how an attribute leaves; what is no content leaves redacted."""
        policy = self._policy
        if not policy.content:
            return "none" if _CONTENT.match(key) else "full"
        return policy.capture(key) if policy.fields and (key in policy.fields or _CONTENT.match(key)) else "full"

    def _hashed(self, left: Any, into: Screened) -> str:
        """Return what stands for a redacted value whose hash leaves alone."""
        text = left if isinstance(left, str) else json.dumps(left, ensure_ascii=False, default=str)
        if _OURS.fullmatch(text):
            return text
        into.note("withheld")
        return self._pseudonyms.identifier("TEXT", text)

    def name(self, name: str, into: Screened) -> str:
        """Return a name (of an attribute, a span, an event), redacted."""
        if self._names.get(name) == name:
            return name
        safe = self.text(name, into)
        if safe == name and len(name) <= HINTED_CHARS:
            if len(self._names) >= _MEMORY:
                self._names.clear()
            self._names[name] = name
        return safe

    def text(self, text: str, into: Screened, key: str = "", field: str | None = None) -> str:
        """Return a text, redacted: by its own form, by what it encodes, and by what its key says when it is short.

        Args:
            text: The text.
            into: Takes what is found.
            key: Says what a short text is; empty: nothing does.
            field: Key of the attribute that holds it, for the policy's allow-list; None: `key`.
        """
        text = str.__str__(text)
        if len(text) > (HINTED_CHARS if self._redactor.searched > self._until else self._policy.max_chars):
            into.note("withheld")
            return TOO_LONG
        prefix = hint(key) if key and len(text) <= HINTED_CHARS else ""
        found = self._redactor.find(prefix + text)
        if found is not None:
            shift = len(prefix)
            own = [Finding(max(0, f.start - shift), f.end - shift, f.label) for f in found if f.end > shift]
            encoded = url_findings(text, self._redactor.find)
            found = None if encoded is None else resolve([*own, *encoded]) if encoded else own
        redacted = self._redactor.render(text, found, field=field or key or None)
        into.note(*redacted.summary)
        return redacted.text

    def _value(self, key: str, value: Any, into: Screened) -> Any:
        if isinstance(value, bool) or value is None:
            return value
        if is_sensitive_key(key) or _is_cookie(key):
            marker = WITHHELD if self._policy.action("SECRET") == "withhold" else "[SECRET]"
            into.note("redacted", 1, ("SECRET",))
            return [marker] if isinstance(value, (tuple, list)) else marker
        if _PARAMETERS.match(key):
            into.note("redacted")
            return "?"
        if isinstance(value, (tuple, list)):
            items: list[Any] = [
                self._scalar(key, item, into) for item in self._apart(key, cast("list[object]", value), into)
            ]
            return items if len(set(map(type_of, items))) <= 1 else [str(item) for item in items]
        return self._scalar(key, value, into)

    def _apart(self, key: str, items: Sequence[object], into: Screened) -> Sequence[object]:
        """Return items of which none is a secret, a card or an IBAN, or a part, that only the items before it show."""
        texts = [item for item in items if type_of(item) is str]
        if not 1 < len(items) == len(texts) <= _MOST_APART:
            return items
        joined = " ".join(map(str, texts))
        if len(joined) > _LONGEST_APART or self._redactor.searched > self._until:
            return items
        found = self._redactor.find(joined)
        if found is None:
            return items  # each is searched for itself, and fails for itself
        found = [f for f in found if f.label in _APART and self._redactor.action(joined, f, key) != "keep"]
        safe: list[object] = []
        end = -1
        for text in map(str, texts):
            start, end = end + 1, end + 1 + len(text)
            met = [f for f in found if f.start < end and start < f.end]
            label = next(
                (f.label for f in met if not (start <= f.start and f.end <= end) or f[:2] == (start, end)), None
            )
            if label is not None:
                into.note("redacted", 1, (label,))
                safe.append(WITHHELD if self._policy.action(label) == "withhold" else f"[{label}]")
            else:
                safe.append(text)
        return safe

    def _scalar(self, key: str, value: Any, into: Screened) -> Any:
        person = _person_at(key)
        if person is not None and isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if isinstance(value, int) and abs(value) <= _SMALL:
            return value
        if isinstance(value, bytes):
            value = value.decode(errors="replace")
        if not isinstance(value, str):
            return self._structure(key, value, into)
        if person is not None:
            return self._person(*person, value, into)
        if key in _REFERENCES:
            return conversation_reference(value, self._pseudonyms)
        if key in _STATEMENTS:
            plain = without_literals(value) if len(value) <= self._policy.max_chars else value
            if plain != value:
                into.note("redacted")
            return self.text(plain, into, field=key)
        if value[:1] in ("{", "[") and len(value) <= self._policy.max_chars:
            try:
                parsed = json.loads(value)
            except (ValueError, RecursionError):
                return self.text(value, into, key)
            return self._json(key, value, parsed, into)
        return self.text(value, into, key)

    def _person(self, kind: str, name: IdentifierName | None, value: str, into: Screened) -> str:
        if _OURS.fullmatch(value):
            return value
        if name is not None and self._policy.allows_identifier(name):
            return self.text(value, into)
        into.note("redacted", 1, (kind,) if kind == "EMAIL" else ())
        return self._pseudonyms.identifier(kind, value)

    def _json(self, key: str, text: str, parsed: Any, into: Screened) -> str:
        """Return JSON text, as it was unless something was found in it."""
        one = Screened()
        safe = self._structure(key, parsed, one)
        into.note(one.status, one.count, tuple(one.classes))
        return text if one.status == "clean" else _ENCODER.encode(safe)

    def _structure(self, key: str, value: Any, into: Screened) -> Any:
        """Return a number or a structure as it may leave, with what its key says of it."""
        if self._redactor.searched > self._until:
            into.note("withheld")
            return TOO_LONG
        copy, summary = self._redactor.structure({key: value}, field=key)
        if not isinstance(copy, dict):
            into.note(*_at_worst(summary))
            return WITHHELD
        into.note(*summary)
        return next(iter(cast("dict[str, Any]", copy).values()))


def _at_worst(summary: Summary) -> Summary:
    return summary if summary.status in ("off", "failed_closed") else summary._replace(status="failed_closed")


def _person_at(key: str) -> tuple[str, IdentifierName | None] | None:
    """Return the kind of the person whose id or name stands under a key, and what allows it to leave."""
    kind = person_kind(key)
    if key in _PERSONS or kind is None:
        return _PERSONS.get(key)
    return kind, "user.id" if kind == "USER_ID" else "account.id"


def _is_cookie(key: str) -> bool:
    return key.rpartition(".")[2].lower().replace("_", "-") in _COOKIES


def _unused(key: str, taken: Mapping[str, Any]) -> str:
    """Return the key, numbered when two became the same marker, so that no value is lost."""
    candidate, number = key, 1
    while candidate in taken:
        number += 1
        candidate = f"{key}#{number}"
    return candidate
