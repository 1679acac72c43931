"""Runs every Python and console block of README.md and docs/, page by page, in a temporary folder.

- A Python block runs in its page's namespace; with `title="bot.py"` it is written to that file instead.
- In a console block, lines that begin with `$ ` are commands: `convqa …` runs in this process, `python …` and
  `pytest …` in a new one, `export NAME=value` holds until the page's end. `# exits 1` behind a command is its expected
  exit code. Other lines are its output: numbers and spaces may differ, `…` stands for anything, also for lines.
- A block that cannot run here stands below `<!-- not run: reason -->` and is reported as skipped.

`UPDATE_DOCS=1 pytest README.md docs` writes the real output of commands into the pages, where it is shown in full.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import SkipTest

from hypothesis import Phase, settings
from sybil import Document, Example, Region, Sybil

# In CI the same examples every time, and a failure is reported as found: shrinking may take longer than the run may.
settings.register_profile(
    "ci", derandomize=True, deadline=None, phases=(Phase.explicit, Phase.generate), print_blob=True
)
settings.register_profile("here", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "here")

pytest_plugins = ["convqa_sdk.testing.plugin"]

FENCE = re.compile(
    r"^(?:<!-- not run: (?P<reason>[^\n]+) -->\n+)?"
    r"```(?P<language>python|console|bash|sh|shell)(?: title=\"(?P<title>[^\"]+)\")?\n(?P<body>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
ELIDED = re.compile("^…$", re.MULTILINE)
TELEMETRY_VARIABLES = ("CONVQA_", "OTEL_", "SUPPORT_BOT_", "OPENAI_", "NO_COLOR")


def parse(document: Document) -> Iterator[Region]:
    """Find the blocks of a page."""
    for fence in FENCE.finditer(document.text):
        yield Region(fence.start(), fence.end(), fence, evaluate)


def evaluate(example: Example) -> None:
    """Run one block."""
    fence = example.parsed
    if fence["reason"]:
        raise SkipTest(fence["reason"])
    if fence["title"]:
        Path(fence["title"]).write_text(fence["body"], encoding="utf-8")
    elif fence["language"] == "python":
        lines = example.document.text.count("\n", 0, fence.start("body"))  # tracebacks name the page's lines
        exec(compile("\n" * lines + fence["body"], example.path, "exec"), example.namespace)
    elif fence["language"] == "console":
        shown = [(command, wanted, run(command)) for command, wanted in commands(fence["body"])]
        wrong = [triple for triple in shown if triple[1].strip() and not matches(triple[1], triple[2])]
        if wrong and "UPDATE_DOCS" in os.environ and not any(ELIDED.search(wanted) for _, wanted, _ in shown):
            update(Path(example.path), fence, shown)
        elif wrong:
            command, _, output = wrong[0]
            raise AssertionError(f"`{command}` printed something else than the page shows:\n{output}")
    else:
        raise AssertionError("write commands as a `console` block with `$ `, or say `<!-- not run: reason -->`")


def commands(block: str) -> Iterator[tuple[str, str]]:
    """Split a console block into commands and the output that is shown below each."""
    assert block.startswith("$ "), "a console block begins with a command: `$ …`"
    for piece in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, output = piece.partition("\n")
        yield command, output


def run(command: str) -> str:
    """Run one command, compare its exit code, and return its output."""
    code = re.search(r"# exits (\d)", command)
    words = shlex.split(command, comments=True)
    if words[0] == "export":
        name, _, value = words[1].partition("=")
        os.environ[name] = value
        return ""
    status, output = in_process(words[1:]) if words[0] == "convqa" else new_process(words)
    assert status == (int(code[1]) if code else 0), f"`{command}` exited with {status}:\n{output}"
    return output


def update(page: Path, fence: re.Match[str], shown: list[tuple[str, str, str]]) -> None:
    """Write real output into a page, below the commands that show any."""
    lines = [f"$ {command}\n{output.rstrip() + chr(10) if wanted.strip() else ''}" for command, wanted, output in shown]
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace(f"```console\n{fence['body']}", f"```console\n{''.join(lines)}", 1), encoding="utf-8")


def in_process(words: list[str]) -> tuple[int, str]:
    """Run `convqa`, after everything recorded on the page has reached its store."""
    from convqa_sdk.cli import main
    from convqa_sdk.export import sdk

    if sdk._current is not None:
        assert sdk._current.flush()
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            status = main(words)
        except SystemExit as stop:
            status = stop.code if isinstance(stop.code, int) else 2
    return status, printed.getvalue()


def new_process(words: list[str]) -> tuple[int, str]:
    """Run `python …` or `pytest …` with this interpreter."""
    assert words[0] in ("python", "pytest"), f"`{words[0]}` is not run here; say `<!-- not run: reason -->`"
    module = [] if words[0] == "python" else ["-m", "pytest", "-p", "no:cacheprovider", "-p", "no:asyncio"]
    done = subprocess.run(
        [sys.executable, *module, *words[1:]], capture_output=True, text=True, timeout=100, check=False
    )
    return done.returncode, done.stdout + done.stderr


def matches(wanted: str, output: str) -> bool:
    """Compare output with what a page shows: numbers, units and spaces may differ, `…` stands for anything."""
    lines = [
        "(?:.*\n)*?" if line == "…" else ".*".join(re.escape(part) for part in line.split("…")) + "\n"
        for line in plain(wanted).splitlines()
    ]
    return re.fullmatch("".join(lines), plain(output) + "\n") is not None


def plain(text: str) -> str:
    """Make runs of numbers (with a unit of time), pseudonyms, rules and spaces equal."""
    text = re.sub(r"\[([A-Z_]+):k1:[a-z]+\]", r"[\1]", text)
    text = re.sub(r"[\d][\d.,:TZ-]*(?: ?(?:µs|ms|s|min)\b)?", "#", text)
    lines = [re.sub(r"\s+", " ", re.sub("─{3,}", "─", line)).strip() for line in text.splitlines()]
    return "\n".join(line for line in lines if line)


def enter(namespace: dict[str, Any]) -> None:
    """Begin a page: in a folder of its own, without telemetry settings of this machine or counts of other tests."""
    from convqa_sdk import isolation

    isolation.reset()
    stack = contextlib.ExitStack()
    namespace["_leave"] = stack
    folder = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
    stack.callback(os.chdir, os.getcwd())
    os.chdir(folder)
    stack.callback(sys.path.remove, folder)
    sys.path.insert(0, folder)
    before = dict(os.environ)
    stack.callback(os.environ.update, before)
    stack.callback(os.environ.clear)
    for name in before:
        if name.startswith(TELEMETRY_VARIABLES):
            del os.environ[name]
    namespace["__name__"] = "page"


def leave(namespace: dict[str, Any]) -> None:
    """End a page: nothing records any more, and its files are gone."""
    from convqa_sdk.export import sdk

    if sdk._current is not None:
        sdk._current.shutdown(1.0)
        sdk._current = None
    namespace.pop("_leave").close()
    namespace.clear()


pytest_collect_file = Sybil(
    [parse], patterns=["README.md", "docs/*.md", "docs/*/*.md"], setup=enter, teardown=leave
).pytest()
