"""Rows of the selection into rules' values and frozen rows; the registers into a plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast
from uuid import UUID

from django.db.models import Max

from anju.foundation.draws.finished import (
    DrawHead,
    draw_heads,
    finished_draws,
    is_rehearsed,
)
from anju.foundation.policies.queries import rule_set_in_force, rules_in_force
from anju.resettlement.households.queries import household_numbers, register_for_plan
from anju.resettlement.inventory.queries import homes_of
from anju.resettlement.offline.plan import Plan
from anju.resettlement.offline.plan_terms import Project, read_draw_terms
from anju.resettlement.offline.plan_text import Section
from anju.resettlement.preferences.queries import wishes_of
from anju.resettlement.projects.queries import project_by_id
from anju.resettlement.selection.models import BatchRecord, DrawRecord, PlaceRecord, TurnRecord
from anju.resettlement.selection.types import (
    BatchRow,
    BatchState,
    DrawRow,
    PlaceRow,
    TurnRow,
    TurnState,
)
from anju_rules.draw_records import show_draw, show_result
from anju_rules.draws import Draw, DrawResult, Scheme
from anju_rules.hashing import canonical, digest
from anju_rules.policy import RuleSet
from anju_rules.selection import LiveTurn
from anju_rules.selection import TurnState as RuleState
from anju_rules.values import Refusal


def plan_of(project_id: UUID) -> Plan:
    """Give a project's registers as the plan that the command line would have read.

    Refuses with ``selection.rules-not-frozen`` a project whose rule set is not frozen.
    """
    project = project_by_id(project_id=project_id)
    rule_set = rule_set_in_force(project_id=project_id)
    if rule_set is None:
        raise Refusal("selection.rules-not-frozen", project=project.code)
    draw_table = project.plan.get("draw")
    draw = None
    if isinstance(draw_table, Mapping):
        section = Section(name="draw", values=draw_table)
        draw = read_draw_terms(section, strata=project.strata)
    units = homes_of(project_id=project_id)
    numbers = {unit.id: unit.number for unit in units}
    wishes = wishes_of(project_id=project_id)
    return Plan(
        project=Project(
            code=project.code,
            name=project.name,
            division=project.division_code,
            mode=project.mode,
            strata=project.strata,
            batch_size=project.batch_size,
        ),
        rules=rule_set.rules,
        rules_table=rule_set.canonical,
        homes={unit.number: unit.home for unit in units},
        unit_rows={unit.number: unit.other for unit in units},
        households=register_for_plan(project_id=project_id),
        wishes={
            number: tuple(
                tuple(numbers[unit_id] for unit_id in wish) for wish in wishes[household_id]
            )
            for number, household_id in household_numbers(project_id=project_id).items()
            if household_id in wishes
        },
        choices=(),
        lottery_numbers={},
        draw=draw,
    )


def rules_of(project_id: UUID) -> RuleSet:
    """Give the rules a project is carried out by; refuses like :func:`plan_of`."""
    rules = rules_in_force(project_id=project_id)
    if rules is None:
        project = project_by_id(project_id=project_id)
        raise Refusal("selection.rules-not-frozen", project=project.code)
    return rules


def last_batches_of(project_id: UUID) -> dict[str, int]:
    """Give for each stratum the number of its last batch."""
    return dict(
        BatchRecord.objects.filter(project_id=project_id)
        .values_list("stratum")
        .annotate(last=Max("batch"))
    )


def live_turn(record: TurnRecord) -> LiveTurn:
    """Give a turn as the rules see it."""
    return LiveTurn(
        place=record.place,
        state=RuleState(record.state),
        has_come_back=record.has_come_back,
    )


def turn_row(record: TurnRecord, place: PlaceRecord) -> TurnRow:
    """Give a turn as pages see it."""
    return TurnRow(
        id=record.id,
        project_id=record.project_id,
        place=record.place,
        batch=record.batch,
        household_id=record.household_id,
        ticket=place.ticket,
        masked_name=place.masked_name,
        state=cast("TurnState", record.state),
        times_called=record.times_called,
        has_come_back=record.has_come_back,
        called_at=record.called_at,
        limit_at=record.limit_at,
        ended_at=record.ended_at,
        desk=record.desk,
        step=record.step,
        named_at=record.named_at,
        sign_by=record.sign_by,
        is_by_wishes=record.is_by_wishes,
    )


def row_of_turn(record: TurnRecord) -> TurnRow:
    """Give a turn as pages see it, its place looked up."""
    place = PlaceRecord.objects.get(project_id=record.project_id, place=record.place)
    return turn_row(record, place)


def place_row(record: PlaceRecord) -> PlaceRow:
    """Give a place as pages see it."""
    return PlaceRow(
        place=record.place,
        ticket=record.ticket,
        masked_name=record.masked_name,
        stratum=record.stratum,
        batch=record.batch,
        draw_number=record.draw_number,
        total_tenths=record.total_tenths,
        budget=record.budget,
        household_id=record.household_id,
    )


def draw_rows(project_id: UUID) -> list[DrawRow]:
    """Give the draws an order rests on, as pages see them; input and result stand in the bundle."""
    records = list(DrawRecord.objects.filter(project_id=project_id).order_by("place_of_draw"))
    heads = draw_heads(project_id=project_id, draw_ids=[record.id for record in records])
    return [_draw_row(record, heads[record.id]) for record in records]


def ceremony_of(project_id: UUID) -> UUID | None:
    """Give the ceremony that a project's order was taken from; None before the draw."""
    return (
        DrawRecord.objects.filter(project_id=project_id)
        .values_list("ceremony_id", flat=True)
        .first()
    )


def is_rehearsal(project_id: UUID) -> bool:
    """Whether a project's order was drawn by rehearsal; False before the draw."""
    ceremony_id = ceremony_of(project_id)
    return ceremony_id is not None and is_rehearsed(project_id=project_id, ceremony_id=ceremony_id)


def draws_of(project_id: UUID) -> list[tuple[Draw, DrawResult]]:
    """Derive the draws of a project's order again from what is stored; none before the draw."""
    ceremony_id = ceremony_of(project_id)
    if ceremony_id is None:
        return []
    return finished_draws(project_id=project_id, ceremony_id=ceremony_id)


def _draw_row(record: DrawRecord, head: DrawHead) -> DrawRow:
    return DrawRow(
        draw_number=head.draw_number,
        stratum=record.stratum,
        is_rehearsal=head.scheme is Scheme.REHEARSAL,
        households=head.size,
        root=head.root,
        announcement=head.announcement,
        seed=head.seed,
        drawn_at=record.drawn_at,
        event_id=record.event_id,
    )


def batch_row(record: BatchRecord, *, through: int) -> BatchRow:
    """Give a batch as pages see it; ``through``: how many of its households are done."""
    return BatchRow(
        batch=record.batch,
        stratum=record.stratum,
        state=cast("BatchState", record.state),
        households=record.households,
        through=through,
        opened_at=record.opened_at,
        closed_at=record.closed_at,
    )


def digest_order(places: Iterable[PlaceRecord]) -> str:
    """Digest a whole order, place by place: the ledger's entry of the draw binds it, in hex."""
    return digest(
        canonical(
            [
                [
                    *(row.place, row.ticket, str(row.household_id)),
                    *(row.stratum, row.batch, row.draw_number, row.total_tenths),
                ]
                for row in places
            ]
        )
    ).hex()


def digest_draw(draw: Draw, result: DrawResult) -> str:
    """Digest a draw as it is published, input and result: the ledger's entry of it binds it."""
    return digest(canonical([show_draw(draw), show_result(draw, result)])).hex()
