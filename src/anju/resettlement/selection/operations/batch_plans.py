"""Plans of batches: told to everyone in a signed notice, days before the batch meets (SEL-1)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.clock import CHINA
from anju.foundation.core.crypto import new_id
from anju.foundation.notices.operations import lay_notice, tell_publication, tie_entry
from anju.foundation.notices.pages import china_day
from anju.foundation.notices.types import NewColumn, NewNotice
from anju.resettlement.projects.operations import lock_register
from anju.resettlement.projects.queries import project_by_id
from anju.resettlement.selection import attendance, mapping
from anju.resettlement.selection.attendance_models import BatchPlanRecord
from anju.resettlement.selection.attendance_types import BatchPlanRow, NewBatchPlan
from anju.resettlement.selection.models import BatchRecord, PlaceRecord
from anju_rules.batches import check_plan_out, days_out
from anju_rules.notices import NoticeKind, Term
from anju_rules.values import Refusal

CLAUSE = "plan/selection"
SUBJECT = "batch"
_LONGEST = 400
_COLUMNS = ("顺序", "签号", "户主", "可选面积（㎡）")


@operation(
    permits="selection.publish",
    action="selection.batch.planned",
    clauses=(CLAUSE, "plan/publication"),
    level=Secrecy.PUBLIC,
)
def publish_batch_plan(
    *, project_id: UUID, plan: NewBatchPlan, by: Actor, at: datetime
) -> BatchPlanRow:
    """Tell everyone when and where a batch meets, whom it calls, and what to bring.

    The notice is signed and lists tickets and masked names. A plan is changed by withdrawing its
    notice, with a reason, and publishing another: its days then begin anew. Refuses with
    ``selection.not-drawn``, ``selection.batch-unknown``, ``selection.batch-begun``,
    ``selection.batch-plan-stands``, ``selection.batch-plan-incomplete``, and, where the draw
    counts, with ``selection.batch-plan-too-late`` a day that leaves less than the plan's days; and
    as :func:`~anju.foundation.notices.operations.lay_notice` does.
    """
    lock_register(project_id=project_id)
    batch = _plannable(project_id, plan.batch)
    terms = mapping.rules_of(project_id).turn_terms
    _check_told(plan, most_desks=terms.desks)
    least_days = attendance.plan_days_of(project_id=project_id)
    _check_day(project_id, plan, least_days=least_days, at=at)
    earlier = _withdrawn_plan(project_id, plan.batch)
    plan_id = new_id()
    row = lay_notice(
        project_id=project_id,
        notice=_notice(
            project_id,
            plan,
            batch,
            plan_id,
            earlier,
            least_days=least_days,
            seconds=terms.seconds,
        ),
        by=by,
        at=at,
    )
    receipt = record(target=row.id, project_id=project_id, body=tell_publication(row))
    tie_entry(project_id=project_id, notice_id=row.id, event_id=receipt.event_id, opens_entry=True)
    if earlier is not None:
        earlier.replaced_at = at
        earlier.save(update_fields=["replaced_at"])
    BatchPlanRecord.objects.create(
        project_id=project_id,
        id=plan_id,
        batch=plan.batch,
        notice_id=row.id,
        begins_at=plan.begins_at,
        place_of_meeting=plan.place_of_meeting.strip(),
        desks=plan.desks,
        is_remote_allowed=plan.is_remote_allowed,
        turn_seconds=terms.seconds,
        to_bring=plan.to_bring.strip(),
        published_at=at,
        published_by=by.id,
        event_id=receipt.event_id,
    )
    return attendance.batch_plans(project_id=project_id)[plan.batch]


def check_batch_plan(project_id: UUID, batch: int, *, at: datetime) -> None:
    """Refuse to open a batch whose plan was not out in time; a rehearsal needs none.

    Refuses with ``selection.batch-plan-missing``, ``selection.batch-plan-too-young`` and, before
    the hour that was told, ``selection.batch-not-begun``.
    """
    if not attendance.counts(project_id=project_id):
        return
    plan = attendance.find_batch_plan(project_id=project_id, batch=batch)
    if plan is None:
        raise Refusal("selection.batch-plan-missing", clause=CLAUSE, batch=batch)
    check_plan_out(
        published_on=china_day(plan.published_at),
        on=china_day(at),
        least_days=attendance.plan_days_of(project_id=project_id),
        batch=batch,
    )
    if at < plan.begins_at:
        raise Refusal(
            "selection.batch-not-begun", batch=batch, begins_at=say_moment(plan.begins_at)
        )


def say_moment(at: datetime) -> str:
    """Say a moment as a notice in China does: day, weekday and time."""
    there = at.astimezone(CHINA)
    weekday = "一二三四五六日"[there.weekday()]
    return f"{there.year} 年 {there.month} 月 {there.day} 日（星期{weekday}）{there:%H:%M}"


def _plannable(project_id: UUID, batch: int) -> BatchRecord:
    batches = BatchRecord.objects.filter(project_id=project_id)
    found = batches.filter(batch=batch).first()
    if found is None:
        count = batches.count()
        if not count:
            raise Refusal("selection.not-drawn", project=project_by_id(project_id=project_id).code)
        raise Refusal("selection.batch-unknown", batch=batch, batches=count)
    if found.state != "waiting":
        raise Refusal("selection.batch-begun", batch=batch)
    return found


def _check_told(plan: NewBatchPlan, *, most_desks: int) -> None:
    told = {"place_of_meeting": plan.place_of_meeting, "to_bring": plan.to_bring}
    for name, text in told.items():
        if not 0 < len(text.strip()) <= _LONGEST:
            raise Refusal("selection.batch-plan-incomplete", field=name, most=_LONGEST)
    if not 1 <= plan.desks <= most_desks:
        raise Refusal("selection.batch-plan-incomplete", field="desks", most=most_desks)


def _check_day(project_id: UUID, plan: NewBatchPlan, *, least_days: int, at: datetime) -> None:
    if not attendance.counts(project_id=project_id):
        return
    days = days_out(published_on=china_day(at), on=china_day(plan.begins_at))
    if days < least_days:
        raise Refusal(
            "selection.batch-plan-too-late",
            clause=CLAUSE,
            batch=plan.batch,
            days=days,
            least=least_days,
        )


def _withdrawn_plan(project_id: UUID, batch: int) -> BatchPlanRecord | None:
    """Give the plan that the new one takes the place of; refuse while one stands."""
    standing = attendance.find_batch_plan(project_id=project_id, batch=batch)
    if standing is not None:
        raise Refusal("selection.batch-plan-stands", batch=batch, notice=standing.notice_number)
    return BatchPlanRecord.objects.filter(
        project_id=project_id, batch=batch, replaced_at__isnull=True
    ).first()


def _notice(
    project_id: UUID,
    plan: NewBatchPlan,
    batch: BatchRecord,
    plan_id: UUID,
    earlier: BatchPlanRecord | None,
    *,
    least_days: int,
    seconds: int,
) -> NewNotice:
    project = project_by_id(project_id=project_id)
    places = PlaceRecord.objects.filter(project_id=project_id, batch=plan.batch).order_by("place")
    desks = f"{plan.desks} 张桌子同时叫号" if plan.desks > 1 else "按顺序一户一户叫号"
    remote = (
        "不能到场的，可以在自己的手机上选；也可以请代理人来选，或者委托按志愿代选。"
        if plan.is_remote_allowed
        else "请本人到场；不能到场的，可以请代理人来选，或者委托按志愿代选。"
    )
    whom = f"{batch.stratum}，{batch.households} 户"
    return NewNotice(
        kind=NoticeKind.OTHER,
        title=f"{project.name}第 {plan.batch} 批选房安排",
        issuer=plan.issuer,
        place=project.name,
        paragraphs=(
            f"第 {plan.batch} 批（{whom}）定于 {say_moment(plan.begins_at)} 开始选房。",
            f"地点：{plan.place_of_meeting.strip()}。{desks}，每户 {seconds} 秒。",
            f"请带：{plan.to_bring.strip()}。",
            remote,
            "叫到时没有来的，本批其他户选完以后按原顺序再叫一次（方案允许的）。",
        ),
        term=Term(length=least_days, clause=CLAUSE),
        channel=plan.channel,
        clauses=(CLAUSE,),
        columns=[NewColumn(label=label) for label in _COLUMNS],
        rows=[(str(one.place), one.ticket, one.masked_name, one.budget) for one in places],
        predecessor_id=None if earlier is None else earlier.notice_id,
        subject_kind=SUBJECT,
        subject_id=plan_id,
    )
