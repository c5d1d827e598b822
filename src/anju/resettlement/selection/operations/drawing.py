"""Taking a draw that was not held on the platform: a quick rehearsal, or one made from files.

Both end as a locked ceremony in the public draw's own tables, and the order is taken from there:
there is one way to a place in the order (P7).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from anju.foundation.access.operations import operation
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.crypto import new_id
from anju.foundation.draws.finished import count_draws, keep_finished_ceremony
from anju.foundation.draws.types import NewParty
from anju.resettlement.offline import drawing
from anju.resettlement.offline.entries import Entry
from anju.resettlement.offline.plan import Plan
from anju.resettlement.planning.queries import require_plan_in_force
from anju.resettlement.selection.operations.ordering import (
    BATCH,
    keep_order,
    lists_of,
    plan_to_draw,
    rolls_of,
)
from anju.resettlement.selection.receipts import (
    enter_households,
    has_receipts,
    keep_receipts,
)
from anju_rules.applications import Roll
from anju_rules.ceremony import Party, Use
from anju_rules.draws import Draw, DrawResult
from anju_rules.values import Refusal


@operation(
    permits="draws.rehearse",
    action="selection.draw.rehearsed",
    clauses=("plan/draw",),
    level=Secrecy.PUBLIC,
)
def rehearse_draw(*, project_id: UUID, by: Actor, at: datetime) -> int:
    """Draw by rehearsal, all in one: own secrets and a past beacon; give the number of places.

    Everything that follows is marked a rehearsal. Refuses with ``selection.already-drawn`` a second
    draw, with ``selection.not-scored`` households without a score, and as
    :func:`anju.resettlement.offline.drawing.rehearse_draw`.
    """
    plan = plan_to_draw(project_id, at)
    entries = enter_households(project_id, plan)
    earlier = count_draws(project_id=project_id, letter="R")
    _, draws = drawing.rehearse_draw(plan, entries=entries, earlier=earlier)
    return _keep(project_id, plan, entries, draws, by=by, at=at)


@operation(
    permits="draws.take",
    action="selection.draw.taken",
    clauses=("plan/draw",),
    level=Secrecy.PUBLIC,
)
def take_draw(*, project_id: UUID, folder: Path, reveals: Path, by: Actor, at: datetime) -> int:
    """Take a real draw from its files: the frozen list, the announcement, the revealed secrets.

    ``folder`` holds ``frozen/`` as the freeze wrote it; ``reveals`` the beacon and the secrets.
    Refuses like :func:`rehearse_draw`; where the register is no longer the frozen one
    (``draw.list-changed``) or the draw not the announced one; and with
    ``selection.receipts-given`` where the households hold receipts of an earlier ceremony, so that
    nobody ever has two tickets. Before the plan is in force with ``planning.plan-not-in-force``,
    and with ``selection.undecided`` where somebody in the register is not confirmed.
    """
    plan = plan_to_draw(project_id, at)
    if has_receipts(project_id):
        raise Refusal("selection.receipts-given", project=plan.project.code)
    require_plan_in_force(project_id)
    undecided = [number for number, roll in rolls_of(project_id).items() if roll is not Roll.MAIN]
    if undecided:
        raise Refusal("selection.undecided", clause="plan/eligibility#1", count=len(undecided))
    entries, draws = drawing.draw_for_real(folder, plan, reveals=reveals)
    keep_receipts(project_id, entries)
    return _keep(project_id, plan, entries, draws, by=by, at=at)


def _keep(
    project_id: UUID,
    plan: Plan,
    entries: Sequence[Entry],
    draws: Sequence[tuple[Draw, DrawResult]],
    *,
    by: Actor,
    at: datetime,
) -> int:
    first = draws[0][0]
    ceremony = keep_finished_ceremony(
        project_id=project_id,
        use=Use.ORDER,
        batch=BATCH,
        # Whose hand put which card in the box is told in the files, by word and not by account.
        parties=[
            NewParty(who=who, party=_party_of(who), account_id=new_id())
            for who, _ in first.commitments
        ],
        lists=lists_of(plan, entries, scheme=first.terms.scheme),
        draws=draws,
        by=by,
        at=at,
    )
    return keep_order(ceremony=ceremony, plan=plan, entries=entries, by=by, at=at)


def _party_of(who: str) -> Party:
    """Give whose share a word of the files stands for: ``rep-1`` is a representative's."""
    if who in set(Party):
        return Party(who)
    if who.startswith("rep-"):
        return Party.REPRESENTATIVE
    raise Refusal("draw.committer-unknown", who=who)
