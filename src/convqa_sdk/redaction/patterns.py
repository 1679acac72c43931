"""The rules of the detector, as data. To add a class or a vendor, add an entry.

A rule is anchored: the detector finds the anchor (a literal, or the start of a group of digits) cheaply, and only there
matches the pattern, forward. That is why clean text costs almost nothing, and why no input makes a pattern slow: a match
starts at few places and reads at most `reach` characters. Patterns stay in the subset that RE2 shares with `re` (no
lookaround, no backreference, no `\\d`, no `\\b`); what stands around a match is judged by `check`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from convqa_sdk.redaction import phones, validators

Span = tuple[int, int]
Anchor = Literal["literal", "number", "iban", "colon"]

LABELS: Final = frozenset({"CREDIT_CARD", "EMAIL", "IBAN", "IP_ADDRESS", "PHONE", "SECRET"})
"""The classes that the rules below can report."""

DETECTOR_VERSION: Final = "1"
"""Stamped on spans; changes whenever the same text may give other findings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How one kind of value is found.

    Attributes:
        name: Names the rule in explanations and tests.
        label: The class it reports.
        pattern: Matched at the anchor; its group `group` is the candidate.
        check: Gets the text and the candidate's span; returns the value's span, or None.
        literals: Anchors, when `anchor` is `literal`.
        anchor: `number` is the start of a group of digits in a run of at least seven characters, `iban` a country code
            before two digits, `colon` two colons with at most four hexadecimal digits between.
        begin: Gets the text and the anchor; returns where the match has to start. None starts at the anchor.
        reach: How many characters a match may read.
        tail: What may continue a value that is longer than `reach`, read piecewise.
        digits: For `number`: with which digits the value may begin.
        embedded: For `number`: whether a letter may stand right before it.
        shortest: For `number`: the least length from the anchor to the end of its run of digits and separators.
    """

    name: str
    label: str
    pattern: re.Pattern[str]
    check: Callable[[str, int, int], Span | None]
    literals: tuple[str, ...] = ()
    anchor: Anchor = "literal"
    begin: Callable[[str, int], int] | None = None
    group: int = 0
    reach: int = 1024
    tail: re.Pattern[str] | None = None
    digits: str = "0123456789"
    embedded: bool = False
    shortest: int = 7


_LETTERS = "\u00c0-\u024f\u0370-\u052f"
_LOCAL_PART = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+%'!#$&*^~"
_HEX_COLONS = "0123456789abcdefABCDEF:."
_TOKEN = re.compile("[A-Za-z0-9_\\-]*")
_TOKEN_DOTS = re.compile("[A-Za-z0-9_.+/=~\\-]*")
_SEPARATOR = f"[{phones.SEPARATORS}]"
_PRIVATE_KEY = re.compile("-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_END = re.compile("-----END [A-Z0-9 ]{0,60}-----")
_LONGEST_KEY = 16_384


def _local_part_begin(text: str, anchor: int) -> int:
    """Return where the local part before an `@` begins; letters of alphabetic scripts count, ideographs do not."""
    floor = max(0, anchor - 256)
    head = text[floor:anchor]
    while True:
        head = head.rstrip(_LOCAL_PART)
        if not head or not ("\u00c0" <= head[-1] <= "\u024f" or "\u0370" <= head[-1] <= "\u052f"):
            return floor + len(head)
        head = head[:-1]


def _address_begin(text: str, anchor: int) -> int:
    floor = max(0, anchor - 48)
    return floor + len(text[floor:anchor].rstrip(_HEX_COLONS))


def _private_key_span(text: str, start: int, end: int) -> Span | None:
    """Return the whole block; one without an end takes the rest of the text with it."""
    closing = text.find("-----END ", end, end + _LONGEST_KEY)
    match = _KEY_END.match(text, closing) if closing >= 0 else None
    return start, match.end() if match else len(text)


def unterminated(text: str, start: int) -> bool:
    """Return whether a secret block begins at this offset and its end is missing.

    Args:
        text: The whole text.
        start: Offset where a finding begins.
    """
    match = _PRIVATE_KEY.match(text, start, start + 128)
    if match is None:
        return False
    closing = text.find("-----END ", match.end(), match.end() + _LONGEST_KEY)
    return closing < 0 or _KEY_END.match(text, closing) is None


def _vendor(
    name: str,
    *prefixes: str,
    body: str = "[A-Za-z0-9_\\-]{16,}",
    check: Callable[[str, int, int], Span | None] = validators.token_span,
) -> Rule:
    """Make the rule for keys that are known by their prefix."""
    pattern = re.compile(f"(?:{'|'.join(map(re.escape, prefixes))}){body}")
    return Rule(name=name, label="SECRET", literals=prefixes, pattern=pattern, check=check, tail=_TOKEN)


_ALNUM = "[A-Za-z0-9]{16,}"

SECRETS: Final = (
    _vendor("openai_anthropic", "sk-", body="[A-Za-z0-9_\\-]{18,}", check=validators.mixed_token_span),
    _vendor("stripe", *(f"{kind}_{mode}_" for kind in ("sk", "rk", "pk") for mode in ("live", "test")), body="[A-Za-z0-9]{8,}"),
    _vendor("stripe_webhook", "whsec_"),
    _vendor("github", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", body=_ALNUM),
    _vendor("github_fine_grained", "github_pat_"),
    _vendor("gitlab", "glpat-"),
    _vendor("aws_access_key", "AKIA", "ASIA", "ABIA", "ACCA", body="[A-Z0-9]{16}", check=validators.mixed_token_span),
    _vendor("slack", *(f"xox{kind}-" for kind in "abcdeoprs"), "xapp-", body="[A-Za-z0-9\\-]{8,}"),
    _vendor("slack_export", "xoxe.", body="xox[bp]-[A-Za-z0-9\\-]{8,}"),
    _vendor("google_api", "AIza", body="[A-Za-z0-9_\\-]{30,}"),
    _vendor("google_oauth", "ya29.", body="[A-Za-z0-9_\\-]{16,}"),
    _vendor("sendgrid", "SG.", body="[A-Za-z0-9_\\-]{16,}\\.[A-Za-z0-9_\\-]{16,}"),
    _vendor("hugging_face", "hf_", body=_ALNUM),
    _vendor("npm", "npm_", body=_ALNUM),
    _vendor("pypi", "pypi-", check=validators.mixed_token_span),
    _vendor("digitalocean", "dop_v1_", "doo_v1_", "dor_v1_"),
    _vendor("shopify", "shpat_", "shpca_", "shppa_", "shpss_"),
    _vendor("square", "sq0atp-", "sq0csp-"),
    _vendor("docker_hub", "dckr_pat_", "dckr_oat_"),
    _vendor("grafana", "glsa_"),
    _vendor("vault", "hvs.", "hvb."),
    Rule(
        name="private_key",
        label="SECRET",
        literals=("-----BEGIN ",),
        pattern=_PRIVATE_KEY,
        check=_private_key_span,
        reach=128,
    ),
    Rule(
        name="json_web_token",
        label="SECRET",
        literals=("eyJ",),
        pattern=re.compile("eyJ[A-Za-z0-9_\\-]{8,}\\.[A-Za-z0-9_\\-]{4,}(?:\\.[A-Za-z0-9_\\-]*)?"),
        check=validators.token_span,
        reach=2048,
        tail=_TOKEN_DOTS,
    ),
    Rule(
        name="bearer_token",
        label="SECRET",
        literals=("earer ", "EARER "),
        pattern=re.compile("[A-Za-z]{5} {1,4}([A-Za-z0-9_.+/=~\\-]{16,})"),
        check=validators.mixed_token_span,
        group=1,
        tail=_TOKEN_DOTS,
    ),
    Rule(
        name="url_password",
        label="SECRET",
        literals=("://",),
        pattern=re.compile("://[^\\s/?#@:\"'<>]{0,128}:([^\\s/?#\"'<>]{1,256})@"),
        check=validators.url_password_span,
        group=1,
    ),
    Rule(
        name="slack_webhook",
        label="SECRET",
        literals=("hooks.slack.com/",),
        pattern=re.compile("hooks\\.slack\\.com/(?:services|workflows|triggers)/[A-Za-z0-9_/\\-]{16,}"),
        check=validators.token_span,
    ),
)

PERSONAL: Final = (
    Rule(
        name="email",
        label="EMAIL",
        literals=("@",),
        pattern=re.compile(
            f"[A-Za-z0-9._\\-+%'!#$&*^~{_LETTERS}]{{1,256}}@(?:[A-Za-z0-9{_LETTERS}\\-]{{1,63}}\\.){{1,16}}"
            f"(?:xn--[A-Za-z0-9\\-]{{1,59}}|[A-Za-z{_LETTERS}]{{2,24}})"
        ),
        check=validators.email_span,
        begin=_local_part_begin,
    ),
    Rule(
        name="card",
        label="CREDIT_CARD",
        anchor="number",
        pattern=re.compile(f"[2-6](?:{_SEPARATOR}{{0,2}}[0-9]){{12,18}}"),
        check=validators.card_span,
        reach=64,
        digits="23456",
        embedded=True,
        shortest=13,
    ),
    Rule(
        name="card_in_context",
        label="CREDIT_CARD",
        anchor="number",
        pattern=re.compile(f"[0-9]{{12,19}}|[0-9]{{4}}{_SEPARATOR}[0-9]{{4}}{_SEPARATOR}[0-9]{{4}}{_SEPARATOR}[0-9]{{2,4}}"),
        check=validators.card_in_context_span,
        reach=32,
        shortest=12,
    ),
    Rule(
        name="iban",
        label="IBAN",
        anchor="iban",
        pattern=re.compile(f"[A-Za-z]{{2}}[0-9]{{2}}(?:{_SEPARATOR}?[A-Za-z0-9]){{11,30}}"),
        check=validators.iban_span,
        reach=80,
    ),
    Rule(
        name="ipv4",
        label="IP_ADDRESS",
        anchor="number",
        pattern=re.compile("[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}"),
        check=validators.ipv4_span,
        reach=16,
    ),
    Rule(
        name="ipv6",
        label="IP_ADDRESS",
        anchor="colon",
        pattern=re.compile("[0-9A-Fa-f:.]{6,46}"),
        check=validators.ipv6_span,
        begin=_address_begin,
        reach=48,
    ),
    Rule(
        name="phone_international",
        label="PHONE",
        literals=("+",),
        pattern=re.compile(f"\\+\\(?[0-9]{{1,3}}\\)?(?:[()/{phones.SEPARATORS}]{{0,3}}[0-9]){{5,13}}(?: ?x[0-9]{{1,6}})?"),
        check=phones.international_span,
        reach=64,
    ),
    Rule(
        name="phone_north_american",
        label="PHONE",
        anchor="number",
        pattern=re.compile(
            f"(?:1{_SEPARATOR}{{1,2}}\\(?)?[2-9][0-9]{{2}}\\)?{_SEPARATOR}{{0,2}}[0-9]{{3}}{_SEPARATOR}{{1,2}}[0-9]{{4}}"
            "(?: ?x[0-9]{1,6})?"
        ),
        check=phones.north_american_span,
        reach=32,
        digits="123456789",
        shortest=10,
    ),
    Rule(
        name="phone_trunk",
        label="PHONE",
        anchor="number",
        pattern=re.compile(
            f"(?:0[1-9][0-9]{{0,3}}|00[1-9][0-9]{{0,2}})(?:\\)?[/{phones.SEPARATORS}]{{1,2}}\\(?[0-9]{{2,8}}){{1,4}}|07[0-9]{{9}}",
        ),
        check=phones.trunk_span,
        reach=48,
        digits="0",
        shortest=10,
    ),
    Rule(
        name="phone_named",
        label="PHONE",
        anchor="number",
        pattern=re.compile(f"[0-9](?:[()]?{_SEPARATOR}{{0,2}}[()]?[0-9]){{6,14}}"),
        check=phones.named_span,
        reach=48,
    ),
)

RULES: Final = SECRETS + PERSONAL
