"""Whether what came over the wire is the department's, and about the very request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from anju.foundation.core.crypto import tested_provider
from anju_rules.departments.messages import (
    Reply,
    Signed,
    judge_answer,
    judge_receipt,
    signing_bytes,
)
from anju_rules.values import Refusal


def judge_reply(reply: Reply, *, request: Mapping[str, Any], key: bytes, at: datetime) -> datetime:
    """Give when the department had the request; refuses a reply with anything wrong in it.

    One forged answer refuses the whole reply: whoever sends that is not believed in the rest.
    """
    for signed in (reply.receipt, *reply.answers):
        require_signature(signed, key=key)
    for answer in reply.answers:
        judge_answer(answer.message, request=request, at=at)
    return judge_receipt(reply.receipt.message, request=request, at=at)


def require_signature(signed: Signed, *, key: bytes) -> None:
    """Refuse with ``departments.signature-wrong`` what the pinned key did not sign."""
    if not tested_provider().sm2_verify(
        public_key=key, message=signing_bytes(signed.message), signature=signed.signature
    ):
        raise Refusal("departments.signature-wrong")
