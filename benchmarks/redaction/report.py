"""Tables of the figures, and the pages that show them: benchmarks/README.md and docs/explanation/security.md.

A page says where a table goes with a line `<!-- redaction: NAME -->` and one `<!-- /redaction -->` below; on the page
about security, what stands between `<!-- recall -->` and `<!-- /recall -->` is the recall by class.
"""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import chart
import datasets
import scoring
import targets
from results import spread

ROOT = Path(__file__).parents[2]
README = ROOT / "benchmarks" / "README.md"
SECURITY = ROOT / "docs" / "explanation" / "security.md"
CHART = ROOT / "docs" / "explanation" / "redaction-cost.svg"
PLACE = re.compile(r"(<!-- redaction: (\w+) -->\n).*?(<!-- /redaction -->)", re.DOTALL)
RECALL = re.compile(r"(<!-- recall -->\n).*?(<!-- /?recall -->)", re.DOTALL)
RECALL_COLUMNS = ("recall", "precision", "f1", "typed", "leak", "bare")
TITLES = {
    "recall": (
        "What is found",
        "Recall asks whether half of a value is covered by findings of any class, typed recall by those of its own.\n"
        "Values that leak show a letter or digit; characters that leak are the share of letters and digits left bare.",
    ),
    "cost": (
        "What a search costs",
        "Processor milliseconds per 1,000 characters: of short chats with values, of forty of them joined, of banking "
        "questions, and of one clean text of 50 KB.",
    ),
    "hostile": (
        "Hostile texts",
        "Processor milliseconds of texts of 50 KB that almost match everywhere; more than 5 s are not waited for.",
    ),
    "stall": (
        "Stall of another thread",
        "The longest time that another thread stood still while a worker redacted a hostile text of 50 KB.",
    ),
    "calls": (
        "Longest call",
        "Processor milliseconds of the longest single call into C while a hostile text of 50 KB is redacted: a search, "
        "a translation, a join; nothing can interrupt one.",
    ),
    "import": (
        "Import",
        "Milliseconds of `import convqa_sdk`, what of that redaction adds, and what the first search takes after it.",
    ),
}
COLUMNS = {
    "cost": (("dense", "dense", 3), ("dense_joined", "joined", 3), ("sparse", "sparse", 3), ("clean", "clean", 4)),
    "import": (("import", "import ms", 0), ("added", "added ms", 1), ("first", "first search ms", 0)),
}


def refresh(kept: dict[str, Any]) -> None:
    """Write the tables of all pages, and the chart."""
    readme = README.read_text(encoding="utf-8")
    README.write_text(PLACE.sub(lambda found: _filled(found, kept), readme), encoding="utf-8")
    if "recall" in kept and SECURITY.exists():
        text = SECURITY.read_text(encoding="utf-8")
        by_class = classes(kept["recall"]["rows"])
        SECURITY.write_text(RECALL.sub(lambda found: f"{found[1]}\n{by_class}\n\n{found[2]}", text), encoding="utf-8")
    if "cost" in kept:
        dense = {
            label: statistics.median(run["dense"] for run in runs)
            for label, runs in kept["cost"]["rows"].items()
            if isinstance(runs, list)
        }
        chart.write(CHART, "Processor time per 1,000 characters of support chat", dense, unit="ms", digits=2)


def _filled(found: re.Match[str], kept: dict[str, Any]) -> str:
    name = found[2]
    body = (
        targets.table(kept) if name == "targets" else section(name, kept[name]) if name in kept else "Not measured yet."
    )
    return f"{found[1]}\n{body}\n\n{found[3]}"


def section(name: str, result: dict[str, Any]) -> str:
    """Return the tables of a measure with how it was measured."""
    title, explanation = TITLES[name]
    rows = result["rows"]
    if name == "recall":
        body = "\n\n".join(
            (
                groups(rows),
                "Typed recall / precision by class, in all sets but those of evasions:",
                classes(rows),
                forms(rows),
            )
        )
    elif name in COLUMNS:
        body = _table([heading for _, heading, _ in COLUMNS[name]], rows, lambda runs: _figures(name, runs))
    else:
        body = _table(["median ms", "longest ms", "of"], rows, _extremes)
    runs = max((len(row) for row in rows.values() if isinstance(row, list)), default=0)
    stamp = f"{result['date']}, {result['machine']}, Python {result['python']}"
    return f"### {title}\n\n{explanation}\n\n{body}\n\nMeasured {stamp}; runs: {runs}."


def _table(headings: list[str], rows: dict[str, Any], cells: Any) -> str:
    lines = [f"| | {' | '.join(headings)} |", "|---" * (len(headings) + 1) + "|"]
    for label, runs in rows.items():
        shown = [runs, *[""] * (len(headings) - 1)] if isinstance(runs, str) else cells(runs)
        lines.append(f"| {label} | {' | '.join(shown)} |")
    return "\n".join(lines)


def _figures(name: str, runs: list[dict[str, float]]) -> list[str]:
    return [spread([run[key] for run in runs], digits) for key, _, digits in COLUMNS[name]]


def _extremes(runs: list[dict[str, float]]) -> list[str]:
    """Return the median text's and the worst text's figure, each text's the median of its runs."""
    texts = {text: statistics.median(run[text] for run in runs) for text in runs[0]}
    nothing = texts.pop("(nothing)", None)
    worst = max(texts, key=lambda text: texts[text])
    beside = f" (idle {nothing:,.2f})" if nothing is not None else ""
    return [f"{statistics.median(texts.values()):,.2f}", f"{texts[worst]:,.2f}{beside}", worst]


def groups(rows: dict[str, Any]) -> str:
    """Return a line for each group of sets and each detector."""
    lines = [
        "| set | | recall | precision | F1 | typed | values leak | characters leak | documents falsely hit |",
        "|---" * 9 + "|",
    ]
    for title in datasets.GROUPS:
        for label, runs in rows.items():
            if isinstance(runs, str) or title not in runs[0]:
                continue
            counts = Counter(runs[0][title][scoring.ALL])
            shares = scoring.rates(counts)
            false = (
                f"{counts['documents_wrong']} of {counts['documents_without']}" if counts["documents_without"] else "-"
            )
            lines.append(
                f"| {title} | {label} | {' | '.join(_share(shares[key]) for key in RECALL_COLUMNS)} | {false} |"
            )
    return "\n".join(lines)


def classes(rows: dict[str, Any]) -> str:
    """Return typed recall and precision by class in texts without evasions, a column for each detector."""
    by_detector = {
        label: _all(runs, lambda group: not group.startswith("evasions"))
        for label, runs in rows.items()
        if isinstance(runs, list)
    }
    lines = [f"| class | values | {' | '.join(by_detector)} |", "|---" * (len(by_detector) + 2) + "|"]
    for label in sorted(scoring.STRUCTURED):
        counts = [sums.get(label, Counter()) for sums in by_detector.values()]
        cells = [f"{_share(scoring.rates(row)['typed'])} / {_share(scoring.rates(row)['precision'])}" for row in counts]
        lines.append(f"| {label} | {counts[0]['gold']:,} | {' | '.join(cells)} |")
    return "\n".join(lines)


def forms(rows: dict[str, Any]) -> str:
    """Return the first detector's recall by form of evasion where it is not whole; of forms held back, nothing."""
    label, runs = next(iter(rows.items()))
    if not isinstance(runs, list):
        return ""
    sums = {
        form[5:]: row
        for form, row in _all(runs, lambda group: "held back" not in group).items()
        if form.startswith("form ")
    }
    missed = {form: row for form, row in sums.items() if row["form_found"] < row["form_gold"]}
    told = ", ".join(f"`{form}` {row['form_found']} of {row['form_gold']}" for form, row in sorted(missed.items()))
    return (
        f"Of {len(sums)} forms of evasion, {label} finds {len(sums) - len(missed)} whole; of the others: {told or '-'}."
    )


def _all(runs: list[dict[str, Any]], wanted: Callable[[str], bool]) -> scoring.Counts:
    groups = [counts for group, counts in runs[0].items() if wanted(group)]
    return scoring.joined({label: Counter(row) for label, row in counts.items()} for counts in groups)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
