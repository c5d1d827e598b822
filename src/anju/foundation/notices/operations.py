"""Writes of notices: published, seen, made longer, withdrawn, over; objections tied to them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connections

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.crypto import new_id
from anju.foundation.notices.contents import write_document
from anju.foundation.notices.copies import write_copy, write_end
from anju.foundation.notices.mapping import notice_from
from anju.foundation.notices.models import (
    MissedDayRecord,
    NoticeRecord,
    ObjectionRecord,
    SightingRecord,
)
from anju.foundation.notices.pages import china_day
from anju.foundation.notices.queries import missed_days_noted, standing_of
from anju.foundation.notices.types import NewNotice, NoticeRow, NoticeStanding, SightFault
from anju_rules.notices import NoticeState
from anju_rules.values import Refusal

_LONGEST_REASON = 400
_LONGEST_ADDRESS = 400


@operation(
    permits="notices.publish",
    action="notices.notice.published",
    clauses=("plan/publication",),
    level=Secrecy.PUBLIC,
)
def publish_notice(*, project_id: UUID, notice: NewNotice, by: Actor, at: datetime) -> NoticeRow:
    """Publish a notice: masked, signed, as a static copy; its term begins when it is seen.

    Refuses as :func:`lay_notice` does.
    """
    row = lay_notice(project_id=project_id, notice=notice, by=by, at=at)
    receipt = record(target=row.id, project_id=project_id, body=tell_publication(row))
    return tie_entry(
        project_id=project_id, notice_id=row.id, event_id=receipt.event_id, opens_entry=True
    )


def lay_notice(
    *,
    project_id: UUID,
    notice: NewNotice,
    by: Actor,  # noqa: ARG001 - whoever lays it is asked by the caller's operation
    at: datetime,
) -> NoticeRow:
    """Publish a notice inside the caller's operation, which then must call :func:`tie_entry`.

    The caller's entry holds what :func:`tell_publication` gives. Refuses as
    :func:`~.contents.write_document` does, and with ``notices.predecessor-stands`` where the
    notice to be replaced was not withdrawn, or has a successor already.
    """
    _lock_numbers(project_id)
    predecessor = None
    if notice.predecessor_id is not None:
        withdrawn = _withdrawn_predecessor(project_id, notice.predecessor_id)
        predecessor = withdrawn.number, withdrawn.digest
    notice_id = new_id()
    number = _next_number(project_id, year=china_day(at).year)
    document = write_document(
        notice=notice,
        notice_id=notice_id,
        project_id=project_id,
        number=number,
        predecessor=predecessor,
        at=at,
    )
    kept = NoticeRecord.objects.create(
        project_id=project_id,
        id=notice_id,
        number=number,
        kind=notice.kind.value,
        document=document,
        digest=write_copy(document=document, annexes=notice.annexes),
        subject_kind=notice.subject_kind,
        subject_id=notice.subject_id,
        predecessor_id=notice.predecessor_id,
        published_at=at,
        withdrawn_reason="",
    )
    return notice_from(kept)


def tell_publication(notice: NoticeRow) -> dict[str, object]:
    """Give what the entry of a publication says: nothing in it is personal."""
    return {
        "notice": str(notice.id),
        "number": notice.number,
        "kind": notice.kind.value,
        "digest": notice.digest,
        "length": notice.term.length,
        "counting": notice.term.counting.value,
        "predecessor": None if notice.predecessor_id is None else str(notice.predecessor_id),
    }


def tie_entry(
    *, project_id: UUID, notice_id: UUID, event_id: UUID, opens_entry: bool = False
) -> NoticeRow:
    """Say which entry records a publication; the transaction is refused at its end without.

    With ``opens_entry`` the entry's whole body is published beside the notice, so set it only
    where the body is :func:`tell_publication` and nothing more.
    """
    kept = _locked(project_id, notice_id)
    kept.event_id, kept.opens_entry = event_id, opens_entry
    kept.save(update_fields=["event_id", "opens_entry"])
    return notice_from(kept)


@operation(
    permits="notices.watch",
    action="notices.notice.looked-for",
    clauses=("civil-code/201",),
    level=Secrecy.PUBLIC,
)
def confirm_visible(
    *,
    project_id: UUID,
    notice_id: UUID,
    fault: SightFault,
    address: str,
    by: Actor,  # noqa: ARG001 - the gate reads it
    at: datetime,
) -> bool:
    """Note that a notice was looked for at ``address``, and what was found; whether it was new.

    The first sighting without a fault begins the term. A day keeps one row a finding: noting the
    same again changes nothing. Refuses with ``notices.unknown``, ``notices.over-already`` and
    ``notices.withdrawn-already``.
    """
    kept = _standing(project_id, notice_id)
    told = {"notice": str(notice_id), "digest": kept.digest, "fault": fault, "address": address}
    receipt = record(target=notice_id, project_id=project_id, body=told)
    _, is_new = SightingRecord.objects.get_or_create(
        project_id=project_id,
        notice_id=notice_id,
        seen_on=china_day(at),
        fault=fault,
        defaults={
            "id": new_id(),
            "at": at,
            "address": address[:_LONGEST_ADDRESS],
            "event_id": receipt.event_id,
        },
    )
    return is_new


@operation(
    permits="notices.watch",
    action="notices.notice.extended",
    clauses=("civil-code/201", "civil-code/203"),
    level=Secrecy.PUBLIC,
)
def extend_notice(
    *,
    project_id: UUID,
    notice_id: UUID,
    by: Actor,  # noqa: ARG001 - the gate reads it
    at: datetime,
) -> NoticeStanding:
    """Note the days on which a notice was missing, and the end it has because of them.

    The end moves by itself; this is the record of it. Refuses with ``notices.nothing-missed``
    where no day was missed since the last record, and like :func:`confirm_visible`.
    """
    _standing(project_id, notice_id)
    standing = standing_of(project_id=project_id, notice_id=notice_id, at=at)
    noted = missed_days_noted(project_id=project_id, notice_id=notice_id)
    fresh = [day for day in standing.window.missed if day not in noted]
    due = standing.window.due
    if not fresh or due is None:
        raise Refusal("notices.nothing-missed")
    told = {
        "notice": str(notice_id),
        "missed": [day.isoformat() for day in fresh],
        "due": due.on.isoformat(),
        "provisional": due.provisional,
    }
    receipt = record(target=notice_id, project_id=project_id, body=told)
    MissedDayRecord.objects.bulk_create(
        MissedDayRecord(
            project_id=project_id,
            id=new_id(),
            notice_id=notice_id,
            missed_on=day,
            due_on=due.on,
            noted_at=at,
            event_id=receipt.event_id,
        )
        for day in fresh
    )
    return standing


@operation(
    permits="notices.withdraw",
    action="notices.notice.withdrawn",
    clauses=("plan/publication",),
    level=Secrecy.PUBLIC,
)
def withdraw_notice(
    *,
    project_id: UUID,
    notice_id: UUID,
    reason: str,
    by: Actor,  # noqa: ARG001 - the gate reads it
    at: datetime,
) -> NoticeRow:
    """Withdraw a notice, with a reason that everybody reads; it stays, marked, for ever.

    Refuses with ``notices.reason-missing``, ``notices.unknown``, ``notices.withdrawn-already``,
    and with ``notices.over-already`` one that has stood its time.
    """
    words = reason.strip()[:_LONGEST_REASON]
    if not words:
        raise Refusal("notices.reason-missing")
    kept = _standing(project_id, notice_id)
    standing = standing_of(project_id=project_id, notice_id=notice_id, at=at)
    if standing.state is NoticeState.OVER:
        raise Refusal("notices.over-already", number=kept.number)
    told = {"ended": "withdrawn", "at": at.isoformat(), "reason": words}
    receipt = record(
        target=notice_id,
        project_id=project_id,
        body={"notice": str(notice_id), "digest": kept.digest, **told},
    )
    kept.withdrawn_at, kept.withdrawn_reason = at, words
    kept.withdrawn_event_id = receipt.event_id
    kept.save(update_fields=["withdrawn_at", "withdrawn_reason", "withdrawn_event_id"])
    row = notice_from(kept)
    write_end(notice=row, told=told)
    return row


@operation(
    permits="notices.watch",
    action="notices.notice.over",
    clauses=("civil-code/201", "civil-code/203"),
    level=Secrecy.PUBLIC,
)
def close_notice(
    *,
    project_id: UUID,
    notice_id: UUID,
    by: Actor,  # noqa: ARG001 - the gate reads it
    at: datetime,
) -> NoticeStanding:
    """Note that a notice has stood its whole time: the days it was seen, and those it was not.

    Refuses with ``notices.not-over``, and like :func:`confirm_visible`.
    """
    kept = _standing(project_id, notice_id)
    standing = standing_of(project_id=project_id, notice_id=notice_id, at=at)
    window = standing.window
    if window.due is None or window.began_on is None or window.state is not NoticeState.OVER:
        raise Refusal("notices.not-over", number=kept.number)
    told: dict[str, object] = {
        "ended": "over",
        "began_on": window.began_on.isoformat(),
        "last_on": window.due.on.isoformat(),
        "missed": [day.isoformat() for day in window.missed],
        "seen": sorted({row.seen_on.isoformat() for row in standing.sightings if not row.fault}),
        "objections": standing.objections,
    }
    receipt = record(
        target=notice_id,
        project_id=project_id,
        body={"notice": str(notice_id), "digest": kept.digest, **told},
    )
    kept.closed_at, kept.closed_event_id = at, receipt.event_id
    kept.save(update_fields=["closed_at", "closed_event_id"])
    write_end(notice=notice_from(kept), told=told)
    return standing


def lay_objection(*, project_id: UUID, notice_id: UUID, case_id: UUID, at: datetime) -> int:
    """Tie an objection's case to the notice it speaks of, inside the caller's operation.

    Gives how many there are now. Refuses with ``notices.unknown``, and with
    ``notices.objection-too-late`` once the notice is over or withdrawn.
    """
    _locked(project_id, notice_id)
    standing = standing_of(project_id=project_id, notice_id=notice_id, at=at)
    if not standing.window.takes_objections:
        raise Refusal("notices.objection-too-late", number=standing.notice.number)
    ObjectionRecord.objects.create(
        project_id=project_id, id=case_id, notice_id=notice_id, lodged_at=at
    )
    return standing.objections + 1


def _locked(project_id: UUID, notice_id: UUID) -> NoticeRecord:
    kept = (
        NoticeRecord.objects.select_for_update().filter(project_id=project_id, id=notice_id).first()
    )
    if kept is None:
        raise Refusal("notices.unknown")
    return kept


def _standing(project_id: UUID, notice_id: UUID) -> NoticeRecord:
    """Lock a notice that nothing has ended."""
    kept = _locked(project_id, notice_id)
    if kept.withdrawn_at is not None:
        raise Refusal("notices.withdrawn-already", number=kept.number)
    if kept.closed_at is not None:
        raise Refusal("notices.over-already", number=kept.number)
    return kept


def _withdrawn_predecessor(project_id: UUID, notice_id: UUID) -> NoticeRecord:
    kept = _locked(project_id, notice_id)
    successors = NoticeRecord.objects.filter(project_id=project_id, predecessor_id=notice_id)
    if kept.withdrawn_at is None or successors.exists():
        raise Refusal("notices.predecessor-stands", number=kept.number)
    return kept


def _lock_numbers(project_id: UUID) -> None:
    """Let those who publish in one project go one after the other: numbers have no holes."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('notices.number ' || %s, 0))",
            [str(project_id)],
        )


def _next_number(project_id: UUID, *, year: int) -> str:
    prefix = f"GS-{year}-"
    given = NoticeRecord.objects.filter(project_id=project_id, number__startswith=prefix).count()
    return f"{prefix}{given + 1:04d}"
