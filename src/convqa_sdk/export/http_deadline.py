"""Bounds how long a backend may take to begin its answer.

A socket's timeout is for each read: whoever sends a byte now and then, or `100 Continue` for ever, holds the sender.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.poolmanager import pool_classes_by_scheme


class _Connection(HTTPConnection):
    def getresponse(self) -> HTTPResponse:  # type: ignore[override] # reason: as urllib3 has it
        """Return the answer when its head has arrived.

        Raises:
            TimeoutError: It has not within the timeout.
        """
        sock, timeout = self.sock, self.timeout
        if not isinstance(timeout, (int, float)):
            return super().getresponse()
        late = threading.Event()

        def cut() -> None:
            late.set()
            with suppress(OSError):  # the other side was faster
                sock.shutdown(socket.SHUT_RDWR)  # for reading alone would let more come in

        end = threading.Timer(timeout, cut)
        end.daemon = True
        end.start()
        try:
            return super().getresponse()
        except Exception as error:
            if late.is_set():
                raise TimeoutError("the answer did not begin within the timeout") from error
            raise
        finally:
            end.cancel()


class _TlsConnection(_Connection, HTTPSConnection):
    pass


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
