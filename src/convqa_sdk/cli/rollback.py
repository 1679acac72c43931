"""`convqa rollback`: the named owner's lever on a guard's plan, and the record of it."""

from __future__ import annotations

import argparse
import json
import os
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from convqa_sdk.cli.location import add_plan, plan_from
from convqa_sdk.cli.text import clean, table
from convqa_sdk.errors import ConfigurationError, RefusedError
from convqa_sdk.guard.edits import Edit, Verdict, differences, edited
from convqa_sdk.guard.plan import TIERS, GuardPlan, Pins, gravest

_SERVICE = "convqa-rollback"
_TIMEOUT_S = 5.0
_ACTIONS = (
    "kill", "fallback", "lift", "tier", "threshold", "to", "unpin", "off_deflection_list", "on_deflection_list",
)  # fmt: skip


def add(commands: argparse._SubParsersAction[Any]) -> None:  # pyright: ignore[reportPrivateUsage] - argparse has no public name for it
    """Register the command."""
    command = commands.add_parser(
        "rollback",
        help="change what the bot may do alone",
        description="Change a guard's plan as its owner, for one archetype or for all; running bots obey within a "
        "second. Whatever takes away is done at once. A promotion (a higher tier, the deflection list, a lower "
        "threshold, a new version where the bot answers alone) is for one archetype, a step at a time, and asks for an "
        "experiment's verdict, which counts once, and an audit's upper bound. The change is written into "
        "the plan and recorded as telemetry. Exit 1 when it is refused, or was made and could not be recorded.",
    )
    add_plan(command)
    command.add_argument("--owner", required=True, metavar="NAME", help="who you are: the owner that the plan names")
    command.add_argument("--reason", required=True, metavar="TEXT", help="why; stays in the plan and goes on record")
    command.add_argument("--archetype", metavar="NAME", help="for which archetype (default: all)")
    stop = command.add_mutually_exclusive_group()
    stop.add_argument("--kill", action="store_true", help="nothing but humans answers")
    stop.add_argument("--fallback", action="store_true", help="rules, the last known good answer, then humans answer")
    stop.add_argument("--lift", action="store_true", help="end a stop, and what has tripped so far")
    command.add_argument("--tier", choices=TIERS, help="automation tier; for all: the highest that remains")
    command.add_argument("--threshold", type=float, metavar="SHARE", help="confidence from which the bot may deflect")
    command.add_argument(
        "--to",
        action="append",
        default=[],
        metavar="VERSION",
        help=f"pin a version; NAME=VERSION for another than the model's, with NAME of {', '.join(Pins.model_fields)}",
    )
    command.add_argument("--unpin", action="store_true", help="pin no version any more")
    listed = command.add_mutually_exclusive_group()
    listed.add_argument("--off-deflection-list", action="store_true", help="take it off the deflection list")
    listed.add_argument("--on-deflection-list", action="store_true", help="put it on the deflection list")
    command.add_argument("--verdict", type=Path, metavar="FILE", help="JSON with experiment, decision and archetype")
    command.add_argument(
        "--audit-bound", type=float, metavar="SHARE", help="upper bound of the audited hallucination rate"
    )
    command.add_argument(
        "--store", type=Path, metavar="DIR", help="folder of the telemetry store (default: what the environment names)"
    )
    command.add_argument("--dry-run", action="store_true", help="say what it would be, and change nothing")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Change the plan, record it, and print it before and after."""
    edit = _edit(args)
    file, before = plan_from(args)
    try:
        if args.dry_run:
            after = edited(before, edit)
        else:
            before, after = file.change(lambda plan: edited(plan, edit))
    except RefusedError as error:
        sys.stderr.write(f"convqa rollback: refused: {error}; nothing was changed\n")
        return 1
    recorded = args.dry_run or _recorded(args, before, after)
    if args.json:
        told = after.decisions[-1].model_dump(mode="json", exclude_none=True)
        changes = {"before": before.as_data(), "after": after.as_data(), "recorded": recorded and not args.dry_run}
        print(json.dumps({"dry_run": args.dry_run, "decision": told, **changes}))
    else:
        print(_told(before, after, args.archetype, dry_run=args.dry_run))
    if not recorded:
        sys.stderr.write("convqa rollback: the plan is changed, but the change could not be recorded as telemetry\n")
    return 0 if recorded else 1


def _edit(args: argparse.Namespace) -> Edit:
    if all(getattr(args, action) in (None, False, []) for action in _ACTIONS):
        options = ", ".join(f"--{action.replace('_', '-')}" for action in _ACTIONS)
        raise ConfigurationError(f"nothing is said that should change; give one or more of {options}")
    deflect = True if args.on_deflection_list else False if args.off_deflection_list else None
    return Edit(
        owner=args.owner,
        reason=args.reason,
        at=datetime.now(timezone.utc),
        archetype=args.archetype,
        tier=args.tier,
        threshold=args.threshold,
        deflect=deflect,
        pins=_pins(args.to),
        unpin=args.unpin,
        state="killed" if args.kill else "fallback" if args.fallback else None,
        lift=args.lift,
        verdict=Verdict.load(args.verdict) if args.verdict is not None else None,
        audit_bound=args.audit_bound,
    )


def _pins(given: list[str]) -> dict[str, str]:
    pins: dict[str, str] = {}
    for each in given:
        name, equals, version = each.partition("=")
        name, version = (name, version) if equals else ("model", each)
        if name not in Pins.model_fields or not version:
            raise ConfigurationError(f"--to: give VERSION or NAME=VERSION, with NAME of {', '.join(Pins.model_fields)}")
        pins[name] = version
    return pins


def _recorded(args: argparse.Namespace, before: GuardPlan, after: GuardPlan) -> bool:
    """Record the change where the bot's telemetry goes, and tell whether it has arrived."""
    from convqa_sdk import configure, record_change

    was, now = before.entry(args.archetype), after.entry(args.archetype)
    resource = os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    named = bool(os.environ.get("OTEL_SERVICE_NAME", "").strip()) or "service.name=" in resource
    try:
        with configure(service_name=None if named else _SERVICE, store=args.store) as sdk:
            record_change(
                "guard",
                version=str(after.version),
                previous_version=str(before.version),
                owner=after.owner,
                note="; ".join((*after.decisions[-1].what, after.decisions[-1].reason)),
                rule="rollback",
                archetype=args.archetype,
                state=gravest(after.state, now.state),
                previous_state=gravest(before.state, was.state),
                tier=now.tier if args.archetype is not None or args.tier is not None else None,
                previous_tier=was.tier if args.archetype is not None else None,
                versions=now.versions.versions(),
            )
            return sdk.flush(_TIMEOUT_S)
    except (ConfigurationError, OSError) as error:
        sys.stderr.write(f"convqa rollback: {clean(str(error))}\n")
        return False


def _told(before: GuardPlan, after: GuardPlan, archetype: str | None, *, dry_run: bool) -> str:
    verb = "would become" if dry_run else "is now"
    lines = [f"plan {before.version} {verb} {after.version}: {'; '.join(after.decisions[-1].what)}"]
    names = [archetype] if archetype is not None else [*after.archetypes]
    rows = [
        (clean(name), *_shown(before, name), "->", *_shown(after, name))
        for name in names
        if differences(before.entry(name), after.entry(name)) or before.state != after.state
    ]
    if rows:
        lines += ["", table(("archetype", "state", "tier", "deflects", "", "state", "tier", "deflects"), rows)]
    return "\n".join(lines)


def _shown(plan: GuardPlan, name: str) -> tuple[str, str, str]:
    entry = plan.entry(name)
    return gravest(plan.state, entry.state), entry.tier, f"from {entry.threshold:g}" if entry.deflect else "no"
