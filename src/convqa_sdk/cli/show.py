"""`convqa show`: one conversation as a readable tree."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from convqa_sdk.cli.location import add_store
from convqa_sdk.cli.text import Node, clean, colour_wanted, paint, table
from convqa_sdk.errors import StoreError
from convqa_sdk.store.conversations import Conversation, conversations, find

WIDTH = 100


def add(commands: argparse._SubParsersAction[Any]) -> None:
    """Register the command."""
    command = commands.add_parser(
        "show",
        help="one conversation as a readable tree",
        description="Show a conversation: stages, times, tokens, cost, sources, decisions, outcomes. "
        "Without a conversation, list the newest ones.",
    )
    command.add_argument("conversation", nargs="?", help="conversation id, or the beginning of one")
    add_store(command)
    command.add_argument("--limit", type=int, default=20, help="conversations to list (default: 20)")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print a conversation, or the list of conversations."""
    if args.conversation is None:
        return _list(args)
    conversation = find(args.store, args.conversation)
    if args.json:
        print(json.dumps({"id": conversation.id, "spans": [asdict(span) for span in conversation.spans]}))
    else:
        print(tree(conversation))
    return 0


def render(store: Path, conversation_id: str) -> str:
    """Return one conversation of a store as a tree.

    Raises:
        StoreError: The store or the conversation does not exist.
    """
    return tree(find(store, conversation_id))


def _list(args: argparse.Namespace) -> int:
    found = sorted(conversations(args.store).values(), key=lambda c: c.start_ns, reverse=True)
    if not found:
        raise StoreError(f"the store at {args.store} holds no conversation yet")
    if args.json:
        print(json.dumps([{"id": c.id, "turns": len(c.turns), "start_ns": c.start_ns} for c in found]))
        return 0
    rows = [
        (c.id, _moment(c.start_ns), f"{len(c.turns)}", f"{len(c.outcomes)}", clean(c.first_message, 60))
        for c in found[: args.limit]
    ]
    print(table(("conversation", "started", "turns", "outcomes", "first message"), rows, right=(2, 3)))
    if len(found) > args.limit:
        print(f"… and {len(found) - args.limit:,} more (--limit)")
    return 0


def tree(conversation: Conversation) -> str:
    """Return a conversation as a tree."""
    colour = colour_wanted(sys.stdout)
    root = Node(paint(f"conversation {clean(conversation.id, 80)}", "bold", on=colour) + _headline(conversation))
    for index, turn in enumerate(conversation.turns, start=1):
        _turn(root, conversation, turn, index, colour=colour)
    for stage in conversation.loose:
        _stage(root, conversation, stage, colour=colour)
    if conversation.outcomes:
        outcomes = root.add(paint("outcomes", "bold", on=colour))
        for outcome in conversation.outcomes:
            _outcome(outcomes, outcome)
    return "\n".join(root.lines())


def _headline(conversation: Conversation) -> str:
    facts = [f"{len(conversation.turns)} turns", _moment(conversation.start_ns), _duration(conversation.milliseconds)]
    first = conversation.spans[0].attributes
    for key in ("convqa.channel", "convqa.account.id", "user.id", "convqa.model.version", "convqa.experiment.arm"):
        if key in first:
            facts.append(clean(str(first[key]), 40))
    zone = first.get("convqa.time.zone_assumed")
    if zone:
        facts.append(f"times assumed {zone}")
    return "  " + " · ".join(facts)


def _turn(root: Node, conversation: Conversation, turn: Any, index: int, *, colour: bool) -> None:
    a = turn.attributes
    head = f"turn {index}  {_moment(turn.start_ns, day=False)}  {_duration(turn.milliseconds)}  {_status(turn, colour=colour)}"
    node = root.add(head + _facts(a, ("convqa.answer.type", "convqa.intent.class", "convqa.risk.level")) + _usage(a, "turn"))
    if "convqa.message.text" in a:
        node.add(paint("customer  ", "cyan", on=colour) + clean(a["convqa.message.text"], WIDTH))
    for child in conversation.children(turn):
        _stage(node, conversation, child, colour=colour)
    for event in turn.events:
        _event(node, event, colour=colour)
    if "convqa.answer.text" in a:
        node.add(paint("bot       ", "green", on=colour) + clean(a["convqa.answer.text"], WIDTH))


def _stage(parent: Node, conversation: Conversation, span: Any, *, colour: bool) -> None:
    if span.stage == "turn":
        _turn(parent, conversation, span, 0, colour=colour)
        return
    head = f"{span.name}  {_duration(span.milliseconds)}  {_status(span, colour=colour)}"
    node = parent.add(head.rstrip() + _details(span))
    for line in _lines(span):
        node.add(line)
    for event in span.events:
        _event(node, event, colour=colour)
    for child in conversation.children(span):
        _stage(node, conversation, child, colour=colour)


def _details(span: Any) -> str:
    a = span.attributes
    by_stage: dict[str, Sequence[str]] = {
        "intent_detection": ("convqa.intent.class", "convqa.intent.confidence", "convqa.risk.level", "convqa.intent.archetype"),
        "retrieval": ("convqa.retrieval.hit",),
        "generation": ("gen_ai.response.finish_reasons",),
        "tool": ("convqa.tool.result",),
        "access_check": ("convqa.access.action", "convqa.access.decision", "convqa.access.rule"),
        "policy_check": ("convqa.policy.check.result", "convqa.policy.violations", "convqa.policy.severity"),
        "escalation": ("convqa.escalation.reason", "convqa.escalation.queue", "convqa.handoff.id"),
    }
    text = _facts(a, by_stage.get(span.stage, ()))
    return text + (_usage(a, "generation") if span.stage == "generation" else "")


def _lines(span: Any) -> Iterable[str]:
    a = span.attributes
    if span.stage in ("retrieval", "rerank"):
        ids = a.get("convqa.retrieval.document.ids", [])
        scores = a.get("convqa.retrieval.document.scores", [None] * len(ids))
        passages = a.get("convqa.retrieval.document.passages", [""] * len(ids))
        for document, score, passage in zip(ids, scores, passages):
            shown = f"{score:.2f}  " if isinstance(score, float) else ""
            yield f"{document}  {shown}{clean(passage, 70)}"
    for label, key in (
        ("arguments", "gen_ai.tool.call.arguments"),
        ("result", "gen_ai.tool.call.result"),
        ("summary", "convqa.handoff.summary"),
        ("exposed", "convqa.access.fields_exposed"),
    ):
        if key in a:
            value = a[key]
            yield f"{label}  {clean(value if isinstance(value, str) else ', '.join(value), WIDTH)}"


def _event(parent: Node, event: Any, *, colour: bool) -> None:
    name = event.name.removeprefix("convqa.")
    facts = ", ".join(
        f"{key.removeprefix('exception.')}={clean(str(value), 60)}"
        for key, value in event.attributes.items()
        if key not in ("chat_guid", "persona_id", "exception.stacktrace") and value not in ([], "")
    )
    parent.add(paint(f"· {name}  ", "magenta", on=colour) + facts)


def _outcome(parent: Node, span: Any) -> None:
    kind = str(span.attributes.get("convqa.outcome.kind", ""))
    prefix = f"convqa.outcome.{kind}."
    facts = ", ".join(
        f"{key.removeprefix(prefix)}={clean(str(value), 60)}" for key, value in span.attributes.items() if key.startswith(prefix)
    )
    parent.add(f"{kind}  {_moment(span.start_ns)}  {facts}")


def _status(span: Any, *, colour: bool) -> str:
    status = str(span.attributes.get("convqa.status", ""))
    if status == "ok":
        return ""
    error = span.attributes.get("error.type")
    return paint(status + (f" ({error})" if error else ""), "red" if status == "error" else "yellow", on=colour)


def _facts(attributes: dict[str, Any], keys: Sequence[str]) -> str:
    shown = [_plain(attributes[key]) for key in keys if key in attributes and attributes[key] not in ("", [])]
    return "  " + " · ".join(shown) if shown else ""


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "hit" if value else "no hit"
    return clean(", ".join(map(str, value)) if isinstance(value, list) else str(value), 60)


def _usage(a: dict[str, Any], kind: str) -> str:
    """Say tokens and cost; unknown is said to be unknown."""
    prefix = "convqa.turn" if kind == "turn" else "gen_ai.usage"
    tokens = [a.get(f"{prefix}.input_tokens"), a.get(f"{prefix}.output_tokens")]
    if kind == "turn" and tokens == [None, None]:
        return ""
    cost = a.get("convqa.turn.cost_usd" if kind == "turn" else "convqa.cost.usd")
    shown = " → ".join("unknown" if count is None else f"{count:,}" for count in tokens)
    return f"  {shown} tokens  " + ("cost unknown" if cost is None else f"${cost:.4f}")


def _moment(ns: int, *, day: bool = True) -> str:
    when = datetime.fromtimestamp(ns / 1e9, timezone.utc)
    return when.strftime("%Y-%m-%d %H:%M:%S" if day else "%H:%M:%S") + ("Z" if day else "")


def _duration(milliseconds: float) -> str:
    if milliseconds < 1:
        return f"{milliseconds * 1000:.0f} µs"
    if milliseconds < 1000:
        return f"{milliseconds:.0f} ms"
    seconds = milliseconds / 1000
    return f"{seconds:.1f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
