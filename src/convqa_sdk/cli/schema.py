"""`convqa schema`: the telemetry contract in other forms."""

from __future__ import annotations

import argparse
import json
from typing import Any


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


def _docs(args: argparse.Namespace) -> int:
    from convqa_sdk.schema.documents import reference_page

    print(reference_page(), end="")
    return 0


def _json(args: argparse.Namespace) -> int:
    from convqa_sdk.schema.documents import json_schema

    print(json.dumps(json_schema(), indent=2))
    return 0


def _transcript(args: argparse.Namespace) -> int:
    from convqa_sdk.integrations.transcripts import transcript_schema

    print(json.dumps(transcript_schema(), indent=2))
    return 0
