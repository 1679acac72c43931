"""Conversation state in a real Redis server, also while that disappears."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import convqa_sdk as convqa
from convqa_sdk.errors import ConfigurationError, StateError
from convqa_sdk.integrations import redis_state
from convqa_sdk.integrations.redis_state import PREFIX, RedisState
from convqa_sdk.testing import recording
from convqa_sdk.tracing.conversation import ConversationState
from processes import child
from servers.running import free_port, until
from tracing.test_conversation import FACTS

SERVER = shutil.which("redis-server")
pytestmark = pytest.mark.skipif(SERVER is None, reason="redis-server is not installed (Debian's package of that name)")
redis = pytest.importorskip("redis", reason="the extra redis is not installed")


@contextmanager
def serving(folder: Path, port: int) -> Iterator[Any]:
    """Run a server until the block's end."""
    command = [str(SERVER), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    log = folder / "redis.log"
    log.unlink(missing_ok=True)
    with log.open("wb") as output, child(command, stdout=output) as process:
        until(lambda: b"Ready to accept" in log.read_bytes(), "Redis is ready")
        yield process


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of this module's own."""
    port = free_port()
    with serving(tmp_path_factory.mktemp("redis"), port):
        yield f"redis://127.0.0.1:{port}/0"


def step(state: ConversationState | None) -> ConversationState:
    """One more turn."""
    return (state or ConversationState()).after(FACTS)


def test_workers_share_a_conversation(url: str) -> None:
    """What one writes the other reads, and each advance returns what was before."""
    one, other = RedisState(url), RedisState(url)
    assert one.read("shared") is None
    assert one.advance("shared", step) is None
    assert other.advance("shared", step) == ConversationState().after(FACTS)
    known = one.read("shared")
    assert known is not None
    assert known.turns == 2


def test_no_turn_is_lost_when_workers_write_at_once(url: str) -> None:
    """An advance is one action: who was slower begins anew from what the quicker one wrote."""
    workers = [RedisState(url, timeout_s=5) for _ in range(4)]
    failed: list[StateError] = []

    def work(state: RedisState) -> None:
        for _ in range(10):
            try:
                state.advance("busy", step)
            except StateError as error:  # noqa: PERF203 - each of them counts
                failed.append(error)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    known = workers[0].read("busy")
    assert known is not None
    assert known.turns == 40 - len(failed)


def test_a_quiet_conversation_is_forgotten(url: str) -> None:
    """After the time that was given."""
    RedisState(url, ttl_s=60).advance("quiet", step)
    left = redis.Redis.from_url(url).pttl(f"{PREFIX}quiet")
    assert 0 < left <= 60_000


def test_what_is_no_state_counts_as_lost(url: str) -> None:
    """Both say so, and the next turn goes on with one of which the beginning is not known; Redis is not left alone."""
    redis.Redis.from_url(url).set(f"{PREFIX}odd", "something else")
    state = RedisState(url)
    for ask in (lambda: state.read("odd"), lambda: state.advance("odd", step)):
        with pytest.raises(StateError, match="no state of this version"):
            ask()
    assert state.read("odd") == step(ConversationState(partial=True))


def test_a_turn_whose_state_is_none_says_so(url: str) -> None:
    """As a violation on its span and a fault in the counts; the turn after it has nothing to tell."""
    client = redis.Redis.from_url(url)
    with recording(state=RedisState(url, prefix="garbage:")) as recorded:
        bot("c-garbage", "hello")
        (key,) = client.scan_iter("garbage:*")
        client.set(key, "garbage")
        bot("c-garbage", "hello again")
        turn = recorded.turn("c-garbage")
        assert turn["convqa.instrumentation.violations"] == ["conversation_state"]
        assert "convqa.turn.index" not in turn
        assert recorded.stats().faults == {"state_store": 1}
        bot("c-garbage", "and again")
        assert "convqa.instrumentation.violations" not in recorded.turn("c-garbage")


def test_a_client_of_the_application_is_taken_as_it_is(url: str) -> None:
    """Also one that decodes answers."""
    state = RedisState(redis.Redis.from_url(url, decode_responses=True))
    state.advance("own", step)
    assert state.read("own") == ConversationState().after(FACTS)


@pytest.mark.parametrize(
    ("address", "more"), [("nowhere", {}), ("redis://x", {"ttl_s": 0}), ("redis://x", {"timeout_s": 0})]
)
def test_what_cannot_work_is_refused(address: str, more: dict[str, float]) -> None:
    """With what is accepted, and without the address, which may hold a password."""
    with pytest.raises(ConfigurationError, match="give") as refused:
        RedisState(address, **more)
    assert "nowhere" not in str(refused.value)


def bot(conversation: str, message: str) -> None:
    """A bot that says one thing."""
    with convqa.turn(conversation, message) as turn:
        turn.answer("Refunds take five days.")


def test_turns_of_several_workers_are_numbered_as_one_conversation(url: str) -> None:
    """The correction is found, whichever worker hears it."""
    with recording(state=RedisState(url)) as first:
        bot("c-1", "How long do refunds take?")
        assert first.turn("c-1")["convqa.turn.index"] == 0
    with recording(state=RedisState(url)) as second:
        bot("c-1", "That's wrong, it took two weeks.")
        turn = second.turn("c-1")
        assert turn["convqa.turn.index"] == 1
        assert "convqa.user_correction_signal" in turn.events


def test_redis_holds_neither_texts_nor_ids(url: str) -> None:
    """Not even as parts: names are keyed hashes, words of requests are hashed one by one."""
    with recording(state=RedisState(url)):
        bot("jane@example.com", "My password manager is swordfish")
    client = redis.Redis.from_url(url)
    everything = [(key, client.get(key)) for key in client.scan_iter()]
    assert everything
    for key, value in everything:
        for secret in (b"jane", b"swordfish", b"refund", b"five days"):
            assert secret not in key
            assert secret not in value


def test_a_redis_that_disappears_costs_the_signals_and_not_the_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The turn is whole, says that the state was lost, and the log says it once; when Redis is back, it is asked."""
    monkeypatch.setattr(redis_state, "QUIET_S", 0.0)
    port = free_port()
    with recording(state=RedisState(f"redis://127.0.0.1:{port}/0")) as recorded:
        with serving(tmp_path, port):
            bot("c-1", "hello")
        bot("c-1", "That's wrong")
        bot("c-1", "That's wrong again")
        turn = recorded.turn("c-1")
        assert turn["convqa.answer.text"] == "Refunds take five days."
        assert "conversation_state" in turn["convqa.instrumentation.violations"]
        assert "convqa.user_correction_signal" not in turn.events
        assert "convqa.grounding_outcome" in turn.events
        assert "convqa.turn.index" not in turn
        assert caplog.text.count("state_store") == 1
        with serving(tmp_path, port):
            bot("c-1", "and now?")
        assert "convqa.instrumentation.violations" not in recorded.turn("c-1")


def test_a_redis_that_hangs_is_left_alone_for_a_while(
    tmp_path: Path, stop: Callable[[Any], None]
) -> None:
    """The export thread waits for it once, not with each turn."""
    port = free_port()
    with serving(tmp_path, port) as process:
        state = RedisState(f"redis://127.0.0.1:{port}/0", timeout_s=0.2)
        state.advance("a", step)
        stop(process)
        with pytest.raises(StateError, match="did not answer"):
            state.read("a")
        with pytest.raises(StateError, match="a moment ago"):
            state.read("a")


@pytest.fixture
def stop() -> Iterator[Callable[[Any], None]]:
    """Stop a process with a signal, and let it go on at the end so that it can be ended."""
    import signal

    stopped: list[Any] = []

    def halt(process: Any) -> None:
        process.send_signal(signal.SIGSTOP)
        stopped.append(process)

    yield halt
    for process in stopped:
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)


def test_a_state_without_a_key_says_that_it_is_not_shared(url: str, caplog: pytest.LogCaptureFixture) -> None:
    """Names are made with a key of the process's own then."""
    from convqa_sdk.export.exporters import MemoryExporter

    sdk = convqa.configure("bot", exporters=[MemoryExporter()], state=RedisState(url))
    sdk.shutdown()
    assert "conversation_state_not_shared" in caplog.text
