"""The stock of homes: grades, sources, the reserve, what is kept for whom, rentals (INV-2…4, 9).

Every figure that a plan may set stands in :class:`StockTerms`; the defaults are those of the
requirements and show "to be confirmed" until an officer has set a project's own. Shares are whole
percents and counts whole homes: what must be reached is rounded up, never to the nearest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from anju_rules.entitlement import is_home_as
from anju_rules.policy.types import HomeCondition, NeedRule, RuleSet
from anju_rules.values import Finding, Home, Household, UnitNumber, Verdict

QUALITY_GRADES = ("excellent", "good", "qualified")
LOCATION_TIERS = ("core", "extended", "suburb")
AMENITY_TIERS = ("complete", "basic", "pending")
GRADES: Mapping[str, tuple[str, ...]] = {
    "quality_grade": QUALITY_GRADES,
    "location_tier": LOCATION_TIERS,
    "amenity_tier": AMENITY_TIERS,
}
"""The three axes of a home's grade, the best first (INV-3)."""
AFFORDABLE_RENTAL = "affordable-rental"
"""What a home is kept for that is let, not chosen: no rule opens it (INV-9)."""
_HUNDRED = 100


class Source(StrEnum):
    """Where the guarantee for a household comes from (INV-2)."""

    NEW_BUILD = "new-build"
    EXISTING_STOCK = "existing-stock"
    MONETARY = "monetary"
    RESERVE = "reserve"


@dataclass(frozen=True, slots=True, kw_only=True)
class StockTerms:
    """What a project's stock is measured by."""

    decided_on: date | None = None
    """The day of the expropriation decision, from which the reserve's days run; None: not yet."""
    reserve_confirmed_on: date | None = None
    reserve_completed_on: date | None = None
    shares: Mapping[Source, int] = field(
        default_factory=lambda: {
            Source.NEW_BUILD: 30,
            Source.EXISTING_STOCK: 30,
            Source.MONETARY: 30,
            Source.RESERVE: 10,
        }
    )
    """Percent of the guarantees that each source should give."""
    confirm_days: int = 30
    complete_days: int = 60
    barrier_free_margin: int = 20
    """Percent above the need."""
    lift_margin: int = 15
    supported_share: int = 20
    """Percent of the homes for groups with special support, at least."""
    rental_least: int = 5
    rental_most: int = 10
    is_core_area: bool = False
    """Whether homes for affordable rent must be set aside."""
    is_new_district: bool = False
    """Whether a school and a clinic must be on record for every home."""
    clause: str = ""
    """The clause that sets these terms; empty: defaults, to be confirmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """Homes that come from one source together; for money: guarantees settled in money."""

    name: str
    source: Source
    homes: int
    district: str = ""
    ready_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStanding:
    """What one source gives, and what it should."""

    source: Source
    share: int
    wanted: int
    planned: int

    @property
    def short(self) -> int:
        """How many guarantees are missing; never negative."""
        return max(0, self.wanted - self.planned)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationLine:
    """One need: how many homes should be kept for it, which are, and which should be added."""

    need: str
    clause: str
    households: int
    margin: int
    wanted: int
    kept: tuple[UnitNumber, ...]
    added: tuple[UnitNumber, ...]
    opens_after: str
    """The stratum after which what is left is open to all; empty: the plan does not say."""

    @property
    def short(self) -> int:
        """How many fit homes are missing, even if all that are free and fit are kept."""
        return max(0, self.wanted - len(self.kept) - len(self.added))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationPlan:
    """What should be kept for whom, and what cannot be."""

    lines: tuple[ReservationLine, ...]
    supported_wanted: int
    supported_kept: int

    @property
    def supported_short(self) -> int:
        """Homes missing to the least share of groups with special support."""
        return max(0, self.supported_wanted - self.supported_kept)


def round_up_percent(count: int, percent: int) -> int:
    """Give ``percent`` of ``count``, rounded up to whole homes, exactly.

    >>> round_up_percent(5, 120), round_up_percent(10, 115), round_up_percent(0, 120)
    (6, 12, 0)
    """
    return -(-count * percent // _HUNDRED)


def judge_grades(*, grades: Mapping[str, str]) -> Verdict:
    """Judge a home's grades: each axis must be graded by one of its own words (INV-3)."""
    return Verdict(
        tuple(
            Finding(
                "inventory.unknown-grade",
                "plan/stock",
                grades.get(axis, "") in known,
                {"axis": axis, "value": grades.get(axis, ""), "known": ", ".join(known)},
            )
            for axis, known in GRADES.items()
        )
    )


def judge_regrading(
    *, unit: UnitNumber, before: Mapping[str, str], now: Mapping[str, str]
) -> Verdict:
    """Judge a new grade of a home once the register is frozen for the draw.

    Quality and location stand where they were told: wishes rest on them. A first grade may come
    at any time, and the amenities may be graded as they are built.
    """
    return Verdict(
        tuple(
            Finding(
                "inventory.grades-frozen",
                "plan/stock",
                not before.get(axis) or before[axis] == now.get(axis),
                {"unit": unit, "axis": axis, "value": before.get(axis, "")},
            )
            for axis in ("quality_grade", "location_tier")
        )
    )


def compare_sources(
    *, lots: Iterable[Lot], guarantees: int, terms: StockTerms
) -> tuple[SourceStanding, ...]:
    """Compare what the lots give with the target mix; ``guarantees``: households to be housed."""
    planned = dict.fromkeys(Source, 0)
    for lot in lots:
        planned[lot.source] += lot.homes
    return tuple(
        SourceStanding(
            source=source,
            share=terms.shares.get(source, 0),
            wanted=round_up_percent(guarantees, terms.shares.get(source, 0)),
            planned=planned[source],
        )
        for source in Source
    )


def judge_reserve(*, terms: StockTerms, today: date) -> Verdict:
    """Judge the reserve's two dates: confirmed and complete within days of the decision (INV-2).

    A date still to come is met; the facts tell ``due``, ``done`` (or empty) and days ``late``.
    Before the decision nothing runs, and there is no finding.
    """
    if terms.decided_on is None:
        return Verdict(())
    steps = (
        ("inventory.reserve-not-confirmed", terms.confirm_days, terms.reserve_confirmed_on),
        ("inventory.reserve-not-complete", terms.complete_days, terms.reserve_completed_on),
    )
    findings = []
    for code, days, done in steps:
        due = terms.decided_on + timedelta(days=days)
        late = max(0, ((today if done is None else done) - due).days)
        facts = {
            "due": due.isoformat(),
            "done": "" if done is None else done.isoformat(),
            "late": late,
        }
        findings.append(Finding(code, terms.clause, late == 0, facts))
    return Verdict(tuple(findings))


def plan_reservations(
    *,
    households: Iterable[Household],
    homes: Sequence[Home],
    in_the_way: frozenset[UnitNumber] = frozenset(),
    rules: RuleSet,
    terms: StockTerms,
) -> ReservationPlan:
    """Say which homes to keep for which need (INV-4): the lowest floors first, then table order.

    Barrier-free homes are kept for the need and 20 %, homes with a lift for the need and 15 %: the
    figures are the terms'. Homes ``in_the_way`` (taken, or out because of a defect) are not added.
    A barrier-free home goes to the elderly only when those who need it are provided for.
    """
    needs = [need for household in households for need in household.needs]
    free = [home for home in homes if not home.reserved_for and home.number not in in_the_way]
    lines = []
    for rule, margin, conditions in _reserved_rules(rules, terms):
        wanted = round_up_percent(needs.count(rule.need), _HUNDRED + margin)
        kept = [home for home in homes if home.reserved_for == rule.need]
        fit = [home for home in free if any(is_home_as(home, one) for one in conditions)]
        fit.sort(
            key=lambda home: (
                home.is_barrier_free and margin != terms.barrier_free_margin,
                _height(home),
            )
        )
        added = fit[: max(0, wanted - len(kept))]
        taken = {home.number for home in added}
        free = [home for home in free if home.number not in taken]
        lines.append(
            ReservationLine(
                need=rule.need,
                clause=rule.clause,
                households=needs.count(rule.need),
                margin=margin,
                wanted=wanted,
                kept=tuple(home.number for home in kept),
                added=tuple(home.number for home in added),
                opens_after=rule.reserved_opens_after_stratum or "",
            )
        )
    kept_in_all = sum(home.reserved_for not in {"", AFFORDABLE_RENTAL} for home in homes)
    return ReservationPlan(
        lines=tuple(lines),
        supported_wanted=round_up_percent(len(homes), terms.supported_share),
        supported_kept=kept_in_all + sum(len(line.added) for line in lines),
    )


def judge_reservation(*, home: Home, need: str, rules: RuleSet) -> Verdict:
    """Judge whether a home may be kept for a need.

    The plan must know the need and say when what is left opens; the home must meet it. A home for
    affordable rent is let and never opens, so nothing is asked of it.
    """
    if need == AFFORDABLE_RENTAL:
        return Verdict(())
    rule = next((one for one in rules.needs if one.need == need), None)
    if rule is None:
        return Verdict((Finding("inventory.need-without-rule", "", False, {"need": need}),))  # noqa: FBT003
    facts = {"unit": home.number, "need": need}
    return Verdict(
        (
            Finding(
                "inventory.opening-not-published",
                rule.clause,
                rule.reserved_opens_after_stratum is not None,
                facts,
            ),
            Finding(
                "inventory.home-not-fit",
                rule.clause,
                any(is_home_as(home, condition) for condition in rule.home_any),
                facts,
            ),
        )
    )


def judge_rental(*, homes: int, set_aside: int, terms: StockTerms) -> Finding:
    """Judge the share of homes set aside for affordable rent: 5–10 % in a core area (INV-9).

    Both ends are inside; outside a core area nothing is asked.
    """
    is_enough = set_aside * _HUNDRED >= homes * terms.rental_least
    is_within = set_aside * _HUNDRED <= homes * terms.rental_most
    return Finding(
        "inventory.rental-share",
        terms.clause,
        not terms.is_core_area or (is_enough and is_within),
        {
            "homes": homes,
            "set_aside": set_aside,
            "least": round_up_percent(homes, terms.rental_least),
            "most": homes * terms.rental_most // _HUNDRED,
        },
    )


def _reserved_rules(
    rules: RuleSet, terms: StockTerms
) -> list[tuple[NeedRule, int, tuple[HomeCondition, ...]]]:
    """Give the needs that homes are kept for, their margin, and what such a home must be.

    A need that a low floor alone would meet still keeps homes that are barrier-free or have a lift:
    these are what runs out. Barrier-free comes first.
    """
    found = []
    for rule in rules.needs:
        barrier_free = tuple(one for one in rule.home_any if one.is_barrier_free)
        lift = tuple(one for one in rule.home_any if one.has_lift)
        if barrier_free:
            found.append((0, rule, terms.barrier_free_margin, barrier_free))
        elif lift:
            found.append((1, rule, terms.lift_margin, lift))
    found.sort(key=lambda told: (told[0], told[1].need))
    return [(rule, margin, conditions) for _, rule, margin, conditions in found]


def _height(home: Home) -> tuple[bool, int]:
    return (home.floor is None, home.floor or 0)
