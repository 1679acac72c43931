"""Explains and redacts files of any length: text, JSON, and lines of JSON.

Text is read in pieces that end with a line and never inside a finding; each is searched together with what stands
around it. JSON is walked by its keys, and everything but what was found stays as it is written. What should be JSON and
is none is treated as text.
"""

from __future__ import annotations

import codecs
import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final, Literal, NamedTuple

from convqa_sdk.errors import InputError
from convqa_sdk.redaction.explaining import explain_under
from convqa_sdk.redaction.findings import Finding
from convqa_sdk.redaction.json_findings import Place, in_leaf, searched
from convqa_sdk.redaction.json_leaves import Leaf, NotJsonError, leaves
from convqa_sdk.redaction.pieces import MOST_CHARS, moved, pieces
from convqa_sdk.redaction.policy import Action, RedactionPolicy
from convqa_sdk.redaction.redactor import Redactor

Form = Literal["text", "json", "jsonl"]

READ_BYTES: Final = 65_536
_PATIENT: Final = {"budget_ms": 600_000.0, "max_chars": 4 * MOST_CHARS, "content": True}
_LOOK_BYTES: Final = 8_192
_MOST_NOTED: Final = 100


class Located(NamedTuple):
    """A finding in a file; the value is no part of it.

    Attributes:
        line: Number of the line, from 1.
        column: Number of the character in its line, from 1.
        offset: Characters before it in the file.
        length: Characters of the value as it is written.
        label: The class, such as `EMAIL`.
        rule: Name of the rule that found it.
        path: Where it stands in JSON, as `$.messages[0].content`; empty in text.
        action: What the policy does with it; `keep` also for what its allow-list lets pass.
    """

    line: int
    column: int
    offset: int
    length: int
    label: str
    rule: str
    path: str
    action: Action = "redact"


@dataclass
class Reading:
    """What was met while a file was read.

    Attributes:
        name: Its name, for messages.
        characters: Characters done.
        not_json: Numbers of lines (1 for a whole document) that should be JSON and were read as text; the first 100.
        withheld: Texts that could not be redacted and were withheld.
        classes: Values replaced, by class.
        on_progress: Told after each piece.
    """

    name: str
    characters: int = 0
    not_json: list[int] = field(default_factory=list[int])
    withheld: int = 0
    classes: Counter[str] = field(default_factory=Counter[str])
    on_progress: Callable[[Reading], None] = lambda _: None

    def done(self, characters: int) -> None:
        """Count characters that are done."""
        self.characters += characters
        self.on_progress(self)


def patient(policy: RedactionPolicy) -> RedactionPolicy:
    """Return a policy with the limits of somebody who waits, instead of a bot's."""
    return RedactionPolicy.model_validate({**policy.model_dump(), **_PATIENT})


def decoded(stream: BinaryIO, name: str) -> Iterator[str]:
    """Yield a file's text in pieces.

    Raises:
        InputError: It is not UTF-8, or holds NUL bytes where it begins.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    position = 0
    while chunk := stream.read(READ_BYTES):
        if position < _LOOK_BYTES and b"\0" in chunk[:_LOOK_BYTES]:
            raise InputError(f"{name}: holds NUL bytes, so it is binary or in another encoding; give UTF-8 text")
        yield _decode(decoder, chunk, position, name)
        position += len(chunk)
    yield _decode(decoder, b"", position, name)


def _decode(decoder: codecs.IncrementalDecoder, chunk: bytes, position: int, name: str) -> str:
    held = len(decoder.getstate()[0])
    try:
        return decoder.decode(chunk, final=not chunk)
    except UnicodeDecodeError as error:
        at = position - held + error.start
        raise InputError(f"{name}: not UTF-8 at byte {at}; convert it first, for example with iconv") from None


def explained(chunks: Iterable[str], form: Form, redactor: Redactor, reading: Reading) -> Iterator[Located]:
    """Yield what is found in a file, in its order.

    Args:
        chunks: The text, in pieces of any length.
        form: How it is read.
        redactor: Knows the policy.
        reading: Takes notes.
    """
    lines = _Lines()
    for document in _documents(chunks, form):
        if not isinstance(document, str):
            parts: Iterable[tuple[str, Iterable[Place]]] = _explained_text(document, redactor)
        elif (found := _explained_json(document, lines.line, redactor, reading)) is not None:
            parts = [(document, found)]
        else:
            parts = _explained_text([document], redactor)
        for text, places in parts:
            yield from lines.located(text, places)
            reading.done(len(text))


def redacted(chunks: Iterable[str], form: Form, redactor: Redactor, reading: Reading) -> Iterator[str]:
    """Yield a file redacted, in pieces.

    Args:
        chunks: The text, in pieces of any length.
        form: How it is read.
        redactor: Of a `patient` policy.
        reading: Takes notes.
    """
    line = 1
    for document in _documents(chunks, form):
        if not isinstance(document, str):
            yield from _redacted_text(document, redactor, reading)
            continue
        written = _redacted_json(document, redactor, line, reading)
        if written is None:
            yield from _redacted_text([document], redactor, reading)
        else:
            yield written
            reading.done(len(document))
        line += document.count("\n")


class _Lines:
    """Knows the line and the column of what is found, while a file is read once."""

    def __init__(self) -> None:
        self.line = 1
        self._offset = 0
        self._begin = 0

    def located(self, text: str, places: Iterable[Place]) -> Iterator[Located]:
        """Yield findings of the next piece of the file with their places in the file, and go behind the piece."""
        breaks = [index + 1 for index, character in enumerate(text) if character == "\n"] if "\n" in text else []
        for start, end, label, rule, path, action in places:
            above = bisect_right(breaks, start)
            begin = self._offset + breaks[above - 1] if above else self._begin
            offset = self._offset + start
            yield Located(self.line + above, offset - begin + 1, offset, end - start, label, rule, path, action)
        self.line += len(breaks)
        self._begin = self._offset + breaks[-1] if breaks else self._begin
        self._offset += len(text)


def _documents(chunks: Iterable[str], form: Form) -> Iterator[str | Iterable[str]]:
    """Yield the JSON documents of a file as texts, or all of a text as an iterable."""
    if form == "text":
        yield chunks
    elif form == "json":
        yield "".join(chunks)
    else:
        rest: list[str] = []
        for chunk in chunks:
            *lines, last = chunk.split("\n")
            for line in lines:
                yield "".join([*rest, line, "\n"])
                rest.clear()
            rest.append(last)
        if last_line := "".join(rest):
            yield last_line


# ------------------------------------------------------------------------------------------------------------ text


def _explained_text(chunks: Iterable[str], redactor: Redactor) -> Iterator[tuple[str, Iterable[Place]]]:
    for text, found in pieces(chunks, lambda text: explain_under(redactor, text)):
        yield text, [Place(*each[:4], "", each.action) for each in found or ()]


def _redacted_text(chunks: Iterable[str], redactor: Redactor, reading: Reading) -> Iterator[str]:
    for text, found in pieces(chunks, redactor.find):
        written = redactor.render(text, found)
        _note(reading, written.status, [finding.label for finding in found or () if _is_treated(redactor, finding)])
        yield written.text + "\n" * (written.status in ("withheld", "failed_closed") and text.endswith("\n"))
        reading.done(len(text))


def _is_treated(redactor: Redactor, finding: Finding) -> bool:
    return redactor.policy.action(finding.label) != "keep"


def _note(reading: Reading, status: str, labels: Iterable[str]) -> None:
    reading.withheld += status in ("withheld", "failed_closed")
    reading.classes.update(labels)


# ------------------------------------------------------------------------------------------------------------ JSON


def _explained_json(document: str, line: int, redactor: Redactor, reading: Reading) -> list[Place] | None:
    """Return what is found in a document, None when it is no JSON."""
    try:
        return [found for leaf in leaves(document) for found in in_leaf(document, leaf, redactor)]
    except NotJsonError:
        _not_json(document, line, reading)
        return None


def _redacted_json(document: str, redactor: Redactor, line: int, reading: Reading) -> str | None:
    """Return a document with what was found in it written over, None when it is no JSON."""
    parts: list[str] = []
    position = 0
    names: dict[tuple[str | int, ...], set[str]] = {}
    withheld, classes = reading.withheld, Counter(reading.classes)
    try:
        for leaf in leaves(document):
            written = _redacted_leaf(leaf, redactor, reading)
            if written is None:
                continue
            if leaf.kind == "key":
                taken = names.setdefault(leaf.path[:-1], set())
                written = _unused(written, taken)
                taken.add(written)
            parts += (document[position : leaf.start], json.dumps(written, ensure_ascii=False))
            position = leaf.end
    except NotJsonError:
        reading.withheld, reading.classes = withheld, classes
        _not_json(document, line, reading)
        return None
    return "".join([*parts, document[position:]])


def _redacted_leaf(leaf: Leaf, redactor: Redactor, reading: Reading) -> str | None:
    """Return what a leaf becomes, None when it stays."""
    if leaf.kind == "secret":
        reading.classes["SECRET"] += 1
        return "[WITHHELD]" if redactor.policy.action("SECRET") == "withhold" else "[SECRET]"
    text, prefix = searched(leaf)
    found = redactor.find(prefix + text) if text else []
    if found is not None:
        found = moved(found, len(prefix))
        if not any(_is_treated(redactor, finding) for finding in found):
            return None
    written = redactor.render(text, found)
    _note(reading, written.status, [finding.label for finding in found or () if _is_treated(redactor, finding)])
    return written.text


def _not_json(document: str, line: int, reading: Reading) -> None:
    if document.strip() and len(reading.not_json) < _MOST_NOTED:
        reading.not_json.append(line)


def _unused(name: str, taken: set[str]) -> str:
    """Return a key, numbered when two of one object became the same marker, so that no value is lost."""
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{name}#{number}"
    return candidate
