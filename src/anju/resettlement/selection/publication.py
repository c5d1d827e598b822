"""Publishing a result: an immutable, signed bundle in the public plane.

The bundle is the one the command line writes, so ``anju verify`` and the program inside it check
it: scores from facts, draws from their published inputs, the order from both. Before anybody is
called it holds no homes. From then on it holds the record of every turn, each with the ledger's
entry that proves it, and what was taken; a stage may be published while others still wait.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp
from uuid import UUID

from django.conf import settings

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.crypto import new_id, tested_provider
from anju.foundation.draws.queries import ceremony_by_id, ceremony_events
from anju.foundation.ledger.keys import read_log_key
from anju.resettlement.offline.allocate import Allocation, allocate_plan
from anju.resettlement.offline.bundle import MANIFEST, write_bundle
from anju.resettlement.projects.operations import lock_register
from anju.resettlement.selection import mapping
from anju.resettlement.selection.models import (
    BatchRecord,
    PlaceRecord,
    PublicationRecord,
)
from anju.resettlement.selection.receipts import receipts_of
from anju.resettlement.selection.record import record_of_turns
from anju_rules.amendments import Amendment, Kind, amend_draws, tickets_of
from anju_rules.hashing import digest
from anju_rules.values import Refusal, Ticket

DRAW, STAGE, RESULT = "draw", "stage", "result"
"""What a bundle holds: the order alone, the choices so far, or all, the batches being closed."""
BUNDLES = "bundles"
_EVENT_OF = {Kind.STRIKE: "draws.entry.struck", Kind.PLACE: "draws.entry.placed"}


@operation(
    permits="selection.publish",
    action="selection.draw.published",
    clauses=("plan/publication",),
    level=Secrecy.PUBLIC,
)
def publish_result(
    *,
    project_id: UUID,
    by: Actor,  # noqa: ARG001 - the gate reads it
    at: datetime,
) -> Path:
    """Publish a project's result as far as it is; give the folder, named after its manifest.

    Before anybody is called that is the draw and the order, then the choices so far, and once all
    batches are closed the whole. Refuses with ``selection.not-drawn``, with
    ``selection.order-differs`` where the stored order is not the one that draws and scores give,
    and with ``selection.already-published``: the same content has one folder for ever. A record
    that does not follow from the order and the rules is not published: refuses then like
    :func:`anju_rules.live.judge_turns`.
    """
    lock_register(project_id=project_id)
    draws = mapping.draws_of(project_id)
    plan = mapping.plan_of(project_id)
    if not draws:
        raise Refusal("selection.not-drawn", project=plan.project.code)
    turns = record_of_turns(project_id)
    if not turns:
        # Without homes every wish waits: the bundle says nothing of a choice, and still verifies.
        plan = replace(plan, homes={}, unit_rows={})
    part = _part_of(project_id, has_begun=bool(turns))
    amendments = amendments_of(project_id)
    placed = tickets_of(amendments, kind=Kind.PLACE)
    listed = placed | {line.ticket for draw, _ in draws for line in draw.lines}
    allocation = allocate_plan(
        plan,
        # Who is still in dispute has a ticket, but stands in no roster and has no place.
        entries=[entry for entry in receipts_of(project_id, plan) if entry.ticket in listed],
        results=[result for _, result in draws],
        orders=amend_draws(draws, amendments=amendments),
        struck=tickets_of(amendments, kind=Kind.STRIKE),
    )
    _check_order(project_id, allocation, code=plan.project.code)
    bundles = Path(settings.PUBLIC_FOLDER) / BUNDLES
    bundles.mkdir(parents=True, exist_ok=True)
    fresh = Path(mkdtemp(prefix=".fresh-", dir=bundles))
    try:
        key = read_log_key(Path(settings.HOME)).pair
        write_bundle(
            fresh / "bundle",
            plan=plan,
            draws=draws,
            allocation=allocation,
            signing=(tested_provider(), key),
            turns=turns or None,
            amendments=amendments,
        )
        name = digest((fresh / "bundle" / MANIFEST).read_bytes()).hex()
        if PublicationRecord.objects.filter(project_id=project_id, digest=name).exists():
            raise Refusal("selection.already-published", digest=name)
        receipt = record(
            target=project_id, project_id=project_id, body={"part": part, "digest": name}
        )
        PublicationRecord.objects.create(
            project_id=project_id,
            id=new_id(),
            part=part,
            digest=name,
            published_at=at,
            event_id=receipt.event_id,
        )
        # A folder whose transaction fails after this is whole and named by nobody: it does no harm.
        shutil.rmtree(bundles / name, ignore_errors=True)
        (fresh / "bundle").rename(bundles / name)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return bundles / name


def amendments_of(project_id: UUID) -> list[Amendment]:
    """Give what the failure rules changed in the draws of an order, each with its ledger entry.

    The entry is that of the second person's signature, with which the change was carried out.
    """
    ceremony_id = mapping.ceremony_of(project_id)
    if ceremony_id is None:
        return []
    ceremony = ceremony_by_id(project_id=project_id, ceremony_id=ceremony_id)
    changed = [
        (draw.draw_number, kind, ticket)
        for draw in ceremony.draws
        for kind, tickets in ((Kind.STRIKE, draw.struck), (Kind.PLACE, draw.placed))
        for ticket in tickets
    ]
    if not changed:
        return []
    events = {
        (event.kind, event.facts.get("ticket")): event.event_id
        for event in ceremony_events(project_id=project_id, ceremony_id=ceremony_id)
        if event.outcome == "done" and event.facts.get("done") == 1
    }
    return [
        Amendment(
            kind=kind,
            draw_number=number,
            ticket=Ticket(ticket),
            event=str(events[_EVENT_OF[kind], ticket]),
        )
        for number, kind, ticket in changed
    ]


def _part_of(project_id: UUID, *, has_begun: bool) -> str:
    if not has_begun:
        return DRAW
    is_open = BatchRecord.objects.filter(project_id=project_id).exclude(state="closed").exists()
    return STAGE if is_open else RESULT


def _check_order(project_id: UUID, allocation: Allocation, *, code: str) -> None:
    stored = list(
        PlaceRecord.objects.filter(project_id=project_id)
        .order_by("place")
        .values_list("place", "ticket", "stratum", "batch", "draw_number", "total_tenths")
    )
    if stored != [tuple(place) for place in allocation.places]:
        raise Refusal("selection.order-differs", project=code)
