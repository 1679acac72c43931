"""What a backend answers over HTTP is listened to: what it left out is counted, and no answer holds us up."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.export import otlp_http
from convqa_sdk.export.http_answers import ANSWER_BYTES

from .answers import answer, endless, rejecting, reset_after
from .conftest import Ship, Start, stored
from .doubles import wait_until
from .receivers import Answer
from .test_backend_faults import told, turn


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (rejecting(2), "application/x-protobuf"),
        (b'{"partialSuccess": {"rejectedSpans": "2", "errorMessage": "jane@example.com"}}', "application/json"),
    ],
    ids=["protobuf", "json"],
)
def test_rejected_spans_are_counted(
    ship: Ship,
    body: bytes,
    kind: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A backend that takes a batch but for two spans: `flush` says so, `stats` and the store have the number."""
    monkeypatch.setenv("CONVQA_STORE", str(tmp_path / "s"))
    sdk, receiver = ship(answer(200, body, kind))
    turn()
    assert not sdk.flush(20)
    assert sdk.stats().lost == {}
    assert sdk.stats().lost_records == {"rejected": 2}
    sdk.shutdown(5)
    losses = [s.attributes for s in stored(tmp_path / "s") if s.stage == "loss"]
    assert [(loss["convqa.loss.cause"], loss["convqa.loss.records"]) for loss in losses] == [("rejected", 2)]
    assert len(receiver.arrivals) == 2, "the batch, and the report of the loss"
    assert told(caplog, "rejected:otlp") == 1


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<html>jane@example.com</html>", "text/html"),
        (b"<html>".ljust(ANSWER_BYTES + 1), "text/html"),
        (b"\xff\xffgarbage", "application/x-protobuf"),
        (b"7", "application/json"),
    ],
    ids=["a page", "a long page", "garbage", "a number"],
)
def test_an_answer_that_is_none_confirms_nothing(
    ship: Ship, body: bytes, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """200 counts as exported, and `flush` says no; one line says who answered so, and what to do, not how it broke."""
    sdk, receiver = ship(*[answer(200, body, kind)] * 2)
    for number in range(2):
        turn(f"c-{number}")
        assert not sdk.flush(20)
    assert sdk.flush(20), "nothing was sent since"
    assert (sdk.stats().exported, sdk.stats().lost) == (len(receiver.arrivals), {}) == (2, {})
    assert sdk.stats().faults == {"answer:otlp": 2}
    (line,) = [record.getMessage() for record in caplog.records if record.name == "convqa_sdk"]
    assert line == (
        "event='telemetry_fault' cause='answer:otlp' "
        "why='the backend answered 200 with something that is no OTLP answer' destination='otlp' "
        "do='check that the endpoint is an OTLP receiver, e.g. port 4318'"
    )


LENIENT = {
    "nothing": answer(200, b"", "text/plain"),
    "JSON": answer(200, b"{}", "application/json"),
    "JSON null": answer(200, b"null", "application/json"),
    "JSON with an empty partial success": answer(200, b'{"partialSuccess":{}}', "application/json; charset=utf-8"),
    "compressed": answer(200, gzip.compress(b""), Content_Encoding="gzip"),
    "chunked": answer(200, b"0\r\n\r\n", Transfer_Encoding="chunked", Content_Length=""),
    "202": answer(202),
    "204": answer(204),
}


@pytest.mark.parametrize("kind", LENIENT)
def test_lenient_answers_are_fine(ship: Ship, kind: str) -> None:
    """Backends that answer nothing, or JSON, or in pieces have taken everything; the connection is kept."""
    sdk, receiver = ship(*[LENIENT[kind]] * 3)
    for number in range(3):
        turn(f"c-{number}")
        assert sdk.flush(20)
    assert sdk.stats().faults == {}
    assert len(receiver.clients) == 1


CHUNKED = b"%x\r\n%s\r\n0\r\n\r\n" % (len(rejecting(2)), rejecting(2))


@pytest.mark.parametrize(
    "partial",
    [
        answer(200, gzip.compress(rejecting(2)), Content_Encoding="gzip"),
        answer(200, CHUNKED, Transfer_Encoding="chunked", Content_Length=""),
        answer(202, rejecting(2)),
        answer(200, b'{"partialSuccess": {"rejectedSpans": 2}}', "application/json; charset=utf-8"),
    ],
    ids=["compressed", "chunked", "202", "JSON with a number"],
)
def test_a_partial_success_is_heard_in_whatever_form(ship: Ship, partial: Answer) -> None:
    """An answer that is packed, in pieces or with another status of success says as much as a plain one."""
    sdk, _ = ship(partial)
    turn()
    assert not sdk.flush(20)
    assert sdk.stats().lost_records == {"rejected": 2}


def test_a_number_that_a_refusal_names_is_not_counted(ship: Ship) -> None:
    """A batch that was refused is lost as a whole, and not once more in part."""
    sdk, _ = ship(answer(400, rejecting(2)))
    turn()
    assert not sdk.flush(20)
    assert (sdk.stats().lost, sdk.stats().lost_records) == ({"export_failed": 1}, {})


@pytest.mark.parametrize(("size", "faults"), [(ANSWER_BYTES, 0), (ANSWER_BYTES + 1, 1)])
def test_an_answer_is_read_up_to_a_bound(ship: Ship, size: int, faults: int) -> None:
    """64 KiB of an answer are read; of a longer one the status alone counts."""
    body = b'{"partialSuccess": {}}'.ljust(size)
    sdk, _ = ship(answer(200, body, "application/json"))
    turn()
    assert sdk.flush(20)
    assert sdk.stats().faults.get("answer:otlp", 0) == faults


def test_listening_costs_no_encoding(ship: Ship, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's exporter over HTTP writes with our encoder, although somebody listens to its answers."""
    encoded = otlp_http.encoded
    monkeypatch.setattr(otlp_http, "encoded", lambda spans, pause: encoded([*spans, *spans], pause))
    sdk, receiver = ship()
    turn()
    assert sdk.flush(20)
    assert receiver.turns == ["c-1", "c-1"]


def test_a_session_of_the_applications_is_not_replaced(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenTelemetry's credential provider is asked for its session, as if nobody wanted to listen."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("OTEL_PYTHON_EXPORTER_OTLP_HTTP_TRACES_CREDENTIAL_PROVIDER", "no_such_provider")
    with pytest.raises(ConfigurationError, match=r"OTEL_EXPORTER_OTLP_\*") as caught:
        start()
    assert "no_such_provider" not in str(caught.value)


def test_an_answer_without_an_end_takes_neither_memory_nor_time(ship: Ship) -> None:
    """Of a body that never ends no more than a bound is read, however fast or slowly it comes."""
    fast: list[int] = []
    slow: list[int] = []
    sdk, receiver = ship(endless(b"x" * 65_536, 0.0, fast), endless(b"x", 0.02, slow), timeout="1")
    for number in range(3):
        turn(f"c-{number}")
        assert sdk.flush(10)
    wait_until(lambda: fast and slow)
    assert fast[0] < 50_000_000, "what the sockets hold"
    assert receiver.turns == ["c-2"]
    assert sdk.stats().exported == 3
    assert sdk.stats().faults["answer:otlp"] == 2


def test_a_break_behind_the_status_is_not_sent_twice(ship: Ship) -> None:
    """What the backend has said yes to is not sent again because the rest of its answer is missing."""
    sdk, receiver = ship(
        reset_after(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 9\r\n\r\nab")
    )
    turn()
    assert sdk.flush(20)
    assert len(receiver.arrivals) == 1
    assert sdk.stats().exported == 1
