"""Choosing: one operation for the desk, the household's phone, the API and the automatic run (P10).

Whoever chooses names homes, which are held at once, and signs for their own side; the choice is
made when no side is missing. Whatever is refused leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from anju.foundation.access.operations import record
from anju.foundation.access.permissions import is_permitted
from anju.foundation.access.types import Actor
from anju.resettlement.preferences.queries import wishes_of_household
from anju.resettlement.selection import mapping
from anju.resettlement.selection.attendance import may_follow_wishes
from anju.resettlement.selection.lawful import require_lawful
from anju.resettlement.selection.models import TurnRecord
from anju.resettlement.selection.operations import holding
from anju.resettlement.selection.operations.answers import answered_once
from anju.resettlement.selection.operations.naming import (
    CalledTurn,
    new_signature,
    show_choice,
    sides_for,
    signer_of,
    store_signatures,
    take_to_name,
    tell_signatures,
    tell_turn,
    void_signatures,
)
from anju.resettlement.selection.operations.pausing import check_running
from anju.resettlement.selection.types import ChoiceRow
from anju_rules.signing import Side, missing_sides, side_of
from anju_rules.values import Refusal

CLAUSES = ("plan/selection", "plan/entitlement")
NAMED, CHOSEN = "selection.homes.named", "selection.home.chosen"


@answered_once(permits="selection.choose", action=NAMED, clauses=CLAUSES)
def name_homes(
    *,
    project_id: UUID,
    turn_id: UUID,
    unit_ids: Sequence[UUID],
    by: Actor,
    at: datetime,
    add: bool = False,
    by_wishes: bool = False,
    call: int | None = None,
    key: str | None = None,  # noqa: ARG001 - the gate of answers reads it
) -> ChoiceRow:
    """Name homes for the household whose turn it is; they are held at once, and nobody has signed.

    What was named before is let go, or with ``add`` kept beside the new (step by step); whoever had
    signed signs again. ``by_wishes``: the homes are a wish that the household, absent now, has left
    (``selection.not-a-wish``, ``selection.not-absent``); a representative may sign for it then.
    ``call``: how often the turn was called as far as the asker knows
    (``selection.call-outdated``). Refuses like :func:`choose_homes`.
    """
    return _name(
        project_id,
        turn_id,
        unit_ids,
        by=by,
        at=at,
        add=add,
        by_wishes=by_wishes,
        call=call,
        signs=False,
    )


@answered_once(permits="selection.choose", action=CHOSEN, also=(NAMED,), clauses=CLAUSES)
def choose_homes(
    *,
    project_id: UUID,
    turn_id: UUID,
    unit_ids: Sequence[UUID],
    by: Actor,
    at: datetime,
    by_wishes: bool = False,
    call: int | None = None,
    key: str | None = None,  # noqa: ARG001 - the gate of answers reads it
) -> ChoiceRow:
    """Name homes for the household whose turn it is, and sign for one's own side, in one act.

    All of the homes or none. Where no other side is to sign the choice is made and the turn over;
    else ``missing`` says who signs next, and ``sign_by`` until when
    (:func:`~anju.resettlement.selection.operations.signing.sign_choice`). A household chooses in
    its own turn only, an officer for whoever is called. ``call`` and ``key`` as in
    :func:`name_homes`.
    Refuses with ``selection.not-your-turn``, ``selection.turn-expired``,
    ``selection.call-outdated``, ``selection.key-reused``, ``selection.paused``,
    ``selection.no-home-named``, ``inventory.unknown-unit``, ``selection.unit-not-open``,
    ``selection.unit-already-held``, and with the codes of
    :func:`anju_rules.entitlement.judge_choice`.
    """
    return _name(
        project_id,
        turn_id,
        unit_ids,
        by=by,
        at=at,
        add=False,
        by_wishes=by_wishes,
        call=call,
        signs=True,
    )


def _name(
    project_id: UUID,
    turn_id: UUID,
    unit_ids: Sequence[UUID],
    *,
    by: Actor,
    at: datetime,
    add: bool,
    by_wishes: bool,
    call: int | None,
    signs: bool,
) -> ChoiceRow:
    turn = take_to_name(project_id=project_id, turn_id=turn_id, by=by, at=at, call=call)
    check_running(project_id)
    is_first = turn.step == 1
    before = [] if is_first else holding.held_homes(project_id, turn_id)
    wanted = [*before, *unit_ids] if add else list(unit_ids)
    units = holding.named_units(project_id, wanted, turn_id=turn_id)
    rules = mapping.rules_of(project_id)
    require_lawful(
        project_id=project_id,
        household_id=turn.household_id,
        batch=turn.batch,
        units=units,
        rules=rules,
    )
    if by_wishes:
        _require_wish(turn, wanted, by=by)
    needed = sides_for(project_id, units, rules=rules)
    signatures = []
    if signs and is_permitted(by, "selection.sign"):
        side = side_of(
            signer=signer_of(by), person=str(by.id), given={}, needed=needed, is_by_wishes=by_wishes
        )
        signatures = [new_signature(turn, side, by=by, at=at)]
    missing = missing_sides(needed=needed, given=[Side(one.side) for one in signatures])
    sign_by = at + timedelta(seconds=rules.turn_terms.sign_seconds)
    receipt = record(
        target=turn_id,
        household_id=turn.household_id,
        action=NAMED if missing or not signs else CHOSEN,
        body={
            **tell_turn(turn),
            "units": [unit.told for unit in units],
            "rules_version": rules.version,
            "named_at": at.isoformat(),
            "by_wishes": by_wishes,
            "needed": sorted(needed),
            "sign_by": sign_by.isoformat(),
            "signatures": tell_signatures(signatures),
        },
    )
    holding.hold_homes(
        project_id=project_id,
        turn_id=turn_id,
        household_id=turn.household_id,
        place=turn.place,
        units=units,
        before=before,
        by_id=by.id,
        at=at,
        event_id=receipt.event_id,
        is_named=bool(missing),
    )
    if not is_first:
        void_signatures(project_id, turn_id, at=at)
    store_signatures(signatures, event_id=receipt.event_id)
    kept = TurnRecord.objects.filter(project_id=project_id, id=turn_id)
    told = {"sign_by": sign_by, "is_by_wishes": by_wishes, "sides": " ".join(sorted(needed))}
    if missing:
        kept.update(**told)
    else:
        kept.update(**told, state="chosen", ended_at=at)
    return show_choice(
        turn, units, signatures=signatures, missing=missing, at=at, event_id=receipt.event_id
    )


def _require_wish(turn: CalledTurn, unit_ids: Sequence[UUID], *, by: Actor) -> None:
    wishes = wishes_of_household(project_id=turn.project_id, household_id=turn.household_id)
    if set(unit_ids) not in [set(wish) for wish in wishes]:
        raise Refusal("selection.not-a-wish", clause="plan/selection", place=turn.place)
    # Else an officer and a representative could choose between them for whoever is late.
    whose = {"project_id": turn.project_id, "household_id": turn.household_id}
    if not may_follow_wishes(**whose, by=by):
        raise Refusal("selection.not-absent", clause="plan/selection", place=turn.place)
