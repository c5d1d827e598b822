"""A household erased after choosing: its choice stands, tables and ledger agree (T-22)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg
import pytest

from anju.foundation.access.operations import erase_household
from anju.foundation.core.crypto import new_id
from anju.jobs.publishing import publish_wall
from anju.resettlement.selection import rebuild
from anju.resettlement.selection.operations.exchanges import (
    accept_exchange,
    carry_out_exchange,
    propose_exchange,
)
from anju.resettlement.selection.queries import desk
from anju.resettlement.selection.rebuild import Rebuilds, compare_project
from anju.resettlement.selection.types import TurnRow
from anju_rules.watching import WatchState
from tests.contexts.test_attendance import call, choose, minutes
from tests.contexts.test_selection_record import SILENT
from tests.contexts.test_watching import look
from tests.support.databases import Database
from tests.support.selections import (
    Selected,
    call_first,
    drawn_project,
)

ANOTHER_HOME = """
UPDATE selection_choice SET unit_id = (
    SELECT id FROM inventory_unit u WHERE u.state = 'free'
      AND NOT EXISTS (SELECT 1 FROM selection_choice c WHERE c.unit_id = u.id) LIMIT 1)
WHERE household_id = %s
"""


@pytest.fixture
def project(database: Database) -> Selected:
    """Give a project in whose first batch three households have chosen."""
    assert database.name
    project = drawn_project(households=16, batch_size=4)
    turn = call_first(project)
    for minute in (1, 2, 3):
        choose(project, turn, minutes(minute))
        turn = call(project, minutes(minute))
    return project


def choosers_of(project: Selected) -> list[TurnRow]:
    turns = desk(project_id=project.id, by=project.officer).turns
    return [turn for turn in turns if turn.state == "chosen"]


def erase(project: Selected, household_id: UUID) -> None:
    erase_household(
        project_id=project.id,
        household_id=household_id,
        ground="撤回同意",
        by=project.officer,
        second=replace(project.officer, id=new_id()),
        at=minutes(4),
    )


def exchange_between(project: Selected, one: TurnRow, other: TurnRow) -> None:
    exchange = propose_exchange(
        project_id=project.id,
        ticket=other.ticket,
        by=project.household(one.household_id),
        at=minutes(4),
    )
    told: dict[str, Any] = {"project_id": project.id, "exchange_id": exchange.id, "at": minutes(4)}
    accept_exchange(**told, by=project.household(other.household_id))
    carry_out_exchange(**told, by=project.officer)


@pytest.mark.threat("T-22")
@pytest.mark.parametrize("has_exchanged", [False, True])
def test_the_choice_of_an_erased_household_is_no_difference(
    project: Selected, *, has_exchanged: bool
) -> None:
    first, second, _ = choosers_of(project)
    if has_exchanged:
        exchange_between(project, first, second)
    rebuilds = Rebuilds()
    told: dict[str, Any] = {"project_id": project.id, "by": project.officer}
    assert compare_project(**told, rebuilds=rebuilds) == []
    for turn in (first, second):
        erase(project, turn.household_id)
        assert compare_project(**told, rebuilds=rebuilds) == []
        assert compare_project(**told) == []
    publish_wall(project.plan.project.code)
    assert look() is WatchState.OK


@pytest.mark.threat("T-12")
def test_beside_an_erased_household_a_changed_choice_is_still_found(
    project: Selected, database: Database
) -> None:
    first, second, _ = choosers_of(project)
    erase(project, first.household_id)
    with psycopg.connect(database.superuser_url) as admin:
        admin.execute(SILENT)
        assert admin.execute(ANOTHER_HOME, [second.household_id]).rowcount == 1
    found = compare_project(project_id=project.id, by=project.officer)
    assert {one.kind for one in found} == {"choice"}


@pytest.mark.threat("T-12")
def test_a_body_deleted_without_an_erasure_is_a_difference(
    project: Selected, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *_ = choosers_of(project)
    with psycopg.connect(database.superuser_url) as admin:
        admin.execute(SILENT)
        assert admin.execute(
            "DELETE FROM ledger_secret WHERE subject_id = %s", [first.household_id]
        ).rowcount
    told: dict[str, Any] = {"project_id": project.id, "by": project.officer}
    found = compare_project(**told)
    assert ("entry", "ledger.body-erased") in {(one.kind, one.ledger) for one in found}

    # The control: believed without the ledger's word of an erasure, nothing is found.
    monkeypatch.setattr(rebuild, "is_household_erased", lambda _household: True)
    assert compare_project(**told) == []
