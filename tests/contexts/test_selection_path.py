"""The path of a selection on the database: draw, batches, turns, choices; and every refusal."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from anju.foundation.core.crypto import new_id
from anju.foundation.core.words import say
from anju.foundation.ledger.queries import find_entry, read_body, recent_entries
from anju.resettlement.selection import queries
from anju.resettlement.selection.auto_play import play_step
from anju.resettlement.selection.operations.batches import close_batch, open_batch
from anju.resettlement.selection.operations.choosing import choose_homes
from anju.resettlement.selection.operations.drawing import rehearse_draw
from anju.resettlement.selection.operations.turns import (
    call_next,
    miss_turn,
    return_turn,
    waive_turn,
)
from anju_rules.values import Refusal
from tests.support.databases import Database
from tests.support.selections import (
    AT,
    LATER,
    TOO_LATE,
    Selected,
    call_first,
    drawn_project,
    free_homes,
    officer,
    play_turn,
    scored_project,
)

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.req("SEL-1")
@pytest.mark.req("SEL-2")
def test_a_project_is_drawn_called_and_chosen_to_the_end() -> None:
    project = drawn_project(households=12, homes=16)
    at = AT
    steps: list[str] = []
    while (step := play_step(project_id=project.id, by=project.officer, at=at)) != "done":
        steps.append(step)
        at += timedelta(seconds=1)
    board = queries.selection_board(project_id=project.id)
    assert board.stage == "done"
    assert steps.count("opened") == steps.count("closed") == board.batches == 3
    assert board.counts.chosen + board.counts.waived == 12
    assert board.counts.homes_taken == board.counts.chosen
    # Places were called in their order: the latest choice first on the board.
    places = [choice.place for choice in board.choices]
    assert places == sorted(places, reverse=True)


@pytest.mark.req("SEL-4")
def test_the_board_shows_tickets_and_masked_names_only() -> None:
    project = drawn_project()
    turn = call_first(project)
    unit_id = free_homes(project, turn.household_id)[0]
    chosen = choose_homes(
        project_id=project.id,
        turn_id=turn.id,
        unit_ids=[unit_id],
        by=project.household(turn.household_id),
        at=LATER,
    )
    call_next(project_id=project.id, by=project.officer, at=LATER)
    board = queries.selection_board(project_id=project.id)
    told = repr(board)
    assert board.choices[0].event_id == chosen.event_id
    (called,) = board.called
    assert called.budget
    for registered in project.plan.households.values():
        assert registered.name not in told
        assert str(registered.household.number) not in told
    tiles = [tile for house in board.buildings for floor in house.floors for tile in floor.homes]
    assert {tile.ticket for tile in tiles if tile.state == "taken"} == {chosen.ticket}
    assert sum(layout.free for layout in board.layouts) == board.counts.homes_free


def test_the_board_takes_as_many_statements_for_many_homes_as_for_few() -> None:
    def statements(project: Selected) -> int:
        call_first(project)
        with CaptureQueriesContext(connections["default"]) as captured:
            queries.selection_board(project_id=project.id)
        return len(captured)

    few = statements(drawn_project(code="A-1", homes=8, households=6))
    many = statements(drawn_project(code="A-2", homes=80, households=60))
    assert few == many <= 12


def test_a_choice_leaves_an_entry_that_says_what_was_chosen() -> None:
    project = drawn_project()
    turn = call_first(project)
    unit_id = free_homes(project, turn.household_id)[0]
    chosen = choose_homes(
        project_id=project.id,
        turn_id=turn.id,
        unit_ids=[unit_id],
        by=project.household(turn.household_id),
        at=LATER,
    )
    entry = find_entry(event_id=chosen.event_id)
    assert entry is not None
    assert (entry.action, entry.target) == ("selection.home.chosen", str(turn.id))
    body = read_body(event_id=chosen.event_id)
    assert body["units"] == [{"id": str(unit_id), "number": chosen.homes[0].number}]


@pytest.mark.pitfall("P1")
def test_a_second_draw_is_refused_and_recorded() -> None:
    project = drawn_project()
    with pytest.raises(Refusal) as caught:
        rehearse_draw(project_id=project.id, by=project.officer, at=LATER)
    assert caught.value.code == "selection.already-drawn"
    assert recent_entries(most=1)[0].outcome == "refused:selection.already-drawn"


@pytest.mark.threat("T-02")
def test_of_many_draws_at_once_one_stands(database: Database) -> None:
    project = scored_project(households=8, homes=8)
    tries = 8
    told = database.in_threads(
        [lambda: rehearse_draw(project_id=project.id, by=officer(), at=AT) for _ in range(tries)]
    )
    assert told.count(8) == 1
    refused = [one for one in told if isinstance(one, Refusal)]
    assert [one.code for one in refused] == ["selection.already-drawn"] * (tries - 1)
    drawn = [
        entry for entry in recent_entries(most=50) if entry.action == "selection.draw.rehearsed"
    ]
    assert len(drawn) == tries


def test_batches_open_in_order_and_one_at_a_time() -> None:
    project = drawn_project()
    by = project.officer
    refuse(open_batch, "selection.batch-not-next", project_id=project.id, batch=2, by=by, at=AT)
    refuse(open_batch, "selection.batch-unknown", project_id=project.id, batch=9, by=by, at=AT)
    refuse(call_next, "selection.no-open-batch", project_id=project.id, by=by, at=AT)
    open_batch(project_id=project.id, batch=1, by=by, at=AT)
    refuse(open_batch, "selection.batch-open", project_id=project.id, batch=2, by=by, at=AT)
    refuse(close_batch, "selection.batch-not-done", project_id=project.id, by=by, at=AT)
    undrawn = scored_project(code="XF-2")
    refuse(open_batch, "selection.not-drawn", project_id=undrawn.id, batch=1, by=by, at=AT)


def test_one_household_is_called_at_a_time() -> None:
    project = drawn_project()
    turn = call_first(project)
    assert turn.place == 1
    refuse(call_next, "selection.turn-running", project_id=project.id, by=project.officer, at=AT)


def test_a_missed_turn_comes_back_once_at_the_end_of_its_batch() -> None:
    project = drawn_project(households=8, homes=16, batch_size=3)
    by = project.officer
    first = call_first(project)
    refuse(
        miss_turn,
        "selection.turn-still-running",
        project_id=project.id,
        turn_id=first.id,
        by=by,
        at=LATER,
    )
    miss_turn(project_id=project.id, turn_id=first.id, by=by, at=TOO_LATE)
    back = {"project_id": project.id, "turn_id": first.id, "by": by, "at": TOO_LATE}
    refuse(return_turn, "selection.not-batch-end", **back)
    at = TOO_LATE
    while play_step(project_id=project.id, by=by, at=at) != "returned":
        at += timedelta(seconds=1)
    again = call_next(project_id=project.id, by=by, at=at)
    assert (again.id, again.times_called, again.has_come_back) == (first.id, 2, True)
    at += timedelta(seconds=200)
    miss_turn(project_id=project.id, turn_id=first.id, by=by, at=at)
    refuse(return_turn, "selection.late-turn", **{**back, "at": at})
    assert close_batch(project_id=project.id, by=by, at=at) == 1


def test_a_plan_without_late_turns_lets_none_come_back() -> None:
    project = drawn_project(households=4, homes=8, late="refused", batch_size=1)
    turn = call_first(project)
    miss_turn(project_id=project.id, turn_id=turn.id, by=project.officer, at=TOO_LATE)
    refuse(
        return_turn,
        "selection.late-turn",
        project_id=project.id,
        turn_id=turn.id,
        by=project.officer,
        at=TOO_LATE,
    )
    assert close_batch(project_id=project.id, by=project.officer, at=TOO_LATE) == 1


def test_a_waived_turn_is_final_and_takes_no_home() -> None:
    project = drawn_project()
    turn = call_first(project)
    told = {"project_id": project.id, "turn_id": turn.id, "by": project.officer, "at": LATER}
    waived = waive_turn(project_id=project.id, turn_id=turn.id, by=project.officer, at=LATER)
    assert waived.state == "waived"
    refuse(waive_turn, "selection.turn-state", **told)
    refuse(choose_homes, "selection.not-your-turn", unit_ids=[any_home(project)], **told)
    assert queries.selection_board(project_id=project.id).counts.homes_taken == 0


@pytest.mark.pitfall("P6")
@pytest.mark.req("SEL-2")
def test_a_choice_that_the_page_would_not_offer_is_refused_all_the_same() -> None:
    project = drawn_project()
    turn = call_first(project)
    by = project.household(turn.household_id)
    told = {"project_id": project.id, "turn_id": turn.id, "by": by, "at": LATER}
    options = queries.options_of(project_id=project.id, household_id=turn.household_id, by=by)
    shut = [option for option in options if not option.is_lawful]
    assert {option.code for option in shut} == {"selection.home-reserved"}
    for option in shut:
        refuse(choose_homes, option.code, unit_ids=[option.tile.unit_id], **told)
    free = [option.tile.unit_id for option in options if option.is_lawful]
    refuse(choose_homes, "selection.no-home-named", unit_ids=[], **told)
    refuse(choose_homes, "inventory.unknown-unit", unit_ids=[new_id()], **told)
    refuse(choose_homes, "selection.home-named-twice", unit_ids=[free[0], free[0]], **told)
    refuse(choose_homes, "selection.over-area-budget", unit_ids=free[:3], **told)
    refuse(
        choose_homes,
        "selection.turn-expired",
        unit_ids=free[:1],
        **{**told, "at": TOO_LATE + timedelta(seconds=1)},
    )


def test_only_the_household_whose_turn_it_is_may_choose() -> None:
    project = drawn_project()
    turn = call_first(project)
    others = [known for known in project.households.values() if known != turn.household_id]
    told = {"project_id": project.id, "turn_id": turn.id, "unit_ids": [any_home(project)]}
    stranger = project.household(others[0])
    refuse(choose_homes, "selection.turn-unknown", **told, by=stranger, at=LATER)
    waiting = next(
        row
        for row in queries.desk(project_id=project.id, by=project.officer).turns
        if row.state == "waiting"
    )
    refuse(
        choose_homes,
        "selection.not-your-turn",
        **{**told, "turn_id": waiting.id},
        by=project.household(waiting.household_id),
        at=LATER,
    )
    notary = officer("notary")
    refuse(choose_homes, "access.not-permitted", **told, by=notary, at=LATER)


def test_homes_kept_for_a_need_open_when_their_stratum_is_through() -> None:
    project = drawn_project(households=12, homes=16)
    at = AT
    first = call_first(project)
    kept = [project.units["1-1-101"], project.units["1-1-102"]]
    assert not set(kept) & set(free_homes(project, first.household_id))
    while play_step(project_id=project.id, by=project.officer, at=at) != "closed":
        at += timedelta(seconds=1)
    open_batch(project_id=project.id, batch=2, by=project.officer, at=at)
    second = call_next(project_id=project.id, by=project.officer, at=at)
    left = set(free_homes(project, second.household_id))
    board = queries.selection_board(project_id=project.id)
    taken = {
        tile.unit_id
        for house in board.buildings
        for floor in house.floors
        for tile in floor.homes
        if tile.state == "taken"
    }
    assert set(kept) - taken <= left


def test_automatic_choice_takes_the_first_lawful_wish() -> None:
    project = drawn_project()
    by = project.officer
    assert play_turn(project_id=project.id, by=by, at=AT) == "chosen"
    choice = queries.selection_board(project_id=project.id).choices[0]
    first = queries.places_of(project_id=project.id, batch=1)[0]
    number = next(
        number for number, known in project.households.items() if known == first.household_id
    )
    wishes = project.plan.wishes.get(number, ())  # type: ignore[call-overload]
    kept = {"1-1-101", "1-1-102"}
    lawful = [wish[0] for wish in wishes if wish[0] not in kept]
    expected = lawful[0] if lawful else "1-1-103"
    assert choice.homes[0].number == expected


def test_every_code_has_words_in_both_languages() -> None:
    facts = {"household": "A", "number": 1, "state": "waiting"}
    for language in ("zh", "en"):
        assert "A" in say("selection.not-your-turn", facts, language=language)


def refuse(operation: object, code: str, **told: object) -> None:
    """Call an operation that must refuse with ``code``."""
    assert callable(operation)
    with pytest.raises(Refusal) as caught:
        operation(**told)
    assert caught.value.code == code


def any_home(project: Selected) -> UUID:
    """Give a home nobody keeps back."""
    return project.units["1-1-103"]
