"""What every act of a ceremony begins and ends with: the locked row, whose hand it is, the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from anju.foundation.access.operations import record
from anju.foundation.access.types import Actor
from anju.foundation.core.crypto import new_id
from anju.foundation.draws.models import (
    CeremonyRecord,
    DrawRecord,
    EventRecord,
    PartyRecord,
    SignatureRecord,
)
from anju.foundation.ledger.types import EntryReceipt
from anju_rules.ceremony import Party, Step, has_reached
from anju_rules.draws import Scheme
from anju_rules.values import Refusal

ROLES_OF: Mapping[Party, frozenset[str]] = {
    Party.OPERATOR: frozenset({"city-officer", "district-officer", "selection-officer"}),
    Party.NOTARY: frozenset({"notary"}),
    Party.SUPERVISOR: frozenset({"supervisor"}),
    Party.REPRESENTATIVE: frozenset({"representative"}),
}
"""In which roles a party's share may be held: an operator never signs as a notary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """A ceremony, locked for this transaction, and the party whose hand acts on it."""

    ceremony: CeremonyRecord
    party: PartyRecord

    @property
    def step(self) -> Step:
        """Where the ceremony stands."""
        return Step(self.ceremony.step)

    @property
    def is_real(self) -> bool:
        """Whether it counts."""
        return self.ceremony.scheme == Scheme.REAL

    def draws(self) -> list[DrawRecord]:
        """Give its draws, in order."""
        return list(
            DrawRecord.objects.filter(
                project_id=self.ceremony.project_id, ceremony_id=self.ceremony.id
            ).order_by("position")
        )


def lock_ceremony(*, project_id: UUID, ceremony_id: UUID) -> CeremonyRecord:
    """Lock a ceremony for the running transaction; refuses with ``draws.no-such-ceremony``.

    A void ceremony is refused with ``draws.ceremony-void``: nothing is done to it any more.
    """
    ceremony = (
        CeremonyRecord.objects.select_for_update()
        .filter(project_id=project_id, id=ceremony_id)
        .first()
    )
    if ceremony is None:
        raise Refusal("draws.no-such-ceremony")
    if ceremony.step == Step.VOID:
        raise Refusal("draws.ceremony-void", cause=ceremony.void_cause)
    return ceremony


def take_hand(*, project_id: UUID, ceremony_id: UUID, by: Actor) -> Hand:
    """Lock a ceremony for one of its parties.

    Refuses with ``draws.not-a-party`` whoever takes no part in it, or takes part for a share that
    their role may not hold.
    """
    ceremony = lock_ceremony(project_id=project_id, ceremony_id=ceremony_id)
    party = PartyRecord.objects.filter(
        project_id=project_id, ceremony_id=ceremony_id, account_id=by.id
    ).first()
    if party is None or by.role not in ROLES_OF[Party(party.party)]:
        raise Refusal("draws.not-a-party")
    return Hand(ceremony=ceremony, party=party)


def require_reached(ceremony: CeremonyRecord, *, first: Step, last: Step) -> None:
    """Refuse with ``draws.wrong-step`` what belongs between two steps, where it stands elsewhere.

    >>> require_reached(CeremonyRecord(step="frozen"), first=Step.FROZEN, last=Step.LOCKED)
    """
    standing = Step(ceremony.step)
    if not has_reached(standing, first) or not has_reached(last, standing):
        raise Refusal("draws.wrong-step", step=standing.value, wanted=first.value)


def advance(ceremony: CeremonyRecord, *, to: Step) -> None:
    """Bring a ceremony to its next step."""
    ceremony.step = to.value
    ceremony.save(force_update=True)


def note_event(
    ceremony: CeremonyRecord,
    *,
    kind: str,
    by: Actor,
    at: datetime,
    facts: Mapping[str, str | int],
    body: Mapping[str, object] | None = None,
    outcome: str = "done",
) -> EntryReceipt:
    """Record the running operation, and put the same facts on the public log.

    ``body`` stands in the ledger beside the facts, where a log line would be too long for it.
    """
    receipt = record(
        target=ceremony.id,
        project_id=ceremony.project_id,
        body={**facts, **(body or {})},
        outcome=outcome,
    )
    EventRecord(
        project_id=ceremony.project_id,
        id=receipt.event_id,
        ceremony_id=ceremony.id,
        at=at,
        kind=kind,
        role=by.role,
        facts={**facts, **({} if outcome == "done" else {"outcome": outcome})},
    ).save(force_insert=True)
    return receipt


def signatures_under(ceremony: CeremonyRecord, *, step: Step, cause: str = "") -> Q:
    """Give which signatures stand under a step, or under a void and its cause."""
    return Q(project_id=ceremony.project_id, ceremony_id=ceremony.id, step=step.value, cause=cause)


def parties_signed(
    ceremony: CeremonyRecord, *, step: Step, cause: str = ""
) -> list[tuple[str, Party]]:
    """Give who has signed a step, as (account, party)."""
    rows = SignatureRecord.objects.filter(signatures_under(ceremony, step=step, cause=cause))
    return [(str(row.account_id), Party(row.party)) for row in rows]


def require_unsigned(
    signed: Sequence[tuple[str, Party]], *, by: Actor, party: Party, step: Step
) -> None:
    """Refuse with ``draws.already-signed`` a second signature of one person or one party."""
    for account, other in signed:
        if account == str(by.id) or (other is party and party is not Party.REPRESENTATIVE):
            raise Refusal("draws.already-signed", step=step.value)


def keep_signature(
    hand: Hand, *, step: Step, by: Actor, at: datetime, event_id: UUID, cause: str = ""
) -> None:
    """Keep a signature beside the entry that proves it."""
    SignatureRecord(
        project_id=hand.ceremony.project_id,
        id=new_id(),
        ceremony_id=hand.ceremony.id,
        step=step.value,
        cause=cause,
        who=hand.party.who,
        party=hand.party.party,
        account_id=by.id,
        at=at,
        event_id=event_id,
    ).save(force_insert=True)
