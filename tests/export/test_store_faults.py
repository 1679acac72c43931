"""A store without room, permission or descriptors, and writers that are killed: counted, readable, then as before."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import convqa_sdk as convqa
from convqa_sdk.export.sdk import Sdk
from convqa_sdk.store.fidelity import measure
from convqa_sdk.store.segments import Tally, read_spans
from processes import child

from .conftest import Run, Start, lost_in, stored, turns_in
from .receivers import http_receiver

KILLS = 100


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True, check=False, timeout=60
    )
    if mounted.returncode != 0:
        pytest.skip("mounting a file system needs root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True, timeout=60)


def turn(conversation: str, text: str = "x") -> None:
    """Record a turn."""
    with convqa.turn(conversation, "hi") as opened:
        assert opened.answer(text) is text


def told(caplog: pytest.LogCaptureFixture, cause: str) -> int:
    """How many lines of our log name a cause."""
    return sum(f"cause='{cause}'" in record.getMessage() for record in caplog.records)


def settle(sdk: Sdk, store: Path) -> None:
    """Shut down, and find in the store what was exported, and how many turns were not."""
    sdk.shutdown(5)
    stats = sdk.stats()
    assert stats.recorded == stats.exported + sum(stats.lost.values())
    assert len(turns_in(store)) == stats.exported
    assert lost_in(store) == sum(stats.lost.values()) > 0


# --------------------------------------------------------------------------------------------------- no room, no way


def test_a_full_disk_that_gets_room_again(start: Start, disk: Path, caplog: pytest.LogCaptureFixture) -> None:
    """While the disk is full turns are lost and counted, in no heap of files; with room again all is as before."""
    ballast = disk / "ballast"
    ballast.write_bytes(b"\0" * 900_000)
    store = disk / "s"
    sdk = start(store=store)
    for number in range(40):
        turn(f"c-{number}", "y" * 9_000)
        sdk.flush(5)
    lost = sum(sdk.stats().lost.values())
    assert 20 < lost < 40
    assert len(list(store.iterdir())) <= 2, "what was there, and at most one that was begun since"
    assert told(caplog, "store_write") == 1
    assert "yyy" not in caplog.text
    ballast.unlink()
    turn("after")
    assert sdk.flush(5)
    assert "after" in turns_in(store)
    settle(sdk, store)
    assert lost_in(store) == lost


def test_a_read_only_file_system_that_becomes_writable(start: Start, disk: Path) -> None:
    """Recording begins when the file system allows it, without a restart, and says what is missing."""
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True, timeout=60)
    sdk = start(store=disk / "s")
    for number in range(3):
        turn(f"c-{number}")
        assert not sdk.flush(5)
    assert sdk.stats().lost == {"export_failed": 3}
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True, timeout=60)
    turn("after")
    assert sdk.flush(5)
    settle(sdk, disk / "s")


def test_a_folder_that_is_taken_away_and_comes_back(start: Start, tmp_path: Path) -> None:
    """In the place of the store stands a file for a while: what came meanwhile is lost, what comes after is not."""
    store = tmp_path / "s"
    sdk = start(store=store)
    turn("before")
    assert sdk.flush(5)
    store.rename(tmp_path / "moved")
    store.write_text("")
    (segment,) = (tmp_path / "moved").iterdir()
    segment.unlink()
    turn("meanwhile")
    assert not sdk.flush(5)
    store.unlink()
    turn("after")
    assert sdk.flush(5)
    sdk.shutdown(5)
    assert turns_in(store) == ["after"]
    assert lost_in(store) == sdk.stats().lost["export_failed"] == 1


def test_without_descriptors_both_destinations_lose_and_recover(run: Run, tmp_path: Path) -> None:
    """When no file and no socket can be opened, turns are lost and counted; when they can, both have the next one."""
    with http_receiver() as receiver:
        run(
            """
            import os, resource
            import convqa_sdk as convqa
            sdk = convqa.configure("bot", key=b"k" * 32, interval_s=0.01)
            def turn(conversation):
                with convqa.turn(conversation, "hi") as opened:
                    opened.answer("x")
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) - 1, hard))
            for n in range(3):
                turn(f"without-{n}")
                assert not sdk.flush(20)
            assert sdk.stats().lost == {"export_failed": 3}, sdk.stats()
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            turn("with")
            sdk.flush(20)
            sdk.shutdown(5)
            stats = sdk.stats()
            assert stats.recorded == 4 == stats.exported + sum(stats.lost.values()), stats
            """,
            OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url,
            OTEL_EXPORTER_OTLP_TIMEOUT="0.5",
            CONVQA_STORE="s",
        )
        assert receiver.turns == turns_in(tmp_path / "s") == ["with"]
        assert lost_in(tmp_path / "s") == 3


# ------------------------------------------------------------------------------------------------------- kill -9

KILLED = """
import json, os, random, signal, sys, time
import convqa_sdk as convqa

STORE, KILLS, SEED = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])

def record(sdk, name, turns, flushed):
    for n in range(turns):
        with convqa.turn(f"{name}-{n}", "my mail is jane@example.com " * 40) as turn:
            turn.answer("answer " * 9_000)
        if n % 5 == 4 and sdk.flush(5):
            os.write(flushed, b"%d\\n" % n)

with convqa.configure("bot", store=STORE, interval_s=0.001) as warm:
    record(warm, "warm", 5, os.open(os.devnull, os.O_WRONLY))

draw = random.Random(SEED)
for number in range(KILLS):
    heard, flushed = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(heard)
        record(convqa.configure("bot", store=STORE, interval_s=0.001), number, 1_000_000, flushed)
    os.close(flushed)
    if number % 4:
        first = os.read(heard, 8)  # it is in the middle of its work
    else:
        first = b""
    time.sleep(draw.random() * 0.04)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    said = first
    while more := os.read(heard, 65_536):
        said += more
    os.close(heard)
    print(json.dumps([child, number, int(said.split()[-1]) if said else -1]), flush=True)

with convqa.configure("bot", store=STORE) as after:
    record(after, "after", 5, os.open(os.devnull, os.O_WRONLY))
"""


def test_a_hundred_kills_tear_no_line_but_the_last_and_lose_nothing_that_was_flushed(tmp_path: Path) -> None:
    """Killed at any instant, a writer leaves what `flush` said had left, once, and the next one goes on beside it."""
    store = tmp_path / "s"
    seed = random.randrange(2**32)
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(store), str(KILLS), str(seed)],
        capture_output=True, text=True, timeout=110, check=False,
        env={name: text for name, text in os.environ.items() if not name.startswith(("CONVQA_", "OTEL_"))},
    )  # fmt: skip
    assert done.returncode == 0, (seed, done.stderr)
    kills = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(kills) == KILLS
    tally = Tally()
    found = [span.conversation_id for span in read_spans(store, tally) if span.stage == "turn"]
    assert len(found) == len(set(found)), seed
    for process, number, flushed in kills:
        there = {name for name in found if name.startswith(f"{number}-")}
        assert there >= {f"{number}-{n}" for n in range(flushed + 1)}, seed
        assert len(list(store.glob(f"*-{process}-*.jsonl"))) <= 1
    assert {f"{name}-{n}" for name in ("warm", "after") for n in range(5)} <= set(found)
    torn = dict(tally.torn_at)
    assert len(torn) == tally.torn, "at most one in each segment"
    for name, line in torn.items():
        content = (store / name).read_bytes()
        assert not content.endswith(b"\n")
        assert content.count(b"\n") == line - 1, "the last one"
    assert measure(store).torn_lines == tally.torn
    assert not any(b"jane@" in segment.read_bytes() for segment in store.glob("*.jsonl"))


def test_a_signal_that_nobody_handles_ends_the_bot_like_a_kill(tmp_path: Path) -> None:
    """SIGTERM without a handler runs no exit handlers in Python: what was flushed is stored, the rest is the queue."""
    script = """
import sys, time
import convqa_sdk as convqa
sdk = convqa.configure("bot", store="s", interval_s=60.0)
for name in ("flushed", "waiting"):
    with convqa.turn(name, "hi") as turn:
        turn.answer("x")
    if name == "flushed":
        assert sdk.flush(10)
print("ready", flush=True)
time.sleep(60)
"""
    with child([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == -signal.SIGTERM
    assert [span.conversation_id for span in stored(tmp_path / "s") if span.stage == "turn"] == ["flushed"]
