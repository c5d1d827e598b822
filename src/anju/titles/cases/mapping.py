"""Rows of title cases into what others see."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import cast

from anju.foundation.casework.calendars import current_calendar
from anju.foundation.casework.types import CaseRow
from anju.foundation.core.clock import city_time
from anju.titles.cases.models import (
    CommitmentRecord,
    RestrictionRecord,
    SampleRecord,
    TitleCaseRecord,
)
from anju.titles.cases.types import (
    CommitmentRow,
    Kind,
    RestrictionRow,
    SampleRow,
    Standing,
    TitleCaseRow,
)
from anju_rules.fees.reckoning import require_fact
from anju_rules.policy.types import plain
from anju_rules.restrictions import Restriction, RestrictionKind, stands_on
from anju_rules.values import Fact, exact_decimal


def title_case_from(kept: TitleCaseRecord, *, case: CaseRow | None) -> TitleCaseRow:
    """Give a title case's frozen row."""
    return TitleCaseRow(
        id=kept.id,
        project_id=kept.project_id,
        kind=cast("Kind", kept.kind),
        procedure=kept.procedure,
        home_id=kept.home_id,
        household_id=kept.household_id,
        facts=facts_from(kept.facts),
        standing=cast("Standing", kept.standing),
        owner_signed_at=kept.owner_signed_at,
        seller_signed_at=kept.seller_signed_at,
        alone_why=kept.alone_why,
        held_by=kept.held_by,
        opened_at=kept.opened_at,
        ended_at=kept.ended_at,
        was_overdue=kept.was_overdue,
        owed_until=kept.owed_until,
        warned_for=kept.warned_for,
        lapsed_at=kept.lapsed_at,
        case=case,
    )


def facts_from(told: Mapping[str, object]) -> dict[str, Fact]:
    """Read the facts of a home's fees as they are kept."""
    return {
        name: exact_decimal(value) if isinstance(value, str) else cast("int", value)
        for name, value in told.items()
    }


def written_facts(facts: Mapping[str, Fact]) -> dict[str, object]:
    """Write facts as they are kept; refuses with ``fees.fact-wrong`` what no fee reckons with."""
    for name, value in facts.items():
        require_fact(name, value)
    return {
        name: plain(value) if isinstance(value, Decimal) else value for name, value in facts.items()
    }


def restriction_row(kept: RestrictionRecord, *, on: date) -> RestrictionRow:
    """Give a restriction's frozen row, as it stands on a day."""
    restriction = restriction_from(kept)
    return RestrictionRow(
        id=kept.id,
        project_id=kept.project_id,
        home_id=kept.home_id,
        kind=restriction.kind,
        paper=kept.paper,
        from_on=kept.from_on,
        until_on=kept.until_on,
        for_household=kept.for_household,
        sued_on=kept.sued_on,
        lifted_at=kept.lifted_at,
        lift_why=kept.lift_why,
        stands=stands_on(restriction, on, calendar=current_calendar()),
    )


def restriction_from(kept: RestrictionRecord) -> Restriction:
    """Give a restriction as the rules judge it."""
    return Restriction(
        kind=RestrictionKind(kept.kind),
        from_on=kept.from_on,
        sued_on=kept.sued_on,
        lifted_on=None if kept.lifted_at is None else city_time(kept.lifted_at).date(),
        for_household=str(kept.for_household or ""),
    )


def commitment_from(kept: CommitmentRecord) -> CommitmentRow:
    """Give a commitment's frozen row."""
    return CommitmentRow(
        id=kept.id,
        project_id=kept.project_id,
        case_id=kept.case_id,
        material=kept.material,
        document_id=kept.document_id,
        signed_at=kept.signed_at,
        sample_id=kept.sample_id,
        state=kept.state,
        checked_at=kept.checked_at,
        finding=kept.finding,
    )


def sample_from(kept: SampleRecord) -> SampleRow:
    """Give a sample's frozen row; its secret only once it is opened."""
    return SampleRow(
        id=kept.id,
        project_id=kept.project_id,
        count=kept.count,
        lines=tuple((ticket, bound) for ticket, bound in kept.lines),
        terms=kept.terms,
        announcement=kept.announcement,
        secret_digest=kept.secret_digest,
        beacon=tuple(kept.beacon or ()),
        secret=kept.secret,
        drawn=tuple(kept.drawn),
        frozen_at=kept.frozen_at,
        drawn_at=kept.drawn_at,
    )
