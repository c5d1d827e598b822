"""Somebody at the desk who never tires: calls, chooses, closes, opens; and notes every yes."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from tests.support.running import Platform

DEMO = "LA-2026"


@dataclass(slots=True)
class DeskLoad:
    """One desk's work through the API, on and on."""

    platform: Platform
    code: str = DEMO
    pause_seconds: float = 0.0
    """Between two households."""
    acknowledged: dict[str, str] = field(default_factory=dict)
    """Home number to the entry that the answer named."""
    asked_at: list[float] = field(default_factory=list)
    """When each acknowledged choice was sent, by the monotonic clock; in order."""
    unanswered: int = 0
    _homes: list[str] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Go on until it is over."""
        batch = 1
        while not self.is_over.wait(self.pause_seconds):
            status, turn = self._post("turns/next")
            if status == 200:
                self._choose(str(turn["id"]))
            elif status == 409 and self._code(turn) == "selection.turn-running":
                self._choose(self._called())
            elif status == 409:
                self._post("batches/close")
                self._post(f"batches/{batch}/open")
                batch = self._next_batch(default=batch)
            else:
                time.sleep(0.2)

    def _choose(self, turn: str) -> None:
        if len(self._homes) < 8:
            self._homes = self._read_homes()
        for number in self._homes[:8]:
            asked_at = time.monotonic()
            status, told = self._post(f"turns/{turn}/choose", {"homes": [number]})
            if status == 200:
                self._homes.remove(number)
                self.acknowledged[number] = str(told["event_id"])
                self.asked_at.append(asked_at)
                return
            if status != 409:
                self.unanswered += 1
                return
            if self._code(told).startswith("selection.unit"):
                self._homes.remove(number)
        self._post(f"turns/{turn}/waive", {})

    def _read_homes(self) -> list[str]:
        """Read which homes are free, the smallest first: those most households may have."""
        _, board = self.platform.ask("GET", f"/api/projects/{self.code}/board")
        free = [home for home in (board or {}).get("homes", []) if home["state"] == "free"]
        return [home["number"] for home in sorted(free, key=lambda home: float(home["area_sqm"]))]

    def _called(self) -> str:
        status, turns = self.platform.ask("GET", f"/api/projects/{self.code}/turns")
        # While a part is down, what comes is no list.
        told = turns if status == 200 else []
        called = [turn["id"] for turn in told if turn["state"] == "called"]
        return str(called[0]) if called else "00000000-0000-4000-8000-000000000000"

    def _next_batch(self, *, default: int) -> int:
        status, batches = self.platform.ask("GET", f"/api/projects/{self.code}/batches")
        told = batches if status == 200 else []
        waiting = [batch["batch"] for batch in told if batch["state"] == "waiting"]
        return int(waiting[0]) if waiting else default

    def _post(self, path: str, body: object = None) -> tuple[int, dict[str, object]]:
        status, told = self.platform.ask("POST", f"/api/projects/{self.code}/{path}", body)
        return status, told or {}

    @staticmethod
    def _code(told: object) -> str:
        return str(told["refused"][0]["code"]) if isinstance(told, dict) else ""
