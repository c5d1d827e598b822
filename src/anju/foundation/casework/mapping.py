"""Rows of casework into values of the rules and into what others see, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model

from anju.foundation.casework.definitions import stored_procedure
from anju.foundation.casework.folding import Derived, Line, Raised, Row, Rows
from anju.foundation.casework.models import (
    ActionRecord,
    AlertRecord,
    CaseRecord,
    ClockRecord,
    MaterialRecord,
    PauseRecord,
    TaskRecord,
)
from anju.foundation.casework.types import ActionLine, AskedPoint, CaseRow, HandedIn, NewAction
from anju.foundation.core.clock import city_time
from anju.foundation.core.sealing import FieldPlace, SealedField, open_fields, seal_field
from anju_rules.clocks import PauseReason
from anju_rules.procedures.states import Action, ActionKind, Flag, Point, Status
from anju_rules.procedures.types import Procedure, Source
from anju_rules.values import Refusal

_TABLE = "casework_action"
_COLUMN = "told_sealed"
_DERIVED: dict[str, Any] = {
    "tasks": TaskRecord,
    "clocks": ClockRecord,
    "pauses": PauseRecord,
    "materials": MaterialRecord,
}
_FIELDS = {
    "tasks": (
        "kind", "role", "tier", "office", "taken_by", "waits_since", "due_on", "due_at",
        "is_provisional", "sort_on",
    ),
    "clocks": (
        "started_at", "started_on", "unit", "length", "clause", "due_on", "due_at",
        "is_provisional", "rings_on",
    ),
    "pauses": ("began_on", "ended_on", "began_at", "ended_at", "reason", "clause"),
    "materials": ("code", "state", "document_id", "received_at", "owed_until"),
}  # fmt: skip
_CASE_FIELDS = (
    "status", "flags", "exchange_code", "length", "open_steps", "defects", "first_task", "came_on",
    "started_on", "ended_on", "due_on", "is_provisional", "last_at",
)  # fmt: skip


def case_from(kept: CaseRecord) -> CaseRow:
    """Give a case as others see it."""
    procedure = stored_procedure(kept.procedure_id)
    return CaseRow(
        id=kept.id,
        project_id=kept.project_id,
        number=kept.number,
        procedure=procedure.code,
        version=procedure.version,
        title=procedure.title,
        subject_kind=kept.subject_kind,
        subject_id=kept.subject_id,
        household_id=kept.household_id,
        division=kept.division,
        status=Status(kept.status),
        flags=frozenset(Flag(flag) for flag in kept.flags),
        exchange_code=kept.exchange_code,
        length=kept.length,
        open_steps=tuple(kept.open_steps),
        defects=kept.defects,
        came_on=kept.came_on,
        started_on=kept.started_on,
        ended_on=kept.ended_on,
        due_on=kept.due_on,
        is_provisional=kept.is_provisional,
        opened_at=kept.opened_at,
        last_at=kept.last_at,
    )


def actions_of(*, project_id: UUID, case_id: UUID) -> list[ActionRecord]:
    """Give a case's log, in order."""
    return list(
        ActionRecord.objects.filter(project_id=project_id, case_id=case_id).order_by("place")
    )


def lines_from(procedure: Procedure, kept: Iterable[ActionRecord]) -> list[Line]:
    """Give the log as the rules read it. A gap in it is refused with ``case.log-impossible``."""
    lines = []
    for place, row in enumerate(kept, start=1):
        if row.place != place:
            raise Refusal("case.log-impossible", place=place, kind=row.kind)
        lines.append(_line_from(procedure, row))
    return lines


def _line_from(procedure: Procedure, row: ActionRecord) -> Line:
    documents = {code: UUID(told) if told else None for code, told in row.materials}
    action = Action(
        kind=ActionKind(row.kind),
        at=city_time(row.at),
        role=row.role,
        tier=row.tier,
        by=str(row.by),
        step=row.step,
        outcome=row.outcome,
        materials=brought_in(procedure, documents),
        points=tuple(Point(code=code, arose_from=arose) for code, arose in row.points),
        reason=PauseReason(row.reason) if row.reason else None,
        clause=row.clauses[0] if row.clauses else "",
        why="" if not row.has_reasons else "sealed",
        facts=row.facts,
        second=str(row.second or ""),
        second_role=row.second_role,
    )
    return Line(action=action, by=row.by, documents=documents)


def brought_in(procedure: Procedure, codes: Iterable[str]) -> tuple[str, ...]:
    """Give the materials that come from outside; what a step makes comes with its decision."""
    return tuple(
        code
        for code in codes
        if code not in procedure.materials
        or procedure.materials[code].source is not Source.PRODUCED
    )


def seal_told(*, subject_id: UUID, action_id: UUID, act: NewAction) -> bytes | None:
    """Seal reasons, note and the words of the points; none where nothing was written."""
    texts = {point.code: point.text for point in act.points if point.text}
    if not (act.why or act.note or texts):
        return None
    told = json.dumps({"why": act.why, "note": act.note, "points": texts}, ensure_ascii=False)
    return seal_field(
        subject_id=subject_id, table=_TABLE, row_id=action_id, column=_COLUMN, text=told
    )


def action_lines(kept: list[ActionRecord], *, is_family: bool) -> tuple[ActionLine, ...]:
    """Give a log as its reader may see it; the words of an erased family are gone."""
    told = _opened(kept)
    return tuple(
        ActionLine(
            place=row.place,
            kind=ActionKind(row.kind),
            at=city_time(row.at),
            role=row.role,
            tier=row.tier,
            by=None if is_family else row.by,
            second=None if is_family else row.second,
            step=row.step,
            outcome=row.outcome,
            reason=PauseReason(row.reason) if row.reason else None,
            clauses=tuple(row.clauses),
            why=str(words.get("why", "")),
            note="" if is_family else str(words.get("note", "")),
            points=tuple(
                AskedPoint(code=code, text=_point_text(words, code), arose_from=arose)
                for code, arose in row.points
            ),
            materials=tuple(
                HandedIn(code=code, document_id=UUID(document) if document else None)
                for code, document in row.materials
            ),
            facts=row.facts,
        )
        for row, words in zip(kept, told, strict=True)
    )


def _point_text(words: Mapping[str, object], code: str) -> str:
    texts = words.get("points")
    return str(texts.get(code, "")) if isinstance(texts, dict) else ""


def _opened(kept: list[ActionRecord]) -> list[dict[str, object]]:
    sealed = [row for row in kept if row.told_sealed is not None]
    fields = [
        SealedField(
            place=FieldPlace(row.household_id or row.project_id, _TABLE, row.id, _COLUMN),
            sealed=bytes(row.told_sealed or b""),
        )
        for row in sealed
    ]
    try:
        texts = open_fields(fields=fields) if fields else []
    except Refusal as refusal:
        if refusal.code != "sealing.key-destroyed":
            raise
        return [{} for _ in kept]
    opened = {row.place: json.loads(text) for row, text in zip(sealed, texts, strict=True)}
    return [opened.get(row.place, {}) for row in kept]


def raised_of(*, project_id: UUID, case_id: UUID) -> Raised:
    """Give the alerts that stand for a case."""
    found = AlertRecord.objects.filter(project_id=project_id, case_id=case_id)
    return {
        (place, city_time(started_at), rung)
        for place, started_at, rung in found.values_list("place", "started_at", "rung")
    }


def stored_rows(kept: CaseRecord) -> Derived:
    """Give the rows as they are stored, to compare with what the log amounts to."""
    return Derived(
        case={name: getattr(kept, name) for name in _CASE_FIELDS},
        **{part: _rows_of(part, kept) for part in _DERIVED},
    )


def _rows_of(part: str, kept: CaseRecord) -> Rows:
    found = _DERIVED[part].objects.filter(project_id=kept.project_id, case_id=kept.id)
    names = _FIELDS[part]
    return {
        place: dict(zip(names, values, strict=True))
        for place, *values in found.values_list("place", *names)
    }


def put_case_fields(kept: CaseRecord, row: Row) -> None:
    """Put the folded fields on a case's record, without writing it."""
    for name in _CASE_FIELDS:
        setattr(kept, name, row[name])


def write_new_rows(cases: Sequence[tuple[CaseRecord, Derived]]) -> None:
    """Write all that is stored of cases that were just opened, a statement a table."""
    for part, model in _DERIVED.items():
        model.objects.bulk_create(
            [
                made
                for kept, derived in cases
                for made in _new_rows(part, kept, getattr(derived, part))
            ]
        )


def write_rows(kept: CaseRecord, derived: Derived) -> None:
    """Write what differs from the stored rows, inside the caller's operation."""
    for part, model in _DERIVED.items():
        wanted: Rows = getattr(derived, part)
        stored = _rows_of(part, kept)
        mine = model.objects.filter(project_id=kept.project_id, case_id=kept.id)
        gone = [place for place in stored if place not in wanted]
        if gone:
            mine.filter(place__in=gone).delete()
        fresh = {place: row for place, row in wanted.items() if place not in stored}
        model.objects.bulk_create(_new_rows(part, kept, fresh))
        for place, row in wanted.items():
            if place in stored and stored[place] != row:
                mine.filter(place=place).update(**row)


def _new_rows(part: str, kept: CaseRecord, rows: Rows) -> list[Model]:
    return [
        _DERIVED[part](
            project_id=kept.project_id,
            case_id=kept.id,
            place=place,
            household_id=kept.household_id,
            **row,
        )
        for place, row in rows.items()
    ]


def differing_parts(stored: Derived, derived: Derived) -> tuple[str, ...]:
    """Name the parts in which the stored rows are not what the log amounts to."""
    parts = [part for part in _DERIVED if getattr(stored, part) != getattr(derived, part)]
    return tuple((["status"] if stored.case != derived.case else []) + parts)


def record_from(
    *,
    kept: CaseRecord,
    action: Action,
    action_id: UUID,
    place: int,
    act: NewAction,
    by: UUID,
    second: UUID | None,
    clauses: tuple[str, ...],
    at: datetime,
) -> ActionRecord:
    """Give the record of a line that was judged lawful."""
    return ActionRecord(
        project_id=kept.project_id,
        case_id=kept.id,
        place=place,
        id=action_id,
        household_id=kept.household_id,
        kind=action.kind.value,
        at=at,
        role=action.role,
        tier=action.tier,
        by=by,
        second=second,
        second_role=action.second_role,
        step=action.step,
        outcome=action.outcome,
        materials=[
            [one.code, str(one.document_id) if one.document_id else None] for one in act.materials
        ],
        points=[[point.code, point.arose_from] for point in act.points],
        reason=action.reason.value if action.reason else "",
        clauses=list(clauses),
        facts=dict(act.facts),
        has_reasons=bool(act.why.strip()),
        told_sealed=seal_told(
            subject_id=kept.household_id or kept.project_id, action_id=action_id, act=act
        ),
    )
