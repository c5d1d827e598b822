"""Reads of title cases: inside a context (``reading`` or an operation), else no row is seen."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.casework.queries import cases_across
from anju.foundation.casework.types import CaseRow
from anju.foundation.core.clock import city_time
from anju.titles.cases import fees
from anju.titles.cases.mapping import (
    commitment_from,
    restriction_row,
    sample_from,
    title_case_from,
)
from anju.titles.cases.models import (
    CommitmentRecord,
    RestrictionRecord,
    SampleRecord,
    TitleCaseRecord,
)
from anju.titles.cases.types import (
    CommitmentRow,
    FeesRow,
    OnTimeCounts,
    RestrictionRow,
    SampleRow,
    TitleCaseRow,
    VersionCounts,
)
from anju_rules.values import Refusal

LONGEST_PAGE = 200


def title_case(*, project_id: UUID, case_id: UUID) -> TitleCaseRow:
    """Give a title case with its case; refuses with ``titlecases.unknown-case``."""
    found = find_title_case(project_id=project_id, case_id=case_id)
    if found is None:
        raise Refusal("titlecases.unknown-case")
    return found


def find_title_case(
    *, project_id: UUID, case_id: UUID, case: CaseRow | None = None
) -> TitleCaseRow | None:
    """Give a title case with its case, if this is one; ``case`` is told by who has read it."""
    found = TitleCaseRecord.objects.filter(project_id=project_id, id=case_id)
    if case is not None:
        return next((title_case_from(one, case=case) for one in found), None)
    return next(iter(_rows(found)), None)


def is_held(case: CaseRow) -> bool:
    """Whether a restriction or a dispute keeps a case standing still."""
    held = TitleCaseRecord.objects.filter(
        project_id=case.project_id, id=case.id, held_by__isnull=False
    )
    return held.exists()


def title_case_home(*, project_id: UUID, case_id: UUID, by: Actor) -> UUID:
    """Give the home of a transfer; refuses with ``communities.unknown-home`` where it has none."""
    with reading(by=by):
        home_id = title_case(project_id=project_id, case_id=case_id).home_id
    if home_id is None:
        raise Refusal("communities.unknown-home", home="")
    return home_id


def title_cases_of(
    *,
    project_id: UUID,
    home_id: UUID | None = None,
    household_id: UUID | None = None,
    with_cases: bool = True,
) -> list[TitleCaseRow]:
    """Give a community's title cases, or one home's or its owners'; the newest first.

    Without ``with_cases`` only this context's rows, in one statement.
    """
    found = TitleCaseRecord.objects.filter(project_id=project_id)
    if home_id is not None:
        found = found.filter(home_id=home_id)
    if household_id is not None:
        found = found.filter(household_id=household_id)
    found = found.order_by("-opened_at", "id")
    return _rows(found) if with_cases else [title_case_from(one, case=None) for one in found]


def open_title_cases(*, project_id: UUID, limit: int = LONGEST_PAGE) -> list[TitleCaseRow]:
    """Give the open title cases of a community, the oldest first, those of one moment by number."""
    found = TitleCaseRecord.objects.filter(project_id=project_id, standing="open")
    rows = _rows(found.order_by("opened_at", "id")[:limit])
    return sorted(rows, key=lambda row: (row.opened_at, row.case.number if row.case else ""))


def count_open_cases(*, community_ids: Collection[UUID]) -> dict[UUID, int]:
    """Count the open title cases of each of these communities; one without any is left out."""
    found = TitleCaseRecord.objects.filter(project_id__in=list(community_ids), standing="open")
    return dict(found.values_list("project_id").annotate(cases=Count("id")))


def lapsed_title_cases(*, limit: int = LONGEST_PAGE) -> list[TitleCaseRow]:
    """Give the open cases whose owed material did not come, the longest owed first."""
    found = _owing().filter(lapsed_at__isnull=False)
    return _rows(found.order_by("owed_until", "id")[:limit])


def owing_title_cases(*, limit: int = LONGEST_PAGE) -> list[TitleCaseRow]:
    """Give the open cases that owe a material whose time is not over, the first due first."""
    found = _owing().filter(lapsed_at=None)
    return _rows(found.order_by("owed_until", "id")[:limit])


def fees_of(*, project_id: UUID, case_id: UUID, at: datetime) -> FeesRow:
    """Give what a case owes today, with its receipts; refuses ``titlecases.unknown-case``."""
    kept = TitleCaseRecord.objects.filter(project_id=project_id, id=case_id).first()
    if kept is None:
        raise Refusal("titlecases.unknown-case")
    return fees.fees_of(kept, on=city_time(at).date())


def restrictions_of(*, project_id: UUID, home_id: UUID, at: datetime) -> list[RestrictionRow]:
    """Give what stands or stood against a home, what stands first."""
    found = RestrictionRecord.objects.filter(project_id=project_id, home_id=home_id)
    rows = [restriction_row(one, on=city_time(at).date()) for one in found.order_by("-from_on")]
    return sorted(rows, key=lambda row: not row.stands)


def commitments_of(
    *, project_id: UUID, case_id: UUID | None = None, state: str = ""
) -> list[CommitmentRow]:
    """Give the commitments of a community, or of one case; the first first."""
    found = CommitmentRecord.objects.filter(project_id=project_id)
    if case_id is not None:
        found = found.filter(case_id=case_id)
    if state:
        found = found.filter(state=state)
    return [commitment_from(one) for one in found.order_by("signed_at", "id")]


def samples_of(*, project_id: UUID) -> list[SampleRow]:
    """Give a community's samples, the newest first."""
    found = SampleRecord.objects.filter(project_id=project_id).order_by("-frozen_at")
    return [sample_from(one) for one in found]


def on_time_counts(
    *, at: datetime, project_ids: Collection[UUID] | None = None, since_on: date | None = None
) -> OnTimeCounts:
    """Count the title cases, and among them those that ran over their limit, ended or open.

    ``project_ids`` narrows it to some communities, ``since_on`` to cases that ended since or are
    open. A case that stands still runs over nothing; one not yet accepted is not counted.
    """
    found = TitleCaseRecord.objects.all()
    if project_ids is not None:
        found = found.filter(project_id__in=list(project_ids))
    today = city_time(at).date()
    ended = Q(was_overdue__isnull=False)
    if since_on is not None:
        ended &= Q(ended_at__date__gte=since_on)
    runs = Q(standing="open", due_on__isnull=False)
    counted = found.aggregate(
        cases=Count("id", filter=ended | runs),
        overdue=Count("id", filter=(ended & Q(was_overdue=True)) | (runs & Q(due_on__lt=today))),
    )
    return OnTimeCounts(cases=counted["cases"], overdue=counted["overdue"], since_on=since_on)


def count_versions(*, at: datetime) -> list[VersionCounts]:
    """Count the cases in sight by procedure: open, ended how, and how many ran over."""
    today = city_time(at).date()
    runs = Q(standing="open", due_on__isnull=False)
    found = (
        TitleCaseRecord.objects.values("procedure")
        .annotate(
            open=Count("id", filter=Q(standing="open")),
            done=Count("id", filter=Q(standing="done")),
            refused=Count("id", filter=Q(standing="refused")),
            held=Count("id", filter=Q(standing="open", held_by__isnull=False)),
            owing=Count("id", filter=Q(standing="open", owed_until__isnull=False)),
            timed=Count("id", filter=Q(was_overdue__isnull=False) | runs),
            overdue=Count("id", filter=Q(was_overdue=True) | Q(standing="open", due_on__lt=today)),
        )
        .order_by("procedure")
    )
    return [VersionCounts(**row) for row in found]


def _owing() -> QuerySet[TitleCaseRecord]:
    """Give the open cases that owe something; what lapsed is owed still."""
    return TitleCaseRecord.objects.filter(standing="open", owed_until__isnull=False)


def _rows(records: Iterable[TitleCaseRecord]) -> list[TitleCaseRow]:
    kept = list(records)
    cases = cases_across(
        project_ids={one.project_id for one in kept}, case_ids=[one.id for one in kept]
    )
    return [title_case_from(one, case=cases.get(one.id)) for one in kept]
