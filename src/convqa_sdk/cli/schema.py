"""`convqa schema`: the telemetry contract in other forms."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from convqa_sdk.cli.text import table


def add(commands: argparse._SubParsersAction[Any]) -> None:  # pyright: ignore[reportPrivateUsage] - argparse has no public name for it
    """Register the command."""
    command = commands.add_parser(
        "schema", help="the telemetry contract in other forms", description="Print the registry of attributes."
    )
    forms = command.add_subparsers(dest="form", required=True, metavar="FORM")
    forms.add_parser("docs", help="the reference page, as Markdown").set_defaults(run=_docs)
    forms.add_parser("json", help="JSON Schema of every record").set_defaults(run=_json)
    forms.add_parser("transcript", help="JSON Schema of the transcript format of `convqa replay`").set_defaults(
        run=_transcript
    )
    forms.add_parser("semconv", help="semantic conventions of OpenTelemetry, as YAML").set_defaults(run=_semconv)
    forms.add_parser("snapshot", help="the contract as JSON, for `convqa schema diff`").set_defaults(run=_snapshot)
    diff = forms.add_parser(
        "diff",
        help="what has changed since a snapshot",
        description="Compare the contract with a snapshot. Exit 1 when a change is breaking: a stable key removed or "
        "of another type, a value removed, a field newly required.",
    )
    diff.add_argument(
        "--against", type=Path, metavar="FILE", help="a snapshot (default: the one that was last accepted)"
    )
    diff.add_argument("--json", action="store_true", help="print JSON")
    diff.set_defaults(run=_diff)


def _docs(args: argparse.Namespace) -> int:
    from convqa_sdk.schema.documents import reference_page

    print(reference_page(), end="")
    return 0


def _json(args: argparse.Namespace) -> int:
    from convqa_sdk.schema.documents import json_schema

    print(json.dumps(json_schema(), indent=2))
    return 0


def _semconv(args: argparse.Namespace) -> int:
    from convqa_sdk.schema.semconv import semconv

    sys.stdout.write(semconv())
    return 0


def _snapshot(args: argparse.Namespace) -> int:
    from convqa_sdk.schema.snapshot import current, written

    sys.stdout.write(written(current()))
    return 0


def _diff(args: argparse.Namespace) -> int:
    from convqa_sdk.schema.snapshot import accepted, current, differences

    changes = differences(accepted(args.against), current())
    breaking = sum(change.breaking for change in changes)
    if args.json:
        print(json.dumps({"breaking": breaking, "changes": [change._asdict() for change in changes]}))
    elif changes:
        rows = [("BREAKING" if each.breaking else "", each.record, each.key, each.what) for each in changes]
        print(table(("", "record", "attribute", "change"), rows))
    else:
        print("No change.")
    return 1 if breaking else 0


def _transcript(args: argparse.Namespace) -> int:
    from convqa_sdk.integrations.transcripts import transcript_schema

    print(json.dumps(transcript_schema(), indent=2))
    return 0
