"""`convqa vault`: keys, reading with a reason, retention, tampering; messages and exit codes."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

import convqa_sdk as convqa
from convqa_sdk.cli import main
from convqa_sdk.export.sdk import configure
from convqa_sdk.redaction.chain import link, read_chain
from convqa_sdk.redaction.vault import VaultWriter
from convqa_sdk.redaction.vault_log import LOG
from convqa_sdk.redaction.vault_reader import find, read_files

SAID = "I am Jane of Mill Lane"
PHONE = "+48601234567"


@dataclass
class Made:
    """A vault with two sealed turns, beside the store with their spans."""

    folder: Path
    store: Path
    key: Path
    public: str

    @property
    def file(self) -> Path:
        (path,) = self.folder.glob("records-*.jsonl")
        return path

    @property
    def refs(self) -> list[str]:
        return [str(record.reference) for record in find(read_files(self.folder))]

    def open(
        self,
        *words: str,
        key: Path | None = None,
        reviewer: str = "r-7",
        reason: str = "complaint",
        store: Path | None = None,
    ) -> int:
        where = ["--vault", str(self.folder), "--store", str(store or self.store), "--key", str(key or self.key)]
        return main(["vault", "open", *words, *where, "--reviewer", reviewer, "--reason", reason])

    def cut(self, line: int) -> None:
        """Cut the file in the middle of a line, counted from 1."""
        lines = self.file.read_bytes().splitlines(keepends=True)
        self.file.write_bytes(b"".join(lines[: line - 1]) + lines[line - 1][:-50])

    def verify(self, *words: str) -> int:
        return main(["vault", "verify", "--vault", str(self.folder), *words])

    def purge(self, *words: str) -> int:
        return main(["vault", "purge", "--vault", str(self.folder), *words])

    @property
    def log(self) -> list[dict[str, Any]]:
        return [line.body for line in read_chain(self.folder / LOG).lines]


@pytest.fixture
def made(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Made]:
    """Made by the commands and the SDK as users make it."""
    for name in ("CONVQA_VAULT", "CONVQA_STORE", "CONVQA_KEY", "OTEL_EXPORTER_OTLP_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    assert main(["vault", "keygen", str(tmp_path / "private.key")]) == 0
    public = capsys.readouterr().out.strip()
    vault = Made(tmp_path / "vault", tmp_path / "store", tmp_path / "private.key", public)
    sdk = configure("bot", store=vault.store, vault=convqa.Vault(vault.folder, public))
    for conversation in ("c-1", PHONE):
        with convqa.turn(conversation, SAID) as turn:
            turn.seal("incident").answer("Hello")
    assert sdk.flush()
    sdk.shutdown()
    yield vault
    from convqa_sdk.export import sdk as module

    module._current = None


@pytest.fixture
def old(made: Made) -> Made:
    """The same, with a record in another file whose time is over."""
    writer = VaultWriter(convqa.Vault(made.folder, made.public, retain_days=1))
    then = datetime.now(timezone.utc) - timedelta(days=9)
    writer.seal({"turn": {}}, int(then.timestamp() * 1e9), reasons=["incident"], conversation_id="c-old")
    writer.close()
    return made


class TestKeygen:
    def test_it_prints_the_public_key_alone(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Standard output is what `CONVQA_VAULT_PUBLIC_KEY` takes; the private key is in a file of mode 0600."""
        assert main(["vault", "keygen", str(tmp_path / "k")]) == 0
        out, err = capsys.readouterr()
        assert out.startswith("convqa-vault-public-")
        assert (tmp_path / "k").read_text().strip() not in out + err
        assert stat.S_IMODE((tmp_path / "k").stat().st_mode) == 0o600
        assert convqa.Vault(tmp_path, out.strip())
        assert (tmp_path / "k.pub").read_text() == out

    def test_json(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Public key, fingerprint and file, and nothing private."""
        assert main(["vault", "keygen", "--json", str(tmp_path / "k")]) == 0
        given = json.loads(capsys.readouterr().out)
        assert set(given) == {"public_key", "fingerprint", "private_key_file"}

    def test_a_fingerprint(self, made: Made, capsys: pytest.CaptureFixture[str]) -> None:
        """`fingerprint` prints that of either half, which `keygen` and the message of a wrong key name."""
        assert main(["vault", "keygen", str(made.folder / "k")]) == 0
        told = capsys.readouterr().err
        printed = []
        for name in ("k", "k.pub"):
            assert main(["vault", "fingerprint", str(made.folder / name)]) == 0
            printed.append(capsys.readouterr().out.strip())
        assert printed[0] == printed[1]
        assert f"fingerprint {printed[0]}" in told
        assert main(["vault", "fingerprint", str(made.file)]) == 2
        assert main(["vault", "fingerprint", str(made.folder / "none")]) == 2
        assert "no key at" in capsys.readouterr().err

    def test_a_key_is_never_written_over(self, made: Made, capsys: pytest.CaptureFixture[str]) -> None:
        """Exit code 2, and the old one stays."""
        before = made.key.read_text()
        assert main(["vault", "keygen", str(made.key)]) == 2
        assert "never written over" in capsys.readouterr().err
        assert made.key.read_text() == before


class TestOpen:
    def test_a_reference(self, made: Made, capsys: pytest.CaptureFixture[str]) -> None:
        """The record is shown, after the log has taken who and why."""
        assert made.open(made.refs[0]) == 0
        out, err = capsys.readouterr()
        assert SAID in out
        assert "for incident" in out
        assert err == ""
        (entry,) = made.log
        assert (entry["reviewer"], entry["reason"], entry["records"]) == ("r-7", "complaint", made.refs[:1])

    def test_the_reference_of_a_span(self, made: Made, capsys: pytest.CaptureFixture[str]) -> None:
        """`convqa show` names it."""
        assert main(["show", "c-1", "--store", str(made.store)]) == 0
        assert f"sealed  {made.refs[0]}" in capsys.readouterr().out

    def test_a_conversation(self, made: Made, capsys: pytest.CaptureFixture[str]) -> None:
        """By the id that the bot gave it, also where that was pseudonymised for holding a telephone number."""
        for conversation in ("c-1", PHONE):
            assert made.open("--conversation", conversation, "--json") == 0
            (record,) = json.loads(capsys.readouterr().out)["records"]
            assert record["content"]["turn"]["conversation_id"] == conversation

    def test_a_conversation_whose_key_is_elsewhere(self, made: Made, capsys: pytest.CaptureFixture[str]) -> None:
        """Without the key of its pseudonyms an id is not found, and that is said; by its pseudonym it is found."""
        pseudonym = find(read_files(made.folder))[1].header["conversation_id"]
        assert made.open("--conversation", PHONE, store=made.folder / "none") == 2
        err = capsys.readouterr().err
        assert "no record of that" in err
        assert "no key of the pseudonyms (CONVQA_KEY, or the file beside --store)" in err
        assert made.open("--conversation", pseudonym, store=made.folder / "none") == 0
        assert "no key of the pseudonyms" not in capsys.readouterr().err
        assert made.open("--conversation", "c-9") == 2
        assert "no key of the pseudonyms" not in capsys.readouterr().err

    def test_a_trace(self, made: Made, capsys: pytest.CaptureFixture[str]) -> None:
        """All records of it, as JSON with their headers."""
        trace = find(read_files(made.folder))[0].header["trace_id"]
        assert made.open("--trace", trace.upper(), "--json") == 0
        given = json.loads(capsys.readouterr().out)
        assert given["problems"] == []
        assert [(r["ref"], r["trace_id"], r["reasons"]) for r in given["records"]] == [
            (made.refs[0], trace, ["incident"])
        ]

    def test_the_terminal_is_safe(self, made: Made, capsys: pytest.CaptureFixture[str]) -> None:
        """What a customer wrote gives no orders to a terminal."""
        writer = VaultWriter(convqa.Vault(made.folder, made.public))
        ref = writer.seal({"a": "\x9b31m\u202eevil\ud800 zażółć"}, 10**18, reasons=["incident"])
        writer.close()
        assert made.open(ref) == 0
        out = capsys.readouterr().out
        assert "zażółć" in out
        assert not {"\x9b", "\u202e", "\ud800"} & set(out)

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            ((), "name what to open"),
            (("x", "--trace", "y"), "name what to open"),
            (("vault-x",), "this is no reference"),
            (("c-1",), "--conversation ID"),
            ((), "a REFERENCE as in convqa.vault.ref of a span, --trace ID, or --conversation ID"),
            (("vault-" + "a" * 16 + "-1-" + "a" * 32,), "unknown reference"),
            (("--trace", "f" * 32), "no record of that"),
            (("--conversation", "c-9"), "no record of that"),
        ],
    )
    def test_unknown(self, made: Made, words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
        """Exit code 2, with what is accepted; no access is logged, because there was none."""
        assert made.open(*words) == 2
        assert said in capsys.readouterr().err
        assert made.log == [] if (made.folder / LOG).exists() else True

    def test_a_missing_key(self, made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Exit code 2 with the file's name; the option itself is required too."""
        assert made.open(made.refs[0], key=tmp_path / "nowhere") == 2
        assert "no private key at" in capsys.readouterr().err
        with pytest.raises(SystemExit) as stopped:
            main(["vault", "open", made.refs[0], "--reviewer", "r", "--reason", "x"])
        assert stopped.value.code == 2

    def test_a_wrong_key(self, made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Exit code 2, nothing shown, and the attempt is in the log."""
        main(["vault", "keygen", str(tmp_path / "other")])
        capsys.readouterr()
        assert made.open(made.refs[0], key=tmp_path / "other") == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert "wrong key" in err
        assert [(entry["kind"], entry["outcome"]) for entry in made.log] == [("attempt", "wrong key")]

    @pytest.mark.parametrize("who", [{"reviewer": " "}, {"reason": ""}])
    def test_no_reviewer_or_no_reason(
        self, made: Made, who: dict[str, str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Exit code 2, nothing shown."""
        assert made.open(made.refs[0], **who) == 2
        out, err = capsys.readouterr()
        assert SAID not in out
        assert f"--{next(iter(who))}: say it" in err

    def test_the_reason_is_redacted_in_the_log(self, made: Made) -> None:
        """The log is kept longer than the records, so it takes no address of a customer; ticket numbers stay."""
        assert made.open(made.refs[0], reason="complaint 4711 of jane@example.com") == 0
        assert [entry["reason"] for entry in made.log] == ["complaint 4711 of [EMAIL]"]

    def test_a_log_that_cannot_be_written(self, made: Made, capsys: pytest.CaptureFixture[str]) -> None:
        """Exit code 2, nothing shown."""
        (made.folder / LOG).mkdir()
        assert made.open(made.refs[0]) == 2
        out, err = capsys.readouterr()
        assert SAID not in out
        assert "nothing is opened" in err

    def test_a_file_cut_short(self, made: Made, capsys: pytest.CaptureFixture[str]) -> None:
        """What is whole is still shown; that the file is cut is said, with exit code 1."""
        refs = made.refs
        made.cut(3)
        assert made.open(refs[0]) == 1
        out, err = capsys.readouterr()
        assert SAID in out
        assert f"{made.file.name} was cut short at line 3" in err
        assert made.open(refs[1]) == 1
        assert f"{made.file.name} was cut short at line 3" in capsys.readouterr().err

    def test_a_file_that_was_tampered_with(self, made: Made, capsys: pytest.CaptureFixture[str]) -> None:
        """A record that is whole is shown, and exit code 1 says that its file is not."""
        refs = made.refs
        made.file.write_bytes(made.file.read_bytes().replace(b"default-1", b"default-2", 1))
        assert made.open(refs[1]) == 1
        out, err = capsys.readouterr()
        assert SAID in out
        assert f"{made.file.name} was tampered with: line 2 was altered" in err
        assert made.open(refs[0]) == 1
        assert "tampering" in capsys.readouterr().err

    @pytest.mark.parametrize("store", [True, False])
    @pytest.mark.parametrize("by", ["conversation", "trace"])
    @pytest.mark.parametrize("harm", ["altered", "cut"])
    def test_a_record_that_is_gone_from_a_damaged_file(
        self, made: Made, harm: str, by: str, store: bool, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Nobody is told that nothing was sealed: exit code 1 names file and line, and that records may be missing."""
        last = find(read_files(made.folder))[1].header
        wanted = {"conversation": last["conversation_id"], "trace": last["trace_id"]}[by]
        if harm == "cut":
            made.cut(3)
        else:
            lines = made.file.read_bytes().splitlines(keepends=True)
            made.file.write_bytes(b"".join([*lines[:2], lines[2].replace(b"incident", b"accident"), *lines[3:]]))
        assert made.open(f"--{by}", wanted, store=made.store if store else made.folder / "none") == 1
        out, err = capsys.readouterr()
        assert out == ""
        assert made.file.name in err
        assert {"cut": "was cut short at line 3", "altered": "line 3 was altered"}[harm] in err
        assert "records may be missing" in err
        assert "no record of that" not in err

    def test_a_file_that_was_cut_at_a_line(self, made: Made, capsys: pytest.CaptureFixture[str]) -> None:
        """It looks like one that is still written: that is said where a record is missing, with what tells."""
        made.file.write_bytes(b"".join(made.file.read_bytes().splitlines(keepends=True)[:1]))
        assert made.open("--conversation", "c-1", store=made.folder / "none") == 2
        err = capsys.readouterr().err
        assert "no record of that" in err
        assert "1 files have no end" in err
        assert "verify --store" in err

    @pytest.mark.parametrize("harm", ["cut at a line", "deleted"])
    @pytest.mark.parametrize("by", ["conversation", "trace"])
    def test_a_span_of_the_store_knows_what_the_vault_has_lost(
        self, made: Made, by: str, harm: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Exit code 1 with the reference, where the vault itself shows nothing; a purge is called one."""
        last, name = find(read_files(made.folder))[1], made.file.name
        wanted = {"conversation": PHONE, "trace": last.header["trace_id"]}[by]
        raw = made.file.read_bytes()
        made.file.unlink()
        if harm != "deleted":
            (made.folder / name).write_bytes(b"".join(raw.splitlines(keepends=True)[:2]))
        assert made.open(f"--{by}", wanted) == 1
        err = capsys.readouterr().err
        assert str(last.reference) in err
        assert "no record of that" not in err
        (made.folder / name).write_bytes(raw)
        assert made.purge("--conversation", PHONE, "--store", str(made.store)) == 0
        assert made.open(f"--{by}", wanted) == 2
        assert "was purged" in capsys.readouterr().err

    def test_another_file_that_is_damaged(self, old: Made, capsys: pytest.CaptureFixture[str]) -> None:
        """It may have held more of the conversation, which is said; one reference has nothing to do with it."""
        (reference,) = [str(record.reference) for record in find(read_files(old.folder), conversations=["c-old"])]
        damaged = next(path for path in old.folder.glob("records-*") if reference.split("-")[1] not in path.name)
        damaged.write_bytes(damaged.read_bytes()[:-9])
        assert old.open("--conversation", "c-old") == 1
        out, err = capsys.readouterr()
        assert reference in out
        assert f"{damaged.name} was cut short at line 4" in err
        assert old.open(reference) == 0

    def test_a_header_that_was_edited_with_all_digests(self, made: Made, capsys: pytest.CaptureFixture[str]) -> None:
        """The content is not shown under a header that is not its own."""
        lines = read_chain(made.file).lines
        previous, pieces = lines[0].previous, []
        for line in lines:
            body = {**line.body, "conversation_id": "c-2"} if line.number == 1 else line.body
            raw, previous = link(line.number, previous, body)
            pieces.append(raw)
        made.file.write_bytes(b"".join(pieces))
        assert made.open("--conversation", "c-2") == 1
        out, err = capsys.readouterr()
        assert SAID not in out
        assert "do not belong together" in err


class TestVerify:
    def test_a_whole_vault(self, made: Made, capsys: pytest.CaptureFixture[str]) -> None:
        """Exit code 0; with the key headers and contents are compared, and nothing is shown or logged."""
        assert made.verify("--key", str(made.key), "--store", str(made.store)) == 0
        out = capsys.readouterr().out
        assert "nothing was tampered with: 2 records in 1 files, 0 purged, 2 opened" in out
        assert "2 references of spans looked up" in out
        assert SAID not in out
        assert not (made.folder / LOG).exists()

    def test_json(self, made: Made, capsys: pytest.CaptureFixture[str]) -> None:
        """All counts, for machines."""
        assert made.verify("--json") == 0
        given = json.loads(capsys.readouterr().out)
        assert (given["good"], given["records"], given["torn"], given["problems"]) == (True, 2, [], [])

    def test_tampering(self, made: Made, capsys: pytest.CaptureFixture[str]) -> None:
        """Exit code 1, with file and line."""
        made.file.write_bytes(made.file.read_bytes().replace(b"incident", b"accident", 1))
        assert made.verify() == 1
        out = capsys.readouterr().out
        assert f"{made.file.name}: line 2 was altered" in out
        assert "TAMPERED WITH" in out
        assert made.verify("--json") == 1
        assert json.loads(capsys.readouterr().out)["good"] is False

    def test_a_file_cut_short(self, made: Made, capsys: pytest.CaptureFixture[str]) -> None:
        """Exit code 1, and it is not called tampering: a crash does the same."""
        made.file.write_bytes(made.file.read_bytes()[:-10])
        assert made.verify() == 1
        out = capsys.readouterr().out
        assert "cut short in its last line" in out
        assert "TAMPERED" not in out

    def test_a_deleted_file(self, made: Made, capsys: pytest.CaptureFixture[str]) -> None:
        """The spans of the store remember it."""
        made.file.unlink()
        assert made.verify() == 0
        assert made.verify("--store", str(made.store)) == 1
        assert "unknown reference" in capsys.readouterr().out

    def test_a_wrong_key(self, made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Exit code 2: contents were not compared, so nobody is told that nothing was tampered with."""
        main(["vault", "keygen", str(tmp_path / "other")])
        capsys.readouterr()
        assert made.verify("--key", str(tmp_path / "other")) == 2
        out = capsys.readouterr().out
        assert "the key fits none of the 2 records; headers were not compared with contents" in out
        assert "nothing was tampered with" not in out
        assert made.verify("--key", str(tmp_path / "other"), "--json") == 2
        given = json.loads(capsys.readouterr().out)
        assert (given["good"], given["without_key"]) == (False, 2)
        made.cut(3)
        assert made.verify("--key", str(tmp_path / "other")) == 1

    def test_a_second_key(self, made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Where keys were changed, records that none of those given fits are counted."""
        main(["vault", "keygen", str(tmp_path / "other")])
        writer = VaultWriter(convqa.Vault(made.folder, capsys.readouterr().out))
        writer.seal({}, 10**18, reasons=["incident"])
        writer.close()
        assert made.verify("--key", str(made.key)) == 0
        assert "2 opened to compare header and content, 1 for other keys" in capsys.readouterr().out
        assert made.verify("--key", str(made.key), "--key", str(tmp_path / "other")) == 0
        out = capsys.readouterr().out
        assert "3 opened to compare header and content" in out
        assert "other keys" not in out

    def test_no_vault(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Exit code 2, with what to do."""
        assert main(["vault", "verify", "--vault", str(tmp_path / "nowhere")]) == 2
        assert "CONVQA_VAULT" in capsys.readouterr().err


class TestPurge:
    def test_what_is_over_goes(self, old: Made, capsys: pytest.CaptureFixture[str]) -> None:
        """It is said and logged; the rest opens, and the vault verifies."""
        assert old.purge() == 0
        assert "1 records removed, 2 kept" in capsys.readouterr().out
        assert [entry["kind"] for entry in old.log] == ["purge"]
        assert old.verify("--key", str(old.key), "--store", str(old.store)) == 0
        assert len(old.refs) == 2

    def test_a_dry_run(self, old: Made, capsys: pytest.CaptureFixture[str]) -> None:
        """It says the same and does nothing."""
        assert old.purge("--dry-run", "--json") == 0
        given = json.loads(capsys.readouterr().out)
        assert (given["dry_run"], given["records"], given["kept"]) == (True, 1, 2)
        assert len(old.refs) == 3

    def test_what_was_purged_is_said_when_it_is_opened(self, old: Made, capsys: pytest.CaptureFixture[str]) -> None:
        """Exit code 2."""
        (reference,) = [str(r.reference) for r in find(read_files(old.folder), conversations=["c-old"])]
        old.purge()
        assert old.open(reference) == 2
        assert "was purged" in capsys.readouterr().err

    def test_a_file_that_was_tampered_with_is_left_alone(self, old: Made, capsys: pytest.CaptureFixture[str]) -> None:
        """Exit code 1: somebody has to look."""
        for path in old.folder.glob("records-*.jsonl"):
            path.write_bytes(path.read_bytes().replace(b'"kind":"end"', b'"kind":"fin"'))
        assert old.purge() == 1
        assert "kept as evidence" in capsys.readouterr().err

    @pytest.mark.parametrize("conversation", ["c-1", PHONE])
    def test_a_conversation_is_erased_before_its_date(
        self, old: Made, conversation: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """By the id that the bot gave it, also where that was pseudonymised; all others stay, and the chain holds."""
        words = ("--conversation", conversation, "--store", str(old.store))
        refs = old.refs
        assert old.purge(*words, "--dry-run") == 0
        assert "1 records would be removed, 2 kept" in capsys.readouterr().out
        assert old.refs == refs
        assert old.purge(*words) == 0
        assert "1 records removed, 2 kept" in capsys.readouterr().out
        assert old.verify("--key", str(old.key), "--store", str(old.store)) == 0
        assert "1 purged" in capsys.readouterr().out
        assert old.open("--conversation", conversation) == 2
        (gone,) = set(refs) - set(old.refs)
        assert old.open(gone) == 2
        assert "was purged" in capsys.readouterr().err
        (entry,) = old.log
        assert (entry["kind"], entry["why"], entry["records"]) == ("purge", "erased", 1)
        assert conversation not in (old.folder / LOG).read_text()

    def test_a_conversation_is_erased_by_its_pseudonym(self, made: Made) -> None:
        """As a span has it; no key is needed."""
        pseudonym = find(read_files(made.folder))[1].header["conversation_id"]
        assert pseudonym.startswith("[CONVERSATION_ID:")
        assert made.purge("--conversation", pseudonym, "--store", str(made.folder / "none")) == 0
        assert len(made.refs) == 1

    def test_a_conversation_that_is_not_there(self, made: Made, capsys: pytest.CaptureFixture[str]) -> None:
        """Nothing is removed or logged, and it is said that without the key only ids in clear are found."""
        assert made.purge("--conversation", "c-9", "--store", str(made.folder / "none")) == 0
        out, err = capsys.readouterr()
        assert "0 records removed, 2 kept" in out
        assert "no key of the pseudonyms" in err
        assert made.log == []

    def test_an_erasure_in_a_damaged_file(self, made: Made, capsys: pytest.CaptureFixture[str]) -> None:
        """It is not done, which exit code 1 says."""
        made.cut(3)
        assert made.purge("--conversation", "c-1") == 1
        assert "cut short at line 3" in capsys.readouterr().err

    @pytest.mark.parametrize("words", [(), ("--dry-run",)])
    @pytest.mark.parametrize("harm", ["altered", "cut"])
    def test_damage_is_said_also_where_nothing_is_over(
        self, made: Made, harm: str, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The daily purge is what an operator reads: exit code 1 with file and line, and not a byte changes."""
        if harm == "cut":
            made.cut(3)
        else:
            made.file.write_bytes(made.file.read_bytes().replace(b"incident", b"accident", 1))
        before = made.file.read_bytes()
        assert made.purge(*words) == 1
        err = capsys.readouterr().err
        assert f"left alone: {made.file.name}" in err
        assert {"cut": "cut short at line 3", "altered": "line 2 was altered"}[harm] in err
        assert made.file.read_bytes() == before
