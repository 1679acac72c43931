"""Erasing from a store: what is selected is gone for good, everything else stays readable, and it is written down."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import convqa_sdk as convqa
from convqa_sdk.errors import StoreError
from convqa_sdk.export.compression import compress
from convqa_sdk.locks import lock
from convqa_sdk.store import erasure
from convqa_sdk.store.erasure import Selection, erase, present_names
from convqa_sdk.store.erasure_record import FIRST, erasures
from convqa_sdk.store.segments import Tally, read_spans
from convqa_sdk.zstd import codec
from written_stores import SECOND, START, outcome, span, stage, turn, write

JANE, JOE = "[USER_ID:k1:aaaaaaaaaaaaaaaaaaaa]", "[USER_ID:k1:bbbbbbbbbbbbbbbbbbbb]"
DAY = 86_400


def customer(name: str = JANE) -> Selection:
    """Everything about a customer."""
    return Selection(customers=frozenset({name}), told={"kind": "customer", "id": name})


def conversation(name: str) -> Selection:
    """Everything about a conversation."""
    return Selection(conversations=frozenset({name}), told={"kind": "conversation", "id": "[WITHHELD]"})


def left(store: Path) -> list[int]:
    """Numbers of the spans that can be read, in order."""
    return sorted(int(each.span_id, 16) for each in read_spans(store))


def raw(store: Path) -> bytes:
    """Every byte of every segment, decompressed."""
    files = [path for path in store.iterdir() if path.name != "erasures.jsonl"]
    return b"".join(codec().decompress(p.read_bytes()) if p.suffix == ".zst" else p.read_bytes() for p in files)


@pytest.fixture(params=["plain", "compressed"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Two customers with a conversation each, an outcome and a recontact, spread over segments and days."""
    folder = tmp_path / "s"
    write(
        folder,
        turn(1, {"user.id": JANE, "convqa.message.text": "janeäsecret"}, conversation="c-1"),
        stage("tool", 2, {"gen_ai.tool.name": "janesecret"}, conversation="c-1", parent=1),
        turn(3, {"user.id": JOE}, conversation="c-2", trace=2),
    )
    write(folder, span("GET janesecret", 4, {"http.method": "GET"}, parent=1))
    write(folder, turn(5, conversation="c-1", at=2 * DAY, trace=3), name="b.jsonl")
    write(folder, outcome(6, "feedback", {"convqa.feedback.comment": "janesecret"}, conversation="c-1"), name="b.jsonl")
    write(
        folder,
        outcome(7, "recontact", {"convqa.outcome.recontact.of": "c-1"}, conversation="c-2"),
        outcome(8, "feedback", {"convqa.feedback.comment": "né"}, conversation="c-2"),
        name="c.jsonl",
    )
    write(folder, stage("change", 9, {"gen_ai.conversation.id": None}, trace=9), name="d.jsonl")
    if request.param == "compressed":
        for path in folder.iterdir():
            compress(path)
    return folder


class TestWhatIsErased:
    """Selections."""

    def test_a_customer(self, store: Path) -> None:
        """Her conversations go whole, with later outcomes and what has no conversation in their traces; no others."""
        result = erase(store, customer())
        assert left(store) == [3, 8, 9]
        assert (result.spans, result.conversations, result.complete) == (6, {"c-1", "c-2"}, True)
        assert result.days == {"2026-01-01", "2026-01-03"}
        assert result.segments == 3
        assert b"janesecret" not in raw(store)
        assert "janeä".encode() not in raw(store)

    def test_an_account(self, tmp_path: Path) -> None:
        """Accounts are customers too."""
        store = write(tmp_path / "s", turn(1, {"convqa.account.id": "[ACCOUNT_ID:k1:x]"}), turn(2, conversation="c-2"))
        erase(store, customer("[ACCOUNT_ID:k1:x]"))
        assert left(store) == [2]

    def test_a_conversation(self, store: Path) -> None:
        """Its spans, and what others say of it."""
        erase(store, conversation("c-2"))
        assert left(store) == [1, 2, 4, 5, 6, 9]

    def test_what_is_old(self, store: Path) -> None:
        """By the end of each span, to the nanosecond."""
        ends = START + 2 * DAY * SECOND + SECOND
        assert erase(store, Selection(before_ns=ends)).spans == 8
        assert left(store) == [5]
        assert erase(store, Selection(before_ns=ends + 1)).spans == 1
        assert [path.name for path in store.iterdir()] == ["erasures.jsonl"]

    def test_nobody(self, store: Path) -> None:
        """A customer of whom nothing is stored: no file is touched, and it is written down that this was so."""
        before = {path.name: path.read_bytes() for path in store.iterdir()}
        assert erase(store, customer("[USER_ID:k1:cccccccccccccccccccc]")).spans == 0
        assert {path.name: path.read_bytes() for path in store.iterdir() if path.name in before} == before
        assert erasures(store)[-1]["spans"] == 0

    def test_what_stays_is_unchanged(self, store: Path) -> None:
        """Spans that share a line with erased ones keep all they had; segments keep mode and time."""
        before = {each.span_id: each for each in read_spans(store)}
        times = {path.name: (path.stat().st_mtime_ns, path.stat().st_mode) for path in store.iterdir()}
        erase(store, customer())
        for each in read_spans(store):
            old = before[each.span_id]
            assert (each.attributes, each.events, each.links, each.resource) == (
                old.attributes,
                old.events,
                old.links,
                old.resource,
            )
        for path in store.iterdir():
            if path.name in times:
                assert (path.stat().st_mtime_ns, path.stat().st_mode) == times[path.name]

    def test_a_dry_run(self, store: Path) -> None:
        """Counts the same, and changes nothing, not even the record."""
        before = {path.name: path.read_bytes() for path in store.iterdir()}
        dry = erase(store, customer(), dry_run=True)
        assert {path.name: path.read_bytes() for path in store.iterdir()} == before
        assert erase(store, customer()).counts() == dry.counts()

    def test_torn_lines_go_too(self, store: Path) -> None:
        """What cannot be read cannot be shown to be somebody else's."""
        with (store / "x.jsonl").open("w") as segment:
            segment.write('{"resourceSpans": "janesec')
        result = erase(store, customer())
        assert result.torn_lines == 1
        assert not (store / "x.jsonl").exists()

    def test_both_forms_of_a_segment(self, tmp_path: Path) -> None:
        """A crash while compressing leaves two files; it is erased from both, and counted once."""
        store = write(tmp_path / "s", turn(1, {"user.id": JANE}), turn(2, conversation="c-2"))
        (store / "a.jsonl.zst").write_bytes(codec().compress((store / "a.jsonl").read_bytes()))
        (store / ".b.jsonl.part").write_bytes(b"janesecret")
        assert erase(store, customer()).spans == 1
        assert JANE.encode() not in raw(store)
        assert not (store / ".b.jsonl.part").exists()

    @settings(max_examples=40, deadline=None)
    @given(
        st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([JANE, JOE, None]), st.integers(1, 3)), max_size=12)
    )
    def test_any_store(self, tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, Any, int]]) -> None:
        """Exactly the spans of the customer's conversations go, however they are spread; again changes nothing."""
        store = tmp_path_factory.mktemp("s")
        for number, (name, user, segment) in enumerate(rows, start=1):
            write(store, turn(number, {"user.id": user}, conversation=name, trace=number), name=f"{segment}.jsonl")
        hers = {name for name, user, _ in rows if user == JANE}
        erase(store, customer())
        expected = [number for number, (name, _, _) in enumerate(rows, start=1) if name not in hers]
        assert left(store) == expected
        assert erase(store, customer()).counts() == dict.fromkeys(erase(store, customer()).counts(), 0)


class TestLiveStores:
    """Somebody writes there."""

    def test_a_segment_that_is_being_written(self, tmp_path: Path) -> None:
        """Is left alone and told; the bot loses nothing, and when it has stopped, the rest is erased."""
        store = tmp_path / "s"
        sdk = convqa.configure(service_name="bot", store=store, key=b"k" * 32)
        with convqa.turn("c-1"):
            pass
        assert sdk.flush(5)
        result = erase(store, conversation("c-1"))
        assert (result.spans, result.left_spans, result.left_segments, result.complete) == (0, 1, 1, False)
        assert erasures(store)[-1]["state"] == "incomplete"
        with convqa.turn("c-2"):
            pass
        sdk.shutdown(5)
        assert erase(store, conversation("c-1")).complete
        assert [each.conversation_id for each in read_spans(store)] == ["c-2"]

    def test_a_segment_that_is_being_erased_from_is_not_compressed(self, tmp_path: Path) -> None:
        """A compressed copy of what it held before would bring it back."""
        store = write(tmp_path / "s", turn(1))
        with (store / "a.jsonl").open("rb") as held:
            assert lock(held.fileno()) == "held"
            compress(store / "a.jsonl")
        assert [path.name for path in store.iterdir()] == ["a.jsonl"]

    def test_two_at_once(self, tmp_path: Path) -> None:
        """The second is told to come back."""
        store = write(tmp_path / "s", turn(1))
        with erasure.opened(store), pytest.raises(StoreError, match="another process is erasing"):
            erase(store, conversation("c-1"))

    def test_without_locks_age_counts(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where the system has none, what was just written to is left alone."""
        monkeypatch.setitem(sys.modules, "fcntl", None)
        store = write(tmp_path / "s", turn(1))
        assert erase(store, conversation("c-1")).left_segments == 1
        os.utime(store / "a.jsonl", (0, 0))
        assert erase(store, conversation("c-1")).spans == 1


class TestFaults:
    """Crashes, full disks, broken files."""

    @pytest.mark.parametrize("moment", ["write", "fsync", "replace", "unlink"])
    def test_a_crash(self, tmp_path: Path, moment: str) -> None:
        """A process that is killed at any step leaves a store that reads, and the next run completes the erasure."""
        store = tmp_path / "s"
        for name in "abc":
            write(store, turn(1, {"user.id": JANE}), name=f"{name}.jsonl")
            if moment != "unlink":
                write(store, turn(2, conversation="c-2"), name=f"{name}.jsonl")
        script = f"""
            import os, sys
            from pathlib import Path
            from convqa_sdk.store import erasure
            from convqa_sdk.store.erasure import Selection, erase
            calls = 0
            def die(real):
                def dying(*args, **kwargs):
                    global calls
                    calls += 1
                    if calls == 2:
                        os._exit(9)
                    return real(*args, **kwargs)
                return dying
            if {moment!r} == "write":
                erasure._kept = die(erasure._kept)
            elif {moment!r} == "fsync":
                erasure._make_durable = die(erasure._make_durable)
            else:
                setattr(Path, {moment!r}, die(getattr(Path, {moment!r})))
            erase(Path({str(store)!r}), Selection(customers=frozenset({{{JANE!r}}})))
        """
        done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], timeout=60, check=False)
        assert done.returncode == 9
        tally = Tally()
        list(read_spans(store, tally))
        assert tally.torn == 0
        assert erasures(store)[-1]["state"] == "begun"
        result = erase(store, customer())
        assert result.complete
        assert JANE.encode() not in raw(store)
        assert not list(store.glob(".*"))

    def test_a_full_disk(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Is told by the segment's name; the segment stays as it was."""
        store = write(tmp_path / "s", turn(1), turn(2, conversation="c-2"))
        monkeypatch.setattr(
            erasure, "_write", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "No space left on device"))
        )
        with pytest.raises(StoreError, match=r"a\.jsonl cannot be written anew: No space left"):
            erase(store, conversation("c-1"))
        assert left(store) == [1, 2]

    def test_a_segment_that_breaks_off(self, tmp_path: Path) -> None:
        """Nobody knows what it held; it stays, and is told."""
        store = write(tmp_path / "s", *(turn(n) for n in range(1, 50)))
        whole = codec().compress((store / "a.jsonl").read_bytes())
        (store / "a.jsonl").unlink()
        (store / "a.jsonl.zst").write_bytes(whole[:-20])
        result = erase(store, conversation("c-1"))
        assert (result.unreadable, result.complete) == (["a.jsonl.zst"], False)

    def test_nothing_reads_compressed_segments(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Then nothing is erased at all, and the extra is named."""
        store = write(tmp_path / "s", turn(1))
        (store / "b.jsonl.zst").write_bytes(b"x")
        for name in ("compression.zstd", "backports.zstd"):
            monkeypatch.setitem(sys.modules, name, None)
        with pytest.raises(StoreError, match="zstd"):
            erase(store, conversation("c-1"))
        assert (store / "a.jsonl").exists()

    def test_a_missing_store(self, tmp_path: Path) -> None:
        """Is no store."""
        with pytest.raises(StoreError, match="no telemetry store"):
            erase(tmp_path / "nowhere", conversation("c-1"))


class TestRecord:
    """What is written down."""

    def test_what_it_says(self, store: Path) -> None:
        """When, by which selector, how much: begun first, then done; linked by hashes."""
        result = erase(store, customer())
        begun, done = erasures(store)
        assert begun["selector"] == done["selector"] == {"kind": "customer", "id": JANE}
        assert (begun["state"], done["state"], done["spans"], done["conversations"], done["days"]) == (
            "begun",
            "done",
            6,
            2,
            2,
        )
        assert begun["id"] == done["id"]
        assert (begun["previous"], done["previous"]) == (FIRST, begun["hash"])
        assert done["hash"] == result.record
        assert "c-1" not in (store / "erasures.jsonl").read_text()

    @pytest.mark.parametrize("how", ["changed", "taken out", "moved", "added"])
    def test_a_change_shows(self, store: Path, how: str) -> None:
        """Whatever was done to a line, it is told which one is wrong."""
        for _ in range(2):
            erase(store, customer())
        path = store / "erasures.jsonl"
        lines = path.read_text().splitlines()
        match how:
            case "changed":
                lines[1] = lines[1].replace('"spans": 6', '"spans": 5')
            case "taken out":
                del lines[1]
            case "moved":
                lines[1], lines[2] = lines[2], lines[1]
            case "added":
                lines.insert(1, json.dumps({**json.loads(lines[0]), "number": 2}))
        path.write_text("\n".join(lines) + "\n")
        with pytest.raises(StoreError, match="line 2 is not what was written"):
            erasures(store)

    def test_a_torn_line(self, store: Path) -> None:
        """A crash while it was written does not stop what comes later."""
        erase(store, customer())
        with (store / "erasures.jsonl").open("a") as record:
            record.write('{"numb')
        erase(store, customer(JOE))
        assert [entry["state"] for entry in erasures(store)] == ["begun", "done"] * 2

    def test_none(self, tmp_path: Path) -> None:
        """A store from which nothing was erased has no record."""
        assert erasures(tmp_path) == []


def test_a_customer_on_spans_of_others(tmp_path: Path) -> None:
    """Their keys for the ids of people count as ours do; a machine's account is nobody."""
    jane = "[ACCOUNT_ID:k1:aaaaaaaaaaaaaaaaaaaa]"
    store = write(
        tmp_path / "s",
        span("GET", 1, {"customer_id": jane}, trace=1),
        span("GET", 2, {"cloud.account.id": jane}, trace=2),
        span("GET", 3, {"note": jane}, trace=3),
    )
    assert erase(store, Selection(customers=frozenset({jane}))).spans == 1
    assert present_names(store, "customer") == set()
