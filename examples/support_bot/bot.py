"""The pipeline: understand, look up, search, draft, check, answer or hand over. This is the file to copy from.

Every stage is a method with one decorator; nothing else here knows of telemetry. Without `convqa.configure()` the bot
gives the same answers and records nothing.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import convqa_sdk as convqa
from support_bot.intents import classify
from support_bot.knowledge import KnowledgeBase, words_of
from support_bot.model import Message, Model, ScriptedModel, text_of
from support_bot.orders import Order, OrderSystem, OrderSystemDown
from support_bot.tickets import TicketFile

INSTRUCTIONS = """You answer for Larch & Lantern, a shop for camping lanterns.
Use only the facts and passages below; say so when they do not answer the question.
Be brief."""
REFUND_DAYS = 30
UNSURE = 0.35


@dataclass
class Conversation:
    """What the bot remembers of a conversation.

    Attributes:
        id: Id of the conversation.
        messages: What was said so far.
        turns: References of the turns, for outcomes that are recorded later.
        unclear: How often in a row the bot did not understand.
    """

    id: str
    messages: list[Message] = field(default_factory=list[Message])
    turns: list[convqa.TurnRef] = field(default_factory=list[convqa.TurnRef])
    unclear: int = 0

    def question(self, message: str) -> str:
        """Return what to search for: a short message only makes sense with the one before."""
        before = [said["content"] for said in self.messages if said["role"] == "user"]
        return f"{before[-1]} {message}" if before and len(words_of(message)) < 4 else message


class SupportBot:
    """Answers customers of the shop.

    Args:
        model: The language model; None: the scripted one.
        tickets: File that tickets are appended to.
        guard: Says whether the model may answer; None: it always may.
    """

    def __init__(
        self,
        model: Model | None = None,
        *,
        tickets: Path = Path("tickets.jsonl"),
        guard: convqa.Guard | None = None,
    ) -> None:
        self.knowledge = KnowledgeBase()
        self.model: Model = model if model is not None else ScriptedModel()
        self.guard = guard
        self.conversations: dict[str, Conversation] = {}
        self._orders = OrderSystem()
        self._tickets = TicketFile(tickets)

    @property
    def versions(self) -> convqa.Versions:
        """What the bot runs on, for `convqa.configure()`."""
        return convqa.Versions(
            model=self.model.name,
            prompt_name="answer",
            prompt="answer-3",
            policy="2026-05",
            kb_snapshot=self.knowledge.snapshot,
            taxonomy="intents-2",
        )

    async def reply(self, conversation_id: str, message: str, account_id: str | None = None) -> str:
        """Return the whole answer to a message."""
        return "".join([piece async for piece in self.stream(conversation_id, message, account_id)])

    @convqa.turn(conversation_id="conversation_id", message="message", account_id="account_id", channel="web")
    async def stream(
        self, conversation_id: str, message: str, account_id: str | None = None
    ) -> AsyncGenerator[str, None]:
        """Yield the answer to a message piece by piece; the text that was yielded is recorded as the answer."""
        turn = convqa.current_turn()
        conversation = self.conversations.setdefault(conversation_id, Conversation(conversation_id))
        turn.set(turn_index=len(conversation.turns))
        conversation.turns.append(turn.ref)
        question = conversation.question(message)
        conversation.messages.append({"role": "user", "content": message})

        intent = self.classify(question)
        if self.guard is not None and (decision := self.guard.decide(intent)).state != "normal":
            yield self.guard.answer(decision, human=lambda: self._escalate("guard", conversation, intent))
            return
        if intent.confidence is not None and intent.confidence < UNSURE:
            yield self._clarify(conversation, intent)
            return
        conversation.unclear = 0
        if intent.name == "person":
            yield self._escalate("customer_request", conversation, intent)
            return

        order: Order | None = None
        numbers = re.findall(r"LL-\d{5}", question)
        if numbers:
            if not self.may_read(numbers[-1], account_id):
                yield turn.answer("I can only talk about orders of the account you are signed in to.", type="refusal")
                return
            try:
                order = self.lookup_order(numbers[-1])
            except OrderSystemDown:
                yield self._escalate("tool_failure", conversation, intent)
                return

        documents = self.rerank(question, self.search(question))
        if not documents and order is None:
            yield self._escalate("out_of_scope", conversation, intent)
            return

        # Low risk is streamed as it is written; high risk waits for the policy check, as nobody can unsay a refund.
        hold = intent.risk == "high"
        answer = ""
        async with aclosing(self.draft(self._prompt(conversation, order, documents))) as chunks:
            async for chunk in chunks:
                text = text_of(chunk)
                answer += text
                if text and not hold:
                    yield text
        if not self.check(answer, order).ok:
            yield self._escalate("policy", conversation, intent, order)
            return
        conversation.messages.append({"role": "assistant", "content": answer})
        turn.answer(answer, type="grounded", citations=[document.id for document in documents])
        if hold:
            yield answer

    # ---------------------------------------------------------------------------------------------------- stages

    @convqa.intent_detection
    def classify(self, message: str) -> convqa.Intent:
        """Say what the customer wants."""
        return classify(message)

    @convqa.access_check(resource="order", action="read", rule="owner-only")
    def may_read(self, order_id: str, account_id: str | None) -> bool:
        """Tell whether the order belongs to the customer."""
        allowed = account_id is not None and self._orders.owner(order_id) == account_id
        if allowed:
            stage = convqa.current_stage(convqa.stages.AccessCheck)
            stage.set(fields_exposed=["item", "status", "delivered_days_ago"])
        return allowed

    @convqa.tool
    def lookup_order(self, order_id: str) -> Order:
        """Read an order."""
        return self._orders.read(order_id)

    @convqa.retrieval(data_source="help-center", top_k=4)
    def search(self, question: str) -> list[convqa.Document]:
        """Find articles."""
        return self.knowledge.search(question, top_k=4)

    @convqa.rerank
    def rerank(self, question: str, documents: list[convqa.Document]) -> list[convqa.Document]:
        """Leave out drafts, put articles first whose title the question names, and keep two."""
        wanted = words_of(question)
        approved = [document for document in documents if document.approval == "approved"]
        titles = self.knowledge.titles
        return sorted(approved, key=lambda document: -len(wanted & words_of(titles[document.id])))[:2]

    @convqa.generation
    async def draft(self, messages: Sequence[Message]) -> AsyncGenerator[Any, None]:
        """Stream the model's chunks; tokens, finish reason and text are read from them."""
        convqa.current_stage(convqa.stages.Generation).set(model=self.model.name)
        async with aclosing(self.model.stream(messages)) as chunks:
            async for chunk in chunks:
                yield chunk

    @convqa.policy_check(name="refunds")
    def check(self, answer: str, order: Order | None) -> convqa.PolicyResult:
        """Stop an answer that speaks of a refund for an order that is too old for one."""
        if order is None or order.delivered_days_ago is None:
            return convqa.PolicyResult.skipped()
        if order.delivered_days_ago > REFUND_DAYS and re.search(r"\b(refund|money back)\b", answer):
            return convqa.PolicyResult.failed("refund_window", severity="P0", policy_class="01")
        return convqa.PolicyResult.passed()

    @convqa.escalation(queue="support")
    def hand_over(self, reason: str, conversation: Conversation, packet: convqa.Handoff) -> convqa.Handoff:
        """Open a ticket with the packet."""
        return self._tickets.open(conversation.id, str(conversation.turns[-1]), packet)

    # --------------------------------------------------------------------------------------------------- helpers

    def _clarify(self, conversation: Conversation, intent: convqa.Intent) -> str:
        conversation.unclear += 1
        if conversation.unclear > 1:
            return self._escalate("low_confidence", conversation, intent)
        question = "Is it about a delivery, a return, a payment or a lantern?"
        return convqa.current_turn().answer(question, type="clarification")

    def _escalate(
        self, reason: str, conversation: Conversation, intent: convqa.Intent, order: Order | None = None
    ) -> str:
        said = [message["content"] for message in conversation.messages if message["role"] == "user"]
        packet = convqa.Handoff.from_turn(  # which knows what was tried, and its own reference
            summary=f"{intent.name} ({reason}): {said[-1]}",
            queue="support",
            intent=intent.name,
            account_state={"order": order.id, "status": order.status} if order is not None else None,
            promises=(),  # this bot makes none
        )
        ticket = self.hand_over(reason, conversation, packet)
        text = f"I am handing you to a colleague, who sees what you wrote. Your ticket is {ticket.id}."
        return convqa.current_turn().answer(text, type="handoff")

    def _prompt(
        self, conversation: Conversation, order: Order | None, documents: Sequence[convqa.Document]
    ) -> list[Message]:
        facts = [f"* {order.fact}"] if order is not None else []
        passages = [f"[{document.id}] {' '.join((document.text or '').split())}" for document in documents]
        instructions = "\n".join([INSTRUCTIONS, "", *facts, *passages])
        return [{"role": "system", "content": instructions}, *conversation.messages]
