"""The two notices: each one notice for many households, tied to every one of their cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from anju.foundation.access.context import reading
from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.casework.operations import take_action
from anju.foundation.casework.queries import cases_by_id
from anju.foundation.casework.types import CaseRow, NewAction
from anju.foundation.core.crypto import new_id
from anju.foundation.notices.operations import lay_notice, tell_publication, tie_entry
from anju.foundation.notices.types import NewColumn, NewNotice, NoticeRow
from anju.resettlement.eligibility.models import PublishedRecord
from anju.resettlement.eligibility.showing import unshown_cases
from anju.resettlement.eligibility.types import NoticeStep, RowResult
from anju.resettlement.households.queries import (
    household_by_id,
    masked_names,
    registered_households,
)
from anju.resettlement.projects.queries import project_by_id
from anju_rules.notices import CellKind, NoticeKind, Term
from anju_rules.procedures.states import ActionKind
from anju_rules.values import Refusal

TERM = Term(length=7, clause="plan/eligibility#1")
_COLUMNS = (
    NewColumn(label="户号"),
    NewColumn(label="户主", kind=CellKind.NAME),
    NewColumn(label="街道"),
    NewColumn(label="结果"),
)
_PASSED = {NoticeStep.FIRST: "no-objection", NoticeStep.FINAL: "confirmed"}


@operation(
    permits="eligibility.publish-first",
    action="eligibility.notice.first-published",
    clauses=("plan/eligibility#1", "plan/publication"),
    level=Secrecy.PUBLIC,
)
def publish_first_notice(
    *,
    project_id: UUID,
    issuer: str,
    channel: str,
    by: Actor,
    at: datetime,
    household_ids: Sequence[UUID] | None = None,
    predecessor_id: UUID | None = None,
) -> NoticeRow:
    """Publish what the street's first reviews found: one notice for all who wait for it.

    Without ``household_ids`` everybody whose review waits for the first notice and stands in no
    other, and everybody refused since the last one: a refusal is published too, and can be objected
    to. ``predecessor``: a withdrawn notice that this one takes the place of. Refuses with
    ``eligibility.nothing-to-publish``, ``eligibility.not-at-notice`` and as
    :func:`~anju.foundation.notices.operations.lay_notice` does.
    """
    return _publish(
        NoticeStep.FIRST,
        project_id=project_id,
        issuer=issuer,
        channel=channel,
        household_ids=household_ids,
        predecessor_id=predecessor_id,
        by=by,
        at=at,
    )


@operation(
    permits="eligibility.publish-final",
    action="eligibility.notice.final-published",
    clauses=("plan/eligibility#1", "plan/publication"),
    level=Secrecy.PUBLIC,
)
def publish_final_notice(
    *,
    project_id: UUID,
    issuer: str,
    channel: str,
    by: Actor,
    at: datetime,
    household_ids: Sequence[UUID] | None = None,
    predecessor_id: UUID | None = None,
) -> NoticeRow:
    """Publish what the city's final reviews found; as :func:`publish_first_notice`."""
    return _publish(
        NoticeStep.FINAL,
        project_id=project_id,
        issuer=issuer,
        channel=channel,
        household_ids=household_ids,
        predecessor_id=predecessor_id,
        by=by,
        at=at,
    )


def settle_notice(
    *, project_id: UUID, notice_id: UUID, by: Actor, at: datetime
) -> tuple[RowResult, ...]:
    """Move on every review of a notice that is over and without objection, each by itself.

    What is refused for one (an objection runs, the notice is not over) stops no other.
    """
    with reading(by=by):
        shown = list(
            PublishedRecord.objects.filter(project_id=project_id, notice_id=notice_id).order_by(
                "number"
            )
        )
        if not shown:
            raise Refusal("eligibility.not-published", clause="plan/eligibility#1")
        cases = cases_by_id(project_id=project_id, case_ids=[one.case_id for one in shown])
        waiting = [one for one in shown if one.step in cases[one.case_id].open_steps]
    return tuple(_settle_one(one, by=by, at=at) for one in waiting)


def _settle_one(shown: PublishedRecord, *, by: Actor, at: datetime) -> RowResult:
    step = NoticeStep(shown.step)
    act = NewAction(kind=ActionKind.DECIDE, step=step.value, outcome=_PASSED[step])
    try:
        take_action(project_id=shown.project_id, case_id=shown.case_id, act=act, by=by, at=at)
    except Refusal as refusal:
        code, facts = refusal.code, refusal.facts
    else:
        code, facts = "", {}
    return RowResult(household_id=shown.household_id, case_id=shown.case_id, code=code, facts=facts)


def _publish(
    step: NoticeStep,
    *,
    project_id: UUID,
    issuer: str,
    channel: str,
    household_ids: Sequence[UUID] | None,
    predecessor_id: UUID | None,
    by: Actor,
    at: datetime,
) -> NoticeRow:
    shown = _to_show(step, project_id, household_ids)
    project = project_by_id(project_id=project_id)
    names = masked_names(project_id=project_id, household_ids=list(shown))
    households = [row for row in registered_households(project_id=project_id) if row.id in shown]
    row = lay_notice(
        project_id=project_id,
        notice=NewNotice(
            kind=NoticeKind.ELIGIBILITY,
            title=f"{project.name}安置资格{step.label}公示",
            issuer=issuer,
            place=project.name,
            paragraphs=(_FOREWORD[step], "对结果有意见的，请在公示期内按下列方式提出异议。"),
            term=TERM,
            channel=channel,
            clauses=("plan/eligibility#1", "plan/objection#1"),
            columns=_COLUMNS,
            rows=[
                (str(one.number), names.get(one.id, ""), one.street, _result(shown[one.id]))
                for one in households
            ],
            predecessor_id=predecessor_id,
            subject_kind=f"eligibility-{step.value}",
        ),
        by=by,
        at=at,
    )
    PublishedRecord.objects.bulk_create(
        PublishedRecord(
            project_id=project_id,
            id=new_id(),
            notice_id=row.id,
            step=step.value,
            case_id=shown[one.id].id,
            household_id=one.id,
            number=str(one.number),
            division=shown[one.id].division,
            published_at=at,
        )
        for one in households
    )
    receipt = record(target=row.id, project_id=project_id, body=tell_publication(row))
    return tie_entry(
        project_id=project_id, notice_id=row.id, event_id=receipt.event_id, opens_entry=True
    )


_FOREWORD = {
    NoticeStep.FIRST: "经街道初审，下列各户的安置资格现予公示。",
    NoticeStep.FINAL: "经区级复审、市级终审，下列各户的安置资格现予公示。",
}


def _result(case: CaseRow) -> str:
    return "符合" if case.status.is_open else "不符合"


def _to_show(
    step: NoticeStep, project_id: UUID, household_ids: Sequence[UUID] | None
) -> dict[UUID, CaseRow]:
    """Give the cases of a notice by household; nobody stands in two notices at once."""
    found = unshown_cases(project_id=project_id, step=step)
    if household_ids is not None:
        for household_id in household_ids:
            if household_id not in found:
                row = household_by_id(project_id=project_id, household_id=household_id)
                raise Refusal("eligibility.not-at-notice", number=row.number)
        found = {one: found[one] for one in household_ids}
    if not found:
        raise Refusal("eligibility.nothing-to-publish")
    return found
