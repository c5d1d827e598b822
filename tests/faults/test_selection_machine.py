"""Whatever officers and households try, in whatever order: no home twice, no turn jumped (T-40).

``ANJU_MACHINE_STEPS=100000`` makes it as long as the threat asks; every run of the tests takes
1,000 (:mod:`tests.support.selection_machine`).
"""

from __future__ import annotations

import os

import pytest

from anju.resettlement.selection.operations import holding
from tests.support.databases import Database
from tests.support.selection_machine import SelectionMachine, run_machine
from tests.support.selections import drop_home_constraint

pytestmark = pytest.mark.long

STEPS = int(os.environ.get("ANJU_MACHINE_STEPS", "1000"))


@pytest.mark.threat("T-40")
@pytest.mark.threat("T-43")
@pytest.mark.req("SEL-2")
@pytest.mark.usefixtures("database")
def test_no_step_gives_a_home_twice_or_jumps_a_turn() -> None:
    taken = run_machine(steps=STEPS)
    print(f"{taken.total()} of {taken.total()} steps as the model says: {dict(taken)}")  # noqa: T201
    assert taken.total() >= STEPS // 2
    assert {
        *("done", "made", "cut before", "cut after"),
        *("selection.unit-already-held", "selection.not-your-turn", "selection.same-person"),
    } <= taken.keys()


@pytest.mark.threat("T-40")
def test_control_without_the_defences_the_machine_finds_a_home_given_twice(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop_home_constraint(database)
    monkeypatch.setattr(holding, "refuse_held", lambda *_, **__: None)
    monkeypatch.setattr(holding, "move_units", lambda **_: None)
    with pytest.raises(AssertionError):
        run_machine(steps=STEPS)


@pytest.mark.threat("T-41")
@pytest.mark.usefixtures("database")
def test_control_without_keys_the_machine_finds_an_act_done_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(SelectionMachine, "with_keys", False)
    with pytest.raises(AssertionError):
        run_machine(steps=STEPS)
