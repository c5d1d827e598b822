"""Messages to households: how a text is made, when it may go out, and what the line says of it.

The contract with a telephone gateway is small: a request and a receipt, each a flat JSON object in
canonical form (RFC 8785) with an HMAC-SM3 over it. Making the HMAC and sending are the caller's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, timezone
from enum import StrEnum
from typing import Any

from anju_rules.hashing import canonical, digest, encode
from anju_rules.shapes import fits
from anju_rules.values import Refusal

CONTRACT = "anju-messages-1"
MOST_BYTES = 16 * 1024
LONGEST_TEXT = 350
"""Characters of one message: five short messages joined, or a minute read aloud."""
QUIET_FROM, QUIET_UNTIL = time(21, 0), time(8, 0)
"""By night nobody is rung up or written to, but whose turn it is."""
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=10)
_BEIJING = timezone(timedelta(hours=8))
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"
_RECEIPT = {
    "accepted_at": str,
    "contract": str,
    "form": str,
    "id": str,
    "receipt": str,
    "text_digest": str,
}


class Channel(StrEnum):
    """How a message reaches a household."""

    SMS = "sms"
    VOICE = "voice"
    """A call that is read aloud."""


class MessageState(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"
    SENT = "sent"
    """The gateway took it, and its receipt is kept."""
    OVERDUE = "overdue"
    """It was of no use any more before it could be sent."""
    UNDELIVERABLE = "undeliverable"
    """There is no number to send it to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayReceipt:
    """What a gateway says of a message: under which number it took it, and when."""

    receipt: str
    accepted_at: datetime
    text_digest: str
    """SM3 of the text as it took it, in hex."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message as it goes to the gateway."""

    id: str
    channel: Channel
    to: str = field(repr=False)
    text: str = field(repr=False)
    laid_at: datetime

    def write(self) -> bytes:
        """Give it as it goes over the line, and as it is signed."""
        return canonical(
            {
                "contract": CONTRACT,
                "form": "message",
                "id": self.id,
                "kind": str(self.channel),
                "to": self.to,
                "text": self.text,
                "laid_at": self.laid_at.astimezone(UTC).strftime(_MOMENT),
            }
        )


def fill_text(template: str, facts: Mapping[str, str | int]) -> str:
    """Put facts into a template; refuses with ``messages.text-malformed``.

    >>> fill_text("签号 {ticket}，第 {place} 位", {"ticket": "A-07", "place": 7})
    '签号 A-07，第 7 位'
    """
    try:
        text = template.format(**facts)
    except (LookupError, ValueError) as error:
        raise Refusal("messages.text-malformed", facts="、".join(sorted(facts))) from error
    if not text or len(text) > LONGEST_TEXT:
        raise Refusal("messages.text-malformed", facts="、".join(sorted(facts)))
    return text


def next_waking_moment(at: datetime) -> datetime:
    """Give the first moment from ``at`` on at which a household may be disturbed.

    >>> next_waking_moment(datetime(2026, 6, 1, 22, 0, tzinfo=_BEIJING)).isoformat()
    '2026-06-02T08:00:00+08:00'
    """
    local = at.astimezone(_BEIJING)
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return at
    day = local.date() + timedelta(days=local.time() >= QUIET_FROM)
    return datetime.combine(day, QUIET_UNTIL, tzinfo=_BEIJING)


def next_attempt(*, attempts: int, at: datetime) -> datetime:
    """Give when to try again after so many attempts that brought no receipt."""
    doubled: timedelta = FIRST_WAIT * 2 ** min(max(attempts - 1, 0), 10)
    return at + min(doubled, LONGEST_WAIT)


def digest_text(text: str) -> str:
    """Digest a text as receipts name it, in hex."""
    return digest(encode(f"{CONTRACT}/text", text)).hex()


def show_receipt(*, message_id: str, receipt: str, accepted_at: datetime, text: str) -> bytes:
    """Write a gateway's receipt as it goes over the line, and as it is signed."""
    return canonical(
        {
            "contract": CONTRACT,
            "form": "receipt",
            "id": message_id,
            "receipt": receipt,
            "accepted_at": accepted_at.astimezone(UTC).strftime(_MOMENT),
            "text_digest": digest_text(text),
        }
    )


def read_receipt(raw: bytes, *, message: Outgoing) -> GatewayReceipt:
    """Read a receipt for ``message``; its signature was looked at before.

    Refuses with ``messages.receipt-malformed``, and with ``messages.receipt-of-another`` one for
    another message or another text.
    """
    try:
        told: Any = json.loads(raw)
        if not fits(told, _RECEIPT) or (told["contract"], told["form"]) != (CONTRACT, "receipt"):
            raise Refusal("messages.receipt-malformed")
        accepted_at = datetime.strptime(told["accepted_at"], _MOMENT).replace(tzinfo=UTC)
    except ValueError as error:
        raise Refusal("messages.receipt-malformed") from error
    if not 0 < len(told["receipt"]) <= 64:
        raise Refusal("messages.receipt-malformed")
    if (told["id"], told["text_digest"]) != (message.id, digest_text(message.text)):
        raise Refusal("messages.receipt-of-another")
    return GatewayReceipt(
        receipt=told["receipt"], accepted_at=accepted_at, text_digest=told["text_digest"]
    )
