"""Looking up one's own place without saying whose: by the first digits of a ticket's digest.

All places are published in shards; the browser digests the ticket that was typed and asks for the
shard whose name begins like the digest. Who serves it learns a shard, never a ticket, and a shard
holds at least :data:`FEWEST` households where a project has so many.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from anju_rules.hashing import digest

SCHEME = "anju-find-1"
FEWEST = 20
"""Households of a shard, at least."""
MOST_DIGITS = 3
ALL = "all"
"""The name of the one shard of a project that is too small for several."""


def name_ticket(*, code: str, ticket: str) -> str:
    """Give the hex digest that a ticket is looked up by.

    >>> name_ticket(code="XF-2026", ticket="A-07")[:3]
    'b76'
    """
    return digest(f"{SCHEME} {code} {ticket.upper()}".encode()).hex()


def count_digits(names: Sequence[str]) -> int:
    """Give how many digits name a shard: as many as leave :data:`FEWEST` in each of them.

    >>> count_digits([f"{place % 16:x}00" for place in range(320)])
    1
    """
    for digits in range(MOST_DIGITS, 0, -1):
        counts = Counter(name[:digits] for name in names)
        if len(counts) == 16**digits and min(counts.values()) >= FEWEST:
            return digits
    return 0


def name_shard(name: str, *, digits: int) -> str:
    """Give the shard in which a ticket with this digest lies."""
    return name[:digits] or ALL
