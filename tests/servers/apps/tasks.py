"""A bot behind Celery, with tasks that answer, that take too long, and that never end."""

from __future__ import annotations

import json
import os
import signal
import time
from typing import Any

from celery import Celery
from celery.signals import worker_process_shutdown
from support import reply

import convqa_sdk as convqa

sdk = convqa.configure()
app = Celery("bot", broker=os.environ["BROKER"])
app.conf.update(
    broker_transport_options=json.loads(os.environ["BROKER_OPTIONS"]),
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
)


@worker_process_shutdown.connect
def deliver(**_: Any) -> None:
    """Deliver what a pool process has: it ends without running exit handlers."""
    sdk.shutdown()


@app.task
def answer(conversation_id: str, pause_s: float = 0.0) -> None:
    """Answer a message, and write down which process did."""
    process = reply(conversation_id, pause_s)
    with open("answered", "a", encoding="utf-8") as answered:
        answered.write(f"{conversation_id} {process}\n")


@app.task(soft_time_limit=1)
def too_slow(conversation_id: str) -> None:
    """Run into the soft time limit."""
    reply(conversation_id, 30.0)


@app.task(time_limit=1)
def hopeless(conversation_id: str) -> None:
    """Run into the hard time limit, deaf like a call that hangs in C: the process is killed.

    One that hears is killed a tenth of a second after it was told, perhaps while it holds billiard's lock for its last
    word, which stops the whole pool (seen with billiard 4.3.2).
    """
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with convqa.turn(conversation_id):
        time.sleep(30.0)
