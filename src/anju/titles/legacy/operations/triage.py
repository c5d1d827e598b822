"""Triage: questions answered, cases opened, disputes about areas taken in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor
from anju.foundation.casework.laying import lay_case
from anju.foundation.casework.types import CaseRow
from anju.foundation.core.legacy import default_blockers
from anju.titles.communities.queries import community_by_id, homes_of
from anju.titles.legacy.answering import lay_answer
from anju.titles.legacy.following import PROCEDURE, SUBJECT
from anju.titles.legacy.mapping import blocker_from, homes_to_title
from anju.titles.legacy.models import BlockerRecord
from anju.titles.legacy.operations.keeping import CLAUSES, DISTRICT, lock_problem
from anju.titles.legacy.types import Answer, BlockerRow
from anju_rules.values import Refusal

SERIES = "LEG"


@operation(permits="legacy.keep", action="legacy.triage.answered", clauses=CLAUSES)
def answer_building(
    *,
    project_id: UUID,
    building: str,
    answers: Mapping[str, Answer],
    by: Actor,
    at: datetime,
) -> list[BlockerRow]:
    """Answer the questions about a building, by kind; each problem found opens its case.

    A dispute stands as ``blocked`` until its case has ended. A problem that stands may touch more
    homes by a new answer; it ends, or becomes less, by its case alone. Refuses with
    ``communities.unknown-community``, ``legacy.unknown-building``, ``legacy.nothing-answered``,
    ``triage.unknown-kind``, ``legacy.not-its-home``, ``legacy.facts-missing``,
    ``notices.personal-text``, ``legacy.in-work``, and where a problem is denied that the homes
    themselves show with ``legacy.areas-differ`` or ``legacy.dispute-stands``.
    """
    community = community_by_id(community_id=project_id)
    homes = homes_to_title(homes_of(project_id=project_id))
    own = [one for one in homes if one.building == building]
    if not own:
        raise Refusal("legacy.unknown-building", building=building[:40])
    told = [
        lay_answer(
            project_id=project_id,
            building=building,
            kind=kind,
            answer=answer,
            homes=own,
            by=by,
            at=at,
        )
        for kind, answer in sorted(answers.items())
    ]
    rows = [row for row in told if row is not None]
    if not rows:
        raise Refusal("legacy.nothing-answered")
    for row in rows:
        if row.stands and row.case_id is None:
            _lay_case(row, division=community.division, by=by, at=at)
    record(
        target=project_id,
        project_id=project_id,
        body={
            "building": building,
            "answers": [[row.kind, row.state, len(row.home_ids), row.facts] for row in rows],
        },
    )
    return _rows(project_id, [row.id for row in rows])


@operation(permits="legacy.keep", action="legacy.case.opened-again", clauses=CLAUSES)
def work_again(*, project_id: UUID, blocker_id: UUID, by: Actor, at: datetime) -> CaseRow:
    """Open a new case for a problem whose last one ended without solving it.

    Refuses with ``legacy.unknown-problem`` and ``legacy.in-work``.
    """
    community = community_by_id(community_id=project_id)
    row = blocker_from(lock_problem(project_id=project_id, blocker_id=blocker_id))
    if not row.stands or row.case_id is not None:
        title = default_blockers()[row.kind].title
        raise Refusal("legacy.in-work", kind=title.zh, kind_en=title.en)
    case = _lay_case(row, division=community.division, by=by, at=at)
    record(
        target=blocker_id,
        project_id=project_id,
        body={"problem": row.code, "case": str(case.id), "number": case.number},
    )
    return case


def _lay_case(row: BlockerRow, *, division: str, by: Actor, at: datetime) -> CaseRow:
    """Open the case of a problem, under the procedure of its kind."""
    case = lay_case(
        project_id=row.project_id,
        procedure=PROCEDURE.format(kind=row.kind),
        subject_kind=SUBJECT,
        subject_id=row.id,
        division=division,
        series=SERIES,
        why=row.facts,
        acting_as=DISTRICT,
        by=by,
        at=at,
    )
    BlockerRecord.objects.filter(project_id=row.project_id, id=row.id).update(case_id=case.id)
    return case


def _rows(project_id: UUID, ids: Collection[UUID]) -> list[BlockerRow]:
    kept = BlockerRecord.objects.filter(project_id=project_id, id__in=list(ids))
    return [blocker_from(one) for one in kept.order_by("kind")]
