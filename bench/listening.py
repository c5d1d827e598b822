"""Many screens at one wall: holds streams open in a process of its own, and notes what came when.

``python -m bench.listening PORT CODE STREAMS KEEP SECONDS`` opens as many as it can in so many
seconds and prints a line of JSON: how many screens show something, and what kept the others. At its
end (a line on its input) it prints one more: with KEEP 1, for each revision when it stood on each
screen.
"""

from __future__ import annotations

import asyncio
import json
import re
import resource
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

_REVISION = re.compile(rb"\nid: (\d+)\ndata: ")
_OPENED_TOGETHER = 200


@dataclass(slots=True)
class Screens:
    """What all of them saw."""

    keeps: bool
    arrived: dict[int, list[float]] = field(default_factory=dict)
    """By revision, when it stood on each screen, by the monotonic clock."""
    taken: dict[int, int] = field(default_factory=dict)
    """By revision, how many homes the first screen saw taken since it began to look."""
    lost: int = 0
    wanted: int = 0
    shown: int = 0
    """Screens that have shown anything."""
    all_on: asyncio.Event = field(default_factory=asyncio.Event)

    def show_one(self) -> None:
        """Count a screen that shows something."""
        self.shown += 1
        if self.shown == self.wanted:
            self.all_on.set()


class Screen(asyncio.Protocol):
    """One stream; the first of them also reads what it says."""

    def __init__(self, screens: Screens, path: str, *, reads: bool) -> None:
        self._screens = screens
        self._path = path
        self._reads = reads
        self._said = b""
        self._is_on = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a stream's
        transport.write(f"GET {self._path} HTTP/1.1\r\nHost: wall\r\n\r\n".encode())

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it."""
        del exc
        self._screens.lost += 1

    def data_received(self, data: bytes) -> None:
        """Note each whole event."""
        now = time.monotonic()
        if not self._is_on:
            self._is_on = True
            self._screens.show_one()
        self._said += data
        *events, self._said = self._said.split(b"\n\n")
        for event in events:
            found = _REVISION.search(event)
            if found is not None and self._screens.keeps:
                revision = int(found[1])
                self._screens.arrived.setdefault(revision, []).append(now)
                if self._reads:
                    told = json.loads(event[found.end() :])
                    taken = list(told.get("changed", {}).values()).count("t")
                    before = max(self._screens.taken.values(), default=0)
                    self._screens.taken[revision] = before + taken


async def hold(port: int, code: str, streams: int, *, keeps: bool, seconds: float) -> None:
    """Open the streams, say how many stand, and hold them until the input ends."""
    loop = asyncio.get_running_loop()
    screens, until = Screens(keeps=keeps, wanted=streams), time.monotonic() + seconds
    path, faults = f"/live/{code}/events", Counter[str]()
    for first in range(0, streams, _OPENED_TOGETHER):
        left = until - time.monotonic()
        if left <= 0:
            break
        many = range(first, min(streams, first + _OPENED_TOGETHER))
        opened = await asyncio.gather(
            *(asyncio.wait_for(_open(screens, path, port, place), timeout=left) for place in many),
            return_exceptions=True,
        )
        faults.update(type(one).__name__ for one in opened if isinstance(one, BaseException))
    with suppress(TimeoutError):
        await asyncio.wait_for(screens.all_on.wait(), timeout=max(0.0, until - time.monotonic()))
    limited_by = "nothing"
    if screens.shown < streams:
        found = ", ".join(f"{count} {name}" for name, count in faults.items())
        limited_by = found or f"{seconds:g} seconds to open"
    sys.stdout.write(json.dumps({"shown": screens.shown, "limited_by": limited_by}) + "\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.readline)
    told = {"arrived": screens.arrived, "taken": screens.taken, "lost": screens.lost}
    sys.stdout.write(json.dumps(told) + "\n")


async def _open(screens: Screens, path: str, port: int, place: int) -> None:
    await asyncio.get_running_loop().create_connection(
        lambda: Screen(screens, path, reads=place == 0),
        "127.0.0.1",
        port,
        # A client's address has 28,000 free ports; each few thousand lines have their own.
        local_addr=(f"127.0.1.{1 + place // 5000}", 0),
    )


def main() -> None:
    """Hold what the arguments ask for."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    port, code, streams, keeps, seconds = sys.argv[1:6]
    asyncio.run(hold(int(port), code, int(streams), keeps=keeps == "1", seconds=float(seconds)))


if __name__ == "__main__":
    main()
