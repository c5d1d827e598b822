"""Facts in words: what a household is scored on, named as the plan's own table names it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from anju.web.public.saying import say_area
from anju_rules.values import Fact

_NAMES: Mapping[str, str] = {
    "persons": "人口",
    "confirmed_area_sqm": "确认面积",
    "home_area_sqm": "原住房面积",
    "home_area_per_person_sqm": "人均住房面积",
    "has_no_home": "无房",
    "is_low_income": "低保",
    "has_disability": "有残疾人",
    "has_member_over_70": "有七十岁以上老人",
    "members_over_70": "七十岁以上老人",
    "signed_early": "提前签约",
    "moved_on_time": "按期搬迁",
}

_UNIT = re.compile(r"\s*[(（](?:㎡|平方米|平米|m2|m²)[)）]$")


def name_facts(plan: Mapping[str, object]) -> dict[str, str]:
    """Give the names of facts by the columns of a plan's register, else the common ones.

    >>> name_facts({"tables": {"households": {"columns": {"persons": "户籍人数"}}}})["persons"]
    '户籍人数'
    """
    names = dict(_NAMES)
    told: object = plan
    for key in ("tables", "households", "columns"):
        told = told.get(key) if isinstance(told, Mapping) else None
    if isinstance(told, Mapping):
        # The unit stands beside the value already.
        names |= {str(fact): _UNIT.sub("", str(header)) for fact, header in told.items()}
    return names


def say_fact(value: Fact | None) -> str:
    """Say a fact's value.

    >>> say_fact(True), say_fact(3), say_fact(Decimal("88.50")), say_fact(None)
    ('是', '3', '88.5 ㎡', '没有登记')
    """
    if value is None:
        return "没有登记"
    if isinstance(value, bool):
        return "是" if value else "否"
    return f"{say_area(value)} ㎡" if isinstance(value, Decimal) else str(value)
