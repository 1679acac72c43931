"""`convqa demo`: a small support bot answers, and its telemetry is stored, read back and shown."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import shlex
import shutil
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

from convqa_sdk.cli import doctor, show
from convqa_sdk.cli.text import Progress
from convqa_sdk.errors import StoreError

SHOWN = "demo-late-refund"
INSTALL = "pip install 'convqa-sdk[example]'"


def add(commands: argparse._SubParsersAction[Any]) -> None:  # pyright: ignore[reportPrivateUsage] - argparse has no public name for it
    """Register the command."""
    command = commands.add_parser(
        "demo",
        help="a small support bot answers, and its telemetry is shown",
        description="Run the example bot's conversations, store their telemetry, read it back, and print one "
        "conversation and the fidelity of all. Needs no network. Set SUPPORT_BOT_MODEL to use a model of yours.",
    )
    command.add_argument(
        "--store", type=Path, metavar="DIR", help="new or empty folder for the telemetry (default: a temporary one)"
    )
    command.add_argument("--keep", action="store_true", help="do not delete the temporary folder")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the demo."""
    try:
        script, bots, models = _example()
    except ModuleNotFoundError as missing:
        sys.stderr.write(f"convqa demo: the example bot needs {missing.name}. Install it with: {INSTALL}\n")
        return 2
    if args.store is not None and any(args.store.glob("*.jsonl*")):
        raise StoreError(f"{args.store} already holds telemetry; name a new or empty folder for the demo's")
    with contextlib.ExitStack() as cleanup:
        work = Path(tempfile.mkdtemp(prefix="convqa-demo-"))
        keeps = args.keep and args.store is None
        if not keeps:
            cleanup.callback(shutil.rmtree, work, ignore_errors=True)
        store = args.store if args.store is not None else work / "telemetry"
        bot = bots.SupportBot(models.model_from_environment(), tickets=work / "tickets.jsonl")
        if not _record(bot, script, store):
            return 2
        print(show.render(store, SHOWN), end="\n\n")
        print(doctor.render(store), end="\n\n")
        print(_next(store if keeps or args.store is not None else None, Path(bots.__file__)))
    return 0


def _record(bot: Any, script: Any, store: Path) -> bool:
    """Hold all conversations with recording on; tell whether everything reached the store."""
    import convqa_sdk as convqa

    sdk = convqa.configure(service_name="support-bot-demo", store=store, versions=bot.versions, disabled=False)
    try:
        convqa.record_change("knowledge_base", version=bot.knowledge.snapshot, note="first import")
        asyncio.run(_converse(bot, script))
        complete = sdk.flush(timeout_s=10.0)
        stats = sdk.stats()
    finally:
        sdk.shutdown()
    if not complete or stats.lost:
        sys.stderr.write(f"convqa demo: not everything reached {store}: lost {stats.lost}, pending {stats.pending}\n")
        return False
    print(f"{len(script.SCRIPTS)} conversations, {stats.exported} turns recorded.\n")
    return True


async def _converse(bot: Any, script: Any) -> None:
    progress = Progress("conversations")
    for number, conversation in enumerate(script.SCRIPTS):
        progress.update(number, len(script.SCRIPTS), conversation.title)
        await script.play(bot, conversation)
    progress.update(len(script.SCRIPTS), len(script.SCRIPTS))
    progress.close()


def _example() -> tuple[Any, Any, Any]:
    """Import the example bot, from the wheel or from the checkout.

    Raises:
        ModuleNotFoundError: The example, or a package that it needs, is not installed.
    """
    package = Path(__file__).parents[1]
    for folder in (package / "_demo", package.parents[1] / "examples"):
        if (folder / "support_bot" / "bot.py").is_file():
            if str(folder) not in sys.path:
                sys.path.insert(0, str(folder))
            names = ("conversations", "bot", "model")
            script, bots, models = (import_module(f"support_bot.{name}") for name in names)
            return script, bots, models
    raise ModuleNotFoundError("the example bot is not part of this installation", name="the example's own files")


def _next(store: Path | None, code: Path) -> str:
    lines = ["Where to look next:"]
    if store is None:
        lines.append("  convqa demo --store convqa-demo     keeps the telemetry, which was in a temporary folder now")
    else:
        place = shlex.quote(str(store))
        lines.append(f"  convqa show --store {place}     lists the conversations")
        lines.append(f"  convqa doctor --profile full --store {place}     also counts recommended fields")
    lines.append(f"  {code}     the bot, with its stages decorated")
    return "\n".join(lines)
