"""A simulated telephone gateway: it takes messages by the published contract and rings nobody.

What it took lies in its folder, a line a message with the digest of its text: no number, no text.
"""

from __future__ import annotations

import json
import os
import signal
import threading
from dataclasses import dataclass, field
from datetime import datetime
from hmac import compare_digest
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any

from anju_departments.clock import read_now
from anju_departments.keys import new_key
from anju_rules.hashing import digest
from anju_rules.messages import CONTRACT, MOST_BYTES, Channel, digest_text, show_receipt
from anju_rules.values import Refusal

SIGNATURE = "X-Anju-Signature"
_BLOCK = 64


def hmac_sm3(key: bytes, body: bytes) -> str:
    """Give the HMAC-SM3 of a body, in hex (RFC 2104): the other side's own hand."""
    block = key.ljust(_BLOCK, b"\0")
    inner = digest(bytes(byte ^ 0x36 for byte in block) + body)
    return digest(bytes(byte ^ 0x5C for byte in block) + inner).hex()


@dataclass(slots=True, kw_only=True)
class Exchange:
    """All messages of one run; one that is sent again gets its first receipt again."""

    key: bytes = field(repr=False)
    taken: Path
    _receipts: dict[str, tuple[str, bytes]] = field(default_factory=dict, init=False)
    _lock: Lock = field(default_factory=Lock, init=False)

    def take(self, body: bytes, signature: str, *, at: datetime) -> tuple[int, bytes]:
        """Give status and body for what came."""
        if not compare_digest(signature, hmac_sm3(self.key, body)):
            return HTTPStatus.FORBIDDEN, b""
        try:
            told: dict[str, Any] = json.loads(body)
            kind, text, message_id = Channel(told["kind"]), str(told["text"]), str(told["id"])
            if told["contract"] != CONTRACT or not str(told["to"]).isdigit():
                return HTTPStatus.BAD_REQUEST, b""
        except (ValueError, LookupError, TypeError):
            return HTTPStatus.BAD_REQUEST, b""
        with self._lock:
            known = self._receipts.get(message_id)
            if known is not None:
                same = known[0] == digest_text(text)
                return (HTTPStatus.OK, known[1]) if same else (HTTPStatus.CONFLICT, b"")
            number = f"SIM-{digest(message_id.encode()).hex()[:12]}"
            receipt = show_receipt(message_id=message_id, receipt=number, accepted_at=at, text=text)
            self._receipts[message_id] = (digest_text(text), receipt)
            with self.taken.open("a", encoding="ascii") as stream:
                stream.write(f"{number} {kind} {digest_text(text)}\n")
        return HTTPStatus.OK, receipt


def open_gateway(exchange: Exchange, *, host: str, port: int) -> ThreadingHTTPServer:
    """Give a server that takes messages; the caller runs it."""

    class Line(BaseHTTPRequestHandler):
        """One request."""

        server_version = "gateway"
        sys_version = ""
        timeout = 10

        def do_POST(self) -> None:
            """Take a message of the contract."""
            length = self.headers.get("Content-Length", "")
            if not length.isascii() or not length.isdigit() or int(length) > MOST_BYTES:
                self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
                return
            body = self.rfile.read(int(length))
            signature = self.headers.get(SIGNATURE, "")
            status, told = exchange.take(body, signature, at=read_now())
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(told)))
            self.send_header(SIGNATURE, hmac_sm3(exchange.key, told))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's
            """Say nothing: a line of a log would be about somebody."""

    return ThreadingHTTPServer((host, port), Line)


def run_gateway(*, folder: Path, address_file: Path, host: str, port: int) -> None:
    """Take messages until a signal comes; tells the platform where, unless it knows a gateway.

    Refuses with ``simulator.port-in-use``, or ``simulator.keys-malformed`` where the platform knows
    another gateway than this one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    key_file, url = folder / "gateway.key", f"http://{host}:{port}/messages"
    if not key_file.exists():
        with os.fdopen(os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as made:
            made.write(new_key().private.hex())
    key = key_file.read_text(encoding="ascii").strip()
    told = f'url = "{url}"\nkey = "{key}"\n'
    if not address_file.exists():
        with os.fdopen(os.open(address_file, os.O_WRONLY | os.O_CREAT, 0o600), "w") as made:
            made.write(told)
    if address_file.read_text(encoding="utf-8") != told:
        raise Refusal("simulator.keys-malformed", file=str(address_file))
    exchange = Exchange(key=bytes.fromhex(key), taken=folder / "taken.txt")
    try:
        server = open_gateway(exchange, host=host, port=port)
    except OSError as error:
        raise Refusal("simulator.port-in-use", host=host, port=port) from error
    with server:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
        server.serve_forever(poll_interval=0.2)
