"""Searching a store for what should have been redacted: everywhere, without ever saying what it is."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

import convqa_sdk as convqa
from convqa_sdk.redaction import Allow, Pseudonyms, RedactionPolicy
from convqa_sdk.store.leaks import LeakScan, scan
from written_stores import request, span, turn, value, write

MAIL, CARD = "jane.doe@example.com", "4111 1111 1111 1111"


def stored(folder: Path, *requests: Any) -> Path:
    """A store with these requests, one per line."""
    folder.mkdir(exist_ok=True)
    (folder / "a.jsonl").write_text("".join(json.dumps(each) + "\n" for each in requests))
    return folder


def leaking(key: str, raw: dict[str, Any]) -> dict[str, Any]:
    """A turn with one OTLP value as it is written."""
    made = turn(1)
    made["attributes"].append({"key": key, "value": raw})
    return made


def placed(folder: Path, where: str) -> Path:
    """A store with an address in one place."""
    made = turn(1)
    told = request(made)
    (resource_spans,) = told["resourceSpans"]
    scope = resource_spans["scopeSpans"][0]["scope"]
    attribute = {"key": "x", "value": value(f"at {MAIL}")}
    match where:
        case "x":
            made["attributes"].append(attribute)
        case "x[1]":
            made["attributes"].append({"key": "x", "value": value(["fine", MAIL])})
        case "x deep":
            made["attributes"].append(
                {"key": "x", "value": {"kvlistValue": {"values": [{**attribute, "key": "deep"}]}}}
            )
        case "x bytes":
            made["attributes"].append({"key": "x", "value": {"bytesValue": base64.b64encode(MAIL.encode()).decode()}})
        case "x $.a[0]":
            made["attributes"].append({"key": "x", "value": value(json.dumps({"a": [MAIL]}))})
        case "key of an attribute":
            made["attributes"].append({"key": MAIL, "value": value("x")})
        case "name":
            made["name"] = MAIL
        case "trace state":
            made["traceState"] = f"v={MAIL}"
        case "status message":
            made["status"] = {"code": 2, "message": MAIL}
        case "name of an event":
            made["events"] = [{"name": MAIL, "timeUnixNano": "1"}]
        case "event e x":
            made["events"] = [{"name": "e", "timeUnixNano": "1", "attributes": [attribute]}]
        case "link x":
            made["links"] = [{"traceId": "1" * 32, "spanId": "1" * 16, "attributes": [attribute]}]
        case "trace state of a link":
            made["links"] = [{"traceId": "1" * 32, "spanId": "1" * 16, "traceState": f"v={MAIL}"}]
        case "resource x":
            resource_spans["resource"]["attributes"].append(attribute)
        case "scope x":
            scope["attributes"] = [attribute]
        case "scope":
            scope["name"] = MAIL
    return stored(folder, request(turn(9)), told)


@pytest.mark.parametrize(
    "where",
    [
        "x", "x[1]", "x deep", "x bytes", "x $.a[0]", "key of an attribute", "name", "trace state", "status message",
        "name of an event", "event e x", "link x", "trace state of a link", "resource x", "scope x", "scope",
    ],
)  # fmt: skip
def test_every_place_is_searched(tmp_path: Path, where: str) -> None:
    """An address is found wherever a request can hold a text, and is told by file, line, span, place and offset."""
    found = scan(placed(tmp_path / "s", where))
    (leak,) = found.leaks
    assert (leak.segment, leak.line, leak.label) == ("a.jsonl", 2, "EMAIL")
    assert leak.place == where.removesuffix(" bytes")
    assert leak.span == ("" if where.startswith(("resource", "scope")) else f"{1:016x}")
    assert leak.length == len(MAIL)
    assert "jane" not in repr(found)


def test_a_store_of_ours_has_none(tmp_path: Path) -> None:
    """What redaction wrote (markers, pseudonyms, JSON with keys, what was cut) is never taken for a leak."""
    planted = f"I am {MAIL}, card {CARD}, call +49 170 1234567, password: [SECRET]"
    sdk = convqa.configure(service_name="bot", store=tmp_path / "s", key=b"k" * 32)
    with convqa.turn(MAIL, planted * 2_000, user_id=MAIL, account_id="1234567890") as running:
        running.custom(phone=491701234567, password="x", deep={"api_key": [1, "x"], "n": 4111111111111111}, ok=True)
        running.event("note", {"phone": 3348917502, "text": planted, MAIL: 1})
        with pytest.raises(ValueError, match="card"), convqa.tool(name="t", arguments={"token": "abc", "mail": MAIL}):
            raise ValueError(planted)
        running.answer(planted)
    convqa.record_feedback(MAIL, thumbs="up", comment=planted)
    sdk.shutdown(5)
    found = scan(tmp_path / "s")
    assert found.texts > 100
    assert found.leaks == []


@pytest.mark.parametrize(
    ("key", "raw", "label"),
    [
        ("convqa.custom.password", value("hunter2"), "SECRET"),
        ("convqa.custom.password", value(["hunter2"]), "SECRET"),
        ("convqa.custom.phone", value(3348917502), "PHONE"),
        ("convqa.custom.note", value(json.dumps({"cvv": 123})), "SECRET"),
        ("gen_ai.input.messages", value(json.dumps([{"content": MAIL}])), "EMAIL"),
        ("convqa.custom.password", value("[SECRET]"), None),
        ("convqa.custom.password", value(True), None),
        ("convqa.custom.order", value(3348917502), None),
        ("gen_ai.usage.input_tokens", value(3348917502), None),
        ("convqa.outcome.at", value("2026-11-29T23:04:14.790486Z"), None),
        ("convqa.retrieval.document.passage_hashes", value(["a" * 16 + "4111111111111111"]), None),
        ("convqa.message.text", value("my password: [SEC[WITHHELD:too_long]"), None),
        ("convqa.message.text", value("my password: hunter2[WITHHELD:too_long]"), "SECRET"),
        ("convqa.custom.hash", value("4111111111111111"), "CREDIT_CARD"),
        ("user.id", value("[USER_ID:k1:abcdefghijklmnopqrst]"), None),
        ("convqa.message.text", value("[EMAIL] [PHONE] [WITHHELD:too_long] [CREDIT_CARD#2]"), None),
    ],
)
def test_keys_count_as_in_redaction(tmp_path: Path, key: str, raw: dict[str, Any], label: str | None) -> None:
    """What a key says of its value is a leak when redaction would have read it so, and only then."""
    found = scan(write(tmp_path / "s", leaking(key, raw)))
    assert [leak.label for leak in found.leaks] == ([label] if label else [])


def test_urls_of_other_instrumentations(tmp_path: Path) -> None:
    """A span that is not ours is read as `RedactingExporter` would have read it."""
    given = {"url.full": "https://h.io/?email=jane.doe%40example.com&token=abc"}
    found = scan(write(tmp_path / "s", span("GET", 1, given)))
    assert {leak.label for leak in found.leaks} == {"EMAIL", "SECRET"}


def test_a_torn_line(tmp_path: Path) -> None:
    """Nobody can read it, but everybody can see it."""
    store = write(tmp_path / "s", turn(1))
    with (store / "a.jsonl").open("a") as segment:
        segment.write('{"resourceSpans":[{"x":"' + MAIL)
    (leak,) = scan(store).leaks
    assert (leak.place, leak.line, leak.span) == ("a torn line", 2, "")


def test_a_class_that_the_policy_keeps(tmp_path: Path) -> None:
    """It left on purpose."""
    store = write(tmp_path / "s", turn(1, {"convqa.message.text": f"{MAIL} {CARD}"}))
    found = scan(store, RedactionPolicy(actions={"EMAIL": "keep"}))
    assert [leak.label for leak in found.leaks] == ["CREDIT_CARD"]


def test_places_are_redacted(tmp_path: Path) -> None:
    """A key that is personal data itself is not told either."""
    found = scan(write(tmp_path / "s", turn(1, {f"for {MAIL}": CARD})))
    assert {leak.place for leak in found.leaks} == {"for [EMAIL]", "key of an attribute"}


def test_all_are_counted(tmp_path: Path) -> None:
    """The list is bounded, the count is not."""
    store = write(tmp_path / "s", *(turn(n, {"convqa.message.text": f"a{n}@example.com"}) for n in range(1_100)))
    found = scan(store)
    assert (found.count, len(found.leaks), dict(found.classes)) == (1_100, 1_000, {"EMAIL": 1_100})


def test_progress_ends_at_the_end(tmp_path: Path) -> None:
    """Whoever waits is told how far it is."""
    told: list[tuple[int, int]] = []
    scan(write(write(tmp_path / "s", turn(1)), turn(2)), on_progress=lambda *both: told.append(both))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1][0] == told[-1][1]


def test_an_empty_store(tmp_path: Path) -> None:
    """Holds no leak."""
    assert scan(tmp_path) == LeakScan()


def test_what_the_policy_of_the_store_lets_pass(tmp_path: Path) -> None:
    """Is no leak: kept classes, allowed values and shapes; a listed word is one."""
    store = stored(tmp_path / "s", request(leaking("convqa.message.text", value(f"{MAIL}, {CARD}, diabetes"))))
    policy = RedactionPolicy.model_validate(
        {
            "words": [{"label": "HEALTH_TERM", "words": ["diabetes"]}],
            "allow": [{"cls": "CREDIT_CARD", "shape": "[0-9]{4} [0-9]{4} [0-9]{4} [0-9]{4}"}],
            "destinations": {"store": {"actions": {"EMAIL": "keep"}}},
        }
    )
    assert dict(scan(store, policy).classes) == {"HEALTH_TERM": 1}
    assert dict(scan(store).classes) == {"EMAIL": 1, "CREDIT_CARD": 1}


def test_values_that_are_allowed_in_a_field(tmp_path: Path) -> None:
    """Are leaks in another; a hashed one is compared where the key is at hand."""
    asked, said = leaking("convqa.message.text", value(MAIL)), leaking("convqa.answer.text", value(MAIL))
    store = stored(tmp_path / "s", request(asked), request(said))
    pseudonyms = Pseudonyms(b"a key" * 8)
    policy = RedactionPolicy(allow=(Allow.hashed("EMAIL", MAIL, pseudonyms, field="convqa.answer.text"),))
    assert [leak.place for leak in scan(store, policy, pseudonyms=pseudonyms).leaks] == ["convqa.message.text"]
    assert scan(store, policy).count == 2
