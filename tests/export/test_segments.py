"""The embedded store's files: append-only, private, rotated, and readable whatever happens to the writer."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

import convqa_sdk as convqa
from convqa_sdk import isolation
from convqa_sdk.export.segments import SegmentExporter
from processes import child

from .conftest import Record, Run, Start, lost_in, stored, turns_in

WRITER = """
import sys, time
import convqa_sdk as convqa
sdk = convqa.configure("bot", store=sys.argv[1], key=b"k" * 32, interval_s=0.001, batch_spans=1)
print("ready", flush=True)
for n in range(int(sys.argv[2])):
    with convqa.turn(f"c-{sys.argv[3]}-{n}", "my mail is jane@example.com " * 50) as turn:
        turn.answer("x" * 20_000)
    if n % 20 == 0:
        sdk.flush(5)
"""


def segments(store: Path) -> list[Path]:
    """Files of a store."""
    return sorted(store.iterdir())


def turn(conversation: str = "c-1", text: str = "hi") -> None:
    """Record a turn."""
    with convqa.turn(conversation, text) as opened:
        opened.answer("x")


def spans_of(record: Record, count: int = 1) -> tuple[Any, ...]:
    """Spans of some turns."""
    recorded = record()
    for number in range(count):
        turn(f"c-{number}")
    return recorded.all


# ------------------------------------------------------------------------------------------------------- the files


def test_a_line_is_one_request_and_ends_with_a_newline(record: Record, tmp_path: Path) -> None:
    """Each export is one `ExportTraceServiceRequest` on a line of its own."""
    exporter = SegmentExporter(tmp_path / "s")
    spans = spans_of(record, 3)
    exporter.export(spans[:2])
    exporter.export(spans[2:])
    (segment,) = segments(tmp_path / "s")
    text = segment.read_text()
    assert text.endswith("}\n")
    counts = [len(json.loads(line)["resourceSpans"][0]["scopeSpans"][0]["spans"]) for line in text.splitlines()]
    assert counts == [2, 1]


def test_names_modes_and_owner(record: Record, tmp_path: Path) -> None:
    """A segment is named by service, time, process and a random part, ends in .jsonl, and is its owner's alone."""
    old = os.umask(0)
    try:
        SegmentExporter(tmp_path / "a" / "s").export(spans_of(record))
    finally:
        os.umask(old)
    (segment,) = segments(tmp_path / "a" / "s")
    assert re.fullmatch(rf"bot-\d{{8}}T\d{{6}}Z-{os.getpid()}-[0-9a-f]{{8}}\.jsonl", segment.name)
    assert stat.S_IMODE(segment.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "a" / "s").stat().st_mode) == 0o700


@pytest.mark.parametrize("service", ["../../etc/x", "a/b", "büro №1 ", ".", "x" * 500, "\u202e"])
def test_any_service_name_makes_a_safe_file_name(record: Record, tmp_path: Path, service: str) -> None:
    """A service name cannot leave the store's folder, nor be too long for a file name."""
    recorded = record(service_name=service)
    turn()
    SegmentExporter(tmp_path / "s").export(recorded.all)
    (segment,) = segments(tmp_path / "s")
    assert re.fullmatch(r"[A-Za-z0-9_-]{0,60}-\d{8}T\d{6}Z-\d+-[0-9a-f]{8}\.jsonl", segment.name)
    assert stored(tmp_path / "s")[0].resource["service.name"] == service


def test_rotation_by_size(record: Record, tmp_path: Path) -> None:
    """A segment that would grow beyond its size is closed, and a new one is started; a large line is still written."""
    exporter = SegmentExporter(tmp_path / "s", segment_bytes=4_096)
    spans = spans_of(record, 10)
    for span in spans:
        exporter.export([span])
    exporter.export(spans)
    sizes = [segment.stat().st_size for segment in segments(tmp_path / "s")]
    assert len(sizes) > 3
    assert sorted(sizes)[-2] <= 4_096 < max(sizes)
    assert len(stored(tmp_path / "s")) == 20


def test_rotation_by_age(record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A segment older than its age is closed at the next line."""
    exporter = SegmentExporter(tmp_path / "s", segment_age_s=3_600)
    spans = spans_of(record)
    exporter.export(spans)
    exporter.export(spans)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 3_601)
    exporter.export(spans)
    assert [len(segment.read_text().splitlines()) for segment in segments(tmp_path / "s")] in ([2, 1], [1, 2])


def test_a_segment_that_was_deleted_is_replaced(start: Start, tmp_path: Path) -> None:
    """Somebody who deletes the store while the bot runs finds later turns in a new one."""
    sdk = start(store=tmp_path / "s")
    turn("c-1")
    sdk.flush(5)
    for segment in segments(tmp_path / "s"):
        segment.unlink()
    (tmp_path / "s").rmdir()
    turn("c-2")
    assert sdk.flush(5)
    assert turns_in(tmp_path / "s") == ["c-2"]


def test_shutdown_closes_and_a_later_line_starts_a_new_segment(record: Record, tmp_path: Path) -> None:
    """A segment is never reopened."""
    exporter = SegmentExporter(tmp_path / "s")
    spans = spans_of(record)
    exporter.export(spans)
    exporter.shutdown()
    exporter.shutdown()
    assert exporter.force_flush()
    exporter.export(spans)
    assert len(segments(tmp_path / "s")) == 2


# ----------------------------------------------------------------------------------------------- several processes


def test_several_processes_write_at_once(tmp_path: Path) -> None:
    """Processes share a folder, never a file: every turn of each is there once, and no line is torn."""
    store = tmp_path / "s"
    commands = [[sys.executable, "-c", WRITER, str(store), "40", str(n)] for n in range(3)]
    with ExitStack() as block:
        writers = [block.enter_context(child(command, stdout=subprocess.DEVNULL)) for command in commands]
        assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    assert sorted(turns_in(store)) == sorted(f"c-{n}-{m}" for n in range(3) for m in range(40))
    assert len(segments(store)) == 3


def test_a_forked_child_writes_its_own_segment(run: Run, tmp_path: Path) -> None:
    """After a fork both processes go on writing, each into its own file, and nothing is written twice."""
    run(
        """
        import os, sys
        import convqa_sdk as convqa
        sdk = convqa.configure("bot", store="s", key=b"k" * 32)
        def turn(c):
            with convqa.turn(c, "hi") as t:
                t.answer("x")
        turn("before")
        sdk.flush(5)
        turn("waiting")
        child = os.fork()
        turn("child" if child == 0 else "parent")
        assert sdk.flush(5)
        if child == 0:
            assert sdk.stats().recorded == sdk.stats().exported == 1, sdk.stats()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        assert sdk.stats().recorded == sdk.stats().exported == 3, sdk.stats()
        """
    )
    assert sorted(turns_in(tmp_path / "s")) == ["before", "child", "parent", "waiting"]
    assert len(segments(tmp_path / "s")) == 2


# ------------------------------------------------------------------------------------------------- no room, no way


def test_a_full_disk_costs_what_does_not_fit_and_is_named(run: Run, tmp_path: Path) -> None:
    """When a write comes up short, the torn piece is taken back, and the loss counted and logged once."""
    done = run(
        """
        import logging, resource, signal
        import convqa_sdk as convqa
        logging.basicConfig()
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        sdk = convqa.configure("bot", store="s", key=b"k" * 32, batch_spans=1)
        def turn(c, size):
            with convqa.turn(c, "hi") as t:
                return t.answer("x" * size)
        turn("before", 10)
        assert sdk.flush(5)
        resource.setrlimit(resource.RLIMIT_FSIZE, (6_000, resource.RLIM_INFINITY))
        for n in range(5):
            assert turn(f"full-{n}", 9_000) == "x" * 9_000
            assert not sdk.flush(5)
        assert sdk.stats().lost == {"export_failed": 5}, sdk.stats()
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        turn("after", 9_000)
        assert sdk.flush(5)
        sdk.shutdown()
        """
    )
    assert done.stderr.count("store_write") == 1, done.stderr
    assert "x" * 20 not in done.stderr
    assert turns_in(tmp_path / "s") == ["before", "after"]
    assert lost_in(tmp_path / "s") == 5


@pytest.mark.parametrize("where", ["file/s", "/proc/convqa", "a\0b", "n" * 5_000])
def test_a_folder_that_cannot_be_written_loses_and_counts(
    start: Start, tmp_path: Path, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Below a file, in a read-only file system, under an impossible name: the bot goes on, the loss is named once."""
    (tmp_path / "file").write_text("")
    sdk = start(store=where)
    for number in range(3):
        turn(f"c-{number}")
        assert not sdk.flush(5)
    assert sdk.stats().lost == {"export_failed": 3}
    assert [r.getMessage().count("store_write") for r in caplog.records].count(1) == 1
    sdk.shutdown(1)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become another user")
def test_a_folder_of_another_user_loses_and_counts(run: Run, tmp_path: Path) -> None:
    """A store that belongs to somebody else is not written, and not made somebody's."""
    (tmp_path / "s").mkdir(mode=0o500)
    tmp_path.chmod(0o755)
    done = run(
        """
        import os
        import convqa_sdk as convqa
        sdk = convqa.configure("bot", store="s", key=b"k" * 32)
        os.seteuid(65534)
        with convqa.turn("c", "hi") as t:
            t.answer("x")
        sdk.flush(5)
        print(sdk.stats().lost, sdk.stats().faults["store_write"] >= 1)
        """
    )
    assert done.stdout.strip() == "{'export_failed': 1} True", done.stderr
    assert segments(tmp_path / "s") == []


def test_the_descriptor_is_not_leaked_by_failures(
    record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A short write closes its segment: failing for hours opens no more files than one."""
    exporter = SegmentExporter(tmp_path / "s")
    spans = spans_of(record)
    exporter.export(spans)
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, line: write(descriptor, line[: len(line) // 2]))
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(50):
        exporter.export(spans)
    monkeypatch.undo()
    os.chdir(tmp_path)
    exporter.export(spans)
    assert len(os.listdir("/proc/self/fd")) <= before
    assert isolation.faults()["store_write"] == 50
    assert len(stored(tmp_path / "s")) == 2


def test_signals_do_not_tear_lines(start: Start, tmp_path: Path) -> None:
    """A signal that interrupts a write leaves whole lines."""
    sdk = start(store=tmp_path / "s")
    caught: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda *_: caught.append(1))
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    try:
        for number in range(300):
            turn(f"c-{number}", "x" * 5_000)
        assert sdk.flush(20)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert caught
    assert len(turns_in(tmp_path / "s")) == 300
