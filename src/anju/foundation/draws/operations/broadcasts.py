"""Where a ceremony is broadcast, and afterwards which recording is kept where (DRW-4).

Both stand in the ceremony's public log and nowhere else: a later line replaces an earlier one on
the page, and the earlier one stays to be read.
"""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

from anju.foundation.access.gate import operation
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.draws.models import CeremonyRecord, PartyRecord
from anju.foundation.draws.operations.standing import ROLES_OF, note_event
from anju.foundation.ledger.types import EntryReceipt
from anju_rules.ceremony import Party, Step, has_reached
from anju_rules.hashing import bytes_from_hex
from anju_rules.values import Refusal

_ADDRESS = re.compile(r"https://[a-z0-9][a-z0-9.-]{0,200}(?::\d{1,5})?(?:/[!-~]{0,300})?")
LONGEST_PLACE = 120


@operation(
    permits="draws.sign",
    action="draws.broadcast.recorded",
    clauses=("plan/draw",),
    level=Secrecy.PUBLIC,
)
def record_broadcast(
    *,
    project_id: UUID,
    ceremony_id: UUID,
    by: Actor,
    at: datetime,
    address: str = "",
    recording_digest: str = "",
    recording_place: str = "",
) -> EntryReceipt:
    """Record the broadcast's address, or the digest of its recording and where that is kept.

    A void ceremony's recording is kept like any other. Refuses with ``draws.no-such-ceremony``,
    ``draws.not-a-party``, ``draws.broadcast-address`` (https only), ``draws.recording-too-early``
    before the result is published, ``draws.recording-incomplete``, ``value.not-a-digest``.

    ``recording_digest`` is the SM3 of the recording's file, 64 lower-case hex digits;
    ``recording_place`` the archive and its number, in plain words.
    """
    ceremony = (
        CeremonyRecord.objects.select_for_update()
        .filter(project_id=project_id, id=ceremony_id)
        .first()
    )
    if ceremony is None:
        raise Refusal("draws.no-such-ceremony")
    party = PartyRecord.objects.filter(
        project_id=project_id, ceremony_id=ceremony_id, account_id=by.id
    ).first()
    if party is None or by.role not in ROLES_OF[Party(party.party)]:
        raise Refusal("draws.not-a-party")
    facts: dict[str, str | int] = {"who": party.who}
    if address:
        if _ADDRESS.fullmatch(address) is None:
            raise Refusal("draws.broadcast-address", address=address[:80])
        facts["address"] = address
    if recording_digest or recording_place or not address:
        facts |= _recording(ceremony, recording_digest, recording_place)
    return note_event(ceremony, kind="draws.broadcast.recorded", by=by, at=at, facts=facts)


def _recording(ceremony: CeremonyRecord, told: str, place: str) -> dict[str, str]:
    step = Step(ceremony.step)
    if step is not Step.VOID and not has_reached(step, Step.PUBLISHED):
        raise Refusal("draws.recording-too-early", step=step.value)
    kept = " ".join(place.split())
    if not told or not kept or len(kept) > LONGEST_PLACE:
        raise Refusal("draws.recording-incomplete", longest=LONGEST_PLACE)
    bytes_from_hex(told)
    return {"recording_digest": told, "recording_place": kept}
