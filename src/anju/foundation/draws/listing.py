"""The lists of a draw as they are published: page by page, and as an order."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from anju.foundation.draws.models import EntryRecord, PlaceRecord
from anju_rules.draws import FrozenList, Line, freeze_list
from anju_rules.values import Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRow:
    """One published line: what the list says of a household, and its place once there is one."""

    ticket: Ticket
    masked_name: str
    street: str
    is_disputed: bool
    place: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPage:
    """Some lines of a list."""

    rows: tuple[ListedRow, ...]
    total: int
    """Lines in the whole list."""


def list_lines(*, project_id: UUID, draw_id: UUID, skip: int = 0, most: int = 100) -> ListedPage:
    """Give lines in the drawn order once there is one, else by ticket; disputed ones last."""
    entries = EntryRecord.objects.filter(project_id=project_id, draw_id=draw_id)
    total = entries.count()
    placed = list(
        PlaceRecord.objects.filter(project_id=project_id, draw_id=draw_id)
        .order_by("place")
        .values_list("ticket", flat=True)[skip : skip + most]
    )
    if placed:
        return ListedPage(rows=_rows(project_id, draw_id, placed), total=total)
    if PlaceRecord.objects.filter(project_id=project_id, draw_id=draw_id).exists():
        return ListedPage(rows=(), total=total)
    tickets = list(
        entries.order_by("is_disputed", "ticket").values_list("ticket", flat=True)[
            skip : skip + most
        ]
    )
    return ListedPage(rows=_rows(project_id, draw_id, tickets), total=total)


def find_line(*, project_id: UUID, draw_id: UUID, ticket: str) -> ListedRow | None:
    """Give one line, by its ticket."""
    return next(iter(_rows(project_id, draw_id, [ticket])), None)


def list_of(*, project_id: UUID, draw_id: UUID) -> FrozenList:
    """Give a draw's list with its root, without the lines in dispute."""
    rows = EntryRecord.objects.filter(project_id=project_id, draw_id=draw_id, is_disputed=False)
    return freeze_list(
        Line(Ticket(ticket), bytes(commitment))
        for ticket, commitment in rows.values_list("ticket", "commitment")
    )


def drawn_order(*, project_id: UUID, draw_id: UUID) -> tuple[Ticket, ...]:
    """Give the whole order, first place first; empty before the derivation."""
    rows = PlaceRecord.objects.filter(project_id=project_id, draw_id=draw_id).order_by("place")
    return tuple(Ticket(ticket) for ticket in rows.values_list("ticket", flat=True))


def streets_of(*, project_id: UUID, draw_id: UUID) -> dict[str, str]:
    """Give the street of every ticket that has one."""
    rows = EntryRecord.objects.filter(project_id=project_id, draw_id=draw_id).exclude(street="")
    return dict(rows.values_list("ticket", "street"))


def _rows(project_id: UUID, draw_id: UUID, tickets: list[str]) -> tuple[ListedRow, ...]:
    mine = {"project_id": project_id, "draw_id": draw_id, "ticket__in": tickets}
    places = dict(PlaceRecord.objects.filter(**mine).values_list("ticket", "place"))
    told = {
        ticket: ListedRow(
            ticket=Ticket(ticket),
            masked_name=name,
            street=street,
            is_disputed=is_disputed,
            place=places.get(ticket),
        )
        for ticket, name, street, is_disputed in EntryRecord.objects.filter(**mine).values_list(
            "ticket", "masked_name", "street", "is_disputed"
        )
    }
    return tuple(told[ticket] for ticket in tickets if ticket in told)
