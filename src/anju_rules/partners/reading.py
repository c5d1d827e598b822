"""Reading the policy of partners from a table, as ``tomllib`` gives it; refusals name the path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import permutations
from typing import TypedDict

from anju_rules.partners.duties import DutyLine, Event
from anju_rules.partners.stars import FULL_MARKS, FactKind, Formula, Part, Step
from anju_rules.policy.lines import read_full_basis
from anju_rules.policy.table import PolicyTable, refuse_at
from anju_rules.policy.types import Basis
from anju_rules.procedures.reading import read_lines, read_words
from anju_rules.procedures.types import Words
from anju_rules.shares import take_share
from anju_rules.values import Refusal

_MOST_STARS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class InTimeTarget:
    """Which share of duties is to be kept in time."""

    at_least: Fraction
    basis: Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerPolicy:
    """What the platform holds developers and property managers to."""

    code: str
    title: Words
    duties: tuple[DutyLine, ...]
    in_time: InTimeTarget
    formulas: tuple[Formula, ...]

    def formula_on(self, on: date) -> Formula:
        """Give the formula in force on a day, or refuse with ``partners.no-formula``."""
        for formula in self.formulas:
            if formula.is_in_force(on):
                return formula
        raise Refusal("partners.no-formula", on=on.isoformat())


class _Dated(TypedDict):
    code: str
    title: Words
    from_on: date
    until_on: date | None
    basis: Basis


def read_partner_policy(table: Mapping[str, object]) -> PartnerPolicy:
    """Read the policy of partners.

    Refuses with a ``policy.*`` code, ``partners.ends-before-it-begins``,
    ``partners.formulas-overlap`` (two formulas on one day) or ``partners.steps-unclear`` (stars
    that do not fall with the points, or points without a star).
    """
    top = PolicyTable(table, path="")
    in_time = top.take_table("in_time")
    policy = PartnerPolicy(
        code=top.take_word("code"),
        title=read_words(top),
        duties=tuple(_read_duty(line) for line in read_lines(top, "duties")),
        in_time=InTimeTarget(at_least=take_share(in_time), basis=read_full_basis(in_time)),
        formulas=tuple(_read_formula(line) for line in read_lines(top, "formulas")),
    )
    in_time.close()
    top.close()
    for earlier, later in permutations(policy.formulas, 2):
        if earlier.is_in_force(later.from_on):
            refuse_at("formulas", "partners.formulas-overlap", formula=later.code)
    return policy


def _read_dated(table: PolicyTable) -> _Dated:
    from_on = table.take_date("from")
    until_on = table.take_date("until") if table.has("until") else None
    if until_on is not None and until_on < from_on:
        refuse_at(
            table.path_of("until"), "partners.ends-before-it-begins", value=until_on.isoformat()
        )
    return {
        "code": table.take_word("code"),
        "title": read_words(table),
        "from_on": from_on,
        "until_on": until_on,
        "basis": read_full_basis(table),
    }


def _read_duty(table: PolicyTable) -> DutyLine:
    line = DutyLine(
        **_read_dated(table),
        counts_from=Event(table.take_one_of("counts_from", tuple(one.value for one in Event))),
        days=table.take_whole("days", at_least=1),
    )
    table.close()
    return line


def _read_formula(table: PolicyTable) -> Formula:
    formula = Formula(
        **_read_dated(table),
        least_facts=table.take_whole("least_facts", at_least=1),
        parts=tuple(_read_part(part) for part in read_lines(table, "parts")),
        steps=tuple(_read_step(step) for step in read_lines(table, "steps")),
    )
    stars = [step.stars for step in formula.steps]
    points = [step.at_least for step in formula.steps]
    falls = stars == sorted(set(stars), reverse=True) and points == sorted(set(points))[::-1]
    if not formula.parts or not falls or points[-1:] != [0] or points[0] > FULL_MARKS:
        refuse_at(table.path_of("steps"), "partners.steps-unclear", formula=formula.code)
    table.close()
    return formula


def _read_part(table: PolicyTable) -> Part:
    part = Part(
        kind=FactKind(table.take_one_of("kind", tuple(one.value for one in FactKind))),
        title=read_words(table),
        weight=table.take_whole("weight", at_least=1),
    )
    table.close()
    return part


def _read_step(table: PolicyTable) -> Step:
    step = Step(
        stars=table.take_whole("stars", at_least=1, at_most=_MOST_STARS),
        at_least=table.take_points("at_least"),
    )
    table.close()
    return step
