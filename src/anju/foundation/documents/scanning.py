"""The virus scanner, behind a port that fails closed: no answer is no document.

``ANJU_SCANNER`` says which: ``clamd:HOST:PORT`` or ``clamd:/path/of/socket``; ``off`` where the
city has decided to do without, which every document then says of itself. Said nothing, nothing is
taken.
"""

from __future__ import annotations

import socket
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

from anju_rules.values import Refusal

NOT_SCANNED = "not-scanned"
"""What a document's ``scanned_by`` says where the scanner is off."""
_SECONDS = 30.0
_CHUNK = 1 << 16
_LONGEST_ANSWER = 4_096


class Scanner(Protocol):
    """Who looks for known malice."""

    @property
    def name(self) -> str:
        """What a document's ``scanned_by`` says."""

    def require_clean(self, content: bytes) -> None:
        """Refuse with ``documents.malicious``, or ``documents.scanner-away`` without an answer."""


@dataclass(frozen=True, slots=True)
class NoScanner:
    """The decision to do without, which each document tells."""

    name: str = NOT_SCANNED

    def require_clean(self, content: bytes) -> None:
        """Look at nothing."""


@dataclass(frozen=True, slots=True)
class Clamd:
    """ClamAV's daemon, asked with ``INSTREAM`` over a socket."""

    address: tuple[str, int] | str
    name: str = "clamd"

    def require_clean(self, content: bytes) -> None:
        """Send the content and read the verdict; anything but ``OK`` keeps it out."""
        try:
            with closing(self._connect()) as stream:
                stream.sendall(b"zINSTREAM\0")
                for start in range(0, len(content), _CHUNK):
                    part = content[start : start + _CHUNK]
                    stream.sendall(len(part).to_bytes(4, "big") + part)
                stream.sendall(b"\0\0\0\0")
                answer = _read_answer(stream)
        except OSError:
            raise Refusal("documents.scanner-away") from None
        if answer.endswith(" FOUND"):
            raise Refusal("documents.malicious")
        if answer != "stream: OK":
            raise Refusal("documents.scanner-away")

    def _connect(self) -> socket.socket:
        if isinstance(self.address, str):
            stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            stream.settimeout(_SECONDS)
            try:
                stream.connect(self.address)
            except OSError:
                stream.close()
                raise
            return stream
        return socket.create_connection(self.address, timeout=_SECONDS)


def read_scanner(told: str) -> Scanner:
    """Give the scanner that the setting names.

    Refuses with ``documents.scanner-missing`` where it names none, and
    ``documents.scanner-malformed``.
    """
    if not told:
        raise Refusal("documents.scanner-missing")
    if told == "off":
        return NoScanner()
    kind, _, where = told.partition(":")
    host, _, port = where.rpartition(":")
    if kind == "clamd" and where.startswith("/"):
        return Clamd(where)
    if kind == "clamd" and host and port.isascii() and port.isdigit():
        return Clamd((host, int(port)))
    raise Refusal("documents.scanner-malformed", value=told[:80])


def _read_answer(stream: socket.socket) -> str:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < _LONGEST_ANSWER:
        part = stream.recv(_LONGEST_ANSWER)
        if not part:
            break
        answer += part
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")
