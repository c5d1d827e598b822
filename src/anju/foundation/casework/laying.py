"""Opening and moving cases inside the caller's operation; the operations here and above call it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import connections

from anju.foundation.access.gate import require_in_sight
from anju.foundation.access.permissions import require_permission
from anju.foundation.access.types import Actor
from anju.foundation.casework.calendars import current_calendar
from anju.foundation.casework.definitions import lay_default_procedure, stored_procedure
from anju.foundation.casework.events import CaseEvent, EventKind, tell, tell_many
from anju.foundation.casework.folding import (
    DIGITS,
    Derived,
    Unfolded,
    derive_rows,
    unfold_lines,
)
from anju.foundation.casework.mapping import actions_of, case_from, lines_from, raised_of
from anju.foundation.casework.models import ActionRecord, CaseRecord
from anju.foundation.casework.types import ActingAs, CaseRow, HandedIn, NewAction, Opening
from anju.foundation.casework.writing import fold_act, write_act, write_openings
from anju.foundation.core.clock import city_time
from anju.foundation.core.crypto import new_id
from anju_rules.procedures.contents import SUPERVISOR
from anju_rules.procedures.states import ActionKind
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
    opening = Opening(
        subject_id=subject_id,
        household_id=household_id,
        materials=tuple(materials),
        why=why,
        case_id=case_id,
    )
    return lay_cases(
        project_id=project_id,
        procedure=procedure,
        subject_kind=subject_kind,
        division=division,
        series=series,
        openings=[opening],
        procedure_id=procedure_id,
        acting_as=acting_as,
        by=by,
        at=at,
    )[0]


def lay_cases(
    *,
    project_id: UUID,
    procedure: str,
    subject_kind: str,
    division: str,
    openings: Sequence[Opening],
    by: Actor,
    at: datetime,
    series: str = "",
    procedure_id: UUID | None = None,
    acting_as: ActingAs | None = None,
) -> tuple[CaseRow, ...]:
    """Open many cases of one kind inside the caller's operation, in as many statements as for one.

    Gives them in their order. What is refused of one, as :func:`lay_case` refuses it, refuses all.
    """
    if by.kind == "household" and any(one.household_id != by.household_id for one in openings):
        raise Refusal("access.not-found")
    known = _known_cases(project_id, subject_kind, openings)
    fresh = [one for one in openings if one.case_id not in known]
    if not fresh:
        return tuple(known[one.case_id] for one in openings if one.case_id is not None)
    if not (division.isascii() and division.isdigit() and 4 <= len(division) <= 12):
        raise Refusal("casework.division-malformed", division=division)
    stored_id = procedure_id or lay_default_procedure(code=procedure, at=at)
    definition, calendar = stored_procedure(stored_id), current_calendar()
    year = city_time(at).year
    serials = _next_serials(project_id, year=year, count=len(fresh))
    # The series' row is held until the end: nobody else opens a case of this project meanwhile.
    _require_none_open(project_id, stored_id, fresh, code=definition.code)
    folded = [
        fold_act(
            kept=CaseRecord(
                project_id=project_id,
                id=one.case_id or new_id(),
                year=year,
                serial=serial,
                number=f"{series or definition.code[:3].upper()}-{year}-{serial:06d}",
                procedure_id=stored_id,
                subject_kind=subject_kind,
                subject_id=one.subject_id,
                household_id=one.household_id,
                division=division,
                opened_at=at,
            ),
            definition=definition,
            before=Unfolded(),
            act=_act_of(one),
            by=by,
            second=None,
            at=at,
            acting_as=acting_as or standing_of(by),
            calendar=calendar,
        )
        for one, serial in zip(fresh, serials, strict=True)
    ]
    rows = write_openings(folded)
    events = [_event(row, _act_of(one), by=by, at=at) for one, row in zip(fresh, rows, strict=True)]
    tell_many(events)
    tell_many([_closed(event) for event, row in zip(events, rows, strict=True) if _is_over(row)])
    opened = iter(rows)
    return tuple(known[one.case_id] if one.case_id in known else next(opened) for one in openings)


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
    if second is not None:
        _require_second(kept, by, second)
    folded = fold_act(
        kept=kept,
        definition=definition,
        before=unfold_case(kept, definition),
        act=act,
        by=by,
        second=second,
        at=at,
        acting_as=standing,
        calendar=current_calendar(),
        raised=raised_of(project_id=project_id, case_id=case_id),
    )
    row = write_act(folded)
    event = _event(row, act, by=by, at=at, kind=EventKind.ACTED)
    tell(event)
    if was_open and _is_over(row):
        tell(_closed(event))
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


def _known_cases(
    project_id: UUID, subject_kind: str, openings: Sequence[Opening]
) -> dict[UUID | None, CaseRow]:
    """Give the cases that stand already under the ids of these openings, of the very same thing."""
    wanted = {one.case_id: one for one in openings if one.case_id is not None}
    if not wanted:
        return {}
    found = CaseRecord.objects.filter(project_id=project_id, id__in=list(wanted))
    known: dict[UUID | None, CaseRow] = {}
    for kept in found:
        if (kept.subject_kind, kept.subject_id) != (subject_kind, wanted[kept.id].subject_id):
            raise Refusal("casework.case-differs", number=kept.number)
        known[kept.id] = case_from(kept)
    return known


def _require_none_open(
    project_id: UUID, procedure_id: UUID, openings: Sequence[Opening], *, code: str
) -> None:
    """Refuse a second open case of the same procedure, thing and household."""
    wanted = [(one.subject_id, one.household_id) for one in openings]
    found = CaseRecord.objects.filter(
        project_id=project_id,
        procedure_id=procedure_id,
        subject_id__in=[one.subject_id for one in openings],
        first_task__isnull=False,
    ).values_list("subject_id", "household_id")
    if len(set(wanted)) < len(wanted) or not set(wanted).isdisjoint(found):
        raise Refusal("casework.open-already", procedure=code)


def _next_serials(project_id: UUID, *, year: int, count: int) -> range:
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO casework_series (project_id, year, last) VALUES (%s, %s, %s)"
            " ON CONFLICT (project_id, year)"
            " DO UPDATE SET last = casework_series.last + EXCLUDED.last RETURNING last",
            [project_id, year, count],
        )
        (last,) = cursor.fetchone()
    return range(int(last) - count + 1, int(last) + 1)


def _act_of(opening: Opening) -> NewAction:
    return NewAction(kind=ActionKind.OPEN, materials=opening.materials, why=opening.why)


def _is_over(row: CaseRow) -> bool:
    return not row.status.is_open


def _event(
    row: CaseRow,
    act: NewAction,
    *,
    by: Actor,
    at: datetime,
    kind: EventKind = EventKind.OPENED,
) -> CaseEvent:
    return CaseEvent(
        kind=kind,
        case_id=row.id,
        project_id=row.project_id,
        case=row,
        action=act,
        alert=None,
        by=by,
        at=at,
    )


def _closed(event: CaseEvent) -> CaseEvent:
    return replace(event, kind=EventKind.CLOSED)
