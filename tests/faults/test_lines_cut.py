"""The line to a desk breaks after the commit, and the desk asks again under its key (T-41).

``ANJU_CUTS`` makes it longer: the threat asks for 10,000 cuts, every run of the tests takes 200:

    ANJU_CUTS=10000 .venv/bin/pytest -s tests/faults/test_lines_cut.py
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError

from anju.foundation.ledger.queries import entries_with_action
from anju.resettlement.selection.operations.choosing import name_homes
from anju.resettlement.selection.operations.signing import drop_naming
from anju.resettlement.selection.rebuild import compare_project
from anju.resettlement.selection.types import ChoiceRow, TurnRow
from tests.support.cuts import cut_commit
from tests.support.selections import AT, Selected, call_first, drawn_project, free_homes

pytestmark = pytest.mark.long

CUTS = int(os.environ.get("ANJU_CUTS", "200"))
ACTIONS = ("selection.homes.named", "selection.naming.dropped")


def cut_acts(project: Selected, turn: TurnRow, *, acts: int, with_keys: bool) -> list[UUID]:
    """Name a home and let it go, again and again, each time with the line cut after the commit.

    Gives the entries that the second answers to the namings speak of.
    """
    home = free_homes(project, turn.household_id)[0]
    own: dict[str, Any] = {"project_id": project.id, "turn_id": turn.id, "by": project.officer}
    told: list[UUID] = []
    for number in range(acts):
        act: Callable[..., object] = (
            drop_naming if number % 2 else partial(name_homes, unit_ids=[home])
        )
        at = AT + timedelta(milliseconds=number)
        key: dict[str, Any] = {"key": f"cut-{number}"} if with_keys else {}
        with pytest.raises(OperationalError), cut_commit("after"):
            act(**own, **key, at=at)
        answer = act(**own, **key, at=at)
        if isinstance(answer, ChoiceRow):
            told.append(answer.event_id)
    return told


@pytest.mark.threat("T-41")
@pytest.mark.req("SEL-2")
@pytest.mark.usefixtures("database")
def test_an_act_whose_answer_was_lost_is_done_once_and_told_again() -> None:
    project = drawn_project(turns="signatures = 2")
    turn = call_first(project)
    told = cut_acts(project, turn, acts=CUTS, with_keys=True)
    kept = [entry for action in ACTIONS for entry in entries_with_action(action)]
    assert [entry.outcome for entry in kept] == ["done"] * CUTS
    named = {entry.event_id for entry in kept if entry.action == "selection.homes.named"}
    assert set(told) == named
    assert compare_project(project_id=project.id, by=project.officer) == []
    print(f"{CUTS} of {CUTS} acts done once, and told again as they were")  # noqa: T201


@pytest.mark.threat("T-41")
@pytest.mark.usefixtures("database")
def test_control_without_keys_an_act_whose_answer_was_lost_is_done_twice() -> None:
    project = drawn_project(turns="signatures = 2")
    turn = call_first(project)
    cut_acts(project, turn, acts=1, with_keys=False)
    assert len(list(entries_with_action("selection.homes.named"))) == 2
