"""Reading what a household may choose: area budget or bands, community limits, special needs."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from anju_rules.policy.lines import read_basis, type_of_fact
from anju_rules.policy.table import PolicyTable, refuse_at
from anju_rules.policy.types import (
    AreaBand,
    AreaBands,
    AreaBudget,
    CommunityLimits,
    ExcessStep,
    FactType,
    HomeCondition,
    NeedRule,
)
from anju_rules.values import AreaSqm, Fen


def read_entitlement(
    table: PolicyTable, *, facts: Mapping[str, FactType]
) -> AreaBudget | AreaBands:
    """Read ``[rules.entitlement]`` (its communities have been taken already)."""
    if table.take_one_of("kind", ("budget", "bands")) == "budget":
        return _read_budget(table, facts=facts)
    return _read_bands(table)


def _read_budget(table: PolicyTable, *, facts: Mapping[str, FactType]) -> AreaBudget:
    if table.has("budget") == table.has("per_person_sqm"):
        refuse_at(table.path, "policy.measure-unclear", expected="budget / per_person_sqm")
    budget_fact: str | None = None
    per_person: Decimal | None = None
    per_fact: str | None = None
    if table.has("budget"):
        budget_fact = _take_fact(table, "budget", "area", facts)
    else:
        per_person = table.take_decimal("per_person_sqm")
        per_fact = _take_fact(table, "per", "integer", facts)
    if table.has("excess_below_sqm") == table.has("excess_at_most_sqm"):
        refuse_at(
            table.path, "policy.measure-unclear", expected="excess_below_sqm / excess_at_most_sqm"
        )
    below = table.take_decimal("excess_below_sqm") if table.has("excess_below_sqm") else None
    at_most = table.take_decimal("excess_at_most_sqm") if table.has("excess_at_most_sqm") else None
    base_price = (
        table.take_whole("base_price_fen_per_sqm", at_least=0)
        if table.has("base_price_fen_per_sqm")
        else None
    )
    bound = at_most if below is None else below
    assert bound is not None  # noqa: S101 - one of both has been taken above
    entitlement = AreaBudget(
        budget_fact=budget_fact,
        per_person_sqm=None if per_person is None else AreaSqm(per_person),
        per_fact=per_fact,
        excess_below_sqm=None if below is None else AreaSqm(below),
        excess_at_most_sqm=None if at_most is None else AreaSqm(at_most),
        excess_steps=_read_steps(table, bound=bound, is_priced=base_price is not None),
        base_price_fen_per_sqm=None if base_price is None else Fen(base_price),
        most_homes=table.take_whole("most_homes", at_least=1) if table.has("most_homes") else None,
        basis=read_basis(table),
    )
    table.close()
    return entitlement


def _take_fact(
    table: PolicyTable, key: str, expected: FactType, facts: Mapping[str, FactType]
) -> str:
    fact = table.take_text(key)
    found = type_of_fact(table.path_of(key), fact, facts)
    if found != expected:
        refuse_at(
            table.path_of(key), "policy.wrong-fact-type", fact=fact, expected=expected, found=found
        )
    return fact


def _read_steps(table: PolicyTable, *, bound: Decimal, is_priced: bool) -> tuple[ExcessStep, ...]:
    """Read the excess steps: rising, up to the bound, so that no lawful area lacks a price."""
    if not table.has("excess_steps"):
        return ()
    path = table.path_of("excess_steps")
    steps: list[ExcessStep] = []
    for line in table.take_tables("excess_steps"):
        step = ExcessStep(
            up_to_sqm=AreaSqm(line.take_decimal("up_to_sqm")),
            price_fen_per_sqm=Fen(line.take_whole("price_fen_per_sqm", at_least=0)),
        )
        line.close()
        if step.up_to_sqm <= (steps[-1].up_to_sqm if steps else 0):
            refuse_at(f"{line.path}.up_to_sqm", "policy.steps-not-rising", value=step.up_to_sqm)
        steps.append(step)
    if not is_priced:
        refuse_at(path, "policy.missing-key", key="base_price_fen_per_sqm")
    if not steps or steps[-1].up_to_sqm < bound:
        refuse_at(path, "policy.steps-too-short", bound=bound)
    return tuple(steps)


def _read_bands(table: PolicyTable) -> AreaBands:
    bands: list[AreaBand] = []
    for line in table.take_tables("bands"):
        persons = line.take_wholes("persons", at_least=1)
        areas = line.take_decimals("area_sqm")
        for key, pair in (("persons", persons), ("area_sqm", areas)):
            if len(pair) != 2 or pair[0] > pair[1]:
                refuse_at(f"{line.path}.{key}", "policy.not-from-to")
        if bands and persons[0] <= bands[-1].most_persons:
            refuse_at(f"{line.path}.persons", "policy.bands-overlap", value=persons[0])
        line.close()
        bands.append(
            AreaBand(
                least_persons=persons[0],
                most_persons=persons[1],
                least_sqm=AreaSqm(areas[0]),
                most_sqm=AreaSqm(areas[1]),
            )
        )
    if not bands:
        refuse_at(table.path_of("bands"), "policy.missing-key", key="bands")
    flexible = table.take_decimal("flexible_sqm") if table.has("flexible_sqm") else None
    entitlement = AreaBands(
        bands=tuple(bands),
        flexible_sqm=None if flexible is None else AreaSqm(flexible),
        basis=read_basis(table),
    )
    table.close()
    return entitlement


def read_communities(table: PolicyTable) -> CommunityLimits:
    """Read ``[rules.entitlement.communities]``."""
    limits = CommunityLimits(
        one_home=table.take_texts("one_home") if table.has("one_home") else (),
        exclusive=table.take_text_lists("exclusive") if table.has("exclusive") else (),
        basis=read_basis(table),
    )
    table.close()
    return limits


def read_need(table: PolicyTable) -> NeedRule:
    """Read one ``[[rules.needs]]`` table; ``home`` is one condition, or ``any`` of several."""
    need = table.take_word("need")
    home = table.take_table("home")
    if home.has("any"):
        conditions = tuple(_read_home_condition(line) for line in home.take_tables("any"))
        home.close()
    else:
        conditions = (_read_home_condition(home),)
    if not conditions:
        refuse_at(f"{home.path}.any", "policy.measure-unclear", need=need)
    rule = NeedRule(
        need=need,
        home_any=conditions,
        reserved_opens_after_stratum=(
            table.take_text("reserved_opens_after_stratum")
            if table.has("reserved_opens_after_stratum")
            else None
        ),
        basis=read_basis(table),
    )
    table.close()
    return rule


def _read_home_condition(table: PolicyTable) -> HomeCondition:
    if not table.keys_left():
        refuse_at(table.path, "policy.measure-unclear")
    condition = HomeCondition(
        has_lift=table.take_flag("has_lift") if table.has("has_lift") else None,
        is_barrier_free=(
            table.take_flag("is_barrier_free") if table.has("is_barrier_free") else None
        ),
        floor_at_most=_take_whole_if_stated(table, "floor_at_most"),
        floor_at_least=_take_whole_if_stated(table, "floor_at_least"),
        rooms_at_least=_take_whole_if_stated(table, "rooms_at_least"),
    )
    table.close()
    return condition


def _take_whole_if_stated(table: PolicyTable, key: str) -> int | None:
    return table.take_whole(key, at_least=0) if table.has(key) else None
