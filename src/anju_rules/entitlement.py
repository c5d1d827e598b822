"""What a household may choose: area budget or bands, communities, special needs; and at what price.

Each clause that was asked gives a finding, met or not, so a refusal always says which clause and
by how much.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact

from anju_rules.policy.types import (
    AreaBand,
    AreaBands,
    AreaBudget,
    CommunityLimits,
    HomeCondition,
    NeedRule,
    RuleSet,
)
from anju_rules.values import AreaSqm, Fen, Finding, Home, Household, Refusal, Verdict

_EXACT = Context(prec=400, traps=[Inexact])
_NO_NEEDS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a household stands when it chooses."""

    household: Household
    homes: tuple[Home, ...] = ()
    """The homes it holds already."""
    opened_needs: frozenset[str] = frozenset()
    """The needs whose reserved homes are open to everyone by now."""


def judge_choice(*, standing: Standing, home: Home, rules: RuleSet) -> Verdict:
    """Judge one more home for a household.

    Findings, each with its clause: ``selection.over-area-budget`` (the total against the budget
    and its excess) or ``selection.outside-area-band``; ``selection.too-many-homes``;
    ``selection.community-limit``; ``selection.community-excluded``; for the new home
    ``selection.need-unmet`` and ``selection.home-reserved``. Refuses with
    ``entitlement.fact-missing`` where the register lacks what the entitlement asks for.
    """
    return _judge(
        household=standing.household,
        held=standing.homes,
        added=(home,),
        opened_needs=standing.opened_needs,
        rules=rules,
    )


def judge_homes(
    *,
    household: Household,
    homes: Sequence[Home],
    opened_needs: frozenset[str] = _NO_NEEDS,
    rules: RuleSet,
) -> Verdict:
    """Judge several homes at once for a household that holds none, as in :func:`judge_choice`."""
    return _judge(household=household, held=(), added=homes, opened_needs=opened_needs, rules=rules)


def price_homes(*, household: Household, homes: Sequence[Home], rules: RuleSet) -> Fen | None:
    """Price homes under an area budget: the budget at the base price, the excess step by step.

    Exact, and rounded half up to a whole fen once, at the end. None where the area lies beyond
    the lawful excess, or the plan states no price (the project's price table holds then).
    """
    entitlement = rules.entitlement
    if isinstance(entitlement, AreaBands) or entitlement.base_price_fen_per_sqm is None:
        return None
    budget = area_budget_of(household=household, entitlement=entitlement)
    total = _total_area(homes)
    if not _is_within(total, budget=budget, entitlement=entitlement):
        return None
    base = Decimal(entitlement.base_price_fen_per_sqm)
    within = min(total, budget)
    price = _EXACT.multiply(within, base)
    stepped = Decimal(0)
    excess = _EXACT.subtract(total, within)
    for step in entitlement.excess_steps:
        part = _EXACT.subtract(min(excess, step.up_to_sqm), stepped)
        if part <= 0:
            break
        price = _EXACT.add(price, _EXACT.multiply(part, Decimal(step.price_fen_per_sqm)))
        stepped = step.up_to_sqm
    if not entitlement.excess_steps:
        price = _EXACT.add(price, _EXACT.multiply(excess, base))
    return Fen(int(price.quantize(Decimal(1), rounding=ROUND_HALF_UP, context=Context(prec=400))))


def area_budget_of(*, household: Household, entitlement: AreaBudget) -> AreaSqm:
    """Give a household's area budget: a fact of the register, or so many square metres a person."""
    if entitlement.budget_fact is not None:
        return AreaSqm(Decimal(_fact(household, entitlement.budget_fact, entitlement.clause)))
    persons = _fact(household, entitlement.per_fact or "", entitlement.clause)
    return AreaSqm(_EXACT.multiply(entitlement.per_person_sqm or Decimal(0), Decimal(persons)))


def area_band_of(*, household: Household, entitlement: AreaBands) -> AreaBand | None:
    """Give the band for a household's size, or None where the plan has none for it."""
    persons = _fact(household, "persons", entitlement.clause)
    for band in entitlement.bands:
        if band.least_persons <= persons <= band.most_persons:
            return band
    return None


def single_home_reach(
    *, household: Household, rules: RuleSet
) -> tuple[Decimal, Decimal, bool] | None:
    """Give the least and most area that one home may have for a household that holds none.

    The flag says whether the most is itself allowed. None: no home at all (no band for its size).
    """
    entitlement = rules.entitlement
    if isinstance(entitlement, AreaBands):
        band = area_band_of(household=household, entitlement=entitlement)
        if band is None:
            return None
        flexible = entitlement.flexible_sqm or Decimal(0)
        return (
            _EXACT.subtract(band.least_sqm, flexible),
            _EXACT.add(band.most_sqm, flexible),
            True,
        )
    budget = area_budget_of(household=household, entitlement=entitlement)
    excess = entitlement.excess_at_most_sqm
    if excess is not None:
        return Decimal(0), _EXACT.add(budget, excess), True
    return Decimal(0), _EXACT.add(budget, entitlement.excess_below_sqm or Decimal(0)), False


def _judge(
    *,
    household: Household,
    held: Sequence[Home],
    added: Sequence[Home],
    opened_needs: frozenset[str],
    rules: RuleSet,
) -> Verdict:
    homes = (*held, *added)
    entitlement = rules.entitlement
    findings: list[Finding] = []
    if isinstance(entitlement, AreaBudget):
        findings.append(_find_budget(household, homes, entitlement))
        most_homes = entitlement.most_homes
    else:
        findings.extend(_find_band(household, home, entitlement) for home in added)
        most_homes = 1
    if most_homes is not None:
        findings.append(
            Finding(
                "selection.too-many-homes",
                entitlement.clause,
                len(homes) <= most_homes,
                {"homes": len(homes), "most": most_homes},
            )
        )
    if len(added) > 1 or held:
        # A home named twice would count twice against the budget and be given once.
        numbers = [home.number for home in homes]
        twice = [number for number in dict.fromkeys(numbers) if numbers.count(number) > 1]
        findings.append(
            Finding(
                "selection.home-named-twice",
                entitlement.clause,
                not twice,
                {"unit": twice[0]} if twice else {},
            )
        )
    if rules.communities is not None:
        findings.extend(_find_communities(homes, rules.communities))
    if household.needs or any(home.reserved_for for home in added):
        needs = {rule.need: rule for rule in rules.needs}
        for home in added:
            findings.extend(_find_needs(household, home, needs))
            if home.reserved_for:
                findings.append(_find_reservation(household, home, opened_needs, needs, rules))
    return Verdict(tuple(findings))


def _find_budget(household: Household, homes: Sequence[Home], entitlement: AreaBudget) -> Finding:
    budget = area_budget_of(household=household, entitlement=entitlement)
    total = _total_area(homes)
    return Finding(
        "selection.over-area-budget",
        entitlement.clause,
        _is_within(total, budget=budget, entitlement=entitlement),
        {
            "total": total,
            "budget": budget,
            "excess": _EXACT.subtract(total, budget),
            "bound": entitlement.excess_below_sqm or entitlement.excess_at_most_sqm or Decimal(0),
        },
    )


def _is_within(total: Decimal, *, budget: Decimal, entitlement: AreaBudget) -> bool:
    if entitlement.excess_below_sqm is not None:
        return _EXACT.subtract(total, budget) < entitlement.excess_below_sqm
    return _EXACT.subtract(total, budget) <= (entitlement.excess_at_most_sqm or 0)


def _find_band(household: Household, home: Home, entitlement: AreaBands) -> Finding:
    band = area_band_of(household=household, entitlement=entitlement)
    persons = _fact(household, "persons", entitlement.clause)
    facts: dict[str, object] = {"unit": home.number, "area": home.area_sqm, "persons": persons}
    if band is None:
        return Finding(
            "selection.outside-area-band",
            entitlement.clause,
            met=False,
            facts={**facts, "least": "-", "most": "-", "flexible": 0},
        )
    flexible = entitlement.flexible_sqm or Decimal(0)
    least = _EXACT.subtract(band.least_sqm, flexible)
    most = _EXACT.add(band.most_sqm, flexible)
    return Finding(
        "selection.outside-area-band",
        entitlement.clause,
        least <= home.area_sqm <= most,
        {**facts, "least": band.least_sqm, "most": band.most_sqm, "flexible": flexible},
    )


def _find_communities(homes: Sequence[Home], limits: CommunityLimits) -> Iterator[Finding]:
    communities = [home.community for home in homes]
    clause = limits.basis.clause
    crowded = [name for name in limits.one_home if communities.count(name) > 1]
    yield Finding(
        "selection.community-limit",
        clause,
        not crowded,
        {"community": crowded[0], "most": 1} if crowded else {},
    )
    clashing: list[str] = []
    for group in limits.exclusive:
        chosen = [name for name in group if name in communities]
        if len(chosen) > 1:
            clashing = chosen
            break
    yield Finding(
        "selection.community-excluded",
        clause,
        not clashing,
        {"communities": "、".join(clashing)} if clashing else {},
    )


def _find_needs(household: Household, home: Home, needs: dict[str, NeedRule]) -> Iterator[Finding]:
    """Judge one home against every need of the household: each home must meet all."""
    for need in sorted(household.needs):
        rule = needs.get(need)
        if rule is None:
            # To pass over a need that no rule covers would give its household any home at all.
            raise Refusal("entitlement.need-without-rule", household=household.number, need=need)
        yield Finding(
            "selection.need-unmet",
            rule.clause,
            any(is_home_as(home, condition) for condition in rule.home_any),
            {"unit": home.number, "need": need},
        )


def _find_reservation(
    household: Household,
    home: Home,
    opened_needs: frozenset[str],
    needs: dict[str, NeedRule],
    rules: RuleSet,
) -> Finding:
    rule = needs.get(home.reserved_for)
    return Finding(
        "selection.home-reserved",
        rules.entitlement.clause if rule is None else rule.clause,
        home.reserved_for in household.needs or home.reserved_for in opened_needs,
        {"unit": home.number, "need": home.reserved_for},
    )


def is_home_as(home: Home, condition: HomeCondition) -> bool:
    """Whether a home is as the condition says; what is not known of it never is."""
    if condition.has_lift not in (None, home.has_lift):
        return False
    if condition.is_barrier_free not in (None, home.is_barrier_free):
        return False
    # An unknown floor or number of rooms proves nothing, so it never meets a need.
    if condition.floor_at_most is not None and (
        home.floor is None or home.floor > condition.floor_at_most
    ):
        return False
    if condition.floor_at_least is not None and (
        home.floor is None or home.floor < condition.floor_at_least
    ):
        return False
    return condition.rooms_at_least is None or (
        home.rooms is not None and home.rooms >= condition.rooms_at_least
    )


def _total_area(homes: Sequence[Home]) -> AreaSqm:
    total = Decimal(0)
    for home in homes:
        total = _EXACT.add(total, home.area_sqm)
    return AreaSqm(total)


def _fact(household: Household, fact: str, clause: str) -> int | Decimal:
    value = household.facts.get(fact)
    if value is None:
        raise Refusal(
            "entitlement.fact-missing", clause=clause, household=household.number, fact=fact
        )
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value < 0:
        raise Refusal(
            "entitlement.wrong-fact",
            clause=clause,
            household=household.number,
            fact=fact,
            value=value,
        )
    return value
