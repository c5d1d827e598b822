"""Opening a ceremony: its terms, who takes part, and the lists, which change until the freeze."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.crypto import new_id
from anju.foundation.draws.mapping import ceremony_rows, lines_of, terms_from
from anju.foundation.draws.models import (
    AmendmentRecord,
    CeremonyRecord,
    DrawRecord,
    EntryRecord,
    PartyRecord,
)
from anju.foundation.draws.operations.standing import note_event, take_hand
from anju.foundation.draws.types import CeremonyRow, NewLine, NewList, NewParty, NewTerms
from anju_rules.beacons import check_beacon_rule
from anju_rules.ceremony import (
    CUSTODY,
    Party,
    Step,
    Use,
    judge_parties,
    require_time_to_object,
)
from anju_rules.draws import Line, Scheme, check_terms, freeze_list
from anju_rules.values import Refusal, Ticket

ROWS_A_STATEMENT = 5_000
_ONCE = ("draws_ceremony_one_that_counts", "draws_ceremony_sequence_once")


def lay_out_ceremony(
    *,
    project_id: UUID,
    use: Use,
    batch: str,
    scheme: Scheme,
    terms: NewTerms,
    parties: Sequence[NewParty],
    lists: Sequence[NewList],
    take: int | None,
    draw_numbers: Sequence[str],
    at: datetime,
) -> CeremonyRow:
    """Lay out a ceremony inside the caller's operation, which records it.

    One draw a list, in order, each with its number. Of draws that count there is one for each
    ``(project_id, use, batch)`` while it is not void: another is refused with
    ``draws.already-open``, whatever races. After a void the next one needs a new beacon
    (``draws.beacon-used-before``) and, where custody was broken, another notary
    (``draws.same-notary``).

    Refuses also with ``draws.party-missing``, ``draws.party-twice``, ``draws.person-twice``,
    ``draws.numbers-differ``, ``draws.number-taken``, ``draws.freeze-too-late``,
    ``draws.nothing-to-take`` and, for what the protocol does not spell so, with ``draw.*``.
    """
    judge_parties([(one.who, one.party, str(one.account_id)) for one in parties]).raise_if_unmet()
    _check_form(lists=lists, take=take, draw_numbers=draw_numbers)
    check_beacon_rule(terms.beacon_rule)
    if scheme is Scheme.REAL:
        require_time_to_object(freeze_at=terms.freeze_at, beacon_at=terms.beacon_at)
    ceremony = _keep_ceremony(
        CeremonyRecord(
            project_id=project_id,
            id=new_id(),
            use=use.value,
            batch=batch,
            scheme=scheme.value,
            opened_at=at,
            freeze_at=terms.freeze_at,
            beacon_at=terms.beacon_at,
            beacon_rule=terms.beacon_rule,
            redraw_rule=terms.redraw_rule,
            take=take,
        ),
        parties=parties,
    )
    PartyRecord.objects.bulk_create(
        PartyRecord(
            project_id=project_id,
            ceremony_id=ceremony.id,
            who=one.who,
            position=position,
            party=one.party.value,
            account_id=one.account_id,
        )
        for position, one in enumerate(parties, start=1)
    )
    for position, (told, number) in enumerate(zip(lists, draw_numbers, strict=True), start=1):
        draw = _keep_draw(ceremony, told, position=position, number=number)
        check_terms(terms_from(ceremony, draw), committers=[one.who for one in parties])
    return ceremony_rows([ceremony])[0]


@operation(
    permits="draws.open",
    action="draws.ceremony.opened",
    clauses=("plan/draw",),
    level=Secrecy.PUBLIC,
)
def open_ceremony(
    *,
    project_id: UUID,
    use: Use,
    batch: str,
    scheme: Scheme,
    terms: NewTerms,
    parties: Sequence[NewParty],
    lists: Sequence[NewList],
    draw_numbers: Sequence[str],
    by: Actor,
    at: datetime,
    take: int | None = None,
) -> CeremonyRow:
    """Open a ceremony over lists that no other context keeps: bodies, supervisors, candidates.

    Refuses like :func:`lay_out_ceremony`.
    """
    del by
    row = lay_out_ceremony(
        project_id=project_id,
        use=use,
        batch=batch,
        scheme=scheme,
        terms=terms,
        parties=parties,
        lists=lists,
        take=take,
        draw_numbers=draw_numbers,
        at=at,
    )
    record(target=row.id, project_id=project_id, body=opening_told(row))
    return row


def opening_told(row: CeremonyRow) -> dict[str, object]:
    """Give what the ledger says of a ceremony that is opened; for the operation that opens one."""
    return {
        "use": row.use.value,
        "batch": row.batch,
        "sequence": row.sequence,
        "scheme": row.scheme.value,
        "freeze_at": row.freeze_at.isoformat(),
        "beacon_at": row.beacon_at.isoformat(),
        "beacon_rule": row.beacon_rule,
        "redraw_rule": row.redraw_rule,
        "take": row.take,
        "parties": [[one.who, one.party.value, str(one.account_id)] for one in row.parties],
        "draws": [
            {
                "draw_number": draw.draw_number,
                "stratum": draw.stratum,
                "entries": draw.size,
                "disputed": draw.disputed,
                "root": draw.root,
            }
            for draw in row.draws
        ],
    }


@operation(
    permits="draws.strike",
    action="draws.entry.added-on-paper",
    clauses=("plan/draw",),
    level=Secrecy.PUBLIC,
    steps_up=True,
)
def add_paper_entry(
    *,
    project_id: UUID,
    ceremony_id: UUID,
    draw_id: UUID,
    line: NewLine,
    reason: str,
    by: Actor,
    at: datetime,
) -> CeremonyRow:
    """Add an entry that came on paper; two people type it alike, and it changes the list's root.

    Only until the freeze (``draws.list-frozen``), and never without a ``reason``
    (``draws.no-reason``). The first person's is noted, the second person's enters the list. Refuses
    with ``draws.paper-entries-differ``, ``draws.same-person``, ``draw.ticket-twice``.
    """
    hand = take_hand(project_id=project_id, ceremony_id=ceremony_id, by=by)
    if hand.step is not Step.OPENED:
        raise Refusal("draws.list-frozen")
    if not reason.strip():
        raise Refusal("draws.no-reason")
    draw = next((one for one in hand.draws() if one.id == draw_id), None)
    if draw is None:
        raise Refusal("draws.no-such-draw")
    told = {
        "commitment": line.commitment.hex(),
        "masked_name": line.masked_name,
        "street": line.street,
        "is_disputed": line.is_disputed,
        "is_decided": line.is_decided,
    }
    mine = AmendmentRecord.objects.filter(
        project_id=project_id, ceremony_id=ceremony_id, kind="paper", ticket=line.ticket
    ).first()
    if mine is None:
        AmendmentRecord(
            project_id=project_id,
            ceremony_id=ceremony_id,
            kind="paper",
            ticket=line.ticket,
            draw_id=draw_id,
            reason=reason,
            line=told,
            first_by=by.id,
            first_at=at,
        ).save(force_insert=True)
    else:
        if mine.second_by is not None:
            raise Refusal("draw.ticket-twice", ticket=line.ticket)
        if mine.first_by == by.id:
            raise Refusal("draws.same-person")
        if mine.line != told or mine.draw_id != draw_id:
            raise Refusal("draws.paper-entries-differ", ticket=line.ticket)
        mine.second_by, mine.second_at = by.id, at
        mine.save(force_update=True)
        _add_entries(draw, [line])
        count_and_root(draw)
    note_event(
        hand.ceremony,
        kind="draws.entry.added-on-paper",
        by=by,
        at=at,
        facts={
            "ticket": line.ticket,
            "draw_number": draw.draw_number,
            "reason": reason,
            "root": draw.root,
            "done": int(mine is not None),
        },
    )
    return ceremony_rows([hand.ceremony])[0]


def count_and_root(draw: DrawRecord) -> None:
    """Count a draw's entries and take the roots anew, from the rows as they stand."""
    lines, disputed = lines_of(draw)
    frozen, apart = freeze_list(lines), freeze_list(disputed)
    _refuse_shared(lines, disputed)
    draw.size, draw.disputed = len(lines), len(disputed)
    draw.root, draw.disputed_root = frozen.root.hex(), apart.root.hex()
    draw.save(force_update=True)


def _check_form(*, lists: Sequence[NewList], take: int | None, draw_numbers: Sequence[str]) -> None:
    if not lists or len(lists) != len(draw_numbers):
        raise Refusal("draws.numbers-differ", lists=len(lists), numbers=len(draw_numbers))
    for told in lists:
        if not any(not line.is_disputed for line in told.lines):
            raise Refusal("draw.stratum-empty", stratum=told.stratum)
    if take is not None and take < 1:
        raise Refusal("draws.nothing-to-take")
    tickets = [line.ticket for told in lists for line in told.lines]
    if len(set(tickets)) != len(tickets):
        seen: set[Ticket] = set()
        raise Refusal(
            "draw.ticket-twice",
            ticket=next(one for one in tickets if one in seen or seen.add(one)),  # type: ignore[func-returns-value]
        )


def _keep_ceremony(ceremony: CeremonyRecord, *, parties: Sequence[NewParty]) -> CeremonyRecord:
    alike = CeremonyRecord.objects.filter(
        project_id=ceremony.project_id,
        use=ceremony.use,
        batch=ceremony.batch,
        scheme=ceremony.scheme,
    )
    _follow_voids(ceremony, list(alike.filter(step=Step.VOID.value)), parties)
    last = alike.aggregate(last=Max("sequence"))["last"]
    ceremony.sequence = (last or 0) + 1
    try:
        with transaction.atomic():
            ceremony.save(force_insert=True)
    except IntegrityError as error:
        if any(name in str(error) for name in _ONCE):
            raise Refusal("draws.already-open", use=ceremony.use, batch=ceremony.batch) from None
        raise
    return ceremony


def _follow_voids(
    ceremony: CeremonyRecord, voids: Sequence[CeremonyRecord], parties: Sequence[NewParty]
) -> None:
    """Hold the draw after a void to what the void leaves behind."""
    if ceremony.scheme != Scheme.REAL:
        return
    notary = next(one.account_id for one in parties if one.party is Party.NOTARY)
    for void in voids:
        if ceremony.beacon_at <= (void.postponed_to or void.beacon_at):
            raise Refusal("draws.beacon-used-before", beacon_at=ceremony.beacon_at.isoformat())
        is_same = PartyRecord.objects.filter(
            project_id=void.project_id,
            ceremony_id=void.id,
            party=Party.NOTARY.value,
            account_id=notary,
        ).exists()
        if void.void_cause == CUSTODY and is_same:
            raise Refusal("draws.same-notary")


def _keep_draw(
    ceremony: CeremonyRecord, told: NewList, *, position: int, number: str
) -> DrawRecord:
    lines = [Line(line.ticket, line.commitment) for line in told.lines if not line.is_disputed]
    apart = [Line(line.ticket, line.commitment) for line in told.lines if line.is_disputed]
    frozen, disputed = freeze_list(lines), freeze_list(apart)
    _refuse_shared(lines, apart)
    draw = DrawRecord(
        project_id=ceremony.project_id,
        id=new_id(),
        ceremony_id=ceremony.id,
        position=position,
        draw_number=number,
        stratum=told.stratum,
        size=len(lines),
        disputed=len(apart),
        root=frozen.root.hex(),
        disputed_root=disputed.root.hex(),
    )
    try:
        with transaction.atomic():
            draw.save(force_insert=True)
    except IntegrityError as error:
        if "draws_draw_number_once" in str(error):
            raise Refusal("draws.number-taken", draw_number=number) from None
        raise
    _add_entries(draw, told.lines)
    return draw


def _refuse_shared(lines: Sequence[Line], apart: Sequence[Line]) -> None:
    """Refuse one commitment under two tickets across a list and the one in dispute."""
    shared = {line.commitment for line in lines} & {line.commitment for line in apart}
    if shared:
        clash = next(line for line in apart if line.commitment in shared)
        raise Refusal("draw.commitment-twice", ticket=clash.ticket)


def _add_entries(draw: DrawRecord, lines: Sequence[NewLine]) -> None:
    rows = [
        EntryRecord(
            project_id=draw.project_id,
            ceremony_id=draw.ceremony_id,
            ticket=line.ticket,
            draw_id=draw.id,
            commitment=line.commitment,
            masked_name=line.masked_name,
            street=line.street,
            is_disputed=line.is_disputed,
            is_decided=line.is_decided,
        )
        for line in lines
    ]
    try:
        with transaction.atomic():
            EntryRecord.objects.bulk_create(rows, batch_size=ROWS_A_STATEMENT)
    except IntegrityError as error:
        if "draws_entry_pkey" in str(error):
            raise Refusal("draw.ticket-twice", ticket=lines[0].ticket) from None
        raise
