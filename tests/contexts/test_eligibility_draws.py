"""Who stands in which list of a draw that counts: the confirmed, the disputed, nobody else."""

from __future__ import annotations

from uuid import UUID

import pytest

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.draws.listing import list_lines
from anju.foundation.draws.operations import place_disputed
from anju.resettlement.eligibility.operations import open_review
from anju.resettlement.selection import mapping, queries
from anju.resettlement.selection.operations import ceremonies
from anju.resettlement.selection.operations.ceremonies import open_order_ceremony
from anju.resettlement.selection.publication import publish_result
from anju.resettlement.selection.rebuild import compare_project
from anju.resettlement.selection.receipts import receipts_of
from anju_rules.ceremony import Step
from anju_rules.draws import Scheme
from anju_rules.procedures.states import ActionKind
from anju_rules.values import Ticket
from tests.contexts.test_selection_ceremony import cast_of, take, terms_of
from tests.contexts.test_selection_published import verify
from tests.support import planning
from tests.support.cases import refused
from tests.support.ceremonies import OPENED_AT, Cast, Play
from tests.support.eligibility import STREET, Reviews, finish_on_paper
from tests.support.selections import AT, LATER, Selected, scored_project

pytestmark = pytest.mark.usefixtures("database")


def open_real(project: Selected, cast: Cast | None = None) -> Play:
    """Open the draw of a project's order that counts."""
    cast = cast or cast_of(project)
    row = open_order_ceremony(
        project_id=project.id,
        terms=terms_of(Scheme.REAL),
        parties=cast.new_parties(),
        by=project.officer,
        at=OPENED_AT,
    )
    return Play(cast=cast, row=row, at=OPENED_AT)


def lists_of(play: Play) -> dict[bool, int]:
    """Count the entries of both lists, over all strata: the disputed under True."""
    counted = {False: 0, True: 0}
    for draw in play.row.draws:
        for row in list_lines(project_id=play.row.project_id, draw_id=draw.id).rows:
            counted[row.is_disputed] += 1
    return counted


@pytest.mark.threat("T-06")
def test_six_households_that_nobody_decided_on_keep_the_list_from_being_frozen() -> None:
    project = scored_project()
    cast = cast_of(project)
    with refused("planning.plan-not-in-force"):
        open_real(project, cast)
    *decided, _, _, _, _, _, _ = project.households.values()
    finish_on_paper(project.id, household_ids=decided)
    play = open_real(project, cast)
    with refused("draws.entries-undecided") as caught:
        freeze(play)
    assert caught.value.facts["count"] == 6
    assert str(caught.value.facts["tickets"]).count("XF-2026-") == 6


def freeze(play: Play) -> None:
    """Let both parties sign the freeze, once its time has come."""
    play.wait_until(play.row.freeze_at)
    play.sign(Step.FROZEN)


@pytest.mark.threat("T-06")
def test_control_without_the_decisions_ghosts_are_frozen_with_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ceremonies, "rolls_of", lambda _project_id: {})
    project = scored_project(homes=12, households=8)
    planning.take_over(project.id)
    play = open_real(project)
    freeze(play)
    assert play.row.step is Step.FROZEN


@pytest.mark.req("DRW-1", "ELG-1")
@pytest.mark.pitfall("P4")
def test_who_withdrew_has_no_line_and_whose_review_runs_has_no_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project = scored_project()
    reviews = Reviews(project=project, monkeypatch=monkeypatch)
    gone, runs, *decided = project.households.values()
    finish_on_paper(project.id, household_ids=decided)
    withdraw(reviews, project.household(gone))
    open_review(project_id=project.id, household_id=runs, division=STREET, by=reviews.street, at=AT)
    play = open_real(project)
    assert lists_of(play) == {False: 18, True: 1}
    play.play()
    for household_id, code in ((runs, "selection.not-confirmed"), (gone, "draws.not-disputed")):
        ticket = ticket_of(project, household_id)
        with refused(code):
            place_disputed(**play.ids, ticket=ticket, by=play.by("notary"), at=play.at)
    assert take(play, project) == 18
    assert compare_project(project_id=project.id, by=project.officer) == []
    with reading(by=project.officer):
        for household_id in (gone, runs):
            assert queries.find_place(project_id=project.id, household_id=household_id) is None
        assert len(set(queries.approvers_of_order(project_id=project.id).values())) == 1
    verify(publish_result(project_id=project.id, by=project.officer, at=LATER))


def ticket_of(project: Selected, household_id: UUID) -> Ticket:
    """Give a household's ticket, as it stands on its receipt."""
    number = next(one for one, known in project.households.items() if known == household_id)
    with reading(by=project.officer):
        entries = receipts_of(project.id, mapping.plan_of(project.id))
    return next(entry.ticket for entry in entries if entry.number == number)


def withdraw(reviews: Reviews, family: Actor) -> None:
    """Let a household come, and withdraw what it asked for."""
    assert family.household_id is not None
    case = open_review(
        project_id=reviews.project.id,
        household_id=family.household_id,
        division=STREET,
        by=family,
        at=AT,
    )
    reviews.act(case, ActionKind.WITHDRAW, role="household", on=0, by=family)
