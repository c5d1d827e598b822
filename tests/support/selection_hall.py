"""Where a machine takes steps: a project on the platform beside the model of it.

What the platform answers must be what the model says, and what the ledger tells in the end must
pass as a published record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import count
from typing import ClassVar
from uuid import UUID

from django.db import OperationalError
from hypothesis.stateful import RuleBasedStateMachine

from anju.foundation.access.types import Actor
from anju.resettlement.selection import mapping, queries
from anju.resettlement.selection.operations.batches import open_batch
from anju.resettlement.selection.operations.choosing import choose_homes, name_homes
from anju.resettlement.selection.operations.signing import drop_naming, sign_choice
from anju.resettlement.selection.operations.turns import call_next, miss_turn, waive_turn
from anju.resettlement.selection.rebuild import compare_project
from anju.resettlement.selection.record import record_of_turns
from anju_rules.live import judge_turns
from anju_rules.queue import Place
from anju_rules.selection import TurnState
from anju_rules.values import Refusal, Tenths, Ticket
from tests.support.cuts import Cut, cut_commit
from tests.support.selection_model import Model, Turn
from tests.support.selections import AT, Selected, drawn_project, officer

DESKS = 2
HOT_FROM = 2
TERMS = f"signatures = 2\nhot_from_wishes = {HOT_FROM}\ndesks = {DESKS}"
KEYED = (call_next, miss_turn, waive_turn, choose_homes, name_homes, sign_choice, drop_naming)
"""Acts that take a key; the others change nothing when they are asked again."""
_codes, _keys = count(1), count(1)


class SelectionHall(RuleBasedStateMachine):
    """One project, its people, and what the model knows of it; it takes no step by itself."""

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

    def a_batch_is_opened(self, batch: int) -> None:
        waiting = [number for number, state in self.model.batches.items() if state == "waiting"]
        lawful = self.model.open_batch() is None and waiting[:1] == [batch]
        if self.attempt(open_batch, batch=batch, by=self.by, lawful=lawful):
            self.model.batches[batch] = "open"
            for row in queries.desk(project_id=self.project.id, by=self.by).turns:
                self.model.turns[row.place].id = row.id

    def id_of(self, turn: Turn) -> UUID:
        """Give the id of a turn whose batch was opened."""
        assert turn.id is not None
        return turn.id

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
