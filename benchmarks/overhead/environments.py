"""An environment for each peer, outside the repository: SDKs that instrument at import must not meet each other.

`python environments.py [NAME ...]` makes them, those of this benchmark where none is named.
Made once, under `$XDG_CACHE_HOME/convqa-sdk/benchmarks` (else `~/.cache`); a changed pin makes a new one.
OpenTelemetry by hand and convqa-sdk run in the project's own environment.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

OWN = "own"
OTLP = "opentelemetry-exporter-otlp-proto-http"
PINS: dict[str, tuple[str, ...]] = {
    "openlit": ("openlit==1.45.0", OTLP),
    "util_genai": ("opentelemetry-util-genai==1.3b0", OTLP),
    "traceloop": ("traceloop-sdk==0.62.4", "httpx", OTLP),  # 0.62.4 imports httpx without requiring it
    "openinference": ("openinference-instrumentation==0.1.72", OTLP),
    "logfire": ("logfire==5.4.0", OTLP),
    "langfuse": ("langfuse==5.0.4", OTLP),
    "mlflow": ("mlflow-tracing==3.17.2", OTLP),
}
REDACTORS: dict[str, tuple[str, ...]] = {
    "presidio": ("presidio-analyzer==2.2.366",),
    "scrubadub": ("scrubadub==2.0.1",),
    "datafog": ("datafog==4.9.0",),
}
"""What benchmarks/redaction measures beside us."""


def python(environment: str) -> Path:
    """Return the interpreter of an environment, whether it exists or not."""
    return Path(sys.executable) if environment == OWN else _folder(environment) / "bin" / "python"


def missing(environment: str) -> str:
    """Return why an environment cannot be used; empty when it can."""
    if environment == OWN or (_folder(environment) / "ready").exists():
        return ""
    failure = _folder(environment) / "failure"
    if failure.exists():
        return failure.read_text(encoding="utf-8").strip()
    return f"not installed: make {'bench-redaction' if environment in REDACTORS else 'bench'}"


def install(environment: str) -> str:
    """Make an environment where there is none, and return why that failed; empty when it is there."""
    folder = _folder(environment)
    if not (folder / "ready").exists():
        venv.create(folder, with_pip=True, clear=True, upgrade_deps=True)  # an older pip fails to resolve two of them
        pip = [str(python(environment)), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        done = subprocess.run([*pip, *_pins(environment)], capture_output=True, text=True, check=False)
        lines = done.stderr.strip().splitlines() or ["pip failed"]
        mark = folder / ("failure" if done.returncode else "ready")
        mark.write_text(lines[-1] if done.returncode else "", encoding="utf-8")
    return missing(environment)


def _pins(environment: str) -> tuple[str, ...]:
    return (PINS | REDACTORS)[environment]


def _folder(environment: str) -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    pins = " ".join((sys.version, *_pins(environment)))
    return cache / "convqa-sdk" / "benchmarks" / f"{environment}-{hashlib.sha256(pins.encode()).hexdigest()[:8]}"


if __name__ == "__main__":
    for name in sys.argv[1:] or PINS:
        print(f"{name}: {install(name) or 'ready'}", flush=True)
