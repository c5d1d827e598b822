"""Tolerance and commitments: what may come later, whose word counts, and how it is checked."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date, timedelta
from importlib import resources
from typing import Any

import pytest

from anju.foundation.access.context import reading
from anju.foundation.casework.types import HandedIn
from anju.foundation.core.definitions import find_faults, read_default_procedures
from anju.titles.cases.models import SampleRecord
from anju.titles.cases.operations import (
    check_commitment,
    draw_sample,
    freeze_sample,
    hand_in_papers,
    note_lapsed_materials,
)
from anju.titles.cases.queries import (
    commitments_of,
    lapsed_title_cases,
    samples_of,
    title_case,
)
from anju.titles.cases.samples import COMMITTER, draw_from, terms_of
from anju.titles.certificates.queries import certificate_of_unit
from anju.titles.communities.operations import enter_homes
from anju.titles.communities.types import Person
from anju_rules.commitments import LIFE_AND_SAFETY, judge_commitment
from anju_rules.draws import Draw, Line, derive_draw
from anju_rules.procedures.reading import read_procedure
from anju_rules.procedures.states import Flag, Status
from anju_rules.procedures.types import Source
from anju_rules.values import Refusal, Ticket
from tests.contexts.test_title_cases import code_of, states, without_guard
from tests.support.access import SYSTEM
from tests.support.communities import AT, Town, new_homes, open_town
from tests.support.title_cases import (
    accept,
    case_now,
    decide,
    default_papers,
    file_transfer,
    pay_tax,
    register_first,
    walk,
)

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)
OWING = default_papers("title-6-steps", without=("floor-sketch",))


def tolerated(town: Town) -> Any:
    """File a case that owes its floor plan, and walk it to the review."""
    row = file_transfer(town, town.homes[0], materials=OWING)
    accept(town, row.id)
    decide(town, row.id, "intake", "taken-in-owing")
    for step in ("planning-check", "survey"):
        decide(town, row.id, step, "passed")
    pay_tax(town, row.id)
    return decide(town, row.id, "payment", "settled")


@pytest.mark.req("TTL-2")
def test_a_minor_paper_may_come_later_with_a_day_of_its_own_and_a_core_one_never() -> None:
    town = open_town(homes=2)
    register_first(town)
    core = file_transfer(
        town,
        town.homes[1],
        materials=default_papers("title-6-steps", without=("identity-proof", "floor-sketch")),
    )
    accept(town, core.id)
    assert code_of(decide, town, core.id, "intake", "taken-in-owing") == "case.material-missing"
    row = tolerated(town)
    assert row.open_steps == ("review",)
    assert Flag.OWES_MATERIAL in row.flags
    with reading(by=SYSTEM):
        mine = title_case(project_id=town.project_id, case_id=row.id)
    assert mine.owed_until == date(2026, 9, 21), "three working days: the 18th, 20th and 21st"
    assert code_of(decide, town, row.id, "review", "approved") == "titlecases.owes-material"
    assert note_lapsed_materials(by=SYSTEM, at=AT + 4 * DAY) == ()
    assert note_lapsed_materials(by=SYSTEM, at=AT + 5 * DAY) == (row.id,)
    assert note_lapsed_materials(by=SYSTEM, at=AT + 5 * DAY) == (), "told once"
    with reading(by=SYSTEM):
        assert [one.id for one in lapsed_title_cases()] == [row.id]
    refused = decide(town, row.id, "review", "refused", at=AT + 5 * DAY, why="容缺材料逾期未补")
    assert refused.status is Status.REFUSED


@pytest.mark.req("TTL-2")
def test_what_was_owed_heals_the_case_if_it_comes_before_the_refusal() -> None:
    town = open_town(homes=1)
    register_first(town)
    row = tolerated(town)
    note_lapsed_materials(by=SYSTEM, at=AT + 5 * DAY)
    hand_in_papers(
        project_id=town.project_id,
        case_id=row.id,
        materials=[HandedIn(code="floor-sketch")],
        by=town.officer(),
        at=AT + 5 * DAY,
    )
    with reading(by=SYSTEM):
        assert title_case(project_id=town.project_id, case_id=row.id).lapsed_at is None
    assert decide(town, row.id, "review", "approved", at=AT + 5 * DAY).open_steps == ("issue",)


@pytest.mark.req("TTL-2")
def test_control_without_the_guard_a_case_that_owes_is_approved() -> None:
    town = open_town(homes=1)
    register_first(town)
    row = tolerated(town)
    with without_guard():
        assert decide(town, row.id, "review", "approved").status is Status.IN_PROGRESS


@pytest.mark.req("TTL-2")
def test_no_procedure_tolerates_a_core_proof_and_a_definition_that_did_would_let_it_pass() -> None:
    """The defence is the definition: who tolerates, and what, is printed and judged there."""
    for code in ("title-6-steps", "title-8-steps", "title-first"):
        procedure = read_default_procedures()[code]
        assert find_faults(procedure, roles=["district-officer", "household", "developer"]) == ()
        owed = {one.code for one in procedure.materials.values() if one.is_tolerable}
        assert owed <= {"invoice", "floor-sketch", "building-photographs"}, owed
    table = tomllib.loads(
        resources.files("anju").joinpath("procedures/title-6-steps.toml").read_text("utf-8")
    )
    for material in table["materials"]:
        if material["code"] == "identity-proof":
            material |= {"weight": "tolerable", "owed_within": "3 working-days"}
    loose = read_procedure(table)
    assert loose.materials["identity-proof"].is_tolerable, "with the weight off nothing stops it"


@pytest.mark.req("TTL-3")
def test_a_commitment_is_a_signed_paper_and_never_about_life_or_safety() -> None:
    town = open_town(homes=1)
    register_first(town)
    bare = (
        *default_papers("title-6-steps", without=("home-count-commitment",)),
        HandedIn(code="home-count-commitment"),
    )
    assert code_of(file_transfer, town, town.homes[0], materials=bare) == "commitments.not-signed"
    row = file_transfer(town, town.homes[0])
    with reading(by=SYSTEM):
        (kept,) = commitments_of(project_id=town.project_id, case_id=row.id)
    assert (kept.material, kept.state) == ("home-count-commitment", "unchecked")
    committed = {
        material.code
        for procedure in read_default_procedures().values()
        for material in procedure.materials.values()
        if material.source is Source.COMMITTED
    }
    assert not committed & LIFE_AND_SAFETY
    for material in LIFE_AND_SAFETY:
        verdict = judge_commitment(material=material, is_signed=True, false_before=0)
        assert [one.code for one in verdict.unmet] == ["commitments.life-and-safety"]


def _sworn_town() -> Town:
    """Give a community whose first two homes belong to one person."""
    town = open_town(homes=0)
    sworn = Person(name="王小二", identity_number="110101199003074514")
    homes = [
        replace(home, people=(sworn,) if number < 2 else home.people)
        for number, home in enumerate(new_homes(3))
    ]
    entered = enter_homes(project_id=town.project_id, homes=homes, by=town.officer(), at=AT)
    return replace(town, homes=tuple(entered))


@pytest.mark.req("TTL-3")
@pytest.mark.parametrize("is_done", [True, False])
def test_a_false_commitment_is_undone_and_its_maker_is_believed_no_more(is_done: bool) -> None:
    town = _sworn_town()
    register_first(town)
    row = file_transfer(town, town.homes[0])
    row = walk(town, row.id, until="" if is_done else "review")
    with reading(by=SYSTEM):
        (kept,) = commitments_of(project_id=town.project_id, case_id=row.id)
    told: dict[str, Any] = {
        "project_id": town.project_id,
        "commitment_id": kept.id,
        "is_true": False,
        "by": town.officer(),
        "second": town.officer("city-officer"),
        "at": AT + DAY,
    }
    assert code_of(check_commitment, finding=" ", **told) == "titlecases.reason-missing"
    found = check_commitment(finding="名下另有两套住房", **told)
    assert found.state == "false"
    if is_done:
        assert case_now(town, row.id).status is Status.REVOKED
        assert states(town)["1-101"] == "first"
        with reading(by=SYSTEM):
            unit = town.homes[0].unit_code
            assert certificate_of_unit(project_id=town.project_id, unit_code=unit) is None
    else:
        refused = code_of(decide, town, row.id, "review", "approved", at=AT + DAY)
        assert refused == "titlecases.promise-broken"
    # The same person, under another household and for another home.
    barred = code_of(file_transfer, town, town.homes[1], at=AT + DAY)
    assert barred == "commitments.false-before"
    assert code_of(file_transfer, town, town.homes[2], at=AT + DAY) == ""
    with without_guard():
        assert code_of(file_transfer, town, town.homes[1], at=AT + DAY) == ""


@pytest.mark.req("TTL-3")
def test_who_is_checked_is_drawn_by_a_chance_nobody_chose_and_anybody_recomputes() -> None:
    town = open_town(homes=6)
    register_first(town)
    for home in town.homes:
        file_transfer(town, home)
    told: dict[str, Any] = {"project_id": town.project_id, "by": town.officer()}
    rule: dict[str, Any] = {"beacon_rule": "balls:6x00-99", "beacon_at": AT + DAY}
    assert code_of(freeze_sample, count=7, at=AT, **rule, **told) == "titlecases.sample-size"
    past: dict[str, Any] = {**rule, "beacon_at": AT - DAY}
    assert code_of(freeze_sample, count=2, at=AT, **past, **told) == "draw.beacon-before-freeze"
    frozen = freeze_sample(count=2, at=AT, **rule, **told)
    assert (frozen.secret, frozen.drawn) == ("", ())
    assert code_of(freeze_sample, count=2, at=AT, **rule, **told) == "titlecases.sample-open"
    drawing: dict[str, Any] = {
        **told,
        "sample_id": frozen.id,
        "beacon": ["03 14 15 92 65 35"],
        "second": town.officer("city-officer"),
    }
    assert code_of(draw_sample, at=AT + timedelta(hours=23), **drawing) == "titlecases.too-early"
    drawn = draw_sample(at=AT + DAY, **drawing)
    assert code_of(draw_sample, at=AT + DAY, **drawing) == "titlecases.drawn-already"
    with reading(by=SYSTEM):
        assert samples_of(project_id=town.project_id) == [drawn]
        picked = commitments_of(project_id=town.project_id, state="drawn")
    assert {one.id.hex.upper() for one in picked} == set(drawn.drawn)
    terms = terms_of(frozen.id, **drawn.terms)
    result = derive_draw(
        Draw(
            terms=terms,
            lines=tuple(
                Line(ticket=Ticket(ticket), commitment=bytes.fromhex(bound))
                for ticket, bound in drawn.lines
            ),
            disputed=(),
            secrets=((COMMITTER, bytes.fromhex(drawn.secret)),),
            commitments=((COMMITTER, bytes.fromhex(drawn.secret_digest)),),
            beacon=drawn.beacon,
        )
    )
    assert result.announcement.hex() == drawn.announcement
    assert result.order[:2] == drawn.drawn
    with reading(by=SYSTEM):
        kept = SampleRecord.objects.get(project_id=town.project_id, id=frozen.id)
    with pytest.raises(Refusal, match=r"draw\.commit-invalid"):
        draw_from(kept, beacon=drawn.beacon, secret=bytes(32))
