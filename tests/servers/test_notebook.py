"""A notebook: cells that configure again and again, that are interrupted, and a kernel that is restarted."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .running import PATIENCE_S, environment
from .told import assert_whole, stored

jupyter_client = pytest.importorskip("jupyter_client", reason="ipykernel is not installed: pip install --group dev")
pytest.importorskip("ipykernel", reason="ipykernel is not installed: pip install --group dev")


class Notebook:
    """A running kernel and its client."""

    def __init__(self, folder: Path) -> None:
        self._manager: Any = jupyter_client.KernelManager()
        self._manager.kernel_spec.argv[0] = sys.executable  # pyright: ignore
        self._manager.start_kernel(cwd=str(folder), env=environment(IPYTHONDIR=str(folder / "ipython")))
        self._client = self._manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(PATIENCE_S)

    def run(self, cell: str) -> str:
        """Run a cell; return what it printed, or the name of its exception."""
        printed: list[str] = []

        def hook(message: Any) -> None:
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])

        reply = self._client.execute_interactive(cell, timeout=PATIENCE_S, output_hook=hook)
        content = reply["content"]
        return str(content["ename"]) if content["status"] == "error" else "".join(printed)

    def interrupt_when(self, cell: str, printed: str) -> str:
        """Run a cell, and press the stop button when it has printed something; return its exception's name."""

        def hook(message: Any) -> None:
            if message["msg_type"] == "stream" and printed in message["content"]["text"]:
                self._manager.interrupt_kernel()

        reply = self._client.execute_interactive(cell, timeout=PATIENCE_S, output_hook=hook)
        return str(reply["content"].get("ename", "none"))

    def restart(self) -> None:
        """Restart the kernel, as the menu does."""
        self._manager.restart_kernel(now=False)
        self._client.wait_for_ready(PATIENCE_S)

    def close(self) -> None:
        """End everything."""
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)


@pytest.fixture
def notebook(tmp_path: Path) -> Iterator[Notebook]:
    """Open a notebook in the test's folder."""
    opened = Notebook(tmp_path)
    yield opened
    opened.close()


BOT = """
import threading, time
import convqa_sdk as convqa
import support
"""
AGAIN = """
sdk = convqa.configure(store={store!r}, interval_s=30)

@convqa.tool
def lookup(order): return {order!r}

with convqa.turn({name!r}, "hi") as turn:
    lookup({order!r})
    turn.answer("x")
"""
THREADS = """
def ours():
    return sorted(thread.name for thread in threading.enumerate() if thread.name.startswith("convqa"))
for _ in range(500):
    if len(ours()) > 2:
        time.sleep(0.02)
print(*ours())
"""
AFTER = "sdk = convqa.configure(store='s-1'); support.reply('after'); print(sdk.flush())"


def test_a_session_at_a_notebook(notebook: Notebook, tmp_path: Path) -> None:
    """Each turn is once in the store that was configured when it ended; no threads pile up, nothing nests falsely."""
    assert notebook.run(BOT) == ""
    for n in range(12):
        assert notebook.run(AGAIN.format(store=f"s-{n % 2}", name=f"again-{n}", order=f"o-{n}")) == ""
    assert notebook.run(THREADS) == "convqa-export convqa-store\n"
    assert notebook.interrupt_when("support.reply('interrupted', 60)", "slow") == "KeyboardInterrupt"
    assert notebook.run("1/0") == "ZeroDivisionError"
    assert notebook.run("block = convqa.turn('in two cells', 'hi'); block.__enter__(); None") == ""
    assert notebook.run("lookup('o-1'); block.__exit__(None, None, None)") == ""
    assert notebook.run("import asyncio; await asyncio.sleep(0); support.reply('awaited'); None") == ""
    assert notebook.run("support.reply('before the restart'); None") == ""
    notebook.restart()
    assert notebook.run(BOT + AFTER) == "True\n"
    even, odd = stored(tmp_path / "s-0"), stored(tmp_path / "s-1")
    short = Counter({"tool": 1, "turn": 1})
    assert_whole(even, [f"again-{n}" for n in range(0, 12, 2)], short)
    of_bot = {"interrupted", "awaited", "before the restart", "after"}
    assert_whole([span for span in odd if span.conversation_id in of_bot], of_bot)
    others = ["in two cells", *(f"again-{n}" for n in range(1, 12, 2))]
    assert_whole([span for span in odd if span.conversation_id not in of_bot], others, short)
    cancelled = {span.conversation_id for span in odd if span.attributes["convqa.status"] == "cancelled"}
    assert cancelled == {"interrupted"}
