"""From `configure()` to the end of the process: exits, forks, freezes, with exporters that work, hang and raise."""

from __future__ import annotations

import asyncio
import functools
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import convqa_sdk as convqa
from convqa_sdk import isolation
from convqa_sdk.assign import conversation_trace_id
from convqa_sdk.export import environment
from convqa_sdk.export import sdk as module
from processes import child

from .conftest import KEY, Run, Start, lost_in, stored, turns_in
from .doubles import Failing, Hanging, Keeping, attributes, stage

SLACK_S = 0.4
"""For a machine that is busy with other tests."""
HANGING = """
import threading
import convqa_sdk as convqa
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
class Hanging(SpanExporter):
    def export(self, spans):
        threading.Event().wait()
    shutdown = force_flush = export
"""


def turn(conversation: str = "c-1") -> None:
    """Record a turn."""
    with convqa.turn(conversation, "hi") as opened:
        opened.answer("x")


def test_a_handle_says_what_is_in_force(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Printed, it names service, destinations and store; no key, no header, and no address in memory."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://user:hunter2@localhost:9")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "api-key=hunter2")
    monkeypatch.setenv("CONVQA_STORE", "s")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "from-the-environment")
    sdk = convqa.configure(key="hunter2" * 5)
    shown = f"destinations=['otlp', 'store'], store={str(tmp_path / 's')!r})"
    assert repr(sdk) == f"Sdk(service_name='from-the-environment', {shown}"
    assert repr(convqa.configure("bot", key=KEY)) == f"Sdk(service_name='bot', {shown}"
    assert repr(convqa.configure("bot", disabled=True)) == "Sdk(service_name='bot', destinations=[], store=None)"


def test_printing_a_handle_settles_nothing(run: Run) -> None:
    """A provider that the application sets after it has logged the handle still gives the resource."""
    done = run(
        """
        import convqa_sdk as convqa
        from opentelemetry import trace
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        sdk = convqa.configure(store="s")
        before = repr(sdk)
        trace.set_tracer_provider(TracerProvider(resource=Resource({"service.name": "theirs"})))
        with convqa.turn("c-1", "hi") as turn:
            turn.answer("x")
        assert sdk.flush(5)
        print("unknown_service" in before, repr(sdk).startswith("Sdk(service_name='theirs', "))
        """
    )
    assert done.stdout == "True True\n"


# ------------------------------------------------------------------------------------------------------------ exit


def test_exit_without_shutdown_delivers_everything(run: Run, tmp_path: Path) -> None:
    """A script that just ends has stored every turn, also the one that it left open."""
    run(
        """
        import convqa_sdk as convqa
        convqa.configure("bot", store="s")
        for n in range(100):
            with convqa.turn(f"c-{n}", "hi") as turn:
                turn.answer("x")
        left = convqa.turn("open", "hi").__enter__()
        """
    )
    assert sorted(turns_in(tmp_path / "s")) == sorted([f"c-{n}" for n in range(100)] + ["open"])
    (last,) = [span for span in stored(tmp_path / "s") if span.conversation_id == "open"]
    assert last.attributes["convqa.status"] == "cancelled"


def test_a_script_whose_only_turn_is_open_at_exit_delivers_it(run: Run, tmp_path: Path) -> None:
    """Threads that are first needed while the interpreter ends do their work all the same."""
    run(
        """
        import convqa_sdk as convqa
        convqa.configure("bot", store="s")
        turn = convqa.turn("open", "hi").__enter__()
        """
    )
    assert turns_in(tmp_path / "s") == ["open"]


@pytest.mark.parametrize("end", ["raise ValueError('bot')", "raise SystemExit(3)", "import sys; sys.exit(3)"])
def test_exit_by_exception_delivers_everything(run: Run, tmp_path: Path, end: str) -> None:
    """A bot that dies of its own exception keeps its exit code, and its last turns are stored."""
    done = run(
        f"""
        import convqa_sdk as convqa
        convqa.configure("bot", store="s")
        with convqa.turn("c-1", "hi"):
            {end}
        """,
        check=False,
    )
    assert done.returncode == (1 if "ValueError" in end else 3)
    assert turns_in(tmp_path / "s") == ["c-1"]


def test_exit_with_a_hanging_exporter_ends_in_time(run: Run, tmp_path: Path) -> None:
    """The process ends by `exit_timeout_s` and a little; what could leave has left, and the store says what did not."""
    script = (
        HANGING
        + """
convqa.configure("bot", exporters=[Hanging()], store="s", exit_timeout_s=2, key=b"k" * 32)
with convqa.turn("c-1", "hi") as turn:
    turn.answer("x")
import time, atexit
began = time.monotonic()
import convqa_sdk.export.sdk as module
atexit.unregister(module._at_exit)
atexit.register(lambda: print(time.monotonic() - began))
atexit.register(module._at_exit)
"""
    )
    done = run(script, timeout=30)
    assert float(done.stdout) < 2 + 0.6
    assert turns_in(tmp_path / "s") == ["c-1"]
    assert [s.attributes["convqa.loss.cause"] for s in stored(tmp_path / "s") if s.stage == "loss"] == ["shutdown"]
    assert "Traceback" not in done.stderr


def test_sigterm_with_a_handler_that_exits(tmp_path: Path) -> None:
    """A server that exits on SIGTERM stores what it has, also when the signal comes in the middle of recording."""
    script = """
import signal, sys
import convqa_sdk as convqa
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
convqa.configure("bot", store="s")
n = 0
while True:
    with convqa.turn(f"c-{n}", "hi") as turn:
        turn.answer("x")
    if n == 50:
        print("ready", flush=True)
    n += 1
"""
    with child([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    found = turns_in(tmp_path / "s")
    assert len(found) == len(set(found)) > 50
    numbers = sorted(int(name.removeprefix("c-")) for name in found)
    assert numbers == list(range(len(found)))


def test_the_handle_is_a_block(start: Start) -> None:
    """`with configure(...)` shuts down at its end."""
    exporter = Keeping()
    with start(exporter):
        turn()
    assert exporter.turns == ["c-1"]
    assert exporter.shutdowns == 1
    turn("c-2")
    assert exporter.turns == ["c-1"]


# ------------------------------------------------------------------------------------------------------------ fork


def test_fork_in_the_middle_of_a_turn(run: Run, tmp_path: Path) -> None:
    """The child drops its copy of what was open, whoever ends it; the parent emits it once; new turns of both leave."""
    run(
        """
        import gc, os, sys
        import convqa_sdk as convqa
        sdk = convqa.configure("bot", store="s", key=b"k" * 32)
        outside = convqa.tool(name="outside")
        outside.__enter__()
        with convqa.turn("shared", "hi") as turn:
            with convqa.tool(name="t"):
                child = os.fork()
                if child == 0:
                    assert sdk.stats().open == 0
            turn.answer("x")
        outside.__exit__(None, None, None)
        me = "child" if child == 0 else "parent"
        left = convqa.turn("left open in the " + me, "hi").__enter__()
        with convqa.turn("own of the " + me, "hi") as own:
            own.answer("x")
        if child == 0:
            del turn, left
            gc.collect()
            sys.exit(0)
        assert os.waitpid(child, 0)[1] == 0
        """
    )
    found = turns_in(tmp_path / "s")
    assert sorted(found) == [
        "left open in the child",
        "left open in the parent",
        "own of the child",
        "own of the parent",
        "shared",
    ]
    tools = [span for span in stored(tmp_path / "s") if span.stage == "tool"]
    assert sorted(span.name for span in tools) == ["execute_tool outside", "execute_tool t"]
    assert len(list((tmp_path / "s").iterdir())) == 2


def test_fork_while_other_threads_hold_every_lock(run: Run, tmp_path: Path) -> None:
    """A fork at the worst moment, with each lock of ours held by another thread, leaves a child that records."""
    run(
        """
        import os, threading, time
        import convqa_sdk as convqa
        from convqa_sdk import isolation
        from convqa_sdk.export import sdk as module
        sdk = convqa.configure("bot", store="s", key=b"k" * 32)
        with convqa.turn("before", "hi"):
            pass
        sdk.flush(5)
        (store,) = sdk._worker._destinations
        locks = [isolation._lock, module._lock, sdk._ledger._lock, sdk._worker._lock]
        locks += [store._changed, store.exporter._lock]
        held, release = threading.Event(), threading.Event()
        def hold():
            for lock in locks:
                lock.acquire()
            held.set()
            release.wait()
            for lock in reversed(locks):
                lock.release()
        threading.Thread(target=hold, daemon=True).start()
        held.wait()
        child = os.fork()
        if child == 0:
            with convqa.turn("child", "hi"):
                pass
            isolation.fault("x")
            ok = sdk.flush(5)
            sdk.shutdown(5)
            os._exit(0 if ok else 7)
        for _ in range(1000):
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                break
            time.sleep(0.01)
        else:
            status = "the child hangs"
            os.kill(child, 9)
        release.set()
        assert status == 0, status
        """
    )
    assert sorted(turns_in(tmp_path / "s")) == ["before", "child"]


def test_a_child_of_multiprocessing_delivers_what_it_flushes(run: Run, tmp_path: Path) -> None:
    """Workers that are forked by `multiprocessing` record; they end without exit handlers, so they flush."""
    (tmp_path / "bot.py").write_text(
        """
import multiprocessing
import convqa_sdk as convqa

def work(n):
    with convqa.turn(f"c-{n}", "hi") as turn:
        turn.answer("x")
    assert convqa.configure.__module__
    from convqa_sdk.export import sdk
    assert sdk._current.flush(5)
    return n

if __name__ == "__main__":
    convqa.configure("bot", store="s", key=b"k" * 32)
    work(100)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert sorted(pool.map(work, range(20))) == list(range(20))
"""
    )
    run("import runpy; runpy.run_path('bot.py', run_name='__main__')")
    assert sorted(turns_in(tmp_path / "s")) == sorted(f"c-{n}" for n in [*range(20), 100])


# ---------------------------------------------------------------------------------------------------- flush_after


class Handler:
    """An object whose call is a coroutine."""

    async def __call__(self, event: str) -> str:
        turn(event)
        return event.upper()


def plain(event: str) -> str:
    """Answer."""
    turn(event)
    if event == "bad":
        raise ValueError("bot")
    return event.upper()


async def coroutine(event: str) -> str:
    """Answer."""
    await asyncio.sleep(0)
    return plain(event)


@pytest.mark.parametrize(
    "handler",
    [plain, coroutine, functools.partial(plain), functools.partial(coroutine), Handler()],
    ids=["function", "coroutine", "partial", "partial coroutine", "object"],
)
def test_flush_after_has_delivered_before_the_freeze(start: Start, handler: Any) -> None:
    """When the wrapped handler returns, its turn has left; its result is its own."""
    exporter = Keeping()
    start(exporter, interval_s=60.0)
    result = convqa.flush_after(handler)("c-1")
    if asyncio.iscoroutine(result):
        result = asyncio.run(result)
    assert result == "C-1"
    assert exporter.turns == ["c-1"]


@pytest.mark.parametrize("handler", [plain, coroutine], ids=["function", "coroutine"])
def test_flush_after_also_when_the_handler_raises(start: Start, handler: Any) -> None:
    """The exception is the handler's own, and what it recorded has left."""
    exporter = Keeping()
    start(exporter, interval_s=60.0)
    wrapped = convqa.flush_after(handler)
    with pytest.raises(ValueError, match="bot"):
        asyncio.run(wrapped("bad")) if handler is coroutine else wrapped("bad")
    assert exporter.turns == ["bad"]
    assert wrapped.__name__ == handler.__name__


def test_flush_after_with_a_hanging_exporter_keeps_its_deadline(start: Start) -> None:
    """The freeze waits for no exporter longer than it is told to."""
    hanging = Hanging()
    start(hanging)
    began = time.monotonic()
    assert convqa.flush_after(plain, timeout_s=0.2)("c-1") == "C-1"
    assert time.monotonic() - began < 0.2 + 0.4
    hanging.release.set()


def test_flush_after_without_configuration_is_the_handler() -> None:
    """Nothing configured: nothing to wait for."""
    assert module._current is None
    assert convqa.flush_after(plain)("c-1") == "C-1"


# ------------------------------------------------------------------------------------------------------------- ids


def test_the_bots_random_numbers_stay_its_own(start: Start) -> None:
    """Recording does not draw from the shared generator, which a bot may have seeded, nor repeat ids for its seed."""
    exporter = Keeping()
    sdk = start(exporter)
    seen: list[float] = []
    for _ in range(2):
        random.seed(7)
        turn()
        seen.append(random.random())
    random.seed(7)
    assert seen == [random.random()] * 2
    sdk.flush(5)
    ids = [span.context.span_id for span in exporter.spans if span.context is not None]
    assert len(set(ids)) == 2


@pytest.mark.parametrize("instance", ["", "service.instance.id=given"])
def test_a_forked_child_names_itself(run: Run, tmp_path: Path, instance: str) -> None:
    """Process and instance on a child's spans are its own, also at its end; the environment may fix the instance."""
    done = run(
        """
        import os, sys
        import convqa_sdk as convqa
        convqa.configure("bot", store="s", interval_s=30)
        child = os.fork()
        with convqa.turn("parent" if child else "child", "hi"):
            pass
        if child == 0:
            sys.exit(0)
        os.waitpid(child, 0)
        print(os.getpid(), child)
        """,
        OTEL_EXPERIMENTAL_RESOURCE_DETECTORS="process",
        OTEL_RESOURCE_ATTRIBUTES=instance,
    )
    parent, child = map(int, done.stdout.split())
    told = {span.conversation_id: span.resource for span in stored(tmp_path / "s")}
    assert told["parent"]["process.pid"] == parent
    assert (told["child"]["process.pid"], told["child"]["process.parent_pid"]) == (child, parent)
    instances = [told[name]["service.instance.id"] for name in ("parent", "child")]
    assert instances == ["given", "given"] if instance else len(set(instances)) == 2


def test_a_forked_child_makes_ids_of_its_own(run: Run) -> None:
    """Parent and child never draw the same ids."""
    done = run(
        """
        import os
        from convqa_sdk.export.environment import span_id
        child = os.fork()
        print([span_id() for _ in range(3)], flush=True)
        if child:
            os.waitpid(child, 0)
        """
    )
    first, second = done.stdout.splitlines()
    assert first != second


def test_ids_are_never_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    """Zero is no id in W3C Trace Context."""
    monkeypatch.setattr(environment._random, "getrandbits", lambda _bits: 0)
    assert environment.span_id() == 1


@pytest.mark.parametrize("scope", ["conversation", "turn"])
def test_trace_scope(start: Start, scope: str) -> None:
    """A conversation is one trace, whoever handles its turns, or each turn is one."""
    exporter = Keeping()
    sdk = start(exporter, trace_scope=scope)
    for _ in range(2):
        turn()
    sdk.flush(5)
    traces = {span.context.trace_id for span in exporter.spans if span.context is not None}
    assert len(traces) == (1 if scope == "conversation" else 2)
    assert (conversation_trace_id(KEY, "bot", "c-1") in traces) == (scope == "conversation")


# ------------------------------------------------------------------------------------------------------------ stats


def test_stats_tell_what_is_open_pending_exported_and_lost(start: Start) -> None:
    """The counts add up at every moment: recorded is exported, lost and pending."""
    hanging = Hanging()
    sdk = start(hanging)
    for number in range(3):
        turn(f"c-{number}")
    with convqa.turn("open"):
        hanging.entered.wait(10)
        stats = sdk.stats()
        assert (stats.recorded, stats.exported, stats.lost, stats.open, stats.pending) == (3, 0, {}, 1, 3)
    hanging.release.set()
    assert sdk.flush(10)
    stats = sdk.stats()
    assert (stats.recorded, stats.exported, stats.lost, stats.open, stats.pending) == (4, 4, {}, 0, 0)


def test_each_cause_is_logged_once(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    """However often it happens, a cause makes one line of log; the counts go on."""
    sdk = start(Failing())
    for number in range(20):
        turn(f"c-{number}")
        sdk.flush(5)
    assert sdk.stats().lost == {"export_failed": 20}
    assert len([r for r in caplog.records if "cause='export_failed'" in r.getMessage()]) == 1


def test_a_late_stage_leaves_on_its_own(start: Start) -> None:
    """A stage that ends after its turn is exported by itself, and counts as no turn."""
    exporter = Keeping()
    sdk = start(exporter)
    with convqa.turn("c-1"):
        late = convqa.tool(name="t")
        late.__enter__()
    late.__exit__(None, None, None)
    assert sdk.flush(5)
    assert sorted(str(stage(span)) for span in exporter.spans) == ["tool", "turn"]
    assert {attributes(span)["gen_ai.conversation.id"] for span in exporter.spans} == {"c-1"}
    assert sdk.stats().recorded == 1


def test_stages_of_a_child_that_is_forked_inside_a_turn(run: Run, tmp_path: Path) -> None:
    """They leave from the child, with the turn's ids; the turn leaves from the parent, once."""
    run(
        """
        import os, convqa_sdk as convqa
        sdk = convqa.configure(service_name="bot", store="store")
        with convqa.turn("c-1", "hi") as turn:
            child = os.fork()
            if not child:
                convqa.tool(name="inside")(lambda: "x")()
                assert sdk.flush(5)
                os._exit(0)
            os.waitpid(child, 0)
        sdk.shutdown()
        """
    )
    spans = {span.name: span for span in stored(tmp_path / "store")}
    assert set(spans) == {"turn", "execute_tool inside"}
    inside, turn = spans["execute_tool inside"], spans["turn"]
    assert (inside.trace_id, inside.parent_id) == (turn.trace_id, turn.span_id)
    assert inside.conversation_id == "c-1"


# ----------------------------------------------------------------------------------------------- ends that are rough


def test_daemon_threads_that_record_while_the_interpreter_ends(run: Run, tmp_path: Path) -> None:
    """Threads that nobody joins delay no exit and print nothing; what they had recorded by then is there, once."""
    done = run(
        """
        import threading, time
        import convqa_sdk as convqa
        sdk = convqa.configure("bot", store="s", key=b"k" * 32)
        def work(name):
            n = 0
            while True:
                with convqa.turn(f"{name}-{n}", "hi") as turn:
                    with convqa.tool(name="t"):
                        pass
                    turn.answer("x")
                n += 1
                time.sleep(0.001)
        for name in range(8):
            threading.Thread(target=work, args=(name,), daemon=True).start()
        while sdk.stats().recorded < 200:
            time.sleep(0.001)
        """,
        timeout=30,
    )
    assert "Traceback" not in done.stderr
    assert "Fatal" not in done.stderr
    found = turns_in(tmp_path / "s")
    assert len(found) == len(set(found))
    assert len(found) + lost_in(tmp_path / "s") >= 200


@pytest.mark.parametrize(
    ("end", "exit_timeout_s"),
    [
        ("sys.exit(5)", 0.0),
        ("sys.exit(5)", 2.0),
        ("signal.raise_signal(signal.SIGTERM)", 2.0),
        ("raise KeyboardInterrupt", 2.0),
    ],
)
def test_rough_ends_with_a_hanging_exporter(run: Run, tmp_path: Path, end: str, exit_timeout_s: float) -> None:
    """Left in the middle of a turn, beside an exporter that hangs: the process ends by `exit_timeout_s` + 0.2 s."""
    script = (
        HANGING
        + f"""
import atexit, signal, sys, time
import convqa_sdk.export.sdk as module
signal.signal(signal.SIGTERM, lambda *_: sys.exit(5))
sdk = convqa.configure("bot", exporters=[Hanging()], store="s", exit_timeout_s={exit_timeout_s}, key=b"k" * 32)
began = []
atexit.unregister(module._at_exit)
atexit.register(lambda: print(time.monotonic() - began[0], sdk.stats().pending, sdk.stats().open))
atexit.register(module._at_exit)
atexit.register(lambda: began.append(time.monotonic()))
with convqa.turn("c-1", "hi"):
    with convqa.turn("c-2", "hi"), convqa.tool(name="t"):
        {end}
"""
    )
    done = run(script, timeout=30, check=False)
    assert done.returncode == (-signal.SIGINT if "Keyboard" in end else 5)
    seconds, pending, left_open = done.stdout.split()
    assert float(seconds) < exit_timeout_s + 0.2 + SLACK_S
    assert (pending, left_open) == ("0", "0")
    if exit_timeout_s:
        assert sorted(turns_in(tmp_path / "s")) == ["c-1", "c-2"]
        assert lost_in(tmp_path / "s") == 2


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
def test_a_backend_that_accepts_and_never_answers_holds_up_no_exit(run: Run, protocol: str) -> None:
    """With OpenTelemetry's exporters in the middle of a call, the process ends by `exit_timeout_s` and a little."""
    with socket.create_server(("127.0.0.1", 0)) as hole:
        done = run(
            """
            import atexit, time
            import convqa_sdk as convqa
            import convqa_sdk.export.sdk as module
            sdk = convqa.configure("bot", exit_timeout_s=0.3, interval_s=0.01, key=b"k" * 32)
            with convqa.turn("c-1", "hi"):
                pass
            while not sdk._worker._destinations[0]._sending:
                time.sleep(0.001)
            began = []
            atexit.unregister(module._at_exit)
            atexit.register(lambda: print(time.monotonic() - began[0], sdk.stats().lost))
            atexit.register(module._at_exit)
            atexit.register(lambda: began.append(time.monotonic()))
            """,
            timeout=30,
            OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{hole.getsockname()[1]}",
            OTEL_EXPORTER_OTLP_PROTOCOL=protocol,
            OTEL_EXPORTER_OTLP_TIMEOUT="60",
        )
    seconds, lost = done.stdout.split(maxsplit=1)
    assert float(seconds) < 0.3 + 0.2 + SLACK_S
    assert lost.strip() == "{'shutdown': 1}"


def test_values_that_kill_whoever_asks_them_kill_nobody(run: Run, tmp_path: Path) -> None:
    """Nothing asks a value of the bot's for its text, its hash, its length or whether it equals another."""
    names = "str repr eq ne lt hash len iter bool format int float index contains getitem copy deepcopy reduce call"
    run(
        f"""
        import os
        import convqa_sdk as convqa
        Killer = type("Killer", (), {{f"__{{n}}__": (lambda *_, **__: os._exit(9)) for n in {names.split()!r}}})
        sdk = convqa.configure("bot", store="s", key=b"k" * 32)
        killer = Killer()
        inside = [killer, {{"deep": (killer,)}}]
        with convqa.turn("c-1", killer, account_id=killer) as turn:
            convqa.tool(lambda *args, **kwargs: killer)(killer, inside=inside)
            convqa.retrieval(data_source="kb")(lambda query: [convqa.Document("d", text=killer, score=killer)])(killer)
            turn.custom(value=killer, inside=inside)
            turn.set_attribute("other", killer)
            turn.event("e", {{"value": killer}})
            turn.answer(killer)
        convqa.record_feedback("c-1", thumbs="up")
        assert sdk.flush(10)
        assert sdk.stats().lost == {{}}
        """
    )
    assert turns_in(tmp_path / "s") == ["c-1"]


def test_a_new_configuration_starts_its_own_counts_of_faults(start: Start, tmp_path: Path) -> None:
    """What an earlier one met, also while it made room, is not the new one's; what comes now is."""
    (tmp_path / "file").write_text("in the way")
    first = start(store=tmp_path / "file")
    with convqa.turn("c-1", "hi"):
        pass
    first.flush(5)
    assert first.stats().faults["store_write"] >= 1
    with convqa.turn("c-2", "hi"):
        pass
    second = start(store=tmp_path / "s")
    assert first.stats().faults["store_write"] >= 2
    assert second.stats().faults == {}
    isolation.fault("capture")
    isolation.fault("store_write")
    assert second.stats().faults == {"capture": 1, "store_write": 1}


ENDING = """
    import atexit, os, sys, threading, time
    import convqa_sdk as convqa
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

    class Buffering(SpanExporter):
        def __init__(self):
            self.kept = 0
        def export(self, spans):
            self.kept += len(spans)
            return SpanExportResult.SUCCESS
        def force_flush(self, timeout_millis=0):
            print("flushed", self.kept, flush=True)
            return True
        def shutdown(self):
            print("closed", self.kept, flush=True)

    def refuse(thread):
        raise RuntimeError("can't create new thread at interpreter shutdown")

    convqa.configure("bot", exporters=[Buffering()], key=b"k" * 32)
    forked = sys.argv[1] == "forked" and os.fork() == 0
    if not forked:
        with convqa.turn("c-1", "hi") as turn:
            turn.answer("x")
    began = time.monotonic()
    atexit.register(setattr, threading.Thread, "start", refuse)  # runs before ours, which was registered earlier
    if sys.argv[1] == "forked":
        if forked:
            sys.exit()
        os.wait()
        assert time.monotonic() - began < 2
"""


@pytest.mark.parametrize("how", ["alone", "forked"])
def test_an_interpreter_that_starts_no_thread_any_more_flushes_and_closes_exporters(run: Run, how: str) -> None:
    """Python 3.12 starts none while it ends: what an exporter keeps leaves all the same, and a child does not wait."""
    assert run(ENDING, how).stdout.splitlines() == ["flushed 1", "closed 1"]
