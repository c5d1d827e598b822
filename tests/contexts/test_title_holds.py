"""A dispute stops the clock of the cases that it touches, and they go on once it is settled."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from anju.foundation.access.context import reading
from anju.foundation.casework.operations import take_action
from anju.foundation.casework.queries import case_file
from anju.foundation.casework.types import AskedPoint, CaseRow, NewAction
from anju.titles.cases.operations import lift_restriction
from anju.titles.legacy import events
from anju_rules.clocks import PauseReason
from anju_rules.procedures.states import ActionKind, Flag, Status
from anju_rules.restrictions import RestrictionKind
from tests.contexts.test_title_cases import code_of
from tests.contexts.test_title_restrictions import restrict
from tests.support.communities import AT, Town, open_town
from tests.support.legacy import act as settle
from tests.support.legacy import answer, problem, rows_of, second_officer
from tests.support.title_cases import (
    accept,
    case_now,
    decide,
    file_first,
    file_transfer,
    register_first,
)

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)


def dispute(town: Town, *homes: str) -> None:
    """Find a dispute that touches these homes."""
    answer(town, "1", ownership_dispute=problem("邻村主张权属", home_numbers=homes))


def settle_dispute(town: Town, *, at: Any) -> None:
    """Bring the dispute's own case to its good end."""
    case_id = rows_of(town)["1/ownership-dispute"].case_id
    assert case_id is not None
    settle(town, case_id, step="refer", outcome="referred", at=at)
    settle(town, case_id, step="await-decision", outcome="decided", at=at)
    papers = ("final-decision",)
    second = second_officer(town)
    settle(town, case_id, step="confirm", outcome="settled", second=second, materials=papers, at=at)


def pauses_of(town: Town, case_id: UUID) -> list[tuple[PauseReason, str, bool]]:
    """Give each stop of a case: why, by which clause, and whether it is over."""
    with reading(by=town.officer()):
        file = case_file(
            project_id=town.project_id, case_id=case_id, by=town.officer(), at=AT + 30 * DAY
        )
    return [(one.reason, one.clause, one.ended_on is not None) for one in file.pauses]


def running(town: Town) -> CaseRow:
    """File and accept the transfer of the first home."""
    register_first(town)
    row = file_transfer(town, town.homes[0])
    accept(town, row.id)
    return row


@pytest.mark.req("TTL-4", "LEG-3")
@pytest.mark.pitfall("P18")
@pytest.mark.parametrize("is_heard", [True, False])
def test_a_dispute_stops_the_clock_of_the_homes_it_touches_until_it_is_settled(
    is_heard: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    town = open_town(homes=2)
    row = running(town)
    other = file_transfer(town, town.homes[1])
    accept(town, other.id)
    if not is_heard:
        # Control: with nobody listening the clock runs on, though no act is let through.
        monkeypatch.setitem(events._listeners, events.EventKind.FOUND, [])
        dispute(town, town.homes[0].number)
        assert case_now(town, row.id).due_on == date(2026, 9, 23)
        assert code_of(decide, town, row.id, "intake", "taken-in") == "legacy.title-disputed"
        return
    dispute(town, town.homes[0].number)
    stopped = case_now(town, row.id)
    assert Flag.STOPPED in stopped.flags
    assert stopped.due_on is None
    assert pauses_of(town, row.id) == [(PauseReason.COURT_ORDER, "registration-rules/22", False)]
    assert Flag.STOPPED not in case_now(town, other.id).flags
    settle_dispute(town, at=AT + 4 * DAY)
    # As with a seizure: stopped on the 17th, on again on the 21st, five working days from there.
    assert case_now(town, row.id).due_on == date(2026, 9, 29)
    assert decide(town, row.id, "intake", "taken-in", at=AT + 4 * DAY).open_steps


@pytest.mark.req("TTL-4", "LEG-3")
def test_a_dispute_about_one_home_stops_the_first_registration_and_a_stop_by_hand_cannot_end_it(
) -> None:  # fmt: skip
    town = open_town(homes=2)
    first = file_first(town)
    accept(town, first.id)
    dispute(town, town.homes[0].number)
    assert Flag.STOPPED in case_now(town, first.id).flags
    step = case_now(town, first.id).open_steps[0]
    by_hand: dict[str, Any] = {
        "project_id": town.project_id,
        "case_id": first.id,
        "act": NewAction(kind=ActionKind.RESUME, step=step),
        "by": town.officer(),
        "at": AT + DAY,
    }
    assert code_of(take_action, **by_hand) == "legacy.title-disputed"
    settle_dispute(town, at=AT + DAY)
    assert Flag.STOPPED not in case_now(town, first.id).flags


@pytest.mark.req("TTL-4")
def test_a_seizure_lifted_while_a_dispute_stands_leaves_the_case_stopped_for_the_dispute() -> None:
    town = open_town(homes=1)
    row = running(town)
    held = restrict(town, town.homes[0], RestrictionKind.CORRECTION)
    dispute(town, town.homes[0].number)
    lift_restriction(
        project_id=town.project_id,
        restriction_id=held.id,
        why="更正完毕",
        by=town.officer(),
        at=AT + 2 * DAY,
    )
    assert pauses_of(town, row.id) == [
        (PauseReason.COURT_ORDER, "civil-code/220", True),
        (PauseReason.COURT_ORDER, "registration-rules/22", False),
    ]
    settle_dispute(town, at=AT + 4 * DAY)
    # One stop after another on the same day takes out no day twice, and none too few.
    assert case_now(town, row.id).due_on == date(2026, 9, 29)


@pytest.mark.req("TTL-4", "TTL-5")
def test_a_survey_under_way_outlasts_a_seizure_and_a_correction_that_comes_in_ends_no_seizure(
) -> None:  # fmt: skip
    town = open_town(homes=1)
    row = running(town)
    told: dict[str, Any] = {"project_id": town.project_id, "case_id": row.id, "by": town.officer()}
    step = case_now(town, row.id).open_steps[0]

    def do(kind: ActionKind, day: int, **more: Any) -> None:
        take_action(act=NewAction(kind=kind, **more), at=AT + day * DAY, **told)

    def lift(restriction_id: UUID, day: int) -> None:
        lift_restriction(
            project_id=town.project_id,
            restriction_id=restriction_id,
            why="解封",
            by=town.officer(),
            at=AT + day * DAY,
        )

    survey = {"step": "intake", "reason": PauseReason.SURVEY, "why": "现场核对"}
    do(ActionKind.STOP, 0, **survey)
    held = restrict(town, town.homes[0], RestrictionKind.SEIZURE)
    lift(held.id, 1)
    assert Flag.STOPPED in case_now(town, row.id).flags, "the survey is not over"
    do(ActionKind.RESUME, 1, step="intake")
    points = (AskedPoint(code="invoice", text="补发票"),)
    do(ActionKind.ASK_CORRECTION, 1, step=step, points=points)
    held = restrict(town, town.homes[0], RestrictionKind.SEIZURE, at=AT + DAY)
    do(ActionKind.RECEIVE_CORRECTION, 2)
    assert pauses_of(town, row.id)[-1] == (
        PauseReason.COURT_ORDER,
        "registration-rules/22",
        False,
    )
    lift(held.id, 4)
    assert Flag.STOPPED not in case_now(town, row.id).flags


@pytest.mark.req("TTL-4", "TTL-5")
def test_what_is_disputed_may_be_refused_though_its_clock_stands() -> None:
    town = open_town(homes=1)
    row = running(town)
    dispute(town, town.homes[0].number)
    assert code_of(decide, town, row.id, "intake", "taken-in") == "case.stands-still"
    refused = decide(town, row.id, "intake", "refused", at=AT + DAY, why="权属有争议")
    assert refused.status is Status.REFUSED
    assert [is_over for _, _, is_over in pauses_of(town, row.id)] == [True]
    settle_dispute(town, at=AT + 4 * DAY)
    again = file_transfer(town, town.homes[0], at=AT + 4 * DAY)
    assert accept(town, again.id, at=AT + 4 * DAY).open_steps


@pytest.mark.req("TTL-4", "TTL-5")
def test_a_case_that_waits_for_its_family_is_not_refused_meanwhile() -> None:
    town = open_town(homes=1)
    row = running(town)
    points = (AskedPoint(code="invoice", text="补发票"),)
    take_action(
        project_id=town.project_id,
        case_id=row.id,
        act=NewAction(kind=ActionKind.ASK_CORRECTION, step="intake", points=points),
        by=town.officer(),
        at=AT,
    )
    dispute(town, town.homes[0].number)
    assert code_of(decide, town, row.id, "intake", "refused", why="权属有争议") in {
        "case.stands-still",
        "case.awaits-correction",
    }


@pytest.mark.req("LEG-2")
def test_a_problem_that_is_worked_on_is_not_given_up_while_a_court_holds_it() -> None:
    town = open_town(homes=1)
    answer(town, "1", encumbrance=problem("在建工程抵押"))
    case_id = rows_of(town)["1/encumbrance"].case_id
    assert case_id is not None
    settle(town, case_id, step="examine", outcome="release")
    settle(town, case_id, step="release", outcome="cleared", materials=("result-paper",))
    take_action(
        project_id=town.project_id,
        case_id=case_id,
        act=NewAction(
            kind=ActionKind.STOP, step="confirm", reason=PauseReason.COURT_ORDER, why="法院查封"
        ),
        by=town.officer(),
        at=AT,
    )
    given_up = {"step": "confirm", "outcome": "refused", "second": second_officer(town)}
    assert code_of(settle, town, case_id, **given_up) == "case.stands-still"
