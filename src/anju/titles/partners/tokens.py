"""The token of a service: what its code carries. It names the service and cannot be made up.

Scope and service are random ids; the mark is keyed outside the database. Nothing is stored, so a
code can be printed again at any time, and serves once: a service has one rating.
"""

from __future__ import annotations

import base64
import binascii
from hmac import compare_digest
from uuid import UUID

from anju.foundation.core.sealing import blind_index
from anju.titles.partners.types import SERVICE_KINDS, Service
from anju_rules.ratings import CLAUSE
from anju_rules.values import Refusal

_MARK_BYTES = 12
_NAMED_BYTES = 33
TOKEN_LENGTH = 60
"""Kind, scope, service and mark, 45 bytes in base64."""


def write_token(service: Service) -> str:
    """Give the token of a service, always the same."""
    named = bytes([SERVICE_KINDS.index(service.kind)]) + service.project_id.bytes + service.id.bytes
    return base64.urlsafe_b64encode(named + _mark(named)).decode()


def read_token(token: str) -> Service:
    """Give the service of a token; refuses with ``ratings.token-unknown`` any that is not ours."""
    try:
        told = base64.b64decode(token, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        told = b""
    named, mark = told[:_NAMED_BYTES], told[_NAMED_BYTES:]
    if (
        len(token) != TOKEN_LENGTH
        or not compare_digest(mark, _mark(named))
        or named[0] >= len(SERVICE_KINDS)
    ):
        raise Refusal("ratings.token-unknown", clause=CLAUSE)
    return Service(
        project_id=UUID(bytes=named[1:17]),
        kind=SERVICE_KINDS[named[0]],
        id=UUID(bytes=named[17:]),
    )


def _mark(named: bytes) -> bytes:
    return blind_index(kind="rating-token", text=named.hex())[:_MARK_BYTES]
