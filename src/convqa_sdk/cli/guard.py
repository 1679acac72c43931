"""`convqa guard`: what a plan allows and what the guard has done last, and a drill that times a rollback."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime, timezone
from pathlib import Path
from statistics import median
from typing import Any

from convqa_sdk.cli.location import add_plan, add_store, plan_from
from convqa_sdk.cli.text import Progress, clean, table
from convqa_sdk.guard.decision import table_of
from convqa_sdk.guard.drill import drill
from convqa_sdk.guard.flags import Switch
from convqa_sdk.guard.status import ArchetypeStatus, archetypes_in
from convqa_sdk.store.segments import StoredSpan, read_spans

_SHOWN = ("rule", "archetype", "metric", "value", "threshold", "samples", "state", "owner", "version")
_LAST = 10


def add(commands: argparse._SubParsersAction[Any]) -> None:  # pyright: ignore[reportPrivateUsage] - argparse has no public name for it
    """Register the commands."""
    command = commands.add_parser("guard", help="what the bot may do alone", description="Look after the guard.")
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    status = actions.add_parser(
        "status",
        help="what the plan allows, and what the guard has done last",
        description="Show what a plan allows per archetype, and the newest trips, resets and rollbacks of a store. "
        "Exit 1 when the plan has stopped something, or what a rule has tripped was not reset. What a running bot does "
        "now only itself can say: `guard.status()`.",
    )
    add_plan(status)
    add_store(status)
    status.add_argument("--json", action="store_true", help="print JSON")
    status.set_defaults(run=_status)
    exercise = actions.add_parser(
        "drill",
        help="how long a rollback takes",
        description="Start a bot's guard in a process of its own, on a copy of the plan, stop and release it, and time "
        "it until the decisions change. The plan itself is left alone. Exit 1 when a median is over the limit.",
    )
    add_plan(exercise)
    exercise.add_argument("-n", "--rounds", type=int, default=5, metavar="N", help="how often, 1 to 100 (default: 5)")
    exercise.add_argument("--limit", type=float, default=1.0, metavar="SECONDS", help="what is allowed (default: 1.0)")
    exercise.add_argument("--json", action="store_true", help="print JSON")
    exercise.set_defaults(run=_drill)


def _status(args: argparse.Namespace) -> int:
    _, plan = plan_from(args)
    archetypes = archetypes_in(table_of(plan, Switch("normal"), lambda _: ("normal", "")))
    changes = _changes(args.store) if args.store.is_dir() else []
    newest = {(each.get("rule"), each.get("archetype")): each for each in changes if "metric" in each}
    open_trips = [each for each in newest.values() if each.get("state", "normal") != "normal"]
    normal = all(each.state == "normal" for each in archetypes) and not open_trips
    if args.json:
        told = {"plan_version": plan.version, "owner": plan.owner, "normal": normal}
        listed = {"archetypes": [each._asdict() for each in archetypes], "changes": changes[-_LAST:]}
        print(json.dumps({**told, **listed}))
        return 0 if normal else 1
    print(f"plan {plan.version} of {clean(plan.owner)}\n")
    print(_archetypes(archetypes))
    if changes:
        rows = [(str(each["at"]), *(_cell(each.get(name)) for name in _SHOWN)) for each in changes[-_LAST:]]
        print(f"\nlast changes\n\n{table(('at', *_SHOWN), rows, right=(4, 5, 6))}")
    return 0 if normal else 1


def _archetypes(archetypes: tuple[ArchetypeStatus, ...]) -> str:
    rows = [
        (
            clean(each.archetype) if each.archetype is not None else "(any other)",
            each.state,
            each.tier,
            f"from {each.threshold:g}" if each.threshold is not None else f"no: {clean(each.reason)}",
        )
        for each in archetypes
    ]
    return table(("archetype", "state", "tier", "deflects"), rows)


def _changes(store: Path) -> list[dict[str, Any]]:
    """Return the changes of kind `guard` in a store, newest last."""
    spans = [span for span in read_spans(store) if span.stage == "change"]
    guards = [span for span in spans if span.attributes.get("convqa.change.kind") == "guard"]
    return [_change(span) for span in sorted(guards, key=lambda span: span.start_ns)]


def _change(span: StoredSpan) -> dict[str, Any]:
    lead = "convqa.change."
    found = {key.removeprefix(lead): value for key, value in span.attributes.items() if key.startswith(lead)}
    moment = datetime.fromtimestamp(span.start_ns / 1e9, timezone.utc).isoformat(timespec="seconds")
    return {"at": moment, **found}


def _cell(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else clean(str(value), 40) if value is not None else ""


def _drill(args: argparse.Namespace) -> int:
    if not 1 <= args.rounds <= 100 or not args.limit > 0:
        sys.stderr.write("convqa guard: --rounds takes 1 to 100, --limit seconds above 0\n")
        return 2
    _, plan = plan_from(args)
    progress = Progress("drill")
    measured = drill(plan, args.rounds, lambda done: progress.update(done, args.rounds))
    progress.close()
    medians = measured.medians()
    good = all(seconds <= args.limit for seconds in medians.values())
    if args.json:
        rounds = {name: getattr(measured, name) for name in medians}
        print(json.dumps({"within_limit": good, "limit_s": args.limit, "medians_s": medians, "rounds_s": rounds}))
        return 0 if good else 1
    sentences = {
        "rollback": "convqa rollback --kill, until a decision obeys",
        "lift": "convqa rollback --lift, until a decision is normal",
        "switch": "kill switch (file), until a decision obeys",
    }
    rows = [
        (sentences[name], f"{median(times):.2f} s", f"{min(times):.2f} to {max(times):.2f} s")
        for name in medians
        for times in (getattr(measured, name),)
    ]
    print(table(("what", "median", "all rounds"), rows, right=(1,)))
    verdict = "within" if good else "OVER"
    print(f"\n{verdict} the limit of {args.limit:g} s, {args.rounds} rounds; the plan was left alone")
    return 0 if good else 1
