"""The stock on the database: grades, reservations, defects and signatures."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg
import pytest

from anju.foundation.core.clock import read_clock
from anju.foundation.core.crypto import new_id
from anju.foundation.policies.operations import freeze_rule_set
from anju.resettlement.inventory.operations import (
    accept_mending,
    grade_units,
    name_responsible,
    note_mending,
    report_defect,
    reserve_units,
    set_stock_terms,
    sign_stage,
    store_lot,
)
from anju.resettlement.inventory.queries import (
    delivery_readiness,
    find_stock_terms,
    homes_of,
    lots_of,
    open_defects_of,
    quality_file,
    unit_by_number,
    unit_history,
)
from anju.resettlement.selection.operations.choosing import choose_homes
from anju.resettlement.selection.queries import home_tiles, options_of, selection_board
from anju_rules.inventory import AFFORDABLE_RENTAL, Lot, Source, StockTerms
from anju_rules.quality import Part, Stage
from tests.support.registers import AT, PLAN, UNITS, city_officer, open_office
from tests.support.selections import call_first, drawn_project
from tests.support.stock import GRADES, Stock, refused

if TYPE_CHECKING:
    from tests.support.databases import Database

pytestmark = pytest.mark.usefixtures("database")

NEED = """
[[rules.needs]]
need = "elderly"
home = { floor_at_most = 1 }
reserved_opens_after_stratum = "优先户"
clause = "plan/needs#1"
"""
GRADED = PLAN.replace('decoration = "装修"', 'quality_grade = "装修"')


@pytest.fixture
def stock() -> Stock:
    office = open_office(PLAN + NEED)
    office.bring_all()
    return Stock(office)


@pytest.mark.req("INV-3")
def test_an_unknown_grade_is_refused_on_import_by_row_and_column() -> None:
    office = open_office(GRADED)
    done = office.bring("units", UNITS)
    assert done.state == "faulty"
    assert {(fault.row, fault.column, fault.rule) for fault in done.faults} == {
        (2, "装修", "units.unknown-grade"),
        (3, "装修", "units.unknown-grade"),
        (4, "装修", "units.unknown-grade"),
    }
    good = UNITS.replace("毛坯", "优质").replace("精装", "合格")
    assert office.bring("units", good).state == "done"
    homes = homes_of(project_id=office.project.id)
    assert [home.quality_grade for home in homes] == ["excellent", "excellent", "qualified"]


@pytest.mark.req("INV-3")
def test_an_officers_grade_outlives_the_next_table_and_stands_in_the_history(
    stock: Stock,
) -> None:
    told = {"project_id": stock.id, "by": stock.office.officer, "at": AT}
    wrong = {**GRADES, "amenity_tier": "good"}
    assert (
        refused(lambda: grade_units(unit_ids=[stock.unit()], grades=wrong, reason="x", **told))  # type: ignore[arg-type]
        == "inventory.unknown-grade"
    )
    assert (
        refused(lambda: grade_units(unit_ids=[stock.unit()], grades=GRADES, reason=" ", **told))  # type: ignore[arg-type]
        == "inventory.reason-missing"
    )
    grade_units(unit_ids=[stock.unit()], grades=GRADES, reason="复核", **told)  # type: ignore[arg-type]
    changed = stock.office.bring("units", UNITS.replace("88.50,毛坯", "88.60,毛坯"))
    assert changed.state == "done"
    unit = unit_by_number(project_id=stock.id, number="1-101")
    assert str(unit.home.area_sqm) == "88.60"
    assert {axis: getattr(unit, axis) for axis in GRADES} == GRADES
    actions = [entry.action for entry in unit_history(project_id=stock.id, unit_id=unit.id)]
    assert "inventory.units.graded" in actions


@pytest.mark.req("INV-4")
def test_homes_are_kept_by_two_people_before_the_draw_and_by_a_published_rule(
    stock: Stock,
) -> None:
    assert refused(lambda: stock.reserve("elderly", "1-101")) == "inventory.rules-not-frozen"
    freeze_rule_set(project_id=stock.id, by=stock.office.officer, at=AT)
    assert refused(lambda: stock.reserve("elderly")) == "inventory.no-home-named"
    assert refused(lambda: stock.reserve("elderly", "1-201")) == "inventory.home-not-fit"
    assert refused(lambda: stock.reserve("other", "1-101")) == "inventory.need-without-rule"
    stock.report("1-102")
    assert refused(lambda: stock.reserve("elderly", "1-101", "1-102")) == "inventory.unit-not-free"
    assert unit_by_number(project_id=stock.id, number="1-101").home.reserved_for == ""
    stock.reserve("elderly", "1-101")
    stock.reserve(AFFORDABLE_RENTAL, "1-201")
    told = {home.number: home.home.reserved_for for home in homes_of(project_id=stock.id)}
    assert told == {"1-101": "elderly", "1-102": "", "1-201": AFFORDABLE_RENTAL}
    # A table that comes later does not give back what two people kept.
    stock.office.bring("units", UNITS.replace("88.50,毛坯", "88.60,毛坯"))
    assert unit_by_number(project_id=stock.id, number="1-101").home.reserved_for == "elderly"
    stock.reserve("", "1-101")
    assert unit_by_number(project_id=stock.id, number="1-101").home.reserved_for == ""


@pytest.mark.req("INV-9", "SEL-4")
def test_a_home_for_affordable_rent_is_not_among_the_homes_that_are_left(stock: Stock) -> None:
    freeze_rule_set(project_id=stock.id, by=stock.office.officer, at=AT)
    before = selection_board(project_id=stock.id)
    stock.reserve("elderly", "1-101")
    stock.reserve(AFFORDABLE_RENTAL, "1-201")
    after = selection_board(project_id=stock.id)
    assert after.counts.homes == before.counts.homes
    assert after.counts.homes_free == before.counts.homes_free - 1
    assert sum(row.free for row in after.layouts) == after.counts.homes_free
    assert sum(row.free for row in after.buildings) == after.counts.homes_free
    tiles = {tile.number: tile.state for tile in home_tiles(project_id=stock.id)}
    assert (tiles["1-101"], tiles["1-201"]) == ("reserved", "held")


@pytest.mark.req("INV-4")
def test_after_the_draw_nothing_is_kept_any_more() -> None:
    drawn = drawn_project()
    number = next(iter(drawn.units))
    code = refused(
        lambda: reserve_units(
            project_id=drawn.id,
            unit_ids=[drawn.units[number]],
            need="",
            by=drawn.officer,
            second=city_officer(),
            at=AT,
        )
    )
    assert code == "inventory.reservations-frozen"


@pytest.mark.req("INV-6", "SEL-2")
def test_a_defect_takes_a_home_out_of_choosing_at_once_and_its_mending_brings_it_back() -> None:
    drawn = drawn_project()
    turn = call_first(drawn, at=read_clock())

    def options() -> dict[UUID, bool]:
        found = options_of(project_id=drawn.id, household_id=turn.household_id, by=drawn.officer)
        return {option.tile.unit_id: option.is_lawful for option in found}

    unit_id = next(unit for unit, is_lawful in options().items() if is_lawful)
    party = {
        role: replace(drawn.officer, id=new_id(), role=role)
        for role in ("builder", "supervisor", "representative")
    }

    def choose() -> object:
        return choose_homes(
            project_id=drawn.id,
            turn_id=turn.id,
            unit_ids=[unit_id],
            by=drawn.officer,
            at=read_clock(),
        )

    told = {"project_id": drawn.id, "at": AT}
    row = report_defect(unit_id=unit_id, what="梁有裂缝", by=drawn.officer, **told)  # type: ignore[arg-type]
    assert not options()[unit_id]
    tiles = {tile.unit_id: tile.state for tile in home_tiles(project_id=drawn.id)}
    assert tiles[unit_id] == "held"
    assert refused(choose) == "selection.unit-not-open"
    note_mending(defect_id=row.id, mending="加固", by=party["builder"], **told)  # type: ignore[arg-type]
    assert not options()[unit_id]
    assert accept_mending(
        defect_id=row.id,
        by=party["supervisor"],
        second=party["representative"],
        **told,  # type: ignore[arg-type]
    )
    assert options()[unit_id]
    assert choose()
    # A home that is chosen stays its household's; it is the handing over that waits.
    report_defect(unit_id=unit_id, what="门窗变形", by=drawn.officer, **told)  # type: ignore[arg-type]
    tiles = {tile.unit_id: tile.state for tile in home_tiles(project_id=drawn.id)}
    assert tiles[unit_id] == "taken"
    assert open_defects_of(project_id=drawn.id)[0].unit_id == unit_id


@pytest.mark.req("INV-6")
def test_a_home_with_two_defects_comes_back_after_the_second(stock: Stock) -> None:
    first, second = stock.report(), stock.report()
    assert refused(lambda: stock.accept(first)) == "inventory.defect-not-so"
    stock.mend(first)
    stock.mend(second)
    assert refused(lambda: stock.mend(first)) == "inventory.defect-not-so"
    for roles in ("builder supervisor", "supervisor supervisor"):
        code = refused(lambda roles=roles: stock.accept(first, roles=roles))  # type: ignore[misc]
        assert code == "inventory.acceptors-wrong"
    assert not stock.accept(first)
    assert unit_by_number(project_id=stock.id, number="1-101").state == "held"
    assert stock.accept(second)
    assert unit_by_number(project_id=stock.id, number="1-101").state == "free"
    assert refused(lambda: stock.accept(second)) == "inventory.defect-not-so"


@pytest.mark.req("INV-6")
def test_all_homes_pass_once_three_parties_signed_and_somebody_answers_for_life(
    stock: Stock,
) -> None:
    def sign(role: str, stage: Stage) -> None:
        sign_stage(
            project_id=stock.id,
            unit_ids=list(stock.units.values()),
            stage=stage,
            by=stock.somebody(role),
            at=AT,
        )

    roles = ("builder", "supervisor", "representative")
    assert not delivery_readiness(project_id=stock.id).is_ready
    assert refused(lambda: sign("builder", Stage.ACCEPTANCE)) == "inventory.stage-too-early"
    for stage in Stage:
        for role in roles:
            sign(role, stage)
    assert refused(lambda: sign("builder", Stage.DESIGN)) == "inventory.signed-already"
    readiness = delivery_readiness(project_id=stock.id)
    assert (readiness.passed, dict(readiness.missing)) == (0, {"inventory.nobody-answers": 3})
    for part in Part:
        name_responsible(
            project_id=stock.id,
            community="",
            building="1",
            part=part,
            organisation="第一建筑公司",
            responsible="总工程师 李工",
            by=stock.office.officer,
            at=AT,
        )
    assert delivery_readiness(project_id=stock.id).is_ready
    stock.report("1-201")
    readiness = delivery_readiness(project_id=stock.id)
    assert (readiness.passed, readiness.unready, readiness.is_ready) == (2, ("1-201",), False)
    told = quality_file(project_id=stock.id, unit_id=stock.unit("1-201"))
    assert (len(told.signatures), len(told.defects), len(told.responsible)) == (9, 1, 3)


@pytest.mark.req("INV-6")
def test_what_was_signed_or_found_is_never_rewritten_by_the_database_itself(
    database: Database, stock: Stock
) -> None:
    stock.mend(stock.report())
    changes = (
        "UPDATE inventory_defect SET what = '没事'",
        "UPDATE inventory_defect SET mended_at = NULL",
        "DELETE FROM inventory_defect",
    )
    with psycopg.connect(database.superuser_url) as connection:
        for change in changes:
            with pytest.raises(psycopg.errors.CheckViolation, match=r"inventory\.trace-kept"):
                connection.execute(change)
            connection.rollback()
        # The control: with the guard off nothing stops it.
        connection.execute("ALTER TABLE inventory_defect DISABLE TRIGGER inventory_keep_defect")
        assert connection.execute(changes[0]).rowcount == 1
        connection.rollback()


@pytest.mark.req("INV-2")
def test_terms_and_lots_are_kept_and_faulty_ones_refused(stock: Stock) -> None:
    told = {"project_id": stock.id, "by": stock.office.officer, "at": AT}
    terms = StockTerms(
        decided_on=date(2026, 3, 2), reserve_confirmed_on=date(2026, 3, 20), clause="plan/stock#1"
    )
    for wrong in (
        replace(terms, shares={Source.NEW_BUILD: 99}),
        replace(terms, confirm_days=-1),
        replace(terms, decided_on=None),
        replace(terms, reserve_completed_on=date(2026, 3, 3)),
    ):
        assert refused(lambda wrong=wrong: set_stock_terms(terms=wrong, **told)) == (  # type: ignore[misc, arg-type]
            "inventory.terms-wrong"
        )
    for one in (terms, replace(terms, is_core_area=True)):
        set_stock_terms(terms=one, **told)  # type: ignore[arg-type]
        assert find_stock_terms(project_id=stock.id) == one
    lot = Lot(name="一期", source=Source.NEW_BUILD, homes=20, ready_on=date(2027, 6, 30))
    for one_lot in (lot, replace(lot, homes=25)):
        store_lot(lot=one_lot, **told)  # type: ignore[arg-type]
        assert lots_of(project_id=stock.id) == [one_lot]
    assert refused(lambda: store_lot(lot=replace(lot, homes=-1), **told)) == "inventory.lot-wrong"  # type: ignore[arg-type]
