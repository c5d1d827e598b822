"""What the platform does of itself: alerts, the night's comparison, deadlines reckoned again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import connections

from anju.foundation.access.context import reading
from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.casework.calendars import current_calendar
from anju.foundation.casework.definitions import stored_procedure
from anju.foundation.casework.events import CaseEvent, EventKind, tell
from anju.foundation.casework.folding import (
    RUNGS,
    Rows,
    climbed_rungs,
    rung_number,
    step_at,
)
from anju.foundation.casework.laying import derive_case, lock_case, unfold_case
from anju.foundation.casework.mapping import (
    differing_parts,
    put_case_fields,
    stored_rows,
    write_rows,
)
from anju.foundation.casework.models import CaseRecord, ClockRecord, HolidayNoticeRecord
from anju.foundation.casework.types import AlertLine, Difference, Moved
from anju.foundation.core.clock import city_time
from anju.foundation.core.crypto import new_id
from anju_rules.alerts import AlertRung
from anju_rules.calendar import calendar_with_notice
from anju_rules.procedures.types import Procedure
from anju_rules.values import Refusal

_AT_ONCE = 500


def raise_alerts(*, by: Actor, at: datetime, limit: int = 1_000) -> tuple[AlertLine, ...]:
    """Raise every alert that is due by ``at``, a case a transaction; many workers raise each once.

    Gives those that this worker raised: whoever raised one tells whom it concerns.
    """
    today = city_time(at).date()
    with reading(by=by):
        due = list(
            ClockRecord.objects.filter(rings_on__lte=today)
            .order_by("rings_on", "case_id")
            .values_list("project_id", "case_id")[:limit]
        )
    return tuple(
        alert
        for project_id, case_id in dict.fromkeys(due)
        for alert in raise_case_alerts(project_id=project_id, case_id=case_id, by=by, at=at)
    )


@operation(permits="casework.watch", action="casework.alert.raised", level=Secrecy.INTERNAL)
def raise_case_alerts(
    *, project_id: UUID, case_id: UUID, by: Actor, at: datetime
) -> tuple[AlertLine, ...]:
    """Raise what one case's clocks have climbed by ``at``; what was raised before is not told.

    Refuses with ``casework.unknown-case``.
    """
    kept = lock_case(project_id=project_id, case_id=case_id)
    procedure = stored_procedure(kept.procedure_id)
    found = unfold_case(kept, procedure)
    climbed = climbed_rungs(procedure, found, at=city_time(at), calendar=current_calendar())
    alerts = _insert_alerts(kept, procedure, climbed, at=at)
    write_rows(kept, derive_case(kept, procedure, found))
    record(
        target=kept.id,
        project_id=project_id,
        household_id=kept.household_id,
        outcome="done" if alerts else "nothing-due",
        body={"number": kept.number, "rungs": [[one.step, one.rung.value] for one in alerts]},
    )
    for alert in alerts:
        tell(
            CaseEvent(
                kind=EventKind.ALERTED,
                case_id=case_id,
                project_id=project_id,
                case=None,
                action=None,
                alert=alert,
                by=by,
                at=at,
            )
        )
    return alerts


def _insert_alerts(
    kept: CaseRecord,
    procedure: Procedure,
    climbed: Sequence[tuple[int, datetime, AlertRung]],
    *,
    at: datetime,
) -> tuple[AlertLine, ...]:
    """Insert the rungs that nobody raised yet: the unique row decides, whoever else tries."""
    if not climbed:
        return ()
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO casework_alert"
            " (project_id, id, case_id, place, started_at, rung, household_id, raised_at)"
            " SELECT %s, told.id, %s, told.place, told.started_at, told.rung, %s, %s"
            " FROM unnest(%s::uuid[], %s::smallint[], %s::timestamptz[], %s::smallint[])"
            "  AS told (id, place, started_at, rung)"
            " ON CONFLICT DO NOTHING RETURNING place, rung",
            [
                kept.project_id,
                kept.id,
                kept.household_id,
                at,
                [new_id() for _ in climbed],
                [place for place, _, _ in climbed],
                [started_at for _, started_at, _ in climbed],
                [rung_number(rung) for _, _, rung in climbed],
            ],
        )
        inserted = cursor.fetchall()
    return tuple(
        AlertLine(
            project_id=kept.project_id,
            case_id=kept.id,
            number=kept.number,
            step=step_at(procedure, place),
            rung=RUNGS[rung - 1],
            raised_at=at,
            household_id=kept.household_id,
            tells_supervisor=RUNGS[rung - 1].tells_supervisor,
        )
        for place, rung in inserted
    )


def refold_cases(*, by: Actor, project_id: UUID | None = None) -> tuple[Difference, ...]:
    """Fold every case again and compare: gives each whose tables are not what its log says.

    Nothing is mended: that somebody changed a table past the log is for people to look at.
    """
    differences = []
    for part in _cases_in_parts(by, project_id):
        with reading(by=by):
            kept = {(one.project_id, one.id): one for one in _cases(part)}
            for project, case in part:
                parts = _parts_of(kept[project, case])
                if parts:
                    differences.append(Difference(project_id=project, case_id=case, parts=parts))
    return tuple(differences)


def _parts_of(kept: CaseRecord) -> tuple[str, ...]:
    procedure = stored_procedure(kept.procedure_id)
    try:
        derived = derive_case(kept, procedure, unfold_case(kept, procedure))
    except Refusal:
        return ("log",)
    return differing_parts(stored_rows(kept), derived)


def _cases(part: Sequence[tuple[UUID, UUID]]) -> Iterator[CaseRecord]:
    return CaseRecord.objects.filter(id__in=[case for _, case in part]).iterator()


def _cases_in_parts(by: Actor, project_id: UUID | None) -> Iterator[Sequence[tuple[UUID, UUID]]]:
    after: tuple[UUID, UUID] | None = None
    while True:
        with reading(by=by):
            found = CaseRecord.objects.order_by("project_id", "id")
            if project_id is not None:
                found = found.filter(project_id=project_id)
            if after is not None:
                found = found.extra(where=["(project_id, id) > (%s, %s)"], params=list(after))
            part = list(found.values_list("project_id", "id")[:_AT_ONCE])
        if not part:
            return
        yield part
        after = part[-1]


@operation(
    permits="casework.calendar",
    action="casework.holiday-notice.loaded",
    clauses=("civil-code/203",),
    level=Secrecy.PUBLIC,
)
def load_holiday_notice(
    *,
    year: int,
    off_days: Sequence[date],
    worked_weekends: Sequence[date],
    by: Actor,
    at: datetime,
) -> None:
    """Load the State Council's next notice; :func:`reckon_again` then moves what was provisional.

    The same notice again changes nothing. Refuses with ``casework.notice-differs``,
    ``calendar.notice-out-of-turn`` and ``calendar.notice-malformed``.
    """
    calendar_with_notice(year=year, off_days=off_days, worked_weekends=worked_weekends)
    off = sorted(day.isoformat() for day in off_days)
    worked = sorted(day.isoformat() for day in worked_weekends)
    kept, is_new = HolidayNoticeRecord.objects.get_or_create(
        year=year,
        defaults={
            "off_days": off,
            "worked_weekends": worked,
            "loaded_at": at,
            "loaded_by": by.id,
        },
    )
    if not is_new and (kept.off_days, kept.worked_weekends) != (off, worked):
        raise Refusal("casework.notice-differs", year=year)
    record(target=str(year), body={"year": year, "off": off, "worked": worked})


def reckon_again(*, by: Actor, at: datetime) -> int:
    """Reckon every provisional deadline again, after a notice or a new library; how many moved.

    Each case that a notice touches gets an entry of its own; a settled deadline never moves.
    """
    moved = 0
    with reading(by=by):
        waiting = list(
            ClockRecord.objects.filter(is_provisional=True)
            .order_by("project_id", "case_id")
            .values_list("project_id", "case_id")
            .distinct()
        )
    for project_id, case_id in waiting:
        with reading(by=by):
            kept = CaseRecord.objects.get(project_id=project_id, id=case_id)
            is_moved = bool(_parts_of(kept))
        if is_moved:
            moved += bool(reckon_case_again(project_id=project_id, case_id=case_id, by=by, at=at))
    return moved


@operation(
    permits="casework.calendar",
    action="casework.deadline.reckoned-again",
    clauses=("civil-code/203",),
    level=Secrecy.INTERNAL,
)
def reckon_case_again(
    *,
    project_id: UUID,
    case_id: UUID,
    by: Actor,  # noqa: ARG001 - the gate reads it
    at: datetime,  # noqa: ARG001 - the gate reads it
) -> tuple[Moved, ...]:
    """Reckon the provisional deadlines of one case again; gives what moved or was settled.

    Refuses with ``casework.unknown-case`` and, where the log amounts to another state than is
    stored, with ``casework.tables-differ``: a notice moves deadlines and nothing else.
    """
    kept = lock_case(project_id=project_id, case_id=case_id)
    procedure = stored_procedure(kept.procedure_id)
    stored = stored_rows(kept)
    derived = derive_case(kept, procedure, unfold_case(kept, procedure))
    if stored.clocks.keys() != derived.clocks.keys() or stored.pauses != derived.pauses:
        raise Refusal("casework.tables-differ", number=kept.number)
    moved = _moves(procedure, stored.clocks, derived.clocks)
    put_case_fields(kept, derived.case)
    kept.save(force_update=True)
    write_rows(kept, derived)
    record(
        target=kept.id,
        project_id=project_id,
        household_id=kept.household_id,
        body={
            "number": kept.number,
            "moved": [
                [one.step, one.was.isoformat(), one.now.isoformat(), one.is_settled]
                for one in moved
            ],
        },
    )
    return moved


def _moves(procedure: Procedure, stored: Rows, derived: Rows) -> tuple[Moved, ...]:
    moved = []
    for place, row in derived.items():
        was, now = stored[place]["due_on"], row["due_on"]
        is_settled = not row["is_provisional"]
        if not (isinstance(was, date) and isinstance(now, date)):
            continue
        if was != now or (stored[place]["is_provisional"] and is_settled):
            moved.append(
                Moved(step=step_at(procedure, place), was=was, now=now, is_settled=is_settled)
            )
    return tuple(moved)
