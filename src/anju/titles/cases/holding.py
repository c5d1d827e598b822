"""Cases that stand still for what stands against their home, and go on when it is gone.

A restriction is registered or lifted, a dispute is found or settled: each open case that it touches
is stopped or started in the same transaction, with its ground and clause.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from anju.foundation.access.types import Actor
from anju.foundation.casework.events import CaseEvent, EventKind, listen
from anju.foundation.casework.laying import lay_action
from anju.foundation.casework.queries import case_by_id, open_pause_of, procedure_of
from anju.foundation.casework.types import ActingAs, CaseRow, NewAction
from anju.titles.cases.blocks import standing_restrictions
from anju.titles.cases.guarding import on_own_page
from anju.titles.cases.laying import lock_title_case
from anju.titles.cases.models import TitleCaseRecord
from anju.titles.cases.queries import is_held
from anju.titles.cases.types import PROCEDURES
from anju.titles.legacy import events as legacy_events
from anju.titles.legacy.queries import dispute_against
from anju_rules.clocks import PauseReason
from anju_rules.procedures.states import ActionKind, Flag
from anju_rules.restrictions import CLAUSES, RestrictionKind
from anju_rules.triage.types import DISPUTE_CLAUSE

NOT_REGISTERED = "registration-rules/22"
"""What is disputed is not registered."""
_DISPUTED = (
    "存在尚未解决的权属争议：争议没有解决以前，依法不予登记。"
    "从今天起不计时间；争议解决、文书生效后接着办。"
)
_STILL = frozenset({Flag.STOPPED, Flag.AWAITS_CORRECTION, Flag.WITHDRAWAL_ASKED})
_STARTS_CLOCK = frozenset({ActionKind.RECEIVE_CORRECTION, ActionKind.KEEP, ActionKind.RESUME})


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """What a case stands still for."""

    id: UUID
    """The restriction, or the problem of the community's file."""
    clauses: tuple[str, ...]
    """What the stop rests on; the first is the pause's own."""
    why: str
    """What the family reads: it names nobody."""


def first_hold(kept: TitleCaseRecord, *, at: datetime) -> Hold | None:
    """Give what stops the clock of a case now: a restriction, else a dispute; None: nothing.

    Other problems of the community refuse the acts and stop no clock: they are the offices' own
    to solve, and their days are counted.
    """
    standing = standing_restrictions(
        project_id=kept.project_id, home_id=kept.home_id, household_id=kept.household_id, at=at
    )
    if standing:
        one = standing[0]
        return Hold(id=one.id, clauses=(CLAUSES[RestrictionKind(one.kind)],), why=one.paper)
    dispute = dispute_against(project_id=kept.project_id, home_id=kept.home_id)
    if dispute is None:
        return None
    return Hold(id=dispute.id, clauses=(NOT_REGISTERED, DISPUTE_CLAUSE), why=_DISPUTED)


def settle_cases(
    *, project_id: UUID, home_ids: Collection[UUID], by: Actor, at: datetime
) -> list[UUID]:
    """Stop and start the open cases that touch these homes, as things now stand; gives those moved.

    The community's first registration is touched by every home.
    """
    touching = TitleCaseRecord.objects.filter(project_id=project_id, standing="open")
    moved = []
    for case_id, own_home in touching.order_by("id").values_list("id", "home_id"):
        if own_home is None or own_home in home_ids:
            is_moved = settle_case(project_id=project_id, case_id=case_id, by=by, at=at)
            moved += [case_id] if is_moved else []
    return moved


def settle_case(*, project_id: UUID, case_id: UUID, by: Actor, at: datetime) -> bool:
    """Have one case stand still for what stands against it, or go on; says whether that changed.

    A clock that stands already for something else (a survey, a correction) is left as it is, and
    stopped here as soon as that is over.
    """
    kept = lock_title_case(project_id=project_id, case_id=case_id)
    hold = first_hold(kept, at=at)
    holder = None if hold is None else hold.id
    is_moved = holder != kept.held_by
    if is_moved:
        kept.held_by = holder
        kept.save(force_update=True)
    case = case_by_id(project_id=project_id, case_id=case_id)
    if not case.open_steps:
        return is_moved
    is_ours = _stands_for_hold(case)
    if is_ours and is_moved:
        _start(case, by=by, at=at)
    if hold is not None and (is_moved or not is_ours):
        _stop(case_by_id(project_id=project_id, case_id=case_id), hold, by=by, at=at)
    return is_moved


@legacy_events.listen(legacy_events.EventKind.FOUND)
@legacy_events.listen(legacy_events.EventKind.SOLVED)
def settle_disputed(event: legacy_events.ProblemEvent) -> None:
    """Stop the cases of homes that a dispute touches from now on; let them go on once settled."""
    settle_cases(
        project_id=event.row.project_id, home_ids=event.row.home_ids, by=event.by, at=event.at
    )


@listen(EventKind.ACTED)
def stop_again(event: CaseEvent) -> None:
    """Stop a held case again whose clock an act has just started: the correction came, say."""
    case, act = event.case, event.action
    if case is None or act is None or case.procedure not in PROCEDURES:
        return
    if act.kind not in _STARTS_CLOCK or not case.open_steps:
        return
    if is_held(case) and not _STILL.intersection(case.flags):
        settle_case(project_id=case.project_id, case_id=case.id, by=event.by, at=event.at)


def _stands_for_hold(case: CaseRow) -> bool:
    pause = open_pause_of(project_id=case.project_id, case_id=case.id)
    return pause is PauseReason.COURT_ORDER


def _stop(case: CaseRow, hold: Hold, *, by: Actor, at: datetime) -> None:
    if _STILL.intersection(case.flags):
        return
    act = NewAction(
        kind=ActionKind.STOP,
        step=case.open_steps[0],
        reason=PauseReason.COURT_ORDER,
        clauses=hold.clauses,
        why=hold.why,
    )
    _act(case, act, by=by, at=at)


def _start(case: CaseRow, *, by: Actor, at: datetime) -> None:
    """Start the clock; where something else stands it is stopped again at once, for that."""
    with on_own_page():
        _act(case, NewAction(kind=ActionKind.RESUME, step=case.open_steps[0]), by=by, at=at)


def _act(case: CaseRow, act: NewAction, *, by: Actor, at: datetime) -> None:
    """Act in the stead of whoever's step is open: the registry tells them, nobody is asked."""
    step = procedure_of(project_id=case.project_id, case_id=case.id).steps[act.step]
    lay_action(
        project_id=case.project_id,
        case_id=case.id,
        act=act,
        by=by,
        at=at,
        acting_as=ActingAs(role=step.role, tier=step.tier),
    )
