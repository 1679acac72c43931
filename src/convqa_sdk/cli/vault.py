"""`convqa vault`: keys, reading with a reason, retention, and whether somebody tampered with it."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Final

from convqa_sdk.cli.location import add_store, pseudonyms_of
from convqa_sdk.cli.text import Progress, as_json, clean, colour_wanted, paint
from convqa_sdk.errors import VaultError
from convqa_sdk.redaction.vault_access import open_records
from convqa_sdk.redaction.vault_keys import fingerprint as fingerprint_of
from convqa_sdk.redaction.vault_keys import fingerprint_of_file, generate, private_key, public_key_bytes
from convqa_sdk.redaction.vault_purge import purge
from convqa_sdk.redaction.vault_reader import (
    DamagedError,
    PurgedError,
    Record,
    VaultFile,
    find,
    look_up,
    read_files,
)
from convqa_sdk.redaction.vault_verify import Verdict, verify
from convqa_sdk.store.segments import Tally, read_spans

NO_KEY: Final = (
    "there is no key of the pseudonyms (CONVQA_KEY, or the file beside --store), so a conversation is found only by "
    "the id that its records have in clear: the bot's own, or its pseudonym"
)


def add(commands: argparse._SubParsersAction[Any]) -> None:  # pyright: ignore[reportPrivateUsage] - argparse has no public name for it
    """Register the command."""
    command = commands.add_parser(
        "vault", help="sealed turns: keys, reading, retention", description="Work with the vault of sealed turns."
    )
    forms = command.add_subparsers(dest="form", required=True, metavar="FORM")
    _add_keygen(forms)
    _add_fingerprint(forms)
    _add_open(forms)
    _add_verify(forms)
    _add_purge(forms)


def _add_keygen(forms: Any) -> None:
    form = forms.add_parser(
        "keygen",
        help="make a pair of keys",
        description="Write a new private key to a file that its owner alone reads, and print the public key, which is "
        "all that the bot gets and stands in FILE.pub as well. Keep the private key away from the bot's machines: "
        "without it nobody reads the vault, and when it is lost nobody ever will.",
    )
    form.add_argument("file", type=Path, metavar="FILE", help="new file for the private key")
    form.add_argument("--json", action="store_true", help="print JSON")
    form.set_defaults(run=_keygen)


def _add_fingerprint(forms: Any) -> None:
    form = forms.add_parser(
        "fingerprint",
        help="which key is this?",
        description="Print the fingerprint of a key, private or public: 16 letters, by which records, the vault's log "
        "and messages name it.",
    )
    form.add_argument("file", type=Path, metavar="FILE", help="private key, or the public one beside it")
    form.set_defaults(run=_fingerprint)


def _add_open(forms: Any) -> None:
    form = forms.add_parser(
        "open",
        help="read sealed turns, which the vault's log notes first",
        description="Open sealed turns. Who reads and why goes into the vault's log before anything is shown; when it "
        "cannot be written nothing is. Exit 1 when a record, the file around it, or one where more "
        "may have been, was tampered with or cut short; exit 2 when nothing could be opened: unknown "
        "reference, missing or wrong key, no reviewer, no reason.",
    )
    form.add_argument("reference", nargs="?", help="reference of a record, as in convqa.vault.ref of a span")
    form.add_argument("--trace", metavar="ID", help="all records of a trace")
    form.add_argument("--conversation", metavar="ID", help="all records of a conversation")
    form.add_argument(
        "--key", type=Path, action="append", required=True, metavar="FILE", help="private key; repeatable"
    )
    form.add_argument("--reviewer", required=True, metavar="ID", help="who reads")
    form.add_argument("--reason", required=True, metavar="TEXT", help="why; logged redacted")
    _add_vault(form)
    add_store(form)
    form.add_argument("--json", action="store_true", help="print JSON")
    form.set_defaults(run=_open)


def _add_verify(forms: Any) -> None:
    form = forms.add_parser(
        "verify",
        help="was the vault tampered with?",
        description="Judge every file of a vault and its log: altered, missing, swapped or reordered lines, ends that "
        "are cut. With a private key it is also seen whether headers and contents belong together; nothing is shown. "
        "With a telemetry store every record that a span names must still be there, or be purged: only that finds a "
        "file that was deleted, cut at a line or written anew. Exit 1 when something was found, 2 when no "
        "record fits the key.",
    )
    _add_vault(form)
    form.add_argument("--key", type=Path, action="append", default=[], metavar="FILE", help="private key; repeatable")
    form.add_argument("--store", type=Path, metavar="DIR", help="telemetry store whose references are looked up")
    form.add_argument("--json", action="store_true", help="print JSON")
    form.set_defaults(run=_verify)


def _add_purge(forms: Any) -> None:
    form = forms.add_parser(
        "purge",
        help="remove what was kept long enough, or a conversation",
        description="Remove the records whose retention date has passed, or with --conversation those of one "
        "conversation before their date; needs no key of the vault's. The vault's log says first what "
        "is removed, and the files remain verifiable. Exit 1 when a file had to be left alone, as one is that was "
        "tampered with or cut short.",
    )
    _add_vault(form)
    form.add_argument("--conversation", metavar="ID", help="erase this one, by the bot's id or its pseudonym")
    add_store(form)
    form.add_argument("--dry-run", action="store_true", help="say what would be removed, and remove nothing")
    form.add_argument("--json", action="store_true", help="print JSON")
    form.set_defaults(run=_purge)


def _add_vault(form: argparse.ArgumentParser) -> None:
    form.add_argument(
        "--vault",
        type=Path,
        default=Path(os.environ.get("CONVQA_VAULT") or "convqa-vault"),
        metavar="DIR",
        help="folder of the vault (default: CONVQA_VAULT or ./convqa-vault)",
    )


def _keygen(args: argparse.Namespace) -> int:
    public = generate(args.file)
    named = fingerprint_of(public_key_bytes(public))
    if args.json:
        print(json.dumps({"public_key": public, "fingerprint": named, "private_key_file": str(args.file)}))
    else:
        print(public)
        sys.stderr.write(f"the private key is in {clean(str(args.file))}; the bot gets the line above, never that\n")
        sys.stderr.write(f"fingerprint {named}\n")
    return 0


def _fingerprint(args: argparse.Namespace) -> int:
    print(fingerprint_of_file(args.file))
    return 0


def _open(args: argparse.Namespace) -> int:
    keys = [private_key(path) for path in args.key]
    files = read_files(args.vault)
    try:
        records = _wanted(args, files)
    except DamagedError as error:
        return _damaged(args, str(error))
    now = datetime.now(timezone.utc)
    opened = open_records(args.vault, records, keys, reviewer=args.reviewer, reason=args.reason, now=now)
    read = {record.reference.file for record in records}
    around = [each for each in files if args.reference is None or _id(each) in read]  # others may have held more
    problems = [f"{sentence}; records may be missing" for each in around for sentence in each.damage]
    shown: list[dict[str, Any]] = []
    damaged = bool(problems)
    for record, content in opened:
        if isinstance(content, VaultError):
            problems.append(str(content))
            damaged = damaged or isinstance(content, DamagedError)
        else:
            shown.append({"ref": str(record.reference), **record.header, "content": content})
    if args.json:
        print(as_json({"records": shown, "problems": problems}))
    elif shown:
        print("\n\n".join(map(_text, shown)))
    for problem in problems:
        sys.stderr.write(f"convqa vault open: {clean(problem)}\n")
    return 1 if damaged or (shown and problems) else 0 if shown else 2


def _damaged(args: argparse.Namespace, problem: str) -> int:
    if args.json:
        print(as_json({"records": [], "problems": [problem]}))
    sys.stderr.write(f"convqa vault open: {clean(problem)}\n")
    return 1


def _wanted(args: argparse.Namespace, files: Sequence[VaultFile]) -> list[Record]:
    if sum(given is not None for given in (args.reference, args.trace, args.conversation)) != 1:
        raise VaultError(
            "name what to open in one of three ways: a REFERENCE as in convqa.vault.ref of a span, --trace ID, or "
            "--conversation ID"
        )
    if args.reference is not None:
        return [look_up(files, args.reference)]
    names: set[str] = _names(args.store, args.conversation) if args.trace is None else set()
    try:
        return find(files, trace_id=args.trace, conversations=names)
    except VaultError as error:
        if not isinstance(error, DamagedError):
            _ask_the_store(args, names, files)
        if len(names) != 1:
            raise
        raise type(error)(f"{error}; {NO_KEY}") from None


def _ask_the_store(args: argparse.Namespace, names: set[str], files: Sequence[VaultFile]) -> None:
    """Say what became of a record that the vault does not show, where a span of the store names it.

    Raises:
        VaultError: It was purged.
        DamagedError: It is gone.
    """
    trace = str(args.trace).strip().lower()
    for span in read_spans(args.store, Tally()) if args.store.is_dir() else ():
        reference = span.attributes.get("convqa.vault.ref")
        if reference is None or (span.attributes.get("gen_ai.conversation.id") not in names and span.trace_id != trace):
            continue
        try:
            look_up(files, str(reference))
        except (PurgedError, DamagedError):
            raise
        except VaultError as error:
            raise DamagedError(f"a span of the store names a record that is gone: {error}") from None


def _names(store: Path, conversation: str) -> set[str]:
    """Return the names that a conversation may have in clear headers; its pseudonyms only with a key at hand."""
    return {conversation, *pseudonyms_of(store, conversation, "conversation")}


def _id(file: VaultFile) -> str:
    return file.path.stem.rpartition("-")[2]


def _text(record: dict[str, Any]) -> str:
    """Return a record for people: its header, and its content as JSON that a terminal can show."""
    head = paint(clean(record["ref"]), "bold", on=colour_wanted(sys.stdout))
    facts = [
        f"sealed {record.get('sealed_at')} for {', '.join(map(str, record.get('reasons', ())))}",
        f"keep until {record.get('retain_until')}",
        f"conversation {record.get('conversation_id')}",
        f"trace {record.get('trace_id')} span {record.get('span_id')}",
        f"policy {record.get('policy_version')} key {record.get('key_id')}",
    ]
    content = json.dumps(record["content"], indent=2, ensure_ascii=False)
    safe = "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in content)
    return "\n".join([head, *map(clean, facts), safe])


def _verify(args: argparse.Namespace) -> int:
    keys = [private_key(path) for path in args.key]
    named = () if args.store is None else [span.attributes.get("convqa.vault.ref") for span in read_spans(args.store)]
    references = sorted({str(reference) for reference in named if reference is not None})
    progress = Progress("files")
    verdict = verify(args.vault, keys, references, progress.update)
    progress.close()
    if args.json:
        print(json.dumps({"good": _judged(verdict) == 0, **asdict(verdict), "references": len(references)}))
        return _judged(verdict)
    for problem in (*verdict.problems, *verdict.torn):
        print(clean(problem))
    counts = [f"{verdict.records:,} records in {verdict.files:,} files", f"{verdict.purged:,} purged"]
    counts += [f"{verdict.opened:,} opened to compare header and content"] if keys else []
    counts += [f"{verdict.without_key:,} for other keys"] if verdict.without_key else []
    counts += [f"{len(references):,} references of spans looked up"] if args.store is not None else []
    judged = _judged(verdict)
    if judged == 2:
        print(f"the key fits none of the {verdict.records:,} records; headers were not compared with contents")
    told = ("nothing was tampered with", "TAMPERED WITH" if verdict.problems else "CUT SHORT", "NOT COMPARED")[judged]
    print(f"{paint(told, 'red' if judged else 'green', on=colour_wanted(sys.stdout))}: {', '.join(counts)}")
    if verdict.unended:
        print(f"{verdict.unended:,} without an end: still written, or killed, or cut at a line (--store tells)")
    return judged


def _judged(verdict: Verdict) -> int:
    """Return the exit code: 1 when something was found, 2 when a key was given in vain."""
    return 1 if not verdict.good else 2 if verdict.without_key and verdict.without_key == verdict.records else 0


def _purge(args: argparse.Namespace) -> int:
    names: set[str] = set() if args.conversation is None else _names(args.store, args.conversation)
    done = purge(args.vault, datetime.now(timezone.utc), conversations=names, dry_run=args.dry_run)
    if args.json:
        print(json.dumps({"dry_run": args.dry_run, **asdict(done)}))
    else:
        would = "would be removed" if args.dry_run else "removed"
        print(f"{done.records:,} records {would}, {done.kept:,} kept")
        for each in done.ranges:
            print(f"  {each['file']}: {each['first']} to {each['last']}")
        for name in done.torn:
            print(f"  {name}: its torn last line")
    if len(names) == 1 and not done.records:
        sys.stderr.write(f"convqa vault purge: {NO_KEY}\n")
    for why in done.left:
        sys.stderr.write(f"convqa vault purge: left alone: {clean(why)}\n")
    return 1 if done.left else 0
