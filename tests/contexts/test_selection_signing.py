"""Two sides sign a choice (SEL-3): named and held at once, signed by others, dropped, run out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from anju.foundation.access.types import system_actor
from anju.foundation.core.crypto import new_id
from anju.foundation.ledger.queries import read_body
from anju.resettlement.selection import queries
from anju.resettlement.selection.auto_play import choose_by_wishes, play_step
from anju.resettlement.selection.operations.choosing import choose_homes, name_homes
from anju.resettlement.selection.operations.signing import drop_naming, sign_choice
from anju.resettlement.selection.operations.turns import call_next, miss_turn, waive_turn
from anju.resettlement.selection.overdue import drop_unsigned
from anju.resettlement.selection.rebuild import compare_project
from anju.resettlement.selection.record import record_of_turns
from anju.resettlement.selection.types import TurnRow
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
)
from tests.support.signing import TWO, actions_of, family, home_of, refused, state_of

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.req("SEL-3")]

SECOND = timedelta(seconds=1)


@pytest.fixture
def project(database: Database) -> Selected:
    assert database.name
    return drawn_project(turns=TWO)


@pytest.fixture
def turn(project: Selected) -> TurnRow:
    return call_first(project)


def test_a_choice_is_made_when_household_and_office_have_signed(
    project: Selected, turn: TurnRow
) -> None:
    home = home_of(project, turn)
    own: dict[str, Any] = {"project_id": project.id, "turn_id": turn.id}
    named = choose_homes(**own, unit_ids=[home], by=family(project, turn), at=LATER)
    assert (named.missing, named.is_made) == (("office",), False)
    assert state_of(project, home) == "named"
    assert queries.find_choice(project_id=project.id, household_id=turn.household_id) is None
    (called,) = queries.selection_board(project_id=project.id).called
    assert [tile.unit_id for tile in called.named] == [home]
    assert called.signed == ("household",)
    assert compare_project(project_id=project.id, by=project.officer) == []
    made = sign_choice(**own, by=project.officer, at=LATER + SECOND, step=named.step)
    assert made.is_made
    assert [one.side for one in made.signatures] == ["household", "office"]
    assert state_of(project, home) == "taken"
    choice = queries.find_choice(project_id=project.id, household_id=turn.household_id)
    assert choice is not None
    assert (choice.event_id, choice.chosen_at) == (made.event_id, LATER + SECOND)
    assert actions_of(turn)[1:] == ["selection.homes.named", "selection.home.chosen"]
    body = read_body(event_id=made.event_id)
    assert body["named_at"] == LATER.isoformat()
    assert compare_project(project_id=project.id, by=project.officer) == []


def test_a_signature_after_the_turns_time_counts_where_the_naming_was_in_time(
    project: Selected, turn: TurnRow
) -> None:
    last_moment = AT + timedelta(seconds=180)
    own: dict[str, Any] = {"project_id": project.id, "turn_id": turn.id}
    home = home_of(project, turn)
    choose_homes(**own, unit_ids=[home], by=family(project, turn), at=last_moment)
    refused("selection.turn-still-running", miss_turn, **own, by=project.officer, at=TOO_LATE)
    assert queries.expired_turn(project_id=project.id, at=TOO_LATE) is None
    sign_choice(**own, by=project.officer, at=TOO_LATE + timedelta(seconds=60))
    lines = [row.line for row in record_of_turns(project.id)]
    assert [(line.what, line.at) for line in lines] == [("called", AT), ("chosen", last_moment)]


def test_what_nobody_signs_in_time_is_free_again_and_the_turn_is_missed(
    project: Selected, turn: TurnRow
) -> None:
    own: dict[str, Any] = {"project_id": project.id, "turn_id": turn.id}
    home = home_of(project, turn)
    choose_homes(**own, unit_ids=[home], by=family(project, turn), at=AT + timedelta(seconds=100))
    over = AT + timedelta(seconds=221)
    platform = system_actor(request_id="tests")
    told: dict[str, Any] = {"by": platform, "reason": "not-signed"}
    refused("selection.sign-time-running", drop_naming, **own, at=LATER, **told)
    refused("selection.side-not-yours", drop_naming, **own, at=LATER, by=platform)
    refused("selection.sign-time-over", sign_choice, **own, by=project.officer, at=over)
    assert drop_unsigned(project_id=project.id, by=platform, at=over - 2 * SECOND) == 0
    assert drop_unsigned(project_id=project.id, by=platform, at=over) == 1
    assert state_of(project, home) == "free"
    assert compare_project(project_id=project.id, by=project.officer) == []
    miss_turn(**own, by=project.officer, at=over)
    assert compare_project(project_id=project.id, by=project.officer) == []


def test_a_household_that_names_too_late_is_refused(project: Selected, turn: TurnRow) -> None:
    refused(
        "selection.turn-expired",
        name_homes,
        project_id=project.id,
        turn_id=turn.id,
        unit_ids=[home_of(project, turn)],
        by=family(project, turn),
        at=TOO_LATE,
    )


def test_homes_are_named_step_by_step_and_signed_as_one(project: Selected) -> None:
    turn = call_large_family(project)
    first, second = free_homes(project, turn.household_id)[:2]
    own: dict[str, Any] = {
        "project_id": project.id,
        "turn_id": turn.id,
        "by": family(project, turn),
    }
    name_homes(**own, unit_ids=[second], at=LATER)
    both = name_homes(**own, unit_ids=[first], add=True, at=LATER + SECOND)
    assert [home.unit_id for home in both.homes] == [second, first]
    sign_choice(**own, at=LATER + 2 * SECOND)
    made = sign_choice(**{**own, "by": project.officer}, at=LATER + 3 * SECOND)
    assert [home.unit_id for home in made.homes] == [second, first]
    (line,) = [row.line for row in record_of_turns(project.id) if row.line.what == "chosen"]
    assert (line.at, len(line.units)) == (LATER + SECOND, 2)
    assert compare_project(project_id=project.id, by=project.officer) == []


def call_large_family(project: Selected) -> TurnRow:
    """Call the first household whose budget is enough for two homes; the others waive."""
    turn = call_first(project)
    while project.household_value(turn.household_id).facts["persons"] != 4:
        waive_turn(project_id=project.id, turn_id=turn.id, by=project.officer, at=AT)
        turn = call_next(project_id=project.id, by=project.officer, at=AT)
    return turn


def test_another_naming_lets_the_first_go_and_voids_what_was_signed(
    project: Selected, turn: TurnRow
) -> None:
    own: dict[str, Any] = {"project_id": project.id, "turn_id": turn.id}
    first, second = home_of(project, turn), home_of(project, turn, 1)
    seen = choose_homes(**own, unit_ids=[first], by=family(project, turn), at=LATER)
    named = name_homes(**own, unit_ids=[second], by=project.officer, at=LATER + SECOND)
    assert named.missing == ("household", "office")
    assert (state_of(project, first), state_of(project, second)) == ("free", "named")
    at = LATER + 2 * SECOND
    refused("selection.naming-changed", sign_choice, **own, by=officer(), at=at, step=seen.step)
    assert compare_project(project_id=project.id, by=project.officer) == []


@pytest.mark.parametrize("side", ["household", "office"])
def test_either_side_may_drop_a_naming(project: Selected, turn: TurnRow, side: str) -> None:
    own: dict[str, Any] = {"project_id": project.id, "turn_id": turn.id}
    home = home_of(project, turn)
    choose_homes(**own, unit_ids=[home], by=project.officer, at=LATER)
    by = family(project, turn) if side == "household" else officer()
    dropped = drop_naming(**own, by=by, at=LATER)
    assert (dropped.state, dropped.is_named) == ("called", False)
    assert state_of(project, home) == "free"
    refused("selection.nothing-named", sign_choice, **own, by=by, at=LATER)
    choose_homes(**own, unit_ids=[home], by=project.officer, at=LATER)
    assert compare_project(project_id=project.id, by=project.officer) == []


def test_no_person_signs_twice_and_nobody_for_the_others_side(
    project: Selected, turn: TurnRow
) -> None:
    own: dict[str, Any] = {"project_id": project.id, "turn_id": turn.id, "at": LATER}
    choose_homes(**own, unit_ids=[home_of(project, turn)], by=project.officer)
    refused("selection.same-person", sign_choice, **own, by=project.officer)
    for role in ("selection-officer", "representative", "supervisor"):
        refused("selection.side-not-yours", sign_choice, **own, by=officer(role))
    refused("selection.turn-unknown", sign_choice, **own, by=project.household(new_id()))
    refused("access.not-permitted", sign_choice, **own, by=officer("notary"))


def test_a_home_that_many_want_is_checked_by_a_third_person(database: Database) -> None:
    assert database.name
    project = drawn_project(turns="signatures = 2\nhot_from_wishes = 1")
    turn = call_first(project)
    wished = {home for wishes in project.plan.wishes.values() for wish in wishes for home in wish}
    hot = next(
        project.units[number]
        for number in sorted(map(str, wished))
        if project.units[number] in free_homes(project, turn.household_id)
    )
    own: dict[str, Any] = {"project_id": project.id, "turn_id": turn.id, "at": LATER}
    choose_homes(**own, unit_ids=[hot], by=family(project, turn))
    own["at"] = LATER + SECOND
    assert sign_choice(**own, by=project.officer).missing == ("check",)
    refused("selection.same-person", sign_choice, **own, by=project.officer)
    made = sign_choice(**own | {"at": LATER + 2 * SECOND}, by=officer("supervisor"))
    assert [one.side for one in made.signatures] == ["household", "office", "check"]
    assert compare_project(project_id=project.id, by=project.officer) == []


def test_a_representative_signs_for_an_absentee_whose_wish_is_followed(database: Database) -> None:
    assert database.name
    project = drawn_project(turns=TWO)
    turn = call_first(project)
    own: dict[str, Any] = {"project_id": project.id, "turn_id": turn.id, "at": LATER}
    refused(
        "selection.not-a-wish",
        choose_homes,
        **own,
        unit_ids=[home_of(project, turn)],
        by=project.officer,
        by_wishes=True,
    )
    while not (wishes := wishes_left(project, turn)):
        waive_turn(project_id=project.id, turn_id=turn.id, by=project.officer, at=LATER)
        turn = call_next(project_id=project.id, by=project.officer, at=AT)
    own["turn_id"] = turn.id
    choose_homes(**own, unit_ids=wishes[0], by=project.officer, by_wishes=True)
    assert sign_choice(**own, by=officer("representative")).is_made


def wishes_left(project: Selected, turn: TurnRow) -> list[tuple[UUID, ...]]:
    """Give the wishes of a household that are lawful now."""
    from anju.resettlement.selection.lawful import lawful_wishes

    return lawful_wishes(project_id=project.id, household_id=turn.household_id, by=project.officer)


def test_waiving_and_missing_free_what_was_named(project: Selected, turn: TurnRow) -> None:
    own: dict[str, Any] = {"project_id": project.id, "turn_id": turn.id}
    home = home_of(project, turn)
    name_homes(**own, unit_ids=[home], by=project.officer, at=LATER)
    waive_turn(**own, by=family(project, turn), at=LATER)
    assert state_of(project, home) == "free"
    following = call_next(project_id=project.id, by=project.officer, at=LATER)
    own["turn_id"] = following.id
    unit_ids = [home_of(project, following)]
    name_homes(**own, unit_ids=unit_ids, by=project.officer, at=LATER)
    miss_turn(**own, by=project.officer, at=TOO_LATE + timedelta(seconds=10))
    assert state_of(project, unit_ids[0]) == "free"
    assert compare_project(project_id=project.id, by=project.officer) == []


def test_the_platform_signs_in_a_rehearsal_alone_and_says_so(
    project: Selected, turn: TurnRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert choose_by_wishes(turn=turn, by=project.officer, at=LATER) == "chosen"
    choice = queries.find_choice(project_id=project.id, household_id=turn.household_id)
    assert choice is not None
    told: Any = read_body(event_id=choice.event_id)["signatures"]
    assert [(one["side"], one["automatic"]) for one in told] == [
        ("office", False),
        ("household", True),
    ]
    monkeypatch.setattr("anju.resettlement.selection.mapping.is_rehearsal", lambda _: False)
    monkeypatch.setattr("anju.resettlement.selection.auto_play.is_rehearsal", lambda _: False)
    assert play_turn(project_id=project.id, by=project.officer, at=LATER) == "named"
    assert play_step(project_id=project.id, by=project.officer, at=LATER) == "waiting"
    following = queries.called_turn(project_id=project.id)
    assert following is not None
    own: dict[str, Any] = {"project_id": project.id, "turn_id": following.id, "at": LATER}
    refused("selection.automatic-signature", sign_choice, **own, by=system_actor())


def test_a_plan_that_says_nothing_asks_for_two_where_the_draw_counts(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert database.name
    project = drawn_project()
    turn = call_first(project)
    own: dict[str, Any] = {"project_id": project.id, "by": project.officer, "at": LATER}
    unit_ids = [home_of(project, turn)]
    assert choose_homes(**own, turn_id=turn.id, unit_ids=unit_ids).is_made
    monkeypatch.setattr("anju.resettlement.selection.mapping.is_rehearsal", lambda _: False)
    following = call_next(**own)
    unit_ids = [home_of(project, following)]
    named = choose_homes(**own, turn_id=following.id, unit_ids=unit_ids)
    assert named.missing == ("household",)


def test_several_desks_call_at_once_in_the_order_of_places(database: Database) -> None:
    assert database.name
    project = drawn_project(turns="desks = 2")
    first = call_first(project)
    own: dict[str, Any] = {"project_id": project.id, "by": project.officer, "at": AT}
    refused("selection.desk-busy", call_next, **own, desk=1)
    refused("selection.no-such-desk", call_next, **own, desk=3)
    second = call_next(**own)
    assert [(turn.place, turn.desk) for turn in (first, second)] == [
        (first.place, 1),
        (first.place + 1, 2),
    ]
    refused("selection.turn-running", call_next, **own)
    assert [called.desk for called in queries.selection_board(project_id=project.id).called] == [
        1,
        2,
    ]
    desk = queries.desk(project_id=project.id, by=project.officer, number=2)
    assert desk.called is not None
    assert (desk.called.id, desk.desks, len(desk.called_at_desks)) == (second.id, 2, 2)
    # The second is faster; the first of the order goes on undisturbed.
    unit_ids = [home_of(project, second)]
    choose_homes(**{**own, "at": LATER}, turn_id=second.id, unit_ids=unit_ids)
    third = call_next(**{**own, "at": LATER})
    assert (third.place, third.desk) == (second.place + 1, 2)
    assert compare_project(project_id=project.id, by=project.officer) == []


@pytest.mark.pitfall("P11")
def test_the_database_calls_one_household_a_desk(project: Selected, database: Database) -> None:
    turn = call_first(project)
    with database.connect("anju_app") as connection:
        other = connection.execute(
            "SELECT id FROM selection_turn WHERE project_id = %s AND id <> %s LIMIT 1",
            [project.id, turn.id],
        ).fetchone()
        assert other is not None
        with pytest.raises(psycopg.errors.UniqueViolation, match="selection_turn_one_a_desk"):
            connection.execute("UPDATE selection_turn SET state = 'called' WHERE id = %s", other)


@pytest.mark.pitfall("P11")
def test_the_database_takes_one_signature_a_side_and_one_a_person(
    project: Selected, turn: TurnRow, database: Database
) -> None:
    own: dict[str, Any] = {"project_id": project.id, "turn_id": turn.id, "at": LATER}
    choose_homes(**own, unit_ids=[home_of(project, turn)], by=project.officer)
    sign = (
        "INSERT INTO selection_signature (project_id, id, turn_id, call, step, side, account_id,"
        " is_automatic, signed_at, event_id)"
        " VALUES (%s, gen_random_uuid(), %s, 1, 1, %s, %s, false, now(), gen_random_uuid())"
    )
    for side, by, name in (
        ("office", new_id(), "side"),
        ("household", project.officer.id, "person"),
    ):
        with (
            database.connect("anju_app") as connection,
            pytest.raises(psycopg.errors.UniqueViolation, match=f"selection_signature_{name}_once"),
        ):
            connection.execute(sign, [project.id, turn.id, side, by])


def test_a_table_changed_behind_the_ledger_is_found(
    project: Selected, turn: TurnRow, database: Database
) -> None:
    own: dict[str, Any] = {"project_id": project.id, "turn_id": turn.id, "at": LATER}
    choose_homes(**own, unit_ids=[home_of(project, turn)], by=project.officer)
    with psycopg.connect(database.superuser_url) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE selection_choice SET is_named = false")
        admin.execute("UPDATE selection_signature SET account_id = gen_random_uuid()")
    found = {one.kind for one in compare_project(project_id=project.id, by=project.officer)}
    assert found == {"choice", "signature"}


def test_an_officer_of_another_project_signs_nothing(project: Selected, turn: TurnRow) -> None:
    own: dict[str, Any] = {"project_id": project.id, "turn_id": turn.id, "at": LATER}
    choose_homes(**own, unit_ids=[home_of(project, turn)], by=family(project, turn))
    stranger = replace(officer("selection-officer"), projects=frozenset())
    refused("access.not-found", sign_choice, **own, by=stranger)
