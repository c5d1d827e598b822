"""How a witness speaks to its log: it asks for the head, and hands in what it signed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from anju_rules.values import Refusal

_SECONDS = 10.0
_MOST_BYTES = 64 * 1024
_MOST_NODES = 130
"""A proof between two heads has at most about twice as many hashes as the size has bits."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What the log offers: nothing of it is believed yet."""

    note: str
    path: tuple[bytes, ...]


def ask_head(url: str, *, since: int) -> Offer | None:
    """Ask for the newest head and the proof from size ``since``; None: the log has none yet.

    Refuses with ``witness.log-away`` or ``witness.answer-malformed``.
    """
    status, told = _ask(url, "GET", f"/api/log/head?since={since}")
    if status == 404:
        return None
    try:
        path = tuple(bytes.fromhex(node) for node in told["path"])
        note = told["note"]
    except (ValueError, KeyError, TypeError) as error:
        raise Refusal("witness.answer-malformed", status=status) from error
    if status != 200 or not isinstance(note, str) or len(path) > _MOST_NODES:
        raise Refusal("witness.answer-malformed", status=status)
    return Offer(note, path)


def hand_in(url: str, *, size: int, signature: str) -> None:
    """Hand in what was signed. Refuses with ``witness.not-taken``, or if the log is away."""
    status, _ = _ask(url, "POST", "/api/log/cosignatures", {"size": size, "signature": signature})
    if status != 200:
        raise Refusal("witness.not-taken", status=status, size=size)


def _ask(
    url: str, method: str, path: str, body: Mapping[str, object] | None = None
) -> tuple[int, Any]:
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_SECONDS)
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    try:
        connection.request(
            method, parts.path + path, None if body is None else json.dumps(body), headers
        )
        answer = connection.getresponse()
        read = answer.read(_MOST_BYTES + 1)
        if len(read) > _MOST_BYTES:
            raise Refusal("witness.answer-malformed", status=answer.status)
        return answer.status, json.loads(read)
    except (OSError, HTTPException) as error:
        raise Refusal("witness.log-away", url=url) from error
    except ValueError as error:
        raise Refusal("witness.answer-malformed", status=0) from error
    finally:
        connection.close()
