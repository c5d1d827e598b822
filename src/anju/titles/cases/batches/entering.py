"""Rows of a batch settled together: found, tried together, taken apart where one fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import structlog
from django.db import DataError, IntegrityError, connections, transaction

from anju.foundation.exchange.faults import Fault, fault_from_refusal
from anju.titles.cases.batches.filing import ReadyHome
from anju.titles.cases.batches.mapping import ToldRow, seal_rows
from anju.titles.cases.batches.models import BatchRowRecord
from anju.titles.cases.batches.types import RowReport
from anju_rules.values import Refusal

UNEXPECTED = (IntegrityError, DataError, ValueError, TypeError, LookupError, ArithmeticError)
"""What a fault of ours, or of one home's data, looks like; a database that is away is none."""
_WRITTEN = (
    *("place", "digest", "state", "is_new", "rule"),
    *("told_sealed", "home_id", "case_id", "at"),
)
# One statement for many rows: the ORM's own takes a third of what a home costs to put together.
_WRITE = """
UPDATE titlecases_batch_row AS kept
SET digest = told.digest, state = told.state, is_new = told.is_new, rule = told.rule,
    told_sealed = told.told_sealed, home_id = told.home_id, case_id = told.case_id, at = told.at
FROM unnest(%s::int[], %s::text[], %s::text[], %s::boolean[], %s::text[],
            %s::bytea[], %s::uuid[], %s::uuid[], %s::timestamptz[])
     AS told (place, digest, state, is_new, rule, told_sealed, home_id, case_id, at)
WHERE kept.project_id = %s AND kept.batch_id = %s AND kept.place = told.place
"""
_log = structlog.get_logger(__name__)
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a row that waited."""

    report: RowReport
    fault: Fault | None = None
    """Why its home is refused, beyond what the report says."""
    home_id: UUID | None = None
    case_id: UUID | None = None
    is_new: bool = False

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All that is wrong with it."""
        return self.report.faults if self.fault is None else (*self.report.faults, self.fault)


def refused(report: RowReport, why: Refusal | str) -> Outcome:
    """Give the outcome of a row that is refused by a rule."""
    file = report.faults[0].file if report.faults else "manifest"
    if isinstance(why, Refusal):
        return Outcome(report=report, fault=fault_from_refusal(why, file=file, row=report.place))
    return Outcome(report=report, fault=Fault(file=file, row=report.place, rule=why))


def try_together(
    homes: Sequence[ReadyHome], act: Callable[[Sequence[ReadyHome]], Sequence[Answer]]
) -> tuple[list[tuple[ReadyHome, Answer]], list[Outcome]]:
    """Do something to all homes at once; gives those it was done to, and those it refuses.

    What fails is undone to a savepoint and tried again in halves, until the home that fails
    stands alone: it is refused, and the others go on. ``act`` gives an answer a home.
    """
    if not homes:
        return [], []
    try:
        with transaction.atomic():
            return list(zip(homes, act(homes), strict=True)), []
    except Refusal as refusal:
        why: Refusal | str = refusal
    except UNEXPECTED as error:
        why = "batches.failed-unexpectedly"
        if len(homes) == 1:
            kind = type(error).__name__
            _log.exception("batches.home-failed", row=homes[0].judged.report.place, kind=kind)
    if len(homes) == 1:
        return [], [refused(homes[0].judged.report, why)]
    half = len(homes) // 2
    done, out = try_together(homes[:half], act)
    more_done, more_out = try_together(homes[half:], act)
    return [*done, *more_done], [*out, *more_out]


def lock_rows(
    *, project_id: UUID, batch_id: UUID, places: Sequence[int]
) -> dict[int, BatchRowRecord]:
    """Give rows that nobody else changes until the transaction ends, by place.

    Refuses with ``batches.row-unknown``.
    """
    found = (
        BatchRowRecord.objects.select_for_update()
        .filter(project_id=project_id, batch_id=batch_id, place__in=places)
        .order_by("place")
    )
    rows = {row.place: row for row in found}
    for place in places:
        if place not in rows:
            raise Refusal("batches.row-unknown", row=place)
    return rows


def find_known(*, project_id: UUID, reports: Sequence[RowReport]) -> dict[int, Outcome]:
    """Take over the cases of the same content that was taken in before, by place."""
    wanted = [one for one in reports if one.digest and not one.faults]
    found = BatchRowRecord.objects.filter(
        project_id=project_id, digest__in=[one.digest for one in wanted], state="done"
    ).order_by("is_new")
    earlier = {(row.digest, row.number): row for row in found}
    return {
        one.place: Outcome(report=one, home_id=row.home_id, case_id=row.case_id)
        for one in wanted
        if (row := earlier.get((one.digest, one.number))) is not None
    }


def write_outcomes(
    *, rows: dict[int, BatchRowRecord], outcomes: Sequence[Outcome], at: datetime
) -> None:
    """Write what became of rows of one batch, all of them in one statement."""
    if not outcomes:
        return
    first = rows[outcomes[0].report.place]
    sealed = seal_rows(
        project_id=first.project_id,
        batch_id=first.batch_id,
        rows=[told_row(one.report, faults=one.faults) for one in outcomes],
    )
    for one in outcomes:
        kept = rows[one.report.place]
        kept.digest, kept.at = one.report.digest, at
        kept.told_sealed = sealed[kept.place]
        kept.state, kept.rule = ("refused" if one.faults else "done"), rule_of(one.faults)
        kept.home_id, kept.case_id, kept.is_new = one.home_id, one.case_id, one.is_new
    write_rows([rows[one.report.place] for one in outcomes])


def write_rows(rows: Sequence[BatchRowRecord]) -> None:
    """Write rows of one batch that were changed, in one statement."""
    if not rows:
        return
    columns = [[getattr(row, name) for row in rows] for name in _WRITTEN]
    with connections["default"].cursor() as cursor:
        cursor.execute(_WRITE, [*columns, rows[0].project_id, rows[0].batch_id])


def told_row(report: RowReport, *, faults: tuple[Fault, ...]) -> ToldRow:
    """Give what is to be told of a row."""
    return ToldRow(place=report.place, faults=faults, notes=report.notes, figures=report.figures)


def rule_of(faults: tuple[Fault, ...]) -> str:
    """Give the first rule that a row breaks; empty where it breaks none."""
    return faults[0].rule[:64] if faults else ""
