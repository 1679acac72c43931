"""Signals worked out again from what a store holds: by today's detectors, over whole conversations.

What left the bot's process was judged with what that process knew. Here all turns of a conversation are at hand, from
whichever worker, so signals that were lost there are found, and a newer detector can be laid over old telemetry.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from convqa_sdk.signals.answers import AnswerTraits
from convqa_sdk.signals.grounding import Passage, grounding
from convqa_sdk.signals.overreach import overreach
from convqa_sdk.signals.refusals import refusal
from convqa_sdk.signals.rephrasing import LoopState
from convqa_sdk.signals.repeat_state import repeat_state
from convqa_sdk.signals.similarity import SIMILAR, request_tokens, similarity
from convqa_sdk.signals.users import user_signal
from convqa_sdk.store.conversations import Conversation
from convqa_sdk.store.segments import StoredSpan
