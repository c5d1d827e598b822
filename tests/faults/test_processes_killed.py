"""``kill -9`` of each process under load: whatever was acknowledged is there afterwards (T-44)."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from urllib.request import urlopen

import psycopg
import pytest
from playwright.sync_api import Browser, expect

from tests.support.desk_load import DEMO, DeskLoad
from tests.support.running import Platform, run_platform, wait_until

pytestmark = pytest.mark.long

VICTIMS = ("web", "worker", "sequencer", "peak", "publisher", "database")
BETWEEN_SECONDS = 1.0


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


def survive(victim: str, *, platform: Platform, load: DeskLoad) -> None:
    """Kill a process and see it come back, and the day go on."""
    before, killed = len(load.acknowledged), platform.kill(victim)
    came_back = wait_until(lambda: platform.pid_of(victim) not in {None, killed}, seconds=60)
    assert came_back, f"{victim} was not started again"
    goes_on = wait_until(lambda: len(load.acknowledged) > before, seconds=60)
    assert goes_on, f"nothing was chosen after {victim} was killed"


@pytest.mark.threat("T-44")
@pytest.mark.pitfall("P8")
def test_killed_under_load_nothing_acknowledged_is_lost(platform: Platform) -> None:
    load = DeskLoad(platform)
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


@pytest.mark.threat("T-44")
@pytest.mark.req("PUB-1")
def test_while_site_and_database_are_away_the_wall_and_its_stream_stay(platform: Platform) -> None:
    supervisor = platform.supervisor.pid
    os.kill(supervisor, signal.SIGSTOP)  # nobody starts again what dies
    try:
        platform.kill("database")
        os.killpg(platform.pid_of("web") or 0, signal.SIGKILL)
        assert wait_until(lambda: platform.ask("GET", "/api/projects")[0] == 0, seconds=60)
        with urlopen(f"http://127.0.0.1:{platform.peak_port}/live/{DEMO}/", timeout=30) as wall:
            assert 'data-part="stock"' in wall.read().decode()
        with urlopen(
            f"http://127.0.0.1:{platform.peak_port}/live/{DEMO}/events", timeout=30
        ) as stream:
            said = b"".join(stream.readline() for _ in range(6)).decode()
        assert "event: clock" in said
        assert "event: wall" in said
    finally:
        os.kill(supervisor, signal.SIGCONT)
    assert wait_until(lambda: platform.ask("GET", "/api/projects")[0] == 200, seconds=60)


@pytest.mark.threat("T-44")
@pytest.mark.req("PUB-1")
def test_a_screen_says_that_it_lost_the_wall_and_comes_back_by_itself(
    platform: Platform, browser: Browser
) -> None:
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{platform.peak_port}/live/{DEMO}/", wait_until="domcontentloaded")
    line = page.locator("[data-line]")
    expect(line).to_have_text("直播中")
    page.evaluate("window.untouched = true")
    platform.kill("peak")
    expect(line).to_have_text("连接断开，正在重连")
    expect(line).to_have_text("直播中", timeout=60_000)
    assert page.evaluate("window.untouched")
    page.close()


def test_a_second_supervisor_is_refused(platform: Platform) -> None:
    from anju.cli.supervisor import hold_home
    from anju_rules.values import Refusal

    with pytest.raises(Refusal) as refused, hold_home(platform.home):
        pass
    assert refused.value.code == "serve.already-running"


def test_health_is_well_again(platform: Platform) -> None:
    assert wait_until(lambda: platform.ask("GET", "/health")[0] == 200, seconds=90)
