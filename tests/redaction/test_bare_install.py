"""Installs that lack an extra, or have something else in its place."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

REDACT = """
from convqa_sdk.redaction import redact
print(redact("mail joe@example.com, national id 44051401458").text)
"""
CONFIGURE = """
import importlib.util, logging, sys
logging.basicConfig(level="WARNING")
if "bare" in sys.argv:
    find = importlib.util.find_spec
    importlib.util.find_spec = lambda name, package=None: None if name == "stdnum" else find(name, package)
import convqa_sdk
for _ in range(2):
    convqa_sdk.configure(store=sys.argv[1]).shutdown()
"""


def run(script: str, *arguments: str, path: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a script in a new interpreter, with a folder in front of what is installed."""
    environment = {**os.environ, **variables, **({"PYTHONPATH": str(path)} if path else {})}
    return subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, env=environment, check=False
    )


@pytest.mark.parametrize("content", [None, "", "raise RuntimeError", "def compile(pattern): ..."])
@pytest.mark.parametrize("name", ["re2", "stdnum"])
def test_something_else_of_the_same_name_withholds_nothing(tmp_path: Path, name: str, content: str | None) -> None:
    """A folder, a broken module or another package named `re2` leaves the engine `re`, a folder `stdnum` no library."""
    (tmp_path / name).mkdir()
    if name == "re2" and content is not None:
        (tmp_path / name / "__init__.py").write_text(content)
    done = run(REDACT, path=tmp_path)
    assert done.stdout == "mail [EMAIL], national id [NATIONAL_ID]\n", done.stderr


def test_a_wrong_engine_fails_closed() -> None:
    """An engine that does not exist withholds texts; `configure()` says what is accepted."""
    assert run(REDACT, CONVQA_REDACTION_ENGINE="hyperscan").stdout == "[WITHHELD]\n"
    done = run("import convqa_sdk; convqa_sdk.configure(store='x')", CONVQA_REDACTION_ENGINE="hyperscan")
    assert "expected re or re2" in done.stderr


def test_configure_says_once_what_a_bare_install_does_not_find(tmp_path: Path) -> None:
    """Without python-stdnum, one line names the kinds that need their word and the extra; with it, there is none."""
    assert run(CONFIGURE, str(tmp_path), "bare").stderr.count("identifiers_unverified") == 1
    assert "identifiers_unverified" not in run(CONFIGURE, str(tmp_path)).stderr
