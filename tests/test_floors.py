"""The floors of the architecture are enforced: a checker finds every import that points up or across the wings."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CHECKER = Path(sys.executable).with_name("lint-imports")

VIOLATIONS = {
    "errors imports the schema": ("errors.py", "import convqa_sdk.schema.wire"),
    "the schema imports redaction": ("schema/changes.py", "import convqa_sdk.redaction"),
    "assign imports redaction": ("assign.py", "import convqa_sdk.redaction.policy"),
    "redaction imports tracing": ("redaction/policy.py", "import convqa_sdk.tracing.values"),
    "isolation imports export": ("isolation.py", "import convqa_sdk.export.ledger"),
    "tracing imports export": ("tracing/late.py", "import convqa_sdk.export.sdk"),
    "export imports the test kit": ("export/ledger.py", "import convqa_sdk.testing.clock"),
    "export imports the guard": ("export/pricing.py", "import convqa_sdk.guard.plan"),
    "the guard imports integrations": ("guard/metrics.py", "import convqa_sdk.integrations.replay"),
    "the test kit imports integrations": ("testing/clock.py", "import convqa_sdk.integrations"),
    "export imports the command line": ("export/keys.py", "import convqa_sdk.cli.text"),
    "tracing reads the store": ("tracing/current.py", "import convqa_sdk.store.segments"),
    "the store writes": ("store/segments.py", "import convqa_sdk.tracing.reference"),
}


def check(folder: Path) -> tuple[int, str]:
    """Run the checker; return its exit code and what it printed."""
    done = subprocess.run(
        [CHECKER, "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder / "src"), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, re.sub("\033\\[[0-9;]*m", "", done.stdout + done.stderr)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package that tests may spoil."""
    folder = tmp_path_factory.mktemp("floors")
    shutil.copytree(
        ROOT / "src" / "convqa_sdk", folder / "src" / "convqa_sdk", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


@pytest.mark.skipif(not CHECKER.exists(), reason="import-linter is not installed beside this interpreter")
class TestFloors:
    def test_the_package_keeps_its_floors(self, copy: Path) -> None:
        """As it is, every import points down and the wings do not know each other."""
        status, output = check(copy)
        assert (status, "0 broken" in output) == (0, True), output

    def test_every_violation_is_found(self, copy: Path) -> None:
        """One forbidden import per floor, all at once: the checker names each of them."""
        spoilt = copy.parent / "spoilt"
        shutil.copytree(copy, spoilt)
        for path, line in VIOLATIONS.values():
            module = spoilt / "src" / "convqa_sdk" / path
            module.write_text(module.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
        status, output = check(spoilt)
        assert status == 1
        assert "4 broken" in output, output
        found = {
            violation
            for violation, (path, line) in VIOLATIONS.items()
            if re.search(
                rf"convqa_sdk\.{path.removesuffix('.py').replace('/', '.')} -> {re.escape(line.split()[1])}", output
            )
        }
        assert found == set(VIOLATIONS), output

    def test_an_unplaced_module_is_found(self, copy: Path) -> None:
        """A new top-level package that is on no floor breaks the contracts until it is placed."""
        homeless = copy.parent / "homeless"
        shutil.copytree(copy, homeless)
        (homeless / "src" / "convqa_sdk" / "helpers.py").write_text('"""Nowhere."""\n', encoding="utf-8")
        status, output = check(homeless)
        assert status == 1
        assert "helpers" in output
