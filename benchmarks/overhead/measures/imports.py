"""Processor time of an import in a new process."""

from __future__ import annotations

import subprocess
import sys

import variants
from measure import Case, Column, Figures, Measure, Target

BASE = "from pydantic import BaseModel; import opentelemetry.trace"


def run(case: Case, _: float) -> Figures:
    """Import in a process of its own, and leave the interpreter's start out."""
    code = (
        f"import time; t = time.process_time_ns(); {case.settings['code']}; print((time.process_time_ns() - t) / 1e6)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    return {"import": float(done.stdout.split()[-1])}


MEASURE = Measure(
    title="Import",
    explanation="Processor time of the import in a new process, without the interpreter's own start.",
    cases=(
        Case(f"`{BASE}`", settings={"code": BASE}),
        *(
            Case(source.label, name, settings={"code": f"import {source.imports}"})
            for name, source in variants.SOURCES.items()
            if source.imports
        ),
    ),
    columns=(Column("import", "ms", ratio=True),),
    run=run,
    effort=(1, 1),
    repeat=7,
    targets=(Target(variants.SOURCES["convqa"].label, "import", 1.5, ratio=True),),
)
