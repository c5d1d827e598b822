"""The re-match of what a selection left: opened, wished, frozen, carried out by two (MAT-3)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from anju.foundation.access.context import reading
from anju.foundation.ledger.queries import entries_of
from anju.resettlement.inventory.queries import units_by_ids
from anju.resettlement.rematch.operations import (
    cancel_rematch,
    carry_out_rematch,
    freeze_rematch,
    hand_in_rematch_wishes,
    open_rematch,
)
from anju.resettlement.rematch.queries import (
    count_wishes,
    find_own_wishes,
    find_standing,
    public_record,
    rounds_of,
    running_round,
)
from anju.resettlement.selection.operations.reassigning import Reassigned, reassign_homes
from anju.resettlement.selection.queries import selection_board
from anju.resettlement.selection.rebuild import compare_project
from anju_rules.rematch_records import CHECKS, verify_rematch
from anju_rules.values import Refusal
from tests.support.access import recorded
from tests.support.databases import Database
from tests.support.rematches import (
    CLOSES,
    OPENED,
    QUARTER,
    ended_project,
    freeze_and_carry_out,
    open_round,
    turn_at,
    wish,
    wishable,
)
from tests.support.selections import AT, Selected, drawn_project, drop_home_constraint, officer

pytestmark = pytest.mark.req("MAT-3")


@pytest.fixture
def project(database: Database) -> Selected:
    assert database.name
    return ended_project()


def state_of(project: Selected, *unit_ids: object) -> list[str]:
    units = units_by_ids(project_id=project.id, unit_ids=unit_ids)  # type: ignore[arg-type]
    return [unit.state for unit in units]


def test_leftovers_go_round_in_the_original_order_and_a_holder_moves_up_first(
    project: Selected,
) -> None:
    holder = turn_at(project, 1)
    (own,) = holder.unit_ids
    both = [home for home in wishable(project, 3) if home in wishable(project, 5)]
    better = next(home for home in wishable(project, 1, offers=own) if home in both)
    other = next(home for home in both if home != better)
    open_round(project)
    # The third wants the first's home, and the first another that the fifth wants too.
    wish(project, 5, better, other)
    wish(project, 3, own, better)
    wish(project, 1, better, offers=own)
    wish(project, 2, better, other)
    done = freeze_and_carry_out(project)

    assert turn_at(project, 3).unit_ids == (own,)
    assert turn_at(project, 1).unit_ids == (better,)
    assert turn_at(project, 5).unit_ids == (other,)
    assert turn_at(project, 2).unit_ids == (), "who gave its turn up comes last (P4)"
    assert done.listed is not None
    assert [(one["place"], one["standing"]) for one in done.listed["entries"]] == [
        (3, "missed"),
        (5, "missed"),
        (1, "holder"),
        (2, "waived"),
    ]
    assert state_of(project, own, better, other) == ["taken"] * 3
    assert compare_project(project_id=project.id, by=project.officer) == []
    (entry,) = [
        one
        for one in entries_of(str(project.id))
        if one.action == "rematch.round.carried-out" and one.outcome == "done"
    ]
    assert entry.event_id == done.ended_event_id
    # The wall shows the new holders, and its red seal leads to the entry of the re-match.
    shown = {one.place: one for one in selection_board(project_id=project.id).choices}
    assert {shown[place].event_id for place in (1, 3, 5)} == {entry.event_id}
    raw = public_record(round_row=done)
    assert [check.met for check in verify_rematch(raw, list_digest=done.list_digest)] == [
        True
    ] * len(CHECKS)
    assert not verify_rematch(raw, list_digest="0" * 64)[-1].met


@pytest.mark.pitfall("P4")
def test_who_neither_wishes_nor_offers_has_no_rank_and_keeps_what_it_holds(
    project: Selected,
) -> None:
    before = {place: turn_at(project, place).unit_ids for place in range(1, 13)}
    open_round(project)
    wish(project, 2, *wishable(project, 2)[:2])
    done = freeze_and_carry_out(project)
    assert done.listed is not None
    assert [one["place"] for one in done.listed["entries"]] == [2]
    after = {place: turn_at(project, place).unit_ids for place in range(1, 13)}
    assert {place for place in before if before[place] != after[place]} == {2}


def test_a_holder_that_finds_nothing_better_keeps_its_home_and_its_entry(
    project: Selected,
) -> None:
    (own,), (theirs,) = turn_at(project, 1).unit_ids, turn_at(project, 4).unit_ids
    choices = {one.place: one for one in selection_board(project_id=project.id).choices}
    event = choices[1].event_id
    open_round(project)
    lawful = wishable(project, 1, offers=own)
    wish(project, 1, lawful[0], offers=own)
    wish(project, 3, lawful[0])
    freeze_and_carry_out(project)
    assert turn_at(project, 1).unit_ids == (own,)
    assert turn_at(project, 4).unit_ids == (theirs,)
    shown = {one.place: one for one in selection_board(project_id=project.id).choices}
    assert shown[1].event_id == event


def test_what_may_not_be_opened_or_handed_in_is_refused(
    project: Selected, database: Database
) -> None:
    by = project.officer
    with pytest.raises(Refusal, match=r"rematch\.none-open"):
        wish(project, 3, *wishable(project, 3)[:1])
    for quarter in ("2026-Q5", "2026Q3", "Q3"):
        with pytest.raises(Refusal, match=r"rematch\.wrong-quarter"):
            open_round(project, quarter=quarter)
    with pytest.raises(Refusal, match=r"rematch\.closes-too-early"):
        open_rematch(project_id=project.id, quarter=QUARTER, closes_at=AT, by=by, at=AT)
    running = drawn_project(code="R-2")
    with pytest.raises(Refusal, match=r"selection\.not-ended"):
        open_round(running)
    open_round(project)
    with pytest.raises(Refusal, match=r"rematch\.already-open"):
        open_round(project, quarter="2026-Q4")

    (own,), homes = turn_at(project, 1).unit_ids, wishable(project, 3)
    (theirs,) = turn_at(project, 4).unit_ids
    for place, wishes, offers, code in (
        (1, homes[:1], None, r"rematch\.nothing-put-in"),
        (1, homes[:1], theirs, r"rematch\.not-its-home"),
        (3, homes[:1], theirs, r"rematch\.not-its-home"),
        (1, [own], own, r"rematch\.wish-twice"),
        (3, [homes[0], homes[0]], None, r"rematch\.wish-twice"),
        (3, [project.id], None, r"inventory\.unknown-unit"),
        (3, homes * 4, None, r"rematch\.too-many-wishes"),
    ):
        with pytest.raises(Refusal, match=code):
            wish(project, place, *wishes, offers=offers)
    _make_larger(database, homes[0])
    with pytest.raises(Refusal, match=r"selection\.over-area-budget"):
        wish(project, 3, homes[0])
    # Another household's list is none of ours: as if it did not exist.
    with pytest.raises(Refusal, match=r"access\.not-found"):
        hand_in_rematch_wishes(
            project_id=project.id,
            household_id=turn_at(project, 5).household_id,
            unit_ids=homes[:1],
            offered_id=None,
            by=project.household(turn_at(project, 3).household_id),
            at=OPENED,
        )


@pytest.mark.pitfall("P16")
def test_wishes_change_until_they_close_and_never_after(
    project: Selected, database: Database
) -> None:
    opened = open_round(project)
    homes, third = wishable(project, 3), turn_at(project, 3).household_id
    wish(project, 3, homes[0])
    wish(project, 3, homes[1], homes[0])
    told = {"project_id": project.id, "round_id": opened.id}
    for by in (project.officer, project.household(third)):
        own = find_own_wishes(household_id=third, by=by, **told)
        assert own is not None
        assert own.unit_ids == (homes[1], homes[0])
    stranger = project.household(turn_at(project, 5).household_id)
    assert find_own_wishes(household_id=third, by=stranger, **told) is None
    assert count_wishes(by=project.officer, **told) == (1, 0)
    wish(project, 3)
    assert count_wishes(by=project.officer, **told) == (0, 0)
    wish(project, 3, homes[0])
    with pytest.raises(Refusal, match=r"rematch\.still-open"):
        freeze_rematch(project_id=project.id, by=project.officer, at=OPENED)
    with pytest.raises(Refusal, match=r"rematch\.closed"):
        wish(project, 3, homes[1], at=CLOSES)
    frozen = freeze_rematch(project_id=project.id, by=project.officer, at=CLOSES)
    with pytest.raises(Refusal, match=r"rematch\.closed"):
        freeze_rematch(project_id=project.id, by=project.officer, at=CLOSES)
    # Not even with the application's checks off: the tables keep what is frozen.
    for change in (
        "UPDATE rematch_wishes SET offered_id = NULL",
        "DELETE FROM rematch_wishes",
        "UPDATE rematch_round SET state = 'open'",
        "UPDATE rematch_round SET listed = '{}'",
        "UPDATE rematch_round SET closes_at = closes_at + interval '1 day'",
        "DELETE FROM rematch_round",
    ):
        with (
            psycopg.connect(database.superuser_url) as admin,
            pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="rematch"),
        ):
            admin.execute(change)
    assert frozen.list_digest


def test_two_people_carry_it_out_and_only_once(project: Selected) -> None:
    by, second = project.officer, officer()
    open_round(project)
    wish(project, 3, *wishable(project, 3)[:1])
    with pytest.raises(Refusal, match=r"rematch\.not-frozen"):
        carry_out_rematch(project_id=project.id, by=by, second=second, at=CLOSES)
    freeze_rematch(project_id=project.id, by=by, at=CLOSES)
    with pytest.raises(Refusal, match=r"access\.same-person"):
        carry_out_rematch(project_id=project.id, by=by, second=by, at=CLOSES)
    with pytest.raises(Refusal, match=r"access\.not-permitted"):
        carry_out_rematch(
            project_id=project.id, by=by, second=officer("selection-officer"), at=CLOSES
        )
    carry_out_rematch(project_id=project.id, by=by, second=second, at=CLOSES)
    with pytest.raises(Refusal, match=r"rematch\.none-open"):
        carry_out_rematch(project_id=project.id, by=by, second=second, at=CLOSES)
    with pytest.raises(Refusal, match=r"rematch\.already-open"):
        open_round(project)
    later = CLOSES + timedelta(days=90)
    assert open_round(project, quarter="2026-Q4", at=later).is_running
    with pytest.raises(Refusal, match=r"rematch\.reason-missing"):
        cancel_rematch(project_id=project.id, reason=" ", by=by, second=second, at=later)
    cancel_rematch(project_id=project.id, reason="房源又冻结", by=by, second=second, at=later)
    assert running_round(project_id=project.id) is None
    assert open_round(project, quarter="2026-Q4", at=later).is_running
    states = sorted(one.state for one in rounds_of(project_id=project.id))
    assert states == ["cancelled", "carried-out", "open"]


@pytest.mark.pitfall("P11")
def test_a_home_that_went_elsewhere_meanwhile_stops_the_whole_re_match(
    project: Selected, database: Database
) -> None:
    homes = wishable(project, 3)
    open_round(project)
    wish(project, 3, homes[0])
    wish(project, 5, *[home for home in wishable(project, 5) if home != homes[0]][:1])
    freeze_rematch(project_id=project.id, by=project.officer, at=CLOSES)
    _take_aside(project, homes[0])
    before = [turn_at(project, place).unit_ids for place in range(1, 13)]
    with pytest.raises(Refusal, match=r"selection\.holding-changed"):
        carry_out_rematch(project_id=project.id, by=project.officer, second=officer(), at=CLOSES)
    assert [turn_at(project, place).unit_ids for place in range(1, 13)] == before
    # The defence off: the home goes twice, and the nightly comparison is what finds it.
    drop_home_constraint(database)
    with pytest.raises(Refusal, match=r"inventory\.unit-not-free"):
        carry_out_rematch(project_id=project.id, by=project.officer, second=officer(), at=CLOSES)


def test_a_home_that_became_unlawful_stands_apart_in_the_list_without_a_reason(
    project: Selected, database: Database
) -> None:
    homes = wishable(project, 3)
    open_round(project)
    wish(project, 3, homes[0], homes[1])
    _make_larger(database, homes[0])
    done = freeze_and_carry_out(project)
    assert done.listed is not None
    (entry,) = done.listed["entries"]
    numbers = {unit_id: number for number, unit_id in project.units.items()}
    assert (entry["wishes"], entry["refused"]) == ([numbers[homes[1]]], [numbers[homes[0]]])
    assert turn_at(project, 3).unit_ids == (homes[1],)


def _make_larger(database: Database, unit_id: UUID) -> None:
    """Let a home be larger than anybody's budget, as a new survey would find it."""
    with psycopg.connect(database.superuser_url) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE inventory_unit SET area_sqm = 400 WHERE id = %s", [unit_id])


def _take_aside(project: Selected, unit_id: UUID) -> None:
    """Give a home to the twelfth household behind everybody's back, in the tables alone."""
    turn = turn_at(project, 12)
    with recorded(by=project.officer):
        reassign_homes(
            project_id=project.id,
            released=[],
            given=[
                Reassigned(
                    turn_id=turn.turn_id,
                    household_id=turn.household_id,
                    place=turn.place,
                    unit_id=unit_id,
                )
            ],
            event_id=turn.turn_id,
            by=project.officer,
            at=CLOSES,
        )


def test_the_nightly_comparison_finds_a_re_match_that_only_the_tables_know(
    project: Selected,
) -> None:
    _take_aside(project, wishable(project, 3)[0])
    found = compare_project(project_id=project.id, by=project.officer)
    assert {one.kind for one in found} == {"choice", "home"}


def test_a_household_sees_where_it_stands(project: Selected) -> None:
    first, third = turn_at(project, 1), turn_at(project, 3)
    with reading(by=project.officer):
        standing = find_standing(project_id=project.id, household_id=first.household_id)
        assert standing is not None
        assert [unit_id for unit_id, _ in standing.homes] == list(first.unit_ids)
        waits = find_standing(project_id=project.id, household_id=third.household_id)
        assert waits is not None
        assert (waits.homes, waits.has_waived) == ((), False)
