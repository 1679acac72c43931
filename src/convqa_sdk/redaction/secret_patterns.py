"""The rules for secrets: keys of vendors known by their prefix, tokens, private keys, passwords in URLs and in JSON.

To add a vendor, add one entry. Patterns stay in the subset that RE2 shares with `re`.
"""

from __future__ import annotations

import base64
import re
from typing import Final

from convqa_sdk.redaction import validators
from convqa_sdk.redaction.entropy import is_placeholder
from convqa_sdk.redaction.kubernetes_secrets import KUBERNETES
from convqa_sdk.redaction.rule import Rule, Span
from convqa_sdk.redaction.secret_assignments import ASSIGNMENTS
from convqa_sdk.redaction.secret_prose import PROSE
from convqa_sdk.redaction.secret_shapes import SHAPES
from convqa_sdk.redaction.secret_vendors import VENDORS

_TOKEN_DOTS = re.compile("[A-Za-z0-9_.+/=~\\-]*")
_PRIVATE_KEY = "-----? ?BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-----?"
_KEY_END = re.compile("-----? ?END [A-Z0-9 ]{0,60}-----?")
_DATABASE_CLIENT = re.compile(
    "(?:mysql|mysqldump|mysqladmin|mariadb|mongo|mongosh|sshpass|redis-cli|docker login)[ .][^\n]*$"
)
_SCHEMES = ("https://", "http://")
_LONGEST_KEY = 16_384


def _private_key_span(text: str, start: int, end: int) -> Span | None:
    """Return the whole block; one without an end takes the rest of the text with it."""
    closing = text.find("---- END " if text.startswith("---- ", start) else "-----END ", end, end + _LONGEST_KEY)
    match = _KEY_END.match(text, closing) if closing >= 0 else None
    return start, match.end() if match else len(text)


def _scheme_begin(text: str, anchor: int) -> int:
    """Return where a URL begins whose host is the anchor."""
    return next((anchor - len(scheme) for scheme in _SCHEMES if text.endswith(scheme, 0, anchor)), anchor)


def _putty_key_span(text: str, start: int, end: int) -> Span | None:
    """Return the whole file; one without its last line takes the rest of the text with it."""
    last = text.find("Private-MAC:", end, end + _LONGEST_KEY)
    stop = text.find("\n", last) if last >= 0 else -1
    return start, stop if stop >= 0 else len(text)


def _url_password_span(text: str, start: int, end: int) -> Span | None:
    """Accept the password of a URL, unless it is a placeholder or its host is only named."""
    return None if is_placeholder(text[start:end]) else validators.url_password_span(text, start, end)


def _basic_span(text: str, start: int, end: int) -> Span | None:
    """Accept base64 of a user and a password, joined by a colon."""
    try:
        plain = base64.b64decode(text[start:end] + "=" * (-(end - start) % 4), validate=True)
    except ValueError:
        return None
    return (start, end) if b":" in plain and plain.isascii() else None


def _command_password_span(text: str, start: int, end: int) -> Span | None:
    """Accept the password in `-u user:password`, but not the group in `-u 1000:1000`."""
    value = text[start:end]
    return None if value.isdigit() or is_placeholder(value) or value.startswith("/") else (start, end)


def _database_password_span(text: str, start: int, end: int) -> Span | None:
    """Accept what follows `-p` of the clients of databases, which take the password there."""
    named = _DATABASE_CLIENT.search(text[max(0, start - 160) : start]) is not None
    return (start, end) if named and not is_placeholder(text[start:end]) else None


_FORMATS: Final = (
    Rule(
        name="private_key",
        label="SECRET",
        literals=("-----BEGIN ", "---- BEGIN SSH2 "),
        expression=_PRIVATE_KEY,
        check=_private_key_span,
        reach=128,
    ),
    Rule(
        name="putty_key",
        label="SECRET",
        literals=("PuTTY-User-Key-File-",),
        expression="PuTTY-User-Key-File-[0-9]:",
        check=_putty_key_span,
    ),
    Rule(
        name="json_web_token",
        alone=True,
        label="SECRET",
        literals=("eyJ",),
        expression="eyJ[A-Za-z0-9_\\-]{8,}\\.[A-Za-z0-9_\\-]{4,}(?:\\.[A-Za-z0-9_+/=\\-]*){0,4}",
        reach=2048,
        tail=_TOKEN_DOTS,
    ),
    Rule(
        name="bearer_token",
        label="SECRET",
        literals=("earer ", "EARER "),
        expression="[A-Za-z]{5} {1,4}([A-Za-z0-9_.+/=~\\-]{16,})",
        check=validators.mixed_token_span,
        group=1,
        tail=_TOKEN_DOTS,
    ),
    Rule(
        name="basic_credentials",
        label="SECRET",
        literals=("asic ", "ASIC "),
        expression="[A-Za-z]{4} {1,4}([A-Za-z0-9+/]{6,}={0,2})",
        check=_basic_span,
        group=1,
    ),
    Rule(
        name="curl_user",
        label="SECRET",
        literals=(" -u", " --user", " --proxy-user", " -U"),
        expression=" -(?:u|U|-user|-proxy-user)[ =]{0,4}[\"']?[^\\s:\"']{0,64}:([^\\s\"']{3,256})",
        check=_command_password_span,
        group=1,
    ),
    Rule(
        name="command_password",
        label="SECRET",
        literals=(" -p",),
        expression=" -p ?[\"']?([^\\s\"'\\-][^\\s\"']{2,128})",
        check=_database_password_span,
        group=1,
    ),
    Rule(
        name="url_password",
        label="SECRET",
        literals=("://",),
        expression="://[^\\s/?#@:\"'<>]{0,128}:([^\\s/?#\"'<>]{1,256})@",
        check=_url_password_span,
        group=1,
    ),
    Rule(
        name="slack_webhook",
        label="SECRET",
        literals=("hooks.slack.com/",),
        expression="(?:https?://)?hooks\\.slack\\.com/(?:services|workflows|triggers)/[A-Za-z0-9_/\\-]{16,}",
        begin=_scheme_begin,
    ),
)

SECRETS: Final[tuple[Rule, ...]] = VENDORS + SHAPES + _FORMATS + KUBERNETES + ASSIGNMENTS + PROSE
