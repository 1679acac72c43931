"""Chat with the bot on a terminal: `python -m support_bot`.

An empty line ends the conversation, `+` and `-` rate the last answer. Telemetry goes where the environment says, by
default to the store `./convqa-telemetry`. SUPPORT_BOT_GUARD names the plan of a guard.
"""

from __future__ import annotations

import asyncio
import os
import sys
import uuid

import convqa_sdk as convqa
from support_bot.bot import SupportBot
from support_bot.model import model_from_environment

ACCOUNT = "a-1007"


async def chat(bot: SupportBot, conversation_id: str) -> None:
    """Answer line by line until the customer leaves."""
    print("Larch & Lantern. You are signed in, and your order is LL-20417. What can I do for you?")
    while message := (await asyncio.to_thread(_read)).strip():
        if message in ("+", "-") and (turns := bot.conversations[conversation_id].turns):
            convqa.record_feedback(turns[-1], thumbs="up" if message == "+" else "down")
            continue
        async for piece in bot.stream(conversation_id, message, ACCOUNT):
            print(piece, end="", flush=True)
        print()


def _read() -> str:
    print("> ", end="", flush=True)
    return sys.stdin.readline()


def main() -> None:
    """Run one conversation."""
    plan = os.environ.get("SUPPORT_BOT_GUARD")
    guard = convqa.Guard(plan) if plan else None
    bot = SupportBot(model_from_environment(), guard=guard)
    sdk = convqa.configure(service_name="support-bot", versions=bot.versions, guard=guard)
    conversation_id = f"chat-{uuid.uuid4().hex[:8]}"
    try:
        asyncio.run(chat(bot, conversation_id))
    except KeyboardInterrupt:
        pass
    finally:
        convqa.end_session(conversation_id)
        sdk.shutdown()
    print(f"\nconvqa show {conversation_id}")


if __name__ == "__main__":
    main()
