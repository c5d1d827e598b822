"""The order by ceremony: opened over the register, held by the parties, taken when it is locked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.draws.finished import count_draws
from anju.foundation.draws.operations.opening import lay_out_ceremony, opening_told
from anju.foundation.draws.pools import STRATA, next_draw_number
from anju.foundation.draws.queries import ceremony_by_id
from anju.foundation.draws.types import CeremonyRow, NewList, NewParty, NewTerms
from anju.resettlement.offline.drawing import draw_id_of
from anju.resettlement.offline.entries import Entry
from anju.resettlement.offline.plan import Plan
from anju.resettlement.planning.queries import require_plan_in_force
from anju.resettlement.projects.operations import lock_register
from anju.resettlement.projects.queries import project_by_id
from anju.resettlement.selection import mapping
from anju.resettlement.selection.models import DrawRecord
from anju.resettlement.selection.operations.ordering import (
    BATCH,
    keep_order,
    lists_of,
    plan_to_draw,
    rolls_of,
)
from anju.resettlement.selection.receipts import enter_households, receipts_of
from anju_rules.applications import Roll
from anju_rules.ceremony import Use
from anju_rules.draws import Scheme
from anju_rules.values import HouseholdNumber, Refusal

VISITED_PERCENT = 10
"""How many of a hundred households are visited at home (双随机一公开)."""


@operation(
    permits="draws.open",
    action="draws.ceremony.opened",
    clauses=("plan/draw",),
    level=Secrecy.PUBLIC,
)
def open_order_ceremony(
    *,
    project_id: UUID,
    terms: NewTerms,
    parties: Sequence[NewParty],
    by: Actor,  # noqa: ARG001 - the gate reads it
    at: datetime,
    scheme: Scheme = Scheme.REAL,
    disputed: Sequence[str] = (),
) -> CeremonyRow:
    """Open the draw of a project's order: every household its ticket, one list a stratum.

    The register is frozen with it. Who was entered before (in a ceremony that is void now) keeps
    ticket and salt. ``disputed``: households, by number or ticket, whose part in it is disputed;
    they are announced in the second list. For a draw that counts the plan must be in force
    (``planning.plan-not-in-force``); whose review still runs stands among the disputed, whose was
    refused or withdrawn in neither list (P4), and whose never began keeps the list from being
    frozen (T-06). A rehearsal asks for none of it. Refuses with ``selection.already-drawn``,
    ``selection.disputed-unknown`` (naming them), ``selection.stratum-all-disputed``, and like
    :func:`~anju.foundation.draws.operations.opening.lay_out_ceremony`.
    """
    plan = plan_to_draw(project_id, at)
    rolls: Mapping[HouseholdNumber, Roll] = {}
    if scheme is Scheme.REAL:
        require_plan_in_force(project_id)
        rolls = rolls_of(project_id)
    entries = enter_households(project_id, plan)
    earlier = count_draws(project_id=project_id, letter="D" if scheme is Scheme.REAL else "R")
    row = lay_out_ceremony(
        project_id=project_id,
        use=Use.ORDER,
        batch=BATCH,
        scheme=scheme,
        terms=terms,
        parties=parties,
        lists=_lists_with_disputes(plan, entries, scheme=scheme, disputed=disputed, rolls=rolls),
        take=None,
        draw_numbers=[
            draw_id_of(plan, place=earlier + place, scheme=scheme)
            for place in range(len(plan.project.strata))
        ],
        at=at,
    )
    record(target=row.id, project_id=project_id, body=opening_told(row))
    return row


def _lists_with_disputes(
    plan: Plan,
    entries: Sequence[Entry],
    *,
    scheme: Scheme,
    disputed: Sequence[str],
    rolls: Mapping[HouseholdNumber, Roll],
) -> list[NewList]:
    known = {str(entry.ticket): entry.number for entry in entries}
    known |= {str(entry.number): entry.number for entry in entries}
    unknown = sorted({told for told in disputed if told not in known})
    if unknown:
        raise Refusal("selection.disputed-unknown", households="、".join(unknown)[:200])
    lists = lists_of(
        plan,
        [entry for entry in entries if rolls.get(entry.number) is not Roll.OUT],
        scheme=scheme,
        disputed={known[told] for told in disputed} | _with(Roll.DISPUTED, rolls),
        undecided=_with(Roll.UNDECIDED, rolls) | _with(Roll.DISPUTED, rolls),
    )
    for told in lists:
        if told.lines and all(line.is_disputed for line in told.lines):
            raise Refusal("selection.stratum-all-disputed", stratum=told.stratum)
    return lists


def _with(roll: Roll, rolls: Mapping[HouseholdNumber, Roll]) -> set[HouseholdNumber]:
    return {number for number, found in rolls.items() if found is roll}


@operation(
    permits="draws.open",
    action="draws.ceremony.opened",
    clauses=("plan/eligibility", "plan/draw"),
    level=Secrecy.PUBLIC,
)
def open_sample_ceremony(
    *,
    project_id: UUID,
    batch: str,
    terms: NewTerms,
    parties: Sequence[NewParty],
    by: Actor,  # noqa: ARG001 - the gate reads it
    at: datetime,
    percent: int = VISITED_PERCENT,
    scheme: Scheme = Scheme.REAL,
) -> CeremonyRow:
    """Open the draw of the households that are visited at home (ELG-4), under their own tickets.

    ``percent`` of the households as they are registered now, rounded up. The register stays open:
    it is the eligibility that is looked into. Refuses with ``draws.nothing-to-take``, and like
    :func:`~anju.foundation.draws.operations.opening.lay_out_ceremony`.
    """
    lock_register(project_id=project_id)
    plan = mapping.plan_of(project_id)
    entries = enter_households(project_id, plan)
    lines = [line for told in lists_of(plan, entries, scheme=scheme) for line in told.lines]
    number = next_draw_number(
        project_id=project_id,
        project_code=plan.project.code,
        use=Use.VISIT_SAMPLE,
        scheme=scheme,
    )
    row = lay_out_ceremony(
        project_id=project_id,
        use=Use.VISIT_SAMPLE,
        batch=batch,
        scheme=scheme,
        terms=terms,
        parties=parties,
        lists=[NewList(stratum=STRATA[Use.VISIT_SAMPLE], lines=tuple(lines))],
        take=-(-len(lines) * percent // 100),
        draw_numbers=[number],
        at=at,
    )
    record(target=row.id, project_id=project_id, body=opening_told(row))
    return row


@operation(
    permits="draws.take",
    action="selection.order.taken",
    clauses=("plan/draw", "plan/selection"),
    level=Secrecy.PUBLIC,
)
def take_order(*, project_id: UUID, ceremony_id: UUID, by: Actor, at: datetime) -> int:
    """Make places and batches from a locked ceremony; give the number of places.

    Refuses with ``selection.already-drawn``, ``selection.ceremony-of-another-use``,
    ``selection.ceremony-not-locked``, ``selection.not-scored`` and
    ``selection.ticket-unknown``.
    """
    lock_register(project_id=project_id)
    if DrawRecord.objects.filter(project_id=project_id).exists():
        project = project_by_id(project_id=project_id)
        raise Refusal("selection.already-drawn", project=project.code)
    ceremony = ceremony_by_id(project_id=project_id, ceremony_id=ceremony_id)
    if ceremony.use is not Use.ORDER:
        raise Refusal("selection.ceremony-of-another-use", use=str(ceremony.use))
    plan = mapping.plan_of(project_id)
    entries = receipts_of(project_id, plan)
    return keep_order(ceremony=ceremony, plan=plan, entries=entries, by=by, at=at)
