"""`convqa store`: what is said about retention and erasure; what is done is the store's business."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import convqa_sdk as convqa
from convqa_sdk.cli import main
from convqa_sdk.store.segments import read_spans
from written_stores import turn, write

JANE = "[USER_ID:k1:aaaaaaaaaaaaaaaaaaaa]"


def purge(store: Path, *words: str) -> int:
    """Run the command on a store."""
    return main(["store", "purge", "--store", str(store), *words])


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """Two conversations of two customers, long ago."""
    return write(tmp_path / "s", turn(1, {"user.id": JANE}), turn(2, conversation="c-2", at=100 * 86_400))


def test_a_customer(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is said how much went, and the hash of the record, which can be kept elsewhere."""
    assert purge(two, "--customer", JANE) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "1 spans of 1 conversations on 1 days erased, 1 segments written anew"
    assert out[1].startswith("record: ")
    assert [each.conversation_id for each in read_spans(two)] == ["c-2"]


def test_a_dry_run(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Says what would go, and erases nothing."""
    assert purge(two, "--conversation", "c-2", "--dry-run") == 0
    assert (
        capsys.readouterr().out
        == "1 spans of 1 conversations on 1 days would be erased, 1 segments would be written anew\n"
    )
    assert len(list(read_spans(two))) == 2
    assert not (two / "erasures.jsonl").exists()


def test_age(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Hours, days and weeks; everything here is from the past."""
    assert purge(two, "--older-than", "12h", "--json") == 0
    assert json.loads(capsys.readouterr().out)["spans"] == 2


@pytest.mark.parametrize("age", ["90", "0d", "d", "-1d", "1y", "1.5d"])
def test_an_age_that_is_none(two: Path, age: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, with what is accepted."""
    assert purge(two, f"--older-than={age}") == 2
    assert "such as 90d" in capsys.readouterr().err


def test_ids_of_the_bots_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where the key is at hand, a raw id works; it is written down as its pseudonym alone."""
    store = tmp_path / "s"
    sdk = convqa.configure(service_name="bot", store=store)
    with convqa.turn("jane@example.com", user_id="user-4711"):
        pass
    with convqa.turn("c-2"):
        pass
    sdk.shutdown(5)
    assert purge(store, "--customer", "user-4711", "--dry-run") == 0
    assert capsys.readouterr().out.startswith("1 spans")
    assert purge(store, "--conversation", "jane@example.com") == 0
    assert [each.conversation_id for each in read_spans(store)] == ["c-2"]
    record = (store / "erasures.jsonl").read_text()
    assert "jane" not in record + capsys.readouterr().out
    assert "[CONVERSATION_ID:k1:" in record


def test_without_the_key_a_raw_id_is_not_written_down(two: Path) -> None:
    """Nothing but that something was erased."""
    assert purge(two, "--conversation", "c-2") == 0
    assert "c-2" not in (two / "erasures.jsonl").read_text()


def test_what_could_not_be_erased_is_bad_news(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1, and what to do."""
    store = tmp_path / "s"
    sdk = convqa.configure(service_name="bot", store=store)
    with convqa.turn("c-1"):
        pass
    sdk.flush(5)
    assert purge(store, "--conversation", "c-1") == 1
    assert "NOT erased: 1 spans in 1 segments that are being written" in capsys.readouterr().out
    sdk.shutdown(5)


def test_exactly_one_selection(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """None and two are both wrong."""
    for words in ([], ["--customer", "x", "--conversation", "y"]):
        with pytest.raises(SystemExit) as ended:
            purge(two, *words)
        assert ended.value.code == 2


def test_a_missing_store(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2."""
    assert purge(tmp_path / "nowhere", "--older-than", "1d") == 2
    assert "no telemetry store" in capsys.readouterr().err


def test_the_record(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Is listed, for people and for machines; a record that was changed is exit code 2."""
    assert main(["store", "erasures", "--store", str(two)]) == 0
    assert "Nothing was erased" in capsys.readouterr().out
    purge(two, "--customer", JANE)
    capsys.readouterr()
    assert main(["store", "erasures", "--store", str(two)]) == 0
    assert JANE in capsys.readouterr().out
    assert main(["store", "erasures", "--store", str(two), "--json"]) == 0
    assert [each["state"] for each in json.loads(capsys.readouterr().out)] == ["begun", "done"]
    path = two / "erasures.jsonl"
    path.write_text(path.read_text().replace("customer", "nobody"))
    assert main(["store", "erasures", "--store", str(two)]) == 2
    assert "line 1 is not what was written" in capsys.readouterr().err


OLD, NEW = "an old key of the bot's own" * 2, "a new key of the bot's own" * 2


@pytest.fixture
def rotated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store whose key was rotated: one customer and one conversation under the old key, then under the new one."""
    store = tmp_path / "rotated"
    monkeypatch.delenv("CONVQA_KEY", raising=False)
    monkeypatch.delenv("CONVQA_KEY_ID", raising=False)
    for key in ({"k1": OLD}, {"k2": NEW, "k1": OLD}):
        sdk = convqa.configure(service_name="bot", store=store, key=key)
        with convqa.turn("jane@example.com", account_id="a-1"):
            pass
        sdk.shutdown(5)
    return store


@pytest.mark.parametrize("which", [("--customer", "a-1"), ("--conversation", "jane@example.com")])
@pytest.mark.parametrize("environment", [{}, {"CONVQA_KEY": NEW}, {"CONVQA_KEY": NEW, "CONVQA_KEY_ID": "k2"}])
def test_an_id_without_all_keys(
    rotated: Path,
    which: tuple[str, str],
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Is refused, since an erasure that misses what an absent key hides is none; nothing is written down."""
    for name, text in environment.items():
        monkeypatch.setenv(name, text)
    assert purge(rotated, *which) == 2
    assert capsys.readouterr().err == (
        "convqa store: an id needs the key; the store holds pseudonyms under k1, k2; "
        "set CONVQA_KEY and CONVQA_KEY_ID, or give the pseudonym\n"
    )
    assert len(list(read_spans(rotated))) == 2
    assert not (rotated / "erasures.jsonl").exists()


@pytest.mark.parametrize("which", [("--customer", "a-1"), ("--conversation", "jane@example.com")])
def test_an_id_across_a_rotation(rotated: Path, which: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """With all keys in the variable everything goes, and the record names the pseudonyms that were stored."""
    monkeypatch.setenv("CONVQA_KEY", json.dumps({"k2": NEW, "k1": OLD}))
    stored = {
        str(each.attributes["convqa.account.id"]) if which[0] == "--customer" else each.conversation_id
        for each in read_spans(rotated)
    }
    assert len(stored) == 2
    assert purge(rotated, *which) == 0
    assert not list(read_spans(rotated))
    record = (rotated / "erasures.jsonl").read_text().splitlines()
    assert set(json.loads(record[0])["selector"]["id"].split()) == stored


def test_an_id_that_nothing_has(
    rotated: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Is bad news, whether there is none or the key is another's; nothing is written down."""
    monkeypatch.setenv("CONVQA_KEY", json.dumps({"k2": OLD, "k1": NEW}))
    assert purge(rotated, "--customer", "a-1") == 1
    assert "nothing in this store has that id" in capsys.readouterr().err
    assert not (rotated / "erasures.jsonl").exists()
