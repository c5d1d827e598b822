"""Rows of the public draw into rules, and into what others see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone
from typing import TypeVar
from uuid import UUID

from django.db.models import Count, Q

from anju.foundation.draws.models import (
    AgreementRecord,
    AmendmentRecord,
    BeaconPartRecord,
    CeremonyRecord,
    CommitmentRecord,
    DrawRecord,
    EntryRecord,
    PartyRecord,
    SignatureRecord,
    StreetCountRecord,
)
from anju.foundation.draws.types import (
    AgreementRow,
    AmendmentRow,
    BeaconPartRow,
    CeremonyRow,
    CommitmentRow,
    DrawRow,
    PartyRow,
    SignatureRow,
    StreetCountRow,
    VoidRow,
)
from anju_rules.beacons import name_parts
from anju_rules.ceremony import Party, Step, Use
from anju_rules.draws import Draw, Line, Scheme, Terms
from anju_rules.hashing import bytes_from_hex
from anju_rules.values import Ticket

_BEIJING = timezone(timedelta(hours=8))
_Row = TypeVar(
    "_Row",
    PartyRecord,
    DrawRecord,
    CommitmentRecord,
    StreetCountRecord,
    BeaconPartRecord,
    SignatureRecord,
    AgreementRecord,
    AmendmentRecord,
)


def moment_text(moment: datetime) -> str:
    """Spell a moment as the protocol does.

    >>> moment_text(datetime(2026, 11, 23, 9, 0, tzinfo=timezone.utc))
    '2026-11-23T17:00:00+08:00'
    """
    return moment.astimezone(_BEIJING).isoformat(timespec="seconds")


def terms_from(ceremony: CeremonyRecord, draw: DrawRecord) -> Terms:
    """Give what is fixed of one draw."""
    return Terms(
        scheme=Scheme(ceremony.scheme),
        draw_id=draw.draw_number,
        stratum=draw.stratum,
        freeze_at=moment_text(ceremony.freeze_at),
        beacon_at=moment_text(ceremony.beacon_at),
        beacon_rule=ceremony.beacon_rule,
        redraw_rule=ceremony.redraw_rule,
    )


def lines_of(draw: DrawRecord) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """Give a draw's list, and the one in dispute, each by ticket."""
    lists: dict[bool, list[Line]] = {False: [], True: []}
    rows = EntryRecord.objects.filter(project_id=draw.project_id, draw_id=draw.id)
    for ticket, commitment, is_disputed in rows.values_list("ticket", "commitment", "is_disputed"):
        lists[is_disputed].append(Line(Ticket(ticket), bytes(commitment)))
    for lines in lists.values():
        lines.sort(key=lambda line: line.ticket)
    return tuple(lists[False]), tuple(lists[True])


def commitments_of(ceremony: CeremonyRecord, draw: DrawRecord) -> list[CommitmentRecord]:
    """Give a draw's commitments in the order of the parties, which is the announced one."""
    order = dict(
        PartyRecord.objects.filter(
            project_id=ceremony.project_id, ceremony_id=ceremony.id
        ).values_list("who", "position")
    )
    rows = CommitmentRecord.objects.filter(project_id=draw.project_id, draw_id=draw.id)
    return sorted(rows, key=lambda row: order[row.who])


def draw_from(ceremony: CeremonyRecord, draw: DrawRecord) -> Draw:
    """Give one draw as the rules derive it: of a void one, as much as is known."""
    lines, disputed = lines_of(draw)
    committed = commitments_of(ceremony, draw)
    parts = BeaconPartRecord.objects.filter(
        project_id=ceremony.project_id, ceremony_id=ceremony.id, second_by__isnull=False
    ).order_by("place")
    return Draw(
        terms=terms_from(ceremony, draw),
        lines=lines,
        disputed=disputed,
        secrets=tuple((row.who, bytes_from_hex(row.secret)) for row in committed if row.secret),
        commitments=tuple((row.who, bytes_from_hex(row.commitment)) for row in committed),
        beacon=tuple(part.text for part in parts),
    )


def ceremony_rows(records: Sequence[CeremonyRecord]) -> tuple[CeremonyRow, ...]:
    """Give ceremonies of one project as everybody may see them, in the order given."""
    if not records:
        return ()
    told = _Told(records[0].project_id, [record.id for record in records])
    return tuple(told.row(record) for record in records)


class _Told:
    """What stands in the tables about some ceremonies of one project, read once a table."""

    def __init__(self, project_id: UUID, ids: Sequence[UUID]) -> None:
        mine = Q(project_id=project_id, ceremony_id__in=ids)
        self._parties = _grouped(PartyRecord.objects.filter(mine).order_by("position"))
        self._draws = _grouped(DrawRecord.objects.filter(mine).order_by("position"))
        self._commitments = _grouped(CommitmentRecord.objects.filter(mine))
        self._counts = _grouped(StreetCountRecord.objects.filter(mine).order_by("street"))
        self._parts = _grouped(BeaconPartRecord.objects.filter(mine).order_by("place"))
        self._signatures = _grouped(SignatureRecord.objects.filter(mine).order_by("at", "id"))
        self._agreements = _grouped(AgreementRecord.objects.filter(mine).order_by("at"))
        self._amendments = _grouped(AmendmentRecord.objects.filter(mine).order_by("first_at"))
        self._listed = _listed_by_street(mine)
        siblings = CeremonyRecord.objects.filter(project_id=project_id)
        self._siblings = list(siblings.order_by("sequence"))
        voids = [one.id for one in self._siblings if one.step == Step.VOID]
        self._void_numbers: dict[UUID, list[str]] = defaultdict(list)
        if voids:
            numbers = DrawRecord.objects.filter(project_id=project_id, ceremony_id__in=voids)
            for draw in numbers.order_by("position"):
                self._void_numbers[draw.ceremony_id].append(draw.draw_number)

    def row(self, record: CeremonyRecord) -> CeremonyRow:
        """Give one of them."""
        alike = [
            other
            for other in self._siblings
            if (other.use, other.batch, other.scheme) == (record.use, record.batch, record.scheme)
        ]
        committed = {row.who for row in self._commitments[record.id]}
        return CeremonyRow(
            id=record.id,
            project_id=record.project_id,
            use=Use(record.use),
            batch=record.batch,
            sequence=record.sequence,
            of=len(alike),
            scheme=Scheme(record.scheme),
            step=Step(record.step),
            void_cause=record.void_cause,
            opened_at=record.opened_at,
            freeze_at=record.freeze_at,
            beacon_at=record.beacon_at,
            beacon_rule=record.beacon_rule,
            redraw_rule=record.redraw_rule,
            postponed_to=record.postponed_to,
            take=record.take,
            announced_event_id=record.announced_event_id,
            result_digest=record.result_digest,
            draws=tuple(self._draw(record, draw) for draw in self._draws[record.id]),
            parties=tuple(
                PartyRow(
                    who=party.who,
                    party=Party(party.party),
                    account_id=party.account_id,
                    has_committed=party.who in committed,
                )
                for party in self._parties[record.id]
            ),
            streets=self._streets(record),
            beacon=self._beacon(record),
            signatures=tuple(_signature(row) for row in self._signatures[record.id]),
            agreements=tuple(
                AgreementRow(
                    verifier=row.verifier, digest=row.digest, account_id=row.account_id, at=row.at
                )
                for row in self._agreements[record.id]
            ),
            amendments=tuple(_amendment(row) for row in self._amendments[record.id]),
            voids=tuple(
                VoidRow(
                    ceremony_id=other.id,
                    sequence=other.sequence,
                    cause=other.void_cause,
                    draw_numbers=tuple(self._void_numbers[other.id]),
                )
                for other in alike
                if other.step == Step.VOID and other.sequence < record.sequence
            ),
        )

    def _draw(self, record: CeremonyRecord, draw: DrawRecord) -> DrawRow:
        position = {party.who: party.position for party in self._parties[record.id]}
        committed = [row for row in self._commitments[record.id] if row.draw_id == draw.id]
        committed.sort(key=lambda row: position[row.who])
        done = [
            row
            for row in self._amendments[record.id]
            if row.draw_id == draw.id and row.second_by is not None
        ]
        return DrawRow(
            id=draw.id,
            draw_number=draw.draw_number,
            stratum=draw.stratum,
            position=draw.position,
            size=draw.size,
            disputed=draw.disputed,
            root=draw.root,
            disputed_root=draw.disputed_root,
            announcement=draw.announcement,
            seed=draw.seed,
            commitments=tuple(_commitment(row) for row in committed),
            struck=tuple(Ticket(row.ticket) for row in done if row.kind == "strike"),
            placed=tuple(Ticket(row.ticket) for row in done if row.kind == "place"),
        )

    def _streets(self, record: CeremonyRecord) -> tuple[StreetCountRow, ...]:
        counted = {row.street: row for row in self._counts[record.id]}
        return tuple(
            StreetCountRow(
                street=street,
                listed=listed,
                counted=counted[street].counted if street in counted else None,
                signed_at=counted[street].signed_at if street in counted else None,
            )
            for street, listed in sorted(self._listed[record.id].items())
        )

    def _beacon(self, record: CeremonyRecord) -> tuple[BeaconPartRow, ...]:
        typed = {part.place: part for part in self._parts[record.id]}
        rows = []
        for place, name in enumerate(name_parts(record.beacon_rule), start=1):
            part = typed.get(place)
            is_whole = part is not None and part.second_by is not None
            rows.append(
                BeaconPartRow(
                    place=place,
                    name=name,
                    text=part.text if part is not None and is_whole else "",
                    entries=0 if part is None else 1 + is_whole,
                )
            )
        return tuple(rows)


def listed_by_street(*, project_id: UUID, ceremony_id: UUID) -> dict[str, int]:
    """Count the entries of each street in a ceremony's lists; disputed and struck ones left out."""
    return _listed_by_street(Q(project_id=project_id, ceremony_id__in=[ceremony_id]))[ceremony_id]


def _listed_by_street(mine: Q) -> dict[UUID, dict[str, int]]:
    listed: dict[UUID, dict[str, int]] = defaultdict(dict)
    entries = EntryRecord.objects.filter(mine, is_disputed=False).exclude(street="")
    for row in entries.values("ceremony_id", "street").annotate(listed=Count("ticket")):
        listed[row["ceremony_id"]][row["street"]] = row["listed"]
    struck = AmendmentRecord.objects.filter(mine, kind="strike", second_by__isnull=False)
    for ceremony_id, ticket in struck.values_list("ceremony_id", "ticket"):
        street = (
            EntryRecord.objects.filter(mine, ceremony_id=ceremony_id, ticket=ticket)
            .values_list("street", flat=True)
            .first()
        )
        if street:
            listed[ceremony_id][street] -= 1
    return listed


def _grouped(rows: Iterable[_Row]) -> dict[UUID, list[_Row]]:
    told: dict[UUID, list[_Row]] = defaultdict(list)
    for row in rows:
        told[row.ceremony_id].append(row)
    return told


def _commitment(row: CommitmentRecord) -> CommitmentRow:
    scans = (row.first_scan_by is not None) + (row.second_scan_by is not None)
    return CommitmentRow(
        who=row.who,
        commitment=row.commitment,
        entered_at=row.entered_at,
        secret=row.secret,
        scans=scans,
    )


def _signature(row: SignatureRecord) -> SignatureRow:
    return SignatureRow(
        step=Step(row.step),
        who=row.who,
        party=Party(row.party),
        at=row.at,
        event_id=row.event_id,
        cause=row.cause,
    )


def _amendment(row: AmendmentRecord) -> AmendmentRow:
    return AmendmentRow(
        draw_id=row.draw_id,
        kind=row.kind,
        ticket=Ticket(row.ticket),
        reason=row.reason,
        is_done=row.second_by is not None,
        at=row.second_at or row.first_at,
    )
