"""A bot behind WSGI: `GET /?id=c-1&pause=0.5` answers with the id of the process."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl

from support import reply

import convqa_sdk as convqa

convqa.configure()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one request."""
    query = dict(parse_qsl(environ["QUERY_STRING"]))
    process = reply(query["id"], float(query.get("pause", 0))) if query else 0
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(process).encode()]
