"""The order by ceremony: opened over the register, taken once it is locked; and from files."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import psycopg
import pytest

from anju.foundation.access.context import reading
from anju.foundation.draws.listing import list_lines
from anju.foundation.draws.operations import strike_entry
from anju.foundation.draws.queries import (
    ceremonies_of,
    draw_bundle,
    entry_of,
    order_of,
)
from anju.foundation.draws.types import NewTerms
from anju.foundation.ledger.queries import find_entry, read_body
from anju.resettlement.offline.plan import Plan
from anju.resettlement.scoring.operations import score_project
from anju.resettlement.selection import mapping, queries
from anju.resettlement.selection.operations.ceremonies import (
    open_order_ceremony,
    open_sample_ceremony,
    take_order,
)
from anju.resettlement.selection.operations.drawing import rehearse_draw
from anju.resettlement.selection.publication import publish_result
from anju.resettlement.selection.rebuild import compare_project
from anju.resettlement.selection.receipts import receipts_of
from anju_rules.ceremony import Step, Use
from anju_rules.draws import Scheme
from anju_rules.policy import read_rule_set
from anju_rules.values import Refusal, Ticket
from tests.contexts.test_selection_published import verify
from tests.support.access import open_officer, open_tier
from tests.support.ceremonies import (
    BEACON_AT,
    BEACON_RULE,
    FREEZE_AT,
    OPENED_AT,
    PAST_BEACON_AT,
    Cast,
    Play,
    gather,
)
from tests.support.databases import Database
from tests.support.eligibility import finish_on_paper
from tests.support.selections import (
    AT,
    LATER,
    Selected,
    drawn_project,
    register_plan,
    scored_project,
    small_plan,
)

pytestmark = pytest.mark.usefixtures("database")
STREET = "泺口街道"


def terms_of(scheme: Scheme, *, days: int = 0) -> NewTerms:
    """Give the terms of a ceremony; ``days`` later for one after a void."""
    later = timedelta(days=days)
    return NewTerms(
        freeze_at=FREEZE_AT + later,
        beacon_at=(BEACON_AT if scheme is Scheme.REAL else PAST_BEACON_AT) + later,
        beacon_rule=BEACON_RULE,
        redraw_rule="new-secrets-next-beacon",
    )


def cast_of(project: Selected) -> Cast:
    """Give the people of a project's ceremonies, with an officer for its one street."""
    cast = gather(project_id=project.id)
    street = open_officer(
        f"street-{project.id.hex[:6]}",
        role="street-officer",
        organisation_id=open_tier("370102"),
        project_id=project.id,
    )
    return replace(cast, streets={STREET: street})


def open_play(
    project: Selected, *, scheme: Scheme = Scheme.REHEARSAL, at: datetime = OPENED_AT
) -> Play:
    """Open the ceremony of a project's order."""
    cast = cast_of(project)
    if scheme is Scheme.REAL:
        finish_on_paper(project.id)
    row = open_order_ceremony(
        project_id=project.id,
        terms=terms_of(scheme),
        parties=cast.new_parties(),
        scheme=scheme,
        by=project.officer,
        at=at,
    )
    return Play(cast=cast, row=row, at=at)


def take(play: Play, project: Selected) -> int:
    """Take the order of a ceremony."""
    return take_order(
        project_id=project.id, ceremony_id=play.row.id, by=project.officer, at=play.at
    )


def refused(act: Callable[[], object]) -> str:
    """Give the code with which an act is refused."""
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


@pytest.mark.req("DRW-1", "DRW-2", "SCO-2", "CRT-2")
@pytest.mark.pitfall("P7")
@pytest.mark.parametrize("scheme", Scheme)
def test_the_order_of_a_project_is_that_of_its_ceremony(scheme: Scheme) -> None:
    """Every family its ticket, four parties, a locked result; places follow from it and scores."""
    project = scored_project()
    play = open_play(project, scheme=scheme)
    assert refused(lambda: take(play, project)) == "selection.ceremony-not-locked"
    play.play()
    assert take(play, project) == 20
    drawn = dict(order_of(project_id=project.id, ceremony_id=play.row.id))
    for batch in queries.batches_of(project_id=project.id):
        for place in queries.places_of(project_id=project.id, batch=batch.batch):
            assert drawn[place.stratum][place.draw_number - 1] == place.ticket
    assert compare_project(project_id=project.id, by=project.officer) == []
    board = queries.selection_board(project_id=project.id)
    assert board.is_rehearsal is (scheme is Scheme.REHEARSAL)
    letter = "D" if scheme is Scheme.REAL else "R"
    assert [row.draw_number for row in board.draws] == [f"XF-2026-{letter}0{n}" for n in (1, 2)]
    for row in board.draws:
        entry = find_entry(event_id=row.event_id)
        assert entry is not None
        assert entry.action == "selection.order.taken"
        told = read_body(event_id=row.event_id)
        assert told["ceremony"] == str(play.row.id)
    verify(publish_result(project_id=project.id, by=project.officer, at=play.at))


@pytest.mark.req("DRW-1")
def test_the_order_is_taken_once_and_from_no_other_use() -> None:
    project = scored_project()
    play = open_play(project)
    play.play()
    take(play, project)
    assert refused(lambda: take(play, project)) == "selection.already-drawn"
    again = lambda: rehearse_draw(project_id=project.id, by=project.officer, at=LATER)  # noqa: E731
    assert refused(again) == "selection.already-drawn"
    other = scored_project(code="XF-2027")
    sample = open_sample_ceremony(
        project_id=other.id,
        batch="1",
        terms=terms_of(Scheme.REHEARSAL),
        parties=gather(project_id=other.id, division="370103").new_parties(),
        scheme=Scheme.REHEARSAL,
        by=other.officer,
        at=AT,
    )
    wrong = lambda: take_order(  # noqa: E731
        project_id=other.id, ceremony_id=sample.id, by=other.officer, at=AT
    )
    assert refused(wrong) == "selection.ceremony-of-another-use"


@pytest.mark.req("DRW-1")
def test_a_struck_line_leaves_its_number_empty_and_moves_nobody() -> None:
    """An error proven after the freeze: the line is out, the others keep number and order."""
    project = scored_project(mode="lottery")
    play = open_play(project)
    play.play(until=Step.COUNTED)
    ticket = tickets_of(play)[0]
    for who in ("operator", "notary"):
        strike_entry(**play.ids, ticket=ticket, reason="重复登记", by=play.by(who), at=play.at)
    play.look()
    play.play()
    assert take(play, project) == 19
    places = [
        place
        for batch in queries.batches_of(project_id=project.id)
        for place in queries.places_of(project_id=project.id, batch=batch.batch)
    ]
    assert ticket not in {place.ticket for place in places}
    for place in places:
        line = entry_of(**play.ids, ticket=Ticket(place.ticket))
        assert line is not None
        assert line.place == place.draw_number
    assert compare_project(project_id=project.id, by=project.officer) == []


def tickets_of(play: Play) -> list[Ticket]:
    """Give the tickets of a ceremony's first list."""
    page = list_lines(project_id=play.row.project_id, draw_id=play.row.draws[0].id)
    return [row.ticket for row in page.rows]


@pytest.mark.req("DRW-1")
def test_a_household_keeps_its_ticket_through_every_draw_of_the_project() -> None:
    """Asked once: the sample, a rehearsal and the draw that counts list it under one ticket."""
    project = scored_project()
    cast = cast_of(project)
    sample = open_sample_ceremony(
        project_id=project.id,
        batch="1",
        terms=terms_of(Scheme.REAL),
        parties=cast.new_parties(),
        by=project.officer,
        at=OPENED_AT,
    )
    rehearsal = open_order_ceremony(
        project_id=project.id,
        terms=terms_of(Scheme.REHEARSAL),
        parties=cast.new_parties(),
        scheme=Scheme.REHEARSAL,
        by=project.officer,
        at=OPENED_AT,
    )
    with reading(by=project.officer):
        before = receipts_of(project.id, mapping.plan_of(project.id))
    finish_on_paper(project.id)
    real = open_order_ceremony(
        project_id=project.id,
        terms=terms_of(Scheme.REAL),
        parties=cast.new_parties(),
        by=project.officer,
        at=OPENED_AT,
    )
    with reading(by=project.officer):
        after = receipts_of(project.id, mapping.plan_of(project.id))
    assert [(one.ticket, one.number, one.salt) for one in before] == [
        (one.ticket, one.number, one.salt) for one in after
    ]
    assert sum(draw.size for draw in rehearsal.draws) == sample.draws[0].size == 20
    roots = {draw.root for row in (sample, rehearsal, real) for draw in row.draws}
    assert len(roots) == 5  # the commitments are of another scheme in a rehearsal


@pytest.mark.req("ELG-4", "DRW-1")
def test_a_tenth_of_the_households_is_drawn_for_home_visits() -> None:
    project = scored_project(households=21, homes=24)
    cast = cast_of(project)
    row = open_sample_ceremony(
        project_id=project.id,
        batch="2026-06",
        terms=terms_of(Scheme.REHEARSAL),
        parties=cast.new_parties(),
        scheme=Scheme.REHEARSAL,
        by=project.officer,
        at=OPENED_AT,
    )
    assert (row.use, row.take, row.draws[0].size) == (Use.VISIT_SAMPLE, 3, 21)
    assert row.draws[0].draw_number == "XF-2026-RV01"
    play = Play(cast=cast, row=row, at=OPENED_AT)
    play.play()
    ((_, order),) = order_of(project_id=project.id, ceremony_id=row.id)
    assert len(order) == 21
    # The register stays open: a household that is corrected afterwards keeps its ticket.
    score_project(project_id=project.id, by=project.officer, at=play.at)
    rehearse_draw(project_id=project.id, by=project.officer, at=play.at)
    tickets = {
        place.ticket
        for batch in queries.batches_of(project_id=project.id)
        for place in queries.places_of(project_id=project.id, batch=batch.batch)
    }
    assert tickets == set(order)


def tied_plan() -> tuple[Plan, bytes]:
    """Give a plan in which twelve persons and two with an early signature both have 3.6 points."""
    plan, text = small_plan()
    text = text.replace(b'points = "1"', b'points = "3"')
    assert tomllib.loads(text.decode())["rules"]["scoring"][1]["points"] == "3"
    told = tomllib.loads(text.decode())
    rules_table = {"facts": told["facts"], "rules": told["rules"]}
    households = {
        number: replace(
            row,
            household=replace(
                row.household,
                stratum="普通户" if place % 4 else "优先户",
                facts={"persons": 12, "signed_early": False}
                if place % 2
                else {"persons": 2, "signed_early": True},
            ),
        )
        for place, (number, row) in enumerate(plan.households.items())
    }
    rules = read_rule_set(rules_table)
    return replace(plan, rules=rules, rules_table=rules_table, households=households), text


@pytest.mark.req("SCO-2", "SCO-4")
@pytest.mark.pitfall("P15")
def test_a_tie_is_one_group_on_the_database_and_the_draw_alone_orders_it() -> None:
    """0.3 times twelve is 3.6 exactly, as 0.6 and 3 are; in binary floats it would be less."""
    assert 0.3 * 12 < 0.6 + 3
    plan, text = tied_plan()
    project = register_plan(plan, text)
    score_project(project_id=project.id, by=project.officer, at=AT)
    rehearse_draw(project_id=project.id, by=project.officer, at=AT)
    for stratum in project.plan.project.strata:
        places = [
            place
            for batch in queries.batches_of(project_id=project.id)
            for place in queries.places_of(project_id=project.id, batch=batch.batch)
            if place.stratum == stratum
        ]
        assert {place.total_tenths for place in places} == {36}
        assert [place.draw_number for place in places] == list(range(1, len(places) + 1))


@pytest.mark.req("CRT-2", "DRW-3")
def test_a_quick_rehearsal_stands_among_the_ceremonies_and_derives_again() -> None:
    project = drawn_project()
    (row,) = ceremonies_of(project_id=project.id)
    assert (row.step, row.scheme, row.use) == (Step.LOCKED, Scheme.REHEARSAL, Use.ORDER)
    assert [draw.draw_number for draw in row.draws] == ["XF-2026-R01", "XF-2026-R02"]
    assert row.agreements == () == row.signatures
    for draw in row.draws:
        told = draw_bundle(project_id=project.id, draw_id=draw.id)
        assert draw.seed in str(told)
    papers = queries.draw_papers(project_id=project.id)
    assert [paper["stratum"] for paper in papers] == ["优先户", "普通户"]


def test_a_draw_that_no_longer_derives_is_found(database: Database) -> None:
    project = drawn_project()
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("ALTER TABLE draws_commitment DISABLE TRIGGER USER")
        connection.execute("UPDATE draws_commitment SET secret = repeat('0', 64)")
    found = compare_project(project_id=project.id, by=project.officer)
    assert {one.kind for one in found} == {"draw"}
