"""`convqa replay`: transcripts become telemetry with their original times."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from convqa_sdk.cli.text import Progress, table

if TYPE_CHECKING:
    from convqa_sdk.integrations.replay import ReplayReport
    from convqa_sdk.integrations.transcripts import Transcript

_SERVICE = "convqa-replay"
_SENTENCES = {
    "destination_takes_nothing": "conversations not tried any more, because a destination takes nothing",
    "duplicate_id": "conversations with an id that came before",
    "empty_conversation": "conversations without a message",
    "export_failed": "turns that could not be written",
    "export_raised": "turns that could not be written",
    "model_not_stated": "model calls without a model's name (arm.agent_model)",
    "outcome_refused": "outcomes refused, as their time lies in the future of this machine's clock",
    "time_missing": "entries without a time; one was made up, a second after the one before",
    "time_out_of_order": "times before the one before; held at that",
    "time_unreadable": "times that cannot be read; made up like missing ones",
    "tool_call_without_result": "tool calls that the transcript ends before; cancelled",
    "tool_result_without_call": "tool results that no call asked for",
    "unknown_role": "entries of another role than user, assistant or tool",
}


def add(commands: argparse._SubParsersAction[Any]) -> None:  # pyright: ignore[reportPrivateUsage] - argparse has no public name for it
    """Register the command."""
    command = commands.add_parser(
        "replay",
        help="turn transcripts into telemetry",
        description="Write transcripts as telemetry with their original times, as a live bot would have written them. "
        "All files are checked before anything is written. Exit 1 when something was left out or lost.",
    )
    command.add_argument("files", nargs="+", type=Path, metavar="FILE", help="transcripts: .jsonl, .jsonl.gz or .json")
    command.add_argument(
        "--format",
        choices=("auto", "transcript", "tau2"),
        default="auto",
        help="transcript: see `convqa schema transcript`; tau2: results of tau2-bench or tau-bench (default: auto)",
    )
    command.add_argument(
        "--store", type=Path, metavar="DIR", help="folder of the telemetry store (default: what the environment names)"
    )
    command.add_argument("--timezone", metavar="ZONE", help="zone of times that state none (default: UTC)")
    command.add_argument(
        "--service-name", metavar="NAME", help=f"name of the service (default: OTEL_SERVICE_NAME or {_SERVICE})"
    )
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Replay the files and print what was written."""
    from convqa_sdk.integrations.replay import replay

    if args.store is not None and args.store.exists() and not args.store.is_dir():
        sys.stderr.write(f"convqa replay: --store {args.store} is not a folder\n")
        return 2
    total = sum(1 for _ in _transcripts(args.files, args.format))
    if not total:
        sys.stderr.write("convqa replay: the files hold no transcript\n")
        return 1
    begun = time.monotonic()
    progress = Progress("replay")
    done = 0

    def show(report: ReplayReport) -> None:
        nonlocal done
        done += 1
        progress.update(done, total, f"{report.spans['turn']:,} turns")

    report = replay(
        _transcripts(args.files, args.format),
        timezone=args.timezone,
        on_progress=show,
        store=args.store,
        service_name=args.service_name or (None if _service_is_named() else _SERVICE),
    )
    progress.close()
    if args.json:
        print(json.dumps(report.as_json()))
    else:
        print(_summary(report, _place(args.store), time.monotonic() - begun))
    _remark(report)
    return 0 if report.complete else 1


def _transcripts(files: Iterable[Path], form: Any) -> Iterator[Transcript]:
    from convqa_sdk.integrations.transcripts import read_transcripts

    for file in files:
        yield from read_transcripts(file, form)


def _service_is_named() -> bool:
    resource = os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    return bool(os.environ.get("OTEL_SERVICE_NAME", "").strip()) or "service.name=" in resource


def _place(store: Path | None) -> str:
    """Say where the telemetry went, as `configure()` decides it."""
    if store is not None:
        return str(store)
    named = os.environ.get("CONVQA_STORE", "").strip()
    shipped = any(os.environ.get(f"OTEL_EXPORTER_OTLP_{end}ENDPOINT", "").strip() for end in ("", "TRACES_"))
    places = [named] if named else []
    if shipped:
        places.append("the OTLP endpoint of the environment")
    return " and ".join(places) or "convqa-telemetry"


def _summary(report: ReplayReport, place: str, seconds: float) -> str:
    rows = [(stage, f"{count:,}") for stage, count in report.spans.most_common()]
    costs = report.costs
    told = [f"${report.cost_usd:,.4f} for {costs['known']:,} model calls"] if costs["known"] else []
    told += [f"unknown for {costs['unknown']:,}"] if costs["unknown"] else []
    told += [f"left to the price table for {costs['unstated']:,}"] if costs["unstated"] else []
    states = ", ".join(f"{count:,} {state}" for state, count in report.resolutions.most_common())
    lines = [
        f"{report.conversations:,} conversations replayed into {place} in {seconds:.1f} s",
        "",
        table(("stage", "spans"), rows, right=(1,)),
        "",
        f"tokens            {report.input_tokens:,} in, {report.output_tokens:,} out",
        f"cost              {'; '.join(told) or 'no model calls'}",
        f"customer actions  {report.customer_actions:,}",
        f"cancelled turns   {report.cancelled:,}",
        f"outcomes          {states or 'none'}",
    ]
    return "\n".join(lines)


def _remark(report: ReplayReport) -> None:
    """Say on standard error what was assumed, left out or lost; rules and counts only."""
    for title, counts in (
        ("note", report.warnings),
        ("left out", report.left_out),
        ("lost", report.lost),
        ("fault", report.faults),
        ("field missing or invalid", report.violations),
    ):
        for rule, count in sorted(counts.items()):
            sys.stderr.write(f"convqa replay: {title}: {count:,} {_SENTENCES.get(rule, rule)}\n")
