"""Support texts with exact spans, invented from a seed, without a look at the detector's rules.

Once they existed, the detector was improved with them; those of `held_back` are kept from that.

Files are written outside the repository: some values have the format of live tokens.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from . import evasions, held_back, tokens, values
from .harmless import HARMLESS
from .templates import DOCUMENTS, MESSAGES, NOTHING

SLOT = re.compile(r"\[\[(\w+)(?::(\w+))?\]\]")
Record = dict[str, Any]


def filled(template: str, language: str, random: Random, source: str) -> Record:
    """Return a template with its slots drawn, and where the values lie."""
    text, spans, end = "", [], 0
    for slot in SLOT.finditer(template):
        text += template[end : slot.start()]
        end = slot.end()
        label, value = drawn(slot[1], slot[2], language, random)
        if label:
            spans.append(
                {"start": len(text), "end": len(text) + len(value), "label": label, "sub": slot[1], "value": value}
            )
        text += value
    return {"text": text + template[end:], "spans": spans, "source": source}


def drawn(slot: str, kind: str | None, language: str, random: Random) -> tuple[str, str]:
    """Return class and value of a slot; the class is empty where nothing is to be found."""
    if slot in HARMLESS:
        return "", HARMLESS[slot](random, language)
    label, make = (values.VALUES | tokens.TOKENS)[slot]
    return label, (partial(make, kind=kind) if kind else make)(random, language)  # type: ignore[call-arg]


def sets(seed: int, rounds: int) -> Iterator[tuple[str, list[Record]]]:
    """Yield name and records of each set; every template is filled `rounds` times."""
    for language, templates in MESSAGES.items():
        yield (
            f"messages_{language}",
            _filled(f"messages-{language}", [(language, text) for text in templates], seed, rounds),
        )
    yield "documents", _filled("documents", DOCUMENTS, seed, rounds)
    yield "harmless", _filled("harmless", NOTHING, seed, 2 * rounds)
    yield "held_back", _filled("held_back", held_back.TEXTS, seed, rounds)
    kinds = (("known", evasions.KNOWN), ("new", evasions.NEW), ("held_back", held_back.FORMS))
    for name, forms in ((f"evasions_{kind}", forms) for kind, forms in kinds):
        random = Random(f"{seed}/{name}")
        yield name, [record for _ in range(max(1, rounds // 4)) for record in evasions.records(random, forms)]


def _filled(name: str, templates: Any, seed: int, rounds: int) -> list[Record]:
    random = Random(f"{seed}/{name}")
    return [
        filled(text, language, random, f"invented/{name}/{number:02}")
        for _ in range(rounds)
        for number, (language, text) in enumerate(templates)
    ]


def write(folder: Path, seed: int = 1, rounds: int = 12) -> list[Path]:
    """Write all sets as JSON lines into a folder, and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name, records in sets(seed, rounds):
        file = folder / f"{name}.jsonl"
        file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        files.append(file)
    return files
