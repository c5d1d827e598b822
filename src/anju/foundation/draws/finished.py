"""Draws that are finished: kept whole where they were made elsewhere, and read to be derived again.

A draw made from files, and a quick rehearsal, end in the same tables as a ceremony held on the
platform, so that every page, every bundle and every check reads one place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from anju.foundation.access.types import Actor
from anju.foundation.draws.mapping import ceremony_rows, draw_from
from anju.foundation.draws.models import (
    BeaconPartRecord,
    CeremonyRecord,
    CommitmentRecord,
    DrawRecord,
    PlaceRecord,
)
from anju.foundation.draws.operations.opening import ROWS_A_STATEMENT, lay_out_ceremony
from anju.foundation.draws.operations.standing import advance
from anju.foundation.draws.types import CeremonyRow, NewList, NewParty, NewTerms
from anju_rules.ceremony import Step, Use
from anju_rules.draw_bundle import digest_order
from anju_rules.draws import Draw, DrawResult, Scheme, derive_draw
from anju_rules.values import Refusal

BY_FILE = UUID(int=0)
"""The second hand under a beacon part that came from a file: no person's account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawHead:
    """What a list of draws shows of one."""

    id: UUID
    ceremony_id: UUID
    draw_number: str
    stratum: str
    scheme: Scheme
    size: int
    root: str
    announcement: str
    seed: str


def draw_heads(*, project_id: UUID, draw_ids: Sequence[UUID]) -> Mapping[UUID, DrawHead]:
    """Give the heads of some draws of a project, by id, in two statements."""
    rows = list(DrawRecord.objects.filter(project_id=project_id, id__in=draw_ids))
    ceremonies = {row.ceremony_id for row in rows}
    schemes = dict(
        CeremonyRecord.objects.filter(project_id=project_id, id__in=ceremonies).values_list(
            "id", "scheme"
        )
    )
    return {
        row.id: DrawHead(
            id=row.id,
            ceremony_id=row.ceremony_id,
            draw_number=row.draw_number,
            stratum=row.stratum,
            scheme=Scheme(schemes[row.ceremony_id]),
            size=row.size,
            root=row.root,
            announcement=row.announcement,
            seed=row.seed,
        )
        for row in rows
    }


def is_rehearsed(*, project_id: UUID, ceremony_id: UUID) -> bool:
    """Whether a ceremony is a rehearsal; False where there is no such ceremony."""
    return CeremonyRecord.objects.filter(
        project_id=project_id, id=ceremony_id, scheme=Scheme.REHEARSAL
    ).exists()


def finished_draws(*, project_id: UUID, ceremony_id: UUID) -> list[tuple[Draw, DrawResult]]:
    """Derive the draws of a ceremony again from what is stored; nothing is taken on trust.

    Refuses with ``draws.no-such-ceremony``, ``draws.not-derived``, and with ``draw.*`` what no
    longer derives.
    """
    ceremony = CeremonyRecord.objects.filter(project_id=project_id, id=ceremony_id).first()
    if ceremony is None:
        raise Refusal("draws.no-such-ceremony")
    told = []
    for row in _draws_of(ceremony):
        if not row.seed:
            raise Refusal("draws.not-derived", draw_number=row.draw_number)
        draw = draw_from(ceremony, row)
        told.append((draw, derive_draw(draw)))
    return told


def count_draws(*, project_id: UUID, letter: str) -> int:
    """Count a project's draws whose number has this letter: ``YS-2026-D01`` has D."""
    numbers = DrawRecord.objects.filter(project_id=project_id).values_list("draw_number", flat=True)
    return sum(number.rpartition("-")[2].rstrip("0123456789") == letter for number in numbers)


def keep_finished_ceremony(
    *,
    project_id: UUID,
    use: Use,
    batch: str,
    parties: Sequence[NewParty],
    lists: Sequence[NewList],
    draws: Sequence[tuple[Draw, DrawResult]],
    by: Actor,
    at: datetime,
    take: int | None = None,
) -> CeremonyRow:
    """Keep draws that were made in files, or played by one program, as one locked ceremony.

    Plain, inside the caller's operation, which records it. It goes through every step, so the
    database's own guards hold for it too; nobody signed, and its page says so. Refuses like
    :func:`~anju.foundation.draws.operations.opening.lay_out_ceremony`.
    """
    first = draws[0][0]
    row = lay_out_ceremony(
        project_id=project_id,
        use=use,
        batch=batch,
        scheme=first.terms.scheme,
        terms=NewTerms(
            freeze_at=datetime.fromisoformat(first.terms.freeze_at),
            beacon_at=datetime.fromisoformat(first.terms.beacon_at),
            beacon_rule=first.terms.beacon_rule,
            redraw_rule=first.terms.redraw_rule,
        ),
        parties=parties,
        lists=lists,
        take=take,
        draw_numbers=[draw.terms.draw_id for draw, _ in draws],
        at=at,
    )
    ceremony = CeremonyRecord.objects.get(project_id=project_id, id=row.id)
    rows = _draws_of(ceremony)
    advance(ceremony, to=Step.FROZEN)
    advance(ceremony, to=Step.COUNTED)
    _keep_commitments(ceremony, rows, draws, by=by, at=at)
    advance(ceremony, to=Step.COMMITTED)
    for stored, (_, result) in zip(rows, draws, strict=True):
        stored.announcement = result.announcement.hex()
        stored.save(force_update=True)
    advance(ceremony, to=Step.ANNOUNCED)
    _keep_beacon(ceremony, first.beacon, by=by, at=at)
    advance(ceremony, to=Step.BEACON)
    _open_cards(ceremony, rows, draws, by=by)
    advance(ceremony, to=Step.REVEALED)
    for stored, (_, result) in zip(rows, draws, strict=True):
        stored.seed = result.seed.hex()
        stored.save(force_update=True)
        _keep_places(stored, result)
    ceremony.result_digest = " ".join(digest_order(result.order).hex() for _, result in draws)
    for step in (Step.DERIVED, Step.AGREED, Step.PUBLISHED, Step.LOCKED):
        advance(ceremony, to=step)
    return ceremony_rows([ceremony])[0]


def _draws_of(ceremony: CeremonyRecord) -> list[DrawRecord]:
    mine = DrawRecord.objects.filter(project_id=ceremony.project_id, ceremony_id=ceremony.id)
    return list(mine.order_by("position"))


def _keep_commitments(
    ceremony: CeremonyRecord,
    rows: Sequence[DrawRecord],
    draws: Sequence[tuple[Draw, DrawResult]],
    *,
    by: Actor,
    at: datetime,
) -> None:
    CommitmentRecord.objects.bulk_create(
        CommitmentRecord(
            project_id=ceremony.project_id,
            draw_id=stored.id,
            who=who,
            ceremony_id=ceremony.id,
            commitment=commitment.hex(),
            entered_by=by.id,
            entered_at=at,
        )
        for stored, (draw, _) in zip(rows, draws, strict=True)
        for who, commitment in draw.commitments
    )


def _keep_beacon(
    ceremony: CeremonyRecord, parts: Sequence[str], *, by: Actor, at: datetime
) -> None:
    for place, text in enumerate(parts, start=1):
        BeaconPartRecord(
            project_id=ceremony.project_id,
            ceremony_id=ceremony.id,
            place=place,
            text=text,
            first_by=by.id,
            first_at=at,
            second_by=BY_FILE,
            second_at=at,
        ).save(force_insert=True)


def _open_cards(
    ceremony: CeremonyRecord,
    rows: Sequence[DrawRecord],
    draws: Sequence[tuple[Draw, DrawResult]],
    *,
    by: Actor,
) -> None:
    for stored, (draw, _) in zip(rows, draws, strict=True):
        for who, secret in draw.secrets:
            CommitmentRecord.objects.filter(
                project_id=ceremony.project_id, draw_id=stored.id, who=who
            ).update(secret=secret.hex(), first_scan_by=by.id, second_scan_by=BY_FILE)


def _keep_places(stored: DrawRecord, result: DrawResult) -> None:
    PlaceRecord.objects.bulk_create(
        (
            PlaceRecord(
                project_id=stored.project_id,
                draw_id=stored.id,
                place=place,
                ticket=ticket,
                ceremony_id=stored.ceremony_id,
            )
            for place, ticket in enumerate(result.order, start=1)
        ),
        batch_size=ROWS_A_STATEMENT,
    )
