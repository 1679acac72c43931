"""`convqa show`: one conversation as a readable tree."""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from convqa_sdk.cli.location import add_store, names_of
from convqa_sdk.cli.meaning import told
from convqa_sdk.cli.text import Node, as_json, clean, colour_wanted, columns, pad, paint, room, table
from convqa_sdk.errors import StoreError
from convqa_sdk.measure.handoff import ContextFidelity, context_fidelity
from convqa_sdk.measure.satisfaction import Survey, survey
from convqa_sdk.schema.wire import is_array
from convqa_sdk.store.conversations import Conversation, conversations, find, sampled
from convqa_sdk.store.segments import StoredEvent, StoredSpan, Tally, sampling_probability

LABEL_COLUMNS = 36
SPEECH_COLUMNS = 96
SEPARATOR = " · "


def add(commands: argparse._SubParsersAction[Any]) -> None:  # pyright: ignore[reportPrivateUsage] - argparse has no public name for it
    """Register the command."""
    command = commands.add_parser(
        "show",
        help="one conversation as a readable tree",
        description="Show a conversation: stages, times, tokens, cost, sources, decisions, outcomes. "
        "Without a conversation, list the newest ones. Exit 1 when a compressed segment had to be skipped because the "
        "extra `zstd` is not installed.",
    )
    command.add_argument("conversation", nargs="?", help="conversation id, or the beginning of one")
    add_store(command)
    command.add_argument("--limit", type=int, default=20, help="conversations to list (default: 20)")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print a conversation, or the list of conversations."""
    tally = Tally()
    try:
        if args.conversation is None:
            _list(args, tally)
        else:
            _show(args, tally)
    finally:  # also where nothing was found: it may be in what was skipped
        if tally.skipped:
            sys.stderr.write(f"convqa show: {tally.skipped}\n")
    return 1 if tally.skipped else 0


def _show(args: argparse.Namespace, tally: Tally) -> None:
    conversation = _found(args.store, args.conversation, tally)
    if args.json:
        print(as_json({"id": conversation.id, "spans": [_as_json(span) for span in conversation.spans]}))
    else:
        print(tree(conversation))


def _as_json(span: StoredSpan) -> dict[str, Any]:
    return {**asdict(span), "source": span.source._asdict()}


def _found(store: Path, conversation_id: str, tally: Tally | None = None) -> Conversation:
    """Find a conversation by its id as stored, or by the id that the bot gave it and redaction replaced."""
    try:
        return find(store, conversation_id, tally)
    except StoreError:
        if tally is not None and tally.skipped:
            raise
        stored = names_of(store, conversation_id, "conversation").stored
        if not stored:
            raise
        return find(store, stored[0], tally)


def render(store: Path, conversation_id: str) -> str:
    """Return one conversation of a store as a tree.

    Raises:
        StoreError: The store or the conversation does not exist.
    """
    return tree(_found(store, conversation_id))


def _list(args: argparse.Namespace, tally: Tally) -> None:
    found = sorted(conversations(args.store, tally).values(), key=lambda c: c.start_ns, reverse=True)
    if not found:
        raise StoreError(f"the store at {args.store} holds no conversation yet")
    if args.json:
        print(as_json([{"id": c.id, "turns": len(c.turns), "start_ns": c.start_ns} for c in found]))
        return
    shown = found[: max(0, args.limit)]
    rows = [
        (
            clean(c.id, room(80)),
            _moment(c.start_ns),
            f"{len(c.turns)}",
            f"{len(c.outcomes)}",
            clean(c.first_message, room(1000)),
        )
        for c in shown
    ]
    print(table(("conversation", "started", "turns", "outcomes", "first message"), rows, right=(2, 3)))
    if len(found) > len(shown):
        print(f"… and {len(found) - len(shown):,} more (--limit)")
    alone = [conversation for conversation in found if conversation.outcomes and not conversation.is_known]
    if alone:
        count = sum(len(conversation.outcomes) for conversation in alone)
        words = ("outcome is", "conversation") if count == 1 else ("outcomes are", "conversations")
        print(f"{count:,} {words[0]} about {words[1]} without any turn here")
    if why := sampled(sampling_probability(span) for conversation in found for span in conversation.spans):
        print(f"a conversation is not here? {why}")


def tree(conversation: Conversation) -> str:
    """Return a conversation as a tree."""
    return "\n".join(_Tree(conversation, colour=colour_wanted(sys.stdout)).root().lines())


class _Tree:
    """Draws one conversation."""

    def __init__(self, conversation: Conversation, *, colour: bool) -> None:
        self._conversation = conversation
        self._colour = colour

    def root(self) -> Node:
        conversation = self._conversation
        root = Node(self._paint(f"conversation {clean(conversation.id)}", "bold"))
        root.add(SEPARATOR.join(self._totals()))
        first = (conversation.turns or conversation.spans)[0]
        circumstances = [f"{label}{clean(value, 40)}" for label, value in _circumstances(first)]
        if circumstances:
            root.add(self._paint(SEPARATOR.join(circumstances), "dim"))
        if drawn := sorted({sampling_probability(turn) for turn in conversation.turns} - {1.0}):
            shares = ", ".join(f"{share:.4g}" for share in drawn)
            root.add(self._paint(f"sampled: recorded with probability {shares}, others like it were left out", "dim"))
        if conversation.outcomes and not conversation.is_known:
            root.add(self._paint("its turns were left out by sampling, or are elsewhere", "dim"))
        for index, turn in enumerate(conversation.turns, start=1):
            self._turn(root, turn, f"turn {index}")
        if conversation.loose:
            self._stages(root.add(self._paint("stages outside any turn", "bold")), conversation.loose)
        for end in conversation.ends:
            self._events(root.add(f"session ended  {_moment(end.start_ns)}"), end)
        if conversation.outcomes:
            self._outcomes(root.add(self._paint("outcomes", "bold")))
        handover = context_fidelity(conversation)
        if handover is not None and handover.is_known:
            root.add(f"{self._paint('handover', 'bold')}  {_joined(_fidelity(handover))}")
        return root

    def _totals(self) -> list[str]:
        turns = self._conversation.turns
        totals = [f"{len(turns)} turn{'s' * (len(turns) != 1)}", _moment(self._conversation.start_ns)]
        if turns:
            totals.append(_duration(self._conversation.milliseconds))
        spans = [span for span in self._conversation.spans if span.stage == "generation"]
        if spans:
            keys = ("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "convqa.cost.usd")
            totals.append(_usage(*(_sum(spans, key) for key in keys)))
        if found := self._conversation.archetype:
            tier = f" (tier {found.tier})" if found.tier and found.tier != found.archetype else ""
            totals.append(clean(found.archetype, 40) + tier)
        return totals

    def _turn(self, parent: Node, turn: StoredSpan, label: str) -> None:
        a = turn.attributes
        facts = [self._status(turn), _text(a, "convqa.answer.type"), _text(a, "convqa.intent.class"), _risk(a)]
        if a.get("convqa.answer.delivered") is False:
            facts.append("not delivered")
        facts += _own_scores(a)
        children = self._conversation.children(turn)
        if any(child.stage == "generation" for child in children):
            keys = ("convqa.turn.input_tokens", "convqa.turn.output_tokens", "convqa.turn.cost_usd")
            facts.append(_usage(*(_number(a, key) for key in keys)))
        head = f"{label}  {_moment(turn.start_ns, day=False)}  {_duration(turn.milliseconds)}  {_joined(facts)}"
        node = parent.add(self._paint(label, "bold") + head[len(label) :])
        if "convqa.message.text" in a:
            node.add(self._paint("customer  ", "cyan") + _speech(a, "convqa.message.text"))
        self._stages(node, children)
        if "convqa.answer.text" in a:
            node.add(self._paint("bot       ", "green") + _speech(a, "convqa.answer.text"))
        if "convqa.vault.ref" in a:
            node.add(f"sealed  {_text(a, 'convqa.vault.ref')}")
        self._events(node, turn)

    def _stages(self, parent: Node, stages: list[StoredSpan]) -> None:
        width = max((columns(clean(s.name, LABEL_COLUMNS)) for s in stages if s.stage != "turn"), default=0)
        for span in stages:
            if span.stage == "turn":
                self._turn(parent, span, "turn inside this turn")
                continue
            name = pad(clean(span.name, LABEL_COLUMNS), width) + pad(_duration(span.milliseconds), 9, right=True)
            details = _DETAILS.get(span.stage, _no_details)(span.attributes)
            node = parent.add(f"{name}  {_joined([self._status(span), *details])}")
            for line in _lines(span):
                node.add(line)
            a = span.attributes
            if a.get("convqa.policy.check.result") in _STOPPED and "convqa.answer.text" in a:
                node.add(self._paint("draft     ", "yellow") + _speech(a, "convqa.answer.text"))
            self._events(node, span)
            below = self._conversation.children(span)
            if below:
                self._stages(node, below)

    def _events(self, parent: Node, span: StoredSpan) -> None:
        for event in span.events:
            line = told(event.name, event.attributes)
            if line is None:
                name = clean(event.name.removeprefix("convqa."), 40)
                parent.add(self._paint(f"· {name}  ", "magenta") + _event_facts(event))
            elif line:
                parent.add(self._paint("· ", "magenta") + line)

    def _outcomes(self, parent: Node) -> None:
        for span in self._conversation.outcomes:
            kind = str(span.attributes.get("convqa.outcome.kind", ""))
            facts = _pairs(span.attributes, f"convqa.outcome.{kind}.")
            source = _text(span.attributes, "convqa.outcome.source")
            late = _latency(survey(self._conversation, span)) if kind == "csat" else ""
            told = _joined([late, *facts, source and f"by {source}"])
            parent.add(f"{pad(clean(kind, 20), 13)}  {_moment(span.start_ns)}  {told}")
        if revisions := self._conversation.revisions:
            told = "version is" if revisions == 1 else "versions are"
            parent.add(self._paint(f"{revisions:,} earlier {told} no longer in force", "dim"))
        if repeats := self._conversation.repeats:
            parent.add(self._paint(f"{repeats:,} repeat{'s' * (repeats != 1)} of the same, counted once", "dim"))

    def _status(self, span: StoredSpan) -> str:
        status = _text(span.attributes, "convqa.status")
        if status in ("ok", ""):
            return ""
        error = _text(span.attributes, "error.type")
        named = f"{status} ({error})" if error and error != status else status
        return self._paint(named, "red" if status == "error" else "yellow")

    def _paint(self, text: str, style: str) -> str:
        return paint(text, style, on=self._colour)


def _circumstances(span: StoredSpan) -> Iterator[tuple[str, str]]:
    """Yield what is the same for a whole conversation, as label and value."""
    for label, key in (
        ("", "convqa.channel"),
        ("account ", "convqa.account.id"),
        ("user ", "user.id"),
        ("model ", "convqa.model.version"),
        ("arm ", "convqa.experiment.arm"),
        ("times assumed ", "convqa.time.zone_assumed"),
    ):
        if key in span.attributes:
            yield label, str(span.attributes[key])


def _latency(asked: Survey) -> str:
    """Say when a delayed survey was asked, where that is known."""
    if asked.on_time is None or asked.latency_h is None:
        return ""
    wanted = "" if asked.on_time else ", not 48 to 72"
    return f"{asked.latency_h:.0f} h after the resolution{wanted}"


def _fidelity(handover: ContextFidelity) -> Iterator[str]:
    """Yield whether the human agent got the context, and what that rests on."""
    yield f"context {handover.verdict}"
    if handover.completeness is not None:
        yield f"packet {handover.completeness:.0%} filled"
    answers = (
        (handover.flagged, "the agent had to ask again", "the agent did not ask again"),
        (handover.acknowledged, "packet used", "packet not used"),
        (handover.repeated, "the customer repeated himself", "no repetition detected"),
    )
    yield from (yes if answer else no for answer, yes, no in answers if answer is not None)


# ------------------------------------------------------------------------------------------- details by kind of stage

Attributes = dict[str, Any]
_STOPPED = ("block", "rewrite")
"""Results of a policy check after which the customer did not get what it saw."""


def _own_scores(a: Attributes) -> Iterator[str]:
    """Yield what a model thinks of its answer."""
    for name in ("confidence", "quality"):
        score = _number(a, f"convqa.answer.self_{name}")
        if score is not None:
            yield f"self {name} {score:.2f}"


def _intent(a: Attributes) -> list[str]:
    confidence = _number(a, "convqa.intent.confidence")
    sure = "" if confidence is None else f" {confidence:.2f}"
    return [_text(a, "convqa.intent.class") + sure, _risk(a), _text(a, "convqa.intent.archetype")]


def _retrieval(a: Attributes) -> list[str]:
    count = len(_array(a, "convqa.retrieval.document.ids"))
    found = f"{count} document{'s' * (count != 1)}" if "convqa.retrieval.document.ids" in a else ""
    return ["no hit" if a.get("convqa.retrieval.hit") is False else found, _text(a, "gen_ai.retrieval.query.text", 50)]


def _generation(a: Attributes) -> list[str]:
    keys = ("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "convqa.cost.usd")
    finish = _text(a, "gen_ai.response.finish_reasons")
    return ["" if finish in ("stop", "tool_calls") else finish, _usage(*(_number(a, key) for key in keys))]


def _tool(a: Attributes) -> list[str]:
    result = _text(a, "convqa.tool.result")
    return ["" if result == a.get("convqa.status") else f"result {result}", _text(a, "gen_ai.tool.call.arguments")]


def _access(a: Attributes) -> list[str]:
    return [_text(a, f"convqa.access.{name}") for name in ("action", "decision", "rule")]


def _policy(a: Attributes) -> list[str]:
    return [_text(a, f"convqa.policy.{name}") for name in ("check.result", "violations", "severity")]


def _escalation(a: Attributes) -> list[str]:
    queue, ticket = _text(a, "convqa.escalation.queue"), _text(a, "convqa.handoff.id")
    return [_text(a, "convqa.escalation.reason"), queue and f"queue {queue}", ticket and f"handoff {ticket}"]


def _no_details(a: Attributes) -> list[str]:
    return []


_DETAILS: dict[str, Callable[[Attributes], list[str]]] = {
    "intent_detection": _intent,
    "retrieval": _retrieval,
    "rerank": _retrieval,
    "generation": _generation,
    "tool": _tool,
    "access_check": _access,
    "policy_check": _policy,
    "escalation": _escalation,
}


def _lines(span: StoredSpan) -> Iterator[str]:
    a = span.attributes
    ids, scores, passages = (_array(a, f"convqa.retrieval.document.{part}") for part in ("ids", "scores", "passages"))
    for index, document in enumerate(ids):
        score = scores[index] if index < len(scores) else None
        passage = passages[index] if index < len(passages) else ""
        shown = f"{score:.2f}  " if isinstance(score, float) else ""
        yield f"{clean(str(document), room(40))}  {shown}{clean(str(passage), room(1000))}"
    for label, key in (
        ("result", "gen_ai.tool.call.result"),
        ("summary", "convqa.handoff.summary"),
        ("exposed", "convqa.access.fields_exposed"),
    ):
        if key in a:
            yield f"{label}  {_text(a, key)}"


def _event_facts(event: StoredEvent) -> str:
    a = event.attributes
    if event.name == "exception":
        return f"{_text(a, 'exception.type')}: {_text(a, 'exception.message')}"
    if event.name == "convqa.customer_action":
        return _joined([_text(a, "name", 40), _text(a, "arguments", 60), _text(a, "result")])
    return _joined(_pairs(a, ""))


def _pairs(a: Attributes, prefix: str) -> list[str]:
    """Return attributes as `name=value`, without their prefix, without ids that stand above and without nothings."""
    return [
        f"{clean(key.removeprefix(prefix), 40)}={_text(a, key, 80)}"
        for key, value in a.items()
        if key.startswith(prefix) and key not in ("chat_guid", "persona_id") and value not in ([], "")
    ]


# -------------------------------------------------------------------------------------------------- words and numbers


def _joined(facts: Iterable[str]) -> str:
    return SEPARATOR.join(fact for fact in facts if fact)


def _array(a: Attributes, key: str) -> Sequence[Any]:
    value = a.get(key)
    return value if is_array(value) else ()


def _text(a: Attributes, key: str, width: int = 1000) -> str:
    value = a.get(key, "")
    return clean(", ".join(map(str, value)) if is_array(value) else str(value), room(width))


def _speech(a: Attributes, key: str) -> str:
    """Return what somebody said on lines, of which a terminal gets four, as they stand behind a label."""
    most = 4 if sys.stdout.isatty() else None
    said = textwrap.fill(_text(a, key), SPEECH_COLUMNS, max_lines=most, placeholder=" …")
    return said.replace("\n", "\n" + " " * 10)


def _risk(a: Attributes) -> str:
    risk = _text(a, "convqa.risk.level")
    return risk and f"{risk} risk"


def _number(a: Attributes, key: str) -> float | None:
    value = a.get(key)
    return value if isinstance(value, (int, float)) else None


def _sum(spans: Iterable[StoredSpan], key: str) -> float | None:
    """Return a sum; with an unknown part it is unknown."""
    parts = [_number(span.attributes, key) for span in spans]
    return None if None in parts else sum(part for part in parts if part is not None)


def _usage(received: float | None, sent: float | None, cost: float | None) -> str:
    """Say tokens and cost; unknown is said to be unknown."""
    if received is None and sent is None:
        tokens = "tokens unknown"
    else:
        tokens = " → ".join("unknown" if count is None else f"{count:,.0f}" for count in (received, sent)) + " tokens"
    return tokens + SEPARATOR + ("cost unknown" if cost is None else f"${cost:.4f}")


def _moment(ns: int, *, day: bool = True) -> str:
    when = datetime.fromtimestamp(ns // 1_000_000_000, timezone.utc)
    return when.strftime("%Y-%m-%d %H:%M:%SZ" if day else "%H:%M:%S")


def _duration(milliseconds: float) -> str:
    if milliseconds < 1:
        return f"{max(0.0, milliseconds) * 1000:.0f} µs"
    if milliseconds < 1000:
        return f"{milliseconds:.0f} ms"
    seconds = milliseconds / 1000
    if seconds < 120:
        return f"{seconds:.1f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.0f} h"
