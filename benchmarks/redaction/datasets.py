"""The texts that are searched: labelled sets from outside the repository, invented ones, and hostile ones."""

from __future__ import annotations

import gzip
import json
import os
import tempfile
from pathlib import Path
from typing import Any

VARIABLE = "CONVQA_REDACTION_DATA"
INVENTED = Path(tempfile.gettempdir()) / "convqa-invented"
KILOBYTES = 50
GROUPS = {
    "support chats": ("support_synth",),
    "chats, invented": ("messages_", "documents", "harmless"),
    "chats, held back": ("held_back",),
    "evasions": ("adversarial",),
    "evasions, invented anew": ("evasions_known",),
    "evasions, new forms": ("evasions_new",),
    "evasions, held back": ("evasions_held_back",),
    "Polish letters": ("pl_pii_bench",),
    "recognizer vectors": ("presidio_recognizer_vectors",),
    "Presidio's synthetic texts": ("presidio_synth_v2",),
    "acted chats": ("abcd_sample",),
    "secrets": ("credsweeper", "detect_secrets", "gitleaks", "secretlint"),
    "banking questions": ("banking77_negative",),
}
"""Sets that are shown together, by what their names begin with."""
HOSTILE_PIECES = {
    "dots and dashes": "a.b-",
    "at signs": "x@",
    "only at signs": "@",
    "almost mail": "a@b.",
    "cards cut short": "4111 ",
    "digits": "4",
    "digits, spaced": "4 1 ",
    "digits, dashes": "12-",
    "phones cut short": "+49 (0) ",
    "brackets": "((((",
    "json keys": '{"key": "',
    "json, deep": '[[{"a":',
    "escaped quotes": '\\\\"',
    "key blocks begun": "-----BEGIN ",
    "key blocks begun, whole": "-----BEGIN RSA PRIVATE KEY-----\n",
    "web tokens cut short": "eyJhbGciOi.",
    "web token heads": "eyJ",
    "ibans cut short": "DE89 3704 ",
    "addresses cut short": "1.2.3.",
    "colons": "::",
    "hex groups": "ab:",
    "assignments": "password=",
    "assignments, nested": 'token="token=',
    "percent": "%4",
    "percent, whole": "%34%31",
    "escapes": "\\u00",
    "entities": "&#5",
    "entities, whole": "&#52;",
    "base64": "QUJD",
    "urls with credentials": "a://b:c",
    "zero width": "4\u200b",
    "full width": "\uff14\uff11 ",
    "combining": "a\u0301\u0301\u0301",
    "emoji": "4\ufe0f\u20e3",
    "surrogates": "\ud83d4",
    "wallets": "1A1zP1eP5QGefi2DMPTfTL5SLmv7Divf",
    "vendor heads": "sk-gh" + "p_xo" + "xb-AK" + "IA",
    "words before": "my password is my card is ",
    "at in words": "a at b dot ",
    "tabs and breaks": "\t\n4",
}
"""Pieces of texts that almost match everywhere, by what they are."""
SENTENCE = "Thanks for asking; your parcel left our warehouse and the carrier will bring it within the next few days. "


class AbsentError(Exception):
    """The labelled sets are not where they are looked for."""


def folder() -> Path:
    """Return the folder of the labelled sets."""
    beside = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "redaction"
    found = Path(os.environ.get(VARIABLE) or beside)
    if not list(found.glob("*.jsonl.gz")):
        raise AbsentError(
            f"No labelled sets in {found}: they hold dead tokens and are kept out of the repository. "
            f"Name their folder with {VARIABLE}; the invented sets alone need none: --invented-only."
        )
    return found


def invented(seed: int) -> Path:
    """Return the folder of the invented sets, which are written anew."""
    from invented import write

    write(INVENTED, seed)
    return INVENTED


def sets(folders: list[str]) -> dict[str, list[dict[str, Any]]]:
    """Return name and records of every set in the folders."""
    files = [file for name in folders for file in sorted(Path(name).glob("*.jsonl*"))]
    return {file.name.split(".")[0]: records(file) for file in files}


def records(file: Path) -> list[dict[str, Any]]:
    """Return the records of a file."""
    data = file.read_bytes()
    text = (gzip.decompress(data) if file.suffix == ".gz" else data).decode()
    return [json.loads(line) for line in text.split("\n") if line]


def hostile() -> dict[str, str]:
    """Return texts of 50 KB that almost match, everywhere."""
    return {
        name: (piece * (KILOBYTES * 1000 // len(piece) + 1))[: KILOBYTES * 1000]
        for name, piece in HOSTILE_PIECES.items()
    }


def long_clean() -> str:
    """Return 50 KB without anything to find."""
    return (SENTENCE * (KILOBYTES * 1000 // len(SENTENCE) + 1))[: KILOBYTES * 1000]
