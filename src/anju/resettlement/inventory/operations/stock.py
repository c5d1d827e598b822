"""What is planned of a project's homes: terms, lots, grades, and what is kept for whom."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from django.db import connections

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.crypto import new_id
from anju.foundation.policies.queries import rule_set_in_force
from anju.resettlement.inventory.changing import note_changes, tell_values
from anju.resettlement.inventory.mapping import told_terms
from anju.resettlement.inventory.models import FacilityRecord, LotRecord, StockTermsRecord
from anju.resettlement.inventory.queries import units_by_ids
from anju.resettlement.inventory.types import UnitRow
from anju.resettlement.projects.queries import project_by_id
from anju_rules.inventory import (
    GRADES,
    Lot,
    StockTerms,
    judge_grades,
    judge_regrading,
    judge_reservation,
)
from anju_rules.notices import refuse_personal_text
from anju_rules.provision import Facility
from anju_rules.values import Refusal

LONGEST_NAME = 120
_GRADE = """
UPDATE inventory_unit SET quality_grade = %(quality)s, location_tier = %(location)s,
  amenity_tier = %(amenity)s, decided = decided || jsonb_build_object(
    'quality_grade', %(quality)s::text, 'location_tier', %(location)s::text,
    'amenity_tier', %(amenity)s::text)
WHERE project_id = %(project)s AND id = ANY (%(units)s)
"""
# Asked and changed in one statement: a home that is chosen meanwhile is not kept for anybody.
_RESERVE = """
UPDATE inventory_unit SET reserved_for = %(need)s,
  decided = decided || jsonb_build_object('reserved_for', %(need)s::text)
WHERE project_id = %(project)s AND id = ANY (%(units)s) AND state = 'free'
"""


@operation(
    permits="inventory.plan",
    action="inventory.terms.set",
    clauses=("plan/stock",),
    level=Secrecy.PUBLIC,
)
def set_stock_terms(*, project_id: UUID, terms: StockTerms, by: Actor, at: datetime) -> None:
    """Set what a project's stock is measured by; the terms before stay in the ledger.

    Refuses with ``inventory.terms-wrong`` shares that do not come to 100, a figure below 0, and a
    reserve that is complete before it is confirmed or confirmed before the decision.
    """
    del by
    _check_terms(terms)
    told = told_terms(terms)
    record(target=project_id, project_id=project_id, body={"terms": told})
    kept = StockTermsRecord.objects.filter(project_id=project_id)
    if not kept.update(terms=told, set_at=at):
        StockTermsRecord.objects.create(project_id=project_id, id=new_id(), terms=told, set_at=at)


@operation(
    permits="inventory.plan",
    action="inventory.lot.stored",
    clauses=("plan/stock",),
    level=Secrecy.PUBLIC,
)
def store_lot(*, project_id: UUID, lot: Lot, by: Actor, at: datetime) -> None:
    """Note a lot, or what has become of it: its source, how many homes, where, ready when (INV-2).

    Refuses with ``inventory.lot-wrong`` one without a name or with fewer than 0 homes.
    """
    del by, at
    if not lot.name.strip() or lot.homes < 0:
        raise Refusal("inventory.lot-wrong", name=lot.name, homes=lot.homes)
    told: dict[str, object] = {
        "source": str(lot.source),
        "homes": lot.homes,
        "district": lot.district,
        "ready_on": "" if lot.ready_on is None else lot.ready_on.isoformat(),
    }
    kept = LotRecord.objects.filter(project_id=project_id, name=lot.name)
    lot_id = kept.values_list("id", flat=True).first() or new_id()
    record(target=lot_id, project_id=project_id, body={"name": lot.name, **told})
    LotRecord.objects.update_or_create(
        project_id=project_id,
        name=lot.name,
        defaults={**told, "ready_on": lot.ready_on},
        create_defaults={**told, "ready_on": lot.ready_on, "id": lot_id},
    )


@operation(
    permits="inventory.plan",
    action="inventory.facility.recorded",
    clauses=("plan/stock",),
    level=Secrecy.PUBLIC,
)
def record_facility(*, project_id: UUID, facility: Facility, by: Actor, at: datetime) -> None:
    """Note a school or a clinic and the homes it is there for, or what has become of it (INV-9).

    One kind and name is one facility: what was said of it before stays in the ledger. Refuses with
    ``inventory.facility-wrong`` one without a name, or with a figure below 0, and with
    ``notices.personal-text``.
    """
    del by, at
    figures = (facility.places or 0, facility.distance_m or 0)
    if not facility.name.strip() or len(facility.name) > LONGEST_NAME or min(figures) < 0:
        raise Refusal("inventory.facility-wrong", name=facility.name)
    refuse_personal_text(facility.name, where="name")
    told = {
        "community": facility.community,
        "buildings": list(facility.buildings),
        "places": facility.places,
        "distance_m": facility.distance_m,
    }
    day = "" if facility.ready_on is None else facility.ready_on.isoformat()
    kept = FacilityRecord.objects.filter(
        project_id=project_id, kind=str(facility.kind), name=facility.name
    )
    facility_id = kept.values_list("id", flat=True).first() or new_id()
    record(
        target=facility_id,
        project_id=project_id,
        body={"kind": str(facility.kind), "name": facility.name, **told, "ready_on": day},
    )
    FacilityRecord.objects.update_or_create(
        project_id=project_id,
        kind=str(facility.kind),
        name=facility.name,
        defaults={**told, "ready_on": facility.ready_on},
        create_defaults={**told, "ready_on": facility.ready_on, "id": facility_id},
    )


@operation(
    permits="inventory.grade",
    action="inventory.units.graded",
    clauses=("plan/stock",),
    level=Secrecy.PUBLIC,
)
def grade_units(
    *,
    project_id: UUID,
    unit_ids: Collection[UUID],
    grades: Mapping[str, str],
    reason: str,
    by: Actor,
    at: datetime,
) -> None:
    """Grade homes on the three axes (INV-3); a later unit table does not change it back.

    ``grades`` names all three: ``quality_grade``, ``location_tier``, ``amenity_tier``. Once the
    register is frozen for the draw, a home that has its quality or its location keeps it: wishes
    rest on them, and everybody's place in the order is known. What lies around may still be graded
    anew as it is built. Refuses with ``inventory.unknown-grade``, ``inventory.reason-missing``,
    ``inventory.no-home-named``, ``inventory.unknown-unit`` and ``inventory.grades-frozen``.
    """
    del by, at
    judge_grades(grades=grades).raise_if_unmet()
    if not reason.strip():
        raise Refusal("inventory.reason-missing")
    units = _named(project_id, unit_ids)
    if project_by_id(project_id=project_id).register_frozen_at is not None:
        for unit in units:
            judge_regrading(
                unit=unit.number, before={axis: getattr(unit, axis) for axis in GRADES}, now=grades
            ).raise_if_unmet()
    before = tell_values(project_id=project_id, unit_ids=unit_ids)
    receipt = record(
        target=_target_of(units, project_id),
        project_id=project_id,
        body={**_told_units(units), "grades": dict(sorted(grades.items())), "reason": reason},
    )
    with connections["default"].cursor() as cursor:
        cursor.execute(
            _GRADE,
            {
                "quality": grades["quality_grade"],
                "location": grades["location_tier"],
                "amenity": grades["amenity_tier"],
                "project": project_id,
                "units": [unit.id for unit in units],
            },
        )
    note_changes(project_id=project_id, before=before, cause_id=receipt.event_id)


@operation(
    permits="inventory.reserve",
    action="inventory.units.reserved",
    clauses=("plan/stock", "plan/needs"),
    signs=2,
    level=Secrecy.PUBLIC,
)
def reserve_units(
    *,
    project_id: UUID,
    unit_ids: Collection[UUID],
    need: str,
    by: Actor,
    second: Actor,
    at: datetime,
) -> None:
    """Keep homes for a need, all of them or none; with no need, give them back to everybody.

    Two people sign, and only while no draw rests on the register: whoever stands in the order
    already would gain or lose by it. What is left opens by the plan's own rule, so the plan must
    state one. Refuses with ``inventory.reservations-frozen``, ``inventory.rules-not-frozen``,
    ``inventory.need-without-rule``, ``inventory.opening-not-published``,
    ``inventory.home-not-fit``, ``inventory.no-home-named``, ``inventory.unknown-unit`` and
    ``inventory.unit-not-free``.
    """
    del by, second, at
    if project_by_id(project_id=project_id).register_frozen_at is not None:
        raise Refusal("inventory.reservations-frozen")
    in_force = rule_set_in_force(project_id=project_id)
    if in_force is None:
        raise Refusal("inventory.rules-not-frozen")
    units = _named(project_id, unit_ids)
    for unit in units if need else ():
        judge_reservation(home=unit.home, need=need, rules=in_force.rules).raise_if_unmet()
    before = tell_values(project_id=project_id, unit_ids=unit_ids)
    receipt = record(
        target=_target_of(units, project_id),
        project_id=project_id,
        body={**_told_units(units), "need": need, "rules_version": in_force.version},
    )
    with connections["default"].cursor() as cursor:
        cursor.execute(
            _RESERVE,
            {"need": need, "project": project_id, "units": [unit.id for unit in units]},
        )
        if cursor.rowcount != len(units):
            raise Refusal("inventory.unit-not-free", wanted=len(units), free=cursor.rowcount)
    note_changes(project_id=project_id, before=before, cause_id=receipt.event_id)


def _check_terms(terms: StockTerms) -> None:
    figures = (
        *terms.shares.values(),
        *(terms.confirm_days, terms.complete_days, terms.barrier_free_margin, terms.lift_margin),
        *(terms.supported_share, terms.rental_least, terms.rental_most),
    )
    known = [
        day
        for day in (terms.decided_on, terms.reserve_confirmed_on, terms.reserve_completed_on)
        if day is not None
    ]
    is_undecided = terms.decided_on is None and len(known) > 0
    is_in_order = known == sorted(known) and not is_undecided
    if sum(terms.shares.values()) != 100 or min(figures) < 0 or not is_in_order:
        raise Refusal("inventory.terms-wrong", shares=sum(terms.shares.values()))


def _named(project_id: UUID, unit_ids: Collection[UUID]) -> list[UnitRow]:
    if not unit_ids:
        raise Refusal("inventory.no-home-named")
    return units_by_ids(project_id=project_id, unit_ids=unit_ids)


def _target_of(units: Collection[UnitRow], project_id: UUID) -> UUID:
    """One home's own history names the act; of several, the project's does."""
    return next(iter(units)).id if len(units) == 1 else project_id


def _told_units(units: Collection[UnitRow]) -> dict[str, object]:
    return {"units": [unit.told for unit in units]}
