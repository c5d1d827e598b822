"""Streams: what changed on a wall, told to everybody who looks at it.

A wall's ``wall.json`` holds ``revision``, ``parts`` (name to HTML) and ``homes`` (a sign a home, in
the order in which the façades are drawn). A change is worked out and written down once for all who
listen; whoever missed one is told the whole.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

HEARTBEAT_S = 15.0
"""Seconds between signs of life: proxies drop a line that stays silent for a minute."""
HEARTBEAT = b": alive\n\n"
ROWS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One revision of a wall, written down as the stream says it."""

    revision: int
    before: int | None
    """The revision that ``change`` builds on."""
    change: bytes
    whole: bytes
    parts: Mapping[str, str] = field(default_factory=dict)
    homes: str = ""


class Wall:
    """One project's wall: its newest revision, and those who wait for the next.

    They wait in rows, and one row is woken after the other: whoever asks for a page in between
    does not wait until ten thousand others were told.
    """

    def __init__(self) -> None:
        self.told: Told | None = None
        self.stamp: tuple[int, int, int] | None = None
        self.listeners = 0
        self.quiet_since = time.monotonic()
        self._joined = 0
        self._rows = [asyncio.Event() for _ in range(ROWS)]

    def join(self) -> int:
        """Give the row in which one more listener waits."""
        self.listeners += 1
        self._joined += 1
        return self._joined % ROWS

    def leave(self) -> None:
        """Let one listener go."""
        self.listeners -= 1

    async def wait(self, row: int) -> None:
        """Wait until something is to be told."""
        await self._rows[row].wait()

    def wake(self, row: int) -> None:
        """Wake a row."""
        pulse, self._rows[row] = self._rows[row], asyncio.Event()
        pulse.set()

    async def wake_all(self) -> None:
        """Wake row after row."""
        self.quiet_since = time.monotonic()
        for row in range(ROWS):
            self.wake(row)
            await asyncio.sleep(0)


class Walls:
    """Every wall of the public folder that somebody asked for."""

    def __init__(self, live: Path) -> None:
        self._live = live
        self._walls: dict[str, Wall] = {}
        self._is_closing = False

    @property
    def listeners(self) -> int:
        """How many listen, over all walls."""
        return sum(wall.listeners for wall in self._walls.values())

    def find(self, code: str) -> Wall | None:
        """Give the wall of a project, or None where nothing is published for it."""
        wall = self._walls.get(code)
        if wall is None and (self._live / code / "wall.json").is_file():
            wall = self._walls[code] = Wall()
            self._look(code, wall)
        return wall

    def close(self) -> None:
        """End every stream."""
        self._is_closing = True
        for wall in self._walls.values():
            for row in range(ROWS):
                wall.wake(row)

    async def look(self) -> None:
        """Look at every wall, and wake who listens where it is new or has long been silent."""
        for code, wall in list(self._walls.items()):
            is_silent = time.monotonic() - wall.quiet_since >= HEARTBEAT_S
            if self._look(code, wall) or is_silent:
                await wall.wake_all()

    async def listen(self, code: str, *, seen: int | None) -> AsyncGenerator[bytes, None]:
        """Give what a listener is to be sent who has seen revision ``seen``, until closing."""
        wall = self.find(code)
        if wall is None:
            return
        row = wall.join()
        try:
            while not self._is_closing:
                told = wall.told
                if told is not None and told.revision != seen:
                    yield told.change if told.before == seen else told.whole
                    seen = told.revision
                    continue
                await wall.wait(row)
                if wall.told is told and not self._is_closing:
                    yield HEARTBEAT
        finally:
            wall.leave()

    def _look(self, code: str, wall: Wall) -> bool:
        """Read a wall that was put up anew; True where its revision is another."""
        file = self._live / code / "wall.json"
        try:
            stat = file.stat()
            stamp = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
            if stamp == wall.stamp:
                return False
            told = tell_revision(json.loads(file.read_bytes()), before=wall.told)
        except (OSError, ValueError, LookupError, TypeError):
            return False  # withdrawn, or no wall: whoever listens keeps what he has
        wall.stamp = stamp
        if wall.told is not None and told.revision == wall.told.revision:
            return False
        wall.told = told
        return True


def tell_revision(published: Mapping[str, object], *, before: Told | None) -> Told:
    """Write down a revision, whole and as what changed since ``before``."""
    revision = published["revision"]
    parts = published["parts"]
    homes = published["homes"]
    if not (isinstance(revision, int) and isinstance(parts, dict) and isinstance(homes, str)):
        message = "a wall.json without revision, parts or homes"
        raise TypeError(message)
    whole = {"revision": revision, "parts": parts, "homes": homes}
    change = whole
    if before is not None:
        change = {
            "revision": revision,
            "parts": {name: html for name, html in parts.items() if html != before.parts.get(name)},
        }
        if len(homes) == len(before.homes):
            change["changed"] = {
                str(place): sign
                for place, (sign, old) in enumerate(zip(homes, before.homes, strict=True))
                if sign != old
            }
        else:
            change["homes"] = homes
    return Told(
        revision=revision,
        before=before.revision if before else None,
        change=_event(revision, change),
        whole=_event(revision, whole),
        parts=parts,
        homes=homes,
    )


def _event(revision: int, told: Mapping[str, object]) -> bytes:
    data = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return f"event: wall\nid: {revision}\ndata: {data}\n\n".encode()
