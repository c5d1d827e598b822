"""Objections to what a notice says, lodged by a family or by anybody at the window."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.casework.laying import lay_action, lay_case, tell_action
from anju.foundation.casework.types import ActingAs, CaseRow, HandedIn, NewAction
from anju.foundation.core.crypto import new_id
from anju.foundation.notices.operations import lay_objection
from anju.resettlement.eligibility.mapping import seal_person
from anju.resettlement.eligibility.models import ObjectionRecord
from anju.resettlement.eligibility.queries import shown_in_notice
from anju.resettlement.eligibility.types import OBJECTION, NewObjector
from anju.resettlement.projects.queries import project_by_id
from anju_rules.procedures.states import ActionKind
from anju_rules.values import Refusal

SERIES = "YY"
_FAMILY = ActingAs(role="household", tier="outside")


@operation(
    permits="eligibility.object",
    action="eligibility.objection.lodged",
    clauses=("plan/objection#1",),
    level=Secrecy.INTERNAL,
)
def lodge_objection(
    *,
    project_id: UUID,
    notice_id: UUID,
    about_number: str,
    why: str,
    by: Actor,
    at: datetime,
    household_id: UUID | None = None,
    person: NewObjector | None = None,
    letter_id: UUID | None = None,
) -> CaseRow:
    """Object to the entry of one household in a notice; gives the objection's case.

    By a household for itself (``household_id``), to its own entry or to another's; or at the
    window by anybody else, who says who they are (``person``). ``letter_id``: the document of the
    letter, where it came on paper. Refuses with ``case.reason-missing``,
    ``eligibility.objector-missing``, ``eligibility.not-in-notice``, with
    ``notices.objection-too-late`` once the notice is over, and with ``casework.open-already``.
    """
    if not why.strip():
        raise Refusal("case.reason-missing", kind="objection")
    if household_id is None and (person is None or not person.name.strip()):
        raise Refusal("eligibility.objector-missing")
    shown = shown_in_notice(project_id=project_id, notice_id=notice_id, number=about_number)
    objection_id = new_id()
    case = lay_case(
        project_id=project_id,
        procedure=OBJECTION,
        subject_kind="review",
        # A family objects once to one review; of strangers the platform cannot tell.
        subject_id=shown.case_id if household_id else objection_id,
        household_id=household_id,
        division=shown.division,
        series=f"{project_by_id(project_id=project_id).code}-{SERIES}",
        materials=(
            HandedIn(code="objection-letter", document_id=letter_id),
            HandedIn(code="decision-challenged"),
        ),
        why=why,
        case_id=objection_id,
        by=by,
        at=at,
    )
    lay_objection(project_id=project_id, notice_id=notice_id, case_id=case.id, at=at)
    ObjectionRecord(
        project_id=project_id,
        id=case.id,
        notice_id=notice_id,
        step=shown.step.value,
        review_id=shown.case_id,
        about_id=shown.household_id,
        household_id=household_id,
        person_sealed=None if person is None else _seal(person, project_id, case.id),
        lodged_at=at,
    ).save(force_insert=True)
    record(
        target=case.id,
        project_id=project_id,
        household_id=household_id,
        body={
            "number": case.number,
            "notice": str(notice_id),
            "about": about_number,
            "why": why,
            "at_window": household_id is None,
        },
    )
    return case


@operation(
    permits="casework.act",
    action="eligibility.objection.replied",
    clauses=("plan/objection#2",),
    level=Secrecy.INTERNAL,
)
def reply_at_window(
    *,
    project_id: UUID,
    case_id: UUID,
    step: str,
    outcome: str,
    why: str,
    by: Actor,
    at: datetime,
) -> CaseRow:
    """Write down at the window what an objector without an account replies to an answer.

    ``outcome``: ``appeals`` or ``accepts``. Refuses with ``eligibility.unknown-objection``, with
    ``eligibility.replies-itself`` a family's own objection, and as the case does.
    """
    kept = ObjectionRecord.objects.filter(project_id=project_id, id=case_id).first()
    if kept is None or by.kind != "officer":
        raise Refusal("eligibility.unknown-objection")
    if kept.household_id is not None:
        raise Refusal("eligibility.replies-itself")
    act = NewAction(kind=ActionKind.DECIDE, step=step, outcome=outcome, why=why)
    case = lay_action(
        project_id=project_id, case_id=case_id, act=act, by=by, at=at, acting_as=_FAMILY
    )
    record(target=case_id, project_id=project_id, body=tell_action(case, act))
    return case


def _seal(person: NewObjector, project_id: UUID, case_id: UUID) -> bytes:
    text = json.dumps([person.name, person.contact], ensure_ascii=False)
    return seal_person(text, project_id=project_id, row_id=case_id)
