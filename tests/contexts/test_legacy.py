"""Legacy problems on the database: found, worked on in their order, planned, and never passed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError

from anju.foundation.access.context import reading
from anju.foundation.casework.operations import open_case
from anju.foundation.casework.queries import case_by_id
from anju.foundation.core.legacy import default_blockers
from anju.titles.cases import blocks
from anju.titles.communities.operations import enter_homes
from anju.titles.communities.queries import homes_by_ids
from anju.titles.legacy import events, following, queries
from anju.titles.legacy.models import BlockerRecord, PlanRecord
from anju.titles.legacy.operations.planning import freeze_plan
from anju.titles.legacy.operations.triage import answer_building, work_again
from anju.titles.legacy.queries import (
    backlog_for,
    blocked_titles,
    newest_plan,
    plan_for,
    triaged,
)
from anju.titles.legacy.types import Answer
from anju_rules.procedures.states import Status
from anju_rules.triage.easy_first import Means
from anju_rules.triage.plan_records import digest_plan, public_part
from anju_rules.triage.planning import plan_community
from anju_rules.triage.reading import read_community
from anju_rules.triage.types import OwedBy
from anju_rules.values import AreaSqm, Refusal
from tests.support.access import recorded
from tests.support.communities import AT, TERMS, Town, new_homes, open_town, unit_code
from tests.support.legacy import act as decide
from tests.support.legacy import answer, old_yard, problem, rows_of, second_officer, solve
from tests.support.title_cases import accept, file_first, file_transfer

pytestmark = pytest.mark.usefixtures("database")
NO_LIMIT = Means()


def refused(code: str) -> Any:
    """Expect a refusal with this code."""
    return pytest.raises(Refusal, match=rf"^{code}")


def planned(town: Town, **told: Any) -> Any:
    """Give the plan that the rows of a community come to."""
    with reading(by=town.officer()):
        return plan_for(project_id=town.project_id, means=told.pop("means", NO_LIMIT), **told).plan


def barred(town: Town, number: str) -> Any:
    """Give what forbids the title of a home."""
    home = next(home for home in town.homes if home.number == number)
    with reading(by=town.officer()):
        homes = homes_by_ids(project_id=town.project_id, home_ids=[home.id])
        return blocked_titles(project_id=town.project_id, homes=homes.values()).get(home.id)


@pytest.mark.req("LEG-2")
def test_the_plan_from_the_rows_is_the_plan_of_the_rules() -> None:
    town = old_yard()
    kinds = default_blockers()
    answer(town, "1", land_papers=problem(), completion=problem())
    homes = {number: [one for one in town.homes if one.building == number] for number in "12"}
    listed = {
        number: [
            {
                "number": home.number,
                "unit_code": home.unit_code,
                "contracted_sqm": str(home.contracted_sqm),
                "measured_sqm": str(home.registered_sqm),
            }
            for home in homes[number]
        ]
        for number in "12"
    }
    yes = {kind.question: True for kind in kinds.values()}
    first = {**yes, "land_papers_complete": False, "completion_accepted": False}
    pure = read_community(
        {
            "code": "yard",
            "buildings": [
                {"code": "b1", "homes": listed["1"], **first},
                {"code": "b2", "homes": listed["2"]},
            ],
        },
        kinds=kinds,
    )
    means = Means(staff_days=40)
    told = plan_community(pure, kinds=kinds, means=means)
    found = planned(town, means=means)
    assert found.now == told.now == ()
    assert [(way.homes, way.working_days, way.cost_fen) for way in found.ways] == [
        (way.homes, way.working_days, way.cost_fen) for way in told.ways
    ]
    assert set(found.blocked) == set(told.blocked)
    assert found.easy_first.homes == told.easy_first.homes == tuple(h.number for h in homes["1"])
    # Nobody has answered for the second building: all of it is supposed, but what areas show.
    assert {f"b{code}" for code in found.supposed} == set(told.supposed)
    assert "2/area-difference" not in found.supposed


@pytest.mark.req("LEG-2")
def test_a_problem_opens_its_case_and_is_solved_by_it_alone() -> None:
    town = old_yard()
    second = second_officer(town)
    answer(town, "1", registers_disagree=problem("登记簿面积和合同不一致"))
    row = rows_of(town)["1/registers-disagree"]
    assert (row.state, len(row.home_ids)) == ("open", 4)
    assert row.case_id is not None
    with reading(by=town.officer()):
        case = case_by_id(project_id=town.project_id, case_id=row.case_id)
    assert (case.procedure, case.subject_id) == ("legacy-registers-disagree", row.id)
    with refused("legacy.in-work"):
        answer_building(
            project_id=town.project_id,
            building="1",
            answers={"registers-disagree": Answer(stands=False)},
            by=town.officer(),
            at=AT,
        )
    assert barred(town, "1-101").kind == "registers-disagree"
    decide(town, row.case_id, step="examine", outcome="reconcile")
    assert rows_of(town)["1/registers-disagree"].state == "working"
    decide(town, row.case_id, step="reconcile", outcome="cleared", materials=("result-paper",))
    with refused("case."):
        decide(town, row.case_id, step="confirm", outcome="solved")
    decide(town, row.case_id, step="confirm", outcome="solved", second=second)
    assert rows_of(town)["1/registers-disagree"].state == "solved"
    assert barred(town, "1-101") is None
    assert planned(town).now == ("1-101", "1-102", "1-103", "1-104")


@pytest.mark.req("LEG-2")
def test_a_refused_case_leaves_the_problem_and_it_may_be_worked_on_again() -> None:
    town = old_yard()
    second = second_officer(town)
    answer(town, "1", encumbrance=problem("在建工程抵押"))
    row = rows_of(town)["1/encumbrance"]
    assert row.case_id is not None
    decide(town, row.case_id, step="examine", outcome="release")
    decide(town, row.case_id, step="release", outcome="cleared", materials=("result-paper",))
    case = decide(town, row.case_id, step="confirm", outcome="refused", second=second)
    assert case.status is Status.REFUSED
    kept = rows_of(town)["1/encumbrance"]
    assert (kept.state, kept.case_id) == ("open", None)
    again = work_again(project_id=town.project_id, blocker_id=row.id, by=town.officer(), at=AT)
    assert again.id == rows_of(town)["1/encumbrance"].case_id != row.case_id
    with refused("legacy.in-work"):
        work_again(project_id=town.project_id, blocker_id=row.id, by=town.officer(), at=AT)


@pytest.mark.req("LEG-2")
def test_nothing_is_worked_on_before_what_must_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    town = old_yard()
    second = second_officer(town)
    answer(town, "1", land_papers=problem(), planning_check=problem())
    rows = rows_of(town)
    first, later = rows["1/land-papers"], rows["1/planning-check"]
    assert later.case_id is not None
    with refused("legacy.waits-first") as caught:
        decide(town, later.case_id, step="examine", outcome="confirm-as-built")
    assert caught.value.facts["first"] == "用地手续不完善"
    solve(town, first, remedy="complete-land-papers", second=second)
    solve(town, later, remedy="confirm-as-built", second=second)
    assert rows_of(town)["1/planning-check"].state == "solved"
    # Control: with the defence off the other building's check would be worked on too early.
    answer(town, "2", land_papers=problem(), planning_check=problem())
    early = rows_of(town)["2/planning-check"]
    assert early.case_id is not None
    monkeypatch.setattr(following, "waits_for", lambda **_: ())
    decide(town, early.case_id, step="examine", outcome="confirm-as-built")


@pytest.mark.req("LEG-2")
def test_an_unanswered_question_is_waited_for_like_a_problem() -> None:
    town = old_yard()
    told = {"completion": problem()}
    answer_building(
        project_id=town.project_id, building="1", answers=told, by=town.officer(), at=AT
    )
    row = rows_of(town)["1/completion"]
    assert row.case_id is not None
    with refused("legacy.waits-first"):
        decide(town, row.case_id, step="examine", outcome="safety-appraisal")


@pytest.mark.req("LEG-2")
@pytest.mark.pitfall("P19")
def test_a_dispute_blocks_titles_until_its_own_case_has_settled_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    town = old_yard()
    second = second_officer(town)
    heard: list[tuple[str, int]] = []
    for kind in events.EventKind:
        kept = events._listeners[kind]
        told = [*kept, lambda event: heard.append((event.kind.value, len(event.row.home_ids)))]
        monkeypatch.setitem(events._listeners, kind, told)
    answer(town, "1", ownership_dispute=problem("村集体主张土地所有权", home_numbers=("1-101",)))
    row = rows_of(town)["1/ownership-dispute"]
    assert (row.state, len(row.home_ids)) == ("blocked", 1)
    found = barred(town, "1-101")
    assert (found.is_dispute, found.clause) == (True, "land-law/14")
    assert found.refusal(home="1-101").code == "legacy.title-disputed"
    assert barred(town, "1-102") is None
    assert dict(planned(town).blocked).keys() == {
        "1-101",
        *(home.number for home in town.homes if home.building == "2"),
    }
    with refused("legacy.dispute-stands"):
        answer_building(
            project_id=town.project_id,
            building="1",
            answers={"ownership-dispute": Answer(stands=False)},
            by=town.officer(),
            at=AT,
        )
    answer_building(
        project_id=town.project_id,
        building="1",
        answers={"ownership-dispute": problem("又涉及一户", home_numbers=("1-102",))},
        by=town.officer(),
        at=AT,
    )
    assert barred(town, "1-102").is_dispute
    assert row.case_id is not None
    decide(town, row.case_id, step="refer", outcome="referred")
    assert rows_of(town)["1/ownership-dispute"].state == "blocked"
    decide(town, row.case_id, step="await-decision", outcome="decided")
    materials = ("final-decision",)
    decide(town, row.case_id, step="confirm", outcome="settled", second=second, materials=materials)
    assert barred(town, "1-101") is None
    assert heard == [
        ("legacy.problem.found", 1),
        ("legacy.problem.found", 2),
        ("legacy.problem.solved", 2),
    ]


@pytest.mark.req("LEG-2")
def test_the_database_itself_lets_no_dispute_be_worked_on() -> None:
    town = old_yard()
    answer(town, "1", ownership_dispute=problem())
    kept = BlockerRecord.objects.filter(project_id=town.project_id, kind="ownership-dispute")
    for state in ("open", "working"):
        with pytest.raises(IntegrityError, match="dispute_is_blocked"), recorded():
            kept.update(state=state)


@pytest.mark.req("LEG-2")
def test_land_marked_as_disputed_blocks_whatever_was_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    town = old_yard(homes=4)
    parcel = "370105012002ZB00002"
    homes = [
        replace(home, building="3", number=f"3-{home.number}", unit_code=unit_code(3, place))
        for place, home in enumerate(new_homes(1, parcel=parcel), start=1)
    ]
    homes = [replace(home, unit_code=f"{parcel}F00030001") for home in homes]
    entered = enter_homes(project_id=town.project_id, homes=homes, by=town.officer(), at=AT)
    town = replace(town, homes=(*town.homes, *entered))
    with refused("legacy.dispute-stands"):
        answer(town, "3")
    assert barred(town, entered[0].number).is_dispute
    # Control: with the defence off the disputed home would get its title.
    monkeypatch.setattr(queries, "is_on_disputed_land", lambda _: False)
    assert barred(town, entered[0].number) is None


@pytest.mark.req("LEG-2")
def test_areas_that_lie_apart_are_found_from_the_homes_and_cannot_be_denied() -> None:
    town = open_town(homes=3)
    apart = replace(new_homes(1, first=9)[0], registered_sqm=AreaSqm(Decimal(95)))
    entered = enter_homes(project_id=town.project_id, homes=[apart], by=town.officer(), at=AT)
    with refused("legacy.areas-differ"):
        answer(town, "1")
    answer(town, "1", area_difference=problem("一套偏大"))
    row = rows_of(town)["1/area-difference"]
    assert row.home_ids == {entered[0].id}
    solve(town, row, remedy="settle-areas", second=second_officer(town))
    assert len(planned(town).now) == 4


@pytest.mark.req("LEG-2")
def test_areas_that_lie_apart_count_beside_homes_nobody_has_measured() -> None:
    town = open_town(homes=3)
    unmeasured, apart = new_homes(2, first=9)
    homes = [
        replace(unmeasured, registered_sqm=None),
        replace(apart, registered_sqm=AreaSqm(Decimal(95))),
    ]
    enter_homes(project_id=town.project_id, homes=homes, by=town.officer(), at=AT)
    with refused("legacy.areas-differ"):
        answer(town, "1")


@pytest.mark.req("LEG-2")
def test_a_home_measured_apart_waits_though_a_problem_stands_for_others_alone() -> None:
    town = open_town(homes=3)
    named = problem("一套偏大", home_numbers=(town.homes[0].number,))
    answer(town, "1", area_difference=named)
    apart = replace(new_homes(1, first=9)[0], registered_sqm=AreaSqm(Decimal(95)))
    enter_homes(project_id=town.project_id, homes=[apart], by=town.officer(), at=AT)
    assert planned(town).now == tuple(home.number for home in town.homes[1:])
    answer(town, "1", area_difference=named)
    assert len(rows_of(town)["1/area-difference"].home_ids) == 2


@pytest.mark.req("LEG-2")
def test_separation_counts_only_once_it_is_frozen_and_only_for_the_developers_debt() -> None:
    town = old_yard()
    second = second_officer(town)
    answer(town, "1", land_price_or_tax=problem(owed_by=OwedBy.DEVELOPER))
    answer(town, "2", land_price_or_tax=problem(owed_by=OwedBy.OWNER))
    plan = planned(town)
    assert (plan.now, len(plan.by_separation)) == ((), 4)
    assert barred(town, "1-101").kind == "land-price-or-tax"
    frozen = freeze_plan(
        project_id=town.project_id,
        means=NO_LIMIT,
        is_separated=True,
        by=town.officer(),
        second=second.actor,
        at=AT,
    )
    assert (frozen.version, frozen.is_separated) == (1, True)
    assert barred(town, "1-101") is None
    assert barred(town, "2-101").kind == "land-price-or-tax"
    assert len(planned(town).now) == 4


@pytest.mark.req("LEG-2")
def test_a_plan_is_frozen_by_two_stays_and_can_be_made_again() -> None:
    town = old_yard()
    second = second_officer(town)
    answer(town, "1")
    told = {"project_id": town.project_id, "is_separated": False, "by": town.officer(), "at": AT}
    means = Means(staff_days=60, money_fen=20_000_000)
    with refused("access.same-person"):
        freeze_plan(means=means, second=town.officer(), **told)  # type: ignore[arg-type]
    plan = freeze_plan(means=means, second=second.actor, **told)  # type: ignore[arg-type]
    assert plan.digest == digest_plan(plan.content)
    shown = public_part(plan.content)
    assert plan.public_digest == digest_plan(shown)
    assert shown["now"] == {"homes": 4}
    assert "1-101" not in str(shown)
    with refused("legacy.plan-unchanged"):
        freeze_plan(means=means, second=second.actor, **told)  # type: ignore[arg-type]
    answer(town, "2")
    newer = freeze_plan(means=means, second=second.actor, **told)  # type: ignore[arg-type]
    assert newer.version == 2
    with reading(by=town.officer()):
        held = newest_plan(project_id=town.project_id)
    assert held == newer
    with pytest.raises(ProgrammingError, match="permission denied"), recorded():
        PlanRecord.objects.filter(project_id=town.project_id).update(version=9)


@pytest.mark.req("LEG-4")
def test_the_backlog_takes_the_easy_community_first_and_changes_nothing() -> None:
    town = old_yard()
    answer(town, "1", registers_disagree=problem())
    answer(town, "2", planning_check=problem())
    by = town.officer()
    with reading(by=by):
        before = rows_of(town)
        triages = triaged(communities=[town.community])
        told = backlog_for(triages=triages, means=Means(staff_days=6))
        much = backlog_for(triages=triages, means=Means(staff_days=30))
        assert rows_of(town) == before
    assert [one.stage.homes for one in told.stages] == [
        tuple(home.number for home in town.homes if home.building == "1")
    ]
    (line,) = told.lines
    assert (line.code, line.homes, line.freed, line.waiting) == ("HY-01", 8, 4, 4)
    assert much.freed == 8
    assert much.is_proven


def test_a_case_of_a_problem_is_opened_by_triage_alone() -> None:
    town = open_town(homes=1)
    with refused("legacy.case-without-problem"):
        open_case(
            project_id=town.project_id,
            procedure="legacy-encumbrance",
            subject_kind="legacy-problem",
            subject_id=town.homes[0].id,
            division=TERMS.division,
            by=town.officer(),
            at=AT,
        )


@pytest.mark.req("LEG-2")
def test_no_title_case_passes_over_a_dispute_and_a_running_one_is_halted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    town = old_yard(homes=4)
    first = file_first(town)
    home = next(home for home in town.homes if home.number == "1-101")
    answer(town, "1", ownership_dispute=problem("邻村主张土地", home_numbers=("1-101",)))
    # The community's first registration runs already: it goes no further.
    with refused("legacy.title-disputed"):
        accept(town, first.id)
    with refused("legacy.title-disputed") as caught:
        file_transfer(town, home)
    assert caught.value.clause == "land-law/14"
    # Control: with the defence off both would go on.
    monkeypatch.setattr(blocks, "title_refusals", lambda **_: {})
    monkeypatch.setattr(blocks, "first_title_refusal", lambda **_: None)
    file_transfer(town, home)
    accept(town, first.id)
