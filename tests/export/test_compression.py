"""Closed segments are compressed: atomically, by their own writer alone, and without making anybody wait."""

from __future__ import annotations

import os
import random
import signal
import stat
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

import convqa_sdk as convqa
from convqa_sdk.errors import ConfigurationError
from convqa_sdk.export import compression
from convqa_sdk.export.compression import compress
from convqa_sdk.export.segments import SegmentExporter
from convqa_sdk.isolation import faults
from convqa_sdk.store.segments import Tally, read_spans
from convqa_sdk.zstd import codec
from processes import child

from .conftest import Record, Run, Start, stored, turns_in
from .test_segments import spans_of, turn

SET = pytest.MonkeyPatch


def names(store: Path) -> list[str]:
    """Endings of the files of a store, hidden ones too."""
    found = [(path.name.partition(".jsonl")[2], path.name.startswith(".")) for path in store.iterdir()]
    return sorted(ending + "!" * hidden for ending, hidden in found)


@pytest.fixture
def segment(record: Record, tmp_path: Path) -> Path:
    """A closed segment with some turns, as it is before it is compressed."""
    exporter = SegmentExporter(tmp_path / "s")
    for span in spans_of(record, 5):
        exporter.export([span])
    exporter.shutdown()
    (path,) = (tmp_path / "s").iterdir()
    return path


# ------------------------------------------------------------------------------------------------------- what is kept


def test_a_compressed_segment_is_the_segment(segment: Path) -> None:
    """The copy has the same bytes, mode and time of writing, takes its place, and is read like it."""
    os.utime(segment, ns=(10**18, 10**18))
    content, before = segment.read_bytes(), stored(segment.parent)
    compress(segment)
    (copy,) = segment.parent.iterdir()
    assert copy.name == segment.name + ".zst"
    assert codec().decompress(copy.read_bytes()) == content
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert copy.stat().st_mtime_ns == 10**18
    after = stored(segment.parent)
    assert [span.attributes for span in after] == [span.attributes for span in before]
    assert after[0].source[:2] == (copy.name, 1)


def test_the_official_tool_reads_it(segment: Path) -> None:
    """`zstd -d` gives the segment back."""
    if not (tool := next((p for p in ("/usr/bin/zstd", "/opt/homebrew/bin/zstd") if os.access(p, os.X_OK)), None)):
        pytest.skip("no zstd on this machine to decompress with")
    content = segment.read_bytes()
    compress(segment)
    subprocess.run([tool, "-q", "-d", segment.name + ".zst"], cwd=segment.parent, check=True, timeout=60)
    assert segment.read_bytes() == content


@pytest.mark.parametrize("how", ["argument", "environment"])
def test_a_store_compresses_what_it_closes(start: Start, monkeypatch: SET, tmp_path: Path, how: str) -> None:
    """Full segments are compressed while the bot runs, the last one at shutdown; nothing is lost or there twice."""
    if how == "environment":
        monkeypatch.setenv("CONVQA_SEGMENT_COMPRESSION", "zstd")
    setting = {"segment_compression": "zstd"} if how == "argument" else {}
    sdk = start(store=tmp_path / "s", segment_bytes=8_192, batch_spans=1, **setting)
    for number in range(20):
        turn(f"c-{number}", "hello " * 100)
    assert sdk.flush(10)
    assert names(tmp_path / "s").count("") == 1
    assert names(tmp_path / "s").count(".zst") >= 2
    assert sorted(turns_in(tmp_path / "s")) == sorted(f"c-{n}" for n in range(20))
    sdk.shutdown(5)
    assert set(names(tmp_path / "s")) == {".zst"}
    assert sorted(turns_in(tmp_path / "s")) == sorted(f"c-{n}" for n in range(20))


def test_by_default_nothing_is_compressed(start: Start, tmp_path: Path) -> None:
    """The Collector reads what a store holds, unless somebody decides otherwise."""
    sdk = start(store=tmp_path / "s", segment_bytes=4_096, batch_spans=1)
    for number in range(5):
        turn(f"c-{number}")
    sdk.shutdown(5)
    assert set(names(tmp_path / "s")) == {""}


def test_it_happens_on_the_stores_own_thread(start: Start, monkeypatch: SET, tmp_path: Path) -> None:
    """Neither the bot's threads nor the export thread compress: other destinations go on meanwhile."""
    seen: list[str] = []
    monkeypatch.setattr(compression, "_write", lambda *_: seen.append(threading.current_thread().name))
    sdk = start(store=tmp_path / "s", segment_bytes=4_096, batch_spans=1, segment_compression="zstd")
    for number in range(3):
        turn(f"c-{number}", "hello " * 100)
    sdk.flush(5)
    assert set(seen) == {"convqa-store"}


def test_shutdown_does_not_wait_for_it(start: Start, monkeypatch: SET, tmp_path: Path) -> None:
    """A segment that takes long to compress stays as it is when the time is up."""
    release = threading.Event()
    monkeypatch.setattr(compression, "_write", lambda *_: release.wait(30))
    sdk = start(store=tmp_path / "s", segment_compression="zstd")
    turn("c-1")
    assert sdk.flush(5)
    began = time.monotonic()
    sdk.shutdown(0.2)
    assert time.monotonic() - began < 0.2 + 0.6
    assert turns_in(tmp_path / "s") == ["c-1"]
    release.set()


# ---------------------------------------------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(
    ("where", "left"),
    [
        ("in the middle of the copy", ["", ".part!"]),
        ("before the rename", ["", ".part!"]),
        ("before the segment goes", ["", ".zst"]),
    ],
)
def test_a_crash_at_any_step_costs_nothing(run: Run, tmp_path: Path, where: str, left: list[str]) -> None:
    """A process killed in the middle leaves a store in which every turn is once; another one leaves its files alone."""
    run(
        """
        import os, pathlib, sys
        import convqa_sdk as convqa
        from convqa_sdk.export import compression
        def die(*_):
            os._exit(0)
        step = sys.argv[1]
        if step == "before the rename":
            pathlib.Path.replace = die
        elif step == "before the segment goes":
            pathlib.Path.unlink = die
        else:
            os.fsync = die
        sdk = convqa.configure("bot", store="s", key=b"k" * 32, segment_compression="zstd")
        for n in range(5):
            with convqa.turn(f"c-{n}", "hi") as turn:
                turn.answer("x")
        assert sdk.flush(5)
        sdk.shutdown(5)
        os._exit(1)
        """,
        where,
    )
    store = tmp_path / "s"
    assert names(store) == left
    assert sorted(turns_in(store)) == [f"c-{n}" for n in range(5)]
    before = {path: path.stat().st_mtime_ns for path in store.iterdir()}
    sdk = convqa.configure("bot", store=store, segment_compression="zstd")
    turn("c-5")
    sdk.shutdown(5)
    assert sorted(turns_in(store)) == [f"c-{n}" for n in range(6)]
    assert before.items() <= {path: path.stat().st_mtime_ns for path in store.iterdir()}.items()


WRITER = """
import sys
import convqa_sdk as convqa
sdk = convqa.configure("bot", store=sys.argv[1], key=b"k" * 32, interval_s=0.001, segment_bytes=20_000,
                       segment_compression="zstd")
for n in range(100_000):
    with convqa.turn(f"{sys.argv[2]}-{n}", "hello " * 200) as turn:
        turn.answer("x" * 5_000)
    if n % 5 == 4:
        assert sdk.flush(10)
        print(n, flush=True)
"""


def test_kill_at_any_moment(tmp_path: Path) -> None:
    """After `kill -9` of processes that compress all the time, what was flushed is there, and everything once."""
    store, rng = tmp_path / "s", random.Random(7)
    flushed: dict[int, int] = {}
    for number in range(3):
        command = [sys.executable, "-c", WRITER, str(store), str(number)]
        with child(command, stdout=subprocess.PIPE) as writer:
            for _ in range(rng.randrange(1, 8)):
                flushed[number] = int(writer.stdout.readline())
            time.sleep(rng.random() * 0.01)
            writer.send_signal(signal.SIGKILL)
            flushed[number] = max([flushed[number], *map(int, writer.stdout.read().split()[:-1])])
    found = Counter(span.conversation_id for span in read_spans(store, Tally()) if span.stage == "turn")
    assert set(found.values()) == {1}
    assert found.keys() >= {f"{number}-{n}" for number, last in flushed.items() for n in range(last + 1)}
    assert ".zst" in names(store)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), MemoryError()], ids=repr)
def test_a_copy_that_fails_leaves_the_segment(segment: Path, monkeypatch: SET, error: Exception) -> None:
    """No room for the copy: the segment stays, the piece goes, and the fault is counted."""

    def fail(_: int) -> None:
        raise error

    monkeypatch.setattr(os, "fsync", fail)
    compress(segment)
    assert names(segment.parent) == [""]
    assert len(stored(segment.parent)) == 5
    assert faults()["store_compress"] == 1


def test_pieces_of_compressors_that_died_are_removed(segment: Path, monkeypatch: SET) -> None:
    """A piece that nobody has written to for an hour goes with the next compression; a fresh one may be another's."""
    store = segment.parent
    for name in (".dead-1.jsonl.part", ".dead-2.jsonl.part"):
        (store / name).write_bytes(b"half")
    (store / ".dead-3.jsonl.part").mkdir()  # no file of ours, and no obstacle
    (store / ".notes.part").write_bytes(b"somebody's")
    os.utime(store / ".dead-1.jsonl.part", (1, 1))  # whatever a piece says of its own age
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + 3_000)
    compression._remove_abandoned(store)
    assert len(names(store)) == 5
    monkeypatch.setattr(time, "time", lambda: now() + 4_000)
    compress(segment)
    assert {path.name for path in store.iterdir()} == {segment.name + ".zst", ".dead-3.jsonl.part", ".notes.part"}
    assert not faults()


def test_a_writer_whose_piece_is_removed_keeps_its_segment(segment: Path, monkeypatch: SET) -> None:
    """Removing the piece of a writer that still lives costs the compression and no line."""
    fsync = os.fsync

    def meanwhile(descriptor: int) -> None:
        fsync(descriptor)
        monkeypatch.setattr(compression, "ABANDONED_S", -10.0)
        compression._remove_abandoned(segment.parent)

    monkeypatch.setattr(os, "fsync", meanwhile)
    compress(segment)
    assert names(segment.parent) == [""]
    assert len(stored(segment.parent)) == 5


def test_a_store_that_was_deleted_is_no_fault(segment: Path) -> None:
    """Somebody who deletes telemetry while it is being compressed is obeyed."""
    segment.unlink()
    compress(segment)
    assert names(segment.parent) == []
    assert not faults()


def without_zstd(monkeypatch: SET) -> None:
    """Hide the codec, as where the extra is not installed."""
    for name in ("compression.zstd", "backports.zstd"):
        monkeypatch.setitem(sys.modules, name, None)


def test_without_the_extra_configure_says_what_to_install(start: Start, monkeypatch: SET, tmp_path: Path) -> None:
    """What is missing is an error of the configuration, not of the first full segment."""
    without_zstd(monkeypatch)
    with pytest.raises(ConfigurationError, match=r"convqa-sdk\[zstd\]"):
        start(store=tmp_path / "s", segment_compression="zstd")
    with pytest.raises(ConfigurationError, match="segment_compression"):
        start(store=tmp_path / "s", segment_compression="gzip")
    start(store=tmp_path / "s")  # needs none
