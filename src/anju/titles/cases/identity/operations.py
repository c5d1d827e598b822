"""Writes of identity checks: the owners ask to be met, and who met them says what came of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor
from anju.foundation.casework.laying import lay_action
from anju.foundation.casework.queries import case_by_id
from anju.foundation.casework.types import HandedIn, NewAction
from anju.foundation.core.crypto import new_id
from anju.titles.cases.identity.models import IdentityCheckRecord
from anju.titles.cases.identity.queries import row_from
from anju.titles.cases.identity.types import IdentityCheckRow
from anju.titles.cases.laying import applicant_standing
from anju.titles.cases.queries import title_case
from anju_rules.identity import HUMAN, Outcome, Way
from anju_rules.procedures.states import ActionKind
from anju_rules.values import Refusal

PROOF = "identity-proof"
"""The material that a check brings into the case."""
_LONGEST = 60


@operation(
    permits="titles.file",
    action="titlecases.identity.asked",
    clauses=("registration-rules/16", "pipl/29"),
)
def ask_identity_check(
    *, project_id: UUID, case_id: UUID, way: Way, consents: bool, by: Actor, at: datetime
) -> IdentityCheckRow:
    """Ask to be met: from afar, by an officer with a picture, at the window, or at home.

    Refuses with ``titlecases.unknown-case`` (also another's), ``identity.case-closed``,
    ``identity.consent-missing`` (from afar without a consent of its own),
    ``identity.asked-already`` and ``identity.met-already``.
    """
    row = title_case(project_id=project_id, case_id=case_id)
    if row.household_id is None or row.household_id != by.household_id:
        raise Refusal("titlecases.unknown-case")
    if not case_by_id(project_id=project_id, case_id=case_id).status.is_open:
        raise Refusal("identity.case-closed")
    if way is Way.REMOTE and not consents:
        raise Refusal("identity.consent-missing", clause="pipl/29")
    mine = IdentityCheckRecord.objects.filter(project_id=project_id, case_id=case_id)
    if mine.filter(state=Outcome.SAME.value).exists():
        raise Refusal("identity.met-already")
    kept = IdentityCheckRecord(
        project_id=project_id,
        id=new_id(),
        case_id=case_id,
        household_id=row.household_id,
        way=way.value,
        consented_at=at if way is Way.REMOTE else None,
        asked_at=at,
    )
    try:
        kept.save(force_insert=True)
    except IntegrityError as error:
        if "titlecases_identity_one_open" in str(error):
            raise Refusal("identity.asked-already") from None
        raise
    record(target=kept.id, household_id=row.household_id, body={"way": way.value})
    return row_from(kept)


@operation(
    permits="titles.identify",
    action="titlecases.identity.settled",
    clauses=("registration-rules/16",),
)
def settle_identity_check(
    *,
    project_id: UUID,
    check_id: UUID,
    outcome: Outcome,
    method: str,
    by: Actor,
    at: datetime,
) -> IdentityCheckRow:
    """Say what came of a check; the same person: the case has its proof of identity.

    An officer settles what an officer meets; the platform passes on what a provider answered.
    Refuses with ``identity.unknown-check``, ``identity.settled-already``, ``identity.not-yours``
    and ``identity.method-missing``.
    """
    kept = (
        IdentityCheckRecord.objects.select_for_update()
        .filter(project_id=project_id, id=check_id)
        .first()
    )
    if kept is None:
        raise Refusal("identity.unknown-check")
    if kept.state != "asked":
        raise Refusal("identity.settled-already")
    if (Way(kept.way) in HUMAN) is (by.kind == "system"):
        raise Refusal("identity.not-yours")
    method = method.strip()
    if not 0 < len(method) <= _LONGEST:
        raise Refusal("identity.method-missing", most=_LONGEST)
    kept.state, kept.settled_at, kept.settled_by, kept.method = outcome.value, at, by.id, method
    kept.save(force_update=True)
    if outcome is Outcome.SAME:
        _bring_proof(kept, by=by, at=at)
    record(
        target=kept.id,
        household_id=kept.household_id,
        body={"way": kept.way, "outcome": outcome.value, "method": method},
    )
    return row_from(kept)


def _bring_proof(kept: IdentityCheckRecord, *, by: Actor, at: datetime) -> None:
    """Bring the proof into the case, as the applicant brings it."""
    row = title_case(project_id=kept.project_id, case_id=kept.case_id)
    lay_action(
        project_id=kept.project_id,
        case_id=kept.case_id,
        act=NewAction(kind=ActionKind.SUPPLY, materials=(HandedIn(code=PROOF),)),
        by=by,
        at=at,
        acting_as=applicant_standing(row.procedure, by),
    )
