"""Opening and moving cases inside the caller's operation; the operations here and above call it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connections

from anju.foundation.access.gate import require_in_sight
from anju.foundation.access.permissions import require_permission
from anju.foundation.access.types import Actor
from anju.foundation.casework.calendars import city_time, current_calendar
from anju.foundation.casework.definitions import lay_default_procedure, stored_procedure
from anju.foundation.casework.events import CaseEvent, EventKind, tell
from anju.foundation.casework.folding import (
    DIGITS,
    Derived,
    Line,
    Unfolded,
    derive_rows,
    follow_line,
    unfold_lines,
)
from anju.foundation.casework.mapping import (
    actions_of,
    brought_in,
    case_from,
    lines_from,
    put_case_fields,
    raised_of,
    record_from,
    write_rows,
)
from anju.foundation.casework.models import ActionRecord, CaseRecord
from anju.foundation.casework.types import ActingAs, CaseRow, HandedIn, NewAction
from anju.foundation.core.crypto import new_id
from anju_rules.procedures.acting import judge_action
from anju_rules.procedures.contents import SUPERVISOR
from anju_rules.procedures.states import Action, ActionKind, Point
from anju_rules.procedures.types import Procedure
from anju_rules.values import Refusal

_SUPERVISES = "casework.supervise"
_ACTS = "casework.act"


def lay_case(
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
    procedure_id: UUID | None = None,
    acting_as: ActingAs | None = None,
) -> CaseRow:
    """Open a case inside the caller's operation, under the newest definition of ``procedure``.

    ``division`` says where it lies; the offices of its steps follow from it. ``series`` begins its
    printed number (``YS-ELG`` gives ``YS-ELG-2026-000123``). ``case_id`` makes a repetition
    harmless; ``procedure_id`` pins a stored definition; ``acting_as`` lets a higher context open
    it in somebody's stead. Refuses with ``casework.unknown-procedure``,
    ``casework.division-malformed``, ``casework.open-already`` (the same procedure is open for the
    same thing), ``casework.case-differs``, ``case.wrong-role``, ``access.not-found`` (a family
    opens its own alone) and as materials are judged.
    """
    if by.kind == "household" and household_id != by.household_id:
        raise Refusal("access.not-found")
    if case_id is not None:
        known = CaseRecord.objects.filter(project_id=project_id, id=case_id).first()
        if known is not None:
            if (known.subject_kind, known.subject_id) != (subject_kind, subject_id):
                raise Refusal("casework.case-differs", number=known.number)
            return case_from(known)
    if not (division.isascii() and division.isdigit() and 4 <= len(division) <= 12):
        raise Refusal("casework.division-malformed", division=division)
    stored_id = procedure_id or lay_default_procedure(code=procedure, at=at)
    definition = stored_procedure(stored_id)
    year = city_time(at).year
    serial = _next_serial(project_id, year=year)
    # The series' row is held until the end: nobody else opens a case of this project meanwhile.
    if CaseRecord.objects.filter(
        project_id=project_id,
        procedure_id=stored_id,
        subject_id=subject_id,
        household_id=household_id,
        first_task__isnull=False,
    ).exists():
        raise Refusal("casework.open-already", procedure=definition.code)
    kept = CaseRecord(
        project_id=project_id,
        id=case_id or new_id(),
        year=year,
        serial=serial,
        number=f"{series or definition.code[:3].upper()}-{year}-{serial:06d}",
        procedure_id=stored_id,
        subject_kind=subject_kind,
        subject_id=subject_id,
        household_id=household_id,
        division=division,
        opened_at=at,
    )
    act = NewAction(kind=ActionKind.OPEN, materials=tuple(materials), why=why)
    row = _write(
        kept,
        definition,
        Unfolded(),
        act,
        by=by,
        second=None,
        at=at,
        acting_as=acting_as or standing_of(by),
    )
    _tell(EventKind.OPENED, row, act, by=by, at=at)
    if not row.status.is_open:
        _tell(EventKind.CLOSED, row, act, by=by, at=at)
    return row


def lay_action(
    *,
    project_id: UUID,
    case_id: UUID,
    act: NewAction,
    by: Actor,
    at: datetime,
    second: Actor | None = None,
    expects: int | None = None,
    acting_as: ActingAs | None = None,
) -> CaseRow:
    """Do one thing to a case inside the caller's operation.

    An action whose id stands in the log already changes nothing. ``expects`` is the length of the
    log that its sender saw. Refuses with ``casework.unknown-case``, ``casework.moved-on``,
    ``casework.action-differs``, ``casework.not-your-office``, ``access.*`` of the second person,
    and with every ``case.*`` and ``clock.*`` code of
    :func:`anju_rules.procedures.acting.judge_action`.
    """
    kept = lock_case(project_id=project_id, case_id=case_id)
    if act.id is not None:
        known = ActionRecord.objects.filter(project_id=project_id, id=act.id).first()
        if known is not None:
            if (known.case_id, known.kind) != (case_id, act.kind.value):
                raise Refusal("casework.action-differs")
            return case_from(kept)
    if expects is not None and expects != kept.length:
        raise Refusal("casework.moved-on", expected=expects, length=kept.length)
    definition = stored_procedure(kept.procedure_id)
    standing = acting_as or standing_of(by)
    if acting_as is None:
        _require_office(kept, by, standing)
    was_open = kept.first_task is not None
    row = _write(
        kept,
        definition,
        unfold_case(kept, definition),
        act,
        by=by,
        second=second,
        at=at,
        acting_as=standing,
    )
    _tell(EventKind.ACTED, row, act, by=by, at=at)
    if was_open and not row.status.is_open:
        _tell(EventKind.CLOSED, row, act, by=by, at=at)
    return row


def lock_case(*, project_id: UUID, case_id: UUID) -> CaseRecord:
    """Give a case that nobody else moves until the transaction ends."""
    kept = (
        CaseRecord.objects.select_for_update(no_key=True)
        .filter(project_id=project_id, id=case_id)
        .first()
    )
    if kept is None:
        raise Refusal("casework.unknown-case")
    return kept


def unfold_case(kept: CaseRecord, procedure: Procedure) -> Unfolded:
    """Fold a case's whole log."""
    actions = actions_of(project_id=kept.project_id, case_id=kept.id)
    return unfold_lines(procedure, lines_from(procedure, actions))


def derive_case(kept: CaseRecord, procedure: Procedure, found: Unfolded) -> Derived:
    """Give the rows that a folded case must have."""
    return derive_rows(
        procedure,
        found,
        division=kept.division,
        calendar=current_calendar(),
        raised=raised_of(project_id=kept.project_id, case_id=kept.id),
    )


def tell_action(row: CaseRow, act: NewAction) -> dict[str, object]:
    """Give what the ledger's entry says of an act on a case."""
    return {
        "case": str(row.id),
        "number": row.number,
        "procedure": f"{row.procedure}/{row.version}",
        "kind": act.kind.value,
        "step": act.step,
        "outcome": act.outcome,
        "reason": act.reason.value if act.reason else "",
        "clauses": list(act.clauses),
        "why": act.why,
        "points": [[point.code, point.text, point.arose_from] for point in act.points],
        "materials": [
            [one.code, str(one.document_id) if one.document_id else None] for one in act.materials
        ],
        "facts": dict(act.facts),
        "place": row.length,
        "status": row.status.value,
        "code": row.exchange_code,
    }


def _write(
    kept: CaseRecord,
    definition: Procedure,
    before: Unfolded,
    act: NewAction,
    *,
    by: Actor,
    second: Actor | None,
    at: datetime,
    acting_as: ActingAs,
) -> CaseRow:
    """Judge an act, write its line, and write what follows from it."""
    if second is not None:
        _require_second(kept, by, second)
    calendar = current_calendar()
    clauses = act.clauses or _default_clauses(definition, act)
    documents = {one.code: one.document_id for one in act.materials}
    action = Action(
        kind=act.kind,
        at=city_time(at),
        role=acting_as.role,
        tier=acting_as.tier,
        by=str(by.id),
        step=act.step,
        outcome=act.outcome,
        materials=brought_in(definition, _asked_of(definition, act, documents)),
        points=tuple(Point(code=point.code, arose_from=point.arose_from) for point in act.points),
        reason=act.reason,
        clause=clauses[0] if clauses else "",
        why=act.why,
        facts=act.facts,
        second=str(second.id) if second is not None else "",
        second_role=second.role if second is not None else "",
    )
    judge_action(definition, before.state, action, calendar=calendar).raise_if_unmet()
    after = follow_line(definition, before, Line(action=action, by=by.id, documents=documents))
    is_new = act.kind is ActionKind.OPEN
    derived = derive_rows(
        definition,
        after,
        division=kept.division,
        calendar=calendar,
        raised=() if is_new else raised_of(project_id=kept.project_id, case_id=kept.id),
    )
    put_case_fields(kept, derived.case)
    kept.save(force_insert=is_new, force_update=not is_new)
    record_from(
        kept=kept,
        action=action,
        action_id=act.id or new_id(),
        place=after.state.length,
        act=act,
        by=by.id,
        second=second.id if second is not None else None,
        clauses=clauses,
        at=at,
    ).save(force_insert=True)
    write_rows(kept, derived, is_new=is_new)
    return case_from(kept)


def _asked_of(
    definition: Procedure, act: NewAction, documents: dict[str, UUID | None]
) -> list[str]:
    """Give the materials to judge; a document of what this very step makes is no material yet."""
    step = definition.steps.get(act.step)
    makes = step.produces if step is not None and act.kind is ActionKind.DECIDE else ()
    strange = [
        code
        for code in documents
        if code in definition.materials
        and not brought_in(definition, (code,))
        and code not in makes
    ]
    if strange:
        raise Refusal("case.unknown-material", material=strange[0])
    return list(documents)


def _default_clauses(definition: Procedure, act: NewAction) -> tuple[str, ...]:
    step = definition.steps.get(act.step)
    outcome = step.outcome(act.outcome) if step is not None else None
    if act.reason is not None:
        ground = definition.ground(act.reason)
        return (ground.basis.clause,) if ground else ()
    if act.kind is ActionKind.ASK_CORRECTION:
        return ()  # the fold takes the ground's own clause
    basis = outcome.basis if outcome else step.basis if step else definition.basis
    return (basis.clause,)


def standing_of(by: Actor) -> ActingAs:
    """Give as what somebody acts: officers in the tier of their organisation."""
    if by.kind == "household":
        return ActingAs(role=by.role, tier="outside")
    tiers = {digits: tier for tier, digits in DIGITS.items()}
    return ActingAs(role=by.role, tier=tiers.get(len(by.division), ""))


def lies_in_office(*, division: str, by: Actor, tier: str) -> bool:
    """Whether a case of ``division`` is for the officer's own office."""
    office = division[: DIGITS[tier]] if tier in DIGITS else division
    if len(office) < DIGITS.get(tier, 0):
        return by.division.startswith(office)
    return by.division == office


def _require_office(kept: CaseRecord, by: Actor, standing: ActingAs) -> None:
    if by.kind == "household" and kept.household_id != by.household_id:
        raise Refusal("casework.unknown-case")
    if by.kind == "officer" and not lies_in_office(
        division=kept.division, by=by, tier=standing.tier
    ):
        raise Refusal("casework.not-your-office", division=kept.division)


def _require_second(kept: CaseRecord, by: Actor, second: Actor) -> None:
    if second.id == by.id:
        raise Refusal("access.same-person")
    if not second.has_second_factor:
        raise Refusal("access.second-factor-missing")
    require_permission(second, _SUPERVISES if second.role == SUPERVISOR else _ACTS)
    require_in_sight(second, {"project_id": kept.project_id, "household_id": kept.household_id})


def _next_serial(project_id: UUID, *, year: int) -> int:
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO casework_series (project_id, year, last) VALUES (%s, %s, 1)"
            " ON CONFLICT (project_id, year) DO UPDATE SET last = casework_series.last + 1"
            " RETURNING last",
            [project_id, year],
        )
        (serial,) = cursor.fetchone()
    return int(serial)


def _tell(kind: EventKind, row: CaseRow, act: NewAction, *, by: Actor, at: datetime) -> None:
    tell(
        CaseEvent(
            kind=kind,
            case_id=row.id,
            project_id=row.project_id,
            case=row,
            action=act,
            alert=None,
            by=by,
            at=at,
        )
    )
