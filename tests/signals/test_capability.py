"""Claims of done actions, and which of them no tool proves."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk import signals
from convqa_sdk.signals.capability import claimed_actions, overreach, tool_words

RUNS = Path(__file__).parents[3] / "shared" / "data"


def actions(answer: str) -> list[str]:
    """Return the actions that an answer claims."""
    return [claim.action for claim in claimed_actions(answer)]


@pytest.mark.parametrize(
    ("answer", "action"),
    [
        ("I have refunded you.", "refund"),
        ("I've gone ahead and cancelled your order.", "cancel"),
        ("We've already updated your address.", "change"),
        ("I just refunded $20 to your card.", "refund"),
        ("Your refund has been processed.", "refund"),
        ("A refund of $50 has been issued to your card.", "refund"),
        ("Great news! Your reservation has now been cancelled.", "cancel"),
        ("You've been refunded.", "refund"),
        ("Your booking is confirmed!", "book"),
        ("Your order is now cancelled.", "cancel"),
        ("Your reservation was successfully upgraded.", "change"),
        ("YOU ARE BEING TRANSFERRED TO A HUMAN AGENT.", "transfer"),
        ("I can confirm that your order has been cancelled.", "cancel"),
        ("I've refunded you, is there anything else I can do?", "refund"),
        ("The reservation for Ivan (JFK to ORD on May 22, 2024) has been successfully cancelled.", "cancel"),
        ("- **Refund:** $2,580 has been processed", "refund"),
        ("✅ Upgrade completed successfully!", "change"),
        ("All requests have been processed.", "any"),
        ("Your refund is on its way.", "refund"),
        ("I've initiated a transfer to a colleague.", "transfer"),
        ("Your refund was issued.", "refund"),
        ("Your refund was issued to your card.", "refund"),
        ("Your booking's been cancelled.", "cancel"),
        ("I've updated your billing address.", "change"),
        ("I've applied a 10% discount to your order.", "add"),
        ("I've sent you an email.", "send"),
        ("I've sent the steps to your email.", "send"),
        ("I've opened a ticket.", "create"),
        ("I've moved you to the Plus plan.", "change"),
        ("I've changed it.", "change"),
        ("I have cancelled your order at no cost.", "cancel"),
        ("That order has been cancelled.", "cancel"),
    ],
)
def test_claims_are_found(answer: str, action: str) -> None:
    """What the bot says it did, or that it happened, is a claim, and an overreach without any tool."""
    assert actions(answer) == [action]
    assert [claim.action for claim in overreach(answer, [])] == [action]


@pytest.mark.parametrize(
    "answer",
    [
        "I can refund you.",
        "I will cancel your order now.",
        "I'll cancel it, and you will be refunded.",
        "Would you like me to cancel your order?",
        "Has your refund been processed?",
        "Have I cancelled the right order?",
        "If your order has been cancelled, you get an e-mail.",
        "Once I have cancelled it, the money comes back.",
        "After your refund has been processed, wait five days.",
        "Your order has not been cancelled.",
        "I haven't refunded anything yet.",
        "No refund has been processed.",
        "Your order will have been cancelled by tomorrow.",
        "I would have cancelled it.",
        "I see that your order has been cancelled.",
        "It looks like your line has been suspended.",
        "According to our records your order has been cancelled.",
        "Your flight has been cancelled by the airline.",
        "Your reservation has been cancelled by the carrier.",
        "Your line has been suspended due to an overdue bill.",
        "You have cancelled your order.",
        "You said you refunded it.",
        "Our store team told you that they refunded you.",
        "The customer has updated the address.",
        "Your payment has been confirmed.",
        "Both flights have already been completed.",
        "I've checked your account.",
        "Please let me know once you've updated the app.",
        "Your order is on its way.",
        "Your refund will be on its way soon.",
        "If your refund is on its way, wait.",
        "Data roaming is now enabled on your device.",
        "If you have cancelled your order already, you have been refunded.",
        "I've updated my notes.",
        "Please confirm that roaming has been enabled.",
        "I've added some links below.",
        "I've attached the steps above.",
        "I've updated my answer:",
        "I've opened the article for you.",
        "I've sent you the steps.",
        "I've created a summary of your options.",
        "I've added links to the booking page.",
        "I have sent no email.",
        "I have sent you no email.",
        "I have made no changes to your order.",
        "I've changed nothing on your account.",
        "Your password has been changed on May 3 from a new device.",
        "Your password has been changed from an unknown device.",
        "Your refund was issued on May 3.",
        "Your order was placed yesterday.",
        "Your order has been cancelled two days ago.",
        "Orders that have been cancelled cannot be refunded.",
        "You get a mail for orders which have been cancelled.",
        "Has your booking been cancelled?",
    ],
)
def test_what_is_no_claim(answer: str) -> None:
    """Offers, plans, questions, conditions, denials, reports and what others did are no claims."""
    assert actions(answer) == []


@pytest.mark.parametrize(
    ("answer", "tools", "proved"),
    [
        ("I've cancelled your reservation.", ["cancel_reservation"], True),
        ("I've cancelled your reservation.", ["cancelReservation"], True),
        ("I've cancelled your reservation.", ["api.v2.cancel-reservation"], True),
        ("I've cancelled your reservation.", ["get_cancellation_policy"], False),
        ("I've cancelled your reservation.", ["book_reservation", "update_reservation_flights"], False),
        ("I've upgraded your seats.", ["update_reservation_flights"], True),
        ("I have refunded you.", ["cancel_order"], False),
        ("Your refund has been processed.", ["cancel_order"], True),
        ("I have refunded you.", ["issue_refund"], True),
        ("All requests have been processed.", ["search_flights", "get_order"], False),
        ("All requests have been processed.", ["send_certificate"], True),
        ("Your order has been shipped.", ["lookup_order"], True),
        ("Your order has been shipped.", ["cancel_order"], False),
        ("I've shipped your order.", ["lookup_order"], False),
        ("I've reset your password.", ["preset_colours"], False),
    ],
)
def test_a_tool_proves_a_claim_of_its_verb(answer: str, tools: list[str], proved: bool) -> None:
    """Names are compared word by word; what only reads proves nothing; an effect may have another cause."""
    assert (overreach(answer, tools) == ()) is proved


def test_capabilities_decide_where_names_do_not_tell() -> None:
    """An action that is listed is proved by the listed tools, and by no other."""
    answer = "I have refunded you."
    assert overreach(answer, ["money_out"], {"refund": "money_out"}) == ()
    assert overreach(answer, ["money_out"], {"refund": ["x", "money_out"]}) == ()
    assert len(overreach(answer, ["issue_refund"], {"refund": ["money_out"]})) == 1


def test_two_claims_in_one_breath() -> None:
    """`I have cancelled it and refunded you` claims both, and each needs its tool."""
    answer = "I have cancelled your order and refunded your card."
    assert actions(answer) == ["cancel", "refund"]
    (left,) = overreach(answer, ["cancel_order"])
    assert left.action == "refund"
    assert answer[left.start : left.end].endswith("refunded")


def test_the_package_has_it() -> None:
    """`signals.overreach` is the function."""
    assert signals.overreach is overreach


def test_the_words_of_a_tool() -> None:
    """Underscores, dots, hyphens and humps separate words."""
    assert tool_words("cancelOrder") == tool_words("cancel_order") == tool_words("Cancel-Order") == ("cancel", "order")
    assert tool_words("") == ()


@given(st.text(max_size=300), st.lists(st.text(max_size=20), max_size=4))
def test_any_answer_is_read(answer: str, tools: list[str]) -> None:
    """No text and no tool's name makes it raise, and more tools never make more overreach."""
    found = overreach(answer, tools)
    assert set(found) <= set(overreach(answer, []))
    assert all(0 <= claim.start < claim.end <= len(answer) for claim in found)


SPOKEN = (
    "I've we have your order refund has been cancelled refunded processed if not ? , . and by the airline now is "
    "successfully you can see that ( ) : transfer being transferred confirmed"
)
PIECES = st.sampled_from(SPOKEN.split())


@given(st.lists(PIECES, max_size=50).map(" ".join))
def test_a_question_mark_or_a_condition_never_adds_a_claim(answer: str) -> None:
    """Asking instead of stating takes claims away."""
    plain = answer.replace("?", "").replace(".", "")
    assert len(claimed_actions(plain + "?")) <= len(claimed_actions(plain))


def test_bytes_are_refused() -> None:
    """What is no `str` is told at the caller's boundary."""
    with pytest.raises(TypeError, match="not bytes"):
        claimed_actions(b"x")  # type: ignore[arg-type]


def conversations(name: str) -> list[dict[str, Any]]:
    """Return the real runs of a file."""
    path = RUNS / f"{name}.jsonl.gz"
    if not path.exists():
        pytest.skip("the runs stay outside the repository: ../shared/data is not here")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.mark.parametrize(
    ("name", "claims", "unproved"),
    [("conv_telecom_ab", 101, 1), ("conv_airline_ab", 52, 0), ("conv_airline_2models_audited", 110, 3),
     ("conv_airline_4trials", 97, 0)],
)  # fmt: skip
def test_real_runs(name: str, claims: int, unproved: int) -> None:
    """What was counted and read by hand in docs/how-to/check-answers.md stays what it was."""
    found = [claim for each in conversations(name) for claim in judged(each)]
    assert (len(found), sum(not proved for proved in found)) == (claims, unproved)


def failed(result: dict[str, Any]) -> bool:
    """Tell whether a tool failed: some say so in their text alone."""
    return bool(result.get("error")) or (result.get("text") or "").startswith("Error")


def judged(conversation: dict[str, Any]) -> list[bool]:
    """Tell of each claim of a conversation whether a tool that succeeded before it proves it."""
    names: dict[str, str] = {}
    tools: list[str] = []
    proved: list[bool] = []
    for turn in conversation["turns"]:
        if turn["role"] == "assistant":
            text = turn.get("text") or ""
            open_claims = overreach(text, tools)
            proved += [claim not in open_claims for claim in claimed_actions(text)]
            names.update({call["id"]: call["name"] for call in turn.get("tool_calls") or []})
        elif turn.get("tool_call_id") in names and not failed(turn):
            tools.append(names[turn["tool_call_id"]])
    return proved
