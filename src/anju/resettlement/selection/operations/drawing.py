"""Taking a draw: the one way to a place in the order (P7).

What was drawn is stored whole, so that anyone can derive it again; the places follow from it and
from the scores, and are never written by anything else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.crypto import new_id
from anju.foundation.core.sealing import FieldPlace, PlainField, seal_fields
from anju.resettlement.households.queries import household_numbers
from anju.resettlement.offline import drawing
from anju.resettlement.offline.entries import Entry, show_receipts
from anju.resettlement.offline.plan import Plan
from anju.resettlement.projects.operations import freeze_register, lock_register
from anju.resettlement.projects.queries import project_by_id
from anju.resettlement.scoring.queries import totals_of
from anju.resettlement.selection import mapping
from anju.resettlement.selection.lawful import budget_shown
from anju.resettlement.selection.models import (
    BatchRecord,
    DrawRecord,
    PlaceRecord,
    ReceiptRecord,
)
from anju_rules.draw_records import show_draw, show_result
from anju_rules.draws import Draw, DrawResult
from anju_rules.masking import mask_name
from anju_rules.queue import Place, order_places
from anju_rules.values import HouseholdNumber, Refusal

ROWS_A_STATEMENT = 2_000
RECEIPTS = "selection_receipt"
Drawn = tuple[tuple[Entry, ...], list[tuple[Draw, DrawResult]]]


@operation(
    permits="selection.draw",
    action="selection.draw.rehearsed",
    clauses=("plan/draw",),
    level=Secrecy.PUBLIC,
)
def rehearse_draw(*, project_id: UUID, by: Actor, at: datetime) -> int:
    """Draw by rehearsal: own secrets and a past beacon; give the number of places.

    Everything that follows is marked a rehearsal. Refuses with ``selection.already-drawn`` a second
    draw, with ``selection.not-scored`` households without a score, and as
    :func:`anju.resettlement.offline.drawing.rehearse_draw`.
    """
    plan = _plan_to_draw(project_id, at)
    return _keep_draw(project_id, plan, drawing.rehearse_draw(plan), by=by, at=at)


@operation(
    permits="selection.draw",
    action="selection.draw.taken",
    clauses=("plan/draw",),
    level=Secrecy.PUBLIC,
)
def take_draw(*, project_id: UUID, folder: Path, reveals: Path, by: Actor, at: datetime) -> int:
    """Take a real draw from its files: the frozen list, the announcement, the revealed secrets.

    ``folder`` holds ``frozen/`` as the freeze wrote it; ``reveals`` the beacon and the secrets.
    Refuses like :func:`rehearse_draw`, and where the register is no longer the frozen one
    (``draw.list-changed``) or the draw not the announced one.
    """
    plan = _plan_to_draw(project_id, at)
    drawn = drawing.draw_for_real(folder, plan, reveals=reveals)
    return _keep_draw(project_id, plan, drawn, by=by, at=at)


def _plan_to_draw(project_id: UUID, at: datetime) -> Plan:
    lock_register(project_id=project_id)
    project = project_by_id(project_id=project_id)
    if DrawRecord.objects.filter(project_id=project_id).exists():
        raise Refusal("selection.already-drawn", project=project.code)
    # From here on no household comes, goes or changes: the order rests on the register as it is.
    freeze_register(project_id=project_id, at=at)
    return mapping.plan_of(project_id)


def _keep_draw(project_id: UUID, plan: Plan, drawn: Drawn, *, by: Actor, at: datetime) -> int:
    entries, draws = drawn
    household_ids = household_numbers(project_id=project_id)
    places = _order(project_id, plan, entries, draws, household_ids)
    by_ticket = {entry.ticket: entry for entry in entries}
    owner_of = {ticket: household_ids[entry.number] for ticket, entry in by_ticket.items()}
    rows = [
        PlaceRecord(
            project_id=project_id,
            place=place.place,
            household_id=owner_of[place.ticket],
            ticket=place.ticket,
            stratum=place.stratum,
            batch=place.batch,
            draw_number=place.draw_number,
            total_tenths=place.total,
            masked_name=mask_name(plan.households[by_ticket[place.ticket].number].name),
            budget=budget_shown(
                household=plan.households[by_ticket[place.ticket].number].household,
                rules=plan.rules,
            ),
        )
        for place in places
    ]
    shown = [(draw, show_draw(draw), show_result(draw, result)) for draw, result in draws]
    receipt = record(
        target=project_id,
        project_id=project_id,
        body={
            "rules_version": plan.rules.version,
            "households": len(places),
            "batches": places[-1].batch,
            "order_digest": mapping.digest_order(rows),
            "draws": [
                {
                    "draw_number": draw.terms.draw_id,
                    "stratum": draw.terms.stratum,
                    "root": result["R"],
                    "announcement": result["A"],
                    "seed": result["seed"],
                    "digest": mapping.digest_draw(draw_input, result),
                }
                for draw, draw_input, result in shown
            ],
        },
    )
    DrawRecord.objects.bulk_create(
        DrawRecord(
            project_id=project_id,
            id=new_id(),
            stratum=draw.terms.stratum,
            place_of_draw=place,
            scheme=str(draw.terms.scheme),
            draw_number=draw.terms.draw_id,
            households=len(draw.lines),
            root=str(result["R"]),
            announcement=str(result["A"]),
            seed=str(result["seed"]),
            input=draw_input,
            expected=result,
            drawn_at=at,
            drawn_by=by.id,
            event_id=receipt.event_id,
        )
        for place, (draw, draw_input, result) in enumerate(shown, start=1)
    )
    PlaceRecord.objects.bulk_create(rows, batch_size=ROWS_A_STATEMENT)
    sizes = Counter((place.batch, place.stratum) for place in places)
    BatchRecord.objects.bulk_create(
        BatchRecord(project_id=project_id, batch=batch, stratum=stratum, households=households)
        for (batch, stratum), households in sorted(sizes.items())
    )
    _keep_receipts(project_id, entries, household_ids)
    return len(places)


def _order(
    project_id: UUID,
    plan: Plan,
    entries: Sequence[Entry],
    draws: Sequence[tuple[Draw, DrawResult]],
    household_ids: dict[HouseholdNumber, UUID],
) -> list[Place]:
    """Order the households by their stored scores: those the families have seen."""
    totals = totals_of(project_id=project_id)
    missing = [number for number, known in household_ids.items() if known not in totals]
    if missing:
        raise Refusal("selection.not-scored", project=plan.project.code, missing=len(missing))
    return order_places(
        mode=plan.project.mode,
        strata=plan.project.strata,
        draws=[result.order for _, result in draws],
        totals={entry.ticket: totals[household_ids[entry.number]] for entry in entries},
        batch_size=plan.project.batch_size,
    )


def _keep_receipts(
    project_id: UUID, entries: Sequence[Entry], household_ids: dict[HouseholdNumber, UUID]
) -> None:
    owners = [household_ids[entry.number] for entry in entries]
    sealed = seal_fields(
        fields=[
            PlainField(
                place=FieldPlace(owner, RECEIPTS, owner, "receipt_sealed"),
                text=show_receipts([entry]),
            )
            for owner, entry in zip(owners, entries, strict=True)
        ]
    )
    ReceiptRecord.objects.bulk_create(
        (
            ReceiptRecord(project_id=project_id, household_id=owner, receipt_sealed=receipt)
            for owner, receipt in zip(owners, sealed, strict=True)
        ),
        batch_size=ROWS_A_STATEMENT,
    )
