"""``kill -9`` of each process under load: whatever was acknowledged is there afterwards (T-44)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg
import pytest

from tests.support.running import Platform, run_platform, wait_until

pytestmark = pytest.mark.long

VICTIMS = ("web", "worker", "sequencer", "database")
BETWEEN_SECONDS = 1.0
CODE = "LA-2026"


@dataclass(slots=True)
class Load:
    """Somebody at the desk who never tires: calls, chooses, closes, opens; and notes every yes."""

    platform: Platform
    acknowledged: dict[str, str] = field(default_factory=dict)
    """Home number to the entry that the answer named."""
    unanswered: int = 0
    is_over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Go on until it is over."""
        batch = 1
        while not self.is_over.is_set():
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
        _, board = self.platform.ask("GET", f"/api/projects/{CODE}/board")
        homes = [
            home["number"] for home in (board or {}).get("homes", []) if home["state"] == "free"
        ]
        for number in homes[::7][:8]:
            status, told = self._post(f"turns/{turn}/choose", {"homes": [number]})
            if status == 200:
                self.acknowledged[number] = str(told["event_id"])
                return
            if status != 409:
                self.unanswered += 1
                return
        self._post(f"turns/{turn}/waive", {})

    def _called(self) -> str:
        _, turns = self.platform.ask("GET", f"/api/projects/{CODE}/turns")
        called = [turn["id"] for turn in turns or [] if turn["state"] == "called"]
        return str(called[0]) if called else "00000000-0000-4000-8000-000000000000"

    def _next_batch(self, *, default: int) -> int:
        _, batches = self.platform.ask("GET", f"/api/projects/{CODE}/batches")
        waiting = [told["batch"] for told in batches or [] if told["state"] == "waiting"]
        return int(waiting[0]) if waiting else default

    def _post(self, path: str, body: object = None) -> tuple[int, dict[str, object]]:
        status, told = self.platform.ask("POST", f"/api/projects/{CODE}/{path}", body)
        return status, told or {}

    @staticmethod
    def _code(told: object) -> str:
        return str(told["refused"][0]["code"]) if isinstance(told, dict) else ""


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    with run_platform(homes=240, households=200) as running:
        yield running


def lost(platform: Platform, acknowledged: dict[str, str]) -> list[str]:
    """Give the acknowledged choices that the database does not hold, with their entries."""
    with psycopg.connect(platform.cluster.url("postgres")) as admin:
        kept = {
            (str(number), str(event))
            for number, event in admin.execute(
                "SELECT u.number, c.event_id FROM selection_choice c"
                " JOIN inventory_unit u ON u.project_id = c.project_id AND u.id = c.unit_id"
                " JOIN ledger_event e ON e.id = c.event_id"
                " WHERE c.released_at IS NULL AND e.outcome = 'done'"
            )
        }
    return [
        f"{number} {event}" for number, event in acknowledged.items() if (number, event) not in kept
    ]


def survive(victim: str, *, platform: Platform, load: Load) -> None:
    """Kill a process and see it come back, and the day go on."""
    before, killed = len(load.acknowledged), platform.kill(victim)
    came_back = wait_until(lambda: platform.pid_of(victim) not in {None, killed}, seconds=60)
    assert came_back, f"{victim} was not started again"
    goes_on = wait_until(lambda: len(load.acknowledged) > before, seconds=60)
    assert goes_on, f"nothing was chosen after {victim} was killed"


@pytest.mark.threat("T-44")
@pytest.mark.pitfall("P8")
def test_killed_under_load_nothing_acknowledged_is_lost(platform: Platform) -> None:
    load = Load(platform)
    person = threading.Thread(target=load.run)
    person.start()
    try:
        assert wait_until(lambda: len(load.acknowledged) >= 3, seconds=60)
        for victim in VICTIMS:
            survive(victim, platform=platform, load=load)
            time.sleep(BETWEEN_SECONDS)
    finally:
        load.is_over.set()
        person.join(timeout=60)
    assert lost(platform, load.acknowledged) == []
    print(f"acknowledged {len(load.acknowledged)}, lost 0")  # noqa: T201


@pytest.mark.threat("T-18")
def test_afterwards_every_entry_has_its_place_and_no_place_is_empty(platform: Platform) -> None:
    def count(question: str) -> int:
        with psycopg.connect(platform.cluster.url("postgres")) as admin:
            row = admin.execute(question).fetchone()
            assert row is not None
            return int(row[0])

    assert wait_until(lambda: count("SELECT count(*) FROM ledger_inbox") == 0, seconds=60)
    events, leaves = (
        count("SELECT count(*) FROM ledger_event"),
        count("SELECT count(*) FROM ledger_leaf"),
    )
    assert events == leaves == count("SELECT max(idx) + 1 FROM ledger_leaf")
    assert count("SELECT max(size) FROM ledger_checkpoint") == leaves


@pytest.mark.threat("T-44")
def test_control_a_choice_that_was_not_kept_is_found(platform: Platform) -> None:
    planted = {"9-9-99-9999": "00000000-0000-4000-8000-000000000000"}
    assert lost(platform, planted) == ["9-9-99-9999 00000000-0000-4000-8000-000000000000"]


def test_a_second_supervisor_is_refused(platform: Platform) -> None:
    from anju.cli.supervisor import hold_home
    from anju_rules.values import Refusal

    with pytest.raises(Refusal) as refused, hold_home(platform.home):
        pass
    assert refused.value.code == "serve.already-running"


def test_health_is_well_again(platform: Platform) -> None:
    assert wait_until(lambda: platform.ask("GET", "/health")[0] == 200, seconds=90)
