"""Reading segments back, whoever wrote them and whatever happened to them."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import convqa_sdk as convqa
from convqa_sdk.errors import StoreError
from convqa_sdk.store.segments import StoredSpan, Tally, read_spans, segments
from convqa_sdk.zstd import codec
from written_stores import request, span, turn, write


def read(folder: Path) -> list[StoredSpan]:
    """Read a whole store."""
    return list(read_spans(folder))


def write_raw(folder: Path, content: bytes, name: str = "a.jsonl") -> Path:
    """Write bytes as a segment; return the store."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    return folder


def one_value(folder: Path, value: Any) -> Any:
    """What the reader makes of one OTLP value."""
    odd = span("s", 1)
    odd["attributes"] = [{"key": "k", "value": value}]
    (read_back,) = read(write(folder, odd))
    return read_back.attributes["k"]


class TestOwnStore:
    """What the SDK writes."""

    def test_reads_what_the_sdk_writes(self, tmp_path: Path) -> None:
        """Every part of a span comes back: ids, times, attributes of all types, events, links, resource."""
        sdk = convqa.configure(service_name="bot", store=tmp_path)
        with convqa.turn("c-1", "hello", turn_index=3, is_group=False) as running:
            with convqa.retrieval(data_source="kb") as stage:
                stage.set(documents=[convqa.Document("kb-1", "text", 0.5), convqa.Document("kb-2", None, 1.0)])
            with pytest.raises(ValueError, match="no"), convqa.tool(name="lookup"):
                raise ValueError("no")
            running.answer("hi")
        convqa.record_feedback(running.ref, thumbs="up")
        sdk.shutdown(5.0)
        found = {s.stage: s for s in read(tmp_path)}
        assert set(found) == {"turn", "retrieval", "tool", "outcome"}
        assert found["turn"].attributes["convqa.turn.index"] == 3
        assert found["turn"].attributes["convqa.is_group"] is False
        assert found["retrieval"].attributes["convqa.retrieval.document.ids"] == ["kb-1", "kb-2"]
        assert found["retrieval"].attributes["convqa.retrieval.document.scores"] == [0.5, 1.0]
        assert found["retrieval"].parent_id == found["turn"].span_id
        assert (found["turn"].trace_id, found["turn"].span_id) == found["outcome"].links[0]
        assert (found["turn"].trace_id, found["turn"].span_id) == (
            f"{running.ref.trace_id:032x}",
            f"{running.ref.span_id:016x}",
        )
        assert (found["tool"].is_error, found["turn"].is_error) == (True, False)
        assert [event.name for event in found["tool"].events] == ["exception"]
        assert found["tool"].events[0].attributes["exception.type"] == "ValueError"
        assert found["tool"].start_ns <= found["tool"].events[0].time_ns <= found["turn"].end_ns
        assert found["turn"].milliseconds >= found["tool"].milliseconds >= 0
        assert found["turn"].resource["service.name"] == "bot"
        assert found["turn"].scope == "convqa_sdk"


class TestCollector:
    """What the OpenTelemetry Collector's file exporter writes, and what the protocol's JSON allows."""

    @pytest.mark.parametrize(
        ("value", "wanted"),
        [
            ({"stringValue": "x"}, "x"),
            ({"stringValue": ""}, ""),
            ({"boolValue": False}, False),
            ({"intValue": "7"}, 7),
            ({"intValue": 7}, 7),
            ({"intValue": "-9223372036854775808"}, -(2**63)),
            ({"doubleValue": 1}, 1.0),
            ({"doubleValue": "NaN"}, pytest.approx(float("nan"), nan_ok=True)),
            ({"doubleValue": "-Infinity"}, float("-inf")),
            ({"bytesValue": "aGVsbG8="}, "aGVsbG8="),
            ({"arrayValue": {"values": [{"intValue": 1}, {"stringValue": "a"}, {}]}}, [1, "a", None]),
            ({"arrayValue": {}}, []),
            ({"arrayValue": {"values": None}}, []),
            ({"kvlistValue": {"values": [{"key": "a", "value": {"intValue": 1}}, {"key": "b"}]}}, {"a": 1, "b": None}),
            ({"kvlistValue": {}}, {}),
            ({}, None),
            (None, None),
        ],
        ids=str,
    )
    def test_values(self, tmp_path: Path, value: Any, wanted: Any) -> None:
        """Integers as text or numbers, infinities as text, bytes as base64, maps, arrays and empty values."""
        assert one_value(tmp_path / "s", value) == wanted

    def test_a_line_of_the_collector(self, tmp_path: Path) -> None:
        """Unknown fields are ignored, absent ones are empty, ids are lower case, statuses may be names."""
        line = {
            "resourceSpans": [
                {
                    "resource": {
                        "attributes": [{"key": "host.name", "value": {"stringValue": "h"}}],
                        "droppedAttributesCount": 0,
                    },
                    "scopeSpans": [
                        {
                            "scope": {},
                            "spans": [
                                {
                                    "traceId": "5B8EFFF798038103D269B633813FC60C",
                                    "spanId": "EEE19B7EC3C1B174",
                                    "parentSpanId": "",
                                    "flags": 256,
                                    "traceState": "",
                                    "name": "GET /",
                                    "kind": 2,
                                    "startTimeUnixNano": 1544712660000000000,
                                    "endTimeUnixNano": "1544712661000000000",
                                    "status": {"code": "STATUS_CODE_ERROR", "message": "boom"},
                                    "events": [{"timeUnixNano": "1544712660500000000", "name": "e", "attributes": []}],
                                    "links": [
                                        {"traceId": "5B8EFFF798038103D269B633813FC60D", "spanId": "EEE19B7EC3C1B175"}
                                    ],
                                    "somethingNew": {"a": [1]},
                                },
                                {
                                    "traceId": "5b8efff798038103d269b633813fc60c",
                                    "spanId": "eee19b7ec3c1b175",
                                    "status": {},
                                },
                            ],
                        },
                        {"scope": None, "spans": None},
                    ],
                    "schemaUrl": "https://opentelemetry.io/schemas/1.28.0",
                },
                {"scopeSpans": []},
            ]
        }
        first, second = read(write_raw(tmp_path / "s", json.dumps(line).encode() + b"\n"))
        assert (first.trace_id, first.span_id) == ("5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174")
        assert (first.is_error, first.message, first.parent_id, first.scope) == (True, "boom", "", "")
        assert first.milliseconds == 1000.0
        assert first.links == (("5b8efff798038103d269b633813fc60d", "eee19b7ec3c1b175"),)
        assert first.events[0].time_ns == 1544712660500000000
        assert (second.name, second.start_ns, second.attributes, second.is_error) == ("", 0, {}, False)
        assert (first.stage, first.conversation_id) == ("", "")

    @pytest.mark.parametrize("line", [b'{"resourceMetrics":[]}', b'{"resourceLogs":[{}]}', b"{}"])
    def test_other_signals_are_not_torn(self, tmp_path: Path, line: bytes) -> None:
        """A collector writes metrics and logs in the same form; they hold no spans and nothing is wrong with them."""
        tally = Tally()
        assert list(read_spans(write_raw(tmp_path / "s", line + b"\n"), tally)) == []
        assert (tally.lines, tally.torn) == (1, 0)


class TestDamage:
    """A store after a crash, a full disk, or with files of others in it."""

    def test_a_torn_last_line_is_skipped_and_counted(self, tmp_path: Path) -> None:
        """All lines before it are read; the tally says where it is."""
        store = write(tmp_path / "s", turn(1))
        write(store, turn(2))
        whole = (store / "a.jsonl").read_bytes()
        (store / "a.jsonl").write_bytes(whole[:-20])
        tally = Tally()
        assert [s.span_id[-1] for s in read_spans(store, tally)] == ["1"]
        assert (tally.files, tally.lines, tally.torn, tally.torn_at) == (1, 2, 1, [("a.jsonl", 2)])

    def test_every_cut_of_a_segment_is_readable(self, tmp_path: Path) -> None:
        """Wherever a process is killed, at most the line it was writing is lost."""
        store = write(tmp_path / "s", turn(1))
        write(store, turn(2))
        whole = (store / "a.jsonl").read_bytes()
        first = whole.index(b"\n") + 1
        for cut in range(0, len(whole), 23):
            (store / "a.jsonl").write_bytes(whole[:cut])
            tally = Tally()
            found = len(list(read_spans(store, tally)))
            assert found == (cut >= first - 1) + (cut >= len(whole) - 1)
            assert tally.torn <= 1

    @pytest.mark.parametrize(
        "line",
        [
            b"not json",
            b"\x00\xff\xfe\x80 binary",
            b"\x00" * 300,
            b"[]",
            b"[1]",
            b"17",
            b"nullx",
            b'"text"',
            b'{"a":1}',
            b'{"resourceSpans":7}',
            b'{"resourceSpans":[7]}',
            b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"no ids"}]}]}]}',
            b'{"resourceSpans":[{"scopeSpans":[{"spans":["x"]}]}]}',
            b"[" * 100_000,
            b'{"resourceSpans":' + b"[" * 50_000,
            json.dumps(request(span("s", 1, startTimeUnixNano="x"))).encode(),
            json.dumps(request(span("s", 1, startTimeUnixNano="-5"))).encode(),
            json.dumps(request(span("s", 1, endTimeUnixNano=str(2**64)))).encode(),
            json.dumps(request(span("s", 1, traceId=5))).encode(),
            json.dumps(request(span("s", 1) | {"attributes": [{"value": {}}]})).encode(),
            json.dumps(request(span("s", 1) | {"attributes": [{"key": "k", "value": {"intValue": "x"}}]})).encode(),
            json.dumps(request(span("s", 1, {"k": 7}))).encode().replace(b'"7"', b"1e999"),
        ],
        ids=lambda line: str(line[-40:]),
    )
    def test_garbage_is_counted_and_costs_nothing_else(self, tmp_path: Path, line: bytes) -> None:
        """A line that is no request is one torn line; its neighbours are read."""
        good = json.dumps(request(turn(1))).encode()
        tally = Tally()
        found = list(read_spans(write_raw(tmp_path / "s", good + b"\n" + line + b"\n\n" + good + b"\n"), tally))
        assert (len(found), tally.torn) == (2, 1)

    def test_empty_files_are_empty(self, tmp_path: Path) -> None:
        """An empty segment, or one of blank lines, holds nothing and is no error."""
        store = write_raw(tmp_path / "s", b"")
        write_raw(store, b"\n \n", "b.jsonl")
        tally = Tally()
        assert list(read_spans(store, tally)) == []
        assert (tally.files, tally.torn) == (2, 0)

    def test_other_files_are_left_alone(self, tmp_path: Path) -> None:
        """The key file, notes and folders beside the segments are not read."""
        store = write(tmp_path / "s", turn(1))
        (store / "key").write_bytes(b"\x00" * 32)
        (store / "notes.json").write_text("{")
        (store / "folder.jsonl").mkdir()
        tally = Tally()
        assert len(list(read_spans(store, tally))) == 1
        assert (tally.files, tally.torn) == (1, 0)

    def test_a_missing_store_is_an_error_that_says_what_to_do(self, tmp_path: Path) -> None:
        """Neither a missing folder nor a file is a store."""
        with pytest.raises(StoreError, match=r"no telemetry store at .*--store or CONVQA_STORE"):
            read(tmp_path / "nowhere")
        (tmp_path / "file").write_text("x")
        with pytest.raises(StoreError, match="no telemetry store"):
            segments(tmp_path / "file")

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
    def test_an_unreadable_store_is_an_error(self, tmp_path: Path) -> None:
        """A folder or a segment without permission is named."""
        store = write(tmp_path / "s", turn(1))
        (store / "a.jsonl").chmod(0)
        with pytest.raises(StoreError, match=r"segment a.jsonl cannot be read"):
            read(store)
        store.chmod(0)
        with pytest.raises(StoreError, match="cannot be read"):
            read(store)

    def test_a_segment_that_cannot_be_opened_is_named(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The error names the segment and the system's reason."""
        store = write(tmp_path / "s", turn(1))

        def refuse(*_: object, **__: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", refuse)
        with pytest.raises(StoreError, match=r"segment a\.jsonl cannot be read: Permission denied"):
            read(store)


class TestOrder:
    """Several segments, several writers."""

    def test_segments_are_read_in_the_order_of_their_last_line(self, tmp_path: Path) -> None:
        """Within a segment, the order of writing; among segments, those last written to come last."""
        store = write(tmp_path / "s", turn(3), turn(1), name="z.jsonl")
        write(store, turn(2), name="a.jsonl")
        os.utime(store / "z.jsonl", ns=(0, 1_000))
        os.utime(store / "a.jsonl", ns=(0, 2_000))
        assert [path.name for path in segments(store)] == ["z.jsonl", "a.jsonl"]
        assert [s.span_id[-1] for s in read(store)] == ["3", "1", "2"]
        assert [s.source[:2] for s in read(store)] == [("z.jsonl", 1), ("z.jsonl", 1), ("a.jsonl", 1)]

    @pytest.mark.parametrize("compressed", [False, True])
    def test_each_row_names_its_line(self, tmp_path: Path, compressed: bool) -> None:
        """With segment, number, offset and hash of a row's line it is found again, and shown to be the same."""
        store = write(write(tmp_path / "s", turn(1), turn(2)), turn(3, {"convqa.channel": "ä"}))
        content = (store / "a.jsonl").read_bytes()
        if compressed:
            (store / "a.jsonl.zst").write_bytes(codec().compress(content))
            (store / "a.jsonl").unlink()
        for stored in read(store):
            line = content[stored.source.offset :].split(b"\n")[0]
            assert stored.span_id.encode() in line
            assert stored.source.segment == ("a.jsonl.zst" if compressed else "a.jsonl")
            assert stored.source.line == (2 if stored.span_id.endswith("3") else 1)
            assert stored.source.sha256 == hashlib.sha256(line).hexdigest()

    def test_the_record_of_erasures_is_no_segment(self, tmp_path: Path) -> None:
        """Its lines are no telemetry, and none that is torn."""
        store = write(tmp_path / "s", turn(1))
        (store / "erasures.jsonl").write_text("{}\n")
        tally = Tally()
        assert len(list(read_spans(store, tally))) == 1
        assert (tally.files, tally.torn) == (1, 0)

    def test_foreign_spans_are_read_too(self, tmp_path: Path) -> None:
        """Spans of others come along; they have no stage."""
        store = write(tmp_path / "s", span("GET /", 1, {"http.method": "GET"}), turn(2))
        assert [s.stage for s in read(store)] == ["", "turn"]


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["resourceSpans", "scopeSpans", "spans", "traceId", "spanId", "attributes", "key", "value", "intValue"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(content=st.lists(st.binary(max_size=40) | json_like.map(lambda value: json.dumps(value).encode()), max_size=4))
def test_reading_never_fails_on_content(tmp_path_factory: pytest.TempPathFactory, content: list[bytes]) -> None:
    """Whatever stands in a segment, reading ends without an exception and counts what it could not read."""
    store = tmp_path_factory.mktemp("any")
    (store / "a.jsonl").write_bytes(b"\n".join(content))
    tally = Tally()
    list(read_spans(store, tally))
    assert tally.torn <= tally.lines


class TestCompressed:
    """Segments that were compressed, by the bot or by anybody's `zstd`."""

    def test_both_forms_are_read(self, tmp_path: Path) -> None:
        """A store of plain and compressed segments is one store, in the order of writing."""
        pack(write(tmp_path, turn(1), name="b.jsonl") / "b.jsonl", at=2)
        os.utime(write(tmp_path, turn(2), name="a.jsonl") / "a.jsonl", (3, 3))
        pack(write(tmp_path, turn(3), name="c.jsonl") / "c.jsonl", at=1)
        assert [path.name for path in segments(tmp_path)] == ["c.jsonl.zst", "b.jsonl.zst", "a.jsonl"]
        assert [int(found.span_id, 16) for found in read(tmp_path)] == [3, 1, 2]

    def test_a_segment_beside_its_copy_is_read_once(self, tmp_path: Path) -> None:
        """`zstd -d` keeps the compressed file, and a crash may leave both."""
        pack(write(tmp_path, turn(1)) / "a.jsonl", keep=True)
        assert len(list(tmp_path.iterdir())) == 2
        assert len(read(tmp_path)) == 1

    @pytest.mark.parametrize("lines", [1, 50])
    def test_a_copy_that_breaks_off_is_counted(self, tmp_path: Path, lines: int) -> None:
        """A compressed file that was not copied whole gives what can be read of it, and one torn line."""
        for number in range(lines):
            write(tmp_path / "plain", turn(number + 1, {"k": os.urandom(2_000).hex()}))
        content = (tmp_path / "plain" / "a.jsonl").read_bytes()
        (tmp_path / "a.jsonl.zst").write_bytes(codec().compress(content)[: -len(content) // 20])
        tally = Tally()
        found = list(read_spans(tmp_path, tally))
        assert (tally.torn, tally.files) == (1, 1)
        assert len(found) < lines
        assert lines == 1 or found

    def test_what_is_no_zstandard_is_one_torn_line(self, tmp_path: Path) -> None:
        """Any bytes under the name of a compressed segment are skipped and counted."""
        tally = Tally()
        assert list(read_spans(write_raw(tmp_path / "s", b"no zstd" * 9, "a.jsonl.zst"), tally)) == []
        assert (tally.torn, tally.torn_at) == (1, [("a.jsonl.zst", 1)])

    def test_a_segment_that_is_compressed_while_others_are_read(self, tmp_path: Path) -> None:
        """What its writer compresses between the listing and the reading is read all the same."""
        write(tmp_path, turn(1), name="a.jsonl")
        os.utime(tmp_path / "a.jsonl", (1, 1))
        write(tmp_path, turn(2), name="b.jsonl")
        spans = read_spans(tmp_path)
        first = next(spans)
        pack(tmp_path / "b.jsonl")
        assert [int(found.span_id, 16) for found in (first, *spans)] == [1, 2]

    def test_a_segment_that_is_deleted_meanwhile_is_named(self, tmp_path: Path) -> None:
        """What is gone altogether is an error that says which file."""
        write(tmp_path, turn(1), name="a.jsonl")
        os.utime(tmp_path / "a.jsonl", (1, 1))
        write(tmp_path, turn(2), name="b.jsonl")
        spans = read_spans(tmp_path)
        next(spans)
        (tmp_path / "b.jsonl").unlink()
        with pytest.raises(StoreError, match=r"b\.jsonl"):
            next(spans)

    def test_without_the_extra_it_says_what_to_do(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where no codec is installed the rest is read, and who counts learns what was skipped and what reads it."""
        for name in ("b.jsonl", "c.jsonl"):
            pack(write(tmp_path, turn(2), name=name) / name, at=1)
        write(tmp_path, turn(1))
        without_zstd(monkeypatch)
        tally = Tally()
        assert [int(found.span_id, 16) for found in read_spans(tmp_path, tally)] == [1]
        assert (tally.files, tally.torn, tally.unread) == (1, 0, {"b.jsonl.zst", "c.jsonl.zst"})
        assert tally.skipped == (
            "2 segments were skipped, because they are compressed: "
            "pip install 'convqa-sdk[zstd]' reads them, zstd -d decompresses them"
        )

    def test_nothing_is_skipped_in_silence(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Who does not count gets an error instead; plain segments need no codec."""
        without_zstd(monkeypatch)
        write(tmp_path, turn(1))
        assert len(read(tmp_path)) == 1
        (tmp_path / "b.jsonl.zst").write_bytes(b"")
        with pytest.raises(StoreError, match=r"b\.jsonl\.zst: 1 segment was skipped.*convqa-sdk\[zstd\].*zstd -d"):
            read(tmp_path)


def without_zstd(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the codec, as where the extra is not installed."""
    for name in ("compression.zstd", "backports.zstd"):
        monkeypatch.setitem(sys.modules, name, None)


def pack(segment: Path, *, at: float | None = None, keep: bool = False) -> None:
    """Compress a segment."""
    copy = segment.with_name(segment.name + ".zst")
    copy.write_bytes(codec().compress(segment.read_bytes()))
    if at is not None:
        os.utime(copy, (at, at))
    if not keep:
        segment.unlink()
