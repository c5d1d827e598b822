"""The stock of homes: what is short, what is kept for whom, what goes out when, and how it is made.

Everything that is missing is said at the top, in words; the rest of the page is what it rests on.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.foundation.core.words import say
from anju.foundation.policies.queries import rule_set_in_force, rule_sets_of
from anju.resettlement.households.queries import registered_households
from anju.resettlement.households.types import HouseholdRow
from anju.resettlement.inventory.queries import (
    delivery_readiness,
    facilities_of,
    find_stock_terms,
    homes_of,
    lots_of,
    open_defects_of,
    responsible_of,
)
from anju.resettlement.inventory.types import DefectRow, Readiness, UnitRow
from anju.resettlement.preferences.queries import wishes_of
from anju.resettlement.projects.types import ProjectRow
from anju.resettlement.selection.queries import batches_of, places_of
from anju.web.officer.steps import project_in_sight
from anju.web.routes import route
from anju_rules.inventory import (
    AFFORDABLE_RENTAL,
    GRADES,
    Lot,
    ReservationPlan,
    SourceStanding,
    StockTerms,
    compare_sources,
    judge_rental,
    judge_reserve,
    plan_reservations,
)
from anju_rules.provision import judge_provision
from anju_rules.quality import SIGNER_OF_ROLE
from anju_rules.release import BatchDemand, Gap, ReleaseHome, ReleasePlan, plan_release
from anju_rules.values import Finding

NEEDS = {
    "barrier-free": "无障碍",
    "elderly": "老人（电梯）",
    "three-rooms": "三居",
    AFFORDABLE_RENTAL: "保障性租赁",
}
SOURCES = {
    "new-build": "新建安置房",
    "existing-stock": "收购、调剂存量房",
    "monetary": "货币安置",
    "reserve": "储备",
}
STAGES = {"design": "设计", "construction": "施工", "acceptance": "验收"}
PARTS = {"design": "设计", "construction": "施工", "supervision": "监理"}
MISSING = {
    "inventory.signature-missing": "三方签字没有齐",
    "inventory.defect-open": "有质量问题没有整改验收",
    "inventory.nobody-answers": "没有写明终身责任人",
}
MOST_UNREADY = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveDay:
    """One of the reserve's two dates, in words."""

    name: str
    due: str
    done: str
    late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRow:
    """One need's homes, in words."""

    need: str
    name: str
    households: int
    margin: int
    wanted: int
    kept: int
    added: tuple[str, ...]
    short: int
    opens_after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRow:
    """One batch of the release plan."""

    batch: int
    on: date
    wanted: int
    homes: tuple[str, ...]
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DefectLine:
    """An open defect with the home it is of."""

    defect: DefectRow
    number: str
    is_taken: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """A project's stock, judged."""

    terms: StockTerms
    is_default: bool
    lots: tuple[Lot, ...]
    sources: tuple[SourceStanding, ...]
    reserve: tuple[Finding, ...]
    plan: ReservationPlan | None
    """None: no rule set says which needs there are."""
    rental: Finding
    provision: tuple[Finding, ...]
    """Whether each home of a new district has a school and a clinic on record."""
    ungraded: tuple[tuple[str, int], ...]
    readiness: Readiness
    defects: tuple[DefectLine, ...]
    undated: int
    """Homes still to be given whose day of handing over nobody has told."""
    release: ReleasePlan
    batches: tuple[BatchDemand, ...]


@require_safe
@route(permits="inventory.see")
def show_stock(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Show a project's stock and everything it lacks."""
    project = project_in_sight(code=code, by=by)
    units = homes_of(project_id=project.id)
    today = localdate(read_clock())
    stock = judge_stock(project=project, units=units, today=today)
    facts = {
        "project": project,
        "stock": stock,
        "shortfalls": shortfalls_of(stock),
        "sources": [(SOURCES[one.source], one) for one in stock.sources],
        "reserve": _reserve_days(stock),
        "kept": kept_rows(stock),
        "release": _release_rows(stock),
        "unplaced": _unplaced(stock),
        "missing": [
            (MISSING.get(missing, missing), homes)
            for missing, homes in sorted(stock.readiness.missing.items())
        ],
        "unready": stock.readiness.unready[:MOST_UNREADY],
        "responsible": [(PARTS[one.part], one) for one in responsible_of(project_id=project.id)],
        "buildings": buildings_of(units),
        "stages": tuple(STAGES.items()),
        "parts": tuple(PARTS.items()),
        "source_words": tuple(SOURCES.items()),
        "is_party": by.role in SIGNER_OF_ROLE,
        "is_frozen": project.register_frozen_at is not None,
        "homes": len(units),
        "today": today,
    }
    return render(request, "officer/stock.html", facts)


def judge_stock(*, project: ProjectRow, units: Sequence[UnitRow], today: date) -> Stock:
    """Judge a project's stock; inside an officer's reading."""
    told = find_stock_terms(project_id=project.id)
    terms = StockTerms() if told is None else told
    households = registered_households(project_id=project.id)
    lots = tuple(lots_of(project_id=project.id))
    batches = demand_of(project=project, households=households, units=units, today=today)
    by_id = {unit.id: unit for unit in units}
    to_give = [
        unit
        for unit in units
        if unit.state != "taken" and unit.home.reserved_for != AFFORDABLE_RENTAL
    ]
    return Stock(
        terms=terms,
        is_default=told is None,
        lots=lots,
        sources=compare_sources(lots=lots, guarantees=len(households), terms=terms),
        reserve=judge_reserve(terms=terms, today=today).findings,
        plan=reservations_of(project_id=project.id, units=units, households=households),
        rental=judge_rental(
            homes=len(units),
            set_aside=sum(unit.home.reserved_for == AFFORDABLE_RENTAL for unit in units),
            terms=terms,
        ),
        provision=judge_provision(
            homes=[unit.home for unit in units],
            facilities=facilities_of(project_id=project.id),
            terms=terms,
        ).findings,
        ungraded=tuple(
            (axis, sum(getattr(unit, axis) not in known for unit in units))
            for axis, known in GRADES.items()
        ),
        readiness=delivery_readiness(project_id=project.id),
        defects=tuple(
            DefectLine(
                defect=defect,
                number=by_id[defect.unit_id].number,
                is_taken=by_id[defect.unit_id].state == "taken",
            )
            for defect in open_defects_of(project_id=project.id)
            if defect.unit_id in by_id
        ),
        undated=sum(unit.handover_on is None for unit in to_give),
        release=plan_release(
            homes=[
                ReleaseHome(
                    number=unit.number,
                    district=unit.home.community,
                    ready_on=unit.handover_on,
                    is_out=unit.state == "held",
                )
                for unit in to_give
            ],
            batches=batches,
        ),
        batches=tuple(batches),
    )


def reservations_of(
    *, project_id: UUID, units: Sequence[UnitRow], households: Sequence[HouseholdRow]
) -> ReservationPlan | None:
    """Plan what to keep for whom by the rules in force, else by the latest draft."""
    in_force = rule_set_in_force(project_id=project_id)
    latest = in_force or next(iter(reversed(rule_sets_of(project_id=project_id))), None)
    if latest is None:
        return None
    return plan_reservations(
        households=[row.household for row in households],
        homes=[unit.home for unit in units],
        in_the_way=frozenset(unit.number for unit in units if unit.state != "free"),
        rules=latest.rules,
        terms=find_stock_terms(project_id=project_id) or StockTerms(),
    )


def demand_of(
    *,
    project: ProjectRow,
    households: Sequence[HouseholdRow],
    units: Sequence[UnitRow],
    today: date,
) -> list[BatchDemand]:
    """Count what each batch still to come wants in each community, by the first wishes.

    Before the draw the register's order stands for the order of choosing. One batch a day from
    today on: enough to see what must be ready when.
    """
    wishes = wishes_of(project_id=project.id)
    community_of = {unit.id: unit.home.community for unit in units}
    wanted: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for household_id, batch in _batch_of(project, households).items():
        for unit_id in next(iter(wishes.get(household_id, ())), ()):
            if unit_id in community_of:
                wanted[batch][community_of[unit_id]] += 1
    return [
        BatchDemand(batch=batch, chooses_on=today + timedelta(days=day), wanted=wanted[batch])
        for day, batch in enumerate(sorted(wanted))
    ]


def shortfalls_of(stock: Stock) -> list[str]:
    """Say everything that is missing, one sentence each."""
    told = [
        f"{SOURCES[one.source]}还差 {one.short} 套（应有 {one.wanted}，已落实 {one.planned}）"
        for one in stock.sources
        if one.short
    ]
    told += [
        say(one.code, one.facts)
        for one in (*stock.reserve, stock.rental, *stock.provision)
        if not one.met
    ]
    told += [
        f"{row.name}房源还差 {row.short} 套（要 {row.wanted} 套，全部能用的都留下也不够）"
        for row in kept_rows(stock)
        if row.short
    ]
    told += [f"{row.name}房源应再留 {len(row.added)} 套" for row in kept_rows(stock) if row.added]
    told += [
        f"方案没有写明为{row.name}预留的房源何时放开"
        for row in kept_rows(stock)
        if row.wanted and not row.opens_after
    ]
    if stock.plan is not None and stock.plan.supported_short:
        told.append(
            f"留给重点保障家庭的房源还差 {stock.plan.supported_short} 套"
            f"（不少于全部房源的 {stock.terms.supported_share}%）"
        )
    if stock.undated:
        told.append(f"{stock.undated} 套没有写明交付日期，排不进放房计划")
    # Where no home has a day, every batch lacks every home: that was said already, once.
    if stock.undated < len(stock.release.homes):
        told += [
            f"第 {gap.batch} 批在{gap.district or '本项目'}还差 {gap.short} 套"
            for gap in stock.release.gaps
        ]
    if ungraded := max((homes for _, homes in stock.ungraded), default=0):
        told.append(f"{ungraded} 套房源还没有评定等级")
    if stock.defects:
        told.append(f"{len(stock.defects)} 处质量问题没有整改验收，这些房源暂停选房或交付")
    return told


def kept_rows(stock: Stock) -> list[KeptRow]:
    """Lay the reservations out in words."""
    return [
        KeptRow(
            need=line.need,
            name=NEEDS.get(line.need, line.need),
            households=line.households,
            margin=line.margin,
            wanted=line.wanted,
            kept=len(line.kept),
            added=tuple(line.added),
            short=line.short,
            opens_after=line.opens_after,
        )
        for line in (() if stock.plan is None else stock.plan.lines)
    ]


def buildings_of(units: Sequence[UnitRow]) -> list[tuple[str, str]]:
    """Give each building's key for a form and its name, in table order."""
    names = {
        building_key(unit): " ".join(
            part for part in (unit.home.community, unit.home.building) if part
        )
        for unit in units
    }
    return [(key, name or "全部房源") for key, name in names.items()]


def building_key(unit: UnitRow) -> str:
    """Give the key of a home's building."""
    return f"{unit.home.community}\n{unit.home.building}".replace("\n", "·")


def _batch_of(project: ProjectRow, households: Sequence[HouseholdRow]) -> Mapping[UUID, int]:
    batches = batches_of(project_id=project.id)
    if batches:
        return {
            place.household_id: batch.batch
            for batch in batches
            if batch.state != "closed"
            for place in places_of(project_id=project.id, batch=batch.batch)
        }
    ranks = {stratum: rank for rank, stratum in enumerate(project.strata)}
    ordered = sorted(households, key=lambda row: (ranks.get(row.stratum, len(ranks)), row.place))
    return {row.id: place // project.batch_size + 1 for place, row in enumerate(ordered)}


def _reserve_days(stock: Stock) -> list[ReserveDay]:
    return [
        ReserveDay(
            name=name,
            due=str(one.facts["due"]),
            done=str(one.facts["done"]),
            late=int(str(one.facts["late"])),
        )
        for name, one in zip(("确认", "备齐"), stock.reserve, strict=False)
    ]


def _release_rows(stock: Stock) -> list[ReleaseRow]:
    return [
        ReleaseRow(
            batch=one.batch,
            on=one.chooses_on,
            wanted=sum(one.wanted.values()),
            homes=stock.release.numbers_of(one.batch),
            gaps=tuple(gap for gap in stock.release.gaps if gap.batch == one.batch),
        )
        for one in stock.batches
    ]


def _unplaced(stock: Stock) -> list[tuple[str, int]]:
    counts = Counter(one.code for one in stock.release.homes if one.batch is None)
    return [(say(code, {}), homes) for code, homes in sorted(counts.items())]
