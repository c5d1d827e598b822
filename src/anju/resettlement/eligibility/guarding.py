"""What a review and an objection ask beyond their procedure, and what follows from each act.

Called with every act on a case, in the same transaction: what is refused here refuses the act,
whoever sent it and by whichever face. A case that was opened past this context is not looked at,
and decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from anju.foundation.access.types import Actor
from anju.foundation.casework.events import CaseEvent, EventKind, listen
from anju.foundation.casework.types import NewAction
from anju.foundation.notices.queries import is_over
from anju.resettlement.eligibility.meetings import meetings_of
from anju.resettlement.eligibility.models import ObjectionRecord, PublishedRecord, ReviewRecord
from anju.resettlement.eligibility.sheets import Considered, consider, differing_steps, keep_sheet
from anju.resettlement.eligibility.types import REVIEW, NoticeStep
from anju_rules.applications import Standing
from anju_rules.eligibility.sheet import BARS, Group, Result
from anju_rules.procedures.states import ActionKind, Status
from anju_rules.values import Refusal

STANDINGS: Mapping[Status, Standing] = {
    Status.INTAKE: Standing.OPEN,
    Status.IN_PROGRESS: Standing.OPEN,
    Status.DONE: Standing.CONFIRMED,
    Status.REFUSED: Standing.REFUSED,
    Status.NOT_ACCEPTED: Standing.REFUSED,
    Status.REVOKED: Standing.REFUSED,
    Status.WITHDRAWN: Standing.WITHDRAWN,
}


@dataclass(slots=True, kw_only=True)
class Decision:
    """One step of a review that is being decided."""

    review: ReviewRecord
    act: NewAction
    by: Actor
    at: datetime

    def consider(self) -> Considered:
        """Give what the household states beside what is known of it."""
        return consider(
            project_id=self.review.project_id,
            household_id=self.review.household_id,
            at=self.at,
        )

    def require_why(self) -> None:
        """Refuse with ``case.reason-missing`` to set a doubt aside without a word."""
        if not self.act.why.strip():
            raise Refusal("case.reason-missing", kind=self.act.kind.value)

    def require_another(self, *earlier: UUID | None) -> None:
        """Refuse with ``eligibility.same-person`` whoever decided at another level (T-06)."""
        if self.by.id in earlier:
            raise Refusal("eligibility.same-person", clause="plan/eligibility#1")

    def keep(self, considered: Considered) -> None:
        """Keep on what it was decided."""
        keep_sheet(
            project_id=self.review.project_id,
            case_id=self.review.id,
            household_id=self.review.household_id,
            sheet=considered.sheet,
            step=self.act.step,
            outcome=self.act.outcome,
            by=self.by.id,
            at=self.at,
        )


@listen(EventKind.ACTED)
def follow_review(event: CaseEvent) -> None:
    """Judge what is done to a review, and note how the household stands after it."""
    if event.case is None or event.action is None or event.case.procedure != REVIEW:
        return
    review = ReviewRecord.objects.filter(project_id=event.project_id, id=event.case_id).first()
    if review is None:
        return
    act = event.action
    if act.kind is ActionKind.DECIDE:
        decision = Decision(review=review, act=act, by=event.by, at=event.at)
        judge = _DECISIONS.get((act.step, act.outcome))
        if judge is not None:
            judge(decision)
    standing = STANDINGS[event.case.status]
    if review.standing != standing:
        review.decided_at = None if standing is Standing.OPEN else event.at
    review.standing = standing.value
    review.save(force_update=True)


def _pass_street(decision: Decision) -> None:
    """The basic checks; what departments have not answered yet is asked for at the district."""
    considered = decision.consider()
    if considered.statement is None or not considered.statement.statement.holder:
        raise Refusal("eligibility.statement-missing", clause="plan/eligibility#2")
    considered.sheet.require(BARS, allows_unknown=True)
    decision.require_another(decision.review.district_by, decision.review.city_by)
    decision.review.street_by = decision.by.id
    decision.keep(considered)


def _compare(decision: Decision) -> None:
    considered, group = decision.consider(), Group(decision.act.step)
    if decision.act.outcome == Result.DIFFERS:
        decision.require_why()
    else:
        considered.sheet.require({line.check for line in considered.sheet.of(group)})
    decision.keep(considered)


def _pass_district(decision: Decision) -> None:
    """A doubt is visited first; whoever then sets it aside says why."""
    considered, review = decision.consider(), decision.review
    considered.sheet.require(BARS, allows_unknown=True)
    meetings = meetings_of(project_id=review.project_id, household_id=review.household_id)
    said = differing_steps(project_id=review.project_id, case_id=review.id)
    if considered.sheet.doubts or meetings or said:
        if review.visited_at is None:
            raise Refusal("eligibility.visit-missing", clause="plan/eligibility#4")
        decision.require_why()
    decision.require_another(review.street_by, review.city_by)
    review.district_by = decision.by.id
    decision.keep(considered)


def _pass_city(decision: Decision) -> None:
    """Nobody is resettled twice: not before, not elsewhere in the city, not in two households."""
    considered, review = decision.consider(), decision.review
    considered.sheet.require(BARS)
    for meeting in meetings_of(project_id=review.project_id, household_id=review.household_id):
        if meeting.repeat.is_bar:
            raise Refusal(
                "eligibility.applied-twice",
                clause="plan/eligibility#2",
                project=meeting.project_id,
                repeat=meeting.repeat.value,
            )
    decision.require_another(review.street_by, review.district_by)
    review.city_by = decision.by.id
    decision.keep(considered)


def _note_visit(decision: Decision) -> None:
    decision.review.visited_at = decision.at


def _pass_notice(decision: Decision) -> None:
    """A notice must have stood its time, with this household in it and no objection running."""
    review, step = decision.review, NoticeStep(decision.act.step)
    shown = (
        PublishedRecord.objects.filter(
            project_id=review.project_id, case_id=review.id, step=step.value
        )
        .order_by("-published_at")
        .first()
    )
    if shown is None or (
        review.returned_at is not None and shown.published_at < review.returned_at
    ):
        raise Refusal("eligibility.not-published", clause="plan/eligibility#1")
    if not is_over(project_id=review.project_id, notice_id=shown.notice_id, at=decision.at):
        raise Refusal("eligibility.notice-runs", clause="plan/eligibility#1")
    if running_objections(project_id=review.project_id, review_id=review.id):
        raise Refusal("eligibility.objection-runs", clause="plan/eligibility#5")


def running_objections(*, project_id: UUID, review_id: UUID) -> int:
    """Count the objections to a review that are not answered for good."""
    return ObjectionRecord.objects.filter(
        project_id=project_id, review_id=review_id, ended_at=None
    ).count()


def _return_by_objection(decision: Decision) -> None:
    """A review goes back from a notice only for an objection that was upheld."""
    review, since = decision.review, decision.review.returned_at
    upheld = ObjectionRecord.objects.filter(
        project_id=review.project_id, review_id=review.id, step=decision.act.step, is_upheld=True
    )
    if since is not None:
        upheld = upheld.filter(ended_at__gte=since)
    if not upheld.exists():
        raise Refusal("eligibility.nothing-upheld", clause="plan/eligibility#5")
    review.visited_at = None
    if decision.act.step == NoticeStep.FIRST:
        _return_to_street(decision)
    else:
        _return_to_district(decision)


def _return_to_street(decision: Decision) -> None:
    decision.review.street_by = None
    _return_to_district(decision)


def _return_to_district(decision: Decision) -> None:
    decision.review.district_by = decision.review.city_by = None
    decision.review.returned_at = decision.at


_DECISIONS: Mapping[tuple[str, str], Callable[[Decision], None]] = {
    ("street-review", "eligible"): _pass_street,
    ("street-review", "eligible-owing"): _pass_street,
    ("street-visit", "visited"): _note_visit,
    ("first-notice", "no-objection"): _pass_notice,
    ("first-notice", "objection-upheld"): _return_by_objection,
    **{
        (step.value, outcome): _compare
        for step in (Group.REGISTER, Group.TITLE, Group.RESIDENCE)
        for outcome in ("agrees", "differs")
    },
    ("district-review", "eligible"): _pass_district,
    ("district-review", "to-street"): _return_to_street,
    ("home-visit", "visited"): _note_visit,
    ("city-review", "eligible"): _pass_city,
    ("city-review", "to-district"): _return_to_district,
    ("final-notice", "confirmed"): _pass_notice,
    ("final-notice", "objection-upheld"): _return_by_objection,
}
