"""What follows from an objection, and from what a department answers.

Both are told in the transaction of whoever acted: an objection that is upheld sends the review
back before anybody sees the answer, and an answer lies in the file the moment it has come.
"""

from __future__ import annotations

from anju.foundation.access.types import Actor
from anju.foundation.casework.events import CaseEvent, EventKind, listen
from anju.foundation.casework.laying import lay_action
from anju.foundation.casework.queries import case_by_id, case_file
from anju.foundation.casework.types import ActingAs, HandedIn, NewAction
from anju.foundation.exchange.departments import events as departments
from anju.foundation.exchange.departments.types import QuestionState
from anju.resettlement.eligibility.laying import lay_review, newest_review
from anju.resettlement.eligibility.meetings import mark_register
from anju.resettlement.eligibility.models import ObjectionRecord, ReviewRecord
from anju.resettlement.eligibility.sheets import HOUSEHOLD
from anju.resettlement.eligibility.types import OBJECTION, NoticeStep
from anju_rules.applications import Standing
from anju_rules.departments.kinds import QuestionKind
from anju_rules.procedures.states import ActionKind, Status
from anju_rules.procedures.types import Source
from anju_rules.values import Refusal

_ANSWERS = frozenset({"street-answer", "district-answer", "city-arbitration"})
_AS_STREET = ActingAs(role="street-officer", tier="street")
_AS_DISTRICT = ActingAs(role="district-officer", tier="district")


@listen(EventKind.ACTED)
def follow_objection(event: CaseEvent) -> None:
    """Judge an answer to an objection, and note how it ended."""
    if event.case is None or event.action is None or event.case.procedure != OBJECTION:
        return
    kept = ObjectionRecord.objects.filter(project_id=event.project_id, id=event.case_id).first()
    if kept is None:
        return
    if event.action.kind is ActionKind.DECIDE and event.action.step in _ANSWERS:
        _judge_answer(kept, event.action, event.by)
    if event.case.status.is_open:
        return
    kept.ended_at = event.at
    kept.is_upheld = {Status.DONE: True, Status.REFUSED: False}.get(event.case.status)
    kept.save(force_update=True)
    if kept.is_upheld:
        _send_back(kept, event)


def _judge_answer(kept: ObjectionRecord, act: NewAction, by: Actor) -> None:
    """Each answer has its reasons; above the street nobody judges what they decided themselves."""
    if not act.why.strip():
        raise Refusal("case.reason-missing", clause="plan/objection#1", kind=act.kind.value)
    review = ReviewRecord.objects.get(project_id=kept.project_id, id=kept.review_id)
    if by.id in (review.district_by, review.city_by):
        raise Refusal("eligibility.judges-own-decision", clause="plan/objection#1")


def _send_back(kept: ObjectionRecord, event: CaseEvent) -> None:
    """Let the review begin again where it was objected to; a refused one begins a new round."""
    review = case_by_id(project_id=kept.project_id, case_id=kept.review_id)
    why = f"异议成立（{event.case.number}）" if event.case else ""
    if kept.step in review.open_steps:
        lay_action(
            project_id=kept.project_id,
            case_id=review.id,
            act=NewAction(
                kind=ActionKind.DECIDE, step=kept.step, outcome="objection-upheld", why=why
            ),
            by=event.by,
            at=event.at,
            acting_as=_AS_STREET if kept.step == NoticeStep.FIRST else _AS_DISTRICT,
        )
    elif not review.status.is_open:
        _begin_again(kept, event, why=why)


def _begin_again(kept: ObjectionRecord, event: CaseEvent, *, why: str) -> None:
    newest = newest_review(project_id=kept.project_id, household_id=kept.about_id)
    if newest is None or newest.id != kept.review_id:
        return  # it has begun again already
    file = case_file(project_id=kept.project_id, case_id=kept.review_id, by=event.by, at=event.at)
    papers = [
        HandedIn(code=line.code, document_id=line.document_id)
        for line in file.materials
        if line.state == "held" and line.source is not Source.PRODUCED
    ]
    case = lay_review(
        project_id=kept.project_id,
        household_id=kept.about_id,
        papers=papers,
        division=file.case.division,
        by=event.by,
        at=event.at,
        acting_as=_AS_STREET,
    )
    lay_action(
        project_id=kept.project_id,
        case_id=case.id,
        act=NewAction(kind=ActionKind.ACCEPT, why=why),
        by=event.by,
        at=event.at,
        acting_as=_AS_STREET,
    )


@departments.listen
def receive_answer(event: departments.DepartmentEvent) -> None:
    """Put what a department answered into the file of the household's open review."""
    question = event.question
    is_answered = question.state in (QuestionState.ANSWERED, QuestionState.CONTRADICTORY)
    if question.subject_kind != HOUSEHOLD or not is_answered:
        return
    review = newest_review(project_id=question.project_id, household_id=question.subject_id)
    if review is None or review.standing != Standing.OPEN:
        return
    if question.kind is QuestionKind.HOUSEHOLD_REGISTER:
        mark_register(
            project_id=question.project_id,
            household_id=question.subject_id,
            register=event.answers[0].facts.get("household_number", ""),
        )
    lay_action(
        project_id=question.project_id,
        case_id=review.id,
        act=NewAction(kind=ActionKind.SUPPLY, materials=(HandedIn(code=question.kind.value),)),
        by=event.by,
        at=event.at,
        acting_as=_AS_STREET,
    )
