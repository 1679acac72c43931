"""The rules for values behind a secret's name: in JSON, YAML, TOML, INI, `.env`, code, XML, URLs and headers.

A rule is anchored at the operator, because the vocabulary of names is large and operators are rare in what people
write. The name is read backwards from there.
"""

from __future__ import annotations

import re
from typing import Final

from convqa_sdk.redaction import secret_keys, secret_values
from convqa_sdk.redaction.entropy import SHORTEST_TOKEN, is_generated, is_mixed, is_path, is_placeholder
from convqa_sdk.redaction.prose_words import is_plain_word
from convqa_sdk.redaction.rule import Rule, Span

_QUOTES = "\"'`\u201c\u201d\u201e\u00ab\u00bb\u2018\u2019"
_OPENERS = {
    "\u201d": "\u201c\u201e",
    "\u201c": "\u201e\u201c",
    "\u00bb": "\u00ab",
    "\u00ab": "\u00bb",
    "\u2019": "\u2018",
}
_SPACE = " \t\r\n\u00a0\u202f\u3000"
_NAME_BACKWARDS = re.compile(
    "[ \t\u00a0\u202f!?+]{0,8}([\"'`\\])*]{0,4})([\\w.\\-$]{1,64})(?:[ \t\u00a0:]{1,2}([\\w\\-]{1,32}))?"
)
_TYPE_NAMES = frozenset(("str", "string", "String", "CharSequence", "bytes", "text", "varchar"))
_JOINED = frozenset(
    ("key", "keys", "code", "phrase", "token", "word", "secret", "password", "pass", "answer", "string")
)
_SCHEMES = re.compile(
    "(?i:basic|bearer|token|ntlm|negotiate|apikey|api-key|key|jwt|hmac|digest|splunk|genie|sso-key"
    "|aws4-hmac-sha256)[ :=]{1,2}"
)
_CALL = re.compile("[A-Za-z_][A-Za-z0-9_.:]*\\(|new |function|lambda |async |await ")
_REFERENCE = re.compile(
    "[A-Za-z_][A-Za-z0-9_]*(?:(?:\\.|->|::)[A-Za-z_][A-Za-z0-9_]*)+(?:\\[[^\\]]*\\]?)?|[A-Za-z_.]+\\[.*"
)
_PIN_WORDS = frozenset(("pin", "pins", "otp", "totp", "puk", "tan", "passcode", "passcodes", "code"))
_PIN = re.compile("[0-9]{4,8}")
_ATTRIBUTE_NAME = re.compile("(?i:key|name|id|property)\\s?=\\s?[\"']([\\w.\\-:]{1,64})[\"']\\s+(?i:value)$")
_CUT_SHORT = ("...", "\u2026", "***")
_TAG = re.compile("<(?:[A-Za-z0-9]{1,32}:)?([\\w.\\-]{1,64})(?:[ \\t][^<>]*)?$")
_LONGEST_TAG = 200
_BLOCK = re.compile("[|>][+-]?[ \\t]*\\r?\\n[ \\t]+")  # of YAML: the value stands on the next line
_ANSWERS = frozenset(("yes", "no", "true", "false", "unknown", "none", "null", "n/a", "undefined"))
_INNER_NAME = re.compile("[A-Za-z_.\\-]{2,24}[0-9]{0,2}=[^=\\s&]")
_SHORTEST_PASSWORD = 4


def _begin(text: str, start: int) -> int:
    """Return where the name before an operator ends: spaces and backslashes are skipped."""
    floor = max(0, start - 64)
    while start > floor and text[start - 1] in _SPACE:
        start -= 1
    return start


def member_span(text: str, start: int, end: int) -> Span | None:
    """Return the value of a member of a JSON object (or of a Python dictionary as text) whose name is a secret's.

    Args:
        text: The whole text; it need not be valid, and may be JSON inside a text of JSON, with escaped quotes.
        start: Where the operator stands.
        end: Where the value begins.
    """
    closed = _begin(text, start)
    name = _quoted_name(text, closed)
    if name is None:
        return None
    sensitive = secret_keys.is_sensitive_key(name)
    if not sensitive and secret_keys.strength(name) == secret_keys.NONE:
        return None
    span = secret_values.member(text, end)
    if span is None or span[0] == span[1] or secret_values.MARKER.fullmatch(text, *span):
        return None
    if text[span[0] : min(span[1], span[0] + 16)].lower() in _ANSWERS:
        return None
    if sensitive:
        return span
    value = text[span[0] : min(span[1], span[0] + secret_values.LONGEST_LINE)]
    return span if " " not in value and is_generated(value) and not is_placeholder(value) else None


def _quoted_name(text: str, closed: int) -> str | None:
    """Return the name whose quotes close at an offset; None when no quote does."""
    if not closed:
        return None
    floor = max(0, closed - secret_keys.MAX_KEY - 2)
    quote = text[closed - 1]
    if quote == ";":
        for entity in ("&quot;", "&#34;"):
            if text.endswith(entity, floor, closed):
                _, opened, name = text[floor : closed - len(entity)].rpartition(entity)
                return name if opened else None
        return None
    if quote not in _QUOTES:
        return None
    before = text[floor : closed - 1].rstrip("\\")
    names = [name for _, opened, name in map(before.rpartition, _OPENERS.get(quote, quote)) if opened]
    return min(names, key=len) if names else None


def assignment_span(text: str, start: int, end: int) -> Span | None:
    """Return the value behind `name =`, `name:` and the like when name and value together say that it is a secret."""
    before = text[max(0, start - 112) : start]
    match = _NAME_BACKWARDS.match(before[::-1])
    if match is None:
        return None
    strength, name = _name_strength(match, before)
    if strength == secret_keys.NONE or secret_values.in_marker(text, start):
        return None
    if "\n" in text[start:end]:
        return _on_next_line(text, end, strength)
    scheme = _SCHEMES.match(text, end) or (_BLOCK.match(text, end) if text[start] == ":" else None)
    position = end if scheme is None else scheme.end()
    return judged(text, position, strength, name=name, spaced=text[start] == ":" and text[end - 1] in _SPACE)


def _on_next_line(text: str, start: int, strength: int) -> Span | None:
    """Return a password that stands under its name, as in a chat, but not the next name of a YAML file."""
    span = judged(text, start, strength, spaced=True) if strength == secret_keys.PASSWORD else None
    if span is None or not is_mixed(text[span[0] : span[1]]) or text[span[1] : span[1] + 1] in (":", "="):
        return None
    return span


def element_span(text: str, start: int, end: int) -> Span | None:
    """Return the content of an XML element whose name is a secret's."""
    tag = _TAG.search(text[max(0, start - _LONGEST_TAG) : start])
    return None if tag is None else judged(text, end, secret_keys.strength(tag.group(1)), name=tag.group(1))


def _name_strength(match: re.Match[str], before: str) -> tuple[int, str]:
    name, previous = match.group(2)[::-1], (match.group(3) or "")[::-1]
    if name.lower() == "value" and (attribute := _ATTRIBUTE_NAME.search(before)) is not None:
        name = attribute.group(1)
    elif previous and (name in _TYPE_NAMES or name.lower() in _JOINED):
        name = previous if name in _TYPE_NAMES else f"{previous}_{name}"
    name = name.rpartition("$")[2] if "$" in name else name
    return secret_keys.strength(name), name


def judged(text: str, start: int, strength: int, *, name: str = "", spaced: bool = False) -> Span | None:
    """Return the value at an offset if it may be the secret that its name promises.

    Args:
        text: The whole text.
        start: Where the value, or its quote, begins.
        strength: Of the name before, one of the constants of `secret_keys`.
        name: The name, for those that number codes stand under.
        spaced: Whether the name is followed by a colon and a blank, as in prose: plain words then need not be a value.
    """
    found = secret_values.quoted(text, start)
    is_quoted = found is not None
    if found is not None:
        begin, stop = secret_values.one_line(text, found)
        if stop - begin > secret_values.LONGEST_LINE:
            begin, stop = secret_values.bare(text, begin)
    else:
        if text.startswith(('("', "('", '["'), start):
            return judged(text, start + 1, strength, name=name)
        begin, stop = secret_values.bare(text, start)
        if strength != secret_keys.PASSWORD and (inner := _INNER_NAME.match(text, begin, stop)) is not None:
            stop = inner.end() - 2
    if strength != secret_keys.PASSWORD and stop - begin < SHORTEST_TOKEN and not _PIN.match(text, begin, stop):
        return None
    while stop > begin and text[stop - 1] in _SPACE:
        stop -= 1
    value = text[begin:stop]
    if not value or is_placeholder(value) or text.startswith(_CUT_SHORT, stop) or secret_values.MARKER.match(value):
        return None
    if _PIN.fullmatch(value) and not _PIN_WORDS.isdisjoint(secret_keys.words_of(name)):
        return begin, stop
    if strength == secret_keys.NONE:
        return None
    if strength == secret_keys.PASSWORD:
        accepted = _is_password(value, is_quoted=is_quoted, spaced=spaced)
    else:
        accepted = (
            " " not in value
            and is_generated(value)
            and not is_path(value)
            and (is_quoted or not is_code(value))
            and (strength == secret_keys.TOKEN or len(value) >= 14 or any(c.isdigit() for c in value))
        )
    return (begin, stop) if accepted else None


def is_code(value: str) -> bool:
    """Return whether an unquoted value is a call or the name of a variable."""
    if _CALL.match(value):
        return True
    return _REFERENCE.fullmatch(value) is not None and not any(map(is_generated, value.split(".")))


def _is_password(value: str, *, is_quoted: bool, spaced: bool) -> bool:
    if len(value) < _SHORTEST_PASSWORD or is_path(value):
        return False
    if is_quoted:
        return not value.isspace() and not (len(value.split()) > 3 and not is_mixed(value))
    if is_code(value):
        return False
    if is_mixed(value) or value.isdigit():
        return True
    if not value.isalpha():
        return False
    return not is_plain_word(value) and not (spaced and secret_keys.strength(value))


ASSIGNMENTS: Final = (
    Rule(
        name="assignment",
        label="SECRET",
        literals=("=", ":"),
        expression="(?:={1,3}>?|:{1,3}=?)[ \t\r\n\u00a0\u202f]{0,64}[^\\s=:]",
        check=lambda text, start, end: member_span(text, start, end - 1) or assignment_span(text, start, end - 1),
    ),
    Rule(
        name="argument",
        label="SECRET",
        literals=(', "', ", '"),
        expression=", {1,4}",
        check=assignment_span,
    ),
    Rule(
        name="element",
        label="SECRET",
        literals=(">",),
        expression=">[^<>\\s]",
        check=lambda text, start, end: element_span(text, start, end - 1),
    ),
)
