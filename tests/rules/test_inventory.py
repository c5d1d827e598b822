"""The stock of homes: grades, mix, reserve, reservations, rentals, release plan, quality trace."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anju_rules.inventory import (
    AFFORDABLE_RENTAL,
    Lot,
    Source,
    StockTerms,
    compare_sources,
    judge_grades,
    judge_rental,
    judge_reservation,
    judge_reserve,
    plan_reservations,
    round_up_percent,
)
from anju_rules.policy import read_rule_set
from anju_rules.quality import (
    Part,
    QualityTrace,
    Signer,
    Stage,
    judge_acceptance,
    judge_delivery,
    judge_signature,
)
from anju_rules.release import BatchDemand, ReleaseHome, plan_release
from anju_rules.values import AreaSqm, Home, Household, HouseholdNumber, UnitNumber

DECIDED = date(2026, 3, 2)
GRADED = {"quality_grade": "excellent", "location_tier": "core", "amenity_tier": "pending"}
RULES = read_rule_set(
    {
        "facts": {"persons": "integer"},
        "rules": {
            "version": "1",
            "effective_on": "2026-01-01",
            "entitlement": {
                "kind": "budget",
                "per_person_sqm": "50",
                "per": "persons",
                "excess_at_most_sqm": "30",
                "clause": "plan/selection#3",
            },
            "needs": [
                {
                    "need": "barrier-free",
                    "home": {"any": [{"is_barrier_free": True}, {"floor_at_most": 2}]},
                    "reserved_opens_after_stratum": "优先户",
                    "clause": "plan/needs#1",
                },
                {
                    "need": "elderly",
                    "home": {"any": [{"has_lift": True}, {"floor_at_most": 3}]},
                    "clause": "plan/needs#2",
                },
                {"need": "three-rooms", "home": {"rooms_at_least": 3}, "clause": "plan/needs#3"},
            ],
        },
    },
)


def home(
    number: str, *, floor: int = 5, lift: bool = True, free: bool = False, kept: str = ""
) -> Home:
    """Give a home; ``free``: barrier-free."""
    return Home(
        number=UnitNumber(number),
        area_sqm=AreaSqm(Decimal(80)),
        floor=floor,
        has_lift=lift,
        is_barrier_free=free,
        reserved_for=kept,
    )


def families(**needs: int) -> list[Household]:
    """Give so many households of each need."""
    return [
        Household(number=HouseholdNumber(f"{need}{at}"), needs=frozenset({need.replace("_", "-")}))
        for need, count in needs.items()
        for at in range(count)
    ]


@pytest.mark.req("INV-3")
def test_each_axis_has_grades_of_its_own() -> None:
    assert judge_grades(grades=GRADED).met
    wrong = judge_grades(grades={**GRADED, "location_tier": "excellent"})
    assert [one.facts["axis"] for one in wrong.unmet] == ["location_tier"]
    assert len(judge_grades(grades={}).unmet) == 3


@pytest.mark.req("INV-4")
@given(count=st.integers(0, 10**6), percent=st.integers(0, 300))
def test_shares_are_rounded_up_exactly(count: int, percent: int) -> None:
    assert round_up_percent(count, percent) == ceil(Fraction(count * percent, 100))


@pytest.mark.req("INV-2")
def test_what_each_source_lacks_is_said() -> None:
    lots = [
        Lot(name="a", source=Source.NEW_BUILD, homes=25),
        Lot(name="b", source=Source.NEW_BUILD, homes=10),
        Lot(name="c", source=Source.MONETARY, homes=31),
    ]
    told = compare_sources(lots=lots, guarantees=101, terms=StockTerms())
    assert [(one.source.value, one.wanted, one.planned, one.short) for one in told] == [
        ("new-build", 31, 35, 0),
        ("existing-stock", 31, 0, 31),
        ("monetary", 31, 31, 0),
        ("reserve", 11, 0, 11),
    ]


@pytest.mark.req("INV-2")
@pytest.mark.parametrize(
    ("day", "confirmed", "late"),
    [(30, None, [0, 0]), (31, None, [1, 0]), (61, None, [31, 1]), (61, 30, [0, 1])],
)
def test_the_reserve_is_late_from_the_31st_and_the_61st_day(
    day: int, confirmed: int | None, late: list[int]
) -> None:
    on = None if confirmed is None else DECIDED + timedelta(days=confirmed)
    terms = StockTerms(decided_on=DECIDED, reserve_confirmed_on=on)
    told = judge_reserve(terms=terms, today=DECIDED + timedelta(days=day))
    assert [one.facts["late"] for one in told.findings] == late
    assert [one.met for one in told.findings] == [days == 0 for days in late]
    assert judge_reserve(terms=StockTerms(), today=DECIDED).findings == ()


@pytest.mark.req("INV-4")
def test_homes_are_kept_for_the_need_and_the_margin_and_shortage_is_said() -> None:
    homes = [home(f"b{at}", floor=at, free=True) for at in range(1, 6)]
    homes += [home(f"l{at}", floor=at) for at in range(1, 30)]
    homes += [home(f"w{at}", floor=1, lift=False) for at in range(20)]
    plan = plan_reservations(
        households=families(barrier_free=5, elderly=20, three_rooms=3),
        homes=homes,
        in_the_way=frozenset({UnitNumber("l1")}),
        rules=RULES,
        terms=StockTerms(),
    )
    free, old = plan.lines
    assert (free.need, free.wanted, len(free.added), free.short) == ("barrier-free", 6, 5, 1)
    assert (old.need, old.wanted, len(old.added), old.short) == ("elderly", 23, 23, 0)
    assert old.added[:2] == ("l2", "l3")
    # A home on the ground without a lift would do for one's own choice; it is not what runs out.
    assert not any(number.startswith("w") for line in plan.lines for number in line.added)
    assert (free.opens_after, old.opens_after) == ("优先户", "")
    assert (plan.supported_wanted, plan.supported_kept, plan.supported_short) == (11, 28, 0)


@pytest.mark.req("INV-4")
@given(
    needs=st.tuples(st.integers(0, 12), st.integers(0, 12)),
    stock=st.lists(
        st.tuples(st.booleans(), st.booleans(), st.sampled_from(["", "elderly", "barrier-free"])),
        max_size=30,
    ),
)
def test_no_home_is_kept_twice_and_none_is_kept_in_vain(
    needs: tuple[int, int], stock: list[tuple[bool, bool, str]]
) -> None:
    homes = [
        home(str(at), lift=lift, free=free, kept=kept)
        for at, (lift, free, kept) in enumerate(stock)
    ]
    plan = plan_reservations(
        households=families(barrier_free=needs[0], elderly=needs[1]),
        homes=homes,
        rules=RULES,
        terms=StockTerms(),
    )
    added = [number for line in plan.lines for number in line.added]
    by_number = {one.number: one for one in homes}
    assert len(added) == len(set(added))
    assert all(not by_number[number].reserved_for for number in added)
    for line, count, margin in zip(plan.lines, needs, (120, 115), strict=True):
        assert line.wanted == ceil(Fraction(count * margin, 100))
        assert len(line.kept) + len(line.added) + line.short >= line.wanted
        if line.added:
            assert len(line.kept) + len(line.added) <= line.wanted


@pytest.mark.req("INV-4")
def test_a_home_is_kept_only_where_the_plan_says_when_it_opens() -> None:
    fit = home("1", free=True)
    assert judge_reservation(home=fit, need="barrier-free", rules=RULES).met
    codes = {
        need: [one.code for one in judge_reservation(home=unit, need=need, rules=RULES).unmet]
        for need, unit in (
            ("elderly", fit),
            ("barrier-free", home("2", floor=9)),
            ("other", fit),
            (AFFORDABLE_RENTAL, fit),
        )
    }
    assert codes == {
        "elderly": ["inventory.opening-not-published"],
        "barrier-free": ["inventory.home-not-fit"],
        "other": ["inventory.need-without-rule"],
        AFFORDABLE_RENTAL: [],
    }


@pytest.mark.req("INV-9")
@pytest.mark.parametrize(
    ("set_aside", "met"), [(10, False), (11, True), (21, True), (22, False), (0, False)]
)
def test_a_core_area_lets_five_to_ten_in_a_hundred(set_aside: int, met: bool) -> None:
    core = StockTerms(is_core_area=True)
    assert judge_rental(homes=211, set_aside=set_aside, terms=core).met is met
    assert judge_rental(homes=211, set_aside=set_aside, terms=StockTerms()).met


@pytest.mark.req("INV-5")
def test_homes_go_out_by_demand_district_and_the_day_they_are_ready() -> None:
    day = date(2026, 6, 1)
    homes = [
        ReleaseHome(number=UnitNumber("late"), district="东", ready_on=day + timedelta(days=40)),
        ReleaseHome(number=UnitNumber("e1"), district="东", ready_on=day),
        ReleaseHome(number=UnitNumber("e2"), district="东", ready_on=day - timedelta(days=9)),
        ReleaseHome(number=UnitNumber("bad"), district="东", ready_on=day, is_out=True),
        ReleaseHome(number=UnitNumber("w1"), district="西", ready_on=day),
        ReleaseHome(number=UnitNumber("w2"), district="西", ready_on=day),
        ReleaseHome(number=UnitNumber("w3"), district="西", ready_on=day),
        ReleaseHome(number=UnitNumber("unknown"), district="西"),
    ]
    plan = plan_release(
        homes=homes,
        batches=[
            BatchDemand(batch=2, chooses_on=day + timedelta(days=7), wanted={"东": 2}),
            BatchDemand(batch=1, chooses_on=day, wanted={"东": 1, "西": 1}),
        ],
        choice_percent=0,
    )
    assert {one.number: (one.batch, one.code) for one in plan.homes} == {
        "late": (None, "release.not-ready"),
        "e1": (2, "release.given"),
        "e2": (1, "release.given"),
        "bad": (None, "release.out"),
        "w1": (1, "release.given"),
        "w2": (None, "release.not-wanted"),
        "w3": (None, "release.not-wanted"),
        "unknown": (None, "release.not-ready"),
    }
    (gap,) = plan.gaps
    assert (gap.batch, gap.district, gap.short, gap.over) == (2, "东", 1, (("西", 2),))
    # The last household of a batch has a choice as well: one in five more, rounded up.
    wider = plan_release(
        homes=homes, batches=[BatchDemand(batch=1, chooses_on=day, wanted={"西": 1})]
    )
    assert wider.numbers_of(1) == ("w1", "w2")


SIGNED = frozenset((stage, party) for stage in Stage for party in Signer)


@pytest.mark.req("INV-6")
def test_a_home_is_delivered_with_nothing_missing() -> None:
    whole = QualityTrace(signed=SIGNED, answered=frozenset(Part))
    assert judge_delivery(trace=whole).met
    for gone in SIGNED:
        less = QualityTrace(signed=SIGNED - {gone}, answered=frozenset(Part))
        assert [one.facts for one in judge_delivery(trace=less).unmet] == [
            {"stage": gone[0].value, "party": gone[1].value}
        ]
    broken = QualityTrace(signed=SIGNED, open_defects=1, answered=frozenset({Part.DESIGN}))
    assert [one.code for one in judge_delivery(trace=broken).unmet] == [
        "inventory.defect-open",
        "inventory.nobody-answers",
        "inventory.nobody-answers",
    ]


@pytest.mark.req("INV-6")
def test_stages_are_signed_in_order_once_a_party_and_never_over_a_defect() -> None:
    def codes(trace: QualityTrace, stage: Stage) -> list[str]:
        unmet = judge_signature(trace=trace, stage=stage, signer=Signer.BUILDER).unmet
        return [one.code for one in unmet]

    design = frozenset(told for told in SIGNED if told[0] is Stage.DESIGN)
    assert codes(QualityTrace(), Stage.DESIGN) == []
    assert codes(QualityTrace(), Stage.CONSTRUCTION) == ["inventory.stage-too-early"]
    assert codes(QualityTrace(signed=design), Stage.DESIGN) == ["inventory.signed-already"]
    # A defect stops acceptance, not the signature under what was built.
    assert codes(QualityTrace(signed=design, open_defects=1), Stage.CONSTRUCTION) == []
    built = frozenset(told for told in SIGNED if told[0] is not Stage.ACCEPTANCE)
    assert codes(QualityTrace(signed=built, open_defects=1), Stage.ACCEPTANCE) == [
        "inventory.defect-open"
    ]


@pytest.mark.req("INV-6")
def test_whoever_built_it_does_not_accept_the_mending() -> None:
    assert judge_acceptance(roles=("supervisor", "representative")).met
    for roles in (("builder", "supervisor"), ("supervisor",), ("city-officer", "representative")):
        assert not judge_acceptance(roles=roles).met
