"""Where the pseudonym key comes from, and that it is shown to nobody."""

from __future__ import annotations

import stat
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

import convqa_sdk as convqa
from convqa_sdk.errors import ConfigurationError
from convqa_sdk.export.exporters import MemoryExporter
from convqa_sdk.export.keys import current_key, key_path, resolve_keys
from convqa_sdk.export.settings import read_settings
from processes import child

from .conftest import KEY, Run, Start, stored


def resolved(store: Path | None = None, **given: Any) -> bytes | None:
    """The key for a store and settings."""
    return current_key(resolve_keys(read_settings(given), store))


def fail() -> bytes:
    """Fetch a key in vain."""
    raise RuntimeError("cannot reach vault with token hunter2")


def test_given_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes, text, a callable, or `CONVQA_KEY`; the argument wins."""
    assert resolved(key=KEY) == KEY
    assert resolved(key="k" * 32) == KEY
    assert resolved(key=lambda: KEY) == KEY
    assert resolved(key=lambda: "6f" * 32) == resolved(key="6f" * 32) == b"6f" * 32
    monkeypatch.setenv("CONVQA_KEY", "x" * 32)
    assert resolved() == b"x" * 32
    assert resolved(key=KEY) == KEY


@pytest.mark.parametrize(
    "key", [b"", "", fail, lambda: "", lambda: None, lambda: b""], ids=lambda k: getattr(k, "__name__", repr(k))
)
def test_a_key_that_is_none_is_refused_without_quoting(key: Any) -> None:
    """An empty key, and a callable that raises or returns something else, fail `configure()`, not a turn."""
    with pytest.raises(ConfigurationError, match=r"^key: ") as caught:
        resolved(key=key)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__cause__ is None


def test_a_short_key_is_taken_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """A key that can be guessed is warned about by its length."""
    assert resolved(key=b"hunter2") == b"hunter2"
    assert "short_pseudonym_key" in caplog.text
    assert "hunter2" not in caplog.text


def test_a_store_makes_a_key_of_its_own_beside_it(tmp_path: Path) -> None:
    """Readable by its owner only, outside the folder that is shared, the same at the next start; no draft is left."""
    key = resolved(tmp_path / "deep" / "s")
    path = key_path(tmp_path / "deep" / "s")
    assert path == tmp_path / "deep" / "s.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert key is not None
    assert len(key) == 32
    assert resolved(tmp_path / "deep" / "s") == key
    assert sorted(p.name for p in (tmp_path / "deep").iterdir()) == ["s.key"]


def test_a_store_that_records_nothing_gets_no_key(tmp_path: Path) -> None:
    """A bot that is configured and never used leaves no file; the first turn, or the first outcome, makes the key."""
    sdk = convqa.configure("bot", store="s")
    sdk.shutdown(5)
    assert list(tmp_path.iterdir()) == []
    sdk = convqa.configure("bot", store="s")
    convqa.record_feedback("jane@example.com", thumbs="up")
    sdk.shutdown(5)
    (span,) = stored(tmp_path / "s")
    assert span.conversation_id.startswith("[CONVERSATION_ID:k1:")
    assert key_path(tmp_path / "s").exists()


def test_processes_that_start_at_once_get_one_key(tmp_path: Path) -> None:
    """Whoever is first makes the key of all."""
    script = """
import sys
from pathlib import Path
from convqa_sdk.export.keys import current_key, resolve_keys
from convqa_sdk.export.settings import read_settings
settings = read_settings({}, {})
print("ready", flush=True)
sys.stdin.readline()
print(current_key(resolve_keys(settings, Path(sys.argv[1]) / "s")).hex())
"""
    command = [sys.executable, "-c", script, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with ExitStack() as block:
        many = [block.enter_context(child(command, **pipes)) for _ in range(4)]
        for process in many:
            assert process.stdout.readline() == "ready\n"
        for process in many:
            process.stdin.write("go\n")
            process.stdin.flush()
        keys = {process.communicate(timeout=30)[0] for process in many}
    assert len(keys) == 1
    assert len(keys.pop()) == 65
    assert [p.name for p in tmp_path.iterdir()] == ["s.key"]


@pytest.mark.parametrize("content", ["", "not hexadecimal", "ab", "\x00"], ids=ascii)
def test_a_damaged_key_file_is_no_key(tmp_path: Path, content: str, caplog: pytest.LogCaptureFixture) -> None:
    """A file that is torn or is none withholds identifiers, which is said once; it is not overwritten."""
    key_path(tmp_path / "s").touch(0o600)
    key_path(tmp_path / "s").write_text(content)
    assert resolved(tmp_path / "s") is None
    assert key_path(tmp_path / "s").read_text() == content
    assert [r.getMessage().count("no_pseudonym_key") for r in caplog.records].count(1) == 1
    assert "cause='key_file'" in caplog.text


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_key_file_that_others_may_read_is_no_key(tmp_path: Path, mode: int, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever else reads the key can undo the pseudonyms, so identifiers are withheld until that is mended."""
    key = resolved(tmp_path / "s")
    key_path(tmp_path / "s").chmod(mode)
    assert resolved(tmp_path / "s") is None
    assert "key_file_permissions" in caplog.text
    key_path(tmp_path / "s").chmod(0o600)
    assert resolved(tmp_path / "s") == key


@pytest.mark.parametrize("store", ["/proc/s", "file/s", "/"])
def test_a_place_where_no_key_can_be_written_is_no_key(tmp_path: Path, store: str) -> None:
    """The bot starts all the same."""
    (tmp_path / "file").write_text("")
    assert resolved(Path(store)) is None


def test_no_draft_is_left_where_links_are_impossible(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file system without hard links there is no key, and no half-made one either."""
    import os

    def link(*_: Any) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", link)
    assert resolved(tmp_path / "s") is None
    assert list(tmp_path.iterdir()) == []


def test_without_a_key_it_is_said_once_what_happens(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    """An OTLP-only bot without a key is told that identifiers are withheld, and how to change that."""
    sdk = start(MemoryExporter(), key=None)
    for number in range(3):
        with convqa.turn(f"c-{number}", account_id="a-1"):
            pass
    sdk.flush(5)
    (message,) = [r.getMessage() for r in caplog.records if "no_pseudonym_key" in r.getMessage()]
    assert "CONVQA_KEY" in message


def test_the_same_customer_has_the_same_pseudonym_in_every_process(run: Run, tmp_path: Path) -> None:
    """With the store's key, pseudonyms and trace ids of one conversation meet across processes."""
    for _ in range(2):
        run(
            """
            import convqa_sdk as convqa
            with convqa.configure("bot", store="s"):
                with convqa.turn("c-1", account_id="a-1") as turn:
                    turn.answer("x")
            """
        )
    spans = stored(tmp_path / "s")
    assert len(spans) == 2
    assert len({span.attributes["convqa.account.id"] for span in spans}) == 1
    assert len({span.trace_id for span in spans}) == 1


def test_a_rotation_is_a_mapping_with_the_current_key_first() -> None:
    """As argument or from a callable, bytes or text; only the first makes tokens, and ids come from the mapping."""
    given: dict[str, Any] = {"k2": "n" * 32, "k1": KEY}
    for key in (given, lambda: given):
        keys = resolve_keys(read_settings({"key": key, "key_id": "other"}), None)
        assert keys() == {"k2": b"n" * 32, "k1": KEY}
        assert current_key(keys) == b"n" * 32


@pytest.mark.parametrize("key", [{}, {"k1": ""}, {"k1": KEY, "k0": 7}, {"K": KEY}, {7: KEY}, dict, lambda: {"k1": 7}])
def test_a_rotation_with_an_unusable_key_is_refused(key: Any) -> None:
    """Old keys and ids are looked at too, by `configure()`."""
    with pytest.raises(ConfigurationError, match="key"):
        convqa.configure("bot", key=key, exporters=MemoryExporter())


def test_after_a_rotation_new_spans_have_the_new_key(start: Start) -> None:
    """The account's pseudonym names the current key."""
    memory = MemoryExporter()
    sdk = start(memory, key={"k2": b"n" * 32, "k1": KEY})
    with convqa.turn("c-1", account_id="a-1"):
        pass
    sdk.flush(5)
    assert memory.spans[0].attributes["convqa.account.id"].startswith("[ACCOUNT_ID:k2:")
