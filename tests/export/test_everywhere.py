"""One turn with an address, a card and a secret in every channel there is: none of them is in any byte that leaves.

Each channel has values of its own, so that a failure names the channel. `test_leaks.py` goes through every field and
shape; here it is the ways out that are complete: store, OTLP, an exporter in memory, baggage, and our own log lines.
"""

from __future__ import annotations

import contextlib
import logging
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.trace import Link, SpanContext, TraceFlags, TraceState, get_current_span

import convqa_sdk as convqa
from convqa_sdk.export.exporters import MemoryExporter
from convqa_sdk.redaction import RedactionPolicy
from convqa_sdk.schema.events import CustomerAction
from convqa_sdk.store.leaks import scan
from redaction.planted import luhn_digit

from .conftest import Start, everything
from .receivers import http_receiver

NOT_KEPT = {
    "account id", "agent id", "call id", "change owner", "closed by", "conversation id", "data source", "document id",
    "experiment", "issue key", "log", "model", "outcome id", "prompt name", "recontact", "reviewer", "session id",
    "source", "trace state", "turn id", "user id", "resource", "baggage", "candidates", "password", "link", "ticket",
    "response id", "unknown", "local", "context", "cause", "cause of the cause", "note",
}  # fmt: skip
"""Channels whose texts do not leave at all, or as a pseudonym, whatever a policy keeps."""


class Planted:
    """Makes the values of each channel."""

    def __init__(self) -> None:
        self.channels: dict[str, tuple[str, str, str]] = {}

    def __call__(self, channel: str) -> str:
        """A text with the three values of a channel."""
        mail, card, token = self.values(channel)
        return f"mail {mail} card {card} key {token}"

    def mail(self, channel: str) -> str:
        """The address alone, for what must be short."""
        return self.values(channel)[0]

    def values(self, channel: str) -> tuple[str, str, str]:
        number = len(self.channels) + 1
        if channel not in self.channels:
            letters = "".join(string.ascii_lowercase[int(digit)] for digit in f"{number:03d}")
            payload = f"400000{number:09d}"
            token = "sk" + "-" + "9" + letters * 8  # put together here: nothing like it stands in the repository
            self.channels[channel] = (f"jane{letters}@example.com", payload + luhn_digit(payload), token)
        return self.channels[channel]

    def found(self, text: str) -> set[str]:
        """Channels of which a value is in a text."""
        return {
            f"{channel}: {kind}"
            for channel, values in self.channels.items()
            for kind, value in zip(("address", "card", "secret"), values, strict=True)
            if value.split("@")[0] in text
        }


def boom(planted: Planted) -> None:
    """Raise with a cause, a context, a note, a group-like repr and planted locals."""
    secret = planted("local")  # noqa: F841 - what a trace with locals would show
    try:
        try:
            raise KeyError(planted("context"))
        except KeyError:
            raise ValueError(planted("cause")) from OSError(planted("cause of the cause"))
    except ValueError as error:
        failure = RuntimeError(planted("exception"), {"argument": planted("argument")})
        if hasattr(failure, "add_note"):
            failure.add_note(planted("note"))
        raise failure from error


def conversation(planted: Planted) -> dict[str, str]:
    """Plant in every channel; return the headers that went out."""
    mail, p = planted.mail, planted
    headers: dict[str, str] = {}
    versions = convqa.Versions(
        model=mail("model version"),
        prompt=mail("prompt version"),
        prompt_name=mail("prompt name"),
        policy=mail("policy version"),
        kb_snapshot=mail("snapshot"),
        index=mail("index"),
        taxonomy=mail("taxonomy"),
        feature_flags={mail("flag"): mail("variant")},
        experiment=mail("experiment"),
        arm=mail("arm"),
    )
    state = TraceState([("vendor", mail("trace state"))])
    context = SpanContext(0xA, 0xB, True, TraceFlags(1), state)
    with convqa.turn(
        mail("conversation id"),
        p("message"),
        session_id=mail("session id"),
        user_id=mail("user id"),
        account_id=mail("account id"),
        turn_id=mail("turn id"),
        agent_id=mail("agent id"),
        issue_key=mail("issue key"),
        segment=mail("segment"),
        customer_tier=mail("tier"),
        region=mail("region"),
        language=mail("language"),
        channel=mail("channel"),
        product_area=mail("area"),
        sector=mail("sector"),
        failure_type=mail("failure type"),
        versions=versions,
    ) as turn:
        turn.foreign_parent = context
        turn.links = [Link(context, {"note": p("link")})]
        turn.custom(
            **{mail("custom name"): p("custom"), "deep": {mail("deep name"): [p("deep")]}, "password": p("password")}
        )
        turn.event("note", {mail("event key"): p("event"), "list": [p("event list")]})
        turn.event(mail("event name"), {})
        turn.event(
            "convqa.customer_action",
            CustomerAction.model_construct(
                chat_guid="c", name=mail("action"), arguments=p("arguments of an action"), is_error=False
            ),
        )
        turn.mark(mail("violation"))
        turn.record({mail("unknown field"): p("unknown")})
        convqa.inject(headers)
        with convqa.intent_detection(
            message=p("intent message"), intent=mail("intent"), candidates=(mail("candidates"),)
        ):
            pass
        documents = [
            convqa.Document(mail("document id"), p("passage"), 0.5, version=mail("document version")),
            convqa.Document("d-2", p("second passage"), 0.4),
        ]
        with convqa.retrieval(data_source=mail("data source"), query=p("query")) as found:
            found.set(documents=documents)
        with convqa.rerank(query=p("rerank query")) as ranked:
            ranked.set(documents=documents)
        with convqa.generation(
            model=mail("model"),
            messages=[
                {"role": "user", "content": p("prompt")},
                {"role": mail("role"), "content": [{"text": p("part")}]},
            ],
            system_instructions=p("instructions"),
            output_messages=[{"role": "assistant", "content": p("completion")}],
            response_id=mail("response id"),
            provider=mail("provider"),
            finish_reasons=(mail("finish reason"),),
        ):
            get_current_span().set_attribute(mail("foreign key"), p("foreign"))
            get_current_span().add_event("foreign", {"x": p("foreign event")})
        with convqa.tool(
            name=mail("tool"),
            call_id=mail("call id"),
            arguments={"q": p("arguments"), mail("argument name"): 1},
            output={"rows": [p("output")]},
        ):
            pass
        with convqa.access_check(
            resource=mail("resource checked"),
            action=mail("access action"),
            rule=mail("rule"),
            fields_exposed=(mail("field exposed"),),
        ):
            pass
        with convqa.policy_check(name=mail("check"), answer=p("checked"), violations=(mail("policy violation"),)):
            pass
        with convqa.escalation(
            queue=mail("queue"), handoff_id="h-1", packet_fields=(mail("packet"),), summary=p("summary")
        ):
            pass
        with contextlib.suppress(RuntimeError), convqa.tool(name="t"):
            boom(planted)
        turn.answer(p("answer"), type="grounded", citations=(mail("citation"),))
    with contextlib.suppress(RuntimeError), convqa.turn("c-2", "hi"):
        boom(planted)
    with convqa.extract({**headers, "baggage": f"convqa.conversation={mail('baggage')}"}), convqa.tool(name="remote"):
        pass
    late(planted)
    return headers


def late(planted: Planted) -> None:
    """Plant in everything that arrives later."""
    mail, p = planted.mail, planted
    ref = mail("conversation id")
    convqa.record_feedback(ref, thumbs="down", comment=p("comment"), source=mail("source"), id=mail("outcome id"))
    convqa.record_agent_message(ref, index=0, text=p("agent message"))
    convqa.record_audit(ref, reviewer=mail("reviewer"), true_intent=mail("true intent"))
    convqa.record_change("model", version=mail("change"), note=p("change note"), owner=mail("change owner"))
    convqa.record_resolution(ref, "ai_assisted", closed_by=mail("closed by"))
    convqa.record_ticket(ref, ticket_id=mail("ticket"))
    convqa.record_recontact(ref, of=mail("recontact"))
    convqa.end_session(ref)


@pytest.fixture
def planted() -> Planted:
    """Values for each channel."""
    return Planted()


Go = Callable[..., tuple[str, dict[str, str], Path]]


@pytest.fixture
def go(start: Start, planted: Planted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Go:
    """Record the conversation; return everything that left as one text, the headers, and the store."""

    def run(**settings: Any) -> tuple[str, dict[str, str], Path]:
        monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", f"owner={planted.mail('resource')}")
        memory, store = MemoryExporter(), tmp_path / "store"
        with http_receiver() as receiver:
            otlp = OTLPSpanExporter(endpoint=receiver.url + "/v1/traces")
            sdk = start(memory, otlp, store=store, **settings)
            headers = conversation(planted)
            assert sdk.flush(20)
            sdk.shutdown(5)
            bodies = b"".join(request.body for request in receiver.requests)
        files = b"".join(path.read_bytes() for path in store.iterdir())
        assert len(memory.spans) > 15
        assert len(receiver.spans) == len(memory.spans)
        told = [repr(everything(span)) for span in memory.spans]
        return (
            "\n".join([*told, bodies.decode(errors="replace"), files.decode(errors="replace"), repr(sdk.stats())]),
            headers,
            store,
        )

    return run


def test_nothing_survives_anywhere(go: Go, planted: Planted, caplog: pytest.LogCaptureFixture) -> None:
    """Not in store, OTLP, an exporter, baggage and our log; and the leak scan agrees."""
    caplog.set_level(logging.DEBUG)
    left, headers, store = go()
    assert planted.found(left) == set()
    assert planted.found(headers["baggage"].replace("%40", "@")) == set()
    assert "convqa.conversation=%5BCONVERSATION_ID" in headers["baggage"]
    assert planted.found(caplog.text) == set()
    assert "instrumentation_violation" in caplog.text
    assert scan(store).leaks == []


def test_every_channel_is_one(go: Go, planted: Planted) -> None:
    """With a policy that keeps addresses they come through by their channels: none is planted in vain."""
    left, _, _ = go(redaction=RedactionPolicy(actions={"EMAIL": "keep", "CREDIT_CARD": "keep"}))
    arrived = {each.partition(":")[0] for each in planted.found(left)}
    assert set(planted.channels) - arrived <= NOT_KEPT
    assert not [each for each in planted.found(left) if each.endswith("secret")]


def test_without_content_nothing_is_even_marked(go: Go, planted: Planted) -> None:
    """With `content=False` no text of people or models leaves, redacted or not."""
    left, _, store = go(content=False)
    assert planted.found(left) == set()
    assert "convqa.message.text" not in left
    assert scan(store).leaks == []
