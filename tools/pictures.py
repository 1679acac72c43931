"""Make the pictures of docs/backends/: one conversation of the example bot in Phoenix, and by `convqa show`.

Needs `make backends` and Chromium. Look at what it made before you commit it, and crop Phoenix's page to the trace:
as a whole it cannot be read at the width of a page.
"""

from __future__ import annotations

import asyncio
import html
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "backends"
CONVERSATION = "demo-late-refund"
CHROMIUM = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
            "--disable-background-networking", "--disable-component-update", "--disable-sync")  # fmt: skip

sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "examples"), str(ROOT / "tools")]


def main() -> None:
    """Make all pictures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        phoenix(folder)
        shown(folder / "store")


def phoenix(folder: Path) -> None:
    """Hold the example's conversations, ship them to a Phoenix, and picture one turn's trace there."""
    from backends import phoenix as server

    status = subprocess.run([sys.executable, ROOT / "tools" / "backends", "--status"], capture_output=True, check=True)
    program = json.loads(status.stdout)["phoenix"]
    if program is None:
        sys.exit("Phoenix is not installed; `make backends` installs it")
    with server.started(program, folder) as running:
        trace_id = converse(folder / "store", running)
        url = f"{running.http}/redirects/traces/{trace_id}"
        picture = PICTURES / "phoenix.png"
        subprocess.run(
            ["chromium", *CHROMIUM, f"--user-data-dir={folder / 'chromium'}", "--window-size=1500,950",
             "--virtual-time-budget=30000", f"--screenshot={picture}", url],
            check=True, capture_output=True, timeout=180,
        )  # fmt: skip
        print(picture, picture.stat().st_size, "bytes")


def converse(store: Path, running: object) -> str:
    """Hold the conversations; return the id of the trace of the one that is pictured."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    import convqa_sdk as convqa
    from convqa_sdk.store.segments import read_spans
    from support_bot import bot, conversations, model

    exporter = OTLPSpanExporter(f"{running.http}/v1/traces")  # type: ignore[attr-defined] # reason: a Phoenix
    example = bot.SupportBot(model.model_from_environment(), tickets=store.with_name("tickets.jsonl"))
    settings = {"store": store, "exporters": [exporter], "dialect": "compat", "versions": example.versions}
    with convqa.configure("acme-support-bot", **settings) as sdk:
        for conversation in conversations.SCRIPTS:
            asyncio.run(conversations.play(example, conversation))
        assert sdk.flush(30), sdk.stats()
    return next(s.trace_id for s in read_spans(store) if s.conversation_id == CONVERSATION and s.stage == "turn")


# ------------------------------------------------------------------------------------------------- convqa show

COLUMNS = 120
CHARACTER, LINE = 7.8, 18
COLOURS = {"1": "font-weight:bold", "2": "opacity:.6", "31": "fill:#e06c75", "32": "fill:#7bc275", "33": "fill:#d9b25f",
           "34": "fill:#6aa9f0", "35": "fill:#c58fe6", "36": "fill:#56b6c2"}  # fmt: skip


def shown(store: Path) -> None:
    """Picture what `convqa show` prints on a terminal, as text in an SVG."""
    command = [sys.executable, "-m", "convqa_sdk.cli", "show", CONVERSATION, "--store", str(store)]
    printed = in_terminal(command).splitlines()
    picture = PICTURES / "convqa-show.svg"
    picture.write_text("\n".join(svg(f"$ convqa show {CONVERSATION}", printed)) + "\n")
    print(picture, picture.stat().st_size, "bytes")


def in_terminal(command: list[str]) -> str:
    """Return what a command prints when it prints to a terminal."""
    import pty

    main_end, its_end = pty.openpty()
    env = {**os.environ, "COLUMNS": str(COLUMNS), "TERM": "xterm"}
    with subprocess.Popen(command, stdout=its_end, env=env):
        os.close(its_end)
        pieces = []
        with suppress(OSError):  # it is raised when the command has ended
            while True:
                pieces.append(os.read(main_end, 65_536))
    os.close(main_end)
    return b"".join(pieces).decode()


def svg(title: str, lines: list[str]) -> Iterator[str]:
    """Yield the lines of a picture of text."""
    width, height = int(COLUMNS * CHARACTER + 40), LINE * (len(lines) + 2) + 30
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">'
    yield f"<title>{html.escape(title)}</title>"
    yield '<rect width="100%" height="100%" rx="8" fill="#1e2127"/>'
    yield '<g font-family="ui-monospace,Menlo,Consolas,DejaVu Sans Mono,monospace" font-size="13" fill="#dcdfe4">'
    for number, line in enumerate([title, "", *lines]):
        yield f'<text x="20" y="{LINE * number + 30}" xml:space="preserve">{"".join(spans(line))}</text>'
    yield "</g></svg>"


def spans(line: str) -> Iterator[str]:
    """Yield the pieces of a line with their colours."""
    style = ""
    for piece in re.split("(\033\\[[0-9;]*m)", line.rstrip()):
        if piece.startswith("\033"):
            style = ";".join(COLOURS[code] for code in piece[2:-1].split(";") if code in COLOURS)
        elif piece:
            text = html.escape(piece, quote=False)
            yield f'<tspan style="{style}">{text}</tspan>' if style else text


if __name__ == "__main__":
    main()
