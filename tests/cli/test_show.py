"""`convqa show`: a conversation as a tree that people can read and that a terminal can trust."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import convqa_sdk as convqa
from convqa_sdk.cli import main, show
from convqa_sdk.cli.text import WIDTH, columns
from written_stores import START, outcome, span, stage, turn, write

pytestmark = pytest.mark.usefixtures("terminal")


def shown(store: Path, conversation: str = "c-1") -> str:
    """Return a conversation as text."""
    return show.render(store, conversation)


def lines(store: Path) -> list[str]:
    """Return a conversation line by line."""
    return shown(store).splitlines()


@convqa.tool
def lookup(order: str) -> None:
    """Fail in a way that must not be repeated."""
    raise ValueError("bad card 4111 1111 1111 1111")


EVENT = {"timeUnixNano": str(START), "name": "exception"}


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A conversation with one of everything, written by the SDK itself."""
    sdk = convqa.configure(service_name="bot", store=tmp_path / "s", versions=convqa.Versions(model="m1"))
    with convqa.turn("c-1", "my mail is jane@example.com", account_id="a-1", channel="web") as running:
        with convqa.intent_detection() as intent:
            intent.set(intent="billing_refund", confidence=0.93, risk="high", archetype="refund_status")
        with convqa.retrieval(data_source="kb", query="refund window") as retrieval:
            retrieval.set(documents=[convqa.Document("kb-1", "Refunds within 30 days.", 0.8)])
        with convqa.generation(model="no-such-model") as generation:
            generation.set(input_tokens=1210, output_tokens=148)
        with pytest.raises(ValueError, match="card"):
            lookup(order="o-1")
        with convqa.policy_check(name="refunds") as check:
            check.set(result="block", answer="You have 90 days.", violations=["refund_window"], severity="P1")
        with convqa.access_check(resource="account", action="read") as access:
            access.set(decision="allow", fields_exposed=["email", "plan"])
        with convqa.escalation() as escalation:
            escalation.set(reason="policy", queue="billing", handoff_id="t-981", summary="Wants a refund.")
        running.self_score(confidence=0.4, quality=0.75)
        running.answer("I hand you over.", type="handoff", delivered=True)
    convqa.record_feedback(running.ref, thumbs="down", comment="no help")
    convqa.record_resolution("c-1", "pending", id="r", evidence="none")
    convqa.record_resolution("c-1", "ai_assisted", id="r", evidence="closed_by_human", source="crm")
    convqa.end_session("c-1")
    sdk.shutdown(5.0)
    return tmp_path / "s"


class TestTree:
    """What a reader looks for."""

    def test_says_what_happened(self, whole: Path) -> None:
        """Stages, sources, decisions, tokens, cost, outcomes: one line each, in order."""
        text = shown(whole)
        wanted = [
            "conversation c-1",
            "1 turn · ",
            "1,210 → 148 tokens · cost unknown",
            "web · account [ACCOUNT_ID:k1:",
            "model m1",
            "turn 1 ",
            "handoff · billing_refund · high risk · self confidence 0.40 · self quality 0.75",
            "customer  my mail is [EMAIL]",
            "billing_refund 0.93 · high risk · refund_status",
            "1 document · refund window",
            "kb-1  0.80  Refunds within 30 days.",
            "chat no-such-model",
            'error (ValueError) · {"order":"o-1"}',
            "· exception  ValueError: bad card [CREDIT_CARD]",
            "block · refund_window · P1",
            "draft     You have 90 days.",
            "read · allow",
            "exposed  email, plan",
            "policy · queue billing · handoff t-981",
            "summary  Wants a refund.",
            "bot       I hand you over.",
            "session ended",
            "outcomes",
            "thumbs=down · comment=no help",
            "state=ai_assisted · evidence=closed_by_human · by crm",
            "1 earlier version",
        ]
        position = 0
        for words in wanted:
            position = text.find(words, position)
            assert position >= 0, f"{words!r} is not where it should be in:\n{text}"

    def test_an_answer_that_passed_its_check_is_shown_once(self, tmp_path: Path) -> None:
        """It is what the bot said; only of one that was blocked or rewritten is the draft to be seen."""
        sdk = convqa.configure(service_name="bot", store=tmp_path / "s")
        for result in ("pass", "rewrite"):
            with convqa.turn("c-1", "hi") as running:
                with convqa.policy_check(name="refunds") as check:
                    check.set(result=result, answer=f"Draft of {result}.")  # type: ignore[typeddict-item] # reason: the loop's
                running.answer("Said.")
        sdk.shutdown(5.0)
        text = shown(tmp_path / "s")
        assert "Draft of pass." not in text
        assert "draft     Draft of rewrite." in text

    def test_durations_stand_in_a_column(self, whole: Path) -> None:
        """Names of stages are padded, durations end in one column."""
        stages = [line for line in lines(whole) if line.startswith("│  ├─ ") and (" ms  " in line or " µs  " in line)]
        ends = {max(line.find(" ms  "), line.find(" µs  ")) for line in stages}
        assert len(stages) >= 5
        assert len(ends) == 1

    @pytest.mark.parametrize(
        ("probability", "said"), [(0.1, True), (1.0, False), (None, False), (0.0, False), ("x", False)]
    )
    def test_says_when_it_was_sampled(self, tmp_path: Path, probability: object, said: bool) -> None:
        """Whoever looks at one conversation of a share knows that others are not here."""
        store = write(tmp_path / "s", turn(1, {"convqa.sampling.probability": probability}))
        assert ("sampled: recorded with probability 0.1" in shown(store)) == said
        assert ("sampled" in shown(store)) == said

    def test_outcomes_without_turns(self, tmp_path: Path) -> None:
        """Outcomes are recorded of everybody: where they stand alone it says why, and nothing took 0 µs."""
        store = write(tmp_path / "s", outcome(1, "feedback"), turn(2, conversation="c-2"))
        text = shown(store)
        assert "its turns were left out by sampling, or are elsewhere" in text
        assert lines(store)[1] == "├─ 0 turns · 2026-01-01 00:00:00Z"
        write(store, turn(3))
        assert "left out" not in shown(store)
        assert lines(store)[1] == "├─ 1 turn · 2026-01-01 00:00:00Z · 1.0 s"

    def test_says_whether_the_agent_got_the_context(self, tmp_path: Path) -> None:
        """Below a conversation that was handed over, once anybody has said; silence is left out."""
        handover = stage("escalation", 2, {"convqa.handoff.completeness": 6 / 7}, parent=1)
        store = write(tmp_path / "s", turn(1), handover)
        assert "handover" not in shown(store)
        answers = {"asked_to_restate": True, "packet_acknowledged": False}
        write(store, outcome(3, "ticket", {f"convqa.outcome.ticket.{name}": said for name, said in answers.items()}))
        told = "└─ handover  context lost · packet 86% filled · the agent had to ask again · packet not used"
        assert lines(store)[-1] == told
        write(store, turn(4, conversation="c-2", trace=4))
        assert "handover" not in shown(store, "c-2")

    @pytest.mark.parametrize(
        ("asked", "said"),
        [("03T02", "  50 h after the resolution · kind"), ("02T02", "  26 h after the resolution, not 48 to 72 · ")],
    )
    def test_says_when_a_delayed_survey_was_asked(self, tmp_path: Path, asked: str, said: str) -> None:
        """One that was asked early is no delayed one."""
        prefix = "convqa.outcome.csat."
        survey = {f"{prefix}kind": "delayed", f"{prefix}asked_at": f"2026-01-{asked}:00:00.000000Z"}
        solved = outcome(2, "resolution", {"convqa.outcome.resolution.state": "self_resolved"})
        assert said in shown(write(tmp_path / "s", turn(1), solved, outcome(3, "csat", survey)))

    def test_names_the_archetype_of_the_conversation(self, tmp_path: Path) -> None:
        """The one of its most account-specific intent, with the tier."""
        keys = ("convqa.intent.archetype", "convqa.archetype.tier")
        found = [dict(zip(keys, given, strict=True)) for given in (("order", "1"), ("refund", "3"), ("tail", "tail"))]
        store = write(tmp_path / "s", *(turn(n, given, at=5 * n) for n, given in enumerate(found, 1)))
        assert lines(store)[1].endswith(" · refund (tier 3)")
        alone = write(tmp_path / "t", turn(1, found[2]))
        assert lines(alone)[1].endswith(" · tail")

    def test_says_what_was_recorded_again(self, tmp_path: Path) -> None:
        """Earlier versions and repeats are counted, not shown."""
        name, score = {"convqa.outcome.id": "s"}, "convqa.outcome.csat.score"
        versions = [outcome(n, "csat", {**name, score: value}) for n, value in ((2, 3.0), (3, 3.0), (4, 2.0))]
        text = shown(write(tmp_path / "s", turn(1), *versions))
        assert "score=2.0" in text
        assert "score=3.0" not in text
        assert "1 earlier version is no longer in force" in text
        assert "1 repeat of the same, counted once" in text

    def test_unknown_is_said_to_be_unknown(self, tmp_path: Path) -> None:
        """Neither tokens nor cost are ever shown as zero because nobody knows them."""
        partly = {"gen_ai.usage.input_tokens": 5, "gen_ai.usage.output_tokens": 6, "convqa.cost.usd": 0.25}
        store = write(
            tmp_path / "s", turn(1), stage("generation", 2, parent=1), stage("generation", 3, partly, parent=1)
        )
        text = shown(store)
        assert text.count("tokens unknown · cost unknown") == 3  # the conversation, the turn, the first generation
        assert "5 → 6 tokens · $0.2500" in text
        assert "$0.0000" not in text

    def test_half_known_tokens(self, tmp_path: Path) -> None:
        """One of the two counts may be known."""
        store = write(tmp_path / "s", turn(1), stage("generation", 2, {"gen_ai.usage.input_tokens": 5}, parent=1))
        assert "5 → unknown tokens" in shown(store)

    def test_turns_without_generations_speak_of_no_tokens(self, tmp_path: Path) -> None:
        """A template answer costs nothing, and says nothing."""
        assert "token" not in shown(write(tmp_path / "s", turn(1)))

    def test_what_failed_stands_out(self, tmp_path: Path) -> None:
        """Errors and cancellations by name; answers that a check stopped."""
        store = write(
            tmp_path / "s",
            turn(1, {"convqa.status": "cancelled", "error.type": "cancelled"}),
            turn(2, {"convqa.status": "error", "error.type": "TimeoutError"}, at=5),
            turn(3, {"convqa.answer.delivered": False}, at=9),
        )
        text = shown(store)
        for words in ("cancelled · grounded", "error (TimeoutError)", "grounded · not delivered"):
            assert words in text

    def test_nested_turns_loose_stages_and_circles(self, tmp_path: Path) -> None:
        """Everything of the conversation is shown, wherever it hangs."""
        store = write(
            tmp_path / "s",
            turn(1),
            turn(2, parent=1, at=0.1),
            stage("tool", 3, parent=2, at=0.2),
            stage("rerank", 4, parent=77, at=50),
        )
        text = shown(store)
        assert "turn inside this turn" in text
        assert "stages outside any turn" in text
        assert "rerank" in text

    def test_long_texts_are_wrapped_and_cut(self, tmp_path: Path) -> None:
        """What was said takes four lines at most, below its beginning."""
        store = write(tmp_path / "s", turn(1, {"convqa.answer.text": "word " * 400}))
        said = [line for line in lines(store) if "word" in line]
        assert len(said) == 4
        assert {line.find("word") for line in said} == {16}
        assert said[-1].endswith("…")

    def test_a_pipe_gets_texts_whole(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """What a terminal has no room for is there for whoever searches the output."""
        long = "word " * 400
        given = {"convqa.message.text": long, "convqa.answer.text": long}
        passages = {"convqa.retrieval.document.ids": ["kb"], "convqa.retrieval.document.passages": [long]}
        store = write(tmp_path / "s", turn(1, given), stage("retrieval", 2, passages, parent=1))
        assert shown(store).count("word") < 400
        monkeypatch.setattr("sys.stdout.isatty", lambda: False)
        text = shown(store)
        assert text.count("word") == 1200
        assert "…" not in text

    def test_events_of_the_contract(self, tmp_path: Path) -> None:
        """What a turn means as people say it, others by name with their facts, without the ids that stand above."""
        events = [
            {
                "timeUnixNano": str(START),
                "name": "convqa.refusal_or_uncertainty_style",
                "attributes": [
                    {"key": "chat_guid", "value": {"stringValue": "c-1"}},
                    {"key": "is_hard_refusal", "value": {"boolValue": True}},
                ],
            },
            {
                "timeUnixNano": str(START),
                "name": "convqa.customer_action",
                "attributes": [{"key": "name", "value": {"stringValue": "reboot"}}],
            },
        ]
        text = shown(write(tmp_path / "s", turn(1, events=events)))
        assert "· hard refusal · no next step" in text
        assert "· customer_action  reboot" in text
        assert "chat_guid" not in text

    @pytest.mark.parametrize("at", [0, 2**64 - 1])
    def test_times_of_any_size(self, tmp_path: Path, at: int) -> None:
        """Damaged times are shown as they are and stop nothing."""
        store = write(tmp_path / "s", turn(1, startTimeUnixNano=str(at), endTimeUnixNano="0"))
        assert "turn 1" in shown(store)


ATTACK = "\x1b[2J\x1b]0;owned\x07\x9b31m\r\n├─ turn 9 forged\u202e\u2028\x00\x08"
TEXT_KEYS = (
    "convqa.message.text",
    "convqa.answer.text",
    "convqa.answer.type",
    "convqa.intent.class",
    "convqa.risk.level",
    "convqa.status",
    "error.type",
    "convqa.channel",
    "convqa.account.id",
    "convqa.model.version",
    "convqa.time.zone_assumed",
    "gen_ai.tool.call.arguments",
    "gen_ai.tool.call.result",
    "convqa.tool.result",
    "convqa.handoff.summary",
    "convqa.escalation.reason",
    "convqa.escalation.queue",
    "convqa.policy.check.result",
    "convqa.retrieval.document.ids",
    "convqa.retrieval.document.passages",
    "convqa.access.fields_exposed",
    "gen_ai.response.finish_reasons",
    "convqa.outcome.feedback.comment",
    "convqa.outcome.source",
)


def assert_harmless(text: str) -> None:
    """No control or formatting character but line feeds, and no line wider than a screen."""
    assert [c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs") and c != "\n"] == []
    assert max(columns(line) for line in text.splitlines()) <= WIDTH


class TestTrust:
    """What stands in telemetry was written by customers and models; a terminal must not obey it."""

    @pytest.mark.parametrize(
        "kind", ["turn", "tool", "retrieval", "generation", "escalation", "policy_check", "access_check"]
    )
    @pytest.mark.parametrize("as_list", [False, True])
    def test_no_control_characters_from_any_field(self, tmp_path: Path, kind: str, *, as_list: bool) -> None:
        """Escape codes, carriage returns, overrides of direction: none of them reaches the terminal."""
        given = {key: [ATTACK, ATTACK] if as_list else ATTACK for key in TEXT_KEYS}
        event = {**EVENT, "name": ATTACK, "attributes": [{"key": ATTACK, "value": {"stringValue": ATTACK}}]}
        made = [stage(kind, 2, given, parent=1, events=[event])] if kind != "turn" else []
        made = [item | {"name": ATTACK} for item in made]
        store = write(tmp_path / "s", turn(1, given, events=[event]), *made, outcome(3, "feedback", given))
        text = shown(store)
        assert_harmless(text)
        assert "forged" in text  # it is shown, flattened to one line
        assert not [line for line in text.splitlines() if line.startswith("├─ turn 9")]

    def test_no_control_characters_from_ids(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Neither in the tree, nor in the list, nor in an error message."""
        store = write(tmp_path / "s", turn(1, conversation=ATTACK + "1"), turn(2, conversation=ATTACK + "2", trace=2))
        assert_harmless(shown(store, ATTACK + "1"))
        assert main(["show", "--store", str(store)]) == 0
        assert_harmless(capsys.readouterr().out)
        assert main(["show", "--store", str(store), ATTACK]) == 2
        assert_harmless(capsys.readouterr().err)

    def test_wide_characters_stay_within_the_screen(self, tmp_path: Path) -> None:
        """Chinese and emoji take two columns each."""
        given = {
            "convqa.message.text": "退款" * 300,
            "convqa.intent.class": "退" * 200,
            "gen_ai.tool.call.result": "🙂" * 200,
        }
        store = write(tmp_path / "s", turn(1, given), stage("tool", 2, given, parent=1) | {"name": "工具" * 50})
        assert_harmless(shown(store))

    @settings(max_examples=60, deadline=None)
    @given(text=st.text(max_size=300), number=st.floats() | st.integers(0, 2**63 - 1))
    def test_any_content_is_shown_harmlessly(
        self, tmp_path_factory: pytest.TempPathFactory, text: str, number: float
    ) -> None:
        """Any text and number in any place: a tree of harmless lines."""
        given = {"convqa.message.text": text, "convqa.turn.input_tokens": number, "convqa.turn.cost_usd": number}
        given |= {
            "convqa.intent.confidence": number,
            "convqa.retrieval.document.scores": [number],
            "convqa.status": text,
        }
        given |= {
            "gen_ai.usage.input_tokens": number,
            "convqa.cost.usd": number,
            "convqa.retrieval.document.ids": [text],
        }
        kinds = ("retrieval", "generation", "intent_detection")
        below = [stage(kind, number_, given, parent=1) for number_, kind in enumerate(kinds, 2)]
        assert_harmless(shown(write(tmp_path_factory.mktemp("any"), turn(1, given), *below)))


class TestCommand:
    """`convqa show` as a command."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Path:
        made = [
            turn(n, {"convqa.message.text": f"hello {n}"}, conversation=f"c-{n}", trace=n, at=n) for n in range(1, 31)
        ]
        return write(tmp_path / "s", *made, span("GET /", 99))

    def test_lists_the_newest(self, store: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Without a conversation: the newest twenty, and how many more there are."""
        assert main(["show", "--store", str(store)]) == 0
        out = capsys.readouterr().out.splitlines()
        assert out[0].split() == ["conversation", "started", "turns", "outcomes", "first", "message"]
        assert out[2].split()[0] == "c-30"
        assert "hello 30" in out[2]
        assert len(out) == 2 + 20 + 1
        assert out[-1] == "… and 10 more (--limit)"
        assert main(["show", "--store", str(store), "--limit", "-5"]) == 0

    def test_the_list_counts_outcomes_of_nobody(self, store: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Outcomes of conversations without any turn here are told below the list."""
        write(store, outcome(50, "csat", conversation="nobody"), outcome(51, "csat", conversation="nobody"))
        assert main(["show", "--store", str(store)]) == 0
        assert "2 outcomes are about conversations without any turn here" in capsys.readouterr().out

    def test_json_of_the_list(self, store: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Machines get all of them."""
        assert main(["show", "--store", str(store), "--json"]) == 0
        assert len(json.loads(capsys.readouterr().out)) == 30

    def test_json_of_a_conversation_is_strict(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """All spans with all their parts; not-a-number is text, because JSON has none."""
        store = write(tmp_path / "s", turn(1, {"convqa.turn.cost_usd": float("nan"), "convqa.message.text": "ü\x1b"}))
        assert main(["show", "c-1", "--store", str(store), "--json"]) == 0

        def refuse(constant: str) -> None:
            raise AssertionError(constant)

        given = json.loads(capsys.readouterr().out, parse_constant=refuse)
        assert given["id"] == "c-1"
        assert given["spans"][0]["attributes"]["convqa.turn.cost_usd"] == "NaN"
        assert given["spans"][0]["attributes"]["convqa.message.text"] == "ü\x1b"

    def test_a_beginning_is_enough(self, store: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """The only conversation that begins so."""
        assert main(["show", "c-30", "--store", str(store)]) == 0
        assert capsys.readouterr().out.startswith("conversation c-30\n")

    @pytest.mark.parametrize(
        ("words", "told"),
        [(["zzz"], "no conversation with this id"), (["c-2"], None), (["c"], "30 conversations begin so: c-1, c-10, ")],
    )
    def test_conversations_that_are_not_there(
        self, store: Path, capsys: pytest.CaptureFixture[str], words: list[str], told: str | None
    ) -> None:
        """Exit code 2 and a sentence on standard error; nothing on standard output."""
        status = main(["show", *words, "--store", str(store)])
        out, err = capsys.readouterr()
        if told is None:
            assert (status, err) == (0, "")
        else:
            assert (status, out) == (2, "")
            assert err.startswith(f"convqa show: {told}")

    @pytest.mark.parametrize("words", [[], ["zzz"], ["c"]])
    def test_what_is_not_there_may_have_been_left_out(
        self, store: Path, capsys: pytest.CaptureFixture[str], words: list[str]
    ) -> None:
        """In a store with a share of the customers, the list and both messages say that; in others they do not."""
        why = "this store was recorded with sampling 0.5, so it may have been left out"
        main(["show", *words, "--store", str(store)])
        assert "sampling" not in "".join(capsys.readouterr())
        write(store, turn(99, {"convqa.sampling.probability": 0.5}, conversation="c-99", trace=99))
        main(["show", *words, "--store", str(store)])
        assert "".join(capsys.readouterr()).rstrip().endswith(why)

    def test_an_empty_store(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Nothing recorded yet is said, not shown as an empty table."""
        assert main(["show", "--store", str(tmp_path)]) == 2
        assert "holds no conversation yet" in capsys.readouterr().err

    @pytest.mark.parametrize("words", [[], ["c-1"], ["c-1", "--json"]])
    def test_what_can_be_read_is_shown(self, mixed: Path, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        """A compressed segment costs exit code 1 and a sentence, not the whole store."""
        assert main(["show", *words, "--store", str(mixed)]) == 1
        out, err = capsys.readouterr()
        assert "c-1" in out
        assert err.startswith("convqa show: 1 segment was skipped, because it is compressed: pip install")

    def test_what_is_not_found_may_be_in_what_was_skipped(
        self, mixed: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Exit code 2, and both sentences."""
        assert main(["show", "c-2", "--store", str(mixed)]) == 2
        err = capsys.readouterr().err
        assert err.index("1 segment was skipped") < err.index("no conversation with this id")


def test_an_id_whose_key_is_not_at_hand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is told, with the ids of the keys; with the key in the variable, under its id, the conversation is found."""
    secret = "a key of the bot's own" * 2
    sdk = convqa.configure(service_name="bot", store=tmp_path / "s", key={"k7": secret})
    with convqa.turn("jane@example.com"):
        pass
    sdk.shutdown(5)
    monkeypatch.delenv("CONVQA_KEY_ID", raising=False)
    monkeypatch.setenv("CONVQA_KEY", secret)
    words = ["show", "jane@example.com", "--store", str(tmp_path / "s")]
    assert main(words) == 2
    assert "the store holds pseudonyms under k7; set CONVQA_KEY and CONVQA_KEY_ID" in capsys.readouterr().err
    monkeypatch.setenv("CONVQA_KEY_ID", "k7")
    assert main(words) == 0
    assert "[CONVERSATION_ID:k7:" in capsys.readouterr().out
