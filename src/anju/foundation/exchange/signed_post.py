"""A signed line to a program outside: a body goes out, a body comes back, both with their HMAC.

Where it is reached stands in a file of the home folder: its ``url``, and the ``key`` (64 hex
digits) that both sides sign with.
"""

from __future__ import annotations

import hmac
import re
import tomllib
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

from anju.foundation.core.crypto import hmac_sm3
from anju_rules.values import Refusal

SIGNATURE = "X-Anju-Signature"
"""The header with the HMAC-SM3 of the body, in hex; on the way there and on the way back."""
SECONDS = 10.0
"""How long the other side may say nothing."""
_KEY = re.compile(r"[0-9a-f]{64}")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedLine:
    """A line to one program; ``owner`` begins the codes of what it refuses."""

    owner: str
    url: str
    key: bytes = field(repr=False)

    def post(self, body: bytes, *, most: int) -> bytes:
        """Send a body and give the answer's, of at most ``most`` bytes.

        Refuses with ``…-away`` (no answer), ``…-refused`` (another status than 200) and
        ``…-forged`` (an answer that the key did not sign), each after the owner's name.
        """
        parts = urlsplit(self.url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=SECONDS)
        try:
            connection.request(
                "POST",
                parts.path or "/",
                body,
                {"Content-Type": "application/json", SIGNATURE: sign(self.key, body)},
            )
            answer = connection.getresponse()
            raw = answer.read(most + 1)
        except (OSError, HTTPException) as error:
            raise Refusal(f"{self.owner}-away") from error
        finally:
            connection.close()
        if answer.status != _OK:
            raise Refusal(f"{self.owner}-refused", status=answer.status)
        signed = answer.headers.get(SIGNATURE, "")
        if len(raw) > most or not hmac.compare_digest(signed, sign(self.key, raw)):
            raise Refusal(f"{self.owner}-forged")
        return raw


def sign(key: bytes, body: bytes) -> str:
    """Sign a body as the contracts say, in hex."""
    return hmac_sm3(key=key, data=body).hex()


def known_line(file: Path, *, owner: str) -> SignedLine | None:
    """Give the line whose address stands in a file; None where there is no file.

    Refuses with ``…-malformed``, and with ``…-open`` an address beyond this machine without https:
    what names people goes over that line.
    """
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise Refusal(f"{owner}-malformed") from error
    url, key = str(told.get("url", "")), str(told.get("key", ""))
    parts = urlsplit(url)
    if told.keys() != {"url", "key"} or not _KEY.fullmatch(key):
        raise Refusal(f"{owner}-malformed")
    if parts.scheme not in {"http", "https"}:
        raise Refusal(f"{owner}-malformed")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise Refusal(f"{owner}-open")
    return SignedLine(owner=owner, url=url, key=bytes.fromhex(key))
