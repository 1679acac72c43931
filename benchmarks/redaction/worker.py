"""Measure one detector in this process and print its figures as one JSON line.

`python worker.py MEASURE LABEL FOLDER...`, with the interpreter of the detector's environment.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import scoring
from detectors import DETECTORS, Detect, Detector

LIMIT_S = 5
"""Longest processor time of one hostile text."""
DENSE_CHARS, SPARSE_CHARS = 60_000, 60_000
"""How much of a set is timed."""
HEAVY = re.compile(r"import time: +(\d+) \| +\d+ \| +((?:convqa_sdk\.redaction|re2|phonenumbers|stdnum|nacl|yaml)\S*)")


def recall(detector: Detector, folders: list[str]) -> dict[str, Any]:
    """Return the counts of every group of sets."""
    detect, groups = detector.load(), {}
    for name, records in datasets.sets(folders).items():
        group = next(group for group, heads in datasets.GROUPS.items() if name.startswith(heads))
        counts = scoring.counted(records, (list(detect(record["text"])) for record in records))
        groups[group] = scoring.joined((groups.get(group, {}), counts))
    return {group: {label: +row for label, row in counts.items()} for group, counts in groups.items()}  # zeros left out


def cost(detector: Detector, folders: list[str]) -> dict[str, float]:
    """Return processor milliseconds per 1,000 characters: of chats full of values, and of texts with none."""
    sets = datasets.sets(folders)
    dense = _some(sets.get("support_synth") or sets["messages_en"], DENSE_CHARS)
    sparse = _some(sets.get("banking77_negative") or sets["harmless"], SPARSE_CHARS)
    detect = detector.load()
    for text in (*dense[:20], *sparse[:20]):
        detect(text)
    return {
        "dense": _ms_per_kb(detect, dense),
        "dense_joined": _ms_per_kb(
            detect, ["\n".join(dense[start : start + 40]) for start in range(0, len(dense), 40)]
        ),
        "sparse": _ms_per_kb(detect, sparse),
        "clean": _ms_per_kb(detect, [datasets.long_clean()]),
    }


def _some(records: list[dict[str, Any]], characters: int) -> list[str]:
    """Return texts from the whole of a set, since its kinds may stand in a row."""
    texts = [record["text"] for record in records]
    return texts[:: max(1, sum(map(len, texts)) // characters)]


def _ms_per_kb(detect: Detect, texts: list[str]) -> float:
    began = time.process_time()
    for text in texts:
        detect(text)
    return (time.process_time() - began) * 1e6 / sum(map(len, texts))


def hostile(detector: Detector, _: list[str]) -> dict[str, float]:
    """Return the processor milliseconds of each hostile text."""
    detect = detector.load()
    detect("a@b.example")
    return {name: _limited(detect, text) for name, text in datasets.hostile().items()}


def _limited(detect: Detect, text: str) -> float:
    signal.signal(signal.SIGPROF, _expire)  # of processor time: other guests of the machine use up none
    signal.setitimer(signal.ITIMER_PROF, LIMIT_S)
    began = time.process_time()
    try:
        detect(text)
    except TimeoutError:
        return LIMIT_S * 1e3
    except Exception:  # noqa: BLE001 - a peer that fails on a text has spent its time on it as well
        pass
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return (time.process_time() - began) * 1e3


def _expire(*_: object) -> None:
    raise TimeoutError


def stall(detector: Detector, _: list[str]) -> dict[str, float]:
    """Return how long another thread stood still at most while a worker redacted each hostile text, in milliseconds."""
    detector.load()
    from convqa_sdk.export.pacer import Pacer
    from convqa_sdk.redaction import RedactionPolicy, Redactor

    redactor = Redactor(RedactionPolicy(), pause=Pacer().pause)
    redactor.text("a@b.example, +49 171 2345678")
    figures = {"(nothing)": _longest_gap_ms(lambda: time.sleep(0.2))}
    for name, text in datasets.hostile().items():
        figures[name] = _longest_gap_ms(lambda text=text: redactor.text(text))  # type: ignore[misc]  # bound at once
    return figures


def _longest_gap_ms(work: Callable[[], object]) -> float:
    """Run work in a thread, and give the interpreter away again and again beside it.

    A step's gap is its time without its own work and without waiting for a core, which would measure other guests.
    """
    scheduling = os.open(f"/proc/self/task/{threading.get_native_id()}/schedstat", os.O_RDONLY)
    thread = threading.Thread(target=work)
    thread.start()
    longest = 0
    while thread.is_alive():
        waited, worked, began = _waited_ns(scheduling), time.thread_time_ns(), time.perf_counter_ns()
        time.sleep(0)
        took, waited_since = time.perf_counter_ns() - began, _waited_ns(scheduling) - waited
        longest = max(longest, took - (time.thread_time_ns() - worked) - waited_since)
    thread.join()
    os.close(scheduling)
    return longest / 1e6


def _waited_ns(scheduling: int) -> int:
    return int(os.pread(scheduling, 100, 0).split()[1])


def calls(detector: Detector, _: list[str]) -> dict[str, float]:
    """Return the processor milliseconds of the longest call into C for each hostile text: nothing interrupts one."""
    detector.load()
    from convqa_sdk.redaction import RedactionPolicy, Redactor

    redactor = Redactor(RedactionPolicy())
    redactor.text("a@b.example, +49 171 2345678")
    return {name: _longest_call_ms(lambda text=text: redactor.text(text)) for name, text in datasets.hostile().items()}  # type: ignore[misc]


def _longest_call_ms(work: Callable[[], object]) -> float:
    longest, since = 0, None

    def seen(_frame: object, event: str, _what: object) -> None:
        nonlocal longest, since
        if since is not None:  # a call of Python's from within C ends it as well: there, the interpreter gives way
            longest = max(longest, time.thread_time_ns() - since)
        since = time.thread_time_ns() if event == "c_call" else None

    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(None)
    return longest / 1e6


def imported(detector: Detector, _: list[str]) -> dict[str, float]:
    """Return the milliseconds of `import convqa_sdk`, what redaction adds, and what the first search takes."""
    path = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); from detectors import DETECTORS"
    whole = _printed("import convqa_sdk")
    first = _printed(
        f"DETECTORS[{detector.label!r}].load()('a@b.example +49 171 2345678')", before=f"{path}; import convqa_sdk"
    )
    trace = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import convqa_sdk"], capture_output=True, check=True, text=True
    ).stderr
    added = sum(int(line[1]) for line in HEAVY.finditer(trace)) / 1e3
    return {"import": whole, "added": added, "first": first}


def _printed(code: str, before: str = "pass") -> float:
    """Return the processor milliseconds of code in a new process."""
    timed = f"{before}; import time; t = time.process_time_ns(); {code}; print((time.process_time_ns() - t) / 1e6)"
    done = subprocess.run([sys.executable, "-c", timed], capture_output=True, check=True, text=True)
    return float(done.stdout.split()[-1])


MEASURES: dict[str, Callable[[Detector, list[str]], dict[str, Any]]] = {
    "recall": recall,
    "cost": cost,
    "hostile": hostile,
    "stall": stall,
    "calls": calls,
    "import": imported,
}


def main(measure: str, label: str, *folders: str) -> None:
    """Measure and print."""
    figures = MEASURES[measure](DETECTORS[label], list(folders))
    sys.stdout.write("\n" + json.dumps(figures) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
