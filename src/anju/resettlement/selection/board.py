"""The board: a project's selection as anyone may see it, in ten statements whatever its size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import connections
from django.db.models import Count, Q

from anju.foundation.policies.queries import rule_set_in_force
from anju.resettlement.inventory.queries import unit_briefs
from anju.resettlement.projects.queries import project_by_id
from anju.resettlement.selection import mapping
from anju.resettlement.selection.models import (
    BatchRecord,
    PublicationRecord,
    TurnRecord,
)
from anju.resettlement.selection.tiles import facades_of, layouts_of, tile_of
from anju.resettlement.selection.types import (
    BatchRow,
    Board,
    CalledRow,
    ChoiceRow,
    Counts,
    HomeState,
    HomeTile,
    PublicationRow,
    Stage,
)
from anju_rules.policy import RuleSet
from anju_rules.selection import STILL_TO_COME, opened_needs

LATEST_CHOICES = 20
NEXT_TICKETS = 5
_TAKEN = """
SELECT c.unit_id, p.ticket, p.masked_name, c.place, c.chosen_at, c.event_id, c.is_named
FROM selection_choice c
JOIN selection_place p ON p.project_id = c.project_id AND p.place = c.place
WHERE c.project_id = %s AND c.released_at IS NULL
ORDER BY c.chosen_at DESC, c.place DESC, c.rank
"""
# Those that are called, by desk, then those to be called in the order of the call.
_AHEAD = """
SELECT t.id, t.state, t.place, p.ticket, p.masked_name, p.stratum, p.budget,
       t.called_at, t.limit_at, t.desk, t.sign_by, array(
         SELECT s.side FROM selection_signature s
         WHERE s.project_id = t.project_id AND s.turn_id = t.id AND s.voided_at IS NULL
         ORDER BY s.signed_at, s.id)
FROM selection_turn t
JOIN selection_place p ON p.project_id = t.project_id AND p.place = t.place
WHERE t.project_id = %s AND t.batch = %s AND t.state IN ('called', 'waiting', 'returned')
ORDER BY t.state = 'called' DESC, CASE WHEN t.state = 'called' THEN t.desk END,
  t.state = 'waiting' DESC, t.place
LIMIT (SELECT count(*) FROM selection_turn
       WHERE project_id = %s AND state = 'called') + %s
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """A home that is taken, or named, and by whom."""

    unit_id: UUID
    ticket: str
    masked_name: str
    place: int
    chosen_at: datetime
    event_id: UUID
    is_named: bool


def selection_board(*, project_id: UUID) -> Board:
    """Give a project's board. It needs no context: it holds tickets and masked names only.

    Refuses with ``projects.unknown-project``.
    """
    project = project_by_id(project_id=project_id)
    rule_set = rule_set_in_force(project_id=project_id)
    draws = mapping.draw_rows(project_id)
    batches = batches_of(project_id=project_id)
    current = current_batch(batches)
    taken = taken_homes(project_id)
    opened = opened_now(batches, None if rule_set is None else rule_set.rules)
    tiles = tiles_of(project_id=project_id, taken=taken, opened=opened)
    called, following = _ahead(project_id, current, taken, tiles)
    return Board(
        project_id=project_id,
        code=project.code,
        name=project.name,
        mode=project.mode,
        stage=_stage(batches, current),
        is_rehearsal=any(draw.is_rehearsal for draw in draws),
        rules_version="" if rule_set is None else rule_set.version,
        counts=counts_of(
            project_id=project_id,
            batches=batches,
            homes=Counter(tile.state for tile in tiles.values()),
        ),
        batches=len(batches),
        batch=current,
        called=called,
        next_tickets=following,
        buildings=facades_of(tiles.values()),
        layouts=layouts_of(tiles.values()),
        choices=_latest([row for row in taken if not row.is_named], tiles),
        draws=tuple(draws),
        publications=publications_of(project_id=project_id),
    )


def batches_of(*, project_id: UUID) -> tuple[BatchRow, ...]:
    """Give every batch of a project in order, with how many of its households are through."""
    through = dict(
        TurnRecord.objects.filter(project_id=project_id)
        .exclude(state__in=STILL_TO_COME)
        .values_list("batch")
        .annotate(done=Count("place"))
    )
    return tuple(
        mapping.batch_row(record, through=through.get(record.batch, 0))
        for record in BatchRecord.objects.filter(project_id=project_id).order_by("batch")
    )


def current_batch(batches: Sequence[BatchRow]) -> BatchRow | None:
    """Give the open batch, else the one that was closed last."""
    begun = [batch for batch in batches if batch.state != "waiting"]
    return next((batch for batch in begun if batch.state == "open"), begun[-1] if begun else None)


def publications_of(*, project_id: UUID) -> tuple[PublicationRow, ...]:
    """Give what was published of a project, the latest first."""
    return tuple(
        PublicationRow(
            part=record.part,
            digest=record.digest,
            published_at=record.published_at,
            event_id=record.event_id,
        )
        for record in PublicationRecord.objects.filter(project_id=project_id).order_by(
            "-published_at"
        )
    )


def counts_of(
    *, project_id: UUID, batches: Sequence[BatchRow], homes: Counter[HomeState]
) -> Counts:
    """Give where a project stands; ``homes``: how many homes are in each state."""
    households = sum(batch.households for batch in batches)
    turns = TurnRecord.objects.filter(project_id=project_id).aggregate(
        **{state: Count("place", filter=Q(state=state)) for state in ("chosen", "missed", "waived")}
    )
    return Counts(
        households=households,
        chosen=turns["chosen"],
        missed=turns["missed"],
        waived=turns["waived"],
        to_come=households - sum(turns.values()),
        homes=homes.total(),
        homes_taken=homes["taken"],
        homes_named=homes["named"],
        homes_free=homes["free"] + homes["reserved"],
    )


def tiles_of(
    *, project_id: UUID, taken: Iterable[Taken], opened: frozenset[str]
) -> dict[UUID, HomeTile]:
    """Give every home of a project as a tile, in table order."""
    by_unit = {row.unit_id: (row.ticket, row.event_id) for row in taken}
    named = {row.unit_id for row in taken if row.is_named}
    return {
        unit.id: tile_of(
            unit,
            taken_by=by_unit.get(unit.id),
            opened_needs=opened,
            is_named=unit.id in named,
        )
        for unit in unit_briefs(project_id=project_id)
    }


def home_tiles(*, project_id: UUID) -> list[HomeTile]:
    """Give every home of a project as a tile, in table order; it needs no context."""
    rule_set = rule_set_in_force(project_id=project_id)
    opened = opened_now(
        batches_of(project_id=project_id), None if rule_set is None else rule_set.rules
    )
    taken = taken_homes(project_id)
    return list(tiles_of(project_id=project_id, taken=taken, opened=opened).values())


def taken_homes(project_id: UUID) -> list[Taken]:
    """Give the homes that are taken or named, the latest first."""
    with connections["default"].cursor() as cursor:
        cursor.execute(_TAKEN, [project_id])
        return [Taken(*row) for row in cursor.fetchall()]


def opened_now(batches: Sequence[BatchRow], rules: RuleSet | None) -> frozenset[str]:
    """Give the needs whose reserved homes are open to everyone by now."""
    current = current_batch(batches)
    if rules is None or current is None:
        return frozenset()
    last_batches = {batch.stratum: batch.batch for batch in batches}
    # After the last batch of a stratum is closed, the stratum is through as well.
    number = current.batch + (current.state == "closed")
    return opened_needs(batch=number, last_batches=last_batches, rules=rules)


def _ahead(
    project_id: UUID,
    current: BatchRow | None,
    taken: Sequence[Taken],
    tiles: Mapping[UUID, HomeTile],
) -> tuple[tuple[CalledRow, ...], tuple[str, ...]]:
    if current is None or current.state != "open":
        return (), ()
    with connections["default"].cursor() as cursor:
        cursor.execute(_AHEAD, [project_id, current.batch, project_id, NEXT_TICKETS])
        rows = cursor.fetchall()
    called = tuple(
        CalledRow(
            turn_id=turn_id,
            place=place,
            ticket=ticket,
            masked_name=masked_name,
            stratum=stratum,
            budget=budget,
            called_at=called_at,
            limit_at=limit_at,
            desk=desk,
            named=tuple(tiles[row.unit_id] for row in taken if row.is_named and row.place == place),
            sign_by=sign_by,
            signed=tuple(signed),
        )
        for (
            turn_id,
            state,
            place,
            ticket,
            masked_name,
            stratum,
            budget,
            called_at,
            limit_at,
            desk,
            sign_by,
            signed,
        ) in rows
        if state == "called"
    )
    return called, tuple(row[3] for row in rows if row[1] != "called")


def _stage(batches: Sequence[BatchRow], current: BatchRow | None) -> Stage:
    if not batches:
        return "before-draw"
    if current is None:
        return "drawn"
    if current.state == "open":
        return "choosing"
    return "done" if current.batch == batches[-1].batch else "between-batches"


def _latest(taken: Sequence[Taken], tiles: Mapping[UUID, HomeTile]) -> tuple[ChoiceRow, ...]:
    """Put homes chosen together together again; ``taken`` has the latest first."""
    by_place: dict[int, list[Taken]] = {}
    for row in taken:
        if row.place not in by_place and len(by_place) == LATEST_CHOICES:
            break
        by_place.setdefault(row.place, []).append(row)
    choices: list[ChoiceRow] = []
    for rows in by_place.values():
        homes = tuple(tiles[row.unit_id] for row in rows)
        choices.append(
            ChoiceRow(
                place=rows[0].place,
                ticket=rows[0].ticket,
                masked_name=rows[0].masked_name,
                homes=homes,
                area_sqm=sum((home.area_sqm for home in homes), Decimal(0)),
                chosen_at=rows[0].chosen_at,
                event_id=rows[0].event_id,
            )
        )
    return tuple(choices)
