"""When something goes wrong: void for a listed cause, strike a line, place a disputed one."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db.models import Count

from anju.foundation.access.operations import operation
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.draws.mapping import ceremony_rows
from anju.foundation.draws.models import (
    AmendmentRecord,
    CommitmentRecord,
    EntryRecord,
    FailedScanRecord,
    PartyRecord,
)
from anju.foundation.draws.operations.standing import (
    Hand,
    keep_signature,
    note_event,
    parties_signed,
    require_reached,
    require_unsigned,
    take_hand,
)
from anju.foundation.draws.placing import require_placeable
from anju.foundation.draws.types import CeremonyRow
from anju_rules.ceremony import (
    CUSTODY,
    Party,
    Step,
    judge_void,
    require_listed_cause,
    require_void_in_time,
)
from anju_rules.values import Refusal, Ticket


@operation(
    permits="draws.void",
    action="draws.void.signed",
    clauses=("plan/draw",),
    level=Secrecy.PUBLIC,
    steps_up=True,
)
def sign_void(
    *, project_id: UUID, ceremony_id: UUID, cause: str, by: Actor, at: datetime
) -> CeremonyRow:
    """Sign that a draw is void; the third signature of a third party makes it so.

    ``cause`` is ``custody`` (a seal broken early) or ``commit-invalid:<who>`` (a card that two
    people scanned alike and that does not open); that a result is disliked is none
    (``draws.cause-not-listed``). A void draw stays public for ever, with the secrets opened so far.
    Refuses also with ``draws.void-too-late``, ``draws.no-evidence``, ``draws.already-signed``.
    """
    hand = take_hand(project_id=project_id, ceremony_id=ceremony_id, by=by)
    ceremony = hand.ceremony
    mine = {"project_id": project_id, "ceremony_id": ceremony_id}
    whos = PartyRecord.objects.filter(**mine).values_list("who", flat=True)
    require_listed_cause(cause, committers=set(whos))
    is_any_card_open = CommitmentRecord.objects.filter(**mine, first_scan_by__isnull=False).exists()
    require_void_in_time(cause, standing=hand.step, is_any_card_open=is_any_card_open)
    if cause != CUSTODY:
        _require_evidence(hand, who=cause.partition(":")[2])
    party = Party(hand.party.party)
    signed = parties_signed(ceremony, step=Step.VOID, cause=cause)
    require_unsigned(signed, by=by, party=party, step=Step.VOID)
    parties = [other for _, other in signed] + [party]
    is_void = judge_void(cause, committers=set(whos), signed=parties).met
    receipt = note_event(
        ceremony,
        kind="draws.void.signed",
        by=by,
        at=at,
        facts={
            "cause": cause,
            "who": hand.party.who,
            "party": party.value,
            "done": int(is_void),
        },
    )
    keep_signature(hand, step=Step.VOID, by=by, at=at, event_id=receipt.event_id, cause=cause)
    if is_void:
        ceremony.step, ceremony.void_cause = Step.VOID.value, cause
        ceremony.save(force_update=True)
    return ceremony_rows([ceremony])[0]


def _require_evidence(hand: Hand, *, who: str) -> None:
    """Refuse to void for a card that two people have not scanned alike, without its opening."""
    scans = FailedScanRecord.objects.filter(
        project_id=hand.ceremony.project_id, ceremony_id=hand.ceremony.id, who=who
    )
    alike = (
        scans.values("draw_id", "secret")
        .annotate(people=Count("scanned_by", distinct=True))
        .filter(people__gte=2)
    )
    if not alike.exists():
        raise Refusal("draws.no-evidence", who=who)


@operation(
    permits="draws.strike",
    action="draws.entry.struck",
    clauses=("plan/draw",),
    level=Secrecy.PUBLIC,
    steps_up=True,
)
def strike_entry(
    *,
    project_id: UUID,
    ceremony_id: UUID,
    ticket: Ticket,
    reason: str,
    by: Actor,
    at: datetime,
) -> CeremonyRow:
    """Strike a line that stands in the list by a proven error, or whose body recuses itself.

    Two people, after the freeze; nobody else's place moves, and the draw is not void. Refuses with
    ``draws.no-reason``, ``draws.no-such-entry``, ``draws.same-person``, ``draws.already-struck``,
    ``draws.wrong-step``.
    """
    hand = take_hand(project_id=project_id, ceremony_id=ceremony_id, by=by)
    require_reached(hand.ceremony, first=Step.FROZEN, last=Step.LOCKED)
    if not reason.strip():
        raise Refusal("draws.no-reason")
    return _amend(hand, kind="strike", ticket=ticket, reason=reason, by=by, at=at)


@operation(
    permits="draws.strike",
    action="draws.entry.placed",
    clauses=("plan/draw",),
    level=Secrecy.PUBLIC,
    steps_up=True,
)
def place_disputed(
    *, project_id: UUID, ceremony_id: UUID, ticket: Ticket, by: Actor, at: datetime
) -> CeremonyRow:
    """Let a disputed entry in, at the place its key gives; two people, once the order is derived.

    Who was not in the announced list of disputes cannot be added (``draws.not-disputed``), nor
    one entered undecided before the context that entered it has decided
    (:mod:`~anju.foundation.draws.placing`). Refuses also with ``draws.same-person``,
    ``draws.already-placed``, ``draws.wrong-step``.
    """
    hand = take_hand(project_id=project_id, ceremony_id=ceremony_id, by=by)
    require_reached(hand.ceremony, first=Step.DERIVED, last=Step.LOCKED)
    return _amend(hand, kind="place", ticket=ticket, reason="", by=by, at=at)


_KINDS = {
    "strike": ("draws.entry.struck", "draws.no-such-entry", "draws.already-struck"),
    "place": ("draws.entry.placed", "draws.not-disputed", "draws.already-placed"),
}


def _amend(
    hand: Hand,
    *,
    kind: Literal["strike", "place"],
    ticket: Ticket,
    reason: str,
    by: Actor,
    at: datetime,
) -> CeremonyRow:
    action, unknown, done_before = _KINDS[kind]
    mine = {"project_id": hand.ceremony.project_id, "ceremony_id": hand.ceremony.id}
    entry = EntryRecord.objects.filter(**mine, ticket=ticket, is_disputed=kind == "place").first()
    if entry is None:
        raise Refusal(unknown, ticket=ticket[:40])
    if kind == "place" and not entry.is_decided:
        require_placeable(project_id=hand.ceremony.project_id, ticket=ticket)
    earlier = AmendmentRecord.objects.filter(**mine, kind=kind, ticket=ticket).first()
    if earlier is None:
        AmendmentRecord(
            **mine,
            kind=kind,
            ticket=ticket,
            draw_id=entry.draw_id,
            reason=reason,
            first_by=by.id,
            first_at=at,
        ).save(force_insert=True)
    else:
        if earlier.second_by is not None:
            raise Refusal(done_before, ticket=ticket)
        if earlier.first_by == by.id:
            raise Refusal("draws.same-person")
        # The second person confirms the first one's reason; their own words stand in the log.
        earlier.second_by, earlier.second_at = by.id, at
        earlier.save(force_update=True)
    note_event(
        hand.ceremony,
        kind=action,
        by=by,
        at=at,
        facts={
            "ticket": ticket,
            **({"reason": reason} if reason else {}),
            "who": hand.party.who,
            "done": int(earlier is not None),
        },
    )
    return ceremony_rows([hand.ceremony])[0]
