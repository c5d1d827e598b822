"""Homes side by side: up to three, attribute by attribute, differences marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from anju.resettlement.inventory.queries import unit_by_number
from anju.resettlement.inventory.types import UnitRow
from anju.resettlement.projects.queries import project_by_code
from anju.resettlement.selection import queries
from anju.resettlement.selection.types import HomeTile
from anju.web.public.home_words import Fact, say_facts, say_more
from anju.web.public.saying import say_home
from anju.web.public.towers import STATE_WORDS
from anju.web.routes import public_route
from anju_rules.values import Refusal

MOST_HOMES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One of the homes compared."""

    number: str
    where: str
    state: str
    words: str
    without: str
    """The query string of the page without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What one home has; ``home`` names it, for the narrow page."""

    home: str
    fact: Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One attribute of all homes compared."""

    label: str
    values: tuple[Value, ...]
    differs: bool


@require_safe
@public_route
def compare_homes(request: HttpRequest, code: str) -> HttpResponse:
    """Compare the homes that ``?home=`` names, up to three; those that nobody knows are named."""
    project = project_by_code(code=code)
    asked = dict.fromkeys(number.strip() for number in request.GET.getlist("home"))
    numbers = [number for number in asked if number]
    units: list[UnitRow] = []
    unknown: list[str] = []
    for number in numbers[:MOST_HOMES]:
        try:
            units.append(unit_by_number(project_id=project.id, number=number))
        except Refusal:
            unknown.append(number)
    tiles = {tile.unit_id: tile for tile in queries.home_tiles(project_id=project.id)}
    rows = compare_units(units)
    facts = {
        "name": project.name,
        "code": code,
        "compared": [_compared(tiles[unit.id], units=units) for unit in units],
        "rows": rows,
        "differing": sum(row.differs for row in rows),
        "unknown": unknown,
        "too_many": len(numbers) > MOST_HOMES,
        "blanks": range(MOST_HOMES - len(units)),
    }
    return render(request, "public/homes/compare.html", facts)


def compare_units(units: Sequence[UnitRow]) -> list[Row]:
    """Put homes side by side; what only some of them have stands there for all."""
    told = [
        (say_home(unit.home), {fact.label: fact for fact in (*say_facts(unit), *say_more(unit))})
        for unit in units
    ]
    labels = dict.fromkeys(label for _, facts in told for label in facts)
    rows = []
    for label in labels:
        values = tuple(
            Value(home=home, fact=facts.get(label) or Fact(label=label, value="—", is_known=False))
            for home, facts in told
        )
        differs = len({value.fact.value for value in values}) > 1
        rows.append(Row(label=label, values=values, differs=differs))
    return rows


def _compared(tile: HomeTile, *, units: Sequence[UnitRow]) -> Compared:
    others = [("home", str(unit.number)) for unit in units if unit.id != tile.unit_id]
    return Compared(
        number=tile.number,
        where=say_home(tile),
        state=tile.state,
        words=STATE_WORDS[tile.state],
        without=urlencode(others),
    )
