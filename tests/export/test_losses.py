"""A loss is told to readers and in the log: how much, who did not get it, why, and what to do."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

import convqa_sdk as convqa
from convqa_sdk.export import losses
from convqa_sdk.export.losses import CAUSES
from convqa_sdk.store.fidelity import measure

from .answers import answer, never_beginning, reset_after
from .conftest import Ship, Start, stored
from .doubles import Failing, Keeping, Raising, wait_until
from .receivers import Answer
from .test_worker import turns


def test_a_loss_names_the_destinations_that_missed_it(start: Start, tmp_path: Path) -> None:
    """Every destination learns who did not get a turn: one of them, some, or all when no spans could be made."""
    sdk = start(Failing(), Raising(RuntimeError), store=tmp_path / "s")
    turns(2)
    convqa.record_feedback("c-0", thumbs="up")
    sdk.flush(10)
    sdk.shutdown(2)
    told = [span.attributes for span in stored(tmp_path / "s") if span.stage == "loss"]
    assert sum(a["convqa.loss.turns"] for a in told) == 2
    assert {(*a["convqa.loss.destinations"],) for a in told if a["convqa.loss.turns"]} == {("Failing", "Raising")}
    records = [a["convqa.loss.destinations"] for a in told if "convqa.loss.records" in a]
    assert sorted(records) == [["Failing"], ["Raising"]]
    assert measure(tmp_path / "s").missing_in == {"Failing": 3, "Raising": 3}


def test_what_no_destination_got_names_them_all(start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A turn of which no spans could be made is missing everywhere."""
    sdk = start(Keeping(), store=tmp_path / "s")
    monkeypatch.setattr(sdk._worker._renderings.materialisers[0], "spans", lambda unit: 1 / 0)
    turns(1)
    sdk.shutdown(2)
    (loss,) = [span.attributes for span in stored(tmp_path / "s") if span.stage == "loss"]
    assert loss["convqa.loss.destinations"] == ["Keeping", "store"]


def lines(caplog: pytest.LogCaptureFixture, event: str) -> list[str]:
    """What our log says about events whose names begin so."""
    return [r.getMessage() for r in caplog.records if r.getMessage().startswith(f"event='{event}")]


def test_the_log_says_plainly_what_was_lost_where_and_why(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    """One line for each cause and destination: how much so far, where to, why, what to do, and nothing that is None."""
    sdk = start(Failing(), Keeping())
    for number in range(3):
        turns(1, f"c{number}")
        sdk.flush(10)
    (line,) = lines(caplog, "telemetry_lost")
    why, do = CAUSES["export_failed"]
    told = f"destination='Failing' cause='export_failed' why={why!r} do={do!r}"
    assert line == f"event='telemetry_lost' turns_so_far=1 {told}"
    sdk.shutdown(2)
    assert "None" not in caplog.text


def test_each_outage_is_told_when_it_begins_and_when_it_is_over(
    start: Start, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A destination that delivers again is one line with what was lost meanwhile, and its next outage is told anew."""
    monkeypatch.setattr(losses, "QUIET_S", 0.0)
    failing = Failing()
    sdk = start(failing, Keeping())
    for outage, lost in enumerate((3, 2)):
        failing.broken = True
        for number in range(lost):
            turns(1, f"c{outage}{number}")
            assert not sdk.flush(10)
        failing.broken = False
        turns(1, f"d{outage}")
        wait_until(lambda outage=outage: len(lines(caplog, "telemetry_recovered")) == outage + 1)
    assert [line.partition(" why=")[0] for line in lines(caplog, "telemetry_")] == [
        "event='telemetry_lost' turns_so_far=1 destination='Failing' cause='export_failed'",
        "event='telemetry_recovered' turns_lost=3 destination='Failing' cause='export_failed'",
        "event='telemetry_lost' turns_so_far=4 destination='Failing' cause='export_failed'",
        "event='telemetry_recovered' turns_lost=2 destination='Failing' cause='export_failed'",
    ]


def test_a_backend_is_back_when_it_says_so(
    ship: Ship, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real backend that is gone twice is told of twice; a page that somebody else answers meanwhile ends nothing."""
    monkeypatch.setattr(losses, "QUIET_S", 0.0)
    sdk, receiver = ship()
    for outage in range(2):
        receiver.answers = [answer(404)] * 50
        turns(2, f"lost{outage}")
        assert not sdk.flush(20)
        receiver.answers = [answer(200, b"<html>", "text/html")] * 50
        turns(1, f"page{outage}")
        assert not sdk.flush(20)
        assert len(lines(caplog, "telemetry_recovered")) == outage
        receiver.answers = []
        turns(1, f"back{outage}")
        sdk.flush(20)
        wait_until(lambda outage=outage: len(lines(caplog, "telemetry_recovered")) == outage + 1)
    assert len(lines(caplog, "telemetry_lost")) == 2
    assert all("turns_lost=2 destination='otlp'" in line for line in lines(caplog, "telemetry_recovered"))


def test_a_destination_that_comes_and_goes_does_not_flood_the_log(
    start: Start, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is one pair of lines a minute; what was lost between two pairs counts in the later one."""
    failing = Failing()
    sdk = start(failing)

    def outage(name: str) -> None:
        failing.broken = True
        turns(1, name)
        assert not sdk.flush(10)
        failing.broken = False
        turns(1, f"{name}-after")
        sdk.flush(10)

    outage("a")
    wait_until(lambda: len(lines(caplog, "telemetry_recovered")) == 1)
    for number in range(5):
        outage(f"b{number}")
    assert len(lines(caplog, "telemetry_")) == 2
    monkeypatch.setattr(losses, "QUIET_S", 0.0)
    outage("c")
    wait_until(lambda: len(lines(caplog, "telemetry_recovered")) == 2)
    assert "turns_so_far=7" in lines(caplog, "telemetry_lost")[1]
    assert "turns_lost=6" in lines(caplog, "telemetry_recovered")[1]


def test_another_destination_that_delivers_ends_no_outage(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    """Only who has missed turns recovers, and what was no outage of a destination is never over."""
    failing = Failing()
    sdk = start(failing, Keeping())
    for number in range(3):
        turns(1, f"c{number}")
        sdk.flush(10)
    sdk.shutdown(2)
    assert lines(caplog, "telemetry_recovered") == []


OTLP = "OTEL_EXPORTER_OTLP_ENDPOINT"
REASONS = {
    "404": (
        answer(404, b"jane@example.com", "text/plain"),
        "HTTP 404",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is taken as it is",
    ),
    "401": (answer(401), "HTTP 401", "OTEL_EXPORTER_OTLP_HEADERS"),
    "redirect": (answer(307, Location="/elsewhere"), "HTTP 307", "final address"),
    "400": (answer(400), "HTTP 400", "the backend's own log"),
    "503": (answer(503, Retry_After="3600"), "HTTP 503", "overloaded"),
}


@pytest.mark.parametrize("kind", REASONS)
def test_a_refusal_is_told_by_its_status(ship: Ship, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    """Which status the backend answered, and what to do about this one; nothing of its body."""
    refusal, why, what = REASONS[kind]
    sdk, _ = ship(refusal)
    turns(1)
    assert not sdk.flush(20)
    (line,) = lines(caplog, "telemetry_lost")
    assert f"why='the exporter said that it failed: {why}'" in line
    assert what in line.partition(" do=")[2]
    assert "jane" not in line


@pytest.mark.parametrize(("protocol", "why"), [("http/protobuf", "connection refused"), ("grpc", "gRPC UNAVAILABLE")])
def test_that_nobody_listens_is_told(
    start: Start, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, protocol: str, why: str
) -> None:
    """A port where nobody listens is told from a backend that refuses."""
    monkeypatch.setenv(OTLP, "http://127.0.0.1:9")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    sdk = start()
    turns(1)
    assert not sdk.flush(20)
    assert f": {why}'" in lines(caplog, "telemetry_lost")[0]


@pytest.mark.parametrize(
    ("ill", "why"),
    [(reset_after(b""), "connection reset"), (never_beginning(b"H", 0.1), "timed out")],
    ids=["reset", "no answer"],
)
def test_how_a_connection_broke_is_told(ship: Ship, ill: Answer, why: str, caplog: pytest.LogCaptureFixture) -> None:
    """A connection that is reset, and an answer that does not come, are told from each other."""
    sdk, _ = ship(*[ill] * 9, timeout="1")
    turns(1)
    assert not sdk.flush(20)
    assert f": {why}'" in lines(caplog, "telemetry_lost")[0]


def test_a_store_that_is_a_file_is_told(start: Start, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What the file system says, in its own words, and that a store is a folder."""
    (tmp_path / "s").write_text("")
    sdk = start(store=tmp_path / "s")
    turns(1)
    assert not sdk.flush(10)
    (line,) = lines(caplog, "telemetry_lost")
    assert "destination='store' cause='export_failed' why='the exporter said that it failed: file exists'" in line
    assert "check that store is a folder" in line


def test_each_destination_has_its_own_reason(
    ship: Ship, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A turn that two destinations missed is one line with both reasons."""
    (tmp_path / "s").write_text("")
    monkeypatch.setenv("CONVQA_STORE", str(tmp_path / "s"))
    sdk, _ = ship(answer(404))
    turns(1)
    assert not sdk.flush(20)
    assert "failed: HTTP 404; file exists'" in lines(caplog, "telemetry_lost")[0]


def test_what_is_lost_after_the_end_is_told_all_the_same(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    """No export thread is left to tell of turns that end after `shutdown()`; the one who ends them does."""
    sdk = start(Keeping())
    with convqa.turn("c-1", "hi"), convqa.turn("c-2", "hi"):
        sdk._worker.stop(time.monotonic() + 1)
    (line,) = lines(caplog, "telemetry_lost")
    assert "turns_so_far=1 destination='Keeping' cause='stopped'" in line


def test_every_cause_is_explained_in_the_log_and_on_the_page() -> None:
    """The page about losses has a row for each cause, and no others."""
    page = (Path(__file__).parents[2] / "docs/explanation/when-things-break.md").read_text()
    rows = re.findall(r"^\| `(\w+)`", page.partition("## Causes")[2].partition("\n## ")[0], re.MULTILINE)
    assert rows == list(CAUSES)
