"""A machine that takes arbitrary steps of a selection beside a model that knows only the rules.

Several desks call, two sides and a third sign, and every act may lose its connection before or
after its commit, and is asked again under its key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from anju.resettlement.selection import queries
from anju.resettlement.selection.operations.batches import close_batch
from anju.resettlement.selection.operations.choosing import choose_homes, name_homes
from anju.resettlement.selection.operations.signing import drop_naming, sign_choice
from anju.resettlement.selection.operations.turns import (
    call_next,
    miss_turn,
    return_turn,
    waive_turn,
)
from tests.support.cuts import Cut
from tests.support.selection_hall import DESKS, SelectionHall
from tests.support.selection_model import Turn

STEPS_A_RUN = 100
TURN, SIGN = timedelta(seconds=180), timedelta(seconds=120)
SIGNERS = {"household": "household", "office": "officer", "check": "supervisor"}
PEOPLE = ("household", "officer", "colleague", "supervisor", "representative")
CUTS: tuple[Cut | None, ...] = (None, None, None, "before", "after")


class SelectionMachine(SelectionHall):
    """Officers and households at one project."""

    @rule(seconds=st.sampled_from([5, 20, 60, 90, 121, 181]))
    def time_passes(self, seconds: int) -> None:
        self.at += timedelta(seconds=seconds)
        self.taken["time"] += 1

    @rule(last=st.booleans(), cut=st.sampled_from(CUTS))
    def a_choice_goes_on(self, last: bool, cut: Cut | None) -> None:
        """Do what a called household and its desk would do next, so that choices are made."""
        called = self.model.called()
        if not called:
            self.the_day_goes_on()
            return
        turn = called[-1 if last else 0]
        missing = [side for side in SIGNERS if side in turn.needed - turn.given.keys()]
        free = [
            home
            for home in self.homes
            if home not in self.model.held() and self.may_have(turn, [home])
        ]
        if missing:
            self.sign(turn, person=SIGNERS[missing[0]], cut=cut)
        elif free and self.at <= turn.limit_at:
            self.choose(turn, [free[-1 if last else 0]], person="household", cut=cut)
        else:
            self.a_turn_is_missed(place=turn.place, cut=cut)

    @rule(desk=st.sampled_from([None, 1, 2]))
    def a_choice_goes_on_at_once(self, desk: int | None) -> None:
        """Call whoever can be called, then go on with a choice."""
        if self.model.next_to_call() is not None and len(self.model.called()) < DESKS:
            self.the_next_is_called(desk=desk, cut=None)
        self.a_choice_goes_on(last=desk == 1, cut=None)

    @rule()
    def the_day_goes_on(self) -> None:
        """Do what the desk would do next, so that a run comes far."""
        waiting = [number for number, state in self.model.batches.items() if state == "waiting"]
        missed = [turn for turn in self.model.in_batch(self.model.open_batch()) if turn.is_owed]
        if self.model.called():
            self.time_passes(seconds=60)
        elif self.model.next_to_call() is not None:
            self.the_next_is_called(desk=None, cut=None)
        elif missed:
            self.a_missed_turn_returns(place=missed[0].place)
        elif self.model.open_batch() is not None:
            self.the_batch_is_closed()
        elif waiting:
            self.a_batch_is_opened(batch=waiting[0])

    @rule(opens=st.booleans(), batch=st.integers(1, 4))
    def somebody_moves_the_batches(self, opens: bool, batch: int) -> None:
        if opens:
            self.a_batch_is_opened(batch=batch)
        else:
            self.the_batch_is_closed()

    def the_batch_is_closed(self) -> None:
        batch = self.model.open_batch()
        lawful = batch is not None and not any(
            turn.state in ("waiting", "called", "returned") or turn.is_owed
            for turn in self.model.in_batch(batch)
        )
        if self.attempt(close_batch, by=self.by, lawful=lawful) and batch is not None:
            self.model.batches[batch] = "closed"

    @rule(desk=st.sampled_from([None, None, 1, 2, 3]), cut=st.sampled_from(CUTS))
    def the_next_is_called(self, desk: int | None, cut: Cut | None) -> None:
        expected = self.model.next_to_call()
        busy = {turn.desk for turn in self.model.called()}
        free = [number for number in range(1, DESKS + 1) if number not in busy]
        lawful = (
            self.model.open_batch() is not None
            and expected is not None
            and bool(free)
            and desk in (None, *free)
        )
        if not self.attempt(call_next, desk=desk, by=self.by, lawful=lawful, cut=cut):
            return
        assert expected is not None
        expected.state, expected.limit_at, expected.desk = "called", self.at + TURN, desk or free[0]
        found = queries.turn_by_id(project_id=self.project.id, turn_id=self.id_of(expected))
        # No turn is jumped, and none is called twice for one call.
        told = (found.state, found.desk, found.limit_at)
        assert told == ("called", expected.desk, expected.limit_at)

    @precondition(lambda self: self.model.called() and self.model.held())
    @rule(person=st.sampled_from(PEOPLE[:3]), last=st.booleans())
    def the_called_asks_for_what_another_has(self, person: str, last: bool) -> None:
        turn = self.model.called()[-1 if last else 0]
        self.choose(turn, [next(iter(self.model.held()))], person=person, cut=None)

    @precondition(lambda self: self.model.called())
    @rule(
        homes=st.lists(st.integers(0, 9), min_size=1, max_size=2),
        person=st.sampled_from(PEOPLE[:3]),
        last=st.booleans(),
        way=st.sampled_from(["choose", "name", "add"]),
        cut=st.sampled_from(CUTS),
    )
    def the_called_chooses(
        self, *, homes: list[int], person: str, last: bool, way: str, cut: Cut | None
    ) -> None:
        turn = self.model.called()[-1 if last else 0]
        wanted = [self.homes[home] for home in homes]
        self.choose(turn, wanted, person=person, signs=way == "choose", add=way == "add", cut=cut)

    @rule(place=st.integers(1, 7), home=st.integers(0, 9), person=st.sampled_from(PEOPLE))
    def anyone_chooses(self, place: int, home: int, person: str) -> None:
        turn = self.model.turns[place]
        if turn.id is not None:
            self.choose(turn, [self.homes[home]], person=person, cut=None)

    def choose(
        self,
        turn: Turn,
        homes: Sequence[UUID],
        *,
        person: str,
        cut: Cut | None,
        signs: bool = True,
        add: bool = False,
    ) -> None:
        """Let a household, or an officer for it, ask for homes."""
        wanted = [*turn.named, *homes] if add else list(homes)
        others = {home for home, place in self.model.held().items() if place != turn.place}
        lawful = (
            person in PEOPLE[:3]
            and turn.state == "called"
            and self.at <= turn.limit_at
            and not others & set(wanted)
            and self.may_have(turn, wanted)
        )
        more = {} if signs else {"add": add}
        act = choose_homes if signs else name_homes
        if self.attempt(
            act,
            turn_id=turn.id,
            unit_ids=homes,
            by=self.who(person, turn),
            lawful=lawful,
            cut=cut,
            **more,
        ):
            turn.let_go()
            turn.named, turn.sign_by = wanted, self.at + SIGN
            turn.needed = {"household", "office"} | ({"check"} if self.is_hot(wanted) else set())
            if signs:
                side = "household" if person == "household" else "office"
                turn.given[side] = str(self.who(person, turn).id)

    @precondition(lambda self: self.model.called())
    @rule(person=st.sampled_from(PEOPLE), last=st.booleans(), cut=st.sampled_from(CUTS))
    def somebody_signs(self, person: str, last: bool, cut: Cut | None) -> None:
        self.sign(self.model.called()[-1 if last else 0], person=person, cut=cut)

    def sign(self, turn: Turn, *, person: str, cut: Cut | None) -> None:
        """Let somebody sign for the side that is theirs."""
        by = self.who(person, turn)
        side = {
            "household": "household",
            "supervisor": "check",
            "representative": "nobody's",
        }.get(person, "check" if "office" in turn.given else "office")
        lawful = (
            bool(turn.named)
            and self.at <= turn.sign_by
            and str(by.id) not in turn.given.values()
            and side in turn.needed - turn.given.keys()
        )
        if self.attempt(sign_choice, turn_id=turn.id, by=by, lawful=lawful, cut=cut):
            turn.given[side] = str(by.id)
            if turn.needed <= turn.given.keys():
                self.taken["made"] += 1
                self.model.owners |= dict.fromkeys(turn.named, turn.place)
                turn.state = "chosen"

    @precondition(lambda self: self.model.called())
    @rule(
        person=st.sampled_from(PEOPLE),
        last=st.booleans(),
        is_over=st.booleans(),
        cut=st.sampled_from(CUTS),
    )
    def somebody_drops(self, person: str, last: bool, is_over: bool, cut: Cut | None) -> None:
        turn = self.model.called()[-1 if last else 0]
        may = self.at > turn.sign_by if is_over else person != "representative"
        if self.attempt(
            drop_naming,
            turn_id=turn.id,
            by=self.who(person, turn),
            reason="not-signed" if is_over else "withdrawn",
            lawful=bool(turn.named) and may,
            cut=cut,
        ):
            turn.let_go()

    @rule(place=st.integers(1, 7), cut=st.sampled_from(CUTS))
    def a_turn_is_missed(self, place: int, cut: Cut | None) -> None:
        turn = self.model.turns[place]
        if turn.id is None:
            return
        ends_at = max(turn.limit_at, turn.sign_by) if turn.named else turn.limit_at
        lawful = turn.state == "called" and self.at >= ends_at
        if self.attempt(miss_turn, turn_id=turn.id, by=self.by, lawful=lawful, cut=cut):
            turn.state = "missed"
            turn.let_go()

    @rule(place=st.integers(1, 7), cut=st.sampled_from(CUTS))
    def a_turn_is_waived(self, place: int, cut: Cut | None) -> None:
        turn = self.model.turns[place]
        if turn.id is None:
            return
        by = self.families[turn.household_id]
        lawful = turn.state in ("waiting", "called", "returned")
        if self.attempt(waive_turn, turn_id=turn.id, by=by, lawful=lawful, cut=cut):
            turn.state = "waived"
            turn.let_go()

    @rule(place=st.integers(1, 7))
    def a_missed_turn_returns(self, place: int) -> None:
        turn = self.model.turns[place]
        if turn.id is None:
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
        if self.attempt(return_turn, turn_id=turn.id, by=self.by, lawful=lawful):
            turn.state, turn.came_back = "returned", True


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
