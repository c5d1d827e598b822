"""The port to a telephone gateway: a message goes out, a receipt comes back.

Where it is reached stands in ``gateway.toml`` in the home folder. Without that file nothing is
sent, and it is said so.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from anju.foundation.exchange.signed_post import SignedLine, known_line
from anju_rules.messages import MOST_BYTES, GatewayReceipt, Outgoing, read_receipt

_OWNER = "messages.gateway"


class Gateway(Protocol):
    """How a message is sent."""

    def __call__(self, *, message: Outgoing) -> GatewayReceipt:
        """Send a message and give the receipt; the same message again gets the same receipt.

        Refuses with ``messages.gateway-away``, ``messages.gateway-refused`` (with its status),
        ``messages.gateway-forged``, ``messages.receipt-malformed`` or
        ``messages.receipt-of-another``.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpGateway:
    """A gateway that is reached by HTTP, by the published contract."""

    line: SignedLine

    def __call__(self, *, message: Outgoing) -> GatewayReceipt:
        """Send a message; see :class:`Gateway`."""
        return read_receipt(self.line.post(message.write(), most=MOST_BYTES), message=message)


def gateway_file(home: Path) -> Path:
    """Say where the gateway's address stands."""
    return home / "gateway.toml"


def known_gateway(home: Path) -> Gateway | None:
    """Give the gateway of this installation; None where there is none.

    Refuses with ``messages.gateway-malformed``, and with ``messages.gateway-open`` an address
    beyond this machine without https: telephone numbers go over that line.
    """
    line = known_line(gateway_file(home), owner=_OWNER)
    return None if line is None else HttpGateway(line=line)
