"""`convqa store`: retention and erasure, and the record of both."""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from datetime import datetime, timezone
from typing import Any

from convqa_sdk.cli.location import PSEUDONYM, Names, add_store, names_of
from convqa_sdk.cli.text import Progress, clean, table
from convqa_sdk.store.erasure import Erasure, Selection, erase
from convqa_sdk.store.erasure_record import erasures

_AGE = re.compile("([1-9][0-9]{0,5})([hdw])")
_SECONDS = {"h": 3_600, "d": 86_400, "w": 604_800}


def add(commands: argparse._SubParsersAction[Any]) -> None:  # pyright: ignore[reportPrivateUsage] - argparse has no public name for it
    """Register the commands."""
    command = commands.add_parser("store", help="retention and erasure", description="Erase telemetry from a store.")
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    purge = actions.add_parser(
        "purge",
        help="erase what is too old, a customer, or a conversation",
        description="Erase spans from a store, for good, and write down in its erasures.jsonl that it was done. "
        "Segments that a live process writes are left alone: exit 1 when one of them, or one that breaks off, may hold "
        "what was to be erased, or where nothing has the id; 2 where a key is missing without which an id cannot be "
        "looked for. Copies elsewhere (backends, backups, snapshots of the disk) are not touched.",
    )
    which = purge.add_mutually_exclusive_group(required=True)
    which.add_argument("--older-than", metavar="AGE", help="spans that ended so long ago: 12h, 90d or 8w")
    which.add_argument(
        "--customer",
        metavar="PSEUDONYM",
        help="all conversations with this user, customer or account, by the ids on their spans, with their later "
        "outcomes; an id of the bot's own works where every key of the store is at hand, in CONVQA_KEY or beside it",
    )
    which.add_argument("--conversation", metavar="ID", help="one conversation, with its later outcomes")
    purge.add_argument("--dry-run", action="store_true", help="say how much it would be, and change nothing")
    add_store(purge)
    purge.add_argument("--json", action="store_true", help="print JSON")
    purge.set_defaults(run=_purge)
    record = actions.add_parser(
        "erasures",
        help="what was erased, and whether the record of it is intact",
        description="List what was erased from a store. Exit 2 when somebody has changed the record.",
    )
    add_store(record)
    record.add_argument("--json", action="store_true", help="print JSON")
    record.set_defaults(run=_erasures)


def _purge(args: argparse.Namespace) -> int:
    selection = _selection(args)
    if selection is None and args.older_than is not None:
        sys.stderr.write("convqa store: --older-than takes a number with h, d or w, such as 90d\n")
        return 2
    if selection is None:
        sys.stderr.write(
            "convqa store: nothing in this store has that id, neither as it is nor as a pseudonym under the keys at "
            "hand; nothing was erased, nor written down. If it should be there, look whether CONVQA_KEY is the bot's\n"
        )
        return 1
    progress = Progress("purge")
    result = erase(args.store, selection, dry_run=args.dry_run, on_progress=progress.update)
    progress.close()
    if args.json:
        print(json.dumps({"dry_run": args.dry_run, **result.counts(), "record": result.record}))
    else:
        print(_told(result, dry_run=args.dry_run))
    return 0 if result.complete else 1


def _selection(args: argparse.Namespace) -> Selection | None:
    if args.older_than is not None:
        age = _AGE.fullmatch(args.older_than)
        if age is None:
            return None
        before = time.time() - int(age[1]) * _SECONDS[age[2]]
        moment = datetime.fromtimestamp(before, timezone.utc).isoformat(timespec="seconds")
        return Selection(before_ns=int(before * 1e9), told={"kind": "older_than", "before": moment})
    names = names_of(args.store, args.customer or args.conversation, "customer" if args.customer else "conversation")
    if names.is_raw and not names.stored:
        return None
    if args.customer:
        return Selection(customers=frozenset(names.all), told={"kind": "customer", "id": _safe(names)})
    return Selection(conversations=frozenset(names.all), told={"kind": "conversation", "id": _safe(names)})


def _safe(names: Names) -> str:
    """Return the pseudonyms of one thing that the store holds; without any it is not written down."""
    return " ".join(name for name in names.stored if PSEUDONYM.fullmatch(name)) or "[WITHHELD]"


def _told(result: Erasure, *, dry_run: bool) -> str:
    verb = "would be erased" if dry_run else "erased"
    counts = result.counts()
    lines = [
        f"{counts['spans']:,} spans of {counts['conversations']:,} conversations on {counts['days']:,} days {verb}, "
        f"{counts['segments']:,} segments {'would be ' if dry_run else ''}written anew"
    ]
    if result.torn_lines:
        lines.append(f"{result.torn_lines:,} lines that cannot be read {'would go' if dry_run else 'went'} with them")
    if result.left_segments:
        lines.append(
            f"NOT erased: {result.left_spans:,} spans in {result.left_segments:,} segments that are being written; "
            "run it again when they are closed (after an hour at most, or when the bot stops)"
        )
    if result.unreadable:
        names = ", ".join(clean(name, 80) for name in result.unreadable[:5])
        lines.append(f"NOT searched, as they break off: {names}; delete them, if nobody can repair them")
    if result.record:
        lines.append(f"record: {result.record}")
    return "\n".join(lines)


def _erasures(args: argparse.Namespace) -> int:
    entries = erasures(args.store)
    if args.json:
        print(json.dumps(entries))
        return 0
    if not entries:
        print("Nothing was erased from this store.")
        return 0
    rows = [
        (
            str(entry["at"]),
            str(entry["state"]),
            " ".join(clean(str(value)) for value in entry["selector"].values()),
            f"{entry.get('spans', '')}",
            f"{entry.get('conversations', '')}",
            str(entry["hash"])[:16],
        )
        for entry in entries
    ]
    print(table(("at", "state", "selector", "spans", "conversations", "hash"), rows, right=(3, 4)))
    return 0
