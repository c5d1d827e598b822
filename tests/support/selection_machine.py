"""A machine that takes arbitrary steps of a selection beside a model that knows only the rules.

Several desks call, two sides and a third sign, and every act may lose its connection before or
after its commit, and is asked again under its key. What the platform answers must be what the model
says, and what the ledger tells in the end must pass as a published record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import count
from typing import ClassVar
from uuid import UUID

from django.db import OperationalError
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from anju.foundation.access.types import Actor
from anju.resettlement.selection import mapping, queries
from anju.resettlement.selection.operations.batches import close_batch, open_batch
from anju.resettlement.selection.operations.choosing import choose_homes, name_homes
from anju.resettlement.selection.operations.signing import drop_naming, sign_choice
from anju.resettlement.selection.operations.turns import (
    call_next,
    miss_turn,
    return_turn,
    waive_turn,
)
from anju.resettlement.selection.rebuild import compare_project
from anju.resettlement.selection.record import record_of_turns
from anju_rules.live import judge_turns
from anju_rules.queue import Place
from anju_rules.selection import TurnState
from anju_rules.values import Refusal, Tenths, Ticket
from tests.support.cuts import Cut, cut_commit
from tests.support.selection_model import Model, Turn
from tests.support.selections import AT, Selected, drawn_project, officer

STEPS_A_RUN = 100
DESKS = 2
HOT_FROM = 2
TURN, SIGN = timedelta(seconds=180), timedelta(seconds=120)
TERMS = f"signatures = 2\nhot_from_wishes = {HOT_FROM}\ndesks = {DESKS}"
SIGNERS = {"household": "household", "office": "officer", "check": "supervisor"}
PEOPLE = ("household", "officer", "colleague", "supervisor", "representative")
CUTS: tuple[Cut | None, ...] = (None, None, None, "before", "after")
_codes, _keys = count(1), count(1)


class SelectionMachine(RuleBasedStateMachine):
    """Officers and households at one project."""

    taken: ClassVar[Counter[str]] = Counter()
    """Steps of all runs, by what came of them."""
    with_keys: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__()
        self.project: Selected = drawn_project(
            code=f"M-{next(_codes)}", households=7, homes=10, batch_size=3, turns=TERMS
        )
        self.by = self.project.officer
        self.at = AT
        self.model = Model()
        self.people = {
            "officer": self.by,
            "colleague": officer("selection-officer"),
            "supervisor": officer("supervisor"),
            "representative": officer("representative"),
        }
        self.families: dict[UUID, Actor] = {}
        for batch in queries.batches_of(project_id=self.project.id):
            self.model.batches[batch.batch] = "waiting"
            for place in queries.places_of(project_id=self.project.id, batch=batch.batch):
                self.model.turns[place.place] = Turn(place.place, place.household_id)
                self.model.batch_of[place.place] = batch.batch
                self.families[place.household_id] = self.project.household(place.household_id)
        self.homes = list(self.project.units.values())
        self.numbers = {unit_id: number for number, unit_id in self.project.units.items()}
        self.a_batch_is_opened(batch=1)

    def who(self, person: str, turn: Turn) -> Actor:
        """Give who acts."""
        return self.families[turn.household_id] if person == "household" else self.people[person]

    def attempt(
        self, act: Callable[..., object], *, lawful: bool, cut: Cut | None = None, **told: object
    ) -> bool:
        """Try an act; the platform must do it just where the model says that it is lawful.

        Where the connection is cut, the asker asks again under the same key and is told.
        """
        told |= {"project_id": self.project.id, "at": self.at}
        if self.with_keys and act in KEYED:
            told["key"] = f"{next(_keys)}"
        try:
            with cut_commit(cut):
                act(**told)
            outcome = "done"
        except Refusal as refusal:
            outcome = refusal.code
        except OperationalError:
            self.taken[f"cut {cut}"] += 1
            try:
                act(**told)
                outcome = "done"
            except Refusal as refusal:
                outcome = refusal.code
        self.taken[outcome] += 1
        assert (outcome == "done") == lawful, (act.__name__, outcome, told)
        return lawful

    @rule(seconds=st.sampled_from([5, 20, 60, 90, 121, 181]))
    def time_passes(self, seconds: int) -> None:
        self.at += timedelta(seconds=seconds)
        self.taken["time"] += 1

    def a_batch_is_opened(self, batch: int) -> None:
        waiting = [number for number, state in self.model.batches.items() if state == "waiting"]
        lawful = self.model.open_batch() is None and waiting[:1] == [batch]
        if self.attempt(open_batch, batch=batch, by=self.by, lawful=lawful):
            self.model.batches[batch] = "open"
            for row in queries.desk(project_id=self.project.id, by=self.by).turns:
                self.model.turns[row.place].id = row.id

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

    def id_of(self, turn: Turn) -> UUID:
        """Give the id of a turn whose batch was opened."""
        assert turn.id is not None
        return turn.id

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

    def is_hot(self, homes: Sequence[UUID]) -> bool:
        """Say whether many want one of the homes."""
        return any(
            sum(
                any(self.numbers[home] in map(str, wish) for wish in wishes)
                for wishes in self.project.plan.wishes.values()
            )
            >= HOT_FROM
            for home in homes
        )

    def may_have(self, turn: Turn, homes: Sequence[UUID]) -> bool:
        """Say by hand what this project's rules allow: 40 m² a person and 10 more; two are kept."""
        household = self.project.household_value(turn.household_id)
        kept = {self.project.units["1-1-101"], self.project.units["1-1-102"]}
        last_of_first = max(
            batch
            for place, batch in self.model.batch_of.items()
            if self.project.household_value(self.model.turns[place].household_id).stratum
            == "优先户"
        )
        is_open = self.model.batch_of[turn.place] > last_of_first or "elderly" in household.needs
        by_number = {str(number): home for number, home in self.project.plan.homes.items()}
        area = sum(by_number[self.numbers[home]].area_sqm for home in homes)
        return (
            area <= int(household.facts["persons"]) * 40 + 10
            and len(set(homes)) == len(homes) <= 2
            and (is_open or not kept & set(homes))
        )

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

    def teardown(self) -> None:
        """Hold tables, board, ledger and the record as it would be published to the model."""
        board = queries.selection_board(project_id=self.project.id)
        places = {home.unit_id: choice.place for choice in board.choices for home in choice.homes}
        assert places == self.model.owners
        named = {home.unit_id: one.place for one in board.called for home in one.named}
        assert places | named == self.model.held()
        assert compare_project(project_id=self.project.id, by=self.by) == []
        self.judge_record()

    def judge_record(self) -> None:
        """Judge the turns as the ledger tells them by the rules that judge a published result."""
        rows = [
            place
            for batch in self.model.batches
            for place in queries.places_of(project_id=self.project.id, batch=batch)
        ]
        outcomes = judge_turns(
            lines=[row.line for row in record_of_turns(self.project.id)],
            places=[
                Place(
                    place=row.place,
                    ticket=Ticket(row.ticket),
                    stratum=row.stratum,
                    batch=row.batch,
                    draw_number=row.draw_number,
                    total=Tenths(row.total_tenths),
                )
                for row in rows
            ],
            households={
                Ticket(row.ticket): self.project.household_value(row.household_id) for row in rows
            },
            homes=self.project.plan.homes,
            rules=mapping.rules_of(self.project.id),
        )
        states = {outcome.place.place: outcome.state for outcome in outcomes}
        assert states == {place: TurnState(turn.state) for place, turn in self.model.turns.items()}


KEYED = (call_next, miss_turn, waive_turn, choose_homes, name_homes, sign_choice, drop_naming)
"""Acts that take a key; the others change nothing when they are asked again."""


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
