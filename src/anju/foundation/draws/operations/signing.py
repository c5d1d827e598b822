"""Signing: freeze, street counts, commitments, announcement, derivation, publication, lock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from anju.foundation.access.operations import operation
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.draws.mapping import (
    ceremony_rows,
    commitments_of,
    draw_from,
    lines_of,
    listed_by_street,
    terms_from,
)
from anju.foundation.draws.models import (
    CeremonyRecord,
    CommitmentRecord,
    DrawRecord,
    EntryRecord,
    PartyRecord,
    PlaceRecord,
    StreetCountRecord,
)
from anju.foundation.draws.operations.opening import ROWS_A_STATEMENT, count_and_root
from anju.foundation.draws.operations.standing import (
    Hand,
    advance,
    keep_signature,
    lock_ceremony,
    note_event,
    parties_signed,
    require_unsigned,
    take_hand,
)
from anju.foundation.draws.types import CeremonyRow
from anju.foundation.draws.verifiers import verifier_digests
from anju_rules.ceremony import (
    SIGNED_STEPS,
    Party,
    Step,
    judge_step,
    missing_parties,
    require_step,
)
from anju_rules.draw_bundle import digest_order
from anju_rules.draws import announce_draw, commit_secret, derive_draw, freeze_list
from anju_rules.hashing import bytes_from_hex
from anju_rules.values import Refusal

SHOWN = 20
"""How many tickets a refusal names."""


@operation(
    permits="draws.sign",
    action="draws.step.signed",
    clauses=("plan/draw",),
    level=Secrecy.PUBLIC,
    steps_up=True,
)
def sign_step(
    *, project_id: UUID, ceremony_id: UUID, step: Step, by: Actor, at: datetime
) -> CeremonyRow:
    """Sign the step that comes next; the last signature it needs carries it out.

    ``step`` is one of ``frozen``, ``counted``, ``announced``, ``derived``, ``published`` and
    ``locked``: named, so that nobody signs a page that has moved on. Refuses with
    ``draws.wrong-step``, ``draws.not-a-party``, ``draws.already-signed``, and by what the step asks
    for: ``draws.entries-undecided``, ``draws.too-early``, ``draws.counts-missing``,
    ``draws.announcement-too-late``, ``draws.list-differs``, ``draws.announcement-differs``.
    """
    hand = take_hand(project_id=project_id, ceremony_id=ceremony_id, by=by)
    require_step(standing=hand.step, wanted=step)
    if step not in SIGNED_STEPS:
        raise Refusal("draws.not-signed-for", step=step.value)
    _READY[step](hand, at)
    party = Party(hand.party.party)
    signed = parties_signed(hand.ceremony, step=step)
    require_unsigned(signed, by=by, party=party, step=step)
    signed.append((str(by.id), party))
    is_done = not missing_parties(step, signed=[one for _, one in signed])
    told: dict[str, object] = {}
    if is_done:
        judge_step(standing=hand.step, wanted=step, signed=signed).raise_if_unmet()
        told = _CARRY_OUT[step](hand)
    receipt = note_event(
        hand.ceremony,
        kind="draws.step.signed",
        by=by,
        at=at,
        facts={
            "step": step.value,
            "who": hand.party.who,
            "party": party.value,
            "done": int(is_done),
            **{name: fact for name, fact in told.items() if isinstance(fact, str | int)},
        },
        body=told,
    )
    keep_signature(hand, step=step, by=by, at=at, event_id=receipt.event_id)
    if is_done:
        if step is Step.ANNOUNCED:
            hand.ceremony.announced_event_id = receipt.event_id
        advance(hand.ceremony, to=step)
    return ceremony_rows([hand.ceremony])[0]


@operation(
    permits="draws.count",
    action="draws.street.counted",
    clauses=("plan/draw",),
    level=Secrecy.PUBLIC,
    steps_up=True,
)
def sign_street_count(
    *, project_id: UUID, ceremony_id: UUID, street: str, count: int, by: Actor, at: datetime
) -> CeremonyRow:
    """Sign how many of a street's households the frozen list should hold.

    The street counts by its own papers and types the figure; one that differs from the list is
    refused with ``draws.count-differs``, and the entry of that refusal keeps it. Nobody who holds a
    share in the draw counts a street (``draws.party-counts``), and nobody counts two
    (``draws.already-counted``). Refuses also with ``draws.no-such-street`` and
    ``draws.wrong-step``.
    """
    ceremony = lock_ceremony(project_id=project_id, ceremony_id=ceremony_id)
    require_step(standing=Step(ceremony.step), wanted=Step.COUNTED)
    listed = listed_by_street(project_id=project_id, ceremony_id=ceremony_id)
    if street not in listed:
        raise Refusal("draws.no-such-street", street=street[:40])
    mine = {"project_id": project_id, "ceremony_id": ceremony_id}
    if PartyRecord.objects.filter(**mine, account_id=by.id).exists():
        raise Refusal("draws.party-counts")
    counts = StreetCountRecord.objects.filter(**mine)
    if counts.filter(street=street).exists() or counts.filter(signed_by=by.id).exists():
        raise Refusal("draws.already-counted", street=street)
    if count != listed[street]:
        raise Refusal("draws.count-differs", street=street, counted=count, listed=listed[street])
    StreetCountRecord(**mine, street=street, counted=count, signed_by=by.id, signed_at=at).save(
        force_insert=True
    )
    note_event(
        ceremony,
        kind="draws.street.counted",
        by=by,
        at=at,
        facts={"street": street, "count": count},
    )
    return ceremony_rows([ceremony])[0]


@operation(
    permits="draws.commit",
    action="draws.commitments.entered",
    clauses=("plan/draw",),
    level=Secrecy.PUBLIC,
    steps_up=True,
)
def enter_commitments(
    *,
    project_id: UUID,
    ceremony_id: UUID,
    who: str,
    commitments: Sequence[str],
    by: Actor,
    at: datetime,
) -> CeremonyRow:
    """Enter one party's commitments, one a draw in order, each 64 lower-case hex digits.

    Only by that party's own account (``draws.not-your-share``), once
    (``draws.already-committed``); nothing that the platform is told here lets it know a secret.
    Refuses also with ``draws.commitments-count``, ``draws.commitment-malformed``,
    ``draws.commitment-taken`` and, for a secret that an earlier draw laid open,
    ``draws.secret-used-before``.
    """
    hand = take_hand(project_id=project_id, ceremony_id=ceremony_id, by=by)
    require_step(standing=hand.step, wanted=Step.COMMITTED)
    if hand.party.who != who:
        raise Refusal("draws.not-your-share", who=who[:40])
    draws = hand.draws()
    if len(commitments) != len(draws):
        raise Refusal("draws.commitments-count", wanted=len(draws), given=len(commitments))
    mine = {"project_id": project_id, "ceremony_id": ceremony_id}
    if CommitmentRecord.objects.filter(**mine, who=who).exists():
        raise Refusal("draws.already-committed", who=who)
    _refuse_known_secrets(hand, draws, commitments)
    rows = [
        CommitmentRecord(
            **mine,
            draw_id=draw.id,
            who=who,
            commitment=_read_commitment(commitment),
            entered_by=by.id,
            entered_at=at,
        )
        for draw, commitment in zip(draws, commitments, strict=True)
    ]
    try:
        with transaction.atomic():
            CommitmentRecord.objects.bulk_create(rows)
    except IntegrityError as error:
        if "draws_commitment_once" in str(error):
            raise Refusal("draws.commitment-taken", who=who) from None
        raise
    parties = PartyRecord.objects.filter(**mine).count()
    whos = CommitmentRecord.objects.filter(**mine).values("who").distinct().count()
    if whos == parties:
        advance(hand.ceremony, to=Step.COMMITTED)
    note_event(
        hand.ceremony,
        kind="draws.commitments.entered",
        by=by,
        at=at,
        facts={"who": who, "party": hand.party.party, "done": int(whos == parties)},
        body={"commitments": [row.commitment for row in rows]},
    )
    return ceremony_rows([hand.ceremony])[0]


# ------------------------------------------------------------------ what each signed step needs


def _ready_to_freeze(hand: Hand, at: datetime) -> None:
    if hand.is_real and at < hand.ceremony.freeze_at:
        raise Refusal("draws.too-early", due_at=hand.ceremony.freeze_at.isoformat())
    undecided = EntryRecord.objects.filter(
        project_id=hand.ceremony.project_id,
        ceremony_id=hand.ceremony.id,
        is_decided=False,
        is_disputed=False,
    ).order_by("ticket")
    tickets = list(undecided.values_list("ticket", flat=True)[: SHOWN + 1])
    if tickets:
        raise Refusal(
            "draws.entries-undecided",
            count=undecided.count(),
            tickets=", ".join(tickets[:SHOWN]) + (" …" if len(tickets) > SHOWN else ""),
        )


def _ready_to_count(hand: Hand, at: datetime) -> None:
    del at
    mine = {"project_id": hand.ceremony.project_id, "ceremony_id": hand.ceremony.id}
    counted = {row.street: row.counted for row in StreetCountRecord.objects.filter(**mine)}
    listed = listed_by_street(**mine)
    # A line struck since a street signed makes that street count again.
    missing = [street for street, count in listed.items() if counted.get(street) is None]
    if missing:
        raise Refusal("draws.counts-missing", streets="、".join(sorted(missing)))


def _ready_to_announce(hand: Hand, at: datetime) -> None:
    if hand.is_real and at >= hand.ceremony.beacon_at:
        raise Refusal("draws.announcement-too-late", beacon_at=hand.ceremony.beacon_at.isoformat())


def _ready(hand: Hand, at: datetime) -> None:
    del hand, at


_READY = {
    Step.FROZEN: _ready_to_freeze,
    Step.COUNTED: _ready_to_count,
    Step.ANNOUNCED: _ready_to_announce,
    Step.DERIVED: _ready,
    Step.PUBLISHED: _ready,
    Step.LOCKED: _ready,
}


# ------------------------------------------------------------- what its last signature carries out


def _freeze(hand: Hand) -> dict[str, object]:
    """Take the roots from the rows as they stand; from here on the tables refuse writes."""
    draws = hand.draws()
    for draw in draws:
        count_and_root(draw)
    return {
        "entries": sum(draw.size for draw in draws),
        "draws": [
            {
                "draw_number": draw.draw_number,
                "stratum": draw.stratum,
                "entries": draw.size,
                "root": draw.root,
                "disputed": draw.disputed,
                "disputed_root": draw.disputed_root,
            }
            for draw in draws
        ],
    }


def _announce(hand: Hand) -> dict[str, object]:
    """Fix everything in one digest a draw; all draws of the ceremony together."""
    told = []
    for draw in hand.draws():
        lines, disputed = lines_of(draw)
        frozen, apart = freeze_list(lines), freeze_list(disputed)
        # Whoever got past the trigger does not get past the root that was frozen.
        if (frozen.root.hex(), apart.root.hex()) != (draw.root, draw.disputed_root):
            raise Refusal("draws.list-differs", draw_number=draw.draw_number)
        committed = commitments_of(hand.ceremony, draw)
        announced = announce_draw(
            terms=terms_from(hand.ceremony, draw),
            frozen=frozen,
            disputed=apart,
            commitments=[(row.who, bytes_from_hex(row.commitment)) for row in committed],
        )
        draw.announcement = announced.hex()
        draw.save(force_update=True)
        told.append(
            {
                "draw_number": draw.draw_number,
                "stratum": draw.stratum,
                "entries": draw.size,
                "root": draw.root,
                "disputed_root": draw.disputed_root,
                "commitments": [[row.who, row.commitment] for row in committed],
                "A": draw.announcement,
            }
        )
    return {
        "beacon_at": hand.ceremony.beacon_at.isoformat(),
        "beacon_rule": hand.ceremony.beacon_rule,
        "redraw_rule": hand.ceremony.redraw_rule,
        "draws": told,
        "verifiers": dict(verifier_digests()),
    }


def _derive(hand: Hand) -> dict[str, object]:
    """Derive every order; what three machines must find again is fixed with it."""
    told, digests = [], []
    for draw in hand.draws():
        result = derive_draw(draw_from(hand.ceremony, draw))
        if result.announcement.hex() != draw.announcement:
            raise Refusal("draws.announcement-differs", draw_number=draw.draw_number)
        draw.seed = result.seed.hex()
        draw.save(force_update=True)
        _keep_places(hand.ceremony, draw, result.order)
        digests.append(digest_order(result.order).hex())
        told.append(
            {"draw_number": draw.draw_number, "seed": draw.seed, "order_digest": digests[-1]}
        )
    hand.ceremony.result_digest = " ".join(digests)
    return {"result_digest": hand.ceremony.result_digest, "draws": told}


def _keep_places(ceremony: CeremonyRecord, draw: DrawRecord, order: Sequence[str]) -> None:
    PlaceRecord.objects.bulk_create(
        [
            PlaceRecord(
                project_id=ceremony.project_id,
                draw_id=draw.id,
                place=place,
                ticket=ticket,
                ceremony_id=ceremony.id,
            )
            for place, ticket in enumerate(order, start=1)
        ],
        batch_size=ROWS_A_STATEMENT,
    )


def _tell_result(hand: Hand) -> dict[str, object]:
    return {"result_digest": hand.ceremony.result_digest}


def _tell_nothing(hand: Hand) -> dict[str, object]:
    del hand
    return {}


_CARRY_OUT = {
    Step.FROZEN: _freeze,
    Step.COUNTED: _tell_nothing,
    Step.ANNOUNCED: _announce,
    Step.DERIVED: _derive,
    Step.PUBLISHED: _tell_result,
    Step.LOCKED: _tell_result,
}


def _read_commitment(text: str) -> str:
    """Accept a commitment as the protocol spells it."""
    try:
        is_digest = len(bytes_from_hex(text)) == 32
    except Refusal:
        is_digest = False
    if not is_digest:
        raise Refusal("draws.commitment-malformed", value=text[:70])
    return text


def _refuse_known_secrets(
    hand: Hand, draws: Sequence[DrawRecord], commitments: Sequence[str]
) -> None:
    """Refuse a commitment to a secret that an earlier draw of the project laid open."""
    known = (
        CommitmentRecord.objects.filter(project_id=hand.ceremony.project_id)
        .exclude(secret="")
        .values_list("secret", flat=True)
        .distinct()
    )
    for secret in known:
        for draw, commitment in zip(draws, commitments, strict=True):
            opened = commit_secret(
                scheme=terms_from(hand.ceremony, draw).scheme,
                draw_id=draw.draw_number,
                who=hand.party.who,
                secret=bytes_from_hex(secret),
            )
            if opened.hex() == commitment:
                raise Refusal("draws.secret-used-before", who=hand.party.who)
