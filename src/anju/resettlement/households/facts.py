"""Facts as values of JSON and back: areas as text, so that nobody reads them as floats."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from anju_rules.values import Fact, exact_decimal


def facts_from(told: Mapping[str, object]) -> dict[str, Fact]:
    """Read facts back from JSON: a text is an exact decimal."""
    facts: dict[str, Fact] = {}
    for name, value in told.items():
        if isinstance(value, str):
            facts[name] = exact_decimal(value)
        elif isinstance(value, int):
            facts[name] = value
    return facts


def told_facts(facts: Mapping[str, Fact]) -> dict[str, int | str]:
    """Give facts as values of JSON; areas as text, so that nobody reads them as floats.

    >>> told_facts({"persons": 3, "home_area_sqm": Decimal("88.50")})
    {'home_area_sqm': '88.50', 'persons': 3}
    """
    return {
        name: format(fact, "f") if isinstance(fact, Decimal) else fact
        for name, fact in sorted(facts.items())
    }
