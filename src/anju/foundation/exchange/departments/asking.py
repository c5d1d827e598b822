"""The port to departments: a signed request goes out, a reply comes back."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Timer
from typing import Protocol
from urllib.parse import urlsplit

from anju.foundation.exchange.departments.addresses import Address
from anju_rules.departments.messages import MOST_BYTES, Reply, Signed, read_reply
from anju_rules.hashing import canonical
from anju_rules.values import Refusal

SECONDS = 10.0
"""How long the other side may say nothing."""
MOST_SECONDS = 30.0
"""How long it may take over all it says: an answer byte by byte must not hold up the others."""
_OK = 200


class Port(Protocol):
    """How a department is asked."""

    def __call__(self, *, address: Address, request: Signed) -> Reply:
        """Send a request and give what came back; nothing of it is believed yet.

        Refuses with ``departments.away``, ``departments.refused`` (with its status) or
        ``departments.message-malformed``.
        """


def ask_over_http(*, address: Address, request: Signed) -> Reply:
    """Ask by the published contract; see :class:`Port`."""
    parts = urlsplit(address.url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=SECONDS)
    try:
        connection.connect()
        with _cut_after(MOST_SECONDS, line=connection.sock):
            connection.request(
                "POST",
                parts.path or "/",
                canonical(request.write()),
                {"Content-Type": "application/json", "Accept": "application/json"},
            )
            answer = connection.getresponse()
            raw = answer.read(MOST_BYTES + 1)
        status = answer.status
    except (OSError, HTTPException) as error:
        raise Refusal("departments.away", department=address.department) from error
    finally:
        connection.close()
    if status != _OK:
        raise Refusal("departments.refused", department=address.department, status=status)
    return read_reply(raw)


@contextmanager
def _cut_after(seconds: float, *, line: socket.socket) -> Iterator[None]:
    """Cut the line if the block is not through by then."""

    def cut() -> None:
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)

    timer = Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
