"""What a case of plan approval may not do by itself, whoever moves it: the desk, the API, a job.

The procedure says who decides what and when. Here is what it cannot know: that a text was really
drafted, that the notice was really seen for its whole time, how many households consented; and
that a plan is in force once the last step is decided.
"""

from __future__ import annotations

from datetime import datetime

from anju.foundation.access.types import Actor
from anju.foundation.casework.events import CaseEvent, EventKind, listen
from anju.foundation.casework.types import CaseRow, NewAction
from anju.foundation.notices.queries import notices_of_subject
from anju.foundation.policies.operations import guard_freezing, lay_freeze
from anju.foundation.policies.types import RuleSetRow
from anju.resettlement.planning.counting import (
    CONSENT,
    CONSENTING,
    HOUSEHOLDS,
    REACHED,
    count_votes,
    digest_lines,
    hold_votes,
    public_lines,
)
from anju.resettlement.planning.models import PaperRecord, VersionRecord
from anju.resettlement.planning.versions import (
    NOTICE_SUBJECT,
    PROCEDURE,
    SUBJECT,
    newest_version,
    version_in_force,
)
from anju_rules.notices import NoticeState
from anju_rules.procedures.states import ActionKind, Status
from anju_rules.values import Refusal

_CLAUSE = "order-590/10"
_REVIEW = "eligibility-review"


@listen(EventKind.OPENED)
def freeze_rules(event: CaseEvent) -> None:
    """Freeze the rules of the plan in force with the first review of a household (PLN-3)."""
    if event.case and event.case.procedure == _REVIEW:
        binding = version_in_force(event.project_id)
        if binding is not None:
            _freeze(binding, by=event.by, at=event.at)


@listen(EventKind.ACTED)
def follow_approval(event: CaseEvent) -> None:
    """Hold a decision to what really happened, and write what follows from it."""
    case, act = _approval(event), event.action
    if case is None or act is None:
        return
    if act.kind is ActionKind.REVOKE:
        raise Refusal("planning.in-force-already")  # what binds is changed by the next version
    if act.kind is not ActionKind.DECIDE:
        return
    version = newest_version(case.project_id)
    if version.case_id != case.id:
        raise Refusal("planning.text-missing", clause=_CLAUSE)
    if act.step == "draft":
        _require_text(version, act)
    elif (act.step, act.outcome) == ("notice", "answered"):
        _require_notice(version, at=event.at)
    elif act.step == CONSENT:
        _close_votes(version, act, at=event.at)
    elif act.step == "enact" and case.status is Status.DONE:
        _put_in_force(version, by=event.by, at=event.at)


def _approval(event: CaseEvent) -> CaseRow | None:
    """Give the case if it approves its project's plan; one about anything else binds nobody."""
    case = event.case
    if case is None or case.procedure != PROCEDURE:
        return None
    return case if (case.subject_kind, case.subject_id) == (SUBJECT, case.project_id) else None


def _require_text(version: VersionRecord, act: NewAction) -> None:
    """Refuse a draft that is not the text of the newest version (``planning.text-missing``)."""
    text = PaperRecord.objects.get(project_id=version.project_id, version_id=version.id, place=1)
    if text.document_id not in {one.document_id for one in act.materials}:
        raise Refusal("planning.text-missing", clause=_CLAUSE)


def _require_notice(version: VersionRecord, *, at: datetime) -> None:
    """Refuse to go on before this very version stood its time in sight of everybody."""
    standings = notices_of_subject(
        project_id=version.project_id, subject_kind=NOTICE_SUBJECT, subject_id=version.id, at=at
    )
    if not any(standing.state is NoticeState.OVER for standing in standings):
        raise Refusal("planning.notice-not-over", clause=_CLAUSE)


def _close_votes(version: VersionRecord, act: NewAction, *, at: datetime) -> None:
    """Close the count, unless the decision says otherwise than the votes.

    Refuses with ``planning.count-differs``, and with ``planning.consent-reached`` where somebody
    would send back what two thirds want.
    """
    hold_votes(version.id)
    count = count_votes(version)
    told = {CONSENTING: count.consenting, HOUSEHOLDS: count.households}
    if dict(act.facts) != told:
        raise Refusal("planning.count-differs", clause="plan/approval#6", **told)
    if count.is_reached and act.outcome != REACHED:
        raise Refusal("planning.consent-reached", clause="plan/approval#6", **told)
    version.households = count.households
    version.consenting, version.refusing = count.consenting, count.refusing
    version.consents_digest = digest_lines(public_lines(version))
    version.counted_at = at
    version.save(
        update_fields=["households", "consenting", "refusing", "consents_digest", "counted_at"]
    )


def _put_in_force(version: VersionRecord, *, by: Actor, at: datetime) -> None:
    version.in_force_at = at
    version.save(update_fields=["in_force_at"])
    _freeze(version, by=by, at=at)


def _freeze(version: VersionRecord, *, by: Actor, at: datetime) -> None:
    if version.rule_set_id is not None:
        lay_freeze(project_id=version.project_id, rule_set_id=version.rule_set_id, by=by, at=at)


@guard_freezing
def refuse_unapproved_rules(rules: RuleSetRow, is_change: bool) -> None:  # noqa: FBT001
    """Refuse to freeze other rules than those of the plan in force (PLN-3).

    A project's first rule set may be frozen before its plan is in force; every change comes with a
    version that went through the notice and the consent again.
    """
    binding = version_in_force(rules.project_id)
    approved = binding.rules_digest if binding else ""
    if rules.digest != approved and (is_change or approved):
        raise Refusal("planning.rules-not-approved", clause="plan/rules", version=rules.version)
