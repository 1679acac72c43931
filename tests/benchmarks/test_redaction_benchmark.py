"""The redaction benchmark's own parts: invented texts, and the rule by which findings are judged."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).parents[2]
FOLDERS = (ROOT / "benchmarks" / "redaction", ROOT / "benchmarks" / "overhead")
SCORER = ROOT.parent / "shared" / "bench" / "redaction_score.py"
COUNTS = ("gold", "found", "typed", "leaked", "right", "wrong")


@pytest.fixture(scope="module")
def module() -> Iterator[Any]:
    """Return a function that imports a module of the benchmark."""
    sys.path[:0] = map(str, FOLDERS)
    yield importlib.import_module
    del sys.path[: len(FOLDERS)]


@pytest.fixture(scope="module")
def shared() -> ModuleType:
    """Return the scorer that all detectors are judged by; it stays outside the repository."""
    if not SCORER.exists():
        pytest.skip(f"the shared scorer is absent: {SCORER}")
    spec = importlib.util.spec_from_file_location("redaction_score", SCORER)
    assert spec is not None
    assert spec.loader is not None
    scorer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scorer)
    return scorer


def test_the_span_of_an_invented_value_is_exact(module: Any) -> None:
    """Under any seed, a span's text is the value that was put there, and spans do not overlap."""
    invented = module("invented")

    @settings(max_examples=5, deadline=None)
    @given(st.integers(0, 2**32))
    def holds(seed: int) -> None:
        for _, records in invented.sets(seed, 1):
            for record in records:
                end = 0
                for span in record["spans"]:
                    assert record["text"][span["start"] : span["end"]] == span["value"] != ""
                    assert span["start"] >= end
                    end = span["end"]

    holds()


def test_invented_texts_come_from_their_seed_alone(module: Any, tmp_path: Path) -> None:
    """The same seed writes the same bytes, another seed others."""
    written = [
        {file.name: file.read_bytes() for file in module("invented").write(tmp_path / name, seed, rounds=1)}
        for name, seed in (("first", 7), ("again", 7), ("other", 8))
    ]
    assert written[0] == written[1]
    assert written[0] != written[2]


def test_the_invented_sets_cover_what_is_measured(module: Any) -> None:
    """Every class has values, at least three in ten texts have none, and forty forms of evasion occur."""
    sets = dict(module("invented").sets(1, 2))
    labels = {span["label"] for records in sets.values() for record in records for span in record["spans"]}
    assert labels >= module("scoring").STRUCTURED
    texts = [record for name, records in sets.items() if not name.startswith("evasions") for record in records]
    assert sum(not record["spans"] for record in texts) / len(texts) >= 0.3
    assert {record["source"] for record in sets["harmless"]}.isdisjoint(
        record["source"] for record in texts if record["spans"]
    )
    assert len({record["form"] for record in sets["evasions_known"]}) == 20
    assert len({record["form"] for record in sets["evasions_new"]}) >= 20


def test_the_telephone_numbers_of_every_format_exist(module: Any) -> None:
    """At least nine of ten numbers of each format are ones that the country's plan knows."""
    phonenumbers = pytest.importorskip("phonenumbers")
    from random import Random

    values = module("invented.values")
    for country, masks in values.PHONES.items():
        for mask in masks.split("|"):
            numbers = [values.masked(Random(seed), mask.replace(" - ", "-")) for seed in range(30)]
            valid = [phonenumbers.is_valid_number(phonenumbers.parse(number, country)) for number in numbers]
            assert sum(valid) >= 27, (country, mask)


def test_checksums_are_those_of_published_examples(module: Any) -> None:
    """Keccak-256 of nothing, the examples of EIP-55, BIP 173 and BIP 350, and a VIN of ones."""
    checksums = module("invented.checksums")
    assert checksums.keccak256(b"").hex().startswith("c5d2460186f7233c927e7db2dcc703c0")
    address = "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    assert checksums.ethereum(bytes.fromhex(address)) == f"0x{address}"
    program = bytes.fromhex("751e76e8199196d454941c45d1b3a323f1433bd6")
    assert checksums.bech32("bc", 0, program) == "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
    key = bytes.fromhex("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
    assert checksums.bech32("bc", 1, key) == "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"
    assert checksums.vin("1" * 17) == "1" * 17


_LABELS = st.sampled_from(["EMAIL", "PHONE", "TAX_ID", "NATIONAL_ID", "PERSON", "DATE_TIME"])


@st.composite
def _judged(draw: st.DrawFn) -> tuple[dict[str, Any], list[tuple[int, int, str]]]:
    text = draw(st.text("ab1 -", min_size=1, max_size=30))
    places = st.tuples(st.integers(0, len(text) - 1), st.integers(1, 12), _LABELS)
    marked = [
        (start, min(start + length, len(text)), label) for start, length, label in draw(st.lists(places, max_size=4))
    ]
    found = [
        (start, min(start + length, len(text)), label) for start, length, label in draw(st.lists(places, max_size=4))
    ]
    spans = [{"start": start, "end": end, "label": label} for start, end, label in marked]
    return {"text": text, "spans": spans, "recall_only": draw(st.booleans())}, found


def test_findings_are_judged_as_by_the_shared_scorer(module: Any, shared: ModuleType) -> None:
    """For any values and findings, each class has the counts that the shared scorer gives it."""
    scoring = module("scoring")
    assert shared.STRUCTURED == scoring.STRUCTURED

    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(_judged(), max_size=4))
    def holds(pairs: list[tuple[dict[str, Any], list[tuple[int, int, str]]]]) -> None:
        records, predictions = [record for record, _ in pairs], [found for _, found in pairs]
        ours = scoring.counted(records, predictions)
        theirs, without, wrong = shared.score(records, predictions)
        whole = ours.pop(scoring.ALL)
        assert {label: {what: row[what] for what in COUNTS} for label, row in ours.items()} == {
            label: {what: int(row[what]) for what in COUNTS} for label, row in theirs.items()
        }
        assert {what: whole[what] for what in COUNTS} == shared.total(theirs)
        assert (whole["documents_without"], whole["documents_wrong"]) == (without, wrong)

    holds()


def test_characters_that_leak_are_letters_and_digits_left_bare(module: Any) -> None:
    """Of a value of eight digits and a dash of which half is covered, half of the digits leak."""
    scoring = module("scoring")
    record = {"text": "call 1234-5678", "spans": [{"start": 5, "end": 14, "label": "PHONE"}]}
    row = scoring.counted([record], [[(5, 10, "PHONE")]])[scoring.ALL]
    assert (row["characters"], row["bare"], row["found"], row["leaked"]) == (8, 4, 1, 1)
    assert scoring.rates(row)["bare"] == 0.5


def test_absent_data_are_said_clearly(module: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the labelled sets are not, the error names the folder, the variable and the way without."""
    datasets = module("datasets")
    monkeypatch.setenv(datasets.VARIABLE, str(tmp_path))
    with pytest.raises(datasets.AbsentError, match=rf"{tmp_path}.*{datasets.VARIABLE}.*--invented-only"):
        datasets.folder()


def test_hostile_texts_are_of_fifty_thousand_characters(module: Any) -> None:
    """There are at least thirty of them, and no two alike."""
    texts = module("datasets").hostile()
    assert len(set(texts.values())) == len(texts) >= 30
    assert {len(text) for text in texts.values()} == {50_000}


def test_a_table_shows_every_detector_of_a_group(module: Any) -> None:
    """A group has a line for each detector that found something out about it; one that could not run has none."""
    counts = {"gold": 4, "found": 3, "typed": 2, "right": 3, "wrong": 1, "characters": 10, "bare": 1}
    rows = {"**ours**": [{"secrets": {"all": counts}}], "peer": "not installed: make bench-redaction"}
    table = module("report").groups(rows).splitlines()
    assert table[2:] == ["| secrets | **ours** | 0.750 | 0.750 | 0.750 | 0.500 | 0.000 | 0.100 | - |"]


def test_every_target_names_what_is_measured(module: Any) -> None:
    """With figures of all groups, classes and measures each target has one, and without any it says so."""
    targets, datasets, scoring = module("targets"), module("datasets"), module("scoring")
    counts = dict.fromkeys(("gold", "found", "typed", "right", "wrong", "characters", "bare", "documents_wrong"), 1)
    found = {group: dict.fromkeys((scoring.ALL, *scoring.STRUCTURED), counts) for group in datasets.GROUPS}
    rows = {
        "recall": found,
        "cost": {"dense": 0.4, "sparse": 0.1},
        "hostile": {"digits": 200.0, "at signs": 300.0},
        "calls": {"digits": 0.2},
        "import": {"added": 0.0},
    }
    kept = {name: {"rows": {targets.RE2: [run], targets.RE: [run]}} for name, run in rows.items()}
    table = targets.table(kept)
    assert "not measured" not in table
    assert "| longest hostile text of 50 KB, ms | ≤ 250 | 300.000 | **no**: not looked into yet |" in table
    assert "| ms per KB, dense, google-re2 | ≤ 0.5 | 0.400 | yes |" in table
    assert targets.table({}).count("| not measured | - |") == len(targets.TARGETS)
    assert set(targets.SHORTFALLS) <= {target.what for target in targets.TARGETS}
