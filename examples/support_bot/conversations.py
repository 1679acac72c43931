"""Eight conversations with the bot, and what became of them: the script of `convqa demo`.

Names, addresses and card numbers are invented or published for tests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import convqa_sdk as convqa
from support_bot.bot import SupportBot

Refs = Sequence[convqa.TurnRef]


@dataclass(frozen=True)
class Script:
    """One conversation.

    Attributes:
        id: Id of the conversation.
        title: What it shows.
        account: The customer's account.
        messages: What the customer writes.
        afterwards: Records what became of it, given the turns' references.
        leaves_after: Pieces of the last answer after which the customer closes the window; None: stays.
    """

    id: str
    title: str
    account: str
    messages: tuple[str, ...]
    afterwards: Callable[[Refs], None]
    leaves_after: int | None = None


async def play(bot: SupportBot, script: Script) -> list[str]:
    """Hold one conversation, record its outcomes, and return the bot's answers as far as they were read."""
    answers: list[str] = []
    for number, message in enumerate(script.messages, 1):
        patience = script.leaves_after if number == len(script.messages) else None
        pieces: list[str] = []
        async with aclosing(bot.stream(script.id, message, script.account)) as stream:
            async for piece in stream:
                pieces.append(piece)
                if len(pieces) == patience:
                    break
        answers.append("".join(pieces))
    script.afterwards(bot.conversations[script.id].turns)
    return answers


# --------------------------------------------------------------------------------------------------------- outcomes


def _ago(minutes: float) -> datetime:
    return datetime.now(timezone.utc) - timedelta(minutes=minutes)


def _faq(turns: Refs) -> None:
    convqa.record_feedback(turns[1], thumbs="up")
    convqa.record_resolution("demo-faq", "self_resolved", evidence="customer_confirmed")
    convqa.end_session("demo-faq")


def _order(turns: Refs) -> None:
    convqa.record_csat("demo-order", score=5, asked_at=_ago(1), answered_at=_ago(0.5))
    convqa.record_resolution("demo-order", "self_resolved", evidence="no_recontact")


def _refund(turns: Refs) -> None:
    convqa.record_resolution("demo-refund", "self_resolved", evidence="customer_confirmed")
    convqa.record_business("demo-refund", kind="refund", amount=59.0, currency="EUR", source="shop")


def _late_refund(turns: Refs) -> None:
    convqa.record_agent_message(
        "demo-late-refund", index=0, text="Hello, I see your lantern is two months old. One moment."
    )
    convqa.record_ticket(
        "demo-late-refund",
        ticket_id="t-001",
        opened_at=_ago(9),
        first_human_reply_at=_ago(7),
        closed_at=_ago(1),
        handle_time_s=312,
        handle_time_source="timer",
        asked_to_restate=False,
        packet_acknowledged=True,
    )
    convqa.record_csat("demo-late-refund", score=4, kind="handoff", asked_at=_ago(1), answered_at=_ago(0.5))
    convqa.record_resolution("demo-late-refund", "ai_assisted", evidence="closed_by_human")


def _card(turns: Refs) -> None:
    convqa.record_csat("demo-card", kind="delayed", asked_at=_ago(1))  # asked, not answered: unknown, not zero


def _correction(turns: Refs) -> None:
    convqa.record_feedback(turns[0], thumbs="down", comment="wrong product, call me on +49 30 901820")
    convqa.record_agent_flag(turns[0], "misrouted")


def _outage(turns: Refs) -> None:
    convqa.record_resolution("demo-outage", "pending", evidence="none")


def _back_again(turns: Refs) -> None:
    convqa.record_recontact("demo-back-again", of="demo-outage", same_issue=True, match_level="issue", after_s=1800)
    convqa.record_resolution("demo-outage", "unresolved", evidence="inactivity")
    convqa.record_resolution("demo-back-again", "abandoned", evidence="inactivity")


SCRIPTS = (
    Script(
        "demo-faq",
        "a question that the help center answers",
        "a-1001",
        ("How long does delivery to Norway take?", "And what does it cost?"),
        _faq,
    ),
    Script(
        "demo-order",
        "an order of one's own, and one of somebody else",
        "a-1007",
        ("Where is my order LL-20417?", "And what about LL-20388?"),
        _order,
    ),
    Script(
        "demo-refund",
        "a refund that policy allows",
        "a-1011",
        ("The lantern of order LL-20388 arrived broken. Can I get a refund?",),
        _refund,
    ),
    Script(
        "demo-late-refund",
        "a refund that the policy check stops: a person takes over",
        "a-1023",
        (
            "I am mira.holm@example.com. Can I return the lantern of order LL-20105 and get my money back? "
            "I do not like it.",
        ),
        _late_refund,
    ),
    Script(
        "demo-card",
        "an e-mail address and a card number in a message",
        "a-1007",
        ("Can I pay with another card? It is 4242 4242 4242 4242, and my e-mail is anna.berg@example.org.",),
        _card,
    ),
    Script(
        "demo-correction",
        "a customer who corrects the bot",
        "a-1030",
        ("How long is the warranty?", "That is wrong, I asked about the battery."),
        _correction,
    ),
    Script(
        "demo-outage",
        "an order system that does not answer",
        "a-1042",
        ("Where is my parcel for order LL-20500?",),
        _outage,
    ),
    Script(
        "demo-back-again",
        "the same customer half an hour later, unclear, then gone in the middle of an answer",
        "a-1042",
        ("It is me again, same as before.", "My parcel! How long does express delivery take?"),
        _back_again,
        leaves_after=3,
    ),
)
