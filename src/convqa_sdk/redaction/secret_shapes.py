"""The rules for keys that are known by something in their middle or at their end, or by their shape alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from convqa_sdk.redaction.context import words_before
from convqa_sdk.redaction.context_words import vocabulary
from convqa_sdk.redaction.rule import Rule, Span
from convqa_sdk.redaction.secret_vendors import generated_span

_TOKEN_DOTS = re.compile("[A-Za-z0-9_.+/=~\\-]*")


def whole_azure_span(text: str, start: int, end: int) -> Span | None:
    """Accept a client secret that does not go on."""
    return None if text[end : end + 1].isalnum() or text[end : end + 1] in ("_", "~", "-") else (start, end)


def _suffixed(text: str, start: int, floor: int, kind: str) -> int:
    """Return where the run of a kind of characters begins that ends at an offset."""
    head = text[max(0, start - floor) : start]
    return start - len(head) + len(head.rstrip(kind))


_HASH_WORDS = vocabulary(
    "hash txhash tx txid txn transaction block blockhash transfer receipt topic root digest signature"
)


def _not_a_hash_span(text: str, start: int, end: int) -> Span | None:
    """Accept a private key, unless the words before call it the hash of a transaction or block."""
    if text[end : end + 1].isalnum() or not _HASH_WORDS.isdisjoint(words_before(text, start)[:4]):
        return None
    return start, end


_LETTERS_DIGITS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_HEX = "0123456789abcdefABCDEF"


def _begin_of(kind: str, floor: int) -> Callable[[str, int], int]:
    return lambda text, anchor: _suffixed(text, anchor, floor, kind)


SHAPES: Final = (
    Rule(
        name="azure_client_secret",
        label="SECRET",
        long=True,
        literals=("8Q~", "7Q~"),
        begin=_begin_of(_LETTERS_DIGITS + "_~.-", 4),
        expression="[A-Za-z0-9_~.\\-]{2,4}[78]Q~[A-Za-z0-9_~.\\-]{31,34}",
        check=whole_azure_span,
    ),
    Rule(
        name="azure_key",
        label="SECRET",
        long=True,
        literals=("JQQJ99", "AzCa", "AzSe", "AzFu", "APIM", "+ASt", "+AMC", "+ARm"),
        begin=_begin_of(_LETTERS_DIGITS + "+/", 84),
        expression="[A-Za-z0-9+/]{30,86}(?:JQQJ99[A-Za-z0-9]{20,32}|Az(?:Ca|Se|Fu)[A-Za-z0-9+/]{6,10}|APIM[A-Za-z0-9+/]{4,10}|\\+(?:ASt|AMC|ARm)[A-Za-z0-9+/]{6,10})={0,2}",
        check=generated_span,
    ),
    Rule(
        name="maxmind",
        label="SECRET",
        long=True,
        literals=("_mmk",),
        begin=_begin_of(_LETTERS_DIGITS + "_", 37),
        expression="[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk",
    ),
    Rule(
        name="mailchimp",
        label="SECRET",
        long=True,
        literals=("-us",),
        begin=_begin_of(_HEX, 32),
        expression="[0-9a-f]{32}-us[0-9]{1,2}",
    ),
    Rule(
        name="new_relic_licence",
        label="SECRET",
        long=True,
        literals=("NRAL", "FFFFNRAL"),
        begin=_begin_of(_LETTERS_DIGITS, 40),
        expression="[0-9a-z]{32,36}(?:FFFF)?NRAL",
    ),
    Rule(
        name="discord_bot",
        label="SECRET",
        long=True,
        literals=("MD", "MT", "Mj", "Mz", "ND", "NT", "Nj", "Nz", "OD", "OT"),  # base64 of an id's first digits
        alone=True,
        expression="[MNO][A-Za-z0-9]{23,25}\\.[A-Za-z0-9_\\-]{6}\\.[A-Za-z0-9_\\-]{27,38}",
    ),
    Rule(
        name="telegram_bot",
        label="SECRET",
        long=True,
        literals=(":A",),
        begin=_begin_of("0123456789", 16),
        expression="[0-9]{5,16}:A[A-Za-z0-9_\\-]{33,34}",
    ),
    Rule(
        name="terraform_cloud",
        label="SECRET",
        long=True,
        literals=(".atlasv1.",),
        begin=_begin_of(_LETTERS_DIGITS, 14),
        expression="[A-Za-z0-9]{14}\\.atlasv1\\.[A-Za-z0-9_=\\-]{50,}",
    ),
    Rule(
        name="ethereum_private_key",
        label="SECRET",
        long=True,
        literals=("0x",),
        alone=True,
        expression="0x[0-9a-fA-F]{64}",
        check=_not_a_hash_span,
    ),
    Rule(
        name="grafana_key",
        label="SECRET",
        long=True,
        literals=("eyJrIjoi",),
        alone=True,
        expression="eyJrIjoi[A-Za-z0-9+/]{60,}={0,2}",
        tail=_TOKEN_DOTS,
    ),
    Rule(
        name="json_web_key",
        label="SECRET",
        long=True,
        literals=("Imt0eSI", "JrdHki", "ia3R5I"),  # base64 of "kty"
        begin=_begin_of(_LETTERS_DIGITS + "+/_-", 256),
        expression="(?:e|W)[A-Za-z0-9+/_=\\-]{80,}",
    ),
    Rule(
        name="password_hash",
        label="SECRET",
        literals=("$2a$", "$2b$", "$2y$", "$1$", "$5$", "$6$", "$y$", "$argon2"),
        expression=(
            "\\$(?:2[aby]\\$[0-9]{2}\\$[./A-Za-z0-9]{53}|(?:1|5|6|y)\\$[A-Za-z0-9=$./]{24,160}"
            "|argon2(?:id|i|d)\\$[A-Za-z0-9=,$+/]{32,200})"
        ),
    ),
)
