"""The order of a project: it follows from a locked ceremony and the scores, and from nothing else.

Plain functions, for the operations that rehearse a draw, take one from files, or take the order of
a ceremony that was held on the platform.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import record
from anju.foundation.access.types import Actor
from anju.foundation.draws.finished import finished_draws
from anju.foundation.draws.types import CeremonyRow, NewLine, NewList
from anju.resettlement.eligibility.queries import standings
from anju.resettlement.households.queries import household_numbers
from anju.resettlement.offline.entries import Entry
from anju.resettlement.offline.plan import Plan
from anju.resettlement.projects.operations import freeze_register, lock_register
from anju.resettlement.projects.queries import project_by_id
from anju.resettlement.scoring.queries import totals_of
from anju.resettlement.selection import mapping
from anju.resettlement.selection.lawful import budget_shown
from anju.resettlement.selection.models import BatchRecord, DrawRecord, PlaceRecord
from anju.resettlement.selection.receipts import ROWS_A_STATEMENT
from anju_rules.amendments import amend_order
from anju_rules.applications import Roll, Standing
from anju_rules.ceremony import Step
from anju_rules.draws import Draw, DrawResult, Scheme
from anju_rules.masking import mask_name
from anju_rules.queue import Place, order_places
from anju_rules.values import HouseholdNumber, Refusal, Ticket

BATCH = "1"
"""All strata of a project are drawn together: its order has one ceremony that counts."""


def plan_to_draw(project_id: UUID, at: datetime) -> Plan:
    """Freeze a project's register for a draw, and give it as a plan.

    Refuses with ``selection.already-drawn`` a project that has an order, and with
    ``selection.given-by-agreement`` one that has none because homes are given by agreement.
    """
    lock_register(project_id=project_id)
    if project_by_id(project_id=project_id).mode == "negotiated":
        raise Refusal("selection.given-by-agreement", clause="plan/selection")
    if DrawRecord.objects.filter(project_id=project_id).exists():
        project = project_by_id(project_id=project_id)
        raise Refusal("selection.already-drawn", project=project.code)
    # From here on no household comes, goes or changes: the order rests on the register as it is.
    freeze_register(project_id=project_id, at=at)
    return mapping.plan_of(project_id)


def rolls_of(project_id: UUID) -> dict[HouseholdNumber, Roll]:
    """Say of each household in which list of a draw that counts it stands."""
    told = standings(project_id=project_id)
    return {
        number: told.get(household_id, Standing.NONE).roll
        for number, household_id in household_numbers(project_id=project_id).items()
    }


def lists_of(
    plan: Plan,
    entries: Sequence[Entry],
    *,
    scheme: Scheme,
    disputed: Collection[HouseholdNumber] = frozenset(),
    undecided: Collection[HouseholdNumber] = frozenset(),
) -> list[NewList]:
    """Give the lists of a draw: what is published of each household, stratum by stratum.

    The ``disputed`` go into the second list, ``P``: a key, and no place unless decided for. With
    one of the ``undecided`` in the first list it cannot be frozen.
    """
    lines: dict[str, list[NewLine]] = {stratum: [] for stratum in plan.project.strata}
    for entry in entries:
        registered = plan.households[entry.number]
        lines[entry.stratum].append(
            NewLine(
                ticket=entry.ticket,
                commitment=entry.line(scheme).commitment,
                masked_name=mask_name(registered.name),
                street=registered.street,
                is_disputed=entry.number in disputed,
                is_decided=entry.number not in undecided,
            )
        )
    return [NewList(stratum=stratum, lines=tuple(found)) for stratum, found in lines.items()]


def keep_order(
    *, ceremony: CeremonyRow, plan: Plan, entries: Sequence[Entry], by: Actor, at: datetime
) -> int:
    """Make places and batches from a locked ceremony, and record it; give the number of places.

    Refuses with ``selection.ceremony-not-locked``, ``selection.strata-differ``,
    ``selection.ticket-unknown`` and, for households without a score, ``selection.not-scored``.
    """
    if ceremony.step is not Step.LOCKED:
        raise Refusal("selection.ceremony-not-locked", step=str(ceremony.step))
    project_id = ceremony.project_id
    by_ticket = {entry.ticket: entry for entry in entries}
    household_ids = household_numbers(project_id=project_id)
    finished = finished_draws(project_id=project_id, ceremony_id=ceremony.id)
    places = _order(ceremony, finished, plan, by_ticket, household_ids)
    rows = [
        PlaceRecord(
            project_id=project_id,
            place=place.place,
            household_id=household_ids[by_ticket[place.ticket].number],
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
    digests = [mapping.digest_draw(draw, result) for draw, result in finished]
    receipt = record(
        target=project_id,
        project_id=project_id,
        body={
            "ceremony": str(ceremony.id),
            "rules_version": plan.rules.version,
            "households": len(places),
            "batches": places[-1].batch,
            "order_digest": mapping.digest_order(rows),
            "draws": [
                {
                    "draw_number": draw.draw_number,
                    "stratum": draw.stratum,
                    "root": draw.root,
                    "announcement": draw.announcement,
                    "seed": draw.seed,
                    "digest": content,
                }
                for draw, content in zip(ceremony.draws, digests, strict=True)
            ],
        },
    )
    DrawRecord.objects.bulk_create(
        DrawRecord(
            project_id=project_id,
            id=draw.id,
            ceremony_id=ceremony.id,
            stratum=draw.stratum,
            place_of_draw=draw.position,
            drawn_at=at,
            drawn_by=by.id,
            event_id=receipt.event_id,
        )
        for draw in ceremony.draws
    )
    PlaceRecord.objects.bulk_create(rows, batch_size=ROWS_A_STATEMENT)
    sizes = Counter((place.batch, place.stratum) for place in places)
    BatchRecord.objects.bulk_create(
        BatchRecord(project_id=project_id, batch=batch, stratum=stratum, households=households)
        for (batch, stratum), households in sorted(sizes.items())
    )
    return len(places)


def _order(
    ceremony: CeremonyRow,
    finished: Sequence[tuple[Draw, DrawResult]],
    plan: Plan,
    by_ticket: dict[Ticket, Entry],
    household_ids: dict[HouseholdNumber, UUID],
) -> list[Place]:
    """Order the households by their stored scores: those the families have seen."""
    project = plan.project
    if [draw.stratum for draw in ceremony.draws] != list(project.strata):
        raise Refusal("selection.strata-differ", project=project.code)
    # Struck lines stay in the orders: their numbers stay empty, and everybody keeps the drawn one.
    orders = [
        amend_order(draw=draw, seed=result.seed, order=result.order, placed=row.placed)
        for row, (draw, result) in zip(ceremony.draws, finished, strict=True)
    ]
    struck = {ticket for row in ceremony.draws for ticket in row.struck}
    drawn = [ticket for order in orders for ticket in order]
    unknown = [ticket for ticket in drawn if ticket not in by_ticket]
    if unknown:
        raise Refusal("selection.ticket-unknown", ticket=unknown[0])
    totals = totals_of(project_id=ceremony.project_id)
    missing = [one for one in household_ids.values() if one not in totals]
    if missing:
        raise Refusal("selection.not-scored", project=project.code, missing=len(missing))
    return order_places(
        mode=project.mode,
        strata=project.strata,
        draws=orders,
        totals={ticket: totals[household_ids[by_ticket[ticket].number]] for ticket in drawn},
        batch_size=project.batch_size,
        struck=struck,
    )
