"""The consent of the households: given one by one, counted over all of them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anju.foundation.access.codes import new_household_code
from anju.foundation.access.context import reading
from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy, system_actor
from anju.foundation.casework.laying import lay_action, tell_action
from anju.foundation.casework.queries import case_by_id
from anju.foundation.casework.types import NewAction
from anju.foundation.core.crypto import new_id
from anju.foundation.core.sealing import seal_field
from anju.foundation.documents.queries import documents_of
from anju.resettlement.households.queries import household_by_id
from anju.resettlement.planning.counting import (
    CONSENT,
    CONSENTING,
    HOUSEHOLDS,
    REACHED,
    count_votes,
    hold_votes,
    mark_of,
)
from anju.resettlement.planning.mapping import CONSENTS, code_of, consent_from
from anju.resettlement.planning.models import ConsentRecord, VersionRecord
from anju.resettlement.planning.types import ConsentCount, ConsentRow
from anju.resettlement.planning.versions import newest_version, waits_at
from anju_rules.procedures.states import ActionKind
from anju_rules.values import Refusal


@operation(
    permits="planning.consent",
    action="planning.consent.given",
    clauses=("plan/approval#6",),
    level=Secrecy.INTERNAL,
)
def give_consent(
    *,
    project_id: UUID,
    household_id: UUID,
    is_for: bool,
    by: Actor,
    at: datetime,
    document_id: UUID | None = None,
) -> ConsentRow:
    """Say yes or no to the newest version for one household; it may change its mind until counted.

    By the household's own account, or by an officer from the paper it signed (``document_id``, a
    document of the household). Refuses with ``planning.consent-not-open``,
    ``planning.consent-without-paper`` and ``households.unknown-household``.
    """
    version = newest_version(project_id)
    hold_votes(version.id, household_id=household_id)
    version.refresh_from_db()
    _require_open(version)
    household_by_id(project_id=project_id, household_id=household_id)
    if by.kind == "officer":
        _require_paper(project_id, household_id, document_id)
    vote = _vote(version, household_id, is_for=is_for, document_id=document_id, by=by, at=at)
    record(
        target=vote.id,
        project_id=project_id,
        household_id=household_id,
        body={
            "version": str(version.id),
            "mark": vote.mark,
            "is_for": vote.is_for,
            "place": vote.place,
            "document": str(document_id) if document_id else None,
        },
    )
    return consent_from(vote)


def _require_open(version: VersionRecord) -> None:
    # A household does not see its project's case: whether it may vote now is no secret.
    with reading(by=system_actor(request_id="planning.consent")):
        case = (
            case_by_id(project_id=version.project_id, case_id=version.case_id)
            if version.case_id
            else None
        )
    if not waits_at(case, CONSENT) or version.counted_at is not None:
        raise Refusal("planning.consent-not-open", clause="plan/approval#6")


def _require_paper(project_id: UUID, household_id: UUID, document_id: UUID | None) -> None:
    papers = documents_of(project_id=project_id, owner_kind="household", owner_id=household_id)
    if document_id not in {row.id for row in papers if row.withdrawn_at is None}:
        raise Refusal("planning.consent-without-paper", clause="plan/approval#6")


def _vote(
    version: VersionRecord,
    household_id: UUID,
    *,
    is_for: bool,
    document_id: UUID | None,
    by: Actor,
    at: datetime,
) -> ConsentRecord:
    """Store a household's next vote, under the mark and the code of its first one."""
    earlier = (
        ConsentRecord.objects.filter(
            project_id=version.project_id, version_id=version.id, household_id=household_id
        )
        .order_by("-place")
        .first()
    )
    vote_id, code = new_id(), code_of(earlier) if earlier else new_household_code()
    return ConsentRecord.objects.create(
        project_id=version.project_id,
        id=vote_id,
        version_id=version.id,
        household_id=household_id,
        place=earlier.place + 1 if earlier else 1,
        is_for=is_for,
        mark=mark_of(version_id=version.id, code=code),
        code_sealed=seal_field(
            subject_id=household_id,
            table=CONSENTS,
            row_id=vote_id,
            column="code_sealed",
            text=code,
        ),
        document_id=document_id,
        given_at=at,
        given_by=by.id,
    )


@operation(
    permits="planning.count",
    action="planning.consent.counted",
    clauses=("plan/approval#6",),
    signs=2,
    level=Secrecy.PUBLIC,
)
def count_consent(
    *,
    project_id: UUID,
    by: Actor,
    second: Actor,
    at: datetime,
    otherwise: str = "not-reached",
    why: str = "",
) -> ConsentCount:
    """Close the votes and decide by them: two thirds of *all* households, or not.

    Where the share is not reached, ``otherwise`` is the outcome: ``not-reached`` sends the plan
    back to be changed, ``given-up`` ends it; both need ``why``. Refuses with
    ``planning.consent-not-open`` and as the case does.
    """
    version = newest_version(project_id)
    hold_votes(version.id)
    _require_open(version)
    count = count_votes(version)
    act = NewAction(
        kind=ActionKind.DECIDE,
        step=CONSENT,
        outcome=REACHED if count.is_reached else otherwise,
        facts={CONSENTING: count.consenting, HOUSEHOLDS: count.households},
        why=why,
    )
    assert version.case_id is not None  # noqa: S101 - its step is open
    case = lay_action(
        project_id=project_id, case_id=version.case_id, act=act, by=by, second=second, at=at
    )
    version.refresh_from_db()
    closed = count_votes(version)
    record(
        target=version.id,
        project_id=project_id,
        body={
            **tell_action(case, act),
            "version": str(version.id),
            "consenting": closed.consenting,
            "refusing": closed.refusing,
            "households": closed.households,
            "list": closed.digest,
        },
    )
    return closed
