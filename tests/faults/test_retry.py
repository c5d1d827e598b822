"""The line between a desk and the site breaks; two desks act at once: over HTTP, as it happens."""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection

from anju.foundation.access.operations import issue_token
from anju.foundation.core.clock import read_clock
from anju.foundation.core.postgres.launcher import Cluster
from anju.resettlement.selection import queries
from tests.support.running import wait_until
from tests.support.site import Seeds, serve_site
from tests.support.stages import Stage, staged_project

pytestmark = pytest.mark.long

CUTS = int(os.environ.get("ANJU_HTTP_CUTS", "6"))
DONE = {"turns/next": "selection.turn.called", "choose": "selection.home.chosen"}


@dataclass(frozen=True, slots=True)
class Desk:
    """A desk's browser, and the line it has to the site."""

    host: str
    seeds: Seeds
    token: str
    url: str
    """The database's, to see from outside what was done."""

    def ask(
        self, path: str, body: object = None, *, key: str = "", cut: bool = False
    ) -> tuple[int, Any]:
        """Ask; with ``cut`` the line breaks after the commit, before a word of the answer."""
        line = http.client.HTTPConnection(self.host, timeout=60)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        before = self.entries(path) if cut else 0
        try:
            line.request(
                "POST",
                f"/api/projects/{self.seeds.code}/{path}",
                json.dumps(body or {}),
                headers,
            )
            if cut:
                assert wait_until(lambda: self.entries(path) > before, seconds=60)
                return 0, None
            answer = line.getresponse()
            told = answer.read()
            return answer.status, json.loads(told)
        finally:
            line.close()

    def entries(self, path: str, *, outcome: str = "done") -> int:
        """Count the ledger's entries of the act behind a path."""
        action = DONE[path if path in DONE else path.rpartition("/")[2]]
        with psycopg.connect(self.url) as admin:
            row = admin.execute(
                "SELECT count(*) FROM ledger_event WHERE action = %s AND outcome LIKE %s",
                [action, outcome],
            ).fetchone()
        return int(row[0]) if row else 0

    def home_for(self, turn: str) -> str:
        """Give the number of a home that the called household may have."""
        place = next(
            row
            for row in queries.called_turns(project_id=self.seeds.project_id)
            if str(row.id) == turn
        )
        options = queries.options_of(
            project_id=self.seeds.project_id,
            household_id=place.household_id,
            by=self.seeds.officer,
        )
        return next(str(option.tile.number) for option in options if option.is_lawful)


@pytest.fixture
def desk(database_cluster: Cluster) -> Iterator[Desk]:
    with staged_project(database_cluster, Stage.CHOOSING) as seeds, serve_site() as site:
        token = issue_token(
            label="desk", lifetime=timedelta(days=1), by=seeds.clerk.actor, at=read_clock()
        )
        url = database_cluster.url("postgres", str(connection.settings_dict["NAME"]))
        yield Desk(site.removeprefix("http://"), seeds, token, url)


@pytest.mark.threat("T-41")
@pytest.mark.pitfall("P13")
def test_a_desk_whose_line_was_cut_asks_again_under_its_key_and_nothing_is_done_twice(
    desk: Desk,
) -> None:
    for number in range(CUTS // 2):
        desk.ask("turns/next", key=f"call-{number}", cut=True)
        status, turn = desk.ask("turns/next", key=f"call-{number}")
        assert (status, turn["state"]) == (200, "called")
        path, home = f"turns/{turn['id']}/choose", desk.home_for(turn["id"])
        told = {"homes": [home], "call": turn["times_called"]}
        desk.ask(path, told, key=f"choose-{number}", cut=True)
        status, chosen = desk.ask(path, told, key=f"choose-{number}")
        assert (status, [one["number"] for one in chosen["homes"]]) == (200, [home])
    assert [desk.entries(act, outcome="%") for act in DONE] == [CUTS // 2, CUTS // 2]


@pytest.mark.threat("T-41")
def test_control_without_a_key_the_desk_cannot_know_and_a_second_entry_is_written(
    desk: Desk,
) -> None:
    desk.ask("turns/next", cut=True)
    status, told = desk.ask("turns/next")
    assert (status, told["refused"][0]["code"]) == (409, "selection.turn-running")
    assert desk.entries("turns/next", outcome="%") == 2


@pytest.mark.threat("T-40")
@pytest.mark.pitfall("P13")
@pytest.mark.pitfall("P23")
def test_of_two_officers_at_once_on_one_turn_one_gets_it_and_the_other_is_told(
    desk: Desk,
) -> None:
    for _ in range(3):
        _, turn = desk.ask("turns/next")
        options = queries.options_of(
            project_id=desk.seeds.project_id,
            household_id=queries.called_turns(project_id=desk.seeds.project_id)[0].household_id,
            by=desk.seeds.officer,
        )
        homes = [str(option.tile.number) for option in options if option.is_lawful][:2]
        path = f"turns/{turn['id']}/choose"
        with ThreadPoolExecutor(2) as officers:
            told = list(officers.map(desk.ask, [path] * 2, [{"homes": [home]} for home in homes]))
        assert sorted(status for status, _ in told) == [200, 409]
        refused = next(answer for status, answer in told if status == 409)
        assert refused["refused"][0]["code"] == "selection.not-your-turn"
    assert desk.entries("choose") == 3


@pytest.mark.threat("T-41")
def test_a_desk_that_slept_through_a_call_acts_for_nobody_else(desk: Desk) -> None:
    _, turn = desk.ask("turns/next")
    path, home = f"turns/{turn['id']}/choose", desk.home_for(turn["id"])
    status, told = desk.ask(path, {"homes": [home], "call": turn["times_called"] + 1})
    assert (status, told["refused"][0]["code"]) == (409, "selection.call-outdated")
    assert desk.ask(path, {"homes": [home], "call": turn["times_called"]})[0] == 200
