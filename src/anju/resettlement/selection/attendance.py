"""What is read of attendance: plans of batches, mandates, absences, exchanges.

Mandates and absences are shown by row security to officers of the project and to the household
itself: call these inside a reading, or inside an operation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import cast
from uuid import UUID

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.core.sealing import FieldPlace, SealedField, open_unless_erased
from anju.foundation.notices.queries import notice_by_id
from anju.resettlement.inventory.queries import units_by_ids
from anju.resettlement.offline.plan_terms import read_plan_days
from anju.resettlement.offline.plan_text import Section
from anju.resettlement.projects.queries import project_by_id
from anju.resettlement.selection import mapping
from anju.resettlement.selection.attendance_models import (
    AbsenceRecord,
    BatchPlanRecord,
    ExchangeRecord,
    MandateRecord,
)
from anju.resettlement.selection.attendance_types import (
    AbsenceRow,
    BatchPlanRow,
    ExchangeRow,
    ExchangeState,
    MandateRow,
    SwapSide,
)
from anju.resettlement.selection.models import PlaceRecord
from anju.resettlement.selection.tiles import tile_of
from anju.resettlement.selection.types import HomeTile, TurnRow
from anju_rules.masking import mask_identity_number, mask_name
from anju_rules.selection import LiveTurn, TurnState, may_defer

MANDATES = "selection_mandate"


def plan_days_of(*, project_id: UUID) -> int:
    """Give how many calendar days a batch's plan must be out, as the project's plan says."""
    told = project_by_id(project_id=project_id).plan.get("batches")
    return read_plan_days(Section(name="batches", values=told if isinstance(told, dict) else {}))


def counts(*, project_id: UUID) -> bool:
    """Whether the order of a project counts: none of its draws is a rehearsal."""
    return not mapping.is_rehearsal(project_id)


def batch_plans(*, project_id: UUID) -> dict[int, BatchPlanRow]:
    """Give the newest plan of every batch that has one, withdrawn ones too."""
    records = BatchPlanRecord.objects.filter(project_id=project_id, replaced_at__isnull=True)
    return {record.batch: _plan_row(record) for record in records}


def find_batch_plan(*, project_id: UUID, batch: int) -> BatchPlanRow | None:
    """Give the newest plan of a batch; None where none was published, or it was withdrawn."""
    record = BatchPlanRecord.objects.filter(
        project_id=project_id, batch=batch, replaced_at__isnull=True
    ).first()
    row = None if record is None else _plan_row(record)
    return None if row is None or row.is_withdrawn else row


def mandates_of(*, project_id: UUID) -> list[MandateRow]:
    """Give a project's mandates, the newest first, revoked ones too."""
    records = MandateRecord.objects.filter(project_id=project_id).order_by("-registered_at", "id")
    return _mandate_rows(list(records))


def find_mandate(*, project_id: UUID, household_id: UUID) -> MandateRow | None:
    """Give the mandate of a household that is not revoked; it may have run out."""
    records = MandateRecord.objects.filter(
        project_id=project_id, household_id=household_id, revoked_at__isnull=True
    )
    return next(iter(_mandate_rows(list(records[:1]))), None)


def may_act_by_mandate(*, project_id: UUID, account_id: UUID, day: date) -> bool:
    """Whether a proxy's account may act on ``day``: its mandate stands and has not run out."""
    return MandateRecord.objects.filter(
        project_id=project_id,
        account_id=account_id,
        revoked_at__isnull=True,
        valid_until__gte=day,
    ).exists()


def absences_of(*, project_id: UUID) -> list[AbsenceRow]:
    """Give the absences of a project that stand, the newest first."""
    records = AbsenceRecord.objects.filter(project_id=project_id, ended_at__isnull=True)
    return [_absence_row(record) for record in records.order_by("-declared_at", "id")]


def find_absence(*, project_id: UUID, household_id: UUID) -> AbsenceRow | None:
    """Give the absence that a household declared, if it stands."""
    record = AbsenceRecord.objects.filter(
        project_id=project_id, household_id=household_id, ended_at__isnull=True
    ).first()
    return None if record is None else _absence_row(record)


def may_follow_wishes(*, project_id: UUID, household_id: UUID, by: Actor) -> bool:
    """Whether homes may be named for a household because it wished for them, in its absence.

    It has asked for that; in a rehearsal everybody is taken to have.
    """
    with reading(by=by):
        is_absent = find_absence(project_id=project_id, household_id=household_id) is not None
    return is_absent or mapping.is_rehearsal(project_id)


def exchanges_of(*, project_id: UUID, household_id: UUID | None = None) -> list[ExchangeRow]:
    """Give a project's exchanges, or those of one household, the newest first."""
    records = ExchangeRecord.objects.filter(project_id=project_id).order_by("-proposed_at", "id")
    if household_id is not None:
        records = records.filter(proposer_id=household_id) | records.filter(other_id=household_id)
    return _exchange_rows(project_id, list(records))


def exchange_by_id(*, project_id: UUID, exchange_id: UUID) -> ExchangeRow | None:
    """Give an exchange, if there is one."""
    records = ExchangeRecord.objects.filter(project_id=project_id, id=exchange_id)
    return next(iter(_exchange_rows(project_id, list(records))), None)


def is_deferrable(*, turn: TurnRow) -> bool:
    """Whether a household may still let the others of its batch go first."""
    live = LiveTurn(place=turn.place, state=TurnState(turn.state), has_come_back=turn.has_come_back)
    return may_defer(turn=live, rules=mapping.rules_of(turn.project_id))


def _plan_row(record: BatchPlanRecord) -> BatchPlanRow:
    notice = notice_by_id(project_id=record.project_id, notice_id=record.notice_id)
    return BatchPlanRow(
        id=record.id,
        batch=record.batch,
        notice_id=record.notice_id,
        notice_number=notice.number,
        begins_at=record.begins_at,
        place_of_meeting=record.place_of_meeting,
        desks=record.desks,
        is_remote_allowed=record.is_remote_allowed,
        turn_seconds=record.turn_seconds,
        to_bring=record.to_bring,
        published_at=record.published_at,
        event_id=record.event_id,
        is_withdrawn=notice.withdrawn_at is not None,
    )


def _mandate_rows(records: Sequence[MandateRecord]) -> list[MandateRow]:
    """Open and mask; of an erased household nothing is left to show."""
    texts = iter(
        open_unless_erased(
            fields=[
                SealedField(
                    place=FieldPlace(record.household_id, MANDATES, record.id, column),
                    sealed=bytes(sealed),
                )
                for record in records
                for column, sealed in (
                    ("name_sealed", record.name_sealed),
                    ("identity_sealed", record.identity_sealed),
                )
            ]
        )
    )
    return [
        MandateRow(
            id=record.id,
            household_id=record.household_id,
            account_id=record.account_id,
            proxy_name=_masked(mask_name, next(texts)),
            identity_number=_masked(mask_identity_number, next(texts)),
            document_id=record.document_id,
            valid_until=record.valid_until,
            registered_at=record.registered_at,
            event_id=record.event_id,
            revoked_at=record.revoked_at,
        )
        for record in records
    ]


def _masked(mask: Callable[[str], str], text: str) -> str:
    return mask(text) if text else ""


def _absence_row(record: AbsenceRecord) -> AbsenceRow:
    return AbsenceRow(
        id=record.id,
        household_id=record.household_id,
        declared_at=record.declared_at,
        event_id=record.event_id,
        is_by_paper=record.document_id is not None,
    )


def _exchange_rows(project_id: UUID, records: Sequence[ExchangeRecord]) -> list[ExchangeRow]:
    households = {one for record in records for one in (record.proposer_id, record.other_id)}
    places = {
        place.household_id: place
        for place in PlaceRecord.objects.filter(project_id=project_id, household_id__in=households)
    }
    named = {UUID(unit) for row in records for unit in (*row.proposer_units, *row.other_units)}
    tiles = {
        unit.id: tile_of(unit, taken_by=None, opened_needs=frozenset())
        for unit in units_by_ids(project_id=project_id, unit_ids=named)
    }
    return [
        ExchangeRow(
            id=record.id,
            batch=record.batch,
            state=cast("ExchangeState", record.state),
            proposer=_side(places[record.proposer_id], record.proposer_units, tiles),
            other=_side(places[record.other_id], record.other_units, tiles),
            proposed_at=record.proposed_at,
            accepted_at=record.accepted_at,
            ended_at=record.ended_at,
            event_id=record.event_id,
        )
        for record in records
    ]


def _side(place: PlaceRecord, units: Iterable[str], tiles: dict[UUID, HomeTile]) -> SwapSide:
    return SwapSide(
        household_id=place.household_id,
        place=place.place,
        ticket=place.ticket,
        masked_name=place.masked_name,
        homes=tuple(tiles[UUID(unit)] for unit in units),
    )
