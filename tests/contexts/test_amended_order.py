"""An order amended by the failure rules: opened with disputes, struck, placed, taken, published."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from anju.foundation.access.context import reading
from anju.foundation.draws.listing import list_lines
from anju.foundation.draws.operations import place_disputed, strike_entry
from anju.foundation.draws.queries import ceremony_events
from anju.foundation.draws.types import CeremonyRow
from anju.resettlement.households.queries import household_numbers
from anju.resettlement.selection import queries
from anju.resettlement.selection.operations.ceremonies import open_order_ceremony
from anju.resettlement.selection.publication import publish_result
from anju.resettlement.selection.rebuild import compare_project
from anju_rules.ceremony import Step
from anju_rules.draws import Scheme
from anju_rules.merkle import merkle_root
from anju_rules.values import Refusal, Ticket
from tests.contexts.test_selection_ceremony import cast_of, take, terms_of
from tests.contexts.test_selection_published import verify
from tests.support.ceremonies import OPENED_AT, Play
from tests.support.eligibility import finish_on_paper
from tests.support.selections import Selected, scored_project

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.req("DRW-1")]


def open_with(project: Selected, *disputed: str) -> Play:
    """Open a rehearsal of the order, with households in dispute."""
    cast = cast_of(project)
    row = open_order_ceremony(
        project_id=project.id,
        terms=terms_of(Scheme.REHEARSAL),
        parties=cast.new_parties(),
        scheme=Scheme.REHEARSAL,
        disputed=disputed,
        by=project.officer,
        at=OPENED_AT,
    )
    return Play(cast=cast, row=row, at=OPENED_AT)


def numbers_of(project: Selected) -> list[str]:
    with reading(by=project.officer):
        return sorted(str(one) for one in household_numbers(project_id=project.id))


@pytest.mark.req("DRW-3")
def test_an_amended_order_is_taken_published_and_verified_by_both() -> None:
    """One of two in dispute is decided for, one of the list struck: nobody else's order moves."""
    project = scored_project(mode="lottery")
    first, second = numbers_of(project)[:2]
    play = open_with(project, first, second)
    assert sum(draw.disputed for draw in play.row.draws) == 2
    assert sum(draw.size for draw in play.row.draws) == 18
    play.play(until=Step.COUNTED)
    by_draw = {draw.id: draw for draw in play.row.draws}
    papers = {draw.id: disputed_of(play, draw.id) for draw in play.row.draws}
    draw = next(by_draw[one] for one, tickets in papers.items() if tickets)
    placed = papers[draw.id][0]
    struck = listed_of(play, draw.id)[0]
    for who in ("operator", "notary"):
        strike_entry(**play.ids, ticket=struck, reason="重复登记", by=play.by(who), at=play.at)
    play.look()
    assert draw.disputed_root != merkle_root([]).hex()
    play.play(until=Step.DERIVED)
    for who in ("supervisor", "notary"):
        place_disputed(**play.ids, ticket=placed, by=play.by(who), at=play.at)
    play.look()
    play.play()
    assert take(play, project) == 18
    places = {
        Ticket(place.ticket): place
        for batch in queries.batches_of(project_id=project.id)
        for place in queries.places_of(project_id=project.id, batch=batch.batch)
    }
    assert placed in places
    assert struck not in places
    assert compare_project(project_id=project.id, by=project.officer) == []

    folder = publish_result(project_id=project.id, by=project.officer, at=play.at)
    verify(folder)
    rows = {row["ticket"]: row for row in json.loads((folder / "amendments.json").read_bytes())}
    assert {ticket: row["kind"] for ticket, row in rows.items()} == {
        struck: "strike",
        placed: "place",
    }
    done = {str(event.event_id): event for event in ceremony_events(**play.ids)}
    for ticket, row in rows.items():
        event = done[row["event"]]
        assert (event.facts["ticket"], event.facts["done"]) == (ticket, 1)
    told = b"".join(file.read_bytes() for file in folder.glob("*.json")).decode()
    assert "重复登记" not in told
    other = next(one for tickets in papers.values() for one in tickets if one != placed)
    roster = {row["ticket"] for row in json.loads((folder / "roster.json").read_bytes())}
    assert other not in roster  # still in dispute: a key, and no place
    assert {struck, placed} <= roster


def listed_of(play: Play, draw_id: UUID) -> list[Ticket]:
    """Give the tickets of a draw's list."""
    return [row for row, is_disputed in _rows(play, draw_id) if not is_disputed]


def disputed_of(play: Play, draw_id: UUID) -> list[Ticket]:
    """Give the tickets of a draw's disputed list."""
    return [row for row, is_disputed in _rows(play, draw_id) if is_disputed]


def _rows(play: Play, draw_id: UUID) -> list[tuple[Ticket, bool]]:
    page = list_lines(project_id=play.row.project_id, draw_id=draw_id)
    return [(row.ticket, row.is_disputed) for row in page.rows]


def test_households_in_dispute_are_named_by_number_or_ticket_and_unknown_ones_refused() -> None:
    project = scored_project()
    number = numbers_of(project)[0]
    finish_on_paper(project.id)
    play = open_with(project)
    with pytest.raises(Refusal) as caught:
        open_order(project, play, number, "无此户", "XF-2026-99999")
    assert caught.value.code == "selection.disputed-unknown"
    assert caught.value.facts["households"] == "XF-2026-99999、无此户"
    ticket = listed_of(play, play.row.draws[0].id)[0]
    again = open_order(project, play, ticket)
    assert sum(draw.disputed for draw in again.draws) == 1
    assert disputed_of(Play(cast=play.cast, row=again, at=play.at), again.draws[0].id) == [ticket]
    everybody = listed_of(play, play.row.draws[0].id)
    with pytest.raises(Refusal) as caught:
        open_order(project, play, *everybody)
    assert caught.value.code == "selection.stratum-all-disputed"


def open_order(project: Selected, play: Play, *disputed: str) -> CeremonyRow:
    """Open another ceremony of the order with the same people."""
    return open_order_ceremony(
        project_id=project.id,
        terms=terms_of(Scheme.REAL),
        parties=play.cast.new_parties(),
        disputed=disputed,
        by=project.officer,
        at=OPENED_AT,
    )
