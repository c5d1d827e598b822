"""Chance: the beacon, the cards that are opened, and three machines that find the same order."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.crypto import new_id
from anju.foundation.draws.mapping import ceremony_rows, terms_from
from anju.foundation.draws.models import (
    AgreementRecord,
    BeaconPartRecord,
    CommitmentRecord,
    DrawRecord,
    FailedScanRecord,
)
from anju.foundation.draws.operations.standing import (
    Hand,
    advance,
    keep_signature,
    note_event,
    parties_signed,
    require_unsigned,
    take_hand,
)
from anju.foundation.draws.types import CeremonyRow
from anju.foundation.ledger.queries import is_witnessed
from anju_rules.beacons import check_part, name_parts
from anju_rules.ceremony import VERIFIERS, Party, Step, has_reached, require_step
from anju_rules.draws import SECRET_BYTES, commit_secret
from anju_rules.hashing import bytes_from_hex
from anju_rules.values import Refusal

_LONGEST = 200


def enter_beacon_part(
    *, project_id: UUID, ceremony_id: UUID, place: int, text: str, by: Actor, at: datetime
) -> CeremonyRow:
    """Enter one part of the beacon; two people type it, and neither sees the other's.

    Where they differ both are gone and are typed anew: ``draws.beacon-entries-differ``. Refuses
    also with ``draw.beacon-malformed`` (one spelling a value), ``draws.too-early``,
    ``draws.announcement-not-witnessed``, ``draws.same-person``, ``draws.part-entered`` and
    ``draws.wrong-step``.
    """
    row = type_beacon_part(
        project_id=project_id, ceremony_id=ceremony_id, place=place, text=text, by=by, at=at
    )
    # The operation has committed that both are gone; a refusal inside it would bring them back.
    if row is None:
        raise Refusal("draws.beacon-entries-differ", place=place)
    return row


@operation(
    permits="draws.beacon",
    action="draws.beacon.entered",
    clauses=("plan/draw",),
    level=Secrecy.PUBLIC,
)
def type_beacon_part(
    *, project_id: UUID, ceremony_id: UUID, place: int, text: str, by: Actor, at: datetime
) -> CeremonyRow | None:
    """Do what :func:`enter_beacon_part` says; ``None`` where the two differ and both are gone."""
    hand = take_hand(project_id=project_id, ceremony_id=ceremony_id, by=by)
    _require_beacon_time(hand, at)
    ceremony = hand.ceremony
    check_part(rule=ceremony.beacon_rule, place=place, text=text)
    mine = BeaconPartRecord.objects.filter(project_id=project_id, ceremony_id=ceremony_id)
    typed = mine.filter(place=place).first()
    facts: dict[str, str | int] = {"place": place, "who": hand.party.who}
    if typed is None:
        BeaconPartRecord(
            project_id=project_id,
            ceremony_id=ceremony_id,
            place=place,
            text=text,
            first_by=by.id,
            first_at=at,
        ).save(force_insert=True)
        note_event(ceremony, kind="draws.beacon.entered", by=by, at=at, facts={**facts, "done": 0})
        return ceremony_rows([ceremony])[0]
    if typed.second_by is not None:
        raise Refusal("draws.part-entered", place=place)
    if typed.first_by == by.id:
        raise Refusal("draws.same-person")
    if typed.text != text:
        typed.delete()
        note_event(
            ceremony,
            kind="draws.beacon.entered",
            by=by,
            at=at,
            facts={**facts, "done": 0},
            outcome="refused:draws.beacon-entries-differ",
        )
        return None
    typed.second_by, typed.second_at = by.id, at
    typed.save(force_update=True)
    whole = mine.filter(second_by__isnull=False).count()
    is_done = whole == len(name_parts(ceremony.beacon_rule))
    if is_done:
        advance(ceremony, to=Step.BEACON)
    note_event(
        ceremony,
        kind="draws.beacon.entered",
        by=by,
        at=at,
        facts={**facts, "text": text, "done": int(is_done)},
    )
    return ceremony_rows([ceremony])[0]


def _require_beacon_time(hand: Hand, at: datetime) -> None:
    require_step(standing=hand.step, wanted=Step.BEACON)
    if not hand.is_real:
        return
    ceremony = hand.ceremony
    due_at = ceremony.postponed_to or ceremony.beacon_at
    if at < due_at:
        raise Refusal("draws.too-early", due_at=due_at.isoformat())
    announced = ceremony.announced_event_id
    if announced is None or not is_witnessed(event_id=announced):
        raise Refusal("draws.announcement-not-witnessed")


@operation(
    permits="draws.beacon",
    action="draws.beacon.postponed",
    clauses=("plan/draw",),
    level=Secrecy.PUBLIC,
    steps_up=True,
)
def postpone_beacon(
    *, project_id: UUID, ceremony_id: UUID, to: datetime, reason: str, by: Actor, at: datetime
) -> CeremonyRow:
    """Postpone the whole draw to the next publication; two people of different parties sign.

    For a part that is late or ambiguous, until every part is in. What was typed of the beacon is
    dropped, for all parts are taken anew. The announcement stays as it is; before it, the announced
    moment itself moves. Refuses with ``draws.no-reason``, ``draws.not-later``,
    ``draws.wrong-step``, ``draws.already-signed``.
    """
    hand = take_hand(project_id=project_id, ceremony_id=ceremony_id, by=by)
    ceremony = hand.ceremony
    if has_reached(hand.step, Step.BEACON):
        raise Refusal("draws.wrong-step", step=hand.step.value, wanted=Step.BEACON.value)
    if not reason.strip():
        raise Refusal("draws.no-reason")
    if to <= max(ceremony.postponed_to or ceremony.beacon_at, at) and hand.is_real:
        raise Refusal("draws.not-later", to=to.isoformat())
    cause = f"postpone:{to.isoformat()}"
    signed = parties_signed(ceremony, step=Step.BEACON, cause=cause)
    party = Party(hand.party.party)
    require_unsigned(signed, by=by, party=party, step=Step.BEACON)
    is_done = bool({other for _, other in signed} - {party})
    if is_done:
        BeaconPartRecord.objects.filter(project_id=project_id, ceremony_id=ceremony_id).delete()
        if has_reached(hand.step, Step.ANNOUNCED):
            ceremony.postponed_to = to
        else:
            ceremony.beacon_at = to
        ceremony.save(force_update=True)
    receipt = note_event(
        ceremony,
        kind="draws.beacon.postponed",
        by=by,
        at=at,
        facts={
            "to": to.isoformat(),
            "reason": reason,
            "who": hand.party.who,
            "party": party.value,
            "done": int(is_done),
        },
    )
    keep_signature(hand, step=Step.BEACON, by=by, at=at, event_id=receipt.event_id, cause=cause)
    return ceremony_rows([ceremony])[0]


def scan_secret(
    *,
    project_id: UUID,
    ceremony_id: UUID,
    draw_id: UUID,
    who: str,
    secret: str,
    by: Actor,
    at: datetime,
) -> CeremonyRow:
    """Scan a card out of the box: 64 hex digits; two people scan each, whoever is absent.

    A value that does not open its commitment is kept, shown, and refused with
    ``draw.commit-invalid``; scanned so by two people it is a cause to void. Refuses also with
    ``draws.same-person``, ``draws.card-scanned``, ``draws.no-such-card``, ``draws.wrong-step``.
    """
    row = scan_card(
        project_id=project_id,
        ceremony_id=ceremony_id,
        draw_id=draw_id,
        who=who,
        secret=secret,
        by=by,
        at=at,
    )
    # The operation has committed what was scanned: it is evidence, and must not be rolled back.
    if row is None:
        raise Refusal("draw.commit-invalid", who=who)
    return row


@operation(
    permits="draws.reveal",
    action="draws.card.scanned",
    clauses=("plan/draw",),
    level=Secrecy.PUBLIC,
)
def scan_card(
    *,
    project_id: UUID,
    ceremony_id: UUID,
    draw_id: UUID,
    who: str,
    secret: str,
    by: Actor,
    at: datetime,
) -> CeremonyRow | None:
    """Do what :func:`scan_secret` says; ``None`` where the card does not open."""
    hand = take_hand(project_id=project_id, ceremony_id=ceremony_id, by=by)
    require_step(standing=hand.step, wanted=Step.REVEALED)
    draw = next((one for one in hand.draws() if one.id == draw_id), None)
    cards = CommitmentRecord.objects.filter(project_id=project_id, ceremony_id=ceremony_id)
    card = cards.filter(draw_id=draw_id, who=who).first()
    if draw is None or card is None:
        raise Refusal("draws.no-such-card", who=who[:40])
    facts: dict[str, str | int] = {"who": who, "draw_number": draw.draw_number}
    opened = _open_card(hand, draw, who=who, secret=secret)
    if opened != card.commitment:
        FailedScanRecord(
            project_id=project_id,
            id=new_id(),
            ceremony_id=ceremony_id,
            draw_id=draw_id,
            who=who,
            secret=secret[:_LONGEST],
            scanned_by=by.id,
            at=at,
        ).save(force_insert=True)
        note_event(
            hand.ceremony,
            kind="draws.card.scanned",
            by=by,
            at=at,
            facts={**facts, "secret": secret[:_LONGEST], "done": 0},
            outcome="refused:draw.commit-invalid",
        )
        return None
    if card.second_scan_by is not None:
        raise Refusal("draws.card-scanned", who=who)
    if card.first_scan_by == by.id:
        raise Refusal("draws.same-person")
    if card.first_scan_by is None:
        card.first_scan_by = by.id
    else:
        card.second_scan_by, card.secret = by.id, secret
        facts["secret"] = secret
    card.save(force_update=True)
    is_done = bool(card.secret) and not cards.filter(secret="").exists()
    if is_done:
        advance(hand.ceremony, to=Step.REVEALED)
    note_event(
        hand.ceremony,
        kind="draws.card.scanned",
        by=by,
        at=at,
        facts={**facts, "done": int(is_done)},
    )
    return ceremony_rows([hand.ceremony])[0]


@operation(
    permits="draws.verify",
    action="draws.result.verified",
    clauses=("plan/draw",),
    level=Secrecy.PUBLIC,
    steps_up=True,
)
def report_agreement(
    *,
    project_id: UUID,
    ceremony_id: UUID,
    verifier: str,
    digest: str,
    by: Actor,
    at: datetime,
) -> CeremonyRow:
    """Report the digest of the order that one verifier gave on one's own machine.

    ``verifier`` is ``anju``, ``python`` or ``browser``; ``digest`` the order's, of several draws
    one after another with a space between. Three verifiers on three people's machines must agree
    before a result is called valid; one that differs is refused with ``draws.digest-differs`` and
    stays in the log. Refuses also with ``draws.verifier-unknown``, ``draws.verifier-reported``,
    ``draws.same-person``, ``draws.wrong-step``.
    """
    hand = take_hand(project_id=project_id, ceremony_id=ceremony_id, by=by)
    require_step(standing=hand.step, wanted=Step.AGREED)
    if verifier not in VERIFIERS:
        raise Refusal("draws.verifier-unknown", verifier=verifier[:40])
    mine = AgreementRecord.objects.filter(project_id=project_id, ceremony_id=ceremony_id)
    if mine.filter(verifier=verifier).exists():
        raise Refusal("draws.verifier-reported", verifier=verifier)
    if mine.filter(account_id=by.id).exists():
        raise Refusal("draws.same-person")
    if digest != hand.ceremony.result_digest:
        raise Refusal("draws.digest-differs", verifier=verifier, digest=digest[:_LONGEST])
    AgreementRecord(
        project_id=project_id,
        ceremony_id=ceremony_id,
        verifier=verifier,
        digest=digest,
        account_id=by.id,
        at=at,
    ).save(force_insert=True)
    is_done = mine.count() == len(VERIFIERS)
    if is_done:
        advance(hand.ceremony, to=Step.AGREED)
    note_event(
        hand.ceremony,
        kind="draws.result.verified",
        by=by,
        at=at,
        facts={
            "verifier": verifier,
            "digest": digest,
            "who": hand.party.who,
            "party": hand.party.party,
            "done": int(is_done),
        },
    )
    return ceremony_rows([hand.ceremony])[0]


def _open_card(hand: Hand, draw: DrawRecord, *, who: str, secret: str) -> str:
    """Give what a scanned value commits to, in hex; empty for what is no secret at all."""
    try:
        told = bytes_from_hex(secret)
    except Refusal:
        return ""
    if len(told) != SECRET_BYTES:
        return ""
    scheme = terms_from(hand.ceremony, draw).scheme
    return commit_secret(scheme=scheme, draw_id=draw.draw_number, who=who, secret=told).hex()
