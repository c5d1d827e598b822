"""Writes of casework: cases opened and moved, one by one or many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.casework.laying import lay_action, lay_case, tell_action
from anju.foundation.casework.types import (
    AskedPoint,
    CaseRow,
    HandedIn,
    ManyLine,
    ManyResult,
    NewAction,
)
from anju_rules.clocks import PauseReason
from anju_rules.procedures.states import ActionKind
from anju_rules.values import Refusal

__all__ = [
    "ask_correction",
    "hand_in_material",
    "lay_action",
    "lay_case",
    "open_case",
    "pause_case",
    "resume_case",
    "take_action",
    "take_action_on_many",
]


@operation(
    permits="casework.open",
    action="casework.case.opened",
    clauses=("licensing-law/32",),
    level=Secrecy.INTERNAL,
)
def open_case(
    *,
    project_id: UUID,
    procedure: str,
    subject_kind: str,
    subject_id: UUID,
    division: str,
    by: Actor,
    at: datetime,
    household_id: UUID | None = None,
    series: str = "",
    materials: Sequence[HandedIn] = (),
    why: str = "",
    case_id: UUID | None = None,
) -> CaseRow:
    """Open a case; whoever applies, or the window for them. Refuses as :func:`lay_case` does."""
    row = lay_case(
        project_id=project_id,
        procedure=procedure,
        subject_kind=subject_kind,
        subject_id=subject_id,
        division=division,
        household_id=household_id,
        series=series,
        materials=materials,
        why=why,
        case_id=case_id,
        by=by,
        at=at,
    )
    _record(row, NewAction(kind=ActionKind.OPEN, materials=tuple(materials), why=why))
    return row


@operation(permits="casework.act", action="casework.case.acted", level=Secrecy.INTERNAL)
def take_action(
    *,
    project_id: UUID,
    case_id: UUID,
    act: NewAction,
    by: Actor,
    at: datetime,
    second: Actor | None = None,
    expects: int | None = None,
) -> CaseRow:
    """Do one thing to a case, from the desk, the family's phone or the API.

    Refuses as :func:`lay_action` does.
    """
    row = lay_action(
        project_id=project_id,
        case_id=case_id,
        act=act,
        by=by,
        at=at,
        second=second,
        expects=expects,
    )
    _record(row, act)
    return row


def take_action_on_many(
    *,
    cases: Sequence[ManyLine],
    act: NewAction,
    by: Actor,
    at: datetime,
    second: Actor | None = None,
) -> tuple[ManyResult, ...]:
    """Do the same to many cases, each in a transaction and with an entry of its own.

    What is refused for one case stops no other. ``act`` has no id: each case has its own line.
    """
    return tuple(
        _take_one(line, act=replace(act, id=None), by=by, at=at, second=second) for line in cases
    )


def _take_one(
    line: ManyLine, *, act: NewAction, by: Actor, at: datetime, second: Actor | None
) -> ManyResult:
    try:
        row = take_action(
            project_id=line.project_id,
            case_id=line.case_id,
            act=act,
            by=by,
            at=at,
            second=second,
            expects=line.expects,
        )
    except Refusal as refusal:
        return ManyResult(case_id=line.case_id, row=None, code=refusal.code, facts=refusal.facts)
    return ManyResult(case_id=line.case_id, row=row, code="", facts={})


@operation(
    permits="casework.act",
    action="casework.case.paused",
    clauses=("licensing-law/45",),
    level=Secrecy.INTERNAL,
)
def pause_case(
    *,
    project_id: UUID,
    case_id: UUID,
    step: str,
    reason: PauseReason,
    why: str,
    by: Actor,
    at: datetime,
    expects: int | None = None,
) -> CaseRow:
    """Stop every clock of a case, for a reason that its procedure lists, with its clause.

    Refuses with ``clock.reason-not-allowed``, ``case.reason-missing`` and as :func:`lay_action`.
    """
    if not why.strip():
        raise Refusal("case.reason-missing")
    act = NewAction(kind=ActionKind.STOP, step=step, reason=reason, why=why)
    row = lay_action(project_id=project_id, case_id=case_id, act=act, by=by, at=at, expects=expects)
    _record(row, act)
    return row


@operation(permits="casework.act", action="casework.case.resumed", level=Secrecy.INTERNAL)
def resume_case(
    *,
    project_id: UUID,
    case_id: UUID,
    step: str,
    by: Actor,
    at: datetime,
    why: str = "",
    expects: int | None = None,
) -> CaseRow:
    """Let the clocks of a case run on. Refuses with ``case.not-stopped`` and as `lay_action`."""
    act = NewAction(kind=ActionKind.RESUME, step=step, why=why)
    row = lay_action(project_id=project_id, case_id=case_id, act=act, by=by, at=at, expects=expects)
    _record(row, act)
    return row


@operation(
    permits="casework.act",
    action="casework.correction.asked",
    clauses=("licensing-law/32",),
    level=Secrecy.INTERNAL,
)
def ask_correction(
    *,
    project_id: UUID,
    case_id: UUID,
    points: Sequence[AskedPoint],
    by: Actor,
    at: datetime,
    step: str = "",
    why: str = "",
    second: Actor | None = None,
    expects: int | None = None,
) -> CaseRow:
    """Ask, once and for everything, for what is missing; the clock stands until it comes.

    A second request on a point that existed at the first review needs ``second``, a supervisor,
    and counts as a quality defect (``case.correction-once``). Before acceptance without ``step``.
    """
    act = NewAction(kind=ActionKind.ASK_CORRECTION, step=step, points=tuple(points), why=why)
    row = lay_action(
        project_id=project_id,
        case_id=case_id,
        act=act,
        by=by,
        at=at,
        second=second,
        expects=expects,
    )
    _record(row, act)
    return row


@operation(permits="casework.act", action="casework.material.handed-in", level=Secrecy.INTERNAL)
def hand_in_material(
    *,
    project_id: UUID,
    case_id: UUID,
    materials: Sequence[HandedIn],
    by: Actor,
    at: datetime,
    is_correction: bool = False,
    action_id: UUID | None = None,
) -> CaseRow:
    """Hand materials in; ``is_correction`` says that all that was asked for is there now.

    Refuses with ``case.unknown-material``, ``case.no-correction-asked`` and as `lay_action`.
    """
    kind = ActionKind.RECEIVE_CORRECTION if is_correction else ActionKind.SUPPLY
    act = NewAction(kind=kind, materials=tuple(materials), id=action_id)
    row = lay_action(project_id=project_id, case_id=case_id, act=act, by=by, at=at)
    _record(row, act)
    return row


def _record(row: CaseRow, act: NewAction) -> None:
    record(
        target=row.id,
        project_id=row.project_id,
        household_id=row.household_id,
        body=tell_action(row, act),
    )
