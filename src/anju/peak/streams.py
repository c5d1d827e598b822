"""Streams: what changed on a wall, told to everybody who looks at it.

A wall's ``wall.json`` holds ``revision``, ``parts`` (name to HTML) and ``homes`` (a sign a home, in
the order in which the façades are drawn). A change is worked out and written down once for all who
listen; whoever missed one is told the whole.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

LOOK_EVERY_S = 0.2
HEARTBEAT_S = 15.0
"""Seconds between signs of life: proxies drop a line that stays silent for a minute."""
HEARTBEAT = b": alive\n\n"


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
    """One project's wall: its newest revision, and those who wait for the next."""

    def __init__(self) -> None:
        self.told: Told | None = None
        self.stamp: tuple[int, int, int] | None = None
        self.listeners = 0
        self._next = asyncio.Event()

    def tell(self, told: Told | None) -> None:
        """Put ``told`` up and wake everybody who waits."""
        self.told = told
        self.wake()

    def wake(self) -> None:
        """Wake everybody who waits."""
        pulse, self._next = self._next, asyncio.Event()
        pulse.set()

    async def wait(self, *, seconds: float) -> bool:
        """Wait for the next revision; False where none came in time."""
        try:
            await asyncio.wait_for(self._next.wait(), timeout=seconds)
        except TimeoutError:
            return False
        return True


class Walls:
    """Every wall of the public folder, watched as long as :meth:`watch` runs."""

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
            wall.wake()

    async def watch(self) -> None:
        """Look for new revisions of the walls somebody asked for, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            for code, wall in list(self._walls.items()):
                self._look(code, wall)

    async def listen(self, code: str, *, seen: int | None) -> AsyncGenerator[bytes, None]:
        """Give what a listener is to be sent who has seen revision ``seen``, until closing."""
        wall = self.find(code)
        if wall is None:
            return
        wall.listeners += 1
        try:
            while not self._is_closing:
                told = wall.told
                if told is not None and told.revision != seen:
                    yield told.change if told.before == seen else told.whole
                    seen = told.revision
                    continue
                if not await wall.wait(seconds=HEARTBEAT_S) and not self._is_closing:
                    yield HEARTBEAT
        finally:
            wall.listeners -= 1

    def _look(self, code: str, wall: Wall) -> None:
        file = self._live / code / "wall.json"
        try:
            stat = file.stat()
            stamp = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
            if stamp == wall.stamp:
                return
            told = tell_revision(json.loads(file.read_bytes()), before=wall.told)
        except (OSError, ValueError, LookupError, TypeError):
            return  # withdrawn, or no wall: whoever listens keeps what he has
        wall.stamp = stamp
        if wall.told is None or told.revision != wall.told.revision:
            wall.tell(told)


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
