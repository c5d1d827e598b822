"""What was drawn and chosen is fixed, complete and rebuilt from the ledger alone."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from anju.foundation.access.context import reading
from anju.resettlement.selection import rebuild
from anju.resettlement.selection.auto_play import play_step
from anju.resettlement.selection.operations.turns import call_next, miss_turn
from anju.resettlement.selection.rebuild import compare_project
from tests.support.databases import Database
from tests.support.selections import (
    AT,
    TOO_LATE,
    Selected,
    call_first,
    drawn_project,
    play_turn,
)

SILENT = "SET session_replication_role = replica"
"""What an administrator can do: no trigger runs, so no entry is asked for."""


def played_project(*, turns: int = 5) -> Selected:
    """Give a project in mid-selection, with a missed turn."""
    project = drawn_project(households=12, homes=16)
    first = call_first(project)
    miss_turn(project_id=project.id, turn_id=first.id, by=project.officer, at=TOO_LATE)
    at = TOO_LATE
    for _ in range(turns):
        at += timedelta(seconds=1)
        play_turn(project_id=project.id, by=project.officer, at=at)
    return project


@pytest.mark.usefixtures("database")
def test_the_tables_equal_what_the_ledger_adds_up_to() -> None:
    project = played_project()
    assert compare_project(project_id=project.id, by=project.officer) == []
    at = TOO_LATE + timedelta(hours=1)
    while play_step(project_id=project.id, by=project.officer, at=at) != "done":
        at += timedelta(seconds=1)
    assert compare_project(project_id=project.id, by=project.officer) == []


@pytest.mark.parametrize("is_of_one_moment", [True, False])
def test_a_choice_made_while_the_tables_are_compared_is_no_difference(
    database: Database, monkeypatch: pytest.MonkeyPatch, *, is_of_one_moment: bool
) -> None:
    project = played_project(turns=1)
    stored = rebuild._stored

    def late(project_id: UUID) -> object:
        at = TOO_LATE + timedelta(hours=1)
        played = database.in_threads(
            [lambda: play_turn(project_id=project_id, by=project.officer, at=at)]
        )
        assert not isinstance(played[0], BaseException), played
        return stored(project_id)

    monkeypatch.setattr(rebuild, "_stored", late)
    if not is_of_one_moment:  # as it is where each query sees what has come meanwhile
        monkeypatch.setattr(rebuild, "reading", lambda *, by, **_: reading(by=by))
    found = compare_project(project_id=project.id, by=project.officer)
    assert (found == []) is is_of_one_moment


EDITS: dict[str, str] = {
    "choice": "UPDATE selection_choice SET household_id = ("
    " SELECT household_id FROM selection_place WHERE place = 12)",
    "home": "UPDATE inventory_unit SET state = 'free' WHERE state = 'taken'",
    "turn": "UPDATE selection_turn SET state = 'waived' WHERE state = 'missed'",
    "batch": "UPDATE selection_batch SET state = 'closed' WHERE state = 'waiting'",
    "place": "UPDATE selection_place SET total_tenths = total_tenths + 1 WHERE place = 12",
    "draw": "UPDATE draws_draw SET stratum = stratum || 'X'",
}


@pytest.mark.threat("T-12")
@pytest.mark.parametrize("kind", EDITS)
def test_a_silent_edit_of_an_administrator_is_found(database: Database, kind: str) -> None:
    project = played_project(turns=2)
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute(SILENT)
        assert connection.execute(EDITS[kind].encode()).rowcount
    found = compare_project(project_id=project.id, by=project.officer)
    assert {difference.kind for difference in found} == {kind}


def test_a_deleted_choice_is_found(database: Database) -> None:
    project = played_project(turns=2)
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute(SILENT)
        connection.execute("DELETE FROM selection_choice")
    found = compare_project(project_id=project.id, by=project.officer)
    assert {(one.kind, one.table) for one in found} == {("choice", "")}


WRITES: dict[str, str] = {
    "place": "UPDATE selection_place SET place = 99 WHERE place = 1",
    "score": "UPDATE selection_place SET total_tenths = 999 WHERE place = 1",
    "draw": "UPDATE selection_draw SET ceremony_id = gen_random_uuid()",
    "gone": "DELETE FROM selection_place WHERE place = 1",
    "another": "INSERT INTO selection_place (project_id, place, household_id, ticket, stratum,"
    " batch, draw_number, total_tenths, masked_name, budget) SELECT project_id, 99, household_id,"
    " 'X-1', stratum, 1, 1, 999, '', '' FROM selection_place WHERE place = 1",
}


@pytest.mark.pitfall("P7")
@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("role", ["anju_app", "anju_owner"])
def test_there_is_no_way_to_a_rank_but_the_draw(database: Database, role: str, write: str) -> None:
    drawn_project(households=4, homes=8)
    with pytest.raises(psycopg.Error) as caught:
        write_as(database, role, WRITES[write])
    told = str(caught.value)
    assert "selection." in told or "permission denied" in told


@pytest.mark.pitfall("P7")
@pytest.mark.parametrize("write", [name for name in WRITES if name != "another"])
def test_control_without_the_triggers_a_rank_can_be_written(database: Database, write: str) -> None:
    drawn_project(households=4, homes=8)
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute(SILENT)
        assert connection.execute(WRITES[write].encode()).rowcount


CHANGES: dict[str, str] = {
    "turn": "UPDATE selection_turn SET state = 'waived' WHERE state = 'called'",
    "batch": "UPDATE selection_batch SET state = 'closed' WHERE state = 'open'",
    "choice": "UPDATE selection_choice SET released_at = now()",
}


@pytest.mark.threat("T-16")
@pytest.mark.parametrize("change", CHANGES)
def test_no_change_without_an_entry_is_committed(database: Database, change: str) -> None:
    project = drawn_project(households=8, homes=12)
    call_first(project)
    play_turn(project_id=project.id, by=project.officer, at=AT)
    call_next(project_id=project.id, by=project.officer, at=AT)
    with pytest.raises(psycopg.Error, match=r"ledger\.change-without-entry"):
        write_as(database, "anju_app", CHANGES[change])


def write_as(database: Database, role: str, statement: str) -> None:
    """Write as a role, and commit."""
    with closing(database.connect(role)) as connection:
        connection.execute(statement.encode())
        connection.commit()
