"""The quality of homes, read: signatures, defects, and who answers; it holds no personal data."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from anju.resettlement.inventory.models import DefectRecord, ResponsibleRecord, SignatureRecord
from anju.resettlement.inventory.types import (
    DefectRow,
    QualityFile,
    ResponsibleRow,
    SignatureRow,
    UnitBrief,
    UnitRow,
)
from anju_rules.quality import Part, QualityTrace, Signer, Stage, judge_delivery

AnyUnit = TypeVar("AnyUnit", UnitRow, UnitBrief)
_SIGNED = {(str(stage), str(party)): (stage, party) for stage in Stage for party in Signer}


def files_of(*, project_id: UUID, units: Sequence[AnyUnit]) -> dict[UUID, QualityFile]:
    """Give the quality file of each home, in three statements however many there are."""
    ids = [unit.id for unit in units]
    signatures: defaultdict[UUID, list[SignatureRow]] = defaultdict(list)
    for signed in SignatureRecord.objects.filter(project_id=project_id, unit_id__in=ids).order_by(
        "signed_at", "id"
    ):
        signatures[signed.unit_id].append(
            SignatureRow(
                stage=Stage(signed.stage), party=Signer(signed.party), signed_at=signed.signed_at
            )
        )
    defects: defaultdict[UUID, list[DefectRow]] = defaultdict(list)
    for found in DefectRecord.objects.filter(project_id=project_id, unit_id__in=ids).order_by(
        "-reported_at", "id"
    ):
        defects[found.unit_id].append(_defect_from(found))
    responsible = responsible_of(project_id=project_id)
    return {
        unit.id: _file_of(unit, signatures[unit.id], defects[unit.id], responsible)
        for unit in units
    }


def traces_of(*, project_id: UUID, units: Sequence[AnyUnit]) -> dict[UUID, QualityTrace]:
    """Give the trace of each home as the rules see it, without who signed when."""
    ids = [unit.id for unit in units]
    signed: defaultdict[UUID, list[tuple[Stage, Signer]]] = defaultdict(list)
    signatures = SignatureRecord.objects.filter(project_id=project_id, unit_id__in=ids)
    for unit_id, stage, party in signatures.values_list("unit_id", "stage", "party"):
        signed[unit_id].append(_SIGNED[stage, party])
    defects = Counter(
        DefectRecord.objects.filter(
            project_id=project_id, unit_id__in=ids, accepted_at__isnull=True
        ).values_list("unit_id", flat=True)
    )
    responsible = responsible_of(project_id=project_id)
    answered = {
        place: frozenset(one.part for one in responsible if one.covers(home))
        for place, home in {_place(unit): unit.home for unit in units}.items()
    }
    return {
        unit.id: QualityTrace(
            signed=frozenset(signed[unit.id]),
            open_defects=defects[unit.id],
            answered=answered[_place(unit)],
        )
        for unit in units
    }


def responsible_of(*, project_id: UUID) -> tuple[ResponsibleRow, ...]:
    """Give everybody who was named for a project's buildings, the first first."""
    return tuple(
        ResponsibleRow(
            community=record.community,
            building=record.building,
            part=Part(record.part),
            organisation=record.organisation,
            responsible=record.responsible,
            named_at=record.named_at,
        )
        for record in ResponsibleRecord.objects.filter(project_id=project_id).order_by(
            "named_at", "id"
        )
    )


def open_defects_of(*, project_id: UUID) -> tuple[DefectRow, ...]:
    """Give the defects of a project that are not accepted as mended, the latest first."""
    return tuple(
        _defect_from(record)
        for record in DefectRecord.objects.filter(
            project_id=project_id, accepted_at__isnull=True
        ).order_by("-reported_at", "id")
    )


def missing_of(traces: Mapping[UUID, QualityTrace]) -> dict[UUID, frozenset[str]]:
    """Give the codes of what each home misses before it may be handed over; most are alike."""
    codes = {
        trace: frozenset(one.code for one in judge_delivery(trace=trace).unmet)
        for trace in set(traces.values())
    }
    return {unit_id: codes[trace] for unit_id, trace in traces.items()}


def _place(unit: UnitRow | UnitBrief) -> tuple[str, str]:
    return unit.home.community, unit.home.building


def _file_of(
    unit: UnitRow | UnitBrief,
    signatures: Sequence[SignatureRow],
    defects: Sequence[DefectRow],
    responsible: Sequence[ResponsibleRow],
) -> QualityFile:
    named = tuple(one for one in responsible if one.covers(unit.home))
    trace = QualityTrace(
        signed=frozenset((one.stage, one.party) for one in signatures),
        open_defects=sum(one.is_open for one in defects),
        answered=frozenset(one.part for one in named),
    )
    return QualityFile(
        trace=trace,
        signatures=tuple(signatures),
        defects=tuple(defects),
        responsible=named,
        delivery=judge_delivery(trace=trace),
    )


def _defect_from(record: DefectRecord) -> DefectRow:
    return DefectRow(
        id=record.id,
        unit_id=record.unit_id,
        what=record.what,
        reported_at=record.reported_at,
        mending=record.mending,
        mended_at=record.mended_at,
        accepted_at=record.accepted_at,
    )
