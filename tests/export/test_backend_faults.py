"""A backend that is ill: what it refuses, forgets or garbles is sent again, or lost whole and counted; never silent."""

from __future__ import annotations

import subprocess
import threading
import time
from email.utils import formatdate
from pathlib import Path

import pytest

import convqa_sdk as convqa

from .answers import answer, never_beginning, rejecting, reset_after
from .conftest import SECRET, Ship, Start, balanced, stored
from .doubles import wait_until
from .receivers import Answer, attributes, http_receiver


def turn(conversation: str = "c-1") -> None:
    """Record a turn of two spans."""
    with convqa.turn(conversation, f"I am {SECRET}") as opened:
        with convqa.tool(name="t"):
            pass
        opened.answer("x")


def told(caplog: pytest.LogCaptureFixture, cause: str) -> int:
    """How many lines of our log tell of a fault or a loss by this cause, not counting that it is over."""
    ours = [record.getMessage() for record in caplog.records if record.name == "convqa_sdk"]
    return sum(f"cause='{cause}'" in line and "telemetry_recovered" not in line for line in ours)


# ------------------------------------------------------------------------------------------------- try again, or not


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_waited_for(ship: Ship, form: str) -> None:
    """A backend that is too busy says when to come back, in seconds or as a date; nothing is lost."""
    sdk, receiver = ship()
    when = "2" if form == "seconds" else formatdate(time.time() + 3, usegmt=True)
    receiver.answers = [answer(429, Retry_After=when)]
    turn()
    assert sdk.flush(20)
    first, second = receiver.arrivals
    assert second - first >= 1.9, "its own first pause would be 1.2 s at most"
    assert receiver.turns == ["c-1"]
    assert sdk.stats().exported == 1


def test_retry_after_beyond_the_timeout_is_a_loss_that_the_backend_learns_of(ship: Ship) -> None:
    """A batch is not kept for an hour: it is lost at once, counted, and named to the backend when that is back."""
    sdk, receiver = ship(answer(503, Retry_After="3600"))
    turn("c-1")
    assert not sdk.flush(20)
    assert sdk.stats().lost == {"export_failed": 1}
    turn("c-2")
    sdk.flush(20)
    sdk.shutdown(5)
    assert receiver.turns == ["c-2"]
    assert [attributes(s)["convqa.loss.turns"] for s in receiver.spans if attributes(s)["convqa.stage"] == "loss"] == [
        1
    ]


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308, 400, 401, 403, 404, 413, 500, 501])
def test_a_refusal_is_not_tried_again_and_is_counted(ship: Ship, status: int, caplog: pytest.LogCaptureFixture) -> None:
    """A final status, and every redirect, is one request, one counted loss, and one line of log."""
    refusal = answer(status, b"what is jane@example.com", "text/plain", Location="/elsewhere")
    sdk, receiver = ship(refusal)
    turn("c-1")
    assert not sdk.flush(20)
    assert sdk.stats().lost == {"export_failed": 1}
    turn("c-2")
    sdk.flush(20)
    assert receiver.turns == ["c-2"]
    assert told(caplog, "export_failed") == 1


@pytest.mark.parametrize(
    "ill",
    [
        answer(502),
        answer(504, b"<html>", "text/html"),
        reset_after(b""),
        reset_after(b"HTTP/1.1 200 OK\r\nContent-Le"),
        reset_after(b"\x00\xff\x00 this is no HTTP \r\n\r\n"),
    ],
    ids=["502", "504", "reset", "reset in the headers", "no HTTP"],
)
def test_what_was_not_answered_is_sent_again(ship: Ship, ill: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A passing error and a connection that breaks before the answer lose nothing, compressed or not."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
    sdk, receiver = ship(ill)
    turn()
    assert sdk.flush(20)
    assert len(receiver.arrivals) == 2
    assert receiver.turns == ["c-1"]
    assert receiver.requests[0].headers["content-encoding"] == "gzip"


# ------------------------------------------------------------------------------------------------------ slow, or false


def test_a_slow_backend_holds_up_nothing_but_itself(
    ship: Ship, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a backend thinks, the bot records and the store is written; in the end both have everything."""
    monkeypatch.setenv("CONVQA_STORE", str(tmp_path / "s"))
    sdk, receiver = ship()
    receiver.delay_s = 0.2
    for number in range(20):
        turn(f"c-{number}")
    wait_until(
        lambda: (tmp_path / "s").exists() and len([s for s in stored(tmp_path / "s") if s.stage == "turn"]) == 20
    )
    assert sdk.flush(20)
    assert sorted(receiver.turns) == sorted(f"c-{n}" for n in range(20))


# -------------------------------------------------------------------------------------------------------------- TLS

OPENSSL_CA = """
[ca]
default_ca = here
[here]
new_certs_dir = .
database = index.txt
serial = serial
default_md = sha256
policy = any
x509_extensions = names
[any]
commonName = supplied
[names]
subjectAltName = DNS:{name}
"""


def certificate(folder: Path, name: str, start: str, end: str) -> tuple[Path, Path]:
    """A self-signed certificate for a host, valid between two dates, and its key."""
    folder.mkdir()
    (folder / "index.txt").touch()
    (folder / "serial").write_text("01\n")
    (folder / "ca.cnf").write_text(OPENSSL_CA.format(name=name))
    for command in (
        f"openssl req -newkey rsa:2048 -nodes -subj /CN={name} -keyout key.pem -out request.pem",
        "openssl ca -batch -config ca.cnf -selfsign -keyfile key.pem -in request.pem -out cert.pem -notext"
        f" -startdate {start} -enddate {end}",
    ):
        subprocess.run(command.split(), cwd=folder, check=True, capture_output=True, timeout=60)
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Path]]:
    """Certificates by what is wrong with them."""
    folder = tmp_path_factory.mktemp("certificates")
    valid = ("20200101000000Z", "20490101000000Z")
    return {
        "good": certificate(folder / "good", "localhost", *valid),
        "of another": certificate(folder / "another", "localhost", *valid),
        "expired": certificate(folder / "expired", "localhost", "20200101000000Z", "20200201000000Z"),
        "for another host": certificate(folder / "host", "elsewhere.example", *valid),
    }


CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.mark.parametrize(
    ("piece", "pause_s"),
    [(CONTINUE, 0.0), (CONTINUE * 1_000, 0.0), (CONTINUE, 0.1), (b"H", 0.1)],
    ids=["100 at once", "100 in crowds", "100 now and then", "a byte now and then"],
)
@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_an_answer_that_never_begins_is_given_up_after_the_timeout(
    start: Start,
    monkeypatch: pytest.MonkeyPatch,
    certificates: dict[str, tuple[Path, Path]],
    piece: bytes,
    pause_s: float,
    tls: bool,
) -> None:
    """`100 Continue` for ever, or a status byte by byte, costs the batch in hand, as if nobody answered."""
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_CERTIFICATE", str(certificates["good"][0]))
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    with http_receiver(certificates["good"] if tls else None) as receiver:
        receiver.answers = [never_beginning(piece, pause_s)]
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        sdk = start()
        turn("c-1")
        began = time.monotonic()
        assert not sdk.flush(10)
        assert time.monotonic() - began < 5
        assert sdk.stats().lost == {"export_failed": 1}
        turn("c-2")
        sdk.flush(10)
        assert receiver.turns == ["c-2"]
        balanced(sdk)
        sdk.shutdown(1)


def test_the_last_turns_arrive_from_an_interpreter_that_starts_no_thread_any_more(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python 3.12 starts none while it is ending: what is sent at exit arrives, and its answer is read."""
    begin = threading.Thread.start

    def ending(thread: threading.Thread) -> None:
        if threading.current_thread().name.startswith("convqa"):
            raise RuntimeError("can't create new thread at interpreter shutdown")
        begin(thread)

    with http_receiver() as receiver:
        receiver.answers = [answer(body=rejecting(1))]
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        sdk = start()
        monkeypatch.setattr(threading.Thread, "start", ending)
        turn("c-1")
        sdk.flush(10)
        assert sdk.stats().exported == 1
        assert (sdk.stats().lost, sdk.stats().lost_records) == ({}, {"rejected": 1})
        assert "answer:otlp" not in sdk.stats().faults
        sdk.shutdown(1)


@pytest.mark.parametrize("wrong", ["good", "of another", "expired", "for another host"])
def test_tls_that_cannot_be_trusted_gets_nothing(
    start: Start,
    monkeypatch: pytest.MonkeyPatch,
    certificates: dict[str, tuple[Path, Path]],
    wrong: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Signed by another, expired, or for another host: no request arrives, the loss is counted and told once."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):  # `requests` would prefer these of the machine's
        monkeypatch.delenv(name, raising=False)
    trusted = certificates["good" if wrong == "of another" else wrong][0]
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_CERTIFICATE", str(trusted))
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "0.5")
    with http_receiver(certificates[wrong]) as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        sdk = start()
        turn()
        assert sdk.flush(20) is (wrong == "good")
        assert len(receiver.requests) == (1 if wrong == "good" else 0)
        assert sdk.stats().lost == ({} if wrong == "good" else {"export_failed": 1})
        assert told(caplog, "export_failed") == (0 if wrong == "good" else 1)
        assert SECRET not in caplog.text
        balanced(sdk)
        sdk.shutdown(1)
