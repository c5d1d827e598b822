"""Many people at one server at once, each with a session and a line of their own."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.measure import percentile

PATIENCE_SECONDS = 300
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_OK = b"HTTP/1.1 200"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """What somebody asks for."""

    path: str
    cookie: str = ""


@dataclass(slots=True)
class Crowd:
    """What a crowd met."""

    ms: list[float] = field(default_factory=list)
    """Of each page that was answered, in milliseconds."""
    seconds: float = 0.0
    """Until the last of them had the last page."""
    faults: int = 0
    """Lines that broke or were never answered, and answers that are no page."""

    @property
    def a_second(self) -> float:
        """Give the pages answered a second."""
        return round(len(self.ms) / self.seconds, 1) if self.seconds else 0.0

    def percentile(self, percent: int) -> float:
        """Give the milliseconds that so many percent of the pages stay under."""
        return round(percentile(self.ms, percent), 1) if self.ms else 0.0


def ask_together(
    port: int, visitors: Sequence[Visitor], *, times: int, pause_seconds: float = 0.0
) -> Crowd:
    """Let every visitor open a line and ask ``times`` times; all begin at the same moment.

    Who has an answer asks again at once, or after a pause of about ``pause_seconds``, before the
    first page too. Ends when everybody has everything, so that no page asked for is left to the
    next crowd.
    """
    return asyncio.run(_gather(port, visitors, times=times, pause_seconds=pause_seconds))


async def _gather(
    port: int, visitors: Sequence[Visitor], *, times: int, pause_seconds: float
) -> Crowd:
    crowd, doors = Crowd(), asyncio.Event()
    chance = random.Random(20260917)
    pauses = [
        [chance.uniform(0, 2 * pause_seconds) for _ in range(times)] for _ in range(len(visitors))
    ]
    waiting = [
        asyncio.create_task(_visit(port, visitor, crowd, doors, pauses=own))
        for visitor, own in zip(visitors, pauses, strict=True)
    ]
    await asyncio.sleep(0)
    began = time.perf_counter()
    doors.set()
    await asyncio.gather(*waiting)
    crowd.seconds = time.perf_counter() - began
    return crowd


async def _visit(
    port: int, visitor: Visitor, crowd: Crowd, doors: asyncio.Event, *, pauses: Sequence[float]
) -> None:
    cookie = f"Cookie: {visitor.cookie}\r\n" if visitor.cookie else ""
    asked = f"GET {visitor.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{cookie}\r\n".encode()
    await doors.wait()
    done = 0
    try:
        async with asyncio.timeout(PATIENCE_SECONDS + sum(pauses)):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for pause in pauses:
                await asyncio.sleep(pause)
                began = time.perf_counter()
                writer.write(asked)
                head = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(head)
                await reader.readexactly(int(length[1]) if length else 0)
                done += 1
                if head.startswith(_OK) and length is not None:
                    crowd.ms.append((time.perf_counter() - began) * 1000)
                else:
                    crowd.faults += 1
            writer.close()
    except (OSError, EOFError, TimeoutError):
        crowd.faults += len(pauses) - done
