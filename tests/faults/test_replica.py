"""A replica that is half a minute behind: the wall may read it, no decision does (T-42)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import InternalError, connections, router

from anju.api.selection_rows import board_out
from anju.cli.serve import programs_of
from anju.config.environment import read_environment
from anju.resettlement.selection import queries
from anju.resettlement.selection.operations.choosing import choose_homes
from anju.resettlement.selection.operations.turns import call_next
from anju_rules.values import Refusal
from tests.support.databases import Database
from tests.support.replicas import held_back_replica
from tests.support.selections import LATER, Selected, call_first, drawn_project, free_homes

pytestmark = pytest.mark.long

BEHIND = 600


@pytest.fixture
def replica(database: Database) -> Iterator[tuple[Selected, UUID, str]]:
    """Give a project whose first household is called, that turn, and the replica of the moment."""
    project = drawn_project()
    turn = call_first(project)
    with held_back_replica(database, seconds=BEHIND) as host:
        yield project, turn.id, host


@contextmanager
def asking(host: str) -> Iterator[None]:
    """Let the application's connection lead to another server."""
    told = connections.settings["default"]
    own = told["HOST"]
    connections["default"].close()
    connections["default"].settings_dict["HOST"] = host
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"].settings_dict["HOST"] = own


def free_on_the_wall(project: Selected) -> set[UUID]:
    """Give the homes a wall laid out now would show as free."""
    known = {str(number): unit_id for number, unit_id in project.units.items()}
    told = board_out(queries.selection_board(project_id=project.id))
    return {known[home.number] for home in told.homes if home.state == "free"}


def choose_first(project: Selected, turn_id: UUID) -> UUID:
    """Let the called household choose; gives its home, which the replica takes to be free."""
    household = queries.turn_by_id(project_id=project.id, turn_id=turn_id).household_id
    home = free_homes(project, household)[0]
    choose_homes(
        project_id=project.id, turn_id=turn_id, unit_ids=[home], by=project.officer, at=LATER
    )
    return home


@pytest.mark.threat("T-42")
def test_a_home_that_is_free_on_a_replica_and_taken_in_truth_is_refused(
    replica: tuple[Selected, UUID, str],
) -> None:
    project, turn_id, host = replica
    home = choose_first(project, turn_id)
    with asking(host):
        assert home in free_on_the_wall(project)
        # Nobody can decide there, even by mistake: whatever is done is written down first.
        with pytest.raises(InternalError, match="read-only transaction"):
            choose_homes(
                project_id=project.id,
                turn_id=turn_id,
                unit_ids=[home],
                by=project.officer,
                at=LATER,
            )
    assert home not in free_on_the_wall(project)
    # The next household saw the old wall. It is called at once, though the replica has the first
    # one called still, and it is told who has the home.
    second = call_next(project_id=project.id, by=project.officer, at=LATER)
    with pytest.raises(Refusal) as refused:
        choose_homes(
            project_id=project.id,
            turn_id=second.id,
            unit_ids=[home],
            by=project.officer,
            at=LATER + timedelta(seconds=1),
        )
    assert refused.value.code == "selection.unit-already-held"
    assert refused.value.facts["holder"] != "-"


class ReadsElsewhere:
    """What must not be: a router that sends reads to the replica."""

    def db_for_read(self, model: type, **hints: Any) -> str:
        del model, hints
        return "replica"


@pytest.mark.threat("T-42")
def test_control_with_reads_sent_to_the_replica_the_day_stands_still(
    replica: tuple[Selected, UUID, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    project, turn_id, host = replica
    choose_first(project, turn_id)
    connections.settings["replica"] = {**connections.settings["default"], "HOST": host}
    monkeypatch.setattr(router, "_routers", [ReadsElsewhere()], raising=False)
    monkeypatch.setitem(router.__dict__, "routers", [ReadsElsewhere()])
    try:
        with pytest.raises(Refusal) as refused:
            call_next(project_id=project.id, by=project.officer, at=LATER)
        assert refused.value.code == "selection.turn-running"
    finally:
        connections["replica"].close()
        del connections["replica"]
        del connections.settings["replica"]
    monkeypatch.undo()
    assert call_next(project_id=project.id, by=project.officer, at=LATER).state == "called"


@pytest.mark.threat("T-42")
def test_of_all_programs_only_the_publisher_is_told_of_a_replica() -> None:
    told = {"REPLICA_DATABASE_URL": "postgresql://anju_app@replica/anju"}
    environment = read_environment({**told, "DATABASE_URL": "postgresql://anju_app@primary/anju"})
    led = {
        program.name: program.environment.get("DATABASE_URL")
        for program in programs_of(environment)
        if program.environment
    }
    assert led == {"publisher": told["REPLICA_DATABASE_URL"]}
    assert "replica" not in settings.DATABASES
    assert not settings.DATABASE_ROUTERS
    alone = programs_of(read_environment({}))
    assert all(not program.environment for program in alone)
