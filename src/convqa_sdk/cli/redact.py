"""`convqa redact`: a file without personal data and secrets, or what is found in it, where, and by which rule."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from convqa_sdk.cli.location import add_policy, policy_from, pseudonyms_at_hand
from convqa_sdk.cli.text import Progress, clean, colour_wanted, paint, table
from convqa_sdk.errors import InputError
from convqa_sdk.redaction import Redactor
from convqa_sdk.redaction.files import Form, Located, Reading, decoded, explained, patient, redacted

_STYLES = {"SECRET": "red", "CREDIT_CARD": "magenta", "IBAN": "magenta", "EMAIL": "cyan", "PHONE": "blue"}
_FORMS: dict[str, Form] = {".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl"}


def add(commands: argparse._SubParsersAction[Any]) -> None:  # pyright: ignore[reportPrivateUsage] - argparse has no public name for it
    """Register the command."""
    command = commands.add_parser(
        "redact",
        help="a file without personal data and secrets, or what is found in it",
        description="Write files redacted to standard output, or with --explain what is found in them, where, and by "
        "which rule, without the values. JSON is walked by its keys. Exit 1 when something could not be searched and "
        "was withheld, 2 when a file cannot be read or is no UTF-8 text.",
    )
    command.add_argument("files", nargs="+", metavar="FILE", help="text, .json or .jsonl; - for standard input")
    command.add_argument("--explain", action="store_true", help="say what is found instead; values are never shown")
    command.add_argument(
        "--format", choices=("auto", "text", "json", "jsonl"), default="auto", help="(default: by the file's name)"
    )
    add_policy(command)
    command.add_argument("--json", action="store_true", help="with --explain: print JSON")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Redact or explain the files."""
    if args.json and not args.explain:
        sys.stderr.write("convqa redact: --json says what is found: give --explain too\n")
        return 2
    policy = policy_from(args)
    pseudonyms = pseudonyms_at_hand()
    redactor = Redactor(patient(policy), pseudonyms)
    if args.explain:
        _explain(args, redactor)
        return 0
    if pseudonyms is None and "pseudonymise" in policy.actions.values():
        sys.stderr.write("convqa redact: no CONVQA_KEY, so what the policy pseudonymises becomes plain markers\n")
    withheld = 0
    for name in args.files:
        with _opened(name) as (stream, reading):
            for text in redacted(decoded(stream, reading.name), _form(name, args.format), redactor, reading):
                sys.stdout.buffer.write(text.encode())  # as it was, whatever the terminal's encoding
        _remark(reading)
        withheld += reading.withheld
    return 1 if withheld else 0


def _explain(args: argparse.Namespace, redactor: Redactor) -> None:
    found: list[tuple[str, Located]] = []
    for name in args.files:
        with _opened(name) as (stream, reading):
            places = explained(decoded(stream, reading.name), _form(name, args.format), redactor, reading)
            found += [(reading.name, place) for place in places]
        _remark(reading)
    classes = Counter(place.label for _, place in found)
    if args.json:
        findings = [{"file": name, **_as_json(place)} for name, place in found]
        print(json.dumps({"files": len(args.files), "findings": findings, "classes": dict(sorted(classes.items()))}))
        return
    counts = ", ".join(f"{count:,} {label}" for label, count in sorted(classes.items()))
    if found:
        print(_table(found))
        print()
    print(f"{len(found):,} found in {len(args.files):,} file{'s' * (len(args.files) != 1)}{counts and f': {counts}'}")


def _as_json(place: Located) -> dict[str, Any]:
    given = place._asdict()
    return {"class": given.pop("label"), **given}


def _table(found: list[tuple[str, Located]]) -> str:
    head = ("class", "line", "column", "offset", "length", "rule", "action", "where")
    rows = [(p.label, *map(str, p[:4]), p.rule, p.action, f"{clean(name)} {p.path}".rstrip()) for name, p in found]
    titles, rule, *lines = table(head, rows, right=(1, 2, 3, 4)).split("\n")
    on = colour_wanted(sys.stdout)
    styled = [
        paint(place.label, _STYLES.get(place.label, "yellow"), on=on) + line[len(place.label) :]
        for (_, place), line in zip(found, lines, strict=True)
    ]
    return "\n".join([titles, rule, *styled])


def _form(name: str, given: str) -> Form:
    return _FORMS.get(Path(name).suffix.lower(), "text") if given == "auto" else given  # type: ignore[return-value] # pyright: ignore[reportReturnType] - one of the choices


@contextmanager
def _opened(name: str) -> Generator[tuple[BinaryIO, Reading]]:
    """Open a file, or standard input, with a progress bar where the size is known."""
    if name == "-":
        yield sys.stdin.buffer, Reading("standard input")
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115 - closed below; what fails while it is read is another matter
    except OSError as error:
        raise InputError(f"{name}: cannot be read: {(error.strerror or type(error).__name__).lower()}") from None
    with file as stream:
        size = Path(name).stat().st_size
        progress = Progress("redact")
        yield stream, Reading(name, on_progress=lambda reading: progress.update(reading.characters, size))
        progress.close()


def _remark(reading: Reading) -> None:
    """Say on standard error what was not as it should be; places and counts only."""
    if reading.not_json:
        lines = ", ".join(map(str, reading.not_json[:5])) + (" …" if len(reading.not_json) > 5 else "")
        sys.stderr.write(f"convqa redact: {clean(reading.name)}: no JSON at line {lines}, so read as text\n")
    if reading.withheld:
        sys.stderr.write(f"convqa redact: {clean(reading.name)}: {reading.withheld:,} texts withheld\n")
