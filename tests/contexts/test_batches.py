"""The plan of a batch: out fifteen days before, or the batch does not open (SEL-1)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from anju.foundation.ledger.queries import recent_entries
from anju.foundation.notices.operations import withdraw_notice
from anju.foundation.notices.queries import notice_by_id
from anju.resettlement.offline.plan_terms import read_plan_days
from anju.resettlement.offline.plan_text import Section
from anju.resettlement.selection import attendance
from anju.resettlement.selection.attendance_types import BatchPlanRow, NewBatchPlan
from anju.resettlement.selection.operations import batches
from anju.resettlement.selection.operations.batch_plans import publish_batch_plan
from anju.resettlement.selection.operations.batches import open_batch
from anju.resettlement.selection.queries import places_of
from anju_rules.values import Refusal
from tests.support.databases import Database
from tests.support.selections import AT, Selected, drawn_project, officer

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.req("SEL-1")]
BEGINS = AT + timedelta(days=15, hours=1)


@pytest.fixture
def project(database: Database, monkeypatch: pytest.MonkeyPatch) -> Selected:
    """Give a project whose draw counts: a rehearsal that is taken for the real thing."""
    assert database.name
    monkeypatch.setattr(attendance, "counts", lambda *, project_id: isinstance(project_id, UUID))
    return drawn_project()


def publish(
    project: Selected, *, batch: int = 1, begins_at: datetime = BEGINS, at: datetime = AT
) -> BatchPlanRow:
    return publish_batch_plan(
        project_id=project.id,
        plan=NewBatchPlan(
            batch=batch,
            begins_at=begins_at,
            place_of_meeting="泺口街道文化站一楼大厅",
            desks=1,
            is_remote_allowed=True,
            to_bring="户主身份证、签号单",
            issuer="天桥区安置办",
            channel="泺口街道办二楼，工作日 9:00-17:00",
        ),
        by=project.officer,
        at=at,
    )


def open_first(project: Selected, at: datetime) -> None:
    open_batch(project_id=project.id, batch=1, by=project.officer, at=at)


def test_a_plan_is_a_signed_notice_of_tickets_and_masked_names(project: Selected) -> None:
    plan = publish(project)
    notice = notice_by_id(project_id=project.id, notice_id=plan.notice_id)
    places = places_of(project_id=project.id, batch=1)
    assert [row[:3] for row in notice.rows] == [
        (str(place.place), place.ticket, place.masked_name) for place in places
    ]
    text = "".join(notice.paragraphs)
    assert "2026 年 6 月 16 日（星期二）10:00" in text
    assert "泺口街道文化站一楼大厅" in text
    assert "户主身份证、签号单" in text
    for registered in project.plan.households.values():
        assert registered.name not in repr(notice)


def test_a_batch_opens_when_its_plan_has_been_out_for_fifteen_days(project: Selected) -> None:
    publish(project)
    open_first(project, BEGINS)
    assert recent_entries(most=1)[0].action == "selection.batch.opened"


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (AT + timedelta(days=14), "selection.batch-plan-too-young"),
        (AT + timedelta(days=15), "selection.batch-not-begun"),
    ],
)
def test_a_batch_does_not_open_before_its_day_and_hour(
    project: Selected, at: datetime, code: str
) -> None:
    publish(project)
    with pytest.raises(Refusal) as refused:
        open_first(project, at)
    assert refused.value.code == code
    assert recent_entries(most=1)[0].outcome == f"refused:{code}"


def test_a_batch_without_a_plan_does_not_open(project: Selected) -> None:
    with pytest.raises(Refusal, match=r"selection\.batch-plan-missing"):
        open_first(project, BEGINS)


def test_without_the_check_a_batch_opens_untold(
    project: Selected, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "check_batch_plan", lambda *_told, **_more: None)
    open_first(project, AT)
    assert recent_entries(most=1)[0].outcome == "done"


def test_a_plan_that_leaves_less_than_its_days_is_refused(project: Selected) -> None:
    with pytest.raises(Refusal, match=r"selection\.batch-plan-too-late"):
        publish(project, begins_at=AT + timedelta(days=14))


def test_a_plan_is_changed_by_withdrawing_its_notice_and_its_days_begin_anew(
    project: Selected,
) -> None:
    plan = publish(project)
    with pytest.raises(Refusal, match=r"selection\.batch-plan-stands"):
        publish(project)
    withdraw_notice(
        project_id=project.id,
        notice_id=plan.notice_id,
        reason="大厅停电",
        by=project.officer,
        at=AT + timedelta(days=2),
    )
    with pytest.raises(Refusal, match=r"selection\.batch-plan-missing"):
        open_first(project, BEGINS)
    later = BEGINS + timedelta(days=2)
    again = publish(project, begins_at=later, at=AT + timedelta(days=2))
    assert notice_by_id(project_id=project.id, notice_id=again.notice_id).predecessor_id == (
        plan.notice_id
    )
    with pytest.raises(Refusal, match=r"selection\.batch-plan-too-young"):
        open_first(project, BEGINS)
    open_first(project, later)


def test_a_rehearsal_opens_without_a_plan() -> None:
    project = drawn_project()
    assert not attendance.counts(project_id=project.id)
    open_first(project, AT)


@pytest.mark.parametrize(
    ("batch", "code"), [(99, "selection.batch-unknown"), (1, "selection.batch-begun")]
)
def test_only_a_batch_that_waits_is_planned(batch: int, code: str) -> None:
    project = drawn_project()
    open_first(project, AT)
    with pytest.raises(Refusal) as refused:
        publish(project, batch=batch)
    assert refused.value.code == code


def test_the_office_at_the_desk_cannot_publish_a_plan(project: Selected) -> None:
    project = Selected(
        id=project.id,
        plan=project.plan,
        officer=officer("selection-officer"),
        households=project.households,
        units=project.units,
    )
    with pytest.raises(Refusal, match=r"access\.not-permitted"):
        publish(project)


@pytest.mark.parametrize(
    ("told", "days", "faults"),
    [({}, 15, 0), ({"plan_days": 20}, 20, 0), ({"plan_days": 0}, 15, 1), ({"days": 3}, 15, 1)],
)
def test_how_long_a_plan_must_be_out_is_plan_data(
    told: dict[str, object], days: int, faults: int
) -> None:
    section = Section(name="batches", values=told)
    assert read_plan_days(section) == days
    assert len(section.faults) == faults
