"""The rules for secrets: keys of vendors known by their prefix, tokens, private keys, passwords in URLs and in JSON.

To add a vendor, add one entry. Patterns stay in the subset that RE2 shares with `re`.
"""

from __future__ import annotations

import re
from typing import Final

from convqa_sdk.redaction import validators
from convqa_sdk.redaction.rule import Check, Rule, Span
from convqa_sdk.redaction.secret_keys import member_span

_TOKEN = re.compile("[A-Za-z0-9_\\-]*")
_TOKEN_DOTS = re.compile("[A-Za-z0-9_.+/=~\\-]*")
_PRIVATE_KEY = "-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
_KEY_END = re.compile("-----END [A-Z0-9 ]{0,60}-----")
_LONGEST_KEY = 16_384


def _private_key_span(text: str, start: int, end: int) -> Span | None:
    """Return the whole block; one without an end takes the rest of the text with it."""
    closing = text.find("-----END ", end, end + _LONGEST_KEY)
    match = _KEY_END.match(text, closing) if closing >= 0 else None
    return start, match.end() if match else len(text)


def _vendor(
    name: str,
    *prefixes: str,
    body: str = "[A-Za-z0-9_\\-]{16,}",
    check: Check | None = None,
) -> Rule:
    """Make the rule for keys that are known by their prefix."""
    expression = f"(?:{'|'.join(map(re.escape, prefixes))}){body}"
    return Rule(
        name=name, label="SECRET", literals=prefixes, expression=expression, check=check, alone=True, tail=_TOKEN
    )


_ALNUM = "[A-Za-z0-9]{16,}"

SECRETS: Final = (
    _vendor("openai_anthropic", "sk-", body="[A-Za-z0-9_\\-]{18,}", check=validators.mixed_token_span),
    _vendor(
        "stripe",
        *(f"{kind}_{mode}_" for kind in ("sk", "rk", "pk") for mode in ("live", "test")),
        body="[A-Za-z0-9]{8,}",
    ),
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
        expression=_PRIVATE_KEY,
        check=_private_key_span,
        reach=128,
    ),
    Rule(
        name="json_web_token",
        alone=True,
        label="SECRET",
        literals=("eyJ",),
        expression="eyJ[A-Za-z0-9_\\-]{8,}\\.[A-Za-z0-9_\\-]{4,}(?:\\.[A-Za-z0-9_\\-]*)?",
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
        name="url_password",
        label="SECRET",
        literals=("://",),
        expression="://[^\\s/?#@:\"'<>]{0,128}:([^\\s/?#\"'<>]{1,256})@",
        check=validators.url_password_span,
        group=1,
    ),
    Rule(
        name="member",
        label="SECRET",
        literals=('":', "':", '" :'),
        expression="[\"'] ?:[ \t\r\n]{0,64}",
        check=member_span,
    ),
    Rule(
        name="slack_webhook",
        label="SECRET",
        literals=("hooks.slack.com/",),
        expression="hooks\\.slack\\.com/(?:services|workflows|triggers)/[A-Za-z0-9_/\\-]{16,}",
    ),
)
