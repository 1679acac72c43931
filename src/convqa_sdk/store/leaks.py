"""Looks for personal data and secrets in everything that a store holds: was all of it redacted?

Whatever was exported is searched again, by the rules of today: names, keys, values, arrays, JSON by its keys, events,
links, status messages, trace states, resources, and lines that are torn. Markers and pseudonyms of ours never count.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from convqa_sdk.redaction import Pseudonyms, RedactionPolicy, Redactor
from convqa_sdk.redaction.explaining import explain_under
from convqa_sdk.redaction.json_findings import Place, in_leaf
from convqa_sdk.redaction.json_leaves import NotJsonError, leaves
from convqa_sdk.redaction.pieces import moved
from convqa_sdk.redaction.secret_keys import is_sensitive_key
from convqa_sdk.redaction.structures import HINTED_CHARS, hint
from convqa_sdk.redaction.urls import url_findings
from convqa_sdk.schema.registry import EVENT_RECORDS, all_attributes, fields_of
from convqa_sdk.store.segments import Provenance, Tally, read_lines, segments
from convqa_sdk.zstd import SUFFIX

MOST_LISTED: Final = 1_000
_CUSTOM: Final = "convqa.custom."
_EXCEPTION: Final = ("exception.type", "exception.message", "exception.stacktrace")
_MARKER: Final = re.compile(
    r"\[[A-Z][A-Z_]{1,39}(?::[a-z0-9_]{1,32}(?::[a-z]{20})?)?\](?:#[0-9]+)?"
    r"|\[[A-Z_]{0,40}(?::[a-z0-9_]{0,32}(?::[a-z]{0,20})?)?(?=\[WITHHELD:too_long\])"
)
"""Whole, or cut where a text that was too long ends."""
_FORMAL: Final = re.compile(
    "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.][0-9]{1,9})?Z|[0-9a-f]{32}|[0-9a-f]{64}"
)
"""A time or a hash, as spans of ours carry them where the schema says so: redaction does not look at these."""
_SHORT_NUMBER: Final = 6
_REMEMBERED: Final = 50_000
_REMEMBERED_CHARS: Final = 256
_EXPANSION: Final = 8
"""How much longer a segment is than its compressed copy, about; for the progress bar."""


class Leak(NamedTuple):
    """Something that should have been redacted; the value is no part of it.

    Attributes:
        segment: Name of the segment's file.
        line: Number of the line in it, from 1.
        span: Id of the span, 16 hexadecimal digits; empty for the resource and for a line that is torn.
        place: Where in the span: an attribute's key, `event NAME KEY`, `status message` and so on, itself redacted.
        label: The class, such as `EMAIL`.
        rule: Name of the rule that found it.
        offset: Characters before it in the text.
        length: Its characters.
    """

    segment: str
    line: int
    span: str
    place: str
    label: str
    rule: str
    offset: int
    length: int


@dataclass
class LeakScan:
    """What a search for leaks met.

    Attributes:
        texts: Texts searched.
        count: Findings.
        classes: The same by class.
        leaks: The first thousand.
    """

    texts: int = 0
    count: int = 0
    classes: Counter[str] = field(default_factory=Counter[str])
    leaks: list[Leak] = field(default_factory=list[Leak])


class _Text(NamedTuple):
    """A text of a store.

    Attributes:
        place: Where it stands.
        text: Itself.
        key: The name that says what it is; empty where the schema does, or nothing.
        is_foreign: Whether another instrumentation wrote it, so that its URLs are read too.
        field: Key of the attribute that holds it, None: it is no value of one.
    """

    place: str
    text: str
    key: str = ""
    is_foreign: bool = False
    field: str | None = None


def scan(
    store: Path,
    policy: RedactionPolicy | None = None,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
    pseudonyms: Pseudonyms | None = None,
) -> LeakScan:
    """Search a store for what should have been redacted.

    Args:
        store: Folder of segments.
        policy: The one that it was written under: what it keeps or allows in `store` does not count, what its word
            lists find does. None: every class counts.
        on_progress: Told after each line how many bytes are done, of how many; an estimate.
        pseudonyms: Compare values that the policy allows as keyed hashes; None: these count.

    Raises:
        StoreError: There is no such folder, or it cannot be read.
    """
    search = _Search((policy if policy is not None else RedactionPolicy()).at("store"), pseudonyms)
    total = sum(path.stat().st_size * (_EXPANSION if path.suffix == SUFFIX else 1) for path in segments(store))
    done = 0
    for source, line in read_lines(store, Tally()):
        search.line(source, line)
        done += len(line)
        on_progress(done, total)
    return search.result


class _Search:
    """Searches line after line; what was clean once is not searched again."""

    def __init__(self, policy: RedactionPolicy, pseudonyms: Pseudonyms | None) -> None:
        self.result = LeakScan()
        self._redactor = Redactor(RedactionPolicy())
        self._judge = Redactor(policy, pseudonyms)
        self._clean: set[tuple[str, str, bool, str | None]] = set()

    def line(self, source: Provenance, line: bytes) -> None:
        """Search a line."""
        try:
            request: Any = json.loads(line.strip() or b"{}")
            texts = list(_texts(request))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            texts = [("", _Text("a torn line", line.decode(errors="replace")))]
        for span, text in texts:
            self._text(source, span, text)

    def _text(self, source: Provenance, span: str, given: _Text) -> None:
        self.result.texts += 1
        memory = (given.text, given.key, given.is_foreign, given.field if self._judge.by_field else None)
        if memory in self._clean or (not given.key and _FORMAL.fullmatch(given.text)):
            return
        found = [place for place in _found(given, self._judge) if self._counts(given.text, place)]
        if not found:
            if len(given.text) <= _REMEMBERED_CHARS and len(self._clean) < _REMEMBERED:
                self._clean.add(memory)
            return
        place = self._redactor.text(given.place).text
        for start, end, label, rule, path, _ in found:
            self.result.count += 1
            self.result.classes[label] += 1
            if len(self.result.leaks) < MOST_LISTED:
                where = f"{place} {path}".rstrip()
                self.result.leaks.append(
                    Leak(source.segment, source.line, span, where, label, rule, start, end - start)
                )

    def _counts(self, text: str, place: Place) -> bool:
        """Tell whether a finding is more than markers of ours and what stands between them."""
        if place.action == "keep":
            return False
        rest, position = "", place.start
        for marker in _MARKER.finditer(text):
            if marker.end() > place.start and marker.start() < place.end:
                rest += text[position : max(position, marker.start())]
                position = marker.end()
        rest += text[position : place.end]
        return any(map(str.isalnum, rest))


def _found(given: _Text, judge: Redactor) -> Iterator[Place]:
    """Yield what is found in a text, as redaction would have looked for it."""
    _, text, key, is_foreign, field = given
    if is_sensitive_key(key):
        yield Place(0, len(text), "SECRET", "sensitive_key", "")
        return
    if text[:1] in ("{", "["):
        try:
            yield from [found for leaf in leaves(text) for found in in_leaf(text, leaf, judge, field)]
        except NotJsonError:
            pass
        else:
            return
    prefix = hint(key) if key and len(text) <= HINTED_CHARS else ""
    for start, end, label, rule, action in moved(explain_under(judge, prefix + text, field), len(prefix)):
        yield Place(start, end, label, rule, "", action)
    if is_foreign:
        for found in url_findings(text, judge.find) or ():
            yield Place(*found, "url", "", judge.action(text, found, field))


# --------------------------------------------------------------------------------------------- the texts of a request


def _texts(request: Any) -> Iterator[tuple[str, _Text]]:
    """Yield every text of a request, with the id of its span."""
    for resource_spans in request.get("resourceSpans") or ():
        for text in _attributes("resource ", _inside(resource_spans.get("resource"), "attributes")):
            yield "", text._replace(key=text.key if is_sensitive_key(text.key) else "")
        for scope_spans in resource_spans.get("scopeSpans") or ():
            scope = scope_spans.get("scope")
            yield "", _Text("scope", f"{_inside(scope, 'name') or ''} {_inside(scope, 'version') or ''}")
            for text in _attributes("scope ", _inside(scope, "attributes")):
                yield "", text
            for span in scope_spans.get("spans") or ():
                is_ours = any(attribute["key"] == "convqa.stage" for attribute in span.get("attributes") or ())
                for text in _span(span):
                    yield str(span.get("spanId", "")), text._replace(is_foreign=not is_ours)


def _span(span: Any) -> Iterator[_Text]:
    for place, text in (
        ("name", span.get("name")),
        ("trace state", span.get("traceState")),
        ("status message", _inside(span.get("status"), "message")),
    ):
        if text:
            yield _Text(place, str(text))
    yield from _attributes("", span.get("attributes"))
    for event in span.get("events") or ():
        name = str(event.get("name", ""))
        yield _Text("name of an event", name)
        yield from _attributes(f"event {name} ", event.get("attributes"))
    for link in span.get("links") or ():
        if link.get("traceState"):
            yield _Text("trace state of a link", str(link["traceState"]))
        yield from _attributes("link ", link.get("attributes"))


def _attributes(lead: str, attributes: Any) -> Iterator[_Text]:
    for attribute in attributes or ():
        key = str(attribute["key"])
        yield _Text(f"{lead}key of an attribute", key)
        yield from _value(
            lead + key, key, "" if _is_declared(key) else key.removeprefix(_CUSTOM), attribute.get("value")
        )


def _value(place: str, field: str, key: str, value: Any) -> Iterator[_Text]:
    """Yield the texts of a value; a number is one where no schema says what it is."""
    for kind, content in _members(value):
        if kind == "arrayValue":
            for index, item in enumerate(_inside(content, "values") or ()):
                yield from _value(f"{place}[{index}]", field, key, item)
        elif kind == "kvlistValue":
            yield from _attributes(f"{place} ", _inside(content, "values"))
        elif kind == "stringValue":
            yield _Text(place, str(content), key, field=field)
        elif kind == "bytesValue":
            yield _Text(place, _plain(str(content)), key, field=field)
        elif kind != "boolValue" and key:
            digits = str(content).partition(".")[0]
            if len(digits) > _SHORT_NUMBER or is_sensitive_key(key):
                yield _Text(place, digits, key, field=field)


def _inside(thing: Any, key: str) -> Any:
    return thing.get(key) if thing else None


def _members(thing: Any) -> Iterator[tuple[str, Any]]:
    yield from thing.items() if thing else ()


def _is_declared(key: str) -> bool:
    return key in _declared() or key.endswith((".sha256", ".original_length"))


@cache
def _declared() -> frozenset[str]:
    """Return the keys of which the schema says what they hold; such a text is not read behind its key."""
    events = (field.attribute.key for record in EVENT_RECORDS.values() for field in fields_of(record).values())
    return frozenset({*all_attributes(), *events, *_EXCEPTION})


def _plain(encoded: str) -> str:
    try:
        return base64.b64decode(encoded).decode(errors="replace")
    except binascii.Error:
        return encoded
