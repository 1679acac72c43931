"""Bounds how long a backend may take to begin its answer, and how long for the rest of it.

A socket's timeout is for each read: whoever sends a byte now and then, or `100 Continue` for ever, holds the sender.
So each read gets what is left of the time; no thread watches, for an interpreter that is ending starts none.
"""

from __future__ import annotations

import time
from http.client import HTTPResponse
from io import BufferedReader, RawIOBase
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.poolmanager import pool_classes_by_scheme

REST_S = 1.0
"""Longest time that is spent on the rest of an answer whose head has arrived, in seconds."""


class _Reader(RawIOBase):
    """What a socket receives within a time; for ever where the socket has no timeout."""

    def __init__(self, sock: Any, received: Any) -> None:
        self._sock = sock
        self._received = received
        self._timeout: float | None = sock.gettimeout()
        self.within(self._timeout)

    def within(self, seconds: float | None) -> None:
        """Give the reads to come so much time together."""
        self._end = None if seconds is None else time.monotonic() + seconds

    def readable(self) -> bool:
        """Whether it can be read, which buffered readers want to know."""
        return True

    def readinto(self, buffer: Any) -> Any:
        """Read once.

        Raises:
            TimeoutError: The time is over.
        """
        if self._end is None:
            return self._received.readinto(buffer)
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer takes longer than the timeout")
        self._sock.settimeout(left)
        try:
            return self._received.readinto(buffer)
        finally:
            self._sock.settimeout(self._timeout)

    def close(self) -> None:
        """Let go of the socket."""
        self._received.close()
        super().close()


class _Answer(HTTPResponse):
    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        whole: Any = self.fp
        self._reader = _Reader(sock, whole.detach())
        self.fp = BufferedReader(self._reader)

    def begin(self) -> None:
        """Read the head.

        Raises:
            TimeoutError: It has not arrived within the socket's timeout.
        """
        super().begin()
        self._reader.within(REST_S)


class _Connection(HTTPConnection):
    response_class: Any = _Answer


class _TlsConnection(HTTPSConnection):
    response_class: Any = _Answer


class _Pool(HTTPConnectionPool):
    ConnectionCls: Any = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls: Any = _TlsConnection


class DeadlineAdapter(HTTPAdapter):
    """Sends requests whose answers begin within their timeout, or not at all."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools for direct connections."""
        super().init_poolmanager(*args, **kwargs)
        _bound(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """Return the pools for a proxy; SOCKS has connections of its own, which stay as they are."""
        manager = super().proxy_manager_for(*args, **kwargs)
        _bound(manager)
        return manager


_POOLS: dict[str, Any] = {"http": _Pool, "https": _TlsPool}


def _bound(manager: PoolManager) -> None:
    if manager.pool_classes_by_scheme is pool_classes_by_scheme:
        manager.pool_classes_by_scheme = _POOLS
