"""The vault: sealed for one key, bound line to line, kept for a time, read with a reason."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convqa_sdk.errors import ConfigurationError, VaultError
from convqa_sdk.redaction.chain import NOTHING, Line, link, read_chain
from convqa_sdk.redaction.vault import Vault, VaultWriter
from convqa_sdk.redaction.vault_access import open_records
from convqa_sdk.redaction.vault_keys import PrivateKey, generate, private_key
from convqa_sdk.redaction.vault_log import LOG, open_log
from convqa_sdk.redaction.vault_purge import purge
from convqa_sdk.redaction.vault_reader import DamagedError, Record, find, look_up, read_files, unseal
from convqa_sdk.redaction.vault_verify import verify

START = datetime(2026, 5, 1, tzinfo=timezone.utc)
DAY = timedelta(days=1)
NOW = START + 3 * DAY


def ns(when: datetime) -> int:
    """Unix nanoseconds."""
    return int(when.timestamp()) * 1_000_000_000


class Kept:
    """A vault with its writer and its key."""

    def __init__(self, folder: Path, **more: Any) -> None:
        self.folder = folder / "vault"
        self.key_file = folder / "private.key"
        self.public = generate(self.key_file)
        self.key = private_key(self.key_file)
        self.vault = Vault(self.folder, self.public, **more)
        self.writer = VaultWriter(self.vault)

    def seal(self, content: dict[str, Any] | None = None, day: int = 0, **header: object) -> str:
        about = {"reasons": ["incident"], "trace_id": "0" * 31 + "1", "conversation_id": "c-1"} | header
        return self.writer.seal(content if content is not None else {"n": day}, ns(START + day * DAY), **about)

    def content(self, reference: str, *keys: PrivateKey) -> dict[str, Any]:
        return unseal(look_up(read_files(self.folder), reference), keys or (self.key,))

    def read(self, *records: Record, reviewer: str = "r-7", reason: str = "complaint 12") -> Any:
        return open_records(self.folder, records, [self.key], reviewer=reviewer, reason=reason, now=NOW)

    @property
    def file(self) -> Path:
        (path,) = self.folder.glob("records-*.jsonl")
        return path

    @property
    def lines(self) -> list[bytes]:
        return self.file.read_bytes().splitlines(keepends=True)

    def rewrite(self, lines: list[bytes]) -> None:
        self.file.write_bytes(b"".join(lines))

    def chained(self, bodies: list[dict[str, Any]]) -> None:
        """Write the file anew as somebody would who knows how lines are chained, but has no key."""
        pieces: list[bytes] = []
        previous = NOTHING
        for number, body in enumerate(bodies):
            line, previous = link(number, previous, body)
            pieces.append(line)
        self.rewrite(pieces)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [dict(line.body) for line in read_chain(self.file).lines]


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    """An empty vault that keeps records for thirty days."""
    vault = Kept(tmp_path, retain_days=30)
    yield vault
    vault.writer.close()


@pytest.fixture
def three(kept: Kept) -> Kept:
    """Three records of three days, in a file that has ended."""
    for day in range(3):
        kept.seal({"message": f"I am Jane {day}"}, day)
    kept.writer.close()
    return kept


JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters()),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(), max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


class TestSealing:
    def test_a_record_has_its_header_in_clear_and_its_content_sealed(self, kept: Kept) -> None:
        """Reason, trace, policy, key and dates can be read by all; not a word of the content can."""
        reference = kept.seal({"message": "I am Jane"}, policy_version="p-1")
        header = look_up(read_files(kept.folder), reference).header
        assert header["reasons"] == ["incident"]
        assert header["policy_version"] == "p-1"
        assert header["key_id"] == kept.vault.key_id
        assert (header["sealed_at"], header["retain_until"]) == ("2026-05-01T00:00:00Z", "2026-05-31T00:00:00Z")
        assert b"Jane" not in kept.file.read_bytes()

    @settings(max_examples=60)
    @given(st.dictionaries(st.text(st.characters()), JSON, max_size=5))
    def test_what_was_sealed_is_what_is_opened(
        self, tmp_path_factory: pytest.TempPathFactory, content: dict[str, Any]
    ) -> None:
        """Any content that JSON can hold comes back as it was, in any script and with lone surrogates."""
        vault = Kept(tmp_path_factory.mktemp("v"))
        reference = vault.seal(content)
        vault.writer.close()
        assert vault.content(reference) == content

    def test_a_large_content_round_trips(self, kept: Kept) -> None:
        """Also one that is written in many pieces."""
        content = {"text": "zażółć " * 20_000, "more": ["x" * 50_000] * 3}
        assert kept.content(kept.seal(content)) == content

    def test_a_full_file_is_followed_by_another(self, kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
        """Each ends as such, and each is a chain of its own."""
        monkeypatch.setattr("convqa_sdk.redaction.vault.FILE_BYTES", 1_500)
        for day in range(5):
            kept.seal(day=day)
        kept.writer.close()
        verdict = verify(kept.folder, [kept.key])
        assert (verdict.good, verdict.opened, verdict.unended) == (True, 5, 0)
        assert verdict.files > 1

    def test_an_old_file_is_followed_by_another(self, kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
        """A bot that runs for ever leaves files that have ended."""
        kept.seal()
        monkeypatch.setattr("convqa_sdk.redaction.vault.FILE_AGE_S", 0.0)
        kept.seal()
        assert verify(kept.folder).files == 2

    def test_threads_share_a_file(self, kept: Kept) -> None:
        """One chain, whoever seals."""
        with ThreadPoolExecutor(8) as pool:
            references = list(pool.map(lambda day: kept.seal({"n": day}, day), range(60)))
        kept.writer.close()
        assert [kept.content(reference)["n"] for reference in references] == list(range(60))
        assert verify(kept.folder, [kept.key], references).good

    def test_only_the_owner_reads_the_files(self, three: Kept) -> None:
        """Files are 0600 and the folder 0700, whatever the umask allows."""
        assert stat.S_IMODE(three.file.stat().st_mode) == 0o600
        assert stat.S_IMODE(three.folder.stat().st_mode) == 0o700

    def test_the_bot_cannot_read_what_it_sealed(self, kept: Kept) -> None:
        """A writer, and all that it refers to, holds no key that opens."""
        kept.seal()
        with pytest.raises(Exception, match="cannot decrypt"):
            kept.writer._box.decrypt(b"x" * 64)

    def test_too_large_a_content_is_refused(self, tmp_path: Path) -> None:
        """A record stays within `max_bytes`; what was written before stays whole."""
        vault = Kept(tmp_path, max_bytes=1_000)
        vault.seal()
        with pytest.raises(ValueError, match="larger than the vault takes"):
            vault.seal({"text": "x" * 1_000})
        vault.seal()
        vault.writer.close()
        assert verify(vault.folder, [vault.key]).opened == 2

    def test_what_json_cannot_hold_becomes_the_name_of_its_type(self, kept: Kept) -> None:
        """An object in the content costs its own value and nothing else."""
        assert kept.content(kept.seal({"a": object(), "b": 1})) == {"a": "<object>", "b": 1}

    def test_a_forked_child_has_its_own_file(self, three: Kept) -> None:
        """Parent and child write two chains, both whole."""
        three.seal()
        child = os.fork()
        if not child:
            try:
                three.seal({"child": True})
                three.writer.close()
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        three.seal()
        three.writer.close()
        verdict = verify(three.folder, [three.key])
        assert (verdict.good, verdict.files, verdict.records, verdict.unended) == (True, 3, 6, 0)

    def test_a_full_disk_costs_the_record_only(self, kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
        """A piece of a line is taken back, no files pile up, and later records join the same chain."""
        kept.seal()
        real = os.write
        monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, data[:20]))
        for _ in range(3):
            with pytest.raises(OSError, match="short write"):
                kept.seal()
        monkeypatch.undo()
        kept.seal()
        kept.writer.close()
        verdict = verify(kept.folder, [kept.key])
        assert (verdict.good, verdict.files, verdict.records) == (True, 1, 2)

    def test_a_disk_that_is_full_from_the_start_leaves_no_empty_file(
        self, kept: Kept, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An empty file would look like one that was cut."""
        monkeypatch.setattr(os, "write", lambda descriptor, data: 0)
        with pytest.raises(OSError, match="short write"):
            kept.seal()
        assert list(kept.folder.iterdir()) == []

    def test_a_file_that_was_deleted_is_not_written_to(self, kept: Kept) -> None:
        """Whoever deletes the file of a running bot loses that one; the next record begins another."""
        kept.seal()
        kept.file.unlink()
        assert kept.content(kept.seal({"later": 1})) == {"later": 1}

    def test_an_unwritable_folder_raises_nothing_but_oserror(self, tmp_path: Path) -> None:
        """Where the folder cannot be made, sealing says so; whoever calls it goes on."""
        (tmp_path / "vault").write_text("a file")
        vault = Kept(tmp_path)
        with pytest.raises(OSError, match="exists"):
            vault.seal()


class TestSettings:
    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"folder": " "}, "folder"),
            ({"public_key": "abc"}, "public_key: give what"),
            ({"public_key": b"short"}, "public_key"),
            ({"public_key": None}, "public_key"),
            ({"key_id": "a b"}, "key_id"),
            ({"retain_days": 0}, "retain_days"),
            ({"retain_days": True}, "retain_days"),
            ({"retain_days": 1.5}, "retain_days"),
            ({"reasons": "incident"}, "reasons"),
            ({"reasons": ()}, "reasons"),
            ({"reasons": ["jane@example.com"]}, "reasons"),
            ({"audit_sample": 1.1}, "audit_sample"),
            ({"audit_sample": float("nan")}, "audit_sample"),
            ({"reasons": ["incident"], "audit_sample": 0.5}, "audit_sample: .*add audit_sample to reasons"),
            ({"max_bytes": 10}, "max_bytes"),
        ],
    )
    def test_a_bad_setting_is_named_and_never_quoted(self, kept: Kept, given: dict[str, Any], said: str) -> None:
        """The message says which setting and what is accepted."""
        with pytest.raises(ConfigurationError, match=said) as error:
            Vault(**{"folder": kept.folder, "public_key": kept.public, **given})
        assert "abc" not in str(error.value)
        assert "jane" not in str(error.value)

    def test_a_private_key_is_not_taken_for_a_public_one(self, kept: Kept) -> None:
        """A bot that is given the key which opens is refused, and the key is not repeated."""
        private = kept.key_file.read_text().strip()
        with pytest.raises(ConfigurationError, match="this is a private key") as error:
            Vault(kept.folder, private)
        assert private[-20:] not in str(error.value)

    def test_a_key_that_cannot_be_sealed_for_is_refused(self, kept: Kept) -> None:
        """A point of low order is found when the writer is made, not at the first incident."""
        with pytest.raises(ConfigurationError, match="no key that can be sealed for"):
            VaultWriter(Vault(kept.folder, bytes(32)))

    def test_without_pynacl_the_extra_is_named(self, kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
        """The message says what to install."""
        monkeypatch.setitem(sys.modules, "nacl.public", None)
        with pytest.raises(ConfigurationError, match=r"convqa-sdk\[redaction\]"):
            VaultWriter(kept.vault)

    def test_a_vault_does_not_print_its_key(self, kept: Kept) -> None:
        """Not that it were secret: it is long."""
        assert kept.vault.public_key.hex() not in repr(kept.vault)  # type: ignore[union-attr]

    def test_pynacl_is_loaded_by_nobody_who_has_no_vault(self) -> None:
        """Neither the import, nor `configure()`, nor a turn loads it."""
        code = (
            "import sys, convqa_sdk as convqa\nfrom convqa_sdk.export.exporters import MemoryExporter\n"
            "sdk = convqa.configure('bot', exporters=MemoryExporter(), key='k' * 32)\n"
            "with convqa.turn('c-1', 'hi') as turn:\n    turn.answer('ho')\n"
            "assert sdk.flush()\nassert 'nacl' not in sys.modules\nassert 'cffi' not in sys.modules\n"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr


class TestKeys:
    def test_a_key_file_is_private_and_never_written_over(self, kept: Kept) -> None:
        """It has mode 0600, and a second `keygen` to the same place is refused."""
        assert stat.S_IMODE(kept.key_file.stat().st_mode) == 0o600
        with pytest.raises(VaultError, match="never written over"):
            generate(kept.key_file)

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("", "holds no private key"),
            ("convqa-vault-private-12", "holds no private key"),
            ("\udcff", "holds no private key"),
        ],
    )
    def test_what_is_no_key_is_said(self, tmp_path: Path, text: str, said: str) -> None:
        """An empty file, one that is cut short, and one of other bytes."""
        path = tmp_path / "k"
        path.write_bytes(text.encode(errors="surrogateescape"))
        with pytest.raises(VaultError, match=said):
            private_key(path)

    def test_a_missing_key_and_a_public_one_are_said(self, kept: Kept, tmp_path: Path) -> None:
        """Each with the file's name."""
        with pytest.raises(VaultError, match=r"no private key at .*nowhere"):
            private_key(tmp_path / "nowhere")
        kept.key_file.write_text(kept.public)
        with pytest.raises(VaultError, match="holds a public key, which seals"):
            private_key(kept.key_file)

    def test_a_key_that_others_can_read_is_refused(self, kept: Kept) -> None:
        """It says what to do."""
        kept.key_file.chmod(0o644)
        with pytest.raises(VaultError, match="chmod 600"):
            private_key(kept.key_file)

    def test_another_key_is_a_wrong_key(self, three: Kept, tmp_path: Path) -> None:
        """It says for which key the record was sealed, and does not call that tampering."""
        generate(tmp_path / "other")
        (record, *_) = find(read_files(three.folder))
        other = private_key(tmp_path / "other")
        with pytest.raises(VaultError, match=f"wrong key: .*{record.key}") as error:
            unseal(record, [other])
        assert str(error.value).count(record.key) == str(error.value).count(other.fingerprint) == 1

    def test_a_wrong_key_with_a_name_is_told_by_both(self, tmp_path: Path) -> None:
        """The name that the bot gave its key, and the fingerprint that tells which file is needed."""
        vault = Kept(tmp_path, key_id="audit-2026")
        vault.seal()
        vault.writer.close()
        (record,) = find(read_files(vault.folder))
        with pytest.raises(VaultError, match=rf"audit-2026 \(fingerprint {vault.key.fingerprint}\)"):
            unseal(record, [])


class TestTampering:
    @settings(max_examples=150)
    @given(data=st.data())
    def test_any_byte_that_is_changed_is_detected(
        self, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        """In records, in the vault's log and in what a purge left: no key is needed to see it."""
        vault = Kept(tmp_path_factory.mktemp("v"), retain_days=1)
        for day in range(4):
            vault.seal({"n": day}, day)
        if data.draw(st.booleans()):
            vault.writer.close()
        vault.read(*find(read_files(vault.folder)))
        purge(vault.folder, NOW)
        assert verify(vault.folder, [vault.key]).good
        path = data.draw(st.sampled_from(sorted(vault.folder.iterdir())))
        raw = bytearray(path.read_bytes())
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place] ^= data.draw(st.integers(1, 255))
        path.write_bytes(bytes(raw))
        assert not verify(vault.folder).good

    @settings(max_examples=60)
    @given(data=st.data())
    def test_a_file_that_is_cut_anywhere_is_cut_short(
        self, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        """Within a line it shows by itself; at a line the file has no end; and a reference tells in any case."""
        vault = Kept(tmp_path_factory.mktemp("v"))
        references = [vault.seal(day=day) for day in range(3)]
        vault.writer.close()
        raw = vault.file.read_bytes()
        keep = data.draw(st.integers(0, len(raw) - 1))
        vault.file.write_bytes(raw[:keep])
        verdict = verify(vault.folder)
        assert verdict.torn or verdict.problems or verdict.unended == 1
        if keep < len(raw) - len(raw.splitlines(keepends=True)[-1]):  # the last record is not whole any more
            assert not verify(vault.folder, references=references).good

    def test_a_header_that_is_edited_does_not_fit_its_content(self, three: Kept) -> None:
        """Also when all digests are made to fit: the sealed part knows its header."""
        bodies = three.bodies
        bodies[2]["retain_until"] = "2099-01-01T00:00:00Z"
        three.chained(bodies)
        assert verify(three.folder).good  # who has no key cannot know
        problems = verify(three.folder, [three.key]).problems
        assert any("header and content of" in problem and "do not belong together" in problem for problem in problems)

    def test_bodies_that_are_swapped_do_not_fit(self, three: Kept) -> None:
        """Two records' contents in each other's place are both found."""
        bodies = three.bodies
        bodies[1]["sealed"], bodies[2]["sealed"] = bodies[2]["sealed"], bodies[1]["sealed"]
        three.chained(bodies)
        assert len(verify(three.folder, [three.key]).problems) >= 2

    def test_a_record_that_was_dropped_shows(self, three: Kept) -> None:
        """Without mending by the gap; with mending because each record sealed its place."""
        bodies, lines = three.bodies, three.lines
        three.rewrite([*lines[:2], *lines[3:]])
        assert "number 2 is missing" in verify(three.folder).problems[0]
        three.chained([*bodies[:2], *bodies[3:]])
        assert verify(three.folder).good
        assert not verify(three.folder, [three.key]).good

    def test_a_line_that_was_replaced_shows(self, three: Kept) -> None:
        """With a digest of its own that fits, it is the next line that does not."""
        _, line, *_ = read_chain(three.file).lines
        raw, _ = link(line.number, line.previous, {**line.body, "reasons": ["audit_sample"]})
        head, _, *rest = three.lines
        three.rewrite([head, raw, *rest])
        assert "line 3 does not follow the line before it" in verify(three.folder).problems[0]

    def test_records_in_another_order_show(self, three: Kept) -> None:
        """The chain names the place."""
        first, a, b, *rest = three.lines
        three.rewrite([first, b, a, *rest])
        assert verify(three.folder).problems

    def test_a_line_that_is_there_twice_shows(self, three: Kept) -> None:
        """A repeated record is no second one."""
        first, a, *rest = three.lines
        three.rewrite([first, a, a, *rest])
        assert verify(three.folder).problems

    def test_a_forged_record_is_found_by_its_reference(self, kept: Kept) -> None:
        """Whoever has the bot's disk has the public key and can seal; only the span's digest tells."""
        reference = kept.seal({"message": "what really happened"})
        kept.writer.close()
        kept.file.unlink()
        forger = VaultWriter(kept.vault)
        forger.seal({"message": "nothing happened"}, ns(START), reasons=["incident"])
        forger.close()
        name = reference.split("-")[1]
        forged = kept.file
        head, *rest = kept.bodies
        kept.chained([{**head, "file": name}, *rest])
        forged.rename(forged.with_name(f"records-{name}.jsonl"))
        with pytest.raises(VaultError, match=r"tampering: .* holds another record"):
            look_up(read_files(kept.folder), reference)

    def test_a_file_under_another_name_shows(self, three: Kept) -> None:
        """References would lead to the wrong one."""
        three.file.rename(three.file.with_name("records-aaaaaaaaaaaaaaaa.jsonl"))
        assert "another file's name" in verify(three.folder).problems[0]

    def test_a_file_that_was_deleted_is_found_by_the_references(self, three: Kept) -> None:
        """The folder alone cannot know of it."""
        references = [str(record.reference) for record in find(read_files(three.folder))]
        three.file.unlink()
        assert verify(three.folder).good
        assert len(verify(three.folder, references=references).problems) == 3

    def test_a_deleted_file_is_found_by_the_log_that_names_it(self, three: Kept) -> None:
        """Whoever opened or purged records of it left their numbers there; no store is needed."""
        records = find(read_files(three.folder))
        three.read(*records[1:])
        purge(three.folder, START + 30 * DAY)
        name, raw = three.file.name, three.file.read_bytes()
        three.file.unlink()
        (problem,) = verify(three.folder).problems
        assert problem.startswith(f"{name} is gone")
        assert "2 records that were opened and 1 that were purged" in problem
        three.folder.joinpath(name).write_bytes(b"".join(raw.splitlines(keepends=True)[:3]))
        (problem,) = verify(three.folder).problems  # cut at a line: only the log knows of the last record
        assert str(records[2].reference) in problem

    def test_an_empty_file_was_cut(self, three: Kept) -> None:
        """A writer never leaves one."""
        three.file.write_bytes(b"")
        assert "it is empty" in verify(three.folder).problems[0]

    def test_what_stands_behind_the_end_shows(self, three: Kept) -> None:
        """A file that has ended takes no more."""
        last = read_chain(three.file).lines[-1]
        three.rewrite([*three.lines, link(last.number + 1, last.digest, {"kind": "record"})[0]])
        assert "behind its end" in verify(three.folder).problems[0]

    @pytest.mark.parametrize("text", [b"", b"not json", b"[1]", b"null", b'{"n":1}', b"\xff" * 90, b"[" * 100_000])
    def test_garbage_is_told_and_raises_nothing(self, three: Kept, text: bytes) -> None:
        """Lines that are none, in the middle of a file."""
        head, *rest = three.lines
        three.rewrite([head, text + b"\n", *rest])
        assert verify(three.folder, [three.key]).problems == [f"{three.file.name}: line 2 was altered"]
        assert len(find(read_files(three.folder))) == 3


class TestCrash:
    def test_a_torn_last_line_is_counted_and_the_rest_is_read(self, three: Kept) -> None:
        """A process that was killed while it wrote has not tampered with anything."""
        raw = b"".join(three.lines[:3])
        three.file.write_bytes(raw + three.lines[3][:100])
        verdict = verify(three.folder, [three.key])
        assert (verdict.problems, len(verdict.torn), verdict.opened, verdict.unended) == ([], 1, 2, 1)
        assert "cut short in its last line" in verdict.torn[0]

    def test_a_record_that_was_torn_says_so(self, three: Kept) -> None:
        """Its reference leads to the reason, not to `unknown`."""
        reference = str(find(read_files(three.folder))[2].reference)
        three.file.write_bytes(b"".join(three.lines[:3]) + three.lines[3][:100])
        with pytest.raises(DamagedError, match="was cut short at line 4"):
            look_up(read_files(three.folder), reference)

    def test_a_log_that_a_crash_tore_goes_on(self, three: Kept) -> None:
        """The next entry vouches for the torn one, and both stay."""
        records = find(read_files(three.folder))
        three.read(records[0])
        log = three.folder / LOG
        log.write_bytes(log.read_bytes() + b'{"n":1,"prev')
        assert verify(three.folder).torn
        three.read(records[1])
        assert verify(three.folder).good
        log.write_bytes(log.read_bytes().replace(b'"prev\n', b'"prew\n'))
        assert not verify(three.folder).good

    def test_a_killed_process_leaves_a_whole_chain(self, kept: Kept) -> None:
        """Nothing waits in memory: what was sealed is in the file, which only lacks its end."""
        child = os.fork()
        if not child:
            kept.seal({"a": 1})
            os._exit(9)
        os.waitpid(child, 0)
        verdict = verify(kept.folder, [kept.key])
        assert (verdict.good, verdict.opened, verdict.unended) == (True, 1, 1)


class TestReading:
    def test_the_log_says_who_and_why_before_anything_is_opened(self, three: Kept) -> None:
        """Reviewer, reason, moment, and each record."""
        records = find(read_files(three.folder), conversations=["c-1"])
        opened = three.read(*records)
        assert [content for _, content in opened] == [{"message": f"I am Jane {day}"} for day in range(3)]
        (entry,) = read_chain(three.folder / LOG).lines
        assert entry.body["kind"] == "open"
        assert (entry.body["reviewer"], entry.body["reason"]) == ("r-7", "complaint 12")
        assert entry.body["records"] == [str(record.reference) for record in records]
        assert entry.body["at"] == "2026-05-04T00:00:00Z"
        assert stat.S_IMODE((three.folder / LOG).stat().st_mode) == 0o600

    def test_who_read_nothing_is_no_reader_in_the_log(self, three: Kept, tmp_path: Path) -> None:
        """A wrong key and a record that was tampered with are attempts, with what came of them, not readings."""
        bodies = three.bodies
        bodies[3]["reasons"] = ["audit_sample"]
        three.chained(bodies)
        records = find(read_files(three.folder))
        generate(tmp_path / "other")
        wrong = [private_key(tmp_path / "other")]
        open_records(three.folder, records[:2], wrong, reviewer="r-8", reason="curious", now=NOW)
        three.read(*records[1:])
        told = [
            {name: line.body.get(name) for name in ("kind", "reviewer", "outcome", "records")}
            for line in read_chain(three.folder / LOG).lines
        ]
        refs = [str(record.reference) for record in records]
        assert told == [
            {"kind": "attempt", "reviewer": "r-8", "outcome": "wrong key", "records": refs[:2]},
            {"kind": "open", "reviewer": "r-7", "outcome": "read", "records": refs[1:2]},
            {"kind": "attempt", "reviewer": "r-7", "outcome": "tampering", "records": refs[2:]},
        ]

    @pytest.mark.parametrize("said", ["", "  ", "\n\t", "\u200b", "x" * 1_001])
    def test_without_reviewer_or_reason_nothing_is_opened(self, three: Kept, said: str) -> None:
        """Neither is anything logged."""
        records = find(read_files(three.folder))
        with pytest.raises(VaultError, match="--reviewer: say it in 1 to 1,000 characters"):
            three.read(*records, reviewer=said)
        with pytest.raises(VaultError, match="--reason: say it"):
            three.read(*records, reason=said)
        assert not (three.folder / LOG).exists()

    def test_where_the_log_cannot_be_written_nothing_is_opened(self, three: Kept) -> None:
        """A folder in its place stands for every such fault."""
        records = find(read_files(three.folder))
        (three.folder / LOG).mkdir()
        with pytest.raises(VaultError, match=r"cannot be written: .*nothing is opened"):
            three.read(*records)

    def test_a_full_disk_opens_nothing(self, three: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
        """An entry that is half written is none."""
        records = find(read_files(three.folder))
        monkeypatch.setattr(os, "write", lambda descriptor, data: 5)
        with pytest.raises(VaultError, match="nothing is opened or removed"):
            three.read(*records)

    def test_a_log_that_was_tampered_with_opens_nothing(self, three: Kept) -> None:
        """It says what to do with it."""
        records = find(read_files(three.folder))
        three.read(records[0])
        log = three.folder / LOG
        log.write_bytes(log.read_bytes().replace(b"r-7", b"r-8"))
        with pytest.raises(VaultError, match=r"was tampered with: line 1 was altered. Keep it as evidence"):
            three.read(records[0])

    def test_an_entry_that_was_removed_shows(self, three: Kept) -> None:
        """The log is a chain of its own."""
        records = find(read_files(three.folder))
        for record in records:
            three.read(record)
        log = three.folder / LOG
        first, _, third = log.read_bytes().splitlines(keepends=True)
        log.write_bytes(first + third)
        assert "number 1 is missing" in verify(three.folder).problems[0]

    def test_one_process_has_the_log_at_a_time(self, three: Kept) -> None:
        """Two that wrote at once would break its chain."""
        records = find(read_files(three.folder))
        with open_log(three.folder), pytest.raises(VaultError, match="in use by another"):
            three.read(*records)

    @pytest.mark.parametrize("reference", ["", "x", "vault-a-1-b", "vault-abcdefghijklmnop-01-" + "a" * 32])
    def test_what_is_no_reference_is_said(self, three: Kept, reference: str) -> None:
        """It says how one looks."""
        with pytest.raises(VaultError, match="this is no reference"):
            look_up(read_files(three.folder), reference)

    def test_unknown_ones_are_said(self, three: Kept, tmp_path: Path) -> None:
        """A reference, a trace, a conversation, and a vault."""
        files = read_files(three.folder)
        with pytest.raises(VaultError, match="unknown reference"):
            look_up(files, "vault-" + "a" * 16 + "-1-" + "a" * 32)
        with pytest.raises(VaultError, match="no record of that"):
            find(files, trace_id="f" * 32)
        with pytest.raises(VaultError, match="no record of that"):
            find(files, conversations=["c-2"])
        with pytest.raises(VaultError, match=r"no vault at .*CONVQA_VAULT"):
            read_files(tmp_path / "nowhere")

    def test_references_are_found_by_no_detector(self, three: Kept) -> None:
        """A leak scan over spans meets them on every sealed turn."""
        from convqa_sdk.redaction import detect

        for record in find(read_files(three.folder)):
            assert detect(f"convqa.vault.ref: {record.reference}") == []


class TestRetention:
    def test_expired_records_go_and_the_chain_holds(self, three: Kept) -> None:
        """One line stands for all that were removed; the others open as before."""
        references = [str(record.reference) for record in find(read_files(three.folder))]
        done = purge(three.folder, START + 31 * DAY)
        assert (done.records, done.kept, done.left) == (2, 1, [])
        verdict = verify(three.folder, [three.key], references)
        assert (verdict.good, verdict.records, verdict.opened, verdict.purged) == (True, 1, 1, 2)
        assert three.content(references[2]) == {"message": "I am Jane 2"}
        with pytest.raises(VaultError, match="was purged"):
            three.content(references[0])
        assert stat.S_IMODE(three.file.stat().st_mode) == 0o600

    def test_a_second_purge_joins_the_first(self, three: Kept) -> None:
        """However often it runs, a file of purged records is three lines."""
        for day in (30, 31, 32, 33):
            purge(three.folder, START + day * DAY)
            assert verify(three.folder, [three.key]).good
        assert [line.body["kind"] for line in read_chain(three.file).lines] == ["head", "purged", "end"]
        assert verify(three.folder).purged == 3

    def test_a_dry_run_changes_nothing(self, three: Kept) -> None:
        """It says what a purge would remove."""
        before = three.file.read_bytes()
        done = purge(three.folder, START + 31 * DAY, dry_run=True)
        assert (done.records, done.kept) == (2, 1)
        assert three.file.read_bytes() == before
        assert not (three.folder / LOG).exists()

    def test_the_log_says_what_was_removed(self, three: Kept) -> None:
        """File, numbers and how many."""
        purge(three.folder, START + 31 * DAY)
        (entry,) = read_chain(three.folder / LOG).lines
        assert entry.body["purged"] == [{"file": three.file.name, "first": 1, "last": 2}]
        assert (entry.body["kind"], entry.body["records"]) == ("purge", 2)

    def test_removal_that_no_purge_logged_is_tampering(self, three: Kept) -> None:
        """A line that stands for others is believed only where the log says so."""
        purge(three.folder, START + 31 * DAY)
        (three.folder / LOG).unlink()
        assert "are gone, and no purge says so" in verify(three.folder).problems[0]

    def test_a_running_bot_loses_nothing(self, kept: Kept) -> None:
        """The file under its hands is replaced; it begins another, and both chains are whole."""
        kept.seal(day=0)
        kept.seal(day=20)
        assert purge(kept.folder, START + 31 * DAY).records == 1
        kept.seal(day=21)
        kept.writer.close()
        verdict = verify(kept.folder, [kept.key])
        assert (verdict.good, verdict.files, verdict.opened, verdict.unended) == (True, 2, 2, 0)

    def test_a_bot_that_writes_at_this_moment_is_not_disturbed(self, kept: Kept) -> None:
        """The purge leaves the file alone and says so."""
        import fcntl

        kept.seal()
        with kept.file.open("rb") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            done = purge(kept.folder, START + 31 * DAY)
        assert (done.records, done.kept) == (0, 1)
        assert "a bot writes to it" in done.left[0]

    def test_what_was_tampered_with_is_kept_as_evidence(self, three: Kept) -> None:
        """A purge says so, and removes what it can elsewhere."""
        three.rewrite([*three.lines[:1], *three.lines[2:]])
        three.seal()
        three.writer.close()
        done = purge(three.folder, START + 99 * DAY)
        assert (done.records, done.kept, len(done.left)) == (1, 2, 1)

    def test_a_torn_record_goes_when_its_time_is_over(self, three: Kept) -> None:
        """It cannot be opened by our means, but holds a piece of what somebody said."""
        *whole, last, _ = three.lines
        three.file.write_bytes(b"".join(whole) + last[:-40])
        before = purge(three.folder, START + 31 * DAY)
        assert (before.torn, before.records, before.kept, len(before.left)) == ([], 0, 2, 1)
        done = purge(three.folder, START + 33 * DAY)
        assert done.torn == [three.file.name]
        assert verify(three.folder).good

    @pytest.mark.parametrize("keep", [1, 60])
    def test_a_torn_record_without_a_date_goes_a_day_after_the_others(self, three: Kept, keep: int) -> None:
        """It was begun within a day of them, so its time is over too; before, the file is left alone."""
        *whole, last, _ = three.lines
        three.file.write_bytes(b"".join(whole) + last[:keep])
        assert purge(three.folder, START + 31 * DAY).records == 0
        done = purge(three.folder, START + 34 * DAY)
        assert (done.records, done.torn, done.left) == (2, [three.file.name], [])
        assert verify(three.folder).good

    def test_a_vault_that_is_not_there_is_said(self, tmp_path: Path) -> None:
        """No log is made for it either."""
        with pytest.raises(VaultError, match="no vault at"):
            purge(tmp_path / "nowhere", NOW)
        assert not (tmp_path / "nowhere").exists()


def test_lines_are_json(three: Kept) -> None:
    """Whoever has another tool can read headers with it."""
    assert [json.loads(line)["kind"] for line in three.lines] == ["head", "record", "record", "record", "end"]


def test_a_line_stands_for_itself(three: Kept) -> None:
    """Only a purged line stands for more."""
    lines: tuple[Line, ...] = read_chain(three.file).lines
    assert [line.last for line in lines] == [0, 1, 2, 3, 4]
