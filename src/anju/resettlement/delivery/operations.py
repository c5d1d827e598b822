"""Writes of delivery: a hand-over is prepared, and both sides sign it."""

from __future__ import annotations

import re
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import city_time
from anju.foundation.core.crypto import new_id
from anju.resettlement.delivery.mapping import hand_over_from
from anju.resettlement.delivery.models import HandOverRecord
from anju.resettlement.delivery.queries import holders_of
from anju.resettlement.delivery.types import HandOverRow, MeterReadings
from anju.resettlement.inventory.queries import quality_file
from anju_rules.quality import judge_delivery
from anju_rules.values import Refusal

_CLAUSES = ("development-rules/17", "order-590/25")
_READING = re.compile(r"[0-9]{1,7}(\.[0-9]{1,3})?")
_MOST_KEYS = 100


@operation(permits="delivery.keep", action="delivery.hand-over.prepared", clauses=_CLAUSES)
def prepare_hand_over(
    *,
    project_id: UUID,
    unit_id: UUID,
    accepted_on: date,
    promised_on: date | None,
    keys: int,
    readings: MeterReadings,
    by: Actor,
    at: datetime,
) -> HandOverRow:
    """Prepare a home's hand-over to the household that holds it: keys and meters as both will sign.

    Refuses with ``delivery.nobody-holds-it``, ``delivery.not-accepted`` (accepted on a day that has
    not come), ``delivery.reading-malformed``, ``delivery.keys-unclear``, ``delivery.begun-already``
    and, for a home whose quality trace misses something, with the codes of
    :func:`anju_rules.quality.judge_delivery`.
    """
    del by
    holder = holders_of(project_id=project_id).get(unit_id)
    if holder is None:
        raise Refusal("delivery.nobody-holds-it")
    if accepted_on > city_time(at).date():
        raise Refusal("delivery.not-accepted", clause="development-rules/17", day=accepted_on)
    judge_delivery(
        trace=quality_file(project_id=project_id, unit_id=unit_id).trace
    ).raise_if_unmet()
    for name in ("water", "power", "gas"):
        told = getattr(readings, name)
        if not _READING.fullmatch(told) and (told or name != "gas"):
            raise Refusal("delivery.reading-malformed", meter=name)
    if not 1 <= keys <= _MOST_KEYS:
        raise Refusal("delivery.keys-unclear", most=_MOST_KEYS)
    kept = HandOverRecord(
        project_id=project_id,
        id=new_id(),
        unit_id=unit_id,
        household_id=holder,
        accepted_on=accepted_on,
        promised_on=promised_on,
        keys=keys,
        water=readings.water,
        power=readings.power,
        gas=readings.gas,
        prepared_at=at,
    )
    try:
        kept.save(force_insert=True)
    except IntegrityError as error:
        if "delivery_unit_once" in str(error):
            raise Refusal("delivery.begun-already") from None
        raise
    record(target=kept.id, household_id=holder, body=_tell(kept))
    return hand_over_from(kept)


@operation(
    permits="delivery.sign",
    action="delivery.hand-over.signed",
    also=("delivery.home.handed-over",),
    clauses=_CLAUSES,
)
def sign_hand_over(*, project_id: UUID, hand_over_id: UUID, by: Actor, at: datetime) -> HandOverRow:
    """Sign for one's side; the second signature hands the home over, and its title sets out.

    Refuses with ``delivery.unknown-hand-over`` (also another household's), ``delivery.ended``,
    ``delivery.signed-already`` and ``delivery.holder-changed`` where the home went to somebody else
    meanwhile.
    """
    kept = _lock(project_id, hand_over_id)
    is_own = by.kind == "household"
    if is_own and kept.household_id != by.household_id:
        raise Refusal("delivery.unknown-hand-over")
    if kept.state != "prepared":
        raise Refusal("delivery.ended")
    if holders_of(project_id=project_id).get(kept.unit_id) != kept.household_id:
        raise Refusal("delivery.holder-changed")
    side = "household" if is_own else "office"
    if getattr(kept, f"{side}_signed_at") is not None:
        raise Refusal("delivery.signed-already")
    setattr(kept, f"{side}_signed_by", by.id)
    setattr(kept, f"{side}_signed_at", at)
    is_over = kept.office_signed_at is not None and kept.household_signed_at is not None
    if is_over:
        kept.state, kept.ended_at = "handed-over", at
    kept.save(force_update=True)
    record(
        action="delivery.home.handed-over" if is_over else "",
        target=kept.id,
        household_id=kept.household_id,
        body={**_tell(kept), "side": side},
    )
    return hand_over_from(kept)


@operation(permits="delivery.keep", action="delivery.hand-over.withdrawn", clauses=_CLAUSES)
def withdraw_hand_over(
    *, project_id: UUID, hand_over_id: UUID, reason: str, by: Actor, at: datetime
) -> HandOverRow:
    """Withdraw a hand-over that both have not signed yet, to prepare it anew.

    Refuses with ``delivery.unknown-hand-over``, ``delivery.ended`` and
    ``delivery.reason-missing``.
    """
    del by
    if not reason.strip():
        raise Refusal("delivery.reason-missing")
    kept = _lock(project_id, hand_over_id)
    if kept.state != "prepared":
        raise Refusal("delivery.ended")
    kept.state, kept.ended_at = "withdrawn", at
    kept.save(force_update=True)
    record(target=kept.id, household_id=kept.household_id, body={"reason": reason.strip()})
    return hand_over_from(kept)


def _lock(project_id: UUID, hand_over_id: UUID) -> HandOverRecord:
    found = HandOverRecord.objects.select_for_update().filter(
        project_id=project_id, id=hand_over_id
    )
    kept = found.first()
    if kept is None:
        raise Refusal("delivery.unknown-hand-over")
    return kept


def _tell(kept: HandOverRecord) -> dict[str, object]:
    return {
        "unit": str(kept.unit_id),
        "household": str(kept.household_id),
        "accepted": kept.accepted_on.isoformat(),
        "keys": kept.keys,
        "meters": {"water": kept.water, "power": kept.power, "gas": kept.gas},
    }
