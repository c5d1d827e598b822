"""Signing a choice, and dropping a naming that is not to be signed (SEL-3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from anju.foundation.access.operations import record
from anju.foundation.access.types import Actor
from anju.resettlement.inventory.queries import units_by_ids
from anju.resettlement.inventory.types import UnitRow
from anju.resettlement.projects.queries import project_by_id
from anju.resettlement.selection import mapping
from anju.resettlement.selection.models import SignatureRecord, TurnRecord
from anju.resettlement.selection.operations import holding
from anju.resettlement.selection.operations.answers import answered_once
from anju.resettlement.selection.operations.naming import (
    CalledTurn,
    let_go,
    new_signature,
    show_choice,
    signatures_under,
    signer_of,
    store_signatures,
    take_to_drop,
    take_to_sign,
    tell_signatures,
    tell_turn,
)
from anju.resettlement.selection.operations.pausing import check_running
from anju.resettlement.selection.types import ChoiceRow, TurnRow
from anju_rules.signing import Side, Signer, missing_sides, side_of
from anju_rules.values import Refusal

CLAUSES = ("plan/selection",)
SIGNED, CHOSEN = "selection.choice.signed", "selection.home.chosen"
DropReason = Literal["withdrawn", "not-signed"]


@answered_once(permits="selection.sign", action=SIGNED, also=(CHOSEN,), clauses=CLAUSES)
def sign_choice(
    *,
    project_id: UUID,
    turn_id: UUID,
    by: Actor,
    at: datetime,
    call: int | None = None,
    step: int | None = None,
    key: str | None = None,  # noqa: ARG001 - the gate of answers reads it
    signature_document: UUID | None = None,
) -> ChoiceRow:
    """Sign for one's side what is named; with the last side the choice is made and the turn over.

    The household signs in its own session, an officer for the office, a second officer or a
    supervisor as the third check of a home that many want, a representative for an absentee whose
    wishes are followed; no person twice. The platform itself signs every side that is missing, in
    a rehearsal alone, and the entry says that it was automatic. ``step``: the naming that was seen
    (``TurnRow.step``); ``signature_document``: the picture of the signature.
    Refuses with ``selection.nothing-named``, ``selection.sign-time-over``,
    ``selection.naming-changed``, ``selection.same-person``, ``selection.side-not-yours``,
    ``selection.automatic-signature`` where a draw counts, ``selection.call-outdated``,
    ``selection.paused``, ``selection.key-reused`` and ``inventory.unit-not-free``.
    """
    turn = take_to_sign(project_id=project_id, turn_id=turn_id, by=by, at=at, call=call, step=step)
    check_running(project_id)
    given = signatures_under(turn)
    sides = _sides_to_sign(turn, given, by=by)
    new = [
        new_signature(turn, side, by=by, at=at, document_id=signature_document) for side in sides
    ]
    signatures = [*given, *new]
    missing = missing_sides(needed=turn.needed, given=[Side(one.side) for one in signatures])
    units = _named(turn)
    body = {
        **tell_turn(turn),
        "units": [unit.told for unit in units],
        "signatures": tell_signatures(signatures),
    }
    if missing:
        body["missing"] = [str(side) for side in missing]
    else:
        body |= {
            "rules_version": mapping.rules_of(project_id).version,
            "named_at": turn.named_at and turn.named_at.isoformat(),
            "by_wishes": turn.is_by_wishes,
            "needed": sorted(turn.needed),
        }
    receipt = record(
        target=turn_id,
        household_id=turn.household_id,
        action=SIGNED if missing else CHOSEN,
        body=body,
    )
    store_signatures(new, event_id=receipt.event_id)
    if not missing:
        unit_ids = [unit.id for unit in units]
        holding.take_homes(project_id, turn_id, unit_ids, at=at, event_id=receipt.event_id)
        TurnRecord.objects.filter(project_id=project_id, id=turn_id).update(
            state="chosen", ended_at=at
        )
    return show_choice(
        turn, units, signatures=signatures, missing=missing, at=at, event_id=receipt.event_id
    )


@answered_once(permits="selection.sign", action="selection.naming.dropped", clauses=CLAUSES)
def drop_naming(
    *,
    project_id: UUID,
    turn_id: UUID,
    by: Actor,
    at: datetime,
    reason: DropReason = "withdrawn",
    call: int | None = None,
    key: str | None = None,  # noqa: ARG001 - the gate of answers reads it
) -> TurnRow:
    """Let the named homes go again, before every side has signed; the turn goes on while it lasts.

    Either side may (``withdrawn``); when the time to sign is over anybody at the desk, and the
    platform itself (``not-signed``). Refuses with ``selection.nothing-named``,
    ``selection.sign-time-running``, ``selection.side-not-yours``, ``selection.call-outdated`` and
    ``selection.key-reused``.
    """
    turn = take_to_drop(project_id=project_id, turn_id=turn_id, by=by, at=at, call=call)
    is_over = turn.sign_by is not None and turn.sign_by < at
    if reason == "not-signed":
        check_running(project_id)
    if reason == "not-signed" and not is_over:
        sign_by = turn.sign_by.isoformat() if turn.sign_by else "-"
        raise Refusal("selection.sign-time-running", place=turn.place, sign_by=sign_by)
    if reason == "withdrawn":
        _require_side(turn, by)
    units = _named(turn)
    told = tell_turn(replace(turn, step=turn.step + 1))
    record(
        target=turn_id,
        household_id=turn.household_id,
        body={**told, "units": [unit.told for unit in units], "reason": reason},
    )
    let_go(project_id, turn_id, at=at)
    return mapping.row_of_turn(TurnRecord.objects.get(project_id=project_id, id=turn_id))


def _sides_to_sign(
    turn: CalledTurn, given: Sequence[SignatureRecord], *, by: Actor
) -> tuple[Side, ...]:
    signed = {Side(one.side): str(one.account_id) for one in given}
    if by.kind == "system":
        if not mapping.is_rehearsal(turn.project_id):
            project = project_by_id(project_id=turn.project_id)
            raise Refusal("selection.automatic-signature", project=project.code)
        return missing_sides(needed=turn.needed, given=signed.keys())
    return (
        side_of(
            signer=signer_of(by),
            person=str(by.id),
            given=signed,
            needed=turn.needed,
            is_by_wishes=turn.is_by_wishes,
        ),
    )


def _require_side(turn: CalledTurn, by: Actor) -> None:
    """Refuse who stands on neither side; an absentee's representative stands on the household's."""
    signer = signer_of(by)
    is_strange = signer is Signer.REPRESENTATIVE and not turn.is_by_wishes
    if by.kind == "system" or is_strange:
        raise Refusal("selection.side-not-yours", clause="plan/selection", signer=str(signer))


def _named(turn: CalledTurn) -> list[UnitRow]:
    """Give the homes that a turn has named, in the order in which they were named."""
    unit_ids = holding.held_homes(turn.project_id, turn.id)
    by_id = {unit.id: unit for unit in units_by_ids(project_id=turn.project_id, unit_ids=unit_ids)}
    return [by_id[unit_id] for unit_id in unit_ids]
