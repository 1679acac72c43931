"""`python -m support_bot`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_a_chat_on_a_terminal(tmp_path: Path) -> None:
    """A question is answered, the answer is rated, and the telemetry is in the store that the environment names."""
    done = subprocess.run(
        [sys.executable, "-m", "support_bot"],
        input="Where is my order LL-20417?\n+\n\n",
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(EXAMPLES), "CONVQA_STORE": str(tmp_path / "store"), "PATH": ""},
        timeout=60,
        check=True,
    )
    assert "on its way" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("convqa show chat-")
    written = "".join(file.read_text() for file in (tmp_path / "store").glob("*.jsonl"))
    assert "convqa.outcome.feedback.thumbs" in written
    assert "execute_tool lookup_order" in written
