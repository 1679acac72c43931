"""Answers of a backend that is ill: for `Receiver.answers`."""

from __future__ import annotations

import socket
import struct
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from .receivers import Answer

PROTOBUF = "application/x-protobuf"


def answer(status: int = 200, body: bytes = b"", kind: str = PROTOBUF, **headers: str) -> Answer:
    """A complete answer; of header names, `_` stands for `-`; an empty header is left out."""

    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, text in {"Content_Type": kind, "Content_Length": str(len(body)), **headers}.items():
            if text:
                handler.send_header(name.replace("_", "-"), text)
        handler.end_headers()
        handler.wfile.write(body)

    return send


def rejecting(spans: int) -> bytes:
    """The body of a partial success."""
    message = ExportTraceServiceResponse()
    message.partial_success.rejected_spans = spans
    message.partial_success.error_message = "jane@example.com is no attribute"
    return message.SerializeToString()


def reset_after(sent: bytes) -> Answer:
    """Send these bytes, then reset the connection as a machine that dies does."""

    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(sent)
        handler.close_connection = True
        linger = struct.pack("ii", 1, 0)
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        handler.connection.shutdown(socket.SHUT_RD)
        handler.connection.close()

    return send


def never_beginning(piece: bytes, pause_s: float) -> Answer:
    """Send a piece of an answer's head again and again until the client goes away."""

    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        end = time.monotonic() + 20
        with suppress(OSError):
            while time.monotonic() < end:
                handler.wfile.write(piece)
                time.sleep(pause_s)

    return send


def endless(piece: bytes, pause_s: float, sent: list[int]) -> Answer:
    """A chunked body that goes on until the client goes away; `sent` is told how many bytes that were."""

    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", PROTOBUF)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        chunk = b"%x\r\n%s\r\n" % (len(piece), piece)
        total = 0
        try:
            while total < 500_000_000:
                handler.wfile.write(chunk)
                total += len(chunk)
                time.sleep(pause_s)
        except OSError:
            handler.close_connection = True
        sent.append(total)

    return send
