"""An act asked again under its key is done once; one for an earlier call does nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from anju.foundation.core.crypto import new_id
from anju.resettlement.selection import queries
from anju.resettlement.selection.operations.choosing import choose_homes, name_homes
from anju.resettlement.selection.operations.signing import drop_naming, sign_choice
from anju.resettlement.selection.operations.turns import (
    call_next,
    miss_turn,
    return_turn,
    waive_turn,
)
from anju.resettlement.selection.types import TurnRow
from tests.support.databases import Database
from tests.support.selections import LATER, TOO_LATE, Selected, call_first, drawn_project, officer
from tests.support.signing import TWO, actions_of, home_of, refused

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.req("SEL-3")]

SECOND = timedelta(seconds=1)


@pytest.fixture
def project(database: Database) -> Selected:
    assert database.name
    return drawn_project(turns=TWO)


@pytest.fixture
def turn(project: Selected) -> TurnRow:
    return call_first(project)


@pytest.mark.req("SEL-2")
@pytest.mark.threat("T-41")
def test_an_act_under_a_key_is_done_once_and_answered_alike(
    project: Selected, turn: TurnRow
) -> None:
    own: dict[str, Any] = {
        "project_id": project.id,
        "turn_id": turn.id,
        "by": project.officer,
        "key": "k1",
    }
    home = home_of(project, turn)
    first = choose_homes(**own, unit_ids=[home], at=LATER)
    again = choose_homes(**own, unit_ids=[home], at=LATER + SECOND)
    assert again == first
    assert actions_of(turn).count("selection.homes.named") == 1
    refused("selection.key-reused", choose_homes, **own, unit_ids=[new_id()], at=LATER)
    refused("selection.key-reused", drop_naming, **own, at=LATER)
    refused("selection.key-malformed", drop_naming, **{**own, "key": "k" * 101}, at=LATER)
    # A key is an account's own.
    drop_naming(**{**own, "by": officer()}, at=LATER)
    called: dict[str, Any] = {"project_id": project.id, "by": project.officer, "at": LATER}
    waive_turn(**own | {"key": "k2"}, at=LATER)
    assert call_next(**called, key="k3") == call_next(**called, key="k3")


@pytest.mark.req("SEL-2")
def test_two_at_once_under_one_key_do_it_once(
    project: Selected, turn: TurnRow, database: Database
) -> None:
    home = home_of(project, turn)

    def ask() -> object:
        return choose_homes(
            project_id=project.id,
            turn_id=turn.id,
            unit_ids=[home],
            by=project.officer,
            at=LATER,
            key="one",
        )

    told = database.in_threads([ask] * 6)
    assert all(one == told[0] for one in told), told
    assert actions_of(turn).count("selection.homes.named") == 1


@pytest.mark.req("SEL-2")
@pytest.mark.threat("T-43")
def test_an_act_for_an_earlier_call_of_the_turn_is_refused(
    project: Selected, turn: TurnRow
) -> None:
    own: dict[str, Any] = {
        "project_id": project.id,
        "turn_id": turn.id,
        "by": project.officer,
        "call": 2,
    }
    home = home_of(project, turn)
    told: dict[str, Any] = {"unit_ids": [home], "at": LATER}
    for act, more in (
        (choose_homes, told),
        (name_homes, told),
        (waive_turn, {"at": LATER}),
        (miss_turn, {"at": TOO_LATE}),
        (sign_choice, {"at": LATER}),
        (drop_naming, {"at": LATER}),
    ):
        refused("selection.call-outdated", act, **own, **more)


@pytest.mark.req("SEL-2")
@pytest.mark.threat("T-43")
def test_a_click_on_the_page_of_the_call_before_does_nothing(database: Database) -> None:
    """The control: without the call the late click waives the turn that was called again."""
    assert database.name
    for call in (1, None):
        project = drawn_project(code=f"C-{call or 2}", households=4, homes=8, batch_size=1)
        turn = call_first(project)
        own: dict[str, Any] = {"project_id": project.id, "by": project.officer, "at": TOO_LATE}
        miss_turn(**own, turn_id=turn.id, call=turn.times_called)
        return_turn(**own, turn_id=turn.id)
        assert call_next(**own).times_called == 2
        if call is None:
            assert waive_turn(**own, turn_id=turn.id).state == "waived"
        else:
            refused("selection.call-outdated", waive_turn, **own, turn_id=turn.id, call=call)
            assert queries.turn_by_id(project_id=project.id, turn_id=turn.id).is_called
