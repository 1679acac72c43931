"""What the other tests here rely on: a server does not outlive the run that started it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from processes import child

from .servers import listens, wait_for

SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from backends.servers import listens, running
serve = lambda ports: [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(ports[0])]
with running(serve, 1, lambda ports: listens(ports[0]), Path(sys.argv[2])) as ports:
    print(ports[0], flush=True)
    sys.stdin.read()
"""


def test_a_server_ends_with_a_run_that_is_killed(tmp_path: Path) -> None:
    """Killed without any clean-up, a run takes its servers with it."""
    tests = str(Path(__file__).parents[1])
    command = [sys.executable, "-c", SCRIPT, tests, str(tmp_path / "log")]
    with child(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as run:
        port = int(run.stdout.readline())
        assert listens(port)
        run.kill()
    assert wait_for(lambda: not listens(port), bool)
