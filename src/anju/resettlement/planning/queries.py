"""Reads of planning. A plan, its papers and its count are public; a vote is its household's own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from anju.foundation.access.codes import check_household_code
from anju.foundation.access.context import reading
from anju.foundation.access.permissions import require_permission
from anju.foundation.access.types import Actor, system_actor
from anju.foundation.casework.queries import case_file
from anju.foundation.casework.types import CaseFile
from anju.foundation.core.clock import city_time
from anju.foundation.documents.types import DocumentRow
from anju.foundation.notices.queries import notices_of_subject
from anju.resettlement.households.queries import household_by_id
from anju.resettlement.planning.annexes import annexes_from, read_public_paper
from anju.resettlement.planning.comparing import compare_rules
from anju.resettlement.planning.counting import count_votes, mark_of, public_lines
from anju.resettlement.planning.mapping import consent_from, versions_from
from anju.resettlement.planning.models import ConsentRecord, PaperRecord, VersionRecord
from anju.resettlement.planning.touching import touched_projects
from anju.resettlement.planning.types import ConsentLine, ConsentRow, PlanFile
from anju.resettlement.planning.versions import NOTICE_SUBJECT, newest_version, version_in_force
from anju_rules.moves import Comparison, Direction, Move
from anju_rules.values import Refusal

__all__ = [
    "consent_by_code",
    "consent_lines",
    "consent_of_household",
    "is_in_force",
    "known_since",
    "own_rule_change",
    "plan_of",
    "read_plan_paper",
    "require_plan_in_force",
    "rule_change",
    "rule_change_counts",
    "touched_projects",
]

_PUBLIC = system_actor(request_id="planning.public")


def is_in_force(project_id: UUID) -> bool:
    """Whether a version of the project's plan binds."""
    return version_in_force(project_id) is not None


def require_plan_in_force(project_id: UUID) -> None:
    """Refuse with ``planning.plan-not-in-force`` what may not begin before the plan binds (PLN-2).

    Every later stage asks this inside its operation.
    """
    if not is_in_force(project_id):
        raise Refusal("planning.plan-not-in-force", clause="order-590/13")


def known_since(project_id: UUID) -> date | None:
    """Give the day from which a project's plan may be known: its first draft, here or on paper."""
    first = VersionRecord.objects.filter(project_id=project_id).order_by("number").first()
    if first is None:
        return None
    return first.approved_on or city_time(first.drafted_at).date()


def plan_of(project_id: UUID, *, at: datetime) -> PlanFile | None:
    """Give everything public about a project's plan; ``None`` before the first draft."""
    kept = list(VersionRecord.objects.filter(project_id=project_id).order_by("-number"))
    if not kept:
        return None
    newest = kept[0]
    with reading(by=_PUBLIC):
        file = _file_of(newest, at=at)
        notices = notices_of_subject(
            project_id=project_id, subject_kind=NOTICE_SUBJECT, subject_id=newest.id, at=at
        )
        consent = count_votes(newest) if newest.case_id else None
    versions = versions_from(kept)
    return PlanFile(
        project_id=project_id,
        versions=versions,
        in_force=next((row for row in versions if row.in_force_at is not None), None),
        case=file.case if file else None,
        steps=file.steps if file else (),
        annexes=annexes_from(file) if file else (),
        notice=notices[0] if notices else None,
        consent=consent,
    )


def _file_of(version: VersionRecord, *, at: datetime) -> CaseFile | None:
    if version.case_id is None:
        return None
    return case_file(project_id=version.project_id, case_id=version.case_id, by=_PUBLIC, at=at)


def read_plan_paper(
    *, project_id: UUID, document_id: UUID, at: datetime
) -> tuple[DocumentRow, bytes]:
    """Give a published paper of any version, or an annex of the newest, for whoever asks.

    Refuses with ``planning.paper-unknown``, and with ``planning.no-plan``.
    """
    newest = newest_version(project_id)
    with reading(by=_PUBLIC):
        file = _file_of(newest, at=at)
        published = {annex.document_id for annex in annexes_from(file)} if file else set()
        is_paper = PaperRecord.objects.filter(project_id=project_id, document_id=document_id)
        if document_id not in published and not is_paper.exists():
            raise Refusal("planning.paper-unknown", paper=str(document_id))
        return read_public_paper(newest, document_id)


def consent_lines(project_id: UUID) -> tuple[ConsentLine, ...]:
    """Give the public list of the newest version's votes; refuses with ``planning.no-plan``."""
    version = newest_version(project_id)
    with reading(by=_PUBLIC):
        return public_lines(version)


def consent_by_code(project_id: UUID, *, code: str) -> ConsentLine | None:
    """Give the line of the public list that a household's check code opens, if there is one.

    Refuses with ``access.code-mistyped`` and ``planning.no-plan``.
    """
    version = newest_version(project_id)
    mark = mark_of(version_id=version.id, code=check_household_code(code))
    return next((line for line in consent_lines(project_id) if line.mark == mark), None)


def consent_of_household(*, project_id: UUID, household_id: UUID, by: Actor) -> ConsentRow | None:
    """Give the household's standing vote on the newest version, with its check code."""
    version = newest_version(project_id)
    with reading(by=by):
        vote = (
            ConsentRecord.objects.filter(
                project_id=project_id, version_id=version.id, household_id=household_id
            )
            .order_by("-place")
            .first()
        )
        return consent_from(vote) if vote else None


def rule_change(project_id: UUID, *, by: Actor) -> Comparison | None:
    """Say, to officers, whom the newest version's rules move beside those in force (PLN-3).

    ``None`` where it changes no rule. Refuses with ``planning.no-plan``, ``access.not-permitted``
    and as :func:`~.comparing.compare_rules` does.
    """
    require_permission(by, "scoring.see")
    version = newest_version(project_id)
    with reading(by=by):
        return compare_rules(version)


def rule_change_counts(project_id: UUID) -> Mapping[Direction, int] | None:
    """Say, to everybody, how many households the newest version's rules move which way."""
    version = newest_version(project_id)
    with reading(by=_PUBLIC):
        comparison = compare_rules(version)
    return comparison.counts if comparison else None


def own_rule_change(*, project_id: UUID, household_id: UUID, by: Actor) -> Move | None:
    """Say, to a household, what the newest version's rules do to it; ``None``: nothing.

    Refuses with ``households.unknown-household``, also for another's.
    """
    version = newest_version(project_id)
    with reading(by=by):
        number = household_by_id(project_id=project_id, household_id=household_id).number
    with reading(by=_PUBLIC):
        comparison = compare_rules(version)
    return comparison.move_of(number) if comparison else None
