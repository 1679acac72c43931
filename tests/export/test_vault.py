"""Which turns are sealed, what of them, and that a vault which fails costs no turn."""

from __future__ import annotations

import contextlib
import gc
import logging
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import convqa_sdk as convqa
from convqa_sdk.assign import is_drawn
from convqa_sdk.errors import ConfigurationError
from convqa_sdk.export.exporters import MemoryExporter
from convqa_sdk.export.sdk import Sdk, configure, hold
from convqa_sdk.export.settings import read_settings
from convqa_sdk.redaction import RedactionPolicy
from convqa_sdk.redaction.vault_keys import PrivateKey, generate, private_key
from convqa_sdk.redaction.vault_reader import find, look_up, read_files, unseal
from convqa_sdk.redaction.vault_verify import verify

from .conftest import KEY, Record, Recorded

REF = "convqa.vault.ref"


class Archive(MemoryExporter):
    """A second exporter, with a name of its own."""


class Sealed:
    """A vault for a test, and what is in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "vault"
        self.public = generate(folder / "private.key")
        self.key: PrivateKey = private_key(folder / "private.key")

    def vault(self, **more: Any) -> convqa.Vault:
        return convqa.Vault(self.folder, self.public, **more)

    def content(self, reference: str) -> dict[str, Any]:
        return unseal(look_up(read_files(self.folder), reference), [self.key])

    @property
    def contents(self) -> list[dict[str, Any]]:
        return [unseal(record, [self.key]) for record in find(read_files(self.folder))]

    @property
    def is_empty(self) -> bool:
        return not self.folder.exists()


@pytest.fixture
def sealed(tmp_path: Path) -> Sealed:
    """An empty vault and its keys."""
    return Sealed(tmp_path)


def ref(spans: Recorded) -> str:
    """The reference on the only turn."""
    return str(spans.attributes("turn")[REF])


class TestReasons:
    def test_a_turn_is_sealed_when_the_bot_says_so(self, record: Record, sealed: Sealed) -> None:
        """The span names the record; header and span agree on ids and policy."""
        spans = record(vault=sealed.vault())
        with convqa.turn("c-1", "I am Jane") as turn:
            assert turn.seal("incident") is turn
            turn.answer("Hello")
        span = spans.one("turn")
        found = look_up(read_files(sealed.folder), ref(spans)).header
        assert found["reasons"] == ["incident"]
        assert found["trace_id"] == f"{span.context.trace_id:032x}"
        assert found["span_id"] == f"{span.context.span_id:016x}"
        assert found["conversation_id"] == "c-1"
        assert found["policy_version"] == span.attributes["convqa.redaction.policy_version"]
        assert sealed.content(ref(spans))["turn"]["message"] == "I am Jane"

    def test_destinations_with_policies_of_their_own_share_one_record(self, sealed: Sealed) -> None:
        """A turn is sealed once, and each destination's span names the same record."""
        memory, archive = MemoryExporter(), Archive()
        policy = RedactionPolicy(destinations={"Archive": {"version": "archive"}})
        given = {"exporters": (memory, archive), "key": KEY, "redaction": policy, "vault": sealed.vault()}
        release = hold(Sdk(read_settings(given, {}), synchronous=True))
        with convqa.turn("c-1", "I am Jane") as turn:
            turn.seal("incident")
        release()
        assert len(sealed.contents) == 1
        (here,), (there,) = memory.spans, archive.spans
        assert here.attributes[REF] == there.attributes[REF]
        assert here.attributes["convqa.redaction.policy_version"] != there.attributes["convqa.redaction.policy_version"]

    def test_without_a_reason_nothing_is_sealed(self, record: Record, sealed: Sealed) -> None:
        """Nor is a folder made."""
        spans = record(vault=sealed.vault())
        with convqa.turn("c-1", "hi") as turn:
            turn.answer("ho")
        assert REF not in spans.attributes("turn")
        assert sealed.is_empty

    @pytest.mark.parametrize(("result", "count"), [("fail", 1), ("block", 1), ("pass", 0), ("rewrite", 0), (7, 0)])
    def test_a_policy_check_that_failed_is_a_reason(
        self, record: Record, sealed: Sealed, result: Any, count: int
    ) -> None:
        """Failing and blocking count; what was rewritten did no harm."""
        spans = record(vault=sealed.vault())
        with convqa.turn("c-1", "hi"), convqa.policy_check(name="refunds") as check:
            check.set(result=result)
        assert (REF in spans.attributes("turn")) is bool(count)
        assert not count or find(read_files(sealed.folder))[0].header["reasons"] == ["policy_failure"]

    def test_the_audit_sample_is_drawn_by_conversation(self, record: Record, sealed: Sealed) -> None:
        """The same conversations in every process, apart from those that are recorded at all."""
        spans = record(vault=sealed.vault(audit_sample=0.3))
        for number in range(40):
            for _ in range(2):
                with convqa.turn(f"c-{number}", "hi") as turn:
                    turn.answer("ho")
        drawn = [span.attributes["gen_ai.conversation.id"] for span in spans.all if REF in span.attributes]
        expected = [f"c-{n}" for n in range(40) if is_drawn(f"c-{n}", 0.3, b"convqa.vault")]
        assert drawn == [each for each in expected for _ in range(2)]
        assert expected != [f"c-{n}" for n in range(40) if is_drawn(f"c-{n}", 0.3)]
        assert 5 <= len(expected) <= 20

    def test_several_reasons_make_one_record(self, record: Record, sealed: Sealed) -> None:
        """An incident in the audit sample is one of the sample all the same."""
        record(vault=sealed.vault(audit_sample=1.0))
        with convqa.turn("c-1", "hi") as turn:
            turn.seal("incident").seal("incident")
            with convqa.policy_check(name="p") as check:
                check.set(result="block")
        (found,) = find(read_files(sealed.folder))
        assert found.header["reasons"] == ["incident", "policy_failure", "audit_sample"]

    @pytest.mark.parametrize("reason", ["complaint", "", "Incident", 7, None, ["incident"], "jane@example.com"])
    def test_an_undeclared_reason_is_a_violation(self, record: Record, sealed: Sealed, reason: Any) -> None:
        """It is counted by the method's name, never quoted, and nothing is sealed."""
        spans = record(vault=sealed.vault())
        with convqa.turn("c-1", "hi") as turn:
            turn.seal(reason)
            turn.answer("ho")
        assert spans.violations("turn") == {"seal"}
        assert spans.sdk.stats().violations == {"seal": 1}
        assert "jane@" not in spans.text
        assert sealed.is_empty

    def test_an_undeclared_reason_is_explained_in_the_log(
        self, record: Record, sealed: Sealed, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Once: nothing was sealed for it, what is accepted, and the page; the reason itself is never quoted."""
        record(vault=sealed.vault(reasons=["incident", "complaint"]))
        with caplog.at_level(logging.WARNING, "convqa_sdk"):
            for reason in ("privacy", "jane@example.com"):
                with convqa.turn("c-1", "hi") as turn:
                    turn.seal(reason).answer("ho")
        (line,) = [message for message in caplog.messages if "turn_not_sealed" in message]
        assert "incident, complaint" in line
        assert "nothing was sealed for it" in line
        assert "docs/how-to/keep-evidence-in-the-vault.md" in line
        assert "privacy" not in caplog.text
        assert "jane@" not in caplog.text

    def test_only_declared_reasons_apply(self, record: Record, sealed: Sealed) -> None:
        """A vault for complaints seals no policy failure, and complaints of its own."""
        spans = record(vault=sealed.vault(reasons=["complaint"]))
        with convqa.turn("c-1", "hi"), convqa.policy_check(name="p") as check:
            check.set(result="block")
        assert sealed.is_empty
        with convqa.turn("c-2", "hi") as turn:
            turn.seal("complaint")
        assert REF in spans.all[-1].attributes

    def test_without_a_vault_a_seal_is_told_once(self, record: Record, caplog: pytest.LogCaptureFixture) -> None:
        """A bot runs with a vault in production and without one on a developer's machine: that is no violation."""
        spans = record()
        with caplog.at_level(logging.WARNING, "convqa_sdk"):
            for _ in range(2):
                with convqa.turn("c-1", "hi") as turn:
                    turn.seal("incident")
                    turn.answer("ho")
        assert spans.sdk.stats().violations == {}
        assert len(caplog.messages) == 1
        assert "turn_not_sealed" in caplog.text
        assert "CONVQA_VAULT" in caplog.text

    def test_no_turn_no_seal(self, record: Record, sealed: Sealed) -> None:
        """Outside a turn, after its end and in a turn that is left out nothing is sealed, and nothing raises."""
        spans = record(vault=sealed.vault())
        convqa.current_turn().seal("incident")
        with convqa.turn("c-1", "hi") as turn:
            turn.answer("ho")
        turn.seal("incident")
        assert sealed.is_empty
        assert spans.sdk.stats().faults == {"set_after_end": 1}


class TestContent:
    def test_the_fields_are_sealed_before_redaction(self, record: Record, sealed: Sealed) -> None:
        """What the span withholds, the vault has: messages, passages, arguments, exceptions, own values, ids."""
        spans = record(vault=sealed.vault(), content=False)
        number, mail = "+48601234567", "mail jane@example.com"
        with contextlib.suppress(KeyError), convqa.turn(number, mail, account_id="a-1") as turn:
            turn.seal("incident")
            with convqa.retrieval(data_source="kb", query="q") as search:
                search.set(documents=[convqa.Document("d-1", "call +1 212 555 0199")])
            with convqa.tool(name="crm") as tool:
                tool.set(arguments={"mail": "jane@example.com"}, output=("x", 1))
                tool.custom(own="jane@example.com")
                tool.add_event("asked", {"who": "jane@example.com"})
            raise KeyError("jane@example.com")
        content = sealed.content(str(spans.all[-1].attributes[REF]))
        search, tool = content["stages"]
        assert content["turn"]["conversation_id"] == "+48601234567"
        assert content["turn"]["account_id"] == "a-1"
        assert content["turn"]["message"] == "mail jane@example.com"
        assert content["turn"]["exception"]["message"] == "'jane@example.com'"
        assert search["document_passages"] == ["call +1 212 555 0199"]
        assert tool["arguments"] == {"mail": "jane@example.com"}
        assert tool["custom"] == {"own": "jane@example.com"}
        assert tool["events"][0]["facts"] == {"who": "jane@example.com"}
        assert "jane@" not in spans.text
        assert "+48601234567" not in str(find(read_files(sealed.folder))[0].header)

    def test_secrets_are_redacted_in_the_vault_too(self, record: Record, sealed: Sealed) -> None:
        """Nobody needs a customer's password to audit an answer."""
        record(vault=sealed.vault())
        token = "gh" + "p_" + "Ab3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6"
        with convqa.turn("c-1", f"my token is {token}, I am jane@example.com") as turn:
            turn.seal("incident").custom(password="hunter2")
            turn.answer("Your CVV 737 and my password is hunter2xyz9, born on 4 May 1971")
        (content,) = sealed.contents
        assert "737" not in content["turn"]["answer"]
        assert "1971" in content["turn"]["answer"]
        assert token not in str(content)
        assert "hunter2" not in str(content)
        assert content["turn"]["message"] == "my token is [SECRET], I am jane@example.com"

    def test_secrets_are_kept_where_the_vault_is_told_to(self, record: Record, sealed: Sealed) -> None:
        """`keep_secrets` is for whoever has to prove what was leaked."""
        record(vault=sealed.vault(keep_secrets=True))
        with convqa.turn("c-1", "hi") as turn:
            turn.seal("incident").custom(password="hunter2")
        assert sealed.contents[0]["turn"]["custom"] == {"password": "hunter2"}

    def test_a_record_has_a_bound(self, record: Record, sealed: Sealed) -> None:
        """Fields and stages that do not fit are left out and counted; what is small stays."""
        record(vault=sealed.vault(max_bytes=20_000))
        with convqa.turn("c-1", "hi") as turn:
            turn.seal("incident")
            for number in range(30):
                with convqa.tool(name="crm") as tool:
                    tool.set(output="x" * (50_000 if number == 0 else 10))
        (content,) = sealed.contents
        assert content["turn"]["message"] == "hi"
        assert content["stages"][0]["output"] == "[WITHHELD:too_long]"
        assert content["stages"][1]["output"] == "x" * 10
        assert content["left_out"] == 1 + 30 - len(content["stages"])

    @settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.recursive(
            st.none() | st.text(st.characters()) | st.floats() | st.integers() | st.binary() | st.builds(object),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters()), inner, max_size=3),
            max_leaves=8,
        )
    )
    def test_any_value_is_sealed_and_no_turn_is_lost(self, record: Record, sealed: Sealed, value: Any) -> None:
        """Whatever a bot puts into its fields, the turn leaves and the record opens; nothing raises in the bot."""
        spans = record(vault=sealed.vault(keep_secrets=True))
        with convqa.turn("c-1", value) as turn:
            turn.seal("incident").custom(own=value)
            with convqa.tool(name="t") as tool:
                tool.set(arguments=value, output=value)
        assert "vault_seal" not in spans.sdk.stats().faults
        content = sealed.content(ref(spans))
        if isinstance(value, str):
            assert (content["turn"]["message"], content["turn"]["custom"]["own"]) == (value, value)


class TestFaults:
    def test_a_vault_that_cannot_be_written_costs_no_turn(
        self, record: Record, sealed: Sealed, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Every failure is counted, the first one logged, and no word of the content is."""
        sealed.folder.write_text("a file where the folder should be")
        spans = record(vault=sealed.vault())
        with caplog.at_level(logging.WARNING, "convqa_sdk"):
            for _ in range(3):
                with convqa.turn("c-1", "I am Jane") as turn:
                    turn.seal("incident").answer("ho")
        assert len(spans.all) == 3
        assert spans.sdk.stats().exported == 3
        assert spans.sdk.stats().faults == {"vault_seal": 3}
        assert [line for line in caplog.messages if "vault_seal" in line] == caplog.messages
        assert len(caplog.messages) == 1
        assert "Jane" not in caplog.text

    def test_a_vault_that_comes_back_is_used_again(self, record: Record, sealed: Sealed) -> None:
        """A folder that is deleted and a disk that fails cost the turns of that time."""
        spans = record(vault=sealed.vault())
        with convqa.turn("c-1", "hi") as turn:
            turn.seal("incident").answer("ho")
        shutil.rmtree(sealed.folder)
        with convqa.turn("c-1", "hi") as turn:
            turn.seal("incident").answer("ho")
        assert sealed.content(str(spans.all[-1].attributes[REF]))["turn"]["message"] == "hi"

    def test_it_never_goes_to_a_destination(self, record: Record, sealed: Sealed) -> None:
        """A span has the reference, and not a byte of the sealed content."""
        spans = record(vault=sealed.vault())
        with convqa.turn("c-1", "hi") as turn:
            turn.seal("incident").answer("ho")
        (line,) = [line for line in read_files(sealed.folder)[0].lines if line.body["kind"] == "record"]
        assert line.body["sealed"][:40] not in spans.text


class TestConfigure:
    def test_the_environment_names_folder_and_key(self, sealed: Sealed) -> None:
        """`CONVQA_VAULT` and `CONVQA_VAULT_PUBLIC_KEY` are enough; an argument wins."""
        environ = {"CONVQA_VAULT": str(sealed.folder), "CONVQA_VAULT_PUBLIC_KEY": sealed.public}
        vault = read_settings({}, environ).vault
        assert vault == convqa.Vault(str(sealed.folder), sealed.public)
        assert read_settings({"vault": sealed.vault(retain_days=3)}, environ).vault == sealed.vault(retain_days=3)
        assert read_settings({}, {}).vault is None

    @pytest.mark.parametrize("key", ["", "nonsense"])
    def test_a_folder_without_a_key_is_refused(self, sealed: Sealed, key: str) -> None:
        """A vault that seals nothing would be found out at the first incident."""
        with pytest.raises(ConfigurationError, match="CONVQA_VAULT_PUBLIC_KEY"):
            read_settings({}, {"CONVQA_VAULT": str(sealed.folder), "CONVQA_VAULT_PUBLIC_KEY": key})

    def test_the_missing_variable_is_named(self, sealed: Sealed) -> None:
        """Not as a bad key: as one that is not there, with what prints it."""
        with pytest.raises(ConfigurationError, match=r"CONVQA_VAULT_PUBLIC_KEY is not set.*convqa vault keygen"):
            read_settings({}, {"CONVQA_VAULT": str(sealed.folder)})

    def test_what_is_no_vault_is_refused(self) -> None:
        """The message says what is accepted."""
        with pytest.raises(ConfigurationError, match=r"vault from argument: .*Vault.*set vault= or CONVQA_VAULT"):
            read_settings({"vault": "folder"}, {})

    def test_the_file_ends_with_the_process(self, sealed: Sealed, tmp_path: Path) -> None:
        """After a shutdown the file is known to be whole."""
        sdk = configure("bot", store=tmp_path / "store", vault=sealed.vault())
        with convqa.turn("c-1", "hi") as turn:
            turn.seal("incident").answer("ho")
        assert sdk.flush()
        assert verify(sealed.folder).unended == 1
        sdk.shutdown()
        verdict = verify(sealed.folder, [sealed.key])
        assert (verdict.good, verdict.opened, verdict.unended) == (True, 1, 0)

    def test_switched_off_it_makes_nothing(self, sealed: Sealed) -> None:
        """`disabled` needs no PyNaCl and no folder."""
        configure("bot", vault=sealed.vault(), disabled=True)
        with convqa.turn("c-1", "hi") as turn:
            turn.seal("incident")
        assert sealed.is_empty

    def test_a_turn_is_freed(self, record: Record, sealed: Sealed) -> None:
        """Sealing holds nothing of a turn that has left."""
        record(vault=sealed.vault())
        with convqa.turn("c-1", "hi") as turn:
            turn.seal("incident").answer("ho")
        del turn
        gc.collect()
        assert not [each for each in gc.get_objects() if type(each) is convqa.stages.Turn and each.seals]
