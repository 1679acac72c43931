"""Replay the real runs into stores, and print per file what the turns meant.

    python benchmarks/signals/runs.py             all files: some two minutes
    python benchmarks/signals/runs.py --write     keeps the figures in runs.json
    python benchmarks/signals/runs.py --read 20   prints so many findings drawn by hash, with their texts, to be judged

Events are those on the wire; signals are worked out again over whole conversations, and the difference is told.
Overreach is an action that an answer says was done, and that no tool of the conversation did, by the tool log.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import datasets

from convqa_sdk.integrations.replay import replay
from convqa_sdk.integrations.transcripts import read_transcripts
from convqa_sdk.measure.rescoring import Finding, Rescored, rescore
from convqa_sdk.store.conversations import Conversation, conversations

KEPT = Path(__file__).parent / "runs.json"
PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "what-a-turn-means.md"
BEGIN, END = "<!-- runs: ", "<!-- end of runs -->"
FILES = (*datasets.CONVERSATIONS, "conv_abcd_sample")


def main() -> None:
    """Replay, print, and keep what is to be kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="keep the figures")
    parser.add_argument("--read", type=int, default=0, metavar="N", help="print findings with their texts")
    args = parser.parse_args()
    try:
        source = datasets.folder()
    except datasets.AbsentError as error:
        parser.error(str(error))
    told: dict[str, Any] = {}
    for name in FILES:
        with tempfile.TemporaryDirectory() as folder:
            held, figures, found = run(source / f"{name}.jsonl.gz", Path(folder) / "s")
        told[name] = figures
        print(f"## {name}\n\n{shown(figures)}\n", flush=True)
        if args.read:
            for finding in drawn(found, args.read // len(FILES) + 1):
                print(reading(held[finding.conversation_id], finding))
    if args.write:
        KEPT.write_text(json.dumps({"date": time.strftime("%Y-%m-%d"), "files": told}, indent=1) + "\n")
        page = PAGE.read_text(encoding="utf-8")
        begin, end = page.index("\n", page.index(BEGIN)) + 1, page.index(END)
        PAGE.write_text(page[:begin] + "\n" + compared(told) + "\n\n" + page[end:], encoding="utf-8")


def run(file: Path, store: Path) -> tuple[dict[str, Conversation], dict[str, Any], Rescored]:
    """Replay one file; return its conversations, its figures, and what was found."""
    report = replay(read_transcripts(file, "auto"), store=store, service_name="replay", key=b"k" * 32)
    held = conversations(store)
    found = rescore(held.values())
    packets = [
        span.attributes["convqa.handoff.completeness"]
        for conversation in held.values()
        for span in conversation.spans
        if span.stage == "escalation" and "convqa.handoff.completeness" in span.attributes
    ]
    escalated = sum(any(s.stage == "escalation" for s in conversation.spans) for conversation in held.values())
    return (
        held,
        {
            "conversations": found.conversations,
            "turns": found.turns,
            "answers": found.answers,
            "events": dict(sorted(found.events.items())),
            "signals": dict(sorted(Counter(finding.signal for finding in found.findings).items())),
            "not told on the wire": found.lost(),
            "rephrase loops": found.loops,
            "tool spans": report.spans["tool"],
            "escalated": escalated,
            "handoffs scored": len(packets),
            "mean completeness": round(sum(packets) / len(packets), 3) if packets else None,
            "outcomes joined": sum(len(conversation.outcomes) for conversation in held.values() if conversation.turns),
        },
        found,
    )


def shown(figures: dict[str, Any]) -> str:
    """Return figures as a Markdown table."""
    rows = ["| | |", "|---|---|"]
    for name, value in figures.items():
        text = ", ".join(f"{key} {count}" for key, count in value.items()) if isinstance(value, dict) else value
        rows.append(f"| {name} | {'unknown' if text is None else text} |")
    return "\n".join(rows)


def compared(told: dict[str, Any]) -> str:
    """Return the figures of all files as one Markdown table, a file in each column."""
    names = {name: name.removeprefix("conv_") for name in told}
    rows = ["| | " + " | ".join(f"`{name}`" for name in names.values()) + " |", "|---" * (len(names) + 1) + "|"]
    for figure, first in next(iter(told.values())).items():
        if isinstance(first, dict):
            inner = sorted({key for figures in told.values() for key in figures[figure]})
            for key in inner:
                label = f"{figure}: {key.removeprefix('convqa.')}"
                rows.append(_line(label, [told[name][figure].get(key, 0) for name in names]))
        else:
            rows.append(_line(figure, [told[name][figure] for name in names]))
    return "\n".join(rows)


def _line(label: str, values: list[Any]) -> str:
    return f"| {label} | " + " | ".join("unknown" if value is None else f"{value:,}" for value in values) + " |"


def drawn(found: Rescored, number: int) -> list[Finding]:
    """Return findings drawn by a hash of their place."""

    def place(finding: Finding) -> bytes:
        return hashlib.sha256(f"{finding.conversation_id}/{finding.turn}/{finding.signal}".encode()).digest()

    return sorted(found.findings, key=place)[:number]


def reading(conversation: Conversation, finding: Finding) -> str:
    """Return a finding with the texts that it is about."""
    turn = conversation.turns[finding.turn]
    before = conversation.turns[finding.turn - 1] if finding.turn else None
    lines = [f"### {finding.conversation_id} turn {finding.turn}: {finding.signal} ({finding.detail})"]
    if before is not None:
        lines.append(f"- bot before: {str(before.attributes.get('convqa.answer.text'))[:400]}")
    lines.append(f"- customer: {str(turn.attributes.get('convqa.message.text'))[:400]}")
    lines.append(f"- bot: {str(turn.attributes.get('convqa.answer.text'))[:600]}")
    tools = [s.attributes.get("gen_ai.tool.name") for s in conversation.spans if s.stage == "tool"]
    lines.append(f"- tools of the conversation: {', '.join(map(str, tools))}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
