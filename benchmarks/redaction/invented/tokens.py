"""Secrets and wallets: put together at run time, so that nothing that looks live stands in the repository."""

from __future__ import annotations

import base64
import json
import string
from random import Random

from . import checksums

UPPER, LOWER, DIGITS, HEX = string.ascii_uppercase, string.ascii_lowercase, string.digits, "0123456789abcdef"
ALNUM = string.ascii_letters + DIGITS
URL_SAFE = ALNUM + "-_"
VENDORS: dict[str, tuple[tuple[str, ...], str, int, str]] = {  # pieces of the head, alphabet, length, tail
    "aws": (("AK", "IA"), UPPER + "234567", 16, ""),
    "aws_temporary": (("AS", "IA"), UPPER + "234567", 16, ""),
    "github": (("gh", "p_"), ALNUM, 36, ""),
    "github_app": (("gh", "s_"), ALNUM, 36, ""),
    "github_fine": (("github", "_pat_"), ALNUM, 82, ""),
    "gitlab": (("gl", "pat-"), URL_SAFE, 20, ""),
    "gitlab_runner": (("GR", "1348941"), URL_SAFE, 20, ""),
    "slack_bot": (("xo", "xb-"), DIGITS, 12, ""),
    "slack_app": (("xa", "pp-1-A"), UPPER + DIGITS, 10, ""),
    "stripe": (("sk", "_live_"), ALNUM, 24, ""),
    "stripe_restricted": (("rk", "_live_"), ALNUM, 24, ""),
    "stripe_webhook": (("wh", "sec_"), ALNUM, 32, ""),
    "anthropic": (("sk", "-ant-api03-"), URL_SAFE, 93, "AA"),
    "openai": (("sk", "-proj-"), ALNUM, 48, ""),
    "openrouter": (("sk", "-or-v1-"), HEX, 64, ""),
    "groq": (("gs", "k_"), ALNUM, 52, ""),
    "xai": (("xa", "i-"), ALNUM, 80, ""),
    "perplexity": (("pp", "lx-"), ALNUM, 48, ""),
    "replicate": (("r8", "_"), ALNUM, 37, ""),
    "huggingface": (("h", "f_"), string.ascii_letters, 34, ""),
    "google": (("AI", "za"), URL_SAFE, 35, ""),
    "google_access": (("ya", "29."), URL_SAFE, 60, ""),
    "google_client": (("GOC", "SPX-"), URL_SAFE, 28, ""),
    "npm": (("np", "m_"), ALNUM, 36, ""),
    "pypi": (("py", "pi-AgEIcHlwaS5vcmc"), URL_SAFE, 70, ""),
    "rubygems": (("ruby", "gems_"), HEX, 48, ""),
    "docker": (("dckr", "_pat_"), URL_SAFE, 27, ""),
    "digitalocean": (("do", "p_v1_"), HEX, 64, ""),
    "shopify": (("sh", "pat_"), HEX, 32, ""),
    "square": (("sq0", "atp-"), URL_SAFE, 22, ""),
    "twilio": (("S", "K"), HEX, 32, ""),
    "mailchimp": (("", ""), HEX, 32, "-us12"),
    "postman": (("PM", "AK-"), HEX, 24, ""),
    "linear": (("lin", "_api_"), ALNUM, 40, ""),
    "notion": (("nt", "n_"), ALNUM, 46, ""),
    "figma": (("fig", "d_"), URL_SAFE, 40, ""),
    "doppler": (("dp", ".pt."), ALNUM, 43, ""),
    "vault": (("hv", "s."), URL_SAFE, 95, ""),
    "databricks": (("da", "pi"), HEX, 32, ""),
    "grafana": (("gl", "sa_"), ALNUM, 32, ""),
    "newrelic": (("NR", "AK-"), UPPER + DIGITS, 27, ""),
    "supabase": (("sb", "p_"), HEX, 40, ""),
    "planetscale": (("psc", "ale_tkn_"), URL_SAFE, 43, ""),
    "tailscale": (("tsk", "ey-auth-"), ALNUM, 17, ""),
    "telegram": (("", ""), DIGITS, 10, ""),
    "mapbox": (("sk", ".eyJ1Ijoi"), ALNUM, 60, "." + "k" * 3),
    "easypost": (("EZ", "AK"), ALNUM, 54, ""),
    "atlassian": (("AT", "ATT3xFfGF0"), URL_SAFE, 180, "=1A2B3C4D"),
    "facebook": (("EA", "ACEdEose0cBA"), ALNUM, 100, ""),
}
UNMARKED = ("mailchimp", "telegram", "twilio")
"""Kinds that need more than their head to be told."""


def drawn(random: Random, alphabet: str, length: int) -> str:
    """Return a text drawn from an alphabet that does not repeat a few characters."""
    while True:
        text = "".join(random.choice(alphabet) for _ in range(length))
        if len(set(text)) >= min(5, (length + 1) // 2):
            return text


def vendor(random: Random, _language: str = "en", kind: str = "") -> str:
    """Return a token of any vendor."""
    kind = kind or random.choice([name for name in VENDORS if name not in UNMARKED])
    head, alphabet, length, tail = VENDORS[kind]
    text = "".join(head) + drawn(random, alphabet, length) + tail
    if kind.startswith("slack_bot"):
        text += f"-{drawn(random, DIGITS, 12)}-{drawn(random, ALNUM, 24)}"
    if kind == "slack_app":
        text += f"-{drawn(random, DIGITS, 12)}-{drawn(random, HEX, 64)}"
    if kind == "openai":
        text += "T3Blbk" + "FJ" + drawn(random, ALNUM, 48)
    if kind == "telegram":
        text += f":AA{drawn(random, URL_SAFE, 33)}"
    if kind == "tailscale":
        text += f"-{drawn(random, ALNUM, 32)}"
    if kind == "grafana":
        text += f"_{drawn(random, HEX, 8)}"
    return text


def jwt(random: Random, _language: str = "en") -> str:
    """Return a signed JSON web token."""
    algorithm = random.choice(("HS256", "RS256", "ES256"))
    parts = (
        {"alg": algorithm, "typ": "JWT"},
        {"sub": drawn(random, DIGITS, 8), "iat": random.randrange(1_600_000_000, 1_790_000_000)},
    )
    text = ".".join(encoded(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    return f"{text}.{drawn(random, URL_SAFE, 86 if algorithm == 'ES256' else 43)}"


def encoded(data: bytes) -> str:
    """Return base64 for URLs without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def pem(random: Random, _language: str = "en") -> str:
    """Return a private key's block."""
    kind = random.choice(("RSA ", "EC ", "", "OPENSSH ", "ENCRYPTED "))
    lines = "\n".join(drawn(random, ALNUM + "+/", 64) for _ in range(random.randrange(3, 12)))
    return "-----{} {}-----\n{}\n{}==\n-----{} {}-----".format(
        "BEGIN", f"{kind}PRIVATE KEY", lines, drawn(random, ALNUM, 22), "END", f"{kind}PRIVATE KEY"
    )


def password(random: Random, _language: str = "en") -> str:
    """Return a password as people make them, always with more than letters."""
    words = (
        "Sommer",
        "dragon",
        "Tottenham",
        "bella",
        "Kaffee",
        "Mariposa",
        "hunter",
        "Snowfall",
        "Lulu",
        "winter",
        "Perro",
        "qwerty",
    )
    return random.choice(
        (
            f"{random.choice(words)}{random.randrange(1970, 2027)}{random.choice('!?#$*')}",
            f"{random.choice(words)}{random.choice('_-.@')}{random.randrange(100)}{random.choice(words)}",
            f"{random.choice(words).lower()}{random.randrange(10, 9999)}",
            drawn(random, ALNUM + "!$%&*+#@", random.randrange(9, 17)),
            f"{random.choice(words).replace('o', '0').replace('a', '4').replace('e', '3')}{drawn(random, DIGITS, 3)}",
        )
    )


def generic(random: Random, _language: str = "en") -> str:
    """Return an opaque key of no known vendor."""
    return random.choice(
        (drawn(random, HEX, 32), drawn(random, ALNUM, 40), drawn(random, URL_SAFE, 43), drawn(random, HEX, 64))
    )


def basic(random: Random, language: str = "en") -> str:
    """Return the credentials of HTTP's basic scheme."""
    return base64.b64encode(f"svc_{drawn(random, LOWER, 5)}:{password(random, language)}".encode()).decode()


def wallet(random: Random, _language: str = "en") -> str:
    """Return an address of one of eight currencies with its checksum."""
    data = random.randbytes(20)
    return random.choice(
        (
            lambda: checksums.base58check(b"\x00" + data),
            lambda: checksums.base58check(b"\x05" + data),
            lambda: checksums.bech32("bc", 0, data),
            lambda: checksums.bech32("bc", 1, random.randbytes(32)),
            lambda: checksums.ethereum(data),
            lambda: "0x" + data.hex(),
            lambda: checksums.base58check(b"\x00" + data, checksums.RIPPLE),
            lambda: checksums.base58check(b"\x30" + data),
            lambda: checksums.bech32("ltc", 0, data),
            lambda: checksums.base58check(b"\x41" + data),
            lambda: checksums.base58(random.randbytes(32)),
            lambda: checksums.monero(random.randbytes(64)),
            lambda: checksums.base58check(b"\x1e" + data),
        )
    )()


TOKENS = {
    "token": ("SECRET", vendor),
    "jwt": ("SECRET", jwt),
    "pem": ("SECRET", pem),
    "password": ("SECRET", password),
    "key": ("SECRET", generic),
    "basic": ("SECRET", basic),
    "wallet": ("CRYPTO_WALLET", wallet),
}
"""Slot of a template: class, and the function that draws a value of it for a language."""
