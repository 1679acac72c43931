"""A bot behind ASGI; it delivers what it has when the server shuts the application down."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qsl

from support import reply

import convqa_sdk as convqa

sdk = convqa.configure()


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer one request, or take part in the server's start and end."""
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
        return
    query = dict(parse_qsl(scope["query_string"].decode()))
    process = await asyncio.to_thread(reply, query["id"], float(query.get("pause", 0))) if query else 0
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": str(process).encode()})


async def lifespan(receive: Any, send: Any) -> None:
    """Shut telemetry down with the application: uvicorn then ends by the signal, and runs no exit handlers."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.shutdown":
            sdk.shutdown()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return
