"""Ports for servers that tests start in processes of their own."""

from __future__ import annotations

import os
import socket
from itertools import count

_FIRST, _MANY = 20_000, 12_000
"""Below what the kernel gives to whoever asks for any port, as every line that is opened does.

A port that was any a moment ago is another's before a slow server has come to take it.
"""
_places = count()


def free_ports(count: int) -> list[int]:
    """Give ports on which nobody listens; the same process is given none of them again."""
    found: list[int] = []
    while len(found) < count:
        # Processes stand next to each other in number: far apart here, they do not meet.
        port = _FIRST + (os.getpid() * 97 + next(_places)) % _MANY
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
    return found
