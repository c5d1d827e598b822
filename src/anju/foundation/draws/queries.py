"""Reads of the public draw. Everything here is public: no reader sees more than another (P2)."""

from __future__ import annotations

from uuid import UUID

from anju.foundation.access.permissions import is_permitted
from anju.foundation.access.types import Actor
from anju.foundation.draws.mapping import ceremony_rows, draw_from
from anju.foundation.draws.models import (
    CeremonyRecord,
    DrawRecord,
    EntryRecord,
    EventRecord,
    PlaceRecord,
)
from anju.foundation.draws.operations.standing import ROLES_OF
from anju.foundation.draws.types import CeremonyRow, EntryRow, EventRow, NextRow, PartyRow
from anju.foundation.ledger.queries import entries_of
from anju_rules.ceremony import (
    STEP_RULES,
    Act,
    Party,
    Step,
    missing_parties,
    place_back,
    step_after,
    taken,
)
from anju_rules.draw_bundle import show_bundle
from anju_rules.draws import derive_draw, derive_key
from anju_rules.hashing import bytes_from_hex
from anju_rules.values import Refusal, Ticket


def ceremonies_of(*, project_id: UUID) -> tuple[CeremonyRow, ...]:
    """Give a project's ceremonies, the latest first; void ones and rehearsals among them."""
    records = CeremonyRecord.objects.filter(project_id=project_id).order_by("-opened_at", "-id")
    return ceremony_rows(list(records))


def ceremony_by_id(*, project_id: UUID, ceremony_id: UUID) -> CeremonyRow:
    """Give one ceremony; refuses with ``draws.no-such-ceremony``."""
    records = CeremonyRecord.objects.filter(project_id=project_id, id=ceremony_id)
    rows = ceremony_rows(list(records))
    if not rows:
        raise Refusal("draws.no-such-ceremony")
    return rows[0]


def ceremony_of_draw(*, project_id: UUID, draw_number: str) -> CeremonyRow:
    """Give the ceremony of a draw by its number; refuses with ``draws.no-such-draw``."""
    draw = DrawRecord.objects.filter(project_id=project_id, draw_number=draw_number).first()
    if draw is None:
        raise Refusal("draws.no-such-draw")
    return ceremony_by_id(project_id=project_id, ceremony_id=draw.ceremony_id)


def ceremony_events(*, project_id: UUID, ceremony_id: UUID) -> tuple[EventRow, ...]:
    """Give the public log of a ceremony, oldest first; refused acts are in it too.

    It takes no reader: it is the same for every role (P2).
    """
    rows = EventRecord.objects.filter(project_id=project_id, ceremony_id=ceremony_id)
    told = {row.id: row for row in rows}
    events = []
    for entry in entries_of(str(ceremony_id)):
        row = told.get(entry.event_id)
        facts = dict(row.facts) if row is not None else {}
        facts.pop("outcome", None)
        events.append(
            EventRow(
                at=entry.at,
                kind=entry.action,
                role=entry.actor_role,
                facts=facts,
                event_id=entry.event_id,
                outcome=entry.outcome,
            )
        )
    return tuple(events)


def what_is_next(ceremony: CeremonyRow, *, by: Actor | None) -> NextRow:
    """Say what comes next and whose hand it waits for; ``by`` None is a visitor.

    ``may_act`` is about the hand, not the clock: that it is too early, or that the announcement
    waits for its witnesses, the operation says.
    """
    step = step_after(ceremony.step)
    if step is None:
        return NextRow(step=None, kind=None, waits_for=(), may_act=False, why="draws.all-done")
    kind = STEP_RULES[step].act
    waits_for = _waited_for(ceremony, step, kind)
    why = "draws.not-a-party" if by is None else _why_not(ceremony, step, kind, by)
    return NextRow(step=step, kind=kind, waits_for=waits_for, may_act=not why, why=why)


def _waited_for(ceremony: CeremonyRow, step: Step, kind: Act) -> tuple[Party, ...]:
    if kind is Act.COMMIT:
        held = [party.party for party in ceremony.parties if not party.has_committed]
        return tuple(party for party in Party if party in held)
    if kind in {Act.SIGN, Act.COUNT_AND_SIGN}:
        signed = [one.party for one in ceremony.signatures if one.step is step and not one.cause]
        return missing_parties(step, signed=signed)
    if kind is Act.VERIFY:
        reported = {one.account_id for one in ceremony.agreements}
        held = [party.party for party in ceremony.parties if party.account_id not in reported]
        return tuple(party for party in Party if party in held)
    return tuple(Party)


def _why_not(ceremony: CeremonyRow, step: Step, kind: Act, by: Actor) -> str:
    if kind is Act.COUNT_AND_SIGN and is_permitted(by, "draws.count"):
        is_left = any(street.counted is None for street in ceremony.streets)
        return "" if is_left else "draws.already-counted"
    mine = party_of(ceremony, by=by)
    if mine is None:
        return "draws.not-a-party"
    if kind is Act.COMMIT:
        return "draws.already-committed" if mine.has_committed else ""
    if kind is Act.VERIFY:
        has_reported = any(one.account_id == by.id for one in ceremony.agreements)
        return "draws.same-person" if has_reported else ""
    if kind is Act.COUNT_AND_SIGN and any(one.counted is None for one in ceremony.streets):
        return "draws.counts-missing"
    has_signed = any(
        one.step is step and one.who == mine.who and not one.cause for one in ceremony.signatures
    )
    return "draws.already-signed" if has_signed else ""


def party_of(ceremony: CeremonyRow, *, by: Actor) -> PartyRow | None:
    """Give the share that somebody holds in a ceremony; None: none, or in another role."""
    mine = next((one for one in ceremony.parties if one.account_id == by.id), None)
    return mine if mine is not None and by.role in ROLES_OF[mine.party] else None


def draw_bundle(*, project_id: UUID, draw_id: UUID) -> dict[str, object]:
    """Give one draw as it is published, whole; refuses with ``draws.not-derived`` before it is.

    A void draw is given with its cause and the secrets opened so far.
    """
    draw = DrawRecord.objects.filter(project_id=project_id, id=draw_id).first()
    if draw is None:
        raise Refusal("draws.no-such-draw")
    ceremony = CeremonyRecord.objects.get(project_id=project_id, id=draw.ceremony_id)
    if not draw.seed and not ceremony.void_cause:
        raise Refusal("draws.not-derived", draw_number=draw.draw_number)
    whole = draw_from(ceremony, draw)
    result = None if ceremony.void_cause else derive_draw(whole)
    return show_bundle(whole, result, void=ceremony.void_cause)


def entry_of(*, project_id: UUID, ceremony_id: UUID, ticket: Ticket) -> EntryRow | None:
    """Give one entry of a ceremony, with its place once the order is derived."""
    entry = EntryRecord.objects.filter(
        project_id=project_id, ceremony_id=ceremony_id, ticket=ticket
    ).first()
    if entry is None:
        return None
    draw = DrawRecord.objects.get(project_id=project_id, id=entry.draw_id)
    place = (
        PlaceRecord.objects.filter(project_id=project_id, draw_id=draw.id, ticket=ticket)
        .values_list("place", flat=True)
        .first()
    )
    index = EntryRecord.objects.filter(
        project_id=project_id,
        draw_id=draw.id,
        is_disputed=entry.is_disputed,
        # By bytes, as the rules sort tickets, whatever the database's language.
        ticket__lt=ticket,
    ).count()
    return EntryRow(
        draw_id=draw.id,
        draw_number=draw.draw_number,
        stratum=draw.stratum,
        ticket=Ticket(entry.ticket),
        commitment=bytes(entry.commitment).hex(),
        masked_name=entry.masked_name,
        street=entry.street,
        is_disputed=entry.is_disputed,
        place=place,
        index=index,
    )


def order_of(*, project_id: UUID, ceremony_id: UUID) -> tuple[tuple[str, tuple[Ticket, ...]], ...]:
    """Give each stratum with its order as it holds: struck lines out, decided disputes in.

    Empty orders before the derivation. Only a locked order is final; who takes it asks for that.
    """
    ceremony = ceremony_by_id(project_id=project_id, ceremony_id=ceremony_id)
    told = []
    for draw in ceremony.draws:
        places = PlaceRecord.objects.filter(project_id=project_id, draw_id=draw.id)
        order = [Ticket(one) for one in places.order_by("place").values_list("ticket", flat=True)]
        if draw.placed:
            order = list(_with_placed(ceremony, draw.seed, order, draw.placed))
        told.append((draw.stratum, taken(order, take=None, struck=draw.struck)))
    return tuple(told)


def taken_of(*, project_id: UUID, ceremony_id: UUID) -> tuple[tuple[str, tuple[Ticket, ...]], ...]:
    """Give each stratum with what is taken of its order: the first ``take``, or all."""
    ceremony = ceremony_by_id(project_id=project_id, ceremony_id=ceremony_id)
    return tuple(
        (stratum, taken(order, take=ceremony.take))
        for stratum, order in order_of(project_id=project_id, ceremony_id=ceremony_id)
    )


def _with_placed(
    ceremony: CeremonyRow, seed: str, order: list[Ticket], placed: tuple[Ticket, ...]
) -> tuple[Ticket, ...]:
    told = bytes_from_hex(seed)

    def key_of(ticket: Ticket) -> tuple[bytes, Ticket]:
        return derive_key(scheme=ceremony.scheme, seed=told, ticket=ticket), ticket

    keys = [(key_of(ticket), ticket) for ticket in order]
    ranked = sorted(placed, key=key_of)
    before = {
        ticket: next((other for key, other in keys if key > key_of(ticket)), None)
        for ticket in ranked
    }
    return place_back(order, before=before, placed=ranked)
