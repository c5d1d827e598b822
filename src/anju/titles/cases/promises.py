"""Commitments of a title case: who signed them, and whether their word may be taken again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from anju.foundation.casework.types import HandedIn
from anju.foundation.core.crypto import new_id
from anju.foundation.core.sealing import blind_index
from anju.titles.cases.models import CommitmentRecord, FalsePromiseRecord, TitleCaseRecord
from anju.titles.communities.queries import community_by_id, people_of
from anju_rules.commitments import judge_commitment


def lay_commitments(papers: Sequence[tuple[TitleCaseRecord, HandedIn]], *, at: datetime) -> None:
    """Keep signed commitments that came in with cases of one community.

    The same paper of a case again changes nothing. What is refused of one, as
    :func:`~anju_rules.commitments.judge_commitment` judges, refuses all.
    """
    if not papers:
        return
    cases = {kept.id: kept for kept, _ in papers}
    project_id = papers[0][0].project_id
    known: set[tuple[UUID, str, UUID | None]] = set(
        CommitmentRecord.objects.filter(project_id=project_id, case_id__in=list(cases)).values_list(
            "case_id", "material", "document_id"
        )
    )
    false_before = count_false(list(cases.values()))
    fresh = []
    for kept, paper in papers:
        told = (kept.id, paper.code, paper.document_id)
        if paper.document_id is not None and told in known:
            continue
        judge_commitment(
            material=paper.code,
            is_signed=paper.document_id is not None,
            false_before=false_before[kept.id],
        ).raise_if_unmet()
        assert paper.document_id is not None  # noqa: S101 - judged just now
        known.add(told)
        fresh.append(
            CommitmentRecord(
                project_id=kept.project_id,
                id=new_id(),
                case_id=kept.id,
                household_id=kept.household_id,
                material=paper.code,
                document_id=paper.document_id,
                signed_at=at,
            )
        )
    CommitmentRecord.objects.bulk_create(fresh)


def count_false(cases: Sequence[TitleCaseRecord]) -> dict[UUID, int]:
    """Count the false commitments of whoever stands behind each case, in every community."""
    makers = makers_of(cases)
    found = FalsePromiseRecord.objects.filter(
        maker_index__in={index for mine in makers.values() for index in mine}
    )
    false: defaultdict[bytes, set[UUID]] = defaultdict(set)
    for index, commitment_id in found.values_list("maker_index", "commitment_id"):
        false[bytes(index)].add(commitment_id)
    return {
        case_id: len(set().union(*(false[index] for index in mine)))
        for case_id, mine in makers.items()
    }


def makers_of(cases: Sequence[TitleCaseRecord]) -> dict[UUID, list[bytes]]:
    """Give the blind index of everybody who signs the commitments of each case of a community.

    Owners by their identity numbers, where these are known, so that they meet in every community;
    of a first registration the developer.
    """
    project_id = cases[0].project_id
    owned = {kept.household_id for kept in cases if kept.household_id is not None}
    people = people_of(project_id=project_id, household_ids=owned) if owned else {}
    makers = {}
    for kept in cases:
        if kept.household_id is None:
            makers[kept.id] = [_developer_index(project_id)]
            continue
        numbers = [one.identity_number for one in people.get(kept.household_id, ())]
        makers[kept.id] = [_index(number or str(kept.household_id)) for number in numbers or [""]]
    return makers


def _developer_index(project_id: UUID) -> bytes:
    terms = community_by_id(community_id=project_id).terms
    return _index(terms.developer_credit or terms.developer_name or str(project_id))


def lay_false_promise(kept: TitleCaseRecord, *, commitment_id: UUID, at: datetime) -> None:
    """Keep, for everybody who signed it, that a commitment was false."""
    FalsePromiseRecord.objects.bulk_create(
        FalsePromiseRecord(
            project_id=kept.project_id,
            id=new_id(),
            commitment_id=commitment_id,
            maker_index=index,
            found_at=at,
        )
        for index in makers_of([kept])[kept.id]
    )


def is_promise_broken(kept: TitleCaseRecord) -> bool:
    """Say whether a commitment of this case was found false."""
    return CommitmentRecord.objects.filter(
        project_id=kept.project_id, case_id=kept.id, state="false"
    ).exists()


def _index(who: str) -> bytes:
    return blind_index(kind="title-commitment", text=who)
