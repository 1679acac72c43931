"""Nothing happens before it must: no network, no output, no heavy import, and diagnostics that quote nothing."""

from __future__ import annotations

import logging

import pytest

import convqa_sdk as convqa

from .conftest import Run

NO_NETWORK = """
import socket
def refused(*_, **__):
    raise AssertionError("network")
socket.socket.connect = socket.socket.connect_ex = socket.create_connection = socket.getaddrinfo = refused
class NoSocket(socket.socket):
    def __init__(self, *args, **kwargs):
        raise AssertionError("socket")
socket.socket = NoSocket
"""
HEAVY = (
    "opentelemetry.exporter",
    "opentelemetry.sdk",
    "structlog",
    "convqa_sdk.schema",
    "convqa_sdk.export",
    "pydantic",
    "requests",
    "grpc",
    "genai_prices",
    "asyncio",
    "multiprocessing",
    "openai",
    "anthropic",
)


@pytest.mark.parametrize(
    "env",
    [
        {},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:9"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://localhost:9", "CONVQA_STORE": "s"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:9", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
    ],
    ids=["store", "http", "https and store", "grpc"],
)
def test_import_and_configure_open_no_connection_and_print_nothing(run: Run, env: dict[str, str]) -> None:
    """Neither importing nor configuring touches the network or standard output, whatever the environment names."""
    done = run(
        NO_NETWORK
        + """
import convqa_sdk as convqa
sdk = convqa.configure("bot", key=b"k" * 32)
with convqa.turn("c-1", "hi"):
    pass
import os
print("end", flush=True)
os._exit(0)
""",
        **env,
    )
    assert done.stdout == "end\n"
    assert done.stderr == ""


def test_recording_into_a_store_prints_nothing(run: Run) -> None:
    """A whole session with the embedded store, from import to exit, writes neither to standard output nor to error."""
    done = run(
        NO_NETWORK
        + """
import convqa_sdk as convqa
convqa.configure("bot")
with convqa.turn("c-1", "hi") as turn:
    with convqa.tool(name="t"):
        pass
    turn.answer("x")
"""
    )
    assert done.stdout == done.stderr == ""


def test_importing_loads_nothing_heavy(run: Run) -> None:
    """`import convqa_sdk` loads no exporter, no SDK of OpenTelemetry, no log library, no schema, no model client."""
    done = run(
        f"""
        import sys
        import convqa_sdk
        heavy = {HEAVY!r}
        print([name for name in sys.modules if name.startswith(heavy)])
        """
    )
    assert done.stdout == "[]\n"


def test_instrumenting_without_configuration_loads_nothing_heavy(run: Run) -> None:
    """A decorated bot that is not configured runs its stages without loading anything either."""
    done = run(
        f"""
        import sys
        import convqa_sdk as convqa
        @convqa.tool
        def lookup(order):
            return order
        with convqa.turn("c-1", "hi") as turn:
            lookup("o-1")
            turn.answer("x")
        heavy = {tuple(name for name in HEAVY if name != "asyncio")!r}
        print([name for name in sys.modules if name.startswith(heavy)])
        """
    )
    assert done.stdout == "[]\n"


def test_what_a_turn_needs_is_loaded_by_configure(run: Run) -> None:
    """No import happens in the middle of a turn, where it would hold the bot: `configure()` has done them all."""
    done = run(
        """
        import sys
        import convqa_sdk as convqa
        sdk = convqa.configure("bot", key=b"k" * 32)
        before = set(sys.modules)
        for _ in range(2):
            with convqa.turn("c-1", "hi", account_id="a") as turn:
                with convqa.generation(model="gpt-4.1") as stage:
                    stage.set(input_tokens=1, output_tokens=1, messages="hi")
                turn.answer("x")
                turn.set_attribute("x", object())
            sdk.flush(5)
        from convqa_sdk.isolation import fault
        fault("x")
        print(sorted(set(sys.modules) - before))
        """
    )
    small = ("encodings.", "genai_prices.")  # parts of the price library that it loads itself, below a millisecond
    assert [name for name in eval(done.stdout) if not name.startswith(small)] == []


def test_diagnostics_go_to_the_standard_librarys_logger(run: Run) -> None:
    """An application that sets up `logging` gets our lines under `convqa_sdk`, and can silence them there."""
    script = """
        import logging, sys
        logging.basicConfig(stream=sys.stdout, format="%(name)s %(levelname)s %(message)s")
        {silence}
        import convqa_sdk as convqa
        sdk = convqa.configure("bot", store="/proc/nowhere", key=b"k" * 32)
        for n in range(3):
            with convqa.turn("c-1", "a secret") as turn:
                turn.answer("x")
            sdk.flush(5)
        """
    told = run(script.format(silence="")).stdout.splitlines()
    assert all(line.startswith("convqa_sdk WARNING event='telemetry_") for line in told)
    assert len(told) == len(set(told)) >= 2
    assert "secret" not in str(told)
    assert run(script.format(silence='logging.getLogger("convqa_sdk").setLevel("ERROR")')).stdout == ""


def test_a_broken_log_handler_does_not_reach_the_bot(monkeypatch: pytest.MonkeyPatch, start) -> None:
    """A handler of the application's that raises costs our line, not the bot's turn."""

    class Broken(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise RuntimeError("broken handler")

    handler = Broken()
    logging.getLogger("convqa_sdk").addHandler(handler)
    try:
        sdk = start(store="/proc/nowhere")
        with convqa.turn("c-1", "hi") as turn:
            assert turn.answer("x") == "x"
        assert not sdk.flush(5)
        assert sdk.stats().faults["log"] >= 1
    finally:
        logging.getLogger("convqa_sdk").removeHandler(handler)


@pytest.mark.parametrize("bare", [True, False], ids=["bare", "with the extra"])
def test_a_bare_install_says_once_what_it_does_not_find(run: Run, bare: bool) -> None:
    """How many kinds of identifier, and the extra that finds them; with the extra nothing is said."""
    if not bare:
        pytest.importorskip("stdnum")
    done = run(
        f"""
        import sys
        if {bare}:
            sys.modules["stdnum"] = None
        import convqa_sdk as convqa
        from convqa_sdk.redaction.identifiers import missing
        convqa.configure("bot", disabled=True)
        print("configured", file=sys.stderr)
        for _ in range(2):
            convqa.configure("bot", key=b"k" * 32)
        print(len(missing()))
        """
    )
    before, _, after = done.stderr.partition("configured\n")
    assert before == ""
    if bare:
        assert after.count("\n") == 1
        assert f"kinds={done.stdout.strip()} " in after
        assert "convqa-sdk[redaction]" in after
    else:
        assert after == ""
