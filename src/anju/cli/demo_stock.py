"""The demo's stock: terms, sources, grades, what is kept for whom, how the homes were made.

Everything is done by the account whose work it is, through the operations that the pages call; what
is there already is not done again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product

from django.conf import settings

from anju.cli.demo_panorama import draw_room
from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.foundation.documents.scanning import read_scanner
from anju.resettlement.inventory import operations
from anju.resettlement.inventory.queries import (
    facilities_of,
    find_stock_terms,
    homes_of,
    lots_of,
    materials_of,
    open_defects_of,
    quality_file,
    responsible_of,
)
from anju.resettlement.inventory.types import UnitRow
from anju.resettlement.projects.types import ProjectRow
from anju_rules.inventory import AFFORDABLE_RENTAL, Lot, Source, StockTerms
from anju_rules.provision import Facility, Provision
from anju_rules.quality import Part, Stage
from anju_rules.values import Refusal

CLAUSE = "plan/stock#1"
PARTIES = ("builder", "supervisor", "representative")
"""The demo's account of each party that signs how the homes were made."""
_TERMS = StockTerms(
    decided_on=date(2026, 4, 1),
    reserve_confirmed_on=date(2026, 4, 24),
    reserve_completed_on=date(2026, 5, 28),
    is_core_area=True,
    is_new_district=True,
    clause=CLAUSE,
)
_SHARES = (
    ("柳岸新村一期", Source.NEW_BUILD, 32),
    ("收购、调剂的存量房", Source.EXISTING_STOCK, 30),
    ("货币安置", Source.MONETARY, 28),
    ("储备房源", Source.RESERVE, 10),
)
"""Lot, source, and percent of the households: money is a little short, and the page says so."""
_RENTAL_EVERY = 17
"""One home in so many is let instead of chosen: between 5 and 10 %."""
_ANSWERS = (
    (Part.DESIGN, "演示建筑设计院", "总设计师"),
    (Part.CONSTRUCTION, "演示第一建筑公司", "项目经理"),
    (Part.SUPERVISION, "演示建设监理公司", "总监理工程师"),
)
_GRADED_STOREYS = 3
_SIGNED_BUILDINGS = 3
"""The first buildings are signed through to acceptance, the others to construction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoStock:
    """The stock of one project, while it is being made."""

    project: ProjectRow
    households: int
    officer: Callable[[str], Actor]
    say: Callable[[str], None]

    def prepare(self) -> None:
        """Make whatever is not there yet; before the draw, on which what is kept has a bearing."""
        units = self._units()
        self._plan(units)
        self._grade(units)
        if self.project.register_frozen_at is None:
            self._set_aside(units)
        self._show(units)
        self._sign(units)
        self._report(units)

    def _units(self) -> Sequence[UnitRow]:
        with reading(by=self.officer("city")):
            return homes_of(project_id=self.project.id)

    def _plan(self, units: Sequence[UnitRow]) -> None:
        by, project_id = self.officer("city"), self.project.id
        if find_stock_terms(project_id=project_id) is None:
            self.say("房源目标、来源、学校和医院……")
            operations.set_stock_terms(project_id=project_id, terms=_TERMS, by=by, at=read_clock())
        known = {lot.name for lot in lots_of(project_id=project_id)}
        for name, source, share in _SHARES:
            if name not in known:
                lot = Lot(name=name, source=source, homes=self.households * share // 100)
                operations.store_lot(project_id=project_id, lot=lot, by=by, at=read_clock())
        recorded = {one.name for one in facilities_of(project_id=project_id)}
        for facility in _facilities(units):
            if facility.name not in recorded:
                operations.record_facility(
                    project_id=project_id, facility=facility, by=by, at=read_clock()
                )

    def _grade(self, units: Sequence[UnitRow]) -> None:
        """Grade the low storeys of what the table left open; the others are for the visitor."""
        ungraded = [
            unit.id
            for unit in units
            if not unit.quality_grade and (unit.home.floor or 0) <= _GRADED_STOREYS
        ]
        if ungraded:
            operations.grade_units(
                project_id=self.project.id,
                unit_ids=ungraded,
                grades={
                    "quality_grade": "good",
                    "location_tier": "extended",
                    "amenity_tier": "basic",
                },
                reason="房源评估报告（演示）第三页",
                by=self.officer("district"),
                at=read_clock(),
            )

    def _set_aside(self, units: Sequence[UnitRow]) -> None:
        """Set homes aside for affordable rent: two people, by the published rule."""
        if any(unit.home.reserved_for == AFFORDABLE_RENTAL for unit in units):
            return
        self.say("留出保障性租赁住房……")
        wanted = [
            unit.id
            for unit in units[::_RENTAL_EVERY]
            if not unit.home.reserved_for and unit.state == "free"
        ]
        least = -(-len(units) * _TERMS.rental_least // 100)
        more = [unit.id for unit in reversed(units) if not unit.home.reserved_for]
        wanted += [one for one in more if one not in wanted][: max(0, least - len(wanted))]
        operations.reserve_units(
            project_id=self.project.id,
            unit_ids=wanted,
            need=AFFORDABLE_RENTAL,
            by=self.officer("city"),
            second=self.officer("district"),
            at=read_clock(),
        )

    def _show(self, units: Sequence[UnitRow]) -> None:
        if materials_of(project_id=self.project.id):
            return
        home = units[0].home
        self.say("户型全景图……")
        try:
            read_scanner(settings.SCANNER)  # asked first: to draw a room takes seconds
            operations.keep_panorama(
                project_id=self.project.id,
                community=home.community,
                layout=home.layout,
                name="room.jpg",
                content=draw_room(),
                by=self.officer("city"),
                at=read_clock(),
            )
        except Refusal as refusal:
            # Where no scanner is set no file comes in, not even the demo's own.
            if refusal.code != "documents.scanner-missing":
                raise
            self.say("（没有设置杀毒程序，略过）")

    def _sign(self, units: Sequence[UnitRow]) -> None:
        """Name who answers for life, and sign how the homes were made, building by building."""
        project_id, by = self.project.id, self.officer("city")
        named = {one.part for one in responsible_of(project_id=project_id)}
        for part, organisation, responsible in _ANSWERS:
            if part not in named:
                operations.name_responsible(
                    project_id=project_id,
                    community="",
                    building="",
                    part=part,
                    organisation=organisation,
                    responsible=responsible,
                    by=by,
                    at=read_clock(),
                )
        buildings = list(dict.fromkeys(unit.home.building for unit in units))
        through = set(buildings[:_SIGNED_BUILDINGS])
        sign = {
            Stage.DESIGN: [unit.id for unit in units],
            Stage.CONSTRUCTION: [unit.id for unit in units],
            Stage.ACCEPTANCE: [unit.id for unit in units if unit.home.building in through],
        }
        told = quality_file(project_id=project_id, unit_id=units[0].id)
        signed = {(one.stage, str(one.party)) for one in told.signatures}
        if len(signed) < len(Stage) * len(PARTIES):
            self.say("三方质量签字……")
        for stage, party in product(Stage, PARTIES):
            if (stage, party) not in signed:
                operations.sign_stage(
                    project_id=project_id,
                    unit_ids=sign[stage],
                    stage=stage,
                    by=self.officer(party),
                    at=read_clock(),
                )

    def _report(self, units: Sequence[UnitRow]) -> None:
        """Report two defects on homes at the table's end: one is mended, one waits for it."""
        project_id = self.project.id
        free = [unit for unit in units if unit.state == "free" and not unit.home.reserved_for]
        if len(free) < 2 or open_defects_of(project_id=project_id):
            return
        self.say("质量问题：一处已整改，一处待整改……")
        mended = operations.report_defect(
            project_id=project_id,
            unit_id=free[-2].id,
            what="阳台地漏返水",
            by=self.officer("representative"),
            at=read_clock(),
        )
        operations.note_mending(
            project_id=project_id,
            defect_id=mended.id,
            mending="重做存水弯，蓄水试验二十四小时不漏",
            by=self.officer("builder"),
            at=read_clock(),
        )
        operations.accept_mending(
            project_id=project_id,
            defect_id=mended.id,
            by=self.officer("supervisor"),
            second=self.officer("representative"),
            at=read_clock(),
        )
        operations.report_defect(
            project_id=project_id,
            unit_id=free[-1].id,
            what="北侧外墙渗水",
            by=self.officer("supervisor"),
            at=read_clock(),
        )


def _facilities(units: Sequence[UnitRow]) -> tuple[Facility, ...]:
    """Give the schools and clinics; the last building has no clinic yet, which the desk says."""
    community = units[0].home.community
    buildings = tuple(dict.fromkeys(unit.home.building for unit in units))
    return (
        Facility(
            kind=Provision.SCHOOL, name="柳岸小学", community=community, places=1080, distance_m=460
        ),
        Facility(
            kind=Provision.SCHOOL,
            name="第十二中学新校区",
            community=community,
            places=900,
            distance_m=1150,
            ready_on=date(2027, 9, 1),
        ),
        Facility(
            kind=Provision.MEDICAL,
            name="柳岸社区卫生服务中心",
            community=community,
            buildings=buildings[:-1],
            places=40,
            distance_m=620,
        ),
    )
