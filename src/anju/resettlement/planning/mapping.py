"""Rows of planning into what others see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from anju.foundation.core.sealing import open_field
from anju.resettlement.planning.models import ConsentRecord, PaperRecord, VersionRecord
from anju.resettlement.planning.types import ConsentRow, PaperRow, VersionRow

CONSENTS = "planning_consent"


def versions_from(kept: Sequence[VersionRecord]) -> tuple[VersionRow, ...]:
    """Give versions of one project with their papers, in the order given."""
    papers: dict[UUID, list[PaperRecord]] = {one.id: [] for one in kept}
    for paper in PaperRecord.objects.filter(
        project_id__in={one.project_id for one in kept}, version_id__in=papers
    ).order_by("place"):
        papers[paper.version_id].append(paper)
    return tuple(_version_from(one, papers[one.id]) for one in kept)


def _version_from(kept: VersionRecord, papers: Iterable[PaperRecord]) -> VersionRow:
    return VersionRow(
        id=kept.id,
        project_id=kept.project_id,
        number=kept.number,
        case_id=kept.case_id,
        rule_set_id=kept.rule_set_id,
        rules_version=kept.rules_version,
        rules_digest=kept.rules_digest,
        papers=tuple(
            PaperRow(title=paper.title, digest=paper.digest, document_id=paper.document_id)
            for paper in papers
        ),
        drafted_at=kept.drafted_at,
        taken_over_reason=kept.taken_over_reason,
        approved_on=kept.approved_on,
        counted_at=kept.counted_at,
        in_force_at=kept.in_force_at,
    )


def code_of(kept: ConsentRecord) -> str:
    """Open the check code of a vote."""
    return open_field(
        subject_id=kept.household_id,
        table=CONSENTS,
        row_id=kept.id,
        column="code_sealed",
        sealed=kept.code_sealed,
    )


def consent_from(kept: ConsentRecord) -> ConsentRow:
    """Give a household's vote, with the code that only it and its office see."""
    return ConsentRow(
        version_id=kept.version_id,
        household_id=kept.household_id,
        is_for=kept.is_for,
        mark=kept.mark,
        code=code_of(kept),
        given_at=kept.given_at,
        is_from_paper=kept.document_id is not None,
    )
