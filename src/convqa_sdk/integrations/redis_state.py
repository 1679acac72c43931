"""Conversation state in Redis, for bots of several workers; needs the extra `redis`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, cast

from convqa_sdk.errors import ConfigurationError, StateError
from convqa_sdk.tracing.conversation import ConversationState
from convqa_sdk.tracing.conversation_store import Step

if TYPE_CHECKING:
    from redis import Redis

PREFIX = "convqa:conversation:"
TRIES = 5
"""How often an update begins anew because another worker was quicker."""
QUIET_S = 5.0
"""How long Redis is left alone after it did not answer: the export thread must not wait for it with each turn."""

_NO_STATE = "what Redis holds of this conversation is no state of this version; it is replaced when the turn ends"


class RedisState:
    """Keeps the state of conversations in Redis.

    Names are keyed hashes of conversation ids and values hold no text, so nothing in Redis tells who wrote what. All
    workers need the same key (`CONVQA_KEY`). While Redis does not answer, turns go on without what the state would have
    told, and their spans say so.

    Args:
        url: Such as `redis://localhost:6379/0`; or a client of the `redis` package, whose time-outs are then yours.
        ttl_s: Seconds after which a quiet conversation is forgotten.
        timeout_s: Longest time to wait for an answer, in seconds.
        prefix: Of the keys.

    Raises:
        ConfigurationError: The package `redis` is not installed, or the address is none.
    """

    def __init__(
        self, url: str | Redis, *, ttl_s: float = 7 * 86_400.0, timeout_s: float = 0.1, prefix: str = PREFIX
    ) -> None:
        if not 1.0 <= ttl_s <= 366 * 86_400.0 or not 0.0 < timeout_s <= 10.0:
            raise ConfigurationError(
                f"RedisState got ttl_s={ttl_s} and timeout_s={timeout_s}; give 1 second to 366 days, up to 10 seconds"
            )
        self._client: Any = _client(url, timeout_s) if isinstance(url, str) else url
        self._ttl_ms = int(ttl_s * 1000)
        self._prefix = prefix
        self._quiet_until = 0.0

    def read(self, name: str) -> ConversationState | None:
        """Return the state of a conversation, None when there is none.

        Raises:
            StateError: Redis does not answer, or did not a moment ago, or what it holds is no state.
        """
        self._check()
        try:
            return _read(self._client.get(self._prefix + name))
        except StateError:
            raise
        except Exception as error:
            raise self._failed(error) from error

    def advance(self, name: str, step: Step) -> ConversationState | None:
        """Replace the state by what `step` makes of it, as one action; return the one before, None: there was none.

        Raises:
            StateError: As for `read`; what was no state has then been replaced. Or other workers changed the state each
                time that it was to be written.
        """
        from redis.exceptions import WatchError

        self._check()
        key = self._prefix + name
        try:
            with self._client.pipeline() as pipe:
                for _ in range(TRIES):
                    pipe.watch(key)
                    text = pipe.get(key)
                    before = ConversationState.parse(_text(text)) if text else None
                    is_lost = bool(text) and before is None
                    pipe.multi()
                    pipe.set(key, str(step(ConversationState(partial=True) if is_lost else before)), px=self._ttl_ms)
                    try:
                        pipe.execute()
                    except WatchError:
                        continue
                    if is_lost:
                        raise StateError(_NO_STATE)
                    return before
        except StateError:
            raise
        except Exception as error:
            raise self._failed(error) from error
        raise StateError("other workers changed the state of this conversation each time that it was to be written")

    def _check(self) -> None:
        if time.monotonic() < self._quiet_until:
            raise StateError("Redis did not answer a moment ago; it is asked again soon")

    def _failed(self, error: Exception) -> StateError:
        self._quiet_until = time.monotonic() + QUIET_S
        return StateError(f"Redis did not answer ({type(error).__name__})")


def _client(url: str, timeout_s: float) -> Any:
    try:
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ImportError:
        raise ConfigurationError("RedisState needs the package redis: pip install 'convqa-sdk[redis]'") from None
    try:
        connect: Any = redis.Redis.from_url  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] # reason: its options are untyped
        return connect(url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s, retry=Retry(NoBackoff(), 0))
    except ValueError as error:
        raise ConfigurationError(
            f"RedisState: the address is none ({type(error).__name__}); give one such as redis://localhost:6379/0"
        ) from None


def _read(given: object) -> ConversationState | None:
    if not given:
        return None
    state = ConversationState.parse(_text(given))
    if state is None:
        raise StateError(_NO_STATE)
    return state


def _text(given: object) -> str:
    return given.decode("ascii", "replace") if isinstance(given, bytes) else str(cast("str", given))
