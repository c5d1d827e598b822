"""What stands against a home stops its cases; what lapses lets them go on."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from anju.foundation.access.context import reading
from anju.foundation.casework.queries import queue_of
from anju.foundation.casework.types import Scope
from anju.titles.cases.operations import (
    lift_restriction,
    note_lawsuit,
    register_restriction,
    release_lapsed_restrictions,
    restricting,
)
from anju.titles.cases.queries import on_time_counts, restrictions_of, title_case
from anju.titles.certificates.operations import replace_certificate
from anju.titles.certificates.queries import verify_state
from anju.titles.certificates.types import CertificateRow, Ground
from anju.titles.communities.operations import enter_homes
from anju.titles.communities.types import HomeRow
from anju_rules.procedures.states import Flag, Status
from anju_rules.restrictions import RestrictionKind
from tests.contexts.test_title_cases import code_of, without_guard
from tests.support.access import SYSTEM
from tests.support.certificates import CLAUSE, open_office, seal_log
from tests.support.communities import AT, Town, new_homes, open_town
from tests.support.title_cases import (
    accept,
    case_now,
    decide,
    file_first,
    file_transfer,
    pay_tax,
    register_first,
)

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)
DISPUTED = "370105012002ZB00001"
"""The code of a parcel whose land is disputed."""


def restrict(town: Town, home: HomeRow, kind: RestrictionKind, **more: Any) -> Any:
    return register_restriction(
        project_id=town.project_id,
        home_id=home.id,
        kind=kind,
        **{
            "paper": "（2026）鲁0105执1号",
            "from_on": AT.date(),
            "by": town.officer(),
            "at": AT,
            **more,
        },
    )


@pytest.mark.req("TTL-1", "TTL-4")
@pytest.mark.pitfall("P18")
def test_a_seizure_stops_the_open_case_and_its_clock_moves_by_the_days_it_stood() -> None:
    town = open_town(homes=2)
    register_first(town)
    home = town.homes[0]
    row = file_transfer(town, home)
    accepted = accept(town, row.id)
    # Five working days after 17 September: the 18th, then Sunday the 20th, which is worked.
    assert accepted.due_on == date(2026, 9, 23)
    held = restrict(town, home, RestrictionKind.SEIZURE)
    stopped = case_now(town, row.id)
    assert Flag.STOPPED in stopped.flags
    assert stopped.due_on is None
    told: dict[str, Any] = {
        "project_id": town.project_id,
        "restriction_id": held.id,
        "by": town.officer(),
    }
    assert code_of(decide, town, row.id, "intake", "taken-in") == "case.stands-still"
    assert code_of(file_transfer, town, town.homes[1]) == "", "another home goes on"
    with reading(by=SYSTEM):
        assert title_case(project_id=town.project_id, case_id=row.id).held_by == held.id
        counts = on_time_counts(at=AT + 30 * DAY)
    assert (counts.cases, counts.overdue) == (1, 0), "what stands still runs over nothing"
    assert code_of(lift_restriction, why=" ", at=AT, **told) == "titlecases.reason-missing"
    lift_restriction(why="解除查封裁定", at=AT + 4 * DAY, **told)
    running = case_now(town, row.id)
    assert Flag.STOPPED not in running.flags
    # Stopped on 17 September, running again on the 21st: five working days are the 22nd to the
    # 24th and, past the feast of the 25th to the 27th, the 28th and 29th.
    assert running.due_on == date(2026, 9, 29)
    assert decide(town, row.id, "intake", "taken-in", at=AT + 4 * DAY).open_steps


@pytest.mark.req("TTL-1")
def test_a_seized_home_is_neither_filed_nor_accepted_and_without_the_guard_it_would_be() -> None:
    town = open_town(homes=2)
    register_first(town)
    filed, home = file_transfer(town, town.homes[0]), town.homes[1]
    for one in town.homes:
        restrict(town, one, RestrictionKind.SEIZURE)
    assert code_of(file_transfer, town, home) == "titlecases.unit-blocked"
    assert code_of(accept, town, filed.id) == "titlecases.unit-blocked"
    with without_guard():
        assert code_of(accept, town, filed.id) == ""
        assert code_of(file_transfer, town, home) == ""


@pytest.mark.req("TTL-1")
def test_an_objection_lapses_without_a_lawsuit_and_stands_with_one() -> None:
    town = open_town(homes=2)
    register_first(town)
    cases = [file_transfer(town, home) for home in town.homes]
    for row in cases:
        accept(town, row.id)
    quiet, sued = (restrict(town, home, RestrictionKind.OBJECTION) for home in town.homes)
    # Fifteen days after 17 September are 2 October, a holiday: the next working day is the 8th.
    assert quiet.until_on == date(2026, 10, 8)
    told: dict[str, Any] = {
        "project_id": town.project_id,
        "paper": "（2026）民初9号",
        "by": town.officer(),
    }
    late: dict[str, Any] = {
        "restriction_id": quiet.id,
        "sued_on": date(2026, 10, 9),
        "at": AT + 30 * DAY,
    }
    assert code_of(note_lawsuit, **told, **late) == "titlecases.sued-too-late"
    note_lawsuit(restriction_id=sued.id, sued_on=date(2026, 9, 20), at=AT + 4 * DAY, **told)
    assert release_lapsed_restrictions(by=SYSTEM, at=AT + 21 * DAY) == ()
    assert release_lapsed_restrictions(by=SYSTEM, at=AT + 22 * DAY) == (quiet.id,)
    flags = [Flag.STOPPED in case_now(town, row.id).flags for row in cases]
    assert flags == [False, True]
    with reading(by=SYSTEM):
        (over,) = restrictions_of(
            project_id=town.project_id, home_id=town.homes[0].id, at=AT + 22 * DAY
        )
    assert (over.stands, over.lift_why) == (False, "期满失效")


@pytest.mark.req("TTL-1")
def test_an_advance_notice_protects_its_holder_and_a_correction_stops_the_whole_community() -> None:
    town = open_town(homes=2)
    first = file_first(town)
    accept(town, first.id)
    mine, other = town.homes
    restrict(town, mine, RestrictionKind.ADVANCE_NOTICE, for_household=mine.household_id)
    restrict(town, other, RestrictionKind.ADVANCE_NOTICE, for_household=mine.household_id)
    assert code_of(file_transfer, town, mine) == ""
    assert code_of(file_transfer, town, other) == "titlecases.unit-blocked"
    assert Flag.STOPPED not in case_now(town, first.id).flags
    held = restrict(town, other, RestrictionKind.CORRECTION)
    assert Flag.STOPPED in case_now(town, first.id).flags
    lift_restriction(
        project_id=town.project_id,
        restriction_id=held.id,
        why="更正完毕",
        by=town.officer(),
        at=AT + DAY,
    )
    assert Flag.STOPPED not in case_now(town, first.id).flags


@pytest.mark.req("TTL-1")
def test_two_restrictions_are_both_lifted_before_the_case_goes_on() -> None:
    town = open_town(homes=1)
    register_first(town)
    home = town.homes[0]
    row = file_transfer(town, home)
    accept(town, row.id)
    both = [
        restrict(town, home, RestrictionKind.SEIZURE, paper=f"执{number}号") for number in (1, 2)
    ]
    still = []
    for held in both:
        lift_restriction(
            project_id=town.project_id,
            restriction_id=held.id,
            why="解封",
            by=town.officer(),
            at=AT + DAY,
        )
        still.append(Flag.STOPPED in case_now(town, row.id).flags)
    assert still == [True, False]


def told_of(row: CertificateRow, *, at: datetime) -> tuple[str, str]:
    """Give how the register's signed word tells a certificate: its status and clause."""
    seal_log()
    told = verify_state(certificate_id=row.id, at=at).told
    return str(told["status"]), str(told["clause"])


@pytest.mark.req("CRT-1", "TTL-1")
@pytest.mark.parametrize("is_told", [True, False])
def test_a_seizure_shows_on_the_certificate_until_it_is_lifted_and_untold_it_would_not(
    *, is_told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_told:
        monkeypatch.setattr(restricting, "_tell_certificate", lambda *_, **__: None)
    office = open_office(homes=2)
    row, untouched = office.issue(1), office.issue(2)
    home = office.town.homes[0]
    hour = timedelta(hours=1)
    seizure = restrict(office.town, home, RestrictionKind.SEIZURE, at=AT + hour)
    restrict(office.town, home, RestrictionKind.OBJECTION, at=AT + 2 * hour)
    free = ("in-force", CLAUSE)
    if not is_told:
        assert told_of(row, at=AT + 3 * hour) == free
        return
    assert told_of(row, at=AT + 3 * hour) == ("limited", "registration-rules/22")
    assert told_of(untouched, at=AT + 3 * hour) == free
    lift_restriction(
        project_id=office.project_id,
        restriction_id=seizure.id,
        why="解除查封裁定",
        by=office.town.officer(),
        at=AT + DAY,
    )
    assert told_of(row, at=AT + DAY) == ("limited", "civil-code/220")
    new = replace_certificate(
        project_id=office.project_id,
        certificate_id=row.id,
        ground=Ground.LOST,
        clause=CLAUSE,
        reason="报失",
        by=office.clerk,
        second=office.chief,
        at=AT + 2 * DAY,
    )
    assert told_of(new, at=AT + 2 * DAY) == ("limited", "civil-code/220"), "the home is the same"
    release_lapsed_restrictions(by=SYSTEM, at=AT + 22 * DAY)
    assert told_of(new, at=AT + 22 * DAY)[0] == "in-force"


@pytest.mark.req("LEG-3")
def test_a_home_on_disputed_land_is_refused_at_the_window_whatever_else_is_in_order() -> None:
    town = open_town(homes=1)
    disputed = new_homes(1, first=9, parcel=DISPUTED)
    (home,) = enter_homes(project_id=town.project_id, homes=disputed, by=town.officer(), at=AT)
    # The first registration would enter the disputed land with all the rest.
    assert code_of(file_first, town) == "legacy.title-disputed"
    with without_guard():
        register_first(town)
    assert code_of(file_transfer, town, home) == "legacy.title-disputed"
    assert code_of(file_transfer, town, town.homes[0]) == ""
    with without_guard():
        assert code_of(file_transfer, town, home) == ""


@pytest.mark.req("TTL-4")
@pytest.mark.pitfall("P17", "P19")
def test_every_open_case_lies_in_one_queue_and_its_days_are_the_calendars_own() -> None:
    town = open_town(homes=4)
    register_first(town)
    rows = [file_transfer(town, home) for home in town.homes]
    before_feast = AT.replace(month=9, day=29)
    for row in rows[1:]:
        accept(town, row.id, at=before_feast)
    # Five working days after 29 September: the 30th, then past the feast to 8 October; the Saturday
    # of 10 October is worked. Weekends alone would have said 6 October.
    assert case_now(town, rows[1].id).due_on == date(2026, 10, 12)
    restrict(town, town.homes[2], RestrictionKind.SEIZURE, at=before_feast)
    pay_tax(town, rows[3].id, at=before_feast)
    decide(town, rows[3].id, "payment", "settled", at=before_feast)
    page = queue_of(by=town.officer(), at=before_feast, scope=Scope.TIER)
    held = [line.case_id for line in page.rows]
    lying = {row.id: held.count(row.id) for row in rows if case_now(town, row.id).status.is_open}
    assert set(lying) == {row.id for row in rows}
    assert all(count >= 1 for count in lying.values()), lying
    assert case_now(town, rows[0].id).status is Status.INTAKE
