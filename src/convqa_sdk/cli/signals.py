"""`convqa signals`: what the detectors of today find in a store, beside what the bot's process told."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from convqa_sdk.cli.location import add_store
from convqa_sdk.cli.text import Progress, clean, colour_wanted, paint, table
from convqa_sdk.measure.rescoring import Finding, Rescored, rescore
from convqa_sdk.measure.review_queue import Queued, review_queue
from convqa_sdk.stats.intervals import Share, wilson
from convqa_sdk.store.conversations import Conversation, conversations
from convqa_sdk.store.segments import sampling_probability

SHOWN = 30
"""Findings that are listed for people unless they ask for all."""
_ROWS: tuple[tuple[str, str, str], ...] = (
    ("correction", "messages", "the answer is false, or misunderstood what was asked"),
    ("complaint", "messages", "it is no answer, or comes again"),
    ("clarification_request", "messages", "what does it mean?"),
    ("repeat", "messages", "the request was made before"),
    ("hard_refusal", "answers", "a plain no"),
    ("partial_refusal", "answers", "declines a part"),
    ("uncertainty", "answers", "does not know, or did not understand"),
    ("ungrounded", "searched", "a claim that no passage of the turn supports"),
    ("overreach", "answers", "says that something was done which no tool did"),
)
"""Signal, what it is a share of, and what it means."""


def add(commands: argparse._SubParsersAction[Any]) -> None:  # pyright: ignore[reportPrivateUsage] - argparse has no public name for it
    """Register the command."""
    command = commands.add_parser(
        "signals",
        help="what customers and answers tell, worked out again",
        description="Work out the signals of a store again, by the detectors of this version, over whole "
        "conversations: corrections, repeats, refusals, claims without support, actions that no tool did. Nothing is "
        "quoted; turns are numbered from 1, as `convqa show` numbers them. Every share comes with its 95 % Wilson "
        "interval; what a detector finds of what is there (its recall) is on the page of signals in the documentation, "
        "and a share says nothing without it.",
    )
    add_store(command)
    command.add_argument("--all", action="store_true", help=f"list every finding, not the first {SHOWN}")
    command.add_argument("--signal", choices=[name for name, _, _ in _ROWS], help="list findings of one signal")
    command.add_argument(
        "--queue",
        action="store_true",
        help="list turns that a reviewer should read: low scores of the model's own first, then grave signals",
    )
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the signals of a store."""
    held = conversations(args.store)
    found = rescore(_shown(held))
    listed = [finding for finding in found.findings if args.signal in (None, finding.signal)]
    queue = review_queue(held.values(), found.findings)
    drawn = _drawn(held.values())
    if args.json:
        print(json.dumps({**_as_json(found, listed), "sampling": drawn, "queue": [_numbered(each) for each in queue]}))
        return 0 if found.turns else 1
    if not found.turns:
        print(f"No turns in {clean(str(args.store))}.")
        return 1
    if args.queue:
        print(_queue(queue if args.all else queue[:SHOWN], len(queue)))
        return 0
    print(_summary(found))
    if drawn:
        print(f"sampled: recorded with probability {', '.join(f'{share:.4g}' for share in drawn)}; others are not here")
    print()
    print(_shares(found))
    if listed:
        print()
        print(_list(listed if args.all else listed[:SHOWN], len(listed)))
    return 0


def _shown(held: dict[str, Conversation]) -> Iterator[Conversation]:
    """Yield conversations, and show how far that is."""
    progress = Progress("signals")
    try:
        for place, conversation in enumerate(held.values(), 1):
            progress.update(place, len(held))
            yield conversation
    finally:
        progress.close()


def _drawn(held: Iterable[Conversation]) -> list[float]:
    """Return the probabilities below 1 with which turns were recorded: every share here is of the customers drawn."""
    return sorted({sampling_probability(turn) for each in held for turn in each.turns} - {1.0})


def _share(found: Rescored, signal: str, of: str) -> Share:
    if signal == "ungrounded":
        return wilson(found.searched - found.grounded, found.searched)
    turns = {(f.conversation_id, f.turn) for f in found.findings if f.signal == signal}
    return wilson(len(turns), getattr(found, of))


def _summary(found: Rescored) -> str:
    bold = colour_wanted(sys.stdout)
    told = sum(count for name, count in found.events.items() if name.startswith("convqa."))
    return (
        f"{paint(str(found.conversations), 'bold', on=bold)} conversations, {found.turns} turns, {found.answers} "
        f"answers; {told} events on the wire\n"
        f"{found.looping} conversations with a rephrase loop ({found.loops} loops); "
        f"{found.lost()} signals that the bot's process did not tell"
    )


def _shares(found: Rescored) -> str:
    rows: list[tuple[str, ...]] = []
    for signal, of, meaning in _ROWS:
        share = _share(found, signal, of)
        value = "unknown" if share.value is None else f"{100 * share.value:.1f} %"
        interval = "" if share.value is None else f"{100 * share.low:.1f} to {100 * share.high:.1f} %"
        rows.append((signal, f"{share.successes}", f"{share.trials} {_OF[of]}", value, interval, meaning))
    return table(("signal", "turns", "of", "share", "95 % interval", "meaning"), rows, right=(1, 3))


_OF = {"messages": "replies", "answers": "answers", "searched": "answers with passages"}


def _list(findings: Iterable[Finding], total: int) -> str:
    told = {True: "yes", False: "no", None: "-"}
    rows = [
        (clean(f.conversation_id, 40), str(f.turn + 1), f.signal, clean(f.detail, 50), told[f.on_wire])
        for f in findings
    ]
    text = table(("conversation", "turn", "signal", "detail", "told by the bot"), rows, right=(1,))
    return text if len(rows) == total else f"{text}\n… and {total - len(rows)} more (--all)"


def _queue(queue: Sequence[Queued], total: int) -> str:
    if not total:
        return "Nothing to read: no low score, no grave signal."
    rows = [
        (
            clean(each.conversation_id, 40),
            str(each.turn + 1),
            "" if each.score is None else f"{each.score:.2f}",
            each.risk or "",
            ", ".join(each.signals),
        )
        for each in queue
    ]
    text = table(("conversation", "turn", "score", "risk", "signals"), rows, right=(1, 2))
    return text if len(rows) == total else f"{text}\n… and {total - len(rows)} more (--all)"


def _as_json(found: Rescored, listed: list[Finding]) -> dict[str, Any]:
    shares = {}
    for signal, of, _ in _ROWS:
        share = _share(found, signal, of)
        shares[signal] = {**share._asdict(), "share": share.value, "of": of, "findings": found.count(signal)}
    counts = {name: getattr(found, name) for name in Rescored._fields if name not in ("events", "findings")}
    return {
        **counts,
        "lost": found.lost(),
        "events": dict(found.events),
        "signals": shares,
        "findings": [_numbered(finding) for finding in listed],
    }


def _numbered(found: Finding | Queued) -> dict[str, Any]:
    """Return what was found for JSON, its turn counted from 1 as `convqa show` does."""
    told = found._asdict()
    return {"conversation_id": told.pop("conversation_id"), "turn_number": told.pop("turn") + 1, **told}
