"""`convqa doctor`: is the instrumentation complete, and did nothing leave that should have been redacted?"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from convqa_sdk.cli.location import add_policy, add_store, policy_from, pseudonyms_at_hand
from convqa_sdk.cli.text import Progress, clean, colour_wanted, fit, paint, table
from convqa_sdk.redaction import RedactionPolicy
from convqa_sdk.store.fidelity import Fidelity, measure
from convqa_sdk.store.joins import Joins
from convqa_sdk.store.leaks import MOST_LISTED, LeakScan, scan

LEAKS_SHOWN = 20
"""Findings that are listed for people."""

_READ_AS = {"none": "without texts"}
"""Redaction statuses that say too little by themselves."""


def add(commands: argparse._SubParsersAction[Any]) -> None:  # pyright: ignore[reportPrivateUsage] - argparse has no public name for it
    """Register the command."""
    command = commands.add_parser(
        "doctor",
        help="is the instrumentation complete?",
        description="Judge a store against the schema: per stage and field, how much is present, missing or invalid. "
        "Exit 1 when the share of required values that are present and valid lies below the threshold, or when a "
        "compressed segment had to be skipped because the extra `zstd` is not installed. Instrumentation violations, "
        "such as a misspelt field, are listed; they change the exit code only where a required value is missing or "
        "invalid. Everything that was stored is searched again for personal data and secrets: exit 1 when any is "
        "found, which is told by place and class and never shown.",
    )
    add_store(command)
    command.add_argument(
        "--profile", choices=("minimal", "full"), default="minimal", help="full: recommended fields too"
    )
    command.add_argument("--threshold", type=float, default=1.0, metavar="SHARE", help="0 to 1 (default: 1.0)")
    command.add_argument("--no-leaks", action="store_true", help="do not search for what should have been redacted")
    add_policy(command)
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the fidelity of a store."""
    if not 0.0 <= args.threshold <= 1.0:
        sys.stderr.write("convqa doctor: --threshold is a share between 0 and 1\n")
        return 2
    policy = policy_from(args)
    fidelity = measure(args.store, recommended=args.profile == "full" or args.json)
    leaks = None if args.no_leaks else _scan(args.store, policy)
    if args.json:
        found = {"leaks": [leak._asdict() for leak in leaks.leaks]} if leaks is not None and leaks.count else {}
        unknown = {"join_rate": None} if fidelity.sampled else {}
        joined = {"outcomes": {**fidelity.joins.as_json(), **unknown}} if fidelity.joins.outcomes else {}
        print(json.dumps({**fidelity.as_json(), **joined, **found}))
    else:
        print(render(args.store, fidelity, full=args.profile == "full"))
        if leaks is not None and leaks.texts:
            print(_leaks(leaks))
    if fidelity.skipped:
        sys.stderr.write(f"convqa doctor: {fidelity.skipped}\n")
    good = fidelity.complete >= args.threshold and fidelity.spans and not fidelity.skipped
    good = good and (leaks is None or not leaks.count)
    return 0 if good else 1


def _scan(store: Path, policy: RedactionPolicy) -> LeakScan:
    progress = Progress("leaks")
    try:
        return scan(store, policy, progress.update, pseudonyms_at_hand(store))
    finally:
        progress.close()


def _leaks(found: LeakScan) -> str:
    """Return what the search for leaks found, as text."""
    colour = colour_wanted(sys.stdout)
    if not found.count:
        return fit(f"leaks: {paint('none', 'green', on=colour)} found in {found.texts:,} texts")
    counts = _counts(sorted(found.classes.items()))
    lines = [paint(f"LEAKS: {found.count:,} found in {found.texts:,} texts ({counts})", "red", on=colour), ""]
    shown = found.leaks[:LEAKS_SHOWN]
    rows = [
        (leak.label, leak.rule, f"{leak.segment}:{leak.line}", leak.span, f"{leak.offset}", clean(leak.place))
        for leak in shown
    ]
    lines.append(table(("class", "rule", "line", "span", "offset", "where"), rows, right=(4,)))
    if found.count > len(shown):
        lines.append(f"… and {found.count - len(shown):,} more (--json lists up to {MOST_LISTED:,})")
    return "\n".join(lines)


def render(store: Path, fidelity: Fidelity | None = None, *, full: bool = False) -> str:
    """Return the fidelity of a store as text."""
    fidelity = fidelity if fidelity is not None else measure(store, recommended=full)
    colour = colour_wanted(sys.stdout)
    if not fidelity.spans:
        place = clean(str(store))
        if fidelity.skipped:
            return f"No telemetry in {place} that can be read."
        return f"No telemetry in {place} yet. Run the bot, then look again."
    rows = [row for stage in sorted(fidelity.fields) for row in _rows(fidelity, stage, full=full)]
    present, required = fidelity.required
    whole = present == required
    mark = paint("complete" if whole else "INCOMPLETE", "green" if whole else "red", on=colour)
    share = 1.0 if whole else min(0.999, fidelity.complete)  # what is not complete never reads as 100%
    absent = ("absent",) if full else ()
    head = ("stage", "spans", "field", "present", "missing", *absent, "invalid", "")
    lines = [
        table(head, rows, right=(1, *range(3, len(head) - 1))),
        "",
        f"{mark}: {present:,} of {required:,} required values present ({share:.1%}) "
        f"on {fidelity.spans:,} spans of {fidelity.conversations:,} conversation{'s' * (fidelity.conversations != 1)}",
        "redaction: "
        + _counts((_READ_AS.get(name, name), count) for name, count in sorted(fidelity.redaction.items())),
    ]
    lines += _remarks(fidelity, colour=colour)
    return "\n".join([lines[0], *map(fit, lines[1:])])


def _rows(fidelity: Fidelity, stage: str, *, full: bool) -> list[tuple[str, ...]]:
    """One line for all required fields that are complete, and a line for each that is not (or each, when full)."""
    fields = fidelity.fields[stage]
    spans = f"{fidelity.stages[stage]:,}"
    good = [f for f in fields.values() if f.required and not f.missing and not f.invalid]
    rows: list[tuple[str, ...]] = []
    if good and not full:
        rows.append((stage, spans, f"{len(good)} required fields", "all", "", "", "✓"))
    for key, judged in fields.items():
        if not full and (not judged.required or judged in good):
            continue
        flag = "✗" if judged.required and (judged.missing or judged.invalid) else "✓" if judged.required else ""
        lacking = ((judged.missing, 0) if judged.required else (0, judged.missing)) if full else (judged.missing,)
        counts = tuple(f"{count:,}" if count else "" for count in (judged.present, *lacking, judged.invalid))
        rows.append((stage if not rows else "", spans if not rows else "", key, *counts, flag))
    return rows


def _counts(counts: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{count:,} {clean(name, 40)}" for name, count in counts)


def _joined(joins: Joins, *, sampled: bool, colour: bool) -> Iterator[str]:
    """Say which outcomes are about no conversation here, and what was said twice.

    Args:
        joins: How outcomes join.
        sampled: Whether turns were drawn: outcomes of conversations that were left out are then to be expected.
        colour: Whether a warning is coloured.
    """
    if joins.unmatched:
        text = f"outcomes: {joins.unmatched:,} of {joins.outcomes:,} are about conversations that are not in this store"
        if sampled:
            yield f"{text}; sampling leaves conversations out, so that is expected, and no rate of joins is known"
        else:
            yield paint(f"{text}; {joins.rate:.1%} joined", "yellow", on=colour)
    if joins.unknown_recontacts:
        yield f"recontacts of conversations that are not in this store: {joins.unknown_recontacts:,}"
    if joins.revisions or joins.repeats:
        counts = ((joins.revisions, "revision"), (joins.repeats, "repeat"))
        told = " and ".join(f"{count:,} {word}{'s' * (count != 1)}" for count, word in counts if count)
        yield f"outcomes that were recorded again: {told}"
    if joins.shared_ids:
        text = f"outcome ids that several conversations share: {joins.shared_ids:,}; an id should be of one outcome"
        yield paint(text, "yellow", on=colour)
    if joins.mixed_ids:
        text = f"outcome ids that several kinds of outcome share: {joins.mixed_ids:,}; each kind counts by itself"
        yield paint(text, "yellow", on=colour)


def _remarks(fidelity: Fidelity, *, colour: bool) -> list[str]:
    remarks: list[str] = []
    if fidelity.violations:
        remarks.append(f"instrumentation violations: {_counts(fidelity.violations.most_common(10))}")
    if fidelity.lost_turns:
        text = f"lost turns: {fidelity.lost_turns:,} ({_counts(fidelity.losses.most_common())})"
        remarks.append(paint(text, "red", on=colour))
    if fidelity.lost_records:
        text = f"lost outcomes, changes and single stages: {_counts(fidelity.lost_records.most_common())}"
        remarks.append(paint(text, "red", on=colour))
    if fidelity.missing_in:
        missed = ", ".join(
            f"{count:,} did not reach {clean(name, 40)}" for name, count in fidelity.missing_in.most_common()
        )
        here = "" if "store" in fidelity.missing_in else "; they may still be here"
        remarks.append(paint(f"of these {missed}{here}", "red", on=colour))
    if fidelity.sampled:
        shares = ", ".join(f"{count:,} with {share:.4g}" for share, count in sorted(fidelity.sampled.items()))
        text = f"turns recorded with a probability: {shares}; so about {fidelity.left_out:,.0f} were left out"
        only = fidelity.outcomes_only
        whose = f"; {only:,} conversation{'s have' if only != 1 else ' has'} outcomes only" if only else ""
        remarks.append(text + whose)
    remarks += _joined(fidelity.joins, sampled=bool(fidelity.sampled), colour=colour)
    if fidelity.unversioned:
        remarks.append(f"turns of unknown version: {_counts(sorted(fidelity.unversioned.items()))}")
    if fidelity.orphans:
        remarks.append(f"orphans: {fidelity.orphans:,} stages whose turn is not in this store")
    if fidelity.torn_lines:
        remarks.append(f"torn lines: {fidelity.torn_lines:,} skipped (a process was killed while writing)")
    if fidelity.foreign:
        remarks.append(f"spans of other instrumentations: {fidelity.foreign:,}, not judged")
    return remarks
