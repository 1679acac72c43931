"""Faults of ours are counted, logged once per cause, and quote nothing."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest

from convqa_sdk import isolation
from convqa_sdk.isolation import fault, faults, log, reset


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Begin and end without faults."""
    reset()
    yield
    reset()


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What we logged."""
    return [record.getMessage() for record in caplog.records if record.name == isolation.LOGGER]


def test_a_fault_is_counted_each_time_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """The count goes on, the log does not."""
    for _ in range(3):
        fault("capture", ValueError("jane@example.com"))
    fault("submit")
    assert faults() == {"capture": 3, "submit": 1}
    assert len(lines(caplog)) == 2
    assert "cause='capture'" in lines(caplog)[0]
    assert "error_type='ValueError'" in lines(caplog)[0]
    assert "jane" not in caplog.text


def test_another_type_of_exception_is_another_line(caplog: pytest.LogCaptureFixture) -> None:
    """One cause may have several reasons; each is named once."""
    for error in (ValueError(), TypeError(), ValueError()):
        fault("capture", error)
    assert len(lines(caplog)) == 2


@pytest.mark.parametrize("name", ["jane@example.com", "Error 4111 1111 1111 1111", "", "a b"])
def test_a_class_name_made_at_run_time_is_not_quoted(caplog: pytest.LogCaptureFixture, name: str) -> None:
    """Only what can be a name in a program is logged as one."""
    fault("capture", type(name, (Exception,), {})())
    assert lines(caplog) == ["event='telemetry_fault' cause='capture'"]


def test_the_number_of_lines_is_bounded(caplog: pytest.LogCaptureFixture) -> None:
    """However many classes a bot makes up, the log ends after a while, and the memory of it too."""
    for number in range(isolation.MAX_LOGGED + 50):
        fault("capture", type(f"E{number}", (Exception,), {})())
    assert len(lines(caplog)) == isolation.MAX_LOGGED
    assert len(isolation._logged) == isolation.MAX_LOGGED
    assert faults() == {"capture": isolation.MAX_LOGGED + 50}


def test_reset_forgets(caplog: pytest.LogCaptureFixture) -> None:
    """After a reset counts begin anew, and causes are logged again."""
    fault("x")
    reset()
    assert faults() == {}
    fault("x")
    assert len(lines(caplog)) == 2


def test_a_log_line_is_an_event_with_facts(caplog: pytest.LogCaptureFixture) -> None:
    """The event comes first, facts behind it; the level that was asked for is the record's, and not said again."""
    log("error", "something", count=3, rule="x")
    (record,) = caplog.records
    assert record.getMessage() == "event='something' count=3 rule='x'"
    assert record.levelname == "ERROR"


def test_a_log_that_cannot_be_written_is_counted() -> None:
    """An unknown level, or any other fault of logging itself, is a count and no exception."""
    log("no such level", "x")
    assert faults() == {"log": 1}


def test_faults_from_many_threads_are_all_counted() -> None:
    """Counting is exact under contention."""
    threads = [threading.Thread(target=lambda: [fault("x") for _ in range(500)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults() == {"x": 4_000}


def test_a_fault_inside_a_fault_does_not_deadlock() -> None:
    """The collector may run the end of a stage, and so a fault, while this thread counts another."""
    done = threading.Event()

    def nested() -> None:
        with isolation._lock:
            fault("inner")
        done.set()

    threading.Thread(target=nested, daemon=True).start()
    assert done.wait(5)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_child_starts_from_nothing() -> None:
    """A child counts its own faults, whatever its parent had and whatever lock was held."""
    fault("parent")
    isolation._lock.acquire()
    try:
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            thread = threading.Thread(target=lambda: os.write(writer, repr(faults()).encode()), daemon=True)
            thread.start()
            thread.join(5)
            os._exit(0)
    finally:
        isolation._lock.release()
    os.close(writer)
    with os.fdopen(reader) as pipe:
        assert pipe.read() == "{}"
    os.waitpid(child, 0)
