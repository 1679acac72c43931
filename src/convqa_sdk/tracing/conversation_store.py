"""Where the state of conversations is kept: in memory by default, or behind a Protocol of two methods."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Protocol, runtime_checkable

from convqa_sdk.tracing.conversation import ConversationState

Step = Callable[[ConversationState | None], ConversationState]


@runtime_checkable
class StateStore(Protocol):
    """Keeps the state of conversations by a name that tells nothing of them.

    Both methods run on the export thread, and `read` also where a check asks what earlier turns did. What they raise is
    isolated: the turn goes on without what the state would have told, which is counted and stands on its span.
    """

    def read(self, name: str) -> ConversationState | None:
        """Return the state of a conversation, None when there is none."""
        ...

    def advance(self, name: str, step: Step) -> ConversationState | None:
        """Replace the state by what `step` makes of it, as one action; return the one before, None: there was none."""
        ...


_SERVERS = frozenset({"gunicorn.arbiter", "uwsgi", "mod_wsgi"})
"""Modules that only servers load which fork their workers, also before they load the application."""


def _is_a_worker() -> bool:
    """Tell whether this process may be one of several that serve the same conversations, as far as can be seen."""
    standard, celery = sys.modules.get("multiprocessing.process"), sys.modules.get("billiard.process")
    spawned = standard is not None and standard.parent_process() is not None
    forked = celery is not None and celery.current_process().name != "MainProcess"  # whoever imports Celery has it
    return spawned or forked or not _SERVERS.isdisjoint(sys.modules)


class MemoryState:
    """Keeps the conversations of one process that were last active.

    Where several processes serve the same conversations, each knows a part of them: what counts from a conversation's
    beginning (the index of turns, snapshots) is then left out, and `RedisState` or a carried state gives it.

    Args:
        max_conversations: How many; the one that was quiet for longest is forgotten, and is then one that began anew.
    """

    def __init__(self, max_conversations: int = 10_000) -> None:
        if max_conversations < 1:
            raise ValueError(f"got max_conversations={max_conversations}; give 1 or more")
        self._max = max_conversations
        self._states: dict[str, ConversationState] = {}
        self._lock = threading.RLock()  # reentrant: the collector may end a turn at any allocation
        self._alone = not _is_a_worker()

    def read(self, name: str) -> ConversationState | None:
        """Return the state of a conversation, None when there is none."""
        with self._lock:
            known = self._states.get(name)
        return ConversationState(partial=True) if known is None and not self._alone else known

    def advance(self, name: str, step: Step) -> ConversationState | None:
        """Replace the state by what `step` makes of it; return the one before, None: there was none."""
        with self._lock:
            before = self._states.get(name)
            if before is None and not self._alone:
                before = ConversationState(partial=True)
            after = step(before)
            self._states.pop(name, None)
            self._states[name] = after
            if len(self._states) > self._max:
                del self._states[next(iter(self._states))]
            return before

    def after_fork(self) -> None:
        """Start empty in a forked child, which may be one of several workers."""
        self._lock = threading.RLock()
        self._states = {}
        self._alone = False
