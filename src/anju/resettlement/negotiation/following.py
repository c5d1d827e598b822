"""What a case of an agreement may not do by itself, whoever moves it: the desk, the API, a job.

The procedure says who signs after whom. Here is what it cannot know: that homes were named, and
what becomes of them when the last has signed, or one declines.
"""

from __future__ import annotations

from datetime import datetime

from anju.foundation.casework.events import CaseEvent, EventKind, listen
from anju.foundation.casework.types import CaseRow
from anju.resettlement.inventory.operations import move_units
from anju.resettlement.inventory.types import UnitState
from anju.resettlement.negotiation.models import GiftHomeRecord, GiftRecord
from anju_rules.procedures.states import ActionKind, Status
from anju_rules.values import Refusal

PROCEDURE, SUBJECT = "negotiated-allocation", "household"
HOUSEHOLD_SIGNS, SUPERVISOR_SIGNS = "household-signs", "supervisor-signs"
HELD: frozenset[UnitState] = frozenset({"held"})


@listen(EventKind.OPENED)
def require_homes(event: CaseEvent) -> None:
    """Refuse with ``negotiation.no-home-named`` a household's case without proposed homes."""
    case = event.case
    if case is None or (case.procedure, case.subject_kind) != (PROCEDURE, SUBJECT):
        return
    if _gift_of(case) is None:
        raise Refusal("negotiation.no-home-named")


@listen(EventKind.ACTED)
def follow_agreement(event: CaseEvent) -> None:
    """Give the homes with the last signature; free them where the case ends otherwise.

    Refuses with ``negotiation.given-already`` to take a given home back by the case.
    """
    case, act = event.case, event.action
    if case is None or act is None or case.procedure != PROCEDURE:
        return
    gift = _gift_of(case)
    if gift is None:
        raise Refusal("negotiation.no-home-named")
    if act.kind is ActionKind.REVOKE:
        raise Refusal("negotiation.given-already")
    if act.step == HOUSEHOLD_SIGNS and case.status.is_open:
        gift.state, gift.signed_at = "signed", event.at
    elif not case.status.is_open:
        _end(gift, is_given=case.status is Status.DONE, at=event.at)
    gift.save(update_fields=["state", "signed_at", "ended_at"])


def _gift_of(case: CaseRow) -> GiftRecord | None:
    return GiftRecord.objects.filter(project_id=case.project_id, id=case.id).first()


def _end(gift: GiftRecord, *, is_given: bool, at: datetime) -> None:
    homes = GiftHomeRecord.objects.filter(project_id=gift.project_id, gift_id=gift.id)
    move_units(
        project_id=gift.project_id,
        unit_ids=list(homes.values_list("unit_id", flat=True)),
        from_states=HELD,
        to_state="taken" if is_given else "free",
    )
    gift.state, gift.ended_at = ("given" if is_given else "declined"), at
    if not is_given:
        homes.update(freed_at=at)
