"""How the homes were made: three parties' signatures, defects, who answers for life (INV-6)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.crypto import new_id
from anju.resettlement.inventory.models import (
    DefectRecord,
    ResponsibleRecord,
    SignatureRecord,
    UnitRecord,
)
from anju.resettlement.inventory.queries import units_by_ids
from anju.resettlement.inventory.tracing import traces_of
from anju.resettlement.inventory.types import DefectRow
from anju_rules.notices import refuse_personal_text
from anju_rules.quality import (
    SIGNER_OF_ROLE,
    Part,
    Stage,
    judge_acceptance,
    judge_signature,
)
from anju_rules.values import Refusal

LONGEST_TEXT = 500


@operation(
    permits="inventory.sign",
    action="inventory.stage.signed",
    clauses=("plan/quality",),
    level=Secrecy.PUBLIC,
)
def sign_stage(
    *, project_id: UUID, unit_ids: Collection[UUID], stage: Stage, by: Actor, at: datetime
) -> None:
    """Sign one stage of these homes, all of them or none, for the party one's role stands for.

    Refuses with ``inventory.not-a-party``, ``inventory.stage-too-early``,
    ``inventory.signed-already``, ``inventory.defect-open``, ``inventory.no-home-named`` and
    ``inventory.unknown-unit``.
    """
    signer = SIGNER_OF_ROLE.get(by.role)
    if signer is None:
        raise Refusal("inventory.not-a-party", role=by.role)
    units = units_by_ids(project_id=project_id, unit_ids=unit_ids)
    if not units:
        raise Refusal("inventory.no-home-named")
    traces = traces_of(project_id=project_id, units=units)
    for unit in units:
        judge_signature(trace=traces[unit.id], stage=stage, signer=signer).raise_if_unmet()
    record(
        target=units[0].id if len(units) == 1 else project_id,
        project_id=project_id,
        body={
            "stage": str(stage),
            "party": str(signer),
            "units": [unit.told for unit in units],
        },
    )
    SignatureRecord.objects.bulk_create(
        SignatureRecord(
            project_id=project_id,
            id=new_id(),
            unit_id=unit.id,
            stage=str(stage),
            party=str(signer),
            signed_by=by.id,
            signed_at=at,
        )
        for unit in units
    )


@operation(
    permits="inventory.report",
    action="inventory.defect.reported",
    clauses=("plan/quality",),
    level=Secrecy.PUBLIC,
)
def report_defect(
    *, project_id: UUID, unit_id: UUID, what: str, by: Actor, at: datetime
) -> DefectRow:
    """Note a defect; from this moment nobody can choose the home, and every screen shows it held.

    A home that is chosen already stays its household's: it is not handed over before the defect is
    mended. Refuses with ``inventory.text-wrong``, ``notices.personal-text`` and
    ``inventory.unknown-unit``.
    """
    _check_text(what)
    (unit,) = units_by_ids(project_id=project_id, unit_ids=[unit_id])
    # Locked first: a mending that is accepted in this moment does not bring the home back past us.
    UnitRecord.objects.select_for_update().get(project_id=project_id, id=unit_id)
    is_out = UnitRecord.objects.filter(
        project_id=project_id, id=unit_id, state__in=("free", "reserved")
    ).update(state="held")
    made = DefectRecord(
        project_id=project_id,
        id=new_id(),
        unit_id=unit_id,
        what=what,
        reported_role=by.role,
        reported_at=at,
    )
    record(
        target=unit_id,
        project_id=project_id,
        body={
            "defect": str(made.id),
            "unit": str(unit.number),
            "what": what,
            "out_of_choosing": bool(is_out),
        },
    )
    made.save(force_insert=True)
    return DefectRow(id=made.id, unit_id=unit_id, what=what, reported_at=at)


@operation(
    permits="inventory.mend",
    action="inventory.defect.mended",
    clauses=("plan/quality",),
    level=Secrecy.PUBLIC,
)
def note_mending(
    *, project_id: UUID, defect_id: UUID, mending: str, by: Actor, at: datetime
) -> None:
    """Note that a defect is mended, and how; the home stays out until it is accepted.

    Refuses with ``inventory.unknown-defect``, ``inventory.defect-not-so`` where it is mended
    already, ``inventory.text-wrong`` and ``notices.personal-text``.
    """
    del by
    _check_text(mending)
    defect = _defect(project_id, defect_id)
    noted = DefectRecord.objects.filter(
        project_id=project_id, id=defect_id, mended_at__isnull=True
    ).update(mending=mending, mended_at=at)
    if not noted:
        raise Refusal("inventory.defect-not-so")
    record(
        target=defect.unit_id,
        project_id=project_id,
        body={"defect": str(defect_id), "mending": mending},
    )


@operation(
    permits="inventory.sign",
    action="inventory.defect.accepted",
    clauses=("plan/quality",),
    signs=2,
    level=Secrecy.PUBLIC,
)
def accept_mending(
    *, project_id: UUID, defect_id: UUID, by: Actor, second: Actor, at: datetime
) -> bool:
    """Accept a mending: the supervisor and a representative of the households, not the builder.

    Gives whether the home can be chosen again: it was held, and no other defect is open. Refuses
    with ``inventory.unknown-defect``, ``inventory.acceptors-wrong`` and
    ``inventory.defect-not-so`` where it is not mended yet, or accepted already.
    """
    judge_acceptance(roles=(by.role, second.role)).raise_if_unmet()
    defect = _defect(project_id, defect_id)
    # The home's row is locked first: a defect reported meanwhile waits, or is counted below.
    UnitRecord.objects.select_for_update().get(project_id=project_id, id=defect.unit_id)
    accepted = DefectRecord.objects.filter(
        project_id=project_id,
        id=defect_id,
        mended_at__isnull=False,
        accepted_at__isnull=True,
    ).update(accepted_at=at)
    if not accepted:
        raise Refusal("inventory.defect-not-so")
    is_back = False
    if not DefectRecord.objects.filter(
        project_id=project_id, unit_id=defect.unit_id, accepted_at__isnull=True
    ).exists():
        is_back = bool(
            UnitRecord.objects.filter(
                project_id=project_id, id=defect.unit_id, state="held"
            ).update(state="free")
        )
    record(
        target=defect.unit_id,
        project_id=project_id,
        body={"defect": str(defect_id), "back_in_choosing": is_back},
    )
    return is_back


@operation(
    permits="inventory.plan",
    action="inventory.responsible.named",
    clauses=("plan/quality",),
    level=Secrecy.PUBLIC,
)
def name_responsible(
    *,
    project_id: UUID,
    community: str,
    building: str,
    part: Part,
    organisation: str,
    responsible: str,
    by: Actor,
    at: datetime,
) -> None:
    """Name the company and the person of it who answer for a part of a building for life.

    Empty ``community`` or ``building``: for all of them. Nobody named is ever taken out again;
    whoever is named later stands beside. Refuses with ``inventory.text-wrong`` and
    ``notices.personal-text``.
    """
    del by
    _check_text(organisation)
    _check_text(responsible)
    made = ResponsibleRecord(
        project_id=project_id,
        id=new_id(),
        community=community,
        building=building,
        part=str(part),
        organisation=organisation,
        responsible=responsible,
        named_at=at,
    )
    record(
        target=made.id,
        project_id=project_id,
        body={
            "community": community,
            "building": building,
            "part": str(part),
            "organisation": organisation,
            "responsible": responsible,
        },
    )
    made.save(force_insert=True)


def _check_text(text: str) -> None:
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise Refusal("inventory.text-wrong", most=LONGEST_TEXT)
    refuse_personal_text(text, where="text")


def _defect(project_id: UUID, defect_id: UUID) -> DefectRecord:
    found = DefectRecord.objects.filter(project_id=project_id, id=defect_id).first()
    if found is None:
        raise Refusal("inventory.unknown-defect")
    return found
