"""Versions of a plan: found, and begun inside the caller's operation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from anju.foundation.access.types import Actor
from anju.foundation.casework.queries import cases_of_subject
from anju.foundation.casework.types import CaseRow
from anju.foundation.core.crypto import new_id
from anju.foundation.documents.queries import documents_of
from anju.foundation.documents.types import DocumentRow, OwnerKind
from anju.foundation.policies.queries import rule_sets_of
from anju.foundation.policies.types import RuleSetRow
from anju.resettlement.planning.models import PaperRecord, VersionRecord
from anju.resettlement.planning.types import NewPaper
from anju_rules.values import Refusal

PROCEDURE = "plan-approval"
SUBJECT = "project"
NOTICE_SUBJECT = "plan"
PAPERS: OwnerKind = "plan"
"""What documents call whoever owns a plan's papers: the project."""
_DIGEST_LENGTH = 64


def newest_version(project_id: UUID) -> VersionRecord:
    """Give the version that was drafted last; refuses with ``planning.no-plan``."""
    kept = VersionRecord.objects.filter(project_id=project_id).order_by("-number").first()
    if kept is None:
        raise Refusal("planning.no-plan")
    return kept


def version_in_force(project_id: UUID) -> VersionRecord | None:
    """Give the version that binds: of those put in force the newest."""
    return (
        VersionRecord.objects.filter(project_id=project_id, in_force_at__isnull=False)
        .order_by("-number")
        .first()
    )


def running_approval(project_id: UUID) -> CaseRow | None:
    """Give the case in which a version is being approved, if there is one."""
    cases = cases_of_subject(project_id=project_id, subject_kind=SUBJECT, subject_id=project_id)
    running = (case for case in cases if case.procedure == PROCEDURE and case.status.is_open)
    return next(running, None)


def waits_at(case: CaseRow | None, step: str) -> bool:
    """Whether an approval still runs, and ``step`` of it may be decided."""
    return case is not None and case.status.is_open and step in case.open_steps


def newest_rules(project_id: UUID) -> RuleSetRow | None:
    """Give the rule set that was stored last, frozen or not."""
    rule_sets = rule_sets_of(project_id=project_id)
    return rule_sets[-1] if rule_sets else None


def begin_version(
    *,
    project_id: UUID,
    rules: RuleSetRow | None,
    papers: Sequence[NewPaper],
    by: Actor,
    at: datetime,
    case_id: UUID | None = None,
    approved_on: date | None = None,
    taken_over_reason: str = "",
) -> VersionRecord:
    """Store the next version with its papers, its text first.

    Without ``case_id`` it is one that was approved on paper, and binds at once. Refuses with
    ``planning.paper-unknown`` (a document that is not a paper of this plan, or was withdrawn) and
    ``planning.paper-without-digest``.
    """
    last = VersionRecord.objects.filter(project_id=project_id).order_by("-number").first()
    version = VersionRecord.objects.create(
        project_id=project_id,
        id=new_id(),
        number=last.number + 1 if last else 1,
        case_id=case_id,
        rule_set_id=rules.id if rules else None,
        rules_version=rules.version if rules else "",
        rules_digest=rules.digest if rules else "",
        drafted_at=at,
        drafted_by=by.id,
        taken_over_reason=taken_over_reason,
        approved_on=approved_on,
        in_force_at=None if case_id else at,
    )
    documents = papers_stored(project_id)
    PaperRecord.objects.bulk_create(
        PaperRecord(
            project_id=project_id,
            id=new_id(),
            version_id=version.id,
            place=place,
            title=paper.title.strip(),
            digest=_digest_of(paper, documents),
            document_id=paper.document_id,
        )
        for place, paper in enumerate(papers, start=1)
    )
    return version


def papers_stored(project_id: UUID) -> dict[UUID, DocumentRow]:
    """Give the documents that were handed in as papers of this project's plan, by id."""
    found = documents_of(project_id=project_id, owner_kind=PAPERS, owner_id=project_id)
    return {row.id: row for row in found if row.withdrawn_at is None}


def tell_version(version: VersionRecord) -> dict[str, object]:
    """Give what the entry of a version says; nothing in it is personal."""
    papers = PaperRecord.objects.filter(project_id=version.project_id, version_id=version.id)
    return {
        "version": str(version.id),
        "number": version.number,
        "rules": [version.rules_version, version.rules_digest],
        "papers": [[paper.title, paper.digest] for paper in papers.order_by("place")],
    }


def _digest_of(paper: NewPaper, documents: dict[UUID, DocumentRow]) -> str:
    if paper.document_id is not None:
        if paper.document_id not in documents:
            raise Refusal("planning.paper-unknown", paper=paper.title)
        return documents[paper.document_id].digest
    told = paper.digest.strip().lower()
    if len(told) != _DIGEST_LENGTH or not set(told) <= set("0123456789abcdef"):
        raise Refusal("planning.paper-without-digest", paper=paper.title)
    return told
