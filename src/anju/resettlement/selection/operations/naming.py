"""A called turn whose homes are named: taken, locked, signed; each check in its statement."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connections
from django.db.models import F

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor, system_actor
from anju.foundation.core.crypto import new_id
from anju.resettlement.inventory.types import UnitRow
from anju.resettlement.preferences.queries import count_wishing
from anju.resettlement.selection import mapping
from anju.resettlement.selection.models import PlaceRecord, SignatureRecord, TurnRecord
from anju.resettlement.selection.operations.acting import PROXY, require_mandate
from anju.resettlement.selection.operations.holding import free_homes
from anju.resettlement.selection.tiles import tile_of
from anju.resettlement.selection.types import ChoiceRow, SignatureRow
from anju_rules.policy import RuleSet
from anju_rules.signing import Side, Signer, signatures_needed
from anju_rules.values import Refusal

# The check of the turn and what becomes of it are one statement: of two that come at once the
# second waits for the first, and is then judged by what the first has left.
_NAME = """
UPDATE selection_turn SET named_at = %(at)s, step = step + 1
WHERE project_id = %(project)s AND id = %(turn)s AND state = 'called' AND limit_at >= %(at)s
  AND (%(household)s::uuid IS NULL OR household_id = %(household)s)
  AND (%(call)s::integer IS NULL OR times_called = %(call)s)
RETURNING place, batch, household_id, times_called, step, named_at, sign_by, is_by_wishes, sides
"""
# ``until``: the moment up to which the naming must be open to signatures, if it must be.
_LOCK = """
SELECT place, batch, household_id, times_called, step, named_at, sign_by, is_by_wishes, sides
FROM selection_turn
WHERE project_id = %(project)s AND id = %(turn)s AND state = 'called' AND named_at IS NOT NULL
  AND (%(household)s::uuid IS NULL OR household_id = %(household)s)
  AND (%(call)s::integer IS NULL OR times_called = %(call)s)
  AND (%(step)s::integer IS NULL OR step = %(step)s)
  AND (%(until)s::timestamptz IS NULL OR sign_by >= %(until)s)
FOR UPDATE
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledTurn:
    """A called turn, locked by the running operation."""

    project_id: UUID
    id: UUID
    place: int
    batch: int
    household_id: UUID
    call: int
    step: int
    named_at: datetime | None
    sign_by: datetime | None
    is_by_wishes: bool
    needed: frozenset[Side]


def take_to_name(
    *, project_id: UUID, turn_id: UUID, by: Actor, at: datetime, call: int | None
) -> CalledTurn:
    """Begin a naming in a called turn whose time runs; it is locked until the operation ends.

    Refuses with ``selection.turn-unknown``, ``selection.call-outdated``,
    ``selection.turn-expired``, ``selection.not-your-turn`` and, of a proxy,
    ``selection.mandate-over``.
    """
    require_mandate(project_id=project_id, by=by, at=at)
    told = _asked(project_id, turn_id, by=by, at=at, call=call)
    return _fetch(_NAME, told) or _refuse(told)


def take_to_sign(
    *, project_id: UUID, turn_id: UUID, by: Actor, at: datetime, call: int | None, step: int | None
) -> CalledTurn:
    """Give a called turn whose naming may still be signed, locked.

    Refuses like :func:`take_to_name`, and with ``selection.nothing-named``,
    ``selection.sign-time-over`` and ``selection.naming-changed``.
    """
    require_mandate(project_id=project_id, by=by, at=at)
    told = _asked(project_id, turn_id, by=by, at=at, call=call)
    told |= {"step": step, "until": at}
    return _fetch(_LOCK, told) or _refuse(told)


def take_to_drop(
    *, project_id: UUID, turn_id: UUID, by: Actor, at: datetime, call: int | None
) -> CalledTurn:
    """Give a called turn whose homes are named, locked; whatever its time. Refuses likewise."""
    require_mandate(project_id=project_id, by=by, at=at)
    told = _asked(project_id, turn_id, by=by, at=at, call=call)
    return _fetch(_LOCK, told) or _refuse(told)


def sides_for(project_id: UUID, units: Sequence[UnitRow], *, rules: RuleSet) -> frozenset[Side]:
    """Give the sides that must sign for these homes; none: one signature is enough."""
    terms = rules.turn_terms
    is_rehearsal = terms.signatures is None and mapping.is_rehearsal(project_id)
    needed = signatures_needed(terms=terms, is_rehearsal=is_rehearsal, wish_counts=())
    if not needed:
        return needed
    with reading(by=system_actor(request_id="selection.wishes")):
        # Everybody's wishes count, also where a household acts that sees only its own.
        counts = count_wishing(project_id=project_id, unit_ids=[unit.id for unit in units])
    return signatures_needed(terms=terms, is_rehearsal=is_rehearsal, wish_counts=counts.values())


def signer_of(by: Actor) -> Signer:
    """Give in what standing somebody signs; who is nothing else is an officer."""
    if by.kind == "household":
        return Signer.HOUSEHOLD
    if by.role in (Signer.REPRESENTATIVE, Signer.SUPERVISOR):
        return Signer(by.role)
    return Signer.OFFICER


def signatures_under(turn: CalledTurn) -> list[SignatureRecord]:
    """Give the signatures under the naming that stands, the first given first."""
    return list(
        SignatureRecord.objects.filter(
            project_id=turn.project_id, turn_id=turn.id, call=turn.call, voided_at__isnull=True
        ).order_by("signed_at", "id")
    )


def new_signature(
    turn: CalledTurn,
    side: Side,
    *,
    by: Actor,
    at: datetime,
    document_id: UUID | None = None,
) -> SignatureRecord:
    """Give a signature, not stored yet; the platform itself signs for people, automatically."""
    return SignatureRecord(
        project_id=turn.project_id,
        id=new_id(),
        turn_id=turn.id,
        call=turn.call,
        step=turn.step,
        side=str(side),
        account_id=by.id,
        is_automatic=by.kind == "system",
        is_by_proxy=by.role == PROXY,
        document_id=document_id,
        signed_at=at,
    )


def store_signatures(signatures: Sequence[SignatureRecord], *, event_id: UUID) -> None:
    """Store signatures with the entry that tells of them."""
    for signature in signatures:
        signature.event_id = event_id
    SignatureRecord.objects.bulk_create(signatures)


def void_signatures(project_id: UUID, turn_id: UUID, *, at: datetime) -> None:
    """Void what was signed under a naming that is no more."""
    SignatureRecord.objects.filter(
        project_id=project_id, turn_id=turn_id, voided_at__isnull=True
    ).update(voided_at=at)


def let_go(project_id: UUID, turn_id: UUID, *, at: datetime) -> None:
    """Free what a turn holds unsigned, and void what was signed under it."""
    free_homes(project_id, turn_id, at=at)
    void_signatures(project_id, turn_id, at=at)
    TurnRecord.objects.filter(project_id=project_id, id=turn_id).update(
        named_at=None, sign_by=None, is_by_wishes=False, sides="", step=F("step") + 1
    )


def tell_signatures(signatures: Sequence[SignatureRecord]) -> list[dict[str, object]]:
    """Write signatures as the ledger tells them."""
    return [
        {
            "side": signature.side,
            "by": str(signature.account_id),
            "at": signature.signed_at.isoformat(),
            "automatic": signature.is_automatic,
            "by_proxy": signature.is_by_proxy,
            "document": signature.document_id and str(signature.document_id),
        }
        for signature in signatures
    ]


def tell_turn(turn: CalledTurn) -> dict[str, object]:
    """Write whose turn it is, and which naming, as the ledger tells it."""
    return {
        "project": str(turn.project_id),
        "place": turn.place,
        "household": str(turn.household_id),
        "step": turn.step,
    }


def show_choice(
    turn: CalledTurn,
    units: Sequence[UnitRow],
    *,
    signatures: Sequence[SignatureRecord],
    missing: Sequence[Side],
    at: datetime,
    event_id: UUID,
) -> ChoiceRow:
    """Give a choice as pages see it, made or still to be signed."""
    owner = PlaceRecord.objects.get(project_id=turn.project_id, place=turn.place)
    return ChoiceRow(
        place=turn.place,
        ticket=owner.ticket,
        masked_name=owner.masked_name,
        homes=tuple(
            tile_of(
                unit,
                taken_by=(owner.ticket, event_id),
                opened_needs=frozenset(),
                is_named=bool(missing),
            )
            for unit in units
        ),
        area_sqm=sum((unit.home.area_sqm for unit in units), Decimal(0)),
        chosen_at=at,
        event_id=event_id,
        step=turn.step,
        sign_by=turn.sign_by if missing else None,
        signatures=show_signatures(signatures),
        missing=tuple(side.value for side in missing),
    )


def show_signatures(signatures: Collection[SignatureRecord]) -> tuple[SignatureRow, ...]:
    """Give signatures as pages see them."""
    return tuple(
        SignatureRow(
            side=Side(signature.side).value,
            account_id=signature.account_id,
            signed_at=signature.signed_at,
            is_automatic=signature.is_automatic,
            is_by_proxy=signature.is_by_proxy,
        )
        for signature in signatures
    )


def _asked(
    project_id: UUID, turn_id: UUID, *, by: Actor, at: datetime, call: int | None
) -> dict[str, Any]:
    return {
        "project": project_id,
        "turn": turn_id,
        "household": by.household_id,
        "at": at,
        "call": call,
        "step": None,
        "until": None,
    }


def _fetch(statement: str, told: Mapping[str, Any]) -> CalledTurn | None:
    with connections["default"].cursor() as cursor:
        cursor.execute(statement, told)
        row = cursor.fetchone()
    if row is None:
        return None
    place, batch, household_id, call, step, named_at, sign_by, is_by_wishes, sides = row
    return CalledTurn(
        project_id=told["project"],
        id=told["turn"],
        place=place,
        batch=batch,
        household_id=household_id,
        call=call,
        step=step,
        named_at=named_at,
        sign_by=sign_by,
        is_by_wishes=is_by_wishes,
        needed=frozenset(Side(side) for side in sides.split()),
    )


def _refuse(told: Mapping[str, Any]) -> CalledTurn:
    """Say why there is no such turn to take."""
    turn = TurnRecord.objects.filter(project_id=told["project"], id=told["turn"]).first()
    whose, at = told["household"], told["at"]
    if turn is None or (whose is not None and turn.household_id != whose):
        raise Refusal("selection.turn-unknown")
    if told["call"] is not None and turn.times_called != told["call"]:
        raise Refusal(
            "selection.call-outdated", place=turn.place, call=told["call"], now=turn.times_called
        )
    if turn.state == "called" and turn.named_at is not None and turn.sign_by is not None:
        if told["step"] is not None and told["step"] != turn.step:
            raise Refusal("selection.naming-changed", place=turn.place)
        if told["until"] is not None and turn.sign_by < at:
            sign_by = turn.sign_by.isoformat()
            raise Refusal("selection.sign-time-over", place=turn.place, sign_by=sign_by)
    if turn.state == "called" and turn.limit_at is not None and turn.limit_at < at:
        raise Refusal(
            "selection.turn-expired", place=turn.place, limit_at=turn.limit_at.isoformat()
        )
    if turn.state == "called":
        raise Refusal("selection.nothing-named", place=turn.place)
    ticket = PlaceRecord.objects.get(project_id=told["project"], place=turn.place).ticket
    raise Refusal(
        "selection.not-your-turn",
        clause="plan/selection",
        household=ticket,
        number=turn.place,
        state=turn.state,
    )
