"""Whatever officers and households try, in whatever order: no home twice, no turn jumped (T-40).

A machine takes arbitrary steps against the database and a model that knows only the rules; what
the platform answers must be what the model says. ``ANJU_MACHINE_STEPS`` makes it longer: the
threat asks for 100,000 steps, every run of the tests takes 2,000:

    ANJU_MACHINE_STEPS=100000 .venv/bin/pytest -s tests/faults/test_selection_machine.py
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import ClassVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from anju.resettlement.selection import queries
from anju.resettlement.selection.operations import choosing
from anju.resettlement.selection.operations.batches import close_batch, open_batch
from anju.resettlement.selection.operations.choosing import choose_homes
from anju.resettlement.selection.operations.turns import (
    call_next,
    miss_turn,
    return_turn,
    waive_turn,
)
from anju.resettlement.selection.rebuild import compare_project
from anju_rules.values import Refusal
from tests.support.databases import Database
from tests.support.selections import AT, Selected, drawn_project, drop_home_constraint

pytestmark = pytest.mark.long

STEPS = int(os.environ.get("ANJU_MACHINE_STEPS", "2000"))
STEPS_A_RUN = 100
TURN = timedelta(seconds=180)
_codes = count(1)


@dataclass(slots=True)
class Turn:
    """A turn as the model knows it."""

    place: int
    household_id: UUID
    id: UUID | None = None
    state: str = "waiting"
    limit_at: object = None
    came_back: bool = False


@dataclass(slots=True)
class Model:
    """What must be true of a selection."""

    turns: dict[int, Turn] = field(default_factory=dict)
    batches: dict[int, str] = field(default_factory=dict)
    batch_of: dict[int, int] = field(default_factory=dict)
    owners: dict[UUID, int] = field(default_factory=dict)
    """Home to the place that has it."""

    def open_batch(self) -> int | None:
        """Give the open batch."""
        return next((number for number, state in self.batches.items() if state == "open"), None)

    def in_batch(self, batch: int | None) -> list[Turn]:
        """Give the turns of a batch in order."""
        return [turn for place, turn in self.turns.items() if self.batch_of[place] == batch]

    def next_to_call(self) -> Turn | None:
        """Give who is next: those that wait, then those that came back."""
        turns = self.in_batch(self.open_batch())
        for state in ("waiting", "returned"):
            for turn in turns:
                if turn.state == state:
                    return turn
        return None

    def called(self) -> Turn | None:
        """Give who is called."""
        return next((turn for turn in self.turns.values() if turn.state == "called"), None)


class SelectionMachine(RuleBasedStateMachine):
    """Officers and households at one project."""

    taken: ClassVar[Counter[str]] = Counter()
    """Steps of all runs, by what came of them."""

    def __init__(self) -> None:
        super().__init__()
        self.project: Selected = drawn_project(
            code=f"M-{next(_codes)}", households=7, homes=10, batch_size=2
        )
        self.by = self.project.officer
        self.at = AT
        self.model = Model()
        for batch in queries.batches_of(project_id=self.project.id):
            self.model.batches[batch.batch] = "waiting"
            for place in queries.places_of(project_id=self.project.id, batch=batch.batch):
                self.model.turns[place.place] = Turn(place.place, place.household_id)
                self.model.batch_of[place.place] = batch.batch
        self.a_batch_is_opened(batch=1)
        self.homes = list(self.project.units.values())

    def attempt(self, act: Callable[[], object], *, lawful: bool) -> bool:
        """Try an act; the platform must do it just where the model says that it is lawful."""
        try:
            act()
            outcome = "done"
        except Refusal as refusal:
            outcome = refusal.code
        self.taken[outcome] += 1
        assert (outcome == "done") == lawful, outcome
        return lawful

    @rule(seconds=st.integers(1, 240))
    def time_passes(self, seconds: int) -> None:
        self.at += timedelta(seconds=seconds)
        self.taken["time"] += 1

    @rule(batch=st.integers(1, 6))
    def a_batch_is_opened(self, batch: int) -> None:
        waiting = [number for number, state in self.model.batches.items() if state == "waiting"]
        lawful = self.model.open_batch() is None and waiting[:1] == [batch]
        if self.attempt(
            lambda: open_batch(project_id=self.project.id, batch=batch, by=self.by, at=self.at),
            lawful=lawful,
        ):
            self.model.batches[batch] = "open"
            for row in queries.desk(project_id=self.project.id, by=self.by).turns:
                self.model.turns[row.place].id = row.id

    @rule()
    def the_day_goes_on(self) -> None:
        """Do what the desk would do next, so that a run comes far."""
        waiting = [number for number, state in self.model.batches.items() if state == "waiting"]
        missed = [turn for turn in self.model.in_batch(self.model.open_batch()) if self.owed(turn)]
        if self.model.called() is not None:
            self.time_passes(seconds=60)
        elif self.model.next_to_call() is not None:
            self.the_next_is_called()
        elif missed:
            self.a_missed_turn_returns(place=missed[0].place)
        elif self.model.open_batch() is not None:
            self.the_batch_is_closed()
        elif waiting:
            self.a_batch_is_opened(batch=waiting[0])

    def owed(self, turn: Turn) -> bool:
        """Say whether a missed turn may come back."""
        return turn.state == "missed" and not turn.came_back

    @rule()
    def the_batch_is_closed(self) -> None:
        batch = self.model.open_batch()
        lawful = batch is not None and not any(
            turn.state in ("waiting", "called", "returned") or self.owed(turn)
            for turn in self.model.in_batch(batch)
        )
        if (
            self.attempt(
                lambda: close_batch(project_id=self.project.id, by=self.by, at=self.at),
                lawful=lawful,
            )
            and batch is not None
        ):
            self.model.batches[batch] = "closed"

    @rule()
    def the_next_is_called(self) -> None:
        expected = self.model.next_to_call()
        lawful = (
            self.model.open_batch() is not None
            and self.model.called() is None
            and expected is not None
        )
        called: list[int] = []
        if (
            self.attempt(
                lambda: called.append(
                    call_next(project_id=self.project.id, by=self.by, at=self.at).place
                ),
                lawful=lawful,
            )
            and expected is not None
        ):
            assert called == [expected.place]  # no turn is jumped
            expected.state, expected.limit_at = "called", self.at + TURN

    @precondition(lambda self: self.model.called() is not None and self.model.owners)
    @rule(by_household=st.booleans())
    def the_called_asks_for_what_another_has(self, by_household: bool) -> None:
        turn = self.model.called()
        assert turn is not None
        self.choose(turn, next(iter(self.model.owners)), by_household=by_household)

    @precondition(lambda self: self.model.called() is not None)
    @rule(home=st.integers(0, 9), by_household=st.booleans())
    def the_called_chooses(self, home: int, by_household: bool) -> None:
        turn = self.model.called()
        assert turn is not None
        self.choose(turn, self.homes[home], by_household=by_household)

    @rule(place=st.integers(1, 7), home=st.integers(0, 9), by_household=st.booleans())
    def anyone_chooses(self, place: int, home: int, by_household: bool) -> None:
        turn = self.model.turns[place]
        if turn.id is not None:
            self.choose(turn, self.homes[home], by_household=by_household)

    def choose(self, turn: Turn, home: UUID, *, by_household: bool) -> None:
        """Let a household, or an officer for it, ask for a home."""
        turn_id = turn.id
        assert turn_id is not None
        by = self.project.household(turn.household_id) if by_household else self.by
        lawful = (
            turn.state == "called"
            and self.at <= turn.limit_at  # type: ignore[operator]
            and home not in self.model.owners
            and self.may_have(turn, home)
        )
        if self.attempt(
            lambda: choose_homes(
                project_id=self.project.id, turn_id=turn_id, unit_ids=[home], by=by, at=self.at
            ),
            lawful=lawful,
        ):
            turn.state = "chosen"
            self.model.owners[home] = turn.place

    def may_have(self, turn: Turn, home: UUID) -> bool:
        """Say by hand what this project's rules allow: 40 m² a person and 10 more; two are kept."""
        household = self.project.household_value(turn.household_id)
        kept = {self.project.units["1-1-101"], self.project.units["1-1-102"]}
        last_of_first = max(
            batch
            for place, batch in self.model.batch_of.items()
            if self.project.household_value(self.model.turns[place].household_id).stratum
            == "优先户"
        )
        is_open = self.model.batch_of[turn.place] > last_of_first
        is_small = int(household.facts["persons"]) * 40 + 10 >= 90
        return is_small and (home not in kept or is_open or "elderly" in household.needs)

    @rule(place=st.integers(1, 7))
    def a_turn_is_missed(self, place: int) -> None:
        turn = self.model.turns[place]
        turn_id = turn.id
        if turn_id is None:
            return
        lawful = turn.state == "called" and self.at >= turn.limit_at  # type: ignore[operator]
        if self.attempt(
            lambda: miss_turn(project_id=self.project.id, turn_id=turn_id, by=self.by, at=self.at),
            lawful=lawful,
        ):
            turn.state = "missed"

    @rule(place=st.integers(1, 7))
    def a_turn_is_waived(self, place: int) -> None:
        turn = self.model.turns[place]
        turn_id = turn.id
        if turn_id is None:
            return
        by = self.project.household(turn.household_id)
        if self.attempt(
            lambda: waive_turn(project_id=self.project.id, turn_id=turn_id, by=by, at=self.at),
            lawful=turn.state in ("waiting", "called", "returned"),
        ):
            turn.state = "waived"

    @rule(place=st.integers(1, 7))
    def a_missed_turn_returns(self, place: int) -> None:
        turn = self.model.turns[place]
        turn_id = turn.id
        if turn_id is None:
            return
        batch = self.model.open_batch()
        others = [one.state for one in self.model.in_batch(batch)]
        lawful = (
            batch == self.model.batch_of[place]
            and turn.state == "missed"
            and not turn.came_back
            and "waiting" not in others
            and "called" not in others
        )
        if self.attempt(
            lambda: return_turn(
                project_id=self.project.id, turn_id=turn_id, by=self.by, at=self.at
            ),
            lawful=lawful,
        ):
            turn.state, turn.came_back = "returned", True

    def teardown(self) -> None:
        board = queries.selection_board(project_id=self.project.id)
        places = {home.unit_id: choice.place for choice in board.choices for home in choice.homes}
        assert places == self.model.owners
        assert compare_project(project_id=self.project.id, by=self.by) == []


def run_machine(*, steps: int) -> Counter[str]:
    """Run the machine for at least ``steps`` steps; the seed is fixed, so N is the same N."""
    SelectionMachine.taken = Counter()
    run_state_machine_as_test(
        SelectionMachine,
        settings=settings(
            max_examples=-(-steps // STEPS_A_RUN),
            stateful_step_count=STEPS_A_RUN,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    return SelectionMachine.taken


@pytest.mark.threat("T-40")
@pytest.mark.threat("T-43")
@pytest.mark.req("SEL-2")
@pytest.mark.usefixtures("database")
def test_no_step_gives_a_home_twice_or_jumps_a_turn() -> None:
    taken = run_machine(steps=STEPS)
    print(f"{taken.total()} of {taken.total()} steps as the model says: {dict(taken)}")  # noqa: T201
    assert taken.total() >= STEPS // 2
    assert {"done", "selection.unit-already-held", "selection.not-your-turn"} <= taken.keys()


@pytest.mark.threat("T-40")
def test_control_without_the_defences_the_machine_finds_a_home_given_twice(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop_home_constraint(database)
    monkeypatch.setattr(choosing, "_refuse_held", lambda *_: None)
    monkeypatch.setattr(choosing, "move_units", lambda **_: None)
    with pytest.raises(AssertionError):
        run_machine(steps=STEPS)
