"""Two households that have chosen swap until their batch closes (弹性选房, MAT-1)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from anju.foundation.access.types import Actor
from anju.foundation.ledger.queries import find_entry
from anju.resettlement.selection import queries
from anju.resettlement.selection.attendance_types import ExchangeRow
from anju.resettlement.selection.operations import exchanges
from anju.resettlement.selection.operations.batches import close_batch
from anju.resettlement.selection.operations.choosing import choose_homes
from anju.resettlement.selection.operations.exchanges import (
    accept_exchange,
    carry_out_exchange,
    end_exchange,
    propose_exchange,
)
from anju.resettlement.selection.operations.turns import call_next, waive_turn
from anju.resettlement.selection.types import TurnRow
from anju_rules.values import Refusal
from tests.support.databases import Database
from tests.support.selections import (
    AT,
    call_first,
    drawn_project,
    free_homes,
)

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.req("MAT-1")]
SOON = AT + timedelta(minutes=9)


class Day:
    """A batch in which the first two households have chosen a home each."""

    def __init__(self) -> None:
        self.project = drawn_project()
        self.turns = [self._choose(call_first(self.project))]
        call_next(project_id=self.project.id, by=self.project.officer, at=AT)
        called = queries.called_turn(project_id=self.project.id)
        assert called is not None
        self.turns.append(self._choose(called))

    def _choose(self, turn: TurnRow) -> TurnRow:
        # Homes that are kept for nobody, and that both may have.
        home = next(
            unit
            for number, unit in sorted(self.project.units.items(), reverse=True)
            if unit in free_homes(self.project, turn.household_id)
        )
        choose_homes(
            project_id=self.project.id,
            turn_id=turn.id,
            unit_ids=[home],
            by=self.project.household(turn.household_id),
            at=AT,
        )
        return turn

    def family(self, place: int) -> Actor:
        return self.project.household(self.turns[place].household_id)

    def homes(self, place: int) -> set[UUID]:
        choice = queries.find_choice(
            project_id=self.project.id, household_id=self.turns[place].household_id
        )
        assert choice is not None
        return {home.unit_id for home in choice.homes}

    def propose(self) -> ExchangeRow:
        return propose_exchange(
            project_id=self.project.id, ticket=self.turns[1].ticket, by=self.family(0), at=SOON
        )

    def accept(self, exchange: ExchangeRow) -> ExchangeRow:
        return accept_exchange(
            project_id=self.project.id, exchange_id=exchange.id, by=self.family(1), at=SOON
        )

    def carry_out(self, exchange: ExchangeRow) -> ExchangeRow:
        return carry_out_exchange(
            project_id=self.project.id,
            exchange_id=exchange.id,
            by=self.project.officer,
            at=SOON,
        )

    def close(self) -> None:
        """Let the others of the batch waive, and close it."""
        by = self.project.officer
        for turn in queries.flow_of(project_id=self.project.id).turns:
            if turn.state == "waiting":
                waive_turn(project_id=self.project.id, turn_id=turn.id, by=by, at=SOON)
        close_batch(project_id=self.project.id, by=by, at=SOON)


@pytest.fixture
def day(database: Database) -> Day:
    assert database.name
    return Day()


def test_two_households_swap_when_both_agree_and_an_officer_signs(day: Day) -> None:
    first, second = day.homes(0), day.homes(1)
    exchange = day.accept(day.propose())
    assert (day.homes(0), day.homes(1)) == (first, second)
    done = day.carry_out(exchange)
    assert done.state == "done"
    assert (day.homes(0), day.homes(1)) == (second, first)
    entry = find_entry(event_id=done.event_id)
    assert entry is not None
    assert entry.action == "selection.homes.exchanged"
    board = queries.selection_board(project_id=day.project.id)
    tiles = [home for house in board.buildings for row in house.floors for home in row.homes]
    holders = {tile.unit_id: tile.ticket for tile in tiles if tile.state == "taken"}
    assert {holders[unit] for unit in first} == {day.turns[1].ticket}
    assert {holders[unit] for unit in second} == {day.turns[0].ticket}
    assert board.counts.homes_taken == 2


def test_the_other_must_agree_itself(day: Day) -> None:
    exchange = day.propose()
    with pytest.raises(Refusal, match=r"selection\.exchange-state"):
        day.carry_out(exchange)
    for strange in (day.family(0), day.project.household(day.project.households["H0001"])):
        with pytest.raises(Refusal, match=r"selection\.exchange-unknown"):
            accept_exchange(project_id=day.project.id, exchange_id=exchange.id, by=strange, at=SOON)
    with pytest.raises(Refusal, match=r"selection\.only-the-household"):
        accept_exchange(
            project_id=day.project.id, exchange_id=exchange.id, by=day.project.officer, at=SOON
        )


def test_either_household_ends_it_before_it_is_carried_out(day: Day) -> None:
    exchange = day.accept(day.propose())
    with pytest.raises(Refusal, match=r"selection\.exchange-running"):
        day.propose()
    end_exchange(project_id=day.project.id, exchange_id=exchange.id, by=day.family(1), at=SOON)
    with pytest.raises(Refusal, match=r"selection\.exchange-state"):
        day.carry_out(exchange)
    assert day.propose().state == "proposed"


def test_nothing_is_exchanged_once_the_batch_is_closed(day: Day) -> None:
    exchange = day.accept(day.propose())
    day.close()
    with pytest.raises(Refusal, match=r"selection\.no-open-batch"):
        day.carry_out(exchange)


@pytest.mark.parametrize("ticket", ["nobody", "own", "waiting"])
def test_only_two_that_have_chosen_in_the_open_batch_swap(day: Day, ticket: str) -> None:
    turns = queries.flow_of(project_id=day.project.id).turns
    told = {"nobody": "X", "own": day.turns[0].ticket, "waiting": turns[-1].ticket}[ticket]
    with pytest.raises(Refusal, match=r"selection\.exchange-not-chosen"):
        propose_exchange(project_id=day.project.id, ticket=told, by=day.family(0), at=SOON)


def test_a_home_beyond_what_one_may_have_is_not_swapped_for(
    day: Day, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = day.accept(day.propose())
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE inventory_unit SET area_sqm = 990")
    with pytest.raises(Refusal, match=r"selection\.over-area-budget"):
        day.carry_out(exchange)
    # The control: without the judgement the swap would go through.
    monkeypatch.setattr(exchanges, "_judge", lambda *_told, **_named: None)
    assert day.carry_out(exchange).state == "done"


def test_a_swap_of_homes_that_changed_hands_is_refused(day: Day) -> None:
    stale = day.accept(day.propose())
    other = propose_exchange(
        project_id=day.project.id, ticket=day.turns[0].ticket, by=day.family(1), at=SOON
    )
    accept_exchange(project_id=day.project.id, exchange_id=other.id, by=day.family(0), at=SOON)
    day.carry_out(other)
    with pytest.raises(Refusal, match=r"selection\.exchange-changed"):
        day.carry_out(stale)


@pytest.mark.pitfall("P11")
def test_no_home_goes_twice_while_swapping_even_past_the_operation(
    day: Day, database: Database
) -> None:
    day.carry_out(day.accept(day.propose()))
    again = """
        INSERT INTO selection_choice (project_id, id, turn_id, household_id, place, unit_id,
                                      chosen_at, event_id)
        SELECT project_id, gen_random_uuid(), turn_id, household_id, place, unit_id, chosen_at,
               event_id FROM selection_choice WHERE released_at IS NULL LIMIT 1
    """
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("SET session_replication_role = replica")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute(again)
